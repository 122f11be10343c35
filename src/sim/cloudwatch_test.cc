#include "sim/metric_math.h"
#include "sim/metrics.h"
#include "sim/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::sim {
namespace {

using testing::ElementsAre;

std::string time_text(int seconds) {
  return to_iso8601(Rehearsal::kZero + std::chrono::seconds(seconds));
}

struct OneMetric : Rehearsal {
  OneMetric() : Rehearsal() { at(0); }

  void measure(double value) {
    arrange(SetMetric{.Namespace = "Shop", .MetricName = "Errors", .value = value});
  }
  // "60=5 120=7" of each result.
  std::vector<std::string> values(int to, std::string_view queries, std::string_view more = "") {
    const Json answer =
        call("cloudwatch:GetMetricData",
             fmt::format(R"({{"StartTime": "{}", "EndTime": "{}", "MetricDataQueries": [{}]{}}})",
                         time_text(0), time_text(to), queries, more));
    std::vector<std::string> all;
    for (const Json& result : answer.at("MetricDataResults").as_array()) {
      std::string text(result.at("StatusCode").as_string());
      for (std::size_t i = 0; i < result.at("Values").as_array().size(); ++i)
        text += fmt::format(" {:g}={:g}",
                            result.at("Timestamps").at(i).to_number<double>() -
                                static_cast<double>(kZero.time_since_epoch().count()) / 1e6,
                            result.at("Values").at(i).to_number<double>());
      all.push_back(std::move(text));
    }
    if (const auto token = find_string(answer, "NextToken")) next_token = *token;
    return all;
  }
  std::string alarm() {
    const Json answer = call("cloudwatch:DescribeAlarms", R"({"AlarmNames": ["errors"]})");
    return std::string(answer.at("MetricAlarms").at(0).at("StateValue").as_string());
  }

  std::string next_token;
};

constexpr std::string_view kErrors =
    R"({"Id": "e", "MetricStat": {"Metric": {"Namespace": "Shop", "MetricName": "Errors"},
        "Period": 60, "Stat": "Sum"}})";

TEST(CloudWatch, PointsComeAMinuteAfterTheirPeriod) {
  OneMetric aws;
  aws.measure(5);
  aws.at(119);
  EXPECT_THAT(aws.values(600, kErrors), ElementsAre("Complete"));
  aws.at(120);
  EXPECT_THAT(aws.values(600, kErrors), ElementsAre("Complete 0=5"));
  aws.measure(7);
  aws.at(300);
  EXPECT_THAT(aws.values(600, kErrors), ElementsAre("Complete 180=7 120=7 60=5 0=5"));
  EXPECT_THAT(aws.values(600, kErrors, R"(, "ScanBy": "TimestampAscending")"),
              ElementsAre("Complete 0=5 60=5 120=7 180=7"));
}

TEST(CloudWatch, PagesEndInTheMiddleOfAMetric) {
  OneMetric aws;
  aws.measure(5);
  aws.at(300);
  EXPECT_THAT(aws.values(600, kErrors, R"(, "MaxDatapoints": 3)"),
              ElementsAre("PartialData 180=5 120=5 60=5"));
  EXPECT_THAT(aws.values(600, kErrors,
                         fmt::format(R"(, "MaxDatapoints": 3, "NextToken": "{}")", aws.next_token)),
              ElementsAre("Complete 0=5"));
}

TEST(CloudWatch, ExpressionsCombineMetrics) {
  OneMetric aws;
  aws.measure(5);
  aws.at(240);
  const auto with = [](std::string_view expression) {
    return fmt::format(R"({}, {{"Id": "x", "Expression": "{}"}})", kErrors, expression);
  };
  EXPECT_EQ(aws.values(600, with("100 * e / (e + 15)")).at(1), "Complete 120=25 60=25 0=25");
  EXPECT_EQ(aws.values(600, with("IF(e > 4, 1, 0)")).at(1), "Complete 120=1 60=1 0=1");
  const Reply reply = aws.ask("cloudwatch:GetMetricData",
                              fmt::format(R"({{"StartTime": "{}", "EndTime": "{}",
                                               "MetricDataQueries": [{}]}})",
                                          time_text(0), time_text(600), with("e / none")));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code + ": " + reply.error().message,
            "ValidationError: Error in expression 'x': there is no metric with the id none");
}

