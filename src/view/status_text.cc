#include "view/status_text.h"

#include "model/json_codec.h"
#include "view/line.h"
#include "view/width.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway {
namespace {

constexpr std::size_t kEventsShown = 5;

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
  for (const auto& [service, events] : services) {
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
  for (const auto& [service, events] : services) {
    if (is_at_rest(service)) continue;
    text += fmt::format("\n{}\n", service.serviceName);
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
    array.push_back(std::move(json));
  }
  return Json(JsonObject{{"schema", kEventSchema}, {"services", std::move(array)}});
}

}  // namespace slipway
