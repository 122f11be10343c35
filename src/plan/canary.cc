// A canary by what moves its weights: each mover has its own planner.
#include "plan/steps.h"
#include "plan/strategies.h"

namespace slipway {
namespace {

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

}  // namespace

void plan_canary(const Canary& settings, const StrategyInput& input, PlanStage& stage,
                 PlanItem& item) {
  const auto is_a_pair = [&](const auto&) {
    add_step(stage, item, Step{.action = Refuse{not_observed("traffic of " + input.wanted.name)}});
  };
  std::visit(Overloaded{[&](const EcsMover& mover) {
                          plan_ecs_canary(settings, mover, input, stage, item);
                        },
                        [&](const CodeDeployMover& mover) {
                          plan_codedeploy_canary(settings, mover, input, stage, item);
                        },
                        [&](const AlbMover& mover) { is_a_pair(mover); },
                        [&](const DnsMover& mover) { is_a_pair(mover); }},
             settings.mover);
}

}  // namespace slipway
