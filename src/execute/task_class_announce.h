// Announcing what a task class has done: one message on an SNS topic for each call that worked,
// with the members and in the form that the listeners of ecs-task expect.
#pragma once

#include "aws/client.h"
#include "aws/clients.h"
#include "base/json.h"
#include "base/result.h"
#include "base/runtime.h"
#include "plan/task_class_plan.h"

#include <string>

namespace slipway {

// SNS's own limit.
inline constexpr std::size_t kLongestMessage = 262'144;

// The message about one call. `input` is what was sent, without what we add for safety's sake.
// Timestamps of the answer become ISO 8601. What is too long loses `result.service.events`, then
// `result`, and says "truncated": true.
std::string message_about(const TaskClassCall& call, const aws::CallFacts& facts, const Json& input,
                          const aws::DocumentReply& reply);

// Published in the topic's own region.
Result<void> announce(aws::Clients& clients, Random& random, const TaskClassPlan& plan,
                      std::string message);

}  // namespace slipway
