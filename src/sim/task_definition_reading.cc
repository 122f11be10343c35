// What RegisterTaskDefinition is given, held against ECS's rules: read_definition().

#include "base/text.h"
#include "sim/calls.h"
#include "sim/task_definition_needs.h"
#include "sim/task_definitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <set>

namespace slipway::sim {
namespace {

constexpr std::size_t kMostContainers = 10;
constexpr std::size_t kLargestDefinition = 64UL * 1024;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  });
}

std::optional<int> parse_size(std::string_view text, std::string_view unit, int per_unit) {
  text = trim(text);
  std::string_view digits = text;
  const bool has_unit = text.size() > unit.size() &&
                        equals_ignoring_case(text.substr(text.size() - unit.size()), unit);
  if (has_unit) digits = trim(text.substr(0, text.size() - unit.size()));
  double number = 0;
  const char* end = digits.data() + digits.size();
  if (digits.empty() || std::from_chars(digits.data(), end, number).ptr != end || number < 0 ||
      number > 1e6)
    return std::nullopt;
  const double size = has_unit ? number * per_unit : number;
  if (size != std::floor(size)) return std::nullopt;
  return static_cast<int>(size);
}

void set_default(JsonObject& object, std::string_view member, Json value) {
  const auto found = object.find(member);
  if (found == object.end())
    object.emplace(member, std::move(value));
  else if (found->value().is_null())
    found->value() = std::move(value);
}

// Members that are null count as absent, at every level.
Json without_nulls(const Json& json) {
  if (const JsonObject* object = json.if_object()) {
    JsonObject kept;
    for (const auto& [key, value] : *object)
      if (!value.is_null()) kept.emplace(key, without_nulls(value));
    return kept;
  }
  if (const JsonArray* array = json.if_array()) {
    JsonArray kept;
    for (const Json& value : *array) kept.push_back(without_nulls(value));
    return kept;
  }
  return json;
}

int int_or(const Json& json, std::string_view member, int other) {
  return static_cast<int>(find_int(json, member).value_or(other));
}

// ---- A container ------------------------------------------------------------------------------

void fill_defaults(JsonObject& container, std::string_view network_mode) {
  set_default(container, "cpu", 0);
  set_default(container, "essential", true);
  for (const char* list :
       {"portMappings", "environment", "mountPoints", "volumesFrom", "systemControls"})
    set_default(container, list, JsonArray());
  const bool shares_ports = network_mode == "awsvpc" || network_mode == "host";
  for (Json& each : container["portMappings"].as_array()) {
    JsonObject& mapping = each.as_object();
    const auto container_port = mapping.find("containerPort");
    if (mapping.contains("containerPortRange")) continue;
    set_default(
        mapping, "hostPort",
        shares_ports && container_port != mapping.end() ? container_port->value() : Json(0));
    set_default(mapping, "protocol", "tcp");
  }
  if (JsonObject* check =
          container.contains("healthCheck") ? container["healthCheck"].if_object() : nullptr) {
    set_default(*check, "interval", 30);
    set_default(*check, "timeout", 5);
    set_default(*check, "retries", 3);
  }
}

AwsLogs read_awslogs(const Json& log, std::string_view region) {
  AwsLogs logs;
  const Json* options = find(log, "options");
  if (options == nullptr) return logs;
  logs.group = string_or_empty(*options, "awslogs-group");
  logs.stream_prefix = string_or_empty(*options, "awslogs-stream-prefix");
  logs.creates_group = string_or_empty(*options, "awslogs-create-group") == "true";
  const auto where = find_string(*options, "awslogs-region");
  logs.elsewhere = where && *where != region;
  return logs;
}

ContainerDefinition read_container(const Json& json, std::string_view region) {
  ContainerDefinition container;
  container.name = string_or_empty(json, "name");
  container.image = string_or_empty(json, "image");
  container.essential = find_bool(json, "essential").value_or(true);
  container.cpu = int_or(json, "cpu", 0);
  container.memory = int_or(json, "memory", 0);
  container.memoryReservation = int_or(json, "memoryReservation", 0);
  if (const JsonArray* mappings = find_array(json, "portMappings"))
    for (const Json& each : *mappings)
      container.portMappings.push_back({int_or(each, "containerPort", 0),
                                        int_or(each, "hostPort", 0),
                                        std::string(string_or_empty(each, "protocol"))});
  if (const Json* check = find(json, "healthCheck"))
    container.healthCheck = HealthCheck{std::chrono::seconds(int_or(*check, "interval", 30)),
                                        int_or(*check, "retries", 3),
                                        std::chrono::seconds(int_or(*check, "startPeriod", 0))};
  if (const JsonArray* dependencies = find_array(json, "dependsOn"))
    for (const Json& each : *dependencies)
      container.dependsOn.push_back({std::string(string_or_empty(each, "containerName")),
                                     std::string(string_or_empty(each, "condition"))});
  if (const Json* log = find(json, "logConfiguration");
      log != nullptr && string_or_empty(*log, "logDriver") == "awslogs")
    container.awslogs = read_awslogs(*log, region);
  if (const auto seconds = find_int(json, "startTimeout"))
    container.startTimeout = std::chrono::seconds(*seconds);
  if (const auto seconds = find_int(json, "stopTimeout"))
    container.stopTimeout = std::chrono::seconds(*seconds);
  if (const Json* policy = find(json, "restartPolicy");
      policy != nullptr && find_bool(*policy, "enabled").value_or(false)) {
    RestartPolicy& restart = container.restartPolicy.emplace();
    restart.restartAttemptPeriod =
        std::chrono::seconds(int_or(*policy, "restartAttemptPeriod", 60));
    if (const JsonArray* codes = find_array(*policy, "ignoredExitCodes"))
      for (const Json& code : *codes)
        if (code.is_int64()) restart.ignoredExitCodes.push_back(static_cast<int>(code.get_int64()));
  }
  if (const JsonArray* requirements = find_array(json, "resourceRequirements"))
    for (const Json& each : *requirements)
      if (string_or_empty(each, "type") == "GPU")
        container.gpus += parse_size(string_or_empty(each, "value"), "", 1).value_or(0);
  return container;
}

