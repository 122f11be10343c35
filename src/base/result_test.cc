#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace slipway {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error{ErrorKind::kInvalid, "test.odd", "the number is odd"};
  return number / 2;
}

Result<int> quarter(int number) {
  TRY(const int halved, half(number).context("halving once"));
  TRY(const int again, half(halved).context("halving twice"));
  return again;
}

Result<void> check_quarter(int number) {
  TRY_VOID(quarter(number).context("checking"));
  return {};
}

TEST(Result, CarriesItsValueThroughTry) {
  ASSERT_TRUE(quarter(8).has_value());
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(7).value_or(-1), -1);
  EXPECT_TRUE(check_quarter(8).has_value());
}

TEST(Result, EachLevelAddsWhatItWasDoing) {
  const Result<void> checked = check_quarter(6);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error(), (Error{.kind = ErrorKind::kInvalid,
                                    .code = "test.odd",
                                    .message = "the number is odd",
                                    .context = {"halving twice", "checking"}}));
}

TEST(Result, HoldsWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> owner(std::make_unique<int>(7));
  const std::unique_ptr<int> taken = std::move(owner).value();
  EXPECT_EQ(*taken, 7);
}

TEST(ResultDeathTest, StopsWhenTheValueOfAFailureIsAsked) {
  const Result<int> failed = half(3);
  EXPECT_DEATH(static_cast<void>(*failed), "value of a failed Result");
}

TEST(ErrorText, SaysWhatFailedWhereAndInWhichCall) {
  struct Case {
    Error error;
    std::string wanted;
  };
  const Case cases[] = {
      {{.kind = ErrorKind::kNotFound, .message = "no such file"}, "no such file"},
      {{.kind = ErrorKind::kTimeout}, "timeout"},
      {{.kind = ErrorKind::kInvalid, .code = "config.empty", .message = "the file is empty"},
       "the file is empty"},
      {{.kind = ErrorKind::kNotFound,
        .code = "ClusterNotFoundException",
        .message = "cluster \"prod-eu\" does not exist in eu-west-1",
        .context = {"updating service web (step 3 of 7)", "releasing shop"},
        .operation = "ecs:UpdateService",
        .request_id = "6d1f02c8",
        .http_status = 400},
       "cluster \"prod-eu\" does not exist in eu-west-1\n"
       "  while updating service web (step 3 of 7)\n"
       "  while releasing shop\n"
       "  ecs:UpdateService, ClusterNotFoundException, request 6d1f02c8"},
      {{.kind = ErrorKind::kUnavailable,
        .message = "the answer is not JSON",
        .operation = "ecs:RunTask",
        .http_status = 502},
       "the answer is not JSON\n  ecs:RunTask, HTTP 502"},
  };
  for (const auto& [error, wanted] : cases) EXPECT_EQ(to_string(error), wanted);
}

}  // namespace
}  // namespace slipway
