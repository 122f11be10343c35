#include "sim/lifecycle_hooks.h"

#include "sim/calls.h"
#include "sim/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::sim {
namespace {

constexpr std::array<std::pair<std::string_view, LifecycleStage>, 11> kStages = {{
    {"RECONCILE_SERVICE", LifecycleStage::kReconcile},
    {"PRE_SCALE_UP", LifecycleStage::kPreScaleUp},
    {"SCALE_UP", LifecycleStage::kScaleUp},
    {"POST_SCALE_UP", LifecycleStage::kPostScaleUp},
    {"TEST_TRAFFIC_SHIFT", LifecycleStage::kTestShift},
    {"POST_TEST_TRAFFIC_SHIFT", LifecycleStage::kPostTestShift},
    {"PRE_PRODUCTION_TRAFFIC_SHIFT", LifecycleStage::kPreProductionShift},
    {"PRODUCTION_TRAFFIC_SHIFT", LifecycleStage::kProductionShift},
    {"POST_PRODUCTION_TRAFFIC_SHIFT", LifecycleStage::kPostProductionShift},
    {"BAKE_TIME", LifecycleStage::kBake},
    {"CLEAN_UP", LifecycleStage::kCleanUp},
}};

// The two shifts are made on the way back, too, and nobody would continue that.
bool allows_pause(LifecycleStage stage) {
  using enum LifecycleStage;
  return stage == kReconcile || stage == kPreScaleUp || stage == kPostScaleUp ||
         stage == kPostTestShift || stage == kPreProductionShift || stage == kPostProductionShift;
}

const HookBehaviour* behaviour_of(const Region& region, const HookRun& run) {
  for (const HookBehaviour& behaviour : region.hooks)
    if (matches_wildcard(behaviour.target, run.hook.hookTargetArn) &&
        (behaviour.stage.empty() || behaviour.stage == to_string(run.stage)))
      return &behaviour;
  return nullptr;
}

std::string hooks_failed(const HookRun& run, std::string_view how) {
  return fmt::format("Service deployment rolled back because {} lifecycle hook(s) failed. {}",
                     to_string(run.stage), how);
}

bool is_open(const HookRun& run) {
  return run.status == "AWAITING_ACTION" || run.status == "IN_PROGRESS";
}

// The reason when the function's answer fails the deployment.
std::string call_function(Region& region, HookRun& run) {
  static const HookBehaviour kSucceeds;
  const HookBehaviour* known = behaviour_of(region, run);
  const HookBehaviour& behaviour = known == nullptr ? kSucceeds : *known;
  const std::string& target = run.hook.hookTargetArn;
  const auto fail = [&](const std::string& how) {
    run.status = "FAILED";
    return hooks_failed(run, how);
  };
  if (behaviour.no_role)
    return fail(fmt::format("ECS was unable to assume role {}", run.hook.roleArn));
  if (!behaviour.not_invoked_because.empty())
    return fail(fmt::format("ECS was unable to invoke hook target {} due to {}", target,
                            behaviour.not_invoked_because));
  const auto& answers = behaviour.answers;
  const std::string answer =
      answers.empty() ? "SUCCEEDED" : answers[std::min(run.answers, answers.size() - 1)];
  ++run.answers;
  if (answer == "FAILED")
    return fail(fmt::format("Lifecycle hook target {} returned FAILED status.", target));
  if (answer == "NOTHING")
    return fail(
        fmt::format("ECS was unable to parse the response from {} due to HookStatus must not be "
                    "null",
                    target));
  run.status = answer;
  run.next_call = region.now + behaviour.callBackDelay;
  return {};
}

// Likewise of a pause whose time is over.
std::string look_at_pause(Region& region, HookRun& run) {
  if (!run.expiresAt || region.now < *run.expiresAt) return {};
  run.status = "TIMED_OUT";
  if (run.hook.continues_after_timeout) return {};
  return fmt::format("Service deployment rolled back because {} pause hook timed out.",
                     to_string(run.stage));
}

Answer<LifecycleHook> read_hook(const Json& given) {
  LifecycleHook hook;
  hook.hookTargetArn = string_or_empty(given, "hookTargetArn");
  hook.roleArn = string_or_empty(given, "roleArn");
  const std::string_view type = string_or_empty(given, "targetType");
  // Older clients know one type of hook only and do not name it.
  if (!type.empty() && type != "AWS_LAMBDA" && type != "PAUSE")
    return invalid_parameter("Invalid targetType. Valid values are: AWS_LAMBDA, PAUSE");
  hook.is_pause = type == "PAUSE";
  for (const std::string& name : strings(given, "lifecycleStages")) {
    const auto stage = lifecycle_stage(name);
    if (!stage || *stage == LifecycleStage::kScaleUp || *stage == LifecycleStage::kBake ||
        *stage == LifecycleStage::kCleanUp)
      return invalid_parameter(fmt::format("Invalid lifecycle stage: {}", name));
    if (hook.is_pause && !allows_pause(*stage))
      return invalid_parameter("Invalid lifecycle stage provided for Pause Hook");
    hook.lifecycleStages.push_back(*stage);
  }
  if (const Json* timeout = find(given, "timeoutConfiguration")) {
    if (const auto minutes = find_int(*timeout, "timeoutInMinutes"))
      hook.timeout = std::chrono::minutes(*minutes);
    hook.continues_after_timeout = string_or_empty(*timeout, "action") == "CONTINUE";
  }
  return hook;
}

}  // namespace

