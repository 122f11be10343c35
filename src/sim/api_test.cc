#include "sim/api.h"

#include "base/text.h"
#include "sim/api_test_support.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// `code message` of a refusal, or "200".
std::string outcome(const Delivery& delivery) {
  switch (delivery.kind) {
    case Delivery::Kind::kReset:
      return "reset";
    case Delivery::Kind::kNoAnswer:
      return "no answer";
    case Delivery::Kind::kRefused:
      return "refused";
    case Delivery::Kind::kConnectTimeout:
      return "connect timeout";
    case Delivery::Kind::kTruncated:
      return "truncated";
    case Delivery::Kind::kWhole:
      break;
  }
  const HttpResponse& response = delivery.response;
  if (response.status == 200) return "200";
  const auto body = parse_json(response.body);
  if (!body) return fmt::format("{} {}", response.status, response.body);
  const std::string_view code = string_or_empty(*body, "__type");
  EXPECT_EQ(find_header(response.headers, "x-amzn-ErrorType"), code);
  return fmt::format("{} {}: {}", response.status, code, string_or_empty(*body, "message"));
}

struct Shop {
  std::unique_ptr<SimulatedAws> aws;
  TimePoint now = kUsualStart;

  explicit Shop(std::string_view more_keys = "") : aws(shop_with(more_keys)) {}

  Delivery send(const HttpRequest& request) { return aws->handle(request, now); }
  std::string call(std::string_view operation, std::string body = "{}",
                   std::string_view access_key = "AKIATEST") {
    return outcome(send(json_request(operation, std::move(body), access_key)));
  }
  Json document(std::string_view operation, std::string body) {
    const Delivery delivery = send(json_request(operation, std::move(body)));
    EXPECT_EQ(delivery.response.status, 200) << delivery.response.body;
    auto parsed = parse_json(delivery.response.body);
    return parsed ? *parsed : Json();
  }
};

TEST(Api, AnswersAnOperationOfEcsAsAwsDoes) {
  Shop shop;
  const Delivery delivery =
      shop.send(json_request("DescribeServices", R"({"cluster":"prod","services":["web"]})"));
  EXPECT_EQ(delivery.response.status, 200);
  EXPECT_EQ(find_header(delivery.response.headers, "Content-Type"), "application/x-amz-json-1.1");
  EXPECT_EQ(find_header(delivery.response.headers, "x-amzn-RequestId").size(), 36u);
  EXPECT_EQ(find_header(delivery.response.headers, "Date"), "Mon, 05 Jan 2026 09:00:00 GMT");
  const auto body = parse_json(delivery.response.body);
  ASSERT_TRUE(body);
  const Json& service = (*find_array(*body, "services"))[0];
  EXPECT_EQ(find_int(service, "runningCount"), 4);
  const JsonArray* deployments = find_array(service, "deployments");
  ASSERT_EQ(deployments->size(), 1u);
  EXPECT_EQ(string_or_empty(deployments->front(), "rolloutState"), "COMPLETED");
}

TEST(Api, AnswersStsInXml) {
  Shop shop;
  const Delivery delivery = shop.send(form_request("Action=GetCallerIdentity"));
  EXPECT_EQ(delivery.response.status, 200);
  EXPECT_EQ(find_header(delivery.response.headers, "Content-Type"), "text/xml");
  EXPECT_THAT(delivery.response.body, HasSubstr("<Arn>arn:aws:iam::"));
}

TEST(Api, AnswersAnEmptyBodyLikeAnEmptyDocument) {
  Shop shop;
  EXPECT_EQ(shop.call("ListClusters", ""), "200");
}

TEST(Api, GivesSameAnswersToSameRequestsForOneSeed) {
  const auto run = [] {
    Shop shop;
    std::string all;
    for (const char* operation : {"ListClusters", "ListTaskDefinitions", "Nothing"}) {
      const auto response = shop.send(json_request(operation, "{}")).response;
      all += response.body;
      for (const auto& [name, value] : response.headers) all += name + value;
    }
    return all;
  };
  EXPECT_EQ(run(), run());
}

