// Running, stopping and looking at tasks.
#include "sim/operations.h"
#include "sim/placement.h"
#include "sim/services.h"
#include "sim/task_definitions.h"
#include "sim/task_writing.h"
#include "sim/tasks.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway::sim {
namespace {

Reply tasks_reply(const Region& region, const std::vector<Task*>& tasks,
                  const std::vector<ApiFailure>& failures, bool with_tags) {
  JsonWriter json;
  json.begin_object().key("tasks").begin_array();
  for (const Task* task : tasks) write_task(json, region, *task, with_tags);
  return list_with_failures(std::move(json), failures);
}

// ---- Reading a request to run -----------------------------------------------------------------

std::optional<ServiceError> read_overrides(const Call& call, TaskRequest& request) {
  constexpr std::size_t kLongest = 8192;
  const Json* given = find(call.input, "overrides");
  if (given == nullptr) return std::nullopt;
  request.overrides = Document(*given);
  if (request.overrides.text().size() > kLongest)
    return invalid_parameter("Overrides can have at most 8192 characters.");
  if (const JsonArray* containers = find_array(*given, "containerOverrides"))
    for (const Json& each : *containers) {
      const std::string_view name = string_or_empty(each, "name");
      if (request.definition->container(name) == nullptr)
        return invalid_parameter(fmt::format(
            "Override for container named {} is not a container in the TaskDefinition.", name));
    }
  if (const auto text = find_string(*given, "cpu")) {
    const auto cpu = parse_cpu(*text);
    if (!cpu) return invalid_parameter("Invalid 'cpu' setting for task.");
    request.cpu = *cpu;
  }
  if (const auto text = find_string(*given, "memory")) {
    const auto memory = parse_memory(*text);
    if (!memory) return invalid_parameter("Invalid 'memory' setting for task.");
    request.memory = *memory;
  }
  return std::nullopt;
}

// What RunTask and StartTask have in common.
std::optional<ServiceError> read_request(const Call& call, Cluster& cluster, TaskRequest& request) {
  const Json& input = call.input;
  request.cluster = &cluster;
  auto definition = usable_definition(call, string_or_empty(input, "taskDefinition"),
                                      "InvalidParameterException");
  if (!definition) return definition.error();
  request.definition = *std::move(definition);
  request.group = string_or_empty(input, "group");
  if (request.group.starts_with("service:"))
    return invalid_parameter("Group names cannot begin with 'service:'.");
  if (request.group.empty()) request.group = "family:" + request.definition->family;
  request.startedBy = string_or_empty(input, "startedBy");
  constexpr std::size_t kLongestStartedBy = 128;
  if (request.startedBy.size() > kLongestStartedBy)
    return invalid_parameter("startedBy can have at most 128 characters.");
  request.referenceId = string_or_empty(input, "referenceId");
  request.enableExecuteCommand = find_bool(input, "enableExecuteCommand").value_or(false);
  auto tags = read_tags(input);
  if (!tags) return tags.error();
  const std::string_view propagate = string_or_empty(input, "propagateTags");
  if (propagate == "SERVICE")
    return invalid_parameter("Tags can only be propagated from the task definition.");
  if (propagate == "TASK_DEFINITION") request.tags = request.definition->tags;
  for (Tag& tag : *tags) {
    std::erase_if(request.tags, [&](const Tag& other) { return other.key == tag.key; });
    request.tags.push_back(std::move(tag));
  }
  if (find_bool(input, "enableECSManagedTags").value_or(false))
    request.tags.push_back({"aws:ecs:clusterName", cluster.name});
  return read_overrides(call, request);
}

// ---- Idempotency ------------------------------------------------------------------------------

// The tasks an earlier call with the same token started, or the conflict with it; nullopt: none.
std::optional<Reply> repeated_run(const Call& call, const std::string& key,
                                  const std::string& request) {
  const auto found = call.region.idempotent_runs.find(key);
  if (found == call.region.idempotent_runs.end()) return std::nullopt;
  const Region::IdempotentRun& run = found->second;
  if (run.until <= call.region.now) {
    call.region.idempotent_runs.erase(found);
    return std::nullopt;
  }
  if (run.request != request) {
    JsonArray ids;
    for (const std::string& id : run.task_ids) ids.emplace_back(id);
    return ServiceError{
        400, "ConflictException",
        "The client token was used with different parameters. Use another token and try again.",
        JsonObject{{"resourceIds", std::move(ids)}}};
  }
  std::vector<Task*> tasks;
  for (const std::string& id : run.task_ids)
    if (const auto task = call.region.tasks_by_id.find(id); task != call.region.tasks_by_id.end())
      tasks.push_back(task->second);
  return tasks_reply(call.region, tasks, {}, true);
}

}  // namespace

