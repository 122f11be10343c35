// Creating, describing, listing and deleting services; what a rollout reads of their history.
#include "sim/testing.h"

#include <gmock/gmock.h>

namespace slipway::sim {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view kNetwork =
    R"("networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}})";

class Services : public testing::Test {
 protected:
  Services() {
    aws.call("CreateCluster", R"({"clusterName": "prod"})");
    aws.register_web();
  }
  Rehearsal aws;
};

// ---- Create -----------------------------------------------------------------------------------

TEST_F(Services, AreCreatedWithOneDeploymentInProgressAndTheDefaults) {
  aws.create_service("web", 2);
  const Json service = aws.service();
  EXPECT_EQ(service.at("serviceArn").as_string(),
            "arn:aws:ecs:eu-west-1:123456789012:service/prod/web");
  EXPECT_EQ(service.at("status").as_string(), "ACTIVE");
  EXPECT_EQ(service.at("runningCount").as_int64(), 0);
  EXPECT_THAT(service.at("events").as_array(), IsEmpty());
  ASSERT_THAT(service.at("deployments").as_array(), SizeIs(1));
  const Json& deployment = service.at("deployments").as_array().front();
  EXPECT_EQ(deployment.at("status").as_string(), "PRIMARY");
  EXPECT_EQ(deployment.at("rolloutState").as_string(), "IN_PROGRESS");
  const std::string id(deployment.at("id").as_string());
  EXPECT_EQ(deployment.at("rolloutStateReason").as_string(),
            "ECS deployment " + id + " in progress.");
  EXPECT_EQ(service.at("platformVersion").as_string(), "LATEST");
  EXPECT_EQ(deployment.at("platformVersion").as_string(), "1.4.0");
  EXPECT_EQ(service.at("availabilityZoneRebalancing").as_string(), "ENABLED");
  EXPECT_EQ(service.at("schedulingStrategy").as_string(), "REPLICA");
  EXPECT_EQ(
      service.at("networkConfiguration").at("awsvpcConfiguration").at("assignPublicIp").as_string(),
      "DISABLED");
}

TEST_F(Services, AreRefusedWithAwssSentences) {
  aws.call("RegisterTaskDefinition", R"({"family": "gone", "containerDefinitions":
      [{"name": "app", "image": "x", "memory": 64}]})");
  aws.call("DeregisterTaskDefinition", R"({"taskDefinition": "gone:1"})");
  aws.call("RegisterTaskDefinition", R"({"family": "ec2", "containerDefinitions":
      [{"name": "app", "image": "x", "memory": 64}]})");
  aws.arrange(AddTargetGroup{.targetGroupArn = "tg-1"});
  aws.arrange(AddTargetGroup{.targetGroupArn = "tg-alone", .has_load_balancer = false});
  struct Case {
    std::string members;
    std::string_view refusal;
  };
  const std::string web = fmt::format(
      R"("taskDefinition": "web", "desiredCount": 1, "launchType": "FARGATE", {})", kNetwork);
  for (
      const auto& [members, refusal] : {
          Case{R"("desiredCount": 1)", "ClientException: TaskDefinition can not be blank."},
          Case{R"("taskDefinition": "nothing", "desiredCount": 1)",
               "ClientException: TaskDefinition not found."},
          Case{R"("taskDefinition": "gone:1", "desiredCount": 1)",
               "ClientException: TaskDefinition is inactive"},
          Case{R"("taskDefinition": "web", "desiredCount": 1, "launchType": "FARGATE")",
               "InvalidParameterException: Network Configuration must be provided when networkMode "
               "'awsvpc' is specified."},
          Case{fmt::format(R"("taskDefinition": "ec2", "desiredCount": 1, {})", kNetwork),
               "InvalidParameterException: Network Configuration is not valid for the given "
               "networkMode of this task definition."},
          Case{
              web +
                  R"(, "loadBalancers": [{"targetGroupArn": "tg-2", "containerName": "app", "containerPort": 80}])",
              "InvalidParameterException: The target group with targetGroupArn tg-2 does not have "
              "an associated load balancer."},
          Case{
              web +
                  R"(, "loadBalancers": [{"targetGroupArn": "tg-alone", "containerName": "app", "containerPort": 80}])",
              "InvalidParameterException: The target group with targetGroupArn tg-alone does not "
              "have an associated load balancer."},
          Case{
              web +
                  R"(, "loadBalancers": [{"targetGroupArn": "tg-1", "containerName": "side", "containerPort": 80}])",
              "InvalidParameterException: The container side does not exist in the task "
              "definition."},
          Case{
              web +
                  R"(, "loadBalancers": [{"targetGroupArn": "tg-1", "containerName": "app", "containerPort": 81}])",
              "InvalidParameterException: The container app did not have a container port 81 "
              "defined."},
          Case{
              web +
                  R"(, "capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1}])",
              "InvalidParameterException: Specifying both a launch type and capacity provider "
              "strategy is not supported. Remove one and try again."},
          Case{R"("taskDefinition": "ec2", "schedulingStrategy": "DAEMON", "desiredCount": 1)",
               "InvalidParameterException: The daemon scheduling strategy does not support a "
               "desired count. Remove desired count and retry."},
          Case{
              web +
                  R"(, "deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 100})",
              "InvalidParameterException: Both maximumPercent and minimumHealthyPercent cannot be "
              "100 as this will block deployments."},
          Case{web + R"(, "tags": [{"key": "aws:x", "value": "y"}])",
               "InvalidParameterException: Some tags contain invalid characters or the reserved "
               "prefix aws:."},
      }) {
    SCOPED_TRACE(members);
    EXPECT_EQ(
        aws.refusal("CreateService",
                    fmt::format(R"({{"cluster": "prod", "serviceName": "web", {}}})", members)),
        refusal);
  }
}

