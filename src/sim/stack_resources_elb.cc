// AWS::ElasticLoadBalancingV2: target groups, listeners, rules, certificates of listeners.
#include "base/json.h"
#include "sim/stack_resources.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace slipway::sim {
namespace {

constexpr std::string_view kElb = "elasticloadbalancing";

Answer<Json> elb(ResourceWork& work, std::string_view operation, JsonObject input) {
  return work.call(kElb, operation, std::move(input));
}

Json input_of(ResourceWork& work, std::string_view operation) {
  return work.input_of(kElb, operation, work.properties());
}

// The first item of a list that the answer has.
const Json& first_of(const Json& answer, std::string_view member) {
  return answer.at(member).at(0);
}

JsonObject part_of(const Json& properties, std::initializer_list<const char*> names) {
  JsonObject some;
  for (const char* name : names)
    if (const Json* value = find(properties, name)) some[name] = *value;
  return some;
}

bool differs(const Json& now, const Json& before, const char* name) {
  const Json* a = find(now, name);
  const Json* b = find(before, name);
  return (a == nullptr) != (b == nullptr) || (a != nullptr && *a != *b);
}

// ---- Target groups ----

Answer<Done> set_attributes(ResourceWork& work) {
  const JsonArray* attributes = find_array(work.properties(), "TargetGroupAttributes");
  if (attributes == nullptr || attributes->empty()) return Done{};
  TRY_VOID(elb(work, "ModifyTargetGroupAttributes",
               {{"TargetGroupArn", work.resource().physical_id}, {"Attributes", *attributes}}));
  return Done{};
}

Answer<Done> register_targets(ResourceWork& work) {
  const JsonArray* targets = find_array(work.properties(), "Targets");
  if (targets == nullptr || targets->empty()) return Done{};
  TRY_VOID(elb(work, "RegisterTargets",
               {{"TargetGroupArn", work.resource().physical_id}, {"Targets", *targets}}));
  return Done{};
}

Answer<Done> create_target_group(ResourceWork& work) {
  constexpr std::size_t kLongestName = 32;
  Json input = input_of(work, "CreateTargetGroup");
  JsonObject& members = input.as_object();
  if (!members.contains("Name")) members["Name"] = work.made_up_name(kLongestName);
  if (JsonArray tags = work.tags(); !tags.empty()) members["Tags"] = std::move(tags);
  TRY(const Json answer, work.call(kElb, "CreateTargetGroup", input));
  const Json& group = first_of(answer, "TargetGroups");
  StackResource& resource = work.resource();
  resource.physical_id = string_or_empty(group, "TargetGroupArn");
  const std::string& arn = resource.physical_id;
  resource.attributes["TargetGroupArn"] = arn;
  resource.attributes["TargetGroupFullName"] = arn.substr(arn.rfind(':') + 1);
  resource.attributes["TargetGroupName"] = string_or_empty(group, "TargetGroupName");
  const JsonArray* balancers = find_array(group, "LoadBalancerArns");
  resource.attributes["LoadBalancerArns"] = balancers == nullptr ? JsonArray() : *balancers;
  TRY_VOID(set_attributes(work));
  return register_targets(work);
}

Answer<Done> update_target_group(ResourceWork& work, const Json& before) {
  JsonObject input = part_of(work.properties(),
                             {"HealthCheckEnabled", "HealthCheckIntervalSeconds", "HealthCheckPath",
                              "HealthCheckPort", "HealthCheckProtocol", "HealthCheckTimeoutSeconds",
                              "HealthyThresholdCount", "Matcher", "UnhealthyThresholdCount"});
  input["TargetGroupArn"] = work.resource().physical_id;
  TRY_VOID(work.call(kElb, "ModifyTargetGroup", work.input_of(kElb, "ModifyTargetGroup", input)));
  if (differs(work.properties(), before, "TargetGroupAttributes")) TRY_VOID(set_attributes(work));
  if (differs(work.properties(), before, "Targets")) TRY_VOID(register_targets(work));
  if (JsonArray tags = work.tags(); !tags.empty())
    TRY_VOID(elb(work, "AddTags",
                 {{"ResourceArns", JsonArray{Json(work.resource().physical_id)}},
                  {"Tags", std::move(tags)}}));
  return Done{};
}

Answer<Done> destroy_target_group(ResourceWork& work) {
  return unless_gone(
      elb(work, "DeleteTargetGroup", {{"TargetGroupArn", work.resource().physical_id}}));
}

// ---- Listeners ----

Answer<Done> create_listener(ResourceWork& work) {
  TRY(const Json answer, work.call(kElb, "CreateListener", input_of(work, "CreateListener")));
  StackResource& resource = work.resource();
  resource.physical_id = string_or_empty(first_of(answer, "Listeners"), "ListenerArn");
  resource.attributes["ListenerArn"] = resource.physical_id;
  return Done{};
}

Answer<Done> update_listener(ResourceWork& work, const Json&) {
  Json input = work.input_of(kElb, "ModifyListener", work.properties());
  input.as_object()["ListenerArn"] = work.resource().physical_id;
  TRY_VOID(work.call(kElb, "ModifyListener", input));
  return Done{};
}

Answer<Done> destroy_listener(ResourceWork& work) {
  return unless_gone(elb(work, "DeleteListener", {{"ListenerArn", work.resource().physical_id}}));
}

// ---- Rules ----

Answer<Done> create_rule(ResourceWork& work) {
  TRY(const Json answer, work.call(kElb, "CreateRule", input_of(work, "CreateRule")));
  StackResource& resource = work.resource();
  resource.physical_id = string_or_empty(first_of(answer, "Rules"), "RuleArn");
  resource.attributes["RuleArn"] = resource.physical_id;
  resource.attributes["IsDefault"] = false;
  return Done{};
}

Answer<Done> update_rule(ResourceWork& work, const Json& before) {
  const std::string& arn = work.resource().physical_id;
  if (differs(work.properties(), before, "Actions") ||
      differs(work.properties(), before, "Conditions")) {
    JsonObject input = part_of(work.properties(), {"Actions", "Conditions"});
    input["RuleArn"] = arn;
    TRY_VOID(work.call(kElb, "ModifyRule", work.input_of(kElb, "ModifyRule", input)));
  }
  if (differs(work.properties(), before, "Priority"))
    TRY_VOID(elb(work, "SetRulePriorities",
                 {{"RulePriorities",
                   JsonArray{JsonObject{{"RuleArn", arn},
                                        {"Priority", work.properties().at("Priority")}}}}}));
  return Done{};
}

Answer<Done> destroy_rule(ResourceWork& work) {
  return unless_gone(elb(work, "DeleteRule", {{"RuleArn", work.resource().physical_id}}));
}

// ---- Certificates of a listener ----

Answer<Done> create_certificate(ResourceWork& work) {
  const JsonArray* certificates = find_array(work.properties(), "Certificates");
  if (certificates == nullptr || certificates->size() != 1)
    return ServiceError{
        400, "ValidationError", "Up to '1' certificate ARN can be specified, per request", {}};
  TRY_VOID(work.call(kElb, "AddListenerCertificates", input_of(work, "AddListenerCertificates")));
  work.resource().physical_id = work.made_up_name(255);
  work.resource().attributes["Id"] = work.resource().physical_id;
  return Done{};
}

Answer<Done> destroy_certificate(ResourceWork& work) {
  return unless_gone(
      work.call(kElb, "RemoveListenerCertificates", input_of(work, "RemoveListenerCertificates")));
}

}  // namespace

const ResourceType kTargetGroupType = {
    .name = "AWS::ElasticLoadBalancingV2::TargetGroup",
    .create = create_target_group,
    .destroy = destroy_target_group,
    .update = update_target_group,
    .name_property = "Name",
};
const ResourceType kListenerType = {
    .name = "AWS::ElasticLoadBalancingV2::Listener",
    .create = create_listener,
    .destroy = destroy_listener,
    .update = update_listener,
};
const ResourceType kListenerRuleType = {
    .name = "AWS::ElasticLoadBalancingV2::ListenerRule",
    .create = create_rule,
    .destroy = destroy_rule,
    .update = update_rule,
};
const ResourceType kListenerCertificateType = {
    .name = "AWS::ElasticLoadBalancingV2::ListenerCertificate",
    .create = create_certificate,
    .destroy = destroy_certificate,
};

}  // namespace slipway::sim
