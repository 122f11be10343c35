#include "plan/prune.h"

#include "model/snapshot.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace slipway {
namespace {

// 0 for what has no number: it sorts first and is never worth keeping for its age.
long number_of(std::string_view revision) {
  const std::string_view digits = revision.substr(revision.rfind(':') + 1);
  long number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

}  // namespace

PruneDecision decide_prune(std::vector<std::string> revisions, const PruneRule& rule) {
  std::ranges::sort(revisions, {}, [](const std::string& each) { return number_of(each); });
  const std::size_t surplus = revisions.size() - std::min(rule.keep, revisions.size());
  // Whoever is kept for its use makes room for itself by sending off a newer one that is not used.
  const std::size_t candidates = rule.in_use_counts ? revisions.size() : surplus;
  PruneDecision decision;
  for (std::size_t i = 0; i < candidates && decision.deregister.size() < surplus; ++i) {
    const std::string name = family_revision_of(revisions[i]);
    const auto used = rule.in_use.find(name);
    if (used == rule.in_use.end())
      decision.deregister.push_back(std::move(revisions[i]));
    else
      decision.kept.push_back({name, used->second});
  }
  return decision;
}

}  // namespace slipway
