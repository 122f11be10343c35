// Task sets: the deployments of a service whose controller is EXTERNAL, steered by its owner.
#pragma once

#include "sim/entities.h"
#include "sim/json_writer.h"

namespace slipway::sim {

void write_task_set(JsonWriter& json, const Service& service, const Deployment& deployment,
                    bool with_tags);

}  // namespace slipway::sim
