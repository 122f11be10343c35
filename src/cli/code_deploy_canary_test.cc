// A canary that CodeDeploy carries out, as a user types it: what is sent, what is said of it on the
// way, and where the service is in the end. More of it is in tests/golden/canary-codedeploy-*.
#include "aws/codedeploy.h"
#include "cli/canary_world_for_test.h"
#include "cli/session.h"
#include "cli/shop_for_test.h"
#include "sim/scenario.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>
#include <memory>

namespace slipway::cli {
namespace {

namespace codedeploy = aws::codedeploy;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr const char* kTenPercent = "steps: [{weight: 10, bake: 5m}, {weight: 100, bake: 5m}]";
constexpr const char* kPausesFirst = "steps: [{weight: 0, pause: true}, {weight: 100, bake: 2m}]";
constexpr const char* kGroup = "{application: shop, deployment_group: web}";
constexpr const char* kByHand = "{application: shop, deployment_group: web-by-hand}";

// The built-in world, and a file that releases its service.
struct Shop : ShopCommandLine {
  explicit Shop(const std::string& steps = kTenPercent, const std::string& group = kGroup,
                const std::string& more = "")
      : ShopCommandLine(
            sim::built_in_scenario_text("codedeploy") + more,
            fmt::format("\n      canary:\n        {}\n        codedeploy: {}", steps, group)) {
    on_world_left = [this](sim::World& world) { truth = service_truth(world, "web"); };
  }
  // Somebody else, after so long, with the id of the deployment that runs.
  void meanwhile(Duration after, std::function<void(Session&, const std::string& id)> act) {
    on_session = [this, after, act = std::move(act)](Session& session) {
      others = std::make_unique<Group>(session.runtime().fibers);
      others->spawn("somebody else", [&session, after, act] {
        (void)session.runtime().clock().sleep_for(after);
        const auto listed = session.clients().call(
            codedeploy::ListDeployments, {.applicationName = "shop", .deploymentGroupName = "web"});
        act(session, listed && !listed->deployments.empty() ? listed->deployments.front() : "");
      });
    };
  }

  std::string truth;  // what serves, by the world
  std::unique_ptr<Group> others;
};

TEST(CodeDeployCanary, MovesTheTrafficAndLetsTheOldTasksGo) {
  Shop shop;
  EXPECT_EQ(shop.deploy(), 0) << shop.err;
  EXPECT_EQ(shop.out, "service web  succeeded        web:2\n");
  EXPECT_EQ(shop.truth, "web:2 x2");
  EXPECT_THAT(shop.err, HasSubstr("service web: 10% of traffic goes to web:2, it was 0%"));
  EXPECT_THAT(shop.err, HasSubstr("service web: 100% of traffic goes to web:2, it was 10%"));
  ASSERT_THAT(shop.inputs_of("CreateDeployment"), SizeIs(1));
  const Json sent = shop.inputs_of("CreateDeployment").front();
  EXPECT_EQ(string_or_empty(sent, "deploymentConfigName"),
            "CodeDeployDefault.ECSCanary10Percent5Minutes");
  EXPECT_EQ(string_or_empty(sent.at("revision").at("appSpecContent"), "content"),
            R"({"version":0.0,"Resources":[{"TargetService":{"Type":"AWS::ECS::Service",)"
            R"("Properties":{"LoadBalancerInfo":{"ContainerName":"app","ContainerPort":8080},)"
            R"("TaskDefinition":"arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2"}}}]})");
  // The group would keep the old tasks for an hour.
  ASSERT_THAT(shop.inputs_of("ContinueDeployment"), SizeIs(1));
  EXPECT_EQ(string_or_empty(shop.inputs_of("ContinueDeployment").front(), "deploymentWaitType"),
            "TERMINATION_WAIT");
  EXPECT_THAT(shop.inputs_of("UpdateService"), SizeIs(0));
}

TEST(CodeDeployCanary, FindsTheGroupThatDeploysTheService) {
  Shop shop(
      "steps: [{weight: 25, bake: 5m}, {weight: 50, bake: 5m}, {weight: 75, bake: 5m}, "
      "{weight: 100}]",
      "{application: shop}");
  // Two groups deploy it, and nobody but the file can say which.
  EXPECT_EQ(shop.deploy(), 5) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("several deployment groups deploy service web: shop/web, "
                                  "shop/web-by-hand; say with `application` and "
                                  "`deployment_group` which"));
  EXPECT_THAT(shop.inputs_of("RegisterTaskDefinition"), SizeIs(0));

