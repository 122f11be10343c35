// The task definition of a release, its roles, and the checks of images and secrets it needs.
#include "plan/ecs_crd_build.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway::crd {
namespace {

constexpr std::string_view kReadSecrets = "AllowReadSecrets";

// What is wrong with a look-up, in one sentence; empty when nothing is.
std::string trouble(std::string_view what, CrdLookUp state, std::string_view message) {
  switch (state) {
    case CrdLookUp::kFound:
    case CrdLookUp::kUnknown:
      return "";
    case CrdLookUp::kMissing:
      return fmt::format("{} does not exist", what);
    case CrdLookUp::kDenied:
      return fmt::format("{} could not be looked up, access is denied: {}", what, message);
    case CrdLookUp::kFailed:
      return fmt::format("{} could not be looked up: {}", what, message);
  }
  return "";
}

JsonObject statement(std::string_view effect, Json action, Json resources) {
  return {{"Effect", effect}, {"Action", std::move(action)}, {"Resource", std::move(resources)}};
}

JsonObject policy_document(JsonArray statements) {
  return {{"Version", "2012-10-17"}, {"Statement", std::move(statements)}};
}

JsonObject inline_policy(std::string_view name, JsonArray statements) {
  return {{"PolicyName", name}, {"PolicyDocument", policy_document(std::move(statements))}};
}

JsonArray inline_policies(const std::vector<CrdPolicy>& policies) {
  JsonArray all;
  for (const CrdPolicy& policy : policies)
    all.emplace_back(inline_policy(
        policy.name,
        JsonArray{Json(statement(policy.effect, texts(policy.actions), texts(policy.resources)))}));
  return all;
}

JsonObject role(std::string name, JsonArray policies) {
  JsonObject trust{{"Effect", "Allow"},
                   {"Principal", JsonObject{{"Service", "ecs-tasks.amazonaws.com"}}},
                   {"Action", "sts:AssumeRole"}};
  JsonObject properties{
      {"RoleName", std::move(name)},
      {"Path", "/"},
      {"AssumeRolePolicyDocument", policy_document(JsonArray{Json(std::move(trust))})}};
  if (!policies.empty()) properties["Policies"] = std::move(policies);
  return resource("AWS::IAM::Role", std::move(properties));
}

Json texts_of(const std::set<std::string>& all) {
  return texts(std::vector<std::string>(all.begin(), all.end()));
}

// What a policy can say about what was not looked up. Secrets Manager puts six characters behind
// the name.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html
std::string probable_arn(const CrdFacts& facts, const CrdSecretReference& reference) {
  if (reference.id.starts_with("arn:")) return reference.id;
  const bool is_parameter = reference.service == CrdSecretReference::Service::kParameterStore;
  if (!is_parameter)
    return fmt::format("arn:{}:secretsmanager:{}:{}:secret:{}-??????", facts.partition,
                       facts.region, facts.account_id, reference.id);
  return fmt::format("arn:{}:ssm:{}:{}:parameter{}{}", facts.partition, facts.region,
                     facts.account_id, reference.id.starts_with('/') ? "" : "/", reference.id);
}

// ---- Containers ---------------------------------------------------------------------------------

JsonObject string_map(const CrdPairs& pairs) {
  JsonObject object;
  for (const auto& [key, value] : pairs) object[key] = value;
  return object;
}

JsonArray environment_of(const Build& build, const CrdContainer& container) {
  JsonArray all;
  const auto add = [&](std::string_view name, Json value) {
    all.emplace_back(JsonObject{{"Name", name}, {"Value", std::move(value)}});
  };
  for (const auto& [name, value] : container.environment) add(name, Json(value));
  const auto add_always = [&](std::string_view name, Json value) {
    const bool is_given = std::ranges::any_of(container.environment,
                                              [&](const auto& each) { return each.first == name; });
    if (!is_given) add(name, std::move(value));
  };
  add_always("AWS_ENVIRONMENT", ref_to("Environment"));
  add_always("AWS_REGION", ref_to("Region"));
  add_always("AWS_ACCOUNT_ID", Json(build.facts.account_id));
  return all;
}

JsonArray port_mappings_of(const Build& build, const CrdContainer& container) {
  JsonArray all;
  const std::string& mode = build.file.service.network_mode;
  for (const CrdPortMapping& mapping : container.port_mappings) {
    JsonObject entry{{"ContainerPort", mapping.container_port}};
    // Where nothing is mapped the host port is the container's, and need not be said.
    if (mode != "awsvpc" && mode != "host")
      entry["HostPort"] = mapping.host_port.of(build.green().label);
    if (mapping.protocol != "tcp") entry["Protocol"] = mapping.protocol;
    all.emplace_back(std::move(entry));
  }
  return all;
}

JsonArray secrets_of(const std::vector<CrdSecret>& secrets, const Secrets& known) {
  JsonArray all;
  for (const CrdSecret& secret : secrets)
    all.emplace_back(JsonObject{{"Name", secret.name}, {"ValueFrom", known.value_from(secret)}});
  return all;
}

JsonObject log_configuration_of(const Build& build, const CrdContainer& container,
                                const Secrets& secrets) {
  if (!container.log_configuration)
    return {{"LogDriver", "awslogs"},
            {"Options", JsonObject{{"awslogs-group", build.names.log_group()},
                                   {"awslogs-region", ref_to("Region")},
                                   {"awslogs-stream-prefix", ref_to("Version")}}}};
  const CrdLogConfiguration& given = *container.log_configuration;
  JsonObject log{{"LogDriver", given.log_driver}};
  if (!given.options.empty()) log["Options"] = string_map(given.options);
  if (!given.secret_options.empty())
    log["SecretOptions"] = secrets_of(given.secret_options, secrets);
  return log;
}

JsonArray depends_on_of(const CrdContainer& container) {
  JsonArray all;
  for (const CrdContainerDependency& each : container.depends_on)
    all.emplace_back(
        JsonObject{{"ContainerName", each.container_name}, {"Condition", each.condition}});
  return all;
}

JsonArray mount_points_of(const CrdContainer& container) {
  JsonArray all;
  for (const CrdMountPoint& each : container.mount_points)
    all.emplace_back(JsonObject{{"ContainerPath", each.container_path},
                                {"SourceVolume", each.source_volume},
                                {"ReadOnly", each.read_only}});
  return all;
}

JsonObject health_check_of(const CrdContainerHealthCheck& check) {
  JsonObject object{{"Command", texts(check.command)}};
  if (check.interval) object["Interval"] = *check.interval;
  if (check.retries) object["Retries"] = *check.retries;
  if (check.start_period) object["StartPeriod"] = *check.start_period;
  if (check.timeout) object["Timeout"] = *check.timeout;
  return object;
}

JsonObject container_of(const Build& build, const CrdContainer& container, const Secrets& secrets) {
  JsonObject object{{"Name", container.name},
                    {"Image", container.image.text},
                    {"Cpu", container.cpu},
                    {"Memory", container.memory}};
  const auto add_list = [&](std::string_view name, JsonArray list) {
    if (!list.empty()) object[name] = std::move(list);
  };
  const auto add_texts = [&](std::string_view name, const std::vector<std::string>& list) {
    if (!list.empty()) object[name] = texts(list);
  };
  if (container.memory_reservation) object["MemoryReservation"] = *container.memory_reservation;
  object["Essential"] = container.essential;
  add_list("PortMappings", port_mappings_of(build, container));
  add_texts("EntryPoint", container.entry_point);
  add_texts("Command", container.command);
  add_list("Environment", environment_of(build, container));
  add_list("Secrets", secrets_of(container.secrets, secrets));
  add_texts("DnsSearchDomains", container.dns_search_domains);
  add_texts("DnsServers", container.dns_servers);
  if (container.disable_networking) object["DisableNetworking"] = *container.disable_networking;
  add_texts("DockerSecurityOptions", container.docker_security_options);
  add_texts("Links", container.links);
  if (container.privileged) object["Privileged"] = *container.privileged;
  if (!container.hostname.empty()) object["Hostname"] = container.hostname;
  add_list("MountPoints", mount_points_of(container));
  if (container.start_timeout) object["StartTimeout"] = *container.start_timeout;
  if (container.stop_timeout) object["StopTimeout"] = *container.stop_timeout;
  add_list("DependsOn", depends_on_of(container));
  if (container.health_check) object["HealthCheck"] = health_check_of(*container.health_check);
  object["LogConfiguration"] = log_configuration_of(build, container, secrets);
  return object;
}

// ---- Volumes ------------------------------------------------------------------------------------

JsonObject docker_volume_of(const CrdDockerVolume& docker) {
  JsonObject object;
  if (docker.autoprovision) object["Autoprovision"] = *docker.autoprovision;
  if (!docker.driver.empty()) object["Driver"] = docker.driver;
  if (!docker.driver_opts.empty()) object["DriverOpts"] = string_map(docker.driver_opts);
  if (!docker.labels.empty()) object["Labels"] = string_map(docker.labels);
  if (!docker.scope.empty()) object["Scope"] = docker.scope;
  return object;
}

JsonObject efs_volume_of(const CrdEfsVolume& efs) {
  JsonObject object{{"FilesystemId", efs.file_system_id}};
  if (!efs.root_directory.empty()) object["RootDirectory"] = efs.root_directory;
  if (!efs.transit_encryption.empty()) object["TransitEncryption"] = efs.transit_encryption;
  if (efs.transit_encryption_port) object["TransitEncryptionPort"] = *efs.transit_encryption_port;
  JsonObject authorization;
  if (!efs.access_point_id.empty()) authorization["AccessPointId"] = efs.access_point_id;
  if (!efs.iam.empty()) authorization["IAM"] = efs.iam;
  if (!authorization.empty()) object["AuthorizationConfig"] = std::move(authorization);
  return object;
}

JsonArray volumes_of(const CrdService& service) {
  JsonArray all;
  for (const CrdVolume& volume : service.volumes) {
    JsonObject object{{"Name", volume.name}};
    if (!volume.source_path.empty())
      object["Host"] = JsonObject{{"SourcePath", volume.source_path}};
    if (volume.docker) object["DockerVolumeConfiguration"] = docker_volume_of(*volume.docker);
    if (volume.efs) object["EFSVolumeConfiguration"] = efs_volume_of(*volume.efs);
    all.emplace_back(std::move(object));
  }
  return all;
}

}  // namespace

