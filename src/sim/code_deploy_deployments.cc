// What is asked of CodeDeploy about deployments.
#include "aws/crypto.h"
#include "base/diagnostic.h"
#include "base/node.h"
#include "base/text.h"
#include "sim/code_deploy_calls.h"
#include "sim/code_deploy_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace slipway::sim::codedeploy {
namespace {

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

void set_time(JsonObject& json, const char* name, const std::optional<TimePoint>& time) {
  if (time) json[name] = seconds_of(*time);
}

// The one target there is, as the deployment's own status says.
std::string_view target_status(const CodeDeployment& deployment) {
  if (deployment.status == "Created" || deployment.status == "Queued") return "Pending";
  if (deployment.status == "Stopped") return "Skipped";
  return deployment.status;
}

// Only GetApplicationRevision gives the text back.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetDeployment.html
Json without_content(Json revision) {
  JsonObject& spec = revision.at("appSpecContent").as_object();
  const std::string content(string_or_empty(revision.at("appSpecContent"), "content"));
  spec["sha256"] = aws::hex(aws::sha256(content));
  remove_member(spec, "content");
  return revision;
}

Json shown(const CodeDeployment& deployment) {
  JsonObject json{
      {"applicationName", deployment.application},        {"deploymentGroupName", deployment.group},
      {"deploymentConfigName", deployment.config},        {"deploymentId", deployment.id},
      {"revision", without_content(deployment.revision)}, {"status", deployment.status}};
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

Answer<JsonObject> the_target(const Call& call, std::string_view id) {
  TRY(CodeDeployment * deployment, the_deployment(call));
  if (id != target_id(*deployment))
    return refused("DeploymentTargetDoesNotExistException",
                   fmt::format("The deployment target {} does not exist", id));
  return shown_target(call, *deployment);
}

}  // namespace

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

Reply GetDeployment(const Call& call) {
  TRY(CodeDeployment * deployment, the_deployment(call));
  return answer_with({{"deploymentInfo", shown(*deployment)}});
}

// A revision is registered by the deployment that brings it.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetApplicationRevision.html
Reply GetApplicationRevision(const Call& call) {
  TRY(CodeDeployApplication * application, the_application(call));
  const Json* const wanted = find(call.input, "revision");
  const Json* const spec = wanted == nullptr ? nullptr : find(*wanted, "appSpecContent");
  if (spec == nullptr)
    return refused("InvalidRevisionException",
                   "Only revisions of the type AppSpecContent are simulated.");
  const std::string_view sha256 = string_or_empty(*spec, "sha256");
  for (const auto& deployment : call.region.code_deployments->deployments) {
    if (deployment->application != application->name) continue;
    const Json& known = deployment->revision.at("appSpecContent");
    const std::string text(string_or_empty(known, "content"));
    if (aws::hex(aws::sha256(text)) != sha256) continue;
    return answer_with(
        {{"applicationName", application->name},
         {"revision", JsonObject{{"revisionType", "AppSpecContent"},
                                 {"appSpecContent",
                                  JsonObject{{"content", text}, {"sha256", std::string(sha256)}}}}},
         {"revisionInfo", JsonObject{}}});
  }
  return refused("RevisionDoesNotExistException",
                 fmt::format("No revision of application {} has been found", application->name));
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
  // Neither, or both.
  if (!application.empty() || !group.empty()) {
    TRY_VOID(the_group(call));
  }
  const auto statuses = strings(call.input, "includeOnlyStatuses");
  const Json* range = find(call.input, "createTimeRange");
  const auto from = range == nullptr ? std::nullopt : find_double(*range, "start");
  const auto to = range == nullptr ? std::nullopt : find_double(*range, "end");
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
    const double created = seconds_of(each.created_at);
    if ((from && created < *from) || (to && created > *to)) continue;
    items.push_back({fmt::format("{:09}", 999'999'999 - i), Json(each.id)});
  }
  TRY(JsonObject shown_page, page(call, "deployments", items));
  return answer_with(std::move(shown_page));
}

Reply ListDeploymentTargets(const Call& call) {
  TRY(CodeDeployment * deployment, the_deployment(call));
  return answer_with({{"targetIds", JsonArray{Json(target_id(*deployment))}}});
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

}  // namespace slipway::sim::codedeploy
