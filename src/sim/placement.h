// Finding room: an instance with enough left that satisfies the constraints and suits the
// strategy, or a place in Fargate. Filters come in the order AWS documents: CPU, GPU, memory,
// ports, network interfaces, attributes, constraints; then the strategy; then, so that runs
// repeat, the instance's ARN.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement.html
#pragma once

#include "sim/entities.h"
#include "sim/region.h"
#include "sim/tasks.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace slipway::sim {

// Why there is no place.
struct Shortage {
  std::string reason;  // as in failures[]: "RESOURCE:CPU"
  std::string detail;
  const ContainerInstance* closest = nullptr;
  std::string
      event;  // how a service's event goes on after "(service S) was unable to place a task"
};

// `placed` are the tasks of the same deployment, or of the same call, that the split between
// capacity providers counts.
std::variant<Place, Shortage> find_place(Region& region, const TaskRequest& request,
                                         const std::vector<Task*>& placed);

// Whether the task could run on this one instance; nullopt: yes.
std::optional<Shortage> shortage_on(const TaskRequest& request, const ContainerInstance& instance);

// The next provider by base, then by the largest deficit against the weights.
const StrategyItem* next_provider(const std::vector<StrategyItem>& strategy,
                                  const std::vector<Task*>& placed);

void occupy(ContainerInstance& instance, Task& task);
void occupy_fargate(Region& region, Task& task);
// Gives back what a stopped task held on its instance, and lets waiting tasks have it.
void release_place(Region& region, Task& task);
void release_fargate_capacity(Region& region, Task& task);

ContainerInstance& add_instance(Region& region, Cluster& cluster, const AddInstances& like,
                                std::string availability_zone);
// Its tasks end with it; it is INACTIVE from now on.
void remove_instance(Region& region, ContainerInstance& instance, const std::string& reason);

// Tasks that wait for their capacity provider take what room there is; for the others its group
// grows.
void place_waiting_tasks(Region& region, Cluster& cluster);

// The region's zones, as many as it takes.
std::string zone(const Region& region, std::size_t index);

}  // namespace slipway::sim
