#include "sim/service_access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace slipway::sim {
namespace {

using testing::ElementsAre;

TEST(AccessToOtherServices, IsAskedForResourceByResource) {
  struct Case {
    std::string service, operation, input;
    std::vector<std::string> wanted;
  };
  const std::string rule = "arn:aws:events:eu-west-1:111111111111:rule/";
  const std::string scheduler = "arn:aws:scheduler:eu-west-1:111111111111:";
  const std::string topic = "arn:aws:sns:eu-west-1:111111111111:deploys";
  const std::string group = "arn:aws:logs:eu-west-1:111111111111:log-group:/shop/web";
  for (const Case& c : std::vector<Case>{
           {"events",
            "PutRule",
            R"({"Name":"n","RoleArn":"arn:aws:iam::1:role/r"})",
            {"events:PutRule " + rule + "n", "iam:PassRole arn:aws:iam::1:role/r"}},
           {"events",
            "PutTargets",
            R"({"Rule":"n","Targets":[{"Id":"1","Arn":"a","RoleArn":"arn:aws:iam::1:role/r"},
                                      {"Id":"2","Arn":"b"}]})",
            {"events:PutTargets " + rule + "n", "iam:PassRole arn:aws:iam::1:role/r"}},
           {"events",
            "DeleteRule",
            R"({"Name":"n","EventBusName":"bus"})",
            {"events:DeleteRule " + rule + "bus/n"}},
           {"events", "ListRules", "{}", {"events:ListRules " + rule + "*"}},
           {"events", "TagResource", R"({"ResourceARN":"arn:x"})", {"events:TagResource arn:x"}},
           {"scheduler",
            "UpdateSchedule",
            R"({"Name":"n","GroupName":"g","Target":{"RoleArn":"arn:aws:iam::1:role/r"}})",
            {"scheduler:UpdateSchedule " + scheduler + "schedule/g/n",
             "iam:PassRole arn:aws:iam::1:role/r"}},
           {"scheduler",
            "GetSchedule",
            R"({"Name":"n"})",
            {"scheduler:GetSchedule " + scheduler + "schedule/default/n"}},
           {"scheduler",
            "CreateScheduleGroup",
            R"({"Name":"g"})",
            {"scheduler:CreateScheduleGroup " + scheduler + "schedule-group/g"}},
           {"scheduler", "ListSchedules", "{}", {"scheduler:ListSchedules *"}},
           {"sns", "Publish", R"({"TargetArn":")" + topic + "\"}", {"SNS:Publish " + topic}},
           {"sns", "CreateTopic", R"({"Name":"deploys"})", {"SNS:CreateTopic " + topic}},
           {"sns",
            "Unsubscribe",
            R"({"SubscriptionArn":")" + topic + R"(:0-1"})",
            {"SNS:Unsubscribe " + topic}},
           {"sns", "ListTopics", "{}", {"SNS:ListTopics *"}},
           {"dynamodb",
            "GetItem",
            R"({"TableName":"locks"})",
            {"dynamodb:GetItem arn:aws:dynamodb:eu-west-1:111111111111:table/locks"}},
           {"dynamodb",
            "Query",
            R"({"TableName":"locks","IndexName":"by-time"})",
            {"dynamodb:Query arn:aws:dynamodb:eu-west-1:111111111111:table/locks/index/by-time"}},
           {"dynamodb", "ListTables", "{}", {"dynamodb:ListTables *"}},
           {"iam",
            "AttachRolePolicy",
            R"({"RoleName":"task","PolicyArn":"arn:p"})",
            {"iam:AttachRolePolicy arn:aws:iam::111111111111:role/task"}},
           {"ecr",
            "DescribeImages",
            R"({"repositoryName":"shop/web"})",
            {"ecr:DescribeImages arn:aws:ecr:eu-west-1:111111111111:repository/shop/web"}},
           {"secretsmanager",
            "DescribeSecret",
            R"({"SecretId":"db"})",
            {"secretsmanager:DescribeSecret "
             "arn:aws:secretsmanager:eu-west-1:111111111111:secret:db-??????"}},
           {"ssm",
            "GetParameters",
            R"({"Names":["/a","b"]})",
            {"ssm:GetParameters arn:aws:ssm:eu-west-1:111111111111:parameter/a",
             "ssm:GetParameters arn:aws:ssm:eu-west-1:111111111111:parameter/b"}},
           {"kms",
            "DescribeKey",
            R"({"KeyId":"alias/shop"})",
            {"kms:DescribeKey arn:aws:kms:eu-west-1:111111111111:alias/shop"}},
           {"ec2", "DescribeVpcs", "{}", {"ec2:DescribeVpcs *"}},
           {"logs",
            "GetLogEvents",
            R"({"logGroupName":"/shop/web","logStreamName":"s"})",
            {"logs:GetLogEvents " + group + ":log-stream:s"}},
           {"logs",
            "FilterLogEvents",
            R"({"logGroupIdentifier":")" + group + R"(:*"})",
            {"logs:FilterLogEvents " + group + ":log-stream:"}},
           {"logs",
            "CreateLogGroup",
            R"({"logGroupName":"/shop/web"})",
            {"logs:CreateLogGroup " + group}},
           {"s3", "GetObject", "{}", {}},
       }) {
    SCOPED_TRACE(c.operation);
    std::vector<std::string> asked;
    for (const Access& access :
         needed_by_service({}, c.service, c.operation, parse_json(c.input).value()))
      asked.push_back(access.action + " " + access.resource);
    EXPECT_EQ(asked, c.wanted);
  }
}

TEST(AccessToOtherServices, NamesWhomARoleIsPassedTo) {
  const auto to = [](std::string_view service, std::string_view operation, std::string_view input) {
    return needed_by_service({}, service, operation, parse_json(input).value())
        .back()
        .context.at("iam:passedtoservice");
  };
  EXPECT_THAT(to("events", "PutTargets", R"({"Rule":"n","Targets":[{"RoleArn":"arn:r"}]})"),
              ElementsAre("events.amazonaws.com"));
  EXPECT_THAT(to("scheduler", "CreateSchedule", R"({"Name":"n","Target":{"RoleArn":"arn:r"}})"),
              ElementsAre("scheduler.amazonaws.com"));
}

}  // namespace
}  // namespace slipway::sim
