// status and wait.
#include "cli/arguments_parts.h"

namespace slipway::cli {

void add_service_commands(CLI::App& app, Arguments& arguments) {
  CLI::App& status = add_command(app, "status", "how the services stand now");
  CLI::App& wait =
      add_command(app, "wait", "watch running deployments to their end, and judge them");
  for (CLI::App* looking : {&status, &wait}) {
    looking->add_option("services", arguments.services, "services [those of the file]")
        ->type_name("SERVICE");
    looking->add_option("-c,--cluster", arguments.cluster, "cluster [the file's]")
        ->type_name("NAME");
    add_where(*looking, arguments);
    add_showing(*looking, arguments);
  }
  add_timeout(wait, arguments, "give up watching after this long [15m]");
}

}  // namespace slipway::cli
