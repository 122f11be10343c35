// Which of a service's tasks stop, and where new ones start: the choices of the service scheduler
// once it has decided how many.
#pragma once

#include "sim/placement.h"
#include "sim/region.h"
#include "sim/tasks.h"

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

// stopCode of what the scheduler stops.
inline constexpr std::string_view kServiceSchedulerInitiated = "ServiceSchedulerInitiated";

// The tasks of one deployment that are meant to run.
std::vector<Task*> live_tasks(const Service& service, const Deployment& deployment);

// Where a daemon belongs: every ACTIVE instance that satisfies its constraints.
std::vector<ContainerInstance*> daemon_instances(const Service& service);

// Stops tasks within what max_stops_per_tick allows, and remembers which.
class Stops {
 public:
  Stops(Region& region, Service& service);

  // Up to `count` of `tasks`, which loses them. Protected tasks stay.
  void scale_in(std::vector<Task*>& tasks, int count);
  // Up to `count` of all of these, the first ones first.
  void scale_in(std::initializer_list<std::vector<Task*>*> groups, int count);

  // The oldest first. Protection is from scaling in, not from this.
  void replace_unhealthy(std::vector<Task*>& tasks, int count);

  const std::vector<Task*>& done() const { return done_; }
  bool protection_held() const { return protection_held_; }

 private:
  bool stop_one(std::vector<Task*>& tasks, Task& task, std::string reason);

  Region& region_;
  Service& service_;
  std::size_t left_;
  std::vector<Task*> done_;
  bool protection_held_ = false;
};

// What could be started; `shortage` says why not all of it.
struct Starts {
  std::vector<Task*> done;
  std::optional<Shortage> shortage;
};

Starts start_tasks(Region& region, Service& service, Deployment& deployment, int count);

}  // namespace slipway::sim
