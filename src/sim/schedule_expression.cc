#include "sim/schedule_expression.h"

#include "base/text.h"

#include <algorithm>
#include <charconv>

namespace slipway::sim {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr std::string_view kMonths = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
constexpr std::string_view kWeekdays = "SUNMONTUEWEDTHUFRISAT";
constexpr int kFirstYear = 1970;
constexpr int kLastYear = 2199;
// Where AWS draws the line is not documented; a rate of millions of years would leave the range of
// a time.
constexpr Duration kLongestRate = days(366 * 1000);

std::optional<int> number(std::string_view text) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end || value < 0) return std::nullopt;
  return value;
}

// "FRI" is 6 where `names` begin at 1.
std::optional<int> number_or_name(std::string_view text, std::string_view names) {
  if (const auto value = number(text)) return value;
  const std::string upper = to_upper(text);
  const std::size_t place = upper.size() == 3 ? names.find(upper) : std::string_view::npos;
  if (place == std::string_view::npos || place % 3 != 0) return std::nullopt;
  return static_cast<int>(place / 3) + 1;
}

// "name(inside)" -> inside.
std::optional<std::string_view> inside(std::string_view text, std::string_view name) {
  if (!text.starts_with(name) || !text.ends_with(')')) return std::nullopt;
  text.remove_prefix(name.size());
  if (!text.starts_with('(')) return std::nullopt;
  return text.substr(1, text.size() - 2);
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> all;
  for (const std::string_view word : split(text, ' '))
    if (!word.empty()) all.push_back(word);
  return all;
}

std::optional<Duration> parse_rate(std::string_view text) {
  const std::vector<std::string_view> parts = words(text);
  if (parts.size() != 2) return std::nullopt;
  const std::optional<int> count = number(parts[0]);
  if (!count || *count < 1) return std::nullopt;
  struct Unit {
    std::string_view singular, plural;
    Duration length;
  };
  constexpr Unit kUnits[] = {{"minute", "minutes", std::chrono::minutes(1)},
                             {"hour", "hours", std::chrono::hours(1)},
                             {"day", "days", std::chrono::hours(24)}};
  for (const Unit& unit : kUnits)
    // AWS insists on the grammar: 1 minute, 5 minutes.
    if (parts[1] == (*count == 1 ? unit.singular : unit.plural) &&
        *count <= kLongestRate / unit.length)
      return *count * unit.length;
  return std::nullopt;
}

std::optional<TimePoint> parse_once(std::string_view text) {
  constexpr std::string_view kForm = "2026-01-05T09:00:00";
  if (text.size() != kForm.size()) return std::nullopt;
  return parse_iso8601(std::string(text) + "Z");
}

// 1 is Sunday, as cron counts.
int weekday_of(std::chrono::year_month_day date) {
  return static_cast<int>(std::chrono::weekday(sys_days(date)).c_encoding()) + 1;
}

int last_day_of(std::chrono::year_month_day date) {
  return static_cast<int>(static_cast<unsigned>(
      std::chrono::year_month_day_last(date.year() / date.month() / std::chrono::last).day()));
}

// The weekday nearest to that day without leaving the month.
int nearest_weekday(std::chrono::year_month_day date, int day) {
  day = std::min(day, last_day_of(date));
  const int weekday =
      weekday_of(date.year() / date.month() / std::chrono::day(static_cast<unsigned>(day)));
  if (weekday == 7) return day > 1 ? day - 1 : day + 2;
  if (weekday == 1) return day < last_day_of(date) ? day + 1 : day - 2;
  return day;
}

}  // namespace

std::optional<ScheduleExpression::Field> ScheduleExpression::parse_field(std::string_view text,
                                                                         int first, int last,
                                                                         std::string_view names,
                                                                         bool is_day) {
  Field field;
  field.values.resize(static_cast<std::size_t>(last) + 1);
  if (text == "*" || (text == "?" && is_day)) {
    field.is_any = true;
    field.values.assign(field.values.size(), true);
    return field;
  }
  if (is_day && names.empty() && text == "L") {
    field.last_day = true;
    return field;
  }
  if (is_day && names.empty() && text.ends_with('W')) {
    const auto day = number(text.substr(0, text.size() - 1));
    if (!day || *day < first || *day > last) return std::nullopt;
    field.weekday_near = *day;
    return field;
  }
  if (is_day && !names.empty() && text.ends_with('L')) {
    // L alone is Saturday.
    const auto day = text == "L" ? 7 : number_or_name(text.substr(0, text.size() - 1), names);
    if (!day || *day < first || *day > last) return std::nullopt;
    if (text == "L")
      field.values[7] = true;
    else
      field.last_weekday = *day;
    return field;
  }
  if (const std::size_t hash = text.find('#');
      is_day && !names.empty() && hash != std::string_view::npos) {
    const auto day = number_or_name(text.substr(0, hash), names);
    const auto nth = number(text.substr(hash + 1));
    if (!day || !nth || *day < first || *day > last || *nth < 1 || *nth > 5) return std::nullopt;
    field.nth_weekday = *day;
    field.nth = *nth;
    return field;
  }

  for (const std::string_view part : split(text, ',')) {
    const std::size_t slash = part.find('/');
    const std::string_view range = part.substr(0, slash);
    const std::size_t dash = range.find('-');
    std::optional<int> from = first;
    std::optional<int> to = last;
    if (range != "*") {
      from = number_or_name(range.substr(0, dash), names);
      if (dash != std::string_view::npos)
        to = number_or_name(range.substr(dash + 1), names);
      else if (slash == std::string_view::npos)
        to = from;
    }
    std::optional<int> step = 1;
    if (slash != std::string_view::npos) step = number(part.substr(slash + 1));
    if (!from || !to || !step || *step < 1 || *from < first || *to > last || *from > *to)
      return std::nullopt;
    const int stride = std::min(*step, last + 1);
    for (int value = *from; value <= *to; value += stride)
      field.values[static_cast<std::size_t>(value)] = true;
  }
  return field;
}

