// Times that clients send. None leaves what a calendar has, because the arithmetic on it would
// leave the range of a TimePoint.
#pragma once

#include "base/json.h"
#include "base/time.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace slipway::sim {

// The member as a time: seconds since 1970, or ISO 8601. nullopt for one beyond the year 9999.
std::optional<TimePoint> find_time(const Json& input, std::string_view member);

// Since 1970; what lies beyond the year 9999, either way, is its end.
TimePoint time_of_milliseconds(std::int64_t milliseconds);

}  // namespace slipway::sim
