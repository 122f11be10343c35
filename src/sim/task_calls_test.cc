#include "sim/testing.h"

#include <gmock/gmock.h>

namespace slipway::sim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view kNetwork =
    R"("networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}})";

class RunTask : public testing::Test {
 protected:
  RunTask() {
    aws.call("CreateCluster", R"({"clusterName": "prod"})");
    aws.register_web();
    aws.at(0);
  }
  std::string request(std::string_view more = "") {
    return fmt::format(
        R"({{"cluster": "prod", "taskDefinition": "web", "launchType": "FARGATE", {}{}}})",
        kNetwork, more);
  }
  std::vector<std::string> arns(const Json& reply) {
    std::vector<std::string> all;
    for (const Json& task : reply.at("tasks").as_array())
      all.emplace_back(task.at("taskArn").as_string());
    return all;
  }
  Rehearsal aws;
};

TEST_F(RunTask, StartsAsManyTasksAsItIsToldTo) {
  const Json reply =
      aws.call("RunTask", request(R"(, "count": 3, "startedBy": "me", "group": "jobs",
      "overrides": {"containerOverrides": [{"name": "app", "command": ["migrate"]}]},
      "tags": [{"key": "team", "value": "shop"}])"));
  EXPECT_THAT(reply.at("tasks").as_array(), SizeIs(3));
  EXPECT_THAT(reply.at("failures").as_array(), IsEmpty());
  const Json& task = reply.at("tasks").as_array().front();
  EXPECT_EQ(task.at("startedBy").as_string(), "me");
  EXPECT_EQ(task.at("group").as_string(), "jobs");
  EXPECT_EQ(task.at("overrides")
                .at("containerOverrides")
                .as_array()
                .front()
                .at("command")
                .as_array()
                .front()
                .as_string(),
            "migrate");
  EXPECT_EQ(task.at("tags").as_array().front().at("value").as_string(), "shop");
}

TEST_F(RunTask, IsRefusedWithAwssSentences) {
  aws.call("RegisterTaskDefinition", R"({"family": "gone", "networkMode": "awsvpc", "cpu": "256",
    "memory": "512", "containerDefinitions": [{"name": "app", "image": "x"}]})");
  aws.call("DeregisterTaskDefinition", R"({"taskDefinition": "gone:1"})");
  aws.call("RegisterTaskDefinition", R"({"family": "ec2",
    "containerDefinitions": [{"name": "app", "image": "x", "memory": 64}]})");
  struct Case {
    std::string request;
    std::string_view refusal;
  };
  for (
      const auto& [input, refusal] : {
          Case{R"({"cluster": "other", "taskDefinition": "web"})",
               "ClusterNotFoundException: Cluster not found."},
          Case{R"({"cluster": "prod", "taskDefinition": "nothing"})",
               "ClientException: TaskDefinition not found."},
          Case{R"({"cluster": "prod", "taskDefinition": "gone:1"})",
               "InvalidParameterException: TaskDefinition is inactive"},
          Case{R"({"cluster": "prod", "taskDefinition": "web", "launchType": "FARGATE"})",
               "InvalidParameterException: Network Configuration must be provided when networkMode "
               "'awsvpc' is specified."},
          Case{fmt::format(R"({{"cluster": "prod", "taskDefinition": "ec2", {}}})", kNetwork),
               "InvalidParameterException: Network Configuration is not valid for the given "
               "networkMode of this task definition."},
          Case{R"({"cluster": "prod", "taskDefinition": "ec2"})",
               "InvalidParameterException: No Container Instances were found in your cluster."},
          Case{R"({"cluster": "prod", "taskDefinition": "ec2", "launchType": "FARGATE"})",
               "InvalidParameterException: Task definition does not support launch_type FARGATE."},
          Case{request(R"(, "count": 11)"),
               "InvalidParameterException: Count must be between 1 and 10."},
          Case{request(R"(, "overrides": {"containerOverrides": [{"name": "side"}]})"),
               "InvalidParameterException: Override for container named side is not a container in "
               "the TaskDefinition."},
          Case{
              request(
                  R"(, "capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1}])"),
              "InvalidParameterException: Specifying both a launch type and capacity provider "
              "strategy is not supported. Remove one and try again."},
          Case{request(R"(, "platformVersion": "9.9")"),
               "PlatformUnknownException: The specified platform version does not exist."},
      }) {
    SCOPED_TRACE(input);
    EXPECT_EQ(aws.refusal("RunTask", input), refusal);
  }
}

