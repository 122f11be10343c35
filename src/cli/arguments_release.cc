// deploy and plan.
#include "cli/arguments_parts.h"

namespace slipway::cli {
namespace {

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
  add_repeated(app, "--only", arguments.only,
               "only this service, task or schedule; may be repeated", "NAME");
  app.add_flag_callback(
      "--skip-tasks",
      [&arguments] { arguments.skip_tasks_before = arguments.skip_tasks_after = true; },
      "run no tasks, before or after");
  app.add_flag("--skip-tasks-before", arguments.skip_tasks_before,
               "run no tasks before the services");
  app.add_flag("--skip-tasks-after", arguments.skip_tasks_after, "run no tasks after the services");
}

void add_max_parallel(CLI::App& app, Arguments& arguments) {
  app.add_option_function<std::size_t>(
         "--max-parallel", [&arguments](std::size_t count) { arguments.max_parallel = count; },
         "at most so many tasks or services of a stage at a time, 0 for all [0]")
      ->type_name("N");
}

}  // namespace

void add_release_commands(CLI::App& app, Arguments& arguments) {
  CLI::App& deploy =
      add_command(app, "deploy",
                  "bring the application to what the file says; waits, and rolls back as it says");
  add_where(deploy, arguments);
  add_release(deploy, arguments);
  deploy.add_flag("--dry-run", arguments.dry_run,
                  "print the plan and stop; same as `slipway plan`");
  deploy.add_flag_callback(
      "--no-wait", [&arguments] { arguments.wait = false; },
      "start everything and do not watch it");
  add_timeout(deploy, arguments, "give up watching the run after this long; services go on [none]");
  add_max_parallel(deploy, arguments);
  add_showing(deploy, arguments);

  CLI::App& plan = add_command(app, "plan", "print what deploy would do; changes nothing");
  add_where(plan, arguments);
  add_release(plan, arguments);
  plan.add_flag("--exit-code", arguments.exit_code, "exit status 3 when there is something to do");
  add_showing(plan, arguments);
}

}  // namespace slipway::cli
