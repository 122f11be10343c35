// What the planners of tasks, services and schedules share; internal to this folder.
#pragma once

#include "model/plan.h"
#include "model/snapshot.h"

#include <string>

namespace slipway {

void add_step(PlanStage& stage, PlanItem& item, Step step);

// The item with the one step that fails it.
PlanItem refused(PlanStage& stage, PlanItem item, Error error);

// The step that registers `document`: this item's own, or an earlier item's when it registers the
// same, so that two items sharing a family stay together.
StepIndex registration(PlanStage& stage, PlanItem& item, RegisterTaskDefinition action);

// nullptr when nobody looked.
const Result<TaskDefinitionSnapshot>* find_definition(const Snapshot& snapshot,
                                                      const std::string& reference);

// kInvalid "task-definition.inactive" for one that was deregistered: ECS starts nothing new of it.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html
Result<void> check_is_usable(const TaskDefinitionSnapshot& definition);

// A mistake of ours: the snapshot lacks what needed_for() asked for.
Error not_observed(const std::string& what);

}  // namespace slipway
