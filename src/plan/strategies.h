// One function per strategy; strategy.cc picks.
#pragma once

#include "plan/strategy.h"

namespace slipway {

void plan_rolling(const Rolling& settings, const StrategyInput& input, PlanStage& stage,
                  PlanItem& item);

}  // namespace slipway
