#include "execute/service_deployments.h"

#include "execute/changes.h"
#include "execute/code_deploy_by_hand.h"
#include "execute/ecs_leftovers.h"
#include "execute/ecs_shift.h"
#include "execute/observe.h"
#include "execute/poller.h"
#include "execute/requests.h"
#include "execute/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <utility>

namespace slipway {

using namespace std::chrono_literals;

namespace {

namespace status = aws::ServiceDeploymentStatus;

constexpr Duration kLooks = 3s;

const std::vector<std::string> kUnfinished = {
    std::string(status::kPending), std::string(status::kInProgress),
    std::string(status::kStopRequested), std::string(status::kRollbackRequested),
    std::string(status::kRollbackInProgress)};

Result<aws::ServiceDeployment> look(Context& context, const std::string& arn) {
  TRY(auto reply,
      context.ecs.call(aws::DescribeServiceDeployments, {.serviceDeploymentArns = {arn}})
          .context("looking at service deployment " + last_segment(arn)));
  if (reply.serviceDeployments.empty())
    return Error{ErrorKind::kNotFound, "service-deployment.missing",
                 "service deployment " + last_segment(arn) + " does not exist"};
  return std::move(reply.serviceDeployments.front());
}

// The newest, or the newest of those that have not ended.
Result<std::optional<aws::ServiceDeploymentBrief>> newest(Context& context,
                                                          const std::string& service,
                                                          bool unfinished) {
  TRY(auto reply, context.ecs
                      .call(aws::ListServiceDeployments,
                            {.service = service,
                             .cluster = context.cluster,
                             .status = unfinished ? kUnfinished : std::vector<std::string>{},
                             .maxResults = 1})
                      .context("looking for service deployments of " + last_segment(service)));
  if (reply.serviceDeployments.empty()) return std::optional<aws::ServiceDeploymentBrief>();
  return std::optional(std::move(reply.serviceDeployments.front()));
}

// The ARN that is meant.
Result<std::string> find(Context& context, const std::string& service, const std::string& given) {
  if (given.starts_with("arn:")) return given;
  if (!given.empty()) {
    // An ARN tells its cluster and its service; one of the same service gives us the rest.
    TRY(const auto any, newest(context, service, false));
    if (any) {
      const std::string& arn = any->serviceDeploymentArn;
      return arn.substr(0, arn.rfind('/') + 1) + given;
    }
    return Error{ErrorKind::kNotFound, "service-deployment.missing",
                 "service " + last_segment(service) + " has no service deployments"};
  }
  TRY(const auto current, newest(context, service, true));
  if (current) return current->serviceDeploymentArn;
  std::string message = "service " + last_segment(service) + " has no deployment in progress";
  if (const auto last = newest(context, service, false); last && *last) {
    message += fmt::format("; the last one, {}, is {}", last_segment((*last)->serviceDeploymentArn),
                           (*last)->status);
    if ((*last)->finishedAt) message += " since " + to_iso8601(*(*last)->finishedAt);
    message += "; to leave what it deployed: slipway rollback";
  }
  return Error{ErrorKind::kFailed, "service-deployment.none", std::move(message)};
}

// Nullopt when it cannot be had; it is for the report, and for what is put back.
std::optional<ServiceLook> look_at(Context& context, const std::string& service) {
  Result<ServiceLook> look = describe_service(context.ecs, context.cluster, service);
  return look ? std::optional(std::move(*look)) : std::nullopt;
}

// Looks until `is_over` or nothing can be said any more. An error ends it: called off, out of time,
// or too many looks that failed.
Result<aws::ServiceDeployment> follow(
    Context& context, const Subject& subject, const std::string& arn, Duration max_wait,
    const std::function<bool(const aws::ServiceDeployment&)>& is_over) {
  const TimePoint began = context.clock().now();
  std::optional<ServiceDeploymentObserved> told;
  int failed_looks = 0;
  for (;;) {
    Result<aws::ServiceDeployment> seen = look(context, arn);
    if (seen) {
      failed_looks = 0;
      ServiceDeploymentObserved now = observed(*seen);
      if (told != now) {
        context.events.say(subject, now);
        told = std::move(now);
      }
      if (is_over(*seen)) return seen;
    } else if ((seen.error().kind != ErrorKind::kUnavailable &&
                seen.error().kind != ErrorKind::kThrottled) ||
               ++failed_looks > kFailedLooksTolerated) {
      return seen;
    } else {
      context.events.say(subject, PollFailed{.error = seen.error(),
                                             .in_a_row = failed_looks,
                                             .limit = kFailedLooksTolerated});
    }
    if (context.clock().now() - began >= max_wait)
      return Error{ErrorKind::kTimeout, "service-deployment.timeout",
                   fmt::format("service deployment {} has not ended after {}; it goes on",
                               last_segment(arn), to_string(max_wait))};
    TRY_VOID(context.clock().sleep_for(kLooks));
  }
}

Verdict verdict_of_following(Error error) {
  const bool timed_out = error.code == "service-deployment.timeout";
  return verdict_of(std::move(error), timed_out ? Outcome::kTimedOut : Outcome::kFailed);
}

// What asking to stop has come to.
Verdict judge_stopped(const aws::ServiceDeployment& deployment, bool abort,
                      const std::string& runs) {
  const std::string name = "service deployment " + last_segment(deployment.serviceDeploymentArn);
  if (deployment.status == status::kRollbackSuccessful) return {};
  if (deployment.status == status::kStopped) {
    if (abort) return {};
    return failure(
        Outcome::kSuperseded, ErrorKind::kConflict, "deployment.superseded",
        name + " was stopped by another deployment before it was back; the service runs " + runs);
  }
  if (deployment.status == status::kSuccessful)
    return failure(Outcome::kFailed, ErrorKind::kConflict, "service-deployment.completed",
                   name +
                       " had completed before it could be stopped; to leave what it deployed: "
                       "slipway rollback");
  return failure(Outcome::kRollbackFailed, ErrorKind::kFailed, "service-deployment.rollback-failed",
                 name + " could not be rolled back" + because(deployment.statusReason));
}

Verdict judge_continued(const aws::ServiceDeployment& deployment, bool wanted_back) {
  const std::string name = "service deployment " + last_segment(deployment.serviceDeploymentArn);
  if (deployment.status == status::kSuccessful) {
    if (!wanted_back) return {};
    return failure(Outcome::kFailed, ErrorKind::kConflict, "service-deployment.completed",
                   name + " completed although it was asked to go back");
  }
  if (deployment.status == status::kRollbackSuccessful) {
    if (wanted_back) return {};
    Verdict verdict = failure(Outcome::kRolledBack, ErrorKind::kFailed, "deployment.rolled-back",
                              name + " was rolled back" + because(deployment.statusReason));
    verdict.rolled_back_by =
        rolled_back_by(deployment.statusReason).value_or(RolledBackBy::kOperator);
    return verdict;
  }
  if (deployment.status == status::kStopped)
    return failure(Outcome::kSuperseded, ErrorKind::kConflict, "deployment.superseded",
                   name + " was stopped" + because(deployment.statusReason));
  return failure(Outcome::kRollbackFailed, ErrorKind::kFailed, "service-deployment.rollback-failed",
                 name + " could not be rolled back" + because(deployment.statusReason));
}

bool waits_at(const aws::ServiceDeployment& deployment, const std::string& hook_id) {
  const std::vector<PauseHook> hooks = waiting_hooks(deployment);
  return std::ranges::find(hooks, hook_id, &PauseHook::hookId) != hooks.end();
}

Result<void> send_continue(Context& context, const Subject& subject,
                           const aws::ContinueServiceDeploymentRequest& request) {
  for (bool again = true;; again = false) {
    const auto reply =
        call_announced(context, {.subject = subject}, aws::ContinueServiceDeployment, request);
    if (reply) return {};
    Error lost = reply.error();
    lost.context.push_back("continuing service deployment " +
                           last_segment(request.serviceDeploymentArn));
    if (!aws::is_reply_lost(lost)) return lost;
    context.events.say(subject, Note{NoteLevel::kWarning,
                                     "no answer to ecs:ContinueServiceDeployment; looking whether "
                                     "the hook still waits"});
    TRY_VOID(context.clock().sleep_for(5s));
    const Result<aws::ServiceDeployment> seen = look(context, request.serviceDeploymentArn);
    if (seen && !waits_at(*seen, request.hookId)) return {};
    if (!again) return lost;
  }
}

Result<PauseHook> hook_meant(const aws::ServiceDeployment& deployment, const std::string& given) {
  const std::string name = "service deployment " + last_segment(deployment.serviceDeploymentArn);
  const std::vector<PauseHook> hooks = waiting_hooks(deployment);
  if (!given.empty()) {
    const auto found = std::ranges::find(hooks, given, &PauseHook::hookId);
    if (found != hooks.end()) return *found;
    return PauseHook{.hookId = given};  // ECS knows better whether it exists
  }
  if (hooks.size() == 1) return hooks.front();
  if (hooks.empty())
    return Error{
        ErrorKind::kFailed, "service-deployment.not-paused",
        fmt::format(
            "{} waits at no pause hook; it is {}{}", name, deployment.status,
            deployment.lifecycleStage.empty() ? "" : " in stage " + deployment.lifecycleStage)};
  std::string ids;
  for (const PauseHook& hook : hooks) ids += (ids.empty() ? "" : ", ") + hook.hookId;
  return Error{ErrorKind::kInvalid, "service-deployment.which-hook",
               name + " waits at several hooks; say with --hook which: " + ids};
}

// Epoch seconds, as the JSON protocols write times.
std::optional<TimePoint> time_of(const Json& document, std::string_view member) {
  const std::optional<double> seconds = find_double(document, member);
  constexpr double kYear10000 = 253'402'300'800;
  if (!seconds || !(std::abs(*seconds) < kYear10000)) return std::nullopt;
  return TimePoint(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*seconds)));
}

}  // namespace

