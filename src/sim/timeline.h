// What is still to happen, in the order in which it will. Order at one instant: the schedulers look
// first, at what was true before it; then everything else, in the order in which it was arranged.
#pragma once

#include "base/time.h"

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>

namespace slipway::sim {

class Timer;

enum class Rank { kScheduler, kOrdinary };

class Timeline {
 public:
  std::optional<TimePoint> next() const;
  // Takes the first happening off the line, sets `now` to its time and does it. False when nothing
  // is due up to `until`.
  bool step(TimePoint until, TimePoint& now);
  // Cannot be called off; what may be belongs to a Timer.
  void at(TimePoint when, std::function<void()> act);

 private:
  friend class Timer;
  struct Key {
    TimePoint at;
    Rank rank = Rank::kOrdinary;
    std::uint64_t order = 0;
    auto operator<=>(const Key&) const = default;
  };
  struct Due {
    Timer* owner = nullptr;
    std::function<void()> act;
  };
  std::map<Key, Due> pending_;
  std::uint64_t arranged_ = 0;
};

// One pending happening of one entity: setting it again replaces it, and it ends with its owner.
class Timer {
 public:
  Timer() = default;
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void set(Timeline& timeline, TimePoint when, std::function<void()> act,
           Rank rank = Rank::kOrdinary);
  void cancel();
  bool is_set() const { return key_.has_value(); }
  std::optional<TimePoint> due() const;

 private:
  friend class Timeline;
  Timeline* timeline_ = nullptr;
  std::optional<Timeline::Key> key_;
};

}  // namespace slipway::sim