TEST_F(Services, AreCreatedTwiceOnlyForTheSameTokenAndRequest) {
  const std::string request = fmt::format(
      R"({{"cluster": "prod", "serviceName": "web", "taskDefinition": "web", "desiredCount": 1,
           "launchType": "FARGATE", "clientToken": "t", {}}})",
      kNetwork);
  aws.call("CreateService", request);
  EXPECT_EQ(aws.call("CreateService", request).at("service").at("serviceName").as_string(), "web");
  const std::string other = fmt::format(
      R"({{"cluster": "prod", "serviceName": "web", "taskDefinition": "web", "desiredCount": 2,
           "launchType": "FARGATE", "clientToken": "t", {}}})",
      kNetwork);
  EXPECT_EQ(aws.refusal("CreateService", other),
            "InvalidParameterException: Creation of service was not idempotent.");
}

TEST_F(Services, UseTheClustersDefaultStrategyWhenNothingElseIsSaid) {
  aws.call("PutClusterCapacityProviders", R"({"cluster": "prod",
    "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
    "defaultCapacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]})");
  aws.call("CreateService", fmt::format(R"({{"cluster": "prod", "serviceName": "web",
      "taskDefinition": "web", "desiredCount": 1, {}}})",
                                        kNetwork));
  aws.at(0);
  const Json service = aws.service();
  EXPECT_FALSE(service.as_object().contains("launchType"));
  EXPECT_EQ(
      service.at("capacityProviderStrategy").as_array().front().at("capacityProvider").as_string(),
      "FARGATE_SPOT");
  EXPECT_EQ(service.at("runningCount").as_int64(), 1);
}

// ---- Describe and list ------------------------------------------------------------------------

TEST_F(Services, AreDescribedTenAtATime) {
  EXPECT_EQ(
      aws.refusal(
          "DescribeServices",
          R"({"cluster": "prod", "services": ["1","2","3","4","5","6","7","8","9","10","11"]})"),
      "InvalidParameterException: service names can have at most 10 items.");
  EXPECT_EQ(aws.refusal("DescribeServices", R"({"cluster": "prod", "services": []})"),
            "InvalidParameterException: Services cannot be empty.");
  const Json reply =
      aws.call("DescribeServices", R"({"cluster": "prod", "services": ["nothing"]})");
  EXPECT_THAT(reply.at("services").as_array(), IsEmpty());
  EXPECT_EQ(reply.at("failures").as_array().front().at("arn").as_string(),
            "arn:aws:ecs:eu-west-1:123456789012:service/prod/nothing");
  EXPECT_EQ(reply.at("failures").as_array().front().at("reason").as_string(), "MISSING");
  EXPECT_EQ(aws.refusal("DescribeServices", R"({"services": ["web"]})"),
            "ClusterNotFoundException: Cluster not found.");
}

