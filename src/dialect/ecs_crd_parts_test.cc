// Section by section: what each key takes and what is said about what it does not take.
#include "dialect/ecs_crd_for_test.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using std::chrono::seconds;
using Messages = std::vector<std::string>;

struct Case {
  CrdSection CrdTextForTest::* section;
  std::string key;
  std::string value;
  Messages wanted;
};

constexpr auto kService = &CrdTextForTest::service;
constexpr auto kContainer = &CrdTextForTest::container;
constexpr auto kGroup = &CrdTextForTest::target_group;
constexpr auto kListener = &CrdTextForTest::listener;

void check(const std::vector<Case>& cases, const CrdTextForTest& base = {}) {
  for (const auto& [section, key, value, wanted] : cases) {
    SCOPED_TRACE(key + ": " + value);
    CrdTextForTest text = base;
    (text.*section)[key] = value;
    EXPECT_EQ(read_crd(text.yaml()).messages, wanted);
  }
}

CrdFile read_well(const CrdTextForTest& text) {
  const CrdRead read = read_crd(text.yaml());
  EXPECT_EQ(read.messages, Messages{});
  return read.file;
}

// ---- 3.4 service --------------------------------------------------------------------------------

TEST(EcsCrdService, NamesAreChecked) {
  const std::string name_rule =
      " is no service name: a letter, then up to 253 letters, digits and "
      "'-'";
  check({{kService, "project", "", {"1 service.project: required key is missing"}},
         {kService, "name", "", {"1 service.name: required key is missing"}},
         {kService, "name", "Web-2", {}},
         {kService, "name", "2web", {"1 service.name: \"2web\"" + name_rule}},
         {kService, "name", "web_api", {"1 service.name: \"web_api\"" + name_rule}},
         {kService,
          "name",
          std::string(254, 'a'),
          {"1 service.name: with the label value it has 256 characters, and ECS takes 255"}},
         {kService,
          "cluster",
          "arn:aws:ecs:eu-west-3:111111111111:cluster/shop",
          {"1 service.cluster: expected the name of a cluster, found an ARN (shop)"}}});
}

TEST(EcsCrdService, FqdnIsANameOrSeveral) {
  check({{kService, "fqdn", "", {"1 service.fqdn: required key is missing"}},
         {kService, "fqdn", "[www.shop.test, _api.shop.test]", {}},
         {kService,
          "fqdn",
          "[]",
          {"1 service.fqdn: expected a name or a list of names, found an empty list"}},
         {kService, "fqdn", "[{a: b}]", {"1 service.fqdn[0]: expected a name, found a mapping"}},
         {kService,
          "fqdn",
          "localhost",
          {"1 service.fqdn: \"localhost\" is no name that could have a CNAME record"}},
         {kService,
          "fqdn",
          "[a.shop.test, 'b c.shop.test']",
          {"1 service.fqdn[1]: \"b c.shop.test\" is no name that could have a CNAME record"}},
         {kService,
          "fqdn",
          "[a.shop.test, A.Shop.test.]",
          {"1 service.fqdn[1]: \"A.Shop.test\" is listed twice"}}});
  CrdTextForTest text;
  text.service["fqdn"] = "WWW.Shop.test.";
  EXPECT_EQ(read_well(text).service.fqdns.at(0).text, "WWW.Shop.test");
}

TEST(EcsCrdService, RequiresCompatibilitiesMayBeOneWord) {
  check({{kService, "requires_compatibilities", "EC2", {}},
         {kService, "requires_compatibilities", "[EC2, FARGATE]", {}},
         {kService,
          "requires_compatibilities",
          "[ECS]",
          {"6 service.requires_compatibilities: expected EC2 or FARGATE, found \"ECS\""}}});
  CrdTextForTest text;
  text.service["requires_compatibilities"] = "EC2";
  EXPECT_EQ(read_well(text).service.requires_compatibilities, std::vector<std::string>{"EC2"});
}

TEST(EcsCrdService, PlacementIsChecked) {
  check({{kService, "placement_constraints", "[{type: distinctInstance}]", {}},
         {kService,
          "placement_constraints",
          "{type: distinctInstance}",
          {"5 service.placement_constraints: expected a list, found a mapping"}},
         {kService,
          "placement_constraints",
          "[{type: memberOf}]",
          {"5 service.placement_constraints[0].expression: required key is missing"}},
         {kService, "placement_strategies", "[{type: random}]", {}},
         {kService,
          "placement_strategies",
          "[{type: spread}]",
          {"5 service.placement_strategies[0].field: required key is missing"}},
         {kService,
          "placement_strategies",
          "[{field: cpu}]",
          {"5 service.placement_strategies[0].type: required key is missing"}}});
}

