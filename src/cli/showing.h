// Which view a person or a pipeline gets.
#pragma once

#include "cli/arguments.h"
#include "cli/process.h"
#include "view/view.h"

#include <memory>
#include <string>

namespace slipway::cli {

// NO_COLOR and CI turn colours off unless --color always is given.
bool use_color(const Process& process, ColorWhen when, bool is_terminal);

// Whether the view is the one that redraws a table in place.
bool is_live(const Process& process, const Arguments& arguments);

// How results and diagnostics look. `simulated` at full speed there is nothing to watch, so that
// `auto` is the plain view there.
std::unique_ptr<View> make_view(const Process& process, const Arguments& arguments,
                                const std::string& cluster, TimePoint start);

// An error for a person, after "error: ".
void complain(Process& process, const Error& error, bool color);

}  // namespace slipway::cli
