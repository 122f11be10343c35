#include "sim/target_groups.h"

#include "sim/blue_green.h"
#include "sim/images.h"
#include "sim/load_balancing.h"
#include "sim/policy.h"
#include "sim/scheduler.h"
#include "sim/tasks.h"
#include "sim/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace slipway::sim {
namespace {

void set_state(Region& region, Target& target, TargetState state, std::string reason,
               std::string description) {
  settle_traffic(region);
  const bool was = target.state == state;
  target.state = state;
  target.reason = std::move(reason);
  target.description = std::move(description);
  if (!was && state == TargetState::kHealthy) target.healthy_since = region.now;
  if (target.task == nullptr || was) return;
  target.task->health_reported = false;
  // The task itself does not show it; its service looks.
  if (Service* service = target.task->service) wake(region, *service);
}

// ---- Health checks ----------------------------------------------------------------------------

// Checks come an interval apart from the registration on.
struct Checks {
  TimePoint first;
  Duration interval;

  // The first one at or after this time.
  TimePoint after(TimePoint time) const {
    if (time <= first) return first;
    const auto number = (time - first + interval - Duration(1)) / interval;
    return first + interval * number;
  }
};

struct HealthChange {
  TimePoint at;
  bool is_healthy = false;
};

// When the checks fail: [from, until).
struct Trouble {
  TimePoint from = TimePoint::max();
  TimePoint until = TimePoint::max();
};

// That which is not over.
Trouble trouble_of(const Region& region, const Target& target) {
  Trouble trouble;
  const TargetFate fate = fate_of(region, target);
  if (fate.behaviour == nullptr || !fate.behaviour->target_unhealthy_from) {
    // What was unhealthy passes from now on.
    trouble.until = region.now;
    return trouble;
  }
  if (fate.behaviour->target_unhealthy_until)
    trouble.until = fate.since + *fate.behaviour->target_unhealthy_until;
  if (trouble.until > region.now || target.state == TargetState::kUnhealthy)
    trouble.from = fate.since + *fate.behaviour->target_unhealthy_from;
  return trouble;
}

// The first check that passes makes a new target healthy; failures in a row, as many as the
// threshold says, make any target unhealthy, and passes in a row make it healthy again.
std::optional<HealthChange> next_change(const Target& target, const Trouble& trouble) {
  const TargetGroup& group = *target.group;
  const Checks checks{target.registered_at + group.HealthCheckInterval, group.HealthCheckInterval};
  const auto failing = [&](TimePoint begin) -> std::optional<HealthChange> {
    if (trouble.from == TimePoint::max()) return std::nullopt;
    const TimePoint last = checks.after(std::max(begin, trouble.from)) +
                           checks.interval * (group.UnhealthyThresholdCount - 1);
    if (last >= trouble.until) return std::nullopt;
    return HealthChange{last, false};
  };
  const auto passing = [&](int in_a_row) -> std::optional<HealthChange> {
    if (trouble.until == TimePoint::max()) return std::nullopt;
    return HealthChange{checks.after(trouble.until) + checks.interval * (in_a_row - 1), true};
  };
  switch (target.state) {
    case TargetState::kInitial:
      if (checks.first < trouble.from || checks.first >= trouble.until)
        return HealthChange{checks.first, true};
      if (auto change = failing(checks.first)) return change;
      return passing(1);
    case TargetState::kHealthy:
      return failing(checks.first);
    case TargetState::kUnhealthy:
      return passing(group.HealthyThresholdCount);
    case TargetState::kUnused:
    case TargetState::kDraining:
      return std::nullopt;
  }
  return std::nullopt;
}

void plan_checks(Region& region, Target& target);

void change_health(Region& region, Target& target, bool is_healthy) {
  if (is_healthy) {
    set_state(region, target, TargetState::kHealthy, "", "");
  } else {
    const ImageBehaviour* fate = fate_of(region, target).behaviour;
    if (fate == nullptr) return;
    if (fate->target_status == 0)
      set_state(region, target, TargetState::kUnhealthy, "Target.Timeout", "Request timed out");
    else
      set_state(region, target, TargetState::kUnhealthy, "Target.ResponseCodeMismatch",
                fmt::format("Health checks failed with these codes: [{}]", fate->target_status));
  }
  plan_checks(region, target);
}

void plan_checks(Region& region, Target& target) {
  target.timer.cancel();
  const auto change = next_change(target, trouble_of(region, target));
  if (!change) return;
  // What a change of settings has made overdue comes with the next check.
  target.timer.set(region.timeline, std::max(change->at, region.now),
                   [&region, &target, is_healthy = change->is_healthy] {
                     change_health(region, target, is_healthy);
                   });
}

void begin_checks(Region& region, Target& target) {
  target.registered_at = region.now;
  set_state(region, target, TargetState::kInitial, "Elb.RegistrationInProgress",
            "Target registration is in progress");
  // The reason changes in between, which nobody in ECS looks at; then the checks decide.
  target.timer.set(region.timeline, region.now + region.knobs.elb_register_lag, [&region, &target] {
    target.reason = "Elb.InitialHealthChecking";
    target.description = "Initial health checks in progress";
    plan_checks(region, target);
  });
}

void enter(Region& region, Target& target) {
  if (target.group->is_used()) return begin_checks(region, target);
  target.timer.cancel();
  set_state(region, target, TargetState::kUnused, "Target.NotInUse",
            "Target group is not configured to receive traffic from the load balancer");
}

// ---- Leaving ----------------------------------------------------------------------------------

void leave(Region& region, Target& target) {
  settle_traffic(region);
  Task* const task = target.task;
  auto& targets = target.group->targets;
  if (task != nullptr) std::erase(task->targets, &target);
  std::erase_if(targets, [&](const auto& each) { return each.get() == &target; });
  if (task == nullptr) return;
  if (task->service != nullptr) wake(region, *task->service);
  target_left(region, *task);
}

void drain(Region& region, Target& target) {
  if (target.state == TargetState::kDraining) return;
  set_state(region, target, TargetState::kDraining, "Target.DeregistrationInProgress",
            "Target deregistration is in progress");
  target.timer.set(region.timeline, region.now + target.group->deregistration_delay(),
                   [&region, &target] { leave(region, target); });
}

Target& add_target(Region& region, TargetGroup& group) {
  settle_traffic(region);
  group.targets.push_back(std::make_unique<Target>());
  group.targets.back()->group = &group;
  return *group.targets.back();
}

Target* find_target(TargetGroup& group, std::string_view id, int port) {
  for (const auto& target : group.targets)
    if (target->id == id && target->port == port) return target.get();
  return nullptr;
}

}  // namespace

