#include "sim/event_bridge.h"

#include "sim/calls.h"
#include "sim/event_delivery.h"
#include "sim/event_pattern.h"
#include "sim/schedule_expression.h"
#include "sim/target_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::sim {
namespace {

constexpr std::size_t kMostTargetsInACall = 10;

ServiceError refused(std::string_view code, std::string message) {
  return {400, std::string(code), std::move(message), {}};
}
ServiceError invalid(std::string message) {
  return refused("ValidationException", std::move(message));
}
ServiceError missing(std::string message) {
  return refused("ResourceNotFoundException", std::move(message));
}

constexpr std::string_view kDefaultBus = "default";

std::string bus_arn(const Region& region, std::string_view name) {
  return fmt::format("arn:{}:events:{}:{}:event-bus/{}", region.partition, region.name,
                     region.account, name);
}

// A rule's name has no slash.
std::string key_of_rule(std::string_view bus, std::string_view name) {
  return bus == kDefaultBus ? std::string(name) : fmt::format("{}/{}", bus, name);
}

ServiceError no_such_bus(std::string_view name) {
  return missing(fmt::format("Event bus {} does not exist.", name));
}
ServiceError no_such_rule(std::string_view bus, std::string_view name) {
  return missing(fmt::format("Rule {} does not exist on EventBus {}.", name, bus));
}

// The name of the bus that the call is about: said by name or by ARN, or not at all.
Answer<std::string> bus_of(const Call& call, const char* member = "EventBusName") {
  const std::string_view said = string_or_empty(call.input, member);
  if (said.empty()) return std::string(kDefaultBus);
  const std::string name(said.starts_with("arn:") ? last_segment(said) : said);
  const bool is_there = name == kDefaultBus || call.region.event_buses.contains(name);
  if (!is_there || (said.starts_with("arn:") && said != bus_arn(call.region, name)))
    return no_such_bus(name);
  return name;
}

Answer<EventRule*> find_rule(const Call& call, const char* member) {
  TRY(const std::string bus, bus_of(call));
  const std::string_view name = string_or_empty(call.input, member);
  const auto found = call.region.rules.find(key_of_rule(bus, name));
  if (found == call.region.rules.end()) return no_such_rule(bus, name);
  return &found->second;
}

bool is_rule_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_';
  });
}

// Takes the rule's schedule from now on.
void plan_next(Region& region, EventRule& rule) {
  rule.next.cancel();
  if (rule.State != "ENABLED" || rule.ScheduleExpression.empty()) return;
  const auto expression = ScheduleExpression::parse(rule.ScheduleExpression, false);
  const auto moment = expression->next(region.now, rule.scheduled_at);
  if (!moment) return;
  rule.next.set(region.timeline, *moment, [&region, &rule] {
    plan_next(region, rule);
    const std::string started_by = "events-rule/" + rule.Name;
    for (const EventTarget& target : rule.targets) fire(region, target.document, started_by);
  });
}

JsonObject shown(const EventRule& rule) {
  JsonObject json{{"Name", rule.Name}, {"Arn", rule.Arn}};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
  };
  add("EventPattern", rule.EventPattern);
  add("ScheduleExpression", rule.ScheduleExpression);
  add("State", rule.State);
  add("Description", rule.Description);
  add("RoleArn", rule.RoleArn);
  json["EventBusName"] = rule.EventBusName;
  return json;
}

Reply nothing() { return JsonText{}; }

std::optional<ServiceError> check_pattern(std::string_view pattern) {
  const auto problem = event_pattern_problem(pattern);
  if (!problem) return std::nullopt;
  return refused("InvalidEventPatternException",
                 fmt::format("Event pattern is not valid. Reason: {}", *problem));
}

Reply PutRule(const Call& call) {
  TRY(const std::string bus, bus_of(call));
  const std::string name(string_or_empty(call.input, "Name"));
  if (!is_rule_name(name))
    return invalid(fmt::format(
        "1 validation error detected: Value '{}' at 'name' failed to satisfy "
        "constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+",
        name));
  const std::string expression(string_or_empty(call.input, "ScheduleExpression"));
  const std::string pattern(string_or_empty(call.input, "EventPattern"));
  if (expression.empty() && pattern.empty())
    return invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.");
  if (!expression.empty() && bus != kDefaultBus)
    return invalid("ScheduleExpression is supported only on the default event bus.");
  if (!expression.empty() && !ScheduleExpression::parse(expression, false))
    return invalid("Parameter ScheduleExpression is not valid.");
  if (!pattern.empty())
    if (auto error = check_pattern(pattern)) return std::move(*error);

  const std::string key = key_of_rule(bus, name);
  const bool is_new = !call.region.rules.contains(key);
  EventRule& rule = call.region.rules[key];
  rule.Name = name;
  rule.EventBusName = bus;
  rule.Arn = fmt::format("arn:{}:events:{}:{}:rule/{}", call.region.partition, call.region.name,
                         call.region.account, key);
  // What is not said is not kept.
  rule.ScheduleExpression = expression;
  rule.EventPattern = pattern;
  rule.State = find_string(call.input, "State").value_or("ENABLED");
  rule.Description = string_or_empty(call.input, "Description");
  rule.RoleArn = string_or_empty(call.input, "RoleArn");
  if (const Json* tags = find(call.input, "Tags"); tags != nullptr && is_new) rule.Tags = *tags;
  rule.scheduled_at = call.region.now;
  plan_next(call.region, rule);
  return answer_with({{"RuleArn", rule.Arn}});
}

