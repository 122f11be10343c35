#include "sim/placement.h"

#include "sim/scheduler.h"
#include "sim/task_definitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace slipway::sim {
namespace {

constexpr std::string_view kGuide =
    " For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.";
constexpr std::size_t kMostProvisioning = 500;  // tasks that wait for capacity, per cluster
constexpr int kFirstDynamicPort = 32768;

struct Needs {
  int cpu = 0;
  int memory = 0;
  int gpus = 0;
  int network_interfaces = 0;
  std::vector<std::pair<int, std::string>> ports;
};

Needs needs_of(const TaskDefinition& definition, int cpu, int memory) {
  Needs needs;
  int container_cpu = 0, container_memory = 0;
  for (const ContainerDefinition& container : definition.containers) {
    container_cpu += container.cpu;
    container_memory +=
        container.memoryReservation != 0 ? container.memoryReservation : container.memory;
    needs.gpus += container.gpus;
    if (definition.uses_awsvpc()) continue;
    for (const PortMapping& port : container.portMappings)
      if (port.hostPort != 0) needs.ports.emplace_back(port.hostPort, port.protocol);
  }
  needs.cpu = cpu != 0 ? cpu : container_cpu;
  needs.memory = memory != 0 ? memory : container_memory;
  needs.network_interfaces = definition.uses_awsvpc() ? 1 : 0;
  return needs;
}

int tasks_of_group(const ContainerInstance& instance, std::string_view group) {
  return static_cast<int>(
      std::count_if(instance.tasks.begin(), instance.tasks.end(),
                    [&](const Task* task) { return task->group == group && !task->stopping; }));
}

// How far an instance gets through the filters, and what stops it.
struct Verdict {
  int passed = 0;
  std::string reason;  // empty: it is eligible
  std::string says;    // "has insufficient CPU units available"
};

Verdict judge(const TaskRequest& request, const Needs& needs, const ContainerInstance& instance) {
  int passed = 0;
  const auto fails = [&](std::string reason, std::string says) {
    return Verdict{passed, std::move(reason), std::move(says)};
  };
  if (!instance.agentConnected) return fails("AGENT", "encountered error \"AGENT\".");
  ++passed;
  if (instance.cpu - instance.cpu_used < needs.cpu)
    return fails("RESOURCE:CPU", "has insufficient CPU units available.");
  ++passed;
  if (instance.gpus - instance.gpus_used < needs.gpus)
    return fails("RESOURCE:GPU", "encountered error \"RESOURCE:GPU\".");
  ++passed;
  if (instance.memory - instance.memory_used < needs.memory)
    return fails("RESOURCE:MEMORY", "has insufficient memory available.");
  ++passed;
  for (const auto& port : needs.ports)
    if (instance.ports.contains(port))
      return fails("RESOURCE:PORTS", "is already using a port required by your task.");
  ++passed;
  if (instance.network_interfaces - instance.network_interfaces_used < needs.network_interfaces)
    return fails("RESOURCE:ENI", "encountered error \"RESOURCE:ENI\".");
  ++passed;
  for (const std::string& attribute : request.definition->requiresAttributes)
    if (!instance.attributes.contains(attribute))
      return fails("ATTRIBUTE", "is missing an attribute required by your task.");
  ++passed;
  const std::vector<PlacementConstraint>& of_definition = request.definition->placementConstraints;
  for (const auto* constraints : {&of_definition, &request.placementConstraints}) {
    for (const PlacementConstraint& constraint : *constraints) {
      if (constraint.type == "distinctInstance") {
        // A task that is still stopping keeps its instance, as it keeps its ports.
        const bool taken =
            std::any_of(instance.tasks.begin(), instance.tasks.end(),
                        [&](const Task* task) { return task->group == request.group; });
        if (taken)
          return fails("DistinctInstance placement constraint unsatisfied.",
                       "encountered error \"DistinctInstance placement constraint unsatisfied.\".");
      } else if (constraint.query && !constraint.query->holds(instance)) {
        return fails("MemberOf placement constraint unsatisfied.",
                     "encountered error \"MemberOf placement constraint unsatisfied.\".");
      }
    }
  }
  return Verdict{passed, "", ""};
}

// Keeps the instances for which `measure` is least.
template <class Measure>
void keep_least(std::vector<ContainerInstance*>& instances, Measure measure) {
  int least = std::numeric_limits<int>::max();
  for (const ContainerInstance* instance : instances) least = std::min(least, measure(*instance));
  std::erase_if(instances, [&](const ContainerInstance* i) { return measure(*i) != least; });
}

std::string spread_key(const ContainerInstance& instance, std::string_view field) {
  if (!field.starts_with("attribute:")) return instance.id;  // instanceId, host
  const auto found = instance.attributes.find(std::string(field.substr(10)));
  return found == instance.attributes.end() ? "" : found->second;
}

ContainerInstance* choose(Region& region, const TaskRequest& request,
                          std::vector<ContainerInstance*> eligible) {
  std::vector<PlacementStrategy> strategy = request.placementStrategy;
  if (strategy.empty() && request.service != nullptr)
    strategy.push_back({"spread", "attribute:ecs.availability-zone"});
  for (const PlacementStrategy& each : strategy) {
    if (each.type == "spread") {
      std::map<std::string, int> tasks_by_key;
      for (const auto& [id, instance] : request.cluster->instances)
        tasks_by_key[spread_key(*instance, each.field)] += tasks_of_group(*instance, request.group);
      keep_least(eligible, [&](const ContainerInstance& i) {
        return tasks_by_key[spread_key(i, each.field)];
      });
    } else if (each.type == "binpack") {
      keep_least(eligible, [&](const ContainerInstance& i) {
        return each.field == "cpu" ? i.cpu - i.cpu_used : i.memory - i.memory_used;
      });
    } else {
      eligible = {eligible[region.random.below(eligible.size())]};
    }
  }
  keep_least(eligible,
             [&](const ContainerInstance& i) { return tasks_of_group(i, request.group); });
  return *std::min_element(eligible.begin(), eligible.end(),
                           [](const auto* a, const auto* b) { return a->arn < b->arn; });
}

std::variant<Place, Shortage> find_instance(Region& region, const TaskRequest& request,
                                            const std::string& provider) {
  const Needs needs =
      needs_of(*request.definition, request.cpu != 0 ? request.cpu : request.definition->cpu,
               request.memory != 0 ? request.memory : request.definition->memory);
  std::vector<ContainerInstance*> eligible;
  const ContainerInstance* closest = nullptr;
  Verdict best;
  int looked_at = 0, present = 0;
  for (const auto& [id, instance] : request.cluster->instances) {
    if (instance->status == "INACTIVE") continue;
    if (!provider.empty() && instance->capacity_provider != provider) continue;
    ++present;
    if (instance->status != "ACTIVE") continue;
    ++looked_at;
    Verdict verdict = judge(request, needs, *instance);
    if (verdict.reason.empty()) {
      eligible.push_back(instance.get());
    } else if (closest == nullptr || verdict.passed > best.passed) {
      closest = instance.get();
      best = std::move(verdict);
    }
  }
  if (!eligible.empty()) {
    ContainerInstance* instance = choose(region, request, std::move(eligible));
    return Place{instance, provider, "EC2", instance->availability_zone,
                 request.subnets.empty() ? "" : request.subnets.front()};
  }
  constexpr std::string_view kUnmet = " because no container instance met all of its requirements.";
  if (looked_at == 0) {
    const std::string_view where = provider.empty() ? "cluster" : "capacity provider";
    return Shortage{
        present == 0 && !provider.empty() ? "EMPTY CAPACITY PROVIDER" : "NO ACTIVE INSTANCES", "",
        nullptr,
        fmt::format("{} Reason: No Container Instances were found in your {}.{}", kUnmet, where,
                    kGuide)};
  }
  return Shortage{best.reason, "", closest,
                  fmt::format("{} The closest matching (container-instance {}) {}{}", kUnmet,
                              closest->id, best.says, kGuide)};
}

double vcpus_of(const TaskDefinition& definition, int cpu) {
  return (cpu != 0 ? cpu : definition.cpu) / 1024.0;
}

std::variant<Place, Shortage> find_fargate(Region& region, const TaskRequest& request,
                                           const std::string& pool, const std::string& provider) {
  if (const auto found = region.fargate_capacity.find(pool);
      found != region.fargate_capacity.end() && found->second && *found->second <= 0) {
    constexpr std::string_view kText =
        "Capacity is unavailable at this time. Please try again later or in a different "
        "availability zone";
    return Shortage{"RESOURCE:FARGATE", std::string(kText), nullptr,
                    fmt::format(". Reason: {}.", kText)};
  }
  if (region.vcpu_quota && pool == "FARGATE" &&
      region.vcpus_in_use + vcpus_of(*request.definition, request.cpu) > *region.vcpu_quota) {
    constexpr std::string_view kText =
        "You've reached the limit on the number of vCPUs you can run concurrently";
    return Shortage{"RESOURCE:VCPU", std::string(kText), nullptr,
                    fmt::format(". Reason: {}", kText)};
  }
  // The emptiest subnet, the first of equals; subnets lie in the region's zones in turn.
  std::vector<int> tasks(std::max<std::size_t>(1, request.subnets.size()), 0);
  if (request.service != nullptr)
    for (const Task* task : request.service->tasks)
      for (std::size_t i = 0; i < request.subnets.size(); ++i)
        if (!task->stopping && task->deployment == request.deployment && task->network_interface &&
            task->network_interface->subnetId == request.subnets[i])
          ++tasks[i];
  const auto emptiest =
      static_cast<std::size_t>(std::min_element(tasks.begin(), tasks.end()) - tasks.begin());
  return Place{nullptr, provider, "FARGATE", zone(region, emptiest),
               request.subnets.empty() ? "" : request.subnets[emptiest]};
}

}  // namespace

