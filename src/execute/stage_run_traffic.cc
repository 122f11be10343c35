// Traffic that goes from one side of a pair to the other, and what becomes of their services: the
// new side is up before it gets a request, the old one stays up until it gets none any more.
#include "base/text.h"
#include "execute/changes.h"
#include "execute/observe.h"
#include "execute/requests.h"
#include "execute/stage_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {

using namespace std::chrono_literals;

namespace {

constexpr Duration kTargetLooksAtStart = 5s;

// Clients that go by what they have cached: once its time has passed nearly all have asked again,
// and a second time for those that were unlucky.
Duration drain_of(const Weights& weights) { return 2 * weights.lag(); }

}  // namespace

// ---- The two services --------------------------------------------------------------------------

Verdict StageRun::bring_up(Item& item, const TrafficEnd& end, const std::string& definition,
                           int count, Duration max_wait) {
  const Result<Result<ServiceLook>> looked = poller_.look_at_service(end.side.service, now());
  if (!looked) return verdict_of(looked.error(), Outcome::kStopped);
  if (!*looked) return verdict_of(looked->error(), Outcome::kFailedToStart);
  ServiceWatch watch{.service = end.side.service,
                     .taskDefinition = definition,
                     .since = now(),
                     .max_wait = max_wait};
  for (const DeploymentSnapshot& deployment : (*looked)->service.deployments)
    watch.earlier.push_back(deployment.id);

  const aws::UpdateServiceRequest request{.cluster = context_.cluster,
                                          .service = end.side.service,
                                          .desiredCount = count,
                                          .taskDefinition = definition};
  const Result<ServiceLook> answer = update_service(
      context_,
      {.subject = item.plan.subject,
       .is_undo = is_undo(),
       .sent =
           [&] {
             item.report.changed = true;
             set_in_progress(item, fmt::format("{} gets {}; no traffic has moved", end.side.service,
                                               family_revision_of(definition)));
           }},
      request, watch);
  if (!answer) return verdict_of(answer.error(), Outcome::kFailedToStart);
  watch.our_deployment = deployment_created(watch, *answer);
  watch.since = now();
  item.report.deployment_id = watch.our_deployment;
  say(item, ServiceUpdated{
                .deployment_id = watch.our_deployment,
                .service_revision = {},
                .service_deployment = answer->service_deployment,
                .old_task_definition = family_revision_of(definition_in_use((*looked)->service)),
                .new_task_definition = family_revision_of(definition),
                .desiredCount = answer->service.desiredCount});
  const TimePoint until = watch.since + max_wait;
  Verdict verdict = watch_service(item, std::move(watch), &*answer);
  if (!is_good(verdict)) return verdict;
  return wait_for_targets(item, end, count, until);
}

// ECS has seen its tasks healthy once; the load balancer has to see all of them so, now.
Verdict StageRun::wait_for_targets(Item& item, const TrafficEnd& end, int count, TimePoint until) {
  if (end.target_groups.empty() || count == 0) return {};
  for (;;) {
    std::vector<TargetGroupHealth> groups;
    std::optional<Error> failed;
    for (Result<TargetGroupHealth>& look : look_at_targets(context_, end.target_groups)) {
      if (!look) {
        failed = look.error();
        continue;
      }
      say(item, observed(*look));
      groups.push_back(std::move(*look));
    }
    if (failed) {
      if (std::optional<Verdict> off = called_off(*failed)) return *off;
      // Not being allowed to look will not change.
      if (failed->kind == ErrorKind::kDenied || now() >= until)
        return verdict_of(*failed, Outcome::kFailed);
    } else if (judge(groups, count) == TargetsVerdict::kHealthy) {
      return {};
    } else if (now() >= until) {
      const auto worst = std::ranges::max_element(
          groups, {}, [&](const TargetGroupHealth& group) { return judge(group, count); });
      return verdict_of_error(Error{ErrorKind::kFailed, "traffic.unhealthy",
                                    fmt::format("targets of {} are not healthy: {}",
                                                to_string(end.side), to_string(*worst))},
                              Outcome::kFailed);
    }
    if (const Result<void> slept = context_.clock().sleep_for(kTargetLooksAtStart); !slept)
      return verdict_of(slept.error(), Outcome::kStopped);
  }
}

// From here on nothing is sent to this side; ECS drains what is still open as it stops the tasks.
Verdict StageRun::bring_down(Item& item, const TrafficEnd& end, bool is_undo_of_ours) {
  if (end.side.is_task_set) return take_down_task_set(item, end, is_undo_of_ours);
  const aws::UpdateServiceRequest request{
      .cluster = context_.cluster, .service = end.side.service, .desiredCount = 0};
  const auto reply =
      call_announced(context_, {.subject = item.plan.subject, .is_undo = is_undo_of_ours},
                     aws::UpdateService, request)
          .context("taking the tasks of " + end.side.service + " away");
  if (!reply) return verdict_of(reply.error(), Outcome::kFailed);
  say(item, Note{NoteLevel::kInfo, fmt::format("{} goes to no task", end.side.service)});
  return {};
}

