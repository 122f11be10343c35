// ECS's own BLUE_GREEN, LINEAR and CANARY deployments. The new revision ("green") is started whole
// beside the old one ("blue"), in the other target group; then the listener rules' weights move,
// and when the bake time is over blue goes. Until then the way back is the weights alone: blue is
// warm.
//
// Stages in which nothing happens and no hook waits take no time.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html
#pragma once

#include "sim/answer.h"
#include "sim/calls.h"
#include "sim/entities.h"
#include "sim/region.h"

#include <optional>
#include <string>

namespace slipway::sim {

// How far such a deployment has come.
struct TrafficShift {
  DeploymentSettings settings;  // those it began with
  LifecycleStage stage = LifecycleStage::kReconcile;
  TimePoint stage_since;
  std::size_t step = 0;                 // of settings.steps
  std::optional<TimePoint> hold_until;  // of the step whose weights are in the rule, or of the bake
};

// ---- What CreateService and UpdateService are asked ----

// `strategy`, `linearConfiguration`, `canaryConfiguration` and `lifecycleHooks`; fills in the
// defaults and drops the blocks of another strategy, as ECS does without a word.
std::optional<ServiceError> read_strategy(JsonObject& deploymentConfiguration,
                                          DeploymentSettings& settings);
// One of the list `loadBalancers`.
LoadBalancer read_load_balancer(const Json& given);
// Of the list as a whole, and with the strategy.
std::optional<ServiceError> load_balancers_problem(Region& region, const JsonArray& loadBalancers);
std::optional<ServiceError> strategy_problem(const Service& service,
                                             const DeploymentSettings& settings,
                                             const Workload& workload);

// ---- What becomes of it ----

// Which target group the deployment's tasks are registered with.
const std::string& target_group_of(const Deployment& deployment, const LoadBalancer& balancer);

// A new PRIMARY chooses its side and, unless it is ROLLING, begins with its stages. `before` is the
// one it replaces, or null: traffic that it had on the way returns to where it came from.
void begin_shift(Region& region, Service& service, Deployment& deployment, Deployment* before);

// One look of the scheduler at a service whose PRIMARY goes through stages. The result: how long
// until the next.
Duration tick_shift(Region& region, Service& service);

// All traffic back to where it came from; `failed` is no longer PRIMARY.
void shift_back(Region& region, Service& service, Deployment& failed);

// Nothing can be taken back any more: the old tasks are going.
bool is_cleaning_up(const Deployment& deployment);

}  // namespace slipway::sim
