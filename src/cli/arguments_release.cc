// deploy and plan.
#include "cli/arguments_parts.h"

namespace slipway::cli {
namespace {

void add_release(CLI::App& app, Arguments& arguments) {
  add_images(app, arguments);
  add_repeated(
      app, "--only", arguments.only,
      "only this service, task or schedule, or all that match: \"web-*\";\nmay be repeated",
      "NAME");
  app.add_flag_callback(
      "--skip-tasks",
      [&arguments] { arguments.skip_tasks_before = arguments.skip_tasks_after = true; },
      "run no tasks, before or after");
  app.add_flag("--skip-tasks-before", arguments.skip_tasks_before,
               "run no tasks before the services");
  app.add_flag("--skip-tasks-after", arguments.skip_tasks_after, "run no tasks after the services");
}

// One-line releases: everything is said by flags, and there is no file.
void add_without_file(CLI::App& app, Arguments& arguments) {
  add_repeated(app, "--service", arguments.services,
               "release this service, without a file; may be repeated", "NAME");
  app.add_option("-c,--cluster", arguments.cluster, "with --service: its cluster")
      ->type_name("NAME");
  app.add_option("--task-definition", arguments.task_definition,
                 "with --service: a family, family:revision, ARN or file;\n"
                 "`latest`: the newest revision of the family [the one in use]")
      ->type_name("REF|FILE");
  add_repeated(app, "--container", arguments.containers,
               "with --service: the container that gets the --tag; may be repeated\n"
               "[the only one there is]",
               "NAME");
  app.add_flag("--force-new-deployment", arguments.force_new_deployment,
               "with --service: new tasks even if nothing else changes");
  add_converted(app, "--max-wait", arguments.max_wait, &positive_duration,
                "with --service: give up on a service after this long [15m]", "DURATION",
                "a duration such as 90s, 15m or 1h30m");
}

void add_max_parallel(CLI::App& app, Arguments& arguments) {
  app.add_option_function<std::size_t>(
         "--max-parallel", [&arguments](std::size_t count) { arguments.max_parallel = count; },
         "at most so many tasks or services of a stage at a time, 0 for all [0]")
      ->type_name("N");
}

void add_deploy(CLI::App& deploy, Arguments& arguments) {
  add_release(deploy, arguments);
  deploy.add_flag("--dry-run", arguments.dry_run,
                  "print the plan and stop; same as `slipway plan`");
  deploy.add_flag_callback(
      "--no-wait", [&arguments] { arguments.wait = false; },
      "start everything and do not watch it");
  add_timeout(deploy, arguments, "give up watching the run after this long; services go on [none]");
  add_max_parallel(deploy, arguments);
  add_report(deploy, arguments);
  under_heading(deploy, "Without a file", [&] { add_without_file(deploy, arguments); });
  add_where(deploy, arguments);
  add_showing(deploy, arguments);
  set_footer(deploy,
             "  slipway deploy --tag v2\n"
             "  slipway deploy --tag v2 --only web --timeout 20m --report release.html\n"
             "  slipway deploy --cluster prod --service web --image registry.example/shop-web:v2\n"
             "  slipway deploy --tag v2 --sim --speed 30        # a rehearsal, to watch; no AWS "
             "account\n");
}

void add_plan(CLI::App& plan, Arguments& arguments) {
  add_release(plan, arguments);
  plan.add_flag("--exit-code", arguments.exit_code, "exit status 3 when there is something to do");
  under_heading(plan, "Without a file", [&] { add_without_file(plan, arguments); });
  add_where(plan, arguments);
  add_showing(plan, arguments);
  set_footer(plan,
             "  slipway plan --tag v2\n"
             "  slipway plan --tag v2 --sim\n"
             "  slipway plan --cluster prod --service web --task-definition latest\n");
}

}  // namespace

void add_release_commands(Commands& commands) {
  add_command(commands, commands.app, "deploy",
              "bring the application to what the file says, and back if it fails", add_deploy);
  add_command(commands, commands.app, "plan", "print what deploy would do; changes nothing",
              add_plan);
}

std::string mistake_in_release(const Arguments& arguments) {
  if (arguments.services.empty()) {
    for (const auto& [name, image] : arguments.images)
      if (name.empty()) return fmt::format("--image: expected NAME=REF, found \"{}\"", image);
    const std::pair<bool, const char*> alone[] = {
        {!arguments.cluster.empty(), "--cluster"},
        {!arguments.task_definition.empty(), "--task-definition"},
        {!arguments.containers.empty(), "--container"},
        {arguments.force_new_deployment, "--force-new-deployment"},
        {arguments.max_wait.has_value(), "--max-wait"}};
    for (const auto& [is_there, name] : alone)
      if (is_there) return fmt::format("{} goes with --service; a file says that itself", name);
    return "";
  }
  if (!arguments.file.empty())
    return "--service and --file exclude each other; --only picks a service of a file";
  if (!arguments.only.empty() || arguments.skip_tasks_before || arguments.skip_tasks_after)
    return "--only and --skip-tasks pick from a file, and with --service there is none";
  return "";
}

}  // namespace slipway::cli
