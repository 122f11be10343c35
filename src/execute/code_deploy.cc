#include "execute/code_deploy.h"

#include "aws/codedeploy.h"
#include "aws/crypto.h"
#include "base/text.h"
#include "execute/requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace slipway {

namespace codedeploy = aws::codedeploy;
using namespace std::chrono_literals;

namespace {

// Clocks differ, and the list goes by CodeDeploy's.
constexpr Duration kClockSkew = 2min;

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> all) {
  return std::ranges::find(all, text) != all.end();
}

void read_target(const codedeploy::ECSTarget& target, CodeDeployLook& look) {
  for (const codedeploy::LifecycleEvent& event : target.lifecycleEvents) {
    if (is_one_of(event.status, {"InProgress", "Failed"})) {
      look.lifecycleEvent = event.lifecycleEventName;
      look.lifecycle_failure = event.diagnostics.message;
    }
    if (event.lifecycleEventName == "AfterAllowTestTraffic") look.ready_since = event.endTime;
  }
  for (const codedeploy::ECSTaskSet& set : target.taskSetsInfo) {
    // A part of a percent is not nothing.
    const bool is_little = set.trafficWeight > 0 && set.trafficWeight < 1;
    look.task_sets.push_back(
        {.id = set.identifer,
         .is_new = set.taskSetLabel == "Green",
         .weight = is_little ? 1 : static_cast<int>(std::lround(set.trafficWeight))});
  }
}

CodeDeployLook look_of(const codedeploy::DeploymentInfo& info) {
  CodeDeployLook look{.deployment = info.deploymentId,
                      .application = info.applicationName,
                      .deployment_group = info.deploymentGroupName,
                      .status = info.status,
                      .error_code = info.errorInformation.code,
                      .error_message = info.errorInformation.message,
                      .taken_back_by = info.rollbackInfo.rollbackDeploymentId,
                      .takes_back = info.rollbackInfo.rollbackTriggeringDeploymentId,
                      .has_moved_all = info.instanceTerminationWaitTimeStarted,
                      .lifecycleEvent = {},
                      .lifecycle_failure = {},
                      .target_groups = {},
                      .ready_since = {},
                      .ready_at_most = {},
                      .task_sets = {}};
  if (const auto& pairs = info.loadBalancerInfo.targetGroupPairInfoList; !pairs.empty())
    for (const codedeploy::TargetGroupInfo& group : pairs.front().targetGroups)
      look.target_groups.push_back(group.name);
  const auto& ready = info.blueGreenDeploymentConfiguration.deploymentReadyOption;
  if (ready && ready->waitTimeInMinutes)
    look.ready_at_most = std::chrono::minutes(*ready->waitTimeInMinutes);
  return look;
}

codedeploy::CreateDeploymentInput request_of(const ShiftByCodeDeploy& action,
                                             const std::string& task_definition,
                                             std::string token) {
  Json spec = action.app_spec;
  for (Json& resource : spec.at("Resources").as_array())
    resource.at("TargetService").at("Properties").as_object()["TaskDefinition"] = task_definition;
  std::string content = to_text(spec);
  std::string sha256 = aws::hex(aws::sha256(content));
  codedeploy::CreateDeploymentInput request{
      .applicationName = action.application,
      .deploymentGroupName = action.deployment_group,
      .revision =
          codedeploy::RevisionLocation{
              .revisionType = "AppSpecContent",
              .s3Location = {},
              .gitHubLocation = {},
              .string = {},
              .appSpecContent = codedeploy::AppSpecContent{std::move(content), std::move(sha256)}},
      .deploymentConfigName = action.deployment_config,
      .description =
          fmt::format("{} by slipway, {}", family_revision_of(task_definition), std::move(token)),
      .autoRollbackConfiguration =
          codedeploy::AutoRollbackConfiguration{.enabled = true, .events = action.rollback_events},
      .overrideAlarmConfiguration = {}};
  if (!action.alarms.empty()) {
    codedeploy::AlarmConfiguration alarms{
        .enabled = true, .ignorePollAlarmFailure = {}, .alarms = {}};
    for (const std::string& name : action.alarms) alarms.alarms.push_back({.name = name});
    request.overrideAlarmConfiguration = std::move(alarms);
  }
  return request;
}

// The description is ours alone.
Result<std::string> find_lost_deployment(Context& context,
                                         const codedeploy::CreateDeploymentInput& request,
                                         TimePoint since) {
  for (const Duration pause : {1s, 2s, 4s, 8s}) {
    TRY_VOID(context.clock().sleep_for(pause));
    const auto listed = context.clients.call(
        codedeploy::ListDeployments,
        {.applicationName = request.applicationName,
         .deploymentGroupName = request.deploymentGroupName,
         .externalId = {},
         .includeOnlyStatuses = {},
         .createTimeRange = codedeploy::TimeRange{.start = since - kClockSkew, .end = {}},
         .nextToken = {}});
    if (!listed && called_off(listed.error())) return listed.error();
    if (!listed) continue;
    for (const std::string& id : listed->deployments) {
      const auto seen = context.clients.call(codedeploy::GetDeployment, {.deploymentId = id});
      if (!seen && called_off(seen.error())) return seen.error();
      if (seen && seen->deploymentInfo.description == request.description) return id;
    }
  }
  return Error{ErrorKind::kNotFound, "deployment.missing",
               "no deployment of " + request.applicationName + "/" + request.deploymentGroupName +
                   " is described as ours"};
}

