// Which command it is, and nothing else.
#include "base/jsonnet.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/process.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace slipway::cli {
namespace {

struct Command {
  std::string_view words;
  int (*run)(Process&, const Arguments&);
  bool only_tells = false;  // what it prints is all that it does
};

constexpr bool kOnlyTells = true;

constexpr std::array<Command, 14> kCommands = {{
    {"deploy", run_deploy},
    {"plan", run_plan, kOnlyTells},
    {"rollback", run_rollback},
    {"status", run_status, kOnlyTells},
    {"wait", run_wait},
    {"history", run_history, kOnlyTells},
    {"stop", run_stop},
    {"continue", run_continue},
    {"run", run_run},
    {"prune", run_prune},
    {"version", run_version, kOnlyTells},
    {"completion", run_completion, kOnlyTells},
    {"sim serve", run_sim_serve},
    {"sim scenario check", run_sim_scenario_check},
}};

// The other tools' own command lines, chosen by the name we are called under or by the first word.
struct Personality {
  std::string_view name;
  int (*run)(Process&, const std::vector<std::string>& arguments);
};

constexpr std::array<Personality, 4> kPersonalities = {{
    {"ecs-crd", run_ecs_crd},
    {"ecs-deploy", run_ecs_deploy},
    {"ecs-toolkit", run_ecs_toolkit},
    {"ecs-task", run_ecs_task},
}};

int run_command_line(Process& process) {
  if (!process.arguments.empty() && process.arguments.front() == kJsonnetWorker)
    return run_jsonnet_worker({process.arguments.begin() + 1, process.arguments.end()}, process.out,
                              process.err);
  // `slipway help ecs-deploy` is `slipway ecs-deploy --help`.
  if (process.arguments.size() == 2 && process.arguments.front() == "help" &&
      std::ranges::find(kPersonalities, process.arguments.back(), &Personality::name) !=
          kPersonalities.end())
    process.arguments = {process.arguments.back(), "--help"};
  for (const auto& [name, run_personality] : kPersonalities) {
    if (process.name == name) return run_personality(process, process.arguments);
    if (!process.arguments.empty() && process.arguments.front() == name)
      return run_personality(process, {process.arguments.begin() + 1, process.arguments.end()});
  }
  const std::variant<Arguments, Exit> parsed = parse_arguments(process.arguments);
  if (const auto* exit = std::get_if<Exit>(&parsed)) {
    if (!exit->out.empty()) process.out(exit->out);
    if (!exit->err.empty()) process.err(exit->err);
    return exit->status;
  }
  const auto& arguments = std::get<Arguments>(parsed);
  for (const Command& command : kCommands) {
    if (arguments.command != command.words) continue;
    const int status = command.run(process, arguments);
    const bool is_useless = command.only_tells && !process.output_lost->empty();
    return status == kDone && is_useless ? kInternalError : status;
  }
  process.err("error: no such command: " + arguments.command + "\n");
  return kUsageOrFile;
}

}  // namespace

int run(Process& process) {
  const int status = run_command_line(process);
  // What was done is done, whoever hears of it: the exit status of a release stays.
  if (!process.output_lost->empty())
    process.err("error: not all of the output could be written: " + *process.output_lost + "\n");
  return process.expectations_unmet ? kVerifyFailed : status;
}

}  // namespace slipway::cli
