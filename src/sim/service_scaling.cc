#include "sim/service_scaling.h"

#include "sim/target_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace slipway::sim {
namespace {

// From the zone with most tasks, there from the instance with most, there the newest.
Task* next_to_stop(const Service& service, const std::vector<Task*>& candidates) {
  std::map<std::string_view, int> by_zone, by_instance;
  for (const Task* task : service.tasks) {
    if (task->stopping) continue;
    ++by_zone[task->availability_zone];
    ++by_instance[task->containerInstanceArn];
  }
  return *std::max_element(candidates.begin(), candidates.end(), [&](const Task* a, const Task* b) {
    return std::tuple(by_zone[a->availability_zone], by_instance[a->containerInstanceArn],
                      a->serial) < std::tuple(by_zone[b->availability_zone],
                                              by_instance[b->containerInstanceArn], b->serial);
  });
}

std::string reason_of_ill_health(const Task& task) {
  for (const Target* target : task.targets)
    if (target->state == TargetState::kUnhealthy)
      return fmt::format("Task failed ELB health checks in (target-group {})",
                         target->group->TargetGroupArn);
  return "Task failed container health checks";
}

TaskRequest request_for(Service& service, Deployment& deployment) {
  const Workload& workload = deployment.workload();
  TaskRequest request;
  request.cluster = service.cluster;
  request.definition = workload.definition;
  request.service = &service;
  request.deployment = &deployment;
  request.group = "service:" + service.name;
  request.startedBy = deployment.id;
  request.launchType = deployment.launchType;
  request.capacityProviderStrategy = deployment.capacityProviderStrategy;
  request.platformVersion = workload.platformVersion;
  request.subnets = workload.subnets;
  request.placementConstraints = service.placementConstraints;
  request.placementStrategy = service.placementStrategy;
  request.enableExecuteCommand = service.enableExecuteCommand;
  if (service.propagateTags == "SERVICE") request.tags = service.tags;
  if (service.propagateTags == "TASK_DEFINITION") request.tags = workload.definition->tags;
  if (service.enableECSManagedTags) {
    request.tags.push_back({"aws:ecs:clusterName", service.cluster->name});
    request.tags.push_back({"aws:ecs:serviceName", service.name});
  }
  return request;
}

// An instance without a task of this deployment; first those without any task of the service.
std::variant<Place, Shortage> find_daemon_place(const TaskRequest& request,
                                                const Service& service) {
  ContainerInstance* free = nullptr;
  for (ContainerInstance* instance : daemon_instances(service)) {
    bool has_current = false, has_any = false;
    for (const Task* task : service.tasks) {
      if (task->instance != instance || task->stopping) continue;
      has_any = true;
      has_current |= task->deployment == request.deployment;
    }
    if (!has_any) {
      free = instance;
      break;
    }
    if (!has_current && free == nullptr) free = instance;
  }
  if (free == nullptr) return Shortage{"NO ACTIVE INSTANCES", "", nullptr, ""};
  if (auto shortage = shortage_on(request, *free)) return *std::move(shortage);
  return Place{free, "", "EC2", free->availability_zone,
               request.subnets.empty() ? "" : request.subnets.front()};
}

}  // namespace

std::vector<Task*> live_tasks(const Service& service, const Deployment& deployment) {
  std::vector<Task*> tasks;
  for (Task* task : service.tasks)
    if (task->deployment == &deployment && !task->stopping) tasks.push_back(task);
  return tasks;
}

std::vector<ContainerInstance*> daemon_instances(const Service& service) {
  std::vector<ContainerInstance*> instances;
  for (const auto& [id, instance] : service.cluster->instances) {
    if (instance->status != "ACTIVE") continue;
    const auto holds = [&](const PlacementConstraint& constraint) {
      return !constraint.query || constraint.query->holds(*instance);
    };
    const auto& own = service.placementConstraints;
    const auto& definitions = service.workload.definition->placementConstraints;
    if (std::all_of(own.begin(), own.end(), holds) &&
        std::all_of(definitions.begin(), definitions.end(), holds))
      instances.push_back(instance.get());
  }
  return instances;
}

Stops::Stops(Region& region, Service& service)
    : region_(region),
      service_(service),
      left_(region.knobs.max_stops_per_tick.value_or(service.tasks.size())) {}

void Stops::scale_in(std::vector<Task*>& tasks, int count) {
  if (count <= 0) return;
  std::vector<Task*> candidates;
  for (Task* task : tasks) {
    if (!task->is_protected(region_.now))
      candidates.push_back(task);
    else
      protection_held_ = true;
  }
  for (; count > 0 && !candidates.empty(); --count) {
    Task* task = next_to_stop(service_, candidates);
    if (!stop_one(
            tasks, *task,
            fmt::format("Scaling activity initiated by (deployment {})", task->deployment->id)))
      return;
    std::erase(candidates, task);
  }
}

void Stops::scale_in(std::initializer_list<std::vector<Task*>*> groups, int count) {
  for (std::vector<Task*>* tasks : groups) {
    const std::size_t before = done_.size();
    scale_in(*tasks, count);
    count -= static_cast<int>(done_.size() - before);
  }
}

void Stops::replace_unhealthy(std::vector<Task*>& tasks, int count) {
  for (; count > 0 && !tasks.empty(); --count) {
    Task* task = tasks.front();
    Deployment& deployment = *task->deployment;
    if (!stop_one(tasks, *task, reason_of_ill_health(*task))) return;
    ++deployment.failedTasks;
  }
}

bool Stops::stop_one(std::vector<Task*>& tasks, Task& task, std::string reason) {
  if (left_ == 0) return false;
  --left_;
  std::erase(tasks, &task);
  done_.push_back(&task);
  stop(region_, task, kServiceSchedulerInitiated, std::move(reason));
  return true;
}

Starts start_tasks(Region& region, Service& service, Deployment& deployment, int count) {
  Starts starts;
  if (count <= 0) return starts;
  const TaskRequest request = request_for(service, deployment);
  std::vector<Task*> placed = live_tasks(service, deployment);
  for (int i = 0; i < count; ++i) {
    auto place = service.is_daemon ? find_daemon_place(request, service)
                                   : find_place(region, request, placed);
    if (Shortage* shortage = std::get_if<Shortage>(&place)) {
      starts.shortage = std::move(*shortage);
      break;
    }
    Task& task = launch(region, request, std::get<Place>(place));
    placed.push_back(&task);
    starts.done.push_back(&task);
  }
  return starts;
}

}  // namespace slipway::sim