TargetFate fate_of(const Region& region, const Target& target) {
  if (target.task == nullptr) {
    for (const auto& each : region.load_balancing->behaviours)
      if (matches_wildcard(each.id, target.id))
        return {each.behaviour.get(), std::max(each.since, target.registered_at)};
    return {};
  }
  if (!target.task->startedAt) return {};
  // That of the container behind the port, or of another one that concerns targets.
  const ImageBehaviour* fate = nullptr;
  for (const Container& container : target.task->containers) {
    if (!container.fate) continue;
    if (container.definition->name == target.container)
      return {container.fate.get(), *target.task->startedAt};
    if (container.fate->target_unhealthy_from || container.fate->errors)
      fate = container.fate.get();
  }
  return {fate, *target.task->startedAt};
}

TargetGroup* find_target_group(Region& region, std::string_view arn) {
  auto& groups = region.load_balancing->target_groups;
  const auto found = groups.find(arn);
  return found == groups.end() ? nullptr : found->second.get();
}

void add_target_group(Region& region, const AddTargetGroup& settings) {
  auto& group = region.load_balancing->target_groups[settings.targetGroupArn];
  if (!group) {
    group = std::make_unique<TargetGroup>();
    group->TargetGroupArn = settings.targetGroupArn;
    // "...:targetgroup/NAME/ID"
    std::string_view name = settings.targetGroupArn;
    if (const auto last = name.rfind('/'); last != std::string_view::npos) {
      name = name.substr(0, last);
      name = name.substr(name.rfind('/') + 1);
    }
    group->TargetGroupName = name;
    group->serial = region.next_serial();
  }
  group->attributes["deregistration_delay.timeout_seconds"] = std::to_string(
      std::chrono::duration_cast<std::chrono::seconds>(settings.deregistration_delay).count());
  group->HealthCheckInterval = settings.HealthCheckInterval;
  group->HealthyThresholdCount = settings.HealthyThresholdCount;
  group->UnhealthyThresholdCount = settings.UnhealthyThresholdCount;
  group->used_elsewhere = settings.has_load_balancer;
  review_group(region, *group);
}

