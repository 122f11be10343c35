#include "cli/arguments.h"

#include "base/text.h"
#include "cli/exit_status.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

namespace slipway::cli {
namespace {

constexpr std::string_view kAbout =
    "slipway releases applications to Amazon ECS: one-off tasks and services in one run, with "
    "true\n"
    "outcomes, the reason of a failure, and a way back.\n";

constexpr std::string_view kFooter =
    "Files are looked for in this order: -f FILE, slipway.yml (yaml, json), .ecs-toolkit.yml.\n"
    "Try it without an AWS account: slipway deploy --tag v2 --sim\n"
    "Exit status: 0 done, 2 usage or file, 3 changes found (plan --exit-code), 5 failed, 6 rolled\n"
    "back by the platform, 7 timed out and still running, 8 superseded or locked, 9 stopped by a\n"
    "person, 10 credentials or permission, 11 throttled out, 12 rollback failed.";

// Checks and converts DURATION, NAME=REF and the other words that need it.
template <class T>
CLI::Option* add_converted(CLI::App& app, const std::string& names, std::optional<T>& into,
                           std::optional<T> (*convert)(std::string_view), const std::string& about,
                           const std::string& type_name, const std::string& expected) {
  return app
      .add_option_function<std::string>(
          names,
          [&into, convert, names, expected](const std::string& text) {
            into = convert(text);
            if (!into)
              throw CLI::ValidationError(names,
                                         fmt::format("expected {}, found \"{}\"", expected, text));
          },
          about)
      ->type_name(type_name);
}

std::optional<Duration> positive_duration(std::string_view text) {
  const std::optional<Duration> duration = parse_duration(text);
  return duration && *duration > Duration::zero() ? duration : std::nullopt;
}

std::optional<LogFormat> log_format(std::string_view text) {
  if (text == "text") return LogFormat::kText;
  if (text == "logfmt") return LogFormat::kLogfmt;
  if (text == "json") return LogFormat::kJson;
  return std::nullopt;
}

template <class T>
void add_choice(CLI::App& app, const std::string& name, T& into, std::map<std::string, T> words,
                const std::string& about, const std::string& type_name) {
  app.add_option_function<std::string>(
         name,
         [&into, words, name, type_name](const std::string& text) {
           const auto found = words.find(text);
           if (found == words.end())
             throw CLI::ValidationError(
                 name, fmt::format("expected one of {}, found \"{}\"", type_name, text));
           into = found->second;
         },
         about)
      ->type_name(type_name);
}

void add_where(CLI::App& app, Arguments& arguments) {
  app.add_option("-f,--file", arguments.file, "the application's file")->type_name("FILE");
  app.add_option("--region", arguments.region, "AWS region [AWS_REGION, the profile's]")
      ->type_name("REGION");
  app.add_option("--profile", arguments.profile, "named profile [AWS_PROFILE]")->type_name("NAME");
  app.add_option("--endpoint-url", arguments.endpoint_url,
                 "send every call there instead of to AWS")
      ->type_name("URL");
  app.add_option_function<std::vector<std::string>>(
         "--sim",
         [&arguments](const std::vector<std::string>& text) {
           arguments.sim = text.empty() ? std::string() : text.front();
         },
         "use the embedded simulator of AWS; a scenario's name or file [shop]")
      ->type_name("[SCENARIO]")
      ->expected(0, 1);
  app.add_option("--speed", arguments.speed,
                 "with --sim: simulated seconds per second, 0 for no waiting at all [0]")
      ->type_name("X")
      ->check(CLI::NonNegativeNumber);
}

void add_showing(CLI::App& app, Arguments& arguments) {
  add_choice<OutputKind>(app, "--output", arguments.output,
                         {{"auto", OutputKind::kAuto},
                          {"live", OutputKind::kLive},
                          {"plain", OutputKind::kPlain},
                          {"json", OutputKind::kJson}},
                         "live on a terminal, plain elsewhere; json: events on stdout [auto]",
                         "auto|live|plain|json");
  add_converted(app, "--log-format", arguments.log_format, &log_format,
                "lines of the plain output [text on a terminal, else logfmt]", "text|logfmt|json",
                "text, logfmt or json");
  add_converted(app, "--log-level", arguments.log_level, &parse_log_level,
                "least important line to show [info]", "LEVEL",
                "trace, debug, info, warn, error, fatal or panic");
  add_choice<ColorWhen>(
      app, "--color", arguments.color,
      {{"auto", ColorWhen::kAuto}, {"always", ColorWhen::kAlways}, {"never", ColorWhen::kNever}},
      "colours; auto: on a terminal, unless NO_COLOR or CI is set [auto]", "auto|always|never");
  app.add_flag("-q,--quiet", arguments.quiet, "errors only");
  app.add_flag("-v,--verbose", arguments.verbose, "every API call with its duration and result");
}

// --image CONTAINER=REF or --image SERVICE/CONTAINER=REF
void add_image(CLI::App& app, Arguments& arguments) {
  app.add_option_function<std::vector<std::string>>(
         "--image",
         [&arguments](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) {
             const std::size_t equals = text.find('=');
             if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
               throw CLI::ValidationError("--image",
                                          fmt::format("expected NAME=REF, found \"{}\"", text));
             arguments.images.emplace_back(text.substr(0, equals), text.substr(equals + 1));
           }
         },
         "run REF in the container NAME (or SERVICE/NAME); may be repeated")
      ->type_name("NAME=REF")
      ->allow_extra_args(false);
}

void add_release(CLI::App& app, Arguments& arguments) {
  app.add_option("-t,--tag", arguments.tag, "image tag (or sha256:... digest) to release")
      ->type_name("TAG");
  add_image(app, arguments);
  app.add_option("--only", arguments.only, "only this service or task; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  app.add_flag_callback(
      "--skip-tasks",
      [&arguments] { arguments.skip_tasks_before = arguments.skip_tasks_after = true; },
      "run no tasks, before or after");
  app.add_flag("--skip-tasks-before", arguments.skip_tasks_before,
               "run no tasks before the services");
  app.add_flag("--skip-tasks-after", arguments.skip_tasks_after, "run no tasks after the services");
}

void add_timeout(CLI::App& app, Arguments& arguments, const std::string& about) {
  add_converted(app, "--timeout", arguments.timeout, &positive_duration, about, "DURATION",
                "a duration such as 90s, 15m or 1h30m");
}

struct Tree {
  std::unique_ptr<CLI::App> app = std::make_unique<CLI::App>(std::string(kAbout), "slipway");
  Arguments arguments;

