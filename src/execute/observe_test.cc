#include "execute/observe.h"

#include "execute/fake_ecs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

TEST(Observing, TakesOneCallForTenServicesAndOneForEachDefinition) {
  struct Case {
    int services;
    int describe_services;
  };
  for (const auto& [services, wanted] : {Case{1, 1}, Case{10, 1}, Case{11, 2}, Case{50, 5}}) {
    SCOPED_TRACE(services);
    FakeWorld world;
    Release release{.cluster = "prod"};
    for (int i = 0; i < services; ++i) {
      const std::string name = fmt::format("s{}", i);
      // All of them share one revision.
      world.ecs.add_service(name, "shared:3");
      release.services.push_back({.name = name});
    }
    world.run([&] {
      const Snapshot snapshot = observe(world.context, release);
      EXPECT_THAT(snapshot.services, SizeIs(services));
      EXPECT_THAT(snapshot.task_definitions, SizeIs(1));
      for (const auto& [name, service] : snapshot.services) ASSERT_TRUE(service) << name;
      EXPECT_EQ(snapshot.task_definitions.at(definition_arn("shared:3"))->family_revision(),
                "shared:3");
    });
    EXPECT_EQ(world.ecs.count("DescribeServices"), wanted);
    EXPECT_EQ(world.ecs.count("DescribeTaskDefinition"), 1);
  }
}

TEST(Observing, AsksForTheTagsOfADefinition) {
  FakeWorld world;
  world.ecs.add_service("web");
  world.run(
      [&] { (void)observe(world.context, {.cluster = "prod", .services = {{.name = "web"}}}); });
  ASSERT_EQ(world.ecs.count("DescribeTaskDefinition"), 1);
  EXPECT_EQ(to_text(world.ecs.calls_of("DescribeTaskDefinition").front()->request),
            R"({"taskDefinition":")" + definition_arn("web:1") + R"(","include":["TAGS"]})");
}

TEST(Observing, LooksOnlyAtWhatItsStageNeeds) {
  FakeWorld world;
  world.ecs.add_service("web");
  world.ecs.add_definition("migrate:4");
  const Release release{
      .cluster = "prod",
      .tasks_before = {{.name = "migrate", .task_definition = TaskDefinitionReference{"migrate"}}},
      .services = {{.name = "web"}}};
  world.run([&] {
    const Snapshot tasks = observe(world.context, release, StageKind::kTasksBefore);
    EXPECT_THAT(tasks.services, SizeIs(0));
    EXPECT_EQ(tasks.task_definitions.at("migrate")->revision, 4);
    EXPECT_EQ(world.ecs.count("DescribeServices"), 0);
    const Snapshot services = observe(world.context, release, StageKind::kServices);
    EXPECT_THAT(services.services, SizeIs(1));
    EXPECT_EQ(world.ecs.count("DescribeServices"), 1);
  });
}

TEST(Observing, KeepsEachErrorInItsPlace) {
  FakeWorld world;
  world.ecs.add_service("web");
  world.ecs.add_service("old").status = "DRAINING";
  const Release release{
      .cluster = "prod",
      .tasks_before = {{.name = "gone", .task_definition = TaskDefinitionReference{"gone"}}},
      .services = {{.name = "web"}, {.name = "old"}, {.name = "missing"}}};
  world.run([&] {
    const Snapshot snapshot = observe(world.context, release);
    EXPECT_TRUE(snapshot.services.at("web"));
    ASSERT_FALSE(snapshot.services.at("old"));
    EXPECT_EQ(snapshot.services.at("old").error().kind, ErrorKind::kNotFound);
    EXPECT_EQ(snapshot.services.at("old").error().message, "service old is DRAINING");
    ASSERT_FALSE(snapshot.services.at("missing"));
    EXPECT_EQ(snapshot.services.at("missing").error().message,
              "service missing does not exist in cluster prod");
    ASSERT_FALSE(snapshot.task_definitions.at("gone"));
    EXPECT_EQ(snapshot.task_definitions.at("gone").error().kind, ErrorKind::kNotFound);
    EXPECT_THAT(snapshot.task_definitions.at("gone").error().context,
                ElementsAre("looking up task definition gone"));
  });
}

