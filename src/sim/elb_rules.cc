#include "sim/elb.h"
#include "sim/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace slipway::sim::elb {
namespace {

constexpr std::size_t kMostRules = 100;  // of a load balancer, without the default ones
constexpr int kMostPriority = 50000;

// "listener/app/N/ID/L" -> "listener-rule/app/N/ID/L/..."
std::string rule_arn(const Call& call, const Listener& listener) {
  constexpr std::string_view kKind = ":listener/";
  std::string arn = listener.ListenerArn;
  if (const auto at = arn.find(kKind); at != std::string::npos)
    arn.replace(at, kKind.size(), ":listener-rule/");
  return fmt::format("{}/{}", arn, new_id(call.region));
}

void sort_rules(Listener& listener) {
  const auto priority = [](const auto& rule) {
    return rule->terms.Priority.value_or(std::numeric_limits<int>::max());
  };
  std::stable_sort(listener.rules.begin(), listener.rules.end(),
                   [&](const auto& a, const auto& b) { return priority(a) < priority(b); });
}

std::optional<ServiceError> check_priority(std::int64_t priority) {
  if (priority >= 1 && priority <= kMostPriority) return std::nullopt;
  return invalid(
      fmt::format("Rule priority '{}' must be between '1' and '{}'", priority, kMostPriority));
}

ServiceError in_use(std::int64_t priority) {
  return refused("PriorityInUse", fmt::format("Priority '{}' is currently in use", priority));
}

std::size_t count_rules(const LoadBalancer& balancer) {
  std::size_t count = 0;
  for (const auto& listener : balancer.listeners) count += listener->rules.size() - 1;
  return count;
}

}  // namespace

JsonObject shown(const Rule& rule) {
  const auto priority = rule.terms.Priority;
  return {{"RuleArn", rule.RuleArn},
          {"Priority", priority ? std::to_string(*priority) : "default"},
          {"Conditions", rule.terms.Conditions},
          {"Actions", rule.terms.Actions},
          {"IsDefault", !priority},
          {"Transforms", JsonArray{}}};
}

Reply CreateRule(const Call& call) {
  TRY(Listener * listener, the_listener(call));
  TRY(Tags tags, read_elb_tags(call.input));
  const std::int64_t priority = find_int(call.input, "Priority").value_or(0);
  if (auto error = check_priority(priority)) return std::move(*error);
  for (const auto& known : listener->rules)
    if (known->terms.Priority == priority) return in_use(priority);
  auto rule = std::make_unique<Rule>();
  rule->listener = listener;
  rule->tags = std::move(tags);
  rule->terms.Priority = static_cast<int>(priority);
  const LoadBalancer& balancer = *listener->load_balancer;
  if (auto error = read_conditions(call, rule->terms)) return std::move(*error);
  if (auto error = read_actions(call, balancer, listener->Protocol, "Actions", rule->terms))
    return std::move(*error);
  if (count_rules(balancer) >= kMostRules)
    return refused("TooManyRules",
                   fmt::format("The maximum number of rules on load balancer '{}' has been reached",
                               balancer.LoadBalancerArn));

  rule->RuleArn = chosen(call.input, "RuleArn");
  if (rule->RuleArn.empty()) rule->RuleArn = rule_arn(call, *listener);
  put_in_force(call.region, *rule);
  JsonObject answer = shown(*rule);
  listener->rules.push_back(std::move(rule));
  sort_rules(*listener);
  review_use(call.region);
  return answer_with({{"Rules", JsonArray{Json(std::move(answer))}}});
}

Reply ModifyRule(const Call& call) {
  TRY(Rule * rule, the_rule(call));
  if (!rule->terms.Priority)
    return refused("OperationNotPermitted",
                   fmt::format("Default rule '{}' cannot be modified", rule->RuleArn));
  Terms terms = rule->terms;
  if (find_array(call.input, "Conditions") != nullptr)
    if (auto error = read_conditions(call, terms)) return std::move(*error);
  if (find_array(call.input, "Actions") != nullptr)
    if (auto error = read_actions(call, *rule->listener->load_balancer, rule->listener->Protocol,
                                  "Actions", terms))
      return std::move(*error);
  rule->terms = std::move(terms);
  put_in_force(call.region, *rule);
  review_use(call.region);
  return answer_with({{"Rules", JsonArray{Json(shown(*rule))}}});
}

Reply DeleteRule(const Call& call) {
  TRY(Rule * rule, the_rule(call));
  if (!rule->terms.Priority)
    return refused("OperationNotPermitted",
                   fmt::format("Default rule '{}' cannot be deleted", rule->RuleArn));
  settle_traffic(call.region);
  std::erase_if(rule->listener->rules, [&](const auto& each) { return each.get() == rule; });
  review_use(call.region);
  return JsonText{};
}

// All of them or none: two rules may swap their priorities.
Reply SetRulePriorities(const Call& call) {
  std::vector<std::pair<Rule*, int>> wanted;
  const JsonArray* given = find_array(call.input, "RulePriorities");
  for (const Json& each : given == nullptr ? JsonArray{} : *given) {
    Rule* rule = find_rule(call.region, string_or_empty(each, "RuleArn"));
    if (rule == nullptr) return refused("RuleNotFound", "One or more rules not found");
    if (!rule->terms.Priority)
      return refused(
          "OperationNotPermitted",
          fmt::format("Priority of default rule '{}' cannot be modified", rule->RuleArn));
    const std::int64_t priority = find_int(each, "Priority").value_or(0);
    if (auto error = check_priority(priority)) return std::move(*error);
    wanted.emplace_back(rule, static_cast<int>(priority));
  }
  const auto is_moved = [&](const Rule* rule) {
    return std::any_of(wanted.begin(), wanted.end(),
                       [&](const auto& each) { return each.first == rule; });
  };
  for (const auto& [rule, priority] : wanted) {
    for (const auto& [other, its_priority] : wanted)
      if (other != rule && other->listener == rule->listener && its_priority == priority)
        return in_use(priority);
    for (const auto& other : rule->listener->rules)
      if (other->terms.Priority == priority && !is_moved(other.get())) return in_use(priority);
  }
  settle_traffic(call.region);
  JsonArray answer;
  for (const auto& [rule, priority] : wanted) {
    rule->terms.Priority = priority;
    put_in_force(call.region, *rule);
    answer.push_back(shown(*rule));
  }
  for (const auto& [rule, priority] : wanted) sort_rules(*rule->listener);
  return answer_with({{"Rules", std::move(answer)}});
}

Reply DescribeRules(const Call& call) {
  std::vector<const Rule*> found;
  const std::vector<std::string> arns = strings(call.input, "RuleArns");
  if (find_string(call.input, "ListenerArn")) {
    TRY(const Listener* listener, the_listener(call));
    for (const auto& rule : listener->rules) found.push_back(rule.get());
  } else if (arns.empty()) {
    return invalid("You must specify either listener rule ARNs or a listener ARN");
  }
  for (const std::string& arn : arns) {
    const Rule* rule = find_rule(call.region, arn);
    if (rule == nullptr) return refused("RuleNotFound", "One or more rules not found");
    found.push_back(rule);
  }
  std::vector<PageItem> items;
  for (const Rule* rule : found) items.push_back({serial_key(items.size()), shown(*rule)});
  return page(call, "Rules", items);
}

}  // namespace slipway::sim::elb
