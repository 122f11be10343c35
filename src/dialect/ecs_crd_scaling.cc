// service.auto_scaling of a deployment file.
#include "base/text.h"
#include "dialect/ecs_crd_reading.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway::crd {
namespace {

constexpr IntegerRange kCooldown{0, 24L * 3600};
constexpr IntegerRange kCapacity{0, 5'000};

CrdStepScaling read_step_scaling(Fields& fields) {
  CrdStepScaling scaling;
  scaling.adjustment_type = one_of(fields, "adjustment_type",
                                   {"ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"},
                                   scaling.adjustment_type);
  scaling.cooldown = integer(fields, "cooldown", kCooldown).value_or(scaling.cooldown);
  scaling.metric_aggregation_type =
      one_of(fields, "metric_aggregation_type", {"Average", "Minimum", "Maximum"},
             scaling.metric_aggregation_type);
  fields.require("step_adjustments");
  for (Fields& entry : fields.mappings("step_adjustments", {.at_least = 1})) {
    CrdStepAdjustment step;
    step.lower_bound = entry.number("metric_interval_lower_bound");
    step.upper_bound = entry.number("metric_interval_upper_bound");
    if (entry.require("scaling_adjustment"))
      step.scaling_adjustment = integer(entry, "scaling_adjustment").value_or(0);
    if (!entry.has("metric_interval_lower_bound") && !entry.has("metric_interval_upper_bound"))
      entry.error("metric_interval_lower_bound", "this or metric_interval_upper_bound is required");
    if (step.lower_bound && step.upper_bound && *step.lower_bound >= *step.upper_bound)
      entry.error("metric_interval_upper_bound", "the upper bound is not above the lower one");
    scaling.step_adjustments.push_back(step);
  }
  return scaling;
}

CrdTargetTracking read_tracking(Fields& fields) {
  CrdTargetTracking tracking;
  if (fields.require("target_value"))
    tracking.target_value = fields.number("target_value").value_or(0);
  fields.require("predefined_metric_type");
  tracking.predefined_metric_type =
      one_of(fields, "predefined_metric_type",
             {"ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization"});
  tracking.scale_in_cooldown = integer(fields, "scale_in_cooldown", kCooldown);
  tracking.scale_out_cooldown = integer(fields, "scale_out_cooldown", kCooldown);
  tracking.disable_scale_in = flag(fields, "disable_scale_in");
  return tracking;
}

CrdAlarm read_alarm(Fields& fields) {
  CrdAlarm alarm;
  fields.require("metric_name");
  alarm.metric_name = one_of(fields, "metric_name", {"CPUUtilization", "MemoryUtilization"});
  alarm.description =
      text_or(fields, "alarm_description", fmt::format("Containers {} High", alarm.metric_name));
  alarm.namespace_name = text_or(fields, "namespace", alarm.namespace_name);
  alarm.statistic =
      one_of(fields, "statistic", {"Average", "Maximum", "Minimum", "SampleCount", "Sum"},
             alarm.statistic);
  alarm.period = integer(fields, "period", {10, 86'400}).value_or(alarm.period);
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  if (alarm.period != 10 && alarm.period != 20 && alarm.period != 30 && alarm.period % 60 != 0)
    fields.error("period", fmt::format("CloudWatch takes 10, 20, 30 and multiples of 60 seconds, "
                                       "found {}",
                                       alarm.period));
  alarm.evaluation_periods =
      integer(fields, "evaluation_periods", {1}).value_or(alarm.evaluation_periods);
  if (fields.require("threshold")) alarm.threshold = fields.number("threshold").value_or(0);
  fields.require("comparison_operator");
  alarm.comparison_operator = one_of(fields, "comparison_operator",
                                     {"GreaterThanOrEqualToThreshold", "GreaterThanThreshold",
                                      "LessThanOrEqualToThreshold", "LessThanThreshold"});
  return alarm;
}

CrdScalingPolicy read_policy(Fields& fields, std::string default_name) {
  CrdScalingPolicy policy;
  policy.name = text_or(fields, "policy_name", std::move(default_name));
  const std::string type =
      one_of(fields, "policy_type", {"StepScaling", "TargetTrackingScaling"}, "StepScaling");
  const bool is_tracking = type == "TargetTrackingScaling";
  const std::string_view wanted =
      is_tracking ? "target_tracking_configuration" : "step_scaling_policy_configuration";
  fields.require(wanted);
  if (std::optional<Fields> configuration = fields.mapping(wanted)) {
    if (is_tracking)
      policy.tracking = read_tracking(*configuration);
    else
      policy.steps = read_step_scaling(*configuration);
  }
  if (is_tracking) {
    for (const char* key : {"step_scaling_policy_configuration", "cloudwatch_alarms"})
      fields.refuse(key, "target tracking has none: it makes its own alarms");
    return policy;
  }
  fields.refuse("target_tracking_configuration", "step scaling has none",
                "set policy_type: TargetTrackingScaling");
  fields.require("cloudwatch_alarms");
  for (Fields& entry : fields.mappings("cloudwatch_alarms", {.at_least = 1}))
    policy.alarms.push_back(read_alarm(entry));
  return policy;
}

}  // namespace

std::optional<CrdAutoScaling> read_auto_scaling(Fields& service, const std::string& service_name,
                                                int desired) {
  std::optional<Fields> fields = service.mapping("auto_scaling");
  if (!fields) return std::nullopt;
  CrdAutoScaling scaling;
  scaling.min_capacity = integer(*fields, "min_capacity", kCapacity).value_or(desired);
  scaling.max_capacity = integer(*fields, "max_capacity", kCapacity).value_or(desired);
  if (scaling.min_capacity > desired)
    fields->error("min_capacity", fmt::format("{} is more than canary.scale.desired, which is {}",
                                              scaling.min_capacity, desired));
  if (scaling.max_capacity < desired)
    fields->error("max_capacity", fmt::format("{} is less than canary.scale.desired, which is {}",
                                              scaling.max_capacity, desired));
  scaling.role_arn = text_or(*fields, "role_arn");
  fields->require("auto_scaling_policies");
  for (Fields& entry : fields->mappings("auto_scaling_policies", {.at_least = 1})) {
    CrdScalingPolicy policy = read_policy(
        entry, fmt::format("{}-scaling-policy-{}", service_name, scaling.policies.size() + 1));
    if (std::ranges::find(scaling.policies, policy.name, &CrdScalingPolicy::name) !=
        scaling.policies.end())
      entry.error("policy_name", quote(policy.name) + " is the name of another policy, too");
    scaling.policies.push_back(std::move(policy));
  }
  return scaling;
}

}  // namespace slipway::crd
