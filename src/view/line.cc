#include "view/line.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace slipway {
namespace {

struct LevelName {
  LogLevel level;
  std::string_view name;
};
constexpr std::array<LevelName, 7> kLevels = {{{LogLevel::kTrace, "trace"},
                                               {LogLevel::kDebug, "debug"},
                                               {LogLevel::kInfo, "info"},
                                               {LogLevel::kWarn, "warning"},
                                               {LogLevel::kError, "error"},
                                               {LogLevel::kFatal, "fatal"},
                                               {LogLevel::kPanic, "panic"}}};

std::string name_of(StageKind stage) {
  switch (stage) {
    case StageKind::kTasksBefore:
      return "pre-deployment tasks";
    case StageKind::kServices:
      return "services";
    case StageKind::kSchedules:
      return "schedules";
    case StageKind::kTasksAfter:
      return "post-deployment tasks";
    case StageKind::kRollback:
      return "rollback";
    case StageKind::kTasks:
      return "tasks";
  }
  return "stage";
}

// Of one task that somebody runs there is nothing to count.
bool is_one_task(StageKind stage, int items) { return stage == StageKind::kTasks && items == 1; }
std::string name_of(StageKind stage, int items) {
  return is_one_task(stage, items) ? "the task" : name_of(stage);
}

std::string to_text(const Counts& counts) {
  std::string text = fmt::format("total: {}, successful: {}, skipped: {}, failed: {}", counts.total,
                                 counts.successful, counts.skipped, counts.failed);
  if (counts.paused > 0) text += fmt::format(", paused: {}", counts.paused);
  return text;
}

// The message, and of a failed call its operation, AWS's code and the request id. Codes of our own
// are for programs.
std::string to_line(const Error& error) {
  std::string text = error.message;
  if (!error.operation.empty()) {
    text += " (" + error.operation;
    if (!error.code.empty()) text += ", " + error.code;
    if (!error.request_id.empty()) text += ", request " + error.request_id;
    text += ")";
  }
  for (const std::string& doing : error.context) text += ", while " + doing;
  return text;
}

class Lines {
 public:
  explicit Lines(const Subject& subject) {
    if (subject.kind == ItemKind::kService) first_.emplace_back("service", subject.item);
    if (subject.kind == ItemKind::kTask) first_.emplace_back("task", subject.item);
    if (subject.kind == ItemKind::kSchedule) first_.emplace_back("schedule", subject.item);
    stage_ = subject.stage;
    item_ = subject.item;
  }

  using Fields = std::vector<std::pair<std::string, std::string>>;
  void add(LogLevel level, std::string message, Fields fields = {}) {
    Line line{.level = level, .message = std::move(message), .fields = first_};
    line.fields.insert(line.fields.end(), fields.begin(), fields.end());
    lines.push_back(std::move(line));
  }
  void debug(std::string message, Fields fields = {}) {
    add(LogLevel::kDebug, std::move(message), std::move(fields));
  }
  void info(std::string message, Fields fields = {}) {
    add(LogLevel::kInfo, std::move(message), std::move(fields));
  }
  void warn(std::string message, Fields fields = {}) {
    add(LogLevel::kWarn, std::move(message), std::move(fields));
  }
  void error(std::string message, Fields fields = {}) {
    add(LogLevel::kError, std::move(message), std::move(fields));
  }

  // ---- The run ----
  void operator()(const RunStarted& run) {
    std::string what = run.application.empty() ? "" : " " + run.application + " on";
    if (!run.cluster.empty()) what += " cluster " + run.cluster;
    std::string from;
    if (!run.file.empty()) from = fmt::format(", from {} ({} file)", run.file, run.dialect);
    info(fmt::format("{}{}{}{}", run.command, what, from, run.simulated ? ", simulated" : ""));
    debug("run " + run.run_id, {{"region", run.region}});
  }
  void operator()(const PlanMade&) { debug("plan made"); }
  void operator()(const RunEnded& run) {
    std::string calls =
        fmt::format("{}", counted(static_cast<std::size_t>(run.api_calls), "API call"));
    if (run.throttled_calls > 0) calls += fmt::format(", {} throttled", run.throttled_calls);
    const std::string words = fmt::format("{} after {}, {}", in_words(run.outcome),
                                          slipway::to_string(run.elapsed), calls);
    if (run.outcome == Outcome::kSucceeded || run.outcome == Outcome::kSkipped)
      info(words);
    else if (run.outcome == Outcome::kPaused)
      warn(words);
    else
      error(words);
    for (const std::string& sentence : run.state) info(sentence);
    if (!run.next_step.empty()) info("next: " + run.next_step);
  }
  void operator()(const Interrupted& interrupted) {
    std::string left = interrupted.in_progress.empty()
                           ? std::string("nothing is in progress")
                           : "left in progress: " + join(interrupted.in_progress, "; ");
    warn(fmt::format("{} received, stopped watching; {}", interrupted.signal, left));
    if (!interrupted.reattach.empty()) info("to go on watching: " + interrupted.reattach);
  }

