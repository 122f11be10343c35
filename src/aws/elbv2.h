// Elastic Load Balancing, version 2: load balancers, their listeners and rules, target groups and
// the health of their targets. Actions, conditions and other settings are carried as the documents
// AWS gave, because ModifyListener and ModifyRule replace the whole list: what is left out is gone.
// ForwardActionConfig reads and makes the one that slipway changes. shapes_test.cc holds the shapes
// against models/elasticloadbalancing.json.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"
#include "base/json.h"
#include "base/time.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway::aws::elbv2 {

struct Tag {
  std::string Key;
  std::string Value;
  bool operator==(const Tag&) const = default;
};
SHAPE(Tag, Key, Value);

struct LoadBalancerState {
  std::string Code;  // "provisioning", "active", "active_impaired" or "failed"
  std::string Reason;
  bool operator==(const LoadBalancerState&) const = default;
};
SHAPE(LoadBalancerState, Code, Reason);

struct LoadBalancer {
  std::string LoadBalancerArn;
  std::string DNSName;
  std::string CanonicalHostedZoneId;
  TimePoint CreatedTime{};
  std::string LoadBalancerName;
  std::string Scheme;
  std::string VpcId;
  LoadBalancerState State;
  std::string Type;
  std::vector<Json> AvailabilityZones;
  std::vector<std::string> SecurityGroups;
  std::string IpAddressType;
  bool operator==(const LoadBalancer&) const = default;
};
SHAPE(LoadBalancer, LoadBalancerArn, DNSName, CanonicalHostedZoneId, CreatedTime, LoadBalancerName,
      Scheme, VpcId, State, Type, AvailabilityZones, SecurityGroups, IpAddressType);

// The same settings twice: one load balancer.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
struct CreateLoadBalancerInput {
  std::string Name;
  std::vector<std::string> Subnets;
  std::vector<Json> SubnetMappings;
  std::vector<std::string> SecurityGroups;
  std::string Scheme;
  std::vector<Tag> Tags;
  std::string Type;
  std::string IpAddressType;
  bool operator==(const CreateLoadBalancerInput&) const = default;
};
SHAPE(CreateLoadBalancerInput, Name, Subnets, SubnetMappings, SecurityGroups, Scheme, Tags, Type,
      IpAddressType);

struct CreateLoadBalancerOutput {
  std::vector<LoadBalancer> LoadBalancers;
  bool operator==(const CreateLoadBalancerOutput&) const = default;
};
SHAPE(CreateLoadBalancerOutput, LoadBalancers);

inline constexpr Operation<CreateLoadBalancerInput, CreateLoadBalancerOutput> CreateLoadBalancer{
    kElbv2, "CreateLoadBalancer", Repeat::kIdempotent};

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html
struct DeleteLoadBalancerInput {
  std::string LoadBalancerArn;
  bool operator==(const DeleteLoadBalancerInput&) const = default;
};
SHAPE(DeleteLoadBalancerInput, LoadBalancerArn);

struct DeleteLoadBalancerOutput {
  bool operator==(const DeleteLoadBalancerOutput&) const = default;
};
SHAPE(DeleteLoadBalancerOutput);

inline constexpr Operation<DeleteLoadBalancerInput, DeleteLoadBalancerOutput> DeleteLoadBalancer{
    kElbv2, "DeleteLoadBalancer", Repeat::kIdempotent};

// At most 20 ARNs or names; 400 in a page.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html
struct DescribeLoadBalancersInput {
  std::vector<std::string> LoadBalancerArns;
  std::vector<std::string> Names;
  std::string Marker;
  std::optional<int> PageSize;
  bool operator==(const DescribeLoadBalancersInput&) const = default;
};
SHAPE(DescribeLoadBalancersInput, LoadBalancerArns, Names, Marker, PageSize);

struct DescribeLoadBalancersOutput {
  std::vector<LoadBalancer> LoadBalancers;
  std::string NextMarker;
  bool operator==(const DescribeLoadBalancersOutput&) const = default;
};
SHAPE(DescribeLoadBalancersOutput, LoadBalancers, NextMarker);

