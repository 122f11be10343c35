#include "plan/canary_pair.h"

#include "plan/plan.h"

#include <gtest/gtest.h>

#include <functional>

namespace slipway {
namespace {

using namespace std::chrono_literals;

const TimePoint kNoon = TimePoint(std::chrono::seconds(1'767'268'800));

std::string arn(const std::string& name) {
  return "arn:aws:ecs:eu-west-1:1:task-definition/" + name;
}

ServiceSnapshot service(const std::string& name, const std::string& definition, int count) {
  return {.serviceName = name,
          .status = "ACTIVE",
          .taskDefinition = arn(definition),
          .desiredCount = count,
          .runningCount = count};
}

// web-blue runs web:41 on all traffic, web-green has no task and is from before that.
struct Pair {
  ServiceRelease wanted{
      .name = "web",
      .images = {{.container = "app", .to = NewTag{"v2"}}},
      .strategy = Canary{
          .steps = {{10, 5min, {}, false}, {100, 5min, {}, false}},
          .mover = AlbMover{
              .rule = "rule",
              .blue = {.name = "blue", .service = "web-blue", .target_group = "tg-blue"},
              .green = {.name = "green", .service = "web-green", .target_group = "tg-green"}}}};
  TrafficSnapshot traffic{.blue_weight = 100,
                          .green_weight = 0,
                          .what = "rule shop/3",
                          .lines = {"rule shop/3: blue 100, green 0"}};
  Snapshot snapshot;
  Release release{.cluster = "prod"};

  Pair() {
    const auto& mover = std::get<AlbMover>(std::get<Canary>(wanted.strategy).mover);
    traffic.blue = {.side = mover.blue,
                    .target_groups = {"tg-blue"},
                    .task_definition = arn("web:41"),
                    .desiredCount = 2,
                    .runningCount = 2,
                    .deployed_at = kNoon};
    traffic.green = {.side = mover.green,
                     .target_groups = {"tg-green"},
                     .task_definition = arn("web:40"),
                     .deployed_at = kNoon - 24h};
    snapshot.services.emplace("web-blue", service("web-blue", "web:41", 2));
    snapshot.services.emplace("web-green", service("web-green", "web:40", 0));
    snapshot.task_definitions.emplace(
        arn("web:41"),
        TaskDefinitionSnapshot{.arn = arn("web:41"),
                               .family = "web",
                               .revision = 41,
                               .status = "ACTIVE",
                               .document = parse_json(R"({"family":"web","containerDefinitions":[)"
                                                      R"({"name":"app","image":"shop:v1"}]})")
                                               .value()});
  }

  PlanStage plan() {
    snapshot.traffic.insert_or_assign("web", traffic);
    release.services = {wanted};
    return plan_stage(release, StageKind::kServices, snapshot);
  }
  std::string refusal() {
    const PlanStage stage = plan();
    const auto* refuse = std::get_if<Refuse>(&stage.steps.back().action);
    return refuse == nullptr ? "" : refuse->error.message;
  }
};

TEST(CanaryPair, GivesTheIdleSideWhatTheLiveOneRunsWithTheNewImage) {
  Pair pair;
  const PlanStage stage = pair.plan();
  ASSERT_EQ(stage.steps.size(), 2u);
  EXPECT_EQ(std::get<RegisterTaskDefinition>(stage.steps[0].action).base, arn("web:41"));
  const auto& shift = std::get<ShiftTraffic>(stage.steps[1].action);
  EXPECT_EQ(shift.from.side.service, "web-blue");
  EXPECT_EQ(shift.to.side.service, "web-green");
  EXPECT_TRUE(shift.restores);
  const auto& back = std::get<RestoreTraffic>(stage.steps[1].undo.at(0));
  EXPECT_EQ(back.back_to.side.service, "web-blue");
  EXPECT_TRUE(stage.changes_anything());
}

TEST(CanaryPair, GoesTheOtherWayWhenGreenIsLive) {
  Pair pair;
  std::swap(pair.traffic.blue_weight, pair.traffic.green_weight);
  pair.snapshot.services.at("web-green") = service("web-green", "web:41", 2);
  const PlanStage stage = pair.plan();
  EXPECT_EQ(std::get<ShiftTraffic>(stage.steps.back().action).to.side.service, "web-blue");
}

TEST(CanaryPair, LeavesThingsAloneWhenTheLiveSideIsAsWanted) {
  Pair pair;
  pair.wanted.images.clear();
  const PlanStage stage = pair.plan();
  ASSERT_EQ(stage.steps.size(), 1u);
  EXPECT_EQ(std::get<ObserveService>(stage.steps[0].action).service, "web-blue");
}

TEST(CanaryPair, RefusesWhatIsNotAtRest) {
  Pair divided;
  divided.traffic.blue_weight = 90;
  divided.traffic.green_weight = 10;
  divided.traffic.lines = {"rule shop/3: blue 90, green 10"};
  EXPECT_EQ(
      divided.refusal(),
      "traffic of rule shop/3 is divided already: rule shop/3: blue 90, green 10. Let it go on "
      "(`slipway continue web`) or bring it back (`slipway stop web`) before a new release");
  Pair elsewhere;
  elsewhere.traffic.green.target_groups = {"tg-other"};
  EXPECT_EQ(elsewhere.refusal(),
            "service web-green registers no task in target group tg-green; its own is tg-other");
  Pair empty;
  empty.snapshot.services.at("web-blue") = service("web-blue", "web:41", 0);
  EXPECT_EQ(empty.refusal(),
            "all traffic of rule shop/3 goes to service web-blue, which has no task");
}

// Both sides are task sets of the service shop; green has none, or the one of an earlier release.
struct TaskSetPair : Pair {
  TaskSetPair() {
    auto& mover = std::get<AlbMover>(std::get<Canary>(wanted.strategy).mover);
    for (TrafficSide* side : {&mover.blue, &mover.green}) {
      side->service = "shop";
      side->is_task_set = true;
    }
    traffic.blue.side = mover.blue;
    traffic.green.side = mover.green;
    traffic.blue.task_set = "task-set/blue";
    traffic.blue.is_primary = true;
    traffic.green.deployed_at.reset();
    snapshot.services.clear();
    ServiceSnapshot shop = service("shop", "web:7", 2);  // whatever it says of itself
    shop.deploymentController = "EXTERNAL";
    snapshot.services.emplace("shop", shop);
  }
};

TEST(CanaryTaskSets, StartFromTheRevisionOfTheSetThatServes) {
  TaskSetPair pair;
  EXPECT_EQ(ecs_services_of(pair.wanted), (std::vector<std::string>{"shop"}));
  const PlanStage stage = pair.plan();
  ASSERT_EQ(stage.steps.size(), 2u);
  EXPECT_EQ(std::get<RegisterTaskDefinition>(stage.steps[0].action).base, arn("web:41"));
  EXPECT_EQ(to_string(std::get<ShiftTraffic>(stage.steps[1].action).to.side), "shop/green");
}

TEST(CanaryTaskSets, AreRefusedWhereTheWeightsDoNotSayItAll) {
  struct Case {
    std::function<void(TaskSetPair&)> change;
    std::string wanted;
  };
  for (const auto& [change, wanted] : std::vector<Case>{
           {[](TaskSetPair& pair) {
              pair.snapshot.services.at("shop")->deploymentController = "ECS";
            },
            "service shop is deployed by ECS itself, and only the controller EXTERNAL leaves its "
            "task sets to others: name a service for each side"},
           {[](TaskSetPair& pair) { pair.traffic.blue.task_set.clear(); },
            "all traffic of rule shop/3 goes to target group tg-blue, and service shop has no task "
            "set that registers its tasks there"},
           {[](TaskSetPair& pair) { pair.traffic.blue.target_groups = {"tg-blue", "tg-more"}; },
            "task set blue of service shop registers its tasks in more target groups than tg-blue, "
            "and a new one would share those: tg-blue, tg-more"},
           {[](TaskSetPair& pair) { pair.traffic.blue.is_primary = false; },
            "all traffic of rule shop/3 is on shop/blue, which is not the primary task set: a "
            "release has not ended. End it (`slipway continue web`) or go back (`slipway stop "
            "web`) before a new one"},
       }) {
    SCOPED_TRACE(wanted);
    TaskSetPair pair;
    change(pair);
    EXPECT_EQ(pair.refusal(), wanted);
  }
}

TEST(CanaryTaskSets, AreOverOnlyWhenTheNewOneIsPrimary) {
  TaskSetPair pair;
  pair.traffic.blue_weight = 0;
  pair.traffic.green_weight = 100;
  pair.traffic.green.task_set = "task-set/green";
  pair.traffic.green.deployed_at = kNoon + 1h;
  pair.traffic.blue.desiredCount = pair.traffic.blue.runningCount = 0;
  EXPECT_TRUE(plan_taking_over(pair.release, pair.wanted, pair.traffic));
  pair.traffic.green.is_primary = true;
  EXPECT_EQ(plan_taking_over(pair.release, pair.wanted, pair.traffic).error().code,
            "traffic.at-rest");
  pair.traffic.blue.task_set.clear();
  pair.traffic.blue.deployed_at.reset();
  EXPECT_EQ(plan_going_back(pair.release, pair.wanted, pair.traffic, true).error().code,
            "traffic.nothing-before");
}

TEST(CanaryPair, IsTakenOverByTheLiveWeightsAlone) {
  Pair pair;
  pair.traffic.green.deployed_at = kNoon + 1h;
  pair.traffic.green.desiredCount = pair.traffic.green.runningCount = 2;
  struct Case {
    int blue, green;
    std::optional<int> taken_over_at;
  };
  for (const auto& [blue, green, at] : {Case{90, 10, 10}, Case{100, 0, 0}, Case{0, 100, 100}}) {
    SCOPED_TRACE(green);
    pair.traffic.blue_weight = blue;
    pair.traffic.green_weight = green;
    const Result<ShiftTraffic> shift = plan_taking_over(pair.release, pair.wanted, pair.traffic);
    ASSERT_TRUE(shift);
    EXPECT_EQ(shift->taken_over_at, at);
    EXPECT_EQ(shift->to.side.service, "web-green");
  }
  pair.traffic.blue.desiredCount = 0;
  EXPECT_EQ(plan_taking_over(pair.release, pair.wanted, pair.traffic).error().code,
            "traffic.at-rest");
}

}  // namespace
}  // namespace slipway
