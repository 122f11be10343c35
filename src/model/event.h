// What happened, when, to what. Every output (terminal, log, JSON lines, journal, report) is a view
// of one stream of these, so two views cannot disagree.
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "model/outcome.h"
#include "model/snapshot.h"
#include "model/traffic.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace slipway {

enum class StageKind {
  kTasksBefore,
  kServices,
  kSchedules,
  kTasksAfter,
  kRollback,
  kTasks,  // by themselves, with no release around them
};
std::string_view to_string(StageKind stage);  // "tasks before", "services", ..., "tasks"

enum class ItemKind { kNone, kTask, kService, kSchedule };
std::string_view to_string(ItemKind kind);  // "none", "task", "service", "schedule"

// What an event is about; `item` is empty for the stage or the run as a whole.
struct Subject {
  StageKind stage = StageKind::kServices;
  ItemKind kind = ItemKind::kNone;
  std::string item;
  bool operator==(const Subject&) const = default;
};
std::string to_string(const Subject& subject);  // "service web"

struct Counts {
  int total = 0;
  int successful = 0;
  int skipped = 0;
  int failed = 0;
  int paused = 0;  // they wait for a person
  bool operator==(const Counts&) const = default;
};

// ---- The run -----------------------------------------------------------------------------------

struct RunStarted {
  std::string run_id;
  std::string command;  // "deploy"
  std::string application;
  std::string cluster;
  std::string file;     // the file's name, empty without one
  std::string dialect;  // "slipway", "ecs-toolkit"
  std::string region;
  bool simulated = false;
  std::string by;  // who asked for it: "ann@host", and the pipeline's page when there is one
  bool operator==(const RunStarted&) const = default;
};
struct PlanMade {
  Json plan;  // to_json(Plan)
  bool operator==(const PlanMade&) const = default;
};
struct RunEnded {
  Outcome outcome = Outcome::kSucceeded;
  Counts services;
  Counts tasks;
  Counts schedules;
  int api_calls = 0;
  int throttled_calls = 0;
  Duration elapsed{};
  std::string reason;              // what failed first; empty on success
  std::vector<std::string> state;  // where each changed item stands now, one sentence each
  std::string next_step;           // what a person does now; empty on success
  bool operator==(const RunEnded&) const = default;
};
struct Interrupted {
  std::string signal;                    // "SIGINT", "SIGTERM"
  std::vector<std::string> in_progress;  // "service web (deployment ecs-svc/12)"
  std::string reattach;                  // the command that goes on watching
  bool operator==(const Interrupted&) const = default;
};

// ---- Stages and items --------------------------------------------------------------------------

struct StageEmpty {
  bool operator==(const StageEmpty&) const = default;
};
struct StageStarted {
  int items = 0;
  bool operator==(const StageStarted&) const = default;
};
struct StageEnded {
  Counts counts;
  bool ok = true;
  bool operator==(const StageEnded&) const = default;
};
struct ItemStarted {
  std::string task_definition;  // what it runs or ran so far, "family:revision" or as written
  bool operator==(const ItemStarted&) const = default;
};
struct ItemEnded {
  Outcome outcome = Outcome::kSucceeded;
  RolledBackBy rolled_back_by = RolledBackBy::kNobody;
  std::optional<Error> error;
  Duration elapsed{};
  std::string task_definition;  // what serves or ran in the end, "family:revision"
  bool operator==(const ItemEnded&) const = default;
};

// ---- Deriving a task definition ----------------------------------------------------------------