  // ---- Stages and items ----
  void operator()(const StageEmpty&) { warn(fmt::format("no {} found", name_of(stage_))); }
  void operator()(const StageStarted& stage) {
    const std::string words = "starting " + name_of(stage_, stage.items);
    if (is_one_task(stage_, stage.items)) return info(words);
    info(words, {{"count", fmt::to_string(stage.items)}});
  }
  void operator()(const StageEnded& stage) {
    const std::string name = name_of(stage_, stage.counts.total);
    if (!is_one_task(stage_, stage.counts.total))
      info(fmt::format("{} report: {}", name, to_text(stage.counts)));
    if (stage.ok)
      info(fmt::format("{} completed without failures", name));
    else if (stage.counts.failed == 0)
      warn(fmt::format("{} paused until a person decides, the run ends here", name));
    else
      add(LogLevel::kFatal, fmt::format("{} failed, the run ends here", name));
  }
  void operator()(const ItemStarted& item) {
    debug(item.task_definition.empty() ? std::string("starting")
                                       : "starting from " + item.task_definition);
  }
  void operator()(const ItemEnded& item) {
    const std::string elapsed = slipway::to_string(item.elapsed);
    switch (item.outcome) {
      case Outcome::kSucceeded:
        debug(fmt::format("succeeded after {}{}", elapsed,
                          item.task_definition.empty() ? "" : " with " + item.task_definition));
        return;
      case Outcome::kSkipped:
        error(item.error ? "skipped: " + to_line(*item.error) : std::string("skipped"));
        return;
      default:
        break;
    }
    std::string words = in_words(item.outcome);
    if (item.rolled_back_by != RolledBackBy::kNobody)
      words += fmt::format(" by {}{}", item.rolled_back_by == RolledBackBy::kUs ? "" : "the ",
                           to_string(item.rolled_back_by));
    words += " after " + elapsed;
    if (item.error) words += ": " + to_line(*item.error);
    add(item.outcome == Outcome::kPaused ? LogLevel::kWarn : LogLevel::kError, std::move(words));
  }

  // ---- Deriving ----
  void operator()(const BaseTaskDefinition& base) {
    info("base task definition is " + base.family_revision);
  }
  void operator()(const ContainerNotListed& container) {
    warn("container is not on the list, left as it is", {{"container", container.container}});
  }
  void operator()(const ContainerMissing& container) {
    warn("the task definition has no such container" +
             (container.suggestion.empty() ? std::string() : ", " + container.suggestion),
         {{"container", container.container}});
  }
  void operator()(const ImageUnchanged& image) {
    warn(fmt::format("tag is {} already, no change", image.tag), {{"container", image.container}});
  }
  void operator()(const ImageChanged& image) {
    info("old tag is " + image.old_tag, {{"container", image.container}});
    info("new tag is " + image.new_tag, {{"container", image.container}});
    debug(fmt::format("image was {}, will be {}", image.old_image, image.new_image),
          {{"container", image.container}});
  }
  void operator()(const NothingToRegister&) { warn("no image changed, nothing to register"); }
  void operator()(const TaskDefinitionRegistering& registering) {
    info("registering a new revision of " + registering.family);
  }
  void operator()(const TaskDefinitionRegistered& registered) {
    info((registered.shared ? "sharing the new revision " : "registered ") +
         registered.family_revision);
  }

  void operator()(const TaskDefinitionDeleted& gone) { info("deleted " + gone.family_revision); }
  void operator()(const TaskDefinitionDeregistered& gone) {
    info("deregistered " + gone.family_revision);
  }

