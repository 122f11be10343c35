#include "sim/scheduler.h"

#include "sim/blue_green.h"
#include "sim/deployments.h"
#include "sim/ecs_events.h"
#include "sim/placement.h"
#include "sim/service_events.h"
#include "sim/service_scaling.h"
#include "sim/target_groups.h"
#include "sim/tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace slipway::sim {
namespace {

void tick(Region& region, Service& service);

// ---- Taking stock -----------------------------------------------------------------------------

// The tasks that are meant to run, by what the scheduler may do with them.
struct Census {
  // To be replaced: of an older deployment, on a draining instance, or in the wrong zone.
  std::vector<Task*> old_healthy, old_unready;
  // Of the PRIMARY deployment.
  std::vector<Task*> healthy, waiting, unhealthy;
  int still_stopping = 0;

  int live() const {
    return static_cast<int>(old_healthy.size() + old_unready.size() + healthy.size() +
                            waiting.size() + unhealthy.size());
  }
  int all_healthy() const { return static_cast<int>(old_healthy.size() + healthy.size()); }
};

bool is_outgoing(const Service& service, const Task& task) {
  return task.deployment != service.primary() ||
         (task.instance != nullptr && task.instance->status == "DRAINING");
}

// Whether it counts as healthy; the first time has consequences for its deployment.
bool check_health(Region& region, const Service& service, Task& task) {
  const bool healthy = counts_as_healthy(region, task);
  if (healthy && !task.seen_healthy) {
    task.seen_healthy = true;
    task.deployment->has_been_healthy = true;
    if (service.settings.resetOnHealthyTask) task.deployment->failedTasks = 0;
  }
  return healthy;
}

Census take_census(Region& region, Service& service) {
  Census census;
  for (Task* task : service.tasks) {
    if (task->stopping) {
      if (task->state != TaskState::kStopped) ++census.still_stopping;
      continue;
    }
    const bool healthy = check_health(region, service, *task);
    if (is_outgoing(service, *task))
      (healthy ? census.old_healthy : census.old_unready).push_back(task);
    else if (healthy)
      census.healthy.push_back(task);
    else
      (is_unhealthy(region, *task) ? census.unhealthy : census.waiting).push_back(task);
  }
  return census;
}

// Tasks that are gone leave the service; those that failed are counted, once, when they stop
// executing.
void reap(Region& region, Service& service) {
  bool another_failed = false;
  for (Task* task : service.tasks) {
    if (!task->stopping || task->failure_counted || !task->executionStoppedAt) continue;
    task->failure_counted = true;
    if (task->stopCode != "TaskFailedToStart" && task->stopCode != "EssentialContainerExited")
      continue;
    if (task->never_ran()) {
      ++task->deployment->failedTasks;
      ++service.consecutive_failures;
      another_failed = true;
    } else if (!task->deployment->has_been_healthy) {
      ++task->deployment->failedTasks;
    }
  }
  for (Task* task : service.tasks) {
    if (task->state != TaskState::kStopped) continue;
    if (!task->targets.empty()) deregister_targets(region, *task, true);
    task->service = nullptr;
    task->deployment = nullptr;
  }
  std::erase_if(service.tasks, [](const Task* task) { return task->service == nullptr; });

  constexpr int kPatience = 3;
  if (another_failed && service.consecutive_failures > kPatience) {
    const double factor = std::exp2(std::min(service.consecutive_failures - kPatience, 20));
    const auto wait =
        std::min(region.knobs.start_back_off_cap,
                 Duration(static_cast<Duration::rep>(
                     static_cast<double>(region.knobs.start_back_off.count()) * factor)));
    service.not_before = region.now + wait;
    const bool is_news =
        say_once(region, service, "back-off",
                 "is unable to consistently start tasks successfully. For more information, see "
                 "the Troubleshooting section of the Amazon ECS Developer Guide.");
    if (is_news) tell_of_service(region, service, "WARN", "SERVICE_TASK_START_IMPAIRED");
  }
}

// ---- The tick ---------------------------------------------------------------------------------

void next_tick(Region& region, Service& service, Duration after) {
  service.tick.set(
      region.timeline, region.now + after, [&region, &service] { tick(region, service); },
      Rank::kScheduler);
}

bool back_off_is_over(Region& region, Service& service) {
  if (service.not_before && region.now < *service.not_before) return false;
  service.not_before.reset();
  return true;
}

// Starts in the least used zone what scale-in will then take from the most used one.
bool is_out_of_balance(const Region& region, const Service& service) {
  if (service.availabilityZoneRebalancing != "ENABLED" || service.is_daemon ||
      upper_bound(service) <= service.desiredCount)
    return false;
  std::map<std::string, int> by_zone;
  for (std::size_t i = 0; i < service.workload.subnets.size(); ++i) by_zone[zone(region, i)];
  for (const auto& [id, instance] : service.cluster->instances)
    if (instance->status == "ACTIVE" && service.workload.subnets.empty())
      by_zone[instance->availability_zone];
  for (const Task* task : service.tasks)
    if (!task->stopping) ++by_zone[task->availability_zone];
  if (by_zone.size() < 2) return false;
  const auto [least, most] =
      std::minmax_element(by_zone.begin(), by_zone.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; });
  return most->second - least->second > 1;
}

