// What clients hear when they ask for a name: weighted, failover and simple record sets, CNAMEs and
// aliases followed to their ends.

#include "base/text.h"
#include "sim/hosted_zones.h"
#include "sim/load_balancing.h"
#include "sim/region.h"

#include <algorithm>

namespace slipway::sim {
namespace {

constexpr int kLongestChain = 8;
// What an alias to a load balancer is answered with.
constexpr Duration kAliasTtl = std::chrono::seconds(60);

// The zone that is asked: the one with the longest name; of two, the public one.
const HostedZone* zone_for(const Region& region, std::string_view name) {
  const HostedZone* best = nullptr;
  for (const auto& [id, zone] : region.hosted_zones->zones) {
    const bool covers = name == zone->Name || name.ends_with("." + zone->Name);
    if (!covers) continue;
    if (best == nullptr || zone->Name.size() > best->Name.size() ||
        (zone->Name == best->Name && best->is_private && !zone->is_private))
      best = zone.get();
  }
  return best;
}

std::string plain(std::string_view dns_name) {
  std::string name = canonical_name(dns_name);
  constexpr std::string_view kDualStack = "dualstack.";
  if (name.starts_with(kDualStack)) name.erase(0, kDualStack.size());
  return name;
}

// An alias that evaluates its target's health is as healthy as the load balancer: every target
// group that has targets has a healthy one.
bool is_healthy(const Region& region, const Json& record) {
  const Json* alias = find(record, "AliasTarget");
  if (alias == nullptr || !find_bool(*alias, "EvaluateTargetHealth").value_or(false)) return true;
  const std::string name = plain(string_or_empty(*alias, "DNSName"));
  for (const auto& [arn, balancer] : region.load_balancing->load_balancers) {
    if (canonical_name(balancer->DNSName) != name) continue;
    for (const auto& [group_arn, group] : region.load_balancing->target_groups) {
      const auto& users = group->LoadBalancerArns;
      if (group->targets.empty() || std::find(users.begin(), users.end(), arn) == users.end())
        continue;
      const auto is_it = [](const auto& target) { return target->state == TargetState::kHealthy; };
      if (std::none_of(group->targets.begin(), group->targets.end(), is_it)) return false;
    }
  }
  return true;
}

struct Answered {
  const Json* record = nullptr;
  double share = 0;
};

double weight_of(const Json& record) {
  return static_cast<double>(find_int(record, "Weight").value_or(1));
}

// The record sets of one name and type, each with its share of the answers.
std::vector<Answered> shares(const Region& region, std::vector<const Json*> records) {
  std::vector<const Json*> healthy;
  for (const Json* record : records)
    if (is_healthy(region, *record)) healthy.push_back(record);
  if (!healthy.empty()) records = std::move(healthy);
  // Failover: the primary one as long as it is among them. Latency, geography: the first.
  const auto is_primary = [](const Json* record) {
    return string_or_empty(*record, "Failover") == "PRIMARY";
  };
  const auto primary = std::find_if(records.begin(), records.end(), is_primary);
  if (primary != records.end()) return {{*primary, 1}};
  if (find(*records.front(), "Region") != nullptr ||
      find(*records.front(), "GeoLocation") != nullptr)
    return {{records.front(), 1}};

  double all = 0;
  for (const Json* record : records) all += weight_of(*record);
  std::vector<Answered> answers;
  for (const Json* record : records) {
    // Only where all weights are 0 do records with it answer, and then equally.
    const double share =
        all > 0 ? weight_of(*record) / all : 1.0 / static_cast<double>(records.size());
    if (share > 0) answers.push_back({record, share});
  }
  return answers;
}

std::vector<const Json*> records_of(const HostedZone& zone, std::string_view name,
                                    std::string_view type) {
  std::vector<const Json*> found;
  const std::string reversed = reversed_labels(name);
  for (auto at = zone.answered.lower_bound({reversed, std::string(type), ""});
       at != zone.answered.end() && at->first.reversed_name == reversed && at->first.Type == type;
       ++at)
    found.push_back(&at->second);
  return found;
}

void follow(const Region& region, const std::string& name, double share, int depth,
            Resolution& resolution) {
  const HostedZone* zone = zone_for(region, name);
  if (zone == nullptr) {
    resolution.shares[name] += share;
    return;
  }
  if (depth == kLongestChain) return;
  for (const char* type : {"CNAME", "A", "AAAA"}) {
    const std::vector<const Json*> records = records_of(*zone, name, type);
    if (records.empty()) continue;
    for (const Answered& answer : shares(region, records)) {
      const Json& record = *answer.record;
      if (const Json* alias = find(record, "AliasTarget")) {
        resolution.ttl = std::max(resolution.ttl, kAliasTtl);
        follow(region, plain(string_or_empty(*alias, "DNSName")), share * answer.share, depth + 1,
               resolution);
        continue;
      }
      resolution.ttl = std::max<Duration>(
          resolution.ttl, std::chrono::seconds(find_int(record, "TTL").value_or(0)));
      const JsonArray* values = find_array(record, "ResourceRecords");
      if (values == nullptr || values->empty()) continue;
      const double each = share * answer.share / static_cast<double>(values->size());
      for (const Json& value : *values) {
        const std::string_view text = string_or_empty(value, "Value");
        if (std::string_view(type) == "CNAME")
          follow(region, plain(text), each, depth + 1, resolution);
        else
          resolution.shares[std::string(text)] += each;
      }
    }
    return;
  }
}

}  // namespace

Resolution resolve(Region& region, std::string_view name) {
  Resolution resolution;
  follow(region, canonical_name(name), 1, 0, resolution);
  return resolution;
}

}  // namespace slipway::sim
