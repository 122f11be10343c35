#include "plan/steps.h"

#include <utility>

namespace slipway {

void add_step(PlanStage& stage, PlanItem& item, Step step) {
  item.steps.push_back(stage.steps.size());
  stage.steps.push_back(std::move(step));
}

PlanItem refused(PlanStage& stage, PlanItem item, Error error) {
  add_step(stage, item, Step{.action = Refuse{std::move(error)}});
  return item;
}

StepIndex registration(PlanStage& stage, PlanItem& item, RegisterTaskDefinition action) {
  for (StepIndex index = 0; index < stage.steps.size(); ++index) {
    const auto* other = std::get_if<RegisterTaskDefinition>(&stage.steps[index].action);
    if (other != nullptr && *other == action) return index;
  }
  const StepIndex index = stage.steps.size();
  add_step(stage, item, Step{.action = std::move(action)});
  return index;
}

const Result<TaskDefinitionSnapshot>* find_definition(const Snapshot& snapshot,
                                                      const std::string& reference) {
  const auto found = snapshot.task_definitions.find(reference);
  return found == snapshot.task_definitions.end() ? nullptr : &found->second;
}

Result<void> check_is_usable(const TaskDefinitionSnapshot& definition) {
  if (definition.status != "INACTIVE" && definition.status != "DELETE_IN_PROGRESS") return {};
  return Error{.kind = ErrorKind::kInvalid,
               .code = "task-definition.inactive",
               .message = definition.family_revision() + " was deregistered (" + definition.status +
                          "), and ECS refuses to run it"};
}

Error not_observed(const std::string& what) {
  return Error{.kind = ErrorKind::kInternal,
               .code = "plan.not-observed",
               .message = what + " was not looked at before planning"};
}

}  // namespace slipway
