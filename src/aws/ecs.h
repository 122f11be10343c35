// Amazon ECS: the operations of a rollout. A request or answer has the members that code reasons
// about, spelled as AWS spells them; what we only carry is `Json`. ecs_test.cc holds every shape
// against models/ecs.json.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"
#include "base/json.h"
#include "base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::aws {

// ---- Values that code compares with, by the name of AWS's enum. ----

namespace deployment_status {  // Deployment.status, which the model leaves open
inline constexpr std::string_view kPrimary = "PRIMARY";
inline constexpr std::string_view kActive = "ACTIVE";
inline constexpr std::string_view kInactive = "INACTIVE";
}  // namespace deployment_status

namespace DeploymentRolloutState {
inline constexpr std::string_view kCompleted = "COMPLETED";
inline constexpr std::string_view kFailed = "FAILED";
inline constexpr std::string_view kInProgress = "IN_PROGRESS";
}  // namespace DeploymentRolloutState

namespace DeploymentControllerType {
inline constexpr std::string_view kEcs = "ECS";
inline constexpr std::string_view kCodeDeploy = "CODE_DEPLOY";
inline constexpr std::string_view kExternal = "EXTERNAL";
}  // namespace DeploymentControllerType

namespace ServiceDeploymentStatus {
inline constexpr std::string_view kPending = "PENDING";
inline constexpr std::string_view kSuccessful = "SUCCESSFUL";
inline constexpr std::string_view kStopped = "STOPPED";
inline constexpr std::string_view kStopRequested = "STOP_REQUESTED";
inline constexpr std::string_view kInProgress = "IN_PROGRESS";
inline constexpr std::string_view kRollbackRequested = "ROLLBACK_REQUESTED";
inline constexpr std::string_view kRollbackInProgress = "ROLLBACK_IN_PROGRESS";
inline constexpr std::string_view kRollbackSuccessful = "ROLLBACK_SUCCESSFUL";
inline constexpr std::string_view kRollbackFailed = "ROLLBACK_FAILED";
}  // namespace ServiceDeploymentStatus

namespace ServiceDeploymentRollbackMonitorsStatus {
inline constexpr std::string_view kTriggered = "TRIGGERED";
inline constexpr std::string_view kMonitoring = "MONITORING";
inline constexpr std::string_view kMonitoringComplete = "MONITORING_COMPLETE";
inline constexpr std::string_view kDisabled = "DISABLED";
}  // namespace ServiceDeploymentRollbackMonitorsStatus

namespace TaskStopCode {
inline constexpr std::string_view kTaskFailedToStart = "TaskFailedToStart";
inline constexpr std::string_view kEssentialContainerExited = "EssentialContainerExited";
inline constexpr std::string_view kUserInitiated = "UserInitiated";
inline constexpr std::string_view kServiceSchedulerInitiated = "ServiceSchedulerInitiated";
inline constexpr std::string_view kSpotInterruption = "SpotInterruption";
inline constexpr std::string_view kTerminationNotice = "TerminationNotice";
}  // namespace TaskStopCode

// ---- Things that several operations answer with. ----

// Entry of "failures": part of a request that could not be answered. Most describe calls report a
// missing thing here, with status 200 and reason MISSING, and not as an error.
struct Failure {
  std::string arn;
  std::string reason;
  std::string detail;
  bool operator==(const Failure&) const = default;
};
SHAPE(Failure, arn, reason, detail);

struct DeploymentCircuitBreaker {
  bool enable = false;
  bool rollback = false;
  bool operator==(const DeploymentCircuitBreaker&) const = default;
};
SHAPE(DeploymentCircuitBreaker, enable, rollback);

struct DeploymentAlarms {
  std::vector<std::string> alarmNames;
  bool rollback = false;
  bool enable = false;
  bool operator==(const DeploymentAlarms&) const = default;
};
SHAPE(DeploymentAlarms, alarmNames, rollback, enable);

