// AWS CloudFormation: stacks, made from templates, and what happened to their resources.
// shapes_test.cc holds the shapes against models/cloudformation.json.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"
#include "base/json.h"
#include "base/time.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway::aws::cloudformation {

struct Parameter {
  std::string ParameterKey;
  std::string ParameterValue;
  std::optional<bool> UsePreviousValue;
  std::string ResolvedValue;
  bool operator==(const Parameter&) const = default;
};
SHAPE(Parameter, ParameterKey, ParameterValue, UsePreviousValue, ResolvedValue);

struct Tag {
  std::string Key;
  std::string Value;
  bool operator==(const Tag&) const = default;
};
SHAPE(Tag, Key, Value);

// With a ClientRequestToken a second one is the first; without, it is AlreadyExistsException.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
struct CreateStackInput {
  std::string StackName;
  std::string TemplateBody;
  std::string TemplateURL;
  std::vector<Parameter> Parameters;
  std::optional<bool> DisableRollback;
  Json RollbackConfiguration;
  std::optional<int> TimeoutInMinutes;
  std::vector<std::string> NotificationARNs;
  std::vector<std::string> Capabilities;
  std::vector<std::string> ResourceTypes;
  std::string RoleARN;
  std::string OnFailure;  // "ROLLBACK" (the default), "DO_NOTHING" or "DELETE"
  std::string StackPolicyBody;
  std::string StackPolicyURL;
  std::vector<Tag> Tags;
  std::string ClientRequestToken;
  std::optional<bool> EnableTerminationProtection;
  std::optional<bool> RetainExceptOnCreate;
  bool operator==(const CreateStackInput&) const = default;
};
SHAPE(CreateStackInput, StackName, TemplateBody, TemplateURL, Parameters, DisableRollback,
      RollbackConfiguration, TimeoutInMinutes, NotificationARNs, Capabilities, ResourceTypes,
      RoleARN, OnFailure, StackPolicyBody, StackPolicyURL, Tags, ClientRequestToken,
      EnableTerminationProtection, RetainExceptOnCreate);

struct CreateStackOutput {
  std::string StackId;
  bool operator==(const CreateStackOutput&) const = default;
};
SHAPE(CreateStackOutput, StackId);

inline constexpr Operation<CreateStackInput, CreateStackOutput> CreateStack{
    .service = kCloudFormation,
    .name = "CreateStack",
    .repeat = Repeat::kIdempotent,
    .is_once = [](const CreateStackInput& r) { return r.ClientRequestToken.empty(); }};

// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html
struct UpdateStackInput {
  std::string StackName;
  std::string TemplateBody;
  std::string TemplateURL;
  std::optional<bool> UsePreviousTemplate;
  std::string StackPolicyDuringUpdateBody;
  std::string StackPolicyDuringUpdateURL;
  std::vector<Parameter> Parameters;
  std::vector<std::string> Capabilities;
  std::vector<std::string> ResourceTypes;
  std::string RoleARN;
  Json RollbackConfiguration;
  std::string StackPolicyBody;
  std::string StackPolicyURL;
  std::vector<std::string> NotificationARNs;
  std::vector<Tag> Tags;
  std::optional<bool> DisableRollback;
  std::string ClientRequestToken;
  std::optional<bool> RetainExceptOnCreate;
  bool operator==(const UpdateStackInput&) const = default;
};
SHAPE(UpdateStackInput, StackName, TemplateBody, TemplateURL, UsePreviousTemplate,
      StackPolicyDuringUpdateBody, StackPolicyDuringUpdateURL, Parameters, Capabilities,
      ResourceTypes, RoleARN, RollbackConfiguration, StackPolicyBody, StackPolicyURL,
      NotificationARNs, Tags, DisableRollback, ClientRequestToken, RetainExceptOnCreate);

struct UpdateStackOutput {
  std::string StackId;
  bool operator==(const UpdateStackOutput&) const = default;
};
SHAPE(UpdateStackOutput, StackId);

inline constexpr Operation<UpdateStackInput, UpdateStackOutput> UpdateStack{
    .service = kCloudFormation,
    .name = "UpdateStack",
    .repeat = Repeat::kIdempotent,
    .is_once = [](const UpdateStackInput& r) { return r.ClientRequestToken.empty(); }};

