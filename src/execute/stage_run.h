// One stage while it runs; internal to the executor. An item is a fiber; what they share (the
// registrations, who has ended, the poller) is here, and needs no locks.
#pragma once

#include "base/gate.h"
#include "execute/code_deploy_shift.h"
#include "execute/executor.h"
#include "execute/poller.h"
#include "execute/task_logs.h"
#include "execute/traffic_shift.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace slipway {

// A look this old is made again before anything is changed because of it.
inline constexpr Duration kFresh = std::chrono::seconds(30);

class StageRun {
 public:
  StageRun(Context& context, const ExecutorSettings& settings, RunState& state,
           const PlanStage& stage, const Snapshot& snapshot);

  // Runs all items; returns when each has ended.
  std::vector<ItemReport> run();

 private:
  struct Item {
    const PlanItem& plan;
    ItemReport report;
    bool is_cyclic = false;  // waits for itself, by way of others
    bool has_ended = false;
    bool is_blocked = false;         // never begun, because of another's failure
    std::set<StepIndex> has_told{};  // registrations it has said that it uses
  };
  // A step of the first item that needs it, done by whichever of them comes first.
  struct Registration {
    bool is_running = false;
    std::optional<Result<TaskDefinitionSnapshot>> result;
  };

  // ---- Items ----
  void run_item(Item& item);
  Verdict attempt(Item& item);
  std::optional<Verdict> wait_for_predecessors(Item& item);
  // Of what was called off before its turn came.
  Verdict not_begun(const Error& why) const;
  std::optional<Verdict> check_expectations(Item& item);
  void find_cycles();
  const Item* find_item(ItemKind kind, const std::string& name) const;
  std::optional<Verdict> check_service(Item& item, const ServiceStillUses& still);
  std::string definition_before(const PlanItem& item) const;

  // One step of its item; anything but success ends the item.
  Verdict act(Item& item, const Step& step, const RegisterTaskDefinition& action);
  Verdict act(Item& item, const Step& step, const RunTask& action);
  Verdict act(Item& item, const Step& step, const UpdateService& action);
  Verdict act(Item& item, const Step& step, const ShiftTraffic& action);    // stage_run_traffic.cc
  Verdict act(Item& item, const Step& step, const RestoreTraffic& action);  // stage_run_traffic.cc
  Verdict act(Item& item, const Step& step, const ShiftByEcs& action);      // stage_run_ecs.cc
  // stage_run_code_deploy.cc
  Verdict act(Item& item, const Step& step, const ShiftByCodeDeploy& action);
  Verdict act(Item& item, const Step& step, const ObserveService& action);
  Verdict act(Item& item, const Step& step, const PutTargets& action);
  Verdict act(Item& item, const Step& step, const RemoveTargets& action);
  Verdict act(Item& item, const Step& step, const UpdateSchedule& action);
  Verdict act(Item& item, const Step& step, const LeaveTargets& action);
  Verdict act(Item& item, const Step& step, const ObserveTasks& action);
  Verdict act(Item& item, const Step& step, const Refuse& action);
  Verdict act(Item& item, const Step& step, const Skip& action);

  // ---- Task definitions ----
  Result<TaskDefinitionSnapshot> registered(Item& item, StepIndex index);
  Result<std::string> resolve(Item& item, const TaskDefinitionTarget& target);

  // ---- One-off tasks (stage_run_tasks.cc) ----
  struct TaskWatching {
    std::optional<Duration> max_wait{};
    const Json* task_definition = nullptr;  // null when it is not known
    bool essential_only = false;
  };
  const Json* definition_of(const TaskDefinitionTarget& target) const;
  Verdict watch_tasks(Item& item, const std::vector<std::string>& task_arns,
                      const TaskWatching& how);
  void tell_end(const Item& item, const TaskWatch& watch, const TaskLook& look, bool ok,
                TaskLogs* logs);

  // ---- Services (stage_run_services.cc) ----
  Verdict update(Item& item, const Step& step, const UpdateService& action,
                 const ServiceSnapshot& before);
  struct UpdateToSend {
    aws::UpdateServiceRequest request;
    ServiceWatch watch;
  };
  Result<UpdateToSend> prepare_update(Item& item, const Step& step, const UpdateService& action,
                                      const ServiceSnapshot& before);
  // An update that ECS has taken. The error is in the item's verdict already.
  struct SentUpdate {
    ServiceWatch watch;
    ServiceLook answer;
  };
  Result<SentUpdate> send_update(Item& item, const Step& step, const UpdateService& action,
                                 const ServiceSnapshot& before);
  void tell_update(const Item& item, const UpdateService& action, const ServiceSnapshot& before,
                   const SentUpdate& sent);
  // The service, when it is still ours to take back; else the item's verdict says what it is.
  Result<ServiceLook> look_before_undo(Item& item, const std::string& service);
  Verdict undo(Item& item, const Step& step, const UpdateService& action);
  // `answer` is what UpdateService said, null when nothing was sent.
  Verdict watch_service(Item& item, ServiceWatch watch, const ServiceLook* answer);
  void explain_failure(Item& item, const ServiceWatch& watch, const ServiceLook& last,
                       const std::set<std::string>& old_events,
                       const std::string& service_deployment, Verdict& verdict);

