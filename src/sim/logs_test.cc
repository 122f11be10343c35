#include "sim/logs.h"

#include "sim/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace slipway::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

std::vector<std::string> messages_of(const Json& page) {
  std::vector<std::string> messages;
  for (const Json& event : page.at("events").as_array())
    messages.emplace_back(string_or_empty(event, "message"));
  return messages;
}

// A group `/shop/web` with a stream `s` and five events, one a second.
class AStream : public testing::Test {
 protected:
  AStream() {
    r.at(0);
    r.call("logs:CreateLogGroup", R"({"logGroupName": "/shop/web"})");
    r.call("logs:CreateLogStream", R"({"logGroupName": "/shop/web", "logStreamName": "s"})");
    put("s", 1000, 5);
  }
  void put(std::string_view stream, int first_at, int count) {
    std::string events;
    for (int i = 0; i < count; ++i)
      events += fmt::format(R"({}{{"timestamp": {}, "message": "{}{}"}})", i > 0 ? "," : "",
                            first_at + 1000 * i, stream, i + 1);
    r.call("logs:PutLogEvents", fmt::format(R"({{"logGroupName": "/shop/web", "logStreamName": "{}",
                            "logEvents": [{}]}})",
                                            stream, events));
  }
  Json get(std::string_view more = "") {
    return r.call("logs:GetLogEvents",
                  fmt::format(R"({{"logGroupName": "/shop/web", "logStreamName": "s"{}}})", more));
  }
  Json search(std::string_view more = "") {
    return r.call("logs:FilterLogEvents",
                  fmt::format(R"({{"logGroupName": "/shop/web"{}}})", more));
  }

  Rehearsal r;
};

TEST_F(AStream, IsReadForwardUntilTheTokenComesBack) {
  std::vector<std::string> messages;
  std::string token;
  for (int page = 1;; ++page) {
    ASSERT_LT(page, 9);
    const Json answer =
        get(token.empty() ? R"(, "startFromHead": true, "limit": 2)"
                          : fmt::format(R"(, "limit": 2, "nextToken": "{}")", token));
    for (const std::string& message : messages_of(answer)) messages.push_back(message);
    const std::string next(string_or_empty(answer, "nextForwardToken"));
    EXPECT_THAT(next, StartsWith("f/"));
    if (next == token) break;
    token = next;
  }
  EXPECT_THAT(messages, ElementsAre("s1", "s2", "s3", "s4", "s5"));
  // Whoever waits for more finds it with the same token.
  put("s", 9000, 1);
  EXPECT_THAT(messages_of(get(fmt::format(R"(, "nextToken": "{}")", token))), ElementsAre("s1"));
}

TEST_F(AStream, IsReadFromItsEndWithoutBeingAskedOtherwise) {
  const Json last = get(R"(, "limit": 2)");
  EXPECT_THAT(messages_of(last), ElementsAre("s4", "s5"));
  const std::string back(string_or_empty(last, "nextBackwardToken"));
  EXPECT_THAT(back, StartsWith("b/"));
  EXPECT_THAT(messages_of(get(fmt::format(R"(, "limit": 2, "nextToken": "{}")", back))),
              ElementsAre("s2", "s3"));
  EXPECT_THAT(messages_of(get(R"(, "startTime": 2000, "endTime": 4000)")), ElementsAre("s2", "s3"));
}

TEST_F(AStream, AnswersAsMuchAsAMegabyte) {
  r.call("logs:CreateLogStream", R"({"logGroupName": "/shop/web", "logStreamName": "t"})");
  const std::string message(250'000, 'x');
  for (int i = 0; i < 6; ++i)
    r.call("logs:PutLogEvents", fmt::format(R"({{"logGroupName": "/shop/web", "logStreamName": "t",
           "logEvents": [{{"timestamp": {}, "message": "{}"}}]}})",
                                            i, message));
  EXPECT_THAT(r.call("logs:GetLogEvents", R"({"logGroupName": "/shop/web", "logStreamName": "t",
                      "startFromHead": true})")
                  .at("events")
                  .as_array(),
              SizeIs(4));
}

