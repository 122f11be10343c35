// A canary over the task sets of one EXTERNAL service, as it is typed, on a simulated AWS. After
// every one the test looks where the weights are and what became of the task sets.
#include "cli/canary_run_for_test.h"

#include <gmock/gmock.h>

namespace slipway::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

// blue web:1 serves.
Run deploy(const PairWorld& world = {}, const std::string& settings = kSteps,
           const std::string& head = "") {
  return {.world = task_set_world(world),
          .file = task_set_file(settings, head),
          .truth = task_set_truth};
}
// 10% of the traffic is on green, which was created last.
PairWorld halfway() {
  return {.blue_weight = 90, .green_weight = 10, .green_tasks = 2, .green_definition = "web:2"};
}
Run command(const PairWorld& world, std::vector<std::string> words) {
  Run wanted = deploy(world);
  wanted.words = std::move(words);
  return wanted;
}

const PairTruth kArrived{"0/100", "web:1 x0 ACTIVE", "web:3 x2 PRIMARY"};
const PairTruth kAsBefore{"100/0", "web:1 x2 PRIMARY", "-"};

std::vector<std::string> changes_of(const Ran& ran) {
  std::vector<std::string> names;
  for (const SentCall& call : ran.calls)
    for (const char* changing : {"CreateTaskSet", "UpdateTaskSet", "DeleteTaskSet",
                                 "UpdateServicePrimaryTaskSet", "ModifyRule", "UpdateService"})
      if (call.operation == changing) names.push_back(call.operation);
  return names;
}

TEST(TaskSetCanary, GivesTheNewTaskSetItsShareStepByStep) {
  const Ran ran = run(deploy({}, kSteps + kErrorCheck));
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.truth, kArrived);
  EXPECT_THAT(changes_of(ran),
              testing::ElementsAre("CreateTaskSet", "ModifyRule", "ModifyRule", "ModifyRule",
                                   "UpdateServicePrimaryTaskSet", "UpdateTaskSet"));
  const auto create = std::ranges::find(ran.calls, "CreateTaskSet", &SentCall::operation);
  const std::string input = to_text(create->input);
  EXPECT_THAT(input, HasSubstr("\"subnets\":[\"subnet-0a1b2c3d\"]"));
  EXPECT_THAT(input, HasSubstr("\"targetGroupArn\":\"" + kGreenGroup + "\""));
  EXPECT_THAT(input, HasSubstr("\"launchType\":\"FARGATE\""));
  EXPECT_THAT(input, HasSubstr("\"clientToken\":\""));
  EXPECT_THAT(ran.err, HasSubstr("50% of traffic goes to shop/green, it was 10%"));
  EXPECT_THAT(ran.err, HasSubstr("shop/green is the primary task set"));
  EXPECT_THAT(ran.err, HasSubstr("shop/blue goes to no task"));
}

// What the release before has left there has no task, and is deleted first.
TEST(TaskSetCanary, GoesTheOtherWayNextTime) {
  const Ran ran =
      run(deploy({.blue_weight = 0, .green_weight = 100, .blue_tasks = 0, .green_tasks = 2}));
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"100/0", "web:3 x2 PRIMARY", "web:1 x0 ACTIVE"}));
  ASSERT_FALSE(changes_of(ran).empty());
  EXPECT_EQ(changes_of(ran).front(), "DeleteTaskSet");
  EXPECT_THAT(ran.err, HasSubstr("shop/blue gets a new task set; ecs-svc/"));
}

TEST(TaskSetCanary, IsTakenBackByItsMetrics) {
  const Ran ran = run(deploy({.more = kBad}, kSteps + kErrorCheck));
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, kAsBefore);
  EXPECT_THAT(ran.err,
              testing::ContainsRegex("check errors: [0-9.]+, wanted <= 5, at 10% of traffic"));
  EXPECT_THAT(ran.err, HasSubstr("the task set of shop/green is deleted"));
  EXPECT_THAT(ran.err, HasSubstr("service web: all traffic is on shop/blue"));
}

TEST(TaskSetCanary, IsTakenBackWhenItsTargetsFallIll) {
  const Ran ran = run(deploy({.more = "images: [{image: \"*:2\", target_unhealthy_from: 4m, "
                                      "target_status: 502}]\n"}));
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, kAsBefore);
  EXPECT_THAT(ran.err, HasSubstr("targets of shop/green are not healthy: "));
}

