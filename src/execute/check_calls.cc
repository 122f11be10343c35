#include "execute/check_calls.h"

#include "aws/cloudwatch.h"
#include "aws/codec.h"
#include "execute/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {

namespace cloudwatch = aws::cloudwatch;
using namespace std::chrono_literals;

namespace {

constexpr Duration kAlarmLooks = 15s;
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
constexpr std::size_t kAlarmsPerCall = 100;

const AlarmState* find_alarm(const std::vector<AlarmState>& states, const std::string& name) {
  const auto found = std::ranges::find(states, name, &AlarmState::name);
  return found == states.end() ? nullptr : &*found;
}

// Before the Ids of a check's queries, so that those of all checks go into one call.
std::string of_new_side(std::size_t check) { return fmt::format("n{}", check); }
std::string of_old_side(std::size_t check) { return fmt::format("o{}", check); }

std::string with_dns_name(std::string url, const TrafficEnd& end) {
  constexpr std::string_view kWord = "{load_balancer_dns}";
  const std::size_t at = url.find(kWord);
  if (at != std::string::npos) url.replace(at, kWord.size(), end.load_balancer_dns);
  return url;
}

}  // namespace

TrafficChecks::TrafficChecks(Context& context, Subject subject, const Canary& canary,
                             const TrafficEnd& from, const TrafficEnd& to)
    : context_(context), subject_(std::move(subject)), canary_(canary), from_(from), to_(to) {
  for (const Check& check : canary.checks)
    if (const auto* alarm = std::get_if<AlarmCheck>(&check)) alarms_.push_back(alarm);
  has_been_quiet_.assign(alarms_.size(), false);
}

void TrafficChecks::tell(const std::string& name, const Evaluation& evaluation,
                         std::string condition, bool dry_run) {
  context_.events.say(subject_, CheckEvaluated{.name = name,
                                               .verdict = evaluation.verdict,
                                               .value = evaluation.value,
                                               .condition = std::move(condition),
                                               .detail = evaluation.detail,
                                               .weight = weight_,
                                               .dry_run = dry_run});
}

// ---- Before anything is changed ----------------------------------------------------------------

Result<void> TrafficChecks::may_begin(bool is_taken_over) {
  for (const Check& check : canary_.checks) {
    const auto* metric = std::get_if<MetricCheck>(&check);
    if (metric == nullptr) continue;
    TRY_VOID(queries_of(*metric, to_, ""));
    if (metric->compare != Compare::kNothing) TRY_VOID(queries_of(*metric, from_, ""));
  }
  TRY(const std::vector<AlarmState> states, describe_alarms());
  for (std::size_t i = 0; i < alarms_.size(); ++i) {
    const AlarmState* const state = find_alarm(states, alarms_[i]->alarm);
    const std::optional<Error> error = objection(*alarms_[i], state);
    if (error && (state == nullptr || !is_taken_over)) return *error;
    has_been_quiet_[i] = is_taken_over || state->state != "ALARM";
  }
  return {};
}

// ---- Requests ----------------------------------------------------------------------------------

Result<Evaluation> TrafficChecks::knock(const HttpCheck& check) {
  HttpRequest request{.method = "GET", .url = with_dns_name(check.url, to_)};
  for (const auto& [name, value] : check.headers) request.headers.emplace_back(name, value);
  request.total_timeout = check.timeout;
  Evaluation last;
  for (int attempt = 1; attempt <= check.tries; ++attempt) {
    if (attempt > 1) TRY_VOID(context_.clock().sleep_for(check.pause));
    const Result<HttpResponse> answer = context_.runtime.transport.send(request);
    if (!answer && called_off(answer.error())) return answer.error();
    last = judge(check, answer);
    if (last.verdict == CheckVerdict::kPass) return last;
  }
  return last;
}

Result<std::optional<StepTrouble>> TrafficChecks::knock(const TrafficStep& step) {
  std::optional<StepTrouble> trouble;
  for (const std::string& name : step.checks) {
    const Check* const check = find_check(canary_, name);
    const auto* http = check == nullptr ? nullptr : std::get_if<HttpCheck>(check);
    if (http == nullptr) continue;
    TRY(const Evaluation evaluation, knock(*http));
    Evaluation told = evaluation;
    told.detail += (told.detail.empty() ? "" : ", ") + with_dns_name(http->url, to_);
    tell(http->name, told, "", http->dry_run);
    if (evaluation.verdict == CheckVerdict::kPass || http->dry_run || trouble) continue;
    trouble =
        StepTrouble{.verdict = CheckVerdict::kFail, .reason = "check " + http->name + " failed"};
    if (evaluation.value) trouble->reason += ": " + to_string(*evaluation.value);
    if (!evaluation.detail.empty()) trouble->reason += ", " + evaluation.detail;
  }
  return trouble;
}

