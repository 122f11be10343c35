// A view turns events into text. It never decides anything and never asks AWS.
#pragma once

#include "model/event.h"

#include <functional>
#include <string_view>

namespace slipway {

// Where text goes: a file descriptor in production, a string in tests.
using Writer = std::function<void(std::string_view)>;

class View : public Sink {
 public:
  // Time has passed without an event: redraw, or say that nothing changed. Called about every
  // `tick_interval`; each one wakes the process up.
  virtual void tick(TimePoint) {}
  virtual Duration tick_interval() const { return std::chrono::seconds(5); }
  // There will be no run: region, endpoint or credentials were not found. Whoever keeps a record
  // notes it; the person has been told.
  virtual void could_not_begin(TimePoint, const Error&) {}
  // The last call: whatever was drawn is left in an orderly state.
  virtual void finish(TimePoint) {}
};

}  // namespace slipway
