// What a release names and a scenario does not have, made up: add_missing().

#include "base/text.h"
#include "sim/scenario.h"
#include "sim/scenario_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace slipway::sim {
namespace {

constexpr std::string_view kTagBefore = ":1.0";

// Of a whole definition; one without is on Fargate.
bool wants_fargate(const Json& definition) {
  if (!definition.is_object()) return true;
  const JsonArray* required = find_array(definition, "requiresCompatibilities");
  if (required != nullptr && !required->empty())
    return std::ranges::find(*required, Json("FARGATE")) != required->end();
  return string_or_empty(definition, "networkMode") == "awsvpc" &&
         find(definition, "cpu") != nullptr && find(definition, "memory") != nullptr;
}

// What ran before came from the same repository.
std::string image_before(const Json& definition, std::string_view family, std::string_view name) {
  std::string repository = fmt::format("registry.example/{}/{}", family, name);
  if (const JsonArray* containers = find_array(definition, "containerDefinitions"))
    for (const Json& container : *containers) {
      std::string_view image = string_or_empty(container, "image");
      if (string_or_empty(container, "name") != name) continue;
      image = image.substr(0, image.find('@'));
      const std::size_t colon = image.rfind(':');
      if (colon != std::string_view::npos && image.find('/', colon) == std::string_view::npos)
        image = image.substr(0, colon);
      if (!image.empty() && image.find('{') == std::string_view::npos) repository = image;
    }
  return repository.append(kTagBefore);
}

void add_family(Scenario& scenario, std::string_view family,
                const std::vector<std::string>& containers, const Json& definition = {}) {
  if (makes(scenario, "RegisterTaskDefinition", "family", family)) return;
  const std::string role = fmt::format("arn:{}:iam::{}:role/ecsTaskExecutionRole",
                                       scenario.world.partition, scenario.world.account);
  const bool on_fargate = wants_fargate(definition);
  JsonArray definitions;
  for (const std::string& name :
       containers.empty() ? std::vector<std::string>{"app"} : containers) {
    JsonObject container{{"name", name}, {"image", image_before(definition, family, name)}};
    if (!on_fargate) container["memory"] = 128;
    definitions.push_back(std::move(container));
  }
  JsonObject input{{"family", family}};
  if (on_fargate) {
    input["requiresCompatibilities"] = JsonArray{Json("FARGATE")};
    input["networkMode"] = "awsvpc";
    input["cpu"] = "256";
    input["memory"] = "512";
  } else if (const Json* mode = find(definition, "networkMode"); mode != nullptr) {
    input["networkMode"] = *mode;
  }
  input["executionRoleArn"] = role;
  input["containerDefinitions"] = std::move(definitions);
  scenario.calls.push_back(
      {"RegisterTaskDefinition", std::move(input), {}, fmt::format("the family {}", family)});
}

// How the scenario registers the family; {} for one it does not have.
Json registered(const Scenario& scenario, std::string_view family) {
  for (const SetupCall& call : scenario.calls)
    if (call.operation == "RegisterTaskDefinition" &&
        string_or_empty(call.input, "family") == family)
      return call.input;
  return {};
}

// Room for twice the tasks of a service on instances, each with 4 vCPU at most.
void add_instances(Scenario& scenario, std::string_view cluster) {
  scenario.instances.push_back({.cluster = std::string(cluster),
                                .count = 4,
                                .instanceType = "m6i.xlarge",
                                .cpu = 4096,
                                .memory = 15360});
}

void add_cluster(Scenario& scenario, std::string_view cluster) {
  if (makes(scenario, "CreateCluster", "clusterName", cluster)) return;
  scenario.calls.insert(
      scenario.calls.begin(),
      {"CreateCluster",
       JsonObject{{"clusterName", cluster},
                  {"capacityProviders", JsonArray{Json("FARGATE"), Json("FARGATE_SPOT")}}},
       {},
       fmt::format("the cluster {}", cluster)});
}

void add_service(Scenario& scenario, std::string_view cluster, const ExpectedService& expected) {
  const std::string_view name = plain_name(expected.name);
  if (makes(scenario, "CreateService", "serviceName", name, cluster)) return;
  const std::string family(expected.family.empty() ? name : std::string_view(expected.family));
  add_family(scenario, family, expected.containers, expected.definition);
  const Json definition = registered(scenario, family);
  const bool on_fargate = wants_fargate(definition);
  if (!on_fargate) add_instances(scenario, cluster);
  JsonObject input{
      {"cluster", cluster},
      {"serviceName", name},
      {"taskDefinition", family},
      {"desiredCount", 2},
      {"launchType", on_fargate ? "FARGATE" : "EC2"},
      {"deploymentConfiguration",
       JsonObject{{"minimumHealthyPercent", 100},
                  {"maximumPercent", 200},
                  {"deploymentCircuitBreaker", JsonObject{{"enable", true}, {"rollback", true}}}}}};
  if (string_or_empty(definition, "networkMode") == "awsvpc")
    input["networkConfiguration"] = JsonObject{
        {"awsvpcConfiguration", JsonObject{{"subnets", JsonArray{Json("subnet-0a1b2c3d")}},
                                           {"securityGroups", JsonArray{Json("sg-0123abcd")}},
                                           {"assignPublicIp", "DISABLED"}}}};
  scenario.calls.push_back(
      {"CreateService", std::move(input), {}, fmt::format("the service {}", name)});
}

Json timer_target(const Scenario& scenario, std::string_view cluster, std::string_view family) {
  const auto arn = [&](std::string_view service, std::string_view region, std::string resource) {
    return fmt::format("arn:{}:{}:{}:{}:{}", scenario.world.partition, service, region,
                       scenario.world.account, resource);
  };
  const std::string_view region = scenario.world.region;
  const Json definition = registered(scenario, family);
  JsonObject parameters{
      {"TaskDefinitionArn", arn("ecs", region, fmt::format("task-definition/{}:1", family))},
      {"TaskCount", 1},
      {"LaunchType", wants_fargate(definition) ? "FARGATE" : "EC2"}};
  if (string_or_empty(definition, "networkMode") == "awsvpc")
    parameters["NetworkConfiguration"] = JsonObject{
        {"awsvpcConfiguration", JsonObject{{"Subnets", JsonArray{Json("subnet-0a1b2c3d")}}}}};
  return JsonObject{{"Arn", arn("ecs", region, fmt::format("cluster/{}", cluster))},
                    {"RoleArn", arn("iam", "", "role/ecsEventsRole")},
                    {"EcsParameters", std::move(parameters)}};
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
  const auto cluster_of = [&](const std::string& of_item) {
    const std::string& cluster = of_item.empty() ? expected.cluster : of_item;
    return cluster.empty() ? std::string_view("default") : plain_name(cluster);
  };
  const std::string_view cluster = cluster_of({});
  for (const ExpectedService& service : expected.services)
    add_cluster(scenario, cluster_of(service.cluster));
  for (const ExpectedTask& task : expected.tasks) add_cluster(scenario, cluster_of(task.cluster));
  add_cluster(scenario, cluster);
  scenario.world.makes_instances = true;
  // What the scenario has, it knows how to run.
  std::set<std::string, std::less<>> known;
  for (const SetupCall& call : scenario.calls)
    if (call.operation == "RegisterTaskDefinition")
      known.emplace(string_or_empty(call.input, "family"));
  for (const ExpectedService& service : expected.services)
    add_service(scenario, cluster_of(service.cluster), service);
  for (const ExpectedTask& task : expected.tasks) {
    const std::string_view reference = plain_name(task.family);
    const std::string family(reference.substr(0, reference.find(':')));
    if (!known.insert(family).second) continue;
    add_family(scenario, family, task.containers, task.definition);
    // A one-off task ends well by itself, with all its containers, whatever the services of its
    // family do.
    scenario.images.insert(scenario.images.begin(), {.task_definition = family,
                                                     .kind = TaskKind::kOneOff,
                                                     .run_for = std::chrono::seconds(10),
                                                     .exit_code_on_stop = 0});
  }
  for (const ExpectedTimer& rule : expected.rules)
    add_rule(scenario, cluster, with_family_of_service(scenario, cluster, rule));
  for (const ExpectedTimer& schedule : expected.schedules)
    add_schedule(scenario, cluster, with_family_of_service(scenario, cluster, schedule));
  for (const std::string& topic : expected.topics) add_topic(scenario, topic);
}

}  // namespace slipway::sim
