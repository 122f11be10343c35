// Commands about services and their deployments.
#include "cli/arguments_parts.h"

namespace slipway::cli {
namespace {

void add_services(CLI::App& app, Arguments& arguments) {
  app.add_option("services", arguments.services, "services [those of the file]")
      ->type_name("SERVICE");
  app.add_option("-c,--cluster", arguments.cluster, "cluster [the file's]")->type_name("NAME");
}

void add_one_deployment(CLI::App& app, Arguments& arguments) {
  app.add_option("--deployment", arguments.deployment.id,
                 "service deployment, by ARN or id [the one in progress]")
      ->type_name("ID");
  app.add_flag_callback(
      "--no-wait", [&arguments] { arguments.wait = false; }, "ask for it and do not watch it");
}

void add_status(CLI::App& status, Arguments& arguments) {
  add_services(status, arguments);
  add_where(status, arguments);
  add_showing(status, arguments);
  set_footer(status,
             "  slipway status\n"
             "  slipway status --cluster prod web api\n");
}

void add_wait(CLI::App& wait, Arguments& arguments) {
  add_services(wait, arguments);
  add_timeout(wait, arguments, "give up watching after this long [15m]");
  add_report(wait, arguments);
  add_where(wait, arguments);
  add_showing(wait, arguments);
  set_footer(wait,
             "  slipway wait\n"
             "  slipway wait --cluster prod web\n");
}

void add_history(CLI::App& history, Arguments& arguments) {
  add_services(history, arguments);
  add_repeated(history, "--service", arguments.services, "the same as SERVICE; may be repeated",
               "NAME");
  history
      .add_option_function<std::size_t>(
          "--limit", [&arguments](std::size_t limit) { arguments.limit = limit; },
          "at most so many, 1 to 100 [10]")
      ->type_name("N")
      ->check(unnamed(CLI::Range(1, 100)));
  history
      .add_option("--report", arguments.report,
                  "write a page of one run of this machine instead; SERVICE is\n"
                  "then the run's id, or its journal [the newest]")
      ->type_name("FILE");
  add_where(history, arguments);
  add_showing(history, arguments);
  set_footer(history,
             "  slipway history web\n"
             "  slipway history --cluster prod --limit 3 --output json\n"
             "  slipway history --report release.html       # the newest run of this machine\n");
}

void add_stop(CLI::App& stop, Arguments& arguments) {
  add_services(stop, arguments);
  add_one_deployment(stop, arguments);
  stop.add_flag("--abort", arguments.deployment.aborts,
                "leave the service as it is instead, where ECS can do that");
  add_timeout(stop, arguments, "give up watching after this long [30m]");
  add_report(stop, arguments);
  add_where(stop, arguments);
  add_showing(stop, arguments);
  set_footer(stop,
             "  slipway stop web\n"
             "  slipway stop --cluster prod web\n");
}

void add_continue(CLI::App& go_on, Arguments& arguments) {
  add_services(go_on, arguments);
  add_one_deployment(go_on, arguments);
  go_on
      .add_option("--hook", arguments.deployment.hook,
                  "the hook to answer [the only one that waits]")
      ->type_name("ID");
  go_on.add_flag("--rollback", arguments.deployment.goes_back, "go back instead of on");
  add_timeout(go_on, arguments, "give up watching after this long [1h]");
  add_report(go_on, arguments);
  add_where(go_on, arguments);
  add_showing(go_on, arguments);
  set_footer(go_on,
             "  slipway continue web\n"
             "  slipway continue web --rollback\n");
}

}  // namespace

void add_service_commands(Commands& commands) {
  CLI::App& app = commands.app;
  add_command(commands, app, "status", "how the services stand now", add_status);
  add_command(commands, app, "wait", "watch running deployments to their end, and judge them",
              add_wait);
  add_command(commands, app, "history",
              "who deployed what and when, how it ended, and why; newest first", add_history);
  add_command(commands, app, "stop",
              "stop the deployments in progress and go back, judged to the end", add_stop);
  add_command(commands, app, "continue",
              "let deployments that wait at a pause hook go on, judged to the end", add_continue);
}

}  // namespace slipway::cli
