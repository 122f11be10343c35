// What rules ask and do: actions and conditions as calls write them, in either spelling, become
// what Describe shows; and which requests meet them.

#include "base/text.h"
#include "sim/elb.h"
#include "sim/policy.h"
#include "sim/target_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace slipway::sim::elb {
namespace {

constexpr std::size_t kMostActions = 5;
constexpr std::size_t kMostGroupsOfAnAction = 5;
constexpr std::size_t kMostGroupsOfALoadBalancer = 100;
constexpr std::size_t kMostConditionValues = 5;
constexpr int kMostWeight = 999;
constexpr int kLongestStickiness = 604800;

bool is_http(std::string_view protocol) { return protocol == "HTTP" || protocol == "HTTPS"; }

// ---- Forward actions --------------------------------------------------------------------------

// `TargetGroupArn` alone and a `ForwardConfig` with one group mean the same.
Answer<std::vector<Terms::Share>> read_shares(const Json& action) {
  std::vector<Terms::Share> shares;
  const std::string_view plain = string_or_empty(action, "TargetGroupArn");
  const Json* config = find(action, "ForwardConfig");
  if (const JsonArray* groups = config ? find_array(*config, "TargetGroups") : nullptr) {
    for (const Json& group : *groups) {
      const std::int64_t weight = find_int(group, "Weight").value_or(1);
      if (weight < 0 || weight > kMostWeight)
        return invalid(
            fmt::format("Target group weight '{}' must be between '0' and '{}' inclusive", weight,
                        kMostWeight));
      shares.push_back(
          {std::string(string_or_empty(group, "TargetGroupArn")), static_cast<int>(weight)});
    }
  }
  if (!plain.empty()) {
    if (shares.empty())
      shares.push_back({std::string(plain), 1});
    else if (shares.size() != 1 || shares.front().TargetGroupArn != plain)
      return invalid(
          "You cannot specify both a target group and a different list of target groups "
          "in a forward action");
  }
  if (shares.empty()) return invalid("A target group ARN must be specified for forward actions");
  if (shares.size() > kMostGroupsOfAnAction)
    return refused("TooManyTargetGroups",
                   fmt::format("The maximum number of target groups in a forward action is '{}'",
                               kMostGroupsOfAnAction));
  for (std::size_t i = 0; i < shares.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (shares[i].TargetGroupArn == shares[j].TargetGroupArn)
        return invalid(fmt::format("Target group '{}' is specified more than once in an action",
                                   shares[i].TargetGroupArn));
  return shares;
}

std::optional<ServiceError> check_groups(const Call& call, const LoadBalancer& balancer,
                                         std::string_view protocol,
                                         const std::vector<Terms::Share>& shares) {
  for (const Terms::Share& share : shares) {
    const TargetGroup* group = find_target_group(call.region, share.TargetGroupArn);
    if (group == nullptr)
      return refused("TargetGroupNotFound",
                     fmt::format("Target group '{}' not found", share.TargetGroupArn));
    if (is_http(protocol) != is_http(group->Protocol))
      return refused("IncompatibleProtocols",
                     fmt::format("The following target groups have a protocol that does not match "
                                 "the listener's: {}",
                                 share.TargetGroupArn));
    for (const std::string& user : group->LoadBalancerArns)
      if (user != balancer.LoadBalancerArn)
        return refused("TargetGroupAssociationLimit",
                       fmt::format("The following target groups cannot be associated with more "
                                   "than one load balancer: {}",
                                   share.TargetGroupArn));
  }
  std::vector<std::string_view> all;
  const auto add = [&](const std::vector<Terms::Share>& more) {
    for (const Terms::Share& share : more)
      if (std::find(all.begin(), all.end(), share.TargetGroupArn) == all.end())
        all.push_back(share.TargetGroupArn);
  };
  for (const auto& listener : balancer.listeners)
    for (const auto& rule : listener->rules) add(rule->terms.forward);
  add(shares);
  if (all.size() > kMostGroupsOfALoadBalancer)
    return refused("TooManyUniqueTargetGroupsPerLoadBalancer",
                   fmt::format("You have reached the maximum number of unique target groups that "
                               "you can associate with a load balancer of type '{}': [{}]",
                               balancer.Type, kMostGroupsOfALoadBalancer));
  return std::nullopt;
}

Answer<JsonObject> complete_forward(const Json& action, const std::vector<Terms::Share>& shares,
                                    bool is_application) {
  JsonObject stickiness{{"Enabled", false}};
  if (const Json* config = find(action, "ForwardConfig"))
    if (const JsonObject* given = find_object(*config, "TargetGroupStickinessConfig")) {
      stickiness = *given;
      const std::int64_t seconds = find_int(Json(*given), "DurationSeconds").value_or(3600);
      if (seconds < 1 || seconds > kLongestStickiness)
        return invalid(
            fmt::format("Target group stickiness duration '{}' must be between '1' and "
                        "'{}' seconds",
                        seconds, kLongestStickiness));
      if (find_bool(Json(*given), "Enabled").value_or(false))
        stickiness["DurationSeconds"] = seconds;
    }
  JsonObject shown{{"Type", "forward"}};
  if (shares.size() == 1) shown["TargetGroupArn"] = shares.front().TargetGroupArn;
  if (const auto order = find_int(action, "Order")) shown["Order"] = *order;
  JsonArray groups;
  for (const Terms::Share& share : shares) {
    JsonObject group{{"TargetGroupArn", share.TargetGroupArn}};
    if (is_application) group["Weight"] = share.Weight;
    groups.push_back(std::move(group));
  }
  JsonObject config{{"TargetGroups", std::move(groups)}};
  if (is_application) config["TargetGroupStickinessConfig"] = std::move(stickiness);
  shown["ForwardConfig"] = std::move(config);
  return shown;
}

bool ends_a_list(std::string_view type) {
  return type == "forward" || type == "redirect" || type == "fixed-response";
}

JsonObject complete_other(const Json& action) {
  JsonObject shown = action.as_object();
  remove_member(shown, "TargetGroupArn");
  if (const Json* redirect = find(action, "RedirectConfig")) {
    JsonObject all{{"Protocol", "#{protocol}"},
                   {"Port", "#{port}"},
                   {"Host", "#{host}"},
                   {"Path", "/#{path}"},
                   {"Query", "#{query}"}};
    for (const auto& member : redirect->as_object()) all[member.key()] = member.value();
    shown["RedirectConfig"] = std::move(all);
  }
  return shown;
}

// ---- Conditions -------------------------------------------------------------------------------

struct Field {
  std::string_view name;
  std::string_view config;
  bool has_values = false;  // in the condition itself, too
  bool only_once = false;
};
constexpr std::array kFields = {
    Field{"host-header", "HostHeaderConfig", true, true},
    Field{"path-pattern", "PathPatternConfig", true, true},
    Field{"http-header", "HttpHeaderConfig"},
    Field{"http-request-method", "HttpRequestMethodConfig", false, true},
    Field{"query-string", "QueryStringConfig"},
    Field{"source-ip", "SourceIpConfig", false, true},
};

const Field* find_field(std::string_view name) {
  const auto found = std::find_if(kFields.begin(), kFields.end(),
                                  [&](const Field& field) { return field.name == name; });
  return found == kFields.end() ? nullptr : &*found;
}

const JsonArray* values_of(const Json& condition, const Field& field) {
  if (const Json* config = find(condition, field.config))
    if (const JsonArray* values = find_array(*config, "Values")) return values;
  return field.has_values ? find_array(condition, "Values") : nullptr;
}

std::optional<std::uint32_t> address(std::string_view text) {
  std::uint32_t all = 0;
  const std::vector<std::string_view> parts = split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  for (const std::string_view part : parts) {
    unsigned number = 0;
    const auto end = std::from_chars(part.data(), part.data() + part.size(), number);
    if (end.ec != std::errc() || end.ptr != part.data() + part.size() || number > 255)
      return std::nullopt;
    all = all << 8 | number;
  }
  return all;
}

bool is_within(std::string_view block, std::string_view ip) {
  const auto slash = block.find('/');
  const auto network = address(block.substr(0, slash));
  const auto host = address(ip);
  unsigned bits = 32;
  if (slash != std::string_view::npos)
    std::from_chars(block.data() + slash + 1, block.data() + block.size(), bits);
  if (!network || !host || bits > 32) return false;
  return bits == 0 || (*network >> (32 - bits)) == (*host >> (32 - bits));
}

bool has_parameter(std::string_view query, const Json& wanted) {
  for (const std::string_view each : split(query, '&')) {
    const auto equals = each.find('=');
    const std::string_view key = each.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : each.substr(equals + 1);
    const auto key_wanted = find_string(wanted, "Key");
    if (key_wanted && !matches_wildcard(to_lower(*key_wanted), to_lower(key))) continue;
    if (matches_wildcard(to_lower(string_or_empty(wanted, "Value")), to_lower(value))) return true;
  }
  return false;
}

bool meets(const Json& condition, const Request& request) {
  const Field* field = find_field(string_or_empty(condition, "Field"));
  const JsonArray* values = field == nullptr ? nullptr : values_of(condition, *field);
  if (values == nullptr) return false;
  const auto any = [&](const auto& is_met) {
    return std::any_of(values->begin(), values->end(), [&](const Json& value) {
      return is_met(value.is_string() ? std::string_view(value.get_string()) : std::string_view());
    });
  };
  if (field->name == "host-header")
    return any(
        [&](std::string_view v) { return matches_wildcard(to_lower(v), to_lower(request.host)); });
  if (field->name == "path-pattern")
    return any([&](std::string_view v) { return matches_wildcard(v, request.path); });
  if (field->name == "http-request-method")
    return any([&](std::string_view v) { return v == request.method; });
  if (field->name == "source-ip")
    return any([&](std::string_view v) { return is_within(v, request.source_ip); });
  if (field->name == "query-string")
    return std::any_of(values->begin(), values->end(),
                       [&](const Json& value) { return has_parameter(request.query, value); });
  const std::string_view name = string_or_empty(condition.at("HttpHeaderConfig"), "HttpHeaderName");
  for (const auto& [header, value] : request.headers)
    if (equals_ignoring_case(header, name) &&
        any([&](std::string_view v) { return matches_wildcard(to_lower(v), to_lower(value)); }))
      return true;
  return false;
}

}  // namespace

std::optional<ServiceError> read_actions(const Call& call, const LoadBalancer& balancer,
                                         std::string_view protocol, std::string_view member,
                                         Terms& terms) {
  const JsonArray* given = find_array(call.input, member);
  if (given == nullptr || given->empty())
    return invalid(fmt::format("'{}' cannot be empty", member));
  if (given->size() > kMostActions)
    return refused("TooManyActions",
                   fmt::format("The maximum number of actions is '{}'", kMostActions));
  std::vector<Json> actions(given->begin(), given->end());
  std::stable_sort(actions.begin(), actions.end(), [](const Json& a, const Json& b) {
    return find_int(a, "Order").value_or(50000) < find_int(b, "Order").value_or(50000);
  });

  terms.Actions.clear();
  terms.forward.clear();
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const std::string_view type = string_or_empty(actions[i], "Type");
    if (ends_a_list(type) != (i + 1 == actions.size()))
      return refused("InvalidLoadBalancerAction",
                     "The last action of a rule must be its only forward, redirect or "
                     "fixed-response action");
    if (type != "forward") {
      terms.Actions.push_back(complete_other(actions[i]));
      continue;
    }
    TRY(std::vector<Terms::Share> shares, read_shares(actions[i]));
    if (auto error = check_groups(call, balancer, protocol, shares)) return error;
    TRY(JsonObject shown, complete_forward(actions[i], shares, balancer.is_application()));
    terms.Actions.push_back(std::move(shown));
    terms.forward = std::move(shares);
  }
  return std::nullopt;
}

