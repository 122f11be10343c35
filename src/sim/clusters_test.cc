// Clusters, capacity, attributes, task sets, account settings, tags.
#include "sim/testing.h"

#include <gmock/gmock.h>

namespace slipway::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Clusters, AreMadeOnce) {
  Rehearsal aws;
  const Json first =
      aws.call("CreateCluster", R"({"clusterName": "prod", "tags": [{"key": "a", "value": "b"}]})");
  EXPECT_EQ(aws.call("CreateCluster", R"({"clusterName": "prod"})"), first);
  EXPECT_EQ(aws.call("CreateCluster").at("cluster").at("clusterName").as_string(), "default");
  EXPECT_THAT(aws.call("ListClusters").at("clusterArns").as_array(), SizeIs(2));
}

TEST(Clusters, ShowWhatIsAskedFor) {
  Rehearsal aws;
  aws.call("CreateCluster", R"({"clusterName": "prod", "tags": [{"key": "a", "value": "b"}],
      "settings": [{"name": "containerInsights", "value": "enabled"}]})");
  aws.register_web();
  aws.create_service("web", 2);
  aws.at(0);
  const Json reply = aws.call("DescribeClusters", R"({"clusters": ["prod", "nothing"],
      "include": ["TAGS", "SETTINGS", "STATISTICS"]})");
  const Json& cluster = reply.at("clusters").as_array().front();
  EXPECT_EQ(cluster.at("runningTasksCount").as_int64(), 2);
  EXPECT_EQ(cluster.at("activeServicesCount").as_int64(), 1);
  EXPECT_EQ(cluster.at("settings").as_array().front().at("value").as_string(), "enabled");
  EXPECT_THAT(to_text(cluster.at("statistics")),
              HasSubstr(R"({"name":"runningFargateTasksCount","value":"2"})"));
  EXPECT_EQ(reply.at("failures").as_array().front().at("arn").as_string(),
            "arn:aws:ecs:eu-west-1:123456789012:cluster/nothing");
  EXPECT_EQ(reply.at("failures").as_array().front().at("reason").as_string(), "MISSING");
  EXPECT_THAT(aws.call("DescribeClusters").at("failures").as_array(), SizeIs(1));  // default
}

TEST(Clusters, AreDeletedWhenNothingIsInThem) {
  Rehearsal aws;
  aws.set_up_web(1);
  const std::string delete_it = R"({"cluster": "prod"})";
  EXPECT_EQ(
      aws.refusal("DeleteCluster", delete_it),
      "ClusterContainsServicesException: The Cluster cannot be deleted while Services are active.");
  aws.at(0);
  aws.call("DeleteService", R"({"cluster": "prod", "service": "web", "force": true})");
  aws.at(60);
  aws.arrange(AddInstances{.cluster = "prod"});
  EXPECT_EQ(
      aws.refusal("DeleteCluster", delete_it),
      "ClusterContainsContainerInstancesException: The Cluster cannot be deleted while Container "
      "Instances are active.");
  aws.arrange(LoseInstances{.cluster = "prod"});
  EXPECT_EQ(aws.call("DeleteCluster", delete_it).at("cluster").at("status").as_string(),
            "INACTIVE");
  EXPECT_THAT(aws.call("ListClusters").at("clusterArns").as_array(), IsEmpty());
  EXPECT_THAT(aws.call("DescribeClusters", R"({"clusters": ["prod"]})").at("clusters").as_array(),
              SizeIs(1));
  EXPECT_EQ(aws.refusal("ListTasks", R"({"cluster": "prod"})"),
            "ClusterNotFoundException: The referenced cluster was inactive.");
  aws.call("CreateCluster", R"({"clusterName": "prod"})");  // a new one of the same name
  aws.at(5000);
  EXPECT_THAT(aws.call("ListClusters").at("clusterArns").as_array(), SizeIs(1));
}

