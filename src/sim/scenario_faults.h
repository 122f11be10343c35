// What a scenario says goes wrong with calls: the entries of `faults`.
#pragma once

#include "base/decode.h"
#include "sim/faults.h"

namespace slipway::sim {

Fault read_fault(Fields& fields);

}  // namespace slipway::sim
