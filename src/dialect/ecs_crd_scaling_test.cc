// service.auto_scaling of a deployment file.
#include "dialect/ecs_crd_for_test.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using Messages = std::vector<std::string>;

// ---- 3.10 autoscaling ---------------------------------------------------------------------------

std::string scaling(const std::string& policy, const std::string& others = "") {
  return "{" + others + "auto_scaling_policies: [{" + policy + "}]}";
}
const std::string kSteps =
    "step_scaling_policy_configuration: {step_adjustments: [{metric_interval_lower_bound: 0, "
    "scaling_adjustment: 1}]}";
const std::string kAlarms =
    "cloudwatch_alarms: [{metric_name: CPUUtilization, threshold: 70, comparison_operator: "
    "GreaterThanThreshold}]";

TEST(EcsCrdScaling, HasStepsAndAlarms_D33) {
  CrdTextForTest text;
  text.service["auto_scaling"] = scaling(kSteps + ", " + kAlarms);
  const CrdAutoScaling read = read_well(text).service.auto_scaling.value();
  EXPECT_EQ(read.min_capacity, 2) << "scale.desired";
  EXPECT_EQ(read.max_capacity, 2);
  EXPECT_EQ(read.role_arn, "");
  EXPECT_EQ(read.policies.at(0).name, "web-scaling-policy-1");
  EXPECT_EQ(read.policies.at(0).steps->adjustment_type, "ChangeInCapacity");
  EXPECT_EQ(read.policies.at(0).steps->cooldown, 60);
  const CrdAlarm alarm = read.policies.at(0).alarms.at(0);
  EXPECT_EQ(alarm.description, "Containers CPUUtilization High");
  EXPECT_EQ(alarm.statistic, "Average");
  EXPECT_EQ(alarm.period, 300);
  EXPECT_EQ(alarm.evaluation_periods, 1);
  EXPECT_EQ(alarm.threshold, 70);

  const std::string path = "5 service.auto_scaling.";
  const std::string policy = path + "auto_scaling_policies[0].";
  expect_messages(
      {{kCrdService,
        "auto_scaling",
        scaling(kSteps + ", " + kAlarms, "min_capacity: 3, "),
        {path + "min_capacity: 3 is more than canary.scale.desired, which is 2"}},
       {kCrdService,
        "auto_scaling",
        scaling(kSteps + ", " + kAlarms, "max_capacity: 1, "),
        {path + "max_capacity: 1 is less than canary.scale.desired, which is 2"}},
       {kCrdService,
        "auto_scaling",
        "{}",
        {path + "auto_scaling_policies: required key is missing"}},
       {kCrdService,
        "auto_scaling",
        scaling(kSteps),
        {policy + "cloudwatch_alarms: required key is missing"}},
       {kCrdService,
        "auto_scaling",
        scaling(kAlarms),
        {policy + "step_scaling_policy_configuration: required key is missing"}},
       {kCrdService,
        "auto_scaling",
        scaling("policy_type: SimpleScaling, " + kSteps + ", " + kAlarms),
        {policy + "policy_type: expected StepScaling or TargetTrackingScaling, found "
                  "\"SimpleScaling\" (did you mean StepScaling?)"}},
       {kCrdService,
        "auto_scaling",
        scaling(
            "step_scaling_policy_configuration: {step_adjustments: [{scaling_adjustment: 1}]}, " +
            kAlarms),
        {policy + "step_scaling_policy_configuration.step_adjustments[0].metric_interval_lower_"
                  "bound: this or metric_interval_upper_bound is required"}},
       {kCrdService,
        "auto_scaling",
        scaling(kSteps + ", cloudwatch_alarms: [{threshold: 1, comparison_operator: "
                         "GreaterThan}]"),
        {policy + "cloudwatch_alarms[0].metric_name: required key is missing",
         policy + "cloudwatch_alarms[0].comparison_operator: expected "
                  "GreaterThanOrEqualToThreshold, GreaterThanThreshold, "
                  "LessThanOrEqualToThreshold or LessThanThreshold, found \"GreaterThan\""}},
       {kCrdService,
        "auto_scaling",
        scaling(kSteps + ", cloudwatch_alarms: [{metric_name: CPUUtilization, threshold: 0.5, "
                         "comparison_operator: LessThanThreshold, period: 90}]"),
        {policy + "cloudwatch_alarms[0].period: CloudWatch takes 10, 20, 30 and multiples of 60 "
                  "seconds, found 90"}}});
}

TEST(EcsCrdScaling, MayTrackATarget_D33) {
  CrdTextForTest text;
  text.service["auto_scaling"] = scaling(
      "policy_type: TargetTrackingScaling, target_tracking_configuration: {target_value: "
      "62.5, predefined_metric_type: ECSServiceAverageCPUUtilization, scale_in_cooldown: "
      "120, disable_scale_in: true}");
  const CrdScalingPolicy policy = read_well(text).service.auto_scaling->policies.at(0);
  EXPECT_EQ(policy.tracking->target_value, 62.5);
  EXPECT_EQ(policy.tracking->scale_in_cooldown, 120);
  EXPECT_EQ(policy.tracking->disable_scale_in, true);
  expect_messages(
      {{kCrdService,
        "auto_scaling",
        scaling("policy_type: TargetTrackingScaling, target_tracking_configuration: "
                "{target_value: 1, predefined_metric_type: ECSServiceAverageCPUUtilization}, " +
                kAlarms),
        {"5 service.auto_scaling.auto_scaling_policies[0].cloudwatch_alarms: target tracking has "
         "none: it makes its own alarms"}}});
}

TEST(EcsCrdScaling, HasPoliciesOfDifferentNamesAndNoDaemons) {
  const std::string policy = "{policy_name: a, " + kSteps + ", " + kAlarms + "}";
  CrdTextForTest daemon;
  daemon.service["scheduling_strategy"] = "DAEMON";
  expect_messages(
      {{kCrdService,
        "auto_scaling",
        "{auto_scaling_policies: [" + policy + ", " + policy + "]}",
        {"5 service.auto_scaling.auto_scaling_policies[1].policy_name: \"a\" is the name of "
         "another policy, too"}}});
  expect_messages({{kCrdService,
                    "auto_scaling",
                    "{auto_scaling_policies: [" + policy + "]}",
                    {"5 service.auto_scaling: a daemon has as many tasks as there are nodes"}}},
                  daemon);
}

}  // namespace
}  // namespace slipway
