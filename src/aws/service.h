// The AWS services slipway speaks to, one row each. What differs between them is in the row; the
// client, the signer and the simulator's dispatch are written once. Adding a service is adding a
// row here, its shapes in aws/<service>.h and its facts in models/.
#pragma once

#include <span>
#include <string_view>

namespace slipway::aws {

enum class Protocol { kJson10, kJson11, kQuery };

struct ServiceFacts {
  std::string_view id;  // "ecs": prefix of IAM actions, of Error::operation, of models/
  Protocol protocol;
  std::string_view target_prefix;  // JSON: X-Amz-Target is "PREFIX.Operation"
  std::string_view api_version;    // query: the Version parameter
  std::string_view xml_namespace;  // query: of every answer
  std::string_view signing_name;
  std::string_view config_key;  // name in endpoint.h and in a [services X] section
};

inline constexpr ServiceFacts kEcs{.id = "ecs",
                                   .protocol = Protocol::kJson11,
                                   .target_prefix = "AmazonEC2ContainerServiceV20141113",
                                   .api_version = "2014-11-13",
                                   .xml_namespace = "",
                                   .signing_name = "ecs",
                                   .config_key = "ecs"};

inline constexpr ServiceFacts kSts{.id = "sts",
                                   .protocol = Protocol::kQuery,
                                   .target_prefix = "",
                                   .api_version = "2011-06-15",
                                   .xml_namespace = "https://sts.amazonaws.com/doc/2011-06-15/",
                                   .signing_name = "sts",
                                   .config_key = "sts"};

inline constexpr const ServiceFacts* kServices[] = {&kEcs, &kSts};

// nullptr for an id without a row.
constexpr const ServiceFacts* find_service_facts(std::string_view id) {
  for (const ServiceFacts* service : kServices)
    if (service->id == id) return service;
  return nullptr;
}

}  // namespace slipway::aws
