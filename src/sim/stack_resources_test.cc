// The resource types beyond logs and ECS: what they are called, and what they say of themselves.
#include "sim/stack_testing.h"

#include <string>
#include <string_view>

namespace slipway::sim {
namespace {

using testing::HasSubstr;

class StackResources : public testing::Test {
 protected:
  StackResources() {
    rehearsal.call("CreateCluster", R"({"clusterName": "prod"})");
    const Json made = rehearsal.call("elasticloadbalancing:CreateLoadBalancer",
                                     R"({"Name": "shop", "Subnets": ["subnet-1", "subnet-2"]})");
    balancer = made.at("LoadBalancers").at(0).at("LoadBalancerArn").as_string();
    rehearsal.at(0);
  }
  // What stands behind {} is the load balancer.
  void create(std::string_view name, std::string_view text) {
    std::string body(text);
    for (auto at = body.find("BALANCER"); at != std::string::npos; at = body.find("BALANCER"))
      body.replace(at, 8, balancer);
    rehearsal.create(name, body);
  }
  StackRehearsal rehearsal;
  std::string balancer;
};

constexpr std::string_view kGreen = R"(
Resources:
  TargetGroupApp80:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Name: 0123456789-App80-tg
      VpcId: vpc-1
      Port: 80
      Protocol: HTTP
      TargetType: ip
      HealthCheckEnabled: true
      HealthCheckPath: /up
      TargetGroupAttributes: [{Key: deregistration_delay.timeout_seconds, Value: "30"}]
      Tags: [{Key: Container, Value: app}]
  ListenerApp80:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: BALANCER
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref TargetGroupApp80}]
  ListenerRule1App80:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref ListenerApp80
      Priority: 3
      Conditions: [{Field: path-pattern, PathPatternConfig: {Values: ["/shop/*"]}}]
      Actions: [{Type: forward, TargetGroupArn: !Ref TargetGroupApp80}]
  TaskDefinition:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: shop
      ContainerDefinitions:
      - {Name: app, Image: web, Memory: 128, PortMappings: [{ContainerPort: 80}]}
      RequiresCompatibilities: [FARGATE]
      NetworkMode: awsvpc
      Cpu: "256"
      Memory: "512"
  Service:
    Type: AWS::ECS::Service
    DependsOn: [ListenerApp80, ListenerRule1App80]
    Properties:
      Cluster: prod
      ServiceName: shop-green
      DesiredCount: 0
      LaunchType: FARGATE
      TaskDefinition: !Ref TaskDefinition
      LoadBalancers:
      - {ContainerName: app, ContainerPort: 80, TargetGroupArn: !Ref TargetGroupApp80}
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-1]}}
Outputs:
  TargetGroupApp80Arn: {Value: !Ref TargetGroupApp80}
  FullName: {Value: !GetAtt TargetGroupApp80.TargetGroupFullName}
  Rule: {Value: !Ref ListenerRule1App80}
)";

TEST_F(StackResources, AServiceBehindAListenerComesAndGoes) {
  create("green", kGreen);
  rehearsal.at(60);
  ASSERT_EQ(rehearsal.status("green"), "CREATE_COMPLETE")
      << testing::PrintToString(rehearsal.happened("green"));
  const std::string group = rehearsal.output("green", "TargetGroupApp80Arn");
  EXPECT_THAT(group, HasSubstr(":targetgroup/0123456789-App80-tg/"));
  EXPECT_EQ("arn:aws:elasticloadbalancing:eu-west-1:123456789012:" +
                rehearsal.output("green", "FullName"),
            group);
  EXPECT_THAT(rehearsal.output("green", "Rule"), HasSubstr(":listener-rule/app/shop/"));
  const Json attributes = rehearsal.call("elasticloadbalancing:DescribeTargetGroupAttributes",
                                         fmt::format(R"({{"TargetGroupArn": "{}"}})", group));
  EXPECT_THAT(to_text(attributes),
              HasSubstr(R"({"Key":"deregistration_delay.timeout_seconds","Value":"30"})"));
  const std::string id(rehearsal.stack("green").at("StackId").as_string());
  rehearsal.remove("green");
  rehearsal.at(120);
  EXPECT_EQ(rehearsal.status(id), "DELETE_COMPLETE")
      << testing::PrintToString(rehearsal.happened(id, 60));
}

