// A `Release` says what should run and how to get there. Every dialect ends here and none leaves a
// trace: two files that mean the same give equal releases.
#pragma once

#include "base/json.h"
#include "base/time.h"
#include "model/traffic.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace slipway {

// ---- Which task definition ---------------------------------------------------------------------

struct InUse {  // the revision the service runs now
  bool operator==(const InUse&) const = default;
};
struct LatestRevision {  // the newest ACTIVE revision of the family the service runs now
  bool operator==(const LatestRevision&) const = default;
};
struct TaskDefinitionReference {  // "family", "family:12" or an ARN; a bare family is its newest
  std::string reference;
  bool operator==(const TaskDefinitionReference&) const = default;
};
struct TaskDefinitionDocument {  // the whole truth, from a file or inline
  Json document;                 // RegisterTaskDefinition's input, `tags` included when present
  std::string origin;            // "deploy/worker.json" or "inline", for messages
  bool operator==(const TaskDefinitionDocument&) const = default;
};
using TaskDefinitionSource =
    std::variant<InUse, LatestRevision, TaskDefinitionReference, TaskDefinitionDocument>;

// ---- Which images ------------------------------------------------------------------------------

struct NewTag {  // keep registry and repository, set the tag; "sha256:<64 hex>" sets a digest
  std::string tag;
  bool operator==(const NewTag&) const = default;
};
struct NewImage {  // the whole reference
  std::string image;
  bool operator==(const NewImage&) const = default;
};

// Containers that no change names stay as they are. Without a name a new image is for the
// containers that use its repository, or for the only one there is; a new tag for the only one.
struct ImageChange {
  std::string container;
  std::variant<NewTag, NewImage> to;
  bool operator==(const ImageChange&) const = default;
};

// ---- One-off tasks -----------------------------------------------------------------------------

struct CapacityProviderStrategyItem {
  std::string capacityProvider;
  int base = 0;
  int weight = 0;
  bool operator==(const CapacityProviderStrategyItem&) const = default;
};

struct AwsvpcConfiguration {
  std::vector<std::string> subnets;
  std::vector<std::string> securityGroups;
  bool assignPublicIp = false;
  bool operator==(const AwsvpcConfiguration&) const = default;
};

// What one container of a one-off task runs instead of what its definition says.
struct ContainerOverride {
  std::string container;             // empty: the only one, or the only essential one
  std::vector<std::string> command;  // empty: stays
  std::vector<std::pair<std::string, std::string>> environment;
  bool operator==(const ContainerOverride&) const = default;
};

struct TaskRun {
  std::string name;  // as it is shown: the family, or the key in the file
  TaskDefinitionSource task_definition = TaskDefinitionReference{};
  std::vector<ImageChange> images;
  int count = 1;           // 1 to 10
  std::string launchType;  // "EC2", "FARGATE", "EXTERNAL" or empty
  std::string platformVersion;
  std::string group;
  std::vector<CapacityProviderStrategyItem> capacityProviderStrategy;
  std::optional<AwsvpcConfiguration> awsvpcConfiguration;
  std::optional<Json> overrides;  // RunTask's `overrides`, sent as it is but for the next
  std::optional<ContainerOverride> container_override;
  std::optional<Duration> max_wait;  // none: as long as it takes
  bool essential_only = false;       // containers that are not essential may end as they like
  bool operator==(const TaskRun&) const = default;
};

// ---- Services ----------------------------------------------------------------------------------

// ECS replaces tasks by its own minimum/maximum percent arithmetic.
struct Rolling {
  bool operator==(const Rolling&) const = default;
};
// `Canary`, traffic in steps, is a noun of its own: model/traffic.h.
using Strategy = std::variant<Rolling, Canary>;

enum class OnFailure {
  kRollback,  // undo everything this run changed
  kLeave,     // leave services as they are and say where each of them stands
};

struct ServiceRelease {
  std::string name;  // name or ARN
  TaskDefinitionSource task_definition = InUse{};
  std::vector<ImageChange> images;
  bool forceNewDeployment = false;
  Duration max_wait = std::chrono::minutes(15);  // from UpdateService until stable
  std::vector<std::string> after;                // names of services that must be done before
  Strategy strategy = Rolling{};
  bool operator==(const ServiceRelease&) const = default;
};

// ---- Schedules ---------------------------------------------------------------------------------

// What makes AWS run tasks by itself, by the clock or on an event: a rule of EventBridge, or a
// schedule of EventBridge Scheduler. One of `rule` and `schedule` is set.
struct Trigger {
  std::string rule;
  std::string event_bus;  // name or ARN; empty: the default bus
  std::string schedule;
  std::string group;  // empty: the default group
  bool operator==(const Trigger&) const = default;

  bool is_rule() const { return !rule.empty(); }
};
// "rule shop-nightly", "rule nightly on event bus shop", "schedule shop/hourly".
std::string to_string(const Trigger& trigger);

struct FollowRelease {  // each target moves to what this release runs of the target's family
  bool operator==(const FollowRelease&) const = default;
};
struct FollowItem {  // what that service or task of the release runs
  std::string name;
  bool is_task = false;
  bool operator==(const FollowItem&) const = default;
};
// `InUse` and `LatestRevision` are of the revision or family that the targets run now.
using ScheduleSource = std::variant<FollowRelease, FollowItem, InUse, LatestRevision,
                                    TaskDefinitionReference, TaskDefinitionDocument>;

struct ScheduleRelease {
  std::string name;  // as it is shown: the key in the file
  Trigger trigger;
  ScheduleSource task_definition = FollowRelease{};
  std::vector<ImageChange> images;
  // Whole targets, put as they are; those for ECS that name no definition get the one above. Empty:
  // the targets that are there, read back, each with another TaskDefinitionArn.
  std::vector<Json> targets;
  bool operator==(const ScheduleRelease&) const = default;
};

// ---- Who is told -------------------------------------------------------------------------------

// A message to an SNS topic when the run has begun and when it has ended.
struct Notify {
  std::string topic_arn;
  bool started = true;
  bool succeeded = true;
  bool failed = true;
  bool required = false;  // a message that cannot be published fails the run
  bool operator==(const Notify&) const = default;
};

// ---- The release -------------------------------------------------------------------------------

enum class MissingService {
  kFail,
  kSkip,  // counted as skipped, the run goes on
};

// When the snapshot behind the plan is taken.
enum class Planning {
  kWholeRelease,  // before anything changes; a problem anywhere stops everything
  kStageByStage,  // each stage when its turn comes; a problem fails its item
};

struct Release {
  std::string application;  // empty when the dialect has no name for it
  std::string cluster;      // name or ARN
  std::vector<TaskRun> tasks_before;
  std::vector<ServiceRelease> services;
  std::vector<ScheduleRelease> schedules;  // moved once the services have succeeded
  std::vector<TaskRun> tasks_after;
  bool is_only_tasks = false;  // tasks_before are all there is: a task that somebody runs

  OnFailure on_failure = OnFailure::kRollback;
  MissingService missing_service = MissingService::kFail;
  bool fail_on_skipped = false;
  Planning planning = Planning::kWholeRelease;
  std::size_t max_parallel = 0;  // items of one stage at a time; 0: all
  bool wait = true;              // false: start everything, watch nothing
  std::optional<Notify> notify;
  std::optional<int> keep_revisions;  // of each family released, after success; none: all
  bool operator==(const Release&) const = default;
};

}  // namespace slipway