TEST_F(Services, AreFoundByNameShortArnAndFullArn) {
  aws.create_service("web", 1);
  for (const char* name : {"web", "arn:aws:ecs:eu-west-1:123456789012:service/web",
                           "arn:aws:ecs:eu-west-1:123456789012:service/prod/web"}) {
    const Json reply = aws.call(
        "DescribeServices",
        fmt::format(
            R"({{"cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/prod", "services": ["{}"]}})",
            name));
    EXPECT_THAT(reply.at("services").as_array(), SizeIs(1)) << name;
  }
}

TEST_F(Services, AreListedTenToAPageByDefault) {
  for (int i = 0; i < 13; ++i) aws.create_service(fmt::format("web-{}", i), 0);
  const Json first = aws.call("ListServices", R"({"cluster": "prod"})");
  EXPECT_THAT(first.at("serviceArns").as_array(), SizeIs(10));
  const Json second =
      aws.call("ListServices", fmt::format(R"({{"cluster": "prod", "nextToken": "{}"}})",
                                           std::string_view(first.at("nextToken").as_string())));
  EXPECT_THAT(second.at("serviceArns").as_array(), SizeIs(3));
  EXPECT_FALSE(second.as_object().contains("nextToken"));
  const Json ec2 = aws.call("ListServices", R"({"cluster": "prod", "launchType": "EC2"})");
  EXPECT_THAT(ec2.at("serviceArns").as_array(), IsEmpty());
  const Json daemons =
      aws.call("ListServices", R"({"cluster": "prod", "schedulingStrategy": "DAEMON"})");
  EXPECT_THAT(daemons.at("serviceArns").as_array(), IsEmpty());
}

TEST_F(Services, AreListedByNamespace) {
  aws.create_service("web", 0, 100, 200,
                     R"(, "serviceConnectConfiguration": {"enabled": true, "namespace": "shop"})");
  aws.create_service("plain", 0);
  EXPECT_THAT(
      aws.call("ListServicesByNamespace", R"({"namespace": "shop"})").at("serviceArns").as_array(),
      SizeIs(1));
  EXPECT_THAT(
      aws.call("ListServicesByNamespace", R"({"namespace": "other"})").at("serviceArns").as_array(),
      IsEmpty());
}

TEST_F(Services, ShowTagsOnlyWhenAsked) {
  aws.create_service("web", 0, 100, 200, R"(, "tags": [{"key": "team", "value": "shop"}])");
  EXPECT_FALSE(aws.service().as_object().contains("tags"));
  const Json reply = aws.call("DescribeServices",
                              R"({"cluster": "prod", "services": ["web"], "include": ["TAGS"]})");
  EXPECT_EQ(
      reply.at("services").as_array().front().at("tags").as_array().front().at("value").as_string(),
      "shop");
}

TEST_F(Services, KeepTheirHundredNewestEvents) {
  aws.create_service("web", 1);
  aws.arrange(SetImages{{{.image = "web:*", .run_for = seconds(60), .exit_code = 1}}});
  aws.at(0);
  aws.at(20000);
  EXPECT_THAT(aws.service().at("events").as_array(), SizeIs(100));
  EXPECT_GT(aws.service().at("events").as_array().front().at("createdAt").to_number<double>(),
            aws.service().at("events").as_array().back().at("createdAt").to_number<double>());
}

TEST_F(Services, RepeatTheirSteadyStateEverySixHours) {
  aws.create_service("web", 1);
  aws.at(0);
  aws.at(24 * 3600);
  EXPECT_THAT(aws.events(0), SizeIs(4));
}

// ---- Update -----------------------------------------------------------------------------------

TEST_F(Services, AreUpdatedOnlyWhileActive) {
  EXPECT_EQ(aws.refusal("UpdateService", R"({"cluster": "prod", "service": "web"})"),
            "ServiceNotFoundException: Service not found.");
  aws.create_service("web", 1);
  aws.at(0);
  aws.call("DeleteService", R"({"cluster": "prod", "service": "web", "force": true})");
  EXPECT_EQ(aws.refusal("UpdateService", R"({"cluster": "prod", "service": "web"})"),
            "ServiceNotActiveException: Service was not ACTIVE.");
}