std::optional<std::string> container_problem(const ContainerDefinition& container,
                                             const TaskDefinition& task) {
  const std::string setting = fmt::format("Invalid setting for container '{}'. ", container.name);
  if (container.name.empty()) return "Container.name should not be null or empty.";
  if (!is_name(container.name)) return fmt::format("Invalid container name '{}'.", container.name);
  if (container.image.empty()) return "Container.image should not be null or empty.";
  if (task.memory == 0 && container.memory == 0 && container.memoryReservation == 0)
    return setting + "At least one of 'memory' or 'memoryReservation' must be specified.";
  constexpr int kLeastMemory = 6;
  if (container.memory != 0 && container.memory < kLeastMemory)
    return fmt::format("{}'memory' must be at least {} MiB.", setting, kLeastMemory);
  if (container.memory != 0 && container.memoryReservation > container.memory)
    return setting + "'memory' must be greater than or equal to 'memoryReservation'.";
  for (const PortMapping& port : container.portMappings) {
    if (port.containerPort < 0 || port.containerPort > 65535 || port.hostPort < 0 ||
        port.hostPort > 65535)
      return setting + "Ports must be between 0 and 65535.";
    if ((task.networkMode == "awsvpc" || task.networkMode == "host") && port.hostPort != 0 &&
        port.hostPort != port.containerPort)
      return fmt::format(
          "When networkMode={}, the host ports and container ports in port mappings must match.",
          task.networkMode);
  }
  for (const ContainerDependency& dependency : container.dependsOn) {
    const ContainerDefinition* other = task.container(dependency.containerName);
    if (other == nullptr || other == &container)
      return fmt::format("{}dependsOn names '{}', which is no other container of the task.",
                         setting, dependency.containerName);
    if (dependency.condition == "HEALTHY" && !other->healthCheck)
      return fmt::format("{}dependsOn waits for '{}' to be HEALTHY, which has no health check.",
                         setting, dependency.containerName);
    if ((dependency.condition == "COMPLETE" || dependency.condition == "SUCCESS") &&
        other->essential)
      return fmt::format("{}dependsOn waits for the essential container '{}' to exit.", setting,
                         dependency.containerName);
  }
  return std::nullopt;
}

bool has_cycle(const TaskDefinition& task) {
  std::map<std::string_view, int> mark;  // 1: on the path, 2: done
  const std::function<bool(const ContainerDefinition&)> visit = [&](const ContainerDefinition& c) {
    if (mark[c.name] == 1) return true;
    if (mark[c.name] == 2) return false;
    mark[c.name] = 1;
    for (const ContainerDependency& dependency : c.dependsOn)
      if (const ContainerDefinition* other = task.container(dependency.containerName);
          other != nullptr && visit(*other))
        return true;
    mark[c.name] = 2;
    return false;
  };
  return std::any_of(task.containers.begin(), task.containers.end(), visit);
}

// ---- The task ---------------------------------------------------------------------------------

std::optional<std::string> task_problem(const TaskDefinition& task) {
  if (task.containers.size() > kMostContainers)
    return fmt::format("A task definition can have at most {} containers.", kMostContainers);
  std::set<std::string_view> names;
  int cpu = 0, memory = 0;
  bool has_essential = false;
  for (const ContainerDefinition& container : task.containers) {
    if (auto problem = container_problem(container, task)) return problem;
    if (!names.insert(container.name).second)
      return fmt::format("Container names must be unique: '{}' is used twice.", container.name);
    has_essential |= container.essential;
    cpu += container.cpu;
    memory += container.memoryReservation != 0 ? container.memoryReservation : container.memory;
  }
  if (!has_essential)
    return "Invalid 'essential' setting for task. At least one container must be essential.";
  if (has_cycle(task)) return "The containers' dependsOn settings form a cycle.";
  if (task.cpu != 0 && cpu > task.cpu)
    return fmt::format("The containers' cpu, {} in all, exceeds the task's, {}.", cpu, task.cpu);
  if (task.memory != 0 && memory > task.memory)
    return fmt::format("The containers' memory, {} MiB in all, exceeds the task's, {}.", memory,
                       task.memory);
  return std::nullopt;
}

}  // namespace

