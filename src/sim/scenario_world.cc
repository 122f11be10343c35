// A scenario becomes a world: make_aws().

#include "sim/scenario.h"
#include "sim/scenario_stacks.h"

#include <fmt/format.h>

#include <utility>

namespace slipway::sim {
namespace {

// Only the answer to CreateTaskSet says what the set is called.
void make_primary(World& world, const SetupCall& call, const Json& answer) {
  const Json* set = find(answer, "taskSet");
  if (set == nullptr) return;
  (void)world.call({}, "ecs", "UpdateServicePrimaryTaskSet",
                   JsonObject{{"cluster", string_or_empty(call.input, "cluster")},
                              {"service", string_or_empty(call.input, "service")},
                              {"primaryTaskSet", string_or_empty(*set, "taskSetArn")}});
}

}  // namespace

std::unique_ptr<SimulatedAws> make_aws(const Scenario& scenario, TimePoint start,
                                       Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  WorldSettings settings = scenario.world;
  settings.start = start - scenario.settled_for;
  auto world = std::make_unique<World>(settings);
  if (!scenario.images.empty())
    world->arrange(SetImages{.behaviours = scenario.images, .replace = true});
  for (const Happening& happening : scenario.capacity) world->arrange(happening);
  for (const SetupCall& call : scenario.calls) {
    const Reply reply =
        world->call({.region = call.region}, call.service, call.operation, call.input);
    if (!reply) {
      diagnostics.error(call.span, "scenario.refused", call.path,
                        fmt::format("{} refuses this: {}: {}", call.operation, reply.error().code,
                                    reply.error().message));
      continue;
    }
    if (call.is_primary) make_primary(*world, call, reply->parse());
    if (call.operation == "CreateCluster")
      for (const AddInstances& instances : scenario.instances)
        if (instances.cluster == string_or_empty(call.input, "clusterName"))
          world->arrange(instances);
    if (call.operation == "CreateCapacityProvider")
      for (const SetGroupSize& group : scenario.groups)
        if (group.capacity_provider == string_or_empty(call.input, "name")) world->arrange(group);
  }
  if (diagnostics.error_count() > errors) return nullptr;
  world->advance(start);
  report_unmade_stacks(*world, scenario, diagnostics);
  if (diagnostics.error_count() > errors) return nullptr;
  world->forget_traffic();
  // Only now, so that a deployment to wait for is not one of the setup's.
  for (const LaterHappening& later : scenario.happenings) {
    When when{.deployment_of = later.deployment_of, .delay = later.delay};
    if (later.at) when.at = start + *later.at;
    world->arrange(later.happening, when);
  }
  return std::make_unique<SimulatedAws>(std::move(world), scenario.api);
}

}  // namespace slipway::sim
