#include "execute/service_deployments.h"

#include "execute/observe.h"
#include "execute/requests.h"
#include "execute/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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

Verdict failure(Outcome outcome, ErrorKind kind, std::string code, std::string message) {
  return {.outcome = outcome,
          .error = Error{.kind = kind, .code = std::move(code), .message = std::move(message)}};
}

std::string because(const aws::ServiceDeployment& deployment) {
  return deployment.statusReason.empty() ? std::string() : ": " + deployment.statusReason;
}

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

// What the service runs now, for the report; left out when it cannot be had.
std::string runs_now(Context& context, const std::string& service) {
  const std::vector<std::string> names = {service};
  const std::vector<Result<ServiceLook>> looks =
      describe_services(context.ecs, context.cluster, names);
  if (!looks.front()) return {};
  const ServiceSnapshot& seen = looks.front()->service;
  const DeploymentSnapshot* const primary = seen.primary();
  return family_revision_of(primary != nullptr ? primary->taskDefinition : seen.taskDefinition);
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
    } else if (seen.error().kind != ErrorKind::kUnavailable &&
               seen.error().kind != ErrorKind::kThrottled) {
      return seen;
    } else if (++failed_looks > kFailedLooksTolerated) {
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
                 name + " could not be rolled back" + because(deployment));
}

Verdict judge_continued(const aws::ServiceDeployment& deployment, bool wanted_back) {
  const std::string name = "service deployment " + last_segment(deployment.serviceDeploymentArn);
  if (!has_ended(deployment.status)) return {};  // paused again
  if (deployment.status == status::kSuccessful) {
    if (!wanted_back) return {};
    return failure(Outcome::kFailed, ErrorKind::kConflict, "service-deployment.completed",
                   name + " completed although it was asked to go back");
  }
  if (deployment.status == status::kRollbackSuccessful) {
    if (wanted_back) return {};
    Verdict verdict = failure(Outcome::kRolledBack, ErrorKind::kFailed, "deployment.rolled-back",
                              name + " was rolled back" + because(deployment));
    verdict.rolled_back_by =
        rolled_back_by(deployment.statusReason).value_or(RolledBackBy::kOperator);
    return verdict;
  }
  if (deployment.status == status::kStopped)
    return failure(Outcome::kSuperseded, ErrorKind::kConflict, "deployment.superseded",
                   name + " was stopped" + because(deployment));
  return failure(Outcome::kRollbackFailed, ErrorKind::kFailed, "service-deployment.rollback-failed",
                 name + " could not be rolled back" + because(deployment));
}

bool waits_at(const aws::ServiceDeployment& deployment, const std::string& hook_id) {
  const std::vector<PauseHook> hooks = waiting_hooks(deployment);
  return std::ranges::find(hooks, hook_id, &PauseHook::hookId) != hooks.end();
}

Result<void> send_continue(Context& context, const Subject& subject,
                           const aws::ContinueServiceDeploymentRequest& request) {
  for (bool again = true;; again = false) {
    TRY_VOID(context.events.announce(subject, "ecs:ContinueServiceDeployment",
                                     to_json(aws::ref(request))));
    const auto reply = context.ecs.call(aws::ContinueServiceDeployment, request);
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
  if (!seconds) return std::nullopt;
  return TimePoint(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*seconds)));
}

}  // namespace

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
                     .lifecycleStage = deployment.lifecycleStage,
                     .status = std::string(string_or_empty(detail, "status")),
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

ItemReport stop_deployment(Context& context, const Subject& subject, const StopDeployment& wanted) {
  ItemReport report{.subject = subject};
  const auto ended = [&](Verdict verdict) {
    report.verdict = std::move(verdict);
    return report;
  };
  const Result<std::string> arn = find(context, wanted.service, wanted.deployment);
  if (!arn) return ended(verdict_of(arn.error(), Outcome::kFailedToStart));
  report.deployment_id = last_segment(*arn);

  const aws::StopServiceDeploymentRequest request{.serviceDeploymentArn = *arn,
                                                  .stopType = wanted.stopType};
  if (const Result<void> written =
          context.events.announce(subject, "ecs:StopServiceDeployment", to_json(aws::ref(request)));
      !written)
    return ended(verdict_of(written.error(), Outcome::kFailedToStart));
  const auto asked = context.ecs.call(aws::StopServiceDeployment, request);
  // It may have ended since we looked; then its record says how.
  const bool too_late = !asked && asked.error().code == "ConflictException";
  if (!asked && !too_late) {
    Error error = asked.error();
    error.context.push_back("stopping service deployment " + last_segment(*arn));
    return ended(verdict_of(std::move(error), Outcome::kFailedToStart));
  }
  report.changed = !too_late;
  if (!wanted.wait && !too_late) return report;

  const Result<aws::ServiceDeployment> over =
      follow(context, subject, *arn, wanted.max_wait,
             [](const aws::ServiceDeployment& seen) { return has_ended(seen.status); });
  report.task_definition = runs_now(context, wanted.service);
  if (!over) return ended(verdict_of_following(over.error()));
  return ended(judge_stopped(*over, wanted.stopType == "ABORT", report.task_definition));
}

ItemReport continue_deployment(Context& context, const Subject& subject,
                               const ContinueDeployment& wanted) {
  ItemReport report{.subject = subject};
  const auto ended = [&](Verdict verdict) {
    report.verdict = std::move(verdict);
    return report;
  };
  const Result<std::string> arn = find(context, wanted.service, wanted.deployment);
  if (!arn) return ended(verdict_of(arn.error(), Outcome::kFailedToStart));
  report.deployment_id = last_segment(*arn);
  const Result<aws::ServiceDeployment> before = look(context, *arn);
  if (!before) return ended(verdict_of(before.error(), Outcome::kFailedToStart));
  context.events.say(subject, observed(*before));
  const Result<PauseHook> hook = hook_meant(*before, wanted.hookId);
  if (!hook) return ended(verdict_of(hook.error(), Outcome::kFailedToStart));

  const aws::ContinueServiceDeploymentRequest request{
      .serviceDeploymentArn = *arn,
      .hookId = hook->hookId,
      .action = wanted.rollback ? "ROLLBACK" : "CONTINUE"};
  if (Result<void> asked = send_continue(context, subject, request); !asked)
    return ended(verdict_of(std::move(asked.error()), Outcome::kFailedToStart));
  report.changed = true;
  if (!wanted.wait) return report;

  // Paused again counts only at another hook: a read may still show the one that we continued.
  const Result<aws::ServiceDeployment> over =
      follow(context, subject, *arn, wanted.max_wait, [&](const aws::ServiceDeployment& seen) {
        const std::vector<PauseHook> hooks = waiting_hooks(seen);
        return has_ended(seen.status) || std::ranges::any_of(hooks, [&](const PauseHook& other) {
                 return other.hookId != hook->hookId;
               });
      });
  report.task_definition = runs_now(context, wanted.service);
  if (!over) return ended(verdict_of_following(over.error()));
  return ended(judge_continued(*over, wanted.rollback));
}

}  // namespace slipway
