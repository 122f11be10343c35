// ECS's own BLUE_GREEN, LINEAR and CANARY deployments: what is asked, the stages on the clock, the
// weights, and every way back.
#include "sim/testing.h"

#include <gmock/gmock.h>

namespace slipway::sim {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kRule =
    "arn:aws:elasticloadbalancing:us-east-1:111111111111:listener-rule/app/shop/0a/0b/0c";
constexpr const char* kBlue =
    "arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/blue/01";
constexpr const char* kGreen =
    "arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/green/02";

std::string balancers() {
  return fmt::format(R"("loadBalancers": [{{"targetGroupArn": "{}", "containerName": "app",
    "containerPort": 80, "advancedConfiguration": {{"alternateTargetGroupArn": "{}",
    "productionListenerRule": "{}", "roleArn": "arn:aws:iam::111111111111:role/ecs"}}}}])",
                     kBlue, kGreen, kRule);
}

// A settled service of two tasks behind two target groups, and revision 2 of its definition.
class Colours {
 public:
  void set_up(std::string_view configuration, std::string_view more = "") {
    aws.call("CreateCluster", R"({"clusterName": "prod"})");
    for (const char* group : {kBlue, kGreen}) aws.arrange(AddTargetGroup{.targetGroupArn = group});
    aws.register_web();
    aws.create_service("web", 2, 100, 200, fmt::format(", {}", balancers()));
    aws.register_web("web:2");
    aws.at(0);
    old_id = deployment(0).at("id").as_string();
    aws.call("UpdateService",
             fmt::format(R"({{"cluster": "prod", "service": "web", "taskDefinition": "web:2",
               "deploymentConfiguration": {}{}}})",
                         configuration, more));
    record_arn = aws.service().at("currentServiceDeployment").as_string();
  }
  Json deployment(std::size_t i) { return aws.service().at("deployments").as_array().at(i); }
  Json record() {
    return aws
        .call("DescribeServiceDeployments",
              fmt::format(R"({{"serviceDeploymentArns": ["{}"]}})", record_arn))
        .at("serviceDeployments")
        .as_array()
        .front();
  }
  std::string said(const char* member) {
    const Json now = record();
    return std::string(string_or_empty(now, member));
  }
  double weight() {
    return record()
        .at("targetServiceRevision")
        .at("requestedProductionTrafficWeight")
        .to_number<double>();
  }
  Json hook(std::size_t i) { return record().at("lifecycleHookDetails").as_array().at(i); }
  std::string resume(std::string_view action = "CONTINUE", std::size_t i = 0) {
    const Json waiting = hook(i);
    const std::string input =
        fmt::format(R"({{"serviceDeploymentArn": "{}", "hookId": "{}", "action": "{}"}})",
                    record_arn, std::string_view(waiting.at("hookId").as_string()), action);
    const Reply reply = aws.ask("ContinueServiceDeployment", input);
    return reply ? "" : reply.error().message;
  }
  // The moments at which the new side's weight or the stage changed, looked at every 10 s.
  std::vector<std::string> course(double until) {
    std::vector<std::string> seen;
    std::string before;
    for (double t = aws.now(); t <= until; t += 10) {
      aws.at(t);
      const std::string now =
          fmt::format("{} {:g} {}", said("lifecycleStage"), weight(), said("status"));
      if (now != before) seen.push_back(fmt::format("{:g} {}", t, now));
      before = now;
    }
    return seen;
  }

  Rehearsal aws;
  std::string old_id, record_arn;
};
class TwoColours : public testing::Test, public Colours {};

// Two tasks take until 80 s to be healthy; that is t0 of the model's table.

TEST_F(TwoColours, BlueGreenShiftsAllAtOnceAndKeepsBothWhileItBakes) {
  set_up(R"({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5})");
  EXPECT_THAT(course(900),
              ElementsAre("0 RECONCILE_SERVICE 0 PENDING", "10 SCALE_UP 0 IN_PROGRESS",
                          "80 BAKE_TIME 100 IN_PROGRESS", "380 CLEAN_UP 100 IN_PROGRESS",
                          "700 CLEAN_UP 100 SUCCESSFUL"));
  EXPECT_EQ(aws.service().at("deployments").as_array().size(), 1u);
  EXPECT_EQ(deployment(0).at("rolloutState").as_string(), "COMPLETED");
}

