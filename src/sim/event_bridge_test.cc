#include "sim/event_bridge.h"

#include "sim/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace slipway::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view kCluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod";

// A rule `nightly` at three o'clock and a definition `web` for its targets.
class ARule : public testing::Test {
 protected:
  ARule() {
    r.call("CreateCluster", R"({"clusterName": "prod"})");
    r.register_web();
    arn = string_or_empty(r.call("events:PutRule",
                                 R"j({"Name": "nightly", "ScheduleExpression": "cron(0 3 * * ? *)",
                   "Description": "every night", "RoleArn": "arn:aws:iam::1:role/r"})j"),
                          "RuleArn");
    r.at(0);
  }

  static std::string target(std::string_view id, std::string_view more = "",
                            std::string_view more_of_ecs = "") {
    return fmt::format(R"({{"Id": "{}", "Arn": "{}", "RoleArn": "arn:aws:iam::1:role/run",
        "EcsParameters": {{"TaskDefinitionArn": "web", "LaunchType": "FARGATE",
          "NetworkConfiguration": {{"awsvpcConfiguration": {{"Subnets": ["subnet-1"]}}}}{}}}{}}})",
                       id, kCluster, more_of_ecs, more);
  }
  Json put(const std::string& targets) {
    return r.call("events:PutTargets",
                  fmt::format(R"({{"Rule": "nightly", "Targets": [{}]}})", targets));
  }
  std::string put_refused(const std::string& targets) {
    return r.refusal("events:PutTargets",
                     fmt::format(R"({{"Rule": "nightly", "Targets": [{}]}})", targets));
  }
  JsonArray targets() {
    return r.call("events:ListTargetsByRule", R"({"Rule": "nightly"})").at("Targets").as_array();
  }
  Json task(const Json& arns, std::size_t index) {
    return r
        .call("DescribeTasks", fmt::format(R"({{"cluster": "prod", "tasks": [{}]}})",
                                           to_text(arns.at("taskArns").as_array().at(index))))
        .at("tasks")
        .at(0);
  }

  Rehearsal r;
  std::string arn;
};

TEST_F(ARule, IsDescribedAsItWasPut) {
  EXPECT_EQ(arn, "arn:aws:events:eu-west-1:123456789012:rule/nightly");
  EXPECT_EQ(to_text(r.call("events:DescribeRule", R"({"Name": "nightly"})")),
            R"({"Name":"nightly","Arn":"arn:aws:events:eu-west-1:123456789012:rule/nightly",)"
            R"j("ScheduleExpression":"cron(0 3 * * ? *)","State":"ENABLED",)j"
            R"("Description":"every night","RoleArn":"arn:aws:iam::1:role/r",)"
            R"("EventBusName":"default","CreatedBy":"123456789012"})");
}

TEST_F(ARule, LosesWhatPuttingItAgainDoesNotSay) {
  r.call("events:PutRule",
         R"j({"Name": "nightly", "ScheduleExpression": "rate(1 day)", "State": "DISABLED"})j");
  const Json rule = r.call("events:DescribeRule", R"({"Name": "nightly"})");
  EXPECT_EQ(find(rule, "Description"), nullptr);
  EXPECT_EQ(find(rule, "RoleArn"), nullptr);
  EXPECT_EQ(string_or_empty(rule, "State"), "DISABLED");
}

TEST_F(ARule, KeepsItsTargetsWhenItIsPutAgain) {
  put(target("1"));
  r.call("events:PutRule", R"j({"Name": "nightly", "ScheduleExpression": "rate(1 day)"})j");
  EXPECT_THAT(targets(), SizeIs(1));
}

TEST_F(ARule, TakesTheWholeTargetOfAnId) {
  put(target("1", R"(, "Input": "{}", "RetryPolicy": {"MaximumRetryAttempts": 1},
                     "Invented": {"deep": [1]})") +
      "," + target("2"));
  // What the model does not know is carried as well, and so is not for targets() to judge.
  EXPECT_THAT(r.ask("events:ListTargetsByRule", R"({"Rule": "nightly"})")->text,
              HasSubstr(R"("Invented":{"deep":[1]})"));
  const Json answer = put(target("1"));
  EXPECT_EQ(to_text(answer), R"({"FailedEntryCount":0,"FailedEntries":[]})");
  ASSERT_THAT(targets(), SizeIs(2));
  EXPECT_EQ(to_text(targets()[0]), to_text(parse_json(target("1")).value()));
}

