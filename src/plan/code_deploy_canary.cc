#include "plan/code_deploy_canary.h"

#include "base/text.h"
#include "plan/canary_steps.h"
#include "plan/steps.h"
#include "plan/strategies.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <tuple>
#include <utility>

namespace slipway {

using namespace std::chrono_literals;

namespace {

constexpr const char* kCanary = "TimeBasedCanary";
constexpr const char* kLinear = "TimeBasedLinear";
// On which our deployments go back by themselves, whatever the group says.
constexpr std::array kOurRollbackEvents = {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"};

std::vector<int> weights_of(const DeploymentConfigSnapshot& config) {
  std::vector<int> weights;
  if (config.type == kCanary) weights = {config.percent};
  if (config.type == kLinear)
    for (int weight = config.percent; weight < 100 && config.percent > 0; weight += config.percent)
      weights.push_back(weight);
  weights.push_back(100);
  return weights;
}

std::string minutes(Duration interval) {
  return to_string(Duration(std::chrono::duration_cast<std::chrono::minutes>(interval)));
}

std::string in_words(const DeploymentConfigSnapshot& config) {
  if (config.type == kCanary)
    return fmt::format("{}%, and after {} the rest", config.percent, minutes(config.interval));
  if (config.type == kLinear)
    return fmt::format("{}% every {}", config.percent, minutes(config.interval));
  return "all at once";
}

std::vector<DeploymentConfigSnapshot> known_configs(const DeploymentGroupSnapshot& group) {
  std::vector<DeploymentConfigSnapshot> known;
  const auto add = [&](const DeploymentConfigSnapshot& config, bool only_the_groups) {
    if ((config.deploymentConfigName == group.deploymentConfigName) == only_the_groups)
      known.push_back(config);
  };
  for (const bool only_the_groups : {true, false}) {
    for (const auto& config : built_in_deployment_configs()) add(config, only_the_groups);
    for (const auto& config : group.configs) add(config, only_the_groups);
  }
  return known;
}

// The configuration that would have to exist; nullopt: CodeDeploy has no such shape.
std::optional<DeploymentConfigSnapshot> wanted_config(const std::vector<TrafficStep>& steps) {
  DeploymentConfigSnapshot config{.percent = steps.front().weight, .interval = steps.front().bake};
  if (steps.size() == 1) return config;
  if (config.interval < 1min || config.interval % 1min != Duration{0}) return std::nullopt;
  config.type = steps.size() == 2 ? kCanary : kLinear;
  if (steps.size() > 2 && (equal_step(steps) == 0 || !has_equal_bakes(steps))) return std::nullopt;
  return config;
}

const DeploymentConfigSnapshot& nearest(const std::vector<DeploymentConfigSnapshot>& known,
                                        const std::vector<TrafficStep>& steps) {
  const auto distance = [&](const DeploymentConfigSnapshot& config) {
    const auto count = static_cast<int>(weights_of(config).size()) - static_cast<int>(steps.size());
    const auto late = config.interval - steps.front().bake;
    return std::tuple(std::abs(count), std::abs(config.percent - steps.front().weight),
                      late < Duration{0} ? -late : late);
  };
  return *std::ranges::min_element(known, {}, distance);
}

std::string command_to_make(const DeploymentConfigSnapshot& config) {
  const bool is_canary = config.type == kCanary;
  const auto interval = std::chrono::duration_cast<std::chrono::minutes>(config.interval).count();
  return fmt::format(
      "aws deploy create-deployment-config --compute-platform ECS --deployment-config-name NAME "
      "--traffic-routing-config '{{\"type\":\"{}\",\"{}\":{{\"{}\":{},\"{}\":{}}}}}'",
      config.type, is_canary ? "timeBasedCanary" : "timeBasedLinear",
      is_canary ? "canaryPercentage" : "linearPercentage", config.percent,
      is_canary ? "canaryInterval" : "linearInterval", interval);
}

std::string group_name(const DeploymentGroupSnapshot& group) {
  return group.application + "/" + group.deployment_group;
}

// The alarms of the checks, and those by which the group stops anyway: ours replace them.
std::vector<std::string> alarms_for(const Canary& canary, const DeploymentGroupSnapshot& group) {
  std::vector<std::string> names = alarms_of(canary);
  if (names.empty()) return names;
  for (const std::string& name : group.alarms)
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  return names;
}

std::vector<std::string> rollback_events_for(const DeploymentGroupSnapshot& group) {
  std::vector<std::string> events(kOurRollbackEvents.begin(), kOurRollbackEvents.end());
  for (const std::string& event : group.rollback_events)
    if (std::ranges::find(events, event) == events.end()) events.push_back(event);
  return events;
}

Result<void> check_ownership(const StrategyInput& input, const DeploymentGroupSnapshot& group) {
  const ServiceSnapshot& service = input.service;
  if (service.deploymentController != "CODE_DEPLOY")
    return refused_strategy("mover", "service " + input.wanted.name + " is deployed by " +
                                         service.deploymentController +
                                         ", not by CodeDeploy; leave out `codedeploy`");
  if (group.serviceName != service.serviceName ||
      group.clusterName != last_segment(input.release.cluster))
    return refused_strategy(
        "mover", fmt::format("deployment group {} deploys service {} of cluster {}, not {} of {}",
                             group_name(group), group.serviceName, group.clusterName,
                             service.serviceName, last_segment(input.release.cluster)));
  if (group.running.empty()) return {};
  return Error{
      ErrorKind::kConflict, "deployment.running",
      fmt::format(
          "deployment {0} of group {1} is {2}, and a group has one at a time; wait for it "
          "(slipway wait --cluster {3} {4}), or take it back (slipway stop --cluster {3} {4})",
          group.running, group_name(group), group.running_status,
          last_segment(input.release.cluster), service.serviceName)};
}

ShiftByCodeDeploy shift_to(const StrategyInput& input, const DeploymentGroupSnapshot& group,
                           Json app_spec) {
  return {.cluster = input.release.cluster,
          .service = input.wanted.name,
          .application = group.application,
          .deployment_group = group.deployment_group,
          .deployment_config = kAllAtOnceConfig,
          .task_definition = input.service.taskDefinition,
          .canary = Canary{.steps = {TrafficStep{}}},
          .app_spec = std::move(app_spec),
          .alarms = {},
          .rollback_events = rollback_events_for(group),
          .target_groups = group.target_groups,
          .waits_for_go_ahead = group.waits_for_go_ahead.has_value(),
          .keeps_old = group.keeps_old};
}

Result<void> plan_shift(const Canary& canary, const StrategyInput& input, PlanStage& stage,
                        PlanItem& item) {
  if (input.deployment_group == nullptr)
    return not_observed("deployment group of " + input.wanted.name);
  TRY(const DeploymentGroupSnapshot group, *input.deployment_group);
  TRY_VOID(check_ownership(input, group));
  TRY_VOID(check_addresses(canary, input.wanted.name, "codedeploy-checks"));
  TRY_VOID(check_group(canary, group));
  TRY(std::string config, deployment_config_for(canary, group));
  TRY(Json app_spec, app_spec_of(input.service));

  const ServiceSnapshot& service = input.service;
  Step step{.action = Refuse{},
            .expects = ServiceStillUses{.service = input.wanted.name,
                                        .taskDefinition = service.taskDefinition},
            .until = DeploymentCompleted{.max_wait = input.wanted.max_wait}};
  ShiftByCodeDeploy shift = shift_to(input, group, app_spec);
  if (input.target) {
    step.undo.push_back(shift);
    shift.task_definition = *input.target;
    if (const auto* registered = std::get_if<RegisteredBy>(&*input.target))
      step.needs.push_back(registered->step);
  }
  shift.deployment_config = std::move(config);
  shift.canary = canary;
  shift.alarms = alarms_for(canary, group);
  step.action = std::move(shift);
  add_step(stage, item, std::move(step));
  return {};
}

}  // namespace

std::span<const DeploymentConfigSnapshot> built_in_deployment_configs() {
  static const std::vector<DeploymentConfigSnapshot> kConfigs = {
      {.deploymentConfigName = kAllAtOnceConfig},
      {"CodeDeployDefault.ECSCanary10Percent5Minutes", kCanary, 10, 5min},
      {"CodeDeployDefault.ECSCanary10Percent15Minutes", kCanary, 10, 15min},
      {"CodeDeployDefault.ECSLinear10PercentEvery1Minutes", kLinear, 10, 1min},
      {"CodeDeployDefault.ECSLinear10PercentEvery3Minutes", kLinear, 10, 3min},
  };
  return kConfigs;
}

bool makes_steps(const DeploymentConfigSnapshot& config, const Canary& canary) {
  const std::vector<TrafficStep> steps = moving_steps(canary);
  const std::vector<int> weights = weights_of(config);
  if (!std::ranges::equal(steps, weights, {}, &TrafficStep::weight)) return false;
  return std::all_of(steps.begin(), steps.end() - 1,
                     [&](const TrafficStep& step) { return step.bake == config.interval; });
}

Result<std::string> deployment_config_for(const Canary& canary,
                                          const DeploymentGroupSnapshot& group) {
  const std::vector<DeploymentConfigSnapshot> known = known_configs(group);
  const auto found = std::ranges::find_if(
      known, [&](const DeploymentConfigSnapshot& config) { return makes_steps(config, canary); });
  if (found != known.end()) return found->deploymentConfigName;

  const std::vector<TrafficStep> steps = moving_steps(canary);
  const DeploymentConfigSnapshot& near = nearest(known, steps);
  const std::string nearest_one =
      fmt::format("the nearest is {} ({})", near.deploymentConfigName, in_words(near));
  if (const auto wanted = wanted_config(steps))
    return refused_strategy(
        "codedeploy-steps",
        fmt::format(
            "no deployment configuration of CodeDeploy moves {}; {}. To have these steps: {}",
            in_words(*wanted), nearest_one, command_to_make(*wanted)));
  return refused_strategy(
      "codedeploy-steps",
      fmt::format(
          "CodeDeploy moves traffic all at once (100%), in one step and then the rest, or in "
          "equal steps with equal bakes, of whole minutes; {} is none of these, {}; `alb` and "
          "`dns` take any steps",
          weights_of(steps), nearest_one));
}

Result<void> check_group(const Canary& canary, const DeploymentGroupSnapshot& group) {
  const std::vector<TrafficStep> steps = moving_steps(canary);
  for (const TrafficStep& step : steps)
    if (step.pause)
      return refused_strategy(
          "codedeploy-pause",
          fmt::format(
              "CodeDeploy can wait for a person before it moves traffic (a step of 0%), not "
              "at {}%; `alb` and `dns` can",
              step.weight));
  const TrafficStep& first = canary.steps.empty() ? steps.front() : canary.steps.front();
  const bool waits = first.weight == 0;
  const bool asks = has_check(canary, first, is_request);
  if ((waits || asks) && !group.waits_for_go_ahead)
    return refused_strategy(
        "codedeploy-pause",
        fmt::format(
            "{}, but deployment group {} moves traffic as soon as the new tasks are up; give "
            "it a deploymentReadyOption of STOP_DEPLOYMENT with a waitTimeInMinutes",
            waits ? "a step of 0% waits before traffic moves"
                  : "a request at the new tasks comes before traffic moves",
            group_name(group)));
  if (waits && group.waits_for_go_ahead && first.bake >= *group.waits_for_go_ahead)
    return refused_strategy(
        "codedeploy-bake",
        fmt::format(
            "the bake of 0% is {}, and deployment group {} stops after {} without a go-ahead",
            to_string(first.bake), group_name(group), to_string(*group.waits_for_go_ahead)));
  const Duration watched = steps.back().bake + canary.keep_previous;
  if (watched > group.keeps_old)
    return refused_strategy(
        "codedeploy-bake",
        fmt::format(
            "the bake of 100%{} is {}, but deployment group {} lets the old tasks go {} after "
            "all traffic has moved; make it shorter, or terminationWaitTimeInMinutes longer",
            canary.keep_previous > Duration{0} ? " with keep_previous" : "", to_string(watched),
            group_name(group), to_string(group.keeps_old)));
  return {};
}

Result<Json> app_spec_of(const ServiceSnapshot& service) {
  const JsonArray* const balancers = service.loadBalancers.if_array();
  if (balancers == nullptr || balancers->empty())
    return refused_strategy("mover", "service " + service.serviceName +
                                         " has no load balancer whose traffic could be moved");
  const Json& balancer = balancers->front();
  JsonObject properties{
      {"LoadBalancerInfo",
       JsonObject{{"ContainerName", string_or_empty(balancer, "containerName")},
                  {"ContainerPort", find_int(balancer, "containerPort").value_or(0)}}}};
  JsonObject target{{"Type", "AWS::ECS::Service"}, {"Properties", std::move(properties)}};
  JsonObject resource{{"TargetService", std::move(target)}};
  return Json(JsonObject{{"version", 0.0}, {"Resources", JsonArray{Json(std::move(resource))}}});
}

void plan_codedeploy_canary(const Canary& settings, const CodeDeployMover&,
                            const StrategyInput& input, PlanStage& stage, PlanItem& item) {
  const bool changes = input.target.has_value() || input.wanted.forceNewDeployment;
  if (!changes && input.service.deploymentController == "CODE_DEPLOY") {
    add_step(stage, item,
             Step{.action = ObserveService{.cluster = input.release.cluster,
                                           .service = input.wanted.name},
                  .until = DeploymentCompleted{.max_wait = input.wanted.max_wait,
                                               .taskDefinition = input.service.taskDefinition}});
    return;
  }
  if (Result<void> planned = plan_shift(settings, input, stage, item); !planned)
    add_step(stage, item, Step{.action = Refuse{std::move(planned.error())}});
}

}  // namespace slipway
