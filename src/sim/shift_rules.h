// The listener rules of a service whose traffic ECS shifts: what must be true of them, and the
// weights ECS writes into them.
#pragma once

#include "sim/entities.h"
#include "sim/region.h"

#include <optional>
#include <string>

namespace slipway::sim {

enum class ShiftedRule { kProduction, kTest };

struct WeightChange {
  ShiftedRule rule = ShiftedRule::kProduction;
  double percent = 100;  // of the deployment's side; the other has the rest
  // The first change of a deployment begins where one side has everything.
  bool must_be_whole = false;
};

// Into the rule of each load balancer of the deployment. The statusReason of the rollback when a
// rule is not what ECS left or expects; then none has been written.
std::optional<std::string> write_weights(Region& region, const Deployment& deployment,
                                         const WeightChange& change);

// The production rule of an Application Load Balancer does not name both target groups, and there
// is no test rule for the other one.
bool is_test_rule_missing(Region& region, const LoadBalancer& balancer);

}  // namespace slipway::sim
