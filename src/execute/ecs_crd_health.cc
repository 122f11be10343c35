#include "execute/ecs_crd_health.h"

#include "aws/ecs.h"
#include "base/text.h"
#include "execute/explain.h"
#include "execute/observe.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway {
namespace {

constexpr const char* kWithoutService = "health is judged by the targets only, not by ECS";

std::vector<ServiceEvent> events_of(const aws::Service& service) {
  std::vector<ServiceEvent> events;
  for (const aws::ServiceEvent& event : service.events)
    events.push_back({.message = event.message,
                      .createdAt = event.createdAt.value_or(TimePoint{}),
                      .id = event.id});
  return events;
}

// ECS's own words when it has given up trying quickly.
bool says_it_cannot_start(const aws::Service& service) {
  return std::ranges::any_of(service.events, [](const aws::ServiceEvent& event) {
    return event.message.find("unable to consistently start tasks successfully") !=
           std::string::npos;
  });
}

}  // namespace

CrdHealth::CrdHealth(Context& context, CrdSay& say, CrdGreen green, CrdHealthTimings timings)
    : context_(context), say_(say), green_(std::move(green)), timings_(timings) {}

bool CrdHealth::look_at_service(Look& look, int& wanted) {
  const auto answer = context_.optional.call(
      aws::DescribeServices,
      {.cluster = green_.cluster, .services = {green_.service}, .include = {}}, kWithoutService);
  if (!answer && context_.optional.is_denied(aws::DescribeServices.name)) return false;
  if (!answer) {
    // Nothing was seen: no reason to be glad, nor to go back.
    look.words = "ECS did not answer";
    look.is_answered = false;
    return true;
  }
  if (answer->services.empty() || answer->services.front().status == "INACTIVE") {
    look.verdict = TargetsVerdict::kUnhealthy;
    look.hopeless = fmt::format("ECS service {} is not there any more", green_.service);
    return true;
  }
  const aws::Service& service = answer->services.front();
  const aws::Deployment* primary = nullptr;
  for (const aws::Deployment& deployment : service.deployments)
    if (deployment.status == aws::deployment_status::kPrimary) primary = &deployment;
  // Auto scaling may have taken tasks away again; then fewer are all.
  wanted = green_.is_daemon ? service.desiredCount : std::min(wanted, service.desiredCount);
  wanted = std::max(wanted, 1);
  const bool completed = primary == nullptr || primary->rolloutState.empty() ||
                         primary->rolloutState == aws::DeploymentRolloutState::kCompleted;
  look.words = fmt::format("{}/{} tasks run", service.runningCount, wanted);
  if (primary != nullptr && !primary->rolloutState.empty())
    look.words += ", deployment " + primary->rolloutState;
  look.verdict = service.runningCount >= wanted && completed ? TargetsVerdict::kHealthy
                                                             : TargetsVerdict::kStarting;
  if (primary == nullptr) return true;
  if (primary->failedTasks >= timings_.failed_tasks)
    look.hopeless =
        fmt::format("{} tasks of service {} have failed", primary->failedTasks, green_.service);
  else if (primary->rolloutState == aws::DeploymentRolloutState::kFailed)
    look.hopeless = fmt::format("the deployment of service {} has FAILED: {}", green_.service,
                                primary->rolloutStateReason);
  else if (says_it_cannot_start(service))
    look.hopeless = fmt::format("service {} is unable to consistently start tasks", green_.service);
  // ECS replaces what fails, so that a service may look well between two failures: whatever was
  // started beyond what is wanted is in the place of something that went away.
  const int started = static_cast<int>(task_ids_in(events_of(service)).size());
  most_wanted_ = std::max({most_wanted_, service.desiredCount, service.runningCount});
  const int replaced = started - most_wanted_;
  if (replaced_before_ && replaced > *replaced_before_) look.verdict = TargetsVerdict::kUnhealthy;
  replaced_before_ = std::max(replaced, replaced_before_.value_or(replaced));
  if (replaced_then_ && replaced > *replaced_then_) {
    look.verdict = TargetsVerdict::kUnhealthy;
    look.words +=
        fmt::format(", {} replaced since the last check",
                    counted(static_cast<std::size_t>(replaced - *replaced_then_), "task"));
  }
  if (look.hopeless.empty() && replaced >= timings_.failed_tasks + green_.wanted)
    look.hopeless =
        fmt::format("ECS has replaced {} tasks of service {}", replaced, green_.service);
  return true;
}

