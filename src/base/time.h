// Time as slipway reads it: UTC, microseconds, always from a `Clock`. Nothing else may ask the
// operating system what time it is or wait for it to pass.
#pragma once

#include "base/result.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

using Duration = std::chrono::microseconds;
using TimePoint = std::chrono::sys_time<Duration>;

// One of the two places where a fiber waits (the other is Transport::send).
class Clock {
 public:
  virtual ~Clock() = default;

  virtual TimePoint now() const = 0;

  // kCancelled when the fiber's scope was cancelled, kTimeout when its deadline came first.
  // A time in the past still lets other fibers run.
  virtual Result<void> sleep_until(TimePoint when) = 0;

  Result<void> sleep_for(Duration duration) { return sleep_until(now() + duration); }
};

// "2026-01-01T00:00:00Z", with milliseconds when `milliseconds`.
std::string to_iso8601(TimePoint time, bool milliseconds = false);
// "20260101T000000Z", as SigV4 wants it.
std::string to_compact_iso8601(TimePoint time);
// Accepts both forms above, fractions, and offsets such as +02:00.
std::optional<TimePoint> parse_iso8601(std::string_view text);
// "Thu, 01 Jan 2026 00:00:00 GMT" as in the HTTP Date header, and back.
std::string to_http_date(TimePoint time);
std::optional<TimePoint> parse_http_date(std::string_view text);

// "90s", "15m", "1h30m", "500ms"; a bare number is not a duration.
std::optional<Duration> parse_duration(std::string_view text);
// The two largest units: "1h30m", "12m05s", "8.2s", "340ms".
std::string to_string(Duration duration);

}  // namespace slipway