std::optional<ScheduleExpression::Cron> ScheduleExpression::parse_cron(std::string_view text) {
  const std::vector<std::string_view> fields = words(text);
  if (fields.size() != 6) return std::nullopt;
  // One of the two kinds of day must be left open, and only one.
  if ((fields[2] == "?") == (fields[4] == "?")) return std::nullopt;
  auto minutes = parse_field(fields[0], 0, 59, "", false);
  auto hours = parse_field(fields[1], 0, 23, "", false);
  auto days_of_month = parse_field(fields[2], 1, 31, "", true);
  auto months = parse_field(fields[3], 1, 12, kMonths, false);
  auto weekdays = parse_field(fields[4], 1, 7, kWeekdays, true);
  auto years = parse_field(fields[5], kFirstYear, kLastYear, "", false);
  if (!minutes || !hours || !days_of_month || !months || !weekdays || !years) return std::nullopt;
  return Cron{*minutes, *hours, *days_of_month, *months, *weekdays, *years};
}

std::optional<ScheduleExpression> ScheduleExpression::parse(std::string_view text,
                                                            bool may_be_once) {
  ScheduleExpression expression;
  if (const auto rate = inside(text, "rate")) {
    const std::optional<Duration> period = parse_rate(*rate);
    if (!period) return std::nullopt;
    expression.kind_ = Rate{*period};
    return expression;
  }
  if (const auto cron = inside(text, "cron")) {
    auto fields = parse_cron(*cron);
    if (!fields) return std::nullopt;
    expression.kind_ = *std::move(fields);
    return expression;
  }
  if (const auto once = inside(text, "at"); once && may_be_once) {
    const std::optional<TimePoint> moment = parse_once(*once);
    if (!moment) return std::nullopt;
    expression.kind_ = Once{*moment};
    return expression;
  }
  return std::nullopt;
}

bool ScheduleExpression::is_day(const Cron& cron, std::chrono::year_month_day date) {
  const int day = static_cast<int>(static_cast<unsigned>(date.day()));
  const int weekday = weekday_of(date);
  const auto admits = [](const Field& field, int value) {
    return field.values[static_cast<std::size_t>(value)];
  };
  const int year = static_cast<int>(date.year());
  if (year < kFirstYear || year > kLastYear || !admits(cron.years, year)) return false;
  if (!admits(cron.months, static_cast<int>(static_cast<unsigned>(date.month())))) return false;
  const Field& of_month = cron.days;
  const bool month_says = of_month.last_day ? day == last_day_of(date)
                          : of_month.weekday_near
                              ? day == nearest_weekday(date, of_month.weekday_near)
                              : admits(of_month, day);
  const Field& of_week = cron.weekdays;
  const bool week_says =
      of_week.last_weekday  ? weekday == of_week.last_weekday && day + 7 > last_day_of(date)
      : of_week.nth_weekday ? weekday == of_week.nth_weekday && (day - 1) / 7 + 1 == of_week.nth
                            : admits(of_week, weekday);
  return month_says && week_says;
}

std::optional<TimePoint> ScheduleExpression::next(TimePoint moment, TimePoint since) const {
  if (const auto* once = std::get_if<Once>(&kind_))
    return once->moment > moment ? std::optional(once->moment) : std::nullopt;
  if (const auto* rate = std::get_if<Rate>(&kind_)) {
    if (moment < since) return since + rate->period;
    return since + ((moment - since) / rate->period + 1) * rate->period;
  }
  const Cron& cron = std::get<Cron>(kind_);
  const auto minute_after =
      std::chrono::floor<std::chrono::minutes>(moment) + std::chrono::minutes(1);
  sys_days day = std::chrono::floor<days>(minute_after);
  const auto in_day = minute_after - day;
  int first_minute =
      static_cast<int>(std::chrono::duration_cast<std::chrono::minutes>(in_day).count());
  // February 29th on a given weekday comes back within 40 years (1900 and 2100 included).
  for (int tried = 0; tried < 40 * 366; ++tried, day += days(1), first_minute = 0) {
    if (!is_day(cron, std::chrono::year_month_day(day))) continue;
    for (int minute = first_minute; minute < 24 * 60; ++minute) {
      if (cron.hours.values[static_cast<std::size_t>(minute / 60)] &&
          cron.minutes.values[static_cast<std::size_t>(minute % 60)])
        return TimePoint(day) + std::chrono::minutes(minute);
    }
  }
  return std::nullopt;
}

}  // namespace slipway::sim
