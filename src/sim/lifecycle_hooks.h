// Lifecycle hooks: what a deploymentConfiguration says of them, and their runs. A pause hook waits
// for ContinueServiceDeployment or its time-out; a Lambda hook is called, and called again while it
// answers IN_PROGRESS.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html
#pragma once

#include "base/json.h"
#include "sim/answer.h"
#include "sim/entities.h"
#include "sim/region.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

// `lifecycleHooks` of a deploymentConfiguration.
Answer<std::vector<LifecycleHook>> read_hooks(const Json& deploymentConfiguration);

// Starts those of the stage. A stage that is entered several times, a step of the shift each, runs
// them each time.
void begin_hooks(Region& region, ServiceDeployment& record, const std::vector<LifecycleHook>& hooks,
                 LifecycleStage stage);

struct HooksState {
  bool all_passed = true;
  std::string failed;  // the statusReason of the rollback
  std::optional<TimePoint> next_look;
};
// Calls the functions that are due and looks at the clock.
HooksState advance_hooks(Region& region, ServiceDeployment& record);

// The hooks that still wait have nothing to wait for any more.
void abandon_hooks(ServiceDeployment& record);

// ContinueServiceDeployment on one of them; nullptr when no hook that waits has this id.
HookRun* awaiting_hook(ServiceDeployment& record, std::string_view hookId);

}  // namespace slipway::sim