std::string until_when(const PauseHook& hook) {
  if (!hook.expiresAt) return {};
  return fmt::format("until {}, then goes {}", to_iso8601(*hook.expiresAt),
                     hook.timeoutAction == "CONTINUE" ? "on" : "back");
}

double production_weight(const aws::ServiceDeployment& deployment) {
  if (!deployment.targetServiceRevision) return 0;
  return deployment.targetServiceRevision->requestedProductionTrafficWeight.value_or(0);
}

int production_percent(const aws::ServiceDeployment& deployment) {
  const double share = production_weight(deployment);
  return share > 0 && share < 1 ? 1 : static_cast<int>(std::lround(share));
}

std::string continue_command(const Context& context) {
  return "slipway continue " +
         (context.file.empty() ? "--cluster " + context.cluster : "-f " + context.file);
}

Verdict wait_for_a_person(Context& context, const Subject& subject, const PausedService& paused,
                          const PauseHook* hook) {
  const std::string go_on = continue_command(context) + " " + paused.service;
  const std::string go_back =
      fmt::format("slipway stop --cluster {} {}", context.cluster, paused.service);
  std::string reason = paused.reason;
  if (hook != nullptr)
    if (const std::string until = until_when(*hook); !until.empty())
      reason += "; ECS waits " + until;
  context.events.say(
      subject,
      StepPaused{
          .weight = paused.weight_percent, .reason = reason, .go_on = go_on, .go_back = go_back});
  return failure(Outcome::kPaused, ErrorKind::kFailed, "traffic.paused",
                 fmt::format("{}; to go on: {}; to go back: {}", reason, go_on, go_back));
}

