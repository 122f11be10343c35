// What files can be told on the command line: Jsonnet's variables and those of task classes.
#pragma once

#include "base/jsonnet.h"
#include "base/result.h"
#include "cli/flags.h"

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::cli {

inline constexpr std::array<std::string_view, 4> kJsonnetFlags = {"ext-str", "ext-code", "tla-str",
                                                                  "tla-code"};

// --ext-str, --ext-code, --tla-str, --tla-code and -J/--jpath, as the jsonnet program knows them.
const std::vector<Flag>& jsonnet_flags();

// What was given for them. kInvalid for one without a name.
Result<JsonnetVariables> jsonnet_variables(const ParsedFlags& flags);

// --var NAME=VALUE.
Result<std::map<std::string, std::string>> named_values(const std::vector<std::string>& texts);

}  // namespace slipway::cli
