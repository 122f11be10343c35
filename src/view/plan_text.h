// A plan for people: what would be called and changed, item by item, and what stands in the way.
#pragma once

#include "model/plan.h"

#include <string>

namespace slipway {

std::string to_string(const Plan& plan, bool color = false);

}  // namespace slipway
