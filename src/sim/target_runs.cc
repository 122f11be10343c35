#include "sim/target_runs.h"

#include "sim/calls.h"
#include "sim/operations.h"

#include <utility>

namespace slipway::sim {
namespace {

void copy(const Json& from, std::string_view member, JsonObject& to, std::string_view as) {
  if (const Json* value = find(from, member)) to[as] = *value;
}

// {"awsvpcConfiguration": {"Subnets": ...}}: capitals inside, where ECS has none.
Json network_configuration(const Json& given) {
  JsonObject vpc;
  if (const Json* configuration = find(given, "awsvpcConfiguration")) {
    copy(*configuration, "Subnets", vpc, "subnets");
    copy(*configuration, "SecurityGroups", vpc, "securityGroups");
    copy(*configuration, "AssignPublicIp", vpc, "assignPublicIp");
  }
  return JsonObject{{"awsvpcConfiguration", std::move(vpc)}};
}

Json tags(const JsonArray& given) {
  JsonArray all;
  for (const Json& tag : given)
    all.push_back(
        JsonObject{{"key", string_or_empty(tag, "Key")}, {"value", string_or_empty(tag, "Value")}});
  return all;
}

}  // namespace

bool is_ecs_target(const Json& target) {
  const std::string_view arn = string_or_empty(target, "Arn");
  return arn.find(":ecs:") != std::string_view::npos &&
         arn.find(":cluster/") != std::string_view::npos;
}

std::optional<Json> run_task_input(const Json& target, std::string_view started_by) {
  const Json* ecs = find(target, "EcsParameters");
  if (ecs == nullptr || !is_ecs_target(target)) return std::nullopt;
  JsonObject input{{"cluster", string_or_empty(target, "Arn")}, {"startedBy", started_by}};
  struct Row {
    std::string_view target, run_task;
  };
  constexpr Row kSame[] = {{"TaskDefinitionArn", "taskDefinition"},
                           {"TaskCount", "count"},
                           {"LaunchType", "launchType"},
                           {"PlatformVersion", "platformVersion"},
                           {"Group", "group"},
                           {"CapacityProviderStrategy", "capacityProviderStrategy"},
                           {"EnableECSManagedTags", "enableECSManagedTags"},
                           {"EnableExecuteCommand", "enableExecuteCommand"},
                           {"PlacementConstraints", "placementConstraints"},
                           {"PlacementStrategy", "placementStrategy"},
                           {"PropagateTags", "propagateTags"},
                           {"ReferenceId", "referenceId"}};
  for (const Row& row : kSame) copy(*ecs, row.target, input, row.run_task);
  if (const Json* network = find(*ecs, "NetworkConfiguration"))
    input["networkConfiguration"] = network_configuration(*network);
  if (const JsonArray* given = find_array(*ecs, "Tags")) input["tags"] = tags(*given);
  // The target's input is what the task is told to do otherwise than its definition says.
  if (const auto text = find_string(target, "Input")) {
    const Result<Json> overrides = parse_json(*text);
    if (overrides && overrides->is_object()) input["overrides"] = *overrides;
  }
  return Json(std::move(input));
}

void fire(Region& region, const Json& target, std::string_view started_by) {
  const std::optional<Json> input = run_task_input(target, started_by);
  if (!input) return;
  const CallContext caller{std::string(string_or_empty(target, "RoleArn"))};
  (void)ecs::RunTask(Call{region, caller, *input});
}

}  // namespace slipway::sim
