// Every operation that has shapes, for tests that hold each of them against something.
#pragma once

#include "aws/ecs.h"
#include "aws/events.h"
#include "aws/logs.h"
#include "aws/scheduler.h"
#include "aws/sns.h"
#include "aws/sts.h"

#include <tuple>

namespace slipway::aws {

inline constexpr auto kAllOperations = std::tie(
    DescribeServices, UpdateService, ListServices, ListServiceDeployments,
    DescribeServiceDeployments, DescribeServiceRevisions, StopServiceDeployment,
    ContinueServiceDeployment, DescribeTaskDefinition, RegisterTaskDefinition,
    DeregisterTaskDefinition, DeleteTaskDefinitions, ListTaskDefinitions, RunTask, DescribeTasks,
    StopTask, ListTasks, DescribeClusters, ListClusters, PutRule, DescribeRule, ListRules,
    EnableRule, DisableRule, DeleteRule, PutTargets, RemoveTargets, ListTargetsByRule,
    ListRuleNamesByTarget, CreateLogGroup, DeleteLogGroup, DescribeLogGroups, CreateLogStream,
    DescribeLogStreams, PutLogEvents, GetLogEvents, FilterLogEvents, CreateSchedule, GetSchedule,
    UpdateSchedule, DeleteSchedule, ListSchedules, CreateScheduleGroup, GetScheduleGroup,
    ListScheduleGroups, CreateTopic, DeleteTopic, GetTopicAttributes, ListTopics, Publish,
    Subscribe, Unsubscribe, ListSubscriptionsByTopic, GetCallerIdentity, AssumeRole,
    AssumeRoleWithWebIdentity);

// visit(operation) for each.
template <class Visit>
void for_each_operation(Visit visit) {
  std::apply([&](const auto&... operation) { (visit(operation), ...); }, kAllOperations);
}

}  // namespace slipway::aws