TEST_F(Services, StayAsTheyWereWhenAnUpdateIsRefused) {
  aws.create_service("web", 1);
  aws.at(0);
  EXPECT_EQ(aws.refusal("UpdateService", R"({"cluster": "prod", "service": "web", "desiredCount": 5,
              "taskDefinition": "nothing"})"),
            "ClientException: TaskDefinition not found.");
  EXPECT_EQ(
      aws.refusal("UpdateService", R"({"cluster": "prod", "service": "web", "desiredCount": 5,
              "deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 100}})"),
      "InvalidParameterException: Both maximumPercent and minimumHealthyPercent cannot be 100 "
      "as this will block deployments.");
  EXPECT_EQ(aws.service().at("desiredCount").as_int64(), 1);
  EXPECT_EQ(aws.service().at("deploymentConfiguration").at("maximumPercent").as_int64(), 200);
}

TEST_F(Services, OfCodeDeployAreLeftToCodeDeploy) {
  aws.create_service("web", 1, 100, 200, R"(, "deploymentController": {"type": "CODE_DEPLOY"})");
  struct Case {
    std::string_view change, refusal;
  };
  for (const auto& [change, refusal] :
       {Case{R"("taskDefinition": "web")", "Unable to update task definition on services with"},
        Case{kNetwork, "Unable to update network parameters on services with"},
        Case{R"("forceNewDeployment": true)", "Cannot force a new deployment on services with"}}) {
    EXPECT_EQ(
        aws.refusal("UpdateService",
                    fmt::format(R"({{"cluster": "prod", "service": "web", {}}})", change)),
        fmt::format("InvalidParameterException: {} a CODE_DEPLOY deployment controller. Use AWS "
                    "CodeDeploy to trigger a new deployment.",
                    refusal));
  }
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "desiredCount": 2})");
  aws.at(0);
  EXPECT_EQ(aws.service().at("runningCount").as_int64(), 2);
  // Its deployments are CodeDeploy's: task sets.
  EXPECT_TRUE(aws.service().at("deployments").as_array().empty());
  EXPECT_EQ(aws.service().at("taskSets").at(0).at("status").as_string(), "PRIMARY");
}

TEST_F(Services, MayUseADeregisteredDefinitionForAsLongAsTheKnobSays) {
  Knobs knobs;
  knobs.inactive_definition_usable = std::chrono::minutes(10);
  Rehearsal lenient(knobs);
  lenient.call("CreateCluster", R"({"clusterName": "prod"})");
  lenient.register_web();
  lenient.create_service("web", 1);
  lenient.register_web("web:2");
  lenient.at(0);
  lenient.call("DeregisterTaskDefinition", R"({"taskDefinition": "web:2"})");
  const std::string update = R"({"cluster": "prod", "service": "web", "taskDefinition": "web:2"})";
  lenient.call("UpdateService", update);
  lenient.at(600);
  EXPECT_EQ(lenient.refusal("UpdateService", update),
            "ClientException: TaskDefinition is inactive");
}

// ---- Delete -----------------------------------------------------------------------------------

TEST_F(Services, DrainBeforeTheyAreInactiveAndThenFreeTheirName) {
  aws.create_service("web", 2);
  aws.at(0);
  EXPECT_EQ(aws.refusal("DeleteService", R"({"cluster": "prod", "service": "web"})"),
            "InvalidParameterException: The service cannot be stopped while it is scaled above 0.");
  const Json reply =
      aws.call("DeleteService", R"({"cluster": "prod", "service": "web", "force": true})");
  EXPECT_EQ(reply.at("service").at("status").as_string(), "DRAINING");
  EXPECT_EQ(reply.at("service").at("desiredCount").as_int64(), 0);
  EXPECT_EQ(aws.refusal("CreateService", fmt::format(R"({{"cluster": "prod", "serviceName": "web",
                "taskDefinition": "web", "desiredCount": 1, "launchType": "FARGATE", {}}})",
                                                     kNetwork)),
            "InvalidParameterException: Unable to Start a service that is still Draining.");
  aws.at(10);
  EXPECT_EQ(aws.service().at("status").as_string(), "INACTIVE");
  EXPECT_THAT(aws.call("ListServices", R"({"cluster": "prod"})").at("serviceArns").as_array(),
              IsEmpty());
  EXPECT_EQ(aws.refusal("DeleteService", R"({"cluster": "prod", "service": "web"})"),
            "ServiceNotFoundException: Service not found.");
  aws.create_service("web", 1);
  EXPECT_EQ(aws.service().at("status").as_string(), "ACTIVE");
  aws.at(4000);  // the old one is forgotten, the new one is not
  EXPECT_EQ(aws.service().at("runningCount").as_int64(), 1);
}