  // Once it has been deployed, its tasks tell.
  shop.goes_on = true;
  Shop again(kTenPercent, "{}");
  again.goes_on = true;
  again.file(
      "first.yml",
      "slipway: 1\ncluster: prod\nservices: {web: {containers: [app], strategy: {canary: "
      "{steps: [{weight: 100}], codedeploy: {application: shop, deployment_group: web}}}}}\n");
  EXPECT_EQ(again.deploy({"-f", "first.yml"}), 0) << again.err;
  EXPECT_EQ(again.in_this_world({"deploy", "--tag", "3"}), 0) << again.err;
  EXPECT_THAT(again.inputs_of("ListApplications"), SizeIs(0));
  EXPECT_EQ(again.truth, "web:3 x2");
}

TEST(CodeDeployCanary, TakesAConfigurationThatSomebodyMade) {
  Shop shop(
      "steps: [{weight: 25, bake: 5m}, {weight: 50, bake: 5m}, {weight: 75, bake: 5m}, "
      "{weight: 100, bake: 1m}]");
  EXPECT_EQ(shop.deploy(), 0) << shop.err;
  EXPECT_EQ(string_or_empty(shop.inputs_of("CreateDeployment").front(), "deploymentConfigName"),
            "quarter-by-quarter");
  for (const char* share : {"25% of traffic goes to web:2, it was 0%", "50%", "75%",
                            "100% of traffic goes to web:2, it was 75%"})
    EXPECT_THAT(shop.err, HasSubstr(share));
}

TEST(CodeDeployCanary, StepsThatItCannotMakeAreRefusedBeforeAnythingIsChanged) {
  Shop shop("steps: [{weight: 20, bake: 3m}, {weight: 100}]");
  EXPECT_EQ(shop.deploy(), 5) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("no deployment configuration of CodeDeploy moves 20%, and after "
                                  "3m the rest"));
  EXPECT_THAT(shop.inputs_of("RegisterTaskDefinition"), SizeIs(0));
}

TEST(CodeDeployCanary, OneThatRunsAlreadyIsSaidBeforeAnythingIsChanged) {
  Shop shop;
  shop.goes_on = true;
  ASSERT_EQ(shop.deploy({"--no-wait"}), 0) << shop.err;
  EXPECT_EQ(shop.in_this_world({"deploy", "--tag", "3"}), 8) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr(" of group shop/web is "));
  EXPECT_THAT(shop.err, HasSubstr("slipway stop --cluster prod web"));
  EXPECT_THAT(shop.inputs_of("RegisterTaskDefinition"), SizeIs(0));
  EXPECT_THAT(shop.inputs_of("CreateDeployment"), SizeIs(0));
}

TEST(CodeDeployCanary, NothingToChangeIsOnlyLookedAt) {
  Shop shop;
  EXPECT_EQ(shop.run({"deploy", "--tag", "1.0", "--sim", "world.yml"}), 0) << shop.err;
  EXPECT_THAT(shop.inputs_of("CreateDeployment"), SizeIs(0));
  EXPECT_EQ(shop.truth, "web:1 x2");
}

