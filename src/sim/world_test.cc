// What holds for the world as a whole: it repeats, it can be read late, others act in it.
#include "sim/world.h"

#include "sim/json_writer.h"
#include "sim/testing.h"
#include "sim/timeline.h"

#include <gmock/gmock.h>

namespace slipway::sim {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

// A release with trouble in it, as text.
std::string story(std::uint64_t seed) {
  Knobs knobs;
  knobs.spread_percent = 30;
  Rehearsal aws(knobs, seed);
  aws.set_up_web(3);
  aws.register_web("web:2");
  aws.at(0);
  aws.arrange(
      SetImages{{{.image = "web:2", .share_percent = 50, .run_for = seconds(7), .exit_code = 1}}});
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web"})");
  std::string text;
  for (double t = 0; t < 600; t += 20) {
    aws.at(t);
    text += to_text(aws.service()) + "\n";
  }
  return text;
}

TEST(World, RepeatsToTheByteForTheSameSeed) {
  EXPECT_EQ(story(7), story(7));
  EXPECT_NE(story(7), story(8));
}

TEST(World, ComesToTheSameEndHoweverOftenItIsAsked) {
  const auto end_of = [](double step) {
    Rehearsal aws;
    aws.set_up_web(3);
    aws.register_web("web:2");
    aws.at(0);
    aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web"})");
    for (double t = step; t < 300; t += step) aws.at(t);
    aws.at(300);
    return to_text(aws.service());
  };
  EXPECT_EQ(end_of(0.7), end_of(300));
}

TEST(World, TellsWhenSomethingWillHappen) {
  Rehearsal aws;
  EXPECT_EQ(aws.world().next_happening(), std::nullopt);
  aws.set_up_web(1);
  EXPECT_EQ(aws.world().next_happening(), aws.world().now() + seconds(10));
  aws.at(0);  // at rest: only its steady state is said again, six hours after the last time
  EXPECT_GT(*aws.world().next_happening(), aws.world().now() + std::chrono::hours(4));
}

TEST(World, KnowsItsOperations) {
  EXPECT_TRUE(World::knows("ecs", "UpdateService"));
  EXPECT_FALSE(World::knows("ecs", "Nothing"));
  EXPECT_FALSE(World::knows("sts", "GetCallerIdentity"));
  Rehearsal aws;
  const Reply reply = aws.ask("Nothing", "{}");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, "UnknownOperationException");
}

TEST(World, AnswersEveryOperationOfTheModel) {
  const aws::Facts& facts = aws::Facts::of(aws::kEcs);
  for (const std::string_view operation : facts.operation_names())
    EXPECT_TRUE(World::knows("ecs", operation)) << operation;
}

TEST(World, SurvivesEmptyAndSenselessInput) {
  for (const std::string_view operation : aws::Facts::of(aws::kEcs).operation_names()) {
    for (const std::string_view input :
         {"{}",
          R"({"cluster": 1, "service": [], "services": "x", "tasks": {}, "taskDefinition": 7})",
          R"({"cluster": "prod", "service": "web", "serviceName": "web", "task": "x",
              "taskDefinition": "web", "family": "web", "containerDefinitions": [null, 1],
              "services": [null, 3, "web"], "tags": [1], "desiredCount": "many",
              "deploymentConfiguration": [], "networkConfiguration": {"awsvpcConfiguration": 1},
              "loadBalancers": [1], "containerInstances": [1], "attributes": [1], "taskSets": [1],
              "capacityProviders": [1], "overrides": {"containerOverrides": [1]}, "scale": 1})"}) {
      Rehearsal aws;
      aws.set_up_web(1);
      aws.at(0);
      (void)aws.ask(operation, input);
      aws.at(1000);
    }
  }
}

// ---- Reading late -----------------------------------------------------------------------------