// ---- Facts --------------------------------------------------------------------------------------

void check_nodes(Build& build) {
  constexpr int kEnough = 2;
  const std::optional<int>& nodes = build.facts.active_container_instances;
  if (build.file.service.launch_type == "EC2" && nodes && *nodes < kEnough)
    build.findings.warning(
        CrdStep::kGlobals, build.file.service.cluster.place,
        fmt::format("cluster {} has {} active container instance{}; two releases at a time need at "
                    "least {}",
                    build.names.cluster, *nodes, *nodes == 1 ? "" : "s", kEnough));
}

void check_images(Build& build) {
  for (const CrdContainer& container : build.file.service.containers) {
    const std::optional<CrdEcrImage> wanted =
        image_to_look_up(container.image.text, build.facts.account_id, build.facts.region);
    if (!wanted) continue;
    const auto fact = build.facts.images.find(*wanted);
    if (fact == build.facts.images.end()) continue;
    const std::string what = fact->second.is_repository_missing
                                 ? fmt::format("the ECR repository {}", wanted->repository)
                                 : fmt::format("image {}", container.image.text);
    const std::string problem = trouble(what, fact->second.state, fact->second.message);
    if (!problem.empty())
      build.findings.error(CrdStep::kContainers, container.image.place, problem);
  }
}

