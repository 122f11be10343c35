// When a rule or a schedule fires: rate(5 minutes), cron(0 3 * * ? *) and, for the Scheduler,
// at(2026-01-05T09:00:00). Moments are UTC.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
#pragma once

#include "base/time.h"

#include <array>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace slipway::sim {

class ScheduleExpression {
 public:
  // nullopt when AWS would refuse it. `at(...)` is read only where `may_be_once`.
  static std::optional<ScheduleExpression> parse(std::string_view text, bool may_be_once);

  // The first moment after `moment`; a rate counts from `since`. nullopt: never again.
  std::optional<TimePoint> next(TimePoint moment, TimePoint since) const;

 private:
  // What a field of cron admits. The special days are looked at besides `values`.
  struct Field {
    std::vector<bool> values;  // by number
    bool is_any = false;       // *, or ? in a day
    bool last_day = false;     // L: of the month
    int weekday_near = 0;      // 15W: the weekday nearest to that day
    int last_weekday = 0;      // 6L: the last Friday
    int nth_weekday = 0;       // 6#3: the third Friday
    int nth = 0;
  };
  struct Rate {
    Duration period;
  };
  struct Cron {
    Field minutes, hours, days, months, weekdays, years;
  };
  struct Once {
    TimePoint moment;
  };

  static std::optional<Field> parse_field(std::string_view text, int first, int last,
                                          std::string_view names, bool is_day);
  static std::optional<Cron> parse_cron(std::string_view text);
  static bool is_day(const Cron& cron, std::chrono::year_month_day date);

  std::variant<Rate, Cron, Once> kind_;
};

}  // namespace slipway::sim
