// Choosing what a service goes back to: the revision that last succeeded before the present one.
// Before, not beside: after `rollback` has gone from C to B, a second one goes on to A and never
// forward to C again.
#pragma once

#include "base/time.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// One rollout of a service, as somebody remembers it.
struct PastRollout {
  std::string task_definition;  // "family:revision" or ARN
  TimePoint at;                 // when it ended
  bool succeeded = true;
  std::string_view source;  // "a service deployment", "the journal"
  bool operator==(const PastRollout&) const = default;
};

struct RollbackCandidate {
  std::string task_definition;            // "family:revision"
  std::optional<TimePoint> succeeded_at;  // none: nothing says that it ever did
  std::string_view source;
  bool operator==(const RollbackCandidate&) const = default;
};

// Best first. `past` in any order; what the journal knows to have failed is no candidate, even
// where ECS calls the deployment successful: the release around it was taken back. `active` are the
// ACTIVE revisions of the family, for when nothing better is known.
std::vector<RollbackCandidate> rollback_candidates(const std::string& present,
                                                   std::vector<PastRollout> past,
                                                   const std::vector<std::string>& active);

// 42 of "web:42" or its ARN; 0 when there is none.
int revision_number(std::string_view task_definition);

}  // namespace slipway
