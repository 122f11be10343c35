// Which revisions of whole families go, and why each of the others stays.
#pragma once

#include "base/json.h"
#include "plan/prune.h"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace slipway {

// Who uses which revision: "family:revision" to sentences such as "service prod/web".
class RevisionUsers {
 public:
  // `task_definition` is a reference with a revision. One without names the newest, which is never
  // pruned.
  void add(const std::string& task_definition, const std::string& user);
  // All of them, in the order of adding; empty: nobody.
  const std::vector<std::string>& of(const std::string& family_revision) const;
  const std::map<std::string, std::vector<std::string>>& all() const { return users_; }

 private:
  std::map<std::string, std::vector<std::string>> users_;
};

struct PrunedFamily {
  std::string family;
  std::vector<std::string> deregister;  // "family:revision", oldest first
  std::vector<std::string> deletes;     // INACTIVE already, oldest first
  std::vector<KeptRevision> kept;       // all others, newest first, each with its reason
  bool operator==(const PrunedFamily&) const = default;
};

// `active` and `inactive` are references with revisions, in any order; `inactive` is empty when
// nothing is to be deleted. At least the newest ACTIVE revision stays.
PrunedFamily prune_family(const std::string& family, std::vector<std::string> active,
                          std::vector<std::string> inactive, std::size_t keep,
                          const RevisionUsers& users);

// For people, and for `--output json`.
std::string to_string(const std::vector<PrunedFamily>& families);
Json to_json(const std::vector<PrunedFamily>& families);

}  // namespace slipway
