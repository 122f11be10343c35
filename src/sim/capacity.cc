// Where EC2 tasks run: container instances, what is known of them, and the Auto Scaling groups
// behind capacity providers.
#include "sim/operations.h"
#include "sim/placement.h"
#include "sim/scheduler.h"
#include "sim/tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace slipway::sim::ecs {
namespace {

// ---- Capacity providers -----------------------------------------------------------------------

void write_provider(JsonWriter& json, const CapacityProvider& provider, bool with_tags) {
  json.begin_object()
      .member("capacityProviderArn", provider.arn)
      .member("name", provider.name)
      .member("status", provider.status);
  if (!provider.is_fargate())
    json.raw_member("autoScalingGroupProvider", provider.autoScalingGroupProvider.text());
  if (!provider.updateStatus.empty()) json.member("updateStatus", provider.updateStatus);
  if (with_tags)
    write_tags(json, provider.tags);
  else
    json.key("tags").begin_array().end_array();
  json.member("type", provider.is_fargate() ? std::string_view(provider.name)
                                            : std::string_view("EC2_AUTOSCALING"))
      .end_object();
}

Reply provider_reply(const CapacityProvider& provider) {
  JsonWriter json;
  json.begin_object().key("capacityProvider");
  write_provider(json, provider, true);
  json.end_object();
  return JsonText{std::move(json).text()};
}

// What is given over what there was, with AWS's defaults below both.
std::optional<ServiceError> read_group(const Json& given, Document& group) {
  JsonObject whole;
  if (group.empty()) {
    whole["autoScalingGroupArn"] = string_or_empty(given, "autoScalingGroupArn");
    if (find_object(given, "managedScaling") != nullptr)
      whole["managedScaling"] = JsonObject();
    else
      whole["managedScaling"] = JsonObject{{"status", "DISABLED"}};
    whole["managedTerminationProtection"] = "DISABLED";
    whole["managedDraining"] = "ENABLED";
  } else {
    whole = group.json().as_object();
  }
  for (const char* member : {"managedTerminationProtection", "managedDraining"})
    if (const auto text = find_string(given, member)) whole[member] = *text;
  if (const JsonObject* scaling = find_object(given, "managedScaling")) {
    JsonObject merged = whole["managedScaling"].as_object();
    for (const auto& [member, value] : *scaling)
      if (!value.is_null()) merged[member] = value;
    if (!merged.contains("status")) merged["status"] = "ENABLED";
    if (merged["status"] == "ENABLED") {
      const std::pair<const char*, int> defaults[] = {{"targetCapacity", 100},
                                                      {"minimumScalingStepSize", 1},
                                                      {"maximumScalingStepSize", 10000},
                                                      {"instanceWarmupPeriod", 300}};
      for (const auto& [member, value] : defaults)
        if (!merged.contains(member)) merged[member] = value;
    }
    const Json checked = merged;
    const auto outside = [&](const char* member, std::int64_t least, std::int64_t most) {
      const auto value = find_int(checked, member);
      return value && (*value < least || *value > most);
    };
    if (outside("targetCapacity", 1, 100))
      return invalid_parameter("targetCapacity must be between 1 and 100.");
    if (outside("minimumScalingStepSize", 1, 10000) || outside("maximumScalingStepSize", 1, 10000))
      return invalid_parameter("The scaling step sizes must be between 1 and 10000.");
    if (outside("instanceWarmupPeriod", 0, 10000))
      return invalid_parameter("instanceWarmupPeriod must be between 0 and 10000.");
    whole["managedScaling"] = std::move(merged);
  }
  group = Document(std::move(whole));
  return std::nullopt;
}

constexpr std::string_view kNoSuchProvider =
    "The specified capacity provider does not exist. Specify a valid name or ARN and try again.";

// ---- Container instances ----------------------------------------------------------------------

void write_resources(JsonWriter& json, const ContainerInstance& instance, bool remaining) {
  const auto number = [&](std::string_view name, int value) {
    json.begin_object()
        .member("name", name)
        .member("type", "INTEGER")
        .member("doubleValue", 0)
        .member("longValue", 0)
        .member("integerValue", value)
        .end_object();
  };
  const auto ports = [&](std::string_view name, std::string_view protocol) {
    json.begin_object()
        .member("name", name)
        .member("type", "STRINGSET")
        .member("doubleValue", 0)
        .member("longValue", 0)
        .member("integerValue", 0)
        .key("stringSetValue")
        .begin_array();
    constexpr std::array kReserved = {22, 2375, 2376, 51678, 51679, 51680};
    if (remaining) {
      for (const auto& [port, used_by] : instance.ports)
        if (used_by == protocol) json.value(std::to_string(port));
    } else if (protocol == "tcp") {
      for (const int port : kReserved) json.value(std::to_string(port));
    }
    json.end_array().end_object();
  };
  json.begin_array();
  number("CPU", instance.cpu - (remaining ? instance.cpu_used : 0));
  number("MEMORY", instance.memory - (remaining ? instance.memory_used : 0));
  ports("PORTS", "tcp");
  ports("PORTS_UDP", "udp");
  if (instance.gpus > 0) number("GPU", instance.gpus - (remaining ? instance.gpus_used : 0));
  json.end_array();
}

void write_instance(JsonWriter& json, const ContainerInstance& instance, bool with_tags,
                    bool with_health) {
  const auto count = [&](auto is_wanted) {
    return std::count_if(instance.tasks.begin(), instance.tasks.end(), is_wanted);
  };
  json.begin_object()
      .member("containerInstanceArn", instance.arn)
      .member("ec2InstanceId", instance.ec2InstanceId);
  if (!instance.capacity_provider.empty())
    json.member("capacityProviderName", instance.capacity_provider);
  json.member("version", instance.version)
      .key("versionInfo")
      .begin_object()
      .member("agentVersion", "1.89.2")
      .member("agentHash", "b0a4c8ec")
      .member("dockerVersion", "DockerVersion: 25.0.6")
      .end_object()
      .key("remainingResources");
  write_resources(json, instance, true);
  json.key("registeredResources");
  write_resources(json, instance, false);
  json.member("status", instance.status)
      .member("agentConnected", instance.agentConnected)
      .member("runningTasksCount",
              count([](const Task* task) { return task->state == TaskState::kRunning; }))
      .member("pendingTasksCount",
              count([](const Task* task) { return task->state < TaskState::kRunning; }))
      .key("attributes")
      .begin_array();
  for (const auto& [name, value] : instance.attributes) {
    json.begin_object().member("name", name);
    if (!value.empty()) json.member("value", value);
    json.end_object();
  }
  json.end_array()
      .member("registeredAt", instance.registeredAt)
      .key("attachments")
      .begin_array()
      .end_array();
  if (with_tags)
    write_tags(json, instance.tags);
  else
    json.key("tags").begin_array().end_array();
  if (with_health)
    json.key("healthStatus")
        .begin_object()
        .member("overallStatus", instance.agentConnected ? "OK" : "INSUFFICIENT_DATA")
        .key("details")
        .begin_array()
        .end_array()
        .end_object();
  json.end_object();
}

Reply instance_reply(const ContainerInstance& instance) {
  JsonWriter json;
  json.begin_object().key("containerInstance");
  write_instance(json, instance, true, false);
  json.end_object();
  return JsonText{std::move(json).text()};
}

Reply instances_reply(const Call& call, const std::vector<ContainerInstance*>& instances,
                      const std::vector<ApiFailure>& failures) {
  JsonWriter json;
  json.begin_object().key("containerInstances").begin_array();
  for (const ContainerInstance* instance : instances)
    write_instance(json, *instance, includes(call.input, "TAGS"),
                   includes(call.input, "CONTAINER_INSTANCE_HEALTH"));
  return list_with_failures(std::move(json), failures);
}

// The instances named, and a failure for each name that is unknown.
std::vector<ContainerInstance*> named_instances(const Call& call, const Cluster& cluster,
                                                std::vector<ApiFailure>& failures) {
  std::vector<ContainerInstance*> instances;
  for (const std::string& name : strings(call.input, "containerInstances")) {
    if (ContainerInstance* instance = find_instance(cluster, name))
      instances.push_back(instance);
    else
      failures.push_back(
          {name.starts_with("arn:")
               ? name
               : call.region.arn(fmt::format("container-instance/{}/{}", cluster.name, name)),
           "MISSING", ""});
  }
  return instances;
}

ServiceError no_such_target() {
  return {
      400,
      "TargetNotFoundException",
      "The specified target could not be found. You can view your available container instances "
      "with ListContainerInstances.",
      {}};
}

void write_attribute(JsonWriter& json, const ContainerInstance& instance, const std::string& name,
                     const std::string& value) {
  json.begin_object().member("name", name);
  if (!value.empty()) json.member("value", value);
  json.member("targetId", instance.arn).end_object();
}

}  // namespace