TEST(CodeDeployCanary, GoesBackWhenACheckFails) {
  Shop shop(std::string(kTenPercent) +
            "\n        checks: {errors: {metric: error_percent, failure: above 5}}");
  EXPECT_EQ(shop.run({"deploy", "--tag", "bad", "--sim", "world.yml"}), 5) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("rolled back by slipway after "));
  EXPECT_THAT(shop.err, HasSubstr("service web: 0% of traffic is left on web:2, it was 10%"));
  EXPECT_EQ(shop.truth, "web:1 x2");
  ASSERT_THAT(shop.inputs_of("StopDeployment"), SizeIs(1));
  EXPECT_EQ(to_text(*find(shop.inputs_of("StopDeployment").front(), "autoRollbackEnabled")),
            "true");
}

TEST(CodeDeployCanary, ARollbackByItsAlarmIsThePlatforms) {
  Shop shop(std::string(kTenPercent) + "\n        alarms: [web-5xx]");
  EXPECT_EQ(shop.run({"deploy", "--tag", "bad", "--sim", "world.yml"}), 6) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("CodeDeploy took service web back to web:1: One or more alarms"));
  EXPECT_EQ(shop.truth, "web:1 x2");
  EXPECT_THAT(shop.inputs_of("StopDeployment"), SizeIs(0));
}

TEST(CodeDeployCanary, NewTasksThatDoNotComeUpAreTakenBackAndExplained) {
  Shop shop(kTenPercent, kGroup, "");
  shop.file("world.yml",
            sim::built_in_scenario_text("codedeploy") + "- {image: \"*:2\", pull: not-found}\n");
  EXPECT_EQ(shop.deploy(), 5) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("the new tasks are not up and healthy after 15m; going back"));
  EXPECT_THAT(shop.err, HasSubstr("CannotPullContainerError"));
  EXPECT_EQ(shop.truth, "web:1 x2");
}

TEST(CodeDeployCanary, APersonWhoTakesItBackIsNamedAsTheReason) {
  Shop shop;
  shop.meanwhile(3min, [](Session& session, const std::string& id) {
    (void)session.clients().call(codedeploy::StopDeployment,
                                 {.deploymentId = id, .autoRollbackEnabled = true});
  });
  EXPECT_EQ(shop.deploy(), 6) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("rolled back by the operator"));
  EXPECT_EQ(shop.truth, "web:1 x2");
}

TEST(CodeDeployCanary, StoppedWithoutAWayBackItIsLeftAndToldWhereItIs) {
  Shop shop;
  shop.meanwhile(3min, [](Session& session, const std::string& id) {
    (void)session.clients().call(codedeploy::StopDeployment,
                                 {.deploymentId = id, .autoRollbackEnabled = false});
  });
  EXPECT_EQ(shop.deploy(), 8) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("somebody stopped deployment d-"));
  EXPECT_THAT(shop.err, HasSubstr("service web: 10% of its traffic goes to web:2\""));
}

TEST(CodeDeployCanary, ALostAnswerIsLookedUpAndNotRepeated) {
  Shop shop;
  shop.file("world.yml", sim::built_in_scenario_text("codedeploy") +
                             "faults: [{fault: reset, after_effect: true, on: "
                             "\"codedeploy:CreateDeployment\", calls: 1}]\n");
  EXPECT_EQ(shop.deploy(), 0) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("no answer to codedeploy:CreateDeployment; looking whether a "
                                  "deployment was created"));
  EXPECT_THAT(shop.inputs_of("CreateDeployment"), SizeIs(1));
  EXPECT_EQ(shop.truth, "web:2 x2");
}

