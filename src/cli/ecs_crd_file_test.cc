// The deployment file from its text to the templates: what `dialect/` reads and `plan/` makes of
// it.
#include "base/runtime.h"
#include "dialect/ecs_crd.h"
#include "dialect/ecs_crd_for_test.h"
#include "plan/ecs_crd_template.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace slipway {
namespace {

using Messages = std::vector<std::string>;

const std::filesystem::path kTemplates = SLIPWAY_SOURCE_DIR "/tests/vectors/ecs-crd";

CrdLoadBalancer load_balancer(const std::string& name, const std::string& release) {
  return {.arn = "arn:aws:elasticloadbalancing:eu-west-3:111111111111:loadbalancer/app/" + name +
                 "/50dc6c495c0c9188",
          .name = name,
          .dns_name = name + "-1234567890.eu-west-3.elb.amazonaws.com",
          .type = "application",
          .scheme = "internet-facing",
          .vpc_id = "vpc-0a1b2c3d",
          .tags = {{"CanaryGroup", "public"}, {"CanaryRelease", release}},
          .listeners = {}};
}

CrdOpenListener open_listener(const CrdLoadBalancer& of, int port, std::string protocol) {
  return {.port = port,
          .arn = "arn:aws:elasticloadbalancing:eu-west-3:111111111111:listener/app/" + of.name +
                 "/50dc6c495c0c9188/f2f7dc8efc522ab" + std::to_string(port % 10),
          .protocol = std::move(protocol),
          .rule_priorities = {},
          .certificate_arns = {}};
}

// An account with a pair of load balancers; `green` is the label that is deployed to.
struct World {
  CrdPair pair;
  CrdFacts facts;
  CrdDecision decision;

  explicit World(CrdLabel green = CrdLabel::kBlue) {
    const std::string region = "eu-west-3:111111111111:";
    pair.sides[0] = {CrdLabel::kBlue, "1", load_balancer("front-1", "1")};
    pair.sides[1] = {CrdLabel::kGreen, "2", load_balancer("front-2", "2")};
    for (CrdSide& side : pair.sides) {
      side.load_balancer.listeners = {open_listener(side.load_balancer, 80, "HTTP")};
      side.load_balancer.listeners[0].rule_priorities = {7, 1};
    }
    facts.environment = "stage";
    facts.region = "eu-west-3";
    facts.account_id = "111111111111";
    facts.deployment_id = "0123456789abcdef0123456789abcdef";
    facts.vpc_id = "vpc-0a1b2c3d";
    facts.cluster_arn = "arn:aws:ecs:" + region + "cluster/stage-ecs-cluster";
    facts.certificates = {{.arn = "arn:aws:acm:" + region + "certificate/wild",
                           .domain = "*.bakery.test",
                           .other_names = {},
                           .status = "ISSUED",
                           .not_after = std::nullopt}};
    facts.secrets["stage/orders/db"] = {
        .state = CrdLookUp::kFound,
        .arn = "arn:aws:secretsmanager:" + region + "secret:stage/orders/db-AbCdEf",
        .kms_key_arn = "arn:aws:kms:" + region + "key/0f1e2d3c",
        .message = {}};
    decision.green = pair.of(green);
    decision.blue = pair.of(other(green));
  }

  CrdSide& side(CrdLabel label) { return pair.sides.at(label == CrdLabel::kBlue ? 0 : 1); }
  void open(int port, const std::string& protocol, std::vector<int> rule_priorities = {},
            std::vector<std::string> certificate_arns = {}) {
    for (CrdSide& each : pair.sides) {
      CrdOpenListener listener = open_listener(each.load_balancer, port, protocol);
      listener.rule_priorities = rule_priorities;
      listener.certificate_arns = certificate_arns;
      each.load_balancer.listeners.push_back(std::move(listener));
    }
    decision.green = pair.of(decision.green.label);
  }
};

struct Planned {
  CrdPlan plan;
  Json green;
  CrdFindings findings;
  Messages messages;

