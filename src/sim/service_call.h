// Calls that one service makes of another in somebody's name: CloudFormation for the caller of a
// stack, CodeDeploy with its service role.
#pragma once

#include "base/json.h"
#include "sim/answer.h"

#include <string>
#include <string_view>

namespace slipway::sim {

struct Region;

struct OnBehalf {
  std::string principal_arn;    // whose rights count
  std::string_view invoked_by;  // the service that calls: "codedeploy.amazonaws.com"
};

// As if the principal had called: its rights, AWS's checks of the input, the operation itself.
Answer<Json> call_on_behalf(Region& region, const OnBehalf& of, std::string_view service,
                            std::string_view operation, const Json& input);

}  // namespace slipway::sim