TEST(CodeDeployCanary, ASignalLeavesItToCodeDeployAndSaysHowToGoOn) {
  Shop shop;
  shop.goes_on = true;
  shop.meanwhile(3min,
                 [](Session& session, const std::string&) { session.signals().raise(SIGINT); });
  EXPECT_EQ(shop.deploy(), 130) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("to go on watching: slipway wait --cluster prod web=d-"));
  EXPECT_THAT(shop.err,
              HasSubstr("10% of its traffic goes to web:2; CodeDeploy goes on by itself"));
  EXPECT_THAT(shop.inputs_of("StopDeployment"), SizeIs(0));
  shop.others.reset();
  shop.on_session = {};
  const std::size_t at = shop.err.find("web=d-");
  const std::string target = shop.err.substr(at, shop.err.find_first_of("\" \n", at) - at);
  EXPECT_EQ(shop.in_this_world({"wait", "--cluster", "prod", target, "--timeout", "2h"}), 0)
      << shop.err;
  EXPECT_THAT(shop.out, HasSubstr("service web  succeeded        web:2  (deployment d-"));
}

TEST(CodeDeployCanary, PausesBeforeTrafficMovesAndGoesOnWhenContinued) {
  Shop shop(kPausesFirst, kByHand);
  shop.goes_on = true;
  EXPECT_EQ(shop.deploy(), 7) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("to go on: slipway continue --cluster prod web"));
  EXPECT_THAT(shop.err,
              HasSubstr("0% of its traffic goes to web:2; CodeDeploy waits for a go-ahead, "
                        "and stops when none comes"));

  EXPECT_EQ(shop.in_this_world({"status"}), 0) << shop.err;
  EXPECT_THAT(shop.out, HasSubstr("  0% of production traffic goes to web:2; deployment d-"));
  EXPECT_THAT(shop.out, HasSubstr(" of CodeDeploy is Ready\n  waits for `slipway continue` or "
                                  "`slipway stop`, 1h"));
  EXPECT_THAT(shop.out, HasSubstr(" more; then CodeDeploy stops it\n"));

  // The file's last step is watched for its two minutes, and then the old tasks go.
  EXPECT_EQ(shop.in_this_world({"continue"}), 0) << shop.err;
  EXPECT_EQ(shop.truth, "web:2 x2");
  EXPECT_THAT(shop.err, HasSubstr("step 2 of 2: 100% for 2m"));
  ASSERT_THAT(shop.inputs_of("ContinueDeployment"), SizeIs(2));
}

TEST(CodeDeployCanary, ContinuesAndStopsByNameAlone) {
  for (const char* command : {"continue", "stop"}) {
    SCOPED_TRACE(command);
    Shop shop(kPausesFirst, kByHand);
    shop.goes_on = true;
    ASSERT_EQ(shop.deploy(), 7) << shop.err;
    const bool goes_on = std::string_view(command) == "continue";
    EXPECT_EQ(shop.in_this_world({command, "web", "--cluster", "prod", "--timeout", "2h"}), 0)
        << shop.err;
    EXPECT_EQ(shop.truth, goes_on ? "web:2 x2" : "web:1 x2");
    EXPECT_EQ(shop.in_this_world({command, "web", "--cluster", "prod"}), 5) << shop.err;
    EXPECT_THAT(shop.err, HasSubstr("in progress"));
  }
}

TEST(CodeDeployCanary, AskedToGoOnAndNotWatchedItSaysSo) {
  Shop shop(kPausesFirst, kByHand);
  shop.goes_on = true;
  ASSERT_EQ(shop.deploy(), 7) << shop.err;
  EXPECT_EQ(shop.in_this_world({"continue", "--no-wait"}), 0) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("service web: was asked to go on, and nobody watched"));
}

TEST(CodeDeployCanary, AWayBackThatFailsIsToldAndNeedsAttention) {
  // Somebody takes the listener away, and CodeDeploy has nothing left to give traffic back by.
  Shop shop(std::string(kTenPercent) +
                "\n        checks: {errors: {metric: error_percent, failure: above 5}}",
            kGroup,
            "happenings: [{at: 170s, call: {operation: \"elasticloadbalancing:DeleteListener\", "
            "input: {ListenerArn: \"shop:80\"}}}]\n");
  EXPECT_EQ(shop.run({"deploy", "--tag", "bad", "--sim", "world.yml"}), 12) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("CodeDeploy could not take deployment d-"));
  EXPECT_THAT(shop.err, HasSubstr("service web: 10% of its traffic goes to web:2"));
}

