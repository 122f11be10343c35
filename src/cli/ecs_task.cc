#include "cli/ecs_task.h"

#include "base/jsonnet.h"
#include "base/signals.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/files.h"
#include "cli/flags.h"
#include "cli/jsonnet_flags.h"
#include "cli/reporting.h"
#include "cli/running.h"
#include "cli/session.h"
#include "cli/showing.h"
#include "dialect/task_class.h"
#include "dialect/variables.h"
#include "execute/task_class.h"
#include "model/image.h"
#include "model/python_json.h"
#include "plan/task_class_plan.h"
#include "sim/scenario.h"
#include "view/task_class_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace slipway::cli {
namespace {

constexpr int kFailure = 1;

// {0}: how the program is called; {1}: its options for a file, or nothing.
constexpr std::string_view kUsage = "usage: {0} [-h] {{deploy,rollback,debug}} ...\n";

constexpr std::string_view kHelp =
    R"(Register a task definition and point tasks, services and scheduled rules at it.

Commands:
  deploy IMAGE_TAG  register, run tasks, update services, set targets, prune
  rollback          deregister the newest revision and go back to the one before
  debug             print the classes as they were understood; calls nothing

Options:
  -h, --help        print this page, or that of a command
)";

constexpr std::string_view kDeployHelp =
    R"(For each class in turn: register its task definition with IMAGE_TAG in the place of
{image_tag}, start its tasks, update its services, set the targets of its rules, and deregister all
but the newest revisions. Nothing is waited for and nothing is undone: the first error ends the run
and is followed by what was done and what was not.

  IMAGE_TAG             a tag, or sha256:... for images written as name@{image_tag}

Options:
      --wait            wait until the tasks have ended well before services are updated, and until
                        the services run the new revision before old ones are pruned
      --dry-run         print each call that would be made, and make none
)";

constexpr std::string_view kRollbackHelp =
    R"(For each class in turn: deregister the newest ACTIVE revision of its family, then update its
services and set the targets of its rules to the revision before. A revision that was deregistered
cannot be used again: forward again is a new deployment.

Options:
      --to FAMILY:REV   only update services and rules, to this revision: finishes a rollback that
                        failed half-way
      --wait            wait until the services run that revision
      --dry-run         print each call that would be made, and make none
)";

constexpr std::string_view kDebugHelp =
    R"(Print each class as JSON, after inheritance and variables and with {image_tag} in its place.
The output is a file that deploys the same. No AWS call is made.

Options:
      --all             the name and all other settings too
)";

constexpr std::string_view kFileOptions =
    R"(  -f, --file FILE       [ecs-task.yml, .yaml, .json or .jsonnet]
      --class NAME      only this class; may be repeated [all, in the file's order]
      --var NAME=VALUE  the value of ${var:NAME}; may be repeated
      --ext-str NAME[=VALUE], --ext-code, --tla-str, --tla-code, -J, --jpath DIR
                        for a Jsonnet file, as for the jsonnet program
)";

constexpr std::string_view kAwsOptions =
    R"(      --profile NAME, --region REGION, --endpoint-url URL
                        instead of what the environment and ~/.aws say
      --report FILE     write a page (HTML, one file) of the whole run when it ends
      --sim[=SCENARIO]  on the embedded simulator of AWS instead of on AWS
      --speed X         with --sim: simulated seconds per second, 0 for no waiting [0]
  -v, --verbose         say each changing call before it is made
)";

constexpr std::array<std::string_view, 3> kCommands = {"deploy", "rollback", "debug"};
constexpr std::array<std::string_view, 4> kFileNames = {"ecs-task.yml", "ecs-task.yaml",
                                                        "ecs-task.json", "ecs-task.jsonnet"};

std::vector<Flag> flags_of(std::string_view command, bool has_file) {
  std::vector<Flag> flags = {{.name = "help", .letter = 'h', .takes = FlagValue::kBoolean}};
  const auto add = [&](std::initializer_list<Flag> more) { flags.insert(flags.end(), more); };
  if (has_file) {
    add({{.name = "file", .letter = 'f'}, {.name = "class"}, {.name = "var"}});
    flags.insert(flags.end(), jsonnet_flags().begin(), jsonnet_flags().end());
  }
  if (command == "debug") {
    add({{.name = "all", .takes = FlagValue::kBoolean}});
    return flags;
  }
  if (command == "rollback") add({{.name = "to"}});
  add({{.name = "wait", .takes = FlagValue::kBoolean},
       {.name = "dry-run", .takes = FlagValue::kBoolean},
       {.name = "profile"},
       {.name = "region"},
       {.name = "endpoint-url"},
       {.name = "report"},
       {.name = "sim", .takes = FlagValue::kOptionalText},
       {.name = "speed"},
       {.name = "verbose", .letter = 'v', .takes = FlagValue::kBoolean}});
  return flags;
}