Reply DescribeRule(const Call& call) {
  TRY(EventRule * rule, find_rule(call, "Name"));
  JsonObject json = shown(*rule);
  json["CreatedBy"] = call.region.account;
  return answer_with(std::move(json));
}

Reply set_state(const Call& call, const char* state) {
  TRY(EventRule * rule, find_rule(call, "Name"));
  rule->State = state;
  plan_next(call.region, *rule);
  return nothing();
}
Reply EnableRule(const Call& call) { return set_state(call, "ENABLED"); }
Reply DisableRule(const Call& call) { return set_state(call, "DISABLED"); }

Reply DeleteRule(const Call& call) {
  TRY(const std::string bus, bus_of(call));
  const auto found = call.region.rules.find(key_of_rule(bus, string_or_empty(call.input, "Name")));
  if (found == call.region.rules.end()) return nothing();
  if (!found->second.targets.empty()) return invalid("Rule can't be deleted since it has targets.");
  call.region.rules.erase(found);
  return nothing();
}

// The page of `items` that the call asks for.
Reply list(const Call& call, std::string_view member, const std::vector<PageItem>& items) {
  return answer_with_page(
      call.input, items,
      {.member = member, .limit = "Limit", .bad_token = invalid("Token is invalid.")});
}

Reply ListRules(const Call& call) {
  TRY(const std::string bus, bus_of(call));
  const std::string_view prefix = string_or_empty(call.input, "NamePrefix");
  std::vector<PageItem> items;
  for (const auto& [key, rule] : call.region.rules)
    if (rule.EventBusName == bus && rule.Name.starts_with(prefix))
      items.push_back({rule.Name, shown(rule)});
  return list(call, "Rules", items);
}

Reply ListTargetsByRule(const Call& call) {
  TRY(EventRule * rule, find_rule(call, "Rule"));
  std::vector<PageItem> items;
  for (const EventTarget& target : rule->targets) items.push_back({target.Id, target.document});
  return list(call, "Targets", items);
}

Reply ListRuleNamesByTarget(const Call& call) {
  TRY(const std::string bus, bus_of(call));
  const std::string_view arn = string_or_empty(call.input, "TargetArn");
  std::vector<PageItem> items;
  for (const auto& [key, rule] : call.region.rules)
    if (rule.EventBusName == bus &&
        std::any_of(rule.targets.begin(), rule.targets.end(), [&](const EventTarget& target) {
          return string_or_empty(target.document, "Arn") == arn;
        }))
      items.push_back({rule.Name, Json(rule.Name)});
  return list(call, "RuleNames", items);
}

std::optional<ServiceError> check_target(const Json& target) {
  const std::string_view id = string_or_empty(target, "Id");
  const std::string_view arn = string_or_empty(target, "Arn");
  if (!arn.starts_with("arn:"))
    return invalid(fmt::format(
        "Parameter {} is not valid. Reason: Provided Arn is not in correct format.", arn));
  if (const auto input = find_string(target, "Input"))
    if (const Result<Json> json = parse_json(*input); !json)
      return invalid(
          fmt::format("JSON syntax error in input for target {} : {}", id, json.error().message));
  if (!is_ecs_target(target)) return std::nullopt;
  if (find(target, "EcsParameters") == nullptr)
    return invalid(fmt::format("Parameter(s) EcsParameters must be specified for target: {}.", id));
  if (string_or_empty(target, "RoleArn").empty())
    return invalid(fmt::format("RoleArn is required for target {}.", arn));
  return std::nullopt;
}