TEST(Api, RefusesWhatItCannotReadOrDoesNotKnow) {
  struct Case {
    const char* operation;
    const char* body;
    std::string wanted;
  };
  for (
      const auto& [operation, body, wanted] : std::vector<Case>{
          {"Nothing", "{}",
           "400 UnknownOperationException: The simulator does not have ecs:Nothing."},
          {"DescribeServices", "[]",
           "400 SerializationException: Start of list found where not expected."},
          {"UpdateService", R"({"service":7})",
           "400 SerializationException: NUMBER_VALUE can not be converted to a String"},
          {"UpdateService", R"({"service":"web","desiredCount":"three"})",
           "400 SerializationException: STRING_VALUE can not be converted to an Integer"},
          {"CreateService", R"({"serviceName":"x","launchType":"MOON"})",
           "400 InvalidParameterException: 1 validation error detected: Value 'MOON' at "
           "'launchType' failed to satisfy constraint: Member must satisfy enum value set: "
           "[EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES]"},
          {"UpdateService",
           R"({"cluster":"prod","service":"web","networkConfiguration":{"awsvpcConfiguration":{}}})",
           "400 InvalidParameterException: 1 validation error detected: Value null at "
           "'networkConfiguration.awsvpcConfiguration.subnets' failed to satisfy constraint: "
           "Member must not be null"},
      }) {
    SCOPED_TRACE(operation);
    Shop shop;
    EXPECT_EQ(shop.call(operation, body), wanted);
  }
  Shop shop;
  EXPECT_THAT(shop.call("DescribeServices", "{"), StartsWith("400 SerializationException: "));
  EXPECT_EQ(shop.call("DescribeServices", R"({"cluster":"prod","services":["web"],"new":1})"),
            "200");
  EXPECT_EQ(outcome(shop.send({.method = "GET", .url = "http://127.0.0.1/"})),
            "400 UnknownOperationException: The simulator does not have this service.");
}

TEST(Api, NamesErrorsOfQueryServicesTheirWay) {
  Shop shop;
  struct Case {
    HttpRequest request;
    int status;
    const char* code;
  };
  for (const auto& [request, status, code] : std::vector<Case>{
           {form_request("Action=GetCallerIdentity", ""), 403, "MissingAuthenticationToken"},
           {form_request("Action=Nothing"), 400, "InvalidAction"},
           {form_request("Action=AssumeRole&RoleArn=arn:aws:iam::1:role/x&RoleSessionName=s"), 400,
            "ValidationError"},
           {form_request("Action=AssumeRole&RoleArn=arn:aws:iam::1:role/nobody&RoleSessionName=me"),
            403, "AccessDenied"},
       }) {
    SCOPED_TRACE(code);
    const HttpResponse response = shop.send(request).response;
    EXPECT_EQ(response.status, status);
    EXPECT_THAT(response.body, StartsWith("<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/"
                                          "2011-06-15/\"><Error><Type>Sender</Type><Code>" +
                                          std::string(code) + "</Code>"));
  }
}

// ---- signatures ----

constexpr std::string_view kVerify = R"(
identity:
  signatures: verify
  users: {ci: {access_key: AKIACI, secret_key: topsecret}}
)";

HttpRequest signed_request(TimePoint when, std::string secret = "topsecret",
                           std::string service = "ecs") {
  HttpRequest request = json_request("ListClusters", "{}");
  request.headers.pop_back();
  aws::SigningKeys keys;
  aws::sign(request, {.access_key_id = "AKIACI", .secret_access_key = Secret(std::move(secret))},
            {"eu-west-1", std::move(service)}, when, keys);
  return request;
}

TEST(Signatures, AreHeldAgainstTheKeyWhenAskedFor) {
  Shop shop(kVerify);
  EXPECT_EQ(outcome(shop.send(signed_request(shop.now))), "200");
  EXPECT_EQ(outcome(shop.send(signed_request(shop.now, "guess"))),
            "400 InvalidSignatureException: The request signature we calculated does not match "
            "the signature you provided. Check your AWS Secret Access Key and signing method. "
            "Consult the service documentation for details.");
  HttpRequest changed = signed_request(shop.now);
  changed.body = R"({"maxResults":1})";
  EXPECT_THAT(outcome(shop.send(changed)), StartsWith("400 InvalidSignatureException"));
  EXPECT_EQ(outcome(shop.send(signed_request(shop.now, "topsecret", "sqs"))),
            "400 InvalidSignatureException: Credential should be scoped to correct service: "
            "'ecs'.");
  EXPECT_EQ(shop.call("ListClusters"),
            "400 UnrecognizedClientException: The security token included in the request is "
            "invalid.");
}

