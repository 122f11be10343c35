#include "sim/container_logs.h"

#include "sim/logs.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway::sim {
namespace {

std::string stream_of(const Task& task, const Container& container) {
  const AwsLogs& logs = *container.definition->awslogs;
  if (logs.stream_prefix.empty()) return container.runtimeId;
  return fmt::format("{}/{}/{}", logs.stream_prefix, container.definition->name, task.id);
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
}

// The container's line, if it still runs and is not another start of it.
bool is_still_up(const Region& region, const std::string& task_id, const std::string& name,
                 TimePoint started_at) {
  const auto task = region.tasks_by_id.find(task_id);
  if (task == region.tasks_by_id.end()) return false;
  const auto& containers = task->second->containers;
  return std::any_of(containers.begin(), containers.end(), [&](const Container& container) {
    return container.definition->name == name && container.state == TaskState::kRunning &&
           container.started_at == started_at;
  });
}

}  // namespace

std::string log_group_problem(Region& region, const Task& task,
                              const ContainerDefinition& container) {
  const auto& logs = container.awslogs;
  if (!logs || logs->elsewhere || find_log_group(region, logs->group) != nullptr) return {};
  if (logs->creates_group || region.makes_log_groups) {
    make_log_group(region, logs->group);
    return {};
  }
  // Logged by operators, with a request id that differs from case to case and is left out here.
  if (task.launchType == "EC2")
    return "CannotStartContainerError: Error response from daemon: failed to initialize logging "
           "driver: failed to create Cloudwatch log stream: ResourceNotFoundException: The "
           "specified log group does not exist.";
  return "ResourceInitializationError: failed to validate logger args: create stream has been "
         "retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The "
         "specified log group does not exist. : exit status 1";
}

void plan_output(Region& region, const Task& task, const Container& container) {
  const auto& logs = container.definition->awslogs;
  if (!logs || logs->elsewhere || !container.fate) return;
  for (const OutputLine& output : container.fate->output) {
    std::string line = output.line;
    replace_all(line, "{task}", task.id);
    replace_all(line, "{container}", container.definition->name);
    region.timeline.at(*container.started_at + output.after,
                       [&region, group = logs->group, stream = stream_of(task, container),
                        task_id = task.id, name = container.definition->name,
                        started_at = *container.started_at, line = std::move(line)] {
                         if (!is_still_up(region, task_id, name, started_at)) return;
                         region.timeline.at(
                             region.now + region.knobs.log_ingestion,
                             [&region, group, stream, line, written_at = region.now] {
                               if (LogGroup* found = find_log_group(region, group))
                                 append_log_line(region, *found, stream, written_at, line);
                             });
                       });
  }
}

}  // namespace slipway::sim
