// docs/permissions.md says the least policy of each command; here each runs under exactly that.
#include "cli/scenario_for_test.h"
#include "cli/world_for_test.h"
#include "sim/scenario.h"

#include <set>

namespace slipway::cli {
namespace {

struct Case {
  std::vector<std::string> arguments;
  std::vector<std::string> needed;
};

std::string world(const std::vector<std::string>& allowed) {
  return "scenario: 1\n" + user_allowed(allowed) + R"(clusters: {prod: {}}
task_definitions:
- &web
  family: web
)" + kOnFargate +
         R"(  containerDefinitions: [{name: app, image: "web:1"}]
- <<: *web
- <<: *web
- <<: *web
- <<: *web
  family: migrate
services:
- serviceName: web
  cluster: prod
  taskDefinition: web
  desiredCount: 1
  launchType: FARGATE
  networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1]}}
images: [{task_definition: migrate, run_for: 5s, exit_code: 0}]
topics: [{Name: deploys}]
rules:
- Name: nightly
  ScheduleExpression: cron(0 3 * * ? *)
  Targets:
  - Id: job
    Arn: arn:aws:ecs:eu-west-1:123456789012:cluster/prod
    RoleArn: arn:aws:iam::123456789012:role/events
    EcsParameters:
      TaskDefinitionArn: arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1
      LaunchType: FARGATE
      NetworkConfiguration: {awsvpcConfiguration: {Subnets: [subnet-1]}}
schedules:
- Name: hourly
  ScheduleExpression: rate(1 hour)
  FlexibleTimeWindow: {Mode: "OFF"}
  Target:
    Arn: arn:aws:ecs:eu-west-1:123456789012:cluster/prod
    RoleArn: arn:aws:iam::123456789012:role/scheduler
    EcsParameters:
      TaskDefinitionArn: arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1
      LaunchType: FARGATE
      NetworkConfiguration: {awsvpcConfiguration: {Subnets: [subnet-1]}}
)";
}

constexpr const char* kServices =
    "slipway: 1\ncluster: prod\nservices: {web: {containers: [app], tag: \"2\"}}\n";
constexpr const char* kTasks =
    "slipway: 1\ncluster: prod\ntasks:\n  before:\n    - {family: migrate, containers: [app], tag: "
    "\"2\", "
    "launchType: FARGATE, networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1]}}}\n";

constexpr const char* kSchedules =
    "slipway: 1\ncluster: prod\nservices: {web: {containers: [app], tag: \"2\"}}\n"
    "schedules: {nightly: {rule: nightly}, hourly: {schedule: hourly}}\n"
    "notify: {sns: \"arn:aws:sns:eu-west-1:123456789012:deploys\", required: true}\n";

const std::vector<Case> kCases = {
    {{"deploy", "-f", "services.yml"},
     {"ecs:DescribeServices", "ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition",
      "ecs:UpdateService", "iam:PassRole"}},
    {{"deploy", "-f", "tasks.yml"},
     {"ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition", "ecs:RunTask",
      "ecs:DescribeTasks", "iam:PassRole"}},
    {{"plan", "-f", "services.yml"}, {"ecs:DescribeServices", "ecs:DescribeTaskDefinition"}},
    {{"deploy", "-f", "schedules.yml"},
     {"ecs:DescribeServices", "ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition",
      "ecs:UpdateService", "iam:PassRole", "events:ListTargetsByRule", "events:PutTargets",
      "scheduler:GetSchedule", "scheduler:UpdateSchedule", "sns:Publish"}},
    {{"plan", "-f", "schedules.yml"},
     {"ecs:DescribeServices", "ecs:DescribeTaskDefinition", "events:ListTargetsByRule",
      "scheduler:GetSchedule"}},
    {{"rollback", "--to", "web:1", "-f", "services.yml"},
     {"ecs:DescribeServices", "ecs:DescribeTaskDefinition", "ecs:UpdateService", "iam:PassRole"}},
    {{"status", "-f", "services.yml"}, {"ecs:DescribeServices"}},
    {{"wait", "-f", "services.yml"}, {"ecs:DescribeServices"}},
    {{"deploy", "--cluster", "prod", "--service", "web", "--tag", "2"},
     {"ecs:DescribeServices", "ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition",
      "ecs:UpdateService", "iam:PassRole"}},
    {{"run", "--cluster", "prod", "--task-definition", "migrate", "--launch-type", "FARGATE",
      "--subnets", "subnet-1"},
     {"ecs:DescribeTaskDefinition", "ecs:RunTask", "ecs:DescribeTasks", "iam:PassRole"}},
    {{"history", "--cluster", "prod", "--service", "web"},
     {"ecs:ListServiceDeployments", "ecs:DescribeServiceDeployments",
      "ecs:DescribeServiceRevisions", "ecs:DescribeTaskDefinition"}},
    {{"history", "--cluster", "prod"},
     {"ecs:ListServices", "ecs:ListServiceDeployments", "ecs:DescribeServiceDeployments",
      "ecs:DescribeServiceRevisions", "ecs:DescribeTaskDefinition"}},
};

