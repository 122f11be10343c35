#include "cli/ecs_crd_flags.h"

#include "aws/endpoint.h"
#include "base/text.h"
#include "cli/flags.h"
#include "cli/version.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace slipway::cli {
namespace {

constexpr std::array<std::string_view, 5> kEnvironments = {"dev", "qua", "stage", "preprod",
                                                           "prod"};
constexpr std::string_view kDefaultEnvironment = "stage";
constexpr std::string_view kDefaultRegion = "eu-west-3";

struct Command {
  std::string_view word;
  EcsCrdCommand command;
  std::string_view about;
};
constexpr std::array<Command, 4> kCommands = {{
    {"deploy", EcsCrdCommand::kDeploy, "release the service beside the one that serves"},
    {"undeploy", EcsCrdCommand::kUndeploy, "take the service away, with all that was made for it"},
    {"dry-run", EcsCrdCommand::kDryRun, "every check of deploy; nothing is changed"},
    {"validate", EcsCrdCommand::kDryRun, "the same"},
}};

struct Option {
  Flag flag;
  std::string_view value;
  std::string_view about;
};

// {0} in `about` stands for the default.
const std::vector<Option>& options() {
  static const std::vector<Option> kOptions = {
      {{.name = "environment", .letter = 'e'}, "NAME", "dev, qua, stage, preprod or prod [stage]"},
      {{.name = "region", .letter = 'r'}, "REGION", "where to [eu-west-3]"},
      {{.name = "configuration-file", .letter = 'f'}, "FILE", "the deployment file; wins over -d"},
      {{.name = "configuration-dir", .letter = 'd'},
       "DIR",
       "where NAME.deploy.yml is looked for [the working directory]"},
      {{.name = "yes", .takes = FlagValue::kBoolean}, "", "undeploy without being asked"},
      {{.name = "keep-logs", .takes = FlagValue::kBoolean}, "", "undeploy all but the log group"},
      {{.name = "replace-leftover", .takes = FlagValue::kBoolean},
       "",
       "deploy: delete what a release that failed left on the idle side"},
      {{.name = "assume-live"},
       "LABEL",
       "the side that serves, where what is found contradicts itself"},
      {{.name = "wait-lock"}, "SECONDS", "wait so long for another run to end [0]"},
      {{.name = "strict", .takes = FlagValue::kBoolean},
       "",
       "unknown keys are errors; a message that is not sent is status 100"},
      {{.name = "save-plan"}, "FILE", "write what would be made, templates included (mode 0600)"},
      {{.name = "verbose-values", .takes = FlagValue::kBoolean},
       "",
       "environment values in the clear, on the screen and in files"},
      {{.name = "verbose", .takes = FlagValue::kBoolean}, "", "more of it, with time and level"},
      {{.name = "trace-calls", .takes = FlagValue::kBoolean},
       "",
       "each call to AWS, values masked"},
      {{.name = "log-file"}, "FILE", "append what is said to this file too (mode 0600)"},
      {{.name = "output"}, "text|json", "json: every event on stdout, a line each [text]"},
      {{.name = "report"}, "FILE", "write a page (HTML, one file) of the whole run when it ends"},
      {{.name = "profile"}, "NAME", "of the AWS configuration"},
      {{.name = "endpoint-url"}, "URL", "instead of AWS's own"},
      {{.name = "sim", .takes = FlagValue::kOptionalText},
       "[=SCENARIO]",
       "on the embedded simulator of AWS [canary]"},
      {{.name = "speed"}, "X", "with --sim: simulated seconds per second, 0 for no waiting [0]"},
      {{.name = "version", .takes = FlagValue::kBoolean}, "", "name and version"},
      {{.name = "help", .letter = 'h', .takes = FlagValue::kBoolean}, "", "this page"},
  };
  return kOptions;
}

std::vector<Flag> flags() {
  std::vector<Flag> all;
  for (const Option& option : options()) all.push_back(option.flag);
  return all;
}

std::string help_of_options() {
  std::string text = "Options:\n";
  for (const Option& option : options()) {
    std::string names = option.flag.letter == 0 ? "    " : fmt::format("-{}, ", option.flag.letter);
    names += "--" + std::string(option.flag.name);
    if (!option.value.empty())
      names += (option.value.starts_with('[') ? "" : " ") + std::string(option.value);
    text += fmt::format("  {:<34} {}\n", names, option.about);
  }
  return text;
}

std::string help_of_all(const std::string& program) {
  std::string text = fmt::format(
      "Canary releases of an Amazon ECS service behind two load balancers, moved by DNS "
      "weights.\n\n"
      "Usage: {} COMMAND [options]\n\nCommands:\n",
      program);
  for (const Command& command : kCommands)
    text += fmt::format("  {:<10} {}\n", command.word, command.about);
  return text + fmt::format("  {:<10} name and version\n\n", "version") + help_of_options();
}

std::string help_of(const std::string& program, const Command& command) {
  return fmt::format("Usage: {} {} [options]\n\n{}\n\n", program, command.word, command.about) +
         help_of_options();
}

Exit mistake(const std::string& program, const std::string& message) {
  return {.status = kEcsCrdUsageOrFile, .out = {}, .err = program + ": error: " + message + "\n"};
}

// "eu-west-3", "us-gov-east-1": AWS adds regions faster than programs learn of them.
bool is_region(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, '-');
  if (parts.size() < 3) return false;
  const auto is_word = [](std::string_view part) {
    return !part.empty() && std::ranges::all_of(part, [](char c) { return c >= 'a' && c <= 'z'; });
  };
  const std::string_view number = parts.back();
  return std::ranges::all_of(parts.begin(), parts.end() - 1, is_word) && parts[0].size() == 2 &&
         number.size() <= 2 && !number.empty() &&
         std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
}

