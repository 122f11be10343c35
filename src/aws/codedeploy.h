// AWS CodeDeploy, as far as it deploys to ECS. shapes_test.cc holds the shapes against
// models/codedeploy.json.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"
#include "base/json.h"
#include "base/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace slipway::aws::codedeploy {

struct Tag {
  std::string Key;
  std::string Value;
  bool operator==(const Tag&) const = default;
};
SHAPE(Tag, Key, Value);

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateApplication.html
struct CreateApplicationInput {
  std::string applicationName;
  std::string computePlatform;
  std::vector<Tag> tags;
  bool operator==(const CreateApplicationInput&) const = default;
};
SHAPE(CreateApplicationInput, applicationName, computePlatform, tags);

struct CreateApplicationOutput {
  std::string applicationId;
  bool operator==(const CreateApplicationOutput&) const = default;
};
SHAPE(CreateApplicationOutput, applicationId);

inline constexpr Operation<CreateApplicationInput, CreateApplicationOutput> CreateApplication{
    kCodeDeploy, "CreateApplication", Repeat::kOnce};

struct ApplicationInfo {
  std::string applicationId;
  std::string applicationName;
  TimePoint createTime{};
  bool linkedToGitHub = false;
  std::string gitHubAccountName;
  std::string computePlatform;
  bool operator==(const ApplicationInfo&) const = default;
};
SHAPE(ApplicationInfo, applicationId, applicationName, createTime, linkedToGitHub,
      gitHubAccountName, computePlatform);

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetApplication.html
struct GetApplicationInput {
  std::string applicationName;
  bool operator==(const GetApplicationInput&) const = default;
};
SHAPE(GetApplicationInput, applicationName);

struct GetApplicationOutput {
  ApplicationInfo application;
  bool operator==(const GetApplicationOutput&) const = default;
};
SHAPE(GetApplicationOutput, application);

inline constexpr Operation<GetApplicationInput, GetApplicationOutput> GetApplication{
    kCodeDeploy, "GetApplication", Repeat::kRead};

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ListApplications.html
struct ListApplicationsInput {
  std::string nextToken;
  bool operator==(const ListApplicationsInput&) const = default;
};
SHAPE(ListApplicationsInput, nextToken);

struct ListApplicationsOutput {
  std::vector<std::string> applications;
  std::string nextToken;
  bool operator==(const ListApplicationsOutput&) const = default;
};
SHAPE(ListApplicationsOutput, applications, nextToken);

inline constexpr Operation<ListApplicationsInput, ListApplicationsOutput> ListApplications{
    .service = kCodeDeploy,
    .name = "ListApplications",
    .repeat = Repeat::kRead,
    .page_request = &ListApplicationsInput::nextToken,
    .page_response = &ListApplicationsOutput::nextToken};

struct Alarm {
  std::string name;
  bool operator==(const Alarm&) const = default;
};
SHAPE(Alarm, name);

struct AlarmConfiguration {
  std::optional<bool> enabled;
  std::optional<bool> ignorePollAlarmFailure;
  std::vector<Alarm> alarms;
  bool operator==(const AlarmConfiguration&) const = default;
};
SHAPE(AlarmConfiguration, enabled, ignorePollAlarmFailure, alarms);

struct AutoRollbackConfiguration {
  std::optional<bool> enabled;
  std::vector<std::string> events;
  bool operator==(const AutoRollbackConfiguration&) const = default;
};
SHAPE(AutoRollbackConfiguration, enabled, events);

struct DeploymentStyle {
  std::string deploymentType;
  std::string deploymentOption;
  bool operator==(const DeploymentStyle&) const = default;
};
SHAPE(DeploymentStyle, deploymentType, deploymentOption);

struct BlueInstanceTerminationOption {
  std::string action;
  std::optional<int> terminationWaitTimeInMinutes;
  bool operator==(const BlueInstanceTerminationOption&) const = default;
};
SHAPE(BlueInstanceTerminationOption, action, terminationWaitTimeInMinutes);

