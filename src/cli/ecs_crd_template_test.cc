// The Init and Green templates from the text of a deployment file, row by row.
#include "cli/ecs_crd_plan_for_test.h"

#include <cctype>

namespace slipway::cli {
namespace {

using Messages = std::vector<std::string>;

TEST(EcsCrdTemplates, ArnsAreOfThePartition_D39) {
  CrdPlanWorld world;
  world.facts.partition = "aws-cn";
  EXPECT_EQ(
      texts_of(
          plan_of(small_file(), world).properties("TaskExecutionRole").at("ManagedPolicyArns")),
      std::vector<std::string>{
          "arn:aws-cn:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"});
}

TEST(EcsCrdTemplates, ADaemonHasNoDesiredCount_D38) {
  CrdTextForTest text = small_file();
  text.service["scheduling_strategy"] = "DAEMON";
  const CrdPlanned planned = plan_of(text);
  EXPECT_EQ(planned.messages, Messages{});
  EXPECT_FALSE(planned.properties("Service").as_object().contains("DesiredCount"));
  EXPECT_EQ(plan_of(small_file()).properties("Service").at("DesiredCount"), 0);
}

TEST(EcsCrdTemplates, FargateHasAddressesOfItsOwn_D38) {
  CrdTextForTest text = small_file();
  text.service["launch_type"] = "FARGATE";
  text.service["cpu"] = "256";
  text.service["memory"] = "512";
  text.service["platform_version"] = "1.4.0";
  text.service["network_configuration"] = "{subnets: [subnet-1], security_groups: [sg-1]}";
  text.target_group["health_check"] = "{port: 8081}";
  const CrdPlanned planned = plan_of(text);
  EXPECT_EQ(planned.messages, Messages{});
  EXPECT_EQ(planned.properties("TargetGroupWeb80").at("TargetType"), "ip");
  EXPECT_EQ(planned.properties("TargetGroupWeb80").at("HealthCheckPort"), "8081");
  const Json& service = planned.properties("Service");
  EXPECT_EQ(service.at("LaunchType"), "FARGATE");
  EXPECT_EQ(service.at("PlatformVersion"), "1.4.0");
  EXPECT_EQ(to_text(service.at("NetworkConfiguration")),
            R"({"AwsvpcConfiguration":{"AssignPublicIp":"DISABLED","Subnets":["subnet-1"],)"
            R"("SecurityGroups":["sg-1"]}})");
  const Json& task = planned.properties("TaskDefinition");
  EXPECT_EQ(task.at("Cpu"), "256");
  EXPECT_EQ(texts_of(task.at("RequiresCompatibilities")), std::vector<std::string>{"FARGATE"});
  EXPECT_EQ(to_text(task.at("ContainerDefinitions").at(0).at("PortMappings")),
            R"([{"ContainerPort":80}])");
}

TEST(EcsCrdTemplates, AContainerKeepsAllItsKeys_D28_D29_D30) {
  CrdTextForTest text = small_file();
  text.service["ipc_mode"] = "host";
  text.service["pid_mode"] = "task";
  text.service["network_mode"] = "bridge";
  text.service["volumes"] =
      "[{name: a, docker_volume_configuration: {autoprovision: true, driver: d, driver_opts: "
      "[{size: 10}], labels: [{team: shop}], scope: shared}}, {name: b, efs_volume_configuration: "
      "{file_system_id: fs-1, root_directory: /x}}]";
  text.container["environment"] = "{AWS_REGION: mine}";
  text.container["command"] = "[run]";
  text.container["privileged"] = "false";
  text.container["essential"] = "false";
  text.container["disable_networking"] = "true";
  text.container["hostname"] = "h";
  text.container["links"] = "[x]";
  text.container["dns_servers"] = "[10.0.0.2]";
  text.container["dns_search_domains"] = "[shop.test]";
  text.container["docker_security_options"] = "[no-new-privileges]";
  text.container["memory_reservation"] = "64";
  text.container["start_timeout"] = "5";
  text.container["stop_timeout"] = "6";
  text.container["mount_points"] = "[{container_path: /a, source_volume: a, read_only: true}]";
  text.container["health_check"] = "{command: [CMD, /check], interval: 30}";
  const CrdPlanned planned = plan_of(text);
  EXPECT_EQ(planned.messages, Messages{});
  const Json& task = planned.properties("TaskDefinition");
  EXPECT_EQ(task.at("IpcMode"), "host");
  EXPECT_EQ(task.at("PidMode"), "task");
  EXPECT_EQ(
      to_text(task.at("Volumes")),
      R"([{"Name":"a","DockerVolumeConfiguration":{"Autoprovision":true,"Driver":"d",)"
      R"("DriverOpts":{"size":"10"},"Labels":{"team":"shop"},"Scope":"shared"}},)"
      R"({"Name":"b","EFSVolumeConfiguration":{"FilesystemId":"fs-1","RootDirectory":"/x"}}])");
  Json container = task.at("ContainerDefinitions").at(0);
  remove_member(container.as_object(), "LogConfiguration");
  EXPECT_EQ(
      to_text(container),
      R"({"Name":"web","Image":"nginx","Cpu":128,"Memory":128,"MemoryReservation":64,)"
      R"("Essential":false,"PortMappings":[{"ContainerPort":80,"HostPort":0}],"Command":["run"],)"
      R"("Environment":[{"Name":"AWS_REGION","Value":"mine"},)"
      R"({"Name":"AWS_ENVIRONMENT","Value":{"Ref":"Environment"}},)"
      R"({"Name":"AWS_ACCOUNT_ID","Value":"111111111111"}],)"
      R"("DnsSearchDomains":["shop.test"],"DnsServers":["10.0.0.2"],"DisableNetworking":true,)"
      R"("DockerSecurityOptions":["no-new-privileges"],"Links":["x"],"Privileged":false,)"
      R"("Hostname":"h","MountPoints":[{"ContainerPath":"/a","SourceVolume":"a","ReadOnly":true}],)"
      R"("StartTimeout":5,"StopTimeout":6,)"
      R"("HealthCheck":{"Command":["CMD","/check"],"Interval":30}})");
}

TEST(EcsCrdTemplates, ScalingTracksATarget_D33) {
  CrdTextForTest text = small_file();
  text.service["auto_scaling"] =
      "{auto_scaling_policies: [{policy_type: TargetTrackingScaling, "
      "target_tracking_configuration: {target_value: 62.5, predefined_metric_type: "
      "ECSServiceAverageCPUUtilization, scale_in_cooldown: 120, disable_scale_in: true}}]}";
  const CrdPlanned planned = plan_of(text);
  EXPECT_EQ(planned.messages, Messages{});
  EXPECT_EQ(to_text(planned.properties("AutoScalingPolicy1")),
            R"({"PolicyName":"web-scaling-policy-1","PolicyType":"TargetTrackingScaling",)"
            R"("ScalingTargetId":{"Ref":"AutoScalingTarget"},)"
            R"("TargetTrackingScalingPolicyConfiguration":{"TargetValue":62.5,)"
            R"("PredefinedMetricSpecification":{"PredefinedMetricType":)"
            R"("ECSServiceAverageCPUUtilization"},"ScaleInCooldown":120,"DisableScaleIn":true}})");
  EXPECT_FALSE(planned.properties("AutoScalingTarget").as_object().contains("RoleARN"));
}

TEST(EcsCrdTemplates, ContainersWithOddNamesHaveSoundIds_D49) {
  CrdTextForTest text = small_file();
  text.container["name"] = "web-api";
  text.target_group["container"] = "{name: web-api, port: 80}";
  text.listener["target_group"] = "{container: {name: web-api, port: 80}}";
  const CrdPlanned planned = plan_of(text);
  EXPECT_EQ(planned.messages, Messages{});
  for (const auto& [id, resource] : planned.green.at("Resources").as_object())
    EXPECT_TRUE(std::ranges::all_of(id, [](char c) { return std::isalnum(c) != 0; })) << id;
  EXPECT_TRUE(planned.plan.target_groups.at(0).output.starts_with("TargetGroupWebapi80x"));
}

TEST(EcsCrdTemplates, WhatIsTooLongIsFoundBeforehand) {
  CrdTextForTest text = small_file();
  text.container["environment"] = "{LONG: '" + std::string(51'200, 'x') + "'}";
  const Messages messages = plan_of(text).messages;
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_TRUE(messages[0].starts_with("12 the template of stack stage-web-1 has 5")) << messages[0];
  EXPECT_TRUE(
      messages[0].ends_with("bytes, and CloudFormation takes 51200 inline (the environment of "
                            "container web has 51204 of them: put what is long into a parameter "
                            "(secrets: [{NAME: \"ssm:/PATH\"}]) or into the image)"))
      << messages[0];
}

TEST(EcsCrdTemplates, ALogGroupsNameHasALimit) {
  CrdTextForTest text = small_file();
  text.service["name"] = std::string(250, 'a');
  text.service["cluster"] = std::string(250, 'c');
  const CrdPlanned planned = plan_of(text);
  EXPECT_EQ(planned.messages,
            Messages{"11 service.name: the log group of the service would have a name of 518 "
                     "characters, and CloudWatch Logs takes 512 (a shorter service.name, or a "
                     "shorter name of the cluster)"});
  EXPECT_EQ(planned.findings.exit_status(), 11);
}

TEST(EcsCrdTemplates, TheInitStackIsMadeOnce) {
  CrdPlanWorld world;
  EXPECT_TRUE(plan_of(small_file(), world).plan.init);
  world.facts.has_foreign_log_group = true;
  EXPECT_FALSE(plan_of(small_file(), world).plan.init) << "a log group that is there is adopted";
  world.facts.has_foreign_log_group = false;
  world.decision.init_stack = CrdStackFact{.name = "stage-web-0"};
  EXPECT_FALSE(plan_of(small_file(), world).plan.init);
}

TEST(EcsCrdTemplates, TwoNodesAreNeeded) {
  CrdPlanWorld world;
  world.facts.active_container_instances = 1;
  EXPECT_EQ(plan_of(small_file(), world).messages,
            Messages{"warning: service.cluster: cluster stage-ecs-cluster has 1 active container "
                     "instance; two releases at a time need at least 2"});
  world.facts.active_container_instances = 2;
  EXPECT_EQ(plan_of(small_file(), world).messages, Messages{});
}

}  // namespace
}  // namespace slipway::cli