inline constexpr Operation<DescribeLoadBalancersInput, DescribeLoadBalancersOutput>
    DescribeLoadBalancers{.service = kElbv2,
                          .name = "DescribeLoadBalancers",
                          .repeat = Repeat::kRead,
                          .page_request = &DescribeLoadBalancersInput::Marker,
                          .page_response = &DescribeLoadBalancersOutput::NextMarker};

struct LoadBalancerAttribute {
  std::string Key;
  std::string Value;
  bool operator==(const LoadBalancerAttribute&) const = default;
};
SHAPE(LoadBalancerAttribute, Key, Value);

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancerAttributes.html
struct DescribeLoadBalancerAttributesInput {
  std::string LoadBalancerArn;
  bool operator==(const DescribeLoadBalancerAttributesInput&) const = default;
};
SHAPE(DescribeLoadBalancerAttributesInput, LoadBalancerArn);

struct DescribeLoadBalancerAttributesOutput {
  std::vector<LoadBalancerAttribute> Attributes;
  bool operator==(const DescribeLoadBalancerAttributesOutput&) const = default;
};
SHAPE(DescribeLoadBalancerAttributesOutput, Attributes);

inline constexpr Operation<DescribeLoadBalancerAttributesInput,
                           DescribeLoadBalancerAttributesOutput>
    DescribeLoadBalancerAttributes{kElbv2, "DescribeLoadBalancerAttributes", Repeat::kRead};

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyLoadBalancerAttributes.html
struct ModifyLoadBalancerAttributesInput {
  std::string LoadBalancerArn;
  std::vector<LoadBalancerAttribute> Attributes;
  bool operator==(const ModifyLoadBalancerAttributesInput&) const = default;
};
SHAPE(ModifyLoadBalancerAttributesInput, LoadBalancerArn, Attributes);

struct ModifyLoadBalancerAttributesOutput {
  std::vector<LoadBalancerAttribute> Attributes;
  bool operator==(const ModifyLoadBalancerAttributesOutput&) const = default;
};
SHAPE(ModifyLoadBalancerAttributesOutput, Attributes);

inline constexpr Operation<ModifyLoadBalancerAttributesInput, ModifyLoadBalancerAttributesOutput>
    ModifyLoadBalancerAttributes{kElbv2, "ModifyLoadBalancerAttributes", Repeat::kIdempotent};

struct Matcher {
  std::string HttpCode;
  std::string GrpcCode;
  bool operator==(const Matcher&) const = default;
};
SHAPE(Matcher, HttpCode, GrpcCode);

struct TargetGroup {
  std::string TargetGroupArn;
  std::string TargetGroupName;
  std::string Protocol;
  int Port = 0;
  std::string VpcId;
  std::string HealthCheckProtocol;
  std::string HealthCheckPort;  // a number, or "traffic-port"
  bool HealthCheckEnabled = false;
  int HealthCheckIntervalSeconds = 0;
  int HealthCheckTimeoutSeconds = 0;
  int HealthyThresholdCount = 0;
  int UnhealthyThresholdCount = 0;
  std::string HealthCheckPath;
  elbv2::Matcher Matcher;
  std::vector<std::string> LoadBalancerArns;
  std::string TargetType;
  std::string ProtocolVersion;
  std::string IpAddressType;
  bool operator==(const TargetGroup&) const = default;
};
SHAPE(TargetGroup, TargetGroupArn, TargetGroupName, Protocol, Port, VpcId, HealthCheckProtocol,
      HealthCheckPort, HealthCheckEnabled, HealthCheckIntervalSeconds, HealthCheckTimeoutSeconds,
      HealthyThresholdCount, UnhealthyThresholdCount, HealthCheckPath, Matcher, LoadBalancerArns,
      TargetType, ProtocolVersion, IpAddressType);

