// The pure part of weights in DNS; what is called, and in which order, is tested with the whole
// release (cli/ecs_crd_test.cc) against the simulated Route 53.
#include "execute/dns_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using aws::route53::ResourceRecordSet;
using testing::ElementsAre;
using testing::IsEmpty;

DnsPair pair() {
  return {.names = {{"Orders.Example.com", "/hostedzone/Z1"}, {"api.example.org.", "Z2"}},
          .old_side = {.set_identifier = "1", .target = "one.elb.test", .alias_zone = {}},
          .new_side = {.set_identifier = "2", .target = "two.elb.test", .alias_zone = {}}};
}

ResourceRecordSet cname(const std::string& identifier, std::optional<int> weight,
                        const std::string& target) {
  ResourceRecordSet record;
  record.Name = "orders.example.com.";
  record.Type = "CNAME";
  record.SetIdentifier = identifier;
  record.Weight = weight;
  record.TTL = 60;
  record.ResourceRecords = {{.Value = target}};
  return record;
}

ResourceRecordSet alias(const std::string& identifier, int weight, const std::string& target) {
  ResourceRecordSet record = cname(identifier, weight, target);
  record.Type = "A";
  record.TTL.reset();
  record.ResourceRecords.clear();
  record.AliasTarget = aws::route53::AliasTarget{.HostedZoneId = "Z9", .DNSName = target};
  return record;
}

DnsRecords at_orders(std::vector<ResourceRecordSet> records) {
  return {.name = {"orders.example.com", "Z1"}, .records = std::move(records)};
}

TEST(DnsName, IsComparedAsRoute53AnswersIt) {
  struct Case {
    std::string_view name, wanted;
  };
  for (const auto& [name, wanted] :
       {Case{"Orders.Example.com", "orders.example.com."}, Case{"a.b.", "a.b."},
        Case{"\\052.example.com.", "*.example.com."}, Case{"a..", "a."}}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(normal_dns_name(name), wanted);
  }
}

TEST(DnsSplit, HasTheTwoWeightsThatThereAre) {
  const DnsPair both = pair();
  EXPECT_EQ(
      split_of(at_orders({cname("1", 70, "one.elb.test"), cname("2", 30, "two.elb.test")}), both),
      (DnsSplit{"orders.example.com.", 70, 30}));
  EXPECT_EQ(split_of(at_orders({cname("2", 0, "two.elb.test")}), both),
            (DnsSplit{"orders.example.com.", std::nullopt, 0}));
  EXPECT_EQ(split_of(at_orders({}), both),
            (DnsSplit{"orders.example.com.", std::nullopt, std::nullopt}));
}

TEST(DnsObjections, AreToWhateverIsNotOfThePair) {
  struct Case {
    ResourceRecordSet record;
    std::string objection;  // empty: none
  };
  ResourceRecordSet text = cname("", std::nullopt, "\"v=spf1\"");
  text.Type = "TXT";
  ResourceRecordSet address = cname("1", 10, "192.0.2.1");
  address.Type = "A";
  for (const auto& [record, objection] : std::vector<Case>{
           {cname("1", 70, "one.elb.test"), ""},
           {cname("2", 0, "elsewhere.test"), ""},  // the next change points it at the right one
           {cname("", std::nullopt, "one.elb.test"),
            "orders.example.com. has a record CNAME, to one.elb.test., which is not weighted"},
           {cname("3", 5, "three.elb.test"),
            "orders.example.com. has a record CNAME of SetIdentifier \"3\", weight 5, to "
            "three.elb.test.: a third one beside \"1\" and \"2\" would take traffic"},
           {text,
            "orders.example.com. has a record TXT, to \"v=spf1\".: weighted records of type CNAME "
            "cannot stand beside it"},
           {address,
            "orders.example.com. has a record A of SetIdentifier \"1\", weight 10, to 192.0.2.1.: "
            "weighted records of type CNAME cannot stand beside it"},
       }) {
    SCOPED_TRACE(objection);
    const DnsRecords records = at_orders({record});
    if (objection.empty())
      EXPECT_THAT(objections({&records, 1}, pair()), IsEmpty());
    else
      EXPECT_THAT(objections({&records, 1}, pair()), ElementsAre(objection));
  }
}

TEST(DnsObjections, LeaveOtherTypesBesideAliasRecordsAlone) {
  DnsPair aliases = pair();
  aliases.old_side.alias_zone = aliases.new_side.alias_zone = "Z9";
  ResourceRecordSet text = cname("", std::nullopt, "\"v=spf1\"");
  text.Type = "TXT";
  const DnsRecords fine = at_orders({alias("1", 100, "one.elb.test"), text});
  EXPECT_THAT(objections({&fine, 1}, aliases), IsEmpty());
  const DnsRecords other = at_orders({cname("1", 100, "one.elb.test")});
  EXPECT_THAT(objections({&other, 1}, aliases), testing::SizeIs(1));
}

TEST(DnsPair, OwnsARecordByIdentifierAndTarget) {
  EXPECT_TRUE(is_of_pair(cname("1", 0, "One.ELB.test."), pair()));
  EXPECT_TRUE(is_of_pair(cname("1", 0, "two.elb.test"), pair()));  // the Python tool swapped them
  EXPECT_TRUE(is_of_pair(alias("2", 5, "dualstack.two.elb.test."), pair()));
  EXPECT_FALSE(is_of_pair(cname("1", 0, "other.elb.test"), pair()));
  EXPECT_FALSE(is_of_pair(cname("3", 0, "one.elb.test"), pair()));
  EXPECT_FALSE(is_of_pair(cname("", std::nullopt, "one.elb.test"), pair()));
}

TEST(DnsCommands, SetTheWeightsByHandZoneByZone) {
  EXPECT_THAT(
      commands_that_set(pair(), 0),
      ElementsAre(
          R"(aws route53 change-resource-record-sets --hosted-zone-id Z1 --change-batch '{"Changes":[)"
          R"({"Action":"UPSERT","ResourceRecordSet":{"Name":"orders.example.com.","Type":"CNAME",)"
          R"("SetIdentifier":"1","Weight":100,"TTL":60,"ResourceRecords":[{"Value":"one.elb.test"}]}},)"
          R"({"Action":"UPSERT","ResourceRecordSet":{"Name":"orders.example.com.","Type":"CNAME",)"
          R"("SetIdentifier":"2","Weight":0,"TTL":60,"ResourceRecords":[{"Value":"two.elb.test"}]}}]}')",
          testing::HasSubstr("--hosted-zone-id Z2 ")));
}

TEST(DnsCommands, TakeAwayTheRecordsOfThePairAndNoOthers) {
  const DnsRecords there{.name = {"orders.example.com", "Z1"},
                         .records = {cname("1", 0, "one.elb.test"), cname("3", 7, "one.elb.test"),
                                     cname("", std::nullopt, "one.elb.test")}};
  EXPECT_THAT(
      commands_that_remove({&there, 1}, pair()),
      ElementsAre(
          R"(aws route53 change-resource-record-sets --hosted-zone-id Z1 --change-batch '{"Changes":[)"
          R"({"Action":"DELETE","ResourceRecordSet":{"Name":"orders.example.com.","Type":"CNAME",)"
          R"("SetIdentifier":"1","Weight":0,"TTL":60,"ResourceRecords":[{"Value":"one.elb.test"}]}}]}')"));
}

}  // namespace
}  // namespace slipway
