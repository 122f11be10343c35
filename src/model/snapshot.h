// What AWS has now, as far as a plan reasons about it. Documents are carried whole.
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "model/traffic.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// One entry of a service's `deployments`.
struct DeploymentSnapshot {
  std::string id;      // "ecs-svc/1234567890123456789"
  std::string status;  // PRIMARY, ACTIVE, INACTIVE
  std::string taskDefinition;
  int desiredCount = 0;
  int runningCount = 0;
  int pendingCount = 0;
  int failedTasks = 0;
  std::string rolloutState;  // IN_PROGRESS, COMPLETED, FAILED; empty unless the controller is ECS
  std::string rolloutStateReason;
  std::optional<TimePoint> createdAt;
  std::optional<TimePoint> updatedAt;
  bool operator==(const DeploymentSnapshot&) const = default;
};

struct ServiceSnapshot {
  std::string serviceArn;
  std::string serviceName;
  std::string status;  // ACTIVE, DRAINING, INACTIVE
  std::string taskDefinition;
  int desiredCount = 0;
  int runningCount = 0;
  int pendingCount = 0;
  std::string deploymentController = "ECS";  // ECS, CODE_DEPLOY, EXTERNAL
  std::string schedulingStrategy = "REPLICA";
  // PRIMARY first. Where the controller is not ECS, the service's task sets.
  std::vector<DeploymentSnapshot> deployments;
  Json loadBalancers;            // array, or null
  Json deploymentConfiguration;  // object, or null
  bool operator==(const ServiceSnapshot&) const = default;

  const DeploymentSnapshot* primary() const;  // nullptr when there is none
};

struct TaskDefinitionSnapshot {
  std::string arn;
  std::string family;
  int revision = 0;
  std::string status;  // ACTIVE, INACTIVE, DELETE_IN_PROGRESS
  Json document;       // `taskDefinition` of DescribeTaskDefinition, whole
  Json tags;           // array, or null when the revision has none
  bool operator==(const TaskDefinitionSnapshot&) const = default;

  std::string family_revision() const { return family + ":" + std::to_string(revision); }
};

// A rule's targets or a schedule, as AWS gave them.
struct TriggerSnapshot {
  TimePoint taken_at;
  std::vector<Json> targets;  // whole; a schedule has one
  Json schedule;              // GetSchedule's answer, whole; null for a rule
  bool operator==(const TriggerSnapshot&) const = default;
};

// A pair of sides, and how traffic is divided between them.
struct TrafficSnapshot {
  int blue_weight = 0;  // as they are at AWS, not percents
  int green_weight = 0;
  bool is_uniform = true;          // false: several names that differ
  std::string what;                // "rule app/shop/3f2a"
  std::vector<std::string> lines;  // a line for each place
  TrafficEnd blue;
  TrafficEnd green;
  bool operator==(const TrafficSnapshot&) const = default;
};

// How a deployment configuration of CodeDeploy moves traffic: all at once, a first part and after
// the interval the rest, or part by part.
struct DeploymentConfigSnapshot {
  std::string deploymentConfigName;
  std::string type = "AllAtOnce";  // or TimeBasedCanary, TimeBasedLinear
  int percent = 100;               // the first part, or each
  Duration interval{0};
  bool operator==(const DeploymentConfigSnapshot&) const = default;
};

// A deployment group of CodeDeploy: what of it a release cannot choose, and has to go by.
struct DeploymentGroupSnapshot {
  std::string application;
  std::string deployment_group;
  std::string clusterName;  // of the service that it deploys
  std::string serviceName;
  std::string deploymentConfigName;  // the one that is used when none is named
  std::vector<DeploymentConfigSnapshot>
      configs;                               // what there is to choose from besides CodeDeploy's
  std::vector<std::string> alarms;           // that stop a deployment
  std::vector<std::string> rollback_events;  // on which it goes back by itself
  std::vector<std::string> target_groups;    // names of the two
  // Before traffic moves it waits so long for ContinueDeployment, and stops when none comes.
  std::optional<Duration> waits_for_go_ahead;
  Duration keeps_old{0};  // the old tasks, once all traffic has moved
  std::string running;    // id of a deployment that has not ended; empty: there is none
  std::string running_status;
  bool operator==(const DeploymentGroupSnapshot&) const = default;
};

// Keys are what the release asked for: a service's name or ARN, a task definition's reference, the
// words of a trigger. An error stands where AWS gave one; kNotFound for a service that is missing,
// INACTIVE or DRAINING. For `LatestRevision` the key is the family of the revision in use.
struct Snapshot {
  TimePoint taken_at;
  std::map<std::string, Result<ServiceSnapshot>> services;
  std::map<std::string, Result<TaskDefinitionSnapshot>> task_definitions;
  std::map<std::string, Result<TriggerSnapshot>> triggers;
  std::map<std::string, Result<TrafficSnapshot>> traffic;  // by the released service's name
  std::map<std::string, Result<DeploymentGroupSnapshot>> deployment_groups;  // likewise
};

// "web:42" out of "arn:aws:ecs:eu-west-1:1:task-definition/web:42"; other texts unchanged.
std::string family_revision_of(std::string_view task_definition);
// "web" out of "web:42" or its ARN.
std::string family_of(std::string_view task_definition);
// Whether it names one revision, not whichever is the newest of its family.
bool has_revision(std::string_view task_definition);
// What follows the last '/' of an ARN.
std::string last_segment(std::string_view arn);

// EcsParameters.TaskDefinitionArn of an EventBridge target or a Scheduler target; empty when the
// target is none of ECS's.
std::string task_definition_of_target(const Json& target);
// The target's Id; a schedule's one target has none.
std::string id_of_target(const Json& target);

}  // namespace slipway
