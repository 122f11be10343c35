#include "sim/stacks.h"

namespace slipway::sim {

Stack* find_stack(Stacks& stacks, std::string_view name_or_id) {
  for (auto each = stacks.all.rbegin(); each != stacks.all.rend(); ++each) {
    Stack& stack = **each;
    if (stack.id == name_or_id || (stack.name == name_or_id && !stack.is_deleted())) return &stack;
  }
  return nullptr;
}

StackResource* find_resource(const Stack& stack, std::string_view logical_id) {
  for (const auto& resource : stack.resources)
    if (resource->logical_id == logical_id && !resource->is_leftover) return resource.get();
  return nullptr;
}

}  // namespace slipway::sim
