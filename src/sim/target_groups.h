// The load balancer as ECS meets it: ECS registers the targets of running tasks, waits until they
// are healthy, deregisters those of tasks that go, and waits until they are drained.
#pragma once

#include "sim/entities.h"
#include "sim/region.h"

#include <string_view>

namespace slipway::sim {

TargetGroup* find_target_group(Region& region, std::string_view arn);

// One target in each group of the task's deployment.
void register_targets(Region& region, Task& task);

// They drain; the task loses them when they are gone. With `at_once` the task is dead already and
// lets go of them now.
void deregister_targets(Region& region, Task& task, bool at_once = false);

// What the checks of its targets will find has changed.
void review_targets(Region& region, Task& task);

}  // namespace slipway::sim