TEST(CodeDeployCanary, StopsInTheMiddleOfTheTraffic) {
  Shop shop;
  shop.goes_on = true;
  shop.meanwhile(3min,
                 [](Session& session, const std::string&) { session.signals().raise(SIGINT); });
  ASSERT_EQ(shop.deploy(), 130) << shop.err;
  shop.others.reset();
  shop.on_session = {};
  EXPECT_EQ(shop.in_this_world({"stop", "web", "--cluster", "prod"}), 0) << shop.err;
  EXPECT_EQ(shop.out, "service web  succeeded        web:1\n");
  EXPECT_EQ(shop.truth, "web:1 x2");
}

TEST(CodeDeployCanary, RollbackKnowsWhatCodeDeployHasDeployedBefore) {
  Shop shop;
  shop.goes_on = true;
  EXPECT_EQ(shop.deploy(), 0) << shop.err;
  EXPECT_EQ(shop.in_this_world({"deploy", "--tag", "3"}), 0) << shop.err;
  EXPECT_EQ(shop.in_this_world({"deploy", "--tag", "4"}), 0) << shop.err;
  EXPECT_EQ(shop.truth, "web:4 x2");
  EXPECT_EQ(shop.in_this_world({"rollback"}), 0) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("back from web:4 to web:3, which succeeded "));
  EXPECT_THAT(shop.err, HasSubstr("(a deployment of CodeDeploy says so)"));
  EXPECT_EQ(shop.truth, "web:3 x2");
  // One further back, and not forward again.
  EXPECT_EQ(shop.in_this_world({"rollback"}), 0) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("back from web:3 to web:2, which succeeded "));
  EXPECT_EQ(shop.truth, "web:2 x2");
}

TEST(CodeDeployCanary, RollbackIsADeploymentOfItsOwn) {
  Shop shop("steps: [{weight: 100}]");
  shop.goes_on = true;
  ASSERT_EQ(shop.deploy(), 0) << shop.err;
  EXPECT_EQ(shop.in_this_world({"rollback", "--to", "web:1"}), 0) << shop.err;
  EXPECT_THAT(shop.inputs_of("CreateDeployment"), SizeIs(1));
  EXPECT_EQ(shop.truth, "web:1 x2");
}

TEST(CodeDeployCanary, GoesBackWithTheOthersWhenALaterItemFails) {
  Shop shop;
  shop.file("world.yml", sim::built_in_scenario_text("codedeploy") +
                             "- {task_definition: job, pull: not-found}\n"
                             "calls: [{operation: RegisterTaskDefinition, input: {family: job, "
                             "requiresCompatibilities: [FARGATE], networkMode: awsvpc, cpu: "
                             "\"256\", memory: \"512\", executionRoleArn: "
                             "\"arn:aws:iam::123456789012:role/ecsTaskExecutionRole\", "
                             "containerDefinitions: [{name: app, image: \"job:1\"}]}}]\n");
  shop.file("slipway.yml", R"(slipway: 1
cluster: prod
tasks:
  after:
  - {family: job, launchType: FARGATE, networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1]}}}
services:
  web:
    containers: [app]
    strategy: {canary: {steps: [{weight: 100}], codedeploy: {application: shop, deployment_group: web}}}
)");
  EXPECT_EQ(shop.deploy(), 5) << shop.err;
  EXPECT_THAT(shop.err, HasSubstr("service web runs web:1 again"));
  EXPECT_EQ(shop.truth, "web:1 x2");
  EXPECT_THAT(shop.inputs_of("CreateDeployment"), SizeIs(2));
}

}  // namespace
}  // namespace slipway::cli