TEST_F(Services, AreForgottenAnHourAfterTheyBecameInactive) {
  aws.create_service("web", 0);
  aws.at(0);
  aws.call("DeleteService", R"({"cluster": "prod", "service": "web"})");
  aws.at(10 + 3599);
  EXPECT_EQ(aws.service().at("status").as_string(), "INACTIVE");
  aws.at(10 + 3600);
  EXPECT_THAT(aws.call("DescribeServices", R"({"cluster": "prod", "services": ["web"]})")
                  .at("failures")
                  .as_array(),
              SizeIs(1));
}

// ---- Service deployments ----------------------------------------------------------------------

class ServiceDeployments : public Services {
 protected:
  ServiceDeployments() {
    aws.create_service("web", 1);
    aws.register_web("web:2");
    aws.at(0);
  }
  Json update(std::string_view definition = "web:2") {
    return aws
        .call("UpdateService",
              fmt::format(R"({{"cluster": "prod", "service": "web", "taskDefinition": "{}"}})",
                          definition))
        .at("service");
  }
  Json record(std::string_view arn) {
    return aws
        .call("DescribeServiceDeployments",
              fmt::format(R"({{"serviceDeploymentArns": ["{}"]}})", arn))
        .at("serviceDeployments")
        .as_array()
        .front();
  }
  std::string current() {
    return std::string(aws.service().at("currentServiceDeployment").as_string());
  }
  std::string status(std::string_view arn) {
    return std::string(record(arn).at("status").as_string());
  }
};

TEST_F(ServiceDeployments, GoFromPendingToSuccessful) {
  const std::string old = current();
  EXPECT_EQ(status(old), "SUCCESSFUL");
  update();
  const std::string arn = current();
  EXPECT_EQ(status(arn), "PENDING");
  EXPECT_FALSE(record(arn).as_object().contains("startedAt"));
  aws.at(10);
  EXPECT_EQ(status(arn), "IN_PROGRESS");
  EXPECT_EQ(record(arn).at("targetServiceRevision").at("pendingTaskCount").as_int64(), 1);
  EXPECT_EQ(
      record(arn).at("sourceServiceRevisions").as_array().front().at("runningTaskCount").as_int64(),
      1);
  aws.at(300);
  EXPECT_EQ(status(arn), "SUCCESSFUL");
  EXPECT_EQ(record(arn).at("deploymentCircuitBreaker").at("status").as_string(), "DISABLED");
  const Json list = aws.call("ListServiceDeployments", R"({"cluster": "prod", "service": "web"})");
  ASSERT_THAT(list.at("serviceDeployments").as_array(), SizeIs(2));
  EXPECT_EQ(list.at("serviceDeployments").as_array().at(0).at("serviceDeploymentArn").as_string(),
            arn);
  const Json running =
      aws.call("ListServiceDeployments",
               R"({"cluster": "prod", "service": "web", "status": ["IN_PROGRESS"]})");
  EXPECT_THAT(running.at("serviceDeployments").as_array(), IsEmpty());
}

TEST_F(ServiceDeployments, LeadToARevisionThatNeverChanges) {
  const Json service = update();
  const std::string arn(record(current()).at("targetServiceRevision").at("arn").as_string());
  const std::string id(service.at("deployments").as_array().front().at("id").as_string());
  EXPECT_EQ(arn, "arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/" + id.substr(8));
  const auto revision = [&] {
    return aws
        .call("DescribeServiceRevisions", fmt::format(R"({{"serviceRevisionArns": ["{}"]}})", arn))
        .at("serviceRevisions")
        .as_array()
        .front();
  };
  const Json before = revision();
  EXPECT_TRUE(before.at("taskDefinition").as_string().ends_with("web:2"));
  EXPECT_EQ(before.at("containerImages").as_array().front().at("image").as_string(), "web:2");
  aws.at(300);
  update("web:1");
  EXPECT_EQ(revision(), before);
}

