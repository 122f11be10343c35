#include "cli/running.h"

#include "base/signals.h"
#include "cli/exit_status.h"
#include "cli/showing.h"
#include "view/line.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <unistd.h>
#include <utility>

namespace slipway::cli {
namespace {

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

// The pipeline's page where there is one: what CI systems say of themselves.
std::string page_of_pipeline(const Environment& environment) {
  for (const char* name : {"CI_JOB_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL", "BUILD_URL"})
    if (const auto url = environment.get_non_empty(name)) return *url;
  const auto server = environment.get_non_empty("GITHUB_SERVER_URL");
  const auto repository = environment.get_non_empty("GITHUB_REPOSITORY");
  const auto run = environment.get_non_empty("GITHUB_RUN_ID");
  if (server && repository && run) return *server + "/" + *repository + "/actions/runs/" + *run;
  return {};
}

// "ann@laptop", "ann (https://ci.example/jobs/4711)"
std::string who_asks(const Environment& environment) {
  const std::string page = page_of_pipeline(environment);
  std::string user;
  for (const char* name : {"GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME"})
    if (const auto value = environment.get_non_empty(name); value && user.empty()) user = *value;
  if (page.empty()) return (user.empty() ? "somebody" : user) + "@" + host_name();
  return user.empty() ? page : user + " (" + page + ")";
}

}  // namespace

RunOptions run_options(const Process& process, const Session& session, std::string command,
                       const std::string& application_or_cluster) {
  RunOptions options{.command = std::move(command),
                     .region = session.region(),
                     .simulated = session.is_simulated(),
                     .where = session.where_given()};
  // A simulation leaves no trace on the machine.
  if (!session.is_simulated() || process.simulation_leaves_journal)
    options.journal_directory = journal_directory(process.environment, application_or_cluster);
  if (!session.is_simulated()) options.by = who_asks(process.environment);
  options.owner = {.host = host_name(), .pid = ::getpid(), .started = session.now()};
  return options;
}

std::string journal_name(const Release& release) {
  return release.application.empty() ? last_segment(release.cluster) : release.application;
}

void obey_signals(Process& process, Session& session,
                  const std::function<void(const std::string& signal)>& first,
                  const std::function<void(const std::string& signal)>& again) {
  const auto was_told = std::make_shared<bool>(false);  // by any of them
  for (const EndingSignal& signal : kEndingSignals)
    session.signals().on(signal.number, [&process, &signal, first, again, was_told] {
      const std::string name(signal.name);
      if (!std::exchange(*was_told, true)) return first(name);
      // A terminal that goes away says so to its shell, which says it again to whatever it runs:
      // that is nobody's impatience.
      if (signal.number == SIGHUP) return;
      again(name);
      process.exit_now(signal.exit_status());
    });
}

RunReport with_engine(Process& process, Session& session, View& view, RunOptions options,
                      const std::function<RunReport(Engine& engine)>& body) {
  Engine engine(session.runtime(), session.clients(), session.ecs(), view, session.calls(),
                std::move(options));
  obey_signals(
      process, session, [&](const std::string& signal) { engine.interrupt(signal); },
      [&](const std::string& signal) {
        view.finish(session.now());
        process.err("a second signal (" + signal + "): stopped at once\n");
      });
  return body(engine);
}

int exit_status_of(const RunReport& report) {
  if (const std::optional<int> status = exit_status_of_signal(report.signal)) return *status;
  return exit_status_of(report.outcome, report.rolled_back_by,
                        report.error ? &*report.error : nullptr);
}

std::string summary_of(const RunReport& report) {
  std::size_t width = 0;
  std::size_t kind_width = to_string(ItemKind::kService).size();
  for (const ItemReport& item : report.items) {
    width = std::max(width, item.subject.item.size());
    kind_width = std::max(kind_width, to_string(item.subject.kind).size());
  }
  std::string text;
  for (const ItemReport& item : report.items) {
    std::string outcome = in_words(item.verdict.outcome);
    RolledBackBy rolled_back_by = item.verdict.rolled_back_by;
    std::string task_definition = item.task_definition;
    // What was undone afterwards stands where the undoing left it.
    for (const ItemReport& undone : report.undone) {
      if (undone.subject.kind != item.subject.kind || undone.subject.item != item.subject.item)
        continue;
      const bool ok = undone.verdict.outcome == Outcome::kSucceeded;
      outcome = in_words(ok ? Outcome::kRolledBack : Outcome::kRollbackFailed);
      rolled_back_by = ok ? RolledBackBy::kUs : RolledBackBy::kNobody;
      if (!undone.task_definition.empty()) task_definition = undone.task_definition;
    }
    if (rolled_back_by != RolledBackBy::kNobody)
      outcome += fmt::format(" ({})", to_string(rolled_back_by));
    text += fmt::format("{:<{}} {:<{}}  {:<16} {}", to_string(item.subject.kind), kind_width,
                        item.subject.item, width, outcome, task_definition);
    // Only where nothing was changed is there somebody else's deployment to name.
    if (!item.changed && !item.deployment_id.empty())
      text += fmt::format("  (deployment {})", item.deployment_id);
    text += "\n";
  }
  return text;
}

namespace {

// What a person looks for, below a table that fills the screen.
std::string first_failure_of(const RunReport& report) {
  constexpr std::size_t kScreen = 20;
  const ItemReport* const first = failed_first(report.items);
  if (report.items.size() <= kScreen || first == nullptr || !first->verdict.error ||
      !report.signal.empty())
    return {};
  const std::string& message = first->verdict.error->message;
  const bool says_whom = message.find(first->subject.item) != std::string::npos;
  return fmt::format("failed first: {}{}\n", says_whom ? "" : to_string(first->subject) + ": ",
                     message);
}

}  // namespace

int conclude(Process& process, const Arguments& arguments, const Session& session, View& view,
             const RunReport& report) {
  view.finish(session.now());
  const bool color = use_color(process, arguments.color, process.err_is_terminal);
  for (const Error& problem : report.problems) complain(process, problem, color);
  if (!report.problems.empty()) process.err("Nothing was changed.\n");
  if (!arguments.quiet && arguments.output != OutputKind::kJson) process.out(summary_of(report));
  process.err(first_failure_of(report));
  return exit_status_of(report);
}

}  // namespace slipway::cli
