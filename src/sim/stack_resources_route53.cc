// AWS::Route53::RecordSet and RecordSetGroup. They are made with CREATE and deleted with DELETE and
// the values the stack knows, so a record that somebody changed since cannot be deleted.
#include "base/json.h"
#include "base/text.h"
#include "sim/stack_resources.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway::sim {
namespace {

constexpr std::string_view kRoute53 = "route53";
constexpr const char* kChange = "ChangeId";  // kept among the attributes while it is PENDING

std::string with_final_dot(std::string_view name) {
  return name.ends_with('.') ? std::string(name) : std::string(name) + ".";
}

std::string_view after_slash(std::string_view id) { return id.substr(id.rfind('/') + 1); }

// HostedZoneId, or the zone that HostedZoneName names; a record's own or its group's.
Answer<std::string> zone_of(ResourceWork& work, const Json& properties) {
  if (const auto id = find_string(properties, "HostedZoneId")) return std::string(after_slash(*id));
  const std::string name = with_final_dot(string_or_empty(properties, "HostedZoneName"));
  TRY(const Json answer,
      work.call(kRoute53, "ListHostedZonesByName", JsonObject{{"DNSName", name}}));
  std::vector<std::string> found;
  if (const JsonArray* zones = find_array(answer, "HostedZones"))
    for (const Json& zone : *zones)
      if (string_or_empty(zone, "Name") == name)
        found.emplace_back(after_slash(string_or_empty(zone, "Id")));
  if (found.empty())
    return ServiceError{
        404, "NoSuchHostedZone", fmt::format("No hosted zones named {} found", name), {}};
  if (found.size() > 1)
    return ServiceError{
        400, "InvalidInput", fmt::format("Found multiple hosted zones for domain {}", name), {}};
  return found.front();
}

// A template's record as ChangeResourceRecordSets has it.
Json api_record(const JsonObject& record) {
  JsonObject made;
  for (const auto& [name, value] : record) {
    if (name == "HostedZoneId" || name == "HostedZoneName" || name == "Comment") continue;
    if (name == "ResourceRecords") {
      JsonArray values;
      for (const Json& each : value.as_array()) values.push_back(JsonObject{{"Value", each}});
      made[name] = std::move(values);
    } else if (name == "Name") {
      made[name] = with_final_dot(std::string_view(value.as_string()));
    } else if (name == "TTL" && value.is_string()) {
      made[name] = std::strtoll(value.get_string().c_str(), nullptr, 10);
    } else {
      made[name] = value;
    }
  }
  if (JsonObject* alias = made.contains("AliasTarget") ? made["AliasTarget"].if_object() : nullptr)
    if (!alias->contains("EvaluateTargetHealth")) (*alias)["EvaluateTargetHealth"] = false;
  return made;
}

std::vector<JsonObject> records_of(const Json& properties) {
  std::vector<JsonObject> records;
  if (const JsonArray* several = find_array(properties, "RecordSets"))
    for (const Json& record : *several) records.push_back(record.as_object());
  else
    records.push_back(properties.as_object());
  return records;
}

JsonArray changes(const Json& properties, const char* action) {
  JsonArray all;
  for (const JsonObject& record : records_of(properties))
    all.push_back(JsonObject{{"Action", action}, {"ResourceRecordSet", api_record(record)}});
  return all;
}

Answer<Done> change(ResourceWork& work, JsonArray batch) {
  TRY(const std::string zone, zone_of(work, work.properties()));
  TRY(const Json answer,
      work.call(kRoute53, "ChangeResourceRecordSets",
                JsonObject{{"HostedZoneId", zone},
                           {"ChangeBatch", JsonObject{{"Changes", std::move(batch)}}}}));
  work.resource().attributes[kChange] = after_slash(string_or_empty(answer.at("ChangeInfo"), "Id"));
  return Done{};
}

Answer<Done> create_records(ResourceWork& work) {
  TRY_VOID(change(work, changes(work.properties(), "CREATE")));
  StackResource& resource = work.resource();
  if (find(work.properties(), "RecordSets") != nullptr) {
    resource.physical_id = work.made_up_name(255);
  } else {
    resource.physical_id = work.text("Name");
    if (resource.physical_id.ends_with('.')) resource.physical_id.pop_back();
  }
  resource.attributes["Id"] = resource.physical_id;
  return Done{};
}

// What is new or different is put there; what is no longer named goes.
Answer<Done> update_records(ResourceWork& work, const Json& before) {
  const auto identity = [](const JsonObject& record) {
    const Json json(record);
    return fmt::format("{}|{}|{}", with_final_dot(string_or_empty(json, "Name")),
                       string_or_empty(json, "Type"), string_or_empty(json, "SetIdentifier"));
  };
  std::vector<std::string> kept;
  for (const JsonObject& record : records_of(work.properties())) kept.push_back(identity(record));
  JsonArray batch;
  for (const JsonObject& record : records_of(before))
    if (std::find(kept.begin(), kept.end(), identity(record)) == kept.end())
      batch.push_back(JsonObject{{"Action", "DELETE"}, {"ResourceRecordSet", api_record(record)}});
  for (Json& upsert : changes(work.properties(), "UPSERT")) batch.push_back(std::move(upsert));
  return change(work, std::move(batch));
}

Answer<bool> is_insync(ResourceWork& work) {
  const Json* id = work.resource().attributes.if_contains(kChange);
  if (id == nullptr) return true;
  TRY(const Json answer, work.call(kRoute53, "GetChange", JsonObject{{"Id", *id}}));
  if (string_or_empty(answer.at("ChangeInfo"), "Status") != "INSYNC") return false;
  remove_member(work.resource().attributes, kChange);
  return true;
}

Answer<Done> destroy_records(ResourceWork& work) {
  remove_member(work.resource().attributes, kChange);
  auto changed = change(work, changes(work.properties(), "DELETE"));
  // What somebody else deleted is gone; what somebody changed is not ours to delete.
  const bool is_gone =
      !changed && (is_not_found(changed.error()) ||
                   changed.error().message.find("but it was not found") != std::string::npos);
  if (is_gone) return Done{};
  return changed;
}

constexpr ResourceType type_of_records(const char* name) {
  return {.name = name,
          .create = create_records,
          .destroy = destroy_records,
          .update = update_records,
          .is_stable = is_insync,
          .is_gone = is_insync};
}

}  // namespace

const ResourceType kRecordSetType = type_of_records("AWS::Route53::RecordSet");
const ResourceType kRecordSetGroupType = type_of_records("AWS::Route53::RecordSetGroup");

}  // namespace slipway::sim
