#include "sim/stack_resources.h"

#include "aws/facts.h"
#include "aws/service.h"
#include "base/text.h"
#include "sim/region.h"
#include "sim/service_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace slipway::sim {
namespace {

// As the SDK inside CloudFormation's handlers calls the services in its messages.
std::string_view sdk_name(std::string_view service) {
  struct Row {
    std::string_view id, name;
  };
  constexpr std::array kNames = {
      Row{"application-autoscaling", "ApplicationAutoScaling"},
      Row{"cloudwatch", "CloudWatch"},
      Row{"ecs", "Ecs"},
      Row{"elasticloadbalancing", "ElasticLoadBalancingV2"},
      Row{"iam", "Iam"},
      Row{"logs", "CloudWatchLogs"},
      Row{"route53", "Route53"},
  };
  for (const Row& row : kNames)
    if (row.id == service) return row.name;
  return service;
}

// https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html
std::string_view handler_code(std::string_view code) {
  struct Row {
    std::string_view part, handler;
  };
  constexpr std::array kRows = {
      Row{"AccessDenied", "AccessDenied"},
      Row{"AuthorizationError", "AccessDenied"},
      Row{"AlreadyExists", "AlreadyExists"},
      Row{"Duplicate", "AlreadyExists"},
      Row{"PriorityInUse", "AlreadyExists"},
      Row{"NotStabilized", "NotStabilized"},
      Row{"NotFound", "NotFound"},
      Row{"NoSuch", "NotFound"},
      Row{"Throttling", "Throttling"},
      Row{"LimitExceeded", "ServiceLimitExceeded"},
      Row{"TooMany", "ServiceLimitExceeded"},
      Row{"ResourceInUse", "ResourceConflict"},
      Row{"DeleteConflict", "ResourceConflict"},
      Row{"Invalid", "InvalidRequest"},
      Row{"Validation", "InvalidRequest"},
      Row{"ClientException", "InvalidRequest"},
      Row{"OperationNotPermitted", "InvalidRequest"},
  };
  for (const Row& row : kRows)
    if (code.find(row.part) != std::string_view::npos) return row.handler;
  return "GeneralServiceException";
}

// The shape a property's value becomes in the API.
class ApiWriter {
 public:
  ApiWriter(const aws::Facts& facts,
            const std::vector<std::pair<std::string, std::string>>& renamed)
      : facts_(facts), renamed_(renamed) {}

  Json write(const Json& value, std::string_view shape_name) const {
    const aws::ShapeFacts* shape = facts_.shape(shape_name);
    if (shape == nullptr) return value;
    if (const JsonArray* items = value.if_array()) {
      JsonArray all;
      for (const Json& item : *items) all.push_back(write(item, shape->element));
      return all;
    }
    if (const JsonObject* object = value.if_object()) {
      JsonObject all;
      for (const auto& [name, member] : *object) write_member(all, *shape, name, member);
      return all;
    }
    return scalar(value, *shape);
  }

 private:
  void write_member(JsonObject& all, const aws::ShapeFacts& shape, std::string_view name,
                    const Json& value) const {
    if (shape.kind != aws::FactKind::kStructure) {
      all[name] = write(value, shape.element);
      return;
    }
    for (const auto& [property, member] : renamed_)
      if (property == name) name = member;
    for (const aws::MemberFacts& member : shape.members) {
      if (!equals_ignoring_case(member.name, name)) continue;
      all[member.name] = write(value, member.shape);
      return;
    }
    // CloudFormation's own, or newer than our facts: the caller of this knows.
  }

  static Json scalar(const Json& value, const aws::ShapeFacts& shape) {
    using aws::FactKind;
    const bool wants_number = shape.kind == FactKind::kInteger || shape.kind == FactKind::kLong;
    if (wants_number && value.is_string()) {
      const std::string_view digits = value.get_string();
      std::int64_t number = 0;
      const char* end = digits.data() + digits.size();
      if (!digits.empty() && std::from_chars(digits.data(), end, number).ptr == end) return number;
    }
    if (shape.kind == FactKind::kString && (value.is_number() || value.is_bool()))
      return Json(to_text(value));
    return value;
  }

