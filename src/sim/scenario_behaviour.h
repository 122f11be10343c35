// What a scenario says of a container's fate: the entries of `images`, `behaviour` of `afflict`,
// the entries of `targets`.
#pragma once

#include "base/decode.h"
#include "sim/happening.h"

namespace slipway::sim {

ImageBehaviour read_behaviour(Fields& fields);

}  // namespace slipway::sim
