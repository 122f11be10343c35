#include "cli/ecs_deploy_flags.h"

#include "base/text.h"
#include "cli/exit_status.h"
#include "cli/version.h"
#include "model/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <map>
#include <string_view>

namespace slipway::cli {
namespace {

enum class Takes { kNothing, kValue, kMaybeValue };

struct Option {
  std::string_view letter;  // "-c"; empty: none
  std::string_view name;    // "--cluster"
  Takes takes = Takes::kValue;
  std::string_view value;  // in the help
  std::string_view about;
};

// In the order of the help.
constexpr std::array kOptions = {
    Option{"-n", "--service-name", Takes::kValue, "NAME", "service to update"},
    Option{"-d", "--task-definition", Takes::kValue, "REF",
           "instead: family, family:revision or ARN to make a new revision of"},
    Option{"-c", "--cluster", Takes::kValue, "NAME", "cluster; needed with -n and --run-task"},
    Option{"-i", "--image", Takes::kValue, "IMAGE",
           "new image, for the containers that use its repository"},
    Option{"-to", "--tag-only", Takes::kValue, "TAG", "instead: new tag of every container"},
    Option{"-e", "--tag-env-var", Takes::kValue, "VARIABLE",
           "take the tag from there when IMAGE has none"},
    Option{"", "--container", Takes::kValue, "NAME", "change only this one; may be repeated"},
    Option{"", "--allow-repository-change", Takes::kNothing, "",
           "change --container NAME, or the only one, although its repository differs"},
    Option{"", "--task-definition-file", Takes::kValue, "PATH",
           "content of the new revision, as describe-task-definition answers it"},
    Option{"", "--use-latest-task-def", Takes::kNothing, "",
           "base on the newest revision of the family, not on the one in use"},
    Option{"", "--copy-task-definition-tags", Takes::kNothing, "",
           "no longer needed: tags are always copied"},
    Option{"-D", "--desired-count", Takes::kValue, "N", "set the desired count too"},
    Option{"-m", "--min", Takes::kValue, "PERCENT", "set minimumHealthyPercent too"},
    Option{"-M", "--max", Takes::kValue, "PERCENT", "set maximumPercent too"},
    Option{"-t", "--timeout", Takes::kValue, "SECONDS", "limit of each phase of waiting [90]"},
    Option{"", "--skip-deployments-check", Takes::kNothing, "",
           "do not wait until the old deployment is gone"},
    Option{"", "--enable-rollback", Takes::kNothing, "",
           "on failure send the service back to where it was"},
    Option{"", "--max-definitions", Takes::kValue, "N",
           "after success keep the newest N revisions [0: all]"},
    Option{"", "--force-new-deployment", Takes::kNothing, "",
           "only start a new deployment of what the service runs"},
    Option{"", "--run-task", Takes::kNothing, "", "with -d: run the new revision once"},
    Option{"", "--wait-for-success", Takes::kNothing, "",
           "wait for that task and judge its containers"},
    Option{"", "--launch-type", Takes::kValue, "TYPE", "of that task: EC2, FARGATE, EXTERNAL"},
    Option{"", "--platform-version", Takes::kValue, "VERSION", "of that task"},
    Option{"", "--network-configuration", Takes::kValue, "TEXT",
           "of that task: AWS CLI shorthand, JSON or file://PATH"},
    Option{"-k", "--aws-access-key", Takes::kValue, "ID", "key [AWS_ACCESS_KEY_ID]"},
    Option{"-s", "--aws-secret-key", Takes::kValue, "KEY", "its secret [AWS_SECRET_ACCESS_KEY]"},
    Option{"-r", "--region", Takes::kValue, "NAME", "region [AWS_DEFAULT_REGION, AWS_REGION]"},
    Option{"-p", "--profile", Takes::kValue, "NAME", "profile of ~/.aws [AWS_PROFILE]"},
    Option{"", "--aws-instance-profile", Takes::kNothing, "",
           "only the role of this container or instance"},
    Option{"-a", "--aws-assume-role", Takes::kValue, "ARN", "assume this role first"},
    Option{"", "--dry-run", Takes::kNothing, "", "print what would be registered and stop"},
    Option{"", "--report", Takes::kValue, "FILE",
           "write a page (HTML, one file) of the whole run when it ends"},
    Option{"", "--sim", Takes::kMaybeValue, "[=SCENARIO]",
           "on the embedded simulator of AWS instead of on AWS"},
    Option{"", "--speed", Takes::kValue, "X",
           "with --sim: simulated seconds per second, 0 for no waiting [0]"},
    Option{"-v", "--verbose", Takes::kNothing, "", "every call with its parameters, on stderr"},
    Option{"", "--version", Takes::kNothing, "", "print which program this is"},
    Option{"-h", "--help", Takes::kNothing, "", "print this page"},
};

const Option* find_option(std::string_view word) {
  const auto found = std::ranges::find_if(kOptions, [&](const Option& option) {
    return option.name == word || (!option.letter.empty() && option.letter == word);
  });
  return found == kOptions.end() ? nullptr : &*found;
}

Exit mistake(int status, const std::string& message) {
  return {.status = status, .err = "error: " + message + "\n"};
}

// What stands on the command line, before anything is made of it. Of a value given twice the last
// counts.
class Given {
 public:
  // Set when the program ends here.
  std::optional<Exit> read(const std::vector<std::string>& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const std::string& argument = arguments[i];
      // The GitHub action passes an empty text for each input that nobody gave.
      if (argument.empty()) continue;
      const std::size_t equals =
          argument.starts_with("--") ? argument.find('=') : std::string::npos;
      const std::string word = argument.substr(0, equals);
      const Option* const option = find_option(word);
      if (option == nullptr) return unknown(word);
      if (option->name == "--version")
        return Exit{.status = kDone, .out = version_text("ecs-deploy")};
      if (option->name == "--help") return Exit{.status = kDone, .out = ecs_deploy_help()};
      std::optional<std::string> attached;
      if (equals != std::string::npos) attached = argument.substr(equals + 1);
      const std::string* const next = i + 1 < arguments.size() ? &arguments[i + 1] : nullptr;
      switch (option->takes) {
        case Takes::kValue:
          if (!attached && next == nullptr)
            return mistake(kEcsDeployUsage, word + " needs a value");
          if (!attached) ++i;
          set(*option, attached ? *attached : *next);
          break;
        case Takes::kMaybeValue:
          set(*option, attached.value_or(""));
          break;
        case Takes::kNothing:
          if (!attached && next != nullptr && is_value_of_switch(*option, *next)) {
            attached = *next;
            ++i;
          }
          if (std::optional<Exit> exit = set_switch(*option, word, attached)) return exit;
          break;
      }
    }
    return std::nullopt;
  }

