// Fibers: many strands of plain, blocking-looking code on one thread. A fiber runs until it waits,
// and it waits only inside Transport::send and Clock::sleep_until (and in Group::join, which waits
// for those, and Gate and Bell of base/gate.h). So everything between two waits is atomic, and
// there are no locks.
//
// Whoever calls something off cancels a `Group`: every fiber in it, and in groups below it, finds
// that its present or next wait answers kCancelled, and returns in the ordinary way. No exception
// ever leaves a fiber: one that reaches the end of its stack stops the program.
//
// A stack is 128 KiB with a guard page below it (1 MiB under AddressSanitizer), touched lazily.
// That carries the limits of our readers: 200 levels of JSON, 100 of YAML (fiber_test.cc holds
// them against it). Code that recurses on what a user or a server sent needs a limit of its own.
#pragma once

#include "base/result.h"
#include "base/time.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace slipway {

class Fiber;    // one strand; opaque outside base/fiber.cc
class Scope;    // what a Group knows; opaque too
class Signals;  // base/signals.h

// What the scheduler does when no fiber can run: production polls sockets, virtual time jumps.
class Driver {
 public:
  virtual ~Driver() = default;
  virtual TimePoint now() const = 0;
  // Returns when something happened (a fiber was woken) or `until` has come, or a little earlier;
  // no `until` means that only an outside happening can go on.
  virtual void wait(std::optional<TimePoint> until) = 0;
  // Whether anything but time can wake a fiber. If not, fibers that all wait for ever are a bug of
  // ours, and the scheduler stops the program naming them.
  virtual bool has_outside() const { return true; }
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
  // Sleeps that end at the same time end in the order in which they began.
  Result<void> sleep_until(TimePoint when) override;

  // For implementations of Transport: the fiber that is running (null between fibers); put it to
  // sleep until `wake`, its scope's cancellation (kCancelled) or its scope's deadline (kTimeout,
  // "deadline"). A wake that comes before the park is not lost, so a late one may end a later park
  // early: wait in a loop around the condition. A sleeping fiber is not disturbed by a wake.
  Fiber* current() const;
  Result<void> park();
  void wake(Fiber* fiber);

  // Whether the running fiber's scope was cancelled.
  bool is_cancelled() const;

 private:
  friend class Group;
  friend class Scope;
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
  // Every body runs exactly once; in a cancelled group its first wait answers kCancelled.
  void spawn(std::string name, std::function<void()> body);

  // Returns when every fiber of the group has ended. Cancelling the waiting fiber cancels the
  // group; join still waits for all, so that nothing outlives what it borrowed.
  void join();

  void cancel();
  bool is_cancelled() const;

 private:
  std::shared_ptr<Scope> scope_;
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
  Fiber* fiber_;
  std::optional<TimePoint> outer_;
};

// Time that only moves when every fiber waits: it jumps to the next moment anyone asked for.
class VirtualDriver final : public Driver {
 public:
  // Sleeps in real time for about as long as it is told, or until a signal comes; returns how long
  // it really was.
  using Pause = std::function<Duration(Duration)>;

  // Signals are delivered between jumps.
  explicit VirtualDriver(TimePoint start, Signals* signals = nullptr)
      : now_(start), signals_(signals) {}

  TimePoint now() const override { return now_; }
  void wait(std::optional<TimePoint> until) override;
  bool has_outside() const override { return false; }

  // 0: jump at once. Otherwise virtual seconds pass per real second, for a demonstration to watch;
  // a test passes its own `pause`.
  void set_speed(double virtual_seconds_per_second, Pause pause = {});

 private:
  TimePoint now_;
  Signals* signals_;
  double speed_ = 0;
  Pause pause_;
  Duration owed_{0};  // real time not slept yet; negative when the last sleep was too long
};

}  // namespace slipway