struct DeploymentReadyOption {
  std::string actionOnTimeout;
  std::optional<int> waitTimeInMinutes;
  bool operator==(const DeploymentReadyOption&) const = default;
};
SHAPE(DeploymentReadyOption, actionOnTimeout, waitTimeInMinutes);

struct BlueGreenDeploymentConfiguration {
  std::optional<BlueInstanceTerminationOption> terminateBlueInstancesOnDeploymentSuccess;
  std::optional<DeploymentReadyOption> deploymentReadyOption;
  bool operator==(const BlueGreenDeploymentConfiguration&) const = default;
};
SHAPE(BlueGreenDeploymentConfiguration, terminateBlueInstancesOnDeploymentSuccess,
      deploymentReadyOption);

struct TargetGroupInfo {
  std::string name;
  bool operator==(const TargetGroupInfo&) const = default;
};
SHAPE(TargetGroupInfo, name);

struct TrafficRoute {
  std::vector<std::string> listenerArns;
  bool operator==(const TrafficRoute&) const = default;
};
SHAPE(TrafficRoute, listenerArns);

struct TargetGroupPairInfo {
  std::vector<TargetGroupInfo> targetGroups;
  std::optional<TrafficRoute> prodTrafficRoute;
  std::optional<TrafficRoute> testTrafficRoute;
  bool operator==(const TargetGroupPairInfo&) const = default;
};
SHAPE(TargetGroupPairInfo, targetGroups, prodTrafficRoute, testTrafficRoute);

struct LoadBalancerInfo {
  std::vector<TargetGroupInfo> targetGroupInfoList;
  std::vector<TargetGroupPairInfo> targetGroupPairInfoList;
  bool operator==(const LoadBalancerInfo&) const = default;
};
SHAPE(LoadBalancerInfo, targetGroupInfoList, targetGroupPairInfoList);

struct ECSService {
  std::string serviceName;
  std::string clusterName;
  bool operator==(const ECSService&) const = default;
};
SHAPE(ECSService, serviceName, clusterName);

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeploymentGroup.html
struct CreateDeploymentGroupInput {
  std::string applicationName;
  std::string deploymentGroupName;
  std::string deploymentConfigName;
  std::string serviceRoleArn;
  std::vector<Json> triggerConfigurations;
  std::optional<AlarmConfiguration> alarmConfiguration;
  std::optional<AutoRollbackConfiguration> autoRollbackConfiguration;
  std::optional<DeploymentStyle> deploymentStyle;
  std::optional<BlueGreenDeploymentConfiguration> blueGreenDeploymentConfiguration;
  std::optional<LoadBalancerInfo> loadBalancerInfo;
  std::vector<ECSService> ecsServices;
  std::vector<Tag> tags;
  bool operator==(const CreateDeploymentGroupInput&) const = default;
};
SHAPE(CreateDeploymentGroupInput, applicationName, deploymentGroupName, deploymentConfigName,
      serviceRoleArn, triggerConfigurations, alarmConfiguration, autoRollbackConfiguration,
      deploymentStyle, blueGreenDeploymentConfiguration, loadBalancerInfo, ecsServices, tags);

struct CreateDeploymentGroupOutput {
  std::string deploymentGroupId;
  bool operator==(const CreateDeploymentGroupOutput&) const = default;
};
SHAPE(CreateDeploymentGroupOutput, deploymentGroupId);

inline constexpr Operation<CreateDeploymentGroupInput, CreateDeploymentGroupOutput>
    CreateDeploymentGroup{kCodeDeploy, "CreateDeploymentGroup", Repeat::kOnce};

struct RawString {
  std::string content;
  std::string sha256;
  bool operator==(const RawString&) const = default;
};
SHAPE(RawString, content, sha256);