// ---- There -------------------------------------------------------------------------------------

Verdict StageRun::act(Item& item, const Step& step, const ShiftTraffic& action) {
  const Result<std::unique_ptr<Weights>> found =
      weights_of(context_, item.plan.subject, action.canary.mover,
                 {.old_side = action.from.side, .new_side = action.to.side});
  if (!found) return verdict_of(found.error(), Outcome::kFailedToStart);
  Weights& weights = **found;
  TrafficChecks checks(context_, item.plan.subject, action.canary, action.from, action.to);
  if (action.taken_over_at) {
    item.report.changed = true;
    if (const Result<void> may = checks.may_begin(true); !may)
      return verdict_of(may.error(), Outcome::kFailedToStart);
    remember(item, step);
    return take_over(item, action, weights, checks);
  }

  // Nothing has been changed so far, and nothing is when one of these objects.
  const Result<Split> split = weights.read();
  if (!split) return verdict_of(split.error(), Outcome::kFailedToStart);
  if (!split->is_all_old())
    return verdict_of_error(
        Error{ErrorKind::kConflict, "traffic.changed",
              fmt::format("the weights are others than when this was planned: {}; nothing was "
                          "changed",
                          join(split->lines, "; "))},
        Outcome::kSuperseded);
  if (const Result<void> may = checks.may_begin(); !may)
    return verdict_of(may.error(), Outcome::kFailedToStart);
  Result<std::string> definition = resolve(item, *action.task_definition);
  if (!definition) return verdict_of(definition.error(), Outcome::kFailedToStart);

  remember(item, step);
  ShiftTraffic begun = action;
  const int count = std::max(action.from.desiredCount, action.from.runningCount);
  Verdict up = action.to.side.is_task_set
                   ? bring_up_task_set(item, begun, *definition)
                   : bring_up(item, action.to, *definition, count, action.max_wait);
  if (!is_good(up)) return not_up(item, begun, std::move(up));
  return shift(item, begun, *definition, weights, checks);
}

// Whoever left it there may not have seen the new side healthy, and it is about to get more.
Verdict StageRun::take_over(Item& item, const ShiftTraffic& action, Weights& weights,
                            TrafficChecks& checks) {
  const int at = *action.taken_over_at;
  const Duration patience = at == 0 ? action.max_wait : (kBadLooks - 1) * kTargetLooksInDoubt;
  Verdict healthy =
      wait_for_targets(item, action.to, std::max(1, action.to.desiredCount), now() + patience);
  if (is_good(healthy)) return shift(item, action, action.to.task_definition, weights, checks);
  if (healthy.outcome == Outcome::kStopped || healthy.outcome == Outcome::kTimedOut) return healthy;
  item.report.traffic = fmt::format("{}% of traffic is on {}", at, to_string(action.to.side));
  return give_up(item, action, weights, std::move(*healthy.error), at);
}

// No traffic has moved; what is left of the new side is of no use.
Verdict StageRun::not_up(Item& item, const ShiftTraffic& action, Verdict up) {
  if (!item.report.changed) {
    forget(item);
    return up;
  }
  item.report.traffic = fmt::format("all traffic is on {}, as before", to_string(action.from.side));
  const bool is_ours = up.outcome != Outcome::kStopped && up.outcome != Outcome::kSuperseded;
  if (!is_ours || !action.restores) return up;
  if (const Verdict down = bring_down(item, action.to, true); !is_good(down) && down.error)
    say(item,
        Note{NoteLevel::kWarning, fmt::format("{} keeps its tasks: {}", to_string(action.to.side),
                                              down.error->message)});
  forget(item);
  item.report.task_definition = family_revision_of(action.from.task_definition);
  if (up.outcome != Outcome::kRolledBack) {
    up.outcome = Outcome::kRolledBack;
    up.rolled_back_by = RolledBackBy::kUs;
  }
  return up;
}

