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

// The first SIGINT, SIGTERM or SIGHUP stops watching and says how to go on; the second ends the
// program at once with its status.
void obey_signals(Process& process, Session& session, Engine& run, View& view);

// 130 or 143 when a signal ended it, else by outcome.
int exit_status_of(const RunReport& report);

// One line for each item: name, outcome, what serves in the end.
std::string summary_of(const RunReport& report);

// The end of a command that ran the engine: the view's last words, what planning found, the table
// where it is wanted. The exit status.
int conclude(Process& process, const Arguments& arguments, const Session& session, View& view,
             const RunReport& report);

}  // namespace slipway::cli
