// The checks of one shift of traffic while it runs: asks CloudWatch and the new side, tells each
// evaluation as an event, and says what becomes of the step. All that is due at one time is asked
// for in one call: one DescribeAlarms, one GetMetricData.
#pragma once

#include "execute/checks.h"
#include "execute/context.h"
#include "model/event.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway {

// What a check makes of the step: kFail, or kInconclusive when a person has to decide.
struct StepTrouble {
  CheckVerdict verdict = CheckVerdict::kFail;
  std::string reason;  // "check errors: 3.2, wanted < 1"
};

class TrafficChecks {
 public:
  // Borrows all but the subject.
  TrafficChecks(Context& context, Subject subject, const Canary& canary, const TrafficEnd& from,
                const TrafficEnd& to);

  // Before anything is changed: every alarm exists and none is firing, and every query of the
  // metrics can be written down.
  // When a shift is taken over, alarms that fire are what its next step is judged by.
  Result<void> may_begin(bool is_taken_over = false);

  // The requests of a step, straight at the new side. The error: the fiber was called off.
  Result<std::optional<StepTrouble>> knock(const TrafficStep& step);

  // The bake of `step` begins.
  void begin(const TrafficStep& step, TimePoint now);
  // When the next check is due; nullopt: none.
  std::optional<TimePoint> next_due() const;
  // Evaluates what is due by `now`.
  Result<std::optional<StepTrouble>> evaluate(TimePoint now);
  // The bake is over: what is still open? nullopt: nothing. A check that has not seen a value yet
  // is given as long again as CloudWatch may take to have one.
  std::optional<StepTrouble> at_the_end() const;
  bool may_end(TimePoint now) const;

 private:
  struct Running {
    const MetricCheck* check = nullptr;
    Tally tally;
    TimePoint due;
    bool is_over = false;  // `count` reached
  };
  Result<std::optional<StepTrouble>> look_at_alarms();
  Result<std::optional<StepTrouble>> look_at_metrics(TimePoint now);
  Result<std::vector<AlarmState>> describe_alarms();
  Result<MetricAnswer> get_metric_data(const std::vector<Json>& queries, Window window);
  Evaluation evaluate(std::size_t index, const Result<MetricAnswer>& answer, TimePoint now) const;
  void tell(const std::string& name, const Evaluation& evaluation, std::string condition,
            bool dry_run);
  Result<Evaluation> knock(const HttpCheck& check);

  Context& context_;
  Subject subject_;
  const Canary& canary_;
  const TrafficEnd& from_;
  const TrafficEnd& to_;
  std::vector<const AlarmCheck*> alarms_;
  std::vector<bool> has_been_quiet_;  // of the alarms: firing counts
  std::vector<Running> running_;
  TimePoint began_;
  TimePoint bake_ends_;
  TimePoint alarms_due_;
  int failed_alarm_looks_ = 0;  // in a row
  int weight_ = 0;
};

}  // namespace slipway