ServiceDeploymentObserved observed(const aws::ServiceDeployment& deployment) {
  ServiceDeploymentObserved seen{.service_deployment = deployment.serviceDeploymentArn,
                                 .status = deployment.status,
                                 .statusReason = deployment.statusReason,
                                 .lifecycleStage = deployment.lifecycleStage};
  for (const PauseHook& hook : waiting_hooks(deployment)) seen.paused_at.push_back(hook.hookId);
  return seen;
}

Result<void> pass_hook(Context& context, const Subject& subject, const std::string& arn,
                       const std::string& hookId) {
  return send_continue(context, subject,
                       {.serviceDeploymentArn = arn, .hookId = hookId, .action = "CONTINUE"});
}

std::vector<Result<aws::ServiceDeployment>> describe_service_deployments(
    aws::Client& ecs, std::span<const std::string> arns) {
  const Result<aws::DescribeServiceDeploymentsResponse> reply = ecs.call(
      aws::DescribeServiceDeployments, {.serviceDeploymentArns = {arns.begin(), arns.end()}});
  std::vector<Result<aws::ServiceDeployment>> seen;
  for (const std::string& arn : arns) {
    if (!reply) {
      seen.emplace_back(reply.error());
      continue;
    }
    const auto found = std::ranges::find(reply->serviceDeployments, arn,
                                         &aws::ServiceDeployment::serviceDeploymentArn);
    if (found == reply->serviceDeployments.end())
      seen.emplace_back(Error{ErrorKind::kNotFound, "service-deployment.missing",
                              "service deployment " + last_segment(arn) + " does not exist"});
    else
      seen.emplace_back(*found);
  }
  return seen;
}

bool is_shifted_by_ecs(const ServiceLook& look) {
  const std::string_view strategy =
      string_or_empty(look.service.deploymentConfiguration, "strategy");
  const DeploymentSnapshot* const primary = look.service.primary();
  return !strategy.empty() && strategy != "ROLLING" && !look.service_deployment.empty() &&
         primary != nullptr && primary->rolloutState == aws::DeploymentRolloutState::kInProgress;
}