TEST(Signatures, AcceptFiveMinutesOfSkewAndNoMore) {
  Shop shop(kVerify);
  EXPECT_EQ(outcome(shop.send(signed_request(shop.now - 5min))), "200");
  EXPECT_EQ(outcome(shop.send(signed_request(shop.now + 5min))), "200");
  EXPECT_EQ(outcome(shop.send(signed_request(shop.now - 10min))),
            "400 InvalidSignatureException: Signature expired: 20260105T085000Z is now earlier "
            "than 20260105T085500Z (20260105T090000Z - 5 min.)");
  EXPECT_EQ(outcome(shop.send(signed_request(shop.now + 10min))),
            "400 InvalidSignatureException: Signature not yet current: 20260105T091000Z is still "
            "later than 20260105T090500Z (20260105T090000Z + 5 min.)");
}

TEST(Signatures, MustBeThereUnlessSwitchedOff) {
  HttpRequest bare = json_request("ListClusters", "{}");
  bare.headers.pop_back();
  Shop lenient;
  EXPECT_EQ(outcome(lenient.send(bare)),
            "400 MissingAuthenticationTokenException: Missing Authentication Token");
  EXPECT_EQ(lenient.call("ListClusters", "{}", "anything"), "200");
  Shop off("identity: {signatures: off}\n");
  EXPECT_EQ(outcome(off.send(bare)), "200");
}

TEST(Signatures, OfAnAssumedRoleWorkUntilItsCredentialsExpire) {
  Shop shop(R"(
identity:
  signatures: verify
  users: {ci: {access_key: AKIACI, secret_key: topsecret}}
  roles: {deployer: {lifetime: 60s}}
)");
  HttpRequest assume = form_request(
      "Action=AssumeRole&RoleArn=arn:aws:iam::111111111111:role/deployer&RoleSessionName=run", "");
  aws::SigningKeys keys;
  aws::sign(assume, {.access_key_id = "AKIACI", .secret_access_key = Secret("topsecret")},
            {"eu-west-1", "sts"}, shop.now, keys);
  const std::string xml = shop.send(assume).response.body;
  const auto element = [&](const std::string& name) {
    const auto begin = xml.find("<" + name + ">") + name.size() + 2;
    return xml.substr(begin, xml.find("</" + name + ">") - begin);
  };
  const aws::Credentials role{.access_key_id = element("AccessKeyId"),
                              .secret_access_key = Secret(element("SecretAccessKey")),
                              .session_token = Secret(element("SessionToken"))};
  const auto list = [&](const aws::Credentials& credentials) {
    HttpRequest request = json_request("ListClusters", "{}");
    request.headers.pop_back();
    aws::sign(request, credentials, {"eu-west-1", "ecs"}, shop.now, keys);
    return outcome(shop.send(request));
  };
  EXPECT_EQ(list(role), "200") << xml;
  aws::Credentials without_token = role;
  without_token.session_token = Secret();
  EXPECT_THAT(list(without_token), StartsWith("400 UnrecognizedClientException"));
  shop.now += 60s;
  EXPECT_EQ(list(role),
            "400 ExpiredTokenException: The security token included in the request is expired");
}

// ---- permissions ----

constexpr std::string_view kLimited = R"(
identity:
  anyone: limited
  users:
    limited:
      access_key: AKIALIMITED
      secret_key: s
      policies:
      - Statement:
        - {Effect: Allow, Action: ["ecs:Describe*", "ecs:RegisterTaskDefinition", "ecs:RunTask"], Resource: "*"}
        - Effect: Allow
          Action: iam:PassRole
          Resource: "*"
          Condition: {StringEquals: {"iam:PassedToService": ecs-tasks.amazonaws.com}}
        - {Effect: Deny, Action: iam:PassRole, Resource: "*/forbidden"}
)";

TEST(Permissions, AreAskedOfThePolicy) {
  Shop shop(kLimited);
  const std::string user = "User: arn:aws:iam::111111111111:user/limited is not authorized to ";
  EXPECT_EQ(shop.call("DescribeServices", R"({"cluster":"prod","services":["web"]})"), "200");
  EXPECT_EQ(shop.call("UpdateService", R"({"cluster":"prod","service":"web"})"),
            "400 AccessDeniedException: " + user +
                "perform: ecs:UpdateService on resource: "
                "arn:aws:ecs:eu-west-1:111111111111:service/prod/web because no identity-based "
                "policy allows the ecs:UpdateService action");
  EXPECT_EQ(shop.call("RegisterTaskDefinition",
                      R"({"family":"x","taskRoleArn":"arn:aws:iam::111111111111:role/forbidden",)"
                      R"("containerDefinitions":[{"name":"a","image":"i","memory":64}]})"),
            "400 AccessDeniedException: " + user +
                "perform: iam:PassRole on resource: arn:aws:iam::111111111111:role/forbidden with "
                "an explicit deny in an identity-based policy");
}

