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

// One deployment that a person stops or continues: what both have in common.
class Handling {
 public:
  Handling(Context& context, const Subject& subject, const ServiceLook& service)
      : context_(context), service_(service), report_{.subject = subject} {}

  // The one that is meant; null: the report says why there is none.
  const CodeDeployLook* begin(const std::string& given) {
    Result<CodeDeployLook> look = deployment_meant(context_, service_, given);
    if (!look) {
      report_.verdict = verdict_of(look.error(), Outcome::kFailedToStart);
      return nullptr;
    }
    look_ = *std::move(look);
    report_.deployment_id = look_.deployment;
    return &look_;
  }

  const ItemReport& report() const { return report_; }
  ItemReport end(Verdict verdict) {
    report_.verdict = std::move(verdict);
    return report_;
  }
  ItemReport refuse(Error error) {
    return end(verdict_of(std::move(error), Outcome::kFailedToStart));
  }
  void asked() { report_.changed = true; }
  ItemReport unwatched(const std::string& what) {
    report_.traffic = "was asked to " + what + ", and nobody watched";
    return report_;
  }

  // To its end. `canary` has the steps that are judged on the way.
  Verdict follow(const Canary& canary, Duration max_wait, CodeDeployShift::Go go) {
    CodeDeployEnd end = watch(canary, max_wait, go);
    const Result<ServiceLook> now =
        describe_service(context_.ecs, context_.cluster, service_.service.serviceName);
    if (now) report_.task_definition = family_revision_of(definition_in_use(now->service));
    report_.traffic = std::move(end.traffic);
    return std::move(end.verdict);
  }

 private:
  CodeDeployEnd watch(const Canary& canary, Duration max_wait, CodeDeployShift::Go go) {
    const ShiftByCodeDeploy action = what_is_left(context_, service_, look_, canary);
    Result<CodeDeployEnds> ends = look_at_code_deploy_ends(context_, action, service_.service);
    if (!ends) return {.verdict = verdict_of(ends.error(), Outcome::kFailed)};
    Poller poller(context_);
    CodeDeployShift shift(context_, poller, report_.subject, action,
                          ServiceWatch{.service = action.service,
                                       .our_deployment = look_.deployment,
                                       .taskDefinition = service_.code_deploy_definition,
                                       .since = context_.clock().now(),
                                       .max_wait = max_wait},
                          *std::move(ends), go);
    return shift.follow();
  }

  Context& context_;
  const ServiceLook& service_;
  CodeDeployLook look_;
  ItemReport report_;
};

}  // namespace

std::optional<ServiceLook> deployed_by_code_deploy(Context& context, const std::string& service) {
  Result<ServiceLook> look = describe_service(context.ecs, context.cluster, service);
  if (!look || look->service.deploymentController != "CODE_DEPLOY") return std::nullopt;
  return *std::move(look);
}

ItemReport stop_by_hand(Context& context, const Subject& subject, const ServiceLook& service,
                        const StopDeployment& wanted) {
  Handling handling(context, subject, service);
  const CodeDeployLook* const look = handling.begin(wanted.deployment);
  if (look == nullptr) return handling.report();
  const bool goes_back = wanted.stopType != "ABORT";
  const Result<bool> stopped =
      stop_code_deploy(context, {.subject = subject}, look->deployment, goes_back);
  if (!stopped) return handling.refuse(stopped.error());
  if (!*stopped)
    return handling.end(verdict_of_error(
        problem("deployment.completed",
                fmt::format("deployment {} had ended before it could be stopped; to leave what it "
                            "deployed: slipway rollback",
                            look->deployment)),
        Outcome::kFailed));
  handling.asked();
  if (!wanted.wait) return handling.unwatched("stop");

  Verdict verdict =
      handling.follow({}, wanted.max_wait,
                      goes_back ? CodeDeployShift::Go::kBack : CodeDeployShift::Go::kAsTheStepsSay);
  const bool is_as_asked =
      verdict.outcome == Outcome::kRolledBack ||
      (!goes_back && verdict.error && verdict.error->code == "deployment.stopped");
  return handling.end(is_as_asked ? Verdict{} : std::move(verdict));
}

ItemReport continue_by_hand(Context& context, const Subject& subject, const ServiceLook& service,
                            const ContinueDeployment& wanted) {
  if (wanted.rollback)
    return stop_by_hand(context, subject, service,
                        {.service = wanted.service,
                         .deployment = wanted.deployment,
                         .wait = wanted.wait,
                         .max_wait = wanted.max_wait});
  Handling handling(context, subject, service);
  const CodeDeployLook* const look = handling.begin(wanted.deployment);
  if (look == nullptr) return handling.report();
  context.events.say(subject, observed(*look));
  const std::string waits_for = look->waits_for();
  if (waits_for.empty() || (!wanted.hookId.empty() && wanted.hookId != waits_for))
    return handling.refuse(
        problem("deployment.not-paused",
                fmt::format("deployment {} waits for nobody{}; it is {}{}", look->deployment,
                            wanted.hookId.empty() ? "" : " at " + wanted.hookId, look->status,
                            look->lifecycleEvent.empty() ? "" : ", " + look->lifecycleEvent)));
  const bool moves_traffic = waits_for == kReadyWait;
  const Result<void> sent = continue_code_deploy(context, subject, look->deployment,
                                                 moves_traffic ? kReadyWait : kTerminationWait);
  if (!sent) return handling.refuse(sent.error());
  handling.asked();
  if (!wanted.wait) return handling.unwatched("go on");
  return handling.end(handling.follow(moves_traffic ? wanted.canary.value_or(Canary{}) : Canary{},
                                      wanted.max_wait, CodeDeployShift::Go::kAhead));
}

}  // namespace slipway
