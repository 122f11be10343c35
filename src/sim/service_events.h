// What a service says in its `events`: the sentences ECS writes there, and how often.
#pragma once

#include "sim/placement.h"
#include "sim/region.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

// A service event, "(service S) " before the message.
void say(Region& region, Service& service, std::string_view message);
// As it is: for those that begin "(service S, taskSet D)".
void say_as_is(Region& region, Service& service, std::string message);

// A condition that lasts has one event until it is forgotten or `event_repeat` has passed. Whether
// it was said.
bool say_once(Region& region, Service& service, std::string_view condition,
              std::string_view message);
void forget(Service& service, std::string_view condition);

// What one tick did. `replaced` of those started take the place of unhealthy ones.
void report_stops(Region& region, Service& service, const std::vector<Task*>& stopped);
void report_starts(Region& region, Service& service, const std::vector<Task*>& started,
                   int replaced);
// Back at rest.
void report_steady_state(Region& region, Service& service);
// Without a shortage the condition is over.
void report_shortage(Region& region, Service& service, const std::optional<Shortage>& shortage);
// Each task that has become unhealthy, once.
void report_ill_health(Region& region, Service& service);

}  // namespace slipway::sim