TEST(Permissions, OfRunTaskIncludeTheRolesOfItsDefinition) {
  Shop shop(R"(
identity:
  anyone: limited
  users:
    limited: {access_key: A, secret_key: s, policies: [{Statement: {Effect: Allow, Action: "ecs:*", Resource: "*"}}]}
)");
  EXPECT_THAT(shop.call("RunTask", R"({"cluster":"prod","taskDefinition":"shop-migrate"})"),
              HasSubstr("iam:PassRole on resource: arn:aws:iam::111111111111:role/shop because"));
}

TEST(Permissions, ForTagsDependOnTheAccount) {
  const std::string limited(kLimited);
  const char* tagged = R"({"family":"x","tags":[{"key":"a","value":"b"}],)"
                       R"("containerDefinitions":[{"name":"a","image":"i","memory":64}]})";
  EXPECT_THAT(Shop(limited).call("RegisterTaskDefinition", tagged),
              HasSubstr("perform: ecs:TagResource on resource: "
                        "arn:aws:ecs:eu-west-1:111111111111:task-definition/x:*"));
  EXPECT_EQ(Shop(limited + "tag_authorization: false\n").call("RegisterTaskDefinition", tagged),
            "200");
}

// ---- throttles and the call log ----

TEST(Throttling, RefusesWithRateExceededAndCounts) {
  Shop shop("throttling: {cluster-read: {burst: 2, per_second: 1}}\n");
  EXPECT_EQ(shop.call("ListClusters"), "200");
  EXPECT_EQ(shop.call("ListClusters"), "200");
  EXPECT_EQ(shop.call("ListClusters"), "400 ThrottlingException: Rate exceeded");
  shop.now += 1s;
  EXPECT_EQ(shop.call("ListClusters"), "200");
  EXPECT_EQ(shop.aws->calls().of("ecs:ListClusters"),
            (CallCounts{.calls = 4, .throttled = 1, .errors = 1}));
}

TEST(CallLog, IsReadAndResetOverHttp) {
  Shop shop;
  shop.call("ListClusters");
  shop.call("Nothing", "{}", "AKIAOTHER");
  const auto get = [&](const char* url) {
    const auto response = shop.send({.method = "GET", .url = url}).response;
    EXPECT_EQ(response.status, 200);
    return *parse_json(response.body);
  };
  const Json calls = get("http://127.0.0.1/_slipway/calls?records");
  EXPECT_EQ(find_int(calls, "calls"), 2);
  EXPECT_EQ(find_int(calls, "errors"), 1);
  EXPECT_EQ(string_or_empty(calls, "now"), "2026-01-05T09:00:00.000Z");
  EXPECT_EQ(find_int(*find(*find(calls, "operations"), "ecs:ListClusters"), "calls"), 1);
  EXPECT_EQ(find_int(*find(*find(calls, "access_keys"), "AKIAOTHER"), "errors"), 1);
  EXPECT_EQ(string_or_empty(find_array(calls, "records")->back(), "code"),
            "UnknownOperationException");

  EXPECT_EQ(shop.send({.method = "POST", .url = "http://127.0.0.1/_slipway/reset"}).response.status,
            200);
  EXPECT_EQ(find_int(get("http://127.0.0.1/_slipway/calls"), "calls"), 0);
  EXPECT_EQ(shop.send({.method = "GET", .url = "http://127.0.0.1/_slipway/x"}).response.status,
            404);
}

// ---- faults ----

Json web_service(Shop& shop) {
  const Json document =
      shop.document("DescribeServices", R"({"cluster":"prod","services":["web"]})");
  return find_array(document, "services")->front();
}

const char* kForce = R"({"cluster":"prod","service":"web","forceNewDeployment":true})";

