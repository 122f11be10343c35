#include "execute/single_rollout.h"

#include "aws/pages.h"
#include "base/chunks.h"
#include "base/text.h"
#include "execute/explain.h"
#include "execute/observe.h"
#include "plan/single_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {
namespace {

// "90 s", as the flag has it.
std::string in_seconds(Duration duration) {
  return fmt::format("{} s", std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

// What a rollout still lacks, in words.
std::string what_is_missing(const ServiceLook& look, const std::string& our_deployment) {
  std::vector<std::string> missing;
  for (const DeploymentSnapshot& deployment : look.service.deployments) {
    const std::string name = family_revision_of(deployment.taskDefinition);
    if (deployment.id != our_deployment)
      missing.push_back(fmt::format(
          "deployment {} of {} is still there with {}", deployment.id, name,
          counted(static_cast<std::size_t>(std::max(0, deployment.runningCount)), "running task")));
    else if (deployment.runningCount != deployment.desiredCount)
      missing.push_back(fmt::format("{} of {} tasks of {} run", deployment.runningCount,
                                    deployment.desiredCount, name));
  }
  if (missing.empty()) missing.push_back("ECS has not called the rollout complete");
  return join(missing, ", ");
}

}  // namespace

SingleRollout::SingleRollout(Context& context, Subject subject, ServiceWatch watch,
                             const ServiceLook& answer, Duration timeout)
    : context_(context),
      subject_(std::move(subject)),
      watch_(std::move(watch)),
      timeout_(timeout),
      runs_(family_revision_of(watch_.taskDefinition)),
      pace_{.quick = answer.service.desiredCount <= 0},
      last_(answer),
      service_deployment_(answer.service_deployment) {
  for (const ServiceEvent& event : answer.events) old_events_.insert(event.id);
  told_events_ = old_events_;
}

// When it is due, or at `end` before that. The outer error: called off meanwhile.
Result<Result<ServiceLook>> SingleRollout::next(TimePoint end) {
  const TimePoint when = std::min(std::max(now(), watch_.since + next_look(pace_)), end);
  TRY_VOID(context_.clock().sleep_until(when));
  Result<ServiceLook> look = describe_service(context_.ecs, context_.cluster, watch_.service);
  if (!look && called_off(look.error())) return look.error();
  pace_.last = now() - watch_.since;
  tell(look);
  judgement_ = judge(watch_, look, now());
  if (judgement_->about_to_end && !pace_.hinted) pace_.hinted = pace_.last;
  return look;
}

// Events that are new, the state of the rollout, and once why tasks fail.
void SingleRollout::tell(const Result<ServiceLook>& look) {
  if (!look) return;
  for (auto event = look->events.rbegin(); event != look->events.rend(); ++event)
    if (told_events_.insert(event->id).second) say(*event);
  say(ServiceObserved{.service = look->service, .our_deployment = watch_.our_deployment});
  last_ = *look;
  runs_ = family_revision_of(definition_in_use(look->service));
  const DeploymentSnapshot* const ours = look->find(watch_.our_deployment);
  if (ours == nullptr || ours->failedTasks == 0 || told_groups_) return;
  told_groups_ =
      look_at_stopped_tasks(context_, {.watch = watch_, .last = last_, .old_events = old_events_});
  if (!told_groups_->empty()) say(FailureExplained{.stopped_tasks = *told_groups_});
}

// A task of the new revision that works, among those that should be running.
Result<bool> SingleRollout::find_working_task(const TaskDefinitionSnapshot& made,
                                              const Result<ServiceLook>& look) {
  // Where the counts can be believed and say that nothing runs, there is nothing to find.
  if (look) {
    const DeploymentSnapshot* const ours = look->find(watch_.our_deployment);
    if (ours != nullptr && !ours->rolloutState.empty() && ours->runningCount == 0) return false;
  }
  TRY(const std::vector<std::string> arns,
      aws::all_items(context_.ecs, aws::ListTasks,
                     {.cluster = context_.cluster,
                      .serviceName = last_segment(watch_.service),
                      .desiredStatus = "RUNNING"},
                     &aws::ListTasksResponse::taskArns));
  const HealthCheck check = health_check_of(made.document);
  for (const auto chunk : chunks_of(arns, kTasksPerCall)) {
    for (const Result<TaskLook>& task : describe_tasks(context_.ecs, context_.cluster, chunk)) {
      if (!task && task.error().kind == ErrorKind::kNotFound) continue;  // it ended meanwhile
      if (!task) return task.error();
      if (task->taskDefinitionArn != made.arn ||
          !shows_that_it_works(check, task->lastStatus, task->healthStatus))
        continue;
      say(FirstTaskRunning{.task_id = last_segment(task->taskArn),
                           .healthStatus = task->healthStatus});
      return true;
    }
  }
  return false;
}

Verdict SingleRollout::wait_for_first_task(const TaskDefinitionSnapshot& made) {
  const TimePoint end = watch_.since + timeout_;
  for (int failed_looks = 0;;) {
    const Result<Result<ServiceLook>> looked = next(end);
    if (!looked) return verdict_of(looked.error(), Outcome::kStopped);
    const Result<ServiceLook>& look = *looked;
    if (judgement_->verdict && !is_good(*judgement_->verdict)) return *judgement_->verdict;

    const Result<bool> found = find_working_task(made, look);
    if (found && *found) return {};
    const Error* const trouble = !look ? &look.error() : !found ? &found.error() : nullptr;
    if (trouble != nullptr) {
      if (std::optional<Verdict> off = called_off(*trouble)) return *off;
      if (++failed_looks >= kFailedLooksTolerated)
        return verdict_of_error(
            after_failed_looks(*trouble, "service " + last_segment(watch_.service), failed_looks),
            Outcome::kFailed);
      say(PollFailed{.error = *trouble, .in_a_row = failed_looks, .limit = kFailedLooksTolerated});
    } else {
      failed_looks = 0;
    }
    if (now() >= end) {
      const bool has_check = health_check_of(made.document) != HealthCheck::kNone;
      return failure(
          Outcome::kTimedOut, ErrorKind::kTimeout, "deployment.timeout",
          fmt::format("no task of {} {} after {}; -t gives it longer", made.family_revision(),
                      has_check ? "is healthy" : "is running", in_seconds(timeout_)));
    }
  }
}

Verdict SingleRollout::wait_for_end() {
  const TimePoint end = now() + timeout_;
  // The look that found the first task may have seen the end already.
  if (judgement_ && judgement_->verdict) {
    say(ServiceStable{});
    return *judgement_->verdict;
  }
  for (;;) {
    const Result<Result<ServiceLook>> looked = next(end);
    if (!looked) return verdict_of(looked.error(), Outcome::kStopped);
    if (judgement_->verdict) {
      if (is_good(*judgement_->verdict)) say(ServiceStable{});
      return *judgement_->verdict;
    }
    if (watch_.failed_looks > 0)
      say(PollFailed{.error = looked->error(),
                     .in_a_row = watch_.failed_looks,
                     .limit = kFailedLooksTolerated});
    if (now() >= end)
      return failure(Outcome::kTimedOut, ErrorKind::kTimeout, "deployment.timeout",
                     fmt::format("service {} is not at rest after {}: {}; -t gives it longer",
                                 last_segment(watch_.service), in_seconds(timeout_),
                                 what_is_missing(last_, watch_.our_deployment)));
  }
}

void SingleRollout::explain_failure(Verdict& verdict) {
  Explanation explanation = explain(context_, {.watch = watch_,
                                               .last = last_,
                                               .old_events = old_events_,
                                               .service_deployment = service_deployment_});
  if (explanation.rolled_back_by != RolledBackBy::kNobody &&
      verdict.rolled_back_by == RolledBackBy::kNobody && verdict.outcome == Outcome::kRolledBack)
    verdict.rolled_back_by = explanation.rolled_back_by;
  // Every event was told when it was seen, and so was what made the first tasks fail.
  explanation.what.service_events.clear();
  std::erase_if(explanation.what.stopped_tasks, [&](const StoppedTaskGroup& group) {
    return told_groups_ && std::ranges::any_of(*told_groups_, [&](const StoppedTaskGroup& told) {
             return told.stoppedReason == group.stoppedReason &&
                    told.containers == group.containers;
           });
  });
  if (explanation.what != FailureExplained{}) say(std::move(explanation.what));
}

}  // namespace slipway
