// service.containers of a deployment file: what each key takes, and what is said about what it
// does not take.
#include "dialect/ecs_crd_for_test.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using Messages = std::vector<std::string>;

// ---- 3.5 containers -----------------------------------------------------------------------------

TEST(EcsCrdContainers, AreChecked) {
  expect_messages(
      {{kCrdService,
        "containers",
        "[]",
        {"4 service.containers: expected at least 1 entry, found none",
         "7 target_groups[0].container: no container exposes web:80 (none exposes a port)",
         "8 listeners[0].target_group.container: no container exposes web:80 (none exposes a "
         "port)"}},
       {kCrdContainer,
        "image",
        "'a b'",
        {"4 service.containers[0].image: cannot read the image \"a b\": its repository name is "
         "not made of letters, digits, '.', '_' and '-'"}},
       {kCrdContainer, "memory_reservation", "128", {}},
       {kCrdContainer,
        "memory_reservation",
        "129",
        {"4 service.containers[0].memory_reservation: 129 MiB are more than the limit, memory, "
         "which is 128"}},
       {kCrdContainer,
        "entry_point",
        "/bin/serve",
        {"4 service.containers[0].entry_point: expected a list, found \"/bin/serve\" (write it as "
         "a list: [/bin/serve])"}},
       {kCrdContainer,
        "command",
        "'a,b'",
        {"4 service.containers[0].command: expected a list, found \"a,b\" (write it as a list: "
         "[a,b])"}},
       {kCrdContainer,
        "dns_servers",
        "10.0.0.2",
        {"4 service.containers[0].dns_servers: expected a list, found \"10.0.0.2\" (write it as a "
         "list: [10.0.0.2])"}},
       {kCrdContainer,
        "mount_points",
        "[{container_path: /a, source_volume: spool}]",
        {"4 service.containers[0].mount_points: there is no volume \"spool\""}},
       {kCrdContainer,
        "mount_points",
        "[{container_path: /a}]",
        {"4 service.containers[0].mount_points: there is no volume \"\"",
         "4 service.containers[0].mount_points[0].source_volume: required key is missing"}},
       {kCrdContainer,
        "depends_on",
        "[{container_name: web, condition: HEALTHY}]",
        {"4 service.containers[0].depends_on: a container cannot depend on itself"}},
       {kCrdContainer,
        "depends_on",
        "[{container_name: log, condition: UP}]",
        {"4 service.containers[0].depends_on: there is no container \"log\"",
         "4 service.containers[0].depends_on[0].condition: expected START, COMPLETE, SUCCESS or "
         "HEALTHY, found \"UP\""}},
       {kCrdContainer,
        "health_check",
        "{interval: 30}",
        {"4 service.containers[0].health_check.command: required key is missing"}},
       {kCrdContainer, "health_check", "{command: [CMD, /check], interval: 30, retries: 3}", {}}});
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
  expect_messages(
      {{kCrdContainer,
        "environment",
        "[{A: 1, B: 2}]",
        {path + "environment[0]: expected one pair, NAME: VALUE, found a mapping"}},
       {kCrdContainer,
        "environment",
        "[A]",
        {path + "environment[0]: expected one pair, NAME: VALUE, found \"A\""}},
       {kCrdContainer,
        "environment",
        "A=1",
        {path + "environment: expected a list of pairs, found \"A=1\""}},
       {kCrdContainer, "environment", "[{A: 1}, {A: 2}]", {path + "environment: A is given twice"}},
       {kCrdContainer,
        "environment",
        "{A: [1]}",
        {path + "environment: A: expected text, found a list"}},
       {kCrdContainer,
        "secrets",
        "{AWS_REGION: x}",
        {path + "secrets: AWS_REGION is in the environment, too"}},
       {kCrdContainer,
        "secrets",
        "{A: ''}",
        {path + "secrets: A: expected the name or ARN of a secret, found nothing"}},
       {kCrdContainer,
        "secrets",
        "{A: 'db:a:b:c:d'}",
        {path + "secrets: A: \"db:a:b:c:d\" has more parts than a secret can have "
                "(NAME:JSON-KEY:VERSION-STAGE:VERSION-ID)"}},
       {kCrdContainer,
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
  expect_messages(
      {{kCrdContainer, "log_configuration", "{log_driver: none}", {}},
       {kCrdContainer,
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
  expect_messages(
      {{kCrdContainer, "port_mappings", mapping("0"), {}},
       {kCrdContainer, "port_mappings", mapping("null"), {}},
       {kCrdContainer, "port_mappings", mapping("{blue: 8001, green: 8002}"), {}},
       {kCrdContainer,
        "port_mappings",
        mapping("8001"),
        {"warning: service.containers[0].port_mappings[0].host_port: both releases want port "
         "8001: the new one can only run on nodes where the old one does not (give each label a "
         "port of its own, or leave host_port out)"}},
       {kCrdContainer,
        "port_mappings",
        mapping("'8001'"),
        {path + ": expected a whole number, found the text \"8001\" (remove the quotes)"}},
       {kCrdContainer,
        "port_mappings",
        mapping("{blue: 8001}"),
        {path + ".green: required key is missing"}},
       {kCrdContainer,
        "port_mappings",
        mapping("{blue: '8001', green: 8002}"),
        {path + ".blue: expected a whole number, found the text \"8001\" (remove the quotes)"}},
       {kCrdContainer,
        "port_mappings",
        mapping("{blue: 8001, green: 8001}"),
        {path + ": blue and green have the same port 8001: on one node only one of the two "
                "releases could run"}},
       {kCrdContainer,
        "port_mappings",
        mapping("65536"),
        {path + ": expected a whole number from 0 to 65535, found 65536"}},
       {kCrdContainer,
        "port_mappings",
        mapping("any"),
        {path + ": expected a whole number from 0 to 65535, found \"any\""}},
       {kCrdContainer,
        "port_mappings",
        "[{container_port: 80}, {container_port: 80}]",
        {"4 service.containers[0].port_mappings[1].container_port: port 80 is mapped twice"}},
       {kCrdContainer,
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
  expect_messages(
      {{kCrdContainer, "port_mappings", "[{container_port: 80}]", {}},
       {kCrdContainer, "port_mappings", "[{container_port: 80, host_port: 80}]", {}},
       {kCrdContainer,
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

}  // namespace
}  // namespace slipway
