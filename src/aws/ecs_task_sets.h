// Amazon ECS: task sets, which services with the EXTERNAL deployment controller are made of, and
// which CodeDeploy makes. shapes_test.cc holds the shapes against models/ecs.json.
#pragma once

#include "aws/ecs.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway::aws {

// A share of the service's desiredCount.
struct Scale {
  std::optional<double> value;  // 0 to 100
  std::string unit;             // "PERCENT"
  bool operator==(const Scale&) const = default;
};
SHAPE(Scale, value, unit);

struct TaskSet {
  std::string id;  // "ecs-svc/0123456789012345678"
  std::string taskSetArn;
  std::string serviceArn;
  std::string clusterArn;
  std::string startedBy;  // "CODE_DEPLOY"
  std::string externalId;
  std::string status;  // "PRIMARY", "ACTIVE" or "DRAINING"
  std::string taskDefinition;
  int computedDesiredCount = 0;
  int pendingCount = 0;
  int runningCount = 0;
  TimePoint createdAt{};
  TimePoint updatedAt{};
  std::string launchType;
  Json capacityProviderStrategy;
  std::string platformVersion;
  Json networkConfiguration;
  Json loadBalancers;
  Json serviceRegistries;
  Scale scale;
  std::string stabilityStatus;  // "STEADY_STATE" or "STABILIZING"
  TimePoint stabilityStatusAt{};
  bool operator==(const TaskSet&) const = default;
};
SHAPE(TaskSet, id, taskSetArn, serviceArn, clusterArn, startedBy, externalId, status,
      taskDefinition, computedDesiredCount, pendingCount, runningCount, createdAt, updatedAt,
      launchType, capacityProviderStrategy, platformVersion, networkConfiguration, loadBalancers,
      serviceRegistries, scale, stabilityStatus, stabilityStatusAt);

// With a clientToken a second one is the first.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateTaskSet.html
struct CreateTaskSetRequest {
  std::string service;
  std::string cluster;
  std::string externalId;
  std::string taskDefinition;
  Json networkConfiguration;
  Json loadBalancers;
  Json serviceRegistries;
  std::string launchType;
  Json capacityProviderStrategy;
  std::string platformVersion;
  std::optional<Scale> scale;
  std::string clientToken;
  Json tags;
};
SHAPE(CreateTaskSetRequest, service, cluster, externalId, taskDefinition, networkConfiguration,
      loadBalancers, serviceRegistries, launchType, capacityProviderStrategy, platformVersion,
      scale, clientToken, tags);
struct CreateTaskSetResponse {
  TaskSet taskSet;
};
SHAPE(CreateTaskSetResponse, taskSet);
inline constexpr Operation<CreateTaskSetRequest, CreateTaskSetResponse> CreateTaskSet{
    .service = kEcs,
    .name = "CreateTaskSet",
    .repeat = Repeat::kIdempotent,
    .is_once = [](const CreateTaskSetRequest& r) { return r.clientToken.empty(); }};

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateTaskSet.html
struct UpdateTaskSetRequest {
  std::string cluster;
  std::string service;
  std::string taskSet;
  Scale scale;
};
SHAPE(UpdateTaskSetRequest, cluster, service, taskSet, scale);
struct UpdateTaskSetResponse {
  TaskSet taskSet;
};
SHAPE(UpdateTaskSetResponse, taskSet);
inline constexpr Operation<UpdateTaskSetRequest, UpdateTaskSetResponse> UpdateTaskSet{
    kEcs, "UpdateTaskSet", Repeat::kIdempotent};

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateServicePrimaryTaskSet.html
struct UpdateServicePrimaryTaskSetRequest {
  std::string cluster;
  std::string service;
  std::string primaryTaskSet;
};
SHAPE(UpdateServicePrimaryTaskSetRequest, cluster, service, primaryTaskSet);
struct UpdateServicePrimaryTaskSetResponse {
  TaskSet taskSet;
};
SHAPE(UpdateServicePrimaryTaskSetResponse, taskSet);
inline constexpr Operation<UpdateServicePrimaryTaskSetRequest, UpdateServicePrimaryTaskSetResponse>
    UpdateServicePrimaryTaskSet{kEcs, "UpdateServicePrimaryTaskSet", Repeat::kIdempotent};

// `force` also where its tasks are not scaled down to zero.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteTaskSet.html
struct DeleteTaskSetRequest {
  std::string cluster;
  std::string service;
  std::string taskSet;
  std::optional<bool> force;
};
SHAPE(DeleteTaskSetRequest, cluster, service, taskSet, force);
struct DeleteTaskSetResponse {
  TaskSet taskSet;
};
SHAPE(DeleteTaskSetResponse, taskSet);
inline constexpr Operation<DeleteTaskSetRequest, DeleteTaskSetResponse> DeleteTaskSet{
    kEcs, "DeleteTaskSet", Repeat::kIdempotent};

// Without taskSets: all of the service. Unknown ones are failures.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskSets.html
struct DescribeTaskSetsRequest {
  std::string cluster;
  std::string service;
  std::vector<std::string> taskSets;
  std::vector<std::string> include;  // "TAGS"
};
SHAPE(DescribeTaskSetsRequest, cluster, service, taskSets, include);
struct DescribeTaskSetsResponse {
  std::vector<TaskSet> taskSets;
  std::vector<Failure> failures;
};
SHAPE(DescribeTaskSetsResponse, taskSets, failures);
inline constexpr Operation<DescribeTaskSetsRequest, DescribeTaskSetsResponse> DescribeTaskSets{
    kEcs, "DescribeTaskSets", Repeat::kRead};

}  // namespace slipway::aws
