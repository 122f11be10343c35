// Follows one service deployment of ours through ECS's lifecycle stages: tells stages and weights
// as they change, evaluates the checks of the step whose weight is in force, stops it when one
// fails, and decides where ECS was told to pause. Nothing is remembered elsewhere: the service
// deployment is the state, and `slipway continue`, `stop` and `wait` go on from it on any machine.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html
#pragma once

#include "aws/ecs.h"
#include "execute/check_calls.h"
#include "execute/context.h"
#include "execute/poller.h"
#include "execute/service_deployments.h"
#include "execute/watch.h"
#include "model/event.h"
#include "model/plan.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace slipway {

// The two revisions' target groups, and the load balancer in front of them: what metrics go by.
// Asked for only where a check measures.
struct EcsEnds {
  TrafficEnd from;
  TrafficEnd to;
};
// `new_percent` is what the new revision has now; where both have half nothing tells them apart.
Result<EcsEnds> look_at_ecs_ends(Context& context, const Subject& subject, const Canary& canary,
                                 const ServiceSnapshot& service, int new_percent = 0);

struct EcsShiftEnd {
  Verdict verdict;
  bool has_ended = false;  // the service deployment has, one way or the other
  std::string traffic;     // where the weights are, while it has not
};

// Where somebody has told a deployment to go on that another run had begun.
struct EcsTakenOver {
  int weight_percent = 0;
  std::string passed_hook;
};

class EcsShift {
 public:
  // Borrows all but the subject and the watch.
  EcsShift(Context& context, Poller& poller, Subject subject, const ShiftByEcs& action,
           ServiceWatch watch, std::string service_deployment, EcsEnds ends,
           const EcsTakenOver& taken_over = {});

  // Until it has ended, waits for a person, or nobody waits for it any more.
  EcsShiftEnd follow();

 private:
  using End = std::optional<EcsShiftEnd>;

  TimePoint now() const { return context_.clock().now(); }
  void tell(const aws::ServiceDeployment& deployment);
  void begin_step(int weight);
  TimePoint next_look() const;
  End decide(const aws::ServiceDeployment& deployment);
  End at_pause(const PauseHook& hook);
  End knock(const TrafficStep& step);
  // The step in force has been baked, its checks have passed and no person is asked; else its end,
  // or not yet.
  bool step_is_done(const PauseHook& hook, End& end);
  const TrafficStep* next_step() const;
  EcsShiftEnd go_back(const std::string& reason);
  EcsShiftEnd paused(const std::string& reason, const PauseHook& hook);
  EcsShiftEnd ended(const aws::ServiceDeployment& deployment) const;
  EcsShiftEnd left(Verdict verdict) const;
  std::string where_it_is() const;

  Context& context_;
  Poller& poller_;
  const Subject subject_;
  const ShiftByEcs& action_;
  const ServiceWatch watch_;
  const std::string arn_;
  const EcsEnds ends_;
  const Canary watched_;  // without the alarms: ECS watches those
  TrafficChecks checks_;

  std::optional<ServiceDeploymentObserved> told_;
  std::string stage_;
  int weight_ = 0;                     // of production traffic, the new revision's percent
  const TrafficStep* step_ = nullptr;  // the one that is in force
  TimePoint step_began_;
  std::optional<TimePoint> first_pause_;
  std::optional<std::string> in_doubt_;  // why a person has to decide at the next pause
  std::vector<PauseHook> waiting_;       // those that were not sent on
  std::set<std::string> passed_;         // hooks we have sent on
};

}  // namespace slipway
