#include "sim/partial_failure.h"

#include <algorithm>
#include <string>
#include <utility>

namespace slipway::sim {
namespace {

struct Row {
  std::string_view operation;
  std::string_view entries;  // the input's member
  std::string_view id;       // of an entry; empty: the entry is the id
};
constexpr Row kRows[] = {{"events:PutTargets", "Targets", "Id"},
                         {"events:RemoveTargets", "Ids", ""}};

const Row* find_row(std::string_view operation) {
  const auto* found = std::find_if(std::begin(kRows), std::end(kRows),
                                   [&](const Row& row) { return row.operation == operation; });
  return found == std::end(kRows) ? nullptr : found;
}

}  // namespace

bool can_fail_in_part(std::string_view operation) { return find_row(operation) != nullptr; }

JsonArray take_out_failing(std::string_view operation, const Fault& fault, Json& input) {
  JsonArray failed;
  const Row* row = find_row(operation);
  if (row == nullptr || find_array(input, row->entries) == nullptr) return failed;
  JsonArray left;
  for (Json& entry : input.at(row->entries).as_array()) {
    if (failed.size() == fault.count) {
      left.push_back(std::move(entry));
      continue;
    }
    const Json id = row->id.empty() ? entry : Json(string_or_empty(entry, row->id));
    failed.push_back(
        JsonObject{{"TargetId", id}, {"ErrorCode", fault.code}, {"ErrorMessage", fault.message}});
  }
  input.at(row->entries) = std::move(left);
  return failed;
}

void add_failed(const JsonArray& failed, Json& answer) {
  JsonObject& document = answer.as_object();
  JsonArray& entries = document["FailedEntries"].emplace_array();
  for (const Json& entry : failed) entries.push_back(entry);
  document["FailedEntryCount"] = entries.size();
}

}  // namespace slipway::sim
