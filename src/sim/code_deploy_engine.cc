#include "sim/code_deploy_engine.h"

#include "sim/calls.h"
#include "sim/metrics.h"
#include "sim/region.h"
#include "sim/service_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::sim {
namespace {

// How long the new task set may take to become steady.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html
constexpr Duration kLongestInstall = std::chrono::minutes(60);
// Between two looks at it, and from one lifecycle event to the next.
constexpr Duration kLook = std::chrono::seconds(5);
constexpr Duration kStep = std::chrono::seconds(1);

constexpr std::array<const char*, 8> kEvents = {"BeforeInstall",         "Install",
                                                "AfterInstall",          "AllowTestTraffic",
                                                "AfterAllowTestTraffic", "BeforeAllowTraffic",
                                                "AllowTraffic",          "AfterAllowTraffic"};

void fail(Region& region, CodeDeployment& deployment, std::string code, std::string message);

// ---- Its calls --------------------------------------------------------------------------------

Answer<Json> call(Region& region, const CodeDeployment& deployment, std::string_view service,
                  std::string_view operation, JsonObject input) {
  return call_on_behalf(region, {deployment.role_arn, "codedeploy.amazonaws.com"}, service,
                        operation, std::move(input));
}

Answer<Json> call_ecs(Region& region, const CodeDeployment& deployment, std::string_view operation,
                      JsonObject input) {
  input["cluster"] = deployment.cluster;
  input["service"] = deployment.service;
  return call(region, deployment, "ecs", operation, std::move(input));
}

// ---- Steps ------------------------------------------------------------------------------------

using Step = void (*)(Region&, CodeDeployment&);

void then(Region& region, CodeDeployment& deployment, Duration delay, Step step) {
  deployment.timer.set(region.timeline, region.now + delay,
                       [&region, &deployment, step] { step(region, deployment); });
}

CodeDeployment::LifecycleEvent& event_of(CodeDeployment& deployment, std::string_view name) {
  const auto found = std::find_if(deployment.events.begin(), deployment.events.end(),
                                  [&](const auto& each) { return each.name == name; });
  return *found;
}

void begin_event(Region& region, CodeDeployment& deployment, std::string_view name) {
  auto& event = event_of(deployment, name);
  event.status = "InProgress";
  if (!event.began) event.began = region.now;
}

void end_event(Region& region, CodeDeployment& deployment, std::string_view name) {
  auto& event = event_of(deployment, name);
  if (!event.began) event.began = region.now;
  event.ended = region.now;
  event.status = "Succeeded";
}

DeploymentGroup* group_of(Region& region, const CodeDeployment& deployment) {
  auto& applications = region.code_deployments->applications;
  const auto application = applications.find(deployment.application);
  if (application == applications.end()) return nullptr;
  const auto group = application->second.groups.find(deployment.group);
  return group == application->second.groups.end() ? nullptr : &group->second;
}

void end(Region& region, CodeDeployment& deployment, const char* status) {
  deployment.timer.cancel();
  deployment.alarms.cancel();
  deployment.status = status;
  deployment.completed_at = region.now;
  deployment.wait_ends.reset();
  for (auto& event : deployment.events) {
    if (event.status == "InProgress") {
      event.status = "Failed";
      event.ended = region.now;
    }
    if (event.status == "Pending" && deployment.is_over() && deployment.status != "Succeeded")
      event.status = "Skipped";
  }
  if (DeploymentGroup* group = group_of(region, deployment); group != nullptr) {
    group->last_deployment = deployment.id;
    if (deployment.status == "Succeeded") group->last_success = deployment.id;
  }
}

// ---- Traffic ----------------------------------------------------------------------------------

const Json* pair_of(const CodeDeployment& deployment) {
  const JsonObject* info = nullptr;
  if (const Json* found = deployment.group_settings.if_contains("loadBalancerInfo"))
    info = found->if_object();
  const Json* pairs = info == nullptr ? nullptr : info->if_contains("targetGroupPairInfoList");
  const JsonArray* list = pairs == nullptr ? nullptr : pairs->if_array();
  return list == nullptr || list->empty() ? nullptr : &list->front();
}

std::vector<std::string> listeners_of(const CodeDeployment& deployment, const char* route) {
  const Json* pair = pair_of(deployment);
  const Json* found = pair == nullptr ? nullptr : find(*pair, route);
  return found == nullptr ? std::vector<std::string>() : strings(*found, "listenerArns");
}

// The forward action with these weights. Once all goes to the new group, the old one is let go;
// until then both belong to the listener, since what no listener uses is not health-checked.
Json forward(const CodeDeployment& deployment, int green_percent) {
  if (green_percent == 100)
    return JsonObject{{"Type", "forward"}, {"TargetGroupArn", deployment.green_group}};
  return JsonObject{
      {"Type", "forward"},
      {"ForwardConfig",
       JsonObject{{"TargetGroups", JsonArray{JsonObject{{"TargetGroupArn", deployment.blue_group},
                                                        {"Weight", 100 - green_percent}},
                                             JsonObject{{"TargetGroupArn", deployment.green_group},
                                                        {"Weight", green_percent}}}}}}};
}

bool forwards_to(const Json& action, const CodeDeployment& deployment) {
  if (string_or_empty(action, "Type") != "forward") return false;
  const auto is_ours = [&](std::string_view arn) {
    return arn == deployment.blue_group || arn == deployment.green_group;
  };
  if (is_ours(string_or_empty(action, "TargetGroupArn"))) return true;
  const Json* config = find(action, "ForwardConfig");
  const JsonArray* groups = config == nullptr ? nullptr : find_array(*config, "TargetGroups");
  return groups != nullptr && std::any_of(groups->begin(), groups->end(), [&](const Json& each) {
           return is_ours(string_or_empty(each, "TargetGroupArn"));
         });
}

// Rules of the listener that forward to one of the two groups get the weights; the rest stays.
Answer<Json> weigh_listener(Region& region, const CodeDeployment& deployment,
                            const std::string& listener, int green_percent) {
  TRY(const Json answer, call(region, deployment, "elasticloadbalancing", "DescribeRules",
                              {{"ListenerArn", listener}}));
  const JsonArray* rules = find_array(answer, "Rules");
  if (rules == nullptr) return answer;
  for (const Json& rule : *rules) {
    const JsonArray* given = find_array(rule, "Actions");
    if (given == nullptr) continue;
    JsonArray actions;
    bool is_ours = false;
    for (const Json& action : *given) {
      const bool is_forward = forwards_to(action, deployment);
      is_ours |= is_forward;
      Json written = is_forward ? forward(deployment, green_percent) : action;
      if (const Json* order = find(action, "Order")) written.as_object()["Order"] = *order;
      actions.push_back(std::move(written));
    }
    if (!is_ours) continue;
    const bool is_default = find_bool(rule, "IsDefault").value_or(false);
    auto changed = is_default
                       ? call(region, deployment, "elasticloadbalancing", "ModifyListener",
                              {{"ListenerArn", listener}, {"DefaultActions", std::move(actions)}})
                       : call(region, deployment, "elasticloadbalancing", "ModifyRule",
                              {{"RuleArn", string_or_empty(rule, "RuleArn")},
                               {"Actions", std::move(actions)}});
    if (!changed) return changed;
  }
  return answer;
}

// False when it could not: the deployment has failed then.
bool shift(Region& region, CodeDeployment& deployment, const char* route, int green_percent) {
  for (const std::string& listener : listeners_of(deployment, route)) {
    const auto changed = weigh_listener(region, deployment, listener, green_percent);
    if (changed) continue;
    fail(region, deployment, "ELASTIC_LOAD_BALANCING_INVALID", changed.error().message);
    return false;
  }
  if (std::string_view(route) == "prodTrafficRoute")
    deployment.green_weight_percent = green_percent;
  return true;
}

// ---- The end ----------------------------------------------------------------------------------

Duration minutes_of(const CodeDeployment& deployment, const char* option, const char* member) {
  const Json* settings = deployment.group_settings.if_contains("blueGreenDeploymentConfiguration");
  const Json* found = settings == nullptr ? nullptr : find(*settings, option);
  return std::chrono::minutes(found == nullptr ? 0 : find_int(*found, member).value_or(0));
}

void succeed(Region& region, CodeDeployment& deployment) { end(region, deployment, "Succeeded"); }

void terminate_blue(Region& region, CodeDeployment& deployment) {
  deployment.wait_ends.reset();
  // From here on there is no way back but another deployment.
  deployment.alarms.cancel();
  const auto deleted = call_ecs(region, deployment, "DeleteTaskSet",
                                {{"taskSet", deployment.blue_set}, {"force", true}});
  if (!deleted && deleted.error().code != "TaskSetNotFoundException")
    return fail(region, deployment, "ECS_UPDATE_ERROR", deleted.error().message);
  then(region, deployment, kStep, succeed);
}

void after_traffic(Region& region, CodeDeployment& deployment) {
  end_event(region, deployment, "AllowTraffic");
  end_event(region, deployment, "AfterAllowTraffic");
  const auto changed = call_ecs(region, deployment, "UpdateServicePrimaryTaskSet",
                                {{"primaryTaskSet", deployment.green_set}});
  if (!changed) return fail(region, deployment, "ECS_UPDATE_ERROR", changed.error().message);
  const Duration wait = minutes_of(deployment, "terminateBlueInstancesOnDeploymentSuccess",
                                   "terminationWaitTimeInMinutes");
  deployment.waits_for_termination = true;
  deployment.wait_ends = region.now + wait;
  then(region, deployment, wait, terminate_blue);
}

void shift_more(Region& region, CodeDeployment& deployment) {
  const TrafficRouting& routing = deployment.routing;
  const int before = deployment.green_weight_percent;
  const bool is_linear = routing.type == "TimeBasedLinear";
  const bool is_last = routing.type == "AllAtOnce" || (before > 0 && !is_linear);
  const int next = is_last ? 100 : std::min(100, before + routing.percent);
  begin_event(region, deployment, "AllowTraffic");
  if (!shift(region, deployment, "prodTrafficRoute", next)) return;
  then(region, deployment, next == 100 ? kStep : routing.interval,
       next == 100 ? after_traffic : shift_more);
}

// ---- Alarms -----------------------------------------------------------------------------------

std::vector<std::string> active_alarms(Region& region, const CodeDeployment& deployment) {
  std::vector<std::string> names;
  const Json* settings = deployment.group_settings.if_contains("alarmConfiguration");
  if (settings == nullptr || !find_bool(*settings, "enabled").value_or(false)) return names;
  if (const JsonArray* alarms = find_array(*settings, "alarms"))
    for (const Json& alarm : *alarms) {
      const std::string_view name = string_or_empty(alarm, "name");
      if (alarm_state(region, name) == "ALARM") names.emplace_back(name);
    }
  return names;
}

bool rolls_back_on(const CodeDeployment& deployment, std::string_view event) {
  const Json* settings = deployment.group_settings.if_contains("autoRollbackConfiguration");
  if (settings == nullptr || !find_bool(*settings, "enabled").value_or(false)) return false;
  const auto events = strings(*settings, "events");
  return std::find(events.begin(), events.end(), event) != events.end();
}

// ---- The way back -----------------------------------------------------------------------------

void give_back(Region& region, CodeDeployment& rollback) {
  for (const auto& [route, name] : {std::pair{"testTrafficRoute", "AllowTestTraffic"},
                                    std::pair{"prodTrafficRoute", "AllowTraffic"}}) {
    begin_event(region, rollback, name);
    // In a rollback, the old task set is the one that gets the traffic.
    if (!shift(region, rollback, route, 100)) return;
    end_event(region, rollback, name);
  }
  (void)call_ecs(region, rollback, "UpdateServicePrimaryTaskSet",
                 {{"primaryTaskSet", rollback.green_set}});
  const auto deleted = call_ecs(region, rollback, "DeleteTaskSet",
                                {{"taskSet", rollback.blue_set}, {"force", true}});
  if (!deleted && deleted.error().code != "TaskSetNotFoundException")
    return fail(region, rollback, "ECS_UPDATE_ERROR", deleted.error().message);
  for (const char* name : kEvents) end_event(region, rollback, name);
  then(region, rollback, kStep, succeed);
}

std::string new_deployment_id(Region& region) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  std::string id = "d-";
  while (id.size() < 11) id += kAlphabet[region.random.below(kAlphabet.size())];
  return id;
}

