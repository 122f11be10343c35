#include "cli/arguments.h"

#include "base/text.h"
#include "cli/arguments_parts.h"
#include "cli/completion.h"
#include "cli/exit_status.h"

#include <algorithm>
#include <memory>
#include <string_view>

namespace slipway::cli {
namespace {

constexpr std::string_view kAbout =
    "slipway releases applications to Amazon ECS: one-off tasks and services in one run, with "
    "true\n"
    "outcomes, the reason of a failure, and a way back.\n";

constexpr std::string_view kFooter =
    "`slipway COMMAND --help` lists what a command takes.\n"
    "Try it without an AWS account: slipway deploy --tag v2 --sim\n";

void add_serve(CLI::App& serve, Arguments& arguments) {
  serve.add_option("--port", arguments.port, "port, 0 for a free one [0]")
      ->type_name("N")
      ->check(unnamed(CLI::Range(0, 65535)));
  serve.add_option("--listen", arguments.listen, "address to listen on [127.0.0.1]")
      ->type_name("ADDRESS");
  serve.add_option("--speed", arguments.speed, "simulated seconds per second [1]")
      ->type_name("X")
      ->check(unnamed(CLI::PositiveNumber));
  serve.add_option("--scenario", arguments.scenario, "the world: a built-in name or a file [shop]")
      ->type_name("SCENARIO");
  serve.add_flag("--check-signatures", arguments.check_signatures,
                 "refuse requests that the scenario's keys did not sign");
  add_converted(serve, "--for", arguments.serve_for, &positive_duration,
                "end by itself after this long", "DURATION", "a duration such as 90s");
  serve.footer(
      "Examples:\n"
      "  slipway sim serve --port 5000 --speed 10\n"
      "  AWS_ENDPOINT_URL=http://127.0.0.1:5000 aws ecs list-clusters\n");
}

void add_sim_commands(Commands& commands) {
  CLI::App& sim = add_command(commands, commands.app, "sim", "the simulator of AWS on its own");
  sim.require_subcommand(1);
  add_command(commands, sim, "serve", "answer AWS's API on a loopback port", add_serve);
  CLI::App& scenario = add_command(commands, sim, "scenario", "scenario files");
  scenario.require_subcommand(1);
  add_command(commands, scenario, "check", "read a scenario and report every mistake in it",
              [](CLI::App& check, Arguments& arguments) {
                check.add_option("file", arguments.scenario, "the scenario's file")
                    ->required()
                    ->type_name("FILE");
              });
}

struct Tree {
  std::unique_ptr<CLI::App> app = std::make_unique<CLI::App>(std::string(kAbout), "slipway");
  Arguments arguments;
  Commands commands{.app = *app, .arguments = arguments, .waiting = {}};

  Tree() {
    app->set_help_flag();  // every command would inherit it at once, and the footer
    app->require_subcommand(0, 1);

    add_release_commands(commands);
    add_service_commands(commands);
    add_rollback_command(commands);
    add_task_commands(commands);
    add_command(commands, *app, "version", "what this is and from which source",
                [](CLI::App& version, Arguments& into) {
                  version.add_flag("--short", into.short_version, "only the version");
                });
    add_command(commands, *app, "completion", "a completion script on stdout",
                [](CLI::App& completion, Arguments& into) {
                  completion.add_option("shell", into.shell, "bash, zsh or fish")
                      ->required()
                      ->type_name("SHELL")
                      ->check(unnamed(CLI::IsMember({"bash", "zsh", "fish"})));
                  completion.footer(
                      "Examples:\n  slipway completion bash > "
                      "/etc/bash_completion.d/slipway\n");
                });
    add_sim_commands(commands);
    // Parsed elsewhere; listed here for help and completion.
    for (const char* name : {"ecs-toolkit", "ecs-deploy", "ecs-task", "ecs-crd"})
      app->add_subcommand(name,
                          fmt::format("the command line of {}, also under that program name", name))
          ->prefix_command();

    app->footer(std::string(kFooter) + std::string(kFilesFooter) + std::string(kStatusFooter));
    app->set_help_flag("-h,--help", "this page");
    app->add_flag_callback(
        "--version", [this] { arguments.command = "version"; },
        "what this is and from which source");
  }