  bool has(std::string_view name) const { return values_.contains(name); }
  // Empty when not given, or given as an empty text, which the GitHub action makes of no input.
  std::string text(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::string() : found->second;
  }
  const std::vector<std::string>& containers() const { return containers_; }
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  static Exit unknown(const std::string& word) {
    std::vector<std::string> names;
    for (const Option& option : kOptions) names.emplace_back(option.name);
    const std::optional<std::string> near =
        word.starts_with("--") ? nearest(word, names) : std::nullopt;
    return {.status = kEcsDeployUsage,
            .out = ecs_deploy_help(),
            .err = fmt::format("error: unknown argument {}{}\n", quote(word),
                               near ? ", did you mean " + *near + "?" : "")};
  }

  // "true" and "false" after a switch, and the ARN that people give --aws-instance-profile.
  static bool is_value_of_switch(const Option& option, const std::string& next) {
    return next == "true" || next == "false" ||
           (option.name == "--aws-instance-profile" && next.starts_with("arn:"));
  }

  void set(const Option& option, const std::string& value) {
    if (option.name == "--container") containers_.push_back(value);
    values_.insert_or_assign(option.name, value);
  }

  std::optional<Exit> set_switch(const Option& option, const std::string& word,
                                 const std::optional<std::string>& value) {
    if (value == "false") {
      values_.erase(option.name);
      return std::nullopt;
    }
    if (value && value->starts_with("arn:"))
      warnings_.push_back(word + " takes no value: " + *value + " is ignored");
    else if (value && *value != "true" && !value->empty())
      return mistake(kEcsDeployUsage,
                     fmt::format("{} takes no value, found {}", word, quote(*value)));
    set(option, "");
    return std::nullopt;
  }

  std::map<std::string_view, std::string> values_;  // by the option's name
  std::vector<std::string> containers_;
  std::vector<std::string> warnings_;
};

// nullopt: no whole number of at least 0 that fits.
std::optional<int> whole_number(const std::string& text) {
  int number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, failed] = std::from_chars(text.data(), end, number);
  if (failed != std::errc() || stopped != end || number < 0) return std::nullopt;
  return number;
}

