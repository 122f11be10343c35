// What the calls of the simulated Elastic Load Balancing have in common: finding what the input
// names, reading actions and conditions, tags, paging, and the handlers themselves, in the files
// named in the comments.
//
// The handlers take a few members that AWS's inputs do not have, by which a scenario says what AWS
// would have chosen: LoadBalancerArn and VpcId of CreateLoadBalancer, ListenerArn, RuleArn and so
// on. Clients cannot send them: what AWS's model does not know is dropped on the way.
#pragma once

#include "sim/calls.h"
#include "sim/load_balancing.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim::elb {

ServiceError refused(std::string_view code, std::string message);
ServiceError invalid(std::string message);  // ValidationError

// "arn:P:elasticloadbalancing:R:A:resource"
std::string arn(const Region& region, std::string_view resource);
std::string new_id(Region& region);  // 16 hexadecimal digits
// What the scenario says in place of the member AWS chooses, or empty.
std::string chosen(const Json& input, std::string_view member);
// Where nobody said in which VPC something is.
std::string usual_vpc(const Region& region);

LoadBalancer* find_load_balancer(Region& region, std::string_view arn);
Listener* find_listener(Region& region, std::string_view arn);
Rule* find_rule(Region& region, std::string_view arn);
// By the input's member, or AWS's refusal.
Answer<LoadBalancer*> the_load_balancer(const Call& call);
Answer<Listener*> the_listener(const Call& call);
Answer<Rule*> the_rule(const Call& call);
Answer<TargetGroup*> the_target_group(const Call& call);

// Which load balancers use which target group, after a change of actions.
void review_use(Region& region);
// What Describe shows of the rule is in force elb_apply from now.
void put_in_force(Region& region, Rule& rule);

Answer<Tags> read_elb_tags(const Json& input);

// `member` of `shown` in pages of PageSize from Marker on.
Reply page(const Call& call, std::string_view member, const std::vector<PageItem>& shown);

// ---- elb_terms.cc -----------------------------------------------------------------------------

// A rule's actions as Describe shows them, checked against the listener they are for.
std::optional<ServiceError> read_actions(const Call& call, const LoadBalancer& balancer,
                                         std::string_view protocol, std::string_view member,
                                         Terms& terms);
std::optional<ServiceError> read_conditions(const Call& call, Terms& terms);

// One kind of request, as far as conditions ask about it.
struct Request {
  std::string host;
  std::string path = "/";
  std::string method = "GET";
  std::string query;
  std::string source_ip = "203.0.113.10";
  std::vector<std::pair<std::string, std::string>> headers;
};
bool meets(const Terms& terms, const Request& request);

// ---- Showing ----------------------------------------------------------------------------------

JsonObject shown(const Listener& listener);
JsonObject shown(const Rule& rule);
JsonObject shown(const TargetGroup& group);

// ---- The handlers -----------------------------------------------------------------------------

// elb_load_balancers.cc
Reply CreateLoadBalancer(const Call&);
Reply DeleteLoadBalancer(const Call&);
Reply DescribeLoadBalancerAttributes(const Call&);
Reply DescribeLoadBalancers(const Call&);
Reply ModifyLoadBalancerAttributes(const Call&);

// elb_listeners.cc
Reply AddListenerCertificates(const Call&);
Reply CreateListener(const Call&);
Reply DeleteListener(const Call&);
Reply DescribeListenerCertificates(const Call&);
Reply DescribeListeners(const Call&);
Reply ModifyListener(const Call&);
Reply RemoveListenerCertificates(const Call&);

// elb_rules.cc
Reply CreateRule(const Call&);
Reply DeleteRule(const Call&);
Reply DescribeRules(const Call&);
Reply ModifyRule(const Call&);
Reply SetRulePriorities(const Call&);

// elb_target_groups.cc
Reply CreateTargetGroup(const Call&);
Reply DeleteTargetGroup(const Call&);
Reply DescribeTargetGroupAttributes(const Call&);
Reply DescribeTargetGroups(const Call&);
Reply ModifyTargetGroup(const Call&);
Reply ModifyTargetGroupAttributes(const Call&);

// elb_targets.cc
Reply DeregisterTargets(const Call&);
Reply DescribeTargetHealth(const Call&);
Reply RegisterTargets(const Call&);

}  // namespace slipway::sim::elb