// Moves the service as far towards its PRIMARY deployment as its bounds allow. True when there is
// nothing left to move.
bool converge(Region& region, Service& service) {
  Deployment& primary = *service.primary();
  Census census = take_census(region, service);
  const int lo = lower_bound(service);
  const int hi = upper_bound(service);
  const int wanted = service.desiredCount + (service.rebalancing ? 1 : 0);
  Stops stops(region, service);

  // Given up: nothing is started and what is old keeps serving; only a smaller desiredCount counts.
  if (primary.failure) {
    stops.scale_in({&census.unhealthy, &census.waiting, &census.healthy},
                   census.live() - service.desiredCount);
    report_stops(region, service, stops.done());
    move_targets(region, service);
    return false;
  }

  // 1 Old tasks: those that do not serve cost nothing; of the others as many as `lo` can spare.
  const int spare = census.all_healthy() - lo;
  stops.scale_in(census.old_unready, static_cast<int>(census.old_unready.size()));
  stops.scale_in(census.old_healthy, spare);

  // 2 A healthy replacement lets an unhealthy task go. Without room for a replacement they go one
  // by one, while enough still runs.
  const auto fresh_healthy = static_cast<int>(census.healthy.size());
  const auto ill = static_cast<int>(census.unhealthy.size());
  stops.replace_unhealthy(census.unhealthy, fresh_healthy + ill - wanted);
  const auto stopping = [&] {
    return region.knobs.stopping_counts_toward_max
               ? census.still_stopping + static_cast<int>(stops.done().size())
               : 0;
  };
  if (!census.unhealthy.empty() && hi - census.live() - stopping() <= 0 && stops.done().empty()) {
    const int running = count_tasks(service).running;
    if (running - 1 >= lo || lo >= hi) stops.replace_unhealthy(census.unhealthy, 1);
  }

  // 3 New tasks, as many as `hi` has room for.
  const auto current = static_cast<int>(census.healthy.size() + census.waiting.size());
  const int missing = std::min(hi - census.live() - stopping(), wanted - current);
  Starts starts;
  if (missing > 0 && back_off_is_over(region, service))
    starts = start_tasks(region, service, primary, missing);

  // 4 Surplus of the PRIMARY itself, the least useful first.
  stops.scale_in({&census.waiting, &census.healthy}, current - wanted);

  report_stops(region, service, stops.done());
  report_starts(region, service, starts.done, std::min(static_cast<int>(starts.done.size()), ill));
  report_shortage(region, service, starts.shortage);
  move_targets(region, service);

  const bool moved = !stops.done().empty() || !starts.done.empty();
  if (stops.protection_held() && !moved)
    say_once(region, service, "protected",
             fmt::format("was unable to reach steady state because task set ({}) was unable to "
                         "scale in. Reason: The number of protected tasks are more than the "
                         "desired count of tasks.",
                         primary.id));
  else
    forget(service, "protected");

  // Everybody is healthy, work is left, and neither bound lets a task stop or start.
  const bool stuck = !moved && !census.old_healthy.empty() && census.waiting.empty() &&
                     census.unhealthy.empty() && spare <= 0 && missing <= 0;
  if (stuck)
    say_once(region, service, "stuck",
             "was unable to stop or start tasks during a deployment because of the service "
             "deployment configuration. Update the minimumHealthyPercent or maximumPercent value "
             "and try again.");
  else
    forget(service, "stuck");

  const bool settled = !moved && census.old_healthy.empty() && census.old_unready.empty() &&
                       census.waiting.empty() && census.unhealthy.empty() &&
                       static_cast<int>(census.healthy.size()) == wanted;
  if (settled && service.rebalancing) {
    service.rebalancing = false;  // the next tick takes the surplus from the crowded zone
    return false;
  }
  return settled;
}

