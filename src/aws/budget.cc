#include "aws/budget.h"

#include <algorithm>
#include <cmath>
#include <deque>

namespace slipway::aws {
namespace {

constexpr BudgetCategory kClusterChanges{"cluster changes", 20, 1};
constexpr BudgetCategory kClusterReads{"cluster reads", 50, 20};
constexpr BudgetCategory kTaskDefinitionChanges{"task definition changes", 20, 1};
constexpr BudgetCategory kTaskDefinitionReads{"task definition reads", 50, 20};
constexpr BudgetCategory kTaskDefinitionDeletions{"task definition deletions", 5, 1};
constexpr BudgetCategory kCapacityProviderChanges{"capacity provider changes", 10, 1};
constexpr BudgetCategory kCapacityProviderReads{"capacity provider reads", 50, 20};
constexpr BudgetCategory kServiceChanges{"service changes", 50, 5};
constexpr BudgetCategory kServiceReads{"service reads", 100, 20};
constexpr BudgetCategory kServicesByNamespace{"services by namespace", 10, 1};
constexpr BudgetCategory kServiceDeploymentReads{"service deployment reads", 50, 20};
constexpr BudgetCategory kServiceRevisionReads{"service revision reads", 50, 20};
constexpr BudgetCategory kTaskChanges{"task changes", 100, 40};
constexpr BudgetCategory kTaskReads{"task reads", 100, 20};
constexpr BudgetCategory kTaskProtection{"task protection", 200, 80};
constexpr BudgetCategory kTagChanges{"tag changes", 20, 10};
constexpr BudgetCategory kTagReads{"tag reads", 50, 20};
constexpr BudgetCategory kSettingChanges{"setting changes", 10, 1};
constexpr BudgetCategory kSettingReads{"setting reads", 50, 20};
// EventBridge counts all its calls but PutEvents together.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
constexpr BudgetCategory kRuleCalls{"event rules", 50, 50};
// The defaults of the smallest regions.
// https://docs.aws.amazon.com/general/latest/gr/eventbridgescheduler.html
constexpr BudgetCategory kScheduleChanges{"schedule changes", 50, 50};
constexpr BudgetCategory kScheduleReads{"schedule reads", 50, 50};
constexpr BudgetCategory kScheduleGroupChanges{"schedule group changes", 10, 10};
constexpr BudgetCategory kScheduleGroupReads{"schedule group reads", 10, 10};
// https://docs.aws.amazon.com/general/latest/gr/sns.html
constexpr BudgetCategory kPublishing{"publishing", 300, 300};
constexpr BudgetCategory kTopicChanges{"topic changes", 30, 30};
constexpr BudgetCategory kTopicReads{"topic reads", 30, 30};
constexpr BudgetCategory kSubscriptionChanges{"subscription changes", 100, 100};
constexpr BudgetCategory kSubscriptionReads{"subscription reads", 30, 30};
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
constexpr BudgetCategory kLogGroupChanges{"log group changes", 10, 10};
constexpr BudgetCategory kLogGroupReads{"log group reads", 10, 10};
constexpr BudgetCategory kLogStreamChanges{"log stream changes", 50, 50};
constexpr BudgetCategory kLogStreamReads{"log stream reads", 25, 25};
constexpr BudgetCategory kLogWriting{"log writing", 800, 800};
constexpr BudgetCategory kLogEventReads{"log event reads", 25, 25};
constexpr BudgetCategory kLogSearchReads{"log search reads", 5, 5};
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
constexpr BudgetCategory kDnsCalls{"DNS", 5, 5};
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
constexpr BudgetCategory kAlarmChanges{"alarm changes", 3, 3};
constexpr BudgetCategory kAlarmReads{"alarm reads", 9, 9};
constexpr BudgetCategory kMetricReads{"metric reads", 50, 50};
// https://docs.aws.amazon.com/general/latest/gr/ssm.html
constexpr BudgetCategory kParameterReads{"parameter reads", 40, 40};
// STS and whatever AWS documents no number for: generous, but no storm.
constexpr BudgetCategory kOther{"other", 100, 20};

struct Row {
  std::string_view service;
  std::string_view operation;  // empty: all of the service
  const BudgetCategory& category;
};

constexpr Row kRows[] = {
    {"ecs", "CreateCluster", kClusterChanges},
    {"ecs", "DeleteCluster", kClusterChanges},
    {"ecs", "PutClusterCapacityProviders", kClusterChanges},
    {"ecs", "UpdateCluster", kClusterChanges},
    {"ecs", "UpdateClusterSettings", kClusterChanges},
    {"ecs", "DescribeClusters", kClusterReads},
    {"ecs", "ListClusters", kClusterReads},
    {"ecs", "DeregisterTaskDefinition", kTaskDefinitionChanges},
    {"ecs", "RegisterTaskDefinition", kTaskDefinitionChanges},
    {"ecs", "DescribeTaskDefinition", kTaskDefinitionReads},
    {"ecs", "ListTaskDefinitionFamilies", kTaskDefinitionReads},
    {"ecs", "ListTaskDefinitions", kTaskDefinitionReads},
    {"ecs", "DeleteTaskDefinitions", kTaskDefinitionDeletions},
    {"ecs", "CreateCapacityProvider", kCapacityProviderChanges},
    {"ecs", "DeleteCapacityProvider", kCapacityProviderChanges},
    {"ecs", "UpdateCapacityProvider", kCapacityProviderChanges},
    {"ecs", "DescribeCapacityProviders", kCapacityProviderReads},
    {"ecs", "CreateService", kServiceChanges},
    {"ecs", "DeleteService", kServiceChanges},
    {"ecs", "UpdateService", kServiceChanges},
    // Not in AWS's table; counted with what they change.
    {"ecs", "ContinueServiceDeployment", kServiceChanges},
    {"ecs", "StopServiceDeployment", kServiceChanges},
    {"ecs", "CreateTaskSet", kServiceChanges},
    {"ecs", "DeleteTaskSet", kServiceChanges},
    {"ecs", "UpdateServicePrimaryTaskSet", kServiceChanges},
    {"ecs", "UpdateTaskSet", kServiceChanges},
    {"ecs", "DescribeServices", kServiceReads},
    {"ecs", "DescribeTaskSets", kServiceReads},
    {"ecs", "ListServices", kServiceReads},
    {"ecs", "ListServicesByNamespace", kServicesByNamespace},
    {"ecs", "DescribeServiceDeployments", kServiceDeploymentReads},
    {"ecs", "ListServiceDeployments", kServiceDeploymentReads},
    {"ecs", "DescribeServiceRevisions", kServiceRevisionReads},
    {"ecs", "DeleteAttributes", kTaskChanges},
    {"ecs", "DeregisterContainerInstance", kTaskChanges},
    {"ecs", "ExecuteCommand", kTaskChanges},
    {"ecs", "PutAttributes", kTaskChanges},
    {"ecs", "RegisterContainerInstance", kTaskChanges},
    {"ecs", "RunTask", kTaskChanges},
    {"ecs", "StartTask", kTaskChanges},
    {"ecs", "StopTask", kTaskChanges},
    {"ecs", "UpdateContainerInstancesState", kTaskChanges},
    {"ecs", "DescribeContainerInstances", kTaskReads},
    {"ecs", "DescribeTasks", kTaskReads},
    {"ecs", "ListAttributes", kTaskReads},
    {"ecs", "ListContainerInstances", kTaskReads},
    {"ecs", "ListTasks", kTaskReads},
    {"ecs", "GetTaskProtection", kTaskProtection},
    {"ecs", "UpdateTaskProtection", kTaskProtection},
    {"ecs", "TagResource", kTagChanges},
    {"ecs", "UntagResource", kTagChanges},
    {"ecs", "ListTagsForResource", kTagReads},
    {"ecs", "DeleteAccountSetting", kSettingChanges},
    {"ecs", "PutAccountSetting", kSettingChanges},
    {"ecs", "PutAccountSettingDefault", kSettingChanges},
    {"ecs", "ListAccountSettings", kSettingReads},
    {"events", "DeleteRule", kRuleCalls},
    {"events", "DescribeRule", kRuleCalls},
    {"events", "DisableRule", kRuleCalls},
    {"events", "EnableRule", kRuleCalls},
    {"events", "ListRuleNamesByTarget", kRuleCalls},
    {"events", "ListRules", kRuleCalls},
    {"events", "ListTagsForResource", kRuleCalls},
    {"events", "ListTargetsByRule", kRuleCalls},
    {"events", "PutRule", kRuleCalls},
    {"events", "PutTargets", kRuleCalls},
    {"events", "RemoveTargets", kRuleCalls},
    {"events", "TagResource", kRuleCalls},
    {"events", "UntagResource", kRuleCalls},
    {"scheduler", "CreateSchedule", kScheduleChanges},
    {"scheduler", "DeleteSchedule", kScheduleChanges},
    {"scheduler", "UpdateSchedule", kScheduleChanges},
    {"scheduler", "GetSchedule", kScheduleReads},
    {"scheduler", "ListSchedules", kScheduleReads},
    {"scheduler", "CreateScheduleGroup", kScheduleGroupChanges},
    {"scheduler", "DeleteScheduleGroup", kScheduleGroupChanges},
    {"scheduler", "GetScheduleGroup", kScheduleGroupReads},
    {"scheduler", "ListScheduleGroups", kScheduleGroupReads},
    {"sns", "Publish", kPublishing},
    {"sns", "CreateTopic", kTopicChanges},
    {"sns", "DeleteTopic", kTopicChanges},
    {"sns", "GetTopicAttributes", kTopicReads},
    {"sns", "ListTopics", kTopicReads},
    {"sns", "Subscribe", kSubscriptionChanges},
    {"sns", "Unsubscribe", kSubscriptionChanges},
    {"sns", "ListSubscriptionsByTopic", kSubscriptionReads},
    {"logs", "CreateLogGroup", kLogGroupChanges},
    {"logs", "DeleteLogGroup", kLogGroupChanges},
    {"logs", "DescribeLogGroups", kLogGroupReads},
    {"logs", "CreateLogStream", kLogStreamChanges},
    {"logs", "DeleteLogStream", kLogStreamChanges},
    {"logs", "DescribeLogStreams", kLogStreamReads},
    {"logs", "PutLogEvents", kLogWriting},
    {"logs", "GetLogEvents", kLogEventReads},
    {"logs", "FilterLogEvents", kLogSearchReads},
    {"route53", "", kDnsCalls},
    {"cloudwatch", "DeleteAlarms", kAlarmChanges},
    {"cloudwatch", "PutMetricAlarm", kAlarmChanges},
    {"cloudwatch", "SetAlarmState", kAlarmChanges},
    {"cloudwatch", "DescribeAlarms", kAlarmReads},
    {"cloudwatch", "GetMetricData", kMetricReads},
    {"cloudwatch", "GetMetricStatistics", kMetricReads},
    {"cloudwatch", "ListMetrics", kMetricReads},
    {"ssm", "GetParameter", kParameterReads},
    {"ssm", "GetParameters", kParameterReads},
};

// A refusal halves the rate, down to an eighth; every call that passes afterwards gives back three
// hundredths of the documented rate.
constexpr double kSlowdown = 0.5;
constexpr double kSlowestShare = 0.125;
constexpr double kRecoveryShare = 0.03;

constexpr double kRoundingSlack = 1e-6;  // of a token

}  // namespace

const BudgetCategory& budget_category(std::string_view service, std::string_view operation) {
  for (const Row& row : kRows)
    if (row.service == service && (row.operation.empty() || row.operation == operation))
      return row.category;
  return kOther;
}

struct Budget::Bucket {
  const BudgetCategory& category;
  const double capacity = std::max(1.0, category.burst - 1);  // one is kept back, see the header
  double tokens = capacity;
  double per_second = category.per_second;
  TimePoint filled_at;
  TimePoint slowed_at = TimePoint::min();
  std::uint64_t next_ticket = 0;
  std::deque<std::uint64_t> waiting;  // tickets, in the order of asking
  Count count;

