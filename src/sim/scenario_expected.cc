// What a release names and a scenario does not have, made up: add_missing().

#include "base/text.h"
#include "sim/scenario.h"
#include "sim/scenario_reading.h"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace slipway::sim {
namespace {

void add_family(Scenario& scenario, std::string_view family,
                const std::vector<std::string>& containers) {
  if (makes(scenario, "RegisterTaskDefinition", "family", family)) return;
  const std::string role = fmt::format("arn:{}:iam::{}:role/ecsTaskExecutionRole",
                                       scenario.world.partition, scenario.world.account);
  JsonArray definitions;
  for (const std::string& name : containers.empty() ? std::vector<std::string>{"app"} : containers)
    definitions.push_back(JsonObject{
        {"name", name}, {"image", fmt::format("registry.example/{}/{}:1.0", family, name)}});
  scenario.calls.push_back({"RegisterTaskDefinition",
                            JsonObject{{"family", family},
                                       {"requiresCompatibilities", JsonArray{Json("FARGATE")}},
                                       {"networkMode", "awsvpc"},
                                       {"cpu", "256"},
                                       {"memory", "512"},
                                       {"executionRoleArn", role},
                                       {"containerDefinitions", std::move(definitions)}},
                            {},
                            fmt::format("the family {}", family)});
}

void add_service(Scenario& scenario, std::string_view cluster, const ExpectedService& expected) {
  const std::string_view name = plain_name(expected.name);
  if (makes(scenario, "CreateService", "serviceName", name, cluster)) return;
  const std::string family(expected.family.empty() ? name : std::string_view(expected.family));
  add_family(scenario, family, expected.containers);
  scenario.calls.push_back(
      {"CreateService",
       JsonObject{{"cluster", cluster},
                  {"serviceName", name},
                  {"taskDefinition", family},
                  {"desiredCount", 2},
                  {"launchType", "FARGATE"},
                  {"deploymentConfiguration",
                   JsonObject{{"minimumHealthyPercent", 100},
                              {"maximumPercent", 200},
                              {"deploymentCircuitBreaker",
                               JsonObject{{"enable", true}, {"rollback", true}}}}},
                  {"networkConfiguration",
                   JsonObject{{"awsvpcConfiguration",
                               JsonObject{{"subnets", JsonArray{Json("subnet-0a1b2c3d")}},
                                          {"securityGroups", JsonArray{Json("sg-0123abcd")}},
                                          {"assignPublicIp", "DISABLED"}}}}}},
       {},
       fmt::format("the service {}", name)});
}

Json timer_target(const Scenario& scenario, std::string_view cluster, std::string_view family) {
  const auto arn = [&](std::string_view service, std::string_view region, std::string resource) {
    return fmt::format("arn:{}:{}:{}:{}:{}", scenario.world.partition, service, region,
                       scenario.world.account, resource);
  };
  const std::string_view region = scenario.world.region;
  return JsonObject{
      {"Arn", arn("ecs", region, fmt::format("cluster/{}", cluster))},
      {"RoleArn", arn("iam", "", "role/ecsEventsRole")},
      {"EcsParameters",
       JsonObject{
           {"TaskDefinitionArn", arn("ecs", region, fmt::format("task-definition/{}:1", family))},
           {"TaskCount", 1},
           {"LaunchType", "FARGATE"},
           {"NetworkConfiguration",
            JsonObject{{"awsvpcConfiguration",
                        JsonObject{{"Subnets", JsonArray{Json("subnet-0a1b2c3d")}}}}}}}}};
}

ExpectedTimer with_family_of_service(const Scenario& scenario, std::string_view cluster,
                                     ExpectedTimer timer) {
  if (timer.service.empty()) return timer;
  for (const SetupCall& call : scenario.calls) {
    if (call.operation != "CreateService" ||
        string_or_empty(call.input, "serviceName") != timer.service ||
        string_or_empty(call.input, "cluster") != cluster)
      continue;
    const std::string_view definition = plain_name(string_or_empty(call.input, "taskDefinition"));
    timer.family = definition.substr(0, definition.find(':'));
  }
  return timer;
}

constexpr const char* kEveryNight = "cron(0 3 * * ? *)";

void add_rule(Scenario& scenario, std::string_view cluster, const ExpectedTimer& expected) {
  if (makes(scenario, "PutRule", "Name", expected.name)) return;
  add_family(scenario, expected.family, {});
  const std::string path = fmt::format("the rule {}", expected.name);
  JsonObject rule{{"Name", expected.name}};
  Json target = timer_target(scenario, cluster, expected.family);
  target.as_object()["Id"] = expected.family;
  JsonObject targets{{"Rule", expected.name}, {"Targets", JsonArray{std::move(target)}}};
  if (expected.group.empty() || expected.group == "default") {
    rule["ScheduleExpression"] = kEveryNight;
  } else {
    // Only the default bus knows the time.
    make_event_bus(scenario, expected.group, {}, path);
    rule["EventPattern"] = R"({"source": ["shop"]})";
    rule["EventBusName"] = targets["EventBusName"] = expected.group;
  }
  scenario.calls.push_back({"PutRule", std::move(rule), {}, path, "events"});
  scenario.calls.push_back({"PutTargets", std::move(targets), {}, path, "events"});
}

void add_schedule(Scenario& scenario, std::string_view cluster, const ExpectedTimer& expected) {
  if (makes(scenario, "CreateSchedule", "Name", expected.name)) return;
  add_family(scenario, expected.family, {});
  const std::string path = fmt::format("the schedule {}", expected.name);
  JsonObject schedule{{"Name", expected.name},
                      {"ScheduleExpression", kEveryNight},
                      {"FlexibleTimeWindow", JsonObject{{"Mode", "OFF"}}},
                      {"Target", timer_target(scenario, cluster, expected.family)}};
  if (!expected.group.empty() && expected.group != "default") {
    schedule["GroupName"] = expected.group;
    if (!makes(scenario, "CreateScheduleGroup", "Name", expected.group))
      scenario.calls.push_back(
          {"CreateScheduleGroup", JsonObject{{"Name", expected.group}}, {}, path, "scheduler"});
  }
  scenario.calls.push_back({"CreateSchedule", std::move(schedule), {}, path, "scheduler"});
}

// "arn:PARTITION:sns:REGION:ACCOUNT:NAME"
void add_topic(Scenario& scenario, std::string_view arn) {
  const std::vector<std::string_view> parts = split(arn, ':');
  if (parts.size() != 6 || parts[1] != scenario.world.partition || parts[2] != "sns" ||
      parts[4] != scenario.world.account)
    return;
  const std::string name(parts[5]);
  if (makes(scenario, "CreateTopic", "Name", name)) return;
  JsonObject topic{{"Name", name}};
  if (name.ends_with(".fifo")) topic["Attributes"] = JsonObject{{"FifoTopic", "true"}};
  scenario.calls.push_back({"CreateTopic",
                            std::move(topic),
                            {},
                            fmt::format("the topic {}", name),
                            "sns",
                            std::string(parts[3])});
}

}  // namespace

