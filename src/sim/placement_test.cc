// Where tasks go: instances, constraints, strategies, zones, capacity providers.
#include "sim/placement.h"

#include "sim/cluster_query.h"
#include "sim/task_definitions.h"
#include "sim/testing.h"

#include <gmock/gmock.h>

namespace slipway::sim {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// ---- The cluster query language ---------------------------------------------------------------

ContainerInstance sample_instance() {
  ContainerInstance instance;
  instance.ec2InstanceId = "i-0123";
  instance.attributes = {{"ecs.instance-type", "t3.small"},
                         {"ecs.availability-zone", "eu-west-1a"},
                         {"stack", "prod"},
                         {"generation", "7"}};
  return instance;
}

TEST(ClusterQuery, HoldsOrNot) {
  struct Case {
    std::string_view query;
    bool holds;
  };
  const ContainerInstance instance = sample_instance();
  for (const auto& [query, holds] : {
           Case{"attribute:ecs.instance-type == t3.small", true},
           Case{"attribute:ecs.instance-type == t3.large", false},
           Case{"attribute:ecs.instance-type =~ t3.*", true},
           Case{"attribute:ecs.instance-type =~ t2.*", false},
           Case{"attribute:ecs.instance-type !~ t2.*", true},
           Case{"attribute:ecs.instance-type in [t3.small, t3.medium]", true},
           Case{"attribute:ecs.instance-type not_in ['t3.small']", false},
           Case{"attribute:ecs.instance-type !in ['t3.small']", false},
           Case{"attribute:stack exists", true},
           Case{"attribute:stack !exists", false},
           Case{"attribute:color not_exists", true},
           Case{"attribute:color != red", true},
           Case{"attribute:color == red", false},
           Case{"attribute:generation > 10", false},  // numbers by value
           Case{"attribute:generation >= 7 and attribute:generation < 10", true},
           Case{"not (attribute:stack == prod)", false},
           Case{"!(attribute:stack == prod)", false},
           Case{"attribute:stack == test or attribute:stack == prod", true},
           Case{"attribute:stack == test or attribute:stack == prod and agentConnected == false",
                false},
           Case{"(attribute:stack == test || attribute:stack == prod) && agentConnected == true",
                true},
           Case{"ec2InstanceId in ['i-0123', 'i-9']", true},
           Case{"runningTasksCount == 0", true},
           Case{"task:group == service:web", false},
           Case{"task:group != service:web", true},
       }) {
    SCOPED_TRACE(query);
    const Result<ClusterQuery> parsed = ClusterQuery::parse(query);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->holds(instance), holds);
  }
}

TEST(ClusterQuery, RefusesWhatIsNoExpression) {
  for (const std::string_view query :
       {"", "attribute:stack", "attribute:stack ==", "attribute:stack == a b",
        "(attribute:stack == a", "attribute:stack in a", "attribute:stack in [a", "and",
        "attribute:x =~ '('", "== a"}) {
    EXPECT_FALSE(ClusterQuery::parse(query)) << query;
  }
  EXPECT_FALSE(ClusterQuery::parse(std::string(500, '(')));
  EXPECT_FALSE(ClusterQuery::parse(std::string(3000, 'a')));
}

TEST(ClusterQuery, TakesNoExponentialTimeForAPattern) {
  ContainerInstance instance = sample_instance();
  instance.attributes["stack"] = std::string(128, 'a');
  const auto query = ClusterQuery::parse("attribute:stack =~ '(a+)+b'");
  ASSERT_TRUE(query);
  EXPECT_FALSE(query->holds(instance));
}

// ---- Sizes ------------------------------------------------------------------------------------

TEST(FargateSizes, AreSeventyFour) {
  int sizes = 0;
  for (int cpu = 128; cpu <= 32768; cpu *= 2)
    for (int memory = 256; memory <= 262144; memory += 256)
      sizes += is_fargate_size(cpu, memory, false) ? 1 : 0;
  EXPECT_EQ(sizes, 74);
}

