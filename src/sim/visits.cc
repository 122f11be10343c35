#include "sim/visits.h"

#include "base/text.h"
#include "sim/elb.h"
#include "sim/hosted_zones.h"
#include "sim/region.h"
#include "sim/target_groups.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

namespace slipway::sim {
namespace {

struct Url {
  std::string host;
  int port = 80;
  std::string path = "/";
  std::string query;
};

std::optional<Url> parse_url(std::string_view text) {
  Url url;
  if (text.starts_with("https://"))
    url.port = 443;
  else if (!text.starts_with("http://"))
    return std::nullopt;
  text.remove_prefix(text.find("//") + 2);
  const std::size_t slash = std::min(text.find('/'), text.size());
  std::string_view host = text.substr(0, slash);
  if (slash < text.size()) {
    const std::string_view rest = text.substr(slash);
    const std::size_t mark = std::min(rest.find('?'), rest.size());
    url.path = rest.substr(0, mark);
    if (mark < rest.size()) url.query = rest.substr(mark + 1);
  }
  if (const std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    const std::string_view port = host.substr(colon + 1);
    std::from_chars(port.data(), port.data() + port.size(), url.port);
    host = host.substr(0, colon);
  }
  url.host = canonical_name(host);
  return url;
}

const elb::LoadBalancer* find_load_balancer(const Region& region, std::string_view dns_name) {
  for (const auto& [arn, balancer] : region.load_balancing->load_balancers)
    if (canonical_name(balancer->DNSName) == dns_name) return balancer.get();
  return nullptr;
}

const elb::LoadBalancer* load_balancer_behind(Region& region, const std::string& host) {
  if (const elb::LoadBalancer* const balancer = find_load_balancer(region, host)) return balancer;
  const Resolution resolution = resolve(region, host);
  const auto most = std::ranges::max_element(resolution.shares, {},
                                             [](const auto& share) { return share.second; });
  return most == resolution.shares.end() ? nullptr : find_load_balancer(region, most->first);
}

const elb::Terms* terms_of(const elb::LoadBalancer& balancer, const Url& url,
                           const HttpRequest& visit) {
  const std::string_view host = find_header(visit.headers, "Host");
  elb::Request request{.host = host.empty() ? url.host : std::string(host),
                       .path = url.path,
                       .method = visit.method,
                       .query = url.query,
                       .headers = visit.headers};
  if (request.host.ends_with('.')) request.host.pop_back();
  for (const auto& listener : balancer.listeners) {
    if (listener->Port != url.port) continue;
    for (const auto& rule : listener->rules)
      if (rule->in_force && (!rule->in_force->Priority || meets(*rule->in_force, request)))
        return &*rule->in_force;
  }
  return nullptr;
}

// A healthy one, or any where none is ("fail open").
const Target* one_of(const TargetGroup& group) {
  const Target* any = nullptr;
  for (const auto& target : group.targets) {
    if (target->state == TargetState::kHealthy) return target.get();
    if (target->state != TargetState::kDraining && any == nullptr) any = target.get();
  }
  return any;
}

int status_of(const Region& region, const Target& target) {
  const TargetFate fate = fate_of(region, target);
  if (fate.behaviour == nullptr) return 200;
  if (target.state != TargetState::kHealthy && fate.behaviour->target_status != 0)
    return fate.behaviour->target_status;
  const auto& errors = fate.behaviour->errors;
  const bool most_fail = errors && errors->percent >= 50 && fate.since + errors->from <= region.now;
  return most_fail ? errors->status : 200;
}

}  // namespace

std::optional<HttpResponse> visit(Region& region, const HttpRequest& request) {
  const std::optional<Url> url = parse_url(request.url);
  if (!url) return std::nullopt;
  const elb::LoadBalancer* const balancer = load_balancer_behind(region, url->host);
  if (balancer == nullptr) return std::nullopt;
  const elb::Terms* const terms = terms_of(*balancer, *url, request);
  if (terms == nullptr) return HttpResponse{.status = 503};
  if (terms->forward.empty()) {
    const Json* const fixed =
        terms->Actions.empty() ? nullptr : find(terms->Actions.back(), "FixedResponseConfig");
    int status = 302;
    if (fixed != nullptr) {
      const std::string_view code = string_or_empty(*fixed, "StatusCode");
      std::from_chars(code.data(), code.data() + code.size(), status);
    }
    return HttpResponse{.status = status};
  }
  const auto most = std::ranges::max_element(terms->forward, {}, &elb::Terms::Share::Weight);
  const TargetGroup* const group = find_target_group(region, most->TargetGroupArn);
  const Target* const target = group == nullptr ? nullptr : one_of(*group);
  if (target == nullptr) return HttpResponse{.status = 503};
  return HttpResponse{.status = status_of(region, *target)};
}

}  // namespace slipway::sim
