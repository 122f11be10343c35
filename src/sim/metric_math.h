// Metric math: expressions over metrics, as GetMetricData and alarms have them. The four
// operations, powers, comparisons, AND and OR, IF, FILL, and ABS, CEIL, FLOOR, SUM, AVG, MIN, MAX.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
#pragma once

#include "base/result.h"
#include "sim/metrics.h"

#include <functional>
#include <string>
#include <string_view>
#include <variant>

namespace slipway::sim {

// A number, or a value for each period that has one.
using MetricValue = std::variant<double, Points>;

struct MetricMath {
  // The value of another query, nullptr for an id that is none.
  std::function<const MetricValue*(std::string_view id)> value_of;
  // The periods that FILL fills.
  TimePoint from, to;
  Duration period = kMetricResolution;
};

// kInvalid "metric-math" with what is wrong, for an expression we do not understand.
Result<MetricValue> evaluate(std::string_view expression, const MetricMath& math);

}  // namespace slipway::sim
