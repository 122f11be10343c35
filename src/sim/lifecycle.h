// The nouns of ECS's own BLUE_GREEN, LINEAR and CANARY deployments: the stages such a deployment
// goes through, the hooks that may hold it there, and how much traffic the new revision gets when.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html
#pragma once

#include "base/time.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

enum class DeploymentStrategy { kRolling, kBlueGreen, kLinear, kCanary };
std::optional<DeploymentStrategy> deployment_strategy(std::string_view name);

// In order. `kPreProductionShift` is a place for hooks only: no answer shows it as a stage.
enum class LifecycleStage {
  kReconcile,
  kPreScaleUp,
  kScaleUp,
  kPostScaleUp,
  kTestShift,
  kPostTestShift,
  kPreProductionShift,
  kProductionShift,
  kPostProductionShift,
  kBake,
  kCleanUp,
};
std::string_view to_string(LifecycleStage stage);
std::optional<LifecycleStage> lifecycle_stage(std::string_view name);

struct LifecycleHook {
  bool is_pause = false;  // PAUSE, else AWS_LAMBDA
  std::string hookTargetArn;
  std::string roleArn;
  std::vector<LifecycleStage> lifecycleStages;
  Duration timeout = std::chrono::minutes(1440);  // of a pause
  bool continues_after_timeout = false;
};

// A hook of one stage of one service deployment.
struct HookRun {
  std::string hookId;  // "ecs-pause-…", "ecs-lambda-…"
  LifecycleStage stage = LifecycleStage::kPreScaleUp;
  LifecycleHook hook;
  std::string status;  // AWAITING_ACTION | IN_PROGRESS | SUCCEEDED | FAILED | TIMED_OUT
  std::optional<TimePoint> expiresAt;  // of a pause
  std::size_t answers = 0;             // of the function, so far
  TimePoint next_call{};
};

// How traffic moves: the percents the new side gets one after the other, each but the last for
// `wait`.
struct TrafficSteps {
  std::vector<double> percents = {100};
  Duration wait{0};
};

struct AdvancedConfiguration {
  std::string alternateTargetGroupArn;
  std::string productionListenerRule;
  std::string testListenerRule;
  std::string roleArn;
};

}  // namespace slipway::sim
