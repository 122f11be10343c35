// What the commands of slipway's own command line have in common, and one function per group of
// commands that adds them; internal to arguments*.cc, the only files that include the parser's
// library.
#pragma once

#include "base/time.h"
#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::cli {

// ---- Groups of commands ----

// The commands that were added. Each gets its options when it is chosen: making those of all
// commands takes longer than everything else before the first call.
struct Commands {
  CLI::App& app;
  Arguments& arguments;
  std::vector<std::function<void()>> waiting;  // what adds the options, for who wants them all
};

CLI::App& add_command(Commands& commands, CLI::App& parent, const std::string& name,
                      const std::string& about,
                      std::function<void(CLI::App&, Arguments&)> add_options = nullptr);
void add_release_commands(Commands& commands);  // deploy, plan
void add_service_commands(Commands& commands);  // status, wait, history, stop, continue
void add_rollback_command(Commands& commands);
void add_task_commands(Commands& commands);  // run, prune
// What the options of these commands exclude and need; empty when nothing is wrong.
std::string mistake_in_release(const Arguments& arguments);
std::string mistake_in_run(const Arguments& arguments);

// ---- Groups of options ----

// Options that `add` adds stand below this heading in the page of help.
template <class Add>
void under_heading(CLI::App& app, const std::string& heading, Add add) {
  const std::size_t before = app.get_options().size();
  add();
  const std::vector<CLI::Option*> options = app.get_options();
  for (std::size_t i = before; i < options.size(); ++i) options[i]->group(heading);
}

// --file, --region, --profile, --endpoint-url, --sim, --speed
void add_where(CLI::App& app, Arguments& arguments);
// --output, --log-format, --log-level, --color, --quiet, --verbose
void add_showing(CLI::App& app, Arguments& arguments);
// --report: for commands that begin a run.
void add_report(CLI::App& app, Arguments& arguments);
// --tag and --image, where an image needs no name when flags say everything
void add_images(CLI::App& app, Arguments& arguments);
void add_timeout(CLI::App& app, Arguments& arguments, const std::string& about);
// A list of names that takes one value per flag: --only a --only b.
CLI::Option* add_repeated(CLI::App& app, const std::string& names, std::vector<std::string>& into,
                          const std::string& about, const std::string& type_name);

// ---- One option ----

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

template <class T>
void add_choice(CLI::App& app, const std::string& name, T& into,
                const std::map<std::string, T>& words, const std::string& about,
                const std::string& type_name) {
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

std::optional<Duration> positive_duration(std::string_view text);

// A check without a name of its own, which help would show behind the option's.
inline CLI::Validator unnamed(const CLI::Validator& check) { return check.description(""); }

// ---- What stands below a page of help ----

inline constexpr std::string_view kFilesFooter =
    "Without --file the first of slipway.yml (.yaml, .json, .jsonnet), .ecs-toolkit.yml (.yaml, "
    ".json),\n"
    "ecs-task.yml (.yaml, .json, .jsonnet) in the working directory.\n";
inline constexpr std::string_view kStatusFooter =
    "Exit status: 0 done, 1 internal error, 2 usage or file, 3 changes found (plan --exit-code),\n"
    "4 expectations of a scenario not met, 5 failed, 6 rolled back by the platform, 7 timed out "
    "and\n"
    "still running, 8 superseded or locked, 9 stopped by a person, 10 credentials or permission,\n"
    "11 throttled out, 12 rollback failed, 130 and 143 signals.\n";
// Of a command that works on the application's file: its examples, then the two above.
void set_footer(CLI::App& app, std::string_view examples);

}  // namespace slipway::cli
