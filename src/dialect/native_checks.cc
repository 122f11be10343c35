#include "dialect/native_checks.h"

#include "aws/facts.h"
#include "aws/service.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace slipway {
namespace {

using namespace std::chrono_literals;

// ---- Metrics everybody wants, by one word ----------------------------------------------------

// Of the load balancer's own metrics for the target group that is measured.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
struct Preset {
  std::string_view word;
  std::string_view metric;
  std::string_view stat;
  std::string_view percent_of;  // another metric; empty: the value as it is
};
constexpr Preset kPresets[] = {
    {"error_percent", "HTTPCode_Target_5XX_Count", "Sum", "RequestCount"},
    {"client_error_percent", "HTTPCode_Target_4XX_Count", "Sum", "RequestCount"},
    {"requests", "RequestCount", "Sum", ""},
    {"latency_average", "TargetResponseTime", "Average", ""},
    {"latency_p50", "TargetResponseTime", "p50", ""},
    {"latency_p90", "TargetResponseTime", "p90", ""},
    {"latency_p95", "TargetResponseTime", "p95", ""},
    {"latency_p99", "TargetResponseTime", "p99", ""},
};

using Dimensions = std::vector<std::pair<std::string, std::string>>;

Json query(std::string_view id, std::string_view metric_namespace, std::string_view metric,
           const Dimensions& dimensions, std::string_view stat, int period_seconds) {
  JsonArray list;
  for (const auto& [name, value] : dimensions)
    list.push_back(JsonObject{{"Name", name}, {"Value", value}});
  JsonObject which{{"Namespace", metric_namespace}, {"MetricName", metric}};
  if (!list.empty()) which["Dimensions"] = std::move(list);
  JsonObject what{{"Metric", std::move(which)}, {"Period", period_seconds}, {"Stat", stat}};
  return JsonObject{{"Id", id}, {"MetricStat", std::move(what)}};
}

const Dimensions& of_the_target_group() {
  static const Dimensions dimensions = {{"TargetGroup", "{target_group}"},
                                        {"LoadBalancer", "{load_balancer}"}};
  return dimensions;
}

// Periods CloudWatch knows.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricStat.html
bool is_period(std::int64_t seconds) {
  return seconds == 1 || seconds == 5 || seconds == 10 || seconds == 20 || seconds == 30 ||
         (seconds > 0 && seconds % 60 == 0);
}

class CheckReader {
 public:
  CheckReader(Diagnostics& diagnostics, bool has_own_load_balancer)
      : diagnostics_(diagnostics), has_own_load_balancer_(has_own_load_balancer) {}

  std::vector<Check> read(Fields& fields) {
    std::vector<Check> checks;
    std::set<std::string> names;
    const std::vector<std::string> alarms = fields.texts("alarms");
    for (std::size_t i = 0; i < alarms.size(); ++i) {
      if (!names.insert(alarms[i]).second)
        fields.error("alarms", i, fmt::format("alarm {} is there twice", alarms[i]));
      checks.push_back(AlarmCheck{.alarm = alarms[i]});
    }
    for (auto& [name, entry] : fields.mappings_by_name("checks")) {
      if (!names.insert(name).second)
        fields.error("checks", fmt::format("an alarm is named \"{}\", too", name));
      if (std::optional<Check> check = read_check(name, entry)) checks.push_back(std::move(*check));
    }
    return checks;
  }

 private:
  std::optional<Check> read_check(const std::string& name, Fields& fields) {
    std::vector<std::string> kinds;
    for (const std::string_view kind : {"metric", "queries", "http", "alarm"})
      if (fields.has(kind)) kinds.emplace_back(kind);
    if (kinds.size() > 1) {
      fields.error(kinds[1], fmt::format("{} and {} exclude each other", kinds[0], kinds[1]));
      return std::nullopt;
    }
    if (kinds.empty()) {
      fields.error("metric", "a check is a `metric`, `queries`, an `http` request or an `alarm`",
                   "metric: error_percent, with failure: above 1");
      return std::nullopt;
    }
    if (kinds.front() == "alarm") {
      AlarmCheck check{.alarm = fields.required_text("alarm")};
      check.may_fire_before =
          fields.choice<bool>("already_firing", {{"refuse", false}, {"wait", true}})
              .value_or(false);
      return check;
    }
    if (kinds.front() == "http") return read_http(name, fields);
    return read_metric(name, fields, kinds.front() == "metric");
  }

