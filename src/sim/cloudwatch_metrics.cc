#include "sim/cloudwatch.h"
#include "sim/times.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <utility>

namespace slipway::sim {
namespace cloudwatch {

ServiceError refused(std::string_view code, std::string message) {
  return {400, std::string(code), std::move(message), {}};
}

namespace {

TimePoint floor_to(TimePoint time, Duration period) {
  return TimePoint(time.time_since_epoch() - time.time_since_epoch() % period);
}

ServiceError wrong_expression(std::string_view id, std::string_view message) {
  return refused("ValidationError", fmt::format("Error in expression '{}': {}", id, message));
}

// Values of queries, each worked out when another one, or the caller, asks for it.
class Queries {
 public:
  Queries(Region& region, const JsonArray& queries, const QueryRange& range)
      : region_(region), range_(range) {
    for (const Json& query : queries) by_id_[std::string(string_or_empty(query, "Id"))] = &query;
  }

  std::optional<ServiceError> run() {
    for (const auto& [id, query] : by_id_)
      if (auto error = run(id, *query)) return error;
    return std::nullopt;
  }

  std::map<std::string, MetricValue> take() && { return std::move(values_); }

 private:
  std::optional<ServiceError> run(const std::string& id, const Json& query) {
    if (values_.contains(id)) return std::nullopt;
    if (!under_way_.insert(id).second) return wrong_expression(id, "it refers to itself");
    if (const Json* wanted = find(query, "MetricStat")) return measure(id, *wanted);
    const auto expression = find_string(query, "Expression");
    if (!expression)
      return refused(
          "ValidationError",
          fmt::format("Either MetricStat or Expression is required for the query '{}'", id));
    // What it refers to comes first.
    for (const auto& [other, its_query] : by_id_)
      if (other != id && refers_to(*expression, other))
        if (auto error = run(other, *its_query)) return error;
    const Duration period = period_of(query);
    const MetricMath math{
        .value_of = [this](std::string_view name) -> const MetricValue* {
          const auto found = values_.find(std::string(name));
          return found == values_.end() ? nullptr : &found->second;
        },
        .from = floor_to(range_.from, period),
        .to = std::min(range_.to, region_.now - range_.lag - period + Duration(1)),
        .period = period};
    Result<MetricValue> value = evaluate(*expression, math);
    if (!value) return wrong_expression(id, value.error().message);
    values_[id] = std::move(value).value();
    return std::nullopt;
  }

  std::optional<ServiceError> measure(const std::string& id, const Json& wanted) {
    const Json* metric = find(wanted, "Metric");
    const std::string stat(string_or_empty(wanted, "Stat"));
    if (metric == nullptr || !is_statistic(stat))
      return refused("ValidationError",
                     fmt::format("The value {} for parameter MetricDataQueries.{}.MetricStat.Stat "
                                 "is not supported.",
                                 stat, id));
    const Duration period = std::chrono::seconds(find_int(wanted, "Period").value_or(60));
    values_[id] =
        points_of(region_, {.key = read_metric_key(*metric),
                            .Stat = stat,
                            .period = std::max(period, kMetricResolution),
                            .from = floor_to(range_.from, std::max(period, kMetricResolution)),
                            .to = range_.to,
                            .lag = range_.lag});
    return std::nullopt;
  }

  // As a whole word.
  static bool refers_to(std::string_view expression, std::string_view id) {
    const auto is_part = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    for (auto at = expression.find(id); at != std::string_view::npos;
         at = expression.find(id, at + 1)) {
      const std::size_t end = at + id.size();
      if ((at == 0 || !is_part(expression[at - 1])) &&
          (end == expression.size() || !is_part(expression[end])))
        return true;
    }
    return false;
  }

  Duration period_of(const Json& query) const {
    if (const auto period = find_int(query, "Period")) return std::chrono::seconds(*period);
    Duration shortest = std::chrono::hours(24);
    for (const auto& [id, other] : by_id_)
      if (const Json* wanted = find(*other, "MetricStat"))
        shortest = std::min<Duration>(
            shortest, std::chrono::seconds(find_int(*wanted, "Period").value_or(60)));
    return shortest;
  }

