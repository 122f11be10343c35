// Record sets: what a batch of changes may do, and the list.

#include "base/text.h"
#include "sim/route53.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace slipway::sim::route53 {
namespace {

constexpr std::size_t kMostRecords = 1000;      // of a batch; UPSERT counts twice
constexpr std::size_t kMostCharacters = 32000;  // of all values; likewise
constexpr std::size_t kMostOfAGroup = 100;      // weighted record sets of one name and type
constexpr std::int64_t kMostWeight = 255;

constexpr std::array<std::string_view, 6> kPolicies = {
    "Weight", "Region", "Failover", "GeoLocation", "MultiValueAnswer", "CidrRoutingConfig"};

struct Change {
  std::string Action;
  Json record;  // with a canonical name
  RecordKey key;

  std::string name() const { return std::string(string_or_empty(record, "Name")); }
  // "[name='x.example.com.', type='A', set-identifier='blue']"
  std::string described() const {
    return fmt::format(
        "[name='{}', type='{}'{}]", name(), key.Type,
        key.SetIdentifier.empty() ? "" : fmt::format(", set-identifier='{}'", key.SetIdentifier));
  }
  // "Change with [Action=CREATE, Name=x.example.com, Type=A, SetIdentifier=null]"
  std::string in_request() const {
    return fmt::format("Change with [Action={}, Name={}, Type={}, SetIdentifier={}]", Action,
                       name(), key.Type, key.SetIdentifier.empty() ? "null" : key.SetIdentifier);
  }
};

std::vector<Change> read_changes(const Json& batch) {
  std::vector<Change> changes;
  const JsonArray* given = find_array(batch, "Changes");
  for (const Json& each : given == nullptr ? JsonArray{} : *given) {
    Change& change = changes.emplace_back();
    change.Action = string_or_empty(each, "Action");
    const Json* record = find(each, "ResourceRecordSet");
    change.record = record == nullptr ? Json(JsonObject{}) : *record;
    const std::string name = canonical_name(string_or_empty(change.record, "Name"));
    change.record.as_object()["Name"] = shown_name(name);
    change.key = {reversed_labels(name), std::string(string_or_empty(change.record, "Type")),
                  std::string(string_or_empty(change.record, "SetIdentifier"))};
  }
  return changes;
}

std::size_t policies_of(const Json& record) {
  return static_cast<std::size_t>(
      std::count_if(kPolicies.begin(), kPolicies.end(),
                    [&](std::string_view policy) { return find(record, policy) != nullptr; }));
}

// What can be said of a change by itself.
std::optional<ServiceError> check_form(const Change& change) {
  const Json& record = change.record;
  const std::size_t policies = policies_of(record);
  if (policies > 0 && change.key.SetIdentifier.empty())
    return invalid(
        fmt::format("Invalid request: Missing field 'SetIdentifier' in {}", change.in_request()));
  if (!change.key.SetIdentifier.empty() && policies != 1)
    return invalid(fmt::format(
        "Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, "
        "MultiValueAnswer, or CidrRoutingConfig], but found {} in {}",
        policies == 0 ? "none" : "more than one", change.in_request()));
  const bool has_alias = find(record, "AliasTarget") != nullptr;
  const JsonArray* values = find_array(record, "ResourceRecords");
  const bool has_values = values != nullptr && !values->empty();
  const bool has_ttl = find_int(record, "TTL").has_value();
  if (has_alias == (has_values || has_ttl) || has_values != has_ttl)
    return invalid(fmt::format(
        "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], "
        "or TrafficPolicyInstanceId], but found {} in {}",
        has_alias    ? "more than one"
        : has_values ? "only ResourceRecords"
        : has_ttl    ? "only TTL"
                     : "none",
        change.in_request()));
  const std::int64_t weight = find_int(record, "Weight").value_or(0);
  if (weight < 0 || weight > kMostWeight)
    return invalid(
        fmt::format("1 validation error detected: Value '{}' at 'weight' failed to "
                    "satisfy constraint: Member must have value less than or equal to "
                    "{}",
                    weight, kMostWeight));
  return std::nullopt;
}

bool is_address(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, '.');
  return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
           return !part.empty() && part.size() <= 3 &&
                  part.find_first_not_of("0123456789") == std::string_view::npos &&
                  std::stoi(std::string(part)) <= 255;
         });
}

