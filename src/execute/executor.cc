#include "execute/executor.h"

#include "execute/stage_run.h"

#include <algorithm>
#include <utility>

namespace slipway {
namespace {

Counts count(const std::vector<ItemReport>& items) {
  Counts counts{.total = static_cast<int>(items.size())};
  for (const ItemReport& item : items) {
    if (item.verdict.outcome == Outcome::kSucceeded)
      ++counts.successful;
    else if (item.verdict.outcome == Outcome::kSkipped)
      ++counts.skipped;
    else
      ++counts.failed;
  }
  return counts;
}

}  // namespace

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
  for (StartedUpdate& started : state_.started)
    for (const ItemReport& item : report.items)
      if (item.subject == started.subject) started.verdict = item.verdict;
  context_.events.say(whole, StageEnded{.counts = report.counts, .ok = report.ok()});
  return report;
}

PlanStage Executor::undo_stage() const {
  PlanStage stage{.kind = StageKind::kRollback};
  for (auto started = state_.started.rbegin(); started != state_.started.rend(); ++started) {
    const Outcome outcome = started->verdict.outcome;
    const bool is_ours = outcome != Outcome::kRolledBack && outcome != Outcome::kSuperseded;
    if (!is_ours || !started->undo) continue;
    PlanItem item{.subject = {.stage = StageKind::kRollback,
                              .kind = ItemKind::kService,
                              .item = started->subject.item},
                  .steps = {stage.steps.size()}};
    for (const StartedUpdate& other : state_.started)
      if (std::ranges::find(other.after, started->subject.item) != other.after.end())
        item.after.push_back(other.subject.item);
    Step step{.action = *started->undo};
    step.until = DeploymentCompleted{.max_wait = started->watch.max_wait};
    stage.steps.push_back(std::move(step));
    stage.items.push_back(std::move(item));
  }
  return stage;
}

StageReport Executor::undo(std::string because) {
  const PlanStage stage = undo_stage();
  RollbackStarted rollback{.because = std::move(because)};
  for (const PlanItem& item : stage.items) rollback.services.push_back(item.subject.item);
  context_.events.say({.stage = StageKind::kRollback}, std::move(rollback));
  return run(stage, Snapshot{.taken_at = context_.clock().now()});
}

}  // namespace slipway
