// Observing a pair: where its traffic goes, and what its two sides are.
#pragma once

#include "execute/context.h"
#include "execute/look.h"
#include "model/snapshot.h"

namespace slipway {

// One side, from what its service shows.
TrafficEnd end_of(const TrafficSide& side, const ServiceLook& look);

// The weights, the two ends, and the load balancers in front of them. `blue` and `green` are looks
// at the two services. An error of any of them is the whole's.
Result<TrafficSnapshot> look_at_traffic(Context& context, const Subject& subject,
                                        const Canary& canary, const Result<ServiceLook>& blue,
                                        const Result<ServiceLook>& green);
// The same, with the services looked at here.
Result<TrafficSnapshot> look_at_traffic(Context& context, const Subject& subject,
                                        const Canary& canary);

}  // namespace slipway
