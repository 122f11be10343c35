// Task classes as a release, for `slipway deploy` and `plan`: the same task definition, tasks and
// services, watched to their end. What a release does not do (announce each call, send any member
// whatever) is refused here; `slipway ecs-task deploy` does it.
#include "base/text.h"
#include "dialect/dialects.h"
#include "dialect/task_class.h"
#include "model/task_class.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

namespace slipway {
namespace {

constexpr std::string_view kTheOtherWay = "`slipway ecs-task deploy` does";

class ReleaseOfClasses {
 public:
  ReleaseOfClasses(const DialectInput& input, Diagnostics& diagnostics)
      : input_(input), diagnostics_(diagnostics) {}

  Release read(const std::vector<TaskClass>& classes) {
    for (const TaskClass& task_class : classes) {
      std::vector<std::string> services;
      const TaskDefinitionDocument definition = definition_of(task_class);
      for (std::size_t i = 0; i < task_class.run_tasks.size(); ++i) {
        // All tasks of a release come before all of its services.
        if (!earlier_.empty())
          refuse(task_class, "run_tasks", "tasks that run after the services of an earlier class");
        add_task(task_class, i, definition);
      }
      for (std::size_t i = 0; i < task_class.update_services.size(); ++i)
        services.push_back(add_service(task_class, i, definition));
      if (services.empty() && task_class.run_tasks.empty())
        refuse(task_class, "task_definition", "a class that only registers");
      if (!task_class.events__put_targets.empty())
        refuse(task_class, "events__put_targets", "whole targets of rules");
      if (!task_class.sns_notification_topic_arn.empty())
        refuse(task_class, "sns_notification_topic_arn", "an announcement of each call");
      if (!services.empty()) earlier_ = std::move(services);
    }
    if (release_.cluster.empty()) release_.cluster = "default";
    release_.on_failure = OnFailure::kLeave;
    diagnostics_.warning(whole(), "task-class.not-pruned", "", "old revisions are left as they are",
                         fmt::format("{} deregister them", kTheOtherWay));
    return std::move(release_);
  }

 private:
  SourceSpan whole() const { return {.source = input_.document.span.source}; }

  void refuse(const TaskClass& task_class, const std::string& where, std::string_view what) {
    diagnostics_.error(whole(), "task-class.no-release",
                       fmt::format("{}.{}", task_class.name, where),
                       fmt::format("a release cannot say {}", what), std::string(kTheOtherWay));
  }

  // Members beyond these would be lost.
  void allow(const TaskClass& task_class, const std::string& where, const Json& input,
             std::initializer_list<std::string_view> members) {
    if (!input.is_object()) return;
    for (const auto& member : input.get_object())
      if (std::ranges::find(members, std::string_view(member.key())) == members.end())
        refuse(task_class, fmt::format("{}.{}", where, std::string_view(member.key())), "this");
  }

  void see_cluster(const TaskClass& task_class, const std::string& where, const Json& input) {
    const std::string cluster(find_string(input, "cluster").value_or("default"));
    if (release_.cluster.empty()) release_.cluster = cluster;
    if (release_.cluster != cluster) refuse(task_class, where, "a second cluster");
  }

  TaskDefinitionDocument definition_of(const TaskClass& task_class) {
    Json document = task_class.task_definition;
    bool needs_tag = false;
    Json* containers = document.get_object().if_contains("containerDefinitions");
    if (containers != nullptr && containers->is_array()) {
      for (Json& container : containers->get_array()) {
        const std::string image(string_or_empty(container, "image"));
        if (image.find("{image_tag}") != std::string::npos) needs_tag = true;
        const Result<std::string> replaced = with_image_tag(image, tag());
        if (replaced && container.is_object()) container.get_object()["image"] = *replaced;
      }
    }
    if (needs_tag && input_.flags.tag.empty() && input_.flags.tag_required)
      diagnostics_.error({.source = std::make_shared<SourceText>(SourceText{"--tag", ""})},
                         "flags.missing", "", "{image_tag} has no value", "give --tag TAG");
    return {.document = std::move(document), .origin = "class " + task_class.name};
  }

  std::string tag() const { return input_.flags.tag.empty() ? "latest" : input_.flags.tag; }

