// Amazon EventBridge: rules and their targets. A target is carried as the document AWS gave,
// because PutTargets replaces the whole target of that Id: what is left out is gone. PutRule
// replaces the rule's settings in the same way. shapes_test.cc holds the shapes against
// models/events.json.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"
#include "base/json.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::aws {

namespace RuleState {
inline constexpr std::string_view kEnabled = "ENABLED";
inline constexpr std::string_view kDisabled = "DISABLED";
inline constexpr std::string_view kEnabledWithAllCloudTrailManagementEvents =
    "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
}  // namespace RuleState

// An empty EventBusName is the account's default bus, everywhere below.

struct Rule {
  std::string Name;
  std::string Arn;
  std::string EventPattern;
  std::string State;
  std::string Description;
  std::string ScheduleExpression;
  std::string RoleArn;
  std::string ManagedBy;  // an AWS service that alone may change the rule
  std::string EventBusName;
  bool operator==(const Rule&) const = default;
};
SHAPE(Rule, Name, Arn, EventPattern, State, Description, ScheduleExpression, RoleArn, ManagedBy,
      EventBusName);

// What is left out is reset: no description, no role, ENABLED. Tags are only looked at when the
// rule is new.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
struct PutRuleRequest {
  std::string Name;
  std::string ScheduleExpression;
  std::string EventPattern;
  std::string State;
  std::optional<std::string> Description;
  std::string RoleArn;
  Json Tags;
  std::string EventBusName;
};
SHAPE(PutRuleRequest, Name, ScheduleExpression, EventPattern, State, Description, RoleArn, Tags,
      EventBusName);
struct PutRuleResponse {
  std::string RuleArn;
};
SHAPE(PutRuleResponse, RuleArn);
inline constexpr Operation<PutRuleRequest, PutRuleResponse> PutRule{kEvents, "PutRule",
                                                                    Repeat::kIdempotent};

// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeRule.html
struct DescribeRuleRequest {
  std::string Name;
  std::string EventBusName;
};
SHAPE(DescribeRuleRequest, Name, EventBusName);
struct DescribeRuleResponse {
  std::string Name;
  std::string Arn;
  std::string EventPattern;
  std::string ScheduleExpression;
  std::string State;
  std::string Description;
  std::string RoleArn;
  std::string ManagedBy;
  std::string EventBusName;
  std::string CreatedBy;
};
SHAPE(DescribeRuleResponse, Name, Arn, EventPattern, ScheduleExpression, State, Description,
      RoleArn, ManagedBy, EventBusName, CreatedBy);
inline constexpr Operation<DescribeRuleRequest, DescribeRuleResponse> DescribeRule{
    kEvents, "DescribeRule", Repeat::kRead};

// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html
struct ListRulesRequest {
  std::string NamePrefix;
  std::string EventBusName;
  std::string NextToken;
  std::optional<int> Limit;  // 1 to 100
};
SHAPE(ListRulesRequest, NamePrefix, EventBusName, NextToken, Limit);
struct ListRulesResponse {
  std::vector<Rule> Rules;
  std::string NextToken;
};
SHAPE(ListRulesResponse, Rules, NextToken);
inline constexpr Operation<ListRulesRequest, ListRulesResponse> ListRules{
    .service = kEvents,
    .name = "ListRules",
    .repeat = Repeat::kRead,
    .page_request = &ListRulesRequest::NextToken,
    .page_response = &ListRulesResponse::NextToken};

// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EnableRule.html
struct EnableRuleRequest {
  std::string Name;
  std::string EventBusName;
};
SHAPE(EnableRuleRequest, Name, EventBusName);
inline constexpr Operation<EnableRuleRequest, NoAnswer> EnableRule{kEvents, "EnableRule",
                                                                   Repeat::kIdempotent};

// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DisableRule.html
struct DisableRuleRequest {
  std::string Name;
  std::string EventBusName;
};
SHAPE(DisableRuleRequest, Name, EventBusName);
inline constexpr Operation<DisableRuleRequest, NoAnswer> DisableRule{kEvents, "DisableRule",
                                                                     Repeat::kIdempotent};

