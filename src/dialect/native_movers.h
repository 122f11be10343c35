// Who moves the weights of a canary, and between which two sides.
#pragma once

#include "base/decode.h"
#include "model/traffic.h"

namespace slipway {

// Of the keys `alb`, `dns`, `codedeploy` and `ecs`, which exclude each other; without any of them
// it is ECS.
Mover read_mover(Fields& fields);

}  // namespace slipway
