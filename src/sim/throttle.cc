#include "sim/throttle.h"

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::sim {
namespace {

struct Row {
  std::string_view bucket;
  BucketRate rate;
  std::string_view operations;  // separated by spaces
  std::string_view service = "ecs";
};

constexpr std::string_view kFargateLaunch = "fargate-launch";

constexpr std::array kRows = {
    Row{"cluster-modify",
        {20, 1},
        "CreateCluster UpdateCluster UpdateClusterSettings DeleteCluster "
        "PutClusterCapacityProviders"},
    Row{"cluster-read", {50, 20}, "DescribeClusters ListClusters"},
    Row{"task-definition-modify", {20, 1}, "RegisterTaskDefinition DeregisterTaskDefinition"},
    Row{"task-definition-delete", {5, 1}, "DeleteTaskDefinitions"},
    Row{"task-definition-read",
        {50, 20},
        "DescribeTaskDefinition ListTaskDefinitions ListTaskDefinitionFamilies"},
    Row{"capacity-provider-modify",
        {10, 1},
        "CreateCapacityProvider UpdateCapacityProvider DeleteCapacityProvider"},
    Row{"capacity-provider-read", {50, 20}, "DescribeCapacityProviders"},
    Row{"service-modify",
        {50, 5},
        "CreateService UpdateService DeleteService CreateTaskSet UpdateTaskSet DeleteTaskSet "
        "UpdateServicePrimaryTaskSet StopServiceDeployment ContinueServiceDeployment"},
    Row{"service-read", {100, 20}, "DescribeServices ListServices DescribeTaskSets"},
    Row{"namespace-read", {10, 1}, "ListServicesByNamespace"},
    Row{"service-deployment-read", {50, 20}, "DescribeServiceDeployments ListServiceDeployments"},
    Row{"service-revision-read", {50, 20}, "DescribeServiceRevisions"},
    Row{"task-modify",
        {100, 40},
        "RunTask StartTask StopTask ExecuteCommand PutAttributes DeleteAttributes "
        "UpdateContainerInstancesState UpdateContainerAgent RegisterContainerInstance "
        "DeregisterContainerInstance"},
    Row{"task-read",
        {100, 20},
        "DescribeTasks ListTasks DescribeContainerInstances ListContainerInstances "
        "ListAttributes"},
    Row{"task-protection", {200, 80}, "GetTaskProtection UpdateTaskProtection"},
    Row{"tag-modify", {20, 10}, "TagResource UntagResource"},
    Row{"tag-read", {50, 20}, "ListTagsForResource"},
    Row{"settings-modify",
        {10, 1},
        "PutAccountSetting PutAccountSettingDefault DeleteAccountSetting"},
    Row{"settings-read", {50, 20}, "ListAccountSettings"},
    Row{"agent",
        {200, 120},
        "SubmitTaskStateChange SubmitContainerStateChange SubmitAttachmentStateChanges "
        "DiscoverPollEndpoint"},
    Row{kFargateLaunch, {100, 20}, ""},
    // What is known is about ten reads in a second; AWS documents none of these.
    Row{"stack-modify",
        {10, 5},
        "CreateChangeSet CreateStack DeleteChangeSet DeleteStack ExecuteChangeSet UpdateStack",
        "cloudformation"},
    Row{"stack-read",
        {20, 10},
        "DescribeChangeSet DescribeStackEvents DescribeStackResource DescribeStackResources "
        "DescribeStacks GetTemplate ListChangeSets ListStackResources ListStacks",
        "cloudformation"},
    Row{"event-rules",
        {50, 50},
        "DeleteRule DescribeRule DisableRule EnableRule ListRuleNamesByTarget ListRules "
        "ListTagsForResource ListTargetsByRule PutRule PutTargets RemoveTargets TagResource "
        "UntagResource",
        "events"},
    Row{"schedule-modify", {50, 50}, "CreateSchedule DeleteSchedule UpdateSchedule", "scheduler"},
    Row{"schedule-read", {50, 50}, "GetSchedule ListSchedules", "scheduler"},
    Row{"schedule-group-modify", {10, 10}, "CreateScheduleGroup DeleteScheduleGroup", "scheduler"},
    Row{"schedule-group-read", {10, 10}, "GetScheduleGroup ListScheduleGroups", "scheduler"},
    Row{"publish", {300, 300}, "Publish", "sns"},
    Row{"topic-modify", {30, 30}, "CreateTopic DeleteTopic", "sns"},
    Row{"topic-read", {30, 30}, "GetTopicAttributes ListTopics", "sns"},
    Row{"subscription-modify", {100, 100}, "Subscribe Unsubscribe", "sns"},
    Row{"subscription-read", {30, 30}, "ListSubscriptionsByTopic", "sns"},
    Row{"log-group-modify", {10, 10}, "CreateLogGroup DeleteLogGroup", "logs"},
    Row{"log-group-read", {10, 10}, "DescribeLogGroups", "logs"},
    Row{"log-stream-modify", {50, 50}, "CreateLogStream DeleteLogStream", "logs"},
    Row{"log-stream-read", {25, 25}, "DescribeLogStreams", "logs"},
    Row{"log-write", {800, 800}, "PutLogEvents", "logs"},
    Row{"log-read", {25, 25}, "GetLogEvents", "logs"},
    Row{"log-search", {5, 5}, "FilterLogEvents", "logs"},
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/api-throttling.html
    Row{"load-balancer-read",
        {40, 10},
        "DescribeListenerCertificates DescribeListeners DescribeLoadBalancerAttributes "
        "DescribeLoadBalancers DescribeRules DescribeTags DescribeTargetGroupAttributes "
        "DescribeTargetGroups DescribeTargetHealth",
        "elasticloadbalancing"},
    Row{"load-balancer-modify",
        {20, 3},
        "AddListenerCertificates AddTags CreateListener CreateRule CreateTargetGroup "
        "DeleteListener DeleteRule DeleteTargetGroup ModifyListener ModifyLoadBalancerAttributes "
        "ModifyRule ModifyTargetGroup ModifyTargetGroupAttributes RemoveListenerCertificates "
        "RemoveTags SetRulePriorities",
        "elasticloadbalancing"},
    Row{"load-balancer-create",
        {10, 0.2},
        "CreateLoadBalancer DeleteLoadBalancer",
        "elasticloadbalancing"},
    Row{"target-registration",
        {20, 4},
        "DeregisterTargets RegisterTargets",
        "elasticloadbalancing"},
    // All of Route 53 shares five requests a second.
    Row{"dns",
        {5, 5},
        "AssociateVPCWithHostedZone ChangeResourceRecordSets CreateHealthCheck CreateHostedZone "
        "DeleteHostedZone GetChange GetHealthCheck GetHealthCheckStatus GetHostedZone "
        "ListHostedZones ListHostedZonesByName ListHostedZonesByVPC ListResourceRecordSets "
        "ListTagsForResource TestDNSAnswer",
        "route53"},
    Row{"parameter-read", {40, 40}, "GetParameter GetParameters", "ssm"},
    Row{"parameter-modify", {3, 3}, "PutParameter", "ssm"},
    Row{"metric-read", {50, 50}, "GetMetricData GetMetricStatistics ListMetrics", "cloudwatch"},
    Row{"metric-write", {500, 500}, "PutMetricData", "cloudwatch"},
    Row{"alarm-read", {9, 9}, "DescribeAlarms", "cloudwatch"},
    Row{"alarm-modify", {3, 3}, "DeleteAlarms PutMetricAlarm SetAlarmState", "cloudwatch"},
};

bool has_word(std::string_view words, std::string_view wanted) {
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == wanted) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

}  // namespace

std::vector<std::string> bucket_names() {
  std::vector<std::string> names;
  for (const Row& row : kRows) names.emplace_back(row.bucket);
  return names;
}

BucketRate documented_rate(std::string_view bucket) {
  for (const Row& row : kRows)
    if (row.bucket == bucket) return row.rate;
  return {};
}

std::string_view bucket_of(std::string_view service, std::string_view operation) {
  for (const Row& row : kRows)
    if (row.service == service && has_word(row.operations, operation)) return row.bucket;
  return {};
}

Throttle::Bucket& Throttle::filled(std::string_view name, TimePoint now) {
  auto found = buckets_.find(name);
  if (found == buckets_.end()) {
    const auto changed = settings_.overrides.find(std::string(name));
    const BucketRate rate =
        changed != settings_.overrides.end() ? changed->second : documented_rate(name);
    found = buckets_.emplace(name, Bucket{rate, rate.burst, now}).first;
  }
  Bucket& bucket = found->second;
  // A clock shifted backwards must not take tokens away.
  if (now > bucket.filled_at) {
    const double seconds = std::chrono::duration<double>(now - bucket.filled_at).count();
    bucket.tokens = std::min(bucket.rate.burst, bucket.tokens + seconds * bucket.rate.per_second);
    bucket.filled_at = now;
  }
  return bucket;
}

bool Throttle::admit(std::string_view service, std::string_view operation, int fargate_tasks,
                     TimePoint now) {
  if (!settings_.enabled) return true;
  const std::string_view name = bucket_of(service, operation);
  if (name.empty()) return true;

  // Sums of many small refills end a hair below a whole token.
  constexpr double kNearlyOne = 1 - 1e-9;
  Bucket& calls = filled(name, now);
  if (calls.tokens < kNearlyOne) return false;
  if (fargate_tasks > 0) {
    Bucket& launches = filled(kFargateLaunch, now);
    if (launches.tokens < fargate_tasks - 1e-9) return false;
    launches.tokens -= fargate_tasks;
  }
  calls.tokens -= 1;
  return true;
}

}  // namespace slipway::sim
