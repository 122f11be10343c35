#include "sim/event_delivery.h"

#include "sim/calls.h"
#include "sim/event_pattern.h"
#include "sim/target_runs.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

namespace slipway::sim {
namespace {

constexpr Duration kDeliveryTime = std::chrono::milliseconds(500);

bool listens(const EventRule& rule, std::string_view bus) {
  return rule.EventBusName == bus && !rule.EventPattern.empty() && rule.State != "DISABLED";
}

// ---- What a target is sent --------------------------------------------------------------------

// "$.detail.lastStatus"; nullptr: there is no such part.
const Json* part_of(const Json& event, std::string_view path) {
  if (!path.starts_with('$')) return nullptr;
  path.remove_prefix(1);
  const Json* part = &event;
  while (part != nullptr && path.starts_with('.')) {
    path.remove_prefix(1);
    const std::string_view name = path.substr(0, path.find_first_of(".["));
    path.remove_prefix(name.size());
    const JsonObject* object = part->if_object();
    part = object == nullptr ? nullptr : object->if_contains(name);
    if (part != nullptr && path.starts_with('[')) {
      const auto close = path.find(']');
      const JsonArray* list = part->if_array();
      const std::string_view digits = path.substr(1, close - 1);
      std::size_t index = 0;
      std::from_chars(digits.data(), digits.data() + digits.size(), index);
      part = list == nullptr || index >= list->size() ? nullptr : &(*list)[index];
      path.remove_prefix(close == std::string_view::npos ? path.size() : close + 1);
    }
  }
  return part;
}

// "<status> is the state": a text inside a JSON text stands there without its quotes.
std::string transformed(const Json& event, const Json& transformer) {
  const std::string_view text = string_or_empty(transformer, "InputTemplate");
  const JsonObject* paths = find_object(transformer, "InputPathsMap");
  std::string out;
  bool is_quoted = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto close = text[at] == '<' ? text.find('>', at) : std::string_view::npos;
    if (close == std::string_view::npos) {
      if (text[at] == '"' && (at == 0 || text[at - 1] != '\\')) is_quoted = !is_quoted;
      out += text[at++];
      continue;
    }
    const std::string_view name = text.substr(at + 1, close - at - 1);
    const Json* path = paths == nullptr ? nullptr : paths->if_contains(name);
    const Json* value = name == "aws.events.event.json"        ? &event
                        : path != nullptr && path->is_string() ? part_of(event, path->get_string())
                                                               : nullptr;
    std::string shown = value == nullptr ? std::string() : to_text(*value);
    if (value != nullptr && value->is_string() && is_quoted)
      shown = shown.substr(1, shown.size() - 2);
    out += shown;
    at = close + 1;
  }
  return out;
}

// nullopt: the target says nothing, and is sent the event itself.
std::optional<std::string> said_input(const Json& target, const Json& event) {
  if (const auto input = find_string(target, "Input")) return std::string(*input);
  if (const auto path = find_string(target, "InputPath")) {
    const Json* part = part_of(event, *path);
    return part == nullptr ? std::string("{}") : to_text(*part);
  }
  if (const Json* transformer = find(target, "InputTransformer"))
    return transformed(event, *transformer);
  return std::nullopt;
}

// ---- Where it goes ----------------------------------------------------------------------------

std::string_view behind(std::string_view arn, std::string_view kind) {
  const auto at = arn.find(kind);
  return at == std::string_view::npos ? std::string_view() : arn.substr(at + kind.size());
}

void send(Region& region, const EventRule& rule, const Json& target, const Json& event,
          bool is_forwarded);

void match(Region& region, std::string_view bus, const Json& event, bool is_forwarded) {
  for (const auto& [key, rule] : region.rules) {
    if (!listens(rule, bus)) continue;
    const Result<Json> pattern = parse_json(rule.EventPattern);
    if (!pattern || !matches_event(pattern->as_object(), event.as_object())) continue;
    for (const EventTarget& each : rule.targets)
      send(region, rule, each.document, event, is_forwarded);
  }
}

void publish(Region& region, std::string_view topic, const std::string& message) {
  const Operation* operation = find_operation("sns", "Publish");
  const CallContext caller{.principal_arn = "events.amazonaws.com", .region = region.name};
  (void)operation->answer(
      Call{region, caller, Json(JsonObject{{"TopicArn", topic}, {"Message", message}})});
}

void deliver(Region& region, const Json& target, const std::string& rule_name, const Json& event) {
  const std::string_view arn = string_or_empty(target, "Arn");
  const std::optional<std::string> said = said_input(target, event);
  if (is_ecs_target(target)) {
    Json told = target;
    if (said) told.as_object()["Input"] = *said;
    return fire(region, told, "events-rule/" + rule_name);
  }
  const std::string text = said ? *said : to_text(event);
  if (arn.find(":sns:") != std::string_view::npos) return publish(region, arn, text);
  std::string_view group = behind(arn, ":log-group:");
  if (group.ends_with(":*")) group.remove_suffix(2);
  if (LogGroup* found = group.empty() ? nullptr : find_log_group(region, group))
    append_log_line(region, *found, string_or_empty(event, "id"), region.now, text);
}

void send(Region& region, const EventRule& rule, const Json& target, const Json& event,
          bool is_forwarded) {
  const std::string_view bus = behind(string_or_empty(target, "Arn"), ":event-bus/");
  if (!bus.empty()) {
    // From there it goes no further, so that two buses cannot send one event to and fro.
    if (!is_forwarded) match(region, bus, event, true);
    return;
  }
  region.timeline.at(region.now + kDeliveryTime, [&region, target, name = rule.Name, event] {
    deliver(region, target, name, event);
  });
}

}  // namespace

bool anybody_listens(const Region& region) {
  for (const auto& [key, rule] : region.rules)
    if (listens(rule, "default")) return true;
  return false;
}

std::string put_event(Region& region, EventEntry entry) {
  std::string id = region.random.uuid();
  const Json event = JsonObject{{"version", "0"},
                                {"id", id},
                                {"detail-type", entry.detail_type},
                                {"source", entry.source},
                                {"account", region.account},
                                {"time", to_iso8601(region.now)},
                                {"region", region.name},
                                {"resources", std::move(entry.resources)},
                                {"detail", std::move(entry.detail)}};
  match(region, entry.bus, event, false);
  return id;
}

}  // namespace slipway::sim
