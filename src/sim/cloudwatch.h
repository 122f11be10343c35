// What the calls of the simulated CloudWatch have in common, and the handlers, in the files named
// in the comments.
#pragma once

#include "sim/calls.h"
#include "sim/metric_math.h"
#include "sim/metrics.h"

#include <map>
#include <string>
#include <string_view>

namespace slipway::sim::cloudwatch {

ServiceError refused(std::string_view code, std::string message);

// Metric queries, MetricStat and Expression, by their ids.
struct QueryRange {
  TimePoint from, to;
  Duration lag{0};
};
Answer<std::map<std::string, MetricValue>> run_queries(Region& region, const JsonArray& queries,
                                                       const QueryRange& range);

// cloudwatch_metrics.cc
Reply GetMetricData(const Call&);
Reply GetMetricStatistics(const Call&);
Reply ListMetrics(const Call&);
Reply PutMetricData(const Call&);

// cloudwatch_alarms.cc
Reply DeleteAlarms(const Call&);
Reply DescribeAlarms(const Call&);
Reply PutMetricAlarm(const Call&);
Reply SetAlarmState(const Call&);

}  // namespace slipway::sim::cloudwatch
