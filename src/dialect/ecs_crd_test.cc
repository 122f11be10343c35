#include "dialect/ecs_crd.h"

#include "base/runtime.h"
#include "dialect/ecs_crd_for_test.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using std::chrono::seconds;
using Messages = std::vector<std::string>;

std::string example() {
  return read_file(SLIPWAY_SOURCE_DIR "/examples/canary/stage.deploy.yml").value();
}

// ---- The example --------------------------------------------------------------------------------

TEST(EcsCrdFile, TheExampleReadsWithoutAWarning) {
  CrdReading reading = reading_for_test();
  reading.strict = true;
  const CrdRead read = read_crd(example(), reading);
  EXPECT_EQ(read.messages, Messages{});

  const CrdFile& file = read.file;
  EXPECT_EQ(file.canary.group.text, "public");
  EXPECT_EQ(file.canary.desired, 4);
  EXPECT_EQ(file.canary.scale_wait, seconds(90));
  ASSERT_EQ(file.canary.strategy.size(), 2U);
  EXPECT_EQ(file.canary.strategy[1].weight_percent, 30);
  EXPECT_EQ(file.canary.strategy[1].wait, seconds(180));
  EXPECT_EQ(file.canary.on_fail->text, "arn:aws:sns:eu-west-3:111111111111:failed");
  EXPECT_EQ(file.service.name.text, "bakery-orders");
  EXPECT_EQ(file.service.version, "2024.11.3");
  EXPECT_EQ(file.service.fqdns.at(1).text, "orders-api.stage.bakery.test");
  EXPECT_EQ(file.service.fqdns.at(1).place.path, "service.fqdn[1]");
  EXPECT_EQ(file.service.volumes.at(0).source_path, "/data/bakery-orders");

  const CrdContainer& web = file.service.containers.at(0);
  EXPECT_EQ(web.image.text, "111111111111.dkr.ecr.eu-west-3.amazonaws.com/bakery-orders:2024.11.3");
  EXPECT_EQ(web.entry_point, (std::vector<std::string>{"/bin/serve", "--json"}));
  EXPECT_TRUE(web.port_mappings.at(0).is_dynamic());
  EXPECT_EQ(web.environment,
            (CrdPairs{{"PUBLIC_URL", "https://orders.stage.bakery.test"}, {"FEATURE_X", "on"}}));
  EXPECT_EQ(web.secrets.at(0).value_from, "stage/orders/db");
  EXPECT_EQ(file.service.containers.at(1).port_mappings.at(0).host_port, (CrdPort{19090, 29090}));

  EXPECT_EQ(file.service.task_role.at(0).resources.at(0),
            "arn:aws:sqs:eu-west-3:111111111111:orders");
  EXPECT_TRUE(file.service.task_execution_role.empty());
  const CrdAutoScaling& scaling = file.service.auto_scaling.value();
  EXPECT_EQ(scaling.max_capacity, 12);
  EXPECT_EQ(scaling.policies.at(1).steps->step_adjustments.at(0).upper_bound, 0.0);
  EXPECT_EQ(scaling.policies.at(1).alarms.at(0).description, "Containers CPUUtilization High");

  EXPECT_EQ(file.target_groups.at(0).deregistration_delay(), seconds(30));
  EXPECT_EQ(file.target_groups.at(1).health_check_port, (CrdPort{19090, 29090}));
  const CrdListener& listener = file.listeners.at(0);
  EXPECT_EQ(listener.protocol, "HTTPS");
  EXPECT_EQ(listener.rules.at(0).conditions.at(0).values,
            (std::vector<std::string>{"orders.stage.bakery.test", "orders-api.stage.bakery.test"}));
  EXPECT_TRUE(listener.rules.at(0).forwards());
  EXPECT_FALSE(listener.rules.at(1).forwards());
  EXPECT_EQ(listener.rules.at(1).priority, 40);
  EXPECT_EQ(to_text(Json(listener.rules.at(1).actions.at(0).config)),
            R"({"Path":"/new","StatusCode":"HTTP_301"})");
  EXPECT_EQ(file.digest.size(), 64U);
}

// The example of the manual is the one the parser is tested with.
TEST(EcsCrdFile, TheExampleIsTheManuals) {
  const std::string page = read_file(SLIPWAY_SOURCE_DIR "/docs/manual/ecs-crd-file.md").value();
  const std::size_t begin = page.find("```yaml\n") + 8;
  EXPECT_EQ(page.substr(begin, page.find("```", begin) - begin), example());
}