TEST_F(StackResources, ATargetGroupInUseCannotGo) {
  create("group", R"(
Resources:
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {VpcId: vpc-1, Port: 80, Protocol: HTTP, TargetType: ip}
Outputs: {Arn: {Value: !Ref Group}}
)");
  rehearsal.at(30);
  const std::string group = rehearsal.output("group", "Arn");
  // A name of its own making has at most 32 characters.
  EXPECT_THAT(group, HasSubstr(":targetgroup/group-Group-"));
  rehearsal.call("elasticloadbalancing:CreateListener",
                 fmt::format(R"({{"LoadBalancerArn": "{}", "Port": 81, "Protocol": "HTTP",
    "DefaultActions": [{{"Type": "forward", "TargetGroupArn": "{}"}}]}})",
                             balancer, group));
  rehearsal.remove("group");
  rehearsal.at(60);
  EXPECT_EQ(rehearsal.status("group"), "DELETE_FAILED");
  EXPECT_THAT(rehearsal.happened("group", 30),
              testing::Contains(HasSubstr(fmt::format(
                  "31 Group DELETE_FAILED: Resource handler returned message: \"Target group '{}' "
                  "is currently in use by a listener or a rule (Service: ElasticLoadBalancingV2, "
                  "Status Code: 400, Request ID: U)\" (RequestToken: U, HandlerErrorCode: "
                  "ResourceConflict)",
                  group))));
}

constexpr std::string_view kRecords = R"(
Resources:
  Records:
    Type: AWS::Route53::RecordSetGroup
    Properties:
      HostedZoneName: example.com.
      RecordSets:
      - {Name: shop.example.com, Type: CNAME, TTL: "60", SetIdentifier: "1", Weight: 100, ResourceRecords: [a.example.com]}
      - {Name: shop.example.com, Type: CNAME, TTL: "60", SetIdentifier: "2", Weight: 0, ResourceRecords: [b.example.com]}
)";

TEST_F(StackResources, RecordsAreThereWhenRoute53IsInSync) {
  rehearsal.call("route53:CreateHostedZone", R"({"Name": "example.com.", "CallerReference": "1"})");
  create("dns", kRecords);
  rehearsal.at(30);
  EXPECT_EQ(rehearsal.status("dns"), "CREATE_IN_PROGRESS");
  rehearsal.at(90);
  EXPECT_EQ(rehearsal.status("dns"), "CREATE_COMPLETE")
      << testing::PrintToString(rehearsal.happened("dns"));
}

TEST_F(StackResources, RecordsThatSomebodyChangedCannotGo) {
  const Json zone = rehearsal.call("route53:CreateHostedZone",
                                   R"({"Name": "example.com.", "CallerReference": "1"})");
  create("dns", kRecords);
  rehearsal.at(90);
  rehearsal.call("route53:ChangeResourceRecordSets",
                 fmt::format(R"({{"HostedZoneId": "{}", "ChangeBatch": {{"Changes": [
    {{"Action": "UPSERT", "ResourceRecordSet": {{"Name": "shop.example.com.", "Type": "CNAME",
      "SetIdentifier": "1", "Weight": 50, "TTL": 60,
      "ResourceRecords": [{{"Value": "a.example.com"}}]}}}}]}}}})",
                             std::string_view(zone.at("HostedZone").at("Id").as_string())));
  rehearsal.remove("dns");
  rehearsal.at(300);
  EXPECT_EQ(rehearsal.status("dns"), "DELETE_FAILED");
  EXPECT_THAT(rehearsal.happened("dns", 90),
              testing::Contains(HasSubstr("but the values provided do not match the current "
                                          "values")));
}

