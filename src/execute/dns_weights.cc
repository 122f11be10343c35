#include "execute/dns_weights.h"

#include "base/text.h"
#include "execute/patience.h"
#include "execute/requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace slipway {
namespace {

namespace route53 = aws::route53;
using std::chrono::seconds;

constexpr int kWhole = 100;

// "/hostedzone/Z0123" and "Z0123" are the same zone; requests take the bare id.
std::string bare_id(std::string_view id) {
  const std::size_t slash = id.rfind('/');
  return std::string(slash == std::string_view::npos ? id : id.substr(slash + 1));
}

const DnsSide* side_of(const route53::ResourceRecordSet& record, const DnsPair& pair) {
  if (!record.Weight) return nullptr;
  for (const DnsSide* side : {&pair.old_side, &pair.new_side})
    if (record.SetIdentifier == side->set_identifier) return side;
  return nullptr;
}

std::string type_of(const DnsSide& side) { return side.alias_zone.empty() ? "CNAME" : "A"; }

// Load balancers have the prefix "dualstack." in alias records that the console makes.
std::string normal_target(std::string_view target) {
  std::string name = normal_dns_name(target);
  constexpr std::string_view kDualStack = "dualstack.";
  if (name.starts_with(kDualStack)) name.erase(0, kDualStack.size());
  return name;
}

std::string target_of(const route53::ResourceRecordSet& record) {
  if (record.AliasTarget) return normal_target(record.AliasTarget->DNSName);
  return record.ResourceRecords.size() == 1 ? normal_target(record.ResourceRecords.front().Value)
                                            : std::string();
}

route53::ResourceRecordSet record_of(const DnsName& name, const DnsSide& side, int weight,
                                     seconds ttl) {
  route53::ResourceRecordSet record;
  record.Name = normal_dns_name(name.name);
  record.Type = type_of(side);
  record.SetIdentifier = side.set_identifier;
  record.Weight = weight;
  if (side.alias_zone.empty()) {
    record.TTL = ttl.count();
    record.ResourceRecords.push_back({.Value = side.target});
  } else {
    record.AliasTarget.emplace();
    record.AliasTarget->HostedZoneId = side.alias_zone;
    record.AliasTarget->DNSName = side.target;
    record.AliasTarget->EvaluateTargetHealth = false;
  }
  return record;
}

std::string in_words(const route53::ResourceRecordSet& record) {
  std::string text = record.Type;
  if (!record.SetIdentifier.empty()) text += " of SetIdentifier " + quote(record.SetIdentifier);
  if (record.Weight) text += fmt::format(", weight {}", *record.Weight);
  if (const std::string target = target_of(record); !target.empty()) text += ", to " + target;
  return text;
}

std::optional<int> weight_of(const DnsRecords& records, const DnsSide& side, const DnsPair& pair) {
  for (const route53::ResourceRecordSet& record : records.records)
    if (side_of(record, pair) == &side) return static_cast<int>(*record.Weight);
  return std::nullopt;
}

bool is_as_wanted(const DnsRecords& records, const DnsPair& pair, int new_weight) {
  const auto holds = [&](const DnsSide& side, int weight) {
    return std::ranges::any_of(records.records, [&](const route53::ResourceRecordSet& record) {
      return side_of(record, pair) == &side && record.Weight == weight &&
             target_of(record) == normal_target(side.target);
    });
  };
  return holds(pair.old_side, kWhole - new_weight) && holds(pair.new_side, new_weight);
}

}  // namespace

std::string normal_dns_name(std::string_view name) {
  std::string normal = to_lower(name);
  while (normal.ends_with('.')) normal.pop_back();
  constexpr std::string_view kStar = "\\052";
  if (const std::size_t star = normal.find(kStar); star != std::string::npos)
    normal.replace(star, kStar.size(), "*");
  return normal + ".";
}

DnsSplit split_of(const DnsRecords& records, const DnsPair& pair) {
  return {.name = normal_dns_name(records.name.name),
          .old_weight = weight_of(records, pair.old_side, pair),
          .new_weight = weight_of(records, pair.new_side, pair)};
}

bool is_of_pair(const route53::ResourceRecordSet& record, const DnsPair& pair) {
  if (side_of(record, pair) == nullptr) return false;
  const std::string target = target_of(record);
  return target == normal_target(pair.old_side.target) ||
         target == normal_target(pair.new_side.target);
}

