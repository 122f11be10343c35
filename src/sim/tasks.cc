#include "sim/tasks.h"

#include "sim/container_logs.h"
#include "sim/ecs_events.h"
#include "sim/images.h"
#include "sim/placement.h"
#include "sim/scheduler.h"
#include "sim/target_groups.h"
#include "sim/traffic.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway::sim {
namespace {

constexpr Duration kConnects = std::chrono::seconds(3);  // measured: createdAt to CONNECTED
constexpr Duration kDefaultStartTimeout = std::chrono::minutes(3);  // of a container that waits
// A container that others wait for to complete does so, unless its image says when.
constexpr Duration kDefaultCompletion = std::chrono::seconds(1);
// Without a route to the registry the runtime tries for some minutes.
constexpr Duration kPullTimeout = std::chrono::minutes(3);

Duration scaled(Duration duration, double factor) {
  return Duration(static_cast<Duration::rep>(static_cast<double>(duration.count()) * factor));
}

void begin_stop(Region& region, Task& task, std::string_view stop_code, std::string reason);
void start_ready_containers(Region& region, Task& task);

double slowest(const Task& task) {
  double factor = 1;
  for (const Container& container : task.containers)
    if (container.fate) factor = std::max(factor, container.fate->delay_factor);
  return task.pace * factor;
}

void set_state(Region& region, Task& task, TaskState state) {
  task.state = state;
  touch(region, task);
}

void finish(Region& region, Task& task) {
  task.life.cancel();
  task.stoppedAt = region.now;
  release_place(region, task);
  set_state(region, task, TaskState::kStopped);
  // Only now may its definition go, if somebody asked for that.
  --task.definition->references;
  region.timeline.at(region.now + region.knobs.stopped_task_retention,
                     [&region, cluster = task.cluster, serial = task.serial] {
                       const auto found = cluster->tasks.find(serial);
                       if (found == cluster->tasks.end()) return;
                       region.tasks_by_id.erase(found->second->id);
                       cluster->tasks.erase(found);
                     });
}

// Nothing of it runs any more; what is left is to give back its network interface.
void end_execution(Region& region, Task& task) {
  task.life.cancel();
  task.executionStoppedAt = region.now;
  for (Container& container : task.containers) {
    container.step.cancel();
    container.health_change.cancel();
    container.state = TaskState::kStopped;
  }
  if (!task.network_interface) return finish(region, task);
  set_state(region, task, TaskState::kDeprovisioning);
  task.life.set(region.timeline, region.now + scaled(region.knobs.t_deprovision, task.pace),
                [&region, &task] { finish(region, task); });
}

bool none_runs(const Task& task) {
  return std::none_of(task.containers.begin(), task.containers.end(),
                      [](const Container& c) { return c.state == TaskState::kRunning; });
}

void exit_container(Region& region, Task& task, Container& container, int code,
                    std::string reason) {
  container.step.cancel();
  container.health_change.cancel();
  container.state = TaskState::kStopped;
  container.exitCode = code;
  container.reason = std::move(reason);
  touch(region, task);

  if (task.stopping) {
    if (task.state != TaskState::kDeactivating && none_runs(task)) end_execution(region, task);
    return;
  }
  if (container.definition->essential) {
    begin_stop(region, task, "EssentialContainerExited", "Essential container in task exited");
    return;
  }
  if (const auto& policy = container.definition->restartPolicy) {
    const bool ignored = std::find(policy->ignoredExitCodes.begin(), policy->ignoredExitCodes.end(),
                                   code) != policy->ignoredExitCodes.end();
    const bool ran_long_enough = region.now - *container.started_at >= policy->restartAttemptPeriod;
    if (!ignored && ran_long_enough) {
      container.state = TaskState::kPending;
      container.exitCode.reset();
      container.reason.clear();
    }
  }
  start_ready_containers(region, task);
}

void plan_exit(Region& region, Task& task, Container& container, Duration after) {
  container.step.set(region.timeline, region.now + after, [&region, &task, &container] {
    const ImageBehaviour* fate = container.fate.get();
    const bool out_of_memory = fate != nullptr && fate->out_of_memory;
    exit_container(region, task, container,
                   out_of_memory     ? 137
                   : fate != nullptr ? fate->exit_code
                                     : 0,
                   out_of_memory ? "OutOfMemoryError: Container killed due to memory usage" : "");
  });
}

void set_health(Region& region, Task& task, Container& container, Health health) {
  container.health = health;
  Health whole = Health::kHealthy;
  for (const Container& each : task.containers) {
    if (!each.definition->essential || !each.definition->healthCheck) continue;
    if (each.health == Health::kUnhealthy) whole = Health::kUnhealthy;
    if (each.health == Health::kUnknown && whole != Health::kUnhealthy) whole = Health::kUnknown;
  }
  if (!has_health_check(task)) whole = Health::kUnknown;
  task.health = whole;
  task.health_reported = false;
  touch(region, task);
  start_ready_containers(region, task);
}

// Checks come once an interval after the start; the first that passes makes it HEALTHY, `retries`
// failures in a row outside the start period make it UNHEALTHY.
void plan_health(Region& region, Task& task, Container& container) {
  container.health_change.cancel();
  if (!container.definition->healthCheck) return;
  const HealthCheck& check = *container.definition->healthCheck;
  const TimePoint start = *container.started_at;
  const std::optional<Duration> fails_from =
      container.fate ? container.fate->unhealthy_from : std::nullopt;

  const auto plan_unhealthy = [&region, &task, &container, check, start, fails_from] {
    if (!fails_from) return;
    const auto first_after = [&](Duration moment) {
      return std::max<Duration::rep>(
          1, (moment.count() + check.interval.count() - 1) / check.interval.count());
    };
    const auto first =
        std::max(first_after(*fails_from), first_after(check.startPeriod + Duration(1)));
    container.health_change.set(
        region.timeline, start + check.interval * (first + check.retries - 1),
        [&region, &task, &container] { set_health(region, task, container, Health::kUnhealthy); });
  };

  if (container.health == Health::kUnknown && (!fails_from || *fails_from > check.interval)) {
    container.health_change.set(region.timeline, start + check.interval,
                                [&region, &task, &container, plan_unhealthy] {
                                  set_health(region, task, container, Health::kHealthy);
                                  plan_unhealthy();
                                });
    return;
  }
  plan_unhealthy();
}

bool is_awaited_to_complete(const Task& task, const Container& container) {
  for (const Container& other : task.containers)
    for (const ContainerDependency& dependency : other.definition->dependsOn)
      if (dependency.containerName == container.definition->name &&
          (dependency.condition == "COMPLETE" || dependency.condition == "SUCCESS"))
        return true;
  return false;
}

void fail_to_start(Region& region, Task& task, Container* culprit, const std::string& reason) {
  if (culprit != nullptr) culprit->reason = reason;
  begin_stop(region, task, "TaskFailedToStart", reason);
}

void enter_running(Region& region, Task& task) {
  task.startedAt = region.now;
  set_state(region, task, TaskState::kRunning);
  task_is_running(region, task);
}

void container_started(Region& region, Task& task, Container& container) {
  container.is_starting = false;
  if (container.fate && !container.fate->start_failure.empty())
    return fail_to_start(region, task, &container, container.fate->start_failure);
  if (const std::string problem = log_group_problem(region, task, *container.definition);
      !problem.empty())
    return fail_to_start(region, task, &container, problem);
  container.state = TaskState::kRunning;
  container.started_at = region.now;
  if (container.runtimeId.empty())
    container.runtimeId = task.id + "-" + region.hex_id().substr(0, 10);
  plan_output(region, task, container);  // first: the last line comes before the exit
  if (container.fate && container.fate->run_for)
    plan_exit(region, task, container, *container.fate->run_for);
  else if (is_awaited_to_complete(task, container))
    plan_exit(region, task, container, kDefaultCompletion);
  plan_health(region, task, container);
  touch(region, task);
  start_ready_containers(region, task);
  if (task.state != TaskState::kActivating || task.stopping) return;
  const bool all_up =
      std::all_of(task.containers.begin(), task.containers.end(), [](const Container& each) {
        return !each.definition->essential || each.state == TaskState::kRunning;
      });
  if (all_up) enter_running(region, task);
}

enum class Readiness { kReady, kWaits, kNever };

Readiness readiness(const Task& task, const Container& container) {
  for (const ContainerDependency& dependency : container.definition->dependsOn) {
    const auto other = std::find_if(
        task.containers.begin(), task.containers.end(),
        [&](const Container& c) { return c.definition->name == dependency.containerName; });
    if (other == task.containers.end()) continue;
    const bool has_exited = other->state == TaskState::kStopped;
    if (dependency.condition == "START") {
      if (!other->started_at) return Readiness::kWaits;
    } else if (dependency.condition == "HEALTHY") {
      if (has_exited) return Readiness::kNever;
      if (other->health != Health::kHealthy) return Readiness::kWaits;
    } else {
      if (!has_exited) return Readiness::kWaits;
      if (dependency.condition == "SUCCESS" && other->exitCode != 0) return Readiness::kNever;
    }
  }
  return Readiness::kReady;
}

void start_ready_containers(Region& region, Task& task) {
  if (task.stopping || !task.pullStoppedAt) return;
  for (Container& container : task.containers) {
    if (container.state != TaskState::kPending || container.is_starting) continue;
    switch (readiness(task, container)) {
      case Readiness::kReady: {
        container.is_starting = true;
        const Duration takes =
            task.launchType == "EC2" ? region.knobs.ec2_t_start : region.knobs.t_start;
        container.step.set(
            region.timeline, region.now + scaled(takes, slowest(task)),
            [&region, &task, &container] { container_started(region, task, container); });
        break;
      }
      case Readiness::kWaits:
        if (!container.step.is_set())
          container.step.set(
              region.timeline,
              region.now + container.definition->startTimeout.value_or(kDefaultStartTimeout),
              [&region, &task] { fail_to_start(region, task, nullptr, "Task failed to start"); });
        break;
      case Readiness::kNever:
        return fail_to_start(region, task, nullptr, "Task failed to start");
    }
  }
}

bool is_before_pull(std::string_view start_failure) {
  return start_failure.starts_with("ResourceInitializationError");
}

void activate(Region& region, Task& task) {
  set_state(region, task, TaskState::kActivating);
  const TimePoint gives_up =
      std::max(region.now, task.createdAt + scaled(region.knobs.t_fail_pull, task.pace));
  for (Container& container : task.containers) {
    std::string reason;
    if (container.fate && is_before_pull(container.fate->start_failure))
      reason = container.fate->start_failure;
    if (reason.empty() && task.launchType != "EC2")
      reason = log_group_problem(region, task, *container.definition);
    const bool before_pull = !reason.empty();
    if (reason.empty() && container.fate)
      reason = pull_failure(*container.fate, container.definition->image);
    if (reason.empty()) continue;
    if (!before_pull) task.pullStartedAt = region.now;
    const bool hangs = !before_pull && container.fate->pull == Pull::kTimeout;
    task.life.set(region.timeline, hangs ? region.now + kPullTimeout : gives_up,
                  [&region, &task, &container, before_pull, reason = std::move(reason)] {
                    if (!before_pull) task.pullStoppedAt = region.now;
                    fail_to_start(region, task, &container, reason);
                  });
    return;
  }
  task.pullStartedAt = region.now;
  Duration pull = task.launchType == "EC2" ? region.knobs.ec2_t_pull : region.knobs.t_pull;
  bool stated = false;
  for (const Container& container : task.containers) {
    if (!container.fate || !container.fate->pull_time) continue;
    pull = stated ? std::max(pull, *container.fate->pull_time) : *container.fate->pull_time;
    stated = true;
  }
  task.life.set(region.timeline, region.now + scaled(pull, slowest(task)), [&region, &task] {
    task.pullStoppedAt = region.now;
    touch(region, task);
    start_ready_containers(region, task);
  });
}

void pend(Region& region, Task& task) {
  set_state(region, task, TaskState::kPending);
  const Duration pending =
      task.launchType == "EC2" ? region.knobs.ec2_t_pending : region.knobs.t_pending;
  task.life.set(region.timeline, region.now + scaled(pending, slowest(task)),
                [&region, &task] { activate(region, task); });
}

void provision(Region& region, Task& task) {
  task.connectivityAt = region.now + kConnects;
  if (!task.network_interface) return pend(region, task);
  task.life.set(region.timeline, region.now + scaled(region.knobs.t_provision, slowest(task)),
                [&region, &task] { pend(region, task); });
}

// SIGTERM to all that runs; SIGKILL to what still runs after its stopTimeout.
void signal_containers(Region& region, Task& task) {
  set_state(region, task, TaskState::kStopping);
  for (Container& container : task.containers) {
    if (container.state == TaskState::kPending) {
      container.step.cancel();
      container.state = TaskState::kStopped;
    }
    if (container.state != TaskState::kRunning) continue;
    const Duration exits = container.fate && container.fate->exit_time
                               ? *container.fate->exit_time
                               : scaled(region.knobs.t_exit, task.pace);
    const Duration killed = container.definition->stopTimeout.value_or(region.knobs.stopTimeout);
    const int code = exits > killed   ? 137
                     : container.fate ? container.fate->exit_code_on_stop
                                      : 143;
    container.step.set(
        region.timeline, region.now + std::min(exits, killed),
        [&region, &task, &container, code] { exit_container(region, task, container, code, ""); });
  }
  if (none_runs(task)) end_execution(region, task);
}

void begin_stop(Region& region, Task& task, std::string_view stop_code, std::string reason) {
  if (task.stopping) return;
  task.stopping = true;
  task.stoppingAt = region.now;
  task.stopCode = stop_code;
  task.stoppedReason = std::move(reason);
  task.life.cancel();
  task.waits_for_capacity = false;
  // Fargate counts a task that was told to stop as gone.
  release_fargate_capacity(region, task);
  task_is_stopping(region, task);
  switch (task.state) {
    case TaskState::kRunning:
      if (!task.targets.empty() && stop_code != "EssentialContainerExited") {
        set_state(region, task, TaskState::kDeactivating);
        return;
      }
      signal_containers(region, task);
      return;
    case TaskState::kActivating:
      if (!none_runs(task)) return signal_containers(region, task);
      [[fallthrough]];
    default:
      end_execution(region, task);
  }
}

}  // namespace