TEST(EcsCrdService, LaunchTypeAndNetworkBelongTogether_D38) {
  CrdTextForTest fargate;
  fargate.service["launch_type"] = "FARGATE";
  fargate.service["cpu"] = "256";
  fargate.service["memory"] = "512";
  fargate.service["network_configuration"] =
      "{subnets: [subnet-1, subnet-2], security_groups: [sg-1], assign_public_ip: true}";
  const CrdService service = read_well(fargate).service;
  EXPECT_EQ(service.network_mode, "awsvpc");
  EXPECT_EQ(service.requires_compatibilities, std::vector<std::string>{"FARGATE"});
  EXPECT_TRUE(service.network_configuration->assign_public_ip);
  check({{kService, "cpu", "", {"6 service.cpu: required key is missing"}},
         {kService,
          "network_configuration",
          "",
          {"6 service.network_mode: awsvpc needs to know the subnets (add "
           "service.network_configuration.subnets)"}},
         {kService,
          "network_configuration",
          "{}",
          {"5 service.network_configuration.subnets: required key is missing"}},
         {kService,
          "network_mode",
          "bridge",
          {"5 service.network_configuration: only tasks of network_mode awsvpc have one",
           "6 service.network_mode: Fargate has awsvpc only"}},
         {kService,
          "scheduling_strategy",
          "DAEMON",
          {"5 service.scheduling_strategy: Fargate has no daemons"}},
         {kService,
          "placement_strategies",
          "[{type: random}]",
          {"5 service.placement_strategies: Fargate places the tasks itself"}}},
        fargate);
  check({{kService,
          "platform_version",
          "1.4",
          {"5 service.platform_version: only Fargate has platform versions (set launch_type: "
           "FARGATE)"}},
         {kService,
          "network_configuration",
          "{subnets: [subnet-1]}",
          {"5 service.network_configuration: only tasks of network_mode awsvpc have one"}}});
  CrdTextForTest daemon;
  daemon.service["scheduling_strategy"] = "DAEMON";
  check({{kService,
          "placement_strategies",
          "[{type: random}]",
          {"5 service.placement_strategies: a daemon runs on every node"}}},
        daemon);
}

// ---- 3.5 containers -----------------------------------------------------------------------------

TEST(EcsCrdContainers, AreChecked) {
  check(
      {{kService,
        "containers",
        "[]",
        {"4 service.containers: expected at least 1 entry, found none",
         "7 target_groups[0].container: no container exposes web:80 (none exposes a port)",
         "8 listeners[0].target_group.container: no container exposes web:80 (none exposes a "
         "port)"}},
       {kContainer,
        "image",
        "'a b'",
        {"4 service.containers[0].image: cannot read the image \"a b\": its repository name is "
         "not made of letters, digits, '.', '_' and '-'"}},
       {kContainer, "memory_reservation", "128", {}},
       {kContainer,
        "memory_reservation",
        "129",
        {"4 service.containers[0].memory_reservation: 129 MiB are more than the limit, memory, "
         "which is 128"}},
       {kContainer,
        "entry_point",
        "/bin/serve",
        {"4 service.containers[0].entry_point: expected a list, found \"/bin/serve\" (write it as "
         "a list: [/bin/serve])"}},
       {kContainer,
        "command",
        "'a,b'",
        {"4 service.containers[0].command: expected a list, found \"a,b\" (write it as a list: "
         "[a,b])"}},
       {kContainer,
        "dns_servers",
        "10.0.0.2",
        {"4 service.containers[0].dns_servers: expected a list, found \"10.0.0.2\" (write it as a "
         "list: [10.0.0.2])"}},
       {kContainer,
        "mount_points",
        "[{container_path: /a, source_volume: spool}]",
        {"4 service.containers[0].mount_points: there is no volume \"spool\""}},
       {kContainer,
        "mount_points",
        "[{container_path: /a}]",
        {"4 service.containers[0].mount_points: there is no volume \"\"",
         "4 service.containers[0].mount_points[0].source_volume: required key is missing"}},
       {kContainer,
        "depends_on",
        "[{container_name: web, condition: HEALTHY}]",
        {"4 service.containers[0].depends_on: a container cannot depend on itself"}},
       {kContainer,
        "depends_on",
        "[{container_name: log, condition: UP}]",
        {"4 service.containers[0].depends_on: there is no container \"log\"",
         "4 service.containers[0].depends_on[0].condition: expected START, COMPLETE, SUCCESS or "
         "HEALTHY, found \"UP\""}},
       {kContainer,
        "health_check",
        "{interval: 30}",
        {"4 service.containers[0].health_check.command: required key is missing"}},
       {kContainer, "health_check", "{command: [CMD, /check], interval: 30, retries: 3}", {}}});
  CrdTextForTest two;
  two.more_containers = ", {name: web, image: nginx}";
  EXPECT_EQ(
      read_crd(two.yaml()).messages,
      Messages{"4 service.containers[1].name: \"web\" is the name of another container, too"});
}