// ---- The bake ----------------------------------------------------------------------------------

void TrafficChecks::begin(const TrafficStep& step, TimePoint now) {
  weight_ = step.weight;
  began_ = now;
  bake_ends_ = now + step.bake;
  alarms_due_ = now;
  running_.clear();
  for (const std::string& name : step.checks) {
    const Check* const check = find_check(canary_, name);
    if (const auto* metric = check == nullptr ? nullptr : std::get_if<MetricCheck>(check))
      running_.push_back(
          {.check = metric, .tally = {}, .due = now + metric->interval, .is_over = false});
  }
}

std::optional<TimePoint> TrafficChecks::next_due() const {
  std::optional<TimePoint> next;
  const auto at = [&](TimePoint when) { next = next ? std::min(*next, when) : when; };
  if (!alarms_.empty()) at(alarms_due_);
  for (const Running& one : running_)
    if (!one.is_over) at(one.due);
  return next;
}

bool TrafficChecks::may_end(TimePoint now) const {
  if (now < bake_ends_) return false;
  return std::ranges::all_of(running_, [&](const Running& one) {
    const MetricCheck& check = *one.check;
    if (check.dry_run) return true;
    const bool is_enough = one.tally.evaluated >= std::max(1, check.count);
    const Duration patience = check.window + check.interval * std::max(1, check.count);
    return is_enough || now >= bake_ends_ + patience;
  });
}

std::optional<StepTrouble> TrafficChecks::at_the_end() const {
  std::optional<StepTrouble> open;
  for (const Running& one : running_) {
    const CheckVerdict verdict = slipway::at_the_end(*one.check, one.tally);
    if (verdict == CheckVerdict::kPass) continue;
    std::string reason = one.tally.evaluated == 0 && one.tally.errors_in_a_row == 0
                             ? "check " + one.check->name + " has seen no data"
                             : one.tally.last_trouble;
    if (verdict == CheckVerdict::kFail) return StepTrouble{verdict, std::move(reason)};
    if (!open) open = StepTrouble{CheckVerdict::kInconclusive, std::move(reason)};
  }
  return open;
}

Result<std::optional<StepTrouble>> TrafficChecks::evaluate(TimePoint now) {
  if (!alarms_.empty() && alarms_due_ <= now) {
    TRY(std::optional<StepTrouble> trouble, look_at_alarms());
    if (trouble) return trouble;
    alarms_due_ = now + kAlarmLooks;
  }
  return look_at_metrics(now);
}

// ---- Alarms ------------------------------------------------------------------------------------

Result<std::vector<AlarmState>> TrafficChecks::describe_alarms() {
  std::vector<AlarmState> states;
  for (std::size_t first = 0; first < alarms_.size(); first += kAlarmsPerCall) {
    cloudwatch::DescribeAlarmsInput request;
    // Composite alarms are left out unless they are asked for.
    request.AlarmTypes = {"MetricAlarm", "CompositeAlarm"};
    for (std::size_t i = first; i < std::min(first + kAlarmsPerCall, alarms_.size()); ++i)
      request.AlarmNames.push_back(alarms_[i]->alarm);
    TRY(const auto reply, context_.clients.call(cloudwatch::DescribeAlarms, request)
                              .context("looking at the alarms of " + to_string(subject_)));
    for (const auto& alarm : reply.MetricAlarms)
      states.push_back({alarm.AlarmName, alarm.StateValue, alarm.StateReason});
    for (const auto& alarm : reply.CompositeAlarms)
      states.push_back({alarm.AlarmName, alarm.StateValue, alarm.StateReason});
  }
  return states;
}

Result<std::optional<StepTrouble>> TrafficChecks::look_at_alarms() {
  std::optional<StepTrouble> trouble;
  const Result<std::vector<AlarmState>> states = describe_alarms();
  if (!states) {
    if (called_off(states.error())) return states.error();
    if (++failed_alarm_looks_ <= kFailedLooksTolerated) {
      context_.events.say(subject_, PollFailed{.error = states.error(),
                                               .in_a_row = failed_alarm_looks_,
                                               .limit = kFailedLooksTolerated});
      return trouble;
    }
    trouble = StepTrouble{CheckVerdict::kInconclusive,
                          "the alarms could not be looked at: " + states.error().message};
    return trouble;
  }
  failed_alarm_looks_ = 0;
  for (std::size_t i = 0; i < alarms_.size(); ++i) {
    const AlarmCheck& check = *alarms_[i];
    const Evaluation evaluation = judge(check, find_alarm(*states, check.alarm));
    if (evaluation.verdict == CheckVerdict::kPass) {
      has_been_quiet_[i] = true;
      continue;
    }
    // It fired before we began, and was said to be allowed to.
    if (evaluation.verdict == CheckVerdict::kFail && !has_been_quiet_[i]) continue;
    tell(check.alarm, evaluation, "", false);
    if (trouble) continue;
    if (evaluation.verdict == CheckVerdict::kFail)
      trouble = StepTrouble{CheckVerdict::kFail,
                            fmt::format("alarm {} fired{}{}", check.alarm,
                                        evaluation.detail.empty() ? "" : ": ", evaluation.detail)};
    else
      trouble = StepTrouble{CheckVerdict::kInconclusive, evaluation.detail};
  }
  return trouble;
}