void touch(Region& region, Task& task) {
  ++task.version;
  tell_of_task(region, task);
  if (task.service != nullptr) wake(region, *task.service);
}

Task& launch(Region& region, const TaskRequest& request, const Place& place) {
  auto owned = std::make_unique<Task>();
  Task& task = *owned;
  task.cluster = request.cluster;
  task.service = request.service;
  task.deployment = request.deployment;
  task.definition = request.definition;
  ++task.definition->references;
  task.serial = region.next_serial();
  task.id = region.hex_id();
  task.arn = region.arn("task/" + request.cluster->name + "/" + task.id);
  task.group = request.group;
  task.startedBy = request.startedBy;
  task.launchType = place.launchType;
  task.capacityProviderName = place.capacity_provider;
  task.availability_zone = place.availability_zone;
  task.referenceId = request.referenceId;
  task.overrides = request.overrides;
  task.cpu = request.cpu != 0 ? request.cpu : request.definition->cpu;
  task.memory = request.memory != 0 ? request.memory : request.definition->memory;
  task.enableExecuteCommand = request.enableExecuteCommand;
  task.tags = request.tags;
  task.createdAt = region.now;
  if (place.launchType == "FARGATE") {
    task.platformFamily =
        request.definition->operatingSystemFamily.starts_with("WINDOWS") ? "Windows" : "Linux";
    task.platformVersion = request.platformVersion.empty() || request.platformVersion == "LATEST"
                               ? (task.platformFamily == "Linux" ? "1.4.0" : "1.0.0")
                               : request.platformVersion;
  }
  if (const double spread = region.knobs.spread_percent / 100; spread > 0)
    task.pace = 1 - spread + 2 * spread * region.random.uniform();
  for (const ContainerDefinition& definition : task.definition->containers) {
    Container& container = task.containers.emplace_back();
    container.definition = &definition;
    container.arn = region.arn("container/" + request.cluster->name + "/" + task.id + "/" +
                               region.random.uuid());
    container.fate = fate_of(region, task, definition);
  }
  if (task.definition->uses_awsvpc()) {
    NetworkInterface& eni = task.network_interface.emplace();
    eni.attachment_id = region.random.uuid();
    const std::uint64_t bits = region.random.next();
    eni.id = fmt::format("eni-0{:016x}", bits);
    eni.macAddress =
        fmt::format("02:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", bits >> 8 & 0xff, bits >> 16 & 0xff,
                    bits >> 24 & 0xff, bits >> 32 & 0xff, bits >> 40 & 0xff);
    eni.privateIPv4Address = fmt::format("10.{}.{}.{}", task.serial >> 16 & 0xff,
                                         task.serial >> 8 & 0xff, task.serial & 0xff);
    eni.subnetId = place.subnet;
  }
  region.tasks_by_id.emplace(task.id, &task);
  request.cluster->tasks.emplace(task.serial, std::move(owned));
  if (request.service != nullptr) request.service->tasks.push_back(&task);
  tell_of_task(region, task);

  if (place.instance != nullptr) {
    occupy(*place.instance, task);
  } else if (place.launchType == "FARGATE") {
    occupy_fargate(region, task);
  } else {
    task.waits_for_capacity = true;
    task.life.set(
        region.timeline, region.now + region.knobs.provisioning_timeout, [&region, &task] {
          fail_to_start(
              region, task, nullptr,
              "Timeout waiting for capacity of capacity provider " + task.capacityProviderName);
        });
    touch(region, task);
    place_waiting_tasks(region, *task.cluster);  // nothing fits, so its group grows
    return task;
  }
  provision(region, task);
  return task;
}