// Fills in the deployment file; the message when it is not there.
std::string find_file(const ParsedFlags& given, const std::filesystem::path& directory,
                      EcsCrdFlags& flags) {
  std::error_code ignored;
  if (const auto file = given.text("configuration-file"); file && !file->empty()) {
    flags.file_name = *file;
    flags.file = directory / *file;
    // A pipe is a file, too: `-f <(envsubst < template.yml)`.
    if (std::filesystem::is_directory(flags.file, ignored))
      return *file + " is a directory; --configuration-dir takes those";
    if (!std::filesystem::exists(flags.file, ignored))
      return "there is no deployment file " + *file;
    return {};
  }
  std::string where = given.text("configuration-dir").value_or("");
  if (!where.empty() && !std::filesystem::is_directory(directory / where, ignored))
    return "there is no directory " + where;
  if (!where.empty() && !where.ends_with('/')) where += '/';
  flags.file_name = where + flags.environment + ".deploy.yml";
  flags.file = directory / flags.file_name;
  if (!std::filesystem::is_regular_file(flags.file, ignored))
    return fmt::format("there is no deployment file {} in {}", flags.environment + ".deploy.yml",
                       where.empty() ? "the working directory" : where);
  return {};
}

std::variant<EcsCrdFlags, Exit> read(const ParsedFlags& given, const Command& command,
                                     const std::filesystem::path& directory,
                                     const std::string& program) {
  EcsCrdFlags flags;
  flags.command = command.command;
  flags.environment = given.text("environment").value_or(std::string(kDefaultEnvironment));
  flags.region = given.text("region").value_or(std::string(kDefaultRegion));
  if (std::ranges::find(kEnvironments, flags.environment) == kEnvironments.end())
    return mistake(program, fmt::format("--environment: {} is none of {}", quote(flags.environment),
                                        join_with_or(kEnvironments)));
  if (!is_region(flags.region))
    return mistake(program, fmt::format("--region: {} is no region; one looks like eu-west-3",
                                        quote(flags.region)));
  const std::optional<std::int64_t> wait = given.integer("wait-lock", 0);
  if (!wait)
    return mistake(program, "--wait-lock: expected a whole number of seconds of 0 or more, found " +
                                quote(*given.text("wait-lock")));
  flags.wait_lock = std::chrono::seconds(*wait);
  const std::optional<double> speed = given.number("speed", 0);
  if (!speed || *speed < 0) return mistake(program, "--speed: expected a number of 0 or more");
  flags.speed = *speed;
  const std::string output = given.text("output").value_or("text");
  if (output != "text" && output != "json")
    return mistake(program, "--output: expected text or json, found " + quote(output));
  flags.json = output == "json";
  flags.yes = given.boolean("yes");
  flags.keep_logs = given.boolean("keep-logs");
  flags.replace_leftover = given.boolean("replace-leftover");
  flags.strict = given.boolean("strict");
  flags.verbose = given.boolean("verbose");
  flags.verbose_values = given.boolean("verbose-values");
  flags.trace_calls = given.boolean("trace-calls");
  flags.assume_live = given.text("assume-live").value_or("");
  flags.save_plan = given.text("save-plan").value_or("");
  flags.log_file = given.text("log-file").value_or("");
  flags.report = given.text("report").value_or("");
  if (flags.command == EcsCrdCommand::kDryRun && !flags.report.empty())
    return mistake(program, "--report is about a run, and a dry run does nothing");
  flags.profile = given.text("profile").value_or("");
  flags.endpoint_url = given.text("endpoint-url").value_or("");
  flags.sim = given.text("sim");
  if (flags.sim && flags.sim->empty()) flags.sim = "canary";
  if (const std::string missing = find_file(given, directory, flags); !missing.empty())
    return mistake(program, missing);
  return flags;
}

}  // namespace

std::variant<EcsCrdFlags, Exit> parse_ecs_crd(const std::vector<std::string>& arguments,
                                              const std::filesystem::path& directory,
                                              const std::string& program) {
  const ParsedFlags given(arguments, flags());
  const std::string version =
      fmt::format("ecs-crd: canary releases on Amazon ECS - {}\n", version_number());
  if (!given.error().empty()) return mistake(program, given.error());
  if (given.boolean("version")) return Exit{.out = version, .err = {}};
  const std::vector<std::string>& words = given.words();
  if (words.empty()) {
    if (given.boolean("help")) return Exit{.out = help_of_all(program), .err = {}};
    return mistake(program, "one of deploy, undeploy, dry-run, validate and version is required");
  }
  if (words[0] == "version") return Exit{.out = version, .err = {}};
  const auto command = std::ranges::find(kCommands, words[0], &Command::word);
  if (command == kCommands.end()) {
    const std::optional<std::string> near =
        nearest(words[0], {"deploy", "undeploy", "dry-run", "validate", "version"});
    return mistake(program, fmt::format("unknown command {}{}", quote(words[0]),
                                        near ? ", did you mean " + *near + "?" : ""));
  }
  if (given.boolean("help")) return Exit{.out = help_of(program, *command), .err = {}};
  if (words.size() > 1) return mistake(program, "unknown argument " + quote(words[1]));
  return read(given, *command, directory, program);
}

}  // namespace slipway::cli
