#include "sim/services.h"

#include "sim/blue_green.h"
#include "sim/deployments.h"
#include "sim/operations.h"
#include "sim/scheduler.h"
#include "sim/target_groups.h"
#include "sim/task_sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace slipway::sim {
namespace {

// ---- Deployment configuration -----------------------------------------------------------------

// A block given replaces the block there was; what is not given stays.
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

// ---- Workload ---------------------------------------------------------------------------------

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

// ---- Writing ----------------------------------------------------------------------------------

void write_launch(JsonWriter& json, const std::string& launch_type,
                  const std::vector<StrategyItem>& strategy) {
  if (!strategy.empty()) {
    json.key("capacityProviderStrategy");
    write_strategy(json, strategy);
  } else if (!launch_type.empty()) {  // an EXTERNAL service's task sets have their own
    json.member("launchType", launch_type);
  }
}

std::string_view to_string(DeploymentStatus status) {
  switch (status) {
    case DeploymentStatus::kPrimary:
      return "PRIMARY";
    case DeploymentStatus::kActive:
      return "ACTIVE";
    case DeploymentStatus::kInactive:
      return "INACTIVE";
  }
  return "";
}

std::string_view to_string(RolloutState state) {
  switch (state) {
    case RolloutState::kInProgress:
      return "IN_PROGRESS";
    case RolloutState::kCompleted:
      return "COMPLETED";
    case RolloutState::kFailed:
      return "FAILED";
  }
  return "";
}

void write_deployment(JsonWriter& json, const Service& service, const Deployment& deployment) {
  const Workload& workload = deployment.workload();
  const TaskCounts counts = count_tasks(service, &deployment);
  const bool is_primary = deployment.status == DeploymentStatus::kPrimary;
  json.begin_object()
      .member("id", deployment.id)
      .member("status", to_string(deployment.status))
      .member("taskDefinition", workload.definition->arn)
      .member("desiredCount", is_primary ? service.desiredCount : counts.live)
      .member("pendingCount", counts.pending)
      .member("runningCount", counts.running)
      .member("failedTasks", deployment.failedTasks)
      .member("createdAt", deployment.createdAt)
      .member("updatedAt", deployment.updatedAt);
  write_launch(json, deployment.launchType, deployment.capacityProviderStrategy);
  write_platform(json, workload);
  if (!workload.networkConfiguration.empty())
    json.raw_member("networkConfiguration", workload.networkConfiguration.text());
  if (service.controller == "ECS")
    json.member("rolloutState", to_string(deployment.rolloutState))
        .member("rolloutStateReason", deployment.rolloutStateReason);
  if (!workload.serviceConnectConfiguration.empty())
    json.raw_member("serviceConnectConfiguration", workload.serviceConnectConfiguration.text());
  if (!workload.volumeConfigurations.empty())
    json.raw_member("volumeConfigurations", workload.volumeConfigurations.text());
  if (!workload.vpcLatticeConfigurations.empty())
    json.raw_member("vpcLatticeConfigurations", workload.vpcLatticeConfigurations.text());
  json.end_object();
}

void write_list(JsonWriter& json, std::string_view member, const Document& list) {
  json.raw_member(member, list.empty() ? "[]" : list.text());
}

void write_current(JsonWriter& json, const Service& service) {
  const Deployment* primary = service.primary();
  if (primary == nullptr || service.controller != "ECS") return;
  if (primary->record) json.member("currentServiceDeployment", primary->record->arn);
  json.key("currentServiceRevisions").begin_array();
  for (const auto& deployment : service.deployments) {
    if (deployment->status == DeploymentStatus::kInactive) continue;
    const TaskCounts counts = count_tasks(service, deployment.get());
    json.begin_object()
        .member("arn", deployment->revision->arn)
        .member("requestedTaskCount",
                deployment.get() == primary ? service.desiredCount : counts.live)
        .member("runningTaskCount", counts.running)
        .member("pendingTaskCount", counts.pending)
        .end_object();
  }
  json.end_array();
}

Reply service_reply(const Service& service) {
  JsonWriter json;
  json.begin_object().key("service");
  write_service(json, service, true);
  json.end_object();
  return JsonText{std::move(json).text()};
}

// ---- Create -----------------------------------------------------------------------------------

bool is_service_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  });
}

