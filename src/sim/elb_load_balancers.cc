#include "sim/elb.h"
#include "sim/placement.h"
#include "sim/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::sim::elb {
namespace {

constexpr std::size_t kMostNameCharacters = 32;

using Row = std::pair<std::string_view, std::string_view>;

// https://docs.aws.amazon.com/general/latest/gr/elb.html
constexpr std::array kZonesOfApplicationLoadBalancers = {
    Row{"ap-northeast-1", "Z14GRHDCWA56QT"}, Row{"ap-northeast-2", "ZWKZPGTI48KDX"},
    Row{"ap-south-1", "ZP97RAFLXTNZK"},      Row{"ap-southeast-1", "Z1LMS91P8CMLE5"},
    Row{"ap-southeast-2", "Z1GM3OXH4ZPM65"}, Row{"ca-central-1", "ZQSVJUPU6J1EY"},
    Row{"eu-central-1", "Z215JYRZR1TBD5"},   Row{"eu-north-1", "Z23TAZ6LKFMNIO"},
    Row{"eu-west-1", "Z32O12XQLNTSW2"},      Row{"eu-west-2", "ZHURV8PSTC4K8"},
    Row{"eu-west-3", "Z3Q77PNBQS71R4"},      Row{"sa-east-1", "Z2P70J7HTTTPLU"},
    Row{"us-east-1", "Z35SXDOTRQ7X7K"},      Row{"us-east-2", "Z3AADJGX6KTTL2"},
    Row{"us-west-1", "Z368ELLRRE2KJ0"},      Row{"us-west-2", "Z1H1FL5HABSF5"},
};

// The zone of the load balancers' own names, for alias records. Where we do not know AWS's, one
// that looks like it.
std::string canonical_zone(const Region& region, const LoadBalancer& balancer) {
  if (balancer.is_application())
    for (const auto& [name, zone_id] : kZonesOfApplicationLoadBalancers)
      if (name == region.name) return std::string(zone_id);
  return "Z2SIMULATEDELB";
}

constexpr std::array kAttributes = {
    Row{"access_logs.s3.bucket", ""},
    Row{"access_logs.s3.enabled", "false"},
    Row{"access_logs.s3.prefix", ""},
    Row{"client_keep_alive.seconds", "3600"},
    Row{"connection_logs.s3.bucket", ""},
    Row{"connection_logs.s3.enabled", "false"},
    Row{"connection_logs.s3.prefix", ""},
    Row{"deletion_protection.enabled", "false"},
    Row{"idle_timeout.timeout_seconds", "60"},
    Row{"load_balancing.cross_zone.enabled", "true"},
    Row{"routing.http.desync_mitigation_mode", "defensive"},
    Row{"routing.http.drop_invalid_header_fields.enabled", "false"},
    Row{"routing.http.preserve_host_header.enabled", "false"},
    Row{"routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false"},
    Row{"routing.http.xff_client_port.enabled", "false"},
    Row{"routing.http.xff_header_processing.mode", "append"},
    Row{"routing.http2.enabled", "true"},
    Row{"waf.fail_open.enabled", "false"},
    Row{"zonal_shift.config.enabled", "false"},
};

std::string_view attribute(const LoadBalancer& balancer, std::string_view name) {
  const auto set = balancer.attributes.find(std::string(name));
  if (set != balancer.attributes.end()) return set->second;
  for (const auto& [known, value] : kAttributes)
    if (known == name) return value;
  return "";
}

JsonArray shown_attributes(const LoadBalancer& balancer) {
  JsonArray all;
  for (const auto& [name, value] : kAttributes)
    all.push_back(JsonObject{{"Key", name}, {"Value", attribute(balancer, name)}});
  return all;
}

JsonObject shown(const Region& region, const LoadBalancer& balancer) {
  const bool is_active = region.now >= balancer.active_from;
  return {{"LoadBalancerArn", balancer.LoadBalancerArn},
          {"DNSName", balancer.DNSName},
          {"CanonicalHostedZoneId", canonical_zone(region, balancer)},
          {"CreatedTime", to_iso8601(balancer.CreatedTime, true)},
          {"LoadBalancerName", balancer.LoadBalancerName},
          {"Scheme", balancer.Scheme},
          {"VpcId", balancer.VpcId},
          {"State", JsonObject{{"Code", is_active ? "active" : "provisioning"}}},
          {"Type", balancer.Type},
          {"AvailabilityZones", balancer.AvailabilityZones},
          {"SecurityGroups", balancer.SecurityGroups},
          {"IpAddressType", balancer.IpAddressType}};
}

std::optional<ServiceError> check_name(std::string_view name) {
  if (name.size() > kMostNameCharacters)
    return invalid(fmt::format("The load balancer name '{}' cannot be longer than '{}' characters",
                               name, kMostNameCharacters));
  const bool is_plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
  if (name.empty() || !is_plain)
    return invalid(fmt::format(
        "The load balancer name '{}' can only contain characters that are alphanumeric characters "
        "and hyphens(-)",
        name));
  if (name.front() == '-' || name.back() == '-')
    return invalid(
        fmt::format("The load balancer name '{}' cannot begin or end with a hyphen(-)", name));
  if (name.starts_with("internal-"))
    return invalid(fmt::format("The load balancer name '{}' cannot begin with 'internal-'", name));
  return std::nullopt;
}

// One zone for each subnet, in the order of the call.
JsonArray zones_of(const Call& call) {
  std::vector<std::string> subnets = strings(call.input, "Subnets");
  if (const JsonArray* mappings = find_array(call.input, "SubnetMappings"))
    for (const Json& each : *mappings) subnets.emplace_back(string_or_empty(each, "SubnetId"));
  JsonArray zones;
  for (std::size_t i = 0; i < subnets.size(); ++i)
    zones.push_back(JsonObject{{"ZoneName", zone(call.region, i)},
                               {"SubnetId", subnets[i]},
                               {"LoadBalancerAddresses", JsonArray{}}});
  return zones;
}

std::string_view short_type(std::string_view type) {
  return type == "network" ? "net" : type == "gateway" ? "gwy" : "app";
}

std::string default_dns_name(Region& region, const LoadBalancer& balancer) {
  return fmt::format("{}{}-{}.{}.elb.{}", balancer.Scheme == "internal" ? "internal-" : "",
                     balancer.LoadBalancerName, 1'000'000'000u + region.random.below(1'000'000'000),
                     region.name,
                     region.partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com");
}

}  // namespace

