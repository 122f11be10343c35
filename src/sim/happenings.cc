#include "sim/happenings.h"

#include "sim/calls.h"
#include "sim/hosted_zones.h"
#include "sim/metrics.h"
#include "sim/placement.h"
#include "sim/scheduler.h"
#include "sim/stacks.h"
#include "sim/target_groups.h"
#include "sim/tasks.h"
#include "sim/traffic.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

namespace slipway::sim {
namespace {

void happen(Region& region, const SetImages& images) {
  std::vector<std::shared_ptr<const ImageBehaviour>> all;
  for (const ImageBehaviour& behaviour : images.behaviours)
    all.push_back(std::make_shared<const ImageBehaviour>(behaviour));
  if (!images.replace)
    std::move(region.images.begin(), region.images.end(), std::back_inserter(all));
  region.images = std::move(all);
}

void happen(Region& region, const SetCapacity& capacity) {
  region.fargate_capacity[capacity.pool] = capacity.tasks;
}

void happen(Region& region, const SetVcpuQuota& quota) { region.vcpu_quota = quota.vcpus; }

void happen(Region& region, const AddInstances& instances) {
  Cluster* cluster = find_cluster(region, instances.cluster);
  if (cluster == nullptr) return;
  for (int i = 0; i < instances.count; ++i) {
    const auto& zones = instances.availability_zones;
    const auto index = static_cast<std::size_t>(i);
    add_instance(region, *cluster, instances,
                 zones.empty() ? zone(region, index) : zones[index % zones.size()]);
  }
}

void happen(Region& region, const LoseInstances& loss) {
  Cluster* cluster = find_cluster(region, loss.cluster);
  if (cluster == nullptr) return;
  std::vector<ContainerInstance*> lost;
  for (const auto& [id, instance] : cluster->instances) {
    if (static_cast<int>(lost.size()) == loss.count) break;
    const bool there =
        loss.availability_zone.empty() || instance->availability_zone == loss.availability_zone;
    if (there && instance->status != "INACTIVE" && instance->agentConnected)
      lost.push_back(instance.get());
  }
  for (ContainerInstance* instance : lost) {
    instance->agentConnected = false;
    ++instance->version;
    // With only its agent silent, what runs on it goes on running.
    if (!loss.only_disconnect)
      remove_instance(region, *instance,
                      "Host EC2 (instance " + instance->ec2InstanceId + ") terminated.");
  }
}

void happen(Region& region, const SetGroupSize& size) {
  const auto found = region.capacity_providers.find(size.capacity_provider);
  if (found == region.capacity_providers.end()) return;
  found->second.maximum_instances = size.maximum;
  found->second.instance = size.instance;
  for (const auto& [name, cluster] : region.clusters) place_waiting_tasks(region, *cluster);
}

void happen(Region& region, const InterruptSpot& interruption) {
  Cluster* cluster = find_cluster(region, interruption.cluster);
  if (cluster == nullptr) return;
  int left = interruption.count;
  for (const auto& [serial, task] : cluster->tasks) {
    if (left == 0) break;
    if (task->stopping || task->capacityProviderName != "FARGATE_SPOT") continue;
    --left;
    stop(region, *task, "SpotInterruption", "Your Spot Task was interrupted.");
  }
}

void happen(Region& region, const AddTargetGroup& settings) { add_target_group(region, settings); }

void happen(Region& region, const SetTargets& targets) { set_targets(region, targets); }

void happen(Region& region, const SetTraffic& traffic) { set_traffic(region, traffic); }

void happen(Region& region, const HoldDnsChanges& hold) { region.hosted_zones->held = hold.longer; }

void happen(Region& region, const SetMetric& metric) { set_metric(region, metric); }

void happen(Region& region, const SetAlarm& alarm) {
  hold_alarm(region, alarm.name, alarm.StateValue);
}

void happen(Region& region, const SetStackFaults& faults) { region.stacks->faults = faults.faults; }

void happen(Region& region, const SetHooks& hooks) {
  region.hooks.insert(region.hooks.begin(), hooks.behaviours.begin(), hooks.behaviours.end());
}

void happen(Region& region, const ForeignCall& call) {
  const Operation* operation = find_operation(call.service, call.operation);
  if (operation == nullptr) return;
  const CallContext stranger{"arn:" + region.partition + ":iam::" + region.account +
                             ":user/somebody-else"};
  (void)operation->answer(Call{region, stranger, call.input});
}

// The running tasks of a service, oldest first.
std::vector<Task*> running_tasks(Region& region, const std::string& cluster_name,
                                 const std::string& service_name, int count) {
  std::vector<Task*> tasks;
  Cluster* cluster = find_cluster(region, cluster_name);
  Service* service = cluster == nullptr ? nullptr : find_service(*cluster, service_name);
  if (service == nullptr) return tasks;
  for (Task* task : service->tasks)
    if (!task->stopping && task->state == TaskState::kRunning &&
        static_cast<int>(tasks.size()) < count)
      tasks.push_back(task);
  return tasks;
}

void happen(Region& region, const StopTasks& stops) {
  for (Task* task : running_tasks(region, stops.cluster, stops.service_name, stops.count))
    stop(region, *task, "UserInitiated",
         stops.reason.empty() ? "Task stopped by user" : stops.reason);
}

void happen(Region& region, const Afflict& affliction) {
  const auto fate = std::make_shared<const ImageBehaviour>(affliction.behaviour);
  for (Task* task :
       running_tasks(region, affliction.cluster, affliction.service_name, affliction.count))
    afflict(region, *task, fate);
}

void bring_about(Region& region, const Happening& happening) {
  std::visit([&](const auto& what) { happen(region, what); }, happening);
}

}  // namespace

void arrange(Region& region, Happening happening, const When& when) {
  if (!when.deployment_of.empty()) {
    region.awaited.push_back(
        {when.deployment_of, when.delay, std::make_shared<const Happening>(std::move(happening))});
    return;
  }
  if (!when.at || *when.at <= region.now) return bring_about(region, happening);
  region.timeline.at(*when.at + when.delay,
                     [&region, what = std::move(happening)] { bring_about(region, what); });
}

void announce_deployment(Region& region, const Service& service) {
  const std::string name = service.cluster->name + "/" + service.name;
  std::vector<Region::Awaited> due;
  std::erase_if(region.awaited, [&](const Region::Awaited& each) {
    if (each.service != name) return false;
    due.push_back(each);
    return true;
  });
  for (const Region::Awaited& each : due)
    region.timeline.at(region.now + each.delay,
                       [&region, what = each.happening] { bring_about(region, *what); });
}

}  // namespace slipway::sim
