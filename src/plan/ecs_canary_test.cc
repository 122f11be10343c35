// A canary in ECS's own words.
#include "plan/ecs_canary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

ServiceSnapshot service(const char* configuration = R"({"strategy": "ROLLING"})") {
  return {.serviceName = "web",
          .loadBalancers = parse_json(R"([{"targetGroupArn": "tg-blue", "containerName": "app",
            "containerPort": 80, "advancedConfiguration": {"alternateTargetGroupArn": "tg-green",
            "productionListenerRule": "rule"}}])")
                               .value(),
          .deploymentConfiguration = parse_json(configuration).value()};
}

Canary steps(std::vector<TrafficStep> all) { return {.steps = std::move(all)}; }

TEST(EcsCanary, SaysStepsAsOneOfTheThreeStrategies) {
  struct Case {
    std::vector<TrafficStep> steps;
    const char* wanted;
  };
  for (const Case& each : {
           Case{{{.weight = 100, .bake = 5min}},
                R"({"strategy":"BLUE_GREEN","bakeTimeInMinutes":5})"},
           Case{{{.weight = 10, .bake = 10min}, {.weight = 100, .bake = 5min}},
                R"({"strategy":"CANARY","canaryConfiguration":{"canaryPercent":10,)"
                R"("canaryBakeTimeInMinutes":10},"bakeTimeInMinutes":5})"},
           Case{{{.weight = 25, .bake = 6min},
                 {.weight = 50, .bake = 6min},
                 {.weight = 75, .bake = 6min},
                 {.weight = 100, .bake = 5min}},
                R"({"strategy":"LINEAR","linearConfiguration":{"stepPercent":25,)"
                R"("stepBakeTimeInMinutes":6},"bakeTimeInMinutes":5})"},
           // The last step of a LINEAR deployment may be a shorter one.
           Case{{{.weight = 40, .bake = 1min}, {.weight = 80, .bake = 1min}, {.weight = 100}},
                R"({"strategy":"LINEAR","linearConfiguration":{"stepPercent":40,)"
                R"("stepBakeTimeInMinutes":1},"bakeTimeInMinutes":0})"},
       }) {
    SCOPED_TRACE(each.wanted);
    const Result<Json> said = ecs_deployment_configuration(steps(each.steps), service());
    ASSERT_TRUE(said) << said.error().message;
    EXPECT_EQ(to_text(*said), each.wanted);
  }
}

TEST(EcsCanary, RefusesWhatEcsCannotDoAndSaysWhatIsNear) {
  struct Case {
    std::vector<TrafficStep> steps;
    const char* code;
    const char* message;
  };
  for (const Case& each : {
           Case{{{.weight = 5, .bake = 5min},
                 {.weight = 20, .bake = 5min},
                 {.weight = 50, .bake = 5min},
                 {.weight = 100}},
                "strategy.ecs-steps",
                "ECS moves traffic all at once (100%), in one step and then the rest, or in equal "
                "steps of at least 3% with equal bakes; 5%, 20%, 50%, 100% is none of these. The "
                "nearest are 25%, 50%, 75%, 100% (LINEAR) and 5%, 100% (CANARY); `alb` and `dns` "
                "take any steps"},
           Case{{{.weight = 10, .bake = 90s}, {.weight = 100}},
                "strategy.ecs-bake",
                "ECS counts in whole minutes, and the bake of 10% is 1m30s; the nearest is 2m"},
           Case{{{.weight = 10, .bake = 25h}, {.weight = 100}},
                "strategy.ecs-bake",
                "the bake of 10% of 1d01h is more than the 24h that ECS waits"},
       }) {
    SCOPED_TRACE(each.message);
    const Result<Json> said = ecs_deployment_configuration(steps(each.steps), service());
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().code, each.code);
    EXPECT_EQ(said.error().message, each.message);
  }
}

