// AWS::ECS::TaskDefinition and AWS::ECS::Service.
#include "base/json.h"
#include "sim/stack_resources.h"

#include <algorithm>

namespace slipway::sim {
namespace {

const std::vector<std::pair<std::string, std::string>> kRenamed = {
    {"PlacementStrategies", "placementStrategy"},
    {"ProxyConfigurationProperties", "properties"},
};

JsonArray small_tags(const JsonArray& tags) {
  JsonArray small;
  for (const Json& tag : tags)
    small.push_back(
        JsonObject{{"key", string_or_empty(tag, "Key")}, {"value", string_or_empty(tag, "Value")}});
  return small;
}

void set_tags(ResourceWork& work, Json& input) {
  if (JsonArray tags = small_tags(work.tags()); !tags.empty())
    input.as_object()["tags"] = std::move(tags);
}

// ---- Task definitions ----

Answer<Done> create_task_definition(ResourceWork& work) {
  Json input = work.input_of("ecs", "RegisterTaskDefinition", work.properties(), kRenamed);
  set_tags(work, input);
  if (!find_string(input, "family")) {
    std::string family = work.made_up_name(255);
    std::erase(family, '-');
    input.as_object()["family"] = family;
  }
  TRY(const Json answer, work.call("ecs", "RegisterTaskDefinition", input));
  StackResource& resource = work.resource();
  resource.physical_id = string_or_empty(answer.at("taskDefinition"), "taskDefinitionArn");
  resource.attributes["TaskDefinitionArn"] = resource.physical_id;
  return Done{};
}

// Only the tags of a revision can change.
Answer<Done> retag(ResourceWork& work, const Json& before) {
  const std::string& arn = work.resource().physical_id;
  JsonArray gone;
  const JsonArray now = work.tags();
  if (const JsonArray* old = find_array(before, "Tags"))
    for (const Json& tag : *old)
      if (std::none_of(now.begin(), now.end(), [&](const Json& each) {
            return string_or_empty(each, "Key") == string_or_empty(tag, "Key");
          }))
        gone.emplace_back(string_or_empty(tag, "Key"));
  if (!gone.empty())
    TRY_VOID(work.call("ecs", "UntagResource",
                       JsonObject{{"resourceArn", arn}, {"tagKeys", std::move(gone)}}));
  if (!now.empty())
    TRY_VOID(work.call("ecs", "TagResource",
                       JsonObject{{"resourceArn", arn}, {"tags", small_tags(now)}}));
  return Done{};
}

Answer<Done> destroy_task_definition(ResourceWork& work) {
  return unless_gone(work.call("ecs", "DeregisterTaskDefinition",
                               JsonObject{{"taskDefinition", work.resource().physical_id}}));
}

// ---- Services ----

std::string_view cluster_of(const ResourceWork& work) {
  const std::string_view cluster = work.text("Cluster");
  return cluster.empty() ? "default" : cluster;
}

Answer<Done> create_service(ResourceWork& work) {
  Json input = work.input_of("ecs", "CreateService", work.properties(), kRenamed);
  JsonObject& members = input.as_object();
  if (!members.contains("serviceName")) members["serviceName"] = work.made_up_name(255);
  const bool is_daemon = string_or_empty(input, "schedulingStrategy") == "DAEMON";
  if (!members.contains("desiredCount") && !is_daemon) members["desiredCount"] = 1;
  set_tags(work, input);
  TRY(const Json answer, work.call("ecs", "CreateService", input));
  StackResource& resource = work.resource();
  const Json& service = answer.at("service");
  resource.physical_id = string_or_empty(service, "serviceArn");
  resource.attributes["ServiceArn"] = resource.physical_id;
  resource.attributes["Name"] = string_or_empty(service, "serviceName");
  return Done{};
}

Answer<Done> update_service(ResourceWork& work, const Json& before) {
  JsonObject changed;
  for (const auto& [name, value] : work.properties().as_object()) {
    const Json* old = find(before, name);
    if (old == nullptr || *old != value) changed[name] = value;
  }
  const bool has_new_tags = changed.contains("Tags");
  // What CreateService takes and UpdateService does not.
  for (const char* name : {"Tags", "Cluster", "ServiceName", "SchedulingStrategy", "Role",
                           "LaunchType", "DeploymentController", "ForceNewDeployment"})
    remove_member(changed, name);
  if (has_new_tags) TRY_VOID(retag(work, before));
  if (changed.empty()) return Done{};
  Json input = work.input_of("ecs", "UpdateService", changed, kRenamed);
  input.as_object()["cluster"] = cluster_of(work);
  input.as_object()["service"] = work.resource().physical_id;
  TRY_VOID(work.call("ecs", "UpdateService", input));
  return Done{};
}

Answer<Json> describe_service(ResourceWork& work) {
  TRY(const Json answer,
      work.call("ecs", "DescribeServices",
                JsonObject{{"cluster", cluster_of(work)},
                           {"services", JsonArray{Json(work.resource().physical_id)}}}));
  const JsonArray* services = find_array(answer, "services");
  if (services == nullptr || services->empty()) return Json();
  return services->front();
}

// Stable is what the SDK's waiter calls so, and that the rollout did not fail meanwhile.
Answer<bool> is_service_stable(ResourceWork& work) {
  TRY(const Json service, describe_service(work));
  if (string_or_empty(service, "status") != "ACTIVE")
    return ServiceError{400, "NotStabilized", "The service is not ACTIVE.", {}};
  const std::int64_t desired = find_int(service, "desiredCount").value_or(0);
  const std::int64_t running = find_int(service, "runningCount").value_or(0);
  const JsonArray* deployments = find_array(service, "deployments");
  if (deployments == nullptr || deployments->empty()) return true;  // its tasks are in task sets
  for (const Json& deployment : *deployments)
    if (string_or_empty(deployment, "rolloutState") == "FAILED")
      return ServiceError{500,
                          "GeneralServiceException",
                          "Error occurred during operation 'ECS Deployment Circuit Breaker was "
                          "triggered'.",
                          {}};
  if (deployments->size() != 1 || running != desired) return false;
  return desired == 0 || string_or_empty(deployments->front(), "rolloutState") == "COMPLETED";
}

Answer<Done> destroy_service(ResourceWork& work) {
  return unless_gone(work.call("ecs", "DeleteService",
                               JsonObject{{"cluster", cluster_of(work)},
                                          {"service", work.resource().physical_id},
                                          {"force", true}}));
}

Answer<bool> is_service_gone(ResourceWork& work) {
  auto service = describe_service(work);
  if (!service) {
    if (is_not_found(service.error())) return true;
    return service.error();
  }
  return service->is_null() || string_or_empty(*service, "status") == "INACTIVE";
}

}  // namespace

const ResourceType kEcsTaskDefinitionType = {
    .name = "AWS::ECS::TaskDefinition",
    .create = create_task_definition,
    .destroy = destroy_task_definition,
    .update = retag,
};

const ResourceType kEcsServiceType = {
    .name = "AWS::ECS::Service",
    .create = create_service,
    .destroy = destroy_service,
    .update = update_service,
    .is_stable = is_service_stable,
    .is_gone = is_service_gone,
    .name_property = "ServiceName",
};

}  // namespace slipway::sim
