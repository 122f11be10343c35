// Application Auto Scaling: between which numbers of tasks a service moves by itself, and when. For
// ECS: ServiceNamespace "ecs", ResourceId "service/CLUSTER/SERVICE", ScalableDimension
// "ecs:service:DesiredCount". shapes_test.cc holds the shapes against
// models/application-autoscaling.json.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"
#include "base/json.h"
#include "base/time.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace slipway::aws::autoscaling {

struct SuspendedState {
  std::optional<bool> DynamicScalingInSuspended;
  std::optional<bool> DynamicScalingOutSuspended;
  std::optional<bool> ScheduledScalingSuspended;
  bool operator==(const SuspendedState&) const = default;
};
SHAPE(SuspendedState, DynamicScalingInSuspended, DynamicScalingOutSuspended,
      ScheduledScalingSuspended);

// What is left out stays as it was.
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
struct RegisterScalableTargetRequest {
  std::string ServiceNamespace;
  std::string ResourceId;
  std::string ScalableDimension;
  std::optional<int> MinCapacity;
  std::optional<int> MaxCapacity;
  std::string RoleARN;
  std::optional<autoscaling::SuspendedState> SuspendedState;
  std::map<std::string, std::string> Tags;
  bool operator==(const RegisterScalableTargetRequest&) const = default;
};
SHAPE(RegisterScalableTargetRequest, ServiceNamespace, ResourceId, ScalableDimension, MinCapacity,
      MaxCapacity, RoleARN, SuspendedState, Tags);

struct RegisterScalableTargetResponse {
  std::string ScalableTargetARN;
  bool operator==(const RegisterScalableTargetResponse&) const = default;
};
SHAPE(RegisterScalableTargetResponse, ScalableTargetARN);

inline constexpr Operation<RegisterScalableTargetRequest, RegisterScalableTargetResponse>
    RegisterScalableTarget{kAutoScaling, "RegisterScalableTarget", Repeat::kIdempotent};

struct ScalableTarget {
  std::string ServiceNamespace;
  std::string ResourceId;
  std::string ScalableDimension;
  int MinCapacity = 0;
  int MaxCapacity = 0;
  std::string RoleARN;
  TimePoint CreationTime{};
  autoscaling::SuspendedState SuspendedState;
  std::string ScalableTargetARN;
  bool operator==(const ScalableTarget&) const = default;
};
SHAPE(ScalableTarget, ServiceNamespace, ResourceId, ScalableDimension, MinCapacity, MaxCapacity,
      RoleARN, CreationTime, SuspendedState, ScalableTargetARN);

// At most 50 in a page.
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html
struct DescribeScalableTargetsRequest {
  std::string ServiceNamespace;
  std::vector<std::string> ResourceIds;
  std::string ScalableDimension;
  std::optional<int> MaxResults;
  std::string NextToken;
  bool operator==(const DescribeScalableTargetsRequest&) const = default;
};
SHAPE(DescribeScalableTargetsRequest, ServiceNamespace, ResourceIds, ScalableDimension, MaxResults,
      NextToken);

struct DescribeScalableTargetsResponse {
  std::vector<ScalableTarget> ScalableTargets;
  std::string NextToken;
  bool operator==(const DescribeScalableTargetsResponse&) const = default;
};
SHAPE(DescribeScalableTargetsResponse, ScalableTargets, NextToken);

inline constexpr Operation<DescribeScalableTargetsRequest, DescribeScalableTargetsResponse>
    DescribeScalableTargets{.service = kAutoScaling,
                            .name = "DescribeScalableTargets",
                            .repeat = Repeat::kRead,
                            .page_request = &DescribeScalableTargetsRequest::NextToken,
                            .page_response = &DescribeScalableTargetsResponse::NextToken};

// Its policies go with it.
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html
struct DeregisterScalableTargetRequest {
  std::string ServiceNamespace;
  std::string ResourceId;
  std::string ScalableDimension;
  bool operator==(const DeregisterScalableTargetRequest&) const = default;
};
SHAPE(DeregisterScalableTargetRequest, ServiceNamespace, ResourceId, ScalableDimension);

struct DeregisterScalableTargetResponse {
  bool operator==(const DeregisterScalableTargetResponse&) const = default;
};
SHAPE(DeregisterScalableTargetResponse);

inline constexpr Operation<DeregisterScalableTargetRequest, DeregisterScalableTargetResponse>
    DeregisterScalableTarget{kAutoScaling, "DeregisterScalableTarget", Repeat::kIdempotent};

struct Alarm {
  std::string AlarmName;
  std::string AlarmARN;
  bool operator==(const Alarm&) const = default;
};
SHAPE(Alarm, AlarmName, AlarmARN);

// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html
struct PutScalingPolicyRequest {
  std::string PolicyName;
  std::string ServiceNamespace;
  std::string ResourceId;
  std::string ScalableDimension;
  std::string PolicyType;
  Json StepScalingPolicyConfiguration;
  Json TargetTrackingScalingPolicyConfiguration;
  Json PredictiveScalingPolicyConfiguration;
  bool operator==(const PutScalingPolicyRequest&) const = default;
};
SHAPE(PutScalingPolicyRequest, PolicyName, ServiceNamespace, ResourceId, ScalableDimension,
      PolicyType, StepScalingPolicyConfiguration, TargetTrackingScalingPolicyConfiguration,
      PredictiveScalingPolicyConfiguration);

