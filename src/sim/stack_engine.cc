#include "sim/stack_engine.h"

#include "base/text.h"
#include "sim/calls.h"
#include "sim/policy.h"
#include "sim/region.h"
#include "sim/resource_types.h"
#include "sim/stack_resources.h"
#include "sim/stack_template.h"
#include "sim/stack_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace slipway::sim {
namespace {

// A resource that is not stable by then never will be.
constexpr Duration kLongestWait = std::chrono::hours(3);

void go_on(Region& region, Stack& stack);

// ---- Events -----------------------------------------------------------------------------------

void say(Region& region, Stack& stack, std::string_view status, std::string reason = {}) {
  stack.status = status;
  stack.reason = reason;
  stack.events.push_back({.EventId = region.random.uuid(),
                          .at = region.now,
                          .logical_id = stack.name,
                          .physical_id = stack.id,
                          .type = "AWS::CloudFormation::Stack",
                          .status = stack.status,
                          .reason = std::move(reason),
                          .properties = {},
                          .token = stack.token});
}

void say(Region& region, Stack& stack, StackResource& resource, std::string_view status,
         std::string reason = {}) {
  resource.status = status;
  resource.reason = reason;
  resource.updated_at = region.now;
  stack.events.push_back({.EventId = fmt::format("{}-{}-{}", resource.logical_id, status,
                                                 to_iso8601(region.now, true)),
                          .at = region.now,
                          .logical_id = resource.logical_id,
                          .physical_id = resource.physical_id,
                          .type = resource.type,
                          .status = resource.status,
                          .reason = std::move(reason),
                          .properties = to_text(resource.properties),
                          .token = stack.token});
}

std::string bracketed(const std::vector<std::string>& names) {
  return fmt::format("[{}]", join(names, ", "));
}

std::vector<std::string> ids_with(const Stack& stack, std::string_view status) {
  std::vector<std::string> ids;
  for (const auto& resource : stack.resources)
    if (resource->status == status) ids.push_back(resource->logical_id);
  return ids;
}

// ---- What the stack is made from --------------------------------------------------------------

bool is_wanted(const StackSource& source, const Json& resource) {
  const auto condition = find_string(resource, "Condition");
  if (!condition) return true;
  const auto judged = source.conditions.find(std::string(*condition));
  return judged == source.conditions.end() || judged->second;
}

bool retains(const Json& resource, bool is_rollback_of_creation) {
  const std::string_view policy = string_or_empty(resource, "DeletionPolicy");
  return policy == "Retain" || (policy == "RetainExceptOnCreate" && !is_rollback_of_creation);
}

// Brings stack.resources in line with the source: those that are new wait for their turn, those
// that are no longer wanted are leftovers.
void take_up_resources(Stack& stack) {
  const StackSource& source = stack.source;
  std::vector<std::unique_ptr<StackResource>> wanted;
  for (const auto& [id, declared] : source.document.at("Resources").as_object()) {
    if (!is_wanted(source, declared)) continue;
    const std::string_view type = string_or_empty(declared, "Type");
    const auto known =
        std::find_if(stack.resources.begin(), stack.resources.end(), [&](const auto& each) {
          return each && each->logical_id == std::string_view(id) && each->type == type &&
                 !each->is_leftover;
        });
    std::unique_ptr<StackResource> resource;
    if (known != stack.resources.end()) resource = std::move(*known);
    if (!resource) resource = std::make_unique<StackResource>();
    resource->logical_id = id;
    resource->type = type;
    resource->needs = needs_of(source.document, id, &source.conditions);
    resource->is_retained = retains(declared, false);
    wanted.push_back(std::move(resource));
  }
  for (auto& left : stack.resources) {
    if (!left) continue;
    left->is_leftover = true;
    wanted.push_back(std::move(left));
  }
  stack.resources = std::move(wanted);
}

Answer<Json> wanted_properties(Region& region, const Stack& stack, const StackSource& source,
                               std::string_view logical_id) {
  const Json* given = find(source.document.at("Resources").at(logical_id), "Properties");
  const Scope scope = scope_of(region, stack, source);
  Json properties = JsonObject{};
  if (given != nullptr) {
    TRY(properties, evaluate_whole(*given, scope));
  }
  return properties;
}

// ---- Faults -----------------------------------------------------------------------------------

std::optional<StackFault> strike(Region& region, const Stack& stack, const StackResource& resource,
                                 StackFault::On on) {
  for (StackFault& fault : region.stacks->faults) {
    const bool is_meant =
        fault.on == on && matches_wildcard(fault.stack, stack.name) &&
        (matches_wildcard(fault.resource, resource.logical_id) || fault.resource == resource.type);
    if (!is_meant || (fault.times && *fault.times <= 0)) continue;
    if (fault.times) --*fault.times;
    return fault;
  }
  return std::nullopt;
}

// ---- One resource -----------------------------------------------------------------------------

struct Statuses {
  const char* going_on;
  const char* complete;
  const char* failed;
};
constexpr Statuses kCreate = {"CREATE_IN_PROGRESS", "CREATE_COMPLETE", "CREATE_FAILED"};
constexpr Statuses kUpdate = {"UPDATE_IN_PROGRESS", "UPDATE_COMPLETE", "UPDATE_FAILED"};
constexpr Statuses kDelete = {"DELETE_IN_PROGRESS", "DELETE_COMPLETE", "DELETE_FAILED"};

bool is_at_work(const StackResource& resource) { return resource.timer.is_set(); }

void after(Region& region, Stack& stack, StackResource& resource, Duration delay,
           void (*act)(Region&, Stack&, StackResource&)) {
  resource.timer.set(region.timeline, region.now + delay,
                     [&region, &stack, &resource, act] { act(region, stack, resource); });
}

void fail(Region& region, Stack& stack, StackResource& resource, const Statuses& statuses,
          std::string reason) {
  say(region, stack, resource, statuses.failed, std::move(reason));
  go_on(region, stack);
}

Duration usual_time(const Region& region, const StackResource& resource) {
  if (resource.fault && resource.fault->takes) return *resource.fault->takes;
  return resource_type(resource.type).is_slow ? region.knobs.cfn_role : region.knobs.cfn_resource;
}

const Statuses& statuses_of(const StackResource& resource) {
  if (resource.status == kDelete.going_on) return kDelete;
  return resource.status == kUpdate.going_on ? kUpdate : kCreate;
}

// Whether it is there by now, or gone; looks again until it is.
void look(Region& region, Stack& stack, StackResource& resource) {
  const Statuses& statuses = statuses_of(resource);
  const ResourceType& type = resource_type(resource.type);
  // A fault that takes its time strikes at the end of it.
  if (resource.fault && !resource.fault->reason.empty())
    return fail(region, stack, resource, statuses, resource.fault->reason);

  const bool is_deletion = &statuses == &kDelete;
  const auto is_through = is_deletion ? type.is_gone : type.is_stable;
  ResourceWork work(region, stack, resource);
  if (is_through != nullptr) {
    const Answer<bool> answer = is_through(work);
    if (!answer)
      return fail(region, stack, resource, statuses, failure_text(region, answer.error()));
    if (!*answer && region.now - *resource.work_began >= kLongestWait)
      return fail(region, stack, resource, statuses,
                  failure_text(region, {500, "NotStabilized", "Exceeded attempts to wait", {}}));
    if (!*answer) return after(region, stack, resource, region.knobs.cfn_poll, look);
  }
  resource.is_settled = true;
  say(region, stack, resource, statuses.complete);
  go_on(region, stack);
}

void begin_work(Region& region, Stack& stack, StackResource& resource, const Statuses& statuses,
                StackFault::On on, void (*act)(Region&, Stack&, StackResource&),
                std::string reason = {}) {
  resource.work_began = region.now;
  resource.fault = strike(region, stack, resource, on);
  say(region, stack, resource, statuses.going_on, std::move(reason));
  after(region, stack, resource, region.knobs.cfn_call, act);
}

// The fault that strikes before anything is done: false when there is none.
bool is_struck_at_once(const StackResource& resource) {
  return resource.fault && !resource.fault->reason.empty() && !resource.fault->takes;
}

// The template's properties for the resource, in the types they must have; the reason otherwise.
std::optional<std::string> take_properties(Region& region, Stack& stack, StackResource& resource) {
  Answer<Json> properties = wanted_properties(region, stack, stack.source, resource.logical_id);
  if (!properties) return properties.error().message;
  resource.properties = std::move(properties).value();
  const auto problems = conform(*find_resource_type(resource.type), resource.properties);
  if (problems.empty()) return std::nullopt;
  return fmt::format("Properties validation failed for resource {} with message:\n{}",
                     resource.logical_id, join(problems, "\n"));
}

void make(Region& region, Stack& stack, StackResource& resource) {
  const Statuses& statuses = statuses_of(resource);
  if (is_struck_at_once(resource))
    return fail(region, stack, resource, statuses, resource.fault->reason);
  if (auto problem = take_properties(region, stack, resource))
    return fail(region, stack, resource, statuses, *std::move(problem));
  ResourceWork work(region, stack, resource);
  if (const auto made = resource_type(resource.type).create(work); !made)
    return fail(region, stack, resource, statuses, failure_text(region, made.error()));
  say(region, stack, resource, statuses.going_on, "Resource creation Initiated");
  after(region, stack, resource, usual_time(region, resource), look);
}

void change(Region& region, Stack& stack, StackResource& resource) {
  if (is_struck_at_once(resource))
    return fail(region, stack, resource, kUpdate, resource.fault->reason);
  const Json before = resource.properties;
  if (stack.status == "UPDATE_ROLLBACK_IN_PROGRESS") {
    resource.properties = resource.before->properties;
  } else if (auto problem = take_properties(region, stack, resource)) {
    resource.properties = before;
    return fail(region, stack, resource, kUpdate, *std::move(problem));
  }
  ResourceWork work(region, stack, resource);
  if (const auto changed = resource_type(resource.type).update(work, before); !changed)
    return fail(region, stack, resource, kUpdate, failure_text(region, changed.error()));
  after(region, stack, resource, usual_time(region, resource), look);
}

void destroy(Region& region, Stack& stack, StackResource& resource) {
  if (is_struck_at_once(resource))
    return fail(region, stack, resource, kDelete, resource.fault->reason);
  ResourceWork work(region, stack, resource);
  if (const auto gone = resource_type(resource.type).destroy(work); !gone)
    return fail(region, stack, resource, kDelete, failure_text(region, gone.error()));
  after(region, stack, resource, usual_time(region, resource), look);
}

// ---- Outputs ----------------------------------------------------------------------------------

const Stack* exporter_of(const Region& region, std::string_view name, const Stack& other_than) {
  for (const auto& stack : region.stacks->all)
    for (const Stack::Output& output : stack->outputs)
      if (output.export_name == name && !stack->is_deleted() && stack.get() != &other_than)
        return stack.get();
  return nullptr;
}

// The stack's outputs; the reason when one cannot be made.
std::optional<std::string> make_outputs(Region& region, Stack& stack) {
  std::vector<Stack::Output> outputs;
  const Scope scope = scope_of(region, stack, stack.source);
  if (const JsonObject* declared = find_object(stack.source.document, "Outputs")) {
    for (const auto& [key, output] : *declared) {
      if (!is_wanted(stack.source, output)) continue;
      const auto value = evaluate_whole(output.at("Value"), scope);
      if (!value) return value.error().message;
      Stack::Output made;
      made.key = key;
      made.value = value->is_string() ? std::string(value->get_string()) : to_text(*value);
      made.description = string_or_empty(output, "Description");
      const Json* exported = find(output, "Export");
      const Json* name = exported == nullptr ? nullptr : find(*exported, "Name");
      if (name != nullptr) {
        const auto text = evaluate_whole(*name, scope);
        if (!text) return text.error().message;
        made.export_name = text->is_string() ? std::string(text->get_string()) : to_text(*text);
        if (const Stack* owner = exporter_of(region, made.export_name, stack))
          return fmt::format(
              "Export with name {} is already exported by stack {}. Rollback "
              "requested by user.",
              made.export_name, owner->name);
      }
      outputs.push_back(std::move(made));
    }
  }
  stack.outputs = std::move(outputs);
  return std::nullopt;
}

// ---- Deleting ---------------------------------------------------------------------------------

bool is_cleanup(const Stack& stack) {
  return stack.status.find("CLEANUP_IN_PROGRESS") != std::string::npos;
}

bool is_doomed(const Stack& stack, const StackResource& resource) {
  return resource.is_leftover || !is_cleanup(stack);
}

// Nothing of it is left, or nothing that this deletion will touch.
bool is_out_of_the_way(const StackResource& resource) {
  return resource.status.empty() || resource.status == kDelete.complete ||
         resource.status == "DELETE_SKIPPED";
}

bool is_needed(const Stack& stack, const StackResource& resource) {
  return std::any_of(stack.resources.begin(), stack.resources.end(), [&](const auto& other) {
    return other.get() != &resource && is_doomed(stack, *other) && !is_out_of_the_way(*other) &&
           other->needs.contains(resource.logical_id);
  });
}

// True when the resource's turn had come and needed no time.
bool begin_destroying(Region& region, Stack& stack, StackResource& resource) {
  if (resource.physical_id.empty()) {
    say(region, stack, resource, kDelete.complete);
    return true;
  }
  const bool is_rollback = stack.status == "ROLLBACK_IN_PROGRESS";
  const Json* declared = find(stack.source.document.at("Resources"), resource.logical_id);
  const bool is_kept =
      resource.is_skipped ||
      (is_rollback && declared != nullptr ? retains(*declared, true) : resource.is_retained);
  if (is_kept) {
    say(region, stack, resource, "DELETE_SKIPPED");
    return true;
  }
  begin_work(region, stack, resource, kDelete, StackFault::On::kDelete, destroy);
  return false;
}

void end_deletion(Region& region, Stack& stack) {
  const auto failed = ids_with(stack, kDelete.failed);
  const std::string why =
      fmt::format("The following resource(s) failed to delete: {}. ", bracketed(failed));
  if (is_cleanup(stack)) {
    // What could not be cleaned up stays behind, and the update counts all the same.
    std::erase_if(stack.resources, [](const auto& resource) { return resource->is_leftover; });
    stack.source_before.reset();
    return say(region, stack,
               stack.status.starts_with("UPDATE_ROLLBACK") ? "UPDATE_ROLLBACK_COMPLETE"
                                                           : "UPDATE_COMPLETE");
  }
  const bool is_rollback = stack.status == "ROLLBACK_IN_PROGRESS";
  if (!failed.empty())
    return say(region, stack, is_rollback ? "ROLLBACK_FAILED" : kDelete.failed, why);
  if (!is_rollback) stack.deleted_at = region.now;
  say(region, stack, is_rollback ? "ROLLBACK_COMPLETE" : kDelete.complete);
}

void continue_deletion(Region& region, Stack& stack) {
  for (bool is_going_on = true; is_going_on;) {
    is_going_on = false;
    for (auto each = stack.resources.rbegin(); each != stack.resources.rend(); ++each) {
      StackResource& resource = **each;
      const bool is_next = is_doomed(stack, resource) && !is_out_of_the_way(resource) &&
                           resource.status != kDelete.failed && !is_at_work(resource) &&
                           !is_needed(stack, resource);
      if (is_next) is_going_on |= begin_destroying(region, stack, resource);
    }
  }
  const bool is_over = std::none_of(stack.resources.begin(), stack.resources.end(),
                                    [](const auto& each) { return is_at_work(*each); });
  if (is_over) end_deletion(region, stack);
}

// What is being done to resources ends here.
void cancel_work(Region& region, Stack& stack, const char* what) {
  for (const auto& resource : stack.resources) {
    if (!is_at_work(*resource)) continue;
    resource->timer.cancel();
    const Statuses& statuses = statuses_of(*resource);
    say(region, stack, *resource, statuses.failed, fmt::format("Resource {} cancelled", what));
  }
}

// ---- Creating ---------------------------------------------------------------------------------

void creation_failed(Region& region, Stack& stack, std::string why) {
  cancel_work(region, stack, "creation");
  stack.overdue.cancel();
  switch (stack.on_failure) {
    case OnFailure::kNothing:
      return say(region, stack, kCreate.failed, why);
    case OnFailure::kRollback:
      say(region, stack, "ROLLBACK_IN_PROGRESS", why + "Rollback requested by user.");
      break;
    case OnFailure::kDelete:
      say(region, stack, kDelete.going_on, why + "Delete requested by user.");
      break;
  }
  continue_deletion(region, stack);
}

bool has_what_it_needs(const Stack& stack, const StackResource& resource) {
  return std::all_of(resource.needs.begin(), resource.needs.end(), [&](const std::string& id) {
    const StackResource* needed = find_resource(stack, id);
    return needed == nullptr || needed->is_settled;
  });
}

void continue_creation(Region& region, Stack& stack) {
  if (const auto failed = ids_with(stack, kCreate.failed); !failed.empty())
    return creation_failed(
        region, stack,
        fmt::format("The following resource(s) failed to create: {}. ", bracketed(failed)));
  bool is_over = true;
  for (const auto& resource : stack.resources) {
    is_over &= resource->is_settled;
    if (resource->status.empty() && has_what_it_needs(stack, *resource))
      begin_work(region, stack, *resource, kCreate, StackFault::On::kCreate, make);
  }
  if (!is_over) return;
  stack.overdue.cancel();
  if (auto problem = make_outputs(region, stack))
    return creation_failed(region, stack, *std::move(problem) + " ");
  say(region, stack, kCreate.complete);
}

// ---- Updating ---------------------------------------------------------------------------------

// Which properties differ.
std::vector<std::string> differences(const Json& a, const Json& b) {
  std::set<std::string> names;
  for (const Json* each : {&a, &b})
    for (const auto& [name, value] : each->as_object()) names.emplace(name);
  std::vector<std::string> differing;
  for (const std::string& name : names) {
    const Json* left = find(a, name);
    const Json* right = find(b, name);
    if ((left == nullptr) != (right == nullptr) || (left != nullptr && *left != *right))
      differing.push_back(name);
  }
  return differing;
}

bool needs_replacement(std::string_view type, const std::vector<std::string>& changed) {
  if (resource_type(type).update == nullptr) return true;
  const auto& fixed = find_resource_type(type)->create_only;
  return std::any_of(changed.begin(), changed.end(), [&](const std::string& name) {
    return std::find(fixed.begin(), fixed.end(), name) != fixed.end();
  });
}

// The one there is becomes a leftover, and this resource is made anew.
void replace(Region& region, Stack& stack, StackResource& resource) {
  auto old = std::make_unique<StackResource>();
  old->logical_id = resource.logical_id;
  old->type = resource.type;
  old->physical_id = resource.physical_id;
  old->status = resource.status;
  old->properties = resource.properties;
  old->attributes = resource.attributes;
  old->needs = resource.needs;
  old->is_retained = resource.is_retained;
  old->is_leftover = true;
  resource.attributes.clear();
  stack.resources.push_back(std::move(old));
  begin_work(region, stack, resource, kUpdate, StackFault::On::kUpdate, make,
             "Requested update requires the creation of a new physical resource; hence creating "
             "one.");
}

bool has_fixed_name(const StackResource& resource, const Json& properties) {
  const std::string_view name = resource_type(resource.type).name_property;
  const Json* now = name.empty() ? nullptr : find(properties, name);
  const Json* before = now == nullptr ? nullptr : find(resource.properties, name);
  return before != nullptr && *now == *before;
}

void begin_change(Region& region, Stack& stack, StackResource& resource) {
  if (resource.physical_id.empty())
    return begin_work(region, stack, resource, kCreate, StackFault::On::kCreate, make);
  auto wanted = wanted_properties(region, stack, stack.source, resource.logical_id);
  if (wanted) (void)conform(*find_resource_type(resource.type), *wanted);
  const auto changed =
      wanted ? differences(resource.properties, *wanted) : std::vector<std::string>{"?"};
  const bool has_new_tags = stack.source.tags != stack.source_before->tags &&
                            find_resource_type(resource.type)->root.find("Tags") != nullptr;
  if (changed.empty() && !has_new_tags) {
    resource.is_settled = true;
    return;
  }
  resource.before =
      StackResource::Before{resource.physical_id, resource.properties, resource.attributes};
  if (!needs_replacement(resource.type, changed))
    return begin_work(region, stack, resource, kUpdate, StackFault::On::kUpdate, change);
  if (wanted && has_fixed_name(resource, *wanted)) {
    const std::string name(string_or_empty(*wanted, resource_type(resource.type).name_property));
    return say(region, stack, resource, kUpdate.failed,
               fmt::format("CloudFormation cannot update a stack when a custom-named resource "
                           "requires replacing. Rename {} and update the stack again.",
                           name));
  }
  replace(region, stack, resource);
}

void begin_cleanup(Region& region, Stack& stack, std::string_view status) {
  say(region, stack, status);
  continue_deletion(region, stack);
}

// The one that was replaced is still there: the two change places. False when there is no such.
bool change_places(StackResource& now, StackResource& old) {
  if (!now.before || now.before->physical_id != old.physical_id) return false;
  std::swap(now.physical_id, old.physical_id);
  std::swap(now.properties, old.properties);
  std::swap(now.attributes, old.attributes);
  // The replacement may have failed before there was one.
  if (old.physical_id == now.physical_id) old.physical_id.clear();
  return true;
}

// Everything that this update touched goes back to what it was.
void roll_back_update(Region& region, Stack& stack, std::string why) {
  cancel_work(region, stack, "update");
  say(region, stack, "UPDATE_ROLLBACK_IN_PROGRESS", std::move(why));
  stack.source = *std::move(stack.source_before);
  stack.source_before.reset();
  std::vector<StackResource*> leftovers;
  for (const auto& resource : stack.resources) {
    if (resource->is_leftover) leftovers.push_back(resource.get());
    resource->is_leftover |= resource->is_new;
    resource->is_settled = resource->is_leftover || !resource->before;
    if (!resource->is_settled) resource->status.clear();  // its turn comes again
  }
  for (StackResource* old : leftovers) {
    StackResource* now = find_resource(stack, old->logical_id);
    if (now == nullptr && !old->is_new)
      old->is_leftover = false;  // it was to go, and stays
    else if (now != nullptr)
      (void)change_places(*now, *old);
  }
  std::erase_if(stack.resources, [](const auto& resource) {
    return resource->is_leftover && resource->physical_id.empty();
  });
  go_on(region, stack);
}

void continue_update(Region& region, Stack& stack) {
  std::vector<std::string> failed = ids_with(stack, kUpdate.failed);
  for (std::string& id : ids_with(stack, kCreate.failed)) failed.push_back(std::move(id));
  if (!failed.empty())
    return roll_back_update(
        region, stack,
        fmt::format("The following resource(s) failed to update: {}. ", bracketed(failed)));
  bool is_over = true;
  // By index: a replacement adds to the list.
  for (std::size_t i = 0; i < stack.resources.size(); ++i) {
    StackResource& resource = *stack.resources[i];
    if (resource.is_leftover || resource.is_settled) continue;
    if (!is_at_work(resource) && has_what_it_needs(stack, resource)) {
      begin_change(region, stack, resource);
      if (resource.status == kUpdate.failed) return continue_update(region, stack);
      if (resource.is_settled) return continue_update(region, stack);
    }
    is_over &= resource.is_settled;
  }
  if (!is_over) return;
  if (auto problem = make_outputs(region, stack))
    return roll_back_update(region, stack, *std::move(problem) + " ");
  begin_cleanup(region, stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
}

void continue_update_rollback(Region& region, Stack& stack) {
  for (const auto& resource : stack.resources) {
    if (resource->is_settled || !resource->status.empty()) continue;
    if (resource->properties == resource->before->properties) {
      resource->is_settled = true;
      say(region, stack, *resource, kUpdate.complete);
    } else {
      begin_work(region, stack, *resource, kUpdate, StackFault::On::kUpdate, change);
    }
  }
  if (const auto failed = ids_with(stack, kUpdate.failed); !failed.empty()) {
    cancel_work(region, stack, "update");
    return say(region, stack, "UPDATE_ROLLBACK_FAILED",
               fmt::format("The following resource(s) failed to update: {}. ", bracketed(failed)));
  }
  const bool is_over = std::all_of(stack.resources.begin(), stack.resources.end(),
                                   [](const auto& each) { return each->is_settled; });
  if (!is_over) return;
  (void)make_outputs(region, stack);
  begin_cleanup(region, stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS");
}

void go_on(Region& region, Stack& stack) {
  if (stack.status == "CREATE_IN_PROGRESS") return continue_creation(region, stack);
  if (stack.status == "UPDATE_IN_PROGRESS") return continue_update(region, stack);
  if (stack.status == "UPDATE_ROLLBACK_IN_PROGRESS") return continue_update_rollback(region, stack);
  continue_deletion(region, stack);
}

}  // namespace

Scope scope_of(Region& region, const Stack& stack, const StackSource& source) {
  return {.source = source,
          .stack = stack,
          .region = region.name,
          .account = region.account,
          .partition = region.partition,
          .import_value = [&region](std::string_view name) -> std::optional<std::string> {
            for (const auto& each : region.stacks->all)
              for (const Stack::Output& output : each->outputs)
                if (output.export_name == name && !each->is_deleted()) return output.value;
            return std::nullopt;
          },
          .parameter_store = [&region](std::string_view name) -> std::optional<Json> {
            const Operation* get = find_operation("ssm", "GetParameter");
            if (get == nullptr) return std::nullopt;
            const CallContext nobody;
            const Json input = JsonObject{{"Name", name}};
            const Reply reply = get->answer(Call{region, nobody, input});
            if (!reply) return std::nullopt;
            const Json answer = reply->parse();
            const Json* parameter = find(answer, "Parameter");
            if (parameter == nullptr) return std::nullopt;
            return Json(string_or_empty(*parameter, "Value"));
          }};
}

void begin_creation(Region& region, Stack& stack) {
  take_up_resources(stack);
  say(region, stack, kCreate.going_on, "User Initiated");
  if (stack.timeout)
    stack.overdue.set(region.timeline, region.now + *stack.timeout, [&region, &stack] {
      std::vector<std::string> unfinished;
      for (const auto& resource : stack.resources)
        if (!resource->is_settled) unfinished.push_back(resource->logical_id);
      creation_failed(region, stack,
                      fmt::format("Stack creation time exceeded the specified timeout. The "
                                  "following resource(s) failed to create: {}. ",
                                  bracketed(unfinished)));
    });
  continue_creation(region, stack);
}

void begin_update(Region& region, Stack& stack, StackSource next) {
  stack.source_before = std::exchange(stack.source, std::move(next));
  stack.updated_at = region.now;
  for (const auto& resource : stack.resources) {
    resource->is_new = false;
    resource->is_settled = false;
    resource->before.reset();
  }
  take_up_resources(stack);
  say(region, stack, kUpdate.going_on, "User Initiated");
  continue_update(region, stack);
}

void begin_deletion(Region& region, Stack& stack, const std::set<std::string>& retained) {
  stack.overdue.cancel();
  cancel_work(region, stack, "creation");
  for (const auto& resource : stack.resources) {
    resource->is_skipped = retained.contains(resource->logical_id);
    if (resource->status == kDelete.failed) resource->status = kCreate.complete;
  }
  say(region, stack, kDelete.going_on, "User Initiated");
  continue_deletion(region, stack);
}

JsonArray changes_of_update(Region& region, const Stack& stack, const StackSource& next) {
  JsonArray changes;
  const auto add = [&](const char* action, std::string_view id, std::string_view type,
                       std::string_view physical_id, JsonObject more) {
    JsonObject change{{"Action", action}, {"LogicalResourceId", id}};
    if (!physical_id.empty()) change["PhysicalResourceId"] = physical_id;
    change["ResourceType"] = type;
    for (const auto& [name, value] : more) change[name] = value;
    changes.push_back(JsonObject{{"Type", "Resource"}, {"ResourceChange", std::move(change)}});
  };
  const JsonObject& declared = next.document.at("Resources").as_object();
  for (const auto& [id, resource] : declared) {
    if (!is_wanted(next, resource)) continue;
    const std::string_view type = string_or_empty(resource, "Type");
    const StackResource* known = find_resource(stack, id);
    if (known == nullptr || known->type != type) {
      add("Add", id, type, "", {{"Scope", JsonArray{}}, {"Details", JsonArray{}}});
      continue;
    }
    auto wanted = wanted_properties(region, stack, next, id);
    if (wanted) (void)conform(*find_resource_type(type), *wanted);
    const auto changed =
        wanted ? differences(known->properties, *wanted) : std::vector<std::string>{};
    const bool has_new_tags =
        next.tags != stack.source.tags && find_resource_type(type)->root.find("Tags") != nullptr;
    if (wanted && changed.empty() && !has_new_tags) continue;
    JsonArray details;
    for (const std::string& name : changed)
      details.push_back(
          JsonObject{{"Target", JsonObject{{"Attribute", "Properties"}, {"Name", name}}},
                     {"Evaluation", "Static"},
                     {"ChangeSource", "DirectModification"}});
    JsonArray scope;
    if (!changed.empty()) scope.emplace_back("Properties");
    if (has_new_tags) scope.emplace_back("Tags");
    add("Modify", id, type, known->physical_id,
        {{"Replacement", !wanted                            ? "Conditional"
                         : needs_replacement(type, changed) ? "True"
                                                            : "False"},
         {"Scope", std::move(scope)},
         {"Details", std::move(details)}});
  }
  for (const auto& resource : stack.resources)
    if (!declared.contains(resource->logical_id) ||
        !is_wanted(next, declared.at(resource->logical_id)))
      add("Remove", resource->logical_id, resource->type, resource->physical_id,
          {{"Scope", JsonArray{}}, {"Details", JsonArray{}}});
  return changes;
}

}  // namespace slipway::sim
