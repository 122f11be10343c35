// The simulator as clients of each protocol meet it: which request means which operation, and the
// form of answers and errors.
#include "base/json.h"
#include "sim/api.h"
#include "sim/api_test_support.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace slipway::sim {
namespace {

using testing::HasSubstr;

std::string signed_for(std::string_view service) {
  return fmt::format(
      "AWS4-HMAC-SHA256 Credential=AKIATEST/20260105/eu-west-1/{}/aws4_request, "
      "SignedHeaders=host;x-amz-date, Signature=00",
      service);
}

struct Wire {
  std::unique_ptr<SimulatedAws> aws = shop_with("");
  TimePoint now = kUsualStart;

  HttpResponse form(std::string_view service, std::string_view version, std::string_view body) {
    HttpRequest request{
        .method = "POST",
        .url = "http://127.0.0.1:1/",
        .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
        .body = fmt::format("{}&Version={}", body, version)};
    if (!service.empty()) request.headers.emplace_back("Authorization", signed_for(service));
    return aws->handle(request, kUsualStart).response;
  }
  HttpResponse json(std::string_view target, std::string_view service, std::string body) {
    return aws
        ->handle({.method = "POST",
                  .url = "http://127.0.0.1:1/",
                  .headers = {{"Content-Type", "application/x-amz-json-1.0"},
                              {"X-Amz-Target", std::string(target)},
                              {"Authorization", signed_for(service)}},
                  .body = std::move(body)},
                 kUsualStart)
        .response;
  }
  HttpResponse route53(std::string_view method, std::string_view target, std::string body = "") {
    now += std::chrono::seconds(1);  // Route 53 takes five calls a second
    return aws
        ->handle({.method = std::string(method),
                  .url = fmt::format("http://127.0.0.1:1/2013-04-01{}", target),
                  .headers = {{"Authorization", signed_for("route53")}},
                  .body = std::move(body)},
                 now)
        .response;
  }
};

TEST(Protocols, Ec2HasAFormOfItsOwn) {
  Wire wire;
  const HttpResponse none = wire.form("ec2", "2016-11-15", "Action=DescribeVpcs");
  EXPECT_EQ(none.status, 200);
  EXPECT_THAT(none.body,
              HasSubstr("<DescribeVpcsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15\">"
                        "<requestId>"));
  EXPECT_THAT(none.body, HasSubstr("<vpcSet></vpcSet></DescribeVpcsResponse>"));
  const HttpResponse refused =
      wire.form("ec2", "2016-11-15", "Action=DescribeVpcs&VpcId.1=vpc-none");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body,
              HasSubstr("<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>The "
                        "vpc ID 'vpc-none' does not exist</Message></Error></Errors><RequestID>"));
}

TEST(Protocols, AnUnsignedFormIsToldByItsVersion) {
  Wire wire;
  EXPECT_THAT(wire.form("", "2010-05-08", "Action=GetRole&RoleName=none").body,
              HasSubstr("<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">"
                        "<Error><Type>Sender</Type><Code>MissingAuthenticationToken</Code>"));
}

TEST(Protocols, CloudWatchIsAskedInJsonAndByQuery) {
  Wire wire;
  const HttpResponse json =
      wire.json("GraniteServiceVersion20100801.DescribeAlarms", "monitoring", "{}");
  EXPECT_EQ(find_header(json.headers, "Content-Type"), "application/x-amz-json-1.0");
  EXPECT_TRUE(parse_json(json.body)) << json.body;
  const HttpResponse query = wire.form("monitoring", "2010-08-01", "Action=DescribeAlarms");
  EXPECT_EQ(find_header(query.headers, "Content-Type"), "text/xml");
  EXPECT_THAT(query.body, HasSubstr("<DescribeAlarmsResult>"));
  // In JSON an error has its shape's name; the code that clients know is in a header.
  const std::string set = R"({"AlarmName": "none", "StateValue": "OK", "StateReason": "because"})";
  const HttpResponse refused =
      wire.json("GraniteServiceVersion20100801.SetAlarmState", "monitoring", set);
  EXPECT_EQ(find_header(refused.headers, "x-amzn-query-error"), "ResourceNotFound;Sender");
  EXPECT_EQ(string_or_empty(parse_json(refused.body).value(), "__type"), "ResourceNotFound");
  EXPECT_THAT(wire.form("monitoring", "2010-08-01",
                        "Action=SetAlarmState&AlarmName=none&StateValue=OK&StateReason=x")
                  .body,
              HasSubstr("<Code>ResourceNotFound</Code>"));
}

TEST(Protocols, Route53IsToldByItsPath) {
  Wire wire;
  const HttpResponse made = wire.route53(
      "POST", "/hostedzone",
      "<CreateHostedZoneRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\">"
      "<Name>bakery.test</Name><CallerReference>1</CallerReference></CreateHostedZoneRequest>");
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_FALSE(find_header(made.headers, "Location").empty());
  const std::size_t begin = made.body.find("/hostedzone/") + 12;
  const std::string id = made.body.substr(begin, made.body.find('<', begin) - begin);
  // botocore takes what is before the id away; others leave it, plain or encoded.
  for (const std::string& path : {"/hostedzone/" + id + "/rrset", "/hostedzone/" + id + "/rrset/",
                                  "/hostedzone//hostedzone/" + id + "/rrset",
                                  "/hostedzone/%2Fhostedzone%2F" + id + "/rrset"}) {
    const HttpResponse listed = wire.route53("GET", path + "?maxitems=1");
    EXPECT_EQ(listed.status, 200) << path << ' ' << listed.body;
    EXPECT_THAT(listed.body, HasSubstr("<ListResourceRecordSetsResponse xmlns=\"https://"
                                       "route53.amazonaws.com/doc/2013-04-01/\">"));
  }
  const HttpResponse none = wire.route53("GET", "/hostedzone/ZNONE/rrset");
  EXPECT_EQ(none.status, 404);
  EXPECT_THAT(none.body, HasSubstr("<Code>NoSuchHostedZone</Code>"));
  EXPECT_THAT(wire.route53("POST", "/hostedzone", "<Create").body,
              HasSubstr("<Code>MalformedInput</Code>"));
}

TEST(Protocols, DynamoDbSpeaksTheOlderJson) {
  Wire wire;
  const HttpResponse refused = wire.json("DynamoDB_20120810.GetItem", "dynamodb",
                                         R"({"TableName": "none", "Key": {"id": {"S": "x"}}})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(find_header(refused.headers, "Content-Type"), "application/x-amz-json-1.0");
  EXPECT_EQ(string_or_empty(parse_json(refused.body).value(), "__type"),
            "ResourceNotFoundException");
}

}  // namespace
}  // namespace slipway::sim