std::string_view to_string(LifecycleStage stage) {
  for (const auto& [name, each] : kStages)
    if (each == stage) return name;
  return "";
}

std::optional<LifecycleStage> lifecycle_stage(std::string_view name) {
  for (const auto& [known, stage] : kStages)
    if (known == name) return stage;
  return std::nullopt;
}

Answer<std::vector<LifecycleHook>> read_hooks(const Json& deploymentConfiguration) {
  constexpr std::ptrdiff_t kMost = 10;
  std::vector<LifecycleHook> hooks;
  const JsonArray* given = find_array(deploymentConfiguration, "lifecycleHooks");
  if (given == nullptr) return hooks;
  for (const Json& each : *given) {
    TRY(LifecycleHook hook, read_hook(each));
    hooks.push_back(std::move(hook));
  }
  for (const bool pauses : {false, true})
    if (std::count_if(hooks.begin(), hooks.end(),
                      [&](const LifecycleHook& hook) { return hook.is_pause == pauses; }) > kMost)
      return invalid_parameter(fmt::format("lifecycleHooks can have at most 10 hooks of type {}.",
                                           pauses ? "PAUSE" : "AWS_LAMBDA"));
  return hooks;
}

void begin_hooks(Region& region, ServiceDeployment& record, const std::vector<LifecycleHook>& hooks,
                 LifecycleStage stage) {
  for (const LifecycleHook& hook : hooks) {
    const auto& stages = hook.lifecycleStages;
    if (std::find(stages.begin(), stages.end(), stage) == stages.end()) continue;
    HookRun run;
    run.stage = stage;
    run.hook = hook;
    run.hookId =
        fmt::format("ecs-{}-{}", hook.is_pause ? "pause" : "lambda", region.hex_id().substr(0, 16));
    run.status = hook.is_pause ? "AWAITING_ACTION" : "IN_PROGRESS";
    run.next_call = region.now;
    if (hook.is_pause) run.expiresAt = region.now + hook.timeout;
    record.hooks.push_back(std::move(run));
  }
}

HooksState advance_hooks(Region& region, ServiceDeployment& record) {
  HooksState state;
  for (HookRun& run : record.hooks) {
    if (run.status == "IN_PROGRESS" && run.next_call <= region.now)
      state.failed = call_function(region, run);
    else if (run.status == "AWAITING_ACTION")
      state.failed = look_at_pause(region, run);
    else if (run.hook.is_pause && run.status == "FAILED")
      // Only ContinueServiceDeployment with the action ROLLBACK does that.
      state.failed = fmt::format("Service deployment rolled back because {} pause hook failed.",
                                 to_string(run.stage));
    if (!state.failed.empty()) return state;
    if (!is_open(run)) continue;
    state.all_passed = false;
    const TimePoint due = run.hook.is_pause ? *run.expiresAt : run.next_call;
    if (!state.next_look || due < *state.next_look) state.next_look = due;
  }
  return state;
}

void abandon_hooks(ServiceDeployment& record) {
  for (HookRun& run : record.hooks)
    if (is_open(run)) run.status = "FAILED";
}

HookRun* awaiting_hook(ServiceDeployment& record, std::string_view hookId) {
  for (HookRun& run : record.hooks)
    if (run.hookId == hookId && run.status == "AWAITING_ACTION") return &run;
  return nullptr;
}

}  // namespace slipway::sim
