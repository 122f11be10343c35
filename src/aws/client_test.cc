#include "aws/client.h"

#include "aws/client_world.h"
#include "aws/ecs.h"
#include "aws/last_answer.h"
#include "aws/pages.h"
#include "aws/sts.h"
#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace slipway::aws {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class AClient : public testing::Test {
 protected:
  template <class Req, class Resp>
  Result<Resp> call(const Operation<Req, Resp>& operation,
                    const std::type_identity_t<Req>& request) {
    std::optional<Result<Resp>> result;
    world.run([&] { result = client->call(operation, request); });
    return std::move(*result);
  }

  // How many of ten calls that are made at the same time succeed.
  int successes_of_ten_together() {
    int succeeded = 0;
    world.run([&] {
      Group group(world.fibers);
      for (int i = 0; i < 10; ++i)
        group.spawn("call", [&] { succeeded += client->call(ListClusters, {}).has_value(); });
      group.join();
    });
    return succeeded;
  }

  std::vector<std::string> sent_headers(std::string_view name) const {
    std::vector<std::string> values;
    for (const HttpRequest& request : world.transport.requests)
      values.emplace_back(find_header(request.headers, name));
    return values;
  }

  ClientWorld world;
  std::optional<Client> client{world.client(kEcs)};
};

TEST_F(AClient, SendsAwsJsonAsOtherClientsDo) {
  world.transport.will_answer(200, R"({"services":[{"serviceName":"web","desiredCount":3}]})");
  const auto reply =
      call(DescribeServices, {.cluster = "prod", .services = {"web"}, .include = {"TAGS"}});
  ASSERT_TRUE(reply) << to_string(reply.error());
  EXPECT_EQ(reply->services.at(0).serviceName, "web");
  EXPECT_EQ(reply->services.at(0).desiredCount, 3);

  const HttpRequest& sent = world.transport.requests.at(0);
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.url, "https://ecs.eu-west-1.amazonaws.com/");
  EXPECT_EQ(sent.body, R"({"cluster":"prod","services":["web"],"include":["TAGS"]})");
  EXPECT_EQ(find_header(sent.headers, "x-amz-target"),
            "AmazonEC2ContainerServiceV20141113.DescribeServices");
  EXPECT_EQ(find_header(sent.headers, "content-type"), "application/x-amz-json-1.1");
  EXPECT_EQ(find_header(sent.headers, "host"), "ecs.eu-west-1.amazonaws.com");
  EXPECT_EQ(find_header(sent.headers, "x-amz-date"), "20260101T000000Z");
  EXPECT_EQ(find_header(sent.headers, "x-amz-security-token"), "the-session-token");
  EXPECT_EQ(find_header(sent.headers, "amz-sdk-request"), "attempt=1");
  EXPECT_EQ(find_header(sent.headers, "accept-encoding"), "identity");
  EXPECT_THAT(std::string(find_header(sent.headers, "authorization")),
              HasSubstr("Credential=AKID0/20260101/eu-west-1/ecs/aws4_request, SignedHeaders="
                        "content-type;host;x-amz-date;x-amz-security-token;x-amz-target,"));
  EXPECT_FALSE(sent.send_once);
}

TEST_F(AClient, SendsAFormForTheQueryProtocolAndReadsXml) {
  client.emplace(world.client(kSts));
  world.transport.will_answer(
      200,
      "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
      "<GetCallerIdentityResult><Arn>arn:aws:iam::1:user/a</Arn><Account>1</Account>"
      "</GetCallerIdentityResult></GetCallerIdentityResponse>");
  const auto reply = call(GetCallerIdentity, {});
  ASSERT_TRUE(reply) << to_string(reply.error());
  EXPECT_EQ(reply->Arn, "arn:aws:iam::1:user/a");
  const HttpRequest& sent = world.transport.requests.at(0);
  EXPECT_EQ(sent.body, "Action=GetCallerIdentity&Version=2011-06-15");
  EXPECT_EQ(find_header(sent.headers, "content-type"),
            "application/x-www-form-urlencoded; charset=utf-8");
  EXPECT_EQ(find_header(sent.headers, "x-amz-target"), "");
}

