// The simulated Elastic Load Balancing (version 2) as plain state: load balancers, their listeners
// and rules, target groups. What happens to targets is in target_groups.cc, the API's calls are in
// elb_*.cc, and which requests go where is worked out in traffic.cc.
#pragma once

#include "base/json.h"
#include "sim/entities.h"
#include "sim/timeline.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway::sim {

struct Operation;  // sim/calls.h
struct Region;

namespace elb {

struct Listener;

// What a rule asks of a request and does with it. The documents are complete: what a call left out
// is filled in as Describe shows it.
struct Terms {
  std::optional<int> Priority;  // nullopt: a listener's default
  JsonArray Conditions;
  JsonArray Actions;  // by Order

  // The last action is a forward action to these groups, or there are none.
  struct Share {
    std::string TargetGroupArn;
    int Weight = 1;
  };
  std::vector<Share> forward;
};

struct Rule {
  Listener* listener = nullptr;
  std::string RuleArn;
  Terms terms;                    // what Describe shows
  std::optional<Terms> in_force;  // what requests meet; a change takes the knob elb_apply
  Timer apply;
  Tags tags;
};

struct LoadBalancer;

struct Listener {
  LoadBalancer* load_balancer = nullptr;
  std::string ListenerArn;
  int Port = 0;
  std::string Protocol;
  std::string SslPolicy;
  JsonArray AlpnPolicy;
  std::optional<std::string> default_certificate;
  std::vector<std::string> more_certificates;
  std::vector<std::unique_ptr<Rule>> rules;  // by priority, the default last
  std::map<std::string, std::string> attributes;
  Tags tags;
  std::uint64_t serial = 0;
};

struct LoadBalancer {
  std::string LoadBalancerArn;
  std::string LoadBalancerName;
  std::string DNSName;
  std::string Type;    // application | network | gateway
  std::string Scheme;  // internet-facing | internal
  std::string VpcId;
  std::string IpAddressType;
  JsonArray AvailabilityZones;
  JsonArray SecurityGroups;
  TimePoint CreatedTime;
  TimePoint active_from;                          // until then it is provisioning
  std::map<std::string, std::string> attributes;  // those that were set
  std::vector<std::unique_ptr<Listener>> listeners;
  Tags tags;
  std::uint64_t serial = 0;

  bool is_application() const { return Type == "application"; }
};

}  // namespace elb

struct LoadBalancing {
  // Of targets registered by hand, by a pattern of their ids; the first that matches counts.
  struct HandBehaviour {
    std::string id;
    std::shared_ptr<const ImageBehaviour> behaviour;
    TimePoint since;
  };
  std::vector<HandBehaviour> behaviours;
  std::map<std::string, std::unique_ptr<TargetGroup>, std::less<>> target_groups;         // by ARN
  std::map<std::string, std::unique_ptr<elb::LoadBalancer>, std::less<>> load_balancers;  // by ARN
};

// The attributes a target group has, with AWS's defaults.
std::span<const std::pair<std::string_view, std::string_view>> target_group_attributes();

std::span<const Operation> elb_operations();

}  // namespace slipway::sim
