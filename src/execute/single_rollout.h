// A rollout that one run of ecs-deploy has begun, watched for a first task that works and then to
// its end. What is seen is told as it comes, and what made it fail once.
#pragma once

#include "execute/context.h"
#include "execute/look.h"
#include "execute/pace.h"
#include "execute/watch.h"
#include "model/event.h"
#include "model/snapshot.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace slipway {

class SingleRollout {
 public:
  // `answer` is what UpdateService said, and `watch` is bound to what it created. Each of the two
  // waits takes `timeout` at most.
  SingleRollout(Context& context, Subject subject, ServiceWatch watch, const ServiceLook& answer,
                Duration timeout);

  // For a task of the revision that `made` is, as far as its containers' health checks can show.
  Verdict wait_for_first_task(const TaskDefinitionSnapshot& made);
  // Until the deployment from before is gone.
  Verdict wait_for_end();
  // Tells why it failed, without what was told on the way. Who took it back goes into the verdict
  // when only the record of the deployment knows.
  void explain_failure(Verdict& verdict);

  const ServiceWatch& watch() const { return watch_; }
  // "family:revision" that the service ran when it was last seen.
  const std::string& runs() const { return runs_; }

 private:
  Result<Result<ServiceLook>> next(TimePoint end);
  void tell(const Result<ServiceLook>& look);
  Result<bool> find_working_task(const TaskDefinitionSnapshot& made,
                                 const Result<ServiceLook>& look);

  TimePoint now() const { return context_.clock().now(); }
  void say(EventBody body) { context_.events.say(subject_, std::move(body)); }

  Context& context_;
  const Subject subject_;
  ServiceWatch watch_;
  const Duration timeout_;
  std::string runs_;
  LookPace pace_;
  ServiceLook last_;
  std::optional<ServiceJudgement> judgement_;  // of the last look
  std::set<std::string> old_events_;           // ids of events from before ours
  std::set<std::string> told_events_;
  std::string service_deployment_;                            // ARN, empty when AWS did not say
  std::optional<std::vector<StoppedTaskGroup>> told_groups_;  // why tasks failed on the way
};

}  // namespace slipway
