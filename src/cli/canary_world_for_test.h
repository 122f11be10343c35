// Two worlds with a pair of services, web-blue serving and web-green idle: one load balancer whose
// rule divides the traffic, or two of them and Route 53. And the files that release `web` there.
#pragma once

#include "base/json.h"
#include "base/text.h"
#include "cli/scenario_for_test.h"
#include "cli/world_for_test.h"
#include "sim/world.h"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace slipway::cli {

inline const std::string kElb = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:";
inline const std::string kRule =
    kElb + "listener-rule/app/shop/2c3d4e5f6a7b8c9d/3d4e5f6a7b8c9d0e/4e5f6a7b8c9d0e1f";
inline const std::string kListener = kElb + "listener/app/shop/2c3d4e5f6a7b8c9d/3d4e5f6a7b8c9d0e";
inline const std::string kBlueGroup = kElb + "targetgroup/web-blue/0a1b2c3d4e5f6a7b";
inline const std::string kGreenGroup = kElb + "targetgroup/web-green/1b2c3d4e5f6a7b8c";

// How a world begins; what a test changes about it.
struct PairWorld {
  int blue_weight = 100;
  int green_weight = 0;
  int blue_tasks = 2;
  int green_tasks = 0;
  std::string green_definition = "web:1";
  std::string stickiness = "{Enabled: false}";
  std::string more_actions;  // before the forward, each with a comma behind it
  std::string more;          // further sections
};

inline std::string services_of(const PairWorld& world) {
  return "clusters: {prod: {}}\ntask_definitions:\n- &web\n  family: web\n" + kOnFargate +
         fmt::format(
             R"(  containerDefinitions: [{{name: app, image: "registry.example/web:1", portMappings: [{{containerPort: 80}}]}}]
- <<: *web
  containerDefinitions: [{{name: app, image: "registry.example/web:2", portMappings: [{{containerPort: 80}}]}}]
target_groups:
- {{Name: web-blue, TargetGroupArn: "{0}", Protocol: HTTP, Port: 80, TargetType: ip, HealthCheckIntervalSeconds: 10}}
- {{Name: web-green, TargetGroupArn: "{1}", Protocol: HTTP, Port: 80, TargetType: ip, HealthCheckIntervalSeconds: 10}}
- {{Name: web-red, Protocol: HTTP, Port: 80, TargetType: ip}}
services:
- &blue
  serviceName: web-blue
  cluster: prod
  taskDefinition: "web:1"
  desiredCount: {2}
  launchType: FARGATE
  networkConfiguration: {{awsvpcConfiguration: {{subnets: [subnet-0a1b2c3d]}}}}
  loadBalancers: [{{targetGroupArn: "{0}", containerName: app, containerPort: 80}}]
- <<: *blue
  serviceName: web-green
  taskDefinition: "{4}"
  desiredCount: {3}
  loadBalancers: [{{targetGroupArn: "{1}", containerName: app, containerPort: 80}}]
)",
             kBlueGroup, kGreenGroup, world.blue_tasks, world.green_tasks, world.green_definition);
}

inline std::string alb_world(const PairWorld& world = {}) {
  return "scenario: 1\n" + services_of(world) +
         fmt::format(R"(load_balancers:
- Name: shop
  LoadBalancerArn: {0}loadbalancer/app/shop/2c3d4e5f6a7b8c9d
  listeners:
  - Port: 80
    ListenerArn: {1}
    DefaultActions: [{{Type: fixed-response, FixedResponseConfig: {{StatusCode: "404"}}}}]
    rules:
    - Priority: 10
      RuleArn: {2}
      Conditions: [{{Field: host-header, HostHeaderConfig: {{Values: [shop.example]}}}}]
      Actions: [{3}{{Type: forward, ForwardConfig: {{TargetGroupStickinessConfig: {4}, TargetGroups: [{{TargetGroupArn: web-blue, Weight: {5}}}, {{TargetGroupArn: web-green, Weight: {6}}}]}}}}]
traffic:
- {{load_balancer: shop, port: 80, host: shop.example, requests_per_second: 50}}
)",
                     kElb, kListener, kRule, world.more_actions, world.stickiness,
                     world.blue_weight, world.green_weight) +
         world.more;
}

