// The command line of ecs-toolkit 0.2.2, as its users type it: its flags, its log, its exit
// statuses (0 and 1). Everything behind it is slipway's.
#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/files.h"
#include "cli/flags.h"
#include "cli/reporting.h"
#include "cli/running.h"
#include "cli/session.h"
#include "cli/showing.h"
#include "cli/version.h"
#include "view/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace slipway::cli {
namespace {

constexpr int kFailure = 1;

constexpr std::string_view kHelp =
    R"(Release an application to Amazon ECS: one-off tasks before, its services, one-off tasks after.

Usage:
  ecs-toolkit [flags]
  ecs-toolkit [command]

Commands:
  deploy      roll the application out with one image tag
  version     print which program this is
  completion  print a completion script for bash, zsh, fish or powershell
  help        print this page, or that of a command

Flags:
  -c, --config PATH      application file [.ecs-toolkit.yml]
  -l, --log-level LEVEL  trace, debug, info, warn, error, fatal or panic [info]
      --log-format FORM  text, logfmt or json [text on a terminal, else logfmt]
  -h, --help             print this page
)";

constexpr std::string_view kDeployHelp =
    R"(Run the tasks before, then update all services and wait until they are stable, then run the
tasks after. A stage with a failed item ends the run; nothing is rolled back.

Usage:
  ecs-toolkit deploy -t TAG [flags]

Flags:
  -t, --image-tag TAG    image tag to release (required)
      --skip-tasks       run no tasks, before or after
      --skip-pre-tasks   run no tasks before the services
      --skip-post-tasks  run no tasks after the services
      --fail-on-skipped  exit 1 when a service of the file does not exist
      --max-parallel N   at most so many items of a stage at a time, 0 for all [0]
      --strict           unknown keys in the file are errors
      --report FILE      write a page (HTML, one file) of the whole run when it ends
      --sim[=SCENARIO]   on the embedded simulator of AWS instead of on AWS
      --speed X          with --sim: simulated seconds per second, 0 for no waiting [0]
  -h, --help             print this page

Global flags:
  -c, --config PATH      application file [.ecs-toolkit.yml]
  -l, --log-level LEVEL  trace, debug, info, warn, error, fatal or panic [info]
      --log-format FORM  text, logfmt or json [text on a terminal, else logfmt]
)";

constexpr std::string_view kVersionHelp =
    R"(Print which program this is: its name, version, source revision and the time of its source.

Usage:
  ecs-toolkit version [flags]

Flags:
      --short  print only the version
  -h, --help   print this page

Global flags:
  -l, --log-level LEVEL  trace, debug, info, warn, error, fatal or panic [info]
)";

constexpr std::string_view kCompletionHelp =
    R"(Print a script that completes the commands and flags of ecs-toolkit in a shell.

Usage:
  ecs-toolkit completion bash|zsh|fish|powershell

Examples:
  source <(ecs-toolkit completion bash)
  ecs-toolkit completion fish > ~/.config/fish/completions/ecs-toolkit.fish

Flags:
  -h, --help   print this page
)";

const std::vector<Flag> kGlobalFlags = {
    {.name = "config", .letter = 'c', .takes = FlagValue::kText},
    {.name = "log-level", .letter = 'l', .takes = FlagValue::kText},
    {.name = "log-format", .takes = FlagValue::kText},
    {.name = "help", .letter = 'h', .takes = FlagValue::kBoolean},
};
const std::vector<Flag> kDeployFlags = {
    {.name = "image-tag", .letter = 't', .takes = FlagValue::kText},
    {.name = "skip-tasks", .takes = FlagValue::kBoolean},
    {.name = "skip-pre-tasks", .takes = FlagValue::kBoolean},
    {.name = "skip-post-tasks", .takes = FlagValue::kBoolean},
    {.name = "fail-on-skipped", .takes = FlagValue::kBoolean},
    {.name = "max-parallel", .takes = FlagValue::kText},
    {.name = "strict", .takes = FlagValue::kBoolean},
    {.name = "report", .takes = FlagValue::kText},
    {.name = "sim", .takes = FlagValue::kOptionalText},
    {.name = "speed", .takes = FlagValue::kText},
};
const std::vector<Flag> kVersionFlags = {{.name = "short", .takes = FlagValue::kBoolean}};