TEST(FargateSizes, EndWhereTheTableSays) {
  struct Case {
    int cpu, memory;
    bool windows, fits;
  };
  for (const auto& [cpu, memory, windows, fits] :
       {Case{256, 512, false, true}, Case{256, 1536, false, false}, Case{256, 512, true, false},
        Case{512, 4096, false, true}, Case{512, 5120, false, false}, Case{1024, 2048, true, true},
        Case{4096, 30720, false, true}, Case{4096, 31744, false, false},
        Case{8192, 16384, false, true}, Case{8192, 17408, false, false},
        Case{8192, 16384, true, false}, Case{16384, 122880, false, true},
        Case{32768, 65536, false, false}, Case{300, 1024, false, false}})
    EXPECT_EQ(is_fargate_size(cpu, memory, windows), fits)
        << cpu << ' ' << memory << ' ' << windows;
}

// ---- Capacity providers -----------------------------------------------------------------------

TEST(CapacityProviderStrategy, SplitsByBaseThenByWeight) {
  const std::vector<StrategyItem> strategy = {{"FARGATE", 1, 1}, {"FARGATE_SPOT", 3, 0}};
  std::vector<std::unique_ptr<Task>> owned;
  std::vector<Task*> placed;
  std::vector<std::string> splits;
  for (int n = 1; n <= 9; ++n) {
    const StrategyItem* next = next_provider(strategy, placed);
    ASSERT_NE(next, nullptr);
    owned.push_back(std::make_unique<Task>());
    owned.back()->capacityProviderName = next->capacityProvider;
    placed.push_back(owned.back().get());
    const auto on_demand = std::count_if(placed.begin(), placed.end(), [](const Task* task) {
      return task->capacityProviderName == "FARGATE";
    });
    splits.push_back(fmt::format("{}/{}", on_demand, n - on_demand));
  }
  EXPECT_EQ(splits[0], "1/0");
  EXPECT_EQ(splits[1], "1/1");
  EXPECT_EQ(splits[4], "2/3");
  EXPECT_EQ(splits[8], "3/6");
}

// ---- EC2 --------------------------------------------------------------------------------------

class Ec2 : public testing::Test {
 protected:
  Ec2() { aws.call("CreateCluster", R"({"clusterName": "prod"})"); }

  // One container of 512 CPU units and 1 GiB, on host port `port` (0: any).
  void register_service(int port, std::string_view image = "web:1", std::string_view more = "") {
    aws.call("RegisterTaskDefinition", fmt::format(R"({{"family": "web", "networkMode": "bridge",
      "containerDefinitions": [{{"name": "app", "image": "{}", "cpu": 512, "memory": 1024,
      "portMappings": [{{"containerPort": 80, "hostPort": {}}}]}}]{}}})",
                                                   image, port, more));
  }
  void create(int desired, int minimum, int maximum, std::string_view more = "") {
    aws.call("CreateService", fmt::format(R"({{"cluster": "prod", "serviceName": "web",
      "taskDefinition": "web", "desiredCount": {}, "launchType": "EC2",
      "deploymentConfiguration": {{"minimumHealthyPercent": {}, "maximumPercent": {}}}{}}})",
                                          desired, minimum, maximum, more));
  }
  Json run(std::string_view more = "") {
    return aws.call("RunTask",
                    fmt::format(R"({{"cluster": "prod", "taskDefinition": "web"{}}})", more));
  }
  // Tasks that run or will, by instance in the order of registration.
  std::vector<int> spread() {
    const Json list = aws.call("ListContainerInstances", R"({"cluster": "prod"})");
    if (list.at("containerInstanceArns").as_array().empty()) return {};
    const Json reply = aws.call("DescribeContainerInstances",
                                fmt::format(R"({{"cluster": "prod", "containerInstances": {}}})",
                                            to_text(list.at("containerInstanceArns"))));
    std::vector<int> counts;
    for (const Json& instance : reply.at("containerInstances").as_array())
      counts.push_back(static_cast<int>(instance.at("runningTasksCount").as_int64() +
                                        instance.at("pendingTasksCount").as_int64()));
    return counts;
  }
  std::string first_failure(const Json& reply) {
    const JsonArray& failures = reply.at("failures").as_array();
    return failures.empty() ? "" : std::string(failures.front().at("reason").as_string());
  }
  Rehearsal aws;
};

