#include "base/runtime.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/files.h"
#include "cli/showing.h"
#include "sim/scenario.h"
#include "sim/server.h"

#include <chrono>

namespace slipway::cli {

int run_sim_serve(Process& process, const Arguments& arguments) {
  const bool color = use_color(process, arguments.color, process.err_is_terminal);
  Diagnostics diagnostics;
  Result<std::optional<sim::Scenario>> found =
      sim::find_scenario(arguments.scenario.empty() ? "shop" : arguments.scenario, diagnostics);
  if (!found) {
    complain(process, found.error(), color);
    return kUsageOrFile;
  }
  std::unique_ptr<sim::SimulatedAws> aws;
  if (*found) {
    sim::Scenario& scenario = **found;
    if (arguments.check_signatures) scenario.api.identity.signatures = sim::SignatureMode::kVerify;
    // Clients sign with their own clock: the world begins where it stands.
    const TimePoint real_now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    aws = sim::make_aws(scenario, scenario.start.value_or(real_now), diagnostics);
  }
  if (show(process, diagnostics, color) || aws == nullptr) return kUsageOrFile;
  const Result<void> served = sim::serve(*aws, {.address = arguments.listen,
                                                .port = static_cast<std::uint16_t>(arguments.port),
                                                .speed = arguments.speed > 0 ? arguments.speed : 1,
                                                .run_for = arguments.serve_for,
                                                .on_listening = [&](const std::string& url) {
                                                  process.out("listening on " + url + "\n");
                                                }});
  if (!served) {
    complain(process, served.error(), color);
    return kFailedOutcome;
  }
  return kDone;
}

int run_sim_scenario_check(Process& process, const Arguments& arguments) {
  const bool color = use_color(process, arguments.color, process.err_is_terminal);
  Result<std::string> text = read_file(process.directory / arguments.scenario);
  if (!text) {
    complain(process, text.error(), color);
    return kUsageOrFile;
  }
  const Diagnostics diagnostics = sim::check_scenario(
      std::make_shared<SourceText>(SourceText{arguments.scenario, std::move(*text)}));
  if (show(process, diagnostics, color)) return kUsageOrFile;
  process.out(arguments.scenario + ": no mistakes\n");
  return kDone;
}

}  // namespace slipway::cli