// The same settings twice: one target group. Other settings under that name:
// DuplicateTargetGroupName.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
struct CreateTargetGroupInput {
  std::string Name;
  std::string Protocol;
  std::string ProtocolVersion;
  std::optional<int> Port;
  std::string VpcId;
  std::string HealthCheckProtocol;
  std::string HealthCheckPort;
  std::optional<bool> HealthCheckEnabled;
  std::string HealthCheckPath;
  std::optional<int> HealthCheckIntervalSeconds;
  std::optional<int> HealthCheckTimeoutSeconds;
  std::optional<int> HealthyThresholdCount;
  std::optional<int> UnhealthyThresholdCount;
  std::optional<elbv2::Matcher> Matcher;
  std::string TargetType;
  std::vector<Tag> Tags;
  std::string IpAddressType;
  bool operator==(const CreateTargetGroupInput&) const = default;
};
SHAPE(CreateTargetGroupInput, Name, Protocol, ProtocolVersion, Port, VpcId, HealthCheckProtocol,
      HealthCheckPort, HealthCheckEnabled, HealthCheckPath, HealthCheckIntervalSeconds,
      HealthCheckTimeoutSeconds, HealthyThresholdCount, UnhealthyThresholdCount, Matcher,
      TargetType, Tags, IpAddressType);

struct CreateTargetGroupOutput {
  std::vector<TargetGroup> TargetGroups;
  bool operator==(const CreateTargetGroupOutput&) const = default;
};
SHAPE(CreateTargetGroupOutput, TargetGroups);

inline constexpr Operation<CreateTargetGroupInput, CreateTargetGroupOutput> CreateTargetGroup{
    kElbv2, "CreateTargetGroup", Repeat::kIdempotent};

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroup.html
struct ModifyTargetGroupInput {
  std::string TargetGroupArn;
  std::string HealthCheckProtocol;
  std::string HealthCheckPort;
  std::string HealthCheckPath;
  std::optional<bool> HealthCheckEnabled;
  std::optional<int> HealthCheckIntervalSeconds;
  std::optional<int> HealthCheckTimeoutSeconds;
  std::optional<int> HealthyThresholdCount;
  std::optional<int> UnhealthyThresholdCount;
  std::optional<elbv2::Matcher> Matcher;
  bool operator==(const ModifyTargetGroupInput&) const = default;
};
SHAPE(ModifyTargetGroupInput, TargetGroupArn, HealthCheckProtocol, HealthCheckPort, HealthCheckPath,
      HealthCheckEnabled, HealthCheckIntervalSeconds, HealthCheckTimeoutSeconds,
      HealthyThresholdCount, UnhealthyThresholdCount, Matcher);

struct ModifyTargetGroupOutput {
  std::vector<TargetGroup> TargetGroups;
  bool operator==(const ModifyTargetGroupOutput&) const = default;
};
SHAPE(ModifyTargetGroupOutput, TargetGroups);

inline constexpr Operation<ModifyTargetGroupInput, ModifyTargetGroupOutput> ModifyTargetGroup{
    kElbv2, "ModifyTargetGroup", Repeat::kIdempotent};

// ResourceInUse while a listener or a rule forwards to it.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html
struct DeleteTargetGroupInput {
  std::string TargetGroupArn;
  bool operator==(const DeleteTargetGroupInput&) const = default;
};
SHAPE(DeleteTargetGroupInput, TargetGroupArn);

struct DeleteTargetGroupOutput {
  bool operator==(const DeleteTargetGroupOutput&) const = default;
};
SHAPE(DeleteTargetGroupOutput);

inline constexpr Operation<DeleteTargetGroupInput, DeleteTargetGroupOutput> DeleteTargetGroup{
    kElbv2, "DeleteTargetGroup", Repeat::kIdempotent};

// At most 20 ARNs or names.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroups.html
struct DescribeTargetGroupsInput {
  std::string LoadBalancerArn;
  std::vector<std::string> TargetGroupArns;
  std::vector<std::string> Names;
  std::string Marker;
  std::optional<int> PageSize;
  bool operator==(const DescribeTargetGroupsInput&) const = default;
};
SHAPE(DescribeTargetGroupsInput, LoadBalancerArn, TargetGroupArns, Names, Marker, PageSize);

