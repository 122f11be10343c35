// Rolling: one UpdateService, then ECS's own scheduler replaces the tasks within
// minimumHealthyPercent and maximumPercent.
#include "plan/strategies.h"

namespace slipway {

void plan_rolling(const Rolling&, const StrategyInput& input, PlanStage& stage, PlanItem& item) {
  const bool changes = input.target.has_value() || input.wanted.forceNewDeployment;
  Step step;
  step.until = DeploymentCompleted{.max_wait = input.wanted.max_wait,
                                   .taskDefinition = changes ? "" : input.service.taskDefinition};
  if (!changes) {
    step.action = ObserveService{.cluster = input.release.cluster, .service = input.wanted.name};
  } else {
    // Everything left out stays as it is: auto scaling may have moved desiredCount since we looked.
    step.action = UpdateService{.cluster = input.release.cluster,
                                .service = input.wanted.name,
                                .task_definition = input.target,
                                .forceNewDeployment = input.wanted.forceNewDeployment};
    step.expects = ServiceStillUses{.service = input.wanted.name,
                                    .taskDefinition = input.service.taskDefinition};
    if (input.target) {
      step.undo.push_back(UpdateService{.cluster = input.release.cluster,
                                        .service = input.wanted.name,
                                        .task_definition = input.service.taskDefinition});
      if (const auto* registered = std::get_if<RegisteredBy>(&*input.target))
        step.needs.push_back(registered->step);
    }
  }
  item.steps.push_back(stage.steps.size());
  stage.steps.push_back(std::move(step));
}

}  // namespace slipway
