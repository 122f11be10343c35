#include "sim/task_definition_needs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace slipway::sim {
namespace {

bool is_windows(const TaskDefinition& task) {
  return task.operatingSystemFamily.starts_with("WINDOWS");
}

}  // namespace

bool is_fargate_size(int cpu, int memory, bool windows) {
  struct Row {
    int cpu, least, most, step;
    bool windows;
  };
  constexpr std::array kRows = {
      Row{512, 1024, 4096, 1024, false},    Row{1024, 2048, 8192, 1024, true},
      Row{2048, 4096, 16384, 1024, true},   Row{4096, 8192, 30720, 1024, true},
      Row{8192, 16384, 61440, 4096, false}, Row{16384, 32768, 122880, 8192, false}};
  if (cpu == 256) return !windows && (memory == 512 || memory == 1024 || memory == 2048);
  return std::any_of(kRows.begin(), kRows.end(), [&](const Row& row) {
    return row.cpu == cpu && memory >= row.least && memory <= row.most &&
           (memory - row.least) % row.step == 0 && (row.windows || !windows);
  });
}

std::optional<std::string> fargate_problem(const TaskDefinition& task, const Json& document) {
  if (task.networkMode != "awsvpc") return "Fargate only supports network mode ‘awsvpc’.";
  if (task.cpu == 0) return "Fargate requires that 'cpu' be defined at the task level.";
  if (task.memory == 0) return "Fargate requires that 'memory' be defined at the task level.";
  if (!is_fargate_size(task.cpu, task.memory, is_windows(task)))
    return fmt::format(
        "No Fargate configuration exists for given values: {} CPU, {} memory. See the Amazon ECS "
        "documentation for the valid values.",
        task.cpu, task.memory);
  const bool has_execution_role = !string_or_empty(document, "executionRoleArn").empty();
  if (const JsonArray* containers = find_array(document, "containerDefinitions")) {
    for (const Json& container : *containers) {
      if (!has_execution_role &&
          string_or_empty(container, "image").find(".dkr.ecr.") != std::string_view::npos)
        return "Fargate requires task definition to have execution role ARN to support ECR images.";
      const Json* log = find(container, "logConfiguration");
      if (!has_execution_role && log != nullptr && string_or_empty(*log, "logDriver") == "awslogs")
        return "Fargate requires task definition to have execution role ARN to support log driver "
               "awslogs.";
      if (find_bool(container, "privileged").value_or(false))
        return "Fargate does not support privileged containers.";
    }
  }
  return std::nullopt;
}

bool needs_a_host(const Json& document) {
  if (const JsonArray* volumes = find_array(document, "volumes"))
    for (const Json& volume : *volumes)
      if (const Json* host = find(volume, "host");
          host != nullptr && !string_or_empty(*host, "sourcePath").empty())
        return true;
  if (const JsonArray* containers = find_array(document, "containerDefinitions"))
    for (const Json& container : *containers)
      for (const char* member : {"links", "extraHosts"})
        if (const JsonArray* list = find_array(container, member);
            list != nullptr && !list->empty())
          return true;
  return false;
}

std::vector<std::string> compatibilities_of(const TaskDefinition& task, const Json& document) {
  std::vector<std::string> all;
  if (!task.uses_awsvpc()) all.emplace_back("EXTERNAL");
  all.emplace_back("EC2");
  if (!needs_a_host(document) && !fargate_problem(task, document)) all.emplace_back("FARGATE");
  if (task.uses_awsvpc() || task.networkMode == "host") all.emplace_back("MANAGED_INSTANCES");
  return all;
}

