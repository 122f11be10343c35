#include "aws/endpoint.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

namespace slipway::aws {
namespace {

// A region of a partition is PREFIX-WORD-NUMBER, the prefix being one of these. "us-gov-west-1" is
// therefore no region of "us".
struct PartitionRow {
  Partition partition;
  std::array<std::string_view, 9> prefixes;
};

constexpr PartitionRow kPartitions[] = {
    {{"aws", "amazonaws.com", "api.aws", "us-east-1"},
     {"us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"}},
    {{"aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "cn-northwest-1"}, {"cn"}},
    {{"aws-us-gov", "amazonaws.com", "api.aws", "us-gov-west-1"}, {"us-gov"}},
    {{"aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu", "eusc-de-east-1"}, {"eusc-de"}},
    {{"aws-iso", "c2s.ic.gov", "api.aws.ic.gov", "us-iso-east-1"}, {"us-iso"}},
    {{"aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud", "us-isob-east-1"}, {"us-isob"}},
    {{"aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "eu-isoe-west-1"}, {"eu-isoe"}},
    {{"aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "us-isof-south-1"}, {"us-isof"}},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool belongs_to(std::string_view region, std::string_view prefix) {
  if (prefix.empty() || !region.starts_with(prefix)) return false;
  region.remove_prefix(prefix.size());
  if (!region.starts_with('-')) return false;
  region.remove_prefix(1);
  const std::size_t dash = region.find('-');
  if (dash == 0 || dash == std::string_view::npos || dash + 1 == region.size()) return false;
  return std::ranges::all_of(region.substr(0, dash), is_word) &&
         std::ranges::all_of(region.substr(dash + 1), is_digit);
}

const PartitionRow* find_partition(std::string_view region) {
  for (const PartitionRow& row : kPartitions) {
    // "aws-cn-global" stands for the partition where no region is meant.
    const bool is_pseudo_region =
        region.ends_with("-global") && region.substr(0, region.size() - 7) == row.partition.name;
    if (is_pseudo_region || std::ranges::any_of(row.prefixes, [&](std::string_view prefix) {
          return belongs_to(region, prefix);
        }))
      return &row;
  }
  return nullptr;
}

constexpr ServiceName kServices[] = {
    {"acm", "acm", "acm"},
    {"application_auto_scaling", "application-autoscaling", "application-autoscaling"},
    {"cloudformation", "cloudformation", "cloudformation"},
    {"cloudwatch", "monitoring", "monitoring"},
    {"cloudwatch_logs", "logs", "logs"},
    {"codedeploy", "codedeploy", "codedeploy"},
    {"dynamodb", "dynamodb", "dynamodb"},
    {"ec2", "ec2", "ec2"},
    {"ecr", "ecr", "ecr"},
    {"ecs", "ecs", "ecs"},
    {"elastic_load_balancing_v2", "elasticloadbalancing", "elasticloadbalancing"},
    {"eventbridge", "events", "events"},
    {"iam", "iam", "iam"},
    {"kms", "kms", "kms"},
    {"route_53", "route53", "route53"},
    {"scheduler", "scheduler", "scheduler"},
    {"secrets_manager", "secretsmanager", "secretsmanager"},
    {"signin", "signin", ""},
    {"sns", "sns", "sns"},
    {"ssm", "ssm", "ssm"},
    {"sso", "portal.sso", ""},
    {"sso_oidc", "oidc", ""},
    {"sts", "sts", "sts"},
};

enum class Variant { kPlain, kDualStack, kFips, kFipsDualStack };
using enum Variant;

// The first row that fits decides. "" fits everything. A host is made of {prefix}, {region}, {dns}
// and {dual} (the partition's suffixes); `signed_for` is a region, {global} (the partition's), or
// empty for the client's region.
struct Rule {
  std::string_view service, partition, region;
  Variant variant;
  std::string_view host;
  std::string_view signed_for = "";
};

constexpr Rule kRules[] = {
    // GovCloud's ordinary hosts are FIPS hosts already, for these services.
    {"acm", "aws-us-gov", "", kFips, "{prefix}.{region}.{dns}"},
    {"application_auto_scaling", "aws-us-gov", "", kFips, "{prefix}.{region}.{dns}"},
    {"cloudformation", "aws-us-gov", "", kFips, "{prefix}.{region}.{dns}"},
    {"cloudwatch", "aws-us-gov", "", kFips, "{prefix}.{region}.{dns}"},
    {"cloudwatch", "aws-us-gov", "", kFipsDualStack, "{prefix}.{region}.{dual}"},
    {"cloudwatch_logs", "aws-us-gov", "us-gov-east-1", kFips, "{prefix}.{region}.{dns}"},
    {"cloudwatch_logs", "aws-us-gov", "us-gov-west-1", kFips, "{prefix}.{region}.{dns}"},
    {"dynamodb", "aws-us-gov", "", kFips, "{prefix}.{region}.{dns}"},
    {"ec2", "aws-us-gov", "", kFips, "{prefix}.{region}.{dns}"},
    {"elastic_load_balancing_v2", "aws-us-gov", "", kFips, "{prefix}.{region}.{dns}"},
    {"eventbridge", "aws-us-gov", "us-gov-east-1", kFips, "{prefix}.{region}.{dns}"},
    {"eventbridge", "aws-us-gov", "us-gov-west-1", kFips, "{prefix}.{region}.{dns}"},
    {"eventbridge", "aws-us-gov", "", kFipsDualStack, "{prefix}.{region}.{dual}"},
    {"sns", "aws-us-gov", "us-gov-east-1", kFips, "{prefix}.{region}.{dns}"},
    {"sns", "aws-us-gov", "us-gov-west-1", kFips, "{prefix}.{region}.{dns}"},
    {"ssm", "aws-us-gov", "", kFips, "{prefix}.{region}.{dns}"},
    {"sso", "aws-us-gov", "", kFips, "{prefix}.{region}.{dns}"},
    {"sso_oidc", "aws-us-gov", "", kFips, "{prefix}.{region}.{dns}"},
    {"sts", "aws-us-gov", "", kFips, "{prefix}.{region}.{dns}"},

    {"ecr", "", "", kPlain, "api.ecr.{region}.{dns}"},
    {"ecr", "", "", kFips, "api.ecr-fips.{region}.{dns}"},

    // Secrets Manager's ordinary hosts answer over IPv6 where these say so.
    {"secrets_manager", "aws", "", kDualStack, "{prefix}.{region}.{dns}"},
    {"secrets_manager", "aws-cn", "", kDualStack, "{prefix}.{region}.{dns}"},
    {"secrets_manager", "aws-us-gov", "", kDualStack, "{prefix}.{region}.{dns}"},
    {"secrets_manager", "aws", "", kFipsDualStack, "{prefix}-fips.{region}.{dns}"},
    {"secrets_manager", "aws-us-gov", "", kFipsDualStack, "{prefix}-fips.{region}.{dns}"},

    {"signin", "aws", "", kPlain, "{region}.signin.aws.amazon.com"},
    {"signin", "aws-cn", "", kPlain, "{region}.signin.amazonaws.cn"},
    {"signin", "aws-us-gov", "", kPlain, "{region}.signin.amazonaws-us-gov.com"},

    {"sts", "aws", "aws-global", kPlain, "sts.{dns}", "{global}"},

    // IAM and Route 53 have one endpoint for a whole partition.
    {"iam", "aws", "", kPlain, "iam.{dns}", "{global}"},
    {"iam", "aws", "", kDualStack, "iam.global.{dual}", "{global}"},
    {"iam", "aws", "", kFips, "iam-fips.{dns}", "{global}"},
    {"iam", "aws", "", kFipsDualStack, "iam-fips.global.{dual}", "{global}"},
    {"iam", "aws-cn", "", kPlain, "iam.cn-north-1.{dns}", "cn-north-1"},
    {"iam", "aws-cn", "", kDualStack, "iam.global.{dual}", "cn-north-1"},
    {"iam", "aws-us-gov", "", kPlain, "iam.us-gov.{dns}", "{global}"},
    {"iam", "aws-us-gov", "", kDualStack, "iam.us-gov.{dual}", "{global}"},
    {"iam", "aws-us-gov", "", kFips, "iam.us-gov.{dns}", "{global}"},
    {"iam", "aws-us-gov", "", kFipsDualStack, "iam.us-gov.{dual}", "{global}"},
    {"iam", "aws-iso", "", kFips, "iam-fips.{global}.{dns}", "{global}"},
    {"iam", "aws-iso-b", "", kFips, "iam-fips.{global}.{dns}", "{global}"},
    {"iam", "", "", kPlain, "iam.{global}.{dns}", "{global}"},
    {"iam", "", "", kDualStack, "iam.{dual}", "{global}"},
    {"iam", "", "", kFips, "iam-fips.{dns}", "{global}"},
    {"iam", "", "", kFipsDualStack, "iam-fips.{dual}", "{global}"},
    {"route_53", "aws", "", kDualStack, "route53.global.{dual}", "{global}"},
    {"route_53", "aws", "", kFipsDualStack, "route53-fips.global.{dual}", "{global}"},
    {"route_53", "aws-cn", "", kDualStack, "route53.global.{dual}", "{global}"},
    {"route_53", "aws-eusc", "", kDualStack, "route53.global.{dual}", "{global}"},
    {"route_53", "aws-us-gov", "", kPlain, "route53.us-gov.{dns}", "{global}"},
    {"route_53", "aws-us-gov", "", kDualStack, "route53.us-gov.{dual}", "{global}"},
    {"route_53", "aws-us-gov", "", kFips, "route53.us-gov.{dns}", "{global}"},
    {"route_53", "aws-us-gov", "", kFipsDualStack, "route53.us-gov.{dual}", "{global}"},
    {"route_53", "", "", kPlain, "route53.{dns}", "{global}"},
    {"route_53", "", "", kDualStack, "route53.{dual}", "{global}"},
    {"route_53", "", "", kFips, "route53-fips.{dns}", "{global}"},
    {"route_53", "", "", kFipsDualStack, "route53-fips.{dual}", "{global}"},

    {"", "", "", kPlain, "{prefix}.{region}.{dns}"},
    {"", "", "", kDualStack, "{prefix}.{region}.{dual}"},
    {"", "", "", kFips, "{prefix}-fips.{region}.{dns}"},
    {"", "", "", kFipsDualStack, "{prefix}-fips.{region}.{dual}"},
};

// The regions that had STS before it became regional; `legacy` sends only them to the one host in
// us-east-1.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html
constexpr std::string_view kLegacyStsRegions[] = {
    "ap-northeast-1", "ap-south-1",   "ap-southeast-1", "ap-southeast-2",
    "aws-global",     "ca-central-1", "eu-central-1",   "eu-north-1",
    "eu-west-1",      "eu-west-2",    "eu-west-3",      "sa-east-1",
    "us-east-1",      "us-east-2",    "us-west-1",      "us-west-2"};

bool fits(std::string_view wanted, std::string_view actual) {
  return wanted.empty() || wanted == actual;
}

const Rule& find_rule(const ServiceName& service, const Partition& partition,
                      std::string_view region, Variant variant) {
  return *std::ranges::find_if(kRules, [&](const Rule& rule) {
    return rule.variant == variant && fits(rule.service, service.key) &&
           fits(rule.partition, partition.name) && fits(rule.region, region);
  });
}

std::string fill_in(std::string_view pattern, const ServiceName& service,
                    const Partition& partition, std::string_view region) {
  return fmt::format(fmt::runtime(pattern), fmt::arg("prefix", service.prefix),
                     fmt::arg("region", region), fmt::arg("dns", partition.dns_suffix),
                     fmt::arg("dual", partition.dual_stack_suffix),
                     fmt::arg("global", partition.global_region));
}

}  // namespace

const Partition& partition_of(std::string_view region) {
  const PartitionRow* row = find_partition(region);
  return row == nullptr ? kPartitions[0].partition : row->partition;
}

bool looks_like_region(std::string_view region) { return find_partition(region) != nullptr; }

// The region becomes part of a host name: nothing in it may end that name early.
bool is_region_name(std::string_view text) {
  return !text.empty() && text.size() <= 63 && !text.starts_with('-') && !text.ends_with('-') &&
         std::ranges::all_of(text, [](char c) { return (is_word(c) && c != '_') || c == '-'; });
}

Result<std::string> checked_url(const ConfiguredUrl& configured) {
  std::string_view url = configured.url;
  std::string_view rest = url;
  if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else {
    rest = {};
  }
  // A password in a URL must not be repeated in an error.
  if (rest.substr(0, rest.find('/')).find('@') != std::string_view::npos)
    return Error{ErrorKind::kInvalid, "endpoint.url",
                 fmt::format("{}: the URL of an endpoint must not carry a user name or password",
                             configured.source)};
  const bool has_host = !rest.empty() && rest.front() != '/' && rest.front() != ':';
  if (!has_host || std::ranges::any_of(rest, [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == '?' || c == '#' || c == '"';
      }))
    return Error{ErrorKind::kInvalid, "endpoint.url",
                 fmt::format("{}: \"{}\" is not the URL of an endpoint; expected http:// or "
                             "https://, a host, and perhaps a port and a path",
                             configured.source, configured.url)};
  while (url.ends_with('/')) url.remove_suffix(1);
  return std::string(url);
}

std::span<const ServiceName> services_with_endpoints() { return kServices; }

Result<Endpoint> resolve_endpoint(std::string_view service_key, std::string_view region,
                                  const EndpointSettings& settings) {
  const auto* service = std::ranges::find(kServices, service_key, &ServiceName::key);
  if (service == std::end(kServices))
    return Error{ErrorKind::kInternal, "endpoint.service",
                 fmt::format("no endpoint is known for a service \"{}\"", service_key)};
  if (!is_region_name(region))
    return Error{ErrorKind::kInvalid, "region.invalid",
                 fmt::format("{} is not the name of an AWS region", quote(region))};

  const Partition& partition = partition_of(region);
  Endpoint endpoint{.signing_region = std::string(region),
                    .signing_name = std::string(service->signing_name),
                    .partition = std::string(partition.name),
                    .dns_suffix = std::string(partition.dns_suffix)};

  if (auto found = settings.configured.find(service_key); found != settings.configured.end()) {
    const ConfiguredUrl& configured = found->second;
    if (settings.use_fips)
      return Error{ErrorKind::kInvalid, "endpoint.fips",
                   fmt::format("FIPS endpoints are asked for, but {} names an endpoint of its own; "
                               "remove one of the two",
                               configured.source)};
    if (settings.use_dual_stack)
      return Error{
          ErrorKind::kInvalid, "endpoint.dual-stack",
          fmt::format("dual-stack endpoints are asked for, but {} names an endpoint of its "
                      "own; remove one of the two",
                      configured.source)};
    TRY(endpoint.url, checked_url(configured));
    endpoint.source = configured.source;
    return endpoint;
  }

  const Variant variant = settings.use_fips ? (settings.use_dual_stack ? kFipsDualStack : kFips)
                                            : (settings.use_dual_stack ? kDualStack : kPlain);
  if (service->key == "sts" && settings.sts_is_global && variant == kPlain &&
      std::ranges::find(kLegacyStsRegions, region) != std::end(kLegacyStsRegions))
    region = "aws-global";
  const Rule& rule = find_rule(*service, partition, region, variant);
  endpoint.url = "https://" + fill_in(rule.host, *service, partition, region);
  if (!rule.signed_for.empty())
    endpoint.signing_region = fill_in(rule.signed_for, *service, partition, region);
  return endpoint;
}

}  // namespace slipway::aws
