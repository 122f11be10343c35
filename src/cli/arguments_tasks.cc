// Commands about one-off tasks and task definitions.
#include "cli/arguments_parts.h"
#include "dialect/flags_release.h"

namespace slipway::cli {
namespace {

// NAME=VALUE; the value may be empty.
void add_environment(CLI::App& app, RunArguments& run) {
  app.add_option_function<std::vector<std::string>>(
         "-e,--env",
         [&run](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) {
             const std::size_t equals = text.find('=');
             if (equals == std::string::npos || equals == 0)
               throw CLI::ValidationError("--env",
                                          fmt::format("expected NAME=VALUE, found \"{}\"", text));
             run.environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
           }
         },
         "set this variable in the container; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
}

void add_overrides(CLI::App& app, Arguments& arguments) {
  RunArguments& run = arguments.run;
  app.add_option_function<std::string>(
         "--command",
         [&run](const std::string& text) {
           std::optional<std::vector<std::string>> words = split_command(text);
           if (!words || words->empty())
             throw CLI::ValidationError(
                 "--command", fmt::format("expected words or a JSON list, found \"{}\"", text));
           run.command = std::move(*words);
         },
         "run this instead, in words or as a JSON list; also after `--`")
      ->type_name("COMMAND");
  add_environment(app, run);
  add_repeated(app, "--container", arguments.containers,
               "whom command, variables and tag are for [the only container]", "NAME");
  app.add_option("--cpu", run.cpu, "CPU units of the task")->type_name("UNITS");
  app.add_option("--memory", run.memory, "memory of the task")->type_name("MIB");
}

void add_placement(CLI::App& app, RunArguments& run) {
  app.add_option_function<int>(
         "--count", [&run](int count) { run.count = count; }, "so many tasks, 1 to 10 [1]")
      ->type_name("N")
      ->check(unnamed(CLI::Range(1, 10)));
  app.add_option("--launch-type", run.launch_type, "EC2, FARGATE or EXTERNAL")
      ->type_name("TYPE")
      ->check(unnamed(CLI::IsMember({"EC2", "FARGATE", "EXTERNAL"})));
  app.add_option("--capacity-provider", run.capacity_provider, "instead of a launch type")
      ->type_name("NAME");
  app.add_option("--platform-version", run.platform_version, "of Fargate [LATEST]")
      ->type_name("VERSION");
  app.add_option("--group", run.group, "task group [family:FAMILY]")->type_name("NAME");
  app.add_option("--network-configuration", run.network_configuration,
                 "as the AWS CLI takes it: awsvpcConfiguration={subnets=[...]}, JSON or\n"
                 "file://PATH")
      ->type_name("CONFIGURATION");
  app.add_option("--subnets", run.subnets, "subnets of the task, with commas or repeated")
      ->type_name("ID")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--security-groups", run.security_groups, "security groups of the task, likewise")
      ->type_name("ID")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_flag_callback(
      "--assign-public-ip", [&run] { run.assign_public_ip = true; }, "with a public address");
}

void add_run(CLI::App& run, Arguments& arguments) {
  run.add_option("task", arguments.run.task, "a task of the file [the only one it has]")
      ->type_name("TASK");
  add_images(run, arguments);
  add_overrides(run, arguments);
  run.add_flag_callback(
      "--no-wait", [&arguments] { arguments.wait = false; }, "start it and do not watch it");
  run.add_flag_callback(
      "--no-logs", [&arguments] { arguments.run.logs = false; }, "do not show what it writes");
  run.add_flag("--forward-exit-code", arguments.run.forward_exit_code,
               "end with the exit code of the container that failed");
  add_timeout(run, arguments, "give up watching after this long; the task goes on [none]");
  run.add_flag("--stop-on-interrupt", arguments.run.stop_on_interrupt,
               "Ctrl-C stops the task too, and not only the watching");
  run.add_option("--attach", arguments.run.attach,
                 "watch tasks that run already, by their ids; with --cluster")
      ->type_name("ID");
  add_report(run, arguments);
  under_heading(run, "Without a file", [&] {
    run.add_option("--task-definition", arguments.task_definition,
                   "run this: a family, family:revision, ARN, or a definition's file")
        ->type_name("REF|FILE");
    run.add_option("-c,--cluster", arguments.cluster, "with --task-definition: the cluster")
        ->type_name("NAME");
  });
  under_heading(run, "Where it runs", [&] { add_placement(run, arguments.run); });
  add_where(run, arguments);
  add_showing(run, arguments);
  set_footer(
      run,
      "  slipway run shop-migrate --tag v2 -- bin/migrate --to 41\n"
      "  slipway run --cluster prod --task-definition shop-migrate --launch-type FARGATE \\\n"
      "      --subnets subnet-0a1\n");
}

void add_prune(CLI::App& prune, Arguments& arguments) {
  prune.add_option("families", arguments.prune.families, "families [those of the file]")
      ->type_name("FAMILY");
  prune
      .add_option_function<std::size_t>(
          "--keep", [&arguments](std::size_t keep) { arguments.prune.keep = keep; },
          "the newest N of each family stay [the file's keep_revisions]")
      ->type_name("N")
      ->check(unnamed(CLI::Range(1, 1'000'000)));
  prune.add_flag("--dry-run", arguments.dry_run, "say what would go and what stays, and stop");
  prune.add_flag("--delete", arguments.prune.deletes,
                 "also delete what was INACTIVE before; cannot be undone");
  add_repeated(prune, "--cluster", arguments.prune.clusters,
               "look for users only in this cluster; may be repeated [all]", "NAME");
  prune
      .add_option_function<std::size_t>(
          "--rollback-window",
          [&arguments](std::size_t count) { arguments.prune.rollback_window = count; },
          "what the last N successful deployments of a service ran stays [2]")
      ->type_name("N")
      ->check(unnamed(CLI::Range(0, 20)));
  add_repeated(prune, "--event-bus", arguments.prune.event_buses,
               "look at the rules of this event bus, too; may be repeated", "NAME");
  prune.add_flag_callback(
      "--no-rules", [&arguments] { arguments.prune.rules = false; },
      "no EventBridge rule runs tasks; do not look");
  prune.add_flag_callback(
      "--no-schedules", [&arguments] { arguments.prune.schedules = false; },
      "no EventBridge schedule runs tasks; do not look");
  add_where(prune, arguments);
  add_showing(prune, arguments);
  set_footer(prune,
             "  slipway prune --keep 10 --dry-run\n"
             "  slipway prune --keep 10\n"
             "  slipway prune shop-web shop-worker --keep 5\n");
}

}  // namespace

void add_task_commands(Commands& commands) {
  add_command(commands, commands.app, "run",
              "run one task to its end: its log, its exit codes, what became of it", add_run);
  add_command(commands, commands.app, "prune",
              "deregister old revisions that nothing uses; says why the others stay", add_prune);
}

std::string mistake_in_run(const Arguments& arguments) {
  if (!arguments.run.attach.empty()) {
    if (arguments.cluster.empty()) return "--attach needs --cluster";
    if (!arguments.task_definition.empty() || !arguments.run.task.empty())
      return "--attach watches tasks that run already; it starts none";
    return "";
  }
  if (arguments.task_definition.empty()) {
    if (!arguments.cluster.empty())
      return "--cluster goes with --task-definition; a file says its cluster itself";
    return "";
  }
  if (!arguments.file.empty() || !arguments.run.task.empty())
    return "--task-definition and a task of a file exclude each other";
  return "";
}

}  // namespace slipway::cli
