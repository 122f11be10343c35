#include "sim/times.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace slipway::sim {
namespace {

std::string read(std::string_view value) {
  const Json input = parse_json("{\"at\": " + std::string(value) + "}").value();
  const auto time = find_time(input, "at");
  return time ? to_iso8601(*time, true) : "none";
}

TEST(Times, AreSecondsOrText) {
  struct Case {
    std::string_view value, wanted;
  };
  for (const auto& [value, wanted] :
       {Case{"1767225600", "2026-01-01T00:00:00.000Z"}, Case{"0.0015", "1970-01-01T00:00:00.001Z"},
        Case{"\"2026-01-01T01:00:00+01:00\"", "2026-01-01T00:00:00.000Z"}, Case{"-1e300", "none"},
        Case{"253402300800", "none"}, Case{"\"soon\"", "none"}, Case{"true", "none"}})
    EXPECT_EQ(read(value), wanted) << value;
  EXPECT_FALSE(find_time(JsonObject{}, "at"));
}

TEST(Times, InMillisecondsEndWithTheCalendar) {
  using Limits = std::numeric_limits<std::int64_t>;
  EXPECT_EQ(to_iso8601(time_of_milliseconds(1'767'225'600'123), true), "2026-01-01T00:00:00.123Z");
  EXPECT_EQ(to_iso8601(time_of_milliseconds(Limits::max()), true), "9999-12-31T23:59:59.999Z");
  EXPECT_LT(time_of_milliseconds(Limits::min()), TimePoint{});
}

}  // namespace
}  // namespace slipway::sim
