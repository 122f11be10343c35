// The ECS service of a release and its autoscaling.
#include "plan/ecs_crd_build.h"

#include <fmt/format.h>

namespace slipway::crd {
namespace {

JsonObject network_of(const CrdNetwork& network) {
  JsonObject configuration{{"AssignPublicIp", network.assign_public_ip ? "ENABLED" : "DISABLED"},
                           {"Subnets", texts(network.subnets)}};
  if (!network.security_groups.empty())
    configuration["SecurityGroups"] = texts(network.security_groups);
  return {{"AwsvpcConfiguration", std::move(configuration)}};
}

JsonArray load_balancers_of(const Build& build) {
  JsonArray all;
  for (std::size_t i = 0; i < build.bindings.size(); ++i) {
    if (build.file.target_group_of(build.bindings[i]) == nullptr) continue;
    all.emplace_back(JsonObject{{"ContainerName", build.bindings[i].container},
                                {"ContainerPort", build.bindings[i].port},
                                {"TargetGroupArn", ref_to("TargetGroup" + build.ids[i])}});
  }
  return all;
}

JsonArray constraints_of(const CrdService& service) {
  JsonArray all;
  for (const CrdPlacementConstraint& each : service.placement_constraints) {
    JsonObject object{{"Type", each.type}};
    if (!each.expression.empty()) object["Expression"] = each.expression;
    all.emplace_back(std::move(object));
  }
  return all;
}

JsonArray strategies_of(const CrdService& service) {
  JsonArray all;
  for (const CrdPlacementStrategy& each : service.placement_strategies) {
    JsonObject object{{"Type", each.type}};
    if (!each.field.empty()) object["Field"] = each.field;
    all.emplace_back(std::move(object));
  }
  return all;
}

JsonObject step_scaling_of(const CrdStepScaling& scaling) {
  JsonArray steps;
  for (const CrdStepAdjustment& step : scaling.step_adjustments) {
    JsonObject object;
    if (step.lower_bound) object["MetricIntervalLowerBound"] = number(*step.lower_bound);
    if (step.upper_bound) object["MetricIntervalUpperBound"] = number(*step.upper_bound);
    object["ScalingAdjustment"] = step.scaling_adjustment;
    steps.emplace_back(std::move(object));
  }
  return {{"AdjustmentType", scaling.adjustment_type},
          {"Cooldown", scaling.cooldown},
          {"MetricAggregationType", scaling.metric_aggregation_type},
          {"StepAdjustments", std::move(steps)}};
}

JsonObject tracking_of(const CrdTargetTracking& tracking) {
  JsonObject object{{"TargetValue", number(tracking.target_value)},
                    {"PredefinedMetricSpecification",
                     JsonObject{{"PredefinedMetricType", tracking.predefined_metric_type}}}};
  if (tracking.scale_in_cooldown) object["ScaleInCooldown"] = *tracking.scale_in_cooldown;
  if (tracking.scale_out_cooldown) object["ScaleOutCooldown"] = *tracking.scale_out_cooldown;
  if (tracking.disable_scale_in) object["DisableScaleIn"] = *tracking.disable_scale_in;
  return object;
}

JsonObject policy_of(const CrdScalingPolicy& policy) {
  JsonObject properties{{"PolicyName", policy.name},
                        {"PolicyType", policy.tracking ? "TargetTrackingScaling" : "StepScaling"},
                        {"ScalingTargetId", ref_to("AutoScalingTarget")}};
  if (policy.steps) properties["StepScalingPolicyConfiguration"] = step_scaling_of(*policy.steps);
  if (policy.tracking)
    properties["TargetTrackingScalingPolicyConfiguration"] = tracking_of(*policy.tracking);
  return resource("AWS::ApplicationAutoScaling::ScalingPolicy", std::move(properties));
}

JsonObject alarm_of(const Build& build, const CrdAlarm& alarm, std::string_view policy) {
  JsonArray dimensions;
  dimensions.emplace_back(JsonObject{{"Name", "ServiceName"}, {"Value", build.ecs_service()}});
  dimensions.emplace_back(JsonObject{{"Name", "ClusterName"}, {"Value", ref_to("ClusterName")}});
  return resource("AWS::CloudWatch::Alarm", {{"AlarmDescription", alarm.description},
                                             {"Namespace", alarm.namespace_name},
                                             {"MetricName", alarm.metric_name},
                                             {"Dimensions", std::move(dimensions)},
                                             {"Statistic", alarm.statistic},
                                             {"Period", alarm.period},
                                             {"EvaluationPeriods", alarm.evaluation_periods},
                                             {"Threshold", number(alarm.threshold)},
                                             {"ComparisonOperator", alarm.comparison_operator},
                                             {"AlarmActions", JsonArray{ref_to(policy)}}});
}

}  // namespace

// No task runs until the release is scaled up, and none is created before something sends requests
// to its target groups: ECS refuses a group without a load balancer.
void add_service(Build& build) {
  const CrdService& service = build.file.service;
  JsonObject properties{{"Cluster", ref_to("Cluster")},
                        {"ServiceName", build.ecs_service()},
                        {"TaskDefinition", ref_to("TaskDefinition")},
                        {"SchedulingStrategy", service.scheduling_strategy}};
  if (!service.is_daemon()) properties["DesiredCount"] = 0;
  properties["LaunchType"] = service.launch_type;
  if (!service.platform_version.empty()) properties["PlatformVersion"] = service.platform_version;
  if (JsonArray load_balancers = load_balancers_of(build); !load_balancers.empty())
    properties["LoadBalancers"] = std::move(load_balancers);
  if (service.network_configuration)
    properties["NetworkConfiguration"] = network_of(*service.network_configuration);
  if (!service.placement_constraints.empty())
    properties["PlacementConstraints"] = constraints_of(service);
  if (!service.placement_strategies.empty())
    properties["PlacementStrategies"] = strategies_of(service);
  properties["PropagateTags"] = "TASK_DEFINITION";

  JsonObject object = resource("AWS::ECS::Service", std::move(properties));
  if (!build.forwarding.empty()) object["DependsOn"] = build.forwarding;
  build.resources["Service"] = std::move(object);
  build.outputs["ServiceArn"] = JsonObject{{"Value", ref_to("Service")}};
}

void add_auto_scaling(Build& build) {
  const std::optional<CrdAutoScaling>& scaling = build.file.service.auto_scaling;
  if (!scaling) return;
  JsonObject properties{
      {"ServiceNamespace", "ecs"},
      {"ScalableDimension", "ecs:service:DesiredCount"},
      {"ResourceId", fmt::format("service/{}/{}", build.names.cluster, build.ecs_service())},
      {"MinCapacity", scaling->min_capacity},
      {"MaxCapacity", scaling->max_capacity}};
  if (!scaling->role_arn.empty()) properties["RoleARN"] = scaling->role_arn;
  JsonObject target =
      resource("AWS::ApplicationAutoScaling::ScalableTarget", std::move(properties));
  target["DependsOn"] = JsonArray{"Service"};
  build.resources["AutoScalingTarget"] = std::move(target);

  for (std::size_t i = 0; i < scaling->policies.size(); ++i) {
    const CrdScalingPolicy& policy = scaling->policies[i];
    const std::string name = fmt::format("AutoScalingPolicy{}", i + 1);
    build.resources[name] = policy_of(policy);
    for (std::size_t j = 0; j < policy.alarms.size(); ++j)
      build.resources[fmt::format("AutoScalingAlarm{}x{}", i + 1, j + 1)] =
          alarm_of(build, policy.alarms[j], name);
  }
}

}  // namespace slipway::crd
