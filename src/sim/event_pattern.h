// EventBridge's event patterns: which events a rule is about.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
#pragma once

#include "base/json.h"

#include <optional>
#include <string>
#include <string_view>

namespace slipway::sim {

// Why the text is no event pattern; nullopt: it is one.
std::optional<std::string> event_pattern_problem(std::string_view pattern);

// `pattern` is one that has no problem. A member that is a list matches by any of its items.
bool matches_event(const JsonObject& pattern, const JsonObject& event);

}  // namespace slipway::sim
