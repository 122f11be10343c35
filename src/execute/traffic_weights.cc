// Which mover sets the weights; and Route 53's, brought to the form that all have in common.
#include "aws/elbv2.h"
#include "aws/route53.h"
#include "base/text.h"
#include "execute/dns_weights.h"
#include "execute/watch.h"
#include "execute/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace slipway {

int Split::new_percent() const {
  const int whole = old_weight + new_weight;
  if (whole == 0) return -1;
  const int percent = new_weight * 100 / whole;
  return percent == 0 && new_weight > 0 ? 1 : percent;
}

namespace {

bool is_zone_id(const std::string& text) {
  return text.starts_with("/hostedzone/") ||
         (text.starts_with('Z') && text.find('.') == std::string::npos);
}

class DnsPairWeights final : public Weights {
 public:
  DnsPairWeights(Context& context, Subject subject, const DnsMover& mover,
                 TrafficDirection direction)
      : context_(context),
        subject_(std::move(subject)),
        mover_(mover),
        direction_(std::move(direction)) {}

  Result<Split> read() override {
    TRY_VOID(open());
    TRY(const std::vector<DnsRecords> records, weights_->read());
    const std::vector<std::string> against = objections(records, weights_->pair());
    if (!against.empty())
      return Error{ErrorKind::kInvalid, "weights.not-a-pair", join(against, "; ")};
    Split split{.what = join(mover_.names, ", ")};
    bool is_first = true;
    for (const DnsRecords& of_name : records) {
      const DnsSplit one = split_of(of_name, weights_->pair());
      const int old_weight = one.old_weight.value_or(0);
      const int new_weight = one.new_weight.value_or(0);
      split.lines.push_back(fmt::format("{}: {} {}, {} {}", one.name,
                                        direction_.old_side.set_identifier, old_weight,
                                        direction_.new_side.set_identifier, new_weight));
      if (is_first) {
        split.old_weight = old_weight;
        split.new_weight = new_weight;
      } else if (split.old_weight * new_weight != split.new_weight * old_weight ||
                 (old_weight + new_weight == 0)) {
        split.is_uniform = false;
      }
      is_first = false;
    }
    return split;
  }

  Result<void> set(int new_weight, bool is_undo) override {
    TRY_VOID(open());
    return is_undo ? weights_->restore(new_weight) : weights_->set(new_weight);
  }

  // Resolvers keep an answer for its TTL.
  Duration lag() const override { return mover_.ttl; }

  std::vector<std::string> by_hand(int new_weight) const override {
    if (!weights_) return {};
    return commands_that_set(weights_->pair(), new_weight);
  }

 private:
  // Names of load balancers and zones become what records consist of; once.
  Result<void> open() {
    if (weights_) return {};
    DnsPair pair{.names = {},
                 .old_side = {},
                 .new_side = {},
                 .ttl = std::chrono::duration_cast<std::chrono::seconds>(mover_.ttl)};
    for (const std::string& name : mover_.names) {
      TRY(std::string zone, zone_of(name));
      pair.names.push_back({.name = name, .zone_id = std::move(zone)});
    }
    TRY(pair.old_side, side_of(direction_.old_side));
    TRY(pair.new_side, side_of(direction_.new_side));
    weights_.emplace(context_, subject_, std::move(pair));
    return {};
  }

  Result<DnsSide> side_of(const TrafficSide& side) {
    DnsSide made{
        .set_identifier = side.set_identifier, .target = side.load_balancer, .alias_zone = {}};
    if (side.load_balancer.find('.') != std::string::npos) return made;  // a DNS name already
    aws::elbv2::DescribeLoadBalancersInput request;
    if (side.load_balancer.starts_with("arn:"))
      request.LoadBalancerArns = {side.load_balancer};
    else
      request.Names = {side.load_balancer};
    TRY(const auto reply, context_.clients.call(aws::elbv2::DescribeLoadBalancers, request)
                              .context("looking up load balancer " + side.load_balancer));
    if (reply.LoadBalancers.empty())
      return Error{ErrorKind::kNotFound, "load-balancer.missing",
                   fmt::format("load balancer {} does not exist", side.load_balancer)};
    made.target = reply.LoadBalancers.front().DNSName;
    return made;
  }

  // The zone that is named, or the longest one that the name is in.
  Result<std::string> zone_of(const std::string& name) {
    if (is_zone_id(mover_.zone)) return mover_.zone;
    const std::string within = normal_dns_name(mover_.zone.empty() ? name : mover_.zone);
    for (std::string_view zone = within; zone.find('.') + 1 < zone.size();
         zone.remove_prefix(zone.find('.') + 1)) {
      TRY(const auto reply, context_.clients
                                .call(aws::route53::ListHostedZonesByName,
                                      {.DNSName = std::string(zone), .MaxItems = "1"})
                                .context("looking for the zone of " + name));
      for (const auto& found : reply.HostedZones)
        if (normal_dns_name(found.Name) == zone) return last_segment(found.Id);
      if (!mover_.zone.empty()) break;
    }
    return Error{ErrorKind::kNotFound, "zone.missing",
                 mover_.zone.empty() ? fmt::format("no hosted zone holds {}", name)
                                     : fmt::format("there is no hosted zone {}", mover_.zone)};
  }

  Context& context_;
  Subject subject_;
  DnsMover mover_;
  TrafficDirection direction_;
  std::optional<DnsWeights> weights_;
};

}  // namespace

std::unique_ptr<Weights> dns_weights(Context& context, Subject subject, const DnsMover& mover,
                                     TrafficDirection direction) {
  return std::make_unique<DnsPairWeights>(context, std::move(subject), mover, std::move(direction));
}

Result<std::unique_ptr<Weights>> weights_of(Context& context, const Subject& subject,
                                            const Mover& mover, const TrafficDirection& direction) {
  if (const auto* alb = std::get_if<AlbMover>(&mover))
    return alb_weights(context, subject, *alb, direction);
  if (const auto* dns = std::get_if<DnsMover>(&mover))
    return dns_weights(context, subject, *dns, direction);
  return Error{ErrorKind::kInternal, "traffic.no-pair", "not a pair of services"};
}

}  // namespace slipway
