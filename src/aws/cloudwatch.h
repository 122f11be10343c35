// Amazon CloudWatch: alarms and metrics. shapes_test.cc holds the shapes against
// models/cloudwatch.json.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"
#include "base/json.h"
#include "base/time.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace slipway::aws::cloudwatch {

struct CompositeAlarm {
  bool ActionsEnabled = false;
  std::string AlarmArn;
  std::string AlarmName;
  std::string AlarmRule;
  std::string StateReason;
  TimePoint StateUpdatedTimestamp{};
  std::string StateValue;
  bool operator==(const CompositeAlarm&) const = default;
};
SHAPE(CompositeAlarm, ActionsEnabled, AlarmArn, AlarmName, AlarmRule, StateReason,
      StateUpdatedTimestamp, StateValue);

struct Dimension {
  std::string Name;
  std::string Value;
  bool operator==(const Dimension&) const = default;
};
SHAPE(Dimension, Name, Value);

struct Metric {
  std::string Namespace;
  std::string MetricName;
  std::vector<Dimension> Dimensions;
  bool operator==(const Metric&) const = default;
};
SHAPE(Metric, Namespace, MetricName, Dimensions);

struct MetricStat {
  cloudwatch::Metric Metric;
  int Period = 0;
  std::string Stat;
  std::string Unit;
  bool operator==(const MetricStat&) const = default;
};
SHAPE(MetricStat, Metric, Period, Stat, Unit);

struct MetricDataQuery {
  std::string Id;
  std::optional<cloudwatch::MetricStat> MetricStat;
  std::string Expression;
  std::string Label;
  std::optional<bool> ReturnData;
  std::optional<int> Period;
  std::string AccountId;
  bool operator==(const MetricDataQuery&) const = default;
};
SHAPE(MetricDataQuery, Id, MetricStat, Expression, Label, ReturnData, Period, AccountId);

struct MetricAlarm {
  std::string AlarmName;
  std::string AlarmArn;
  std::string AlarmDescription;
  TimePoint AlarmConfigurationUpdatedTimestamp{};
  bool ActionsEnabled = false;
  std::vector<std::string> OKActions;
  std::vector<std::string> AlarmActions;
  std::vector<std::string> InsufficientDataActions;
  std::string StateValue;  // "OK", "ALARM" or "INSUFFICIENT_DATA"
  std::string StateReason;
  TimePoint StateUpdatedTimestamp{};
  std::string MetricName;
  std::string Namespace;
  std::string Statistic;
  std::string ExtendedStatistic;
  std::vector<Dimension> Dimensions;
  int Period = 0;
  std::string Unit;
  int EvaluationPeriods = 0;
  int DatapointsToAlarm = 0;
  std::optional<double> Threshold;
  std::string ComparisonOperator;
  std::string TreatMissingData;
  std::string EvaluateLowSampleCountPercentile;
  std::vector<MetricDataQuery> Metrics;
  std::string ThresholdMetricId;
  std::optional<TimePoint> StateTransitionedTimestamp;
  bool operator==(const MetricAlarm&) const = default;
};
SHAPE(MetricAlarm, AlarmName, AlarmArn, AlarmDescription, AlarmConfigurationUpdatedTimestamp,
      ActionsEnabled, OKActions, AlarmActions, InsufficientDataActions, StateValue, StateReason,
      StateUpdatedTimestamp, MetricName, Namespace, Statistic, ExtendedStatistic, Dimensions,
      Period, Unit, EvaluationPeriods, DatapointsToAlarm, Threshold, ComparisonOperator,
      TreatMissingData, EvaluateLowSampleCountPercentile, Metrics, ThresholdMetricId,
      StateTransitionedTimestamp);

// At most 100 names. Unknown ones are simply missing.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
struct DescribeAlarmsInput {
  std::vector<std::string> AlarmNames;
  std::string AlarmNamePrefix;
  std::vector<std::string> AlarmTypes;
  std::string ChildrenOfAlarmName;
  std::string ParentsOfAlarmName;
  std::string StateValue;
  std::string ActionPrefix;
  std::optional<int> MaxRecords;
  std::string NextToken;
  bool operator==(const DescribeAlarmsInput&) const = default;
};
SHAPE(DescribeAlarmsInput, AlarmNames, AlarmNamePrefix, AlarmTypes, ChildrenOfAlarmName,
      ParentsOfAlarmName, StateValue, ActionPrefix, MaxRecords, NextToken);

