#include "view/ecs_deploy_lines.h"

#include "base/json.h"
#include "base/text.h"
#include "view/line.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

namespace slipway {
namespace {

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace

EcsDeployLines::EcsDeployLines(EcsDeployLinesSettings settings, Writer out, Writer err)
    : settings_(std::move(settings)), out_(std::move(out)), err_(std::move(err)) {}

void EcsDeployLines::say_waiting() {
  if (settings_.waits_for_old_deployment)
    say(fmt::format("Waiting until the old deployment is gone (at most {})", settings_.timeout));
}

void EcsDeployLines::on(const Event& event) {
  std::visit(
      Overloaded{
          [&](const BaseTaskDefinition& base) { say("Current task definition: " + base.arn); },
          [&](const TaskDefinitionRegistered& made) { say("New task definition: " + made.arn); },
          [&](const ServiceUpdated& updated) {
            if (updated.forced) {
              say("New deployment of " + updated.new_task_definition + " forced");
              say_waiting();
            } else if (updated.desiredCount <= 0) {
              say("Service updated; its desired count is 0, so no task is waited for");
              say_waiting();
            }
          },
          [&](const FirstTaskRunning&) {
            say("Service updated; the new task definition is running");
            say_waiting();
          },
          [&](const TaskDefinitionDeregistered& gone) { say("Deregistered: " + gone.arn); },
          [&](const TasksStarted& tasks) {
            has_task_ = true;
            for (const std::string& arn : tasks.task_arns) say("Task started: " + arn);
          },
          [&](const TaskObserved& task) { say("Task status: " + task.lastStatus); },
          [&](const TaskStopped& task) {
            const Writer& writer = task.ok ? out_ : err_;
            const auto line = [&](const std::string& text) { writer(text + "\n"); };
            for (const StoppedContainer& container : task.containers)
              line("Container " + ends_of({container}));
            if (!task.stoppedReason.empty()) line("Task stopped: " + task.stoppedReason);
          },
          [&](const TaskNotStarted& failure) {
            tell(fmt::format("error: a task was not started: {}{}{}", failure.reason,
                             failure.detail.empty() ? "" : ", " + failure.detail,
                             failure.arn.empty() ? "" : " (" + failure.arn + ")"));
          },
          [&](const ServiceEvent& told) { tell("event: " + told.message); },
          [&](const FailureExplained&) {
            for (const Line& line : lines_of(event)) tell("reason: " + line.message);
          },
          [&](const PollFailed&) {
            for (const Line& line : lines_of(event)) tell("warning: " + line.message);
          },
          [&](const CallAnnounced& call) {
            const std::string to(string_or_empty(call.request, "taskDefinition"));
            if (call.undo && !to.empty()) say("Rolling back to " + to);
          },
          [&](const Note& note) {
            if (note.level == NoteLevel::kWarning) tell("warning: " + note.message);
            if (note.level == NoteLevel::kError) tell("error: " + note.message);
            if (note.level == NoteLevel::kInfo) tell(note.message);
          },
          [&](const Interrupted&) {
            was_interrupted_ = true;
            for (const Line& line : lines_of(event)) tell(line.message);
          },
          [&](const ItemEnded&) { on_item_ended(event); },
          [&](const RunEnded& run) {
            if (run.outcome == Outcome::kSucceeded) return;
            for (const std::string& sentence : run.state) tell(sentence);
            if (!run.next_step.empty() && !was_interrupted_) tell("next: " + run.next_step);
          },
          [](const auto&) {},
      },
      event.body);
  if (settings_.verbose) trace(event);
}

void EcsDeployLines::on_item_ended(const Event& event) {
  const auto& ended = std::get<ItemEnded>(event.body);
  if (ended.outcome != Outcome::kSucceeded) {
    if (ended.error && ended.outcome != Outcome::kStopped)
      tell("error: " + to_string(*ended.error));
    return;
  }
  if (event.subject.kind == ItemKind::kService)
    say(settings_.waits_for_old_deployment ? "Service deployment successful"
                                           : "Service updated; its deployments are not waited for");
  else if (!has_task_)
    say("Task definition registered");
  else
    say(settings_.waits_for_task ? "Task ended successfully"
                                 : "Task was started; how it ends is not waited for");
}

// What the lines above leave out: each call with its parameters, images, looks.
void EcsDeployLines::trace(const Event& event) {
  if (const auto* call = std::get_if<CallMade>(&event.body)) {
    std::string line =
        fmt::format("{} {} -> {} after {}", call->operation, to_text(call->parameters),
                    call->outcome, slipway::to_string(call->elapsed));
    if (call->attempts > 1) line += fmt::format(", {} attempts", call->attempts);
    if (!call->request_id.empty()) line += ", request " + call->request_id;
    tell(line);
    return;
  }
  const bool is_traced = std::holds_alternative<ImageChanged>(event.body) ||
                         std::holds_alternative<ContainerNotListed>(event.body) ||
                         std::holds_alternative<ImageUnchanged>(event.body) ||
                         std::holds_alternative<CallDenied>(event.body) ||
                         std::holds_alternative<ServiceObserved>(event.body);
  if (!is_traced || !looks_.is_news(event)) return;
  for (const Line& line : lines_of(event)) {
    std::string text = line.message;
    for (const auto& [name, value] : line.fields)
      if (name != "service" && name != "task") text += fmt::format(" {}={}", name, value);
    tell(text);
  }
}

}  // namespace slipway