TEST_F(AStream, IsSearchedWithTheOthersOfItsGroup) {
  r.call("logs:CreateLogStream", R"({"logGroupName": "/shop/web", "logStreamName": "t"})");
  put("t", 1500, 2);
  const Json first = search(R"(, "limit": 4)");
  EXPECT_THAT(messages_of(first), ElementsAre("s1", "t1", "s2", "t2"));
  const Json second = search(
      fmt::format(R"(, "limit": 4, "nextToken": "{}")", string_or_empty(first, "nextToken")));
  EXPECT_THAT(messages_of(second), ElementsAre("s3", "s4", "s5"));
  EXPECT_EQ(find(second, "nextToken"), nullptr);
  EXPECT_THAT(messages_of(search(R"(, "logStreamNames": ["t"])")), ElementsAre("t1", "t2"));
  EXPECT_THAT(messages_of(search(R"(, "logStreamNamePrefix": "t")")), ElementsAre("t1", "t2"));
  struct Case {
    std::string_view pattern;
    std::vector<std::string> found;
  };
  for (const Case& c : std::vector<Case>{
           {"t 2", {"t2"}}, {"?1 ?5", {"s1", "t1", "s5"}}, {R"(\"s\" -1 -2)", {"s3", "s4", "s5"}}})
    EXPECT_EQ(messages_of(search(fmt::format(R"(, "filterPattern": "{}")", c.pattern))), c.found)
        << c.pattern;
  EXPECT_EQ(r.refusal("logs:FilterLogEvents",
                      R"({"logGroupName": "/shop/web", "filterPattern": "{ $.a = 1 }"})"),
            "InvalidParameterException: Invalid filter pattern: the simulator knows words and "
            "quoted phrases only.");
}

TEST_F(AStream, IsDescribedWithItsTimes) {
  r.call("logs:CreateLogStream", R"({"logGroupName": "/shop/web", "logStreamName": "a"})");
  const JsonArray streams = r.call("logs:DescribeLogStreams", R"({"logGroupName": "/shop/web"})")
                                .at("logStreams")
                                .as_array();
  ASSERT_THAT(streams, SizeIs(2));
  EXPECT_EQ(string_or_empty(streams[0], "logStreamName"), "a");
  EXPECT_EQ(find(streams[0], "lastEventTimestamp"), nullptr);
  EXPECT_EQ(find_int(streams[1], "firstEventTimestamp"), 1000);
  EXPECT_EQ(find_int(streams[1], "lastEventTimestamp"), 5000);
  const JsonArray newest = r.call("logs:DescribeLogStreams", R"({"logGroupName": "/shop/web",
                                  "orderBy": "LastEventTime", "descending": true, "limit": 1})")
                               .at("logStreams")
                               .as_array();
  EXPECT_EQ(string_or_empty(newest.at(0), "logStreamName"), "s");
  EXPECT_EQ(r.refusal("logs:DescribeLogStreams", R"({"logGroupName": "/shop/web",
                      "orderBy": "LastEventTime", "logStreamNamePrefix": "a"})"),
            "InvalidParameterException: Cannot order by LastEventTime with a logStreamNamePrefix.");
  EXPECT_EQ(string_or_empty(r.call("logs:DescribeLogGroups", R"({"logGroupNamePrefix": "/shop"})")
                                .at("logGroups")
                                .at(0),
                            "arn"),
            "arn:aws:logs:eu-west-1:123456789012:log-group:/shop/web:*");
}

TEST_F(AStream, IsRefusedAsAwsRefusesIt) {
  const std::string s = R"({"logGroupName": "/shop/web", "logStreamName": "s"})";
  EXPECT_EQ(r.refusal("logs:CreateLogGroup", R"({"logGroupName": "/shop/web"})"),
            "ResourceAlreadyExistsException: The specified log group already exists");
  EXPECT_EQ(r.refusal("logs:CreateLogStream", s),
            "ResourceAlreadyExistsException: The specified log stream already exists");
  EXPECT_THAT(r.refusal("logs:CreateLogGroup", R"({"logGroupName": "a b"})"),
              StartsWith("InvalidParameterException: 1 validation error detected: Value 'a b'"));
  EXPECT_EQ(r.refusal("logs:GetLogEvents", R"({"logGroupName": "/x", "logStreamName": "s"})"),
            "ResourceNotFoundException: The specified log group does not exist.");
  EXPECT_EQ(r.refusal("logs:GetLogEvents", R"({"logGroupName": "/shop/web",
                      "logStreamName": "x"})"),
            "ResourceNotFoundException: The specified log stream does not exist.");
  EXPECT_EQ(r.refusal("logs:GetLogEvents", R"({"logGroupName": "/shop/web", "logStreamName": "s",
                      "nextToken": "f/1/s"})"),
            "InvalidParameterException: The specified nextToken is invalid.");
  EXPECT_EQ(r.refusal("logs:PutLogEvents", R"({"logGroupName": "/shop/web", "logStreamName": "s",
                      "logEvents": [{"timestamp": 2, "message": "b"},
                                    {"timestamp": 1, "message": "a"}]})"),
            "InvalidParameterException: Log events in a single PutLogEvents request must be in "
            "chronological order.");
  r.call("logs:DeleteLogStream", s);
  EXPECT_EQ(r.refusal("logs:DeleteLogStream", s),
            "ResourceNotFoundException: The specified log stream does not exist.");
  r.call("logs:DeleteLogGroup", R"({"logGroupName": "/shop/web"})");
  EXPECT_EQ(r.refusal("logs:DeleteLogGroup", R"({"logGroupName": "/shop/web"})"),
            "ResourceNotFoundException: The specified log group does not exist.");
}

