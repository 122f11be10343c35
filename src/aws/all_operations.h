// Every operation that has shapes, for tests that hold each of them against something.
#pragma once

#include "aws/acm.h"
#include "aws/autoscaling.h"
#include "aws/cloudformation.h"
#include "aws/cloudwatch.h"
#include "aws/codedeploy.h"
#include "aws/dynamodb.h"
#include "aws/ec2.h"
#include "aws/ecr.h"
#include "aws/ecs.h"
#include "aws/ecs_task_sets.h"
#include "aws/elbv2.h"
#include "aws/events.h"
#include "aws/iam.h"
#include "aws/kms.h"
#include "aws/logs.h"
#include "aws/route53.h"
#include "aws/scheduler.h"
#include "aws/secretsmanager.h"
#include "aws/sns.h"
#include "aws/ssm.h"
#include "aws/sts.h"

#include <tuple>

namespace slipway::aws {

inline constexpr auto kAllOperations = std::tie(
    DescribeServices, UpdateService, ListServices, ListServiceDeployments,
    DescribeServiceDeployments, DescribeServiceRevisions, StopServiceDeployment,
    ContinueServiceDeployment, DescribeTaskDefinition, RegisterTaskDefinition,
    DeregisterTaskDefinition, DeleteTaskDefinitions, ListTaskDefinitions, RunTask, DescribeTasks,
    StopTask, ListTasks, CreateTaskSet, UpdateTaskSet, UpdateServicePrimaryTaskSet, DeleteTaskSet,
    DescribeTaskSets, DescribeClusters, ListClusters, PutRule, DescribeRule, ListRules, EnableRule,
    DisableRule, DeleteRule, PutTargets, RemoveTargets, ListTargetsByRule, ListRuleNamesByTarget,
    CreateLogGroup, DeleteLogGroup, DescribeLogGroups, CreateLogStream, DescribeLogStreams,
    PutLogEvents, GetLogEvents, FilterLogEvents, CreateSchedule, GetSchedule, UpdateSchedule,
    DeleteSchedule, ListSchedules, CreateScheduleGroup, GetScheduleGroup, ListScheduleGroups,
    CreateTopic, DeleteTopic, GetTopicAttributes, ListTopics, Publish, Subscribe, Unsubscribe,
    ListSubscriptionsByTopic, GetCallerIdentity, AssumeRole, AssumeRoleWithWebIdentity,
    acm::ListCertificates, acm::DescribeCertificate, autoscaling::RegisterScalableTarget,
    autoscaling::DescribeScalableTargets, autoscaling::DeregisterScalableTarget,
    autoscaling::PutScalingPolicy, autoscaling::DescribeScalingPolicies,
    autoscaling::DeleteScalingPolicy, autoscaling::DescribeScalingActivities,
    cloudformation::CreateStack, cloudformation::UpdateStack, cloudformation::DeleteStack,
    cloudformation::DescribeStacks, cloudformation::ListStacks, cloudformation::DescribeStackEvents,
    cloudformation::ListStackResources, cloudformation::DescribeStackResources,
    cloudformation::DescribeStackResource, cloudformation::GetTemplate,
    cloudformation::ValidateTemplate, cloudformation::ListExports, cloudwatch::DescribeAlarms,
    cloudwatch::PutMetricAlarm, cloudwatch::SetAlarmState, cloudwatch::DeleteAlarms,
    cloudwatch::GetMetricData, cloudwatch::GetMetricStatistics, cloudwatch::PutMetricData,
    cloudwatch::ListMetrics, codedeploy::CreateApplication, codedeploy::GetApplication,
    codedeploy::ListApplications, codedeploy::GetApplicationRevision,
    codedeploy::CreateDeploymentGroup, codedeploy::GetDeploymentGroup,
    codedeploy::ListDeploymentGroups, codedeploy::BatchGetDeploymentGroups,
    codedeploy::GetDeploymentConfig, codedeploy::ListDeploymentConfigs,
    codedeploy::CreateDeployment, codedeploy::GetDeployment, codedeploy::StopDeployment,
    codedeploy::ContinueDeployment, codedeploy::ListDeployments, codedeploy::ListDeploymentTargets,
    codedeploy::BatchGetDeploymentTargets, dynamodb::CreateTable, dynamodb::DescribeTable,
    dynamodb::ListTables, dynamodb::DeleteTable, dynamodb::GetItem, dynamodb::PutItem,
    dynamodb::UpdateItem, dynamodb::DeleteItem, dynamodb::Query, dynamodb::Scan, ec2::DescribeVpcs,
    ecr::DescribeRepositories, ecr::DescribeImages, ecr::BatchGetImage, elbv2::CreateLoadBalancer,
    elbv2::DeleteLoadBalancer, elbv2::DescribeLoadBalancers, elbv2::DescribeLoadBalancerAttributes,
    elbv2::ModifyLoadBalancerAttributes, elbv2::CreateTargetGroup, elbv2::ModifyTargetGroup,
    elbv2::DeleteTargetGroup, elbv2::DescribeTargetGroups, elbv2::DescribeTargetGroupAttributes,
    elbv2::ModifyTargetGroupAttributes, elbv2::RegisterTargets, elbv2::DeregisterTargets,
    elbv2::DescribeTargetHealth, elbv2::CreateListener, elbv2::ModifyListener,
    elbv2::DeleteListener, elbv2::DescribeListeners, elbv2::AddListenerCertificates,
    elbv2::RemoveListenerCertificates, elbv2::DescribeListenerCertificates, elbv2::CreateRule,
    elbv2::ModifyRule, elbv2::DeleteRule, elbv2::DescribeRules, elbv2::SetRulePriorities,
    elbv2::AddTags, elbv2::RemoveTags, elbv2::DescribeTags, iam::CreateRole, iam::GetRole,
    iam::DeleteRole, iam::PutRolePolicy, iam::GetRolePolicy, iam::DeleteRolePolicy,
    iam::ListRolePolicies, iam::AttachRolePolicy, iam::DetachRolePolicy,
    iam::ListAttachedRolePolicies, iam::SimulatePrincipalPolicy, iam::CreateServiceLinkedRole,
    kms::DescribeKey, route53::CreateHostedZone, route53::DeleteHostedZone, route53::GetHostedZone,
    route53::ListHostedZones, route53::ListHostedZonesByName, route53::ListHostedZonesByVPC,
    route53::AssociateVPCWithHostedZone, route53::ListResourceRecordSets,
    route53::ChangeResourceRecordSets, route53::GetChange, secretsmanager::DescribeSecret,
    secretsmanager::GetSecretValue, secretsmanager::CreateSecret, secretsmanager::ListSecrets,
    ssm::GetParameter, ssm::GetParameters, ssm::PutParameter);

// visit(operation) for each.
template <class Visit>
void for_each_operation(Visit visit) {
  std::apply([&](const auto&... operation) { (visit(operation), ...); }, kAllOperations);
}

}  // namespace slipway::aws
