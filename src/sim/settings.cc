// Account settings and tags: what every kind of resource has in common.
#include "sim/operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace slipway::sim::ecs {
namespace {

// ---- Account settings -------------------------------------------------------------------------

struct SettingDefault {
  std::string_view name;
  std::string_view value;
};

constexpr std::array kSettings = {
    SettingDefault{"awsvpcTrunking", "disabled"},
    SettingDefault{"containerInsights", "disabled"},
    SettingDefault{"containerInstanceLongArnFormat", "enabled"},
    SettingDefault{"defaultLogDriverMode", "non-blocking"},
    SettingDefault{"fargateEventWindows", "disabled"},
    SettingDefault{"fargateFIPSMode", "disabled"},
    SettingDefault{"fargateTaskRetirementWaitPeriod", "7"},
    SettingDefault{"guardDutyActivate", "off"},
    SettingDefault{"serviceLongArnFormat", "enabled"},
    SettingDefault{"tagResourceAuthorization", "off"},
    SettingDefault{"taskLongArnFormat", "enabled"},
};

const SettingDefault* find_setting(std::string_view name) {
  const auto* found = std::find_if(kSettings.begin(), kSettings.end(),
                                   [&](const SettingDefault& each) { return each.name == name; });
  return found == kSettings.end() ? nullptr : found;
}

std::string root(const Region& region) {
  return fmt::format("arn:{}:iam::{}:root", region.partition, region.account);
}

void write_setting(JsonWriter& json, std::string_view name, std::string_view value,
                   std::string_view principal) {
  json.begin_object()
      .member("name", name)
      .member("value", value)
      .member("principalArn", principal)
      .member("type", name == "guardDutyActivate" ? "aws_managed" : "user")
      .end_object();
}

Reply setting_reply(std::string_view name, std::string_view value, std::string_view principal) {
  JsonWriter json;
  json.begin_object().key("setting");
  write_setting(json, name, value, principal);
  json.end_object();
  return JsonText{std::move(json).text()};
}

Reply put_setting(const Call& call, const std::string& principal, const std::string& shown) {
  const std::string name(string_or_empty(call.input, "name"));
  const std::string value(string_or_empty(call.input, "value"));
  if (find_setting(name) == nullptr)
    return invalid_parameter(fmt::format("Invalid setting name: {}", name));
  if (value.empty()) return invalid_parameter("Setting value cannot be empty.");
  call.region.account_settings[{principal, name}] = value;
  return setting_reply(name, value, shown);
}

std::string principal_of(const Call& call) {
  const std::string_view given = string_or_empty(call.input, "principalArn");
  return given.empty() ? call.principal() : std::string(given);
}

// ---- Tags -------------------------------------------------------------------------------------

// The parts of "arn:P:ecs:R:A:kind/…" after the account, or none for anything else.
std::vector<std::string> resource_parts(std::string_view arn) {
  std::vector<std::string> parts;
  const auto colon = arn.find(":ecs:");
  if (colon == std::string_view::npos) return parts;
  auto start = arn.find(':', arn.find(':', colon + 5) + 1);
  if (start == std::string_view::npos) return parts;
  std::string_view rest = arn.substr(start + 1);
  for (auto slash = rest.find('/'); slash != std::string_view::npos && parts.size() < 3;
       slash = rest.find('/')) {
    parts.emplace_back(rest.substr(0, slash));
    rest.remove_prefix(slash + 1);
  }
  parts.emplace_back(rest);
  return parts;
}

Answer<Tags*> find_tags(const Call& call) {
  const std::string_view arn = string_or_empty(call.input, "resourceArn");
  const std::vector<std::string> parts = resource_parts(arn);
  const auto missing = [&] {
    return invalid_parameter("The specified resource is not valid or could not be found: " +
                             std::string(arn));
  };
  if (parts.size() < 2) return missing();
  const std::string& kind = parts[0];
  Region& region = call.region;
  if (kind == "capacity-provider") {
    const auto found = region.capacity_providers.find(parts[1]);
    if (found == region.capacity_providers.end()) return missing();
    return &found->second.tags;
  }
  if (kind == "task-definition") {
    const auto definition = find_definition(region, arn);
    if (!definition) return missing();
    return &definition->tags;
  }
  Cluster* cluster = find_cluster(region, parts[1]);
  if (cluster == nullptr || !cluster->is_active) return cluster_not_found();
  if (kind == "cluster") return &cluster->tags;
  if (parts.size() < 3) return missing();
  if (kind == "service") {
    Service* service = find_service(*cluster, parts[2]);
    if (service == nullptr || service->status == ServiceStatus::kInactive) return missing();
    return &service->tags;
  }
  if (kind == "task") {
    Task* task = find_task(*cluster, region, parts[2]);
    if (task == nullptr) return missing();
    return &task->tags;
  }
  if (kind == "container-instance") {
    ContainerInstance* instance = find_instance(*cluster, parts[2]);
    if (instance == nullptr) return missing();
    return &instance->tags;
  }
  if (kind == "task-set") {
    if (Service* service = find_service(*cluster, parts[2]))
      for (const auto& deployment : service->deployments)
        if (deployment->task_set && deployment->task_set->arn == arn)
          return &deployment->task_set->tags;
  }
  return missing();
}

}  // namespace

