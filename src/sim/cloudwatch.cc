#include "sim/calls.h"
#include "sim/metrics.h"

namespace slipway::sim {

std::string alarm_state(Region& region, std::string_view name) {
  const auto& alarms = region.metrics->alarms;
  const auto found = alarms.find(name);
  return found == alarms.end() ? std::string() : found->second.StateValue;
}

void hold_alarm(Region& region, const std::string& name, const std::string& state) {
  Alarm& alarm = region.metrics->alarms[name];
  alarm.AlarmName = name;
  alarm.is_held = true;
  if (alarm.StateValue != state) alarm.StateUpdatedTimestamp = region.now;
  alarm.StateValue = state;
}

std::span<const Operation> cloudwatch_operations() { return {}; }

}  // namespace slipway::sim
