#include "dialect/native_traffic.h"

#include "aws/facts.h"
#include "aws/service.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

namespace slipway {
namespace {

using namespace std::chrono_literals;

constexpr DurationRange kUpToADay{.at_least = Duration{0}, .at_most = 24h};

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

class StrategyReader {
 public:
  StrategyReader(Fields& service, Diagnostics& diagnostics)
      : service_(service), diagnostics_(diagnostics) {}

  std::optional<Strategy> read() {
    const Node* node = service_.node("strategy");
    if (node == nullptr) return std::nullopt;
    std::string name = node->text;
    if (node->is_mapping()) {
      if (node->members.size() != 1) {
        service_.error("strategy", "expected one strategy",
                       "rolling, canary, linear or blue_green");
        return std::nullopt;
      }
      name = node->members.front().key;
    } else if (!node->is_scalar()) {
      service_.error("strategy", "expected a strategy such as `rolling`, found " + describe(*node));
      return std::nullopt;
    }
    if (name == "rolling") return Rolling{};
    if (name == "blue_green" || name == "canary" || name == "linear") {
      if (node->is_mapping()) return settings_of(name, node->members.front().value);
      // Only a shift at once needs no more words.
      if (name == "blue_green") return settings_of(name, Node{});
      service_.error("strategy", fmt::format("{} needs its steps", name),
                     name == "canary" ? "strategy: {canary: {steps: [{weight: 10, bake: 5m}]}}"
                                      : "strategy: {linear: {step: 10, every: 5m}}");
      return std::nullopt;
    }
    const std::optional<std::string> near =
        nearest(name, {"rolling", "canary", "linear", "blue_green"});
    service_.error(
        "strategy", fmt::format("unknown strategy \"{}\"", name),
        near ? "did you mean " + *near + "?" : "rolling, canary, linear and blue_green are known");
    return std::nullopt;
  }

 private:
  std::optional<Strategy> settings_of(const std::string& name, const Node& node) {
    Node empty;
    empty.kind = Node::Kind::kMapping;
    empty.span = node.span;
    const bool is_empty = node.is_null() || (!node.is_mapping() && node.text.empty());
    Fields fields(is_empty ? empty : node, diagnostics_, {},
                  service_.path_of("strategy") + "." + name);
    Canary canary;
    canary.mover = read_mover(fields);
    canary.checks = read_checks(fields);
    canary.keep_previous = fields.duration("keep_previous", kUpToADay).value_or(Duration{0});
    if (name == "canary") {
      canary.steps = read_steps(fields, canary);
      fields.refuse("bake", "each step has a `bake` of its own", "steps: [{weight: 10, bake: 5m}]");
    } else {
      fields.refuse("steps", fmt::format("{} makes its steps itself", name),
                    "canary: {steps: ...}");
    }
    if (name == "linear") canary.steps = read_linear(fields);
    if (name == "blue_green")
      canary.steps = {{.weight = 100, .bake = fields.duration("bake", kUpToADay).value_or(5min)}};
    const std::vector<std::string> all = judging(canary);
    for (TrafficStep& step : canary.steps)
      if (!given_.contains(&step - canary.steps.data())) step.checks = all;
    return canary;
  }

  // Alarms are watched all the time; the others count where a step says so, or everywhere.
  static std::vector<std::string> judging(const Canary& canary) {
    std::vector<std::string> names;
    for (const Check& check : canary.checks)
      if (!std::holds_alternative<AlarmCheck>(check)) names.push_back(name_of(check));
    return names;
  }

  // ---- Steps ----

  // 10, or "10%" as people write it.
  std::optional<int> read_weight(Fields& fields, std::string_view key, int at_least) {
    const Node* node = fields.node(key);
    if (node == nullptr) return std::nullopt;
    std::string_view text = node->is_scalar() ? std::string_view(node->text) : "";
    if (text.ends_with('%')) text = trim(text.substr(0, text.size() - 1));
    int weight = -1;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), weight);
    if (failed == std::errc{} && end == text.data() + text.size() && weight >= at_least &&
        weight <= 100)
      return weight;
    fields.error(key, fmt::format("expected a whole percentage from {} to 100, found {}", at_least,
                                  describe(*node)));
    return std::nullopt;
  }

