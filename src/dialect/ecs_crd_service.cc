// service of a deployment file, all but its containers and its autoscaling.
#include "base/text.h"
#include "dialect/ecs_crd_reading.h"
#include "dialect/ecs_crd_variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace slipway::crd {
namespace {

constexpr std::size_t kLongestName = 254;

bool is_service_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && is_made_of(name, "-") &&
         is_made_of(name.substr(0, 1), "") && (name[0] < '0' || name[0] > '9');
}

bool is_dns_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && is_made_of(label, "-_") && label.front() != '-' &&
         label.back() != '-';
}

// A name below some zone: at least one label more than a zone has.
bool is_fqdn(std::string_view name) {
  const std::vector<std::string_view> labels = split(name, '.');
  return name.size() <= 253 && labels.size() >= 2 && std::ranges::all_of(labels, is_dns_label);
}

CrdText read_name(Fields& fields) {
  CrdText name = text(fields, "name");
  if (!name.text.empty() && !has_crd_variable(name.text) && !is_service_name(name.text))
    fields.error("name",
                 fmt::format("{} is no service name: a letter, then up to {} letters, digits and "
                             "'-'",
                             quote(name.text), kLongestName - 1));
  return name;
}

CrdText read_cluster(Fields& fields, const std::string& environment) {
  CrdText cluster{text_or(fields, "cluster", environment + "-ecs-cluster"),
                  place_of(fields, "cluster")};
  if (cluster.text.starts_with("arn:"))
    fields.error("cluster", "expected the name of a cluster, found an ARN",
                 std::string(cluster.text.substr(cluster.text.rfind('/') + 1)));
  return cluster;
}

std::vector<CrdText> read_fqdns(Fields& fields) {
  std::vector<CrdText> all;
  std::set<std::string> seen;
  if (!fields.require("fqdn")) return all;
  const Node& node = *fields.node("fqdn");
  const auto add = [&](const Node& entry, std::string path) {
    CrdText fqdn{entry.text, {std::move(path), entry.span}};
    if (fqdn.text.ends_with('.')) fqdn.text.pop_back();
    const bool is_judged = !has_crd_variable(fqdn.text);
    const auto refuse = [&](const std::string& why) {
      const std::string message = quote(fqdn.text) + why;
      if (node.is_scalar())
        fields.error("fqdn", message);
      else
        fields.error("fqdn", all.size(), message);
    };
    if (is_judged && !is_fqdn(fqdn.text))
      refuse(" is no name that could have a CNAME record");
    else if (!seen.insert(to_lower(fqdn.text)).second)
      refuse(" is listed twice");
    all.push_back(std::move(fqdn));
  };
  if (node.is_scalar()) {
    add(node, fields.path_of("fqdn"));
    return all;
  }
  if (!node.is_sequence() || node.items.empty()) {
    fields.error("fqdn", "expected a name or a list of names, found " +
                             (node.is_sequence() ? "an empty list" : describe(node)));
    return all;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    if (node.items[i].is_scalar())
      add(node.items[i], fields.path_of("fqdn", i));
    else
      fields.error("fqdn", i, "expected a name, found " + describe(node.items[i]));
  }
  return all;
}

void read_task_level(Fields& fields, CrdService& service) {
  // Fargate's largest task has 16 vCPU; an EC2 instance may have 192 and 24 TiB.
  service.cpu = integer(fields, "cpu", {1, 192L * 1024});
  service.memory = integer(fields, "memory", {4, 32L * 1024 * 1024});
  service.network_mode = one_of(fields, "network_mode", {"awsvpc", "bridge", "host", "none"});
  service.pid_mode = one_of(fields, "pid_mode", {"host", "task"});
  service.ipc_mode = one_of(fields, "ipc_mode", {"host", "none", "task"});
  const Node* compatibilities = fields.node("requires_compatibilities");
  if (compatibilities != nullptr && compatibilities->is_scalar())
    service.requires_compatibilities = {compatibilities->text};
  else
    service.requires_compatibilities = texts(fields, "requires_compatibilities");
  for (const std::string& each : service.requires_compatibilities)
    if (each != "EC2" && each != "FARGATE")
      fields.error("requires_compatibilities", "expected EC2 or FARGATE, found " + quote(each));
}

