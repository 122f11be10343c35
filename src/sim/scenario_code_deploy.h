// The part of a scenario that is about CodeDeploy: `code_deploy`.
#pragma once

#include "base/decode.h"
#include "base/diagnostic.h"
#include "sim/scenario.h"

namespace slipway::sim {

// Configurations, applications and deployment groups become the calls that make them.
void read_code_deploy(Fields& file, Scenario& scenario, Diagnostics& diagnostics);

}  // namespace slipway::sim