TEST(InjectedFaults, SayWhatAwsSays) {
  struct Case {
    const char* fault;
    std::string wanted;
  };
  for (const auto& [fault, wanted] : std::vector<Case>{
           {"{fault: refused}", "refused"},
           {"{fault: connect-timeout}", "connect timeout"},
           {"{fault: reset}", "reset"},
           {"{fault: no-answer}", "no answer"},
           {"{fault: truncated, bytes: 5}", "truncated"},
           {"{fault: throttled}", "400 ThrottlingException: Rate exceeded"},
           {"{fault: expired-credentials}",
            "400 ExpiredTokenException: The security token included in the request is expired"},
           {"{fault: access-denied}",
            "400 AccessDeniedException: User: arn:aws:iam::111111111111:user/anyone is not "
            "authorized to perform: ecs:UpdateService on resource: "
            "arn:aws:ecs:eu-west-1:111111111111:service/prod/web because no identity-based policy "
            "allows the ecs:UpdateService action"},
           {"{fault: access-denied, message: no}", "400 AccessDeniedException: no"},
           {"{fault: server-error}",
            "500 ServerException: Service Unavailable. Please try again later."},
           {"{fault: server-error, status: 502, code: Odd, message: odd}", "502 Odd: odd"},
           {"{fault: unavailable}", "503 "},
           {"{fault: error, code: LimitExceededException, message: enough}",
            "400 LimitExceededException: enough"},
       }) {
    SCOPED_TRACE(fault);
    Shop shop(fmt::format("faults: [{}]\n", fault));
    EXPECT_EQ(shop.call("UpdateService", kForce), wanted);
  }
}

TEST(InjectedFaults, BeforeTheEffectLeaveTheWorldAlone) {
  for (const char* fault : {"{fault: reset, calls: 1}", "{fault: throttled, calls: 1}",
                            "{fault: server-error, calls: 1}", "{fault: html, calls: 1}"}) {
    SCOPED_TRACE(fault);
    Shop shop(fmt::format("faults: [{}]\n", fault));
    shop.call("UpdateService", kForce);
    EXPECT_EQ(find_array(web_service(shop), "deployments")->size(), 1u);
  }
}

TEST(InjectedFaults, AfterTheEffectOnlyLoseTheAnswer) {
  struct Case {
    const char* fault;
    const char* wanted;
  };
  for (const auto& [fault, wanted] :
       {Case{"{fault: reset, after_effect: true, calls: 1}", "reset"},
        Case{"{fault: no-answer, after_effect: true, calls: 1}", "no answer"},
        Case{"{fault: truncated, bytes: 3, calls: 1}", "truncated"},
        Case{"{fault: server-error, after_effect: true, calls: 1}",
             "500 ServerException: Service Unavailable. Please try again later."},
        Case{"{fault: unavailable, after_effect: true, calls: 1}", "503 "}}) {
    SCOPED_TRACE(fault);
    Shop shop(fmt::format("faults: [{}]\n", fault));
    EXPECT_EQ(shop.call("UpdateService", kForce), wanted);
    EXPECT_EQ(find_array(web_service(shop), "deployments")->size(), 2u);
  }
}

TEST(InjectedFaults, AnswerWithThePageOfAProxy) {
  Shop shop("faults: [{fault: html, status: 502}]\n");
  const HttpResponse response = shop.send(json_request("ListClusters", "{}")).response;
  EXPECT_EQ(response.status, 502);
  EXPECT_EQ(find_header(response.headers, "Content-Type"), "text/html");
  EXPECT_THAT(response.body, StartsWith("<html>"));
}

TEST(InjectedFaults, SaySlowAnswersTakeTheirTime) {
  Shop shop("faults: [{fault: slow, delay: 3s}, {fault: slow-bytes, bytes_per_second: 100}]\n");
  const Delivery delivery = shop.send(json_request("ListClusters", "{}"));
  EXPECT_EQ(delivery.delay, 3s);
  EXPECT_EQ(delivery.bytes_per_second, 100);
}

TEST(InjectedFaults, HintWhenToTryAgain) {
  Shop shop("faults: [{fault: throttled, retry_after: 1500ms}]\n");
  const HttpResponse response = shop.send(json_request("ListClusters", "{}")).response;
  EXPECT_EQ(find_header(response.headers, "x-amz-retry-after"), "1500");
}

TEST(InjectedFaults, CombineInTheOrderOfTheirPlaces) {
  const char* all =
      "faults: [{fault: server-error}, {fault: access-denied, message: no, calls: 3}, "
      "{fault: throttled, calls: 2}, {fault: expired-credentials, on: \"sts:*\"}, "
      "{fault: reset, calls: 1}]\n";
  Shop shop(all);
  EXPECT_EQ(shop.call("ListClusters"), "reset");
  EXPECT_EQ(shop.call("ListClusters"), "400 ThrottlingException: Rate exceeded");
  EXPECT_EQ(shop.call("ListClusters"), "400 AccessDeniedException: no");
  EXPECT_EQ(shop.call("ListClusters"),
            "500 ServerException: Service Unavailable. Please try again later.");
}