// Refused while the rule has targets. A rule that does not exist is deleted without a word.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html
struct DeleteRuleRequest {
  std::string Name;
  std::string EventBusName;
  std::optional<bool> Force;  // needed for a managed rule
};
SHAPE(DeleteRuleRequest, Name, EventBusName, Force);
inline constexpr Operation<DeleteRuleRequest, NoAnswer> DeleteRule{kEvents, "DeleteRule",
                                                                   Repeat::kIdempotent};

// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTargetsByRule.html
struct ListTargetsByRuleRequest {
  std::string Rule;
  std::string EventBusName;
  std::string NextToken;
  std::optional<int> Limit;  // 1 to 100
};
SHAPE(ListTargetsByRuleRequest, Rule, EventBusName, NextToken, Limit);
struct ListTargetsByRuleResponse {
  std::vector<Json> Targets;
  std::string NextToken;
};
SHAPE(ListTargetsByRuleResponse, Targets, NextToken);
inline constexpr Operation<ListTargetsByRuleRequest, ListTargetsByRuleResponse> ListTargetsByRule{
    .service = kEvents,
    .name = "ListTargetsByRule",
    .repeat = Repeat::kRead,
    .page_request = &ListTargetsByRuleRequest::NextToken,
    .page_response = &ListTargetsByRuleResponse::NextToken};

struct PutTargetsResultEntry {
  std::string TargetId;
  std::string ErrorCode;
  std::string ErrorMessage;
  bool operator==(const PutTargetsResultEntry&) const = default;
};
SHAPE(PutTargetsResultEntry, TargetId, ErrorCode, ErrorMessage);

// At most 10 targets in a call. Status 200 does not say that all were put: FailedEntries does.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html
struct PutTargetsRequest {
  std::string Rule;
  std::string EventBusName;
  std::vector<Json> Targets;
};
SHAPE(PutTargetsRequest, Rule, EventBusName, Targets);
struct PutTargetsResponse {
  int FailedEntryCount = 0;
  std::vector<PutTargetsResultEntry> FailedEntries;
};
SHAPE(PutTargetsResponse, FailedEntryCount, FailedEntries);
inline constexpr Operation<PutTargetsRequest, PutTargetsResponse> PutTargets{kEvents, "PutTargets",
                                                                             Repeat::kIdempotent};
inline constexpr int kMostTargetsInACall = 10;  // of PutTargets and of RemoveTargets

struct RemoveTargetsResultEntry {
  std::string TargetId;
  std::string ErrorCode;
  std::string ErrorMessage;
  bool operator==(const RemoveTargetsResultEntry&) const = default;
};
SHAPE(RemoveTargetsResultEntry, TargetId, ErrorCode, ErrorMessage);

// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemoveTargets.html
struct RemoveTargetsRequest {
  std::string Rule;
  std::string EventBusName;
  std::vector<std::string> Ids;
  std::optional<bool> Force;  // needed for a managed rule
};
SHAPE(RemoveTargetsRequest, Rule, EventBusName, Ids, Force);
struct RemoveTargetsResponse {
  int FailedEntryCount = 0;
  std::vector<RemoveTargetsResultEntry> FailedEntries;
};
SHAPE(RemoveTargetsResponse, FailedEntryCount, FailedEntries);
inline constexpr Operation<RemoveTargetsRequest, RemoveTargetsResponse> RemoveTargets{
    kEvents, "RemoveTargets", Repeat::kIdempotent};

// Compares the target's Arn: for a task that is the cluster's, not the task definition's.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRuleNamesByTarget.html
struct ListRuleNamesByTargetRequest {
  std::string TargetArn;
  std::string EventBusName;
  std::string NextToken;
  std::optional<int> Limit;  // 1 to 100
};
SHAPE(ListRuleNamesByTargetRequest, TargetArn, EventBusName, NextToken, Limit);
struct ListRuleNamesByTargetResponse {
  std::vector<std::string> RuleNames;
  std::string NextToken;
};
SHAPE(ListRuleNamesByTargetResponse, RuleNames, NextToken);
inline constexpr Operation<ListRuleNamesByTargetRequest, ListRuleNamesByTargetResponse>
    ListRuleNamesByTarget{.service = kEvents,
                          .name = "ListRuleNamesByTarget",
                          .repeat = Repeat::kRead,
                          .page_request = &ListRuleNamesByTargetRequest::NextToken,
                          .page_response = &ListRuleNamesByTargetResponse::NextToken};

}  // namespace slipway::aws