void settle(Region& region, Service& service) {
  Deployment& primary = *service.primary();
  if (primary.rolloutState == RolloutState::kInProgress) {
    // A rollback of weights had nothing new to start, and so has nothing to bake.
    const bool bakes = primary.record == nullptr || !primary.record->lifecycleStage;
    if (bakes && service.settings.alarms_enabled && !service.settings.alarmNames.empty()) {
      if (!primary.bakes_until)
        primary.bakes_until =
            region.now + service.settings.bakeTime.value_or(region.knobs.alarm_bake);
      if (region.now < *primary.bakes_until) return next_tick(region, service, region.knobs.t_tick);
    }
    complete_deployment(region, service);
  }
  if (!service.steady) forget(service, "steady");
  service.steady = true;
  report_steady_state(region, service);
  if (is_out_of_balance(region, service)) {
    service.rebalancing = true;
    return next_tick(region, service, region.knobs.t_tick);
  }
  next_tick(region, service, region.knobs.event_repeat);
}

void become_inactive(Region& region, Service& service) {
  service.status = ServiceStatus::kInactive;
  service.inactive_since = region.now;
  service.desiredCount = 0;
  service.tick.cancel();
  for (Task* task : service.tasks) {
    if (!task->targets.empty()) deregister_targets(region, *task, true);
    task->service = nullptr;
    task->deployment = nullptr;
  }
  service.tasks.clear();
  for (const auto& deployment : service.deployments)
    --deployment->workload().definition->references;
  service.deployments.clear();
  service.last_completed = nullptr;
  region.timeline.at(region.now + region.knobs.inactive_visible,
                     [cluster = service.cluster, name = service.name, serial = service.serial] {
                       const auto found = cluster->services.find(name);
                       if (found != cluster->services.end() && found->second->serial == serial)
                         cluster->services.erase(found);
                     });
}

void tick_draining(Region& region, Service& service) {
  move_targets(region, service);
  const bool all_going = std::all_of(
      service.tasks.begin(), service.tasks.end(),
      [](const Task* task) { return task->stopping && task->state != TaskState::kDeactivating; });
  if (all_going) return become_inactive(region, service);
  next_tick(region, service, region.knobs.t_tick);
}

