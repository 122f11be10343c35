// The parts that creating, updating and deleting stacks have in common: what the events say, what a
// resource's template comes to, and one resource on its way from one state to the next.
#pragma once

#include "sim/answer.h"
#include "sim/stack_engine.h"
#include "sim/stacks.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim::stacks {

// ---- Events ----

// The stack, or one of its resources, has this status from now on.
void say(Region& region, Stack& stack, std::string_view status, std::string reason = {});
void say(Region& region, Stack& stack, StackResource& resource, std::string_view status,
         std::string reason = {});
std::string bracketed(const std::vector<std::string>& names);  // "[A, B]"
std::vector<std::string> ids_with(const Stack& stack, std::string_view status);

// ---- What the stack is made from ----

// Whether the condition of a resource or output holds.
bool is_wanted(const StackSource& source, const Json& resource);
// Whether its DeletionPolicy keeps it.
bool retains(const Json& resource, bool is_rollback_of_creation);
// Brings stack.resources in line with the source: those that are new wait for their turn, those
// that are no longer wanted are leftovers.
void take_up_resources(Stack& stack);
// The resource's Properties with all expressions worked out.
Answer<Json> wanted_properties(Region& region, const Stack& stack, const StackSource& source,
                               std::string_view logical_id);
// The stack's outputs; the reason when one cannot be made.
std::optional<std::string> make_outputs(Region& region, Stack& stack);

// ---- One resource ----

struct Statuses {
  const char* going_on;
  const char* complete;
  const char* failed;
};
inline constexpr Statuses kCreate = {"CREATE_IN_PROGRESS", "CREATE_COMPLETE", "CREATE_FAILED"};
inline constexpr Statuses kUpdate = {"UPDATE_IN_PROGRESS", "UPDATE_COMPLETE", "UPDATE_FAILED"};
inline constexpr Statuses kDelete = {"DELETE_IN_PROGRESS", "DELETE_COMPLETE", "DELETE_FAILED"};

bool is_at_work(const StackResource& resource);
bool has_what_it_needs(const Stack& stack, const StackResource& resource);

// What begins when a resource's turn has come; the stack goes on when it is through.
using Act = void (*)(Region&, Stack&, StackResource&);
void begin_work(Region& region, Stack& stack, StackResource& resource, const Statuses& statuses,
                StackFault::On on, Act act, std::string reason = {});
void make(Region& region, Stack& stack, StackResource& resource);
void change(Region& region, Stack& stack, StackResource& resource);
void destroy(Region& region, Stack& stack, StackResource& resource);
// What is being done to resources ends here, as a failure: "Resource creation cancelled".
void cancel_work(Region& region, Stack& stack, const char* what);

// ---- The stack's own next step, in stack_engine.cc and stack_update.cc ----

void go_on(Region& region, Stack& stack);
void continue_deletion(Region& region, Stack& stack);
void continue_update(Region& region, Stack& stack);
void continue_update_rollback(Region& region, Stack& stack);

}  // namespace slipway::sim::stacks
