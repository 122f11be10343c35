// What a rule or a schedule does when it fires at an ECS cluster: RunTask, as EventBridge and the
// Scheduler put it together from the target.
#pragma once

#include "base/json.h"
#include "sim/region.h"

#include <optional>
#include <string>
#include <string_view>

namespace slipway::sim {

// RunTask's input, or nothing when the target is no ECS cluster.
std::optional<Json> run_task_input(const Json& target, std::string_view started_by);

// Runs it. What ECS refuses goes nowhere, as at AWS.
void fire(Region& region, const Json& target, std::string_view started_by);

// Whether the target is an ECS cluster, by its Arn.
bool is_ecs_target(const Json& target);

}  // namespace slipway::sim
