#include "plan/ecs_canary.h"

#include "base/text.h"
#include "plan/canary_steps.h"
#include "plan/steps.h"
#include "plan/strategies.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {

using namespace std::chrono_literals;

namespace {

constexpr Duration kLongestStep = std::chrono::minutes(1440);  // of a step, and of the bake
constexpr int kSmallestLinearStep = 3;                         // percent
// A run of ours that dies at a pause leaves nobody to decide; then ECS goes back by itself.
constexpr Duration kTimeToDecide = 1h;
constexpr Duration kTimeForAPerson = 24h;
constexpr Duration kMargin = 10min;  // after what the checks may take
// Of the timeout of a pause that is ours: minutes past a whole hour, which nobody else would say.
constexpr std::int64_t kOurMinutes = 7;
constexpr std::int64_t kMinutesOfAnHour = 60;
constexpr const char* kBeforeEachStep = "PRE_PRODUCTION_TRAFFIC_SHIFT";
constexpr const char* kAfterTraffic = "POST_PRODUCTION_TRAFFIC_SHIFT";

// Its end is for this run or for a person to decide.
bool is_decided(const Canary& canary, const TrafficStep& step) {
  return step.pause || has_check(canary, step, is_metric);
}

Error no_such_shape(const std::vector<TrafficStep>& steps) {
  const int count = static_cast<int>(steps.size());
  const int nearest = std::max(kSmallestLinearStep, (100 + count - 1) / count);
  std::vector<TrafficStep> linear;
  for (int weight = nearest; weight < 100; weight += nearest) linear.push_back({.weight = weight});
  linear.push_back({.weight = 100});
  return refused_strategy(
      "ecs-steps",
      fmt::format(
          "ECS moves traffic all at once (100%), in one step and then the rest, or in equal "
          "steps of at least {}% with equal bakes; {} is none of these. The nearest are {} "
          "(LINEAR) and {}%, 100% (CANARY); `alb` and `dns` take any steps",
          kSmallestLinearStep, weights_of(steps), weights_of(linear), steps.front().weight));
}

Result<int> whole_minutes(const std::string& what, Duration bake) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(bake);
  if (bake > kLongestStep)
    return refused_strategy("ecs-bake", fmt::format("{} of {} is more than the 24h that ECS waits",
                                                    what, to_string(bake)));
  if (minutes != bake)
    return refused_strategy(
        "ecs-bake", fmt::format("ECS counts in whole minutes, and {} is {}; the nearest is {}",
                                what, to_string(bake), to_string(Duration(minutes + 1min))));
  return static_cast<int>(minutes.count());
}

// `strategy` with its own block, and bakeTimeInMinutes.
Result<JsonObject> shape_of(const Canary& canary, const std::vector<TrafficStep>& steps,
                            const EcsPauses& pauses) {
  // At a pause this run waits, and ECS has nothing more to wait for.
  Duration after_all = canary.keep_previous;
  if (!pauses.after_traffic) after_all += steps.back().bake;
  TRY(const int bake, whole_minutes("the bake of the last step", after_all));
  JsonObject shape;
  if (steps.size() == 1) {
    shape["strategy"] = "BLUE_GREEN";
    shape["bakeTimeInMinutes"] = bake;
    return shape;
  }
  TRY(const int wait,
      whole_minutes(fmt::format("the bake of {}%", steps.front().weight), steps.front().bake));
  const int equal = equal_step(steps);
  if (steps.size() == 2) {
    shape["strategy"] = "CANARY";
    shape["canaryConfiguration"] =
        JsonObject{{"canaryPercent", steps.front().weight}, {"canaryBakeTimeInMinutes", wait}};
  } else if (equal >= kSmallestLinearStep && has_equal_bakes(steps)) {
    shape["strategy"] = "LINEAR";
    shape["linearConfiguration"] =
        JsonObject{{"stepPercent", equal}, {"stepBakeTimeInMinutes", wait}};
  } else {
    return no_such_shape(steps);
  }
  shape["bakeTimeInMinutes"] = bake;
  return shape;
}

