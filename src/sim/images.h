// Which fate a scenario's images have for a container, and what AWS says when a pull fails.
#pragma once

#include "sim/entities.h"
#include "sim/region.h"

#include <memory>
#include <string>
#include <string_view>

namespace slipway::sim {

// Null: nothing special happens to this container of the task.
std::shared_ptr<const ImageBehaviour> fate_of(Region& region, const Task& task,
                                              const ContainerDefinition& container);

// The task's stoppedReason when `fate` fails the pull of `image`; empty when the pull succeeds.
std::string pull_failure(const ImageBehaviour& fate, std::string_view image);

// What the tag is resolved to: the same digest for the same reference, its own when it names one.
std::string digest_of(std::string_view image);

}  // namespace slipway::sim
