// Follows one deployment of CodeDeploy of ours: tells lifecycle events and weights as they change,
// evaluates the checks of the step whose weight is in force, looks after the health of the new
// targets, takes it back when something is wrong, and goes on where the group makes it wait.
// Nothing is remembered elsewhere: the deployment is the state, and `slipway continue`, `stop` and
// `wait` go on from it on any machine.
//
// CodeDeploy cannot wait between two steps. What is inconclusive there goes back.
#pragma once

#include "execute/check_calls.h"
#include "execute/code_deploy.h"
#include "execute/context.h"
#include "execute/poller.h"
#include "execute/target_health.h"
#include "execute/watch.h"
#include "model/plan.h"

#include <optional>
#include <string>

namespace slipway {

// The target groups of the two task sets.
struct CodeDeployEnds {
  TrafficEnd from;
  TrafficEnd to;
};
// Needed where a check measures; else what cannot be looked up stays empty, and is not watched.
Result<CodeDeployEnds> look_at_code_deploy_ends(Context& context, const ShiftByCodeDeploy& action,
                                                const ServiceSnapshot& service);

struct CodeDeployEnd {
  Verdict verdict;
  bool has_ended = false;    // the deployment has, and its way back when there is one
  std::string traffic;       // where the weights are, while it has not
  std::string new_task_set;  // id; empty when it was not seen
};

class CodeDeployShift {
 public:
  // What somebody has decided already.
  enum class Go { kAsTheStepsSay, kAhead, kBack };

  // `watch` has the deployment's id as `our_deployment`. Borrows the context, the poller and the
  // action, whose steps may be none: then nothing is decided here.
  CodeDeployShift(Context& context, Poller& poller, Subject subject,
                  const ShiftByCodeDeploy& action, ServiceWatch watch, CodeDeployEnds ends,
                  Go go = Go::kAsTheStepsSay);

  // Until it has ended, waits for a person, or nobody waits for it any more.
  CodeDeployEnd follow();

 private:
  using End = std::optional<CodeDeployEnd>;

  TimePoint now() const { return context_.clock().now(); }
  void say(EventBody body) { context_.events.say(subject_, std::move(body)); }

  bool is_not_ours_and_missing(const Error& error) const;
  Result<CodeDeployLook> look_at(const std::string& deployment, TimePoint when);
  TimePoint next_look() const;
  void tell(const CodeDeployLook& look);
  void tell_weight(int weight);
  void begin_step(int weight);

  End decide(const CodeDeployLook& look);
  End wait_for_go_ahead(const CodeDeployLook& look);
  End watch_targets();
  End let_the_old_tasks_go(const CodeDeployLook& look);
  End time_is_up(const CodeDeployLook& look);
  End act_on(const StepTrouble& trouble, bool can_wait);
  End go_on(const CodeDeployLook& look, std::string_view wait_type);
  End go_back(std::string code, const std::string& reason);
  CodeDeployEnd paused(const std::string& reason);
  CodeDeployEnd left(Verdict verdict) const;

  CodeDeployEnd ended(const CodeDeployLook& look);
  CodeDeployEnd ended_well();
  CodeDeployEnd ended_badly(const CodeDeployLook& look);
  // The deployment that is the way back has ended; nullopt: CodeDeploy has begun none.
  Result<std::optional<CodeDeployLook>> follow_the_way_back(const CodeDeployLook& look);
  Verdict taken_back(const CodeDeployLook& look);
  Result<std::string> runs_now();
  std::string where_it_is() const;

  Context& context_;
  Poller& poller_;
  const Subject subject_;
  const ShiftByCodeDeploy& action_;
  const ServiceWatch watch_;
  const std::string& id_;
  const CodeDeployEnds ends_;
  const Canary watched_;  // without the alarms: CodeDeploy watches those
  TrafficChecks checks_;

  std::optional<CodeDeployObserved> told_;
  std::string new_task_set_;
  int weight_ = 0;                     // of production traffic, the new tasks' percent
  const TrafficStep* step_ = nullptr;  // the one that is in force
  TimePoint step_began_;
  TimePoint up_until_;                    // the new tasks have to be up by then
  std::optional<TimePoint> moved_until_;  // and all of it done by then, once traffic moves
  std::optional<StepTrouble> left_open_;  // by a step that CodeDeploy has ended
  bool has_knocked_ = false;
  bool has_gone_ahead_ = false;
  bool has_let_go_ = false;
  std::optional<Error> going_back_;  // why we have stopped it
  HealthStreak targets_;
  TimePoint targets_due_;
};

}  // namespace slipway
