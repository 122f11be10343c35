// What the preparation of an ecs-crd run has found out, for people: step by step on the screen, and
// whole as the plan that --save-plan keeps.
#pragma once

#include "execute/ecs_crd_work.h"

#include <string>

namespace slipway {

// Prints what each step up to `last` found; false when something is wrong. Then it is among the
// failures.
bool tell_preparation(CrdWork& work, CrdStep last = CrdStep::kGreenStack);

// JSON of everything that would be made.
std::string plan_text(const CrdWork& work);

}  // namespace slipway
