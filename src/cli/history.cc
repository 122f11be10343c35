// slipway history: who deployed what and when, how it ended, and why.
#include "execute/history.h"

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/session.h"
#include "cli/showing.h"
#include "cli/wanted_services.h"
#include "execute/journal.h"
#include "view/history_text.h"

namespace slipway::cli {

int run_history(Process& process, const Arguments& arguments) {
  const bool color = use_color(process, arguments.color, process.err_is_terminal);
  std::optional<WantedServices> wanted;
  // A cluster alone is a question about all of it.
  if (!arguments.cluster.empty() && arguments.services.empty() && arguments.file.empty())
    wanted = WantedServices{.cluster = arguments.cluster, .services = {}, .release = {}};
  else
    wanted = wanted_services(process, arguments, color);
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
    HistoryRequest request{.cluster = wanted->cluster, .services = wanted->services};
    if (arguments.limit) request.limit = *arguments.limit;
    // A simulated world has no past on this machine.
    if (!session->is_simulated())
      if (const auto any = journal_directory(process.environment, "any"))
        request.journals = any->parent_path();
    const Result<std::vector<HistoryEntry>> entries = history(context, request);
    if (!entries) {
      complain(process, entries.error(), color);
      status = exit_status_of(entries.error());
      return;
    }
    if (arguments.output == OutputKind::kJson)
      process.out(to_pretty_text(to_json(*entries)));
    else if (entries->empty())
      process.out("nothing was deployed in the last 90 days\n");
    else
      process.out(to_string(*entries));
    status = kDone;
  });
  return status;
}

}  // namespace slipway::cli
