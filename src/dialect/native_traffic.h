// The strategies of slipway's own file: how a service gets from its old revision to the new one.
// docs/manual/canary.md is the page of their keys; its examples are read by the tests.
#pragma once

#include "base/decode.h"
#include "base/diagnostic.h"
#include "model/release.h"

#include <optional>

namespace slipway {

// Of the key `strategy`; none when it is not there, or wrong, which has then been reported.
// `blue_green` and `linear` are short for a canary's steps.
std::optional<Strategy> read_strategy(Fields& service, Diagnostics& diagnostics);

}  // namespace slipway
