#include "sim/calls.h"
#include "sim/load_balancing.h"

#include <array>

namespace slipway::sim {

std::span<const std::pair<std::string_view, std::string_view>> target_group_attributes() {
  using Row = std::pair<std::string_view, std::string_view>;
  static constexpr std::array kAll = {
      Row{"deregistration_delay.timeout_seconds", "300"},
      Row{"load_balancing.algorithm.anomaly_mitigation", "off"},
      Row{"load_balancing.algorithm.type", "round_robin"},
      Row{"load_balancing.cross_zone.enabled", "use_load_balancer_configuration"},
      Row{"slow_start.duration_seconds", "0"},
      Row{"stickiness.app_cookie.cookie_name", ""},
      Row{"stickiness.app_cookie.duration_seconds", "86400"},
      Row{"stickiness.enabled", "false"},
      Row{"stickiness.lb_cookie.duration_seconds", "86400"},
      Row{"stickiness.type", "lb_cookie"},
      Row{"target_group_health.dns_failover.minimum_healthy_targets.count", "1"},
      Row{"target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"},
      Row{"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"},
      Row{"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off"},
  };
  return kAll;
}

std::span<const Operation> elb_operations() { return {}; }

}  // namespace slipway::sim
