#include "sim/change_sets.h"

#include "sim/calls.h"
#include "sim/stack_engine.h"
#include "sim/stack_requests.h"
#include "sim/stack_template.h"
#include "sim/stack_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace slipway::sim {
namespace {

struct Found {
  Stack* stack;
  ChangeSet* set;
};

Answer<Found> find_set(const Call& call) {
  const std::string_view name = string_or_empty(call.input, "ChangeSetName");
  const std::string_view stack_name = string_or_empty(call.input, "StackName");
  if (!name.starts_with("arn:") && stack_name.empty())
    return validation_error(
        "StackName must be specified if ChangeSetName is not specified as an "
        "ARN.");
  for (const auto& stack : call.region.stacks->all) {
    if (!stack_name.empty() && stack->name != stack_name && stack->id != stack_name) continue;
    if (stack->is_deleted() && stack->id != stack_name) continue;
    for (ChangeSet& set : stack->change_sets)
      if (set.id == name || set.name == name) return Found{stack.get(), &set};
  }
  return ServiceError{
      404, "ChangeSetNotFound", fmt::format("ChangeSet [{}] does not exist", name), {}};
}

// A stack that is nothing but a name so far.
std::unique_ptr<Stack> stack_in_review(Region& region, std::string_view name) {
  auto stack = std::make_unique<Stack>();
  stack->name = name;
  stack->id = new_stack_id(region, name);
  stack->status = "REVIEW_IN_PROGRESS";
  stack->reason = "User Initiated";
  stack->created_at = region.now;
  return stack;
}

std::optional<ServiceError> not_creatable(const Stack* known, std::string_view change_set) {
  if (known == nullptr || known->status == "REVIEW_IN_PROGRESS") return std::nullopt;
  return validation_error(
      fmt::format("Stack [{}] already exists and cannot be created again with the changeSet [{}].",
                  known->name, change_set));
}

}  // namespace

Answer<ChangeSet*> known_change_set(const Call& call) {
  TRY(const Found found, find_set(call));
  return found.set;
}

Reply CreateChangeSet(const Call& call) {
  Region& region = call.region;
  const std::string_view type = string_or_empty(call.input, "ChangeSetType");
  const bool creates = type == "CREATE";
  const std::string_view stack_name = string_or_empty(call.input, "StackName");
  const std::string_view name = string_or_empty(call.input, "ChangeSetName");
  Stack* stack = find_stack(*region.stacks, stack_name);
  std::unique_ptr<Stack> fresh;
  if (creates) {
    if (auto error = stack_name_problem(stack_name)) return *error;
    if (auto error = not_creatable(stack, name)) return *error;
    if (stack == nullptr) {
      fresh = stack_in_review(region, stack_name);
      stack = fresh.get();
    }
  } else {
    if (stack == nullptr || stack->is_deleted())
      return validation_error(fmt::format("Stack [{}] does not exist", stack_name));
    if (auto error = not_updatable(*stack)) return *error;
  }
  ChangeSet set;
  set.name = name;
  for (const ChangeSet& known : stack->change_sets)
    if (known.name == set.name)
      return ServiceError{
          400, "AlreadyExistsException", fmt::format("ChangeSet {} already exists", set.name), {}};
  TRY(set.source, read_stack_source(call, *stack, creates ? nullptr : &stack->source));
  set.id = fmt::format("arn:{}:cloudformation:{}:{}:changeSet/{}/{}", region.partition, region.name,
                       region.account, set.name, region.random.uuid());
  set.type = creates ? "CREATE" : "UPDATE";
  set.description = string_or_empty(call.input, "Description");
  set.created_at = region.now;
  if (const JsonArray* given = find_array(call.input, "Capabilities")) set.capabilities = *given;
  set.changes = changes_of_update(region, *stack, set.source);
  const bool is_empty = set.changes.empty() && !creates &&
                        !has_other_outputs(stack->source, set.source) &&
                        stack->source.tags == set.source.tags;
  set.status = is_empty ? "FAILED" : "CREATE_COMPLETE";
  set.execution_status = is_empty ? "UNAVAILABLE" : "AVAILABLE";
  if (is_empty)
    set.reason =
        "The submitted information didn't contain changes. Submit different information to create "
        "a change set.";
  if (fresh) {
    if (auto error = read_stack_request(call, *fresh)) return *error;
    fresh->description = string_or_empty(set.source.document, "Description");
    region.stacks->all.push_back(std::move(fresh));
  }
  stack->change_sets.push_back(std::move(set));
  return answer_with({{"Id", stack->change_sets.back().id}, {"StackId", stack->id}});
}

