// The whole line for one command that changes AWS or waits for it: observe, plan, do, and undo what
// was done when it fails and the release wants that. One `Engine` per process; it owns the journal
// and everything that lives as long as the run, and says at the end what became of it.
#pragma once

#include "base/runtime.h"
#include "execute/call_log.h"
#include "execute/context.h"
#include "execute/executor.h"
#include "execute/journal.h"
#include "execute/notify.h"
#include "execute/rollback.h"
#include "execute/traffic_moves.h"
#include "model/event.h"
#include "model/plan.h"
#include "model/release.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

struct RunOptions {
  std::string command = "deploy";
  std::string file;     // the file's name, for the record
  std::string dialect;  // "slipway", "ecs-toolkit"
  std::string region;
  bool simulated = false;

  // Stages that the user left out: nothing is done and nothing is said about them.
  bool skip_tasks_before = false;
  bool skip_tasks_after = false;
  bool skip_services = false;
  std::optional<Duration> timeout;  // of the whole run but for undoing
  // The command that goes on watching; "NAME=DEPLOYMENT" is added for each service that is still
  // moving: "slipway wait --cluster prod". For a single task its id is added.
  std::string reattach;
  // What such a command has to say of AWS: " --region eu-west-1".
  std::string where;

  LogReading logs = LogReading::kNone;
  bool stop_tasks_when_interrupted = false;  // and not only the watching of them
  std::string by;                            // who asked for it, for the record
  std::vector<Note> first_words{};           // what is to be known before anything is done

  // Without a directory there is no journal and no lock.
  std::optional<std::filesystem::path> journal_directory;
  JournalUse journal_use = JournalUse::kRequired;
  JournalOwner owner;
};

struct RunReport {
  std::string run_id;
  Outcome outcome = Outcome::kSucceeded;
  RolledBackBy rolled_back_by = RolledBackBy::kNobody;
  std::optional<Error> error;      // what failed first
  std::vector<Error> problems;     // found by planning; then nothing was started
  std::vector<ItemReport> items;   // of all stages that were run, in order
  std::vector<ItemReport> undone;  // of the way back
  Counts services;
  Counts tasks;
  Counts schedules;
  std::string signal;  // "SIGTERM" when it was interrupted
};

// A deployment to wait for. Without an id: the one that is PRIMARY now.
struct WaitTarget {
  std::string service;
  std::string deployment;
  bool operator==(const WaitTarget&) const = default;
};

// What a person is told at the end of a run.
struct Ending {
  std::vector<std::string> state;  // where what was changed stands now, one sentence each
  std::string next_step;           // what to do now; empty on success
};

// What work came to that is no release.
struct WorkReport {
  std::vector<ItemReport> items;
  std::optional<Ending> ending = {};  // none: it follows from the items, as after a release
};

class Engine {
 public:
  // Borrows all but the options. `ecs` is one of `clients`, and `calls` observes them.
  Engine(Runtime& runtime, aws::Clients& clients, aws::Client& ecs, Sink& views,
         const CallLog& calls, RunOptions options);

  RunReport deploy(const Release& release);

  // Brings services and schedules back to an earlier state (rollback.h). What goes wrong on the way
  // stays where it is: there is no way back from a way back.
  RunReport roll_back(const RollbackRequest& request);

  // Watches deployments that somebody else began, perhaps an earlier run of ours, and judges them.
  // Without `max_wait` as long as a release waits by default.
  RunReport wait(const std::string& cluster, const std::vector<WaitTarget>& targets,
                 Duration max_wait = ServiceRelease{}.max_wait);

  // The same for one-off tasks that run already. Without `max_wait` as long as it takes.
  RunReport attach(const std::string& cluster, const std::vector<std::string>& tasks,
                   std::optional<Duration> max_wait);

  // Another order of calls than a release's, within the same beginning and end: journal, signals,
  // summary. It is called off when a signal comes, says itself how its items end, and what it
  // reports is judged as a release is.
  using Work = std::function<WorkReport(Context& context, RunState& state)>;
  RunReport work(const std::string& cluster, const Work& body);

  // Traffic that stands divided, of pairs of this release: it goes on from where its weights are,
  // or back. A pair that is not on its way is a failure and says so. `others` is done meanwhile,
  // for services that are no pair; its ending is not told.
  RunReport move_traffic(const Release& release, MoveTraffic where, const Work& others = {});

  // For signals, between two fibers: says what is in progress and how to go on watching, and stops
  // waiting. What AWS is doing goes on. A second signal is main's business.
  void interrupt(const std::string& signal);

 private:
  // False when it cannot begin; then the report says why.
  bool begin(const std::string& application, const std::string& cluster, ExecutorSettings settings);
  RunReport finish();
  RunReport finish(Ending ending);
  void in_scope(std::optional<Duration> timeout, const std::function<void()>& body);
  bool was_called_off();

  void deploy_stages(const Release& release);
  // False when nothing may be begun.
  bool has_no_problems(std::vector<Error> problems);
  bool notify_start(const Release& release);
  void notify_end(RunEnded& ended);
  bool run_stage(const PlanStage& stage, const Snapshot& snapshot);
  void judge_run(const Release& release);
  void judge_items(const std::vector<ItemReport>& items);
  void take_in(std::vector<ItemReport> items);  // of work that is no stage
  void undo();
  void undo_what_is_half_done();
  void bring_traffic_back();
  bool undoes_ = false;  // what a signal or a failure leaves half done
  void prune_after(const Release& release);
  void stop_tasks();

  std::string where_it_stands(const ItemReport& item) const;
  std::string next_step(bool has_changed) const;
  std::string next_step_after_nothing() const;
  std::string not_begun() const;  // the names; empty: all had their turn
  std::string reattach_step() const;
  std::string reattach() const;
  std::string continuing() const;
  std::string decision() const;
  std::string by_hand() const;
  std::string another_way_back() const;

  Runtime& runtime_;
  aws::Clients& clients_;
  aws::Client& ecs_;
  Sink& views_;
  const CallLog& calls_;
  RunOptions options_;

  // In the order in which they are made by begin().
  TimePoint began_;
  bool waits_ = true;
  RunDigest digest_;
  Tee views_and_digest_{views_, digest_};
  std::optional<Notify> notify_;
  std::optional<Journal> journal_;
  std::optional<EventStream> events_;
  std::optional<OptionalCalls> optional_;
  std::optional<Context> context_;
  std::optional<Executor> executor_;

  RunReport report_;
  Group* scope_ = nullptr;  // of what a signal calls off
};

// Of items that failed the one that did so first, by the clock: the others may have failed because
// of it. What was called off or waits for a person comes after what is wrong by itself. Null: none
// failed.
const ItemReport* failed_first(const std::vector<ItemReport>& items);

// Errors that say the same are told once.
std::vector<Error> without_repeats(std::vector<Error> problems);

// What `slipway plan` shows: everything the release would do, nothing of it done.
Plan make_plan(Context& context, const Release& release);

}  // namespace slipway