std::vector<PauseHook> waiting_hooks(const aws::ServiceDeployment& deployment) {
  std::vector<PauseHook> hooks;
  if (!deployment.lifecycleHookDetails.is_array()) return hooks;
  for (const Json& detail : deployment.lifecycleHookDetails.get_array()) {
    if (string_or_empty(detail, "status") != "AWAITING_ACTION") continue;
    hooks.push_back({.hookId = std::string(string_or_empty(detail, "hookId")),
                     .expiresAt = time_of(detail, "expiresAt"),
                     .timeoutAction = std::string(string_or_empty(detail, "timeoutAction"))});
  }
  return hooks;
}

bool has_ended(std::string_view service_deployment_status) {
  constexpr std::array kEnds = {status::kSuccessful, status::kStopped, status::kRollbackSuccessful,
                                status::kRollbackFailed};
  return std::ranges::find(kEnds, service_deployment_status) != kEnds.end();
}

namespace {

// One service deployment that a person stops or continues: what both have in common.
class Handling {
 public:
  Handling(Context& context, const Subject& subject, std::optional<PutsBack> puts_back)
      : context_(context), puts_back_(std::move(puts_back)), report_{.subject = subject} {}

  // Which one is meant. nullopt: the report says why there is none.
  std::optional<std::string> begin(const std::string& service, const std::string& given) {
    service_ = service;
    Result<std::string> arn = find(context_, service, given);
    if (arn) {
      report_.deployment_id = last_segment(*arn);
      return std::move(*arn);
    }
    if (!called_off(arn.error())) code_deploy_ = deployed_by_code_deploy(context_, service);
    if (code_deploy_) return std::nullopt;
    const bool is_over = arn.error().code == "service-deployment.none";
    if (put_back(is_over ? look_at_what_runs() : std::nullopt))
      report_.changed = true;
    else
      report_.verdict = verdict_of(arn.error(), Outcome::kFailedToStart);
    return std::nullopt;
  }

  // The service when CodeDeploy deploys it, and then it is CodeDeploy's deployment that is meant.
  const std::optional<ServiceLook>& code_deploy() const { return code_deploy_; }

  ItemReport refuse(Error error) {
    report_.verdict = verdict_of(std::move(error), Outcome::kFailedToStart);
    return report_;
  }
  void asked(bool changed) { report_.changed = changed; }
  const ItemReport& report() const { return report_; }
  ItemReport unwatched(const std::string& what) {
    report_.traffic = "was asked to " + what + ", and nobody watched";
    return report_;
  }

  // Followed as far as `is_over`; `judge` takes its record and what the service runs then.
  ItemReport follow_and_judge(
      const std::string& arn, Duration max_wait,
      const std::function<bool(const aws::ServiceDeployment&)>& is_over,
      const std::function<Verdict(const aws::ServiceDeployment&, const std::string&)>& judge) {
    const Result<aws::ServiceDeployment> over =
        follow(context_, report_.subject, arn, max_wait, is_over);
    const std::optional<ServiceLook> now = look_at_what_runs();
    report_.verdict =
        over ? judge(*over, report_.task_definition) : verdict_of_following(over.error());
    if (over && has_ended(over->status)) put_back(now);
    return report_;
  }

  // nullopt when not enough is known to go on by it.
  std::optional<ItemReport> go_on_by(const Canary& canary, const aws::ServiceDeployment& seen,
                                     const std::string& passed_hook) {
    const std::optional<ServiceLook> look = look_at(context_, service_);
    const DeploymentSnapshot* const primary = look ? look->service.primary() : nullptr;
    if (primary == nullptr) return std::nullopt;
    const int weight_percent = production_percent(seen);
    Result<EcsEnds> ends =
        look_at_ecs_ends(context_, report_.subject, canary, look->service, weight_percent);
    if (!ends) {
      context_.events.say(report_.subject,
                          Note{NoteLevel::kWarning,
                               "checks by metrics are not evaluated: " + ends.error().message});
      return std::nullopt;
    }
    const ShiftByEcs action{.cluster = context_.cluster, .service = service_, .canary = canary};
    Poller poller(context_);
    EcsShift shift(context_, poller, report_.subject, action,
                   {.service = service_,
                    .our_deployment = primary->id,
                    .taskDefinition = primary->taskDefinition,
                    .since = context_.clock().now()},
                   seen.serviceDeploymentArn, *std::move(ends),
                   {.weight_percent = weight_percent, .passed_hook = passed_hook});
    EcsShiftEnd end = shift.follow();
    report_.verdict = std::move(end.verdict);
    report_.traffic = std::move(end.traffic);
    const std::optional<ServiceLook> now = look_at_what_runs();
    if (end.has_ended) put_back(now);
    return report_;
  }

