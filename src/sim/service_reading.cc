// What CreateService, UpdateService and CreateTaskSet are given, held against ECS's rules.

#include "sim/blue_green.h"
#include "sim/services.h"
#include "sim/target_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::sim {
namespace {

std::optional<ServiceError> read_network(const Json& input, Workload& workload) {
  constexpr std::size_t kMostSubnets = 16, kMostGroups = 5;
  const Json* given = find(input, "networkConfiguration");
  if (given == nullptr) return std::nullopt;
  const Json* vpc = find(*given, "awsvpcConfiguration");
  if (vpc == nullptr) return invalid_parameter("awsvpcConfiguration must be specified.");
  const std::vector<std::string> subnets = strings(*vpc, "subnets");
  if (subnets.empty()) return invalid_parameter("subnets can not be empty.");
  if (subnets.size() > kMostSubnets) return invalid_parameter("subnets can have at most 16 items.");
  const std::vector<std::string> groups = strings(*vpc, "securityGroups");
  if (groups.size() > kMostGroups)
    return invalid_parameter("securityGroups can have at most 5 items.");
  const std::string_view public_ip = string_or_empty(*vpc, "assignPublicIp");
  JsonObject document{{"subnets", JsonArray(subnets.begin(), subnets.end())},
                      {"securityGroups", JsonArray(groups.begin(), groups.end())},
                      {"assignPublicIp", public_ip.empty() ? "DISABLED" : public_ip}};
  workload.subnets = subnets;
  workload.networkConfiguration =
      Document(JsonObject{{"awsvpcConfiguration", std::move(document)}});
  return std::nullopt;
}

// An empty list removes what there was.
Document list_or_nothing(const Json& given) {
  const JsonArray* list = given.if_array();
  return list != nullptr && list->empty() ? Document() : Document(given);
}

std::optional<ServiceError> read_load_balancers(const Call& call, Workload& workload) {
  const JsonArray* given = find_array(call.input, "loadBalancers");
  if (given == nullptr) return std::nullopt;
  if (auto error = load_balancers_problem(call.region, *given)) return error;
  workload.load_balancers.clear();
  for (const Json& each : *given) {
    LoadBalancer balancer = read_load_balancer(each);
    if (balancer.targetGroupArn.empty()) continue;
    // Whether the other group belongs to a rule as well is looked at when it is needed.
    const auto problem = [](const std::string& arn) {
      return invalid_parameter(fmt::format(
          "The target group with targetGroupArn {} does not have an associated load balancer.",
          arn));
    };
    const TargetGroup* group = find_target_group(call.region, balancer.targetGroupArn);
    if (group == nullptr || !group->is_used()) return problem(balancer.targetGroupArn);
    if (const auto& advanced = balancer.advancedConfiguration;
        advanced && find_target_group(call.region, advanced->alternateTargetGroupArn) == nullptr)
      return problem(advanced->alternateTargetGroupArn);
    workload.load_balancers.push_back(std::move(balancer));
  }
  workload.loadBalancers = list_or_nothing(Json(*given));
  return std::nullopt;
}

void replace_if_given(const Json& input, std::string_view member, Document& document) {
  if (const Json* given = find(input, member)) document = list_or_nothing(*given);
}

}  // namespace

std::optional<ServiceError> read_deployment_configuration(const Json& input, bool is_daemon,
                                                          DeploymentSettings& settings) {
  JsonObject whole;
  if (settings.document.empty()) {
    whole["deploymentCircuitBreaker"] = JsonObject{{"enable", false}, {"rollback", false}};
    whole["maximumPercent"] = is_daemon ? 100 : 200;
    whole["minimumHealthyPercent"] = is_daemon ? 0 : 100;
    whole["strategy"] = "ROLLING";
    whole["bakeTimeInMinutes"] = 0;
  } else {
    whole = settings.document.json().as_object();
  }
  if (const JsonObject* given = find_object(input, "deploymentConfiguration"))
    for (const auto& [member, value] : *given)
      if (!value.is_null()) whole[member] = value;

  DeploymentSettings read;
  if (auto error = sim::read_strategy(whole, read)) return error;
  const Json document = whole;
  read.minimumHealthyPercent =
      static_cast<int>(find_int(document, "minimumHealthyPercent").value_or(100));
  read.maximumPercent = static_cast<int>(find_int(document, "maximumPercent").value_or(200));
  if (read.minimumHealthyPercent < 0 || read.maximumPercent < 0)
    return invalid_parameter("Deployment configuration percentages must not be negative.");
  if (read.minimumHealthyPercent > read.maximumPercent)
    return invalid_parameter("minimumHealthyPercent must not be greater than maximumPercent.");
  if (read.minimumHealthyPercent == 100 && read.maximumPercent == 100)
    return invalid_parameter(
        "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block "
        "deployments.");
  if (const Json* breaker = find(document, "deploymentCircuitBreaker")) {
    read.breaker_enabled = find_bool(*breaker, "enable").value_or(false);
    read.breaker_rolls_back = find_bool(*breaker, "rollback").value_or(false);
    read.resetOnHealthyTask = find_bool(*breaker, "resetOnHealthyTask").value_or(true);
    if (const Json* threshold = find(*breaker, "thresholdConfiguration")) {
      read.threshold_type = string_or_empty(*threshold, "type");
      read.threshold_value = static_cast<int>(find_int(*threshold, "value").value_or(50));
    }
  }
  if (const Json* alarms = find(document, "alarms")) {
    read.alarms_enabled = find_bool(*alarms, "enable").value_or(false);
    read.alarms_roll_back = find_bool(*alarms, "rollback").value_or(false);
    read.alarmNames = strings(*alarms, "alarmNames");
    if (read.alarms_enabled && read.alarmNames.empty())
      return invalid_parameter("Alarms are enabled, but no alarm names are given.");
  }
  if (const auto minutes = find_int(document, "bakeTimeInMinutes"); minutes && *minutes > 0)
    read.bakeTime = std::chrono::minutes(*minutes);
  read.document = Document(document);
  settings = std::move(read);
  return std::nullopt;
}