TEST(ConsistencyLag, ShowsTheWorldAsItWas) {
  Knobs knobs;
  knobs.consistency_lag = seconds(3);
  Rehearsal aws(knobs);
  aws.set_up_web(1);
  aws.register_web("web:2");
  aws.at(0);
  const Json update = aws.call("UpdateService",
                               R"({"cluster": "prod", "service": "web", "taskDefinition": "web"})");
  // The trap: our deployment was answered, and yet the service looks stable.
  EXPECT_THAT(update.at("service").at("deployments").as_array(), SizeIs(2));
  EXPECT_THAT(aws.service().at("deployments").as_array(), SizeIs(1));
  EXPECT_EQ(aws.service().at("deployments").as_array().front().at("rolloutState").as_string(),
            "COMPLETED");
  aws.at(2.9);
  EXPECT_THAT(aws.service().at("deployments").as_array(), SizeIs(1));
  aws.at(3);
  EXPECT_EQ(to_text(aws.service().at("deployments")),
            to_text(update.at("service").at("deployments")));
  aws.at(12.9);
  EXPECT_EQ(aws.service().at("pendingCount").as_int64(), 0);
  aws.at(13);
  EXPECT_EQ(aws.service().at("pendingCount").as_int64(), 1);
}

TEST(ConsistencyLag, HidesWhatWasJustMade) {
  Knobs knobs;
  knobs.consistency_lag = seconds(2);
  Rehearsal aws(knobs);
  aws.call("CreateCluster", R"({"clusterName": "prod"})");
  aws.register_web();
  EXPECT_EQ(aws.refusal("DescribeTaskDefinition", R"({"taskDefinition": "web"})"),
            "ClientException: Unable to describe task definition.");
  aws.create_service("web", 1);  // changes see the present
  aws.at(-3598);
  aws.call("DescribeTaskDefinition", R"({"taskDefinition": "web"})");
  EXPECT_EQ(aws.service().at("serviceName").as_string(), "web");
}

TEST(ConsistencyLag, ReadersSeeTheSameStoryAsWithoutIt) {
  const auto story_with = [](Duration lag) {
    Knobs knobs;
    knobs.spread_percent = 30;
    knobs.consistency_lag = lag;
    Rehearsal aws(knobs, 5);
    aws.set_up_web(3);
    aws.register_web("web:2");
    aws.at(0);
    aws.arrange(SetImages{{{.image = "web:2", .share_percent = 50, .pull = Pull::kNotFound}}});
    aws.arrange_at(50, StopTasks{"prod", "web", 1, ""});
    aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web"})");
    aws.at(200);
    aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "desiredCount": 5})");
    aws.at(500 + std::chrono::duration<double>(lag).count());
    return to_text(aws.service());
  };
  EXPECT_EQ(story_with(seconds(0)), story_with(seconds(4)));
}

// ---- Other people -----------------------------------------------------------------------------

class WithOthers : public testing::Test {
 protected:
  WithOthers() {
    aws.set_up_web(1);
    aws.register_web("web:2");
    aws.register_web("web:3");
    aws.at(0);
  }
  static ForeignCall foreign(std::string operation, std::string_view input) {
    return {"ecs", std::move(operation), *parse_json(input)};
  }
  Rehearsal aws;
};

TEST_F(WithOthers, SomebodyDeploysInTheMiddleOfOurDeployment) {
  aws.arrange_at(15,
                 foreign("UpdateService",
                         R"({"cluster": "prod", "service": "web", "taskDefinition": "web:3"})"));
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web:2"})");
  aws.at(14);
  EXPECT_TRUE(aws.service().at("taskDefinition").as_string().ends_with(":2"));
  aws.at(15);
  EXPECT_TRUE(aws.service().at("taskDefinition").as_string().ends_with(":3"));
}

TEST_F(WithOthers, ThingsCanWaitForADeployment) {
  aws.world().arrange(
      foreign("DeleteService", R"({"cluster": "prod", "service": "web", "force": true})"),
      {.deployment_of = "prod/web", .delay = seconds(30)});
  aws.at(1000);
  EXPECT_EQ(aws.service().at("status").as_string(), "ACTIVE");
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web:2"})");
  aws.at(1029);
  EXPECT_EQ(aws.service().at("status").as_string(), "ACTIVE");
  aws.at(1030);
  EXPECT_EQ(aws.service().at("status").as_string(), "DRAINING");
}