TEST_F(TwoColours, LinearShiftsStepByStep) {
  set_up(R"({"strategy": "LINEAR", "bakeTimeInMinutes": 5,
             "linearConfiguration": {"stepPercent": 25, "stepBakeTimeInMinutes": 6}})");
  aws.at(75);
  EXPECT_THAT(course(1475),
              ElementsAre("75 SCALE_UP 0 IN_PROGRESS", "85 PRODUCTION_TRAFFIC_SHIFT 25 IN_PROGRESS",
                          "445 PRODUCTION_TRAFFIC_SHIFT 50 IN_PROGRESS",
                          "805 PRODUCTION_TRAFFIC_SHIFT 75 IN_PROGRESS",
                          "1165 BAKE_TIME 100 IN_PROGRESS", "1465 CLEAN_UP 100 IN_PROGRESS"));
}

TEST_F(TwoColours, LinearTakesTenStepsOfSixMinutesByDefault) {
  set_up(R"({"strategy": "LINEAR"})");
  EXPECT_EQ(to_text(aws.service().at("deploymentConfiguration").at("linearConfiguration")),
            R"({"stepPercent":10.0,"stepBakeTimeInMinutes":6})");
  aws.at(80);
  EXPECT_EQ(weight(), 10);
  aws.at(80 + 54 * 60 - 1);
  EXPECT_EQ(weight(), 90);
  aws.at(80 + 54 * 60);
  EXPECT_EQ(weight(), 100);
  EXPECT_EQ(said("lifecycleStage"), "CLEAN_UP");
}

TEST_F(TwoColours, CanaryWaitsOnceAndThenShiftsTheRest) {
  set_up(R"({"strategy": "CANARY", "bakeTimeInMinutes": 5,
             "canaryConfiguration": {"canaryPercent": 10, "canaryBakeTimeInMinutes": 10}})");
  EXPECT_THAT(course(1000),
              ElementsAre("0 RECONCILE_SERVICE 0 PENDING", "10 SCALE_UP 0 IN_PROGRESS",
                          "80 PRODUCTION_TRAFFIC_SHIFT 10 IN_PROGRESS",
                          "680 BAKE_TIME 100 IN_PROGRESS", "980 CLEAN_UP 100 IN_PROGRESS"));
}

TEST_F(TwoColours, ShowsBothRevisionsWithTheirTasksAndShares) {
  set_up(R"({"strategy": "CANARY"})");
  aws.at(100);
  EXPECT_EQ(deployment(0).at("status").as_string(), "PRIMARY");
  EXPECT_EQ(deployment(0).at("runningCount").as_int64(), 2);
  EXPECT_EQ(deployment(0).at("rolloutState").as_string(), "IN_PROGRESS");
  EXPECT_EQ(deployment(1).at("id").as_string(), old_id);
  EXPECT_EQ(deployment(1).at("status").as_string(), "ACTIVE");
  EXPECT_EQ(deployment(1).at("runningCount").as_int64(), 2);
  EXPECT_EQ(deployment(1).at("rolloutState").as_string(), "COMPLETED");
  const Json source = record().at("sourceServiceRevisions").as_array().front();
  EXPECT_EQ(source.at("requestedProductionTrafficWeight").to_number<double>(), 95);
  EXPECT_EQ(weight(), 5);
}

TEST_F(TwoColours, NextReleaseTakesTheOtherTargetGroup) {
  set_up(R"({"strategy": "BLUE_GREEN"})");
  aws.at(1000);
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "forceNewDeployment": true})");
  aws.at(1100);
  EXPECT_THAT(
      aws.events(0),
      testing::IsSupersetOf({
          fmt::format("40 (service web) registered 2 targets in (target-group {})", kGreen),
          fmt::format("1040 (service web) registered 2 targets in (target-group {})", kBlue),
      }));
}

TEST(FirstDeployment, HasAllTrafficAtOnce) {
  Rehearsal aws;
  aws.call("CreateCluster", R"({"clusterName": "prod"})");
  for (const char* group : {kBlue, kGreen}) aws.arrange(AddTargetGroup{.targetGroupArn = group});
  aws.register_web();
  const std::string more = fmt::format(", {}", balancers());
  aws.create_service("web", 2, 100, 200, more);
  aws.at(0);
  aws.call("CreateService", fmt::format(R"({{"cluster": "prod", "serviceName": "api",
    "taskDefinition": "web", "desiredCount": 1, "launchType": "FARGATE",
    "networkConfiguration": {{"awsvpcConfiguration": {{"subnets": ["subnet-1"]}}}},
    "deploymentConfiguration": {{"strategy": "LINEAR"}}{}}})",
                                        more));
  aws.at(100);
  EXPECT_EQ(aws.service("api").at("deployments").as_array().front().at("rolloutState").as_string(),
            "COMPLETED");
}

