// What a person is told when a run has ended: where everything stands that it changed, and what to
// type next.
#include "base/text.h"
#include "execute/deploy.h"
#include "execute/service_deployments.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <tuple>

namespace slipway {

// All items of a stage begin their waiting together, so the one that took the shortest was first.
const ItemReport* failed_first(const std::vector<ItemReport>& items) {
  const auto rank = [](const ItemReport& item) {
    const bool waits = item.verdict.outcome == Outcome::kPaused;
    const bool goes_on =
        item.verdict.outcome == Outcome::kStopped || item.verdict.outcome == Outcome::kTimedOut;
    return std::tuple(waits, goes_on, item.elapsed);
  };
  const ItemReport* first = nullptr;
  for (const ItemReport& item : items) {
    if (item.verdict.outcome == Outcome::kSucceeded || item.verdict.outcome == Outcome::kSkipped)
      continue;
    if (first == nullptr || rank(item) < rank(*first)) first = &item;
  }
  return first;
}

std::string Engine::where_it_stands(const ItemReport& item) const {
  const std::string name = to_string(item.subject);
  const std::string deployment =
      item.deployment_id.empty() ? "" : " (deployment " + item.deployment_id + ")";
  const auto undone = std::ranges::find_if(report_.undone, [&](const ItemReport& other) {
    return other.subject.kind == item.subject.kind && other.subject.item == item.subject.item;
  });
  if (undone != report_.undone.end()) {
    if (!undone->traffic.empty()) return name + ": " + undone->traffic;
    if (undone->verdict.outcome == Outcome::kSucceeded)
      return name + " runs " + undone->task_definition + " again";
    // Nothing could be seen of it any more.
    std::string left = undone->task_definition.empty()
                           ? name + " was moving to " + item.task_definition + deployment +
                                 " when it was last seen"
                           : name + " is left as it is, on " + undone->task_definition;
    if (undone->verdict.error) left += ": " + undone->verdict.error->message;
    return left;
  }
  if (!item.traffic.empty()) return name + ": " + item.traffic;
  switch (item.verdict.outcome) {
    case Outcome::kSucceeded:
      return name +
             (waits_ || item.subject.kind == ItemKind::kSchedule ? " runs " : " was updated to ") +
             item.task_definition;
    case Outcome::kRolledBack:
      return name + " runs " + item.task_definition + " again";
    case Outcome::kPaused:
      return name + " waits for a person";
    case Outcome::kTimedOut:
    case Outcome::kStopped:
      return name + " may still be moving to " + item.task_definition + deployment;
    case Outcome::kSuperseded:
      return name + " runs somebody else's " + item.task_definition;
    case Outcome::kFailedToStart:
    case Outcome::kFailed:
    case Outcome::kSkipped:
    case Outcome::kRollbackFailed:
      break;
  }
  if (item.subject.kind == ItemKind::kSchedule)
    return name + (item.task_definition.empty()
                       ? " may have been changed"
                       : " was changed in part, to " + item.task_definition);
  return name + " is left on " + item.task_definition + deployment + ", which failed";
}

std::string Engine::next_step(bool has_changed) const {
  switch (report_.outcome) {
    case Outcome::kSucceeded:
    case Outcome::kSkipped:
      return {};
    case Outcome::kPaused:
      return continuing().empty() ? decision() : reattach_step();
    case Outcome::kTimedOut:
    case Outcome::kStopped:
      return reattach_step();
    case Outcome::kRollbackFailed:
      return by_hand();
    case Outcome::kRolledBack:
    case Outcome::kSuperseded:
    case Outcome::kFailedToStart:
    case Outcome::kFailed:
      break;
  }
  if (!has_changed) return next_step_after_nothing();
  return report_.undone.empty() && report_.outcome != Outcome::kRolledBack
             ? "some services have moved and some have not; release again, or move them back"
             : "";
}

// No service or schedule is another one than before; a task may have run.
std::string Engine::next_step_after_nothing() const {
  const bool only_looked =
      options_.command == "wait" || options_.command == "stop" || options_.command == "continue";
  if (only_looked || report_.outcome == Outcome::kSuperseded)
    return "nothing was changed; `slipway status` shows how the services stand";
  const bool ran_a_task = std::ranges::any_of(report_.items, [](const ItemReport& item) {
    return item.subject.kind == ItemKind::kTask &&
           item.verdict.outcome != Outcome::kFailedToStart &&
           item.verdict.outcome != Outcome::kSkipped;
  });
  return std::string(ran_a_task ? "no service" : "nothing") +
         " was changed; mend what went wrong and run it again";
}

std::string Engine::not_begun() const {
  std::vector<std::string> names;
  for (const ItemReport& item : report_.items)
    if (item.verdict.error && item.verdict.error->code == kNotBegun)
      names.push_back(to_string(item.subject));
  return join(names, ", ");
}

// The exact commands, where they are known.
std::string Engine::by_hand() const {
  std::vector<std::string> commands;
  for (const std::vector<ItemReport>* items : {&report_.items, &report_.undone})
    for (const ItemReport& item : *items)
      commands.insert(commands.end(), item.by_hand.begin(), item.by_hand.end());
  if (commands.empty()) return another_way_back();
  return "bring the traffic back by hand: " + join(commands, " && ");
}

// What failed may be mended by then: credentials renewed, the network back.
std::string Engine::another_way_back() const {
  std::string services;
  for (const ItemReport& item : report_.undone)
    if (item.subject.kind == ItemKind::kService && item.verdict.outcome != Outcome::kSucceeded &&
        item.verdict.outcome != Outcome::kSkipped)
      services += " --service " + item.subject.item;
  if (services.empty())
    return "look at the services that are left as they are, and move them by hand";
  return "AWS goes on as it was told; once what failed is mended: slipway rollback" +
         options_.where +
         (options_.file.empty() ? " --cluster " + context_->cluster : " -f " + options_.file) +
         services;
}

std::string Engine::reattach_step() const {
  return executor_->state().in_progress.empty() ? "" : "to go on watching: " + reattach();
}

// Traffic that is divided goes on by the file, from where its weights are. Empty: there is none.
std::string Engine::continuing() const {
  std::string names;
  for (const StartedChange& started : executor_->state().started) {
    const bool is_moving = executor_->state().in_progress.contains(to_string(started.subject));
    const bool is_traffic = std::ranges::any_of(started.undo, [](const Action& action) {
      return std::holds_alternative<RestoreTraffic>(action);
    });
    if (is_moving && is_traffic) names += " " + started.subject.item;
  }
  if (names.empty()) return {};
  return "slipway continue" + options_.where +
         (options_.file.empty() ? std::string() : " -f " + options_.file) + names;
}

// Of what waits at a pause of ECS.
std::string Engine::decision() const {
  std::string names;
  for (const ItemReport& item : report_.items)
    if (item.verdict.outcome == Outcome::kPaused) names += " " + item.subject.item;
  return fmt::format("to go on: {}{}; to go back: slipway stop --cluster {}{}",
                     continue_command(*context_), names, context_->cluster, names);
}

std::string Engine::reattach() const {
  if (options_.reattach.empty() || !executor_) return {};
  if (std::string command = continuing(); !command.empty()) return command;
  std::string tasks;
  for (const auto& [name, ids] : executor_->state().tasks)
    for (const std::string& id : ids) tasks += " " + id;
  if (options_.command == "run") return options_.reattach + tasks;
  // One-off tasks are not services, and `wait` does not know them.
  if (!tasks.empty()) return "slipway run --cluster " + context_->cluster + " --attach" + tasks;
  std::string command = options_.reattach;
  for (const auto& [name, what] : executor_->state().in_progress) {
    constexpr std::string_view kService = "service ";
    if (!name.starts_with(kService)) continue;
    const std::string service = name.substr(kService.size());
    command += " " + service;
    for (const StartedChange& started : executor_->state().started)
      if (started.subject.kind == ItemKind::kService && started.subject.item == service &&
          !started.watch.our_deployment.empty())
        command += "=" + started.watch.our_deployment;
  }
  return command;
}

}  // namespace slipway
