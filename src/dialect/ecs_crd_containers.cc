// service.containers of a deployment file.
#include "base/text.h"
#include "dialect/ecs_crd_reading.h"
#include "dialect/ecs_crd_variables.h"
#include "model/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace slipway::crd {
namespace {

// MiB: from Docker's own minimum to more than the largest instance has.
constexpr IntegerRange kMemory{4, 32L * 1024 * 1024};
constexpr std::size_t kLongestContainerName = 255;
constexpr IntegerRange kSomeSeconds{0, 24L * 3600};

// Added to every container by the template.
constexpr std::array<std::string_view, 3> kAlwaysThere = {"AWS_ENVIRONMENT", "AWS_REGION",
                                                          "AWS_ACCOUNT_ID"};

std::string read_name(Fields& fields) {
  std::string name = text_or(fields, "name", "default");
  if (!has_crd_variable(name) && (!is_made_of(name, "_-") || name.size() > kLongestContainerName))
    fields.error("name", quote(name) + " is no container name: letters, digits, '_' and '-' only");
  return name;
}

CrdText read_image(Fields& fields, const std::string& default_image) {
  std::optional<CrdText> given = optional_text(fields, "image");
  CrdText image = given ? *given : CrdText{default_image, place_of(fields)};
  if (has_crd_variable(image.text)) return image;
  const Result<ImageReference> parsed = parse_image(image.text);
  if (!parsed)
    fields.error(given ? "image" : "name",
                 parsed.error().message + (given ? "" : ", which is the default"));
  return image;
}

std::optional<CrdPortMapping> read_port_mapping(Fields& entry) {
  CrdPortMapping mapping;
  mapping.place = place_of(entry);
  const Node* container_port = entry.node("container_port");
  if (container_port != nullptr && container_port->is_mapping()) {
    entry.error("container_port",
                "expected a whole number: a container has the same port in both releases",
                "the ports of blue and green belong to host_port");
    entry.ignore("host_port");
    entry.ignore("protocol");
    return std::nullopt;
  }
  if (!entry.require("container_port")) return std::nullopt;
  mapping.container_port = integer(entry, "container_port", {1, 65535}).value_or(0);
  mapping.protocol = one_of(entry, "protocol", {"tcp", "udp"}, "tcp");
  const std::optional<CrdPort> host_port =
      port(entry, "host_port", {.at_least = 0, .takes_quoted = false});
  mapping.host_port = host_port.value_or(CrdPort{});
  const Node* host = entry.node("host_port");
  if (host != nullptr && host->is_mapping() && host_port && host_port->blue == host_port->green) {
    entry.error("host_port",
                fmt::format("blue and green have the same port {}: on one node only one of the two "
                            "releases could run",
                            host_port->blue));
    mapping.host_port = {};
  }
  return mapping;
}

std::vector<CrdSecret> read_secrets(Fields& fields, std::string_view key) {
  constexpr std::ptrdiff_t kMostColons = 3;
  constexpr std::ptrdiff_t kColonsOfAnArn = 6;
  std::vector<CrdSecret> secrets;
  for (NamedText& each : named_texts(fields, key)) {
    const bool is_arn = each.value.starts_with("arn:");
    const auto colons = std::ranges::count(each.value, ':');
    if (each.value.empty())
      fields.error(key, each.name + ": expected the name or ARN of a secret, found nothing");
    else if (!has_crd_variable(each.value) && colons > kMostColons + (is_arn ? kColonsOfAnArn : 0))
      fields.error(
          key,
          fmt::format("{}: {} has more parts than a secret can have", each.name, quote(each.value)),
          "NAME:JSON-KEY:VERSION-STAGE:VERSION-ID");
    secrets.push_back({std::move(each.name), std::move(each.value), std::move(each.place)});
  }
  return secrets;
}

// `secret_options` is a list of {name:, value_from:}.
CrdLogConfiguration read_log_configuration(Fields& fields) {
  CrdLogConfiguration log;
  log.log_driver = fields.required_text("log_driver");
  log.options = pairs(fields, "options");
  for (Fields& entry : fields.mappings("secret_options")) {
    CrdSecret secret{entry.required_text("name"), entry.required_text("value_from"), {}};
    secret.place = place_of(entry, "value_from");
    log.secret_options.push_back(std::move(secret));
  }
  return log;
}

CrdContainerHealthCheck read_health_check(Fields& fields) {
  CrdContainerHealthCheck check;
  fields.require("command");
  check.command = texts(fields, "command", {.at_least = 1});
  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
  check.interval = integer(fields, "interval", {5, 300});
  check.retries = integer(fields, "retries", {1, 10});
  check.start_period = integer(fields, "start_period", {0, 300});
  check.timeout = integer(fields, "timeout", {2, 120});
  return check;
}

void read_what_it_depends_on(Fields& fields, CrdContainer& container) {
  for (Fields& entry : fields.mappings("depends_on")) {
    CrdContainerDependency dependency;
    dependency.container_name = entry.required_text("container_name");
    entry.require("condition");
    dependency.condition = one_of(entry, "condition", {"START", "COMPLETE", "SUCCESS", "HEALTHY"});
    container.depends_on.push_back(std::move(dependency));
  }
}

void read_mount_points(Fields& fields, CrdContainer& container) {
  for (Fields& entry : fields.mappings("mount_points")) {
    CrdMountPoint mount;
    mount.container_path = entry.required_text("container_path");
    mount.source_volume = entry.required_text("source_volume");
    mount.read_only = flag(entry, "read_only").value_or(false);
    container.mount_points.push_back(std::move(mount));
  }
}

void check_environment(Fields& fields, const CrdContainer& container) {
  for (const CrdSecret& secret : container.secrets) {
    const bool is_taken = std::ranges::find(kAlwaysThere, secret.name) != kAlwaysThere.end() ||
                          std::ranges::any_of(container.environment, [&](const auto& each) {
                            return each.first == secret.name;
                          });
    if (is_taken)
      fields.error("secrets", fmt::format("{} is in the environment, too", secret.name));
  }
}

CrdContainer read_container(Fields& fields, const std::string& default_image,
                            const DecodeOptions& options) {
  CrdContainer container;
  container.place = place_of(fields);
  container.name = read_name(fields);
  container.image = read_image(fields, default_image);
  container.cpu = integer(fields, "cpu", {0, 192L * 1024}).value_or(container.cpu);
  container.memory = integer(fields, "memory", kMemory).value_or(container.memory);
  container.memory_reservation = integer(fields, "memory_reservation", kMemory);
  if (container.memory_reservation && *container.memory_reservation > container.memory)
    fields.error("memory_reservation",
                 fmt::format("{} MiB are more than the limit, memory, which is {}",
                             *container.memory_reservation, container.memory));
  for (Fields& entry : fields.mappings("port_mappings"))
    if (auto mapping = read_port_mapping(entry)) container.port_mappings.push_back(*mapping);
  container.entry_point = texts(fields, "entry_point");
  container.command = texts(fields, "command");
  container.environment = pairs(fields, "environment");
  container.secrets = read_secrets(fields, "secrets");
  check_environment(fields, container);
  container.dns_search_domains = texts(fields, "dns_search_domains");
  container.dns_servers = texts(fields, "dns_servers");
  container.disable_networking = flag(fields, "disable_networking");
  container.docker_security_options = texts(fields, "docker_security_options");
  container.links = texts(fields, "links");
  container.essential = flag(fields, "essential").value_or(container.essential);
  container.privileged = flag(fields, "privileged");
  container.hostname = text_or(fields, "hostname");
  read_mount_points(fields, container);
  container.start_timeout = integer(fields, "start_timeout", kSomeSeconds);
  container.stop_timeout = integer(fields, "stop_timeout", kSomeSeconds);
  read_what_it_depends_on(fields, container);
  if (std::optional<Fields> check = fields.mapping("health_check"))
    container.health_check = read_health_check(*check);
  if (std::optional<Fields> log = fields.mapping("log_configuration"))
    container.log_configuration = read_log_configuration(*log);
  explain(fields, "fqdn", "the names are the service's, not a container's: service.fqdn", options);
  return container;
}

}  // namespace

std::vector<CrdContainer> read_containers(Fields& service, const std::string& default_image,
                                          const DecodeOptions& options) {
  std::vector<CrdContainer> containers;
  service.require("containers");
  for (Fields& fields : service.mappings("containers", {.at_least = 1}))
    containers.push_back(read_container(fields, default_image, options));
  return containers;
}

}  // namespace slipway::crd
