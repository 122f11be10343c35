// Task sets: the deployments of a service whose controller is EXTERNAL, steered by its owner, or
// CODE_DEPLOY, steered by CodeDeploy.
#pragma once

#include "sim/entities.h"
#include "sim/json_writer.h"

namespace slipway::sim {

struct Region;

void write_task_set(JsonWriter& json, const Service& service, const Deployment& deployment,
                    bool with_tags);

// One more, ACTIVE, with what `workload` says; the scheduler is not woken.
Deployment& add_task_set(Region& region, Service& service, const Workload& workload);

}  // namespace slipway::sim
