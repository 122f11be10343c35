#include "execute/requests.h"

#include "aws/codec.h"

#include <utility>

namespace slipway {
namespace {

JsonArray to_array(const std::vector<std::string>& texts) {
  JsonArray array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

}  // namespace

aws::RunTaskRequest request_of(const RunTask& action, const std::string& task_definition,
                               const std::string& client_token) {
  const TaskRun& run = action.run;
  aws::RunTaskRequest request{.cluster = action.cluster,
                              .count = run.count,
                              .enableECSManagedTags = true,
                              .group = run.group,
                              .launchType = run.launchType,
                              .platformVersion = run.platformVersion,
                              .propagateTags = "TASK_DEFINITION",
                              .taskDefinition = task_definition,
                              .clientToken = client_token};
  if (!run.capacityProviderStrategy.empty()) {
    JsonArray strategy;
    for (const CapacityProviderStrategyItem& item : run.capacityProviderStrategy)
      strategy.push_back(JsonObject{{"capacityProvider", item.capacityProvider},
                                    {"base", item.base},
                                    {"weight", item.weight}});
    request.capacityProviderStrategy = std::move(strategy);
  }
  if (run.awsvpcConfiguration) {
    JsonObject network{{"subnets", to_array(run.awsvpcConfiguration->subnets)}};
    if (!run.awsvpcConfiguration->securityGroups.empty())
      network["securityGroups"] = to_array(run.awsvpcConfiguration->securityGroups);
    network["assignPublicIp"] = run.awsvpcConfiguration->assignPublicIp ? "ENABLED" : "DISABLED";
    request.networkConfiguration = JsonObject{{"awsvpcConfiguration", std::move(network)}};
  }
  if (run.overrides) request.overrides = *run.overrides;
  return request;
}

aws::UpdateServiceRequest request_of(const UpdateService& action,
                                     const std::string& task_definition) {
  aws::UpdateServiceRequest request{
      .cluster = action.cluster, .service = action.service, .taskDefinition = task_definition};
  if (action.forceNewDeployment) request.forceNewDeployment = true;
  return request;
}

Result<aws::DeploymentConfiguration> deployment_configuration(const Json& document) {
  return aws::from_json<aws::DeploymentConfiguration>(document);
}

Json to_json(aws::ConstRef request) {
  Result<Json> json = parse_json(aws::encode_json(request, aws::Side::kRequest));
  return json ? std::move(*json) : Json();
}

}  // namespace slipway
