#include "sim/cloudwatch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::sim {
namespace {

// A gap longer than this in nobody's looking is not made up for.
constexpr Duration kLongestReview = std::chrono::hours(6);

struct Comparison {
  std::string_view name;
  std::string_view words;  // "was greater than ..."
  bool (*breaches)(double value, double threshold);
};
constexpr std::array kComparisons = {
    Comparison{"GreaterThanOrEqualToThreshold", "greater than or equal to",
               [](double value, double threshold) { return value >= threshold; }},
    Comparison{"GreaterThanThreshold", "greater than",
               [](double value, double threshold) { return value > threshold; }},
    Comparison{"LessThanThreshold", "less than",
               [](double value, double threshold) { return value < threshold; }},
    Comparison{"LessThanOrEqualToThreshold", "less than or equal to",
               [](double value, double threshold) { return value <= threshold; }},
};

const Comparison* find_comparison(const Json& document) {
  const std::string_view name = string_or_empty(document, "ComparisonOperator");
  for (const Comparison& comparison : kComparisons)
    if (comparison.name == name) return &comparison;
  return nullptr;
}

Duration period_of(const Json& document) {
  if (const auto period = find_int(document, "Period")) return std::chrono::seconds(*period);
  if (const JsonArray* queries = find_array(document, "Metrics"))
    for (const Json& query : *queries)
      if (const Json* stat = find(query, "MetricStat"))
        return std::chrono::seconds(find_int(*stat, "Period").value_or(60));
  return kMetricResolution;
}

// The alarm's metric or expression over its periods.
Points watched(Region& region, const Json& document, TimePoint from, TimePoint to) {
  if (const JsonArray* queries = find_array(document, "Metrics")) {
    const auto values = cloudwatch::run_queries(region, *queries, {.from = from, .to = to});
    if (!values) return {};
    for (const Json& query : *queries) {
      if (queries->size() > 1 && !find_bool(query, "ReturnData").value_or(true)) continue;
      const auto found = values->find(std::string(string_or_empty(query, "Id")));
      if (found == values->end()) continue;
      if (const Points* points = std::get_if<Points>(&found->second)) return *points;
    }
    return {};
  }
  const std::string stat(
      find_string(document, "Statistic").value_or(string_or_empty(document, "ExtendedStatistic")));
  return points_of(region, {.key = read_metric_key(document),
                            .Stat = stat,
                            .period = std::max(period_of(document), kMetricResolution),
                            .from = from,
                            .to = to});
}

struct Judgement {
  std::string StateValue;
  std::string StateReason;
};

// What the last periods that are complete at `now` say.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
std::optional<Judgement> judge(Region& region, const Json& document, TimePoint now) {
  const Comparison* comparison = find_comparison(document);
  if (comparison == nullptr) return std::nullopt;
  const Duration period = std::max(period_of(document), kMetricResolution);
  const std::int64_t evaluated = find_int(document, "EvaluationPeriods").value_or(1);
  const std::int64_t wanted = find_int(document, "DatapointsToAlarm").value_or(evaluated);
  const double threshold = find_double(document, "Threshold").value_or(0);
  const std::string_view missing = find_string(document, "TreatMissingData").value_or("missing");
  const Duration known = (now - region.knobs.alarm_metric_lag).time_since_epoch();
  const TimePoint to(known - known % period);
  const TimePoint from = to - period * evaluated;
  const Points points = watched(region, document, from, to);

  std::int64_t breaching = 0, present = 0;
  double newest = 0;
  for (TimePoint at = from; at < to; at += period) {
    const auto found = points.find(at);
    if (found == points.end()) {
      if (missing == "breaching") ++breaching;
      continue;
    }
    ++present;
    newest = found->second;
    if (comparison->breaches(found->second, threshold)) ++breaching;
  }
  if (present == 0 && missing == "ignore") return std::nullopt;
  if (present == 0 && missing == "missing")
    return Judgement{"INSUFFICIENT_DATA",
                     fmt::format("Insufficient Data: {} datapoints were unknown.", evaluated)};
  const bool fires = breaching >= wanted;
  if (present == 0)
    return Judgement{
        fires ? "ALARM" : "OK",
        fmt::format("Threshold Crossed: no datapoints were received for {} periods and "
                    "{} missing datapoints were treated as [{}].",
                    evaluated, evaluated, fires ? "Breaching" : "NonBreaching")};
  return Judgement{
      fires ? "ALARM" : "OK",
      fmt::format("Threshold Crossed: {} out of the last {} datapoints [{}] was {}{} the threshold "
                  "({}).",
                  fires ? breaching : present, evaluated, newest, fires ? "" : "not ",
                  comparison->words, threshold)};
}

}  // namespace

