#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/version.h"

namespace slipway::cli {

int run_version(Process& process, const Arguments& arguments) {
  process.out(arguments.short_version ? version_tag() + "\n" : version_text("slipway"));
  return kDone;
}

int run_completion(Process& process, const Arguments& arguments) {
  process.out(completion_script(arguments.shell));
  return kDone;
}

}  // namespace slipway::cli
