// Fibers: many strands of plain, blocking-looking code on one thread. A fiber runs until it waits,
// and it waits only inside Transport::send and Clock::sleep_until (and in Group::join, which waits
// for those). So everything between two waits is atomic, and there are no locks.
//
// Whoever calls something off cancels a `Group`: every fiber in it, and in groups below it, finds
// that its present or next wait answers kCancelled, and returns in the ordinary way. No exception
// is ever thrown through a fiber's stack.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace slipway {

class Fiber;  // one strand; opaque outside base/fiber.cc

// What the scheduler does when no fiber can run: production polls sockets, virtual time jumps.
class Driver {
 public:
  virtual ~Driver() = default;
  virtual TimePoint now() const = 0;
  // Returns when something happened (a fiber was woken) or `until` has come; no `until` means that
  // only an outside happening can go on.
  virtual void wait(std::optional<TimePoint> until) = 0;
};

class Fibers final : public Clock {
 public:
  explicit Fibers(Driver& driver);
  ~Fibers() override;
  Fibers(const Fibers&) = delete;
  Fibers& operator=(const Fibers&) = delete;

  // Runs `main` as the first fiber and returns when it has ended and no fiber is left.
  void run(std::function<void()> main);

  TimePoint now() const override;
  Result<void> sleep_until(TimePoint when) override;

  // For implementations of Transport: the fiber that is running; put it to sleep until `wake`, its
  // scope's cancellation (kCancelled) or its scope's deadline (kTimeout, "deadline"). A wake that
  // comes before the park is not lost.
  Fiber* current() const;
  Result<void> park();
  void wake(Fiber* fiber);

  // Whether the running fiber's scope was cancelled.
  bool is_cancelled() const;

 private:
  friend class Group;
  friend class Deadline;
  struct State;
  std::unique_ptr<State> state_;
};

// Fibers that end together. The destructor cancels what still runs and waits for it.
class Group {
 public:
  // At most `max_running` at a time, the others start in order as places become free; 0: no limit.
  explicit Group(Fibers& fibers, std::size_t max_running = 0);
  ~Group();
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  // `name` shows up in assertions and debuggers. The function may spawn into this group too.
  void spawn(std::string name, std::function<void()> body);

  // Returns when every fiber of the group has ended. Cancelling the waiting fiber cancels the
  // group; join still waits for all, so that nothing outlives what it borrowed.
  void join();

  void cancel();
  bool is_cancelled() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// While it lives, waits of the running fiber (and of groups it makes) answer kTimeout at `when`.
// Deadlines nest; the earliest counts.
class Deadline {
 public:
  Deadline(Fibers& fibers, TimePoint when);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

 private:
  Fibers& fibers_;
  std::optional<TimePoint> outer_;
};

// Time that only moves when every fiber waits: it jumps to the next moment anyone asked for.
class VirtualDriver final : public Driver {
 public:
  explicit VirtualDriver(TimePoint start) : now_(start) {}
  TimePoint now() const override { return now_; }
  // Asserts when there is nothing to wait for: all fibers asleep for ever is a bug of ours.
  void wait(std::optional<TimePoint> until) override;

  // 0: jump at once. Otherwise virtual seconds pass per real second, for a demonstration to watch.
  void set_speed(double virtual_seconds_per_second) { speed_ = virtual_seconds_per_second; }

 private:
  TimePoint now_;
  double speed_ = 0;
};

}  // namespace slipway