struct DeploymentConfiguration {
  std::optional<DeploymentCircuitBreaker> deploymentCircuitBreaker;
  std::optional<int> maximumPercent;
  std::optional<int> minimumHealthyPercent;
  std::optional<DeploymentAlarms> alarms;
  std::string strategy;  // ROLLING, BLUE_GREEN, LINEAR, CANARY; empty means ROLLING
  std::optional<int> bakeTimeInMinutes;
  Json lifecycleHooks;
  Json linearConfiguration;
  Json canaryConfiguration;
  bool operator==(const DeploymentConfiguration&) const = default;
};
SHAPE(DeploymentConfiguration, deploymentCircuitBreaker, maximumPercent, minimumHealthyPercent,
      alarms, strategy, bakeTimeInMinutes, lifecycleHooks, linearConfiguration,
      canaryConfiguration);

struct DeploymentController {
  std::string type;
  bool operator==(const DeploymentController&) const = default;
};
SHAPE(DeploymentController, type);

struct Deployment {
  std::string id;  // "ecs-svc/1234567890123456789"
  std::string status;
  std::string taskDefinition;
  int desiredCount = 0;
  int pendingCount = 0;
  int runningCount = 0;
  int failedTasks = 0;
  std::optional<TimePoint> createdAt;
  std::optional<TimePoint> updatedAt;
  Json capacityProviderStrategy;
  std::string launchType;
  std::string platformVersion;
  std::string platformFamily;
  Json networkConfiguration;
  std::string rolloutState;  // empty unless the deployment controller is ECS
  std::string rolloutStateReason;
  bool operator==(const Deployment&) const = default;
};
SHAPE(Deployment, id, status, taskDefinition, desiredCount, pendingCount, runningCount, failedTasks,
      createdAt, updatedAt, capacityProviderStrategy, launchType, platformVersion, platformFamily,
      networkConfiguration, rolloutState, rolloutStateReason);

struct ServiceEvent {
  std::string id;
  std::optional<TimePoint> createdAt;
  std::string message;
  bool operator==(const ServiceEvent&) const = default;
};
SHAPE(ServiceEvent, id, createdAt, message);

struct ServiceCurrentRevisionSummary {
  std::string arn;
  int requestedTaskCount = 0;
  int runningTaskCount = 0;
  int pendingTaskCount = 0;
  bool operator==(const ServiceCurrentRevisionSummary&) const = default;
};
SHAPE(ServiceCurrentRevisionSummary, arn, requestedTaskCount, runningTaskCount, pendingTaskCount);

struct Service {
  std::string serviceArn;
  std::string serviceName;
  std::string clusterArn;
  Json loadBalancers;
  Json serviceRegistries;
  std::string status;  // ACTIVE, DRAINING, INACTIVE
  int desiredCount = 0;
  int runningCount = 0;
  int pendingCount = 0;
  std::string launchType;
  Json capacityProviderStrategy;
  std::string platformVersion;
  std::string platformFamily;
  std::string taskDefinition;
  std::optional<DeploymentConfiguration> deploymentConfiguration;
  Json taskSets;
  std::vector<Deployment> deployments;  // PRIMARY first
  std::string roleArn;
  std::vector<ServiceEvent> events;  // newest first, at most 100
  std::optional<TimePoint> createdAt;
  std::string currentServiceDeployment;
  std::vector<ServiceCurrentRevisionSummary> currentServiceRevisions;
  Json placementConstraints;
  Json placementStrategy;
  Json networkConfiguration;
  std::optional<int> healthCheckGracePeriodSeconds;
  std::string schedulingStrategy;
  std::optional<DeploymentController> deploymentController;
  Json tags;
  std::string createdBy;
  bool enableECSManagedTags = false;
  std::string propagateTags;
  bool enableExecuteCommand = false;
  std::string availabilityZoneRebalancing;
  bool operator==(const Service&) const = default;
};
SHAPE(Service, serviceArn, serviceName, clusterArn, loadBalancers, serviceRegistries, status,
      desiredCount, runningCount, pendingCount, launchType, capacityProviderStrategy,
      platformVersion, platformFamily, taskDefinition, deploymentConfiguration, taskSets,
      deployments, roleArn, events, createdAt, currentServiceDeployment, currentServiceRevisions,
      placementConstraints, placementStrategy, networkConfiguration, healthCheckGracePeriodSeconds,
      schedulingStrategy, deploymentController, tags, createdBy, enableECSManagedTags,
      propagateTags, enableExecuteCommand, availabilityZoneRebalancing);

