#include "sim/target_groups.h"

#include "sim/tasks.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway::sim {
namespace {

const ImageBehaviour* fate_behind(const Target& target) {
  if (target.task == nullptr) return nullptr;
  for (const Container& container : target.task->containers)
    if (container.fate && container.fate->target_unhealthy_from) return container.fate.get();
  return nullptr;
}

void set_state(Region& region, Target& target, TargetState state, std::string reason,
               std::string description) {
  const bool was = target.state == state;
  target.state = state;
  target.reason = std::move(reason);
  target.description = std::move(description);
  if (target.task == nullptr || was) return;
  target.task->health_reported = false;
  touch(region, *target.task);
}

// Checks come an interval apart from the registration on. The first that passes makes a new target
// healthy; UnhealthyThresholdCount failures in a row make any target unhealthy.
void plan_checks(Region& region, Target& target) {
  const Duration interval = target.group->settings.HealthCheckInterval;
  const auto fails_from = [&]() -> std::optional<TimePoint> {
    const ImageBehaviour* fate = fate_behind(target);
    if (fate == nullptr || !target.task->startedAt) return std::nullopt;
    return *target.task->startedAt + *fate->target_unhealthy_from;
  }();
  const TimePoint first_check = target.registered_at + interval;

  const auto plan_unhealthy = [&region, &target, interval, fails_from, first_check] {
    if (!fails_from || target.state == TargetState::kUnhealthy) return;
    const auto checks_before =
        std::max<Duration::rep>(0, (*fails_from - first_check + interval - Duration(1)) / interval);
    const TimePoint when =
        first_check +
        interval * (checks_before + target.group->settings.UnhealthyThresholdCount - 1);
    target.timer.set(region.timeline, when, [&region, &target] {
      const ImageBehaviour* fate = fate_behind(target);
      if (fate == nullptr) return;
      if (fate->target_status == 0)
        set_state(region, target, TargetState::kUnhealthy, "Target.Timeout", "Request timed out");
      else
        set_state(region, target, TargetState::kUnhealthy, "Target.ResponseCodeMismatch",
                  fmt::format("Health checks failed with these codes: [{}]", fate->target_status));
    });
  };

  if (target.state != TargetState::kInitial || (fails_from && *fails_from <= first_check)) {
    plan_unhealthy();
    return;
  }
  target.timer.set(region.timeline, first_check, [&region, &target, plan_unhealthy] {
    set_state(region, target, TargetState::kHealthy, "", "");
    plan_unhealthy();
  });
}

void leave(Region& region, Target& target) {
  Task* const task = target.task;
  auto& targets = target.group->targets;
  if (task != nullptr) std::erase(task->targets, &target);
  std::erase_if(targets, [&](const auto& each) { return each.get() == &target; });
  if (task == nullptr) return;
  touch(region, *task);
  target_left(region, *task);
}

}  // namespace

TargetGroup* find_target_group(Region& region, std::string_view arn) {
  const auto found = region.target_groups.find(arn);
  return found == region.target_groups.end() ? nullptr : found->second.get();
}

void register_targets(Region& region, Task& task) {
  for (const LoadBalancer& balancer : task.deployment->workload().load_balancers) {
    TargetGroup* group = find_target_group(region, balancer.targetGroupArn);
    if (group == nullptr) continue;
    auto owned = std::make_unique<Target>();
    Target& target = *owned;
    target.group = group;
    target.task = &task;
    target.port = balancer.containerPort;
    if (task.network_interface) {
      target.id = task.network_interface->privateIPv4Address;
    } else if (task.instance != nullptr) {
      target.id = task.instance->ec2InstanceId;
      for (const Container& container : task.containers) {
        if (container.definition->name != balancer.containerName) continue;
        const auto& mappings = container.definition->portMappings;
        for (std::size_t i = 0; i < mappings.size() && i < container.host_ports.size(); ++i)
          if (mappings[i].containerPort == balancer.containerPort)
            target.port = container.host_ports[i];
      }
    }
    target.registered_at = region.now;
    target.reason = "Elb.RegistrationInProgress";
    target.description = "Target registration is in progress";
    task.targets.push_back(&target);
    group->targets.push_back(std::move(owned));
    // The reason changes in between, which nobody in ECS looks at; then the checks decide.
    target.timer.set(region.timeline, region.now + region.knobs.elb_register_lag,
                     [&region, &target] {
                       target.reason = "Elb.InitialHealthChecking";
                       target.description = "Initial health checks in progress";
                       plan_checks(region, target);
                     });
  }
}

void deregister_targets(Region& region, Task& task, bool at_once) {
  const std::vector<Target*> targets = task.targets;
  for (Target* target : targets) {
    if (at_once) target->task = nullptr;
    if (target->state != TargetState::kDraining) {
      set_state(region, *target, TargetState::kDraining, "Target.DeregistrationInProgress",
                "Target deregistration is in progress");
      target->timer.set(region.timeline, region.now + target->group->settings.deregistration_delay,
                        [&region, target] { leave(region, *target); });
    }
  }
  if (at_once) task.targets.clear();
}

void review_targets(Region& region, Task& task) {
  for (Target* target : task.targets)
    if (target->state == TargetState::kInitial ? target->reason == "Elb.InitialHealthChecking"
                                               : target->state == TargetState::kHealthy)
      plan_checks(region, *target);
}

}  // namespace slipway::sim
