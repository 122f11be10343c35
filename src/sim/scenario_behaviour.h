// What a scenario says of a container's fate: the entries of `images`, `behaviour` of `afflict`,
// the entries of `targets`.
#pragma once

#include "base/decode.h"
#include "sim/happening.h"

#include <vector>

namespace slipway::sim {

ImageBehaviour read_behaviour(Fields& fields);
// The list `key`: the first that matches counts.
std::vector<ImageBehaviour> read_images(Fields& fields, const char* key);

}  // namespace slipway::sim