Reply CreateLoadBalancer(const Call& call) {
  const Json& input = call.input;
  const std::string name(string_or_empty(input, "Name"));
  if (auto error = check_name(name)) return std::move(*error);
  TRY(Tags tags, read_elb_tags(input));

  auto balancer = std::make_unique<LoadBalancer>();
  balancer->LoadBalancerName = name;
  balancer->Type = find_string(input, "Type").value_or("application");
  balancer->Scheme = find_string(input, "Scheme").value_or("internet-facing");
  balancer->IpAddressType = find_string(input, "IpAddressType").value_or("ipv4");
  balancer->VpcId = find_string(input, "VpcId").value_or(usual_vpc(call.region));
  balancer->AvailabilityZones = zones_of(call);
  if (const JsonArray* groups = find_array(input, "SecurityGroups"))
    balancer->SecurityGroups = *groups;
  balancer->tags = std::move(tags);
  if (balancer->AvailabilityZones.empty())
    return invalid("You must specify either subnets or an outpost");
  if (balancer->is_application() && balancer->AvailabilityZones.size() < 2)
    return refused("InvalidConfigurationRequest",
                   "At least two subnets in two different Availability Zones must be specified");

  for (const auto& [arn, known] : call.region.load_balancing->load_balancers) {
    if (known->LoadBalancerName != name) continue;
    const bool is_same = known->Type == balancer->Type && known->Scheme == balancer->Scheme &&
                         known->AvailabilityZones == balancer->AvailabilityZones &&
                         known->SecurityGroups == balancer->SecurityGroups;
    if (!is_same)
      return refused("DuplicateLoadBalancerName",
                     fmt::format("A load balancer with the same name '{}' exists, but with "
                                 "different settings",
                                 name));
    return answer_with({{"LoadBalancers", JsonArray{Json(shown(call.region, *known))}}});
  }

  balancer->LoadBalancerArn = chosen(input, "LoadBalancerArn");
  if (balancer->LoadBalancerArn.empty())
    balancer->LoadBalancerArn =
        arn(call.region, fmt::format("loadbalancer/{}/{}/{}", short_type(balancer->Type), name,
                                     new_id(call.region)));
  balancer->DNSName = chosen(input, "DNSName");
  if (balancer->DNSName.empty()) balancer->DNSName = default_dns_name(call.region, *balancer);
  balancer->CreatedTime = call.region.now;
  balancer->active_from = call.region.now + call.region.knobs.elb_provision;
  balancer->serial = call.region.next_serial();
  JsonObject answer = shown(call.region, *balancer);
  const std::string key = balancer->LoadBalancerArn;
  settle_traffic(call.region);
  call.region.load_balancing->load_balancers[key] = std::move(balancer);
  return answer_with({{"LoadBalancers", JsonArray{Json(std::move(answer))}}});
}