void add_missing(Scenario& scenario, const Expectations& expected) {
  const std::string_view cluster =
      expected.cluster.empty() ? std::string_view("default") : plain_name(expected.cluster);
  if (!makes(scenario, "CreateCluster", "clusterName", cluster))
    scenario.calls.insert(scenario.calls.begin(), {"CreateCluster",
                                                   JsonObject{{"clusterName", cluster}},
                                                   {},
                                                   fmt::format("the cluster {}", cluster)});
  scenario.world.makes_instances = true;
  // What the scenario has, it knows how to run.
  std::set<std::string, std::less<>> known;
  for (const SetupCall& call : scenario.calls)
    if (call.operation == "RegisterTaskDefinition")
      known.emplace(string_or_empty(call.input, "family"));
  for (const ExpectedService& service : expected.services) add_service(scenario, cluster, service);
  for (const ExpectedTask& task : expected.tasks) {
    const std::string_view reference = plain_name(task.family);
    const std::string family(reference.substr(0, reference.find(':')));
    if (!known.insert(family).second) continue;
    add_family(scenario, family, task.containers);
    // A one-off task ends by itself, whatever the services of its family do.
    scenario.images.insert(scenario.images.begin(), {.task_definition = family,
                                                     .kind = TaskKind::kOneOff,
                                                     .run_for = std::chrono::seconds(10)});
  }
  for (const ExpectedTimer& rule : expected.rules)
    add_rule(scenario, cluster, with_family_of_service(scenario, cluster, rule));
  for (const ExpectedTimer& schedule : expected.schedules)
    add_schedule(scenario, cluster, with_family_of_service(scenario, cluster, schedule));
  for (const std::string& topic : expected.topics) add_topic(scenario, topic);
}

}  // namespace slipway::sim
