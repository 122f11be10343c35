#include "model/looks.h"

namespace slipway {
namespace {

// Empty for what is no look.
std::string what_was_looked_at(const Event& event) {
  if (std::holds_alternative<ServiceObserved>(event.body)) return "service " + event.subject.item;
  if (const auto* task = std::get_if<TaskObserved>(&event.body))
    return "task " + task->task_id + " of " + event.subject.item;
  if (const auto* targets = std::get_if<TargetsObserved>(&event.body))
    return "targets " + targets->target_group;
  return {};
}

}  // namespace

bool Looks::is_news(const Event& event) {
  const std::string what = what_was_looked_at(event);
  if (what.empty()) return true;
  const auto [last, is_first] = last_.try_emplace(what, event.body);
  if (is_first) return true;
  if (last->second == event.body) return false;
  last->second = event.body;
  return true;
}

}  // namespace slipway