TEST(CloudWatch, StatisticsOfAPeriod) {
  OneMetric aws;
  aws.call("cloudwatch:PutMetricData",
           R"({"Namespace": "Shop", "MetricData": [{"MetricName": "Latency", "Unit": "Seconds",
               "Values": [0.1, 0.2, 4], "Counts": [90, 8, 2]}]})");
  aws.at(120);
  const Json answer =
      aws.call("cloudwatch:GetMetricStatistics",
               fmt::format(R"({{"Namespace": "Shop", "MetricName": "Latency", "Period": 60,
                       "StartTime": "{}", "EndTime": "{}", "Statistics": ["SampleCount", "Maximum"],
                       "ExtendedStatistics": ["p50", "p99"]}})",
                           time_text(0), time_text(600)));
  const Json& point = answer.at("Datapoints").at(0);
  EXPECT_EQ(point.at("SampleCount").to_number<double>(), 100);
  EXPECT_EQ(point.at("Maximum").to_number<double>(), 4);
  EXPECT_EQ(point.at("ExtendedStatistics").at("p50").to_number<double>(), 0.1);
  EXPECT_EQ(point.at("ExtendedStatistics").at("p99").to_number<double>(), 4);
  EXPECT_EQ(point.at("Unit").as_string(), "Seconds");
}

constexpr std::string_view kAlarm = R"({{"AlarmName": "errors", "Namespace": "Shop",
    "MetricName": "Errors", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 2,
    "DatapointsToAlarm": 2, "Threshold": 10, "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "{}"}})";

TEST(CloudWatch, AnAlarmFiresAfterItsPeriodsAndTheLag) {
  OneMetric aws;
  aws.call("cloudwatch:PutMetricAlarm", fmt::format(kAlarm, "missing"));
  EXPECT_EQ(aws.alarm(), "INSUFFICIENT_DATA");
  aws.measure(1);
  aws.at(360);
  EXPECT_EQ(aws.alarm(), "OK");
  aws.measure(11);  // two whole periods until 480, seen 200 s later
  aws.at(679);
  EXPECT_EQ(aws.alarm(), "OK");
  aws.at(720);
  EXPECT_EQ(aws.alarm(), "ALARM");
}

TEST(CloudWatch, MissingDataIsTreatedAsTheAlarmSays) {
  struct Case {
    const char* treatment;
    const char* wanted;
  };
  for (const Case& each : {Case{"missing", "INSUFFICIENT_DATA"}, Case{"breaching", "ALARM"},
                           Case{"notBreaching", "OK"}, Case{"ignore", "INSUFFICIENT_DATA"}}) {
    SCOPED_TRACE(each.treatment);
    OneMetric aws;
    aws.call("cloudwatch:PutMetricAlarm", fmt::format(kAlarm, each.treatment));
    aws.at(60);
    EXPECT_EQ(aws.alarm(), each.wanted);
  }
}

TEST(CloudWatch, SetAlarmStateLastsUntilTheNextEvaluation) {
  OneMetric aws;
  aws.measure(1);
  aws.call("cloudwatch:PutMetricAlarm", fmt::format(kAlarm, "notBreaching"));
  aws.at(30);
  aws.call("cloudwatch:SetAlarmState",
           R"({"AlarmName": "errors", "StateValue": "ALARM", "StateReason": "test"})");
  EXPECT_EQ(aws.alarm(), "ALARM");
  aws.at(60);
  EXPECT_EQ(aws.alarm(), "OK");
  EXPECT_EQ(aws.refusal("cloudwatch:SetAlarmState",
                        R"({"AlarmName": "none", "StateValue": "OK", "StateReason": "x"})"),
            "ResourceNotFound: Alarm none does not exist");
}

TEST(CloudWatch, TheScenariosWordStands) {
  OneMetric aws;
  aws.measure(1);
  aws.call("cloudwatch:PutMetricAlarm", fmt::format(kAlarm, "notBreaching"));
  aws.arrange(SetAlarm{"errors", "ALARM"});
  aws.at(600);
  EXPECT_EQ(aws.alarm(), "ALARM");
}

