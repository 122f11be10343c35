#include "sim/stack_steps.h"

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
#include <memory>
#include <utility>

namespace slipway::sim {
namespace stacks {

// A resource that is not stable by then never will be.
constexpr Duration kLongestWait = std::chrono::hours(3);

// ---- Events -----------------------------------------------------------------------------------

void say(Region& region, Stack& stack, std::string_view status, std::string reason) {
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
         std::string reason) {
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

namespace {

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

}  // namespace

// ---- One resource -----------------------------------------------------------------------------

bool is_at_work(const StackResource& resource) { return resource.timer.is_set(); }

namespace {

void after(Region& region, Stack& stack, StackResource& resource, Duration delay, Act act) {
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

}  // namespace

void begin_work(Region& region, Stack& stack, StackResource& resource, const Statuses& statuses,
                StackFault::On on, Act act, std::string reason) {
  resource.work_began = region.now;
  resource.fault = strike(region, stack, resource, on);
  say(region, stack, resource, statuses.going_on, std::move(reason));
  after(region, stack, resource, region.knobs.cfn_call, act);
}

namespace {

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

}  // namespace

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

namespace {

const Stack* exporter_of(const Region& region, std::string_view name, const Stack& other_than) {
  for (const auto& stack : region.stacks->all)
    for (const Stack::Output& output : stack->outputs)
      if (output.export_name == name && !stack->is_deleted() && stack.get() != &other_than)
        return stack.get();
  return nullptr;
}

}  // namespace

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

// What is being done to resources ends here.
void cancel_work(Region& region, Stack& stack, const char* what) {
  for (const auto& resource : stack.resources) {
    if (!is_at_work(*resource)) continue;
    resource->timer.cancel();
    const Statuses& statuses = statuses_of(*resource);
    say(region, stack, *resource, statuses.failed, fmt::format("Resource {} cancelled", what));
  }
}

bool has_what_it_needs(const Stack& stack, const StackResource& resource) {
  return std::all_of(resource.needs.begin(), resource.needs.end(), [&](const std::string& id) {
    const StackResource* needed = find_resource(stack, id);
    return needed == nullptr || needed->is_settled;
  });
}

}  // namespace stacks

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

}  // namespace slipway::sim