TEST(InjectedFaults, ExpireAKeyUntilAnotherOneIsUsed) {
  Shop shop("faults: [{fault: expired-credentials, first_call: 2}]\n");
  EXPECT_EQ(shop.call("ListClusters", "{}", "ASIA1"), "200");
  EXPECT_THAT(shop.call("ListClusters", "{}", "ASIA1"), StartsWith("400 ExpiredToken"));
  EXPECT_THAT(shop.call("ListClusters", "{}", "ASIA1"), StartsWith("400 ExpiredToken"));
  EXPECT_EQ(shop.call("ListClusters", "{}", "ASIA2"), "200");
}

TEST(InjectedFaults, ShiftTheServersClock) {
  Shop shop("faults: [{fault: clock-skew, by: 20m}]\n");
  const HttpResponse refused = shop.send(signed_request(shop.now)).response;
  EXPECT_THAT(refused.body, HasSubstr("Signature expired: 20260105T090000Z is now earlier than "
                                      "20260105T091500Z (20260105T092000Z - 5 min.)"));
  // What a client corrects its clock by.
  EXPECT_EQ(find_header(refused.headers, "Date"), "Mon, 05 Jan 2026 09:20:00 GMT");
  EXPECT_EQ(outcome(shop.send(signed_request(shop.now + 20min))), "200");
}

TEST(InjectedFaults, SeeWhetherAServiceIsDeploying) {
  Shop shop(
      "faults: [{fault: throttled, on: \"ecs:ListClusters\", during_deployment_of: prod/web}]\n");
  EXPECT_EQ(shop.call("ListClusters"), "200");
  EXPECT_EQ(shop.call("UpdateService", kForce), "200");
  EXPECT_THAT(shop.call("ListClusters"), StartsWith("400 Throttling"));
  shop.now += 10min;
  EXPECT_EQ(shop.call("ListClusters"), "200");
}

TEST(InjectedFaults, ReachTheCredentialEndpointsToo) {
  Shop shop(R"(
identity: {roles: {app: {}}, container_credentials: {role: app}}
faults: [{fault: reset, on: "container:*", calls: 1}]
)");
  const HttpRequest request{.method = "GET", .url = "http://169.254.170.2/v2/credentials/x"};
  EXPECT_EQ(outcome(shop.send(request)), "reset");
  EXPECT_EQ(outcome(shop.send(request)), "200");
  EXPECT_EQ(shop.aws->calls().of("container:Credentials").calls, 2u);
}

// ---- Services beside ECS ----

HttpRequest to_service(std::string_view service, std::string_view target, std::string body,
                       std::string_view access_key = "AKIATEST") {
  return {.method = "POST",
          .url = "https://simulated/",
          .headers = {{"X-Amz-Target", std::string(target)},
                      {"Authorization", fmt::format("AWS4-HMAC-SHA256 Credential={}/20260105/"
                                                    "eu-west-1/{}/aws4_request, SignedHeaders=host;"
                                                    "x-amz-date, Signature=00",
                                                    access_key, service)}},
          .body = std::move(body)};
}

HttpRequest to_scheduler(std::string method, std::string_view target, std::string body = "",
                         std::string_view access_key = "AKIATEST") {
  HttpRequest request = to_service("scheduler", "", std::move(body), access_key);
  request.headers.erase(request.headers.begin());
  request.method = std::move(method);
  request.url = "https://simulated" + std::string(target);
  return request;
}

