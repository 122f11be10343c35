// Deciding for the ecs-deploy dialect: pure, from the wish and what AWS has to what is registered.
#pragma once

#include "base/result.h"
#include "model/event.h"
#include "model/plan.h"
#include "model/single_service.h"
#include "model/snapshot.h"
#include "plan/prune.h"

#include <string>
#include <vector>

namespace slipway {

struct NewRevision {
  std::vector<EventBody> findings;  // the base, each image, warnings
  RegisterTaskDefinition action;
};

// Always something to register: an identical revision is how a moved tag is deployed again.
// kInvalid "image.no-match", "image.no-container", "image.unparsable".
Result<NewRevision> plan_revision(const SingleService& wanted, const TaskDefinitionSnapshot& base);

// A document saved from DescribeTaskDefinition, wrapped in `taskDefinition` or bare, into its
// content and its tags (null without). kInvalid "file.no-task-definition".
struct SavedDefinition {
  Json document;
  Json tags;
};
Result<SavedDefinition> unwrap_definition(Json file);

// Containers whose end says nothing about the task's.
std::vector<std::string> not_essential(const Json& task_definition);

// How a task shows that it works: HEALTHY where a container's health is checked, else RUNNING.
enum class HealthCheck { kNone, kOnlyOnNonessential, kOnEssential };
HealthCheck health_check_of(const Json& task_definition);
bool shows_that_it_works(HealthCheck check, const std::string& lastStatus,
                         const std::string& healthStatus);

// Which revisions stay: the new one, and the one from before it unless only one shall be left.
PruneRule prune_rule(const SingleService& wanted, const std::string& new_revision,
                     const std::string& revision_before);

}  // namespace slipway
