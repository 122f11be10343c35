#include "sim/task_definitions.h"

#include "sim/testing.h"

#include <gmock/gmock.h>

namespace slipway::sim {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(TaskDefinitionSizes, AreReadWithOrWithoutUnits) {
  EXPECT_EQ(parse_cpu("1024"), 1024);
  EXPECT_EQ(parse_cpu("1 vCPU"), 1024);
  EXPECT_EQ(parse_cpu(".5 vcpu"), 512);
  EXPECT_EQ(parse_memory("2048"), 2048);
  EXPECT_EQ(parse_memory("2 GB"), 2048);
  EXPECT_EQ(parse_memory("0.5GB"), 512);
  for (const char* text : {"", "much", "1.3", "-1", "1 GB extra", "vCPU"})
    EXPECT_EQ(parse_cpu(text), std::nullopt) << text;
}

class TaskDefinitions : public testing::Test {
 protected:
  Json definition(std::string_view input) {
    return aws.call("RegisterTaskDefinition", input).at("taskDefinition");
  }
  Rehearsal aws;
};

TEST_F(TaskDefinitions, AreCompletedWithTheDefaults) {
  const Json filled = definition(R"({"family": "web", "networkMode": "awsvpc", "cpu": "1 vCPU",
      "memory": "2 GB", "taskRoleArn": null, "containerDefinitions": [{"name": "app", "image": "web:1",
      "portMappings": [{"containerPort": 80}], "command": null,
      "healthCheck": {"command": ["CMD", "true"]}}]})");
  EXPECT_EQ(filled.at("taskDefinitionArn").as_string(),
            "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1");
  EXPECT_EQ(filled.at("cpu").as_string(), "1024");
  EXPECT_EQ(filled.at("memory").as_string(), "2048");
  EXPECT_EQ(filled.at("status").as_string(), "ACTIVE");
  EXPECT_EQ(filled.at("registeredBy").as_string(), "arn:aws:iam::123456789012:root");
  EXPECT_FALSE(filled.as_object().contains("taskRoleArn"));
  EXPECT_THAT(filled.at("volumes").as_array(), IsEmpty());
  const Json& app = filled.at("containerDefinitions").as_array().front();
  EXPECT_EQ(app.at("cpu").as_int64(), 0);
  EXPECT_EQ(app.at("essential").as_bool(), true);
  for (const char* list : {"environment", "mountPoints", "volumesFrom", "systemControls"})
    EXPECT_THAT(app.at(list).as_array(), IsEmpty()) << list;
  EXPECT_FALSE(app.as_object().contains("command"));
  EXPECT_EQ(to_text(app.at("portMappings")),
            R"([{"containerPort":80,"hostPort":80,"protocol":"tcp"}])");
  EXPECT_EQ(to_text(app.at("healthCheck")),
            R"({"command":["CMD","true"],"interval":30,"timeout":5,"retries":3})");
}

TEST_F(TaskDefinitions, GiveBridgePortsAnyHostPort) {
  const Json filled = definition(R"({"family": "web", "containerDefinitions": [{"name": "app",
      "image": "web:1", "memory": 64, "portMappings": [{"containerPort": 80}]}]})");
  EXPECT_EQ(filled.at("containerDefinitions")
                .as_array()
                .front()
                .at("portMappings")
                .as_array()
                .front()
                .at("hostPort")
                .as_int64(),
            0);
  EXPECT_FALSE(filled.as_object().contains("networkMode"));
}

