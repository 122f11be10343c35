#include "cli/by_flags.h"
#include "cli/commands.h"
#include "cli/connected.h"
#include "cli/exit_status.h"
#include "cli/running.h"
#include "cli/showing.h"
#include "cli/unfinished_run.h"

namespace slipway::cli {

int run_deploy(Process& process, const Arguments& arguments) {
  if (arguments.dry_run) return run_plan(process, arguments);
  const bool color = use_color(process, arguments.color, process.err_is_terminal);
  std::optional<ReleaseFile> file = what_to_release(process, arguments, color);
  if (!file) return kUsageOrFile;
  Release& release = file->release;
  release.wait = arguments.wait;
  if (arguments.max_parallel) release.max_parallel = *arguments.max_parallel;

  return connected(process, arguments, release, [&](Session& session, View& view) {
    RunOptions options = run_options(process, session, "deploy", journal_name(release));
    options.file = file->name;
    options.dialect = file->dialect;
    // In our own file a stage that is not there is not worth a warning, nor is what --only left
    // out.
    const bool may_be_absent = file->dialect == "slipway" || !arguments.only.empty();
    options.skip_tasks_before =
        arguments.skip_tasks_before || (may_be_absent && release.tasks_before.empty());
    options.skip_tasks_after =
        arguments.skip_tasks_after || (may_be_absent && release.tasks_after.empty());
    options.timeout = arguments.timeout;
    options.first_words = of_unfinished_run(process, session, release);
    options.logs = LogReading::kLastLines;
    options.reattach = "slipway wait --cluster " + release.cluster + options.where;
    return conclude(process, arguments, session, view,
                    with_engine(process, session, view, std::move(options),
                                [&](Engine& engine) { return engine.deploy(release); }));
  });
}

}  // namespace slipway::cli
