#include "sim/cloud_formation.h"

#include "base/text.h"
#include "sim/calls.h"
#include "sim/change_sets.h"
#include "sim/stack_engine.h"
#include "sim/stack_requests.h"
#include "sim/stack_template.h"
#include "sim/stack_values.h"
#include "sim/stacks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace slipway::sim {
namespace {

ServiceError no_such_stack(std::string_view name) {
  return validation_error(fmt::format("Stack with id {} does not exist", name));
}

Answer<Stack*> known_stack(const Call& call) {
  const std::string_view name = string_or_empty(call.input, "StackName");
  Stack* stack = find_stack(*call.region.stacks, name);
  if (stack == nullptr) return no_such_stack(name);
  return stack;
}

Reply list(const Call& call, std::string_view member, const std::vector<PageItem>& items) {
  return answer_with_page(call.input, items,
                          {.member = member, .bad_token = validation_error("Invalid NextToken")});
}

// Keys that sort as the numbers do, those of the newest first.
std::string newest_first(std::size_t index) {
  return fmt::format("{:012}", 999'999'999'999 - index);
}

// ---- Creating, updating, deleting -------------------------------------------------------------

Reply CreateStack(const Call& call) {
  Region& region = call.region;
  const std::string name(string_or_empty(call.input, "StackName"));
  if (auto error = stack_name_problem(name)) return *error;
  const std::string token(string_or_empty(call.input, "ClientRequestToken"));
  std::string& known_id = region.stacks->tokens[fmt::format("{}/{}", name, token)];
  if (!token.empty() && !known_id.empty()) return answer_with({{"StackId", known_id}});

  auto stack = std::make_unique<Stack>();
  stack->name = name;
  if (auto error = read_stack_request(call, *stack)) return *error;
  if (find_stack(*region.stacks, name) != nullptr)
    return ServiceError{
        400, "AlreadyExistsException", fmt::format("Stack [{}] already exists", name), {}};
  TRY(StackSource source, read_stack_source(call, *stack, nullptr));
  stack->source = std::move(source);
  stack->description = string_or_empty(stack->source.document, "Description");
  stack->id = new_stack_id(region, name);
  stack->created_at = region.now;
  known_id = stack->id;
  Stack& added = *region.stacks->all.emplace_back(std::move(stack));
  begin_creation(region, added);
  return answer_with({{"StackId", added.id}});
}

Reply UpdateStack(const Call& call) {
  const std::string_view name = string_or_empty(call.input, "StackName");
  Stack* stack = find_stack(*call.region.stacks, name);
  if (stack == nullptr || stack->is_deleted())
    return validation_error(fmt::format("Stack [{}] does not exist", name));
  if (auto error = not_updatable(*stack)) return *error;
  TRY(StackSource next, read_stack_source(call, *stack, &stack->source));
  const JsonArray changes = changes_of_update(call.region, *stack, next);
  if (changes.empty() && !has_other_outputs(stack->source, next) && next.tags == stack->source.tags)
    return validation_error("No updates are to be performed.");
  take_caller(call, *stack);
  begin_update(call.region, *stack, std::move(next));
  return answer_with({{"StackId", stack->id}});
}

Reply DeleteStack(const Call& call) {
  Stack* stack = find_stack(*call.region.stacks, string_or_empty(call.input, "StackName"));
  // A stack that is not there is deleted without a word.
  if (stack == nullptr || stack->is_deleted() || stack->status == "DELETE_IN_PROGRESS")
    return JsonText{};
  if (stack->termination_protection)
    return validation_error(fmt::format(
        "Stack [{}] cannot be deleted while TerminationProtection is enabled", stack->name));
  const bool is_busy =
      stack->status.starts_with("UPDATE_") && stack->status.ends_with("_IN_PROGRESS");
  if (is_busy || stack->status == "ROLLBACK_IN_PROGRESS")
    return validation_error(
        fmt::format("Stack [{}] cannot be deleted while in status {}", stack->id, stack->status));
  std::set<std::string> retained;
  for (std::string& id : strings(call.input, "RetainResources")) retained.insert(std::move(id));
  if (!retained.empty() && stack->status != "DELETE_FAILED")
    return validation_error(
        "Invalid operation on stack: resources to retain can only be specified for a stack in the "
        "DELETE_FAILED state.");
  for (const std::string& id : retained) {
    const StackResource* resource = find_resource(*stack, id);
    if (resource == nullptr || resource->status == "DELETE_COMPLETE")
      return validation_error(
          "The specified resources to retain must be in a valid state. Do not specify resources "
          "that are in the DELETE_COMPLETE state.");
  }
  take_caller(call, *stack);
  begin_deletion(call.region, *stack, retained);
  return JsonText{};
}

Reply UpdateTerminationProtection(const Call& call) {
  TRY(Stack * stack, known_stack(call));
  stack->termination_protection =
      find_bool(call.input, "EnableTerminationProtection").value_or(false);
  return answer_with({{"StackId", stack->id}});
}

// ---- Reading ----------------------------------------------------------------------------------

void set_time(JsonObject& json, const char* name, const std::optional<TimePoint>& time) {
  if (time) json[name] = to_iso8601(*time, true);
}

Json shown(const Stack& stack) {
  JsonObject json{{"StackId", stack.id}, {"StackName", stack.name}};
  if (!stack.description.empty()) json["Description"] = stack.description;
  json["Parameters"] = shown_parameters(stack.source.parameters);
  json["CreationTime"] = to_iso8601(stack.created_at, true);
  set_time(json, "DeletionTime", stack.deleted_at);
  set_time(json, "LastUpdatedTime", stack.updated_at);
  json["RollbackConfiguration"] = JsonObject{};
  json["StackStatus"] = stack.status;
  if (!stack.reason.empty() && stack.reason != "User Initiated")
    json["StackStatusReason"] = stack.reason;
  json["DisableRollback"] = stack.on_failure == OnFailure::kNothing;
  json["NotificationARNs"] = stack.notification_arns;
  if (stack.timeout)
    json["TimeoutInMinutes"] =
        std::chrono::duration_cast<std::chrono::minutes>(*stack.timeout).count();
  json["Capabilities"] = stack.capabilities;
  JsonArray outputs;
  for (const Stack::Output& output : stack.outputs) {
    JsonObject each{{"OutputKey", output.key}, {"OutputValue", output.value}};
    if (!output.description.empty()) each["Description"] = output.description;
    if (!output.export_name.empty()) each["ExportName"] = output.export_name;
    outputs.push_back(std::move(each));
  }
  json["Outputs"] = std::move(outputs);
  if (!stack.role_arn.empty()) json["RoleARN"] = stack.role_arn;
  json["Tags"] = stack.source.tags;
  json["EnableTerminationProtection"] = stack.termination_protection;
  json["DriftInformation"] = JsonObject{{"StackDriftStatus", "NOT_CHECKED"}};
  return json;
}

Reply DescribeStacks(const Call& call) {
  if (find_string(call.input, "StackName")) {
    TRY(Stack * stack, known_stack(call));
    return answer_with({{"Stacks", JsonArray{shown(*stack)}}});
  }
  std::vector<PageItem> items;
  const auto& all = call.region.stacks->all;
  for (std::size_t i = all.size(); i-- > 0;)
    if (!all[i]->is_deleted()) items.push_back({newest_first(i), shown(*all[i])});
  return list(call, "Stacks", items);
}

Reply ListStacks(const Call& call) {
  const std::vector<std::string> statuses = strings(call.input, "StackStatusFilter");
  std::vector<PageItem> items;
  const auto& all = call.region.stacks->all;
  for (std::size_t i = all.size(); i-- > 0;) {
    const Stack& stack = *all[i];
    if (!statuses.empty() &&
        std::find(statuses.begin(), statuses.end(), stack.status) == statuses.end())
      continue;
    JsonObject json{{"StackId", stack.id}, {"StackName", stack.name}};
    if (!stack.description.empty()) json["TemplateDescription"] = stack.description;
    json["CreationTime"] = to_iso8601(stack.created_at, true);
    set_time(json, "LastUpdatedTime", stack.updated_at);
    set_time(json, "DeletionTime", stack.deleted_at);
    json["StackStatus"] = stack.status;
    if (!stack.reason.empty() && stack.reason != "User Initiated")
      json["StackStatusReason"] = stack.reason;
    json["DriftInformation"] = JsonObject{{"StackDriftStatus", "NOT_CHECKED"}};
    items.push_back({newest_first(i), std::move(json)});
  }
  return list(call, "StackSummaries", items);
}

Reply DescribeStackEvents(const Call& call) {
  const std::string_view name = string_or_empty(call.input, "StackName");
  Stack* stack = find_stack(*call.region.stacks, name);
  if (stack == nullptr) return validation_error(fmt::format("Stack [{}] does not exist", name));
  std::vector<PageItem> items;
  for (std::size_t i = stack->events.size(); i-- > 0;) {
    const StackEvent& event = stack->events[i];
    JsonObject json{{"StackId", stack->id},
                    {"EventId", event.EventId},
                    {"StackName", stack->name},
                    {"LogicalResourceId", event.logical_id},
                    {"PhysicalResourceId", event.physical_id},
                    {"ResourceType", event.type},
                    {"Timestamp", to_iso8601(event.at, true)},
                    {"ResourceStatus", event.status}};
    if (!event.reason.empty()) json["ResourceStatusReason"] = event.reason;
    if (!event.properties.empty()) json["ResourceProperties"] = event.properties;
    if (!event.token.empty()) json["ClientRequestToken"] = event.token;
    items.push_back({newest_first(i), std::move(json)});
  }
  return list(call, "StackEvents", items);
}

JsonObject shown(const StackResource& resource, const char* time) {
  JsonObject json{{"LogicalResourceId", resource.logical_id}};
  if (!resource.physical_id.empty()) json["PhysicalResourceId"] = resource.physical_id;
  json["ResourceType"] = resource.type;
  json[time] = to_iso8601(resource.updated_at, true);
  json["ResourceStatus"] = resource.status;
  if (!resource.reason.empty()) json["ResourceStatusReason"] = resource.reason;
  json["DriftInformation"] = JsonObject{{"StackResourceDriftStatus", "NOT_CHECKED"}};
  return json;
}

// Those whose turn has come, by logical id.
std::vector<const StackResource*> begun_resources(const Stack& stack) {
  std::vector<const StackResource*> all;
  for (const auto& resource : stack.resources)
    if (!resource->status.empty() && !resource->is_leftover) all.push_back(resource.get());
  std::sort(all.begin(), all.end(),
            [](const auto* a, const auto* b) { return a->logical_id < b->logical_id; });
  return all;
}

Reply ListStackResources(const Call& call) {
  TRY(Stack * stack, known_stack(call));
  std::vector<PageItem> items;
  for (const StackResource* resource : begun_resources(*stack))
    items.push_back({resource->logical_id, shown(*resource, "LastUpdatedTimestamp")});
  return list(call, "StackResourceSummaries", items);
}

JsonObject shown_in(const Stack& stack, const StackResource& resource, const char* time) {
  JsonObject json{{"StackName", stack.name}, {"StackId", stack.id}};
  for (const auto& [name, value] : shown(resource, time)) json[name] = value;
  return json;
}

Reply DescribeStackResources(const Call& call) {
  constexpr std::size_t kMost = 100;
  const std::string_view logical = string_or_empty(call.input, "LogicalResourceId");
  const std::string_view physical = string_or_empty(call.input, "PhysicalResourceId");
  Stack* stack = nullptr;
  if (find_string(call.input, "StackName")) {
    TRY(stack, known_stack(call));
  } else {
    for (const auto& each : call.region.stacks->all)
      for (const StackResource* resource : begun_resources(*each))
        if (!physical.empty() && resource->physical_id == physical && !each->is_deleted())
          stack = each.get();
    if (stack == nullptr)
      return validation_error(fmt::format("Stack for {} does not exist", physical));
  }
  JsonArray resources;
  for (const StackResource* resource : begun_resources(*stack))
    if ((logical.empty() || resource->logical_id == logical) && resources.size() < kMost)
      resources.push_back(shown_in(*stack, *resource, "Timestamp"));
  if (resources.empty() && !logical.empty())
    return validation_error(
        fmt::format("Resource {} does not exist for stack {}", logical, stack->name));
  return answer_with({{"StackResources", std::move(resources)}});
}

Reply DescribeStackResource(const Call& call) {
  const std::string_view name = string_or_empty(call.input, "StackName");
  Stack* stack = find_stack(*call.region.stacks, name);
  if (stack == nullptr) return validation_error(fmt::format("Stack '{}' does not exist", name));
  const std::string_view id = string_or_empty(call.input, "LogicalResourceId");
  const StackResource* resource = find_resource(*stack, id);
  if (resource == nullptr || resource->status.empty())
    return validation_error(fmt::format("Resource {} does not exist for stack {}", id, name));
  return answer_with(
      {{"StackResourceDetail", shown_in(*stack, *resource, "LastUpdatedTimestamp")}});
}

Reply GetTemplate(const Call& call) {
  const StackSource* source = nullptr;
  if (find_string(call.input, "ChangeSetName")) {
    TRY(const ChangeSet* set, known_change_set(call));
    source = &set->source;
  } else {
    TRY(Stack * stack, known_stack(call));
    source = &stack->source;
  }
  return answer_with({{"TemplateBody", source->text},
                      {"StagesAvailable", JsonArray{Json("Original"), Json("Processed")}}});
}

Reply ListExports(const Call& call) {
  std::vector<PageItem> items;
  for (const auto& stack : call.region.stacks->all)
    for (const Stack::Output& output : stack->outputs)
      if (!output.export_name.empty() && !stack->is_deleted())
        items.push_back({output.export_name, JsonObject{{"ExportingStackId", stack->id},
                                                        {"Name", output.export_name},
                                                        {"Value", output.value}}});
  std::sort(items.begin(), items.end(),
            [](const PageItem& a, const PageItem& b) { return a.key < b.key; });
  return list(call, "Exports", items);
}

// ---- Templates without a stack ----------------------------------------------------------------

// What ValidateTemplate and GetTemplateSummary say alike.
void describe_capabilities(const Json& document, JsonObject& json) {
  if (const auto description = find_string(document, "Description"))
    json["Description"] = *description;
  const auto needed = needed_capability(document);
  if (!needed) return;
  json["Capabilities"] = JsonArray{Json(needed->capability)};
  json["CapabilitiesReason"] = fmt::format("The following resource(s) require capabilities: [{}]",
                                           join(needed->resource_types, ", "));
}

JsonArray declared_parameters(const Json& document, bool in_full) {
  JsonArray parameters;
  const JsonObject* declared = find_object(document, "Parameters");
  if (declared == nullptr) return parameters;
  for (const auto& [name, facts] : *declared) {
    JsonObject each{{"ParameterKey", name}};
    if (const Json* usual = find(facts, "Default"))
      each["DefaultValue"] = usual->is_string() ? *usual : Json(to_text(*usual));
    if (in_full) each["ParameterType"] = string_or_empty(facts, "Type");
    each["NoEcho"] = find_bool(facts, "NoEcho").value_or(false);
    if (const auto text = find_string(facts, "Description")) each["Description"] = *text;
    if (const JsonArray* allowed = find_array(facts, "AllowedValues"); in_full)
      each["ParameterConstraints"] =
          allowed == nullptr ? JsonObject{} : JsonObject{{"AllowedValues", *allowed}};
    parameters.push_back(std::move(each));
  }
  return parameters;
}

Answer<Json> given_template(const Call& call) {
  TRY(const std::string text, template_text(call, nullptr));
  TRY(Json document, read_template(text));
  if (auto error = template_problem(document)) return *error;
  return document;
}

Reply ValidateTemplate(const Call& call) {
  TRY(const Json document, given_template(call));
  JsonObject json{{"Parameters", declared_parameters(document, false)}};
  describe_capabilities(document, json);
  return answer_with(std::move(json));
}

Reply GetTemplateSummary(const Call& call) {
  Json document;
  if (find_string(call.input, "StackName")) {
    TRY(Stack * stack, known_stack(call));
    document = stack->source.document;
  } else {
    TRY(document, given_template(call));
  }
  JsonObject json{{"Parameters", declared_parameters(document, true)}};
  describe_capabilities(document, json);
  std::set<std::string> types;
  for (const auto& [id, resource] : document.at("Resources").as_object())
    types.emplace(string_or_empty(resource, "Type"));
  json["ResourceTypes"] = JsonArray(types.begin(), types.end());
  if (const auto version = find_string(document, "AWSTemplateFormatVersion"))
    json["Version"] = *version;
  return answer_with(std::move(json));
}

constexpr bool kReads = true;

constexpr std::array kOperations = {
    Operation{"CreateChangeSet", CreateChangeSet},
    Operation{"CreateStack", CreateStack},
    Operation{"DeleteChangeSet", DeleteChangeSet},
    Operation{"DeleteStack", DeleteStack},
    Operation{"DescribeChangeSet", DescribeChangeSet, kReads},
    Operation{"DescribeStackEvents", DescribeStackEvents, kReads},
    Operation{"DescribeStackResource", DescribeStackResource, kReads},
    Operation{"DescribeStackResources", DescribeStackResources, kReads},
    Operation{"DescribeStacks", DescribeStacks, kReads},
    Operation{"ExecuteChangeSet", ExecuteChangeSet},
    Operation{"GetTemplate", GetTemplate, kReads},
    Operation{"GetTemplateSummary", GetTemplateSummary, kReads},
    Operation{"ListChangeSets", ListChangeSets, kReads},
    Operation{"ListExports", ListExports, kReads},
    Operation{"ListStackResources", ListStackResources, kReads},
    Operation{"ListStacks", ListStacks, kReads},
    Operation{"UpdateStack", UpdateStack},
    Operation{"UpdateTerminationProtection", UpdateTerminationProtection},
    Operation{"ValidateTemplate", ValidateTemplate, kReads},
};

}  // namespace

std::span<const Operation> cloud_formation_operations() { return kOperations; }

}  // namespace slipway::sim