std::optional<int> parse_cpu(std::string_view text) { return parse_size(text, "vCPU", 1024); }
std::optional<int> parse_memory(std::string_view text) { return parse_size(text, "GB", 1024); }

Answer<std::shared_ptr<TaskDefinition>> read_definition(const Call& call) {
  constexpr std::array kMembers = {"containerDefinitions",
                                   "family",
                                   "taskRoleArn",
                                   "executionRoleArn",
                                   "networkMode",
                                   "volumes",
                                   "placementConstraints",
                                   "runtimePlatform",
                                   "requiresCompatibilities",
                                   "cpu",
                                   "memory",
                                   "inferenceAccelerators",
                                   "pidMode",
                                   "ipcMode",
                                   "proxyConfiguration",
                                   "ephemeralStorage",
                                   "enableFaultInjection"};
  auto task = std::make_shared<TaskDefinition>();
  task->family = string_or_empty(call.input, "family");
  if (!is_name(task->family)) return client_error("Family contains invalid characters.");
  const JsonArray* given = find_array(call.input, "containerDefinitions");
  if (given == nullptr || given->empty()) return client_error("Container list cannot be empty.");

  JsonObject document;
  for (const char* member : kMembers)
    if (const Json* value = find(call.input, member))
      document.emplace(member, without_nulls(*value));
  set_default(document, "volumes", JsonArray());
  set_default(document, "placementConstraints", JsonArray());
  task->networkMode = string_or_empty(call.input, "networkMode");
  for (Json& container : document["containerDefinitions"].as_array()) {
    if (!container.is_object()) return client_error("Container list cannot contain null.");
    fill_defaults(container.as_object(), task->networkMode);
  }

  // Sizes are kept as plain numbers, whatever unit they came in.
  if (const auto text = find_string(call.input, "cpu"); text && !text->empty()) {
    constexpr int kLeast = 128, kMost = 196608;
    const std::optional<int> cpu = parse_cpu(*text);
    if (!cpu || *cpu < kLeast || *cpu > kMost)
      return client_error(
          "Invalid 'cpu' setting for task. For more information, see the Troubleshooting section "
          "of the Amazon ECS Developer Guide.");
    task->cpu = *cpu;
    document["cpu"] = std::to_string(*cpu);
  }
  if (const auto text = find_string(call.input, "memory"); text && !text->empty()) {
    const std::optional<int> memory = parse_memory(*text);
    if (!memory || *memory <= 0)
      return client_error(
          "Invalid 'memory' setting for task. For more information, see the Troubleshooting "
          "section of the Amazon ECS Developer Guide.");
    task->memory = *memory;
    document["memory"] = std::to_string(*memory);
  }
  if (const Json* platform = find(call.input, "runtimePlatform")) {
    task->operatingSystemFamily = string_or_empty(*platform, "operatingSystemFamily");
    task->cpuArchitecture = string_or_empty(*platform, "cpuArchitecture");
  }
  if (const Json* storage = find(call.input, "ephemeralStorage")) {
    const auto size = find_int(*storage, "sizeInGiB").value_or(0);
    if (size < 21) return client_error("EphemeralStorage size should be at least 21");
    if (size > 200) return client_error("EphemeralStorage size should be at most 200");
  }
  for (const Json& container : document["containerDefinitions"].as_array())
    task->containers.push_back(read_container(container, call.region.name));
  if (auto problem = task_problem(*task)) return client_error(*problem);

  const Json whole = document;
  const std::vector<std::string> required = strings(whole, "requiresCompatibilities");
  if (std::find(required.begin(), required.end(), "FARGATE") != required.end()) {
    if (auto problem = fargate_problem(*task, whole)) return client_error(*problem);
    if (needs_a_host(whole))
      return client_error("Fargate does not support host volumes, links or extra hosts.");
  }
  TRY(task->placementConstraints, read_placement_constraints(call.input));
  for (const PlacementConstraint& constraint : task->placementConstraints)
    if (constraint.type != "memberOf")
      return client_error("Task definitions only support the placement constraint memberOf.");
  TRY(task->tags, read_tags(call.input));
  task->compatibilities = compatibilities_of(*task, whole);
  task->requiresAttributes = attributes_of(*task, whole);
  task->text = to_text(whole);
  if (task->text.size() > kLargestDefinition)
    return client_error(fmt::format("Actual length: '{}'. Max allowed length is '{}' bytes.",
                                    task->text.size(), kLargestDefinition));
  task->text = task->text.substr(1, task->text.size() - 2);
  task->document = whole;
  return task;
}

}  // namespace slipway::sim
