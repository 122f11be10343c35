#include "plan/canary_steps.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {

std::vector<TrafficStep> moving_steps(const Canary& canary) {
  std::vector<TrafficStep> steps;
  for (const TrafficStep& step : canary.steps)
    if (step.weight > 0) steps.push_back(step);
  if (steps.empty()) steps.push_back(TrafficStep{});
  return steps;
}

std::string weights_of(const std::vector<TrafficStep>& steps) {
  std::vector<std::string> weights;
  for (const TrafficStep& step : steps) weights.push_back(fmt::format("{}%", step.weight));
  return join(weights, ", ");
}

int equal_step(const std::vector<TrafficStep>& steps) {
  const int step = steps.front().weight;
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (steps[i].weight != std::min(100, step * static_cast<int>(i + 1))) return 0;
  return step;
}

bool has_equal_bakes(const std::vector<TrafficStep>& steps) {
  return std::all_of(steps.begin(), steps.end() - 1,
                     [&](const TrafficStep& step) { return step.bake == steps.front().bake; });
}

bool is_request(const Check& check) { return std::holds_alternative<HttpCheck>(check); }
bool is_metric(const Check& check) { return std::holds_alternative<MetricCheck>(check); }

bool has_check(const Canary& canary, const TrafficStep& step,
               const std::function<bool(const Check&)>& wanted) {
  return std::ranges::any_of(step.checks, [&](const std::string& name) {
    const Check* const check = find_check(canary, name);
    return check != nullptr && wanted(*check);
  });
}

std::vector<std::string> alarms_of(const Canary& canary) {
  std::vector<std::string> names;
  for (const Check& check : canary.checks)
    if (const auto* alarm = std::get_if<AlarmCheck>(&check)) names.push_back(alarm->alarm);
  return names;
}

Error refused_strategy(const std::string& code, std::string message) {
  return Error{ErrorKind::kInvalid, "strategy." + code, std::move(message)};
}

Result<void> check_addresses(const Canary& canary, const std::string& service,
                             const std::string& code) {
  for (const Check& check : canary.checks) {
    const auto* const request = std::get_if<HttpCheck>(&check);
    if (request != nullptr && request->url.find("{load_balancer_dns}") != std::string::npos)
      return refused_strategy(
          code, fmt::format("check {}: both revisions of service {} are behind one load balancer; "
                            "give the whole `http` address, of the listener with the test rule",
                            request->name, service));
  }
  return {};
}

}  // namespace slipway