TEST_F(AClient, DoesNotSignWhatNeedsNoCredentials) {
  client.emplace(world.client(kSts));
  world.credentials.failure = Error{ErrorKind::kDenied, "credentials.none", "no credentials"};
  world.transport.will_answer(200, "<AssumeRoleWithWebIdentityResponse/>");
  ASSERT_TRUE(call(AssumeRoleWithWebIdentity, {.RoleArn = "r", .WebIdentityToken = "t"}));
  EXPECT_THAT(sent_headers("authorization"), ElementsAre(""));
  EXPECT_THAT(sent_headers("x-amz-date"), ElementsAre(""));
}

TEST_F(AClient, SaysForWhichCallCredentialsWereMissing) {
  world.credentials.failure = Error{ErrorKind::kDenied, "credentials.none", "no credentials"};
  const auto reply = call(ListClusters, {});
  ASSERT_FALSE(reply);
  EXPECT_EQ(to_string(reply.error()),
            "no credentials\n"
            "  while getting credentials for ecs:ListClusters\n"
            "  ecs:ListClusters, credentials.none");
  EXPECT_TRUE(world.transport.requests.empty());
}

TEST_F(AClient, SendsADocumentAsItIs) {
  world.transport.will_answer(200, R"({"taskDefinition":{"family":"web","revision":8,"new":{}}})");
  const auto reply =
      call(RegisterTaskDefinition, parse_json(R"({"family":"web","futureMember":[1]})").value());
  ASSERT_TRUE(reply);
  EXPECT_EQ(world.transport.requests.at(0).body, R"({"family":"web","futureMember":[1]})");
  EXPECT_EQ(to_text(reply->taskDefinition), R"({"family":"web","revision":8,"new":{}})");
}

TEST_F(AClient, KeepsTheIdempotencyTokenAndInvocationIdThroughAllAttempts) {
  world.transport.will_fail(ErrorKind::kUnavailable, "http.reset");
  world.transport.will_answer(503, "");
  world.transport.will_answer(200, "{}");
  ASSERT_TRUE(call(RunTask, {.taskDefinition = "job"}));
  ASSERT_EQ(world.transport.requests.size(), 3u);
  const std::string token(
      string_or_empty(parse_json(world.transport.requests[0].body).value(), "clientToken"));
  EXPECT_EQ(token.size(), 36u);
  EXPECT_EQ(world.transport.requests[0].body, world.transport.requests[1].body);
  EXPECT_EQ(world.transport.requests[0].body, world.transport.requests[2].body);

  const auto ids = sent_headers("amz-sdk-invocation-id");
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 1u);
  EXPECT_EQ(ids[0].size(), 36u);
  // Each attempt is signed for its own time.
  const auto dates = sent_headers("x-amz-date");
  for (std::size_t i = 0; i < dates.size(); ++i)
    EXPECT_EQ(dates[i], to_compact_iso8601(world.transport.times[i]));
  EXPECT_THAT(sent_headers("amz-sdk-request")[2], HasSubstr("attempt=3; max=3"));
  for (const HttpRequest& request : world.transport.requests)
    EXPECT_EQ(request.headers.size(), world.transport.requests[0].headers.size());
}

TEST_F(AClient, LeavesAGivenIdempotencyTokenAlone) {
  world.transport.will_answer(200, "{}");
  ASSERT_TRUE(call(RunTask, {.taskDefinition = "job", .clientToken = "mine"}));
  EXPECT_EQ(world.transport.requests[0].body, R"({"taskDefinition":"job","clientToken":"mine"})");
}

TEST_F(AClient, WaitsWithFullJitterUnderADoublingCeiling) {
  for (int i = 0; i < 4; ++i) world.transport.will_answer(500, "");
  world.transport.will_answer(200, "{}");
  ASSERT_TRUE(call(ListClusters, {}));
  const auto& times = world.transport.times;
  ASSERT_EQ(times.size(), 5u);
  EXPECT_LT(times[1] - times[0], 1s);
  EXPECT_LT(times[2] - times[1], 2s);
  EXPECT_LT(times[3] - times[2], 4s);
  EXPECT_LT(times[4] - times[3], 8s);
  EXPECT_GT(times[4] - times[0], 1s);
}