void register_targets(Region& region, Task& task) {
  for (const LoadBalancer& balancer : task.deployment->workload().load_balancers) {
    TargetGroup* group = find_target_group(region, target_group_of(*task.deployment, balancer));
    if (group == nullptr) continue;
    Target& target = add_target(region, *group);
    target.task = &task;
    target.port = balancer.containerPort;
    target.container = balancer.containerName;
    target.AvailabilityZone = task.availability_zone;
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
    task.targets.push_back(&target);
    enter(region, target);
  }
}

void deregister_targets(Region& region, Task& task, bool at_once) {
  settle_traffic(region);
  const std::vector<Target*> targets = task.targets;
  for (Target* target : targets) {
    if (at_once) target->task = nullptr;
    deregister_target(region, *target);
  }
  if (at_once) task.targets.clear();
}

void review_targets(Region& region, Task& task) {
  for (Target* target : task.targets)
    if (target->reason != "Elb.RegistrationInProgress" && target->state != TargetState::kDraining)
      plan_checks(region, *target);
}

void register_target(Region& region, TargetGroup& group, std::string id, int port,
                     std::string availability_zone) {
  Target* known = find_target(group, id, port);
  if (known != nullptr && known->state != TargetState::kDraining) return;
  Target& target = known != nullptr ? *known : add_target(region, group);
  target.id = std::move(id);
  target.port = port;
  target.AvailabilityZone = std::move(availability_zone);
  enter(region, target);
}

// Where nothing comes from a load balancer there is nothing to drain.
void deregister_target(Region& region, Target& target) {
  if (target.state == TargetState::kUnused) return leave(region, target);
  drain(region, target);
}

void set_targets(Region& region, const SetTargets& settings) {
  settle_traffic(region);
  auto& behaviours = region.load_balancing->behaviours;
  behaviours.clear();
  for (const SetTargets::Behaviour& each : settings.targets)
    behaviours.push_back(
        {each.id, std::make_shared<const ImageBehaviour>(each.behaviour), region.now});
  for (const auto& [arn, group] : region.load_balancing->target_groups)
    review_group(region, *group);
}

void remove_target_group(Region& region, std::string_view arn) {
  TargetGroup* group = find_target_group(region, arn);
  if (group == nullptr) return;
  while (!group->targets.empty()) leave(region, *group->targets.front());
  auto& groups = region.load_balancing->target_groups;
  groups.erase(groups.find(arn));
}

void review_group(Region& region, TargetGroup& group) {
  for (const auto& target : group.targets) {
    if (target->state == TargetState::kDraining) continue;
    if (group.is_used() == (target->state == TargetState::kUnused))
      enter(region, *target);
    else if (target->reason != "Elb.RegistrationInProgress")
      plan_checks(region, *target);
  }
}

// ---- Attributes -------------------------------------------------------------------------------

std::string_view to_string(TargetState state) {
  switch (state) {
    case TargetState::kUnused:
      return "unused";
    case TargetState::kInitial:
      return "initial";
    case TargetState::kHealthy:
      return "healthy";
    case TargetState::kUnhealthy:
      return "unhealthy";
    case TargetState::kDraining:
      return "draining";
  }
  return "";
}

std::string_view TargetGroup::attribute(std::string_view name) const {
  if (const auto set = attributes.find(std::string(name)); set != attributes.end())
    return set->second;
  for (const auto& [known, value] : target_group_attributes())
    if (known == name) return value;
  return "";
}

namespace {

Duration seconds_of(std::string_view text) {
  int seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::chrono::seconds(seconds);
}

}  // namespace

Duration TargetGroup::deregistration_delay() const {
  return seconds_of(attribute("deregistration_delay.timeout_seconds"));
}

Duration TargetGroup::slow_start() const {
  return seconds_of(attribute("slow_start.duration_seconds"));
}

}  // namespace slipway::sim
