// slipway run: one task, from its start to its end, with what it writes.
#include "cli/by_flags.h"
#include "cli/commands.h"
#include "cli/connected.h"
#include "cli/exit_status.h"
#include "cli/running.h"
#include "cli/showing.h"
#include "cli/task_output.h"

namespace slipway::cli {
namespace {

// The journal of a single task stands apart: it takes no lock from a deployment, and waits for
// none.
RunOptions options_of(const Process& process, const Session& session, const Arguments& arguments,
                      const Release& release) {
  RunOptions options = run_options(process, session, "run", journal_name(release) + "-run");
  options.journal_use = JournalUse::kIfPossible;
  options.skip_services = options.skip_tasks_after = true;
  options.timeout = {};
  options.logs = arguments.run.logs && arguments.wait ? LogReading::kFollow : LogReading::kNone;
  options.stop_tasks_when_interrupted = arguments.run.stop_on_interrupt;
  options.reattach = "slipway run --cluster " + release.cluster + options.where + " --attach";
  return options;
}

int status_of(const RunReport& report, const TaskOutput& output, const Arguments& arguments) {
  const bool forwards = arguments.run.forward_exit_code && report.signal.empty() &&
                        report.outcome != Outcome::kSucceeded;
  if (forwards && output.exit_code()) return *output.exit_code();
  return exit_status_of(report);
}

}  // namespace

int run_run(Process& process, const Arguments& arguments) {
  const bool color = use_color(process, arguments.color, process.err_is_terminal);
  std::optional<ReleaseFile> file;
  const bool attaches = !arguments.run.attach.empty();
  if (attaches) {
    file = ReleaseFile{.dialect = "slipway", .release = {.cluster = arguments.cluster}};
  } else {
    file = task_to_run(process, arguments, color);
    if (!file) return kUsageOrFile;
  }
  Release& release = file->release;
  release.wait = arguments.wait;

  return connected(process, arguments, release, [&](Session& session, View& view) {
    const bool is_plain = !is_live(process, arguments) && arguments.output != OutputKind::kJson;
    TaskOutput output(process, view, is_plain);
    RunOptions options = options_of(process, session, arguments, release);
    options.file = file->name;
    options.dialect = file->dialect;
    const RunReport report =
        with_engine(process, session, output, std::move(options), [&](Engine& engine) {
          return attaches ? engine.attach(release.cluster, arguments.run.attach, arguments.timeout)
                          : engine.deploy(release);
        });
    output.finish(session.now());
    for (const Error& problem : report.problems) complain(process, problem, color);
    if (!report.problems.empty()) process.err("Nothing was started.\n");
    // Stdout is the task's own.
    if (!arguments.quiet && arguments.output != OutputKind::kJson) process.err(summary_of(report));
    return status_of(report, output, arguments);
  });
}

}  // namespace slipway::cli
