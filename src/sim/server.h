// The simulated AWS on a port of this machine, for any AWS client: `slipway sim serve`. One thread,
// one event loop of its own; virtual time follows real time at `speed`. Whatever comes over a
// connection, however malformed, slow or large, costs that connection at most.
#pragma once

#include "base/diagnostic.h"
#include "base/result.h"
#include "base/time.h"
#include "sim/api.h"
#include "sim/scenario.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace slipway::sim {

struct ServeOptions {
  std::string address = "127.0.0.1";  // who may connect: loopback unless somebody asks for more
  std::uint16_t port = 0;             // 0: any free one
  double speed = 1;                   // virtual seconds per real second
  std::optional<Duration> run_for;    // real time; nullopt: until SIGINT or SIGTERM
  // Called once, when connections are accepted: "http://127.0.0.1:PORT".
  std::function<void(const std::string& url)> on_listening;

  std::size_t max_connections = 1000;  // further ones are told 503
  std::size_t max_header_bytes = 16 << 10;
  std::size_t max_body_bytes = 8 << 20;
  Duration idle_timeout = std::chrono::minutes(5);      // between requests
  Duration request_timeout = std::chrono::seconds(20);  // first to last byte of one
};

// Returns when told to end. kUnavailable "sim.listen" when the port cannot be had.
Result<void> serve(SimulatedAws& aws, const ServeOptions& options);

// The same for a scenario. It starts now unless it says when; the dates of signatures are checked
// only where virtual time is real time: at speed 1 from now on. kInvalid "sim.scenario" when AWS
// would refuse a part of it; `diagnostics` then say which.
Result<void> serve(Scenario scenario, const ServeOptions& options, Diagnostics& diagnostics);

}  // namespace slipway::sim
