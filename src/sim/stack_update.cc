// Updates: what changes in place, what is replaced, what goes; and the way back.
#include "sim/region.h"
#include "sim/resource_types.h"
#include "sim/stack_resources.h"
#include "sim/stack_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

namespace slipway::sim {
namespace stacks {
namespace {

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

}  // namespace

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

}  // namespace stacks

void begin_update(Region& region, Stack& stack, StackSource next) {
  using namespace stacks;
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

JsonArray changes_of_update(Region& region, const Stack& stack, const StackSource& next) {
  using namespace stacks;
  JsonArray changes;
  const auto add = [&](const char* action, std::string_view id, std::string_view type,
                       std::string_view physical_id, const JsonObject& more) {
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
