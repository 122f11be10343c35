// The acceptance items of ecs-crd about ports, listeners, certificates and secrets, as whole
// releases on the simulator: what the templates say is what comes to be.
#include "cli/ecs_crd_world_for_test.h"
#include "sim/scenario.h"

#include <algorithm>

namespace slipway::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// The file of a test with listeners of its own.
std::string with_listeners(const CrdTestFile& file, const std::string& listeners) {
  const std::string text = file.text();
  return text.substr(0, text.find("listeners:\n")) + "listeners:\n" + listeners;
}

std::string listener(int port, const std::string& more) {
  return fmt::format("- port: {}\n  target_group: {{container: {{name: app, port: 8080}}}}\n{}",
                     port, more);
}

const std::string kHostRule =
    "  rules: [{conditions: [{field: host-header, values: [\"{{fqdn}}\"]}]}]\n";

int run(CrdWorld& world, const std::string& command, const std::string& text,
        std::vector<std::string> more = {}) {
  world.line.file("stage.deploy.yml", text);
  more.insert(more.begin(), command);
  return world.crd(std::move(more));
}

// Of the load balancer with this label value.
std::string load_balancer_arn(CrdWorld& world, const std::string& value) {
  const Json answer = world.ask("elasticloadbalancing", "DescribeLoadBalancers",
                                JsonObject{{"Names", JsonArray{Json("public-" + value)}}});
  return std::string(string_or_empty(answer.at("LoadBalancers").at(0), "LoadBalancerArn"));
}

// Port to ARN.
std::map<int, std::string> listeners_of(CrdWorld& world, const std::string& value) {
  const Json answer = world.ask("elasticloadbalancing", "DescribeListeners",
                                JsonObject{{"LoadBalancerArn", load_balancer_arn(world, value)}});
  std::map<int, std::string> all;
  for (const Json& each : answer.at("Listeners").as_array())
    all[static_cast<int>(find_int(each, "Port").value_or(0))] =
        string_or_empty(each, "ListenerArn");
  return all;
}

// The hosts that rules of this listener are for, without its default rule.
std::vector<std::string> hosts_of(CrdWorld& world, const std::string& listener_arn) {
  const Json answer =
      world.ask("elasticloadbalancing", "DescribeRules", JsonObject{{"ListenerArn", listener_arn}});
  std::vector<std::string> hosts;
  for (const Json& rule : answer.at("Rules").as_array())
    for (const Json& condition : rule.at("Conditions").as_array())
      hosts.emplace_back(condition.at("HostHeaderConfig").at("Values").at(0).as_string());
  return hosts;
}

std::vector<std::string> certificates_of(CrdWorld& world, const std::string& listener_arn) {
  const Json answer = world.ask("elasticloadbalancing", "DescribeListenerCertificates",
                                JsonObject{{"ListenerArn", listener_arn}});
  std::vector<std::string> arns;
  for (const Json& each : answer.at("Certificates").as_array())
    arns.emplace_back(string_or_empty(each, "CertificateArn"));
  std::ranges::sort(arns);
  arns.erase(std::unique(arns.begin(), arns.end()), arns.end());
  return arns;
}

TEST(EcsCrdAcceptance, Item38_StaticPortsAlternateWithTheLabels_D48) {
  CrdWorld world;
  CrdTestFile file;
  file.container_more =
      "    port_mappings: [{container_port: 8080, host_port: {blue: 8001, green: 8002}}]\n";
  const auto host_port = [&](const std::string& service) {
    const Json services =
        world.ask("ecs", "DescribeServices",
                  JsonObject{{"cluster", "stage-ecs-cluster"}, {"services", {service}}});
    const Json definition =
        world.ask("ecs", "DescribeTaskDefinition",
                  JsonObject{{"taskDefinition",
                              string_or_empty(services.at("services").at(0), "taskDefinition")}});
    return find_int(
        definition.at("taskDefinition").at("containerDefinitions").at(0).at("portMappings").at(0),
        "hostPort");
  };
  ASSERT_EQ(world.deploy(file), 0) << world.line.err;
  EXPECT_EQ(host_port("web-1"), 8001);
  file.version = "2";
  ASSERT_EQ(world.deploy(file), 0) << world.line.err;
  EXPECT_EQ(host_port("web-2"), 8002);
}

TEST(EcsCrdAcceptance, Item39_TheExampleIsReleased) {
  CrdWorld world;
  world.line.simulated_aws.reset();
  world.line.file("world.yml", sim::built_in_scenario_text("canary"));
  const std::string text =
      read_file(SLIPWAY_SOURCE_DIR "/examples/canary/stage.deploy.yml").value();
  ASSERT_EQ(run(world, "deploy", text, {"--strict"}), 0) << world.line.err;
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-bakery-orders-0", "stage-bakery-orders-1"));
  ASSERT_EQ(run(world, "deploy", text, {"--strict"}), 0) << world.line.err;
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-bakery-orders-0", "stage-bakery-orders-2"));
  EXPECT_EQ(world.weights("orders-api.stage.bakery.test", "Z0BAKERY"),
            (std::map<std::string, int>{{"1", 0}, {"2", 100}}));
}

