// rollback: a release whose revisions are those of an earlier state.
#include "execute/rollback.h"

#include "base/text.h"
#include "cli/commands.h"
#include "cli/connected.h"
#include "cli/exit_status.h"
#include "cli/files.h"
#include "cli/running.h"
#include "cli/showing.h"
#include "cli/unfinished_run.h"
#include "plan/canary_pair.h"
#include "view/plan_text.h"

#include <algorithm>

namespace slipway::cli {
namespace {

struct Wanted {
  Release release;
  std::string file;
  std::string dialect;
};

bool has_revision_number(const std::string& reference) {
  const std::string name = family_revision_of(reference);
  const std::size_t colon = name.find(':');
  return colon != std::string::npos && colon > 0 && colon + 1 < name.size() &&
         std::ranges::all_of(name.substr(colon + 1), [](char c) { return c >= '0' && c <= '9'; });
}

bool keep_only(Release& release, const std::vector<std::string>& services, Process& process) {
  std::vector<std::string> known;
  for (const ServiceRelease& service : release.services) known.push_back(service.name);
  bool ok = true;
  for (const std::string& name : services) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const std::optional<std::string> near = nearest(name, known);
    process.err("error: the file has no service named \"" + name + "\"" +
                (near ? ", did you mean " + *near + "?" : "") + "\n");
    ok = false;
  }
  if (!services.empty())
    std::erase_if(release.services, [&](const ServiceRelease& service) {
      return std::ranges::find(services, service.name) == services.end();
    });
  return ok;
}

// The file's, or what the flags name when they say it all.
std::optional<Wanted> what_is_wanted(Process& process, const Arguments& arguments, bool color) {
  for (const std::string& to : arguments.to) {
    if (has_revision_number(to)) continue;
    process.err("error: --to: expected FAMILY:REVISION, found \"" + to + "\"\n");
    return std::nullopt;
  }
  if (arguments.file.empty() && !arguments.cluster.empty() && !arguments.services.empty()) {
    Wanted wanted;
    wanted.release.cluster = arguments.cluster;
    for (const std::string& service : arguments.services)
      wanted.release.services.push_back({.name = service});
    return wanted;
  }
  std::optional<ReleaseFile> file = read_release(
      process, arguments.file,
      {.tag_required = false, .jsonnet = arguments.jsonnet, .vars = arguments.vars}, {}, color);
  if (!file) return std::nullopt;
  if (!keep_only(file->release, arguments.services, process)) return std::nullopt;
  if (!arguments.cluster.empty()) file->release.cluster = arguments.cluster;
  return Wanted{std::move(file->release), file->name, file->dialect};
}

int show_plan(Process& process, Session& session, const Arguments& arguments, View& view,
              const RollbackRequest& request, bool color) {
  Look look(session, view, request.release.cluster);
  PlanStage pairs = plan_traffic_moves(look.context(), request.release, MoveTraffic::kGoBack, true);
  RollbackRequest others = request;
  std::erase_if(others.release.services, is_pair);
  const EarlierState earlier = find_earlier_state(look.context(), others);
  std::vector<Error> problems = earlier.problems;
  if (problems.empty()) {
    Plan plan = make_plan(look.context(), earlier.release);
    if (!pairs.items.empty()) plan.stages.insert(plan.stages.begin(), std::move(pairs));
    if (arguments.output == OutputKind::kJson)
      process.out(to_pretty_text(to_json(plan)));
    else if (!arguments.quiet)
      process.out(to_string(plan, use_color(process, arguments.color, process.out_is_terminal)));
    problems = plan.problems();
  }
  problems = without_repeats(std::move(problems));
  for (const Error& problem : problems) complain(process, problem, color);
  if (problems.empty()) return kDone;
  const int first = exit_status_of(problems.front());
  return first == kUsageOrFile ? kFailedOutcome : first;
}

}  // namespace

int run_rollback(Process& process, const Arguments& arguments) {
  const bool color = use_color(process, arguments.color, process.err_is_terminal);
  std::optional<Wanted> wanted = what_is_wanted(process, arguments, color);
  if (!wanted) return kUsageOrFile;
  wanted->release.wait = arguments.wait;
  RollbackRequest request{
      .release = wanted->release, .to = arguments.to, .journal_directory = std::nullopt};

  Arguments shown = arguments;
  if (arguments.dry_run) shown.output = OutputKind::kPlain;
  return connected(process, shown, request.release, [&](Session& session, View& view) {
    const Release& release = request.release;
    RunOptions options = run_options(process, session, "rollback", journal_name(release));
    request.journal_directory = options.journal_directory;
    if (arguments.dry_run) return show_plan(process, session, arguments, view, request, color);
    options.file = wanted->file;
    options.dialect = wanted->dialect;
    options.skip_tasks_before = options.skip_tasks_after = true;
    options.timeout = arguments.timeout;
    options.first_words = of_unfinished_run(process, session, release);
    options.reattach = "slipway wait --cluster " + release.cluster + options.where;
    return conclude(process, arguments, session, view,
                    with_engine(process, session, view, std::move(options),
                                [&](Engine& engine) { return engine.roll_back(request); }));
  });
}

}  // namespace slipway::cli
