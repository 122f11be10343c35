// One service whose traffic CodeDeploy moves: its deployment is created and followed, and taken
// back where that is still ours to do.
#include "execute/code_deploy_shift.h"
#include "execute/explain.h"
#include "execute/stage_run.h"

#include <fmt/format.h>

#include <utility>

namespace slipway {

Verdict StageRun::act(Item& item, const Step& step, const ShiftByCodeDeploy& action) {
  if (is_undo()) return undo(item, step, action);
  const Known* const before = known(action.service);
  if (before == nullptr) return was_not_observed(action.service);
  return shift(item, step, action, before->service);
}

Verdict StageRun::shift(Item& item, const Step& step, const ShiftByCodeDeploy& action,
                        const ServiceSnapshot& before) {
  Result<CodeDeployEnds> ends = look_at_code_deploy_ends(context_, action, before);
  if (!ends) return verdict_of(ends.error(), Outcome::kFailedToStart);
  if (!action.canary.checks.empty()) {
    TrafficChecks checks(context_, item.plan.subject, action.canary, ends->from, ends->to);
    if (const Result<void> quiet = checks.may_begin(); !quiet)
      return verdict_of(quiet.error(), Outcome::kFailedToStart);
  }
  Result<ServiceWatch> watch = send_deployment(item, step, action, before);
  if (!watch) return item.report.verdict;
  if (!settings_.wait) {
    if (action.waits_for_go_ahead)
      say(item, Note{NoteLevel::kWarning,
                     fmt::format("deployment {} waits for a go-ahead before traffic moves: slipway "
                                 "continue --cluster {} {}",
                                 watch->our_deployment, last_segment(action.cluster),
                                 last_segment(action.service))});
    return {};
  }
  CodeDeployShift following(context_, poller_, item.plan.subject, action, *watch, *std::move(ends));
  CodeDeployEnd end = following.follow();
  return report_end(item, *watch, std::move(end));
}

// The error is in the item's verdict already.
Result<ServiceWatch> StageRun::send_deployment(Item& item, const Step& step,
                                               const ShiftByCodeDeploy& action,
                                               const ServiceSnapshot& before) {
  const auto fail = [&](const Error& error, Outcome outcome) {
    item.report.verdict = verdict_of(error, outcome);
    return error;
  };
  Result<std::string> definition = resolve(item, action.task_definition);
  if (!definition) return fail(definition.error(), Outcome::kFailedToStart);
  ServiceWatch watch{.service = action.service, .taskDefinition = *definition, .since = now()};
  for (const DeploymentSnapshot& deployment : before.deployments)
    watch.earlier.push_back(deployment.id);
  if (const auto* until = std::get_if<DeploymentCompleted>(&step.until))
    watch.max_wait = until->max_wait;

  // From here on the change may have happened: what would undo it is known first.
  if (!is_undo()) remember(item, step).watch = watch;
  const auto sent = [&] {
    item.report.changed = true;
    set_in_progress(item, "a deployment was asked for");
  };
  const Result<std::string> id = create_deployment(
      context_, {.subject = item.plan.subject, .is_undo = is_undo(), .sent = sent}, action,
      *definition);
  if (!id) {
    const bool nobody_knows = aws::is_reply_lost(id.error()) || called_off(id.error());
    const bool is_taken = id.error().code == "deployment.running";
    if (!nobody_knows) {
      item.report.changed = false;
      forget(item);
    }
    item.report.task_definition = family_revision_of(before.taskDefinition);
    return fail(id.error(), nobody_knows ? Outcome::kFailed
                            : is_taken   ? Outcome::kSuperseded
                                         : Outcome::kFailedToStart);
  }
  watch.our_deployment = *id;
  for (StartedChange& started : state_.started)
    if (started.subject == item.plan.subject) started.watch = watch;
  item.report.deployment_id = *id;
  item.report.task_definition = family_revision_of(*definition);
  set_in_progress(item, "deployment " + *id);
  say(item, ServiceUpdated{.deployment_id = *id,
                           .service_revision = {},
                           .service_deployment = {},
                           .old_task_definition = family_revision_of(before.taskDefinition),
                           .new_task_definition = family_revision_of(*definition),
                           .desiredCount = before.desiredCount});
  return watch;
}

Verdict StageRun::report_end(Item& item, const ServiceWatch& watch, CodeDeployEnd end) {
  item.report.traffic = std::move(end.traffic);
  if (!end.has_ended) return end.verdict;
  if (is_good(end.verdict)) {
    say(item, ServiceStable{});
    return end.verdict;
  }
  const Result<Result<ServiceLook>> looked = poller_.look_at_service(watch.service, now());
  if (!looked || !*looked) return end.verdict;
  const ServiceLook& last = **looked;
  item.report.task_definition = family_revision_of(definition_in_use(last.service));
  // Why its tasks ended is told by the task set that they belonged to.
  ServiceWatch of_tasks = watch;
  of_tasks.our_deployment = end.new_task_set;
  if (end.new_task_set.empty()) return end.verdict;
  FailureExplained why{
      .stopped_tasks = look_at_stopped_tasks(
          context_, {.watch = of_tasks, .last = last, .old_events = {}, .service_deployment = {}}),
      .service_events = {},
      .status_reason = {}};
  if (why != FailureExplained{}) say(item, std::move(why));
  return end.verdict;
}

// Somebody else's, perhaps an earlier run of ours: nothing is decided here.
Verdict StageRun::follow_code_deploy(Item& item, const ObserveService& action,
                                     const ServiceWatch& watch) {
  const ShiftByCodeDeploy nothing_to_decide{.cluster = action.cluster,
                                            .service = action.service,
                                            .application = {},
                                            .deployment_group = {},
                                            .deployment_config = {},
                                            .task_definition = watch.taskDefinition,
                                            .canary = {},
                                            .app_spec = {},
                                            .alarms = {},
                                            .rollback_events = {},
                                            .target_groups = {}};
  CodeDeployShift following(context_, poller_, item.plan.subject, nothing_to_decide, watch, {});
  return report_end(item, watch, following.follow());
}

// What is still on its way is stopped, and CodeDeploy gives the traffic back; what has arrived is
// brought back by a deployment of its own.
Verdict StageRun::undo(Item& item, const Step& step, const ShiftByCodeDeploy& action) {
  const StartedChange* const started = started_change(item);
  if (started == nullptr)
    return verdict_of_error(not_changed_by_us(item), Outcome::kRollbackFailed);
  const ServiceWatch watch = started->watch;
  const Result<Result<ServiceLook>> looked = poller_.look_at_service(action.service, now());
  if (!looked) return verdict_of(looked.error(), Outcome::kStopped);
  if (!*looked) return verdict_of(looked->error(), Outcome::kRollbackFailed);
  const ServiceLook& look = **looked;
  const std::string runs = family_revision_of(definition_in_use(look.service));
  item.report.task_definition = runs;

  int left_on_ours = 0;  // percent of traffic
  if (!watch.our_deployment.empty()) {
    const Result<CodeDeployLook> ours =
        look_at_code_deploy(context_, watch.our_deployment, action.service);
    if (!ours) return verdict_of(ours.error(), Outcome::kRollbackFailed);
    if (!ours->is_over()) return stop_and_follow(item, action, watch);
    if (const CodeDeployLook::TaskSet* const set = ours->new_task_set()) left_on_ours = set->weight;
  }
  if (runs == family_revision_of(std::get<std::string>(action.task_definition))) {
    // PRIMARY changes last of all, and says nothing of traffic that was given away before.
    if (left_on_ours > 0 && look.service.deployments.size() > 1) {
      item.report.traffic = fmt::format("{}% of its traffic goes to {}", left_on_ours,
                                        family_revision_of(watch.taskDefinition));
      return verdict_of_error(Error{ErrorKind::kFailed, "deployment.rollback-failed",
                                    "traffic of service " + action.service +
                                        " is divided, and "
                                        "CodeDeploy has ended"},
                              Outcome::kRollbackFailed);
    }
    say(item, Note{NoteLevel::kInfo, "it runs " + runs + " already"});
    return {};
  }
  if (runs != family_revision_of(watch.taskDefinition))
    return verdict_of_error(Error{ErrorKind::kConflict, "deployment.superseded",
                                  "left as it is: somebody else has deployed " + runs},
                            Outcome::kSkipped);
  return rolled_back(item, shift(item, step, action, look.service));
}

Verdict StageRun::stop_and_follow(Item& item, const ShiftByCodeDeploy& action,
                                  const ServiceWatch& watch) {
  const Result<bool> stopped = stop_code_deploy(
      context_, {.subject = item.plan.subject, .is_undo = true}, watch.our_deployment, true);
  if (!stopped) return verdict_of(stopped.error(), Outcome::kRollbackFailed);
  CodeDeployShift following(context_, poller_, item.plan.subject, action, watch, {},
                            CodeDeployShift::Go::kBack);
  CodeDeployEnd end = following.follow();
  const bool is_back = end.verdict.outcome == Outcome::kRolledBack;
  Verdict verdict = report_end(item, watch, std::move(end));
  return rolled_back(item, is_back ? Verdict{} : std::move(verdict));
}

}  // namespace slipway
