#include "view/status_text.h"

#include "model/json_codec.h"
#include "view/line.h"
#include "view/width.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway {
namespace {

constexpr std::size_t kEventsShown = 5;
constexpr std::string_view kPausesLeft =
    "  it still has the pause hooks of a release, and the next deployment would wait there;\n"
    "  `slipway continue` and the next `slipway deploy` take them away\n";

bool is_at_rest(const ServiceSnapshot& service) {
  return service.deployments.size() == 1 && service.runningCount == service.desiredCount &&
         service.pendingCount == 0 && service.deployments.front().rolloutState != "FAILED" &&
         service.deployments.front().rolloutState != "IN_PROGRESS";
}

std::string age(TimePoint now, std::optional<TimePoint> since) {
  if (!since) return "";
  return to_string(
      std::chrono::floor<std::chrono::seconds>(std::max(now - *since, Duration::zero())));
}

std::string lines_of(const ShiftStatus& shift, TimePoint now) {
  std::string text =
      fmt::format("  {:g}% of production traffic goes to {}; service deployment {} is {}{}\n",
                  shift.production_weight, family_revision_of(shift.task_definition),
                  last_segment(shift.service_deployment), shift.status,
                  shift.lifecycleStage.empty() ? "" : " in stage " + shift.lifecycleStage);
  for (const PauseHook& hook : shift.hooks) {
    text += fmt::format("  waits at hook {} for `slipway continue` or `slipway stop`", hook.hookId);
    if (hook.expiresAt)
      text +=
          fmt::format(", {} more; then ECS does {}", age(*hook.expiresAt, now), hook.timeoutAction);
    text += "\n";
  }
  return text;
}

std::string lines_of(const CodeDeployStatus& moved, TimePoint now) {
  std::string text = fmt::format(
      "  {}% of production traffic goes to {}; deployment {} of CodeDeploy is {}{}\n",
      moved.production_percent, family_revision_of(moved.task_definition), moved.deployment,
      moved.status, moved.lifecycleEvent.empty() ? "" : ", " + moved.lifecycleEvent);
  if (moved.waits_for == "TERMINATION_WAIT")
    return text +
           "  the old tasks still run; `slipway continue` lets them go, `slipway stop` goes back\n";
  if (moved.waits_for.empty()) return text;
  text += "  waits for `slipway continue` or `slipway stop`";
  if (moved.stops_at)
    text += fmt::format(", {} more; then CodeDeploy stops it", age(*moved.stops_at, now));
  return text + "\n";
}

Json to_json(const CodeDeployStatus& moved) {
  JsonObject json{
      {"deploymentId", moved.deployment},        {"status", moved.status},
      {"lifecycleEvent", moved.lifecycleEvent},  {"trafficWeight", moved.production_percent},
      {"taskDefinition", moved.task_definition}, {"waitsFor", moved.waits_for}};
  if (moved.stops_at) json["stopsAt"] = to_iso8601(*moved.stops_at);
  return Json(std::move(json));
}

Json to_json(const ShiftStatus& shift) {
  JsonArray hooks;
  for (const PauseHook& hook : shift.hooks) {
    JsonObject json{{"hookId", hook.hookId}, {"timeoutAction", hook.timeoutAction}};
    if (hook.expiresAt) json["expiresAt"] = to_iso8601(*hook.expiresAt);
    hooks.push_back(std::move(json));
  }
  return JsonObject{{"serviceDeploymentArn", shift.service_deployment},
                    {"status", shift.status},
                    {"lifecycleStage", shift.lifecycleStage},
                    {"requestedProductionTrafficWeight", shift.production_weight},
                    {"taskDefinition", shift.task_definition},
                    {"waitingHooks", std::move(hooks)}};
}

}  // namespace