  Tree() {
    app->footer(std::string(kFooter));
    app->set_help_flag("-h,--help", "this page");
    app->add_flag_callback(
        "--version", [this] { arguments.command = "version"; },
        "what this is and from which source");
    app->require_subcommand(0, 1);

    CLI::App& deploy = command(
        "deploy", "bring the application to what the file says; waits, and rolls back as it says");
    add_where(deploy, arguments);
    add_release(deploy, arguments);
    deploy.add_flag("--dry-run", arguments.dry_run,
                    "print the plan and stop; same as `slipway plan`");
    deploy.add_flag_callback(
        "--no-wait", [this] { arguments.wait = false; }, "start everything and do not watch it");
    add_timeout(deploy, arguments,
                "give up watching the run after this long; services go on [none]");
    add_max_parallel(deploy);
    add_showing(deploy, arguments);

    CLI::App& plan = command("plan", "print what deploy would do; changes nothing");
    add_where(plan, arguments);
    add_release(plan, arguments);
    plan.add_flag("--exit-code", arguments.exit_code,
                  "exit status 3 when there is something to do");
    add_showing(plan, arguments);

    CLI::App& status = command("status", "how the services stand now");
    CLI::App& wait = command("wait", "watch running deployments to their end, and judge them");
    for (CLI::App* looking : {&status, &wait}) {
      looking->add_option("services", arguments.services, "services [those of the file]")
          ->type_name("SERVICE");
      looking->add_option("-c,--cluster", arguments.cluster, "cluster [the file's]")
          ->type_name("NAME");
      add_where(*looking, arguments);
      add_showing(*looking, arguments);
    }
    add_timeout(wait, arguments, "give up watching after this long [15m]");

    CLI::App& version = command("version", "what this is and from which source");
    version.add_flag("--short", arguments.short_version, "only the version");

    CLI::App& completion = command("completion", "a completion script on stdout");
    completion.add_option("shell", arguments.shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));