// Of any command: where the command stands among them is known before which it is.
std::vector<Flag> flags_of_all(bool has_file) {
  std::vector<Flag> flags = flags_of("rollback", has_file);
  flags.push_back({.name = "all", .takes = FlagValue::kBoolean});
  return flags;
}

TaskClassUse use_of(std::string_view command) {
  if (command == "debug") return TaskClassUse::kDebug;
  return command == "rollback" ? TaskClassUse::kRollback : TaskClassUse::kDeploy;
}

// In single quotes where a shell would read more than text.
std::string shell_word(const std::string& text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:=@%+,").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::ranges::all_of(text, is_plain)) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// "web:7", or an ARN that ends so.
bool names_revision(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  return colon != std::string_view::npos && colon > 0 && colon + 1 < text.size() &&
         text.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
}

// What the simulator should have for these classes, where a scenario adds what is missing.
sim::Expectations expected_of(const std::vector<TaskClass>& classes) {
  sim::Expectations expected;
  for (const TaskClass& task_class : classes) {
    std::vector<std::string> containers;
    if (const JsonArray* list = find_array(task_class.task_definition, "containerDefinitions"))
      for (const Json& container : *list)
        containers.emplace_back(string_or_empty(container, "name"));
    const std::string family = task_class.family();
    for (const Json& input : task_class.update_services)
      expected.services.push_back({.name = last_segment(string_or_empty(input, "service")),
                                   .family = family,
                                   .containers = containers,
                                   .cluster = std::string(string_or_empty(input, "cluster")),
                                   .definition = task_class.task_definition});
    for (const Json& input : task_class.run_tasks)
      expected.tasks.push_back({.family = family,
                                .containers = containers,
                                .cluster = std::string(string_or_empty(input, "cluster")),
                                .definition = task_class.task_definition});
    for (const Json& input : task_class.events__put_targets)
      expected.rules.push_back(
          {.name = std::string(string_or_empty(input, "Rule")), .family = family});
    if (!task_class.sns_notification_topic_arn.empty())
      expected.topics.push_back(task_class.sns_notification_topic_arn);
  }
  return expected;
}

class Program {
 public:
  Program(Process& process, const TaskClassProgram& program, std::string command,
          const ParsedFlags& flags)
      : process_(process), program_(program), command_(std::move(command)), flags_(flags) {}

  int run() {
    if (flags_.boolean("help")) {
      process_.out(help());
      return kDone;
    }
    if (const int mistaken = check_words(); mistaken != kDone) return mistaken;
    std::optional<std::vector<TaskClass>> classes = read();
    if (!classes) {
      process_.err("Nothing was changed.\n");
      return kUsageOrFile;
    }
    if (command_ == "debug") return debug(*classes);
    if (flags_.boolean("wait"))
      for (TaskClass& each : *classes) each.wait_for_tasks = each.wait_for_services = true;
    std::vector<TaskClassPlan> plans;
    for (const TaskClass& each : *classes)
      plans.push_back(command_ == "deploy" ? plan_deploy(each, tag()) : plan_rollback(each, to()));
    return flags_.boolean("dry-run") ? show(plans) : carry_out(*classes, plans);
  }

 private:
  std::string usage() const {
    const std::string_view file = program_.documents ? "" : " [-f FILE] [--class NAME]...";
    return fmt::format("usage: {} {} [options]{}{}\n", program_.name, command_, file,
                       command_ == "deploy" ? " IMAGE_TAG" : "");
  }

  std::string help() const {
    std::string text = usage() + "\n";
    if (command_ == "deploy") text += kDeployHelp;
    if (command_ == "rollback") text += kRollbackHelp;
    if (command_ == "debug") text += kDebugHelp;
    if (!program_.documents) text += kFileOptions;
    if (command_ != "debug") text += kAwsOptions;
    return text + "  -h, --help            print this page\n";
  }

  int mistake(const std::string& message) {
    process_.err(usage() + fmt::format("{} {}: error: {}\n", program_.name, command_, message));
    return kUsageOrFile;
  }

  const std::string& tag() const { return flags_.words()[1]; }
  std::string to() const { return flags_.text("to").value_or(""); }

  int check_words() {
    const std::vector<std::string>& words = flags_.words();  // the command first
    const std::size_t wanted = command_ == "deploy" ? 2 : 1;
    if (words.size() < wanted) return mistake("the argument IMAGE_TAG is required");
    if (words.size() > wanted) return mistake("unknown argument " + quote(words[wanted]));
    if (command_ == "deploy") {
      if (tag().empty()) return mistake("the IMAGE_TAG must not be empty");
      if (!is_tag(tag()) && !is_digest(tag()))
        process_.err("warning: " + quote(tag()) + " is neither a tag nor a sha256: digest\n");
    }
    if (flags_.has("to") && !names_revision(to()))
      return mistake("--to: expected FAMILY:REVISION, found " + quote(to()));
    if (flags_.boolean("dry-run") && flags_.has("report"))
      return mistake("--dry-run and --report exclude each other: nothing is run");
    if (!flags_.number("speed", 0) || *flags_.number("speed", 0) < 0)
      return mistake("--speed: expected a number of 0 or more");
    return kDone;
  }

  // ---- Reading ---------------------------------------------------------------------------------

  std::optional<std::string> file_name() const {
    if (const auto given = flags_.text("file")) return given;
    for (const std::string_view name : kFileNames) {
      std::error_code ignored;
      if (std::filesystem::exists(process_.directory / name, ignored)) return std::string(name);
    }
    return std::nullopt;
  }

  std::optional<std::vector<Node>> read_documents(Diagnostics& diagnostics) {
    if (program_.documents) return program_.documents(diagnostics);
    const std::optional<std::string> file = file_name();
    if (!file) {
      process_.err("error: there is no file of task classes in " + process_.directory.string() +
                   "\n  looked for ecs-task.yml, .yaml, .json and .jsonnet\n"
                   "  Name one with -f FILE.\n");
      return std::nullopt;
    }
    file_ = *file;
    const Result<JsonnetVariables> jsonnet = jsonnet_variables(flags_);
    if (!jsonnet) {
      process_.err("error: " + jsonnet.error().message + "\n");
      return std::nullopt;
    }
    return read_task_class_file(process_, *file, *jsonnet, diagnostics);
  }

  std::optional<std::vector<TaskClass>> read() {
    const Result<std::map<std::string, std::string>> vars = named_values(flags_.texts("var"));
    if (!vars) {
      process_.err("error: " + vars.error().message + "\n");
      return std::nullopt;
    }
    Diagnostics diagnostics;
    std::optional<std::vector<TaskClass>> classes;
    if (const auto documents = read_documents(diagnostics))
      classes = read_task_classes({.documents = *documents,
                                   .environment = process_.environment,
                                   .vars = *vars,
                                   .use = use_of(command_)},
                                  diagnostics);
    if (classes) classes = only(std::move(*classes), flags_.texts("class"), diagnostics);
    if (classes && flags_.has("to")) classes = of_family(std::move(*classes), diagnostics);
    diagnostics.sort();
    if (cli::show(process_, diagnostics,
                  use_color(process_, ColorWhen::kAuto, process_.err_is_terminal)))
      return std::nullopt;
    return classes;
  }

  // Those that `--to` can be meant for.
  std::vector<TaskClass> of_family(std::vector<TaskClass> classes, Diagnostics& diagnostics) const {
    const std::string family = slipway::family_of(to());
    std::erase_if(classes, [&](const TaskClass& each) { return each.family() != family; });
    if (classes.empty())
      diagnostics.error({.source = std::make_shared<SourceText>(SourceText{"--to", ""})},
                        "flags.unknown-item", "",
                        fmt::format("no class has the family {}", family));
    return classes;
  }

  // ---- debug and dry runs ----------------------------------------------------------------------

  static Json array_of(const std::vector<Json>& items) {
    JsonArray array;
    for (const Json& item : items) array.push_back(item);
    return array;
  }

  static std::int64_t seconds_of(Duration duration) {
    return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  }

  int debug(const std::vector<TaskClass>& classes) {
    for (const TaskClass& each : classes) {
      const bool all = flags_.boolean("all");
      JsonObject object;
      if (all) object["name"] = each.name;
      object["task_definition"] = each.task_definition;
      object["update_services"] = array_of(each.update_services);
      object["run_tasks"] = array_of(each.run_tasks);
      object["events__put_targets"] = array_of(each.events__put_targets);
      if (all) {
        object["active_task_count"] = each.active_task_count;
        const std::string& topic = each.sns_notification_topic_arn;
        object["sns_notification_topic_arn"] = topic.empty() ? Json(nullptr) : Json(topic);
        object["notification_method_blacklist_regex"] = each.notification_method_blacklist_regex;
        if (each.wait_for_tasks) object["wait_for_tasks"] = true;
        if (each.wait_for_services) object["wait_for_services"] = true;
        if (each.task_timeout) object["task_timeout"] = seconds_of(*each.task_timeout);
        if (each.service_timeout != TaskClass().service_timeout)
          object["service_timeout"] = seconds_of(each.service_timeout);
      }
      // What is printed is a file, in which `${env:` would be looked up once more.
      process_.out(to_python_pretty_text(with_literal_references(std::move(object))) + "\n");
    }
    return kDone;
  }

  int show(const std::vector<TaskClassPlan>& plans) {
    for (const TaskClassPlan& plan : plans) {
      if (plans.size() > 1) process_.out("Class " + plan.name + "\n");
      for (const auto& [call, input] : calls_of(plan))
        process_.out(call + " " + to_python_text(input) + "\n");
    }
    return kDone;
  }

  // ---- Doing -----------------------------------------------------------------------------------

  int carry_out(const std::vector<TaskClass>& classes, const std::vector<TaskClassPlan>& plans) {
    Arguments arguments{.command = command_};
    arguments.profile = flags_.text("profile").value_or("");
    arguments.region = flags_.text("region").value_or("");
    arguments.endpoint_url = flags_.text("endpoint-url").value_or("");
    if (const auto sim = flags_.text("sim")) arguments.sim = *sim;
    arguments.speed = flags_.number("speed", 0).value_or(0);
    const std::string report = flags_.text("report").value_or("");
    if (!can_report(process_, report)) return kUsageOrFile;
    const sim::Expectations expected = expected_of(classes);
    const std::unique_ptr<Session> session =
        Session::open_expecting(process_, arguments, &expected, "ecs-task");
    if (session == nullptr) return kFailure;
    const std::unique_ptr<View> view = with_report(
        process_, report,
        std::make_unique<TaskClassView>(TaskClassViewSettings{.several = plans.size() > 1,
                                                              .verbose = flags_.boolean("verbose")},
                                        process_.out, process_.err));
    int status = kFailure;
    const auto run_them = [&] {
      const RunOptions common = run_options(process_, *session, command_, plans.front().family);
      TaskClassRunner runner(session->runtime(), session->clients(), *view, session->calls(),
                             {.command = "ecs-task " + command_,
                              .file = file_,
                              .region = common.region,
                              .simulated = common.simulated,
                              .journal_directory = common.journal_directory,
                              .owner = common.owner,
                              .by = common.by});
      obey_signals(
          process_, *session,
          [&](const std::string& signal) {
            process_.err(signal + ": stopping after the call that is on its way\n");
            runner.interrupt(signal);
          },
          [&](const std::string& signal) {
            process_.err("a second signal (" + signal + "): stopped at once\n");
          });
      status = tell(runner.run(plans), runner.signal());
    };
    session->run_connected(*view, run_them, [&](const Error& error) {
      complain(process_, error, false);
      process_.err("Nothing was changed.\n");
    });
    return status;
  }

  int tell(const std::vector<TaskClassReport>& reports, const std::string& signal) {
    using Ending = TaskClassReport::Ending;
    bool ok = true;
    for (const TaskClassReport& report : reports) {
      if (report.ending == Ending::kFailed) tell_failure(report, reports);
      ok = ok && report.ending == Ending::kSucceeded;
    }
    for (const TaskClassReport& report : reports) {
      const std::string revision =
          report.revision.empty() ? "" : fmt::format(" ({})", family_revision_of(report.revision));
      if (report.ending == Ending::kSucceeded)
        process_.out(fmt::format("Succeeded: {}{}\n", report.name, revision));
      else if (report.ending == Ending::kFailed)
        process_.out(fmt::format("Failed: {}, at {}{}\n", report.name, report.step,
                                 report.was_registered ? "; new revision " + report.revision : ""));
      else
        process_.out(fmt::format("Not started: {}\n", report.name));
    }
    if (const std::optional<int> status = exit_status_of_signal(signal)) return *status;
    return ok ? kDone : kFailure;
  }

  // Class, step, operation, AWS's code, message, request id: one line. Then where the world stands.
  void tell_failure(const TaskClassReport& report, const std::vector<TaskClassReport>& reports) {
    const Error& error = *report.error;
    std::string line = fmt::format("error: class {}, {}: ", report.name, report.step);
    if (!error.operation.empty()) line += error.operation + ": ";
    if (!error.code.empty()) line += error.code + ": ";
    line += error.message;
    if (!error.request_id.empty()) line += fmt::format(" (request {})", error.request_id);
    process_.err(line + "\n");
    process_.err("  done: " + (report.done.empty() ? "nothing" : join(report.done, ", ")) + "\n");
    process_.err("  not done: " + join(report.not_done, ", ") + "\n");
    if (report.was_registered)
      process_.err("  The new revision " + report.revision +
                   " stays ACTIVE; nothing was undone.\n");
    if (!report.must_be_finished) return;
    process_.err(
        "  A second rollback would go back one revision further. To finish this one:\n    " +
        rollback_of(report.name) + " --to " + family_revision_of(report.revision) + "\n");
    for (const TaskClassReport& other : reports)
      if (other.ending == TaskClassReport::Ending::kNotStarted)
        process_.err("    " + rollback_of(other.name) + "\n");
  }

  std::string rollback_of(const std::string& name) const {
    std::string command = program_.name + " rollback";
    const auto add = [&](std::string_view flag, const std::string& value) {
      command += fmt::format(" {} {}", flag, shell_word(value));
    };
    if (program_.documents) return command;
    add("-f", file_);
    for (const char* flag : {"var", "ext-str", "ext-code", "tla-str", "tla-code", "jpath"})
      for (const std::string& value : flags_.texts(flag)) add("--" + std::string(flag), value);
    for (const char* flag : {"profile", "region", "endpoint-url"})
      if (const auto value = flags_.text(flag)) add("--" + std::string(flag), *value);
    add("--class", name);
    return command;
  }

  Process& process_;
  const TaskClassProgram& program_;
  const std::string command_;
  const ParsedFlags& flags_;
  std::string file_;
};

}  // namespace

