// A canary in CodeDeploy's words.
#include "plan/code_deploy_canary.h"

#include "plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

DeploymentGroupSnapshot group() {
  return {.application = "shop",
          .deployment_group = "web",
          .clusterName = "prod",
          .serviceName = "web",
          .deploymentConfigName = "CodeDeployDefault.ECSAllAtOnce",
          .alarms = {"web-5xx"},
          .rollback_events = {"DEPLOYMENT_STOP_ON_REQUEST"},
          .target_groups = {"web-blue", "web-green"},
          .keeps_old = 1h};
}

ServiceSnapshot service() {
  return {.serviceArn = "arn:aws:ecs:eu-west-1:1:service/prod/web",
          .serviceName = "web",
          .status = "ACTIVE",
          .taskDefinition = "arn:aws:ecs:eu-west-1:1:task-definition/web:1",
          .desiredCount = 2,
          .deploymentController = "CODE_DEPLOY",
          .loadBalancers = parse_json(R"([{"targetGroupArn": "tg-blue", "containerName": "app",
            "containerPort": 8080}])")
                               .value()};
}

Canary steps(std::vector<TrafficStep> all) { return {.steps = std::move(all)}; }

TEST(CodeDeployCanary, TakesTheConfigurationThatMakesTheSteps) {
  struct Case {
    std::vector<TrafficStep> steps;
    const char* wanted;
  };
  DeploymentGroupSnapshot of = group();
  of.configs = {{"quarters", "TimeBasedLinear", 25, 2min},
                {"ours", "TimeBasedCanary", 10, 5min},
                {"forty", "TimeBasedLinear", 40, 1min}};
  for (const Case& each : {
           Case{{{.weight = 100, .bake = 7min}}, "CodeDeployDefault.ECSAllAtOnce"},
           Case{{{.weight = 0, .bake = 1min}, {.weight = 100}}, "CodeDeployDefault.ECSAllAtOnce"},
           Case{{{.weight = 10, .bake = 5min}, {.weight = 100}},
                "CodeDeployDefault.ECSCanary10Percent5Minutes"},
           Case{{{.weight = 10, .bake = 15min}, {.weight = 100}},
                "CodeDeployDefault.ECSCanary10Percent15Minutes"},
           Case{{{.weight = 25, .bake = 2min},
                 {.weight = 50, .bake = 2min},
                 {.weight = 75, .bake = 2min},
                 {.weight = 100, .bake = 9min}},
                "quarters"},
           // The last part is what is left.
           Case{{{.weight = 40, .bake = 1min}, {.weight = 80, .bake = 1min}, {.weight = 100}},
                "forty"},
       }) {
    SCOPED_TRACE(each.wanted);
    const Result<std::string> chosen = deployment_config_for(steps(each.steps), of);
    ASSERT_TRUE(chosen) << chosen.error().message;
    EXPECT_EQ(*chosen, each.wanted);
  }
}

TEST(CodeDeployCanary, PrefersTheGroupsOwnConfiguration) {
  DeploymentGroupSnapshot of = group();
  of.deploymentConfigName = "ours";
  of.configs = {{"ours", "TimeBasedCanary", 10, 5min}};
  EXPECT_EQ(
      deployment_config_for(steps({{.weight = 10, .bake = 5min}, {.weight = 100}}), of).value(),
      "ours");
}