TEST(EcsCrdContainers, EnvironmentAndSecretsAreListsOrMappings) {
  for (const std::string value :
       {"{A: 1, B: x}", "[{A: 1}, {B: x}]", "[{key: A, value: 1}, {B: x}]"}) {
    SCOPED_TRACE(value);
    CrdTextForTest text;
    text.container["environment"] = value;
    EXPECT_EQ(read_well(text).service.containers[0].environment,
              (CrdPairs{{"A", "1"}, {"B", "x"}}));
  }
  const std::string path = "4 service.containers[0].";
  check({{kContainer,
          "environment",
          "[{A: 1, B: 2}]",
          {path + "environment[0]: expected one pair, NAME: VALUE, found a mapping"}},
         {kContainer,
          "environment",
          "[A]",
          {path + "environment[0]: expected one pair, NAME: VALUE, found \"A\""}},
         {kContainer,
          "environment",
          "A=1",
          {path + "environment: expected a list of pairs, found \"A=1\""}},
         {kContainer, "environment", "[{A: 1}, {A: 2}]", {path + "environment: A is given twice"}},
         {kContainer,
          "environment",
          "{A: [1]}",
          {path + "environment: A: expected text, found a list"}},
         {kContainer,
          "secrets",
          "{AWS_REGION: x}",
          {path + "secrets: AWS_REGION is in the environment, too"}},
         {kContainer,
          "secrets",
          "{A: ''}",
          {path + "secrets: A: expected the name or ARN of a secret, found nothing"}},
         {kContainer,
          "secrets",
          "{A: 'db:a:b:c:d'}",
          {path + "secrets: A: \"db:a:b:c:d\" has more parts than a secret can have "
                  "(NAME:JSON-KEY:VERSION-STAGE:VERSION-ID)"}},
         {kContainer,
          "secrets",
          "{A: 'arn:aws:secretsmanager:eu-west-3:111111111111:secret:db-AbCdEf:key::'}",
          {}}});
}

TEST(EcsCrdContainers, LogConfigurationMayBeOfAnyDriver_D29) {
  CrdTextForTest text;
  text.container["log_configuration"] =
      "{log_driver: splunk, options: {splunk-url: 'https://log.test'}, secret_options: [{name: "
      "splunk-token, value_from: token}]}";
  const CrdLogConfiguration log =
      read_well(text).service.containers.at(0).log_configuration.value();
  EXPECT_EQ(log.options, (CrdPairs{{"splunk-url", "https://log.test"}}));
  EXPECT_EQ(log.secret_options.at(0).name, "splunk-token");
  EXPECT_EQ(log.secret_options.at(0).place.path,
            "service.containers[0].log_configuration.secret_options[0].value_from");
  check({{kContainer, "log_configuration", "{log_driver: none}", {}},
         {kContainer,
          "log_configuration",
          "{options: {}}",
          {"4 service.containers[0].log_configuration.log_driver: required key is missing"}}});
}

// ---- 3.6 port mappings --------------------------------------------------------------------------

TEST(EcsCrdPorts, AreDynamicOrStaticPerLabel_Item38_D48) {
  const std::string path = "4 service.containers[0].port_mappings[0].host_port";
  const auto mapping = [](const std::string& host_port) {
    return "[{container_port: 80, host_port: " + host_port + "}]";
  };
  check({{kContainer, "port_mappings", mapping("0"), {}},
         {kContainer, "port_mappings", mapping("null"), {}},
         {kContainer, "port_mappings", mapping("{blue: 8001, green: 8002}"), {}},
         {kContainer,
          "port_mappings",
          mapping("8001"),
          {"warning: service.containers[0].port_mappings[0].host_port: both releases want port "
           "8001: the new one can only run on nodes where the old one does not (give each label a "
           "port of its own, or leave host_port out)"}},
         {kContainer,
          "port_mappings",
          mapping("'8001'"),
          {path + ": expected a whole number, found the text \"8001\" (remove the quotes)"}},
         {kContainer,
          "port_mappings",
          mapping("{blue: 8001}"),
          {path + ".green: required key is missing"}},
         {kContainer,
          "port_mappings",
          mapping("{blue: '8001', green: 8002}"),
          {path + ".blue: expected a whole number, found the text \"8001\" (remove the quotes)"}},
         {kContainer,
          "port_mappings",
          mapping("{blue: 8001, green: 8001}"),
          {path + ": blue and green have the same port 8001: on one node only one of the two "
                  "releases could run"}},
         {kContainer,
          "port_mappings",
          mapping("65536"),
          {path + ": expected a whole number from 0 to 65535, found 65536"}},
         {kContainer,
          "port_mappings",
          mapping("any"),
          {path + ": expected a whole number from 0 to 65535, found \"any\""}},
         {kContainer,
          "port_mappings",
          "[{container_port: 80}, {container_port: 80}]",
          {"4 service.containers[0].port_mappings[1].container_port: port 80 is mapped twice"}},
         {kContainer,
          "port_mappings",
          "[{container_port: 80, protocol: sctp}]",
          {"4 service.containers[0].port_mappings[0].protocol: expected tcp or udp, found "
           "\"sctp\""}}});
}