TEST_F(ARule, RefusesTargetsAsAwsDoes) {
  struct Case {
    std::string targets, refusal;
  };
  const std::string at = std::string(kCluster);
  for (const Case& c : std::vector<Case>{
           {R"({"Id": "1", "Arn": "prod"})",
            "ValidationException: Parameter prod is not valid. Reason: Provided Arn is not in "
            "correct format."},
           {R"({"Id": "1", "Arn": ")" + at + R"(", "RoleArn": "arn:aws:iam::1:role/r"})",
            "ValidationException: Parameter(s) EcsParameters must be specified for target: 1."},
           {R"({"Id": "1", "Arn": ")" + at + R"(", "EcsParameters": {"TaskDefinitionArn": "w"}})",
            "ValidationException: RoleArn is required for target " + at + "."},
           {target("1", R"(, "Input": "{")"),
            "ValidationException: JSON syntax error in input for target 1 : "
            "not valid JSON at line 1, column 2: the text ends too early"},
       }) {
    EXPECT_EQ(put_refused(c.targets), c.refusal);
  }
  EXPECT_THAT(targets(), IsEmpty());
}

TEST_F(ARule, HasFiveTargetsAtMostAndTenInACall) {
  std::string eleven;
  for (int i = 0; i < 11; ++i) eleven += (i > 0 ? "," : "") + target(fmt::format("t{:02}", i));
  EXPECT_THAT(put_refused(eleven),
              testing::AllOf(HasSubstr("ValidationException: 1 validation error detected: Value"),
                             HasSubstr("at 'targets' failed to satisfy constraint: Member must "
                                       "have length less than or equal to 10")));
  put(eleven.substr(0, eleven.find(R"(,{"Id": "t05")")));
  EXPECT_THAT(targets(), SizeIs(5));
  EXPECT_EQ(put_refused(target("t05")),
            "LimitExceededException: The requested resource exceeds the maximum number allowed.");
  put(target("t04"));  // one that is there is no further one
}

TEST_F(ARule, CannotBeDeletedBeforeItsTargets) {
  put(target("1"));
  EXPECT_EQ(r.refusal("events:DeleteRule", R"({"Name": "nightly"})"),
            "ValidationException: Rule can't be deleted since it has targets.");
  r.call("events:RemoveTargets", R"({"Rule": "nightly", "Ids": ["1", "unknown"]})");
  EXPECT_THAT(targets(), IsEmpty());
  r.call("events:DeleteRule", R"({"Name": "nightly"})");
  EXPECT_EQ(r.refusal("events:DescribeRule", R"({"Name": "nightly"})"),
            "ResourceNotFoundException: Rule nightly does not exist on EventBus default.");
  r.call("events:DeleteRule", R"({"Name": "nightly"})");
}

TEST_F(ARule, ThatIsNotThereIsNotFound) {
  for (const char* operation : {"PutTargets", "RemoveTargets", "ListTargetsByRule"})
    EXPECT_EQ(r.refusal(fmt::format("events:{}", operation),
                        R"({"Rule": "gone", "Targets": [], "Ids": []})"),
              "ResourceNotFoundException: Rule gone does not exist on EventBus default.");
  for (const char* operation : {"EnableRule", "DisableRule"})
    EXPECT_EQ(r.refusal(fmt::format("events:{}", operation), R"({"Name": "gone"})"),
              "ResourceNotFoundException: Rule gone does not exist on EventBus default.");
  EXPECT_EQ(r.refusal("events:DescribeRule", R"({"Name": "nightly", "EventBusName": "other"})"),
            "ResourceNotFoundException: Event bus other does not exist.");
  r.call("events:DescribeRule", R"({"Name": "nightly", "EventBusName":
         "arn:aws:events:eu-west-1:123456789012:event-bus/default"})");
}