TEST(EcsCrdFile, WhatIsNotGivenHasItsDefault) {
  const CrdRead read = read_crd(CrdTextForTest{}.yaml());
  EXPECT_EQ(read.messages, Messages{});
  const CrdFile& file = read.file;
  EXPECT_EQ(file.canary.desired, 2);
  EXPECT_EQ(file.canary.scale_wait, seconds(60));
  EXPECT_TRUE(file.canary.strategy.empty());
  EXPECT_FALSE(file.canary.on_success);
  EXPECT_EQ(file.service.version, "latest") << "item 9";
  EXPECT_EQ(file.service.cluster.text, "stage-ecs-cluster") << "item 10";
  EXPECT_EQ(file.service.scheduling_strategy, "REPLICA");
  EXPECT_EQ(file.service.launch_type, "EC2");
  const CrdContainer& web = file.service.containers.at(0);
  EXPECT_EQ(web.cpu, 128);
  EXPECT_EQ(web.memory, 128);
  EXPECT_TRUE(web.essential);
  EXPECT_EQ(web.port_mappings.at(0).protocol, "tcp");
  const CrdTargetGroup& group = file.target_groups.at(0);
  EXPECT_EQ(group.protocol, "HTTP");
  EXPECT_EQ(group.health_check_path, "/");
  EXPECT_EQ(group.health_check_protocol, "HTTP");
  EXPECT_EQ(group.health_check_matcher, "200");
  EXPECT_FALSE(group.health_check_port);
  EXPECT_EQ(group.deregistration_delay(), seconds(300));
  EXPECT_EQ(file.listeners.at(0).protocol, "HTTP");
}

// ---- Item 6: all at once, each with its line ----------------------------------------------------

TEST(EcsCrdFile, EveryMistakeIsTold_Item6) {
  const CrdRead read = read_crd(R"(canary:
  group: public
  releases: {blue: 1, green: 2}
  scale: {desired: none}
  strategy: [{weight: 101}]
service:
  project: shop
  name: web
  fqdn: www.shop.test
  containers:
    - {name: web, image: nginx, cpu: 1.5}
  iam_roles: {task_role: [{name: a}]}
  volumes: [{nam: spool}]
)");
  EXPECT_EQ(
      read.messages,
      (Messages{"3 canary.scale.desired: expected a whole number from 1 to 5000, found \"none\"",
                "4 service.containers[0].cpu: expected a whole number from 0 to 196608, found 1.5",
                "6 service.volumes[0].name: required key is missing",
                "warning: service.volumes[0].nam: unknown key (did you mean name?)",
                "9 service.iam_roles.task_role[0].actions: required key is missing",
                "10 canary.strategy[0].weight: expected a whole number from 0 to 100, found 101"}));
  EXPECT_EQ(read.findings.exit_status(), 3);
  EXPECT_EQ(read.findings.in_order().at(0).what.span.line, 4);
}

TEST(EcsCrdFile, TextThatIsNoFileIsAnErrorOfTheFile) {
  EXPECT_EQ(read_crd("").findings.exit_status(), 2);
  EXPECT_EQ(read_crd("a: [").findings.exit_status(), 2);
  EXPECT_EQ(read_crd("a: 1\n---\nb: 1\n").findings.exit_status(), 2);
  EXPECT_EQ(
      read_crd("- a\n").messages,
      Messages{"2 expected a mapping with canary, service, target_groups and listeners, found "
               "a list"});
  EXPECT_EQ(read_crd("a: {}\n").messages,
            (Messages{"1 canary: required key is missing", "1 service: required key is missing",
                      "warning: a: unknown key"}));
}

// ---- 3.1 Reading rules --------------------------------------------------------------------------

TEST(EcsCrdReadingRules, WholeNumbersMayBeTextButNothingElse_D36) {
  expect_messages(
      {{kCrdContainer, "cpu", "'256'", {}},
       {kCrdService, "memory", "\"512\"", {}},
       {kCrdCanary, "scale", "{desired: '3', wait: '5'}", {}},
       {kCrdGroup, "container", "{name: web, port: '80'}", {}},
       {kCrdListener, "port", "'80'", {}},
       {kCrdContainer,
        "cpu",
        "true",
        {"4 service.containers[0].cpu: expected a whole number from 0 to 196608, found true"}},
       {kCrdContainer,
        "cpu",
        "128.0",
        {"4 service.containers[0].cpu: expected a whole number from 0 to 196608, found 128.0"}},
       {kCrdContainer,
        "memory",
        "half",
        {"4 service.containers[0].memory: expected a whole number from 4 to 33554432, found "
         "\"half\""}}});
}

