#include "execute/ecs_crd_grace.h"

#include "aws/cloudwatch.h"
#include "aws/elbv2.h"
#include "base/text.h"
#include "execute/ask_if_allowed.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

namespace slipway {
namespace {

namespace cloudwatch = aws::cloudwatch;
namespace elbv2 = aws::elbv2;
using std::chrono::minutes;
using std::chrono::seconds;

// Load balancers report each minute, and not at all for a minute without a request.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
constexpr minutes kLookedAt{5};
constexpr minutes kTooYoung{1};      // may not have been reported yet
constexpr double kAboutNothing = 1;  // requests a minute
constexpr seconds kBetweenLooks{30};

// "app/public-1/50dc6c495c0c9188" of a load balancer's ARN, "targetgroup/web/73e2d6bc24d8a067" of a
// target group's: what the metrics call them.
std::string dimension_of(const std::string& arn, std::string_view kind, bool with_kind) {
  const std::size_t at = arn.find(kind);
  if (at == std::string::npos) return {};
  return arn.substr(with_kind ? at : at + kind.size());
}

}  // namespace

CrdGrace::CrdGrace(CrdWork& work, std::string stack, std::string load_balancer_arn)
    : work_(work), stack_(std::move(stack)), load_balancer_arn_(std::move(load_balancer_arn)) {}

void CrdGrace::read_target_groups() {
  if (is_read_) return;
  is_read_ = true;
  for (const CrdTargetGroup& group : work_.known.file.target_groups)
    deregistration_delay_ = std::max(deregistration_delay_, group.deregistration_delay());
  const Result<std::vector<StackResource>> resources = work_.stacks.resources(stack_);
  if (!resources) {
    deregistration_delay_ =
        std::max(deregistration_delay_, work_.options.timings.default_deregistration);
    return;
  }
  for (const StackResource& resource : *resources) {
    if (resource.type != "AWS::ElasticLoadBalancingV2::TargetGroup" || resource.physical_id.empty())
      continue;
    target_groups_.push_back(resource.physical_id);
    elbv2::DescribeTargetGroupAttributesInput request;
    request.TargetGroupArn = resource.physical_id;
    const auto answer =
        ask_if_allowed(work_.context, elbv2::DescribeTargetGroupAttributes, request,
                       "the deregistration delay of the old release is taken to be the new one's");
    if (!answer)  // it is whatever it can be expected to be
      deregistration_delay_ =
          std::max(deregistration_delay_, work_.options.timings.default_deregistration);
    if (!answer || !*answer) continue;
    for (const elbv2::TargetGroupAttribute& attribute : (*answer)->Attributes) {
      if (attribute.Key != "deregistration_delay.timeout_seconds") continue;
      int delay = 0;
      std::from_chars(attribute.Value.data(), attribute.Value.data() + attribute.Value.size(),
                      delay);
      deregistration_delay_ = std::max(deregistration_delay_, seconds(delay));
    }
  }
}

seconds CrdGrace::deregistration_delay() {
  read_target_groups();
  return deregistration_delay_;
}

// Points come late, and then all of them do: the last minute that has a point of either release is
// as far as CloudWatch has come. Without any there were no requests.
std::optional<double> CrdGrace::requests_a_minute(const std::vector<Counted>& groups) {
  const TimePoint now = work_.clock().now();
  const auto into_the_minute = now.time_since_epoch() % minutes(1);
  cloudwatch::GetMetricDataInput request;
  request.EndTime = now - into_the_minute - kTooYoung;
  request.StartTime = request.EndTime - kLookedAt;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    cloudwatch::MetricStat stat;
    stat.Metric = {.Namespace = "AWS/ApplicationELB",
                   .MetricName = "RequestCount",
                   .Dimensions = {{.Name = "TargetGroup", .Value = groups[i].target_group},
                                  {.Name = "LoadBalancer", .Value = groups[i].load_balancer}}};
    stat.Period = 60;
    stat.Stat = "Sum";
    cloudwatch::MetricDataQuery query;
    query.Id = fmt::format("group{}", i + 1);
    query.MetricStat = std::move(stat);
    request.MetricDataQueries.push_back(std::move(query));
  }
  const auto answer =
      work_.context.optional.call(cloudwatch::GetMetricData, request,
                                  "whether clients still come to the old release is not looked at");
  if (!answer) return std::nullopt;
  std::map<TimePoint, double> of_blue;  // by minute
  for (std::size_t i = 0; i < groups.size(); ++i)
    for (const cloudwatch::MetricDataResult& result : answer->MetricDataResults) {
      if (result.Id != fmt::format("group{}", i + 1)) continue;
      for (std::size_t k = 0; k < std::min(result.Timestamps.size(), result.Values.size()); ++k)
        of_blue[result.Timestamps[k]] += groups[i].is_blue ? result.Values[k] : 0;
    }
  return of_blue.empty() ? 0 : of_blue.rbegin()->second;
}

Result<void> CrdGrace::wait_until_nobody_comes(TimePoint moved,
                                               const std::vector<std::string>& new_groups,
                                               const std::string& new_load_balancer) {
  const CrdTimings& timings = work_.options.timings;
  const seconds least = std::max(2 * timings.ttl, deregistration_delay());
  work_.say.value("Kept", fmt::format("{} after all traffic has moved, for those who still have "
                                      "its address",
                                      in_crd_time(least)));
  TRY_VOID(sleep_with_ticks(work_.clock(), work_.say, moved + least, "Blue is kept"));
  std::vector<Counted> groups;
  const auto add = [&](const std::vector<std::string>& arns, const std::string& balancer,
                       bool is_blue) {
    for (const std::string& arn : arns)
      groups.push_back({.target_group = dimension_of(arn, "targetgroup/", true),
                        .load_balancer = dimension_of(balancer, "loadbalancer/", false),
                        .is_blue = is_blue});
  };
  add(target_groups_, load_balancer_arn_, true);
  add(new_groups, new_load_balancer, false);
  const TimePoint limit = moved + timings.quiet_limit;
  while (!target_groups_.empty()) {
    const std::optional<double> requests = requests_a_minute(groups);
    if (!requests) return {};
    work_.say.value("Requests", fmt::format("{:.0f} a minute still come to Blue", *requests));
    if (*requests <= kAboutNothing) return {};
    const TimePoint now = work_.clock().now();
    if (now >= limit) {
      work_.say.warning(fmt::format(
          "clients still come to the old release {} after all traffic has moved; it is deleted "
          "now, and they get errors until they look its name up again",
          in_crd_time(now - moved)));
      return {};
    }
    TRY_VOID(sleep_with_ticks(work_.clock(), work_.say, std::min(limit, now + kBetweenLooks),
                              "Blue is kept"));
  }
  return {};
}

}  // namespace slipway