struct AppSpecContent {
  std::string content;
  std::string sha256;
  bool operator==(const AppSpecContent&) const = default;
};
SHAPE(AppSpecContent, content, sha256);

struct RevisionLocation {
  std::string revisionType;
  Json s3Location;
  Json gitHubLocation;
  std::optional<RawString> string;
  std::optional<AppSpecContent> appSpecContent;
  bool operator==(const RevisionLocation&) const = default;
};
SHAPE(RevisionLocation, revisionType, s3Location, gitHubLocation, string, appSpecContent);

struct GenericRevisionInfo {
  std::string description;
  std::vector<std::string> deploymentGroups;
  std::optional<TimePoint> firstUsedTime;
  std::optional<TimePoint> lastUsedTime;
  std::optional<TimePoint> registerTime;
  bool operator==(const GenericRevisionInfo&) const = default;
};
SHAPE(GenericRevisionInfo, description, deploymentGroups, firstUsedTime, lastUsedTime,
      registerTime);

// By the SHA-256 of an AppSpec, which is all that GetDeployment says of it, its text.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetApplicationRevision.html
struct GetApplicationRevisionInput {
  std::string applicationName;
  RevisionLocation revision;
  bool operator==(const GetApplicationRevisionInput&) const = default;
};
SHAPE(GetApplicationRevisionInput, applicationName, revision);

struct GetApplicationRevisionOutput {
  std::string applicationName;
  RevisionLocation revision;
  GenericRevisionInfo revisionInfo;
  bool operator==(const GetApplicationRevisionOutput&) const = default;
};
SHAPE(GetApplicationRevisionOutput, applicationName, revision, revisionInfo);

inline constexpr Operation<GetApplicationRevisionInput, GetApplicationRevisionOutput>
    GetApplicationRevision{kCodeDeploy, "GetApplicationRevision", Repeat::kRead};

struct DeploymentGroupInfo {
  std::string applicationName;
  std::string deploymentGroupId;
  std::string deploymentGroupName;
  std::string deploymentConfigName;
  std::string serviceRoleArn;
  RevisionLocation targetRevision;
  std::vector<Json> triggerConfigurations;
  AlarmConfiguration alarmConfiguration;
  AutoRollbackConfiguration autoRollbackConfiguration;
  DeploymentStyle deploymentStyle;
  BlueGreenDeploymentConfiguration blueGreenDeploymentConfiguration;
  LoadBalancerInfo loadBalancerInfo;
  Json lastSuccessfulDeployment;
  Json lastAttemptedDeployment;
  std::string computePlatform;
  std::vector<ECSService> ecsServices;
  bool operator==(const DeploymentGroupInfo&) const = default;
};
SHAPE(DeploymentGroupInfo, applicationName, deploymentGroupId, deploymentGroupName,
      deploymentConfigName, serviceRoleArn, targetRevision, triggerConfigurations,
      alarmConfiguration, autoRollbackConfiguration, deploymentStyle,
      blueGreenDeploymentConfiguration, loadBalancerInfo, lastSuccessfulDeployment,
      lastAttemptedDeployment, computePlatform, ecsServices);

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetDeploymentGroup.html
struct GetDeploymentGroupInput {
  std::string applicationName;
  std::string deploymentGroupName;
  bool operator==(const GetDeploymentGroupInput&) const = default;
};
SHAPE(GetDeploymentGroupInput, applicationName, deploymentGroupName);

struct GetDeploymentGroupOutput {
  DeploymentGroupInfo deploymentGroupInfo;
  bool operator==(const GetDeploymentGroupOutput&) const = default;
};
SHAPE(GetDeploymentGroupOutput, deploymentGroupInfo);

inline constexpr Operation<GetDeploymentGroupInput, GetDeploymentGroupOutput> GetDeploymentGroup{
    kCodeDeploy, "GetDeploymentGroup", Repeat::kRead};

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ListDeploymentGroups.html
struct ListDeploymentGroupsInput {
  std::string applicationName;
  std::string nextToken;
  bool operator==(const ListDeploymentGroupsInput&) const = default;
};
SHAPE(ListDeploymentGroupsInput, applicationName, nextToken);

