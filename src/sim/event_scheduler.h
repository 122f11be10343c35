// The simulated EventBridge Scheduler: schedules with one target each, in groups. Schedules in UTC
// fire when their time comes and start their target's task (target_runs.h); those in another time
// zone are kept and shown, and never fire.
#pragma once

#include "base/json.h"
#include "sim/timeline.h"

#include <span>
#include <string>

namespace slipway::sim {

struct Operation;  // sim/calls.h
struct Region;

struct Schedule {
  Json document;  // the members of GetSchedule's answer, dates of its making left out
  std::string Name;
  std::string GroupName;
  std::string Arn;
  std::string made_with;  // the ClientToken of its creation
  TimePoint CreationDate;
  TimePoint LastModificationDate;
  Timer next;
};

struct ScheduleGroup {
  std::string Name;
  std::string Arn;
  std::string made_with;
  TimePoint CreationDate;
};

// Every region has the group "default" from the beginning.
ScheduleGroup& add_schedule_group(Region& region, const std::string& name);

std::span<const Operation> event_scheduler_operations();

}  // namespace slipway::sim