struct Container {
  std::string containerArn;
  std::string taskArn;
  std::string name;
  std::string image;
  std::string imageDigest;
  std::string runtimeId;
  std::string lastStatus;
  std::optional<int> exitCode;  // absent when the container never ran
  std::string reason;
  Json networkBindings;
  Json networkInterfaces;
  std::string healthStatus;
  Json managedAgents;
  std::string cpu;
  std::string memory;
  std::string memoryReservation;
  bool operator==(const Container&) const = default;
};
SHAPE(Container, containerArn, taskArn, name, image, imageDigest, runtimeId, lastStatus, exitCode,
      reason, networkBindings, networkInterfaces, healthStatus, managedAgents, cpu, memory,
      memoryReservation);

struct Task {
  Json attachments;
  Json attributes;
  std::string availabilityZone;
  std::string capacityProviderName;
  std::string clusterArn;
  std::string connectivity;
  std::optional<TimePoint> connectivityAt;
  std::string containerInstanceArn;
  std::vector<Container> containers;
  std::string cpu;
  std::optional<TimePoint> createdAt;
  std::string desiredStatus;
  bool enableExecuteCommand = false;
  std::optional<TimePoint> executionStoppedAt;
  std::string group;  // "service:web" for a task of a service
  std::string healthStatus;
  std::string lastStatus;
  std::string launchType;
  std::string memory;
  Json overrides;
  std::string platformVersion;
  std::string platformFamily;
  std::optional<TimePoint> pullStartedAt;
  std::optional<TimePoint> pullStoppedAt;
  std::optional<TimePoint> startedAt;
  std::string startedBy;  // "ecs-svc/..." for a task of a service
  std::string stopCode;
  std::optional<TimePoint> stoppedAt;
  std::string stoppedReason;
  std::optional<TimePoint> stoppingAt;
  Json tags;
  std::string taskArn;
  std::string taskDefinitionArn;
  std::int64_t version = 0;
  Json ephemeralStorage;
  bool operator==(const Task&) const = default;
};
SHAPE(Task, attachments, attributes, availabilityZone, capacityProviderName, clusterArn,
      connectivity, connectivityAt, containerInstanceArn, containers, cpu, createdAt, desiredStatus,
      enableExecuteCommand, executionStoppedAt, group, healthStatus, lastStatus, launchType, memory,
      overrides, platformVersion, platformFamily, pullStartedAt, pullStoppedAt, startedAt,
      startedBy, stopCode, stoppedAt, stoppedReason, stoppingAt, tags, taskArn, taskDefinitionArn,
      version, ephemeralStorage);

struct ServiceRevisionSummary {
  std::string arn;
  int requestedTaskCount = 0;
  int runningTaskCount = 0;
  int pendingTaskCount = 0;
  std::optional<double> requestedTestTrafficWeight;
  std::optional<double> requestedProductionTrafficWeight;
  bool operator==(const ServiceRevisionSummary&) const = default;
};
SHAPE(ServiceRevisionSummary, arn, requestedTaskCount, runningTaskCount, pendingTaskCount,
      requestedTestTrafficWeight, requestedProductionTrafficWeight);

struct Rollback {
  std::string reason;
  std::optional<TimePoint> startedAt;
  std::string serviceRevisionArn;
  bool operator==(const Rollback&) const = default;
};
SHAPE(Rollback, reason, startedAt, serviceRevisionArn);

