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
  std::string reversed_name;  // "com.example.app."
  std::string Type;
  std::string SetIdentifier;  // empty: a simple record set
  auto operator<=>(const RecordKey&) const = default;
};
std::string reversed_labels(std::string_view name);  // "app.example.com." -> "com.example.app."

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
  // Changes stay PENDING so much longer than the knob says; a happening sets it.
  Duration stuck{0};
};

std::span<const Operation> route53_operations();

}  // namespace slipway::sim
