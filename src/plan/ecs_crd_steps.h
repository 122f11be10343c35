// How the traffic moves: the steps of the file in the order they are taken, and how long it all
// takes if nothing goes wrong.
#pragma once

#include "model/ecs_crd.h"

#include <chrono>
#include <string>
#include <vector>

namespace slipway {

struct CrdTrafficStep {
  int weight_percent = 100;  // of the release being deployed; the live one has the rest
  std::chrono::seconds wait{60};
  bool operator==(const CrdTrafficStep&) const = default;
};

// Ascending, and 100 percent last. Without a live release there is nothing to be careful with: all
// traffic at once.
std::vector<CrdTrafficStep> crd_traffic_steps(const CrdCanary& canary, bool has_live_release);

// How long what is not in the file takes; measured or assumed by whoever runs the release.
struct CrdPace {
  std::chrono::seconds init_stack{0};  // zero when there is none to create
  std::chrono::seconds green_stack{0};
  std::chrono::seconds health_check{0};   // each, when all is well at once
  std::chrono::seconds weight_change{0};  // until Route 53 says INSYNC
  std::chrono::seconds grace{0};          // from 100 percent to the deletion of the old release
  std::chrono::seconds blue_deletion{0};  // zero when there is no old release
};

struct CrdEstimate {
  struct Part {
    std::string what;  // "scale up", "60 % of the traffic"
    std::chrono::seconds time;
    bool operator==(const Part&) const = default;
  };
  std::vector<Part> parts;
  std::chrono::seconds total() const;
};

CrdEstimate estimate(const CrdFile& file, const std::vector<CrdTrafficStep>& steps,
                     const CrdPace& pace);

}  // namespace slipway
