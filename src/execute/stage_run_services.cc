// Services that ECS itself rolls out: the update is sent, watched to its end by the deployment that
// it created, and taken back while it is still ours.
#include "aws/ecs.h"
#include "execute/changes.h"
#include "execute/explain.h"
#include "execute/pace.h"
#include "execute/requests.h"
#include "execute/stage_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {

using namespace std::chrono_literals;

namespace {

constexpr Duration kHookLooks = 15s;  // whether somebody is waited for

// The ARN of the service revision that carries the deployment's number.
std::string revision_of(const ServiceLook& look, const std::string& deployment_id) {
  const std::string number = last_segment(deployment_id);
  for (const std::string& arn : look.revisions)
    if (last_segment(arn) == number) return arn;
  return {};
}

}  // namespace

Verdict StageRun::act(Item& item, const Step& step, const UpdateService& action) {
  if (is_undo()) return undo(item, step, action);
  const Known* const before = known(action.service);
  if (before == nullptr) return was_not_observed(action.service);
  return update(item, step, action, before->service);
}

Verdict StageRun::act(Item& item, const Step& step, const ObserveService& action) {
  const auto& until = std::get<DeploymentCompleted>(step.until);
  item.report.task_definition = family_revision_of(until.taskDefinition);
  item.report.deployment_id = action.deployment;
  if (!settings_.wait) return {};
  ServiceWatch watch{.service = action.service,
                     .our_deployment = action.deployment,
                     .taskDefinition = until.taskDefinition,
                     .since = now(),
                     .max_wait = until.max_wait};
  set_in_progress(item, action.deployment.empty() ? "waiting until it is stable"
                                                  : "deployment " + action.deployment);
  // Made long ago by somebody who told us its id: there is nothing stale about not seeing it.
  if (!action.deployment.empty()) watch.stale_reads = Duration{0};
  if (is_code_deploy_id(action.deployment)) return follow_code_deploy(item, action, watch);
  return watch_service(item, std::move(watch), nullptr);
}

Verdict StageRun::update(Item& item, const Step& step, const UpdateService& action,
                         const ServiceSnapshot& before) {
  Result<SentUpdate> sent = send_update(item, step, action, before);
  if (!sent) return item.report.verdict;
  if (!settings_.wait) return {};
  return watch_service(item, std::move(sent->watch), &sent->answer);
}

Result<StageRun::UpdateToSend> StageRun::prepare_update(Item& item, const Step& step,
                                                        const UpdateService& action,
                                                        const ServiceSnapshot& before) {
  std::string definition;
  if (action.task_definition) {
    TRY(definition, resolve(item, *action.task_definition));
  }
  UpdateToSend update{
      .request = request_of(action, definition),
      .watch = {.service = action.service,
                .taskDefinition = definition.empty() ? before.taskDefinition : definition}};
  for (const DeploymentSnapshot& deployment : before.deployments)
    update.watch.earlier.push_back(deployment.id);
  if (const auto* until = std::get_if<DeploymentCompleted>(&step.until))
    update.watch.max_wait = until->max_wait;
  if (!action.deploymentConfiguration.is_null()) {
    TRY(update.request.deploymentConfiguration,
        deployment_configuration(action.deploymentConfiguration));
  }
  return update;
}