TEST_F(AClient, GivesUpAndSaysAfterHowManyAttempts) {
  world.transport.otherwise([](const HttpRequest&) { return HttpResponse{503, {}, ""}; });
  const auto read = call(ListClusters, {});
  ASSERT_FALSE(read);
  EXPECT_EQ(world.transport.requests.size(), 5u);
  EXPECT_EQ(to_string(read.error()),
            "https://ecs.eu-west-1.amazonaws.com answered 503 with an empty body, gave up after 5 "
            "attempts\n"
            "  ecs:ListClusters, http.503");
  EXPECT_EQ(read.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(read.error().http_status, 503);
}

TEST_F(AClient, TakesTheNumberOfAttemptsFromItsSettings) {
  world.transport.otherwise([](const HttpRequest&) { return HttpResponse{503, {}, ""}; });
  client.emplace(world.client(kEcs, 1));
  const auto one = call(ListClusters, {});
  EXPECT_EQ(one.error().message,
            "https://ecs.eu-west-1.amazonaws.com answered 503 with an empty body");
  EXPECT_EQ(world.transport.requests.size(), 1u);
  client.emplace(world.client(kEcs, 7));
  ASSERT_FALSE(call(UpdateService, {.service = "web"}));
  EXPECT_EQ(world.transport.requests.size(), 8u);
}

// What happens to a call whose answer never comes, by operation.
TEST_F(AClient, RepeatsAfterALostReplyOnlyWhatASecondCopyDoesNotHarm) {
  struct Case {
    std::string name;
    std::function<std::optional<Error>()> make;
    std::size_t attempts;
    std::string_view code;
  };
  const auto error_of = [](auto result) {
    return result ? std::nullopt : std::optional(result.error());
  };
  const Case cases[] = {
      {"reading", [&] { return error_of(call(DescribeServices, {})); }, 5, "http.reset"},
      {"the same service twice", [&] { return error_of(call(UpdateService, {.service = "w"})); }, 3,
       "call.reply-lost"},
      {"a forced deployment",
       [&] { return error_of(call(UpdateService, {.service = "w", .forceNewDeployment = true})); },
       1, "call.reply-lost"},
      {"not forced",
       [&] { return error_of(call(UpdateService, {.service = "w", .forceNewDeployment = false})); },
       3, "call.reply-lost"},
      {"a new revision", [&] { return error_of(call(RegisterTaskDefinition, JsonObject{})); }, 1,
       "call.reply-lost"},
      {"a task with a token", [&] { return error_of(call(RunTask, {})); }, 3, "call.reply-lost"},
      {"stopping", [&] { return error_of(call(StopTask, {})); }, 3, "call.reply-lost"},
      {"deregistering", [&] { return error_of(call(DeregisterTaskDefinition, {})); }, 3,
       "call.reply-lost"},
      {"rolling back", [&] { return error_of(call(StopServiceDeployment, {})); }, 3,
       "call.reply-lost"},
  };
  world.transport.otherwise([](const HttpRequest&) -> Result<HttpResponse> {
    return Error{ErrorKind::kUnavailable, "http.reset", "the connection was reset"};
  });
  for (const Case& row : cases) {
    SCOPED_TRACE(row.name);
    world.transport.requests.clear();
    const auto error = row.make();
    ASSERT_TRUE(error);
    EXPECT_EQ(world.transport.requests.size(), row.attempts);
    EXPECT_EQ(error->code, row.code);
    EXPECT_EQ(error->kind, ErrorKind::kUnavailable);
    EXPECT_EQ(is_reply_lost(*error), row.code == "call.reply-lost");
    // curl repeats a request by itself when a reused connection turns out to be dead.
    EXPECT_EQ(world.transport.requests[0].send_once, row.attempts == 1);
  }
}

TEST_F(AClient, ALostReplyNamesTheCallAndTheTrouble) {
  world.transport.will_fail(ErrorKind::kTimeout, "http.read-timeout");
  const auto reply = call(RegisterTaskDefinition, JsonObject{});
  ASSERT_FALSE(reply);
  EXPECT_EQ(to_string(reply.error()),
            "RegisterTaskDefinition may or may not have happened: "
            "the network said http.read-timeout\n"
            "  while calling https://ecs.eu-west-1.amazonaws.com\n"
            "  ecs:RegisterTaskDefinition, call.reply-lost");
}

TEST_F(AClient, AServerErrorLeavesAChangeOpenToo) {
  world.transport.will_refuse("ServerException", "Service Unavailable. Please try again later.",
                              500);
  const auto reply = call(RegisterTaskDefinition, JsonObject{});
  ASSERT_FALSE(reply);
  EXPECT_TRUE(is_reply_lost(reply.error()));
  EXPECT_EQ(reply.error().message,
            "RegisterTaskDefinition may or may not have happened: "
            "Service Unavailable. Please try again later.");
  EXPECT_EQ(reply.error().http_status, 500);
  EXPECT_EQ(reply.error().request_id, "r-1");
}

TEST_F(AClient, ARefusalAfterALostReplyIsARefusal) {
  world.transport.will_fail(ErrorKind::kUnavailable, "http.reset");
  world.transport.will_refuse("ServiceNotFoundException", "Service not found.");
  const auto reply = call(UpdateService, {.service = "web"});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, "ServiceNotFoundException");
  EXPECT_FALSE(is_reply_lost(reply.error()));
}

