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

Duration between_calls(std::size_t services_watched) {
  constexpr std::size_t kPerCall = 10;  // DescribeServices takes no more
  if (services_watched <= 1) return Duration{0};
  if (services_watched <= kPerCall) return 1s;
  const auto calls = static_cast<Duration::rep>((services_watched + kPerCall - 1) / kPerCall);
  return std::min<Duration>(1350ms, Duration(4500ms) / calls);
}

}  // namespace slipway
