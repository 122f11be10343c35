// Two ways for fibers to wait for each other, for use where Group::join is not enough.
#pragma once

#include "base/fiber.h"

#include <cstddef>
#include <list>

namespace slipway {

// A number of places that fibers take and give back, served in the order in which they came.
class Gate {
 public:
  // Given back when destroyed.
  class Place {
   public:
    explicit Place(Gate& gate) : gate_(&gate) {}
    Place(Place&& other) noexcept : gate_(other.gate_) { other.gate_ = nullptr; }
    Place& operator=(Place&& other) noexcept;
    ~Place() { leave(); }
    void leave();

   private:
    Gate* gate_;
  };

  Gate(Fibers& fibers, std::size_t places) : fibers_(fibers), free_(places) {}
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // Waits for a place; the errors are those of Fibers::park.
  Result<Place> enter();

  std::size_t free() const { return free_; }
  std::size_t waiting() const { return queue_.size(); }

 private:
  struct Waiter {
    Fiber* fiber;
    bool has_place = false;
  };

  Fibers& fibers_;
  std::size_t free_;
  std::list<Waiter*> queue_;
};

// Wakes everyone who waits for it. Who comes after the ring waits for the next one.
class Bell {
 public:
  explicit Bell(Fibers& fibers) : fibers_(fibers) {}
  ~Bell();
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  // The errors are those of Fibers::park.
  Result<void> wait();
  void ring();

 private:
  struct Waiter {
    Fiber* fiber;
    bool rung = false;
  };

  Fibers& fibers_;
  std::list<Waiter*> waiting_;
};

}  // namespace slipway
