#include "sim/event_scheduler.h"

#include "sim/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace slipway::sim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view kCluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod";

// A schedule `nightly` in the default group.
class ASchedule : public testing::Test {
 protected:
  ASchedule() {
    r.call("CreateCluster", R"({"clusterName": "prod"})");
    r.register_web();
    r.at(0);
    arn = string_or_empty(create("nightly", "cron(0 3 * * ? *)"), "ScheduleArn");
  }

  static std::string input(std::string_view name, std::string_view expression,
                           std::string_view more = "") {
    return fmt::format(R"({{"Name": "{}", "ScheduleExpression": "{}",
        "FlexibleTimeWindow": {{"Mode": "OFF"}},
        "Target": {{"Arn": "{}", "RoleArn": "arn:aws:iam::1:role/run", "EcsParameters":
          {{"TaskDefinitionArn": "web", "LaunchType": "FARGATE", "NetworkConfiguration":
            {{"awsvpcConfiguration": {{"Subnets": ["subnet-1"]}}}}}}}}{}}})",
                       name, expression, kCluster, more);
  }
  Json create(std::string_view name, std::string_view expression, std::string_view more = "") {
    return r.call("scheduler:CreateSchedule", input(name, expression, more));
  }
  std::string refused(std::string_view name, std::string_view expression, std::string_view more) {
    return r.refusal("scheduler:CreateSchedule", input(name, expression, more));
  }
  Json get(std::string_view name = "nightly") {
    return r.call("scheduler:GetSchedule", fmt::format(R"({{"Name": "{}"}})", name));
  }
  JsonArray tasks() {
    return r.call("ListTasks", R"({"cluster": "prod"})").at("taskArns").as_array();
  }

  Rehearsal r;
  std::string arn;
};

TEST_F(ASchedule, IsGotWithWhatWasNotSaid) {
  EXPECT_EQ(arn, "arn:aws:scheduler:eu-west-1:123456789012:schedule/default/nightly");
  const Json schedule = get();
  EXPECT_EQ(string_or_empty(schedule, "GroupName"), "default");
  EXPECT_EQ(string_or_empty(schedule, "State"), "ENABLED");
  EXPECT_EQ(string_or_empty(schedule, "ScheduleExpressionTimezone"), "UTC");
  EXPECT_EQ(string_or_empty(schedule, "ActionAfterCompletion"), "NONE");
  EXPECT_EQ(to_text(schedule.at("Target").at("RetryPolicy")),
            R"({"MaximumEventAgeInSeconds":86400,"MaximumRetryAttempts":185})");
  EXPECT_EQ(find(schedule, "ClientToken"), nullptr);
}

TEST_F(ASchedule, IsReplacedWhole) {
  create("other", "rate(1 day)", R"(, "Description": "d", "State": "DISABLED",
         "ScheduleExpressionTimezone": "Europe/Berlin")");
  r.at(10);
  r.call("scheduler:UpdateSchedule", input("other", "rate(2 days)"));
  const Json schedule = get("other");
  EXPECT_EQ(string_or_empty(schedule, "ScheduleExpression"), "rate(2 days)");
  EXPECT_EQ(find(schedule, "Description"), nullptr);
  EXPECT_EQ(string_or_empty(schedule, "State"), "ENABLED");
  EXPECT_EQ(string_or_empty(schedule, "ScheduleExpressionTimezone"), "UTC");
  EXPECT_EQ(schedule.at("LastModificationDate").to_number<double>() -
                schedule.at("CreationDate").to_number<double>(),
            10);
}

TEST_F(ASchedule, IsRefusedAsAwsRefusesIt) {
  EXPECT_EQ(refused("nightly", "rate(1 day)", ""),
            "ConflictException: Schedule nightly already exists.");
  EXPECT_EQ(refused("a b", "rate(1 day)", ""),
            "ValidationException: 1 validation error detected: Value 'a b' at 'name' failed to "
            "satisfy constraint: Member must satisfy regular expression pattern: "
            "^[0-9a-zA-Z-_.]+$");
  EXPECT_EQ(refused("b", "rate(1 days)", ""),
            "ValidationException: Invalid Schedule Expression rate(1 days).");
  EXPECT_EQ(refused("b", "rate(1 day)", R"(, "GroupName": "none")"),
            "ResourceNotFoundException: Schedule group none does not exist.");
  EXPECT_EQ(refused("b", "rate(1 day)", R"(, "StartDate": 20, "EndDate": 10)"),
            "ValidationException: The StartDate must come before the EndDate.");
  EXPECT_EQ(r.refusal("scheduler:CreateSchedule", R"j({"Name": "b", "ScheduleExpression":
                      "rate(1 day)", "FlexibleTimeWindow": {"Mode": "FLEXIBLE"}})j"),
            "ValidationException: MaximumWindowInMinutes is required when Mode is FLEXIBLE.");
  EXPECT_EQ(r.refusal("scheduler:CreateSchedule", R"j({"Name": "b", "ScheduleExpression":
                      "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"},
                      "Target": {"Arn": "x", "RoleArn": "r"}})j"),
            "ValidationException: Provided Arn is not in correct format. Arn: x");
  for (const char* operation : {"GetSchedule", "DeleteSchedule"})
    EXPECT_EQ(r.refusal(fmt::format("scheduler:{}", operation), R"({"Name": "gone"})"),
              "ResourceNotFoundException: Schedule gone does not exist.");
  EXPECT_EQ(r.refusal("scheduler:UpdateSchedule", input("gone", "rate(1 day)")),
            "ResourceNotFoundException: Schedule gone does not exist.");
}

