// What DynamoDB takes as the value of an attribute, {"N": "1"}.
#pragma once

#include "base/json.h"

#include <optional>
#include <string>

namespace slipway::sim {

// In DynamoDB's words; nullopt: nothing is wrong with it, nor with what is inside of it.
std::optional<std::string> item_value_problem(const Json& value);

}  // namespace slipway::sim
