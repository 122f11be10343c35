#include "sim/task_writing.h"

#include "sim/calls.h"
#include "sim/images.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace slipway::sim {
namespace {

std::string_view attachment_status(const Task& task) {
  switch (task.state) {
    case TaskState::kProvisioning:
      return "PRECREATED";
    case TaskState::kDeprovisioning:
      return "DETACHING";
    case TaskState::kStopped:
      return "DELETED";
    default:
      return "ATTACHED";
  }
}

void write_attachments(JsonWriter& json, const Task& task) {
  json.key("attachments").begin_array();
  if (const auto& eni = task.network_interface) {
    json.begin_object()
        .member("id", eni->attachment_id)
        .member("type", "ElasticNetworkInterface")
        .member("status", attachment_status(task))
        .key("details")
        .begin_array();
    const std::pair<std::string_view, std::string_view> details[] = {
        {"subnetId", eni->subnetId},
        {"networkInterfaceId", eni->id},
        {"macAddress", eni->macAddress},
        {"privateIPv4Address", eni->privateIPv4Address}};
    for (const auto& [name, value] : details)
      json.begin_object().member("name", name).member("value", value).end_object();
    json.end_array().end_object();
  }
  json.end_array();
}

void write_bindings(JsonWriter& json, const Task& task, const Container& container) {
  json.key("networkBindings").begin_array();
  if (!task.network_interface && container.state == TaskState::kRunning) {
    const auto& mappings = container.definition->portMappings;
    for (std::size_t i = 0; i < mappings.size() && i < container.host_ports.size(); ++i)
      json.begin_object()
          .member("bindIP", "0.0.0.0")
          .member("containerPort", mappings[i].containerPort)
          .member("hostPort", container.host_ports[i])
          .member("protocol", mappings[i].protocol)
          .end_object();
  }
  json.end_array().key("networkInterfaces").begin_array();
  if (const auto& eni = task.network_interface)
    json.begin_object()
        .member("attachmentId", eni->attachment_id)
        .member("privateIpv4Address", eni->privateIPv4Address)
        .end_object();
  json.end_array();
}

void write_container(JsonWriter& json, const Task& task, const Container& container) {
  const ContainerDefinition& definition = *container.definition;
  json.begin_object()
      .member("containerArn", container.arn)
      .member("taskArn", task.arn)
      .member("name", definition.name)
      .member("image", definition.image);
  if (container.started_at) json.member("imageDigest", digest_of(definition.image));
  if (!container.runtimeId.empty()) json.member("runtimeId", container.runtimeId);
  json.member("lastStatus", to_string(container.state));
  if (container.exitCode) json.member("exitCode", *container.exitCode);
  if (!container.reason.empty()) json.member("reason", container.reason);
  write_bindings(json, task, container);
  json.member("healthStatus", to_string(container.health));
  if (task.enableExecuteCommand && container.started_at)
    json.key("managedAgents")
        .begin_array()
        .begin_object()
        .member("lastStartedAt", *container.started_at)
        .member("name", "ExecuteCommandAgent")
        .member("lastStatus", container.state == TaskState::kRunning ? "RUNNING" : "STOPPED")
        .end_object()
        .end_array();
  json.member("cpu", std::to_string(definition.cpu));
  if (definition.memory != 0) json.member("memory", std::to_string(definition.memory));
  if (definition.memoryReservation != 0)
    json.member("memoryReservation", std::to_string(definition.memoryReservation));
  json.end_object();
}

void write_overrides(JsonWriter& json, const Task& task) {
  if (!task.overrides.empty()) {
    json.raw_member("overrides", task.overrides.text());
    return;
  }
  json.key("overrides").begin_object().key("containerOverrides").begin_array();
  for (const Container& container : task.containers)
    json.begin_object().member("name", container.definition->name).end_object();
  json.end_array().key("inferenceAcceleratorOverrides").begin_array().end_array().end_object();
}

}  // namespace

void write_task(JsonWriter& json, const Region& region, const Task& task, bool with_tags) {
  json.begin_object();
  write_attachments(json, task);
  json.key("attributes")
      .begin_array()
      .begin_object()
      .member("name", "ecs.cpu-architecture")
      .member("value", task.definition->cpuArchitecture == "ARM64" ? "arm64" : "x86_64")
      .end_object()
      .end_array();
  if (!task.availability_zone.empty()) json.member("availabilityZone", task.availability_zone);
  if (!task.capacityProviderName.empty())
    json.member("capacityProviderName", task.capacityProviderName);
  json.member("clusterArn", task.cluster->arn);
  if (task.connectivityAt && *task.connectivityAt <= region.now) {
    const bool silent = task.instance != nullptr && !task.instance->agentConnected;
    json.member("connectivity", silent ? "DISCONNECTED" : "CONNECTED")
        .member("connectivityAt", *task.connectivityAt);
  }
  if (!task.containerInstanceArn.empty())
    json.member("containerInstanceArn", task.containerInstanceArn);
  json.key("containers").begin_array();
  for (const Container& container : task.containers) write_container(json, task, container);
  json.end_array();
  if (task.cpu != 0) json.member("cpu", std::to_string(task.cpu));
  json.member("createdAt", task.createdAt)
      .member("desiredStatus", task.stopping ? "STOPPED" : "RUNNING")
      .member("enableExecuteCommand", task.enableExecuteCommand);
  const auto write_time = [&](std::string_view member, const std::optional<TimePoint>& time) {
    if (time) json.member(member, *time);
  };
  write_time("executionStoppedAt", task.executionStoppedAt);
  json.member("group", task.group)
      .member("healthStatus", to_string(task.health))
      .member("lastStatus", to_string(task.state))
      .member("launchType", task.launchType);
  if (task.memory != 0) json.member("memory", std::to_string(task.memory));
  write_overrides(json, task);
  if (!task.platformVersion.empty())
    json.member("platformVersion", task.platformVersion)
        .member("platformFamily", task.platformFamily);
  write_time("pullStartedAt", task.pullStartedAt);
  write_time("pullStoppedAt", task.pullStoppedAt);
  write_time("startedAt", task.startedAt);
  if (!task.startedBy.empty()) json.member("startedBy", task.startedBy);
  if (!task.stopCode.empty()) json.member("stopCode", task.stopCode);
  write_time("stoppedAt", task.stoppedAt);
  if (!task.stoppedReason.empty()) json.member("stoppedReason", task.stoppedReason);
  write_time("stoppingAt", task.stoppingAt);
  if (with_tags) write_tags(json, task.tags);
  json.member("taskArn", task.arn)
      .member("taskDefinitionArn", task.definition->arn)
      .member("version", task.version);
  if (task.launchType == "FARGATE") {
    constexpr int kDefaultGiB = 20;
    int size = kDefaultGiB;
    if (const Json* storage = find(task.definition->document, "ephemeralStorage"))
      size = static_cast<int>(find_int(*storage, "sizeInGiB").value_or(kDefaultGiB));
    if (const Json* storage = find(task.overrides.json(), "ephemeralStorage"))
      size = static_cast<int>(find_int(*storage, "sizeInGiB").value_or(size));
    for (const char* member : {"ephemeralStorage", "fargateEphemeralStorage"})
      json.key(member).begin_object().member("sizeInGiB", size).end_object();
  }
  json.end_object();
}

}  // namespace slipway::sim
