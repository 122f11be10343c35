// What deploy, wait and the personalities have in common: an `Engine` on a session, its signals,
// the journal's place, and the table at the end.
#pragma once

#include "cli/arguments.h"
#include "cli/process.h"
#include "cli/session.h"
#include "execute/deploy.h"

#include <functional>
#include <string>

namespace slipway::cli {

// Fills in what is the same for all: region, simulation, journal, owner.
RunOptions run_options(const Process& process, const Session& session, std::string command,
                       const std::string& application_or_cluster);

// SIGINT, SIGTERM and SIGHUP: `first` hears of the first one. A second one of its kind ends the
// program with its status, once `again` has said what there is to say.
void obey_signals(Process& process, Session& session,
                  const std::function<void(const std::string& signal)>& first,
                  const std::function<void(const std::string& signal)>& again);

// What the journal of a release is found under: its application, else its cluster.
std::string journal_name(const Release& release);

// What `body` makes of an engine on the session. The first signal stops watching and says how to go
// on.
RunReport with_engine(Process& process, Session& session, View& view, RunOptions options,
                      const std::function<RunReport(Engine& engine)>& body);

// 128 and the number of the signal that ended it, else by outcome.
int exit_status_of(const RunReport& report);

// One line for each item: name, outcome, what serves in the end.
std::string summary_of(const RunReport& report);

// The end of a command that ran the engine: the view's last words, what planning found, the table
// where it is wanted. The exit status.
int conclude(Process& process, const Arguments& arguments, const Session& session, View& view,
             const RunReport& report);

}  // namespace slipway::cli
