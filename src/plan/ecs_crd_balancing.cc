// The target groups of a release and what sends requests to them: listeners of its own, or rules of
// listeners that are there already or that several services share.
#include "plan/ecs_crd_build.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace slipway::crd {
namespace {

constexpr std::string_view kSslPolicy = "ELBSecurityPolicy-2016-08";
constexpr int kMostPriority = 50'000;
// 1 and 2 stay free for whoever looks after the load balancer.
constexpr int kLastReserved = 2;

// ---- Target groups ------------------------------------------------------------------------------

std::string health_check_port(const Build& build, const CrdTargetGroup& group,
                              const CrdPortMapping& mapping) {
  const CrdService& service = build.file.service;
  const bool is_mapped = !service.has_own_addresses() && service.network_mode != "host";
  if ((is_mapped && mapping.is_dynamic()) || !group.health_check_port) return "traffic-port";
  return std::to_string(group.health_check_port->of(build.green().label));
}

JsonObject target_group_of(const Build& build, const CrdTargetGroup& group, const std::string& id) {
  const CrdPortMapping* mapping = build.file.mapping_of(group.container);
  JsonObject properties{
      {"Name", build.names.target_group(id)},
      {"VpcId", build.facts.vpc_id},
      {"Port", group.port ? group.port->of(build.green().label) : group.container.port},
      {"Protocol", group.protocol}};
  if (build.file.service.has_own_addresses()) properties["TargetType"] = "ip";
  properties["HealthCheckEnabled"] = true;
  properties["HealthCheckPort"] = health_check_port(build, group, *mapping);
  properties["HealthCheckPath"] = group.health_check_path;
  properties["HealthCheckProtocol"] = group.health_check_protocol;
  properties["Matcher"] = JsonObject{{"HttpCode", group.health_check_matcher}};
  const auto add = [&](std::string_view name, const std::optional<int>& value) {
    if (value) properties[name] = *value;
  };
  add("HealthCheckIntervalSeconds", group.interval_seconds);
  add("HealthCheckTimeoutSeconds", group.timeout_seconds);
  add("HealthyThresholdCount", group.healthy_threshold_count);
  add("UnhealthyThresholdCount", group.unhealthy_threshold_count);
  JsonArray attributes;
  for (const auto& [key, value] : group.attributes)
    attributes.emplace_back(JsonObject{{"Key", key}, {"Value", value}});
  if (!attributes.empty()) properties["TargetGroupAttributes"] = std::move(attributes);
  properties["Tags"] = tags({{"Environment", ref_to("Environment")},
                             {"Project", ref_to("ProjectName")},
                             {"Service", ref_to("ServiceName")},
                             {"Version", ref_to("Version")},
                             {"Container", Json(group.container.container)},
                             {"ContainerPort", Json(std::to_string(group.container.port))},
                             {"CanaryRelease", ref_to("CanaryRelease")}});
  return resource("AWS::ElasticLoadBalancingV2::TargetGroup", std::move(properties));
}

// ---- Rules --------------------------------------------------------------------------------------

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html
JsonObject condition_of(const CrdCondition& condition) {
  constexpr std::pair<std::string_view, std::string_view> kConfigs[] = {
      {"host-header", "HostHeaderConfig"},   {"http-header", "HttpHeaderConfig"},
      {"path-pattern", "PathPatternConfig"}, {"http-request-method", "HttpRequestMethodConfig"},
      {"query-string", "QueryStringConfig"}, {"source-ip", "SourceIpConfig"}};
  JsonObject config;
  if (!condition.http_header_name.empty()) config["HttpHeaderName"] = condition.http_header_name;
  if (condition.query_strings.empty()) {
    config["Values"] = texts(condition.values);
  } else {
    JsonArray values;
    for (const auto& [key, value] : condition.query_strings) {
      JsonObject pair;
      if (!key.empty()) pair["Key"] = key;
      pair["Value"] = value;
      values.emplace_back(std::move(pair));
    }
    config["Values"] = std::move(values);
  }
  JsonObject object{{"Field", condition.field}};
  const auto* found = std::ranges::find(kConfigs, condition.field,
                                        &std::pair<std::string_view, std::string_view>::first);
  if (found != std::end(kConfigs)) object[found->second] = std::move(config);
  return object;
}

std::string_view config_name(std::string_view action_type) {
  if (action_type == "fixed-response") return "FixedResponseConfig";
  if (action_type == "redirect") return "RedirectConfig";
  if (action_type == "authenticate-oidc") return "AuthenticateOidcConfig";
  return "AuthenticateCognitoConfig";
}

JsonObject forward_to(const std::string& id) {
  return {{"Type", "forward"}, {"TargetGroupArn", ref_to("TargetGroup" + id)}};
}

// The forward comes last, whatever orders the others have.
JsonArray actions_of(const CrdRule& rule, const std::string& id) {
  JsonArray actions;
  int last = 0;
  for (const CrdAction& action : rule.actions) {
    last = std::max(last, action.order);
    JsonObject object{{"Type", action.type}, {"Order", action.order}};
    object[config_name(action.type)] = action.config;
    actions.emplace_back(std::move(object));
  }
  if (rule.forwards()) {
    JsonObject forward = forward_to(id);
    forward["Order"] = last + 1;
    actions.emplace_back(std::move(forward));
  }
  return actions;
}

// The numbers of the rules of one listener.
class Priorities {
 public:
  Priorities() = default;
  // Numbers that rules have, and numbers that rules of this release want.
  Priorities(const std::map<int, std::string>& existing, const std::set<int>& wanted)
      : taken_(wanted) {
    for (const auto& [priority, arn] : existing) {
      taken_.insert(priority);
      next_ = std::max(next_, priority + 1);
    }
  }

