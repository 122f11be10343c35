#include "base/text.h"
#include "sim/elb.h"
#include "sim/target_groups.h"
#include "sim/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace slipway::sim::elb {
namespace {

constexpr std::size_t kMostNameCharacters = 32;
constexpr std::size_t kMostTargetGroups = 3000;

std::int64_t seconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

bool is_http(std::string_view protocol) { return protocol == "HTTP" || protocol == "HTTPS"; }

JsonArray shown_attributes(const TargetGroup& group) {
  JsonArray all;
  for (const auto& [name, value] : target_group_attributes())
    all.push_back(JsonObject{{"Key", name}, {"Value", group.attribute(name)}});
  return all;
}

std::optional<ServiceError> out_of_range(std::string_view what, std::int64_t value,
                                         std::int64_t least, std::int64_t most) {
  if (value >= least && value <= most) return std::nullopt;
  return invalid(
      fmt::format("{} '{}' must be between '{}' and '{}' inclusive", what, value, least, most));
}

// "200", "200,202", "200-299"
bool is_matcher(std::string_view text) {
  for (const std::string_view part : split(text, ',')) {
    for (const std::string_view code : split(part, '-')) {
      int number = 0;
      const auto end = std::from_chars(code.data(), code.data() + code.size(), number);
      if (end.ec != std::errc() || end.ptr != code.data() + code.size() || number < 200 ||
          number > 499)
        return false;
    }
  }
  return !text.empty();
}

// The members that CreateTargetGroup and ModifyTargetGroup share; those that are not given stay.
std::optional<ServiceError> read_checks(const Json& input, TargetGroup& group) {
  if (const auto given = find_string(input, "HealthCheckProtocol"))
    group.HealthCheckProtocol = *given;
  if (const auto given = find_string(input, "HealthCheckPort")) group.HealthCheckPort = *given;
  if (const auto given = find_string(input, "HealthCheckPath")) group.HealthCheckPath = *given;
  if (const auto given = find_bool(input, "HealthCheckEnabled")) {
    if (!*given && group.TargetType != "lambda")
      return invalid(
          fmt::format("Health check enabled must be true for target groups with target "
                      "type '{}'",
                      group.TargetType));
    group.HealthCheckEnabled = *given;
  }
  if (const auto given = find_int(input, "HealthCheckIntervalSeconds")) {
    if (auto error = out_of_range("Health check interval", *given, 5, 300)) return error;
    group.HealthCheckInterval = std::chrono::seconds(*given);
  }
  if (const auto given = find_int(input, "HealthCheckTimeoutSeconds")) {
    if (auto error = out_of_range("Health check timeout", *given, 2, 120)) return error;
    group.HealthCheckTimeout = std::chrono::seconds(*given);
  }
  if (const auto given = find_int(input, "HealthyThresholdCount")) {
    if (auto error = out_of_range("Healthy threshold count", *given, 2, 10)) return error;
    group.HealthyThresholdCount = static_cast<int>(*given);
  }
  if (const auto given = find_int(input, "UnhealthyThresholdCount")) {
    if (auto error = out_of_range("Unhealthy threshold count", *given, 2, 10)) return error;
    group.UnhealthyThresholdCount = static_cast<int>(*given);
  }
  if (group.HealthCheckTimeout > group.HealthCheckInterval)
    return invalid(
        fmt::format("Health check timeout '{}' must be smaller than or equal to the "
                    "interval '{}'",
                    seconds(group.HealthCheckTimeout), seconds(group.HealthCheckInterval)));
  const Json* matcher = find(input, "Matcher");
  if (const auto codes = matcher ? find_string(*matcher, "HttpCode") : std::nullopt) {
    if (!is_matcher(*codes))
      return invalid(
          fmt::format("Health check matcher HTTP code '{}' must be within '200-499' "
                      "inclusive",
                      *codes));
    group.Matcher = *codes;
  }
  if (!is_http(group.HealthCheckProtocol)) {
    group.HealthCheckPath.clear();
    group.Matcher.clear();
  }
  return std::nullopt;
}

// What is not said of a new group, by its protocol and type.
void set_defaults(TargetGroup& group) {
  if (!is_http(group.Protocol)) {
    group.HealthCheckProtocol = "TCP";
    group.HealthCheckTimeout = std::chrono::seconds(10);
    group.ProtocolVersion.clear();
  }
  if (group.TargetType != "lambda") return;
  group.HealthCheckInterval = std::chrono::seconds(35);
  group.HealthCheckTimeout = std::chrono::seconds(30);
  group.HealthCheckEnabled = false;
}

std::optional<ServiceError> check_new_group(const TargetGroup& group, const Json& input) {
  const std::string& name = group.TargetGroupName;
  if (name.size() > kMostNameCharacters)
    return invalid(fmt::format("Target group name '{}' cannot be longer than '{}' characters", name,
                               kMostNameCharacters));
  const bool is_plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
  if (name.empty() || !is_plain)
    return invalid(
        fmt::format("Target group name '{}' can only contain characters that are "
                    "alphanumeric characters or hyphens(-)",
                    name));
  if (name.front() == '-' || name.back() == '-')
    return invalid(
        fmt::format("Target group name '{}' cannot begin or end with a hyphen(-)", name));
  if (group.TargetType == "lambda") return std::nullopt;
  for (const char* member : {"Protocol", "Port", "VpcId"})
    if (find(input, member) == nullptr)
      return invalid(fmt::format("A {} must be specified",
                                 std::string_view(member) == "VpcId"      ? "VPC ID"
                                 : std::string_view(member) == "Protocol" ? "protocol"
                                                                          : "port"));
  return std::nullopt;
}

bool is_same(const TargetGroup& a, const TargetGroup& b) {
  return a.Protocol == b.Protocol && a.Port == b.Port && a.VpcId == b.VpcId &&
         a.TargetType == b.TargetType && a.HealthCheckPath == b.HealthCheckPath &&
         a.HealthCheckPort == b.HealthCheckPort && a.Matcher == b.Matcher &&
         a.HealthCheckInterval == b.HealthCheckInterval &&
         a.HealthCheckTimeout == b.HealthCheckTimeout &&
         a.HealthyThresholdCount == b.HealthyThresholdCount &&
         a.UnhealthyThresholdCount == b.UnhealthyThresholdCount;
}

std::optional<ServiceError> check_attribute(std::string_view key, std::string_view value) {
  struct Range {
    std::string_view key;
    int least, most;
    bool may_be_zero;
  };
  constexpr Range kRanges[] = {
      {"deregistration_delay.timeout_seconds", 0, 3600, true},
      {"slow_start.duration_seconds", 30, 900, true},
      {"stickiness.lb_cookie.duration_seconds", 1, 604800, false},
      {"stickiness.app_cookie.duration_seconds", 1, 604800, false},
  };
  const auto known = target_group_attributes();
  if (std::none_of(known.begin(), known.end(), [&](const auto& row) { return row.first == key; }))
    return invalid(fmt::format("Target group attribute key '{}' is not recognized", key));
  for (const Range& range : kRanges) {
    if (range.key != key) continue;
    int number = -1;
    const auto end = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool is_number = end.ec == std::errc() && end.ptr == value.data() + value.size();
    const bool fits =
        (number >= range.least && number <= range.most) || (range.may_be_zero && number == 0);
    if (!is_number || !fits)
      return invalid(fmt::format("'{}' must be between '{}' and '{}' inclusive", key, range.least,
                                 range.most));
  }
  return std::nullopt;
}

}  // namespace

