#include "sim/service_access.h"

#include "sim/deployment_access.h"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace slipway::sim {
namespace {

std::string arn(const PlaceInAws& place, std::string_view service, std::string_view resource) {
  return fmt::format("arn:{}:{}:{}:{}:{}", place.partition, service, place.region, place.account,
                     resource);
}

void pass_role(std::vector<Access>& needed, const Json& document, const char* to) {
  if (const auto role = find_string(document, "RoleArn"); role && !role->empty())
    needed.push_back({"iam:PassRole", std::string(*role), {{"iam:passedtoservice", {to}}}});
}

// ---- EventBridge ----

// The bus that is said by its name, by its ARN, or not at all.
std::string_view bus_named(std::string_view said) {
  const auto slash = said.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? said : said.substr(slash + 1);
  return name.empty() ? "default" : name;
}

std::string rule_arn(const PlaceInAws& place, const Json& input, std::string_view name) {
  const std::string_view bus_name = bus_named(string_or_empty(input, "EventBusName"));
  if (bus_name == "default") return arn(place, "events", fmt::format("rule/{}", name));
  return arn(place, "events", fmt::format("rule/{}/{}", bus_name, name));
}

std::vector<Access> needed_in_events(const PlaceInAws& place, std::string_view operation,
                                     const Json& input) {
  constexpr const char* kEventBridge = "events.amazonaws.com";
  std::string resource = "*";
  for (const char* member : {"Name", "Rule"})
    if (const auto name = find_string(input, member)) resource = rule_arn(place, input, *name);
  if (const auto tagged = find_string(input, "ResourceARN")) resource = *tagged;
  if (operation.starts_with("ListRule")) resource = rule_arn(place, input, "*");
  if (operation.ends_with("EventBus"))
    resource = arn(place, "events",
                   fmt::format("event-bus/{}", bus_named(string_or_empty(input, "Name"))));

  const JsonArray* entries = find_array(input, "Entries");
  if (entries != nullptr && !entries->empty())
    resource = arn(
        place, "events",
        fmt::format("event-bus/{}", bus_named(string_or_empty(entries->front(), "EventBusName"))));

  std::vector<Access> needed{{fmt::format("events:{}", operation), std::move(resource), {}}};
  if (operation == "PutRule") pass_role(needed, input, kEventBridge);
  if (const JsonArray* targets = find_array(input, "Targets")) {
    for (const Json& target : *targets) {
      needed.front().context["events:targetarn"].emplace_back(string_or_empty(target, "Arn"));
      pass_role(needed, target, kEventBridge);
    }
  }
  return needed;
}

// ---- Scheduler ----

std::vector<Access> needed_in_scheduler(const PlaceInAws& place, std::string_view operation,
                                        const Json& input) {
  const std::string_view name = string_or_empty(input, "Name");
  std::string resource = "*";
  if (operation.ends_with("ScheduleGroup")) {
    resource = arn(place, "scheduler", fmt::format("schedule-group/{}", name));
  } else if (operation.ends_with("Schedule")) {
    const std::string_view group = string_or_empty(input, "GroupName");
    resource = arn(place, "scheduler",
                   fmt::format("schedule/{}/{}", group.empty() ? "default" : group, name));
  }
  std::vector<Access> needed{{fmt::format("scheduler:{}", operation), std::move(resource), {}}};
  if (const Json* target = find(input, "Target"))
    pass_role(needed, *target, "scheduler.amazonaws.com");
  return needed;
}

// ---- SNS ----

std::vector<Access> needed_in_sns(const PlaceInAws& place, std::string_view operation,
                                  const Json& input) {
  std::string resource = "*";
  for (const char* member : {"TopicArn", "TargetArn"})
    if (const auto topic = find_string(input, member)) resource = *topic;
  if (operation == "CreateTopic") resource = arn(place, "sns", string_or_empty(input, "Name"));
  if (const auto subscription = find_string(input, "SubscriptionArn"))
    resource = subscription->substr(0, subscription->rfind(':'));
  // In refusals SNS writes its own name in capitals.
  return {{fmt::format("SNS:{}", operation), std::move(resource), {}}};
}

// ---- Logs ----

std::vector<Access> needed_in_logs(const PlaceInAws& place, std::string_view operation,
                                   const Json& input) {
  std::string group(string_or_empty(input, "logGroupName"));
  if (const auto identifier = find_string(input, "logGroupIdentifier")) {
    constexpr std::string_view kKind = ":log-group:";
    const auto kind = identifier->find(kKind);
    group = kind == std::string_view::npos ? *identifier : identifier->substr(kind + kKind.size());
    if (group.ends_with(":*")) group.resize(group.size() - 2);
  }
  // All but the making of a group is asked of its streams, named or not.
  std::string resource = fmt::format("log-group:{}", group);
  if (operation != "CreateLogGroup" && operation != "DeleteLogGroup")
    resource += fmt::format(":log-stream:{}", string_or_empty(input, "logStreamName"));
  return {{fmt::format("logs:{}", operation), arn(place, "logs", resource), {}}};
}

// ---- Elastic Load Balancing ----

std::vector<Access> needed_in_elb(std::string_view operation, const Json& input) {
  // Describe knows no resources.
  const std::string action = fmt::format("elasticloadbalancing:{}", operation);
  if (operation.starts_with("Describe")) return {{action, "*", {}}};
  std::vector<Access> needed;
  for (const char* member : {"RuleArn", "ListenerArn", "TargetGroupArn", "LoadBalancerArn"})
    if (const auto named = find_string(input, member); named && needed.empty())
      needed.push_back({action, std::string(*named), {}});
  for (const char* member : {"ResourceArns", "RulePriorities"})
    if (const JsonArray* list = find_array(input, member))
      for (const Json& each : *list)
        needed.push_back({action,
                          std::string(each.is_string() ? std::string_view(each.get_string())
                                                       : string_or_empty(each, "RuleArn")),
                          {}});
  if (needed.empty()) needed.push_back({action, "*", {}});
  return needed;
}

// ---- Route 53 ----

std::vector<Access> needed_in_route53(const PlaceInAws& place, std::string_view operation,
                                      const Json& input) {
  const auto resource = [&](std::string_view kind, std::string_view id) {
    return fmt::format("arn:{}:route53:::{}/{}", place.partition, kind,
                       id.substr(id.rfind('/') + 1));  // npos + 1 is 0
  };
  std::string name = "*";
  if (const auto zone = find_string(input, "HostedZoneId"))
    name = resource("hostedzone", *zone);
  else if (const auto id = find_string(input, "Id"))
    name = resource(operation == "GetChange" ? "change" : "hostedzone", *id);
  if (operation == "CreateHostedZone" || operation.starts_with("ListHostedZones")) name = "*";
  return {{fmt::format("route53:{}", operation), std::move(name), {}}};
}

// ---- CloudWatch ----

std::vector<Access> needed_in_cloudwatch(const PlaceInAws& place, std::string_view operation,
                                         const Json& input) {
  std::string resource = "*";
  const auto alarm = find_string(input, "AlarmName");
  if (alarm) resource = arn(place, "cloudwatch", fmt::format("alarm:{}", *alarm));
  return {{fmt::format("cloudwatch:{}", operation), std::move(resource), {}}};
}

// ---- Tables ----

std::vector<Access> needed_in_dynamodb(const PlaceInAws& place, std::string_view operation,
                                       const Json& input) {
  const std::string_view table = string_or_empty(input, "TableName");
  std::string resource = table.starts_with("arn:")
                             ? std::string(table)
                             : arn(place, "dynamodb", fmt::format("table/{}", table));
  if (const auto index = find_string(input, "IndexName"))
    resource += fmt::format("/index/{}", *index);
  if (operation == "ListTables") resource = "*";
  return {{fmt::format("dynamodb:{}", operation), std::move(resource), {}}};
}

// ---- Roles ----

std::vector<Access> needed_in_iam(const PlaceInAws& place, std::string_view operation,
                                  const Json& input) {
  const std::string_view path = string_or_empty(input, "Path");
  std::string resource = fmt::format("arn:{}:iam::{}:role{}{}", place.partition, place.account,
                                     path.empty() ? "/" : path, string_or_empty(input, "RoleName"));
  if (operation == "CreateServiceLinkedRole")
    resource = fmt::format("arn:{}:iam::{}:role/aws-service-role/{}/*", place.partition,
                           place.account, string_or_empty(input, "AWSServiceName"));
  if (const auto source = find_string(input, "PolicySourceArn")) resource = *source;
  Access access{fmt::format("iam:{}", operation), std::move(resource), {}};
  if (const auto policy = find_string(input, "PolicyArn"))
    access.context["iam:policyarn"].emplace_back(*policy);
  return {std::move(access)};
}

// ---- What is mostly read ----

// Of a list, one for each.
std::vector<Access> needed_for_each(std::string_view action, std::vector<std::string> resources) {
  std::vector<Access> needed;
  for (std::string& resource : resources)
    needed.push_back({std::string(action), std::move(resource), {}});
  return needed;
}

std::vector<Access> needed_in_surroundings(const PlaceInAws& place, std::string_view service,
                                           std::string_view operation, const Json& input) {
  const std::string action = fmt::format("{}:{}", service, operation);
  const auto named = [&](const char* member, std::string_view kind) -> std::vector<Access> {
    const std::string_view name = string_or_empty(input, member);
    if (name.starts_with("arn:")) return {{action, std::string(name), {}}};
    return {{action, arn(place, service, fmt::format("{}{}", kind, name)), {}}};
  };
  if (service == "ecr" && operation == "DescribeRepositories") {
    std::vector<std::string> resources;
    if (const JsonArray* names = find_array(input, "repositoryNames"))
      for (const Json& name : *names)
        if (name.is_string())
          resources.push_back(
              arn(place, "ecr", fmt::format("repository/{}", std::string_view(name.get_string()))));
    if (resources.empty()) resources = {arn(place, "ecr", "repository/*")};
    return needed_for_each(action, std::move(resources));
  }
  if (service == "ecr") return named("repositoryName", "repository/");
  // The six characters that end a secret's ARN are not in its name.
  if (service == "secretsmanager" && operation == "CreateSecret") return named("Name", "secret:");
  if (service == "secretsmanager" && operation != "ListSecrets") {
    std::vector<Access> needed = named("SecretId", "secret:");
    if (!string_or_empty(input, "SecretId").starts_with("arn:")) needed[0].resource += "-??????";
    return needed;
  }
  if (service == "ssm" && operation == "GetParameters") {
    std::vector<std::string> resources;
    if (const JsonArray* names = find_array(input, "Names"))
      for (const Json& name : *names)
        if (name.is_string()) {
          const std::string_view text = name.get_string();
          resources.push_back(
              text.starts_with("arn:")
                  ? std::string(text)
                  : arn(place, "ssm",
                        fmt::format("parameter{}{}", text.starts_with('/') ? "" : "/", text)));
        }
    return needed_for_each(action, std::move(resources));
  }
  if (service == "ssm")
    return named("Name",
                 string_or_empty(input, "Name").starts_with('/') ? "parameter" : "parameter/");
  if (service == "kms" && operation == "DescribeKey") {
    const bool is_alias = string_or_empty(input, "KeyId").starts_with("alias/");
    return named("KeyId", is_alias ? "" : "key/");
  }
  if (service == "acm" && operation == "DescribeCertificate") return named("CertificateArn", "");
  return {{action, "*", {}}};
}

}  // namespace

std::vector<Access> needed_by_service(const PlaceInAws& place, std::string_view service,
                                      std::string_view operation, const Json& input) {
  if (service == "cloudformation") return needed_in_cloud_formation(place, operation, input);
  if (service == "codedeploy") return needed_in_code_deploy(place, operation, input);
  if (service == "events") return needed_in_events(place, operation, input);
  if (service == "scheduler") return needed_in_scheduler(place, operation, input);
  if (service == "sns") return needed_in_sns(place, operation, input);
  if (service == "elasticloadbalancing") return needed_in_elb(operation, input);
  if (service == "route53") return needed_in_route53(place, operation, input);
  if (service == "cloudwatch") return needed_in_cloudwatch(place, operation, input);
  if (service == "logs") return needed_in_logs(place, operation, input);
  if (service == "dynamodb") return needed_in_dynamodb(place, operation, input);
  if (service == "iam") return needed_in_iam(place, operation, input);
  for (const std::string_view known :
       {"acm", "application-autoscaling", "ec2", "ecr", "kms", "secretsmanager", "ssm"})
    if (service == known) return needed_in_surroundings(place, service, operation, input);
  return {};
}

}  // namespace slipway::sim
