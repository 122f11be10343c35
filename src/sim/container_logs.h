// What containers write through the awslogs driver: their images' output becomes log events in the
// stream PREFIX/CONTAINER/TASK-ID of the group their definition names.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
#pragma once

#include "sim/entities.h"
#include "sim/region.h"

#include <string>

namespace slipway::sim {

// Makes the log group where that is allowed. Otherwise the reason why the task cannot start, when
// the group is missing; empty when nothing is in the way.
std::string log_group_problem(Region& region, const Task& task,
                              const ContainerDefinition& container);

// Arranges the lines of a container that has just started.
void plan_output(Region& region, const Task& task, const Container& container);

}  // namespace slipway::sim
