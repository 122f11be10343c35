#include "plan/rollback.h"

#include "model/snapshot.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace slipway {
namespace {

constexpr std::string_view kListed = "the list of revisions";

}  // namespace

int revision_number(std::string_view task_definition) {
  const std::string name = family_revision_of(task_definition);
  const std::size_t colon = name.rfind(':');
  int revision = 0;
  if (colon != std::string::npos)
    std::from_chars(name.data() + colon + 1, name.data() + name.size(), revision);
  return revision;
}

std::vector<RollbackCandidate> rollback_candidates(const std::string& present,
                                                   std::vector<PastRollout> past,
                                                   const std::vector<std::string>& active) {
  const std::string now = family_revision_of(present);
  for (PastRollout& rollout : past)
    rollout.task_definition = family_revision_of(rollout.task_definition);
  std::ranges::stable_sort(past, std::greater{}, &PastRollout::at);

  // The last word about each revision decides, except that ECS does not know of our undoing.
  std::set<std::string> bad;
  std::set<std::string> judged;
  for (const PastRollout& rollout : past) {
    if (rollout.source != "the journal") continue;
    if (judged.insert(rollout.task_definition).second && !rollout.succeeded)
      bad.insert(rollout.task_definition);
  }
  std::optional<TimePoint> first_of_present;
  for (const PastRollout& rollout : past)
    if (rollout.succeeded && rollout.task_definition == now) first_of_present = rollout.at;

  std::vector<RollbackCandidate> candidates;
  std::set<std::string> listed = {now};
  for (const PastRollout& rollout : past) {
    const bool is_before = !first_of_present || rollout.at < *first_of_present;
    if (!rollout.succeeded || !is_before || bad.contains(rollout.task_definition)) continue;
    if (listed.insert(rollout.task_definition).second)
      candidates.push_back({rollout.task_definition, rollout.at, rollout.source});
  }
  std::vector<std::string> older;
  for (const std::string& revision : active)
    if (const std::string name = family_revision_of(revision);
        family_of(name) == family_of(now) && revision_number(name) < revision_number(now))
      older.push_back(name);
  std::ranges::sort(older, std::greater{}, revision_number);
  for (const std::string& name : older)
    if (!bad.contains(name) && listed.insert(name).second)
      candidates.push_back({name, std::nullopt, kListed});
  return candidates;
}

}  // namespace slipway
