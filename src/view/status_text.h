// How services stand now, for people and as JSON.
#pragma once

#include "model/event.h"
#include "model/snapshot.h"

#include <string>
#include <vector>

namespace slipway {

struct ServiceStatus {
  ServiceSnapshot service;
  std::vector<ServiceEvent> events;  // newest first
};

// A line per deployment, then the latest events of each service that is not at rest.
std::string to_string(const std::vector<ServiceStatus>& services, TimePoint now);
Json to_json(const std::vector<ServiceStatus>& services);

}  // namespace slipway
