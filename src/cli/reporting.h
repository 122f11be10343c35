// --report FILE: a page of the whole run beside what is shown of it (docs/manual/report.md).
#pragma once

#include "cli/process.h"
#include "view/view.h"

#include <memory>
#include <string>

namespace slipway::cli {

// Whether the page could be written now; nothing is left behind by finding out. What is wrong has
// been told when it could not. True without a file.
bool can_report(Process& process, const std::string& file);

// The view that shows what `shown` shows and writes the page at the end. A page that cannot be
// written then costs a warning: the run has the exit status that it earned. Without a file,
// `shown`.
std::unique_ptr<View> with_report(Process& process, const std::string& file,
                                  std::unique_ptr<View> shown);

// The page of a run of the past. `run` is a run's id, or the path of a journal; empty: the newest
// one. The exit status.
int report_past_run(Process& process, const std::string& run, const std::string& file);

}  // namespace slipway::cli
