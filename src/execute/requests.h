// Actions of a plan as the calls they become.
#pragma once

#include "aws/ecs.h"
#include "aws/shape.h"
#include "base/json.h"
#include "base/result.h"
#include "model/plan.h"

#include <string>

namespace slipway {

aws::RunTaskRequest request_of(const RunTask& action, const std::string& task_definition,
                               const std::string& client_token);
// `task_definition` is empty when it stays. Everything left out stays as it is: above all
// desiredCount, which auto scaling may have moved since we looked.
aws::UpdateServiceRequest request_of(const UpdateService& action,
                                     const std::string& task_definition);

// The document as the call takes it.
Result<aws::DeploymentConfiguration> deployment_configuration(const Json& document);

// As it goes onto the wire, for the journal.
Json to_json(aws::ConstRef request);

}  // namespace slipway