Result<StageRun::SentUpdate> StageRun::send_update(Item& item, const Step& step,
                                                   const UpdateService& action,
                                                   const ServiceSnapshot& before) {
  const auto fail = [&](const Error& error, Outcome outcome) {
    item.report.verdict = verdict_of(error, outcome);
    return error;
  };
  Result<UpdateToSend> update = prepare_update(item, step, action, before);
  if (!update) return fail(update.error(), Outcome::kFailedToStart);
  ServiceWatch& watch = update->watch;
  if (action.forceNewDeployment) say(item, Note{NoteLevel::kDebug, "a new deployment is forced"});
  if (watch.max_wait > Duration{0})
    say(item, Note{NoteLevel::kDebug,
                   fmt::format("waiting at most {}", slipway::to_string(watch.max_wait))});

  // From here on the change may have happened: what would undo it is known first.
  watch.since = now();
  if (!is_undo()) remember(item, step).watch = watch;
  const auto sent = [&] {
    item.report.changed = true;
    set_in_progress(item, "an update was sent");
  };
  const Result<ServiceLook> answer =
      update_service(context_, {.subject = item.plan.subject, .is_undo = is_undo(), .sent = sent},
                     update->request, watch);
  if (!answer) {
    const bool nobody_knows = aws::is_reply_lost(answer.error()) || called_off(answer.error());
    if (!nobody_knows) {
      item.report.changed = false;
      forget(item);
    }
    return fail(answer.error(), nobody_knows ? Outcome::kFailed : Outcome::kFailedToStart);
  }

  // AWS has said which deployment is ours.
  watch.our_deployment = deployment_created(watch, *answer);
  watch.since = now();
  for (StartedChange& started : state_.started)
    if (started.subject == item.plan.subject) started.watch = watch;
  item.report.deployment_id = watch.our_deployment;
  item.report.task_definition = family_revision_of(watch.taskDefinition);
  set_in_progress(item, watch.our_deployment.empty() ? "waiting until it is stable"
                                                     : "deployment " + watch.our_deployment);
  SentUpdate taken{std::move(watch), *answer};
  tell_update(item, action, before, taken);
  return taken;
}

void StageRun::tell_update(const Item& item, const UpdateService& action,
                           const ServiceSnapshot& before, const SentUpdate& sent) {
  const auto& [watch, answer] = sent;
  for (const DeploymentSnapshot& other : answer.service.deployments)
    if (other.id != watch.our_deployment && !watch.our_deployment.empty() &&
        std::ranges::find(watch.earlier, other.id) == watch.earlier.end())
      say(item, Note{NoteLevel::kWarning,
                     fmt::format("somebody else's deployment {} ({}) was under way and has been "
                                 "replaced by ours",
                                 other.id, family_revision_of(other.taskDefinition))});
  say(item, ServiceUpdated{.deployment_id = watch.our_deployment,
                           .service_revision = revision_of(answer, watch.our_deployment),
                           .service_deployment = answer.service_deployment,
                           .old_task_definition = family_revision_of(before.taskDefinition),
                           .new_task_definition = family_revision_of(watch.taskDefinition),
                           .desiredCount = answer.service.desiredCount,
                           .forced = action.forceNewDeployment});
}

Result<ServiceLook> StageRun::look_before_undo(Item& item, const std::string& service) {
  const auto end = [&](Verdict verdict, Error error) {
    item.report.verdict = std::move(verdict);
    return error;
  };
  const StartedChange* const started = started_change(item);
  if (started == nullptr) {
    const Error error = not_changed_by_us(item);
    return end(verdict_of_error(error, Outcome::kRollbackFailed), error);
  }
  const Result<Result<ServiceLook>> looked = poller_.look_at_service(service, now());
  if (!looked) return end(verdict_of(looked.error(), Outcome::kStopped), looked.error());
  const Result<ServiceLook>& look = *looked;
  if (!look) return end(verdict_of(look.error(), Outcome::kRollbackFailed), look.error());
  item.report.task_definition = family_revision_of(definition_in_use(look->service));

  switch (standing(started->watch, *look, now())) {
    case Standing::kEarlier:
      say(item, Note{NoteLevel::kInfo,
                     "ECS has rolled it back to " + item.report.task_definition + " itself"});
      return end({}, Error{ErrorKind::kConflict, "undo.done", "it is back already"});
    case Standing::kForeign: {
      const Error error{ErrorKind::kConflict, "deployment.superseded",
                        "left as it is: somebody else has deployed " + item.report.task_definition};
      return end(verdict_of_error(error, Outcome::kSkipped), error);
    }
    case Standing::kOurs:
      break;
  }
  return *look;
}

