#include "model/outcome.h"

namespace slipway {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::kSucceeded:
      return "succeeded";
    case Outcome::kRolledBack:
      return "rolled_back";
    case Outcome::kStopped:
      return "stopped";
    case Outcome::kSuperseded:
      return "superseded";
    case Outcome::kTimedOut:
      return "timed_out";
    case Outcome::kPaused:
      return "paused";
    case Outcome::kFailedToStart:
      return "failed_to_start";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kSkipped:
      return "skipped";
    case Outcome::kRollbackFailed:
      return "rollback_failed";
  }
  return "unknown";
}

std::string_view to_string(RolledBackBy rolled_back_by) {
  switch (rolled_back_by) {
    case RolledBackBy::kNobody:
      return "nobody";
    case RolledBackBy::kCircuitBreaker:
      return "circuit breaker";
    case RolledBackBy::kAlarm:
      return "alarm";
    case RolledBackBy::kHook:
      return "hook";
    case RolledBackBy::kOperator:
      return "operator";
    case RolledBackBy::kPlatform:
      return "platform";
    case RolledBackBy::kUs:
      return "slipway";
  }
  return "unknown";
}

namespace {

// How much it matters to the person who reads one word about the run.
int weight(Outcome outcome) {
  switch (outcome) {
    case Outcome::kSkipped:
      return 0;
    case Outcome::kSucceeded:
      return 1;
    case Outcome::kPaused:
      return 2;
    case Outcome::kTimedOut:
      return 3;
    case Outcome::kSuperseded:
      return 4;
    case Outcome::kFailedToStart:
      return 5;
    case Outcome::kFailed:
      return 6;
    case Outcome::kRolledBack:
      return 7;
    case Outcome::kStopped:
      return 8;
    case Outcome::kRollbackFailed:
      return 9;
  }
  return 9;
}

}  // namespace

Outcome worse(Outcome a, Outcome b) {
  const Outcome result = weight(a) >= weight(b) ? a : b;
  return result;
}

}  // namespace slipway