    CLI::App& sim = command("sim", "the simulator of AWS on its own");
    sim.require_subcommand(1);
    CLI::App& serve = subcommand(sim, "serve", "answer AWS's API on a loopback port");
    serve.add_option("--port", arguments.port, "port, 0 for a free one [0]")
        ->type_name("N")
        ->check(CLI::Range(0, 65535));
    serve.add_option("--listen", arguments.listen, "address to listen on [127.0.0.1]")
        ->type_name("ADDRESS");
    serve.add_option("--speed", arguments.speed, "simulated seconds per second [1]")
        ->type_name("X")
        ->check(CLI::PositiveNumber);
    serve
        .add_option("--scenario", arguments.scenario, "the world: a built-in name or a file [shop]")
        ->type_name("SCENARIO");
    serve.add_flag("--check-signatures", arguments.check_signatures,
                   "refuse requests that the scenario's keys did not sign");
    add_converted(serve, "--for", arguments.serve_for, &positive_duration,
                  "end by itself after this long", "DURATION", "a duration such as 90s");
    CLI::App& scenario = subcommand(sim, "scenario", "scenario files");
    scenario.require_subcommand(1);
    CLI::App& check =
        subcommand(scenario, "check", "read a scenario and report every mistake in it");
    check.add_option("file", arguments.scenario, "the scenario's file")
        ->required()
        ->type_name("FILE");

    // Parsed elsewhere; listed here for help and completion.
    CLI::App& toolkit =
        command("ecs-toolkit", "the command line of ecs-toolkit, also under that program name");
    toolkit.prefix_command();
    toolkit.set_help_flag();
  }

  CLI::App& command(const std::string& name, const std::string& about) {
    return subcommand(*app, name, about);
  }
  static CLI::App& subcommand(CLI::App& parent, const std::string& name, const std::string& about) {
    CLI::App& made = *parent.add_subcommand(name, about);
    made.set_help_flag("-h,--help", "this page");
    return made;
  }
  void add_max_parallel(CLI::App& to) {
    to.add_option_function<std::size_t>(
          "--max-parallel", [this](std::size_t count) { arguments.max_parallel = count; },
          "at most so many tasks or services of a stage at a time, 0 for all [0]")
        ->type_name("N");
  }
};

// The words that chose the command, and the app they chose.
std::pair<std::string, const CLI::App*> chosen(const CLI::App& app) {
  std::string words;
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    words += (words.empty() ? "" : " ") + at->get_name();
  }
  return {words, at};
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands(nullptr)) names.push_back(sub->get_name());
  return names;
}

Exit mistake(const CLI::App& app, const std::vector<std::string>& arguments, std::string message) {
  const auto [words, at] = chosen(app);
  const std::string program = words.empty() ? "slipway" : "slipway " + words;
  std::string text = fmt::format("error: {}\n", message);
  // The word that nobody expected, and what it most resembles.
  for (const std::string& argument : arguments) {
    const bool is_option = argument.starts_with("--");
    const std::string word = argument.substr(0, argument.find('='));
    const std::vector<std::string> known = is_option ? option_names(*at) : command_names(*at);
    if (known.empty() || std::ranges::find(known, word) != known.end()) continue;
    if (message.find(word) == std::string::npos) continue;
    if (const std::optional<std::string> near = nearest(word, known))
      text += fmt::format("  did you mean {}?\n", *near);
    break;
  }
  text += fmt::format("See `{} --help`.\n", program);
  return {.status = kUsageOrFile, .out = {}, .err = std::move(text)};
}

// CLI11 says "The following argument was not expected: X"; we say which program did not.
std::string message_of(const CLI::ParseError& error, const CLI::App& app) {
  const auto [words, at] = chosen(app);
  if (const auto* extras = dynamic_cast<const CLI::ExtrasError*>(&error)) {
    const std::string text = extras->what();
    const std::string what = text.substr(text.rfind(": ") + 2);
    if (!what.starts_with("-") && words.empty()) return fmt::format("unknown command \"{}\"", what);
    return fmt::format("`{}` does not take {}", words.empty() ? "slipway" : "slipway " + words,
                       what);
  }
  std::string text = error.what();
  if (const std::size_t newline = text.find('\n'); newline != std::string::npos)
    text.resize(newline);
  return text;
}

// ---- Completion --------------------------------------------------------------------------------

struct CommandEntry {
  std::string words;  // "sim serve"
  std::vector<std::string> commands;
  std::vector<const CLI::Option*> options;
};

void collect(const CLI::App& app, const std::string& words, std::vector<CommandEntry>& into) {
  CommandEntry entry{.words = words, .commands = command_names(app), .options = {}};
  for (const CLI::Option* option : app.get_options())
    if (!option->get_lnames().empty() || !option->get_snames().empty())
      entry.options.push_back(option);
  into.push_back(std::move(entry));
  for (const CLI::App* sub : app.get_subcommands(nullptr))
    collect(*sub, words.empty() ? sub->get_name() : words + " " + sub->get_name(), into);
}