// EXTERNAL and CODE_DEPLOY services: each task set has its share of the desired count, whatever the
// others do.
void tick_task_sets(Region& region, Service& service) {
  bool settled = true;
  for (const auto& deployment : service.deployments) {
    TaskSet& set = *deployment->task_set;
    const int wanted = set.draining ? 0 : computed_desired_count(service, *deployment);
    std::vector<Task*> live = live_tasks(service, *deployment);
    Stops stops(region, service);
    stops.scale_in(live, static_cast<int>(live.size()) - wanted);
    report_stops(region, service, stops.done());
    Starts starts;
    if (back_off_is_over(region, service))
      starts = start_tasks(region, service, *deployment, wanted - static_cast<int>(live.size()));
    report_starts(region, service, starts.done, 0);
    report_shortage(region, service, starts.shortage);
    const auto healthy = std::count_if(live.begin(), live.end(), [&](const Task* task) {
      return counts_as_healthy(region, *task);
    });
    const bool steady = stops.done().empty() && starts.done.empty() && healthy == wanted;
    if (steady != set.steady) {
      set.steady = steady;
      set.stabilityStatusAt = region.now;
    }
    settled = settled && steady;
  }
  move_targets(region, service);
  std::erase_if(service.deployments, [&](const auto& deployment) {
    const bool gone = deployment->task_set->draining &&
                      std::none_of(service.tasks.begin(), service.tasks.end(), [&](const Task* t) {
                        return t->deployment == deployment.get();
                      });
    if (gone) --deployment->workload().definition->references;
    return gone;
  });
  if (settled && !service.steady) {
    forget(service, "steady");
    report_steady_state(region, service);
  }
  service.steady = settled;
  next_tick(region, service, settled ? region.knobs.event_repeat : region.knobs.t_tick);
}

void tick(Region& region, Service& service) {
  reap(region, service);
  if (service.status == ServiceStatus::kDraining) return tick_draining(region, service);
  report_ill_health(region, service);
  if (service.has_task_sets()) return tick_task_sets(region, service);
  advance_records(region, service);
  drop_finished_deployments(region, service);
  if (service.is_daemon) service.desiredCount = static_cast<int>(daemon_instances(service).size());
  if (const std::optional<Failure> failure = detect_failure(region, service)) {
    fail_deployment(region, service, *failure);
    return next_tick(region, service, region.knobs.t_tick);
  }
  if (service.primary()->shift) {
    service.steady = false;
    return next_tick(region, service, tick_shift(region, service));
  }
  const bool settled = converge(region, service);
  const auto listed =
      std::count_if(service.deployments.begin(), service.deployments.end(),
                    [](const auto& d) { return d->status != DeploymentStatus::kInactive; });
  if (settled && listed == 1) return settle(region, service);
  service.steady = false;
  next_tick(region, service, region.knobs.t_tick);
}

}  // namespace

bool hold_at(Region& region, Service& service, Deployment& deployment, int wanted) {
  std::vector<Task*> healthy, waiting, unhealthy;
  for (Task* task : live_tasks(service, deployment))
    (check_health(region, service, *task) ? healthy
     : is_unhealthy(region, *task)        ? unhealthy
                                          : waiting)
        .push_back(task);
  Stops stops(region, service);
  const auto ill = static_cast<int>(unhealthy.size());
  stops.replace_unhealthy(unhealthy, ill);
  const int surplus = static_cast<int>(healthy.size() + waiting.size()) - wanted;
  const int missing = -surplus;
  stops.scale_in({&waiting, &healthy}, surplus);
  Starts starts;
  if (missing > 0 && back_off_is_over(region, service)) {
    starts = start_tasks(region, service, deployment, missing);
    report_shortage(region, service, starts.shortage);
  }
  report_stops(region, service, stops.done());
  report_starts(region, service, starts.done, std::min(static_cast<int>(starts.done.size()), ill));
  return stops.done().empty() && starts.done.empty() &&
         static_cast<int>(healthy.size()) == wanted && waiting.empty() && unhealthy.empty();
}

