#include "execute/checks.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <set>

namespace slipway {
namespace {

using namespace std::chrono_literals;

// What follows "loadbalancer/" in the ARN: "app/shop/2c3d".
std::string load_balancer_dimension(std::string_view arn) {
  constexpr std::string_view kPrefix = "loadbalancer/";
  const std::size_t at = arn.find(kPrefix);
  return at == std::string_view::npos ? std::string()
                                      : std::string(arn.substr(at + kPrefix.size()));
}

// The last part of the ARN, whole: "targetgroup/web/0a1b".
std::string target_group_dimension(std::string_view arn) {
  const std::size_t at = arn.rfind(':');
  return std::string(at == std::string_view::npos ? arn : arn.substr(at + 1));
}

struct Placeholders {
  std::string target_group;
  std::string load_balancer;
};

// Every text of the document, placeholders replaced. False when one of them has no value.
bool fill_in(Json& json, const Placeholders& placeholders) {
  if (JsonObject* object = json.if_object()) {
    return std::ranges::all_of(*object,
                               [&](auto& member) { return fill_in(member.value(), placeholders); });
  }
  if (JsonArray* array = json.if_array())
    return std::ranges::all_of(*array, [&](Json& item) { return fill_in(item, placeholders); });
  if (!json.is_string()) return true;
  std::string text(json.get_string());
  const auto replace = [&](std::string_view word, const std::string& value) {
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word)) {
      if (value.empty()) return false;
      text.replace(at, word.size(), value);
    }
    return true;
  };
  if (!replace("{target_group}", placeholders.target_group) ||
      !replace("{load_balancer}", placeholders.load_balancer))
    return false;
  json = text;
  return true;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// In a metric math expression the names of other queries begin with a small letter, functions with
// a capital. Texts in quotes stay.
std::string with_prefixed_ids(std::string_view expression, const std::set<std::string>& ids,
                              std::string_view prefix) {
  std::string out;
  char quote = 0;
  for (std::size_t i = 0; i < expression.size();) {
    const char c = expression[i];
    if (quote != 0 || !is_word(c)) {
      if (quote == c)
        quote = 0;
      else if (quote == 0 && (c == '"' || c == '\''))
        quote = c;
      out += c;
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < expression.size() && is_word(expression[end])) ++end;
    const std::string word(expression.substr(i, end - i));
    if (ids.contains(word)) out += prefix;
    out += word;
    i = end;
  }
  return out;
}

std::chrono::seconds period_of(const MetricCheck& check) {
  std::chrono::seconds longest = 1s;
  for (const Json& query : check.queries) {
    std::optional<std::int64_t> period = find_int(query, "Period");
    if (const JsonObject* stat = find_object(query, "MetricStat"))
      if (const Json* of_stat = stat->if_contains("Period");
          of_stat != nullptr && of_stat->is_int64())
        period = of_stat->get_int64();
    if (period) longest = std::max(longest, std::chrono::seconds(*period));
  }
  return longest;
}

TimePoint floor_to(TimePoint time, std::chrono::seconds period) {
  const auto since = time.time_since_epoch();
  return TimePoint(since - since % std::chrono::duration_cast<Duration>(period));
}

MetricPoints within(const MetricAnswer& answer, const std::string& id, const Window& window) {
  MetricPoints points;
  const auto found = answer.find(id);
  if (found == answer.end()) return points;
  for (const auto& point : found->second)
    if (point.first >= window.from && point.first < window.to) points.push_back(point);
  return points;
}

double sum(const MetricPoints& points) {
  double total = 0;
  for (const auto& [at, value] : points) total += value;
  return total;
}

Condition opposite(const Condition& condition) {
  switch (condition.comparison) {
    case Comparison::kLess:
      return {Comparison::kAtLeast, condition.threshold};
    case Comparison::kAtMost:
      return {Comparison::kMore, condition.threshold};
    case Comparison::kMore:
      return {Comparison::kAtMost, condition.threshold};
    case Comparison::kAtLeast:
      return {Comparison::kLess, condition.threshold};
    case Comparison::kEqual:
      return {Comparison::kNotEqual, condition.threshold};
    case Comparison::kNotEqual:
      return {Comparison::kEqual, condition.threshold};
  }
  return condition;
}

Evaluation without_data(NoData policy, const std::string& detail) {
  switch (policy) {
    case NoData::kWait:
      return {
          .verdict = CheckVerdict::kInconclusive, .value = {}, .detail = detail, .counts = false};
    case NoData::kPass:
      return {.verdict = CheckVerdict::kPass, .value = {}, .detail = detail};
    case NoData::kFail:
      return {.verdict = CheckVerdict::kFail, .value = {}, .detail = detail};
    case NoData::kInconclusive:
      return {.verdict = CheckVerdict::kInconclusive, .value = {}, .detail = detail};
  }
  return {};
}

}  // namespace