  std::vector<TrafficStep> read_steps(Fields& fields, const Canary& canary) {
    fields.require("steps");
    std::vector<TrafficStep> steps;
    int before = -1;
    bool is_sound = true;
    for (Fields& entry : fields.mappings("steps", {.at_least = 1})) {
      TrafficStep step;
      entry.require("weight");
      const std::optional<int> weight = read_weight(entry, "weight", 0);
      step.weight = weight.value_or(before + 1);
      if (weight && *weight <= before) {
        entry.error("weight", fmt::format("{} does not follow {}", *weight, before),
                    "each step gives the new side more than the one before");
        is_sound = false;
      }
      before = std::max(before, step.weight);
      step.bake = entry.duration("bake", kUpToADay).value_or(Duration{0});
      step.pause = entry.boolean("pause").value_or(false);
      if (entry.has("checks")) {
        given_.insert(static_cast<std::ptrdiff_t>(steps.size()));
        step.checks = read_names(entry, canary);
      }
      steps.push_back(std::move(step));
    }
    // The last step is the whole of it, watched as long as the one before.
    if (is_sound && !steps.empty() && steps.back().weight < 100) {
      TrafficStep last{.weight = 100, .bake = steps.back().bake, .checks = steps.back().checks};
      if (given_.contains(static_cast<std::ptrdiff_t>(steps.size()) - 1))
        given_.insert(static_cast<std::ptrdiff_t>(steps.size()));
      steps.push_back(std::move(last));
    }
    return steps;
  }

