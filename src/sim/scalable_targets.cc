#include "sim/scalable_targets.h"

#include "base/text.h"
#include "sim/calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace slipway::sim {
namespace {

constexpr std::string_view kNamespace = "ecs";
constexpr std::string_view kDimension = "ecs:service:DesiredCount";

ServiceError invalid(std::string message) {
  return {400, "ValidationException", std::move(message), {}};
}

ServiceError no_target(std::string_view resource) {
  return {400,
          "ObjectNotFoundException",
          fmt::format("No scalable target found for service namespace: {}, resource ID: {}, "
                      "scalable dimension: {}",
                      kNamespace, resource, kDimension),
          {}};
}

// Of the services that scale, ECS is the one that is simulated.
std::optional<ServiceError> check_namespace(const Json& input) {
  if (string_or_empty(input, "ServiceNamespace") != kNamespace)
    return invalid("Only the service namespace ecs is simulated.");
  const auto dimension = find_string(input, "ScalableDimension");
  if (dimension && *dimension != kDimension)
    return invalid(fmt::format(
        "Unsupported service namespace, resource type or scalable dimension: {}", *dimension));
  return std::nullopt;
}

// "service/CLUSTER/SERVICE"; nullptr when there is no such service that is ACTIVE.
Service* service_of(Region& region, std::string_view resource) {
  const std::vector<std::string_view> parts = split(resource, '/');
  if (parts.size() != 3 || parts[0] != "service") return nullptr;
  Cluster* cluster = find_cluster(region, parts[1]);
  Service* service = cluster == nullptr ? nullptr : find_service(*cluster, parts[2]);
  return service == nullptr || service->status != ServiceStatus::kActive ? nullptr : service;
}

Answer<ScalableTarget*> find_target(const Call& call) {
  if (auto error = check_namespace(call.input)) return *error;
  const std::string_view resource = string_or_empty(call.input, "ResourceId");
  auto& targets = call.region.scalable_targets->by_resource;
  const auto found = targets.find(resource);
  if (found == targets.end()) return no_target(resource);
  return &found->second;
}

// ---- Bounds ----

// The service goes into its bounds, unless that direction is suspended.
void bring_into_bounds(const Call& call, const ScalableTarget& target, Service& service) {
  std::int64_t wanted = service.desiredCount;
  if (!target.out_suspended) wanted = std::max(wanted, target.MinCapacity);
  if (!target.in_suspended) wanted = std::min(wanted, target.MaxCapacity);
  if (wanted == service.desiredCount) return;
  const std::string_view bound = wanted > service.desiredCount ? "minimum" : "maximum";
  const Json update = JsonObject{
      {"cluster", service.cluster->name}, {"service", service.name}, {"desiredCount", wanted}};
  const Operation* change = find_operation("ecs", "UpdateService");
  if (!change->answer(Call{call.region, call.context, update})) return;
  const double now = seconds_of(call.region.now);
  call.region.scalable_targets->activities.push_back(
      {{"ActivityId", call.region.hex_id()},
       {"ServiceNamespace", kNamespace},
       {"ResourceId", target.ResourceId},
       {"ScalableDimension", kDimension},
       {"Description", fmt::format("Setting desired count to {}.", wanted)},
       {"Cause", fmt::format("{} capacity was set to {}", bound, wanted)},
       {"StartTime", now},
       {"EndTime", now},
       {"StatusCode", "Successful"},
       {"StatusMessage",
        fmt::format("Successfully set desired count to {}. Change successfully fulfilled by ecs.",
                    wanted)}});
}

void take_suspended(const Json& input, ScalableTarget& target) {
  const Json* state = find(input, "SuspendedState");
  if (state == nullptr) return;
  const auto take = [&](const char* member, bool& value) {
    value = find_bool(*state, member).value_or(value);
  };
  take("DynamicScalingInSuspended", target.in_suspended);
  take("DynamicScalingOutSuspended", target.out_suspended);
  take("ScheduledScalingSuspended", target.schedules_suspended);
}

Reply RegisterScalableTarget(const Call& call) {
  if (auto error = check_namespace(call.input)) return *error;
  const std::string resource(string_or_empty(call.input, "ResourceId"));
  Service* service = service_of(call.region, resource);
  if (service == nullptr) return invalid(fmt::format("ECS service doesn't exist: {}", resource));
  auto& targets = call.region.scalable_targets->by_resource;
  const auto known = targets.find(resource);
  ScalableTarget target = known == targets.end() ? ScalableTarget{} : known->second;
  const auto minimum = find_int(call.input, "MinCapacity");
  const auto maximum = find_int(call.input, "MaxCapacity");
  if (known == targets.end() && (!minimum || !maximum))
    return invalid(
        "Both MinCapacity and MaxCapacity must be specified to register a new scalable target.");
  target.MinCapacity = minimum.value_or(target.MinCapacity);
  target.MaxCapacity = maximum.value_or(target.MaxCapacity);
  if (target.MinCapacity > target.MaxCapacity)
    return invalid("Maximum capacity cannot be less than minimum capacity.");
  target.ResourceId = resource;
  take_suspended(call.input, target);
  if (const auto role = find_string(call.input, "RoleARN")) target.RoleARN = *role;
  if (target.RoleARN.empty())
    target.RoleARN = fmt::format(
        "arn:{}:iam::{}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_ECSService",
        call.region.partition, call.region.account);
  if (known == targets.end()) {
    target.CreationTime = call.region.now;
    target.ScalableTargetARN = fmt::format(
        "arn:{}:application-autoscaling:{}:{}:scalable-target/{}", call.region.partition,
        call.region.name, call.region.account, call.region.hex_id());
  }
  const ScalableTarget& registered = targets[resource] = std::move(target);
  bring_into_bounds(call, registered, *service);
  return answer_with({{"ScalableTargetARN", registered.ScalableTargetARN}});
}

Reply DeregisterScalableTarget(const Call& call) {
  TRY(const ScalableTarget* target, find_target(call));
  const std::string resource = target->ResourceId;
  call.region.scalable_targets->by_resource.erase(resource);
  return answer_with({});
}

ServiceError bad_token() {
  return {400, "InvalidNextTokenException", "The next token is invalid.", {}};
}

Reply DescribeScalableTargets(const Call& call) {
  if (auto error = check_namespace(call.input)) return *error;
  const std::vector<std::string> wanted = strings(call.input, "ResourceIds");
  std::vector<PageItem> items;
  for (const auto& [resource, target] : call.region.scalable_targets->by_resource) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), resource) == wanted.end())
      continue;
    items.push_back(
        {resource,
         JsonObject{{"ServiceNamespace", kNamespace},
                    {"ResourceId", resource},
                    {"ScalableDimension", kDimension},
                    {"MinCapacity", target.MinCapacity},
                    {"MaxCapacity", target.MaxCapacity},
                    {"RoleARN", target.RoleARN},
                    {"CreationTime", seconds_of(target.CreationTime)},
                    {"SuspendedState",
                     JsonObject{{"DynamicScalingInSuspended", target.in_suspended},
                                {"DynamicScalingOutSuspended", target.out_suspended},
                                {"ScheduledScalingSuspended", target.schedules_suspended}}},
                    {"ScalableTargetARN", target.ScalableTargetARN}}});
  }
  return answer_with_page(
      call.input, items,
      {.member = "ScalableTargets", .limit = "MaxResults", .most = 50, .bad_token = bad_token()});
}