// ---- Capacity providers -----------------------------------------------------------------------

Reply CreateCapacityProvider(const Call& call) {
  const std::string name(string_or_empty(call.input, "name"));
  if (name.empty() || name.starts_with("aws") || name.starts_with("ecs") ||
      name.starts_with("fargate"))
    return invalid_parameter(
        "The capacity provider name is invalid. It must not begin with aws, ecs or fargate.");
  const Json* group = find(call.input, "autoScalingGroupProvider");
  if (group == nullptr || string_or_empty(*group, "autoScalingGroupArn").empty())
    return invalid_parameter("An Auto Scaling group ARN must be specified.");
  if (call.region.capacity_providers.contains(name))
    return invalid_parameter(
        "The specified capacity provider already exists. To change the configuration of an "
        "existing "
        "capacity provider, update the capacity provider.");
  CapacityProvider provider;
  provider.name = name;
  provider.arn = call.region.arn("capacity-provider/" + name);
  provider.serial = call.region.next_serial();
  TRY(provider.tags, read_tags(call.input));
  if (auto error = read_group(*group, provider.autoScalingGroupProvider)) return *error;
  return provider_reply(
      call.region.capacity_providers.emplace(name, std::move(provider)).first->second);
}

Reply UpdateCapacityProvider(const Call& call) {
  const auto found =
      call.region.capacity_providers.find(last_segment(string_or_empty(call.input, "name")));
  if (found == call.region.capacity_providers.end() || found->second.is_fargate())
    return client_error(std::string(kNoSuchProvider));
  if (const Json* group = find(call.input, "autoScalingGroupProvider"))
    if (auto error = read_group(*group, found->second.autoScalingGroupProvider)) return *error;
  found->second.updateStatus = "UPDATE_COMPLETE";
  return provider_reply(found->second);
}