struct BaseTaskDefinition {
  std::string family_revision;
  std::string arn;
  bool operator==(const BaseTaskDefinition&) const = default;
};
struct ContainerNotListed {  // left untouched
  std::string container;
  bool operator==(const ContainerNotListed&) const = default;
};
struct ContainerMissing {  // named in the file, absent from the definition
  std::string container;
  std::string suggestion;
  bool operator==(const ContainerMissing&) const = default;
};
struct ImageUnchanged {
  std::string container;
  std::string image;
  std::string tag;
  bool operator==(const ImageUnchanged&) const = default;
};
struct ImageChanged {
  std::string container;
  std::string old_image;
  std::string new_image;
  std::string old_tag;  // tag or digest text
  std::string new_tag;
  bool operator==(const ImageChanged&) const = default;
};
struct NothingToRegister {
  bool operator==(const NothingToRegister&) const = default;
};
struct TaskDefinitionRegistering {
  std::string family;
  bool operator==(const TaskDefinitionRegistering&) const = default;
};
struct TaskDefinitionRegistered {
  std::string arn;
  std::string family_revision;
  bool shared = false;  // another item of this run registered it
  bool operator==(const TaskDefinitionRegistered&) const = default;
};

// Pruning has taken an old revision away: it is INACTIVE now.
struct TaskDefinitionDeregistered {
  std::string arn;
  std::string family_revision;
  bool operator==(const TaskDefinitionDeregistered&) const = default;
};

struct TaskDefinitionDeleted {
  std::string family_revision;
  bool operator==(const TaskDefinitionDeleted&) const = default;
};

// ---- Calls -------------------------------------------------------------------------------------

// Journaled and synced before the call it announces is sent.
struct CallAnnounced {
  std::string operation;  // "ecs:UpdateService"
  Json request;           // as it will be sent
  bool undo = false;
  bool operator==(const CallAnnounced&) const = default;
};
// One call with all its attempts, for --verbose and the summary. Never a secret.
struct CallMade {
  std::string operation;
  int attempts = 1;
  int throttled = 0;  // attempts answered with a throttling code
  Duration elapsed{};
  std::string outcome;  // "200", or AWS's error code
  std::string request_id;
  Json parameters;  // null unless asked for; values that may be secret are masked
  bool operator==(const CallMade&) const = default;
};
struct CallDenied {  // an optional call we are not allowed to make; not tried again in this run
  std::string operation;
  std::string consequence;  // what is done without it
  bool operator==(const CallDenied&) const = default;
};
struct PollFailed {  // a describe that failed after its retries; tolerated `limit` times in a row
  Error error;
  int in_a_row = 1;
  int limit = 5;
  bool operator==(const PollFailed&) const = default;
};

// ---- One-off tasks -----------------------------------------------------------------------------

struct TaskParameters {  // how RunTask is about to be called
  std::string task_definition;
  bool newly_registered = false;
  int count = 1;
  std::string launchType;
  std::vector<std::string> capacityProviders;
  Json awsvpcConfiguration;  // null when not given
  std::optional<Duration> max_wait;
  bool operator==(const TaskParameters&) const = default;
};
struct TasksStarted {
  int count = 1;  // asked for
  std::vector<std::string> task_arns;
  bool operator==(const TasksStarted&) const = default;
};
struct TaskNotStarted {  // one entry of RunTask's `failures`
  std::string arn;
  std::string reason;
  std::string detail;
  bool operator==(const TaskNotStarted&) const = default;
};
struct TaskObserved {
  int ordinal = 1;
  std::string task_id;
  std::string lastStatus;
  std::string desiredStatus;
  std::string healthStatus;
  bool operator==(const TaskObserved&) const = default;
};
struct StoppedContainer {
  std::string name;
  std::optional<int> exitCode;
  std::string reason;
  bool essential = true;  // also where nobody knows
  bool operator==(const StoppedContainer&) const = default;
};
struct TaskStopped {
  int ordinal = 1;
  std::string task_id;
  bool ok = false;
  std::string stopCode;
  std::string stoppedReason;
  std::vector<StoppedContainer> containers;
  bool operator==(const TaskStopped&) const = default;
};
// What a container wrote, read back from its log.
struct TaskLogLine {
  int ordinal = 1;
  std::string task_id;
  std::string container;
  std::optional<TimePoint> written_at;
  std::string message;         // without its line end
  bool several = false;        // more than one log is told: say whose line it is
  bool after_failure = false;  // one of the last lines of a container that failed
  bool operator==(const TaskLogLine&) const = default;
};
struct TasksCompleted {
  int count = 1;
  bool operator==(const TasksCompleted&) const = default;
};

