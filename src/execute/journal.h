// The journal is a run's memory on disk: one event per line of JSON, and the line that announces a
// change is synced before the call is sent. After a crash it answers which calls may have reached
// AWS and what undoes them. A torn last line is dropped on reading: its call was never sent.
//
//   ~/.local/state/slipway/shop/20260101T000000Z-3f2a.jsonl
//   ~/.local/state/slipway/shop/lock
//
// Files are readable by their owner only: a task definition may carry anything in its environment.
#pragma once

#include "base/result.h"
#include "base/runtime.h"
#include "base/time.h"
#include "model/event.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// Where the journals of one application (or, without a name, one cluster) are kept:
// $XDG_STATE_HOME/slipway/NAME, else ~/.local/state/slipway/NAME. nullopt without a home.
std::optional<std::filesystem::path> journal_directory(const Environment& environment,
                                                       std::string_view application_or_cluster);

// Who writes; what somebody else is told who finds the lock taken.
struct JournalOwner {
  std::string host;
  int pid = 0;
  TimePoint started;
};

class Journal {
 public:
  // Makes the directory, takes its lock and begins RUN_ID.jsonl. kConflict "journal.locked" if
  // another run holds the lock; the message names its host, pid and start time. kDenied or
  // kUnavailable "journal.write" when it cannot be written. A run that dies leaves no lock behind.
  static Result<Journal> create(const std::filesystem::path& directory, const std::string& run_id,
                                const JournalOwner& owner);

  // Events of an earlier run, oldest first. kInvalid "journal.damaged" with the line's number.
  static Result<std::vector<Event>> read(const std::filesystem::path& file);

  Journal(Journal&& other) noexcept;
  Journal& operator=(Journal&& other) noexcept;
  ~Journal();

  // In order. On return an announced call is on disk with all that came before it, and so is how
  // the run ended; the rest is with the operating system, and lost only if the machine stops.
  Result<void> append(const Event& event);

  const std::filesystem::path& file() const { return file_; }

 private:
  Journal(std::filesystem::path file, int descriptor, int lock)
      : file_(std::move(file)), descriptor_(descriptor), lock_(lock) {}
  void close();

  std::filesystem::path file_;
  int descriptor_ = -1;
  int lock_ = -1;
};

// The newest journals of all folders below `root`, newest first: their names begin with their
// times.
std::vector<std::filesystem::path> recent_journals(const std::filesystem::path& root);

// The beginning of a run's record, whoever the run is carried out by.
struct RunRecord {
  TimePoint began;
  std::string run_id;               // "20260101T000000Z-3f2a": when it began, and chance
  std::optional<Journal> journal;   // none without a directory
  std::optional<Error> no_journal;  // why there is none although there is a directory
};
RunRecord begin_record(Runtime& runtime, const std::optional<std::filesystem::path>& directory,
                       const JournalOwner& owner);
// What a run that goes on without its journal says.
Note going_on_without(const Error& no_journal);

}  // namespace slipway
