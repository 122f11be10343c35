#include "aws/exchange.h"

#include "aws/scripted_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class AnExchange : public ::testing::Test {
 protected:
  Result<Json> ask(Patience patience = {}) {
    return world_.run_for<Result<Json>>([&] {
      return exchange_json(world_.runtime, {.method = "GET", .url = "http://x/"}, "the agent",
                           patience);
    });
  }

  ScriptedWorld world_;
  ScriptedTransport& net_ = world_.transport;
};

TEST_F(AnExchange, GivesTheObjectThatWasAnswered) {
  net_.expect("GET", "http://x/", 200, R"({"a": 1})");
  auto answer = ask();
  ASSERT_TRUE(answer);
  EXPECT_EQ(find_int(*answer, "a"), 1);
}

TEST_F(AnExchange, SaysWhatWasAnsweredInstead) {
  struct Case {
    int status;
    std::string_view body, code, message;
    ErrorKind kind;
  };
  for (const auto& [status, body, code, message, kind] : {
           Case{200, "", "exchange.not-json", "the agent answered nothing",
                ErrorKind::kUnavailable},
           Case{200, "<html>proxy</html>", "exchange.not-json", "the agent answered HTML or XML",
                ErrorKind::kUnavailable},
           Case{200, R"({"SecretAccessKey": "hush", "Tok)", "exchange.not-json",
                "the agent answered broken JSON", ErrorKind::kUnavailable},
           Case{200, "hush", "exchange.not-json", "the agent answered something that is not JSON",
                ErrorKind::kUnavailable},
           Case{200, R"(["hush"])", "exchange.not-json",
                "the agent answered JSON that is no object", ErrorKind::kUnavailable},
           Case{404, "<html>not here</html>", "exchange.status",
                "the agent answered 404 with HTML or XML", ErrorKind::kDenied},
           Case{403, "", "exchange.status", "the agent answered 403 with nothing",
                ErrorKind::kDenied},
           Case{400, R"({"code":"InvalidRole","message":"no such role"})", "InvalidRole",
                R"(the agent answered 400 InvalidRole, "no such role")", ErrorKind::kDenied},
           Case{400, R"({"error":"invalid_grant","error_description":"expired"})", "invalid_grant",
                R"(the agent answered 400 invalid_grant, "expired")", ErrorKind::kDenied},
           Case{401, R"({"__type":"com.amazonaws#UnauthorizedException","message":"no"})",
                "UnauthorizedException", R"(the agent answered 401 UnauthorizedException, "no")",
                ErrorKind::kDenied},
           Case{429, R"({"message":"slow"})", "exchange.status",
                R"(the agent answered 429, "slow")", ErrorKind::kThrottled},
           Case{503, "busy", "exchange.status",
                "the agent answered 503 with something that is not JSON", ErrorKind::kUnavailable},
       }) {
    SCOPED_TRACE(message);
    net_.expect("GET", "http://x/", status, std::string(body));
    auto answer = ask({.attempts = 1});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, kind);
    EXPECT_EQ(answer.error().code, code);
    EXPECT_EQ(answer.error().message, message);
    EXPECT_EQ(answer.error().http_status, status);
    EXPECT_THAT(to_string(answer.error()), Not(HasSubstr("hush")));
  }
}

TEST_F(AnExchange, TakesTheCodeAndTheRequestFromTheHeaders) {
  net_.expect("GET", "http://x/", 401, R"({"message":"Session token not found or invalid"})",
              {{"x-amzn-ErrorType", "UnauthorizedException:http://internal/"},
               {"x-amzn-RequestId", "r-1"}});
  auto answer = ask();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "UnauthorizedException");
  EXPECT_EQ(answer.error().request_id, "r-1");
}

TEST_F(AnExchange, IsRepeatedAfterTroubleThatMayPass) {
  net_.expect("GET", "http://x/", no_connection());
  net_.expect("GET", "http://x/", 503);
  net_.expect("GET", "http://x/", 200, "{}");
  EXPECT_TRUE(ask());
  EXPECT_EQ(world_.now() - ScriptedWorld::kStart, 2s);
}

TEST_F(AnExchange, GivesUpAfterItsAttempts) {
  for (int i = 0; i < 3; ++i) net_.expect("GET", "http://x/", no_answer());
  auto answer = ask();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kTimeout);
  EXPECT_EQ(answer.error().message,
            "the agent cannot be reached: no answer within 1s (after 3 attempts)");
}

TEST_F(AnExchange, IsNotRepeatedAfterARefusalUnlessAsked) {
  net_.expect("GET", "http://x/", 400);
  EXPECT_FALSE(ask());

  net_.expect("GET", "http://x/", 400);
  net_.expect("GET", "http://x/", 200, "{}");
  EXPECT_TRUE(ask({.after_any_refusal = true}));
}

TEST_F(AnExchange, EndsWhenItsFiberIsCalledOff) {
  net_.expect("GET", "http://x/", no_connection());
  world_.run([&] {
    Deadline deadline(world_.fibers, world_.now() + 500ms);
    auto answer = exchange_json(world_.runtime, {.method = "GET", .url = "http://x/"}, "x");
    ASSERT_FALSE(answer);
    EXPECT_TRUE(is_called_off(answer.error()));
  });
}

}  // namespace
}  // namespace slipway::aws
