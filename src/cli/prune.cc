// slipway prune: old revisions that nothing uses.
#include "execute/prune.h"

#include "cli/commands.h"
#include "cli/connected.h"
#include "cli/exit_status.h"
#include "cli/files.h"
#include "cli/running.h"
#include "cli/showing.h"
#include "execute/observe.h"
#include "plan/canary_pair.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway::cli {
namespace {

// What is to be pruned as far as it is known before AWS is asked.
struct Wanted {
  std::string name;  // of the journal
  std::vector<std::string> families;
  std::optional<Release> release;  // of the file: its services' families have to be looked up
  std::size_t keep = 0;
};

void add(std::vector<std::string>& families, const std::string& family) {
  if (!family.empty() && std::ranges::find(families, family) == families.end())
    families.push_back(family);
}

void add_families_of(const TaskDefinitionSource& source, std::vector<std::string>& families) {
  if (const auto* given = std::get_if<TaskDefinitionReference>(&source))
    add(families, family_of(given->reference));
  if (const auto* whole = std::get_if<TaskDefinitionDocument>(&source))
    add(families, std::string(string_or_empty(whole->document, "family")));
}

std::optional<Wanted> what_is_wanted(Process& process, const Arguments& arguments, bool color) {
  Wanted wanted{.name = "prune", .keep = arguments.prune.keep.value_or(0)};
  for (const std::string& family : arguments.prune.families) add(wanted.families, family);
  for (const std::string& family : wanted.families) {
    if (family.find(':') == std::string::npos) continue;
    process.err(
        fmt::format("error: \"{}\" is not a family's name: whole families are pruned\n", family));
    return std::nullopt;
  }
  if (wanted.families.empty()) {
    std::optional<ReleaseFile> file = read_release(
        process, arguments.file,
        {.tag_required = false, .jsonnet = arguments.jsonnet, .vars = arguments.vars}, {}, color);
    if (!file) return std::nullopt;
    for (const auto* runs : {&file->release.tasks_before, &file->release.tasks_after})
      for (const TaskRun& run : *runs) add_families_of(run.task_definition, wanted.families);
    if (!arguments.prune.keep && file->release.keep_revisions)
      wanted.keep = static_cast<std::size_t>(*file->release.keep_revisions);
    if (!file->release.application.empty()) wanted.name = file->release.application + "-prune";
    wanted.release = std::move(file->release);
  }
  if (wanted.keep == 0) {
    process.err("error: how many revisions stay? Say --keep N");
    process.err(wanted.release ? ", or keep_revisions in the file\n" : "\n");
    return std::nullopt;
  }
  return wanted;
}

// The services of the file say their families only in AWS.
Result<void> find_families(Context& context, Wanted& wanted) {
  if (!wanted.release) return {};
  std::vector<std::string> names;
  for (const ServiceRelease& service : wanted.release->services) {
    std::ranges::move(ecs_services_of(service), std::back_inserter(names));
    add_families_of(service.task_definition, wanted.families);
  }
  for (const Result<ServiceLook>& look : look_at_services(context, names)) {
    if (!look) return look.error();
    add(wanted.families, family_of(look->service.taskDefinition));
  }
  return {};
}

PruneRequest request_of(const Wanted& wanted, const PruneArguments& arguments) {
  PruneRequest request{.families = wanted.families,
                       .keep = wanted.keep,
                       .clusters = arguments.clusters,
                       .event_buses = arguments.event_buses,
                       .rules = arguments.rules,
                       .schedules = arguments.schedules,
                       .deletes = arguments.deletes};
  if (arguments.rollback_window) request.rollback_window = *arguments.rollback_window;
  return request;
}

// A release that stands for what is asked, for a simulated world that has to have it.
Release as_release(const Wanted& wanted, const Arguments& arguments) {
  if (wanted.release) return *wanted.release;
  Release release;
  if (!arguments.prune.clusters.empty()) release.cluster = arguments.prune.clusters.front();
  for (const std::string& family : wanted.families)
    release.tasks_before.push_back(
        {.name = family, .task_definition = TaskDefinitionReference{family}});
  return release;
}

}  // namespace

int run_prune(Process& process, const Arguments& arguments) {
  const bool color = use_color(process, arguments.color, process.err_is_terminal);
  std::optional<Wanted> wanted = what_is_wanted(process, arguments, color);
  if (!wanted) return kUsageOrFile;
  const Release release = as_release(*wanted, arguments);
  std::vector<PrunedFamily> families;
  const auto look_for = [&](Context& context) -> Result<void> {
    TRY_VOID(find_families(context, *wanted));
    TRY(families, plan_prune(context, request_of(*wanted, arguments.prune)));
    return {};
  };
  const auto show_what_would_go = [&](Session& session, View& view) -> int {
    Look look(session, view, release.cluster);
    if (const Result<void> looked = look_for(look.context()); !looked) {
      complain(process, looked.error(), color);
      process.err("Nothing was changed.\n");
      return exit_status_of(looked.error());
    }
    process.out(arguments.output == OutputKind::kJson ? to_pretty_text(to_json(families))
                                                      : to_string(families));
    return kDone;
  };
  if (arguments.dry_run)
    return connected(process, only_trouble(arguments), release, show_what_would_go);
  return connected(process, arguments, release, [&](Session& session, View& view) {
    const auto prune_them = [&](Context& context, RunState&) {
      ItemReport whole{.subject = {}};
      if (const Result<void> looked = look_for(context); !looked)
        whole.verdict = verdict_of_error(looked.error(), Outcome::kFailedToStart);
      else
        whole.verdict = prune(context, families);
      return WorkReport{.items = {std::move(whole)}};
    };
    const RunReport report =
        with_engine(process, session, view, run_options(process, session, "prune", wanted->name),
                    [&](Engine& engine) { return engine.work(release.cluster, prune_them); });
    view.finish(session.now());
    if (report.error) complain(process, *report.error, color);
    if (!arguments.quiet && arguments.output != OutputKind::kJson) process.out(to_string(families));
    return exit_status_of(report);
  });
}

}  // namespace slipway::cli
