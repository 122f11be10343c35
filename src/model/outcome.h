// How something ended, for one item and for the run. Only `kSucceeded` is success: the revision we
// asked for is the one serving, or the task we started did what it was started for.
#pragma once

#include <string_view>

namespace slipway {

enum class Outcome {
  kSucceeded,
  kRolledBack,      // undone; `RolledBackBy` says by whom
  kStopped,         // called off by a person
  kSuperseded,      // somebody else's deployment replaced ours
  kTimedOut,        // our wait ended, it is still running
  kPaused,          // as far as it goes by itself: a person decides how it goes on
  kFailedToStart,   // nothing of it ever ran: image, resources, capacity, permission, a bad request
  kFailed,          // it ran and did not do what it should
  kSkipped,         // not there, or nothing to do with it on this run
  kRollbackFailed,  // undoing did not work: a person has to look
};

enum class RolledBackBy { kNobody, kCircuitBreaker, kAlarm, kHook, kOperator, kPlatform, kUs };

std::string_view to_string(Outcome outcome);              // "succeeded", "rolled_back", ...
std::string_view to_string(RolledBackBy rolled_back_by);  // "circuit breaker", ...

// The worse of two, for the run's outcome out of its items': a failed rollback before a rollback,
// that before a failure, that before a time-out, and so on; skipped counts as success.
Outcome worse(Outcome a, Outcome b);

}  // namespace slipway
