#include "sim/code_deploy.h"

#include "sim/calls.h"

namespace slipway::sim {

std::span<const Operation> code_deploy_operations() { return {}; }

}  // namespace slipway::sim