TEST(EcsCrdAcceptance, Item43_AListenerOfManySurvivesTheServiceThatMadeIt_D4_D23) {
  CrdWorld world;
  const auto file_of = [](const std::string& name, const std::string& version) {
    CrdTestFile file;
    file.name = name;
    file.version = version;
    file.fqdn = "[" + name + ".example.com]";
    return with_listeners(file, listener(8081, kHostRule));
  };
  ASSERT_EQ(run(world, "deploy", file_of("a", "1")), 0) << world.line.err;
  ASSERT_EQ(run(world, "deploy", file_of("b", "1")), 0) << world.line.err;
  const std::string shared = listeners_of(world, "1")[8081];
  EXPECT_THAT(hosts_of(world, shared), UnorderedElementsAre("a.example.com", "b.example.com"));

  ASSERT_EQ(run(world, "deploy", file_of("a", "2")), 0) << world.line.err;
  ASSERT_EQ(run(world, "deploy", file_of("a", "3")), 0) << world.line.err;
  ASSERT_EQ(run(world, "undeploy", file_of("a", "3"), {"--yes"}), 0) << world.line.err;
  EXPECT_EQ(listeners_of(world, "1")[8081], shared);
  EXPECT_THAT(hosts_of(world, shared), ElementsAre("b.example.com"));
  EXPECT_THAT(hosts_of(world, listeners_of(world, "2")[8081]), IsEmpty());
}

TEST(EcsCrdAcceptance, Item44_BothListenersOfAContainerAnswer_D24) {
  CrdWorld world;
  const std::string redirect =
      "  rules: [{conditions: [{field: host-header, values: [\"{{fqdn}}\"]}], actions: [{type: "
      "redirect, config: {protocol: HTTPS, port: 8443, status_code: HTTP_301}}]}]\n";
  ASSERT_EQ(
      run(world, "deploy", with_listeners({}, listener(80, redirect) + listener(8443, kHostRule))),
      0)
      << world.line.err;
  const std::map<int, std::string> listeners = listeners_of(world, "1");
  ASSERT_EQ(listeners.size(), 2u);
  EXPECT_THAT(hosts_of(world, listeners.at(80)), ElementsAre("shop.example.com"));
  EXPECT_THAT(hosts_of(world, listeners.at(8443)), ElementsAre("shop.example.com"));
}

TEST(EcsCrdAcceptance, Item45_ACertificateStaysOnTheListenerItWasAddedTo_D5_D46) {
  CrdWorld world;
  world.world("certificates:\n- {DomainName: first.test}\n- {DomainName: \"*.example.com\"}\n");
  const auto file_of = [](const std::string& name, const std::string& domain) {
    CrdTestFile file;
    file.name = name;
    file.fqdn = "[" + name + ".example.com]";
    return with_listeners(
        file, listener(443, "  protocol: https\n  certificates: [" + domain + "]\n" + kHostRule));
  };
  // The first makes the listener, the second adds its certificate.
  ASSERT_EQ(run(world, "deploy", file_of("a", "first.test")), 0) << world.line.err;
  const std::string shared = listeners_of(world, "1")[443];
  const std::vector<std::string> before = certificates_of(world, shared);
  ASSERT_EQ(before.size(), 1u);
  ASSERT_EQ(run(world, "deploy", file_of("b", "b.example.com")), 0) << world.line.err;
  const std::vector<std::string> both = certificates_of(world, shared);
  ASSERT_EQ(both.size(), 2u);
  // Undeploying takes neither away, and who needs it again finds it.
  ASSERT_EQ(run(world, "undeploy", file_of("b", "b.example.com"), {"--yes"}), 0) << world.line.err;
  EXPECT_EQ(certificates_of(world, shared), both);
  ASSERT_EQ(run(world, "deploy", file_of("b", "b.example.com")), 0) << world.line.err;
  EXPECT_EQ(world.count("AddListenerCertificates"), 0u);
  EXPECT_EQ(certificates_of(world, shared), both);
  EXPECT_EQ(run(world, "dry-run", file_of("c", "nobody.test")), 8);
  EXPECT_THAT(world.line.err, HasSubstr("no issued certificate is there for nobody.test"));
}

TEST(EcsCrdAcceptance, Item46_AMissingSecretIsNamed) {
  CrdWorld world;
  world.world(
      "secrets: [{Name: stage/db}]\nparameters: [{Name: /stage/x, Type: String, Value: y}]\n");
  CrdTestFile file;
  file.container_more +=
      "    secrets: [{A: stage/db}, {B: 'stage/db:password::'}, {C: 'ssm:/stage/x'}]\n";
  // The policy of the tests has no access to parameters, which ecs-crd never had.
  EXPECT_EQ(world.deploy(file), 0) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("ssm:GetParameters is not allowed"));
  CrdTestFile found;
  found.container_more += "    secrets: [{A: stage/db}, {B: 'stage/db:password::'}]\n";
  EXPECT_EQ(world.deploy(found), 0) << world.line.err;
  CrdTestFile missing;
  missing.container_more += "    secrets: [{A: stage/bd}]\n";
  EXPECT_EQ(world.deploy(missing), 4);
  EXPECT_THAT(world.line.err, HasSubstr("secret stage/bd does not exist"));
}

}  // namespace
}  // namespace slipway::cli