Reply DeleteCapacityProvider(const Call& call) {
  const auto found = call.region.capacity_providers.find(
      last_segment(string_or_empty(call.input, "capacityProvider")));
  if (found == call.region.capacity_providers.end())
    return client_error(std::string(kNoSuchProvider));
  if (found->second.is_fargate())
    return client_error("The capacity providers FARGATE and FARGATE_SPOT cannot be deleted.");
  for (const auto& [name, cluster] : call.region.clusters) {
    const auto& used = cluster->capacityProviders;
    if (cluster->is_active && std::find(used.begin(), used.end(), found->first) != used.end())
      return client_error(
          fmt::format("The capacity provider cannot be deleted because it is associated with "
                      "cluster: {}. Remove "
                      "the capacity provider from the cluster and try again.",
                      name));
  }
  CapacityProvider gone = std::move(found->second);
  call.region.capacity_providers.erase(found);
  gone.status = "DEPROVISIONING";
  gone.updateStatus = "DELETE_IN_PROGRESS";
  return provider_reply(gone);
}

Reply DescribeCapacityProviders(const Call& call) {
  constexpr std::size_t kMost = 100;
  const std::vector<std::string> names = strings(call.input, "capacityProviders");
  if (names.size() > kMost)
    return invalid_parameter("capacityProviders can have at most 100 items.");
  std::vector<ApiFailure> failures;
  std::vector<const CapacityProvider*> wanted;
  for (const std::string& name : names) {
    const auto found = call.region.capacity_providers.find(last_segment(name));
    if (found == call.region.capacity_providers.end())
      failures.push_back(
          {name.starts_with("arn:") ? name : call.region.arn("capacity-provider/" + name),
           "MISSING", ""});
    else
      wanted.push_back(&found->second);
  }
  if (names.empty())
    for (const auto& [name, provider] : call.region.capacity_providers) wanted.push_back(&provider);
  std::sort(wanted.begin(), wanted.end(),
            [](const auto* a, const auto* b) { return a->serial < b->serial; });
  std::vector<std::string> written;
  written.reserve(wanted.size());
  std::vector<ListItem> items;
  for (const CapacityProvider* provider : wanted) {
    JsonWriter json;
    write_provider(json, *provider, includes(call.input, "TAGS"));
    written.push_back(std::move(json).text());
    items.push_back({serial_key(provider->serial), written.back()});
  }
  return list_page(call.input, items,
                   {.member = "capacityProviders", .shown_is_json = true, .failures = &failures});
}

// ---- Container instances ----------------------------------------------------------------------

