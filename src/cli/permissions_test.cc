// docs/permissions.md says the least policy of each command; here each runs under exactly that.
#include "cli/world_for_test.h"

#include <set>

namespace slipway::cli {
namespace {

struct Case {
  std::vector<std::string> arguments;
  std::vector<std::string> needed;
};

std::string world(const std::vector<std::string>& allowed) {
  std::string actions;
  for (const std::string& action : allowed)
    actions += (actions.empty() ? "" : ", ") + ("\"" + action + "\"");
  return R"(scenario: 1
identity:
  users:
    least:
      access_key: AKIAIOSFODNN7EXAMPLE
      secret_key: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
      policies: [{Version: "2012-10-17", Statement: {Effect: Allow, Resource: "*", Action: [)" +
         actions + R"(]}}]
clusters: {prod: {}}
task_definitions:
- &web
  family: web
  requiresCompatibilities: [FARGATE]
  networkMode: awsvpc
  cpu: "256"
  memory: "512"
  executionRoleArn: arn:aws:iam::123456789012:role/execution
  containerDefinitions: [{name: app, image: "web:1"}]
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
