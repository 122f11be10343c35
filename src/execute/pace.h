// How often to look. Every look is an API call that counts against the account, and every second
// between the end of a rollout and our noticing is a second of somebody's pipeline.
#pragma once

#include "base/time.h"

#include <chrono>
#include <cstddef>
#include <optional>

namespace slipway {

// Where a watch of one service stands. Ages count from the answer of UpdateService.
struct LookPace {
  bool quick = false;              // no deployment to wait for, or no task: it may be over at once
  std::optional<Duration> last;    // age at the last look; none before the first
  std::optional<Duration> hinted;  // age when a look first said that it is about to end
};

// The age at which to look next. A rollout is not over in its first seconds, so the first look
// comes late. Until about 20 s the looks are close enough to say so 0.6 s after the end on average,
// at a cost of twelve looks; afterwards the distance grows with the age, because a rollout of five
// minutes is rarely over in the next three seconds, and may cost one look every three. When a look
// shows that only the last step is missing, the distance starts over from one second.
Duration next_look(const LookPace& pace);

// Time between two calls that look at services, when so many of them are watched. One alone goes by
// its own pace; several are brought together into few calls; and of five hundred each is still seen
// every four and a half seconds.
Duration between_calls(std::size_t services_watched);

// The interval at which a task is looked at.
inline constexpr Duration kTaskLooks = std::chrono::seconds(3);

}  // namespace slipway
