#include "base/gate.h"

#include <cassert>
#include <utility>

namespace slipway {

Gate::~Gate() { assert(queue_.empty()); }

Gate::Place& Gate::Place::operator=(Place&& other) noexcept {
  if (this != &other) {
    leave();
    gate_ = std::exchange(other.gate_, nullptr);
  }
  return *this;
}

void Gate::Place::leave() {
  Gate* const gate = std::exchange(gate_, nullptr);
  if (gate == nullptr) return;
  if (gate->queue_.empty()) {
    ++gate->free_;
    return;
  }
  // Handed over, not put back: a fiber that comes before the woken one runs must not overtake it.
  Waiter* const next = gate->queue_.front();
  gate->queue_.pop_front();
  next->has_place = true;
  gate->fibers_.wake(next->fiber);
}

Result<Gate::Place> Gate::enter() {
  if (free_ > 0) {
    --free_;
    return Place(*this);
  }
  Waiter waiter{fibers_.current()};
  const auto in_queue = queue_.insert(queue_.end(), &waiter);
  while (!waiter.has_place) {
    Result<void> woken = fibers_.park();
    if (woken) continue;
    if (waiter.has_place)
      Place(*this).leave();  // it came in the same moment; the next one gets it
    else
      queue_.erase(in_queue);
    return std::move(woken).error();
  }
  return Place(*this);
}

Bell::~Bell() { assert(waiting_.empty()); }

Result<void> Bell::wait() {
  Waiter waiter{fibers_.current()};
  const auto in_list = waiting_.insert(waiting_.end(), &waiter);
  while (!waiter.rung) {
    Result<void> woken = fibers_.park();
    if (woken) continue;
    if (!waiter.rung) waiting_.erase(in_list);
    return woken;
  }
  return {};
}

void Bell::ring() {
  for (Waiter* const waiter : std::exchange(waiting_, {})) {
    waiter->rung = true;
    fibers_.wake(waiter->fiber);
  }
}

}  // namespace slipway