TEST(EcsCrdReadingRules, AnyScalarIsTextAsItIsWritten_Item9) {
  CrdTextForTest text;
  text.service["version"] = "1.10";
  text.service["platform_version"] = "1.4";
  text.service["launch_type"] = "FARGATE";
  text.service["network_configuration"] = "{subnets: [subnet-1]}";
  text.service["cpu"] = "256";
  text.service["memory"] = "512";
  text.container["image"] = "";
  text.container["environment"] =
      "[{FLAG: true}, {OTHER: False}, {NUMBER: 010}, {RATE: 1.10}, {WORD: on}, {NONE: null}]";
  text.container["command"] = "[run, 1, 2.50, true, '']";
  const CrdRead read = read_crd(text.yaml());
  EXPECT_EQ(read.messages, Messages{});
  EXPECT_EQ(read.file.service.version, "1.10");
  EXPECT_EQ(read.file.service.platform_version, "1.4");
  const CrdContainer& web = read.file.service.containers.at(0);
  EXPECT_EQ(web.image.text, "111111111111.dkr.ecr.eu-west-3.amazonaws.com/web:1.10");
  EXPECT_EQ(web.environment, (CrdPairs{{"FLAG", "true"},
                                       {"OTHER", "False"},
                                       {"NUMBER", "010"},
                                       {"RATE", "1.10"},
                                       {"WORD", "on"}}));
  EXPECT_EQ(web.command, (std::vector<std::string>{"run", "1", "2.50", "true", ""}));
}

TEST(EcsCrdReadingRules, NullIsAbsent) {
  expect_messages(
      {{kCrdContainer, "cpu", "null", {}},
       {kCrdContainer, "environment", "~", {}},
       {kCrdService, "version", "null", {}},
       {kCrdService, "cluster", "null", {}},
       {kCrdService, "project", "null", {"1 service.project: a value is required, found null"}}});
}

TEST(EcsCrdReadingRules, EnumerationsAreMatchedWhole_D37) {
  expect_messages(
      {{kCrdService, "scheduling_strategy", "DAEMON", {}},
       {kCrdService,
        "scheduling_strategy",
        "DAEMONxyz",
        {"5 service.scheduling_strategy: expected REPLICA or DAEMON, found \"DAEMONxyz\" (did you "
         "mean DAEMON?)"}},
       {kCrdService,
        "network_mode",
        "Bridge",
        {"6 service.network_mode: expected awsvpc, bridge, host or none, found \"Bridge\" (did "
         "you mean bridge?)"}},
       {kCrdService, "pid_mode", "task", {}},
       {kCrdService,
        "pid_mode",
        "none",
        {"6 service.pid_mode: expected host or task, found \"none\""}},
       {kCrdService, "ipc_mode", "none", {}},
       {kCrdService,
        "ipc_mode",
        "x",
        {"6 service.ipc_mode: expected host, none or task, found \"x\""}}});
}

TEST(EcsCrdReadingRules, BooleansAreThoseOfYaml11) {
  expect_messages({{kCrdContainer, "privileged", "yes", {}},
                   {kCrdContainer, "privileged", "Off", {}},
                   {kCrdContainer, "privileged", "'TRUE'", {}},
                   {kCrdContainer,
                    "privileged",
                    "yEs",
                    {"4 service.containers[0].privileged: expected true or false, found \"yEs\""}},
                   {kCrdContainer,
                    "privileged",
                    "1",
                    {"4 service.containers[0].privileged: expected true or false, found 1"}},
                   {kCrdContainer,
                    "privileged",
                    "''",
                    {"4 service.containers[0].privileged: expected true or false, found \"\""}}});
}

TEST(EcsCrdReadingRules, UnknownKeysAreWarnedAboutOrRefused) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"entry_port", "did you mean entry_point?"},
      {"esssential", "did you mean essential?"},
      {"enviroment", "did you mean environment?"}};
  CrdReading strict = reading_for_test();
  strict.strict = true;
  for (const auto& [key, hint] : cases) {
    const std::string wanted = "service.containers[0]." + key + ": unknown key (" + hint + ")";
    expect_messages({{kCrdContainer, key, "x", {"warning: " + wanted}}});
    expect_messages({{kCrdContainer, key, "x", {"4 " + wanted}}}, {}, strict);
  }
  expect_messages(
      {{kCrdContainer,
        "depends_on",
        "[{container_name: web2, condtion: START}]",
        {"4 service.containers[0].depends_on: there is no container \"web2\" (did you mean web?)",
         "4 service.containers[0].depends_on[0].condition: required key is missing",
         "warning: service.containers[0].depends_on[0].condtion: unknown key (did you mean "
         "condition?)"}}});
}