TEST_F(StackResources, AlarmsHaveTheirArn) {
  create("alarms", R"(
Resources:
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: high-cpu
      Namespace: AWS/ECS
      MetricName: CPUUtilization
      Dimensions: [{Name: ServiceName, Value: shop}]
      Statistic: Average
      Period: "60"
      EvaluationPeriods: 2
      Threshold: 70
      ComparisonOperator: GreaterThanThreshold
Outputs: {Name: {Value: !Ref Alarm}, Arn: {Value: !GetAtt Alarm.Arn}}
)");
  rehearsal.at(30);
  ASSERT_EQ(rehearsal.status("alarms"), "CREATE_COMPLETE")
      << testing::PrintToString(rehearsal.happened("alarms"));
  EXPECT_EQ(rehearsal.output("alarms", "Name"), "high-cpu");
  EXPECT_EQ(rehearsal.output("alarms", "Arn"),
            "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:high-cpu");
}

TEST_F(StackResources, RolesTakeTheirTime) {
  create("roles", R"(
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: shop-ecs-task
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: sts:AssumeRole}]
      ManagedPolicyArns: [!Sub "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"]
      Policies:
      - PolicyName: read
        PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: "s3:Get*", Resource: "*"}]}
Outputs: {Arn: {Value: !GetAtt Role.Arn}}
)");
  rehearsal.at(10);
  EXPECT_EQ(rehearsal.status("roles"), "CREATE_IN_PROGRESS");
  rehearsal.at(60);
  ASSERT_EQ(rehearsal.status("roles"), "CREATE_COMPLETE")
      << testing::PrintToString(rehearsal.happened("roles"));
  EXPECT_EQ(rehearsal.output("roles", "Arn"), "arn:aws:iam::123456789012:role/shop-ecs-task");
  EXPECT_THAT(
      to_text(rehearsal.call("iam:ListAttachedRolePolicies", R"({"RoleName": "shop-ecs-task"})")),
      HasSubstr("AmazonECSTaskExecutionRolePolicy"));
  rehearsal.remove("roles");
  rehearsal.at(120);
  EXPECT_THAT(rehearsal.refusal("iam:GetRole", R"({"RoleName": "shop-ecs-task"})"),
              HasSubstr("NoSuchEntity"));
}

TEST_F(StackResources, ScalingTargetsAndPoliciesFindTheirService) {
  rehearsal.register_web();
  rehearsal.create_service("web", 1);
  create("scaling", R"(
Resources:
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ResourceId: service/prod/web
      ScalableDimension: ecs:service:DesiredCount
      ServiceNamespace: ecs
      MinCapacity: 1
      MaxCapacity: 4
  Policy:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyName: out
      PolicyType: StepScaling
      ScalingTargetId: !Ref Target
      StepScalingPolicyConfiguration:
        AdjustmentType: ChangeInCapacity
        Cooldown: 60
        StepAdjustments: [{MetricIntervalLowerBound: 0, ScalingAdjustment: 1}]
Outputs: {Target: {Value: !Ref Target}, Policy: {Value: !Ref Policy}}
)");
  rehearsal.at(60);
  ASSERT_EQ(rehearsal.status("scaling"), "CREATE_COMPLETE")
      << testing::PrintToString(rehearsal.happened("scaling"));
  EXPECT_EQ(rehearsal.output("scaling", "Target"), "service/prod/web|ecs:service:DesiredCount|ecs");
  EXPECT_THAT(rehearsal.output("scaling", "Policy"), HasSubstr(":scalingPolicy:"));
  rehearsal.remove("scaling");
  rehearsal.at(120);
  EXPECT_EQ(
      rehearsal
          .call("application-autoscaling:DescribeScalableTargets", R"({"ServiceNamespace": "ecs"})")
          .at("ScalableTargets")
          .as_array()
          .size(),
      0u);
}

}  // namespace
}  // namespace slipway::sim