struct DescribeTargetGroupsOutput {
  std::vector<TargetGroup> TargetGroups;
  std::string NextMarker;
  bool operator==(const DescribeTargetGroupsOutput&) const = default;
};
SHAPE(DescribeTargetGroupsOutput, TargetGroups, NextMarker);

inline constexpr Operation<DescribeTargetGroupsInput, DescribeTargetGroupsOutput>
    DescribeTargetGroups{.service = kElbv2,
                         .name = "DescribeTargetGroups",
                         .repeat = Repeat::kRead,
                         .page_request = &DescribeTargetGroupsInput::Marker,
                         .page_response = &DescribeTargetGroupsOutput::NextMarker};

struct TargetGroupAttribute {
  std::string Key;
  std::string Value;
  bool operator==(const TargetGroupAttribute&) const = default;
};
SHAPE(TargetGroupAttribute, Key, Value);

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroupAttributes.html
struct DescribeTargetGroupAttributesInput {
  std::string TargetGroupArn;
  bool operator==(const DescribeTargetGroupAttributesInput&) const = default;
};
SHAPE(DescribeTargetGroupAttributesInput, TargetGroupArn);

struct DescribeTargetGroupAttributesOutput {
  std::vector<TargetGroupAttribute> Attributes;
  bool operator==(const DescribeTargetGroupAttributesOutput&) const = default;
};
SHAPE(DescribeTargetGroupAttributesOutput, Attributes);

inline constexpr Operation<DescribeTargetGroupAttributesInput, DescribeTargetGroupAttributesOutput>
    DescribeTargetGroupAttributes{kElbv2, "DescribeTargetGroupAttributes", Repeat::kRead};

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroupAttributes.html
struct ModifyTargetGroupAttributesInput {
  std::string TargetGroupArn;
  std::vector<TargetGroupAttribute> Attributes;
  bool operator==(const ModifyTargetGroupAttributesInput&) const = default;
};
SHAPE(ModifyTargetGroupAttributesInput, TargetGroupArn, Attributes);

struct ModifyTargetGroupAttributesOutput {
  std::vector<TargetGroupAttribute> Attributes;
  bool operator==(const ModifyTargetGroupAttributesOutput&) const = default;
};
SHAPE(ModifyTargetGroupAttributesOutput, Attributes);

inline constexpr Operation<ModifyTargetGroupAttributesInput, ModifyTargetGroupAttributesOutput>
    ModifyTargetGroupAttributes{kElbv2, "ModifyTargetGroupAttributes", Repeat::kIdempotent};

struct TargetDescription {
  std::string Id;
  std::optional<int> Port;
  std::string AvailabilityZone;
  std::string QuicServerId;
  bool operator==(const TargetDescription&) const = default;
};
SHAPE(TargetDescription, Id, Port, AvailabilityZone, QuicServerId);

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html
struct RegisterTargetsInput {
  std::string TargetGroupArn;
  std::vector<TargetDescription> Targets;
  bool operator==(const RegisterTargetsInput&) const = default;
};
SHAPE(RegisterTargetsInput, TargetGroupArn, Targets);

struct RegisterTargetsOutput {
  bool operator==(const RegisterTargetsOutput&) const = default;
};
SHAPE(RegisterTargetsOutput);

inline constexpr Operation<RegisterTargetsInput, RegisterTargetsOutput> RegisterTargets{
    kElbv2, "RegisterTargets", Repeat::kIdempotent};

// A target that is not registered is no error.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeregisterTargets.html
struct DeregisterTargetsInput {
  std::string TargetGroupArn;
  std::vector<TargetDescription> Targets;
  bool operator==(const DeregisterTargetsInput&) const = default;
};
SHAPE(DeregisterTargetsInput, TargetGroupArn, Targets);

struct DeregisterTargetsOutput {
  bool operator==(const DeregisterTargetsOutput&) const = default;
};
SHAPE(DeregisterTargetsOutput);