TEST(EcsCanary, PausesWhereAPersonOrACheckDecides) {
  Canary canary = steps({{.weight = 0, .pause = true},
                         {.weight = 10, .bake = 10min},
                         {.weight = 100, .bake = 5min, .checks = {"errors"}}});
  canary.checks = {MetricCheck{.name = "errors"}};
  EXPECT_EQ(ecs_pauses(canary), (EcsPauses{.before_each_step = true, .after_traffic = true}));
  const Result<Json> said = ecs_deployment_configuration(canary, service());
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(to_text(said->at("lifecycleHooks")),
            R"([{"targetType":"PAUSE","lifecycleStages":["PRE_PRODUCTION_TRAFFIC_SHIFT"],)"
            R"("timeoutConfiguration":{"timeoutInMinutes":1447,"action":"ROLLBACK"}},)"
            R"({"targetType":"PAUSE","lifecycleStages":["POST_PRODUCTION_TRAFFIC_SHIFT"],)"
            R"("timeoutConfiguration":{"timeoutInMinutes":67,"action":"ROLLBACK"}}])");
  // The bake is spent at the pause.
  EXPECT_EQ(said->at("bakeTimeInMinutes").as_int64(), 0);
}

// ECS asks at this stage before every step, so what is decided at one step's end waits there.
TEST(EcsCanary, PausesBeforeEachStepForWhatIsDecidedBetweenSteps) {
  struct Case {
    const char* what;
    TrafficStep first;
    std::vector<Check> checks;
    bool before_each_step;
    Duration patience;
  };
  for (const Case& each : {
           Case{"nothing to decide", {.weight = 10, .bake = 10min}, {}, false, 0min},
           Case{"a person", {.weight = 10, .bake = 10min, .pause = true}, {}, true, 24h + 7min},
           Case{"a metric",
                {.weight = 10, .bake = 10min, .checks = {"errors"}},
                {MetricCheck{.name = "errors"}},
                true,
                1h + 7min},
           Case{"a metric that takes its time",
                {.weight = 10, .bake = 10min, .checks = {"errors"}},
                {MetricCheck{.name = "errors", .window = 2h, .interval = 10min, .count = 3}},
                true,
                3h + 7min},
           Case{"a request",
                {.weight = 10, .bake = 10min, .checks = {"smoke"}},
                {HttpCheck{.name = "smoke"}},
                true,
                1h + 7min},
           Case{"an alarm, which ECS watches",
                {.weight = 10, .bake = 10min, .checks = {"5xx"}},
                {AlarmCheck{.alarm = "5xx"}},
                false,
                0min},
           Case{"green before it has traffic", {.weight = 0, .bake = 90min}, {}, true, 2h + 67min},
       }) {
    SCOPED_TRACE(each.what);
    Canary canary = steps({each.first, {.weight = 100, .bake = 5min}});
    if (each.first.weight == 0) canary.steps.insert(canary.steps.begin() + 1, {.weight = 10});
    canary.checks = each.checks;
    EXPECT_EQ(ecs_pauses(canary), (EcsPauses{.before_each_step = each.before_each_step}));
    EXPECT_EQ(ecs_patience(canary), each.patience);
  }
}

constexpr const char* kLeft = R"({"strategy": "CANARY", "lifecycleHooks": [
  {"hookTargetArn": "arn:fn", "lifecycleStages": ["POST_SCALE_UP"]},
  {"targetType": "PAUSE", "lifecycleStages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"],
   "timeoutConfiguration": {"timeoutInMinutes": 67, "action": "ROLLBACK"}}]})";

TEST(EcsCanary, KnowsThePausesThatAReleaseHasLeft) {
  const Json left = parse_json(kLeft).value();
  EXPECT_TRUE(has_pauses_of_ours(left));
  EXPECT_EQ(to_text(without_pauses_of_ours(left)),
            R"({"strategy":"CANARY","lifecycleHooks":[)"
            R"({"hookTargetArn":"arn:fn","lifecycleStages":["POST_SCALE_UP"]}]})");
  const Json own = parse_json(R"({"lifecycleHooks": [{"targetType": "PAUSE",
    "lifecycleStages": ["POST_SCALE_UP"], "timeoutConfiguration": {"timeoutInMinutes": 60}},
    {"targetType": "PAUSE", "lifecycleStages": ["PRE_SCALE_UP"]}]})")
                       .value();
  EXPECT_FALSE(has_pauses_of_ours(own));
  EXPECT_TRUE(has_pauses(own));
  EXPECT_EQ(without_pauses_of_ours(own), own);
  EXPECT_FALSE(has_pauses(parse_json(R"({"strategy": "ROLLING"})").value()));
  EXPECT_EQ(without_pauses_of_ours(Json()), Json());
}