// ---- Metrics -----------------------------------------------------------------------------------

Result<MetricAnswer> TrafficChecks::get_metric_data(const std::vector<Json>& queries,
                                                    Window window) {
  MetricAnswer answer;
  cloudwatch::GetMetricDataInput request;
  for (const Json& query : queries) {
    TRY(auto typed, aws::from_json<cloudwatch::MetricDataQuery>(query));
    request.MetricDataQueries.push_back(std::move(typed));
  }
  request.StartTime = window.from;
  request.EndTime = window.to;
  do {
    TRY(auto reply, context_.clients.call(cloudwatch::GetMetricData, request)
                        .context("looking at the metrics of " + to_string(subject_)));
    for (const auto& result : reply.MetricDataResults) {
      MetricPoints& points = answer[result.Id];
      const std::size_t count = std::min(result.Timestamps.size(), result.Values.size());
      for (std::size_t i = 0; i < count; ++i)
        points.emplace_back(result.Timestamps[i], result.Values[i]);
    }
    request.NextToken = reply.NextToken;
  } while (!request.NextToken.empty());
  return answer;
}

Evaluation TrafficChecks::evaluate(std::size_t index, const Result<MetricAnswer>& answer,
                                   TimePoint now) const {
  if (!answer) return judge_failure(answer.error());
  const MetricCheck& check = *running_[index].check;
  const Window window = window_of(check, began_, now);
  std::optional<double> old_value;
  if (check.compare != Compare::kNothing)
    old_value = value_of(check, *answer, of_old_side(index), window);
  return judge(check, value_of(check, *answer, of_new_side(index), window), old_value);
}

Result<std::optional<StepTrouble>> TrafficChecks::look_at_metrics(TimePoint now) {
  std::vector<std::size_t> asked;
  std::vector<Json> queries;
  std::optional<Window> whole;
  for (std::size_t i = 0; i < running_.size(); ++i) {
    Running& one = running_[i];
    if (one.is_over || one.due > now) continue;
    one.due = now + one.check->interval;
    asked.push_back(i);
    const auto ask = [&](const TrafficEnd& end, const std::string& prefix) -> Result<void> {
      TRY(std::vector<Json> wanted, queries_of(*one.check, end, prefix));
      std::ranges::move(wanted, std::back_inserter(queries));
      return {};
    };
    TRY_VOID(ask(to_, of_new_side(i)));
    if (one.check->compare != Compare::kNothing) TRY_VOID(ask(from_, of_old_side(i)));
    const Window window = window_of(*one.check, began_, now);
    if (!whole) whole = window;
    whole = Window{std::min(whole->from, window.from), std::max(whole->to, window.to)};
  }
  std::optional<StepTrouble> trouble;
  if (asked.empty()) return trouble;

  // No period has ended since the step began: there is nothing to ask for yet.
  Result<MetricAnswer> answer = MetricAnswer{};
  if (whole->from < whole->to) answer = get_metric_data(queries, *whole);
  if (!answer && called_off(answer.error())) return answer.error();

  for (const std::size_t i : asked) {
    Running& running = running_[i];
    const MetricCheck& check = *running.check;
    const Evaluation evaluation = evaluate(i, answer, now);
    if (evaluation.counts) tell(check.name, evaluation, wanted_by(check), check.dry_run);
    running.tally.count(evaluation, in_words(check, evaluation));
    const std::optional<CheckVerdict> verdict = settled(check, running.tally);
    if (!verdict) continue;
    running.is_over = true;
    if (*verdict == CheckVerdict::kPass) continue;
    // A failure weighs more than a doubt, whichever was seen first.
    if (!trouble || (*verdict == CheckVerdict::kFail && trouble->verdict != CheckVerdict::kFail))
      trouble = StepTrouble{*verdict, running.tally.last_trouble};
  }
  return trouble;
}

}  // namespace slipway