// Record sets that Route 53 takes for the same: written differently, meaning the same.
bool is_same(const Json& a, const Json& b) {
  for (const char* member : {"TTL", "Weight", "Region", "Failover", "HealthCheckId", "GeoLocation",
                             "MultiValueAnswer", "AliasTarget"}) {
    const Json* left = find(a, member);
    const Json* right = find(b, member);
    if ((left == nullptr) != (right == nullptr) || (left != nullptr && *left != *right))
      return false;
  }
  const auto values = [](const Json& record) {
    std::vector<std::string> all;
    if (const JsonArray* given = find_array(record, "ResourceRecords"))
      for (const Json& each : *given) all.emplace_back(string_or_empty(each, "Value"));
    std::sort(all.begin(), all.end());
    return all;
  };
  return values(a) == values(b);
}

// ---- A batch ----------------------------------------------------------------------------------

// Tries the changes one by one on a copy of the zone and gathers what is wrong with them.
class Batch {
 public:
  explicit Batch(const HostedZone& zone) : zone_(zone), records_(zone.records) {}

  void apply(const Change& change) {
    const std::string name = change.name();
    if (!is_in_zone(name)) {
      complain("RRSet with DNS name {} is not permitted in zone {}", name, zone_.Name);
      return;
    }
    if (!is_first_of_its_kind(change)) {
      complain("The request contains an invalid set of changes for a resource record set '{} {}'",
               change.key.Type, name);
      return;
    }
    const auto found = records_.find(change.key);
    if (change.Action == "CREATE" && found != records_.end()) {
      complain("Tried to create resource record set {} but it already exists", change.described());
    } else if (change.Action == "DELETE") {
      remove(change, found);
    } else {
      check_values(change);
      records_[change.key] = change.record;
      changed_.push_back(change.key);
    }
  }

  // What only the whole can break. Says each thing once.
  void check_whole() {
    const std::string apex = reversed_labels(zone_.Name);
    for (const char* type : {"NS", "SOA"})
      if (!records_.contains({apex, type, ""}))
        complain("A HostedZone must contain {} {} record.",
                 std::string_view(type) == "SOA" ? "exactly one" : "at least one", type);
    for (const RecordKey& key : changed_) {
      const auto found = records_.find(key);
      if (found == records_.end()) continue;
      check_names(key, found->second);
      check_group(key, found->second);
    }
  }

  const std::vector<std::string>& complaints() const { return complaints_; }
  RecordSets records() && { return std::move(records_); }
  const std::vector<RecordKey>& changed() const { return changed_; }

 private:
  template <class... Parts>
  void complain(fmt::format_string<Parts...> text, Parts&&... parts) {
    std::string complaint = fmt::format(text, std::forward<Parts>(parts)...);
    if (std::find(complaints_.begin(), complaints_.end(), complaint) == complaints_.end())
      complaints_.push_back(std::move(complaint));
  }

  bool is_in_zone(std::string_view name) const {
    return name == zone_.Name || name.ends_with("." + zone_.Name);
  }

  // A record set may be deleted and made again, but not changed twice.
  bool is_first_of_its_kind(const Change& change) {
    std::vector<std::string>& before = actions_[change.key];
    const bool is_fine = before.empty() || (before.size() == 1 && before.front() == "DELETE" &&
                                            change.Action != "DELETE");
    before.push_back(change.Action);
    return is_fine;
  }

  void remove(const Change& change, RecordSets::iterator found) {
    if (found == records_.end()) {
      complain("Tried to delete resource record set {} but it was not found", change.described());
    } else if (!is_same(found->second, change.record)) {
      complain(
          "Tried to delete resource record set {} but the values provided do not match the current "
          "values",
          change.described());
    } else {
      records_.erase(found);
      changed_.push_back(change.key);
    }
  }

