// The life of a task: PROVISIONING, PENDING, ACTIVATING, RUNNING, DEACTIVATING, STOPPING,
// DEPROVISIONING, STOPPED, or a short cut to its end when its image, a container or the placement
// fails. How long each state takes is in the knobs; what goes wrong, in the images' behaviour.
#pragma once

#include "sim/entities.h"
#include "sim/region.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

// What is to be run, whoever asks: a service's deployment, RunTask or StartTask.
struct TaskRequest {
  Cluster* cluster = nullptr;
  std::shared_ptr<TaskDefinition> definition;
  Service* service = nullptr;
  Deployment* deployment = nullptr;
  std::string group;
  std::string startedBy;
  std::string launchType;  // empty with a capacity provider strategy
  std::vector<StrategyItem> capacityProviderStrategy;
  std::string platformVersion;
  std::vector<std::string> subnets;
  std::vector<PlacementConstraint> placementConstraints;
  std::vector<PlacementStrategy> placementStrategy;
  Document overrides;
  int cpu = 0, memory = 0;  // after overrides; 0: as in the definition
  std::string referenceId;
  bool enableExecuteCommand = false;
  Tags tags;
};

// Where a task goes: an instance, or a zone and subnet of Fargate. Neither, with a capacity
// provider: it waits for the instance that provider will bring.
struct Place {
  ContainerInstance* instance = nullptr;
  std::string capacity_provider;
  std::string launchType;  // FARGATE | EC2
  std::string availability_zone;
  std::string subnet;
};

Task& launch(Region& region, const TaskRequest& request, const Place& place);

// A task that waited for capacity got an instance.
void take_instance(Region& region, Task& task, ContainerInstance& instance);

// desiredStatus becomes STOPPED and the task goes down in order: out of its target groups, SIGTERM,
// exit. Does nothing to one that is stopping.
void stop(Region& region, Task& task, std::string_view stop_code, std::string reason);

// Its machine is gone: STOPPED at once.
void perish(Region& region, Task& task, std::string_view stop_code, std::string reason);

// One of its targets has left its group; when it was the last, a DEACTIVATING task goes on.
void target_left(Region& region, Task& task);

// Gives running containers another fate from now on.
void afflict(Region& region, Task& task, const std::shared_ptr<const ImageBehaviour>& fate);

// Something about the task changed that its readers and its service see.
void touch(Region& region, Task& task);

// RUNNING, meant to run, and past whatever shows that it serves: its targets healthy, its health
// checks passed, or without either `t_healthy_no_lb` of life.
bool counts_as_healthy(const Region& region, const Task& task);

// Failing its container's or a load balancer's checks, past the service's grace period.
bool is_unhealthy(const Region& region, const Task& task);

bool has_health_check(const Task& task);

}  // namespace slipway::sim