// ---- Ways back --------------------------------------------------------------------------------

TEST_F(TwoColours, AlarmWhileItBakesFlipsTheWeightsOntoWarmTasks) {
  set_up(R"({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5,
             "alarms": {"alarmNames": ["5xx"], "enable": true, "rollback": true}})");
  aws.arrange_at(155, SetAlarm{"5xx", "ALARM"});
  aws.at(150);
  EXPECT_EQ(weight(), 100);
  aws.at(160);
  EXPECT_EQ(weight(), 0);
  EXPECT_EQ(deployment(0).at("id").as_string(), old_id);
  EXPECT_EQ(deployment(0).at("runningCount").as_int64(), 2);
  EXPECT_EQ(said("status"), "ROLLBACK_REQUESTED");
  aws.at(600);
  EXPECT_EQ(said("status"), "ROLLBACK_SUCCESSFUL");
  EXPECT_EQ(said("statusReason"), "Service deployment rolled back because an alarm was detected.");
  EXPECT_EQ(aws.service().at("deployments").as_array().size(), 1u);
}

TEST_F(TwoColours, AlarmBetweenTwoStepsRollsBack) {
  set_up(R"({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 50},
             "alarms": {"alarmNames": ["5xx"], "enable": true, "rollback": true}})");
  aws.arrange_at(300, SetAlarm{"5xx", "ALARM"});
  aws.at(290);
  EXPECT_EQ(weight(), 50);
  aws.at(310);
  EXPECT_EQ(weight(), 0);
  EXPECT_EQ(deployment(0).at("id").as_string(), old_id);
}

TEST_F(TwoColours, BreakerRollsBackBeforeAnyTrafficMoved) {
  aws.arrange(SetImages{{{.image = "web:2", .pull = Pull::kNotFound}}});
  set_up(
      R"({"strategy": "CANARY", "deploymentCircuitBreaker": {"enable": true, "rollback": true}})");
  aws.at(300);
  EXPECT_EQ(said("status"), "ROLLBACK_SUCCESSFUL");
  EXPECT_EQ(said("statusReason"),
            "Service deployment rolled back because the circuit breaker threshold was exceeded.");
  EXPECT_EQ(weight(), 0);
  EXPECT_EQ(deployment(0).at("runningCount").as_int64(), 2);
}

TEST_F(TwoColours, StoppedByAPersonGoesBack) {
  set_up(R"({"strategy": "CANARY"})");
  aws.at(100);
  aws.call("StopServiceDeployment", fmt::format(R"({{"serviceDeploymentArn": "{}"}})", record_arn));
  EXPECT_EQ(said("status"), "ROLLBACK_REQUESTED");
  aws.at(110);
  EXPECT_EQ(weight(), 0);
  aws.at(600);
  EXPECT_EQ(said("status"), "ROLLBACK_SUCCESSFUL");
}

TEST_F(TwoColours, WhatIsCleaningUpCannotBeStopped) {
  set_up(R"({"strategy": "BLUE_GREEN"})");
  aws.at(120);
  EXPECT_EQ(said("lifecycleStage"), "CLEAN_UP");
  aws.call("StopServiceDeployment", fmt::format(R"({{"serviceDeploymentArn": "{}"}})", record_arn));
  aws.at(900);
  EXPECT_EQ(said("status"), "SUCCESSFUL");
}

TEST_F(TwoColours, NewerDeploymentTakesTheTrafficBackAndWaitsForOneSource) {
  set_up(R"({"strategy": "CANARY"})");
  aws.at(100);
  EXPECT_EQ(weight(), 5);
  aws.register_web("web:3");
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web:3"})");
  EXPECT_EQ(weight(), 0);
  aws.at(120);
  EXPECT_EQ(said("status"), "STOPPED");
  record_arn = aws.service().at("currentServiceDeployment").as_string();
  EXPECT_EQ(said("lifecycleStage"), "RECONCILE_SERVICE");
  aws.at(600);
  EXPECT_EQ(said("lifecycleStage"), "PRODUCTION_TRAFFIC_SHIFT");
  aws.at(1800);
  EXPECT_EQ(said("status"), "SUCCESSFUL");
  EXPECT_TRUE(aws.service().at("taskDefinition").as_string().ends_with("web:3"));
}

