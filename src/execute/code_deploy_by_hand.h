// What a person does to a deployment of CodeDeploy that is under way: `slipway stop` and
// `continue`. Which deployment that is, the service's own task sets say.
#pragma once

#include "execute/context.h"
#include "execute/look.h"
#include "execute/service_deployments.h"
#include "model/traffic.h"

#include <optional>
#include <string>

namespace slipway {

// The service when it is CodeDeploy's to deploy; nullopt when it is not, or nobody can say.
std::optional<ServiceLook> deployed_by_code_deploy(Context& context, const std::string& service);

// As stop_deployment and continue_deployment, which come here by themselves. The steps of
// `wanted.canary` are watched as far as they are still to come.
ItemReport stop_by_hand(Context& context, const Subject& subject, const ServiceLook& service,
                        const StopDeployment& wanted);
ItemReport continue_by_hand(Context& context, const Subject& subject, const ServiceLook& service,
                            const ContinueDeployment& wanted);

}  // namespace slipway
