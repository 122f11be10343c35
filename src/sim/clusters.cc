// Clusters: the names under which everything else lives.
#include "sim/operations.h"
#include "sim/scheduler.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway::sim::ecs {
namespace {

bool is_cluster_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  });
}

struct ClusterCounts {
  int running = 0;
  int pending = 0;
  int running_fargate = 0;
  int pending_fargate = 0;
  int services = 0;
  int instances = 0;
};

ClusterCounts count(const Cluster& cluster) {
  ClusterCounts counts;
  for (const auto& [serial, task] : cluster.tasks) {
    const bool fargate = task->launchType == "FARGATE";
    if (task->state == TaskState::kRunning) {
      ++counts.running;
      counts.running_fargate += fargate ? 1 : 0;
    } else if (task->state < TaskState::kRunning) {
      ++counts.pending;
      counts.pending_fargate += fargate ? 1 : 0;
    }
  }
  for (const auto& [name, service] : cluster.services)
    counts.services += service->status == ServiceStatus::kActive ? 1 : 0;
  for (const auto& [id, instance] : cluster.instances)
    counts.instances += instance->status == "INACTIVE" ? 0 : 1;
  return counts;
}

void write_cluster(JsonWriter& json, const Cluster& cluster, const Json& input, bool whole) {
  const ClusterCounts counts = count(cluster);
  json.begin_object()
      .member("clusterArn", cluster.arn)
      .member("clusterName", cluster.name)
      .member("status", cluster.is_active ? "ACTIVE" : "INACTIVE")
      .member("registeredContainerInstancesCount", counts.instances)
      .member("runningTasksCount", counts.running)
      .member("pendingTasksCount", counts.pending)
      .member("activeServicesCount", counts.services)
      .key("statistics")
      .begin_array();
  if (includes(input, "STATISTICS")) {
    const std::pair<std::string_view, int> statistics[] = {
        {"runningEC2TasksCount", counts.running - counts.running_fargate},
        {"runningFargateTasksCount", counts.running_fargate},
        {"pendingEC2TasksCount", counts.pending - counts.pending_fargate},
        {"pendingFargateTasksCount", counts.pending_fargate}};
    for (const auto& [name, value] : statistics)
      json.begin_object().member("name", name).member("value", std::to_string(value)).end_object();
  }
  json.end_array();
  if (whole || includes(input, "TAGS"))
    write_tags(json, cluster.tags);
  else
    json.key("tags").begin_array().end_array();
  json.key("settings").begin_array();
  if (whole || includes(input, "SETTINGS"))
    for (const auto& [name, value] : cluster.settings)
      json.begin_object().member("name", name).member("value", value).end_object();
  json.end_array();
  if (!cluster.configuration.empty() && (whole || includes(input, "CONFIGURATIONS")))
    json.raw_member("configuration", cluster.configuration.text());
  if (!cluster.serviceConnectDefaults.empty())
    json.raw_member("serviceConnectDefaults", cluster.serviceConnectDefaults.text());
  json.key("capacityProviders").begin_array();
  for (const std::string& provider : cluster.capacityProviders) json.value(provider);
  json.end_array().key("defaultCapacityProviderStrategy");
  write_strategy(json, cluster.defaultCapacityProviderStrategy);
  if (includes(input, "ATTACHMENTS")) json.key("attachments").begin_array().end_array();
  json.end_object();
}

Reply cluster_reply(const Cluster& cluster, const Json& input) {
  JsonWriter json;
  json.begin_object().key("cluster");
  write_cluster(json, cluster, input, true);
  json.end_object();
  return JsonText{std::move(json).text()};
}

std::optional<ServiceError> read_settings(const Json& input, Cluster& cluster) {
  const JsonArray* settings = find_array(input, "settings");
  if (settings == nullptr) return std::nullopt;
  for (const Json& each : *settings) {
    const std::string_view value = string_or_empty(each, "value");
    if (string_or_empty(each, "name") != "containerInsights")
      return invalid_parameter("Invalid cluster setting name.");
    if (value != "enabled" && value != "disabled" && value != "enhanced")
      return invalid_parameter("Invalid cluster setting value.");
    cluster.settings["containerInsights"] = value;
  }
  return std::nullopt;
}

struct ClusterCapacity {
  std::vector<std::string> providers;
  std::vector<StrategyItem> strategy;
};

// The providers a cluster may use: all must exist.
Answer<ClusterCapacity> read_capacity(const Call& call) {
  std::vector<std::string> providers;
  for (const std::string& name : strings(call.input, "capacityProviders")) {
    providers.emplace_back(last_segment(name));
    const auto known = call.region.capacity_providers.find(providers.back());
    if (known == call.region.capacity_providers.end() || known->second.status != "ACTIVE")
      return invalid_parameter(
          "The specified capacity provider does not exist. Specify a valid name or ARN and try "
          "again.");
  }
  TRY(std::vector<StrategyItem> strategy,
      read_strategy(call, call.input, "defaultCapacityProviderStrategy"));
  for (const StrategyItem& item : strategy)
    if (std::find(providers.begin(), providers.end(), item.capacityProvider) == providers.end())
      return invalid_parameter(
          "The specified capacity provider strategy cannot contain a capacity provider that is not "
          "associated with the cluster. Associate the capacity provider with the cluster and try "
          "again.");
  return ClusterCapacity{std::move(providers), std::move(strategy)};
}

void apply(ClusterCapacity capacity, Cluster& cluster) {
  cluster.capacityProviders = std::move(capacity.providers);
  cluster.defaultCapacityProviderStrategy = std::move(capacity.strategy);
}

}  // namespace

