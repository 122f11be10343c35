#include "sim/metrics.h"

#include "sim/region.h"
#include "sim/traffic.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace slipway::sim {
namespace {

// "p99", "p99.9": 99, 99.9
std::optional<double> percentile_of(std::string_view name) {
  if (!name.starts_with('p')) return std::nullopt;
  double percent = 0;
  const auto end = std::from_chars(name.data() + 1, name.data() + name.size(), percent);
  if (end.ec != std::errc() || end.ptr != name.data() + name.size() || percent < 0 || percent > 100)
    return std::nullopt;
  return percent;
}

double percentile(const Samples& samples, double percent) {
  double all = 0;
  for (const auto& [value, count] : samples.counts) all += count;
  double seen = 0;
  for (const auto& [value, count] : samples.counts) {
    seen += count;
    if (seen >= all * percent / 100 - 1e-9) return value;
  }
  return samples.counts.rbegin()->first;
}

}  // namespace

bool is_statistic(std::string_view name) {
  for (const char* known : {"SampleCount", "Sum", "Average", "Minimum", "Maximum"})
    if (name == known) return true;
  return percentile_of(name).has_value();
}

std::optional<double> statistic(const Samples& samples, std::string_view name) {
  if (samples.empty()) return std::nullopt;
  if (name == "Minimum") return samples.counts.begin()->first;
  if (name == "Maximum") return samples.counts.rbegin()->first;
  if (const auto percent = percentile_of(name)) return percentile(samples, *percent);
  double count = 0, sum = 0;
  for (const auto& [value, times] : samples.counts) {
    count += times;
    sum += value * times;
  }
  if (name == "SampleCount") return std::round(count);
  if (name == "Sum") return sum;
  if (name == "Average") return sum / count;
  return std::nullopt;
}

void Series::count(TimePoint minute, double times) {
  part += times;
  const double whole = std::floor(part + 1e-9);
  if (whole <= 0) return;
  part -= whole;
  minutes[minute].add(1, whole);
}

void settle_metrics(Region& region) {
  settle_traffic(region);
  for (auto& [key, standing] : region.metrics->standing) {
    Series& series = region.metrics->series[key];
    series.Unit = standing.Unit;
    TimePoint minute = std::chrono::ceil<std::chrono::minutes>(standing.filled_until);
    for (; minute < region.now; minute += kMetricResolution)
      series.minutes[minute].add(standing.value);
    standing.filled_until = std::max(standing.filled_until, region.now);
  }
}

void set_metric(Region& region, const SetMetric& metric) {
  settle_metrics(region);
  const MetricKey key{metric.Namespace, metric.MetricName, metric.dimensions};
  if (metric.once) {
    Series& series = region.metrics->series[key];
    series.Unit = metric.Unit;
    if (metric.value)
      series.minutes[std::chrono::floor<std::chrono::minutes>(region.now)].add(*metric.value);
    return;
  }
  region.metrics->standing.erase(key);
  if (metric.value) region.metrics->standing[key] = {metric.Unit, *metric.value, region.now};
}

std::map<TimePoint, Samples> samples_of(Region& region, const MetricQuestion& question) {
  settle_metrics(region);
  std::map<TimePoint, Samples> periods;
  const auto found = region.metrics->series.find(question.key);
  if (found == region.metrics->series.end()) return periods;
  const auto& minutes = found->second.minutes;
  const TimePoint known_until = region.now - question.lag - kMetricResolution;
  for (auto at = minutes.lower_bound(question.from);
       at != minutes.end() && at->first < question.to && at->first <= known_until; ++at) {
    const auto since_epoch = at->first.time_since_epoch();
    periods[TimePoint(since_epoch - since_epoch % question.period)].add(at->second);
  }
  return periods;
}

Points points_of(Region& region, const MetricQuestion& question) {
  Points points;
  for (const auto& [time, samples] : samples_of(region, question))
    if (const auto value = statistic(samples, question.Stat)) points[time] = *value;
  return points;
}

MetricKey read_metric_key(const Json& document) {
  MetricKey key{std::string(string_or_empty(document, "Namespace")),
                std::string(string_or_empty(document, "MetricName")),
                {}};
  if (const JsonArray* dimensions = find_array(document, "Dimensions"))
    for (const Json& each : *dimensions)
      key.dimensions[std::string(string_or_empty(each, "Name"))] = string_or_empty(each, "Value");
  return key;
}

JsonArray shown(const Dimensions& dimensions) {
  JsonArray all;
  for (const auto& [name, value] : dimensions)
    all.push_back(JsonObject{{"Name", name}, {"Value", value}});
  return all;
}

}  // namespace slipway::sim