// ---- Hooks ------------------------------------------------------------------------------------

constexpr const char* kPauseBeforeProduction =
    R"({"strategy": "BLUE_GREEN", "lifecycleHooks": [{"targetType": "PAUSE",
        "lifecycleStages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"]}]})";

TEST_F(TwoColours, PauseWaitsUntilItIsContinued) {
  set_up(kPauseBeforeProduction);
  aws.at(500);
  EXPECT_EQ(weight(), 0);
  const Json waiting = hook(0);
  EXPECT_EQ(waiting.at("status").as_string(), "AWAITING_ACTION");
  EXPECT_EQ(waiting.at("targetType").as_string(), "PAUSE");
  EXPECT_EQ(waiting.at("timeoutAction").as_string(), "ROLLBACK");
  EXPECT_TRUE(waiting.at("hookId").as_string().starts_with("ecs-pause-"));
  // Its stage has no name of its own in an answer.
  EXPECT_EQ(said("lifecycleStage"), "POST_TEST_TRAFFIC_SHIFT");
  EXPECT_EQ(resume(), "");
  EXPECT_EQ(hook(0).at("status").as_string(), "SUCCEEDED");
  aws.at(510);
  EXPECT_EQ(weight(), 100);
  EXPECT_EQ(resume(),
            "Provided hookId is either completed, unavailable, or not associated with the given "
            "Resource ARN");
}

TEST_F(TwoColours, PauseBeforeProductionComesBeforeEveryStep) {
  set_up(R"({"strategy": "CANARY", "bakeTimeInMinutes": 1, "canaryConfiguration":
      {"canaryPercent": 10, "canaryBakeTimeInMinutes": 5}, "lifecycleHooks": [
      {"targetType": "PAUSE", "lifecycleStages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"]}]})");
  aws.at(500);
  EXPECT_EQ(weight(), 0);
  EXPECT_EQ(resume(), "");
  aws.at(510);
  EXPECT_EQ(weight(), 10);
  // The step is baked first, and the next one asks again.
  aws.at(2000);
  EXPECT_EQ(weight(), 10);
  EXPECT_EQ(said("lifecycleStage"), "PRODUCTION_TRAFFIC_SHIFT");
  EXPECT_EQ(hook(0).at("status").as_string(), "SUCCEEDED");
  EXPECT_EQ(hook(1).at("status").as_string(), "AWAITING_ACTION");
  EXPECT_NE(hook(1).at("hookId"), hook(0).at("hookId"));
  EXPECT_EQ(resume("CONTINUE", 1), "");
  aws.at(2010);
  EXPECT_EQ(weight(), 100);
  aws.at(3000);
  EXPECT_EQ(said("status"), "SUCCESSFUL");
}

TEST_F(TwoColours, PauseContinuedWithRollbackGoesBack) {
  set_up(kPauseBeforeProduction);
  aws.at(500);
  EXPECT_EQ(resume("ROLLBACK"), "");
  aws.at(900);
  EXPECT_EQ(said("status"), "ROLLBACK_SUCCESSFUL");
  EXPECT_EQ(said("statusReason"),
            "Service deployment rolled back because PRE_PRODUCTION_TRAFFIC_SHIFT pause hook "
            "failed.");
}

TEST(LifecycleHooks, PauseEndsByItselfAsItWasTold) {
  struct Case {
    const char* action;
    const char* status;
  };
  for (const auto& [action, status] :
       {Case{"ROLLBACK", "ROLLBACK_SUCCESSFUL"}, Case{"CONTINUE", "SUCCESSFUL"}}) {
    SCOPED_TRACE(action);
    Colours world;
    world.set_up(
        fmt::format(R"({{"strategy": "BLUE_GREEN", "lifecycleHooks": [{{"targetType": "PAUSE",
        "lifecycleStages": ["POST_SCALE_UP"],
        "timeoutConfiguration": {{"timeoutInMinutes": 10, "action": "{}"}}}}]}})",
                    action));
    world.aws.at(2000);
    EXPECT_EQ(world.said("status"), status);
    EXPECT_EQ(world.hook(0).at("status").as_string(), "TIMED_OUT");
    if (std::string_view(action) == "ROLLBACK") {
      EXPECT_EQ(world.said("statusReason"),
                "Service deployment rolled back because POST_SCALE_UP pause hook timed out.");
    }
  }
}

