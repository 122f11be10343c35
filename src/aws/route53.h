// Amazon Route 53: hosted zones and their record sets. Ids are written "/hostedzone/Z1" in answers;
// both forms are taken in requests. shapes_test.cc holds the shapes against models/route53.json.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"
#include "base/json.h"
#include "base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace slipway::aws::route53 {

struct VPC {
  std::string VPCRegion;
  std::string VPCId;
  bool operator==(const VPC&) const = default;
};
SHAPE(VPC, VPCRegion, VPCId);

struct HostedZoneConfig {
  std::string Comment;
  std::optional<bool> PrivateZone;
  bool operator==(const HostedZoneConfig&) const = default;
};
SHAPE(HostedZoneConfig, Comment, PrivateZone);

struct HostedZone {
  std::string Id;    // "/hostedzone/Z1"
  std::string Name;  // ends with a dot
  std::string CallerReference;
  HostedZoneConfig Config;
  std::int64_t ResourceRecordSetCount = 0;
  bool operator==(const HostedZone&) const = default;
};
SHAPE(HostedZone, Id, Name, CallerReference, Config, ResourceRecordSetCount);

struct ChangeInfo {
  std::string Id;      // "/change/C1"
  std::string Status;  // "PENDING" or "INSYNC"
  TimePoint SubmittedAt{};
  std::string Comment;
  bool operator==(const ChangeInfo&) const = default;
};
SHAPE(ChangeInfo, Id, Status, SubmittedAt, Comment);

struct DelegationSet {
  std::string Id;
  std::string CallerReference;
  std::vector<std::string> NameServers;
  bool operator==(const DelegationSet&) const = default;
};
SHAPE(DelegationSet, Id, CallerReference, NameServers);

// Idempotent by CallerReference: a second one is HostedZoneAlreadyExists.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html
struct CreateHostedZoneRequest {
  std::string Name;
  std::optional<route53::VPC> VPC;
  std::string CallerReference;
  std::optional<route53::HostedZoneConfig> HostedZoneConfig;
  std::string DelegationSetId;
  bool operator==(const CreateHostedZoneRequest&) const = default;
};
SHAPE(CreateHostedZoneRequest, Name, VPC, CallerReference, HostedZoneConfig, DelegationSetId);

struct CreateHostedZoneResponse {
  route53::HostedZone HostedZone;
  route53::ChangeInfo ChangeInfo;
  route53::DelegationSet DelegationSet;
  route53::VPC VPC;
  std::string Location;
  bool operator==(const CreateHostedZoneResponse&) const = default;
};
SHAPE(CreateHostedZoneResponse, HostedZone, ChangeInfo, DelegationSet, VPC, Location);

inline constexpr Operation<CreateHostedZoneRequest, CreateHostedZoneResponse> CreateHostedZone{
    kRoute53, "CreateHostedZone", Repeat::kIdempotent};

// HostedZoneNotEmpty while it has records besides NS and SOA.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_DeleteHostedZone.html
struct DeleteHostedZoneRequest {
  std::string Id;
  bool operator==(const DeleteHostedZoneRequest&) const = default;
};
SHAPE(DeleteHostedZoneRequest, Id);

struct DeleteHostedZoneResponse {
  route53::ChangeInfo ChangeInfo;
  bool operator==(const DeleteHostedZoneResponse&) const = default;
};
SHAPE(DeleteHostedZoneResponse, ChangeInfo);

inline constexpr Operation<DeleteHostedZoneRequest, DeleteHostedZoneResponse> DeleteHostedZone{
    kRoute53, "DeleteHostedZone", Repeat::kIdempotent};

// https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHostedZone.html
struct GetHostedZoneRequest {
  std::string Id;
  bool operator==(const GetHostedZoneRequest&) const = default;
};
SHAPE(GetHostedZoneRequest, Id);

struct GetHostedZoneResponse {
  route53::HostedZone HostedZone;
  route53::DelegationSet DelegationSet;
  std::vector<VPC> VPCs;
  bool operator==(const GetHostedZoneResponse&) const = default;
};
SHAPE(GetHostedZoneResponse, HostedZone, DelegationSet, VPCs);

inline constexpr Operation<GetHostedZoneRequest, GetHostedZoneResponse> GetHostedZone{
    kRoute53, "GetHostedZone", Repeat::kRead};

// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZones.html
struct ListHostedZonesRequest {
  std::string Marker;
  std::string MaxItems;
  std::string DelegationSetId;
  std::string HostedZoneType;
  bool operator==(const ListHostedZonesRequest&) const = default;
};
SHAPE(ListHostedZonesRequest, Marker, MaxItems, DelegationSetId, HostedZoneType);