HttpRequest to_sns(std::string form, std::string_view access_key = "AKIATEST") {
  HttpRequest request = to_service("sns", "", std::move(form), access_key);
  request.headers.front() = {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"};
  return request;
}

constexpr std::string_view kDaily = R"j({"Name":"daily","ScheduleExpression":"rate(1 day)"})j";
constexpr std::string_view kQueue = R"({"Id":"ID","Arn":"arn:aws:sqs:eu-west-1:1:q"})";

std::string queue_targets(int count) {
  std::string targets;
  for (int i = 0; i < count; ++i) {
    std::string target(kQueue);
    target.replace(target.find("ID"), 2, std::to_string(i));
    targets += (i > 0 ? "," : "") + target;
  }
  return fmt::format(R"({{"Rule":"daily","Targets":[{}]}})", targets);
}

TEST(OtherServices, AreToldApartByTargetPathAndScope) {
  Shop shop;
  EXPECT_EQ(outcome(shop.send(to_service("events", "AWSEvents.PutRule", std::string(kDaily)))),
            "200");
  EXPECT_EQ(outcome(shop.send(to_service("logs", "Logs_20140328.DescribeLogGroups", "{}"))), "200");
  const Delivery topic = shop.send(to_sns("Action=CreateTopic&Version=2010-03-31&Name=deploys"));
  EXPECT_EQ(topic.response.status, 200);
  EXPECT_EQ(find_header(topic.response.headers, "Content-Type"), "text/xml");
  EXPECT_THAT(topic.response.body,
              HasSubstr("<CreateTopicResult><TopicArn>arn:aws:sns:eu-west-1:111111111111:deploys"
                        "</TopicArn></CreateTopicResult>"));
  const Delivery groups = shop.send(to_scheduler("GET", "/schedule-groups?MaxResults=1"));
  EXPECT_EQ(groups.response.status, 200);
  EXPECT_EQ(find_header(groups.response.headers, "Content-Type"), "application/json");
  EXPECT_THAT(groups.response.body, HasSubstr(R"("Name":"default")"));
  for (const char* name : {"events:PutRule", "logs:DescribeLogGroups", "sns:CreateTopic",
                           "scheduler:ListScheduleGroups"})
    EXPECT_EQ(shop.aws->calls().of(name).calls, 1u) << name;
}

TEST(OtherServices, RefuseInTheirOwnWords) {
  Shop shop;
  EXPECT_EQ(outcome(shop.send(to_service("events", "AWSEvents.DescribeRule", "{}"))),
            "400 ValidationException: 1 validation error detected: Value null at 'name' failed to "
            "satisfy constraint: Member must not be null");
  EXPECT_EQ(outcome(shop.send(to_service("events", "AWSEvents.CreateArchive", "{}"))),
            "400 UnknownOperationException: The simulator does not have events:CreateArchive.");
  const Delivery schedule = shop.send(to_scheduler("GET", "/schedules/none"));
  EXPECT_EQ(schedule.response.status, 404);
  EXPECT_EQ(find_header(schedule.response.headers, "x-amzn-ErrorType"),
            "ResourceNotFoundException");
  EXPECT_EQ(schedule.response.body, R"({"Message":"Schedule none does not exist."})");
  EXPECT_EQ(shop.send(to_scheduler("GET", "/nothing")).response.status, 404);
  EXPECT_EQ(shop.send(to_scheduler("GET", "/schedules?MaxResults=many")).response.body,
            R"({"Message":"MaxResults: expected a number, found \"many\""})");
  const Delivery topic = shop.send(
      to_sns("Action=Publish&Version=2010-03-31&TopicArn=arn:aws:sns:eu-west-1:1:x&Message=m"));
  EXPECT_EQ(topic.response.status, 404);
  EXPECT_THAT(topic.response.body,
              HasSubstr("<Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist"));
}

TEST(OtherServices, AskForPermissionInTheirOwnWords) {
  Shop shop(R"(
identity:
  users:
    ci: {access_key: AKIACI, secret_key: s, policies: [{Statement: {Effect: Allow, Action: "events:*", Resource: "*"}}]}
)");
  EXPECT_EQ(
      outcome(shop.send(to_service("events", "AWSEvents.PutRule", std::string(kDaily), "AKIACI"))),
      "200");
  EXPECT_EQ(outcome(shop.send(to_service("events", "AWSEvents.PutTargets",
                                         R"({"Rule":"daily","Targets":[{"Id":"1","Arn":"a",)"
                                         R"("RoleArn":"arn:aws:iam::111111111111:role/r"}]})",
                                         "AKIACI"))),
            "400 AccessDeniedException: User: arn:aws:iam::111111111111:user/ci is not authorized "
            "to perform: iam:PassRole on resource: arn:aws:iam::111111111111:role/r because no "
            "identity-based policy allows the iam:PassRole action");
  const Delivery schedule = shop.send(to_scheduler("GET", "/schedules/n", "", "AKIACI"));
  EXPECT_EQ(schedule.response.status, 403);
  EXPECT_EQ(find_header(schedule.response.headers, "x-amzn-ErrorType"), "AccessDeniedException");
  const Delivery publish = shop.send(to_sns(
      "Action=Publish&Version=2010-03-31&TopicArn=arn:aws:sns:eu-west-1:1:x&Message=m", "AKIACI"));
  EXPECT_EQ(publish.response.status, 403);
  EXPECT_THAT(publish.response.body,
              HasSubstr("<Code>AuthorizationError</Code><Message>User: "
                        "arn:aws:iam::111111111111:user/ci is not authorized to perform: "
                        "SNS:Publish on resource: arn:aws:sns:eu-west-1:1:x"));
}

