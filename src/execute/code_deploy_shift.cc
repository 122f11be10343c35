#include "execute/code_deploy_shift.h"

#include "aws/elbv2.h"
#include "base/text.h"
#include "execute/traffic_shift.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {

using namespace std::chrono_literals;

namespace {

// Two calls each.
constexpr Duration kLooks = 10s;
constexpr Duration kLooksAtRest = 30s;  // only the old tasks are left, for up to two days
constexpr Duration kShortest = 1s;
// CodeDeploy needs a moment to begin its way back, and ECS to show whose task set is PRIMARY.
constexpr Duration kWayBackBegins = 1min;
constexpr Duration kPrimaryShows = 30s;
constexpr Duration kWayBackTakes = 30min;

bool is_measured(const Check& check) { return std::holds_alternative<MetricCheck>(check); }

std::string why_failed(const CodeDeployLook& look) {
  std::string text = because(look.error_message);
  if (!look.lifecycle_failure.empty())
    text += fmt::format(" ({}: {})", look.lifecycleEvent, look.lifecycle_failure);
  return text;
}

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ErrorInformation.html
RolledBackBy who_took_it_back(const CodeDeployLook& look) {
  if (look.error_code == "ALARM_ACTIVE") return RolledBackBy::kAlarm;
  if (look.error_code == "HOOK_EXECUTION_FAILURE") return RolledBackBy::kHook;
  return look.error_code == "MANUAL_STOP" ? RolledBackBy::kOperator : RolledBackBy::kPlatform;
}

}  // namespace

Result<CodeDeployEnds> look_at_code_deploy_ends(Context& context, const ShiftByCodeDeploy& action,
                                                const ServiceSnapshot& service) {
  CodeDeployEnds ends;
  // Without steps nothing is watched.
  if (action.target_groups.empty() || action.canary.steps.empty()) return ends;
  const aws::elbv2::DescribeTargetGroupsInput request{.LoadBalancerArn = {},
                                                      .TargetGroupArns = {},
                                                      .Names = action.target_groups,
                                                      .Marker = {},
                                                      .PageSize = {}};
  aws::elbv2::DescribeTargetGroupsOutput groups;
  if (std::ranges::any_of(action.canary.checks, is_measured)) {
    TRY(groups, context.clients.call(aws::elbv2::DescribeTargetGroups, request)
                    .context("looking up the target groups"));
  } else if (auto answer = context.optional.call(aws::elbv2::DescribeTargetGroups, request,
                                                 "the health of the new targets is not watched")) {
    groups = std::move(*answer);
  }
  const JsonArray* const balancers = service.loadBalancers.if_array();
  const std::string_view serving = balancers == nullptr || balancers->empty()
                                       ? std::string_view()
                                       : string_or_empty(balancers->front(), "targetGroupArn");
  for (const aws::elbv2::TargetGroup& group : groups.TargetGroups) {
    TrafficEnd& end = group.TargetGroupArn == serving ? ends.from : ends.to;
    end.side.target_group = group.TargetGroupArn;
    end.target_groups = {group.TargetGroupArn};
    if (!group.LoadBalancerArns.empty()) end.load_balancer = group.LoadBalancerArns.front();
  }
  // Of a pair that nobody serves from yet, one of the two has no listener.
  if (ends.to.load_balancer.empty()) ends.to.load_balancer = ends.from.load_balancer;
  ends.to.desiredCount = service.desiredCount;
  return ends;
}

CodeDeployShift::CodeDeployShift(Context& context, Poller& poller, Subject subject,
                                 const ShiftByCodeDeploy& action, ServiceWatch watch,
                                 CodeDeployEnds ends, Go go)
    : context_(context),
      poller_(poller),
      subject_(std::move(subject)),
      action_(action),
      watch_(std::move(watch)),
      id_(watch_.our_deployment),
      ends_(std::move(ends)),
      watched_(without_alarms(action.canary)),
      checks_(context, subject_, watched_, ends_.from, ends_.to),
      up_until_(watch_.since + watch_.max_wait),
      has_gone_ahead_(go == Go::kAhead) {
  if (go == Go::kBack)
    going_back_ = Error{ErrorKind::kFailed, "deployment.stopped",
                        "deployment " + id_ + " was stopped as asked"};
}

// ---- Looking -----------------------------------------------------------------------------------

Result<CodeDeployLook> CodeDeployShift::look_at(const std::string& deployment, TimePoint when) {
  TRY_VOID(context_.clock().sleep_until(when));
  return look_at_code_deploy(context_, deployment, action_.service);
}