std::string zone(const Region& region, std::size_t index) {
  return region.name + static_cast<char>('a' + index % 3);
}

const StrategyItem* next_provider(const std::vector<StrategyItem>& strategy,
                                  const std::vector<Task*>& placed) {
  const auto have = [&](const StrategyItem& item) {
    return static_cast<int>(std::count_if(placed.begin(), placed.end(), [&](const Task* task) {
      return !task->stopping && task->capacityProviderName == item.capacityProvider;
    }));
  };
  int total_weight = 0, above_base = 0;
  for (const StrategyItem& item : strategy) {
    const int running = have(item);
    if (running < item.base) return &item;
    total_weight += item.weight;
    above_base += running - item.base;
  }
  const StrategyItem* next = nullptr;
  double largest = 0;
  for (const StrategyItem& item : strategy) {
    if (item.weight == 0) continue;
    const double share = static_cast<double>(above_base + 1) * item.weight / total_weight;
    const double deficit = share - (have(item) - item.base);
    if (next == nullptr || deficit > largest + 1e-9) {
      next = &item;
      largest = deficit;
    }
  }
  return next;
}

std::variant<Place, Shortage> find_place(Region& region, const TaskRequest& request,
                                         const std::vector<Task*>& placed) {
  if (request.capacityProviderStrategy.empty()) {
    if (request.launchType == "FARGATE") return find_fargate(region, request, "FARGATE", "");
    return find_instance(region, request, "");
  }
  const StrategyItem* item = next_provider(request.capacityProviderStrategy, placed);
  if (item == nullptr) return Shortage{"EMPTY CAPACITY PROVIDER", "", nullptr, ""};
  const std::string& provider = item->capacityProvider;
  const auto known = region.capacity_providers.find(provider);
  if (known == region.capacity_providers.end() || known->second.is_fargate())
    return find_fargate(region, request, provider, provider);
  auto place = find_instance(region, request, provider);
  if (std::holds_alternative<Place>(place)) return place;
  // Managed scaling: the task waits in PROVISIONING for the instance its group will add.
  const auto waiting = static_cast<std::size_t>(
      std::count_if(request.cluster->tasks.begin(), request.cluster->tasks.end(),
                    [](const auto& each) { return each.second->waits_for_capacity; }));
  const std::string scaling = [&] {
    const JsonObject* managed =
        find_object(known->second.autoScalingGroupProvider.json(), "managedScaling");
    return managed == nullptr ? std::string("DISABLED")
                              : std::string(string_or_empty(Json(*managed), "status"));
  }();
  if (scaling != "ENABLED" || waiting >= kMostProvisioning) return place;
  return Place{nullptr, provider, "EC2", "",
               request.subnets.empty() ? "" : request.subnets.front()};
}

