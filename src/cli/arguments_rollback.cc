// rollback.
#include "cli/arguments_parts.h"

namespace slipway::cli {
namespace {

void add_rollback(CLI::App& rollback, Arguments& arguments) {
  add_repeated(rollback, "-s,--service", arguments.services,
               "only this service [all of the file]; may be repeated", "NAME");
  add_repeated(rollback, "--to", arguments.to,
               "to this revision, for what runs its family; may be repeated", "FAMILY:REV");
  rollback.add_option("-c,--cluster", arguments.cluster, "cluster [the file's]")->type_name("NAME");
  rollback.add_flag("--dry-run", arguments.dry_run, "print the plan and stop");
  rollback.add_flag_callback(
      "--no-wait", [&arguments] { arguments.wait = false; },
      "start everything and do not watch it");
  add_timeout(rollback, arguments,
              "give up watching the run after this long; services go on [none]");
  add_report(rollback, arguments);
  add_where(rollback, arguments);
  add_showing(rollback, arguments);
  set_footer(rollback,
             "  slipway rollback --dry-run\n"
             "  slipway rollback\n"
             "  slipway rollback --service web\n"
             "  slipway rollback --to shop-web:1\n");
}

}  // namespace

void add_rollback_command(Commands& commands) {
  add_command(commands, commands.app, "rollback",
              "back to what last succeeded before, services and schedules together", add_rollback);
}

}  // namespace slipway::cli
