// Targets: who is registered with a target group, what the health checks find, and how they leave.
// ECS registers the targets of running tasks, waits until they are healthy, deregisters those of
// tasks that go, and waits until they are drained; people register theirs by hand.
#pragma once

#include "sim/entities.h"
#include "sim/region.h"

#include <string>
#include <string_view>

namespace slipway::sim {

TargetGroup* find_target_group(Region& region, std::string_view arn);
// The scenario's group, made or changed.
void add_target_group(Region& region, const AddTargetGroup& settings);

// One target in each group of the task's deployment.
void register_targets(Region& region, Task& task);

// They drain; the task loses them when they are gone. With `at_once` the task is dead already and
// lets go of them now.
void deregister_targets(Region& region, Task& task, bool at_once = false);

// What the checks of its targets will find has changed.
void review_targets(Region& region, Task& task);

// How what is behind a target behaves, and since when its times count; null: it works.
struct TargetFate {
  const ImageBehaviour* behaviour = nullptr;
  TimePoint since;
};
TargetFate fate_of(const Region& region, const Target& target);

// ---- By hand ----------------------------------------------------------------------------------

// A target that is there already stays as it is, but one that drains comes back.
void register_target(Region& region, TargetGroup& group, std::string id, int port,
                     std::string availability_zone);
void deregister_target(Region& region, Target& target);
void set_targets(Region& region, const SetTargets& settings);
// The group goes, with its targets.
void remove_target_group(Region& region, std::string_view arn);
// Whether load balancers use the group has changed, or the settings of its checks have.
void review_group(Region& region, TargetGroup& group);

}  // namespace slipway::sim
