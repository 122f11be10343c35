// What a scenario says of the functions behind lifecycle hooks: `lifecycle_hooks`, at the top and
// as a happening.
#pragma once

#include "base/decode.h"
#include "sim/happening.h"

#include <string_view>

namespace slipway::sim {

SetHooks read_hook_behaviours(Fields& fields, std::string_view key);

}  // namespace slipway::sim
