#include "sim/scenario.h"
#include "sim/stack_testing.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {
namespace {

using testing::ElementsAre;

constexpr std::string_view kService = R"(
AWSTemplateFormatVersion: 2010-09-09
Description: a service and what it needs
Parameters:
  Name: {Type: String, Default: shop}
  Count: {Type: Number, Default: 0}
Resources:
  Logs:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: !Sub "/aws/ecs/${Name}", RetentionInDays: 7}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: !Ref Name
      Cpu: 256
      Memory: "512"
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions:
      - Name: app
        Image: web:1
        Environment: [{Name: GROUP, Value: !GetAtt Logs.Arn}]
        PortMappings: [{ContainerPort: "80"}]
  Service:
    Type: AWS::ECS::Service
    DependsOn: Logs
    Properties:
      Cluster: prod
      ServiceName: !Join ["-", [!Ref Name, green]]
      DesiredCount: !Ref Count
      LaunchType: FARGATE
      TaskDefinition: !Ref Task
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-1]}}
Outputs:
  ServiceArn: {Value: !Ref Service}
  ServiceName: {Value: !GetAtt Service.Name}
  Account: {Value: !Sub "${AWS::AccountId}/${AWS::Region}/${!literal}"}
)";

class CloudFormation : public testing::Test {
 protected:
  CloudFormation() {
    rehearsal.call("CreateCluster", R"({"clusterName": "prod"})");
    rehearsal.at(0);
  }
  StackRehearsal rehearsal;
};

TEST_F(CloudFormation, MakesResourcesInTheOrderOfWhatTheyNeed) {
  rehearsal.create("web", kService);
  rehearsal.at(60);
  EXPECT_THAT(rehearsal.happened("web"),
              ElementsAre("0 web CREATE_IN_PROGRESS: User Initiated",  //
                          "0 Logs CREATE_IN_PROGRESS",
                          "1 Logs CREATE_IN_PROGRESS: Resource creation Initiated",
                          "3 Logs CREATE_COMPLETE",  //
                          "3 Task CREATE_IN_PROGRESS",
                          "4 Task CREATE_IN_PROGRESS: Resource creation Initiated",
                          "6 Task CREATE_COMPLETE",  //
                          "6 Service CREATE_IN_PROGRESS",
                          "7 Service CREATE_IN_PROGRESS: Resource creation Initiated",
                          "9 Service CREATE_COMPLETE",  //
                          "9 web CREATE_COMPLETE"));
  EXPECT_EQ(rehearsal.output("web", "ServiceArn"),
            "arn:aws:ecs:eu-west-1:123456789012:service/prod/shop-green");
  EXPECT_EQ(rehearsal.output("web", "ServiceName"), "shop-green");
  EXPECT_EQ(rehearsal.output("web", "Account"), "123456789012/eu-west-1/${literal}");
  EXPECT_EQ(rehearsal.physical_id("web", "Logs"), "/aws/ecs/shop");
  EXPECT_EQ(rehearsal.physical_id("web", "Task"),
            "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:1");
  const Json definition = rehearsal.call("DescribeTaskDefinition", R"({"taskDefinition": "shop"})");
  const Json& container = definition.at("taskDefinition").at("containerDefinitions").at(0);
  EXPECT_EQ(container.at("environment").at(0).at("value").as_string(),
            "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/ecs/shop:*");
  EXPECT_EQ(container.at("portMappings").at(0).at("containerPort").as_int64(), 80);
  const Json groups = rehearsal.call("logs:DescribeLogGroups", "{}");
  EXPECT_EQ(groups.at("logGroups").at(0).at("retentionInDays").as_int64(), 7);
}

TEST_F(CloudFormation, WaitsForAServiceToBeStable) {
  rehearsal.create("web", kService,
                   R"(, "Parameters": [{"ParameterKey": "Count", "ParameterValue": "2"}])");
  rehearsal.at(30);
  EXPECT_EQ(rehearsal.status("web"), "CREATE_IN_PROGRESS");
  rehearsal.at(200);
  EXPECT_EQ(rehearsal.status("web"), "CREATE_COMPLETE");
  EXPECT_EQ(rehearsal.service("shop-green").at("runningCount").as_int64(), 2);
}

TEST_F(CloudFormation, DeletesInReverseAndKnowsDeletedStacksByTheirId) {
  rehearsal.create("web", kService);
  rehearsal.at(60);
  const std::string id(rehearsal.stack("web").at("StackId").as_string());
  rehearsal.remove("web");
  rehearsal.at(120);
  EXPECT_THAT(
      rehearsal.happened(id, 60),
      ElementsAre("60 web DELETE_IN_PROGRESS: User Initiated", "60 Service DELETE_IN_PROGRESS",
                  "73 Service DELETE_COMPLETE", "73 Task DELETE_IN_PROGRESS",
                  "76 Task DELETE_COMPLETE", "76 Logs DELETE_IN_PROGRESS",
                  "79 Logs DELETE_COMPLETE", "79 web DELETE_COMPLETE"));
  EXPECT_EQ(rehearsal.status(id), "DELETE_COMPLETE");
  EXPECT_EQ(rehearsal.refusal("cloudformation:DescribeStacks", R"({"StackName": "web"})"),
            "ValidationError: Stack with id web does not exist");
  rehearsal.remove("web");  // idempotent
  rehearsal.remove(id);
}

// ---- Scenarios ----

std::vector<std::string> problems(std::string_view text) {
  std::vector<std::string> all;
  const Diagnostics diagnostics = check_scenario(
      std::make_shared<SourceText>(SourceText{"world.yml", "scenario: 1\n" + std::string(text)}));
  for (const Diagnostic& each : diagnostics.all()) all.push_back(each.path + ": " + each.message);
  return all;
}

TEST(StacksOfAScenario, AreMadeByTheStartOrAnError) {
  EXPECT_THAT(problems(R"(
stacks:
- {StackName: s, TemplateBody: {Resources: {A: {Type: "AWS::Logs::LogGroup"}}}}
)"),
              ElementsAre());
  EXPECT_THAT(problems(R"(
log_groups: [a]
stacks:
- StackName: s
  TemplateBody: "Resources: {A: {Type: 'AWS::Logs::LogGroup', Properties: {RetentionInDays: 2}}}"
- {StackName: t, TemplateBody: {Resources: {A: {Type: Foo}}}}
)"),
              ElementsAre("stacks[1]: CreateStack refuses this: ValidationError: Template format "
                          "error: Unrecognized resource types: [Foo]"));
  const auto found = problems(R"(
stacks:
- {StackName: s, TemplateBody: {Resources: {A: {Type: "AWS::Logs::LogGroup", Properties: {Retention: 2}}}}}
)");
  EXPECT_THAT(found, ElementsAre("stacks[0]: the stack s is ROLLBACK_COMPLETE at the start: A: "
                                 "Properties validation failed for resource A with message: #: "
                                 "extraneous key [Retention] is not permitted"));
}

TEST(StacksOfAScenario, FailAsItSays) {
  EXPECT_THAT(problems(R"(
stacks:
- {StackName: s, TemplateBody: {Resources: {A: {Type: "AWS::Logs::LogGroup"}}}}
stack_faults:
- {resource: A, reason: "no room"}
)"),
              ElementsAre());
  EXPECT_THAT(problems("stack_faults: [{resource: A}]"),
              ElementsAre("stack_faults[0].reason: expected a reason, the time it takes, or both"));
}

}  // namespace
}  // namespace slipway::sim