  void add_all_options() {
    for (const std::function<void()>& add : commands.waiting) add();
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

// CLI11 names a command without what stands before it: "Usage: serve" for "slipway sim serve",
// and leaves two lines between headings.
std::string help_of(const CLI::App& app) {
  const auto [words, at] = chosen(app);
  const std::size_t last = words.rfind(' ');
  std::string help =
      words.empty()
          ? app.help()
          : at->help(last == std::string::npos ? "slipway" : "slipway " + words.substr(0, last));
  for (std::size_t gap = 0; (gap = help.find("\n\n\n", gap)) != std::string::npos;)
    help.erase(gap, 1);
  while (help.ends_with("\n\n")) help.pop_back();
  return help;
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

// The library counts them from the end; we say them in the order in which they were typed.
std::string as_typed(const std::string& listed, const std::vector<std::string>& arguments) {
  std::vector<std::string_view> left = split(listed, ' ');
  std::vector<std::string> typed;
  for (const std::string& argument : arguments) {
    const auto found = std::ranges::find(left, argument);
    if (found == left.end()) continue;
    typed.push_back(argument);
    left.erase(found);
  }
  return left.empty() ? join(typed, " ") : listed;
}

// CLI11 says "The following argument was not expected: X"; we say which program did not.
std::string message_of(const CLI::ParseError& error, const CLI::App& app,
                       const std::vector<std::string>& arguments) {
  const auto [words, at] = chosen(app);
  if (const auto* extras = dynamic_cast<const CLI::ExtrasError*>(&error)) {
    const std::string text = extras->what();
    const std::string what = as_typed(text.substr(text.find(": ") + 2), arguments);
    if (!what.starts_with("-") && words.empty()) return fmt::format("unknown command \"{}\"", what);
    return fmt::format("`{}` does not take {}", words.empty() ? "slipway" : "slipway " + words,
                       what);
  }
  std::string text = error.what();
  if (const std::size_t newline = text.find('\n'); newline != std::string::npos)
    text.resize(newline);
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
  // What follows `--` is the task's command, whatever it looks like.
  std::vector<std::string> command;
  if (const auto dashes = std::ranges::find(words, "--");
      dashes != words.end() && words.front() == "run") {
    command.assign(dashes + 1, words.end());
    words.erase(dashes, words.end());
  }
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    tree.app->parse(reversed);
  } catch (const CLI::CallForHelp&) {
    return Exit{.status = kDone, .out = help_of(*tree.app), .err = {}};
  } catch (const CLI::ParseError& error) {
    return mistake(*tree.app, words, message_of(error, *tree.app, words));
  }
  if (tree.arguments.command.empty()) tree.arguments.command = chosen(*tree.app).first;
  if (tree.arguments.command.empty())
    return Exit{
        .status = arguments.empty() ? kUsageOrFile : kDone, .out = help_of(*tree.app), .err = {}};
  Arguments& parsed = tree.arguments;
  if (parsed.quiet && parsed.verbose)
    return mistake(*tree.app, words, "--quiet and --verbose exclude each other");
  if (!command.empty() && !parsed.run.command.empty())
    return mistake(*tree.app, words, "--command and a command after `--` exclude each other");
  if (!command.empty()) parsed.run.command = std::move(command);
  std::string excluded;
  if (parsed.command == "deploy" || parsed.command == "plan") excluded = mistake_in_release(parsed);
  if (parsed.command == "run") excluded = mistake_in_run(parsed);
  if (!excluded.empty()) return mistake(*tree.app, words, std::move(excluded));
  if (parsed.dry_run && !parsed.report.empty())
    return mistake(*tree.app, words, "--dry-run and --report exclude each other: nothing is run");
  if (parsed.sim && !parsed.endpoint_url.empty())
    return mistake(*tree.app, words, "--sim and --endpoint-url exclude each other");
  return parsed;
}

std::string completion_script(const std::string& shell) {
  Tree tree;
  tree.add_all_options();
  return completion_script(*tree.app, shell);
}

}  // namespace slipway::cli
