// slipway's own file. Our words are in lower_case; what AWS names is spelled as AWS spells it.
// docs/manual/slipway-yml.md is the page of every key; its example is read by the tests.
#include "aws/facts.h"
#include "aws/service.h"
#include "base/decode.h"
#include "base/text.h"
#include "dialect/dialects.h"
#include "dialect/native_traffic.h"
#include "dialect/task_definition_file.h"
#include "model/image.h"
#include "model/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

namespace slipway {
namespace {

constexpr std::string_view kNotYet = "not yet: this version of slipway cannot do that";

class NativeReader {
 public:
  NativeReader(const DialectInput& input, Diagnostics& diagnostics)
      : input_(input), diagnostics_(diagnostics) {}

  Release read() {
    Release release;
    {
      Fields file(input_.document, diagnostics_);
      file.required_integer("slipway", {1, 1});
      release.application = file.text("application").value_or("");
      release.cluster = file.required_text("cluster");
      release.on_failure = file.choice<OnFailure>("on_failure", {{"rollback", OnFailure::kRollback},
                                                                 {"leave", OnFailure::kLeave}})
                               .value_or(OnFailure::kRollback);
      if (std::optional<Fields> tasks = file.mapping("tasks")) {
        release.tasks_before = read_tasks(*tasks, "before");
        release.tasks_after = read_tasks(*tasks, "after");
      }
      for (auto& [key, fields] : file.mappings_by_name("services"))
        release.services.push_back(read_service(key, fields));
      for (auto& [key, fields] : file.mappings_by_name("schedules"))
        release.schedules.push_back(read_schedule(key, fields, release));
      release.notify = read_notify(file);
      if (const auto keep = file.integer("keep_revisions", {1, 10000}))
        release.keep_revisions = static_cast<int>(*keep);
      refuse_parts_of_a_strategy(file);
      file.refuse("state", std::string(kNotYet));
      check_order(release, file);
    }
    check_names(release);
    check_image_flags();
    return release;
  }

 private:
  // ---- Images --------------------------------------------------------------------------------

  // "registry/app:{tag}" with the tag in its place.
  std::string with_tag_in(const std::string& text, const std::string& tag, Fields& fields,
                          std::string_view key) {
    std::string out;
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t open = text.find('{', at);
      out += text.substr(at, open - at);
      if (open == std::string::npos) break;
      const std::size_t close = text.find('}', open);
      if (close == std::string::npos) {
        fields.error(key, "a \"{\" without its \"}\"");
        return "";
      }
      const std::string name = text.substr(open + 1, close - open - 1);
      if (name != "tag") {
        fields.error(key, fmt::format("unknown variable {{{}}}", name), "only {tag} is known");
        return "";
      }
      if (tag.empty() && input_.flags.tag_required) {
        fields.error(key, "{tag} has no value", "give --tag TAG, or `tag:` beside it");
        return "";
      }
      out += tag.empty() ? "latest" : tag;
      at = close + 1;
    }
    return out;
  }

  void check_tag(const std::string& tag, Fields& fields, std::string_view key) {
    if (!tag.empty() && !is_tag(tag) && !is_digest(tag))
      fields.error(key, fmt::format("\"{}\" is neither a tag nor a sha256: digest", tag));
  }

