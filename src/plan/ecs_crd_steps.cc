#include "plan/ecs_crd_steps.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway {

std::vector<CrdTrafficStep> crd_traffic_steps(const CrdCanary& canary, bool has_live_release) {
  std::vector<CrdTrafficStep> steps;
  if (has_live_release)
    for (const CrdStrategyStep& step : canary.strategy)
      steps.push_back({step.weight_percent, step.wait});
  // Last of the hundreds, so that a hundred of the file's comes with its own wait.
  steps.push_back({});
  std::ranges::stable_sort(steps, {}, &CrdTrafficStep::weight_percent);
  const auto whole = std::ranges::find(steps, 100, &CrdTrafficStep::weight_percent);
  steps.erase(whole + 1, steps.end());
  return steps;
}

std::chrono::seconds CrdEstimate::total() const {
  std::chrono::seconds sum{0};
  for (const Part& part : parts) sum += part.time;
  return sum;
}

CrdEstimate estimate(const CrdFile& file, const std::vector<CrdTrafficStep>& steps,
                     const CrdPace& pace) {
  using std::chrono::seconds;
  CrdEstimate result;
  const auto add = [&](std::string what, seconds time) {
    if (time > seconds(0)) result.parts.push_back({std::move(what), time});
  };
  add("Init stack", pace.init_stack);
  add("Green stack", pace.green_stack);
  if (!file.service.is_daemon()) add("scale up", file.canary.scale_wait);
  add("health check", pace.health_check);
  for (const CrdTrafficStep& step : steps)
    add(fmt::format("{} % of the traffic", step.weight_percent),
        pace.weight_change + step.wait + pace.health_check);
  if (pace.blue_deletion > seconds(0)) {
    // The old release stays for the grace period, of which the last step has used up its wait.
    const seconds used = steps.empty() ? seconds(0) : steps.back().wait + pace.health_check;
    add("old release kept", std::max(seconds(0), pace.grace - used));
    add("old release deleted", pace.blue_deletion);
  }
  return result;
}

}  // namespace slipway
