// One shift of traffic while it runs: step after step the weights go up, and each step is watched
// as long as it says. What it finds is judged here; bringing the traffic back, and what becomes of
// the two services, is its caller's (stage_run_traffic.cc).
#pragma once

#include "execute/check_calls.h"
#include "execute/context.h"
#include "execute/poller.h"
#include "execute/target_health.h"
#include "execute/watch.h"
#include "execute/weights.h"
#include "model/plan.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

// Looks while a step bakes: targets, the two services, the weights.
inline constexpr Duration kTargetLooks = std::chrono::seconds(15);
inline constexpr Duration kTargetLooksInDoubt = std::chrono::seconds(5);
inline constexpr Duration kServiceLooks = std::chrono::seconds(30);
inline constexpr Duration kWeightLooks = std::chrono::minutes(1);
// What was seen this short a time ago is not looked at again before a step.
inline constexpr Duration kJustSeen = std::chrono::seconds(1);
// Bad looks in a row that fail a step; one alone may be chance.
inline constexpr int kBadLooks = 4;

struct ShiftEnd {
  enum class How {
    kArrived,     // all traffic is on the new side, and its last step has been watched
    kFailed,      // `why`; traffic is still divided
    kPaused,      // `why`; a person decides
    kSuperseded,  // somebody else has changed the weights or the new side
    kCalledOff,   // by a signal or the run's time limit
  };
  How how = How::kArrived;
  std::optional<Error> why;
};

class TrafficShift {
 public:
  struct Hooks {
    // Where the weights are now, for whoever interrupts the run: "10% of traffic on web-green ...".
    std::function<void(const std::string&)> stands_at;
    // The new side gets as many tasks as the old one has by now and is healthy with them, or the
    // verdict says why not.
    std::function<Verdict(const TrafficEnd& old_side)> scale_new_side;
  };

  // Borrows all but the hooks. `definition` is the ARN that the new side runs.
  TrafficShift(Context& context, Poller& poller, const Subject& subject, const ShiftTraffic& action,
               std::string definition, Weights& weights, TrafficChecks& checks, Hooks hooks);

  ShiftEnd run();
  int weight() const { return weight_; }  // in force, percent of the new side
  std::string where_it_stands() const;

 private:
  using MayEnd = std::optional<ShiftEnd>;  // nullopt: go on

  std::vector<TrafficStep> steps_to_do() const;
  MayEnd do_step(const TrafficStep& step, int number);
  MayEnd check_weights();
  MayEnd look_at_ends(TimePoint when);
  MayEnd keep_up_with_the_old_side();
  MayEnd set_weight(const TrafficStep& step);
  MayEnd bake(const TrafficStep& step);
  MayEnd look_at_targets_now(TimePoint now);
  MayEnd look_at_services_now(TimePoint now);

  MayEnd judge_new_side(const Result<ServiceLook>& look);
  MayEnd judge_task_set(const ServiceLook& look);
  MayEnd judge_deployment(const ServiceLook& look);
  MayEnd trouble(const StepTrouble& found);
  ShiftEnd failed(std::string code, std::string message) const;
  ShiftEnd end_of(Error error) const;  // called off, or failed for it
  struct Looks {
    Result<ServiceLook> old_side;
    Result<ServiceLook> new_side;
  };
  Result<Looks> look_at_both(TimePoint when);  // an error: called off meanwhile
  void say(EventBody body) { context_.events.say(subject_, std::move(body)); }
  TimePoint now() const { return context_.clock().now(); }

  Context& context_;
  Poller& poller_;
  const Subject& subject_;
  const ShiftTraffic& action_;
  std::string definition_;
  Weights& weights_;
  TrafficChecks& checks_;
  Hooks hooks_;
  std::vector<std::string> groups_;  // of the new side
  int weight_ = 0;
  int wanted_healthy_ = 0;
  std::string what_;  // "rule app/shop/3f2a"
  HealthStreak targets_;
  int failed_looks_ = 0;  // in a row, at targets
  // The two sides as they were last seen; none when that failed.
  struct Seen {
    TrafficEnd old_side;
    TrafficEnd new_side;
    TimePoint at;
  };
  std::optional<Seen> seen_;
  TimePoint targets_due_;
  TimePoint services_due_;
  TimePoint weights_due_;
};

}  // namespace slipway