TEST(Permissions, AreEnoughAsDocumentedForEachCommand) {
  for (const auto& [arguments, needed] : kCases) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    CommandLine line;
    line.file("world.yml", world(needed));
    line.file("services.yml", kServices);
    line.file("tasks.yml", kTasks);
    line.file("schedules.yml", kSchedules);
    std::vector<std::string> words = arguments;
    words.insert(words.end(), {"--sim", "world.yml"});
    EXPECT_EQ(line.run(words), 0) << line.err;
    EXPECT_EQ(line.lines_with("not allowed"), 0) << line.err;
  }
}

// A deployment has to be under way for somebody to stop it.
TEST(Permissions, AreEnoughAsDocumentedForStop) {
  const std::vector<std::string> needed = {
      "ecs:ListServiceDeployments", "ecs:StopServiceDeployment", "ecs:DescribeServiceDeployments",
      "ecs:DescribeServices"};
  const std::string happening =
      "happenings: [{at: 1ms, call: {operation: UpdateService, input: {cluster: prod, service: "
      "web, taskDefinition: migrate}}}]\n";
  CommandLine line;
  line.file("world.yml", world(needed) + happening);
  EXPECT_EQ(line.run({"stop", "web", "--cluster", "prod", "--sim", "world.yml"}), 0) << line.err;
  EXPECT_EQ(line.lines_with("not allowed"), 0) << line.err;

  line.file("world.yml", world({needed.begin() + 1, needed.end()}) + happening);
  EXPECT_EQ(line.run({"stop", "web", "--cluster", "prod", "--sim", "world.yml"}), 10) << line.err;
  EXPECT_NE(line.err.find("ecs:ListServiceDeployments"), std::string::npos) << line.err;
  EXPECT_TRUE(line.inputs_of("StopServiceDeployment").empty());
}

// The built-in world of CodeDeploy, under a policy of so much.
std::string code_deploy_world(const std::vector<std::string>& allowed,
                              const std::string& more = "") {
  const std::string text = world(allowed);
  const std::size_t from = text.find("identity:");
  return sim::built_in_scenario_text("codedeploy") +
         text.substr(from, text.find("clusters:") - from) + more;
}

constexpr const char* kReady = R"(calls:
- operation: codedeploy:CreateDeployment
  input:
    applicationName: shop
    deploymentGroupName: web-by-hand
    revision:
      revisionType: AppSpecContent
      appSpecContent: {content: '{"version":0.0,"Resources":[{"TargetService":{"Type":"AWS::ECS::Service","Properties":{"TaskDefinition":"arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1","LoadBalancerInfo":{"ContainerName":"app","ContainerPort":8080}}}}]}'}
)";