TEST(EcsCrdPorts, OfAllContainersDiffer) {
  CrdTextForTest text;
  text.container["port_mappings"] = "[{container_port: 80, host_port: {blue: 8001, green: 8002}}]";
  text.more_containers =
      ", {name: b, image: b, port_mappings: [{container_port: 81, host_port: {blue: 8002, green: "
      "8003}}]}";
  text.more_groups = ", {container: {name: b, port: 81}, health_check: {}}";
  text.more_listeners = ", {port: 81, target_group: {container: {name: b, port: 81}}}";
  EXPECT_EQ(read_crd(text.yaml()).messages,
            Messages{"4 service.containers[1].port_mappings[0].host_port: port 8002 is taken by "
                     "web:80, too"});
}

TEST(EcsCrdPorts, NetworkModesThatMapNothingTakeNoHostPort) {
  CrdTextForTest own;
  own.service["network_mode"] = "host";
  check({{kContainer, "port_mappings", "[{container_port: 80}]", {}},
         {kContainer, "port_mappings", "[{container_port: 80, host_port: 80}]", {}},
         {kContainer,
          "port_mappings",
          "[{container_port: 80, host_port: {blue: 1, green: 2}}]",
          {"4 service.containers[0].port_mappings[0].host_port: with network_mode host the host "
           "port is the container's (leave host_port out)"}}},
        own);
  own.service["network_mode"] = "none";
  EXPECT_EQ(read_crd(own.yaml()).messages,
            Messages{"4 service.containers[0].port_mappings[0]: with network_mode none nothing can "
                     "reach a container"});
}

TEST(EcsCrdPorts, UdpIsForNoLoadBalancer) {
  CrdTextForTest text;
  text.container["port_mappings"] = "[{container_port: 80}, {container_port: 53, protocol: udp}]";
  EXPECT_EQ(read_well(text).bindings(), (std::vector<CrdContainerPort>{{"web", 80}}));
  text.more_listeners = ", {port: 53, target_group: {container: {name: web, port: 53}}}";
  EXPECT_EQ(read_crd(text.yaml()).messages,
            Messages{"8 listeners[1].target_group.container: web:53 is a udp port, which a load "
                     "balancer sends nothing to"});
}

// ---- 3.7 target groups --------------------------------------------------------------------------

TEST(EcsCrdTargetGroups, AreChecked) {
  const std::string check_path = "7 target_groups[0].health_check.";
  check({{kGroup, "health_check", "", {"7 target_groups[0].health_check: required key is missing"}},
         {kGroup, "protocol", "https", {}},
         {kGroup,
          "protocol",
          "TCP",
          {"7 target_groups[0].protocol: expected HTTP or HTTPS, found \"TCP\""}},
         {kGroup,
          "container",
          "{name: web}",
          {"7 target_groups: web:80 has no entry in target_groups (each port a container exposes "
           "needs one)",
           "7 target_groups[0].container.port: required key is missing"}},
         {kGroup,
          "container",
          "{name: Web, port: 80}",
          {"7 target_groups: web:80 has no entry in target_groups (each port a container exposes "
           "needs one)",
           "7 target_groups[0].container: no container exposes Web:80 (there is web:80)"}},
         {kGroup,
          "health_check",
          "{path: health}",
          {check_path + "path: a path begins with /, found \"health\""}},
         {kGroup, "health_check", "{matcher: 204}", {}},
         {kGroup, "health_check", "{port: traffic-port}", {}},
         {kGroup,
          "health_check",
          "{port: 81}",
          {"warning: target_groups[0].health_check.port: it is not used: the host port is dynamic, "
           "so the traffic port is checked"}},
         {kGroup,
          "health_check",
          "{interval_seconds: 4}",
          {check_path + "interval_seconds: expected a whole number from 5 to 300, found 4"}},
         {kGroup,
          "health_check",
          "{interval_seconds: 10, timeout_seconds: 10}",
          {check_path + "timeout_seconds: 10 s is not less than the interval, which is 10 s"}}});
  CrdTextForTest text;
  text.more_groups = ", {container: {name: web, port: 80}, health_check: {}}";
  EXPECT_EQ(read_crd(text.yaml()).messages,
            Messages{"7 target_groups[1].container: web:80 has another target group already"});
}

