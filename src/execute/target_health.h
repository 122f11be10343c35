// The health of load balancer targets: all targets of several groups, judged together. A group is
// healthy when it has as many healthy targets as wanted and none that is not; one healthy target
// says nothing about the others.
#pragma once

#include "base/result.h"
#include "execute/context.h"
#include "model/event.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

struct TargetGroupHealth {
  std::string target_group;  // ARN
  int healthy = 0;
  int initial = 0;
  int unhealthy = 0;    // unhealthy and unhealthy.draining
  int draining = 0;     // on their way out; not counted in total()
  int unavailable = 0;  // health checks are off
  int unused = 0;       // no listener sends anything to the group, or the zone is off
  std::string reason;   // of the first that is neither healthy nor initial, in AWS's words
  bool operator==(const TargetGroupHealth&) const = default;

  int total() const { return healthy + initial + unhealthy + unavailable + unused; }
};

// One DescribeTargetHealth for each group, at the same time, answered in their order. The call has
// no pages: it answers with all targets of the group.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html
std::vector<Result<TargetGroupHealth>> look_at_targets(Context& context,
                                                       std::span<const std::string> target_groups);

// The same for one group where it is allowed; nullopt: nobody can say.
std::optional<TargetGroupHealth> look_at_targets_if_allowed(Context& context,
                                                            const std::string& target_group);

// ---- Judging, pure ----

enum class TargetsVerdict {
  kHealthy,    // enough healthy ones, and no bad one
  kStarting,   // too few so far, none bad
  kUnhealthy,  // at least one unhealthy or unavailable, or the group is not in use
};
TargetsVerdict judge(const TargetGroupHealth& group, int wanted_healthy);
// The worst of all groups.
TargetsVerdict judge(std::span<const TargetGroupHealth> groups, int wanted_healthy);

// "2/3 healthy, 1 unhealthy: Health checks failed with these codes: [502]"
std::string to_string(const TargetGroupHealth& group);
// "web-green" out of "arn:…:targetgroup/web-green/0a1b".
std::string target_group_name(std::string_view arn);
// For the views, of the side that traffic goes to next.
TargetsObserved observed(const TargetGroupHealth& group);

// Verdicts in a row: one bad look may be chance.
struct HealthStreak {
  int good = 0;  // in a row
  int bad = 0;
  void count(TargetsVerdict verdict);
};

}  // namespace slipway