TEST(OtherServices, HaveTheirFaultsAndThrottles) {
  Shop shop(R"(
throttling: {log-search: {burst: 1, per_second: 0.1}}
faults:
- {fault: throttled, on: "scheduler:GetSchedule"}
- {fault: server-error, on: "sns:Publish", message: busy}
- {fault: server-error, on: "events:PutRule", calls: 1}
)");
  const Delivery schedule = shop.send(to_scheduler("GET", "/schedules/n"));
  EXPECT_EQ(schedule.response.status, 429);
  EXPECT_EQ(find_header(schedule.response.headers, "x-amzn-ErrorType"), "ThrottlingException");
  EXPECT_THAT(
      shop.send(to_sns("Action=Publish&Version=2010-03-31&TopicArn=t&Message=m")).response.body,
      HasSubstr("<Type>Receiver</Type><Code>InternalError</Code><Message>busy</Message>"));
  EXPECT_EQ(outcome(shop.send(to_service("events", "AWSEvents.PutRule", std::string(kDaily)))),
            "500 InternalException: Service Unavailable. Please try again later.");
  const auto search = [&] {
    return outcome(
        shop.send(to_service("logs", "Logs_20140328.FilterLogEvents", R"({"logGroupName":"/x"})")));
  };
  EXPECT_EQ(search(), "400 ResourceNotFoundException: The specified log group does not exist.");
  EXPECT_EQ(search(), "400 ThrottlingException: Rate exceeded");
}

TEST(OtherServices, FailInPartWhereAwsDoes) {
  Shop shop(R"(
faults:
- {fault: partial-failure, on: "events:PutTargets", entries: 2, calls: 1, code: ConcurrentModificationException, message: "Again."}
- {fault: partial-failure, on: "events:RemoveTargets", calls: 1}
)");
  shop.send(to_service("events", "AWSEvents.PutRule", std::string(kDaily)));
  const Delivery put = shop.send(to_service("events", "AWSEvents.PutTargets", queue_targets(3)));
  EXPECT_EQ(
      put.response.body,
      R"({"FailedEntryCount":2,"FailedEntries":[)"
      R"({"TargetId":"0","ErrorCode":"ConcurrentModificationException","ErrorMessage":"Again."},)"
      R"({"TargetId":"1","ErrorCode":"ConcurrentModificationException","ErrorMessage":"Again."}]})");
  const auto listed = [&] {
    return shop.send(to_service("events", "AWSEvents.ListTargetsByRule", R"({"Rule":"daily"})"))
        .response.body;
  };
  EXPECT_EQ(listed(), R"({"Targets":[{"Id":"2","Arn":"arn:aws:sqs:eu-west-1:1:q"}]})");
  const Delivery removed =
      shop.send(to_service("events", "AWSEvents.RemoveTargets", R"({"Rule":"daily","Ids":["2"]})"));
  EXPECT_EQ(removed.response.body,
            R"({"FailedEntryCount":1,"FailedEntries":[{"TargetId":"2","ErrorCode":)"
            R"("InternalException","ErrorMessage":"The entry could not be changed."}]})");
  EXPECT_EQ(listed(), R"({"Targets":[{"Id":"2","Arn":"arn:aws:sqs:eu-west-1:1:q"}]})");
}

TEST(Administration, ShowsWhatWasPublished) {
  Shop shop;
  const auto messages = [&] {
    return *find(
        parse_json(
            shop.send({.method = "GET", .url = "http://127.0.0.1/_slipway/messages"}).response.body)
            .value(),
        "messages");
  };
  shop.send(to_sns("Action=CreateTopic&Version=2010-03-31&Name=deploys"));
  shop.send(
      to_sns("Action=Publish&Version=2010-03-31&TopicArn=arn:aws:sns:eu-west-1:111111111111:deploys"
             "&Message=hello+world&MessageAttributes.entry.1.Name=k"
             "&MessageAttributes.entry.1.Value.DataType=String"
             "&MessageAttributes.entry.1.Value.StringValue=v"));
  ASSERT_EQ(messages().as_array().size(), 1u);
  EXPECT_EQ(string_or_empty(messages().at(0), "Message"), "hello world");
  EXPECT_EQ(to_text(messages().at(0).at("MessageAttributes")),
            R"({"k":{"DataType":"String","StringValue":"v"}})");
  shop.send({.method = "POST", .url = "http://127.0.0.1/_slipway/reset"});
  EXPECT_TRUE(messages().as_array().empty());
}

}  // namespace
}  // namespace slipway::sim