TEST_F(RunTask, WithTheSameTokenStartsNothingTwice) {
  const auto first = arns(aws.call("RunTask", request(R"(, "count": 2, "clientToken": "t-1")")));
  aws.at(60);
  EXPECT_EQ(arns(aws.call("RunTask", request(R"(, "count": 2, "clientToken": "t-1")"))), first);
  Reply conflict = aws.ask("RunTask", request(R"(, "count": 1, "clientToken": "t-1")"));
  ASSERT_FALSE(conflict);
  EXPECT_EQ(conflict.error().code, "ConflictException");
  EXPECT_THAT(conflict.error().members.at("resourceIds").as_array(), SizeIs(2));
  aws.at(60 + 86400);  // the window is over
  EXPECT_NE(arns(aws.call("RunTask", request(R"(, "count": 2, "clientToken": "t-1")"))), first);
}

TEST_F(RunTask, AnswersFailuresWhereThereIsNoCapacity) {
  aws.arrange(SetCapacity{"FARGATE", 2});
  const Json reply = aws.call("RunTask", request(R"(, "count": 3)"));
  EXPECT_THAT(reply.at("tasks").as_array(), SizeIs(2));
  ASSERT_THAT(reply.at("failures").as_array(), SizeIs(1));
  EXPECT_EQ(reply.at("failures").as_array().front().at("reason").as_string(), "RESOURCE:FARGATE");
  EXPECT_EQ(reply.at("failures").as_array().front().at("detail").as_string(),
            "Capacity is unavailable at this time. Please try again later or in a different "
            "availability zone");
}

TEST_F(RunTask, IsRefusedBeyondTheVcpuQuota) {
  aws.arrange(SetVcpuQuota{0.5});
  aws.call("RunTask", request(R"(, "count": 2)"));
  EXPECT_EQ(aws.refusal("RunTask", request()),
            "ClientException: You've reached the limit on the number of vCPUs you can run "
            "concurrently");
}

// ---- Listing and describing -------------------------------------------------------------------

TEST_F(RunTask, ListsByEveryFilter) {
  aws.create_service("web", 2);
  aws.register_web("job:1", "job");
  aws.call("RunTask", request(R"(, "startedBy": "me")"));
  const auto count = [&](std::string_view filter) {
    return aws.call("ListTasks", fmt::format(R"({{"cluster": "prod"{}}})", filter))
        .at("taskArns")
        .as_array()
        .size();
  };
  aws.at(10);
  EXPECT_EQ(count(""), 3u);
  EXPECT_EQ(count(R"(, "serviceName": "web")"), 2u);
  EXPECT_EQ(count(R"(, "family": "web")"), 3u);
  EXPECT_EQ(count(R"(, "family": "job")"), 0u);
  EXPECT_EQ(count(R"(, "startedBy": "me")"), 1u);
  EXPECT_EQ(count(R"(, "launchType": "EC2")"), 0u);
  EXPECT_EQ(count(R"(, "desiredStatus": "STOPPED")"), 0u);
  EXPECT_EQ(count(R"(, "desiredStatus": "PENDING")"), 0u);
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "desiredCount": 0})");
  aws.at(60);
  EXPECT_EQ(count(""), 1u);
  EXPECT_EQ(count(R"(, "serviceName": "web", "desiredStatus": "STOPPED")"), 2u);
  EXPECT_EQ(aws.refusal("ListTasks", R"({"cluster": "prod", "serviceName": "nothing"})"),
            "ServiceNotFoundException: Service not found.");
  EXPECT_EQ(aws.refusal("ListTasks", R"({"cluster": "prod", "startedBy": "me", "family": "web"})"),
            "InvalidParameterException: startedBy cannot be combined with other filters.");
}

TEST_F(RunTask, PagesNeitherRepeatNorDropWhatStays) {
  for (int i = 0; i < 3; ++i) aws.call("RunTask", request(R"(, "count": 10)"));
  std::vector<std::string> seen;
  std::string token;
  do {
    const Json page =
        aws.call("ListTasks",
                 fmt::format(R"({{"cluster": "prod", "maxResults": 7{}}})",
                             token.empty() ? "" : fmt::format(R"(, "nextToken": "{}")", token)));
    for (const Json& arn : page.at("taskArns").as_array()) seen.emplace_back(arn.as_string());
    token = string_or_empty(page, "nextToken");
    if (seen.size() == 7)  // somebody stops a task of the first page meanwhile
      aws.call("StopTask", fmt::format(R"({{"cluster": "prod", "task": "{}"}})", seen[3]));
  } while (!token.empty());
  EXPECT_THAT(seen, SizeIs(30));
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 30u);
  EXPECT_EQ(aws.refusal("ListTasks", R"({"cluster": "prod", "nextToken": "nonsense"})"),
            "InvalidParameterException: Invalid token");
  EXPECT_EQ(aws.refusal("ListTasks", R"({"cluster": "prod", "maxResults": 101})"),
            "InvalidParameterException: maxResults must be between 1 and 100.");
}

