// Deployments: a new revision in front of the old ones, watched by the circuit breaker and alarms,
// completed or rolled back, and the 90-day record of each.
#pragma once

#include "sim/entities.h"
#include "sim/region.h"

#include <memory>
#include <string>
#include <vector>

namespace slipway::sim {

// What `service.workload` says becomes PRIMARY; the PRIMARY so far becomes ACTIVE.
Deployment& begin_deployment(Region& region, Service& service);

// Back to the last completed deployment, which keeps its id; without one, or when the settings do
// not ask for a rollback, the PRIMARY stays and is given up. `reason` is the statusReason, of those
// failures that have more than one.
void fail_deployment(Region& region, Service& service, Failure failure,
                     const std::string& reason = {});

// The PRIMARY is all there is, and all there should be.
void complete_deployment(Region& region, Service& service);

// PENDING records begin, superseded ones end, requested rollbacks start.
void advance_records(Region& region, Service& service);

// Old deployments of which nothing runs are no longer listed, and forgotten once nothing needs
// them.
void drop_finished_deployments(Region& region, Service& service);

// How many failures trip the breaker.
int failure_threshold(const Service& service);

// What the breaker and the alarms have found by now.
std::optional<Failure> detect_failure(Region& region, Service& service);

}  // namespace slipway::sim
