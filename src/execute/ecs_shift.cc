#include "execute/ecs_shift.h"

#include "base/text.h"
#include "execute/weights.h"
#include "plan/ecs_canary.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {

using namespace std::chrono_literals;

namespace {

namespace status = aws::ServiceDeploymentStatus;

constexpr Duration kLooks = 5s;
// A load balancer takes seconds to go by a rule that ECS has just written for the test traffic;
// until then a request would still be answered by the old side.
constexpr Duration kRuleTakesEffect = 10s;

bool asks(const Canary& canary) {
  return std::ranges::any_of(
      canary.checks, [](const Check& check) { return std::holds_alternative<HttpCheck>(check); });
}

// "arn:…:listener-rule/app/shop/50dc/f2f7/9683" -> "arn:…:loadbalancer/app/shop/50dc"; empty for
// texts that are no such ARN.
std::string load_balancer_of(const std::string& rule) {
  const std::vector<std::string_view> parts = split(rule, '/');
  constexpr std::size_t kWanted = 4;
  if (parts.size() < kWanted) return {};
  const std::string_view head = parts[0].substr(0, parts[0].rfind(':') + 1);
  return fmt::format("{}loadbalancer/{}/{}/{}", head, parts[1], parts[2], parts[3]);
}

}  // namespace

Result<EcsEnds> look_at_ecs_ends(Context& context, const Subject& subject, const Canary& canary,
                                 const ServiceSnapshot& service, int new_percent) {
  EcsEnds ends;
  const JsonArray* balancers = service.loadBalancers.if_array();
  const bool measures = std::ranges::any_of(
      canary.checks, [](const Check& check) { return std::holds_alternative<MetricCheck>(check); });
  if (!measures || balancers == nullptr || balancers->empty()) return ends;
  const Json& balancer = balancers->front();
  const Json* const advanced = find(balancer, "advancedConfiguration");
  if (advanced == nullptr) return ends;
  const std::string rule(string_or_empty(*advanced, "productionListenerRule"));
  const TrafficSide first{.target_group = std::string(string_or_empty(balancer, "targetGroupArn"))};
  const TrafficSide other{.target_group =
                              std::string(string_or_empty(*advanced, "alternateTargetGroupArn"))};
  // ECS swaps the two with every release; only the rule says which of them serves.
  const AlbMover mover{.rule = rule, .blue = first, .green = other};
  const std::unique_ptr<Weights> weights =
      alb_weights(context, subject, mover, {.old_side = first, .new_side = other});
  TRY(const Split split, weights->read());
  constexpr int kHalf = 50;
  if (new_percent == kHalf)
    return Error{ErrorKind::kFailed, "traffic.which-side",
                 "both target groups have half of the traffic, and nothing tells the new one"};
  const bool first_serves = split.new_percent() == new_percent;
  ends.from.side = first_serves ? first : other;
  ends.to.side = first_serves ? other : first;
  for (TrafficEnd* const end : {&ends.from, &ends.to}) {
    end->target_groups = {end->side.target_group};
    end->load_balancer = load_balancer_of(rule);
  }
  return ends;
}

EcsShift::EcsShift(Context& context, Poller& poller, Subject subject, const ShiftByEcs& action,
                   ServiceWatch watch, std::string service_deployment, EcsEnds ends,
                   const EcsTakenOver& taken_over)
    : context_(context),
      poller_(poller),
      subject_(std::move(subject)),
      action_(action),
      watch_(std::move(watch)),
      arn_(std::move(service_deployment)),
      ends_(std::move(ends)),
      watched_(without_alarms(action.canary)),
      checks_(context, subject_, watched_, ends_.from, ends_.to),
      weight_(taken_over.weight_percent) {
  if (!taken_over.passed_hook.empty()) passed_.insert(taken_over.passed_hook);
}

TimePoint EcsShift::next_look() const {
  const TimePoint usual = now() + kLooks;
  const std::optional<TimePoint> due = checks_.next_due();
  return due ? std::max(now(), std::min(usual, *due)) : usual;
}

