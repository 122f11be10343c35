// One function per command, each in the file of its name. They return the exit status.
#pragma once

#include "cli/arguments.h"
#include "cli/process.h"

#include <string>
#include <vector>

namespace slipway::cli {

int run_deploy(Process& process, const Arguments& arguments);
int run_plan(Process& process, const Arguments& arguments);
int run_rollback(Process& process, const Arguments& arguments);
int run_status(Process& process, const Arguments& arguments);
int run_wait(Process& process, const Arguments& arguments);
int run_history(Process& process, const Arguments& arguments);
int run_stop(Process& process, const Arguments& arguments);
int run_continue(Process& process, const Arguments& arguments);
int run_run(Process& process, const Arguments& arguments);
int run_prune(Process& process, const Arguments& arguments);
int run_version(Process& process, const Arguments& arguments);
int run_completion(Process& process, const Arguments& arguments);
int run_sim_serve(Process& process, const Arguments& arguments);
int run_sim_scenario_check(Process& process, const Arguments& arguments);

int run_ecs_crd(Process& process, const std::vector<std::string>& arguments);
int run_ecs_deploy(Process& process, const std::vector<std::string>& arguments);
int run_ecs_toolkit(Process& process, const std::vector<std::string>& arguments);
int run_ecs_task(Process& process, const std::vector<std::string>& arguments);

}  // namespace slipway::cli