std::vector<std::string> objections(std::span<const DnsRecords> records, const DnsPair& pair) {
  std::vector<std::string> found;
  const std::string wanted = type_of(pair.new_side);
  for (const DnsRecords& of_name : records) {
    for (const route53::ResourceRecordSet& record : of_name.records) {
      const std::string where =
          normal_dns_name(of_name.name.name) + " has a record " + in_words(record);
      if (record.Type != wanted) {
        // Other types may stand beside an alias record, but never beside a CNAME.
        if (wanted == "CNAME" || record.Type == "CNAME" || record.Type == "AAAA")
          found.push_back(
              fmt::format("{}: weighted records of type {} cannot stand beside it", where, wanted));
      } else if (!record.Weight) {
        found.push_back(where + ", which is not weighted");
      } else if (side_of(record, pair) == nullptr) {
        found.push_back(where + fmt::format(": a third one beside {} and {} would take traffic",
                                            quote(pair.old_side.set_identifier),
                                            quote(pair.new_side.set_identifier)));
      }
    }
  }
  return found;
}

namespace {

Json change_of(std::string_view action, const route53::ResourceRecordSet& record) {
  return JsonObject{{"Action", action}, {"ResourceRecordSet", to_json(aws::ref(record))}};
}

std::vector<std::string> commands_of(const std::map<std::string, JsonArray>& changes_by_zone) {
  std::vector<std::string> commands;
  for (const auto& [zone, changes] : changes_by_zone)
    commands.push_back(fmt::format(
        "aws route53 change-resource-record-sets --hosted-zone-id {} --change-batch '{}'", zone,
        to_text(Json(JsonObject{{"Changes", changes}}))));
  return commands;
}

}  // namespace

std::vector<std::string> commands_that_set(const DnsPair& pair, int new_weight) {
  std::map<std::string, JsonArray> by_zone;
  for (const DnsName& name : pair.names) {
    for (const auto& [side, weight] :
         {std::pair{&pair.old_side, kWhole - new_weight}, std::pair{&pair.new_side, new_weight}}) {
      by_zone[bare_id(name.zone_id)].push_back(
          change_of("UPSERT", record_of(name, *side, weight, pair.ttl)));
    }
  }
  return commands_of(by_zone);
}

std::vector<std::string> commands_that_remove(std::span<const DnsRecords> records,
                                              const DnsPair& pair) {
  std::map<std::string, JsonArray> by_zone;
  for (const DnsRecords& of_name : records)
    for (const route53::ResourceRecordSet& record : of_name.records)
      if (is_of_pair(record, pair))
        by_zone[bare_id(of_name.name.zone_id)].push_back(change_of("DELETE", record));
  return commands_of(by_zone);
}

DnsWeights::DnsWeights(Context& context, Subject subject, DnsPair pair, DnsTimings timings)
    : context_(context), subject_(std::move(subject)), pair_(std::move(pair)), timings_(timings) {}

// ---- Reading -----------------------------------------------------------------------------------

// A listing begins at the name and goes on through the zone: what bears the name comes first.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
Result<DnsRecords> DnsWeights::read(const DnsName& name) {
  DnsRecords found{.name = name, .records = {}};
  const std::string wanted = normal_dns_name(name.name);
  route53::ListResourceRecordSetsRequest request;
  request.HostedZoneId = bare_id(name.zone_id);
  request.StartRecordName = wanted;
  while (true) {
    TRY(route53::ListResourceRecordSetsResponse page,
        patiently(context_.clock(), timings_.patience, [&] {
          return context_.clients.call(route53::ListResourceRecordSets, request);
        }).context("reading the records of " + wanted));
    for (route53::ResourceRecordSet& record : page.ResourceRecordSets) {
      if (normal_dns_name(record.Name) != wanted) return found;
      found.records.push_back(std::move(record));
    }
    if (!page.IsTruncated || normal_dns_name(page.NextRecordName) != wanted) return found;
    request.StartRecordName = page.NextRecordName;
    request.StartRecordType = page.NextRecordType;
    request.StartRecordIdentifier = page.NextRecordIdentifier;
  }
}

