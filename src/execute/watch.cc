#include "execute/watch.h"

#include "base/text.h"

#include <algorithm>
#include <utility>

namespace slipway {
namespace {

std::string deployment_name(const DeploymentSnapshot& deployment) {
  return deployment.id + " (" + family_revision_of(deployment.taskDefinition) + ")";
}

bool is_older(const DeploymentSnapshot& deployment, const ServiceWatch& watch) {
  if (std::ranges::find(watch.earlier, deployment.id) != watch.earlier.end()) return true;
  return watch.ours && watch.ours->createdAt && deployment.createdAt &&
         *deployment.createdAt < *watch.ours->createdAt;
}

bool says_rolling_back(const DeploymentSnapshot& deployment) {
  return deployment.rolloutStateReason.find("rolling back") != std::string::npos;
}

// ECS names the cause in three places, and which of them a look still shows depends on its moment.
std::pair<RolledBackBy, std::string> cause_of_rollback(const ServiceWatch& watch,
                                                       const ServiceLook& look,
                                                       const DeploymentSnapshot* primary) {
  std::string said;
  const auto by = [&](const std::string& text) -> std::optional<RolledBackBy> {
    const std::optional<RolledBackBy> who = rolled_back_by(text);
    if (who) said = text;
    return who;
  };
  if (watch.ours && watch.ours->rolloutState == aws::DeploymentRolloutState::kFailed)
    if (const auto who = by(watch.ours->rolloutStateReason)) return {*who, said};
  if (primary != nullptr)
    if (const auto who = by(primary->rolloutStateReason)) return {*who, said};
  if (!watch.our_deployment.empty()) {
    // "(service web) (deployment ecs-svc/2) deployment failed: alarm detected."
    const std::string words = "(deployment " + watch.our_deployment + ") deployment failed: ";
    for (const ServiceEvent& event : look.events) {
      const std::size_t at = event.message.find(words);
      if (at == std::string::npos) continue;
      if (const auto who = by(event.message.substr(at + words.size()))) return {*who, said};
    }
  }
  return {RolledBackBy::kNobody, watch.ours ? watch.ours->rolloutStateReason : std::string()};
}

Verdict rolled_back(const ServiceWatch& watch, const ServiceLook& look,
                    const DeploymentSnapshot* primary) {
  auto [by, reason] = cause_of_rollback(watch, look, primary);
  std::string message = "ECS rolled back service " + watch.service;
  if (primary != nullptr) message += " to " + family_revision_of(primary->taskDefinition);
  Verdict verdict = failure(Outcome::kRolledBack, ErrorKind::kFailed, "deployment.rolled-back",
                            message + because(reason));
  verdict.rolled_back_by = by;
  return verdict;
}

Verdict superseded(const ServiceWatch& watch, const DeploymentSnapshot& primary) {
  return failure(Outcome::kSuperseded, ErrorKind::kConflict, "deployment.superseded",
                 "somebody else's deployment " + deployment_name(primary) +
                     " replaced ours on service " + watch.service);
}

Verdict failed(const ServiceWatch& watch, const DeploymentSnapshot& deployment) {
  return failure(watch.ever_ran ? Outcome::kFailed : Outcome::kFailedToStart, ErrorKind::kFailed,
                 "deployment.failed",
                 "deployment " + deployment_name(deployment) + " of service " + watch.service +
                     " failed" + because(deployment.rolloutStateReason));
}

Verdict timed_out(const ServiceWatch& watch) {
  std::string message =
      "service " + watch.service + " is not stable after " + to_string(watch.max_wait);
  if (!watch.our_deployment.empty())
    message += "; deployment " + watch.our_deployment + " is still running";
  return failure(Outcome::kTimedOut, ErrorKind::kTimeout, "deployment.timeout", std::move(message));
}

// The counts of a rollout that is over but for the last decision of ECS's scheduler.
bool is_finishing(const ServiceLook& look, const DeploymentSnapshot& ours) {
  if (ours.pendingCount != 0 || ours.runningCount != ours.desiredCount) return false;
  return std::ranges::all_of(look.service.deployments, [&](const DeploymentSnapshot& other) {
    return other.id == ours.id || (other.runningCount == 0 && other.pendingCount == 0);
  });
}

bool is_near_the_breaker(const DeploymentSnapshot& ours) {
  return ours.failedTasks > 0 && ours.failedTasks + std::max(1, ours.desiredCount) >=
                                     circuit_breaker_threshold(ours.desiredCount);
}

// `deployment` is PRIMARY and the one we wait for.
ServiceJudgement judge_primary(const ServiceWatch& watch, const ServiceLook& look,
                               const DeploymentSnapshot& deployment) {
  ServiceJudgement judgement;
  if (deployment.rolloutState == aws::DeploymentRolloutState::kFailed) {
    judgement.verdict = failed(watch, deployment);
    return judgement;
  }
  const bool has_older =
      std::ranges::any_of(look.service.deployments, [](const DeploymentSnapshot& other) {
        return other.status == aws::deployment_status::kActive;
      });
  // A service from before rollout states has none, and its counts are all there is to go by.
  const bool has_state = !deployment.rolloutState.empty();
  const bool has_rolled_out =
      has_state ? deployment.rolloutState == aws::DeploymentRolloutState::kCompleted
                : is_finishing(look, deployment);
  judgement.completed = has_rolled_out && !has_older;
  judgement.about_to_end =
      judgement.completed || is_finishing(look, deployment) || is_near_the_breaker(deployment);
  if (!judgement.completed) return judgement;
  // Nothing has to run, so there is nothing more to wait for.
  const bool wants_nothing = look.service.desiredCount == 0 && look.service.runningCount == 0;
  const bool is_stable = look.service.deployments.size() == 1 &&
                         look.service.runningCount == look.service.desiredCount;
  if (wants_nothing || is_stable) judgement.verdict = Verdict{};
  return judgement;
}

ServiceJudgement judge_ours(ServiceWatch& watch, const ServiceLook& look, TimePoint now) {
  const DeploymentSnapshot* const primary = look.service.primary();
  const DeploymentSnapshot* const ours = look.find(watch.our_deployment);
  if (ours != nullptr) {
    watch.ours = *ours;
    watch.ever_ran = watch.ever_ran || ours->runningCount > 0;
    if (ours == primary) return judge_primary(watch, look, *ours);
    if (primary == nullptr) return {.verdict = failed(watch, *ours)};
    // Ours is in the list, so this is no read from before it: it has lost its place.
    if (is_older(*primary, watch) || says_rolling_back(*primary))
      return {.verdict = rolled_back(watch, look, primary)};
    return {.verdict = superseded(watch, *primary)};
  }

  // Ours is not in the list. A rollback says so; otherwise this may be a read from before.
  if (primary != nullptr && says_rolling_back(*primary))
    return {.verdict = rolled_back(watch, look, primary)};
  const bool may_be_stale =
      now - watch.since < watch.stale_reads && (primary == nullptr || is_older(*primary, watch));
  if (may_be_stale) return {};
  if (primary == nullptr)
    return {.verdict = failure(Outcome::kFailed, ErrorKind::kFailed, "deployment.vanished",
                               "deployment " + watch.our_deployment + " of service " +
                                   watch.service + " is gone and nothing took its place")};
  if (is_older(*primary, watch)) return {.verdict = rolled_back(watch, look, primary)};
  return {.verdict = superseded(watch, *primary)};
}

// Nothing was created: the definition in use has to be serving, whoever deployed it.
ServiceJudgement judge_unchanged(const ServiceWatch& watch, const ServiceLook& look,
                                 TimePoint now) {
  const DeploymentSnapshot* const primary = look.service.primary();
  const bool may_be_stale = now - watch.since < watch.stale_reads;
  if (primary == nullptr) {
    if (may_be_stale) return {};
    return {.verdict = failure(Outcome::kFailed, ErrorKind::kFailed, "deployment.vanished",
                               "service " + watch.service + " has no deployment")};
  }
  if (family_revision_of(primary->taskDefinition) == family_revision_of(watch.taskDefinition))
    return judge_primary(watch, look, *primary);
  if (says_rolling_back(*primary)) return {.verdict = rolled_back(watch, look, primary)};
  if (may_be_stale) return {};
  return {.verdict = superseded(watch, *primary)};
}

}  // namespace

bool is_good(const Verdict& verdict) { return verdict.outcome == Outcome::kSucceeded; }
bool is_failure(const Verdict& verdict) {
  return !is_good(verdict) && verdict.outcome != Outcome::kSkipped;
}

Verdict failure(Outcome outcome, ErrorKind kind, std::string code, std::string message) {
  return {.outcome = outcome,
          .error = Error{.kind = kind, .code = std::move(code), .message = std::move(message)}};
}

std::string because(std::string_view reason) {
  if (reason.ends_with('.')) reason.remove_suffix(1);
  return reason.empty() ? "" : ": " + std::string(reason);
}

Verdict verdict_of_error(Error error, Outcome outcome) {
  return {.outcome = outcome, .error = std::move(error)};
}

std::optional<Verdict> called_off(const Error& error) {
  if (error.kind == ErrorKind::kCancelled)
    return Verdict{.outcome = Outcome::kStopped, .error = error};
  if (error.kind == ErrorKind::kTimeout && error.code == "deadline")
    return Verdict{.outcome = Outcome::kTimedOut,
                   .error = Error{ErrorKind::kTimeout, "run.timeout",
                                  "the time limit of the whole run has passed"}};
  return std::nullopt;
}

Verdict verdict_of(Error error, Outcome outcome) {
  if (std::optional<Verdict> off = called_off(error)) return *off;
  return verdict_of_error(std::move(error), outcome);
}

Error after_failed_looks(Error error, std::string_view watched, int failed_looks) {
  error.context.push_back(
      fmt::format("watching {}: {} looks in a row failed", watched, failed_looks));
  return error;
}

ServiceJudgement judge(ServiceWatch& watch, const Result<ServiceLook>& seen, TimePoint now) {
  const bool time_is_up = now - watch.since >= watch.max_wait;
  if (!seen) {
    const Error& error = seen.error();
    if (error.kind == ErrorKind::kNotFound)
      return {.verdict = verdict_of_error(error, Outcome::kFailed)};
    if (++watch.failed_looks > kFailedLooksTolerated)
      return {.verdict = verdict_of_error(
                  after_failed_looks(error, "service " + last_segment(watch.service),
                                     watch.failed_looks),
                  Outcome::kFailed)};
    return {.verdict = time_is_up ? std::optional(timed_out(watch)) : std::nullopt};
  }
  watch.failed_looks = 0;
  if (seen->service.status != "ACTIVE")
    return {.verdict = failure(Outcome::kFailed, ErrorKind::kNotFound, "service.not-active",
                               "service " + watch.service + " is " + seen->service.status)};
  ServiceJudgement judgement = watch.our_deployment.empty() ? judge_unchanged(watch, *seen, now)
                                                            : judge_ours(watch, *seen, now);
  if (!judgement.verdict && time_is_up) judgement.verdict = timed_out(watch);
  return judgement;
}

std::string deployment_created(const ServiceWatch& watch, const ServiceLook& look) {
  const DeploymentSnapshot* const primary = look.service.primary();
  if (primary == nullptr || std::ranges::find(watch.earlier, primary->id) != watch.earlier.end() ||
      family_revision_of(primary->taskDefinition) != family_revision_of(watch.taskDefinition))
    return {};
  return primary->id;
}

Standing standing(const ServiceWatch& watch, const ServiceLook& look, TimePoint now) {
  const DeploymentSnapshot* const primary = look.service.primary();
  if (primary == nullptr) return Standing::kForeign;
  if (!watch.our_deployment.empty() && primary->id == watch.our_deployment) return Standing::kOurs;
  if (is_older(*primary, watch)) {
    // A read from before our change shows the same, unless it says that it is a way back.
    const bool may_be_stale = now - watch.since < watch.stale_reads &&
                              !says_rolling_back(*primary) &&
                              look.find(watch.our_deployment) == nullptr;
    return may_be_stale ? Standing::kOurs : Standing::kEarlier;
  }
  // The id of ours may be unknown, when the answer to the update was lost.
  const bool is_ours =
      watch.our_deployment.empty() &&
      family_revision_of(primary->taskDefinition) == family_revision_of(watch.taskDefinition);
  return is_ours ? Standing::kOurs : Standing::kForeign;
}

int circuit_breaker_threshold(int desiredCount) {
  return std::clamp((desiredCount + 1) / 2, 3, 200);
}

std::optional<RolledBackBy> rolled_back_by(std::string_view reason) {
  const std::string text = to_lower(reason);
  const auto has = [&](std::string_view words) { return text.find(words) != std::string::npos; };
  if (has("alarm")) return RolledBackBy::kAlarm;
  if (has("hook")) return RolledBackBy::kHook;
  if (has("circuit breaker") || has("tasks failed to start")) return RolledBackBy::kCircuitBreaker;
  return std::nullopt;
}

namespace {

// "container app exited with 1", "container app never ran (CannotPullContainerError: ...)".
std::string what_is_wrong(const StoppedContainer& container) {
  const std::string reason = container.reason.empty() ? "" : " (" + container.reason + ")";
  if (!container.exitCode) return "container " + container.name + " never ran" + reason;
  return "container " + container.name + " exited with " + std::to_string(*container.exitCode) +
         reason;
}

std::optional<Verdict> judge_stopped(const TaskLook& task,
                                     const std::vector<std::string>& not_essential) {
  std::vector<StoppedContainer> containers;
  for (const StoppedContainer& container : task.containers)
    if (std::ranges::find(not_essential, container.name) == not_essential.end())
      containers.push_back(container);
  const auto is_well = [](const StoppedContainer& container) {
    return !container.essential || container.exitCode == 0;
  };
  if (!containers.empty() && std::ranges::all_of(containers, is_well)) return Verdict{};

  // Nothing ran at all, or something did and ended badly.
  const bool ran = std::ranges::any_of(
      containers, [](const StoppedContainer& container) { return container.exitCode.has_value(); });
  std::vector<std::string> wrong;
  for (const StoppedContainer& container : containers)
    if (!is_well(container)) wrong.push_back(what_is_wrong(container));
  if (wrong.empty()) wrong.push_back("it never ran");
  return failure(ran ? Outcome::kFailed : Outcome::kFailedToStart, ErrorKind::kFailed,
                 "task.failed",
                 "task " + last_segment(task.taskArn) + " failed: " + join(wrong, ", ") +
                     because(task.stoppedReason));
}

}  // namespace

std::optional<Verdict> judge(TaskWatch& watch, const Result<TaskLook>& seen, TimePoint now) {
  const std::string name = "task " + last_segment(watch.taskArn);
  std::optional<Verdict> verdict;
  if (seen) {
    watch.failed_looks = 0;
    if (seen->lastStatus == "STOPPED") verdict = judge_stopped(*seen, watch.not_essential);
  } else if (seen.error().kind == ErrorKind::kNotFound) {
    // Not visible yet; afterwards ECS keeps stopped tasks for an hour, so it never was.
    if (now - watch.since >= kStaleReads)
      verdict = failure(Outcome::kFailed, ErrorKind::kNotFound, "task.missing",
                        name + " cannot be found; ECS does not know whether it ran");
  } else if (++watch.failed_looks > kFailedLooksTolerated) {
    verdict = verdict_of_error(after_failed_looks(seen.error(), name, watch.failed_looks),
                               Outcome::kFailed);
  }
  if (!verdict && watch.max_wait && now - watch.since >= *watch.max_wait)
    verdict = failure(
        Outcome::kTimedOut, ErrorKind::kTimeout, "task.timeout",
        name + " has not stopped after " + to_string(*watch.max_wait) + "; it is still running");
  watch.ended = verdict.has_value();
  return verdict;
}

}  // namespace slipway
