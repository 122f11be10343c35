#include "dialect/task_definition_file.h"

#include "aws/facts.h"
#include "aws/service.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <utility>

namespace slipway {
namespace {

bool names_a_file(const std::string& text) {
  constexpr std::array<std::string_view, 3> kEndings = {".json", ".yml", ".yaml"};
  return std::ranges::any_of(kEndings,
                             [&](std::string_view ending) { return text.ends_with(ending); });
}

// `aws ecs describe-task-definition` prints the definition inside another object, with its tags
// beside it and with members that only an answer has.
Node registrable(const Node& node) {
  Node definition = node;
  if (const Node* inner = node.find("taskDefinition"); inner != nullptr && inner->is_mapping()) {
    definition = *inner;
    for (const Node::Member& member : node.members)
      if (member.key == "tags") definition.members.push_back(member);
  }
  const aws::Facts& facts = aws::Facts::of(aws::kEcs);
  const aws::ShapeFacts* asked = facts.shape("RegisterTaskDefinitionRequest");
  const aws::ShapeFacts* answered = facts.shape("TaskDefinition");
  std::erase_if(definition.members, [&](const Node::Member& member) {
    return asked->find(member.key) == nullptr && answered->find(member.key) != nullptr;
  });
  return definition;
}

}  // namespace

Result<std::optional<TaskDefinitionSource>> task_definition_named(
    const std::string& text, const std::filesystem::path& directory, const FileReader& read_file,
    Diagnostics& diagnostics) {
  using Source = std::optional<TaskDefinitionSource>;
  if (text == "live") return Source(InUse{});
  if (text == "latest") return Source(LatestRevision{});
  if (!names_a_file(text)) return Source(TaskDefinitionReference{text});
  const std::filesystem::path path = directory / text;
  TRY(std::string content, read_file(path));
  const auto source = std::make_shared<SourceText>(SourceText{text, std::move(content)});
  const std::optional<Node> node = read_document(source, format_of(path), diagnostics);
  if (!node) return Source();
  auto document = task_definition_document(*node, text, "", diagnostics);
  return document ? Source(std::move(*document)) : Source();
}

std::optional<TaskDefinitionDocument> task_definition_document(const Node& node, std::string origin,
                                                               const std::string& path,
                                                               Diagnostics& diagnostics) {
  if (!node.is_mapping()) {
    diagnostics.error(node.span, "config.task-definition", path,
                      "expected a task definition (a mapping), found " + describe(node));
    return std::nullopt;
  }
  const Node definition = registrable(node);
  aws::report(
      aws::check_document(aws::Facts::of(aws::kEcs), "RegisterTaskDefinitionRequest", definition),
      path, diagnostics);
  return TaskDefinitionDocument{.document = to_json(definition), .origin = std::move(origin)};
}

}  // namespace slipway
