// status and wait: the two commands that look at services and change nothing.
#include "cli/commands.h"
#include "cli/connected.h"
#include "cli/exit_status.h"
#include "cli/running.h"
#include "cli/showing.h"
#include "cli/wanted_services.h"
#include "execute/observe.h"
#include "view/status_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway::cli {

int run_status(Process& process, const Arguments& arguments) {
  const bool color = use_color(process, arguments.color, process.err_is_terminal);
  const std::optional<WantedServices> wanted = wanted_services(process, arguments, color);
  if (!wanted) return kUsageOrFile;
  const auto body = [&](Session& session, View& view) {
    Look look(session, view, wanted->cluster);
    const std::vector<Result<ServiceLook>> looks =
        look_at_services(look.context(), wanted->services);
    int status = kDone;
    std::vector<ServiceStatus> found;
    for (const Result<ServiceLook>& seen : looks) {
      if (seen) {
        found.push_back({.service = seen->service, .events = seen->events});
        continue;
      }
      complain(process, seen.error(), color);
      if (status == kDone) status = exit_status_of(seen.error());
    }
    if (arguments.output == OutputKind::kJson)
      process.out(to_pretty_text(to_json(found)));
    else
      process.out(to_string(found, session.now()));
    return status;
  };
  return connected(process, only_trouble(arguments), as_release(*wanted), body);
}

int run_wait(Process& process, const Arguments& arguments) {
  const bool color = use_color(process, arguments.color, process.err_is_terminal);
  const std::optional<WantedServices> wanted = wanted_services(process, arguments, color);
  if (!wanted) return kUsageOrFile;
  return connected(process, arguments, as_release(*wanted), [&](Session& session, View& view) {
    RunOptions options = run_options(process, session, "wait", last_segment(wanted->cluster));
    // Looking takes no lock and leaves no journal.
    options.journal_directory.reset();
    options.reattach = "slipway wait --cluster " + wanted->cluster;
    std::vector<WaitTarget> targets;
    for (const std::string& service : wanted->services) {
      const std::size_t equals = service.find('=');
      targets.push_back(
          {.service = service.substr(0, equals),
           .deployment = equals == std::string::npos ? "" : service.substr(equals + 1)});
    }
    Engine run(session.runtime(), session.clients(), session.ecs(), view, session.calls(),
               std::move(options));
    obey_signals(process, session, run, view);
    return conclude(
        process, arguments, session, view,
        run.wait(wanted->cluster, targets, arguments.timeout.value_or(ServiceRelease{}.max_wait)));
  });
}

}  // namespace slipway::cli
