// CloudFormation's stacks as the simulator keeps them: what was asked for, the resources with how
// far each has come, and the events that tell about it. Plain state; sim/stack_engine.h moves it.
#pragma once

#include "base/json.h"
#include "base/time.h"
#include "sim/happening.h"
#include "sim/timeline.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

struct StackResource {
  std::string logical_id;
  std::string type;  // "AWS::ECS::Service"
  std::string physical_id;
  std::string status;  // CREATE_IN_PROGRESS, ...; empty: its turn has not come
  std::string reason;
  TimePoint updated_at;
  Json properties = JsonObject{};  // those it has, resolved
  JsonObject attributes;           // what Fn::GetAtt answers
  std::set<std::string> needs;     // logical ids that come before it
  bool is_retained = false;        // DeletionPolicy: Retain

  // What it was before the update that goes on, to go back to.
  struct Before {
    std::string physical_id;
    Json properties;
    JsonObject attributes;
  };
  std::optional<Before> before;
  bool is_new = true;        // came with the operation that goes on
  bool is_settled = false;   // the operation that goes on is through with it
  bool is_leftover = false;  // not in the template (any more): goes in the end
  bool is_skipped = false;   // RetainResources of the deletion that goes on
  std::optional<TimePoint> work_began;
  std::optional<StackFault> fault;  // what strikes the work that goes on
  Timer timer;
};

struct StackEvent {
  std::string EventId;
  TimePoint at;
  std::string logical_id, physical_id, type, status, reason;
  std::string properties;  // as JSON text; empty for the stack's own
  std::string token;       // ClientRequestToken
};

struct StackParameter {
  std::string key;
  std::string value;  // as text; a list has commas
  Json used;          // what Ref gives: text, or a list of texts
  bool is_hidden = false;
};

// What a stack is made from; an update that fails goes back to the one before.
struct StackSource {
  std::string text;  // the template as it came
  Json document;     // the same, read
  std::vector<StackParameter> parameters;
  std::map<std::string, bool> conditions;
  JsonArray tags;
};

enum class OnFailure { kRollback, kDelete, kNothing };

struct ChangeSet {
  std::string id;
  std::string name;
  std::string type;    // CREATE | UPDATE
  std::string status;  // CREATE_COMPLETE | FAILED
  std::string reason;
  std::string execution_status;
  std::string description;
  StackSource source;
  JsonArray changes;
  JsonArray capabilities;
  TimePoint created_at;
};

struct Stack {
  struct Output {
    std::string key, value, description, export_name;
  };

  std::string name;
  std::string id;  // the ARN
  std::string status;
  std::string reason;
  std::string description;
  std::string caller;    // whose rights count: the principal's ARN
  std::string role_arn;  // given: the rights are this role's
  std::string token;     // ClientRequestToken of the operation that goes on
  StackSource source;
  std::optional<StackSource> source_before;  // while an update goes on
  std::vector<Output> outputs;
  JsonArray capabilities;
  JsonArray notification_arns;
  OnFailure on_failure = OnFailure::kRollback;
  std::optional<Duration> timeout;
  bool termination_protection = false;
  TimePoint created_at;
  std::optional<TimePoint> updated_at, deleted_at;
  std::vector<std::unique_ptr<StackResource>> resources;  // in the template's order
  std::vector<StackEvent> events;                         // oldest first
  std::vector<ChangeSet> change_sets;
  Timer overdue;  // TimeoutInMinutes

  bool is_deleted() const { return status == "DELETE_COMPLETE"; }
};

struct Stacks {
  std::vector<std::unique_ptr<Stack>> all;    // oldest first, deleted ones too
  std::vector<StackFault> faults;             // the first that matches counts
  std::map<std::string, std::string> tokens;  // stack id by name and ClientRequestToken
};

// By name, the one that is not deleted; by id, deleted or not. nullptr when there is none.
Stack* find_stack(Stacks& stacks, std::string_view name_or_id);
// The one of the template, not what it replaced.
StackResource* find_resource(const Stack& stack, std::string_view logical_id);

}  // namespace slipway::sim