TEST(Clusters, KeepTheProvidersThatTheirServicesUse) {
  Rehearsal aws;
  aws.call("CreateCluster",
           R"({"clusterName": "prod", "capacityProviders": ["FARGATE", "FARGATE_SPOT"]})");
  aws.register_web();
  aws.call("CreateService", R"({"cluster": "prod", "serviceName": "web", "taskDefinition": "web",
      "desiredCount": 1, "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
      "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["s"]}}})");
  EXPECT_THAT(aws.refusal("PutClusterCapacityProviders", R"({"cluster": "prod",
                  "capacityProviders": ["FARGATE"], "defaultCapacityProviderStrategy": []})"),
              HasSubstr("ResourceInUseException: "));
  const Json changed = aws.call("PutClusterCapacityProviders", R"({"cluster": "prod",
      "capacityProviders": ["FARGATE_SPOT"], "defaultCapacityProviderStrategy":
      [{"capacityProvider": "FARGATE_SPOT", "weight": 2, "base": 1}]})");
  EXPECT_EQ(to_text(changed.at("cluster").at("defaultCapacityProviderStrategy")),
            R"([{"capacityProvider":"FARGATE_SPOT","weight":2,"base":1}])");
  EXPECT_EQ(
      aws.refusal("PutClusterCapacityProviders", R"({"cluster": "prod",
                "capacityProviders": ["nothing"], "defaultCapacityProviderStrategy": []})"),
      "InvalidParameterException: The specified capacity provider does not exist. Specify a valid "
      "name or ARN and try again.");
}

TEST(CapacityProviderStrategies, AreCheckedBeforeAnythingIsPlaced) {
  Rehearsal aws;
  aws.call("CreateCapacityProvider", R"({"name": "group",
      "autoScalingGroupProvider": {"autoScalingGroupArn": "arn:aws:autoscaling:x"}})");
  struct Case {
    std::string_view strategy, refusal;
  };
  for (
      const auto& [strategy, refusal] : {
          Case{
              R"([{"capacityProvider": "FARGATE", "weight": 1}, {"capacityProvider": "group", "weight": 1}])",
              "cannot contain both Fargate and Auto Scaling group capacity providers"},
          Case{
              R"([{"capacityProvider": "FARGATE", "base": 1, "weight": 1}, {"capacityProvider": "FARGATE_SPOT", "base": 1}])",
              "Only one capacity provider in a strategy can have a base"},
          Case{R"([{"capacityProvider": "FARGATE"}])", "must have a weight greater than zero"},
          Case{R"([{"capacityProvider": "FARGATE", "weight": 1001}])",
               "The weight must be 0 to 1000"},
      })
    EXPECT_THAT(aws.refusal("CreateCluster",
                            fmt::format(
                                R"({{"capacityProviders": ["FARGATE", "FARGATE_SPOT", "group"],
                         "defaultCapacityProviderStrategy": {}}})",
                                strategy)),
                HasSubstr(refusal));
}

TEST(CapacityProviders, AreMadeChangedListedAndDeleted) {
  Rehearsal aws;
  const Json made =
      aws.call("CreateCapacityProvider", R"({"name": "group", "autoScalingGroupProvider":
      {"autoScalingGroupArn": "arn:aws:autoscaling:x", "managedScaling": {"targetCapacity": 80}}})");
  EXPECT_EQ(
      to_text(made.at("capacityProvider").at("autoScalingGroupProvider").at("managedScaling")),
      R"({"targetCapacity":80,"status":"ENABLED","minimumScalingStepSize":1,)"
      R"("maximumScalingStepSize":10000,"instanceWarmupPeriod":300})");
  aws.call("UpdateCapacityProvider", R"({"name": "group", "autoScalingGroupProvider":
      {"managedDraining": "DISABLED"}})");
  const Json list = aws.call("DescribeCapacityProviders");
  EXPECT_THAT(list.at("capacityProviders").as_array(), SizeIs(3));  // with Fargate's two
  EXPECT_EQ(list.at("capacityProviders")
                .as_array()
                .at(2)
                .at("autoScalingGroupProvider")
                .at("managedDraining")
                .as_string(),
            "DISABLED");
  EXPECT_THAT(aws.refusal("CreateCapacityProvider", R"({"name": "group", "autoScalingGroupProvider":
                  {"autoScalingGroupArn": "x"}})"),
              HasSubstr("already exists"));
  aws.call("CreateCluster", R"({"clusterName": "prod", "capacityProviders": ["group"]})");
  EXPECT_THAT(aws.refusal("DeleteCapacityProvider", R"({"capacityProvider": "group"})"),
              HasSubstr("it is associated with cluster: prod."));
  aws.call("PutClusterCapacityProviders", R"({"cluster": "prod", "capacityProviders": [],
      "defaultCapacityProviderStrategy": []})");
  aws.call("DeleteCapacityProvider", R"({"capacityProvider": "group"})");
  const Json missing = aws.call("DescribeCapacityProviders", R"({"capacityProviders": ["group"]})");
  EXPECT_EQ(missing.at("failures").as_array().front().at("reason").as_string(), "MISSING");
}

