// The parts of a scenario that are about CloudFormation: `stacks` and `stack_faults`.
#pragma once

#include "base/decode.h"
#include "base/diagnostic.h"
#include "sim/scenario.h"

#include <vector>

namespace slipway::sim {

// Each of `stacks` becomes a call that makes it.
void read_stacks(Fields& file, Scenario& scenario, Diagnostics& diagnostics);
// Stacks that were to be there at the start and are not, with what failed first. Where the scenario
// lets resources of stacks fail, that is as it should be.
void report_unmade_stacks(World& world, const Scenario& scenario, Diagnostics& diagnostics);
// The list `key`, of a file or of a happening.
std::vector<StackFault> read_stack_faults(Fields& fields, const char* key);

}  // namespace slipway::sim