  // nullopt when all 50,000 are taken.
  std::optional<int> next() {
    // After the highest come the gaps.
    for (const int from : {next_, kLastReserved + 1})
      for (int priority = from; priority <= kMostPriority; ++priority)
        if (taken_.insert(priority).second) {
          if (from == next_) next_ = priority + 1;
          return priority;
        }
    return std::nullopt;
  }

 private:
  std::set<int> taken_;
  int next_ = kLastReserved + 1;
};

// ---- Listeners ----------------------------------------------------------------------------------

class Listeners {
 public:
  explicit Listeners(Build& build) : build_(build) {}

  void add() {
    for (const CrdListener& listener : build_.file.listeners) {
      const auto found = std::ranges::find(build_.bindings, listener.container);
      if (found == build_.bindings.end()) continue;  // the reader has said so
      const std::string& id = build_.ids[static_cast<std::size_t>(found - build_.bindings.begin())];
      const CrdOpenListener* open = load_balancer().listening_on(listener.port);
      if (!listener.rules.empty())
        add_rules(listener, id, open);
      else if (open == nullptr)
        add_own_listener(listener, id);
      else
        build_.findings.error(
            CrdStep::kLoadBalancers, listener.place,
            fmt::format("load balancer {} listens on port {} already, so the listener of {} needs "
                        "rules",
                        load_balancer().name, listener.port, to_string(listener.container)),
            "add rules that tell its requests from those of others");
    }
  }

 private:
  const CrdLoadBalancer& load_balancer() const { return build_.green().load_balancer; }

  // Of the domains of every entry for this port, each once.
  std::vector<std::string> certificates(int port) {
    std::vector<std::string> arns;
    for (const CrdListener& listener : build_.file.listeners) {
      if (listener.port != port) continue;
      for (const CrdText& domain : listener.certificates) {
        const CrdCertificate* certificate =
            choose_certificate(domain, build_.facts.certificates, build_.findings);
        if (certificate != nullptr && std::ranges::find(arns, certificate->arn) == arns.end())
          arns.push_back(certificate->arn);
      }
    }
    return arns;
  }

  // What a new listener is made of; the certificates that do not fit into it are left.
  JsonObject listener_of(const CrdListener& listener, JsonObject default_action,
                         std::vector<std::string>& more_certificates) {
    JsonObject properties{{"LoadBalancerArn", ref_to("LoadBalancer")},
                          {"Port", listener.port},
                          {"Protocol", listener.protocol}};
    if (listener.protocol == "HTTPS") {
      more_certificates = certificates(listener.port);
      if (!names_certificates(listener.port)) refuse_without_certificate(listener);
      properties["SslPolicy"] = kSslPolicy;
      if (!more_certificates.empty()) {
        properties["Certificates"] =
            JsonArray{Json(JsonObject{{"CertificateArn", more_certificates.front()}})};
        more_certificates.erase(more_certificates.begin());
      }
    }
    properties["DefaultActions"] = JsonArray{Json(std::move(default_action))};
    return resource("AWS::ElasticLoadBalancingV2::Listener", std::move(properties));
  }

