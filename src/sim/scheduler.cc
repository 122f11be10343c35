#include "sim/scheduler.h"

#include "sim/blue_green.h"
#include "sim/deployments.h"
#include "sim/json_writer.h"
#include "sim/placement.h"
#include "sim/target_groups.h"
#include "sim/tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace slipway::sim {
namespace {

constexpr std::size_t kMostEvents = 100;
constexpr std::string_view kScheduler = "ServiceSchedulerInitiated";

void tick(Region& region, Service& service);

// ---- Saying -----------------------------------------------------------------------------------

// A condition that lasts has one event until it clears or `event_repeat` has passed.
void say_once(Region& region, Service& service, std::string_view condition,
              std::string_view message) {
  const auto said = service.said.find(condition);
  if (said != service.said.end() && region.now < said->second + region.knobs.event_repeat) return;
  service.said.insert_or_assign(std::string(condition), region.now);
  say(region, service, message);
}

void clear(Service& service, std::string_view condition) {
  if (const auto said = service.said.find(condition); said != service.said.end())
    service.said.erase(said);
}

std::string task_list(const std::vector<Task*>& tasks) {
  std::string list;
  for (const Task* task : tasks) list += fmt::format(" (task {})", task->id);
  return list;
}

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
    say_once(region, service, "back-off",
             "is unable to consistently start tasks successfully. For more information, see the "
             "Troubleshooting section of the Amazon ECS Developer Guide.");
  }
}

// ---- Stopping ---------------------------------------------------------------------------------

// From the zone with most tasks, there from the instance with most, there the newest.
Task* next_to_stop(const Service& service, const std::vector<Task*>& candidates) {
  std::map<std::string_view, int> by_zone, by_instance;
  for (const Task* task : service.tasks) {
    if (task->stopping) continue;
    ++by_zone[task->availability_zone];
    ++by_instance[task->containerInstanceArn];
  }
  return *std::max_element(candidates.begin(), candidates.end(), [&](const Task* a, const Task* b) {
    return std::tuple(by_zone[a->availability_zone], by_instance[a->containerInstanceArn],
                      a->serial) < std::tuple(by_zone[b->availability_zone],
                                              by_instance[b->containerInstanceArn], b->serial);
  });
}

// Stops tasks within what max_stops_per_tick allows, and remembers which.
class Stops {
 public:
  Stops(Region& region, Service& service)
      : region_(region),
        service_(service),
        left_(region.knobs.max_stops_per_tick.value_or(service.tasks.size())) {}

  // Up to `count` of `tasks`, which loses them. Protected tasks stay.
  void scale_in(std::vector<Task*>& tasks, int count) {
    std::vector<Task*> candidates;
    for (Task* task : tasks) {
      if (!task->is_protected(region_.now))
        candidates.push_back(task);
      else if (count > 0)
        protection_held_ = true;
    }
    for (; count > 0 && !candidates.empty(); --count) {
      Task* task = next_to_stop(service_, candidates);
      if (!stop_one(
              tasks, *task,
              fmt::format("Scaling activity initiated by (deployment {})", task->deployment->id)))
        return;
      std::erase(candidates, task);
    }
  }

  // The oldest first. Protection is from scaling in, not from this.
  void replace_unhealthy(std::vector<Task*>& tasks, int count) {
    for (; count > 0 && !tasks.empty(); --count) {
      Task* task = tasks.front();
      Deployment& deployment = *task->deployment;
      if (!stop_one(tasks, *task, reason_of_ill_health(*task))) return;
      ++deployment.failedTasks;
    }
  }

  const std::vector<Task*>& done() const { return done_; }
  bool protection_held() const { return protection_held_; }

 private:
  static std::string reason_of_ill_health(const Task& task) {
    for (const Target* target : task.targets)
      if (target->state == TargetState::kUnhealthy)
        return fmt::format("Task failed ELB health checks in (target-group {})",
                           target->group->TargetGroupArn);
    return "Task failed container health checks";
  }

  bool stop_one(std::vector<Task*>& tasks, Task& task, std::string reason) {
    if (left_ == 0) return false;
    --left_;
    std::erase(tasks, &task);
    done_.push_back(&task);
    stop(region_, task, kScheduler, std::move(reason));
    return true;
  }

  Region& region_;
  Service& service_;
  std::size_t left_;
  std::vector<Task*> done_;
  bool protection_held_ = false;
};

// ---- Starting ---------------------------------------------------------------------------------