TEST_F(Ec2, WithAStaticPortOnEveryInstanceRollsOnlyWhereItMayStopFirst) {
  struct Case {
    int minimum, maximum;
    std::vector<std::string> steps;  // "-stopped +started", tick by tick
  };
  for (const auto& [minimum, maximum, steps] : {Case{66, 100, {"-1", "+1", "-1", "+1", "-1", "+1"}},
                                                Case{0, 100, {"-3", "+3"}}, Case{100, 200, {}}}) {
    SCOPED_TRACE(fmt::format("{}/{}", minimum, maximum));
    Knobs knobs;
    knobs.t_healthy_no_lb = seconds(3);
    Rehearsal rehearsal(knobs);
    rehearsal.call("CreateCluster", R"({"clusterName": "prod"})");
    rehearsal.arrange(AddInstances{.cluster = "prod", .count = 3, .cpu = 2048, .memory = 3904});
    const auto define = [&](std::string_view image) {
      rehearsal.call("RegisterTaskDefinition", fmt::format(R"({{"family": "web",
        "networkMode": "bridge", "containerDefinitions": [{{"name": "app", "image": "{}", "cpu": 512,
        "memory": 1024, "portMappings": [{{"containerPort": 80, "hostPort": 80}}]}}]}})",
                                                           image));
    };
    define("web:1");
    rehearsal.call("CreateService", fmt::format(R"({{"cluster": "prod", "serviceName": "web",
      "taskDefinition": "web", "desiredCount": 3, "launchType": "EC2",
      "deploymentConfiguration": {{"minimumHealthyPercent": {}, "maximumPercent": {}}}}})",
                                                minimum, maximum));
    define("web:2");
    rehearsal.at(0);
    ASSERT_EQ(rehearsal.service().at("runningCount").as_int64(), 3);
    rehearsal.call("UpdateService",
                   R"({"cluster": "prod", "service": "web", "taskDefinition": "web"})");
    rehearsal.at(600);
    std::vector<std::string> moves, placements;
    for (const std::string& event : rehearsal.events(0)) {
      const auto number_after = [&](std::string_view word) {
        return event.substr(event.find(word) + word.size(), 1);
      };
      if (event.find("has stopped ") != std::string::npos)
        moves.push_back("-" + number_after("stopped "));
      if (event.find("has started ") != std::string::npos)
        moves.push_back("+" + number_after("started "));
      if (event.find("unable to place") != std::string::npos) placements.push_back(event);
    }
    EXPECT_EQ(moves, steps);
    if (steps.empty()) {
      EXPECT_THAT(placements, ElementsAre("10 (service web) was unable to place a task because no "
                                          "container instance met all of its "
                                          "requirements. The closest matching (container-instance "
                                          "T) is already using a port required "
                                          "by your task. For more information, see the "
                                          "Troubleshooting section of the Amazon ECS "
                                          "Developer Guide."));
      EXPECT_EQ(rehearsal.service().at("deployments").as_array().size(), 2u);
    } else {
      EXPECT_THAT(placements, IsEmpty());
      EXPECT_EQ(rehearsal.service().at("deployments").as_array().size(), 1u);
    }
  }
}

TEST_F(Ec2, SaysWhichResourceIsMissing) {
  struct Case {
    AddInstances instances;
    std::string_view more;
    std::string_view reason;
  };
  register_service(80);
  for (
      const auto& [instances, more, reason] : {
          Case{{.cluster = "prod", .cpu = 256}, "", "RESOURCE:CPU"},
          Case{{.cluster = "prod", .memory = 512}, "", "RESOURCE:MEMORY"},
          Case{{.cluster = "prod"}, R"(, "count": 2)", "RESOURCE:PORTS"},
          Case{
              {.cluster = "prod"},
              R"(, "placementConstraints": [{"type": "memberOf", "expression": "attribute:stack == prod"}])",
              "MemberOf placement constraint unsatisfied."},
      }) {
    SCOPED_TRACE(reason);
    Rehearsal fresh;
    fresh.call("CreateCluster", R"({"clusterName": "prod"})");
    fresh.arrange(instances);
    fresh.call("RegisterTaskDefinition", R"({"family": "web", "networkMode": "bridge",
      "containerDefinitions": [{"name": "app", "image": "web", "cpu": 512, "memory": 1024,
      "portMappings": [{"containerPort": 80, "hostPort": 80}]}]})");
    const Json reply = fresh.call(
        "RunTask", fmt::format(R"({{"cluster": "prod", "taskDefinition": "web"{}}})", more));
    EXPECT_EQ(first_failure(reply), reason);
    EXPECT_THAT(reply.at("failures").as_array().front().at("arn").as_string(),
                HasSubstr(":container-instance/prod/"));
  }
}

