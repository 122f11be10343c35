#include "base/time.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <limits>

namespace slipway {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Calendar {
  std::chrono::year_month_day date;
  std::chrono::weekday weekday;
  std::chrono::hh_mm_ss<microseconds> clock;

  explicit Calendar(TimePoint time)
      : date(std::chrono::floor<days>(time)),
        weekday(std::chrono::floor<days>(time)),
        clock(time - std::chrono::floor<days>(time)) {}

  int year() const { return static_cast<int>(date.year()); }
  unsigned month() const { return static_cast<unsigned>(date.month()); }
  unsigned day() const { return static_cast<unsigned>(date.day()); }
};

// Reads a text from the front; every member answers whether it found what it wanted.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool literal(std::string_view wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }

  bool any_of(std::string_view wanted) {
    if (rest_.empty() || wanted.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool digits(std::size_t count, int& number) {
    if (rest_.size() < count) return false;
    number = 0;
    for (char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return false;
      number = number * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return true;
  }

  template <std::size_t kCount>
  bool one_of(const std::array<std::string_view, kCount>& names, int& index) {
    for (std::size_t i = 0; i < kCount; ++i) {
      if (literal(names[i])) return index = static_cast<int>(i), true;
    }
    return false;
  }

  // The digits after a decimal point, cut after the sixth; at least one.
  bool microsecond_fraction(std::int64_t& value) {
    std::size_t count = 0;
    value = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++count) {
      if (count < 6) value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    for (std::size_t i = count; i < 6; ++i) value *= 10;
    return count > 0;
  }

  // A whole number small enough to be multiplied by any unit of ours without overflow being
  // possible before the caller's own check.
  bool number(std::int64_t& value) {
    std::size_t count = 0;
    value = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++count) {
      if (value > std::numeric_limits<std::int64_t>::max() / 10 - 1) return false;
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return count > 0;
  }

 private:
  std::string_view rest_;
};

std::optional<TimePoint> at(int year, int month, int day, int hour, int minute, int second) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  // 60 is a leap second; it counts as the first second of the next minute.
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return TimePoint(std::chrono::sys_days(date)) + hours(hour) + minutes(minute) + seconds(second);
}

struct Unit {
  std::string_view name;
  std::int64_t microseconds;
};
// Largest first. "ms" and "us" stand before the names that are their beginnings.
constexpr std::array<Unit, 6> kUnits = {{{"d", 86'400'000'000},
                                         {"h", 3'600'000'000},
                                         {"ms", 1'000},
                                         {"us", 1},
                                         {"m", 60'000'000},
                                         {"s", 1'000'000}}};

}  // namespace

std::string to_iso8601(TimePoint time, bool with_milliseconds) {
  const Calendar calendar(time);
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", calendar.year(), calendar.month(),
                  calendar.day(), calendar.clock.hours().count(), calendar.clock.minutes().count(),
                  calendar.clock.seconds().count());
  if (with_milliseconds) text += fmt::format(".{:03}", calendar.clock.subseconds().count() / 1000);
  return text + "Z";
}

std::string to_compact_iso8601(TimePoint time) {
  const Calendar calendar(time);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", calendar.year(), calendar.month(),
                     calendar.day(), calendar.clock.hours().count(),
                     calendar.clock.minutes().count(), calendar.clock.seconds().count());
}

std::optional<TimePoint> parse_iso8601(std::string_view text) {
  Scanner scan(text);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!scan.digits(4, year)) return std::nullopt;
  const bool extended = scan.literal("-");
  if (!scan.digits(2, month) || (extended && !scan.literal("-")) || !scan.digits(2, day))
    return std::nullopt;
  if (!scan.any_of("Tt ") || !scan.digits(2, hour) || (extended && !scan.literal(":")) ||
      !scan.digits(2, minute) || (extended && !scan.literal(":")) || !scan.digits(2, second))
    return std::nullopt;

  std::int64_t fraction = 0;
  if (scan.any_of(".,") && !scan.microsecond_fraction(fraction)) return std::nullopt;

  seconds offset{0};
  if (!scan.any_of("Zz")) {
    const bool east = scan.literal("+");
    if (!east && !scan.literal("-")) return std::nullopt;
    int offset_hours = 0, offset_minutes = 0;
    if (!scan.digits(2, offset_hours)) return std::nullopt;
    scan.literal(":");
    if (!scan.at_end() && !scan.digits(2, offset_minutes)) return std::nullopt;
    if (offset_hours > 23 || offset_minutes > 59) return std::nullopt;
    offset = hours(offset_hours) + minutes(offset_minutes);
    if (!east) offset = -offset;
  }
  if (!scan.at_end()) return std::nullopt;
  const std::optional<TimePoint> local = at(year, month, day, hour, minute, second);
  if (!local) return std::nullopt;
  return *local - offset + microseconds(fraction);
}

std::string to_http_date(TimePoint time) {
  const Calendar calendar(time);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     kDays[calendar.weekday.c_encoding()], calendar.day(),
                     kMonths[calendar.month() - 1], calendar.year(), calendar.clock.hours().count(),
                     calendar.clock.minutes().count(), calendar.clock.seconds().count());
}