Reply CreateCluster(const Call& call) {
  std::string name(string_or_empty(call.input, "clusterName"));
  if (name.empty()) name = "default";
  if (!is_cluster_name(name)) return invalid_parameter("Invalid cluster name.");
  if (const Cluster* existing = find_cluster(call.region, name); existing && existing->is_active)
    return cluster_reply(*existing, call.input);
  auto cluster = std::make_unique<Cluster>();
  cluster->name = name;
  cluster->arn = call.region.arn("cluster/" + name);
  cluster->serial = call.region.next_serial();
  TRY(cluster->tags, read_tags(call.input));
  if (auto error = read_settings(call.input, *cluster)) return *error;
  TRY(ClusterCapacity capacity, read_capacity(call));
  apply(std::move(capacity), *cluster);
  cluster->configuration = document(call.input, "configuration");
  cluster->serviceConnectDefaults = document(call.input, "serviceConnectDefaults");
  Cluster& created = *cluster;
  auto& slot = call.region.clusters[name];
  if (slot) call.region.retired_clusters.push_back(std::move(slot));
  slot = std::move(cluster);
  return cluster_reply(created, call.input);
}

Reply DescribeClusters(const Call& call) {
  constexpr std::size_t kMost = 100;
  std::vector<std::string> names = strings(call.input, "clusters");
  if (names.size() > kMost) return invalid_parameter("clusters can have at most 100 items.");
  if (names.empty()) names.emplace_back("default");
  std::vector<ApiFailure> failures;
  JsonWriter json;
  json.begin_object().key("clusters").begin_array();
  for (const std::string& name : names) {
    if (const Cluster* cluster = find_cluster(call.region, name))
      write_cluster(json, *cluster, call.input, false);
    else
      failures.push_back(
          {name.starts_with("arn:") ? name : call.region.arn("cluster/" + name), "MISSING", ""});
  }
  return list_with_failures(std::move(json), failures);
}

Reply ListClusters(const Call& call) {
  std::vector<ListItem> items;
  for (const auto& [name, cluster] : call.region.clusters)
    if (cluster->is_active) items.push_back({name, cluster->arn});
  return list_page(call.input, items, {.member = "clusterArns"});
}

Reply UpdateCluster(const Call& call) {
  TRY(Cluster * cluster, find_cluster(call));
  if (auto error = read_settings(call.input, *cluster)) return *error;
  if (Document given = document(call.input, "configuration"); !given.empty())
    cluster->configuration = std::move(given);
  if (Document given = document(call.input, "serviceConnectDefaults"); !given.empty())
    cluster->serviceConnectDefaults = std::move(given);
  return cluster_reply(*cluster, call.input);
}

Reply UpdateClusterSettings(const Call& call) {
  TRY(Cluster * cluster, find_cluster(call));
  if (auto error = read_settings(call.input, *cluster)) return *error;
  return cluster_reply(*cluster, call.input);
}

Reply PutClusterCapacityProviders(const Call& call) {
  TRY(Cluster * cluster, find_cluster(call));
  TRY(ClusterCapacity capacity, read_capacity(call));
  const auto& wanted = capacity.providers;
  for (const std::string& provider : cluster->capacityProviders) {
    const bool stays = std::find(wanted.begin(), wanted.end(), provider) != wanted.end();
    const bool used =
        std::any_of(cluster->services.begin(), cluster->services.end(), [&](const auto& each) {
          const auto& strategy = each.second->workload.capacityProviderStrategy;
          return each.second->status != ServiceStatus::kInactive &&
                 std::any_of(strategy.begin(), strategy.end(), [&](const StrategyItem& item) {
                   return item.capacityProvider == provider;
                 });
        });
    if (!stays && used)
      return ServiceError{400,
                          "ResourceInUseException",
                          "The specified capacity provider is in use and cannot be removed.",
                          {}};
  }
  apply(std::move(capacity), *cluster);
  return cluster_reply(*cluster, call.input);
}

Reply DeleteCluster(const Call& call) {
  Cluster* cluster = find_cluster(call.region, string_or_empty(call.input, "cluster"));
  if (cluster == nullptr) return cluster_not_found();
  const ClusterCounts counts = count(*cluster);
  const auto refuse = [](std::string_view code, std::string_view what) {
    return ServiceError{400,
                        std::string(code),
                        fmt::format("The Cluster cannot be deleted while {} are active.", what),
                        {}};
  };
  const bool has_services =
      std::any_of(cluster->services.begin(), cluster->services.end(),
                  [](const auto& each) { return each.second->status != ServiceStatus::kInactive; });
  if (has_services) return refuse("ClusterContainsServicesException", "Services");
  if (counts.instances > 0)
    return refuse("ClusterContainsContainerInstancesException", "Container Instances");
  if (counts.running + counts.pending > 0) return refuse("ClusterContainsTasksException", "Tasks");
  if (cluster->is_active) {
    cluster->is_active = false;
    cluster->inactive_since = call.region.now;
    call.region.timeline.at(
        call.region.now + call.region.knobs.inactive_visible,
        [&region = call.region, name = cluster->name, serial = cluster->serial] {
          const auto found = region.clusters.find(name);
          if (found == region.clusters.end() || found->second->serial != serial) return;
          region.retired_clusters.push_back(std::move(found->second));
          region.clusters.erase(found);
        });
  }
  return cluster_reply(*cluster, call.input);
}

}  // namespace slipway::sim::ecs
