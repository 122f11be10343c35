// Rolling: one UpdateService, then ECS's own scheduler replaces the tasks within
// minimumHealthyPercent and maximumPercent.
#include "plan/ecs_canary.h"
#include "plan/strategies.h"

#include <utility>

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
    UpdateService update{.cluster = input.release.cluster,
                         .service = input.wanted.name,
                         .task_definition = input.target,
                         .forceNewDeployment = input.wanted.forceNewDeployment};
    const Json& configuration = input.service.deploymentConfiguration;
    if (has_pauses_of_ours(configuration)) {
      // They belong to a release that has ended, and nobody would continue this one there.
      item.findings.push_back(what_was_left(input.service));
      update.deploymentConfiguration = JsonObject{
          {"lifecycleHooks", without_pauses_of_ours(configuration).at("lifecycleHooks")}};
    }
    step.action = std::move(update);
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
