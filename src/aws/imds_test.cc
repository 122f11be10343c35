#include "aws/imds.h"

#include "aws/scripted_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::aws {
namespace {

using namespace std::chrono_literals;

constexpr const char* kTokenUrl = "http://169.254.169.254/latest/api/token";
constexpr const char* kPath = "/latest/meta-data/x";
constexpr const char* kUrl = "http://169.254.169.254/latest/meta-data/x";

class AnInstance : public ::testing::Test {
 protected:
  Result<std::string> get(ImdsSettings settings = {}) {
    Imds imds(world_.runtime, settings);
    return world_.run_for<Result<std::string>>([&] { return imds.get(kPath); });
  }

  ScriptedWorld world_;
  ScriptedTransport& net_ = world_.transport;
};

TEST_F(AnInstance, WantsATokenFirst) {
  net_.expect("PUT", kTokenUrl, 200, "TOKEN==\n");
  net_.expect("GET", kUrl, 200, "answer");
  auto answer = get();
  ASSERT_TRUE(answer);
  EXPECT_EQ(*answer, "answer");
  EXPECT_EQ(find_header(net_.sent[0].headers, "x-aws-ec2-metadata-token-ttl-seconds"), "21600");
  EXPECT_EQ(find_header(net_.sent[1].headers, "x-aws-ec2-metadata-token"), "TOKEN==");
  for (const HttpRequest& sent : net_.sent) {
    EXPECT_FALSE(sent.use_proxy);
    EXPECT_EQ(sent.total_timeout, 1s);
    EXPECT_EQ(sent.connect_timeout, 1s);
  }
}

TEST_F(AnInstance, IsAskedWithTheSameTokenUntilItExpires) {
  Imds imds(world_.runtime, {});
  net_.expect("PUT", kTokenUrl, 200, "one");
  net_.expect("GET", kUrl, 200, "a");
  net_.expect("GET", kUrl, 200, "b");
  net_.expect("PUT", kTokenUrl, 200, "two");
  net_.expect("GET", kUrl, 200, "c");
  world_.run([&] {
    EXPECT_EQ(imds.get(kPath).value(), "a");
    EXPECT_TRUE(world_.fibers.sleep_for(6h - 1s));
    EXPECT_EQ(imds.get(kPath).value(), "b");
    EXPECT_TRUE(world_.fibers.sleep_for(1s));
    EXPECT_EQ(imds.get(kPath).value(), "c");
  });
  EXPECT_EQ(find_header(net_.sent[4].headers, "x-aws-ec2-metadata-token"), "two");
}

TEST_F(AnInstance, GetsANewTokenWhenTheOldOneIsRefused) {
  Imds imds(world_.runtime, {});
  net_.expect("PUT", kTokenUrl, 200, "one");
  net_.expect("GET", kUrl, 200, "a");
  net_.expect("GET", kUrl, 401);
  net_.expect("PUT", kTokenUrl, 200, "two");
  net_.expect("GET", kUrl, 401);
  world_.run([&] {
    EXPECT_EQ(imds.get(kPath).value(), "a");
    auto refused = imds.get(kPath);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "imds.answer");
  });
}

TEST_F(AnInstance, OfOldSpeaksVersionOne) {
  struct Case {
    std::string_view name;
    Result<HttpResponse> token;
  };
  for (const auto& [name, token] :
       {Case{"403", HttpResponse{403}}, Case{"404", HttpResponse{404}},
        Case{"405", HttpResponse{405}}, Case{"no answer in time", no_answer()}}) {
    SCOPED_TRACE(name);
    net_.sent.clear();
    net_.expect("PUT", kTokenUrl, token);
    net_.expect("GET", kUrl, 200, "answer");
    auto answer = get();
    ASSERT_TRUE(answer);
    EXPECT_EQ(find_header(net_.sent[1].headers, "x-aws-ec2-metadata-token"), "");
  }
}

TEST_F(AnInstance, IsNotAskedInVersionOneWhenThatIsDisabled) {
  net_.expect("PUT", kTokenUrl, 404);
  auto answer = get({.is_v1_disabled = true});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kDenied);
  EXPECT_EQ(answer.error().code, "imds.v1-disabled");
}

TEST_F(AnInstance, IsNotAskedAtAllWhenDisabled) {
  auto answer = get({.is_disabled = true});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "imds.disabled");
  EXPECT_EQ(answer.error().message, "AWS_EC2_METADATA_DISABLED is true");
}

TEST_F(AnInstance, IsMissedAfterOneAttemptAndMaybeMore) {
  net_.expect("PUT", kTokenUrl, no_route());
  auto answer = get();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(answer.error().code, "imds.absent");
  EXPECT_EQ(answer.error().message,
            "nobody answers at http://169.254.169.254: no connection within 1s");

  net_.expect("PUT", kTokenUrl, no_connection());
  net_.expect("PUT", kTokenUrl, 200, "token");
  net_.expect("GET", kUrl, no_connection());
  net_.expect("GET", kUrl, 500);
  net_.expect("GET", kUrl, 200, "answer");
  EXPECT_EQ(get({.attempts = 3}).value_or("none"), "answer");
}

TEST_F(AnInstance, SaysWhatItDidNotLike) {
  struct Case {
    int token_status;
    std::string_view token;
    int status;
    std::string_view body, code, message;
  };
  for (const auto& [token_status, token, status, body, code, message] : {
           Case{400, "", 0, "", "imds.token",
                "http://169.254.169.254 answered 400 when asked for a session token"},
           Case{500, "", 0, "", "imds.token",
                "http://169.254.169.254 answered 500 when asked for a session token"},
           Case{200, "", 0, "", "imds.token",
                "http://169.254.169.254 answered something that is no session token"},
           Case{200, "a\nb", 0, "", "imds.token",
                "http://169.254.169.254 answered something that is no session token"},
           Case{200, "<html>hello there</html>", 0, "", "imds.token",
                "http://169.254.169.254 answered something that is no session token"},
           Case{200, "t", 404, "", "imds.no-such-path",
                "http://169.254.169.254 knows no /latest/meta-data/x"},
           Case{200, "t", 200, "", "imds.answer",
                "http://169.254.169.254/latest/meta-data/x answered nothing"},
           Case{200, "t", 503, "busy", "imds.answer",
                "http://169.254.169.254/latest/meta-data/x answered 503"},
       }) {
    SCOPED_TRACE(message);
    net_.expect("PUT", kTokenUrl, token_status, std::string(token));
    if (status != 0) net_.expect("GET", kUrl, status, std::string(body));
    auto answer = get();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, code);
    EXPECT_EQ(answer.error().message, message);
  }
}

TEST_F(AnInstance, MayLiveElsewhere) {
  net_.expect("PUT", "http://[fd00:ec2::254]/latest/api/token", 200, "t");
  net_.expect("GET", "http://[fd00:ec2::254]/latest/meta-data/x", 200, "answer");
  EXPECT_TRUE(get({.endpoint = "http://[fd00:ec2::254]/"}));
}

TEST_F(AnInstance, IsNotBlamedForACancellation) {
  Imds imds(world_.runtime, {});
  net_.expect("PUT", kTokenUrl, HttpResponse{200, {}, "t"}, 10s);
  world_.run([&] {
    Group group(world_.fibers);
    group.spawn("asks", [&] {
      auto answer = imds.get(kPath);
      ASSERT_FALSE(answer);
      EXPECT_EQ(answer.error().kind, ErrorKind::kCancelled);
    });
    EXPECT_TRUE(world_.fibers.sleep_for(1s));
    group.cancel();
    group.join();
  });
}

}  // namespace
}  // namespace slipway::aws