TEST(ContainerInstances, RegisterWithWhatTheySayOfThemselves) {
  Rehearsal aws;
  aws.call("CreateCluster", R"({"clusterName": "prod"})");
  const Json made = aws.call("RegisterContainerInstance", R"({"cluster": "prod",
      "instanceIdentityDocument": "{\"instanceId\": \"i-42\", \"instanceType\": \"m5.large\", \"availabilityZone\": \"eu-west-1c\"}",
      "totalResources": [{"name": "CPU", "type": "INTEGER", "integerValue": 1024},
                         {"name": "MEMORY", "type": "INTEGER", "integerValue": 500}],
      "attributes": [{"name": "stack", "value": "prod"}]})");
  const Json& instance = made.at("containerInstance");
  EXPECT_EQ(instance.at("ec2InstanceId").as_string(), "i-42");
  EXPECT_THAT(
      to_text(instance.at("remainingResources")),
      HasSubstr(
          R"({"name":"CPU","type":"INTEGER","doubleValue":0,"longValue":0,"integerValue":1024})"));
  EXPECT_THAT(to_text(instance.at("attributes")),
              HasSubstr(R"({"name":"ecs.instance-type","value":"m5.large"})"));
  const std::string arn(instance.at("containerInstanceArn").as_string());
  const auto listed = [&](std::string_view filter) {
    return aws
        .call("ListContainerInstances",
              fmt::format(R"({{"cluster": "prod", "filter": "{}"}})", filter))
        .at("containerInstanceArns")
        .as_array()
        .size();
  };
  EXPECT_EQ(listed("attribute:stack == prod"), 1u);
  EXPECT_EQ(listed("attribute:stack == test"), 0u);
  EXPECT_THAT(aws.refusal("ListContainerInstances", R"({"cluster": "prod", "filter": "stack =="})"),
              HasSubstr("InvalidParameterException: Invalid filter: "));
  aws.call("DeregisterContainerInstance",
           fmt::format(R"({{"cluster": "prod", "containerInstance": "{}"}})", arn));
  EXPECT_EQ(listed(""), 0u);
}

TEST(ContainerInstances, AreNotDeregisteredUnderRunningTasksUnlessForced) {
  Rehearsal aws;
  aws.call("CreateCluster", R"({"clusterName": "prod"})");
  aws.arrange(AddInstances{.cluster = "prod"});
  aws.call(
      "RegisterTaskDefinition",
      R"({"family": "web", "containerDefinitions": [{"name": "app", "image": "x", "memory": 64}]})");
  const Json run = aws.call("RunTask", R"({"cluster": "prod", "taskDefinition": "web"})");
  const std::string instance(
      run.at("tasks").as_array().front().at("containerInstanceArn").as_string());
  EXPECT_EQ(
      aws.refusal("DeregisterContainerInstance",
                  fmt::format(R"({{"cluster": "prod", "containerInstance": "{}"}})", instance)),
      "InvalidParameterException: Found running tasks on the instance.");
  aws.call(
      "DeregisterContainerInstance",
      fmt::format(R"({{"cluster": "prod", "containerInstance": "{}", "force": true}})", instance));
  EXPECT_THAT(aws.call("ListTasks", R"({"cluster": "prod"})").at("taskArns").as_array(), IsEmpty());
}