  void fill(TimePoint now) {
    const std::chrono::duration<double> passed = now - filled_at;
    tokens = std::min(capacity, tokens + passed.count() * per_second);
    filled_at = now;
  }
};

Budget::Budget(Clock& clock) : clock_(clock) {}
Budget::~Budget() = default;

Budget::Bucket& Budget::bucket(std::string_view region, const BudgetCategory& category) {
  auto& place = buckets_[{std::string(region), category.name}];
  if (place == nullptr)
    place.reset(new Bucket{.category = category,
                           .filled_at = clock_.now(),
                           .count = {.region = std::string(region), .category = category.name}});
  return *place;
}

Result<Budget::Place> Budget::take(std::string_view region, const BudgetCategory& category) {
  Bucket& bucket = this->bucket(region, category);
  const TimePoint asked_at = clock_.now();
  const std::uint64_t ticket = bucket.next_ticket++;
  bucket.waiting.push_back(ticket);
  for (;;) {
    const TimePoint now = clock_.now();
    bucket.fill(now);
    const auto place = std::ranges::lower_bound(bucket.waiting, ticket);
    // Whoever asked before still finds theirs.
    const double needed = static_cast<double>(place - bucket.waiting.begin()) + 1;
    if (bucket.tokens + kRoundingSlack >= needed) {
      bucket.tokens -= 1;
      bucket.waiting.erase(place);
      ++bucket.count.calls;
      bucket.count.waited += now - asked_at;
      return Place{.since = now, .waited = now - asked_at};
    }
    const double seconds = (needed - bucket.tokens) / bucket.per_second;
    // Those ahead may give up and the rate may change: a long wait is looked at again half way.
    const double nap = std::min(seconds, std::max(1.0, seconds / 2));
    const auto slept = clock_.sleep_for(Duration(static_cast<std::int64_t>(std::ceil(nap * 1e6))));
    if (!slept) {
      bucket.waiting.erase(std::ranges::lower_bound(bucket.waiting, ticket));
      return slept.error();
    }
  }
}

void Budget::passed(std::string_view region, const BudgetCategory& category) {
  Bucket& bucket = this->bucket(region, category);
  if (bucket.per_second >= category.per_second) return;
  bucket.fill(clock_.now());
  bucket.per_second =
      std::min(category.per_second, bucket.per_second + kRecoveryShare * category.per_second);
}

void Budget::throttled(std::string_view region, const BudgetCategory& category,
                       const Place& place) {
  Bucket& bucket = this->bucket(region, category);
  ++bucket.count.throttled;
  // A dozen calls sent together and refused together are one lesson.
  if (place.since <= bucket.slowed_at) return;
  bucket.fill(clock_.now());
  bucket.slowed_at = clock_.now();
  bucket.tokens = 0;
  bucket.per_second = std::max(bucket.per_second * kSlowdown, category.per_second * kSlowestShare);
}

std::vector<Budget::Count> Budget::counts() const {
  std::vector<Count> all;
  for (const auto& [key, bucket] : buckets_) all.push_back(bucket->count);
  return all;
}

}  // namespace slipway::aws
