// Holds a decoded request against the facts of its operation (models/): types, required members,
// enumerations and limits, with the errors AWS gives for them.
#pragma once

#include "aws/service.h"
#include "base/json.h"
#include "sim/answer.h"

#include <optional>
#include <string_view>

namespace slipway::sim {

// What is wrong first: SerializationException for a wrong type; for a violated constraint
// InvalidParameterException (ECS) or ValidationError. Unknown members are ignored, null is absent.
// Whether the own members of an ECS operation are there is left to the world, which knows AWS's
// sentence for each.
std::optional<ServiceError> check_input(const aws::ServiceFacts& service,
                                        std::string_view operation, const Json& input);

}  // namespace slipway::sim