// Back to what was there before this run, unless that is no longer ours to do.
Verdict StageRun::undo(Item& item, const Step& step, const UpdateService& action) {
  const Result<ServiceLook> look = look_before_undo(item, action.service);
  if (!look) return item.report.verdict;
  return rolled_back(item, update(item, step, action, look->service));
}

Verdict StageRun::watch_service(Item& item, ServiceWatch watch, const ServiceLook* answer) {
  std::set<std::string> old_events;
  std::optional<ServiceLook> last;
  if (answer != nullptr) {
    last = *answer;
    for (const ServiceEvent& event : answer->events) old_events.insert(event.id);
  }
  std::set<std::string> told = old_events;
  const bool nothing_wanted = answer != nullptr && answer->service.desiredCount == 0;
  LookPace pace{.quick = watch.our_deployment.empty() || nothing_wanted};
  bool said_completed = false;
  TimePoint hooks_due = now();
  for (;;) {
    // Nothing was sent: what is there now may be all there is to see.
    const bool at_once = answer == nullptr && !pace.last;
    const Duration age = at_once ? Duration{0} : std::min(next_look(pace), watch.max_wait);
    const Result<Result<ServiceLook>> looked =
        poller_.look_at_service(watch.service, watch.since + age);
    if (!looked) return verdict_of(looked.error(), Outcome::kStopped);
    const Result<ServiceLook>& look = *looked;
    if (look) {
      if (!last) {
        for (const ServiceEvent& event : look->events) old_events.insert(event.id);
        told = old_events;
      }
      for (auto event = look->events.rbegin(); event != look->events.rend(); ++event)
        if (told.insert(event->id).second) say(item, *event);
      say(item, ServiceObserved{.service = look->service, .our_deployment = watch.our_deployment});
      last = *look;
      item.report.task_definition = family_revision_of(definition_in_use(look->service));
    } else if (std::optional<Verdict> off = called_off(look.error())) {
      return *off;
    }

    ServiceJudgement judgement = judge(watch, look, now());
    if (!judgement.verdict && look && hooks_due <= now()) {
      hooks_due = now() + kHookLooks;
      judgement.verdict = wait_at_hook(item, watch, *look);
    }
    if (watch.failed_looks > 0)
      say(item, PollFailed{.error = look.error(),
                           .in_a_row = watch.failed_looks,
                           .limit = kFailedLooksTolerated});
    if (judgement.completed && !std::exchange(said_completed, true)) say(item, CheckingStability{});
    if (judgement.verdict) {
      if (is_good(*judgement.verdict))
        tell_stable(item, watch, last);
      else if (last && judgement.verdict->outcome != Outcome::kPaused)
        explain_failure(item, watch, *last, old_events,
                        answer != nullptr ? answer->service_deployment : std::string(),
                        *judgement.verdict);
      return *judgement.verdict;
    }
    // A look is on time when only the way to AWS lies between; then the next is counted from when
    // it was due, or the delays would add up.
    const Duration looked_at = now() - watch.since;
    pace.last = looked_at > age && looked_at - age < 500ms ? age : looked_at;
    if (judgement.about_to_end && !pace.hinted) pace.hinted = pace.last;
  }
}

void StageRun::explain_failure(Item& item, const ServiceWatch& watch, const ServiceLook& last,
                               const std::set<std::string>& old_events,
                               const std::string& service_deployment, Verdict& verdict) {
  Explanation explanation = explain(context_, {.watch = watch,
                                               .last = last,
                                               .old_events = old_events,
                                               .service_deployment = service_deployment});
  // The record of the deployment knows better than what the service still shows.
  if (explanation.rolled_back_by != RolledBackBy::kNobody &&
      verdict.rolled_back_by == RolledBackBy::kNobody &&
      (verdict.outcome == Outcome::kRolledBack || verdict.outcome == Outcome::kSuperseded)) {
    verdict.outcome = Outcome::kRolledBack;
    verdict.rolled_back_by = explanation.rolled_back_by;
  }
  if (explanation.what != FailureExplained{}) say(item, std::move(explanation.what));
}

}  // namespace slipway
