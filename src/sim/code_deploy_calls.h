// What the handlers of CodeDeploy's operations have in common, and those in the files named in the
// comments.
#pragma once

#include "sim/calls.h"
#include "sim/code_deploy.h"

#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim::codedeploy {

inline constexpr const char* kUsualConfig = "CodeDeployDefault.ECSAllAtOnce";

ServiceError refused(const char* code, std::string message);
// A page of the list `member`.
Answer<JsonObject> page(const Call& call, std::string_view member,
                        const std::vector<PageItem>& items);

// What the call's input names, or AWS's refusal.
Answer<CodeDeployApplication*> the_application(const Call& call);
Answer<DeploymentGroup*> the_group(const Call& call);
Answer<CodeDeployment*> the_deployment(const Call& call);

// code_deploy_deployments.cc
Reply BatchGetDeploymentTargets(const Call& call);
Reply BatchGetDeployments(const Call& call);
Reply ContinueDeployment(const Call& call);
Reply CreateDeployment(const Call& call);
Reply GetApplicationRevision(const Call& call);
Reply GetDeployment(const Call& call);
Reply GetDeploymentTarget(const Call& call);
Reply ListDeploymentTargets(const Call& call);
Reply ListDeployments(const Call& call);
Reply StopDeployment(const Call& call);

}  // namespace slipway::sim::codedeploy
