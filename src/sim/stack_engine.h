// What brings stacks from one state to the next: resources are made, changed and deleted in the
// order of what they need, side by side where they need nothing of each other, each with the calls
// of sim/stack_resources.h and the time of sim/knobs.h; a failure takes back what was done.
#pragma once

#include "sim/answer.h"
#include "sim/stacks.h"

#include <set>
#include <string>
#include <vector>

namespace slipway::sim {

struct Region;
struct Scope;

// Where the expressions of a stack's source stand.
Scope scope_of(Region& region, const Stack& stack, const StackSource& source);

// The stack's source is set and sound; it is CREATE_IN_PROGRESS from here on.
void begin_creation(Region& region, Stack& stack);
void begin_update(Region& region, Stack& stack, StackSource next);
// `retained` are logical ids that stay where they are.
void begin_deletion(Region& region, Stack& stack, const std::set<std::string>& retained);

// What an update would do, for a change set: {"Action": "Modify", "LogicalResourceId": ...}.
JsonArray changes_of_update(Region& region, const Stack& stack, const StackSource& next);

}  // namespace slipway::sim
