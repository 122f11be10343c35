// status and wait: the two commands that look at services and change nothing.
#include "base/chunks.h"
#include "cli/commands.h"
#include "cli/connected.h"
#include "cli/exit_status.h"
#include "cli/running.h"
#include "cli/showing.h"
#include "cli/unfinished_run.h"
#include "cli/wanted_services.h"
#include "execute/code_deploy.h"
#include "execute/deploy.h"
#include "execute/observe.h"
#include "execute/service_deployments.h"
#include "execute/traffic_look.h"
#include "plan/canary_pair.h"
#include "plan/ecs_canary.h"
#include "view/status_text.h"

namespace slipway::cli {
namespace {

ShiftStatus shift_of(const aws::ServiceDeployment& deployment, const ServiceSnapshot& service) {
  return {.service_deployment = deployment.serviceDeploymentArn,
          .status = deployment.status,
          .lifecycleStage = deployment.lifecycleStage,
          .production_weight = production_weight(deployment),
          .task_definition = service.taskDefinition,
          .hooks = waiting_hooks(deployment)};
}

// Likewise for the services that CodeDeploy deploys, as long as one of its deployments is under
// way.
void add_code_deploy(Context& context, const std::vector<Result<ServiceLook>>& looks,
                     std::vector<ServiceStatus>& found) {
  for (const Result<ServiceLook>& look : looks) {
    if (!look || look->code_deploy_deployment.empty()) continue;
    const Result<CodeDeployLook> seen =
        look_at_code_deploy(context, look->code_deploy_deployment, look->service.serviceName);
    if (!seen || seen->is_over()) continue;
    CodeDeployStatus status{.deployment = seen->deployment,
                            .status = seen->status,
                            .lifecycleEvent = seen->lifecycleEvent,
                            .task_definition = look->code_deploy_definition,
                            .waits_for = seen->waits_for()};
    if (const CodeDeployLook::TaskSet* set = seen->new_task_set())
      status.production_percent = set->weight;
    if (seen->ready_since && seen->ready_at_most && status.waits_for == kReadyWait)
      status.stops_at = *seen->ready_since + *seen->ready_at_most;
    for (ServiceStatus& service : found)
      if (service.service.serviceArn == look->service.serviceArn) service.code_deploy = status;
  }
}

// Only ECS's own blue/green strategies have stages to tell of. Without the permission to ask, the
// rest of the status is there all the same.
void add_shifts(Context& context, const std::vector<Result<ServiceLook>>& looks,
                std::vector<ServiceStatus>& found) {
  std::vector<std::string> arns;
  for (const Result<ServiceLook>& look : looks)
    if (look && is_shifted_by_ecs(*look)) arns.push_back(look->service_deployment);
  for (const auto chunk : chunks_of(arns, kServiceDeploymentsPerCall)) {
    for (const Result<aws::ServiceDeployment>& seen :
         describe_service_deployments(context.ecs, chunk)) {
      if (!seen) continue;
      for (ServiceStatus& status : found)
        if (status.service.serviceArn == seen->serviceArn)
          status.shift = shift_of(*seen, status.service);
    }
  }
}

}  // namespace

int run_status(Process& process, const Arguments& arguments) {
  const bool color = use_color(process, arguments.color, process.err_is_terminal);
  const std::optional<WantedServices> wanted = wanted_services(process, arguments, color);
  if (!wanted) return kUsageOrFile;
  const auto body = [&](Session& session, View& view) {
    Look look(session, view, wanted->cluster);
    std::vector<TrafficStatus> traffic;
    const std::vector<std::string> services = ecs_services_of(*wanted);
    const std::vector<Result<ServiceLook>> looks = look_at_services(look.context(), services);
    int status = kDone;
    for (const ServiceRelease& pair : pairs_of(*wanted)) {
      const Subject subject{
          .stage = StageKind::kServices, .kind = ItemKind::kService, .item = pair.name};
      const Canary& canary = std::get<Canary>(pair.strategy);
      Result<TrafficSnapshot> seen = look_at_traffic(look.context(), subject, canary);
      if (seen) {
        traffic.push_back(
            {.name = pair.name,
             .traffic = *seen,
             .next = next_of(
                 canary, *seen,
                 (arguments.file.empty() ? "" : "-f " + arguments.file + " ") + pair.name)});
        continue;
      }
      complain(process, seen.error(), color);
      status = exit_status_of(seen.error());
    }
    std::vector<ServiceStatus> found;
    std::vector<Error> problems;
    for (const Result<ServiceLook>& seen : looks) {
      if (seen)
        found.push_back(
            {.service = seen->service,
             .events = seen->events,
             .keeps_pauses_of_release = has_pauses_of_ours(seen->service.deploymentConfiguration)});
      else
        problems.push_back(seen.error());
    }
    // One call looks at ten services; when it fails that is one problem.
    for (const Error& problem : without_repeats(std::move(problems))) {
      complain(process, problem, color);
      if (status == kDone) status = exit_status_of(problem);
    }
    add_shifts(look.context(), looks, found);
    add_code_deploy(look.context(), looks, found);
    for (const Note& note : of_unfinished_run(process, session, wanted->cluster, wanted->services))
      view.on({.at = session.now(), .subject = {}, .body = note});
    if (arguments.output == OutputKind::kJson) {
      Json json = to_json(found);
      if (!traffic.empty()) json.get_object()["traffic"] = to_json(traffic);
      process.out(to_pretty_text(json));
    } else {
      process.out(to_string(found, session.now()) + to_string(traffic));
    }
    return status;
  };
  return connected(process, only_trouble(arguments), as_release(*wanted), body);
}

int run_wait(Process& process, const Arguments& arguments) {
  const bool color = use_color(process, arguments.color, process.err_is_terminal);
  const std::optional<WantedServices> wanted = wanted_services(process, arguments, color);
  if (!wanted) return kUsageOrFile;
  return connected(process, arguments, as_release(*wanted), [&](Session& session, View& view) {
    RunOptions options = run_options(process, session, "wait", last_segment(wanted->cluster));
    // Looking takes no lock and leaves no journal.
    options.journal_directory.reset();
    options.reattach = "slipway wait --cluster " + wanted->cluster + options.where;
    options.first_words = of_unfinished_run(process, session, wanted->cluster, wanted->services);
    std::vector<WaitTarget> targets;
    for (const std::string& service : ecs_services_of(*wanted)) {
      const std::size_t equals = service.find('=');
      targets.push_back(
          {.service = service.substr(0, equals),
           .deployment = equals == std::string::npos ? "" : service.substr(equals + 1)});
    }
    const Duration max_wait = arguments.timeout.value_or(ServiceRelease{}.max_wait);
    return conclude(process, arguments, session, view,
                    with_engine(process, session, view, std::move(options), [&](Engine& engine) {
                      return engine.wait(wanted->cluster, targets, max_wait);
                    }));
  });
}

}  // namespace slipway::cli