std::string to_string(const std::vector<ServiceStatus>& services, TimePoint now) {
  if (services.empty()) return "";
  std::size_t width = 7;
  for (const ServiceStatus& status : services)
    width = std::max(width, status.service.serviceName.size());
  const int name_width = static_cast<int>(width);
  std::string text =
      fmt::format("{}  {:<8}  {:<20}  {:<28}  {:<12}  {}\n", padded("SERVICE", name_width),
                  "STATUS", "REVISION", "TASKS", "ROLLOUT", "AGE");
  for (const ServiceStatus& status : services) {
    const ServiceSnapshot& service = status.service;
    bool first = true;
    for (const DeploymentSnapshot& deployment : service.deployments) {
      text += fmt::format(
          "{}  {}  {}  {}  {}  {}\n", padded(first ? service.serviceName : "", name_width),
          padded(deployment.status, 8), padded(family_revision_of(deployment.taskDefinition), 20),
          padded(counts_of(deployment), 28), padded(deployment.rolloutState, 12),
          age(now, deployment.createdAt));
      first = false;
    }
  }
  for (const auto& [service, events, shift, code_deploy, keeps_pauses] : services) {
    const bool rests = is_at_rest(service);
    if (rests && !keeps_pauses) continue;
    text += fmt::format("\n{}\n", service.serviceName);
    if (shift) text += lines_of(*shift, now);
    if (code_deploy) text += lines_of(*code_deploy, now);
    if (keeps_pauses && !shift) text += kPausesLeft;
    if (rests) continue;
    for (const DeploymentSnapshot& deployment : service.deployments)
      if (!deployment.rolloutStateReason.empty())
        text += "  " + deployment.rolloutStateReason + "\n";
    for (std::size_t i = 0; i < std::min(events.size(), kEventsShown); ++i)
      text += fmt::format("  {} ago  {}\n", age(now, events[i].createdAt), events[i].message);
  }
  return text;
}

Json to_json(const std::vector<ServiceStatus>& services) {
  JsonArray array;
  for (const ServiceStatus& status : services) {
    Json json = codec::write(status.service);
    JsonArray events;
    for (const ServiceEvent& event : status.events)
      events.push_back(JsonObject{{"createdAt", to_iso8601(event.createdAt)},
                                  {"id", event.id},
                                  {"message", event.message}});
    json.get_object()["events"] = std::move(events);
    if (status.shift) json.get_object()["shift"] = to_json(*status.shift);
    if (status.code_deploy) json.get_object()["codeDeploy"] = to_json(*status.code_deploy);
    if (status.keeps_pauses_of_release) json.get_object()["keepsPausesOfRelease"] = true;
    array.push_back(std::move(json));
  }
  return Json(JsonObject{{"schema", kEventSchema}, {"services", std::move(array)}});
}

std::string to_string(const std::vector<TrafficStatus>& traffic) {
  std::string text;
  for (const TrafficStatus& one : traffic) {
    text += fmt::format("\n{}\n", one.name);
    for (const std::string& line : one.traffic.lines) text += "  " + line + "\n";
    const int whole = one.traffic.blue_weight + one.traffic.green_weight;
    for (const auto& [end, weight] : {std::pair(&one.traffic.blue, one.traffic.blue_weight),
                                      std::pair(&one.traffic.green, one.traffic.green_weight)})
      text += fmt::format(
          "  {:>3}%  {}  {}\n", whole == 0 ? 0 : weight * 100 / whole, to_string(end->side),
          end->task_definition.empty()
              ? "no task set"
              : fmt::format("{}  {}/{} running", family_revision_of(end->task_definition),
                            end->runningCount, end->desiredCount));
    text += "  " + one.next + "\n";
  }
  return text;
}

Json to_json(const std::vector<TrafficStatus>& traffic) {
  JsonArray array;
  for (const TrafficStatus& one : traffic)
    array.push_back(JsonObject{{"name", one.name},
                               {"what", one.traffic.what},
                               {"blue_weight", one.traffic.blue_weight},
                               {"green_weight", one.traffic.green_weight},
                               {"blue", codec::write(one.traffic.blue)},
                               {"green", codec::write(one.traffic.green)},
                               {"next", one.next}});
  return Json(std::move(array));
}

}  // namespace slipway
