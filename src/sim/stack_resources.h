// How CloudFormation makes, changes and deletes resources: by calling the other services in the
// name of the stack's caller. One row for each type; what a row does is done at one instant, and
// the engine (sim/stack_engine.h) puts time between.
#pragma once

#include "base/json.h"
#include "sim/answer.h"
#include "sim/stacks.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway::sim {

struct Region;

struct Done {};

// One resource that is being worked at.
class ResourceWork {
 public:
  ResourceWork(Region& region, const Stack& stack, StackResource& resource)
      : region_(region), stack_(stack), resource_(resource) {}

  Region& region() { return region_; }
  const Stack& stack() const { return stack_; }
  StackResource& resource() { return resource_; }
  const Json& properties() const { return resource_.properties; }
  std::string_view text(std::string_view property) const;

  // A call with the rights of the stack's caller. The error's message is the sentence that
  // CloudFormation quotes.
  Answer<Json> call(std::string_view service, std::string_view operation, const Json& input);

  // `properties` as the operation's input: names and scalars as the API has them. `renamed` are
  // properties that it knows by another name, at any depth.
  Json input_of(std::string_view service, std::string_view operation, const Json& properties,
                const std::vector<std::pair<std::string, std::string>>& renamed = {});

  // The resource's own Tags and those of the stack it does not have itself, as [{Key, Value}].
  JsonArray tags() const;
  // "STACK-LOGICALID-1A2B3C4D5E6F", cut to `longest`.
  std::string made_up_name(std::size_t longest);

 private:
  Region& region_;
  const Stack& stack_;
  StackResource& resource_;
};

struct ResourceType {
  std::string_view name;
  // Sets the resource's physical_id and attributes as soon as they are known, even if it fails
  // after that: then there is something to delete.
  Answer<Done> (*create)(ResourceWork&);
  Answer<Done> (*destroy)(ResourceWork&);
  // In place; `before` are the properties it has so far. Null: any change is a replacement.
  Answer<Done> (*update)(ResourceWork&, const Json& before) = nullptr;
  // Whether the creation or change is through, or the deletion. Null: at once.
  Answer<bool> (*is_stable)(ResourceWork&) = nullptr;
  Answer<bool> (*is_gone)(ResourceWork&) = nullptr;
  bool is_slow = false;  // takes Knobs::cfn_role and not Knobs::cfn_resource
  // The property with its name: two that have it cannot be there at once.
  std::string_view name_property = {};
};

// A type that resource_types.h knows.
const ResourceType& resource_type(std::string_view name);

// The rows of the files beside this one.
extern const ResourceType kEcsServiceType, kEcsTaskDefinitionType;
extern const ResourceType kTargetGroupType, kListenerType, kListenerRuleType,
    kListenerCertificateType;
extern const ResourceType kRecordSetType, kRecordSetGroupType;
extern const ResourceType kLogGroupType, kRoleType, kScalableTargetType, kScalingPolicyType,
    kAlarmType;

// "Resource handler returned message: ..." as an event of the stack quotes it.
std::string failure_text(Region& region, const ServiceError& error);
bool is_not_found(const ServiceError& error);
// What is not there is deleted.
Answer<Done> unless_gone(const Answer<Json>& answer);

}  // namespace slipway::sim