// Reads the members CreateService and UpdateService share that start no deployment.
std::optional<ServiceError> read_settings(const Call& call, Service& service) {
  const Json& input = call.input;
  if (auto error = read_deployment_configuration(input, service.is_daemon, service.settings))
    return error;
  if (const auto seconds = find_int(input, "healthCheckGracePeriodSeconds"))
    service.healthCheckGracePeriod = std::chrono::seconds(*seconds);
  if (find_array(input, "placementConstraints") != nullptr) {
    auto constraints = read_placement_constraints(input);
    if (!constraints) return constraints.error();
    service.placementConstraints = *std::move(constraints);
  }
  if (find_array(input, "placementStrategy") != nullptr) {
    auto strategy = read_placement_strategy(input);
    if (!strategy) return strategy.error();
    service.placementStrategy = *std::move(strategy);
  }
  service.enableExecuteCommand =
      find_bool(input, "enableExecuteCommand").value_or(service.enableExecuteCommand);
  service.enableECSManagedTags =
      find_bool(input, "enableECSManagedTags").value_or(service.enableECSManagedTags);
  if (const auto text = find_string(input, "propagateTags")) service.propagateTags = *text;
  if (const auto text = find_string(input, "availabilityZoneRebalancing"))
    service.availabilityZoneRebalancing = *text;
  return std::nullopt;
}

constexpr std::string_view kNoDaemonCount =
    "The daemon scheduling strategy does not support a desired count. Remove desired count and "
    "retry.";

}  // namespace

bool runs_on_fargate(const Region& region, std::string_view launch_type,
                     const std::vector<StrategyItem>& strategy) {
  if (strategy.empty()) return launch_type == "FARGATE";
  const auto known = region.capacity_providers.find(strategy.front().capacityProvider);
  return known != region.capacity_providers.end() && known->second.is_fargate();
}

std::string_view Workload::resolved_platform_version() const {
  if (platformVersion != "LATEST") return platformVersion;
  return platformFamily == "Windows" ? "1.0.0" : "1.4.0";
}