JsonObject shown(const TargetGroup& group) {
  JsonObject json{{"TargetGroupArn", group.TargetGroupArn},
                  {"TargetGroupName", group.TargetGroupName}};
  if (group.TargetType != "lambda") {
    json["Protocol"] = group.Protocol;
    json["Port"] = group.Port;
    if (!group.VpcId.empty()) json["VpcId"] = group.VpcId;
    json["HealthCheckProtocol"] = group.HealthCheckProtocol;
    json["HealthCheckPort"] = group.HealthCheckPort;
  }
  json["HealthCheckEnabled"] = group.HealthCheckEnabled;
  json["HealthCheckIntervalSeconds"] = seconds(group.HealthCheckInterval);
  json["HealthCheckTimeoutSeconds"] = seconds(group.HealthCheckTimeout);
  json["HealthyThresholdCount"] = group.HealthyThresholdCount;
  json["UnhealthyThresholdCount"] = group.UnhealthyThresholdCount;
  if (!group.HealthCheckPath.empty()) json["HealthCheckPath"] = group.HealthCheckPath;
  if (!group.Matcher.empty()) json["Matcher"] = JsonObject{{"HttpCode", group.Matcher}};
  JsonArray users;
  for (const std::string& arn : group.LoadBalancerArns) users.emplace_back(arn);
  json["LoadBalancerArns"] = std::move(users);
  json["TargetType"] = group.TargetType;
  if (!group.ProtocolVersion.empty()) json["ProtocolVersion"] = group.ProtocolVersion;
  json["IpAddressType"] = group.IpAddressType;
  return json;
}