struct ListDeploymentGroupsOutput {
  std::string applicationName;
  std::vector<std::string> deploymentGroups;
  std::string nextToken;
  bool operator==(const ListDeploymentGroupsOutput&) const = default;
};
SHAPE(ListDeploymentGroupsOutput, applicationName, deploymentGroups, nextToken);

inline constexpr Operation<ListDeploymentGroupsInput, ListDeploymentGroupsOutput>
    ListDeploymentGroups{.service = kCodeDeploy,
                         .name = "ListDeploymentGroups",
                         .repeat = Repeat::kRead,
                         .page_request = &ListDeploymentGroupsInput::nextToken,
                         .page_response = &ListDeploymentGroupsOutput::nextToken};

// At most 100 names.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_BatchGetDeploymentGroups.html
struct BatchGetDeploymentGroupsInput {
  std::string applicationName;
  std::vector<std::string> deploymentGroupNames;
  bool operator==(const BatchGetDeploymentGroupsInput&) const = default;
};
SHAPE(BatchGetDeploymentGroupsInput, applicationName, deploymentGroupNames);

struct BatchGetDeploymentGroupsOutput {
  std::vector<DeploymentGroupInfo> deploymentGroupsInfo;
  std::string errorMessage;
  bool operator==(const BatchGetDeploymentGroupsOutput&) const = default;
};
SHAPE(BatchGetDeploymentGroupsOutput, deploymentGroupsInfo, errorMessage);

inline constexpr Operation<BatchGetDeploymentGroupsInput, BatchGetDeploymentGroupsOutput>
    BatchGetDeploymentGroups{kCodeDeploy, "BatchGetDeploymentGroups", Repeat::kRead};

struct TimeBasedCanary {
  int canaryPercentage = 0;
  int canaryInterval = 0;
  bool operator==(const TimeBasedCanary&) const = default;
};
SHAPE(TimeBasedCanary, canaryPercentage, canaryInterval);

struct TimeBasedLinear {
  int linearPercentage = 0;
  int linearInterval = 0;
  bool operator==(const TimeBasedLinear&) const = default;
};
SHAPE(TimeBasedLinear, linearPercentage, linearInterval);

struct TrafficRoutingConfig {
  std::string type;
  TimeBasedCanary timeBasedCanary;
  TimeBasedLinear timeBasedLinear;
  bool operator==(const TrafficRoutingConfig&) const = default;
};
SHAPE(TrafficRoutingConfig, type, timeBasedCanary, timeBasedLinear);

struct DeploymentConfigInfo {
  std::string deploymentConfigId;
  std::string deploymentConfigName;
  Json minimumHealthyHosts;
  TimePoint createTime{};
  std::string computePlatform;
  TrafficRoutingConfig trafficRoutingConfig;
  Json zonalConfig;
  bool operator==(const DeploymentConfigInfo&) const = default;
};
SHAPE(DeploymentConfigInfo, deploymentConfigId, deploymentConfigName, minimumHealthyHosts,
      createTime, computePlatform, trafficRoutingConfig, zonalConfig);

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetDeploymentConfig.html
struct GetDeploymentConfigInput {
  std::string deploymentConfigName;
  bool operator==(const GetDeploymentConfigInput&) const = default;
};
SHAPE(GetDeploymentConfigInput, deploymentConfigName);

struct GetDeploymentConfigOutput {
  DeploymentConfigInfo deploymentConfigInfo;
  bool operator==(const GetDeploymentConfigOutput&) const = default;
};
SHAPE(GetDeploymentConfigOutput, deploymentConfigInfo);

