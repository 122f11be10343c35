// Holds a decoded request against the facts of its operation (models/): types, required members,
// enumerations and limits, with the errors AWS gives for them.
#pragma once

#include "base/diagnostic.h"
#include "base/json.h"
#include "base/node.h"
#include "sim/answer.h"

#include <optional>
#include <string>
#include <string_view>

namespace slipway::sim {

// What is wrong first: SerializationException for a wrong type; for a violated constraint
// InvalidParameterException (ECS) or ValidationError. Unknown members are ignored, null is absent.
// Whether the own members of an ECS operation are there is left to the world, which knows AWS's
// sentence for each.
std::optional<ServiceError> check_input(std::string_view service, std::string_view operation,
                                        const Json& input);

// The input of an operation as a person writes it in a scenario: scalars become what the facts say
// they are (`cpu: 512` is a text there), and unknown members, wrong types and missing nested
// members are diagnostics with their places.
Json read_input(std::string_view service, std::string_view operation, const Node& node,
                const std::string& path, Diagnostics& diagnostics);

}  // namespace slipway::sim
