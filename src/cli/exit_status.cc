#include "cli/exit_status.h"

namespace slipway::cli {
namespace {

// What a failed call says by itself; kDone when its kind has no status of its own.
int status_of_kind(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kDenied:
      return kCredentialsOrPermission;
    case ErrorKind::kThrottled:
      return kThrottledOut;
    case ErrorKind::kConflict:
      return kSupersededOrLocked;
    case ErrorKind::kTimeout:
      return kTimedOutStillRunning;
    case ErrorKind::kCancelled:
      return kStoppedByPerson;
    case ErrorKind::kInternal:
      return kInternalError;
    case ErrorKind::kInvalid:
    case ErrorKind::kNotFound:
    case ErrorKind::kUnavailable:
    case ErrorKind::kFailed:
      return kDone;
  }
  return kDone;
}

}  // namespace

int exit_status_of(Outcome outcome, RolledBackBy rolled_back_by, const Error* error) {
  switch (outcome) {
    case Outcome::kSucceeded:
    case Outcome::kSkipped:
      return kDone;
    case Outcome::kRollbackFailed:
      return kRollbackFailedAttention;
    case Outcome::kStopped:
      return kStoppedByPerson;
    case Outcome::kSuperseded:
      return kSupersededOrLocked;
    case Outcome::kTimedOut:
    case Outcome::kPaused:
      return kTimedOutStillRunning;
    case Outcome::kRolledBack:
      return rolled_back_by == RolledBackBy::kUs || rolled_back_by == RolledBackBy::kNobody
                 ? kFailedOutcome
                 : kRolledBackByPlatform;
    case Outcome::kFailedToStart:
    case Outcome::kFailed: {
      if (error != nullptr && error->code == "journal.locked") return kSupersededOrLocked;
      const ErrorKind kind = error != nullptr ? error->kind : ErrorKind::kFailed;
      // A deployment group has one deployment at a time: somebody else holds it.
      if (error != nullptr && error->code == "deployment.running") return kSupersededOrLocked;
      if (kind == ErrorKind::kDenied || kind == ErrorKind::kThrottled ||
          kind == ErrorKind::kInternal)
        return status_of_kind(kind);
      return kFailedOutcome;
    }
  }
  return kInternalError;
}

int exit_status_of(const Error& error) {
  if (const int status = status_of_kind(error.kind); status != kDone) return status;
  return error.kind == ErrorKind::kInvalid ? kUsageOrFile : kFailedOutcome;
}

}  // namespace slipway::cli
