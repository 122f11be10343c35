#include "plan/prune_families.h"

#include "base/text.h"
#include "model/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace slipway {
namespace {

int number_of(const std::string& family_revision) {
  int number = 0;
  const std::size_t colon = family_revision.rfind(':');
  if (colon == std::string::npos) return 0;
  std::from_chars(family_revision.data() + colon + 1,
                  family_revision.data() + family_revision.size(), number);
  return number;
}

// As "family:revision", oldest first, each once.
std::vector<std::string> in_order(std::vector<std::string> revisions) {
  for (std::string& revision : revisions) revision = family_revision_of(revision);
  std::ranges::sort(revisions, {}, number_of);
  const auto repeated = std::ranges::unique(revisions);
  revisions.erase(repeated.begin(), repeated.end());
  return revisions;
}

}  // namespace

void RevisionUsers::add(const std::string& task_definition, const std::string& user) {
  std::vector<std::string>& users = users_[family_revision_of(task_definition)];
  if (std::ranges::find(users, user) == users.end()) users.push_back(user);
}

const std::vector<std::string>& RevisionUsers::of(const std::string& family_revision) const {
  static const std::vector<std::string> kNobody;
  const auto found = users_.find(family_revision);
  return found == users_.end() ? kNobody : found->second;
}

PrunedFamily prune_family(const std::string& family, std::vector<std::string> active,
                          std::vector<std::string> inactive, std::size_t keep,
                          const RevisionUsers& users) {
  PrunedFamily pruned{.family = family};
  active = in_order(std::move(active));
  // A bare family, in a schedule as in a command line, means the newest ACTIVE revision.
  keep = std::max<std::size_t>(keep, 1);
  PruneRule rule{.keep = keep};
  for (const std::string& revision : active)
    if (const std::vector<std::string>& its = users.of(revision); !its.empty())
      rule.in_use[revision] = join(its, ", ");
  pruned.deregister = decide_prune(active, rule).deregister;

  for (std::size_t i = active.size(); i-- > 0;) {
    const std::string& revision = active[i];
    if (std::ranges::find(pruned.deregister, revision) != pruned.deregister.end()) continue;
    const std::size_t age = active.size() - i;
    std::string reason;
    if (age <= keep) reason = keep == 1 ? "the newest" : fmt::format("among the newest {}", keep);
    if (const auto used = rule.in_use.find(revision); used != rule.in_use.end())
      reason += (reason.empty() ? "used by " : "; used by ") + used->second;
    pruned.kept.push_back({revision, std::move(reason)});
  }
  for (std::string& revision : in_order(std::move(inactive))) {
    // Its name may still be all that a service or a rule has.
    const std::vector<std::string>& its = users.of(revision);
    if (its.empty())
      pruned.deletes.push_back(std::move(revision));
    else
      pruned.kept.push_back({revision, "INACTIVE, but used by " + join(its, ", ")});
  }
  return pruned;
}

std::string to_string(const std::vector<PrunedFamily>& families) {
  std::string text;
  for (const PrunedFamily& family : families) {
    if (!text.empty()) text += "\n";
    text += fmt::format("{}: deregister {}, delete {}, keep {}\n", family.family,
                        family.deregister.size(), family.deletes.size(), family.kept.size());
    std::size_t width = 0;
    for (const KeptRevision& kept : family.kept) width = std::max(width, kept.revision.size());
    for (const std::vector<std::string>* list : {&family.deregister, &family.deletes})
      for (const std::string& revision : *list) width = std::max(width, revision.size());
    for (const KeptRevision& kept : family.kept)
      text += fmt::format("  keep        {:<{}}  {}\n", kept.revision, width, kept.reason);
    for (const std::string& revision : family.deregister)
      text += fmt::format("  deregister  {}\n", revision);
    for (const std::string& revision : family.deletes)
      text += fmt::format("  delete      {}\n", revision);
  }
  return text;
}

Json to_json(const std::vector<PrunedFamily>& families) {
  JsonArray array;
  for (const PrunedFamily& family : families) {
    JsonArray kept;
    for (const KeptRevision& one : family.kept)
      kept.push_back(JsonObject{{"revision", one.revision}, {"reason", one.reason}});
    array.push_back(JsonObject{{"family", family.family},
                               {"deregister", boost::json::value_from(family.deregister)},
                               {"delete", boost::json::value_from(family.deletes)},
                               {"keep", std::move(kept)}});
  }
  return array;
}

}  // namespace slipway