TEST_F(AClient, WithoutAConnectionNothingHasHappened) {
  for (const std::string code :
       {"http.resolve", "http.connect", "http.connect-timeout", "http.proxy", "http.tls"}) {
    SCOPED_TRACE(code);
    world.transport.requests.clear();
    for (int i = 0; i < 3; ++i) world.transport.will_fail(ErrorKind::kUnavailable, code);
    const auto reply = call(RegisterTaskDefinition, JsonObject{});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, code);
    EXPECT_EQ(world.transport.requests.size(), 3u);
  }
}

TEST_F(AClient, HasPatienceWithThrottlingBecauseARefusedCallHasNotHappened) {
  for (int i = 0; i < 6; ++i) world.transport.will_refuse("ThrottlingException", "Rate exceeded");
  world.transport.will_answer(200, "{}");
  ASSERT_TRUE(call(RegisterTaskDefinition, JsonObject{}));
  ASSERT_EQ(world.budget.counts().size(), 1u);
  EXPECT_EQ(world.budget.counts()[0].category, "task definition changes");
  EXPECT_EQ(world.budget.counts()[0].calls, 7);
  EXPECT_EQ(world.budget.counts()[0].throttled, 6);
}

TEST_F(AClient, SaysThatItWasThrottledOut) {
  world.transport.otherwise([](const HttpRequest&) {
    return HttpResponse{400, {}, R"({"__type":"ThrottlingException","message":"Rate exceeded"})"};
  });
  const auto reply = call(UpdateService, {.service = "web"});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::kThrottled);
  EXPECT_EQ(reply.error().code, "ThrottlingException");
  EXPECT_EQ(reply.error().message, "Rate exceeded, gave up after 8 attempts");
}

TEST_F(AClient, WaitsAsLongAsTheServerHints) {
  world.transport.will_answer(503, "", {{"x-amz-retry-after", "3000"}});
  world.transport.will_answer(503, "", {{"X-Amz-Retry-After", "3600000"}});
  world.transport.will_answer(503, "", {{"x-amz-retry-after", "soon"}});
  world.transport.will_answer(200, "{}");
  ASSERT_TRUE(call(ListClusters, {}));
  const auto& times = world.transport.times;
  EXPECT_EQ(times[1] - times[0], 3s);
  EXPECT_GE(times[2] - times[1], 5s);  // an hour is cut to five seconds more than our own wait
  EXPECT_LT(times[2] - times[1], 7s);
  EXPECT_LT(times[3] - times[2], 4s);
}