TaskRequest request_for(Service& service, Deployment& deployment) {
  const Workload& workload = deployment.workload();
  TaskRequest request;
  request.cluster = service.cluster;
  request.definition = workload.definition;
  request.service = &service;
  request.deployment = &deployment;
  request.group = "service:" + service.name;
  request.startedBy = deployment.id;
  request.launchType = deployment.launchType;
  request.capacityProviderStrategy = deployment.capacityProviderStrategy;
  request.platformVersion = workload.platformVersion;
  request.subnets = workload.subnets;
  request.placementConstraints = service.placementConstraints;
  request.placementStrategy = service.placementStrategy;
  request.enableExecuteCommand = service.enableExecuteCommand;
  if (service.propagateTags == "SERVICE") request.tags = service.tags;
  if (service.propagateTags == "TASK_DEFINITION") request.tags = workload.definition->tags;
  if (service.enableECSManagedTags) {
    request.tags.push_back({"aws:ecs:clusterName", service.cluster->name});
    request.tags.push_back({"aws:ecs:serviceName", service.name});
  }
  return request;
}

std::vector<Task*> live_tasks(const Service& service, const Deployment& deployment) {
  std::vector<Task*> tasks;
  for (Task* task : service.tasks)
    if (task->deployment == &deployment && !task->stopping) tasks.push_back(task);
  return tasks;
}

// Where a daemon belongs: every ACTIVE instance that satisfies its constraints.
std::vector<ContainerInstance*> daemon_instances(const Service& service) {
  std::vector<ContainerInstance*> instances;
  for (const auto& [id, instance] : service.cluster->instances) {
    if (instance->status != "ACTIVE") continue;
    const auto holds = [&](const PlacementConstraint& constraint) {
      return !constraint.query || constraint.query->holds(*instance);
    };
    const auto& own = service.placementConstraints;
    const auto& definitions = service.workload.definition->placementConstraints;
    if (std::all_of(own.begin(), own.end(), holds) &&
        std::all_of(definitions.begin(), definitions.end(), holds))
      instances.push_back(instance.get());
  }
  return instances;
}

// An instance without a task of this deployment; first those without any task of the service.
std::variant<Place, Shortage> find_daemon_place(const TaskRequest& request,
                                                const Service& service) {
  ContainerInstance* free = nullptr;
  for (ContainerInstance* instance : daemon_instances(service)) {
    bool has_current = false, has_any = false;
    for (const Task* task : service.tasks) {
      if (task->instance != instance || task->stopping) continue;
      has_any = true;
      has_current |= task->deployment == request.deployment;
    }
    if (!has_any) {
      free = instance;
      break;
    }
    if (!has_current && free == nullptr) free = instance;
  }
  if (free == nullptr) return Shortage{"NO ACTIVE INSTANCES", "", nullptr, ""};
  if (auto shortage = shortage_on(request, *free)) return *std::move(shortage);
  return Place{free, "", "EC2", free->availability_zone,
               request.subnets.empty() ? "" : request.subnets.front()};
}

struct Starts {
  std::vector<Task*> done;
  std::optional<Shortage> shortage;
};

Starts start_tasks(Region& region, Service& service, Deployment& deployment, int count) {
  Starts starts;
  if (count <= 0) return starts;
  const TaskRequest request = request_for(service, deployment);
  std::vector<Task*> placed = live_tasks(service, deployment);
  for (int i = 0; i < count; ++i) {
    auto place = service.is_daemon ? find_daemon_place(request, service)
                                   : find_place(region, request, placed);
    if (Shortage* shortage = std::get_if<Shortage>(&place)) {
      starts.shortage = std::move(*shortage);
      break;
    }
    Task& task = launch(region, request, std::get<Place>(place));
    placed.push_back(&task);
    starts.done.push_back(&task);
  }
  return starts;
}

void report_shortage(Region& region, Service& service, const Starts& starts) {
  if (!starts.shortage || starts.shortage->event.empty()) return clear(service, "placement");
  // What it has just told to stop makes room: no news yet.
  const bool room_is_coming =
      std::any_of(service.tasks.begin(), service.tasks.end(),
                  [](const Task* task) { return task->stopping && task->instance != nullptr; });
  if (room_is_coming) return;
  say_once(region, service, "placement", "was unable to place a task" + starts.shortage->event);
}

void report_stops(Region& region, Service& service, const std::vector<Task*>& stopped) {
  if (stopped.empty()) return;
  say(region, service,
      fmt::format("has stopped {} running tasks:{}.", stopped.size(), task_list(stopped)));
}