// A stack that does not exist is no error.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
struct DeleteStackInput {
  std::string StackName;
  std::vector<std::string> RetainResources;
  std::string RoleARN;
  std::string ClientRequestToken;
  std::string DeletionMode;
  bool operator==(const DeleteStackInput&) const = default;
};
SHAPE(DeleteStackInput, StackName, RetainResources, RoleARN, ClientRequestToken, DeletionMode);

inline constexpr Operation<DeleteStackInput, NoAnswer> DeleteStack{kCloudFormation, "DeleteStack",
                                                                   Repeat::kIdempotent};

struct Output {
  std::string OutputKey;
  std::string OutputValue;
  std::string Description;
  std::string ExportName;
  bool operator==(const Output&) const = default;
};
SHAPE(Output, OutputKey, OutputValue, Description, ExportName);

struct Stack {
  std::string StackId;
  std::string StackName;
  std::string ChangeSetId;
  std::string Description;
  std::vector<Parameter> Parameters;
  TimePoint CreationTime{};
  std::optional<TimePoint> DeletionTime;
  std::optional<TimePoint> LastUpdatedTime;
  Json RollbackConfiguration;
  std::string StackStatus;
  std::string StackStatusReason;
  bool DisableRollback = false;
  std::vector<std::string> NotificationARNs;
  int TimeoutInMinutes = 0;
  std::vector<std::string> Capabilities;
  std::vector<Output> Outputs;
  std::string RoleARN;
  std::vector<Tag> Tags;
  bool EnableTerminationProtection = false;
  std::string ParentId;
  std::string RootId;
  bool operator==(const Stack&) const = default;
};
SHAPE(Stack, StackId, StackName, ChangeSetId, Description, Parameters, CreationTime, DeletionTime,
      LastUpdatedTime, RollbackConfiguration, StackStatus, StackStatusReason, DisableRollback,
      NotificationARNs, TimeoutInMinutes, Capabilities, Outputs, RoleARN, Tags,
      EnableTerminationProtection, ParentId, RootId);

// Deleted stacks only by their id. An unknown one is ValidationError.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
struct DescribeStacksInput {
  std::string StackName;
  std::string NextToken;
  bool operator==(const DescribeStacksInput&) const = default;
};
SHAPE(DescribeStacksInput, StackName, NextToken);

struct DescribeStacksOutput {
  std::vector<Stack> Stacks;
  std::string NextToken;
  bool operator==(const DescribeStacksOutput&) const = default;
};
SHAPE(DescribeStacksOutput, Stacks, NextToken);

inline constexpr Operation<DescribeStacksInput, DescribeStacksOutput> DescribeStacks{
    .service = kCloudFormation,
    .name = "DescribeStacks",
    .repeat = Repeat::kRead,
    .page_request = &DescribeStacksInput::NextToken,
    .page_response = &DescribeStacksOutput::NextToken};

struct StackSummary {
  std::string StackId;
  std::string StackName;
  std::string TemplateDescription;
  TimePoint CreationTime{};
  std::optional<TimePoint> LastUpdatedTime;
  std::optional<TimePoint> DeletionTime;
  std::string StackStatus;
  std::string StackStatusReason;
  std::string ParentId;
  std::string RootId;
  bool operator==(const StackSummary&) const = default;
};
SHAPE(StackSummary, StackId, StackName, TemplateDescription, CreationTime, LastUpdatedTime,
      DeletionTime, StackStatus, StackStatusReason, ParentId, RootId);

// Deleted ones too, for 90 days.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html
struct ListStacksInput {
  std::string NextToken;
  std::vector<std::string> StackStatusFilter;
  bool operator==(const ListStacksInput&) const = default;
};
SHAPE(ListStacksInput, NextToken, StackStatusFilter);

struct ListStacksOutput {
  std::vector<StackSummary> StackSummaries;
  std::string NextToken;
  bool operator==(const ListStacksOutput&) const = default;
};
SHAPE(ListStacksOutput, StackSummaries, NextToken);

inline constexpr Operation<ListStacksInput, ListStacksOutput> ListStacks{
    .service = kCloudFormation,
    .name = "ListStacks",
    .repeat = Repeat::kRead,
    .page_request = &ListStacksInput::NextToken,
    .page_response = &ListStacksOutput::NextToken};