TEST_F(AClient, CorrectsItsClockOnceFromTheServersDate) {
  const TimePoint server = ClientWorld::kStart + 1h;
  world.transport.will_answer(
      400, R"({"__type":"InvalidSignatureException","message":"Signature expired: ..."})",
      {{"Date", to_http_date(server)}});
  world.transport.will_answer(200, "{}");
  world.transport.will_answer(200, "{}");
  ASSERT_TRUE(call(RegisterTaskDefinition, JsonObject{}));
  ASSERT_TRUE(call(ListClusters, {}));
  EXPECT_THAT(sent_headers("x-amz-date"),
              ElementsAre("20260101T000000Z", "20260101T010000Z", "20260101T010000Z"));
}

TEST_F(AClient, DoesNotBlameTheClockForAWrongKey) {
  world.transport.will_answer(
      400, R"({"__type":"InvalidSignatureException","message":"It does not match."})",
      {{"Date", to_http_date(ClientWorld::kStart + 30s)}});
  const auto reply = call(ListClusters, {});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::kDenied);
  EXPECT_EQ(world.transport.requests.size(), 1u);
}

TEST_F(AClient, DoesNotChaseAClockThatKeepsMoving) {
  for (const Duration offset : {Duration(1h), Duration(3h)}) {
    world.transport.will_answer(400, R"({"__type":"RequestTimeTooSkewed","message":"Too skewed."})",
                                {{"Date", to_http_date(ClientWorld::kStart + offset)}});
  }
  const auto reply = call(ListClusters, {});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, "RequestTimeTooSkewed");
  EXPECT_EQ(world.transport.requests.size(), 2u);
}

TEST_F(AClient, CallsSentTogetherAllSurviveAWrongClock) {
  const TimePoint server = ClientWorld::kStart + 1h;
  world.transport.otherwise([&](const HttpRequest& request) -> Result<HttpResponse> {
    TRY_VOID(world.fibers.sleep_for(100ms));
    const auto signed_at = parse_iso8601(find_header(request.headers, "x-amz-date"));
    if (std::chrono::abs(*signed_at - server) < 5min) return HttpResponse{200, {}, "{}"};
    return HttpResponse{400,
                        {{"Date", to_http_date(server)}},
                        R"({"__type":"InvalidSignatureException","message":"Signature expired"})"};
  });
  EXPECT_EQ(successes_of_ten_together(), 10);
  EXPECT_EQ(world.transport.requests.size(), 20u);
}

TEST_F(AClient, AsksForNewCredentialsWhenAwsCallsThemExpired) {
  world.transport.will_refuse("ExpiredTokenException",
                              "The security token included in the request is expired");
  world.transport.will_answer(200, "{}");
  ASSERT_TRUE(call(RegisterTaskDefinition, JsonObject{}));
  EXPECT_EQ(world.credentials.invalidated, 1);
  const auto signatures = sent_headers("authorization");
  EXPECT_THAT(signatures[0], HasSubstr("AKID0/"));
  EXPECT_THAT(signatures[1], HasSubstr("AKID1/"));
  EXPECT_EQ(world.transport.times[1], world.transport.times[0]);
}

TEST_F(AClient, GivesUpWhenNewCredentialsAreExpiredToo) {
  for (int i = 0; i < 2; ++i) world.transport.will_refuse("ExpiredTokenException");
  const auto reply = call(ListClusters, {});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::kDenied);
  EXPECT_EQ(reply.error().code, "ExpiredTokenException");
}

TEST_F(AClient, SaysWhereTheCredentialsThatAreRefusedCameFrom) {
  struct Case {
    const char* code;
    const char* message;
    std::string wanted;
  };
  for (const auto& [code, message, wanted] : {
           Case{"ExpiredTokenException", "The security token is expired",
                "The security token is expired (renew the credentials, which are from: a test)"},
           Case{"UnrecognizedClientException", "The security token is invalid.",
                "The security token is invalid. (check the credentials, which are from: a test)"},
       }) {
    SCOPED_TRACE(code);
    world.credentials.source = "a test";
    const std::string body = fmt::format(R"({{"__type":"{}","message":"{}"}})", code, message);
    world.transport.otherwise([&](const HttpRequest&) { return HttpResponse{400, {}, body}; });
    const auto reply = call(ListClusters, {});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().message, wanted);
  }
}