TEST_F(RunTask, DescribesWhatItKnowsAndNamesWhatIsMissing) {
  EXPECT_EQ(aws.refusal("DescribeTasks", R"({"cluster": "prod", "tasks": []})"),
            "InvalidParameterException: Tasks cannot be empty.");
  const Json reply = aws.call("DescribeTasks", R"({"cluster": "prod", "tasks": ["nothing"]})");
  EXPECT_THAT(reply.at("tasks").as_array(), IsEmpty());
  EXPECT_EQ(reply.at("failures").as_array().front().at("arn").as_string(),
            "arn:aws:ecs:eu-west-1:123456789012:task/prod/nothing");
  EXPECT_EQ(reply.at("failures").as_array().front().at("reason").as_string(), "MISSING");
  EXPECT_EQ(aws.refusal("StopTask", R"({"cluster": "prod", "task": "nothing"})"),
            "InvalidParameterException: The referenced task was not found.");
}

// ---- Commands and protection ------------------------------------------------------------------

TEST_F(RunTask, OpensASessionOnlyWhereCommandsAreEnabled) {
  const auto closed = arns(aws.call("RunTask", request()));
  const auto open = arns(aws.call("RunTask", request(R"(, "enableExecuteCommand": true)")));
  aws.at(60);
  const auto command = [](const std::string& task) {
    return fmt::format(
        R"({{"cluster": "prod", "task": "{}", "command": "sh", "interactive": true}})", task);
  };
  EXPECT_EQ(
      aws.refusal("ExecuteCommand", command(closed[0])),
      "InvalidParameterException: The execute command failed because execute command was not "
      "enabled when the task was run or the execute command agent isn’t running. Wait and try "
      "again or run a new task with execute command enabled and try again.");
  const Json reply = aws.call("ExecuteCommand", command(open[0]));
  EXPECT_TRUE(reply.at("session").at("streamUrl").as_string().starts_with("wss://"));
}

TEST_F(RunTask, ProtectsOnlyRunningTasksOfServices) {
  const auto standalone = arns(aws.call("RunTask", request()));
  aws.create_service("web", 1);
  aws.at(60);
  const std::string member(aws.call("ListTasks", R"({"cluster": "prod", "serviceName": "web"})")
                               .at("taskArns")
                               .as_array()
                               .front()
                               .as_string());
  const Json reply = aws.call(
      "UpdateTaskProtection",
      fmt::format(
          R"({{"cluster": "prod", "tasks": ["{}", "{}", "nothing"], "protectionEnabled": true,
          "expiresInMinutes": 30}})",
          member, standalone[0]));
  ASSERT_THAT(reply.at("protectedTasks").as_array(), SizeIs(1));
  EXPECT_EQ(reply.at("protectedTasks").as_array().front().at("taskArn").as_string(), member);
  EXPECT_EQ(reply.at("failures").as_array().at(0).at("reason").as_string(), "TASK_NOT_VALID");
  EXPECT_EQ(reply.at("failures").as_array().at(1).at("reason").as_string(), "MISSING");
  const auto is_protected = [&] {
    return aws
        .call("GetTaskProtection", fmt::format(R"({{"cluster": "prod", "tasks": ["{}"]}})", member))
        .at("protectedTasks")
        .as_array()
        .front()
        .at("protectionEnabled")
        .as_bool();
  };
  EXPECT_TRUE(is_protected());
  aws.at(60 + 30 * 60);
  EXPECT_FALSE(is_protected());
}

TEST_F(RunTask, KeepsProtectedTasksThroughADeploymentUntilTheirProtectionEnds) {
  aws.create_service("web", 1);
  aws.register_web("web:2");
  aws.at(200);
  const std::string old(aws.call("ListTasks", R"({"cluster": "prod", "serviceName": "web"})")
                            .at("taskArns")
                            .as_array()
                            .front()
                            .as_string());
  aws.call(
      "UpdateTaskProtection",
      fmt::format(
          R"({{"cluster": "prod", "tasks": ["{}"], "protectionEnabled": true, "expiresInMinutes": 10}})",
          old));
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web"})");
  aws.at(799);
  EXPECT_THAT(
      aws.events(200),
      ElementsAre("210 (service web) has started 1 tasks: (task T).",
                  "280 (service web) was unable to reach steady state because task set "
                  "(ecs-svc/N) was unable to scale in. Reason: The number of protected tasks "
                  "are more than the desired count of tasks."));
  aws.at(1000);
  EXPECT_EQ(aws.service().at("deployments").as_array().size(), 1u);
}

}  // namespace
}  // namespace slipway::sim
