// ECS's weights in the listener rules of the simulated load balancer, and what it makes of rules
// that are not as it needs them.
#include "sim/testing.h"

#include <gmock/gmock.h>

namespace slipway::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string first(const Json& answer, std::string_view list, std::string_view member) {
  return std::string(string_or_empty(answer.at(list).as_array().at(0), member));
}

// A service of two tasks behind one Application Load Balancer; production on port 80, tests on
// 8080.
class BehindOneBalancer : public testing::Test {
 protected:
  void set_up(std::string_view strategy = R"({"strategy": "CANARY"})") {
    aws.call("CreateCluster", R"({"clusterName": "prod"})");
    const std::string balancer =
        first(aws.call("elasticloadbalancing:CreateLoadBalancer",
                       R"({"Name": "shop", "Subnets": ["subnet-1", "subnet-2"]})"),
              "LoadBalancers", "LoadBalancerArn");
    blue = make_group("blue");
    green = make_group("green");
    other = make_group("other");
    production = make_rule(balancer, 80, forward({{blue, 100}, {green, 0}}));
    test = make_rule(balancer, 8080, forward({{blue, 100}, {green, 0}}));
    aws.register_web();
    aws.create_service("web", 2, 100, 200, fmt::format(", {}", balancers()));
    aws.register_web("web:2");
    aws.at(0);
    update(strategy);
  }
  void update(std::string_view strategy) {
    aws.call("UpdateService",
             fmt::format(R"({{"cluster": "prod", "service": "web", "taskDefinition": "web:2",
               "forceNewDeployment": true, "deploymentConfiguration": {}}})",
                         strategy));
    record_arn = aws.service().at("currentServiceDeployment").as_string();
  }
  std::string make_group(std::string_view name) {
    return first(aws.call("elasticloadbalancing:CreateTargetGroup",
                          fmt::format(R"({{"Name": "{}", "Protocol": "HTTP", "Port": 80,
                            "VpcId": "vpc-1", "TargetType": "ip"}})",
                                      name)),
                 "TargetGroups", "TargetGroupArn");
  }
  static std::string forward(const std::vector<std::pair<std::string, int>>& shares) {
    std::string groups;
    for (const auto& [group, weight] : shares)
      groups += fmt::format(R"({}{{"TargetGroupArn": "{}", "Weight": {}}})",
                            groups.empty() ? "" : ", ", group, weight);
    return fmt::format(R"([{{"Type": "forward", "ForwardConfig": {{"TargetGroups": [{}]}}}}])",
                       groups);
  }
  std::string make_rule(const std::string& balancer, int port, const std::string& actions) {
    const std::string listener =
        first(aws.call("elasticloadbalancing:CreateListener",
                       fmt::format(R"({{"LoadBalancerArn": "{}", "Port": {}, "Protocol": "HTTP",
                         "DefaultActions": [{{"Type": "fixed-response",
                         "FixedResponseConfig": {{"StatusCode": "404"}}}}]}})",
                                   balancer, port)),
              "Listeners", "ListenerArn");
    return first(aws.call("elasticloadbalancing:CreateRule",
                          fmt::format(R"({{"ListenerArn": "{}", "Priority": 1,
                            "Conditions": [{{"Field": "path-pattern", "Values": ["/*"]}}],
                            "Actions": {}}})",
                                      listener, actions)),
                 "Rules", "RuleArn");
  }
  std::string balancers() const {
    return fmt::format(R"("loadBalancers": [{{"targetGroupArn": "{}", "containerName": "app",
      "containerPort": 80, "advancedConfiguration": {{"alternateTargetGroupArn": "{}",
      "productionListenerRule": "{}", "testListenerRule": "{}",
      "roleArn": "arn:aws:iam::111111111111:role/ecs-elb"}}}}])",
                       blue, green, production, test);
  }
  void modify(const std::string& rule, const std::string& actions) {
    aws.call("elasticloadbalancing:ModifyRule",
             fmt::format(R"({{"RuleArn": "{}", "Actions": {}}})", rule, actions));
  }
  // "blue 95", "green 5", by name
  std::vector<std::string> shares(const std::string& rule) {
    const Json answer = aws.call("elasticloadbalancing:DescribeRules",
                                 fmt::format(R"({{"RuleArns": ["{}"]}})", rule));
    const Json& action = answer.at("Rules").as_array().at(0).at("Actions").as_array().at(0);
    std::vector<std::string> all;
    for (const Json& share : action.at("ForwardConfig").at("TargetGroups").as_array()) {
      const std::string_view arn = share.at("TargetGroupArn").as_string();
      all.push_back(fmt::format("{} {}",
                                arn == blue    ? "blue"
                                : arn == green ? "green"
                                               : "other",
                                share.at("Weight").as_int64()));
    }
    std::sort(all.begin(), all.end());
    return all;
  }
  std::string said(const char* member) {
    const Json answer = aws.call("DescribeServiceDeployments",
                                 fmt::format(R"({{"serviceDeploymentArns": ["{}"]}})", record_arn));
    return std::string(string_or_empty(answer.at("serviceDeployments").as_array().front(), member));
  }

  Rehearsal aws;
  std::string blue, green, other, production, test, record_arn;
};

