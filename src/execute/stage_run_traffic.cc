// Traffic that goes from one side of a pair to the other.
#include "execute/stage_run.h"

namespace slipway {

Verdict StageRun::act(Item&, const Step&, const ShiftTraffic&) {
  return verdict_of_error(Error{ErrorKind::kInternal, "traffic.none", "nobody moves traffic yet"},
                          Outcome::kFailedToStart);
}

Verdict StageRun::act(Item&, const Step&, const RestoreTraffic&) {
  return verdict_of_error(Error{ErrorKind::kInternal, "traffic.none", "nobody moves traffic yet"},
                          Outcome::kFailedToStart);
}

}  // namespace slipway