// One that is not there is deleted without a word, as its listeners and rules are with it.
Reply DeleteLoadBalancer(const Call& call) {
  LoadBalancer* found =
      find_load_balancer(call.region, string_or_empty(call.input, "LoadBalancerArn"));
  if (found == nullptr) return JsonText{};
  if (attribute(*found, "deletion_protection.enabled") == "true")
    return refused("OperationNotPermitted",
                   fmt::format("Load balancer '{}' cannot be deleted because deletion protection "
                               "is enabled",
                               found->LoadBalancerArn));
  settle_traffic(call.region);
  auto& all = call.region.load_balancing->load_balancers;
  all.erase(all.find(found->LoadBalancerArn));
  review_use(call.region);
  return JsonText{};
}

Reply DescribeLoadBalancers(const Call& call) {
  constexpr std::size_t kMostAtATime = 20;
  const std::vector<std::string> arns = strings(call.input, "LoadBalancerArns");
  const std::vector<std::string> names = strings(call.input, "Names");
  if (!arns.empty() && !names.empty())
    return invalid("Load balancer names and load balancer ARNs cannot be specified together");
  if (std::max(arns.size(), names.size()) > kMostAtATime)
    return invalid(
        fmt::format("You cannot describe more than '{}' load balancers at a time", kMostAtATime));
  std::vector<const LoadBalancer*> found;
  for (const auto& [arn, balancer] : call.region.load_balancing->load_balancers) {
    const bool by_arn = std::find(arns.begin(), arns.end(), arn) != arns.end();
    const bool by_name =
        std::find(names.begin(), names.end(), balancer->LoadBalancerName) != names.end();
    if ((arns.empty() && names.empty()) || by_arn || by_name) found.push_back(balancer.get());
  }
  if (found.size() < names.size()) {
    std::vector<std::string> missing = names;
    std::erase_if(missing, [&](const std::string& name) {
      return std::any_of(found.begin(), found.end(),
                         [&](const auto* each) { return each->LoadBalancerName == name; });
    });
    return refused("LoadBalancerNotFound",
                   fmt::format("Load balancers '[{}]' not found", fmt::join(missing, ", ")));
  }
  if (found.size() < arns.size())
    return refused("LoadBalancerNotFound", "One or more load balancers not found");
  std::sort(found.begin(), found.end(),
            [](const auto* a, const auto* b) { return a->serial < b->serial; });
  std::vector<PageItem> items;
  for (const LoadBalancer* balancer : found)
    items.push_back({serial_key(balancer->serial), shown(call.region, *balancer)});
  return page(call, "LoadBalancers", items);
}

Reply DescribeLoadBalancerAttributes(const Call& call) {
  TRY(const LoadBalancer* balancer, the_load_balancer(call));
  return answer_with({{"Attributes", shown_attributes(*balancer)}});
}

Reply ModifyLoadBalancerAttributes(const Call& call) {
  TRY(LoadBalancer * balancer, the_load_balancer(call));
  const JsonArray* given = find_array(call.input, "Attributes");
  std::map<std::string, std::string> changed = balancer->attributes;
  for (const Json& each : given == nullptr ? JsonArray{} : *given) {
    const std::string key(string_or_empty(each, "Key"));
    const auto is_it = [&](const Row& row) { return row.first == key; };
    if (std::none_of(kAttributes.begin(), kAttributes.end(), is_it))
      return invalid(fmt::format("Load balancer attribute key '{}' is not recognized", key));
    changed[key] = string_or_empty(each, "Value");
  }
  balancer->attributes = std::move(changed);
  return answer_with({{"Attributes", shown_attributes(*balancer)}});
}

}  // namespace slipway::sim::elb