TEST_F(ARule, OfAnotherBusIsAnotherOne) {
  EXPECT_EQ(r.refusal("events:PutRule", R"({"Name": "nightly", "EventBusName": "reports",
                                            "EventPattern": "{\"source\": [\"shop\"]}"})"),
            "ResourceNotFoundException: Event bus reports does not exist.");
  r.call("events:CreateEventBus", R"({"Name": "reports", "Description": "monthly"})");
  const std::string_view on_reports =
      R"({"Name": "nightly", "EventBusName": "arn:aws:events:eu-west-1:123456789012:event-bus/reports",
          "EventPattern": "{\"source\":[\"shop\"]}"})";
  EXPECT_EQ(to_text(r.call("events:PutRule", on_reports)),
            R"({"RuleArn":"arn:aws:events:eu-west-1:123456789012:rule/reports/nightly"})");
  r.call("events:PutTargets", R"({"Rule": "nightly", "EventBusName": "reports",
                                  "Targets": [{"Id": "1", "Arn": "arn:q"}]})");
  EXPECT_THAT(targets(), IsEmpty());  // of the default bus
  EXPECT_EQ(to_text(r.call("events:ListRuleNamesByTarget",
                           R"({"TargetArn": "arn:q", "EventBusName": "reports"})")),
            R"({"RuleNames":["nightly"]})");
  EXPECT_EQ(to_text(r.call("events:ListRuleNamesByTarget", R"({"TargetArn": "arn:q"})")),
            R"({"RuleNames":[]})");
  EXPECT_EQ(string_or_empty(
                r.call("events:ListRules", R"({"EventBusName": "reports"})").at("Rules").at(0),
                "EventBusName"),
            "reports");
  EXPECT_EQ(r.refusal("events:PutRule", R"j({"Name": "late", "EventBusName": "reports",
                                             "ScheduleExpression": "rate(1 day)"})j"),
            "ValidationException: ScheduleExpression is supported only on the default event bus.");
}

TEST_F(ARule, KeepsItsBusFromBeingDeleted) {
  r.call("events:CreateEventBus", R"({"Name": "reports"})");
  EXPECT_EQ(r.refusal("events:CreateEventBus", R"({"Name": "reports"})"),
            "ResourceAlreadyExistsException: Event bus reports already exists.");
  r.call(
      "events:PutRule",
      R"({"Name": "late", "EventBusName": "reports", "EventPattern": "{\"source\": [\"shop\"]}"})");
  EXPECT_EQ(r.refusal("events:DeleteEventBus", R"({"Name": "reports"})"),
            "ValidationException: Event bus can't be deleted since it has rules.");
  EXPECT_EQ(r.refusal("events:DeleteEventBus", R"({"Name": "default"})"),
            "ValidationException: Cannot delete event bus default.");
  std::vector<std::string> names;
  const Json listed = r.call("events:ListEventBuses", "{}");
  for (const Json& bus : listed.at("EventBuses").as_array())
    names.emplace_back(string_or_empty(bus, "Name"));
  EXPECT_THAT(names, testing::ElementsAre("default", "reports"));
  r.call("events:DeleteRule", R"({"Name": "late", "EventBusName": "reports"})");
  r.call("events:DeleteEventBus", R"({"Name": "reports"})");
  EXPECT_EQ(r.refusal("events:DescribeEventBus", R"({"Name": "reports"})"),
            "ResourceNotFoundException: Event bus reports does not exist.");
  EXPECT_EQ(string_or_empty(r.call("events:DescribeEventBus", "{}"), "Arn"),
            "arn:aws:events:eu-west-1:123456789012:event-bus/default");
}

TEST_F(ARule, IsRefusedWithoutASchedulePatternOrWithABadOne) {
  struct Case {
    std::string_view input, refusal;
  };
  for (const auto& [input, refusal] :
       {Case{R"j({"Name": "a b", "ScheduleExpression": "rate(1 day)"})j",
             "ValidationException: 1 validation error detected: Value 'a b' at 'name' failed to "
             "satisfy constraint: Member must satisfy regular expression pattern: "
             "[\\.\\-_A-Za-z0-9]+"},
        Case{R"({"Name": "a"})",
             "ValidationException: Parameter(s) EventPattern or ScheduleExpression must be "
             "specified."},
        Case{R"j({"Name": "a", "ScheduleExpression": "rate(1 days)"})j",
             "ValidationException: Parameter ScheduleExpression is not valid."},
        Case{R"j({"Name": "a", "ScheduleExpression": "at(2026-01-01T00:00:00)"})j",
             "ValidationException: Parameter ScheduleExpression is not valid."},
        Case{R"({"Name": "a", "EventPattern": "[]"})",
             "InvalidEventPatternException: Event pattern is not valid. Reason: Filter is not an "
             "object"}})
    EXPECT_EQ(r.refusal("events:PutRule", input), refusal);
}