inline constexpr Operation<GetDeploymentConfigInput, GetDeploymentConfigOutput> GetDeploymentConfig{
    kCodeDeploy, "GetDeploymentConfig", Repeat::kRead};

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ListDeploymentConfigs.html
struct ListDeploymentConfigsInput {
  std::string nextToken;
  bool operator==(const ListDeploymentConfigsInput&) const = default;
};
SHAPE(ListDeploymentConfigsInput, nextToken);

struct ListDeploymentConfigsOutput {
  std::vector<std::string> deploymentConfigsList;
  std::string nextToken;
  bool operator==(const ListDeploymentConfigsOutput&) const = default;
};
SHAPE(ListDeploymentConfigsOutput, deploymentConfigsList, nextToken);

inline constexpr Operation<ListDeploymentConfigsInput, ListDeploymentConfigsOutput>
    ListDeploymentConfigs{.service = kCodeDeploy,
                          .name = "ListDeploymentConfigs",
                          .repeat = Repeat::kRead,
                          .page_request = &ListDeploymentConfigsInput::nextToken,
                          .page_response = &ListDeploymentConfigsOutput::nextToken};

// DeploymentLimitExceededException while one of the group runs.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeployment.html
struct CreateDeploymentInput {
  std::string applicationName;
  std::string deploymentGroupName;
  std::optional<RevisionLocation> revision;
  std::string deploymentConfigName;
  std::string description;
  std::optional<AutoRollbackConfiguration> autoRollbackConfiguration;
  std::optional<AlarmConfiguration> overrideAlarmConfiguration;
  bool operator==(const CreateDeploymentInput&) const = default;
};
SHAPE(CreateDeploymentInput, applicationName, deploymentGroupName, revision, deploymentConfigName,
      description, autoRollbackConfiguration, overrideAlarmConfiguration);

struct CreateDeploymentOutput {
  std::string deploymentId;
  bool operator==(const CreateDeploymentOutput&) const = default;
};
SHAPE(CreateDeploymentOutput, deploymentId);

inline constexpr Operation<CreateDeploymentInput, CreateDeploymentOutput> CreateDeployment{
    kCodeDeploy, "CreateDeployment", Repeat::kOnce};

struct ErrorInformation {
  std::string code;
  std::string message;
  bool operator==(const ErrorInformation&) const = default;
};
SHAPE(ErrorInformation, code, message);

struct DeploymentOverview {
  std::int64_t Pending = 0;
  std::int64_t InProgress = 0;
  std::int64_t Succeeded = 0;
  std::int64_t Failed = 0;
  std::int64_t Skipped = 0;
  std::int64_t Ready = 0;
  bool operator==(const DeploymentOverview&) const = default;
};
SHAPE(DeploymentOverview, Pending, InProgress, Succeeded, Failed, Skipped, Ready);

struct RollbackInfo {
  std::string rollbackDeploymentId;
  std::string rollbackTriggeringDeploymentId;
  std::string rollbackMessage;
  bool operator==(const RollbackInfo&) const = default;
};
SHAPE(RollbackInfo, rollbackDeploymentId, rollbackTriggeringDeploymentId, rollbackMessage);

