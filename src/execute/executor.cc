#include "execute/executor.h"

#include "execute/stage_run.h"

#include <algorithm>
#include <utility>

namespace slipway {
namespace {

bool is_traffic(const StartedChange& change) {
  return std::ranges::any_of(change.undo, [](const Action& action) {
    return std::holds_alternative<RestoreTraffic>(action);
  });
}

}  // namespace

ItemEnded ended(const ItemReport& report) {
  return {.outcome = report.verdict.outcome,
          .rolled_back_by = report.verdict.rolled_back_by,
          .error = report.verdict.error,
          .elapsed = report.elapsed,
          .task_definition = report.task_definition};
}

Counts count(const std::vector<ItemReport>& items) {
  Counts counts{.total = static_cast<int>(items.size())};
  for (const ItemReport& item : items) {
    if (item.verdict.outcome == Outcome::kSucceeded)
      ++counts.successful;
    else if (item.verdict.outcome == Outcome::kSkipped)
      ++counts.skipped;
    else if (item.verdict.outcome == Outcome::kPaused)
      ++counts.paused;
    else
      ++counts.failed;
  }
  return counts;
}

StageReport Executor::run(const PlanStage& stage, const Snapshot& snapshot) {
  const Subject whole{.stage = stage.kind};
  StageReport report{.kind = stage.kind};
  if (stage.items.empty()) {
    context_.events.say(whole, StageEmpty{});
    return report;
  }
  context_.events.say(whole, StageStarted{static_cast<int>(stage.items.size())});
  report.items = StageRun(context_, settings_, state_, stage, snapshot).run();
  report.counts = count(report.items);
  for (StartedChange& started : state_.started)
    for (const ItemReport& item : report.items)
      if (item.subject == started.subject) started.verdict = item.verdict;
  context_.events.say(whole, StageEnded{.counts = report.counts, .ok = report.ok()});
  return report;
}

PlanStage Executor::undo_stage(UndoScope scope) const {
  PlanStage stage{.kind = StageKind::kRollback};
  for (auto started = state_.started.rbegin(); started != state_.started.rend(); ++started) {
    const Outcome outcome = started->verdict.outcome;
    const bool is_ours = outcome != Outcome::kRolledBack && outcome != Outcome::kSuperseded;
    if (!is_ours || started->undo.empty()) continue;
    // Traffic that could not be brought back has been tried for long enough, and a second try would
    // take for done what is only asked for: a change of DNS that is not in force yet.
    if (is_traffic(*started) && outcome == Outcome::kRollbackFailed) continue;
    const bool is_divided = is_traffic(*started) && outcome != Outcome::kSucceeded;
    if (scope == UndoScope::kTraffic && !is_divided) continue;
    const bool is_service = started->subject.kind == ItemKind::kService;
    PlanItem item{.subject = {.stage = StageKind::kRollback,
                              .kind = started->subject.kind,
                              .item = started->subject.item}};
    for (const StartedChange& other : state_.started)
      if (is_service && std::ranges::find(other.after, started->subject.item) != other.after.end())
        item.after.push_back(other.subject.item);
    for (const Action& action : started->undo) {
      Step step{.action = action};
      const bool has_own_end = std::holds_alternative<RestoreTraffic>(action);
      if (is_service && !has_own_end)
        step.until = DeploymentCompleted{.max_wait = started->watch.max_wait};
      item.steps.push_back(stage.steps.size());
      stage.steps.push_back(std::move(step));
    }
    stage.items.push_back(std::move(item));
  }
  return stage;
}

StageReport Executor::undo(std::string because, UndoScope scope) {
  const PlanStage stage = undo_stage(scope);
  RollbackStarted rollback{.because = std::move(because)};
  for (const PlanItem& item : stage.items)
    (item.subject.kind == ItemKind::kSchedule ? rollback.schedules : rollback.services)
        .push_back(item.subject.item);
  context_.events.say({.stage = StageKind::kRollback}, std::move(rollback));
  return run(stage, Snapshot{.taken_at = context_.clock().now()});
}

}  // namespace slipway
