#include "model/plan.h"

#include "model/json_codec.h"

#include <algorithm>
#include <array>

namespace slipway {
namespace {

constexpr std::array<std::string_view, std::variant_size_v<Action>> kActions = {
    "RegisterTaskDefinition",
    "RunTask",
    "UpdateService",
    "ShiftTraffic",
    "RestoreTraffic",
    "ShiftByEcs",
    "ShiftByCodeDeploy",
    "observe",
    "observe tasks",
    "PutTargets",
    "RemoveTargets",
    "UpdateSchedule",
    "leave",
    "refuse",
    "skip"};

Json to_json(const Action& action) {
  JsonObject object;
  object["action"] = kActions[action.index()];
  std::visit([&](const auto& body) { codec::write_members(body, object); }, action);
  return object;
}

template <class OneOf>
void write_one_of(const OneOf& one_of, std::string_view name, JsonObject& into) {
  std::visit(
      [&](const auto& body) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(body)>, std::monostate>)
          into[name] = codec::write(body);
      },
      one_of);
}

Json to_json(const Step& step) {
  JsonObject object = to_json(step.action).as_object();
  write_one_of(step.expects, "expects", object);
  write_one_of(step.until, "until", object);
  if (!step.needs.empty()) object["needs"] = boost::json::value_from(step.needs);
  if (!step.undo.empty()) {
    JsonArray undo;
    for (const Action& action : step.undo) undo.push_back(to_json(action));
    object["undo"] = std::move(undo);
  }
  return object;
}

Json to_json(const PlanStage& stage) {
  JsonArray items, steps;
  for (const PlanItem& item : stage.items) {
    JsonObject object;
    object["item"] = item.subject.item;
    object["kind"] = to_string(item.subject.kind);
    object["steps"] = boost::json::value_from(item.steps);
    if (!item.after.empty()) object["after"] = boost::json::value_from(item.after);
    JsonArray findings;
    for (const EventBody& finding : item.findings) {
      JsonObject said;
      said["type"] = type_of(finding);
      std::visit([&](const auto& body) { codec::write_members(body, said); }, finding);
      findings.push_back(std::move(said));
    }
    if (!findings.empty()) object["findings"] = std::move(findings);
    items.push_back(std::move(object));
  }
  for (const Step& step : stage.steps) steps.push_back(to_json(step));
  return JsonObject{
      {"stage", to_string(stage.kind)}, {"items", std::move(items)}, {"steps", std::move(steps)}};
}

}  // namespace

bool PlanStage::changes_anything() const {
  return std::ranges::any_of(steps, [](const Step& step) {
    return std::holds_alternative<RegisterTaskDefinition>(step.action) ||
           std::holds_alternative<RunTask>(step.action) ||
           std::holds_alternative<UpdateService>(step.action) ||
           std::holds_alternative<ShiftTraffic>(step.action) ||
           std::holds_alternative<RestoreTraffic>(step.action) ||
           std::holds_alternative<ShiftByEcs>(step.action) ||
           std::holds_alternative<ShiftByCodeDeploy>(step.action) ||
           std::holds_alternative<PutTargets>(step.action) ||
           std::holds_alternative<UpdateSchedule>(step.action);
  });
}

bool Plan::changes_anything() const {
  return std::ranges::any_of(stages, &PlanStage::changes_anything);
}

std::vector<Error> Plan::problems() const {
  std::vector<Error> problems;
  for (const PlanStage& stage : stages) {
    for (const PlanItem& item : stage.items) {
      for (const StepIndex index : item.steps) {
        const auto* refuse = std::get_if<Refuse>(&stage.steps[index].action);
        if (refuse == nullptr) continue;
        problems.push_back(refuse->error);
        problems.back().context.push_back("planning " + std::string(to_string(item.subject.kind)) +
                                          " " + item.subject.item);
      }
    }
  }
  return problems;
}

Json to_json(const Plan& plan) {
  JsonObject object;
  if (!plan.application.empty()) object["application"] = plan.application;
  object["cluster"] = plan.cluster;
  object["on_failure"] = plan.on_failure == OnFailure::kRollback ? "rollback" : "leave";
  object["wait"] = plan.wait;
  JsonArray stages;
  for (const PlanStage& stage : plan.stages) stages.push_back(to_json(stage));
  object["stages"] = std::move(stages);
  return object;
}

}  // namespace slipway