TimePoint CodeDeployShift::next_look() const {
  const bool only_waits = action_.canary.steps.empty() && weight_ == 100;
  const TimePoint next = now() + (only_waits         ? kLooksAtRest
                                  : targets_.bad > 0 ? kTargetLooksInDoubt
                                                     : kLooks);
  // Checks are evaluated while there is something to decide.
  const bool decides = !going_back_ && (weight_ > 0 || !has_gone_ahead_);
  const std::optional<TimePoint> due = decides ? checks_.next_due() : std::nullopt;
  return due ? std::clamp(*due, now() + kShortest, next) : next;
}

CodeDeployEnd CodeDeployShift::follow() {
  int failed_looks = 0;
  TimePoint when = now();
  for (;; when = next_look()) {
    const Result<CodeDeployLook> seen_now = look_at(id_, when);
    if (seen_now) {
      failed_looks = 0;
      tell(*seen_now);
      if (seen_now->is_over()) return ended(*seen_now);
      if (End end = decide(*seen_now)) return *std::move(end);
      if (End end = time_is_up(*seen_now)) return *std::move(end);
    } else if (std::optional<Verdict> off = called_off(seen_now.error())) {
      return left(*std::move(off));
    } else if (++failed_looks > kFailedLooksTolerated ||
               is_not_ours_and_missing(seen_now.error())) {
      return left(verdict_of(seen_now.error(), Outcome::kFailed));
    } else {
      say(PollFailed{
          .error = seen_now.error(), .in_a_row = failed_looks, .limit = kFailedLooksTolerated});
    }
  }
}

// What this run has created may be slow to show; an id that somebody typed is right or wrong.
bool CodeDeployShift::is_not_ours_and_missing(const Error& error) const {
  return error.code == "DeploymentDoesNotExistException" && action_.canary.steps.empty();
}

// ---- Telling -----------------------------------------------------------------------------------

void CodeDeployShift::tell(const CodeDeployLook& look) {
  CodeDeployObserved now_seen = observed(look);
  if (told_ != now_seen) {
    say(now_seen);
    told_ = std::move(now_seen);
  }
  if (look.takes_back != id_)
    if (const CodeDeployLook::TaskSet* set = look.new_task_set()) new_task_set_ = set->id;
  for (const CodeDeployLook::TaskSet& set : look.task_sets)
    if (set.id == new_task_set_) tell_weight(set.weight);
}

void CodeDeployShift::tell_weight(int weight) {
  if (weight == weight_) return;
  const int from = std::exchange(weight_, weight);
  // Taken over while it goes back: where it has been is no news.
  if (going_back_ && weight > from) return;
  say(TrafficShifted{.mover = "codedeploy",
                     .what = "service " + watch_.service,
                     .new_side = family_revision_of(watch_.taskDefinition),
                     .from = from,
                     .to = weight,
                     .undo = weight < from});
  if (weight < from) return;
  if (!moved_until_)
    moved_until_ = now() + watch_.max_wait + bake_of(action_.canary) + action_.canary.keep_previous;
  begin_step(weight);
}

void CodeDeployShift::begin_step(int weight) {
  const auto& steps = action_.canary.steps;
  const auto found = std::ranges::find(steps, weight, &TrafficStep::weight);
  if (found == steps.end()) return;
  if (step_ != nullptr && step_->weight > 0) left_open_ = checks_.at_the_end();
  step_ = &*found;
  checks_.begin(*step_, now());
  step_began_ = targets_due_ = now();
  targets_ = {};
  say(StepStarted{.step = static_cast<int>(found - steps.begin()) + 1,
                  .steps = static_cast<int>(steps.size()),
                  .weight = weight,
                  .bake = found->bake});
}

// ---- Deciding ----------------------------------------------------------------------------------

CodeDeployShift::End CodeDeployShift::decide(const CodeDeployLook& look) {
  if (going_back_) return std::nullopt;
  if (look.status == "Ready") return has_gone_ahead_ ? std::nullopt : wait_for_go_ahead(look);
  if (left_open_) return act_on(*left_open_, false);
  if (step_ == nullptr || step_->weight == 0) return std::nullopt;
  const Result<std::optional<StepTrouble>> trouble = checks_.evaluate(now());
  if (!trouble) return left(verdict_of(trouble.error(), Outcome::kStopped));
  if (*trouble) return act_on(**trouble, false);
  if (End end = watch_targets()) return end;
  return look.has_moved_all ? let_the_old_tasks_go(look) : std::nullopt;
}