void take_instance(Region& region, Task& task, ContainerInstance& instance) {
  task.waits_for_capacity = false;
  occupy(instance, task);
  touch(region, task);
  provision(region, task);
}

void stop(Region& region, Task& task, std::string_view stop_code, std::string reason) {
  begin_stop(region, task, stop_code, std::move(reason));
}

void perish(Region& region, Task& task, std::string_view stop_code, std::string reason) {
  if (task.state == TaskState::kStopped) return;
  if (!task.stopping) {
    task.stopping = true;
    task.stoppingAt = region.now;
    task.stopCode = stop_code;
    task.stoppedReason = std::move(reason);
    release_fargate_capacity(region, task);
    task_is_stopping(region, task);
  }
  for (Container& container : task.containers) {
    container.step.cancel();
    container.health_change.cancel();
    if (container.state == TaskState::kRunning) container.exitCode = 137;
    container.state = TaskState::kStopped;
  }
  if (!task.executionStoppedAt) task.executionStoppedAt = region.now;
  finish(region, task);
}

void target_left(Region& region, Task& task) {
  if (task.state == TaskState::kDeactivating && task.targets.empty())
    signal_containers(region, task);
}

void afflict(Region& region, Task& task, const std::shared_ptr<const ImageBehaviour>& fate) {
  settle_traffic(region);
  for (Container& container : task.containers) {
    if (!fate->container.empty() && fate->container != container.definition->name) continue;
    if (container.state != TaskState::kRunning || task.stopping) continue;
    // The fate counts from the start of the container; here it counts from now.
    auto shifted = std::make_shared<ImageBehaviour>(*fate);
    const Duration lived = region.now - *container.started_at;
    if (shifted->unhealthy_from) *shifted->unhealthy_from += lived;
    if (shifted->target_unhealthy_from) *shifted->target_unhealthy_from += lived;
    if (shifted->target_unhealthy_until) *shifted->target_unhealthy_until += lived;
    if (shifted->errors) shifted->errors->from += lived;
    shifted->latency_from += lived;
    container.fate = std::move(shifted);
    if (fate->run_for) plan_exit(region, task, container, *fate->run_for);
    plan_health(region, task, container);
  }
  review_targets(region, task);
}