Error another_runs(const ShiftByCodeDeploy& action, const Error& said) {
  Error error{
      ErrorKind::kConflict, "deployment.running",
      fmt::format("service {} was not changed: another deployment of group {}/{} runs: {}",
                  action.service, action.application, action.deployment_group, said.message)};
  error.operation = said.operation;
  error.request_id = said.request_id;
  return error;
}

}  // namespace

bool is_code_deploy_id(std::string_view deployment) { return deployment.starts_with("d-"); }

bool CodeDeployLook::is_over() const {
  return is_one_of(status, {"Succeeded", "Failed", "Stopped"});
}

std::string CodeDeployLook::waits_for() const {
  if (status == "Ready") return std::string(kReadyWait);
  return has_moved_all && !is_over() ? std::string(kTerminationWait) : std::string();
}

const CodeDeployLook::TaskSet* CodeDeployLook::new_task_set() const {
  const auto found = std::ranges::find(task_sets, true, &TaskSet::is_new);
  return found == task_sets.end() ? nullptr : &*found;
}

Result<CodeDeployLook> look_at_code_deploy(Context& context, const std::string& deployment,
                                           const std::string& service) {
  TRY(const auto reply,
      context.clients.call(codedeploy::GetDeployment, {.deploymentId = deployment})
          .context("looking at deployment " + deployment));
  CodeDeployLook look = look_of(reply.deploymentInfo);
  // Until it has begun it has no target.
  if (is_one_of(look.status, {"Created", "Queued"})) return look;
  const std::string target = last_segment(context.cluster) + ":" + last_segment(service);
  const auto targets = context.clients.call(codedeploy::BatchGetDeploymentTargets,
                                            {.deploymentId = deployment, .targetIds = {target}});
  if (!targets) {
    if (is_one_of(targets.error().code,
                  {"DeploymentNotStartedException", "DeploymentTargetDoesNotExistException"}))
      return look;
    return Result<CodeDeployLook>(targets.error()).context("looking at deployment " + deployment);
  }
  for (const codedeploy::DeploymentTarget& each : targets->deploymentTargets)
    read_target(each.ecsTarget, look);
  return look;
}

CodeDeployObserved observed(const CodeDeployLook& look) {
  CodeDeployObserved seen{.deployment = look.deployment,
                          .status = look.status,
                          .reason = look.error_message,
                          .lifecycleEvent = look.is_over() ? "" : look.lifecycleEvent,
                          .waits_for = look.waits_for(),
                          .takes_back = look.takes_back};
  return seen;
}

Result<std::string> create_deployment(Context& context, const Change& change,
                                      const ShiftByCodeDeploy& action,
                                      const std::string& task_definition) {
  const codedeploy::CreateDeploymentInput request =
      request_of(action, task_definition, context.runtime.random.uuid());
  const TimePoint since = context.clock().now();
  for (bool again = true;; again = false) {
    const auto reply = call_announced(context, change, codedeploy::CreateDeployment, request);
    if (reply) return reply->deploymentId;
    Error lost = reply.error();
    lost.context.push_back("creating a deployment of " + request.applicationName + "/" +
                           request.deploymentGroupName);
    if (lost.code == "DeploymentLimitExceededException") return another_runs(action, lost);
    if (!aws::is_reply_lost(lost)) return lost;
    context.events.say(change.subject, Note{NoteLevel::kWarning,
                                            "no answer to codedeploy:CreateDeployment; looking "
                                            "whether a deployment was created"});
    Result<std::string> found = find_lost_deployment(context, request, since);
    if (found || called_off(found.error())) return found;
    if (!again) return lost;
  }
}

Result<void> continue_code_deploy(Context& context, const Subject& subject,
                                  const std::string& deployment, std::string_view wait_type) {
  const codedeploy::ContinueDeploymentInput request{.deploymentId = deployment,
                                                    .deploymentWaitType = std::string(wait_type)};
  const auto reply =
      call_announced(context, {.subject = subject}, codedeploy::ContinueDeployment, request);
  if (reply || is_one_of(reply.error().code, {"DeploymentIsNotInReadyStateException",
                                              "DeploymentAlreadyCompletedException"}))
    return {};
  Error error = reply.error();
  error.context.push_back("continuing deployment " + deployment);
  return error;
}

Result<bool> stop_code_deploy(Context& context, const Change& change, const std::string& deployment,
                              bool rolls_back) {
  const codedeploy::StopDeploymentInput request{.deploymentId = deployment,
                                                .autoRollbackEnabled = rolls_back};
  const auto reply = call_announced(context, change, codedeploy::StopDeployment, request);
  if (reply) return true;
  Error error = reply.error();
  if (error.code == "DeploymentAlreadyCompletedException") return false;
  error.context.push_back("stopping deployment " + deployment);
  return error;
}

}  // namespace slipway
