#include "dialect/reading_for_test.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using Messages = std::vector<std::string>;

constexpr const char* kWholeFile = R"(version: v1
cluster: example
tasks:
  pre:
    - family: app-asset-sync
      count: 1
      containers: [rails]
      launch_type: fargate
      network_configuration:
        vpc_configuration: {assign_public_ip: true, security_groups: [sg-1], subnets: [subnet-1]}
  post: []
services:
  - name: app-web
    containers: [rails]
    force: false
    max_wait: 20
)";

TEST(EcsToolkitFile, MeansThisRelease) {
  const Read read = read_text(kWholeFile, {.tag = "2"});
  EXPECT_EQ(read.dialect, "ecs-toolkit");
  EXPECT_EQ(read.messages, Messages{});
  Release wanted{.cluster = "example",
                 .on_failure = OnFailure::kLeave,
                 .missing_service = MissingService::kSkip,
                 .planning = Planning::kStageByStage};
  wanted.tasks_before = {
      {.name = "app-asset-sync",
       .task_definition = TaskDefinitionReference{"app-asset-sync"},
       .images = {{"rails", NewTag{"2"}}},
       .count = 1,
       .launchType = "FARGATE",
       .awsvpcConfiguration = AwsvpcConfiguration{
           .subnets = {"subnet-1"}, .securityGroups = {"sg-1"}, .assignPublicIp = true}}};
  wanted.services = {{.name = "app-web",
                      .images = {{"rails", NewTag{"2"}}},
                      .max_wait = std::chrono::minutes(20)}};
  ASSERT_TRUE(read.release);
  EXPECT_TRUE(*read.release == wanted);
}

// Acceptance items 5 and 7, and the [F] rules of the file: one mistake each, with its path.
TEST(EcsToolkitFile, IsRefusedWithThePathOfTheKeyAndTheRule) {
  struct Case {
    std::string text;
    Messages wanted;
  };
  const std::string head = "version: v1\ncluster: c\n";
  const std::string task = head + "tasks:\n  pre:\n    - family: f\n      containers: [a]\n";
  const std::string service = head + "services:\n  - name: web\n    containers: [a]\n";
  const std::string vpc =
      task + "      count: 1\n      network_configuration:\n        vpc_configuration:\n";
  const auto list = [](const std::string& name, int count) {
    std::string text = "[";
    for (int i = 0; i < count; ++i) text += (i > 0 ? "," : "") + name + std::to_string(i);
    return text + "]";
  };
  std::string seven;
  for (int i = 0; i < 7; ++i) seven += "        - capacity_provider: p" + std::to_string(i) + "\n";
  for (const auto& [text, wanted] : std::vector<Case>{
           {"version: v2\ncluster: c\n", {"version: expected v1, found \"v2\""}},
           {"version: 1\ncluster: c\n", {"version: expected v1, found \"1\""}},
           {"version: v1\n", {"cluster: required key is missing"}},
           {"version: v1\ncluster: \"\"\n", {"cluster: must not be empty"}},
           {task + "      count: 0\n",
            {"tasks.pre[0].count: expected a whole number from 1 to 10, found 0"}},
           {task + "      count: 11\n",
            {"tasks.pre[0].count: expected a whole number from 1 to 10, found 11"}},
           {task, {"tasks.pre[0].count: required key is missing"}},
           {task + "      count: 1\n      launch_type: EC2\n",
            {"tasks.pre[0].launch_type: expected ec2, fargate or external, found \"EC2\" (did you "
             "mean ec2?)"}},
           {service + "    max_wait: 4\n",
            {"services[0].max_wait: expected a whole number from 5 to 100000, found 4"}},
           {service + "    max_wait: 0\n",
            {"services[0].max_wait: expected a whole number from 5 to 100000, found 0"}},
           {task + "      count: 1\n      capacity_provider_strategies:\n" + seven,
            {"tasks.pre[0].capacity_provider_strategies: expected at most 6 entries, found 7"}},
           {vpc + "          subnets: [s]\n          security_groups: " + list("sg", 6) + "\n",
            {"tasks.pre[0].network_configuration.vpc_configuration.security_groups: expected at "
             "most 5 entries, found 6"}},
           {vpc + "          subnets: " + list("s", 17) + "\n",
            {"tasks.pre[0].network_configuration.vpc_configuration.subnets: expected 1 to 16 "
             "entries, found 17"}},
           {vpc + "          security_groups: [sg]\n",
            {"tasks.pre[0].network_configuration.vpc_configuration.subnets: required key is "
             "missing"}},
           {head + "services:\n  - name: web\n    containers: []\n",
            {"services[0].containers: expected at least 1 entry, found none"}},
           {head + "services:\n  - name: web\n    containers: [a, \"\"]\n",
            {"services[0].containers[1]: must not be empty"}},
           {service + "  - name: web\n    containers: [a]\n",
            {"services[1].name: service \"web\" is listed twice"}},
           {task + "      count: 1\n      launch_type: ec2\n      capacity_provider_strategies: "
                   "[{capacity_provider: p}]\n",
            {"tasks.pre[0].launch_type: launch_type and capacity_provider_strategies exclude each "
             "other"}},
           {task + "      count: 1\n      capacity_provider_strategies:\n"
                   "        - {capacity_provider: p, base: 1}\n        - {capacity_provider: q, "
                   "base: 2}\n",
            {"tasks.pre[0].capacity_provider_strategies[1].base: only one capacity provider may "
             "have a base above 0"}},
       }) {
    SCOPED_TRACE(text);
    const Read read = read_text(text, {.tag = "2"});
    EXPECT_FALSE(read.release);
    EXPECT_EQ(read.messages, wanted);
  }
}