// The original's checks, in its order and with its numbers.
std::optional<Exit> check_as_the_original(const Given& given) {
  const bool has_service = !given.text("--service-name").empty();
  const bool has_definition = !given.text("--task-definition").empty();
  const bool has_cluster = !given.text("--cluster").empty();
  const bool runs_task = given.has("--run-task");
  if (!has_service && !has_definition)
    return mistake(kNeitherServiceNorTaskDefinition,
                   "one of --service-name and --task-definition is required");
  if (has_service && has_definition)
    return mistake(kServiceAndTaskDefinition,
                   "only one of --service-name and --task-definition may be given");
  if (has_service && !has_cluster)
    return mistake(kNoCluster, "--cluster is required with --service-name");
  const bool has_content = given.has("--image") || !given.text("--tag-only").empty() ||
                           !given.text("--task-definition-file").empty();
  if (!has_content && !given.has("--force-new-deployment"))
    return mistake(kNoImage, "--image is required");
  if (const std::string count = given.text("--max-definitions");
      !count.empty() && !whole_number(count))
    return mistake(
        kBadMaxDefinitions,
        "--max-definitions: expected a whole number of 0 or more, found " + quote(count));
  if (!given.text("--launch-type").empty() && !runs_task)
    return mistake(kLaunchTypeWithoutTask, "--launch-type needs --run-task");
  if (!given.text("--network-configuration").empty() && !runs_task)
    return mistake(kTaskOptionWithoutTask, "--network-configuration needs --run-task");
  if (given.has("--wait-for-success") && !runs_task)
    return mistake(kTaskOptionWithoutTask, "--wait-for-success needs --run-task");
  if (!given.text("--platform-version").empty() && !runs_task)
    return mistake(kPlatformVersionWithoutTask, "--platform-version needs --run-task");
  return std::nullopt;
}

// What the original let through and then did something else than was meant.
std::optional<Exit> check_further(const Given& given) {
  const bool has_service = !given.text("--service-name").empty();
  for (const std::string_view name : {"--timeout", "--min", "--max", "--desired-count"})
    if (const std::string number = given.text(name); !number.empty() && !whole_number(number))
      return mistake(
          kEcsDeployUsage,
          fmt::format("{}: expected a whole number of 0 or more, found {}", name, quote(number)));
  if (given.has("--dry-run") && given.has("--report"))
    return mistake(kEcsDeployUsage, "--dry-run and --report exclude each other: nothing is run");
  if (given.has("--run-task") && has_service)
    return mistake(kEcsDeployUsage, "--run-task needs --task-definition and no --service-name");
  if (given.has("--run-task") && given.text("--cluster").empty())
    return mistake(kEcsDeployUsage, "--cluster is required with --run-task");
  if (given.has("--force-new-deployment") && !has_service)
    return mistake(kEcsDeployUsage, "--force-new-deployment needs --service-name and --cluster");
  if (const std::string tag = given.text("--tag-only"); !tag.empty() && !is_tag(tag))
    return mistake(kEcsDeployUsage, fmt::format("--tag-only: {} is not a tag: up to 128 letters, "
                                                "digits, '_', '.' and '-', the first no '.' or '-'",
                                                quote(tag)));
  if (const std::string speed = given.text("--speed"); !speed.empty() && !whole_number(speed))
    return mistake(kEcsDeployUsage,
                   "--speed: expected a whole number of 0 or more, found " + quote(speed));
  return std::nullopt;
}

// Flags that mean nothing beside the others.
void warn_of_ignored(const Given& given, EcsDeployFlags& flags) {
  const auto ignored = [&](std::string_view name, std::string_view why) {
    if (given.has(name) && (find_option(name)->takes != Takes::kValue || !given.text(name).empty()))
      flags.warnings.push_back(fmt::format("{} has no effect {}", name, why));
  };
  if (given.has("--force-new-deployment")) {
    for (const std::string_view name :
         {"--image", "--tag-only", "--tag-env-var", "--container", "--allow-repository-change",
          "--task-definition-file", "--use-latest-task-def", "--copy-task-definition-tags",
          "--desired-count", "--min", "--max", "--max-definitions"})
      ignored(name, "with --force-new-deployment, which makes no new revision");
    return;
  }
  if (!given.text("--tag-only").empty()) {
    ignored("--image", "with --tag-only");
    ignored("--tag-env-var", "with --tag-only");
    ignored("--allow-repository-change", "with --tag-only");
  }
  if (given.text("--service-name").empty())
    for (const std::string_view name :
         {"--desired-count", "--min", "--max", "--enable-rollback", "--skip-deployments-check"})
      ignored(name, "without --service-name");
}

// 13 when the image cannot be read, or its tag not found.
std::optional<Exit> choose_images(const Given& given, const Environment& environment,
                                  EcsDeployFlags& flags) {
  SingleService& wanted = flags.wanted;
  if (wanted.force_only) return std::nullopt;
  if (const std::string tag = given.text("--tag-only"); !tag.empty()) {
    wanted.images = TagOfAll{tag};
    flags.image_line = "Tag: " + tag;
    return std::nullopt;
  }
  // Without an image the file's stay as they are.
  if (!given.has("--image") ||
      (given.text("--image").empty() && !flags.task_definition_file.empty()))
    return std::nullopt;
  Result<ImageReference> image = parse_image(given.text("--image"), kTypedImage);
  if (const std::string variable = given.text("--tag-env-var"); image && !variable.empty())
    image = with_tag_of_variable(*image, variable, environment.get(variable));
  if (!image) return mistake(kBadImage, image.error().message);
  if (!image->digest.empty() && !is_digest(image->digest))
    flags.warnings.push_back("the digest " + image->digest +
                             " has not the 64 hexadecimal digits of sha256");
  const ImageReference normal = with_default_tag(*image);
  wanted.images = ImageOfRepository{normal, given.has("--allow-repository-change")};
  flags.image_line = "Image: " + to_string(normal);
  return std::nullopt;
}

