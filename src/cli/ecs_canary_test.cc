// A canary that ECS carries out itself, as a user types it: what is sent, what is said of it on the
// way, and where the service is in the end. More of it is in tests/golden/ecs-canary-*.
#include "cli/scenario_for_test.h"
#include "cli/session.h"
#include "cli/shop_for_test.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>
#include <memory>

namespace slipway::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr const char* kWorld = R"(scenario: 1
clusters: {prod: {}}
target_groups:
- {targetGroupArn: "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/blue/01", deregistration_delay: 30s, HealthCheckInterval: 10s}
- {targetGroupArn: "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/green/02", deregistration_delay: 30s, HealthCheckInterval: 10s}
task_definitions:
- family: web
  requiresCompatibilities: [FARGATE]
  networkMode: awsvpc
  cpu: "256"
  memory: "512"
  executionRoleArn: arn:aws:iam::123456789012:role/execution
  containerDefinitions: [{name: app, image: "registry.example/web:1", portMappings: [{containerPort: 80}]}]
services:
- serviceName: web
  cluster: prod
  taskDefinition: web
  desiredCount: 2
  launchType: FARGATE
  networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1]}}
  loadBalancers:
  - targetGroupArn: arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/blue/01
    containerName: app
    containerPort: 80
    advancedConfiguration:
      alternateTargetGroupArn: arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/green/02
      productionListenerRule: arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/0a/0b/0c
      roleArn: arn:aws:iam::123456789012:role/ecs-load-balancers
)";

constexpr const char* kPausedForever = R"(calls:
- operation: UpdateService
  input:
    cluster: prod
    service: web
    forceNewDeployment: true
    deploymentConfiguration:
      strategy: BLUE_GREEN
      lifecycleHooks: [{targetType: PAUSE, lifecycleStages: [PRE_PRODUCTION_TRAFFIC_SHIFT]}]
)";

struct Shop : ShopCommandLine {
  explicit Shop(const std::string& strategy, const std::string& more = "")
      : ShopCommandLine(kWorld + more, strategy) {}
  std::vector<std::string> configurations() const {
    std::vector<std::string> all;
    for (const Json& input : inputs_of("UpdateService"))
      if (const Json* configuration = find(input, "deploymentConfiguration"))
        all.push_back(to_text(*configuration));
    return all;
  }
};

constexpr const char* kTenPercent =
    "{canary: {steps: [{weight: 10, bake: 5m}, {weight: 100, bake: 1m}]}}";

TEST(EcsCanary, MovesTheTrafficAndPutsTheConfigurationBack) {
  Shop shop(kTenPercent);
  EXPECT_EQ(shop.deploy(), 0) << shop.err;
  EXPECT_EQ(shop.out, "service web  succeeded        web:2\n");
  EXPECT_THAT(shop.err, HasSubstr("service web: 10% of traffic goes to web:2, it was 0%"));
  EXPECT_THAT(shop.err, HasSubstr("service web: 100% of traffic goes to web:2, it was 10%"));
  EXPECT_THAT(shop.configurations(),
              ElementsAre(R"({"strategy":"CANARY","bakeTimeInMinutes":1,)"
                          R"("canaryConfiguration":{"canaryPercent":10,)"
                          R"("canaryBakeTimeInMinutes":5}})",
                          R"({"strategy":"ROLLING","bakeTimeInMinutes":0})"));
  // At most one look every five seconds.
  EXPECT_LT(shop.inputs_of("DescribeServiceDeployments").size(), 120u);
}

TEST(EcsCanary, StepsThatEcsCannotDoAreRefusedBeforeAnythingIsChanged) {
  Shop shop("{canary: {steps: [{weight: 5, bake: 1m}, {weight: 20, bake: 1m}, {weight: 100}]}}");
  EXPECT_EQ(shop.deploy(), 5) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("5%, 20%, 100% is none of these. The nearest are 34%, 68%, 100% "
                                  "(LINEAR) and 5%, 100% (CANARY)"));
  EXPECT_THAT(shop.inputs_of("RegisterTaskDefinition"), SizeIs(0));
}