struct StackEvent {
  std::string StackId;
  std::string EventId;
  std::string StackName;
  std::string LogicalResourceId;
  std::string PhysicalResourceId;
  std::string ResourceType;
  TimePoint Timestamp{};
  std::string ResourceStatus;
  std::string ResourceStatusReason;
  std::string ResourceProperties;
  std::string ClientRequestToken;
  bool operator==(const StackEvent&) const = default;
};
SHAPE(StackEvent, StackId, EventId, StackName, LogicalResourceId, PhysicalResourceId, ResourceType,
      Timestamp, ResourceStatus, ResourceStatusReason, ResourceProperties, ClientRequestToken);

// The newest first.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
struct DescribeStackEventsInput {
  std::string StackName;
  std::string NextToken;
  bool operator==(const DescribeStackEventsInput&) const = default;
};
SHAPE(DescribeStackEventsInput, StackName, NextToken);

struct DescribeStackEventsOutput {
  std::vector<StackEvent> StackEvents;
  std::string NextToken;
  bool operator==(const DescribeStackEventsOutput&) const = default;
};
SHAPE(DescribeStackEventsOutput, StackEvents, NextToken);

inline constexpr Operation<DescribeStackEventsInput, DescribeStackEventsOutput> DescribeStackEvents{
    .service = kCloudFormation,
    .name = "DescribeStackEvents",
    .repeat = Repeat::kRead,
    .page_request = &DescribeStackEventsInput::NextToken,
    .page_response = &DescribeStackEventsOutput::NextToken};

struct StackResourceSummary {
  std::string LogicalResourceId;
  std::string PhysicalResourceId;
  std::string ResourceType;
  TimePoint LastUpdatedTimestamp{};
  std::string ResourceStatus;
  std::string ResourceStatusReason;
  bool operator==(const StackResourceSummary&) const = default;
};
SHAPE(StackResourceSummary, LogicalResourceId, PhysicalResourceId, ResourceType,
      LastUpdatedTimestamp, ResourceStatus, ResourceStatusReason);

// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html
struct ListStackResourcesInput {
  std::string StackName;
  std::string NextToken;
  bool operator==(const ListStackResourcesInput&) const = default;
};
SHAPE(ListStackResourcesInput, StackName, NextToken);

struct ListStackResourcesOutput {
  std::vector<StackResourceSummary> StackResourceSummaries;
  std::string NextToken;
  bool operator==(const ListStackResourcesOutput&) const = default;
};
SHAPE(ListStackResourcesOutput, StackResourceSummaries, NextToken);

inline constexpr Operation<ListStackResourcesInput, ListStackResourcesOutput> ListStackResources{
    .service = kCloudFormation,
    .name = "ListStackResources",
    .repeat = Repeat::kRead,
    .page_request = &ListStackResourcesInput::NextToken,
    .page_response = &ListStackResourcesOutput::NextToken};

struct StackResource {
  std::string StackName;
  std::string StackId;
  std::string LogicalResourceId;
  std::string PhysicalResourceId;
  std::string ResourceType;
  TimePoint Timestamp{};
  std::string ResourceStatus;
  std::string ResourceStatusReason;
  std::string Description;
  bool operator==(const StackResource&) const = default;
};
SHAPE(StackResource, StackName, StackId, LogicalResourceId, PhysicalResourceId, ResourceType,
      Timestamp, ResourceStatus, ResourceStatusReason, Description);

// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
struct DescribeStackResourcesInput {
  std::string StackName;
  std::string LogicalResourceId;
  std::string PhysicalResourceId;
  bool operator==(const DescribeStackResourcesInput&) const = default;
};
SHAPE(DescribeStackResourcesInput, StackName, LogicalResourceId, PhysicalResourceId);

struct DescribeStackResourcesOutput {
  std::vector<StackResource> StackResources;
  bool operator==(const DescribeStackResourcesOutput&) const = default;
};
SHAPE(DescribeStackResourcesOutput, StackResources);

inline constexpr Operation<DescribeStackResourcesInput, DescribeStackResourcesOutput>
    DescribeStackResources{kCloudFormation, "DescribeStackResources", Repeat::kRead};