  const aws::Facts& facts_;
  const std::vector<std::pair<std::string, std::string>>& renamed_;
};

}  // namespace

std::string_view ResourceWork::text(std::string_view property) const {
  return string_or_empty(resource_.properties, property);
}

Answer<Json> ResourceWork::call(std::string_view service, std::string_view operation,
                                const Json& input) {
  const std::string& principal = stack_.role_arn.empty() ? stack_.caller : stack_.role_arn;
  auto answer = call_on_behalf(region_, {principal, "cloudformation.amazonaws.com"}, service,
                               operation, input);
  if (answer) return answer;
  ServiceError error = answer.error();
  error.message = fmt::format("{} (Service: {}, Status Code: {}, Request ID: {})", error.message,
                              sdk_name(service), error.status, region_.random.uuid());
  return error;
}

Json ResourceWork::input_of(std::string_view service, std::string_view operation,
                            const Json& properties,
                            const std::vector<std::pair<std::string, std::string>>& renamed) {
  const aws::Facts& facts = aws::Facts::of(*aws::find_service_facts(service));
  return ApiWriter(facts, renamed).write(properties, facts.operation(operation)->input);
}

JsonArray ResourceWork::tags() const {
  JsonArray all;
  std::vector<std::string_view> keys;
  const JsonArray* own = find_array(resource_.properties, "Tags");
  for (const JsonArray* some : {own, &stack_.source.tags}) {
    if (some == nullptr) continue;
    for (const Json& tag : *some) {
      const std::string_view key = string_or_empty(tag, "Key");
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
      keys.push_back(key);
      all.push_back(JsonObject{{"Key", key}, {"Value", string_or_empty(tag, "Value")}});
    }
  }
  return all;
}

std::string ResourceWork::made_up_name(std::size_t longest) {
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  constexpr std::size_t kTail = 12;
  std::string tail = "-";
  while (tail.size() <= kTail) tail += kAlphabet[region_.random.below(kAlphabet.size())];
  // Both names give way alike.
  const std::size_t room = longest - tail.size() - 1;
  std::string_view first = stack_.name;
  std::string_view second = resource_.logical_id;
  if (first.size() + second.size() > room) {
    second = second.substr(0, std::max(room / 2, room - std::min(first.size(), room)));
    first = first.substr(0, room - second.size());
  }
  return fmt::format("{}-{}{}", first, second, tail);
}

const ResourceType& resource_type(std::string_view name) {
  static const std::array kTypes = {
      &kEcsServiceType, &kEcsTaskDefinitionType, &kTargetGroupType,
      &kListenerType,   &kListenerRuleType,      &kListenerCertificateType,
      &kRecordSetType,  &kRecordSetGroupType,    &kLogGroupType,
      &kRoleType,       &kScalableTargetType,    &kScalingPolicyType,
      &kAlarmType,
  };
  for (const ResourceType* type : kTypes)
    if (type->name == name) return *type;
  std::fprintf(stderr, "slipway: internal error: no handler for a resource type\n");
  std::abort();
}

std::string failure_text(Region& region, const ServiceError& error) {
  return fmt::format(
      "Resource handler returned message: \"{}\" (RequestToken: {}, HandlerErrorCode: {})",
      error.message, region.random.uuid(), handler_code(error.code));
}

bool is_not_found(const ServiceError& error) {
  return handler_code(error.code) == "NotFound" || error.code == "ServiceNotActiveException";
}

Answer<Done> unless_gone(const Answer<Json>& answer) {
  if (answer || is_not_found(answer.error())) return Done{};
  return answer.error();
}

}  // namespace slipway::sim
