// Waiting for what a task class has started: tasks until they have stopped, services until our
// deployment is the only one. Both look at all of a cluster's in as few calls as the API allows.
#pragma once

#include "aws/client.h"
#include "base/result.h"
#include "base/time.h"
#include "execute/watch.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway {

struct StartedTask {
  std::string cluster;
  std::string taskArn;
  TimePoint since;
};

// Until all have stopped. kFailed when an essential container of one did not exit with 0, kTimeout
// when one runs on after `max_wait`; the message names each of them.
Result<void> wait_for_tasks(Clock& clock, aws::Client& ecs, const std::vector<StartedTask>& started,
                            const std::vector<std::string>& essential,
                            std::optional<Duration> max_wait);

struct UpdatedService {
  std::string cluster;
  ServiceWatch watch;
};

// Until the deployment that our update created is the only one of each service. kFailed when one
// failed, was rolled back or replaced; kTimeout after the watch's time.
Result<void> wait_for_services(Clock& clock, aws::Client& ecs, std::vector<UpdatedService> updated);

}  // namespace slipway
