#include "sim/elb.h"
#include "sim/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway::sim::elb {
namespace {

constexpr std::size_t kMostListeners = 50;
constexpr std::size_t kMostCertificates = 25;
constexpr const char* kUsualPolicy = "ELBSecurityPolicy-2016-08";

bool is_secure(std::string_view protocol) { return protocol == "HTTPS" || protocol == "TLS"; }

// "loadbalancer/app/N/ID" -> "listener/app/N/ID/..."
std::string listener_arn(const Call& call, const LoadBalancer& balancer) {
  constexpr std::string_view kKind = ":loadbalancer/";
  std::string arn = balancer.LoadBalancerArn;
  if (const auto at = arn.find(kKind); at != std::string::npos)
    arn.replace(at, kKind.size(), ":listener/");
  return fmt::format("{}/{}", arn, new_id(call.region));
}

std::string default_rule_arn(const Call& call, const Listener& listener) {
  constexpr std::string_view kKind = ":listener/";
  std::string arn = listener.ListenerArn;
  if (const auto at = arn.find(kKind); at != std::string::npos)
    arn.replace(at, kKind.size(), ":listener-rule/");
  return fmt::format("{}/{}", arn, new_id(call.region));
}

// Protocol, Port, SslPolicy and the default certificate, as far as they are given.
std::optional<ServiceError> read_settings(const Call& call, Listener& listener) {
  const Json& input = call.input;
  const LoadBalancer& balancer = *listener.load_balancer;
  if (const auto protocol = find_string(input, "Protocol")) listener.Protocol = *protocol;
  if (const auto port = find_int(input, "Port")) listener.Port = static_cast<int>(*port);
  if (listener.Port == 0 || listener.Protocol.empty())
    return invalid("A port and a protocol must be specified");
  const bool is_http = listener.Protocol == "HTTP" || listener.Protocol == "HTTPS";
  if (balancer.is_application() != is_http)
    return refused("UnsupportedProtocol",
                   fmt::format("Protocol '{}' is not supported for load balancers of type '{}'",
                               listener.Protocol, balancer.Type));
  for (const auto& other : balancer.listeners)
    if (other.get() != &listener && other->Port == listener.Port)
      return refused("DuplicateListener",
                     fmt::format("A listener already exists on this port for this load balancer "
                                 "'{}'",
                                 balancer.LoadBalancerArn));

  if (const JsonArray* certificates = find_array(input, "Certificates")) {
    if (certificates->size() > 1)
      return invalid("Up to one certificate can be specified for a listener");
    if (!certificates->empty())
      listener.default_certificate = string_or_empty(certificates->front(), "CertificateArn");
  }
  if (!is_secure(listener.Protocol)) {
    if (find_array(input, "Certificates") != nullptr)
      return invalid(
          fmt::format("A certificate cannot be specified for {} listeners", listener.Protocol));
    listener.default_certificate.reset();
    listener.SslPolicy.clear();
    return std::nullopt;
  }
  if (!listener.default_certificate)
    return invalid(
        fmt::format("A certificate must be specified for {} listeners", listener.Protocol));
  if (const auto policy = find_string(input, "SslPolicy")) {
    if (!policy->starts_with("ELBSecurityPolicy-"))
      return refused("SSLPolicyNotFound", fmt::format("SSL policy '{}' not found", *policy));
    listener.SslPolicy = *policy;
  } else if (listener.SslPolicy.empty()) {
    listener.SslPolicy = kUsualPolicy;
  }
  return std::nullopt;
}

JsonArray shown_certificates(const Listener& listener, bool with_default) {
  JsonArray all;
  if (with_default && listener.default_certificate)
    all.push_back(
        JsonObject{{"CertificateArn", *listener.default_certificate}, {"IsDefault", true}});
  for (const std::string& arn : listener.more_certificates)
    all.push_back(JsonObject{{"CertificateArn", arn}, {"IsDefault", false}});
  return all;
}

std::vector<std::string> certificates_of(const Json& input) {
  std::vector<std::string> arns;
  if (const JsonArray* given = find_array(input, "Certificates"))
    for (const Json& each : *given) arns.emplace_back(string_or_empty(each, "CertificateArn"));
  return arns;
}

}  // namespace

JsonObject shown(const Listener& listener) {
  JsonObject json{{"ListenerArn", listener.ListenerArn},
                  {"LoadBalancerArn", listener.load_balancer->LoadBalancerArn},
                  {"Port", listener.Port},
                  {"Protocol", listener.Protocol}};
  if (listener.default_certificate)
    json["Certificates"] =
        JsonArray{Json(JsonObject{{"CertificateArn", *listener.default_certificate}})};
  if (!listener.SslPolicy.empty()) json["SslPolicy"] = listener.SslPolicy;
  json["DefaultActions"] = listener.rules.back()->terms.Actions;
  if (!listener.AlpnPolicy.empty()) json["AlpnPolicy"] = listener.AlpnPolicy;
  if (listener.Protocol == "HTTPS") json["MutualAuthentication"] = JsonObject{{"Mode", "off"}};
  return json;
}