  const Json& properties(std::string_view resource) const {
    return green.at("Resources").at(resource).at("Properties");
  }
  bool has(std::string_view resource) const {
    return green.at("Resources").as_object().contains(resource);
  }
};

Planned plan_of(const std::string& yaml, const World& world) {
  Planned planned;
  const CrdRead read = read_crd(yaml);
  planned.findings = read.findings;
  planned.plan = plan_ecs_crd(read.file, world.facts, world.pair, world.decision, planned.findings);
  planned.green = parse_json(planned.plan.green.template_body).value();
  planned.messages = told(planned.findings);
  return planned;
}

std::string example() {
  return read_file(SLIPWAY_SOURCE_DIR "/examples/canary/stage.deploy.yml").value();
}

// The world of the example: 443 is open with rules, 9443 is not.
World example_world(CrdLabel green) {
  World world(green);
  world.open(443, "HTTPS", {3, 12}, {"arn:aws:acm:eu-west-3:111111111111:certificate/other"});
  return world;
}

void expect_template(const std::string& name, const std::string& body) {
  const std::filesystem::path file = kTemplates / (name + ".json");
  const std::string text = to_pretty_text(parse_json(body).value());
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(file) << text;
    return;
  }
  EXPECT_EQ(text, read_file(file).value()) << file << "; UPDATE_GOLDEN=1 writes it anew";
}

// ---- Item 39: the example against stored templates ----------------------------------------------

TEST(EcsCrdAcceptance, Item39_TheTemplatesOfTheExampleAreTheStoredOnes) {
  const Planned blue = plan_of(example(), example_world(CrdLabel::kBlue));
  EXPECT_EQ(blue.messages, Messages{});
  ASSERT_TRUE(blue.plan.init);
  EXPECT_EQ(blue.plan.init->name, "stage-bakery-orders-0");
  EXPECT_EQ(blue.plan.green.name, "stage-bakery-orders-1");
  EXPECT_EQ(blue.plan.green.tags, (CrdPairs{{"Project", "bakery"},
                                            {"Service", "bakery-orders"},
                                            {"Environment", "stage"},
                                            {"Version", "2024.11.3"}}));
  expect_template("example-init", blue.plan.init->template_body);
  expect_template("example-blue", blue.plan.green.template_body);
  EXPECT_TRUE(blue.plan.shared_listeners.empty());
  ASSERT_EQ(blue.plan.target_groups.size(), 2U);
  EXPECT_EQ(blue.plan.target_groups[1].output, "TargetGroupProxy9090Arn");

  const Planned green = plan_of(example(), example_world(CrdLabel::kGreen));
  expect_template("example-green", green.plan.green.template_body);
  const Planned again = plan_of(example(), example_world(CrdLabel::kGreen));
  EXPECT_EQ(green.plan.green.template_body, again.plan.green.template_body);
}

// ---- Items of the acceptance list that are decided here -----------------------------------------

std::vector<std::string> texts_of(const Json& array) {
  std::vector<std::string> all;
  for (const Json& each : array.as_array()) all.emplace_back(each.as_string());
  return all;
}

Planned plan_of(const CrdTextForTest& text, const World& world = World()) {
  return plan_of(text.yaml(), world);
}

// A listener of its own on a port that is not open, unless the test says otherwise.
CrdTextForTest small() {
  CrdTextForTest text;
  text.listener["port"] = "8443";
  return text;
}

const std::string kHost = "conditions: [{field: host-header, values: [a.test]}]";

TEST(EcsCrdAcceptance, Item38_HostPortsFollowTheLabel) {
  CrdTextForTest text = small();
  text.container["port_mappings"] = "[{container_port: 80, host_port: {blue: 8001, green: 8002}}]";
  text.target_group["port"] = "{blue: 8001, green: 8002}";
  text.target_group["health_check"] = "{port: {blue: 8003, green: 8004}}";
  struct Case {
    CrdLabel label;
    int host_port;
    const char* health_port;
  };
  for (const auto& [label, host_port, health_port] :
       {Case{CrdLabel::kBlue, 8001, "8003"}, Case{CrdLabel::kGreen, 8002, "8004"}}) {
    SCOPED_TRACE(host_port);
    const Planned planned = plan_of(text, World(label));
    EXPECT_EQ(planned.messages, Messages{});
    EXPECT_EQ(to_text(planned.properties("TaskDefinition")
                          .at("ContainerDefinitions")
                          .at(0)
                          .at("PortMappings")),
              "[{\"ContainerPort\":80,\"HostPort\":" + std::to_string(host_port) + "}]");
    EXPECT_EQ(planned.properties("TargetGroupWeb80").at("Port"), host_port);
    EXPECT_EQ(planned.properties("TargetGroupWeb80").at("HealthCheckPort"), health_port);
  }
  const Planned dynamic = plan_of(small());
  EXPECT_EQ(dynamic.properties("TaskDefinition")
                .at("ContainerDefinitions")
                .at(0)
                .at("PortMappings")
                .at(0)
                .at("HostPort"),
            0);
  EXPECT_EQ(dynamic.properties("TargetGroupWeb80").at("HealthCheckPort"), "traffic-port");
  EXPECT_EQ(dynamic.properties("TargetGroupWeb80").at("Port"), 80);
}

