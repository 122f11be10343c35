// What a scenario says of the account around its services: vpcs, certificates, repositories,
// secrets, parameters, keys, tables, roles and scalable_targets. Each is a list of inputs of AWS's
// own operation that makes such a thing, with a few members more for what AWS would make up.
#pragma once

#include "base/decode.h"
#include "base/diagnostic.h"
#include "sim/scenario.h"

#include <vector>

namespace slipway::sim {

// Before the services.
void read_surroundings(Fields& file, Diagnostics& diagnostics, std::vector<SetupCall>& calls);
// After them.
void read_scalable_targets(Fields& file, Diagnostics& diagnostics, std::vector<SetupCall>& calls);

}  // namespace slipway::sim
