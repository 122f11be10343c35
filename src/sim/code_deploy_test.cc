// Blue/green deployments by CodeDeploy, on a service behind a listener.
#include "sim/testing.h"

#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CodeDeploy : public testing::Test {
 protected:
  CodeDeploy() {
    rehearsal.call("CreateCluster", R"({"clusterName": "prod"})");
    rehearsal.register_web("web:1");
    balancer = arn("elasticloadbalancing:CreateLoadBalancer", R"({"Name": "shop",
      "Subnets": ["subnet-1", "subnet-2"]})",
                   "LoadBalancers", "LoadBalancerArn");
    blue = target_group("blue");
    green = target_group("green");
    listener = arn("elasticloadbalancing:CreateListener",
                   fmt::format(R"({{"LoadBalancerArn": "{}", "Port": 80, "Protocol": "HTTP",
      "DefaultActions": [{{"Type": "forward", "TargetGroupArn": "{}"}}]}})",
                               balancer, blue),
                   "Listeners", "ListenerArn");
    rehearsal.create_service("web", 2, 100, 200,
                             fmt::format(R"(, "deploymentController": {{"type": "CODE_DEPLOY"}},
      "loadBalancers": [{{"targetGroupArn": "{}", "containerName": "app", "containerPort": 80}}])",
                                         blue));
    rehearsal.register_web("web:2");
    rehearsal.call("codedeploy:CreateApplication",
                   R"({"applicationName": "shop", "computePlatform": "ECS"})");
    rehearsal.at(0);
  }

  std::string arn(std::string_view operation, std::string_view input, const char* list,
                  const char* member) {
    return std::string(rehearsal.call(operation, input).at(list).at(0).at(member).as_string());
  }
  std::string target_group(const char* name) {
    return arn("elasticloadbalancing:CreateTargetGroup",
               fmt::format(R"({{"Name": "{}", "Protocol": "HTTP", "Port": 80, "TargetType": "ip",
                 "VpcId": "vpc-1"}})",
                           name),
               "TargetGroups", "TargetGroupArn");
  }
  void create_group(std::string_view more = "", std::string_view ready = "CONTINUE_DEPLOYMENT",
                    int ready_minutes = 0) {
    rehearsal.call("codedeploy:CreateDeploymentGroup",
                   fmt::format(R"({{
      "applicationName": "shop", "deploymentGroupName": "web",
      "serviceRoleArn": "arn:aws:iam::123456789012:role/deploys",
      "deploymentStyle": {{"deploymentType": "BLUE_GREEN",
                           "deploymentOption": "WITH_TRAFFIC_CONTROL"}},
      "ecsServices": [{{"clusterName": "prod", "serviceName": "web"}}],
      "blueGreenDeploymentConfiguration": {{
        "terminateBlueInstancesOnDeploymentSuccess":
          {{"action": "TERMINATE", "terminationWaitTimeInMinutes": 5}},
        "deploymentReadyOption": {{"actionOnTimeout": "{}", "waitTimeInMinutes": {}}}}},
      "loadBalancerInfo": {{"targetGroupPairInfoList": [{{
        "targetGroups": [{{"name": "blue"}}, {{"name": "green"}}],
        "prodTrafficRoute": {{"listenerArns": ["{}"]}}}}]}}{}}})",
                               ready, ready_minutes, listener, more));
  }
  static std::string deployment_input(std::string_view more = "") {
    return fmt::format(R"({{"applicationName": "shop", "deploymentGroupName": "web",
      "revision": {{"revisionType": "AppSpecContent", "appSpecContent": {{"content":
        "version: 0.0\nResources:\n- TargetService:\n    Type: AWS::ECS::Service\n    Properties:\n      TaskDefinition: web:2\n      LoadBalancerInfo: {{ContainerName: app, ContainerPort: 80}}\n"
      }}}}{}}})",
                       more);
  }
  std::string deploy(std::string_view more = "") {
    return std::string(rehearsal.call("codedeploy:CreateDeployment", deployment_input(more))
                           .at("deploymentId")
                           .as_string());
  }
  Json deployment(const std::string& id) {
    return rehearsal
        .call("codedeploy:GetDeployment", fmt::format(R"({{"deploymentId": "{}"}})", id))
        .at("deploymentInfo");
  }
  std::string status(const std::string& id) {
    return std::string(deployment(id).at("status").as_string());
  }
  // "blue 90, green 10" as the listener's rule has them.
  std::string weights() {
    const Json answer = rehearsal.call("elasticloadbalancing:DescribeListeners",
                                       fmt::format(R"({{"ListenerArns": ["{}"]}})", listener));
    const Json& action = answer.at("Listeners").at(0).at("DefaultActions").at(0);
    std::string text;
    for (const Json& group : action.at("ForwardConfig").at("TargetGroups").as_array())
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
                          group.at("TargetGroupArn").as_string() == blue ? "blue" : "green",
                          group.at("Weight").as_int64());
    return text;
  }
  bool has_shifted() { return weights() != "blue 1" && weights() != "blue 100, green 0"; }
  // The traffic weights of the two task sets, as the deployment's target tells them.
  std::string target_weights(const std::string& id) {
    const Json answer =
        rehearsal.call("codedeploy:BatchGetDeploymentTargets",
                       fmt::format(R"({{"deploymentId": "{}", "targetIds": ["prod:web"]}})", id));
    std::string text;
    for (const Json& set :
         answer.at("deploymentTargets").at(0).at("ecsTarget").at("taskSetsInfo").as_array())
      text += fmt::format("{}{} {:g}", text.empty() ? "" : ", ",
                          std::string_view(set.at("taskSetLabel").as_string()),
                          set.at("trafficWeight").to_number<double>());
    return text;
  }
  std::vector<std::string> task_sets() {
    std::vector<std::string> lines;
    const Json described = rehearsal.service();
    for (const Json& set : described.at("taskSets").as_array())
      lines.push_back(fmt::format("{} {} {}", string_or_empty(set, "status"),
                                  std::string_view(set.at("taskDefinition").as_string())
                                      .substr(set.at("taskDefinition").as_string().rfind('/') + 1),
                                  set.at("runningCount").as_int64()));
    return lines;
  }

  Rehearsal rehearsal;
  std::string balancer, blue, green, listener;
};

