// Carries out the plans of task classes, strictly one call after the other: register, run, update,
// set targets, prune; or deregister, update, set targets. Waits for nothing unless the class says
// so. The first error ends the run; nothing is undone, and the report says what was done.
#pragma once

#include "aws/clients.h"
#include "base/runtime.h"
#include "execute/call_log.h"
#include "execute/event_stream.h"
#include "execute/journal.h"
#include "model/event.h"
#include "plan/task_class_plan.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

struct TaskClassOptions {
  std::string command;  // "ecs-task deploy"
  std::string file;
  std::string region;
  bool simulated = false;
  // Without a directory there is no journal. One that cannot be written costs a warning.
  std::optional<std::filesystem::path> journal_directory;
  JournalOwner owner;
  std::string by;  // who asked for it, for the record
};

struct TaskClassReport {
  enum class Ending { kSucceeded, kFailed, kNotStarted };

  std::string name;
  std::string family;
  Ending ending = Ending::kNotStarted;
  std::string revision;  // ARN of what services and rules run, or should; empty: none yet
  bool was_registered = false;
  std::vector<std::string> done;      // "updated service web"
  std::vector<std::string> not_done;  // "events__put_targets[0] (rule nightly)"
  std::string step;                   // where it failed
  std::optional<Error> error;
  // A rollback that has deregistered: repeating it would go back one revision further.
  bool must_be_finished = false;
};

class TaskClassRunner {
 public:
  // Borrows all but the options. `calls` observes `clients`.
  TaskClassRunner(Runtime& runtime, aws::Clients& clients, Sink& views, const CallLog& calls,
                  TaskClassOptions options);

  // A report for each plan, in order.
  std::vector<TaskClassReport> run(const std::vector<TaskClassPlan>& plans);

  // For signals, between two fibers: no further call is begun, and waiting ends.
  void interrupt(const std::string& signal);
  const std::string& signal() const { return signal_; }  // empty: none came

 private:
  class ClassRun;
  void begin(const std::vector<TaskClassPlan>& plans);
  void end(const std::vector<TaskClassReport>& reports);

  Runtime& runtime_;
  aws::Clients& clients_;
  Sink& views_;
  const CallLog& calls_;
  TaskClassOptions options_;

  TimePoint began_;
  std::optional<Journal> journal_;
  std::optional<EventStream> events_;
  std::string signal_;
  Group* waiting_ = nullptr;
};

}  // namespace slipway