TEST_F(WithOthers, ADefinitionIsDeregisteredUnderUs) {
  aws.arrange_at(5, foreign("DeregisterTaskDefinition", R"({"taskDefinition": "web:2"})"));
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web:2"})");
  aws.at(5);
  EXPECT_EQ(aws.refusal("UpdateService",
                        R"({"cluster": "prod", "service": "web", "taskDefinition": "web:2"})"),
            "ClientException: TaskDefinition is inactive");
  aws.at(300);  // what had begun goes on
  EXPECT_EQ(aws.service().at("deployments").as_array().front().at("rolloutState").as_string(),
            "COMPLETED");
}

TEST_F(WithOthers, ImagesCanBreakAndBeMended) {
  aws.arrange_at(1, SetImages{{{.image = "web:2", .pull = Pull::kNotFound}}});
  aws.arrange_at(60, SetImages{{}, true});
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web:2"})");
  aws.at(59);
  EXPECT_EQ(aws.service().at("deployments").as_array().front().at("failedTasks").as_int64(), 2);
  aws.at(300);
  EXPECT_EQ(aws.service().at("deployments").as_array().front().at("rolloutState").as_string(),
            "COMPLETED");
}

TEST_F(WithOthers, WhatDoesNotExistIsLeftAlone) {
  aws.arrange(AddInstances{.cluster = "nothing"});
  aws.arrange(LoseInstances{.cluster = "nothing"});
  aws.arrange(InterruptSpot{"nothing", 1});
  aws.arrange(StopTasks{"nothing", "web", 1, ""});
  aws.arrange(Afflict{"prod", "nothing", 1, {}});
  aws.arrange(SetGroupSize{"nothing", 1, {}});
  aws.arrange(foreign("Nothing", "{}"));
  EXPECT_EQ(aws.service().at("runningCount").as_int64(), 1);
}

// ---- The parts --------------------------------------------------------------------------------

TEST(Timeline, GoesByTimeThenRankThenOrder) {
  Timeline timeline;
  TimePoint now{};
  std::string done;
  Timer scheduler, replaced;
  const auto add = [&](char c) { return [&done, c] { done += c; }; };
  const TimePoint t1{seconds(1)}, t2{seconds(2)};
  timeline.at(t2, add('d'));
  timeline.at(t1, add('b'));
  timeline.at(t1, add('c'));
  scheduler.set(timeline, t1, add('a'), Rank::kScheduler);
  replaced.set(timeline, t1, add('x'));
  replaced.set(timeline, t2, add('e'));
  {
    Timer ends_with_its_owner;
    ends_with_its_owner.set(timeline, t1, add('y'));
  }
  EXPECT_EQ(timeline.next(), t1);
  while (timeline.step(t2, now)) {
  }
  EXPECT_EQ(done, "abcde");
  EXPECT_EQ(now, t2);
  EXPECT_FALSE(replaced.is_set());
}

TEST(JsonWriter, WritesWhatAParserReads) {
  JsonWriter json;
  json.begin_object()
      .member("text", "a \"quote\", a \\ and a line\nend\x01")
      .member("yes", true)
      .member("number", 42)
      .member("half", 0.5)
      .member("time", TimePoint(std::chrono::milliseconds(1'700'000'000'123)))
      .member("whole", TimePoint(seconds(1'700'000'000)))
      .key("list")
      .begin_array()
      .value(1)
      .begin_object()
      .end_object()
      .raw("[2]")
      .end_array()
      .end_object();
  const std::string text = std::move(json).text();
  EXPECT_EQ(
      text,
      R"({"text":"a \"quote\", a \\ and a line\nend\u0001","yes":true,"number":42,"half":0.5,)"
      R"("time":1700000000.123,"whole":1700000000,"list":[1,{},[2]]})");
  EXPECT_TRUE(parse_json(text));
}

}  // namespace
}  // namespace slipway::sim