TEST_F(CodeDeploy, MovesAllTrafficAtOnceAndEndsTheOldTasksAfterTheWait) {
  create_group();
  EXPECT_THAT(task_sets(), ElementsAre("PRIMARY web:1 2"));
  const std::string id = deploy();
  EXPECT_EQ(status(id), "Created");
  rehearsal.at(20);
  EXPECT_EQ(status(id), "InProgress");
  EXPECT_EQ(target_weights(id), "Blue 100, Green 0");
  EXPECT_EQ(rehearsal.refusal("codedeploy:CreateDeployment", deployment_input()),
            fmt::format("DeploymentLimitExceededException: The Deployment Group 'web' already has "
                        "an active Deployment '{}'",
                        id));
  rehearsal.at(200);
  EXPECT_EQ(weights(), "green 1");
  EXPECT_EQ(target_weights(id), "Blue 0, Green 100");
  EXPECT_THAT(task_sets(), ElementsAre("PRIMARY web:2 2", "ACTIVE web:1 2"));
  rehearsal.at(900);
  EXPECT_EQ(status(id), "Succeeded");
  EXPECT_THAT(task_sets(), ElementsAre("PRIMARY web:2 2"));
}

TEST_F(CodeDeploy, ShiftsAsItsConfigurationSays) {
  create_group();
  rehearsal.call("codedeploy:CreateDeploymentConfig", R"({"deploymentConfigName": "quarter",
    "computePlatform": "ECS", "trafficRoutingConfig": {"type": "TimeBasedLinear",
    "timeBasedLinear": {"linearPercentage": 25, "linearInterval": 2}}})");
  const std::string id = deploy(R"(, "deploymentConfigName": "quarter")");
  double second = 0;
  while (!has_shifted() && second < 600) rehearsal.at(second += 5);
  std::vector<std::string> seen;
  for (int i = 0; i < 4; ++i) {
    seen.push_back(weights());
    rehearsal.at(second += 120);
  }
  EXPECT_THAT(
      seen, ElementsAre("blue 75, green 25", "blue 50, green 50", "blue 25, green 75", "green 1"));
}