void fill(const Given& given, EcsDeployFlags& flags) {
  flags.access_key = given.text("--aws-access-key");
  flags.secret_key = given.text("--aws-secret-key");
  flags.region = given.text("--region");
  flags.profile = given.text("--profile");
  flags.assume_role = given.text("--aws-assume-role");
  flags.only_machine_role = given.has("--aws-instance-profile");
  flags.task_definition_file = given.text("--task-definition-file");
  flags.network_configuration = given.text("--network-configuration");
  flags.report = given.text("--report");
  flags.dry_run = given.has("--dry-run");
  flags.verbose = given.has("--verbose");
  if (given.has("--sim")) flags.sim = given.text("--sim");
  flags.speed = whole_number(given.text("--speed")).value_or(0);

  SingleService& wanted = flags.wanted;
  wanted.cluster = given.text("--cluster");
  wanted.service = given.text("--service-name");
  wanted.task_definition = given.text("--task-definition");
  if (const auto seconds = whole_number(given.text("--timeout")))
    wanted.timeout = std::chrono::seconds(*seconds);
  wanted.containers = given.containers();
  wanted.use_latest = given.has("--use-latest-task-def");
  wanted.force_only = given.has("--force-new-deployment");
  wanted.desiredCount = whole_number(given.text("--desired-count"));
  wanted.minimumHealthyPercent = whole_number(given.text("--min"));
  wanted.maximumPercent = whole_number(given.text("--max"));
  wanted.waits_for_old_deployment = !given.has("--skip-deployments-check");
  wanted.rolls_back = given.has("--enable-rollback");
  wanted.keep_revisions =
      static_cast<std::size_t>(whole_number(given.text("--max-definitions")).value_or(0));
  if (given.has("--run-task"))
    wanted.run = OneTask{.launchType = given.text("--launch-type"),
                         .platformVersion = given.text("--platform-version"),
                         .waits = given.has("--wait-for-success")};
}

}  // namespace

std::variant<EcsDeployFlags, Exit> parse_ecs_deploy(const std::vector<std::string>& arguments,
                                                    const Environment& environment) {
  if (arguments.empty()) return Exit{.status = kEcsDeployUsage, .out = ecs_deploy_help()};
  Given given;
  if (std::optional<Exit> exit = given.read(arguments)) return *exit;
  if (std::optional<Exit> exit = check_as_the_original(given)) return *exit;
  if (std::optional<Exit> exit = check_further(given)) return *exit;
  EcsDeployFlags flags;
  flags.warnings = given.warnings();
  fill(given, flags);
  warn_of_ignored(given, flags);
  if (std::optional<Exit> exit = choose_images(given, environment, flags)) return *exit;
  return flags;
}

std::string ecs_deploy_help() {
  std::string text =
      R"(Put a new container image into one Amazon ECS service and wait until it runs.

Usage:
  ecs-deploy -c CLUSTER -n SERVICE -i IMAGE [options]
  ecs-deploy -d TASK_DEFINITION -i IMAGE [options]               only a new revision
  ecs-deploy -c CLUSTER -d TASK_DEFINITION -i IMAGE --run-task   and run it once
  ecs-deploy -c CLUSTER -n SERVICE --force-new-deployment

Options:
)";
  for (const Option& option : kOptions) {
    std::string names = option.letter.empty() ? "    " : std::string(option.letter) + ", ";
    names += option.name;
    if (!option.value.empty())
      names += option.takes == Takes::kMaybeValue ? std::string(option.value)
                                                  : " " + std::string(option.value);
    text += fmt::format("  {:<36} {}\n", names, option.about);
  }
  return text;
}

Result<ImageReference> with_tag_of_variable(ImageReference image, const std::string& name,
                                            const std::optional<std::string>& value) {
  if (!image.tag.empty()) return image;
  const bool has_digest = !image.digest.empty();
  if (!value && !has_digest)
    return Error{ErrorKind::kInvalid, "image.tag-variable",
                 fmt::format("{} has no tag, and the environment variable {} that should give it "
                             "is not set",
                             to_string(image), name)};
  if (!value || value->empty()) return image;
  if (!is_tag(*value))
    return Error{
        ErrorKind::kInvalid, "image.tag-variable",
        fmt::format("the environment variable {} has no tag in it: {}", name, quote(*value))};
  image.digest.clear();
  image.tag = *value;
  return image;
}

}  // namespace slipway::cli
