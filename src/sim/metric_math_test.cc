#include "sim/metric_math.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace slipway::sim {
namespace {

constexpr TimePoint kNow{std::chrono::seconds(1'767'225'600)};

// Numbers as they are, a series as its values with "-" for periods without one.
std::string result_of(std::string_view expression) {
  const MetricValue number = 3.0;
  const MetricValue series = Points{{kNow, 4.0}, {kNow + 2 * kMetricResolution, 9.0}};
  const MetricMath math{.value_of =
                            [&](std::string_view id) {
                              return id == "m1" ? &series : id == "n" ? &number : nullptr;
                            },
                        .from = kNow,
                        .to = kNow + 3 * kMetricResolution};
  const Result<MetricValue> value = evaluate(expression, math);
  if (!value) return value.error().message;
  if (const double* alone = std::get_if<double>(&*value)) return fmt::format("{}", *alone);
  std::string text;
  for (TimePoint time = math.from; time < math.to; time += math.period) {
    const Points& points = std::get<Points>(*value);
    const auto found = points.find(time);
    text += (text.empty() ? "" : " ") +
            (found == points.end() ? "-" : fmt::format("{}", found->second));
  }
  return text;
}

TEST(MetricMath, BindsAsArithmeticDoes) {
  struct Case {
    std::string_view expression, wanted;
  };
  for (const auto& [expression, wanted] :
       {Case{"1 + 2 * 3", "7"}, Case{"(1 + 2) * 3", "9"}, Case{"2 ^ 3 ^ 2", "512"},
        Case{"-2 ^ 2", "-4"}, Case{"2 ^ -1", "0.5"}, Case{"--n", "3"}, Case{"1 - -1", "2"},
        Case{"n > 2 AND n < 4", "1"}, Case{"n == 2 OR n != 3", "0"}, Case{"m1 / 2", "2 - 4.5"},
        Case{"m1 / 0", "- - -"}, Case{"m1 > 4", "0 - 1"}, Case{"FILL(m1, 0)", "4 0 9"},
        Case{"FILL(m1, REPEAT)", "4 4 9"}, Case{"IF(m1 > 4, m1, n)", "3 - 9"},
        Case{"SUM([m1, m1])", "8 - 18"}, Case{"MAX(m1)", "9"}, Case{"CEIL(1.2) + FLOOR(1.8)", "3"}})
    EXPECT_EQ(result_of(expression), wanted) << expression;
}

TEST(MetricMath, SaysWhatItDoesNotUnderstand) {
  struct Case {
    std::string_view expression, wanted;
  };
  for (const auto& [expression, wanted] :
       {Case{"", "expected a value, found \"\""}, Case{"1 2", "unexpected \"2\""},
        Case{"(1", "a closing parenthesis is missing"},
        Case{"m2", "there is no metric with the id m2"}, Case{"ABS()", "ABS needs an argument"},
        Case{"IF(1)", "IF needs 2 or 3 arguments"}, Case{"FILL(m1)", "FILL needs 2 arguments"},
        Case{"SUM([1", "a closing bracket is missing"},
        Case{"RATE(m1)", "the function RATE is not simulated"}})
    EXPECT_EQ(result_of(expression), wanted) << expression;
}

// Expressions come over the wire, and whoever answers them may run on the small stack of a fiber.
TEST(MetricMath, DoesNotFollowBracketsForEver) {
  EXPECT_EQ(result_of(std::string(3000, '(')), "nested too deeply");
  std::string powers;
  for (int i = 0; i < 2000; ++i) powers += "2^";
  EXPECT_EQ(result_of(powers + "2"), "nested too deeply");
  EXPECT_EQ(result_of(std::string(4000, '-') + "n"), "3");
}

}  // namespace
}  // namespace slipway::sim