bool runs_on_fargate(const Region& region, std::string_view launch_type,
                     const std::vector<StrategyItem>& strategy) {
  if (strategy.empty()) return launch_type == "FARGATE";
  const auto known = region.capacity_providers.find(strategy.front().capacityProvider);
  return known != region.capacity_providers.end() && known->second.is_fargate();
}

std::optional<ServiceError> read_launch(const Call& call, const Cluster& cluster,
                                        std::string& launch_type,
                                        std::vector<StrategyItem>& strategy) {
  launch_type = string_or_empty(call.input, "launchType");
  auto given = read_strategy(call, call.input, "capacityProviderStrategy");
  if (!given) return given.error();
  if (!launch_type.empty() && !given->empty())
    return invalid_parameter(
        "Specifying both a launch type and capacity provider strategy is not supported. Remove one "
        "and try again.");
  strategy = *std::move(given);
  for (const StrategyItem& item : strategy)
    if (std::find(cluster.capacityProviders.begin(), cluster.capacityProviders.end(),
                  item.capacityProvider) == cluster.capacityProviders.end())
      return invalid_parameter(
          "The specified capacity provider strategy cannot contain a capacity provider that is not "
          "associated with the cluster. Associate the capacity provider with the cluster and try "
          "again.");
  if (launch_type.empty() && strategy.empty()) strategy = cluster.defaultCapacityProviderStrategy;
  if (launch_type.empty() && strategy.empty()) launch_type = "EC2";
  return std::nullopt;
}

std::optional<ServiceError> read_workload(const Call& call, Workload& workload) {
  const Json& input = call.input;
  if (const auto version = find_string(input, "platformVersion")) {
    constexpr std::array kKnown = {"LATEST", "1.4.0", "1.3.0", "1.2.0", "1.1.0", "1.0.0"};
    if (std::find(kKnown.begin(), kKnown.end(), *version) == kKnown.end())
      return ServiceError{
          400, "PlatformUnknownException", "The specified platform version does not exist.", {}};
    workload.platformVersion = *version;
  }
  if (auto error = read_network(input, workload)) return error;
  if (auto error = read_load_balancers(call, workload)) return error;
  replace_if_given(input, "serviceRegistries", workload.serviceRegistries);
  replace_if_given(input, "serviceConnectConfiguration", workload.serviceConnectConfiguration);
  replace_if_given(input, "volumeConfigurations", workload.volumeConfigurations);
  replace_if_given(input, "vpcLatticeConfigurations", workload.vpcLatticeConfigurations);
  return std::nullopt;
}

std::optional<ServiceError> workload_problem(const Call& call, const Workload& workload) {
  const TaskDefinition& definition = *workload.definition;
  const bool fargate =
      runs_on_fargate(call.region, workload.launchType, workload.capacityProviderStrategy);
  if (fargate && !definition.is_compatible_with("FARGATE"))
    return invalid_parameter("Task definition does not support launch_type FARGATE.");
  // The sizes from 8 vCPU on came with platform version 1.4.0.
  constexpr int kLargestOfOld = 4096;
  const std::string& version = workload.platformVersion;
  if (fargate && definition.cpu > kLargestOfOld && !version.empty() && version < "1.4.0")
    return ServiceError{400,
                        "PlatformTaskDefinitionIncompatibilityException",
                        "One or more of the requested capabilities are not supported.",
                        {}};
  if (definition.uses_awsvpc() && workload.networkConfiguration.empty())
    return invalid_parameter(
        "Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  if (!definition.uses_awsvpc() && !workload.networkConfiguration.empty())
    return invalid_parameter(
        "Network Configuration is not valid for the given networkMode of this task definition.");
  for (const LoadBalancer& balancer : workload.load_balancers) {
    const ContainerDefinition* container = definition.container(balancer.containerName);
    if (container == nullptr)
      return invalid_parameter(fmt::format(
          "The container {} does not exist in the task definition.", balancer.containerName));
    const bool has_port = std::any_of(
        container->portMappings.begin(), container->portMappings.end(),
        [&](const PortMapping& port) { return port.containerPort == balancer.containerPort; });
    if (!has_port)
      return invalid_parameter(
          fmt::format("The container {} did not have a container port {} defined.",
                      balancer.containerName, balancer.containerPort));
  }
  return std::nullopt;
}

}  // namespace slipway::sim