// ---- Metrics -----------------------------------------------------------------------------------

Result<std::vector<Json>> queries_of(const MetricCheck& check, const TrafficEnd& end,
                                     std::string_view prefix) {
  const std::string group = !end.side.target_group.empty() ? end.side.target_group
                            : end.target_groups.empty()    ? std::string()
                                                           : end.target_groups.front();
  const Placeholders placeholders{.target_group = target_group_dimension(group),
                                  .load_balancer = load_balancer_dimension(end.load_balancer)};
  std::set<std::string> ids;
  for (const Json& query : check.queries) ids.emplace(string_or_empty(query, "Id"));
  std::vector<Json> queries = check.queries;
  for (Json& query : queries) {
    if (!fill_in(query, placeholders))
      return Error{
          ErrorKind::kInvalid, "check.placeholder",
          fmt::format("check {} asks about {}, which has {}", check.name, to_string(end.side),
                      placeholders.target_group.empty() ? "no target group" : "no load balancer")};
    JsonObject& object = query.as_object();
    object["Id"] = std::string(prefix) + std::string(string_or_empty(query, "Id"));
    if (const std::string_view expression = string_or_empty(query, "Expression");
        !expression.empty())
      object["Expression"] = with_prefixed_ids(expression, ids, prefix);
    // Both members of a percentage are wanted, whatever the file returns to somebody else.
    object["ReturnData"] = true;
  }
  return queries;
}

Window window_of(const MetricCheck& check, TimePoint step_began, TimePoint now) {
  const std::chrono::seconds period = period_of(check);
  const TimePoint to = floor_to(now, period);
  return {.from = std::max(floor_to(step_began, period), floor_to(now - check.window, period)),
          .to = to};
}

std::optional<double> value_of(const MetricCheck& check, const MetricAnswer& answer,
                               std::string_view prefix, const Window& window) {
  const auto id = [&](const std::string& name) { return std::string(prefix) + name; };
  const MetricPoints points = within(answer, id(check.result), window);
  if (!check.percent_of.empty()) {
    const double whole = sum(within(answer, id(check.percent_of), window));
    if (whole <= 0) return std::nullopt;
    return 100 * sum(points) / whole;
  }
  const auto newest = std::ranges::max_element(points, {}, &MetricPoints::value_type::first);
  return newest == points.end() ? std::nullopt : std::optional(newest->second);
}

Evaluation judge(const MetricCheck& check, std::optional<double> new_value,
                 std::optional<double> old_value) {
  if (!new_value) return without_data(check.no_data, "no data");
  double value = *new_value;
  std::string detail;
  if (check.compare != Compare::kNothing) {
    if (!old_value) return without_data(check.no_data, "no data of the old side");
    detail = fmt::format("new {}, old {}", to_string(*new_value), to_string(*old_value));
    if (check.compare == Compare::kDifference)
      value = *new_value - *old_value;
    else if (*old_value != 0)
      value = *new_value / *old_value;
    else if (*new_value == 0)
      value = 1;  // nothing on either side is the same on both
    else
      return {.verdict = CheckVerdict::kInconclusive, .value = {}, .detail = detail + ", no ratio"};
  }
  Evaluation evaluation{.value = value, .detail = std::move(detail)};
  if (check.failure && check.failure->holds_for(value))
    evaluation.verdict = CheckVerdict::kFail;
  else if (!check.success || check.success->holds_for(value))
    evaluation.verdict = CheckVerdict::kPass;
  else
    evaluation.verdict = check.failure ? CheckVerdict::kInconclusive : CheckVerdict::kFail;
  return evaluation;
}

Evaluation judge_failure(const Error& error) {
  return {.verdict = CheckVerdict::kError, .value = {}, .detail = error.message};
}

