// Deployments of AWS CodeDeploy: creating one, looking at it, telling it to go on or to go back. A
// deployment has an id of its own, which each task set that it makes carries as externalId; the way
// back from it is another deployment, which CodeDeploy begins itself.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html
#pragma once

#include "base/result.h"
#include "execute/changes.h"
#include "execute/context.h"
#include "model/event.h"
#include "model/plan.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// "d-A1B2C3D4E", as opposed to ECS's "ecs-svc/…".
bool is_code_deploy_id(std::string_view deployment);

// What ContinueDeployment ends.
inline constexpr std::string_view kReadyWait = "READY_WAIT";              // before traffic moves
inline constexpr std::string_view kTerminationWait = "TERMINATION_WAIT";  // before the old tasks go

struct CodeDeployLook {
  struct TaskSet {
    std::string id;
    bool is_new = false;  // in this deployment; on the way back the old one is
    int weight = 0;       // percent of production traffic
    bool operator==(const TaskSet&) const = default;
  };
  std::string deployment;
  std::string application;
  std::string deployment_group;
  std::string status;  // Created, Queued, InProgress, Ready, Baking, Succeeded, Failed, Stopped
  std::string error_code;
  std::string error_message;
  std::string taken_back_by;  // id of the deployment that is the way back; empty: none so far
  std::string takes_back;     // id of the one that this is the way back from
  bool has_moved_all = false;
  std::string lifecycleEvent;              // the one under way, or that failed
  std::string lifecycle_failure;           // what it says of itself, such as of a function
  std::vector<std::string> target_groups;  // names of the two
  std::optional<TimePoint> ready_since;    // the new tasks are up, and have had their test traffic
  std::optional<Duration> ready_at_most;   // then it stops
  std::vector<TaskSet> task_sets;          // none when they could not be looked at

  bool is_over() const;
  // READY_WAIT, TERMINATION_WAIT or nothing.
  std::string waits_for() const;
  const TaskSet* new_task_set() const;  // nullptr: not made yet
};

// GetDeployment, and once it has begun BatchGetDeploymentTargets. `service` is its name or ARN.
Result<CodeDeployLook> look_at_code_deploy(Context& context, const std::string& deployment,
                                           const std::string& service);
CodeDeployObserved observed(const CodeDeployLook& look);

// Its id. A lost answer is looked up by the description, which carries a token of ours. kConflict
// "deployment.running" while another one of the group runs.
Result<std::string> create_deployment(Context& context, const Change& change,
                                      const ShiftByCodeDeploy& action,
                                      const std::string& task_definition);

// One that has gone on meanwhile is no error.
Result<void> continue_code_deploy(Context& context, const Subject& subject,
                                  const std::string& deployment, std::string_view wait_type);

// With `rolls_back` all traffic goes back to the old task set. False: it had ended before.
Result<bool> stop_code_deploy(Context& context, const Change& change, const std::string& deployment,
                              bool rolls_back);

}  // namespace slipway
