// Moving what AWS starts by itself: which targets of a rule or a schedule run which revision from
// now on. PutTargets and UpdateSchedule replace the whole of what they name, so everything else is
// sent back as it was read.
#pragma once

#include "model/plan.h"
#include "model/release.h"
#include "model/snapshot.h"

#include <span>
#include <string>
#include <vector>

namespace slipway {

// PutTargets and RemoveTargets take so many targets at once.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html
inline constexpr std::size_t kTargetsPerCall = 10;

// `before` are the stages that are done by then: they know what services and tasks run.
PlanItem plan_schedule(const ScheduleRelease& wanted, const Snapshot& snapshot,
                       std::span<const PlanStage> before, PlanStage& stage);

// References that only the trigger's own targets reveal, for a snapshot that has to decide it.
std::vector<std::string> references_of_trigger(const ScheduleRelease& wanted,
                                               const TriggerSnapshot& trigger);

}  // namespace slipway