// ---- Policies ----

Reply PutScalingPolicy(const Call& call) {
  TRY(ScalableTarget * target, find_target(call));
  const std::string name(string_or_empty(call.input, "PolicyName"));
  const auto known = target->policies.find(name);
  const std::string_view asked = string_or_empty(call.input, "PolicyType");
  const std::string type(!asked.empty() ? asked
                         : known != target->policies.end()
                             ? std::string_view(known->second.at("PolicyType").as_string())
                             : std::string_view("StepScaling"));
  const std::string configuration = type == "StepScaling" ? "StepScalingPolicyConfiguration"
                                    : type == "TargetTrackingScaling"
                                        ? "TargetTrackingScalingPolicyConfiguration"
                                        : "PredictiveScalingPolicyConfiguration";
  const Json* settings = find(call.input, configuration);
  if (settings == nullptr)
    return invalid(fmt::format("{} is required for policy type {}.", configuration, type));
  JsonObject policy;
  if (known != target->policies.end()) policy = known->second;
  if (known == target->policies.end()) {
    const std::string digits = call.region.hex_id();
    policy["PolicyARN"] = fmt::format(
        "arn:{}:autoscaling:{}:{}:scalingPolicy:{}-{}-{}-{}-{}:resource/ecs/{}:policyName/{}",
        call.region.partition, call.region.name, call.region.account, digits.substr(0, 8),
        digits.substr(8, 4), digits.substr(12, 4), digits.substr(16, 4), digits.substr(20),
        target->ResourceId, name);
    policy["PolicyName"] = name;
    policy["ServiceNamespace"] = kNamespace;
    policy["ResourceId"] = target->ResourceId;
    policy["ScalableDimension"] = kDimension;
    policy["CreationTime"] = seconds_of(call.region.now);
    policy["Alarms"] = JsonArray{};
  }
  policy["PolicyType"] = type;
  policy[configuration] = *settings;
  target->policies[name] = policy;
  return answer_with({{"PolicyARN", policy.at("PolicyARN")}, {"Alarms", JsonArray{}}});
}

