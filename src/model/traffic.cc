#include "model/traffic.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace slipway {
namespace {

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

struct ComparisonWord {
  std::string_view text;
  Comparison comparison;
};
// The longer spellings first, so that "<=" is not read as "<".
constexpr std::array kComparisons = {
    ComparisonWord{"<=", Comparison::kAtMost},   ComparisonWord{">=", Comparison::kAtLeast},
    ComparisonWord{"!=", Comparison::kNotEqual}, ComparisonWord{"==", Comparison::kEqual},
    ComparisonWord{"<", Comparison::kLess},      ComparisonWord{">", Comparison::kMore},
    ComparisonWord{"=", Comparison::kEqual}};

// As people say it; in YAML a text that begins with ">" needs quotes.
constexpr std::array kComparisonWords = {ComparisonWord{"at most", Comparison::kAtMost},
                                         ComparisonWord{"at least", Comparison::kAtLeast},
                                         ComparisonWord{"below", Comparison::kLess},
                                         ComparisonWord{"under", Comparison::kLess},
                                         ComparisonWord{"above", Comparison::kMore},
                                         ComparisonWord{"over", Comparison::kMore}};

// `text` without the comparison it begins with.
std::optional<Comparison> take_comparison(std::string_view& text) {
  const auto take = [&](const auto& words) -> std::optional<Comparison> {
    for (const auto& [word, comparison] : words) {
      if (!text.starts_with(word)) continue;
      text.remove_prefix(word.size());
      return comparison;
    }
    return std::nullopt;
  };
  if (const std::optional<Comparison> sign = take(kComparisons)) return sign;
  return take(kComparisonWords);
}

std::string_view word_of(Comparison comparison) {
  return std::ranges::find(kComparisons, comparison, &ComparisonWord::comparison)->text;
}

std::string to_string(const MetricCheck& check) {
  std::string text = check.name;
  if (check.compare == Compare::kRatio) text += ", new / old";
  if (check.compare == Compare::kDifference) text += ", new - old";
  if (check.success) text += " " + slipway::to_string(*check.success);
  if (check.failure)
    text += (check.success ? ", fails " : " fails ") + slipway::to_string(*check.failure);
  text += " every " + slipway::to_string(check.interval);
  if (check.dry_run) text += ", dry run";
  return text;
}

}  // namespace

std::string_view to_string(CheckVerdict verdict) {
  switch (verdict) {
    case CheckVerdict::kPass:
      return "pass";
    case CheckVerdict::kFail:
      return "fail";
    case CheckVerdict::kInconclusive:
      return "inconclusive";
    case CheckVerdict::kError:
      return "error";
  }
  return "unknown";
}

std::string_view to_string(NoData no_data) {
  switch (no_data) {
    case NoData::kWait:
      return "wait";
    case NoData::kPass:
      return "pass";
    case NoData::kFail:
      return "fail";
    case NoData::kInconclusive:
      return "inconclusive";
  }
  return "unknown";
}

std::string_view to_string(Compare compare) {
  switch (compare) {
    case Compare::kNothing:
      return "nothing";
    case Compare::kRatio:
      return "ratio";
    case Compare::kDifference:
      return "difference";
  }
  return "unknown";
}

bool Condition::holds_for(double value) const {
  switch (comparison) {
    case Comparison::kLess:
      return value < threshold;
    case Comparison::kAtMost:
      return value <= threshold;
    case Comparison::kMore:
      return value > threshold;
    case Comparison::kAtLeast:
      return value >= threshold;
    case Comparison::kEqual:
      return value == threshold;
    case Comparison::kNotEqual:
      return value != threshold;
  }
  return false;
}

std::string to_string(double value) {
  // Four digits say enough of a measurement; counts are told whole.
  return std::abs(value) >= 1000 ? fmt::format("{:.0f}", value) : fmt::format("{:.4g}", value);
}

std::string to_string(const Condition& condition) {
  return fmt::format("{} {}", word_of(condition.comparison), to_string(condition.threshold));
}

std::optional<Condition> parse_condition(std::string_view text) {
  text = trim(text);
  const std::optional<Comparison> comparison = take_comparison(text);
  if (!comparison) return std::nullopt;
  text = trim(text);
  Condition condition{.comparison = *comparison};
  const auto [end, failed] =
      std::from_chars(text.data(), text.data() + text.size(), condition.threshold);
  if (failed != std::errc{} || !std::isfinite(condition.threshold)) return std::nullopt;
  // A percent sign is how people write it; metrics in percent count to a hundred.
  const std::string_view rest = trim(text.substr(static_cast<std::size_t>(end - text.data())));
  if (!rest.empty() && rest != "%") return std::nullopt;
  return condition;
}

const std::string& name_of(const Check& check) {
  return std::visit(
      Overloaded{[](const AlarmCheck& alarm) -> const std::string& { return alarm.alarm; },
                 [](const MetricCheck& metric) -> const std::string& { return metric.name; },
                 [](const HttpCheck& http) -> const std::string& { return http.name; }},
      check);
}

std::string to_string(const Check& check) {
  return std::visit(Overloaded{[](const AlarmCheck& alarm) { return "alarm " + alarm.alarm; },
                               [](const MetricCheck& metric) { return to_string(metric); },
                               [](const HttpCheck& http) {
                                 return fmt::format("{} (GET {})", http.name, http.url);
                               }},
                    check);
}

std::string_view to_string(const Mover& mover) {
  return std::visit(
      Overloaded{[](const EcsMover&) { return "ecs"; }, [](const AlbMover&) { return "alb"; },
                 [](const DnsMover&) { return "dns"; },
                 [](const CodeDeployMover&) { return "codedeploy"; }},
      mover);
}

std::string to_string(const TrafficSide& side) {
  return side.is_task_set ? side.service + "/" + side.name : side.service;
}

std::optional<TrafficPair> pair_of(const Mover& mover) {
  if (const auto* alb = std::get_if<AlbMover>(&mover)) return TrafficPair{alb->blue, alb->green};
  if (const auto* dns = std::get_if<DnsMover>(&mover)) return TrafficPair{dns->blue, dns->green};
  return std::nullopt;
}

const Check* find_check(const Canary& canary, std::string_view name) {
  const auto found = std::ranges::find(canary.checks, name, name_of);
  return found == canary.checks.end() ? nullptr : &*found;
}

Duration bake_of(const Canary& canary) {
  Duration sum{0};
  for (const TrafficStep& step : canary.steps) sum += step.bake;
  return sum;
}

}  // namespace slipway