CodeDeployment& add(Region& region, std::unique_ptr<CodeDeployment> deployment) {
  deployment->id = new_deployment_id(region);
  deployment->created_at = region.now;
  for (const char* name : kEvents) deployment->events.push_back({.name = name});
  return *region.code_deployments->deployments.emplace_back(std::move(deployment));
}

void begin_rollback(Region& region, CodeDeployment& failed) {
  if (failed.green_set.empty() || !failed.rollback_of.empty()) return;
  auto back = std::make_unique<CodeDeployment>();
  back->application = failed.application;
  back->group = failed.group;
  back->config = failed.config;
  back->creator = "codeDeployRollback";
  back->description = "Rollback Deployment automatically created by CodeDeploy";
  back->revision = failed.revision;
  back->group_settings = failed.group_settings;
  back->cluster = failed.cluster;
  back->service = failed.service;
  back->role_arn = failed.role_arn;
  back->wanted = failed.wanted;
  // The two change roles.
  back->blue_set = failed.green_set;
  back->green_set = failed.blue_set;
  back->blue_group = failed.green_group;
  back->green_group = failed.blue_group;
  back->green_weight_percent = 100 - failed.green_weight_percent;
  back->rollback_of = failed.id;
  CodeDeployment& rollback = add(region, std::move(back));
  failed.rollback_by = rollback.id;
  if (DeploymentGroup* group = group_of(region, rollback); group != nullptr)
    group->last_deployment = rollback.id;
  rollback.status = "InProgress";
  rollback.started_at = region.now;
  then(region, rollback, kStep, give_back);
}