  // `image`, `containers` and `tag` of a service or task, and what flags say over them.
  std::vector<ImageChange> read_images(const std::string& item, Fields& fields) {
    std::vector<ImageChange> changes;
    const std::string own_tag = fields.text("tag").value_or("");
    check_tag(own_tag, fields, "tag");
    const std::string tag = own_tag.empty() ? input_.flags.tag : own_tag;
    const auto set = [&](const std::string& container, std::variant<NewTag, NewImage> to) {
      const auto found = std::ranges::find(changes, container, &ImageChange::container);
      if (found == changes.end())
        changes.push_back({container, std::move(to)});
      else
        found->to = std::move(to);
    };
    for (const auto& [container, text] : fields.texts_by_name("image")) {
      const std::string image = with_tag_in(text, tag, fields, "image");
      if (image.empty()) continue;
      if (const Result<ImageReference> parsed = parse_image(image); !parsed)
        fields.error("image", parsed.error().message);
      set(container, NewImage{image});
    }
    for (const std::string& container : fields.texts("containers")) {
      if (std::ranges::find(changes, container, &ImageChange::container) != changes.end())
        continue;  // `image` says more
      if (!tag.empty())
        set(container, NewTag{tag});
      else if (input_.flags.tag_required && !flag_names(item, container))
        fields.error("containers", fmt::format("no tag for container {}", container),
                     "give --tag TAG, or `tag:` beside it");
      else
        set(container, NewTag{""});  // the flag replaces it below
    }
    for (std::size_t i = 0; i < input_.flags.images.size(); ++i) {
      const auto& [name, image] = input_.flags.images[i];
      const std::size_t slash = name.rfind('/');
      if (slash == std::string::npos) {
        if (std::ranges::find(changes, name, &ImageChange::container) == changes.end()) continue;
        set(name, NewImage{image});
      } else {
        if (name.substr(0, slash) != item) continue;
        set(name.substr(slash + 1), NewImage{image});
      }
      used_image_flags_.insert(i);
    }
    for (const ImageChange& change : changes) containers_.insert(change.container);
    return changes;
  }

  bool flag_names(const std::string& item, const std::string& container) const {
    return std::ranges::any_of(input_.flags.images, [&](const auto& flag) {
      return flag.first == container || flag.first == item + "/" + container;
    });
  }

  void flag_error(std::string flag, std::string message, std::string suggestion = {}) {
    diagnostics_.error({.source = std::make_shared<SourceText>(SourceText{std::move(flag), ""})},
                       "flags.unusable", "", std::move(message), std::move(suggestion));
  }

  void check_image_flags() {
    if (!input_.flags.tag.empty() && !is_tag(input_.flags.tag) && !is_digest(input_.flags.tag))
      flag_error("--tag",
                 fmt::format("\"{}\" is neither a tag nor a sha256: digest", input_.flags.tag));
    for (std::size_t i = 0; i < input_.flags.images.size(); ++i) {
      const auto& [name, image] = input_.flags.images[i];
      if (const Result<ImageReference> parsed = parse_image(image); !parsed)
        flag_error("--image", parsed.error().message);
      if (used_image_flags_.contains(i)) continue;
      const std::vector<std::string> known(containers_.begin(), containers_.end());
      const std::optional<std::string> near = nearest(name, known);
      flag_error("--image",
                 fmt::format("no service or task of the file names a container \"{}\"", name),
                 near && *near != name ? "did you mean " + *near + "?"
                                       : "name it as SERVICE/CONTAINER to change it all the same");
    }
  }

  // ---- Task definitions ----------------------------------------------------------------------

  // A path, "live", "latest", "family", "family:revision", an ARN, or the definition itself.
  std::optional<TaskDefinitionSource> read_task_definition(Fields& fields) {
    if (!fields.has("task_definition")) return std::nullopt;
    const Node* node = fields.node("task_definition");
    if (node == nullptr) return std::nullopt;
    if (node->is_mapping()) {
      auto document = task_definition_document(*node, "inline", fields.path_of("task_definition"),
                                               diagnostics_);
      return document ? std::optional<TaskDefinitionSource>(std::move(*document)) : std::nullopt;
    }
    const std::string text = fields.text("task_definition").value_or("");
    if (text.empty()) return std::nullopt;
    auto source = task_definition_named(text, input_.directory, input_.read_file, diagnostics_);
    if (source) return std::move(*source);
    fields.error("task_definition", source.error().message);
    return std::nullopt;
  }

  // ---- Services ------------------------------------------------------------------------------