TEST_F(ARule, IsFoundByPrefixAndByTarget) {
  r.call("events:PutRule", R"({"Name": "other", "EventPattern": "{\"source\": [\"shop\"]}"})");
  put(target("1"));
  EXPECT_THAT(r.call("events:ListRules", R"({"NamePrefix": "ni"})").at("Rules").as_array(),
              SizeIs(1));
  EXPECT_EQ(to_text(r.call("events:ListRuleNamesByTarget",
                           fmt::format(R"({{"TargetArn": "{}"}})", kCluster))),
            R"({"RuleNames":["nightly"]})");
}

TEST_F(ARule, IsListedInPages) {
  for (int i = 0; i < 4; ++i)
    r.call("events:PutRule",
           fmt::format(R"j({{"Name": "r{}", "ScheduleExpression": "rate(1 day)"}})j", i));
  EXPECT_THAT(r.names_by_pages("events:ListRules", "Limit", "Rules", "Name"),
              ElementsAre("nightly", "r0", "r1", "r2", "r3"));
  EXPECT_EQ(r.refusal("events:ListRules", R"({"NextToken": "zz"})"),
            "ValidationException: Token is invalid.");
}

TEST_F(ARule, CarriesTags) {
  const auto tags = [&] {
    return to_text(
        r.call("events:ListTagsForResource", fmt::format(R"({{"ResourceARN": "{}"}})", arn)));
  };
  r.call("events:TagResource",
         fmt::format(R"({{"ResourceARN": "{}", "Tags": [{{"Key": "a", "Value": "1"}},
                                                        {{"Key": "b", "Value": "2"}}]}})",
                     arn));
  r.call("events:UntagResource", fmt::format(R"({{"ResourceARN": "{}", "TagKeys": ["a"]}})", arn));
  EXPECT_EQ(tags(), R"({"Tags":[{"Key":"b","Value":"2"}]})");
}

TEST_F(ARule, StartsItsTargetsTasksAtItsTime) {
  put(target("1",
             R"(, "Input": "{\"containerOverrides\":[{\"name\":\"app\",)"
             R"(\"command\":[\"nightly\"]}]}")",
             R"(, "TaskCount": 2, "Group": "jobs", "Tags": [{"Key": "k", "Value": "v"}])") +
      "," + target("2"));
  r.at(3 * 3600 - 1);
  EXPECT_THAT(r.call("ListTasks", R"({"cluster": "prod"})").at("taskArns").as_array(), IsEmpty());
  r.at(3 * 3600);
  const Json started = r.call("ListTasks", R"({"cluster": "prod"})");
  ASSERT_THAT(started.at("taskArns").as_array(), SizeIs(3));
  int with_overrides = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const Json each = task(started, i);
    EXPECT_EQ(string_or_empty(each, "startedBy"), "events-rule/nightly");
    if (string_or_empty(each, "group") != "jobs") continue;
    EXPECT_EQ(to_text(each.at("overrides").at("containerOverrides").at(0).at("command")),
              R"(["nightly"])");
    ++with_overrides;
  }
  EXPECT_EQ(with_overrides, 2);
  r.at(27 * 3600);  // and again; the first ones run on
  EXPECT_THAT(r.call("ListTasks", R"({"cluster": "prod"})").at("taskArns").as_array(), SizeIs(6));
}

TEST_F(ARule, StartsNothingWhileItIsDisabled) {
  put(target("1"));
  r.call("events:DisableRule", R"({"Name": "nightly"})");
  r.at(4 * 3600);
  EXPECT_THAT(r.call("ListTasks", R"({"cluster": "prod"})").at("taskArns").as_array(), IsEmpty());
  r.call("events:EnableRule", R"({"Name": "nightly"})");
  r.at(28 * 3600);
  EXPECT_THAT(r.call("ListTasks", R"({"cluster": "prod"})").at("taskArns").as_array(), SizeIs(1));
}

TEST_F(ARule, StartsNothingThatEcsRefuses) {
  put(target("1"));
  r.call("DeregisterTaskDefinition", R"({"taskDefinition": "web:1"})");
  r.at(4 * 3600);
  EXPECT_THAT(r.call("ListTasks", R"({"cluster": "prod"})").at("taskArns").as_array(), IsEmpty());
}

}  // namespace
}  // namespace slipway::sim
