// The scenarios that travel inside the binary. Most are the same small shop on Fargate, made so
// that a release of `shop` has something to do; they differ in what becomes of its new images. The
// others are for releases that shift traffic.

#include "sim/scenario.h"

#include <array>

namespace slipway::sim {
namespace {

constexpr std::string_view kShop = R"(
account: "111111111111"
auto_create: true
clusters:
  prod: {capacityProviders: [FARGATE, FARGATE_SPOT]}
task_definitions:
- &web
  family: shop-web
  requiresCompatibilities: [FARGATE]
  networkMode: awsvpc
  cpu: "512"
  memory: "1024"
  executionRoleArn: arn:aws:iam::111111111111:role/ecsTaskExecutionRole
  taskRoleArn: arn:aws:iam::111111111111:role/shop
  containerDefinitions:
  - name: app
    image: registry.example/shop-web:1.0
    portMappings: [{containerPort: 8080}]
    environment: [{name: STAGE, value: prod}]
- <<: *web
  family: shop-api
  containerDefinitions:
  - name: app
    image: registry.example/shop-api:1.0
    portMappings: [{containerPort: 8081}]
    environment: [{name: STAGE, value: prod}]
  - name: metrics
    image: registry.example/metrics:3.2
    essential: false
- <<: *web
  family: shop-worker
  cpu: "256"
  memory: "512"
  containerDefinitions:
  - name: app
    image: registry.example/shop-worker:1.0
    command: [bin/work]
- <<: *web
  family: shop-migrate
  cpu: "256"
  memory: "512"
  containerDefinitions:
  - name: app
    image: registry.example/shop-web:1.0
    command: [bin/migrate]
- <<: *web
  family: shop-cleanup
  cpu: "256"
  memory: "512"
  containerDefinitions:
  - name: app
    image: registry.example/shop-web:1.0
    command: [bin/cleanup]
services:
- &web-service
  serviceName: web
  cluster: prod
  taskDefinition: shop-web
  desiredCount: 4
  launchType: FARGATE
  deploymentConfiguration:
    minimumHealthyPercent: 100
    maximumPercent: 200
    deploymentCircuitBreaker: {enable: true, rollback: true}
  networkConfiguration:
    awsvpcConfiguration:
      subnets: [subnet-0a1b2c3d, subnet-4e5f6a7b]
      securityGroups: [sg-0123abcd]
      assignPublicIp: DISABLED
- <<: *web-service
  serviceName: api
  taskDefinition: shop-api
  desiredCount: 2
- <<: *web-service
  serviceName: worker
  taskDefinition: shop-worker
  desiredCount: 1
)";

// Its one-off tasks do their work. What else becomes of images goes on with the list.
constexpr std::string_view kJobs = R"(
images:
- {task_definition: shop-migrate, run_for: 12s}
- {task_definition: shop-cleanup, run_for: 8s}
)";

constexpr std::string_view kImageMissing = R"(
- {image: "*:1.0"}
- {image: "registry.example/metrics:*"}
- {image: "*", pull: not-found}
)";

constexpr std::string_view kCrash = R"(
- {image: "*:1.0"}
- {image: "registry.example/metrics:*"}
- {image: "*", run_for: 5s, exit_code: 1}
)";

constexpr std::string_view kSlow = R"(
- {image: "*:1.0"}
- {image: "*", delay_factor: 6}
latency: 250ms
faults:
- {fault: slow, delay: 4s, share_percent: 10}
)";

constexpr std::string_view kThrottled = R"(
throttling:
  service-modify: {burst: 1, per_second: 0.2}
  service-read: {burst: 2, per_second: 0.5}
  task-definition-modify: {burst: 1, per_second: 0.2}
  task-read: {burst: 2, per_second: 0.5}
)";

constexpr std::string_view kMigrationFails = R"(
images:
- {task_definition: shop-migrate, run_for: 6s, exit_code: 3}
- {task_definition: shop-cleanup, run_for: 8s}
)";

// One load balancer with a rule for two target groups, blue and green. All traffic goes to blue.
// The names and ARNs are those of the example in docs/manual/canary.md.
constexpr std::string_view kBalancer = R"(
account: "123456789012"
clusters:
  prod: {}
target_groups:
- &group
  Name: web-blue
  TargetGroupArn: arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web-blue/73e2d6bc24d8a067
  TargetType: ip
  Protocol: HTTP
  Port: 8080
  HealthCheckIntervalSeconds: 10
  HealthCheckPath: /health
  attributes: {deregistration_delay.timeout_seconds: "30"}
- <<: *group
  Name: web-green
  TargetGroupArn: arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web-green/4b11dc8efc522ab2
load_balancers:
- Name: shop
  LoadBalancerArn: arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/50dc6c495c0c9188
  DNSName: shop-1111111111.eu-west-1.elb.amazonaws.com
  listeners:
  - Port: 80
    ListenerArn: arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2
    Protocol: HTTP
    DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: "404"}}]
    rules:
    - Priority: 10
      RuleArn: arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee
      Conditions: [{Field: path-pattern, Values: ["/*"]}]
      Actions:
      - Type: forward
        ForwardConfig:
          TargetGroups:
          - {TargetGroupArn: web-blue, Weight: 100}
          - {TargetGroupArn: web-green, Weight: 0}