Reply CreateTargetGroup(const Call& call) {
  const Json& input = call.input;
  auto group = std::make_unique<TargetGroup>();
  group->TargetGroupName = string_or_empty(input, "Name");
  group->TargetType = find_string(input, "TargetType").value_or("instance");
  group->Protocol = find_string(input, "Protocol").value_or("HTTP");
  group->ProtocolVersion = find_string(input, "ProtocolVersion").value_or("HTTP1");
  group->Port = static_cast<int>(find_int(input, "Port").value_or(80));
  group->VpcId = string_or_empty(input, "VpcId");
  group->IpAddressType = find_string(input, "IpAddressType").value_or("ipv4");
  TRY(group->tags, read_elb_tags(input));
  if (auto error = check_new_group(*group, input)) return std::move(*error);
  set_defaults(*group);
  if (auto error = read_checks(input, *group)) return std::move(*error);

  auto& all = call.region.load_balancing->target_groups;
  for (const auto& [arn, known] : all) {
    if (known->TargetGroupName != group->TargetGroupName) continue;
    if (!is_same(*known, *group))
      return refused("DuplicateTargetGroupName",
                     fmt::format("A target group with the same name '{}' exists, but with "
                                 "different settings",
                                 group->TargetGroupName));
    return answer_with({{"TargetGroups", JsonArray{Json(shown(*known))}}});
  }
  if (all.size() >= kMostTargetGroups)
    return refused("TooManyTargetGroups", "The maximum number of target groups has been reached");
  group->TargetGroupArn = chosen(input, "TargetGroupArn");
  if (group->TargetGroupArn.empty())
    group->TargetGroupArn = arn(
        call.region, fmt::format("targetgroup/{}/{}", group->TargetGroupName, new_id(call.region)));
  group->serial = call.region.next_serial();
  JsonObject answer = shown(*group);
  const std::string key = group->TargetGroupArn;
  all[key] = std::move(group);
  return answer_with({{"TargetGroups", JsonArray{Json(std::move(answer))}}});
}

Reply ModifyTargetGroup(const Call& call) {
  TRY(TargetGroup * group, the_target_group(call));
  TargetGroup changed;
  changed.TargetType = group->TargetType;
  changed.HealthCheckProtocol = group->HealthCheckProtocol;
  changed.HealthCheckPort = group->HealthCheckPort;
  changed.HealthCheckPath = group->HealthCheckPath;
  changed.HealthCheckInterval = group->HealthCheckInterval;
  changed.HealthCheckTimeout = group->HealthCheckTimeout;
  changed.HealthyThresholdCount = group->HealthyThresholdCount;
  changed.UnhealthyThresholdCount = group->UnhealthyThresholdCount;
  changed.Matcher = group->Matcher;
  changed.HealthCheckEnabled = group->HealthCheckEnabled;
  if (auto error = read_checks(call.input, changed)) return std::move(*error);
  group->HealthCheckProtocol = changed.HealthCheckProtocol;
  group->HealthCheckPort = changed.HealthCheckPort;
  group->HealthCheckPath = changed.HealthCheckPath;
  group->HealthCheckInterval = changed.HealthCheckInterval;
  group->HealthCheckTimeout = changed.HealthCheckTimeout;
  group->HealthyThresholdCount = changed.HealthyThresholdCount;
  group->UnhealthyThresholdCount = changed.UnhealthyThresholdCount;
  group->Matcher = changed.Matcher;
  group->HealthCheckEnabled = changed.HealthCheckEnabled;
  review_group(call.region, *group);
  return answer_with({{"TargetGroups", JsonArray{Json(shown(*group))}}});
}

