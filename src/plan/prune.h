// Which revisions of a family go: pure, from what is there and what must stay. Deregistering is not
// deleting, but a revision that is INACTIVE cannot be gone back to, so the rule errs on the side of
// keeping.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace slipway {

struct PruneRule {
  std::size_t keep = 1;  // the newest so many
  // What stays whatever its age, "family:revision" to the reason: "service web uses it".
  std::map<std::string, std::string> in_use = {};
  // Whether those count among the `keep`: then exactly `keep` are left as long as fewer are in use.
  bool in_use_counts = false;
};

struct KeptRevision {
  std::string revision;  // "family:revision"
  std::string reason;
  bool operator==(const KeptRevision&) const = default;
};

struct PruneDecision {
  std::vector<std::string> deregister;  // as they were given, oldest first
  std::vector<KeptRevision> kept;       // that would have gone by age, oldest first
  bool operator==(const PruneDecision&) const = default;
};

// `revisions` are ARNs or "family:revision" of one family, in any order.
PruneDecision decide_prune(std::vector<std::string> revisions, const PruneRule& rule);

}  // namespace slipway