inline std::string dns_world(const PairWorld& world = {}) {
  const auto records = [&](const std::string& name) {
    return fmt::format(
        R"(  - {{Name: {0}, Type: CNAME, TTL: 60, SetIdentifier: blue, Weight: {1}, ResourceRecords: [{{Value: api-blue.eu-west-1.elb.amazonaws.com}}]}}
  - {{Name: {0}, Type: CNAME, TTL: 60, SetIdentifier: green, Weight: {2}, ResourceRecords: [{{Value: api-green.eu-west-1.elb.amazonaws.com}}]}}
)",
        name, world.blue_weight, world.green_weight);
  };
  return "scenario: 1\n" + services_of(world) +
         fmt::format(R"(load_balancers:
- Name: api-blue
  LoadBalancerArn: {0}loadbalancer/app/api-blue/2c3d4e5f6a7b8c9d
  DNSName: api-blue.eu-west-1.elb.amazonaws.com
  listeners: [{{Port: 80, DefaultActions: [{{Type: forward, TargetGroupArn: web-blue}}]}}]
- Name: api-green
  LoadBalancerArn: {0}loadbalancer/app/api-green/3d4e5f6a7b8c9d0e
  DNSName: api-green.eu-west-1.elb.amazonaws.com
  listeners: [{{Port: 80, DefaultActions: [{{Type: forward, TargetGroupArn: web-green}}]}}]
hosted_zones:
- Name: example.com
  Id: ZEXAMPLECOM
  records:
{1}- Name: example.org
  Id: ZEXAMPLEORG
  records:
{2}traffic:
- {{to: api.example.com, requests_per_second: 50}}
)",
                     kElb, records("api.example.com"), records("api.example.org")) +
         world.more;
}

// One service `shop` whose task sets are the sides: blue has all its tasks, green has a set only
// where `green_tasks` are said.
inline std::string task_set_world(const PairWorld& world = {}) {
  const auto set = [](const std::string& group, const std::string& definition, int percent,
                      const std::string& status) {
    return fmt::format(R"(- service: shop
  cluster: prod
  taskDefinition: "{1}"
  launchType: FARGATE
  externalId: "{1}"
  networkConfiguration: {{awsvpcConfiguration: {{subnets: [subnet-0a1b2c3d]}}}}
  loadBalancers: [{{targetGroupArn: "{0}", containerName: app, containerPort: 80}}]
  scale: {{value: {2}, unit: PERCENT}}
  status: {3}
)",
                       group, definition, percent, status);
  };
  std::string text = alb_world(world);
  const std::size_t services = text.find("services:\n");
  const std::size_t balancers = text.find("load_balancers:\n");
  std::string sets =
      "services:\n- {serviceName: shop, cluster: prod, desiredCount: 2, "
      "deploymentController: {type: EXTERNAL}}\ntask_sets:\n";
  sets += set(kBlueGroup, "web:1", world.blue_tasks * 50,
              world.green_weight == 100 ? "ACTIVE" : "PRIMARY");
  if (world.green_definition != "web:1" || world.green_tasks > 0)
    sets += set(kGreenGroup, world.green_definition, world.green_tasks * 50,
                world.green_weight == 100 ? "PRIMARY" : "ACTIVE");
  text.replace(services, balancers - services, sets);
  return text;
}

// The strategy's settings, eight blanks deep.
inline const std::string kSteps =
    "        steps: [{weight: 10, bake: 5m}, {weight: 50, bake: 5m}, {weight: 100, bake: 2m}]\n";
inline const std::string kErrorCheck =
    "        checks: {errors: {metric: error_percent, failure: above 5}}\n";

inline std::string release_file(const std::string& settings, const std::string& head = "") {
  return "slipway: 1\ncluster: prod\n" + head +
         "services:\n  web:\n    containers: [app]\n    strategy:\n      canary:\n" + settings;
}
inline std::string alb_file(const std::string& settings = kSteps, const std::string& head = "",
                            const std::string& where = "rule: " + kRule) {
  return release_file(
      settings + fmt::format("        alb:\n          {}\n"
                             "          blue: {{service: web-blue, target_group: \"{}\"}}\n"
                             "          green: {{service: web-green, target_group: "
                             "\"{}\"}}\n",
                             where, kBlueGroup, kGreenGroup),
      head);
}
inline std::string task_set_file(const std::string& settings = kSteps,
                                 const std::string& head = "") {
  return release_file(
      settings + fmt::format("        alb:\n          rule: {}\n          service: shop\n"
                             "          blue: {{target_group: \"{}\"}}\n"
                             "          green: {{target_group: \"{}\"}}\n",
                             kRule, kBlueGroup, kGreenGroup),
      head);
}
inline std::string dns_file(const std::string& settings = kSteps, const std::string& head = "",
                            const std::string& names = "[api.example.com]") {
  return release_file(settings + "        dns:\n          names: " + names +
                          "\n"
                          "          blue: {service: web-blue, load_balancer: api-blue}\n"
                          "          green: {service: web-green, load_balancer: api-green}\n",
                      head);
}

