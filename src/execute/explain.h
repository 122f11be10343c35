// Why a rollout failed, gathered once at its end: the tasks of our deployment that stopped, the
// service's own events, and what the service deployment says of itself.
#pragma once

#include "execute/context.h"
#include "execute/look.h"
#include "execute/watch.h"
#include "model/event.h"
#include "model/outcome.h"

#include <set>
#include <string>
#include <vector>

namespace slipway {

struct FailedRollout {
  const ServiceWatch& watch;
  const ServiceLook& last;                  // the last look at it
  const std::set<std::string>& old_events;  // ids of events from before ours
  std::string service_deployment;           // ARN, empty when AWS did not say
};

struct Explanation {
  FailureExplained what;
  RolledBackBy rolled_back_by = RolledBackBy::kNobody;  // as the service deployment has it
};

// Stopped tasks come from ListTasks where that is allowed, else from the ids in the events; the
// service deployment only where it is allowed. Never fails: what cannot be had is left out.
Explanation explain(Context& context, const FailedRollout& failed);

// Only the tasks of the deployment that stopped, for a word on the way.
std::vector<StoppedTaskGroup> look_at_stopped_tasks(Context& context, const FailedRollout& failed);

// ---- The pure parts ----

// Ids in "(service web) has started 2 tasks: (task 0a1b...) (task 2c3d...).", oldest first.
std::vector<std::string> task_ids_in(const std::vector<ServiceEvent>& events);
// Equal ends together, most frequent first. Tasks that were only scaled in are left out unless
// there is nothing else.
std::vector<StoppedTaskGroup> group_by_reason(const std::vector<TaskLook>& stopped);

}  // namespace slipway
