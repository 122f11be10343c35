// The simulated Application Auto Scaling: between which counts ECS services may move, and the
// policies that would move them. Registering brings a service into its bounds; policies are kept,
// they do not act.
#pragma once

#include "base/json.h"
#include "base/time.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace slipway::sim {

struct Operation;  // sim/calls.h

struct ScalableTarget {
  std::string ResourceId;  // "service/CLUSTER/SERVICE"
  std::int64_t MinCapacity = 0;
  std::int64_t MaxCapacity = 0;
  std::string RoleARN;
  TimePoint CreationTime{};
  std::string ScalableTargetARN;
  bool in_suspended = false;
  bool out_suspended = false;
  bool schedules_suspended = false;
  std::map<std::string, JsonObject, std::less<>> policies;  // ScalingPolicy by name
};

struct ScalableTargets {
  std::map<std::string, ScalableTarget, std::less<>> by_resource;
  std::vector<JsonObject> activities;  // ScalingActivity, oldest first
};

std::span<const Operation> autoscaling_operations();

}  // namespace slipway::sim