std::optional<TimePoint> parse_http_date(std::string_view text) {
  Scanner scan(text);
  int weekday = 0, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const bool is_date = scan.one_of(kDays, weekday) && scan.literal(", ") && scan.digits(2, day) &&
                       scan.literal(" ") && scan.one_of(kMonths, month) && scan.literal(" ") &&
                       scan.digits(4, year) && scan.literal(" ") && scan.digits(2, hour) &&
                       scan.literal(":") && scan.digits(2, minute) && scan.literal(":") &&
                       scan.digits(2, second) && scan.literal(" GMT") && scan.at_end();
  // A wrong day of the week is not held against the sender: nothing depends on it.
  if (!is_date) return std::nullopt;
  return at(year, month + 1, day, hour, minute, second);
}

std::optional<Duration> parse_duration(std::string_view text) {
  Scanner scan(text);
  std::int64_t total = 0;
  std::int64_t smallest_so_far = std::numeric_limits<std::int64_t>::max();
  if (scan.at_end()) return std::nullopt;
  while (!scan.at_end()) {
    std::int64_t whole = 0, millionths = 0;
    if (!scan.number(whole)) return std::nullopt;
    if (scan.literal(".") && !scan.microsecond_fraction(millionths)) return std::nullopt;
    const Unit* unit = nullptr;
    for (const Unit& candidate : kUnits) {
      if (scan.literal(candidate.name)) {
        unit = &candidate;
        break;
      }
    }
    // "5m1h" and "5m5m" are more likely slips than meant.
    if (unit == nullptr || unit->microseconds >= smallest_so_far) return std::nullopt;
    smallest_so_far = unit->microseconds;
    std::int64_t part = 0;
    // The fraction is below 10^6 and the largest unit below 10^11, so this product fits.
    const std::int64_t fraction = millionths * unit->microseconds / 1'000'000;
    if (__builtin_mul_overflow(whole, unit->microseconds, &part) ||
        __builtin_add_overflow(part, fraction, &part) ||
        __builtin_add_overflow(total, part, &total))
      return std::nullopt;
  }
  return Duration(total);
}

std::string to_string(Duration duration) {
  if (duration < Duration::zero()) {
    // The most negative value has no positive counterpart.
    if (duration == Duration::min()) duration += Duration(1);
    return "-" + to_string(-duration);
  }
  if (duration == Duration::zero()) return "0s";
  if (duration < milliseconds(1)) return fmt::format("{}us", duration.count());
  if (duration < seconds(1)) return fmt::format("{}ms", duration / milliseconds(1));
  // Cut, not rounded: something that ran 59.97 s has not run a minute.
  if (duration < minutes(1)) {
    const std::int64_t tenths = duration / milliseconds(100);
    return tenths % 10 == 0 ? fmt::format("{}s", tenths / 10)
                            : fmt::format("{}.{}s", tenths / 10, tenths % 10);
  }
  auto two_units = [&duration](Duration large, char large_name, Duration small, char small_name) {
    const std::int64_t larges = duration / large;
    const std::int64_t smalls = duration % large / small;
    return smalls == 0 ? fmt::format("{}{}", larges, large_name)
                       : fmt::format("{}{}{:02}{}", larges, large_name, smalls, small_name);
  };
  if (duration < hours(1)) return two_units(minutes(1), 'm', seconds(1), 's');
  if (duration < days(1)) return two_units(hours(1), 'h', minutes(1), 'm');
  return two_units(days(1), 'd', hours(1), 'h');
}

}  // namespace slipway
