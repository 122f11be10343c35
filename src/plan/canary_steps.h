// What the planners of one service's canary share: the steps as somebody who moves traffic by
// himself sees them. Internal to this folder.
#pragma once

#include "base/result.h"
#include "model/traffic.h"

#include <functional>
#include <string>
#include <vector>

namespace slipway {

// The steps that move production traffic; one of 100 where there is none.
std::vector<TrafficStep> moving_steps(const Canary& canary);
// "10%, 50%, 100%"
std::string weights_of(const std::vector<TrafficStep>& steps);

// 25 of [25, 50, 75, 100] and of [25, 50, 75, 100] with a shorter last step; 0: they are not equal.
int equal_step(const std::vector<TrafficStep>& steps);
// The last one's does not count: nothing follows it.
bool has_equal_bakes(const std::vector<TrafficStep>& steps);

bool is_request(const Check& check);
bool is_metric(const Check& check);
bool has_check(const Canary& canary, const TrafficStep& step,
               const std::function<bool(const Check&)>& wanted);
std::vector<std::string> alarms_of(const Canary& canary);

// kInvalid "strategy.<code>"
Error refused_strategy(const std::string& code, std::string message);
// Requests at the new side need an address that leads there alone: both revisions are behind one
// load balancer.
Result<void> check_addresses(const Canary& canary, const std::string& service,
                             const std::string& code);

}  // namespace slipway