TEST(LifecycleHooks, FunctionDecidesByItsAnswer) {
  struct Case {
    HookBehaviour behaviour;
    const char* status;
    const char* reason;
  };
  const std::string target = "arn:aws:lambda:us-east-1:111111111111:function:smoke";
  const std::string before =
      "Service deployment rolled back because POST_TEST_TRAFFIC_SHIFT lifecycle hook(s) failed. ";
  HookBehaviour fails{.target = "*:smoke", .answers = {"FAILED"}};
  HookBehaviour says_nothing{.target = "*:smoke", .answers = {"NOTHING"}};
  HookBehaviour succeeds_later{.target = "*:smoke",
                               .stage = "POST_TEST_TRAFFIC_SHIFT",
                               .answers = {"IN_PROGRESS", "IN_PROGRESS", "SUCCEEDED"}};
  HookBehaviour gone{.target = "*:smoke", .not_invoked_because = "ResourceNotFoundException"};
  HookBehaviour no_role{.target = "*:smoke", .no_role = true};
  HookBehaviour another{.target = "*:another", .answers = {"FAILED"}};
  const std::string failed =
      before + "Lifecycle hook target " + target + " returned FAILED status.";
  const std::string nothing = before + "ECS was unable to parse the response from " + target +
                              " due to HookStatus must not be null";
  const std::string not_found = before + "ECS was unable to invoke hook target " + target +
                                " due to ResourceNotFoundException";
  const std::string role =
      before + "ECS was unable to assume role arn:aws:iam::111111111111:role/hook";
  for (const Case& each :
       {Case{fails, "ROLLBACK_SUCCESSFUL", failed.c_str()},
        Case{says_nothing, "ROLLBACK_SUCCESSFUL", nothing.c_str()},
        Case{gone, "ROLLBACK_SUCCESSFUL", not_found.c_str()},
        Case{no_role, "ROLLBACK_SUCCESSFUL", role.c_str()}, Case{succeeds_later, "SUCCESSFUL", ""},
        Case{another, "SUCCESSFUL", ""}}) {
    SCOPED_TRACE(each.reason);
    Colours world;
    world.aws.arrange(SetHooks{{each.behaviour}});
    world.set_up(fmt::format(R"({{"strategy": "BLUE_GREEN", "lifecycleHooks": [{{
        "hookTargetArn": "{}", "roleArn": "arn:aws:iam::111111111111:role/hook",
        "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"]}}]}})",
                             target));
    world.aws.at(2000);
    EXPECT_EQ(world.said("status"), each.status);
    EXPECT_EQ(world.said("statusReason"), each.reason);
    if (*each.reason != '\0') {
      EXPECT_THAT(world.aws.events(0),
                  testing::Contains(HasSubstr(
                      fmt::format("(deployment ecs-svc/N) deployment failed: {}", each.reason))));
    }
  }
}

TEST_F(TwoColours, FunctionIsCalledAgainAfterItsDelay) {
  aws.arrange(SetHooks{
      {{.target = "*", .answers = {"IN_PROGRESS", "SUCCEEDED"}, .callBackDelay = seconds(45)}}});
  set_up(R"({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5, "lifecycleHooks": [{
      "hookTargetArn": "arn:aws:lambda:us-east-1:111111111111:function:smoke",
      "roleArn": "arn:aws:iam::111111111111:role/hook", "lifecycleStages": ["POST_SCALE_UP"]}]})");
  aws.at(124);
  EXPECT_EQ(said("lifecycleStage"), "POST_SCALE_UP");
  aws.at(125);
  EXPECT_EQ(said("lifecycleStage"), "BAKE_TIME");
}

// ---- What is refused --------------------------------------------------------------------------

class Refused : public testing::Test {
 protected:
  Refused() {
    aws.call("CreateCluster", R"({"clusterName": "prod"})");
    for (const char* group : {kBlue, kGreen}) aws.arrange(AddTargetGroup{.targetGroupArn = group});
    aws.register_web();
    aws.create_service("web", 2, 100, 200);
  }
  std::string update(std::string_view more) {
    return aws.refusal("UpdateService",
                       fmt::format(R"({{"cluster": "prod", "service": "web", {}}})", more));
  }
  Rehearsal aws;
};

