#include "sim/code_deploy.h"

#include "sim/code_deploy_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::sim {
namespace codedeploy {

ServiceError refused(const char* code, std::string message) {
  return {400, code, std::move(message), {}};
}

Answer<JsonObject> page(const Call& call, std::string_view member,
                        const std::vector<PageItem>& items) {
  return page_of(call.input, items,
                 {.member = member,
                  .token = "nextToken",
                  .bad_token = refused("InvalidNextTokenException",
                                       "The next token was specified in an invalid format.")});
}

// ---- Finding ----------------------------------------------------------------------------------

Answer<CodeDeployApplication*> the_application(const Call& call) {
  const std::string_view name = string_or_empty(call.input, "applicationName");
  if (name.empty())
    return refused("ApplicationNameRequiredException", "Application name is required");
  auto& all = call.region.code_deployments->applications;
  const auto found = all.find(name);
  if (found == all.end())
    return refused("ApplicationDoesNotExistException",
                   fmt::format("No application found for name: {}", name));
  return &found->second;
}

Answer<DeploymentGroup*> the_group(const Call& call) {
  TRY(CodeDeployApplication * application, the_application(call));
  const std::string_view name = string_or_empty(call.input, "deploymentGroupName");
  if (name.empty())
    return refused("DeploymentGroupNameRequiredException", "Deployment group name is required");
  const auto found = application->groups.find(name);
  if (found == application->groups.end())
    return refused("DeploymentGroupDoesNotExistException",
                   fmt::format("No Deployment Group found for name: {}", name));
  return &found->second;
}

Answer<CodeDeployment*> the_deployment(const Call& call) {
  const std::string_view id = string_or_empty(call.input, "deploymentId");
  if (id.empty()) return refused("DeploymentIdRequiredException", "Deployment id is required");
  CodeDeployment* found = find_deployment(*call.region.code_deployments, id);
  if (found == nullptr)
    return refused("DeploymentDoesNotExistException",
                   fmt::format("The deployment {} could not be found", id));
  return found;
}

}  // namespace codedeploy

