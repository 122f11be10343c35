#include "dialect/task_definition_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace slipway {

bool names_a_file(const std::string& text) {
  constexpr std::array<std::string_view, 3> kEndings = {".json", ".yml", ".yaml"};
  return std::ranges::any_of(kEndings,
                             [&](std::string_view ending) { return text.ends_with(ending); });
}

std::optional<TaskDefinitionDocument> task_definition_document(const Node& node, std::string origin,
                                                               const std::string& path,
                                                               Diagnostics& diagnostics) {
  if (!node.is_mapping()) {
    diagnostics.error(node.span, "config.task-definition", path,
                      "expected a task definition (a mapping), found " + describe(node));
    return std::nullopt;
  }
  Json json = to_json(node);
  // `aws ecs describe-task-definition` prints the definition inside another object.
  if (const Json* inner = find(json, "taskDefinition"); inner != nullptr && inner->is_object()) {
    Json document = *inner;
    if (const Json* tags = find(json, "tags")) document.get_object()["tags"] = *tags;
    json = std::move(document);
  }
  for (const std::string_view member : {"family", "containerDefinitions"}) {
    if (find(json, member) == nullptr)
      diagnostics.error(node.span, "config.missing", path,
                        fmt::format("the task definition has no {}", member));
  }
  return TaskDefinitionDocument{.document = std::move(json), .origin = std::move(origin)};
}

}  // namespace slipway