struct DeploymentInfo {
  std::string applicationName;
  std::string deploymentGroupName;
  std::string deploymentConfigName;
  std::string deploymentId;
  RevisionLocation previousRevision;
  RevisionLocation revision;
  std::string status;  // "Created", "Queued", "InProgress", "Baking", "Succeeded", "Failed",
                       // "Stopped" or "Ready"
  ErrorInformation errorInformation;
  TimePoint createTime{};
  std::optional<TimePoint> startTime;
  std::optional<TimePoint> completeTime;
  DeploymentOverview deploymentOverview;
  std::string description;
  std::string creator;
  AutoRollbackConfiguration autoRollbackConfiguration;
  RollbackInfo rollbackInfo;
  DeploymentStyle deploymentStyle;
  bool instanceTerminationWaitTimeStarted =
      false;  // all traffic has moved, the old tasks still run
  BlueGreenDeploymentConfiguration blueGreenDeploymentConfiguration;
  LoadBalancerInfo loadBalancerInfo;
  std::string additionalDeploymentStatusInfo;
  std::vector<std::string> deploymentStatusMessages;
  std::string computePlatform;
  AlarmConfiguration overrideAlarmConfiguration;
  bool operator==(const DeploymentInfo&) const = default;
};
SHAPE(DeploymentInfo, applicationName, deploymentGroupName, deploymentConfigName, deploymentId,
      previousRevision, revision, status, errorInformation, createTime, startTime, completeTime,
      deploymentOverview, description, creator, autoRollbackConfiguration, rollbackInfo,
      deploymentStyle, instanceTerminationWaitTimeStarted, blueGreenDeploymentConfiguration,
      loadBalancerInfo, additionalDeploymentStatusInfo, deploymentStatusMessages, computePlatform,
      overrideAlarmConfiguration);

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetDeployment.html
struct GetDeploymentInput {
  std::string deploymentId;
  bool operator==(const GetDeploymentInput&) const = default;
};
SHAPE(GetDeploymentInput, deploymentId);

struct GetDeploymentOutput {
  DeploymentInfo deploymentInfo;
  bool operator==(const GetDeploymentOutput&) const = default;
};
SHAPE(GetDeploymentOutput, deploymentInfo);

inline constexpr Operation<GetDeploymentInput, GetDeploymentOutput> GetDeployment{
    kCodeDeploy, "GetDeployment", Repeat::kRead};

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_StopDeployment.html
struct StopDeploymentInput {
  std::string deploymentId;
  std::optional<bool> autoRollbackEnabled;
  bool operator==(const StopDeploymentInput&) const = default;
};
SHAPE(StopDeploymentInput, deploymentId, autoRollbackEnabled);

struct StopDeploymentOutput {
  std::string status;
  std::string statusMessage;
  bool operator==(const StopDeploymentOutput&) const = default;
};
SHAPE(StopDeploymentOutput, status, statusMessage);

inline constexpr Operation<StopDeploymentInput, StopDeploymentOutput> StopDeployment{
    kCodeDeploy, "StopDeployment", Repeat::kIdempotent};

// READY_WAIT: shift the traffic now. TERMINATION_WAIT: stop the old tasks now.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ContinueDeployment.html
struct ContinueDeploymentInput {
  std::string deploymentId;
  std::string deploymentWaitType;
  bool operator==(const ContinueDeploymentInput&) const = default;
};
SHAPE(ContinueDeploymentInput, deploymentId, deploymentWaitType);

inline constexpr Operation<ContinueDeploymentInput, NoAnswer> ContinueDeployment{
    kCodeDeploy, "ContinueDeployment", Repeat::kIdempotent};

struct TimeRange {
  std::optional<TimePoint> start;
  std::optional<TimePoint> end;
  bool operator==(const TimeRange&) const = default;
};
SHAPE(TimeRange, start, end);

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ListDeployments.html
struct ListDeploymentsInput {
  std::string applicationName;
  std::string deploymentGroupName;
  std::string externalId;
  std::vector<std::string> includeOnlyStatuses;
  std::optional<TimeRange> createTimeRange;
  std::string nextToken;
  bool operator==(const ListDeploymentsInput&) const = default;
};
SHAPE(ListDeploymentsInput, applicationName, deploymentGroupName, externalId, includeOnlyStatuses,
      createTimeRange, nextToken);

struct ListDeploymentsOutput {
  std::vector<std::string> deployments;
  std::string nextToken;
  bool operator==(const ListDeploymentsOutput&) const = default;
};
SHAPE(ListDeploymentsOutput, deployments, nextToken);