 private:
  std::optional<ServiceLook> look_at_what_runs() {
    std::optional<ServiceLook> now = look_at(context_, service_);
    if (now) report_.task_definition = family_revision_of(definition_in_use(now->service));
    return now;
  }
  bool put_back(const std::optional<ServiceLook>& now) {
    return puts_back_ && now &&
           put_back_leftovers(context_, report_.subject, now->service, puts_back_->journals);
  }

  Context& context_;
  const std::optional<PutsBack> puts_back_;
  std::optional<ServiceLook> code_deploy_;
  std::string service_;
  ItemReport report_;
};

}  // namespace

ItemReport stop_deployment(Context& context, const Subject& subject, const StopDeployment& wanted) {
  Handling handling(context, subject, wanted.puts_back);
  const std::optional<std::string> arn = handling.begin(wanted.service, wanted.deployment);
  if (const auto& service = handling.code_deploy())
    return stop_by_hand(context, subject, *service, wanted);
  if (!arn) return handling.report();

  const aws::StopServiceDeploymentRequest request{.serviceDeploymentArn = *arn,
                                                  .stopType = wanted.stopType};
  const auto asked =
      call_announced(context, {.subject = subject}, aws::StopServiceDeployment, request);
  // It may have ended since we looked; then its record says how.
  const bool too_late = !asked && asked.error().code == "ConflictException";
  if (!asked && !too_late) {
    Error error = asked.error();
    error.context.push_back("stopping service deployment " + last_segment(*arn));
    return handling.refuse(std::move(error));
  }
  handling.asked(!too_late);
  if (!wanted.wait && !too_late) return handling.unwatched("stop");
  return handling.follow_and_judge(
      *arn, wanted.max_wait,
      [](const aws::ServiceDeployment& seen) { return has_ended(seen.status); },
      [&](const aws::ServiceDeployment& over, const std::string& runs) {
        return judge_stopped(over, wanted.stopType == "ABORT", runs);
      });
}

ItemReport continue_deployment(Context& context, const Subject& subject,
                               const ContinueDeployment& wanted) {
  Handling handling(context, subject, wanted.puts_back);
  const std::optional<std::string> arn = handling.begin(wanted.service, wanted.deployment);
  if (const auto& service = handling.code_deploy())
    return continue_by_hand(context, subject, *service, wanted);
  if (!arn) return handling.report();
  const Result<aws::ServiceDeployment> before = look(context, *arn);
  if (!before) return handling.refuse(before.error());
  context.events.say(subject, observed(*before));
  const Result<PauseHook> hook = hook_meant(*before, wanted.hookId);
  if (!hook) return handling.refuse(hook.error());

  const aws::ContinueServiceDeploymentRequest request{
      .serviceDeploymentArn = *arn,
      .hookId = hook->hookId,
      .action = wanted.rollback ? "ROLLBACK" : "CONTINUE"};
  if (Result<void> asked = send_continue(context, subject, request); !asked)
    return handling.refuse(std::move(asked.error()));
  handling.asked(true);
  if (!wanted.wait) return handling.unwatched(wanted.rollback ? "go back" : "go on");
  if (wanted.canary && !wanted.rollback)
    if (std::optional<ItemReport> ended = handling.go_on_by(*wanted.canary, *before, hook->hookId))
      return *std::move(ended);
  // Paused again counts only at another hook: a read may still show the one that we continued.
  return handling.follow_and_judge(
      *arn, wanted.max_wait,
      [&](const aws::ServiceDeployment& seen) {
        const std::vector<PauseHook> hooks = waiting_hooks(seen);
        return has_ended(seen.status) || std::ranges::any_of(hooks, [&](const PauseHook& other) {
                 return other.hookId != hook->hookId;
               });
      },
      [&](const aws::ServiceDeployment& over, const std::string&) {
        if (has_ended(over.status)) return judge_continued(over, wanted.rollback);
        const std::vector<PauseHook> hooks = waiting_hooks(over);
        return wait_for_a_person(context, subject,
                                 {.service = wanted.service,
                                  .weight_percent = production_percent(over),
                                  .reason = "it pauses again, at hook " + hooks.back().hookId},
                                 &hooks.back());
      });
}

}  // namespace slipway
