#include "sim/task_sets.h"

#include "sim/calls.h"
#include "sim/scheduler.h"

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
  json.member("status", set.draining ? "DRAINING"
                        : deployment.status == DeploymentStatus::kPrimary ? "PRIMARY"
                                                                          : "ACTIVE")
      .member("taskDefinition", workload.definition->arn)
      .member("computedDesiredCount", set.draining ? 0 : computed_desired_count(service, deployment))
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
  if (!workload.platformVersion.empty())
    json.member("platformVersion",
                workload.platformVersion == "LATEST" ? "1.4.0" : workload.platformVersion)
        .member("platformFamily", workload.platformFamily);
  if (!workload.networkConfiguration.empty())
    json.raw_member("networkConfiguration", workload.networkConfiguration.text());
  json.raw_member("loadBalancers", workload.loadBalancers.empty() ? "[]" : workload.loadBalancers.text())
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

}  // namespace slipway::sim