Reply DescribeChangeSet(const Call& call) {
  TRY(const Found found, find_set(call));
  const ChangeSet& set = *found.set;
  JsonObject json{{"ChangeSetName", set.name},
                  {"ChangeSetId", set.id},
                  {"StackId", found.stack->id},
                  {"StackName", found.stack->name}};
  if (!set.description.empty()) json["Description"] = set.description;
  json["Parameters"] = shown_parameters(set.source.parameters);
  json["CreationTime"] = to_iso8601(set.created_at, true);
  json["ExecutionStatus"] = set.execution_status;
  json["Status"] = set.status;
  if (!set.reason.empty()) json["StatusReason"] = set.reason;
  json["NotificationARNs"] = found.stack->notification_arns;
  json["RollbackConfiguration"] = JsonObject{};
  json["Capabilities"] = set.capabilities;
  json["Tags"] = set.source.tags;
  json["Changes"] = set.changes;
  json["IncludeNestedStacks"] = false;
  return answer_with(std::move(json));
}

Reply ExecuteChangeSet(const Call& call) {
  TRY(const Found found, find_set(call));
  Stack& stack = *found.stack;
  if (found.set->execution_status != "AVAILABLE")
    return ServiceError{400,
                        "InvalidChangeSetStatus",
                        fmt::format("ChangeSet [{}] cannot be executed in its current status of "
                                    "[{}]",
                                    found.set->id, found.set->status),
                        {}};
  const bool creates = found.set->type == "CREATE";
  if (!creates)
    if (auto error = not_updatable(stack)) return *error;
  ChangeSet set = std::move(*found.set);
  // The others were made against what is no longer so.
  stack.change_sets.clear();
  take_caller(call, stack);
  if (find_bool(call.input, "DisableRollback").value_or(false))
    stack.on_failure = OnFailure::kNothing;
  stack.capabilities = set.capabilities;
  if (creates) {
    stack.source = std::move(set.source);
    begin_creation(call.region, stack);
  } else {
    begin_update(call.region, stack, std::move(set.source));
  }
  return JsonText{};
}

Reply DeleteChangeSet(const Call& call) {
  auto found = find_set(call);
  if (!found) {
    if (found.error().code == "ChangeSetNotFound") return JsonText{};
    return found.error();
  }
  std::erase_if(found->stack->change_sets,
                [&](const ChangeSet& set) { return &set == found->set; });
  return JsonText{};
}

Reply ListChangeSets(const Call& call) {
  const std::string_view name = string_or_empty(call.input, "StackName");
  Stack* stack = find_stack(*call.region.stacks, name);
  if (stack == nullptr) return validation_error(fmt::format("Stack [{}] does not exist", name));
  std::vector<PageItem> items;
  for (const ChangeSet& set : stack->change_sets) {
    JsonObject json{{"StackId", stack->id},
                    {"StackName", stack->name},
                    {"ChangeSetId", set.id},
                    {"ChangeSetName", set.name},
                    {"ExecutionStatus", set.execution_status},
                    {"Status", set.status}};
    if (!set.reason.empty()) json["StatusReason"] = set.reason;
    json["CreationTime"] = to_iso8601(set.created_at, true);
    if (!set.description.empty()) json["Description"] = set.description;
    items.push_back({set.name, std::move(json)});
  }
  std::sort(items.begin(), items.end(),
            [](const PageItem& a, const PageItem& b) { return a.key < b.key; });
  return answer_with_page(
      call.input, items,
      {.member = "Summaries", .bad_token = validation_error("Invalid NextToken")});
}

}  // namespace slipway::sim