  // ---- Calls ----
  void operator()(const CallAnnounced& call) { debug("calling " + call.operation); }
  void operator()(const CallMade& call) {
    Fields fields = {{"outcome", call.outcome}, {"took", slipway::to_string(call.elapsed)}};
    if (call.attempts != 1) fields.emplace_back("attempts", fmt::to_string(call.attempts));
    if (!call.request_id.empty()) fields.emplace_back("request-id", call.request_id);
    if (!call.parameters.is_null())
      fields.emplace_back("parameters", slipway::to_text(call.parameters));
    debug(call.operation, std::move(fields));
  }
  void operator()(const CallDenied& call) {
    warn(fmt::format("not allowed to call {}: {}", call.operation, call.consequence));
  }
  void operator()(const PollFailed& poll) {
    warn(fmt::format("could not look, attempt {} of {}: {}", poll.in_a_row, poll.limit,
                     to_line(poll.error)));
  }

  // ---- One-off tasks ----
  void operator()(const TaskParameters& run) {
    info(run.newly_registered ? "running the new revision " + run.task_definition
                              : "nothing changed, running " + run.task_definition);
    if (!run.launchType.empty()) debug("launch type is " + run.launchType);
    if (!run.capacityProviders.empty())
      debug("capacity providers are " + join(run.capacityProviders, ", "));
    if (!run.awsvpcConfiguration.is_null())
      debug("network is " + slipway::to_text(run.awsvpcConfiguration));
    if (run.max_wait) debug("waiting at most " + slipway::to_string(*run.max_wait));
  }
  void operator()(const TasksStarted& tasks) {
    info(fmt::format("started {} of {}", tasks.task_arns.size(),
                     counted(static_cast<std::size_t>(tasks.count), "task")));
  }
  void operator()(const TaskNotStarted& failure) {
    error("a task did not start: " + failure.reason +
              (failure.detail.empty() ? std::string() : ", " + failure.detail),
          failure.arn.empty() ? Fields{} : Fields{{"arn", failure.arn}});
  }
  void operator()(const TaskObserved& task) {
    info(fmt::format("task {}: {}, wanted {}, health {}", task.ordinal, to_lower(task.lastStatus),
                     to_lower(task.desiredStatus),
                     task.healthStatus.empty() ? "unknown" : to_lower(task.healthStatus)),
         {{"task-id", task.task_id}});
  }
  void operator()(const TaskStopped& task) {
    for (const StoppedContainer& container : task.containers)
      add(task.ok ? LogLevel::kDebug : LogLevel::kError, ends_of({container}),
          {{"container", container.name}, {"task-id", task.task_id}});
    const std::string reason = task.stoppedReason.empty() ? "no reason given" : task.stoppedReason;
    add(task.ok ? LogLevel::kInfo : LogLevel::kError,
        fmt::format("task {} {}: {}", task.ordinal, task.ok ? "ended well" : "failed", reason),
        {{"task-id", task.task_id}});
  }
  void operator()(const TaskLogLine& line) {
    Fields fields = {{"container", line.container}, {"task-id", line.task_id}};
    if (line.after_failure)
      error("log: " + line.message, std::move(fields));
    else
      info("log: " + line.message, std::move(fields));
  }
  void operator()(const TasksCompleted& tasks) {
    info(fmt::format("{} ran to completion",
                     counted(static_cast<std::size_t>(tasks.count), "task")));
  }

