#include "aws/budget.h"

#include "aws/all_operations.h"
#include "aws/client_world.h"
#include "aws/ecs.h"

#include <gtest/gtest.h>

#include <set>

namespace slipway::aws {
namespace {

using namespace std::chrono_literals;

// AWS's side: a bucket that refuses when it is empty.
class ServerBucket {
 public:
  ServerBucket(Clock& clock, const BudgetCategory& category)
      : clock_(clock), category_(category), tokens_(category.burst), filled_at_(clock.now()) {}

  bool take() {
    const std::chrono::duration<double> passed = clock_.now() - filled_at_;
    filled_at_ = clock_.now();
    tokens_ = std::min(category_.burst, tokens_ + passed.count() * category_.per_second);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }
  void drain(double tokens) { tokens_ = std::max(0.0, tokens_ - tokens); }

 private:
  Clock& clock_;
  BudgetCategory category_;
  double tokens_;
  TimePoint filled_at_;
};

TEST(Budget, KnowsTheCategoryOfEveryOperation) {
  for_each_operation([](const auto& operation) {
    SCOPED_TRACE(operation.name);
    const BudgetCategory& category = budget_category(operation.service.id, operation.name);
    // AWS documents numbers for these.
    const std::set<std::string_view> counted{"ecs",     "events",    "logs",
                                             "route53", "scheduler", "sns"};
    if (counted.contains(operation.service.id)) {
      EXPECT_NE(category.name, "other");
    }
    // Reads and changes in one.
    if (category.name == "other" || category.name == "event rules" || category.name == "DNS")
      return;
    EXPECT_EQ(category.name.ends_with("reads"), operation.repeat == Repeat::kRead);
  });
  EXPECT_EQ(budget_category("ecs", "RegisterTaskDefinition").burst, 20);
  EXPECT_EQ(budget_category("ecs", "RegisterTaskDefinition").per_second, 1);
  EXPECT_EQ(budget_category("ecs", "UpdateService").burst, 50);
  EXPECT_EQ(budget_category("events", "PutTargets").per_second, 50);
  EXPECT_EQ(budget_category("logs", "FilterLogEvents").per_second, 5);
  EXPECT_EQ(budget_category("route53", "ChangeResourceRecordSets").per_second, 5);
  EXPECT_EQ(budget_category("cloudwatch", "DescribeAlarms").burst, 9);
  EXPECT_EQ(budget_category("ecs", "NewOperation").name, "other");
}

TEST(Budget, GivesABurstAtOnceAndThenTheRate) {
  ClientWorld world;
  const BudgetCategory category{"test", 5, 2};
  std::vector<Duration> given;
  world.run([&] {
    for (int i = 0; i < 8; ++i) {
      ASSERT_TRUE(world.budget.take("r", category));
      given.push_back(world.fibers.now() - ClientWorld::kStart);
    }
  });
  // One of five is kept back.
  const std::vector<Duration> wanted{0s, 0s, 0s, 0s, 500ms, 1s, 1500ms, 2s};
  for (std::size_t i = 0; i < wanted.size(); ++i)
    EXPECT_NEAR((given[i] - wanted[i]).count(), 0, 10) << i;
  ASSERT_EQ(world.budget.counts().size(), 1u);
  EXPECT_EQ(world.budget.counts()[0].calls, 8);
  EXPECT_NEAR(static_cast<double>(world.budget.counts()[0].waited.count()), 2e6, 50);
}

TEST(Budget, ServesFibersInTheOrderTheyAsked) {
  ClientWorld world;
  const BudgetCategory category{"test", 3, 1};
  std::vector<int> order;
  world.run([&] {
    Group group(world.fibers);
    for (int i = 0; i < 40; ++i)
      group.spawn("caller", [&, i] {
        ASSERT_TRUE(world.budget.take("r", category));
        order.push_back(i);
      });
    group.join();
  });
  EXPECT_TRUE(std::ranges::is_sorted(order));
  EXPECT_EQ(order.size(), 40u);
}

TEST(Budget, RegionsAndCategoriesHaveTheirOwnBuckets) {
  ClientWorld world;
  const BudgetCategory one{"one", 2, 1};
  const BudgetCategory other{"other one", 2, 1};
  world.run([&] {
    ASSERT_TRUE(world.budget.take("a", one));
    ASSERT_TRUE(world.budget.take("b", one));
    ASSERT_TRUE(world.budget.take("a", other));
    EXPECT_EQ(world.fibers.now(), ClientWorld::kStart);
    ASSERT_TRUE(world.budget.take("a", one));
    EXPECT_EQ(world.fibers.now(), ClientWorld::kStart + 1s);
  });
}

TEST(Budget, PlacesOfThoseWhoGaveUpGoToTheNext) {
  ClientWorld world;
  const BudgetCategory category{"test", 2, 1};
  world.run([&] {
    ASSERT_TRUE(world.budget.take("r", category));
    Group crowd(world.fibers);
    int cancelled = 0;
    for (int i = 0; i < 100; ++i)
      crowd.spawn("impatient", [&] { cancelled += !world.budget.take("r", category); });
    ASSERT_TRUE(world.fibers.sleep_for(3500ms));
    crowd.cancel();
    crowd.join();
    EXPECT_EQ(cancelled, 97);
    // Three were served in three seconds; the fourth place is the next one's.
    ASSERT_TRUE(world.budget.take("r", category));
    EXPECT_LE(world.fibers.now() - ClientWorld::kStart, 4001ms);
  });
  EXPECT_EQ(world.budget.counts()[0].calls, 5);
}

struct Tally {
  int calls = 0;
  int throttled = 0;
  Duration took{};
};

// `wanted` calls, all begun at once, each repeated until it passes, on a network whose latency
// varies.
Tally call_server(ClientWorld& world, ServerBucket& server, const BudgetCategory& category,
                  int wanted) {
  Tally tally;
  world.run([&] {
    const TimePoint began = world.fibers.now();
    Group group(world.fibers);
    for (int i = 0; i < wanted; ++i)
      group.spawn("caller", [&] {
        for (;;) {
          const auto place = world.budget.take("r", category);
          ASSERT_TRUE(place);
          ASSERT_TRUE(world.fibers.sleep_for(10ms + Duration(world.random.below(150'000))));
          ++tally.calls;
          const bool passes = server.take();
          ASSERT_TRUE(world.fibers.sleep_for(10ms));
          if (passes) return world.budget.passed("r", category);
          ++tally.throttled;
          world.budget.throttled("r", category, *place);
          ASSERT_TRUE(world.fibers.sleep_for(Duration(world.random.below(1'000'000))));
        }
      });
    group.join();
    tally.took = world.fibers.now() - began;
  });
  return tally;
}

// The acceptance figures: no user-visible throttling, at most 2 % throttled calls, and a total time
// within 10 % of what the buckets allow.
TEST(Budget, UsesWhatAwsAllowsAndHardlyEverMore) {
  for (const std::string_view operation : {"RegisterTaskDefinition", "UpdateService"}) {
    for (const int wanted : {1, 10, 50, 200, 500}) {
      SCOPED_TRACE(testing::Message() << wanted << " " << operation);
      ClientWorld world;
      const BudgetCategory& category = budget_category("ecs", operation);
      ServerBucket server(world.fibers, category);
      const Tally tally = call_server(world, server, category, wanted);
      EXPECT_LE(tally.throttled, tally.calls / 50);
      const double least = std::max(0.0, (wanted - category.burst) / category.per_second);
      EXPECT_LE(std::chrono::duration<double>(tally.took).count(), least * 1.1 + 0.5);
    }
  }
}

TEST(Budget, LearnsFromRefusalsWhenSomebodyElseHasEmptiedTheBucket) {
  ClientWorld world;
  const BudgetCategory& category = budget_category("ecs", "RegisterTaskDefinition");
  ServerBucket server(world.fibers, category);
  server.drain(20);
  const Tally tally = call_server(world, server, category, 50);
  // The first burst of 19 is lost, and little after it.
  EXPECT_GE(tally.throttled, 15);
  EXPECT_LE(tally.throttled, 25);
  EXPECT_LE(tally.took, 90s);
}

TEST(Budget, ABurstRefusedTogetherSlowsDownOnceAndSuccessBringsTheRateBack) {
  ClientWorld world;
  const BudgetCategory category{"test", 2, 10};
  world.run([&] {
    const auto interval = [&] {
      (void)world.budget.take("r", category);
      const TimePoint before = world.fibers.now();
      (void)world.budget.take("r", category);
      return std::chrono::round<std::chrono::milliseconds>(world.fibers.now() - before);
    };
    EXPECT_EQ(interval(), 100ms);
    const auto place = world.budget.take("r", category);
    for (int i = 0; i < 12; ++i) world.budget.throttled("r", category, *place);
    EXPECT_EQ(interval(), 200ms);
    for (int i = 0; i < 12; ++i) {
      const auto later = world.budget.take("r", category);
      world.budget.throttled("r", category, *later);
    }
    EXPECT_EQ(interval(), 800ms);  // an eighth, and no slower
    for (int i = 0; i < 30; ++i) world.budget.passed("r", category);
    EXPECT_EQ(interval(), 100ms);
  });
}

}  // namespace
}  // namespace slipway::aws
