#include "sim/shift_rules.h"

#include "sim/blue_green.h"
#include "sim/elb.h"
#include "sim/target_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace slipway::sim {
namespace {

constexpr std::string_view kInvalidNetworking =
    "Service deployment rolled back because of invalid networking configuration";

// A rule of an Application Load Balancer, or the default one of a Network Load Balancer's listener.
elb::Rule* find_rule(Region& region, const std::string& arn) {
  if (elb::Rule* rule = elb::find_rule(region, arn)) return rule;
  elb::Listener* listener = elb::find_listener(region, arn);
  return listener == nullptr || listener->rules.empty() ? nullptr : listener->rules.back().get();
}

// Nobody describes the rules of a load balancer that is not part of the scenario.
bool is_elsewhere(Region& region, const LoadBalancer& balancer) {
  const TargetGroup* group = find_target_group(region, balancer.targetGroupArn);
  return group == nullptr || group->used_elsewhere;
}

bool names(const elb::Rule* rule, const std::string& group) {
  return rule != nullptr &&
         std::any_of(rule->terms.forward.begin(), rule->terms.forward.end(),
                     [&](const auto& share) { return share.TargetGroupArn == group; });
}

// One balancer of the deployment with its rules.
struct Rules {
  const LoadBalancer& balancer;
  elb::Rule* production = nullptr;
  elb::Rule* test = nullptr;

  const AdvancedConfiguration& advanced() const { return *balancer.advancedConfiguration; }
};

// What is wrong with the rules before ECS writes anything; empty when nothing is.
std::string problem_of(const Rules& rules, const WeightChange& change) {
  const std::string& group = rules.balancer.targetGroupArn;
  const std::string& alternate = rules.advanced().alternateTargetGroupArn;
  const bool test_is_missing = !rules.advanced().testListenerRule.empty() && rules.test == nullptr;
  if (rules.production == nullptr || test_is_missing)
    return fmt::format("{}. One or more rules not found", kInvalidNetworking);
  for (const std::string& each : {group, alternate})
    if (!names(rules.production, each) && !names(rules.test, each))
      return fmt::format(
          "{}: Target group {} is not associated with either productionListenerRule or "
          "testListenerRule.",
          kInvalidNetworking, each);
  if (change.rule == ShiftedRule::kTest) return {};

  std::size_t serving = 0;
  for (const auto& share : rules.production->terms.forward) {
    if (share.Weight == 0) continue;
    ++serving;
    if (share.TargetGroupArn != group && share.TargetGroupArn != alternate)
      return fmt::format(
          "{}. Production listener rule is forwarding traffic to unexpected target group {}. "
          "Expected traffic to be forwarded to either targetGroupArn: {} or "
          "alternateTargetGroupArn: {}",
          kInvalidNetworking, share.TargetGroupArn, group, alternate);
  }
  if (change.must_be_whole && serving != 1)
    return fmt::format(
        "{}. productionListenerRule {} should have exactly one target group serving traffic but "
        "found {} target groups which are serving traffic",
        kInvalidNetworking, rules.advanced().productionListenerRule, serving);
  return {};
}

struct IntegerWeights {
  int ours = 100;
  int other = 0;
};

// ELB knows whole numbers up to 999; percents with a fraction need finer ones than hundredths.
IntegerWeights integer_weights(double percent) {
  constexpr int kMost = 999;
  const bool is_whole = percent == std::floor(percent);
  const int all = is_whole ? 100 : kMost;
  const int ours = static_cast<int>(std::lround(percent * all / 100));
  return {ours, all - ours};
}

// The call ECS makes: the rule's actions as they are, but for where the traffic goes.
struct ModifyCall {
  std::string_view operation;
  Json input;
};

ModifyCall modification(const elb::Rule& rule, const Rules& rules, const Deployment& deployment,
                        double percent) {
  const std::string& ours = target_group_of(deployment, rules.balancer);
  const bool is_first = ours == rules.balancer.targetGroupArn;
  const std::string& other =
      is_first ? rules.advanced().alternateTargetGroupArn : rules.balancer.targetGroupArn;
  const IntegerWeights weights = integer_weights(percent);
  JsonArray groups;
  groups.push_back(JsonObject{{"TargetGroupArn", ours}, {"Weight", weights.ours}});
  groups.push_back(JsonObject{{"TargetGroupArn", other}, {"Weight", weights.other}});
  JsonArray actions = rule.terms.Actions;
  if (!actions.empty() && actions.back().is_object()) {
    JsonObject& forward = actions.back().get_object();
    forward.erase("TargetGroupArn");
    Json& config = forward["ForwardConfig"];
    if (!config.is_object()) config = JsonObject();
    config.get_object()["TargetGroups"] = std::move(groups);
  }
  if (!rule.terms.Priority)
    return {"ModifyListener", JsonObject{{"ListenerArn", rule.listener->ListenerArn},
                                         {"DefaultActions", std::move(actions)}}};
  return {"ModifyRule", JsonObject{{"RuleArn", rule.RuleArn}, {"Actions", std::move(actions)}}};
}

}  // namespace

std::optional<std::string> write_weights(Region& region, const Deployment& deployment,
                                         const WeightChange& change) {
  std::vector<Rules> all;
  for (const LoadBalancer& balancer : deployment.workload().load_balancers) {
    if (!balancer.advancedConfiguration || is_elsewhere(region, balancer)) continue;
    Rules& rules = all.emplace_back(Rules{balancer});
    rules.production = find_rule(region, rules.advanced().productionListenerRule);
    rules.test = find_rule(region, rules.advanced().testListenerRule);
    if (std::string problem = problem_of(rules, change); !problem.empty()) return problem;
  }
  std::vector<std::pair<const Rules*, ModifyCall>> calls;
  for (const Rules& rules : all) {
    const elb::Rule* rule = change.rule == ShiftedRule::kTest ? rules.test : rules.production;
    if (rule == nullptr) continue;
    ModifyCall call = modification(*rule, rules, deployment, change.percent);
    const std::string& role = rules.advanced().roleArn;
    if (region.guard && region.guard(role, "elasticloadbalancing", call.operation, call.input))
      return fmt::format(
          "{}. ECS was unable to manage the ELB resources due to missing permissions on ECS "
          "Infrastructure Role '{}'.",
          kInvalidNetworking, role);
    calls.emplace_back(&rules, std::move(call));
  }
  for (const auto& [rules, call] : calls) {
    const CallContext ecs{.principal_arn = rules->advanced().roleArn};
    const Call made{region, ecs, call.input};
    // What was the rule's own a moment ago is not refused.
    (void)(call.operation == "ModifyRule" ? elb::ModifyRule(made) : elb::ModifyListener(made));
  }
  return std::nullopt;
}

bool is_test_rule_missing(Region& region, const LoadBalancer& balancer) {
  const AdvancedConfiguration& advanced = *balancer.advancedConfiguration;
  const elb::Rule* rule = elb::find_rule(region, advanced.productionListenerRule);
  return rule != nullptr && advanced.testListenerRule.empty() &&
         !(names(rule, balancer.targetGroupArn) && names(rule, advanced.alternateTargetGroupArn));
}

}  // namespace slipway::sim