namespace {

using namespace codedeploy;

Reply list(const Call& call, std::string_view member, const std::vector<PageItem>& items) {
  TRY(JsonObject shown_page, page(call, member, items));
  return answer_with(std::move(shown_page));
}

// ---- Applications -----------------------------------------------------------------------------

Reply CreateApplication(const Call& call) {
  const std::string name(string_or_empty(call.input, "applicationName"));
  if (string_or_empty(call.input, "computePlatform") != "ECS")
    return refused("InvalidComputePlatformException",
                   "Only applications of the compute platform ECS are simulated.");
  auto& all = call.region.code_deployments->applications;
  if (all.contains(name))
    return refused("ApplicationAlreadyExistsException",
                   fmt::format("An application with the name \"{}\" already exists", name));
  CodeDeployApplication& added = all[name];
  added.name = name;
  added.id = call.region.random.uuid();
  added.created_at = call.region.now;
  return answer_with({{"applicationId", added.id}});
}

Reply GetApplication(const Call& call) {
  TRY(CodeDeployApplication * application, the_application(call));
  return answer_with(
      {{"application", JsonObject{{"applicationId", application->id},
                                  {"applicationName", application->name},
                                  {"createTime", seconds_of(application->created_at)},
                                  {"linkedToGitHub", false},
                                  {"computePlatform", "ECS"}}}});
}

Reply ListApplications(const Call& call) {
  std::vector<PageItem> items;
  for (const auto& [name, application] : call.region.code_deployments->applications)
    items.push_back({name, Json(name)});
  return list(call, "applications", items);
}

Reply DeleteApplication(const Call& call) {
  auto& all = call.region.code_deployments->applications;
  const auto found = all.find(string_or_empty(call.input, "applicationName"));
  if (found != all.end()) all.erase(found);
  return JsonText{};
}

// ---- Configurations ---------------------------------------------------------------------------

Answer<TrafficRouting> read_routing(const Json& input) {
  TrafficRouting routing;
  const Json* given = find(input, "trafficRoutingConfig");
  if (given == nullptr) return routing;
  routing.type = string_or_empty(*given, "type");
  const bool is_canary = routing.type == "TimeBasedCanary";
  const Json* timed = find(*given, is_canary ? "timeBasedCanary" : "timeBasedLinear");
  if (routing.type == "AllAtOnce") return routing;
  const auto percent = timed == nullptr
                           ? std::nullopt
                           : find_int(*timed, is_canary ? "canaryPercentage" : "linearPercentage");
  const auto minutes = timed == nullptr
                           ? std::nullopt
                           : find_int(*timed, is_canary ? "canaryInterval" : "linearInterval");
  if (!percent || !minutes || *percent < 1 || *percent > 99)
    return refused("InvalidTrafficRoutingConfigurationException",
                   "The traffic routing configuration needs a percentage from 1 to 99 and an "
                   "interval in minutes.");
  routing.percent = static_cast<int>(*percent);
  routing.interval = std::chrono::minutes(*minutes);
  return routing;
}

Reply CreateDeploymentConfig(const Call& call) {
  CodeDeployments& all = *call.region.code_deployments;
  DeploymentConfig config;
  config.name = string_or_empty(call.input, "deploymentConfigName");
  if (find_deployment_config(all, config.name))
    return refused("DeploymentConfigAlreadyExistsException",
                   fmt::format("Deployment Configuration already exists: {}", config.name));
  TRY(config.routing, read_routing(call.input));
  config.id = call.region.random.uuid();
  config.created_at = call.region.now;
  const std::string id = config.id;
  const std::string name = config.name;
  all.configs.emplace(name, std::move(config));
  return answer_with({{"deploymentConfigId", id}});
}

JsonObject shown(const TrafficRouting& routing) {
  JsonObject json{{"type", routing.type}};
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(routing.interval).count();
  if (routing.type == "TimeBasedCanary")
    json["timeBasedCanary"] =
        JsonObject{{"canaryPercentage", routing.percent}, {"canaryInterval", minutes}};
  if (routing.type == "TimeBasedLinear")
    json["timeBasedLinear"] =
        JsonObject{{"linearPercentage", routing.percent}, {"linearInterval", minutes}};
  return json;
}

Reply GetDeploymentConfig(const Call& call) {
  const std::string_view name = string_or_empty(call.input, "deploymentConfigName");
  const auto config = find_deployment_config(*call.region.code_deployments, name);
  if (!config)
    return refused("DeploymentConfigDoesNotExistException",
                   fmt::format("No Deployment Configuration found for name: {}", name));
  return answer_with(
      {{"deploymentConfigInfo", JsonObject{{"deploymentConfigId", config->id},
                                           {"deploymentConfigName", config->name},
                                           {"createTime", seconds_of(config->created_at)},
                                           {"computePlatform", "ECS"},
                                           {"trafficRoutingConfig", shown(config->routing)}}}});
}

Reply DeleteDeploymentConfig(const Call& call) {
  auto& all = call.region.code_deployments->configs;
  const auto found = all.find(string_or_empty(call.input, "deploymentConfigName"));
  if (found != all.end()) all.erase(found);
  return JsonText{};
}

// ---- Deployment groups ------------------------------------------------------------------------

std::optional<ServiceError> group_problem(const Call& call) {
  const Json& input = call.input;
  const std::string_view config = string_or_empty(input, "deploymentConfigName");
  if (!config.empty() && !find_deployment_config(*call.region.code_deployments, config))
    return refused("DeploymentConfigDoesNotExistException",
                   fmt::format("No Deployment Configuration found for name: {}", config));
  const JsonArray* services = find_array(input, "ecsServices");
  if (services == nullptr || services->size() != 1)
    return refused("InvalidECSServiceException",
                   "For an ECS deployment group, specify exactly one ECS service");
  const Json* style = find(input, "deploymentStyle");
  if (style == nullptr || string_or_empty(*style, "deploymentType") != "BLUE_GREEN" ||
      string_or_empty(*style, "deploymentOption") != "WITH_TRAFFIC_CONTROL")
    return refused("InvalidDeploymentStyleException",
                   "For ECS deployment group, deploymentType must be set to BLUE_GREEN and "
                   "deploymentOption must be set to WITH_TRAFFIC_CONTROL");
  const Json* balancing = find(input, "loadBalancerInfo");
  const JsonArray* pairs =
      balancing == nullptr ? nullptr : find_array(*balancing, "targetGroupPairInfoList");
  if (pairs == nullptr || pairs->size() != 1)
    return refused("InvalidLoadBalancerInfoException",
                   "For ECS deployment group, targetGroupPairInfoList must be specified");
  const JsonArray* groups = find_array(pairs->front(), "targetGroups");
  if (groups == nullptr || groups->size() != 2)
    return refused("InvalidTargetGroupPairException",
                   "A target group pair must have two target groups");
  if (find(input, "blueGreenDeploymentConfiguration") == nullptr)
    return refused("InvalidBlueGreenDeploymentConfigurationException",
                   "For an ECS deployment group, specify the blue/green deployment configuration");
  return std::nullopt;
}

Reply CreateDeploymentGroup(const Call& call) {
  TRY(CodeDeployApplication * application, the_application(call));
  const std::string name(string_or_empty(call.input, "deploymentGroupName"));
  if (application->groups.contains(name))
    return refused("DeploymentGroupAlreadyExistsException",
                   fmt::format("DeploymentGroup already exists: {}", name));
  if (auto error = group_problem(call)) return *error;
  DeploymentGroup& group = application->groups[name];
  group.id = call.region.random.uuid();
  group.name = name;
  group.settings = call.input;
  return answer_with({{"deploymentGroupId", group.id}});
}

JsonObject shown_last(const CodeDeployments& all, const std::string& id) {
  const CodeDeployment* deployment = find_deployment(all, id);
  JsonObject json{{"deploymentId", id}, {"status", deployment->status}};
  if (deployment->completed_at) json["endTime"] = seconds_of(*deployment->completed_at);
  json["createTime"] = seconds_of(deployment->created_at);
  return json;
}

JsonObject shown(const CodeDeployments& all, const std::string& application,
                 const DeploymentGroup& group) {
  JsonObject json{{"applicationName", application},
                  {"deploymentGroupId", group.id},
                  {"deploymentGroupName", group.name},
                  {"deploymentConfigName", kUsualConfig}};
  for (const char* member : {"deploymentConfigName", "serviceRoleArn", "triggerConfigurations",
                             "alarmConfiguration", "autoRollbackConfiguration", "deploymentStyle",
                             "blueGreenDeploymentConfiguration", "loadBalancerInfo", "ecsServices"})
    if (const Json* given = find(group.settings, member)) json[member] = *given;
  json["computePlatform"] = "ECS";
  if (!group.last_success.empty())
    json["lastSuccessfulDeployment"] = shown_last(all, group.last_success);
  if (!group.last_deployment.empty())
    json["lastAttemptedDeployment"] = shown_last(all, group.last_deployment);
  return json;
}

Reply GetDeploymentGroup(const Call& call) {
  TRY(CodeDeployApplication * application, the_application(call));
  TRY(DeploymentGroup * group, the_group(call));
  return answer_with(
      {{"deploymentGroupInfo", shown(*call.region.code_deployments, application->name, *group)}});
}

Reply BatchGetDeploymentGroups(const Call& call) {
  TRY(CodeDeployApplication * application, the_application(call));
  JsonArray infos;
  std::string missing;
  for (const std::string& name : strings(call.input, "deploymentGroupNames")) {
    const auto found = application->groups.find(name);
    if (found == application->groups.end())
      missing = fmt::format("No Deployment Group found for name: {}", name);
    else
      infos.push_back(shown(*call.region.code_deployments, application->name, found->second));
  }
  JsonObject json{{"deploymentGroupsInfo", std::move(infos)}};
  if (!missing.empty()) json["errorMessage"] = missing;
  return answer_with(std::move(json));
}

Reply ListDeploymentGroups(const Call& call) {
  TRY(CodeDeployApplication * application, the_application(call));
  std::vector<PageItem> items;
  for (const auto& [name, group] : application->groups) items.push_back({name, Json(name)});
  TRY(JsonObject page, page_of(call.input, items,
                               {.member = "deploymentGroups",
                                .token = "nextToken",
                                .bad_token = refused("InvalidNextTokenException", "")}));
  page["applicationName"] = application->name;
  return answer_with(std::move(page));
}

Reply DeleteDeploymentGroup(const Call& call) {
  TRY(CodeDeployApplication * application, the_application(call));
  const auto found = application->groups.find(string_or_empty(call.input, "deploymentGroupName"));
  if (found != application->groups.end()) application->groups.erase(found);
  return answer_with({{"hooksNotCleanedUp", JsonArray{}}});
}

// ---- Tables -----------------------------------------------------------------------------------

// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
struct BuiltIn {
  const char* name;
  const char* type;
  int percent;
  int minutes;
};
constexpr std::array kBuiltIn = {
    BuiltIn{"CodeDeployDefault.ECSAllAtOnce", "AllAtOnce", 100, 0},
    BuiltIn{"CodeDeployDefault.ECSCanary10Percent15Minutes", "TimeBasedCanary", 10, 15},
    BuiltIn{"CodeDeployDefault.ECSCanary10Percent5Minutes", "TimeBasedCanary", 10, 5},
    BuiltIn{"CodeDeployDefault.ECSLinear10PercentEvery1Minutes", "TimeBasedLinear", 10, 1},
    BuiltIn{"CodeDeployDefault.ECSLinear10PercentEvery3Minutes", "TimeBasedLinear", 10, 3},
};

Reply ListDeploymentConfigs(const Call& call) {
  std::vector<PageItem> items;
  for (const BuiltIn& each : kBuiltIn) items.push_back({each.name, Json(each.name)});
  for (const auto& [name, config] : call.region.code_deployments->configs)
    items.push_back({name, Json(name)});
  std::sort(items.begin(), items.end(),
            [](const PageItem& a, const PageItem& b) { return a.key < b.key; });
  return list(call, "deploymentConfigsList", items);
}

constexpr bool kReads = true;

constexpr std::array kOperations = {
    Operation{"BatchGetDeploymentGroups", BatchGetDeploymentGroups, kReads},
    Operation{"BatchGetDeploymentTargets", BatchGetDeploymentTargets, kReads},
    Operation{"BatchGetDeployments", BatchGetDeployments, kReads},
    Operation{"ContinueDeployment", ContinueDeployment},
    Operation{"CreateApplication", CreateApplication},
    Operation{"CreateDeployment", CreateDeployment},
    Operation{"CreateDeploymentConfig", CreateDeploymentConfig},
    Operation{"CreateDeploymentGroup", CreateDeploymentGroup},
    Operation{"DeleteApplication", DeleteApplication},
    Operation{"DeleteDeploymentConfig", DeleteDeploymentConfig},
    Operation{"DeleteDeploymentGroup", DeleteDeploymentGroup},
    Operation{"GetApplication", GetApplication, kReads},
    Operation{"GetApplicationRevision", GetApplicationRevision, kReads},
    Operation{"GetDeployment", GetDeployment, kReads},
    Operation{"GetDeploymentConfig", GetDeploymentConfig, kReads},
    Operation{"GetDeploymentGroup", GetDeploymentGroup, kReads},
    Operation{"GetDeploymentTarget", GetDeploymentTarget, kReads},
    Operation{"ListApplications", ListApplications, kReads},
    Operation{"ListDeploymentConfigs", ListDeploymentConfigs, kReads},
    Operation{"ListDeploymentGroups", ListDeploymentGroups, kReads},
    Operation{"ListDeploymentTargets", ListDeploymentTargets, kReads},
    Operation{"ListDeployments", ListDeployments, kReads},
    Operation{"StopDeployment", StopDeployment},
};

}  // namespace

std::optional<DeploymentConfig> find_deployment_config(const CodeDeployments& all,
                                                       std::string_view name) {
  for (const BuiltIn& each : kBuiltIn)
    if (each.name == name)
      return DeploymentConfig{
          .id = "00000000-0000-0000-0000-000000000000",
          .name = each.name,
          .routing = {each.type, each.percent, std::chrono::minutes(each.minutes)},
          .created_at = TimePoint()};
  const auto found = all.configs.find(name);
  if (found == all.configs.end()) return std::nullopt;
  return found->second;
}

CodeDeployment* find_deployment(const CodeDeployments& all, std::string_view id) {
  for (const auto& each : all.deployments)
    if (each->id == id) return each.get();
  return nullptr;
}

std::span<const Operation> code_deploy_operations() { return kOperations; }

}  // namespace slipway::sim
