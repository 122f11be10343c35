// A plan is data: stages of steps of plain structs. It prints, compares and journals without being
// run; a dry run is "print it and stop". `execute/` is the only place that turns a step into calls.
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "model/event.h"
#include "model/release.h"

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace slipway {

// The place of a step in its stage's `steps`.
using StepIndex = std::size_t;

// The task definition a later step uses: one that exists ("web:42", an ARN, a bare family), or the
// one that an earlier step registers.
struct RegisteredBy {
  StepIndex step = 0;
  std::optional<StageKind> stage{};  // an earlier stage's step; none: one of the same stage
  bool operator==(const RegisteredBy&) const = default;
};
using TaskDefinitionTarget = std::variant<std::string, RegisteredBy>;

// ---- Actions -----------------------------------------------------------------------------------

struct RegisterTaskDefinition {
  std::string family;
  std::string base;  // ARN of the revision it was derived from; empty for a whole document
  Json document;     // the request body, `tags` included when there are any
  bool operator==(const RegisterTaskDefinition&) const = default;
};

struct RunTask {
  std::string cluster;
  TaskDefinitionTarget task_definition;
  TaskRun run;  // count, launch type, network, overrides; its source and images are settled above
  bool operator==(const RunTask&) const = default;
};

struct UpdateService {
  std::string cluster;
  std::string service;
  std::optional<TaskDefinitionTarget> task_definition;  // none: stays
  bool forceNewDeployment = false;
  Json deploymentConfiguration{};  // what is to change of it; null: nothing
  bool operator==(const UpdateService&) const = default;
};

// Traffic goes from one side of a pair to the other, step by step. The new side gets the definition
// and as many tasks as the old one has; each step is watched for as long as it says. A step that
// fails brings the weights back, and the new side to no task.
struct ShiftTraffic {
  std::string cluster;
  Canary canary;
  TrafficEnd from;
  TrafficEnd to;
  std::optional<TaskDefinitionTarget> task_definition;  // none: the new side has it already
  std::optional<int> taken_over_at{};  // weight from which on; none: from the beginning
  bool restores = true;                // false: a failure leaves the weights where they are
  Duration max_wait{};                 // until the new side is up
  bool operator==(const ShiftTraffic&) const = default;
};

// All traffic back to one side, whatever the weights are; then the other side to no task.
struct RestoreTraffic {
  std::string cluster;
  Canary canary;
  TrafficEnd back_to;  // gets what it is said to run here, where it runs something else by now
  TrafficEnd away_from;
  Duration max_wait{};
  bool operator==(const RestoreTraffic&) const = default;
};

// ECS moves the traffic of one service itself: an update with a deploymentConfiguration that says
// how. Where that tells ECS to pause, this run decides how it goes on, or leaves it to a person.
struct ShiftByEcs {
  std::string cluster;
  std::string service;
  std::optional<TaskDefinitionTarget> task_definition;  // none: stays
  bool forceNewDeployment = false;
  Canary canary;
  Json deploymentConfiguration;  // for this deployment
  Json afterwards;               // put back when it has ended; null: there is nothing to put back
  bool operator==(const ShiftByEcs&) const = default;
};

// CodeDeploy moves the traffic of one service: a deployment of its group, by a configuration that
// exists. Where the group makes it wait, this run decides how it goes on, or leaves it to a person.
struct ShiftByCodeDeploy {
  std::string cluster;
  std::string service;
  std::string application;
  std::string deployment_group;
  std::string deployment_config;
  TaskDefinitionTarget task_definition;
  Canary canary;
  Json app_spec;                             // but for its TaskDefinition
  std::vector<std::string> alarms;           // instead of the group's; empty: those of the group
  std::vector<std::string> rollback_events;  // on which it goes back by itself
  std::vector<std::string> target_groups;    // names of the two
  bool waits_for_go_ahead = false;           // before traffic moves
  Duration keeps_old{};                      // the old tasks, unless they are let go earlier
  bool operator==(const ShiftByCodeDeploy&) const = default;
};

// Nothing to do but to look: the service already is what the file says.
struct ObserveService {
  std::string cluster;
  std::string service;
  std::string deployment;  // id of the one to wait for; empty: any that serves the definition
  bool operator==(const ObserveService&) const = default;
};

// The same for tasks that run already.
struct ObserveTasks {
  std::string cluster;
  std::vector<std::string> tasks;  // ids or ARNs
  bool operator==(const ObserveTasks&) const = default;
};

// A target of a rule or of a schedule, whole. Its EcsParameters.TaskDefinitionArn becomes that of
// `task_definition` when there is one.
struct TargetPut {
  Json document;
  std::optional<TaskDefinitionTarget> task_definition;
  bool operator==(const TargetPut&) const = default;
};

// Replaces each target by its Id; the others of the rule stay.
struct PutTargets {
  std::string rule;
  std::string event_bus;  // empty: the default bus
  std::vector<TargetPut> targets{};
  bool operator==(const PutTargets&) const = default;
};

struct RemoveTargets {
  std::string rule;
  std::string event_bus;
  std::vector<std::string> ids{};
  bool operator==(const RemoveTargets&) const = default;
};

// Replaces the whole schedule.
struct UpdateSchedule {
  std::string schedule;
  std::string group;  // empty: the default group
  Json document;      // GetSchedule's answer
  TargetPut target;   // instead of the document's
  bool operator==(const UpdateSchedule&) const = default;
};

// The targets already run what they should, or are not this release's to move.
struct LeaveTargets {
  std::string runs;  // "web:42, worker:7"
  bool operator==(const LeaveTargets&) const = default;
};

// Planning found that this item cannot be done; running the step fails it with this error.
struct Refuse {
  Error error;
  bool operator==(const Refuse&) const = default;
};

// Planning found that there is nothing to act on; running the step marks the item skipped.
struct Skip {
  std::string reason;
  bool operator==(const Skip&) const = default;
};

using Action =
    std::variant<RegisterTaskDefinition, RunTask, UpdateService, ShiftTraffic, RestoreTraffic,
                 ShiftByEcs, ShiftByCodeDeploy, ObserveService, ObserveTasks, PutTargets,
                 RemoveTargets, UpdateSchedule, LeaveTargets, Refuse, Skip>;

// ---- Conditions --------------------------------------------------------------------------------

// Must still hold when the step's turn comes, or it fails as superseded.
struct ServiceStillUses {
  std::string service;
  std::string taskDefinition;
  bool operator==(const ServiceStillUses&) const = default;
};
struct TargetsUnchanged {
  Trigger trigger;
  std::vector<Json> targets{};  // those that are about to be replaced, as they were seen
  bool operator==(const TargetsUnchanged&) const = default;
};
using Expectation = std::variant<std::monostate, ServiceStillUses, TargetsUnchanged>;

// What the step waits for after its call.
struct TasksStopped {
  std::optional<Duration> max_wait;
  bool operator==(const TasksStopped&) const = default;
};
struct DeploymentCompleted {
  Duration max_wait{};
  // The definition that must be serving when no deployment of ours was created (nothing changed).
  std::string taskDefinition;
  bool operator==(const DeploymentCompleted&) const = default;
};
using Until = std::variant<std::monostate, TasksStopped, DeploymentCompleted>;

// ---- Steps, items, stages ----------------------------------------------------------------------

struct Step {
  Action action;
  Expectation expects;
  Until until;
  std::vector<StepIndex> needs;  // steps of the same stage that must have succeeded
  std::vector<Action> undo;      // newest first, run by the same executor
  bool operator==(const Step&) const = default;
};

// One line of the report: a task of the file, a service or a schedule. A registration that several
// items share belongs to the first of them; the others `need` it.
struct PlanItem {
  Subject subject;
  std::vector<EventBody> findings;  // what planning has to say about it, told when its turn comes
  std::vector<StepIndex> steps;     // in order
  std::vector<std::string> after;   // items of the same stage that must have succeeded
  bool operator==(const PlanItem&) const = default;
};

struct PlanStage {
  StageKind kind = StageKind::kServices;
  std::vector<PlanItem> items;
  std::vector<Step> steps;
  bool operator==(const PlanStage&) const = default;

  bool changes_anything() const;  // any step that calls AWS to change something
};

struct Plan {
  std::string application;
  std::string cluster;
  std::vector<PlanStage> stages;
  OnFailure on_failure = OnFailure::kRollback;
  std::size_t max_parallel = 0;
  bool wait = true;
  bool operator==(const Plan&) const = default;

  bool changes_anything() const;
  // The errors of all `Refuse` steps, in order, each with its item as context.
  std::vector<Error> problems() const;
};

// For the journal and `plan --output json`.
Json to_json(const Plan& plan);

}  // namespace slipway