  void check_values(const Change& change) {
    const JsonArray* values = find_array(change.record, "ResourceRecords");
    if (values == nullptr) return;
    for (const Json& each : *values) {
      const std::string_view value = string_or_empty(each, "Value");
      if (change.key.Type == "A" && !is_address(value))
        complain(
            "Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a "
            "valid IPv4 address) encountered with '{}''",
            value);
    }
    if (change.key.Type == "CNAME" && values->size() != 1)
      complain("RRSet of type CNAME with DNS name {} must have exactly one value", change.name());
  }

  // A CNAME stands alone under its name, and never at the zone's own.
  void check_names(const RecordKey& key, const Json& record) {
    const std::string name(string_or_empty(record, "Name"));
    if (key.Type == "CNAME" && name == zone_.Name)
      complain("RRSet of type CNAME with DNS name {} is not permitted at apex in zone {}", name,
               zone_.Name);
    for (auto other = records_.lower_bound({key.reversed_name, "", ""});
         other != records_.end() && other->first.reversed_name == key.reversed_name; ++other)
      if (other->first.Type != key.Type && (key.Type == "CNAME" || other->first.Type == "CNAME"))
        complain(
            "RRSet of type {} with DNS name {} is not permitted as it conflicts with other records "
            "with the same DNS name in zone {}",
            key.Type, name, zone_.Name);
  }

  // Record sets of one name and type have one kind of routing, and one TTL.
  void check_group(const RecordKey& key, const Json& record) {
    const std::string name(string_or_empty(record, "Name"));
    const bool is_weighted = find(record, "Weight") != nullptr;
    std::size_t count = 0;
    for (auto other = records_.lower_bound({key.reversed_name, key.Type, ""});
         other != records_.end() && other->first.reversed_name == key.reversed_name &&
         other->first.Type == key.Type;
         ++other) {
      ++count;
      if ((find(other->second, "Weight") != nullptr) != is_weighted)
        complain(
            "RRSet with DNS name {}, type {}{} cannot be created as other RRSets exist with the "
            "same name and type and another routing policy; record sets with the same name and "
            "type must all be weighted",
            name, key.Type,
            key.SetIdentifier.empty() ? "" : fmt::format(", SetIdentifier {}", key.SetIdentifier));
      const auto ttl = find_int(record, "TTL");
      const auto other_ttl = find_int(other->second, "TTL");
      if (is_weighted && ttl && other_ttl && *ttl != *other_ttl)
        complain("RRSets with DNS name {} and type {} must have the same TTL: found {} and {}",
                 name, key.Type, std::min(*ttl, *other_ttl), std::max(*ttl, *other_ttl));
    }
    if (count > kMostOfAGroup)
      complain("RRSets with DNS name {} and type {} exceed the limit of {}", name, key.Type,
               kMostOfAGroup);
  }

  const HostedZone& zone_;
  RecordSets records_;
  std::map<RecordKey, std::vector<std::string>> actions_;
  std::vector<RecordKey> changed_;
  std::vector<std::string> complaints_;
};

std::optional<ServiceError> check_size(const std::vector<Change>& changes) {
  std::size_t records = 0, characters = 0;
  for (const Change& change : changes) {
    const std::size_t times = change.Action == "UPSERT" ? 2 : 1;
    if (const JsonArray* values = find_array(change.record, "ResourceRecords")) {
      records += times * values->size();
      for (const Json& each : *values) characters += times * string_or_empty(each, "Value").size();
    }
  }
  if (records > kMostRecords)
    return refused("InvalidChangeBatch",
                   fmt::format("[Number of records limit of {} exceeded.]", kMostRecords));
  if (characters > kMostCharacters)
    return refused("InvalidChangeBatch",
                   fmt::format("[Number of characters limit of {} exceeded.]", kMostCharacters));
  return std::nullopt;
}

}  // namespace