// The new tasks are up, and nobody but us has asked them anything yet.
CodeDeployShift::End CodeDeployShift::wait_for_go_ahead(const CodeDeployLook& look) {
  const auto& steps = action_.canary.steps;
  if (steps.empty()) return paused("CodeDeploy waits for a go-ahead before it moves traffic");
  const TrafficStep& first = steps.front();
  if (first.weight == 0 && step_ == nullptr) begin_step(0);
  if (!std::exchange(has_knocked_, true)) {
    const Result<std::optional<StepTrouble>> trouble = checks_.knock(first);
    if (!trouble) return left(verdict_of(trouble.error(), Outcome::kStopped));
    if (*trouble) return act_on(**trouble, true);
  }
  if (step_ == nullptr) return go_on(look, kReadyWait);
  const Result<std::optional<StepTrouble>> trouble = checks_.evaluate(now());
  if (!trouble) return left(verdict_of(trouble.error(), Outcome::kStopped));
  if (*trouble) return act_on(**trouble, true);
  if (now() < step_began_ + step_->bake || !checks_.may_end(now())) return std::nullopt;
  if (const std::optional<StepTrouble> open = checks_.at_the_end()) return act_on(*open, true);
  if (step_->pause) return paused("the step of 0% asks for a person");
  return go_on(look, kReadyWait);
}

CodeDeployShift::End CodeDeployShift::watch_targets() {
  if (ends_.to.target_groups.empty() || now() < targets_due_) return std::nullopt;
  targets_due_ = now() + kTargetLooks;
  const std::optional<TargetGroupHealth> health =
      look_at_targets_if_allowed(context_, ends_.to.target_groups.front());
  if (!health) return std::nullopt;
  say(observed(*health));
  targets_.count(judge(*health, 1));
  if (targets_.bad == 0) return std::nullopt;
  targets_due_ = now();
  if (targets_.bad < kBadLooks) return std::nullopt;
  return go_back("traffic.unhealthy",
                 fmt::format("targets of {} are not healthy: {}",
                             family_revision_of(watch_.taskDefinition), to_string(*health)));
}

// All traffic has moved and the last step has been watched for as long as the file says; the group
// may keep the old tasks longer.
CodeDeployShift::End CodeDeployShift::let_the_old_tasks_go(const CodeDeployLook& look) {
  if (has_let_go_ || step_->weight < 100) return std::nullopt;
  if (now() < step_began_ + step_->bake || !checks_.may_end(now()) || targets_.bad > 0)
    return std::nullopt;
  if (const std::optional<StepTrouble> open = checks_.at_the_end()) return act_on(*open, false);
  if (now() < step_began_ + step_->bake + action_.canary.keep_previous) return std::nullopt;
  return go_on(look, kTerminationWait);
}

CodeDeployShift::End CodeDeployShift::go_on(const CodeDeployLook& look,
                                            std::string_view wait_type) {
  (look.status == "Ready" ? has_gone_ahead_ : has_let_go_) = true;
  const Result<void> sent = continue_code_deploy(context_, subject_, id_, wait_type);
  if (!sent) return left(verdict_of(sent.error(), Outcome::kFailed));
  return std::nullopt;
}

CodeDeployShift::End CodeDeployShift::act_on(const StepTrouble& trouble, bool can_wait) {
  if (trouble.verdict == CheckVerdict::kFail) return go_back("traffic.check", trouble.reason);
  if (can_wait) return paused(trouble.reason);
  return go_back("traffic.check",
                 trouble.reason + ", and CodeDeploy cannot wait for a person between two steps");
}

CodeDeployShift::End CodeDeployShift::time_is_up(const CodeDeployLook& look) {
  const bool is_coming_up = weight_ == 0 && look.status != "Ready" && !action_.canary.steps.empty();
  if (going_back_) {
    if (now() < *moved_until_) return std::nullopt;
  } else if (is_coming_up && now() >= up_until_ && !moved_until_) {
    return go_back("deployment.not-up", fmt::format("the new tasks are not up and healthy after {}",
                                                    to_string(watch_.max_wait)));
  } else if (moved_until_ ? now() < *moved_until_
                          : look.status == "Ready" || now() < up_until_ || is_coming_up) {
    return std::nullopt;
  }
  return left(failure(Outcome::kTimedOut, ErrorKind::kTimeout, "deployment.timeout",
                      fmt::format("service {} has not finished after {}; deployment {} goes on",
                                  watch_.service, to_string(now() - watch_.since), id_)));
}