  bool names_certificates(int port) const {
    return std::ranges::any_of(build_.file.listeners, [&](const CrdListener& each) {
      return each.port == port && !each.certificates.empty();
    });
  }

  void refuse_without_certificate(const CrdListener& listener) {
    build_.findings.error(
        CrdStep::kListeners, listener.place,
        fmt::format("the HTTPS listener on port {} is yet to be created and names no certificate",
                    listener.port),
        "add certificates: [DOMAIN]");
  }

  // One resource takes one certificate. It stays when the stack goes: by then another service may
  // need it.
  static JsonObject listener_certificate(Json listener_arn, const std::string& certificate_arn) {
    JsonObject object = resource(
        "AWS::ElasticLoadBalancingV2::ListenerCertificate",
        {{"ListenerArn", std::move(listener_arn)},
         {"Certificates", JsonArray{Json(JsonObject{{"CertificateArn", certificate_arn}})}}});
    object["DeletionPolicy"] = "Retain";
    object["UpdateReplacePolicy"] = "Retain";
    return object;
  }

  void add_certificate(Json listener_arn, const std::string& certificate_arn) {
    build_.resources[fmt::format("ListenerCertificate{}", ++certificate_count_)] =
        listener_certificate(std::move(listener_arn), certificate_arn);
  }

  // A second listener of the same container port says its own port, too.
  std::string listener_id(const CrdListener& listener, const std::string& id) const {
    std::string name = "Listener" + id;
    return build_.resources.contains(name) ? fmt::format("{}On{}", name, listener.port) : name;
  }

  void add_own_listener(const CrdListener& listener, const std::string& id) {
    const std::string name = listener_id(listener, id);
    std::vector<std::string> more_certificates;
    build_.resources[name] = listener_of(listener, forward_to(id), more_certificates);
    build_.forwarding.emplace_back(name);
    for (const std::string& arn : more_certificates) add_certificate(ref_to(name), arn);
  }

  void add_rules(const CrdListener& listener, const std::string& id, const CrdOpenListener* open) {
    if (open == nullptr) share(listener);
    const std::string arn =
        open != nullptr ? open->arn : "(the listener of " + stack_name(listener) + ")";
    if (open != nullptr && new_on_listener_.insert(listener.port).second)
      add_missing_certificates(listener, *open);
    Priorities& priorities = priorities_of(listener.port, open);
    for (const CrdRule& rule : listener.rules) {
      const std::optional<int> priority = priority_of(rule, listener, open, priorities);
      if (!priority) return;
      JsonArray conditions;
      for (const CrdCondition& condition : rule.conditions)
        conditions.emplace_back(condition_of(condition));
      const std::string name = fmt::format("ListenerRule{}{}", ++rule_counts_[id], id);
      build_.resources[name] = resource("AWS::ElasticLoadBalancingV2::ListenerRule",
                                        {{"ListenerArn", arn},
                                         {"Priority", *priority},
                                         {"Conditions", std::move(conditions)},
                                         {"Actions", actions_of(rule, id)}});
      if (rule.forwards()) build_.forwarding.emplace_back(name);
    }
  }

  void add_missing_certificates(const CrdListener& listener, const CrdOpenListener& open) {
    if (open.protocol != listener.protocol)
      build_.findings.warning(
          CrdStep::kListeners, listener.place,
          fmt::format("port {} of load balancer {} is {}, not {}", listener.port,
                      load_balancer().name, open.protocol, listener.protocol));
    if (open.protocol != "HTTPS") return;
    for (const std::string& arn : certificates(listener.port))
      if (std::ranges::find(open.certificate_arns, arn) == open.certificate_arns.end())
        add_certificate(Json(open.arn), arn);
  }