TEST_F(CodeDeploy, ACanaryGetsTheRestAfterItsInterval) {
  create_group();
  const std::string id =
      deploy(R"(, "deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes")");
  double second = 0;
  while (!has_shifted() && second < 600) rehearsal.at(second += 5);
  EXPECT_EQ(weights(), "blue 90, green 10");
  EXPECT_EQ(target_weights(id), "Blue 90, Green 10");
  rehearsal.at(second + 290);
  EXPECT_EQ(weights(), "blue 90, green 10");
  rehearsal.at(second + 305);
  EXPECT_EQ(weights(), "green 1");
}

TEST_F(CodeDeploy, WaitsToBeContinuedAndStopsWhenNobodyDoes) {
  create_group("", "STOP_DEPLOYMENT", 10);
  const std::string id = deploy();
  double second = 0;
  while (status(id) != "Ready" && second < 600) rehearsal.at(second += 5);
  EXPECT_EQ(weights(), "blue 100, green 0");
  rehearsal.call(
      "codedeploy:ContinueDeployment",
      fmt::format(R"({{"deploymentId": "{}", "deploymentWaitType": "READY_WAIT"}})", id));
  rehearsal.at(second += 20);
  EXPECT_EQ(weights(), "green 1");
  EXPECT_EQ(
      rehearsal.refusal(
          "codedeploy:ContinueDeployment",
          fmt::format(R"({{"deploymentId": "{}", "deploymentWaitType": "READY_WAIT"}})", id)),
      fmt::format("DeploymentIsNotInReadyStateException: The deployment {} is not waiting.", id));
  rehearsal.call(
      "codedeploy:ContinueDeployment",
      fmt::format(R"({{"deploymentId": "{}", "deploymentWaitType": "TERMINATION_WAIT"}})", id));
  rehearsal.at(second += 20);
  EXPECT_EQ(status(id), "Succeeded");

  rehearsal.at(second += 600);
  const std::string next = deploy();
  rehearsal.at(second += 1200);
  EXPECT_EQ(status(next), "Stopped");
}

TEST_F(CodeDeploy, GivesTheTrafficBackWhenItIsStopped) {
  create_group();
  const std::string id =
      deploy(R"(, "deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes")");
  double second = 0;
  while (!has_shifted() && second < 600) rehearsal.at(second += 5);
  rehearsal.call("codedeploy:StopDeployment",
                 fmt::format(R"({{"deploymentId": "{}", "autoRollbackEnabled": true}})", id));
  rehearsal.at(second += 120);
  EXPECT_EQ(status(id), "Stopped");
  EXPECT_EQ(weights(), "blue 1");
  EXPECT_THAT(task_sets(), ElementsAre("PRIMARY web:1 2"));
  const std::string back(deployment(id).at("rollbackInfo").at("rollbackDeploymentId").as_string());
  EXPECT_EQ(status(back), "Succeeded");
  EXPECT_EQ(deployment(back).at("rollbackInfo").at("rollbackTriggeringDeploymentId").as_string(),
            id);
  EXPECT_THAT(rehearsal.refusal("codedeploy:StopDeployment",
                                fmt::format(R"({{"deploymentId": "{}"}})", id)),
              HasSubstr("DeploymentAlreadyCompletedException"));
}

