#include "cli/connected.h"

#include "cli/exit_status.h"
#include "cli/reporting.h"
#include "cli/showing.h"

#include <memory>

namespace slipway::cli {

int connected(Process& process, const Arguments& arguments, const Release& release,
              const std::function<int(Session& session, View& view)>& body) {
  if (!can_report(process, arguments.report)) return kUsageOrFile;
  const std::unique_ptr<Session> session = Session::open(process, arguments, &release, "slipway");
  if (session == nullptr) return kUsageOrFile;
  const std::unique_ptr<View> view = with_report(
      process, arguments.report, make_view(process, arguments, release.cluster, session->now()));
  int status = kInternalError;
  session->run_connected(
      *view, [&] { status = body(*session, *view); },
      [&](const Error& error) {
        complain(process, error, use_color(process, arguments.color, process.err_is_terminal));
        status = exit_status_of(error);
      });
  return status;
}

Arguments only_trouble(Arguments arguments) {
  if (!arguments.verbose && !arguments.log_level) arguments.log_level = LogLevel::kWarn;
  arguments.output = OutputKind::kPlain;
  return arguments;
}

}  // namespace slipway::cli