  // ---- Services ----
  void operator()(const ServiceUpdated& updated) {
    Fields fields;
    if (!updated.deployment_id.empty()) fields.emplace_back("deployment-id", updated.deployment_id);
    if (updated.old_task_definition == updated.new_task_definition)
      info("updated, still " + updated.new_task_definition + (updated.forced ? ", forced" : ""),
           fields);
    else
      info(fmt::format("updated from {} to {}", updated.old_task_definition,
                       updated.new_task_definition),
           fields);
    info("watching the rollout", std::move(fields));
  }
  void operator()(const ServiceObserved& observed) {
    for (const DeploymentSnapshot& deployment : observed.service.deployments) {
      std::string words = fmt::format(
          "{}, {} {}: {}", to_lower(observed.service.status), to_lower(deployment.status),
          family_revision_of(deployment.taskDefinition), counts_of(deployment));
      if (!deployment.rolloutState.empty()) {
        std::string state = to_lower(deployment.rolloutState);
        std::ranges::replace(state, '_', ' ');
        words += ", " + state;
      }
      info(words, {{"deployment-id", deployment.id}});
    }
  }
  void operator()(const ServiceEvent& service_event) { info("event: " + service_event.message); }
  void operator()(const FirstTaskRunning& task) {
    info("the new revision runs", {{"task-id", task.task_id}});
  }
  void operator()(const CheckingStability&) { info("rolled out, checking stability"); }
  void operator()(const ServiceStable&) { info("stable"); }
  void operator()(const ServiceDeploymentObserved& seen) {
    std::string words = to_lower(seen.status);
    std::ranges::replace(words, '_', ' ');
    if (!seen.lifecycleStage.empty()) words += ", stage " + seen.lifecycleStage;
    if (!seen.paused_at.empty()) words += ", waits at " + join(seen.paused_at, ", ");
    if (!seen.statusReason.empty()) words += ": " + seen.statusReason;
    info("service deployment is " + words,
         {{"deployment-id", last_segment(seen.service_deployment)}});
  }
  void operator()(const CodeDeployObserved& seen) {
    std::string words = seen.takes_back.empty() ? "deployment" : "the way back";
    words += " " + seen.deployment + " of CodeDeploy is " + seen.status;
    if (!seen.lifecycleEvent.empty()) words += ", " + seen.lifecycleEvent;
    if (!seen.waits_for.empty()) words += ", waits (" + seen.waits_for + ")";
    if (!seen.reason.empty()) words += ": " + seen.reason;
    info(words, {{"deployment-id", seen.deployment}});
  }
  void operator()(const FailureExplained& failure) {
    if (!failure.status_reason.empty()) error("ECS says: " + failure.status_reason);
    for (const StoppedTaskGroup& group : failure.stopped_tasks) {
      // What the task says already needs no saying of its containers again.
      std::vector<StoppedContainer> containers = group.containers;
      for (StoppedContainer& container : containers)
        if (container.reason == group.stoppedReason) container.reason.clear();
      const std::string ends = ends_of(containers);
      error(fmt::format("{} stopped: {}{}", counted(static_cast<std::size_t>(group.count), "task"),
                        group.stoppedReason.empty() ? "no reason given" : group.stoppedReason,
                        ends.empty() ? "" : " (" + ends + ")"),
            {{"task-id", group.example_task_id}});
    }
    // Each event was told when it was seen; the last ones are what led here.
    constexpr std::size_t kLastEvents = 5;
    const std::size_t count = failure.service_events.size();
    for (std::size_t i = count - std::min(count, kLastEvents); i < count; ++i)
      info("event: " + failure.service_events[i].message);
  }

  // ---- Traffic ----
  void operator()(const TrafficShifted& shifted) {
    info(fmt::format("{}: {}% of traffic {} {}, it was {}%", shifted.what, shifted.to,
                     shifted.undo ? "is left on" : "goes to", shifted.new_side, shifted.from));
  }
  void operator()(const StepStarted& step) {
    info(fmt::format("step {} of {}: {}% for {}", step.step, step.steps, step.weight,
                     slipway::to_string(step.bake)));
  }
  void operator()(const CheckEvaluated& check) {
    std::string words = fmt::format("check {}: {}", check.name, to_string(check.verdict));
    if (check.value) words += fmt::format(", {}", slipway::to_string(*check.value));
    if (!check.condition.empty())
      words += fmt::format("{} {}", check.value ? ", wanted" : ": wanted", check.condition);
    if (!check.detail.empty()) words += ", " + check.detail;
    if (check.dry_run) words += " (dry run, counts for nothing)";
    const bool is_good = check.verdict == CheckVerdict::kPass || check.dry_run;
    add(is_good ? LogLevel::kInfo : LogLevel::kWarn, std::move(words));
  }
  void operator()(const StepPaused& paused) {
    warn(fmt::format("paused at {}%: {}", paused.weight, paused.reason));
    info("to go on: " + paused.go_on);
    info("to go back: " + paused.go_back);
  }
  void operator()(const TargetsObserved& seen) {
    std::string words =
        fmt::format("target group {}: {}/{} healthy", seen.target_group, seen.healthy, seen.total);
    if (seen.initial > 0) words += fmt::format(", {} initial", seen.initial);
    if (seen.unhealthy > 0) words += fmt::format(", {} unhealthy", seen.unhealthy);
    if (seen.draining > 0) words += fmt::format(", {} draining", seen.draining);
    if (!seen.reason.empty()) words += ": " + seen.reason;
    info(words);
  }

