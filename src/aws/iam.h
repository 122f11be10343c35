// AWS IAM: roles, their inline policies and the policies attached to them. Policy documents are
// text: JSON as given in requests, percent-encoded in answers. shapes_test.cc holds the shapes
// against models/iam.json.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"
#include "base/time.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway::aws::iam {

struct Tag {
  std::string Key;
  std::string Value;
  bool operator==(const Tag&) const = default;
};
SHAPE(Tag, Key, Value);

struct Role {
  std::string Path;
  std::string RoleName;
  std::string RoleId;
  std::string Arn;
  TimePoint CreateDate{};
  std::string AssumeRolePolicyDocument;
  std::string Description;
  int MaxSessionDuration = 0;
  std::vector<Tag> Tags;
  bool operator==(const Role&) const = default;
};
SHAPE(Role, Path, RoleName, RoleId, Arn, CreateDate, AssumeRolePolicyDocument, Description,
      MaxSessionDuration, Tags);

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
struct CreateRoleRequest {
  std::string Path;
  std::string RoleName;
  std::string AssumeRolePolicyDocument;
  std::string Description;
  std::optional<int> MaxSessionDuration;
  std::string PermissionsBoundary;
  std::vector<Tag> Tags;
  bool operator==(const CreateRoleRequest&) const = default;
};
SHAPE(CreateRoleRequest, Path, RoleName, AssumeRolePolicyDocument, Description, MaxSessionDuration,
      PermissionsBoundary, Tags);

struct CreateRoleResponse {
  iam::Role Role;
  bool operator==(const CreateRoleResponse&) const = default;
};
SHAPE(CreateRoleResponse, Role);

inline constexpr Operation<CreateRoleRequest, CreateRoleResponse> CreateRole{kIam, "CreateRole",
                                                                             Repeat::kOnce};

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
struct GetRoleRequest {
  std::string RoleName;
  bool operator==(const GetRoleRequest&) const = default;
};
SHAPE(GetRoleRequest, RoleName);

struct GetRoleResponse {
  iam::Role Role;
  bool operator==(const GetRoleResponse&) const = default;
};
SHAPE(GetRoleResponse, Role);

inline constexpr Operation<GetRoleRequest, GetRoleResponse> GetRole{kIam, "GetRole", Repeat::kRead};

// DeleteConflict while it has policies.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
struct DeleteRoleRequest {
  std::string RoleName;
  bool operator==(const DeleteRoleRequest&) const = default;
};
SHAPE(DeleteRoleRequest, RoleName);

inline constexpr Operation<DeleteRoleRequest, NoAnswer> DeleteRole{kIam, "DeleteRole",
                                                                   Repeat::kIdempotent};

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
struct PutRolePolicyRequest {
  std::string RoleName;
  std::string PolicyName;
  std::string PolicyDocument;
  bool operator==(const PutRolePolicyRequest&) const = default;
};
SHAPE(PutRolePolicyRequest, RoleName, PolicyName, PolicyDocument);

inline constexpr Operation<PutRolePolicyRequest, NoAnswer> PutRolePolicy{kIam, "PutRolePolicy",
                                                                         Repeat::kIdempotent};

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
struct GetRolePolicyRequest {
  std::string RoleName;
  std::string PolicyName;
  bool operator==(const GetRolePolicyRequest&) const = default;
};
SHAPE(GetRolePolicyRequest, RoleName, PolicyName);

struct GetRolePolicyResponse {
  std::string RoleName;
  std::string PolicyName;
  std::string PolicyDocument;
  bool operator==(const GetRolePolicyResponse&) const = default;
};
SHAPE(GetRolePolicyResponse, RoleName, PolicyName, PolicyDocument);

inline constexpr Operation<GetRolePolicyRequest, GetRolePolicyResponse> GetRolePolicy{
    kIam, "GetRolePolicy", Repeat::kRead};

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html
struct DeleteRolePolicyRequest {
  std::string RoleName;
  std::string PolicyName;
  bool operator==(const DeleteRolePolicyRequest&) const = default;
};
SHAPE(DeleteRolePolicyRequest, RoleName, PolicyName);

inline constexpr Operation<DeleteRolePolicyRequest, NoAnswer> DeleteRolePolicy{
    kIam, "DeleteRolePolicy", Repeat::kIdempotent};

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html
struct ListRolePoliciesRequest {
  std::string RoleName;
  std::string Marker;
  std::optional<int> MaxItems;
  bool operator==(const ListRolePoliciesRequest&) const = default;
};
SHAPE(ListRolePoliciesRequest, RoleName, Marker, MaxItems);

struct ListRolePoliciesResponse {
  std::vector<std::string> PolicyNames;
  bool IsTruncated = false;
  std::string Marker;
  bool operator==(const ListRolePoliciesResponse&) const = default;
};
SHAPE(ListRolePoliciesResponse, PolicyNames, IsTruncated, Marker);

