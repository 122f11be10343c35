#include "sim/elb.h"

#include "sim/load_balancing.h"
#include "sim/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::sim {
namespace {

using testing::ElementsAre;

// One application load balancer with a listener on port 80 and two target groups.
struct OneLoadBalancer : Rehearsal {
  explicit OneLoadBalancer(Knobs knobs = {}) : Rehearsal(knobs) {
    balancer = make_load_balancer("public");
    blue = make_group("blue");
    green = make_group("green");
    listener = at("Listeners", "ListenerArn",
                  call("elasticloadbalancing:CreateListener",
                       fmt::format(R"({{"LoadBalancerArn": "{}", "Port": 80, "Protocol": "HTTP",
        "DefaultActions": [{{"Type": "fixed-response", "FixedResponseConfig": {{"StatusCode": "404"}}}}]}})",
                                   balancer)));
  }

  std::string make_load_balancer(std::string_view name) {
    return at("LoadBalancers", "LoadBalancerArn",
              call("elasticloadbalancing:CreateLoadBalancer",
                   fmt::format(R"({{"Name": "{}", "Subnets": ["subnet-1", "subnet-2"]}})", name)));
  }
  std::string make_group(std::string_view name, std::string_view more = "") {
    return at("TargetGroups", "TargetGroupArn",
              call("elasticloadbalancing:CreateTargetGroup",
                   fmt::format(R"({{"Name": "{}", "Protocol": "HTTP", "Port": 80,
                "VpcId": "vpc-1", "TargetType": "ip"{}}})",
                               name, more)));
  }
  std::string forward(int to_blue, int to_green) const {
    return fmt::format(R"([{{"Type": "forward", "ForwardConfig": {{"TargetGroups": [
        {{"TargetGroupArn": "{}", "Weight": {}}}, {{"TargetGroupArn": "{}", "Weight": {}}}]}}}}])",
                       blue, to_blue, green, to_green);
  }
  std::string rule_input(
      int priority, std::string_view actions,
      std::string_view conditions = R"([{"Field": "path-pattern", "Values": ["/*"]}])") {
    return fmt::format(
        R"({{"ListenerArn": "{}", "Priority": {}, "Conditions": {}, "Actions": {}}})", listener,
        priority, conditions, actions);
  }
  std::string make_rule(int priority, std::string_view actions) {
    return at("Rules", "RuleArn",
              call("elasticloadbalancing:CreateRule", rule_input(priority, actions)));
  }
  // "id:port state reason"
  std::vector<std::string> health(std::string_view group, std::string_view more = "") {
    const Json answer = call("elasticloadbalancing:DescribeTargetHealth",
                             fmt::format(R"({{"TargetGroupArn": "{}"{}}})", group, more));
    std::vector<std::string> all;
    for (const Json& each : answer.at("TargetHealthDescriptions").as_array())
      all.push_back(fmt::format("{}:{} {} {}", string_or_empty(each.at("Target"), "Id"),
                                find_int(each.at("Target"), "Port").value_or(0),
                                string_or_empty(each.at("TargetHealth"), "State"),
                                string_or_empty(each.at("TargetHealth"), "Reason")));
    return all;
  }

  using Rehearsal::at;
  static std::string at(std::string_view list, std::string_view member, const Json& answer) {
    return std::string(string_or_empty(answer.at(list).as_array().at(0), member));
  }

  std::string balancer, listener, blue, green;
};

TEST(Elb, ALoadBalancerIsProvisionedBeforeItIsActive) {
  OneLoadBalancer aws;
  aws.at(0);
  aws.make_load_balancer("late");
  const auto state = [&](const char* name) {
    const Json answer = aws.call("elasticloadbalancing:DescribeLoadBalancers",
                                 fmt::format(R"({{"Names": ["{}"]}})", name));
    return std::string(answer.at("LoadBalancers").at(0).at("State").at("Code").as_string());
  };
  EXPECT_EQ(state("public"), "active");
  EXPECT_EQ(state("late"), "provisioning");
  aws.at(119);
  EXPECT_EQ(state("late"), "provisioning");
  aws.at(120);
  EXPECT_EQ(state("late"), "active");
}

TEST(Elb, ForwardHasTwoSpellings) {
  OneLoadBalancer aws;
  aws.make_rule(10, fmt::format(R"([{{"Type": "forward", "TargetGroupArn": "{}"}}])", aws.blue));
  const Json rules = aws.call("elasticloadbalancing:DescribeRules",
                              fmt::format(R"({{"ListenerArn": "{}"}})", aws.listener));
  const Json& rule = rules.at("Rules").at(0);
  EXPECT_EQ(rule.at("Priority").as_string(), "10");
  EXPECT_EQ(to_text(rule.at("Actions")),
            fmt::format(R"([{{"Type":"forward","TargetGroupArn":"{0}","ForwardConfig":)"
                        R"({{"TargetGroups":[{{"TargetGroupArn":"{0}","Weight":1}}],)"
                        R"("TargetGroupStickinessConfig":{{"Enabled":false}}}}}}])",
                        aws.blue));
  EXPECT_EQ(to_text(rule.at("Conditions")),
            R"([{"Field":"path-pattern","Values":["/*"],"PathPatternConfig":{"Values":["/*"]}}])");
  EXPECT_EQ(rules.at("Rules").at(1).at("Priority").as_string(), "default");
  EXPECT_TRUE(rules.at("Rules").at(1).at("IsDefault").as_bool());
}

TEST(Elb, ModifyRuleReplacesTheWholeListOfActions) {
  OneLoadBalancer aws;
  const std::string rule = aws.make_rule(10, aws.forward(100, 0));
  const Json answer =
      aws.call("elasticloadbalancing:ModifyRule",
               fmt::format(R"({{"RuleArn": "{}", "Actions": {}}})", rule, aws.forward(90, 10)));
  const Json& config = answer.at("Rules").at(0).at("Actions").at(0).at("ForwardConfig");
  EXPECT_EQ(config.at("TargetGroups").at(1).at("Weight").as_int64(), 10);
  // What was not given stays.
  EXPECT_EQ(answer.at("Rules").at(0).at("Conditions").as_array().size(), 1u);
}

TEST(Elb, RefusesWhatAwsRefuses) {
  OneLoadBalancer aws;
  const std::string rule = aws.make_rule(10, aws.forward(100, 0));
  const Json rules = aws.call("elasticloadbalancing:DescribeRules",
                              fmt::format(R"({{"ListenerArn": "{}"}})", aws.listener));
  const std::string fallback(rules.at("Rules").at(1).at("RuleArn").as_string());
  const std::string other = aws.make_load_balancer("other");
  struct Case {
    std::string operation, input, wanted;
  };
  const std::string forward_blue =
      fmt::format(R"([{{"Type": "forward", "TargetGroupArn": "{}"}}])", aws.blue);
  for (const Case& each : {
           Case{"CreateRule", aws.rule_input(10, aws.forward(1, 1)),
                "PriorityInUse: Priority '10' is currently in use"},
           Case{"CreateRule", aws.rule_input(11, aws.forward(1, 1000)),
                "ValidationError: Target group weight '1000' must be between '0' and '999' "
                "inclusive"},
           Case{"CreateRule", aws.rule_input(11, R"([{"Type": "authenticate-oidc"}])"),
                "InvalidLoadBalancerAction: The last action of a rule must be its only forward, "
                "redirect or fixed-response action"},
           Case{"CreateRule",
                aws.rule_input(11, forward_blue, R"([{"Field": "host-header", "Values": []}])"),
                "ValidationError: A condition value must be specified for field 'host-header'"},
           Case{"CreateRule",
                aws.rule_input(11, R"([{"Type": "forward", "TargetGroupArn": "arn:x"}])"),
                "TargetGroupNotFound: Target group 'arn:x' not found"},
           Case{"ModifyRule",
                fmt::format(R"({{"RuleArn": "{}", "Actions": {}}})", fallback, forward_blue),
                fmt::format("OperationNotPermitted: Default rule '{}' cannot be modified",
                            fallback)},
           Case{
               "DeleteRule", fmt::format(R"({{"RuleArn": "{}"}})", fallback),
               fmt::format("OperationNotPermitted: Default rule '{}' cannot be deleted", fallback)},
           Case{"DeleteTargetGroup", fmt::format(R"({{"TargetGroupArn": "{}"}})", aws.blue),
                fmt::format("ResourceInUse: Target group '{}' is currently in use by a listener "
                            "or a rule",
                            aws.blue)},
           Case{"DescribeTargetHealth", R"({"TargetGroupArn": "arn:x"})",
                "TargetGroupNotFound: One or more target groups not found"},
           Case{"DescribeLoadBalancers", R"({"Names": ["none", "neither"]})",
                "LoadBalancerNotFound: Load balancers '[none, neither]' not found"},
           Case{"DescribeLoadBalancers", R"({"LoadBalancerArns": ["arn:x"]})",
                "LoadBalancerNotFound: One or more load balancers not found"},
           Case{"DescribeRules", R"({"RuleArns": ["arn:x"]})",
                "RuleNotFound: One or more rules not found"},
           Case{"CreateListener",
                fmt::format(R"({{"LoadBalancerArn": "{}", "Port": 80, "Protocol": "HTTP",
                    "DefaultActions": {}}})",
                            aws.balancer, forward_blue),
                fmt::format("DuplicateListener: A listener already exists on this port for this "
                            "load balancer '{}'",
                            aws.balancer)},
           Case{"CreateListener",
                fmt::format(R"({{"LoadBalancerArn": "{}", "Port": 443, "Protocol": "HTTPS",
                    "DefaultActions": {}}})",
                            aws.balancer, forward_blue),
                "ValidationError: A certificate must be specified for HTTPS listeners"},
           Case{"CreateListener",
                fmt::format(R"({{"LoadBalancerArn": "{}", "Port": 80, "Protocol": "HTTP",
                    "DefaultActions": {}}})",
                            other, forward_blue),
                fmt::format("TargetGroupAssociationLimit: The following target groups cannot be "
                            "associated with more than one load balancer: {}",
                            aws.blue)},
           Case{
               "RegisterTargets",
               fmt::format(R"({{"TargetGroupArn": "{}", "Targets": [{{"Id": "i-1"}}]}})", aws.blue),
               "ValidationError: The IP address 'i-1' is not a valid IPv4 address"},
           Case{"ModifyTargetGroupAttributes",
                fmt::format(R"({{"TargetGroupArn": "{}", "Attributes": [
                    {{"Key": "slow_start.duration_seconds", "Value": "10"}}]}})",
                            aws.blue),
                "ValidationError: 'slow_start.duration_seconds' must be between '30' and '900' "
                "inclusive"},
       }) {
    SCOPED_TRACE(each.input);
    const Reply reply = aws.ask("elasticloadbalancing:" + each.operation, each.input);
    ASSERT_FALSE(reply) << reply->text;
    EXPECT_EQ(reply.error().code + ": " + reply.error().message, each.wanted);
  }
}

TEST(Elb, PrioritiesAreSwappedInOneCall) {
  OneLoadBalancer aws;
  const std::string one = aws.make_rule(1, aws.forward(1, 1));
  const std::string two = aws.make_rule(2, aws.forward(1, 1));
  const auto set = [&](int first, int second) {
    return fmt::format(R"({{"RulePriorities": [{{"RuleArn": "{}", "Priority": {}}},
                                              {{"RuleArn": "{}", "Priority": {}}}]}})",
                       one, first, two, second);
  };
  aws.call("elasticloadbalancing:SetRulePriorities", set(2, 1));
  const Json rules = aws.call("elasticloadbalancing:DescribeRules",
                              fmt::format(R"({{"ListenerArn": "{}"}})", aws.listener));
  EXPECT_EQ(rules.at("Rules").at(0).at("RuleArn").as_string(), two);
  EXPECT_EQ(aws.refusal("elasticloadbalancing:SetRulePriorities", set(3, 3)),
            "PriorityInUse: Priority '3' is currently in use");
}

TEST(Elb, TargetsRegisteredByHandBecomeHealthyAndDrain) {
  OneLoadBalancer aws;
  aws.make_rule(10, aws.forward(100, 0));
  aws.call("elasticloadbalancing:ModifyTargetGroupAttributes",
           fmt::format(R"({{"TargetGroupArn": "{}", "Attributes": [
               {{"Key": "deregistration_delay.timeout_seconds", "Value": "60"}}]}})",
                       aws.blue));
  const std::string target = fmt::format(
      R"({{"TargetGroupArn": "{}", "Targets": [{{"Id": "10.0.0.5", "Port": 8080}}]}})", aws.blue);
  aws.at(0);
  aws.call("elasticloadbalancing:RegisterTargets", target);
  EXPECT_THAT(aws.health(aws.blue),
              ElementsAre("10.0.0.5:8080 initial Elb.RegistrationInProgress"));
  aws.at(1);
  EXPECT_THAT(aws.health(aws.blue), ElementsAre("10.0.0.5:8080 initial Elb.InitialHealthChecking"));
  aws.at(30);
  EXPECT_THAT(aws.health(aws.blue), ElementsAre("10.0.0.5:8080 healthy "));
  aws.call("elasticloadbalancing:DeregisterTargets", target);
  aws.at(89);
  EXPECT_THAT(aws.health(aws.blue),
              ElementsAre("10.0.0.5:8080 draining Target.DeregistrationInProgress"));
  aws.at(90);
  EXPECT_THAT(aws.health(aws.blue), ElementsAre());
  EXPECT_THAT(aws.health(aws.blue, R"(, "Targets": [{"Id": "10.0.0.5", "Port": 8080}])"),
              ElementsAre("10.0.0.5:8080 unused Target.NotRegistered"));
}

TEST(Elb, AGroupThatNoRuleUsesHasUnusedTargets) {
  OneLoadBalancer aws;
  aws.at(0);
  aws.call(
      "elasticloadbalancing:RegisterTargets",
      fmt::format(R"({{"TargetGroupArn": "{}", "Targets": [{{"Id": "10.0.0.5"}}]}})", aws.green));
  aws.at(100);
  EXPECT_THAT(aws.health(aws.green), ElementsAre("10.0.0.5:80 unused Target.NotInUse"));
  const std::string rule = aws.make_rule(10, aws.forward(100, 0));
  EXPECT_THAT(aws.health(aws.green), ElementsAre("10.0.0.5:80 initial Elb.RegistrationInProgress"));
  aws.at(130);
  EXPECT_THAT(aws.health(aws.green), ElementsAre("10.0.0.5:80 healthy "));
  aws.call("elasticloadbalancing:DeleteRule", fmt::format(R"({{"RuleArn": "{}"}})", rule));
  EXPECT_THAT(aws.health(aws.green), ElementsAre("10.0.0.5:80 unused Target.NotInUse"));
}

TEST(Elb, EcsRefusesAGroupOnNoListener) {
  OneLoadBalancer aws;
  aws.call("CreateCluster", R"({"clusterName": "prod"})");
  aws.register_web();
  const std::string input = fmt::format(
      R"({{"cluster": "prod", "serviceName": "web", "taskDefinition": "web", "desiredCount": 1,
           "launchType": "FARGATE",
           "networkConfiguration": {{"awsvpcConfiguration": {{"subnets": ["subnet-1"]}}}},
           "loadBalancers": [{{"targetGroupArn": "{}", "containerName": "app", "containerPort": 80}}]}})",
      aws.blue);
  EXPECT_EQ(aws.refusal("CreateService", input),
            fmt::format("InvalidParameterException: The target group with targetGroupArn {} does "
                        "not have an associated load balancer.",
                        aws.blue));
  aws.make_rule(10, aws.forward(100, 0));
  aws.call("CreateService", input);
  aws.at(0);
  EXPECT_EQ(aws.health(aws.blue).size(), 1u);
  EXPECT_THAT(aws.health(aws.blue).front(), testing::EndsWith(" healthy "));
}

TEST(Elb, UnhealthyTargetsRecoverAfterTheThreshold) {
  OneLoadBalancer aws;
  aws.make_rule(10, aws.forward(100, 0));
  aws.call("CreateCluster", R"({"clusterName": "prod"})");
  aws.register_web("web:sick");
  ImageBehaviour sick{.image = "web:sick"};
  sick.target_unhealthy_from = std::chrono::seconds(100);
  sick.target_unhealthy_until = std::chrono::seconds(400);
  aws.at(0);
  aws.arrange(SetImages{.behaviours = {sick}});
  aws.call("CreateService",
           fmt::format(
               R"({{"cluster": "prod", "serviceName": "web", "taskDefinition": "web",
           "desiredCount": 1, "launchType": "FARGATE", "healthCheckGracePeriodSeconds": 3600,
           "networkConfiguration": {{"awsvpcConfiguration": {{"subnets": ["subnet-1"]}}}},
           "loadBalancers": [{{"targetGroupArn": "{}", "containerName": "app", "containerPort": 80}}]}})",
               aws.blue));
  // Registered at 30, checked every 30 s from 60 on; RUNNING since 26, so checks fail in [126,
  // 426).
  aws.at(189);
  EXPECT_THAT(aws.health(aws.blue).front(), testing::HasSubstr(" healthy"));
  aws.at(190);
  EXPECT_THAT(aws.health(aws.blue).front(),
              testing::EndsWith(" unhealthy Target.ResponseCodeMismatch"));
  aws.at(579);
  EXPECT_THAT(aws.health(aws.blue).front(), testing::HasSubstr(" unhealthy"));
  aws.at(580);
  EXPECT_THAT(aws.health(aws.blue).front(), testing::EndsWith(" healthy "));
}

TEST(Elb, CertificatesOfAListener) {
  OneLoadBalancer aws;
  const std::string listener = OneLoadBalancer::at(
      "Listeners", "ListenerArn",
      aws.call("elasticloadbalancing:CreateListener",
               fmt::format(R"({{"LoadBalancerArn": "{}", "Port": 443, "Protocol": "HTTPS",
                   "Certificates": [{{"CertificateArn": "arn:aws:acm:eu-west-1:1:certificate/a"}}],
                   "DefaultActions": [{{"Type": "forward", "TargetGroupArn": "{}"}}]}})",
                           aws.balancer, aws.blue)));
  const std::string one_more = fmt::format(
      R"({{"ListenerArn": "{}", "Certificates": [{{"CertificateArn": "arn:aws:acm:eu-west-1:1:certificate/b"}}]}})",
      listener);
  aws.call("elasticloadbalancing:AddListenerCertificates", one_more);
  const auto count = [&] {
    return aws
        .call("elasticloadbalancing:DescribeListenerCertificates",
              fmt::format(R"({{"ListenerArn": "{}"}})", listener))
        .at("Certificates")
        .as_array()
        .size();
  };
  EXPECT_EQ(count(), 2u);
  aws.call("elasticloadbalancing:RemoveListenerCertificates", one_more);
  EXPECT_EQ(count(), 1u);
}

TEST(Elb, ReadersMaySeeTheOlderState) {
  OneLoadBalancer aws(Knobs{.consistency_lag = std::chrono::seconds(5)});
  aws.at(0);
  const std::string rule = aws.make_rule(10, aws.forward(100, 0));
  const std::string input = fmt::format(R"({{"RuleArns": ["{}"]}})", rule);
  EXPECT_EQ(aws.refusal("elasticloadbalancing:DescribeRules", input),
            "RuleNotFound: One or more rules not found");
  aws.at(5);
  EXPECT_EQ(aws.call("elasticloadbalancing:DescribeRules", input).at("Rules").as_array().size(),
            1u);
}

TEST(Elb, ConditionsOfEveryKindAreKept) {
  OneLoadBalancer aws;
  const std::string conditions = R"([
      {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.shop.test"]}},
      {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Canary", "Values": ["1"]}},
      {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}},
      {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "2"}]}},
      {"Field": "source-ip", "SourceIpConfig": {"Values": ["192.0.2.0/24"]}}])";
  const Json answer = aws.call("elasticloadbalancing:CreateRule",
                               aws.rule_input(10, aws.forward(1, 1), conditions));
  const JsonArray& kept = answer.at("Rules").at(0).at("Conditions").as_array();
  ASSERT_EQ(kept.size(), 5u);
  EXPECT_EQ(to_text(kept[0]), R"({"Field":"host-header","Values":["*.shop.test"],)"
                              R"("HostHeaderConfig":{"Values":["*.shop.test"]}})");
  EXPECT_EQ(to_text(kept[1]), R"({"Field":"http-header","Values":[],"HttpHeaderConfig":)"
                              R"({"HttpHeaderName":"X-Canary","Values":["1"]}})");
}

TEST(ElbConditions, AreMetAsAwsMeetsThem) {
  struct Case {
    const char* condition;
    elb::Request request;
    bool wanted;
  };
  const elb::Request plain{.host = "www.shop.test", .path = "/img/a.png"};
  for (const auto& [condition, request, wanted] : {
           Case{R"({"Field": "host-header", "Values": ["*.SHOP.test"]})", plain, true},
           Case{R"({"Field": "host-header", "Values": ["shop.test"]})", plain, false},
           Case{R"({"Field": "path-pattern", "Values": ["/x", "/img/?.png"]})", plain, true},
           Case{R"({"Field": "path-pattern", "Values": ["/IMG/*"]})", plain, false},
           Case{R"({"Field": "http-request-method",
                    "HttpRequestMethodConfig": {"Values": ["POST"]}})",
                plain, false},
           Case{R"({"Field": "http-header",
                    "HttpHeaderConfig": {"HttpHeaderName": "x-canary", "Values": ["y*"]}})",
                {.headers = {{"X-Canary", "Yes"}}},
                true},
           Case{R"({"Field": "query-string", "QueryStringConfig":
                    {"Values": [{"Key": "v", "Value": "2*"}]}})",
                {.query = "a=1&v=21"},
                true},
           Case{R"({"Field": "source-ip", "SourceIpConfig": {"Values": ["192.0.2.0/24"]}})",
                {.source_ip = "192.0.3.1"},
                false},
       }) {
    SCOPED_TRACE(condition);
    EXPECT_EQ(elb::meets({.Conditions = {parse_json(condition).value()}}, request), wanted);
  }
}

TEST(Elb, ListsComeInPages) {
  OneLoadBalancer aws;
  const Json first = aws.call("elasticloadbalancing:DescribeTargetGroups", R"({"PageSize": 1})");
  EXPECT_EQ(first.at("TargetGroups").at(0).at("TargetGroupName").as_string(), "blue");
  const Json second = aws.call(
      "elasticloadbalancing:DescribeTargetGroups",
      fmt::format(R"({{"PageSize": 1, "Marker": "{}"}})", string_or_empty(first, "NextMarker")));
  EXPECT_EQ(second.at("TargetGroups").at(0).at("TargetGroupName").as_string(), "green");
  EXPECT_EQ(find(second, "NextMarker"), nullptr);
}

}  // namespace
}  // namespace slipway::sim