Secrets::Secrets(Build& build) {
  for (const CrdContainer& container : build.file.service.containers) {
    for (const CrdSecret& secret : container.secrets) look_up(build, secret);
    if (container.log_configuration)
      for (const CrdSecret& secret : container.log_configuration->secret_options)
        look_up(build, secret);
  }
}

void Secrets::look_up(Build& build, const CrdSecret& secret) {
  const CrdSecretReference reference = parse_secret(secret.value_from);
  const bool is_parameter = reference.service == CrdSecretReference::Service::kParameterStore;
  const auto& facts = is_parameter ? build.facts.parameters : build.facts.secrets;
  const auto found = facts.find(reference.id);
  const CrdSecretFact unknown;
  const CrdSecretFact& fact = found == facts.end() ? unknown : found->second;
  const std::string problem =
      trouble(fmt::format("{} {}", is_parameter ? "parameter" : "secret", reference.id), fact.state,
              fact.message);
  if (!problem.empty()) build.findings.error(CrdStep::kContainers, secret.place, problem);
  const std::string arn = fact.arn.empty() ? probable_arn(build.facts, reference) : fact.arn;
  // ECS takes the name of a parameter, too, but no pattern.
  values_[secret.value_from] = (fact.arn.empty() ? reference.id : fact.arn) + reference.suffix;
  (is_parameter ? parameters_ : secrets_).insert(arn);
  if (!fact.kms_key_arn.empty()) keys_.insert(fact.kms_key_arn);
}

