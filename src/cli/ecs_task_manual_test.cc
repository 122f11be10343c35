// What the manual pages of task classes show is what happens, and the least policy is enough.
#include "base/text.h"
#include "cli/scenario_for_test.h"
#include "cli/stub_aws_for_test.h"
#include "cli/world_for_test.h"

#include <gmock/gmock.h>

namespace slipway::cli {
namespace {

using testing::HasSubstr;

std::string page(const std::string& name) {
  return read_file(std::string(SLIPWAY_SOURCE_DIR "/docs/manual/") + name).value();
}

// The first block in that language after the mark.
std::string block(const std::string& text, const std::string& language,
                  const std::string& mark = "") {
  const std::string fence = "```" + language + "\n";
  const std::size_t begin = text.find(fence, text.find(mark)) + fence.size();
  return text.substr(begin, text.find("```", begin) - begin);
}

struct Step {
  std::vector<std::string> words;
  std::string output;
};

std::vector<Step> transcript(const std::string& text) {
  std::vector<Step> steps;
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with("$ ")) {
      Step& step = steps.emplace_back();
      for (const std::string_view word : split(line.substr(2), ' ')) step.words.emplace_back(word);
    } else if (!steps.empty() && !line.empty()) {
      steps.back().output += std::string(line) + "\n";
    }
  }
  return steps;
}

TEST(EcsTaskManual, TheMigrationGoesAsItIsShown) {
  const std::vector<Step> steps =
      transcript(block(page("ecs-task.md"), "console", "<!-- migration -->"));
  ASSERT_EQ(steps.size(), 3u);
  CommandLine line;
  // What the old script printed is what `debug` prints again.
  line.file("ecs-task.json", steps[1].output);
  for (const Step& step : {steps[1], steps[2]}) {
    ASSERT_EQ(step.words.front(), "slipway");
    EXPECT_EQ(line.run({step.words.begin() + 1, step.words.end()}), 0) << line.err;
    EXPECT_EQ(line.out, step.output);
    EXPECT_EQ(line.err, "");
  }
}

TEST(EcsTaskManual, TheExampleIsAFile) {
  CommandLine line;
  line.file("ecs-task.yml", block(page("ecs-task.md"), "yaml"));
  line.environment.set("EXECUTION_ROLE_ARN", "arn:aws:iam::111111111111:role/execution");
  EXPECT_EQ(line.run({"ecs-task", "deploy", "1", "--dry-run"}), 0) << line.err;
  EXPECT_THAT(line.out, HasSubstr("Class WebTask\necs.register_task_definition"));
  EXPECT_THAT(line.out, HasSubstr("Class WorkerTask\necs.register_task_definition"));
  EXPECT_EQ(line.err, "");
}

// The example's tasks are for instances: the simulated services run there too.
TEST(EcsTaskManual, TheExampleRunsOnTheSimulator) {
  CommandLine line;
  line.file("ecs-task.yml", block(page("ecs-task.md"), "yaml"));
  line.environment.set("EXECUTION_ROLE_ARN", "arn:aws:iam::111111111111:role/execution");
  EXPECT_EQ(line.run({"ecs-task", "deploy", "1", "--sim", "--wait"}), 0) << line.err;
  EXPECT_THAT(line.out, HasSubstr("Succeeded: WebTask (web:2)\nSucceeded: WorkerTask (web:3)\n"));
  EXPECT_EQ(line.err, "");
}

TEST(EcsTaskManual, TheJsonnetExampleIsAFile) {
  CommandLine line;
  line.file("ecs-task.jsonnet", block(page("jsonnet.md"), "jsonnet"));
  line.environment.set("CLUSTER", "blue");
  EXPECT_EQ(line.run({"ecs-task", "deploy", "1", "--dry-run"}), 0) << line.err;
  EXPECT_THAT(line.out, HasSubstr("Class web\necs.register_task_definition {\"containerDefinitions"
                                  "\": [{\"environment\": [], \"image\": \"my_image:1\""));
  EXPECT_THAT(line.out, HasSubstr("\"cluster\": \"blue\", \"service\": \"worker\""));
  EXPECT_EQ(line.run({"ecs-task", "deploy", "1", "--sim", "--wait"}), 0) << line.err;
}

TEST(Jsonnet, IsReadForEveryDialect) {
  CommandLine line;
  const auto fails_with = [&](const std::string& words) {
    EXPECT_EQ(line.run({"plan", "--sim", "--tag", "2", "--ext-str", "cluster=prod"}), 2);
    EXPECT_THAT(line.err, HasSubstr(words));
  };
  line.file("slipway.jsonnet",
            "{ slipway: 1, cluster: std.extVar('cluster'), services: { web: { containers: "
            "['app'] } } }");
  EXPECT_EQ(line.run({"plan", "--sim", "--tag", "2", "--ext-str", "cluster=prod"}), 0) << line.err;
  EXPECT_THAT(line.out, HasSubstr("web"));
  line.file("slipway.jsonnet",
            "{ slipway: 1, cluster: 'c', services: { web: { conainers: [] } } }");
  fails_with(
      "slipway.jsonnet: error: services.web.conainers: unknown key\n      = did you mean "
      "containers?");
  line.file("slipway.jsonnet", "{ slipway: 1, cluster: x }");
  fails_with("slipway.jsonnet:1:24: error: Unknown variable: x");
}