EcsShiftEnd EcsShift::follow() {
  const auto steps = static_cast<int>(action_.canary.steps.size());
  const Duration most = watch_.max_wait + bake_of(action_.canary) + action_.canary.keep_previous +
                        steps * (ecs_doubt(action_.canary) + 2 * kLooks);
  int failed_looks = 0;
  for (;;) {
    const Result<Result<aws::ServiceDeployment>> looked =
        poller_.look_at_service_deployment(arn_, next_look());
    if (!looked) return left(verdict_of(looked.error(), Outcome::kStopped));
    const Result<aws::ServiceDeployment>& seen = *looked;
    if (seen) {
      failed_looks = 0;
      tell(*seen);
      if (has_ended(seen->status)) return ended(*seen);
      if (End end = decide(*seen)) return *std::move(end);
    } else if (std::optional<Verdict> off = called_off(seen.error())) {
      return left(*std::move(off));
    } else if (++failed_looks > kFailedLooksTolerated) {
      return left(verdict_of(seen.error(), Outcome::kFailed));
    } else {
      context_.events.say(subject_, PollFailed{.error = seen.error(),
                                               .in_a_row = failed_looks,
                                               .limit = kFailedLooksTolerated});
    }
    if (now() - watch_.since >= most)
      return left(failure(Outcome::kTimedOut, ErrorKind::kTimeout, "deployment.timeout",
                          fmt::format("service {} has not finished after {}; service deployment {} "
                                      "goes on",
                                      watch_.service, to_string(most), last_segment(arn_))));
  }
}

// ---- Telling -----------------------------------------------------------------------------------

void EcsShift::tell(const aws::ServiceDeployment& deployment) {
  ServiceDeploymentObserved seen = observed(deployment);
  stage_ = seen.lifecycleStage;
  if (told_ != seen) {
    context_.events.say(subject_, seen);
    told_ = std::move(seen);
  }
  const int weight = production_percent(deployment);
  if (weight == weight_) return;
  const int from = std::exchange(weight_, weight);
  context_.events.say(subject_,
                      TrafficShifted{.mover = "ecs",
                                     .what = "service " + watch_.service,
                                     .new_side = family_revision_of(watch_.taskDefinition),
                                     .from = from,
                                     .to = weight,
                                     .undo = weight < from});
  if (weight > from) begin_step(weight);
}

void EcsShift::begin_step(int weight) {
  const auto& steps = action_.canary.steps;
  const auto found = std::ranges::find(steps, weight, &TrafficStep::weight);
  if (found == steps.end()) return;
  step_ = &*found;
  in_doubt_.reset();
  checks_.begin(*step_, now());
  step_began_ = now();
  context_.events.say(subject_, StepStarted{.step = static_cast<int>(found - steps.begin()) + 1,
                                            .steps = static_cast<int>(steps.size()),
                                            .weight = weight,
                                            .bake = found->bake});
}

// ---- Deciding ----------------------------------------------------------------------------------

EcsShift::End EcsShift::decide(const aws::ServiceDeployment& deployment) {
  if (deployment.status != status::kInProgress) return std::nullopt;
  waiting_ = waiting_hooks(deployment);
  std::erase_if(waiting_, [&](const PauseHook& hook) { return passed_.contains(hook.hookId); });
  if (step_ != nullptr) {
    const Result<std::optional<StepTrouble>> trouble = checks_.evaluate(now());
    if (!trouble) return left(verdict_of(trouble.error(), Outcome::kStopped));
    if (*trouble && (*trouble)->verdict == CheckVerdict::kFail) return go_back((*trouble)->reason);
    // ECS goes on baking and then pauses; a person decides there.
    if (*trouble && !in_doubt_) in_doubt_ = (*trouble)->reason;
  }
  if (waiting_.empty()) return std::nullopt;
  const PauseHook hook = waiting_.front();
  // Planning has seen to it that a service with pause hooks of its own gets none of ours.
  const EcsPauses pauses = ecs_pauses(action_.canary);
  if (weight_ == 100 ? pauses.after_traffic : pauses.before_each_step) return at_pause(hook);
  return paused("service " + watch_.service + " has a pause hook of its own", hook);
}

EcsShift::End EcsShift::at_pause(const PauseHook& hook) {
  if (in_doubt_) return paused(*in_doubt_, hook);
  if (!first_pause_) first_pause_ = now();
  if (asks(action_.canary) && now() < *first_pause_ + kRuleTakesEffect) return std::nullopt;
  const TrafficStep& first = action_.canary.steps.front();
  if (step_ == nullptr && weight_ == 0 && first.weight == 0) {
    if (End end = knock(first)) return end;
    begin_step(0);
  }
  End end;
  if (step_ != nullptr && !step_is_done(hook, end)) return end;
  if (const TrafficStep* const next = next_step())
    if (End refused = knock(*next)) return refused;
  const Result<void> sent = pass_hook(context_, subject_, arn_, hook.hookId);
  if (!sent) return left(verdict_of(sent.error(), Outcome::kFailed));
  passed_.insert(hook.hookId);
  waiting_.clear();
  return std::nullopt;
}

// Green is up and has all test traffic: it is asked before it gets the step's share.
EcsShift::End EcsShift::knock(const TrafficStep& step) {
  const Result<std::optional<StepTrouble>> trouble = checks_.knock(step);
  if (!trouble) return left(verdict_of(trouble.error(), Outcome::kStopped));
  if (*trouble) return go_back((*trouble)->reason);
  return std::nullopt;
}