TEST(Observing, LooksAtTheNineBesideABadName) {
  FakeWorld world;
  std::vector<std::string> names;
  for (int i = 0; i < 10; ++i) {
    names.push_back(fmt::format("s{}", i));
    world.ecs.add_service(names.back());
  }
  // The call for all ten is refused, and then the first one's own.
  world.ecs.arrange(
      "DescribeServices",
      {.times = 2, .code = "InvalidParameterException", .message = "Invalid identifier"});
  world.run([&] {
    const std::vector<Result<ServiceLook>> looks = look_at_services(world.context, names);
    ASSERT_THAT(looks, SizeIs(10));
    EXPECT_FALSE(looks[0]);
    for (int i = 1; i < 10; ++i) EXPECT_TRUE(looks[static_cast<std::size_t>(i)]) << i;
  });
  EXPECT_EQ(world.ecs.count("DescribeServices"), 11);
}

TEST(Observing, DoesNotRepeatWhatFailsForAllOfThem) {
  FakeWorld world;
  world.ecs.add_service("a");
  world.ecs.add_service("b");
  world.ecs.arrange("DescribeServices",
                    {.code = "ClusterNotFoundException", .message = "Cluster not found."});
  world.run([&] {
    const std::vector<std::string> names = {"a", "b"};
    for (const Result<ServiceLook>& look : look_at_services(world.context, names)) {
      ASSERT_FALSE(look);
      EXPECT_EQ(look.error().code, "ClusterNotFoundException");
    }
  });
  EXPECT_EQ(world.ecs.count("DescribeServices"), 1);
}

// ---- Calls that are only optional --------------------------------------------------------------

TEST(OptionalCalls, AreDeniedOnceAndRememberIt) {
  FakeWorld world;
  world.ecs.arrange("ListTasks", {.times = 5});
  world.run([&] {
    for (int i = 0; i < 3; ++i)
      EXPECT_FALSE(world.optional.call(aws::ListTasks, {.cluster = "prod"}, "nobody is listed"));
  });
  EXPECT_EQ(world.ecs.count("ListTasks"), 1);
  EXPECT_THAT(
      world.seen.all<CallDenied>(),
      ElementsAre(CallDenied{.operation = "ecs:ListTasks", .consequence = "nobody is listed"}));
}

TEST(OptionalCalls, MayFailForOtherReasonsAndAreTriedAgain) {
  FakeWorld world;
  world.ecs.arrange("ListTasks", {.code = "InvalidParameterException", .message = "no"});
  world.run([&] {
    EXPECT_FALSE(world.optional.call(aws::ListTasks, {.cluster = "prod"}, ""));
    EXPECT_TRUE(world.optional.call(aws::ListTasks, {.cluster = "prod"}, ""));
  });
  EXPECT_THAT(world.seen.all<CallDenied>(), SizeIs(0));
}

// The looks after the first are mostly at the same answer, which is not read again.
TEST(RepeatedLooks, ShowWhatASingleLookShows) {
  FakeWorld world;
  world.ecs.add_service("a");
  world.ecs.add_service("b");
  RepeatedLooks repeated;
  const std::vector<std::string> both = {"a", "b", "missing"};
  const std::vector<std::string> one = {"a"};
  world.run([&] {
    const auto expect_the_same = [&](std::span<const std::string> names) {
      const auto looks = repeated.describe(world.context.ecs, world.context.cluster, names);
      const auto wanted = describe_services(world.context.ecs, world.context.cluster, names);
      ASSERT_THAT(looks, SizeIs(names.size()));
      for (std::size_t i = 0; i < names.size(); ++i) {
        SCOPED_TRACE(names[i]);
        ASSERT_EQ(looks[i].has_value(), wanted[i].has_value());
        if (looks[i])
          EXPECT_EQ(*looks[i], *wanted[i]);
        else
          EXPECT_EQ(looks[i].error().message, wanted[i].error().message);
      }
    };
    expect_the_same(both);
    expect_the_same(both);
    world.ecs.add_service("missing");
    expect_the_same(both);
    expect_the_same(one);  // another question, and so another answer
    expect_the_same(both);
    // Two calls are refused: this one and the one it is compared with.
    world.ecs.arrange("DescribeServices",
                      {.times = 2, .code = "ClusterNotFoundException", .message = "Gone."});
    expect_the_same(both);
    expect_the_same(both);
  });
}

}  // namespace
}  // namespace slipway