void report_starts(Region& region, Service& service, const std::vector<Task*>& started,
                   int replaced) {
  if (started.empty()) return;
  std::string message = fmt::format("has started {} tasks:{}.", started.size(), task_list(started));
  if (replaced > 0)
    message += fmt::format(" Amazon ECS replaced {} tasks due to an unhealthy status.", replaced);
  say(region, service, message);
}

void report_ill_health(Region& region, Service& service) {
  for (Task* task : service.tasks) {
    if (task->health_reported || !is_unhealthy(region, *task)) continue;
    task->health_reported = true;
    if (task->health == Health::kUnhealthy)
      say(region, service, fmt::format("(task {}) failed container health checks.", task->id));
    for (const Target* target : task->targets) {
      if (target->state != TargetState::kUnhealthy) continue;
      const bool is_instance = !task->network_interface && !task->ec2InstanceId.empty();
      say(region, service,
          fmt::format("({} {}) (port {}) is unhealthy in (target-group {}) due to (reason {}).",
                      is_instance ? "instance" : "task",
                      is_instance ? task->ec2InstanceId : task->id, target->port,
                      target->group->TargetGroupArn, target->description));
    }
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
    const int surplus = census.live() - service.desiredCount;
    for (auto* tasks : {&census.unhealthy, &census.waiting, &census.healthy})
      stops.scale_in(*tasks, surplus - static_cast<int>(stops.done().size()));
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
  int surplus = current - wanted;
  for (auto* tasks : {&census.waiting, &census.healthy}) {
    const auto before = static_cast<int>(stops.done().size());
    stops.scale_in(*tasks, surplus);
    surplus -= static_cast<int>(stops.done().size()) - before;
  }

  report_stops(region, service, stops.done());
  report_starts(region, service, starts.done, std::min(static_cast<int>(starts.done.size()), ill));
  report_shortage(region, service, starts);
  move_targets(region, service);

  const bool moved = !stops.done().empty() || !starts.done.empty();
  if (stops.protection_held() && !moved)
    say_once(region, service, "protected",
             fmt::format("was unable to reach steady state because task set ({}) was unable to "
                         "scale in. Reason: The number of protected tasks are more than the "
                         "desired count of tasks.",
                         primary.id));
  else
    clear(service, "protected");

  // Everybody is healthy, work is left, and neither bound lets a task stop or start.
  const bool stuck = !moved && !census.old_healthy.empty() && census.waiting.empty() &&
                     census.unhealthy.empty() && spare <= 0 && missing <= 0;
  if (stuck)
    say_once(region, service, "stuck",
             "was unable to stop or start tasks during a deployment because of the service "
             "deployment configuration. Update the minimumHealthyPercent or maximumPercent value "
             "and try again.");
  else
    clear(service, "stuck");

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
  if (!service.steady) clear(service, "steady");
  service.steady = true;
  say_once(region, service, "steady", "has reached a steady state.");
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
    report_shortage(region, service, starts);
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
    clear(service, "steady");
    say_once(region, service, "steady", "has reached a steady state.");
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
  int surplus = static_cast<int>(healthy.size() + waiting.size()) - wanted;
  const int missing = -surplus;
  for (auto* tasks : {&waiting, &healthy}) {
    const auto before = static_cast<int>(stops.done().size());
    stops.scale_in(*tasks, surplus);
    surplus -= static_cast<int>(stops.done().size()) - before;
  }
  Starts starts;
  if (missing > 0 && back_off_is_over(region, service)) {
    starts = start_tasks(region, service, deployment, missing);
    report_shortage(region, service, starts);
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
  clear(*task.service, "back-off");
  wake(region, *task.service);
}

void task_is_stopping(Region& region, Task& task) {
  if (task.service != nullptr) wake(region, *task.service);
}

void say(Region& region, Service& service, std::string_view message) {
  say_as_is(region, service, fmt::format("(service {}) {}", service.name, message));
}

void say_as_is(Region& region, Service& service, std::string message) {
  ServiceEvent& event = service.events.emplace_front();
  event.createdAt = region.now;
  event.message = std::move(message);
  JsonWriter json;
  json.begin_object()
      .member("id", region.random.uuid())
      .member("createdAt", event.createdAt)
      .member("message", event.message)
      .end_object();
  event.text = std::move(json).text();
  if (service.events.size() > kMostEvents) service.events.pop_back();
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
    stop(region, *task, kScheduler,
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