  std::string add_service(const TaskClass& task_class, std::size_t index,
                          const TaskDefinitionDocument& definition) {
    const Json& input = task_class.update_services[index];
    const std::string where = fmt::format("update_services[{}]", index);
    allow(task_class, where, input, {"service", "cluster", "forceNewDeployment"});
    see_cluster(task_class, where, input);
    const std::string name(string_or_empty(input, "service"));
    release_.services.push_back(
        {.name = name,
         .task_definition = definition,
         .forceNewDeployment = find_bool(input, "forceNewDeployment").value_or(false),
         .max_wait = task_class.service_timeout,
         .after = earlier_});
    return name;
  }

  void add_task(const TaskClass& task_class, std::size_t index,
                const TaskDefinitionDocument& definition) {
    const Json& input = task_class.run_tasks[index];
    const std::string where = fmt::format("run_tasks[{}]", index);
    allow(task_class, where, input,
          {"cluster", "count", "launchType", "platformVersion", "capacityProviderStrategy",
           "networkConfiguration", "overrides"});
    see_cluster(task_class, where, input);
    TaskRun run{
        .name = index == 0 ? task_class.name : fmt::format("{} ({})", task_class.name, index + 1),
        .task_definition = definition,
        .count = static_cast<int>(find_int(input, "count").value_or(1)),
        .launchType = std::string(string_or_empty(input, "launchType")),
        .platformVersion = std::string(string_or_empty(input, "platformVersion")),
        .max_wait = task_class.task_timeout};
    if (const Json* overrides = find(input, "overrides")) run.overrides = *overrides;
    if (const JsonArray* strategy = find_array(input, "capacityProviderStrategy"))
      for (const Json& item : *strategy)
        run.capacityProviderStrategy.push_back(
            {.capacityProvider = std::string(string_or_empty(item, "capacityProvider")),
             .base = static_cast<int>(find_int(item, "base").value_or(0)),
             .weight = static_cast<int>(find_int(item, "weight").value_or(0))});
    if (const Json* network = find(input, "networkConfiguration"))
      run.awsvpcConfiguration = network_of(task_class, where + ".networkConfiguration", *network);
    release_.tasks_before.push_back(std::move(run));
  }

  AwsvpcConfiguration network_of(const TaskClass& task_class, const std::string& where,
                                 const Json& network) {
    allow(task_class, where, network, {"awsvpcConfiguration"});
    AwsvpcConfiguration result;
    const Json* vpc = find(network, "awsvpcConfiguration");
    if (vpc == nullptr) return result;
    allow(task_class, where + ".awsvpcConfiguration", *vpc,
          {"subnets", "securityGroups", "assignPublicIp"});
    const auto texts = [&](std::string_view member) {
      std::vector<std::string> all;
      if (const JsonArray* items = find_array(*vpc, member))
        for (const Json& item : *items)
          if (item.is_string()) all.emplace_back(item.get_string());
      return all;
    };
    result.subnets = texts("subnets");
    result.securityGroups = texts("securityGroups");
    result.assignPublicIp = string_or_empty(*vpc, "assignPublicIp") == "ENABLED";
    return result;
  }

  const DialectInput& input_;
  Diagnostics& diagnostics_;
  Release release_;
  std::vector<std::string> earlier_;  // services of the class before
};

}  // namespace

std::optional<Release> read_ecs_task(const DialectInput& input, Diagnostics& diagnostics) {
  const std::vector<Node> documents = {input.document};
  const std::optional<std::vector<TaskClass>> classes =
      read_task_classes({.documents = documents,
                         .environment = input.environment,
                         .vars = input.flags.vars,
                         .use = TaskClassUse::kDeploy},
                        diagnostics);
  if (!input.flags.images.empty())
    diagnostics.error({.source = std::make_shared<SourceText>(SourceText{"--image", ""})},
                      "flags.unusable", "", "a task class takes one tag for all containers",
                      "give --tag TAG");
  if (!classes) return std::nullopt;
  Release release = ReleaseOfClasses(input, diagnostics).read(*classes);
  if (diagnostics.has_errors()) return std::nullopt;
  return release;
}

}  // namespace slipway
