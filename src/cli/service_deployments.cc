// stop and continue: what a person does to a deployment that is under way.
#include "execute/service_deployments.h"

#include "cli/commands.h"
#include "cli/connected.h"
#include "cli/exit_status.h"
#include "cli/running.h"
#include "cli/showing.h"
#include "cli/unfinished_run.h"
#include "cli/wanted_services.h"
#include "execute/journal.h"
#include "plan/canary_pair.h"

#include <functional>

namespace slipway::cli {
namespace {

// What is known besides the service: the file, and where journals are.
struct Known {
  PutsBack puts_back;
  const std::optional<Release>& release;
};
using Act = std::function<ItemReport(Context&, const Subject&, const Known&)>;

// How ECS or CodeDeploy moves the traffic within the one service, by the file.
std::optional<Canary> canary_within(const std::optional<Release>& release,
                                    const std::string& service) {
  if (!release) return std::nullopt;
  for (const ServiceRelease& each : release->services)
    if (const auto* canary = std::get_if<Canary>(&each.strategy))
      if (each.name == service && !pair_of(canary->mover)) return *canary;
  return std::nullopt;
}

// The services at the same time, each judged by itself.
std::vector<ItemReport> each(Context& context, const std::vector<std::string>& services,
                             const Act& act, const Known& known) {
  std::vector<ItemReport> reports(services.size());
  Group group(context.runtime.fibers);
  for (std::size_t i = 0; i < services.size(); ++i)
    group.spawn("service " + services[i], [&, i] {
      const Subject subject{
          .stage = StageKind::kServices, .kind = ItemKind::kService, .item = services[i]};
      const TimePoint began = context.clock().now();
      reports[i] = act(context, subject, known);
      reports[i].elapsed = context.clock().now() - began;
      context.events.say(subject, ended(reports[i]));
    });
  group.join();
  return reports;
}

int act_on(Process& process, const Arguments& arguments, const std::string& command, bool goes_back,
           const Act& act) {
  const bool color = use_color(process, arguments.color, process.err_is_terminal);
  const std::optional<WantedServices> wanted = wanted_services(process, arguments, color);
  if (!wanted) return kUsageOrFile;
  if (wanted->services.size() > 1 && !arguments.deployment.id.empty()) {
    process.err("error: --deployment is one service's, and there are several: name the service\n");
    return kUsageOrFile;
  }
  // Traffic that we move goes on and back by its weights; the rest is ECS's own deployments.
  std::optional<Release> pairs;
  std::vector<std::string> others = wanted->services;
  if (std::vector<ServiceRelease> found = pairs_of(*wanted); !found.empty()) {
    for (const ServiceRelease& pair : found) std::erase(others, pair.name);
    pairs = wanted->release;
    pairs->services = std::move(found);
  }
  return connected(process, arguments, as_release(*wanted), [&](Session& session, View& view) {
    // Whoever deploys holds the lock, perhaps on this machine; it is that run which is stopped.
    RunOptions options =
        run_options(process, session, command, last_segment(wanted->cluster) + "-" + command);
    options.journal_use = JournalUse::kIfPossible;
    options.reattach = "slipway wait --cluster " + wanted->cluster + options.where;
    options.file = wanted->file;
    options.dialect = wanted->dialect;
    options.first_words = of_unfinished_run(process, session, wanted->cluster, wanted->services);
    if (pairs) options.timeout = arguments.timeout;
    Known known{.puts_back = {}, .release = wanted->release};
    // A simulated world has no past on this machine.
    if (!session.is_simulated())
      if (const auto any = journal_directory(process.environment, "any"))
        known.puts_back.journals = any->parent_path();
    const auto act_on_others = [&](Context& context, RunState&) {
      return WorkReport{.items = each(context, others, act, known)};
    };
    const auto act_on_all = [&](Engine& engine) {
      if (!pairs) return engine.work(wanted->cluster, act_on_others);
      return engine.move_traffic(*pairs, goes_back ? MoveTraffic::kGoBack : MoveTraffic::kGoOn,
                                 others.empty() ? Engine::Work() : Engine::Work(act_on_others));
    };
    return conclude(process, arguments, session, view,
                    with_engine(process, session, view, std::move(options), act_on_all));
  });
}

}  // namespace

int run_stop(Process& process, const Arguments& arguments) {
  const auto stop = [&](Context& context, const Subject& subject, const Known& known) {
    StopDeployment wanted{.service = subject.item,
                          .deployment = arguments.deployment.id,
                          .stopType = arguments.deployment.aborts ? "ABORT" : "ROLLBACK",
                          .wait = arguments.wait,
                          .puts_back = known.puts_back};
    if (arguments.timeout) wanted.max_wait = *arguments.timeout;
    return stop_deployment(context, subject, wanted);
  };
  return act_on(process, arguments, "stop", true, stop);
}

int run_continue(Process& process, const Arguments& arguments) {
  const bool goes_back = arguments.deployment.goes_back;
  return act_on(process, arguments, "continue", goes_back,
                [&](Context& context, const Subject& subject, const Known& known) {
                  ContinueDeployment wanted{.service = subject.item,
                                            .deployment = arguments.deployment.id,
                                            .hookId = arguments.deployment.hook,
                                            .rollback = goes_back,
                                            .wait = arguments.wait,
                                            .puts_back = known.puts_back,
                                            .canary = canary_within(known.release, subject.item)};
                  if (arguments.timeout) wanted.max_wait = *arguments.timeout;
                  return continue_deployment(context, subject, wanted);
                });
}

}  // namespace slipway::cli
