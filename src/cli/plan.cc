#include "cli/by_flags.h"
#include "cli/commands.h"
#include "cli/connected.h"
#include "cli/exit_status.h"
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

  // Planning takes seconds.
  return connected(process, only_trouble(arguments), release, [&](Session& session, View& view) {
    Look look(session, view, release.cluster);
    const Plan plan = make_plan(look.context(), release);
    if (arguments.output == OutputKind::kJson) {
      process.out(to_pretty_text(to_json(plan)));
    } else if (!arguments.quiet) {
      process.out(to_string(plan, use_color(process, arguments.color, process.out_is_terminal)));
    }
    const std::vector<Error> problems = plan.problems();
    for (const Error& problem : problems) complain(process, problem, color);
    if (!problems.empty()) {
      const int first = exit_status_of(problems.front());
      return first == kUsageOrFile ? static_cast<int>(kFailedOutcome) : first;
    }
    return static_cast<int>(arguments.exit_code && plan.changes_anything() ? kChangesFound : kDone);
  });
}

}  // namespace slipway::cli