TEST_F(TaskDefinitions, SayWhereTheyCanRunAndWhatTheyNeed) {
  const auto list = [](const Json& json, const char* member) {
    std::vector<std::string> all;
    for (const Json& each : json.at(member).as_array())
      all.emplace_back(each.is_object() ? each.at("name").as_string() : each.as_string());
    return all;
  };
  const Json fargate = definition(R"({"family": "a", "networkMode": "awsvpc", "cpu": "256",
      "memory": "512", "executionRoleArn": "arn:aws:iam::1:role/x", "containerDefinitions": [{"name": "app",
      "image": "1.dkr.ecr.eu-west-1.amazonaws.com/web:1", "logConfiguration": {"logDriver": "awslogs"}}]})");
  EXPECT_THAT(list(fargate, "compatibilities"), ElementsAre("EC2", "FARGATE", "MANAGED_INSTANCES"));
  EXPECT_THAT(list(fargate, "requiresAttributes"), Contains("ecs.capability.task-eni"));
  EXPECT_THAT(list(fargate, "requiresAttributes"),
              Contains("com.amazonaws.ecs.capability.ecr-auth"));
  EXPECT_THAT(list(fargate, "requiresAttributes"),
              Contains("com.amazonaws.ecs.capability.logging-driver.awslogs"));
  const Json bridge = definition(
      R"({"family": "b", "containerDefinitions": [{"name": "app", "image": "web:1", "memory": 64}]})");
  EXPECT_THAT(list(bridge, "compatibilities"), ElementsAre("EXTERNAL", "EC2"));
}

TEST_F(TaskDefinitions, CanBeRegisteredAgainAsTheyAreDescribed) {
  aws.register_web();
  Json described =
      aws.call("DescribeTaskDefinition", R"({"taskDefinition": "web"})").at("taskDefinition");
  // The service ignores members it would refuse nowhere but in a client.
  const Json again = definition(to_text(described));
  JsonObject a = described.as_object(), b = again.as_object();
  for (const char* member : {"taskDefinitionArn", "revision", "registeredAt"}) {
    a.erase(member);
    b.erase(member);
  }
  EXPECT_EQ(a, b);
  EXPECT_EQ(again.at("revision").as_int64(), 2);
}

TEST_F(TaskDefinitions, AreRefusedWithAwssSentences) {
  const auto task = [](std::string_view members, std::string_view container) {
    return fmt::format(R"({{"family": "web"{}, "containerDefinitions": [{{"name": "app",
                            "image": "web:1"{}}}]}})",
                       members, container);
  };
  constexpr std::string_view kFargate = R"(, "requiresCompatibilities": ["FARGATE"])";
  const auto fargate = [&](std::string_view members, std::string_view container = "") {
    return task(fmt::format("{}{}", kFargate, members), container);
  };
  struct Case {
    std::string input;
    std::string_view refusal;
  };
  for (
      const auto& [input, refusal] : {
          Case{
              R"({"family": "a b", "containerDefinitions": [{"name": "app", "image": "x", "memory": 64}]})",
              "Family contains invalid characters."},
          Case{R"({"family": "web", "containerDefinitions": []})",
               "Container list cannot be empty."},
          Case{R"({"family": "web", "containerDefinitions": [{"image": "x", "memory": 64}]})",
               "Container.name should not be null or empty."},
          Case{R"({"family": "web", "containerDefinitions": [{"name": "app", "memory": 64}]})",
               "Container.image should not be null or empty."},
          Case{task("", ""),
               "Invalid setting for container 'app'. At least one of 'memory' or "
               "'memoryReservation' "
               "must be specified."},
          Case{task(R"(, "cpu": "64", "memory": "512")", ""),
               "Invalid 'cpu' setting for task. For more information, see the Troubleshooting "
               "section "
               "of the Amazon ECS Developer Guide."},
          Case{task(R"(, "memory": "512")", R"(, "essential": false)"),
               "Invalid 'essential' setting for task. At least one container must be essential."},
          Case{task("", R"(, "memory": 4)"),
               "Invalid setting for container 'app'. 'memory' must be at least 6 MiB."},
          Case{task(R"(, "memory": "512")", R"(, "memory": 1024)"),
               "The containers' memory, 1024 MiB in all, exceeds the task's, 512."},
          Case{fargate(R"(, "cpu": "256", "memory": "512")"),
               "Fargate only supports network mode ‘awsvpc’."},
          Case{fargate(R"(, "networkMode": "awsvpc", "memory": "512")"),
               "Fargate requires that 'cpu' be defined at the task level."},
          Case{fargate(R"(, "networkMode": "awsvpc", "cpu": "256", "memory": "4096")"),
               "No Fargate configuration exists for given values: 256 CPU, 4096 memory. See the "
               "Amazon "
               "ECS documentation for the valid values."},
          Case{fargate(R"(, "networkMode": "awsvpc", "cpu": "256", "memory": "512")",
                       R"(, "logConfiguration": {"logDriver": "awslogs"})"),
               "Fargate requires task definition to have execution role ARN to support log driver "
               "awslogs."},
          Case{
              R"({"family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc",
                    "cpu": "256", "memory": "512", "containerDefinitions": [{"name": "app",
                    "image": "1.dkr.ecr.eu-west-1.amazonaws.com/web:1"}]})",
              "Fargate requires task definition to have execution role ARN to support ECR images."},
          Case{task(R"(, "networkMode": "awsvpc")",
                    R"(, "memory": 64, "portMappings": [{"containerPort": 80, "hostPort": 81}])"),
               "When networkMode=awsvpc, the host ports and container ports in port mappings must "
               "match."},
          Case{task(R"(, "ephemeralStorage": {"sizeInGiB": 20})", R"(, "memory": 64)"),
               "EphemeralStorage size should be at least 21"},
          Case{
              task(
                  "",
                  R"(, "memory": 64, "dependsOn": [{"containerName": "db", "condition": "START"}])"),
              "Invalid setting for container 'app'. dependsOn names 'db', which is no other "
              "container "
              "of the task."},
      }) {
    SCOPED_TRACE(input);
    EXPECT_EQ(aws.refusal("RegisterTaskDefinition", input),
              fmt::format("ClientException: {}", refusal));
  }
  EXPECT_THAT(aws.refusal("RegisterTaskDefinition", R"({"family": "web", "memory": "512",
                  "containerDefinitions": [{"name": "app", "image": "x"}, {"name": "app", "image": "y"}]})"),
              HasSubstr("must be unique"));
  EXPECT_THAT(aws.refusal("RegisterTaskDefinition", R"({"family": "web", "memory": "512",
                  "containerDefinitions": [
                    {"name": "a", "image": "x", "dependsOn": [{"containerName": "b", "condition": "START"}]},
                    {"name": "b", "image": "y", "dependsOn": [{"containerName": "a", "condition": "START"}]}]})"),
              HasSubstr("cycle"));
  std::string large =
      task("", fmt::format(R"(, "memory": 64, "command": ["{}"])", std::string(70000, 'x')));
  EXPECT_THAT(aws.refusal("RegisterTaskDefinition", large),
              HasSubstr("Max allowed length is '65536' bytes."));
}

