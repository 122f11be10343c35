#include "sim/elb.h"

#include "sim/surroundings.h"
#include "sim/target_groups.h"
#include "sim/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::sim {
namespace elb {

ServiceError refused(std::string_view code, std::string message) {
  return {400, std::string(code), std::move(message), {}};
}

ServiceError invalid(std::string message) { return refused("ValidationError", std::move(message)); }

std::string arn(const Region& region, std::string_view resource) {
  return fmt::format("arn:{}:elasticloadbalancing:{}:{}:{}", region.partition, region.name,
                     region.account, resource);
}

std::string new_id(Region& region) { return fmt::format("{:016x}", region.random.next()); }

std::string chosen(const Json& input, std::string_view member) {
  return std::string(string_or_empty(input, member));
}

std::string usual_vpc(const Region& region) {
  const std::vector<JsonObject>& known = region.surroundings->vpcs;
  if (known.empty()) return "vpc-0a1b2c3d4e5f60718";
  return std::string(string_or_empty(Json(known.front()), "VpcId"));
}

// ---- Finding ----------------------------------------------------------------------------------

LoadBalancer* find_load_balancer(Region& region, std::string_view arn) {
  auto& all = region.load_balancing->load_balancers;
  const auto found = all.find(arn);
  return found == all.end() ? nullptr : found->second.get();
}

Listener* find_listener(Region& region, std::string_view arn) {
  for (const auto& [balancer_arn, balancer] : region.load_balancing->load_balancers)
    for (const auto& listener : balancer->listeners)
      if (listener->ListenerArn == arn) return listener.get();
  return nullptr;
}

Rule* find_rule(Region& region, std::string_view arn) {
  for (const auto& [balancer_arn, balancer] : region.load_balancing->load_balancers)
    for (const auto& listener : balancer->listeners)
      for (const auto& rule : listener->rules)
        if (rule->RuleArn == arn) return rule.get();
  return nullptr;
}

Answer<LoadBalancer*> the_load_balancer(const Call& call) {
  LoadBalancer* found =
      find_load_balancer(call.region, string_or_empty(call.input, "LoadBalancerArn"));
  if (found == nullptr)
    return refused("LoadBalancerNotFound", "One or more load balancers not found");
  return found;
}

Answer<Listener*> the_listener(const Call& call) {
  Listener* found = find_listener(call.region, string_or_empty(call.input, "ListenerArn"));
  if (found == nullptr) return refused("ListenerNotFound", "One or more listeners not found");
  return found;
}

Answer<Rule*> the_rule(const Call& call) {
  Rule* found = find_rule(call.region, string_or_empty(call.input, "RuleArn"));
  if (found == nullptr) return refused("RuleNotFound", "One or more rules not found");
  return found;
}

Answer<TargetGroup*> the_target_group(const Call& call) {
  TargetGroup* found =
      find_target_group(call.region, string_or_empty(call.input, "TargetGroupArn"));
  if (found == nullptr)
    return refused("TargetGroupNotFound", "One or more target groups not found");
  return found;
}

// ---- What actions do --------------------------------------------------------------------------

void review_use(Region& region) {
  LoadBalancing& all = *region.load_balancing;
  std::map<std::string_view, std::vector<std::string>> users;
  for (const auto& [balancer_arn, balancer] : all.load_balancers) {
    for (const auto& listener : balancer->listeners) {
      for (const auto& rule : listener->rules) {
        for (const Terms::Share& share : rule->terms.forward) {
          auto& known = users[share.TargetGroupArn];
          if (std::find(known.begin(), known.end(), balancer_arn) == known.end())
            known.push_back(balancer_arn);
        }
      }
    }
  }
  for (const auto& [group_arn, group] : all.target_groups) {
    auto& now = users[group_arn];
    if (group->LoadBalancerArns == now) continue;
    settle_traffic(region);
    const bool was_used = group->is_used();
    group->LoadBalancerArns = now;
    if (group->is_used() != was_used) review_group(region, *group);
  }
}

void put_in_force(Region& region, Rule& rule) {
  rule.apply.set(region.timeline, region.now + region.knobs.elb_apply, [&region, &rule] {
    settle_traffic(region);
    rule.in_force = rule.terms;
  });
}

Reply page(const Call& call, std::string_view member, const std::vector<PageItem>& shown) {
  JsonObject input;
  if (const auto marker = find_string(call.input, "Marker")) input["NextMarker"] = *marker;
  if (const auto size = find_int(call.input, "PageSize")) input["PageSize"] = *size;
  TRY(JsonObject answer, page_of(input, shown,
                                 {.member = member,
                                  .token = "NextMarker",
                                  .limit = "PageSize",
                                  .most = 400,
                                  .bad_token = invalid("The specified marker is not valid")}));
  return answer_with(std::move(answer));
}

// ---- Tags -------------------------------------------------------------------------------------

Answer<Tags> read_elb_tags(const Json& input) {
  constexpr std::size_t kMostTags = 50;
  Tags tags;
  const JsonArray* given = find_array(input, "Tags");
  if (given == nullptr) return tags;
  for (const Json& each : *given) {
    const std::string key(string_or_empty(each, "Key"));
    const auto same = [&](const Tag& tag) { return tag.key == key; };
    if (std::any_of(tags.begin(), tags.end(), same))
      return refused("DuplicateTagKeys", "Tag keys must be unique");
    tags.push_back({key, std::string(string_or_empty(each, "Value"))});
  }
  if (tags.size() > kMostTags)
    return refused("TooManyTags", "The maximum number of tags has been reached");
  return tags;
}

namespace {

// What an ARN names, by its resource: "loadbalancer/...", "listener-rule/...".
Answer<Tags*> tags_of(const Call& call, std::string_view arn) {
  if (LoadBalancer* found = find_load_balancer(call.region, arn)) return &found->tags;
  if (Listener* found = find_listener(call.region, arn)) return &found->tags;
  if (Rule* found = find_rule(call.region, arn)) return &found->tags;
  if (TargetGroup* found = find_target_group(call.region, arn)) return &found->tags;
  const auto colon = arn.rfind(':');
  const std::string_view resource = colon == std::string_view::npos ? arn : arn.substr(colon + 1);
  if (resource.starts_with("targetgroup/"))
    return refused("TargetGroupNotFound", fmt::format("Target groups '{}' not found", arn));
  if (resource.starts_with("listener-rule/"))
    return refused("RuleNotFound", fmt::format("Rules '{}' not found", arn));
  if (resource.starts_with("listener/"))
    return refused("ListenerNotFound", fmt::format("Listeners '{}' not found", arn));
  if (resource.starts_with("loadbalancer/"))
    return refused("LoadBalancerNotFound", fmt::format("Load balancers '{}' not found", arn));
  return invalid(fmt::format("'{}' is not a valid load balancer ARN", arn));
}

Reply DescribeTags(const Call& call) {
  constexpr std::size_t kMostArns = 20;
  const std::vector<std::string> arns = strings(call.input, "ResourceArns");
  if (arns.size() > kMostArns)
    return invalid(
        fmt::format("You cannot describe tags of more than '{}' resources at a time", kMostArns));
  JsonArray descriptions;
  for (const std::string& each : arns) {
    TRY(const Tags* tags, tags_of(call, each));
    JsonArray list;
    for (const Tag& tag : *tags) list.push_back(JsonObject{{"Key", tag.key}, {"Value", tag.value}});
    descriptions.push_back(JsonObject{{"ResourceArn", each}, {"Tags", std::move(list)}});
  }
  return answer_with({{"TagDescriptions", std::move(descriptions)}});
}

Reply AddTags(const Call& call) {
  TRY(Tags added, read_elb_tags(call.input));
  const std::vector<std::string> arns = strings(call.input, "ResourceArns");
  for (const std::string& each : arns) {
    TRY(const Tags* known, tags_of(call, each));
    (void)known;
  }
  for (const std::string& each : arns) {
    TRY(Tags * tags, tags_of(call, each));
    for (const Tag& tag : added) {
      std::erase_if(*tags, [&](const Tag& known) { return known.key == tag.key; });
      tags->push_back(tag);
    }
  }
  return JsonText{};
}

Reply RemoveTags(const Call& call) {
  const std::vector<std::string> keys = strings(call.input, "TagKeys");
  for (const std::string& each : strings(call.input, "ResourceArns")) {
    TRY(Tags * tags, tags_of(call, each));
    std::erase_if(*tags, [&](const Tag& tag) {
      return std::find(keys.begin(), keys.end(), tag.key) != keys.end();
    });
  }
  return JsonText{};
}

constexpr bool kReads = true;

constexpr std::array kOperations = {
    Operation{"AddListenerCertificates", AddListenerCertificates},
    Operation{"AddTags", AddTags},
    Operation{"CreateListener", CreateListener},
    Operation{"CreateLoadBalancer", CreateLoadBalancer},
    Operation{"CreateRule", CreateRule},
    Operation{"CreateTargetGroup", CreateTargetGroup},
    Operation{"DeleteListener", DeleteListener},
    Operation{"DeleteLoadBalancer", DeleteLoadBalancer},
    Operation{"DeleteRule", DeleteRule},
    Operation{"DeleteTargetGroup", DeleteTargetGroup},
    Operation{"DeregisterTargets", DeregisterTargets},
    Operation{"DescribeListenerCertificates", DescribeListenerCertificates, kReads},
    Operation{"DescribeListeners", DescribeListeners, kReads},
    Operation{"DescribeLoadBalancerAttributes", DescribeLoadBalancerAttributes, kReads},
    Operation{"DescribeLoadBalancers", DescribeLoadBalancers, kReads},
    Operation{"DescribeRules", DescribeRules, kReads},
    Operation{"DescribeTags", DescribeTags, kReads},
    Operation{"DescribeTargetGroupAttributes", DescribeTargetGroupAttributes, kReads},
    Operation{"DescribeTargetGroups", DescribeTargetGroups, kReads},
    Operation{"DescribeTargetHealth", DescribeTargetHealth, kReads},
    Operation{"ModifyListener", ModifyListener},
    Operation{"ModifyLoadBalancerAttributes", ModifyLoadBalancerAttributes},
    Operation{"ModifyRule", ModifyRule},
    Operation{"ModifyTargetGroup", ModifyTargetGroup},
    Operation{"ModifyTargetGroupAttributes", ModifyTargetGroupAttributes},
    Operation{"RegisterTargets", RegisterTargets},
    Operation{"RemoveListenerCertificates", RemoveListenerCertificates},
    Operation{"RemoveTags", RemoveTags},
    Operation{"SetRulePriorities", SetRulePriorities},
};

}  // namespace
}  // namespace elb

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

std::span<const Operation> elb_operations() { return elb::kOperations; }

}  // namespace slipway::sim
