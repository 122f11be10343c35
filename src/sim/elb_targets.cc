#include "sim/elb.h"
#include "sim/target_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway::sim::elb {
namespace {

constexpr std::size_t kMostTargets = 1000;

struct Named {
  std::string id;
  std::optional<int> port;
  std::string availability_zone;
};

std::vector<Named> targets_of(const Json& input) {
  std::vector<Named> targets;
  const JsonArray* given = find_array(input, "Targets");
  for (const Json& each : given == nullptr ? JsonArray{} : *given) {
    Named& target = targets.emplace_back();
    target.id = string_or_empty(each, "Id");
    if (const auto port = find_int(each, "Port")) target.port = static_cast<int>(*port);
    target.availability_zone = string_or_empty(each, "AvailabilityZone");
  }
  return targets;
}

bool is_address(std::string_view id) {
  return !id.empty() &&
         id.find_first_not_of("0123456789abcdefABCDEF.:") == std::string_view::npos &&
         id.find_first_of(".:") != std::string_view::npos;
}

std::optional<ServiceError> check_target(const TargetGroup& group, const Named& target) {
  if (group.TargetType == "instance" && !target.id.starts_with("i-"))
    return refused("InvalidTarget", fmt::format("Instance ID '{}' is not valid", target.id));
  if (group.TargetType == "ip" && !is_address(target.id))
    return invalid(fmt::format("The IP address '{}' is not a valid IPv4 address", target.id));
  return std::nullopt;
}

JsonObject shown(const TargetGroup& group, std::string_view id, int port, std::string_view zone,
                 std::string_view state, std::string_view reason, std::string_view description,
                 bool with_anomalies) {
  JsonObject target{{"Id", id}, {"Port", port}};
  if (!zone.empty()) target["AvailabilityZone"] = zone;
  JsonObject health{{"State", state}};
  if (!reason.empty()) health["Reason"] = reason;
  if (!description.empty()) health["Description"] = description;
  JsonObject json{
      {"Target", std::move(target)},
      {"HealthCheckPort",
       group.HealthCheckPort == "traffic-port" ? std::to_string(port) : group.HealthCheckPort},
      {"TargetHealth", std::move(health)}};
  if (with_anomalies)
    json["AnomalyDetection"] = JsonObject{{"Result", "normal"}, {"MitigationInEffect", "no"}};
  return json;
}

JsonObject shown(const Target& target, bool with_anomalies) {
  return shown(*target.group, target.id, target.port, target.AvailabilityZone,
               to_string(target.state), target.reason, target.description, with_anomalies);
}

bool is_meant(const Named& named, const Target& target) {
  return target.id == named.id && (!named.port || *named.port == target.port);
}

}  // namespace

Reply RegisterTargets(const Call& call) {
  TRY(TargetGroup * group, the_target_group(call));
  const std::vector<Named> targets = targets_of(call.input);
  for (const Named& target : targets)
    if (auto error = check_target(*group, target)) return std::move(*error);
  if (group->targets.size() + targets.size() > kMostTargets)
    return refused("TooManyTargets",
                   fmt::format("The following target groups cannot have more than '{}' targets: {}",
                               kMostTargets, group->TargetGroupArn));
  for (const Named& target : targets)
    register_target(call.region, *group, target.id, target.port.value_or(group->Port),
                    target.availability_zone);
  return JsonText{};
}

// Targets that are not there leave without a word.
Reply DeregisterTargets(const Call& call) {
  TRY(TargetGroup * group, the_target_group(call));
  for (const Named& named : targets_of(call.input)) {
    std::vector<Target*> meant;
    for (const auto& target : group->targets)
      if (is_meant(named, *target)) meant.push_back(target.get());
    for (Target* target : meant) deregister_target(call.region, *target);
  }
  return JsonText{};
}

Reply DescribeTargetHealth(const Call& call) {
  TRY(const TargetGroup* group, the_target_group(call));
  const std::vector<std::string> include = strings(call.input, "Include");
  const bool with_anomalies = !include.empty() && group->Protocol.starts_with("HTTP");
  const std::vector<Named> wanted = targets_of(call.input);
  JsonArray descriptions;
  if (wanted.empty())
    for (const auto& target : group->targets)
      descriptions.push_back(shown(*target, with_anomalies));
  for (const Named& named : wanted) {
    bool is_there = false;
    for (const auto& target : group->targets) {
      if (!is_meant(named, *target)) continue;
      is_there = true;
      descriptions.push_back(shown(*target, with_anomalies));
    }
    if (is_there) continue;
    if (auto error = check_target(*group, named)) return std::move(*error);
    descriptions.push_back(shown(*group, named.id, named.port.value_or(group->Port), "", "unused",
                                 "Target.NotRegistered",
                                 "Target is not registered to the target group", with_anomalies));
  }
  return answer_with({{"TargetHealthDescriptions", std::move(descriptions)}});
}

}  // namespace slipway::sim::elb