void fail(Region& region, CodeDeployment& deployment, std::string code, std::string message) {
  deployment.error_code = std::move(code);
  deployment.error_message = std::move(message);
  end(region, deployment, "Failed");
  if (rolls_back_on(deployment, "DEPLOYMENT_FAILURE")) begin_rollback(region, deployment);
}

void look_at_alarms(Region& region, CodeDeployment& deployment) {
  const std::vector<std::string> active = active_alarms(region, deployment);
  if (active.empty()) {
    deployment.alarms.set(region.timeline, region.now + region.knobs.alarm_poll,
                          [&region, &deployment] { look_at_alarms(region, deployment); });
    return;
  }
  deployment.error_code = "ALARM_ACTIVE";
  deployment.error_message = fmt::format(
      "One or more alarms have been activated according to the Amazon CloudWatch metrics you "
      "selected, and the affected deployments have been stopped. Activated alarms: <{}>",
      fmt::join(active, ","));
  end(region, deployment, "Stopped");
  if (rolls_back_on(deployment, "DEPLOYMENT_STOP_ON_ALARM")) begin_rollback(region, deployment);
}

// ---- The way there ----------------------------------------------------------------------------

void ready(Region& region, CodeDeployment& deployment) {
  end_event(region, deployment, "BeforeAllowTraffic");
  deployment.status = "InProgress";
  deployment.wait_ends.reset();
  shift_more(region, deployment);
}

