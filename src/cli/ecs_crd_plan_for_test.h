// A world as `plan/` sees it, and what is planned in it from the text of a deployment file.
#pragma once

#include "base/runtime.h"
#include "dialect/ecs_crd.h"
#include "dialect/ecs_crd_for_test.h"
#include "plan/ecs_crd_template.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace slipway::cli {

inline const std::filesystem::path kCrdTemplates = SLIPWAY_SOURCE_DIR "/tests/vectors/ecs-crd";

inline CrdLoadBalancer load_balancer(const std::string& name, const std::string& release) {
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

inline CrdOpenListener open_listener(const CrdLoadBalancer& of, int port, std::string protocol) {
  return {.port = port,
          .arn = "arn:aws:elasticloadbalancing:eu-west-3:111111111111:listener/app/" + of.name +
                 "/50dc6c495c0c9188/f2f7dc8efc522ab" + std::to_string(port % 10),
          .protocol = std::move(protocol),
          .rules = {},
          .certificate_arns = {}};
}

// An account with a pair of load balancers; `green` is the label that is deployed to.
struct CrdPlanWorld {
  CrdPair pair;
  CrdFacts facts;
  CrdDecision decision;

  explicit CrdPlanWorld(CrdLabel green = CrdLabel::kBlue) {
    const std::string region = "eu-west-3:111111111111:";
    pair.sides[0] = {CrdLabel::kBlue, "1", load_balancer("front-1", "1")};
    pair.sides[1] = {CrdLabel::kGreen, "2", load_balancer("front-2", "2")};
    for (CrdSide& side : pair.sides) {
      side.load_balancer.listeners = {open_listener(side.load_balancer, 80, "HTTP")};
      side.load_balancer.listeners[0].rules = {{7, "arn:7"}, {1, "arn:1"}};
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
      for (const int priority : rule_priorities)
        listener.rules[priority] = fmt::format("arn:{}", priority);
      listener.certificate_arns = certificate_arns;
      each.load_balancer.listeners.push_back(std::move(listener));
    }
    decision.green = pair.of(decision.green.label);
  }
};

struct CrdPlanned {
  CrdPlan plan;
  Json green;
  CrdFindings findings;
  std::vector<std::string> messages;

  const Json& properties(std::string_view resource) const {
    return green.at("Resources").at(resource).at("Properties");
  }
  bool has(std::string_view resource) const {
    return green.at("Resources").as_object().contains(resource);
  }
};

inline CrdPlanned plan_of(const std::string& yaml, const CrdPlanWorld& world) {
  CrdPlanned planned;
  const CrdRead read = read_crd(yaml);
  planned.findings = read.findings;
  planned.plan = plan_ecs_crd(read.file, world.facts, world.pair, world.decision, planned.findings);
  planned.green = parse_json(planned.plan.green.template_body).value();
  planned.messages = told(planned.findings);
  return planned;
}

inline std::string example() {
  return read_file(SLIPWAY_SOURCE_DIR "/examples/canary/stage.deploy.yml").value();
}

// The world of the example: 443 is open with rules, 9443 is not.
inline CrdPlanWorld example_world(CrdLabel green) {
  CrdPlanWorld world(green);
  world.open(443, "HTTPS", {3, 12}, {"arn:aws:acm:eu-west-3:111111111111:certificate/other"});
  return world;
}

inline void expect_template(const std::string& name, const std::string& body) {
  const std::filesystem::path file = kCrdTemplates / (name + ".json");
  const std::string text = to_pretty_text(parse_json(body).value());
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(file) << text;
    return;
  }
  EXPECT_EQ(text, read_file(file).value()) << file << "; UPDATE_GOLDEN=1 writes it anew";
}

inline std::vector<std::string> texts_of(const Json& array) {
  std::vector<std::string> all;
  for (const Json& each : array.as_array()) all.emplace_back(each.as_string());
  return all;
}

inline CrdPlanned plan_of(const CrdTextForTest& text, const CrdPlanWorld& world = CrdPlanWorld()) {
  return plan_of(text.yaml(), world);
}

// A listener of its own on a port that is not open, unless the test says otherwise.
inline CrdTextForTest small_file() {
  CrdTextForTest text;
  text.listener["port"] = "8443";
  return text;
}

inline const std::string kCrdHost = "conditions: [{field: host-header, values: [a.test]}]";

}  // namespace slipway::cli