TEST(EcsCanary, AServiceWithoutASecondTargetGroupIsRefused) {
  Shop shop("blue_green");
  shop.file("world.yml",
            std::string(kWorld).substr(0, std::string(kWorld).find("  loadBalancers")));
  EXPECT_EQ(shop.deploy(), 5) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("service web has no second target group that ECS could move "
                                  "traffic to; say `alb` or `dns`"));
}

TEST(EcsCanary, APauseWaitsForAPersonAndSaysHowToGoOn) {
  Shop shop("{canary: {steps: [{weight: 0, pause: true}, {weight: 100, bake: 1m}]}}");
  EXPECT_EQ(shop.deploy(), 7) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("to go on: slipway continue -f slipway.yml web"));
  EXPECT_THAT(shop.err, HasSubstr("to go back: slipway stop --cluster prod web"));
  EXPECT_THAT(shop.err, HasSubstr("0% of its traffic goes to web:2"));
  // It still needs the hooks.
  EXPECT_THAT(shop.configurations(), SizeIs(1));
  EXPECT_THAT(shop.inputs_of("StopServiceDeployment"), SizeIs(0));
}

TEST(EcsCanary, GoesOnWhenItIsContinuedAndBackWhenItIsStopped) {
  Shop shop(kTenPercent, kPausedForever);
  EXPECT_EQ(shop.run({"continue", "web", "--cluster", "prod", "--sim", "world.yml"}), 0)
      << shop.err;
  EXPECT_THAT(shop.inputs_of("ContinueServiceDeployment"), SizeIs(1));
  EXPECT_THAT(shop.err, HasSubstr("service deployment is successful"));
}

TEST(EcsCanary, StatusShowsStageWeightAndTheHookThatWaits) {
  Shop shop(kTenPercent, kPausedForever);
  EXPECT_EQ(shop.run({"status", "--cluster", "prod", "web", "--sim", "world.yml"}), 0) << shop.err;
  EXPECT_THAT(shop.out, HasSubstr("0% of production traffic goes to web:1; service deployment "));
  EXPECT_THAT(shop.out, HasSubstr(" is IN_PROGRESS in stage POST_TEST_TRAFFIC_SHIFT\n"));
  EXPECT_THAT(shop.out, HasSubstr("  waits at hook ecs-pause-"));
  EXPECT_THAT(shop.out, HasSubstr(" for `slipway continue` or `slipway stop`, 23h"));
  EXPECT_THAT(shop.out, HasSubstr(" more; then ECS does ROLLBACK\n"));
  EXPECT_THAT(shop.inputs_of("DescribeServiceDeployments"), SizeIs(1));
}

TEST(EcsCanary, AHealthyServiceCostsStatusNothingMore) {
  Shop shop(kTenPercent);
  EXPECT_EQ(shop.run({"status", "--cluster", "prod", "web", "--sim", "world.yml"}), 0) << shop.err;
  EXPECT_THAT(shop.inputs_of("DescribeServiceDeployments"), SizeIs(0));
}

TEST(EcsCanary, SomebodyElsesDeploymentInTheMiddleIsNotTakenBack) {
  Shop shop(kTenPercent,
            "happenings: [{deployment_of: prod/web, delay: 2m, call: {operation: UpdateService, "
            "input: {cluster: prod, service: web, taskDefinition: \"web:1\"}}}]\n");
  EXPECT_EQ(shop.deploy(), 8) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("somebody else's deployment replaced ours on service web"));
  EXPECT_THAT(shop.configurations(), SizeIs(1));
}

TEST(EcsCanary, ASignalLeavesItToEcsAndSaysHowToGoOn) {
  Shop shop(kTenPercent);
  std::unique_ptr<Group> group;
  shop.on_session = [&](Session& session) {
    group = std::make_unique<Group>(session.runtime().fibers);
    group->spawn("signal", [&session] {
      (void)session.runtime().clock().sleep_for(std::chrono::minutes(3));
      session.signals().raise(SIGINT);
    });
  };
  EXPECT_EQ(shop.deploy(), 130) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("to go on watching: slipway wait --cluster prod web=ecs-svc/"));
  EXPECT_THAT(shop.err,
              HasSubstr("10% of its traffic goes to web:2 (PRODUCTION_TRAFFIC_SHIFT); ECS "
                        "goes on by itself"));
  EXPECT_THAT(shop.inputs_of("StopServiceDeployment"), SizeIs(0));
  group.reset();
}