Reply RegisterContainerInstance(const Call& call) {
  TRY(Cluster * cluster, find_cluster(call));
  AddInstances like;
  std::string availability_zone = zone(call.region, cluster->instances.size());
  std::string ec2_id;
  if (const auto text = find_string(call.input, "instanceIdentityDocument")) {
    const Result<Json> document = parse_json(*text);
    if (!document) return client_error("Instance identity document is not valid.");
    if (const auto type = find_string(*document, "instanceType")) like.instanceType = *type;
    if (const auto place = find_string(*document, "availabilityZone")) availability_zone = *place;
    ec2_id = string_or_empty(*document, "instanceId");
  }
  if (const JsonArray* resources = find_array(call.input, "totalResources"))
    for (const Json& each : *resources) {
      const auto value = static_cast<int>(find_int(each, "integerValue").value_or(0));
      if (string_or_empty(each, "name") == "CPU") like.cpu = value;
      if (string_or_empty(each, "name") == "MEMORY") like.memory = value;
    }
  if (const JsonArray* attributes = find_array(call.input, "attributes"))
    for (const Json& each : *attributes)
      like.attributes.emplace(string_or_empty(each, "name"), string_or_empty(each, "value"));
  TRY(const Tags tags, read_tags(call.input));
  ContainerInstance& instance =
      add_instance(call.region, *cluster, like, std::move(availability_zone));
  if (!ec2_id.empty()) instance.ec2InstanceId = ec2_id;
  instance.tags = tags;
  return instance_reply(instance);
}

Reply DeregisterContainerInstance(const Call& call) {
  TRY(Cluster * cluster, find_cluster(call));
  ContainerInstance* instance =
      find_instance(*cluster, string_or_empty(call.input, "containerInstance"));
  if (instance == nullptr || instance->status == "INACTIVE")
    return invalid_parameter("The referenced container instance was not found.");
  if (!instance->tasks.empty() && !find_bool(call.input, "force").value_or(false))
    return invalid_parameter("Found running tasks on the instance.");
  remove_instance(call.region, *instance, "Container instance was deregistered forcibly.");
  return instance_reply(*instance);
}

Reply DescribeContainerInstances(const Call& call) {
  constexpr std::size_t kMost = 100;
  TRY(Cluster * cluster, find_cluster(call));
  const std::size_t given = strings(call.input, "containerInstances").size();
  if (given == 0) return invalid_parameter("Container instances cannot be empty.");
  if (given > kMost) return invalid_parameter("containerInstances can have at most 100 items.");
  std::vector<ApiFailure> failures;
  const auto instances = named_instances(call, *cluster, failures);
  return instances_reply(call, instances, failures);
}

Reply ListContainerInstances(const Call& call) {
  TRY(Cluster * cluster, find_cluster(call));
  std::optional<ClusterQuery> query;
  if (const auto filter = find_string(call.input, "filter"); filter && !filter->empty()) {
    Result<ClusterQuery> parsed = ClusterQuery::parse(*filter);
    if (!parsed) return invalid_parameter("Invalid filter: " + parsed.error().message);
    query = *std::move(parsed);
  }
  const std::string_view status = string_or_empty(call.input, "status");
  std::vector<ContainerInstance*> wanted;
  for (const auto& [id, instance] : cluster->instances) {
    if (status.empty() ? instance->status == "INACTIVE" : instance->status != status) continue;
    if (!query || query->holds(*instance)) wanted.push_back(instance.get());
  }
  std::sort(wanted.begin(), wanted.end(),
            [](const auto* a, const auto* b) { return a->serial < b->serial; });
  std::vector<ListItem> items;
  for (const ContainerInstance* instance : wanted)
    items.push_back({serial_key(instance->serial), instance->arn});
  return list_page(call.input, items, {.member = "containerInstanceArns"});
}

