// The deployment file from its text to the templates: what `dialect/` reads and `plan/` makes of
// it.
#include "base/runtime.h"
#include "dialect/ecs_crd.h"
#include "dialect/ecs_crd_for_test.h"
#include "plan/ecs_crd_template.h"

#include <gtest/gtest.h>

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

TEST(EcsCrdTemplates, OfTheExample_Item39) {
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

}  // namespace
}  // namespace slipway
