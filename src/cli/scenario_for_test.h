// Parts that many simulated worlds of the tests have in common, as text of a scenario.
#pragma once

#include "base/text.h"

#include <string>
#include <vector>

namespace slipway::cli {

// Section `identity`: one user, who may do what these statements of a policy say. They are entries
// of a list, eight blanks deep.
inline std::string user_with(const std::string& statements) {
  return R"(identity:
  users:
    pipeline:
      access_key: AKIAIOSFODNN7EXAMPLE
      secret_key: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
      policies:
      - Version: "2012-10-17"
        Statement:
)" + statements;
}

// The user may do these on everything, and nothing else.
inline std::string user_allowed(const std::vector<std::string>& actions) {
  return user_with("        - {Effect: Allow, Resource: \"*\", Action: [" + join(actions, ", ") +
                   "]}\n");
}

// Of a task definition that Fargate takes, all but its family and its containers.
inline const std::string kOnFargate = R"(  requiresCompatibilities: [FARGATE]
  networkMode: awsvpc
  cpu: "256"
  memory: "512"
  executionRoleArn: arn:aws:iam::123456789012:role/execution
)";

}  // namespace slipway::cli