  ServiceRelease read_service(const std::string& key, Fields& fields) {
    ServiceRelease service;
    service.name = fields.text("service").value_or(key);
    names_of_keys_[key] = service.name;
    service.images = read_images(key, fields);
    if (auto source = read_task_definition(fields)) service.task_definition = std::move(*source);
    service.forceNewDeployment = fields.boolean("forceNewDeployment").value_or(false);
    service.max_wait = fields.duration("max_wait", {.at_least = std::chrono::seconds(1)})
                           .value_or(service.max_wait);
    service.after = fields.texts("after");
    if (std::optional<Strategy> strategy = read_strategy(fields, diagnostics_))
      service.strategy = std::move(*strategy);
    refuse_parts_of_a_strategy(fields);
    fields.refuse("hooks", std::string(kNotYet));
    return service;
  }

  static void refuse_parts_of_a_strategy(Fields& fields) {
    fields.refuse("traffic", "traffic is moved by a service's strategy",
                  "strategy: {canary: {alb: ...}}");
    for (const std::string_view section : {"checks", "alarms"})
      fields.refuse(section, fmt::format("`{}` belongs to a service's strategy", section),
                    fmt::format("strategy: {{canary: {{{}: ...}}}}", section));
  }

  // `after` names keys of the file; a circle would wait for itself.
  void check_order(Release& release, Fields& file) {
    std::map<std::string, std::vector<std::string>> after;
    std::vector<std::string> keys;
    for (const auto& [key, name] : names_of_keys_) keys.push_back(key);
    for (ServiceRelease& service : release.services) {
      for (std::string& name : service.after) {
        const auto found = names_of_keys_.find(name);
        if (found != names_of_keys_.end()) {
          name = found->second;
          continue;
        }
        const std::optional<std::string> near = nearest(name, keys);
        file.error("services",
                   fmt::format("{} comes after \"{}\", which is no service of this file",
                               service.name, name),
                   near ? "did you mean " + *near + "?" : "");
      }
      after[service.name] = service.after;
    }
    std::map<std::string, int> state;  // 1: being looked at, 2: sound
    const std::function<bool(const std::string&)> in_circle = [&](const std::string& name) {
      int& mine = state[name];
      if (mine != 0) return mine == 1;
      mine = 1;
      const bool circle = std::ranges::any_of(after[name], in_circle);
      state[name] = 2;
      return circle;
    };
    for (const ServiceRelease& service : release.services) {
      if (!in_circle(service.name)) continue;
      file.error("services",
                 fmt::format("`after` goes round in a circle through {}", service.name));
      break;
    }
  }

  // ---- Schedules -----------------------------------------------------------------------------

  // Names of rules, schedules and groups.
  // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
  std::string read_trigger_name(Fields& fields, std::string_view key) {
    const std::string name = fields.text(key).value_or("");
    const bool is_sound = name.size() <= 64 && std::ranges::all_of(name, [](unsigned char c) {
                            return std::isalnum(c) || c == '.' || c == '-' || c == '_';
                          });
    if (!is_sound)
      fields.error(key, fmt::format("\"{}\" is not the name of a {}", name, key),
                   name.starts_with("arn:") ? "give the name at the end of the ARN" : "");
    return name;
  }

  Trigger read_trigger(Fields& fields) {
    Trigger trigger{.rule = read_trigger_name(fields, "rule"),
                    .event_bus = fields.text("event_bus").value_or(""),
                    .schedule = read_trigger_name(fields, "schedule"),
                    .group = read_trigger_name(fields, "group")};
    if (!trigger.rule.empty() && !trigger.schedule.empty())
      fields.error("schedule", "rule and schedule exclude each other");
    else if (trigger.rule.empty() && trigger.schedule.empty() && !fields.has("rule") &&
             !fields.has("schedule"))
      fields.error("rule", "name a `rule` of EventBridge or a `schedule` of EventBridge Scheduler");
    if (!trigger.event_bus.empty() && trigger.rule.empty())
      fields.error("event_bus", "only a rule is on an event bus");
    if (!trigger.group.empty() && trigger.schedule.empty())
      fields.error("group", "only a schedule is in a group");
    if (trigger.event_bus == "default") trigger.event_bus.clear();
    if (trigger.group == "default") trigger.group.clear();
    return trigger;
  }

