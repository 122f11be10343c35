// Observing a deployment group of CodeDeploy: what a release of its service has to go by.
#pragma once

#include "execute/context.h"
#include "execute/look.h"
#include "model/snapshot.h"
#include "model/traffic.h"

namespace slipway {

// The group that the mover names; where it names none, the one by which CodeDeploy has deployed the
// service before, else the only one that names the service. Deployment configurations beside the
// group's and CodeDeploy's own are asked for only when none of those makes the steps.
Result<DeploymentGroupSnapshot> look_at_deployment_group(Context& context,
                                                         const CodeDeployMover& mover,
                                                         const Canary& canary,
                                                         const ServiceLook& service);

}  // namespace slipway
