// The simulated Security Token Service.
#pragma once

#include "base/json.h"
#include "sim/answer.h"
#include "sim/identity.h"

#include <string>
#include <string_view>

namespace slipway::sim {

// A query request's form as a document, so that policies and faults can look into it. An unknown
// operation gives an empty one.
Answer<Json> sts_input(std::string_view operation, std::string_view form);

// GetCallerIdentity, AssumeRole, AssumeRoleWithWebIdentity: the XML of the answer. The caller's own
// policies are asked about sts:AssumeRole before this; the role's trust is judged here. `caller` is
// not looked at for AssumeRoleWithWebIdentity, which is not signed.
Answer<std::string> call_sts(Identity& identity, const Caller& caller, std::string_view operation,
                             const Json& input, std::string_view request_id, TimePoint now);

}  // namespace slipway::sim
