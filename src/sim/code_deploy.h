// The simulated CodeDeploy, for ECS: applications, deployment groups, and blue/green deployments
// that move a listener from one target group to the other.
#pragma once

#include <span>

namespace slipway::sim {

struct Operation;  // sim/calls.h

struct CodeDeployments {};

std::span<const Operation> code_deploy_operations();

}  // namespace slipway::sim