TEST(EcsCanary, ReplacesThePausesThatAReleaseHasLeft) {
  const Result<Json> paused =
      ecs_deployment_configuration(steps({{.weight = 100, .pause = true}}), service(kLeft));
  ASSERT_TRUE(paused) << paused.error().message;
  EXPECT_EQ(to_text(paused->at("lifecycleHooks")),
            R"([{"hookTargetArn":"arn:fn","lifecycleStages":["POST_SCALE_UP"]},)"
            R"({"targetType":"PAUSE","lifecycleStages":["POST_PRODUCTION_TRAFFIC_SHIFT"],)"
            R"("timeoutConfiguration":{"timeoutInMinutes":1447,"action":"ROLLBACK"}}])");
  // Also where this release needs none.
  const Result<Json> plain = ecs_deployment_configuration(steps({{.weight = 100}}), service(kLeft));
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->at("lifecycleHooks").as_array().size(), 1u);
  EXPECT_EQ(what_was_left(service(kLeft)).message,
            "service web still has the pause hooks of an earlier release, which are taken away; "
            "its strategy CANARY may be that release's too, and stays");
}

TEST(EcsCanary, KeepsTheServicesOwnFunctionsAndAlarms) {
  Canary canary = steps({{.weight = 100, .pause = true}});
  canary.checks = {AlarmCheck{.alarm = "5xx"}};
  const Result<Json> said = ecs_deployment_configuration(
      canary, service(R"({"lifecycleHooks": [{"hookTargetArn": "arn:fn",
        "lifecycleStages": ["POST_SCALE_UP"]}],
        "alarms": {"alarmNames": ["latency"], "enable": true, "rollback": false}})"));
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(said->at("lifecycleHooks").as_array().size(), 2u);
  EXPECT_EQ(to_text(said->at("alarms")),
            R"({"alarmNames":["5xx","latency"],"enable":true,"rollback":true})");
}

TEST(EcsCanary, WillNotMixItsPausesWithTheServicesOwn) {
  const Result<Json> said =
      ecs_deployment_configuration(steps({{.weight = 100, .pause = true}}),
                                   service(R"({"lifecycleHooks": [{"targetType": "PAUSE",
        "lifecycleStages": ["POST_SCALE_UP"]}]})"));
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().message,
            "service web has pause hooks of its own, which would be taken for those that the "
            "checks and pauses of this release need; take the one or the other away");
}

TEST(EcsCanary, PutsBackWhatTheServiceHad) {
  struct Case {
    const char* before;
    const char* sent;
    const char* back;
  };
  for (const Case& each : {
           Case{R"({"strategy": "ROLLING", "bakeTimeInMinutes": 0})",
                R"({"strategy": "CANARY", "bakeTimeInMinutes": 5, "lifecycleHooks": [1],
                    "alarms": {"alarmNames": ["5xx"]}, "canaryConfiguration": {}})",
                R"({"strategy":"ROLLING","bakeTimeInMinutes":0,"lifecycleHooks":[],)"
                R"("alarms":{"alarmNames":["5xx"],"enable":false,"rollback":false}})"},
           Case{R"({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 10}})",
                R"({"strategy": "BLUE_GREEN"})",
                R"({"strategy":"LINEAR","linearConfiguration":{"stepPercent":10}})"},
           Case{R"({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5})",
                R"({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5})", "null"},
           Case{"null", R"({"strategy": "BLUE_GREEN"})", R"({"strategy":"ROLLING"})"},
       }) {
    SCOPED_TRACE(each.sent);
    EXPECT_EQ(to_text(ecs_configuration_afterwards(parse_json(each.before).value(),
                                                   parse_json(each.sent).value())),
              each.back);
  }
}

TEST(EcsCanary, NeedsASecondTargetGroupOrABlueGreenService) {
  EXPECT_TRUE(ecs_can_shift(service()));
  ServiceSnapshot plain = service();
  plain.loadBalancers = parse_json(R"([{"targetGroupArn": "tg"}])").value();
  EXPECT_FALSE(ecs_can_shift(plain));
  EXPECT_FALSE(ecs_can_shift({.serviceName = "worker"}));
  EXPECT_TRUE(ecs_can_shift(
      {.deploymentConfiguration = parse_json(R"({"strategy": "BLUE_GREEN"})").value()}));
}

}  // namespace
}  // namespace slipway