Reply PutAccountSetting(const Call& call) {
  const std::string principal = principal_of(call);
  return put_setting(call, principal, principal);
}

Reply PutAccountSettingDefault(const Call& call) {
  return put_setting(call, "", root(call.region));
}

Reply DeleteAccountSetting(const Call& call) {
  const std::string principal = principal_of(call);
  const std::string name(string_or_empty(call.input, "name"));
  if (find_setting(name) == nullptr)
    return invalid_parameter(fmt::format("Invalid setting name: {}", name));
  const auto found = call.region.account_settings.find({principal, name});
  std::string value(find_setting(name)->value);
  if (found != call.region.account_settings.end()) {
    value = found->second;
    call.region.account_settings.erase(found);
  }
  return setting_reply(name, value, principal);
}

Reply ListAccountSettings(const Call& call) {
  const std::string principal = principal_of(call);
  const std::string_view wanted_name = string_or_empty(call.input, "name");
  const std::string_view wanted_value = string_or_empty(call.input, "value");
  const bool effective = find_bool(call.input, "effectiveSettings").value_or(false);
  const auto& settings = call.region.account_settings;
  std::vector<std::string> written;
  written.reserve(kSettings.size());
  std::vector<ListItem> items;
  for (const auto& [name, value] : kSettings) {
    std::string shown(value);
    const auto own = settings.find({principal, std::string(name)});
    const auto everyones = settings.find({"", std::string(name)});
    // Without effectiveSettings only what was set for this principal is listed.
    if (!effective && own == settings.end()) continue;
    if (everyones != settings.end()) shown = everyones->second;
    if (own != settings.end()) shown = own->second;
    if (!wanted_name.empty() && wanted_name != name) continue;
    if (!wanted_value.empty() && wanted_value != shown) continue;
    JsonWriter json;
    write_setting(json, name, shown, principal);
    written.push_back(std::move(json).text());
    items.push_back({std::string(name), written.back()});
  }
  return list_page(call.input, items,
                   {.member = "settings", .default_results = 10, .shown_is_json = true});
}

Reply TagResource(const Call& call) {
  constexpr std::size_t kMost = 50;
  TRY(Tags * tags, find_tags(call));
  TRY(const Tags given, read_tags(call.input));
  Tags merged = *tags;
  for (const Tag& tag : given) {
    const auto same = std::find_if(merged.begin(), merged.end(),
                                   [&](const Tag& other) { return other.key == tag.key; });
    if (same == merged.end())
      merged.push_back(tag);
    else
      same->value = tag.value;
  }
  if (merged.size() > kMost) return invalid_parameter("Tags can have at most 50 items.");
  *tags = std::move(merged);
  return JsonText{};
}

Reply UntagResource(const Call& call) {
  TRY(Tags * tags, find_tags(call));
  for (const std::string& key : strings(call.input, "tagKeys"))
    std::erase_if(*tags, [&](const Tag& tag) { return tag.key == key; });
  return JsonText{};
}

Reply ListTagsForResource(const Call& call) {
  TRY(Tags * tags, find_tags(call));
  JsonWriter json;
  json.begin_object();
  write_tags(json, *tags);
  json.end_object();
  return JsonText{std::move(json).text()};
}

}  // namespace slipway::sim::ecs
