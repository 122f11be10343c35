// How a service gets from its old revision to the new one. A strategy only plans: it says which
// steps follow once it is known what the service shall run.
#pragma once

#include "model/plan.h"
#include "model/release.h"
#include "model/snapshot.h"

#include <optional>

namespace slipway {

struct StrategyInput {
  const Release& release;
  const ServiceRelease& wanted;
  const ServiceSnapshot& service;
  std::optional<TaskDefinitionTarget> target;  // none: the revision in use stays
  // Of the mover `codedeploy`; null when nobody looked.
  const Result<DeploymentGroupSnapshot>* deployment_group = nullptr;
};

// Appends its steps to `stage.steps` and their indices to `item.steps`.
void plan_strategy(const StrategyInput& input, PlanStage& stage, PlanItem& item);

}  // namespace slipway
