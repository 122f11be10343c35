// Amazon EventBridge Scheduler: schedules, each with one target, in groups. The target is carried
// as the document AWS gave, because UpdateSchedule replaces the whole schedule: what is left out is
// gone. shapes_test.cc holds the shapes against models/scheduler.json.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"
#include "base/json.h"
#include "base/time.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::aws {

namespace ScheduleState {
inline constexpr std::string_view kEnabled = "ENABLED";
inline constexpr std::string_view kDisabled = "DISABLED";
}  // namespace ScheduleState

// An empty GroupName is the group "default", everywhere below but in ListSchedules, where it is all
// groups.

// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
struct CreateScheduleInput {
  std::string Name;
  std::string GroupName;
  std::string ScheduleExpression;
  std::optional<TimePoint> StartDate;
  std::optional<TimePoint> EndDate;
  std::string Description;
  std::string ScheduleExpressionTimezone;
  std::string State;
  std::string KmsKeyArn;
  Json Target;
  Json FlexibleTimeWindow;
  std::string ClientToken;
  std::string ActionAfterCompletion;
};
SHAPE(CreateScheduleInput, Name, GroupName, ScheduleExpression, StartDate, EndDate, Description,
      ScheduleExpressionTimezone, State, KmsKeyArn, Target, FlexibleTimeWindow, ClientToken,
      ActionAfterCompletion);
struct CreateScheduleOutput {
  std::string ScheduleArn;
};
SHAPE(CreateScheduleOutput, ScheduleArn);
inline constexpr Operation<CreateScheduleInput, CreateScheduleOutput> CreateSchedule{
    kScheduler, "CreateSchedule", Repeat::kToken, &CreateScheduleInput::ClientToken};

// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_GetSchedule.html
struct GetScheduleInput {
  std::string GroupName;
  std::string Name;
};
SHAPE(GetScheduleInput, GroupName, Name);
struct GetScheduleOutput {
  std::string Arn;
  std::string GroupName;
  std::string Name;
  std::string ScheduleExpression;
  std::optional<TimePoint> StartDate;
  std::optional<TimePoint> EndDate;
  std::string Description;
  std::string ScheduleExpressionTimezone;
  std::string State;
  std::optional<TimePoint> CreationDate;
  std::optional<TimePoint> LastModificationDate;
  std::string KmsKeyArn;
  Json Target;
  Json FlexibleTimeWindow;
  std::string ActionAfterCompletion;
};
SHAPE(GetScheduleOutput, Arn, GroupName, Name, ScheduleExpression, StartDate, EndDate, Description,
      ScheduleExpressionTimezone, State, CreationDate, LastModificationDate, KmsKeyArn, Target,
      FlexibleTimeWindow, ActionAfterCompletion);
inline constexpr Operation<GetScheduleInput, GetScheduleOutput> GetSchedule{
    kScheduler, "GetSchedule", Repeat::kRead};

// What is left out is reset to what a new schedule has.
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_UpdateSchedule.html
struct UpdateScheduleInput {
  std::string Name;
  std::string GroupName;
  std::string ScheduleExpression;
  std::optional<TimePoint> StartDate;
  std::optional<TimePoint> EndDate;
  std::string Description;
  std::string ScheduleExpressionTimezone;
  std::string State;
  std::string KmsKeyArn;
  Json Target;
  Json FlexibleTimeWindow;
  std::string ClientToken;
  std::string ActionAfterCompletion;
};
SHAPE(UpdateScheduleInput, Name, GroupName, ScheduleExpression, StartDate, EndDate, Description,
      ScheduleExpressionTimezone, State, KmsKeyArn, Target, FlexibleTimeWindow, ClientToken,
      ActionAfterCompletion);
struct UpdateScheduleOutput {
  std::string ScheduleArn;
};
SHAPE(UpdateScheduleOutput, ScheduleArn);
inline constexpr Operation<UpdateScheduleInput, UpdateScheduleOutput> UpdateSchedule{
    kScheduler, "UpdateSchedule", Repeat::kToken, &UpdateScheduleInput::ClientToken};

// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_DeleteSchedule.html
struct DeleteScheduleInput {
  std::string Name;
  std::string GroupName;
  std::string ClientToken;
};
SHAPE(DeleteScheduleInput, Name, GroupName, ClientToken);
struct DeleteScheduleOutput {};
SHAPE(DeleteScheduleOutput);
inline constexpr Operation<DeleteScheduleInput, DeleteScheduleOutput> DeleteSchedule{
    kScheduler, "DeleteSchedule", Repeat::kToken, &DeleteScheduleInput::ClientToken};