bool is_pause(const Json& hook) { return string_or_empty(hook, "targetType") == "PAUSE"; }

bool is_pause_of_ours(const Json& hook) {
  const Json* const timeout = find(hook, "timeoutConfiguration");
  if (!is_pause(hook) || timeout == nullptr) return false;
  return find_int(*timeout, "timeoutInMinutes").value_or(0) % kMinutesOfAnHour == kOurMinutes;
}

bool any_hook(const Json& deploymentConfiguration, bool (*is_so)(const Json&)) {
  const JsonArray* const hooks = find_array(deploymentConfiguration, "lifecycleHooks");
  return hooks != nullptr && std::ranges::any_of(*hooks, is_so);
}

// The next whole number of minutes that is one of ours.
std::int64_t minutes_of_ours(Duration at_least) {
  auto minutes = std::chrono::ceil<std::chrono::minutes>(at_least).count();
  while (minutes % kMinutesOfAnHour != kOurMinutes) ++minutes;
  return minutes;
}

Duration time_to_decide(const Canary& canary, const TrafficStep& step) {
  return step.pause ? kTimeForAPerson : std::max(kTimeToDecide, ecs_doubt(canary) + kMargin);
}

// ECS itself spends the bake of a step that moves traffic; at the pause there is only to decide. A
// step of 0 and the last one are baked at their pause.
Duration patience_before_steps(const Canary& canary) {
  Duration patience = kTimeToDecide;
  for (const TrafficStep& step : canary.steps)
    if (step.weight < 100)
      patience = std::max(
          patience, (step.weight == 0 ? step.bake : Duration{0}) + time_to_decide(canary, step));
  return patience;
}
Duration patience_at_the_end(const Canary& canary) {
  const TrafficStep& last = canary.steps.back();
  return last.bake + time_to_decide(canary, last);
}

Json pause_hook(const char* stage, Duration timeout) {
  return JsonObject{
      {"targetType", "PAUSE"},
      {"lifecycleStages", JsonArray{Json(stage)}},
      {"timeoutConfiguration",
       JsonObject{{"timeoutInMinutes", minutes_of_ours(timeout)}, {"action", "ROLLBACK"}}}};
}

// `own` is what the service was configured with before this release.
Result<std::optional<Json>> hooks_of(const Canary& canary, const ServiceSnapshot& service,
                                     const Json& own, const EcsPauses& pauses) {
  const bool pauses_anywhere = pauses.before_each_step || pauses.after_traffic;
  if (!pauses_anywhere && !has_pauses_of_ours(service.deploymentConfiguration))
    return std::optional<Json>();
  if (pauses_anywhere && has_pauses(own))
    return refused_strategy(
        "ecs-hooks", "service " + service.serviceName +
                         " has pause hooks of its own, which would be taken for those that the "
                         "checks and pauses of this release need; take the one or the other away");
  JsonArray hooks;
  if (const JsonArray* functions = find_array(own, "lifecycleHooks")) hooks = *functions;
  if (pauses.before_each_step)
    hooks.push_back(pause_hook(kBeforeEachStep, patience_before_steps(canary)));
  if (pauses.after_traffic) hooks.push_back(pause_hook(kAfterTraffic, patience_at_the_end(canary)));
  return std::optional<Json>(std::move(hooks));
}

// The alarms of the checks, and those the service has been watched by anyway.
std::optional<Json> alarms_for(const Canary& canary, const ServiceSnapshot& service) {
  std::vector<std::string> names = alarms_of(canary);
  if (names.empty()) return std::nullopt;
  if (const Json* own = find(service.deploymentConfiguration, "alarms");
      own != nullptr && find_bool(*own, "enable").value_or(false))
    if (const JsonArray* before = find_array(*own, "alarmNames"))
      for (const Json& name : *before)
        if (name.is_string() &&
            std::ranges::find(names, std::string_view(name.get_string())) == names.end())
          names.emplace_back(name.get_string());
  JsonArray list(names.begin(), names.end());
  return JsonObject{{"alarmNames", std::move(list)}, {"enable", true}, {"rollback", true}};
}

}  // namespace

