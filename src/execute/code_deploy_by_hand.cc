#include "execute/code_deploy_by_hand.h"

#include "execute/code_deploy.h"
#include "execute/code_deploy_shift.h"
#include "execute/observe.h"
#include "execute/poller.h"

#include <fmt/format.h>

#include <utility>

namespace slipway {
namespace {

Error problem(std::string code, std::string message) {
  return Error{ErrorKind::kFailed, std::move(code), std::move(message)};
}

Result<CodeDeployLook> deployment_meant(Context& context, const ServiceLook& service,
                                        const std::string& given) {
  const std::string& name = service.service.serviceName;
  const std::string& id = given.empty() ? service.code_deploy_deployment : given;
  if (id.empty())
    return problem("deployment.none",
                   "service " + name + " has no deployment of CodeDeploy in progress");
  TRY(CodeDeployLook look, look_at_code_deploy(context, id, name));
  if (!look.is_over()) return look;
  if (!look.taken_back_by.empty()) {
    TRY(const CodeDeployLook back, look_at_code_deploy(context, look.taken_back_by, name));
    if (!back.is_over())
      return problem("deployment.goes-back",
                     fmt::format("deployment {} of service {} is on its way back already, by {}",
                                 id, name, look.taken_back_by));
  }
  return problem(
      "deployment.none",
      fmt::format("service {} has no deployment in progress; the last one, {}, is {}; to "
                  "leave what it deployed: slipway rollback",
                  name, id, look.status));
}

ItemReport unwatched(ItemReport report, const std::string& what) {
  report.traffic = "was asked to " + what + ", and nobody watched";
  return report;
}

ShiftByCodeDeploy what_is_left(const Context& context, const ServiceLook& service,
                               const CodeDeployLook& look, const Canary& canary) {
  return {.cluster = context.cluster,
          .service = service.service.serviceName,
          .application = look.application,
          .deployment_group = look.deployment_group,
          .deployment_config = {},
          .task_definition = service.code_deploy_definition,
          .canary = canary,
          .app_spec = {},
          .alarms = {},
          .rollback_events = {},
          .target_groups = look.target_groups};
}

CodeDeployEnd follow(Context& context, const Subject& subject, const ShiftByCodeDeploy& action,
                     const ServiceLook& service, const std::string& deployment, Duration max_wait,
                     CodeDeployShift::Go go) {
  Result<CodeDeployEnds> ends = look_at_code_deploy_ends(context, action, service.service);
  if (!ends) return {.verdict = verdict_of(ends.error(), Outcome::kFailed)};
  Poller poller(context);
  CodeDeployShift shift(context, poller, subject, action,
                        ServiceWatch{.service = service.service.serviceName,
                                     .our_deployment = deployment,
                                     .taskDefinition = service.code_deploy_definition,
                                     .since = context.clock().now(),
                                     .max_wait = max_wait},
                        *std::move(ends), go);
  return shift.follow();
}

std::string runs_now(Context& context, const std::string& service) {
  const Result<ServiceLook> look = describe_service(context.ecs, context.cluster, service);
  return look ? family_revision_of(definition_in_use(look->service)) : "";
}

}  // namespace

std::optional<ServiceLook> deployed_by_code_deploy(Context& context, const std::string& service) {
  Result<ServiceLook> look = describe_service(context.ecs, context.cluster, service);
  if (!look || look->service.deploymentController != "CODE_DEPLOY") return std::nullopt;
  return *std::move(look);
}

ItemReport stop_by_hand(Context& context, const Subject& subject, const ServiceLook& service,
                        const StopDeployment& wanted) {
  ItemReport report{.subject = subject};
  const auto ended = [&](Verdict verdict) {
    report.verdict = std::move(verdict);
    return report;
  };
  const Result<CodeDeployLook> look = deployment_meant(context, service, wanted.deployment);
  if (!look) return ended(verdict_of(look.error(), Outcome::kFailedToStart));
  report.deployment_id = look->deployment;
  const bool goes_back = wanted.stopType != "ABORT";
  const Result<bool> stopped =
      stop_code_deploy(context, subject, look->deployment, goes_back, /*is_undo=*/false);
  if (!stopped) return ended(verdict_of(stopped.error(), Outcome::kFailedToStart));
  if (!*stopped)
    return ended(verdict_of_error(
        problem("deployment.completed",
                fmt::format("deployment {} had ended before it could be stopped; to leave what it "
                            "deployed: slipway rollback",
                            look->deployment)),
        Outcome::kFailed));
  report.changed = true;
  if (!wanted.wait) return unwatched(std::move(report), "stop");

  CodeDeployEnd end =
      follow(context, subject, what_is_left(context, service, *look, {}), service, look->deployment,
             wanted.max_wait,
             goes_back ? CodeDeployShift::Go::kBack : CodeDeployShift::Go::kAsTheStepsSay);
  report.task_definition = runs_now(context, wanted.service);
  report.traffic = std::move(end.traffic);
  const bool is_as_asked =
      end.verdict.outcome == Outcome::kRolledBack ||
      (!goes_back && end.verdict.error && end.verdict.error->code == "deployment.stopped");
  return ended(is_as_asked ? Verdict{} : std::move(end.verdict));
}

ItemReport continue_by_hand(Context& context, const Subject& subject, const ServiceLook& service,
                            const ContinueDeployment& wanted) {
  if (wanted.rollback)
    return stop_by_hand(context, subject, service,
                        {.service = wanted.service,
                         .deployment = wanted.deployment,
                         .wait = wanted.wait,
                         .max_wait = wanted.max_wait});
  ItemReport report{.subject = subject};
  const auto ended = [&](Verdict verdict) {
    report.verdict = std::move(verdict);
    return report;
  };
  const Result<CodeDeployLook> look = deployment_meant(context, service, wanted.deployment);
  if (!look) return ended(verdict_of(look.error(), Outcome::kFailedToStart));
  report.deployment_id = look->deployment;
  context.events.say(subject, observed(*look));
  const std::string waits_for = look->waits_for();
  if (waits_for.empty() || (!wanted.hookId.empty() && wanted.hookId != waits_for))
    return ended(verdict_of_error(
        problem("deployment.not-paused",
                fmt::format("deployment {} waits for nobody{}; it is {}{}", look->deployment,
                            wanted.hookId.empty() ? "" : " at " + wanted.hookId, look->status,
                            look->lifecycleEvent.empty() ? "" : ", " + look->lifecycleEvent)),
        Outcome::kFailedToStart));
  const bool moves_traffic = waits_for == kReadyWait;
  const Result<void> sent = continue_code_deploy(context, subject, look->deployment,
                                                 moves_traffic ? kReadyWait : kTerminationWait);
  if (!sent) return ended(verdict_of(sent.error(), Outcome::kFailedToStart));
  report.changed = true;
  if (!wanted.wait) return unwatched(std::move(report), "go on");

  CodeDeployEnd end =
      follow(context, subject,
             what_is_left(context, service, *look,
                          moves_traffic ? wanted.canary.value_or(Canary{}) : Canary{}),
             service, look->deployment, wanted.max_wait, CodeDeployShift::Go::kAhead);
  report.task_definition = runs_now(context, wanted.service);
  report.traffic = std::move(end.traffic);
  return ended(std::move(end.verdict));
}

}  // namespace slipway