  Region& region_;
  const QueryRange& range_;
  std::map<std::string, const Json*> by_id_;
  std::map<std::string, MetricValue> values_;
  std::set<std::string> under_way_;
};

std::string label_of(const Json& query) {
  if (const auto label = find_string(query, "Label")) return std::string(*label);
  if (const Json* wanted = find(query, "MetricStat"))
    if (const Json* metric = find(*wanted, "Metric"))
      return std::string(string_or_empty(*metric, "MetricName"));
  return std::string(string_or_empty(query, "Id"));
}

std::optional<ServiceError> check_range(const std::optional<TimePoint>& from,
                                        const std::optional<TimePoint>& to) {
  if (!from || !to)
    return refused("MissingParameter",
                   fmt::format("The parameter {} is required.", from ? "EndTime" : "StartTime"));
  if (*from >= *to)
    return refused("InvalidParameterCombination",
                   "The parameter StartTime must be less than the parameter EndTime.");
  return std::nullopt;
}

}  // namespace

Answer<std::map<std::string, MetricValue>> run_queries(Region& region, const JsonArray& queries,
                                                       const QueryRange& range) {
  Queries all(region, queries, range);
  if (auto error = all.run()) return std::move(*error);
  return std::move(all).take();
}

// Newest points first, unless the call says otherwise. A page ends in the middle of a metric when
// it has to, and says so there.
Reply GetMetricData(const Call& call) {
  constexpr std::size_t kMostQueries = 500;
  constexpr std::int64_t kMostPoints = 100'800;
  const JsonArray* queries = find_array(call.input, "MetricDataQueries");
  const auto from = find_time(call.input, "StartTime");
  const auto to = find_time(call.input, "EndTime");
  if (!from || !to || *from >= *to)
    return refused("ValidationError",
                   "The parameter StartTime must be less than the parameter EndTime.");
  if (queries == nullptr || queries->empty())
    return refused("ValidationError", "MetricDataQueries must not be empty");
  if (queries->size() > kMostQueries)
    return refused("ValidationError",
                   fmt::format("The collection MetricDataQueries must not have a size greater "
                               "than {}.",
                               kMostQueries));
  TRY(const auto values,
      run_queries(call.region, *queries,
                  {.from = *from, .to = *to, .lag = call.region.knobs.metric_lag}));

  const bool is_ascending = string_or_empty(call.input, "ScanBy") == "TimestampAscending";
  const auto most = static_cast<std::size_t>(std::clamp<std::int64_t>(
      find_int(call.input, "MaxDatapoints").value_or(kMostPoints), 1, kMostPoints));
  std::size_t skip = 0;
  if (const auto token = find_string(call.input, "NextToken")) {
    const char* const end = token->data() + token->size();
    const auto [stop, error] = std::from_chars(token->data(), end, skip);
    if (error != std::errc() || stop != end)
      return refused("InvalidNextToken", "The specified nextToken is invalid.");
  }
  JsonArray results;
  std::size_t seen = 0, shown_points = 0;
  for (const Json& query : *queries) {
    if (!find_bool(query, "ReturnData").value_or(true)) continue;
    const std::string id(string_or_empty(query, "Id"));
    const Points* points = std::get_if<Points>(&values.at(id));
    if (points == nullptr)
      return wrong_expression(id, "it must be a time series, not a single value");
    std::vector<std::pair<TimePoint, double>> in_order(points->begin(), points->end());
    if (!is_ascending) std::reverse(in_order.begin(), in_order.end());
    JsonArray times, numbers;
    bool is_whole = true;
    for (const auto& [time, value] : in_order) {
      if (seen++ < skip) continue;
      if (shown_points == most) {
        is_whole = false;
        break;
      }
      ++shown_points;
      times.emplace_back(seconds_of(time));
      numbers.emplace_back(value);
    }
    results.push_back(JsonObject{{"Id", id},
                                 {"Label", label_of(query)},
                                 {"Timestamps", std::move(times)},
                                 {"Values", std::move(numbers)},
                                 {"StatusCode", is_whole ? "Complete" : "PartialData"}});
    if (!is_whole) break;
  }
  const bool is_partial =
      !results.empty() && string_or_empty(results.back(), "StatusCode") == "PartialData";
  JsonObject answer{{"MetricDataResults", std::move(results)}, {"Messages", JsonArray{}}};
  if (is_partial) answer["NextToken"] = std::to_string(skip + shown_points);
  return answer_with(std::move(answer));
}

Reply GetMetricStatistics(const Call& call) {
  constexpr std::int64_t kMostPoints = 1440;
  const Json& input = call.input;
  const auto from = find_time(input, "StartTime");
  const auto to = find_time(input, "EndTime");
  if (auto error = check_range(from, to)) return std::move(*error);
  const std::int64_t seconds = find_int(input, "Period").value_or(0);
  if (seconds < 60 || seconds % 60 != 0)
    return refused("InvalidParameterValue",
                   "The parameter Period must be a multiple of 60 for metrics of this resolution.");
  const Duration period = std::chrono::seconds(seconds);
  const std::int64_t points = (*to - *from) / period;
  if (points > kMostPoints)
    return refused("InvalidParameterCombination",
                   fmt::format("You have requested up to {} datapoints, which exceeds the limit of "
                               "1,440. You may reduce the datapoints requested by increasing "
                               "Period, or decreasing the time range.",
                               points));
  std::vector<std::string> statistics = strings(input, "Statistics");
  const std::vector<std::string> extended = strings(input, "ExtendedStatistics");
  if (statistics.empty() && extended.empty())
    return refused("MissingParameter", "Must specify either Statistics or ExtendedStatistics");
  const MetricQuestion question{.key = read_metric_key(input),
                                .period = period,
                                .from = floor_to(*from, period),
                                .to = *to,
                                .lag = call.region.knobs.metric_lag};
  const auto& all = call.region.metrics->series;
  const auto periods = samples_of(call.region, question);
  const auto series = all.find(question.key);
  JsonArray datapoints;
  for (const auto& [time, samples] : periods) {
    JsonObject point{{"Timestamp", seconds_of(time)}};
    for (const std::string& name : statistics) point[name] = *statistic(samples, name);
    JsonObject more;
    for (const std::string& name : extended)
      if (const auto value = statistic(samples, name)) more[name] = *value;
    if (!extended.empty()) point["ExtendedStatistics"] = std::move(more);
    point["Unit"] = series->second.Unit;
    datapoints.push_back(std::move(point));
  }
  return answer_with({{"Label", question.key.MetricName}, {"Datapoints", std::move(datapoints)}});
}

Reply ListMetrics(const Call& call) {
  settle_metrics(call.region);
  const std::string_view wanted_namespace = string_or_empty(call.input, "Namespace");
  const std::string_view wanted_name = string_or_empty(call.input, "MetricName");
  const JsonArray* filters = find_array(call.input, "Dimensions");
  std::vector<PageItem> items;
  for (const auto& [key, series] : call.region.metrics->series) {
    if (!wanted_namespace.empty() && key.Namespace != wanted_namespace) continue;
    if (!wanted_name.empty() && key.MetricName != wanted_name) continue;
    const bool fits = filters == nullptr ||
                      std::all_of(filters->begin(), filters->end(), [&](const Json& filter) {
                        const auto found =
                            key.dimensions.find(std::string(string_or_empty(filter, "Name")));
                        const auto value = find_string(filter, "Value");
                        return found != key.dimensions.end() && (!value || found->second == *value);
                      });
    if (fits)
      items.push_back(
          {serial_key(items.size()), JsonObject{{"Namespace", key.Namespace},
                                                {"MetricName", key.MetricName},
                                                {"Dimensions", shown(key.dimensions)}}});
  }
  return answer_with_page(
      call.input, items,
      {.member = "Metrics",
       .most = 500,
       .bad_token = refused("InvalidParameterValue", "The specified nextToken is invalid.")});
}

Reply PutMetricData(const Call& call) {
  const std::string name_space(string_or_empty(call.input, "Namespace"));
  if (name_space.starts_with("AWS/"))
    return refused("InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid.");
  const JsonArray* data = find_array(call.input, "MetricData");
  for (const Json& datum : data == nullptr ? JsonArray{} : *data) {
    MetricKey key = read_metric_key(datum);
    key.Namespace = name_space;
    Series& series = call.region.metrics->series[key];
    series.Unit = find_string(datum, "Unit").value_or("None");
    const TimePoint time = find_time(datum, "Timestamp").value_or(call.region.now);
    Samples& samples = series.minutes[std::chrono::floor<std::chrono::minutes>(time)];
    if (const auto value = find_double(datum, "Value")) samples.add(*value);
    const JsonArray* values = find_array(datum, "Values");
    const JsonArray* counts = find_array(datum, "Counts");
    for (std::size_t i = 0; values != nullptr && i < values->size(); ++i)
      samples.add((*values)[i].to_number<double>(),
                  counts != nullptr && i < counts->size() ? (*counts)[i].to_number<double>() : 1);
    if (const Json* set = find(datum, "StatisticValues")) {
      // Two of the samples are known, and what the others have in common.
      const double count = find_double(*set, "SampleCount").value_or(0);
      const double least = find_double(*set, "Minimum").value_or(0);
      const double most = find_double(*set, "Maximum").value_or(0);
      const double rest = find_double(*set, "Sum").value_or(0) - least - (count > 1 ? most : 0);
      samples.add(least);
      if (count > 1) samples.add(most);
      if (count > 2) samples.add(rest / (count - 2), count - 2);
    }
  }
  return JsonText{};
}

namespace {

constexpr bool kReads = true;

constexpr std::array kOperations = {
    Operation{"DeleteAlarms", DeleteAlarms},
    Operation{"DescribeAlarms", DescribeAlarms, kReads},
    Operation{"GetMetricData", GetMetricData, kReads},
    Operation{"GetMetricStatistics", GetMetricStatistics, kReads},
    Operation{"ListMetrics", ListMetrics, kReads},
    Operation{"PutMetricAlarm", PutMetricAlarm},
    Operation{"PutMetricData", PutMetricData},
    Operation{"SetAlarmState", SetAlarmState},
};

}  // namespace
}  // namespace cloudwatch

std::span<const Operation> cloudwatch_operations() { return cloudwatch::kOperations; }

}  // namespace slipway::sim
