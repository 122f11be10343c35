// The published table of exit statuses (docs/manual.md). Personalities keep their own; for a run
// that a signal ended see exit_status_of_signal.
#pragma once

#include "base/result.h"
#include "model/outcome.h"

namespace slipway::cli {

enum ExitStatus : int {
  kDone = 0,
  kInternalError = 1,
  kUsageOrFile = 2,
  kChangesFound = 3,
  kVerifyFailed = 4,
  kFailedOutcome = 5,  // nothing was changed, or everything was undone as asked
  kRolledBackByPlatform = 6,
  kTimedOutStillRunning = 7,
  kSupersededOrLocked = 8,
  kStoppedByPerson = 9,
  kCredentialsOrPermission = 10,
  kThrottledOut = 11,
  kRollbackFailedAttention = 12,
};

// Of a run as a whole. `error` is the first one that made it fail, if any: credentials, permission
// and throttling have statuses of their own.
int exit_status_of(Outcome outcome, RolledBackBy rolled_back_by, const Error* error);

// Of something that failed before there was a run.
int exit_status_of(const Error& error);

}  // namespace slipway::cli
