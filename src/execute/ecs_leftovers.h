// What a release that ECS carried out leaves in its service: a deploymentConfiguration of its own,
// with pause hooks. Whoever sees its end puts back what was there before; where the run itself had
// gone by then (a pause, Ctrl-C, a crash), that is `slipway continue`, `slipway stop`, or the next
// release. Not sooner: nothing says what UpdateService with a new deploymentConfiguration does to a
// deployment that is under way, only that it begins no other.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
#pragma once

#include "aws/ecs.h"
#include "execute/changes.h"
#include "execute/context.h"
#include "model/event.h"
#include "model/snapshot.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

struct EcsLeftover {
  Json put_back;
  // From the record of the run that left it; else our pause hooks are known and nothing more.
  bool is_recorded = false;
  // Else the service deployment whose deploymentConfiguration it is, if ECS remembers one.
  std::string service_deployment{};
  bool operator==(const EcsLeftover&) const = default;
};

// `journal` is of one run. nullopt: it has left nothing there, or somebody has changed it since.
std::optional<EcsLeftover> left_by(const std::vector<Event>& journal, const std::string& cluster,
                                   const ServiceSnapshot& service);
// What the newest deployment went by that had no pauses of ours; `deployments` in any order.
// nullopt: there is none, or nothing of ours is left.
std::optional<EcsLeftover> left_since(std::vector<aws::ServiceDeployment> deployments,
                                      const ServiceSnapshot& service);
// Our pause hooks alone.
std::optional<EcsLeftover> left_in(const ServiceSnapshot& service);

// Puts back what is left in a service of which no deployment is under way, and says so. False when
// there was nothing, or it could not be done. `journals` has a folder for each application.
bool put_back_leftovers(Context& context, const Subject& subject, const ServiceSnapshot& service,
                        const std::optional<std::filesystem::path>& journals);

// An UpdateService of nothing else; it begins no deployment.
Result<void> set_deployment_configuration(Context& context, const Change& change,
                                          const std::string& service, const Json& configuration);

}  // namespace slipway