Result<CrdHealth::Look> CrdHealth::look() {
  Look look;
  int wanted = green_.wanted;
  const bool has_service = look_at_service(look, wanted);
  if (!has_service) look.verdict = TargetsVerdict::kHealthy;
  std::vector<TargetGroupHealth> groups;
  for (Result<TargetGroupHealth>& group : look_at_targets(context_, green_.target_groups)) {
    if (!group && group.error().kind == ErrorKind::kCancelled) return group.error();
    if (!group) {
      // Nothing was seen: no reason to be glad, nor to go back.
      look.verdict = std::max(look.verdict, TargetsVerdict::kStarting);
      look.is_answered = false;
      look.words += fmt::format("{}{}", look.words.empty() ? "" : "; ", group.error().message);
      continue;
    }
    look.words += fmt::format("{}{}: {}", look.words.empty() ? "" : "; ",
                              target_group_name(group->target_group), to_string(*group));
    groups.push_back(std::move(*group));
  }
  if (!groups.empty()) look.verdict = std::max(look.verdict, judge(groups, wanted));
  if (!has_service && green_.target_groups.empty())
    look.words =
        "nothing tells how the service is: it has no target group, and ECS may not be "
        "asked";
  return look;
}

// Tasks are named in the service's events; listing them would need another permission.
std::string CrdHealth::stopped_tasks() {
  const auto services = context_.optional.call(
      aws::DescribeServices,
      {.cluster = green_.cluster, .services = {green_.service}, .include = {}}, kWithoutService);
  if (!services || services->services.empty()) return {};
  std::vector<std::string> ids = task_ids_in(events_of(services->services.front()));
  if (ids.empty()) return {};
  if (ids.size() > kTasksPerCall)
    ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(kTasksPerCall));
  const auto described = context_.optional.call(
      aws::DescribeTasks, {.cluster = green_.cluster, .tasks = ids, .include = {}},
      "why tasks have stopped is not told");
  if (!described) return {};
  std::vector<TaskLook> stopped;
  for (const aws::Task& task : described->tasks)
    if (task.lastStatus == "STOPPED") stopped.push_back(look_of(task));
  std::vector<std::string> reasons;
  for (const StoppedTaskGroup& group : group_by_reason(stopped)) {
    std::string text =
        fmt::format("{} stopped: {}", counted(static_cast<std::size_t>(group.count), "task"),
                    group.stoppedReason);
    for (const StoppedContainer& container : group.containers) {
      if (container.exitCode)
        text += fmt::format(", container {} exited with {}", container.name, *container.exitCode);
      if (!container.reason.empty()) text += ", " + container.reason;
    }
    reasons.push_back(std::move(text));
  }
  return join(reasons, "; ");
}

Error CrdHealth::failed(const std::string& what, const Look& last) {
  std::string message = what + ": " + (last.hopeless.empty() ? last.words : last.hopeless);
  if (const std::string reasons = stopped_tasks(); !reasons.empty()) message += "; " + reasons;
  return {.kind = ErrorKind::kFailed, .code = "health.failed", .message = std::move(message)};
}

Result<void> CrdHealth::pause(TimePoint began, TimePoint until) {
  while (true) {
    const TimePoint next = std::min(until, context_.clock().now() + kCrdTick);
    TRY_VOID(context_.clock().sleep_until(next));
    if (next >= until) return {};
    say_.value("Wait", in_crd_time(next - began));
  }
}

Result<void> CrdHealth::wait_until_started(TimePoint not_before, TimePoint limit) {
  const TimePoint began = context_.clock().now();
  int good = 0;
  while (true) {
    TRY(const Look seen, look());
    say_.value(in_crd_time(context_.clock().now() - began), seen.words);
    good = seen.verdict == TargetsVerdict::kHealthy ? good + 1 : 0;
    if (good >= timings_.good_in_a_row && context_.clock().now() >= not_before) return {};
    if (!seen.hopeless.empty()) return failed("the new release cannot start", seen);
    if (context_.clock().now() >= limit)
      return failed(
          "the new release is not healthy after " + in_crd_time(context_.clock().now() - began),
          seen);
    TRY_VOID(context_.clock().sleep_for(timings_.starting_poll));
  }
}

Result<void> CrdHealth::watch(TimePoint until) {
  int good = 0;
  int bad = 0;
  int unanswered = 0;
  const TimePoint began = context_.clock().now();
  replaced_then_ = replaced_before_;
  while (true) {
    const TimePoint now = context_.clock().now();
    TRY_VOID(
        pause(began, now < until ? std::min(until, now + timings_.poll) : now + timings_.poll));
    TRY(const Look seen, look());
    say_.value(in_crd_time(context_.clock().now() - began), seen.words);
    const bool is_good = seen.verdict == TargetsVerdict::kHealthy;
    good = is_good && context_.clock().now() >= until ? good + 1 : 0;
    // What was seen to be bad is bad, whatever else was not answered.
    const bool is_bad = seen.verdict == TargetsVerdict::kUnhealthy ||
                        (!is_good && seen.is_answered) || !seen.hopeless.empty();
    bad = is_bad ? bad + 1 : is_good ? 0 : bad;
    unanswered = seen.is_answered ? 0 : unanswered + 1;
    if (good >= timings_.good_in_a_row) return {};
    if (bad >= timings_.bad_in_a_row || (bad > 0 && !seen.hopeless.empty()))
      return failed("the new release is not healthy", seen);
    if (unanswered >= timings_.unanswered_in_a_row)
      return failed("nothing tells how the new release is", seen);
  }
}

}  // namespace slipway
