#include "model/release.h"

namespace slipway {

std::string to_string(const Trigger& trigger) {
  if (trigger.is_rule())
    return "rule " + trigger.rule +
           (trigger.event_bus.empty() ? "" : " on event bus " + trigger.event_bus);
  return "schedule " + (trigger.group.empty() ? "" : trigger.group + "/") + trigger.schedule;
}

}  // namespace slipway
