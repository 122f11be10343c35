// The parts of a scenario that say who is called how: target groups, load balancers, hosted zones,
// alarms, metrics, and the traffic itself.
#pragma once

#include "base/decode.h"
#include "sim/scenario.h"

#include <array>
#include <optional>
#include <string_view>

namespace slipway::sim {

void read_balancing(Fields& file, Diagnostics& diagnostics, Scenario& scenario);

// The happenings of these parts, by their keys.
inline constexpr std::array<std::string_view, 4> kBalancingHappenings = {
    "traffic", "targets", "metric", "hold_dns_changes"};
std::optional<Happening> read_balancing_happening(Fields& fields, Diagnostics& diagnostics);

// Wherever an ARN of Elastic Load Balancing is wanted, the scenario may say the name of what it
// describes: "web-blue" (a target group), "public" (a load balancer), "public:443" (its listener),
// "public:443:10" or "public:443:default" (a rule). Afterwards all calls have ARNs.
void resolve_balancing_names(Scenario& scenario);

}  // namespace slipway::sim
