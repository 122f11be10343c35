// Going on with traffic that stands divided, and going back: what `continue`, `stop` and `rollback`
// do to the pairs of a release, planned from the live weights.
#pragma once

#include "execute/context.h"
#include "model/plan.h"
#include "model/release.h"

namespace slipway {

enum class MoveTraffic { kGoOn, kGoBack };

// A stage of its own with an item for each pair of the release; what cannot be done is refused
// there. `may_be_over`: a shift that has arrived is gone back from, too.
PlanStage plan_traffic_moves(Context& context, const Release& release, MoveTraffic where,
                             bool may_be_over);

}  // namespace slipway