TEST(Permissions, AreEnoughAsDocumentedForCodeDeploy) {
  const std::vector<std::string> reads = {"ecs:DescribeServices", "codedeploy:GetDeployment",
                                          "codedeploy:BatchGetDeploymentTargets"};
  const auto with = [](std::vector<std::string> some, const std::vector<std::string>& more) {
    some.insert(some.end(), more.begin(), more.end());
    return some;
  };
  const std::vector<std::string> deploys =
      with(reads, {"ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition", "iam:PassRole",
                   "codedeploy:GetDeploymentGroup", "codedeploy:CreateDeployment",
                   "codedeploy:ContinueDeployment", "codedeploy:GetDeploymentConfig",
                   "codedeploy:RegisterApplicationRevision"});
  struct CodeDeployCase {
    std::vector<std::string> arguments;
    std::vector<std::string> needed;
    const char* world;
  };
  for (const auto& [arguments, needed, more] : {
           CodeDeployCase{{"deploy", "--tag", "2"}, deploys, ""},
           CodeDeployCase{{"deploy", "--tag", "2", "-f", "checks.yml"},
                          with(deploys, {"cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData",
                                         "elasticloadbalancing:DescribeTargetGroups"}),
                          ""},
           CodeDeployCase{{"plan", "--tag", "2"},
                          {"ecs:DescribeServices", "ecs:DescribeTaskDefinition",
                           "codedeploy:GetDeploymentGroup"},
                          ""},
           CodeDeployCase{{"status"}, reads, kReady},
           CodeDeployCase{{"stop"}, with(reads, {"codedeploy:StopDeployment"}), kReady},
           CodeDeployCase{{"continue", "web", "--cluster", "prod", "--timeout", "2h"},
                          with(reads, {"codedeploy:ContinueDeployment"}),
                          kReady},
       }) {
    SCOPED_TRACE(arguments.front());
    CommandLine line;
    const std::string head =
        "slipway: 1\ncluster: prod\nservices: {web: {containers: [app], strategy: {canary: {steps: "
        "[{weight: 10, bake: 5m}, {weight: 100, bake: 5m}], ";
    const std::string tail = "codedeploy: {application: shop, deployment_group: web}}}}}\n";
    line.file("slipway.yml", head + tail);
    line.file("checks.yml",
              head +
                  "alarms: [web-5xx], checks: {errors: {metric: error_percent, failure: above "
                  "5}}, " +
                  tail);
    line.file("world.yml", code_deploy_world(needed, more));
    std::vector<std::string> words = arguments;
    words.insert(words.end(), {"--sim", "world.yml"});
    EXPECT_EQ(line.run(words), 0) << line.err;
    if (arguments.front() == "status") continue;  // it does without
    for (std::size_t i = 0; i < needed.size(); ++i) {
      // Without it nobody knows that CodeDeploy is meant.
      if (arguments.front() != "deploy" && needed[i] == "ecs:DescribeServices") continue;
      // AWS asks for these two behind CreateDeployment, which the simulator does not.
      if (needed[i] == "codedeploy:GetDeploymentConfig" ||
          needed[i] == "codedeploy:RegisterApplicationRevision")
        continue;
      std::vector<std::string> less = needed;
      less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
      line.file("world.yml", code_deploy_world(less, more));
      line.run(words);
      EXPECT_NE(line.err.find(needed[i]), std::string::npos) << needed[i] << "\n" << line.err;
    }
  }
}