TEST_F(ASchedule, IsMadeOnceForOneClientToken) {
  const Json first = create("b", "rate(1 day)", R"(, "ClientToken": "t")");
  EXPECT_EQ(create("b", "rate(1 day)", R"(, "ClientToken": "t")"), first);
  EXPECT_EQ(refused("b", "rate(1 day)", R"(, "ClientToken": "u")"),
            "ConflictException: Schedule b already exists.");
}

TEST_F(ASchedule, LivesAndDiesInItsGroup) {
  r.call("scheduler:CreateScheduleGroup", R"({"Name": "shop"})");
  EXPECT_EQ(r.refusal("scheduler:CreateScheduleGroup", R"({"Name": "shop"})"),
            "ConflictException: Schedule group shop already exists.");
  create("nightly", "rate(1 day)", R"(, "GroupName": "shop")");
  EXPECT_THAT(r.call("scheduler:ListSchedules").at("Schedules").as_array(), SizeIs(2));
  EXPECT_THAT(
      r.call("scheduler:ListSchedules", R"({"GroupName": "shop"})").at("Schedules").as_array(),
      SizeIs(1));
  EXPECT_THAT(r.call("scheduler:ListScheduleGroups").at("ScheduleGroups").as_array(), SizeIs(2));
  EXPECT_EQ(string_or_empty(r.call("scheduler:GetScheduleGroup", R"({"Name": "default"})"), "Arn"),
            "arn:aws:scheduler:eu-west-1:123456789012:schedule-group/default");
  r.call("scheduler:DeleteScheduleGroup", R"({"Name": "shop"})");
  EXPECT_THAT(r.call("scheduler:ListSchedules").at("Schedules").as_array(), SizeIs(1));
  EXPECT_EQ(r.refusal("scheduler:ListSchedules", R"({"GroupName": "shop"})"),
            "ResourceNotFoundException: Schedule group shop does not exist.");
  EXPECT_EQ(r.refusal("scheduler:DeleteScheduleGroup", R"({"Name": "default"})"),
            "ValidationException: The default schedule group cannot be deleted.");
}

TEST_F(ASchedule, IsListedInPagesByNameAndState) {
  for (const char* name : {"a", "b", "c"}) create(name, "rate(1 day)", R"(, "State": "DISABLED")");
  EXPECT_THAT(r.names_by_pages("scheduler:ListSchedules", "MaxResults", "Schedules", "Name"),
              ElementsAre("a", "b", "c", "nightly"));
  EXPECT_THAT(
      r.call("scheduler:ListSchedules", R"({"State": "DISABLED"})").at("Schedules").as_array(),
      SizeIs(3));
  EXPECT_THAT(
      r.call("scheduler:ListSchedules", R"({"NamePrefix": "night"})").at("Schedules").as_array(),
      SizeIs(1));
  EXPECT_EQ(r.refusal("scheduler:ListSchedules", R"({"NextToken": "zz"})"),
            "ValidationException: Invalid NextToken.");
}

TEST_F(ASchedule, StartsItsTaskAtItsTime) {
  r.at(3 * 3600);
  ASSERT_THAT(tasks(), SizeIs(1));
  const Json task = r.call("DescribeTasks", fmt::format(R"({{"cluster": "prod", "tasks": [{}]}})",
                                                        to_text(tasks()[0])))
                        .at("tasks")
                        .at(0);
  EXPECT_EQ(string_or_empty(task, "startedBy"), "chronos-schedule/nightly");
}

TEST_F(ASchedule, OfOneMomentFiresOnceAndIsThenDeletedIfItSaysSo) {
  create("once", "at(2026-01-01T01:00:00)", R"(, "ActionAfterCompletion": "DELETE")");
  create("kept", "at(2026-01-01T01:00:00)");
  r.at(3600);
  EXPECT_THAT(tasks(), SizeIs(2));
  EXPECT_EQ(r.refusal("scheduler:GetSchedule", R"({"Name": "once"})"),
            "ResourceNotFoundException: Schedule once does not exist.");
  get("kept");
  r.at(2.5 * 3600);
  EXPECT_THAT(tasks(), SizeIs(2));
}

TEST_F(ASchedule, FiresBetweenItsDatesOnly) {
  r.call("scheduler:DeleteSchedule", R"({"Name": "nightly"})");
  const auto zero = Rehearsal::kZero.time_since_epoch().count() / 1'000'000;
  create("hourly", "rate(1 hour)",
         fmt::format(R"(, "StartDate": {}, "EndDate": {})", zero + 7200, zero + 4 * 3600));
  r.at(2.9 * 3600);
  EXPECT_THAT(tasks(), IsEmpty());
  r.at(10 * 3600);
  EXPECT_THAT(tasks(), SizeIs(2));  // at three and at four
}

TEST_F(ASchedule, OfAnotherTimeZoneIsKeptAndDoesNotFire) {
  r.call("scheduler:UpdateSchedule",
         input("nightly", "cron(0 3 * * ? *)", R"(, "ScheduleExpressionTimezone": "Asia/Tokyo")"));
  r.at(48 * 3600);
  EXPECT_THAT(tasks(), IsEmpty());
  EXPECT_EQ(string_or_empty(get(), "ScheduleExpressionTimezone"), "Asia/Tokyo");
}

TEST_F(ASchedule, BeginsAndEndsAtTimesThatThereAre) {
  EXPECT_EQ(refused("early", "rate(1 hour)", R"(, "StartDate": -1e300)"),
            "ValidationException: Invalid StartDate.");
  EXPECT_EQ(refused("late", "rate(1 hour)", R"(, "EndDate": 1e18)"),
            "ValidationException: Invalid EndDate.");
}

}  // namespace
}  // namespace slipway::sim