TEST_F(ServiceDeployments, AreStoppedByNewerOnes) {
  update();
  const std::string first = current();
  aws.at(20);
  update("web:1");
  EXPECT_EQ(status(first), "STOP_REQUESTED");
  aws.at(30);
  EXPECT_EQ(status(first), "STOPPED");
  aws.at(300);
  EXPECT_EQ(status(current()), "SUCCESSFUL");
}

TEST_F(ServiceDeployments, RollBackWhenSomebodyStopsThem) {
  const std::string old_id(aws.service().at("deployments").as_array().front().at("id").as_string());
  update();
  const std::string arn = current();
  aws.at(40);
  aws.call("StopServiceDeployment", fmt::format(R"({{"serviceDeploymentArn": "{}"}})", arn));
  EXPECT_EQ(status(arn), "ROLLBACK_REQUESTED");
  aws.at(50);
  EXPECT_EQ(status(arn), "ROLLBACK_IN_PROGRESS");
  EXPECT_EQ(aws.service().at("deployments").as_array().front().at("id").as_string(), old_id);
  aws.at(100);
  EXPECT_EQ(status(arn), "ROLLBACK_SUCCESSFUL");
  EXPECT_TRUE(
      record(arn).at("rollback").at("serviceRevisionArn").as_string().ends_with(old_id.substr(8)));
  EXPECT_EQ(
      aws.refusal("StopServiceDeployment", fmt::format(R"({{"serviceDeploymentArn": "{}"}})", arn)),
      "ConflictException: The service deployment is already in the terminal state "
      "ROLLBACK_SUCCESSFUL.");
}

TEST_F(ServiceDeployments, TellThatTheBreakerRolledThemBack) {
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "deploymentConfiguration":
      {"deploymentCircuitBreaker": {"enable": true, "rollback": true}}})");
  aws.arrange(SetImages{{{.image = "web:2", .pull = Pull::kNotFound}}});
  update();
  const std::string arn = current();
  aws.at(300);
  const Json end = record(arn);
  EXPECT_EQ(end.at("status").as_string(), "ROLLBACK_SUCCESSFUL");
  EXPECT_EQ(end.at("statusReason").as_string(),
            "Service deployment rolled back because the circuit breaker threshold was exceeded.");
  EXPECT_EQ(end.at("deploymentCircuitBreaker").at("status").as_string(), "TRIGGERED");
  EXPECT_EQ(end.at("deploymentCircuitBreaker").at("failureCount").as_int64(), 3);
}

TEST_F(ServiceDeployments, HaveNoHooksToContinue) {
  update();
  const std::string arn = current();
  const auto refusal = [&](std::string_view deployment, std::string_view hook) {
    return aws.refusal(
        "ContinueServiceDeployment",
        fmt::format(R"({{"serviceDeploymentArn": "{}", "hookId": "{}"}})", deployment, hook));
  };
  EXPECT_EQ(refusal("nothing", "ecs-pause-1"),
            "ServiceDeploymentNotFoundException: The service deployment does not exist.");
  EXPECT_EQ(refusal(arn, "pause"),
            "InvalidParameterException: Invalid hookId: hookId must follow the format: "
            "ecs-{hookType}-{id}");
  EXPECT_EQ(refusal(arn, "ecs-pause-1"),
            "InvalidParameterException: Provided hookId is either completed, unavailable, or not "
            "associated with the given Resource ARN");
  aws.at(300);
  EXPECT_EQ(refusal(arn, "ecs-pause-1"),
            "InvalidParameterException: Continuing a service deployment is not allowed for service "
            "deployment in terminal states.");
}

// ---- Health -----------------------------------------------------------------------------------

class HealthOfServices : public Services {
 protected:
  static constexpr std::string_view kChecked =
      R"(, "healthCheck": {"command": ["check"], "interval": 10, "retries": 2})";
};

TEST_F(HealthOfServices, UnhealthyTasksAreReplacedStartFirst) {
  aws.register_web("web:1", "web", kChecked);
  aws.create_service("web", 2);
  aws.at(0);
  aws.arrange(Afflict{"prod", "web", 1, {.unhealthy_from = seconds(0)}});
  aws.at(300);
  const auto events = aws.events(0);
  ASSERT_THAT(events, SizeIs(4));
  EXPECT_THAT(events.at(0),
              testing::HasSubstr("(service web) (task T) failed container health checks."));
  EXPECT_THAT(events.at(1),
              testing::HasSubstr("(service web) has started 1 tasks: (task T). Amazon "
                                 "ECS replaced 1 tasks due to an unhealthy status."));
  EXPECT_THAT(events.at(2),
              testing::HasSubstr("(service web) has stopped 1 running tasks: (task T)."));
  EXPECT_THAT(events.at(3), testing::HasSubstr("(service web) has reached a steady state."));
  const Json task = aws.stopped_task();
  EXPECT_EQ(task.at("stopCode").as_string(), "ServiceSchedulerInitiated");
  EXPECT_EQ(task.at("stoppedReason").as_string(), "Task failed container health checks");
}