TEST_F(Refused, LoadBalancersThatDoNotFitTogether) {
  const auto balancer = [](std::string_view group, std::string_view advanced) {
    return fmt::format(
        R"({{"targetGroupArn": "{}", "containerName": "app", "containerPort": 80{}}})", group,
        advanced.empty() ? "" : fmt::format(R"(, "advancedConfiguration": {{{}}})", advanced));
  };
  const std::string whole = fmt::format(
      R"("alternateTargetGroupArn": "{}", "productionListenerRule": "{}")", kGreen, kRule);
  const std::string old_one = R"({"loadBalancerName": "old", "containerName": "app"})";
  struct Case {
    std::string balancers;
    std::string message;
  };
  for (const Case& each : {
           Case{balancer(kBlue, R"("productionListenerRule": "shop/rule")"),
                "productionListenerRule has an invalid ARN format. Must be RuleArn for ALB or "
                "ListenerArn for NLB. Got: shop/rule"},
           Case{balancer(kBlue, fmt::format(R"({}, "testListenerRule": "{}")", whole, kRule)),
                fmt::format("The following rules cannot be used as both production and test "
                            "listener rules: {}",
                            kRule)},
           Case{balancer(kGreen, whole), fmt::format("Duplicate targetGroupArn found: {}", kGreen)},
           Case{balancer(kBlue, "") + "," + old_one,
                "All loadBalancers must be strictly either ELBv1 (defining loadBalancerName) or "
                "ELBv2 (defining targetGroupArn)"},
           Case{fmt::format(R"({{"loadBalancerName": "old", "containerName": "app",
                                "advancedConfiguration": {{{}}}}})",
                            whole),
                "advancedConfiguration field is not allowed with ELBv1 loadBalancers"},
           Case{balancer(kBlue, whole) + "," + balancer(kGreen, ""),
                "Either all or none of the provided loadBalancers must have advancedConfiguration "
                "defined"},
       }) {
    SCOPED_TRACE(each.balancers);
    EXPECT_EQ(update(fmt::format(R"("loadBalancers": [{}])", each.balancers)),
              "InvalidParameterException: " + each.message);
  }
}

TEST_F(Refused, StrategiesThatDoNotFitTheService) {
  struct Case {
    const char* configuration;
    const char* message;
  };
  for (const Case& each : {
           Case{R"({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 2.5}})",
                "stepPercent must be between 3.0 and 100.0."},
           Case{R"({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 0.05}})",
                "canaryPercent must be between 0.1 and 100.0."},
           Case{R"({"strategy": "CANARY",
                    "canaryConfiguration": {"canaryBakeTimeInMinutes": 1441}})",
                "canaryBakeTimeInMinutes must be between 0 and 1440."},
           Case{R"({"strategy": "BLUE_GREEN", "lifecycleHooks": [{"targetType": "EMAIL"}]})",
                "Invalid targetType. Valid values are: AWS_LAMBDA, PAUSE"},
           Case{R"({"strategy": "BLUE_GREEN", "lifecycleHooks": [{"targetType": "PAUSE",
                    "lifecycleStages": ["TEST_TRAFFIC_SHIFT"]}]})",
                "Invalid lifecycle stage provided for Pause Hook"},
           Case{R"({"strategy": "SOMEHOW"})", "Invalid deployment strategy."},
       }) {
    SCOPED_TRACE(each.configuration);
    EXPECT_EQ(update(fmt::format(R"("deploymentConfiguration": {})", each.configuration)),
              std::string("InvalidParameterException: ") + each.message);
  }
  aws.call("UpdateService",
           fmt::format(R"({{"cluster": "prod", "service": "web", {}}})", balancers()));
  EXPECT_EQ(update(fmt::format(R"("deploymentConfiguration": {{"strategy": "BLUE_GREEN"}},
                                  "loadBalancers": [{{"targetGroupArn": "{}",
                                  "containerName": "app", "containerPort": 80}}])",
                               kBlue)),
            "InvalidParameterException: advancedConfiguration field is required for all "
            "loadBalancers when using a non-ROLLING deployment strategy");
}

TEST_F(Refused, HookThatIsNone) {
  const std::string arn(aws.service().at("currentServiceDeployment").as_string());
  EXPECT_EQ(aws.refusal("ContinueServiceDeployment",
                        fmt::format(R"({{"serviceDeploymentArn": "{}", "hookId": "pause"}})", arn)),
            "InvalidParameterException: Invalid hookId: hookId must follow the format: "
            "ecs-{hookType}-{id}");
}

}  // namespace
}  // namespace slipway::sim
