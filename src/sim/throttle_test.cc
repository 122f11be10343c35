#include "sim/throttle.h"

#include <gtest/gtest.h>

namespace slipway::sim {
namespace {

using namespace std::chrono_literals;

const TimePoint kStart{std::chrono::sys_days{std::chrono::January / 1 / 2026}};

int admitted(Throttle& throttle, std::string_view operation, int calls, TimePoint now) {
  int count = 0;
  for (int i = 0; i < calls; ++i) count += throttle.admit("ecs", operation, 0, now) ? 1 : 0;
  return count;
}

TEST(Throttle, KnowsTheDocumentedBurstAndRefillOfEachGroup) {
  struct Case {
    std::string_view operation;
    int burst;
    int after_ten_seconds;
  };
  for (const auto& [operation, burst, after_ten_seconds] : {
           Case{"RegisterTaskDefinition", 20, 10},
           Case{"DeleteTaskDefinitions", 5, 5},
           Case{"DescribeTaskDefinition", 50, 50},
           Case{"UpdateService", 50, 50},
           Case{"DescribeServices", 100, 100},
           Case{"RunTask", 100, 100},
           Case{"DescribeTasks", 100, 100},
           Case{"ListServicesByNamespace", 10, 10},
           Case{"PutAccountSetting", 10, 10},
           Case{"TagResource", 20, 20},
           Case{"CreateCluster", 20, 10},
           Case{"UpdateTaskProtection", 200, 200},
       }) {
    SCOPED_TRACE(operation);
    Throttle throttle({});
    EXPECT_EQ(admitted(throttle, operation, 500, kStart), burst);
    EXPECT_EQ(admitted(throttle, operation, 500, kStart + 10s), after_ten_seconds);
  }
}

TEST(Throttle, LetsOperationsOfOneGroupShareTheirBucket) {
  Throttle throttle({});
  EXPECT_EQ(admitted(throttle, "RegisterTaskDefinition", 15, kStart), 15);
  EXPECT_EQ(admitted(throttle, "DeregisterTaskDefinition", 15, kStart), 5);
  EXPECT_EQ(admitted(throttle, "DescribeTaskDefinition", 15, kStart), 15);
}

TEST(Throttle, RefillsByTheFractionOfASecond) {
  Throttle throttle({.overrides = {{"service-modify", {1, 10}}}});
  EXPECT_EQ(admitted(throttle, "UpdateService", 5, kStart), 1);
  EXPECT_EQ(admitted(throttle, "UpdateService", 5, kStart + 99ms), 0);
  EXPECT_EQ(admitted(throttle, "UpdateService", 5, kStart + 100ms), 1);
}

TEST(Throttle, ARefusedCallTakesNothing) {
  Throttle throttle({.overrides = {{"service-modify", {1, 1}}}});
  EXPECT_EQ(admitted(throttle, "UpdateService", 1000, kStart), 1);
  EXPECT_EQ(admitted(throttle, "UpdateService", 1, kStart + 1s), 1);
}

TEST(Throttle, LaunchesOnFargateComeFromABucketOfTheirOwn) {
  Throttle throttle({});
  int launched = 0;
  for (int i = 0; i < 30; ++i)
    if (throttle.admit("ecs", "RunTask", 10, kStart)) launched += 10;
  EXPECT_EQ(launched, 100);
  // The bucket of calls still has 90 tokens for tasks that do not run on Fargate.
  EXPECT_EQ(admitted(throttle, "RunTask", 200, kStart), 90);
}

TEST(Throttle, AdmitsEverythingWhenOffAndWhatHasNoDocumentedLimit) {
  Throttle off({.enabled = false});
  EXPECT_EQ(admitted(off, "CreateCluster", 1000, kStart), 1000);
  Throttle on({});
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(on.admit("sts", "GetCallerIdentity", 0, kStart));
}

TEST(Throttle, NamesEveryBucketOnceWithARate) {
  const auto names = bucket_names();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  for (const auto& name : names) {
    SCOPED_TRACE(name);
    EXPECT_GT(documented_rate(name).burst, 0);
    EXPECT_GT(documented_rate(name).per_second, 0);
  }
}

// Other services have operations of the same names.
TEST(Throttle, KeepsServicesApart) {
  EXPECT_EQ(bucket_of("ecs", "TagResource"), "tag-modify");
  EXPECT_EQ(bucket_of("events", "TagResource"), "event-rules");
  EXPECT_EQ(bucket_of("logs", "FilterLogEvents"), "log-search");
  EXPECT_EQ(bucket_of("sns", "RunTask"), "");
}

}  // namespace
}  // namespace slipway::sim