TEST_F(AClient, CallsRefusedTogetherThrowAwayExpiredCredentialsOnce) {
  world.transport.otherwise([&](const HttpRequest& request) -> Result<HttpResponse> {
    const std::string authorization(find_header(request.headers, "authorization"));
    TRY_VOID(world.fibers.sleep_for(100ms));
    if (authorization.find("AKID0") == std::string::npos) return HttpResponse{200, {}, "{}"};
    return HttpResponse{400, {}, R"({"__type":"ExpiredTokenException"})"};
  });
  EXPECT_EQ(successes_of_ten_together(), 10);
  EXPECT_EQ(world.credentials.invalidated, 1);
}

TEST_F(AClient, StopsRetryingWhenTooManyCallsFail) {
  world.transport.otherwise([](const HttpRequest&) { return HttpResponse{500, {}, ""}; });
  // 500 tokens at 5 a retry pay for 100 retries: 25 reads.
  std::size_t before = 0;
  std::string last_message;
  for (int i = 0; i < 30; ++i) {
    before = world.transport.requests.size();
    last_message = call(ListClusters, {}).error().message;
  }
  EXPECT_EQ(world.transport.requests.size(), 130u);
  EXPECT_EQ(world.transport.requests.size() - before, 1u);
  EXPECT_THAT(last_message, HasSubstr("not tried again because too many calls are failing"));
}

TEST_F(AClient, CancellingEndsTheWaitForARetry) {
  world.transport.otherwise([](const HttpRequest&) { return HttpResponse{500, {}, ""}; });
  std::optional<Result<ListClustersResponse>> reply;
  world.run([&] {
    Group group(world.fibers);
    group.spawn("call", [&] { reply = client->call(ListClusters, {}); });
    (void)world.fibers.sleep_for(1ms);
    group.cancel();
    group.join();
  });
  ASSERT_FALSE(*reply);
  EXPECT_EQ(reply->error().kind, ErrorKind::kCancelled);
  EXPECT_EQ(reply->error().operation, "ecs:ListClusters");
  EXPECT_EQ(world.transport.requests.size(), 1u);
}

// ---- Answers that are none ----

TEST_F(AClient, SaysWhoAnsweredWhatWhenItIsNotAws) {
  struct Case {
    int status;
    std::string content_type;
    std::string body;
    std::string_view code;
    std::string_view message;
  };
  const std::string at = "https://ecs.eu-west-1.amazonaws.com answered ";
  for (const auto& [status, content_type, body, code, message] : {
           Case{200, "text/html", "<html>\n<h1>Log in</h1></html>", "call.bad-answer",
                R"(200 with a web page: "<html> <h1>Log in</h1></html>")"},
           Case{200, "", "<!DOCTYPE html><HTML lang=en>", "call.bad-answer",
                R"(200 with a web page: "<!DOCTYPE html><HTML lang=en>")"},
           Case{404, "text/plain", "404 page not found\n", "call.bad-answer",
                R"(404 with "404 page not found ")"},
           Case{302, "", "", "call.bad-answer", "302 with an empty body"},
           Case{403, "application/json", R"({"error":"blocked"})", "call.bad-answer",
                R"(403 with "{"error":"blocked"}")"},
           Case{501, "", "", "http.501", "501 with an empty body"},
           Case{200, "", "OK\n", "call.bad-answer",
                R"(200 with "OK " (not valid JSON at line 1, column 1: syntax error))"},
           Case{404, "", std::string(200, 'x'), "call.bad-answer",
                "404 with "
                "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                "xxxxxxxxxxxxxxxxxxxxxxxxxx...\""},
           Case{200, "", R"({"clusterArns":{}})", "call.bad-answer",
                R"(200 with "{"clusterArns":{}}" (clusterArns: expected a list, found an object))"},
       }) {
    SCOPED_TRACE(body);
    world.transport.requests.clear();
    world.transport.will_answer(status, body, {{"Content-Type", content_type}});
    const auto reply = call(ListClusters, {});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().message, at + std::string(message));
    EXPECT_EQ(reply.error().code, code);
    EXPECT_EQ(reply.error().kind, ErrorKind::kUnavailable);
    EXPECT_EQ(reply.error().http_status, status);
    EXPECT_EQ(world.transport.requests.size(), 1u);
  }
}

