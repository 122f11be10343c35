#include "execute/poller.h"

#include "execute/fake_ecs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

std::vector<Duration> times_of(const FakeWorld& world, std::string_view operation) {
  std::vector<Duration> times;
  for (const FakeEcs::Call* call : world.ecs.calls_of(operation))
    times.push_back(call->at - kFakeStart);
  return times;
}

TEST(Poller, PutsWhatIsDueTogetherIntoOneCall) {
  FakeWorld world;
  for (int i = 0; i < 10; ++i) world.ecs.add_service(fmt::format("s{}", i));
  world.run([&] {
    Poller poller(world.context);
    Group watchers(world.fibers);
    for (int i = 0; i < 10; ++i)
      watchers.spawn("watcher", [&, i] {
        const std::string name = fmt::format("s{}", i);
        const auto look = poller.look_at_service(name, kFakeStart + 5s);
        ASSERT_TRUE(look);
        ASSERT_TRUE(*look);
        EXPECT_EQ((*look)->service.serviceName, name);
        EXPECT_EQ(world.fibers.now(), kFakeStart + 5s);
      });
    watchers.join();
  });
  EXPECT_THAT(times_of(world, "DescribeServices"), ElementsAre(5s));
}

TEST(Poller, SpreadsTheCallsThatManyServicesNeed) {
  FakeWorld world;
  for (int i = 0; i < 50; ++i) world.ecs.add_service(fmt::format("s{}", i));
  world.run([&] {
    Poller poller(world.context);
    Group watchers(world.fibers);
    for (int i = 0; i < 50; ++i)
      watchers.spawn("watcher", [&, i] {
        ASSERT_TRUE(poller.look_at_service(fmt::format("s{}", i), kFakeStart + 5s));
      });
    watchers.join();
  });
  EXPECT_THAT(times_of(world, "DescribeServices"), SizeIs(5));
  EXPECT_LE(times_of(world, "DescribeServices").back(), 5s + 6s);
}

TEST(Poller, FillsACallWithWhatIsNearlyDue) {
  FakeWorld world;
  for (const char* name : {"due", "nearly", "later"}) world.ecs.add_service(name);
  std::map<std::string, Duration> seen;
  world.run([&] {
    Poller poller(world.context);
    Group watchers(world.fibers);
    for (const auto& [name, when] :
         {std::pair{"due", 8s}, std::pair{"nearly", 10s}, std::pair{"later", 20s}})
      watchers.spawn(name, [&, service = std::string(name), wait = when] {
        ASSERT_TRUE(poller.look_at_service(service, kFakeStart + wait));
        seen[service] = world.fibers.now() - kFakeStart;
      });
    watchers.join();
  });
  EXPECT_EQ(seen["due"], 8s);
  EXPECT_EQ(seen["nearly"], 8s);
  EXPECT_EQ(seen["later"], 20s);
  EXPECT_THAT(times_of(world, "DescribeServices"), ElementsAre(8s, 20s));
}

TEST(Poller, HearsOfALookThatIsDueEarlier) {
  FakeWorld world;
  world.ecs.add_service("slow");
  world.ecs.add_service("quick");
  world.run([&] {
    Poller poller(world.context);
    Group watchers(world.fibers);
    watchers.spawn("slow", [&] { ASSERT_TRUE(poller.look_at_service("slow", kFakeStart + 60s)); });
    watchers.spawn("quick", [&] {
      ASSERT_TRUE(world.fibers.sleep_for(2s));
      ASSERT_TRUE(poller.look_at_service("quick", kFakeStart + 4s));
      EXPECT_EQ(world.fibers.now(), kFakeStart + 4s);
    });
    watchers.join();
  });
  EXPECT_THAT(times_of(world, "DescribeServices"), ElementsAre(4s, 60s));
}

TEST(Poller, DoesNotWaitForASlowCallBeforeTheNext) {
  FakeWorld world;
  world.ecs.latency = 10s;
  world.ecs.add_service("a");
  world.ecs.add_service("b");
  world.run([&] {
    Poller poller(world.context);
    Group watchers(world.fibers);
    for (const auto& [name, when] : {std::pair{"a", 1s}, std::pair{"b", 3s}})
      watchers.spawn(name, [&, service = std::string(name), wait = when] {
        ASSERT_TRUE(poller.look_at_service(service, kFakeStart + wait));
        EXPECT_EQ(world.fibers.now(), kFakeStart + wait + 10s);
      });
    watchers.join();
  });
}

TEST(Poller, AsksForAHundredTasksAtATime) {
  FakeWorld world;
  std::vector<std::string> arns;
  for (int i = 0; i < 130; ++i) {
    const std::string id = fmt::format("{:032x}", i);
    arns.push_back(kArn + "task/prod/" + id);
    world.ecs.tasks[id] = {.arn = arns.back(), .definition = "migrate:1", .created = kFakeStart};
  }
  world.run([&] {
    Poller poller(world.context);
    const auto looks = poller.look_at_tasks(arns, kFakeStart);
    ASSERT_TRUE(looks);
    ASSERT_THAT(*looks, SizeIs(130));
    for (std::size_t i = 0; i < arns.size(); ++i) {
      ASSERT_TRUE((*looks)[i]);
      EXPECT_EQ((*looks)[i]->taskArn, arns[i]);
    }
  });
  EXPECT_EQ(world.ecs.count("DescribeTasks"), 2);
}

TEST(Poller, LetsGoOfAWatcherThatIsCalledOff) {
  FakeWorld world;
  world.ecs.add_service("web");
  world.ecs.latency = 1s;
  world.run([&] {
    Poller poller(world.context);
    Group watchers(world.fibers);
    for (const Duration when : {30s, 2s})  // one asleep, one with its call on the way
      watchers.spawn("watcher", [&, when] {
        const auto look = poller.look_at_service("web", kFakeStart + when);
        ASSERT_FALSE(look);
        EXPECT_EQ(look.error().kind, ErrorKind::kCancelled);
      });
    ASSERT_TRUE(world.fibers.sleep_until(kFakeStart + 2500ms));
    watchers.cancel();
    watchers.join();
    // And goes on for those that come after.
    ASSERT_TRUE(poller.look_at_service("web", world.fibers.now() + 1s));
  });
  EXPECT_THAT(times_of(world, "DescribeServices"), ElementsAre(3s, 4500ms));
}

}  // namespace
}  // namespace slipway