// All or nothing.
Reply ChangeResourceRecordSets(const Call& call) {
  TRY(HostedZone * zone, the_zone(call));
  const Json* batch = find(call.input, "ChangeBatch");
  const std::vector<Change> changes =
      batch == nullptr ? std::vector<Change>() : read_changes(*batch);
  if (changes.empty()) return invalid("Invalid request: Changes must not be empty");
  for (const Change& change : changes)
    if (auto error = check_form(change)) return std::move(*error);
  if (auto error = check_size(changes)) return std::move(*error);

  Batch trial(*zone);
  for (const Change& change : changes) trial.apply(change);
  if (trial.complaints().empty()) trial.check_whole();
  if (!trial.complaints().empty())
    return refused("InvalidChangeBatch", fmt::format("[{}]", join(trial.complaints(), ", ")));
  std::vector<RecordKey> changed = trial.changed();
  zone->records = std::move(trial).records();
  return answer_with({{"ChangeInfo", submit(call.region, *zone, string_or_empty(*batch, "Comment"),
                                            std::move(changed))}});
}

Reply ListResourceRecordSets(const Call& call) {
  constexpr std::size_t kMost = 300;
  TRY(const HostedZone* zone, the_zone(call));
  const std::size_t limit = max_items(call.input, kMost);
  const std::string_view name = string_or_empty(call.input, "StartRecordName");
  const std::string_view type = string_or_empty(call.input, "StartRecordType");
  const std::string_view identifier = string_or_empty(call.input, "StartRecordIdentifier");
  if (name.empty() && !type.empty())
    return invalid("The resource record set type must not be specified without the name.");
  if (type.empty() && !identifier.empty())
    return invalid("The set identifier must not be specified without the name and the type.");

  auto at = zone->records.begin();
  if (!name.empty())
    at = zone->records.lower_bound(
        {reversed_labels(canonical_name(name)), std::string(type), std::string(identifier)});
  JsonArray page;
  for (; at != zone->records.end() && page.size() < limit; ++at) page.push_back(at->second);
  JsonObject answer{{"ResourceRecordSets", std::move(page)},
                    {"IsTruncated", at != zone->records.end()}};
  if (at != zone->records.end()) {
    answer["NextRecordName"] = string_or_empty(at->second, "Name");
    answer["NextRecordType"] = at->first.Type;
    if (!at->first.SetIdentifier.empty()) answer["NextRecordIdentifier"] = at->first.SetIdentifier;
  }
  answer["MaxItems"] = std::to_string(limit);
  return answer_with(std::move(answer));
}

// Of weighted record sets the one with the largest weight answers, so that the same question has
// the same answer.
Reply TestDNSAnswer(const Call& call) {
  TRY(const HostedZone* zone, the_zone(call));
  const std::string name = canonical_name(string_or_empty(call.input, "RecordName"));
  const std::string type(string_or_empty(call.input, "RecordType"));
  const std::string reversed = reversed_labels(name);
  const Json* best = nullptr;
  for (auto at = zone->answered.lower_bound({reversed, type, ""});
       at != zone->answered.end() && at->first.reversed_name == reversed && at->first.Type == type;
       ++at)
    if (best == nullptr ||
        find_int(at->second, "Weight").value_or(0) > find_int(*best, "Weight").value_or(0))
      best = &at->second;
  JsonArray values;
  if (const JsonArray* records = best ? find_array(*best, "ResourceRecords") : nullptr)
    for (const Json& each : *records) values.push_back(Json(string_or_empty(each, "Value")));
  return answer_with({{"Nameserver", "ns-1001.awsdns-61.net"},
                      {"RecordName", name},
                      {"RecordType", type},
                      {"RecordData", std::move(values)},
                      {"ResponseCode", best == nullptr ? "NXDOMAIN" : "NOERROR"},
                      {"Protocol", "UDP"}});
}

}  // namespace slipway::sim::route53