struct ServiceDeploymentCircuitBreaker {
  std::string status;
  int failureCount = 0;
  int threshold = 0;
  bool operator==(const ServiceDeploymentCircuitBreaker&) const = default;
};
SHAPE(ServiceDeploymentCircuitBreaker, status, failureCount, threshold);

struct ServiceDeploymentAlarms {
  std::string status;
  std::vector<std::string> alarmNames;
  std::vector<std::string> triggeredAlarmNames;
  bool operator==(const ServiceDeploymentAlarms&) const = default;
};
SHAPE(ServiceDeploymentAlarms, status, alarmNames, triggeredAlarmNames);

struct ServiceDeployment {
  std::string serviceDeploymentArn;
  std::string serviceArn;
  std::string clusterArn;
  std::optional<TimePoint> createdAt;
  std::optional<TimePoint> startedAt;
  std::optional<TimePoint> finishedAt;
  std::optional<TimePoint> stoppedAt;
  std::optional<TimePoint> updatedAt;
  std::vector<ServiceRevisionSummary> sourceServiceRevisions;
  std::optional<ServiceRevisionSummary> targetServiceRevision;
  std::string status;
  std::string statusReason;
  std::string lifecycleStage;
  Json lifecycleHookDetails;
  std::optional<DeploymentConfiguration> deploymentConfiguration;
  std::optional<Rollback> rollback;
  std::optional<ServiceDeploymentCircuitBreaker> deploymentCircuitBreaker;
  std::optional<ServiceDeploymentAlarms> alarms;
  bool operator==(const ServiceDeployment&) const = default;
};
SHAPE(ServiceDeployment, serviceDeploymentArn, serviceArn, clusterArn, createdAt, startedAt,
      finishedAt, stoppedAt, updatedAt, sourceServiceRevisions, targetServiceRevision, status,
      statusReason, lifecycleStage, lifecycleHookDetails, deploymentConfiguration, rollback,
      deploymentCircuitBreaker, alarms);

struct ServiceDeploymentBrief {
  std::string serviceDeploymentArn;
  std::string serviceArn;
  std::string clusterArn;
  std::optional<TimePoint> startedAt;
  std::optional<TimePoint> createdAt;
  std::optional<TimePoint> finishedAt;
  std::string targetServiceRevisionArn;
  std::string status;
  std::string statusReason;
  bool operator==(const ServiceDeploymentBrief&) const = default;
};
SHAPE(ServiceDeploymentBrief, serviceDeploymentArn, serviceArn, clusterArn, startedAt, createdAt,
      finishedAt, targetServiceRevisionArn, status, statusReason);

struct ContainerImage {
  std::string containerName;
  std::string imageDigest;
  std::string image;
  bool operator==(const ContainerImage&) const = default;
};
SHAPE(ContainerImage, containerName, imageDigest, image);

// What a deployment runs, frozen when it was made.
struct ServiceRevision {
  std::string serviceRevisionArn;
  std::string serviceArn;
  std::string clusterArn;
  std::string taskDefinition;
  Json capacityProviderStrategy;
  std::string launchType;
  std::string platformVersion;
  std::string platformFamily;
  Json loadBalancers;
  Json serviceRegistries;
  Json networkConfiguration;
  std::vector<ContainerImage> containerImages;
  std::optional<TimePoint> createdAt;
  Json resolvedConfiguration;
  bool operator==(const ServiceRevision&) const = default;
};
SHAPE(ServiceRevision, serviceRevisionArn, serviceArn, clusterArn, taskDefinition,
      capacityProviderStrategy, launchType, platformVersion, platformFamily, loadBalancers,
      serviceRegistries, networkConfiguration, containerImages, createdAt, resolvedConfiguration);

struct Cluster {
  std::string clusterArn;
  std::string clusterName;
  std::string status;
  int registeredContainerInstancesCount = 0;
  int runningTasksCount = 0;
  int pendingTasksCount = 0;
  int activeServicesCount = 0;
  std::vector<std::string> capacityProviders;
  Json defaultCapacityProviderStrategy;
  Json settings;
  Json statistics;
  Json tags;
  bool operator==(const Cluster&) const = default;
};
SHAPE(Cluster, clusterArn, clusterName, status, registeredContainerInstancesCount,
      runningTasksCount, pendingTasksCount, activeServicesCount, capacityProviders,
      defaultCapacityProviderStrategy, settings, statistics, tags);

