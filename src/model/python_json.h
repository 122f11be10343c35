// JSON as Python's json.dumps writes it, for those who compare texts with what a Python program
// wrote: ASCII only, ", " and ": " between, or two spaces of indentation.
#pragma once

#include "base/json.h"

#include <string>

namespace slipway {

std::string to_python_text(const Json& json);
// json.dumps(…, indent=2): no newline at the end.
std::string to_python_pretty_text(const Json& json);

}  // namespace slipway