inline constexpr Operation<DeregisterTargetsInput, DeregisterTargetsOutput> DeregisterTargets{
    kElbv2, "DeregisterTargets", Repeat::kIdempotent};

struct TargetHealth {
  std::string State;   // "initial", "healthy", "unhealthy", "unused", "draining" or "unavailable"
  std::string Reason;  // "Elb.InitialHealthChecking", "Target.FailedHealthChecks"...
  std::string Description;
  bool operator==(const TargetHealth&) const = default;
};
SHAPE(TargetHealth, State, Reason, Description);

struct TargetHealthDescription {
  TargetDescription Target;
  std::string HealthCheckPort;
  elbv2::TargetHealth TargetHealth;
  bool operator==(const TargetHealthDescription&) const = default;
};
SHAPE(TargetHealthDescription, Target, HealthCheckPort, TargetHealth);

// Without Targets: all of them. One that is asked for and not registered is "unused".
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html
struct DescribeTargetHealthInput {
  std::string TargetGroupArn;
  std::vector<TargetDescription> Targets;
  std::vector<std::string> Include;
  bool operator==(const DescribeTargetHealthInput&) const = default;
};
SHAPE(DescribeTargetHealthInput, TargetGroupArn, Targets, Include);

struct DescribeTargetHealthOutput {
  std::vector<TargetHealthDescription> TargetHealthDescriptions;
  bool operator==(const DescribeTargetHealthOutput&) const = default;
};
SHAPE(DescribeTargetHealthOutput, TargetHealthDescriptions);

inline constexpr Operation<DescribeTargetHealthInput, DescribeTargetHealthOutput>
    DescribeTargetHealth{kElbv2, "DescribeTargetHealth", Repeat::kRead};

struct Certificate {
  std::string CertificateArn;
  std::optional<bool> IsDefault;
  bool operator==(const Certificate&) const = default;
};
SHAPE(Certificate, CertificateArn, IsDefault);

struct Listener {
  std::string ListenerArn;
  std::string LoadBalancerArn;
  int Port = 0;
  std::string Protocol;
  std::vector<Certificate> Certificates;
  std::string SslPolicy;
  std::vector<Json> DefaultActions;
  std::vector<std::string> AlpnPolicy;
  Json MutualAuthentication;
  bool operator==(const Listener&) const = default;
};
SHAPE(Listener, ListenerArn, LoadBalancerArn, Port, Protocol, Certificates, SslPolicy,
      DefaultActions, AlpnPolicy, MutualAuthentication);

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
struct CreateListenerInput {
  std::string LoadBalancerArn;
  std::string Protocol;
  std::optional<int> Port;
  std::string SslPolicy;
  std::vector<Certificate> Certificates;
  std::vector<Json> DefaultActions;
  std::vector<std::string> AlpnPolicy;
  std::vector<Tag> Tags;
  Json MutualAuthentication;
  bool operator==(const CreateListenerInput&) const = default;
};
SHAPE(CreateListenerInput, LoadBalancerArn, Protocol, Port, SslPolicy, Certificates, DefaultActions,
      AlpnPolicy, Tags, MutualAuthentication);

struct CreateListenerOutput {
  std::vector<Listener> Listeners;
  bool operator==(const CreateListenerOutput&) const = default;
};
SHAPE(CreateListenerOutput, Listeners);

inline constexpr Operation<CreateListenerInput, CreateListenerOutput> CreateListener{
    kElbv2, "CreateListener", Repeat::kIdempotent};

// DefaultActions replace the whole list.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyListener.html
struct ModifyListenerInput {
  std::string ListenerArn;
  std::optional<int> Port;
  std::string Protocol;
  std::string SslPolicy;
  std::vector<Certificate> Certificates;
  std::vector<Json> DefaultActions;
  std::vector<std::string> AlpnPolicy;
  Json MutualAuthentication;
  bool operator==(const ModifyListenerInput&) const = default;
};
SHAPE(ModifyListenerInput, ListenerArn, Port, Protocol, SslPolicy, Certificates, DefaultActions,
      AlpnPolicy, MutualAuthentication);

