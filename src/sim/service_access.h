// What calls of services other than ECS ask of IAM.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
#pragma once

#include "base/json.h"
#include "sim/policy.h"

#include <string_view>
#include <vector>

namespace slipway::sim {

// Nothing for a service that is not known here.
std::vector<Access> needed_by_service(const PlaceInAws& place, std::string_view service,
                                      std::string_view operation, const Json& input);

}  // namespace slipway::sim
