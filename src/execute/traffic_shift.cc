#include "execute/traffic_shift.h"

#include "base/text.h"
#include "execute/task_sets.h"
#include "execute/traffic_look.h"
#include "execute/watch.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway {

TrafficShift::TrafficShift(Context& context, Poller& poller, const Subject& subject,
                           const ShiftTraffic& action, std::string definition, Weights& weights,
                           TrafficChecks& checks, Hooks hooks)
    : context_(context),
      poller_(poller),
      subject_(subject),
      action_(action),
      definition_(std::move(definition)),
      weights_(weights),
      checks_(checks),
      hooks_(std::move(hooks)),
      groups_(action.to.target_groups),
      weight_(action.taken_over_at.value_or(0)),
      wanted_healthy_(std::max(1, action.from.desiredCount)) {
  if (action.taken_over_at) wanted_healthy_ = std::max(1, action.to.desiredCount);
}

std::string TrafficShift::where_it_stands() const {
  const std::string new_side = to_string(action_.to.side);
  const std::string old_side = to_string(action_.from.side);
  if (weight_ == 0) return fmt::format("all traffic is on {}", old_side);
  if (weight_ == 100) return fmt::format("all traffic is on {}", new_side);
  return fmt::format("{}% of traffic is on {} ({}), {}% on {} ({})", weight_, new_side,
                     family_revision_of(definition_), 100 - weight_, old_side,
                     family_revision_of(action_.from.task_definition));
}

ShiftEnd TrafficShift::failed(std::string code, std::string message) const {
  return {.how = ShiftEnd::How::kFailed,
          .why = Error{ErrorKind::kFailed, std::move(code),
                       fmt::format("{}, at {}% of traffic", message, weight_)}};
}

ShiftEnd TrafficShift::end_of(Error error) const {
  if (called_off(error)) return {.how = ShiftEnd::How::kCalledOff, .why = std::move(error)};
  if (error.code == "weights.changed-meanwhile" || error.code == "dns.changed-meanwhile")
    return {.how = ShiftEnd::How::kSuperseded, .why = std::move(error)};
  return {.how = ShiftEnd::How::kFailed, .why = std::move(error)};
}

TrafficShift::MayEnd TrafficShift::trouble(const StepTrouble& found) {
  if (found.verdict == CheckVerdict::kFail) return failed("traffic.check-failed", found.reason);
  return ShiftEnd{.how = ShiftEnd::How::kPaused,
                  .why = Error{ErrorKind::kFailed, "traffic.inconclusive", found.reason}};
}

// ---- Steps -------------------------------------------------------------------------------------

// What is left when it was taken over: the steps above where the weights are; at the end the last
// one is watched once more.
std::vector<TrafficStep> TrafficShift::steps_to_do() const {
  std::vector<TrafficStep> steps;
  for (const TrafficStep& step : action_.canary.steps)
    if (!action_.taken_over_at || step.weight > *action_.taken_over_at) steps.push_back(step);
  if (steps.empty() && !action_.canary.steps.empty()) {
    steps.push_back(action_.canary.steps.back());
    steps.back().pause = false;  // a person has just said that it shall go on
  }
  return steps;
}