struct ModifyListenerOutput {
  std::vector<Listener> Listeners;
  bool operator==(const ModifyListenerOutput&) const = default;
};
SHAPE(ModifyListenerOutput, Listeners);

inline constexpr Operation<ModifyListenerInput, ModifyListenerOutput> ModifyListener{
    kElbv2, "ModifyListener", Repeat::kIdempotent};

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteListener.html
struct DeleteListenerInput {
  std::string ListenerArn;
  bool operator==(const DeleteListenerInput&) const = default;
};
SHAPE(DeleteListenerInput, ListenerArn);

struct DeleteListenerOutput {
  bool operator==(const DeleteListenerOutput&) const = default;
};
SHAPE(DeleteListenerOutput);

inline constexpr Operation<DeleteListenerInput, DeleteListenerOutput> DeleteListener{
    kElbv2, "DeleteListener", Repeat::kIdempotent};

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListeners.html
struct DescribeListenersInput {
  std::string LoadBalancerArn;
  std::vector<std::string> ListenerArns;
  std::string Marker;
  std::optional<int> PageSize;
  bool operator==(const DescribeListenersInput&) const = default;
};
SHAPE(DescribeListenersInput, LoadBalancerArn, ListenerArns, Marker, PageSize);

struct DescribeListenersOutput {
  std::vector<Listener> Listeners;
  std::string NextMarker;
  bool operator==(const DescribeListenersOutput&) const = default;
};
SHAPE(DescribeListenersOutput, Listeners, NextMarker);

inline constexpr Operation<DescribeListenersInput, DescribeListenersOutput> DescribeListeners{
    .service = kElbv2,
    .name = "DescribeListeners",
    .repeat = Repeat::kRead,
    .page_request = &DescribeListenersInput::Marker,
    .page_response = &DescribeListenersOutput::NextMarker};

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddListenerCertificates.html
struct AddListenerCertificatesInput {
  std::string ListenerArn;
  std::vector<Certificate> Certificates;
  bool operator==(const AddListenerCertificatesInput&) const = default;
};
SHAPE(AddListenerCertificatesInput, ListenerArn, Certificates);

struct AddListenerCertificatesOutput {
  std::vector<Certificate> Certificates;
  bool operator==(const AddListenerCertificatesOutput&) const = default;
};
SHAPE(AddListenerCertificatesOutput, Certificates);

inline constexpr Operation<AddListenerCertificatesInput, AddListenerCertificatesOutput>
    AddListenerCertificates{kElbv2, "AddListenerCertificates", Repeat::kIdempotent};

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RemoveListenerCertificates.html
struct RemoveListenerCertificatesInput {
  std::string ListenerArn;
  std::vector<Certificate> Certificates;
  bool operator==(const RemoveListenerCertificatesInput&) const = default;
};
SHAPE(RemoveListenerCertificatesInput, ListenerArn, Certificates);

struct RemoveListenerCertificatesOutput {
  bool operator==(const RemoveListenerCertificatesOutput&) const = default;
};
SHAPE(RemoveListenerCertificatesOutput);

inline constexpr Operation<RemoveListenerCertificatesInput, RemoveListenerCertificatesOutput>
    RemoveListenerCertificates{kElbv2, "RemoveListenerCertificates", Repeat::kIdempotent};

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListenerCertificates.html
struct DescribeListenerCertificatesInput {
  std::string ListenerArn;
  std::string Marker;
  std::optional<int> PageSize;
  bool operator==(const DescribeListenerCertificatesInput&) const = default;
};
SHAPE(DescribeListenerCertificatesInput, ListenerArn, Marker, PageSize);

struct DescribeListenerCertificatesOutput {
  std::vector<Certificate> Certificates;
  std::string NextMarker;
  bool operator==(const DescribeListenerCertificatesOutput&) const = default;
};
SHAPE(DescribeListenerCertificatesOutput, Certificates, NextMarker);