TEST(EcsCrdTargetGroups, AttributesAreKeysWithValues_D32) {
  for (const std::string value :
       {"[{key: stickiness.enabled, value: true}, {deregistration_delay.timeout_seconds: 30}]",
        "{stickiness.enabled: 'true', deregistration_delay.timeout_seconds: 30}"}) {
    SCOPED_TRACE(value);
    CrdTextForTest text;
    text.target_group["target_group_attributes"] = value;
    const CrdTargetGroup group = read_well(text).target_groups.at(0);
    EXPECT_EQ(group.attributes, (CrdPairs{{"stickiness.enabled", "true"},
                                          {"deregistration_delay.timeout_seconds", "30"}}));
    EXPECT_EQ(group.deregistration_delay(), seconds(30));
  }
}

TEST(EcsCrdTargetGroups, TheHealthCheckPortIsOptionalForStaticPorts_D31) {
  CrdTextForTest text;
  text.container["port_mappings"] = "[{container_port: 80, host_port: {blue: 8001, green: 8002}}]";
  EXPECT_FALSE(read_well(text).target_groups.at(0).health_check_port);
  text.target_group["health_check"] = "{port: {blue: '8001', green: 8002}}";
  EXPECT_EQ(read_well(text).target_groups.at(0).health_check_port, (CrdPort{8001, 8002}));
}

// ---- 3.8 volumes --------------------------------------------------------------------------------

TEST(EcsCrdVolumes, AreOfThreeKinds_D30) {
  CrdTextForTest text;
  text.service["volumes"] =
      "[{name: a, host: {source_path: /data}}, {name: b, docker_volume_configuration: "
      "{autoprovision: true, driver: rexray, driver_opts: [{size: 10}], labels: {team: shop}, "
      "scope: shared}}, {name: c, efs_volume_configuration: {file_system_id: fs-1, "
      "transit_encryption: ENABLED, authorization_config: {access_point_id: fsap-1, iam: "
      "ENABLED}}}, {name: d}]";
  const std::vector<CrdVolume> volumes = read_well(text).service.volumes;
  EXPECT_EQ(volumes.at(0).source_path, "/data");
  EXPECT_EQ(volumes.at(1).docker->driver_opts, (CrdPairs{{"size", "10"}}));
  EXPECT_EQ(volumes.at(1).docker->labels, (CrdPairs{{"team", "shop"}}));
  EXPECT_EQ(volumes.at(2).efs->access_point_id, "fsap-1");
  check({{kService,
          "volumes",
          "[{name: a}, {name: a}]",
          {"6 service.volumes[1].name: \"a\" is the name of another volume, too"}},
         {kService,
          "volumes",
          "[{name: a, host: {source_path: /a}, docker_volume_configuration: "
          "{}}]",
          {"6 service.volumes[0].name: a volume is of one kind only: host, "
           "docker_volume_configuration or efs_volume_configuration"}},
         {kService,
          "volumes",
          "[{name: a, docker_volume_configuration: {scope: all}}]",
          {"6 service.volumes[0].docker_volume_configuration.scope: expected task or shared, found "
           "\"all\""}},
         {kService,
          "volumes",
          "[{name: a, efs_volume_configuration: {file_system_id: f, authorization_config: {iam: "
          "ENABLED}}}]",
          {"6 service.volumes[0].efs_volume_configuration.authorization_config: it needs "
           "transit_encryption: ENABLED"}}});
}

// ---- 3.9 roles ----------------------------------------------------------------------------------

TEST(EcsCrdRoles, AreAMappingOrAList_Item48_D51) {
  for (const std::string value :
       {"{task_execution_role: [{actions: [a]}, {actions: [b], effect: Deny}], task_role: [{name: "
        "Read, actions: [c], resources: [r]}]}",
        "[{task_execution_role: [{actions: [a]}, {actions: [b], effect: Deny}]}, {task_role: "
        "[{name: Read, actions: [c], resources: [r]}]}]"}) {
    SCOPED_TRACE(value);
    CrdTextForTest text;
    text.service["iam_roles"] = value;
    const CrdService service = read_well(text).service;
    ASSERT_EQ(service.task_execution_role.size(), 2U);
    EXPECT_EQ(service.task_execution_role[0].name, "policy_1");
    EXPECT_EQ(service.task_execution_role[0].resources, std::vector<std::string>{"*"});
    EXPECT_EQ(service.task_execution_role[1].name, "policy_2");
    EXPECT_EQ(service.task_execution_role[1].effect, "Deny");
    ASSERT_EQ(service.task_role.size(), 1U);
    EXPECT_EQ(service.task_role[0].name, "Read");
  }
  const std::string path = "9 service.iam_roles.task_role[0].";
  check(
      {{kService,
        "iam_roles",
        "{task_role: [{name: a}]}",
        {path + "actions: required key is missing"}},
       {kService,
        "iam_roles",
        "{task_role: [{actions: [a], effect: allow}]}",
        {path + "effect: expected Allow or Deny, found \"allow\" (did you mean Allow?)"}},
       {kService,
        "iam_roles",
        "{task_role: [{actions: [a], name: a b}]}",
        {path + "name: \"a b\" is no policy name: up to 128 letters, digits and any of + = , . @ _ "
                "-"}},
       {kService,
        "iam_roles",
        "{task_role: [{actions: [a], name: x}, {actions: [a], name: x}]}",
        {"9 service.iam_roles.task_role[1].name: \"x\" is the name of another policy of this "
         "role, too"}}});
}