TEST_F(CodeDeploy, StopsOnAnAlarm) {
  create_group(R"(, "alarmConfiguration": {"enabled": true, "alarms": [{"name": "5xx"}]},
    "autoRollbackConfiguration": {"enabled": true, "events": ["DEPLOYMENT_STOP_ON_ALARM"]})");
  const std::string id =
      deploy(R"(, "deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes")");
  double second = 0;
  while (!has_shifted() && second < 600) rehearsal.at(second += 5);
  rehearsal.arrange(SetAlarm{.name = "5xx"});
  rehearsal.at(second += 60);
  EXPECT_EQ(status(id), "Stopped");
  EXPECT_EQ(deployment(id).at("errorInformation").at("code").as_string(), "ALARM_ACTIVE");
  EXPECT_EQ(weights(), "blue 1");
}

TEST_F(CodeDeploy, FailsWhenTheNewTasksDoNotComeUp) {
  create_group();
  rehearsal.arrange(SetImages{.behaviours = {{.image = "web:2", .pull = Pull::kNotFound}}});
  const std::string id = deploy();
  rehearsal.at(3700);
  EXPECT_EQ(status(id), "Failed");
  EXPECT_EQ(deployment(id).at("errorInformation").at("message").as_string(),
            "The deployment timed out while waiting for the replacement task set to become "
            "healthy. This time out period is 60 minutes.");
  EXPECT_EQ(weights(), "blue 100, green 0");
}

TEST_F(CodeDeploy, GivesTheTextOfAnAppSpecByItsHashOnly) {
  create_group();
  const Json spec = deployment(deploy()).at("revision").at("appSpecContent");
  EXPECT_EQ(find(spec, "content"), nullptr);
  const auto wanted = [](std::string_view sha256) {
    return fmt::format(R"({{"applicationName": "shop", "revision": {{"revisionType":
      "AppSpecContent", "appSpecContent": {{"sha256": "{}"}}}}}})",
                       sha256);
  };
  const Json known =
      rehearsal.call("codedeploy:GetApplicationRevision", wanted(string_or_empty(spec, "sha256")));
  EXPECT_THAT(std::string(string_or_empty(known.at("revision").at("appSpecContent"), "content")),
              testing::HasSubstr("TaskDefinition: web:2"));
  EXPECT_EQ(rehearsal.refusal("codedeploy:GetApplicationRevision", wanted("0")),
            "RevisionDoesNotExistException: No revision of application shop has been found");
}

TEST_F(CodeDeploy, RefusesWhatItCannotDeploy) {
  create_group();
  EXPECT_EQ(rehearsal.refusal("codedeploy:CreateDeployment", R"({"applicationName": "shop",
    "deploymentGroupName": "web", "revision": {"revisionType": "AppSpecContent",
    "appSpecContent": {"content": "{}", "sha256": "0"}}})"),
            "InvalidRevisionException: The SHA-256 of the AppSpec content is not the one given.");
  EXPECT_EQ(rehearsal.refusal("codedeploy:CreateDeployment",
                              R"({"applicationName": "shop", "deploymentGroupName": "no"})"),
            "DeploymentGroupDoesNotExistException: No Deployment Group found for name: no");
  EXPECT_EQ(rehearsal.refusal("codedeploy:ListDeployments",
                              R"({"applicationName": "shop", "deploymentGroupName": "no"})"),
            "DeploymentGroupDoesNotExistException: No Deployment Group found for name: no");
  EXPECT_EQ(rehearsal.refusal("codedeploy:ListDeployments", R"({"applicationName": "shop"})"),
            "DeploymentGroupNameRequiredException: Deployment group name is required");
  EXPECT_EQ(rehearsal.refusal("codedeploy:GetDeployment", R"({"deploymentId": "d-0"})"),
            "DeploymentDoesNotExistException: The deployment d-0 could not be found");
}

}  // namespace
}  // namespace slipway::sim