std::optional<Shortage> shortage_on(const TaskRequest& request, const ContainerInstance& instance) {
  const Needs needs =
      needs_of(*request.definition, request.cpu != 0 ? request.cpu : request.definition->cpu,
               request.memory != 0 ? request.memory : request.definition->memory);
  if (instance.status != "ACTIVE") return Shortage{"INACTIVE", "", &instance, ""};
  const Verdict verdict = judge(request, needs, instance);
  if (verdict.reason.empty()) return std::nullopt;
  return Shortage{verdict.reason, "", &instance,
                  fmt::format(" because no container instance met all of its requirements. The "
                              "closest matching (container-instance {}) {}{}",
                              instance.id, verdict.says, kGuide)};
}

void occupy(ContainerInstance& instance, Task& task) {
  const Needs needs = needs_of(*task.definition, task.cpu, task.memory);
  instance.cpu_used += needs.cpu;
  instance.memory_used += needs.memory;
  instance.gpus_used += needs.gpus;
  instance.network_interfaces_used += needs.network_interfaces;
  for (const auto& port : needs.ports) instance.ports.insert(port);
  ++instance.version;
  instance.tasks.push_back(&task);
  task.instance = &instance;
  task.containerInstanceArn = instance.arn;
  task.ec2InstanceId = instance.ec2InstanceId;
  task.availability_zone = instance.availability_zone;
  for (Container& container : task.containers) {
    for (const PortMapping& mapping : container.definition->portMappings) {
      int port = mapping.hostPort;
      if (!task.definition->uses_awsvpc() && port == 0) {
        port = kFirstDynamicPort;
        while (!instance.ports.insert({port, mapping.protocol}).second) ++port;
      }
      container.host_ports.push_back(port);
    }
  }
}

