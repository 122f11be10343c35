// Every operation of ecs.h and sts.h, for tests that hold each of them against something.
#pragma once

#include "aws/ecs.h"
#include "aws/sts.h"

#include <tuple>

namespace slipway::aws {

inline constexpr auto kAllOperations =
    std::tie(DescribeServices, UpdateService, ListServices, ListServiceDeployments,
             DescribeServiceDeployments, DescribeServiceRevisions, StopServiceDeployment,
             DescribeTaskDefinition, RegisterTaskDefinition, DeregisterTaskDefinition,
             ListTaskDefinitions, RunTask, DescribeTasks, StopTask, ListTasks, DescribeClusters,
             ListClusters, GetCallerIdentity, AssumeRole, AssumeRoleWithWebIdentity);

// visit(operation) for each.
template <class Visit>
void for_each_operation(Visit visit) {
  std::apply([&](const auto&... operation) { (visit(operation), ...); }, kAllOperations);
}

}  // namespace slipway::aws
