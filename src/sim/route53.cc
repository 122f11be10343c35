#include "sim/calls.h"
#include "sim/hosted_zones.h"

namespace slipway::sim {

std::span<const Operation> route53_operations() { return {}; }

}  // namespace slipway::sim
