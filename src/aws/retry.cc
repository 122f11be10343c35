#include "aws/retry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace slipway::aws {
namespace {

// LimitExceededException is not among them, though the SDKs retry it: in ECS it is a quota, and
// asking again does not raise a quota.
constexpr std::string_view kThrottlingCodes[] = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "RequestThrottled",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
};

constexpr std::string_view kTransientCodes[] = {
    "RequestTimeout", "RequestTimeoutException",
    "IDPCommunicationError",  // STS could not reach the identity provider
};

constexpr std::string_view kSkewCodes[] = {
    "RequestTimeTooSkewed",      "RequestExpired",        "RequestInTheFuture",
    "InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure",
};

constexpr std::string_view kExpiredCodes[] = {"ExpiredToken", "ExpiredTokenException"};

// Errors of Transport that come before any byte of the request has left.
constexpr std::string_view kNotSentCodes[] = {
    "http.resolve", "http.connect", "http.connect-timeout", "http.proxy", "http.tls",
};

template <std::size_t kSize>
bool is_among(const std::string_view (&codes)[kSize], std::string_view code) {
  return std::ranges::find(codes, code) != std::end(codes);
}

constexpr Duration kLongestWait = std::chrono::seconds(20);
constexpr Duration kMostBeyond = std::chrono::seconds(5);  // a server's hint may add

int cost(Trouble trouble) { return trouble == Trouble::kTimedOut ? 10 : 5; }

}  // namespace

Trouble trouble_of_answer(int status, std::string_view code) {
  if (status >= 200 && status < 300) return Trouble::kNone;
  if (is_among(kThrottlingCodes, code) || status == 429) return Trouble::kThrottled;
  if (is_among(kExpiredCodes, code)) return Trouble::kExpiredToken;
  if (is_among(kSkewCodes, code)) return Trouble::kClockSkew;
  if (is_among(kTransientCodes, code)) return Trouble::kServerError;
  if (status == 500 || status == 502 || status == 503 || status == 504)
    return Trouble::kServerError;
  return Trouble::kFinal;
}

Trouble trouble_of_error(const Error& error) {
  if (error.kind == ErrorKind::kInvalid) return Trouble::kFinal;  // our own settings
  if (is_among(kNotSentCodes, error.code)) return Trouble::kNotSent;
  if (error.code == "http.read-timeout") return Trouble::kTimedOut;
  if (error.code == "http.reset" || error.code == "http.truncated" ||
      error.code == "http.malformed")
    return Trouble::kLost;
  return Trouble::kFinal;  // cancelled, out of time, too large
}

bool may_have_happened(Trouble trouble) {
  return trouble == Trouble::kTimedOut || trouble == Trouble::kLost ||
         trouble == Trouble::kServerError;
}

RetryLimits RetryLimits::of(std::optional<int> max_attempts) {
  if (!max_attempts) return {};
  const int attempts = std::max(1, *max_attempts);
  return {.changes = attempts, .reads = attempts, .not_sent = attempts, .throttled = attempts};
}

bool RetryQuota::take(Trouble trouble) {
  if (tokens_ < cost(trouble)) return false;
  tokens_ -= cost(trouble);
  return true;
}

void RetryQuota::succeeded(std::optional<Trouble> last_retry) {
  tokens_ = std::min(kCapacity, tokens_ + (last_retry ? cost(*last_retry) : 1));
}

RetryDecision decide_retry(const FailedAttempt& failed, Repeat repeat, const RetryLimits& limits,
                           RetryQuota& quota, Random& random) {
  int most = 0;
  switch (failed.trouble) {
    case Trouble::kNone:
    case Trouble::kFinal:
      return {};
    // These two ask for the same request with another clock or key; they are no reason to wait and
    // none to despair of the endpoint.
    case Trouble::kClockSkew:
      return {.again = !failed.skew_corrected};
    case Trouble::kExpiredToken:
      return {.again = !failed.token_refreshed};
    case Trouble::kThrottled:
      most = limits.throttled;
      break;
    case Trouble::kNotSent:
      most = limits.not_sent;
      break;
    case Trouble::kTimedOut:
    case Trouble::kLost:
    case Trouble::kServerError:
      if (repeat == Repeat::kOnce) return {};
      most = repeat == Repeat::kRead ? limits.reads : limits.changes;
      break;
  }
  if (failed.attempt >= most)
    return {.reason = failed.attempt == 1
                          ? ""
                          : fmt::format("gave up after {} attempts", failed.attempt)};
  if (!quota.take(failed.trouble))
    return {.reason = "not tried again because too many calls are failing"};

  const int doublings = std::min(failed.attempt - 1, 10);
  const Duration ceiling =
      std::min<Duration>(std::chrono::seconds(1) * (1 << doublings), kLongestWait);
  Duration wait(static_cast<std::int64_t>(random.uniform() * static_cast<double>(ceiling.count())));
  if (failed.server_hint) wait = std::max(wait, std::min(*failed.server_hint, wait + kMostBeyond));
  return {.again = true, .wait = wait};
}

}  // namespace slipway::aws