Reply UpdateContainerInstancesState(const Call& call) {
  constexpr std::size_t kMost = 10;
  TRY(Cluster * cluster, find_cluster(call));
  const std::size_t given = strings(call.input, "containerInstances").size();
  if (given == 0 || given > kMost)
    return invalid_parameter("containerInstances must have 1 to 10 items.");
  const std::string status(string_or_empty(call.input, "status"));
  if (status != "ACTIVE" && status != "DRAINING")
    return invalid_parameter("Container instances can only become ACTIVE or DRAINING.");
  std::vector<ApiFailure> failures;
  const auto instances = named_instances(call, *cluster, failures);
  for (ContainerInstance* instance : instances) {
    instance->status = status;
    ++instance->version;
    const std::vector<Task*> tasks = instance->tasks;
    for (Task* task : tasks) {
      if (task->service == nullptr) continue;  // standalone tasks stay
      wake(call.region, *task->service);
      // What does not run yet need not wait for its service's bounds.
      if (status == "DRAINING" && task->state < TaskState::kRunning)
        stop(call.region, *task, "ServiceSchedulerInitiated",
             fmt::format("Scaling activity initiated by (deployment {})", task->deployment->id));
    }
    for (const auto& [name, service] : cluster->services)
      if (service->is_daemon) wake(call.region, *service);
  }
  return instances_reply(call, instances, failures);
}

// ---- Attributes -------------------------------------------------------------------------------

Reply PutAttributes(const Call& call) {
  constexpr std::size_t kMostPerCall = 10, kMostCustom = 10;
  TRY(Cluster * cluster, find_cluster(call));
  const JsonArray* attributes = find_array(call.input, "attributes");
  if (attributes == nullptr || attributes->empty() || attributes->size() > kMostPerCall)
    return invalid_parameter("attributes must have 1 to 10 items.");
  for (const Json& each : *attributes) {
    ContainerInstance* instance = find_instance(*cluster, string_or_empty(each, "targetId"));
    if (instance == nullptr) return no_such_target();
    const std::string name(string_or_empty(each, "name"));
    const std::size_t custom = instance->attributes.size() - instance->built_in_attributes.size();
    if (!instance->attributes.contains(name) && custom >= kMostCustom)
      return ServiceError{400,
                          "AttributeLimitExceededException",
                          "You can apply up to 10 custom attributes for each resource.",
                          {}};
  }
  JsonWriter json;
  json.begin_object().key("attributes").begin_array();
  for (const Json& each : *attributes) {
    ContainerInstance& instance = *find_instance(*cluster, string_or_empty(each, "targetId"));
    const std::string name(string_or_empty(each, "name"));
    instance.attributes[name] = string_or_empty(each, "value");
    ++instance.version;
    write_attribute(json, instance, name, instance.attributes[name]);
  }
  json.end_array().end_object();
  for (const auto& [name, service] : cluster->services) wake(call.region, *service);
  return JsonText{std::move(json).text()};
}

Reply DeleteAttributes(const Call& call) {
  TRY(Cluster * cluster, find_cluster(call));
  const JsonArray* attributes = find_array(call.input, "attributes");
  if (attributes == nullptr || attributes->empty())
    return invalid_parameter("attributes cannot be empty.");
  JsonWriter json;
  json.begin_object().key("attributes").begin_array();
  for (const Json& each : *attributes) {
    ContainerInstance* instance = find_instance(*cluster, string_or_empty(each, "targetId"));
    if (instance == nullptr) return no_such_target();
    const std::string name(string_or_empty(each, "name"));
    const auto found = instance->attributes.find(name);
    if (found == instance->attributes.end() || instance->built_in_attributes.contains(name))
      continue;
    write_attribute(json, *instance, name, found->second);
    instance->attributes.erase(found);
    ++instance->version;
  }
  json.end_array().end_object();
  return JsonText{std::move(json).text()};
}

Reply ListAttributes(const Call& call) {
  TRY(Cluster * cluster, find_cluster(call));
  if (string_or_empty(call.input, "targetType") != "container-instance")
    return invalid_parameter("The only target type is container-instance.");
  const std::string_view wanted_name = string_or_empty(call.input, "attributeName");
  const std::string_view wanted_value = string_or_empty(call.input, "attributeValue");
  std::vector<std::string> written;
  std::vector<std::string> keys;
  for (const auto& [id, instance] : cluster->instances) {
    for (const auto& [name, value] : instance->attributes) {
      if (instance->status == "INACTIVE") continue;
      if (!wanted_name.empty() && name != wanted_name) continue;
      if (!wanted_value.empty() && value != wanted_value) continue;
      JsonWriter json;
      write_attribute(json, *instance, name, value);
      written.push_back(std::move(json).text());
      keys.push_back(fmt::format("{} {}", id, name));
    }
  }
  std::vector<ListItem> items;
  for (std::size_t i = 0; i < written.size(); ++i) items.push_back({keys[i], written[i]});
  return list_page(call.input, items, {.member = "attributes", .shown_is_json = true});
}

}  // namespace slipway::sim::ecs
