#include "dialect/flags_release.h"

#include "base/json.h"
#include "base/text.h"
#include "dialect/task_definition_file.h"
#include "model/image.h"
#include "model/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace slipway {
namespace {

class FlagsReader {
 public:
  FlagsReader(const FlagFiles* files, Diagnostics& diagnostics)
      : files_(files), diagnostics_(diagnostics) {}

  void error(std::string flag, std::string message, std::string suggestion = {}) {
    diagnostics_.error({.source = std::make_shared<SourceText>(SourceText{std::move(flag), ""})},
                       "flags.unusable", "", std::move(message), std::move(suggestion));
  }

  TaskDefinitionSource definition(const std::string& text) {
    if (text.empty()) return InUse{};
    auto source = task_definition_named(text, files_->directory, files_->read_file, diagnostics_);
    if (!source) error("--task-definition", source.error().message);
    return source && *source ? std::move(**source) : TaskDefinitionSource(InUse{});
  }

  // Those of `images` that are meant for this service, and the tag.
  std::vector<ImageChange> changes(const std::string& item, const ImageFlags& images,
                                   const std::string& tag,
                                   const std::vector<std::string>& containers) {
    std::vector<ImageChange> wanted;
    const auto set = [&](const std::string& container, std::variant<NewTag, NewImage> to) {
      // Several images without a name are each for another repository.
      const auto found = container.empty()
                             ? wanted.end()
                             : std::ranges::find(wanted, container, &ImageChange::container);
      if (found == wanted.end())
        wanted.push_back({container, std::move(to)});
      else
        found->to = std::move(to);
    };
    if (!tag.empty()) {
      for (const std::string& container : containers) set(container, NewTag{tag});
      if (containers.empty()) set("", NewTag{tag});
    }
    for (const auto& [name, image] : images) {
      const std::size_t slash = name.rfind('/');
      if (slash != std::string::npos && name.substr(0, slash) != item) continue;
      set(slash == std::string::npos ? name : name.substr(slash + 1), NewImage{image});
    }
    return wanted;
  }

  void check_images(const ImageFlags& images, const std::string& tag,
                    const std::vector<std::string>& items) {
    if (!tag.empty() && !is_tag(tag) && !is_digest(tag))
      error("--tag", fmt::format("\"{}\" is neither a tag nor a sha256: digest", tag));
    for (const auto& [name, image] : images) {
      if (const Result<ImageReference> parsed = parse_image(image); !parsed)
        error("--image", parsed.error().message);
      const std::size_t slash = name.rfind('/');
      if (slash == std::string::npos) continue;
      const std::string item = name.substr(0, slash);
      if (std::ranges::find(items, item) != items.end()) continue;
      const std::optional<std::string> near = nearest(item, items);
      error("--image",
            fmt::format("\"{}\" is none of what is released: {}", item, join(items, ", ")),
            near ? "did you mean " + *near + "?" : "");
    }
    const bool bare =
        std::ranges::any_of(images, [](const auto& image) { return image.first.empty(); });
    if (bare && !tag.empty())
      error("--tag", "--tag and an --image without a container's name exclude each other",
            "say the tag in the image");
  }

  void change(TaskRun& run, const TaskChanges& changes_wanted) {
    check_images(changes_wanted.images, changes_wanted.tag, {run.name});
    for (ImageChange& change :
         changes(run.name, changes_wanted.images, changes_wanted.tag, changes_wanted.containers)) {
      const auto same = std::ranges::find(run.images, change.container, &ImageChange::container);
      if (same != run.images.end() && !change.container.empty())
        same->to = std::move(change.to);
      else
        run.images.push_back(std::move(change));
    }
    if (!changes_wanted.command.empty() || !changes_wanted.environment.empty())
      run.container_override = ContainerOverride{
          .container = changes_wanted.containers.empty() ? "" : changes_wanted.containers.front(),
          .command = changes_wanted.command,
          .environment = changes_wanted.environment};
    JsonObject overrides;
    if (run.overrides && run.overrides->is_object()) overrides = run.overrides->get_object();
    if (!changes_wanted.cpu.empty()) overrides["cpu"] = changes_wanted.cpu;
    if (!changes_wanted.memory.empty()) overrides["memory"] = changes_wanted.memory;
    if (!overrides.empty()) run.overrides = std::move(overrides);
    if (changes_wanted.count) run.count = *changes_wanted.count;
    if (!changes_wanted.platformVersion.empty())
      run.platformVersion = changes_wanted.platformVersion;
    if (!changes_wanted.group.empty()) run.group = changes_wanted.group;
    if (changes_wanted.max_wait) run.max_wait = changes_wanted.max_wait;
    place(run, changes_wanted);
    network(run, changes_wanted);
  }

