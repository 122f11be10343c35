#include "sim/task_sets.h"

#include "sim/operations.h"
#include "sim/scheduler.h"
#include "sim/services.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway::sim {

void write_task_set(JsonWriter& json, const Service& service, const Deployment& deployment,
                    bool with_tags) {
  const TaskSet& set = *deployment.task_set;
  const Workload& workload = deployment.workload();
  const TaskCounts counts = count_tasks(service, &deployment);
  json.begin_object()
      .member("id", deployment.id)
      .member("taskSetArn", set.arn)
      .member("serviceArn", service.arn)
      .member("clusterArn", service.cluster->arn);
  if (!set.startedBy.empty()) json.member("startedBy", set.startedBy);
  if (!set.externalId.empty()) json.member("externalId", set.externalId);
  json.member("status", set.draining                                      ? "DRAINING"
                        : deployment.status == DeploymentStatus::kPrimary ? "PRIMARY"
                                                                          : "ACTIVE")
      .member("taskDefinition", workload.definition->arn)
      .member("computedDesiredCount",
              set.draining ? 0 : computed_desired_count(service, deployment))
      .member("pendingCount", counts.pending)
      .member("runningCount", counts.running)
      .member("createdAt", deployment.createdAt)
      .member("updatedAt", deployment.updatedAt);
  if (deployment.capacityProviderStrategy.empty()) {
    json.member("launchType", deployment.launchType);
  } else {
    json.key("capacityProviderStrategy");
    write_strategy(json, deployment.capacityProviderStrategy);
  }
  write_platform(json, workload);
  if (!workload.networkConfiguration.empty())
    json.raw_member("networkConfiguration", workload.networkConfiguration.text());
  json.raw_member("loadBalancers",
                  workload.loadBalancers.empty() ? "[]" : workload.loadBalancers.text())
      .raw_member("serviceRegistries",
                  workload.serviceRegistries.empty() ? "[]" : workload.serviceRegistries.text())
      .key("scale")
      .begin_object()
      .member("value", set.scale_percent)
      .member("unit", "PERCENT")
      .end_object()
      .member("stabilityStatus", set.steady ? "STEADY_STATE" : "STABILIZING")
      .member("stabilityStatusAt", set.stabilityStatusAt);
  if (with_tags) write_tags(json, set.tags);
  json.end_object();
}

Deployment& add_task_set(Region& region, Service& service, const Workload& workload) {
  auto revision = std::make_shared<ServiceRevision>();
  revision->workload = workload;
  revision->number = region.number();
  revision->createdAt = region.now;
  revision->arn = region.arn(fmt::format("service-revision/{}/{}/{}", service.cluster->name,
                                         service.name, revision->number));
  auto deployment = std::make_unique<Deployment>();
  deployment->id = "ecs-svc/" + revision->number;
  deployment->status = DeploymentStatus::kActive;
  deployment->launchType = workload.launchType;
  deployment->capacityProviderStrategy = workload.capacityProviderStrategy;
  deployment->createdAt = deployment->updatedAt = region.now;
  deployment->revision = std::move(revision);
  deployment->task_set = std::make_unique<TaskSet>();
  deployment->task_set->arn = region.arn(
      fmt::format("task-set/{}/{}/{}", service.cluster->name, service.name, deployment->id));
  deployment->task_set->stabilityStatusAt = region.now;
  ++deployment->workload().definition->references;
  service.deployments.push_back(std::move(deployment));
  return *service.deployments.back();
}