void give_up_waiting(Region& region, CodeDeployment& deployment) {
  deployment.error_code = "TIMEOUT";
  deployment.error_message =
      "The deployment was stopped because nobody continued it within its wait time.";
  end(region, deployment, "Stopped");
  if (rolls_back_on(deployment, "DEPLOYMENT_FAILURE")) begin_rollback(region, deployment);
}

void test_traffic(Region& region, CodeDeployment& deployment) {
  begin_event(region, deployment, "AllowTestTraffic");
  if (!shift(region, deployment, "testTrafficRoute", 100)) return;
  end_event(region, deployment, "AllowTestTraffic");
  end_event(region, deployment, "AfterAllowTestTraffic");
  const Duration wait = minutes_of(deployment, "deploymentReadyOption", "waitTimeInMinutes");
  const Json* settings = deployment.group_settings.if_contains("blueGreenDeploymentConfiguration");
  const Json* option = settings == nullptr ? nullptr : find(*settings, "deploymentReadyOption");
  const bool stops =
      option != nullptr && string_or_empty(*option, "actionOnTimeout") == "STOP_DEPLOYMENT";
  if (!stops) return then(region, deployment, kStep, ready);
  deployment.status = "Ready";
  deployment.wait_ends = region.now + wait;
  then(region, deployment, wait, give_up_waiting);
}