int run_task_class_program(Process& process, const TaskClassProgram& program,
                           const std::vector<std::string>& arguments) {
  const bool has_file = !program.documents;
  const std::string usage = fmt::format(kUsage, program.name);
  const auto mistake = [&](const std::string& message) {
    process.err(usage + fmt::format("{}: error: {}\n", program.name, message));
    return kUsageOrFile;
  };
  const Result<std::string> first = first_word(arguments, flags_of_all(has_file));
  if (!first) {
    const ParsedFlags flags(arguments, flags_of_all(has_file));
    if (!flags.error().empty()) return mistake(flags.error());
    if (!flags.boolean("help")) return mistake("one of deploy, rollback, debug is required");
    process.out(usage + "\n" + std::string(kHelp));
    return kDone;
  }
  if (std::ranges::find(kCommands, *first) == kCommands.end()) {
    const std::optional<std::string> near = nearest(*first, {"deploy", "rollback", "debug"});
    return mistake(fmt::format("unknown command {}{}", quote(*first),
                               near ? ", did you mean " + *near + "?" : ""));
  }
  const ParsedFlags flags(arguments, flags_of(*first, has_file));
  if (!flags.error().empty()) return mistake(flags.error());
  return Program(process, program, *first, flags).run();
}

int run_ecs_task(Process& process, const std::vector<std::string>& arguments) {
  const std::string name = process.name == "ecs-task" ? "ecs-task" : "slipway ecs-task";
  return run_task_class_program(process, {.name = name}, arguments);
}

}  // namespace slipway::cli
