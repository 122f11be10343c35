#include "execute/traffic_look.h"

#include "aws/elbv2.h"
#include "execute/observe.h"
#include "execute/task_sets.h"
#include "execute/weights.h"

#include <algorithm>
#include <utility>

namespace slipway {

namespace elbv2 = aws::elbv2;

namespace {

bool asks_for_dns_name(const Canary& canary) {
  return std::ranges::any_of(canary.checks, [](const Check& check) {
    const auto* http = std::get_if<HttpCheck>(&check);
    return http != nullptr && http->url.find("{load_balancer_dns}") != std::string::npos;
  });
}

// Which load balancer sends to the ends' target groups; metrics and requests go by it.
Result<void> find_load_balancers(Context& context, const Canary& canary,
                                 const std::vector<TrafficEnd*>& ends) {
  elbv2::DescribeTargetGroupsInput request;
  for (const TrafficEnd* end : ends)
    for (const std::string& group : end->target_groups)
      if (std::ranges::find(request.TargetGroupArns, group) == request.TargetGroupArns.end())
        request.TargetGroupArns.push_back(group);
  if (request.TargetGroupArns.empty()) return {};
  TRY(const auto groups, context.clients.call(elbv2::DescribeTargetGroups, request)
                             .context("looking up the target groups"));
  elbv2::DescribeLoadBalancersInput balancers;
  for (TrafficEnd* const end : ends) {
    for (const auto& group : groups.TargetGroups) {
      const bool is_its =
          std::ranges::find(end->target_groups, group.TargetGroupArn) != end->target_groups.end();
      if (!is_its || group.LoadBalancerArns.empty() || !end->load_balancer.empty()) continue;
      end->load_balancer = group.LoadBalancerArns.front();
    }
    if (!end->load_balancer.empty() &&
        std::ranges::find(balancers.LoadBalancerArns, end->load_balancer) ==
            balancers.LoadBalancerArns.end())
      balancers.LoadBalancerArns.push_back(end->load_balancer);
  }
  if (balancers.LoadBalancerArns.empty() || !asks_for_dns_name(canary)) return {};
  TRY(const auto reply, context.clients.call(elbv2::DescribeLoadBalancers, balancers)
                            .context("looking up the load balancers"));
  for (TrafficEnd* const end : ends)
    for (const auto& balancer : reply.LoadBalancers)
      if (balancer.LoadBalancerArn == end->load_balancer) end->load_balancer_dns = balancer.DNSName;
  return {};
}

}  // namespace

namespace {

// Without a set the side is a target group that nobody registers anything in.
TrafficEnd end_of_task_set(const TrafficSide& side, const aws::TaskSet* set) {
  TrafficEnd end{.side = side, .target_groups = {side.target_group}};
  if (set == nullptr) return end;
  end.target_groups = target_groups_of(*set);
  end.task_definition = set->taskDefinition;
  end.desiredCount = set->computedDesiredCount;
  end.runningCount = set->runningCount;
  end.deployed_at = set->createdAt;
  end.task_set = set->taskSetArn;
  end.scale = set->scale.value.value_or(0);
  end.is_primary = set->status == aws::deployment_status::kPrimary;
  return end;
}

}  // namespace

TrafficEnd end_of(const TrafficSide& side, const ServiceLook& look) {
  if (side.is_task_set) return end_of_task_set(side, find_task_set(look, side));
  const DeploymentSnapshot* const primary = look.service.primary();
  TrafficEnd end{.side = side,
                 .target_groups = look.target_groups,
                 .load_balancer = {},
                 .load_balancer_dns = {},
                 .task_definition = definition_in_use(look.service),
                 .desiredCount = look.service.desiredCount,
                 .runningCount = look.service.runningCount,
                 .deployed_at = {}};
  if (primary != nullptr) end.deployed_at = primary->createdAt;
  return end;
}

Result<TrafficSnapshot> look_at_traffic(Context& context, const Subject& subject,
                                        const Canary& canary, const Result<ServiceLook>& blue,
                                        const Result<ServiceLook>& green) {
  const std::optional<TrafficPair> pair = pair_of(canary.mover);
  if (!pair) return Error{ErrorKind::kInternal, "traffic.no-pair", "not a pair of services"};
  if (!blue) return blue.error();
  if (!green) return green.error();
  TrafficSnapshot traffic{.blue = end_of(pair->blue, *blue), .green = end_of(pair->green, *green)};
  TRY(const std::unique_ptr<Weights> weights,
      weights_of(context, subject, canary.mover,
                 {.old_side = pair->blue, .new_side = pair->green}));
  if (pair->blue.is_task_set)
    for (const TrafficSide* side : {&pair->blue, &pair->green})
      if (std::optional<Error> two = objection(*blue, *side)) return *two;
  TRY(Split split, weights->read());
  traffic.blue_weight = split.old_weight;
  traffic.green_weight = split.new_weight;
  traffic.is_uniform = split.is_uniform;
  traffic.what = std::move(split.what);
  traffic.lines = std::move(split.lines);
  TRY_VOID(find_load_balancers(context, canary, {&traffic.blue, &traffic.green}));
  return traffic;
}

Result<TrafficSnapshot> look_at_traffic(Context& context, const Subject& subject,
                                        const Canary& canary) {
  const std::optional<TrafficPair> pair = pair_of(canary.mover);
  if (!pair) return Error{ErrorKind::kInternal, "traffic.no-pair", "not a pair of services"};
  std::vector<std::string> names = {pair->blue.service, pair->green.service};
  if (pair->blue.is_task_set) names.pop_back();
  const std::vector<Result<ServiceLook>> looks = look_at_services(context, names);
  return look_at_traffic(context, subject, canary, looks.front(), looks.back());
}

}  // namespace slipway