TEST(StartTask, RunsOnTheInstancesItNames) {
  Rehearsal aws;
  aws.call("CreateCluster", R"({"clusterName": "prod"})");
  aws.arrange(AddInstances{.cluster = "prod", .count = 2, .memory = 100});
  aws.call(
      "RegisterTaskDefinition",
      R"({"family": "web", "containerDefinitions": [{"name": "app", "image": "x", "memory": 64}]})");
  const Json list = aws.call("ListContainerInstances", R"({"cluster": "prod"})");
  const std::string first(list.at("containerInstanceArns").as_array().front().as_string());
  const std::string request = fmt::format(
      R"({{"cluster": "prod", "taskDefinition": "web", "containerInstances": ["{}", "nothing"]}})",
      first);
  const Json reply = aws.call("StartTask", request);
  EXPECT_EQ(reply.at("tasks").as_array().front().at("containerInstanceArn").as_string(), first);
  EXPECT_EQ(reply.at("failures").as_array().front().at("reason").as_string(), "MISSING");
  EXPECT_EQ(
      aws.call("StartTask", request).at("failures").as_array().front().at("reason").as_string(),
      "RESOURCE:MEMORY");
}

TEST(Attributes, ArePutListedAndDeletedButNotAwssOwn) {
  Rehearsal aws;
  aws.call("CreateCluster", R"({"clusterName": "prod"})");
  aws.arrange(AddInstances{.cluster = "prod"});
  const std::string arn(aws.call("ListContainerInstances", R"({"cluster": "prod"})")
                            .at("containerInstanceArns")
                            .as_array()
                            .front()
                            .as_string());
  aws.call(
      "PutAttributes",
      fmt::format(
          R"({{"cluster": "prod", "attributes": [{{"name": "rack", "value": "7", "targetId": "{}"}}]}})",
          arn));
  const auto racks = [&] {
    return aws
        .call("ListAttributes", R"({"cluster": "prod", "targetType": "container-instance",
        "attributeName": "rack"})")
        .at("attributes")
        .as_array();
  };
  EXPECT_EQ(racks().front().at("value").as_string(), "7");
  aws.call("DeleteAttributes", fmt::format(R"({{"cluster": "prod", "attributes": [
      {{"name": "rack", "targetId": "{0}"}}, {{"name": "ecs.os-type", "targetId": "{0}"}}]}})",
                                           arn));
  EXPECT_THAT(racks(), IsEmpty());
  EXPECT_THAT(aws.call("ListAttributes", R"({"cluster": "prod", "targetType": "container-instance",
                  "attributeName": "ecs.os-type"})")
                  .at("attributes")
                  .as_array(),
              SizeIs(1));
  EXPECT_THAT(aws.refusal("PutAttributes", R"({"cluster": "prod", "attributes":
                  [{"name": "rack", "targetId": "nothing"}]})"),
              HasSubstr("TargetNotFoundException: "));
  for (int i = 0; i < 10; ++i)
    aws.call(
        "PutAttributes",
        fmt::format(R"({{"cluster": "prod", "attributes": [{{"name": "a{}", "targetId": "{}"}}]}})",
                    i, arn));
  EXPECT_THAT(
      aws.refusal(
          "PutAttributes",
          fmt::format(
              R"({{"cluster": "prod", "attributes": [{{"name": "a10", "targetId": "{}"}}]}})",
              arn)),
      HasSubstr("AttributeLimitExceededException: "));
}

// ---- Task sets --------------------------------------------------------------------------------

