// The simulated EventBridge: event buses, their rules and the rules' targets. A rule with a
// schedule, which only the default bus has, fires when its time comes and starts its targets' tasks
// (target_runs.h); one with a pattern when an event matches (event_delivery.h).
#pragma once

#include "base/json.h"
#include "sim/timeline.h"

#include <span>
#include <string>
#include <vector>

namespace slipway::sim {

struct Operation;  // sim/calls.h

struct EventTarget {
  std::string Id;
  Json document;  // as PutTargets gave it, Id included
};

struct EventBus {
  std::string Name;
  std::string Arn;
  std::string Description;
  TimePoint created_at;
};

struct EventRule {
  std::string Name;
  std::string EventBusName;
  std::string Arn;
  std::string EventPattern;
  std::string ScheduleExpression;
  std::string State;
  std::string Description;
  std::string RoleArn;
  Json Tags = JsonArray{};
  std::vector<EventTarget> targets;  // in the order of their Ids
  TimePoint scheduled_at;            // a rate counts from here
  Timer next;
};

std::span<const Operation> event_bridge_operations();

}  // namespace slipway::sim