// ---- Services ----------------------------------------------------------------------------------

struct ServiceUpdated {
  std::string deployment_id;        // ours; empty when AWS created none (nothing changed)
  std::string service_revision;     // ARN, empty when AWS did not say
  std::string service_deployment;   // ARN, empty when AWS did not say
  std::string old_task_definition;  // "family:revision"
  std::string new_task_definition;
  int desiredCount = 0;
  bool forced = false;
  bool operator==(const ServiceUpdated&) const = default;
};
struct ServiceObserved {
  ServiceSnapshot service;
  std::string our_deployment;  // id, empty when nothing was created
  bool operator==(const ServiceObserved&) const = default;
};
struct ServiceEvent {  // a new entry of the service's own event list
  std::string message;
  TimePoint createdAt;
  std::string id;
  bool operator==(const ServiceEvent&) const = default;
};
struct FirstTaskRunning {  // of the new revision: it can run at all
  std::string task_id;
  std::string healthStatus;  // HEALTHY when a container has a health check
  bool operator==(const FirstTaskRunning&) const = default;
};
struct CheckingStability {
  bool operator==(const CheckingStability&) const = default;
};
struct ServiceStable {
  bool operator==(const ServiceStable&) const = default;
};

// One look at a service deployment (not at the service), when it showed something new.
struct ServiceDeploymentObserved {
  std::string service_deployment;  // ARN
  std::string status;              // IN_PROGRESS, ROLLBACK_SUCCESSFUL, ...
  std::string statusReason;
  std::string lifecycleStage;
  std::vector<std::string> paused_at;  // ids of the hooks that wait for somebody
  bool operator==(const ServiceDeploymentObserved&) const = default;
};

// One look at a deployment of CodeDeploy, when it showed something new.
struct CodeDeployObserved {
  std::string deployment;      // "d-A1B2C3D4E"
  std::string status;          // InProgress, Ready, Stopped, ...
  std::string reason;          // in CodeDeploy's words
  std::string lifecycleEvent;  // the one under way: Install, AllowTraffic, ...
  std::string waits_for;       // READY_WAIT or TERMINATION_WAIT; empty: it does not wait
  std::string takes_back;      // the deployment that this one is the way back from
  bool operator==(const CodeDeployObserved&) const = default;
};

// Why a release failed, gathered once at the end of a failed item.
struct StoppedTaskGroup {
  int count = 1;
  std::string stopCode;
  std::string stoppedReason;
  std::vector<StoppedContainer> containers;
  std::string example_task_id;
  bool operator==(const StoppedTaskGroup&) const = default;
};
struct FailureExplained {
  std::vector<StoppedTaskGroup> stopped_tasks;  // of our deployment, most frequent first
  std::vector<ServiceEvent> service_events;     // since we began, oldest first
  std::string status_reason;                    // of the service deployment, empty when unknown
  bool operator==(const FailureExplained&) const = default;
};

// ---- Traffic -----------------------------------------------------------------------------------

// The weights are in force, and were read back. In percent of the new side.
struct TrafficShifted {
  std::string mover;     // "alb"
  std::string what;      // where the weights are: "rule app/shop/3f2a", "api.example.com"
  std::string new_side;  // the service that gets the new side's share
  int from = 0;
  int to = 0;
  bool undo = false;  // traffic goes back
  bool operator==(const TrafficShifted&) const = default;
};
// A step's weight is in force; from now on it is watched.
struct StepStarted {
  int step = 1;  // of `steps`, from 1
  int steps = 1;
  int weight = 0;
  Duration bake{};
  bool operator==(const StepStarted&) const = default;
};
// One evaluation of one check.
struct CheckEvaluated {
  std::string name;
  CheckVerdict verdict = CheckVerdict::kPass;
  std::optional<double> value;
  std::string condition;  // "< 1", what it has to be
  std::string detail;     // more about it, in words
  int weight = 0;         // of the step
  bool dry_run = false;   // counts for nothing
  bool operator==(const CheckEvaluated&) const = default;
};
// The step waits for a person.
struct StepPaused {
  int weight = 0;
  std::string reason;  // "check latency is inconclusive"
  std::string go_on;   // the commands
  std::string go_back;
  bool operator==(const StepPaused&) const = default;
};
// One look at a target group.
struct TargetsObserved {
  std::string target_group;  // its name
  bool is_new_side = true;
  int total = 0;  // draining ones not counted
  int healthy = 0;
  int initial = 0;
  int unhealthy = 0;
  int draining = 0;
  std::string reason;  // of an unhealthy one
  bool operator==(const TargetsObserved&) const = default;
};