struct PutScalingPolicyResponse {
  std::string PolicyARN;
  std::vector<Alarm> Alarms;
  bool operator==(const PutScalingPolicyResponse&) const = default;
};
SHAPE(PutScalingPolicyResponse, PolicyARN, Alarms);

inline constexpr Operation<PutScalingPolicyRequest, PutScalingPolicyResponse> PutScalingPolicy{
    kAutoScaling, "PutScalingPolicy", Repeat::kIdempotent};

struct ScalingPolicy {
  std::string PolicyARN;
  std::string PolicyName;
  std::string ServiceNamespace;
  std::string ResourceId;
  std::string ScalableDimension;
  std::string PolicyType;
  Json StepScalingPolicyConfiguration;
  Json TargetTrackingScalingPolicyConfiguration;
  Json PredictiveScalingPolicyConfiguration;
  std::vector<Alarm> Alarms;
  TimePoint CreationTime{};
  bool operator==(const ScalingPolicy&) const = default;
};
SHAPE(ScalingPolicy, PolicyARN, PolicyName, ServiceNamespace, ResourceId, ScalableDimension,
      PolicyType, StepScalingPolicyConfiguration, TargetTrackingScalingPolicyConfiguration,
      PredictiveScalingPolicyConfiguration, Alarms, CreationTime);

// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingPolicies.html
struct DescribeScalingPoliciesRequest {
  std::vector<std::string> PolicyNames;
  std::string ServiceNamespace;
  std::string ResourceId;
  std::string ScalableDimension;
  std::optional<int> MaxResults;
  std::string NextToken;
  bool operator==(const DescribeScalingPoliciesRequest&) const = default;
};
SHAPE(DescribeScalingPoliciesRequest, PolicyNames, ServiceNamespace, ResourceId, ScalableDimension,
      MaxResults, NextToken);

struct DescribeScalingPoliciesResponse {
  std::vector<ScalingPolicy> ScalingPolicies;
  std::string NextToken;
  bool operator==(const DescribeScalingPoliciesResponse&) const = default;
};
SHAPE(DescribeScalingPoliciesResponse, ScalingPolicies, NextToken);

inline constexpr Operation<DescribeScalingPoliciesRequest, DescribeScalingPoliciesResponse>
    DescribeScalingPolicies{.service = kAutoScaling,
                            .name = "DescribeScalingPolicies",
                            .repeat = Repeat::kRead,
                            .page_request = &DescribeScalingPoliciesRequest::NextToken,
                            .page_response = &DescribeScalingPoliciesResponse::NextToken};

// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeleteScalingPolicy.html
struct DeleteScalingPolicyRequest {
  std::string PolicyName;
  std::string ServiceNamespace;
  std::string ResourceId;
  std::string ScalableDimension;
  bool operator==(const DeleteScalingPolicyRequest&) const = default;
};
SHAPE(DeleteScalingPolicyRequest, PolicyName, ServiceNamespace, ResourceId, ScalableDimension);

struct DeleteScalingPolicyResponse {
  bool operator==(const DeleteScalingPolicyResponse&) const = default;
};
SHAPE(DeleteScalingPolicyResponse);

inline constexpr Operation<DeleteScalingPolicyRequest, DeleteScalingPolicyResponse>
    DeleteScalingPolicy{kAutoScaling, "DeleteScalingPolicy", Repeat::kIdempotent};

struct ScalingActivity {
  std::string ActivityId;
  std::string ServiceNamespace;
  std::string ResourceId;
  std::string ScalableDimension;
  std::string Description;
  std::string Cause;
  TimePoint StartTime{};
  std::optional<TimePoint> EndTime;
  std::string StatusCode;
  std::string StatusMessage;
  std::string Details;
  bool operator==(const ScalingActivity&) const = default;
};
SHAPE(ScalingActivity, ActivityId, ServiceNamespace, ResourceId, ScalableDimension, Description,
      Cause, StartTime, EndTime, StatusCode, StatusMessage, Details);

// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingActivities.html
struct DescribeScalingActivitiesRequest {
  std::string ServiceNamespace;
  std::string ResourceId;
  std::string ScalableDimension;
  std::optional<int> MaxResults;
  std::string NextToken;
  std::optional<bool> IncludeNotScaledActivities;
  bool operator==(const DescribeScalingActivitiesRequest&) const = default;
};
SHAPE(DescribeScalingActivitiesRequest, ServiceNamespace, ResourceId, ScalableDimension, MaxResults,
      NextToken, IncludeNotScaledActivities);

struct DescribeScalingActivitiesResponse {
  std::vector<ScalingActivity> ScalingActivities;
  std::string NextToken;
  bool operator==(const DescribeScalingActivitiesResponse&) const = default;
};
SHAPE(DescribeScalingActivitiesResponse, ScalingActivities, NextToken);

inline constexpr Operation<DescribeScalingActivitiesRequest, DescribeScalingActivitiesResponse>
    DescribeScalingActivities{.service = kAutoScaling,
                              .name = "DescribeScalingActivities",
                              .repeat = Repeat::kRead,
                              .page_request = &DescribeScalingActivitiesRequest::NextToken,
                              .page_response = &DescribeScalingActivitiesResponse::NextToken};

}  // namespace slipway::aws::autoscaling