struct StackResourceDetail {
  std::string StackName;
  std::string StackId;
  std::string LogicalResourceId;
  std::string PhysicalResourceId;
  std::string ResourceType;
  TimePoint LastUpdatedTimestamp{};
  std::string ResourceStatus;
  std::string ResourceStatusReason;
  std::string Description;
  std::string Metadata;
  bool operator==(const StackResourceDetail&) const = default;
};
SHAPE(StackResourceDetail, StackName, StackId, LogicalResourceId, PhysicalResourceId, ResourceType,
      LastUpdatedTimestamp, ResourceStatus, ResourceStatusReason, Description, Metadata);

// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResource.html
struct DescribeStackResourceInput {
  std::string StackName;
  std::string LogicalResourceId;
  bool operator==(const DescribeStackResourceInput&) const = default;
};
SHAPE(DescribeStackResourceInput, StackName, LogicalResourceId);

struct DescribeStackResourceOutput {
  cloudformation::StackResourceDetail StackResourceDetail;
  bool operator==(const DescribeStackResourceOutput&) const = default;
};
SHAPE(DescribeStackResourceOutput, StackResourceDetail);

inline constexpr Operation<DescribeStackResourceInput, DescribeStackResourceOutput>
    DescribeStackResource{kCloudFormation, "DescribeStackResource", Repeat::kRead};

// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html
struct GetTemplateInput {
  std::string StackName;
  std::string ChangeSetName;
  std::string TemplateStage;
  bool operator==(const GetTemplateInput&) const = default;
};
SHAPE(GetTemplateInput, StackName, ChangeSetName, TemplateStage);

struct GetTemplateOutput {
  std::string TemplateBody;
  std::vector<std::string> StagesAvailable;
  bool operator==(const GetTemplateOutput&) const = default;
};
SHAPE(GetTemplateOutput, TemplateBody, StagesAvailable);

inline constexpr Operation<GetTemplateInput, GetTemplateOutput> GetTemplate{
    kCloudFormation, "GetTemplate", Repeat::kRead};

struct TemplateParameter {
  std::string ParameterKey;
  std::string DefaultValue;
  bool NoEcho = false;
  std::string Description;
  bool operator==(const TemplateParameter&) const = default;
};
SHAPE(TemplateParameter, ParameterKey, DefaultValue, NoEcho, Description);

// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ValidateTemplate.html
struct ValidateTemplateInput {
  std::string TemplateBody;
  std::string TemplateURL;
  bool operator==(const ValidateTemplateInput&) const = default;
};
SHAPE(ValidateTemplateInput, TemplateBody, TemplateURL);

struct ValidateTemplateOutput {
  std::vector<TemplateParameter> Parameters;
  std::string Description;
  std::vector<std::string> Capabilities;
  std::string CapabilitiesReason;
  std::vector<std::string> DeclaredTransforms;
  bool operator==(const ValidateTemplateOutput&) const = default;
};
SHAPE(ValidateTemplateOutput, Parameters, Description, Capabilities, CapabilitiesReason,
      DeclaredTransforms);

inline constexpr Operation<ValidateTemplateInput, ValidateTemplateOutput> ValidateTemplate{
    kCloudFormation, "ValidateTemplate", Repeat::kRead};

struct Export {
  std::string ExportingStackId;
  std::string Name;
  std::string Value;
  bool operator==(const Export&) const = default;
};
SHAPE(Export, ExportingStackId, Name, Value);

// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListExports.html
struct ListExportsInput {
  std::string NextToken;
  bool operator==(const ListExportsInput&) const = default;
};
SHAPE(ListExportsInput, NextToken);

struct ListExportsOutput {
  std::vector<Export> Exports;
  std::string NextToken;
  bool operator==(const ListExportsOutput&) const = default;
};
SHAPE(ListExportsOutput, Exports, NextToken);

inline constexpr Operation<ListExportsInput, ListExportsOutput> ListExports{
    .service = kCloudFormation,
    .name = "ListExports",
    .repeat = Repeat::kRead,
    .page_request = &ListExportsInput::NextToken,
    .page_response = &ListExportsOutput::NextToken};

}  // namespace slipway::aws::cloudformation