// CodeDeploy gives all traffic back to the tasks that are still there; it is followed to its end.
CodeDeployShift::End CodeDeployShift::go_back(std::string code, const std::string& reason) {
  say(Note{NoteLevel::kError, reason + "; going back"});
  const Result<bool> stopped =
      stop_code_deploy(context_, {.subject = subject_, .is_undo = true}, id_, true);
  if (!stopped) {
    Verdict verdict = verdict_of(stopped.error(), Outcome::kRollbackFailed);
    return left(std::move(verdict));
  }
  going_back_ = Error{.kind = ErrorKind::kFailed, .code = std::move(code), .message = reason};
  moved_until_ = now() + kWayBackTakes;
  return std::nullopt;
}

CodeDeployEnd CodeDeployShift::paused(const std::string& reason) {
  const std::string where =
      fmt::format(" --cluster {} {}", last_segment(context_.cluster), last_segment(watch_.service));
  const std::string go_ahead = "slipway continue" + where;
  const std::string back = "slipway stop" + where;
  say(StepPaused{.weight = weight_, .reason = reason, .go_on = go_ahead, .go_back = back});
  return left(failure(Outcome::kPaused, ErrorKind::kFailed, "traffic.paused",
                      fmt::format("{}; to go on: {}; to go back: {}", reason, go_ahead, back)));
}

// ---- The end -----------------------------------------------------------------------------------

CodeDeployEnd CodeDeployShift::ended(const CodeDeployLook& look) {
  CodeDeployEnd end = look.status == "Succeeded" ? ended_well() : ended_badly(look);
  end.new_task_set = new_task_set_;
  return end;
}

Result<std::string> CodeDeployShift::runs_now() {
  TRY(const Result<ServiceLook> looked, poller_.look_at_service(watch_.service, now()));
  if (!looked) return looked.error();
  return family_revision_of(definition_in_use(looked->service));
}

CodeDeployEnd CodeDeployShift::ended_well() {
  const std::string wanted = family_revision_of(watch_.taskDefinition);
  if (going_back_)
    return {
        .verdict = failure(Outcome::kFailed, ErrorKind::kFailed, going_back_->code,
                           fmt::format("{}; deployment {} had ended before it could be stopped, "
                                       "and all traffic goes to {}",
                                       going_back_->message, id_, wanted)),
        .has_ended = true,
        .traffic = {},
        .new_task_set = {}};
  const TimePoint shown_by = now() + kPrimaryShows;
  for (;;) {
    const Result<std::string> runs = runs_now();
    if (!runs && called_off(runs.error())) return left(*called_off(runs.error()));
    if (runs && (*runs == wanted || wanted.empty()))
      return {.verdict = {}, .has_ended = true, .traffic = {}, .new_task_set = {}};
    if (now() >= shown_by)
      return {.verdict = runs ? failure(Outcome::kSuperseded, ErrorKind::kConflict,
                                        "deployment.superseded",
                                        fmt::format("deployment {} has succeeded, but service {} "
                                                    "runs {}, not {}",
                                                    id_, watch_.service, *runs, wanted))
                              : verdict_of(runs.error(), Outcome::kFailed),
              .has_ended = true,
              .traffic = {},
              .new_task_set = {}};
    if (const Result<void> slept = context_.clock().sleep_for(kLooks); !slept)
      return left(verdict_of(slept.error(), Outcome::kStopped));
  }
}

CodeDeployEnd CodeDeployShift::ended_badly(const CodeDeployLook& look) {
  const Result<std::optional<CodeDeployLook>> back = follow_the_way_back(look);
  if (!back) return left(verdict_of(back.error(), Outcome::kRollbackFailed));
  CodeDeployEnd end{.verdict = {}, .has_ended = true, .traffic = {}, .new_task_set = {}};
  if (*back && (*back)->status == "Succeeded") {
    tell_weight(0);
    end.verdict = taken_back(look);
  } else if (*back) {
    end.verdict =
        failure(Outcome::kRollbackFailed, ErrorKind::kFailed, "deployment.rollback-failed",
                fmt::format("CodeDeploy could not take deployment {} of service {} back{}", id_,
                            watch_.service, why_failed(**back)));
    end.traffic = where_it_is();
  } else if (weight_ == 0) {
    // No traffic was ever moved; the old tasks have served all the time.
    end.verdict = taken_back(look);
  } else if (look.error_code == "MANUAL_STOP" && !going_back_) {
    end.verdict = failure(Outcome::kSuperseded, ErrorKind::kConflict, "deployment.stopped",
                          fmt::format("somebody stopped deployment {} of service {} without a way "
                                      "back",
                                      id_, watch_.service));
    end.traffic = where_it_is();
  } else {
    end.verdict =
        failure(Outcome::kRollbackFailed, ErrorKind::kFailed, "deployment.rollback-failed",
                fmt::format("deployment {} of service {} is {}{}, and CodeDeploy has not "
                            "taken it back",
                            id_, watch_.service, look.status, why_failed(look)));
    end.traffic = where_it_is();
  }
  return end;
}

