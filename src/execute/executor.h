// Doing: stages of a plan, in order, the items of a stage at the same time. Before each changing
// call its line is in the journal; after it the item waits until what it asked for holds, judged by
// the deployment or the tasks that this run made (watch.h). What was started is remembered and can
// be undone by the same code, newest first.
#pragma once

#include "execute/context.h"
#include "execute/watch.h"
#include "model/event.h"
#include "model/plan.h"
#include "model/snapshot.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

struct ItemReport {
  Subject subject;
  Verdict verdict;
  std::string task_definition;  // what serves or ran in the end, "family:revision"
  std::string deployment_id;    // ours or the one watched, empty when none was created
  Duration elapsed{};
  std::string traffic;               // where the weights are, when they are not at an end
  std::vector<std::string> by_hand;  // commands that bring them there, when we could not
  bool changed = false;              // a call that changes it was sent, answered or not
  bool operator==(const ItemReport&) const = default;
};
ItemEnded ended(const ItemReport& report);  // for the views
Counts count(const std::vector<ItemReport>& items);

// The code of an item that a signal or the run's time limit called off before its turn.
inline constexpr std::string_view kNotBegun = "item.not-begun";

struct StageReport {
  StageKind kind = StageKind::kServices;
  Counts counts;
  std::vector<ItemReport> items;  // in the order of the plan

  // Nothing of the next stage may begin while somebody has to decide here.
  bool ok() const { return counts.failed == 0 && counts.paused == 0; }
};

// A change to a service or schedule that this run sent, and what takes it back.
struct StartedChange {
  Subject subject;
  std::vector<Action> undo;                // newest first; none: there is nothing to take back
  std::vector<std::string> after;          // services it waited for: they are undone after it
  Verdict verdict;                         // how it ended, once it has
  ServiceWatch watch;                      // of a service
  std::map<std::string, std::string> put;  // of a schedule: target's Id to the definition it got
};

// What a run has under way or behind it, across its stages.
struct RunState {
  std::vector<StartedChange> started;  // that succeeded or may have happened, oldest first
  // ARNs of what was registered, by stage and step: later stages use them too.
  std::map<std::pair<StageKind, StepIndex>, std::string> registered;
  // "service web" -> "service web (deployment ecs-svc/12)"
  std::map<std::string, std::string> in_progress;
  // Ids of one-off tasks that have not stopped: "task migrate" -> {"1f07..."}
  std::map<std::string, std::vector<std::string>> tasks;
};

// What is read of the logs of one-off tasks.
enum class LogReading {
  kNone,
  kLastLines,  // of containers that failed, for the reason's sake
  kFollow,     // every line, while the task runs
};

struct ExecutorSettings {
  std::size_t max_parallel = 0;  // items at a time; 0: all
  bool wait = true;              // false: start, and do not watch
  // Once an item has failed, the items of its stage that have not begun stay that way.
  bool stop_at_failure = false;
  LogReading logs = LogReading::kNone;
};

// What is undone: all that was started, or only traffic that is divided.
enum class UndoScope { kAll, kTraffic };

class Executor {
 public:
  Executor(Context& context, ExecutorSettings settings) : context_(context), settings_(settings) {}

  // Runs all items and returns when each has ended, well or not. `snapshot` is what the stage was
  // planned from; services that were seen too long ago are looked at again before they are changed.
  StageReport run(const PlanStage& stage, const Snapshot& snapshot);

  const RunState& state() const { return state_; }
  RunState& state() { return state_; }

  // The way back, newest first: a stage like any other. Its items leave alone what is not ours any
  // more: what ECS has rolled back itself, and what somebody else has deployed since.
  PlanStage undo_stage(UndoScope scope = UndoScope::kAll) const;
  StageReport undo(std::string because, UndoScope scope = UndoScope::kAll);

 private:
  Context& context_;
  ExecutorSettings settings_;
  RunState state_;
};

}  // namespace slipway
