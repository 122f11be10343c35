// status and wait: the two commands that look at services and change nothing.
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/running.h"
#include "cli/session.h"
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
  const Release release = as_release(*wanted);
  const std::unique_ptr<Session> session = Session::open(process, arguments, &release, "slipway");
  if (session == nullptr) return kUsageOrFile;
  Arguments plainly = arguments;
  if (!arguments.verbose && !arguments.log_level) plainly.log_level = LogLevel::kWarn;
  plainly.output = OutputKind::kPlain;
  const std::unique_ptr<View> view = make_view(process, plainly, wanted->cluster, session->now());
  int status = kInternalError;
  session->run(*view, [&] {
    if (const Result<void> connected = session->connect(*view); !connected) {
      complain(process, connected.error(), color);
      status = exit_status_of(connected.error());
      return;
    }
    EventStream events(session->runtime().fibers, *view);
    OptionalCalls optional(session->runtime().fibers, session->clients(), events);
    Context context{session->runtime(), session->clients(), session->ecs(), events,
                    optional,           wanted->cluster};
    const std::vector<Result<ServiceLook>> looks = look_at_services(context, wanted->services);
    status = kDone;
    std::vector<ServiceStatus> found;
    for (std::size_t i = 0; i < looks.size(); ++i) {
      if (looks[i]) {
        found.push_back({.service = looks[i]->service, .events = looks[i]->events});
        continue;
      }
      complain(process, looks[i].error(), color);
      if (status == kDone) status = exit_status_of(looks[i].error());
    }
    if (arguments.output == OutputKind::kJson)
      process.out(to_pretty_text(to_json(found)));
    else
      process.out(to_string(found, session->now()));
  });
  return status;
}

int run_wait(Process& process, const Arguments& arguments) {
  const bool color = use_color(process, arguments.color, process.err_is_terminal);
  const std::optional<WantedServices> wanted = wanted_services(process, arguments, color);
  if (!wanted) return kUsageOrFile;
  const Release release = as_release(*wanted);
  const std::unique_ptr<Session> session = Session::open(process, arguments, &release, "slipway");
  if (session == nullptr) return kUsageOrFile;
  const std::unique_ptr<View> view = make_view(process, arguments, wanted->cluster, session->now());
  int status = kInternalError;
  session->run(*view, [&] {
    if (const Result<void> connected = session->connect(*view); !connected) {
      complain(process, connected.error(), color);
      status = exit_status_of(connected.error());
      return;
    }
    RunOptions options = run_options(process, *session, "wait", last_segment(wanted->cluster));
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
    Engine run(session->runtime(), session->clients(), session->ecs(), *view, session->calls(),
               std::move(options));
    obey_signals(process, *session, run, *view);
    const RunReport report =
        run.wait(wanted->cluster, targets, arguments.timeout.value_or(ServiceRelease{}.max_wait));
    status = conclude(process, arguments, *session, *view, report);
  });
  return status;
}

}  // namespace slipway::cli
