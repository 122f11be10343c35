// A canary over two services or two task sets, of which one has all the traffic and the other none:
// the idle one gets the new revision, and then the traffic. Which is which only the live weights
// say.
#pragma once

#include "model/plan.h"
#include "model/release.h"
#include "model/snapshot.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway {

std::optional<TrafficPair> pair_of(const ServiceRelease& wanted);
inline bool is_pair(const ServiceRelease& wanted) { return pair_of(wanted).has_value(); }

// The names that ECS knows: of a pair of services both, of task sets the one that has them, and the
// release's own otherwise.
std::vector<std::string> ecs_services_of(const ServiceRelease& wanted);

// The end that has all the traffic, and the other one.
struct LiveAndIdle {
  const TrafficEnd& live;
  const TrafficEnd& idle;
};
// kConflict "traffic.divided" when neither has it all: somebody's canary stands in the middle.
Result<LiveAndIdle> live_and_idle(const TrafficSnapshot& traffic, const std::string& name);

// The service that a release starts from: of a pair the side that has the traffic, of task sets
// with that one's definition. None when it was not found, or when nobody can say which it is.
std::optional<ServiceSnapshot> served_by(const ServiceRelease& wanted, const Snapshot& snapshot);

// Whichever way the weights stand: the new side is the one that was deployed last.
LiveAndIdle old_and_new(const TrafficSnapshot& traffic);

// The new side's share in percent; -1 when both weights are 0.
int new_percent(const TrafficSnapshot& traffic, const LiveAndIdle& ends);

// "next: 50% for 10m", or that nothing is on its way.
std::string next_of(const Canary& canary, const TrafficSnapshot& traffic, const std::string& name);

PlanItem plan_pair(const Release& release, const ServiceRelease& wanted, const Snapshot& snapshot,
                   PlanStage& stage, PlanItem item);

// Going on with a shift that stands in the middle, and undoing it, by the live weights alone.
// kNotFound "traffic.at-rest" when there is nothing to go on with.
Result<ShiftTraffic> plan_taking_over(const Release& release, const ServiceRelease& wanted,
                                      const TrafficSnapshot& traffic);
// A shift that has arrived is gone back from only when `may_be_over`.
Result<RestoreTraffic> plan_going_back(const Release& release, const ServiceRelease& wanted,
                                       const TrafficSnapshot& traffic, bool may_be_over);

}  // namespace slipway
