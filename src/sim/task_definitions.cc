#include "sim/task_definitions.h"

#include "sim/operations.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway::sim {
namespace {

// A name with its revision; a bare family is not enough to change or delete something.
Answer<std::shared_ptr<TaskDefinition>> find_with_revision(const Call& call,
                                                           std::string_view name) {
  if (last_segment(name).find(':') == std::string_view::npos)
    return invalid_parameter("Invalid revision number. Number: " + std::string(last_segment(name)));
  std::shared_ptr<TaskDefinition> definition = find_definition(call.region, name);
  if (!definition) return client_error("Unable to describe task definition.");
  return definition;
}

std::string_view status_text(TaskDefinitionStatus status) {
  switch (status) {
    case TaskDefinitionStatus::kActive:
      return "ACTIVE";
    case TaskDefinitionStatus::kInactive:
      return "INACTIVE";
    case TaskDefinitionStatus::kDeleteInProgress:
      return "DELETE_IN_PROGRESS";
  }
  return "";
}

Reply definition_reply(const TaskDefinition& definition, bool with_tags) {
  JsonWriter json;
  json.begin_object().key("taskDefinition");
  write_task_definition(json, definition);
  if (with_tags) write_tags(json, definition.tags);
  json.end_object();
  return JsonText{std::move(json).text()};
}

}  // namespace

bool TaskDefinition::is_compatible_with(std::string_view launch_type) const {
  return std::find(compatibilities.begin(), compatibilities.end(), launch_type) !=
         compatibilities.end();
}

const ContainerDefinition* TaskDefinition::container(std::string_view wanted) const {
  const auto found = std::find_if(containers.begin(), containers.end(),
                                  [&](const auto& each) { return each.name == wanted; });
  return found == containers.end() ? nullptr : &*found;
}

void write_task_definition(JsonWriter& json, const TaskDefinition& definition) {
  json.begin_object()
      .member("taskDefinitionArn", definition.arn)
      .raw_members(definition.text)
      .member("revision", definition.revision)
      .member("status", status_text(definition.status))
      .key("requiresAttributes")
      .begin_array();
  for (const std::string& attribute : definition.requiresAttributes)
    json.begin_object().member("name", attribute).end_object();
  json.end_array().key("compatibilities").begin_array();
  for (const std::string& each : definition.compatibilities) json.value(each);
  json.end_array().member("registeredAt", definition.registeredAt);
  if (definition.deregisteredAt) json.member("deregisteredAt", *definition.deregisteredAt);
  if (definition.deleteRequestedAt) json.member("deleteRequestedAt", *definition.deleteRequestedAt);
  json.member("registeredBy", definition.registeredBy).end_object();
}

namespace ecs {

Reply RegisterTaskDefinition(const Call& call) {
  TRY(std::shared_ptr<TaskDefinition> definition, read_definition(call));
  Family& family = call.region.families[definition->family];
  definition->revision = ++family.last_revision;
  definition->arn = call.region.arn(
      fmt::format("task-definition/{}:{}", definition->family, definition->revision));
  definition->registeredAt = call.region.now;
  definition->registeredBy = call.principal();
  family.revisions.emplace(definition->revision, definition);
  return definition_reply(*definition, !definition->tags.empty());
}

Reply DescribeTaskDefinition(const Call& call) {
  const std::shared_ptr<TaskDefinition> definition =
      find_definition(call.region, string_or_empty(call.input, "taskDefinition"));
  if (!definition) return client_error("Unable to describe task definition.");
  return definition_reply(*definition, includes(call.input, "TAGS"));
}

Reply DeregisterTaskDefinition(const Call& call) {
  TRY(std::shared_ptr<TaskDefinition> definition,
      find_with_revision(call, string_or_empty(call.input, "taskDefinition")));
  if (definition->status == TaskDefinitionStatus::kActive) {
    definition->status = TaskDefinitionStatus::kInactive;
    definition->deregisteredAt = call.region.now;
  }
  return definition_reply(*definition, false);
}

Reply DeleteTaskDefinitions(const Call& call) {
  constexpr std::size_t kMost = 10;
  const std::vector<std::string> names = strings(call.input, "taskDefinitions");
  if (names.empty() || names.size() > kMost)
    return invalid_parameter("taskDefinitions must have 1 to 10 items.");
  std::vector<ApiFailure> failures;
  JsonWriter json;
  json.begin_object().key("taskDefinitions").begin_array();
  for (const std::string& name : names) {
    const auto found = find_with_revision(call, name);
    if (!found) {
      failures.push_back({name, "The specified task definition does not exist.", ""});
      continue;
    }
    TaskDefinition& definition = **found;
    if (definition.status == TaskDefinitionStatus::kActive) {
      failures.push_back({definition.arn,
                          "The specified task definition is still in ACTIVE status. Please "
                          "deregister the target and try again.",
                          ""});
      continue;
    }
    if (definition.status == TaskDefinitionStatus::kInactive) {
      definition.status = TaskDefinitionStatus::kDeleteInProgress;
      definition.deleteRequestedAt = call.region.now;
    }
    write_task_definition(json, definition);
  }
  return list_with_failures(std::move(json), failures);
}

Reply ListTaskDefinitions(const Call& call) {
  const std::string_view wanted_family = string_or_empty(call.input, "familyPrefix");
  const std::string_view status = string_or_empty(call.input, "status");
  std::vector<ListItem> items;
  for (const auto& [name, family] : call.region.families) {
    if (!wanted_family.empty() && name != wanted_family) continue;
    for (const auto& [revision, definition] : family.revisions) {
      if (status_text(definition->status) != (status.empty() ? "ACTIVE" : status)) continue;
      if (definition->status == TaskDefinitionStatus::kDeleteInProgress &&
          definition->references == 0)
        continue;
      items.push_back({fmt::format("{} {:010}", name, revision), definition->arn});
    }
  }
  if (string_or_empty(call.input, "sort") == "DESC") std::reverse(items.begin(), items.end());
  return list_page(call.input, items, {.member = "taskDefinitionArns"});
}

Reply ListTaskDefinitionFamilies(const Call& call) {
  const std::string_view prefix = string_or_empty(call.input, "familyPrefix");
  const std::string_view status = string_or_empty(call.input, "status");
  std::vector<ListItem> items;
  for (const auto& [name, family] : call.region.families) {
    if (!name.starts_with(prefix)) continue;
    const bool is_active = std::any_of(
        family.revisions.begin(), family.revisions.end(),
        [](const auto& each) { return each.second->status == TaskDefinitionStatus::kActive; });
    if (status.empty() || status == "ALL" || (status == "ACTIVE") == is_active)
      items.push_back({name, name});
  }
  return list_page(call.input, items, {.member = "families"});
}

}  // namespace ecs
}  // namespace slipway::sim