  std::optional<int> priority_of(const CrdRule& rule, const CrdListener& listener,
                                 const CrdOpenListener* open, Priorities& priorities) {
    if (!rule.priority) {
      const std::optional<int> next = priorities.next();
      if (!next)
        build_.findings.error(
            CrdStep::kListeners, rule.place,
            fmt::format("all {} priorities of port {} are taken", kMostPriority, listener.port));
      return next;
    }
    if (open != nullptr && open->rules.contains(*rule.priority))
      build_.findings.error(
          CrdStep::kListeners, rule.place,
          fmt::format("priority {} is taken by a rule of port {} of load balancer {}",
                      *rule.priority, listener.port, load_balancer().name),
          "leave priority out to take the next free one");
    return rule.priority;
  }

  // One for each listener and run.
  Priorities& priorities_of(int port, const CrdOpenListener* open) {
    const auto known = priorities_.find(port);
    if (known != priorities_.end()) return known->second;
    std::set<int> wanted;
    for (const CrdListener& listener : build_.file.listeners)
      for (const CrdRule& rule : listener.rules)
        if (listener.port == port && rule.priority) wanted.insert(*rule.priority);
    return priorities_[port] =
               Priorities(open == nullptr ? CrdOpenListener().rules : open->rules, wanted);
  }

  // ---- Listeners that belong to no release ------------------------------------------------------

  std::string stack_name(const CrdListener& listener) const {
    return CrdNames::listener_stack(load_balancer().name, listener.port);
  }

  // On both load balancers of the pair, so that the next release finds it, too.
  void share(const CrdListener& listener) {
    if (!shared_.insert(listener.port).second) return;
    for (const CrdSide& side : build_.pair.sides)
      if (side.load_balancer.listening_on(listener.port) == nullptr)
        build_.shared_listeners.push_back(shared_listener(listener, side));
  }

  CrdSharedListener shared_listener(const CrdListener& listener, const CrdSide& side) {
    std::vector<std::string> more_certificates;
    JsonObject nothing_here{{"Type", "fixed-response"},
                            {"FixedResponseConfig", JsonObject{{"StatusCode", "404"},
                                                               {"ContentType", "text/plain"},
                                                               {"MessageBody", "Not found"}}}};
    JsonObject shared = listener_of(listener, std::move(nothing_here), more_certificates);
    shared["DeletionPolicy"] = "Retain";
    shared["UpdateReplacePolicy"] = "Retain";
    JsonObject resources;
    resources["Listener"] = std::move(shared);
    int count = 0;
    for (const std::string& arn : more_certificates)
      resources[fmt::format("ListenerCertificate{}", ++count)] =
          listener_certificate(ref_to("Listener"), arn);
    JsonObject document{
        {"AWSTemplateFormatVersion", "2010-09-09"},
        {"Description", fmt::format("Port {} of load balancer {}, for all that add rules to it",
                                    listener.port, side.load_balancer.name)},
        {"Parameters", JsonObject{{"LoadBalancer", parameter(side.load_balancer.arn)}}},
        {"Resources", std::move(resources)},
        {"Outputs", JsonObject{{"ListenerArn", JsonObject{{"Value", ref_to("Listener")}}}}}};
    // Without the tags of a service: it is nobody's.
    return {.label = side.label,
            .port = listener.port,
            .stack = {CrdNames::listener_stack(side.load_balancer.name, listener.port),
                      to_text(Json(std::move(document))),
                      {{"Environment", build_.facts.environment}}}};
  }

  Build& build_;
  std::map<int, Priorities> priorities_;    // by port
  std::map<std::string, int> rule_counts_;  // by the binding's id
  std::set<int> new_on_listener_;           // ports whose certificates are settled
  std::set<int> shared_;                    // ports
  int certificate_count_ = 0;
};

}  // namespace

void add_target_groups(Build& build) {
  for (std::size_t i = 0; i < build.bindings.size(); ++i) {
    const CrdTargetGroup* group = build.file.target_group_of(build.bindings[i]);
    if (group == nullptr) continue;  // the reader has said so
    const std::string name = "TargetGroup" + build.ids[i];
    build.resources[name] = target_group_of(build, *group, build.ids[i]);
    build.outputs[name + "Arn"] = JsonObject{{"Value", ref_to(name)}};
  }
}

void add_listeners(Build& build) { Listeners(build).add(); }

}  // namespace slipway::crd