TEST(EcsCrdAcceptance, Item40_TheServiceWaitsForWhatForwardsToIt) {
  CrdTextForTest text = small();
  text.more_listeners = ", {port: 80, target_group: {container: {name: web, port: 80}}, rules: [{" +
                        kHost + "}, {" + kHost +
                        ", actions: [{type: redirect, config: {status_code: HTTP_301}}]}]}";
  const Planned planned = plan_of(text);
  EXPECT_EQ(planned.messages, Messages{});
  EXPECT_EQ(texts_of(planned.green.at("Resources").at("Service").at("DependsOn")),
            (std::vector<std::string>{"ListenerWeb80", "ListenerRule1Web80"}))
      << "the redirect forwards nothing";
}

TEST(EcsCrdAcceptance, Item41_AnOpenPortNeedsRules) {
  CrdTextForTest text;
  const Planned without = plan_of(text);
  EXPECT_EQ(without.messages,
            Messages{"2 listeners[0]: load balancer front-1 listens on port 80 already, so the "
                     "listener of web:80 needs rules (add rules that tell its requests from those "
                     "of others)"});

  // Two bindings on one port draw from one supply; what is taken or asked for is skipped.
  text.listener["rules"] = "[{" + kHost + "}, {priority: 9, " + kHost + "}]";
  text.more_containers = ", {name: b, image: b, port_mappings: [{container_port: 81}]}";
  text.more_groups = ", {container: {name: b, port: 81}, health_check: {}}";
  text.more_listeners =
      ", {port: 80, target_group: {container: {name: b, port: 81}}, rules: [{" + kHost + "}]}";
  const Planned planned = plan_of(text);
  EXPECT_EQ(planned.messages, Messages{});
  EXPECT_EQ(planned.properties("ListenerRule1Web80").at("Priority"), 8) << "7 is the highest";
  EXPECT_EQ(planned.properties("ListenerRule2Web80").at("Priority"), 9);
  EXPECT_EQ(planned.properties("ListenerRule1B81").at("Priority"), 10);
}

TEST(EcsCrdAcceptance, Item41_PrioritiesBeginAtThreeAndEndAtTheLimit) {
  struct Case {
    std::vector<int> existing;
    std::string rule;  // "priority: 5, "
    int wanted;        // 0: refused
    Messages messages;
  };
  for (const auto& [existing, rule, wanted, messages] :
       {Case{{}, "", 3, {}}, Case{{1}, "", 3, {}}, Case{{2, 5}, "", 6, {}},
        Case{{50'000}, "", 3, {}}, Case{{50'000, 3}, "", 4, {}}, Case{{4}, "priority: 1, ", 1, {}},
        Case{{4},
             "priority: 4, ",
             4,
             {"8 listeners[0].rules[0]: priority 4 is taken by a rule of port 81 of load balancer "
              "front-1 (leave priority out to take the next free one)"}}}) {
    SCOPED_TRACE(testing::PrintToString(existing) + rule);
    World world;
    world.open(81, "HTTP", existing);
    CrdTextForTest text;
    text.listener["port"] = "81";
    text.listener["rules"] = "[{" + rule + kHost + "}]";
    const Planned planned = plan_of(text, world);
    EXPECT_EQ(planned.messages, messages);
    EXPECT_EQ(planned.properties("ListenerRule1Web80").at("Priority"), wanted);
  }
}