Reply PutTargets(const Call& call) {
  TRY(EventRule * rule, find_rule(call, "Rule"));
  const JsonArray none;
  const JsonArray* targets = find_array(call.input, "Targets");
  if (targets == nullptr) targets = &none;
  if (targets->size() > kMostTargetsInACall)
    return invalid(
        fmt::format("1 validation error detected: Value '{}' at 'targets' failed to satisfy "
                    "constraint: Member must have length less than or equal to {}",
                    to_text(*targets), kMostTargetsInACall));
  for (const Json& target : *targets)
    if (auto error = check_target(target)) return std::move(*error);

  std::vector<EventTarget> put = rule->targets;
  for (const Json& target : *targets) {
    const std::string id(string_or_empty(target, "Id"));
    const auto place = std::lower_bound(
        put.begin(), put.end(), id,
        [](const EventTarget& known, const std::string& wanted) { return known.Id < wanted; });
    if (place != put.end() && place->Id == id)
      place->document = target;  // whole: nothing of what was there stays
    else
      put.insert(place, {id, target});
  }
  if (put.size() > call.region.knobs.targets_per_rule && put.size() > rule->targets.size())
    return refused("LimitExceededException",
                   "The requested resource exceeds the maximum number allowed.");
  rule->targets = std::move(put);
  return answer_with({{"FailedEntryCount", 0}, {"FailedEntries", JsonArray{}}});
}

Reply RemoveTargets(const Call& call) {
  TRY(EventRule * rule, find_rule(call, "Rule"));
  const std::vector<std::string> ids = strings(call.input, "Ids");
  std::erase_if(rule->targets, [&](const EventTarget& target) {
    return std::find(ids.begin(), ids.end(), target.Id) != ids.end();
  });
  return answer_with({{"FailedEntryCount", 0}, {"FailedEntries", JsonArray{}}});
}

// ---- Event buses ------------------------------------------------------------------------------

JsonObject shown(const Region& region, const EventBus& bus) {
  JsonObject json{{"Name", bus.Name}, {"Arn", bus_arn(region, bus.Name)}};
  if (!bus.Description.empty()) json["Description"] = bus.Description;
  json["CreationTime"] = json["LastModifiedTime"] = seconds_of(bus.created_at);
  return json;
}

Reply CreateEventBus(const Call& call) {
  const std::string name(string_or_empty(call.input, "Name"));
  if (name == kDefaultBus || call.region.event_buses.contains(name))
    return refused("ResourceAlreadyExistsException",
                   fmt::format("Event bus {} already exists.", name));
  if (!is_rule_name(name))
    return invalid(
        fmt::format("Event bus name {} is not valid: partners alone have names with '/'.", name));
  EventBus& bus = call.region.event_buses[name];
  bus = {.Name = name,
         .Arn = bus_arn(call.region, name),
         .Description = std::string(string_or_empty(call.input, "Description")),
         .created_at = call.region.now};
  JsonObject json{{"EventBusArn", bus.Arn}};
  if (!bus.Description.empty()) json["Description"] = bus.Description;
  return answer_with(std::move(json));
}

EventBus default_bus() { return {.Name = std::string(kDefaultBus)}; }

Reply DescribeEventBus(const Call& call) {
  TRY(const std::string name, bus_of(call, "Name"));
  const auto found = call.region.event_buses.find(name);
  return answer_with(
      shown(call.region, found == call.region.event_buses.end() ? default_bus() : found->second));
}

Reply DeleteEventBus(const Call& call) {
  const std::string name(string_or_empty(call.input, "Name"));
  if (name == kDefaultBus) return invalid("Cannot delete event bus default.");
  for (const auto& [key, rule] : call.region.rules)
    if (rule.EventBusName == name) return invalid("Event bus can't be deleted since it has rules.");
  call.region.event_buses.erase(name);
  return nothing();
}

Reply ListEventBuses(const Call& call) {
  const std::string_view prefix = string_or_empty(call.input, "NamePrefix");
  std::vector<PageItem> items;
  const auto add = [&](const EventBus& bus) {
    if (bus.Name.starts_with(prefix)) items.push_back({bus.Name, shown(call.region, bus)});
  };
  // By name, the default one among them.
  for (const auto& [name, bus] : call.region.event_buses)
    if (name < kDefaultBus) add(bus);
  add(default_bus());
  for (const auto& [name, bus] : call.region.event_buses)
    if (name > kDefaultBus) add(bus);
  return list(call, "EventBuses", items);
}

// ---- Events -----------------------------------------------------------------------------------

Reply TestEventPattern(const Call& call) {
  const std::string_view pattern = string_or_empty(call.input, "EventPattern");
  if (auto error = check_pattern(pattern)) return std::move(*error);
  const Result<Json> event = parse_json(string_or_empty(call.input, "Event"));
  if (!event || !event->is_object()) return invalid("Parameter Event is not valid.");
  for (const char* member :
       {"id", "detail-type", "source", "account", "time", "region", "resources"})
    if (!event->get_object().contains(member))
      return invalid(
          fmt::format("Parameter Event is not valid. Reason: {} is a required field.", member));
  const Json wanted = parse_json(pattern).value();
  return answer_with({{"Result", matches_event(wanted.get_object(), event->get_object())}});
}