std::string all_words(const CommandEntry& entry) {
  std::vector<std::string> words = entry.commands;
  for (const CLI::Option* option : entry.options) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
    for (const std::string& name : option->get_snames()) words.push_back("-" + name);
  }
  if (entry.words == "completion") words.insert(words.end(), {"bash", "zsh", "fish"});
  return join(words, " ");
}

std::string bash_script(const std::vector<CommandEntry>& entries) {
  std::string cases;
  for (const CommandEntry& entry : entries)
    cases += fmt::format("    \"{}\") words=\"{}\" ;;\n", entry.words, all_words(entry));
  std::string commands;
  for (const CommandEntry& entry : entries)
    if (!entry.words.empty())
      commands += fmt::format("      \"{}\") command=\"{}\" ;;\n", entry.words, entry.words);
  return fmt::format(
      R"(# bash completion for slipway; put it where bash-completion finds it, or source it.
_slipway() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}"
  local command="" word words="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${{COMP_WORDS[i]}}"
    case "${{command:+$command }}$word" in
{}    esac
  done
  case "$previous" in
    -f|--file|--scenario|--sim) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  case "$command" in
{}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ "$command" = "sim scenario check" ] && COMPREPLY+=($(compgen -f -- "$current"))
}}
complete -F _slipway slipway
)",
      commands, cases);
}

std::string zsh_script(const std::vector<CommandEntry>& entries) {
  // zsh understands bash's form; one description of the tree is enough.
  return "#compdef slipway\nautoload -U +X bashcompinit && bashcompinit\n" + bash_script(entries);
}

std::string fish_quoted(std::string text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_script(const std::vector<CommandEntry>& entries) {
  std::string text =
      "# fish completion for slipway; save as ~/.config/fish/completions/slipway.fish\n";
  text += "complete -c slipway -f\n";
  for (const CommandEntry& entry : entries) {
    std::string condition = "__fish_use_subcommand";
    if (!entry.words.empty()) {
      condition.clear();
      std::string_view rest = entry.words;
      while (!rest.empty()) {
        const std::size_t space = rest.find(' ');
        if (!condition.empty()) condition += "; and ";
        condition += "__fish_seen_subcommand_from " + std::string(rest.substr(0, space));
        rest = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
      }
    }
    for (const std::string& sub : entry.commands)
      text += fmt::format("complete -c slipway -n {} -a {}\n", fish_quoted(condition), sub);
    for (const CLI::Option* option : entry.options) {
      text += "complete -c slipway -n " + fish_quoted(condition);
      for (const std::string& name : option->get_lnames()) text += " -l " + name;
      for (const std::string& name : option->get_snames()) text += " -s " + name;
      if (option->get_items_expected_max() > 0)
        text += option->get_type_name() == "FILE" ? " -r -F" : " -r";
      text += " -d " + fish_quoted(option->get_description()) + "\n";
    }
    if (entry.words == "completion")
      text += fmt::format("complete -c slipway -n {} -a 'bash zsh fish'\n", fish_quoted(condition));
  }
  return text;
}

}  // namespace

std::variant<Arguments, Exit> parse_arguments(const std::vector<std::string>& arguments) {
  Tree tree;
  std::vector<std::string> words = arguments;
  // `slipway help deploy` is `slipway deploy --help`.
  if (!words.empty() && words.front() == "help") {
    words.erase(words.begin());
    words.push_back("--help");
  }
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    tree.app->parse(reversed);
  } catch (const CLI::CallForHelp&) {
    return Exit{.status = kDone, .out = chosen(*tree.app).second->help(), .err = {}};
  } catch (const CLI::ParseError& error) {
    return mistake(*tree.app, words, message_of(error, *tree.app));
  }
  if (tree.arguments.command.empty()) tree.arguments.command = chosen(*tree.app).first;
  if (tree.arguments.command.empty())
    return Exit{
        .status = arguments.empty() ? kUsageOrFile : kDone, .out = tree.app->help(), .err = {}};
  Arguments& parsed = tree.arguments;
  if (parsed.quiet && parsed.verbose)
    return mistake(*tree.app, words, "--quiet and --verbose exclude each other");
  if (parsed.sim && !parsed.endpoint_url.empty())
    return mistake(*tree.app, words, "--sim and --endpoint-url exclude each other");
  return parsed;
}

std::string completion_script(const std::string& shell) {
  const Tree tree;
  std::vector<CommandEntry> entries;
  collect(*tree.app, "", entries);
  if (shell == "bash") return bash_script(entries);
  if (shell == "zsh") return zsh_script(entries);
  return fish_script(entries);
}

}  // namespace slipway::cli