void Tally::count(const Evaluation& evaluation, std::string words) {
  if (!evaluation.counts) return;
  if (evaluation.verdict == CheckVerdict::kError) {
    ++errors_in_a_row;
    last_trouble = std::move(words);
    return;
  }
  errors_in_a_row = 0;
  ++evaluated;
  if (evaluation.verdict == CheckVerdict::kPass) return;
  ++(evaluation.verdict == CheckVerdict::kFail ? failed : inconclusive);
  last_trouble = std::move(words);
}

std::optional<CheckVerdict> settled(const MetricCheck& check, const Tally& tally) {
  if (check.dry_run) return std::nullopt;
  if (tally.failed > check.failure_limit) return CheckVerdict::kFail;
  if (tally.errors_in_a_row > check.error_limit) return check.on_error;
  if (tally.inconclusive > check.inconclusive_limit) return CheckVerdict::kInconclusive;
  if (check.count > 0 && tally.evaluated >= check.count) return CheckVerdict::kPass;
  return std::nullopt;
}

CheckVerdict at_the_end(const MetricCheck& check, const Tally& tally) {
  if (check.dry_run) return CheckVerdict::kPass;
  if (const std::optional<CheckVerdict> verdict = settled(check, tally)) return *verdict;
  if (tally.evaluated > 0) return CheckVerdict::kPass;
  return tally.errors_in_a_row > 0 ? check.on_error : CheckVerdict::kInconclusive;
}

std::string wanted_by(const MetricCheck& check) {
  if (check.success) return to_string(*check.success);
  return check.failure ? to_string(opposite(*check.failure)) : std::string();
}

std::string in_words(const MetricCheck& check, const Evaluation& evaluation) {
  std::string words = "check " + check.name + ": ";
  words += evaluation.value ? to_string(*evaluation.value) + ", wanted " + wanted_by(check)
                            : std::string(to_string(evaluation.verdict));
  if (!evaluation.detail.empty()) words += " (" + evaluation.detail + ")";
  return words;
}

// ---- Alarms ------------------------------------------------------------------------------------

Evaluation judge(const AlarmCheck& check, const AlarmState* state) {
  if (state == nullptr)
    return {.verdict = CheckVerdict::kError,
            .value = {},
            .detail = fmt::format("CloudWatch has no alarm {}", check.alarm)};
  if (state->state == "ALARM")
    return {.verdict = CheckVerdict::kFail, .value = {}, .detail = state->reason};
  return {.verdict = CheckVerdict::kPass,
          .value = {},
          .detail = state->state == "OK" ? std::string() : to_lower(state->state)};
}

Canary without_alarms(Canary canary) {
  std::erase_if(canary.checks,
                [](const Check& check) { return std::holds_alternative<AlarmCheck>(check); });
  return canary;
}

std::optional<Error> objection(const AlarmCheck& check, const AlarmState* state) {
  if (state == nullptr)
    return Error{ErrorKind::kNotFound, "alarm.missing",
                 fmt::format("CloudWatch has no alarm {}", check.alarm)};
  if (state->state != "ALARM" || check.may_fire_before) return std::nullopt;
  return Error{
      ErrorKind::kConflict, "alarm.firing",
      fmt::format("alarm {} is firing already{}{}; nothing was changed. Release again when "
                  "it is quiet, or say `already_firing: wait` of it",
                  check.alarm, state->reason.empty() ? "" : ": ", state->reason)};
}

// ---- Requests ----------------------------------------------------------------------------------

Evaluation judge(const HttpCheck& check, const Result<HttpResponse>& answer) {
  if (!answer)
    return {.verdict = CheckVerdict::kFail, .value = {}, .detail = answer.error().message};
  Evaluation evaluation{.value = answer->status};
  if (answer->status < check.status_from || answer->status > check.status_to) {
    evaluation.verdict = CheckVerdict::kFail;
    evaluation.detail = check.status_from == check.status_to
                            ? fmt::format("wanted {}", check.status_from)
                            : fmt::format("wanted {}-{}", check.status_from, check.status_to);
  } else if (!check.contains.empty() && answer->body.find(check.contains) == std::string::npos) {
    evaluation.verdict = CheckVerdict::kFail;
    evaluation.detail = fmt::format("the body does not say {}", quote(check.contains));
  }
  return evaluation;
}

}  // namespace slipway
