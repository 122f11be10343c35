// One service whose traffic ECS moves itself: the update, the watch over its stages, and the
// service's own deploymentConfiguration put back when it has ended.
#include "execute/changes.h"
#include "execute/ecs_leftovers.h"
#include "execute/ecs_shift.h"
#include "execute/observe.h"
#include "execute/service_deployments.h"
#include "execute/stage_run.h"
#include "plan/ecs_canary.h"

#include <fmt/format.h>

#include <utility>

namespace slipway {
Verdict StageRun::act(Item& item, const Step& step, const ShiftByEcs& action) {
  if (is_undo()) return undo(item, step, action);
  const Known* const before = known(action.service);
  if (before == nullptr) return was_not_observed(action.service);
  return shift(item, step, action, before->service);
}

Verdict StageRun::shift(Item& item, const Step& step, const ShiftByEcs& action,
                        const ServiceSnapshot& before) {
  Result<EcsEnds> ends = look_at_ecs_ends(context_, item.plan.subject, action.canary, before);
  if (!ends) return verdict_of(ends.error(), Outcome::kFailedToStart);
  if (!action.canary.checks.empty()) {
    TrafficChecks checks(context_, item.plan.subject, action.canary, ends->from, ends->to);
    if (const Result<void> quiet = checks.may_begin(); !quiet)
      return verdict_of(quiet.error(), Outcome::kFailedToStart);
  }
  const UpdateService update{.cluster = action.cluster,
                             .service = action.service,
                             .task_definition = action.task_definition,
                             .forceNewDeployment = action.forceNewDeployment,
                             .deploymentConfiguration = action.deploymentConfiguration};
  Result<SentUpdate> sent = send_update(item, step, update, before);
  if (!sent) return item.report.verdict;
  if (!settings_.wait) {
    tell_who_goes_on(item, action);
    return {};
  }
  if (sent->answer.service_deployment.empty()) {
    // Then there is only the service itself to go by.
    return watch_service(item, std::move(sent->watch), &sent->answer);
  }
  std::set<std::string> old_events;
  for (const ServiceEvent& event : sent->answer.events) old_events.insert(event.id);

  EcsShift following(context_, poller_, item.plan.subject, action, sent->watch,
                     sent->answer.service_deployment, *std::move(ends));
  EcsShiftEnd end = following.follow();
  item.report.traffic = std::move(end.traffic);
  if (!end.has_ended) return end.verdict;
  if (end.verdict.outcome != Outcome::kSuperseded)
    put_back_configuration(item, action);
  else
    tell_what_stays(item, action);
  if (is_good(end.verdict)) {
    say(item, ServiceStable{});
    return end.verdict;
  }
  const Result<Result<ServiceLook>> looked = poller_.look_at_service(action.service, now());
  if (looked && *looked) {
    const ServiceLook& last = **looked;
    item.report.task_definition = family_revision_of(definition_in_use(last.service));
    if (end.verdict.rolled_back_by != RolledBackBy::kUs)
      explain_failure(item, sent->watch, last, old_events, sent->answer.service_deployment,
                      end.verdict);
  }
  return end.verdict;
}

// The release says how it is carried out, not how the service is deployed from now on.
void StageRun::put_back_configuration(Item& item, const ShiftByEcs& action) {
  if (action.afterwards.is_null()) return;
  const Result<void> done =
      set_deployment_configuration(context_, {.subject = item.plan.subject, .is_undo = is_undo()},
                                   action.service, action.afterwards);
  if (!done)
    say(item, Note{NoteLevel::kWarning, fmt::format("service {} keeps the deploymentConfiguration "
                                                    "of this release: {}",
                                                    action.service, done.error().message)});
}

// Nobody looks, and ECS is at it: what it does by itself, and what it leaves behind.
void StageRun::tell_who_goes_on(Item& item, const ShiftByEcs& action) {
  if (const Duration patience = ecs_patience(action.canary); patience > Duration{0})
    say(item, Note{NoteLevel::kWarning,
                   fmt::format("ECS pauses and waits {} for `{} {}`; then it goes back",
                               to_string(patience), continue_command(context_), action.service)});
  tell_what_stays(item, action);
}

void StageRun::tell_what_stays(Item& item, const ShiftByEcs& action) {
  if (!action.afterwards.is_null())
    say(item, Note{NoteLevel::kWarning,
                   fmt::format("service {} keeps the deploymentConfiguration of this release for "
                               "now; `slipway continue` and `slipway stop` put it back at the end",
                               action.service)});
}

// A deployment that waits at a pause hook waits for a person, and nobody's patience helps. It costs
// a call only where the service has such hooks.
std::optional<Verdict> StageRun::wait_at_hook(Item& item, const ServiceWatch& watch,
                                              const ServiceLook& look) {
  const DeploymentSnapshot* const primary = look.service.primary();
  if (look.service_deployment.empty() || primary == nullptr ||
      !has_pauses(look.service.deploymentConfiguration) ||
      (!watch.our_deployment.empty() && primary->id != watch.our_deployment))
    return std::nullopt;
  const auto reply = context_.optional.call(aws::DescribeServiceDeployments,
                                            {.serviceDeploymentArns = {look.service_deployment}},
                                            "whether it waits at a pause hook is not known");
  if (!reply || reply->serviceDeployments.empty()) return std::nullopt;
  const aws::ServiceDeployment& deployment = reply->serviceDeployments.front();
  const std::vector<PauseHook> hooks = waiting_hooks(deployment);
  if (hooks.empty()) return std::nullopt;
  say(item, observed(deployment));
  return wait_for_a_person(
      context_, item.plan.subject,
      {.service = watch.service,
       .weight_percent = production_percent(deployment),
       .reason = fmt::format("service deployment {} waits at pause hook {}",
                             last_segment(look.service_deployment), hooks.front().hookId)},
      &hooks.front());
}

void StageRun::tell_stable(Item& item, const ServiceWatch& watch,
                           const std::optional<ServiceLook>& last) {
  say(item, ServiceStable{});
  if (last && has_pauses_of_ours(last->service.deploymentConfiguration))
    say(item,
        Note{NoteLevel::kWarning,
             fmt::format("service {0} still has the pause hooks of that release, and the next "
                         "deployment would wait there; `slipway continue --cluster {1} {0}` "
                         "takes them away, and so does the next `slipway deploy`",
                         watch.service, context_.cluster)});
}

// What is still on its way is stopped, which is a flip of weights onto warm tasks; what has arrived
// is brought back by a deployment of its own.
Verdict StageRun::undo(Item& item, const Step& step, const ShiftByEcs& action) {
  const Result<ServiceLook> look = look_before_undo(item, action.service);
  if (!look) return item.report.verdict;
  if (!look->service_deployment.empty()) {
    const Result<Result<aws::ServiceDeployment>> current =
        poller_.look_at_service_deployment(look->service_deployment, now());
    if (!current) return verdict_of(current.error(), Outcome::kStopped);
    if (*current && !has_ended((*current)->status)) {
      ItemReport stopped =
          stop_deployment(context_, item.plan.subject,
                          {.service = action.service, .deployment = look->service_deployment});
      if (!is_good(stopped.verdict)) {
        if (stopped.verdict.outcome == Outcome::kFailed)
          stopped.verdict.outcome = Outcome::kRollbackFailed;
        return stopped.verdict;
      }
      put_back_configuration(item, action);
      item.report.task_definition = stopped.task_definition;
      say(item, ServiceRolledBack{item.report.task_definition});
      return {};
    }
  }
  return rolled_back(item, shift(item, step, action, look->service));
}

}  // namespace slipway
