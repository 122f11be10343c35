// The application file of ecs-toolkit 0.2.2 (`.ecs-toolkit.yml`, version v1). Keys match without
// regard to case, quoted numbers are numbers and "a,b" is a list, as its users are used to.
#include "base/decode.h"
#include "base/text.h"
#include "dialect/dialects.h"

#include <algorithm>
#include <map>
#include <set>

namespace slipway {
namespace {

std::vector<ImageChange> image_changes(const std::vector<std::string>& containers,
                                       const std::string& tag) {
  std::vector<ImageChange> changes;
  for (const std::string& container : containers) changes.push_back({container, NewTag{tag}});
  return changes;
}

std::vector<std::string> read_containers(Fields& fields) {
  std::vector<std::string> containers = fields.required_texts("containers", {.at_least = 1});
  std::set<std::string> seen;
  std::erase_if(containers, [&](const std::string& name) { return !seen.insert(name).second; });
  return containers;
}

std::vector<CapacityProviderStrategyItem> read_strategies(Fields& task) {
  std::vector<CapacityProviderStrategyItem> strategies;
  int bases = 0;
  for (Fields& entry : task.mappings("capacity_provider_strategies", {.at_most = 6})) {
    CapacityProviderStrategyItem item;
    item.capacityProvider = entry.required_text("capacity_provider");
    item.base = static_cast<int>(entry.integer("base", {0, 100'000}).value_or(0));
    item.weight = static_cast<int>(entry.integer("weight", {0, 1'000}).value_or(0));
    if (item.base > 0 && ++bases > 1)
      entry.error("base", "only one capacity provider may have a base above 0");
    strategies.push_back(std::move(item));
  }
  return strategies;
}

std::optional<AwsvpcConfiguration> read_network(Fields& task) {
  std::optional<Fields> network = task.mapping("network_configuration");
  if (!network) return std::nullopt;
  network->require("vpc_configuration");
  std::optional<Fields> vpc = network->mapping("vpc_configuration");
  if (!vpc) return std::nullopt;
  AwsvpcConfiguration configuration;
  configuration.assignPublicIp = vpc->boolean("assign_public_ip").value_or(false);
  configuration.securityGroups = vpc->texts("security_groups", {.at_most = 5});
  configuration.subnets = vpc->required_texts("subnets", {.at_least = 1, .at_most = 16});
  return configuration;
}

std::vector<TaskRun> read_tasks(Fields& tasks, std::string_view key, const std::string& tag) {
  std::vector<TaskRun> runs;
  std::map<std::string, int> times_seen;
  for (Fields& entry : tasks.mappings(key)) {
    TaskRun run;
    const std::string family = entry.required_text("family");
    // The same family may run twice; the report tells the two apart.
    const int times = ++times_seen[family];
    run.name = times == 1 ? family : family + " (" + std::to_string(times) + ")";
    run.task_definition = TaskDefinitionReference{family};
    run.count = static_cast<int>(entry.required_integer("count", {1, 10}));
    run.images = image_changes(read_containers(entry), tag);
    run.launchType =
        entry
            .choice<std::string>("launch_type",
                                 {{"ec2", "EC2"}, {"fargate", "FARGATE"}, {"external", "EXTERNAL"}})
            .value_or("");
    run.capacityProviderStrategy = read_strategies(entry);
    if (entry.has("launch_type") && entry.has("capacity_provider_strategies"))
      entry.error("launch_type", "launch_type and capacity_provider_strategies exclude each other");
    run.awsvpcConfiguration = read_network(entry);
    if (const auto minutes = entry.integer("max_wait", {1, 100'000}))
      run.max_wait = std::chrono::minutes(*minutes);
    runs.push_back(std::move(run));
  }
  return runs;
}

std::vector<ServiceRelease> read_services(Fields& file, const std::string& tag) {
  std::vector<ServiceRelease> services;
  std::set<std::string> names;
  for (Fields& entry : file.mappings("services")) {
    ServiceRelease service;
    service.name = entry.required_text("name");
    if (!service.name.empty() && !names.insert(service.name).second)
      entry.error("name", "service \"" + service.name + "\" is listed twice");
    service.images = image_changes(read_containers(entry), tag);
    service.forceNewDeployment = entry.boolean("force").value_or(false);
    if (const auto minutes = entry.integer("max_wait", {5, 100'000}))
      service.max_wait = std::chrono::minutes(*minutes);
    if (entry.choice<bool>("task_definition", {{"latest", true}}).value_or(false))
      service.task_definition = LatestRevision{};
    services.push_back(std::move(service));
  }
  return services;
}

}  // namespace

bool looks_like_ecs_toolkit(const Node& document) {
  if (!document.is_mapping()) return false;
  const auto has = [&](std::string_view key) {
    return std::ranges::any_of(document.members, [&](const Node::Member& member) {
      return equals_ignoring_case(member.key, key);
    });
  };
  return has("version") && !has("slipway");
}

std::optional<Release> read_ecs_toolkit(const DialectInput& input, Diagnostics& diagnostics) {
  const std::string& tag = input.flags.tag;
  Release release{.on_failure = OnFailure::kLeave,
                  .missing_service = MissingService::kSkip,
                  .planning = Planning::kStageByStage};
  {
    Fields file(input.document, diagnostics,
                {.ignore_key_case = true,
                 .lenient_scalars = true,
                 .unknown_keys = input.flags.strict ? Severity::kError : Severity::kWarning});
    const std::string version = file.required_text("version");
    if (!version.empty() && version != "v1")
      file.error("version", "expected v1, found \"" + version + "\"");
    release.cluster = file.required_text("cluster");
    if (std::optional<Fields> tasks = file.mapping("tasks")) {
      release.tasks_before = read_tasks(*tasks, "pre", tag);
      release.tasks_after = read_tasks(*tasks, "post", tag);
    }
    release.services = read_services(file, tag);
  }
  if (tag.empty() && input.flags.tag_required)
    diagnostics.error({.source = std::make_shared<SourceText>(SourceText{"--tag", ""})},
                      "flags.missing", "", "an ecs-toolkit file says nothing of the tag to release",
                      "give --tag TAG");
  if (!input.flags.images.empty())
    diagnostics.error({.source = std::make_shared<SourceText>(SourceText{"--image", ""})},
                      "flags.unusable", "", "an ecs-toolkit file takes one tag for all containers",
                      "give --tag TAG");
  if (diagnostics.has_errors()) return std::nullopt;
  return release;
}

}  // namespace slipway
