#include "sim/faults.h"

#include <gtest/gtest.h>

namespace slipway::sim {
namespace {

using namespace std::chrono_literals;

const TimePoint kStart{std::chrono::sys_days{std::chrono::January / 1 / 2026}};

struct Line {
  Random random{7};
  bool deploying = false;
  Faults faults;

  explicit Line(Fault fault)
      : faults({std::move(fault)}, kStart, random, [this](std::string_view service) {
          EXPECT_EQ(service, "prod/web");
          return deploying;
        }) {}

  bool strikes(std::string_view operation, Duration after = 0s, const char* input = "{}",
               std::string_view access_key = "AKIA1") {
    const Json document = boost::json::parse(input);
    return !faults
                .strike({.operation = operation,
                         .access_key = access_key,
                         .input = &document,
                         .now = kStart + after})
                .empty();
  }
  std::string pattern(std::string_view operation, int calls) {
    std::string text;
    for (int i = 0; i < calls; ++i) text += strikes(operation) ? 'x' : '.';
    return text;
  }
};

TEST(Faults, StrikeTheOperationsTheyName) {
  Line line({.operation = "ecs:Describe*"});
  EXPECT_TRUE(line.strikes("ecs:DescribeServices"));
  EXPECT_TRUE(line.strikes("ecs:DescribeTasks"));
  EXPECT_FALSE(line.strikes("ecs:UpdateService"));
  EXPECT_FALSE(line.strikes("sts:DescribeServices"));
}

TEST(Faults, CountOnlyTheCallsTheyAreAbout) {
  Line line({.operation = "ecs:UpdateService", .first_call = 2, .calls = 2});
  EXPECT_EQ(line.pattern("ecs:DescribeServices", 3), "...");
  EXPECT_EQ(line.pattern("ecs:UpdateService", 6), ".xx...");
}

TEST(Faults, LookIntoTheInput) {
  Line line({.input = {{"service", "we*"}, {"desiredCount", "3"}}});
  EXPECT_TRUE(line.strikes("ecs:UpdateService", 0s, R"({"service":"web","desiredCount":3})"));
  EXPECT_FALSE(line.strikes("ecs:UpdateService", 0s, R"({"service":"api","desiredCount":3})"));
  EXPECT_FALSE(line.strikes("ecs:UpdateService", 0s, R"({"service":"web"})"));
}

TEST(Faults, StrikeOneAccessKeyWhenAsked) {
  Line line({.access_key = "AKIA1"});
  EXPECT_TRUE(line.strikes("ecs:ListClusters", 0s, "{}", "AKIA1"));
  EXPECT_FALSE(line.strikes("ecs:ListClusters", 0s, "{}", "ASIA2"));
}

TEST(Faults, LastFromOneTimeToAnother) {
  Line line({.from = 10s, .until = 20s});
  EXPECT_FALSE(line.strikes("ecs:ListClusters", 9s));
  EXPECT_TRUE(line.strikes("ecs:ListClusters", 10s));
  EXPECT_TRUE(line.strikes("ecs:ListClusters", 19s));
  EXPECT_FALSE(line.strikes("ecs:ListClusters", 20s));
}

TEST(Faults, WaitForAnotherOperationToTakeEffect) {
  Line line({.operation = "ecs:DescribeServices", .after_operation = "ecs:UpdateService"});
  EXPECT_FALSE(line.strikes("ecs:DescribeServices"));
  line.faults.took_effect("ecs:RegisterTaskDefinition");
  EXPECT_FALSE(line.strikes("ecs:DescribeServices"));
  line.faults.took_effect("ecs:UpdateService");
  EXPECT_TRUE(line.strikes("ecs:DescribeServices"));
}

TEST(Faults, WatchADeployment) {
  Line line({.during_deployment_of = "prod/web"});
  EXPECT_FALSE(line.strikes("ecs:ListClusters"));
  line.deploying = true;
  EXPECT_TRUE(line.strikes("ecs:ListClusters"));
}

TEST(Faults, StrikeAShareOfCallsTheSameWayForOneSeed) {
  const Fault half{.share_percent = 50};
  const std::string pattern = Line(half).pattern("ecs:ListClusters", 200);
  EXPECT_EQ(Line(half).pattern("ecs:ListClusters", 200), pattern);
  EXPECT_NEAR(static_cast<double>(std::count(pattern.begin(), pattern.end(), 'x')), 100, 30);
}

TEST(Faults, ShiftTheClockForEverybody) {
  Line line({.kind = FaultKind::kClockSkew, .from = 10s, .delay = 7min});
  EXPECT_EQ(line.faults.clock_skew(kStart), 0s);
  EXPECT_EQ(line.faults.clock_skew(kStart + 10s), 7min);
  EXPECT_FALSE(line.strikes("ecs:ListClusters", 10s));
}

TEST(Faults, HaveANameForEveryKindOnce) {
  std::set<std::string_view> names;
  std::set<FaultKind> kinds;
  for (const FaultName& fault : fault_names()) {
    names.insert(fault.name);
    kinds.insert(fault.kind);
  }
  EXPECT_EQ(names.size(), fault_names().size());
  EXPECT_EQ(kinds.size(), static_cast<std::size_t>(FaultKind::kPartialFailure) + 1);
}

}  // namespace
}  // namespace slipway::sim
