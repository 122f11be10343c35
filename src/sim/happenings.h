// Brings about what a scenario arranged.
#pragma once

#include "sim/entities.h"
#include "sim/happening.h"
#include "sim/region.h"

namespace slipway::sim {

// Now, at a time, or after a deployment.
void arrange(Region& region, Happening happening, const When& when);

// A deployment of the service has begun: what waited for it gets its time.
void announce_deployment(Region& region, const Service& service);

}  // namespace slipway::sim
