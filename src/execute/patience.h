// Going on where trouble passes by itself. The client retries a call a few times (aws/retry.h);
// whoever is in the middle of a release would rather wait out a throttled minute or a network that
// is gone for half of one than lose the run.
#pragma once

#include "base/result.h"
#include "base/time.h"

#include <algorithm>
#include <chrono>
#include <functional>

namespace slipway {

struct Patience {
  TimePoint until;
  Duration first_back_off = std::chrono::seconds(1);  // doubles up to the next
  Duration longest_back_off = std::chrono::seconds(15);
  bool with_anything = false;  // else only with what passes by itself
  // Called before each pause, so that whoever watches sees that it waits.
  std::function<void(const Error& trouble)> meanwhile = {};
};

// Throttling, network and service trouble, and answers that were lost.
bool passes_by_itself(const Error& error);

// Calls until it works, it cannot, or `until` has passed: then it answers the last error. The body
// must be something that may be done twice.
template <class Body>
auto patiently(Clock& clock, const Patience& patience, Body body) -> decltype(body()) {
  Duration back_off = patience.first_back_off;
  while (true) {
    auto result = body();
    if (result) return result;
    const Error& error = result.error();
    if (error.kind == ErrorKind::kCancelled || error.code == "deadline") return result;
    if (!patience.with_anything && !passes_by_itself(error)) return result;
    if (clock.now() >= patience.until) return result;
    if (patience.meanwhile) patience.meanwhile(error);
    if (Result<void> slept = clock.sleep_for(back_off); !slept) return std::move(slept).error();
    back_off = std::min(2 * back_off, patience.longest_back_off);
  }
}

template <class Body>
auto patiently(Clock& clock, Duration how_long, Body body) -> decltype(body()) {
  return patiently(clock, Patience{.until = clock.now() + how_long}, std::move(body));
}

}  // namespace slipway