TEST_F(Ec2, CountsNetworkInterfacesAndAgentsToo) {
  aws.arrange(AddInstances{.cluster = "prod", .network_interfaces = 1});
  aws.call("RegisterTaskDefinition", R"({"family": "web", "networkMode": "awsvpc",
      "containerDefinitions": [{"name": "app", "image": "web", "memory": 64}]})");
  const std::string network =
      R"(, "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}})";
  EXPECT_EQ(first_failure(run(network)), "");
  EXPECT_EQ(first_failure(run(network)), "RESOURCE:ENI");
  aws.arrange(LoseInstances{.cluster = "prod", .only_disconnect = true});
  EXPECT_EQ(first_failure(run(network)), "AGENT");
}

TEST_F(Ec2, GivesBackWhatAStoppedTaskHeld) {
  aws.arrange(AddInstances{.cluster = "prod"});
  register_service(80);
  const Json reply = run();
  EXPECT_EQ(first_failure(run()), "RESOURCE:PORTS");
  aws.call("StopTask",
           fmt::format(
               R"({{"cluster": "prod", "task": "{}"}})",
               std::string_view(reply.at("tasks").as_array().front().at("taskArn").as_string())));
  aws.at(aws.now() + 10);
  EXPECT_EQ(first_failure(run()), "");
}

TEST_F(Ec2, SpreadsServicesOverZonesByDefault) {
  aws.arrange(AddInstances{.cluster = "prod",
                           .count = 2,
                           .cpu = 4096,
                           .memory = 8192,
                           .availability_zones = {"eu-west-1a"}});
  aws.arrange(AddInstances{.cluster = "prod",
                           .count = 1,
                           .cpu = 4096,
                           .memory = 8192,
                           .availability_zones = {"eu-west-1b"}});
  register_service(0);
  create(4, 100, 200);
  aws.at(0);
  EXPECT_THAT(spread(), ElementsAre(1, 1, 2));
}

TEST_F(Ec2, RebalancesZonesOneTaskAtATime) {
  aws.arrange(AddInstances{
      .cluster = "prod", .cpu = 4096, .memory = 8192, .availability_zones = {"eu-west-1a"}});
  aws.arrange(AddInstances{
      .cluster = "prod", .cpu = 4096, .memory = 8192, .availability_zones = {"eu-west-1b"}});
  register_service(0);
  create(4, 100, 200);
  aws.at(0);
  EXPECT_THAT(spread(), ElementsAre(2, 2));
  aws.arrange(LoseInstances{.cluster = "prod", .availability_zone = "eu-west-1b"});
  aws.at(100);
  EXPECT_THAT(spread(), ElementsAre(4));
  aws.arrange(AddInstances{
      .cluster = "prod", .cpu = 4096, .memory = 8192, .availability_zones = {"eu-west-1b"}});
  aws.at(130);
  EXPECT_THAT(spread(), ElementsAre(4, 1));  // start first
  aws.at(600);
  EXPECT_THAT(spread(), ElementsAre(2, 2));
  EXPECT_EQ(aws.service().at("runningCount").as_int64(), 4);
}

