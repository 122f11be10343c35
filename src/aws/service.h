// The AWS services slipway speaks to, one row each. What differs between them is in the row; the
// client, the signer and the simulator's dispatch are written once. Adding a service is adding a
// row here, its shapes in aws/<service>.h and its facts in models/.
#pragma once

#include <span>
#include <string_view>

namespace slipway::aws {

enum class Protocol { kJson10, kJson11, kQuery, kRestJson };

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

// EventBridge: rules and their targets.
inline constexpr ServiceFacts kEvents{.id = "events",
                                      .protocol = Protocol::kJson11,
                                      .target_prefix = "AWSEvents",
                                      .api_version = "2015-10-07",
                                      .xml_namespace = "",
                                      .signing_name = "events",
                                      .config_key = "eventbridge"};

// CloudWatch Logs.
inline constexpr ServiceFacts kLogs{.id = "logs",
                                    .protocol = Protocol::kJson11,
                                    .target_prefix = "Logs_20140328",
                                    .api_version = "2014-03-28",
                                    .xml_namespace = "",
                                    .signing_name = "logs",
                                    .config_key = "cloudwatch_logs"};

// EventBridge Scheduler: schedules, each with one target.
inline constexpr ServiceFacts kScheduler{.id = "scheduler",
                                         .protocol = Protocol::kRestJson,
                                         .target_prefix = "",
                                         .api_version = "2021-06-30",
                                         .xml_namespace = "",
                                         .signing_name = "scheduler",
                                         .config_key = "scheduler"};

inline constexpr ServiceFacts kSns{.id = "sns",
                                   .protocol = Protocol::kQuery,
                                   .target_prefix = "",
                                   .api_version = "2010-03-31",
                                   .xml_namespace = "http://sns.amazonaws.com/doc/2010-03-31/",
                                   .signing_name = "sns",
                                   .config_key = "sns"};

inline constexpr const ServiceFacts* kServices[] = {&kEcs,       &kEvents, &kLogs,
                                                    &kScheduler, &kSns,    &kSts};

// nullptr for an id without a row.
constexpr const ServiceFacts* find_service_facts(std::string_view id) {
  for (const ServiceFacts* service : kServices)
    if (service->id == id) return service;
  return nullptr;
}

}  // namespace slipway::aws
