#include "plan/overrides.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace slipway {
namespace {

Result<std::string> container_meant(const std::string& named, const Json& task_definition,
                                    std::string_view where) {
  std::vector<std::string> all, essential;
  if (const JsonArray* containers = find_array(task_definition, "containerDefinitions")) {
    for (const Json& container : *containers) {
      all.emplace_back(string_or_empty(container, "name"));
      if (find_bool(container, "essential").value_or(true)) essential.push_back(all.back());
    }
  }
  if (!named.empty()) {
    if (std::ranges::find(all, named) != all.end()) return named;
    const std::optional<std::string> near = nearest(named, all);
    return Error{ErrorKind::kInvalid, "override.no-container",
                 fmt::format("{} has no container named {}; {}", where, named,
                             near ? "did you mean " + *near + "?" : "it has " + join(all, ", "))};
  }
  if (all.size() == 1) return all.front();
  if (essential.size() == 1) return essential.front();
  return Error{ErrorKind::kInvalid, "override.which-container",
               fmt::format("{} has {}: {}; say with --container which of them the command and the "
                           "variables are for",
                           where, counted(all.size(), "container"), join(all, ", "))};
}

JsonArray& array_in(JsonObject& object, std::string_view member) {
  Json& value = object[member];
  if (!value.is_array()) value = JsonArray{};
  return value.get_array();
}

// The entry of that name, new when there is none.
JsonObject& named_entry(JsonArray& list, std::string_view name) {
  for (Json& item : list)
    if (item.is_object() && string_or_empty(item, "name") == name) return item.get_object();
  list.push_back(JsonObject{{"name", name}});
  return list.back().get_object();
}

}  // namespace

Result<std::optional<Json>> settle_overrides(const TaskRun& run, const Json& task_definition,
                                             std::string_view where) {
  if (!run.container_override) return run.overrides;
  const ContainerOverride& wanted = *run.container_override;
  TRY(const std::string container, container_meant(wanted.container, task_definition, where));
  Json overrides = run.overrides.value_or(JsonObject{});
  if (!overrides.is_object()) overrides = JsonObject{};
  JsonObject& entry =
      named_entry(array_in(overrides.get_object(), "containerOverrides"), container);
  if (!wanted.command.empty()) entry["command"] = boost::json::value_from(wanted.command);
  if (!wanted.environment.empty()) {
    JsonArray& variables = array_in(entry, "environment");
    for (const auto& [name, value] : wanted.environment)
      named_entry(variables, name)["value"] = value;
  }
  return std::optional<Json>(std::move(overrides));
}

}  // namespace slipway