  // ---- Schedules ----
  void operator()(const TargetMoved& moved) {
    Fields fields = trigger_fields(moved.trigger, moved.target);
    if (moved.new_task_definition.empty())
      info("target taken away, it ran " + moved.old_task_definition, std::move(fields));
    else if (moved.old_task_definition.empty())
      info("target put, it runs " + moved.new_task_definition, std::move(fields));
    else
      info(fmt::format("target moved from {} to {}", moved.old_task_definition,
                       moved.new_task_definition),
           std::move(fields));
  }
  void operator()(const TargetLeft& left) {
    info(fmt::format("target left on {}: {}", left.task_definition, left.reason),
         trigger_fields(left.trigger, left.target));
  }

  // ---- Who is told ----
  void operator()(const NotificationSent& sent) {
    debug(fmt::format("told {} that the run has {}", sent.topic, sent.status),
          {{"message-id", sent.message_id}});
  }

  // ---- Undoing ----
  void operator()(const RollbackStarted& rollback) {
    std::vector<std::string> items = rollback.services;
    for (const std::string& schedule : rollback.schedules) items.push_back("schedule " + schedule);
    warn(fmt::format("rolling back {}: {}", join(items, ", "), rollback.because));
  }
  void operator()(const ServiceRolledBack& rolled_back) {
    info("rolled back to " + rolled_back.to);
  }
  void operator()(const Note& note) {
    constexpr LogLevel kOfNote[] = {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn,
                                    LogLevel::kError};
    add(kOfNote[static_cast<int>(note.level)], note.message);
  }

  std::vector<Line> lines;

 private:
  static Fields trigger_fields(const std::string& trigger, const std::string& target) {
    Fields fields = {{"trigger", trigger}};
    if (!target.empty()) fields.emplace_back("target", target);
    return fields;
  }

  Fields first_;
  StageKind stage_;
  std::string item_;
};

}  // namespace

std::string in_words(Outcome outcome) {
  std::string words(to_string(outcome));
  std::ranges::replace(words, '_', ' ');
  return words;
}

std::string_view to_string(LogLevel level) { return kLevels[static_cast<std::size_t>(level)].name; }

std::optional<LogLevel> parse_log_level(std::string_view text) {
  for (const auto& [level, name] : kLevels)
    if (equals_ignoring_case(text, name)) return level;
  if (equals_ignoring_case(text, "warn")) return LogLevel::kWarn;
  return std::nullopt;
}

std::vector<Line> lines_of(const Event& event) {
  Lines lines(event.subject);
  std::visit(lines, event.body);
  return std::move(lines.lines);
}

std::string line_of(const TaskLogLine& line) {
  if (!line.several) return line.message;
  return (line.ordinal > 1 ? fmt::format("{}/", line.ordinal) : std::string()) + line.container +
         " | " + line.message;
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n' || c == '\t')
      out += ' ';
    else if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f)
      out += c;
  }
  return out;
}

std::string counts_of(const DeploymentSnapshot& deployment) {
  std::string text = fmt::format("{}/{} running, {} pending", deployment.runningCount,
                                 deployment.desiredCount, deployment.pendingCount);
  if (deployment.failedTasks > 0) text += fmt::format(", {} failed", deployment.failedTasks);
  return text;
}

std::string ends_of(const std::vector<StoppedContainer>& containers) {
  std::vector<std::string> ends;
  for (const StoppedContainer& container : containers) {
    std::string end =
        container.name + (container.exitCode ? fmt::format(" exit {}", *container.exitCode)
                                             : std::string(" no exit code"));
    if (!container.reason.empty()) end += " (" + container.reason + ")";
    ends.push_back(std::move(end));
  }
  return join(ends, ", ");
}

}  // namespace slipway
