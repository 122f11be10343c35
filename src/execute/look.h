// What one look at AWS shows: the wire's shapes reduced to what watching and reporting need.
#pragma once

#include "aws/ecs_task_sets.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "model/event.h"
#include "model/snapshot.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway {

struct ServiceLook {
  ServiceSnapshot service;
  std::vector<ServiceEvent> events;  // newest first, as AWS lists them
  std::string service_deployment;    // ARN of the one that is current; empty when AWS did not say
  std::vector<std::string> target_groups;  // ARNs of the target groups it registers tasks in
  std::vector<std::string> revisions;      // ARNs of the service revisions that have tasks
  std::vector<aws::TaskSet> task_sets;     // of a service that ECS does not deploy itself
  // The id of the newest that CodeDeploy has made tasks for; empty when there was none.
  std::string code_deploy_deployment;
  std::string code_deploy_definition;  // ARN of what those tasks run
  bool operator==(const ServiceLook&) const = default;

  const DeploymentSnapshot* find(const std::string& deployment_id) const;  // nullptr: not there
};

struct TaskLook {
  std::string taskArn;
  std::string taskDefinitionArn;
  std::string lastStatus;
  std::string desiredStatus;
  std::string healthStatus;
  std::string stopCode;
  std::string stoppedReason;
  std::string startedBy;
  std::optional<TimePoint> createdAt;
  std::optional<TimePoint> stoppedAt;
  std::vector<StoppedContainer> containers;
  bool operator==(const TaskLook&) const = default;
};

// What PRIMARY runs: after a rollback by the platform the service itself may still name the other.
const std::string& definition_in_use(const ServiceSnapshot& service);

ServiceLook look_of(const aws::Service& service);
TaskLook look_of(const aws::Task& task);

// `taskDefinition` and `tags` of DescribeTaskDefinition or RegisterTaskDefinition. kUnavailable
// "call.bad-answer" when the document has no ARN, family or revision.
Result<TaskDefinitionSnapshot> snapshot_of(Json taskDefinition, Json tags);

}  // namespace slipway
