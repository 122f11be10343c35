// What calls of CloudFormation and CodeDeploy ask of IAM themselves. What CloudFormation then calls
// for its caller is asked call by call, when it is made.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodedeploy.html
#pragma once

#include "base/json.h"
#include "sim/policy.h"

#include <string_view>
#include <vector>

namespace slipway::sim {

std::vector<Access> needed_in_cloud_formation(const PlaceInAws& place, std::string_view operation,
                                              const Json& input);
std::vector<Access> needed_in_code_deploy(const PlaceInAws& place, std::string_view operation,
                                          const Json& input);

}  // namespace slipway::sim
