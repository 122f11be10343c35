// What every command about a service says first when the last release on this machine was killed.
#pragma once

#include "cli/process.h"
#include "cli/session.h"
#include "model/event.h"

#include <string>
#include <vector>

namespace slipway::cli {

// Warnings, when the last run of this machine that was about one of the services ("NAME" or
// "NAME=DEPLOYMENT") did not come to its end. A simulated world has no past on this machine.
std::vector<Note> of_unfinished_run(const Process& process, const Session& session,
                                    const std::string& cluster, std::vector<std::string> services);
std::vector<Note> of_unfinished_run(const Process& process, const Session& session,
                                    const Release& release);

}  // namespace slipway::cli
