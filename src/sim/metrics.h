// The simulated CloudWatch as plain state: metrics and alarms. Nothing happens by itself: points
// that traffic makes are worked out, and alarms evaluated, when somebody asks. The API's calls are
// in cloudwatch*.cc.
#pragma once

#include "base/json.h"
#include "base/time.h"
#include "sim/happening.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway::sim {

struct Operation;  // sim/calls.h
struct Region;

inline constexpr Duration kMetricResolution = std::chrono::minutes(1);

using Dimensions = std::map<std::string, std::string>;

struct MetricKey {
  std::string Namespace;
  std::string MetricName;
  Dimensions dimensions;
  auto operator<=>(const MetricKey&) const = default;
};

// What was measured in one period: how often each value.
struct Samples {
  std::map<double, double> counts;  // by value

  void add(double value, double count = 1) {
    if (count > 0) counts[value] += count;
  }
  void add(const Samples& other) {
    for (const auto& [value, count] : other.counts) counts[value] += count;
  }
  bool empty() const { return counts.empty(); }
};
// "Sum", "Average", "p99", ...; nullopt for one CloudWatch does not know, or without samples.
std::optional<double> statistic(const Samples& samples, std::string_view name);
bool is_statistic(std::string_view name);

struct Series {
  std::string Unit = "None";
  std::map<TimePoint, Samples> minutes;  // by their beginning
  double part = 0;                       // of a count: what does not make a whole one yet

  // Counts are whole numbers: the rest is kept for the next time.
  void count(TimePoint minute, double times);
};

struct Alarm {
  std::string AlarmName;
  Json document;  // PutMetricAlarm's input; null: known only by its state
  std::string StateValue = "INSUFFICIENT_DATA";
  std::string StateReason;
  TimePoint StateUpdatedTimestamp;
  TimePoint AlarmConfigurationUpdatedTimestamp;
  TimePoint evaluated_until;
  bool is_held = false;  // the scenario says its state, whatever the metric does
};

struct Metrics {
  std::map<MetricKey, Series> series;
  std::map<std::string, Alarm, std::less<>> alarms;
  struct Standing {  // one sample of the value in every minute
    std::string Unit;
    double value = 0;
    TimePoint filled_until;
  };
  std::map<MetricKey, Standing> standing;
};

// Everything that was measured until now is in the series.
void settle_metrics(Region& region);
void set_metric(Region& region, const SetMetric& metric);

// A metric over periods: what GetMetricData, GetMetricStatistics and alarms look at. Points are
// there `lag` after the end of the minutes they are made of.
using Points = std::map<TimePoint, double>;  // by the beginning of the period
struct MetricQuestion {
  MetricKey key;
  std::string Stat;
  Duration period = kMetricResolution;
  TimePoint from, to;  // [from, to)
  Duration lag{0};
};
Points points_of(Region& region, const MetricQuestion& question);
// The samples of each period, for those who ask for several statistics.
std::map<TimePoint, Samples> samples_of(Region& region, const MetricQuestion& question);

// {Namespace, MetricName, Dimensions: [{Name, Value}]}
MetricKey read_metric_key(const Json& document);
JsonArray shown(const Dimensions& dimensions);

// ---- Alarms -----------------------------------------------------------------------------------

// The alarm's state at the region's time, empty when there is none of the name.
std::string alarm_state(Region& region, std::string_view name);
// The scenario's word: the alarm, made if need be, has this state until it says otherwise.
void hold_alarm(Region& region, const std::string& name, const std::string& state);
// Looks at what has come since the last time.
void evaluate_alarm(Region& region, Alarm& alarm);

std::span<const Operation> cloudwatch_operations();

}  // namespace slipway::sim