std::string Secrets::value_from(const CrdSecret& secret) const {
  return values_.at(secret.value_from);
}

std::optional<JsonObject> Secrets::policy() const {
  JsonArray statements;
  const auto add = [&](std::string_view action, const std::set<std::string>& arns) {
    if (!arns.empty()) statements.emplace_back(statement("Allow", Json(action), texts_of(arns)));
  };
  add("secretsmanager:GetSecretValue", secrets_);
  add("ssm:GetParameters", parameters_);
  add("kms:Decrypt", keys_);
  if (statements.empty()) return std::nullopt;
  return inline_policy(kReadSecrets, std::move(statements));
}

// ---- Resources ----------------------------------------------------------------------------------

void add_roles(Build& build, const Secrets& secrets) {
  const CrdService& service = build.file.service;
  const std::string& label_value = build.green().label_value;
  JsonArray policies = inline_policies(service.task_execution_role);
  if (std::optional<JsonObject> policy = secrets.policy()) {
    if (std::ranges::find(service.task_execution_role, kReadSecrets, &CrdPolicy::name) !=
        service.task_execution_role.end())
      build.findings.error(CrdStep::kIam, service.name.place,
                           fmt::format("a policy of the task execution role is called {}, like the "
                                       "one that reads the secrets",
                                       kReadSecrets),
                           "give it another name");
    policies.emplace_back(std::move(*policy));
  }
  JsonObject execution = role(build.names.execution_role(label_value), std::move(policies));
  execution["Properties"].as_object()["ManagedPolicyArns"] = JsonArray{
      Json(fmt::format("arn:{}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
                       build.facts.partition))};
  build.resources["TaskExecutionRole"] = std::move(execution);
  if (!service.task_role.empty())
    build.resources["TaskRole"] =
        role(build.names.task_role(label_value), inline_policies(service.task_role));
}

void add_task_definition(Build& build, const Secrets& secrets) {
  const CrdService& service = build.file.service;
  JsonArray containers;
  for (const CrdContainer& container : service.containers)
    containers.emplace_back(container_of(build, container, secrets));
  JsonObject properties{{"Family", build.names.family()},
                        {"ExecutionRoleArn", get_att("TaskExecutionRole", "Arn")}};
  const auto add_text = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) properties[name] = value;
  };
  if (!service.task_role.empty()) properties["TaskRoleArn"] = get_att("TaskRole", "Arn");
  if (service.cpu) properties["Cpu"] = std::to_string(*service.cpu);
  if (service.memory) properties["Memory"] = std::to_string(*service.memory);
  add_text("NetworkMode", service.network_mode);
  add_text("PidMode", service.pid_mode);
  add_text("IpcMode", service.ipc_mode);
  if (!service.requires_compatibilities.empty())
    properties["RequiresCompatibilities"] = texts(service.requires_compatibilities);
  properties["ContainerDefinitions"] = std::move(containers);
  if (!service.volumes.empty()) properties["Volumes"] = volumes_of(service);
  properties["Tags"] = tags({{"Project", ref_to("ProjectName")},
                             {"Service", ref_to("ServiceName")},
                             {"Version", ref_to("Version")},
                             {"CanaryRelease", ref_to("CanaryRelease")}});
  build.resources["TaskDefinition"] = resource("AWS::ECS::TaskDefinition", std::move(properties));
}

}  // namespace slipway::crd
