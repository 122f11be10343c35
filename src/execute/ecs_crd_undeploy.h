// Takes a service away: first what sends anybody to it, then what runs, last what remembers it.
// Every part may have been done before; a service that is not there is taken away already.
#pragma once

#include "execute/ecs_crd_work.h"

namespace slipway {

// With the lock held, where there is a table. May be called off between two parts.
void undeploy_ecs_crd(CrdWork& work);

}  // namespace slipway
