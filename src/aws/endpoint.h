// Where a service is reached, and the region its calls are signed for. A URL that the user
// configured wins; otherwise AWS's rules for the partition of the region, FIPS and dual stack
// apply. They are kept as one table (endpoint.cc), which a test holds against botocore's rules for
// every service below in every region.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
#pragma once

#include "base/result.h"

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace slipway::aws {

// A group of regions with its own accounts, DNS names and ARN prefix.
struct Partition {
  std::string_view name;               // "aws", "aws-cn": the second part of an ARN
  std::string_view dns_suffix;         // "amazonaws.com"
  std::string_view dual_stack_suffix;  // "api.aws"
  std::string_view global_region;      // signs the calls of services that have one endpoint
};

// By the region's name, known or not; "aws" when it looks like no partition's region.
const Partition& partition_of(std::string_view region);
// Whether the name has the form of a region of some partition: "eu-west1" has not.
bool looks_like_region(std::string_view region);
// Whether it could be a region's name at all: one label of a host name.
bool is_region_name(std::string_view text);

// A service as a `[services X]` section names it ("ecs", "elastic_load_balancing_v2"); in capitals
// it ends the name of its AWS_ENDPOINT_URL_ variable.
struct ServiceName {
  std::string_view key;
  std::string_view prefix;        // of the host: "elasticloadbalancing"
  std::string_view signing_name;  // of the credential scope; empty: calls are not signed
};
std::span<const ServiceName> services_with_endpoints();

// A URL from outside the rules, and who said so: "--endpoint-url", "AWS_ENDPOINT_URL_ECS",
// "/home/me/.aws/config:12".
struct ConfiguredUrl {
  std::string url;
  std::string source;
};

// The URL without slashes at its end. kInvalid "endpoint.url" when it is no http(s) URL with a
// host.
Result<std::string> checked_url(const ConfiguredUrl& configured);

struct EndpointSettings {
  std::map<std::string, ConfiguredUrl, std::less<>> configured;  // by service key
  bool use_fips = false;
  bool use_dual_stack = false;
  bool sts_is_global = false;  // sts_regional_endpoints = legacy
};

struct Endpoint {
  std::string url;             // without a slash at the end; may have a path when configured
  std::string signing_region;  // the client's region for every configured URL
  std::string signing_name;
  std::string partition;
  std::string dns_suffix;
  std::string source;  // of a configured URL; empty when the rules said it

  bool operator==(const Endpoint&) const = default;
};

// kInvalid "endpoint.url" when a configured URL is no http(s) URL, "endpoint.fips" or
// "endpoint.dual-stack" when one is asked for together with a configured URL, whose nature nobody
// knows; "region.invalid" when the region could not be part of a host name.
Result<Endpoint> resolve_endpoint(std::string_view service_key, std::string_view region,
                                  const EndpointSettings& settings);

}  // namespace slipway::aws