void read_network(Fields& fields, CrdService& service) {
  std::optional<Fields> network = fields.mapping("network_configuration");
  if (!network) return;
  service.network_configuration.emplace();
  network->require("subnets");
  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
  service.network_configuration->subnets =
      texts(*network, "subnets", {.at_least = 1, .at_most = 16});
  service.network_configuration->security_groups =
      texts(*network, "security_groups", {.at_most = 5});
  service.network_configuration->assign_public_ip =
      flag(*network, "assign_public_ip").value_or(false);
}

// Of launch type and network, which only make sense together.
void settle_launch_type(Fields& fields, CrdService& service) {
  const bool is_fargate = service.launch_type == "FARGATE";
  if (is_fargate && service.network_mode.empty()) service.network_mode = "awsvpc";
  if (is_fargate && service.requires_compatibilities.empty())
    service.requires_compatibilities = {"FARGATE"};
  if (is_fargate && service.network_mode != "awsvpc")
    fields.error("network_mode", "Fargate has awsvpc only");
  if (is_fargate)
    for (const char* key : {"cpu", "memory"}) fields.require(key);
  if (is_fargate && service.is_daemon())
    fields.error("scheduling_strategy", "Fargate has no daemons");
  for (const char* key : {"placement_constraints", "placement_strategies"})
    if (is_fargate && fields.has(key)) fields.error(key, "Fargate places the tasks itself");
  if (!is_fargate && !service.platform_version.empty())
    fields.error("platform_version", "only Fargate has platform versions",
                 "set launch_type: FARGATE");
  if (service.has_own_addresses() && !service.network_configuration)
    fields.error("network_mode", "awsvpc needs to know the subnets",
                 "add service.network_configuration.subnets");
  if (!service.has_own_addresses() && service.network_configuration)
    fields.error("network_configuration", "only tasks of network_mode awsvpc have one");
  if (service.is_daemon() && fields.has("placement_strategies"))
    fields.error("placement_strategies", "a daemon runs on every node");
}

void read_placement(Fields& fields, CrdService& service) {
  for (Fields& entry : fields.mappings("placement_constraints")) {
    entry.require("type");
    CrdPlacementConstraint constraint{one_of(entry, "type", {"distinctInstance", "memberOf"}),
                                      text_or(entry, "expression")};
    if (constraint.type == "memberOf") entry.require("expression");
    service.placement_constraints.push_back(std::move(constraint));
  }
  for (Fields& entry : fields.mappings("placement_strategies")) {
    entry.require("type");
    CrdPlacementStrategy strategy{one_of(entry, "type", {"binpack", "random", "spread"}),
                                  text_or(entry, "field")};
    if (!strategy.type.empty() && strategy.type != "random") entry.require("field");
    service.placement_strategies.push_back(std::move(strategy));
  }
}

CrdDockerVolume read_docker_volume(Fields& fields) {
  CrdDockerVolume docker;
  docker.autoprovision = flag(fields, "autoprovision");
  docker.driver = text_or(fields, "driver");
  docker.driver_opts = pairs(fields, "driver_opts");
  docker.labels = pairs(fields, "labels");
  docker.scope = one_of(fields, "scope", {"task", "shared"});
  return docker;
}

CrdEfsVolume read_efs_volume(Fields& fields) {
  CrdEfsVolume efs;
  efs.file_system_id = fields.required_text("file_system_id");
  efs.root_directory = text_or(fields, "root_directory");
  efs.transit_encryption = one_of(fields, "transit_encryption", {"ENABLED", "DISABLED"});
  efs.transit_encryption_port = integer(fields, "transit_encryption_port", {1, 65535});
  if (std::optional<Fields> authorization = fields.mapping("authorization_config")) {
    efs.access_point_id = text_or(*authorization, "access_point_id");
    efs.iam = one_of(*authorization, "iam", {"ENABLED", "DISABLED"});
    if (efs.transit_encryption != "ENABLED")
      fields.error("authorization_config", "it needs transit_encryption: ENABLED");
  }
  return efs;
}