EcsPauses ecs_pauses(const Canary& canary) {
  const std::vector<TrafficStep> steps = moving_steps(canary);
  EcsPauses pauses{.after_traffic = is_decided(canary, steps.back())};
  for (const TrafficStep& step : steps)
    if (has_check(canary, step, is_request) || (step.weight < 100 && is_decided(canary, step)))
      pauses.before_each_step = true;
  if (!canary.steps.empty() && canary.steps.front().weight == 0) pauses.before_each_step = true;
  return pauses;
}

Duration ecs_doubt(const Canary& canary) {
  Duration longest{0};
  for (const Check& check : canary.checks)
    if (const auto* metric = std::get_if<MetricCheck>(&check))
      longest = std::max(longest, metric->window + metric->interval * std::max(1, metric->count));
  return longest;
}

Duration ecs_patience(const Canary& canary) {
  Duration patience{0};
  const EcsPauses pauses = ecs_pauses(canary);
  if (pauses.before_each_step) patience = patience_before_steps(canary);
  if (pauses.after_traffic) patience = std::max(patience, patience_at_the_end(canary));
  return patience == Duration{0} ? patience : std::chrono::minutes(minutes_of_ours(patience));
}

bool has_pauses_of_ours(const Json& deploymentConfiguration) {
  return any_hook(deploymentConfiguration, is_pause_of_ours);
}
bool has_pauses(const Json& deploymentConfiguration) {
  return any_hook(deploymentConfiguration, is_pause);
}

Json without_pauses_of_ours(Json deploymentConfiguration) {
  if (!has_pauses_of_ours(deploymentConfiguration)) return deploymentConfiguration;
  JsonArray others;
  for (const Json& hook : deploymentConfiguration.at("lifecycleHooks").as_array())
    if (!is_pause_of_ours(hook)) others.push_back(hook);
  deploymentConfiguration.as_object()["lifecycleHooks"] = std::move(others);
  return deploymentConfiguration;
}

Result<Json> ecs_deployment_configuration(const Canary& canary, const ServiceSnapshot& service) {
  const std::vector<TrafficStep> steps = moving_steps(canary);
  const Json own = without_pauses_of_ours(service.deploymentConfiguration);
  const EcsPauses pauses = ecs_pauses(canary);
  TRY(JsonObject configuration, shape_of(canary, steps, pauses));
  TRY(std::optional<Json> hooks, hooks_of(canary, service, own, pauses));
  if (hooks) configuration["lifecycleHooks"] = std::move(*hooks);
  if (std::optional<Json> alarms = alarms_for(canary, service))
    configuration["alarms"] = std::move(*alarms);
  return Json(std::move(configuration));
}

Json ecs_configuration_back() {
  return JsonObject{
      {"strategy", "BLUE_GREEN"}, {"bakeTimeInMinutes", 0}, {"lifecycleHooks", JsonArray{}}};
}

Json ecs_configuration_afterwards(const Json& before, const Json& sent) {
  if (!sent.is_object()) return {};
  JsonObject back;
  for (const auto& member : sent.get_object()) {
    const std::string_view name = member.key();
    if (const Json* was = find(before, name)) {
      if (*was != member.value()) back[name] = *was;
    } else if (name == "strategy") {
      back[name] = "ROLLING";
    } else if (name == "bakeTimeInMinutes") {
      back[name] = 0;
    } else if (name == "lifecycleHooks") {
      back[name] = JsonArray{};
    } else if (name == "alarms") {
      // ECS wants names even where none is watched.
      const JsonArray* const names = find_array(member.value(), "alarmNames");
      back[name] = JsonObject{{"alarmNames", names == nullptr ? JsonArray() : *names},
                              {"enable", false},
                              {"rollback", false}};
    }
  }
  // A block belongs to a strategy, and only together with it ECS keeps it.
  for (const char* block : {"linearConfiguration", "canaryConfiguration"})
    if (const Json* was = find(before, block); was != nullptr && back.contains("strategy"))
      back[block] = *was;
  return back.empty() ? Json() : Json(std::move(back));
}