TEST(EcsCanary, GoesBackWithTheOthersWhenALaterItemFails) {
  Shop shop(kTenPercent,
            "images: [{task_definition: job, pull: not-found}]\n"
            "calls: [{operation: RegisterTaskDefinition, input: {family: job, "
            "requiresCompatibilities: [FARGATE], networkMode: awsvpc, cpu: \"256\", memory: "
            "\"512\", executionRoleArn: \"arn:aws:iam::123456789012:role/execution\", "
            "containerDefinitions: [{name: app, image: \"job:1\"}]}}]\n");
  shop.file("slipway.yml", R"(slipway: 1
cluster: prod
tasks:
  after:
  - {family: job, launchType: FARGATE, networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1]}}}
services:
  web:
    containers: [app]
    strategy: blue_green
)");
  EXPECT_EQ(shop.deploy(), 5) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("service web runs web:1 again"));
  EXPECT_THAT(shop.configurations(),
              ElementsAre(R"({"strategy":"BLUE_GREEN","bakeTimeInMinutes":5})",
                          R"({"strategy":"ROLLING","bakeTimeInMinutes":0})",
                          R"({"strategy":"BLUE_GREEN","bakeTimeInMinutes":0,"lifecycleHooks":[]})",
                          HasSubstr(R"("strategy":"ROLLING")")));
}

const std::vector<std::string> kNeeded = {"ecs:DescribeServices",
                                          "ecs:DescribeTaskDefinition",
                                          "ecs:RegisterTaskDefinition",
                                          "ecs:UpdateService",
                                          "iam:PassRole",
                                          "ecs:DescribeServiceDeployments"};

// docs/permissions.md, "traffic moved by ECS". ECS itself moves the weights.
TEST(EcsCanary, RunsUnderThePermissionsThatAreDocumented) {
  struct Case {
    const char* strategy;
    std::vector<std::string> besides;
    int status;
  };
  const std::string world =
      read_file(SLIPWAY_SOURCE_DIR "/tests/golden/ecs-canary-smoke-test/scenario.yml").value() +
      "traffic: [{load_balancer: shop, requests_per_second: 50}]\nalarms: {web-5xx: OK}\n";
  for (const auto& [strategy, besides, status] :
       {Case{kTenPercent, {}, 0},
        Case{"{canary: {steps: [{weight: 10, bake: 1m}], alarms: [web-5xx]}}",
             {"cloudwatch:DescribeAlarms"},
             0},
        Case{"{canary: {steps: [{weight: 10, bake: 1m, pause: true}]}}",
             {"ecs:ContinueServiceDeployment"},
             7},
        Case{"{canary: {steps: [{weight: 10, bake: 5m}], checks: {errors: {metric: error_percent, "
             "failure: above 1}}}}",
             {"ecs:ContinueServiceDeployment", "cloudwatch:GetMetricData",
              "elasticloadbalancing:DescribeRules"},
             0},
        Case{"{canary: {steps: [{weight: 10, bake: 5m}], checks: {errors: {metric: error_percent, "
             "success: \"< 0\", failure: at least 0}}}}",
             {"ecs:ContinueServiceDeployment", "cloudwatch:GetMetricData",
              "elasticloadbalancing:DescribeRules", "ecs:StopServiceDeployment"},
             5}}) {
    SCOPED_TRACE(strategy);
    std::vector<std::string> allowed = kNeeded;
    allowed.insert(allowed.end(), besides.begin(), besides.end());
    // The world's own load balancer is ECS's to write to, by its role.
    allowed.emplace_back("elasticloadbalancing:ModifyRule");
    Shop shop(strategy);
    shop.file("world.yml", world + user_allowed(allowed));
    EXPECT_EQ(shop.deploy(), status) << shop.err;
    EXPECT_THAT(shop.err, Not(HasSubstr("not allowed")));
  }
}

