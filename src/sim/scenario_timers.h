// What starts tasks by itself: `rules` of EventBridge and `schedules` of its Scheduler.
#pragma once

#include "base/decode.h"
#include "sim/scenario.h"

namespace slipway::sim {

// Whatever PutRule takes, and the rule's Targets.
void read_rules(Fields& file, Scenario& scenario, Diagnostics& diagnostics);
// Whatever CreateSchedule takes. A group that is named is there.
void read_schedules(Fields& file, Scenario& scenario, Diagnostics& diagnostics);

}  // namespace slipway::sim