void evaluate_alarm(Region& region, Alarm& alarm) {
  settle_metrics(region);
  if (alarm.is_held || alarm.document.is_null()) return;
  TimePoint minute = std::max(alarm.evaluated_until, region.now - kLongestReview);
  minute = std::chrono::floor<std::chrono::minutes>(minute) + kMetricResolution;
  for (; minute <= region.now; minute += kMetricResolution) {
    alarm.evaluated_until = minute;
    const auto judgement = judge(region, alarm.document, minute);
    if (!judgement || judgement->StateValue == alarm.StateValue) continue;
    alarm.StateValue = judgement->StateValue;
    alarm.StateReason = judgement->StateReason;
    alarm.StateUpdatedTimestamp = minute;
  }
}

std::string alarm_state(Region& region, std::string_view name) {
  auto& alarms = region.metrics->alarms;
  const auto found = alarms.find(name);
  if (found == alarms.end()) return {};
  evaluate_alarm(region, found->second);
  return found->second.StateValue;
}

void hold_alarm(Region& region, const std::string& name, const std::string& state) {
  Alarm& alarm = region.metrics->alarms[name];
  alarm.AlarmName = name;
  alarm.is_held = true;
  if (alarm.StateValue != state || alarm.StateReason.empty())
    alarm.StateUpdatedTimestamp = region.now;
  alarm.StateValue = state;
  alarm.StateReason = "The scenario says so.";
}