std::optional<ServiceError> read_conditions(const Call& call, Terms& terms) {
  const JsonArray* given = find_array(call.input, "Conditions");
  if (given == nullptr || given->empty()) return invalid("A condition must be specified");
  terms.Conditions.clear();
  std::size_t count = 0;
  std::vector<std::string_view> seen;
  for (const Json& each : *given) {
    const std::string_view name = string_or_empty(each, "Field");
    const Field* field = find_field(name);
    if (field == nullptr) return invalid(fmt::format("Condition field '{}' is not valid", name));
    const JsonArray* values = values_of(each, *field);
    if (values == nullptr || values->empty())
      return invalid(fmt::format("A condition value must be specified for field '{}'", name));
    if (field->only_once && std::find(seen.begin(), seen.end(), name) != seen.end())
      return invalid(fmt::format("A rule can have only one condition of field '{}'", name));
    seen.push_back(field->name);
    count += values->size();
    JsonObject shown{{"Field", name}, {"Values", field->has_values ? *values : JsonArray{}}};
    JsonObject config{{"Values", *values}};
    if (field->name == "http-header") {
      const Json* header = find(each, field->config);
      const std::string_view header_name = string_or_empty(*header, "HttpHeaderName");
      if (header_name.empty()) return invalid("A header name must be specified");
      config = {{"HttpHeaderName", header_name}, {"Values", *values}};
    }
    shown[field->config] = std::move(config);
    terms.Conditions.push_back(std::move(shown));
  }
  if (count > kMostConditionValues)
    return invalid(
        fmt::format("A rule can have no more than '{}' condition values", kMostConditionValues));
  return std::nullopt;
}

bool meets(const Terms& terms, const Request& request) {
  return std::all_of(terms.Conditions.begin(), terms.Conditions.end(),
                     [&](const Json& condition) { return meets(condition, request); });
}

}  // namespace slipway::sim::elb
