// A pause that ECS makes in a service deployment until somebody sends it on, or its time is over.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentLifecycleHookDetail.html
#pragma once

#include "base/time.h"

#include <optional>
#include <string>

namespace slipway {

struct PauseHook {
  std::string hookId;
  std::optional<TimePoint> expiresAt = {};  // nullopt: ECS does not say
  std::string timeoutAction = {};           // what ECS does then: CONTINUE or ROLLBACK
  bool operator==(const PauseHook&) const = default;
};

}  // namespace slipway
