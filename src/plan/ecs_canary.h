// A canary in ECS's own words: which steps its BLUE_GREEN, LINEAR and CANARY strategies can
// express, and the deploymentConfiguration that does.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-types-blue-green.html
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "model/snapshot.h"
#include "model/traffic.h"

namespace slipway {

// Who decides at the two places where ECS can be told to pause. A step of weight 0 is the first of
// them: green is up, and gets test traffic at most.
struct EcsPauses {
  bool before_traffic = false;
  bool after_traffic = false;  // at 100 %, blue still warm
  bool operator==(const EcsPauses&) const = default;
};
EcsPauses ecs_pauses(const Canary& canary);

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
