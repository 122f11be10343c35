#include "base/time.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::chrono_literals;

TimePoint at(std::chrono::year_month_day date, Duration into_the_day = 0s) {
  return std::chrono::sys_days(date) + into_the_day;
}

using std::chrono::April;
using std::chrono::December;
using std::chrono::February;
using std::chrono::January;

TEST(Iso8601, IsWrittenInBothForms) {
  const TimePoint time = at(2026y / April / 9, 3h + 7min + 5s + 42ms + 7us);
  EXPECT_EQ(to_iso8601(time), "2026-04-09T03:07:05Z");
  EXPECT_EQ(to_iso8601(time, true), "2026-04-09T03:07:05.042Z");
  EXPECT_EQ(to_compact_iso8601(time), "20260409T030705Z");
  EXPECT_EQ(to_iso8601(at(1969y / December / 31, 23h)), "1969-12-31T23:00:00Z");
}

TEST(Iso8601, IsReadInEveryFormAwsWrites) {
  struct Case {
    std::string_view text;
    std::optional<TimePoint> wanted;
  };
  const TimePoint noon = at(2024y / February / 29, 12h);
  for (const auto& [text, wanted] : {
           Case{"2024-02-29T12:00:00Z", noon},
           Case{"20240229T120000Z", noon},
           Case{"2024-02-29T12:00:00.25Z", noon + 250ms},
           Case{"2024-02-29T12:00:00.123456789Z", noon + 123456us},
           Case{"2024-02-29T14:00:00+02:00", noon},
           Case{"2024-02-29T14:30:00+0230", noon},
           Case{"2024-02-29T07:00:00-05", noon},
           Case{"2024-02-29 12:00:00Z", noon},
           Case{"2016-12-31T23:59:60Z", at(2017y / January / 1)},
           Case{"2023-02-29T12:00:00Z", std::nullopt},
           Case{"2024-02-29T24:00:00Z", std::nullopt},
           Case{"2024-02-29T12:60:00Z", std::nullopt},
           Case{"2024-02-29T12:00:00", std::nullopt},
           Case{"2024-02-29T12:00:00.Z", std::nullopt},
           Case{"2024-02-29T12:00:00Z ", std::nullopt},
           Case{"2024-02-29T12:00:00+99:00", std::nullopt},
           Case{"2024-0229T12:00:00Z", std::nullopt},
           Case{"2024-02-29", std::nullopt},
           Case{"", std::nullopt},
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(parse_iso8601(text), wanted);
  }
}

TEST(HttpDate, IsWrittenAndReadBack) {
  const TimePoint time = at(2026y / January / 1, 1h + 2min + 3s);
  EXPECT_EQ(to_http_date(time), "Thu, 01 Jan 2026 01:02:03 GMT");
  EXPECT_EQ(parse_http_date("Thu, 01 Jan 2026 01:02:03 GMT"), time);
}

TEST(HttpDate, RefusesWhatIsNotOne) {
  for (std::string_view text : {"", "Thu, 01 Jan 2026 01:02:03", "Thu, 32 Jan 2026 01:02:03 GMT",
                                "Thu, 01 Foo 2026 01:02:03 GMT", "Thursday, 01-Jan-26 01:02:03 GMT",
                                "Thu, 01 Jan 2026 01:02:03 GMT+1"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(parse_http_date(text), std::nullopt);
  }
}

TEST(DurationText, IsReadInUnitsFromLargeToSmall) {
  struct Case {
    std::string_view text;
    std::optional<Duration> wanted;
  };
  for (const auto& [text, wanted] : {
           Case{"90s", 90s},
           Case{"15m", 15min},
           Case{"1h30m", 90min},
           Case{"500ms", 500ms},
           Case{"1d2h3m4s5ms6us", 26h + 3min + 4s + 5ms + 6us},
           Case{"0s", 0s},
           Case{"1.5h", 90min},
           Case{"8.2s", 8200ms},
           Case{"12m05s", 12min + 5s},
           Case{"10", std::nullopt},
           Case{"", std::nullopt},
           Case{"m", std::nullopt},
           Case{"5 m", std::nullopt},
           Case{"-5m", std::nullopt},
           Case{"5m1h", std::nullopt},
           Case{"5m5m", std::nullopt},
           Case{"5.m", std::nullopt},
           Case{"5w", std::nullopt},
           Case{"99999999999999999999s", std::nullopt},
           Case{"9223372036854s", 9223372036854s},
           Case{"9223372036855s", std::nullopt},
           Case{"106751991d9h", std::nullopt},
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(parse_duration(text), wanted);
  }
}

TEST(DurationText, ShowsTheTwoLargestUnits) {
  struct Case {
    Duration duration;
    std::string_view wanted;
  };
  for (const auto& [duration, wanted] : {
           Case{0s, "0s"},
           Case{250us, "250us"},
           Case{340ms, "340ms"},
           Case{999999us, "999ms"},
           Case{8s, "8s"},
           Case{8250ms, "8.2s"},
           Case{59999ms, "59.9s"},
           Case{1min, "1m"},
           Case{12min + 5s, "12m05s"},
           Case{1h + 30min + 59s, "1h30m"},
           Case{2h, "2h"},
           Case{27h, "1d03h"},
           Case{-90s, "-1m30s"},
           Case{Duration::min(), "-106751991d04h"},
       }) {
    EXPECT_EQ(to_string(duration), wanted);
  }
}

}  // namespace
}  // namespace slipway