constexpr std::array<std::string_view, 4> kCommands = {"deploy", "version", "completion", "help"};

const std::vector<Flag>& flags_of(std::string_view command) {
  static const std::vector<Flag> kNone;
  if (command == "deploy") return kDeployFlags;
  if (command == "version") return kVersionFlags;
  return kNone;
}

std::string_view help_of(std::string_view command) {
  if (command == "deploy") return kDeployHelp;
  if (command == "version") return kVersionHelp;
  if (command == "completion") return kCompletionHelp;
  return kHelp;
}

int mistake(Process& process, const std::string& message) {
  process.err("Error: " + message + "\n");
  return kFailure;
}

std::string completion(std::string_view shell) {
  std::string words;
  for (const std::string_view command : kCommands) words += std::string(command) + " ";
  std::string flags;
  for (const auto* list : {&kGlobalFlags, &kDeployFlags})
    for (const Flag& flag : *list) flags += "--" + std::string(flag.name) + " ";
  if (shell == "fish") {
    std::string text =
        "complete -c ecs-toolkit -f\ncomplete -c ecs-toolkit -n __fish_use_subcommand -a '" +
        words + "'\n";
    for (const auto* list : {&kGlobalFlags, &kDeployFlags})
      for (const Flag& flag : *list)
        text += "complete -c ecs-toolkit -l " + std::string(flag.name) +
                (flag.letter != 0 ? fmt::format(" -s {}", flag.letter) : std::string()) +
                (flag.takes == FlagValue::kText ? " -r" : "") + "\n";
    return text;
  }
  if (shell == "powershell")
    return "Register-ArgumentCompleter -Native -CommandName ecs-toolkit -ScriptBlock {\n"
           "  param($word, $ast, $cursor)\n  '" +
           words + flags +
           "'.Trim() -split ' ' | Where-Object { $_ -like \"$word*\" } | ForEach-Object {\n"
           "    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', "
           "$_)\n"
           "  }\n}\n";
  const std::string bash = "_ecs_toolkit() {\n  COMPREPLY=($(compgen -W \"" + words + flags +
                           "\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\ncomplete -o default -F "
                           "_ecs_toolkit ecs-toolkit\n";
  return shell == "zsh"
             ? "#compdef ecs-toolkit\nautoload -U +X bashcompinit && bashcompinit\n" + bash
             : bash;
}

// Whether a diagnostic is about what a sound document says, rather than about its form.
bool is_about_a_value(const Diagnostic& diagnostic) { return !diagnostic.path.empty(); }

// A log line for each violation, then one fatal line that names the file.
void tell(Process& process, LogView& log, TimePoint at, const std::string& file,
          const Diagnostics& diagnostics) {
  std::string cause;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    const bool is_error = diagnostic.severity == Severity::kError;
    if (is_error && !is_about_a_value(diagnostic)) {
      if (cause.empty()) {
        cause = diagnostic.message;
        if (diagnostic.span.line > 0)
          cause = fmt::format("line {}, column {}: {}", diagnostic.span.line,
                              diagnostic.span.column, cause);
      }
    } else {
      std::string message = diagnostic.path.empty() ? diagnostic.message
                                                    : diagnostic.path + ": " + diagnostic.message;
      if (!diagnostic.suggestion.empty()) message += ", " + diagnostic.suggestion;
      Line line{.level = is_error ? LogLevel::kError : LogLevel::kWarn,
                .message = std::move(message)};
      if (diagnostic.span.line > 0)
        line.fields = {
            {"at", fmt::format("{}:{}:{}", file, diagnostic.span.line, diagnostic.span.column)}};
      log.write(at, line);
    }
    // A person at a terminal sees the place as well.
    if (process.err_is_terminal && diagnostic.span.line > 0)
      process.err(to_string(diagnostic) + "\n");
  }
  if (diagnostics.has_errors())
    log.write(at, {.level = LogLevel::kFatal,
                   .message = "cannot use application file " + file +
                              (cause.empty() ? std::string(": it breaks the rules above")
                                             : ": " + cause)});
}

