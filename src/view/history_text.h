// `slipway history` for people and for programs.
#pragma once

#include "base/json.h"
#include "model/history.h"

#include <string>
#include <vector>

namespace slipway {

// A table, newest first as they come; empty for none.
std::string to_string(const std::vector<HistoryEntry>& entries);
Json to_json(const std::vector<HistoryEntry>& entries);

}  // namespace slipway
