// rollback.
#include "cli/arguments_parts.h"

namespace slipway::cli {
namespace {

void add_rollback(CLI::App& rollback, Arguments& arguments) {
  rollback.add_option("-c,--cluster", arguments.cluster, "cluster [the file's]")->type_name("NAME");
  add_repeated(rollback, "-s,--service", arguments.services,
               "only this service [all of the file]; may be repeated", "NAME");
  add_repeated(rollback, "--to", arguments.to,
               "to this revision, for what runs its family; may be repeated", "FAMILY:REV");
  add_where(rollback, arguments);
  rollback.add_flag("--dry-run", arguments.dry_run, "print the plan and stop");
  rollback.add_flag_callback(
      "--no-wait", [&arguments] { arguments.wait = false; },
      "start everything and do not watch it");
  add_timeout(rollback, arguments,
              "give up watching the run after this long; services go on [none]");
  add_report(rollback, arguments);
  add_showing(rollback, arguments);
}

}  // namespace

void add_rollback_command(Commands& commands) {
  add_command(commands, commands.app, "rollback",
              "back to the revisions that last succeeded before the present ones, services and "
              "schedules together",
              add_rollback);
}

}  // namespace slipway::cli