ShiftEnd TrafficShift::run() {
  const std::vector<TrafficStep> steps = steps_to_do();
  const int done = static_cast<int>(action_.canary.steps.size() - steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (MayEnd end = do_step(steps[i], done + static_cast<int>(i) + 1)) return *end;
  return {};
}

TrafficShift::MayEnd TrafficShift::do_step(const TrafficStep& step, int number) {
  Result<std::optional<StepTrouble>> knocked = checks_.knock(step);
  if (!knocked) return end_of(knocked.error());
  if (*knocked) return trouble(**knocked);
  const bool weights_just_seen = now() + kWeightLooks - weights_due_ <= kJustSeen;
  if (!weights_just_seen)
    if (MayEnd end = check_weights()) return end;
  if (MayEnd end = keep_up_with_the_old_side()) return end;
  if (MayEnd end = set_weight(step)) return end;
  say(StepStarted{.step = number,
                  .steps = static_cast<int>(action_.canary.steps.size()),
                  .weight = step.weight,
                  .bake = step.bake});
  if (MayEnd end = bake(step)) return end;
  if (!step.pause) return std::nullopt;
  return ShiftEnd{.how = ShiftEnd::How::kPaused,
                  .why = Error{ErrorKind::kFailed, "traffic.pause",
                               fmt::format("the step of {}% waits for a person", step.weight)}};
}

// Nobody but us moves them, or they are not ours to move any more.
TrafficShift::MayEnd TrafficShift::check_weights() {
  const Result<Split> split = weights_.read();
  weights_due_ = now() + kWeightLooks;
  if (!split) {
    // It was a pair of ours when this began.
    const ErrorKind kind = split.error().kind;
    if (kind != ErrorKind::kInvalid && kind != ErrorKind::kNotFound) return end_of(split.error());
    return ShiftEnd{
        .how = ShiftEnd::How::kSuperseded,
        .why = Error{ErrorKind::kConflict, "traffic.superseded",
                     fmt::format("somebody else has changed what divides the traffic while {}% was "
                                 "on {}: {}",
                                 weight_, to_string(action_.to.side), split.error().message)}};
  }
  what_ = split->what;
  if (split->is_uniform && split->new_percent() == weight_) return std::nullopt;
  return ShiftEnd{
      .how = ShiftEnd::How::kSuperseded,
      .why = Error{ErrorKind::kConflict, "traffic.superseded",
                   fmt::format("somebody else has changed the weights while {}% was on {}: {}",
                               weight_, to_string(action_.to.side), join(split->lines, "; "))}};
}

// Auto scaling may have given the old side more tasks since; the new one must not have fewer.
TrafficShift::MayEnd TrafficShift::keep_up_with_the_old_side() {
  if (!seen_ || now() - seen_->at > kJustSeen)
    if (MayEnd end = look_at_ends(now())) return end;
  if (!seen_) return std::nullopt;
  const TrafficEnd old_side = seen_->old_side;
  const TrafficEnd& new_side = seen_->new_side;
  if (new_side.desiredCount >= old_side.desiredCount) return std::nullopt;
  say(Note{NoteLevel::kInfo,
           fmt::format("{} has {} by now, so {} gets as many", to_string(old_side.side),
                       counted(static_cast<std::size_t>(old_side.desiredCount), "task"),
                       to_string(new_side.side))});
  Verdict verdict = hooks_.scale_new_side(old_side);
  if (verdict.outcome == Outcome::kSucceeded) {
    wanted_healthy_ = old_side.desiredCount;
    return std::nullopt;
  }
  return end_of(std::move(*verdict.error));
}

TrafficShift::MayEnd TrafficShift::set_weight(const TrafficStep& step) {
  if (step.weight == weight_) return std::nullopt;
  const int before = weight_;
  // Until it is known to be in force, either may be.
  hooks_.stands_at(fmt::format("traffic is going from {}% to {}% on {}", before, step.weight,
                               to_string(action_.to.side)));
  const Result<void> set = weights_.set(step.weight, false);
  if (!set) {
    if (const Result<Split> split = weights_.read(); split && split->is_uniform) {
      weight_ = split->new_percent();
      hooks_.stands_at(where_it_stands());
    }
    return end_of(set.error());
  }
  weight_ = step.weight;
  weights_due_ = now() + kWeightLooks;
  hooks_.stands_at(where_it_stands());
  say(TrafficShifted{.mover = std::string(to_string(action_.canary.mover)),
                     .what = what_,
                     .new_side = to_string(action_.to.side),
                     .from = before,
                     .to = weight_});
  return std::nullopt;
}

// ---- Watching ----------------------------------------------------------------------------------

TrafficShift::MayEnd TrafficShift::bake(const TrafficStep& step) {
  // Clients may go by the old weights for a while, and only then is the step's share real.
  const TimePoint ends = now() + step.bake;
  checks_.begin(step, now());
  targets_ = {};
  targets_due_ = services_due_ = now();
  for (;;) {
    // Past its end a step goes on only for what is still in doubt.
    TimePoint next = ends;
    if (now() >= ends) next = checks_.may_end(now()) ? targets_due_ : now() + kTargetLooksInDoubt;
    next = std::min({next, std::max(targets_due_, now()), std::max(services_due_, now()),
                     std::max(weights_due_, now())});
    if (const std::optional<TimePoint> due = checks_.next_due())
      next = std::min(next, std::max(*due, now()));
    if (const Result<void> slept = context_.clock().sleep_until(next); !slept)
      return end_of(slept.error());

    if (targets_due_ <= now())
      if (MayEnd end = look_at_targets_now(now())) return end;
    if (services_due_ <= now())
      if (MayEnd end = look_at_services_now(now())) return end;
    if (weights_due_ <= now())
      if (MayEnd end = check_weights()) return end;
    Result<std::optional<StepTrouble>> found = checks_.evaluate(now());
    if (!found) return end_of(found.error());
    if (*found) return trouble(**found);
    if (now() < ends || !checks_.may_end(now()) || targets_.bad > 0) continue;
    if (const std::optional<StepTrouble> open = checks_.at_the_end()) return trouble(*open);
    return std::nullopt;
  }
}

TrafficShift::MayEnd TrafficShift::look_at_targets_now(TimePoint at) {
  targets_due_ = at + kTargetLooks;
  if (groups_.empty()) return std::nullopt;
  std::vector<TargetGroupHealth> groups;
  for (Result<TargetGroupHealth>& look : look_at_targets(context_, groups_)) {
    if (look) {
      say(observed(*look));
      groups.push_back(std::move(*look));
      continue;
    }
    if (called_off(look.error())) return end_of(look.error());
    targets_due_ = at + kTargetLooksInDoubt;
    say(PollFailed{
        .error = look.error(), .in_a_row = ++failed_looks_, .limit = kFailedLooksTolerated});
    if (failed_looks_ > kFailedLooksTolerated) return end_of(look.error());
    return std::nullopt;
  }
  failed_looks_ = 0;
  targets_.count(judge(groups, wanted_healthy_));
  if (targets_.bad == 0) return std::nullopt;
  targets_due_ = at + kTargetLooksInDoubt;
  if (targets_.bad < kBadLooks) return std::nullopt;
  const auto worst = std::ranges::max_element(
      groups, {}, [&](const TargetGroupHealth& group) { return judge(group, wanted_healthy_); });
  return failed("traffic.unhealthy", fmt::format("targets of {} are not healthy: {}",
                                                 to_string(action_.to.side), to_string(*worst)));
}

Result<TrafficShift::Looks> TrafficShift::look_at_both(TimePoint when) {
  const Error not_looked{ErrorKind::kInternal, "observe.not-looked", "nobody looked"};
  Looks looks{.old_side = not_looked, .new_side = not_looked};
  const auto look = [&](const std::string& service, Result<ServiceLook>& into) {
    Result<Result<ServiceLook>> one = poller_.look_at_service(service, when);
    into = one ? std::move(*one) : Result<ServiceLook>(one.error());
  };
  if (action_.to.side.is_task_set) {
    look(action_.to.side.service, looks.new_side);
    looks.old_side = looks.new_side;
  } else {
    // Side by side, so that the poller asks for both in one call.
    Group both(context_.runtime.fibers);
    both.spawn("look at the old side", [&] { look(action_.from.side.service, looks.old_side); });
    both.spawn("look at the new side", [&] { look(action_.to.side.service, looks.new_side); });
    both.join();
  }
  for (const Result<ServiceLook>* side : {&looks.old_side, &looks.new_side})
    if (!*side && called_off(side->error())) return side->error();
  return looks;
}

TrafficShift::MayEnd TrafficShift::look_at_services_now(TimePoint at) {
  services_due_ = at + kServiceLooks;
  return look_at_ends(at);
}

TrafficShift::MayEnd TrafficShift::look_at_ends(TimePoint when) {
  const Result<Looks> looks = look_at_both(when);
  if (!looks) return end_of(looks.error());
  const auto& [from, to] = *looks;
  seen_.reset();
  if (from && to)
    seen_ = Seen{.old_side = slipway::end_of(action_.from.side, *from),
                 .new_side = slipway::end_of(action_.to.side, *to),
                 .at = now()};
  return judge_new_side(to);
}

TrafficShift::MayEnd TrafficShift::judge_new_side(const Result<ServiceLook>& look) {
  if (!look) {
    if (look.error().kind == ErrorKind::kNotFound) return end_of(look.error());
    return std::nullopt;  // targets and weights are looked at besides
  }
  say(ServiceObserved{.service = look->service, .our_deployment = {}});
  // Auto scaling takes tasks away, too: those that are not wanted any more need not be healthy.
  const int desired = slipway::end_of(action_.to.side, *look).desiredCount;
  wanted_healthy_ = std::min(wanted_healthy_, std::max(1, desired));
  return action_.to.side.is_task_set ? judge_task_set(*look) : judge_deployment(*look);
}

// Its revision is for life: what may happen to it is that it goes, or that another takes its place.
TrafficShift::MayEnd TrafficShift::judge_task_set(const ServiceLook& look) {
  const aws::TaskSet* const newest = find_task_set(look, action_.to.side);
  if (newest != nullptr && newest->taskSetArn == action_.to.task_set) return std::nullopt;
  const std::string side = to_string(action_.to.side);
  return ShiftEnd{
      .how = ShiftEnd::How::kSuperseded,
      .why =
          Error{ErrorKind::kConflict, "traffic.superseded",
                newest == nullptr
                    ? fmt::format("somebody else has deleted the task set of {}", side)
                    : fmt::format("somebody else has created task set {} ({}) in the place of "
                                  "{}",
                                  newest->id, family_revision_of(newest->taskDefinition), side)}};
}

TrafficShift::MayEnd TrafficShift::judge_deployment(const ServiceLook& look) {
  const DeploymentSnapshot* const primary = look.service.primary();
  if (primary == nullptr) return std::nullopt;
  if (primary->rolloutState == aws::DeploymentRolloutState::kFailed)
    return failed("traffic.rollout-failed",
                  fmt::format("the deployment of {} failed: {}", action_.to.side.service,
                              primary->rolloutStateReason));
  if (family_revision_of(primary->taskDefinition) == family_revision_of(definition_))
    return std::nullopt;
  return ShiftEnd{.how = ShiftEnd::How::kSuperseded,
                  .why = Error{ErrorKind::kConflict, "traffic.superseded",
                               fmt::format("somebody else has deployed {} to {}",
                                           family_revision_of(primary->taskDefinition),
                                           action_.to.side.service)}};
}

}  // namespace slipway
