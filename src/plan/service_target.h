// What a service shall run, by what the release says and what it runs now.
#pragma once

#include "model/plan.h"
#include "model/release.h"
#include "model/snapshot.h"

#include <optional>

namespace slipway {

// None when the revision in use stays. A registration that is needed becomes a step of the item.
Result<std::optional<TaskDefinitionTarget>> service_target(const ServiceRelease& wanted,
                                                           const ServiceSnapshot& service,
                                                           const Snapshot& snapshot,
                                                           PlanStage& stage, PlanItem& item);

// The release says that CodeDeploy moves its traffic.
bool is_by_code_deploy(const ServiceRelease& wanted);

// kInvalid: the service is deployed by somebody other than ECS.
Error foreign_controller(const ServiceSnapshot& service);

}  // namespace slipway
