#include "sim/stack_engine.h"

#include "sim/region.h"
#include "sim/stack_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway::sim {
namespace stacks {
namespace {

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

}  // namespace

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

namespace {

// ---- Creating ---------------------------------------------------------------------------------

void creation_failed(Region& region, Stack& stack, const std::string& why) {
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

}  // namespace

void go_on(Region& region, Stack& stack) {
  if (stack.status == "CREATE_IN_PROGRESS") return continue_creation(region, stack);
  if (stack.status == "UPDATE_IN_PROGRESS") return continue_update(region, stack);
  if (stack.status == "UPDATE_ROLLBACK_IN_PROGRESS") return continue_update_rollback(region, stack);
  continue_deletion(region, stack);
}

}  // namespace stacks

void begin_creation(Region& region, Stack& stack) {
  using namespace stacks;
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

void begin_deletion(Region& region, Stack& stack, const std::set<std::string>& retained) {
  using namespace stacks;
  stack.overdue.cancel();
  cancel_work(region, stack, "creation");
  for (const auto& resource : stack.resources) {
    resource->is_skipped = retained.contains(resource->logical_id);
    if (resource->status == kDelete.failed) resource->status = kCreate.complete;
  }
  say(region, stack, kDelete.going_on, "User Initiated");
  continue_deletion(region, stack);
}

}  // namespace slipway::sim
