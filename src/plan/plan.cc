#include "plan/plan.h"

#include "plan/canary_pair.h"
#include "plan/derive.h"
#include "plan/overrides.h"
#include "plan/schedules.h"
#include "plan/service_target.h"
#include "plan/steps.h"
#include "plan/strategy.h"

#include <algorithm>
#include <utility>

namespace slipway {
namespace {

Subject subject(StageKind stage, ItemKind kind, const std::string& name) {
  return Subject{.stage = stage, .kind = kind, .item = name};
}

// ---- Tasks -------------------------------------------------------------------------------------

// RunTask refuses awsvpc without a network; said here, nothing has been registered for it yet.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
Result<void> check_network(const TaskRun& run, const Json& document, const std::string& where) {
  if (run.awsvpcConfiguration || string_or_empty(document, "networkMode") != "awsvpc") return {};
  return Error{ErrorKind::kInvalid, "task.no-network",
               "task " + run.name + " needs a networkConfiguration, because the networkMode of " +
                   where +
                   " is awsvpc: `networkConfiguration: {awsvpcConfiguration: {subnets: [...]}}` in "
                   "the file, or --subnets"};
}

PlanItem plan_task(const Release& release, const TaskRun& run, const Snapshot& snapshot,
                   PlanStage& stage) {
  PlanItem item{.subject = subject(stage.kind, ItemKind::kTask, run.name)};
  RunTask action{.cluster = release.cluster, .run = run};
  action.run.images.clear();
  action.run.container_override.reset();
  action.run.task_definition = TaskDefinitionReference{};
  Step step;

  std::optional<RegisterTaskDefinition> wanted;
  if (const auto* whole = std::get_if<TaskDefinitionDocument>(&run.task_definition)) {
    Result<Derived> derived = derive(*whole, run.images);
    if (!derived) return refused(stage, std::move(item), std::move(derived).error());
    item.findings = std::move(derived->findings);
    Result<std::optional<Json>> overrides =
        settle_overrides(run, *derived->document, whole->origin);
    if (!overrides) return refused(stage, std::move(item), std::move(overrides).error());
    action.run.overrides = std::move(*overrides);
    if (Result<void> network = check_network(run, *derived->document, whole->origin); !network)
      return refused(stage, std::move(item), std::move(network).error());
    const std::string family(string_or_empty(*derived->document, "family"));
    // The newest revision of the family, when the snapshot has it, may already say the same.
    const Result<TaskDefinitionSnapshot>* newest = find_definition(snapshot, family);
    if (newest != nullptr && newest->has_value() &&
        describes_same(*derived->document, newest->value())) {
      item.findings.push_back(NothingToRegister{});
      action.task_definition = newest->value().arn;
    } else {
      wanted = RegisterTaskDefinition{.family = family, .document = std::move(*derived->document)};
    }
  } else {
    const std::string reference =
        std::holds_alternative<TaskDefinitionReference>(run.task_definition)
            ? std::get<TaskDefinitionReference>(run.task_definition).reference
            : run.name;
    const Result<TaskDefinitionSnapshot>* base = find_definition(snapshot, reference);
    if (base == nullptr)
      return refused(stage, std::move(item), not_observed("task definition " + reference));
    if (!*base) return refused(stage, std::move(item), base->error());
    Result<Derived> derived = derive(base->value(), run.images);
    if (!derived) return refused(stage, std::move(item), std::move(derived).error());
    item.findings = std::move(derived->findings);
    Result<std::optional<Json>> overrides =
        settle_overrides(run, base->value().document, base->value().family_revision());
    if (!overrides) return refused(stage, std::move(item), std::move(overrides).error());
    action.run.overrides = std::move(*overrides);
    if (Result<void> network =
            check_network(run, base->value().document, base->value().family_revision());
        !network)
      return refused(stage, std::move(item), std::move(network).error());
    // Unchanged: exactly the text of the file, so a bare family means its newest ACTIVE revision.
    action.task_definition = reference;
    if (derived->document)
      wanted = RegisterTaskDefinition{.family = base->value().family,
                                      .base = base->value().arn,
                                      .document = std::move(*derived->document)};
    else if (const Result<void> usable = check_is_usable(base->value()); !usable)
      return refused(stage, std::move(item), usable.error());
  }
  if (wanted) {
    const StepIndex registered = registration(stage, item, std::move(*wanted));
    action.task_definition = RegisteredBy{registered};
    step.needs.push_back(registered);
  }
  step.until = TasksStopped{run.max_wait};
  step.action = std::move(action);
  add_step(stage, item, std::move(step));
  return item;
}

// ---- Services ----------------------------------------------------------------------------------

PlanItem plan_service(const Release& release, const ServiceRelease& wanted,
                      const Snapshot& snapshot, PlanStage& stage) {
  PlanItem item{.subject = subject(stage.kind, ItemKind::kService, wanted.name),
                .after = wanted.after};
  if (is_pair(wanted)) return plan_pair(release, wanted, snapshot, stage, std::move(item));
  const auto found = snapshot.services.find(wanted.name);
  if (found == snapshot.services.end())
    return refused(stage, std::move(item), not_observed("service " + wanted.name));
  if (!found->second) {
    const Error& error = found->second.error();
    if (error.kind == ErrorKind::kNotFound && release.missing_service == MissingService::kSkip &&
        error.code != "ClusterNotFoundException") {
      add_step(stage, item, Step{.action = Skip{error.message}});
      return item;
    }
    return refused(stage, std::move(item), error);
  }
  const ServiceSnapshot& service = found->second.value();
  if (service.deploymentController != "ECS" && !is_by_code_deploy(wanted))
    return refused(stage, std::move(item), foreign_controller(service));
  Result<std::optional<TaskDefinitionTarget>> target =
      service_target(wanted, service, snapshot, stage, item);
  if (!target) return refused(stage, std::move(item), std::move(target).error());
  const auto group = snapshot.deployment_groups.find(wanted.name);
  plan_strategy(
      {.release = release,
       .wanted = wanted,
       .service = service,
       .target = std::move(*target),
       .deployment_group = group == snapshot.deployment_groups.end() ? nullptr : &group->second},
      stage, item);
  return item;
}

}  // namespace

PlanStage plan_stage(const Release& release, StageKind kind, const Snapshot& snapshot,
                     std::span<const PlanStage> before) {
  PlanStage stage{.kind = kind};
  if (kind == StageKind::kServices) {
    for (const ServiceRelease& service : release.services)
      stage.items.push_back(plan_service(release, service, snapshot, stage));
  } else if (kind == StageKind::kSchedules) {
    for (const ScheduleRelease& schedule : release.schedules)
      stage.items.push_back(plan_schedule(schedule, snapshot, before, stage));
  } else {
    for (const TaskRun& run :
         kind == StageKind::kTasksAfter ? release.tasks_after : release.tasks_before)
      stage.items.push_back(plan_task(release, run, snapshot, stage));
  }
  return stage;
}

StageKind kind_in(const Release& release, StageKind stage) {
  return stage == StageKind::kTasksBefore && release.is_only_tasks ? StageKind::kTasks : stage;
}

Plan plan_release(const Release& release, const Snapshot& snapshot) {
  Plan plan{.application = release.application,
            .cluster = release.cluster,
            .on_failure = release.on_failure,
            .max_parallel = release.max_parallel,
            .wait = release.wait};
  for (const StageKind kind : kStagesInOrder)
    plan.stages.push_back(plan_stage(release, kind_in(release, kind), snapshot, plan.stages));
  return plan;
}

Needed needed_for(const Release& release, StageKind stage) {
  Needed needed;
  const auto need_definition = [&](const std::string& reference) {
    if (std::ranges::find(needed.task_definitions, reference) == needed.task_definitions.end())
      needed.task_definitions.push_back(reference);
  };
  if (stage == StageKind::kServices) {
    for (const ServiceRelease& service : release.services) {
      for (std::string& name : ecs_services_of(service)) needed.services.push_back(std::move(name));
      if (const auto* given = std::get_if<TaskDefinitionReference>(&service.task_definition))
        need_definition(given->reference);
    }
    return needed;
  }
  if (stage == StageKind::kSchedules) {
    for (const ScheduleRelease& schedule : release.schedules) {
      needed.triggers.push_back(schedule.trigger);
      if (const auto* given = std::get_if<TaskDefinitionReference>(&schedule.task_definition))
        need_definition(given->reference);
      const auto* follow = std::get_if<FollowItem>(&schedule.task_definition);
      const bool is_released =
          follow == nullptr || follow->is_task ||
          std::ranges::find(release.services, follow->name, &ServiceRelease::name) !=
              release.services.end() ||
          std::ranges::find(needed.services, follow->name) != needed.services.end();
      if (!is_released) needed.services.push_back(follow->name);
    }
    return needed;
  }
  for (const TaskRun& run :
       stage == StageKind::kTasksAfter ? release.tasks_after : release.tasks_before) {
    if (const auto* given = std::get_if<TaskDefinitionReference>(&run.task_definition))
      need_definition(given->reference);
    else if (const auto* whole = std::get_if<TaskDefinitionDocument>(&run.task_definition))
      need_definition(std::string(string_or_empty(whole->document, "family")));
    else
      need_definition(run.name);
  }
  return needed;
}

std::vector<std::string> references_of_service(const ServiceRelease& wanted,
                                               const ServiceSnapshot& service) {
  if (std::holds_alternative<TaskDefinitionReference>(wanted.task_definition)) return {};
  if (std::holds_alternative<LatestRevision>(wanted.task_definition))
    return {family_of(service.taskDefinition)};
  return {service.taskDefinition};
}

}  // namespace slipway
