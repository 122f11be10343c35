// The service scheduler: once a tick it compares what runs with what should, and starts and stops
// as many tasks as minimumHealthyPercent and maximumPercent allow. A service at rest has no tick;
// whatever touches it wakes it.
#pragma once

#include "sim/entities.h"
#include "sim/region.h"

namespace slipway::sim {

// The next tick is at most `t_tick` away.
void wake(Region& region, Service& service);

// Called by the life of tasks.
void task_is_running(Region& region, Task& task);
void task_is_stopping(Region& region, Task& task);

// lo and hi of the documents: how many healthy tasks must stay, how many tasks there may be.
int lower_bound(const Service& service);
int upper_bound(const Service& service);

// Moves one deployment's tasks towards `wanted`, whatever the others have. True when so many run,
// all of them healthy.
bool hold_at(Region& region, Service& service, Deployment& deployment, int wanted);

// What became RUNNING since the last tick enters its target groups; what was told to stop before
// this one leaves them.
void move_targets(Region& region, Service& service);

// Every task is told to stop; the service goes from DRAINING to INACTIVE.
void drain_service(Region& region, Service& service);

// computedDesiredCount of a task set.
int computed_desired_count(const Service& service, const Deployment& task_set);

// Counts over the tasks of one deployment, or of all.
struct TaskCounts {
  int running = 0;
  int pending = 0;
  int live = 0;  // desiredStatus RUNNING
};
TaskCounts count_tasks(const Service& service, const Deployment* deployment = nullptr);

}  // namespace slipway::sim