  ScheduleRelease read_schedule(const std::string& key, Fields& fields, const Release& release) {
    ScheduleRelease schedule{.name = key, .trigger = read_trigger(fields)};
    schedule.images = read_images(key, fields);
    const std::optional<TaskDefinitionSource> source = read_task_definition(fields);
    const std::string followed = fields.text("of").value_or("");
    if (!followed.empty() && (fields.has("task_definition") || !schedule.images.empty()))
      fields.error("of", "`of` says it all",
                   "leave out task_definition, image, containers and tag");
    if (source)
      std::visit([&](const auto& one) { schedule.task_definition = one; }, *source);
    else if (!schedule.images.empty())
      schedule.task_definition = InUse{};
    else if (!followed.empty())
      schedule.task_definition = read_followed(followed, fields, release);
    schedule.targets = read_targets(fields, schedule);
    return schedule;
  }

  // A key of `services`, or the name of a task before them.
  ScheduleSource read_followed(const std::string& name, Fields& fields, const Release& release) {
    const auto service = names_of_keys_.find(name);
    if (service != names_of_keys_.end()) return FollowItem{.name = service->second};
    std::vector<std::string> known;
    for (const auto& [key, service_name] : names_of_keys_) known.push_back(key);
    for (const TaskRun& run : release.tasks_before) {
      if (run.name == name) return FollowItem{.name = name, .is_task = true};
      known.push_back(run.name);
    }
    const bool is_after =
        std::ranges::find(release.tasks_after, name, &TaskRun::name) != release.tasks_after.end();
    const std::optional<std::string> near = nearest(name, known);
    fields.error("of",
                 is_after ? fmt::format("task {} runs after schedules have moved", name)
                          : fmt::format("\"{}\" is no service or task of this file", name),
                 near && !is_after ? "did you mean " + *near + "?" : "");
    return FollowRelease{};
  }

  // `targets` of a rule or `target` of a schedule, whole, in AWS's own spelling.
  std::vector<Json> read_targets(Fields& fields, const ScheduleRelease& schedule) {
    const bool is_rule = schedule.trigger.schedule.empty();
    if (is_rule)
      fields.refuse("target", "a rule has `targets`");
    else
      fields.refuse("targets", "a schedule has one `target`");
    const Node* node = fields.node(is_rule ? "targets" : "target");
    if (node == nullptr) return {};
    if (is_rule != node->is_sequence()) {
      fields.error(
          is_rule ? "targets" : "target",
          fmt::format("expected {}, found {}",
                      is_rule ? "a list of targets" : "a target (a mapping)", describe(*node)));
      return {};
    }
    std::vector<Json> targets;
    std::set<std::string> ids;
    const auto read = [&](const Node& target, const std::string& path) {
      check_target(target, path, schedule);
      targets.push_back(to_json(target));
      const std::string id = id_of_target(targets.back());
      if (is_rule && !id.empty() && !ids.insert(id).second)
        diagnostics_.error(target.span, "config.duplicate", path,
                           fmt::format("target {} is there twice", id));
    };
    if (!is_rule) {
      read(*node, fields.path_of("target"));
      return targets;
    }
    for (std::size_t i = 0; i < node->items.size(); ++i)
      read(node->items[i], fields.path_of("targets", i));
    return targets;
  }

  void check_target(const Node& target, const std::string& path, const ScheduleRelease& schedule) {
    const Node* ecs = target.find("EcsParameters");
    const bool is_filled_in = ecs != nullptr && ecs->find("TaskDefinitionArn") == nullptr;
    if (is_filled_in && std::holds_alternative<FollowRelease>(schedule.task_definition))
      diagnostics_.error(ecs->span, "config.missing", path + ".EcsParameters",
                         "no TaskDefinitionArn, and nothing says which one is meant",
                         "give it, or say `of` or `task_definition` beside the targets");
    const aws::ServiceFacts& service =
        schedule.trigger.schedule.empty() ? aws::kEvents : aws::kScheduler;
    std::vector<aws::Violation> violations =
        aws::check_document(aws::Facts::of(service), "Target", target);
    if (is_filled_in)
      std::erase_if(violations, [](const aws::Violation& violation) {
        return violation.kind == aws::Violation::Kind::kMissingMember &&
               violation.message.find("TaskDefinitionArn") != std::string::npos;
      });
    aws::report(violations, path, diagnostics_);
  }

