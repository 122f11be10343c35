#include "model/snapshot.h"

#include <algorithm>

namespace slipway {

const DeploymentSnapshot* ServiceSnapshot::primary() const {
  const auto found = std::ranges::find(deployments, "PRIMARY", &DeploymentSnapshot::status);
  return found == deployments.end() ? nullptr : &*found;
}

bool has_revision(std::string_view task_definition) {
  return family_revision_of(task_definition).find(':') != std::string::npos;
}

std::string last_segment(std::string_view arn) {
  return std::string(arn.substr(arn.rfind('/') + 1));  // npos + 1 == 0: no '/', the whole text
}

std::string family_revision_of(std::string_view task_definition) {
  return task_definition.starts_with("arn:") ? last_segment(task_definition)
                                             : std::string(task_definition);
}

std::string family_of(std::string_view task_definition) {
  const std::string family_revision = family_revision_of(task_definition);
  return family_revision.substr(0, family_revision.find(':'));
}

std::string task_definition_of_target(const Json& target) {
  const Json* const ecs = find(target, "EcsParameters");
  return ecs == nullptr ? std::string() : std::string(string_or_empty(*ecs, "TaskDefinitionArn"));
}

std::string id_of_target(const Json& target) { return std::string(string_or_empty(target, "Id")); }

}  // namespace slipway
