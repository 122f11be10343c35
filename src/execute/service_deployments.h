// Service deployments by their own API: finding the one that is in progress, stopping it,
// continuing one that waits at a pause hook, and following it to its end. A service deployment is
// the record of one rollout with an ARN of its own; its status says how it ended, whatever
// DescribeServices shows.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
#pragma once

#include "aws/ecs.h"
#include "base/result.h"
#include "execute/context.h"
#include "execute/executor.h"
#include "execute/look.h"
#include "model/event.h"
#include "model/pause_hook.h"
#include "model/traffic.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// Those that wait for somebody, of `lifecycleHookDetails`.
std::vector<PauseHook> waiting_hooks(const aws::ServiceDeployment& deployment);

// "until 2026-01-02T01:07:00Z, then goes back"; empty when ECS does not say.
std::string until_when(const PauseHook& hook);
// The new revision's share of production traffic in percent, as ECS says it.
double production_weight(const aws::ServiceDeployment& deployment);
// The same as steps count: a whole number, and at least 1 where it is not nothing.
int production_percent(const aws::ServiceDeployment& deployment);

// The command that goes on, as far as the services' names: by the file where there is one, so that
// the steps that are left keep their checks.
std::string continue_command(const Context& context);

// What an item comes to whose deployment waits for a person: how to go on and how to go back. Says
// StepPaused. `hook` is null where nobody knows it.
struct PausedService {
  std::string service;
  int weight_percent = 0;
  std::string reason;
};
Verdict wait_for_a_person(Context& context, const Subject& subject, const PausedService& paused,
                          const PauseHook* hook);

bool has_ended(std::string_view service_deployment_status);
ServiceDeploymentObserved observed(const aws::ServiceDeployment& deployment);

// ContinueServiceDeployment; a lost reply is looked up.
Result<void> pass_hook(Context& context, const Subject& subject, const std::string& arn,
                       const std::string& hookId);

// Whether the service's current deployment may go through lifecycle stages right now.
bool is_shifted_by_ecs(const ServiceLook& look);

// In the order of the ARNs, at most 20 of them.
inline constexpr std::size_t kServiceDeploymentsPerCall = 20;
std::vector<Result<aws::ServiceDeployment>> describe_service_deployments(
    aws::Client& ecs, std::span<const std::string> arns);

// What the run that began the deployment has left in the service is put back once it has ended.
struct PutsBack {
  std::optional<std::filesystem::path> journals = {};  // folders of them
};

struct StopDeployment {
  std::string service;
  std::string deployment;             // ARN or its last part; empty: the one in progress
  std::string stopType = "ROLLBACK";  // or ABORT
  bool wait = true;
  Duration max_wait = std::chrono::minutes(30);
  std::optional<PutsBack> puts_back = {};
};

struct ContinueDeployment {
  std::string service;
  std::string deployment;  // as above
  std::string hookId;      // empty: the only one that waits
  bool rollback = false;   // go back instead of on
  bool wait = true;        // until it ends, or pauses again
  Duration max_wait = std::chrono::hours(1);
  std::optional<PutsBack> puts_back = {};
  // The steps that are still to come go on by it, with their checks; none: it is only followed.
  std::optional<Canary> canary = {};
};

// Where CodeDeploy deploys the service, its deployment is meant (code_deploy_by_hand.h).
//
// Succeeded when the service is where stopping brings it: back (ROLLBACK), or left (ABORT). One
// that had completed before, or has nothing to go back to, is a failure and says so. Where nothing
// is in progress but something was put back, that was all there was to do.
ItemReport stop_deployment(Context& context, const Subject& subject, const StopDeployment& wanted);
ItemReport continue_deployment(Context& context, const Subject& subject,
                               const ContinueDeployment& wanted);

}  // namespace slipway
