// What ECS tells EventBridge: the state of tasks, what becomes of deployments, what services do.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
#pragma once

#include "sim/region.h"

#include <string_view>

namespace slipway::sim {

// "ECS Task State Change". However much changes in one moment, it is told once.
void tell_of_task(Region& region, const Task& task);

// "ECS Deployment State Change": SERVICE_DEPLOYMENT_IN_PROGRESS, _COMPLETED or _FAILED, by the
// deployment's rolloutState and for its rolloutStateReason.
void tell_of_deployment(Region& region, const Service& service, const Deployment& deployment);

// "ECS Service Action": INFO SERVICE_STEADY_STATE, WARN SERVICE_TASK_START_IMPAIRED, ERROR
// SERVICE_TASK_PLACEMENT_FAILURE, which has a reason.
void tell_of_service(Region& region, const Service& service, std::string_view type,
                     std::string_view name, std::string_view reason = {});

}  // namespace slipway::sim
