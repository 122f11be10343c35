// The simulated CloudFormation's operations. Stacks are in sim/stacks.h.
#pragma once

#include <span>

namespace slipway::sim {

struct Operation;  // sim/calls.h

std::span<const Operation> cloud_formation_operations();

}  // namespace slipway::sim