Reply CreateListener(const Call& call) {
  TRY(LoadBalancer * balancer, the_load_balancer(call));
  TRY(Tags tags, read_elb_tags(call.input));
  auto listener = std::make_unique<Listener>();
  listener->load_balancer = balancer;
  if (auto error = read_settings(call, *listener)) return std::move(*error);
  auto rule = std::make_unique<Rule>();
  rule->listener = listener.get();
  if (auto error = read_actions(call, *balancer, listener->Protocol, "DefaultActions", rule->terms))
    return std::move(*error);
  if (balancer->listeners.size() >= kMostListeners)
    return refused("TooManyListeners",
                   fmt::format("The maximum number of listeners has been reached on load balancer "
                               "'{}'",
                               balancer->LoadBalancerArn));
  if (const JsonArray* alpn = find_array(call.input, "AlpnPolicy")) listener->AlpnPolicy = *alpn;
  listener->tags = std::move(tags);
  listener->ListenerArn = chosen(call.input, "ListenerArn");
  if (listener->ListenerArn.empty()) listener->ListenerArn = listener_arn(call, *balancer);
  rule->RuleArn = chosen(call.input, "RuleArn");
  if (rule->RuleArn.empty()) rule->RuleArn = default_rule_arn(call, *listener);
  listener->serial = call.region.next_serial();
  put_in_force(call.region, *rule);
  listener->rules.push_back(std::move(rule));
  balancer->listeners.push_back(std::move(listener));
  review_use(call.region);
  return answer_with({{"Listeners", JsonArray{Json(shown(*balancer->listeners.back()))}}});
}

Reply ModifyListener(const Call& call) {
  TRY(Listener * listener, the_listener(call));
  // Nothing is changed before everything is found good.
  const Rule& rule = *listener->rules.back();
  Listener changed{.load_balancer = listener->load_balancer,
                   .Port = listener->Port,
                   .Protocol = listener->Protocol,
                   .SslPolicy = listener->SslPolicy,
                   .default_certificate = listener->default_certificate};
  const LoadBalancer& balancer = *listener->load_balancer;
  const int old_port = std::exchange(listener->Port, 0);  // its own port is not in its way
  auto error = read_settings(call, changed);
  listener->Port = old_port;
  if (error) return std::move(*error);
  Terms terms = rule.terms;
  const bool has_actions = find_array(call.input, "DefaultActions") != nullptr;
  if (has_actions)
    if (auto bad = read_actions(call, balancer, changed.Protocol, "DefaultActions", terms))
      return std::move(*bad);

  settle_traffic(call.region);
  listener->Port = changed.Port;
  listener->Protocol = changed.Protocol;
  listener->SslPolicy = changed.SslPolicy;
  listener->default_certificate = changed.default_certificate;
  if (const JsonArray* alpn = find_array(call.input, "AlpnPolicy")) listener->AlpnPolicy = *alpn;
  if (has_actions) {
    listener->rules.back()->terms = std::move(terms);
    put_in_force(call.region, *listener->rules.back());
    review_use(call.region);
  }
  return answer_with({{"Listeners", JsonArray{Json(shown(*listener))}}});
}

Reply DeleteListener(const Call& call) {
  TRY(Listener * listener, the_listener(call));
  settle_traffic(call.region);
  std::erase_if(listener->load_balancer->listeners,
                [&](const auto& each) { return each.get() == listener; });
  review_use(call.region);
  return JsonText{};
}

Reply DescribeListeners(const Call& call) {
  std::vector<const Listener*> found;
  const std::vector<std::string> arns = strings(call.input, "ListenerArns");
  if (find_string(call.input, "LoadBalancerArn")) {
    TRY(const LoadBalancer* balancer, the_load_balancer(call));
    for (const auto& listener : balancer->listeners) found.push_back(listener.get());
  } else if (arns.empty()) {
    return invalid("You must specify either listener ARNs or a load balancer ARN");
  }
  for (const std::string& arn : arns) {
    const Listener* listener = find_listener(call.region, arn);
    if (listener == nullptr) return refused("ListenerNotFound", "One or more listeners not found");
    found.push_back(listener);
  }
  std::sort(found.begin(), found.end(),
            [](const auto* a, const auto* b) { return a->serial < b->serial; });
  std::vector<PageItem> items;
  for (const Listener* listener : found)
    items.push_back({serial_key(listener->serial), shown(*listener)});
  return page(call, "Listeners", items);
}

// ---- Certificates -----------------------------------------------------------------------------

Reply AddListenerCertificates(const Call& call) {
  TRY(Listener * listener, the_listener(call));
  if (!is_secure(listener->Protocol))
    return refused("UnsupportedProtocol",
                   fmt::format("Certificates cannot be added to {} listeners", listener->Protocol));
  std::vector<std::string> all = listener->more_certificates;
  for (const std::string& arn : certificates_of(call.input)) {
    if (!arn.starts_with("arn:"))
      return refused("CertificateNotFound", fmt::format("Certificate '{}' not found", arn));
    if (arn != listener->default_certificate && std::find(all.begin(), all.end(), arn) == all.end())
      all.push_back(arn);
  }
  if (all.size() > kMostCertificates)
    return refused("TooManyCertificates",
                   fmt::format("The maximum number of certificates has been reached on load "
                               "balancer '{}'",
                               listener->load_balancer->LoadBalancerArn));
  listener->more_certificates = std::move(all);
  return answer_with({{"Certificates", shown_certificates(*listener, false)}});
}

Reply RemoveListenerCertificates(const Call& call) {
  TRY(Listener * listener, the_listener(call));
  const std::vector<std::string> gone = certificates_of(call.input);
  for (const std::string& arn : gone)
    if (arn == listener->default_certificate)
      return refused("OperationNotPermitted",
                     fmt::format("Default certificate '{}' cannot be removed", arn));
  std::erase_if(listener->more_certificates, [&](const std::string& arn) {
    return std::find(gone.begin(), gone.end(), arn) != gone.end();
  });
  return JsonText{};
}

Reply DescribeListenerCertificates(const Call& call) {
  TRY(const Listener* listener, the_listener(call));
  std::vector<PageItem> items;
  for (const Json& each : shown_certificates(*listener, true))
    items.push_back({serial_key(items.size()), each});
  return page(call, "Certificates", items);
}

}  // namespace slipway::sim::elb