 private:
  void place(TaskRun& run, const TaskChanges& wanted) {
    if (!wanted.launchType.empty() && !wanted.capacityProvider.empty())
      error("--capacity-provider", "--launch-type and --capacity-provider exclude each other");
    if (!wanted.launchType.empty()) {
      run.launchType = wanted.launchType;
      run.capacityProviderStrategy.clear();
    }
    if (!wanted.capacityProvider.empty()) {
      run.launchType.clear();
      run.capacityProviderStrategy = {{.capacityProvider = wanted.capacityProvider, .weight = 1}};
    }
  }

  void network(TaskRun& run, const TaskChanges& wanted) {
    const bool in_parts =
        !wanted.subnets.empty() || !wanted.securityGroups.empty() || wanted.assignPublicIp;
    if (wanted.networkConfiguration) {
      if (in_parts)
        error("--network-configuration",
              "--network-configuration and --subnets, --security-groups, --assign-public-ip "
              "exclude each other");
      const Json* vpc = find(*wanted.networkConfiguration, "awsvpcConfiguration");
      if (vpc == nullptr) return;
      AwsvpcConfiguration configuration;
      configuration.subnets = texts(*vpc, "subnets");
      configuration.securityGroups = texts(*vpc, "securityGroups");
      configuration.assignPublicIp = string_or_empty(*vpc, "assignPublicIp") == "ENABLED";
      run.awsvpcConfiguration = std::move(configuration);
      return;
    }
    if (!in_parts) return;
    AwsvpcConfiguration configuration = run.awsvpcConfiguration.value_or(AwsvpcConfiguration{});
    if (!wanted.subnets.empty()) configuration.subnets = wanted.subnets;
    if (!wanted.securityGroups.empty()) configuration.securityGroups = wanted.securityGroups;
    if (wanted.assignPublicIp) configuration.assignPublicIp = *wanted.assignPublicIp;
    if (configuration.subnets.empty())
      error("--subnets", "a task with a network of its own needs at least one subnet");
    run.awsvpcConfiguration = std::move(configuration);
  }

  static std::vector<std::string> texts(const Json& json, std::string_view member) {
    std::vector<std::string> found;
    if (const JsonArray* array = find_array(json, member))
      for (const Json& item : *array)
        if (item.is_string()) found.emplace_back(item.get_string());
    return found;
  }

  const FlagFiles* files_;  // null when no flag names a file
  Diagnostics& diagnostics_;
};

}  // namespace

std::optional<Release> release_of(const ServicesByFlags& flags, const FlagFiles& files,
                                  Diagnostics& diagnostics) {
  FlagsReader reader(&files, diagnostics);
  if (flags.cluster.empty()) reader.error("--cluster", "it is missing: --service needs a cluster");
  if (flags.task_definition.empty() && flags.images.empty() && flags.tag.empty() &&
      !flags.forceNewDeployment)
    reader.error("--service", "nothing is said that should change",
                 "add --image, --tag, --task-definition or --force-new-deployment");
  if (flags.tag.empty() && !flags.containers.empty())
    reader.error("--container", "it says which containers get the --tag, and there is none");
  reader.check_images(flags.images, flags.tag, flags.services);
  Release release{.cluster = flags.cluster};
  const TaskDefinitionSource definition = reader.definition(flags.task_definition);
  for (const std::string& name : flags.services) {
    if (std::ranges::find(release.services, name, &ServiceRelease::name) !=
        release.services.end()) {
      reader.error("--service", fmt::format("\"{}\" is there twice", name));
      continue;
    }
    ServiceRelease service{
        .name = name,
        .task_definition = definition,
        .images = reader.changes(name, flags.images, flags.tag, flags.containers),
        .forceNewDeployment = flags.forceNewDeployment};
    if (flags.max_wait) service.max_wait = *flags.max_wait;
    release.services.push_back(std::move(service));
  }
  if (diagnostics.has_errors()) return std::nullopt;
  return release;
}

