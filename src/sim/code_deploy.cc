#include "sim/code_deploy.h"

#include "aws/crypto.h"
#include "base/diagnostic.h"
#include "base/node.h"
#include "base/text.h"
#include "sim/calls.h"
#include "sim/code_deploy_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <utility>

namespace slipway::sim {
namespace {

ServiceError refused(const char* code, std::string message) {
  return {400, code, std::move(message), {}};
}

double seconds_of(TimePoint time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

Reply list(const Call& call, std::string_view member, const std::vector<PageItem>& items) {
  TRY(JsonObject page,
      page_of(call.input, items,
              {.member = member,
               .token = "nextToken",
               .bad_token = refused("InvalidNextTokenException",
                                    "The next token was specified in an invalid format.")}));
  return answer_with(std::move(page));
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

Answer<DeploymentGroup*> the_group(const Call& call, const char* member = "deploymentGroupName") {
  TRY(CodeDeployApplication * application, the_application(call));
  const std::string_view name = string_or_empty(call.input, member);
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

constexpr const char* kUsualConfig = "CodeDeployDefault.ECSAllAtOnce";

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

// ---- Deployments: beginning -------------------------------------------------------------------

// The TargetService's Properties of the AppSpec, JSON or YAML.
Answer<Json> read_app_spec(const Json& revision) {
  const auto invalid = [](std::string message) {
    return refused("InvalidRevisionException", std::move(message));
  };
  if (string_or_empty(revision, "revisionType") != "AppSpecContent")
    return invalid("Only revisions of the type AppSpecContent are simulated.");
  const Json* given = find(revision, "appSpecContent");
  const std::string text(given == nullptr ? "" : string_or_empty(*given, "content"));
  if (text.empty()) return invalid("The AppSpec content is missing.");
  if (const auto sha256 = find_string(*given, "sha256");
      sha256 && *sha256 != aws::hex(aws::sha256(text)))
    return invalid("The SHA-256 of the AppSpec content is not the one given.");
  Diagnostics diagnostics;
  const auto node = read_document(
      std::make_shared<SourceText>(SourceText{"appspec", text}),
      std::string_view(trim(text)).starts_with('{') ? TextFormat::kJson : TextFormat::kYaml,
      diagnostics);
  if (!node || diagnostics.error_count() > 0)
    return invalid("The AppSpec content could not be parsed.");
  const Json spec = to_json(*node);
  const JsonArray* resources = find_array(spec, "Resources");
  const Json* target = resources == nullptr || resources->empty()
                           ? nullptr
                           : find(resources->front(), "TargetService");
  const Json* properties = target == nullptr ? nullptr : find(*target, "Properties");
  if (properties == nullptr || string_or_empty(*target, "Type") != "AWS::ECS::Service")
    return invalid("The AppSpec content has no TargetService of the type AWS::ECS::Service.");
  if (string_or_empty(*properties, "TaskDefinition").empty())
    return invalid("The AppSpec content names no TaskDefinition.");
  const Json* balancing = find(*properties, "LoadBalancerInfo");
  if (balancing == nullptr || !find_string(*balancing, "ContainerName") ||
      !find_int(*balancing, "ContainerPort"))
    return invalid(
        "The AppSpec content needs LoadBalancerInfo with ContainerName and "
        "ContainerPort.");
  return *properties;
}

Reply CreateDeployment(const Call& call) {
  CodeDeployments& all = *call.region.code_deployments;
  TRY(CodeDeployApplication * application, the_application(call));
  TRY(DeploymentGroup * group, the_group(call));
  for (const auto& other : all.deployments)
    if (other->application == application->name && other->group == group->name && !other->is_over())
      return refused("DeploymentLimitExceededException",
                     fmt::format("The Deployment Group '{}' already has an active Deployment '{}'",
                                 group->name, other->id));
  const Json* revision = find(call.input, "revision");
  if (revision == nullptr) return refused("RevisionRequiredException", "Revision is required");
  auto deployment = std::make_unique<CodeDeployment>();
  TRY(deployment->wanted, read_app_spec(*revision));
  deployment->config = string_or_empty(call.input, "deploymentConfigName");
  if (deployment->config.empty())
    deployment->config =
        find_string(group->settings, "deploymentConfigName").value_or(kUsualConfig);
  const auto config = find_deployment_config(all, deployment->config);
  if (!config)
    return refused(
        "DeploymentConfigDoesNotExistException",
        fmt::format("No Deployment Configuration found for name: {}", deployment->config));
  deployment->routing = config->routing;
  deployment->application = application->name;
  deployment->group = group->name;
  deployment->description = string_or_empty(call.input, "description");
  deployment->revision = *revision;
  deployment->group_settings = group->settings.as_object();
  for (const auto& [member, setting] :
       {std::pair{"autoRollbackConfiguration", "autoRollbackConfiguration"},
        std::pair{"overrideAlarmConfiguration", "alarmConfiguration"}})
    if (const Json* given = find(call.input, member)) deployment->group_settings[setting] = *given;
  const Json& service = group->settings.at("ecsServices").at(0);
  deployment->cluster = string_or_empty(service, "clusterName");
  deployment->service = string_or_empty(service, "serviceName");
  deployment->role_arn = string_or_empty(group->settings, "serviceRoleArn");
  const CodeDeployment& begun = begin_deployment(call.region, std::move(deployment));
  group->last_deployment = begun.id;
  return answer_with({{"deploymentId", begun.id}});
}

Reply StopDeployment(const Call& call) {
  TRY(CodeDeployment * deployment, the_deployment(call));
  if (deployment->is_over())
    return refused("DeploymentAlreadyCompletedException",
                   fmt::format("The deployment {} is already completed", deployment->id));
  stop_deployment(call.region, *deployment,
                  find_bool(call.input, "autoRollbackEnabled").value_or(false));
  return answer_with({{"status", "Succeeded"},
                      {"statusMessage",
                       "No more commands will be scheduled for execution in the "
                       "deployment instances"}});
}

Reply ContinueDeployment(const Call& call) {
  TRY(CodeDeployment * deployment, the_deployment(call));
  if (deployment->is_over())
    return refused("DeploymentAlreadyCompletedException",
                   fmt::format("The deployment {} is already completed", deployment->id));
  if (auto error = continue_deployment(call.region, *deployment,
                                       string_or_empty(call.input, "deploymentWaitType")))
    return *error;
  return JsonText{};
}

// ---- Deployments: looking ---------------------------------------------------------------------

void set_time(JsonObject& json, const char* name, const std::optional<TimePoint>& time) {
  if (time) json[name] = seconds_of(*time);
}

// The one target there is, as the deployment's own status says.
std::string_view target_status(const CodeDeployment& deployment) {
  if (deployment.status == "Created" || deployment.status == "Queued") return "Pending";
  if (deployment.status == "Stopped") return "Skipped";
  return deployment.status;
}

Json shown(const CodeDeployment& deployment) {
  JsonObject json{
      {"applicationName", deployment.application}, {"deploymentGroupName", deployment.group},
      {"deploymentConfigName", deployment.config}, {"deploymentId", deployment.id},
      {"revision", deployment.revision},           {"status", deployment.status}};
  if (!deployment.error_code.empty())
    json["errorInformation"] =
        JsonObject{{"code", deployment.error_code}, {"message", deployment.error_message}};
  json["createTime"] = seconds_of(deployment.created_at);
  set_time(json, "startTime", deployment.started_at);
  set_time(json, "completeTime", deployment.completed_at);
  JsonObject overview;
  for (const char* status : {"Pending", "InProgress", "Succeeded", "Failed", "Skipped", "Ready"})
    overview[status] = target_status(deployment) == status ? 1 : 0;
  json["deploymentOverview"] = std::move(overview);
  if (!deployment.description.empty()) json["description"] = deployment.description;
  json["creator"] = deployment.creator;
  json["ignoreApplicationStopFailures"] = false;
  if (!deployment.rollback_of.empty() || !deployment.rollback_by.empty()) {
    JsonObject info;
    if (!deployment.rollback_by.empty()) info["rollbackDeploymentId"] = deployment.rollback_by;
    if (!deployment.rollback_of.empty())
      info["rollbackTriggeringDeploymentId"] = deployment.rollback_of;
    json["rollbackInfo"] = std::move(info);
  }
  json["instanceTerminationWaitTimeStarted"] = deployment.waits_for_termination;
  for (const char* member : {"autoRollbackConfiguration", "deploymentStyle",
                             "blueGreenDeploymentConfiguration", "loadBalancerInfo"})
    if (const Json* given = deployment.group_settings.if_contains(member)) json[member] = *given;
  json["computePlatform"] = "ECS";
  return json;
}

Reply GetDeployment(const Call& call) {
  TRY(CodeDeployment * deployment, the_deployment(call));
  return answer_with({{"deploymentInfo", shown(*deployment)}});
}

Reply BatchGetDeployments(const Call& call) {
  JsonArray infos;
  for (const std::string& id : strings(call.input, "deploymentIds"))
    if (const CodeDeployment* found = find_deployment(*call.region.code_deployments, id))
      infos.push_back(shown(*found));
  return answer_with({{"deploymentsInfo", std::move(infos)}});
}

Reply ListDeployments(const Call& call) {
  const std::string_view application = string_or_empty(call.input, "applicationName");
  const std::string_view group = string_or_empty(call.input, "deploymentGroupName");
  const auto statuses = strings(call.input, "includeOnlyStatuses");
  const auto& all = call.region.code_deployments->deployments;
  std::vector<PageItem> items;
  for (std::size_t i = all.size(); i-- > 0;) {
    const CodeDeployment& each = *all[i];
    if ((!application.empty() && each.application != application) ||
        (!group.empty() && each.group != group))
      continue;
    if (!statuses.empty() &&
        std::find(statuses.begin(), statuses.end(), each.status) == statuses.end())
      continue;
    items.push_back({fmt::format("{:09}", 999'999'999 - i), Json(each.id)});
  }
  return list(call, "deployments", items);
}

// ---- Targets ----------------------------------------------------------------------------------

std::string target_id(const CodeDeployment& deployment) {
  return fmt::format("{}:{}", deployment.cluster, deployment.service);
}

// One of the two task sets, while there is one.
void add_task_set_info(const Call& call, const CodeDeployment& deployment, bool is_green,
                       JsonArray& infos) {
  const std::string& id = is_green ? deployment.green_set : deployment.blue_set;
  if (id.empty()) return;
  JsonObject json{{"identifer", id}};
  const Operation* describe = find_operation("ecs", "DescribeTaskSets");
  const Json input = JsonObject{{"cluster", deployment.cluster},
                                {"service", deployment.service},
                                {"taskSets", JsonArray{Json(id)}}};
  const Reply reply = describe->answer(Call{call.region, call.context, input});
  const Json answer = reply ? reply->parse() : Json(JsonObject());
  if (const JsonArray* sets = find_array(answer, "taskSets"); sets != nullptr && !sets->empty())
    for (const auto& [member, name] :
         {std::pair{"computedDesiredCount", "desiredCount"},
          std::pair{"pendingCount", "pendingCount"}, std::pair{"runningCount", "runningCount"},
          std::pair{"status", "status"}})
      if (const Json* value = find(sets->front(), member)) json[name] = *value;
  const int green = deployment.green_weight_percent;
  json["trafficWeight"] = static_cast<double>(is_green ? green : 100 - green);
  const std::string& group = is_green ? deployment.green_group : deployment.blue_group;
  const std::vector<std::string_view> parts = split(group, '/');
  if (parts.size() > 1) json["targetGroup"] = JsonObject{{"name", parts[1]}};
  json["taskSetLabel"] = is_green ? "Green" : "Blue";
  infos.push_back(std::move(json));
}

JsonObject shown_target(const Call& call, const CodeDeployment& deployment) {
  JsonArray events;
  TimePoint last = deployment.created_at;
  for (const auto& event : deployment.events) {
    JsonObject json{{"lifecycleEventName", event.name}};
    set_time(json, "startTime", event.began);
    set_time(json, "endTime", event.ended);
    json["status"] = event.status;
    events.push_back(std::move(json));
    for (const auto& time : {event.began, event.ended})
      if (time) last = std::max(last, *time);
  }
  JsonArray sets;
  add_task_set_info(call, deployment, false, sets);
  add_task_set_info(call, deployment, true, sets);
  return {{"deploymentTargetType", "ECSTarget"},
          {"ecsTarget",
           JsonObject{{"deploymentId", deployment.id},
                      {"targetId", target_id(deployment)},
                      {"targetArn", call.region.arn(fmt::format("service/{}/{}", deployment.cluster,
                                                                deployment.service))},
                      {"lastUpdatedAt", seconds_of(last)},
                      {"lifecycleEvents", std::move(events)},
                      {"status", target_status(deployment)},
                      {"taskSetsInfo", std::move(sets)}}}};
}

Reply ListDeploymentTargets(const Call& call) {
  TRY(CodeDeployment * deployment, the_deployment(call));
  return answer_with({{"targetIds", JsonArray{Json(target_id(*deployment))}}});
}

Answer<JsonObject> the_target(const Call& call, std::string_view id) {
  TRY(CodeDeployment * deployment, the_deployment(call));
  if (id != target_id(*deployment))
    return refused("DeploymentTargetDoesNotExistException",
                   fmt::format("The deployment target {} does not exist", id));
  return shown_target(call, *deployment);
}

Reply GetDeploymentTarget(const Call& call) {
  TRY(JsonObject target, the_target(call, string_or_empty(call.input, "targetId")));
  return answer_with({{"deploymentTarget", std::move(target)}});
}

Reply BatchGetDeploymentTargets(const Call& call) {
  JsonArray targets;
  for (const std::string& id : strings(call.input, "targetIds")) {
    TRY(JsonObject target, the_target(call, id));
    targets.push_back(std::move(target));
  }
  return answer_with({{"deploymentTargets", std::move(targets)}});
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