// ---- Services ----

// At most 10 services; an unknown one is a failure with reason MISSING, not an error.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html
struct DescribeServicesRequest {
  std::string cluster;
  std::vector<std::string> services;
  std::vector<std::string> include;
};
SHAPE(DescribeServicesRequest, cluster, services, include);
struct DescribeServicesResponse {
  std::vector<Service> services;
  std::vector<Failure> failures;
};
SHAPE(DescribeServicesResponse, services, failures);
inline constexpr Operation<DescribeServicesRequest, DescribeServicesResponse> DescribeServices{
    kEcs, "DescribeServices", Repeat::kRead};

// Only the members given change; a list given replaces the old one.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
struct UpdateServiceRequest {
  std::string cluster;
  std::string service;
  std::optional<int> desiredCount;
  std::string taskDefinition;
  Json capacityProviderStrategy;
  std::optional<DeploymentConfiguration> deploymentConfiguration;
  std::string availabilityZoneRebalancing;
  Json networkConfiguration;
  Json placementConstraints;
  Json placementStrategy;
  std::string platformVersion;
  std::optional<bool> forceNewDeployment;
  std::optional<int> healthCheckGracePeriodSeconds;
  std::optional<DeploymentController> deploymentController;
  std::optional<bool> enableExecuteCommand;
  std::optional<bool> enableECSManagedTags;
  Json loadBalancers;
  std::string propagateTags;
  Json serviceRegistries;
  Json serviceConnectConfiguration;
  Json volumeConfigurations;
  Json vpcLatticeConfigurations;
};
SHAPE(UpdateServiceRequest, cluster, service, desiredCount, taskDefinition,
      capacityProviderStrategy, deploymentConfiguration, availabilityZoneRebalancing,
      networkConfiguration, placementConstraints, placementStrategy, platformVersion,
      forceNewDeployment, healthCheckGracePeriodSeconds, deploymentController, enableExecuteCommand,
      enableECSManagedTags, loadBalancers, propagateTags, serviceRegistries,
      serviceConnectConfiguration, volumeConfigurations, vpcLatticeConfigurations);
struct UpdateServiceResponse {
  Service service;
};
SHAPE(UpdateServiceResponse, service);
// The same members twice give the same service, but each forceNewDeployment starts a deployment.
inline constexpr Operation<UpdateServiceRequest, UpdateServiceResponse> UpdateService{
    .service = kEcs,
    .name = "UpdateService",
    .repeat = Repeat::kIdempotent,
    .is_once = [](const UpdateServiceRequest& r) { return r.forceNewDeployment.value_or(false); }};

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServices.html
struct ListServicesRequest {
  std::string cluster;
  std::string nextToken;
  std::optional<int> maxResults;  // at most 100; ECS's default is 10
  std::string launchType;
  std::string schedulingStrategy;
};
SHAPE(ListServicesRequest, cluster, nextToken, maxResults, launchType, schedulingStrategy);
struct ListServicesResponse {
  std::vector<std::string> serviceArns;
  std::string nextToken;
};
SHAPE(ListServicesResponse, serviceArns, nextToken);
inline constexpr Operation<ListServicesRequest, ListServicesResponse> ListServices{
    .service = kEcs,
    .name = "ListServices",
    .repeat = Repeat::kRead,
    .page_request = &ListServicesRequest::nextToken,
    .page_response = &ListServicesResponse::nextToken};

// ---- Service deployments and revisions ----

struct CreatedAt {
  std::optional<TimePoint> before;
  std::optional<TimePoint> after;
};
SHAPE(CreatedAt, before, after);

