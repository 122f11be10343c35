#include "sim/stack_requests.h"

#include "sim/calls.h"
#include "sim/stack_engine.h"
#include "sim/stack_template.h"
#include "sim/stack_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace slipway::sim {
namespace {

ServiceError violated(std::string_view value, std::string_view member, std::string_view must) {
  return validation_error(fmt::format(
      "1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: {}", value,
      member, must));
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// CAPABILITY_NAMED_IAM covers CAPABILITY_IAM as well.
std::optional<ServiceError> capability_problem(const Call& call, const Json& document) {
  const auto needed = needed_capability(document);
  if (!needed) return std::nullopt;
  const auto given = strings(call.input, "Capabilities");
  const auto has = [&](std::string_view name) {
    return std::find(given.begin(), given.end(), name) != given.end();
  };
  if (has("CAPABILITY_NAMED_IAM") || has(needed->capability)) return std::nullopt;
  return ServiceError{400,
                      "InsufficientCapabilitiesException",
                      fmt::format("Requires capabilities : [{}]", needed->capability),
                      {}};
}

Answer<JsonArray> read_stack_tags(const Call& call, const StackSource* before) {
  constexpr std::size_t kMost = 50;
  const JsonArray* given = find_array(call.input, "Tags");
  if (given == nullptr) return before == nullptr ? JsonArray() : before->tags;
  std::set<std::string_view> keys;
  for (const Json& tag : *given) {
    const std::string_view key = string_or_empty(tag, "Key");
    if (key.starts_with("aws:"))
      return validation_error("aws: prefixed tag key names are not allowed for external use.");
    if (!keys.insert(key).second)
      return validation_error(fmt::format("Duplicate tag keys found: {}", key));
  }
  if (given->size() > kMost)
    return violated("...", "tags",
                    "Member must have length less than or "
                    "equal to 50");
  return *given;
}

// What the template mentions is there only if its condition holds.
std::optional<ServiceError> dangling_reference(const StackSource& source) {
  const JsonObject& resources = source.document.at("Resources").as_object();
  const auto is_made = [&](const Json& resource) {
    const auto condition = find_string(resource, "Condition");
    if (!condition) return true;
    const auto judged = source.conditions.find(std::string(*condition));
    return judged == source.conditions.end() || judged->second;
  };
  const auto check = [&](const Json& expression,
                         std::string_view block) -> std::optional<ServiceError> {
    const References found = references_in(expression, &source.conditions);
    std::set<std::string> names = found.names;
    for (const auto& [id, attribute] : found.attributes) names.insert(id);
    for (const std::string& name : names) {
      const Json* resource = resources.if_contains(name);
      if (resource != nullptr && !is_made(*resource))
        return validation_error(
            fmt::format("Template format error: Unresolved resource dependencies [{}] in the {} "
                        "block of the template",
                        name, block));
    }
    return std::nullopt;
  };
  for (const auto& [id, resource] : resources)
    if (const Json* properties = find(resource, "Properties");
        properties != nullptr && is_made(resource))
      if (auto error = check(*properties, "Resources")) return error;
  if (const JsonObject* outputs = find_object(source.document, "Outputs"))
    for (const auto& [name, output] : *outputs)
      if (is_made(output))
        if (auto error = check(output, "Outputs")) return error;
  return std::nullopt;
}

}  // namespace

std::optional<ServiceError> stack_name_problem(std::string_view name) {
  constexpr std::size_t kLongest = 128;
  const bool fits = !name.empty() && is_letter(name.front()) &&
                    std::all_of(name.begin(), name.end(),
                                [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
  if (!fits)
    return violated(name, "stackName",
                    "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*");
  if (name.size() > kLongest)
    return violated(name, "stackName", "Member must have length less than or equal to 128");
  return std::nullopt;
}

std::string new_stack_id(Region& region, std::string_view name) {
  return fmt::format("arn:{}:cloudformation:{}:{}:stack/{}/{}", region.partition, region.name,
                     region.account, name, region.random.uuid());
}

Answer<std::string> template_text(const Call& call, const StackSource* before) {
  const auto body = find_string(call.input, "TemplateBody");
  if (before != nullptr && find_bool(call.input, "UsePreviousTemplate").value_or(false)) {
    if (body) return validation_error("Either Template URL or Template Body must be specified.");
    return before->text;
  }
  if (find_string(call.input, "TemplateURL"))
    return validation_error(
        "S3 error: Access Denied\nFor more information check "
        "http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html");
  if (!body) return validation_error("Either Template URL or Template Body must be specified.");
  if (body->size() > kMostTemplateBytes)
    return violated(
        *body, "templateBody",
        fmt::format("Member must have length less than or equal to {}", kMostTemplateBytes));
  return std::string(*body);
}

void take_caller(const Call& call, Stack& stack) {
  stack.caller = call.principal();
  stack.token = string_or_empty(call.input, "ClientRequestToken");
  if (const auto role = find_string(call.input, "RoleARN")) stack.role_arn = *role;
}

std::optional<ServiceError> read_stack_request(const Call& call, Stack& stack) {
  take_caller(call, stack);
  const auto on_failure = find_string(call.input, "OnFailure");
  const auto disable = find_bool(call.input, "DisableRollback");
  if (on_failure && disable)
    return validation_error("Either DisableRollback or OnFailure can be specified, not both.");
  if (disable.value_or(false) || on_failure == "DO_NOTHING") stack.on_failure = OnFailure::kNothing;
  if (on_failure == "DELETE") stack.on_failure = OnFailure::kDelete;
  if (const auto minutes = find_int(call.input, "TimeoutInMinutes"))
    stack.timeout = std::chrono::minutes(*minutes);
  stack.termination_protection =
      find_bool(call.input, "EnableTerminationProtection").value_or(false);
  if (const JsonArray* given = find_array(call.input, "Capabilities")) stack.capabilities = *given;
  if (const JsonArray* given = find_array(call.input, "NotificationARNs"))
    stack.notification_arns = *given;
  return std::nullopt;
}

Answer<StackSource> read_stack_source(const Call& call, const Stack& stack,
                                      const StackSource* before) {
  StackSource source;
  TRY(source.text, template_text(call, before));
  TRY(source.document, read_template(source.text));
  if (auto error = template_problem(source.document)) return *error;
  const Scope scope = scope_of(call.region, stack, source);
  static const JsonArray kNone;
  const JsonArray* given = find_array(call.input, "Parameters");
  TRY(source.parameters, read_parameters(source.document, given == nullptr ? kNone : *given,
                                         before == nullptr ? nullptr : &before->parameters, scope));
  TRY(source.conditions, judge_conditions(scope));
  if (auto error = dangling_reference(source)) return *error;
  if (auto error = capability_problem(call, source.document)) return *error;
  TRY(source.tags, read_stack_tags(call, before));
  return source;
}

std::optional<ServiceError> not_updatable(const Stack& stack) {
  constexpr std::array<std::string_view, 4> kFrom = {"CREATE_COMPLETE", "UPDATE_COMPLETE",
                                                     "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"};
  if (std::find(kFrom.begin(), kFrom.end(), stack.status) != kFrom.end()) return std::nullopt;
  return validation_error(
      fmt::format("Stack:{} is in {} state and can not be updated.", stack.id, stack.status));
}

bool has_other_outputs(const StackSource& a, const StackSource& b) {
  const Json* left = find(a.document, "Outputs");
  const Json* right = find(b.document, "Outputs");
  if (left == nullptr || right == nullptr) return left != right;
  return *left != *right;
}

JsonArray shown_parameters(const std::vector<StackParameter>& parameters) {
  JsonArray all;
  for (const StackParameter& parameter : parameters)
    all.push_back(JsonObject{{"ParameterKey", parameter.key},
                             {"ParameterValue", parameter.is_hidden ? "****" : parameter.value}});
  return all;
}

}  // namespace slipway::sim