// ---- 3.10 autoscaling ---------------------------------------------------------------------------

std::string scaling(const std::string& policy, const std::string& others = "") {
  return "{" + others + "auto_scaling_policies: [{" + policy + "}]}";
}
const std::string kSteps =
    "step_scaling_policy_configuration: {step_adjustments: [{metric_interval_lower_bound: 0, "
    "scaling_adjustment: 1}]}";
const std::string kAlarms =
    "cloudwatch_alarms: [{metric_name: CPUUtilization, threshold: 70, comparison_operator: "
    "GreaterThanThreshold}]";

TEST(EcsCrdScaling, HasStepsAndAlarms_D33) {
  CrdTextForTest text;
  text.service["auto_scaling"] = scaling(kSteps + ", " + kAlarms);
  const CrdAutoScaling read = read_well(text).service.auto_scaling.value();
  EXPECT_EQ(read.min_capacity, 2) << "scale.desired";
  EXPECT_EQ(read.max_capacity, 2);
  EXPECT_EQ(read.role_arn, "");
  EXPECT_EQ(read.policies.at(0).name, "web-scaling-policy-1");
  EXPECT_EQ(read.policies.at(0).steps->adjustment_type, "ChangeInCapacity");
  EXPECT_EQ(read.policies.at(0).steps->cooldown, 60);
  const CrdAlarm alarm = read.policies.at(0).alarms.at(0);
  EXPECT_EQ(alarm.description, "Containers CPUUtilization High");
  EXPECT_EQ(alarm.statistic, "Average");
  EXPECT_EQ(alarm.period, 300);
  EXPECT_EQ(alarm.evaluation_periods, 1);
  EXPECT_EQ(alarm.threshold, 70);

  const std::string path = "5 service.auto_scaling.";
  const std::string policy = path + "auto_scaling_policies[0].";
  check(
      {{kService,
        "auto_scaling",
        scaling(kSteps + ", " + kAlarms, "min_capacity: 3, "),
        {path + "min_capacity: 3 is more than canary.scale.desired, which is 2"}},
       {kService,
        "auto_scaling",
        scaling(kSteps + ", " + kAlarms, "max_capacity: 1, "),
        {path + "max_capacity: 1 is less than canary.scale.desired, which is 2"}},
       {kService, "auto_scaling", "{}", {path + "auto_scaling_policies: required key is missing"}},
       {kService,
        "auto_scaling",
        scaling(kSteps),
        {policy + "cloudwatch_alarms: required key is missing"}},
       {kService,
        "auto_scaling",
        scaling(kAlarms),
        {policy + "step_scaling_policy_configuration: required key is missing"}},
       {kService,
        "auto_scaling",
        scaling("policy_type: SimpleScaling, " + kSteps + ", " + kAlarms),
        {policy + "policy_type: expected StepScaling or TargetTrackingScaling, found "
                  "\"SimpleScaling\" (did you mean StepScaling?)"}},
       {kService,
        "auto_scaling",
        scaling(
            "step_scaling_policy_configuration: {step_adjustments: [{scaling_adjustment: 1}]}, " +
            kAlarms),
        {policy + "step_scaling_policy_configuration.step_adjustments[0].metric_interval_lower_"
                  "bound: this or metric_interval_upper_bound is required"}},
       {kService,
        "auto_scaling",
        scaling(kSteps + ", cloudwatch_alarms: [{threshold: 1, comparison_operator: "
                         "GreaterThan}]"),
        {policy + "cloudwatch_alarms[0].metric_name: required key is missing",
         policy + "cloudwatch_alarms[0].comparison_operator: expected "
                  "GreaterThanOrEqualToThreshold, GreaterThanThreshold, "
                  "LessThanOrEqualToThreshold or LessThanThreshold, found \"GreaterThan\""}},
       {kService,
        "auto_scaling",
        scaling(kSteps + ", cloudwatch_alarms: [{metric_name: CPUUtilization, threshold: 0.5, "
                         "comparison_operator: LessThanThreshold, period: 90}]"),
        {policy + "cloudwatch_alarms[0].period: CloudWatch takes 10, 20, 30 and multiples of 60 "
                  "seconds, found 90"}}});
}

