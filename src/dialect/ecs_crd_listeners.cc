// target_groups and listeners of a deployment file.
#include "base/text.h"
#include "dialect/ecs_crd_reading.h"
#include "dialect/ecs_crd_variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace slipway::crd {
namespace {

// ---- Target groups ------------------------------------------------------------------------------

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
void read_health_check(Fields& fields, CrdTargetGroup& group) {
  const Node* port_node = fields.node("port");
  const bool is_traffic_port = port_node != nullptr && port_node->text == "traffic-port";
  if (!is_traffic_port) group.health_check_port = port(fields, "port");
  group.health_check_path = text_or(fields, "path", group.health_check_path);
  if (!group.health_check_path.starts_with('/') && !has_crd_variable(group.health_check_path))
    fields.error("path", "a path begins with /, found " + quote(group.health_check_path));
  group.health_check_protocol =
      one_of_in_any_case(fields, "protocol", {"HTTP", "HTTPS"}, group.health_check_protocol);
  group.health_check_matcher = text_or(fields, "matcher", group.health_check_matcher);
  group.interval_seconds = integer(fields, "interval_seconds", {5, 300});
  group.timeout_seconds = integer(fields, "timeout_seconds", {2, 120});
  group.healthy_threshold_count = integer(fields, "healthy_threshold_count", {2, 10});
  group.unhealthy_threshold_count = integer(fields, "unhealthy_threshold_count", {2, 10});
  if (group.timeout_seconds && *group.timeout_seconds >= group.interval_seconds.value_or(30))
    fields.error("timeout_seconds",
                 fmt::format("{} s is not less than the interval, which is {} s",
                             *group.timeout_seconds, group.interval_seconds.value_or(30)));
}

CrdTargetGroup read_target_group(Fields& fields) {
  CrdTargetGroup group;
  group.place = place_of(fields);
  group.container = container_port(fields);
  group.port = port(fields, "port");
  group.protocol = one_of_in_any_case(fields, "protocol", {"HTTP", "HTTPS"}, group.protocol);
  group.attributes = pairs(fields, "target_group_attributes");
  fields.require("health_check");
  if (std::optional<Fields> check = fields.mapping("health_check"))
    read_health_check(*check, group);
  return group;
}

// ---- Conditions ---------------------------------------------------------------------------------

// Each is {key:, value:}, or {value:} for any key.
CrdPairs read_query_strings(Fields& fields) {
  CrdPairs pairs_read;
  for (Fields& entry : fields.mappings("values", {.at_least = 1})) {
    std::string key = text_or(entry, "key");
    pairs_read.emplace_back(std::move(key), entry.required_text("value"));
  }
  return pairs_read;
}

CrdCondition read_condition(Fields& fields) {
  CrdCondition condition;
  fields.require("field");
  condition.field = one_of(fields, "field",
                           {"host-header", "http-header", "http-request-method", "path-pattern",
                            "query-string", "source-ip"});
  const bool is_header = condition.field == "http-header";
  if (is_header) {
    condition.http_header_name = fields.required_text("http_header_name");
  } else if (!condition.field.empty()) {
    fields.refuse("http_header_name", "only a condition on field http-header has one");
  }
  fields.require("values");
  if (condition.field == "query-string")
    condition.query_strings = read_query_strings(fields);
  else
    condition.values = texts(fields, "values", {.at_least = 1});
  return condition;
}

// ---- Actions ------------------------------------------------------------------------------------

enum class Form { kText, kInteger, kBoolean, kTexts };
struct ConfigMember {
  std::string_view key;
  std::string_view name;  // CloudFormation's
  Form form = Form::kText;
  bool is_required = false;
};

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-elasticloadbalancingv2-listenerrule-action.html
constexpr ConfigMember kFixedResponse[] = {
    {"content_type", "ContentType"},
    {"message_body", "MessageBody"},
    {"status_code", "StatusCode", Form::kText, true},
};
constexpr ConfigMember kRedirect[] = {
    {"host", "Host"},         {"path", "Path"},   {"port", "Port"},
    {"protocol", "Protocol"}, {"query", "Query"}, {"status_code", "StatusCode", Form::kText, true},
};
constexpr ConfigMember kOidc[] = {
    {"authentication_request_extra_params", "AuthenticationRequestExtraParams", Form::kTexts},
    {"authorization_endpoint", "AuthorizationEndpoint", Form::kText, true},
    {"client_id", "ClientId", Form::kText, true},
    {"client_secret", "ClientSecret"},
    {"issuer", "Issuer", Form::kText, true},
    {"on_unauthenticated_request", "OnUnauthenticatedRequest"},
    {"scope", "Scope"},
    {"session_cookie_name", "SessionCookieName"},
    {"session_timeout", "SessionTimeout", Form::kInteger},
    {"token_endpoint", "TokenEndpoint", Form::kText, true},
    {"use_existing_client_secret", "UseExistingClientSecret", Form::kBoolean},
    {"user_info_endpoint", "UserInfoEndpoint", Form::kText, true},
};
constexpr ConfigMember kCognito[] = {
    {"authentication_request_extra_params", "AuthenticationRequestExtraParams", Form::kTexts},
    {"on_unauthenticated_request", "OnUnauthenticatedRequest"},
    {"scope", "Scope"},
    {"session_cookie_name", "SessionCookieName"},
    {"session_timeout", "SessionTimeout", Form::kInteger},
    {"user_pool_arn", "UserPoolArn", Form::kText, true},
    {"user_pool_client_id", "UserPoolClientId", Form::kText, true},
    {"user_pool_domain", "UserPoolDomain", Form::kText, true},
};

std::span<const ConfigMember> members_of(std::string_view action) {
  if (action == "fixed-response") return kFixedResponse;
  if (action == "redirect") return kRedirect;
  if (action == "authenticate-oidc") return kOidc;
  return kCognito;
}

std::optional<Json> read_config_member(Fields& config, const ConfigMember& member) {
  switch (member.form) {
    case Form::kText:
      if (auto value = config.text(member.key, {.may_be_empty = true})) return Json(*value);
      return std::nullopt;
    case Form::kInteger:
      if (const auto value = config.integer(member.key)) return Json(*value);
      return std::nullopt;
    case Form::kBoolean:
      if (const auto value = flag(config, member.key)) return Json(*value);
      return std::nullopt;
    case Form::kTexts: {
      if (!config.has(member.key)) return std::nullopt;
      JsonObject values;
      for (const auto& [name, value] : pairs(config, member.key)) values[name] = value;
      return Json(std::move(values));
    }
  }
  return std::nullopt;
}

CrdAction read_action(Fields& fields, int position) {
  CrdAction action;
  fields.require("type");
  action.type = one_of(fields, "type",
                       {"authenticate-oidc", "authenticate-cognito", "fixed-response", "redirect"});
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html
  action.order = integer(fields, "order", {1, 50'000}).value_or(position);
  fields.require("config");
  if (action.type.empty()) {
    fields.ignore("config");
    return action;
  }
  if (std::optional<Fields> config = fields.mapping("config")) {
    for (const ConfigMember& member : members_of(action.type)) {
      if (member.is_required) config->require(member.key);
      if (auto value = read_config_member(*config, member))
        action.config[member.name] = std::move(*value);
    }
  }
  return action;
}

// ---- Listeners ----------------------------------------------------------------------------------

CrdRule read_rule(Fields& fields, const CrdListener& listener) {
  CrdRule rule;
  rule.place = place_of(fields);
  rule.priority = integer(fields, "priority", {1, 50'000});
  fields.require("conditions");
  for (Fields& entry : fields.mappings("conditions", {.at_least = 1}))
    rule.conditions.push_back(read_condition(entry));
  for (Fields& entry : fields.mappings("actions")) {
    CrdAction action = read_action(entry, static_cast<int>(rule.actions.size()) + 1);
    const auto same = std::ranges::find(rule.actions, action.order, &CrdAction::order);
    if (same != rule.actions.end())
      entry.error("order", fmt::format("another action has the order {}, too", action.order));
    if (action.type.starts_with("authenticate-") && listener.protocol != "HTTPS")
      entry.error("type", action.type + " needs a listener with protocol HTTPS");
    rule.actions.push_back(std::move(action));
  }
  const auto last = std::ranges::max_element(rule.actions, {}, &CrdAction::order);
  for (const CrdAction& action : rule.actions)
    if (action.ends_the_rule() && action.order != last->order)
      fields.error("actions", action.type + " ends the rule, but another action follows it");
  return rule;
}

CrdListener read_listener(Fields& fields) {
  CrdListener listener;
  listener.place = place_of(fields);
  if (fields.require("port")) listener.port = integer(fields, "port", {1, 65535}).value_or(0);
  listener.protocol = one_of_in_any_case(fields, "protocol", {"HTTP", "HTTPS"}, listener.protocol);
  fields.require("target_group");
  if (std::optional<Fields> group = fields.mapping("target_group"))
    listener.container = container_port(*group);
  std::size_t index = 0;
  for (std::string& domain : texts(fields, "certificates")) {
    const Node& node = fields.node("certificates")->items[index];
    listener.certificates.push_back(
        {std::move(domain), {fields.path_of("certificates", index), node.span}});
    ++index;
  }
  for (Fields& entry : fields.mappings("rules"))
    listener.rules.push_back(read_rule(entry, listener));
  return listener;
}

}  // namespace

std::vector<CrdTargetGroup> read_target_groups(Fields& file) {
  std::vector<CrdTargetGroup> groups;
  for (Fields& fields : file.mappings("target_groups")) groups.push_back(read_target_group(fields));
  return groups;
}

std::vector<CrdListener> read_listeners(Fields& file) {
  std::vector<CrdListener> listeners;
  for (Fields& fields : file.mappings("listeners")) listeners.push_back(read_listener(fields));
  return listeners;
}

}  // namespace slipway::crd
