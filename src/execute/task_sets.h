// The task sets of a service whose deployment controller is EXTERNAL, as the two sides of its
// traffic: which of them is which side, what a new one is made like, and the calls that change
// them. A task set is for one revision as long as it lives; a side gets a new one with each
// release.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-external.html
#pragma once

#include "aws/ecs_task_sets.h"
#include "base/result.h"
#include "execute/changes.h"
#include "execute/context.h"
#include "execute/look.h"
#include "execute/watch.h"
#include "model/traffic.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway {

// ---- Which it is, pure -------------------------------------------------------------------------

// ARNs of the target groups that it registers its tasks in.
std::vector<std::string> target_groups_of(const aws::TaskSet& set);
// Those of the side's target group that are not on their way out, newest first.
std::vector<const aws::TaskSet*> task_sets_of(const ServiceLook& look, const TrafficSide& side);
// The newest of those; nullptr when there is none.
const aws::TaskSet* find_task_set(const ServiceLook& look, const TrafficSide& side);
const aws::TaskSet* find_task_set(const ServiceLook& look, const std::string& arn);

// kConflict "traffic.two-task-sets" when more than one has tasks in the side's target group: the
// weights would then say nothing about which of them is asked.
std::optional<Error> objection(const ServiceLook& look, const TrafficSide& side);

// As `model` is, network, launch type, registries and share of the desiredCount included; but it
// registers its tasks in the target group of `side`, and runs `definition`.
aws::CreateTaskSetRequest like(const aws::TaskSet& model, const TrafficSide& side,
                               const std::string& definition);

struct TaskSetWatch {
  TrafficSide side;
  std::string task_set;  // ARN
  double scale = 100;    // percent that was asked for
  TimePoint since;
  Duration max_wait{};
  int failed_looks = 0;  // in a row
};
// Success when it has all its tasks in a steady state; none as long as it may still get there.
std::optional<Verdict> judge(TaskSetWatch& watch, const Result<ServiceLook>& seen, TimePoint now);

// ---- Changing them, each announced first -------------------------------------------------------

// `request` has a client token and an externalId of its own: with the one ECS answers a second copy
// with the set of the first, by the other it is found when no answer came at all.
Result<aws::TaskSet> create_task_set(Context& context, const Change& change,
                                     const aws::CreateTaskSetRequest& request);
Result<void> scale_task_set(Context& context, const Change& change, const TrafficSide& side,
                            const std::string& task_set, double percent);
Result<void> make_primary(Context& context, const Change& change, const TrafficSide& side,
                          const std::string& task_set);
// With its tasks; one that is gone already is as good.
Result<void> delete_task_set(Context& context, const Change& change, const TrafficSide& side,
                             const std::string& task_set);

}  // namespace slipway