// Newest first, kept 90 days.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html
struct ListServiceDeploymentsRequest {
  std::string service;
  std::string cluster;
  std::vector<std::string> status;
  std::optional<CreatedAt> createdAt;
  std::string nextToken;
  std::optional<int> maxResults;
};
SHAPE(ListServiceDeploymentsRequest, service, cluster, status, createdAt, nextToken, maxResults);
struct ListServiceDeploymentsResponse {
  std::vector<ServiceDeploymentBrief> serviceDeployments;
  std::string nextToken;
};
SHAPE(ListServiceDeploymentsResponse, serviceDeployments, nextToken);
inline constexpr Operation<ListServiceDeploymentsRequest, ListServiceDeploymentsResponse>
    ListServiceDeployments{.service = kEcs,
                           .name = "ListServiceDeployments",
                           .repeat = Repeat::kRead,
                           .page_request = &ListServiceDeploymentsRequest::nextToken,
                           .page_response = &ListServiceDeploymentsResponse::nextToken};

// At most 20.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceDeployments.html
struct DescribeServiceDeploymentsRequest {
  std::vector<std::string> serviceDeploymentArns;
};
SHAPE(DescribeServiceDeploymentsRequest, serviceDeploymentArns);
struct DescribeServiceDeploymentsResponse {
  std::vector<ServiceDeployment> serviceDeployments;
  std::vector<Failure> failures;
};
SHAPE(DescribeServiceDeploymentsResponse, serviceDeployments, failures);
inline constexpr Operation<DescribeServiceDeploymentsRequest, DescribeServiceDeploymentsResponse>
    DescribeServiceDeployments{kEcs, "DescribeServiceDeployments", Repeat::kRead};

// At most 20.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceRevisions.html
struct DescribeServiceRevisionsRequest {
  std::vector<std::string> serviceRevisionArns;
};
SHAPE(DescribeServiceRevisionsRequest, serviceRevisionArns);
struct DescribeServiceRevisionsResponse {
  std::vector<ServiceRevision> serviceRevisions;
  std::vector<Failure> failures;
};
SHAPE(DescribeServiceRevisionsResponse, serviceRevisions, failures);
inline constexpr Operation<DescribeServiceRevisionsRequest, DescribeServiceRevisionsResponse>
    DescribeServiceRevisions{kEcs, "DescribeServiceRevisions", Repeat::kRead};

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopServiceDeployment.html
struct StopServiceDeploymentRequest {
  std::string serviceDeploymentArn;
  std::string stopType;  // ROLLBACK when empty
};
SHAPE(StopServiceDeploymentRequest, serviceDeploymentArn, stopType);
struct StopServiceDeploymentResponse {
  std::string serviceDeploymentArn;
};
SHAPE(StopServiceDeploymentResponse, serviceDeploymentArn);
inline constexpr Operation<StopServiceDeploymentRequest, StopServiceDeploymentResponse>
    StopServiceDeployment{kEcs, "StopServiceDeployment", Repeat::kIdempotent};

// For a deployment that waits at a pause hook. A second copy is refused, because the hook has been
// answered by then.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContinueServiceDeployment.html
struct ContinueServiceDeploymentRequest {
  std::string serviceDeploymentArn;
  std::string hookId;
  std::string action;  // CONTINUE when empty, or ROLLBACK
};
SHAPE(ContinueServiceDeploymentRequest, serviceDeploymentArn, hookId, action);
struct ContinueServiceDeploymentResponse {
  std::string serviceDeploymentArn;
};
SHAPE(ContinueServiceDeploymentResponse, serviceDeploymentArn);
inline constexpr Operation<ContinueServiceDeploymentRequest, ContinueServiceDeploymentResponse>
    ContinueServiceDeployment{kEcs, "ContinueServiceDeployment", Repeat::kOnce};

// ---- Task definitions: documents, carried whole ----