task_definitions:
- family: web
  requiresCompatibilities: [FARGATE]
  networkMode: awsvpc
  cpu: "512"
  memory: "1024"
  executionRoleArn: arn:aws:iam::123456789012:role/ecsTaskExecutionRole
  containerDefinitions:
  - name: app
    image: registry.example/web:1.0
    portMappings: [{containerPort: 8080}]
alarms:
- AlarmName: web-5xx
  Namespace: AWS/ApplicationELB
  MetricName: HTTPCode_Target_5XX_Count
  Dimensions: [{Name: LoadBalancer, Value: app/shop/50dc6c495c0c9188}]
  Statistic: Sum
  Period: 60
  EvaluationPeriods: 1
  Threshold: 10
  ComparisonOperator: GreaterThanThreshold
  TreatMissingData: notBreaching
traffic:
- {load_balancer: shop, requests_per_second: 50}
)";

// Every world with people in it has a release that goes well, and two that the checks have to find.
constexpr std::string_view kGoodAndBadImages = R"(
images:
- {image: "*:bad", errors: {percent: 20, status: 500}}
- {image: "*:slow", latency: 2s}
)";

// What the services behind the balancer have in common: the beginning of the first one.
constexpr std::string_view kService = R"(
services:
- &service
  cluster: prod
  taskDefinition: web
  desiredCount: 2
  launchType: FARGATE
  networkConfiguration:
    awsvpcConfiguration: {subnets: [subnet-0a1b2c3d, subnet-4e5f6a7b]}
)";

// A service for each of the two groups.
constexpr std::string_view kPair = R"(
  serviceName: web-blue
  deploymentConfiguration:
    minimumHealthyPercent: 100
    maximumPercent: 200
    deploymentCircuitBreaker: {enable: true, rollback: true}
  loadBalancers: [{targetGroupArn: web-blue, containerName: app, containerPort: 8080}]
- <<: *service
  serviceName: web-green
  desiredCount: 0
  loadBalancers: [{targetGroupArn: web-green, containerName: app, containerPort: 8080}]
)";

// One service for both, so that ECS can move its traffic.
constexpr std::string_view kOneService = R"(
  serviceName: web
  deploymentConfiguration:
    strategy: CANARY
    canaryConfiguration: {canaryPercent: 10, canaryBakeTimeInMinutes: 5}
    bakeTimeInMinutes: 5
    deploymentCircuitBreaker: {enable: true, rollback: true}
  loadBalancers:
  - targetGroupArn: web-blue
    containerName: app
    containerPort: 8080
    advancedConfiguration:
      alternateTargetGroupArn: web-green
      productionListenerRule: arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee
      roleArn: arn:aws:iam::123456789012:role/ecs-load-balancers
)";

// The same service, deployed by CodeDeploy.
constexpr std::string_view kCodeDeployed = R"(
  serviceName: web
  deploymentController: {type: CODE_DEPLOY}
  loadBalancers: [{targetGroupArn: web-blue, containerName: app, containerPort: 8080}]
code_deploy:
  deployment_configs:
  - deploymentConfigName: quarter-by-quarter
    computePlatform: ECS
    trafficRoutingConfig: {type: TimeBasedLinear, timeBasedLinear: {linearPercentage: 25, linearInterval: 5}}
  applications:
  - {applicationName: shop, computePlatform: ECS}
  deployment_groups:
  - &group
    applicationName: shop
    deploymentGroupName: web
    serviceRoleArn: arn:aws:iam::123456789012:role/codedeploy
    deploymentStyle: {deploymentType: BLUE_GREEN, deploymentOption: WITH_TRAFFIC_CONTROL}
    ecsServices: [{clusterName: prod, serviceName: web}]
    blueGreenDeploymentConfiguration:
      terminateBlueInstancesOnDeploymentSuccess: {action: TERMINATE, terminationWaitTimeInMinutes: 60}
      deploymentReadyOption: {actionOnTimeout: CONTINUE_DEPLOYMENT, waitTimeInMinutes: 0}
    loadBalancerInfo:
      targetGroupPairInfoList:
      - targetGroups: [{name: web-blue}, {name: web-green}]
        prodTrafficRoute:
          listenerArns: ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"]
  - <<: *group
    deploymentGroupName: web-by-hand
    blueGreenDeploymentConfiguration:
      terminateBlueInstancesOnDeploymentSuccess: {action: TERMINATE, terminationWaitTimeInMinutes: 60}
      deploymentReadyOption: {actionOnTimeout: STOP_DEPLOYMENT, waitTimeInMinutes: 120}
)";

