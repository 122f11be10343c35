#include "sim/blue_green.h"

#include "sim/deployments.h"
#include "sim/lifecycle_hooks.h"
#include "sim/scheduler.h"
#include "sim/shift_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

namespace slipway::sim {
namespace {

constexpr Duration kStageLimit = std::chrono::hours(24);
constexpr std::array<std::pair<std::string_view, DeploymentStrategy>, 4> kStrategies = {{
    {"ROLLING", DeploymentStrategy::kRolling},
    {"BLUE_GREEN", DeploymentStrategy::kBlueGreen},
    {"LINEAR", DeploymentStrategy::kLinear},
    {"CANARY", DeploymentStrategy::kCanary},
}};

// ---- Reading ----------------------------------------------------------------------------------

// A block of `linearConfiguration`'s kind: a percent and minutes, each with its default.
struct StepNames {
  const char* block;
  const char* percent;
  const char* minutes;
  double least_percent, usual_percent;
  int usual_minutes;
};
constexpr StepNames kLinearNames{
    "linearConfiguration", "stepPercent", "stepBakeTimeInMinutes", 3, 10, 6};
constexpr StepNames kCanaryNames{
    "canaryConfiguration", "canaryPercent", "canaryBakeTimeInMinutes", 0.1, 5, 10};

struct StepSettings {
  double percent = 0;
  int minutes = 0;
};

Answer<StepSettings> read_steps(JsonObject& configuration, const StepNames& names) {
  constexpr int kMostMinutes = 1440;
  Json& block = configuration[names.block];
  if (!block.is_object()) block = JsonObject();
  const StepSettings settings{
      find_double(block, names.percent).value_or(names.usual_percent),
      static_cast<int>(find_int(block, names.minutes).value_or(names.usual_minutes))};
  if (settings.percent < names.least_percent || settings.percent > 100)
    return invalid_parameter(
        fmt::format("{} must be between {:.1f} and 100.0.", names.percent, names.least_percent));
  if (settings.minutes < 0 || settings.minutes > kMostMinutes)
    return invalid_parameter(
        fmt::format("{} must be between 0 and {}.", names.minutes, kMostMinutes));
  block.get_object()[names.percent] = settings.percent;
  block.get_object()[names.minutes] = settings.minutes;
  return settings;
}

TrafficSteps linear_steps(const StepSettings& settings) {
  constexpr double kNearlyAll = 100 - 1e-9;
  TrafficSteps steps{.percents = {}, .wait = std::chrono::minutes(settings.minutes)};
  for (int i = 1; settings.percent * i < kNearlyAll; ++i)
    steps.percents.push_back(settings.percent * i);
  steps.percents.push_back(100);
  return steps;
}

// "arn:aws:elasticloadbalancing:r:a:listener-rule/app/…" and "…:listener/net/…".
bool is_rule_arn(std::string_view arn) {
  return arn.starts_with("arn:") && (arn.find(":listener-rule/app/") != std::string_view::npos ||
                                     arn.find(":listener/net/") != std::string_view::npos);
}

bool is_elb_v1(const Json& balancer) {
  return !string_or_empty(balancer, "loadBalancerName").empty();
}

std::optional<ServiceError> rules_problem(const AdvancedConfiguration& advanced) {
  for (const auto& [member, rule] :
       {std::pair{"productionListenerRule", &advanced.productionListenerRule},
        std::pair{"testListenerRule", &advanced.testListenerRule}})
    if (!rule->empty() && !is_rule_arn(*rule))
      return invalid_parameter(
          fmt::format("{} has an invalid ARN format. Must be RuleArn for ALB "
                      "or ListenerArn for NLB. Got: {}",
                      member, *rule));
  if (!advanced.productionListenerRule.empty() &&
      advanced.productionListenerRule == advanced.testListenerRule)
    return invalid_parameter(
        fmt::format("The following rules cannot be used as both production "
                    "and test listener rules: {}",
                    advanced.productionListenerRule));
  return std::nullopt;
}

// ---- Tasks ------------------------------------------------------------------------------------

int tasks_of_green(const Service& service, const TrafficShift& shift) {
  return shift.stage >= LifecycleStage::kScaleUp ? service.desiredCount : 0;
}
int tasks_of_blue(const Service& service, const TrafficShift& shift) {
  return shift.stage < LifecycleStage::kCleanUp ? service.desiredCount : 0;
}

// Every deployment of the service has as many tasks as the stage wants. True when green has.
bool arrange_tasks(Region& region, Service& service, const TrafficShift& shift) {
  bool green_is_ready = true;
  for (const auto& deployment : service.deployments) {
    if (deployment->status == DeploymentStatus::kInactive) continue;
    if (deployment.get() == service.primary())
      green_is_ready = hold_at(region, service, *deployment, tasks_of_green(service, shift));
    else if (deployment.get() == service.last_completed)
      hold_at(region, service, *deployment, tasks_of_blue(service, shift));
    else
      hold_at(region, service, *deployment, 0);
  }
  return green_is_ready;
}

// Deployments that are neither green nor blue and still have tasks.
bool has_leftovers(const Service& service) {
  return std::any_of(service.deployments.begin(), service.deployments.end(), [&](const auto& each) {
    return each->status != DeploymentStatus::kInactive && each.get() != service.primary() &&
           each.get() != service.last_completed;
  });
}

bool is_alone(const Service& service) {
  return std::all_of(service.deployments.begin(), service.deployments.end(), [&](const auto& each) {
    return each->status == DeploymentStatus::kInactive || each.get() == service.primary();
  });
}

// ---- Stages -----------------------------------------------------------------------------------

void enter(Region& region, Deployment& green, LifecycleStage stage) {
  TrafficShift& shift = *green.shift;
  ServiceDeployment& record = *green.record;
  shift.stage = stage;
  shift.stage_since = region.now;
  shift.hold_until.reset();
  if (stage != LifecycleStage::kPreProductionShift) record.lifecycleStage = stage;
  record.updatedAt = region.now;
  begin_hooks(region, record, shift.settings.lifecycleHooks, stage);
}

enum class Progress { kWaits, kDone, kFailed, kNextStep };

Progress fail_networking(Region& region, Service& service, const std::string& reason) {
  fail_deployment(region, service, Failure::kNetworking, reason);
  return Progress::kFailed;
}

Progress shift_test_traffic(Region& region, Service& service) {
  Deployment& green = *service.primary();
  if (auto problem = write_weights(region, green, {.rule = ShiftedRule::kTest, .percent = 100}))
    return fail_networking(region, service, *std::move(problem));
  green.record->requestedTestTrafficWeight = 100;
  return Progress::kDone;
}

Progress shift_production_traffic(Region& region, Service& service) {
  Deployment& green = *service.primary();
  TrafficShift& shift = *green.shift;
  // With nothing to share the traffic with there is nothing to try out.
  static const std::vector<double> kAllAtOnce = {100};
  const auto& percents =
      service.last_completed == nullptr ? kAllAtOnce : shift.settings.steps.percents;
  if (!shift.hold_until) {
    const bool is_first = green.record->requestedProductionTrafficWeight == 0;
    if (auto problem = write_weights(region, green,
                                     {.rule = ShiftedRule::kProduction,
                                      .percent = percents[shift.step],
                                      .must_be_whole = is_first}))
      return fail_networking(region, service, *std::move(problem));
    green.record->requestedProductionTrafficWeight = percents[shift.step];
    green.record->updatedAt = region.now;
    shift.hold_until = region.now + shift.settings.steps.wait;
  }
  if (shift.step + 1 == percents.size()) return Progress::kDone;
  if (region.now < *shift.hold_until) return Progress::kWaits;
  // Before every step and at every step, the hooks of both are asked anew.
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html
  ++shift.step;
  enter(region, green, LifecycleStage::kPreProductionShift);
  return Progress::kNextStep;
}

Progress bake(const Region& region, TrafficShift& shift) {
  if (!shift.hold_until)
    shift.hold_until = region.now + shift.settings.bakeTime.value_or(Duration{0});
  return region.now < *shift.hold_until ? Progress::kWaits : Progress::kDone;
}

Progress work(Region& region, Service& service, bool green_is_ready) {
  TrafficShift& shift = *service.primary()->shift;
  switch (shift.stage) {
    case LifecycleStage::kReconcile:
      return has_leftovers(service) ? Progress::kWaits : Progress::kDone;
    case LifecycleStage::kScaleUp:
      return green_is_ready ? Progress::kDone : Progress::kWaits;
    case LifecycleStage::kTestShift:
      return shift_test_traffic(region, service);
    case LifecycleStage::kProductionShift:
      return shift_production_traffic(region, service);
    case LifecycleStage::kBake:
      return bake(region, shift);
    case LifecycleStage::kCleanUp:
      return is_alone(service) ? Progress::kDone : Progress::kWaits;
    case LifecycleStage::kPreScaleUp:
    case LifecycleStage::kPostScaleUp:
    case LifecycleStage::kPostTestShift:
    case LifecycleStage::kPreProductionShift:
    case LifecycleStage::kPostProductionShift:
      break;  // places for hooks
  }
  return Progress::kDone;
}

bool is_over_time(const Region& region, const TrafficShift& shift, const HooksState& hooks) {
  // A pause has a limit of its own, and so have the steps of a shift.
  const bool function_runs = !hooks.all_passed && shift.stage != LifecycleStage::kReconcile;
  const bool may_hang = shift.stage == LifecycleStage::kScaleUp || function_runs;
  return may_hang && region.now - shift.stage_since >= kStageLimit;
}

// One stage's share of a look: its hooks, then its own work.
Progress advance_stage(Region& region, Service& service, std::optional<TimePoint>& next_look) {
  Deployment& green = *service.primary();
  TrafficShift& shift = *green.shift;
  const HooksState hooks = advance_hooks(region, *green.record);
  if (!hooks.failed.empty()) {
    fail_deployment(region, service, Failure::kHook, hooks.failed);
    return Progress::kFailed;
  }
  const bool paused =
      std::any_of(green.record->hooks.begin(), green.record->hooks.end(),
                  [](const HookRun& run) { return run.status == "AWAITING_ACTION"; });
  if (!paused && is_over_time(region, shift, hooks)) {
    fail_deployment(
        region, service, Failure::kHook,
        fmt::format("Service deployment rolled back because lifecycle stage {} exceeded 24 hours.",
                    to_string(shift.stage)));
    return Progress::kFailed;
  }
  const bool green_is_ready = arrange_tasks(region, service, shift);
  if (!hooks.all_passed) {
    next_look = hooks.next_look;
    return Progress::kWaits;
  }
  const Progress progress = work(region, service, green_is_ready);
  if (progress == Progress::kWaits) next_look = shift.hold_until;
  return progress;
}

Deployment* owner_of_traffic(const Service& service) { return service.last_completed; }

}  // namespace

// ---- Reading ----------------------------------------------------------------------------------

std::optional<DeploymentStrategy> deployment_strategy(std::string_view name) {
  for (const auto& [known, strategy] : kStrategies)
    if (known == name) return strategy;
  return std::nullopt;
}

std::optional<ServiceError> read_strategy(JsonObject& deploymentConfiguration,
                                          DeploymentSettings& settings) {
  const Json whole = deploymentConfiguration;
  const auto strategy = deployment_strategy(string_or_empty(whole, "strategy"));
  if (!strategy) return invalid_parameter("Invalid deployment strategy.");
  settings.strategy = *strategy;
  settings.steps = {};
  if (*strategy != DeploymentStrategy::kLinear)
    remove_member(deploymentConfiguration, kLinearNames.block);
  if (*strategy != DeploymentStrategy::kCanary)
    remove_member(deploymentConfiguration, kCanaryNames.block);
  if (*strategy == DeploymentStrategy::kLinear) {
    const Answer<StepSettings> steps = read_steps(deploymentConfiguration, kLinearNames);
    if (!steps) return steps.error();
    settings.steps = linear_steps(*steps);
  }
  if (*strategy == DeploymentStrategy::kCanary) {
    const Answer<StepSettings> steps = read_steps(deploymentConfiguration, kCanaryNames);
    if (!steps) return steps.error();
    settings.steps.wait = std::chrono::minutes(steps->minutes);
    if (steps->percent < 100) settings.steps.percents = {steps->percent, 100};
  }
  Answer<std::vector<LifecycleHook>> hooks = read_hooks(whole);
  if (!hooks) return hooks.error();
  settings.lifecycleHooks = *std::move(hooks);
  return std::nullopt;
}

LoadBalancer read_load_balancer(const Json& given) {
  LoadBalancer balancer{std::string(string_or_empty(given, "targetGroupArn")),
                        std::string(string_or_empty(given, "containerName")),
                        static_cast<int>(find_int(given, "containerPort").value_or(0))};
  if (const Json* advanced = find(given, "advancedConfiguration"))
    balancer.advancedConfiguration = AdvancedConfiguration{
        .alternateTargetGroupArn =
            std::string(string_or_empty(*advanced, "alternateTargetGroupArn")),
        .productionListenerRule = std::string(string_or_empty(*advanced, "productionListenerRule")),
        .testListenerRule = std::string(string_or_empty(*advanced, "testListenerRule")),
        .roleArn = std::string(string_or_empty(*advanced, "roleArn"))};
  return balancer;
}

std::optional<ServiceError> load_balancers_problem(Region& region, const JsonArray& loadBalancers) {
  const auto count = [&](auto&& is_so) {
    return static_cast<std::size_t>(
        std::count_if(loadBalancers.begin(), loadBalancers.end(), is_so));
  };
  const auto is_advanced = [](const Json& each) {
    return find(each, "advancedConfiguration") != nullptr;
  };
  const std::size_t old_ones = count(is_elb_v1);
  if (old_ones > 0 && old_ones < loadBalancers.size())
    return invalid_parameter(
        "All loadBalancers must be strictly either ELBv1 (defining loadBalancerName) or ELBv2 "
        "(defining targetGroupArn)");
  const std::size_t advanced_ones = count(is_advanced);
  if (advanced_ones == 0) return std::nullopt;
  if (old_ones > 0)
    return invalid_parameter("advancedConfiguration field is not allowed with ELBv1 loadBalancers");
  if (advanced_ones < loadBalancers.size())
    return invalid_parameter(
        "Either all or none of the provided loadBalancers must have advancedConfiguration defined");
  std::set<std::string> seen;
  for (const Json& each : loadBalancers) {
    const LoadBalancer balancer = read_load_balancer(each);
    const AdvancedConfiguration& advanced = *balancer.advancedConfiguration;
    for (const std::string& group : {balancer.targetGroupArn, advanced.alternateTargetGroupArn})
      if (!group.empty() && !seen.insert(group).second)
        return invalid_parameter("Duplicate targetGroupArn found: " + group);
    if (auto error = rules_problem(advanced)) return error;
    if (is_test_rule_missing(region, balancer))
      return invalid_parameter(
          "For Application LoadBalancer, testListenerRule is required when productionListenerRule "
          "is not associated with both targetGroup and alternateTargetGroup");
  }
  return std::nullopt;
}

std::optional<ServiceError> strategy_problem(const Service& service,
                                             const DeploymentSettings& settings,
                                             const Workload& workload) {
  if (settings.strategy == DeploymentStrategy::kRolling) return std::nullopt;
  if (service.controller != "ECS" || service.is_daemon)
    return invalid_parameter(
        "Only services with the ECS deployment controller and the REPLICA scheduling strategy can "
        "use a non-ROLLING deployment strategy.");
  const auto& balancers = workload.load_balancers;
  if (std::any_of(balancers.begin(), balancers.end(),
                  [](const LoadBalancer& balancer) { return !balancer.advancedConfiguration; }))
    return invalid_parameter(
        "advancedConfiguration field is required for all loadBalancers when using a non-ROLLING "
        "deployment strategy");
  return std::nullopt;
}

// ---- The course of it -------------------------------------------------------------------------

const std::string& target_group_of(const Deployment& deployment, const LoadBalancer& balancer) {
  return deployment.uses_alternate_groups && balancer.advancedConfiguration
             ? balancer.advancedConfiguration->alternateTargetGroupArn
             : balancer.targetGroupArn;
}

bool is_cleaning_up(const Deployment& deployment) {
  return deployment.shift != nullptr && deployment.shift->stage == LifecycleStage::kCleanUp;
}

void begin_shift(Region& region, Service& service, Deployment& deployment, Deployment* before) {
  if (before != nullptr && before->shift != nullptr) {
    // One that had all traffic and was past its bake time is what the next one leads from.
    if (is_cleaning_up(*before))
      service.last_completed = before;
    else if (before->record)
      shift_back(region, service, *before);
    before->shift.reset();
  }
  const Deployment* blue = owner_of_traffic(service);
  const bool is_rolling = service.settings.strategy == DeploymentStrategy::kRolling;
  deployment.uses_alternate_groups =
      blue != nullptr && (is_rolling ? blue->uses_alternate_groups : !blue->uses_alternate_groups);
  if (is_rolling) return;
  deployment.shift = std::make_shared<TrafficShift>();
  deployment.shift->settings = service.settings;
  deployment.record->lifecycleStage = LifecycleStage::kReconcile;
}

Duration tick_shift(Region& region, Service& service) {
  Deployment& green = *service.primary();
  const Duration tick = region.knobs.t_tick;
  // Given up without a way back: everything stays where it is.
  if (green.failure) {
    move_targets(region, service);
    return tick;
  }
  TrafficShift& shift = *green.shift;
  if (shift.stage_since == TimePoint{})
    enter(region, green,
          has_leftovers(service) ? LifecycleStage::kReconcile : LifecycleStage::kPreScaleUp);
  std::optional<TimePoint> next_look;
  for (;;) {
    const Progress progress = advance_stage(region, service, next_look);
    if (progress == Progress::kFailed) return tick;
    if (progress == Progress::kWaits) break;
    if (progress == Progress::kNextStep) continue;
    if (shift.stage == LifecycleStage::kCleanUp) {
      complete_deployment(region, service);
      green.shift.reset();
      break;
    }
    enter(region, green, static_cast<LifecycleStage>(static_cast<int>(shift.stage) + 1));
  }
  move_targets(region, service);
  if (!next_look || *next_look <= region.now) return tick;
  return std::min(tick, *next_look - region.now);
}

void shift_back(Region& region, Service& service, Deployment& failed) {
  ServiceDeployment& record = *failed.record;
  abandon_hooks(record);
  record.lifecycleStage = LifecycleStage::kCleanUp;
  Deployment* const blue = owner_of_traffic(service);
  if (blue == nullptr) return;
  // A rule that cannot be written any more stays as it is: there is nothing further back.
  if (record.requestedTestTrafficWeight > 0)
    write_weights(region, *blue, {.rule = ShiftedRule::kTest, .percent = 100});
  if (record.requestedProductionTrafficWeight > 0)
    write_weights(region, *blue, {.rule = ShiftedRule::kProduction, .percent = 100});
  record.requestedTestTrafficWeight = record.requestedProductionTrafficWeight = 0;
}

}  // namespace slipway::sim
