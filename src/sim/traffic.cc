#include "sim/traffic.h"

#include "sim/region.h"

namespace slipway::sim {

void settle_traffic(Region&) {}

}  // namespace slipway::sim
