// The part of a scenario that says who may do what: `identity`.
#pragma once

#include "base/decode.h"
#include "sim/identity.h"

namespace slipway::sim {

void read_identity(Fields& fields, IdentitySettings& identity, Diagnostics& diagnostics);

}  // namespace slipway::sim