Note what_was_left(const ServiceSnapshot& service) {
  return {NoteLevel::kWarning,
          fmt::format("service {} still has the pause hooks of an earlier release, which are taken "
                      "away; its strategy {} may be that release's too, and stays",
                      service.serviceName,
                      string_or_empty(service.deploymentConfiguration, "strategy"))};
}

bool ecs_can_shift(const ServiceSnapshot& service) {
  const JsonArray* balancers = service.loadBalancers.if_array();
  const std::string_view strategy = string_or_empty(service.deploymentConfiguration, "strategy");
  if (balancers == nullptr || balancers->empty()) return !strategy.empty() && strategy != "ROLLING";
  return std::ranges::all_of(*balancers, [](const Json& balancer) {
    return find(balancer, "advancedConfiguration") != nullptr;
  });
}

void plan_ecs_canary(const Canary& settings, const EcsMover&, const StrategyInput& input,
                     PlanStage& stage, PlanItem& item) {
  const auto refuse = [&](Error error) {
    add_step(stage, item, Step{.action = Refuse{std::move(error)}});
  };
  const ServiceSnapshot& service = input.service;
  if (!ecs_can_shift(service))
    return refuse(
        refused_strategy("mover", "service " + input.wanted.name +
                                      " has no second target group that ECS could move traffic "
                                      "to; say `alb` or `dns`"));
  if (Result<void> reachable = check_addresses(settings, input.wanted.name, "ecs-checks");
      !reachable)
    return refuse(std::move(reachable.error()));
  Result<Json> configuration = ecs_deployment_configuration(settings, service);
  if (!configuration) return refuse(std::move(configuration.error()));
  const bool changes = input.target.has_value() || input.wanted.forceNewDeployment;
  if (!changes) {
    add_step(stage, item,
             Step{.action = ObserveService{.cluster = input.release.cluster,
                                           .service = input.wanted.name},
                  .until = DeploymentCompleted{.max_wait = input.wanted.max_wait,
                                               .taskDefinition = service.taskDefinition}});
    return;
  }
  if (has_pauses_of_ours(service.deploymentConfiguration))
    item.findings.push_back(what_was_left(service));
  const Json before = without_pauses_of_ours(service.deploymentConfiguration);
  Step step{.expects = ServiceStillUses{.service = input.wanted.name,
                                        .taskDefinition = service.taskDefinition},
            .until = DeploymentCompleted{.max_wait = input.wanted.max_wait}};
  if (input.target) {
    // It may be taken back in the middle, with all of ours still in the service.
    const Json back = ecs_configuration_back();
    JsonObject whole = configuration->as_object();
    for (const auto& member : back.as_object()) whole[member.key()] = member.value();
    step.undo.push_back(ShiftByEcs{.cluster = input.release.cluster,
                                   .service = input.wanted.name,
                                   .task_definition = service.taskDefinition,
                                   .canary = Canary{.steps = {TrafficStep{}}},
                                   .deploymentConfiguration = back,
                                   .afterwards = ecs_configuration_afterwards(before, whole)});
    if (const auto* registered = std::get_if<RegisteredBy>(&*input.target))
      step.needs.push_back(registered->step);
  }
  Json afterwards = ecs_configuration_afterwards(before, *configuration);
  step.action = ShiftByEcs{.cluster = input.release.cluster,
                           .service = input.wanted.name,
                           .task_definition = input.target,
                           .forceNewDeployment = input.wanted.forceNewDeployment,
                           .canary = settings,
                           .deploymentConfiguration = *std::move(configuration),
                           .afterwards = std::move(afterwards)};
  add_step(stage, item, std::move(step));
}

}  // namespace slipway
