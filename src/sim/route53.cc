#include "sim/route53.h"

#include "base/text.h"
#include "sim/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace slipway::sim {
namespace route53 {

ServiceError refused(std::string_view code, std::string message) {
  return {400, std::string(code), std::move(message), {}};
}

ServiceError invalid(std::string message) { return refused("InvalidInput", std::move(message)); }

namespace {

std::string_view without_kind(std::string_view id) {
  const auto slash = id.rfind('/');
  return slash == std::string_view::npos ? id : id.substr(slash + 1);
}

JsonObject shown(const HostedZone& zone) {
  JsonObject config;
  if (!zone.Comment.empty()) config["Comment"] = zone.Comment;
  config["PrivateZone"] = zone.is_private;
  return {{"Id", "/hostedzone/" + zone.Id},
          {"Name", shown_name(zone.Name)},
          {"CallerReference", zone.CallerReference},
          {"Config", std::move(config)},
          {"ResourceRecordSetCount", zone.records.size()}};
}

JsonArray name_servers() {
  JsonArray servers;
  for (const char* name : {"ns-1001.awsdns-61.net", "ns-1701.awsdns-20.co.uk",
                           "ns-201.awsdns-25.com", "ns-1301.awsdns-34.org"})
    servers.emplace_back(name);
  return servers;
}

JsonObject vpc(const std::pair<std::string, std::string>& region_and_id) {
  return {{"VPCRegion", region_and_id.first}, {"VPCId", region_and_id.second}};
}

std::pair<std::string, std::string> read_vpc(const Json& document) {
  return {std::string(string_or_empty(document, "VPCRegion")),
          std::string(string_or_empty(document, "VPCId"))};
}

void add_own_records(HostedZone& zone) {
  const auto add = [&](const char* type, std::int64_t ttl, JsonArray values) {
    JsonArray records;
    for (Json& value : values) records.push_back(JsonObject{{"Value", std::move(value)}});
    zone.records[{reversed_labels(zone.Name), type, ""}] =
        JsonObject{{"Name", shown_name(zone.Name)},
                   {"Type", type},
                   {"TTL", ttl},
                   {"ResourceRecords", std::move(records)}};
  };
  JsonArray servers = name_servers();
  for (Json& server : servers) server = std::string(server.as_string()) + ".";
  const std::string first(servers.front().as_string());
  add("NS", 172800, std::move(servers));
  add("SOA", 900,
      JsonArray{Json(first + " awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400")});
  zone.answered = zone.records;
}

std::vector<const HostedZone*> zones_by_id(const Region& region) {
  std::vector<const HostedZone*> zones;
  for (const auto& [id, zone] : region.hosted_zones->zones) zones.push_back(zone.get());
  return zones;
}

}  // namespace

std::string new_id(Region& region, char kind) {
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::string id(1, kind);
  while (id.size() < 20) id += kAlphabet[region.random.below(kAlphabet.size())];
  return id;
}

std::size_t max_items(const Json& input, std::size_t most) {
  std::size_t items = most;
  if (const auto text = find_string(input, "MaxItems"))
    std::from_chars(text->data(), text->data() + text->size(), items);
  else if (const auto number = find_int(input, "MaxItems"))
    items = static_cast<std::size_t>(std::max<std::int64_t>(*number, 1));
  return std::clamp<std::size_t>(items, 1, most);
}

std::string shown_name(std::string_view name) {
  std::string shown(name);
  if (const auto star = shown.find('*'); star != std::string::npos) shown.replace(star, 1, "\\052");
  return shown;
}

Answer<HostedZone*> the_zone(const Call& call, std::string_view member) {
  const std::string_view id = without_kind(string_or_empty(call.input, member));
  auto& zones = call.region.hosted_zones->zones;
  const auto found = zones.find(id);
  if (found == zones.end())
    return ServiceError{
        404, "NoSuchHostedZone", fmt::format("No hosted zone found with ID: {}", id), {}};
  return found->second.get();
}

// ---- Changes ----------------------------------------------------------------------------------

JsonObject shown(const ZoneChange& change) {
  JsonObject json{{"Id", "/change/" + change.Id},
                  {"Status", change.is_in_sync ? "INSYNC" : "PENDING"},
                  {"SubmittedAt", to_iso8601(change.SubmittedAt, true)}};
  if (!change.Comment.empty()) json["Comment"] = change.Comment;
  return json;
}

JsonObject submit(Region& region, HostedZone& zone, std::string_view comment,
                  std::vector<RecordKey> changed) {
  HostedZones& all = *region.hosted_zones;
  ZoneChange change{.Id = new_id(region, 'C'),
                    .zone_id = zone.Id,
                    .Comment = std::string(comment),
                    .SubmittedAt = region.now};
  // What the name servers will hear of these records is what they are now, not what they are then.
  RecordSets news;
  std::vector<RecordKey> gone;
  for (RecordKey& key : changed) {
    const auto found = zone.records.find(key);
    if (found == zone.records.end())
      gone.push_back(std::move(key));
    else
      news[found->first] = found->second;
  }
  JsonObject answer = shown(change);
  const std::string id = change.Id;
  all.changes[id] = std::move(change);
  region.timeline.at(region.now + region.knobs.r53_sync + all.held,
                     [&region, id, news = std::move(news), gone = std::move(gone)] {
                       settle_traffic(region);
                       ZoneChange& done = region.hosted_zones->changes.at(id);
                       done.is_in_sync = true;
                       auto& zones = region.hosted_zones->zones;
                       const auto found = zones.find(done.zone_id);
                       if (found == zones.end()) return;
                       RecordSets& answered = found->second->answered;
                       for (const auto& [key, record] : news) answered[key] = record;
                       for (const RecordKey& key : gone) answered.erase(key);
                     });
  return answer;
}

Reply GetChange(const Call& call) {
  const std::string_view id = without_kind(string_or_empty(call.input, "Id"));
  const auto& changes = call.region.hosted_zones->changes;
  const auto found = changes.find(id);
  if (found == changes.end())
    return ServiceError{
        404, "NoSuchChange", fmt::format("Could not find resource with ID: {}", id), {}};
  return answer_with({{"ChangeInfo", shown(found->second)}});
}

// ---- Zones ------------------------------------------------------------------------------------

Reply CreateHostedZone(const Call& call) {
  const Json& input = call.input;
  const std::string name = canonical_name(string_or_empty(input, "Name"));
  if (name.size() < 2 || name.find("..") != std::string::npos)
    return refused("InvalidDomainName",
                   fmt::format("{} is not a valid domain name", string_or_empty(input, "Name")));
  const std::string_view reference = string_or_empty(input, "CallerReference");
  for (const auto& [id, known] : call.region.hosted_zones->zones)
    if (known->CallerReference == reference)
      return ServiceError{
          409,
          "HostedZoneAlreadyExists",
          fmt::format("A hosted zone has already been created with the specified caller "
                      "reference."),
          {}};
  auto zone = std::make_unique<HostedZone>();
  zone->Name = name;
  zone->CallerReference = reference;
  if (const Json* config = find(input, "HostedZoneConfig")) {
    zone->Comment = string_or_empty(*config, "Comment");
    zone->is_private = find_bool(*config, "PrivateZone").value_or(false);
  }
  if (const Json* given = find(input, "VPC")) {
    zone->is_private = true;
    zone->vpcs.push_back(read_vpc(*given));
  } else if (zone->is_private) {
    return invalid("When you're creating a private hosted zone, you must specify a VPC");
  }
  zone->Id = string_or_empty(input, "Id");
  if (zone->Id.empty()) zone->Id = new_id(call.region, 'Z');
  zone->serial = call.region.next_serial();
  add_own_records(*zone);

  JsonObject answer{{"HostedZone", shown(*zone)},
                    {"ChangeInfo", submit(call.region, *zone, "", {})}};
  if (zone->is_private) answer["VPC"] = vpc(zone->vpcs.front());
  answer["DelegationSet"] = JsonObject{{"NameServers", name_servers()}};
  answer["Location"] =
      fmt::format("https://route53.amazonaws.com/2013-04-01/hostedzone/{}", zone->Id);
  const std::string id = zone->Id;
  call.region.hosted_zones->zones[id] = std::move(zone);
  return answer_with(std::move(answer));
}

Reply GetHostedZone(const Call& call) {
  TRY(const HostedZone* zone, the_zone(call, "Id"));
  JsonObject answer{{"HostedZone", shown(*zone)}};
  if (!zone->is_private) {
    answer["DelegationSet"] = JsonObject{{"NameServers", name_servers()}};
  } else {
    JsonArray vpcs;
    for (const auto& each : zone->vpcs) vpcs.push_back(vpc(each));
    answer["VPCs"] = std::move(vpcs);
  }
  return answer_with(std::move(answer));
}

Reply DeleteHostedZone(const Call& call) {
  TRY(HostedZone * zone, the_zone(call, "Id"));
  constexpr std::size_t kOwnRecords = 2;  // NS and SOA
  if (zone->records.size() > kOwnRecords)
    return refused("HostedZoneNotEmpty",
                   "The specified hosted zone contains non-required resource record sets  and so "
                   "cannot be deleted.");
  JsonObject change = submit(call.region, *zone, "", {});
  auto& zones = call.region.hosted_zones->zones;
  zones.erase(zones.find(zone->Id));
  return answer_with({{"ChangeInfo", std::move(change)}});
}

Reply AssociateVPCWithHostedZone(const Call& call) {
  TRY(HostedZone * zone, the_zone(call));
  if (!zone->is_private)
    return refused("PublicZoneVPCAssociation",
                   "You're trying to associate a VPC with a public hosted zone.");
  const Json* given = find(call.input, "VPC");
  const auto wanted = given == nullptr ? std::pair<std::string, std::string>() : read_vpc(*given);
  if (std::find(zone->vpcs.begin(), zone->vpcs.end(), wanted) == zone->vpcs.end())
    zone->vpcs.push_back(wanted);
  return answer_with(
      {{"ChangeInfo", submit(call.region, *zone, string_or_empty(call.input, "Comment"), {})}});
}

Reply ListHostedZones(const Call& call) {
  constexpr std::size_t kMost = 100;
  const std::size_t limit = max_items(call.input, kMost);
  const std::vector<const HostedZone*> zones = zones_by_id(call.region);
  const std::string_view marker = string_or_empty(call.input, "Marker");
  std::size_t i = 0;
  while (i < zones.size() && zones[i]->Id < marker) ++i;
  JsonArray page;
  while (i < zones.size() && page.size() < limit) page.push_back(shown(*zones[i++]));
  JsonObject answer{
      {"HostedZones", std::move(page)}, {"Marker", marker}, {"IsTruncated", i < zones.size()}};
  if (i < zones.size()) answer["NextMarker"] = zones[i]->Id;
  answer["MaxItems"] = std::to_string(limit);
  return answer_with(std::move(answer));
}

// From the name on, in the order of reversed labels; it does not leave out other names.
Reply ListHostedZonesByName(const Call& call) {
  constexpr std::size_t kMost = 100;
  const std::size_t limit = max_items(call.input, kMost);
  const std::string_view from_name = string_or_empty(call.input, "DNSName");
  const std::string_view from_id = without_kind(string_or_empty(call.input, "HostedZoneId"));
  if (from_name.empty() && !from_id.empty())
    return invalid("The value of DNSName must be specified when HostedZoneId is specified.");
  std::vector<const HostedZone*> zones = zones_by_id(call.region);
  const auto key = [](const HostedZone* zone) {
    return std::pair(reversed_labels(zone->Name), zone->Id);
  };
  std::sort(zones.begin(), zones.end(),
            [&](const auto* a, const auto* b) { return key(a) < key(b); });
  std::size_t i = 0;
  if (!from_name.empty()) {
    const std::pair from(reversed_labels(canonical_name(from_name)), std::string(from_id));
    while (i < zones.size() && key(zones[i]) < from) ++i;
  }
  JsonArray page;
  while (i < zones.size() && page.size() < limit) page.push_back(shown(*zones[i++]));
  JsonObject answer{{"HostedZones", std::move(page)}};
  if (!from_name.empty()) answer["DNSName"] = from_name;
  if (!from_id.empty()) answer["HostedZoneId"] = from_id;
  answer["IsTruncated"] = i < zones.size();
  if (i < zones.size()) {
    answer["NextDNSName"] = zones[i]->Name;
    answer["NextHostedZoneId"] = zones[i]->Id;
  }
  answer["MaxItems"] = std::to_string(limit);
  return answer_with(std::move(answer));
}

Reply ListHostedZonesByVPC(const Call& call) {
  constexpr std::size_t kMost = 100;
  const std::pair wanted(std::string(string_or_empty(call.input, "VPCRegion")),
                         std::string(string_or_empty(call.input, "VPCId")));
  const std::size_t limit = max_items(call.input, kMost);
  const std::string_view token = string_or_empty(call.input, "NextToken");
  JsonArray page;
  std::string next;
  for (const HostedZone* zone : zones_by_id(call.region)) {
    const auto& vpcs = zone->vpcs;
    if (zone->Id < token || std::find(vpcs.begin(), vpcs.end(), wanted) == vpcs.end()) continue;
    if (page.size() == limit) {
      next = zone->Id;
      break;
    }
    page.push_back(JsonObject{{"HostedZoneId", zone->Id},
                              {"Name", shown_name(zone->Name)},
                              {"Owner", JsonObject{{"OwningAccount", call.region.account}}}});
  }
  JsonObject answer{{"HostedZoneSummaries", std::move(page)}, {"MaxItems", std::to_string(limit)}};
  if (!next.empty()) answer["NextToken"] = next;
  return answer_with(std::move(answer));
}

Reply ListTagsForResource(const Call& call) {
  TRY(const HostedZone* zone, the_zone(call, "ResourceId"));
  JsonArray tags;
  for (const auto& [key, value] : zone->tags)
    tags.push_back(JsonObject{{"Key", key}, {"Value", value}});
  return answer_with({{"ResourceTagSet", JsonObject{{"ResourceType", "hostedzone"},
                                                    {"ResourceId", zone->Id},
                                                    {"Tags", std::move(tags)}}}});
}

// ---- Health checks ----------------------------------------------------------------------------

namespace {

Answer<const Json*> the_health_check(const Call& call) {
  const std::string_view id = string_or_empty(call.input, "HealthCheckId");
  const auto& checks = call.region.hosted_zones->health_checks;
  const auto found = checks.find(id);
  if (found == checks.end())
    return ServiceError{404,
                        "NoSuchHealthCheck",
                        fmt::format("No health check exists with the specified ID: {}", id),
                        {}};
  return &found->second;
}

}  // namespace

Reply CreateHealthCheck(const Call& call) {
  const std::string_view reference = string_or_empty(call.input, "CallerReference");
  for (const auto& [id, known] : call.region.hosted_zones->health_checks)
    if (string_or_empty(known, "CallerReference") == reference)
      return ServiceError{409,
                          "HealthCheckAlreadyExists",
                          "A health check has already been created with the specified caller "
                          "reference.",
                          {}};
  const std::string id = call.region.random.uuid();
  const Json* config = find(call.input, "HealthCheckConfig");
  JsonObject check{{"Id", id},
                   {"CallerReference", reference},
                   {"HealthCheckConfig", config == nullptr ? Json(JsonObject{}) : *config},
                   {"HealthCheckVersion", 1}};
  call.region.hosted_zones->health_checks[id] = check;
  return answer_with(
      {{"HealthCheck", std::move(check)},
       {"Location", fmt::format("https://route53.amazonaws.com/2013-04-01/healthcheck/{}", id)}});
}

Reply GetHealthCheck(const Call& call) {
  TRY(const Json* check, the_health_check(call));
  return answer_with({{"HealthCheck", *check}});
}

Reply GetHealthCheckStatus(const Call& call) {
  TRY_VOID(the_health_check(call));
  JsonArray observations;
  for (const char* region : {"eu-west-1", "us-east-1", "us-west-2"})
    observations.push_back(JsonObject{
        {"Region", region},
        {"StatusReport", JsonObject{{"Status", "Success: HTTP Status Code 200, OK"},
                                    {"CheckedTime", to_iso8601(call.region.now, true)}}}});
  return answer_with({{"HealthCheckObservations", std::move(observations)}});
}

namespace {

constexpr bool kReads = true;

constexpr std::array kOperations = {
    Operation{"AssociateVPCWithHostedZone", AssociateVPCWithHostedZone},
    Operation{"ChangeResourceRecordSets", ChangeResourceRecordSets},
    Operation{"CreateHealthCheck", CreateHealthCheck},
    Operation{"CreateHostedZone", CreateHostedZone},
    Operation{"DeleteHostedZone", DeleteHostedZone},
    Operation{"GetChange", GetChange, kReads},
    Operation{"GetHealthCheck", GetHealthCheck, kReads},
    Operation{"GetHealthCheckStatus", GetHealthCheckStatus, kReads},
    Operation{"GetHostedZone", GetHostedZone, kReads},
    Operation{"ListHostedZones", ListHostedZones, kReads},
    Operation{"ListHostedZonesByName", ListHostedZonesByName, kReads},
    Operation{"ListHostedZonesByVPC", ListHostedZonesByVPC, kReads},
    Operation{"ListResourceRecordSets", ListResourceRecordSets, kReads},
    Operation{"ListTagsForResource", ListTagsForResource, kReads},
    Operation{"TestDNSAnswer", TestDNSAnswer, kReads},
};

}  // namespace
}  // namespace route53

std::string canonical_name(std::string_view name) {
  std::string canonical = to_lower(name);
  if (const auto star = canonical.find("\\052"); star != std::string::npos)
    canonical.replace(star, 4, "*");
  if (!canonical.ends_with('.')) canonical += '.';
  return canonical;
}

std::string reversed_labels(std::string_view name) {
  std::vector<std::string_view> labels = split(name, '.');
  if (!labels.empty() && labels.back().empty()) labels.pop_back();
  std::string reversed;
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
    reversed += *label;
    reversed += '\x01';  // before everything a label may contain
  }
  return reversed;
}

std::span<const Operation> route53_operations() { return route53::kOperations; }

}  // namespace slipway::sim
