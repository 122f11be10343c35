// What a scenario lets happen while it runs: the entries of `happenings`.
#pragma once

#include "base/decode.h"
#include "sim/scenario.h"

#include <vector>

namespace slipway::sim {

void read_happening(Fields& fields, std::vector<LaterHappening>& happenings,
                    Diagnostics& diagnostics);

}  // namespace slipway::sim
