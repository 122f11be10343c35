// The simulated AWS behind the Transport seam, in virtual time: a request travels, is answered at
// the moment it arrives, and the answer travels back. Whatever signs, retries and decodes above it
// does so as over a network.
#pragma once

#include "base/fiber.h"
#include "base/transport.h"
#include "sim/api.h"

namespace slipway::sim {

struct SimTransportSettings {
  Duration latency = std::chrono::milliseconds(20);  // there and back
};

class SimTransport final : public Transport {
 public:
  // Borrows both. The fibers' clock must start at, or after, the world's time.
  SimTransport(Fibers& fibers, SimulatedAws& aws, SimTransportSettings settings = {})
      : fibers_(fibers), aws_(aws), settings_(settings) {}

  // Any URL is this AWS, so that real endpoints and metadata addresses can be rehearsed as they
  // are. A call that is cancelled on its way there has no effect, one cancelled on its way back
  // has.
  Result<HttpResponse> send(const HttpRequest& request) override;

 private:
  Fibers& fibers_;
  SimulatedAws& aws_;
  SimTransportSettings settings_;
};

}  // namespace slipway::sim
