// One request of somebody's own to what load balancers serve, such as a smoke test. The many that
// `traffic` describes are worked out together; a single one gets what most of them would get.
#pragma once

#include "base/transport.h"

#include <optional>

namespace slipway::sim {

struct Region;

// nullopt: the host is neither a load balancer's DNS name nor a name that leads to one.
std::optional<HttpResponse> visit(Region& region, const HttpRequest& request);

}  // namespace slipway::sim