// What is wrong with one of PutEvents' entries.
std::optional<JsonObject> problem_of_entry(const Json& entry) {
  const auto refuse = [](const char* code, std::string message) {
    return JsonObject{{"ErrorCode", code}, {"ErrorMessage", std::move(message)}};
  };
  for (const char* member : {"Source", "DetailType", "Detail"})
    if (string_or_empty(entry, member).empty())
      return refuse(
          "InvalidArgument",
          fmt::format("Parameter {0} is not valid. Reason: {0} is a required argument.", member));
  if (string_or_empty(entry, "Source").starts_with("aws."))
    return refuse("NotAuthorizedForSourceException", "Not authorized for the source.");
  const Result<Json> detail = parse_json(string_or_empty(entry, "Detail"));
  if (!detail || !detail->is_object()) return refuse("MalformedDetail", "Detail is malformed.");
  return std::nullopt;
}

// The time an entry may say is not kept: an event of the past would be delivered now all the same.
Reply PutEvents(const Call& call) {
  JsonArray results;
  std::size_t failed = 0;
  for (const Json& entry : call.input.at("Entries").as_array()) {
    if (auto problem = problem_of_entry(entry)) {
      ++failed;
      results.push_back(std::move(*problem));
      continue;
    }
    const std::string_view bus = string_or_empty(entry, "EventBusName");
    const JsonArray* resources = find_array(entry, "Resources");
    std::string id = put_event(
        call.region, {.source = string_or_empty(entry, "Source"),
                      .detail_type = string_or_empty(entry, "DetailType"),
                      .resources = resources == nullptr ? JsonArray{} : *resources,
                      .detail = parse_json(string_or_empty(entry, "Detail")).value().as_object(),
                      .bus = bus.empty() ? kDefaultBus : last_segment(bus)});
    results.push_back(JsonObject{{"EventId", std::move(id)}});
  }
  return answer_with({{"FailedEntryCount", failed}, {"Entries", std::move(results)}});
}

// ---- Tags -------------------------------------------------------------------------------------

Answer<EventRule*> find_by_arn(const Call& call) {
  const std::string_view arn = string_or_empty(call.input, "ResourceARN");
  for (auto& [name, rule] : call.region.rules)
    if (rule.Arn == arn) return &rule;
  return no_such_rule(kDefaultBus, last_segment(arn));
}

bool has_key(const Json& tag, const std::vector<std::string>& keys) {
  return std::find(keys.begin(), keys.end(), string_or_empty(tag, "Key")) != keys.end();
}

void remove_tags(EventRule& rule, const std::vector<std::string>& keys) {
  JsonArray kept;
  for (const Json& tag : rule.Tags.get_array())
    if (!has_key(tag, keys)) kept.push_back(tag);
  rule.Tags = std::move(kept);
}

Reply TagResource(const Call& call) {
  TRY(EventRule * rule, find_by_arn(call));
  const JsonArray* tags = find_array(call.input, "Tags");
  if (tags == nullptr) return nothing();
  std::vector<std::string> keys;
  for (const Json& tag : *tags) keys.emplace_back(string_or_empty(tag, "Key"));
  remove_tags(*rule, keys);
  for (const Json& tag : *tags) rule->Tags.get_array().push_back(tag);
  return nothing();
}

Reply UntagResource(const Call& call) {
  TRY(EventRule * rule, find_by_arn(call));
  remove_tags(*rule, strings(call.input, "TagKeys"));
  return nothing();
}

Reply ListTagsForResource(const Call& call) {
  TRY(EventRule * rule, find_by_arn(call));
  return answer_with({{"Tags", rule->Tags}});
}

constexpr bool kReads = true;

constexpr std::array kOperations = {
    Operation{"CreateEventBus", CreateEventBus},
    Operation{"DeleteEventBus", DeleteEventBus},
    Operation{"DeleteRule", DeleteRule},
    Operation{"DescribeEventBus", DescribeEventBus, kReads},
    Operation{"DescribeRule", DescribeRule, kReads},
    Operation{"DisableRule", DisableRule},
    Operation{"EnableRule", EnableRule},
    Operation{"ListEventBuses", ListEventBuses, kReads},
    Operation{"ListRuleNamesByTarget", ListRuleNamesByTarget, kReads},
    Operation{"ListRules", ListRules, kReads},
    Operation{"ListTagsForResource", ListTagsForResource, kReads},
    Operation{"ListTargetsByRule", ListTargetsByRule, kReads},
    Operation{"PutEvents", PutEvents},
    Operation{"PutRule", PutRule},
    Operation{"PutTargets", PutTargets},
    Operation{"RemoveTargets", RemoveTargets},
    Operation{"TagResource", TagResource},
    Operation{"TestEventPattern", TestEventPattern, kReads},
    Operation{"UntagResource", UntagResource},
};

}  // namespace

std::span<const Operation> event_bridge_operations() { return kOperations; }

}  // namespace slipway::sim
