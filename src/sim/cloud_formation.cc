#include "sim/cloud_formation.h"

#include "sim/calls.h"
#include "sim/stacks.h"

namespace slipway::sim {

std::span<const Operation> cloud_formation_operations() { return {}; }

}  // namespace slipway::sim
