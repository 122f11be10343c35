// What the operating system gives a program, as a value: `main` fills it, tests make their own.
#pragma once

#include "base/runtime.h"
#include "view/live.h"
#include "view/view.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace slipway::sim {
class SimulatedAws;
class World;
}  // namespace slipway::sim

namespace slipway::cli {

class Session;

struct Process {
  std::string name;                    // the last part of argv[0]: which personality we are
  std::vector<std::string> arguments;  // argv without it
  Environment environment;
  std::filesystem::path directory;  // relative paths start here
  Writer out;                       // results
  Writer err;                       // progress and bad news
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::function<TerminalSize()> terminal_size;
  std::function<void(int status)> exit_now;  // ends the process without unwinding
  // Asks the person at the terminal and returns the answer; empty where there is nobody to ask.
  // kCancelled when a signal came instead of an answer.
  std::function<Result<std::string>(std::string question)> ask = {};

  // Why something of `out` was lost, such as "No space left on device"; empty: nothing was.
  std::shared_ptr<std::string> output_lost = std::make_shared<std::string>();

  // Set when a rehearsal has not come out as its scenario expects.
  bool expectations_unmet = false;

  // For tests: hears of every request before it is sent, answers it in the network's place, hears
  // of the session before it runs, and of a simulated world once the run has left it.
  std::function<void(const HttpRequest&)> on_request = {};
  std::function<Result<HttpResponse>(const HttpRequest&)> answer_request = {};
  // The same for some requests: nullopt lets one pass.
  std::function<std::optional<Result<HttpResponse>>(const HttpRequest&)> intercept_request = {};
  std::function<void(Session&)> on_session = {};
  std::function<void(sim::World&)> on_world_left = {};
  // For tests: the simulated AWS that the next run finds as the one before left it. Made by the
  // first.
  std::shared_ptr<sim::SimulatedAws>* simulated_aws = nullptr;
  // For tests: a simulated run leaves its journal as any other does.
  bool simulation_leaves_journal = false;

  // This program's own file, which evaluates Jsonnet in a process of its own.
  std::filesystem::path program = {};
};

// What the operating system gives this program.
Process process_of(int argc, char** argv);

// The whole program: returns the exit status.
int run(Process& process);

}  // namespace slipway::cli
