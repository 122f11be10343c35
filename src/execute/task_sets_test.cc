#include "execute/task_sets.h"

#include <gtest/gtest.h>

#include <functional>

namespace slipway {
namespace {

using namespace std::chrono_literals;

const TimePoint kNoon = TimePoint(std::chrono::seconds(1'767'268'800));
const TrafficSide kBlue{
    .name = "blue", .service = "shop", .is_task_set = true, .target_group = "tg/blue/1"};
const TrafficSide kGreen{
    .name = "green", .service = "shop", .is_task_set = true, .target_group = "tg/green/1"};

aws::TaskSet set(const std::string& arn, const std::string& group, Duration age = 0s) {
  return {.id = "ecs-svc/" + arn,
          .taskSetArn = arn,
          .status = "ACTIVE",
          .taskDefinition = "arn:aws:ecs:eu-west-1:1:task-definition/web:1",
          .computedDesiredCount = 2,
          .runningCount = 2,
          .createdAt = kNoon - age,
          .loadBalancers = JsonArray{Json(JsonObject{
              {"targetGroupArn", group}, {"containerName", "app"}, {"containerPort", 80}})},
          .scale = {.value = 100, .unit = "PERCENT"},
          .stabilityStatus = "STEADY_STATE"};
}

ServiceLook look(std::vector<aws::TaskSet> sets) {
  ServiceLook seen;
  seen.service.serviceName = "shop";
  seen.task_sets = std::move(sets);
  return seen;
}

TEST(TaskSets, OfASideAreThoseInItsTargetGroupAndTheNewestIsIt) {
  aws::TaskSet going = set("3", kGreen.target_group);
  going.status = "DRAINING";
  const ServiceLook seen = look({set("1", kBlue.target_group), set("2", kGreen.target_group, 1h),
                                 going, set("4", kGreen.target_group, 1min)});
  ASSERT_NE(find_task_set(seen, kGreen), nullptr);
  EXPECT_EQ(find_task_set(seen, kGreen)->taskSetArn, "4");
  EXPECT_EQ(find_task_set(seen, kBlue)->taskSetArn, "1");
  EXPECT_EQ(find_task_set(seen, std::string("3")), nullptr);
  EXPECT_EQ(find_task_set(look({}), kBlue), nullptr);
}

TEST(TaskSets, TwoWithTasksInOneTargetGroupAreObjectedTo) {
  ServiceLook seen = look({set("1", kBlue.target_group), set("2", kBlue.target_group)});
  const std::optional<Error> two = objection(seen, kBlue);
  ASSERT_TRUE(two);
  EXPECT_EQ(two->message,
            "task sets ecs-svc/1 (web:1) and ecs-svc/2 (web:1) of service shop have tasks in the "
            "same target group blue: delete all but one of them");
  seen.task_sets[1].computedDesiredCount = seen.task_sets[1].runningCount = 0;
  EXPECT_FALSE(objection(seen, kBlue));
}

TEST(TaskSets, ANewOneIsAsTheOneThatServesButForItsTargetGroup) {
  aws::TaskSet model = set("1", kBlue.target_group);
  model.networkConfiguration = JsonObject{{"awsvpcConfiguration", JsonObject{}}};
  model.launchType = "FARGATE";
  model.capacityProviderStrategy = JsonArray{};
  model.serviceRegistries = JsonArray{};
  const aws::CreateTaskSetRequest made = like(model, kGreen, "web:2");
  EXPECT_EQ(made.service, "shop");
  EXPECT_EQ(made.taskDefinition, "web:2");
  EXPECT_EQ(made.networkConfiguration, model.networkConfiguration);
  EXPECT_EQ(made.launchType, "FARGATE");
  EXPECT_TRUE(made.capacityProviderStrategy.is_null());
  EXPECT_TRUE(made.serviceRegistries.is_null());
  EXPECT_EQ(made.scale, model.scale);
  EXPECT_EQ(to_text(made.loadBalancers),
            R"([{"targetGroupArn":"tg/green/1","containerName":"app","containerPort":80}])");
  model.capacityProviderStrategy =
      JsonArray{Json(JsonObject{{"capacityProvider", "FARGATE_SPOT"}})};
  EXPECT_EQ(like(model, kGreen, "web:2").launchType, "");
}

TEST(TaskSets, OneIsUpWhenItIsSteadyAtTheScaleThatWasAskedFor) {
  struct Case {
    std::string what;
    std::function<void(aws::TaskSet&)> change;
    Duration age;
    std::optional<Outcome> wanted;
    std::string message;
  };
  for (const auto& [what, change, age, wanted, message] : std::vector<Case>{
           {"steady", [](aws::TaskSet&) {}, 10s, Outcome::kSucceeded, ""},
           {"stabilizing", [](aws::TaskSet& one) { one.stabilityStatus = "STABILIZING"; }, 10s,
            std::nullopt, ""},
           {"steady at an earlier scale", [](aws::TaskSet& one) { one.scale.value = 0; }, 10s,
            std::nullopt, ""},
           {"time is up", [](aws::TaskSet& one) { one.runningCount = 1; }, 10min,
            Outcome::kTimedOut, "shop/green is not in a steady state after 10m: 1 of 2 tasks run"},
           {"not to be seen yet", [](aws::TaskSet& one) { one.taskSetArn = "9"; }, 10s,
            std::nullopt, ""},
           {"gone", [](aws::TaskSet& one) { one.status = "DRAINING"; }, 1min, Outcome::kSuperseded,
            "somebody else has deleted task set 7 of shop/green"},
       }) {
    SCOPED_TRACE(what);
    aws::TaskSet one = set("7", kGreen.target_group);
    change(one);
    TaskSetWatch watch{.side = kGreen, .task_set = "7", .since = kNoon, .max_wait = 10min};
    const std::optional<Verdict> verdict = judge(watch, look({one}), kNoon + age);
    ASSERT_EQ(verdict.has_value(), wanted.has_value());
    if (!verdict) continue;
    EXPECT_EQ(verdict->outcome, *wanted);
    EXPECT_EQ(verdict->error ? verdict->error->message : "", message);
  }
}

TEST(TaskSets, ALookMayFailAFewTimes) {
  TaskSetWatch watch{.side = kGreen, .task_set = "7", .since = kNoon, .max_wait = 10min};
  const Error failed{ErrorKind::kUnavailable, "call.failed", "no connection"};
  for (int i = 0; i < kFailedLooksTolerated; ++i) EXPECT_FALSE(judge(watch, failed, kNoon + 10s));
  const std::optional<Verdict> verdict = judge(watch, failed, kNoon + 10s);
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->outcome, Outcome::kFailed);
}

}  // namespace
}  // namespace slipway