Verdict StageRun::shift(Item& item, const ShiftTraffic& action, const std::string& definition,
                        Weights& weights, TrafficChecks& checks) {
  TrafficShift shift(
      context_, poller_, item.plan.subject, action, definition, weights, checks,
      {.stands_at =
           [&](const std::string& where) {
             item.report.traffic = where;
             set_in_progress(item, where);
           },
       .scale_new_side =
           [&](const TrafficEnd& old_side) {
             if (action.to.side.is_task_set)
               return scale_up_task_set(item, action.to, old_side.scale, action.max_wait);
             return bring_up(item, action.to, definition, old_side.desiredCount, action.max_wait);
           }});
  item.report.traffic = shift.where_it_stands();
  set_in_progress(item, item.report.traffic);
  ShiftEnd end = shift.run();
  item.report.task_definition = family_revision_of(definition);
  switch (end.how) {
    case ShiftEnd::How::kArrived:
      return finish_shift(item, action, weights);
    case ShiftEnd::How::kPaused:
      item.report.traffic = shift.where_it_stands();
      pause(item, *end.why, shift.weight());
      return verdict_of_error(std::move(*end.why), Outcome::kPaused);
    case ShiftEnd::How::kSuperseded:
      item.report.traffic = "the weights and both services are left as they are";
      return verdict_of_error(std::move(*end.why), Outcome::kSuperseded);
    case ShiftEnd::How::kCalledOff:
      return verdict_of(std::move(*end.why), Outcome::kStopped);
    case ShiftEnd::How::kFailed:
      return give_up(item, action, weights, std::move(*end.why), shift.weight());
  }
  return {};
}

void StageRun::pause(Item& item, const Error& why, int weight) {
  // Only the file knows the steps.
  const std::string name =
      (context_.file.empty() ? "" : "-f " + context_.file + " ") + item.plan.subject.item;
  say(item, StepPaused{.weight = weight,
                       .reason = why.message,
                       .go_on = "slipway continue " + name,
                       .go_back = "slipway stop " + name});
}

// All traffic is on the new side. What still comes to the old one goes by an answer that is about
// to expire.
Verdict StageRun::finish_shift(Item& item, const ShiftTraffic& action, Weights& weights) {
  if (Verdict primary = be_primary(item, action.to, is_undo()); !is_good(primary)) {
    item.report.traffic = fmt::format("all traffic is on {}", to_string(action.to.side));
    return primary;
  }
  const Duration wait = std::max(drain_of(weights), action.canary.keep_previous);
  if (wait > Duration{0}) {
    set_in_progress(
        item, fmt::format("all traffic is on {}; {} is kept for {}", to_string(action.to.side),
                          to_string(action.from.side), to_string(wait)));
    say(item, Note{NoteLevel::kInfo,
                   fmt::format("{} is kept for {}", to_string(action.from.side), to_string(wait))});
    if (const Result<void> slept = context_.clock().sleep_for(wait); !slept) {
      item.report.traffic = fmt::format("all traffic is on {}, and {} still has its tasks",
                                        to_string(action.to.side), to_string(action.from.side));
      return verdict_of(slept.error(), Outcome::kStopped);
    }
  }
  Verdict down = bring_down(item, action.from, false);
  item.report.traffic.clear();
  if (is_good(down)) {
    say(item, ServiceStable{});
    return {};
  }
  if (down.error && called_off(*down.error)) return down;
  // The release has arrived; tasks that nobody sends anything to are a cost, not a failure.
  say(item,
      Note{NoteLevel::kWarning, fmt::format("{} keeps its tasks: {}", to_string(action.from.side),
                                            down.error->message)});
  return {};
}

// ---- And back ----------------------------------------------------------------------------------

Verdict StageRun::give_up(Item& item, const ShiftTraffic& action, Weights& weights, Error why,
                          int weight) {
  if (!action.restores && weight > 0) {
    // The release says that a failure leaves things as they are.
    why.message += fmt::format("; {}", item.report.traffic);
    return verdict_of_error(std::move(why), Outcome::kFailed);
  }
  return bring_back(item, action.canary, action.from, action.to, weights, std::move(why));
}

// Until nobody comes any more to the side that has lost its traffic.
std::optional<Verdict> StageRun::drain(Item& item, const Weights& weights,
                                       const TrafficEnd& back_to, const TrafficEnd& away_from) {
  const Duration wait = drain_of(weights);
  if (wait == Duration{0}) return std::nullopt;
  const std::string kept =
      fmt::format("{} is kept for {}", to_string(away_from.side), to_string(wait));
  set_in_progress(item,
                  fmt::format("all traffic is on {} again; {}", to_string(back_to.side), kept));
  say(item, Note{NoteLevel::kInfo, kept});
  const Result<void> slept = context_.clock().sleep_for(wait);
  if (slept) return std::nullopt;
  item.report.traffic = fmt::format("all traffic is on {} again, and {} still has its tasks",
                                    to_string(back_to.side), to_string(away_from.side));
  return verdict_of(slept.error(), Outcome::kStopped);
}