bool has_health_check(const Task& task) {
  return std::any_of(task.containers.begin(), task.containers.end(), [](const Container& c) {
    return c.definition->essential && c.definition->healthCheck;
  });
}

bool counts_as_healthy(const Region& region, const Task& task) {
  if (task.state != TaskState::kRunning || task.stopping) return false;
  const bool has_check = has_health_check(task);
  if (has_check && task.health != Health::kHealthy) return false;
  const bool has_load_balancer =
      task.deployment != nullptr && !task.deployment->workload().load_balancers.empty();
  if (has_load_balancer)
    return !task.targets.empty() &&
           std::all_of(task.targets.begin(), task.targets.end(),
                       [](const Target* t) { return t->state == TargetState::kHealthy; });
  return has_check || region.now >= *task.startedAt + region.knobs.t_healthy_no_lb;
}

bool is_unhealthy(const Region& region, const Task& task) {
  if (task.state != TaskState::kRunning || task.stopping) return false;
  if (task.service != nullptr &&
      region.now < *task.startedAt + task.service->healthCheckGracePeriod.value_or(Duration{0}))
    return false;
  return task.health == Health::kUnhealthy ||
         std::any_of(task.targets.begin(), task.targets.end(),
                     [](const Target* t) { return t->state == TargetState::kUnhealthy; });
}

std::string_view to_string(TaskState state) {
  switch (state) {
    case TaskState::kProvisioning:
      return "PROVISIONING";
    case TaskState::kPending:
      return "PENDING";
    case TaskState::kActivating:
      return "ACTIVATING";
    case TaskState::kRunning:
      return "RUNNING";
    case TaskState::kDeactivating:
      return "DEACTIVATING";
    case TaskState::kStopping:
      return "STOPPING";
    case TaskState::kDeprovisioning:
      return "DEPROVISIONING";
    case TaskState::kStopped:
      return "STOPPED";
  }
  return "";
}

std::string_view to_string(Health health) {
  switch (health) {
    case Health::kUnknown:
      return "UNKNOWN";
    case Health::kHealthy:
      return "HEALTHY";
    case Health::kUnhealthy:
      return "UNHEALTHY";
  }
  return "";
}

}  // namespace slipway::sim