// `taskDefinition` is a family (its latest ACTIVE revision), family:revision or ARN.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html
struct DescribeTaskDefinitionRequest {
  std::string taskDefinition;
  std::vector<std::string> include;  // TAGS
};
SHAPE(DescribeTaskDefinitionRequest, taskDefinition, include);
struct DescribeTaskDefinitionResponse {
  Json taskDefinition;
  Json tags;
};
SHAPE(DescribeTaskDefinitionResponse, taskDefinition, tags);
inline constexpr Operation<DescribeTaskDefinitionRequest, DescribeTaskDefinitionResponse>
    DescribeTaskDefinition{kEcs, "DescribeTaskDefinition", Repeat::kRead};

// The request is the document itself, with `tags` beside `family`. Each call makes a revision.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
struct RegisterTaskDefinitionResponse {
  Json taskDefinition;
  Json tags;
};
SHAPE(RegisterTaskDefinitionResponse, taskDefinition, tags);
inline constexpr Operation<Json, RegisterTaskDefinitionResponse> RegisterTaskDefinition{
    kEcs, "RegisterTaskDefinition", Repeat::kOnce};

// Needs a revision: family:revision or ARN.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html
struct DeregisterTaskDefinitionRequest {
  std::string taskDefinition;
};
SHAPE(DeregisterTaskDefinitionRequest, taskDefinition);
struct DeregisterTaskDefinitionResponse {
  Json taskDefinition;
};
SHAPE(DeregisterTaskDefinitionResponse, taskDefinition);
inline constexpr Operation<DeregisterTaskDefinitionRequest, DeregisterTaskDefinitionResponse>
    DeregisterTaskDefinition{kEcs, "DeregisterTaskDefinition", Repeat::kIdempotent};

// At most 10, each INACTIVE and with its revision; others come back as failures.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteTaskDefinitions.html
struct DeleteTaskDefinitionsRequest {
  std::vector<std::string> taskDefinitions;
};
SHAPE(DeleteTaskDefinitionsRequest, taskDefinitions);
struct DeleteTaskDefinitionsResponse {
  Json taskDefinitions;
  std::vector<Failure> failures;
};
SHAPE(DeleteTaskDefinitionsResponse, taskDefinitions, failures);
inline constexpr Operation<DeleteTaskDefinitionsRequest, DeleteTaskDefinitionsResponse>
    DeleteTaskDefinitions{kEcs, "DeleteTaskDefinitions", Repeat::kIdempotent};

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTaskDefinitions.html
struct ListTaskDefinitionsRequest {
  std::string familyPrefix;  // the whole family name in today's service
  std::string status;        // ACTIVE when empty
  std::string sort;          // ASC when empty
  std::string nextToken;
  std::optional<int> maxResults;
};
SHAPE(ListTaskDefinitionsRequest, familyPrefix, status, sort, nextToken, maxResults);
struct ListTaskDefinitionsResponse {
  std::vector<std::string> taskDefinitionArns;
  std::string nextToken;
};
SHAPE(ListTaskDefinitionsResponse, taskDefinitionArns, nextToken);
inline constexpr Operation<ListTaskDefinitionsRequest, ListTaskDefinitionsResponse>
    ListTaskDefinitions{.service = kEcs,
                        .name = "ListTaskDefinitions",
                        .repeat = Repeat::kRead,
                        .page_request = &ListTaskDefinitionsRequest::nextToken,
                        .page_response = &ListTaskDefinitionsResponse::nextToken};

// ---- Tasks ----

// A run that places nothing is still answered with 200: look at `failures`.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
struct RunTaskRequest {
  Json capacityProviderStrategy;
  std::string cluster;
  std::optional<int> count;  // 1 to 10; 1 when absent
  std::optional<bool> enableECSManagedTags;
  std::optional<bool> enableExecuteCommand;
  std::string group;
  std::string launchType;
  Json networkConfiguration;
  Json overrides;
  Json placementConstraints;
  Json placementStrategy;
  std::string platformVersion;
  std::string propagateTags;
  std::string referenceId;
  std::string startedBy;
  Json tags;
  std::string taskDefinition;
  std::string clientToken;  // filled in when empty
  Json volumeConfigurations;
};
SHAPE(RunTaskRequest, capacityProviderStrategy, cluster, count, enableECSManagedTags,
      enableExecuteCommand, group, launchType, networkConfiguration, overrides,
      placementConstraints, placementStrategy, platformVersion, propagateTags, referenceId,
      startedBy, tags, taskDefinition, clientToken, volumeConfigurations);
