#include "execute/code_deploy_group.h"

#include "aws/codedeploy.h"
#include "base/fiber.h"
#include "base/text.h"
#include "execute/watch.h"
#include "plan/code_deploy_canary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipway {

namespace codedeploy = aws::codedeploy;

namespace {

constexpr std::size_t kAtOnce = 16;
constexpr std::string_view kBuiltIn = "CodeDeployDefault.";

struct GroupName {
  std::string application;
  std::string deployment_group;
};

// ---- Which group -------------------------------------------------------------------------------

bool deploys(const codedeploy::DeploymentGroupInfo& group, const std::string& cluster,
             const std::string& service) {
  return std::ranges::any_of(group.ecsServices, [&](const codedeploy::ECSService& each) {
    return each.clusterName == cluster && each.serviceName == service;
  });
}

Result<std::vector<std::string>> all_applications(Context& context) {
  TRY(auto listed, context.clients.call(codedeploy::ListApplications, {})
                       .context("looking for the deployment group"));
  return std::move(listed.applications);
}

Result<std::vector<GroupName>> groups_that_deploy(Context& context, const std::string& application,
                                                  const std::string& service) {
  constexpr std::size_t kPerCall = 100;
  std::vector<GroupName> found;
  TRY(const auto listed,
      context.clients
          .call(codedeploy::ListDeploymentGroups, {.applicationName = application, .nextToken = {}})
          .context("looking for the deployment group"));
  const std::vector<std::string>& names = listed.deploymentGroups;
  for (std::size_t first = 0; first < names.size(); first += kPerCall) {
    const auto begin = names.begin() + static_cast<std::ptrdiff_t>(first);
    const auto count = std::min(kPerCall, names.size() - first);
    TRY(const auto seen,
        context.clients
            .call(codedeploy::BatchGetDeploymentGroups,
                  {.applicationName = application,
                   .deploymentGroupNames = {begin, begin + static_cast<std::ptrdiff_t>(count)}})
            .context("looking for the deployment group"));
    for (const codedeploy::DeploymentGroupInfo& group : seen.deploymentGroupsInfo)
      if (deploys(group, last_segment(context.cluster), service))
        found.push_back({application, group.deploymentGroupName});
  }
  return found;
}

Result<GroupName> search(Context& context, const CodeDeployMover& mover,
                         const std::string& service) {
  std::vector<std::string> applications = {mover.application};
  if (mover.application.empty()) {
    TRY(applications, all_applications(context));
  }
  std::vector<GroupName> found;
  for (const std::string& application : applications) {
    TRY(std::vector<GroupName> some, groups_that_deploy(context, application, service));
    std::ranges::move(some, std::back_inserter(found));
  }
  if (found.size() == 1) return found.front();
  if (found.empty())
    return Error{ErrorKind::kNotFound, "deployment-group.missing",
                 fmt::format("no deployment group of CodeDeploy{} deploys service {} of cluster {}",
                             mover.application.empty() ? "" : "'s " + mover.application, service,
                             last_segment(context.cluster))};
  std::vector<std::string> names;
  for (const GroupName& name : found)
    names.push_back(name.application + "/" + name.deployment_group);
  return Error{ErrorKind::kInvalid, "deployment-group.several",
               fmt::format("several deployment groups deploy service {}: {}; say with "
                           "`application` and `deployment_group` which",
                           service, join(names, ", "))};
}

Result<GroupName> name_of_group(Context& context, const CodeDeployMover& mover,
                                const ServiceLook& service) {
  if (!mover.application.empty() && !mover.deployment_group.empty())
    return GroupName{mover.application, mover.deployment_group};
  if (mover.application.empty() && !service.code_deploy_deployment.empty()) {
    const auto last = context.clients.call(codedeploy::GetDeployment,
                                           {.deploymentId = service.code_deploy_deployment});
    if (last)
      return GroupName{last->deploymentInfo.applicationName,
                       last->deploymentInfo.deploymentGroupName};
    if (called_off(last.error())) return last.error();
  }
  return search(context, mover, service.service.serviceName);
}

// ---- Its configurations ------------------------------------------------------------------------

Result<std::optional<DeploymentConfigSnapshot>> look_at_config(Context& context,
                                                               const std::string& name) {
  TRY(const auto reply,
      context.clients.call(codedeploy::GetDeploymentConfig, {.deploymentConfigName = name})
          .context("looking at deployment configuration " + name));
  const codedeploy::DeploymentConfigInfo& info = reply.deploymentConfigInfo;
  if (info.computePlatform != "ECS") return std::optional<DeploymentConfigSnapshot>();
  const codedeploy::TrafficRoutingConfig& routing = info.trafficRoutingConfig;
  DeploymentConfigSnapshot config{.deploymentConfigName = name, .type = routing.type};
  if (routing.type == "TimeBasedCanary") {
    config.percent = routing.timeBasedCanary.canaryPercentage;
    config.interval = std::chrono::minutes(routing.timeBasedCanary.canaryInterval);
  } else if (routing.type == "TimeBasedLinear") {
    config.percent = routing.timeBasedLinear.linearPercentage;
    config.interval = std::chrono::minutes(routing.timeBasedLinear.linearInterval);
  }
  return std::optional(std::move(config));
}

bool is_built_in(std::string_view name) { return name.starts_with(kBuiltIn); }

bool some_make_steps(const DeploymentGroupSnapshot& group, const Canary& canary) {
  const auto makes = [&](const DeploymentConfigSnapshot& config) {
    return makes_steps(config, canary);
  };
  return std::ranges::any_of(built_in_deployment_configs(), makes) ||
         std::ranges::any_of(group.configs, makes);
}

Result<void> look_at_configs(Context& context, const Canary& canary,
                             DeploymentGroupSnapshot& group) {
  if (!is_built_in(group.deploymentConfigName)) {
    TRY(std::optional<DeploymentConfigSnapshot> own,
        look_at_config(context, group.deploymentConfigName));
    if (own) group.configs.push_back(std::move(*own));
  }
  if (some_make_steps(group, canary)) return {};
  const auto listed =
      context.optional.call(codedeploy::ListDeploymentConfigs, {},
                            "only the group's own configuration and CodeDeploy's can be used");
  if (!listed) return {};
  std::vector<std::string> names;
  for (const std::string& name : listed->deploymentConfigsList)
    if (!is_built_in(name) && name != group.deploymentConfigName) names.push_back(name);
  std::vector<std::optional<Result<std::optional<DeploymentConfigSnapshot>>>> seen(names.size());
  Group calls(context.runtime.fibers, kAtOnce);
  for (std::size_t i = 0; i < names.size(); ++i)
    calls.spawn("read a configuration", [&, i] { seen[i] = look_at_config(context, names[i]); });
  calls.join();
  for (auto& config : seen) {
    if (!config) continue;
    TRY(std::optional<DeploymentConfigSnapshot> one, std::move(*config));
    if (one) group.configs.push_back(std::move(*one));
  }
  return {};
}

// ---- The group ---------------------------------------------------------------------------------

DeploymentGroupSnapshot snapshot_of(const codedeploy::DeploymentGroupInfo& info) {
  DeploymentGroupSnapshot group{.application = info.applicationName,
                                .deployment_group = info.deploymentGroupName,
                                .clusterName = {},
                                .serviceName = {},
                                .deploymentConfigName = info.deploymentConfigName,
                                .configs = {},
                                .alarms = {},
                                .rollback_events = {},
                                .target_groups = {},
                                .waits_for_go_ahead = {},
                                .running = {},
                                .running_status = {}};
  if (!info.ecsServices.empty()) {
    group.clusterName = last_segment(info.ecsServices.front().clusterName);
    group.serviceName = last_segment(info.ecsServices.front().serviceName);
  }
  if (info.alarmConfiguration.enabled.value_or(false))
    for (const codedeploy::Alarm& alarm : info.alarmConfiguration.alarms)
      group.alarms.push_back(alarm.name);
  if (info.autoRollbackConfiguration.enabled.value_or(false))
    group.rollback_events = info.autoRollbackConfiguration.events;
  if (!info.loadBalancerInfo.targetGroupPairInfoList.empty())
    for (const auto& target_group :
         info.loadBalancerInfo.targetGroupPairInfoList.front().targetGroups)
      group.target_groups.push_back(target_group.name);
  const auto& blue_green = info.blueGreenDeploymentConfiguration;
  if (blue_green.deploymentReadyOption &&
      blue_green.deploymentReadyOption->actionOnTimeout == "STOP_DEPLOYMENT")
    group.waits_for_go_ahead =
        std::chrono::minutes(blue_green.deploymentReadyOption->waitTimeInMinutes.value_or(0));
  if (const auto& old = blue_green.terminateBlueInstancesOnDeploymentSuccess)
    group.keeps_old = std::chrono::minutes(old->terminationWaitTimeInMinutes.value_or(0));
  constexpr std::array<std::string_view, 5> kUnfinished = {"Created", "Queued", "InProgress",
                                                           "Baking", "Ready"};
  const std::string_view status = string_or_empty(info.lastAttemptedDeployment, "status");
  if (std::ranges::find(kUnfinished, status) != kUnfinished.end()) {
    group.running = string_or_empty(info.lastAttemptedDeployment, "deploymentId");
    group.running_status = status;
  }
  return group;
}

}  // namespace

Result<DeploymentGroupSnapshot> look_at_deployment_group(Context& context,
                                                         const CodeDeployMover& mover,
                                                         const Canary& canary,
                                                         const ServiceLook& service) {
  TRY(const GroupName name, name_of_group(context, mover, service));
  TRY(const auto reply,
      context.clients
          .call(codedeploy::GetDeploymentGroup,
                {.applicationName = name.application, .deploymentGroupName = name.deployment_group})
          .context("looking at deployment group " + name.application + "/" +
                   name.deployment_group));
  DeploymentGroupSnapshot group = snapshot_of(reply.deploymentGroupInfo);
  TRY_VOID(look_at_configs(context, canary, group));
  return group;
}

}  // namespace slipway