std::optional<Release> release_of(const TaskByFlags& flags, const FlagFiles& files,
                                  Diagnostics& diagnostics) {
  FlagsReader reader(&files, diagnostics);
  if (flags.cluster.empty())
    reader.error("--cluster", "it is missing: --task-definition needs a cluster");
  TaskRun run{.task_definition = reader.definition(flags.task_definition)};
  if (const auto* document = std::get_if<TaskDefinitionDocument>(&run.task_definition))
    run.name = string_or_empty(document->document, "family");
  else if (const auto* given = std::get_if<TaskDefinitionReference>(&run.task_definition))
    run.name = family_of(given->reference);
  else if (!diagnostics.has_errors())
    reader.error("--task-definition", "a task has no revision of its own",
                 "name the family: a bare family is its newest revision");
  run.essential_only = true;
  reader.change(run, flags.changes);
  if (diagnostics.has_errors()) return std::nullopt;
  Release release{.cluster = flags.cluster};
  release.tasks_before.push_back(std::move(run));
  release.is_only_tasks = true;
  return release;
}

std::optional<Release> task_of(const Release& file, const std::string& name,
                               const TaskChanges& changes, Diagnostics& diagnostics) {
  FlagsReader reader(nullptr, diagnostics);
  std::vector<const TaskRun*> tasks;
  for (const auto* runs : {&file.tasks_before, &file.tasks_after})
    for (const TaskRun& run : *runs) tasks.push_back(&run);
  std::vector<std::string> names;
  for (const TaskRun* run : tasks) names.push_back(run->name);

  const auto found =
      name.empty()
          ? (tasks.size() == 1 ? tasks.begin() : tasks.end())
          : std::ranges::find_if(tasks, [&](const TaskRun* run) { return run->name == name; });
  if (found == tasks.end()) {
    if (tasks.empty())
      reader.error("run", "the file has no tasks", "name one with --cluster and --task-definition");
    else if (name.empty())
      reader.error("run", "the file has several tasks; say which: " + join(names, ", "));
    else if (const std::optional<std::string> near = nearest(name, names))
      reader.error("run", fmt::format("the file has no task named \"{}\"", name),
                   "did you mean " + *near + "?");
    else
      reader.error("run", fmt::format("the file has no task named \"{}\"", name),
                   "it has " + join(names, ", "));
    return std::nullopt;
  }
  TaskRun run = **found;
  reader.change(run, changes);
  if (diagnostics.has_errors()) return std::nullopt;
  Release release{.application = file.application, .cluster = file.cluster};
  release.tasks_before.push_back(std::move(run));
  release.is_only_tasks = true;
  return release;
}

std::optional<std::vector<std::string>> split_command(const std::string& text) {
  const std::string_view trimmed = trim(text);
  std::vector<std::string> words;
  if (trimmed.starts_with("[")) {
    const Result<Json> json = parse_json(trimmed);
    if (!json || !json->is_array()) return std::nullopt;
    for (const Json& item : json->get_array()) {
      if (!item.is_string()) return std::nullopt;
      words.emplace_back(item.get_string());
    }
    return words;
  }
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < trimmed.size(); ++i) {
    const char c = trimmed[i];
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      if (in_word) words.push_back(std::exchange(word, {}));
      in_word = false;
      continue;
    }
    in_word = true;
    if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'' && i + 1 < trimmed.size()) {
      word += trimmed[++i];
    } else {
      word += c;
    }
  }
  if (quote != 0) return std::nullopt;
  if (in_word) words.push_back(std::move(word));
  return words;
}

}  // namespace slipway