inline constexpr Operation<DescribeListenerCertificatesInput, DescribeListenerCertificatesOutput>
    DescribeListenerCertificates{.service = kElbv2,
                                 .name = "DescribeListenerCertificates",
                                 .repeat = Repeat::kRead,
                                 .page_request = &DescribeListenerCertificatesInput::Marker,
                                 .page_response = &DescribeListenerCertificatesOutput::NextMarker};

struct Rule {
  std::string RuleArn;
  std::string Priority;  // a number as text, or "default"
  std::vector<Json> Conditions;
  std::vector<Json> Actions;
  bool IsDefault = false;
  std::vector<Json> Transforms;
  bool operator==(const Rule&) const = default;
};
SHAPE(Rule, RuleArn, Priority, Conditions, Actions, IsDefault, Transforms);

// PriorityInUse when another rule of the listener has that priority.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
struct CreateRuleInput {
  std::string ListenerArn;
  std::vector<Json> Conditions;
  int Priority = 0;
  std::vector<Json> Actions;
  std::vector<Tag> Tags;
  std::vector<Json> Transforms;
  bool operator==(const CreateRuleInput&) const = default;
};
SHAPE(CreateRuleInput, ListenerArn, Conditions, Priority, Actions, Tags, Transforms);

struct CreateRuleOutput {
  std::vector<Rule> Rules;
  bool operator==(const CreateRuleOutput&) const = default;
};
SHAPE(CreateRuleOutput, Rules);

inline constexpr Operation<CreateRuleInput, CreateRuleOutput> CreateRule{kElbv2, "CreateRule",
                                                                         Repeat::kOnce};

// Conditions and Actions replace the whole lists. A listener's default rule is changed with
// ModifyListener.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyRule.html
struct ModifyRuleInput {
  std::string RuleArn;
  std::vector<Json> Conditions;
  std::vector<Json> Actions;
  std::vector<Json> Transforms;
  std::optional<bool> ResetTransforms;
  bool operator==(const ModifyRuleInput&) const = default;
};
SHAPE(ModifyRuleInput, RuleArn, Conditions, Actions, Transforms, ResetTransforms);

struct ModifyRuleOutput {
  std::vector<Rule> Rules;
  bool operator==(const ModifyRuleOutput&) const = default;
};
SHAPE(ModifyRuleOutput, Rules);

inline constexpr Operation<ModifyRuleInput, ModifyRuleOutput> ModifyRule{kElbv2, "ModifyRule",
                                                                         Repeat::kIdempotent};

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteRule.html
struct DeleteRuleInput {
  std::string RuleArn;
  bool operator==(const DeleteRuleInput&) const = default;
};
SHAPE(DeleteRuleInput, RuleArn);

struct DeleteRuleOutput {
  bool operator==(const DeleteRuleOutput&) const = default;
};
SHAPE(DeleteRuleOutput);

inline constexpr Operation<DeleteRuleInput, DeleteRuleOutput> DeleteRule{kElbv2, "DeleteRule",
                                                                         Repeat::kIdempotent};

// Of a listener, or those asked for.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeRules.html
struct DescribeRulesInput {
  std::string ListenerArn;
  std::vector<std::string> RuleArns;
  std::string Marker;
  std::optional<int> PageSize;
  bool operator==(const DescribeRulesInput&) const = default;
};
SHAPE(DescribeRulesInput, ListenerArn, RuleArns, Marker, PageSize);

struct DescribeRulesOutput {
  std::vector<Rule> Rules;
  std::string NextMarker;
  bool operator==(const DescribeRulesOutput&) const = default;
};
SHAPE(DescribeRulesOutput, Rules, NextMarker);

inline constexpr Operation<DescribeRulesInput, DescribeRulesOutput> DescribeRules{
    .service = kElbv2,
    .name = "DescribeRules",
    .repeat = Repeat::kRead,
    .page_request = &DescribeRulesInput::Marker,
    .page_response = &DescribeRulesOutput::NextMarker};