// The lines before a release is known, in the form that the flags and the terminal ask for.
struct Log {
  LogSettings settings;
  std::string level_text;
};

int fatal(Process& process, const LogSettings& settings, const std::string& message) {
  LogView(settings, process.err)
      .write(settings.start, {.level = LogLevel::kFatal, .message = message});
  return kFailure;
}

// nullopt when a flag is wrong, which has been told.
std::optional<Log> log_of(Process& process, const ParsedFlags& flags) {
  Log log{.settings = {.format = process.err_is_terminal ? LogFormat::kText : LogFormat::kLogfmt,
                       .color = use_color(process, ColorWhen::kAuto, process.err_is_terminal),
                       .start = std::chrono::floor<Duration>(std::chrono::system_clock::now()),
                       .heartbeat = std::nullopt,
                       .every_look = true},
          .level_text = flags.text("log-level").value_or("info")};
  if (const auto format = flags.text("log-format")) {
    constexpr std::pair<std::string_view, LogFormat> kFormats[] = {
        {"text", LogFormat::kText}, {"logfmt", LogFormat::kLogfmt}, {"json", LogFormat::kJson}};
    const auto* found =
        std::ranges::find(kFormats, *format, &std::pair<std::string_view, LogFormat>::first);
    if (found == std::end(kFormats)) {
      fatal(process, log.settings,
            fmt::format("log-format: expected text, logfmt or json, found \"{}\"", *format));
      return std::nullopt;
    }
    log.settings.format = found->second;
  }
  const std::optional<LogLevel> level = parse_log_level(log.level_text);
  if (!level) {
    fatal(process, log.settings,
          fmt::format("log-level: expected trace, debug, info, warn, error, fatal or panic, "
                      "found \"{}\"",
                      log.level_text));
    return std::nullopt;
  }
  log.settings.level = *level;
  return log;
}

int deploy(Process& process, const ParsedFlags& flags, const Log& log) {
  if (!flags.has("image-tag")) return mistake(process, "required flag \"image-tag\" not set");
  Arguments arguments{.command = "deploy"};
  if (const auto sim = flags.text("sim")) arguments.sim = *sim;
  LogSettings settings = log.settings;
  const TimePoint now = settings.start;
  const std::string tag = flags.text("image-tag").value_or("");
  if (tag.empty()) return fatal(process, settings, "image-tag: must not be empty");
  const std::optional<std::int64_t> max_parallel = flags.integer("max-parallel", 0);
  if (!max_parallel)
    return fatal(process, settings, "max-parallel: expected a whole number of 0 or more");
  const std::optional<double> speed = flags.number("speed", 0);
  if (!speed || *speed < 0)
    return fatal(process, settings, "speed: expected a number of 0 or more");
  arguments.speed = *speed;

  const std::string report_file = flags.text("report").value_or("");
  if (!can_report(process, report_file)) return kFailure;

  LogView first_lines(settings, process.err);
  const std::string config = flags.text("config").value_or(".ecs-toolkit.yml");
  first_lines.write(now, {.level = LogLevel::kDebug, .message = "log level is " + log.level_text});
  first_lines.write(now, {.level = LogLevel::kDebug,
                          .message = "reading application file",
                          .fields = {{"path", config}}});
  Diagnostics diagnostics;
  std::optional<ReleaseFile> file = read_release_as(
      "ecs-toolkit", process, config, {.tag = tag, .strict = flags.boolean("strict")}, diagnostics);
  tell(process, first_lines, now, config, diagnostics);
  if (!file) return kFailure;
  first_lines.write(now, {.level = LogLevel::kDebug,
                          .message = "application file is valid",
                          .fields = {{"path", config}}});

  Release& release = file->release;
  release.fail_on_skipped = flags.boolean("fail-on-skipped");
  release.max_parallel = static_cast<std::size_t>(*max_parallel);
  const bool skip_before = flags.boolean("skip-tasks") || flags.boolean("skip-pre-tasks");
  const bool skip_after = flags.boolean("skip-tasks") || flags.boolean("skip-post-tasks");
  settings.cluster = release.cluster;

  // Nothing to call AWS for: no region or credentials are needed to say so.
  if (release.tasks_before.empty() && release.services.empty() && release.tasks_after.empty()) {
    LogView nothing(settings, process.err);
    for (const auto& [stage, skipped] : {std::pair{StageKind::kTasksBefore, skip_before},
                                         {StageKind::kServices, false},
                                         {StageKind::kTasksAfter, skip_after}})
      if (!skipped) nothing.on({.at = now, .subject = {.stage = stage}, .body = StageEmpty{}});
    return kDone;
  }

  const std::unique_ptr<Session> session =
      Session::open(process, arguments, &release, "ecs-toolkit");
  if (session == nullptr) return kFailure;
  settings.start = session->now();
  const std::unique_ptr<View> view =
      with_report(process, report_file, std::make_unique<LogView>(settings, process.err));
  int status = kFailure;
  const auto no_connection = [&](const Error& error) {
    LogView(settings, process.err)
        .write(session->now(), {.level = LogLevel::kFatal, .message = to_string(error)});
  };
  const auto deploy_it = [&] {
    RunOptions options = run_options(process, *session, "deploy", last_segment(release.cluster));
    options.file = file->name;
    options.dialect = file->dialect;
    options.skip_tasks_before = skip_before;
    options.skip_tasks_after = skip_after;
    options.journal_use = JournalUse::kIfPossible;
    options.reattach = "slipway wait --cluster " + release.cluster + options.where;
    const RunReport report = with_engine(process, *session, *view, std::move(options),
                                         [&](Engine& engine) { return engine.deploy(release); });
    if (!report.signal.empty())
      status = exit_status_of(report);
    else
      status = exit_status_of(report) == kDone ? kDone : kFailure;
  };
  session->run_connected(*view, deploy_it, no_connection);
  return status;
}

}  // namespace

