// Judging what was measured between two steps: pure functions from a check and an answer to one of
// four verdicts, and from a row of verdicts to what becomes of the step. Asking is check_calls.h.
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "base/transport.h"
#include "model/traffic.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

// One evaluation of one check.
struct Evaluation {
  CheckVerdict verdict = CheckVerdict::kPass;
  std::optional<double> value;
  std::string detail;
  bool counts = true;  // false: nothing to measure yet
  bool operator==(const Evaluation&) const = default;
};

// ---- Metrics -----------------------------------------------------------------------------------

// What GetMetricData has for one query: the beginnings of periods, and their values.
using MetricPoints = std::vector<std::pair<TimePoint, double>>;
using MetricAnswer = std::map<std::string, MetricPoints>;  // by Id

// The queries of a check for one end, their placeholders filled in and each Id (and what refers to
// it) behind `prefix`, so that the queries of several checks go into one call.
// kInvalid "check.placeholder": the end has no target group, or no load balancer is known.
Result<std::vector<Json>> queries_of(const MetricCheck& check, const TrafficEnd& end,
                                     std::string_view prefix);

// What an evaluation looks at. The first period is the one in which the step began; one that has
// not ended yet shows too little.
struct Window {
  TimePoint from;
  TimePoint to;
  bool operator==(const Window&) const = default;
};
Window window_of(const MetricCheck& check, TimePoint step_began, TimePoint now);

// nullopt: no data in the window.
std::optional<double> value_of(const MetricCheck& check, const MetricAnswer& answer,
                               std::string_view prefix, const Window& window);

// `old_value` only for checks that compare.
Evaluation judge(const MetricCheck& check, std::optional<double> new_value,
                 std::optional<double> old_value);
// The metric could not be asked for.
Evaluation judge_failure(const Error& error);

// The evaluations of one check in one step.
struct Tally {
  int evaluated = 0;  // that count
  int failed = 0;
  int inconclusive = 0;
  int errors_in_a_row = 0;
  std::string last_trouble;  // the last one that was not a pass, in words

  void count(const Evaluation& evaluation, std::string words);
};
// As soon as it is settled, whatever comes later: failed beyond the limit, or `count` reached.
std::optional<CheckVerdict> settled(const MetricCheck& check, const Tally& tally);
// At the end of the bake. `kInconclusive` when nothing was ever measured.
CheckVerdict at_the_end(const MetricCheck& check, const Tally& tally);

// "value 3.2, wanted < 1"
std::string in_words(const MetricCheck& check, const Evaluation& evaluation);
// What a value has to be: "< 1"; of `failure` alone its opposite.
std::string wanted_by(const MetricCheck& check);

// ---- Alarms ------------------------------------------------------------------------------------

struct AlarmState {
  std::string name;
  std::string state;   // OK, ALARM, INSUFFICIENT_DATA
  std::string reason;  // in CloudWatch's words
};
// `state` is null when CloudWatch does not know the alarm.
Evaluation judge(const AlarmCheck& check, const AlarmState* state);
// Whoever moves the traffic watches the alarms itself.
Canary without_alarms(Canary canary);
// Before anything is changed: why it may not begin.
std::optional<Error> objection(const AlarmCheck& check, const AlarmState* state);

// ---- Requests ----------------------------------------------------------------------------------

Evaluation judge(const HttpCheck& check, const Result<HttpResponse>& answer);

}  // namespace slipway