TEST(EcsCrdScaling, MayTrackATarget_D33) {
  CrdTextForTest text;
  text.service["auto_scaling"] = scaling(
      "policy_type: TargetTrackingScaling, target_tracking_configuration: {target_value: "
      "62.5, predefined_metric_type: ECSServiceAverageCPUUtilization, scale_in_cooldown: "
      "120, disable_scale_in: true}");
  const CrdScalingPolicy policy = read_well(text).service.auto_scaling->policies.at(0);
  EXPECT_EQ(policy.tracking->target_value, 62.5);
  EXPECT_EQ(policy.tracking->scale_in_cooldown, 120);
  EXPECT_EQ(policy.tracking->disable_scale_in, true);
  check({{kService,
          "auto_scaling",
          scaling("policy_type: TargetTrackingScaling, target_tracking_configuration: "
                  "{target_value: 1, predefined_metric_type: ECSServiceAverageCPUUtilization}, " +
                  kAlarms),
          {"5 service.auto_scaling.auto_scaling_policies[0].cloudwatch_alarms: target tracking has "
           "none: it makes its own alarms"}}});
}

TEST(EcsCrdScaling, HasPoliciesOfDifferentNamesAndNoDaemons) {
  const std::string policy = "{policy_name: a, " + kSteps + ", " + kAlarms + "}";
  CrdTextForTest daemon;
  daemon.service["scheduling_strategy"] = "DAEMON";
  check({{kService,
          "auto_scaling",
          "{auto_scaling_policies: [" + policy + ", " + policy + "]}",
          {"5 service.auto_scaling.auto_scaling_policies[1].policy_name: \"a\" is the name of "
           "another policy, too"}}});
  check({{kService,
          "auto_scaling",
          "{auto_scaling_policies: [" + policy + "]}",
          {"5 service.auto_scaling: a daemon has as many tasks as there are nodes"}}},
        daemon);
}

// ---- 3.11 listeners -----------------------------------------------------------------------------

const std::string kHost = "conditions: [{field: host-header, values: [a.test]}]";

TEST(EcsCrdListeners, AreChecked) {
  const std::string path = "8 listeners[0].";
  const std::string condition = path + "rules[0].conditions[0].";
  const auto rule = [](const std::string& text) { return "[{" + text + "}]"; };
  check(
      {{kListener, "port", "", {path + "port: required key is missing"}},
       {kListener, "protocol", "Https", {}},
       {kListener,
        "target_group",
        "{container: {name: web, port: 81}}",
        {"8 listeners: web:80 has no entry in listeners (each port a container exposes needs one)",
         path + "target_group.container: no container exposes web:81 (there is web:80)"}},
       {kListener, "rules", rule(kHost), {}},
       {kListener,
        "rules",
        rule("priority: 5"),
        {path + "rules[0].conditions: required key is missing"}},
       {kListener,
        "rules",
        rule("priority: 50001, " + kHost),
        {path + "rules[0].priority: expected a whole number from 1 to 50000, found 50001"}},
       {kListener,
        "rules",
        "[{priority: 5, " + kHost + "}, {priority: 5, " + kHost + "}]",
        {path + "rules[1].priority: another rule on port 80 has the priority 5, too"}},
       {kListener,
        "rules",
        rule("conditions: [{field: host, values: [a]}]"),
        {condition + "field: expected host-header, http-header, http-request-method, "
                     "path-pattern, query-string or source-ip, found \"host\""}},
       {kListener,
        "rules",
        rule("conditions: [{field: path-pattern}]"),
        {condition + "values: required key is missing"}},
       {kListener,
        "rules",
        rule("conditions: [{field: http-header, values: [x]}]"),
        {condition + "http_header_name: required key is missing"}},
       {kListener,
        "rules",
        rule("conditions: [{field: http-header, http_header_name: X-A, values: [x]}]"),
        {}},
       {kListener,
        "rules",
        rule("conditions: [{field: query-string, values: [{key: a, value: 1}, {value: b}]}]"),
        {}},
       {kListener,
        "rules",
        rule("conditions: [{field: query-string, values: [a]}]"),
        {condition + "values[0]: expected a mapping, found \"a\""}},
       {kListener,
        "certificates",
        "'*.shop.test'",
        {path + "certificates: expected a list, found \"*.shop.test\" (write it as a list: "
                "[*.shop.test])"}}});
}