  std::vector<std::string> read_names(Fields& entry, const Canary& canary) {
    std::vector<std::string> names = entry.texts("checks");
    const std::vector<std::string> known = judging(canary);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (std::ranges::find(known, names[i]) != known.end()) continue;
      if (find_check(canary, names[i]) != nullptr) {
        entry.error("checks", i, fmt::format("{} is an alarm", names[i]),
                    "alarms are watched all the time, whatever a step says");
        continue;
      }
      const std::optional<std::string> near = nearest(names[i], known);
      entry.error("checks", i, fmt::format("there is no check \"{}\"", names[i]),
                  near ? "did you mean " + *near + "?" : "name it under `checks` of the strategy");
    }
    return names;
  }

  std::vector<TrafficStep> read_linear(Fields& fields) {
    fields.require("step");
    fields.require("every");
    const int by = read_weight(fields, "step", 1).value_or(100);
    const Duration every = fields.duration("every", kUpToADay).value_or(Duration{0});
    std::vector<TrafficStep> steps;
    for (int weight = by; weight < 100; weight += by) steps.push_back({weight, every, {}, false});
    steps.push_back({100, fields.duration("bake", kUpToADay).value_or(every), {}, false});
    return steps;
  }

  // ---- Checks ----

  std::vector<Check> read_checks(Fields& fields) {
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

  // ---- Who moves the weights ----

  Mover read_mover(Fields& fields) {
    std::vector<std::string> movers;
    for (const std::string_view mover : {"alb", "dns", "codedeploy", "ecs"})
      if (fields.has(mover)) movers.emplace_back(mover);
    if (movers.size() > 1)
      fields.error(movers[1], fmt::format("{} and {} exclude each other", movers[0], movers[1]),
                   "one of them moves the weights");
    // Each is asked for, so that all that is wrong is told at once.
    Mover mover;
    if (std::optional<Fields> alb = fields.mapping("alb")) mover = read_alb(*alb);
    if (std::optional<Fields> dns = fields.mapping("dns")) mover = read_dns(*dns);
    if (std::optional<Fields> deploy = fields.mapping("codedeploy")) {
      mover = CodeDeployMover{.application = deploy->text("application").value_or(""),
                              .deployment_group = deploy->text("deployment_group").value_or("")};
      if (deploy->has("deployment_group")) deploy->require("application");
    }
    if (std::optional<Fields> ecs = fields.mapping("ecs")) mover = EcsMover{};
    has_own_load_balancer_ = std::holds_alternative<DnsMover>(mover);
    return mover;
  }

  static void check_arn(Fields& fields, std::string_view key, const std::string& arn,
                        std::string_view kind) {
    if (arn.empty()) return;
    const std::vector<std::string_view> parts = split(arn, ':');
    if (parts.size() == 6 && parts[0] == "arn" && parts[2] == "elasticloadbalancing" &&
        parts[5].starts_with(kind) && parts[5].substr(kind.size()).starts_with('/'))
      return;
    fields.error(key, fmt::format("\"{}\" is not the ARN of a {}", arn,
                                  kind == "targetgroup"     ? "target group"
                                  : kind == "listener-rule" ? "listener's rule"
                                                            : kind));
  }

  // With one service for both its task sets are the sides, without it each side is a service.
  TrafficSide read_alb_side(Fields& alb, std::string_view key,
                            const std::optional<std::string>& of_both) {
    TrafficSide side{.name = std::string(key),
                     .service = of_both.value_or(""),
                     .is_task_set = of_both.has_value()};
    alb.require(key);
    std::optional<Fields> fields = alb.mapping(key);
    if (!fields) return side;
    if (of_both)
      fields->refuse("service",
                     "`alb` names one service, whose task sets are the sides: leave it out here, "
                     "or there and name one on each side");
    else
      side.service = fields->required_text("service");
    side.target_group = fields->required_text("target_group");
    check_arn(*fields, "target_group", side.target_group, "targetgroup");
    return side;
  }

  AlbMover read_alb(Fields& alb) {
    AlbMover mover{.rule = alb.text("rule").value_or(""),
                   .listener = alb.text("listener").value_or("")};
    if (!mover.rule.empty() && !mover.listener.empty())
      alb.error("listener", "rule and listener exclude each other");
    else if (mover.rule.empty() && mover.listener.empty() && !alb.has("rule") &&
             !alb.has("listener"))
      alb.error("rule", "name the `rule` that forwards to the two target groups",
                "or the `listener`, when it is its default action");
    check_arn(alb, "rule", mover.rule, "listener-rule");
    check_arn(alb, "listener", mover.listener, "listener");
    std::optional<std::string> of_both;
    if (alb.has("service")) of_both = alb.required_text("service");
    mover.blue = read_alb_side(alb, "blue", of_both);
    mover.green = read_alb_side(alb, "green", of_both);
    if (!of_both) check_sides(alb, mover.blue, mover.green);
    if (!mover.blue.target_group.empty() && mover.blue.target_group == mover.green.target_group)
      alb.error("green", "both sides have the same target group");
    return mover;
  }

  TrafficSide read_dns_side(Fields& dns, std::string_view key) {
    TrafficSide side{.name = std::string(key)};
    dns.require(key);
    std::optional<Fields> fields = dns.mapping(key);
    if (!fields) return side;
    side.service = fields->required_text("service");
    side.load_balancer = fields->required_text("load_balancer");
    side.set_identifier = fields->text("set_identifier").value_or(std::string(key));
    return side;
  }

  DnsMover read_dns(Fields& dns) {
    DnsMover mover{.names = dns.required_texts("names", {.at_least = 1}),
                   .zone = dns.text("zone").value_or("")};
    for (std::size_t i = 0; i < mover.names.size(); ++i) {
      std::string& name = mover.names[i];
      if (name.ends_with('.')) name.pop_back();
      name = to_lower(name);
      if (name.find('.') == std::string::npos || name.find("..") != std::string::npos)
        dns.error("names", i, fmt::format("\"{}\" is not a name of the DNS", name));
      else if (std::ranges::find(mover.names.begin(), mover.names.begin() + static_cast<long>(i),
                                 name) != mover.names.begin() + static_cast<long>(i))
        dns.error("names", i, fmt::format("{} is there twice", name));
    }
    // Weighted records of one name share their TTL, a whole number of seconds.
    const Node* ttl = dns.node("ttl");
    if (ttl != nullptr && ttl->as_int())
      mover.ttl = std::chrono::seconds(dns.integer("ttl", {1, 86'400}).value_or(60));
    else if (const auto duration = dns.duration("ttl", {.at_least = 1s, .at_most = 24h}))
      mover.ttl = std::chrono::floor<std::chrono::seconds>(*duration);
    mover.blue = read_dns_side(dns, "blue");
    mover.green = read_dns_side(dns, "green");
    check_sides(dns, mover.blue, mover.green);
    if (!mover.blue.set_identifier.empty() &&
        mover.blue.set_identifier == mover.green.set_identifier)
      dns.error("green", "both sides have the same set_identifier");
    if (!mover.blue.load_balancer.empty() && mover.blue.load_balancer == mover.green.load_balancer)
      dns.error("green", "both sides have the same load balancer");
    return mover;
  }

  static void check_sides(Fields& fields, const TrafficSide& blue, const TrafficSide& green) {
    if (!blue.service.empty() && blue.service == green.service)
      fields.error("green", "both sides are the same service",
                   "a pair is two services; one runs while the other is idle. The task sets of one "
                   "are the sides of an `alb` that names it once, as its own `service`");
  }

  Fields& service_;
  Diagnostics& diagnostics_;
  bool has_own_load_balancer_ = false;
  std::set<std::ptrdiff_t> given_;  // steps that say their checks themselves
};

}  // namespace

std::optional<Strategy> read_strategy(Fields& service, Diagnostics& diagnostics) {
  return StrategyReader(service, diagnostics).read();
}

}  // namespace slipway