TEST_F(AClient, ReadsAgainWhenAnAnswerWasCutShort) {
  world.transport.will_answer(200, R"({"clusterArns":["a)");
  world.transport.will_answer(200, "");
  world.transport.will_answer(200, R"({"clusterArns":["a"]})");
  const auto reply = call(ListClusters, {});
  ASSERT_TRUE(reply);
  EXPECT_THAT(reply->clusterArns, ElementsAre("a"));
}

TEST_F(AClient, ReadsAnAnswerOnceThatStaysTheSame) {
  const std::string one = R"({"services":[{"serviceName":"web","desiredCount":1}]})";
  const std::string two = R"({"services":[{"serviceName":"web","desiredCount":2}]})";
  struct Case {
    std::string answer;
    bool is_same;
    int desiredCount;  // as read; 0: nothing was read
  };
  std::string body;
  for (const auto& [answer, is_same, wanted] :
       {Case{one, false, 1}, Case{one, true, 0}, Case{two, false, 2}, Case{two, true, 0},
        Case{one, false, 1}}) {
    SCOPED_TRACE(answer);
    world.transport.will_answer(200, answer);
    const DescribeServicesRequest request{.cluster = "prod", .services = {"web"}};
    DescribeServicesResponse reply;
    LastAnswer last{.answer = ref(reply), .body = body};
    world.run([&] {
      ASSERT_TRUE(client->call_untyped(DescribeServices.facts(request), ref(request), ref(last)));
    });
    body = last.body;
    EXPECT_EQ(last.is_same, is_same);
    EXPECT_EQ(reply.services.empty() ? 0 : reply.services.front().desiredCount, wanted);
  }
}

TEST_F(AClient, ComparesNoAnswerWithOneThatCouldNotBeRead) {
  for (int call = 0; call < 2; ++call) {
    world.transport.will_answer(200, R"({"services":[{"desiredCount":"three"}]})");
    const DescribeServicesRequest request{.cluster = "prod", .services = {"web"}};
    DescribeServicesResponse reply;
    LastAnswer last{.answer = ref(reply)};
    world.run([&] {
      EXPECT_FALSE(client->call_untyped(DescribeServices.facts(request), ref(request), ref(last)));
    });
    EXPECT_EQ(last.body, "");
  }
}

TEST_F(AClient, AnAnswerCutShortLeavesAChangeOpen) {
  world.transport.will_answer(200, R"({"taskDefinition":{)");
  const auto torn = call(RegisterTaskDefinition, JsonObject{});
  ASSERT_FALSE(torn);
  EXPECT_EQ(torn.error().message,
            "RegisterTaskDefinition may or may not have happened: "
            "https://ecs.eu-west-1.amazonaws.com answered 200 with \"{\"taskDefinition\":{\" (not "
            "valid JSON at line 1, column 20: the text ends too early)");
  EXPECT_TRUE(is_reply_lost(torn.error()));

  // Who puts a web page in the answer's place may have passed the request on.
  world.transport.will_answer(200, "<html>");
  const auto foreign = call(RegisterTaskDefinition, JsonObject{});
  ASSERT_FALSE(foreign);
  EXPECT_TRUE(is_reply_lost(foreign.error()));
  EXPECT_EQ(world.transport.requests.size(), 2u) << "nor is it sent again";
}

TEST_F(AClient, QuotesNoAnswerThatMayHoldCredentials) {
  client.emplace(world.client(kSts));
  for (const std::string_view body :
       {"<AssumeRoleResponse><AssumeRoleResult><Credentials><SecretAccessKey>the-secret-key<",
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><Expiration>the-secret-key</Expiration>"
        "</Credentials></AssumeRoleResult></AssumeRoleResponse>"}) {
    SCOPED_TRACE(body);
    world.transport.otherwise(
        [&](const HttpRequest&) { return HttpResponse{200, {}, std::string(body)}; });
    const auto reply = call(AssumeRole, {});
    ASSERT_FALSE(reply);
    EXPECT_EQ(to_string(reply.error()).find("the-secret"), std::string::npos);
    EXPECT_THAT(reply.error().message,
                HasSubstr("https://sts.eu-west-1.amazonaws.com answered 200 with what is no answer "
                          "to AssumeRole"));
  }
}