  // ---- Traffic (stage_run_traffic.cc) ----
  // The service runs `definition` with so many tasks, and all its targets are healthy.
  Verdict bring_up(Item& item, const TrafficEnd& end, const std::string& definition, int count,
                   Duration max_wait);
  Verdict wait_for_targets(Item& item, const TrafficEnd& end, int count, TimePoint until);
  Verdict bring_down(Item& item, const TrafficEnd& end, bool is_undo);
  Verdict shift(Item& item, const ShiftTraffic& action, const std::string& definition,
                Weights& weights, TrafficChecks& checks);
  Verdict take_over(Item& item, const ShiftTraffic& action, Weights& weights,
                    TrafficChecks& checks);
  Verdict not_up(Item& item, const ShiftTraffic& action, Verdict up);
  Verdict finish_shift(Item& item, const ShiftTraffic& action, Weights& weights);
  Verdict give_up(Item& item, const ShiftTraffic& action, Weights& weights, Error why, int weight);
  // All traffic to the old side, and the new one to no task.
  Verdict bring_back(Item& item, const Canary& canary, const TrafficEnd& back_to,
                     const TrafficEnd& away_from, Weights& weights, Error why);
  std::optional<Verdict> drain(Item& item, const Weights& weights, const TrafficEnd& back_to,
                               const TrafficEnd& away_from);
  Verdict restart(Item& item, const RestoreTraffic& action, const Split& split);
  void pause(Item& item, const Error& why, int weight);

  // ---- Task sets of one service (stage_run_task_sets.cc) ----
  // The new side gets a task set, `begun.to` is it, and all its targets are healthy.
  Verdict bring_up_task_set(Item& item, ShiftTraffic& begun, const std::string& definition);
  Verdict scale_up_task_set(Item& item, const TrafficEnd& end, double percent, Duration max_wait);
  Verdict restart_task_set(Item& item, const RestoreTraffic& action);
  // The old side stays, with no task, for a rollback; what is undone is deleted.
  Verdict take_down_task_set(Item& item, const TrafficEnd& end, bool is_undo);
  Verdict watch_task_set(Item& item, const TrafficEnd& end, TimePoint since, Duration max_wait);
  // Sides that are no task set have nothing to be.
  Verdict be_primary(Item& item, const TrafficEnd& end, bool is_undo);
  Result<ServiceLook> look_now(const TrafficSide& side);

  // ---- Traffic that ECS moves (stage_run_ecs.cc) ----
  Verdict shift(Item& item, const Step& step, const ShiftByEcs& action,
                const ServiceSnapshot& before);
  void put_back_configuration(Item& item, const ShiftByEcs& action);
  void tell_who_goes_on(Item& item, const ShiftByEcs& action);
  void tell_what_stays(Item& item, const ShiftByEcs& action);
  std::optional<Verdict> wait_at_hook(Item& item, const ServiceWatch& watch,
                                      const ServiceLook& look);
  void tell_stable(Item& item, const ServiceWatch& watch, const std::optional<ServiceLook>& last);
  Verdict undo(Item& item, const Step& step, const ShiftByEcs& action);

  // ---- Traffic that CodeDeploy moves (stage_run_code_deploy.cc) ----
  Verdict shift(Item& item, const Step& step, const ShiftByCodeDeploy& action,
                const ServiceSnapshot& before);
  Result<ServiceWatch> send_deployment(Item& item, const Step& step,
                                       const ShiftByCodeDeploy& action,
                                       const ServiceSnapshot& before);
  Verdict report_end(Item& item, const ServiceWatch& watch, CodeDeployEnd end);
  Verdict undo(Item& item, const Step& step, const ShiftByCodeDeploy& action);
  Verdict stop_and_follow(Item& item, const ShiftByCodeDeploy& action, const ServiceWatch& watch);
  Verdict follow_code_deploy(Item& item, const ObserveService& action, const ServiceWatch& watch);

  // ---- Schedules (stage_run_schedules.cc) ----
  std::optional<Verdict> check_targets(Item& item, const TargetsUnchanged& unchanged);
  Result<Json> settle(Item& item, const TargetPut& put);
  void moved(Item& item, const std::string& trigger, const Json* before, const Json& now);
  Verdict refused_change(Item& item, Error error);
  Verdict put_back(Item& item, const PutTargets& action);
  Verdict take_away(Item& item, const RemoveTargets& action);
  Verdict put_back(Item& item, const UpdateSchedule& action);

  // ---- What can be taken back ----
  // Before the call: what would undo the step, newest first.
  StartedChange& remember(const Item& item, const Step& step);
  void forget(const Item& item);  // nothing of it has happened
  // The change that an item of the way back takes back; null when this run has not made it.
  const StartedChange* started_change(const Item& item) const;
  static Error not_changed_by_us(const Item& item);
  // What taking it back came to, by what the item did.
  Verdict rolled_back(Item& item, Verdict verdict);

  // What the plan was made from, or a later look; null when neither has the service.
  struct Known {
    ServiceSnapshot service;
    TimePoint at;
  };
  const Known* known(const std::string& service) const;
  static Verdict was_not_observed(const std::string& service);
  void look_again(const std::vector<std::string>& services);

  bool is_undo() const { return stage_.kind == StageKind::kRollback; }
  TimePoint now() const { return context_.clock().now(); }
  void say(const Item& item, EventBody body);
  void set_in_progress(const Item& item, const std::string& what);

  Context& context_;
  const ExecutorSettings& settings_;
  RunState& state_;
  const PlanStage& stage_;
  const Snapshot& snapshot_;
  std::map<std::string, Result<Known>> known_;
  std::map<std::string, TriggerSnapshot> triggers_;  // by their words
  std::map<StepIndex, Registration> registrations_;
  std::vector<Item> items_;
  std::optional<Gate> places_;
  Bell changed_;  // an item has ended, a registration is done
  Poller poller_;
};

}  // namespace slipway
