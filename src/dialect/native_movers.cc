#include "dialect/native_movers.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace slipway {
namespace {

using namespace std::chrono_literals;

void check_sides(Fields& fields, const TrafficSide& blue, const TrafficSide& green) {
  if (!blue.service.empty() && blue.service == green.service)
    fields.error("green", "both sides are the same service",
                 "a pair is two services; one runs while the other is idle. The task sets of one "
                 "are the sides of an `alb` that names it once, as its own `service`");
}

void check_arn(Fields& fields, std::string_view key, const std::string& arn,
               std::string_view kind) {
  if (arn.empty()) return;
  const std::vector<std::string_view> parts = split(arn, ':');
  if (parts.size() == 6 && parts[0] == "arn" && parts[2] == "elasticloadbalancing" &&
      parts[5].starts_with(kind) && parts[5].substr(kind.size()).starts_with('/'))
    return;
  fields.error(key, fmt::format("\"{}\" is not the ARN of a {}", arn,
                                kind == "targetgroup"     ? "target group"
                                : kind == "listener-rule" ? "listener's rule"
                                                          : kind));
}

// With one service for both its task sets are the sides, without it each side is a service.
TrafficSide read_alb_side(Fields& alb, std::string_view key,
                          const std::optional<std::string>& of_both) {
  TrafficSide side{.name = std::string(key),
                   .service = of_both.value_or(""),
                   .is_task_set = of_both.has_value()};
  alb.require(key);
  std::optional<Fields> fields = alb.mapping(key);
  if (!fields) return side;
  if (of_both)
    fields->refuse("service",
                   "`alb` names one service, whose task sets are the sides: leave it out here, "
                   "or there and name one on each side");
  else
    side.service = fields->required_text("service");
  side.target_group = fields->required_text("target_group");
  check_arn(*fields, "target_group", side.target_group, "targetgroup");
  return side;
}

AlbMover read_alb(Fields& alb) {
  AlbMover mover{.rule = alb.text("rule").value_or(""),
                 .listener = alb.text("listener").value_or("")};
  if (!mover.rule.empty() && !mover.listener.empty())
    alb.error("listener", "rule and listener exclude each other");
  else if (mover.rule.empty() && mover.listener.empty() && !alb.has("rule") && !alb.has("listener"))
    alb.error("rule", "name the `rule` that forwards to the two target groups",
              "or the `listener`, when it is its default action");
  check_arn(alb, "rule", mover.rule, "listener-rule");
  check_arn(alb, "listener", mover.listener, "listener");
  std::optional<std::string> of_both;
  if (alb.has("service")) of_both = alb.required_text("service");
  mover.blue = read_alb_side(alb, "blue", of_both);
  mover.green = read_alb_side(alb, "green", of_both);
  if (!of_both) check_sides(alb, mover.blue, mover.green);
  if (!mover.blue.target_group.empty() && mover.blue.target_group == mover.green.target_group)
    alb.error("green", "both sides have the same target group");
  return mover;
}

TrafficSide read_dns_side(Fields& dns, std::string_view key) {
  TrafficSide side{.name = std::string(key)};
  dns.require(key);
  std::optional<Fields> fields = dns.mapping(key);
  if (!fields) return side;
  side.service = fields->required_text("service");
  side.load_balancer = fields->required_text("load_balancer");
  side.set_identifier = fields->text("set_identifier").value_or(std::string(key));
  return side;
}

DnsMover read_dns(Fields& dns) {
  DnsMover mover{.names = dns.required_texts("names", {.at_least = 1}),
                 .zone = dns.text("zone").value_or("")};
  for (std::size_t i = 0; i < mover.names.size(); ++i) {
    std::string& name = mover.names[i];
    if (name.ends_with('.')) name.pop_back();
    name = to_lower(name);
    if (name.find('.') == std::string::npos || name.find("..") != std::string::npos)
      dns.error("names", i, fmt::format("\"{}\" is not a name of the DNS", name));
    else if (std::ranges::find(mover.names.begin(), mover.names.begin() + static_cast<long>(i),
                               name) != mover.names.begin() + static_cast<long>(i))
      dns.error("names", i, fmt::format("{} is there twice", name));
  }
  // Weighted records of one name share their TTL, a whole number of seconds.
  const Node* ttl = dns.node("ttl");
  if (ttl != nullptr && ttl->as_int())
    mover.ttl = std::chrono::seconds(dns.integer("ttl", {1, 86'400}).value_or(60));
  else if (const auto duration = dns.duration("ttl", {.at_least = 1s, .at_most = 24h}))
    mover.ttl = std::chrono::floor<std::chrono::seconds>(*duration);
  mover.blue = read_dns_side(dns, "blue");
  mover.green = read_dns_side(dns, "green");
  check_sides(dns, mover.blue, mover.green);
  if (!mover.blue.set_identifier.empty() && mover.blue.set_identifier == mover.green.set_identifier)
    dns.error("green", "both sides have the same set_identifier");
  if (!mover.blue.load_balancer.empty() && mover.blue.load_balancer == mover.green.load_balancer)
    dns.error("green", "both sides have the same load balancer");
  return mover;
}

}  // namespace

Mover read_mover(Fields& fields) {
  std::vector<std::string> movers;
  for (const std::string_view mover : {"alb", "dns", "codedeploy", "ecs"})
    if (fields.has(mover)) movers.emplace_back(mover);
  if (movers.size() > 1)
    fields.error(movers[1], fmt::format("{} and {} exclude each other", movers[0], movers[1]),
                 "one of them moves the weights");
  // Each is asked for, so that all that is wrong is told at once.
  Mover mover;
  if (std::optional<Fields> alb = fields.mapping("alb")) mover = read_alb(*alb);
  if (std::optional<Fields> dns = fields.mapping("dns")) mover = read_dns(*dns);
  if (std::optional<Fields> deploy = fields.mapping("codedeploy")) {
    mover = CodeDeployMover{.application = deploy->text("application").value_or(""),
                            .deployment_group = deploy->text("deployment_group").value_or("")};
    if (deploy->has("deployment_group")) deploy->require("application");
  }
  if (std::optional<Fields> ecs = fields.mapping("ecs")) mover = EcsMover{};
  return mover;
}

}  // namespace slipway