// One that is not there is deleted without a word.
Reply DeleteTargetGroup(const Call& call) {
  const std::string_view arn = string_or_empty(call.input, "TargetGroupArn");
  const TargetGroup* group = find_target_group(call.region, arn);
  if (group == nullptr) return JsonText{};
  if (group->is_used())
    return refused("ResourceInUse",
                   fmt::format("Target group '{}' is currently in use by a listener or a rule",
                               group->TargetGroupArn));
  remove_target_group(call.region, arn);
  return JsonText{};
}

Reply DescribeTargetGroups(const Call& call) {
  constexpr std::size_t kMostAtATime = 20;
  const std::vector<std::string> arns = strings(call.input, "TargetGroupArns");
  const std::vector<std::string> names = strings(call.input, "Names");
  const std::string_view balancer = string_or_empty(call.input, "LoadBalancerArn");
  if ((arns.empty() ? 0 : 1) + (names.empty() ? 0 : 1) + (balancer.empty() ? 0 : 1) > 1)
    return invalid(
        "Target group names, target group ARNs and a load balancer ARN cannot be specified "
        "together");
  if (std::max(arns.size(), names.size()) > kMostAtATime)
    return invalid(
        fmt::format("You cannot describe more than '{}' target groups at a time", kMostAtATime));
  if (!balancer.empty()) TRY_VOID(the_load_balancer(call));
  std::vector<const TargetGroup*> found;
  for (const auto& [arn, group] : call.region.load_balancing->target_groups) {
    const auto has = [](const std::vector<std::string>& list, std::string_view wanted) {
      return std::find(list.begin(), list.end(), wanted) != list.end();
    };
    const bool is_wanted = !balancer.empty() ? has(group->LoadBalancerArns, balancer)
                           : !arns.empty()   ? has(arns, arn)
                                             : names.empty() || has(names, group->TargetGroupName);
    if (is_wanted) found.push_back(group.get());
  }
  if (found.size() < std::max(arns.size(), names.size()))
    return refused("TargetGroupNotFound", "One or more target groups not found");
  std::sort(found.begin(), found.end(),
            [](const auto* a, const auto* b) { return a->serial < b->serial; });
  std::vector<PageItem> items;
  for (const TargetGroup* group : found)
    items.push_back({serial_key(group->serial), shown(*group)});
  return page(call, "TargetGroups", items);
}

Reply DescribeTargetGroupAttributes(const Call& call) {
  TRY(const TargetGroup* group, the_target_group(call));
  return answer_with({{"Attributes", shown_attributes(*group)}});
}

Reply ModifyTargetGroupAttributes(const Call& call) {
  TRY(TargetGroup * group, the_target_group(call));
  const JsonArray* given = find_array(call.input, "Attributes");
  std::map<std::string, std::string> changed = group->attributes;
  for (const Json& each : given == nullptr ? JsonArray{} : *given) {
    const std::string_view key = string_or_empty(each, "Key");
    const std::string_view value = string_or_empty(each, "Value");
    if (auto error = check_attribute(key, value)) return std::move(*error);
    changed[std::string(key)] = value;
  }
  settle_traffic(call.region);
  group->attributes = std::move(changed);
  return answer_with({{"Attributes", shown_attributes(*group)}});
}

}  // namespace slipway::sim::elb
