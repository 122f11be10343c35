// The fault of a call that AWS answers with 200 although part of it failed: PutTargets and
// RemoveTargets list in FailedEntries what did not happen.
#pragma once

#include "base/json.h"
#include "sim/faults.h"

#include <string_view>

namespace slipway::sim {

// Whether the operation ("events:PutTargets") can fail in part.
bool can_fail_in_part(std::string_view operation);

// Takes the first `fault.count` entries out of the input; what comes back says they failed.
JsonArray take_out_failing(std::string_view operation, const Fault& fault, Json& input);

// Adds them to the answer of the call without them.
void add_failed(const JsonArray& failed, Json& answer);

}  // namespace slipway::sim