// ---- What observers hear ----

TEST_F(AClient, TellsItsObserverOfEveryAttemptAndCall) {
  world.transport.will_refuse("ThrottlingException", "Rate exceeded");
  world.transport.will_fail(ErrorKind::kUnavailable, "http.reset");
  world.transport.will_answer(200, "{}", {{"x-amzn-RequestId", "r-9"}});
  world.transport.will_refuse("ClusterNotFoundException");
  ASSERT_TRUE(call(ListClusters, {}));
  ASSERT_FALSE(call(ListServices, {}));
  using Attempt = RecordingObserver::Attempt;
  EXPECT_THAT(
      world.observer.attempts,
      ElementsAre(Attempt{1, 400, "ThrottlingException", true, true},
                  Attempt{2, 0, "http.reset", false, true}, Attempt{3, 200, "", false, false},
                  Attempt{1, 400, "ClusterNotFoundException", false, false}));
  using Call = RecordingObserver::Call;
  EXPECT_THAT(world.observer.calls, ElementsAre(Call{"ecs:ListClusters", 3, "r-9", false},
                                                Call{"ecs:ListServices", 1, "r-1", true}));
}

TEST_F(AClient, PrintsNoSecretInAnyError) {
  const auto answers = {
      HttpResponse{400, {}, R"({"__type":"InvalidSignatureException","message":"No."})"},
      HttpResponse{200, {}, "<html>"}, HttpResponse{500, {}, ""}};
  for (const HttpResponse& answer : answers) {
    world.transport.otherwise([&](const HttpRequest&) { return answer; });
    const auto reply = call(UpdateService, {.service = "web"});
    ASSERT_FALSE(reply);
    EXPECT_EQ(to_string(reply.error()).find("the-se"), std::string::npos);
  }
}

// ---- Paging ----

TEST_F(AClient, FollowsPagesToTheEnd) {
  world.transport.will_answer(200, R"({"taskArns":["a","b"],"nextToken":"t1"})");
  world.transport.will_answer(200, R"({"taskArns":[],"nextToken":"t2"})");  // short pages happen
  world.transport.will_answer(200, R"({"taskArns":["c"]})");
  std::optional<Result<std::vector<std::string>>> tasks;
  world.run([&] {
    tasks = all_items(*client, ListTasks, {.cluster = "prod"}, &ListTasksResponse::taskArns);
  });
  ASSERT_TRUE(*tasks);
  EXPECT_THAT(**tasks, ElementsAre("a", "b", "c"));
  EXPECT_EQ(world.transport.requests[0].body, R"({"cluster":"prod"})");
  EXPECT_EQ(world.transport.requests[2].body, R"({"cluster":"prod","nextToken":"t2"})");
}

TEST_F(AClient, AFailedPageEndsTheRangeWithItsError) {
  world.transport.will_answer(200, R"({"taskArns":["a"],"nextToken":"t1"})");
  world.transport.will_refuse("InvalidParameterException", "Invalid token");
  std::vector<std::string> seen;
  world.run([&] {
    for (auto& page : pages(*client, ListTasks, {})) {
      if (page)
        seen.insert(seen.end(), page->taskArns.begin(), page->taskArns.end());
      else
        seen.push_back(page.error().message);
    }
  });
  EXPECT_THAT(seen, ElementsAre("a", "Invalid token"));
}

TEST_F(AClient, ATokenThatDoesNotMoveIsAnErrorAndNotALoop) {
  world.transport.otherwise([](const HttpRequest&) {
    return HttpResponse{200, {}, R"({"taskArns":["a"],"nextToken":"t1"})"};
  });
  std::optional<Result<std::vector<std::string>>> tasks;
  world.run([&] { tasks = all_items(*client, ListTasks, {}, &ListTasksResponse::taskArns); });
  ASSERT_FALSE(*tasks);
  EXPECT_EQ(tasks->error().message, "ListTasks answered the same page token twice");
  EXPECT_EQ(tasks->error().operation, "ecs:ListTasks");
  EXPECT_EQ(world.transport.requests.size(), 2u);
}

}  // namespace
}  // namespace slipway::aws
