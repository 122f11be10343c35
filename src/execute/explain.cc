#include "execute/explain.h"

#include "aws/ecs.h"
#include "execute/observe.h"

#include <algorithm>
#include <utility>

namespace slipway {
namespace {

using namespace std::chrono_literals;

std::vector<ServiceEvent> new_events(const FailedRollout& failed) {
  std::vector<ServiceEvent> events;
  for (const ServiceEvent& event : failed.last.events)
    if (!failed.old_events.contains(event.id)) events.push_back(event);
  std::ranges::reverse(events);
  return events;
}

std::vector<std::string> candidates(Context& context, const FailedRollout& failed,
                                    const std::vector<ServiceEvent>& events) {
  const auto listed =
      context.optional.call(aws::ListTasks,
                            {.cluster = context.cluster,
                             .startedBy = failed.watch.our_deployment,
                             .desiredStatus = "STOPPED"},
                            "stopped tasks are found by the events of the service only");
  std::vector<std::string> ids = listed ? listed->taskArns : task_ids_in(events);
  if (ids.size() > kTasksPerCall) ids.resize(kTasksPerCall);
  return ids;
}

std::vector<TaskLook> stopped_tasks(Context& context, const FailedRollout& failed,
                                    const std::vector<ServiceEvent>& events) {
  std::vector<TaskLook> stopped;
  const std::vector<std::string> ids = candidates(context, failed, events);
  if (ids.empty()) return stopped;
  const auto reply =
      context.optional.call(aws::DescribeTasks, {.cluster = context.cluster, .tasks = ids},
                            "stopped tasks are not explained");
  if (!reply) return stopped;
  for (const aws::Task& task : reply->tasks) {
    TaskLook look = look_of(task);
    // A task that failed carries its reason long before its network interface is gone and it is
    // STOPPED; one without a reason has nothing to tell.
    if (!look.stoppedReason.empty() && look.startedBy == failed.watch.our_deployment)
      stopped.push_back(std::move(look));
  }
  return stopped;
}

// The ARN that UpdateService answered, else the one whose target carries our deployment's number.
std::string find_service_deployment(Context& context, const FailedRollout& failed) {
  if (!failed.service_deployment.empty()) return failed.service_deployment;
  const auto listed =
      context.optional.call(aws::ListServiceDeployments,
                            {.service = failed.watch.service,
                             .cluster = context.cluster,
                             .createdAt = aws::CreatedAt{.after = failed.watch.since - 2min}},
                            "the outcome is judged by deployment ids alone");
  if (!listed) return {};
  const std::string number = last_segment(failed.watch.our_deployment);
  for (const aws::ServiceDeploymentBrief& brief : listed->serviceDeployments)
    if (last_segment(brief.targetServiceRevisionArn) == number) return brief.serviceDeploymentArn;
  return {};
}

bool is_triggered(std::string_view status) {
  return status == aws::ServiceDeploymentRollbackMonitorsStatus::kTriggered;
}

RolledBackBy who_rolled_back(const aws::ServiceDeployment& deployment) {
  if (deployment.deploymentCircuitBreaker &&
      is_triggered(deployment.deploymentCircuitBreaker->status))
    return RolledBackBy::kCircuitBreaker;
  if (deployment.alarms && is_triggered(deployment.alarms->status)) return RolledBackBy::kAlarm;
  for (const std::string& reason :
       {deployment.statusReason, deployment.rollback ? deployment.rollback->reason : std::string()})
    if (const auto by = rolled_back_by(reason)) return *by;
  // Rolled back, and by nothing that watches: somebody called StopServiceDeployment.
  return deployment.rollback ? RolledBackBy::kOperator : RolledBackBy::kNobody;
}

}  // namespace

Explanation explain(Context& context, const FailedRollout& failed) {
  Explanation explanation;
  explanation.what.service_events = new_events(failed);
  if (failed.watch.our_deployment.empty()) return explanation;
  explanation.what.stopped_tasks =
      group_by_reason(stopped_tasks(context, failed, explanation.what.service_events));

  const std::string arn = find_service_deployment(context, failed);
  if (arn.empty()) return explanation;
  const auto described =
      context.optional.call(aws::DescribeServiceDeployments, {.serviceDeploymentArns = {arn}},
                            "the outcome is judged by deployment ids alone");
  if (!described || described->serviceDeployments.empty()) return explanation;
  const aws::ServiceDeployment& deployment = described->serviceDeployments.front();
  // The answer to an update may still have named the deployment before it.
  if (deployment.createdAt && *deployment.createdAt < failed.watch.since - 2min) return explanation;
  explanation.what.status_reason = deployment.statusReason;
  explanation.rolled_back_by = who_rolled_back(deployment);
  return explanation;
}

std::vector<StoppedTaskGroup> look_at_stopped_tasks(Context& context, const FailedRollout& failed) {
  return group_by_reason(stopped_tasks(context, failed, new_events(failed)));
}

std::vector<std::string> task_ids_in(const std::vector<ServiceEvent>& events) {
  constexpr std::string_view kBefore = "(task ";
  std::vector<std::string> ids;
  for (const ServiceEvent& event : events) {
    const std::string_view text = event.message;
    for (std::size_t at = text.find(kBefore); at != std::string_view::npos;
         at = text.find(kBefore, at)) {
      at += kBefore.size();
      const std::string id(text.substr(at, text.find(')', at) - at));
      if (!id.empty() && std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
    }
  }
  return ids;
}

std::vector<StoppedTaskGroup> group_by_reason(const std::vector<TaskLook>& stopped) {
  std::vector<StoppedTaskGroup> groups;
  for (const TaskLook& task : stopped) {
    const auto same = std::ranges::find_if(groups, [&](const StoppedTaskGroup& group) {
      return group.stopCode == task.stopCode && group.stoppedReason == task.stoppedReason &&
             group.containers == task.containers;
    });
    if (same != groups.end())
      ++same->count;
    else
      groups.push_back({.stopCode = task.stopCode,
                        .stoppedReason = task.stoppedReason,
                        .containers = task.containers,
                        .example_task_id = last_segment(task.taskArn)});
  }
  const auto is_scaled_in = [](const StoppedTaskGroup& group) {
    return group.stoppedReason.starts_with("Scaling activity initiated by");
  };
  if (!std::ranges::all_of(groups, is_scaled_in)) std::erase_if(groups, is_scaled_in);
  std::ranges::stable_sort(groups, std::greater{}, &StoppedTaskGroup::count);
  return groups;
}

}  // namespace slipway
