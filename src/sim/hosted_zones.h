// The simulated Route 53 as plain state: hosted zones, their record sets, and changes on their way
// from PENDING to INSYNC. The API's calls are in route53*.cc.
#pragma once

#include "base/json.h"
#include "base/time.h"
#include "sim/timeline.h"

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway::sim {

struct Operation;  // sim/calls.h
struct Region;

// Record sets stand in the order in which they are listed: the labels of the name from the right,
// then type, then identifier.
struct RecordKey {
  std::string reversed_name;  // reversed_labels
  std::string Type;
  std::string SetIdentifier;  // empty: a simple record set
  auto operator<=>(const RecordKey&) const = default;
};
// "app.example.com." -> "com", "example", "app", so joined that the order is that of the labels.
std::string reversed_labels(std::string_view name);
// Lower case, with the final dot, "*" for "\\052".
std::string canonical_name(std::string_view name);

using RecordSets = std::map<RecordKey, Json>;  // ResourceRecordSet, complete

struct HostedZone {
  std::string Id;    // "Z0123456789ABCDEFGHIJ"
  std::string Name;  // with its final dot
  std::string CallerReference;
  std::string Comment;
  bool is_private = false;
  std::vector<std::pair<std::string, std::string>> vpcs;  // region and id
  RecordSets records;                                     // what the API shows
  RecordSets answered;  // what name servers answer: changes arrive there after r53_sync
  std::vector<std::pair<std::string, std::string>> tags;
  std::uint64_t serial = 0;
};

struct ZoneChange {
  std::string Id;  // "C0123456789ABCDEFGHIJ"
  std::string zone_id;
  std::string Comment;
  TimePoint SubmittedAt;
  bool is_in_sync = false;
};

struct HostedZones {
  std::map<std::string, std::unique_ptr<HostedZone>, std::less<>> zones;  // by id
  std::map<std::string, ZoneChange, std::less<>> changes;                 // by id
  std::map<std::string, Json, std::less<>> health_checks;                 // HealthCheck by id
  // Changes that are submitted stay PENDING so much longer than the knob says.
  Duration held{0};
};

// Where a name leads, as name servers answer: to the names at the end of all CNAMEs and aliases, in
// shares of 1, which add up to less where nobody answers.
struct Resolution {
  std::map<std::string, double> shares;
  Duration ttl{0};  // the longest on the way
  bool operator==(const Resolution&) const = default;
};
Resolution resolve(Region& region, std::string_view name);

std::span<const Operation> route53_operations();

}  // namespace slipway::sim
