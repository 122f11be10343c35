#include "cli/by_flags.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/session.h"
#include "cli/showing.h"
#include "execute/deploy.h"
#include "view/plan_text.h"

namespace slipway::cli {

int run_plan(Process& process, const Arguments& arguments) {
  const bool color = use_color(process, arguments.color, process.err_is_terminal);
  const std::optional<ReleaseFile> file = what_to_release(process, arguments, color);
  if (!file) return kUsageOrFile;
  Release release = file->release;
  if (arguments.skip_tasks_before) release.tasks_before.clear();
  if (arguments.skip_tasks_after) release.tasks_after.clear();

  const std::unique_ptr<Session> session = Session::open(process, arguments, &release, "slipway");
  if (session == nullptr) return kUsageOrFile;
  // Planning takes seconds; only trouble and --verbose are worth showing.
  Arguments quietly = arguments;
  if (!arguments.verbose && !arguments.log_level) quietly.log_level = LogLevel::kWarn;
  quietly.output = OutputKind::kPlain;
  const std::unique_ptr<View> view = make_view(process, quietly, release.cluster, session->now());
  int status = kInternalError;
  session->run(*view, [&] {
    const Result<void> connected = session->connect(*view);
    if (!connected) {
      complain(process, connected.error(), color);
      status = exit_status_of(connected.error());
      return;
    }
    EventStream events(session->runtime().fibers, *view);
    OptionalCalls optional(session->runtime().fibers, session->clients(), events);
    Context context{session->runtime(), session->clients(), session->ecs(), events,
                    optional,           release.cluster};
    const Plan plan = make_plan(context, release);
    if (arguments.output == OutputKind::kJson) {
      process.out(to_pretty_text(to_json(plan)));
    } else if (!arguments.quiet) {
      process.out(to_string(plan, use_color(process, arguments.color, process.out_is_terminal)));
    }
    const std::vector<Error> problems = plan.problems();
    for (const Error& problem : problems) complain(process, problem, color);
    if (!problems.empty()) {
      const int first = exit_status_of(problems.front());
      status = first == kUsageOrFile ? kFailedOutcome : first;
    } else {
      status = arguments.exit_code && plan.changes_anything() ? kChangesFound : kDone;
    }
  });
  return status;
}

}  // namespace slipway::cli
