// Deregistering old revisions that nothing uses. Everything that can name a revision is asked
// first: services and their deployments, running tasks, EventBridge rules, schedules, and what a
// rollback would go back to. What we are not allowed to ask is never taken for "nobody": it stops
// the pruning, or keeps more.
#pragma once

#include "base/result.h"
#include "execute/context.h"
#include "execute/watch.h"
#include "plan/prune_families.h"

#include <cstddef>
#include <string>
#include <vector>

namespace slipway {

struct PruneRequest {
  std::vector<std::string> families;
  std::size_t keep = 10;                 // newest revisions of each family
  std::size_t rollback_window = 2;       // last successful deployments of each service
  std::vector<std::string> clusters;     // where users are looked for; empty: in all of the region
  std::vector<std::string> event_buses;  // whose rules are looked at, besides the default one
  bool rules = true;                     // false: there are none, says the user
  bool schedules = true;
  bool deletes = false;  // what was INACTIVE before
};

// Looks; changes nothing. kDenied when somebody may use a revision and we may not ask.
Result<std::vector<PrunedFamily>> plan_prune(Context& context, const PruneRequest& request);

// Oldest first, at the pace AWS allows. Goes on after a revision that cannot be deregistered; the
// verdict has the first such error, and says how many.
Verdict prune(Context& context, const std::vector<PrunedFamily>& families);

}  // namespace slipway