  MetricCheck read_metric(const std::string& name, Fields& fields, bool is_short) {
    MetricCheck check{.name = name};
    if (is_short)
      read_short_form(fields, check);
    else
      read_queries(fields, check);
    check.success = read_condition(fields, "success");
    check.failure = read_condition(fields, "failure");
    if (!fields.has("success") && !fields.has("failure"))
      fields.error("success", "a metric needs a `success` or a `failure` condition",
                   "failure: above 1");
    check.interval =
        fields.duration("interval", {.at_least = 10s, .at_most = 24h}).value_or(check.interval);
    check.window =
        fields.duration("window", {.at_least = 10s, .at_most = 24h}).value_or(check.window);
    const auto count = [&](std::string_view key, int otherwise) {
      return static_cast<int>(fields.integer(key, {0, 1'000}).value_or(otherwise));
    };
    check.count = count("count", 0);
    check.failure_limit = count("failure_limit", 0);
    check.inconclusive_limit = count("inconclusive_limit", 0);
    check.error_limit = count("error_limit", check.error_limit);
    check.on_error = fields
                         .choice<CheckVerdict>("on_error", {{"pause", CheckVerdict::kInconclusive},
                                                            {"fail", CheckVerdict::kFail},
                                                            {"pass", CheckVerdict::kPass}})
                         .value_or(check.on_error);
    check.no_data = fields
                        .choice<NoData>("no_data", {{"wait", NoData::kWait},
                                                    {"pass", NoData::kPass},
                                                    {"fail", NoData::kFail},
                                                    {"inconclusive", NoData::kInconclusive}})
                        .value_or(check.no_data);
    check.compare = fields
                        .choice<Compare>("compare", {{"ratio", Compare::kRatio},
                                                     {"difference", Compare::kDifference}})
                        .value_or(check.compare);
    check.dry_run = fields.boolean("dry_run").value_or(false);
    if (check.count > 0 && check.failure_limit >= check.count)
      fields.error("failure_limit", "with so many failures allowed the check cannot fail",
                   fmt::format("count is {}", check.count));
    return check;
  }

  // `metric` alone is one of our words; with `namespace` it is CloudWatch's own.
  void read_short_form(Fields& fields, MetricCheck& check) {
    const std::string metric = fields.text("metric").value_or("");
    const std::int64_t period = read_period(fields);
    check.result = "value";
    if (!fields.has("namespace")) {
      for (const std::string_view key : {"dimensions", "stat"})
        fields.refuse(key, fmt::format("`{}` belongs to a metric with a `namespace`", key));
      const auto* preset = std::ranges::find(kPresets, metric, &Preset::word);
      if (preset == std::end(kPresets)) {
        if (!metric.empty()) unknown_metric(fields, metric);
        return;
      }
      constexpr std::string_view kNamespace = "AWS/ApplicationELB";
      check.queries.push_back(query("value", kNamespace, preset->metric, of_the_target_group(),
                                    preset->stat, static_cast<int>(period)));
      if (preset->percent_of.empty()) return;
      check.percent_of = "whole";
      check.queries.push_back(query("whole", kNamespace, preset->percent_of, of_the_target_group(),
                                    "Sum", static_cast<int>(period)));
      return;
    }
    const std::string name = fields.required_text("namespace");
    Dimensions dimensions;
    for (auto& dimension : fields.texts_by_name("dimensions"))
      dimensions.push_back(std::move(dimension));
    check.queries.push_back(query("value", name, metric, dimensions,
                                  fields.text("stat").value_or("Average"),
                                  static_cast<int>(period)));
  }

  static void unknown_metric(Fields& fields, const std::string& metric) {
    std::vector<std::string> words;
    for (const Preset& preset : kPresets) words.emplace_back(preset.word);
    const std::optional<std::string> near = nearest(metric, words);
    fields.error("metric", fmt::format("unknown metric \"{}\"", metric),
                 near ? "did you mean " + *near + "?"
                      : "say its `namespace`, or one of " + join(words, ", "));
  }

  std::int64_t read_period(Fields& fields) {
    const Duration period =
        fields.duration("period", {.at_least = 1s, .at_most = 24h}).value_or(1min);
    const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(period).count();
    if (!is_period(seconds) || Duration(std::chrono::seconds(seconds)) != period)
      fields.error("period", "CloudWatch has no such period",
                   "1s, 5s, 10s, 20s, 30s or whole minutes");
    return seconds;
  }

  void read_queries(Fields& fields, MetricCheck& check) {
    const Node* node = fields.node("queries");
    if (node == nullptr || !node->is_sequence() || node->items.empty()) {
      fields.error("queries", "expected a list of GetMetricData's queries" +
                                  (node == nullptr ? std::string() : ", found " + describe(*node)));
      return;
    }
    std::vector<std::string> ids;
    std::string returned;
    for (std::size_t i = 0; i < node->items.size(); ++i) {
      aws::report(
          aws::check_document(aws::Facts::of(aws::kCloudWatch), "MetricDataQuery", node->items[i]),
          fields.path_of("queries", i), diagnostics_);
      Json one = to_json(node->items[i]);
      const std::string id(string_or_empty(one, "Id"));
      if (!id.empty() && std::ranges::find(ids, id) != ids.end())
        fields.error("queries", i, fmt::format("Id {} is there twice", id));
      ids.push_back(id);
      const Json* returns = find(one, "ReturnData");
      if (returns == nullptr || !returns->is_bool() || returns->get_bool()) returned = id;
      check.queries.push_back(std::move(one));
    }
    const auto read_id = [&](std::string_view key, std::string otherwise) {
      const std::string id = fields.text(key).value_or(std::move(otherwise));
      if (!id.empty() && std::ranges::find(ids, id) == ids.end())
        fields.error(key, fmt::format("no query has the Id \"{}\"", id));
      return id;
    };
    check.result = read_id("result", ids.size() == 1 ? ids.front() : returned);
    check.percent_of = read_id("percent_of", "");
  }

  std::optional<Condition> read_condition(Fields& fields, std::string_view key) {
    const std::optional<std::string> text = fields.text(key);
    if (!text) return std::nullopt;
    std::optional<Condition> condition = parse_condition(*text);
    if (!condition)
      fields.error(key, fmt::format("\"{}\" is not a condition", *text),
                   "a condition is \"below 1\", \"at least 99.5\" or, in quotes, \"> 1\"");
    return condition;
  }

  HttpCheck read_http(const std::string& name, Fields& check_fields) {
    HttpCheck check{.name = name};
    check.dry_run = check_fields.boolean("dry_run").value_or(false);
    const Node* node = check_fields.node("http");
    if (node != nullptr && node->is_scalar()) {
      check.url = url_of(check_fields, "http", check_fields.text("http").value_or(""));
      return check;
    }
    std::optional<Fields> fields = check_fields.mapping("http");
    if (!fields) return check;
    const std::string path = fields->text("path").value_or("");
    const std::string url = fields->text("url").value_or("");
    if (path.empty() == url.empty())
      fields->error("url", "say either a `url`, or the `path` at the new side's load balancer");
    else
      check.url = url_of(*fields, url.empty() ? "path" : "url", url.empty() ? path : url);
    if (const std::optional<std::string> host = fields->text("host"))
      check.headers.push_back({"Host", *host});
    for (auto& [header, value] : fields->texts_by_name("headers"))
      check.headers.push_back({header, value});
    read_status(*fields, check);
    check.contains = fields->text("contains").value_or("");
    check.tries = static_cast<int>(fields->integer("tries", {1, 100}).value_or(check.tries));
    check.pause =
        fields->duration("pause", {.at_least = 0s, .at_most = 10min}).value_or(check.pause);
    check.timeout =
        fields->duration("timeout", {.at_least = 1s, .at_most = 5min}).value_or(check.timeout);
    return check;
  }

  // A path stands for the new side's load balancer, which only `dns` has for itself.
  std::string url_of(Fields& fields, std::string_view key, const std::string& text) {
    if (text.starts_with("http://") || text.starts_with("https://")) return text;
    if (!text.starts_with('/')) {
      fields.error(key, fmt::format("\"{}\" is neither a URL nor a path", text),
                   "https://… or /health");
      return text;
    }
    if (!has_own_load_balancer_)
      fields.error(key, "both sides share one load balancer, so a path alone reaches either",
                   "give a `url` that leads to the new side only, such as a test listener's");
    return "http://{load_balancer_dns}" + text;
  }

  // 200, or 200-399.
  void read_status(Fields& fields, HttpCheck& check) {
    const std::optional<std::string> text = fields.text("status");
    if (!text) return;
    const std::vector<std::string_view> ends = split(*text, '-');
    const auto number = [](std::string_view digits) {
      int value = 0;
      digits = trim(digits);
      const auto [end, failed] =
          std::from_chars(digits.data(), digits.data() + digits.size(), value);
      return failed == std::errc{} && end == digits.data() + digits.size() ? value : 0;
    };
    check.status_from = number(ends.front());
    check.status_to = number(ends.back());
    if (ends.size() > 2 || check.status_from < 100 || check.status_to > 599 ||
        check.status_from > check.status_to)
      fields.error("status", fmt::format("\"{}\" is no status", *text), "200, or 200-399");
  }

  Diagnostics& diagnostics_;
  const bool has_own_load_balancer_;
};

}  // namespace

std::vector<Check> read_checks(Fields& fields, Diagnostics& diagnostics, const Mover& mover) {
  return CheckReader(diagnostics, std::holds_alternative<DnsMover>(mover)).read(fields);
}

}  // namespace slipway