namespace ecs {
namespace {

struct ServiceInCluster {
  Cluster* cluster;
  Service* service;
};

// A CODE_DEPLOY service's task sets are CodeDeploy's; everybody may look at them.
Answer<ServiceInCluster> find_service_of_sets(const Call& call, bool only_reads = false) {
  TRY(Cluster * cluster, find_cluster(call));
  TRY(Service * service, find_active_service(call, *cluster));
  const bool is_code_deploys =
      service->controller == "CODE_DEPLOY" &&
      (only_reads || call.context.invoked_by == "codedeploy.amazonaws.com");
  if (service->controller != "EXTERNAL" && !is_code_deploys)
    return invalid_parameter(
        "Amazon ECS only supports task set management on services configured to use external "
        "deployment controllers.");
  return ServiceInCluster{cluster, service};
}

Deployment* find_task_set(const Service& service, std::string_view id_or_arn) {
  for (const auto& deployment : service.deployments)
    if (deployment->id == id_or_arn || deployment->task_set->arn == id_or_arn)
      return deployment.get();
  return nullptr;
}

ServiceError no_such_task_set() {
  return {400, "TaskSetNotFoundException", "The specified task set does not exist.", {}};
}

Reply task_set_reply(const Service& service, const Deployment& deployment) {
  JsonWriter json;
  json.begin_object().key("taskSet");
  write_task_set(json, service, deployment, true);
  json.end_object();
  return JsonText{std::move(json).text()};
}

std::optional<ServiceError> read_scale(const Json& input, TaskSet& set) {
  const Json* scale = find(input, "scale");
  if (scale == nullptr) return std::nullopt;
  const double value = find_double(*scale, "value").value_or(100);
  if (value < 0 || value > 100)
    return invalid_parameter("scale must be between 0 and 100 PERCENT.");
  set.scale_percent = value;
  return std::nullopt;
}

}  // namespace

Reply CreateTaskSet(const Call& call) {
  constexpr std::size_t kMost = 5;
  Region& region = call.region;
  TRY(const ServiceInCluster found, find_service_of_sets(call));
  Service& service = *found.service;
  const std::string token(string_or_empty(call.input, "clientToken"));
  for (const auto& deployment : service.deployments)
    if (!token.empty() && deployment->task_set->clientToken == token)
      return task_set_reply(service, *deployment);
  if (service.deployments.size() >= kMost)
    return invalid_parameter(
        "5 deployments exist on the service. Unable to create new TaskSet since this exceeds the "
        "maximum limit.");

  Workload workload;
  TRY(workload.definition,
      usable_definition(call, string_or_empty(call.input, "taskDefinition"), "ClientException"));
  if (auto error =
          read_launch(call, *found.cluster, workload.launchType, workload.capacityProviderStrategy))
    return *error;
  if (auto error = read_workload(call, workload)) return *error;
  if (auto error = workload_problem(call, workload)) return *error;
  if (runs_on_fargate(region, workload.launchType, workload.capacityProviderStrategy)) {
    if (workload.platformVersion.empty()) workload.platformVersion = "LATEST";
    workload.platformFamily = "Linux";
  }
  TaskSet asked;
  if (auto error = read_scale(call.input, asked)) return *error;
  TRY(asked.tags, read_tags(call.input));

  Deployment& deployment = add_task_set(region, service, workload);
  TaskSet& set = *deployment.task_set;
  set.scale_percent = asked.scale_percent;
  set.tags = std::move(asked.tags);
  set.externalId = string_or_empty(call.input, "externalId");
  set.clientToken = token;
  if (service.controller == "CODE_DEPLOY") set.startedBy = "CODE_DEPLOY";
  wake(region, service);
  return task_set_reply(service, deployment);
}

Reply UpdateTaskSet(const Call& call) {
  TRY(const ServiceInCluster found, find_service_of_sets(call));
  Deployment* deployment = find_task_set(*found.service, string_or_empty(call.input, "taskSet"));
  if (deployment == nullptr) return no_such_task_set();
  if (auto error = read_scale(call.input, *deployment->task_set)) return *error;
  deployment->updatedAt = call.region.now;
  wake(call.region, *found.service);
  return task_set_reply(*found.service, *deployment);
}

Reply UpdateServicePrimaryTaskSet(const Call& call) {
  TRY(const ServiceInCluster found, find_service_of_sets(call));
  Service& service = *found.service;
  Deployment* chosen = find_task_set(service, string_or_empty(call.input, "primaryTaskSet"));
  if (chosen == nullptr) return no_such_task_set();
  for (const auto& deployment : service.deployments) deployment->status = DeploymentStatus::kActive;
  chosen->status = DeploymentStatus::kPrimary;
  chosen->updatedAt = call.region.now;
  // The service speaks for its primary task set.
  service.workload = chosen->workload();
  const auto position = std::find_if(service.deployments.begin(), service.deployments.end(),
                                     [&](const auto& each) { return each.get() == chosen; });
  std::rotate(service.deployments.begin(), position, position + 1);
  return task_set_reply(service, *chosen);
}

Reply DeleteTaskSet(const Call& call) {
  TRY(const ServiceInCluster found, find_service_of_sets(call));
  Deployment* deployment = find_task_set(*found.service, string_or_empty(call.input, "taskSet"));
  if (deployment == nullptr) return no_such_task_set();
  const bool force = find_bool(call.input, "force").value_or(false);
  if (!force && deployment->task_set->scale_percent > 0)
    return invalid_parameter("The task set cannot be deleted while it is scaled above 0.");
  if (!force && deployment->status == DeploymentStatus::kPrimary)
    return invalid_parameter("The primary task set cannot be deleted.");
  deployment->task_set->draining = true;
  deployment->updatedAt = call.region.now;
  wake(call.region, *found.service);
  return task_set_reply(*found.service, *deployment);
}

Reply DescribeTaskSets(const Call& call) {
  TRY(const ServiceInCluster found, find_service_of_sets(call, true));
  const std::vector<std::string> names = strings(call.input, "taskSets");
  const bool with_tags = includes(call.input, "TAGS");
  std::vector<ApiFailure> failures;
  JsonWriter json;
  json.begin_object().key("taskSets").begin_array();
  for (const std::string& name : names) {
    if (const Deployment* deployment = find_task_set(*found.service, name))
      write_task_set(json, *found.service, *deployment, with_tags);
    else
      failures.push_back({name, "MISSING", ""});
  }
  if (names.empty())
    for (const auto& deployment : found.service->deployments)
      write_task_set(json, *found.service, *deployment, with_tags);
  return list_with_failures(std::move(json), failures);
}

}  // namespace ecs
}  // namespace slipway::sim