TEST(TaskSetCanary, MovesNoTrafficToASetThatDoesNotComeUp) {
  const Ran ran = run(deploy({.more = "images: [{image: \"*:2\", pull: not-found}]\n"},
                             "        steps: [{weight: 10, bake: 5m}]\n"));
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, kAsBefore);
  EXPECT_EQ(ran.weight_changes, 0);
  EXPECT_THAT(ran.err,
              HasSubstr("shop/green is not in a steady state after 15m: 0 of 2 tasks run"));
  EXPECT_THAT(ran.err, HasSubstr("CannotPullContainerError"));
}

TEST(TaskSetCanary, StaysWhereItFailedWhenTheFileSaysSo) {
  const Ran ran = run(deploy({.more = kBad}, kSteps + kErrorCheck, "on_failure: leave\n"));
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"90/10", "web:1 x2 PRIMARY", "web:3 x2 ACTIVE"}));
  EXPECT_THAT(ran.err, HasSubstr("10% of traffic is on shop/green (web:3), 90% on shop/blue"));
}

TEST(TaskSetCanary, CreatesOneSetThoughTheAnswerIsLost) {
  for (const char* calls : {"1", "3"}) {
    SCOPED_TRACE(calls);
    const Ran ran =
        run(deploy({.more = "faults: [{fault: reset, on: \"ecs:CreateTaskSet\", calls: " +
                            std::string(calls) + ", after_effect: true}]\n"}));
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(ran.truth, kArrived);
  }
}

TEST(TaskSetCanary, DeletesNothingWhenCreatingIsRefused) {
  const Ran ran =
      run(deploy({.more = "faults: [{fault: error, on: \"ecs:CreateTaskSet\", calls: 1, code: "
                          "InvalidParameterException, status: 400, message: \"no\"}]\n"}));
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, kAsBefore);
  EXPECT_THAT(changes_of(ran), testing::ElementsAre("CreateTaskSet"));
}

TEST(TaskSetCanary, LeavesAloneWhatSomebodyElseDeploysInTheMiddle) {
  const Ran ran = run(deploy(
      {.more = "happenings:\n- {at: 6m, call: {operation: CreateTaskSet, input: {cluster: prod, "
               "service: shop, taskDefinition: \"web:1\", launchType: FARGATE, "
               "networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-0a1b2c3d]}}, "
               "loadBalancers: [{targetGroupArn: \"" +
               kGreenGroup + "\", containerName: app, containerPort: 80}]}}}\n"}));
  EXPECT_EQ(ran.status, 8) << ran.err;
  EXPECT_EQ(ran.truth.weights, "90/10");
  EXPECT_THAT(ran.err, HasSubstr("somebody else has created task set ecs-svc/"));
}

TEST(TaskSetCanary, TakesNoTaskSetAwayThatThePlanHasNotNamed) {
  const Ran ran = run(deploy(
      {.more = "happenings:\n- {at: 130ms, call: {operation: CreateTaskSet, input: {cluster: prod, "
               "service: shop, taskDefinition: \"web:1\", launchType: FARGATE, "
               "networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-0a1b2c3d]}}, "
               "loadBalancers: [{targetGroupArn: \"" +
               kGreenGroup + "\", containerName: app, containerPort: 80}]}}}\n"}));
  EXPECT_EQ(ran.status, 8) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"100/0", "web:1 x2 PRIMARY", "web:1 x2 ACTIVE"}));
  EXPECT_THAT(changes_of(ran), testing::IsEmpty());
  EXPECT_THAT(ran.err, HasSubstr("for shop/green since this was planned; no traffic was moved"));
}

// ---- Refusals ----------------------------------------------------------------------------------

TEST(TaskSetCanary, RefusesAServiceThatEcsDeploysItself) {
  const Ran ran = run({.world = alb_world(), .file = [] {
                         std::string file = task_set_file();
                         return file.replace(file.find("shop\n"), 4, "web-blue");
                       }()});
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.weight_changes, 0);
  EXPECT_THAT(ran.err, HasSubstr("service web-blue is deployed by ECS itself, and only the "
                                 "controller EXTERNAL leaves its task sets to others: name a "
                                 "service for each side"));
}

