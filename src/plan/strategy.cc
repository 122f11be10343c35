#include "plan/strategy.h"

#include "plan/strategies.h"

namespace slipway {
namespace {

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

}  // namespace

void plan_strategy(const StrategyInput& input, PlanStage& stage, PlanItem& item) {
  std::visit(Overloaded{
                 [&](const Rolling& rolling) { plan_rolling(rolling, input, stage, item); },
                 [&](const Canary& canary) { plan_canary(canary, input, stage, item); },
             },
             input.wanted.strategy);
}

}  // namespace slipway