struct RulePriorityPair {
  std::string RuleArn;
  std::optional<int> Priority;
  bool operator==(const RulePriorityPair&) const = default;
};
SHAPE(RulePriorityPair, RuleArn, Priority);

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetRulePriorities.html
struct SetRulePrioritiesInput {
  std::vector<RulePriorityPair> RulePriorities;
  bool operator==(const SetRulePrioritiesInput&) const = default;
};
SHAPE(SetRulePrioritiesInput, RulePriorities);

struct SetRulePrioritiesOutput {
  std::vector<Rule> Rules;
  bool operator==(const SetRulePrioritiesOutput&) const = default;
};
SHAPE(SetRulePrioritiesOutput, Rules);

inline constexpr Operation<SetRulePrioritiesInput, SetRulePrioritiesOutput> SetRulePriorities{
    kElbv2, "SetRulePriorities", Repeat::kIdempotent};

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddTags.html
struct AddTagsInput {
  std::vector<std::string> ResourceArns;
  std::vector<Tag> Tags;
  bool operator==(const AddTagsInput&) const = default;
};
SHAPE(AddTagsInput, ResourceArns, Tags);

struct AddTagsOutput {
  bool operator==(const AddTagsOutput&) const = default;
};
SHAPE(AddTagsOutput);

inline constexpr Operation<AddTagsInput, AddTagsOutput> AddTags{kElbv2, "AddTags",
                                                                Repeat::kIdempotent};

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RemoveTags.html
struct RemoveTagsInput {
  std::vector<std::string> ResourceArns;
  std::vector<std::string> TagKeys;
  bool operator==(const RemoveTagsInput&) const = default;
};
SHAPE(RemoveTagsInput, ResourceArns, TagKeys);

struct RemoveTagsOutput {
  bool operator==(const RemoveTagsOutput&) const = default;
};
SHAPE(RemoveTagsOutput);

inline constexpr Operation<RemoveTagsInput, RemoveTagsOutput> RemoveTags{kElbv2, "RemoveTags",
                                                                         Repeat::kIdempotent};

struct TagDescription {
  std::string ResourceArn;
  std::vector<Tag> Tags;
  bool operator==(const TagDescription&) const = default;
};
SHAPE(TagDescription, ResourceArn, Tags);

// At most 20 ARNs.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html
struct DescribeTagsInput {
  std::vector<std::string> ResourceArns;
  bool operator==(const DescribeTagsInput&) const = default;
};
SHAPE(DescribeTagsInput, ResourceArns);

struct DescribeTagsOutput {
  std::vector<TagDescription> TagDescriptions;
  bool operator==(const DescribeTagsOutput&) const = default;
};
SHAPE(DescribeTagsOutput, TagDescriptions);

inline constexpr Operation<DescribeTagsInput, DescribeTagsOutput> DescribeTags{
    kElbv2, "DescribeTags", Repeat::kRead};

// What a forward action says, for Action documents: {"Type":"forward","ForwardConfig":{...}}.
struct TargetGroupTuple {
  std::string TargetGroupArn;
  std::optional<int> Weight;  // 0 to 999; a share of the sum, no percentage
  bool operator==(const TargetGroupTuple&) const = default;
};
SHAPE(TargetGroupTuple, TargetGroupArn, Weight);
struct TargetGroupStickinessConfig {
  std::optional<bool> Enabled;
  std::optional<int> DurationSeconds;
  bool operator==(const TargetGroupStickinessConfig&) const = default;
};
SHAPE(TargetGroupStickinessConfig, Enabled, DurationSeconds);
struct ForwardActionConfig {
  std::vector<TargetGroupTuple> TargetGroups;
  std::optional<elbv2::TargetGroupStickinessConfig> TargetGroupStickinessConfig;
  bool operator==(const ForwardActionConfig&) const = default;
};
SHAPE(ForwardActionConfig, TargetGroups, TargetGroupStickinessConfig);

}  // namespace slipway::aws::elbv2