struct ListHostedZonesResponse {
  std::vector<HostedZone> HostedZones;
  std::string Marker;
  bool IsTruncated = false;
  std::string NextMarker;
  std::string MaxItems;
  bool operator==(const ListHostedZonesResponse&) const = default;
};
SHAPE(ListHostedZonesResponse, HostedZones, Marker, IsTruncated, NextMarker, MaxItems);

inline constexpr Operation<ListHostedZonesRequest, ListHostedZonesResponse> ListHostedZones{
    .service = kRoute53,
    .name = "ListHostedZones",
    .repeat = Repeat::kRead,
    .page_request = &ListHostedZonesRequest::Marker,
    .page_response = &ListHostedZonesResponse::NextMarker};

// Begins at DNSName in the order of reversed labels, and goes on behind it: nothing is filtered.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByName.html
struct ListHostedZonesByNameRequest {
  std::string DNSName;
  std::string HostedZoneId;
  std::string MaxItems;
  bool operator==(const ListHostedZonesByNameRequest&) const = default;
};
SHAPE(ListHostedZonesByNameRequest, DNSName, HostedZoneId, MaxItems);

struct ListHostedZonesByNameResponse {
  std::vector<HostedZone> HostedZones;
  std::string DNSName;
  std::string HostedZoneId;
  bool IsTruncated = false;
  std::string NextDNSName;
  std::string NextHostedZoneId;
  std::string MaxItems;
  bool operator==(const ListHostedZonesByNameResponse&) const = default;
};
SHAPE(ListHostedZonesByNameResponse, HostedZones, DNSName, HostedZoneId, IsTruncated, NextDNSName,
      NextHostedZoneId, MaxItems);

inline constexpr Operation<ListHostedZonesByNameRequest, ListHostedZonesByNameResponse>
    ListHostedZonesByName{kRoute53, "ListHostedZonesByName", Repeat::kRead};

struct HostedZoneOwner {
  std::string OwningAccount;
  std::string OwningService;
  bool operator==(const HostedZoneOwner&) const = default;
};
SHAPE(HostedZoneOwner, OwningAccount, OwningService);

struct HostedZoneSummary {
  std::string HostedZoneId;
  std::string Name;
  HostedZoneOwner Owner;
  bool operator==(const HostedZoneSummary&) const = default;
};
SHAPE(HostedZoneSummary, HostedZoneId, Name, Owner);

// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByVPC.html
struct ListHostedZonesByVPCRequest {
  std::string VPCId;
  std::string VPCRegion;
  std::string MaxItems;
  std::string NextToken;
  bool operator==(const ListHostedZonesByVPCRequest&) const = default;
};
SHAPE(ListHostedZonesByVPCRequest, VPCId, VPCRegion, MaxItems, NextToken);

struct ListHostedZonesByVPCResponse {
  std::vector<HostedZoneSummary> HostedZoneSummaries;
  std::string MaxItems;
  std::string NextToken;
  bool operator==(const ListHostedZonesByVPCResponse&) const = default;
};
SHAPE(ListHostedZonesByVPCResponse, HostedZoneSummaries, MaxItems, NextToken);

inline constexpr Operation<ListHostedZonesByVPCRequest, ListHostedZonesByVPCResponse>
    ListHostedZonesByVPC{kRoute53, "ListHostedZonesByVPC", Repeat::kRead};

// https://docs.aws.amazon.com/Route53/latest/APIReference/API_AssociateVPCWithHostedZone.html
struct AssociateVPCWithHostedZoneRequest {
  std::string HostedZoneId;
  route53::VPC VPC;
  std::string Comment;
  bool operator==(const AssociateVPCWithHostedZoneRequest&) const = default;
};
SHAPE(AssociateVPCWithHostedZoneRequest, HostedZoneId, VPC, Comment);

struct AssociateVPCWithHostedZoneResponse {
  route53::ChangeInfo ChangeInfo;
  bool operator==(const AssociateVPCWithHostedZoneResponse&) const = default;
};
SHAPE(AssociateVPCWithHostedZoneResponse, ChangeInfo);

inline constexpr Operation<AssociateVPCWithHostedZoneRequest, AssociateVPCWithHostedZoneResponse>
    AssociateVPCWithHostedZone{kRoute53, "AssociateVPCWithHostedZone", Repeat::kIdempotent};

struct ResourceRecord {
  std::string Value;
  bool operator==(const ResourceRecord&) const = default;
};
SHAPE(ResourceRecord, Value);

struct AliasTarget {
  std::string HostedZoneId;
  std::string DNSName;
  bool EvaluateTargetHealth = false;
  bool operator==(const AliasTarget&) const = default;
};
SHAPE(AliasTarget, HostedZoneId, DNSName, EvaluateTargetHealth);