TEST(TaskSets, ShareTheDesiredCountAsTheirScaleSays) {
  Rehearsal aws;
  aws.call("CreateCluster", R"({"clusterName": "prod"})");
  aws.register_web();
  aws.call("CreateService", R"({"cluster": "prod", "serviceName": "web", "desiredCount": 3,
      "deploymentController": {"type": "EXTERNAL"}})");
  const auto create = [&](int percent, std::string_view token) {
    return aws
        .call("CreateTaskSet", fmt::format(R"({{"cluster": "prod", "service": "web",
        "taskDefinition": "web", "launchType": "FARGATE", "clientToken": "{}", "externalId": "blue",
        "networkConfiguration": {{"awsvpcConfiguration": {{"subnets": ["s"]}}}},
        "scale": {{"value": {}, "unit": "PERCENT"}}}})",
                                           token, percent))
        .at("taskSet");
  };
  const Json blue = create(100, "one");
  EXPECT_EQ(create(100, "one"), blue);  // the same token, the same set
  const Json green = create(50, "two");
  EXPECT_EQ(blue.at("stabilityStatus").as_string(), "STABILIZING");
  const auto sets = [&] {
    return aws.call("DescribeTaskSets", R"({"cluster": "prod", "service": "web"})")
        .at("taskSets")
        .as_array();
  };
  aws.at(0);
  EXPECT_EQ(sets().at(0).at("runningCount").as_int64(), 3);
  EXPECT_EQ(sets().at(1).at("runningCount").as_int64(), 2);
  EXPECT_EQ(sets().at(0).at("stabilityStatus").as_string(), "STEADY_STATE");
  const std::string green_arn(green.at("taskSetArn").as_string());
  const auto with = [&](std::string_view member, const std::string& arn,
                        std::string_view more = "") {
    return fmt::format(R"({{"cluster": "prod", "service": "web", "{}": "{}"{}}})", member, arn,
                       more);
  };
  aws.call("UpdateServicePrimaryTaskSet", with("primaryTaskSet", green_arn));
  aws.call("UpdateTaskSet",
           with("taskSet", green_arn, R"(, "scale": {"value": 100, "unit": "PERCENT"})"));
  const std::string blue_arn(blue.at("taskSetArn").as_string());
  EXPECT_THAT(aws.refusal("DeleteTaskSet", with("taskSet", blue_arn)), HasSubstr("scaled above 0"));
  EXPECT_THAT(aws.refusal("DeleteTaskSet", with("taskSet", green_arn)),
              HasSubstr("InvalidParameterException: "));
  for (const char* token : {"three", "four", "five"}) create(0, token);
  EXPECT_THAT(aws.refusal("CreateTaskSet", R"({"cluster": "prod", "service": "web",
      "taskDefinition": "web", "launchType": "FARGATE",
      "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["s"]}}})"),
              HasSubstr("InvalidParameterException: 5 deployments exist on the service. Unable to "
                        "create new TaskSet since this exceeds the maximum limit."));
  for (const Json& set : sets())
    if (set.at("scale").at("value").to_number<double>() == 0)
      aws.call("DeleteTaskSet", with("taskSet", std::string(set.at("id").as_string())));
  aws.call("DeleteTaskSet", with("taskSet", blue_arn, R"(, "force": true)"));
  aws.at(100);
  ASSERT_THAT(sets(), SizeIs(1));
  EXPECT_EQ(sets().front().at("status").as_string(), "PRIMARY");
  EXPECT_EQ(sets().front().at("runningCount").as_int64(), 3);
  EXPECT_THAT(aws.service().at("taskSets").as_array(), SizeIs(1));
  EXPECT_THAT(aws.service().at("deployments").as_array(), IsEmpty());
  EXPECT_THAT(aws.refusal("UpdateTaskSet", with("taskSet", "nothing")),
              HasSubstr("TaskSetNotFoundException: "));
}

TEST(TaskSets, AreNotForServicesOfEcsItself) {
  Rehearsal aws;
  aws.set_up_web(1);
  EXPECT_THAT(aws.refusal("CreateTaskSet",
                          R"({"cluster": "prod", "service": "web", "taskDefinition": "web"})"),
              HasSubstr("InvalidParameterException: Amazon ECS only supports task set management "
                        "on services configured to use external deployment controllers."));
}