void occupy_fargate(Region& region, Task& task) {
  task.pool_held = task.capacityProviderName.empty() ? "FARGATE" : task.capacityProviderName;
  if (const auto found = region.fargate_capacity.find(task.pool_held);
      found != region.fargate_capacity.end() && found->second)
    --*found->second;
  if (task.pool_held == "FARGATE") {
    task.vcpus_held = vcpus_of(*task.definition, task.cpu);
    region.vcpus_in_use += task.vcpus_held;
  }
}

void release_fargate_capacity(Region& region, Task& task) {
  if (task.pool_held.empty()) return;
  if (const auto found = region.fargate_capacity.find(task.pool_held);
      found != region.fargate_capacity.end() && found->second)
    ++*found->second;
  region.vcpus_in_use -= task.vcpus_held;
  task.pool_held.clear();
}

void release_place(Region& region, Task& task) {
  release_fargate_capacity(region, task);
  if (task.instance == nullptr) return;
  ContainerInstance& instance = *task.instance;
  const Needs needs = needs_of(*task.definition, task.cpu, task.memory);
  instance.cpu_used -= needs.cpu;
  instance.memory_used -= needs.memory;
  instance.gpus_used -= needs.gpus;
  instance.network_interfaces_used -= needs.network_interfaces;
  for (const Container& container : task.containers)
    for (std::size_t i = 0; i < container.host_ports.size(); ++i)
      if (!task.definition->uses_awsvpc())
        instance.ports.erase(
            {container.host_ports[i], container.definition->portMappings[i].protocol});
  ++instance.version;
  std::erase(instance.tasks, &task);
  task.instance = nullptr;
  place_waiting_tasks(region, *task.cluster);
}