TEST(EcsCrdAcceptance, Item42_TheForwardComesLast) {
  CrdTextForTest text;
  text.listener["protocol"] = "HTTPS";
  text.listener["rules"] =
      "[{conditions: [{field: http-header, http_header_name: X-Beta, values: [yes]}, {field: "
      "query-string, values: [{key: a, value: 1}, {value: b}]}], actions: [{type: "
      "authenticate-cognito, order: 5, config: {user_pool_arn: a, user_pool_client_id: c, "
      "user_pool_domain: d}}]}, {" +
      kHost + ", actions: [{type: fixed-response, config: {status_code: 503}}]}]";
  World world;
  world.side(CrdLabel::kBlue).load_balancer.listeners[0].protocol = "HTTPS";
  world.open(81, "HTTP");
  const Planned planned = plan_of(text, world);
  EXPECT_EQ(planned.messages, Messages{});
  EXPECT_EQ(to_text(planned.properties("ListenerRule1Web80").at("Conditions")),
            R"([{"Field":"http-header","HttpHeaderConfig":{"HttpHeaderName":"X-Beta",)"
            R"("Values":["yes"]}},{"Field":"query-string","QueryStringConfig":{"Values":)"
            R"([{"Key":"a","Value":"1"},{"Value":"b"}]}}])");
  EXPECT_EQ(to_text(planned.properties("ListenerRule1Web80").at("Actions")),
            R"([{"Type":"authenticate-cognito","Order":5,"AuthenticateCognitoConfig":)"
            R"({"UserPoolArn":"a","UserPoolClientId":"c","UserPoolDomain":"d"}},)"
            R"({"Type":"forward","TargetGroupArn":{"Ref":"TargetGroupWeb80"},"Order":6}])");
  EXPECT_EQ(to_text(planned.properties("ListenerRule2Web80").at("Actions")),
            R"([{"Type":"fixed-response","Order":1,"FixedResponseConfig":{"StatusCode":"503"}}])");
}

TEST(EcsCrdAcceptance, Item43_AListenerWithRulesBelongsToNoRelease) {
  CrdTextForTest text = small();
  text.listener["protocol"] = "HTTPS";
  text.listener["certificates"] = "['*.bakery.test']";
  text.listener["rules"] = "[{" + kHost + "}]";
  const Planned planned = plan_of(text);
  EXPECT_EQ(planned.messages, Messages{});
  ASSERT_EQ(planned.plan.shared_listeners.size(), 2U) << "on both load balancers";
  const CrdSharedListener& shared = planned.plan.shared_listeners[1];
  EXPECT_EQ(shared.label, CrdLabel::kGreen);
  EXPECT_EQ(shared.stack.name, "listener-front-2-8443");
  EXPECT_EQ(shared.stack.tags, (CrdPairs{{"Environment", "stage"}}));
  expect_template("shared-listener", shared.stack.template_body);
  EXPECT_EQ(planned.properties("ListenerRule1Web80").at("ListenerArn"),
            "(the listener of listener-front-1-8443)");
  EXPECT_FALSE(planned.has("ListenerWeb80"));

  // Once it is there, the same release has rules on it.
  World world;
  world.open(8443, "HTTPS", {}, {world.facts.certificates[0].arn});
  const Planned again = plan_of(text, world);
  EXPECT_TRUE(again.plan.shared_listeners.empty());
  EXPECT_EQ(again.properties("ListenerRule1Web80").at("ListenerArn"),
            Json(world.pair.sides[0].load_balancer.listeners[1].arn));
}

TEST(EcsCrdAcceptance, Item44_TwoListenersOfOneContainerBothCount) {
  CrdTextForTest text = small();
  text.more_listeners = ", {port: 8444, target_group: {container: {name: web, port: 80}}}";
  const Planned planned = plan_of(text);
  EXPECT_EQ(planned.messages, Messages{});
  EXPECT_EQ(planned.properties("ListenerWeb80").at("Port"), 8443);
  EXPECT_EQ(planned.properties("ListenerWeb80On8444").at("Port"), 8444);
}

TEST(EcsCrdAcceptance, Item45_CertificatesAreAddedOnceAndStay) {
  CrdTextForTest text = small();
  text.listener["protocol"] = "HTTPS";
  text.listener["certificates"] = "['*.bakery.test', www.other.test]";
  World world;
  CrdCertificate another = world.facts.certificates[0];
  another.arn = "arn:another";
  another.domain = "*.other.test";
  world.facts.certificates.push_back(another);

  // A listener of its own: one certificate in it, the others beside it.
  const Planned own = plan_of(text, world);
  EXPECT_EQ(own.messages, Messages{});
  EXPECT_EQ(own.properties("ListenerWeb80").at("Certificates").as_array().size(), 1U);
  EXPECT_EQ(own.properties("ListenerWeb80").at("SslPolicy"), "ELBSecurityPolicy-2016-08");
  EXPECT_EQ(own.properties("ListenerCertificate1").at("Certificates").at(0).at("CertificateArn"),
            "arn:another");

  // On a listener of others: only what it has not, and for good.
  text.listener["rules"] = "[{" + kHost + "}]";
  world.open(8443, "HTTPS", {}, {world.facts.certificates[0].arn});
  const Planned shared = plan_of(text, world);
  EXPECT_EQ(shared.messages, Messages{});
  EXPECT_EQ(shared.properties("ListenerCertificate1").at("Certificates").at(0).at("CertificateArn"),
            "arn:another");
  EXPECT_EQ(shared.green.at("Resources").at("ListenerCertificate1").at("DeletionPolicy"), "Retain");
  EXPECT_FALSE(shared.has("ListenerCertificate2"));
}

