// What everything in this folder borrows from `main` for one run.
#pragma once

#include "aws/clients.h"
#include "base/runtime.h"
#include "execute/event_stream.h"
#include "execute/optional_calls.h"

#include <string>

namespace slipway {

struct Context {
  Runtime& runtime;
  aws::Clients& clients;  // of every service
  aws::Client& ecs;       // of those, the one that nearly everything needs
  EventStream& events;
  OptionalCalls& optional;
  std::string cluster;    // name or ARN
  std::string file = {};  // the release's, by its name; empty without one

  Clock& clock() const { return runtime.fibers; }
};

}  // namespace slipway