TEST(MetricMath, KnowsTheRulesOfArithmetic) {
  const TimePoint zero{};
  const std::map<std::string, MetricValue> values = {
      {"a", Points{{zero, 6.0}, {zero + kMetricResolution, 8.0}}}, {"b", Points{{zero, 2.0}}}};
  const MetricMath math{.value_of = [&](std::string_view id) -> const MetricValue* {
                          const auto found = values.find(std::string(id));
                          return found == values.end() ? nullptr : &found->second;
                        },
                        .from = zero,
                        .to = zero + 2 * kMetricResolution};
  struct Case {
    const char* expression;
    Points wanted;
  };
  const TimePoint one = zero + kMetricResolution;
  for (const auto& [expression, wanted] : {
           Case{"a + b * 2", {{zero, 10}}},
           Case{"(a + b) * 2", {{zero, 16}}},
           Case{"a / b", {{zero, 3}}},  // only where both have a value
           Case{"a - FILL(b, 0)", {{zero, 4}, {one, 8}}},
           Case{"FILL(b, REPEAT)", {{zero, 2}, {one, 2}}},
           Case{"-a ^ 2 + 40", {{zero, 4}, {one, -24}}},
           Case{"IF(a > 7 AND a < 9, 1, 0)", {{zero, 0}, {one, 1}}},
           Case{"MAX([a, b])", {{zero, 6}, {one, 8}}},
           Case{"a / 0", {}},
       }) {
    SCOPED_TRACE(expression);
    const Result<MetricValue> value = evaluate(expression, math);
    ASSERT_TRUE(value) << value.error().message;
    EXPECT_EQ(std::get<Points>(*value), wanted);
  }
  for (const auto& [expression, wanted] :
       {std::pair{"a +", "expected a value, found \"\""},
        std::pair{"(a", "a closing parenthesis is missing"},
        std::pair{"ANOMALY(a)", "the function ANOMALY is not simulated"},
        std::pair{"a b", "unexpected \"b\""}}) {
    const Result<MetricValue> value = evaluate(expression, math);
    ASSERT_FALSE(value) << expression;
    EXPECT_EQ(value.error().message, wanted);
  }
}

// What a client sends must not be worked on for ever, nor leave the range of a number.
TEST(CloudWatch, RefusesTimesAndPeriodsWithoutMeasure) {
  Rehearsal aws;
  const auto data = [&](std::string_view from, std::string_view to, std::string_view more = "") {
    constexpr std::string_view kInput = R"j({{"StartTime": {}, "EndTime": {}, "MetricDataQueries": [
      {{"Id": "a", "MetricStat": {{"Metric": {{"Namespace": "n", "MetricName": "m"}},
                                  "Period": 60, "Stat": "Sum"}}}},
      {{"Id": "b", "Expression": "FILL(a, 0)"}}]{}}})j";
    return aws.refusal("cloudwatch:GetMetricData", fmt::format(kInput, from, to, more));
  };
  EXPECT_EQ(data("0", "1767225600"),
            "ValidationError: Error in expression 'b': FILL has more than 100,800 periods to fill");
  EXPECT_EQ(data("-1e300", "1767225600"),
            "ValidationError: The parameter StartTime must be less than the parameter EndTime.");
  EXPECT_EQ(data("1767222000", "1767225600", R"(, "NextToken": "99999999999999999999999999")"),
            "InvalidNextToken: The specified nextToken is invalid.");

  const auto alarm = [&](int periods, int seconds) {
    constexpr std::string_view kInput = R"({{"AlarmName": "a", "EvaluationPeriods": {},
      "Period": {}, "Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Threshold": 1,
      "ComparisonOperator": "GreaterThanThreshold"}})";
    return aws.refusal("cloudwatch:PutMetricAlarm", fmt::format(kInput, periods, seconds));
  };
  EXPECT_EQ(alarm(2'000'000'000, 2'000'000'040),
            "ValidationError: Metrics cannot be checked across more than seven days "
            "(EvaluationPeriods * Period must be <= 604800)");
  EXPECT_EQ(alarm(1441, 60),
            "ValidationError: Metrics cannot be checked across more than a day "
            "(EvaluationPeriods * Period must be <= 86400)");
  EXPECT_EQ(alarm(1440, 60), "no refusal: {}");
}

}  // namespace
}  // namespace slipway::sim