void move_targets(Region& region, Service& service) {
  std::map<std::string, int> registered, deregistered;
  std::map<std::string, int> draining;  // tasks by deployment
  for (Task* task : service.tasks) {
    if (task->deployment == nullptr) continue;
    const auto& balancers = task->deployment->workload().load_balancers;
    if (task->state == TaskState::kRunning && !task->stopping && task->targets.empty() &&
        !balancers.empty()) {
      register_targets(region, *task);
      for (const Target* target : task->targets) ++registered[target->group->TargetGroupArn];
    }
    if (!task->stopping || *task->stoppingAt >= region.now) continue;
    bool leaves = false;
    for (const Target* target : task->targets) {
      if (target->state == TargetState::kDraining) continue;
      leaves = true;
      ++deregistered[target->group->TargetGroupArn];
    }
    if (!leaves) continue;
    deregister_targets(region, *task);
    ++draining[task->deployment->id];
  }
  for (const auto& [group, count] : registered)
    say(region, service, fmt::format("registered {} targets in (target-group {})", count, group));
  for (const auto& [group, count] : deregistered)
    say(region, service, fmt::format("deregistered {} targets in (target-group {})", count, group));
  for (const auto& [deployment, count] : draining)
    say_as_is(region, service,
              fmt::format("(service {}, taskSet {}) has begun draining connections on {} tasks.",
                          service.name, deployment, count));
}

void wake(Region& region, Service& service) {
  if (service.status == ServiceStatus::kInactive) return;
  const TimePoint soon = region.now + region.knobs.t_tick;
  const auto due = service.tick.due();
  if (!due || *due > soon) next_tick(region, service, region.knobs.t_tick);
}

void task_is_running(Region& region, Task& task) {
  if (task.service == nullptr) return;
  task.deployment->has_run = true;
  task.service->consecutive_failures = 0;
  task.service->not_before.reset();
  forget(*task.service, "back-off");
  wake(region, *task.service);
}

void task_is_stopping(Region& region, Task& task) {
  if (task.service != nullptr) wake(region, *task.service);
}

int lower_bound(const Service& service) {
  return static_cast<int>(
      std::ceil(service.desiredCount * service.settings.minimumHealthyPercent / 100.0));
}

int upper_bound(const Service& service) {
  return static_cast<int>(
      std::floor(service.desiredCount * service.settings.maximumPercent / 100.0));
}

void drain_service(Region& region, Service& service) {
  service.status = ServiceStatus::kDraining;
  service.desiredCount = 0;
  for (const auto& deployment : service.deployments) {
    if (deployment->task_set) deployment->task_set->draining = true;
  }
  for (const auto& record : service.history) {
    if (!is_over(record->status)) {
      record->status = ServiceDeploymentStatus::kStopped;
      record->stoppedAt = record->updatedAt = region.now;
    }
  }
  for (Task* task : service.tasks)
    stop(region, *task, kServiceSchedulerInitiated,
         fmt::format("Scaling activity initiated by (deployment {})", task->deployment->id));
  wake(region, service);
}

int computed_desired_count(const Service& service, const Deployment& task_set) {
  return static_cast<int>(
      std::ceil(service.desiredCount * task_set.task_set->scale_percent / 100.0 - 1e-9));
}

TaskCounts count_tasks(const Service& service, const Deployment* deployment) {
  TaskCounts counts;
  for (const Task* task : service.tasks) {
    if (deployment != nullptr && task->deployment != deployment) continue;
    if (!task->stopping) ++counts.live;
    switch (task->state) {
      case TaskState::kRunning:
        ++counts.running;
        break;
      case TaskState::kProvisioning:
      case TaskState::kPending:
      case TaskState::kActivating:
        ++counts.pending;
        break;
      default:
        break;
    }
  }
  return counts;
}

std::string_view to_string(ServiceStatus status) {
  switch (status) {
    case ServiceStatus::kActive:
      return "ACTIVE";
    case ServiceStatus::kDraining:
      return "DRAINING";
    case ServiceStatus::kInactive:
      return "INACTIVE";
  }
  return "";
}

}  // namespace slipway::sim