TEST_F(Ec2, PacksOrSpreadsAsTheStrategySays) {
  struct Case {
    std::string_view strategy;
    std::vector<int> tasks;
  };
  for (
      const auto& [strategy, tasks] :
      {Case{R"([{"type": "binpack", "field": "memory"}])", {3, 1, 0}},
       Case{R"([{"type": "spread", "field": "instanceId"}])", {2, 1, 1}},
       Case{
           R"([{"type": "spread", "field": "attribute:rack"}, {"type": "binpack", "field": "cpu"}])",
           {2, 0, 2}}}) {
    SCOPED_TRACE(strategy);
    Rehearsal fresh;
    fresh.call("CreateCluster", R"({"clusterName": "prod"})");
    fresh.arrange(AddInstances{.cluster = "prod", .count = 2, .attributes = {{"rack", "a"}}});
    fresh.arrange(AddInstances{.cluster = "prod", .count = 1, .attributes = {{"rack", "b"}}});
    fresh.call("RegisterTaskDefinition", R"({"family": "web", "containerDefinitions":
        [{"name": "app", "image": "web", "cpu": 512, "memory": 1024}]})");
    fresh.call("RunTask", fmt::format(R"({{"cluster": "prod", "taskDefinition": "web", "count": 4,
        "placementStrategy": {}}})",
                                      strategy));
    const Json list = fresh.call("ListContainerInstances", R"({"cluster": "prod"})");
    const Json reply = fresh.call("DescribeContainerInstances",
                                  fmt::format(R"({{"cluster": "prod", "containerInstances": {}}})",
                                              to_text(list.at("containerInstanceArns"))));
    std::vector<int> counts;
    for (const Json& instance : reply.at("containerInstances").as_array())
      counts.push_back(static_cast<int>(instance.at("pendingTasksCount").as_int64()));
    std::vector<int> expected = tasks;
    if (strategy.find("rack") == std::string_view::npos) {
      std::sort(counts.rbegin(), counts.rend());
    } else {
      std::sort(counts.begin(), counts.begin() + 2, std::greater<>());
    }
    EXPECT_EQ(counts, expected);
  }
}

TEST_F(Ec2, PutsDistinctTasksOnDistinctInstances) {
  aws.arrange(AddInstances{.cluster = "prod", .count = 2});
  register_service(0);
  const Json reply = run(R"(, "count": 3, "placementConstraints": [{"type": "distinctInstance"}])");
  EXPECT_THAT(reply.at("tasks").as_array(), SizeIs(2));
  EXPECT_THAT(reply.at("failures").as_array(), SizeIs(1));
}

TEST_F(Ec2, GivesDynamicPortsOfTheInstance) {
  aws.arrange(AddInstances{.cluster = "prod"});
  register_service(0);
  const Json reply = run(R"(, "count": 2)");
  aws.at(aws.now() + 10);
  const Json tasks = aws.call(
      "DescribeTasks",
      fmt::format(R"({{"cluster": "prod", "tasks": ["{}", "{}"]}})",
                  std::string_view(reply.at("tasks").as_array()[0].at("taskArn").as_string()),
                  std::string_view(reply.at("tasks").as_array()[1].at("taskArn").as_string())));
  std::vector<std::int64_t> ports;
  for (const Json& task : tasks.at("tasks").as_array())
    ports.push_back(task.at("containers")
                        .as_array()
                        .front()
                        .at("networkBindings")
                        .as_array()
                        .front()
                        .at("hostPort")
                        .as_int64());
  EXPECT_THAT(ports, ElementsAre(32768, 32769));
}

TEST_F(Ec2, TellsServicesThatThereAreNoInstances) {
  register_service(0);
  create(1, 100, 200);
  aws.at(-3000);
  EXPECT_THAT(aws.events(-3600),
              ElementsAre("-3590 (service web) was unable to place a task because no container "
                          "instance met all of its "
                          "requirements. Reason: No Container Instances were found in your "
                          "cluster. For more information, "
                          "see the Troubleshooting section of the Amazon ECS Developer Guide."));
  aws.arrange(AddInstances{.cluster = "prod"});
  aws.at(-2900);
  EXPECT_EQ(aws.service().at("runningCount").as_int64(), 1);
}