TEST(EcsCrdAcceptance, Item45_ANewHttpsListenerNeedsACertificate) {
  CrdTextForTest text = small();
  text.listener["protocol"] = "HTTPS";
  EXPECT_EQ(plan_of(text).messages,
            Messages{"8 listeners[0]: the HTTPS listener on port 8443 is yet to be created and "
                     "names no certificate (add certificates: [DOMAIN])"});
  text.listener["certificates"] = "[www.shop.test]";
  EXPECT_EQ(plan_of(text).messages,
            Messages{"8 listeners[0].certificates[0]: no issued certificate is there for "
                     "www.shop.test"});
}

// ---- Secrets and images -------------------------------------------------------------------------

TEST(EcsCrdAcceptance, Item46_SecretsOfAllSpellingsAreRead) {
  CrdTextForTest text = small();
  const std::string arn = "arn:aws:secretsmanager:eu-west-3:111111111111:secret:db-AbCdEf";
  const std::string parameter = "arn:aws:ssm:eu-west-3:111111111111:parameter/stage/x";
  text.container["secrets"] = "{A: db, B: '" + arn + "', C: 'db:password::', D: 'ssm:/stage/x'}";
  text.container["log_configuration"] =
      "{log_driver: splunk, secret_options: [{name: splunk-token, value_from: token}]}";
  World world;
  world.facts.secrets["db"] = {CrdLookUp::kFound, arn, "", ""};
  world.facts.secrets[arn] = world.facts.secrets["db"];
  world.facts.secrets["token"] = {CrdLookUp::kFound, "arn:token", "arn:key", ""};
  world.facts.parameters["/stage/x"] = {CrdLookUp::kFound, parameter, "", ""};
  const Planned planned = plan_of(text, world);
  EXPECT_EQ(planned.messages, Messages{});
  const Json& container = planned.properties("TaskDefinition").at("ContainerDefinitions").at(0);
  std::string values;
  for (const Json& each : container.at("Secrets").as_array())
    values += each.at("ValueFrom").as_string().c_str() + std::string("\n");
  EXPECT_EQ(values, arn + "\n" + arn + "\n" + arn + ":password::\n" + parameter + "\n");
  EXPECT_EQ(to_text(container.at("LogConfiguration")),
            R"({"LogDriver":"splunk","SecretOptions":[{"Name":"splunk-token",)"
            R"("ValueFrom":"arn:token"}]})");
  EXPECT_EQ(to_text(planned.properties("TaskExecutionRole")
                        .at("Policies")
                        .at(0)
                        .at("PolicyDocument")
                        .at("Statement")),
            R"([{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":[)"
            R"("arn:aws:secretsmanager:eu-west-3:111111111111:secret:db-AbCdEf","arn:token"]},)"
            R"({"Effect":"Allow","Action":"ssm:GetParameters","Resource":[)"
            R"("arn:aws:ssm:eu-west-3:111111111111:parameter/stage/x"]},)"
            R"({"Effect":"Allow","Action":"kms:Decrypt","Resource":["arn:key"]}])");
}

