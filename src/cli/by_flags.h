// What flags alone say of a release or a task, and where a release comes from: a file, or flags.
#pragma once

#include "cli/arguments.h"
#include "cli/files.h"
#include "cli/process.h"
#include "dialect/flags_release.h"

#include <optional>

namespace slipway::cli {

// With --service the flags say everything, else a file does. Whatever is wrong has been written to
// `process.err` when there is no value.
std::optional<ReleaseFile> what_to_release(Process& process, const Arguments& arguments,
                                           bool color);

// The one task that `slipway run` is about, by flags or out of the file, in the same way.
std::optional<ReleaseFile> task_to_run(Process& process, const Arguments& arguments, bool color);

}  // namespace slipway::cli
