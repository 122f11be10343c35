// What a task says of itself.
#pragma once

#include "sim/json_writer.h"
#include "sim/region.h"

namespace slipway::sim {

void write_task(JsonWriter& json, const Region& region, const Task& task, bool with_tags);

}  // namespace slipway::sim