void look_at_green(Region& region, CodeDeployment& deployment) {
  const auto answer = call_ecs(region, deployment, "DescribeTaskSets",
                               {{"taskSets", JsonArray{Json(deployment.green_set)}}});
  if (!answer) return fail(region, deployment, "ECS_UPDATE_ERROR", answer.error().message);
  const JsonArray* sets = find_array(*answer, "taskSets");
  const bool is_there = sets != nullptr && !sets->empty();
  if (is_there && string_or_empty(sets->front(), "stabilityStatus") == "STEADY_STATE") {
    end_event(region, deployment, "Install");
    end_event(region, deployment, "AfterInstall");
    return then(region, deployment, kStep, test_traffic);
  }
  if (!is_there || region.now - *deployment.started_at >= kLongestInstall)
    return fail(region, deployment, "TIMEOUT",
                "The deployment timed out while waiting for the replacement task set to become "
                "healthy. This time out period is 60 minutes.");
  then(region, deployment, kLook, look_at_green);
}

// The service's PRIMARY task set, and what a new one takes over from it.
std::optional<ServiceError> find_blue(Region& region, CodeDeployment& deployment, Json& primary) {
  const auto answer = call_ecs(region, deployment, "DescribeTaskSets", {});
  if (!answer) return answer.error();
  if (const JsonArray* sets = find_array(*answer, "taskSets"))
    for (const Json& set : *sets)
      if (string_or_empty(set, "status") == "PRIMARY") primary = set;
  if (primary.is_null())
    return ServiceError{
        400, "InvalidParameterException", "The service has no primary task set.", {}};
  deployment.blue_set = string_or_empty(primary, "id");
  if (const JsonArray* balancers = find_array(primary, "loadBalancers"); balancers != nullptr)
    if (!balancers->empty())
      deployment.blue_group = string_or_empty(balancers->front(), "targetGroupArn");
  return std::nullopt;
}

// The pair's other target group, by name.
std::optional<ServiceError> find_green_group(Region& region, CodeDeployment& deployment) {
  const Json* pair = pair_of(deployment);
  const JsonArray* groups = pair == nullptr ? nullptr : find_array(*pair, "targetGroups");
  if (groups != nullptr) {
    for (const Json& group : *groups) {
      const auto answer = call(region, deployment, "elasticloadbalancing", "DescribeTargetGroups",
                               {{"Names", JsonArray{Json(string_or_empty(group, "name"))}}});
      if (!answer) return answer.error();
      const std::string arn(string_or_empty(answer->at("TargetGroups").at(0), "TargetGroupArn"));
      if (arn != deployment.blue_group) deployment.green_group = arn;
    }
  }
  if (!deployment.green_group.empty()) return std::nullopt;
  return ServiceError{400,
                      "InvalidTargetGroupPairException",
                      "The deployment group has no target group besides the one in use.",
                      {}};
}

// "AwsvpcConfiguration" is "awsvpcConfiguration" in ECS's own documents.
Json with_small_names(const Json& value) {
  if (const JsonArray* items = value.if_array()) {
    JsonArray all;
    for (const Json& item : *items) all.push_back(with_small_names(item));
    return all;
  }
  const JsonObject* object = value.if_object();
  if (object == nullptr) return value;
  JsonObject all;
  for (const auto& [name, member] : *object) {
    std::string small(name);
    if (!small.empty() && small[0] >= 'A' && small[0] <= 'Z')
      small[0] = static_cast<char>(small[0] - 'A' + 'a');
    all[small] = with_small_names(member);
  }
  return all;
}