inline constexpr Operation<ListRolePoliciesRequest, ListRolePoliciesResponse> ListRolePolicies{
    .service = kIam,
    .name = "ListRolePolicies",
    .repeat = Repeat::kRead,
    .page_request = &ListRolePoliciesRequest::Marker,
    .page_response = &ListRolePoliciesResponse::Marker};

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html
struct AttachRolePolicyRequest {
  std::string RoleName;
  std::string PolicyArn;
  bool operator==(const AttachRolePolicyRequest&) const = default;
};
SHAPE(AttachRolePolicyRequest, RoleName, PolicyArn);

inline constexpr Operation<AttachRolePolicyRequest, NoAnswer> AttachRolePolicy{
    kIam, "AttachRolePolicy", Repeat::kIdempotent};

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html
struct DetachRolePolicyRequest {
  std::string RoleName;
  std::string PolicyArn;
  bool operator==(const DetachRolePolicyRequest&) const = default;
};
SHAPE(DetachRolePolicyRequest, RoleName, PolicyArn);

inline constexpr Operation<DetachRolePolicyRequest, NoAnswer> DetachRolePolicy{
    kIam, "DetachRolePolicy", Repeat::kIdempotent};

struct AttachedPolicy {
  std::string PolicyName;
  std::string PolicyArn;
  bool operator==(const AttachedPolicy&) const = default;
};
SHAPE(AttachedPolicy, PolicyName, PolicyArn);

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html
struct ListAttachedRolePoliciesRequest {
  std::string RoleName;
  std::string PathPrefix;
  std::string Marker;
  std::optional<int> MaxItems;
  bool operator==(const ListAttachedRolePoliciesRequest&) const = default;
};
SHAPE(ListAttachedRolePoliciesRequest, RoleName, PathPrefix, Marker, MaxItems);

struct ListAttachedRolePoliciesResponse {
  std::vector<AttachedPolicy> AttachedPolicies;
  bool IsTruncated = false;
  std::string Marker;
  bool operator==(const ListAttachedRolePoliciesResponse&) const = default;
};
SHAPE(ListAttachedRolePoliciesResponse, AttachedPolicies, IsTruncated, Marker);

inline constexpr Operation<ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse>
    ListAttachedRolePolicies{.service = kIam,
                             .name = "ListAttachedRolePolicies",
                             .repeat = Repeat::kRead,
                             .page_request = &ListAttachedRolePoliciesRequest::Marker,
                             .page_response = &ListAttachedRolePoliciesResponse::Marker};

struct EvaluationResult {
  std::string EvalActionName;
  std::string EvalResourceName;
  std::string EvalDecision;  // "allowed", "explicitDeny" or "implicitDeny"
  std::vector<std::string> MissingContextValues;
  bool operator==(const EvaluationResult&) const = default;
};
SHAPE(EvaluationResult, EvalActionName, EvalResourceName, EvalDecision, MissingContextValues);

// What policies allow, without trying it. Conditions and resource policies may say otherwise.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
struct SimulatePrincipalPolicyRequest {
  std::string PolicySourceArn;
  std::vector<std::string> PolicyInputList;
  std::vector<std::string> ActionNames;
  std::vector<std::string> ResourceArns;
  std::string ResourcePolicy;
  std::string CallerArn;
  std::optional<int> MaxItems;
  std::string Marker;
  bool operator==(const SimulatePrincipalPolicyRequest&) const = default;
};
SHAPE(SimulatePrincipalPolicyRequest, PolicySourceArn, PolicyInputList, ActionNames, ResourceArns,
      ResourcePolicy, CallerArn, MaxItems, Marker);

struct SimulatePolicyResponse {
  std::vector<EvaluationResult> EvaluationResults;
  bool IsTruncated = false;
  std::string Marker;
  bool operator==(const SimulatePolicyResponse&) const = default;
};
SHAPE(SimulatePolicyResponse, EvaluationResults, IsTruncated, Marker);

inline constexpr Operation<SimulatePrincipalPolicyRequest, SimulatePolicyResponse>
    SimulatePrincipalPolicy{.service = kIam,
                            .name = "SimulatePrincipalPolicy",
                            .repeat = Repeat::kRead,
                            .page_request = &SimulatePrincipalPolicyRequest::Marker,
                            .page_response = &SimulatePolicyResponse::Marker};

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html
struct CreateServiceLinkedRoleRequest {
  std::string AWSServiceName;
  std::string Description;
  std::string CustomSuffix;
  bool operator==(const CreateServiceLinkedRoleRequest&) const = default;
};
SHAPE(CreateServiceLinkedRoleRequest, AWSServiceName, Description, CustomSuffix);

struct CreateServiceLinkedRoleResponse {
  iam::Role Role;
  bool operator==(const CreateServiceLinkedRoleResponse&) const = default;
};
SHAPE(CreateServiceLinkedRoleResponse, Role);

inline constexpr Operation<CreateServiceLinkedRoleRequest, CreateServiceLinkedRoleResponse>
    CreateServiceLinkedRole{kIam, "CreateServiceLinkedRole", Repeat::kOnce};

}  // namespace slipway::aws::iam
