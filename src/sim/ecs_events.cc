#include "sim/ecs_events.h"

#include "sim/event_delivery.h"
#include "sim/task_writing.h"
#include "sim/times.h"

#include <cmath>
#include <string>
#include <utility>

namespace slipway::sim {
namespace {

constexpr std::string_view kSource = "aws.ecs";

// Answers have times as seconds, events as text.
void write_times_as_text(Json& json) {
  if (JsonArray* list = json.if_array())
    for (Json& item : *list) write_times_as_text(item);
  JsonObject* object = json.if_object();
  if (object == nullptr) return;
  for (auto& member : *object) {
    Json& value = member.value();
    if (member.key().ends_with("At") && value.is_number())
      value = to_iso8601(time_of_milliseconds(std::llround(value.to_number<double>() * 1e3)), true);
    else
      write_times_as_text(value);
  }
}

void tell_now(Region& region, const Task& task) {
  JsonWriter written;
  write_task(written, region, task, false);
  Json detail = parse_json(std::move(written).text()).value();
  write_times_as_text(detail);
  detail.as_object()["updatedAt"] = to_iso8601(region.now, true);
  put_event(region, {.source = kSource,
                     .detail_type = "ECS Task State Change",
                     .resources = JsonArray{Json(task.arn)},
                     .detail = std::move(detail.as_object())});
}

}  // namespace

void tell_of_task(Region& region, const Task& task) {
  if (!anybody_listens(region)) return;
  // After whatever else this moment does to it: then the version is a later one.
  region.timeline.at(region.now, [&region, id = task.id, version = task.version] {
    const auto known = region.tasks_by_id.find(id);
    if (known != region.tasks_by_id.end() && known->second->version == version)
      tell_now(region, *known->second);
  });
}

void tell_of_deployment(Region& region, const Service& service, const Deployment& deployment) {
  if (!anybody_listens(region)) return;
  const bool has_failed = deployment.rolloutState == RolloutState::kFailed;
  const char* name = has_failed ? "SERVICE_DEPLOYMENT_FAILED"
                     : deployment.rolloutState == RolloutState::kCompleted
                         ? "SERVICE_DEPLOYMENT_COMPLETED"
                         : "SERVICE_DEPLOYMENT_IN_PROGRESS";
  put_event(region, {.source = kSource,
                     .detail_type = "ECS Deployment State Change",
                     .resources = JsonArray{Json(service.arn)},
                     .detail = {{"eventType", has_failed ? "ERROR" : "INFO"},
                                {"eventName", name},
                                {"deploymentId", deployment.id},
                                {"updatedAt", to_iso8601(region.now, true)},
                                {"reason", deployment.rolloutStateReason}}});
}

void tell_of_service(Region& region, const Service& service, std::string_view type,
                     std::string_view name, std::string_view reason) {
  if (!anybody_listens(region)) return;
  JsonObject detail{{"eventType", type},
                    {"eventName", name},
                    {"clusterArn", service.cluster->arn},
                    {"createdAt", to_iso8601(region.now, true)}};
  if (!reason.empty()) detail["reason"] = reason;
  put_event(region, {.source = kSource,
                     .detail_type = "ECS Service Action",
                     .resources = JsonArray{Json(service.arn)},
                     .detail = std::move(detail)});
}

}  // namespace slipway::sim