Result<std::vector<DnsRecords>> DnsWeights::read() {
  std::vector<DnsRecords> all;
  for (const DnsName& name : pair_.names) {
    TRY(DnsRecords records, read(name));
    all.push_back(std::move(records));
  }
  return all;
}

Result<void> DnsWeights::may_set() {
  TRY(const std::vector<DnsRecords> records, read());
  const std::vector<std::string> found = objections(records, pair_);
  if (found.empty()) return {};
  return Error{.kind = ErrorKind::kConflict, .code = "dns.not-ours", .message = join(found, "; ")};
}

// ---- Changing ----------------------------------------------------------------------------------

std::vector<DnsWeights::ZoneChange> DnsWeights::changes_to(int new_weight) const {
  std::vector<ZoneChange> changes;
  for (const DnsName& name : pair_.names) {
    const std::string zone = bare_id(name.zone_id);
    auto of_zone = std::ranges::find(changes, zone, &ZoneChange::zone_id);
    if (of_zone == changes.end())
      of_zone = changes.insert(changes.end(), {.zone_id = zone, .batch = {}});
    for (const auto& [side, weight] : {std::pair{&pair_.old_side, kWhole - new_weight},
                                       std::pair{&pair_.new_side, new_weight}}) {
      route53::Change change;
      change.Action = "UPSERT";
      change.ResourceRecordSet = record_of(name, *side, weight, pair_.ttl);
      of_zone->batch.Changes.push_back(std::move(change));
    }
  }
  return changes;
}

// The id of the change. Asking for a state twice gives the same state, so lost answers cost
// nothing.
Result<std::string> DnsWeights::send(const ZoneChange& change, Trouble tried_again,
                                     TimePoint until) {
  route53::ChangeResourceRecordSetsRequest request;
  request.HostedZoneId = change.zone_id;
  request.ChangeBatch = change.batch;
  TRY_VOID(context_.events.announce(subject_, "route53:ChangeResourceRecordSets",
                                    to_json(aws::ref(request)), tried_again == Trouble::kAny));
  const Patience patience{.until = until,
                          .first_back_off = timings_.first_back_off,
                          .longest_back_off = timings_.longest_back_off,
                          .with_anything = tried_again == Trouble::kAny};
  TRY(const route53::ChangeResourceRecordSetsResponse answer,
      patiently(context_.clock(), patience, [&] {
        return context_.clients.call(route53::ChangeResourceRecordSets, request);
      }).context("changing the records of zone " + change.zone_id));
  return answer.ChangeInfo.Id;
}

// https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html
Result<void> DnsWeights::wait_for(const std::string& change, const std::string& zone_id) {
  const TimePoint limit = context_.clock().now() + timings_.in_sync;
  while (!is_unwatched_) {
    const std::optional<route53::GetChangeResponse> answer = context_.optional.call(
        route53::GetChange, {.Id = bare_id(change)},
        fmt::format("changes of DNS are waited for {} instead of until they are INSYNC",
                    to_string(timings_.unwatched)));
    if (answer && answer->ChangeInfo.Status == "INSYNC") {
      not_in_sync_.erase(zone_id);
      return {};
    }
    if (!answer && context_.optional.is_denied(route53::GetChange.name)) break;
    if (context_.clock().now() >= limit)
      return Error{.kind = ErrorKind::kTimeout,
                   .code = "dns.not-in-sync",
                   .message = fmt::format("change {} of zone {} was not INSYNC within {}",
                                          bare_id(change), zone_id, to_string(timings_.in_sync))};
    TRY_VOID(context_.clock().sleep_for(timings_.poll));
  }
  is_unwatched_ = true;
  not_in_sync_.erase(zone_id);
  return context_.clock().sleep_for(timings_.unwatched);
}

// Every zone is tried, whatever becomes of the others: traffic should be the same wherever it can.
Result<void> DnsWeights::apply(std::vector<ZoneChange> changes, Trouble tried_again,
                               Duration patience) {
  struct Sent {
    std::string zone_id;
    Result<std::string> change;
  };
  std::vector<Sent> sent;
  Group zones(context_.runtime.fibers);
  const TimePoint until = context_.clock().now() + patience;
  for (const ZoneChange& change : changes)
    sent.push_back(
        {change.zone_id,
         Error{.kind = ErrorKind::kCancelled, .code = "cancelled", .message = "called off"}});
  for (std::size_t i = 0; i < changes.size(); ++i)
    zones.spawn("zone " + changes[i].zone_id,
                [&, i] { sent[i].change = send(changes[i], tried_again, until); });
  zones.join();
  std::optional<Error> first;
  for (const Sent& one : sent) {
    Result<void> settled;
    if (!one.change) {
      settled = one.change.error();
    } else {
      not_in_sync_[one.zone_id] = *one.change;
      settled = wait_for(*one.change, one.zone_id);
    }
    if (!settled && !first) first = settled.error();
  }
  if (first) return *first;
  return {};
}