TEST(EcsCrdAcceptance, Item47_WhatIsMissingIsNamed) {
  CrdTextForTest text = small();
  const std::string registry = "111111111111.dkr.ecr.eu-west-3.amazonaws.com/";
  text.container["image"] = registry + "team/web:1";
  text.container["secrets"] = "{A: db, B: 'ssm:/x'}";
  const CrdEcrImage image{"team/web", "1", ""};
  World world;
  world.facts.secrets["db"] = {
      .state = CrdLookUp::kMissing, .arn = {}, .kms_key_arn = {}, .message = {}};
  world.facts.parameters["/x"] = {.state = CrdLookUp::kDenied,
                                  .arn = {},
                                  .kms_key_arn = {},
                                  .message = "not authorized to perform: ssm:GetParameters"};
  struct Case {
    CrdImageFact fact;
    std::string wanted;
  };
  const std::string path = "4 service.containers[0].image: ";
  for (const auto& [fact, wanted] :
       {Case{{CrdLookUp::kMissing, false, ""},
             path + "image " + registry + "team/web:1 does not exist"},
        Case{{CrdLookUp::kMissing, true, ""}, path + "the ECR repository team/web does not exist"},
        Case{{CrdLookUp::kDenied, false, "not authorized to perform: ecr:DescribeImages"},
             path + "image " + registry +
                 "team/web:1 could not be looked up, access is denied: not authorized to perform: "
                 "ecr:DescribeImages"},
        Case{{CrdLookUp::kFailed, false, "no answer"},
             path + "image " + registry + "team/web:1 could not be looked up: no answer"}}) {
    SCOPED_TRACE(wanted);
    world.facts.images[image] = fact;
    const Planned planned = plan_of(text, world);
    EXPECT_EQ(planned.findings.exit_status(), 4);
    EXPECT_EQ(planned.messages,
              (Messages{wanted, "4 service.containers[0].secrets.A: secret db does not exist",
                        "4 service.containers[0].secrets.B: parameter /x could not be looked up, "
                        "access is denied: not authorized to perform: ssm:GetParameters"}));
  }
}

// ---- The other rows of 4.6 ----------------------------------------------------------------------

TEST(EcsCrdAcceptance, Item48_RolesAreThoseOfTheFile) {
  CrdTextForTest text = small();
  EXPECT_FALSE(plan_of(text).has("TaskRole"));
  EXPECT_FALSE(plan_of(text).properties("TaskDefinition").as_object().contains("TaskRoleArn"));
  const std::string roles =
      "task_execution_role: [{actions: [a]}, {actions: [b]}]XXXtask_role: [{actions: [c]}]";
  const auto planned_with = [&](const std::string& before, const std::string& between,
                                const std::string& after) {
    std::string value = roles;
    value.replace(value.find("XXX"), 3, between);
    text.service["iam_roles"] = before + value + after;
    return plan_of(text).plan.green.template_body;
  };
  EXPECT_EQ(planned_with("{", ", ", "}"), planned_with("[{", "}, {", "}]"));
  const Planned planned = plan_of(text);
  EXPECT_TRUE(planned.has("TaskRole"));
  EXPECT_EQ(planned.properties("TaskExecutionRole").at("Policies").at(1).at("PolicyName"),
            "policy_2");

  text.service["iam_roles"] = "{task_execution_role: [{name: AllowReadSecrets, actions: [a]}]}";
  text.container["secrets"] = "{A: db}";
  EXPECT_EQ(plan_of(text).messages,
            Messages{"9 service.name: a policy of the task execution role is called "
                     "AllowReadSecrets, like the one that reads the secrets (give it another "
                     "name)"});
}

TEST(EcsCrdTemplates, ArnsAreOfThePartition_D39) {
  World world;
  world.facts.partition = "aws-cn";
  EXPECT_EQ(
      texts_of(plan_of(small(), world).properties("TaskExecutionRole").at("ManagedPolicyArns")),
      std::vector<std::string>{
          "arn:aws-cn:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"});
}

TEST(EcsCrdTemplates, ADaemonHasNoDesiredCount_D38) {
  CrdTextForTest text = small();
  text.service["scheduling_strategy"] = "DAEMON";
  const Planned planned = plan_of(text);
  EXPECT_EQ(planned.messages, Messages{});
  EXPECT_FALSE(planned.properties("Service").as_object().contains("DesiredCount"));
  EXPECT_EQ(plan_of(small()).properties("Service").at("DesiredCount"), 0);
}