// ---- Settings and tags ------------------------------------------------------------------------

TEST(AccountSettings, FallFromThePrincipalToTheAccountToAws) {
  Rehearsal aws;
  const auto value = [&] {
    return std::string(aws.call("ListAccountSettings",
                                R"({"name": "containerInsights", "effectiveSettings": true})")
                           .at("settings")
                           .as_array()
                           .front()
                           .at("value")
                           .as_string());
  };
  EXPECT_EQ(value(), "disabled");
  aws.call("PutAccountSettingDefault", R"({"name": "containerInsights", "value": "enabled"})");
  EXPECT_EQ(value(), "enabled");
  aws.call("PutAccountSetting", R"({"name": "containerInsights", "value": "enhanced"})");
  EXPECT_EQ(value(), "enhanced");
  EXPECT_THAT(aws.call("ListAccountSettings").at("settings").as_array(), SizeIs(1));
  aws.call("DeleteAccountSetting", R"({"name": "containerInsights"})");
  EXPECT_EQ(value(), "enabled");
  EXPECT_THAT(aws.refusal("PutAccountSetting", R"({"name": "nothing", "value": "on"})"),
              HasSubstr("InvalidParameterException: "));
}

TEST(Tags, AreKeptOnEveryKindOfResource) {
  Rehearsal aws;
  aws.set_up_web(1);
  aws.at(0);
  const std::string task(aws.call("ListTasks", R"({"cluster": "prod"})")
                             .at("taskArns")
                             .as_array()
                             .front()
                             .as_string());
  for (const std::string& arn :
       {std::string("arn:aws:ecs:eu-west-1:123456789012:cluster/prod"),
        std::string("arn:aws:ecs:eu-west-1:123456789012:service/prod/web"),
        std::string("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1"),
        std::string("arn:aws:ecs:eu-west-1:123456789012:capacity-provider/FARGATE"), task}) {
    SCOPED_TRACE(arn);
    const auto tags = [&] {
      return to_text(aws.call("ListTagsForResource", fmt::format(R"({{"resourceArn": "{}"}})", arn))
                         .at("tags"));
    };
    const auto tag = [&](std::string_view value) {
      aws.call("TagResource",
               fmt::format(R"({{"resourceArn": "{}", "tags": [{{"key": "team", "value": "{}"}}]}})",
                           arn, value));
    };
    tag("shop");
    tag("store");
    EXPECT_EQ(tags(), R"([{"key":"team","value":"store"}])");
    aws.call("UntagResource", fmt::format(R"({{"resourceArn": "{}", "tagKeys": ["team"]}})", arn));
    EXPECT_EQ(tags(), "[]");
  }
  EXPECT_THAT(
      aws.refusal("TagResource", R"({"resourceArn": "arn:aws:ecs:eu-west-1:1:service/prod/nothing",
                  "tags": []})"),
      HasSubstr("InvalidParameterException: "));
}

TEST(Tags, GoFromServicesAndDefinitionsToTasks) {
  Rehearsal aws;
  aws.set_up_web(1, 100, 200,
                 R"(, "propagateTags": "SERVICE", "enableECSManagedTags": true,
                          "tags": [{"key": "team", "value": "shop"}])");
  aws.at(0);
  const Json list = aws.call("ListTasks", R"({"cluster": "prod"})");
  const Json tasks = aws.call(
      "DescribeTasks", fmt::format(R"({{"cluster": "prod", "include": ["TAGS"], "tasks": {}}})",
                                   to_text(list.at("taskArns"))));
  EXPECT_EQ(to_text(tasks.at("tasks").as_array().front().at("tags")),
            R"([{"key":"team","value":"shop"},{"key":"aws:ecs:clusterName","value":"prod"},)"
            R"({"key":"aws:ecs:serviceName","value":"web"}])");
}

}  // namespace
}  // namespace slipway::sim
