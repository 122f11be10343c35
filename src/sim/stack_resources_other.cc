// Log groups, roles, scaling and alarms.
#include "base/json.h"
#include "base/text.h"
#include "sim/region.h"
#include "sim/stack_resources.h"

#include <fmt/format.h>

namespace slipway::sim {
namespace {

// ---- AWS::Logs::LogGroup ----

Answer<Done> set_retention(ResourceWork& work) {
  const auto days = find_int(work.properties(), "RetentionInDays");
  if (!days) return Done{};
  TRY_VOID(work.call(
      "logs", "PutRetentionPolicy",
      JsonObject{{"logGroupName", work.resource().physical_id}, {"retentionInDays", *days}}));
  return Done{};
}

Answer<Done> create_log_group(ResourceWork& work) {
  std::string name(work.text("LogGroupName"));
  if (name.empty()) name = work.made_up_name(512);
  JsonObject input{{"logGroupName", name}};
  JsonObject tags;
  for (const Json& tag : work.tags())
    tags[string_or_empty(tag, "Key")] = string_or_empty(tag, "Value");
  if (!tags.empty()) input["tags"] = std::move(tags);
  for (const auto& [property, member] :
       {std::pair{"KmsKeyId", "kmsKeyId"}, std::pair{"LogGroupClass", "logGroupClass"}})
    if (const Json* given = find(work.properties(), property)) input[member] = *given;
  auto created = work.call("logs", "CreateLogGroup", input);
  if (!created && created.error().code == "ResourceAlreadyExistsException")
    return ServiceError{400,
                        "AlreadyExists",
                        fmt::format("Resource of type 'AWS::Logs::LogGroup' with identifier "
                                    "'{{\"/properties/LogGroupName\":\"{}\"}}' already exists.",
                                    name),
                        {}};
  if (!created) return created.error();
  StackResource& resource = work.resource();
  resource.physical_id = name;
  Region& region = work.region();
  resource.attributes["Arn"] = fmt::format("arn:{}:logs:{}:{}:log-group:{}:*", region.partition,
                                           region.name, region.account, name);
  return set_retention(work);
}

Answer<Done> update_log_group(ResourceWork& work, const Json& before) {
  if (find_int(work.properties(), "RetentionInDays") || !find_int(before, "RetentionInDays"))
    return set_retention(work);
  TRY_VOID(work.call("logs", "DeleteRetentionPolicy",
                     JsonObject{{"logGroupName", work.resource().physical_id}}));
  return Done{};
}

Answer<Done> destroy_log_group(ResourceWork& work) {
  return unless_gone(work.call("logs", "DeleteLogGroup",
                               JsonObject{{"logGroupName", work.resource().physical_id}}));
}

// ---- AWS::IAM::Role ----

std::string document_text(const Json* document) {
  if (document == nullptr) return {};
  return document->is_string() ? std::string(document->get_string()) : to_text(*document);
}

Answer<Done> attach_policies(ResourceWork& work) {
  const std::string& role = work.resource().physical_id;
  if (const JsonArray* managed = find_array(work.properties(), "ManagedPolicyArns"))
    for (const Json& arn : *managed)
      TRY_VOID(
          work.call("iam", "AttachRolePolicy", JsonObject{{"RoleName", role}, {"PolicyArn", arn}}));
  if (const JsonArray* inline_policies = find_array(work.properties(), "Policies"))
    for (const Json& policy : *inline_policies)
      TRY_VOID(
          work.call("iam", "PutRolePolicy",
                    JsonObject{{"RoleName", role},
                               {"PolicyName", string_or_empty(policy, "PolicyName")},
                               {"PolicyDocument", document_text(find(policy, "PolicyDocument"))}}));
  return Done{};
}

Answer<Done> detach_policies(ResourceWork& work, const Json& properties) {
  const std::string& role = work.resource().physical_id;
  if (const JsonArray* inline_policies = find_array(properties, "Policies"))
    for (const Json& policy : *inline_policies)
      TRY_VOID(unless_gone(work.call(
          "iam", "DeleteRolePolicy",
          JsonObject{{"RoleName", role}, {"PolicyName", string_or_empty(policy, "PolicyName")}})));
  if (const JsonArray* managed = find_array(properties, "ManagedPolicyArns"))
    for (const Json& arn : *managed)
      TRY_VOID(unless_gone(work.call("iam", "DetachRolePolicy",
                                     JsonObject{{"RoleName", role}, {"PolicyArn", arn}})));
  return Done{};
}

Answer<Done> create_role(ResourceWork& work) {
  constexpr std::size_t kLongestName = 64;
  std::string name(work.text("RoleName"));
  if (name.empty()) name = work.made_up_name(kLongestName);
  JsonObject input{{"RoleName", name},
                   {"AssumeRolePolicyDocument",
                    document_text(find(work.properties(), "AssumeRolePolicyDocument"))}};
  for (const char* property : {"Path", "Description", "MaxSessionDuration", "PermissionsBoundary"})
    if (const Json* given = find(work.properties(), property)) input[property] = *given;
  if (JsonArray tags = work.tags(); !tags.empty()) input["Tags"] = std::move(tags);
  TRY(const Json answer, work.call("iam", "CreateRole", input));
  StackResource& resource = work.resource();
  resource.physical_id = name;
  resource.attributes["Arn"] = string_or_empty(answer.at("Role"), "Arn");
  resource.attributes["RoleId"] = string_or_empty(answer.at("Role"), "RoleId");
  return attach_policies(work);
}

Answer<Done> update_role(ResourceWork& work, const Json& before) {
  TRY_VOID(detach_policies(work, before));
  return attach_policies(work);
}

Answer<Done> destroy_role(ResourceWork& work) {
  TRY_VOID(detach_policies(work, work.properties()));
  return unless_gone(
      work.call("iam", "DeleteRole", JsonObject{{"RoleName", work.resource().physical_id}}));
}

// ---- AWS::ApplicationAutoScaling ----

constexpr std::string_view kScaling = "application-autoscaling";

// "RESOURCE|DIMENSION|NAMESPACE", as Ref of a ScalableTarget gives it.
JsonObject scaled(std::string_view target) {
  const std::vector<std::string_view> parts = split(target, '|');
  if (parts.size() != 3) return {};
  return {
      {"ResourceId", parts[0]}, {"ScalableDimension", parts[1]}, {"ServiceNamespace", parts[2]}};
}

Answer<Done> register_target(ResourceWork& work) {
  TRY_VOID(work.call(kScaling, "RegisterScalableTarget",
                     work.input_of(kScaling, "RegisterScalableTarget", work.properties())));
  StackResource& resource = work.resource();
  resource.physical_id = fmt::format("{}|{}|{}", work.text("ResourceId"),
                                     work.text("ScalableDimension"), work.text("ServiceNamespace"));
  resource.attributes["Id"] = resource.physical_id;
  return Done{};
}

Answer<Done> update_target(ResourceWork& work, const Json&) { return register_target(work); }

Answer<Done> destroy_target(ResourceWork& work) {
  return unless_gone(
      work.call(kScaling, "DeregisterScalableTarget", scaled(work.resource().physical_id)));
}

JsonObject target_of_policy(ResourceWork& work) {
  if (const std::string_view id = work.text("ScalingTargetId"); !id.empty()) return scaled(id);
  JsonObject target;
  for (const char* name : {"ResourceId", "ScalableDimension", "ServiceNamespace"})
    target[name] = work.text(name);
  return target;
}

Answer<Done> put_policy(ResourceWork& work) {
  Json input = work.input_of(kScaling, "PutScalingPolicy", work.properties());
  for (const auto& [name, value] : target_of_policy(work)) input.as_object()[name] = value;
  TRY(const Json answer, work.call(kScaling, "PutScalingPolicy", input));
  work.resource().physical_id = string_or_empty(answer, "PolicyARN");
  work.resource().attributes["Arn"] = work.resource().physical_id;
  return Done{};
}

Answer<Done> update_policy(ResourceWork& work, const Json&) { return put_policy(work); }

Answer<Done> destroy_policy(ResourceWork& work) {
  JsonObject input = target_of_policy(work);
  input["PolicyName"] = work.text("PolicyName");
  return unless_gone(work.call(kScaling, "DeleteScalingPolicy", input));
}

// ---- AWS::CloudWatch::Alarm ----

Answer<Done> put_alarm(ResourceWork& work) {
  StackResource& resource = work.resource();
  std::string name(work.text("AlarmName"));
  if (name.empty()) name = resource.physical_id;
  if (name.empty()) name = work.made_up_name(255);
  Json input = work.input_of("cloudwatch", "PutMetricAlarm", work.properties());
  input.as_object()["AlarmName"] = name;
  if (JsonArray tags = work.tags(); !tags.empty()) input.as_object()["Tags"] = std::move(tags);
  TRY_VOID(work.call("cloudwatch", "PutMetricAlarm", input));
  Region& region = work.region();
  resource.physical_id = name;
  resource.attributes["Arn"] = fmt::format("arn:{}:cloudwatch:{}:{}:alarm:{}", region.partition,
                                           region.name, region.account, name);
  return Done{};
}

Answer<Done> update_alarm(ResourceWork& work, const Json&) { return put_alarm(work); }

Answer<Done> destroy_alarm(ResourceWork& work) {
  return unless_gone(
      work.call("cloudwatch", "DeleteAlarms",
                JsonObject{{"AlarmNames", JsonArray{Json(work.resource().physical_id)}}}));
}

}  // namespace

const ResourceType kLogGroupType = {
    .name = "AWS::Logs::LogGroup",
    .create = create_log_group,
    .destroy = destroy_log_group,
    .update = update_log_group,
    .name_property = "LogGroupName",
};
const ResourceType kRoleType = {
    .name = "AWS::IAM::Role",
    .create = create_role,
    .destroy = destroy_role,
    .update = update_role,
    .is_slow = true,
    .name_property = "RoleName",
};
const ResourceType kScalableTargetType = {
    .name = "AWS::ApplicationAutoScaling::ScalableTarget",
    .create = register_target,
    .destroy = destroy_target,
    .update = update_target,
};
const ResourceType kScalingPolicyType = {
    .name = "AWS::ApplicationAutoScaling::ScalingPolicy",
    .create = put_policy,
    .destroy = destroy_policy,
    .update = update_policy,
};
const ResourceType kAlarmType = {
    .name = "AWS::CloudWatch::Alarm",
    .create = put_alarm,
    .destroy = destroy_alarm,
    .update = update_alarm,
    .name_property = "AlarmName",
};

}  // namespace slipway::sim
