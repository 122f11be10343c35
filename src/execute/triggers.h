// Rules of EventBridge and schedules of EventBridge Scheduler, as calls: reading the targets, and
// putting them back whole.
#pragma once

#include "execute/context.h"
#include "model/event.h"
#include "model/plan.h"
#include "model/snapshot.h"

#include <string>
#include <vector>

namespace slipway {

// kNotFound "trigger.missing" when AWS has no such rule or schedule.
Result<TriggerSnapshot> look_at_trigger(Context& context, const Trigger& trigger);

// What puts targets, each whole, into a rule: one call. Entries that AWS refuses for the moment are
// sent again a few times.
struct TargetsToPut {
  std::string rule;
  std::string event_bus;
  std::vector<Json> targets;  // at most ten
};
struct FailedTarget {
  std::string id;
  std::string code;
  std::string message;
  bool operator==(const FailedTarget&) const = default;
};
// Announced as `subject`. The targets that could not be put; the others are.
Result<std::vector<FailedTarget>> put_targets(Context& context, const Subject& subject,
                                              const TargetsToPut& put, bool undo);
Result<std::vector<FailedTarget>> remove_targets(Context& context, const Subject& subject,
                                                 const RemoveTargets& action, bool undo);
// `target` instead of the document's.
Result<void> update_schedule(Context& context, const Subject& subject, const UpdateSchedule& action,
                             const Json& target, bool undo);

// "2 of 3 targets of rule shop-nightly were not put: a: ResourceNotFoundException, ...; b: ...".
Error failed_targets(const std::string& trigger, std::string_view done,
                     const std::vector<FailedTarget>& failed, std::size_t of);

// The document with another EcsParameters.TaskDefinitionArn, everything else as it is.
Json with_task_definition(Json target, const std::string& arn);

}  // namespace slipway