TEST(EcsCrdReadingRules, MistakesOfTheReferenceFileAreExplained) {
  expect_messages(
      {{kCrdContainer,
        "fqdn",
        "www.shop.test",
        {"warning: service.containers[0].fqdn: unknown key: the names are the service's, not a "
         "container's: service.fqdn"}},
       {kCrdCanary,
        "desired",
        "4",
        {"warning: canary.desired: unknown key: it belongs below scale: canary.scale.desired"}},
       {kCrdContainer,
        "port_mappings",
        "[{container_port: {blue: 1, green: 2}}]",
        {"4 service.containers[0].port_mappings[0].container_port: expected a whole number: a "
         "container has the same port in both releases (the ports of blue and green belong to "
         "host_port)",
         "7 target_groups[0].container: no container exposes web:80 (none exposes a port)",
         "8 listeners[0].target_group.container: no container exposes web:80 (none exposes a "
         "port)"}}});
  CrdReading strict = reading_for_test();
  strict.strict = true;
  expect_messages({{kCrdCanary,
                    "wait",
                    "4",
                    {"1 canary.wait: unknown key: it belongs below scale: canary.scale.wait"}}},
                  {}, strict);
}

// ---- 3.3 canary ---------------------------------------------------------------------------------

TEST(EcsCrdCanary, IsRead) {
  expect_messages(
      {{kCrdCanary, "group", "", {"1 canary.group: required key is missing"}},
       {kCrdCanary, "group", "12", {}},
       {kCrdCanary, "releases", "", {"2 canary.releases: required key is missing"}},
       {kCrdCanary, "releases", "{blue: 1}", {"2 canary.releases.green: required key is missing"}},
       {kCrdCanary,
        "releases",
        "{blue: 1, green: '1'}",
        {"2 canary.releases.green: blue and green have the same value, but are two load "
         "balancers"}},
       {kCrdCanary,
        "releases",
        "{blue: a_b, green: '2'}",
        {"2 canary.releases.blue: a label value of up to 24 letters, digits and '-' is expected, "
         "since it becomes a part of names, found \"a_b\""}},
       {kCrdCanary, "scale", "{desired: 5000}", {}},
       {kCrdCanary,
        "scale",
        "{desired: 0}",
        {"3 canary.scale.desired: expected a whole number from 1 to 5000, found 0"}},
       {kCrdCanary,
        "scale",
        "{wait: -1}",
        {"3 canary.scale.wait: expected a whole number from 0 to 604800, found -1"}},
       {kCrdCanary, "scale", "{wait: 60, start_limit: 60}", {}},
       {kCrdCanary,
        "scale",
        "{start_limit: 59}",
        {"3 canary.scale.start_limit: 59 s are less than wait, which is 60 s: no release could "
         "become healthy in time"}},
       {kCrdCanary,
        "sns_topic_notifications",
        "{on_fail: topic}",
        {"1 canary.sns_topic_notifications.on_fail: \"topic\" is not the ARN of an SNS topic "
         "(arn:aws:sns:REGION:ACCOUNT:NAME)"}}});
}

TEST(EcsCrdCanary, StrategyHasLimits_Item19) {
  expect_messages(
      {{kCrdCanary, "strategy", "[{}]", {}},
       {kCrdCanary, "strategy", "[{weight: 0}, {weight: 100, wait: 300}]", {}},
       {kCrdCanary,
        "strategy",
        "[{weight: -1}]",
        {"10 canary.strategy[0].weight: expected a whole number from 0 to 100, found -1"}},
       {kCrdCanary,
        "strategy",
        "[{weight: ten}]",
        {"10 canary.strategy[0].weight: expected a whole number from 0 to 100, found \"ten\""}},
       {kCrdCanary,
        "strategy",
        "[{weight: 5.5}]",
        {"10 canary.strategy[0].weight: expected a whole number from 0 to 100, found 5.5"}},
       {kCrdCanary,
        "strategy",
        "{weight: 5}",
        {"10 canary.strategy: expected a list, found a "
         "mapping"}},
       {kCrdCanary,
        "strategy",
        "[{wait: 39}]",
        {"warning: canary.strategy[0].wait: 39 s is too short to tell anything: 40 s are "
         "waited"}},
       {kCrdCanary,
        "strategy",
        "[{wait: 40}]",
        {"warning: canary.strategy[0].wait: 40 s is shorter than the 60 s for which resolvers "
         "keep an answer"}}});
  CrdTextForTest text;
  text.canary["strategy"] = "[{}, {wait: 5}]";
  const CrdRead read = read_crd(text.yaml());
  EXPECT_EQ(read.file.canary.strategy.at(0).weight_percent, 50);
  EXPECT_EQ(read.file.canary.strategy.at(0).wait, seconds(60));
  EXPECT_EQ(read.file.canary.strategy.at(1).wait, seconds(40));
}

}  // namespace
}  // namespace slipway