TEST_F(BehindOneBalancer, TheRuleShowsTheWeightsAsTheyMove) {
  set_up();
  aws.at(70);
  EXPECT_THAT(shares(production), ElementsAre("blue 100", "green 0"));
  EXPECT_THAT(shares(test), ElementsAre("blue 100", "green 0"));
  aws.at(100);
  EXPECT_THAT(shares(production), ElementsAre("blue 95", "green 5"));
  EXPECT_THAT(shares(test), ElementsAre("blue 0", "green 100"));
  aws.at(800);
  EXPECT_THAT(shares(production), ElementsAre("blue 0", "green 100"));
}

TEST_F(BehindOneBalancer, TheNextReleaseGoesTheOtherWay) {
  set_up(R"({"strategy": "BLUE_GREEN"})");
  aws.at(900);
  update(R"({"strategy": "BLUE_GREEN"})");
  aws.at(1100);
  EXPECT_THAT(shares(production), ElementsAre("blue 100", "green 0"));
}

TEST_F(BehindOneBalancer, PartsOfAPercentAreWrittenFinely) {
  set_up(R"({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 0.5}})");
  aws.at(100);
  EXPECT_THAT(shares(production), ElementsAre("blue 994", "green 5"));
}

TEST_F(BehindOneBalancer, RollingBackRestoresBothRules) {
  set_up();
  aws.at(100);
  aws.call("StopServiceDeployment", fmt::format(R"({{"serviceDeploymentArn": "{}"}})", record_arn));
  aws.at(110);
  EXPECT_THAT(shares(production), ElementsAre("blue 100", "green 0"));
  EXPECT_THAT(shares(test), ElementsAre("blue 100", "green 0"));
}

TEST_F(BehindOneBalancer, SomebodyElsesWeightsBeforeTheShiftFailIt) {
  set_up();
  aws.at(50);
  modify(production, forward({{blue, 50}, {green, 50}}));
  aws.at(500);  // the green targets drain for 300 s
  EXPECT_EQ(said("status"), "ROLLBACK_SUCCESSFUL");
  EXPECT_EQ(said("statusReason"),
            "Service deployment rolled back because of invalid networking configuration. "
            "productionListenerRule " +
                production +
                " should have exactly one target group serving traffic but found 2 target groups "
                "which are serving traffic");
}

TEST_F(BehindOneBalancer, SomebodyElsesTargetGroupInTheMiddleFailsIt) {
  set_up(R"({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 20}})");
  aws.at(100);
  modify(production, forward({{other, 100}, {blue, 0}, {green, 0}}));
  aws.at(900);
  EXPECT_EQ(said("statusReason"),
            fmt::format("Service deployment rolled back because of invalid networking "
                        "configuration. Production listener rule is forwarding traffic to "
                        "unexpected target group {}. Expected traffic to be forwarded to either "
                        "targetGroupArn: {} or alternateTargetGroupArn: {}",
                        other, blue, green));
  EXPECT_THAT(aws.events(400), testing::Contains(HasSubstr("deployment failed: Service deployment "
                                                           "rolled back because of invalid")));
}

TEST_F(BehindOneBalancer, ARuleThatIsGoneFailsIt) {
  set_up();
  aws.at(50);
  aws.call("elasticloadbalancing:DeleteRule", fmt::format(R"({{"RuleArn": "{}"}})", test));
  aws.at(300);
  EXPECT_EQ(said("statusReason"),
            "Service deployment rolled back because of invalid networking configuration. One or "
            "more rules not found");
}

TEST_F(BehindOneBalancer, AGroupInNeitherRuleFailsIt) {
  set_up();
  aws.at(50);
  // A third rule has it, or its targets would be unused and never healthy.
  make_rule(first(aws.call("elasticloadbalancing:DescribeLoadBalancers"), "LoadBalancers",
                  "LoadBalancerArn"),
            9090, forward({{green, 100}}));
  for (const std::string& rule : {production, test}) modify(rule, forward({{blue, 100}}));
  aws.at(300);
  EXPECT_EQ(said("statusReason"),
            "Service deployment rolled back because of invalid networking configuration: Target "
            "group " +
                green +
                " is not associated with either productionListenerRule or testListenerRule.");
}

TEST_F(BehindOneBalancer, ARoleWithoutTheRightFailsIt) {
  set_up();
  aws.world().set_guard([](const std::string& principal, std::string_view service, std::string_view,
                           const Json&) -> std::optional<ServiceError> {
    if (service != "elasticloadbalancing" || !principal.ends_with("role/ecs-elb"))
      return std::nullopt;
    return ServiceError{403, "AccessDenied", "no", {}};
  });
  aws.at(300);
  EXPECT_EQ(said("statusReason"),
            "Service deployment rolled back because of invalid networking configuration. ECS was "
            "unable to manage the ELB resources due to missing permissions on ECS Infrastructure "
            "Role 'arn:aws:iam::111111111111:role/ecs-elb'.");
}

TEST_F(BehindOneBalancer, ATestRuleIsNeededWhereTheProductionRuleHasOneGroup) {
  set_up();
  modify(production, forward({{blue, 100}}));
  EXPECT_EQ(
      aws.refusal("UpdateService",
                  fmt::format(R"({{"cluster": "prod", "service": "web", "loadBalancers": [{{
                    "targetGroupArn": "{}", "containerName": "app", "containerPort": 80,
                    "advancedConfiguration": {{"alternateTargetGroupArn": "{}",
                    "productionListenerRule": "{}"}}}}]}})",
                              blue, green, production)),
      "InvalidParameterException: For Application LoadBalancer, testListenerRule is required when "
      "productionListenerRule is not associated with both targetGroup and alternateTargetGroup");
}

}  // namespace
}  // namespace slipway::sim