struct TargetSummary {
  std::string Arn;
  bool operator==(const TargetSummary&) const = default;
};
SHAPE(TargetSummary, Arn);

// Without expression, role and task definition: GetSchedule has those.
struct ScheduleSummary {
  std::string Arn;
  std::string Name;
  std::string GroupName;
  std::string State;
  std::optional<TimePoint> CreationDate;
  std::optional<TimePoint> LastModificationDate;
  std::optional<TargetSummary> Target;
  bool operator==(const ScheduleSummary&) const = default;
};
SHAPE(ScheduleSummary, Arn, Name, GroupName, State, CreationDate, LastModificationDate, Target);

// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_ListSchedules.html
struct ListSchedulesInput {
  std::string GroupName;  // "ScheduleGroup" on the wire
  std::string NamePrefix;
  std::string State;
  std::string NextToken;
  std::optional<int> MaxResults;  // 1 to 100
};
SHAPE(ListSchedulesInput, GroupName, NamePrefix, State, NextToken, MaxResults);
struct ListSchedulesOutput {
  std::string NextToken;
  std::vector<ScheduleSummary> Schedules;
};
SHAPE(ListSchedulesOutput, NextToken, Schedules);
inline constexpr Operation<ListSchedulesInput, ListSchedulesOutput> ListSchedules{
    .service = kScheduler,
    .name = "ListSchedules",
    .repeat = Repeat::kRead,
    .page_request = &ListSchedulesInput::NextToken,
    .page_response = &ListSchedulesOutput::NextToken};

// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateScheduleGroup.html
struct CreateScheduleGroupInput {
  std::string Name;
  Json Tags;
  std::string ClientToken;
};
SHAPE(CreateScheduleGroupInput, Name, Tags, ClientToken);
struct CreateScheduleGroupOutput {
  std::string ScheduleGroupArn;
};
SHAPE(CreateScheduleGroupOutput, ScheduleGroupArn);
inline constexpr Operation<CreateScheduleGroupInput, CreateScheduleGroupOutput> CreateScheduleGroup{
    kScheduler, "CreateScheduleGroup", Repeat::kToken, &CreateScheduleGroupInput::ClientToken};

// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_GetScheduleGroup.html
struct GetScheduleGroupInput {
  std::string Name;
};
SHAPE(GetScheduleGroupInput, Name);
struct GetScheduleGroupOutput {
  std::string Arn;
  std::string Name;
  std::string State;  // ACTIVE, DELETING
  std::optional<TimePoint> CreationDate;
  std::optional<TimePoint> LastModificationDate;
};
SHAPE(GetScheduleGroupOutput, Arn, Name, State, CreationDate, LastModificationDate);
inline constexpr Operation<GetScheduleGroupInput, GetScheduleGroupOutput> GetScheduleGroup{
    kScheduler, "GetScheduleGroup", Repeat::kRead};

struct ScheduleGroupSummary {
  std::string Arn;
  std::string Name;
  std::string State;
  std::optional<TimePoint> CreationDate;
  std::optional<TimePoint> LastModificationDate;
  bool operator==(const ScheduleGroupSummary&) const = default;
};
SHAPE(ScheduleGroupSummary, Arn, Name, State, CreationDate, LastModificationDate);

// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_ListScheduleGroups.html
struct ListScheduleGroupsInput {
  std::string NamePrefix;
  std::string NextToken;
  std::optional<int> MaxResults;  // 1 to 100
};
SHAPE(ListScheduleGroupsInput, NamePrefix, NextToken, MaxResults);
struct ListScheduleGroupsOutput {
  std::string NextToken;
  std::vector<ScheduleGroupSummary> ScheduleGroups;
};
SHAPE(ListScheduleGroupsOutput, NextToken, ScheduleGroups);
inline constexpr Operation<ListScheduleGroupsInput, ListScheduleGroupsOutput> ListScheduleGroups{
    .service = kScheduler,
    .name = "ListScheduleGroups",
    .repeat = Repeat::kRead,
    .page_request = &ListScheduleGroupsInput::NextToken,
    .page_response = &ListScheduleGroupsOutput::NextToken};

}  // namespace slipway::aws