// Acceptance item 6: three violations, three messages in one run.
TEST(EcsToolkitFile, TellsAllItsMistakesAtOnce) {
  const Read read = read_text(
      "version: v1\nservices:\n  - name: web\n    containers: []\n    max_wait: 1\n", {.tag = "2"});
  EXPECT_EQ(read.messages.size(), 3u);
}

// Acceptance item 8.
TEST(EcsToolkitFile, AcceptsNoPublicIp) {
  for (const std::string line : {"          assign_public_ip: false\n", ""}) {
    const Read read = read_text(
        "version: v1\ncluster: c\ntasks:\n  pre:\n    - family: f\n      containers: [a]\n      "
        "count: 1\n"
        "      network_configuration:\n        vpc_configuration:\n          subnets: [s]\n" +
            line,
        {.tag = "2"});
    ASSERT_TRUE(read.release) << testing::PrintToString(read.messages);
    EXPECT_FALSE(read.release->tasks_before[0].awsvpcConfiguration->assignPublicIp);
  }
}

// Acceptance item 9.
TEST(EcsToolkitFile, AcceptsLenientScalarsAndKeysInAnyCase) {
  const Read read = read_text(
      "Version: v1\nCLUSTER: c\nservices:\n  - name: web\n    Containers: \"a,b\"\n    max_wait: "
      "\"6\"\n",
      {.tag = "2"});
  ASSERT_TRUE(read.release) << testing::PrintToString(read.messages);
  const ServiceRelease& web = read.release->services[0];
  EXPECT_EQ(web.images, (std::vector<ImageChange>{{"a", NewTag{"2"}}, {"b", NewTag{"2"}}}));
  EXPECT_EQ(web.max_wait, std::chrono::minutes(6));
}

TEST(EcsToolkitFile, WarnsOfUnknownKeysOrRefusesThemWhenStrict) {
  const std::string text =
      "version: v1\ncluster: c\nservices:\n  - {name: web, containers: [a], max_wai: 6}\n";
  EXPECT_EQ(read_text(text, {.tag = "2"}).messages,
            Messages{"warning: services[0].max_wai: unknown key (did you mean max_wait?)"});
  EXPECT_TRUE(read_text(text, {.tag = "2"}).release);
  EXPECT_FALSE(read_text(text, {.tag = "2", .strict = true}).release);
}

// Acceptance item 17, the file's part.
TEST(EcsToolkitFile, KeepsEachCapacityProviderWithItsOwnNumbers) {
  const Read read = read_text(
      "version: v1\ncluster: c\ntasks:\n  post:\n    - family: f\n      containers: [a]\n      "
      "count: 2\n"
      "      capacity_provider_strategies:\n        - {capacity_provider: FARGATE, base: 1, "
      "weight: 1}\n"
      "        - {capacity_provider: FARGATE_SPOT, weight: 3}\n",
      {.tag = "2"});
  ASSERT_TRUE(read.release);
  EXPECT_EQ(read.release->tasks_after[0].capacityProviderStrategy,
            (std::vector<CapacityProviderStrategyItem>{{"FARGATE", 1, 1}, {"FARGATE_SPOT", 0, 3}}));
}

TEST(EcsToolkitFile, NeedsATagAndNothingElseFromFlags) {
  EXPECT_EQ(read_text("version: v1\ncluster: c\n").messages,
            Messages{"an ecs-toolkit file says nothing of the tag to release (give --tag TAG)"});
  EXPECT_EQ(read_text("version: v1\ncluster: c\n", {.tag = "2", .images = {{"a", "b:1"}}}).messages,
            Messages{"an ecs-toolkit file takes one tag for all containers (give --tag TAG)"});
  EXPECT_TRUE(read_text("version: v1\ncluster: c\n", {.tag_required = false}).release);
}

TEST(EcsToolkitFile, MayRunAFamilyTwiceUnderTwoNames) {
  const Read read = read_text(
      "version: v1\ncluster: c\ntasks:\n  pre:\n    - {family: f, containers: [a], count: 1}\n"
      "    - {family: f, containers: [b], count: 1}\n",
      {.tag = "2"});
  ASSERT_TRUE(read.release);
  EXPECT_EQ(read.release->tasks_before[0].name, "f");
  EXPECT_EQ(read.release->tasks_before[1].name, "f (2)");
  EXPECT_EQ(read.release->tasks_before[1].task_definition,
            TaskDefinitionSource(TaskDefinitionReference{"f"}));
}

}  // namespace
}  // namespace slipway
