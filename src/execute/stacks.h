// CloudFormation stacks from their creation to their end: made, watched until they are settled,
// deleted. Whoever shows a wait hears every five seconds how each resource stands. A look is one
// call, DescribeStackEvents, which tells of the stack and its resources; where that is not allowed
// it is two.
#pragma once

#include "aws/cloudformation.h"
#include "base/result.h"
#include "execute/context.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

struct StackTimings {
  Duration poll = std::chrono::seconds(5);
  Duration limit = std::chrono::minutes(30);
  Duration patience = std::chrono::minutes(5);  // with looks that fail
};

struct StackResource {
  std::string logical_id;
  std::string type;
  std::string status;
  std::string reason;  // empty: none given
  std::string physical_id;
};

struct StackProgress {
  std::string stack;
  std::string status;
  Duration elapsed{};
  std::vector<StackResource> resources;  // in the order in which they were begun
};

struct NewStack {
  std::string name;
  std::string template_body;
  std::map<std::string, std::string> tags;
  std::string token;  // tells two copies of the request apart from two requests
};

// What a stack's name or id stands for now.
using LiveStack = aws::cloudformation::Stack;

class Stacks {
 public:
  using Show = std::function<void(const StackProgress&)>;

  // Borrows the context.
  explicit Stacks(Context& context, Show show = {}, StackTimings timings = {});

  // nullopt: there is none. A deleted stack is found by its id only.
  Result<std::optional<LiveStack>> find(const std::string& name_or_id);

  // Every stack there is, but for deleted ones, with tags and parameters.
  Result<std::vector<LiveStack>> all();

  // Returns when it is CREATE_COMPLETE. A stack that fails is deleted by CloudFormation; the error,
  // kFailed "stack.failed", comes when that has ended, names the first resources that failed and
  // why, and says what is left. kTimeout "stack.too-slow" after `limit`.
  Result<LiveStack> create(const NewStack& wanted);

  // Deletes it and returns when it is gone; none is fine. What `retained` names stays when the
  // stack cannot be deleted with it. kFailed "stack.not-deleted" with the resources that stay.
  Result<void> remove(const std::string& name_or_id, const std::vector<std::string>& retained = {});

  // Waits until nothing is *_IN_PROGRESS any more.
  Result<std::optional<LiveStack>> settle(const std::string& name_or_id);

  Result<std::vector<StackResource>> resources(const std::string& name_or_id);

 private:
  struct Watch;
  Result<void> look(Watch& watch);
  Result<void> look_at_events(Watch& watch);
  Result<void> look_at_resources(Watch& watch);
  Result<void> wait(Watch& watch, bool (*is_over)(std::string_view status));
  Result<void> mark(Watch& watch);
  Result<void> delete_once(const LiveStack& stack, const std::vector<std::string>& retained,
                           Watch& watch);

  Context& context_;
  Show show_;
  StackTimings timings_;
};

bool is_in_progress(std::string_view stack_status);
std::string output_of(const LiveStack& stack, std::string_view key);  // empty: none
std::string tag_of(const LiveStack& stack, std::string_view key);     // empty: none

}  // namespace slipway
