#include "execute/look.h"

#include "aws/codec.h"
#include "execute/requests.h"

#include <algorithm>
#include <utility>

namespace slipway {

const DeploymentSnapshot* ServiceLook::find(const std::string& deployment_id) const {
  const auto found = std::ranges::find(service.deployments, deployment_id, &DeploymentSnapshot::id);
  return found == service.deployments.end() ? nullptr : &*found;
}

const std::string& definition_in_use(const ServiceSnapshot& service) {
  const DeploymentSnapshot* const primary = service.primary();
  return primary != nullptr ? primary->taskDefinition : service.taskDefinition;
}

namespace {

// To who only watches, a task set that has or wants tasks is a deployment.
DeploymentSnapshot as_deployment(const aws::TaskSet& set) {
  return {.id = set.id,
          .status = set.status,
          .taskDefinition = set.taskDefinition,
          .desiredCount = set.computedDesiredCount,
          .runningCount = set.runningCount,
          .pendingCount = set.pendingCount,
          .createdAt = set.createdAt,
          .updatedAt = set.updatedAt};
}

// CodeDeploy swaps the two target groups with every release; PRIMARY says what serves, and each
// task set which deployment has made it.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskSet.html
void take_what_code_deploy_made(ServiceLook& look) {
  TimePoint newest;
  for (const aws::TaskSet& set : look.task_sets) {
    if (set.startedBy == "CODE_DEPLOY" && set.createdAt > newest) {
      newest = set.createdAt;
      look.code_deploy_deployment = set.externalId;
      look.code_deploy_definition = set.taskDefinition;
    }
    if (set.status != aws::deployment_status::kPrimary) continue;
    look.service.taskDefinition = set.taskDefinition;
    look.service.loadBalancers = set.loadBalancers;
  }
}

void add_task_sets(const aws::Service& service, ServiceLook& look) {
  const JsonArray* sets = service.taskSets.if_array();
  if (sets == nullptr || look.service.deploymentController == "ECS") return;
  for (const Json& document : *sets) {
    Result<aws::TaskSet> set = aws::from_json<aws::TaskSet>(document);
    if (!set) continue;
    if (set->computedDesiredCount > 0 || set->runningCount > 0 || set->pendingCount > 0)
      look.service.deployments.push_back(as_deployment(*set));
    look.task_sets.push_back(std::move(*set));
  }
  std::ranges::stable_partition(look.service.deployments, [](const DeploymentSnapshot& one) {
    return one.status == aws::deployment_status::kPrimary;
  });
  if (look.service.deploymentController == "CODE_DEPLOY") take_what_code_deploy_made(look);
}

}  // namespace

ServiceLook look_of(const aws::Service& service) {
  ServiceLook look;
  look.service = ServiceSnapshot{.serviceArn = service.serviceArn,
                                 .serviceName = service.serviceName,
                                 .status = service.status,
                                 .taskDefinition = service.taskDefinition,
                                 .desiredCount = service.desiredCount,
                                 .runningCount = service.runningCount,
                                 .pendingCount = service.pendingCount};
  // Both are left out by ECS when they have their default.
  if (service.deploymentController && !service.deploymentController->type.empty())
    look.service.deploymentController = service.deploymentController->type;
  if (!service.schedulingStrategy.empty())
    look.service.schedulingStrategy = service.schedulingStrategy;
  look.service.loadBalancers = service.loadBalancers;
  if (service.deploymentConfiguration)
    look.service.deploymentConfiguration = to_json(aws::ref(*service.deploymentConfiguration));
  for (const aws::Deployment& deployment : service.deployments) {
    look.service.deployments.push_back({.id = deployment.id,
                                        .status = deployment.status,
                                        .taskDefinition = deployment.taskDefinition,
                                        .desiredCount = deployment.desiredCount,
                                        .runningCount = deployment.runningCount,
                                        .pendingCount = deployment.pendingCount,
                                        .failedTasks = deployment.failedTasks,
                                        .rolloutState = deployment.rolloutState,
                                        .rolloutStateReason = deployment.rolloutStateReason,
                                        .createdAt = deployment.createdAt,
                                        .updatedAt = deployment.updatedAt});
  }
  add_task_sets(service, look);
  for (const aws::ServiceEvent& event : service.events)
    look.events.push_back({.message = event.message,
                           .createdAt = event.createdAt.value_or(TimePoint{}),
                           .id = event.id});
  if (const JsonArray* balancers = look.service.loadBalancers.if_array())
    for (const Json& balancer : *balancers)
      if (const std::string_view group = string_or_empty(balancer, "targetGroupArn");
          !group.empty())
        look.target_groups.emplace_back(group);
  look.service_deployment = service.currentServiceDeployment;
  for (const aws::ServiceCurrentRevisionSummary& revision : service.currentServiceRevisions)
    look.revisions.push_back(revision.arn);
  return look;
}

TaskLook look_of(const aws::Task& task) {
  TaskLook look{.taskArn = task.taskArn,
                .taskDefinitionArn = task.taskDefinitionArn,
                .lastStatus = task.lastStatus,
                .desiredStatus = task.desiredStatus,
                .healthStatus = task.healthStatus,
                .stopCode = task.stopCode,
                .stoppedReason = task.stoppedReason,
                .startedBy = task.startedBy,
                .createdAt = task.createdAt,
                .stoppedAt = task.stoppedAt};
  for (const aws::Container& container : task.containers)
    look.containers.push_back(
        {.name = container.name, .exitCode = container.exitCode, .reason = container.reason});
  return look;
}

Result<TaskDefinitionSnapshot> snapshot_of(Json taskDefinition, Json tags) {
  TaskDefinitionSnapshot snapshot;
  snapshot.arn = string_or_empty(taskDefinition, "taskDefinitionArn");
  snapshot.family = string_or_empty(taskDefinition, "family");
  snapshot.revision = static_cast<int>(find_int(taskDefinition, "revision").value_or(0));
  snapshot.status = string_or_empty(taskDefinition, "status");
  if (snapshot.arn.empty() || snapshot.family.empty() || snapshot.revision == 0)
    return Error{ErrorKind::kUnavailable, "call.bad-answer",
                 "the answer has no task definition with an ARN, a family and a revision"};
  snapshot.document = std::move(taskDefinition);
  // An empty list is how AWS says "none", and what it refuses when it is sent back.
  if (tags.is_array() && !tags.get_array().empty()) snapshot.tags = std::move(tags);
  return snapshot;
}

}  // namespace slipway
