#include "sim/hosted_zones.h"
#include "sim/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::sim {
namespace {

using testing::ElementsAre;

struct OneZone : Rehearsal {
  OneZone() : Rehearsal() {
    at(0);
    const Json made =
        call("route53:CreateHostedZone", R"({"Name": "Example.com", "CallerReference": "1"})");
    zone = std::string(made.at("HostedZone").at("Id").as_string());
  }

  std::string batch(std::string_view changes) const {
    return fmt::format(R"({{"HostedZoneId": "{}", "ChangeBatch": {{"Changes": [{}]}}}})", zone,
                       changes);
  }
  static std::string weighted(std::string_view action, std::string_view identifier, int weight,
                              int ttl = 60) {
    return fmt::format(
        R"({{"Action": "{}", "ResourceRecordSet": {{"Name": "app.example.com", "Type": "CNAME",
            "SetIdentifier": "{}", "Weight": {}, "TTL": {},
            "ResourceRecords": [{{"Value": "{}.elb.amazonaws.com"}}]}}}})",
        action, identifier, weight, ttl, identifier);
  }
  static std::string simple(std::string_view action, std::string_view name, std::string_view type,
                            std::string_view value) {
    return fmt::format(R"({{"Action": "{}", "ResourceRecordSet": {{"Name": "{}", "Type": "{}",
                           "TTL": 60, "ResourceRecords": [{{"Value": "{}"}}]}}}})",
                       action, name, type, value);
  }
  // The change's id.
  std::string change(std::string_view changes) {
    const Json answer = call("route53:ChangeResourceRecordSets", batch(changes));
    EXPECT_EQ(answer.at("ChangeInfo").at("Status").as_string(), "PENDING");
    return std::string(answer.at("ChangeInfo").at("Id").as_string());
  }
  std::string status(std::string_view id) {
    return std::string(call("route53:GetChange", fmt::format(R"({{"Id": "{}"}})", id))
                           .at("ChangeInfo")
                           .at("Status")
                           .as_string());
  }
  std::vector<std::string> records(std::string_view more = "") {
    const Json answer = call("route53:ListResourceRecordSets",
                             fmt::format(R"({{"HostedZoneId": "{}"{}}})", zone, more));
    std::vector<std::string> all;
    for (const Json& each : answer.at("ResourceRecordSets").as_array())
      all.push_back(fmt::format("{} {} {}", string_or_empty(each, "Name"),
                                string_or_empty(each, "Type"),
                                string_or_empty(each, "SetIdentifier")));
    if (const auto next = find_string(answer, "NextRecordName"))
      all.push_back(fmt::format("next: {} {} {}", *next, string_or_empty(answer, "NextRecordType"),
                                string_or_empty(answer, "NextRecordIdentifier")));
    return all;
  }

  std::string zone;
};

TEST(Route53, AChangeIsInSyncAfterAMinute) {
  OneZone aws;
  const std::string id = aws.change(OneZone::weighted("UPSERT", "blue", 100));
  EXPECT_TRUE(id.starts_with("/change/C"));
  aws.at(59);
  EXPECT_EQ(aws.status(id), "PENDING");
  aws.at(60);
  EXPECT_EQ(aws.status(id), "INSYNC");
  EXPECT_EQ(aws.refusal("route53:GetChange", R"({"Id": "C0"})"),
            "NoSuchChange: Could not find resource with ID: C0");
}

TEST(Route53, HeldChangesStayPendingLonger) {
  OneZone aws;
  aws.arrange(HoldDnsChanges{.longer = std::chrono::minutes(10)});
  const std::string id = aws.change(OneZone::weighted("UPSERT", "blue", 100));
  aws.at(659);
  EXPECT_EQ(aws.status(id), "PENDING");
  aws.at(660);
  EXPECT_EQ(aws.status(id), "INSYNC");
}

TEST(Route53, RecordSetsAreListedByReversedLabelsTypeAndIdentifier) {
  OneZone aws;
  aws.change(OneZone::weighted("CREATE", "green", 0) + "," +
             OneZone::weighted("CREATE", "blue", 1) + "," +
             OneZone::simple("CREATE", "a.app.example.com", "TXT", "x") + "," +
             OneZone::simple("CREATE", "app-2.example.com", "A", "192.0.2.1") + "," +
             OneZone::simple("CREATE", "*.example.com", "A", "192.0.2.2"));
  EXPECT_THAT(aws.records(),
              ElementsAre("example.com. NS ", "example.com. SOA ", "\\052.example.com. A ",
                          "app.example.com. CNAME blue", "app.example.com. CNAME green",
                          "a.app.example.com. TXT ", "app-2.example.com. A "));
  EXPECT_THAT(aws.records(R"(, "StartRecordName": "app.example.com", "StartRecordType": "CNAME",
                              "MaxItems": "1")"),
              ElementsAre("app.example.com. CNAME blue", "next: app.example.com. CNAME green"));
  EXPECT_THAT(aws.records(R"(, "StartRecordName": "app.example.com", "StartRecordType": "CNAME",
                              "StartRecordIdentifier": "green", "MaxItems": "1")"),
              ElementsAre("app.example.com. CNAME green", "next: a.app.example.com. TXT "));
}