constexpr const char* kLeftBehind = R"(calls:
- operation: UpdateService
  input:
    cluster: prod
    service: web
    deploymentConfiguration:
      strategy: CANARY
      lifecycleHooks: [{targetType: PAUSE, lifecycleStages: [PRE_PRODUCTION_TRAFFIC_SHIFT], timeoutConfiguration: {timeoutInMinutes: 67}}]
)";

TEST(EcsCanary, ContinueTakesAwayWhatAReleaseHasLeft) {
  Shop shop(kTenPercent, kLeftBehind);
  EXPECT_EQ(shop.run({"continue", "web", "--cluster", "prod", "--sim", "world.yml"}), 0)
      << shop.err;
  // Only ECS remembers what the deployment before the release went by.
  EXPECT_THAT(shop.configurations(), ElementsAre(R"({"strategy":"ROLLING","lifecycleHooks":[]})"));
  EXPECT_THAT(shop.err, HasSubstr("its deploymentConfiguration is again what service deployment "));
}

TEST(EcsCanary, WhatNobodyRemembersStays) {
  Shop shop(kTenPercent,
            kLeftBehind + user_allowed({"ecs:UpdateService", "ecs:DescribeServices",
                                        "ecs:ListServiceDeployments", "iam:PassRole"}));
  EXPECT_EQ(shop.run({"continue", "web", "--cluster", "prod", "--sim", "world.yml"}), 0)
      << shop.err;
  EXPECT_THAT(shop.configurations(), ElementsAre(R"({"lifecycleHooks":[]})"));
  EXPECT_THAT(shop.err,
              HasSubstr("the pause hooks of a release are taken away; strategy CANARY stays, since "
                        "neither this machine nor ECS says what was there before"));
}

TEST(EcsCanary, WhatMayNotBePutBackIsSaid) {
  Shop shop(kTenPercent,
            kLeftBehind + user_allowed({"ecs:ListServiceDeployments", "ecs:DescribeServices"}));
  EXPECT_EQ(shop.run({"stop", "web", "--cluster", "prod", "--sim", "world.yml"}), 5) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("service web keeps the deploymentConfiguration of a release: "));
  EXPECT_THAT(shop.err, HasSubstr("service web has no deployment in progress"));
}

TEST(EcsCanary, WaitingWithoutThePermissionToSeePausesSaysSo) {
  Shop shop(kTenPercent, kPausedForever + user_allowed({"ecs:DescribeServices"}));
  EXPECT_EQ(shop.run({"wait", "web", "--cluster", "prod", "--timeout", "5m", "--sim", "world.yml"}),
            7)
      << shop.err;
  EXPECT_EQ(shop.lines_with("whether it waits at a pause hook is not known"), 1) << shop.err;
  EXPECT_THAT(shop.inputs_of("DescribeServiceDeployments"), SizeIs(1));
}

TEST(EcsCanary, ARollingReleaseEndsAtThePauseThatTheServiceHasOfItsOwn) {
  Shop shop("rolling", R"(calls:
- operation: UpdateService
  input:
    cluster: prod
    service: web
    deploymentConfiguration:
      strategy: BLUE_GREEN
      lifecycleHooks: [{targetType: PAUSE, lifecycleStages: [PRE_PRODUCTION_TRAFFIC_SHIFT]}]
)");
  EXPECT_EQ(shop.deploy(), 7) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr(" waits at pause hook ecs-pause-"));
  EXPECT_THAT(shop.err, HasSubstr("next: to go on: slipway continue -f slipway.yml web"));
  EXPECT_THAT(shop.inputs_of("UpdateService"), SizeIs(1)) << "nothing is taken back";
}

TEST(EcsCanary, UnwatchedSaysWhereEcsWillWait) {
  Shop shop("{canary: {steps: [{weight: 10, bake: 1m, pause: true}]}}");
  EXPECT_EQ(shop.deploy({"--no-wait"}), 0) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("ECS pauses and waits 1d for `slipway continue -f slipway.yml "
                                  "web`; then it goes back"));
  EXPECT_THAT(shop.err, HasSubstr("service web keeps the deploymentConfiguration of this release "
                                  "for now"));
}

}  // namespace
}  // namespace slipway::cli
