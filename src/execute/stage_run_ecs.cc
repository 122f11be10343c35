// One service whose traffic ECS moves itself: the update, the watch over its stages, and the
// service's own deploymentConfiguration put back when it has ended.
#include "aws/codec.h"
#include "execute/changes.h"
#include "execute/ecs_shift.h"
#include "execute/observe.h"
#include "execute/requests.h"
#include "execute/service_deployments.h"
#include "execute/stage_run.h"

#include <fmt/format.h>

#include <utility>

namespace slipway {
namespace {

Result<aws::DeploymentConfiguration> decoded(const Json& configuration) {
  return aws::from_json<aws::DeploymentConfiguration>(configuration);
}

}  // namespace

Verdict StageRun::act(Item& item, const Step& step, const ShiftByEcs& action) {
  if (is_undo()) return undo(item, step, action);
  const Known* const before = known(action.service);
  if (before == nullptr)
    return verdict_of_error(Error{ErrorKind::kInternal, "plan.not-observed",
                                  "service " + action.service + " was not looked at"},
                            Outcome::kFailedToStart);
  return shift(item, step, action, before->service);
}

Verdict StageRun::shift(Item& item, const Step& step, const ShiftByEcs& action,
                        const ServiceSnapshot& before) {
  Result<aws::DeploymentConfiguration> configuration = decoded(action.deploymentConfiguration);
  if (!configuration) return verdict_of(configuration.error(), Outcome::kFailedToStart);
  Result<EcsEnds> ends = look_at_ecs_ends(context_, item.plan.subject, action.canary, before);
  if (!ends) return verdict_of(ends.error(), Outcome::kFailedToStart);
  if (!action.canary.checks.empty()) {
    TrafficChecks checks(context_, item.plan.subject, action.canary, ends->from, ends->to);
    if (const Result<void> quiet = checks.may_begin(); !quiet)
      return verdict_of(quiet.error(), Outcome::kFailedToStart);
  }
  const UpdateService update{.cluster = action.cluster,
                             .service = action.service,
                             .task_definition = action.task_definition,
                             .forceNewDeployment = action.forceNewDeployment};
  Result<SentUpdate> sent = send_update(item, step, update, before, std::move(*configuration));
  if (!sent) return item.report.verdict;
  if (!settings_.wait) return {};
  if (sent->answer.service_deployment.empty()) {
    // Then there is only the service itself to go by.
    return watch_service(item, std::move(sent->watch), &sent->answer);
  }
  std::set<std::string> old_events;
  for (const ServiceEvent& event : sent->answer.events) old_events.insert(event.id);

  EcsShift following(context_, poller_, item.plan.subject, action, sent->watch,
                     sent->answer.service_deployment, *std::move(ends));
  EcsShiftEnd end = following.follow();
  item.report.traffic = std::move(end.traffic);
  if (!end.has_ended) return end.verdict;
  if (end.verdict.outcome != Outcome::kSuperseded) put_back_configuration(item, action);
  if (is_good(end.verdict)) {
    say(item, ServiceStable{});
    return end.verdict;
  }
  const Result<Result<ServiceLook>> looked = poller_.look_at_service(action.service, now());
  if (looked && *looked) {
    const ServiceLook& last = **looked;
    item.report.task_definition = family_revision_of(definition_in_use(last.service));
    if (end.verdict.rolled_back_by != RolledBackBy::kUs)
      explain_failure(item, sent->watch, last, old_events, sent->answer.service_deployment,
                      end.verdict);
  }
  return end.verdict;
}

// The release says how it is carried out, not how the service is deployed from now on.
void StageRun::put_back_configuration(Item& item, const ShiftByEcs& action) {
  if (action.afterwards.is_null()) return;
  Result<aws::DeploymentConfiguration> configuration = decoded(action.afterwards);
  Result<void> done;
  if (!configuration) {
    done = configuration.error();
  } else {
    const aws::UpdateServiceRequest request{.cluster = action.cluster,
                                            .service = action.service,
                                            .deploymentConfiguration = std::move(*configuration)};
    done = context_.events.announce(item.plan.subject, "ecs:UpdateService",
                                    to_json(aws::ref(request)), is_undo());
    if (done)
      if (const auto reply = context_.ecs.call(aws::UpdateService, request); !reply)
        done = reply.error();
  }
  if (!done)
    say(item, Note{NoteLevel::kWarning, fmt::format("service {} keeps the deploymentConfiguration "
                                                    "of this release: {}",
                                                    action.service, done.error().message)});
}

// What is still on its way is stopped, which is a flip of weights onto warm tasks; what has arrived
// is brought back by a deployment of its own.
Verdict StageRun::undo(Item& item, const Step& step, const ShiftByEcs& action) {
  const Result<ServiceLook> look = look_before_undo(item, action.service);
  if (!look) return item.report.verdict;
  if (!look->service_deployment.empty()) {
    const Result<Result<aws::ServiceDeployment>> current =
        poller_.look_at_service_deployment(look->service_deployment, now());
    if (!current) return verdict_of(current.error(), Outcome::kStopped);
    if (*current && !has_ended((*current)->status)) {
      ItemReport stopped =
          stop_deployment(context_, item.plan.subject,
                          {.service = action.service, .deployment = look->service_deployment});
      if (!is_good(stopped.verdict)) {
        if (stopped.verdict.outcome == Outcome::kFailed)
          stopped.verdict.outcome = Outcome::kRollbackFailed;
        return stopped.verdict;
      }
      put_back_configuration(item, action);
      item.report.task_definition = stopped.task_definition;
      say(item, ServiceRolledBack{item.report.task_definition});
      return {};
    }
  }
  Verdict verdict = shift(item, step, action, look->service);
  if (is_good(verdict)) {
    say(item, ServiceRolledBack{item.report.task_definition});
  } else if (verdict.outcome != Outcome::kStopped && verdict.outcome != Outcome::kTimedOut) {
    verdict.outcome = Outcome::kRollbackFailed;
  }
  return verdict;
}

}  // namespace slipway
