// One function per strategy; strategy.cc picks.
#pragma once

#include "plan/strategy.h"

namespace slipway {

void plan_rolling(const Rolling& settings, const StrategyInput& input, PlanStage& stage,
                  PlanItem& item);

// By the mover's kind: one function each. A pair is two services, and has its own way in
// (canary_pair.cc), because its live side is known by the weights only.
void plan_canary(const Canary& settings, const StrategyInput& input, PlanStage& stage,
                 PlanItem& item);
void plan_ecs_canary(const Canary& settings, const EcsMover& mover, const StrategyInput& input,
                     PlanStage& stage, PlanItem& item);
void plan_codedeploy_canary(const Canary& settings, const CodeDeployMover& mover,
                            const StrategyInput& input, PlanStage& stage, PlanItem& item);

}  // namespace slipway