TEST(TaskClassRelease, IsDeployedAndWatched) {
  CommandLine line;
  line.file("ecs-task.yml",
            read_file(SLIPWAY_SOURCE_DIR "/examples/task-class/ecs-task.yml").value());
  EXPECT_EQ(line.run({"plan", "--sim", "--tag", "2"}), 0) << line.err;
  EXPECT_THAT(line.err, HasSubstr("warning: old revisions are left as they are"));
  EXPECT_THAT(line.out,
              HasSubstr("Changing calls: 2 RegisterTaskDefinition, 1 RunTask, 1 UpdateService."));
}

// Every action of the manual's row, and no other.
std::string world(const std::vector<std::string>& actions) {
  return "scenario: 1\naccount: \"111111111111\"\n" + user_allowed(actions) + R"(clusters: {c: {}}
task_definitions:
- &web
  family: web
)" + kOnFargate +
         R"(  containerDefinitions: [{name: app, image: "web:1"}]
- *web
- &migrate
  <<: *web
  family: migrate
- *migrate
services:
- serviceName: web
  cluster: c
  taskDefinition: web
  desiredCount: 1
  launchType: FARGATE
  networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1]}}
rules: [{Name: nightly, ScheduleExpression: rate(1 day)}]
topics: [{Name: deploys}]
images: [{task_definition: migrate, run_for: 5s, exit_code: 0}]
)";
}

constexpr const char* kClasses = R"(
classes:
- name: Web
  abstract: true
  active_task_count: 1
  task_definition: &web
    family: web
    requiresCompatibilities: [FARGATE]
    networkMode: awsvpc
    cpu: 256
    memory: 512
    executionRoleArn: arn:aws:iam::111111111111:role/execution
    containerDefinitions: [{name: app, image: "web:{image_tag}"}]
- name: Migrate
  extends: Web
  task_definition: {<<: *web, family: migrate}
  run_tasks:
  - cluster: c
    launchType: FARGATE
    networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1]}}
- name: Serve
  extends: Web
  sns_notification_topic_arn: arn:aws:sns:eu-west-1:111111111111:deploys
  update_services: [{service: web, cluster: c}]
  events__put_targets:
  - Rule: nightly
    Targets:
    - Id: web
      Arn: arn:aws:ecs:eu-west-1:111111111111:cluster/c
      RoleArn: arn:aws:iam::111111111111:role/events
      EcsParameters: {TaskCount: 1}
)";

TEST(EcsTaskPermissions, AreEnoughAsDocumented) {
  struct Case {
    std::vector<std::string> arguments, needed;
  };
  for (const auto& [arguments, needed] : {
           Case{{"deploy", "2"},
                {"ecs:RegisterTaskDefinition", "ecs:ListTaskDefinitions",
                 "ecs:DeregisterTaskDefinition", "ecs:RunTask", "ecs:UpdateService",
                 "events:PutTargets", "sns:Publish", "iam:PassRole"}},
           Case{{"rollback"},
                {"ecs:ListTaskDefinitions", "ecs:DeregisterTaskDefinition", "ecs:UpdateService",
                 "events:PutTargets", "sns:Publish", "iam:PassRole"}},
           Case{{"deploy", "2", "--wait"},
                {"ecs:RegisterTaskDefinition", "ecs:ListTaskDefinitions",
                 "ecs:DeregisterTaskDefinition", "ecs:RunTask", "ecs:UpdateService", "iam:PassRole",
                 "events:PutTargets", "sns:Publish", "ecs:DescribeTasks", "ecs:DescribeServices"}},
       }) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    CommandLine line;
    line.file("world.yml", world(needed));
    line.file("ecs-task.yml", kClasses);
    std::vector<std::string> words = arguments;
    words.emplace_back("--sim=world.yml");
    EXPECT_EQ(line.run(words, "ecs-task"), 0) << line.err;
    EXPECT_EQ(line.err, "");
    // Without any one of them it does not work, or not without a warning.
    for (const std::string& missing : needed) {
      SCOPED_TRACE(missing);
      std::vector<std::string> fewer = needed;
      std::erase(fewer, missing);
      line.file("world.yml", world(fewer));
      const int status = line.run(words, "ecs-task");
      EXPECT_TRUE(status == 1 || line.err.find("access denied to") != std::string::npos)
          << line.out << line.err;
    }
  }
}

}  // namespace
}  // namespace slipway::cli
