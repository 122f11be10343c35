#include "execute/target_health.h"

#include "aws/elbv2.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway {

namespace elbv2 = aws::elbv2;

namespace {

// TargetHealth.State.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
int* count_of(TargetGroupHealth& health, std::string_view state) {
  if (state == "healthy") return &health.healthy;
  if (state == "initial") return &health.initial;
  if (state == "draining") return &health.draining;
  if (state == "unavailable") return &health.unavailable;
  if (state == "unused") return &health.unused;
  return &health.unhealthy;  // unhealthy, unhealthy.draining
}

TargetGroupHealth health_of(const std::string& target_group,
                            const elbv2::DescribeTargetHealthOutput& reply) {
  TargetGroupHealth health{.target_group = target_group};
  for (const auto& target : reply.TargetHealthDescriptions) {
    int* const count = count_of(health, target.TargetHealth.State);
    ++*count;
    const bool is_bad =
        count == &health.unhealthy || count == &health.unavailable || count == &health.unused;
    if (!is_bad || !health.reason.empty()) continue;
    health.reason = target.TargetHealth.Description.empty() ? target.TargetHealth.Reason
                                                            : target.TargetHealth.Description;
  }
  return health;
}

Result<TargetGroupHealth> look_at(Context& context, const std::string& target_group) {
  TRY(const auto reply,
      context.clients.call(elbv2::DescribeTargetHealth, {.TargetGroupArn = target_group})
          .context("looking at the targets of " + target_group_name(target_group)));
  return health_of(target_group, reply);
}

}  // namespace

std::vector<Result<TargetGroupHealth>> look_at_targets(Context& context,
                                                       std::span<const std::string> target_groups) {
  const Error not_looked{ErrorKind::kInternal, "observe.not-looked", "nobody looked"};
  std::vector<Result<TargetGroupHealth>> looks(target_groups.size(), not_looked);
  if (target_groups.size() == 1) {
    looks.front() = look_at(context, target_groups.front());
    return looks;
  }
  Group calls(context.runtime.fibers);
  for (std::size_t i = 0; i < target_groups.size(); ++i)
    calls.spawn("target health", [&, i] { looks[i] = look_at(context, target_groups[i]); });
  calls.join();
  return looks;
}

std::optional<TargetGroupHealth> look_at_targets_if_allowed(Context& context,
                                                            const std::string& target_group) {
  const auto reply =
      context.optional.call(elbv2::DescribeTargetHealth, {.TargetGroupArn = target_group},
                            "the health of the new targets is not watched");
  if (!reply) return std::nullopt;
  return health_of(target_group, *reply);
}

TargetsVerdict judge(const TargetGroupHealth& group, int wanted_healthy) {
  if (group.unhealthy > 0 || group.unavailable > 0 || group.unused > 0)
    return TargetsVerdict::kUnhealthy;
  return group.healthy >= wanted_healthy ? TargetsVerdict::kHealthy : TargetsVerdict::kStarting;
}

TargetsVerdict judge(std::span<const TargetGroupHealth> groups, int wanted_healthy) {
  TargetsVerdict worst = TargetsVerdict::kHealthy;
  for (const TargetGroupHealth& group : groups)
    worst = std::max(worst, judge(group, wanted_healthy));
  return worst;
}

std::string to_string(const TargetGroupHealth& group) {
  std::string text = fmt::format("{}/{} healthy", group.healthy, group.total());
  if (group.initial > 0) text += fmt::format(", {} initial", group.initial);
  if (group.unhealthy > 0) text += fmt::format(", {} unhealthy", group.unhealthy);
  if (group.unavailable > 0) text += fmt::format(", {} unavailable", group.unavailable);
  if (group.unused > 0) text += fmt::format(", {} unused", group.unused);
  if (!group.reason.empty()) text += ": " + group.reason;
  return text;
}

std::string target_group_name(std::string_view arn) {
  const std::vector<std::string_view> parts = split(arn, '/');
  return std::string(parts.size() < 3 ? arn : parts[parts.size() - 2]);
}

TargetsObserved observed(const TargetGroupHealth& group) {
  return {.target_group = target_group_name(group.target_group),
          .is_new_side = true,
          .total = group.total(),
          .healthy = group.healthy,
          .initial = group.initial,
          .unhealthy = group.unhealthy + group.unavailable + group.unused,
          .draining = group.draining,
          .reason = group.reason};
}

void HealthStreak::count(TargetsVerdict verdict) {
  if (verdict == TargetsVerdict::kHealthy) {
    ++good;
    bad = 0;
  } else {
    ++bad;
    good = 0;
  }
}

}  // namespace slipway