struct ResourceRecordSet {
  std::string Name;  // ends with a dot in answers
  std::string Type;
  std::string SetIdentifier;
  std::optional<std::int64_t> Weight;  // 0 to 255
  std::string Region;                  // of latency records
  Json GeoLocation;
  std::string Failover;
  std::optional<bool> MultiValueAnswer;
  std::optional<std::int64_t> TTL;  // seconds; none for an alias
  std::vector<ResourceRecord> ResourceRecords;
  std::optional<route53::AliasTarget> AliasTarget;
  std::string HealthCheckId;
  std::string TrafficPolicyInstanceId;
  Json CidrRoutingConfig;
  Json GeoProximityLocation;
  bool operator==(const ResourceRecordSet&) const = default;
};
SHAPE(ResourceRecordSet, Name, Type, SetIdentifier, Weight, Region, GeoLocation, Failover,
      MultiValueAnswer, TTL, ResourceRecords, AliasTarget, HealthCheckId, TrafficPolicyInstanceId,
      CidrRoutingConfig, GeoProximityLocation);

// In the order of reversed labels, then type, then identifier. Pages go by three members:
// continue_after fills them.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
struct ListResourceRecordSetsRequest {
  std::string HostedZoneId;
  std::string StartRecordName;
  std::string StartRecordType;
  std::string StartRecordIdentifier;
  std::string MaxItems;
  bool operator==(const ListResourceRecordSetsRequest&) const = default;
};
SHAPE(ListResourceRecordSetsRequest, HostedZoneId, StartRecordName, StartRecordType,
      StartRecordIdentifier, MaxItems);

struct ListResourceRecordSetsResponse {
  std::vector<ResourceRecordSet> ResourceRecordSets;
  bool IsTruncated = false;
  std::string NextRecordName;
  std::string NextRecordType;
  std::string NextRecordIdentifier;
  std::string MaxItems;
  bool operator==(const ListResourceRecordSetsResponse&) const = default;
};
SHAPE(ListResourceRecordSetsResponse, ResourceRecordSets, IsTruncated, NextRecordName,
      NextRecordType, NextRecordIdentifier, MaxItems);

inline constexpr Operation<ListResourceRecordSetsRequest, ListResourceRecordSetsResponse>
    ListResourceRecordSets{kRoute53, "ListResourceRecordSets", Repeat::kRead};

struct Change {
  std::string Action;  // "CREATE", "DELETE" or "UPSERT"
  route53::ResourceRecordSet ResourceRecordSet;
  bool operator==(const Change&) const = default;
};
SHAPE(Change, Action, ResourceRecordSet);

struct ChangeBatch {
  std::string Comment;
  std::vector<Change> Changes;
  bool operator==(const ChangeBatch&) const = default;
};
SHAPE(ChangeBatch, Comment, Changes);

// All or nothing. A DELETE must name the record set exactly as it is.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
struct ChangeResourceRecordSetsRequest {
  std::string HostedZoneId;
  route53::ChangeBatch ChangeBatch;
  bool operator==(const ChangeResourceRecordSetsRequest&) const = default;
};
SHAPE(ChangeResourceRecordSetsRequest, HostedZoneId, ChangeBatch);

struct ChangeResourceRecordSetsResponse {
  route53::ChangeInfo ChangeInfo;
  bool operator==(const ChangeResourceRecordSetsResponse&) const = default;
};
SHAPE(ChangeResourceRecordSetsResponse, ChangeInfo);

inline constexpr Operation<ChangeResourceRecordSetsRequest, ChangeResourceRecordSetsResponse>
    ChangeResourceRecordSets{.service = kRoute53,
                             .name = "ChangeResourceRecordSets",
                             .repeat = Repeat::kIdempotent,
                             .is_once = [](const ChangeResourceRecordSetsRequest& r) {
                               for (const Change& change : r.ChangeBatch.Changes)
                                 if (change.Action != "UPSERT") return true;
                               return false;
                             }};

// PENDING until all name servers know, then INSYNC.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html
struct GetChangeRequest {
  std::string Id;
  bool operator==(const GetChangeRequest&) const = default;
};
SHAPE(GetChangeRequest, Id);

struct GetChangeResponse {
  route53::ChangeInfo ChangeInfo;
  bool operator==(const GetChangeResponse&) const = default;
};
SHAPE(GetChangeResponse, ChangeInfo);

inline constexpr Operation<GetChangeRequest, GetChangeResponse> GetChange{kRoute53, "GetChange",
                                                                          Repeat::kRead};

// The request for the page after `page`, which must be truncated.
inline void continue_after(const ListResourceRecordSetsResponse& page,
                           ListResourceRecordSetsRequest& request) {
  request.StartRecordName = page.NextRecordName;
  request.StartRecordType = page.NextRecordType;
  request.StartRecordIdentifier = page.NextRecordIdentifier;
}

}  // namespace slipway::aws::route53
