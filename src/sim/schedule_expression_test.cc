#include "sim/schedule_expression.h"

#include <gtest/gtest.h>

#include <string>

namespace slipway::sim {
namespace {

// The moment after `after`, counted from `after`, or why there is none.
std::string next(std::string_view expression, std::string_view after) {
  const auto parsed = ScheduleExpression::parse(expression, true);
  if (!parsed) return "refused";
  const TimePoint moment = parse_iso8601(after).value();
  const auto found = parsed->next(moment, moment);
  return found ? to_iso8601(*found, false) : "never";
}

TEST(ScheduleExpression, SaysWhenItFiresNext) {
  struct Case {
    std::string_view expression;
    std::string_view after;
    std::string_view wanted;
  };
  // 2026-01-05 is a Monday.
  for (const auto& [expression, after, wanted] : {
           Case{"rate(1 minute)", "2026-01-05T09:00:00Z", "2026-01-05T09:01:00Z"},
           Case{"rate(12 hours)", "2026-01-05T09:00:30Z", "2026-01-05T21:00:30Z"},
           Case{"rate(7 days)", "2026-01-05T09:00:00Z", "2026-01-12T09:00:00Z"},
           Case{"cron(0 3 * * ? *)", "2026-01-05T09:00:00Z", "2026-01-06T03:00:00Z"},
           Case{"cron(0 3 * * ? *)", "2026-01-05T02:59:59Z", "2026-01-05T03:00:00Z"},
           Case{"cron(0 3 * * ? *)", "2026-01-05T03:00:00Z", "2026-01-06T03:00:00Z"},
           Case{"cron(0/15 * * * ? *)", "2026-01-05T09:16:00Z", "2026-01-05T09:30:00Z"},
           Case{"cron(5,35 14 * * ? *)", "2026-01-05T14:05:00Z", "2026-01-05T14:35:00Z"},
           Case{"cron(0 18 ? * MON-FRI *)", "2026-01-09T18:00:00Z", "2026-01-12T18:00:00Z"},
           Case{"cron(0 18 ? * 2-6 *)", "2026-01-09T18:00:00Z", "2026-01-12T18:00:00Z"},
           Case{"cron(0 0 1 * ? *)", "2026-01-05T00:00:00Z", "2026-02-01T00:00:00Z"},
           Case{"cron(0 0 L * ? *)", "2026-02-01T00:00:00Z", "2026-02-28T00:00:00Z"},
           Case{"cron(0 0 3W * ? *)", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"},
           Case{"cron(0 0 ? * 6L *)", "2026-01-05T00:00:00Z", "2026-01-30T00:00:00Z"},
           Case{"cron(0 0 ? * FRI#3 *)", "2026-01-05T00:00:00Z", "2026-01-16T00:00:00Z"},
           Case{"cron(0 0 ? * L *)", "2026-01-05T00:00:00Z", "2026-01-10T00:00:00Z"},
           Case{"cron(0 0 29 2 ? *)", "2026-01-05T00:00:00Z", "2028-02-29T00:00:00Z"},
           Case{"cron(0 10 ? 6 SUN 2026-2028)", "2026-01-05T00:00:00Z", "2026-06-07T10:00:00Z"},
           Case{"cron(0 0 1 1 ? 2025)", "2026-01-05T00:00:00Z", "never"},
           Case{"cron(0 0 31 2 ? *)", "2026-01-05T00:00:00Z", "never"},
           Case{"at(2026-01-06T03:00:00)", "2026-01-05T00:00:00Z", "2026-01-06T03:00:00Z"},
           Case{"at(2026-01-04T03:00:00)", "2026-01-05T00:00:00Z", "never"},
       }) {
    SCOPED_TRACE(expression);
    EXPECT_EQ(next(expression, after), wanted);
  }
}

TEST(ScheduleExpression, IsRefusedWhereAwsRefusesIt) {
  for (const std::string_view expression : {"",
                                            "rate",
                                            "rate()",
                                            "rate(5)",
                                            "rate(0 minutes)",
                                            "rate(1 minutes)",
                                            "rate(5 minute)",
                                            "rate(5 seconds)",
                                            "rate(-5 minutes)",
                                            "rate(1.5 hours)",
                                            "rate(2000000000 days)",
                                            "Rate(5 minutes)",
                                            "cron(0 3 * * *)",
                                            "cron(0 3 * * * *)",
                                            "cron(0 3 ? * ? *)",
                                            "cron(60 3 * * ? *)",
                                            "cron(0 24 * * ? *)",
                                            "cron(0 3 0 * ? *)",
                                            "cron(0 3 * 13 ? *)",
                                            "cron(0 3 ? * 8 *)",
                                            "cron(0 3 ? * MOO *)",
                                            "cron(0 3 ? * 2#6 *)",
                                            "cron(0 3 * * ? 1969)",
                                            "cron(5-1 3 * * ? *)",
                                            "cron(0/0 3 * * ? *)",
                                            "cron(? 3 * * ? *)",
                                            "0 3 * * ? *",
                                            "at(2026-01-06)",
                                            "at(2026-01-06T03:00:00Z)",
                                            "at(2026-13-06T03:00:00)"})
    EXPECT_EQ(next(expression, "2026-01-05T00:00:00Z"), "refused") << expression;
  EXPECT_FALSE(ScheduleExpression::parse("at(2026-01-06T03:00:00)", false));
}

// A step beyond the field leaves its first value.
TEST(ScheduleExpression, TakesStepsOfAnySize) {
  EXPECT_EQ(next("cron(7/2147483647 3 * * ? *)", "2026-01-05T00:00:00Z"), "2026-01-05T03:07:00Z");
  EXPECT_EQ(next("cron(0 3 ? * MON 2027/2147483647)", "2026-01-05T00:00:00Z"),
            "2027-01-04T03:00:00Z");
}

TEST(ScheduleExpression, CountsARateFromWhereItBegan) {
  const auto rate = ScheduleExpression::parse("rate(10 minutes)", false).value();
  const TimePoint since = parse_iso8601("2026-01-05T09:03:00Z").value();
  const TimePoint later = parse_iso8601("2026-01-05T10:00:00Z").value();
  EXPECT_EQ(to_iso8601(*rate.next(later, since), false), "2026-01-05T10:03:00Z");
  EXPECT_EQ(to_iso8601(*rate.next(*rate.next(later, since), since), false), "2026-01-05T10:13:00Z");
}

}  // namespace
}  // namespace slipway::sim