TEST(EcsCrdTemplates, FargateHasAddressesOfItsOwn_D38) {
  CrdTextForTest text = small();
  text.service["launch_type"] = "FARGATE";
  text.service["cpu"] = "256";
  text.service["memory"] = "512";
  text.service["platform_version"] = "1.4.0";
  text.service["network_configuration"] = "{subnets: [subnet-1], security_groups: [sg-1]}";
  text.target_group["health_check"] = "{port: 8081}";
  const Planned planned = plan_of(text);
  EXPECT_EQ(planned.messages, Messages{});
  EXPECT_EQ(planned.properties("TargetGroupWeb80").at("TargetType"), "ip");
  EXPECT_EQ(planned.properties("TargetGroupWeb80").at("HealthCheckPort"), "8081");
  const Json& service = planned.properties("Service");
  EXPECT_EQ(service.at("LaunchType"), "FARGATE");
  EXPECT_EQ(service.at("PlatformVersion"), "1.4.0");
  EXPECT_EQ(to_text(service.at("NetworkConfiguration")),
            R"({"AwsvpcConfiguration":{"AssignPublicIp":"DISABLED","Subnets":["subnet-1"],)"
            R"("SecurityGroups":["sg-1"]}})");
  const Json& task = planned.properties("TaskDefinition");
  EXPECT_EQ(task.at("Cpu"), "256");
  EXPECT_EQ(texts_of(task.at("RequiresCompatibilities")), std::vector<std::string>{"FARGATE"});
  EXPECT_EQ(to_text(task.at("ContainerDefinitions").at(0).at("PortMappings")),
            R"([{"ContainerPort":80}])");
}

TEST(EcsCrdTemplates, AContainerKeepsAllItsKeys_D28_D29_D30) {
  CrdTextForTest text = small();
  text.service["ipc_mode"] = "host";
  text.service["pid_mode"] = "task";
  text.service["network_mode"] = "bridge";
  text.service["volumes"] =
      "[{name: a, docker_volume_configuration: {autoprovision: true, driver: d, driver_opts: "
      "[{size: 10}], labels: [{team: shop}], scope: shared}}, {name: b, efs_volume_configuration: "
      "{file_system_id: fs-1, root_directory: /x}}]";
  text.container["environment"] = "{AWS_REGION: mine}";
  text.container["command"] = "[run]";
  text.container["privileged"] = "false";
  text.container["essential"] = "false";
  text.container["disable_networking"] = "true";
  text.container["hostname"] = "h";
  text.container["links"] = "[x]";
  text.container["dns_servers"] = "[10.0.0.2]";
  text.container["dns_search_domains"] = "[shop.test]";
  text.container["docker_security_options"] = "[no-new-privileges]";
  text.container["memory_reservation"] = "64";
  text.container["start_timeout"] = "5";
  text.container["stop_timeout"] = "6";
  text.container["mount_points"] = "[{container_path: /a, source_volume: a, read_only: true}]";
  text.container["health_check"] = "{command: [CMD, /check], interval: 30}";
  const Planned planned = plan_of(text);
  EXPECT_EQ(planned.messages, Messages{});
  const Json& task = planned.properties("TaskDefinition");
  EXPECT_EQ(task.at("IpcMode"), "host");
  EXPECT_EQ(task.at("PidMode"), "task");
  EXPECT_EQ(
      to_text(task.at("Volumes")),
      R"([{"Name":"a","DockerVolumeConfiguration":{"Autoprovision":true,"Driver":"d",)"
      R"("DriverOpts":{"size":"10"},"Labels":{"team":"shop"},"Scope":"shared"}},)"
      R"({"Name":"b","EFSVolumeConfiguration":{"FilesystemId":"fs-1","RootDirectory":"/x"}}])");
  Json container = task.at("ContainerDefinitions").at(0);
  remove_member(container.as_object(), "LogConfiguration");
  EXPECT_EQ(
      to_text(container),
      R"({"Name":"web","Image":"nginx","Cpu":128,"Memory":128,"MemoryReservation":64,)"
      R"("Essential":false,"PortMappings":[{"ContainerPort":80,"HostPort":0}],"Command":["run"],)"
      R"("Environment":[{"Name":"AWS_REGION","Value":"mine"},)"
      R"({"Name":"AWS_ENVIRONMENT","Value":{"Ref":"Environment"}},)"
      R"({"Name":"AWS_ACCOUNT_ID","Value":"111111111111"}],)"
      R"("DnsSearchDomains":["shop.test"],"DnsServers":["10.0.0.2"],"DisableNetworking":true,)"
      R"("DockerSecurityOptions":["no-new-privileges"],"Links":["x"],"Privileged":false,)"
      R"("Hostname":"h","MountPoints":[{"ContainerPath":"/a","SourceVolume":"a","ReadOnly":true}],)"
      R"("StartTimeout":5,"StopTimeout":6,)"
      R"("HealthCheck":{"Command":["CMD","/check"],"Interval":30}})");
}

