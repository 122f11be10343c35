// What brings CodeDeploy's deployments on: the new task set, its traffic step by step, the waits,
// the end of the old one, and the way back.
#pragma once

#include "sim/answer.h"
#include "sim/code_deploy.h"

#include <memory>
#include <string_view>

namespace slipway::sim {

struct Region;

// It is sound, and begins now.
CodeDeployment& begin_deployment(Region& region, std::unique_ptr<CodeDeployment> deployment);
// With `rolls_back`, a further deployment gives the traffic back to the old task set.
void stop_deployment(Region& region, CodeDeployment& deployment, bool rolls_back);
// Ends the wait it is in: READY_WAIT or TERMINATION_WAIT; the error when it is in none.
std::optional<ServiceError> continue_deployment(Region& region, CodeDeployment& deployment,
                                                std::string_view wait_type);

}  // namespace slipway::sim
