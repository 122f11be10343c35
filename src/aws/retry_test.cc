#include "aws/retry.h"

#include "base/time.h"

#include <gtest/gtest.h>

namespace slipway::aws {
namespace {

using namespace std::chrono_literals;

TEST(Trouble, OfAnAnswerFollowsStatusAndCode) {
  struct Case {
    int status;
    std::string_view code;
    Trouble wanted;
  };
  for (const auto& [status, code, wanted] : {
           Case{200, "", Trouble::kNone},
           Case{204, "", Trouble::kNone},
           Case{400, "ClientException", Trouble::kFinal},
           Case{403, "AccessDenied", Trouble::kFinal},
           Case{400, "ThrottlingException", Trouble::kThrottled},
           Case{400, "Throttling", Trouble::kThrottled},
           Case{400, "RequestLimitExceeded", Trouble::kThrottled},
           Case{503, "SlowDown", Trouble::kThrottled},
           Case{429, "", Trouble::kThrottled},
           // A quota of ECS, which the SDKs mistake for a rate.
           Case{400, "LimitExceededException", Trouble::kFinal},
           Case{500, "ServerException", Trouble::kServerError},
           Case{502, "", Trouble::kServerError},
           Case{503, "ServiceUnavailable", Trouble::kServerError},
           Case{504, "", Trouble::kServerError},
           Case{501, "", Trouble::kFinal},
           Case{400, "RequestTimeout", Trouble::kServerError},
           Case{400, "IDPCommunicationError", Trouble::kServerError},
           Case{400, "ExpiredTokenException", Trouble::kExpiredToken},
           Case{403, "ExpiredToken", Trouble::kExpiredToken},
           Case{403, "RequestTimeTooSkewed", Trouble::kClockSkew},
           Case{400, "InvalidSignatureException", Trouble::kClockSkew},
           Case{403, "SignatureDoesNotMatch", Trouble::kClockSkew},
           Case{301, "", Trouble::kFinal},
       }) {
    SCOPED_TRACE(testing::Message() << status << " " << code);
    EXPECT_EQ(trouble_of_answer(status, code), wanted);
  }
}

TEST(Trouble, OfNoAnswerDependsOnWhetherTheRequestWasSent) {
  struct Case {
    std::string code;
    Trouble wanted;
    bool may_have_happened;
  };
  for (const auto& [code, wanted, happened] : {
           Case{"http.resolve", Trouble::kNotSent, false},
           Case{"http.connect", Trouble::kNotSent, false},
           Case{"http.connect-timeout", Trouble::kNotSent, false},
           Case{"http.proxy", Trouble::kNotSent, false},
           Case{"http.tls", Trouble::kNotSent, false},
           Case{"http.reset", Trouble::kLost, true},
           Case{"http.truncated", Trouble::kLost, true},
           Case{"http.malformed", Trouble::kLost, true},
           Case{"http.read-timeout", Trouble::kTimedOut, true},
           Case{"http.too-large", Trouble::kFinal, false},
           Case{"cancelled", Trouble::kFinal, false},
           Case{"deadline", Trouble::kFinal, false},
       }) {
    SCOPED_TRACE(code);
    EXPECT_EQ(trouble_of_error(Error{ErrorKind::kUnavailable, code}), wanted);
    EXPECT_EQ(may_have_happened(wanted), happened);
  }
  // A CA bundle that cannot be read stays unreadable.
  EXPECT_EQ(trouble_of_error(Error{ErrorKind::kInvalid, "http.tls"}), Trouble::kFinal);
}

TEST(RetryDecision, DependsOnTroubleRepeatAndAttempt) {
  struct Case {
    Trouble trouble;
    Repeat repeat;
    int attempt;
    bool again;
  };
  for (const auto& [trouble, repeat, attempt, again] : {
           Case{Trouble::kNone, Repeat::kRead, 1, false},
           Case{Trouble::kFinal, Repeat::kRead, 1, false},
           Case{Trouble::kServerError, Repeat::kRead, 4, true},
           Case{Trouble::kServerError, Repeat::kRead, 5, false},
           Case{Trouble::kServerError, Repeat::kIdempotent, 2, true},
           Case{Trouble::kServerError, Repeat::kIdempotent, 3, false},
           Case{Trouble::kServerError, Repeat::kToken, 2, true},
           Case{Trouble::kServerError, Repeat::kOnce, 1, false},
           Case{Trouble::kLost, Repeat::kToken, 1, true},
           Case{Trouble::kLost, Repeat::kOnce, 1, false},
           Case{Trouble::kTimedOut, Repeat::kIdempotent, 1, true},
           Case{Trouble::kTimedOut, Repeat::kOnce, 1, false},
           Case{Trouble::kNotSent, Repeat::kOnce, 2, true},
           Case{Trouble::kNotSent, Repeat::kOnce, 3, false},
           Case{Trouble::kNotSent, Repeat::kRead, 3, false},
           Case{Trouble::kThrottled, Repeat::kOnce, 7, true},
           Case{Trouble::kThrottled, Repeat::kOnce, 8, false},
           Case{Trouble::kClockSkew, Repeat::kOnce, 1, true},
           Case{Trouble::kExpiredToken, Repeat::kOnce, 9, true},
       }) {
    SCOPED_TRACE(testing::Message()
                 << static_cast<int>(trouble) << " " << static_cast<int>(repeat) << " " << attempt);
    RetryQuota quota;
    Random random(1);
    EXPECT_EQ(
        decide_retry({.trouble = trouble, .attempt = attempt}, repeat, {}, quota, random).again,
        again);
  }
}

TEST(RetryDecision, CorrectsClockAndTokenOnceEach) {
  RetryQuota quota;
  Random random(1);
  EXPECT_FALSE(decide_retry({.trouble = Trouble::kClockSkew, .skew_corrected = true}, Repeat::kRead,
                            {}, quota, random)
                   .again);
  EXPECT_FALSE(decide_retry({.trouble = Trouble::kExpiredToken, .token_refreshed = true},
                            Repeat::kRead, {}, quota, random)
                   .again);
  EXPECT_TRUE(decide_retry({.trouble = Trouble::kExpiredToken, .skew_corrected = true},
                           Repeat::kRead, {}, quota, random)
                  .again);
  EXPECT_EQ(quota.tokens(), 500);
}

TEST(RetryDecision, WaitsAnywhereUnderACeilingThatDoublesUpToTwentySeconds) {
  struct Case {
    int attempt;
    Duration ceiling;
  };
  for (const auto& [attempt, ceiling] : {Case{1, 1s}, Case{2, 2s}, Case{3, 4s}, Case{5, 16s},
                                         Case{6, 20s}, Case{60, 20s}, Case{2000, 20s}}) {
    SCOPED_TRACE(attempt);
    Random random(7);
    Duration shortest = ceiling;
    Duration longest{};
    for (int i = 0; i < 200; ++i) {
      RetryQuota quota;
      const RetryDecision decision =
          decide_retry({.trouble = Trouble::kThrottled, .attempt = attempt}, Repeat::kRead,
                       RetryLimits::of(9999), quota, random);
      ASSERT_TRUE(decision.again);
      shortest = std::min(shortest, decision.wait);
      longest = std::max(longest, decision.wait);
    }
    EXPECT_LT(longest, ceiling);
    EXPECT_GT(longest, ceiling * 9 / 10);
    EXPECT_LT(shortest, ceiling / 10);
  }
}

TEST(RetryQuota, PaysFiveForARetryAndTenForATimeOut) {
  RetryQuota quota;
  EXPECT_TRUE(quota.take(Trouble::kServerError));
  EXPECT_EQ(quota.tokens(), 495);
  EXPECT_TRUE(quota.take(Trouble::kTimedOut));
  EXPECT_EQ(quota.tokens(), 485);
  quota.succeeded(Trouble::kTimedOut);
  EXPECT_EQ(quota.tokens(), 495);
  quota.succeeded(std::nullopt);
  EXPECT_EQ(quota.tokens(), 496);
  for (int i = 0; i < 10; ++i) quota.succeeded(Trouble::kTimedOut);
  EXPECT_EQ(quota.tokens(), 500);
  while (quota.take(Trouble::kServerError)) {
  }
  EXPECT_EQ(quota.tokens(), 0);
}

}  // namespace
}  // namespace slipway::aws
