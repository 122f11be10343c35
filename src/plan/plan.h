// Deciding: a `Release` and a `Snapshot` give a `Plan`. Pure; everything that calls AWS is
// elsewhere, and so the same function serves `plan`, `deploy` and the tests.
#pragma once

#include "model/plan.h"
#include "model/release.h"
#include "model/snapshot.h"

#include <array>
#include <span>
#include <string>
#include <vector>

namespace slipway {

// In the order in which they are done. Schedules move before the tasks after: those may take away
// what the old revision still needs.
inline constexpr std::array kStagesInOrder = {StageKind::kTasksBefore, StageKind::kServices,
                                              StageKind::kSchedules, StageKind::kTasksAfter};

// What the stage is called in this release: tasks that are all of it are before nothing.
StageKind kind_in(const Release& release, StageKind stage);

// All stages. What cannot be done becomes a `Refuse` step of its item (Plan::problems lists
// them), so that a plan always tells everything at once.
Plan plan_release(const Release& release, const Snapshot& snapshot);

// One stage of it, for a release that is planned stage by stage; `before` are those planned
// already.
PlanStage plan_stage(const Release& release, StageKind stage, const Snapshot& snapshot,
                     std::span<const PlanStage> before = {});

// The references a snapshot needs before `plan_stage` can decide: services by name, task
// definitions by the reference the file gives. Those that only a service's own answer reveals
// (its revision in use, its family) come from `references_of_service`, and those that only a
// trigger's targets reveal from `references_of_trigger` (schedules.h).
struct Needed {
  std::vector<std::string> services;
  std::vector<std::string> task_definitions;
  std::vector<Trigger> triggers{};
};
Needed needed_for(const Release& release, StageKind stage);
// Empty for a service whose definition is given by reference. A whole document needs the revision
// in use too, to see whether anything changes.
std::vector<std::string> references_of_service(const ServiceRelease& wanted,
                                               const ServiceSnapshot& service);

}  // namespace slipway