TEST(CodeDeployCanary, RefusesStepsThatNoConfigurationMakes) {
  struct Case {
    std::vector<TrafficStep> steps;
    const char* message;
  };
  for (const Case& each : {
           Case{{{.weight = 20, .bake = 3min}, {.weight = 100}},
                "no deployment configuration of CodeDeploy moves 20%, and after 3m the rest; the "
                "nearest is CodeDeployDefault.ECSCanary10Percent5Minutes (10%, and after 5m the "
                "rest). To have these steps: aws deploy create-deployment-config "
                "--compute-platform ECS --deployment-config-name NAME --traffic-routing-config "
                "'{\"type\":\"TimeBasedCanary\",\"timeBasedCanary\":{\"canaryPercentage\":20,"
                "\"canaryInterval\":3}}'"},
           Case{{{.weight = 5, .bake = 5min}, {.weight = 20, .bake = 5min}, {.weight = 100}},
                "CodeDeploy moves traffic all at once (100%), in one step and then the rest, or in "
                "equal steps with equal bakes, of whole minutes; 5%, 20%, 100% is none of these, "
                "the nearest is CodeDeployDefault.ECSCanary10Percent5Minutes (10%, and after 5m "
                "the rest); `alb` and `dns` take any steps"},
           Case{{{.weight = 10, .bake = 90s}, {.weight = 100}},
                "CodeDeploy moves traffic all at once (100%), in one step and then the rest, or in "
                "equal steps with equal bakes, of whole minutes; 10%, 100% is none of these, the "
                "nearest is CodeDeployDefault.ECSCanary10Percent5Minutes (10%, and after 5m the "
                "rest); `alb` and `dns` take any steps"},
       }) {
    const Result<std::string> chosen = deployment_config_for(steps(each.steps), group());
    ASSERT_FALSE(chosen) << *chosen;
    EXPECT_EQ(chosen.error().code, "strategy.codedeploy-steps");
    EXPECT_EQ(chosen.error().message, each.message);
  }
}

TEST(CodeDeployCanary, RefusesWhatTheGroupHasNoPlaceFor) {
  struct Case {
    Canary canary;
    const char* code;
    const char* message;
  };
  const Check request = HttpCheck{.name = "smoke", .url = "http://test.example/"};
  for (const Case& each : {
           Case{steps({{.weight = 10, .bake = 5min, .pause = true}, {.weight = 100}}),
                "strategy.codedeploy-pause",
                "CodeDeploy can wait for a person before it moves traffic (a step of 0%), not at "
                "10%; `alb` and `dns` can"},
           Case{steps({{.weight = 0, .pause = true}, {.weight = 100}}), "strategy.codedeploy-pause",
                "a step of 0% waits before traffic moves, but deployment group shop/web moves "
                "traffic as soon as the new tasks are up; give it a deploymentReadyOption of "
                "STOP_DEPLOYMENT with a waitTimeInMinutes"},
           Case{{.steps = {{.weight = 100, .checks = {"smoke"}}}, .checks = {request}},
                "strategy.codedeploy-pause",
                "a request at the new tasks comes before traffic moves, but deployment group "
                "shop/web moves traffic as soon as the new tasks are up; give it a "
                "deploymentReadyOption of STOP_DEPLOYMENT with a waitTimeInMinutes"},
           Case{{.steps = {{.weight = 100, .bake = 50min}}, .keep_previous = 20min},
                "strategy.codedeploy-bake",
                "the bake of 100% with keep_previous is 1h10m, but deployment group shop/web lets "
                "the old tasks go 1h after all traffic has moved; make it shorter, or "
                "terminationWaitTimeInMinutes longer"},
       }) {
    SCOPED_TRACE(each.message);
    const Result<void> checked = check_group(each.canary, group());
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, each.code);
    EXPECT_EQ(checked.error().message, each.message);
  }
  DeploymentGroupSnapshot waiting = group();
  waiting.waits_for_go_ahead = 10min;
  EXPECT_TRUE(check_group(steps({{.weight = 0, .bake = 5min}, {.weight = 100}}), waiting));
  EXPECT_EQ(
      check_group(steps({{.weight = 0, .bake = 10min}, {.weight = 100}}), waiting).error().message,
      "the bake of 0% is 10m, and deployment group shop/web stops after 10m without a "
      "go-ahead");
}

TEST(CodeDeployCanary, WritesAnAppSpecForTheContainerBehindTheLoadBalancer) {
  EXPECT_EQ(
      to_text(app_spec_of(service()).value()),
      R"({"version":0.0,"Resources":[{"TargetService":{"Type":"AWS::ECS::Service",)"
      R"("Properties":{"LoadBalancerInfo":{"ContainerName":"app","ContainerPort":8080}}}}]})");
  ServiceSnapshot without = service();
  without.loadBalancers = {};
  EXPECT_EQ(app_spec_of(without).error().message,
            "service web has no load balancer whose traffic could be moved");
}

// ---- The plan ----------------------------------------------------------------------------------