void write_platform(JsonWriter& json, const Workload& workload) {
  if (workload.platformVersion.empty()) return;
  json.member("platformVersion", workload.resolved_platform_version())
      .member("platformFamily", workload.platformFamily);
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

void write_service(JsonWriter& json, const Service& service, bool with_tags) {
  const Workload& workload = service.workload;
  const TaskCounts counts = count_tasks(service);
  json.begin_object()
      .member("serviceArn", service.arn)
      .member("serviceName", service.name)
      .member("clusterArn", service.cluster->arn);
  write_list(json, "loadBalancers", workload.loadBalancers);
  write_list(json, "serviceRegistries", workload.serviceRegistries);
  json.member("status", to_string(service.status))
      .member("desiredCount", service.desiredCount)
      .member("runningCount", counts.running)
      .member("pendingCount", counts.pending);
  write_launch(json, workload.launchType, workload.capacityProviderStrategy);
  if (!workload.platformVersion.empty())
    json.member("platformVersion", workload.platformVersion)
        .member("platformFamily", workload.platformFamily);
  if (workload.definition) json.member("taskDefinition", workload.definition->arn);
  json.raw_member("deploymentConfiguration", service.settings.document.text());
  if (service.has_task_sets()) {
    json.key("taskSets").begin_array();
    for (const auto& deployment : service.deployments)
      write_task_set(json, service, *deployment, false);
    json.end_array();
  }
  json.key("deployments").begin_array();
  if (!service.has_task_sets())
    for (const auto& deployment : service.deployments)
      if (deployment->status != DeploymentStatus::kInactive)
        write_deployment(json, service, *deployment);
  json.end_array();
  if (!service.roleArn.empty()) json.member("roleArn", service.roleArn);
  json.key("events").begin_array();
  for (const ServiceEvent& event : service.events) json.raw(event.text);
  json.end_array().member("createdAt", service.createdAt);
  write_current(json, service);
  write_placement(json, service.placementConstraints, service.placementStrategy);
  if (!workload.networkConfiguration.empty())
    json.raw_member("networkConfiguration", workload.networkConfiguration.text());
  if (service.healthCheckGracePeriod || !workload.load_balancers.empty())
    json.member("healthCheckGracePeriodSeconds",
                std::chrono::duration_cast<std::chrono::seconds>(
                    service.healthCheckGracePeriod.value_or(Duration{0}))
                    .count());
  json.member("schedulingStrategy", service.is_daemon ? "DAEMON" : "REPLICA")
      .key("deploymentController")
      .begin_object()
      .member("type", service.controller)
      .end_object();
  if (with_tags) write_tags(json, service.tags);
  json.member("createdBy", service.createdBy)
      .member("enableECSManagedTags", service.enableECSManagedTags)
      .member("propagateTags", service.propagateTags)
      .member("enableExecuteCommand", service.enableExecuteCommand)
      .member("availabilityZoneRebalancing", service.availabilityZoneRebalancing)
      .member("resourceManagementType", "CUSTOMER")
      .end_object();
}

namespace ecs {

Reply CreateService(const Call& call) {
  const Json& input = call.input;
  TRY(Cluster * cluster, find_cluster(call));
  const std::string name(string_or_empty(input, "serviceName"));
  if (!is_service_name(name)) return invalid_parameter("Invalid service name.");

  const std::string token(string_or_empty(input, "clientToken"));
  const std::string request = to_text(input);
  if (const Service* existing = find_service(*cluster, name)) {
    if (existing->status == ServiceStatus::kDraining)
      return invalid_parameter("Unable to Start a service that is still Draining.");
    if (existing->status == ServiceStatus::kActive) {
      if (!token.empty() && existing->client_token == token &&
          existing->creation_request == request)
        return service_reply(*existing);
      return invalid_parameter("Creation of service was not idempotent.");
    }
  }

  auto owned = std::make_unique<Service>();
  Service& service = *owned;
  service.cluster = cluster;
  service.name = name;
  service.arn = call.region.arn(fmt::format("service/{}/{}", cluster->name, name));
  service.is_daemon = string_or_empty(input, "schedulingStrategy") == "DAEMON";
  if (const Json* controller = find(input, "deploymentController"))
    service.controller = string_or_empty(*controller, "type");
  service.client_token = token;
  service.creation_request = request;
  service.createdAt = call.region.now;
  service.createdBy = call.principal();
  TRY(service.tags, read_tags(input));
  if (auto error = read_settings(call, service)) return *error;

  const auto desired = find_int(input, "desiredCount");
  if (service.is_daemon && desired) return invalid_parameter(std::string(kNoDaemonCount));
  if (desired && *desired < 0) return invalid_parameter("desiredCount must not be negative.");
  if (!service.is_daemon && !desired && service.controller != "EXTERNAL")
    return invalid_parameter("desiredCount must be specified for the REPLICA scheduling strategy.");
  service.desiredCount = static_cast<int>(desired.value_or(0));

  Workload& workload = service.workload;
  if (service.controller == "EXTERNAL") {
    workload.launchType = string_or_empty(input, "launchType");
  } else {
    if (auto error =
            read_launch(call, *cluster, workload.launchType, workload.capacityProviderStrategy))
      return *error;
    const std::string_view definition = string_or_empty(input, "taskDefinition");
    if (definition.empty()) return client_error("TaskDefinition can not be blank.");
    TRY(workload.definition, usable_definition(call, definition, "ClientException"));
    if (auto error = read_workload(call, workload)) return *error;
    if (auto error = workload_problem(call, workload)) return *error;
    if (auto error = strategy_problem(service, service.settings, workload)) return *error;
    if (runs_on_fargate(call.region, workload.launchType, workload.capacityProviderStrategy)) {
      if (service.is_daemon)
        return invalid_parameter("The daemon scheduling strategy does not support Fargate.");
      if (workload.platformVersion.empty()) workload.platformVersion = "LATEST";
      workload.platformFamily =
          workload.definition->operatingSystemFamily.starts_with("WINDOWS") ? "Windows" : "Linux";
    }
    if (!workload.load_balancers.empty() || workload.definition->uses_awsvpc())
      service.roleArn =
          fmt::format("arn:{}:iam::{}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
                      call.region.partition, call.region.account);
  }

  service.serial = call.region.next_serial();
  cluster->services.insert_or_assign(name, std::move(owned));
  if (!service.has_task_sets()) begin_deployment(call.region, service);
  // CodeDeploy finds the first of its task sets there.
  if (service.controller == "CODE_DEPLOY")
    add_task_set(call.region, service, workload).status = DeploymentStatus::kPrimary;
  wake(call.region, service);
  return service_reply(service);
}

// ---- Update -----------------------------------------------------------------------------------

namespace {

// What the deployment controller forbids.
std::optional<ServiceError> controller_problem(const Json& input, const Service& service) {
  if (service.controller == "CODE_DEPLOY") {
    constexpr std::string_view kInstead =
        " on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a "
        "new "
        "deployment.";
    const auto refuse = [&](std::string_view what) {
      return invalid_parameter(fmt::format("{}{}", what, kInstead));
    };
    if (find(input, "taskDefinition") != nullptr) return refuse("Unable to update task definition");
    if (find(input, "networkConfiguration") != nullptr ||
        find(input, "platformVersion") != nullptr || find(input, "loadBalancers") != nullptr)
      return refuse("Unable to update network parameters");
    if (find_bool(input, "forceNewDeployment").value_or(false))
      return refuse("Cannot force a new deployment");
  }
  if (service.controller == "EXTERNAL")
    for (const char* member : {"taskDefinition", "networkConfiguration", "platformVersion",
                               "loadBalancers", "capacityProviderStrategy"})
      if (find(input, member) != nullptr)
        return invalid_parameter(fmt::format(
            "{} cannot be updated on services with an EXTERNAL deployment controller.", member));
  return std::nullopt;
}

bool differs(const Workload& a, const Workload& b) {
  return a.definition != b.definition || a.platformVersion != b.platformVersion ||
         !(a.networkConfiguration == b.networkConfiguration) ||
         !(a.loadBalancers == b.loadBalancers) || !(a.serviceRegistries == b.serviceRegistries) ||
         !(a.serviceConnectConfiguration == b.serviceConnectConfiguration) ||
         !(a.volumeConfigurations == b.volumeConfigurations) ||
         !(a.vpcLatticeConfigurations == b.vpcLatticeConfigurations);
}

}  // namespace

Reply UpdateService(const Call& call) {
  const Json& input = call.input;
  TRY(Cluster * cluster, find_cluster(call));
  TRY(Service * service, find_active_service(call, *cluster));
  if (auto error = controller_problem(input, *service)) return *error;
  const bool force = find_bool(input, "forceNewDeployment").value_or(false);

  // Everything is read before anything changes: a refused update leaves the service as it was.
  Workload workload = service->workload;
  if (const std::string_view name = string_or_empty(input, "taskDefinition"); !name.empty()) {
    TRY(workload.definition, usable_definition(call, name, "ClientException"));
  }
  if (find(input, "capacityProviderStrategy") != nullptr) {
    if (!workload.launchType.empty() && !force)
      return invalid_parameter(
          "When switching from launch type to capacity provider strategy on an existing service, "
          "or "
          "making a change to a capacity provider strategy on a service that is already using one, "
          "you must force a new deployment.");
    if (auto error =
            read_launch(call, *cluster, workload.launchType, workload.capacityProviderStrategy))
      return *error;
  }
  if (auto error = read_workload(call, workload)) return *error;
  if (service->controller != "EXTERNAL")
    if (auto error = workload_problem(call, workload)) return *error;
  const auto desired = find_int(input, "desiredCount");
  if (desired && service->is_daemon) return invalid_parameter(std::string(kNoDaemonCount));
  if (desired && *desired < 0) return invalid_parameter("desiredCount must not be negative.");
  DeploymentSettings settings = service->settings;
  if (auto error = read_deployment_configuration(input, service->is_daemon, settings))
    return *error;
  if (auto error = strategy_problem(*service, settings, workload)) return *error;
  if (auto error = read_settings(call, *service)) return *error;

  if (desired && *desired != service->desiredCount) {
    service->desiredCount = static_cast<int>(*desired);
    service->consecutive_failures = 0;
    service->not_before.reset();
  }
  const bool redeploys = force || differs(workload, service->workload);
  service->workload = std::move(workload);
  if (!service->has_task_sets()) {
    if (redeploys) {
      begin_deployment(call.region, *service);
    } else if (Deployment* primary = service->primary()) {
      primary->launchType = service->workload.launchType;
      primary->capacityProviderStrategy = service->workload.capacityProviderStrategy;
    }
  }
  wake(call.region, *service);
  return service_reply(*service);
}

Reply DeleteService(const Call& call) {
  TRY(Cluster * cluster, find_cluster(call));
  TRY(Service * service, find_service(call, *cluster));
  if (service->status == ServiceStatus::kInactive) return service_not_found();
  if (service->status == ServiceStatus::kDraining) return service_reply(*service);
  if (!find_bool(call.input, "force").value_or(false)) {
    if (service->desiredCount > 0 && !service->is_daemon)
      return invalid_parameter("The service cannot be stopped while it is scaled above 0.");
    const auto listed =
        std::count_if(service->deployments.begin(), service->deployments.end(),
                      [](const auto& d) { return d->status != DeploymentStatus::kInactive; });
    if (listed > (service->controller == "EXTERNAL" ? 0 : 1))
      return invalid_parameter("The service cannot be stopped while deployments are active.");
  }
  drain_service(call.region, *service);
  return service_reply(*service);
}

// ---- Reading ----------------------------------------------------------------------------------

Reply DescribeServices(const Call& call) {
  constexpr std::size_t kMost = 10;
  TRY(Cluster * cluster, find_cluster(call));
  const JsonArray* names = find_array(call.input, "services");
  if (names == nullptr || names->empty()) return invalid_parameter("Services cannot be empty.");
  if (names->size() > kMost) return invalid_parameter("service names can have at most 10 items.");
  const bool with_tags = includes(call.input, "TAGS");
  std::vector<ApiFailure> failures;
  JsonWriter json;
  json.begin_object().key("services").begin_array();
  for (const Json& each : *names) {
    if (!each.is_string()) continue;
    const std::string_view name = each.get_string();
    if (const Service* service = find_service(*cluster, name))
      write_service(json, *service, with_tags);
    else
      failures.push_back({name.starts_with("arn:")
                              ? std::string(name)
                              : call.region.arn(fmt::format("service/{}/{}", cluster->name, name)),
                          "MISSING", ""});
  }
  return list_with_failures(std::move(json), failures);
}

Reply ListServices(const Call& call) {
  TRY(Cluster * cluster, find_cluster(call));
  const std::string_view launch_type = string_or_empty(call.input, "launchType");
  const std::string_view strategy = string_or_empty(call.input, "schedulingStrategy");
  std::vector<ListItem> items;
  for (const auto& [name, service] : cluster->services) {
    if (service->status == ServiceStatus::kInactive) continue;
    if (!launch_type.empty() && service->workload.launchType != launch_type) continue;
    if (!strategy.empty() && (strategy == "DAEMON") != service->is_daemon) continue;
    items.push_back({name, service->arn});
  }
  return list_page(call.input, items, {.member = "serviceArns", .default_results = 10});
}

Reply ListServicesByNamespace(const Call& call) {
  const std::string_view wanted = string_or_empty(call.input, "namespace");
  if (wanted.empty()) return invalid_parameter("namespace cannot be empty.");
  std::vector<ListItem> items;
  for (const auto& [cluster_name, cluster] : call.region.clusters) {
    for (const auto& [name, service] : cluster->services) {
      if (service->status == ServiceStatus::kInactive) continue;
      const std::string_view own =
          string_or_empty(service->workload.serviceConnectConfiguration.json(), "namespace");
      if (!own.empty() && (own == wanted || last_segment(own) == last_segment(wanted)))
        items.push_back({service->arn, service->arn});
    }
  }
  return list_page(call.input, items, {.member = "serviceArns", .default_results = 10});
}

}  // namespace ecs
}  // namespace slipway::sim