std::vector<std::string> attributes_of(const TaskDefinition& task, const Json& document) {
  std::set<std::string> all = {"com.amazonaws.ecs.capability.docker-remote-api.1.18"};
  const bool has_execution_role = !string_or_empty(document, "executionRoleArn").empty();
  if (task.uses_awsvpc()) all.emplace("ecs.capability.task-eni");
  if (!string_or_empty(document, "taskRoleArn").empty())
    all.emplace(task.networkMode == "host"
                    ? "com.amazonaws.ecs.capability.task-iam-role-network-host"
                    : "com.amazonaws.ecs.capability.task-iam-role");
  if (find(document, "pidMode") != nullptr || find(document, "ipcMode") != nullptr)
    all.emplace("ecs.capability.pid-ipc-namespace-sharing");
  if (const JsonArray* volumes = find_array(document, "volumes"))
    for (const Json& volume : *volumes)
      if (find(volume, "efsVolumeConfiguration") != nullptr) all.emplace("ecs.capability.efs");
  for (const Json& container : document.at("containerDefinitions").as_array()) {
    if (string_or_empty(container, "image").find(".dkr.ecr.") != std::string_view::npos) {
      all.emplace("com.amazonaws.ecs.capability.ecr-auth");
      if (has_execution_role) all.emplace("ecs.capability.execution-role-ecr-pull");
    }
    if (const Json* log = find(container, "logConfiguration")) {
      const std::string_view driver = string_or_empty(*log, "logDriver");
      all.emplace(fmt::format("com.amazonaws.ecs.capability.logging-driver.{}", driver));
      if (driver == "awslogs") {
        all.emplace("com.amazonaws.ecs.capability.docker-remote-api.1.19");
        if (has_execution_role) all.emplace("ecs.capability.execution-role-awslogs");
      }
    }
    if (find_int(container, "memoryReservation"))
      all.emplace("com.amazonaws.ecs.capability.docker-remote-api.1.21");
    if (find_bool(container, "privileged").value_or(false))
      all.emplace("com.amazonaws.ecs.capability.privileged-container");
    if (find(container, "healthCheck") != nullptr) {
      all.emplace("ecs.capability.container-health-check");
      all.emplace("com.amazonaws.ecs.capability.docker-remote-api.1.24");
    }
    if (const JsonArray* dependencies = find_array(container, "dependsOn");
        dependencies != nullptr && !dependencies->empty())
      all.emplace("ecs.capability.container-ordering");
    if (const JsonArray* secrets = find_array(container, "secrets"))
      for (const Json& secret : *secrets)
        all.emplace(string_or_empty(secret, "valueFrom").find(":secretsmanager:") !=
                            std::string_view::npos
                        ? "ecs.capability.secrets.asm.environment-variables"
                        : "ecs.capability.secrets.ssm.environment-variables");
    if (const JsonArray* files = find_array(container, "environmentFiles");
        files != nullptr && !files->empty())
      all.emplace("ecs.capability.env-files.s3");
  }
  return {all.begin(), all.end()};
}

std::span<const std::string_view> agent_capabilities() {
  static constexpr std::array<std::string_view, 37> kAll = {
      "com.amazonaws.ecs.capability.docker-remote-api.1.17",
      "com.amazonaws.ecs.capability.docker-remote-api.1.18",
      "com.amazonaws.ecs.capability.docker-remote-api.1.19",
      "com.amazonaws.ecs.capability.docker-remote-api.1.20",
      "com.amazonaws.ecs.capability.docker-remote-api.1.21",
      "com.amazonaws.ecs.capability.docker-remote-api.1.22",
      "com.amazonaws.ecs.capability.docker-remote-api.1.23",
      "com.amazonaws.ecs.capability.docker-remote-api.1.24",
      "com.amazonaws.ecs.capability.docker-remote-api.1.25",
      "com.amazonaws.ecs.capability.ecr-auth",
      "com.amazonaws.ecs.capability.logging-driver.awsfirelens",
      "com.amazonaws.ecs.capability.logging-driver.awslogs",
      "com.amazonaws.ecs.capability.logging-driver.fluentd",
      "com.amazonaws.ecs.capability.logging-driver.gelf",
      "com.amazonaws.ecs.capability.logging-driver.journald",
      "com.amazonaws.ecs.capability.logging-driver.json-file",
      "com.amazonaws.ecs.capability.logging-driver.none",
      "com.amazonaws.ecs.capability.logging-driver.splunk",
      "com.amazonaws.ecs.capability.logging-driver.syslog",
      "com.amazonaws.ecs.capability.privileged-container",
      "com.amazonaws.ecs.capability.task-iam-role",
      "com.amazonaws.ecs.capability.task-iam-role-network-host",
      "ecs.capability.cni-plugin-version",
      "ecs.capability.container-health-check",
      "ecs.capability.container-ordering",
      "ecs.capability.efs",
      "ecs.capability.env-files.s3",
      "ecs.capability.execution-role-awslogs",
      "ecs.capability.execution-role-ecr-pull",
      "ecs.capability.external",
      "ecs.capability.firelens.fluentbit",
      "ecs.capability.firelens.fluentd",
      "ecs.capability.pid-ipc-namespace-sharing",
      "ecs.capability.secrets.asm.environment-variables",
      "ecs.capability.secrets.ssm.environment-variables",
      "ecs.capability.task-cpu-mem-limit",
      "ecs.capability.task-eni"};
  return kAll;
}

}  // namespace slipway::sim
