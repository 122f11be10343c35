#include "plan/service_target.h"

#include "plan/derive.h"
#include "plan/steps.h"

#include <utility>

namespace slipway {

bool is_by_code_deploy(const ServiceRelease& wanted) {
  const auto* const canary = std::get_if<Canary>(&wanted.strategy);
  return canary != nullptr && std::holds_alternative<CodeDeployMover>(canary->mover);
}

Error foreign_controller(const ServiceSnapshot& service) {
  return Error{
      .kind = ErrorKind::kInvalid,
      .code = "service.deployment-controller",
      .message = "service " + service.serviceName + " is deployed by " +
                 service.deploymentController +
                 (service.deploymentController == "CODE_DEPLOY"
                      ? ", which refuses a new task definition from anybody else; deploy it "
                        "through AWS CodeDeploy, which a strategy in slipway.yml "
                        "does that says `codedeploy`"
                      : ": its task sets are managed from outside ECS")};
}

Result<std::optional<TaskDefinitionTarget>> service_target(const ServiceRelease& wanted,
                                                           const ServiceSnapshot& service,
                                                           const Snapshot& snapshot,
                                                           PlanStage& stage, PlanItem& item) {
  using Target = std::optional<TaskDefinitionTarget>;
  if (const auto* whole = std::get_if<TaskDefinitionDocument>(&wanted.task_definition)) {
    TRY(Derived derived, derive(*whole, wanted.images));
    item.findings = std::move(derived.findings);
    const Result<TaskDefinitionSnapshot>* in_use =
        find_definition(snapshot, service.taskDefinition);
    if (in_use == nullptr) return not_observed("task definition " + service.taskDefinition);
    if (!*in_use) return in_use->error();
    if (describes_same(*derived.document, in_use->value())) {
      item.findings.push_back(NothingToRegister{});
      return Target{};
    }
    const std::string family(string_or_empty(*derived.document, "family"));
    return Target{RegisteredBy{registration(
        stage, item,
        RegisterTaskDefinition{.family = family, .document = std::move(*derived.document)})}};
  }
  std::string reference = service.taskDefinition;
  if (std::holds_alternative<LatestRevision>(wanted.task_definition))
    reference = family_of(service.taskDefinition);
  else if (const auto* given = std::get_if<TaskDefinitionReference>(&wanted.task_definition))
    reference = given->reference;
  const Result<TaskDefinitionSnapshot>* base = find_definition(snapshot, reference);
  if (base == nullptr) return not_observed("task definition " + reference);
  if (!*base) return base->error();
  TRY(Derived derived, derive(base->value(), wanted.images));
  item.findings = std::move(derived.findings);
  if (derived.document) {
    return Target{RegisteredBy{
        registration(stage, item,
                     RegisterTaskDefinition{.family = base->value().family,
                                            .base = base->value().arn,
                                            .document = std::move(*derived.document)})}};
  }
  if (base->value().arn == service.taskDefinition) return Target{};
  TRY_VOID(check_is_usable(base->value()));
  return Target{base->value().arn};
}

}  // namespace slipway
