#include "sim/services.h"

#include "sim/blue_green.h"
#include "sim/deployments.h"
#include "sim/operations.h"
#include "sim/scheduler.h"
#include "sim/task_sets.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway::sim {
namespace {

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