TEST_F(TaskDefinitions, AreNumberedForGood) {
  for (int i = 0; i < 3; ++i) aws.register_web();
  aws.call("DeregisterTaskDefinition", R"({"taskDefinition": "web:3"})");
  const Json latest = aws.call("DescribeTaskDefinition", R"({"taskDefinition": "web"})");
  EXPECT_EQ(latest.at("taskDefinition").at("revision").as_int64(), 2);  // the latest ACTIVE one
  const Json gone = aws.call("DescribeTaskDefinition", R"({"taskDefinition": "web:3"})");
  EXPECT_EQ(gone.at("taskDefinition").at("status").as_string(), "INACTIVE");
  EXPECT_TRUE(gone.at("taskDefinition").as_object().contains("deregisteredAt"));
  aws.call("DeleteTaskDefinitions", R"({"taskDefinitions": ["web:3"]})");
  EXPECT_EQ(aws.refusal("DescribeTaskDefinition", R"({"taskDefinition": "web:3"})"),
            "ClientException: Unable to describe task definition.");
  EXPECT_TRUE(aws.register_web().ends_with(":4"));
}

TEST_F(TaskDefinitions, AreDeletedOnlyWhenInactiveAndUnused) {
  aws.set_up_web(1);
  aws.at(0);
  const Json refused =
      aws.call("DeleteTaskDefinitions", R"({"taskDefinitions": ["web:1", "web:9"]})");
  EXPECT_EQ(
      refused.at("failures").as_array().front().at("reason").as_string(),
      "The specified task definition is still in ACTIVE status. Please deregister the target and "
      "try again.");
  EXPECT_THAT(refused.at("failures").as_array(), SizeIs(2));
  aws.call("DeregisterTaskDefinition", R"({"taskDefinition": "web:1"})");
  aws.call("DeleteTaskDefinitions", R"({"taskDefinitions": ["web:1"]})");
  const Json used = aws.call("DescribeTaskDefinition", R"({"taskDefinition": "web:1"})");
  EXPECT_EQ(used.at("taskDefinition").at("status").as_string(), "DELETE_IN_PROGRESS");
  EXPECT_THAT(aws.call("ListTaskDefinitions", R"({"status": "DELETE_IN_PROGRESS"})")
                  .at("taskDefinitionArns")
                  .as_array(),
              SizeIs(1));
  aws.call("DeleteService", R"({"cluster": "prod", "service": "web", "force": true})");
  aws.at(100);
  EXPECT_EQ(aws.refusal("DescribeTaskDefinition", R"({"taskDefinition": "web:1"})"),
            "ClientException: Unable to describe task definition.");
}

