// The AWS services slipway speaks to, one row each. What differs between them is in the row; the
// client, the signer and the simulator's dispatch are written once. Adding a service is adding a
// row here, its shapes in aws/<service>.h and its facts in models/.
#pragma once

#include <span>
#include <string_view>

namespace slipway::aws {

enum class Protocol { kJson10, kJson11, kQuery, kEc2, kRestJson, kRestXml };

struct ServiceFacts {
  std::string_view id;  // "ecs": prefix of IAM actions, of Error::operation, of models/
  Protocol protocol;
  std::string_view target_prefix;  // JSON: X-Amz-Target is "PREFIX.Operation"
  std::string_view api_version;    // query, ec2: the Version parameter
  std::string_view xml_namespace;  // of every answer that is XML
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

inline constexpr ServiceFacts kAcm{.id = "acm",
                                   .protocol = Protocol::kJson11,
                                   .target_prefix = "CertificateManager",
                                   .api_version = "2015-12-08",
                                   .xml_namespace = "",
                                   .signing_name = "acm",
                                   .config_key = "acm"};

// Application Auto Scaling: how many tasks a service may have, and when that changes.
inline constexpr ServiceFacts kAutoScaling{.id = "application-autoscaling",
                                           .protocol = Protocol::kJson11,
                                           .target_prefix = "AnyScaleFrontendService",
                                           .api_version = "2016-02-06",
                                           .xml_namespace = "",
                                           .signing_name = "application-autoscaling",
                                           .config_key = "application_auto_scaling"};

inline constexpr ServiceFacts kCloudFormation{
    .id = "cloudformation",
    .protocol = Protocol::kQuery,
    .target_prefix = "",
    .api_version = "2010-05-15",
    .xml_namespace = "http://cloudformation.amazonaws.com/doc/2010-05-15/",
    .signing_name = "cloudformation",
    .config_key = "cloudformation"};

// Alarms and metrics. It speaks the query protocol too, which the simulator answers.
inline constexpr ServiceFacts kCloudWatch{
    .id = "cloudwatch",
    .protocol = Protocol::kJson10,
    .target_prefix = "GraniteServiceVersion20100801",
    .api_version = "2010-08-01",
    .xml_namespace = "http://monitoring.amazonaws.com/doc/2010-08-01/",
    .signing_name = "monitoring",
    .config_key = "cloudwatch"};

inline constexpr ServiceFacts kCodeDeploy{.id = "codedeploy",
                                          .protocol = Protocol::kJson11,
                                          .target_prefix = "CodeDeploy_20141006",
                                          .api_version = "2014-10-06",
                                          .xml_namespace = "",
                                          .signing_name = "codedeploy",
                                          .config_key = "codedeploy"};

inline constexpr ServiceFacts kDynamoDb{.id = "dynamodb",
                                        .protocol = Protocol::kJson10,
                                        .target_prefix = "DynamoDB_20120810",
                                        .api_version = "2012-08-10",
                                        .xml_namespace = "",
                                        .signing_name = "dynamodb",
                                        .config_key = "dynamodb"};

// Networks.
inline constexpr ServiceFacts kEc2{.id = "ec2",
                                   .protocol = Protocol::kEc2,
                                   .target_prefix = "",
                                   .api_version = "2016-11-15",
                                   .xml_namespace = "http://ec2.amazonaws.com/doc/2016-11-15",
                                   .signing_name = "ec2",
                                   .config_key = "ec2"};

inline constexpr ServiceFacts kEcr{.id = "ecr",
                                   .protocol = Protocol::kJson11,
                                   .target_prefix = "AmazonEC2ContainerRegistry_V20150921",
                                   .api_version = "2015-09-21",
                                   .xml_namespace = "",
                                   .signing_name = "ecr",
                                   .config_key = "ecr"};

// Load balancers, in their second version.
inline constexpr ServiceFacts kElbv2{
    .id = "elasticloadbalancing",
    .protocol = Protocol::kQuery,
    .target_prefix = "",
    .api_version = "2015-12-01",
    .xml_namespace = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
    .signing_name = "elasticloadbalancing",
    .config_key = "elastic_load_balancing_v2"};

inline constexpr ServiceFacts kIam{.id = "iam",
                                   .protocol = Protocol::kQuery,
                                   .target_prefix = "",
                                   .api_version = "2010-05-08",
                                   .xml_namespace = "https://iam.amazonaws.com/doc/2010-05-08/",
                                   .signing_name = "iam",
                                   .config_key = "iam"};

inline constexpr ServiceFacts kKms{.id = "kms",
                                   .protocol = Protocol::kJson11,
                                   .target_prefix = "TrentService",
                                   .api_version = "2014-11-01",
                                   .xml_namespace = "",
                                   .signing_name = "kms",
                                   .config_key = "kms"};

inline constexpr ServiceFacts kRoute53{
    .id = "route53",
    .protocol = Protocol::kRestXml,
    .target_prefix = "",
    .api_version = "2013-04-01",
    .xml_namespace = "https://route53.amazonaws.com/doc/2013-04-01/",
    .signing_name = "route53",
    .config_key = "route_53"};

inline constexpr ServiceFacts kSecretsManager{.id = "secretsmanager",
                                              .protocol = Protocol::kJson11,
                                              .target_prefix = "secretsmanager",
                                              .api_version = "2017-10-17",
                                              .xml_namespace = "",
                                              .signing_name = "secretsmanager",
                                              .config_key = "secrets_manager"};

inline constexpr ServiceFacts kSsm{.id = "ssm",
                                   .protocol = Protocol::kJson11,
                                   .target_prefix = "AmazonSSM",
                                   .api_version = "2014-11-06",
                                   .xml_namespace = "",
                                   .signing_name = "ssm",
                                   .config_key = "ssm"};

inline constexpr const ServiceFacts* kServices[] = {
    &kAcm,     &kAutoScaling, &kCloudFormation, &kCloudWatch, &kCodeDeploy, &kDynamoDb, &kEc2,
    &kEcr,     &kEcs,         &kElbv2,          &kEvents,     &kIam,        &kKms,      &kLogs,
    &kRoute53, &kScheduler,   &kSecretsManager, &kSns,        &kSsm,        &kSts};

// Whether answers and errors are XML, rather than JSON.
constexpr bool answers_xml(Protocol protocol) {
  return protocol == Protocol::kQuery || protocol == Protocol::kEc2 ||
         protocol == Protocol::kRestXml;
}
constexpr bool answers_xml(const ServiceFacts& service) { return answers_xml(service.protocol); }

// nullptr for an id without a row.
constexpr const ServiceFacts* find_service_facts(std::string_view id) {
  for (const ServiceFacts* service : kServices)
    if (service->id == id) return service;
  return nullptr;
}

}  // namespace slipway::aws
