// When a failed attempt is made again, and when. AWS's "standard" mode as in the SDKs: full jitter
// under a doubling ceiling of at most 20 s, and a quota of tokens shared by the calls of a client,
// so that an outage is not answered with a storm of retries.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
#pragma once

#include "aws/operation.h"
#include "base/result.h"
#include "base/runtime.h"
#include "base/time.h"

#include <optional>
#include <string_view>

namespace slipway::aws {

// How an attempt went, as far as retrying cares.
enum class Trouble {
  kNone,
  kThrottled,     // refused as one too many: it has not happened
  kNotSent,       // no connection: it has not happened
  kTimedOut,      // sent, no answer in time: it may have happened
  kLost,          // sent, connection broken or answer cut short: it may have happened
  kServerError,   // answered 5xx: it may have happened
  kClockSkew,     // our clock differs from the server's: it has not happened
  kExpiredToken,  // the credentials ran out: it has not happened
  kFinal,         // anything else: asking again gives the same answer
};

// Answered with `status` and AWS's error `code`, or not answered because of `error`.
Trouble trouble_of_answer(int status, std::string_view code);
Trouble trouble_of_error(const Error& error);

bool may_have_happened(Trouble trouble);

// Attempts in total. A read may try longer than a change: whoever waits for a rollout would rather
// miss a look than lose the run. No connection at all is reported soon. A throttled attempt has not
// happened and the budget slows down, so patience pays.
struct RetryLimits {
  int changes = 3;
  int reads = 5;
  int not_sent = 3;
  int throttled = 8;

  static RetryLimits of(std::optional<int> max_attempts);
};

// The token bucket of one client: 500, less 5 for each retry (10 after a time-out).
class RetryQuota {
 public:
  // Takes what a retry costs, or says no.
  bool take(Trouble trouble);
  // A success gives back what its last retry took, or one when there was none.
  void succeeded(std::optional<Trouble> last_retry);
  int tokens() const { return tokens_; }

 private:
  static constexpr int kCapacity = 500;
  int tokens_ = kCapacity;
};

struct RetryDecision {
  bool again = false;
  Duration wait{};
  // Why not, for the message: "gave up after 3 attempts"; empty when retrying could not help.
  std::string reason;
};

struct FailedAttempt {
  Trouble trouble = Trouble::kFinal;
  int attempt = 1;                      // counted from 1
  std::optional<Duration> server_hint;  // x-amz-retry-after
  bool skew_corrected = false;          // already once in this call
  bool token_refreshed = false;         // already once in this call
};

// Pure but for the dice and the quota.
RetryDecision decide_retry(const FailedAttempt& failed, Repeat repeat, const RetryLimits& limits,
                           RetryQuota& quota, Random& random);

}  // namespace slipway::aws