TEST_F(HealthOfServices, GraceComesBeforeJudgement) {
  aws.register_web("web:1", "web", kChecked);
  aws.create_service("web", 1, 100, 200, R"(, "healthCheckGracePeriodSeconds": 120)");
  aws.arrange(SetImages{{{.image = "web:*", .unhealthy_from = seconds(0)}}});
  aws.at(-3600 + 36 + 119);
  EXPECT_THAT(aws.events(-3600), ElementsAre("-3590 (service web) has started 1 tasks: (task T)."));
  aws.at(-3600 + 36 + 140);
  EXPECT_THAT(aws.events(-3500).front(), testing::HasSubstr("failed container health checks"));
}

TEST_F(HealthOfServices, TheBreakerCountsTasksThatFailTheirChecks) {
  aws.register_web("web:1", "web", kChecked);
  aws.create_service("web", 2);
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "deploymentConfiguration":
      {"deploymentCircuitBreaker": {"enable": true, "rollback": true}}})");
  aws.register_web("web:2", "web", kChecked);
  aws.arrange(SetImages{{{.image = "web:2", .unhealthy_from = seconds(0)}}});
  aws.at(0);
  const Json before = aws.service().at("deployments").as_array().front().at("id");
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web"})");
  aws.at(200);
  EXPECT_EQ(aws.service().at("deployments").as_array().front().at("id"), before);
  EXPECT_EQ(aws.service().at("runningCount").as_int64(), 2);
}

TEST_F(HealthOfServices, FailingTargetsAreNamedWithTheirGroupAndReason) {
  aws.arrange(AddTargetGroup{.targetGroupArn = "tg",
                             .deregistration_delay = seconds(30),
                             .HealthCheckInterval = seconds(10)});
  aws.create_service("web", 1, 100, 200, R"(, "loadBalancers": [{"targetGroupArn": "tg",
      "containerName": "app", "containerPort": 80}])");
  aws.at(0);
  aws.register_web("web:2");
  aws.arrange(SetImages{{{.image = "web:2", .target_unhealthy_from = seconds(0)}}});
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web",
      "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": true, "rollback": true}}})");
  aws.at(600);
  const auto events = aws.events(0);
  EXPECT_THAT(events, testing::Contains("70 (service web) (task T) (port 80) is unhealthy in "
                                        "(target-group tg) due to (reason Health "
                                        "checks failed with these codes: [502])."));
  EXPECT_THAT(events,
              testing::Contains(testing::HasSubstr("rolling back to deployment ecs-svc/N.")));
  EXPECT_TRUE(aws.service().at("taskDefinition").as_string().ends_with("web:1"));
  const Json task = aws.stopped_task();
  EXPECT_EQ(task.at("stoppedReason").as_string(),
            "Task failed ELB health checks in (target-group tg)");
}

TEST_F(HealthOfServices, ATargetThatTurnsBadIsReplaced) {
  aws.arrange(AddTargetGroup{.targetGroupArn = "tg",
                             .deregistration_delay = seconds(30),
                             .HealthCheckInterval = seconds(10)});
  aws.create_service("web", 2, 100, 200, R"(, "loadBalancers": [{"targetGroupArn": "tg",
      "containerName": "app", "containerPort": 80}])");
  aws.at(0);
  aws.arrange(Afflict{"prod", "web", 1, {.target_unhealthy_from = seconds(0), .target_status = 0}});
  aws.at(400);
  EXPECT_THAT(aws.events(0), testing::Contains(testing::HasSubstr("(reason Request timed out).")));
  EXPECT_EQ(aws.service().at("runningCount").as_int64(), 2);
  EXPECT_THAT(aws.events(0).back(), testing::HasSubstr("has reached a steady state."));
}

}  // namespace
}  // namespace slipway::sim
