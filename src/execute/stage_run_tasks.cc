// One-off tasks of a stage: started or found running, watched to their ends, their logs beside
// them.
#include "aws/ecs.h"
#include "base/text.h"
#include "execute/changes.h"
#include "execute/pace.h"
#include "execute/requests.h"
#include "execute/stage_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {
namespace {

TaskStopped stopped(const TaskLook& task, int ordinal, bool ok) {
  return {.ordinal = ordinal,
          .task_id = last_segment(task.taskArn),
          .ok = ok,
          .stopCode = task.stopCode,
          .stoppedReason = task.stoppedReason,
          .containers = task.containers};
}

// All that went wrong with an item's tasks, as one.
Verdict combined(const std::vector<Verdict>& bad, std::size_t count) {
  Verdict worst = bad.front();
  for (const Verdict& verdict : bad)
    if (worse(worst.outcome, verdict.outcome) != worst.outcome) worst = verdict;
  if (count > 1)
    worst.error->message =
        fmt::format("{} of {} tasks did not end well: {}", bad.size(), count, worst.error->message);
  return worst;
}

// A side-car that is killed when the work is done has an exit code of its own.
void mark_essential(std::vector<StoppedContainer>& containers, const Json& task_definition) {
  const JsonArray* definitions = find_array(task_definition, "containerDefinitions");
  if (definitions == nullptr) return;
  for (StoppedContainer& container : containers)
    for (const Json& definition : *definitions)
      if (string_or_empty(definition, "name") == container.name)
        container.essential = find_bool(definition, "essential").value_or(true);
}

}  // namespace

const Json* StageRun::definition_of(const TaskDefinitionTarget& target) const {
  if (const auto* registered = std::get_if<RegisteredBy>(&target)) {
    const auto found = registrations_.find(registered->step);
    const bool is_there =
        found != registrations_.end() && found->second.result && *found->second.result;
    return is_there ? &found->second.result->value().document : nullptr;
  }
  const std::string& text = std::get<std::string>(target);
  for (const auto& [reference, definition] : snapshot_.task_definitions)
    if (definition && (reference == text || definition->arn == text)) return &definition->document;
  return nullptr;
}

Verdict StageRun::act(Item& item, const Step& step, const RunTask& action) {
  const Result<std::string> definition = resolve(item, action.task_definition);
  if (!definition) return verdict_of(definition.error(), Outcome::kFailedToStart);
  const aws::RunTaskRequest request =
      request_of(action, *definition, context_.runtime.random.uuid());
  TaskParameters parameters{
      .task_definition = family_revision_of(*definition),
      .newly_registered = std::holds_alternative<RegisteredBy>(action.task_definition),
      .count = action.run.count,
      .launchType = action.run.launchType};
  for (const CapacityProviderStrategyItem& provider : action.run.capacityProviderStrategy)
    parameters.capacityProviders.push_back(provider.capacityProvider);
  if (const Json* network = find(request.networkConfiguration, "awsvpcConfiguration"))
    parameters.awsvpcConfiguration = *network;
  const auto* until = std::get_if<TasksStopped>(&step.until);
  if (until != nullptr) parameters.max_wait = until->max_wait;
  say(item, parameters);

  const Result<aws::RunTaskResponse> reply =
      run_task(context_,
               {.subject = item.plan.subject,
                .is_undo = is_undo(),
                .sent = [&] { set_in_progress(item, "tasks may have been started"); }},
               request);
  if (!reply) return verdict_of(reply.error(), Outcome::kFailedToStart);
  TasksStarted started{.count = action.run.count};
  for (const aws::Task& task : reply->tasks) started.task_arns.push_back(task.taskArn);
  if (!started.task_arns.empty()) say(item, started);
  for (const aws::Failure& failure : reply->failures)
    say(item, TaskNotStarted{failure.arn, failure.reason, failure.detail});
  item.report.task_definition = family_revision_of(
      reply->tasks.empty() ? *definition : reply->tasks.front().taskDefinitionArn);

  // ECS answers 200 when there is no room; what did start is watched to its end all the same.
  const auto wanted = static_cast<std::size_t>(action.run.count);
  Verdict verdict;
  if (reply->tasks.size() < wanted) {
    std::string message = fmt::format("{} of {} did not start", wanted - reply->tasks.size(),
                                      counted(wanted, "task"));
    if (!reply->failures.empty()) message += ": " + reply->failures.front().reason;
    verdict = verdict_of_error(Error{ErrorKind::kFailed, "task.not-started", std::move(message)},
                               Outcome::kFailedToStart);
  }
  if (reply->tasks.empty() || !settings_.wait || until == nullptr) return verdict;
  Verdict watched = watch_tasks(item, started.task_arns,
                                {.max_wait = until->max_wait,
                                 .task_definition = definition_of(action.task_definition),
                                 .essential_only = action.run.essential_only});
  if (!is_good(watched)) return watched;
  if (is_good(verdict)) say(item, TasksCompleted{action.run.count});
  return verdict;
}

