#include "sim/times.h"

#include <algorithm>
#include <cmath>

namespace slipway::sim {
namespace {

constexpr std::int64_t kYear10000 = 253'402'300'800;  // in seconds since 1970

}  // namespace

std::optional<TimePoint> find_time(const Json& input, std::string_view member) {
  if (const auto text = find_string(input, member)) return parse_iso8601(*text);
  const auto seconds = find_double(input, member);
  if (!seconds || !(std::abs(*seconds) < static_cast<double>(kYear10000))) return std::nullopt;
  return TimePoint(Duration(std::llround(*seconds * 1e6)));
}

TimePoint time_of_milliseconds(std::int64_t milliseconds) {
  return TimePoint(std::chrono::milliseconds(
      std::clamp(milliseconds, -kYear10000 * 1000, kYear10000 * 1000 - 1)));
}

}  // namespace slipway::sim
