// The simulated IAM, as far as roles go: their inline policies and the policies attached to them.
// Who may make which call is judged by identity.h and policy.h; these roles are what calls make
// and look at.
#pragma once

#include "base/json.h"
#include "base/time.h"

#include <map>
#include <set>
#include <span>
#include <string>

namespace slipway::sim {

struct Operation;  // sim/calls.h

struct IamRole {
  std::string Path = "/";
  std::string RoleName;
  std::string RoleId;
  std::string Arn;
  TimePoint CreateDate{};
  std::string AssumeRolePolicyDocument;
  std::string Description;
  std::int64_t MaxSessionDuration = 3600;
  JsonArray Tags;
  std::map<std::string, std::string, std::less<>> inline_policies;  // name to document
  std::set<std::string, std::less<>> attached_policies;             // ARNs
};

struct Roles {
  std::map<std::string, IamRole, std::less<>> by_name;
};

std::span<const Operation> iam_operations();

}  // namespace slipway::sim