  // ---- Who is told ---------------------------------------------------------------------------

  std::optional<Notify> read_notify(Fields& file) {
    std::optional<Fields> fields = file.mapping("notify");
    if (!fields) return std::nullopt;
    Notify notify{.topic_arn = fields->required_text("sns")};
    const std::vector<std::string_view> parts = split(notify.topic_arn, ':');
    if (!notify.topic_arn.empty() && (parts.size() != 6 || parts[0] != "arn" || parts[2] != "sns" ||
                                      parts[3].empty() || parts[5].empty()))
      fields->error("sns", fmt::format("\"{}\" is not the ARN of an SNS topic", notify.topic_arn));
    if (fields->has("on")) {
      notify.started = notify.succeeded = notify.failed = false;
      const std::vector<std::string> moments = fields->texts("on", {.at_least = 1});
      for (std::size_t i = 0; i < moments.size(); ++i) {
        if (moments[i] == "started")
          notify.started = true;
        else if (moments[i] == "succeeded")
          notify.succeeded = true;
        else if (moments[i] == "failed")
          notify.failed = true;
        else
          fields->error("on", i, fmt::format("unknown moment \"{}\"", moments[i]),
                        "started, succeeded and failed are known");
      }
    }
    notify.required = fields->boolean("required").value_or(false);
    return notify;
  }

  // ---- Tasks ---------------------------------------------------------------------------------

  std::optional<AwsvpcConfiguration> read_network(Fields& fields) {
    std::optional<Fields> network = fields.mapping("networkConfiguration");
    if (!network) return std::nullopt;
    network->require("awsvpcConfiguration");
    std::optional<Fields> vpc = network->mapping("awsvpcConfiguration");
    if (!vpc) return std::nullopt;
    AwsvpcConfiguration configuration;
    configuration.subnets = vpc->required_texts("subnets", {.at_least = 1, .at_most = 16});
    configuration.securityGroups = vpc->texts("securityGroups", {.at_most = 5});
    configuration.assignPublicIp =
        vpc->choice<bool>("assignPublicIp", {{"ENABLED", true}, {"DISABLED", false}})
            .value_or(false);
    return configuration;
  }

  // `command` and `environment` for the one container the task names, or RunTask's own `overrides`.
  std::optional<Json> read_overrides(Fields& fields, const std::vector<ImageChange>& images) {
    const std::vector<std::string> command = fields.texts("command");
    const auto environment = fields.texts_by_name("environment", {.may_be_empty = true});
    std::optional<Json> overrides = fields.json("overrides");
    if (overrides && !overrides->is_object()) {
      fields.error("overrides", "expected a mapping as RunTask's overrides");
      return std::nullopt;
    }
    if (command.empty() && environment.empty()) return overrides;
    const std::string_view key = command.empty() ? "environment" : "command";
    if (overrides) {
      fields.error(key, fmt::format("`{}` and `overrides` exclude each other", key),
                   "say it all in overrides.containerOverrides");
      return std::nullopt;
    }
    if (images.size() != 1) {
      fields.error(key,
                   fmt::format("`{}` needs exactly one container, `containers` and `image` name {}",
                               key, images.size()),
                   "use overrides.containerOverrides for several");
      return std::nullopt;
    }
    JsonObject container{{"name", images.front().container}};
    if (!command.empty()) container["command"] = boost::json::value_from(command);
    JsonArray variables;
    for (const auto& [name, value] : environment)
      variables.push_back(JsonObject{{"name", name}, {"value", value}});
    if (!variables.empty()) container["environment"] = std::move(variables);
    return Json(JsonObject{{"containerOverrides", JsonArray{std::move(container)}}});
  }