Verdict StageRun::bring_back(Item& item, const Canary& canary, const TrafficEnd& back_to,
                             const TrafficEnd& away_from, Weights& weights, Error why) {
  item.report.changed = true;
  const Result<Split> before = weights.read();
  const bool is_back = before && before->is_all_old();
  say(item, Note{NoteLevel::kWarning, is_back ? fmt::format("all traffic is on {}, and {} goes: {}",
                                                            to_string(back_to.side),
                                                            to_string(away_from.side), why.message)
                                              : fmt::format("bringing all traffic back to {}: {}",
                                                            to_string(back_to.side), why.message)});
  set_in_progress(item, fmt::format("traffic is going back to {}", to_string(back_to.side)));
  if (const Result<void> set = is_back ? Result<void>() : weights.set(0, true); !set) {
    if (called_off(set.error())) {
      item.report.traffic = fmt::format("traffic was going back to {}", to_string(back_to.side));
      return verdict_of(set.error(), Outcome::kStopped);
    }
    const Result<Split> left = weights.read();
    item.report.traffic = left ? "the weights are left as they are: " + join(left->lines, "; ")
                               : "nobody knows where the weights are";
    item.report.by_hand = weights.by_hand(0);
    Error error = set.error();
    error.message = fmt::format("{}; and the weights could not be brought back: {}", why.message,
                                error.message);
    return verdict_of_error(std::move(error), Outcome::kRollbackFailed);
  }
  const int from = before ? std::max(0, before->new_percent()) : 0;
  if (from > 0) {
    say(item, TrafficShifted{.mover = std::string(to_string(canary.mover)),
                             .what = before->what,
                             .new_side = to_string(away_from.side),
                             .from = from,
                             .to = 0,
                             .undo = true});
    if (std::optional<Verdict> off = drain(item, weights, back_to, away_from)) return *off;
  }
  Verdict down = be_primary(item, back_to, true);
  if (is_good(down)) down = bring_down(item, away_from, true);
  if (!is_good(down) && down.error)
    say(item,
        Note{NoteLevel::kWarning, fmt::format("{} keeps its tasks: {}", to_string(away_from.side),
                                              down.error->message)});
  item.report.traffic = fmt::format("all traffic is on {}", to_string(back_to.side));
  item.report.task_definition = family_revision_of(back_to.task_definition);
  return {.outcome = Outcome::kRolledBack,
          .rolled_back_by = RolledBackBy::kUs,
          .error = std::move(why)};
}

// The old service with the tasks that all of the traffic needs.
Verdict StageRun::restart(Item& item, const RestoreTraffic& action, const Split& split) {
  const std::vector<std::string> names = {action.back_to.side.service,
                                          action.away_from.side.service};
  const std::vector<Result<ServiceLook>> looks = look_at_services(context_, names);
  for (const Result<ServiceLook>& look : looks)
    if (!look) return verdict_of(look.error(), Outcome::kRollbackFailed);
  const ServiceSnapshot& old_service = looks[0]->service;
  const int count = std::max(action.back_to.desiredCount,
                             split.new_weight > 0 ? looks[1]->service.runningCount : 0);
  const bool runs_it = family_revision_of(definition_in_use(old_service)) ==
                       family_revision_of(action.back_to.task_definition);
  if (old_service.runningCount >= count && runs_it) return {};
  return bring_up(item, action.back_to, action.back_to.task_definition,
                  std::max(count, old_service.desiredCount), action.max_wait);
}

Verdict StageRun::act(Item& item, const Step&, const RestoreTraffic& action) {
  const Result<std::unique_ptr<Weights>> found =
      weights_of(context_, item.plan.subject, action.canary.mover,
                 {.old_side = action.back_to.side, .new_side = action.away_from.side});
  if (!found) return verdict_of(found.error(), Outcome::kRollbackFailed);
  Weights& weights = **found;
  const Result<Split> split = weights.read();
  if (!split) return verdict_of(split.error(), Outcome::kRollbackFailed);

  // The side that gets all of it has to carry all of it first.
  if (!split->is_all_old()) {
    const Verdict up = action.back_to.side.is_task_set ? restart_task_set(item, action)
                                                       : restart(item, action, *split);
    if (!is_good(up)) {
      Verdict verdict = up;
      if (up.outcome != Outcome::kStopped) verdict.outcome = Outcome::kRollbackFailed;
      item.report.traffic = "the weights are left as they are: " + join(split->lines, "; ");
      item.report.by_hand = weights.by_hand(0);
      return verdict;
    }
  }
  // It is back already, and only who set it knows since when: a run that was ended while it waited
  // for the last to come.
  if (split->is_all_old() && !is_undo())
    if (std::optional<Verdict> off = drain(item, weights, action.back_to, action.away_from))
      return *off;
  Verdict verdict = bring_back(item, action.canary, action.back_to, action.away_from, weights,
                               Error{ErrorKind::kFailed, "traffic.undone",
                                     is_undo() ? "this run is undone" : "a person asked for it"});
  if (verdict.outcome == Outcome::kRolledBack) {
    say(item, ServiceRolledBack{item.report.task_definition});
    return {};
  }
  return verdict;
}

}  // namespace slipway