TEST(Route53, RefusesWhatAwsRefuses) {
  OneZone aws;
  aws.change(OneZone::weighted("CREATE", "blue", 100) + "," +
             OneZone::simple("CREATE", "plain.example.com", "A", "192.0.2.1"));
  struct Case {
    std::string changes, wanted;
  };
  for (const Case& each : {
           Case{
               OneZone::weighted("CREATE", "blue", 1),
               "InvalidChangeBatch: [Tried to create resource record set [name='app.example.com.', "
               "type='CNAME', set-identifier='blue'] but it already exists]"},
           Case{OneZone::simple("DELETE", "gone.example.com", "A", "192.0.2.1"),
                "InvalidChangeBatch: [Tried to delete resource record set "
                "[name='gone.example.com.', type='A'] but it was not found]"},
           Case{OneZone::simple("DELETE", "plain.example.com", "A", "192.0.2.9"),
                "InvalidChangeBatch: [Tried to delete resource record set "
                "[name='plain.example.com.', type='A'] but the values provided do not match the "
                "current values]"},
           Case{
               OneZone::simple("CREATE", "app.example.org", "A", "192.0.2.1"),
               "InvalidChangeBatch: [RRSet with DNS name app.example.org. is not permitted in zone "
               "example.com.]"},
           Case{OneZone::simple("CREATE", "plain.example.com", "CNAME", "x.example.com"),
                "InvalidChangeBatch: [RRSet of type CNAME with DNS name plain.example.com. is not "
                "permitted as it conflicts with other records with the same DNS name in zone "
                "example.com.]"},
           Case{OneZone::weighted("CREATE", "green", 0, 300),
                "InvalidChangeBatch: [RRSets with DNS name app.example.com. and type CNAME must "
                "have the same TTL: found 60 and 300]"},
           Case{OneZone::simple("CREATE", "app.example.com", "CNAME", "x.example.com"),
                "InvalidChangeBatch: [RRSet with DNS name app.example.com., type CNAME cannot be "
                "created as other RRSets exist with the same name and type and another routing "
                "policy; record sets with the same name and type must all be weighted]"},
           Case{R"({"Action": "CREATE", "ResourceRecordSet": {"Name": "w.example.com", "Type": "A",
                    "Weight": 1, "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}})",
                "InvalidInput: Invalid request: Missing field 'SetIdentifier' in Change with "
                "[Action=CREATE, Name=w.example.com., Type=A, SetIdentifier=null]"},
           Case{OneZone::simple("CREATE", "bad.example.com", "A", "192.0.2.300"),
                "InvalidChangeBatch: [Invalid Resource Record: 'FATAL problem: "
                "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with "
                "'192.0.2.300'']"},
           Case{
               OneZone::weighted("UPSERT", "blue", 1) + "," +
                   OneZone::weighted("UPSERT", "blue", 2),
               "InvalidChangeBatch: [The request contains an invalid set of changes for a resource "
               "record set 'CNAME app.example.com.']"},
       }) {
    SCOPED_TRACE(each.changes);
    EXPECT_EQ(aws.refusal("route53:ChangeResourceRecordSets", aws.batch(each.changes)),
              each.wanted);
  }
  EXPECT_EQ(aws.refusal("route53:GetHostedZone", R"({"Id": "Z0"})"),
            "NoSuchHostedZone: No hosted zone found with ID: Z0");
  EXPECT_EQ(aws.refusal("route53:DeleteHostedZone", fmt::format(R"({{"Id": "{}"}})", aws.zone)),
            "HostedZoneNotEmpty: The specified hosted zone contains non-required resource record "
            "sets  and so cannot be deleted.");
}

TEST(Route53, ABatchIsAllOrNothing) {
  OneZone aws;
  aws.refusal("route53:ChangeResourceRecordSets",
              aws.batch(OneZone::weighted("CREATE", "blue", 1) + "," +
                        OneZone::simple("DELETE", "gone.example.com", "A", "192.0.2.1")));
  EXPECT_EQ(aws.records().size(), 2u);
}

TEST(Route53, BothWeightsMayChangeTheirTtlTogether) {
  OneZone aws;
  aws.change(OneZone::weighted("CREATE", "blue", 1) + "," +
             OneZone::weighted("CREATE", "green", 0));
  aws.change(OneZone::weighted("UPSERT", "blue", 1, 30) + "," +
             OneZone::weighted("UPSERT", "green", 0, 30));
}

TEST(Route53, ZonesByNameBeginAtTheNameAndDoNotFilter) {
  OneZone aws;
  aws.call("route53:CreateHostedZone", R"({"Name": "b.example.com", "CallerReference": "2"})");
  aws.call("route53:CreateHostedZone", R"({"Name": "example.net", "CallerReference": "3"})");
  const Json answer =
      aws.call("route53:ListHostedZonesByName", R"({"DNSName": "a.example.com", "MaxItems": "1"})");
  EXPECT_EQ(answer.at("HostedZones").at(0).at("Name").as_string(), "b.example.com.");
  EXPECT_TRUE(answer.at("IsTruncated").as_bool());
  EXPECT_EQ(answer.at("NextDNSName").as_string(), "example.net.");
}

TEST(Route53, ZonesOfAVpc) {
  OneZone aws;
  aws.call("route53:CreateHostedZone",
           R"({"Name": "inside.test", "CallerReference": "2",
               "VPC": {"VPCRegion": "eu-west-1", "VPCId": "vpc-1"}})");
  const Json answer =
      aws.call("route53:ListHostedZonesByVPC", R"({"VPCRegion": "eu-west-1", "VPCId": "vpc-1"})");
  ASSERT_EQ(answer.at("HostedZoneSummaries").as_array().size(), 1u);
  EXPECT_EQ(answer.at("HostedZoneSummaries").at(0).at("Name").as_string(), "inside.test.");
}

}  // namespace
}  // namespace slipway::sim
