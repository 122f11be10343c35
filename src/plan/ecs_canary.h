// A canary in ECS's own words: which steps its BLUE_GREEN, LINEAR and CANARY strategies can
// express, and the deploymentConfiguration that does.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-types-blue-green.html
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "model/event.h"
#include "model/snapshot.h"
#include "model/traffic.h"

namespace slipway {

// Where ECS is told to pause, so that this run or a person decides. Before the first step green is
// up, and gets test traffic at most.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html
struct EcsPauses {
  bool before_each_step = false;
  bool after_traffic = false;  // at 100 %, blue still warm
  bool operator==(const EcsPauses&) const = default;
};
EcsPauses ecs_pauses(const Canary& canary);

// How long a check may keep a step open past its bake, until it has seen what it needs.
Duration ecs_doubt(const Canary& canary);

// How long ECS waits at a pause for somebody to continue; then it goes back.
Duration ecs_patience(const Canary& canary);

// ---- What a release has left behind ------------------------------------------------------------

// The pause hooks of a release of ours stay in the service when nobody was there to take them away
// at its end. ECS gives a hook no name; we know ours by a timeout that ends seven minutes past a
// whole hour.
bool has_pauses_of_ours(const Json& deploymentConfiguration);
// Any at all: a deployment may stop there and wait for somebody.
bool has_pauses(const Json& deploymentConfiguration);
// Without ours; the service's own functions and pauses stay.
Json without_pauses_of_ours(Json deploymentConfiguration);
// What a plan that takes them away says.
Note what_was_left(const ServiceSnapshot& service);

// ---- What is sent ------------------------------------------------------------------------------

// kInvalid "strategy.…" when ECS has no such strategy; the message says which ones it has and the
// nearest. What the service has of its own (functions as hooks, alarms) stays part of it.
Result<Json> ecs_deployment_configuration(const Canary& canary, const ServiceSnapshot& service);

// All traffic at once and no questions: for the way back.
Json ecs_configuration_back();

// What takes `sent` back out of a service that had `before`: ECS merges by member, so each member
// that was not there is said to be off. Null when nothing has to be said.
Json ecs_configuration_afterwards(const Json& before, const Json& sent);

// Every load balancer of the service has a second target group that ECS may move traffic to, or
// the service has none and is deployed blue/green all the same.
bool ecs_can_shift(const ServiceSnapshot& service);

}  // namespace slipway