// A record may already read as it should while its change is not in force yet.
Result<void> DnsWeights::wait_for_the_rest() {
  const std::map<std::string, std::string> pending = not_in_sync_;
  for (const auto& [zone_id, change] : pending) TRY_VOID(wait_for(change, zone_id));
  return {};
}

Result<void> DnsWeights::verify(int new_weight) {
  TRY(const std::vector<DnsRecords> all, read());
  for (const DnsRecords& records : all) {
    if (is_as_wanted(records, pair_, new_weight) && objections({&records, 1}, pair_).empty())
      continue;
    std::vector<std::string> there;
    for (const route53::ResourceRecordSet& record : records.records)
      there.push_back(in_words(record));
    return Error{
        .kind = ErrorKind::kConflict,
        .code = "dns.changed-meanwhile",
        .message = fmt::format("{} was set to {}/{}, and somebody else has changed it: there is {}",
                               normal_dns_name(records.name.name), kWhole - new_weight, new_weight,
                               there.empty() ? "no record" : join(there, "; "))};
  }
  return {};
}

Result<void> DnsWeights::set(int new_weight) {
  TRY_VOID(apply(changes_to(new_weight), Trouble::kPasses, timings_.patience));
  return verify(new_weight);
}

Result<void> DnsWeights::restore(int new_weight) {
  const TimePoint until = context_.clock().now() + timings_.restoring;
  while (true) {
    std::vector<ZoneChange> changes = changes_to(new_weight);
    // What is as it should be needs no call; where nothing can be read, the change is sent.
    if (const Result<std::vector<DnsRecords>> now = read()) {
      std::erase_if(changes, [&](const ZoneChange& change) {
        return std::ranges::all_of(*now, [&](const DnsRecords& records) {
          return bare_id(records.name.zone_id) != change.zone_id ||
                 is_as_wanted(records, pair_, new_weight);
        });
      });
    }
    const Duration left = std::max(Duration(0), until - context_.clock().now());
    Result<void> applied = apply(std::move(changes), Trouble::kAny, left);
    if (applied) applied = wait_for_the_rest();
    if (applied) applied = verify(new_weight);
    if (applied || context_.clock().now() >= until || applied.error().kind == ErrorKind::kCancelled)
      return applied;
    TRY_VOID(context_.clock().sleep_for(timings_.longest_back_off));
  }
}

Result<void> DnsWeights::remove() {
  constexpr int kTries = 3;
  for (int tries = 1;; ++tries) {
    TRY(const std::vector<DnsRecords> all, read());
    std::vector<ZoneChange> changes = deletions(all);
    if (changes.empty()) return {};
    Result<void> applied = apply(std::move(changes), Trouble::kPasses, timings_.restoring);
    // Sent twice, because an answer was lost, the second finds nothing: look what there is.
    if (applied || applied.error().code != "InvalidChangeBatch" || tries == kTries) return applied;
  }
}

std::vector<DnsWeights::ZoneChange> DnsWeights::deletions(
    const std::vector<DnsRecords>& all) const {
  std::vector<ZoneChange> changes;
  for (const DnsRecords& of_name : all) {
    for (const route53::ResourceRecordSet& record : of_name.records) {
      if (!is_of_pair(record, pair_)) continue;
      const std::string zone = bare_id(of_name.name.zone_id);
      auto of_zone = std::ranges::find(changes, zone, &ZoneChange::zone_id);
      if (of_zone == changes.end())
        of_zone = changes.insert(changes.end(), {.zone_id = zone, .batch = {}});
      route53::Change change;
      change.Action = "DELETE";  // which has to name the record as it is
      change.ResourceRecordSet = record;
      of_zone->batch.Changes.push_back(std::move(change));
    }
  }
  return changes;
}

}  // namespace slipway