Reply DeleteScalingPolicy(const Call& call) {
  if (auto error = check_namespace(call.input)) return *error;
  const std::string_view resource = string_or_empty(call.input, "ResourceId");
  const std::string_view name = string_or_empty(call.input, "PolicyName");
  auto& targets = call.region.scalable_targets->by_resource;
  const auto target = targets.find(resource);
  const bool is_known = target != targets.end() && target->second.policies.contains(name);
  if (!is_known)
    return ServiceError{
        400,
        "ObjectNotFoundException",
        fmt::format("No scaling policy found for service namespace: {}, resource ID: {}, scalable "
                    "dimension: {}, policy name: {}",
                    kNamespace, resource, kDimension, name),
        {}};
  target->second.policies.erase(target->second.policies.find(name));
  return answer_with({});
}

bool is_meant(const Json& input, std::string_view resource) {
  const auto asked = find_string(input, "ResourceId");
  return !asked || *asked == resource;
}

Reply DescribeScalingPolicies(const Call& call) {
  if (auto error = check_namespace(call.input)) return *error;
  const std::vector<std::string> wanted = strings(call.input, "PolicyNames");
  std::vector<PageItem> items;
  for (const auto& [resource, target] : call.region.scalable_targets->by_resource) {
    if (!is_meant(call.input, resource)) continue;
    for (const auto& [name, policy] : target.policies)
      if (wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end())
        items.push_back({fmt::format("{} {}", resource, name), policy});
  }
  return answer_with_page(
      call.input, items,
      {.member = "ScalingPolicies", .limit = "MaxResults", .most = 50, .bad_token = bad_token()});
}

// The newest first.
Reply DescribeScalingActivities(const Call& call) {
  if (auto error = check_namespace(call.input)) return *error;
  const std::vector<JsonObject>& all = call.region.scalable_targets->activities;
  std::vector<PageItem> items;
  for (std::size_t i = all.size(); i-- > 0;)
    if (is_meant(call.input, all[i].at("ResourceId").as_string()))
      items.push_back({serial_key(i), all[i]});
  return answer_with_page(
      call.input, items,
      {.member = "ScalingActivities", .limit = "MaxResults", .most = 50, .bad_token = bad_token()});
}

}  // namespace

std::span<const Operation> autoscaling_operations() {
  static constexpr bool kReads = true;
  static constexpr std::array kOperations = {
      Operation{"DeleteScalingPolicy", DeleteScalingPolicy},
      Operation{"DeregisterScalableTarget", DeregisterScalableTarget},
      Operation{"DescribeScalableTargets", DescribeScalableTargets, kReads},
      Operation{"DescribeScalingActivities", DescribeScalingActivities, kReads},
      Operation{"DescribeScalingPolicies", DescribeScalingPolicies, kReads},
      Operation{"PutScalingPolicy", PutScalingPolicy},
      Operation{"RegisterScalableTarget", RegisterScalableTarget},
  };
  return kOperations;
}

}  // namespace slipway::sim