TEST(EcsCrdListeners, ActionsAreChecked_Item42) {
  const std::string path = "8 listeners[0].rules[0].actions[0].";
  CrdTextForTest https;
  https.listener["protocol"] = "HTTPS";
  const std::string oidc =
      "{type: authenticate-oidc, order: 5, config: {authorization_endpoint: 'https://a', "
      "client_id: c, client_secret: s, issuer: 'https://i', token_endpoint: 'https://t', "
      "user_info_endpoint: 'https://u', session_timeout: 3600, use_existing_client_secret: false, "
      "authentication_request_extra_params: {prompt: login}}}";
  const auto rules = [](const std::string& action) {
    return "[{" + kHost + ", actions: [" + action + "]}, {" + kHost + "}]";
  };
  check(
      {{kListener, "rules", rules(oidc), {}},
       {kListener, "rules", rules("{type: redirect, config: {status_code: HTTP_301}}"), {}},
       {kListener,
        "rules",
        rules("{type: redirect, config: {}}"),
        {path + "config.status_code: required key is missing"}},
       {kListener, "rules", rules("{type: redirect}"), {path + "config: required key is missing"}},
       {kListener,
        "rules",
        rules("{type: forward, config: {}}"),
        {path + "type: expected authenticate-oidc, authenticate-cognito, fixed-response or "
                "redirect, found \"forward\""}},
       {kListener,
        "rules",
        rules("{type: fixed-response, config: {status_code: 200, message_bdy: x}}"),
        {"warning: listeners[0].rules[0].actions[0].config.message_bdy: unknown key (did you mean "
         "message_body?)"}},
       {kListener,
        "rules",
        rules("{type: redirect, order: 1, config: {status_code: HTTP_301}}, " + oidc),
        {"8 listeners[0].rules[0].actions: redirect ends the rule, but another action follows "
         "it"}},
       {kListener,
        "rules",
        rules("{type: redirect, order: 5, config: {status_code: HTTP_301}}, " + oidc),
        {"8 listeners[0].rules[0].actions[1].order: another action has the order 5, too"}}},
      https);
  check({{kListener,
          "rules",
          rules(oidc),
          {path + "type: authenticate-oidc needs a listener with protocol HTTPS"}}});

  https.listener["rules"] = rules(oidc);
  const CrdAction action = read_well(https).listeners.at(0).rules.at(0).actions.at(0);
  EXPECT_EQ(action.order, 5);
  EXPECT_EQ(to_text(Json(action.config)),
            R"({"AuthenticationRequestExtraParams":{"prompt":"login"},)"
            R"("AuthorizationEndpoint":"https://a","ClientId":"c","ClientSecret":"s",)"
            R"("Issuer":"https://i","SessionTimeout":3600,"TokenEndpoint":"https://t",)"
            R"("UseExistingClientSecret":false,"UserInfoEndpoint":"https://u"})");
}

TEST(EcsCrdListeners, AWayInIsNeeded) {
  check({{kListener,
          "rules",
          "[{" + kHost + ", actions: [{type: redirect, config: {status_code: HTTP_301}}]}]",
          {"8 listeners[0].rules: every rule ends in a redirect or a fixed response: nothing would "
           "reach web:80 (add a rule without such an action)"}}});
  CrdTextForTest text;
  text.more_containers = ", {name: b, image: b, port_mappings: [{container_port: 81}]}";
  EXPECT_EQ(read_crd(text.yaml()).messages,
            (Messages{"7 target_groups: b:81 has no entry in target_groups (each port a container "
                      "exposes needs one)",
                      "8 listeners: b:81 has no entry in listeners (each port a container exposes "
                      "needs one)"}));
}

TEST(EcsCrdListeners, SeveralMayHaveOnePortWithRules_Item44_D24) {
  const std::string target = "target_group: {container: {name: web, port: 80}}";
  CrdTextForTest text;
  text.more_listeners = ", {port: 443, protocol: HTTPS, " + target + "}";
  EXPECT_EQ(read_well(text).listeners.size(), 2U);
  text.more_listeners = ", {port: 80, " + target + "}";
  EXPECT_EQ(read_crd(text.yaml()).messages,
            Messages{"8 listeners[1].port: port 80 has another entry: without rules only one can "
                     "have it (give each of them rules)"});
  text.listener["rules"] = "[{" + kHost + "}]";
  text.more_listeners = ", {port: 80, protocol: HTTPS, rules: [{" + kHost + "}], " + target + "}";
  EXPECT_EQ(read_crd(text.yaml()).messages,
            Messages{"8 listeners[1].protocol: port 80 is HTTP in another entry and HTTPS in this "
                     "one"});
}

}  // namespace
}  // namespace slipway