struct DescribeAlarmsOutput {
  std::vector<CompositeAlarm> CompositeAlarms;
  std::vector<MetricAlarm> MetricAlarms;
  std::string NextToken;
  bool operator==(const DescribeAlarmsOutput&) const = default;
};
SHAPE(DescribeAlarmsOutput, CompositeAlarms, MetricAlarms, NextToken);

inline constexpr Operation<DescribeAlarmsInput, DescribeAlarmsOutput> DescribeAlarms{
    .service = kCloudWatch,
    .name = "DescribeAlarms",
    .repeat = Repeat::kRead,
    .page_request = &DescribeAlarmsInput::NextToken,
    .page_response = &DescribeAlarmsOutput::NextToken};

struct Tag {
  std::string Key;
  std::string Value;
  bool operator==(const Tag&) const = default;
};
SHAPE(Tag, Key, Value);

// Replaces the alarm's settings as a whole; its state stays.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
struct PutMetricAlarmInput {
  std::string AlarmName;
  std::string AlarmDescription;
  std::optional<bool> ActionsEnabled;
  std::vector<std::string> OKActions;
  std::vector<std::string> AlarmActions;
  std::vector<std::string> InsufficientDataActions;
  std::string MetricName;
  std::string Namespace;
  std::string Statistic;
  std::string ExtendedStatistic;
  std::vector<Dimension> Dimensions;
  std::optional<int> Period;
  std::string Unit;
  std::optional<int> EvaluationPeriods;
  std::optional<int> DatapointsToAlarm;
  std::optional<double> Threshold;
  std::string ComparisonOperator;
  std::string TreatMissingData;
  std::string EvaluateLowSampleCountPercentile;
  std::vector<MetricDataQuery> Metrics;
  std::vector<Tag> Tags;
  std::string ThresholdMetricId;
  bool operator==(const PutMetricAlarmInput&) const = default;
};
SHAPE(PutMetricAlarmInput, AlarmName, AlarmDescription, ActionsEnabled, OKActions, AlarmActions,
      InsufficientDataActions, MetricName, Namespace, Statistic, ExtendedStatistic, Dimensions,
      Period, Unit, EvaluationPeriods, DatapointsToAlarm, Threshold, ComparisonOperator,
      TreatMissingData, EvaluateLowSampleCountPercentile, Metrics, Tags, ThresholdMetricId);

inline constexpr Operation<PutMetricAlarmInput, NoAnswer> PutMetricAlarm{
    kCloudWatch, "PutMetricAlarm", Repeat::kIdempotent};

// Until the next evaluation.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
struct SetAlarmStateInput {
  std::string AlarmName;
  std::string StateValue;
  std::string StateReason;
  std::string StateReasonData;
  bool operator==(const SetAlarmStateInput&) const = default;
};
SHAPE(SetAlarmStateInput, AlarmName, StateValue, StateReason, StateReasonData);

inline constexpr Operation<SetAlarmStateInput, NoAnswer> SetAlarmState{kCloudWatch, "SetAlarmState",
                                                                       Repeat::kIdempotent};

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
struct DeleteAlarmsInput {
  std::vector<std::string> AlarmNames;
  bool operator==(const DeleteAlarmsInput&) const = default;
};
SHAPE(DeleteAlarmsInput, AlarmNames);

inline constexpr Operation<DeleteAlarmsInput, NoAnswer> DeleteAlarms{kCloudWatch, "DeleteAlarms",
                                                                     Repeat::kIdempotent};

struct MessageData {
  std::string Code;
  std::string Value;
  bool operator==(const MessageData&) const = default;
};
SHAPE(MessageData, Code, Value);

struct MetricDataResult {
  std::string Id;
  std::string Label;
  std::vector<TimePoint> Timestamps;
  std::vector<double> Values;
  std::string StatusCode;
  std::vector<MessageData> Messages;
  bool operator==(const MetricDataResult&) const = default;
};
SHAPE(MetricDataResult, Id, Label, Timestamps, Values, StatusCode, Messages);

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
struct GetMetricDataInput {
  std::vector<MetricDataQuery> MetricDataQueries;
  TimePoint StartTime{};
  TimePoint EndTime{};
  std::string NextToken;
  std::string ScanBy;
  std::optional<int> MaxDatapoints;
  bool operator==(const GetMetricDataInput&) const = default;
};
SHAPE(GetMetricDataInput, MetricDataQueries, StartTime, EndTime, NextToken, ScanBy, MaxDatapoints);