bool EcsShift::step_is_done(const PauseHook& hook, End& end) {
  if (now() < step_began_ + step_->bake || !checks_.may_end(now())) return false;
  const std::optional<StepTrouble> trouble = checks_.at_the_end();
  if (trouble && trouble->verdict == CheckVerdict::kFail)
    end = go_back(trouble->reason);
  else if (trouble)
    end = paused(trouble->reason, hook);
  else if (step_->pause)
    end = paused(fmt::format("the step of {}% asks for a person", weight_), hook);
  return !end.has_value();
}

// The one that ECS does when it is sent on from here.
const TrafficStep* EcsShift::next_step() const {
  const auto& steps = action_.canary.steps;
  const auto next =
      std::ranges::find_if(steps, [&](const TrafficStep& step) { return step.weight > weight_; });
  return next == steps.end() ? nullptr : &*next;
}

// ECS flips the weights back onto the tasks that are still there.
EcsShiftEnd EcsShift::go_back(const std::string& reason) {
  context_.events.say(subject_, Note{NoteLevel::kError, reason + "; going back"});
  const ItemReport stopped =
      stop_deployment(context_, subject_, {.service = watch_.service, .deployment = arn_});
  if (stopped.verdict.outcome != Outcome::kSucceeded)
    return {.verdict = stopped.verdict, .traffic = where_it_is()};
  context_.events.say(subject_,
                      TrafficShifted{.mover = "ecs",
                                     .what = "service " + watch_.service,
                                     .new_side = family_revision_of(watch_.taskDefinition),
                                     .from = weight_,
                                     .to = 0,
                                     .undo = true});
  EcsShiftEnd end{
      .verdict = failure(Outcome::kRolledBack, ErrorKind::kFailed, "traffic.check", reason),
      .has_ended = true};
  end.verdict.rolled_back_by = RolledBackBy::kUs;
  return end;
}

EcsShiftEnd EcsShift::paused(const std::string& reason, const PauseHook& hook) {
  return left(wait_for_a_person(
      context_, subject_, {.service = watch_.service, .weight_percent = weight_, .reason = reason},
      &hook));
}

// ---- The end -----------------------------------------------------------------------------------

EcsShiftEnd EcsShift::ended(const aws::ServiceDeployment& deployment) const {
  EcsShiftEnd end{.has_ended = true};
  const std::string name = "service " + watch_.service;
  if (deployment.status == status::kSuccessful) return end;
  if (deployment.status == status::kRollbackFailed) {
    end.verdict =
        failure(Outcome::kRollbackFailed, ErrorKind::kFailed, "deployment.rollback-failed",
                "ECS could not roll back " + name + because(deployment.statusReason));
    return end;
  }
  if (deployment.status == status::kStopped) {
    // Stopped by its own breaker or alarms, without a way back, or by a newer deployment.
    const bool gave_up = rolled_back_by(deployment.statusReason).has_value();
    end.verdict =
        gave_up
            ? failure(Outcome::kFailed, ErrorKind::kFailed, "deployment.failed",
                      "the deployment of " + name + " failed" + because(deployment.statusReason))
            : failure(Outcome::kSuperseded, ErrorKind::kConflict, "deployment.superseded",
                      "somebody else's deployment replaced ours on " + name);
    return end;
  }
  end.verdict = failure(Outcome::kRolledBack, ErrorKind::kFailed, "deployment.rolled-back",
                        "ECS rolled back " + name + because(deployment.statusReason));
  end.verdict.rolled_back_by =
      rolled_back_by(deployment.statusReason).value_or(RolledBackBy::kOperator);
  return end;
}

EcsShiftEnd EcsShift::left(Verdict verdict) const {
  return {.verdict = std::move(verdict), .traffic = where_it_is()};
}

std::string EcsShift::where_it_is() const {
  const std::string stage = stage_.empty() ? "" : " (" + stage_ + ")";
  std::string text = fmt::format("{}% of its traffic goes to {}{}; ECS ", weight_,
                                 family_revision_of(watch_.taskDefinition), stage);
  const EcsPauses pauses = ecs_pauses(action_.canary);
  if (!waiting_.empty())
    text += "waits for a person " + until_when(waiting_.front());
  else if (pauses.after_traffic || (pauses.before_each_step && weight_ < 100))
    text += fmt::format("goes on to its next pause, and back when nobody continues it within {}",
                        to_string(ecs_patience(action_.canary)));
  else
    text += "goes on by itself";
  if (!action_.afterwards.is_null())
    text +=
        "; its deploymentConfiguration is this release's until `slipway continue` or `slipway "
        "stop` has seen the end";
  return text;
}

}  // namespace slipway