JsonObject green_task_set(const CodeDeployment& deployment, const Json& primary) {
  JsonObject input{{"externalId", deployment.id},
                   {"taskDefinition", string_or_empty(deployment.wanted, "TaskDefinition")},
                   {"scale", JsonObject{{"value", 100}, {"unit", "PERCENT"}}}};
  for (const char* member : {"launchType", "capacityProviderStrategy", "platformVersion",
                             "networkConfiguration", "serviceRegistries"})
    if (const Json* given = find(primary, member)) input[member] = *given;
  for (const auto& [property, member] :
       {std::pair{"NetworkConfiguration", "networkConfiguration"},
        std::pair{"CapacityProviderStrategy", "capacityProviderStrategy"},
        std::pair{"PlatformVersion", "platformVersion"}})
    if (const Json* given = find(deployment.wanted, property))
      input[member] = with_small_names(*given);
  if (input.contains("capacityProviderStrategy")) remove_member(input, "launchType");
  if (const JsonArray* registries =
          input.contains("serviceRegistries") ? input["serviceRegistries"].if_array() : nullptr;
      registries != nullptr && registries->empty())
    remove_member(input, "serviceRegistries");
  JsonObject balancer{{"targetGroupArn", deployment.green_group}};
  if (const Json* info = find(deployment.wanted, "LoadBalancerInfo")) {
    balancer["containerName"] = string_or_empty(*info, "ContainerName");
    balancer["containerPort"] = find_int(*info, "ContainerPort").value_or(0);
  }
  input["loadBalancers"] = JsonArray{std::move(balancer)};
  return input;
}

void install(Region& region, CodeDeployment& deployment) {
  deployment.status = "InProgress";
  deployment.started_at = region.now;
  end_event(region, deployment, "BeforeInstall");
  begin_event(region, deployment, "Install");
  look_at_alarms(region, deployment);
  if (deployment.is_over()) return;
  Json primary;
  if (auto error = find_blue(region, deployment, primary))
    return fail(region, deployment, "INVALID_ECS_SERVICE", error->message);
  if (auto error = find_green_group(region, deployment))
    return fail(region, deployment, "ELASTIC_LOAD_BALANCING_INVALID", error->message);
  if (!shift(region, deployment, "prodTrafficRoute", 0)) return;
  const auto made =
      call_ecs(region, deployment, "CreateTaskSet", green_task_set(deployment, primary));
  if (!made)
    return fail(region, deployment,
                made.error().code.find("AccessDenied") != std::string::npos ? "IAM_ROLE_PERMISSIONS"
                                                                            : "INVALID_ECS_SERVICE",
                made.error().message);
  deployment.green_set = string_or_empty(made->at("taskSet"), "id");
  then(region, deployment, kLook, look_at_green);
}

}  // namespace

CodeDeployment& begin_deployment(Region& region, std::unique_ptr<CodeDeployment> deployment) {
  CodeDeployment& added = add(region, std::move(deployment));
  then(region, added, kStep, install);
  return added;
}

void stop_deployment(Region& region, CodeDeployment& deployment, bool rolls_back) {
  deployment.error_code = "MANUAL_STOP";
  deployment.error_message = rolls_back ? "The deployment was stopped, and the traffic goes back."
                                        : "The deployment was stopped by a user.";
  end(region, deployment, "Stopped");
  if (rolls_back || rolls_back_on(deployment, "DEPLOYMENT_STOP_ON_REQUEST"))
    begin_rollback(region, deployment);
}

std::optional<ServiceError> continue_deployment(Region& region, CodeDeployment& deployment,
                                                std::string_view wait_type) {
  const bool is_ready_wait = deployment.status == "Ready";
  const bool is_termination_wait =
      deployment.waits_for_termination && deployment.wait_ends.has_value();
  if (wait_type == "TERMINATION_WAIT" ? is_termination_wait : is_ready_wait) {
    then(region, deployment, kStep, is_ready_wait ? ready : terminate_blue);
    deployment.status = "InProgress";
    deployment.wait_ends.reset();
    return std::nullopt;
  }
  return ServiceError{400,
                      "DeploymentIsNotInReadyStateException",
                      fmt::format("The deployment {} is not waiting.", deployment.id),
                      {}};
}

}  // namespace slipway::sim