struct GetMetricDataOutput {
  std::vector<MetricDataResult> MetricDataResults;
  std::string NextToken;
  std::vector<MessageData> Messages;
  bool operator==(const GetMetricDataOutput&) const = default;
};
SHAPE(GetMetricDataOutput, MetricDataResults, NextToken, Messages);

inline constexpr Operation<GetMetricDataInput, GetMetricDataOutput> GetMetricData{
    .service = kCloudWatch,
    .name = "GetMetricData",
    .repeat = Repeat::kRead,
    .page_request = &GetMetricDataInput::NextToken,
    .page_response = &GetMetricDataOutput::NextToken};

struct Datapoint {
  TimePoint Timestamp{};
  double SampleCount = 0;
  double Average = 0;
  double Sum = 0;
  double Minimum = 0;
  double Maximum = 0;
  std::string Unit;
  std::map<std::string, double> ExtendedStatistics;
  bool operator==(const Datapoint&) const = default;
};
SHAPE(Datapoint, Timestamp, SampleCount, Average, Sum, Minimum, Maximum, Unit, ExtendedStatistics);

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
struct GetMetricStatisticsInput {
  std::string Namespace;
  std::string MetricName;
  std::vector<Dimension> Dimensions;
  TimePoint StartTime{};
  TimePoint EndTime{};
  int Period = 0;
  std::vector<std::string> Statistics;
  std::vector<std::string> ExtendedStatistics;
  std::string Unit;
  bool operator==(const GetMetricStatisticsInput&) const = default;
};
SHAPE(GetMetricStatisticsInput, Namespace, MetricName, Dimensions, StartTime, EndTime, Period,
      Statistics, ExtendedStatistics, Unit);

struct GetMetricStatisticsOutput {
  std::string Label;
  std::vector<Datapoint> Datapoints;
  bool operator==(const GetMetricStatisticsOutput&) const = default;
};
SHAPE(GetMetricStatisticsOutput, Label, Datapoints);

inline constexpr Operation<GetMetricStatisticsInput, GetMetricStatisticsOutput> GetMetricStatistics{
    kCloudWatch, "GetMetricStatistics", Repeat::kRead};

struct MetricDatum {
  std::string MetricName;
  std::vector<Dimension> Dimensions;
  std::optional<TimePoint> Timestamp;
  std::optional<double> Value;
  Json StatisticValues;
  std::vector<double> Values;
  std::vector<double> Counts;
  std::string Unit;
  std::optional<int> StorageResolution;
  bool operator==(const MetricDatum&) const = default;
};
SHAPE(MetricDatum, MetricName, Dimensions, Timestamp, Value, StatisticValues, Values, Counts, Unit,
      StorageResolution);

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
struct PutMetricDataInput {
  std::string Namespace;
  std::vector<MetricDatum> MetricData;
  bool operator==(const PutMetricDataInput&) const = default;
};
SHAPE(PutMetricDataInput, Namespace, MetricData);

inline constexpr Operation<PutMetricDataInput, NoAnswer> PutMetricData{kCloudWatch, "PutMetricData",
                                                                       Repeat::kOnce};

struct DimensionFilter {
  std::string Name;
  std::string Value;
  bool operator==(const DimensionFilter&) const = default;
};
SHAPE(DimensionFilter, Name, Value);

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html
struct ListMetricsInput {
  std::string Namespace;
  std::string MetricName;
  std::vector<DimensionFilter> Dimensions;
  std::string NextToken;
  std::string RecentlyActive;
  std::optional<bool> IncludeLinkedAccounts;
  std::string OwningAccount;
  bool operator==(const ListMetricsInput&) const = default;
};
SHAPE(ListMetricsInput, Namespace, MetricName, Dimensions, NextToken, RecentlyActive,
      IncludeLinkedAccounts, OwningAccount);

struct ListMetricsOutput {
  std::vector<Metric> Metrics;
  std::string NextToken;
  std::vector<std::string> OwningAccounts;
  bool operator==(const ListMetricsOutput&) const = default;
};
SHAPE(ListMetricsOutput, Metrics, NextToken, OwningAccounts);

inline constexpr Operation<ListMetricsInput, ListMetricsOutput> ListMetrics{
    .service = kCloudWatch,
    .name = "ListMetrics",
    .repeat = Repeat::kRead,
    .page_request = &ListMetricsInput::NextToken,
    .page_response = &ListMetricsOutput::NextToken};

}  // namespace slipway::aws::cloudwatch
