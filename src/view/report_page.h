// The page of a report: one self-contained HTML document without scripts, that asks the network for
// nothing.
#pragma once

#include "view/report_data.h"

#include <string>
#include <string_view>

namespace slipway::report {

// A release of fifty services in half an hour stays below a megabyte: beyond that much, series are
// cut more coarsely and the list of events loses its middle (and says so).
std::string page_of(const Run& run);

// The page's style sheet.
std::string_view style();

}  // namespace slipway::report