namespace ecs {

bool has_instances(const Cluster& cluster) {
  return std::any_of(cluster.instances.begin(), cluster.instances.end(),
                     [](const auto& each) { return each.second->status != "INACTIVE"; });
}

void make_instances(Region& region, Cluster& cluster) {
  const AddInstances like{
      .cluster = cluster.name, .instanceType = "m6i.xlarge", .cpu = 4096, .memory = 15360};
  for (std::size_t i = 0; i < 4; ++i) add_instance(region, cluster, like, zone(region, i));
}

Reply RunTask(const Call& call) {
  constexpr int kMost = 10;
  constexpr std::size_t kLongestToken = 64;
  const Json& input = call.input;
  Region& region = call.region;
  TRY(Cluster * cluster, find_cluster(call));
  const std::string token(string_or_empty(input, "clientToken"));
  if (token.size() > kLongestToken)
    return invalid_parameter("clientToken can have at most 64 characters.");
  const std::string key = cluster->name + " " + token;
  const std::string request_text = to_text(input);
  if (!token.empty())
    if (auto reply = repeated_run(call, key, request_text)) return *std::move(reply);

  TaskRequest request;
  if (auto error = read_request(call, *cluster, request)) return *error;
  const auto count = find_int(input, "count").value_or(1);
  if (count < 1 || count > kMost) return invalid_parameter("Count must be between 1 and 10.");
  if (auto error =
          read_launch(call, *cluster, request.launchType, request.capacityProviderStrategy))
    return *error;
  Workload workload;
  workload.definition = request.definition;
  workload.launchType = request.launchType;
  workload.capacityProviderStrategy = request.capacityProviderStrategy;
  if (auto error = read_workload(call, workload)) return *error;
  if (auto error = workload_problem(call, workload)) return *error;
  request.platformVersion = workload.platformVersion;
  request.subnets = workload.subnets;
  TRY(request.placementConstraints, read_placement_constraints(input));
  TRY(request.placementStrategy, read_placement_strategy(input));
  const bool fargate =
      runs_on_fargate(region, request.launchType, request.capacityProviderStrategy);
  if (fargate && (!request.placementConstraints.empty() || !request.placementStrategy.empty()))
    return invalid_parameter("Placement constraints and strategies are not supported on Fargate.");
  if (!fargate && request.capacityProviderStrategy.empty() && !has_instances(*cluster)) {
    if (!region.makes_instances)
      return invalid_parameter("No Container Instances were found in your cluster.");
    make_instances(region, *cluster);
  }

  std::vector<Task*> tasks;
  std::vector<ApiFailure> failures;
  for (std::int64_t i = 0; i < count; ++i) {
    auto place = find_place(region, request, tasks);
    if (const Place* found = std::get_if<Place>(&place)) {
      tasks.push_back(&launch(region, request, *found));
      continue;
    }
    const Shortage& shortage = std::get<Shortage>(place);
    // The account's quota is an error of the call, a lack of capacity a failure of each task.
    if (shortage.reason == "RESOURCE:VCPU" && tasks.empty()) return client_error(shortage.detail);
    failures.push_back({shortage.closest != nullptr ? shortage.closest->arn : "", shortage.reason,
                        shortage.detail});
  }
  if (!token.empty()) {
    Region::IdempotentRun run{request_text, {}, region.now + region.knobs.client_token_window};
    for (const Task* task : tasks) run.task_ids.push_back(task->id);
    region.idempotent_runs.insert_or_assign(key, std::move(run));
  }
  return tasks_reply(region, tasks, failures, true);
}

Reply StartTask(const Call& call) {
  constexpr std::size_t kMost = 10;
  TRY(Cluster * cluster, find_cluster(call));
  const std::vector<std::string> names = strings(call.input, "containerInstances");
  if (names.empty() || names.size() > kMost)
    return invalid_parameter("containerInstances must have 1 to 10 items.");
  TaskRequest request;
  if (auto error = read_request(call, *cluster, request)) return *error;
  request.launchType = "EC2";
  Workload workload;
  workload.definition = request.definition;
  workload.launchType = "EC2";
  if (auto error = read_workload(call, workload)) return *error;
  if (auto error = workload_problem(call, workload)) return *error;
  request.subnets = workload.subnets;

  std::vector<Task*> tasks;
  std::vector<ApiFailure> failures;
  for (const std::string& name : names) {
    ContainerInstance* instance = find_instance(*cluster, name);
    if (instance == nullptr) {
      failures.push_back({name, "MISSING", ""});
    } else if (const auto shortage = shortage_on(request, *instance)) {
      failures.push_back({instance->arn, shortage->reason, shortage->detail});
    } else {
      const Place place{instance, "", "EC2", instance->availability_zone,
                        request.subnets.empty() ? "" : request.subnets.front()};
      tasks.push_back(&launch(call.region, request, place));
    }
  }
  return tasks_reply(call.region, tasks, failures, true);
}

Reply StopTask(const Call& call) {
  TRY(Cluster * cluster, find_cluster(call));
  Task* task = find_task(*cluster, call.region, string_or_empty(call.input, "task"));
  if (task == nullptr) return invalid_parameter("The referenced task was not found.");
  const std::string reason(string_or_empty(call.input, "reason"));
  constexpr std::size_t kLongestReason = 255;
  if (reason.size() > kLongestReason)
    return invalid_parameter("reason can have at most 255 characters.");
  stop(call.region, *task, "UserInitiated", reason.empty() ? "Task stopped by user" : reason);
  JsonWriter json;
  json.begin_object().key("task");
  write_task(json, call.region, *task, true);
  json.end_object();
  return JsonText{std::move(json).text()};
}

Reply DescribeTasks(const Call& call) {
  constexpr std::size_t kMost = 100;
  TRY(Cluster * cluster, find_cluster(call));
  const std::vector<std::string> names = strings(call.input, "tasks");
  if (names.empty()) return invalid_parameter("Tasks cannot be empty.");
  if (names.size() > kMost) return invalid_parameter("tasks can have at most 100 items.");
  std::vector<Task*> tasks;
  std::vector<ApiFailure> failures;
  for (const std::string& name : names) {
    if (Task* task = find_task(*cluster, call.region, name))
      tasks.push_back(task);
    else
      failures.push_back({name.starts_with("arn:")
                              ? name
                              : call.region.arn(fmt::format("task/{}/{}", cluster->name, name)),
                          "MISSING", ""});
  }
  return tasks_reply(call.region, tasks, failures, includes(call.input, "TAGS"));
}

Reply ListTasks(const Call& call) {
  const Json& input = call.input;
  TRY(Cluster * cluster, find_cluster(call));
  const std::string_view service = string_or_empty(input, "serviceName");
  const std::string_view family = string_or_empty(input, "family");
  const std::string_view started_by = string_or_empty(input, "startedBy");
  const std::string_view instance = string_or_empty(input, "containerInstance");
  const std::string_view launch_type = string_or_empty(input, "launchType");
  const std::string_view status = string_or_empty(input, "desiredStatus");
  if (!started_by.empty() &&
      (!service.empty() || !family.empty() || !instance.empty() || !launch_type.empty()))
    return invalid_parameter("startedBy cannot be combined with other filters.");
  if (!service.empty()) {
    const Service* known = find_service(*cluster, service);
    if (known == nullptr || known->status == ServiceStatus::kInactive) return service_not_found();
  }
  const ContainerInstance* on = nullptr;
  if (!instance.empty()) {
    on = find_instance(*cluster, instance);
    if (on == nullptr) return invalid_parameter("The referenced container instance was not found.");
  }
  const std::string group = fmt::format("service:{}", last_segment(service));
  const bool stopped = status == "STOPPED";
  std::vector<ListItem> items;
  for (const auto& [serial, task] : cluster->tasks) {
    if (status == "PENDING" || task->stopping != stopped) continue;
    if (!service.empty() && task->group != group) continue;
    if (!family.empty() && task->definition->family != family) continue;
    if (!started_by.empty() && task->startedBy != started_by) continue;
    if (on != nullptr && task->containerInstanceArn != on->arn) continue;
    if (!launch_type.empty() && task->launchType != launch_type) continue;
    items.push_back({serial_key(serial), task->arn});
  }
  return list_page(input, items, {.member = "taskArns"});
}

Reply ExecuteCommand(const Call& call) {
  TRY(Cluster * cluster, find_cluster(call));
  const Task* task = find_task(*cluster, call.region, string_or_empty(call.input, "task"));
  if (task == nullptr) return invalid_parameter("The referenced task was not found.");
  if (!task->enableExecuteCommand || task->state != TaskState::kRunning)
    return invalid_parameter(
        "The execute command failed because execute command was not enabled when the task was run "
        "or "
        "the execute command agent isn’t running. Wait and try again or run a new task with "
        "execute "
        "command enabled and try again.");
  if (task->instance != nullptr && !task->instance->agentConnected)
    return ServiceError{400,
                        "TargetNotConnectedException",
                        "The execute command failed due to an internal error. Try again later.",
                        {}};
  const std::string_view wanted = string_or_empty(call.input, "container");
  if (wanted.empty() && task->containers.size() > 1)
    return invalid_parameter("Container name must be specified for tasks with several containers.");
  const auto container = std::find_if(
      task->containers.begin(), task->containers.end(),
      [&](const Container& each) { return wanted.empty() || each.definition->name == wanted; });
  if (container == task->containers.end())
    return invalid_parameter("The specified container was not found.");
  const std::string session = "ecs-execute-command-" + call.region.hex_id().substr(0, 17);
  JsonWriter json;
  json.begin_object()
      .member("clusterArn", cluster->arn)
      .member("containerArn", container->arn)
      .member("containerName", container->definition->name)
      .member("interactive", find_bool(call.input, "interactive").value_or(true))
      .key("session")
      .begin_object()
      .member("sessionId", session)
      .member("streamUrl",
              fmt::format(
                  "wss://ssmmessages.{}.amazonaws.com/v1/data-channel/{}?role=publish_subscribe",
                  call.region.name, session))
      .member("tokenValue", call.region.hex_id())
      .end_object()
      .member("taskArn", task->arn)
      .end_object();
  return JsonText{std::move(json).text()};
}

// ---- Protection -------------------------------------------------------------------------------

namespace {

bool can_be_protected(const Task& task) {
  return task.service != nullptr && !task.stopping && task.state == TaskState::kRunning;
}

Reply protection_reply(const Region& region, const std::vector<Task*>& tasks,
                       const std::vector<ApiFailure>& failures) {
  JsonWriter json;
  json.begin_object().key("protectedTasks").begin_array();
  for (const Task* task : tasks) {
    const bool is_protected = task->is_protected(region.now);
    json.begin_object().member("taskArn", task->arn).member("protectionEnabled", is_protected);
    if (is_protected) json.member("expirationDate", *task->protected_until);
    json.end_object();
  }
  return list_with_failures(std::move(json), failures);
}

ApiFailure not_valid(const Task& task) { return {task.arn, "TASK_NOT_VALID", ""}; }

}  // namespace

Reply GetTaskProtection(const Call& call) {
  constexpr std::size_t kMost = 100;
  TRY(Cluster * cluster, find_cluster(call));
  std::vector<std::string> names = strings(call.input, "tasks");
  if (names.size() > kMost) return invalid_parameter("tasks can have at most 100 items.");
  std::vector<Task*> tasks;
  std::vector<ApiFailure> failures;
  if (names.empty())
    for (const auto& [serial, task] : cluster->tasks)
      if (task->is_protected(call.region.now)) tasks.push_back(task.get());
  for (const std::string& name : names) {
    Task* task = find_task(*cluster, call.region, name);
    if (task == nullptr)
      failures.push_back({name, "MISSING", ""});
    else if (!can_be_protected(*task))
      failures.push_back(not_valid(*task));
    else
      tasks.push_back(task);
  }
  return protection_reply(call.region, tasks, failures);
}

Reply UpdateTaskProtection(const Call& call) {
  constexpr std::size_t kMost = 10;
  constexpr int kDefaultMinutes = 120, kMostMinutes = 2880;
  TRY(Cluster * cluster, find_cluster(call));
  const std::vector<std::string> names = strings(call.input, "tasks");
  if (names.empty() || names.size() > kMost)
    return invalid_parameter("tasks must have 1 to 10 items.");
  const auto enable = find_bool(call.input, "protectionEnabled");
  if (!enable) return invalid_parameter("protectionEnabled must be specified.");
  const auto minutes = find_int(call.input, "expiresInMinutes").value_or(kDefaultMinutes);
  if (minutes < 1 || minutes > kMostMinutes)
    return invalid_parameter("expiresInMinutes must be between 1 and 2880.");
  std::vector<Task*> tasks;
  std::vector<ApiFailure> failures;
  for (const std::string& name : names) {
    Task* task = find_task(*cluster, call.region, name);
    if (task == nullptr) {
      failures.push_back({name, "MISSING", ""});
      continue;
    }
    if (!can_be_protected(*task)) {
      failures.push_back(not_valid(*task));
      continue;
    }
    // Protected tasks hold up a deployment already: no more of the old ones.
    const bool blocked = *enable && task->deployment != task->service->primary() &&
                         task->service->said.contains("protected");
    if (blocked) {
      failures.push_back({task->arn, "DEPLOYMENT_BLOCKED", ""});
      continue;
    }
    if (*enable)
      task->protected_until = call.region.now + std::chrono::minutes(minutes);
    else
      task->protected_until.reset();
    touch(call.region, *task);
    tasks.push_back(task);
  }
  return protection_reply(call.region, tasks, failures);
}

}  // namespace ecs
}  // namespace slipway::sim