TEST(TaskSetCanary, RefusesAReleaseThatHasNotEnded) {
  std::string world = task_set_world({.blue_weight = 0,
                                      .green_weight = 100,
                                      .blue_tasks = 2,
                                      .green_tasks = 2,
                                      .green_definition = "web:2"});
  world.replace(world.find("status: ACTIVE"), 14, "status: PRIMARY");
  world.replace(world.rfind("status: PRIMARY"), 15, "status: ACTIVE");
  auto wanted = deploy();
  wanted.world = world;
  const Ran ran = run(wanted);
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("is on shop/green, which is not the primary task set: a release "
                                 "has not ended. End it (`slipway continue web`)"));
  wanted.words = {"continue", "web"};
  const Ran ended = run(wanted);
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.truth, (PairTruth{"0/100", "web:1 x0 ACTIVE", "web:2 x2 PRIMARY"}));
}

// ---- Persons -----------------------------------------------------------------------------------

TEST(TaskSetCanary, InterruptedBringsTheTrafficBackFirst) {
  auto wanted = deploy();
  wanted.interrupted_after = std::chrono::minutes(5);
  const Ran ran = run(wanted);
  EXPECT_EQ(ran.status, 130) << ran.err;
  EXPECT_EQ(ran.truth, kAsBefore);
  EXPECT_THAT(ran.err, HasSubstr("service web: all traffic is on shop/blue"));
}

TEST(TaskSetCanary, InterruptedBeforeAnyTrafficHasMovedDeletesWhatItCreated) {
  auto wanted = deploy();
  wanted.interrupted_after = std::chrono::seconds(20);
  const Ran ran = run(wanted);
  EXPECT_EQ(ran.status, 130) << ran.err;
  EXPECT_EQ(ran.truth, kAsBefore);
  EXPECT_THAT(changes_of(ran), testing::ElementsAre("CreateTaskSet", "DeleteTaskSet"));
}

TEST(TaskSetCanary, InterruptedWithLeaveSaysWhereItIsAndAnotherRunEndsIt) {
  auto wanted = deploy({}, kSteps, "on_failure: leave\n");
  wanted.interrupted_after = std::chrono::minutes(5);
  const Ran ran = run(wanted);
  EXPECT_EQ(ran.status, 130) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"90/10", "web:1 x2 PRIMARY", "web:3 x2 ACTIVE"}));
  EXPECT_THAT(ran.err, HasSubstr("to go on watching: slipway continue -f slipway.yml web"));
}

// The share of both follows the service's desiredCount, whoever changes that.
TEST(TaskSetCanary, GoesOnWhenAutoScalingChangesTheService) {
  for (const char* count : {"4", "1"}) {
    SCOPED_TRACE(count);
    const Ran ran = run(deploy(
        {.more = "happenings:\n- {at: 3m, call: {operation: UpdateService, input: {cluster: prod, "
                 "service: shop, desiredCount: " +
                 std::string(count) + "}}}\n"}));
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(ran.truth,
              (PairTruth{"0/100", "web:1 x0 ACTIVE", "web:3 x" + std::string(count) + " PRIMARY"}));
  }
}

TEST(TaskSetCanary, IsUndoneWhenAnotherServiceFailsAfterIt) {
  auto wanted = deploy(
      {.more = "calls: [{operation: CreateService, input: {cluster: prod, serviceName: api, "
               "taskDefinition: \"web:1\", desiredCount: 1, launchType: FARGATE, "
               "networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-0a1b2c3d]}}}}]\n"
               "images: [{image: \"*:broken\", pull: not-found}]\n"});
  wanted.file += "  api: {containers: [app], tag: broken, after: [web], max_wait: 3m}\n";
  const Ran ran = run(wanted);
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, kAsBefore);
}

TEST(TaskSetCanary, ContinueTakesOverFromTheLiveWeights) {
  const Ran ran = run(command(halfway(), {"continue", "web"}));
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"0/100", "web:1 x0 ACTIVE", "web:2 x2 PRIMARY"}));
  EXPECT_EQ(ran.weight_changes, 2);
}

TEST(TaskSetCanary, StopBringsTheTrafficBackAndDeletesTheNewSet) {
  const Ran ran = run(command(halfway(), {"stop", "web"}));
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.truth, kAsBefore);
  EXPECT_THAT(ran.err, HasSubstr("service web: all traffic is on shop/blue"));
}

