#include "model/event.h"

#include "model/json_codec.h"

#include <array>
#include <utility>

namespace slipway {

std::string_view to_string(StageKind stage) {
  switch (stage) {
    case StageKind::kTasksBefore:
      return "tasks before";
    case StageKind::kServices:
      return "services";
    case StageKind::kSchedules:
      return "schedules";
    case StageKind::kTasksAfter:
      return "tasks after";
    case StageKind::kRollback:
      return "rollback";
    case StageKind::kTasks:
      return "tasks";
  }
  return "unknown";
}

std::string_view codec::to_string(NoteLevel level) {
  switch (level) {
    case NoteLevel::kDebug:
      return "debug";
    case NoteLevel::kInfo:
      return "info";
    case NoteLevel::kWarning:
      return "warning";
    case NoteLevel::kError:
      return "error";
  }
  return "unknown";
}

std::string_view to_string(ItemKind kind) {
  switch (kind) {
    case ItemKind::kNone:
      return "none";
    case ItemKind::kTask:
      return "task";
    case ItemKind::kService:
      return "service";
    case ItemKind::kSchedule:
      return "schedule";
  }
  return "unknown";
}

std::string to_string(const Subject& subject) {
  return std::string(to_string(subject.kind)) + " " + subject.item;
}

namespace {

// In the order of EventBody's alternatives.
constexpr std::array<std::string_view, std::variant_size_v<EventBody>> kTypes = {
    "run_started",
    "plan_made",
    "run_ended",
    "interrupted",
    "stage_empty",
    "stage_started",
    "stage_ended",
    "item_started",
    "item_ended",
    "base_task_definition",
    "container_not_listed",
    "container_missing",
    "image_unchanged",
    "image_changed",
    "nothing_to_register",
    "task_definition_registering",
    "task_definition_registered",
    "task_definition_deregistered",
    "task_definition_deleted",
    "call_announced",
    "call_made",
    "call_denied",
    "poll_failed",
    "task_parameters",
    "tasks_started",
    "task_not_started",
    "task_observed",
    "task_stopped",
    "task_log_line",
    "tasks_completed",
    "service_updated",
    "service_observed",
    "service_event",
    "first_task_running",
    "checking_stability",
    "service_stable",
    "service_deployment_observed",
    "code_deploy_observed",
    "failure_explained",
    "traffic_shifted",
    "step_started",
    "check_evaluated",
    "step_paused",
    "targets_observed",
    "target_moved",
    "target_left",
    "notification_sent",
    "rollback_started",
    "service_rolled_back",
    "note"};

// An EventBody holding the alternative of that index, made of defaults.
template <std::size_t... I>
EventBody make_body(std::size_t index, std::index_sequence<I...>) {
  EventBody body;
  ((index == I ? (void)body.emplace<I>() : (void)0), ...);
  return body;
}

Error unreadable(std::string message) {
  return Error{
      .kind = ErrorKind::kInvalid, .code = "event.unreadable", .message = std::move(message)};
}

}  // namespace

std::string_view type_of(const EventBody& body) { return kTypes[body.index()]; }

Json to_json(const Event& event) {
  JsonObject object;
  object["schema"] = kEventSchema;
  object["at"] = to_iso8601(event.at, true);
  object["type"] = type_of(event.body);
  object["stage"] = to_string(event.subject.stage);
  if (event.subject.kind != ItemKind::kNone) object["kind"] = to_string(event.subject.kind);
  if (!event.subject.item.empty()) object["item"] = event.subject.item;
  JsonObject members;
  std::visit([&](const auto& body) { codec::write_members(body, members); }, event.body);
  // Apart from the envelope, so that a member may be called `kind` or `type`.
  if (!members.empty()) object["data"] = std::move(members);
  return object;
}

Result<Event> event_from_json(const Json& json) {
  if (find_int(json, "schema") != kEventSchema)
    return unreadable("not an event of schema " + std::to_string(kEventSchema));
  Event event;
  const std::optional<TimePoint> at = parse_iso8601(string_or_empty(json, "at"));
  if (!at) return unreadable("an event without a time");
  event.at = *at;
  const std::string_view type = string_or_empty(json, "type");
  std::size_t index = 0;
  while (index < kTypes.size() && kTypes[index] != type) ++index;
  if (index == kTypes.size()) return unreadable("unknown event type \"" + std::string(type) + "\"");
  if (const Json* stage = find(json, "stage"); stage && !codec::read(*stage, event.subject.stage))
    return unreadable("unknown stage in an event of type " + std::string(type));
  if (const Json* kind = find(json, "kind"); kind && !codec::read(*kind, event.subject.kind))
    return unreadable("unknown kind of item in an event of type " + std::string(type));
  event.subject.item = string_or_empty(json, "item");
  event.body = make_body(index, std::make_index_sequence<kTypes.size()>{});
  if (const JsonObject* data = find_object(json, "data")) {
    const bool ok =
        std::visit([&](auto& body) { return codec::read_members(*data, body); }, event.body);
    if (!ok) return unreadable("an event of type " + std::string(type) + " with a wrong member");
  }
  return event;
}

}  // namespace slipway