TEST(EcsCrdTemplates, ScalingTracksATarget_D33) {
  CrdTextForTest text = small();
  text.service["auto_scaling"] =
      "{auto_scaling_policies: [{policy_type: TargetTrackingScaling, "
      "target_tracking_configuration: {target_value: 62.5, predefined_metric_type: "
      "ECSServiceAverageCPUUtilization, scale_in_cooldown: 120, disable_scale_in: true}}]}";
  const Planned planned = plan_of(text);
  EXPECT_EQ(planned.messages, Messages{});
  EXPECT_EQ(to_text(planned.properties("AutoScalingPolicy1")),
            R"({"PolicyName":"web-scaling-policy-1","PolicyType":"TargetTrackingScaling",)"
            R"("ScalingTargetId":{"Ref":"AutoScalingTarget"},)"
            R"("TargetTrackingScalingPolicyConfiguration":{"TargetValue":62.5,)"
            R"("PredefinedMetricSpecification":{"PredefinedMetricType":)"
            R"("ECSServiceAverageCPUUtilization"},"ScaleInCooldown":120,"DisableScaleIn":true}})");
  EXPECT_FALSE(planned.properties("AutoScalingTarget").as_object().contains("RoleARN"));
}

TEST(EcsCrdTemplates, ContainersWithOddNamesHaveSoundIds_D49) {
  CrdTextForTest text = small();
  text.container["name"] = "web-api";
  text.target_group["container"] = "{name: web-api, port: 80}";
  text.listener["target_group"] = "{container: {name: web-api, port: 80}}";
  const Planned planned = plan_of(text);
  EXPECT_EQ(planned.messages, Messages{});
  for (const auto& [id, resource] : planned.green.at("Resources").as_object())
    EXPECT_TRUE(std::ranges::all_of(id, [](char c) { return std::isalnum(c) != 0; })) << id;
  EXPECT_TRUE(planned.plan.target_groups.at(0).output.starts_with("TargetGroupWebapi80x"));
}

TEST(EcsCrdAcceptance, Item09_TheVersionIsKeptAsItIsWritten) {
  CrdTextForTest text = small();
  text.service["version"] = "1.10";
  text.container["image"] = "";
  const Planned planned = plan_of(text);
  EXPECT_EQ(planned.green.at("Parameters").at("Version").at("Default"), "1.10");
  EXPECT_EQ(planned.plan.green.tags.at(3),
            (std::pair<std::string, std::string>{"Version", "1.10"}));
  const Json& container = planned.properties("TaskDefinition").at("ContainerDefinitions").at(0);
  EXPECT_EQ(container.at("Image"), "111111111111.dkr.ecr.eu-west-3.amazonaws.com/web:1.10");
  EXPECT_EQ(to_text(container.at("LogConfiguration").at("Options").at("awslogs-stream-prefix")),
            R"({"Ref":"Version"})");
}

TEST(EcsCrdTemplates, WhatIsTooLongIsFoundBeforehand) {
  CrdTextForTest text = small();
  text.container["environment"] = "{LONG: '" + std::string(51'200, 'x') + "'}";
  const Messages messages = plan_of(text).messages;
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_TRUE(messages[0].starts_with("12 the template of stack stage-web-1 has 5")) << messages[0];
  EXPECT_TRUE(
      messages[0].ends_with("bytes, and CloudFormation takes 51200 inline (shorten what is "
                            "longest, such as the environment of the containers)"));
}

TEST(EcsCrdTemplates, TheInitStackIsMadeOnce) {
  World world;
  EXPECT_TRUE(plan_of(small(), world).plan.init);
  world.facts.has_foreign_log_group = true;
  EXPECT_FALSE(plan_of(small(), world).plan.init) << "a log group that is there is adopted";
  world.facts.has_foreign_log_group = false;
  world.decision.init_stack = CrdStackFact{.name = "stage-web-0"};
  EXPECT_FALSE(plan_of(small(), world).plan.init);
}

TEST(EcsCrdTemplates, TwoNodesAreNeeded) {
  World world;
  world.facts.active_container_instances = 1;
  EXPECT_EQ(plan_of(small(), world).messages,
            Messages{"warning: service.cluster: cluster stage-ecs-cluster has 1 active container "
                     "instance; two releases at a time need at least 2"});
  world.facts.active_container_instances = 2;
  EXPECT_EQ(plan_of(small(), world).messages, Messages{});
}

}  // namespace
}  // namespace slipway
