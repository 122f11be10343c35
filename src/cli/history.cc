// slipway history: who deployed what and when, how it ended, and why.
#include "execute/history.h"

#include "cli/commands.h"
#include "cli/connected.h"
#include "cli/exit_status.h"
#include "cli/reporting.h"
#include "cli/showing.h"
#include "cli/wanted_services.h"
#include "execute/journal.h"
#include "view/history_text.h"

namespace slipway::cli {

int run_history(Process& process, const Arguments& arguments) {
  if (!arguments.report.empty()) {
    if (arguments.services.size() <= 1)
      return report_past_run(process, arguments.services.empty() ? "" : arguments.services.front(),
                             arguments.report);
    process.err("error: --report is about one run, and there are several words\n");
    return kUsageOrFile;
  }
  const bool color = use_color(process, arguments.color, process.err_is_terminal);
  std::optional<WantedServices> wanted;
  // A cluster alone is a question about all of it.
  if (!arguments.cluster.empty() && arguments.services.empty() && arguments.file.empty())
    wanted = WantedServices{.cluster = arguments.cluster, .services = {}, .release = {}};
  else
    wanted = wanted_services(process, arguments, color);
  if (!wanted) return kUsageOrFile;
  const auto body = [&](Session& session, View& view) -> int {
    Look look(session, view, wanted->cluster);
    HistoryRequest request{.cluster = wanted->cluster, .services = ecs_services_of(*wanted)};
    if (arguments.limit) request.limit = *arguments.limit;
    // A simulated world has no past on this machine.
    if (!session.is_simulated())
      if (const auto any = journal_directory(process.environment, "any"))
        request.journals = any->parent_path();
    const Result<std::vector<HistoryEntry>> entries = history(look.context(), request);
    if (!entries) {
      complain(process, entries.error(), color);
      return exit_status_of(entries.error());
    }
    if (arguments.output == OutputKind::kJson)
      process.out(to_pretty_text(to_json(*entries)));
    else if (entries->empty())
      process.out("nothing was deployed in the last 90 days\n");
    else
      process.out(to_string(*entries));
    return kDone;
  };
  return connected(process, only_trouble(arguments), as_release(*wanted), body);
}

}  // namespace slipway::cli