int run_ecs_toolkit(Process& process, const std::vector<std::string>& arguments) {
  std::string command;
  const auto known = [&](std::string_view word) {
    std::vector<Flag> flags = kGlobalFlags;
    const std::vector<Flag>& own = flags_of(word);
    flags.insert(flags.end(), own.begin(), own.end());
    return flags;
  };
  // The command is the first word that is neither a flag nor a flag's value.
  const Result<std::string> first = first_word(arguments, known("deploy"));
  if (first) command = *first;
  const ParsedFlags flags(arguments, known(command));
  if (!command.empty() && std::ranges::find(kCommands, command) == kCommands.end()) {
    const std::optional<std::string> near =
        nearest(command, {"deploy", "version", "completion", "help"});
    return mistake(process, fmt::format("unknown command \"{}\" for \"ecs-toolkit\"{}", command,
                                        near ? ", did you mean " + *near + "?" : ""));
  }
  if (!flags.error().empty()) return mistake(process, flags.error());
  const std::vector<std::string>& words = flags.words();  // the command first
  if (command.empty() || (command == "help" && words.size() == 1)) {
    process.out(std::string(kHelp));
    return kDone;
  }
  if (flags.boolean("help") || command == "help") {
    const std::string& about = command == "help" ? words[1] : command;
    if (std::ranges::find(kCommands, about) == kCommands.end())
      return mistake(process, fmt::format("unknown help topic \"{}\"", about));
    process.out(std::string(help_of(about)));
    return kDone;
  }
  const std::optional<Log> log = log_of(process, flags);
  if (!log) return kFailure;
  if (command == "completion") {
    const std::array<std::string_view, 4> shells = {"bash", "zsh", "fish", "powershell"};
    if (words.size() != 2 || std::ranges::find(shells, words[1]) == shells.end())
      return mistake(process, "completion takes one of bash, zsh, fish, powershell");
    process.out(completion(words[1]));
    return kDone;
  }
  if (words.size() > 1)
    return mistake(
        process, fmt::format("unknown argument \"{}\" for \"ecs-toolkit {}\"", words[1], command));
  if (command == "version") {
    process.out(flags.boolean("short") ? version_tag() + "\n" : version_text("ecs-toolkit"));
    return kDone;
  }
  return deploy(process, flags, *log);
}

}  // namespace slipway::cli
