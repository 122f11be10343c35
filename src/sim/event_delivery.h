// Events on their way: which rules of a bus they match, what each target is sent, and what becomes
// of it. Targets are ECS clusters (RunTask), SNS topics, log groups and other buses of the account;
// what goes to anything else goes nowhere, as does what a target refuses.
#pragma once

#include "base/json.h"
#include "sim/region.h"

#include <string>
#include <string_view>

namespace slipway::sim {

struct EventEntry {
  std::string_view source;       // "aws.ecs"
  std::string_view detail_type;  // "ECS Task State Change"
  JsonArray resources;           // ARNs
  JsonObject detail;
  std::string_view bus = "default";
};

// Whether there is a rule that an event on the default bus might match: who makes events up can
// spare itself the work.
bool anybody_listens(const Region& region);

// Its id. The targets have it half a second later, about as long as AWS takes.
std::string put_event(Region& region, EventEntry entry);

}  // namespace slipway::sim