TEST(TaskSetCanary, RollbackStartsTheOldSetAgainFirst) {
  PairWorld world = halfway();
  world.blue_weight = 0;
  world.green_weight = 100;
  world.blue_tasks = 0;
  const Ran ran = run(command(world, {"rollback", "--service", "web"}));
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.truth, kAsBefore);
  EXPECT_THAT(changes_of(ran),
              testing::ElementsAre("UpdateTaskSet", "ModifyRule", "UpdateServicePrimaryTaskSet",
                                   "DeleteTaskSet"));
}

TEST(TaskSetCanary, RollbackHasNowhereToGoWithoutAnOldSet) {
  const Ran ran = run(command({}, {"rollback", "--service", "web"}));
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, kAsBefore);
  EXPECT_THAT(ran.err, HasSubstr("service shop has no task set beside shop/blue"));
}

TEST(TaskSetCanary, AtRestThereIsNothingToGoOnWithOrToStop) {
  for (const char* word : {"continue", "stop"}) {
    SCOPED_TRACE(word);
    const Ran ran = run(command({}, {word, "web"}));
    EXPECT_EQ(ran.status, 5) << ran.err;
    EXPECT_EQ(ran.truth, kAsBefore);
    EXPECT_THAT(ran.err, HasSubstr("is not being moved"));
  }
}

TEST(TaskSetCanary, ReleasingWhatServesAlreadyChangesNothing) {
  auto wanted = deploy();
  wanted.words = {"deploy", "--tag", "1"};
  const Ran ran = run(wanted);
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.truth, kAsBefore);
  EXPECT_THAT(changes_of(ran), testing::IsEmpty());
}

TEST(TaskSetCanary, PlanAndStatusNameTheSides) {
  CommandLine line;
  line.file("world.yml", task_set_world({.green_definition = "web:2"}));
  line.file("slipway.yml", task_set_file());
  EXPECT_EQ(line.run({"plan", "--tag", "2", "--sim", "world.yml"}), 0) << line.err;
  EXPECT_THAT(line.out, HasSubstr("shop/green gets the new revision and 2 tasks; then traffic of "
                                  "rule 4e5f6a7b8c9d0e1f goes over from shop/blue:"));
  EXPECT_THAT(line.out, HasSubstr("in the end shop/blue goes to no task"));
  EXPECT_THAT(line.out,
              HasSubstr("the task set that shop/green has, web:2 of an earlier release, is deleted "
                        "first"));
  EXPECT_EQ(line.run({"plan", "--tag", "2", "--sim", "world.yml", "--output", "json"}), 0);
  EXPECT_THAT(line.out, HasSubstr("\"is_task_set\": true"));
  EXPECT_EQ(line.run({"status", "--sim", "world.yml"}), 0) << line.err;
  EXPECT_THAT(line.out, HasSubstr("100%  shop/blue  web:1  2/2 running"));
  EXPECT_THAT(line.out, HasSubstr("at rest: shop/blue serves"));
  line.file("world.yml", task_set_world());
  EXPECT_EQ(line.run({"status", "--sim", "world.yml"}), 0) << line.err;
  EXPECT_THAT(line.out, HasSubstr("  0%  shop/green  no task set\n"));
}

// The page says so: what a reader tries first has to come out.
TEST(TaskSetCanary, TheManualsExampleRunsInTheWorldTaskSets) {
  const std::string page = read_file(SLIPWAY_SOURCE_DIR "/docs/manual/canary.md").value();
  const std::size_t section = page.find("## Task sets of one service");
  const std::size_t begin = page.find("```yaml\n", section) + 8;
  CommandLine line;
  line.file("slipway.yml", page.substr(begin, page.find("```", begin) - begin));
  EXPECT_EQ(line.run({"deploy", "--tag", "2.0", "--sim", "task-sets"}), 0) << line.err;
  EXPECT_THAT(line.err, HasSubstr("shop/green is the primary task set"));
}

TEST(TaskSetCanary, ItsPermissionsAreEnoughAsDocumented) {
  const Ran ran = run(deploy(
      {.more = user_allowed(
           {"ecs:DescribeServices", "ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition",
            "iam:PassRole", "ecs:CreateTaskSet", "ecs:UpdateTaskSet", "ecs:DeleteTaskSet",
            "ecs:UpdateServicePrimaryTaskSet", "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth", "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:ModifyRule", "cloudwatch:GetMetricData"})},
      kSteps + kErrorCheck));
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.truth, kArrived);
}

}  // namespace
}  // namespace slipway::cli