TEST_F(Ec2, MovesServiceTasksOffADrainingInstance) {
  aws.arrange(AddInstances{.cluster = "prod", .count = 2});
  register_service(0);
  create(2, 100, 200);
  run();  // a standalone task stays where it is
  aws.at(0);
  const Json list = aws.call("ListContainerInstances", R"({"cluster": "prod"})");
  for (const Json& arn : list.at("containerInstanceArns").as_array()) {
    const Json tasks =
        aws.call("ListTasks", fmt::format(R"({{"cluster": "prod", "containerInstance": "{}"}})",
                                          std::string_view(arn.as_string())));
    if (tasks.at("taskArns").as_array().size() != 2) continue;
    aws.call(
        "UpdateContainerInstancesState",
        fmt::format(R"({{"cluster": "prod", "containerInstances": ["{}"], "status": "DRAINING"}})",
                    std::string_view(arn.as_string())));
  }
  aws.at(200);
  auto counts = spread();
  std::sort(counts.begin(), counts.end());
  EXPECT_THAT(counts, ElementsAre(1, 2));
  EXPECT_EQ(aws.service().at("runningCount").as_int64(), 2);
  EXPECT_EQ(aws.call("ListContainerInstances", R"({"cluster": "prod", "status": "DRAINING"})")
                .at("containerInstanceArns")
                .as_array()
                .size(),
            1u);
}

TEST_F(Ec2, LosesTheTasksOfAnInstanceThatIsTerminated) {
  aws.arrange(AddInstances{.cluster = "prod", .count = 2});
  register_service(0);
  create(2, 100, 200);
  aws.at(0);
  aws.arrange(LoseInstances{.cluster = "prod"});
  EXPECT_EQ(aws.service().at("runningCount").as_int64(), 1);
  const Json task = aws.stopped_task();
  EXPECT_EQ(task.at("stopCode").as_string(), "TerminationNotice");
  EXPECT_THAT(task.at("stoppedReason").as_string(), HasSubstr("Host EC2 (instance i-"));
  aws.at(100);
  EXPECT_EQ(aws.service().at("runningCount").as_int64(), 2);
  EXPECT_THAT(spread(), ElementsAre(2));
}

TEST_F(Ec2, PutsADaemonOnEveryInstanceAndReplacesItInPlace) {
  aws.arrange(AddInstances{.cluster = "prod", .count = 2});
  register_service(0);
  aws.call("CreateService", R"({"cluster": "prod", "serviceName": "web", "taskDefinition": "web",
      "schedulingStrategy": "DAEMON", "launchType": "EC2"})");
  aws.at(0);
  EXPECT_THAT(spread(), ElementsAre(1, 1));
  EXPECT_EQ(aws.service().at("desiredCount").as_int64(), 2);
  aws.arrange(AddInstances{.cluster = "prod"});
  aws.at(100);
  EXPECT_THAT(spread(), ElementsAre(1, 1, 1));
  register_service(0, "web:2");
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web"})");
  aws.at(300);
  EXPECT_THAT(spread(), ElementsAre(1, 1, 1));
  EXPECT_EQ(aws.service().at("deployments").as_array().size(), 1u);
  EXPECT_TRUE(aws.service().at("taskDefinition").as_string().ends_with("web:2"));
}

TEST_F(Ec2, WaitsForTheInstancesACapacityProviderBrings) {
  aws.call("CreateCapacityProvider", R"({"name": "group", "autoScalingGroupProvider":
      {"autoScalingGroupArn": "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:x:autoScalingGroupName/g",
       "managedScaling": {"status": "ENABLED"}}})");
  aws.call("PutClusterCapacityProviders", R"({"cluster": "prod", "capacityProviders": ["group"],
      "defaultCapacityProviderStrategy": [{"capacityProvider": "group", "weight": 1}]})");
  aws.arrange(SetGroupSize{"group", 2, AddInstances{.cpu = 1024, .memory = 4096}});
  register_service(0);
  const Json reply = run(R"(, "count": 5)");
  ASSERT_THAT(reply.at("tasks").as_array(), SizeIs(5));
  EXPECT_EQ(reply.at("tasks").as_array().front().at("lastStatus").as_string(), "PROVISIONING");
  aws.at(-3600 + 200);
  EXPECT_THAT(spread(), ElementsAre(2, 2));  // the fifth finds no room
  aws.at(-3600 + 700);
  const Json stopped = aws.call("ListTasks", R"({"cluster": "prod", "desiredStatus": "STOPPED"})");
  EXPECT_THAT(stopped.at("taskArns").as_array(), SizeIs(1));
}

