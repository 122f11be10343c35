// What is measured and asked between the steps of a canary.
#pragma once

#include "base/decode.h"
#include "base/diagnostic.h"
#include "model/traffic.h"

#include <vector>

namespace slipway {

// Of the keys `alarms` and `checks`. The mover says whether each side has a load balancer of its
// own, which a path alone is asked at.
std::vector<Check> read_checks(Fields& fields, Diagnostics& diagnostics, const Mover& mover);

}  // namespace slipway