// One service that ECS leaves to others, with the task set that serves.
constexpr std::string_view kTaskSets = R"(
services:
- {serviceName: shop, cluster: prod, desiredCount: 2, deploymentController: {type: EXTERNAL}}
task_sets:
- service: shop
  cluster: prod
  taskDefinition: web
  launchType: FARGATE
  networkConfiguration:
    awsvpcConfiguration: {subnets: [subnet-0a1b2c3d, subnet-4e5f6a7b]}
  loadBalancers: [{targetGroupArn: web-blue, containerName: app, containerPort: 8080}]
  scale: {value: 100, unit: PERCENT}
  status: PRIMARY
)";

// What a canary release by DNS finds: two load balancers of one group, a zone, a cluster with
// machines, and people who come to the name. It is the world of examples/canary.
constexpr std::string_view kCanary = R"(
account: "111111111111"
region: eu-west-3
vpcs:
- {VpcId: vpc-0a1b2c3d4e5f60718, CidrBlock: 10.0.0.0/16, Tags: [{Key: Environment, Value: stage}]}
certificates:
- {DomainName: "*.bakery.test", CertificateArn: "arn:aws:acm:eu-west-3:111111111111:certificate/0a1b2c3d-0000-4000-8000-000000000001"}
keys:
- {KeyId: 0a1b2c3d-0000-4000-8000-000000000002}
secrets:
- {Name: stage/orders/db, SecretString: not-a-real-one, KmsKeyId: 0a1b2c3d-0000-4000-8000-000000000002}
repositories:
- {repositoryName: bakery-orders, images: ["2024.11.3", "bad", "slow"]}
clusters:
  stage-ecs-cluster:
    instances: [{count: 4, instanceType: m6i.xlarge, cpu: 4096, memory: 15360}]
load_balancers:
- &balancer
  Name: public-1
  DNSName: public-1-1111111111.eu-west-3.elb.amazonaws.com
  Tags: [{Key: CanaryGroup, Value: public}, {Key: CanaryRelease, Value: "1"}]
  listeners:
  - Port: 443
    Protocol: HTTPS
    Certificates: [{CertificateArn: "arn:aws:acm:eu-west-3:111111111111:certificate/0a1b2c3d-0000-4000-8000-000000000001"}]
    DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: "404"}}]
- <<: *balancer
  Name: public-2
  DNSName: public-2-2222222222.eu-west-3.elb.amazonaws.com
  Tags: [{Key: CanaryGroup, Value: public}, {Key: CanaryRelease, Value: "2"}]
hosted_zones:
- {Name: bakery.test, Id: Z0BAKERY}
topics:
- {Name: ok}
- {Name: failed}
traffic:
- {to: orders.stage.bakery.test, requests_per_second: 50, never_re_resolve_percent: 2}
)";

// A text is these parts, one behind the other.
struct BuiltIn {
  NamedScenario scenario;
  std::array<std::string_view, 4> parts;
};

constexpr std::array kBuiltIn = {
    BuiltIn{{"shop", "a healthy shop: a release succeeds"}, {kShop, kJobs}},
    BuiltIn{{"image-missing", "new images cannot be pulled; the circuit breaker rolls back"},
            {kShop, kJobs, kImageMissing}},
    BuiltIn{{"crash", "new containers exit after 5 s; the circuit breaker rolls back"},
            {kShop, kJobs, kCrash}},
    BuiltIn{{"slow", "tasks start six times as slowly, and some answers take seconds"},
            {kShop, kJobs, kSlow}},
    BuiltIn{{"throttled", "AWS allows few calls per second"}, {kShop, kJobs, kThrottled}},
    BuiltIn{{"migration-fails", "the task shop-migrate exits with 3"}, {kShop, kMigrationFails}},
    BuiltIn{
        {"alb", "a load balancer with the services web-blue and web-green, and traffic for them"},
        {kBalancer, kService, kPair, kGoodAndBadImages}},
    BuiltIn{{"ecs-canary", "a load balancer with the service web, whose traffic ECS moves itself"},
            {kBalancer, kService, kOneService, kGoodAndBadImages}},
    BuiltIn{{"codedeploy", "the same service web, deployed by CodeDeploy's group shop/web"},
            {kBalancer, kService, kCodeDeployed, kGoodAndBadImages}},
    BuiltIn{{"task-sets", "a load balancer with the service shop, whose task sets others deploy"},
            {kBalancer, kTaskSets, kGoodAndBadImages}},
    BuiltIn{{"canary", "two load balancers, a zone and machines for a canary release by DNS"},
            {kCanary, kGoodAndBadImages}},
};

}  // namespace

std::span<const NamedScenario> built_in_scenarios() {
  static constexpr auto kNames = [] {
    std::array<NamedScenario, kBuiltIn.size()> names{};
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = kBuiltIn[i].scenario;
    return names;
  }();
  return kNames;
}

std::string built_in_scenario_text(std::string_view name) {
  for (const BuiltIn& built_in : kBuiltIn) {
    if (built_in.scenario.name != name) continue;
    std::string text = "scenario: 1\nname: ";
    text += name;
    text += '\n';
    for (const std::string_view part : built_in.parts)
      if (!part.empty()) text += part.substr(1);  // without the line break behind R"(
    return text;
  }
  return {};
}

}  // namespace slipway::sim