// web:1 is what the rule runs, web:4 what the service does, and web:3 may be the way back.
TEST(Permissions, AreEnoughAsDocumentedForPrune) {
  const std::vector<std::string> needed = {"ecs:ListTaskDefinitions",
                                           "ecs:ListClusters",
                                           "ecs:ListServices",
                                           "ecs:DescribeServices",
                                           "ecs:ListTasks",
                                           "ecs:DescribeTasks",
                                           "events:ListRuleNamesByTarget",
                                           "events:ListTargetsByRule",
                                           "scheduler:ListSchedules",
                                           "scheduler:GetSchedule",
                                           "ecs:DeregisterTaskDefinition"};
  const std::vector<std::string> words{"prune", "web", "--keep", "1", "--sim", "world.yml"};
  CommandLine line;
  line.file("world.yml", world(needed));
  EXPECT_EQ(line.run(words), 0) << line.err;
  ASSERT_EQ(line.inputs_of("DeregisterTaskDefinition").size(), 1u) << line.out;
  EXPECT_NE(line.out.find("deregister  web:2"), std::string::npos) << line.out;
  // A lookup that is denied is not taken for "nobody".
  for (const std::string& missing : needed) {
    SCOPED_TRACE(missing);
    std::vector<std::string> allowed = needed;
    std::erase(allowed, missing);
    line.file("world.yml", world(allowed));
    EXPECT_NE(line.run(words), 0);
    EXPECT_NE(line.screen.find(missing), std::string::npos) << line.screen;
    if (missing != "ecs:DeregisterTaskDefinition") {
      EXPECT_TRUE(line.inputs_of("DeregisterTaskDefinition").empty());
    }
  }
}

// A deployment that waits at a pause hook.
TEST(Permissions, AreEnoughAsDocumentedForContinue) {
  const std::vector<std::string> needed = {"ecs:ListServiceDeployments",
                                           "ecs:DescribeServiceDeployments",
                                           "ecs:ContinueServiceDeployment"};
  const std::string happening = R"(happenings:
- at: 1ms
  call:
    operation: UpdateService
    input:
      cluster: prod
      service: web
      taskDefinition: web:1
      deploymentConfiguration:
        strategy: BLUE_GREEN
        bakeTimeInMinutes: 0
        lifecycleHooks: [{targetType: PAUSE, lifecycleStages: [PRE_SCALE_UP]}]
)";
  const std::vector<std::string> words{"continue", "web",   "--cluster",
                                       "prod",     "--sim", "world.yml"};
  const auto go_on = [&](CommandLine& line, std::vector<std::string> allowed) {
    line.goes_on = true;
    allowed.emplace_back("ecs:DescribeServices");
    line.file("world.yml", world(allowed) + happening);
    // Until the deployment has come to its hook.
    EXPECT_EQ(
        line.run({"wait", "web", "--cluster", "prod", "--timeout", "3m", "--sim", "world.yml"}), 7)
        << line.err;
    return line.run({"continue", "web", "--cluster", "prod", "--sim", "world.yml"});
  };
  for (const std::string& missing : needed) {
    SCOPED_TRACE(missing);
    std::vector<std::string> allowed = needed;
    std::erase(allowed, missing);
    CommandLine line;
    EXPECT_EQ(go_on(line, allowed), 10) << line.err;
    EXPECT_NE(line.err.find(missing), std::string::npos) << line.err;
  }
  CommandLine line;
  EXPECT_EQ(go_on(line, needed), 0) << line.err;
  EXPECT_EQ(line.inputs_of("ContinueServiceDeployment").size(), 1u);
}

TEST(Permissions, ThatAreMissingAreNamedAndNothingIsChanged) {
  for (const auto& [arguments, needed] : kCases) {
    // The first call of every command: without it nothing can begin.
    SCOPED_TRACE(testing::PrintToString(arguments));
    CommandLine line;
    line.file("world.yml", world({needed.begin() + 1, needed.end()}));
    line.file("services.yml", kServices);
    line.file("tasks.yml", kTasks);
    line.file("schedules.yml", kSchedules);
    std::vector<std::string> words = arguments;
    words.insert(words.end(), {"--sim", "world.yml"});
    EXPECT_EQ(line.run(words), 10) << line.err;
    EXPECT_NE(line.err.find(needed.front()), std::string::npos) << line.err;
    for (const char* operation :
         {"RegisterTaskDefinition", "UpdateService", "RunTask", "PutTargets"})
      EXPECT_TRUE(line.inputs_of(operation).empty()) << operation;
  }
}

}  // namespace
}  // namespace slipway::cli
