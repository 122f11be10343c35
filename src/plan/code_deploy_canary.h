// A canary in CodeDeploy's words: which deployment configuration makes the steps of the file, what
// of the deployment group has to allow for them, and the AppSpec that says what is deployed.
// Neither configuration nor group can be changed by a deployment, so steps that they do not fit are
// refused. https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "model/snapshot.h"
#include "model/traffic.h"

#include <span>
#include <string>

namespace slipway {

// Those that CodeDeploy has by itself.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
std::span<const DeploymentConfigSnapshot> built_in_deployment_configs();
inline constexpr const char* kAllAtOnceConfig = "CodeDeployDefault.ECSAllAtOnce";

// Whether it moves traffic by the weights of the steps, each for as long as its step says.
bool makes_steps(const DeploymentConfigSnapshot& config, const Canary& canary);

// Its name: the group's own before CodeDeploy's before any other. kInvalid
// "strategy.codedeploy-steps": there is none; the message says what CodeDeploy can do, the nearest,
// and how to make one.
Result<std::string> deployment_config_for(const Canary& canary,
                                          const DeploymentGroupSnapshot& group);

// kInvalid "strategy.codedeploy-…": a pause, a check or a bake has no place in this group.
Result<void> check_group(const Canary& canary, const DeploymentGroupSnapshot& group);

// But for the TaskDefinition. kInvalid: the service has no load balancer.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html
Result<Json> app_spec_of(const ServiceSnapshot& service);

}  // namespace slipway