Verdict StageRun::act(Item& item, const Step& step, const ObserveTasks& action) {
  const Result<std::vector<Result<TaskLook>>> looks = poller_.look_at_tasks(action.tasks, now());
  if (!looks) return verdict_of(looks.error(), Outcome::kStopped);
  std::vector<std::string> arns;
  std::optional<aws::DescribeTaskDefinitionResponse> definition;
  for (const Result<TaskLook>& look : *looks) {
    if (!look) return verdict_of(look.error(), Outcome::kFailedToStart);
    arns.push_back(look->taskArn);
    item.report.task_definition = family_revision_of(look->taskDefinitionArn);
    if (!definition)
      definition = context_.optional.call(aws::DescribeTaskDefinition,
                                          {.taskDefinition = look->taskDefinitionArn},
                                          "no log is shown, and every container counts");
  }
  TaskWatching how{.task_definition = definition ? &definition->taskDefinition : nullptr,
                   .essential_only = true};
  if (const auto* until = std::get_if<TasksStopped>(&step.until)) how.max_wait = until->max_wait;
  return watch_tasks(item, arns, how);
}

// What a stopped task has come to. Its log is told to the end before its end is.
void StageRun::tell_end(const Item& item, const TaskWatch& watch, const TaskLook& look, bool ok,
                        TaskLogs* logs) {
  const std::string id = last_segment(watch.taskArn);
  if (logs != nullptr && settings_.logs == LogReading::kFollow) logs->finish(id, look.containers);
  say(item, stopped(look, watch.ordinal, ok));
  if (logs != nullptr && settings_.logs == LogReading::kLastLines && !ok)
    logs->tell_last_lines(watch.ordinal, id, look.containers);
  std::erase(state_.tasks[to_string(item.plan.subject)], id);
}

Verdict StageRun::watch_tasks(Item& item, const std::vector<std::string>& task_arns,
                              const TaskWatching& how) {
  std::vector<TaskWatch> watches;
  std::vector<std::string> ids;
  for (const std::string& arn : task_arns) {
    watches.push_back({.taskArn = arn,
                       .ordinal = static_cast<int>(watches.size()) + 1,
                       .since = now(),
                       .max_wait = how.max_wait});
    ids.push_back(last_segment(arn));
  }
  set_in_progress(item, "task " + join(ids, ", "));
  state_.tasks[to_string(item.plan.subject)] = ids;
  std::optional<TaskLogs> logs;
  if (how.task_definition != nullptr && settings_.logs != LogReading::kNone)
    logs.emplace(context_, item.plan.subject, log_sources(*how.task_definition));
  if (logs && settings_.logs == LogReading::kFollow)
    for (const TaskWatch& watch : watches) logs->follow(watch.ordinal, last_segment(watch.taskArn));

  std::vector<Verdict> bad;
  for (TimePoint when = now();; when = std::max(when + kTaskLooks, now())) {
    std::vector<TaskWatch*> running;
    std::vector<std::string> arns;
    for (TaskWatch& watch : watches) {
      if (watch.ended) continue;
      running.push_back(&watch);
      arns.push_back(watch.taskArn);
    }
    if (running.empty()) break;
    Result<std::vector<Result<TaskLook>>> looks = poller_.look_at_tasks(arns, when);
    if (!looks) return verdict_of(looks.error(), Outcome::kStopped);

    bool told_failure = false;
    for (std::size_t i = 0; i < running.size(); ++i) {
      Result<TaskLook>& look = (*looks)[i];
      if (!look)
        if (std::optional<Verdict> off = called_off(look.error())) return *off;
      TaskWatch& watch = *running[i];
      if (look) {
        if (how.essential_only && how.task_definition != nullptr)
          mark_essential(look->containers, *how.task_definition);
        say(item, TaskObserved{.ordinal = watch.ordinal,
                               .task_id = last_segment(watch.taskArn),
                               .lastStatus = look->lastStatus,
                               .desiredStatus = look->desiredStatus,
                               .healthStatus = look->healthStatus});
      }
      const std::optional<Verdict> verdict = judge(watch, look, now());
      // One call failed, however many tasks it was about.
      if (watch.failed_looks > 0 && !std::exchange(told_failure, true))
        say(item, PollFailed{.error = look.error(),
                             .in_a_row = watch.failed_looks,
                             .limit = kFailedLooksTolerated});
      if (!verdict) continue;
      if (look && look->lastStatus == "STOPPED")
        tell_end(item, watch, *look, is_good(*verdict), logs ? &*logs : nullptr);
      if (!is_good(*verdict)) bad.push_back(*verdict);
    }
  }
  return bad.empty() ? Verdict{} : combined(bad, task_arns.size());
}

}  // namespace slipway