Release release(Canary canary) {
  canary.mover = CodeDeployMover{"shop", "web"};
  return {.cluster = "prod",
          .services = {{.name = "web",
                        .task_definition = TaskDefinitionReference{"web:2"},
                        .strategy = std::move(canary)}}};
}

Snapshot snapshot(DeploymentGroupSnapshot of, ServiceSnapshot web = service()) {
  Snapshot seen;
  seen.services.emplace("web", std::move(web));
  seen.task_definitions.emplace(
      "web:2", TaskDefinitionSnapshot{.arn = "arn:aws:ecs:eu-west-1:1:task-definition/web:2",
                                      .family = "web",
                                      .revision = 2,
                                      .status = "ACTIVE",
                                      .document = JsonObject{{"family", "web"}}});
  seen.deployment_groups.emplace("web", std::move(of));
  return seen;
}

TEST(CodeDeployCanary, PlansOneDeploymentAndItsWayBack) {
  const Canary canary{.steps = {{.weight = 10, .bake = 5min}, {.weight = 100, .bake = 10min}},
                      .checks = {AlarmCheck{"web-slow"}}};
  const PlanStage stage = plan_stage(release(canary), StageKind::kServices, snapshot(group()));
  ASSERT_EQ(stage.steps.size(), 1u);
  const auto* const shift = std::get_if<ShiftByCodeDeploy>(&stage.steps[0].action);
  ASSERT_NE(shift, nullptr);
  EXPECT_EQ(shift->deployment_config, "CodeDeployDefault.ECSCanary10Percent5Minutes");
  EXPECT_EQ(shift->task_definition,
            TaskDefinitionTarget("arn:aws:ecs:eu-west-1:1:task-definition/web:2"));
  // The alarms of a deployment replace its group's, so the group's are among them.
  EXPECT_THAT(shift->alarms, ElementsAre("web-slow", "web-5xx"));
  EXPECT_THAT(shift->rollback_events, ElementsAre("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM",
                                                  "DEPLOYMENT_STOP_ON_REQUEST"));
  ASSERT_EQ(stage.steps[0].undo.size(), 1u);
  const auto& back = std::get<ShiftByCodeDeploy>(stage.steps[0].undo[0]);
  EXPECT_EQ(back.deployment_config, "CodeDeployDefault.ECSAllAtOnce");
  EXPECT_EQ(back.task_definition,
            TaskDefinitionTarget("arn:aws:ecs:eu-west-1:1:task-definition/web:1"));
  EXPECT_TRUE(back.alarms.empty());
}

TEST(CodeDeployCanary, RefusesAGroupThatIsNotTheServicesOrIsBusy) {
  DeploymentGroupSnapshot busy = group();
  busy.running = "d-A1B2C3D4E";
  busy.running_status = "InProgress";
  DeploymentGroupSnapshot other = group();
  other.serviceName = "api";
  ServiceSnapshot rolling = service();
  rolling.deploymentController = "ECS";
  struct Case {
    Snapshot seen;
    ErrorKind kind;
    const char* message;
  };
  for (const Case& each : {
           Case{snapshot(busy), ErrorKind::kConflict,
                "deployment d-A1B2C3D4E of group shop/web is InProgress, and a group has one at a "
                "time; wait for it (slipway wait --cluster prod web), or take it back (slipway "
                "stop --cluster prod web)"},
           Case{snapshot(other), ErrorKind::kInvalid,
                "deployment group shop/web deploys service api of cluster prod, not web of prod"},
           Case{snapshot(group(), rolling), ErrorKind::kInvalid,
                "service web is deployed by ECS, not by CodeDeploy; leave out `codedeploy`"},
       }) {
    SCOPED_TRACE(each.message);
    const PlanStage stage =
        plan_stage(release(steps({{.weight = 100}})), StageKind::kServices, each.seen);
    ASSERT_EQ(stage.steps.size(), 1u);
    const auto* const refused = std::get_if<Refuse>(&stage.steps[0].action);
    ASSERT_NE(refused, nullptr);
    EXPECT_EQ(refused->error.kind, each.kind);
    EXPECT_EQ(refused->error.message, each.message);
  }
}

}  // namespace
}  // namespace slipway