struct RunTaskResponse {
  std::vector<Task> tasks;
  std::vector<Failure> failures;
};
SHAPE(RunTaskResponse, tasks, failures);
inline constexpr Operation<RunTaskRequest, RunTaskResponse> RunTask{
    .service = kEcs,
    .name = "RunTask",
    .repeat = Repeat::kToken,
    .token = &RunTaskRequest::clientToken};

// At most 100; unknown ones are failures.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
struct DescribeTasksRequest {
  std::string cluster;
  std::vector<std::string> tasks;
  std::vector<std::string> include;
};
SHAPE(DescribeTasksRequest, cluster, tasks, include);
struct DescribeTasksResponse {
  std::vector<Task> tasks;
  std::vector<Failure> failures;
};
SHAPE(DescribeTasksResponse, tasks, failures);
inline constexpr Operation<DescribeTasksRequest, DescribeTasksResponse> DescribeTasks{
    kEcs, "DescribeTasks", Repeat::kRead};

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html
struct StopTaskRequest {
  std::string cluster;
  std::string task;
  std::string reason;
};
SHAPE(StopTaskRequest, cluster, task, reason);
struct StopTaskResponse {
  Task task;
};
SHAPE(StopTaskResponse, task);
inline constexpr Operation<StopTaskRequest, StopTaskResponse> StopTask{kEcs, "StopTask",
                                                                       Repeat::kIdempotent};

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
struct ListTasksRequest {
  std::string cluster;
  std::string containerInstance;
  std::string family;
  std::string nextToken;
  std::optional<int> maxResults;
  std::string startedBy;  // excludes every other filter but desiredStatus
  std::string serviceName;
  std::string desiredStatus;  // RUNNING when empty
  std::string launchType;
};
SHAPE(ListTasksRequest, cluster, containerInstance, family, nextToken, maxResults, startedBy,
      serviceName, desiredStatus, launchType);
struct ListTasksResponse {
  std::vector<std::string> taskArns;
  std::string nextToken;
};
SHAPE(ListTasksResponse, taskArns, nextToken);
inline constexpr Operation<ListTasksRequest, ListTasksResponse> ListTasks{
    .service = kEcs,
    .name = "ListTasks",
    .repeat = Repeat::kRead,
    .page_request = &ListTasksRequest::nextToken,
    .page_response = &ListTasksResponse::nextToken};

// ---- Clusters ----

// At most 100; never ClusterNotFoundException, unknown ones are failures.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeClusters.html
struct DescribeClustersRequest {
  std::vector<std::string> clusters;
  std::vector<std::string> include;
};
SHAPE(DescribeClustersRequest, clusters, include);
struct DescribeClustersResponse {
  std::vector<Cluster> clusters;
  std::vector<Failure> failures;
};
SHAPE(DescribeClustersResponse, clusters, failures);
inline constexpr Operation<DescribeClustersRequest, DescribeClustersResponse> DescribeClusters{
    kEcs, "DescribeClusters", Repeat::kRead};

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListClusters.html
struct ListClustersRequest {
  std::string nextToken;
  std::optional<int> maxResults;
};
SHAPE(ListClustersRequest, nextToken, maxResults);
struct ListClustersResponse {
  std::vector<std::string> clusterArns;
  std::string nextToken;
};
SHAPE(ListClustersResponse, clusterArns, nextToken);
inline constexpr Operation<ListClustersRequest, ListClustersResponse> ListClusters{
    .service = kEcs,
    .name = "ListClusters",
    .repeat = Repeat::kRead,
    .page_request = &ListClustersRequest::nextToken,
    .page_response = &ListClustersResponse::nextToken};

}  // namespace slipway::aws