// ---- Schedules ---------------------------------------------------------------------------------

struct TargetMoved {
  std::string trigger;              // "rule shop-nightly"
  std::string target;               // its Id; empty for a schedule, which has one target
  std::string old_task_definition;  // "family:revision"; empty for a target that is new
  std::string new_task_definition;  // empty for a target that was taken away
  bool operator==(const TargetMoved&) const = default;
};
struct TargetLeft {  // it runs a family that this release does not touch, or follows by itself
  std::string trigger;
  std::string target;
  std::string task_definition;
  std::string reason;
  bool operator==(const TargetLeft&) const = default;
};

// ---- Who is told -------------------------------------------------------------------------------

struct NotificationSent {
  std::string topic;
  std::string status;  // "started", "succeeded", "failed"
  std::string message_id;
  bool operator==(const NotificationSent&) const = default;
};

// ---- Undoing -----------------------------------------------------------------------------------

struct RollbackStarted {
  std::vector<std::string> services;
  std::vector<std::string> schedules;
  std::string because;
  bool operator==(const RollbackStarted&) const = default;
};
struct ServiceRolledBack {
  std::string to;  // "family:revision"
  bool operator==(const ServiceRolledBack&) const = default;
};

// Anything else worth a line.
enum class NoteLevel { kDebug, kInfo, kWarning, kError };
struct Note {
  NoteLevel level = NoteLevel::kInfo;
  std::string message;
  bool operator==(const Note&) const = default;
};

using EventBody = std::variant<
    RunStarted, PlanMade, RunEnded, Interrupted, StageEmpty, StageStarted, StageEnded, ItemStarted,
    ItemEnded, BaseTaskDefinition, ContainerNotListed, ContainerMissing, ImageUnchanged,
    ImageChanged, NothingToRegister, TaskDefinitionRegistering, TaskDefinitionRegistered,
    TaskDefinitionDeregistered, TaskDefinitionDeleted, CallAnnounced, CallMade, CallDenied,
    PollFailed, TaskParameters, TasksStarted, TaskNotStarted, TaskObserved, TaskStopped,
    TaskLogLine, TasksCompleted, ServiceUpdated, ServiceObserved, ServiceEvent, FirstTaskRunning,
    CheckingStability, ServiceStable, ServiceDeploymentObserved, CodeDeployObserved,
    FailureExplained, TrafficShifted, StepStarted, CheckEvaluated, StepPaused, TargetsObserved,
    TargetMoved, TargetLeft, NotificationSent, RollbackStarted, ServiceRolledBack, Note>;

struct Event {
  TimePoint at;
  Subject subject;
  EventBody body;
  bool operator==(const Event&) const = default;
};

// Whoever wants to see events: the views and the journal.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void on(const Event& event) = 0;
};

// {"schema":1,"at":"...","type":"service_observed","stage":"services","kind":"service","item":"web",
// "data":{...the members of the body}}. One schema
// for JSON lines and for the journal; docs/events.md lists every type and member.
inline constexpr int kEventSchema = 1;
std::string_view type_of(const EventBody& body);
Json to_json(const Event& event);
// kInvalid when a type or a member of it is not known to this version.
Result<Event> event_from_json(const Json& json);

}  // namespace slipway
