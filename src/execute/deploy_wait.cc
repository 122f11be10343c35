// Waiting for what somebody else began, perhaps an earlier run of ours: stages that only observe.
#include "execute/code_deploy.h"
#include "execute/deploy.h"
#include "execute/observe.h"

#include <algorithm>
#include <utility>

namespace slipway {
namespace {

// While ECS rolls back, PRIMARY is the way back; what somebody waits for is what failed.
const DeploymentSnapshot* deployment_to_wait_for(const ServiceSnapshot& service) {
  const DeploymentSnapshot* const primary = service.primary();
  if (primary == nullptr || primary->rolloutStateReason.find("rolling back") == std::string::npos)
    return primary;
  const auto failed = std::ranges::find(service.deployments, aws::DeploymentRolloutState::kFailed,
                                        &DeploymentSnapshot::rolloutState);
  return failed == service.deployments.end() ? primary : &*failed;
}

// What somebody waits for: the deployment that he names, or the one that there is.
struct Awaited {
  std::string deployment;  // id; empty: any that serves the definition
  std::string taskDefinition;
};

Awaited awaited_of(const ServiceLook& look, const std::string& given) {
  if (!look.code_deploy_deployment.empty() || is_code_deploy_id(given)) {
    const bool is_current = given.empty() || given == look.code_deploy_deployment;
    return {.deployment = is_current ? look.code_deploy_deployment : given,
            .taskDefinition = is_current ? look.code_deploy_definition : ""};
  }
  const DeploymentSnapshot* const deployment =
      given.empty() ? deployment_to_wait_for(look.service) : look.find(given);
  if (deployment == nullptr) return {.deployment = given, .taskDefinition = {}};
  // A task set is there for good, and no deployment that ends.
  const bool is_task_set = look.service.deploymentController != "ECS";
  return {.deployment = is_task_set ? "" : deployment->id,
          .taskDefinition = deployment->taskDefinition};
}

}  // namespace

RunReport Engine::wait(const std::string& cluster, const std::vector<WaitTarget>& targets,
                       Duration max_wait) {
  if (!begin("", cluster, {})) return finish();
  in_scope(options_.timeout, [&] {
    std::vector<std::string> names;
    for (const WaitTarget& target : targets) names.push_back(target.service);
    const std::vector<Result<ServiceLook>> looks = look_at_services(*context_, names);
    if (was_called_off()) return;
    PlanStage stage{.kind = StageKind::kServices};
    for (std::size_t i = 0; i < targets.size(); ++i) {
      stage.items.push_back({.subject = {.stage = StageKind::kServices,
                                         .kind = ItemKind::kService,
                                         .item = targets[i].service},
                             .steps = {i}});
      if (!looks[i]) {
        stage.steps.push_back({.action = Refuse{looks[i].error()}});
        continue;
      }
      Awaited awaited = awaited_of(*looks[i], targets[i].deployment);
      stage.steps.push_back(
          {.action = ObserveService{.cluster = cluster,
                                    .service = targets[i].service,
                                    .deployment = std::move(awaited.deployment)},
           .until = DeploymentCompleted{.max_wait = max_wait,
                                        .taskDefinition = std::move(awaited.taskDefinition)}});
    }
    run_stage(stage, Snapshot{});
  });
  judge_run(Release{});
  return finish();
}

RunReport Engine::attach(const std::string& cluster, const std::vector<std::string>& tasks,
                         std::optional<Duration> max_wait) {
  if (!begin("", cluster, {})) return finish();
  in_scope(options_.timeout, [&] {
    PlanStage stage{.kind = StageKind::kTasks};
    for (const std::string& task : tasks) {
      stage.items.push_back(
          {.subject = {.stage = stage.kind, .kind = ItemKind::kTask, .item = last_segment(task)},
           .steps = {stage.steps.size()}});
      stage.steps.push_back({.action = ObserveTasks{.cluster = cluster, .tasks = {task}},
                             .until = TasksStopped{max_wait}});
    }
    run_stage(stage, Snapshot{});
  });
  judge_run(Release{});
  if (!report_.signal.empty() && options_.stop_tasks_when_interrupted) stop_tasks();
  return finish();
}

}  // namespace slipway
