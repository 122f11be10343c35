// What CreateStack, UpdateStack and CreateChangeSet ask for, read and judged the same way.
#pragma once

#include "base/json.h"
#include "sim/answer.h"
#include "sim/stacks.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

struct Call;    // sim/calls.h
struct Region;  // sim/region.h

std::optional<ServiceError> stack_name_problem(std::string_view name);
std::string new_stack_id(Region& region, std::string_view name);

// TemplateBody; with UsePreviousTemplate that of `before`.
Answer<std::string> template_text(const Call& call, const StackSource* before);

// Everything but the template: who asks, what becomes of a failure, protection, timeout, ...
std::optional<ServiceError> read_stack_request(const Call& call, Stack& stack);
// Whose rights count from now on.
void take_caller(const Call& call, Stack& stack);

// The template with parameters, conditions and tags; what is wrong with it is the error that AWS
// answers at once. `before` is the stack's present source in an update.
Answer<StackSource> read_stack_source(const Call& call, const Stack& stack,
                                      const StackSource* before);

// The error for a stack whose state allows no update.
std::optional<ServiceError> not_updatable(const Stack& stack);
bool has_other_outputs(const StackSource& a, const StackSource& b);
JsonArray shown_parameters(const std::vector<StackParameter>& parameters);

}  // namespace slipway::sim
