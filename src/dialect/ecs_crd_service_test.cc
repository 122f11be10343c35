// service of a deployment file but its containers and its autoscaling: what each key takes,
// and what is said about what it does not take.
#include "dialect/ecs_crd_for_test.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using Messages = std::vector<std::string>;

// ---- 3.4 service --------------------------------------------------------------------------------

TEST(EcsCrdService, NamesAreChecked) {
  const std::string name_rule =
      " is no service name: a letter, then up to 253 letters, digits and "
      "'-'";
  expect_messages(
      {{kCrdService, "project", "", {"1 service.project: required key is missing"}},
       {kCrdService, "name", "", {"1 service.name: required key is missing"}},
       {kCrdService, "name", "Web-2", {}},
       {kCrdService, "name", "2web", {"1 service.name: \"2web\"" + name_rule}},
       {kCrdService, "name", "web_api", {"1 service.name: \"web_api\"" + name_rule}},
       {kCrdService,
        "name",
        std::string(254, 'a'),
        {"1 service.name: with the label value it has 256 characters, and ECS takes 255"}},
       {kCrdService,
        "cluster",
        "arn:aws:ecs:eu-west-3:111111111111:cluster/shop",
        {"1 service.cluster: expected the name of a cluster, found an ARN (shop)"}}});
}

TEST(EcsCrdService, FqdnIsANameOrSeveral) {
  expect_messages(
      {{kCrdService, "fqdn", "", {"1 service.fqdn: required key is missing"}},
       {kCrdService, "fqdn", "[www.shop.test, _api.shop.test]", {}},
       {kCrdService,
        "fqdn",
        "[]",
        {"1 service.fqdn: expected a name or a list of names, found an empty list"}},
       {kCrdService, "fqdn", "[{a: b}]", {"1 service.fqdn[0]: expected a name, found a mapping"}},
       {kCrdService,
        "fqdn",
        "localhost",
        {"1 service.fqdn: \"localhost\" is no name that could have a CNAME record"}},
       {kCrdService,
        "fqdn",
        "[a.shop.test, 'b c.shop.test']",
        {"1 service.fqdn[1]: \"b c.shop.test\" is no name that could have a CNAME record"}},
       {kCrdService,
        "fqdn",
        "[a.shop.test, A.Shop.test.]",
        {"1 service.fqdn[1]: \"A.Shop.test\" is listed twice"}}});
  CrdTextForTest text;
  text.service["fqdn"] = "WWW.Shop.test.";
  EXPECT_EQ(read_well(text).service.fqdns.at(0).text, "WWW.Shop.test");
}

TEST(EcsCrdService, RequiresCompatibilitiesMayBeOneWord) {
  expect_messages(
      {{kCrdService, "requires_compatibilities", "EC2", {}},
       {kCrdService, "requires_compatibilities", "[EC2, FARGATE]", {}},
       {kCrdService,
        "requires_compatibilities",
        "[ECS]",
        {"6 service.requires_compatibilities: expected EC2 or FARGATE, found \"ECS\""}}});
  CrdTextForTest text;
  text.service["requires_compatibilities"] = "EC2";
  EXPECT_EQ(read_well(text).service.requires_compatibilities, std::vector<std::string>{"EC2"});
}

TEST(EcsCrdService, PlacementIsChecked) {
  expect_messages({{kCrdService, "placement_constraints", "[{type: distinctInstance}]", {}},
                   {kCrdService,
                    "placement_constraints",
                    "{type: distinctInstance}",
                    {"5 service.placement_constraints: expected a list, found a mapping"}},
                   {kCrdService,
                    "placement_constraints",
                    "[{type: memberOf}]",
                    {"5 service.placement_constraints[0].expression: required key is missing"}},
                   {kCrdService, "placement_strategies", "[{type: random}]", {}},
                   {kCrdService,
                    "placement_strategies",
                    "[{type: spread}]",
                    {"5 service.placement_strategies[0].field: required key is missing"}},
                   {kCrdService,
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
  expect_messages({{kCrdService, "cpu", "", {"6 service.cpu: required key is missing"}},
                   {kCrdService,
                    "network_configuration",
                    "",
                    {"6 service.network_mode: awsvpc needs to know the subnets (add "
                     "service.network_configuration.subnets)"}},
                   {kCrdService,
                    "network_configuration",
                    "{}",
                    {"5 service.network_configuration.subnets: required key is missing"}},
                   {kCrdService,
                    "network_mode",
                    "bridge",
                    {"5 service.network_configuration: only tasks of network_mode awsvpc have one",
                     "6 service.network_mode: Fargate has awsvpc only"}},
                   {kCrdService,
                    "scheduling_strategy",
                    "DAEMON",
                    {"5 service.scheduling_strategy: Fargate has no daemons"}},
                   {kCrdService,
                    "placement_strategies",
                    "[{type: random}]",
                    {"5 service.placement_strategies: Fargate places the tasks itself"}}},
                  fargate);
  expect_messages(
      {{kCrdService,
        "platform_version",
        "1.4",
        {"5 service.platform_version: only Fargate has platform versions (set launch_type: "
         "FARGATE)"}},
       {kCrdService,
        "network_configuration",
        "{subnets: [subnet-1]}",
        {"5 service.network_configuration: only tasks of network_mode awsvpc have one"}}});
  CrdTextForTest daemon;
  daemon.service["scheduling_strategy"] = "DAEMON";
  expect_messages({{kCrdService,
                    "placement_strategies",
                    "[{type: random}]",
                    {"5 service.placement_strategies: a daemon runs on every node"}}},
                  daemon);
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
  expect_messages(
      {{kCrdService,
        "volumes",
        "[{name: a}, {name: a}]",
        {"6 service.volumes[1].name: \"a\" is the name of another volume, too"}},
       {kCrdService,
        "volumes",
        "[{name: a, host: {source_path: /a}, docker_volume_configuration: "
        "{}}]",
        {"6 service.volumes[0].name: a volume is of one kind only: host, "
         "docker_volume_configuration or efs_volume_configuration"}},
       {kCrdService,
        "volumes",
        "[{name: a, docker_volume_configuration: {scope: all}}]",
        {"6 service.volumes[0].docker_volume_configuration.scope: expected task or shared, found "
         "\"all\""}},
       {kCrdService,
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
  expect_messages(
      {{kCrdService,
        "iam_roles",
        "{task_role: [{name: a}]}",
        {path + "actions: required key is missing"}},
       {kCrdService,
        "iam_roles",
        "{task_role: [{actions: [a], effect: allow}]}",
        {path + "effect: expected Allow or Deny, found \"allow\" (did you mean Allow?)"}},
       {kCrdService,
        "iam_roles",
        "{task_role: [{actions: [a], name: a b}]}",
        {path + "name: \"a b\" is no policy name: up to 128 letters, digits and any of + = , . @ _ "
                "-"}},
       {kCrdService,
        "iam_roles",
        "{task_role: [{actions: [a], name: x}, {actions: [a], name: x}]}",
        {"9 service.iam_roles.task_role[1].name: \"x\" is the name of another policy of this "
         "role, too"}}});
}

}  // namespace
}  // namespace slipway