inline constexpr Operation<ListDeploymentsInput, ListDeploymentsOutput> ListDeployments{
    .service = kCodeDeploy,
    .name = "ListDeployments",
    .repeat = Repeat::kRead,
    .page_request = &ListDeploymentsInput::nextToken,
    .page_response = &ListDeploymentsOutput::nextToken};

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ListDeploymentTargets.html
struct ListDeploymentTargetsInput {
  std::string deploymentId;
  std::string nextToken;
  std::map<std::string, std::vector<std::string>> targetFilters;
  bool operator==(const ListDeploymentTargetsInput&) const = default;
};
SHAPE(ListDeploymentTargetsInput, deploymentId, nextToken, targetFilters);

struct ListDeploymentTargetsOutput {
  std::vector<std::string> targetIds;
  std::string nextToken;
  bool operator==(const ListDeploymentTargetsOutput&) const = default;
};
SHAPE(ListDeploymentTargetsOutput, targetIds, nextToken);

inline constexpr Operation<ListDeploymentTargetsInput, ListDeploymentTargetsOutput>
    ListDeploymentTargets{.service = kCodeDeploy,
                          .name = "ListDeploymentTargets",
                          .repeat = Repeat::kRead,
                          .page_request = &ListDeploymentTargetsInput::nextToken,
                          .page_response = &ListDeploymentTargetsOutput::nextToken};

struct Diagnostics {
  std::string errorCode;
  std::string scriptName;
  std::string message;
  std::string logTail;
  bool operator==(const Diagnostics&) const = default;
};
SHAPE(Diagnostics, errorCode, scriptName, message, logTail);

struct LifecycleEvent {
  std::string lifecycleEventName;
  Diagnostics diagnostics;
  std::optional<TimePoint> startTime;
  std::optional<TimePoint> endTime;
  std::string status;
  bool operator==(const LifecycleEvent&) const = default;
};
SHAPE(LifecycleEvent, lifecycleEventName, diagnostics, startTime, endTime, status);

struct ECSTaskSet {
  std::string identifer;  // AWS's spelling
  std::int64_t desiredCount = 0;
  std::int64_t pendingCount = 0;
  std::int64_t runningCount = 0;
  std::string status;
  double trafficWeight = 0;
  TargetGroupInfo targetGroup;
  std::string taskSetLabel;
  bool operator==(const ECSTaskSet&) const = default;
};
SHAPE(ECSTaskSet, identifer, desiredCount, pendingCount, runningCount, status, trafficWeight,
      targetGroup, taskSetLabel);

struct ECSTarget {
  std::string deploymentId;
  std::string targetId;
  std::string targetArn;
  TimePoint lastUpdatedAt{};
  std::vector<LifecycleEvent> lifecycleEvents;
  std::string status;
  std::vector<ECSTaskSet> taskSetsInfo;
  bool operator==(const ECSTarget&) const = default;
};
SHAPE(ECSTarget, deploymentId, targetId, targetArn, lastUpdatedAt, lifecycleEvents, status,
      taskSetsInfo);

struct DeploymentTarget {
  std::string deploymentTargetType;
  ECSTarget ecsTarget;
  bool operator==(const DeploymentTarget&) const = default;
};
SHAPE(DeploymentTarget, deploymentTargetType, ecsTarget);

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_BatchGetDeploymentTargets.html
struct BatchGetDeploymentTargetsInput {
  std::string deploymentId;
  std::vector<std::string> targetIds;
  bool operator==(const BatchGetDeploymentTargetsInput&) const = default;
};
SHAPE(BatchGetDeploymentTargetsInput, deploymentId, targetIds);

struct BatchGetDeploymentTargetsOutput {
  std::vector<DeploymentTarget> deploymentTargets;
  bool operator==(const BatchGetDeploymentTargetsOutput&) const = default;
};
SHAPE(BatchGetDeploymentTargetsOutput, deploymentTargets);

inline constexpr Operation<BatchGetDeploymentTargetsInput, BatchGetDeploymentTargetsOutput>
    BatchGetDeploymentTargets{kCodeDeploy, "BatchGetDeploymentTargets", Repeat::kRead};

}  // namespace slipway::aws::codedeploy
