// One image into one service, in the order that the ecs-deploy dialect has: register a revision,
// point the service at it, wait for a first task of it, wait until the old deployment is gone, then
// prune. Without a service: register, and run the revision once if asked to. Every wait is bound to
// the deployment or the task that this run made.
#pragma once

#include "aws/ecs.h"
#include "execute/context.h"
#include "execute/deploy.h"
#include "execute/executor.h"
#include "model/single_service.h"
#include "model/snapshot.h"
#include "plan/single_service.h"

#include <optional>

namespace slipway {

// What there is, and what is to be registered. Nothing has been changed yet.
struct PreparedSingleService {
  std::optional<aws::Service> before;  // none without a service
  TaskDefinitionSnapshot base;
  NewRevision revision;
};

// Says the findings. kNotFound "service.missing" and "service.not-active", kInvalid
// "service.controller" when something else than ECS deploys it, and the errors of plan_revision.
Result<PreparedSingleService> prepare(Context& context, const SingleService& wanted);

// Prepares and does it. The verdict of its one item is the truth about what this run made.
WorkReport run_single_service(Context& context, RunState& state, const SingleService& wanted);

Subject subject_of(const SingleService& wanted);

}  // namespace slipway