  std::vector<TaskRun> read_tasks(Fields& tasks, std::string_view key) {
    std::vector<TaskRun> runs;
    for (Fields& fields : tasks.mappings(key)) {
      TaskRun run;
      const std::string family = fields.text("family").value_or("");
      std::optional<TaskDefinitionSource> source = read_task_definition(fields);
      if (family.empty() && !source && !fields.has("task_definition"))
        fields.error("family", "a task needs a family, or a task_definition");
      if (!family.empty() && source)
        fields.error("family", "family and task_definition exclude each other");
      if (source && (std::holds_alternative<InUse>(*source) ||
                     std::holds_alternative<LatestRevision>(*source)))
        fields.error("task_definition", "a task has no revision of its own",
                     "name the family: a bare family is its newest revision");
      run.task_definition = source ? std::move(*source) : TaskDefinitionReference{family};
      std::string name = family;
      if (const auto* document = std::get_if<TaskDefinitionDocument>(&run.task_definition))
        name = string_or_empty(document->document, "family");
      else if (const auto* given = std::get_if<TaskDefinitionReference>(&run.task_definition))
        name = family.empty() ? given->reference : family;
      run.name = fields.text("name").value_or(name);
      run.essential_only = true;
      run.images = read_images(run.name, fields);
      run.overrides = read_overrides(fields, run.images);
      run.count = static_cast<int>(fields.integer("count", {1, 10}).value_or(1));
      run.launchType =
          fields
              .choice<std::string>(
                  "launchType", {{"EC2", "EC2"}, {"FARGATE", "FARGATE"}, {"EXTERNAL", "EXTERNAL"}})
              .value_or("");
      run.platformVersion = fields.text("platformVersion").value_or("");
      int bases = 0;
      for (Fields& entry : fields.mappings("capacityProviderStrategy", {.at_most = 20})) {
        CapacityProviderStrategyItem item;
        item.capacityProvider = entry.required_text("capacityProvider");
        item.base = static_cast<int>(entry.integer("base", {0, 100'000}).value_or(0));
        item.weight = static_cast<int>(entry.integer("weight", {0, 1'000}).value_or(0));
        if (item.base > 0 && ++bases > 1)
          entry.error("base", "only one capacity provider may have a base above 0");
        run.capacityProviderStrategy.push_back(std::move(item));
      }
      if (!run.launchType.empty() && !run.capacityProviderStrategy.empty())
        fields.error("launchType", "launchType and capacityProviderStrategy exclude each other");
      run.awsvpcConfiguration = read_network(fields);
      run.max_wait = fields.duration("max_wait", {.at_least = std::chrono::seconds(1)});
      runs.push_back(std::move(run));
    }
    return runs;
  }

  // Every item is told apart by its name, in reports as in --only.
  void check_names(const Release& release) {
    std::set<std::string> seen;
    const auto check = [&](const std::string& name, std::string_view what) {
      if (!name.empty() && !seen.insert(std::string(what) + name).second)
        diagnostics_.error(input_.document.span, "config.duplicate", "",
                           fmt::format("{} \"{}\" is there twice", what, name),
                           what == "task" ? "give one of them another `name`" : "");
    };
    for (const TaskRun& run : release.tasks_before) check(run.name, "task");
    for (const TaskRun& run : release.tasks_after) check(run.name, "task");
    for (const ServiceRelease& service : release.services) check(service.name, "service");
    for (const ScheduleRelease& schedule : release.schedules) {
      const auto& [rule, event_bus, name, group] = schedule.trigger;
      if (schedule.trigger.is_rule())
        check(event_bus.empty() ? rule : fmt::format("{}/{}", event_bus, rule), "rule");
      else
        check(group.empty() ? name : fmt::format("{}/{}", group, name), "schedule");
    }
  }

  const DialectInput& input_;
  Diagnostics& diagnostics_;
  std::map<std::string, std::string> names_of_keys_;  // key in the file -> service's name
  std::set<std::string> containers_;                  // every container any item names
  std::set<std::size_t> used_image_flags_;
};

}  // namespace

bool looks_like_native(const Node& document) { return document.find("slipway") != nullptr; }

std::optional<Release> read_native(const DialectInput& input, Diagnostics& diagnostics) {
  Release release = NativeReader(input, diagnostics).read();
  if (diagnostics.has_errors()) return std::nullopt;
  return release;
}

}  // namespace slipway