TEST_F(AStream, GoesByItsGroupsArnToo) {
  EXPECT_THAT(messages_of(r.call("logs:GetLogEvents", R"({"logStreamName": "s", "limit": 1,
                "logGroupIdentifier": "arn:aws:logs:eu-west-1:123456789012:log-group:/shop/web"})")),
              ElementsAre("s5"));
}

// ---- Containers ----

class AContainer : public testing::Test {
 protected:
  AContainer() { r.call("CreateCluster", R"({"clusterName": "prod"})"); }

  void writes(std::vector<OutputLine> output, ImageBehaviour behaviour = {}) {
    behaviour.output = std::move(output);
    r.arrange(SetImages{{behaviour}, true});
  }
  // The id of a task whose container has these options of the driver.
  std::string run(std::string_view more_options = "") {
    r.call("RegisterTaskDefinition", fmt::format(R"({{"family": "job", "networkMode": "awsvpc",
      "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
      "executionRoleArn": "arn:aws:iam::123456789012:role/exec",
      "containerDefinitions": [{{"name": "app", "image": "job:1", "logConfiguration":
        {{"logDriver": "awslogs", "options": {{"awslogs-group": "/shop/job",
          "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "job"{}}}}}}}]}})",
                                                 more_options));
    const Json started = r.call("RunTask", R"({"cluster": "prod", "taskDefinition": "job",
      "launchType": "FARGATE", "networkConfiguration":
        {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}})");
    const std::string_view arn = string_or_empty(started.at("tasks").at(0), "taskArn");
    return std::string(arn.substr(arn.rfind('/') + 1));
  }
  Json task(const std::string& id) {
    return r.call("DescribeTasks", fmt::format(R"({{"cluster": "prod", "tasks": ["{}"]}})", id))
        .at("tasks")
        .at(0);
  }
  std::string stream(const std::string& id) {
    return fmt::format(R"({{"logGroupName": "/shop/job", "logStreamName": "job/app/{}",
                            "startFromHead": true}})",
                       id);
  }

  Rehearsal r;
};

TEST_F(AContainer, WritesItsLinesToItsStream) {
  r.call("logs:CreateLogGroup", R"({"logGroupName": "/shop/job"})");
  writes({{0s, "{container} of {task}"}, {2s, "done"}, {9s, "never"}},
         {.run_for = Duration(5s), .exit_code = 3});
  r.at(0);
  const std::string id = run();
  r.at(26);  // running
  EXPECT_EQ(r.refusal("logs:GetLogEvents", stream(id)),
            "ResourceNotFoundException: The specified log stream does not exist.");
  r.at(27);
  EXPECT_THAT(messages_of(r.call("logs:GetLogEvents", stream(id))), ElementsAre("app of " + id));
  r.at(100);
  const Json all = r.call("logs:GetLogEvents", stream(id));
  EXPECT_THAT(messages_of(all), ElementsAre("app of " + id, "done"));
  const auto zero = Rehearsal::kZero.time_since_epoch().count() / 1000;
  EXPECT_EQ(find_int(all.at("events").at(1), "timestamp"), zero + 28'000);
  EXPECT_EQ(find_int(all.at("events").at(1), "ingestionTime"), zero + 29'000);
}

TEST_F(AContainer, WithoutItsLogGroupDoesNotStart) {
  r.at(0);
  const std::string id = run();
  r.at(100);
  EXPECT_EQ(string_or_empty(task(id), "stopCode"), "TaskFailedToStart");
  EXPECT_EQ(string_or_empty(task(id), "stoppedReason"),
            "ResourceInitializationError: failed to validate logger args: create stream has been "
            "retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: "
            "The specified log group does not exist. : exit status 1");
  EXPECT_EQ(find(task(id), "pullStartedAt"), nullptr);
}

TEST_F(AContainer, MakesItsLogGroupIfItMay) {
  writes({{0s, "hello"}});
  r.at(0);
  const std::string id = run(R"(, "awslogs-create-group": "true")");
  r.at(60);
  EXPECT_THAT(messages_of(r.call("logs:GetLogEvents", stream(id))), ElementsAre("hello"));
}

TEST_F(AContainer, WritesNothingHereWhenItsGroupIsElsewhere) {
  writes({{0s, "hello"}});
  r.at(0);
  const std::string id = run(R"(, "awslogs-region": "us-east-1")");
  r.at(60);
  EXPECT_EQ(string_or_empty(task(id), "lastStatus"), "RUNNING");
  EXPECT_THAT(r.call("logs:DescribeLogGroups").at("logGroups").as_array(), IsEmpty());
}

}  // namespace
}  // namespace slipway::sim