namespace cloudwatch {
namespace {

std::string alarm_arn(const Region& region, std::string_view name) {
  return fmt::format("arn:{}:cloudwatch:{}:{}:alarm:{}", region.partition, region.name,
                     region.account, name);
}

JsonObject shown(const Region& region, const Alarm& alarm) {
  JsonObject json{{"AlarmName", alarm.AlarmName}, {"AlarmArn", alarm_arn(region, alarm.AlarmName)}};
  if (const JsonObject* document = alarm.document.if_object())
    for (const auto& member : *document)
      if (member.key() != "Tags" && member.key() != "AlarmName")
        json[member.key()] = member.value();
  if (const auto threshold = find_double(alarm.document, "Threshold"))
    json["Threshold"] = *threshold;
  if (find(Json(json), "ActionsEnabled") == nullptr) json["ActionsEnabled"] = true;
  for (const char* actions : {"OKActions", "AlarmActions", "InsufficientDataActions", "Dimensions"})
    if (find(Json(json), actions) == nullptr) json[actions] = JsonArray{};
  json["AlarmConfigurationUpdatedTimestamp"] = seconds_of(alarm.AlarmConfigurationUpdatedTimestamp);
  json["StateValue"] = alarm.StateValue;
  json["StateReason"] = alarm.StateReason;
  json["StateUpdatedTimestamp"] = seconds_of(alarm.StateUpdatedTimestamp);
  json["StateTransitionedTimestamp"] = seconds_of(alarm.StateUpdatedTimestamp);
  return json;
}

std::optional<ServiceError> check_alarm(const Json& input) {
  const auto missing = [](std::string_view member) {
    return refused("ValidationError", fmt::format("The parameter {} is required.", member));
  };
  for (const char* member : {"AlarmName", "EvaluationPeriods", "ComparisonOperator"})
    if (find(input, member) == nullptr) return missing(member);
  const bool has_queries = find_array(input, "Metrics") != nullptr;
  if (has_queries && find(input, "MetricName") != nullptr)
    return refused("ValidationError",
                   "Metrics list and MetricName must not be specified together.");
  if (!has_queries) {
    for (const char* member : {"MetricName", "Namespace", "Period"})
      if (find(input, member) == nullptr) return missing(member);
    if (find(input, "Statistic") == nullptr && find(input, "ExtendedStatistic") == nullptr)
      return missing("Statistic");
  }
  if (find(input, "Threshold") == nullptr && find(input, "ThresholdMetricId") == nullptr)
    return missing("Threshold");
  const std::int64_t periods = find_int(input, "EvaluationPeriods").value_or(1);
  if (find_int(input, "DatapointsToAlarm").value_or(periods) > periods)
    return refused("ValidationError",
                   "DatapointsToAlarm must be less than or equal to EvaluationPeriods.");
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  const Duration period = period_of(input);
  const std::chrono::seconds longest = std::chrono::days(period < std::chrono::hours(1) ? 1 : 7);
  if (period > longest || periods > longest / period)
    return refused(
        "ValidationError",
        fmt::format("Metrics cannot be checked across more than {} (EvaluationPeriods * "
                    "Period must be <= {})",
                    longest == std::chrono::days(1) ? "a day" : "seven days", longest.count()));
  return std::nullopt;
}

ServiceError no_such_alarm(std::string_view name) {
  return {404, "ResourceNotFound", fmt::format("Alarm {} does not exist", name), {}};
}

}  // namespace

Reply PutMetricAlarm(const Call& call) {
  if (auto error = check_alarm(call.input)) return std::move(*error);
  const std::string name(string_or_empty(call.input, "AlarmName"));
  Alarm& alarm = call.region.metrics->alarms[name];
  if (alarm.StateUpdatedTimestamp == TimePoint{}) {
    alarm.StateUpdatedTimestamp = call.region.now;
    alarm.StateReason = "Unchecked: Initial alarm creation";
  }
  alarm.AlarmName = name;
  alarm.document = call.input;
  alarm.AlarmConfigurationUpdatedTimestamp = call.region.now;
  alarm.evaluated_until = call.region.now;
  return JsonText{};
}

// The next evaluation brings the true state back, if the alarm has a metric.
Reply SetAlarmState(const Call& call) {
  const std::string_view name = string_or_empty(call.input, "AlarmName");
  auto& alarms = call.region.metrics->alarms;
  const auto found = alarms.find(name);
  if (found == alarms.end()) return no_such_alarm(name);
  Alarm& alarm = found->second;
  evaluate_alarm(call.region, alarm);
  alarm.StateValue = string_or_empty(call.input, "StateValue");
  alarm.StateReason = string_or_empty(call.input, "StateReason");
  alarm.StateUpdatedTimestamp = call.region.now;
  return JsonText{};
}

// All of them or none.
Reply DeleteAlarms(const Call& call) {
  auto& alarms = call.region.metrics->alarms;
  const std::vector<std::string> names = strings(call.input, "AlarmNames");
  for (const std::string& name : names)
    if (!alarms.contains(name)) return no_such_alarm(name);
  for (const std::string& name : names) alarms.erase(name);
  return JsonText{};
}

Reply DescribeAlarms(const Call& call) {
  constexpr std::size_t kMostRecords = 100;
  const std::vector<std::string> names = strings(call.input, "AlarmNames");
  const std::string_view prefix = string_or_empty(call.input, "AlarmNamePrefix");
  const std::string_view state = string_or_empty(call.input, "StateValue");
  const std::vector<std::string> types = strings(call.input, "AlarmTypes");
  const bool wants_metric_alarms =
      types.empty() || std::find(types.begin(), types.end(), "MetricAlarm") != types.end();
  if (!names.empty() && !prefix.empty())
    return refused("ValidationError", "AlarmNames and AlarmNamePrefix must not be used together");
  std::vector<PageItem> items;
  for (auto& [name, alarm] : call.region.metrics->alarms) {
    if (!wants_metric_alarms || !name.starts_with(prefix)) continue;
    if (!names.empty() && std::find(names.begin(), names.end(), name) == names.end()) continue;
    evaluate_alarm(call.region, alarm);
    if (!state.empty() && alarm.StateValue != state) continue;
    items.push_back({name, shown(call.region, alarm)});
  }
  TRY(JsonObject answer,
      page_of(call.input, items,
              {.member = "MetricAlarms",
               .limit = "MaxRecords",
               .most = kMostRecords,
               .bad_token = refused("InvalidNextToken", "The specified nextToken is invalid.")}));
  answer["CompositeAlarms"] = JsonArray{};
  return answer_with(std::move(answer));
}

}  // namespace cloudwatch
}  // namespace slipway::sim
