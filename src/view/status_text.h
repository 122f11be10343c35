// How services stand now, for people and as JSON.
#pragma once

#include "model/event.h"
#include "model/snapshot.h"
#include "model/traffic.h"

#include <string>
#include <vector>

namespace slipway {

struct ServiceStatus {
  ServiceSnapshot service;
  std::vector<ServiceEvent> events;  // newest first
};

// Where the traffic of a pair goes.
struct TrafficStatus {
  std::string name;  // of the release's service
  TrafficSnapshot traffic;
  std::string next;  // "next step: 50% for 10m", or that it is at rest
};
std::string to_string(const std::vector<TrafficStatus>& traffic);
Json to_json(const std::vector<TrafficStatus>& traffic);

// A line per deployment, then the latest events of each service that is not at rest.
std::string to_string(const std::vector<ServiceStatus>& services, TimePoint now);
Json to_json(const std::vector<ServiceStatus>& services);

}  // namespace slipway