ContainerInstance& add_instance(Region& region, Cluster& cluster, const AddInstances& like,
                                std::string availability_zone) {
  auto owned = std::make_unique<ContainerInstance>();
  ContainerInstance& instance = *owned;
  instance.cluster = &cluster;
  instance.serial = region.next_serial();
  instance.id = region.hex_id();
  instance.arn = region.arn("container-instance/" + cluster.name + "/" + instance.id);
  instance.ec2InstanceId = fmt::format("i-0{:016x}", region.random.next());
  instance.availability_zone = std::move(availability_zone);
  instance.capacity_provider = like.capacity_provider;
  instance.cpu = like.cpu;
  instance.memory = like.memory;
  instance.gpus = like.gpus;
  instance.network_interfaces = like.network_interfaces;
  instance.registeredAt = region.now;
  for (const int reserved : {22, 2375, 2376, 51678, 51679, 51680})
    instance.ports.insert({reserved, "tcp"});
  instance.attributes = {
      {"ecs.ami-id", "ami-0c0ffee0000000001"},
      {"ecs.availability-zone", instance.availability_zone},
      {"ecs.cpu-architecture", "x86_64"},
      {"ecs.instance-type", like.instanceType},
      {"ecs.os-family", "LINUX"},
      {"ecs.os-type", "linux"},
      {"ecs.subnet-id", "subnet-0a0a0a0a0a0a0a0a0"},
      {"ecs.vpc-id", "vpc-0a0a0a0a0a0a0a0a0"},
  };
  for (const std::string_view capability : agent_capabilities())
    instance.attributes.emplace(capability, "");
  for (const auto& [name, value] : instance.attributes) instance.built_in_attributes.insert(name);
  for (const auto& [name, value] : like.attributes) {
    instance.attributes[name] = value;
  }
  cluster.instances.emplace(instance.id, std::move(owned));
  // Daemons belong on every instance, and others may have waited for this one.
  for (const auto& [name, service] : cluster.services) wake(region, *service);
  place_waiting_tasks(region, cluster);
  return instance;
}

void remove_instance(Region& region, ContainerInstance& instance, const std::string& reason) {
  instance.status = "INACTIVE";
  instance.agentConnected = false;
  ++instance.version;
  const std::vector<Task*> tasks = instance.tasks;
  for (Task* task : tasks) perish(region, *task, "TerminationNotice", reason);
  for (const auto& [name, service] : instance.cluster->services) wake(region, *service);
  region.timeline.at(
      region.now + region.knobs.inactive_visible,
      [cluster = instance.cluster, id = instance.id] { cluster->instances.erase(id); });
}

void place_waiting_tasks(Region& region, Cluster& cluster) {
  std::map<std::string, int> still_waiting;
  std::map<std::string, const Task*> example;
  for (const auto& [serial, task] : cluster.tasks) {
    if (!task->waits_for_capacity) continue;
    TaskRequest request;
    request.cluster = &cluster;
    request.definition = task->definition;
    request.service = task->service;
    request.group = task->group;
    request.cpu = task->cpu;
    request.memory = task->memory;
    if (task->service != nullptr) {
      request.placementConstraints = task->service->placementConstraints;
      request.placementStrategy = task->service->placementStrategy;
    }
    auto place = find_instance(region, request, task->capacityProviderName);
    if (Place* found = std::get_if<Place>(&place)) {
      take_instance(region, *task, *found->instance);
    } else {
      ++still_waiting[task->capacityProviderName];
      example[task->capacityProviderName] = task.get();
    }
  }
  for (const auto& [name, waiting] : still_waiting) {
    const auto found = region.capacity_providers.find(name);
    if (found == region.capacity_providers.end()) continue;
    CapacityProvider& provider = found->second;
    const Needs needs =
        needs_of(*example[name]->definition, example[name]->cpu, example[name]->memory);
    const int fit =
        std::max(1, std::min(needs.cpu > 0 ? provider.instance.cpu / needs.cpu : waiting,
                             needs.memory > 0 ? provider.instance.memory / needs.memory : waiting));
    const auto present = static_cast<int>(
        std::count_if(cluster.instances.begin(), cluster.instances.end(), [&](const auto& each) {
          return each.second->capacity_provider == name && each.second->status != "INACTIVE";
        }));
    const int wanted = std::min((waiting + fit - 1) / fit, provider.maximum_instances - present);
    for (; provider.instances_under_way < wanted; ++provider.instances_under_way) {
      region.timeline.at(
          region.now + region.knobs.t_instance, [&region, &cluster, provider_name = name] {
            const auto grown = region.capacity_providers.find(provider_name);
            if (grown == region.capacity_providers.end()) return;
            --grown->second.instances_under_way;
            AddInstances like = grown->second.instance;
            like.capacity_provider = provider_name;
            add_instance(region, cluster, like, zone(region, cluster.instances.size()));
          });
    }
  }
}

}  // namespace slipway::sim