void read_volumes(Fields& fields, CrdService& service) {
  std::set<std::string> names;
  for (Fields& entry : fields.mappings("volumes")) {
    CrdVolume volume;
    volume.name = entry.required_text("name");
    if (!volume.name.empty() && !names.insert(volume.name).second)
      entry.error("name", quote(volume.name) + " is the name of another volume, too");
    if (std::optional<Fields> host = entry.mapping("host"))
      volume.source_path = text_or(*host, "source_path");
    if (std::optional<Fields> docker = entry.mapping("docker_volume_configuration"))
      volume.docker = read_docker_volume(*docker);
    if (std::optional<Fields> efs = entry.mapping("efs_volume_configuration"))
      volume.efs = read_efs_volume(*efs);
    const int kinds = int{!volume.source_path.empty()} + int{volume.docker.has_value()} +
                      int{volume.efs.has_value()};
    if (kinds > 1)
      entry.error("name",
                  "a volume is of one kind only: host, docker_volume_configuration or "
                  "efs_volume_configuration");
    service.volumes.push_back(std::move(volume));
  }
}

// ---- iam_roles ----------------------------------------------------------------------------------

std::vector<CrdPolicy> read_policies(Fields& roles, std::string_view key) {
  std::vector<CrdPolicy> policies;
  std::set<std::string> names;
  for (Fields& entry : roles.mappings(key)) {
    CrdPolicy policy;
    policy.name = text_or(entry, "name", fmt::format("policy_{}", policies.size() + 1));
    if (!is_made_of(policy.name, "+=,.@_-") || policy.name.size() > 128)
      entry.error("name", quote(policy.name) +
                              " is no policy name: up to 128 letters, digits and "
                              "any of + = , . @ _ -");
    if (!names.insert(policy.name).second)
      entry.error("name", quote(policy.name) + " is the name of another policy of this role, too");
    policy.effect = one_of(entry, "effect", {"Allow", "Deny"}, policy.effect);
    entry.require("actions");
    policy.actions = texts(entry, "actions", {.at_least = 1});
    if (entry.has("resources")) policy.resources = texts(entry, "resources", {.at_least = 1});
    policies.push_back(std::move(policy));
  }
  return policies;
}

void read_roles(Fields& roles, CrdService& service) {
  const auto append = [&](std::string_view key, std::vector<CrdPolicy>& all) {
    for (CrdPolicy& policy : read_policies(roles, key)) all.push_back(std::move(policy));
  };
  append("task_execution_role", service.task_execution_role);
  append("task_role", service.task_role);
}

// A mapping of two lists; a list of mappings means the same.
void read_iam_roles(Fields& fields, CrdService& service) {
  const Node* node = fields.node("iam_roles");
  if (node == nullptr) return;
  if (node->is_sequence()) {
    for (Fields& roles : fields.mappings("iam_roles")) read_roles(roles, service);
  } else if (std::optional<Fields> roles = fields.mapping("iam_roles")) {
    read_roles(*roles, service);
  }
}

}  // namespace

CrdService read_service(Fields& fields, int desired, const std::string& environment) {
  CrdService service;
  service.project = text(fields, "project");
  service.name = read_name(fields);
  service.version = text_or(fields, "version", service.version);
  service.cluster = read_cluster(fields, environment);
  service.fqdns = read_fqdns(fields);
  service.vpc_id = optional_text(fields, "vpc_id");
  service.hosted_zone_id = optional_text(fields, "hosted_zone_id");
  read_task_level(fields, service);
  service.launch_type = one_of(fields, "launch_type", {"EC2", "FARGATE"}, service.launch_type);
  read_network(fields, service);
  service.scheduling_strategy =
      one_of(fields, "scheduling_strategy", {"REPLICA", "DAEMON"}, service.scheduling_strategy);
  service.platform_version = text_or(fields, "platform_version");
  read_placement(fields, service);
  read_volumes(fields, service);
  read_iam_roles(fields, service);
  settle_launch_type(fields, service);
  service.auto_scaling = read_auto_scaling(fields, service.name.text, desired);
  if (service.auto_scaling && service.is_daemon())
    fields.error("auto_scaling", "a daemon has as many tasks as there are nodes");
  return service;
}

}  // namespace slipway::crd
