// What a scenario's tasks run on: `capacity`, `auto_scaling_groups`, `capacity_providers`,
// `clusters` and their instances.
#pragma once

#include "base/decode.h"
#include "sim/scenario.h"

#include <string>

namespace slipway::sim {

void read_capacity(Fields& file, Scenario& scenario);

// Whatever CreateCluster takes, and the instances that are there from the beginning. Capacity
// providers come first: a cluster may name them.
void read_clusters(Fields& file, Scenario& scenario, Diagnostics& diagnostics);

AddInstances read_instances(Fields& fields, std::string cluster);

}  // namespace slipway::sim