TEST_F(Ec2, SaysWhenACapacityProviderHasNoInstances) {
  aws.call("CreateCapacityProvider", R"({"name": "group", "autoScalingGroupProvider":
      {"autoScalingGroupArn": "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:x:autoScalingGroupName/g"}})");
  aws.call("PutClusterCapacityProviders", R"({"cluster": "prod", "capacityProviders": ["group"],
      "defaultCapacityProviderStrategy": [{"capacityProvider": "group", "weight": 1}]})");
  register_service(0);
  EXPECT_EQ(first_failure(run()), "EMPTY CAPACITY PROVIDER");
}

TEST(Fargate, TellsServicesThatThereIsNoCapacityAndGoesOnWhenThereIs) {
  Rehearsal aws;
  aws.call("CreateCluster", R"({"clusterName": "prod"})");
  aws.register_web();
  aws.arrange(SetCapacity{"FARGATE", 1});
  aws.create_service("web", 2);
  aws.at(0);
  EXPECT_THAT(aws.events(-3600),
              testing::Contains("-3590 (service web) was unable to place a task. Reason: Capacity "
                                "is unavailable at this time. "
                                "Please try again later or in a different availability zone."));
  EXPECT_EQ(aws.service().at("runningCount").as_int64(), 1);
  EXPECT_EQ(aws.service().at("deployments").as_array().front().at("failedTasks").as_int64(), 0);
  aws.arrange(SetCapacity{"FARGATE", std::nullopt});
  aws.at(100);
  EXPECT_EQ(aws.service().at("runningCount").as_int64(), 2);
}

TEST(Fargate, SpreadsOverItsSubnets) {
  Rehearsal aws;
  aws.call("CreateCluster", R"({"clusterName": "prod"})");
  aws.register_web();
  aws.call("CreateService", R"({"cluster": "prod", "serviceName": "web", "taskDefinition": "web",
      "desiredCount": 4, "launchType": "FARGATE", "networkConfiguration": {"awsvpcConfiguration":
      {"subnets": ["subnet-a", "subnet-b"]}}})");
  aws.at(0);
  const auto zones = [&] {
    const Json list = aws.call("ListTasks", R"({"cluster": "prod", "serviceName": "web"})");
    const Json tasks = aws.call(
        "DescribeTasks",
        fmt::format(R"({{"cluster": "prod", "tasks": {}}})", to_text(list.at("taskArns"))));
    std::map<std::string, int> counts;
    for (const Json& task : tasks.at("tasks").as_array())
      ++counts[std::string(task.at("availabilityZone").as_string())];
    return counts;
  };
  EXPECT_THAT(zones(), ElementsAre(testing::Pair("eu-west-1a", 2), testing::Pair("eu-west-1b", 2)));
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "networkConfiguration":
      {"awsvpcConfiguration": {"subnets": ["subnet-a"]}}})");
  aws.at(300);
  EXPECT_THAT(zones(), ElementsAre(testing::Pair("eu-west-1a", 4)));
}

TEST(Fargate, InterruptsSpotTasksAndReplacesThem) {
  Rehearsal aws;
  aws.call("CreateCluster",
           R"({"clusterName": "prod", "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
      "defaultCapacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]})");
  aws.register_web();
  aws.call("CreateService", R"({"cluster": "prod", "serviceName": "web", "taskDefinition": "web",
      "desiredCount": 2, "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-a"]}}})");
  aws.at(0);
  aws.arrange(InterruptSpot{"prod", 1});
  aws.at(30);
  const Json task = aws.stopped_task();
  EXPECT_EQ(task.at("stopCode").as_string(), "SpotInterruption");
  EXPECT_EQ(task.at("stoppedReason").as_string(), "Your Spot Task was interrupted.");
  aws.at(100);
  EXPECT_EQ(aws.service().at("runningCount").as_int64(), 2);
}

}  // namespace
}  // namespace slipway::sim
