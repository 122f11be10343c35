#include "execute/pace.h"

#include <algorithm>

namespace slipway {

using namespace std::chrono_literals;

namespace {

Duration without_hint(Duration age) {
  if (age < 14500ms) return 1450ms;
  if (age < 23s) return 1150ms;
  return std::clamp<Duration>(age / 18, 1150ms, 5s);
}

}  // namespace

Duration next_look(const LookPace& pace) {
  if (!pace.last) return pace.quick ? 1s : 5900ms;
  const Duration age = *pace.last;
  Duration distance = without_hint(age);
  if (pace.quick && age < 10s) distance = std::min<Duration>(distance, 1s);
  // Before 20 s the looks are close anyway, and closer ones would only cost.
  if (pace.hinted && age >= 20s)
    distance = std::min(distance, std::max<Duration>(1s, (age - *pace.hinted) / 10));
  return age + distance;
}

Duration between_calls(std::size_t calls_for_all) {
  if (calls_for_all <= 1) return Duration{0};
  return std::min<Duration>(1150ms, Duration(4s) / static_cast<Duration::rep>(calls_for_all));
}

}  // namespace slipway