TEST_F(TaskDefinitions, NeedARevisionToBeDeregistered) {
  aws.register_web();
  EXPECT_THAT(aws.refusal("DeregisterTaskDefinition", R"({"taskDefinition": "web"})"),
              HasSubstr("InvalidParameterException: "));
  aws.call("DeregisterTaskDefinition", R"({"taskDefinition": "web:1"})");
  aws.call("DeregisterTaskDefinition", R"({"taskDefinition": "web:1"})");  // again is fine
}

TEST_F(TaskDefinitions, AreListedByFamilyStatusAndOrder) {
  for (int i = 0; i < 11; ++i) aws.register_web();
  aws.register_web("x", "web-api");
  aws.register_web("x", "job");
  aws.call("DeregisterTaskDefinition", R"({"taskDefinition": "job:1"})");
  const auto shown = [&](std::string_view operation, const char* member, std::string_view input) {
    std::vector<std::string> all;
    const Json reply = aws.call(operation, input);
    for (const Json& each : reply.at(member).as_array()) {
      const std::string arn(each.as_string());
      all.push_back(arn.substr(arn.find_last_of('/') + 1));
    }
    return all;
  };
  EXPECT_THAT(shown("ListTaskDefinitions", "taskDefinitionArns",
                    R"({"familyPrefix": "web", "sort": "DESC", "maxResults": 3})"),
              ElementsAre("web:11", "web:10", "web:9"));
  EXPECT_THAT(shown("ListTaskDefinitions", "taskDefinitionArns", R"({"status": "INACTIVE"})"),
              ElementsAre("job:1"));
  EXPECT_THAT(shown("ListTaskDefinitionFamilies", "families", R"({"familyPrefix": "web"})"),
              ElementsAre("web", "web-api"));
  EXPECT_THAT(shown("ListTaskDefinitionFamilies", "families", R"({"status": "ACTIVE"})"),
              ElementsAre("web", "web-api"));
  EXPECT_THAT(shown("ListTaskDefinitionFamilies", "families", R"({"status": "INACTIVE"})"),
              ElementsAre("job"));
  // Page by page, downwards.
  std::vector<std::string> all;
  std::string token;
  do {
    const Json page =
        aws.call("ListTaskDefinitions",
                 fmt::format(R"({{"familyPrefix": "web", "sort": "DESC", "maxResults": 4{}}})",
                             token.empty() ? "" : fmt::format(R"(, "nextToken": "{}")", token)));
    for (const Json& each : page.at("taskDefinitionArns").as_array())
      all.emplace_back(each.as_string());
    token = string_or_empty(page, "nextToken");
  } while (!token.empty());
  EXPECT_THAT(all, SizeIs(11));
  EXPECT_TRUE(all.back().ends_with("web:1"));
}

TEST_F(TaskDefinitions, ShowTagsOnlyWhenAsked) {
  aws.call("RegisterTaskDefinition",
           R"({"family": "web", "tags": [{"key": "team", "value": "shop"}],
      "containerDefinitions": [{"name": "app", "image": "x", "memory": 64}]})");
  EXPECT_FALSE(aws.call("DescribeTaskDefinition", R"({"taskDefinition": "web"})")
                   .as_object()
                   .contains("tags"));
  EXPECT_EQ(aws.call("DescribeTaskDefinition", R"({"taskDefinition": "web", "include": ["TAGS"]})")
                .at("tags")
                .as_array()
                .front()
                .at("value")
                .as_string(),
            "shop");
}

}  // namespace
}  // namespace slipway::sim