// What the world looks like once the run has left it.
struct PairTruth {
  std::string weights;  // "100/0" blue/green; of several names "100/0 90/10"
  std::string blue;     // "web:1 x2"
  std::string green;
  bool operator==(const PairTruth&) const = default;
};
inline void PrintTo(const PairTruth& truth, std::ostream* out) {
  *out << truth.weights << ", blue " << truth.blue << ", green " << truth.green;
}

inline Json called(sim::World& world, std::string_view service, std::string_view operation,
                   const Json& input) {
  const sim::Reply reply = world.call({}, service, operation, input);
  return reply ? reply->parse() : Json();
}

inline std::string service_truth(sim::World& world, const std::string& name) {
  const Json answer = called(world, "ecs", "DescribeServices",
                             JsonObject{{"cluster", "prod"}, {"services", JsonArray{Json(name)}}});
  const JsonArray* services = find_array(answer, "services");
  if (services == nullptr || services->empty()) return "?";
  const Json& service = services->front();
  const std::string_view arn = string_or_empty(service, "taskDefinition");
  return fmt::format("{} x{}", arn.substr(arn.rfind('/') + 1),
                     find_int(service, "desiredCount").value_or(-1));
}

inline std::string forward_weights(const Json& actions) {
  for (const Json& action : actions.as_array()) {
    const JsonObject* config = find_object(action, "ForwardConfig");
    if (config == nullptr) continue;
    std::string text;
    for (const Json& group : config->at("TargetGroups").as_array())
      text += (text.empty() ? "" : "/") + std::to_string(find_int(group, "Weight").value_or(-1));
    return text;
  }
  return "?";
}

inline PairTruth alb_truth(sim::World& world) {
  const Json rules = called(world, "elasticloadbalancing", "DescribeRules",
                            JsonObject{{"RuleArns", JsonArray{Json(kRule)}}});
  const JsonArray* list = find_array(rules, "Rules");
  return {.weights = list == nullptr || list->empty()
                         ? "?"
                         : forward_weights(list->front().as_object().at("Actions")),
          .blue = service_truth(world, "web-blue"),
          .green = service_truth(world, "web-green")};
}

// Of each side: its newest task set, "web:1 x2 PRIMARY", or "-".
inline PairTruth task_set_truth(sim::World& world) {
  PairTruth truth = alb_truth(world);
  truth.blue = truth.green = "-";
  const Json answer = called(world, "ecs", "DescribeTaskSets",
                             JsonObject{{"cluster", "prod"}, {"service", "shop"}});
  const JsonArray* sets = find_array(answer, "taskSets");
  if (sets == nullptr) return truth;
  for (const Json& set : *sets) {
    if (string_or_empty(set, "status") == "DRAINING") continue;
    const std::string_view arn = string_or_empty(set, "taskDefinition");
    const Json& balancer = set.as_object().at("loadBalancers").as_array().at(0);
    std::string& side =
        string_or_empty(balancer, "targetGroupArn") == kBlueGroup ? truth.blue : truth.green;
    side = (side == "-" ? "" : side + " + ") +
           fmt::format("{} x{} {}", arn.substr(arn.rfind('/') + 1),
                       find_int(set, "computedDesiredCount").value_or(-1),
                       string_or_empty(set, "status"));
  }
  return truth;
}

inline PairTruth dns_truth(sim::World& world) {
  PairTruth truth{.blue = service_truth(world, "web-blue"),
                  .green = service_truth(world, "web-green")};
  for (const char* zone : {"ZEXAMPLECOM", "ZEXAMPLEORG"}) {
    const Json answer =
        called(world, "route53", "ListResourceRecordSets", JsonObject{{"HostedZoneId", zone}});
    std::string weights;
    if (const JsonArray* records = find_array(answer, "ResourceRecordSets"))
      for (const Json& record : *records)
        if (string_or_empty(record, "Type") == "CNAME")
          weights += (weights.empty() ? "" : "/") +
                     std::to_string(find_int(record, "Weight").value_or(-1));
    truth.weights += (truth.weights.empty() ? "" : " ") + weights;
  }
  return truth;
}

}  // namespace slipway::cli
