#include "sim/service_events.h"

#include "sim/ecs_events.h"
#include "sim/json_writer.h"
#include "sim/target_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway::sim {
namespace {

constexpr std::size_t kMostEvents = 100;

std::string task_list(const std::vector<Task*>& tasks) {
  std::string list;
  for (const Task* task : tasks) list += fmt::format(" (task {})", task->id);
  return list;
}

}  // namespace

void say(Region& region, Service& service, std::string_view message) {
  say_as_is(region, service, fmt::format("(service {}) {}", service.name, message));
}

void say_as_is(Region& region, Service& service, std::string message) {
  ServiceEvent& event = service.events.emplace_front();
  event.createdAt = region.now;
  event.message = std::move(message);
  JsonWriter json;
  json.begin_object()
      .member("id", region.random.uuid())
      .member("createdAt", event.createdAt)
      .member("message", event.message)
      .end_object();
  event.text = std::move(json).text();
  if (service.events.size() > kMostEvents) service.events.pop_back();
}

bool say_once(Region& region, Service& service, std::string_view condition,
              std::string_view message) {
  const auto said = service.said.find(condition);
  if (said != service.said.end() && region.now < said->second + region.knobs.event_repeat)
    return false;
  service.said.insert_or_assign(std::string(condition), region.now);
  say(region, service, message);
  return true;
}

void forget(Service& service, std::string_view condition) {
  if (const auto said = service.said.find(condition); said != service.said.end())
    service.said.erase(said);
}

void report_stops(Region& region, Service& service, const std::vector<Task*>& stopped) {
  if (stopped.empty()) return;
  say(region, service,
      fmt::format("has stopped {} running tasks:{}.", stopped.size(), task_list(stopped)));
}

void report_starts(Region& region, Service& service, const std::vector<Task*>& started,
                   int replaced) {
  if (started.empty()) return;
  std::string message = fmt::format("has started {} tasks:{}.", started.size(), task_list(started));
  if (replaced > 0)
    message += fmt::format(" Amazon ECS replaced {} tasks due to an unhealthy status.", replaced);
  say(region, service, message);
}

void report_steady_state(Region& region, Service& service) {
  if (say_once(region, service, "steady", "has reached a steady state."))
    tell_of_service(region, service, "INFO", "SERVICE_STEADY_STATE");
}

void report_shortage(Region& region, Service& service, const std::optional<Shortage>& shortage) {
  if (!shortage || shortage->event.empty()) return forget(service, "placement");
  // What it has just told to stop makes room: no news yet.
  const bool room_is_coming =
      std::any_of(service.tasks.begin(), service.tasks.end(),
                  [](const Task* task) { return task->stopping && task->instance != nullptr; });
  if (room_is_coming) return;
  if (say_once(region, service, "placement", "was unable to place a task" + shortage->event))
    tell_of_service(region, service, "ERROR", "SERVICE_TASK_PLACEMENT_FAILURE", shortage->reason);
}

void report_ill_health(Region& region, Service& service) {
  for (Task* task : service.tasks) {
    if (task->health_reported || !is_unhealthy(region, *task)) continue;
    task->health_reported = true;
    if (task->health == Health::kUnhealthy)
      say(region, service, fmt::format("(task {}) failed container health checks.", task->id));
    for (const Target* target : task->targets) {
      if (target->state != TargetState::kUnhealthy) continue;
      const bool is_instance = !task->network_interface && !task->ec2InstanceId.empty();
      say(region, service,
          fmt::format("({} {}) (port {}) is unhealthy in (target-group {}) due to (reason {}).",
                      is_instance ? "instance" : "task",
                      is_instance ? task->ec2InstanceId : task->id, target->port,
                      target->group->TargetGroupArn, target->description));
    }
  }
}

}  // namespace slipway::sim