// Only when ECS shows it too.
Verdict CodeDeployShift::taken_back(const CodeDeployLook& look) {
  const std::string ours = family_revision_of(watch_.taskDefinition);
  const TimePoint shown_by = now() + kPrimaryShows;
  Result<std::string> runs = runs_now();
  while ((!runs || *runs == ours) && now() < shown_by) {
    if (!runs && called_off(runs.error())) return *called_off(runs.error());
    if (const Result<void> slept = context_.clock().sleep_for(kLooks); !slept)
      return verdict_of(slept.error(), Outcome::kStopped);
    runs = runs_now();
  }
  // A release of the revision that was there before looks like this, too.
  const bool is_same = !action_.canary.steps.empty() && runs && *runs == ours &&
                       action_.task_definition == TaskDefinitionTarget(watch_.taskDefinition);
  if (!runs || (*runs == ours && !is_same && weight_ > 0))
    return failure(
        Outcome::kRollbackFailed, ErrorKind::kFailed, "deployment.rollback-failed",
        runs ? fmt::format("CodeDeploy has taken deployment {} back, but service {} still "
                           "runs {}",
                           id_, watch_.service, *runs)
             : runs.error().message);
  Verdict verdict{.outcome = Outcome::kRolledBack};
  if (going_back_) {
    verdict.rolled_back_by = RolledBackBy::kUs;
    verdict.error = going_back_;
    return verdict;
  }
  verdict.rolled_back_by = who_took_it_back(look);
  verdict.error = Error{ErrorKind::kFailed, "deployment.rolled-back",
                        fmt::format("CodeDeploy took service {} back to {}{}", watch_.service,
                                    *runs, why_failed(look))};
  return verdict;
}

Result<std::optional<CodeDeployLook>> CodeDeployShift::follow_the_way_back(
    const CodeDeployLook& look) {
  using Back = std::optional<CodeDeployLook>;
  std::string id = look.taken_back_by;
  const TimePoint begins_by = now() + kWayBackBegins;
  const bool is_expected = going_back_ || weight_ > 0;
  while (id.empty() && is_expected && now() < begins_by) {
    const Result<CodeDeployLook> again = look_at(id_, now() + kLooks);
    if (!again && called_off(again.error())) return again.error();
    if (again) id = again->taken_back_by;
  }
  if (id.empty()) return Back();
  int failed_looks = 0;
  const TimePoint over_by = now() + kWayBackTakes;
  for (TimePoint when = now();; when = now() + kLooks) {
    const Result<CodeDeployLook> back = look_at(id, when);
    if (back) {
      failed_looks = 0;
      tell(*back);
      if (back->is_over()) return Back(*back);
    } else if (called_off(back.error()) || ++failed_looks > kFailedLooksTolerated) {
      return back.error();
    }
    if (now() >= over_by)
      return Error{ErrorKind::kTimeout, "deployment.timeout",
                   fmt::format("the way back, deployment {}, has not ended after {}", id,
                               to_string(kWayBackTakes))};
  }
}

CodeDeployEnd CodeDeployShift::left(Verdict verdict) const {
  return {.verdict = std::move(verdict),
          .has_ended = false,
          .traffic = where_it_is(),
          .new_task_set = new_task_set_};
}

std::string CodeDeployShift::where_it_is() const {
  std::string text = fmt::format("{}% of its traffic goes to {}", weight_,
                                 family_revision_of(watch_.taskDefinition));
  if (!told_ || told_->status == "Stopped" || told_->status == "Failed") return text;
  if (told_->waits_for == kReadyWait)
    return text + "; CodeDeploy waits for a go-ahead, and stops when none comes";
  return text + "; CodeDeploy goes on by itself";
}

}  // namespace slipway
