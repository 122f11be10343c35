// Who calls the services: clients that send so many requests per second to a DNS name or to a load
// balancer, and what they get. No request is an event: between two changes of the world everything
// flows evenly, so what was requested and answered is worked out when somebody asks or just before
// something changes. It becomes the metrics of AWS/ApplicationELB.
#pragma once

#include "base/json.h"

namespace slipway::sim {

struct Region;

struct Traffic {};

// Works out what was requested and answered until now. Whoever changes what that depends on (the
// state of a target, a rule in force, a record) calls it first.
void settle_traffic(Region& region);

}  // namespace slipway::sim
