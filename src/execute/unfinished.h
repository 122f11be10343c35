// Runs that did not come to their end: the process was killed, or its machine was. AWS goes on with
// what it was asked for, so nothing that looks at AWS alone can tell that somebody meant more. The
// journal can.
#pragma once

#include "base/time.h"
#include "model/event.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

struct UnfinishedRun {
  std::string run_id;
  std::string command;  // "deploy"
  std::string by;
  TimePoint began;
  TimePoint last;                      // of its last line
  std::vector<std::string> under_way;  // "service web (updated to web:2)"
  std::vector<std::string> done;       // items that had ended, well or not
  std::vector<std::string> not_begun;
  std::vector<std::string> tasks;    // ids of one-off tasks that were not seen to stop
  std::vector<std::string> changed;  // services that a changing call may have been sent for
  std::vector<std::string> moving;   // of these, whose traffic was being moved
  std::string file;                  // empty when it had none
  bool was_undoing = false;
};

// What a journal without an end says; nullopt for one that has an end, or that nothing was meant
// to be changed by.
std::optional<UnfinishedRun> unfinished(const std::vector<Event>& journal);

// The last run of this machine that was about one of these services of the cluster, if it is one
// that did not come to its end. A run that is still at work holds its lock, and is none.
std::optional<UnfinishedRun> last_run_if_unfinished(const std::filesystem::path& journals,
                                                    const std::string& cluster,
                                                    const std::vector<std::string>& services);

// What a person is told of it, the most important first, and what to type next.
std::vector<Note> notes_of(const UnfinishedRun& run, const std::string& cluster);

}  // namespace slipway
