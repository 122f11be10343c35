// What a service says of itself: write_service().

#include "sim/deployments.h"
#include "sim/scheduler.h"
#include "sim/services.h"
#include "sim/task_sets.h"

#include <chrono>

namespace slipway::sim {
namespace {

void write_launch(JsonWriter& json, const std::string& launch_type,
                  const std::vector<StrategyItem>& strategy) {
  if (!strategy.empty()) {
    json.key("capacityProviderStrategy");
    write_strategy(json, strategy);
  } else if (!launch_type.empty()) {  // an EXTERNAL service's task sets have their own
    json.member("launchType", launch_type);
  }
}

std::string_view to_string(DeploymentStatus status) {
  switch (status) {
    case DeploymentStatus::kPrimary:
      return "PRIMARY";
    case DeploymentStatus::kActive:
      return "ACTIVE";
    case DeploymentStatus::kInactive:
      return "INACTIVE";
  }
  return "";
}

std::string_view to_string(RolloutState state) {
  switch (state) {
    case RolloutState::kInProgress:
      return "IN_PROGRESS";
    case RolloutState::kCompleted:
      return "COMPLETED";
    case RolloutState::kFailed:
      return "FAILED";
  }
  return "";
}

void write_deployment(JsonWriter& json, const Service& service, const Deployment& deployment) {
  const Workload& workload = deployment.workload();
  const TaskCounts counts = count_tasks(service, &deployment);
  const bool is_primary = deployment.status == DeploymentStatus::kPrimary;
  json.begin_object()
      .member("id", deployment.id)
      .member("status", to_string(deployment.status))
      .member("taskDefinition", workload.definition->arn)
      .member("desiredCount", is_primary ? service.desiredCount : counts.live)
      .member("pendingCount", counts.pending)
      .member("runningCount", counts.running)
      .member("failedTasks", deployment.failedTasks)
      .member("createdAt", deployment.createdAt)
      .member("updatedAt", deployment.updatedAt);
  write_launch(json, deployment.launchType, deployment.capacityProviderStrategy);
  write_platform(json, workload);
  if (!workload.networkConfiguration.empty())
    json.raw_member("networkConfiguration", workload.networkConfiguration.text());
  if (service.controller == "ECS")
    json.member("rolloutState", to_string(deployment.rolloutState))
        .member("rolloutStateReason", deployment.rolloutStateReason);
  if (!workload.serviceConnectConfiguration.empty())
    json.raw_member("serviceConnectConfiguration", workload.serviceConnectConfiguration.text());
  if (!workload.volumeConfigurations.empty())
    json.raw_member("volumeConfigurations", workload.volumeConfigurations.text());
  if (!workload.vpcLatticeConfigurations.empty())
    json.raw_member("vpcLatticeConfigurations", workload.vpcLatticeConfigurations.text());
  json.end_object();
}

void write_list(JsonWriter& json, std::string_view member, const Document& list) {
  json.raw_member(member, list.empty() ? "[]" : list.text());
}

void write_current(JsonWriter& json, const Service& service) {
  const Deployment* primary = service.primary();
  if (primary == nullptr || service.controller != "ECS") return;
  if (primary->record) json.member("currentServiceDeployment", primary->record->arn);
  json.key("currentServiceRevisions").begin_array();
  for (const auto& deployment : service.deployments) {
    if (deployment->status == DeploymentStatus::kInactive) continue;
    const TaskCounts counts = count_tasks(service, deployment.get());
    json.begin_object()
        .member("arn", deployment->revision->arn)
        .member("requestedTaskCount",
                deployment.get() == primary ? service.desiredCount : counts.live)
        .member("runningTaskCount", counts.running)
        .member("pendingTaskCount", counts.pending)
        .end_object();
  }
  json.end_array();
}

}  // namespace

std::string_view Workload::resolved_platform_version() const {
  if (platformVersion != "LATEST") return platformVersion;
  return platformFamily == "Windows" ? "1.0.0" : "1.4.0";
}

void write_platform(JsonWriter& json, const Workload& workload) {
  if (workload.platformVersion.empty()) return;
  json.member("platformVersion", workload.resolved_platform_version())
      .member("platformFamily", workload.platformFamily);
}

void write_service(JsonWriter& json, const Service& service, bool with_tags) {
  const Workload& workload = service.workload;
  const TaskCounts counts = count_tasks(service);
  json.begin_object()
      .member("serviceArn", service.arn)
      .member("serviceName", service.name)
      .member("clusterArn", service.cluster->arn);
  write_list(json, "loadBalancers", workload.loadBalancers);
  write_list(json, "serviceRegistries", workload.serviceRegistries);
  json.member("status", to_string(service.status))
      .member("desiredCount", service.desiredCount)
      .member("runningCount", counts.running)
      .member("pendingCount", counts.pending);
  write_launch(json, workload.launchType, workload.capacityProviderStrategy);
  if (!workload.platformVersion.empty())
    json.member("platformVersion", workload.platformVersion)
        .member("platformFamily", workload.platformFamily);
  if (workload.definition) json.member("taskDefinition", workload.definition->arn);
  json.raw_member("deploymentConfiguration", service.settings.document.text());
  if (service.has_task_sets()) {
    json.key("taskSets").begin_array();
    for (const auto& deployment : service.deployments)
      write_task_set(json, service, *deployment, false);
    json.end_array();
  }
  json.key("deployments").begin_array();
  if (!service.has_task_sets())
    for (const auto& deployment : service.deployments)
      if (deployment->status != DeploymentStatus::kInactive)
        write_deployment(json, service, *deployment);
  json.end_array();
  if (!service.roleArn.empty()) json.member("roleArn", service.roleArn);
  json.key("events").begin_array();
  for (const ServiceEvent& event : service.events) json.raw(event.text);
  json.end_array().member("createdAt", service.createdAt);
  write_current(json, service);
  write_placement(json, service.placementConstraints, service.placementStrategy);
  if (!workload.networkConfiguration.empty())
    json.raw_member("networkConfiguration", workload.networkConfiguration.text());
  if (service.healthCheckGracePeriod || !workload.load_balancers.empty())
    json.member("healthCheckGracePeriodSeconds",
                std::chrono::duration_cast<std::chrono::seconds>(
                    service.healthCheckGracePeriod.value_or(Duration{0}))
                    .count());
  json.member("schedulingStrategy", service.is_daemon ? "DAEMON" : "REPLICA")
      .key("deploymentController")
      .begin_object()
      .member("type", service.controller)
      .end_object();
  if (with_tags) write_tags(json, service.tags);
  json.member("createdBy", service.createdBy)
      .member("enableECSManagedTags", service.enableECSManagedTags)
      .member("propagateTags", service.propagateTags)
      .member("enableExecuteCommand", service.enableExecuteCommand)
      .member("availabilityZoneRebalancing", service.availabilityZoneRebalancing)
      .member("resourceManagementType", "CUSTOMER")
      .end_object();
}

}  // namespace slipway::sim
