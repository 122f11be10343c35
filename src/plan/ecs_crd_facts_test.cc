#include "plan/ecs_crd_facts.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using std::chrono::hours;

std::vector<std::string> messages(const CrdFindings& findings) {
  std::vector<std::string> all;
  for (const CrdFinding& finding : findings.in_order())
    all.push_back(std::to_string(exit_status_of(finding.step)) + " " + finding.what.message +
                  (finding.what.suggestion.empty() ? "" : " (" + finding.what.suggestion + ")"));
  return all;
}
using Messages = std::vector<std::string>;

CrdFile file_of_group(std::string group) {
  CrdFile file;
  file.canary.group.text = std::move(group);
  file.canary.release_blue.text = "1";
  file.canary.release_green.text = "2";
  return file;
}

// ---- VPC ----------------------------------------------------------------------------------------

TEST(EcsCrdVpc, IsTheOneOfTheEnvironment_D41) {
  const std::vector<CrdVpc> vpcs = {
      {"vpc-1", "stage"}, {"vpc-2", "prod"}, {"vpc-3", ""}, {"vpc-4", "dev"}, {"vpc-5", "dev"}};
  CrdFindings findings;
  CrdFile file;
  EXPECT_EQ(choose_vpc(file, "stage", vpcs, findings), "vpc-1");
  EXPECT_EQ(messages(findings), Messages{});
  EXPECT_EQ(choose_vpc(file, "qua", vpcs, findings), std::nullopt);
  EXPECT_EQ(choose_vpc(file, "dev", vpcs, findings), std::nullopt);
  file.service.vpc_id = CrdText{"vpc-3", {}};
  EXPECT_EQ(choose_vpc(file, "dev", vpcs, findings), "vpc-3");
  file.service.vpc_id = CrdText{"vpc-9", {"service.vpc_id", {}}};
  EXPECT_EQ(choose_vpc(file, "dev", vpcs, findings), std::nullopt);
  EXPECT_EQ(messages(findings),
            (Messages{"1 2 VPCs have the tag Environment=dev: vpc-4, vpc-5 (say which one it is: "
                      "service.vpc_id)",
                      "1 no VPC has the tag Environment=qua (tag it, or name it: service.vpc_id)",
                      "1 there is no VPC vpc-9 in this region"}));
}

// ---- The pair -----------------------------------------------------------------------------------

CrdLoadBalancer load_balancer(std::string name, std::string group, std::string release) {
  return {.arn = "arn:" + name,
          .name = name,
          .dns_name = name + "-123.elb.amazonaws.com",
          .type = "application",
          .scheme = "internet-facing",
          .vpc_id = "vpc-1",
          .tags = {{"CanaryGroup", std::move(group)}, {"CanaryRelease", std::move(release)}},
          .listeners = {}};
}

TEST(EcsCrdPair, IsTheTwoOfTheGroupInTheVpc) {
  std::vector<CrdLoadBalancer> all = {
      load_balancer("private-1", "private", "1"), load_balancer("front-2", "public", "2"),
      load_balancer("far-1", "public", "1"),      load_balancer("front-1", "public", "1"),
      load_balancer("network-1", "public", "1"),  load_balancer("untagged", "public", "3")};
  all[2].vpc_id = "vpc-2";
  all[4].type = "network";
  all[5].tags.erase("CanaryRelease");
  CrdFindings findings;
  const std::optional<CrdPair> pair = choose_pair(file_of_group("public"), "vpc-1", all, findings);
  ASSERT_TRUE(pair) << messages(findings).at(0);
  EXPECT_EQ(pair->sides[0].load_balancer.name, "front-2") << "in the order of the API";
  EXPECT_EQ(pair->sides[0].label, CrdLabel::kGreen);
  EXPECT_EQ(pair->of(CrdLabel::kBlue).load_balancer.name, "front-1");
  EXPECT_EQ(pair->with_arn("arn:front-1")->label_value, "1");
  EXPECT_EQ(pair->with_arn("arn:far-1"), nullptr);
  EXPECT_EQ(pair->with_dns_name("DualStack.front-2-123.ELB.amazonaws.com.")->label_value, "2");
  EXPECT_EQ(pair->with_dns_name("front-3-123.elb.amazonaws.com"), nullptr);
}

TEST(EcsCrdPair, AnythingElseIsRefusedWithItsReason_Item12) {
  struct Case {
    const char* what;
    std::vector<std::string> releases;  // of the load balancers there are
    std::string wanted;
  };
  for (const auto& [what, releases, wanted] :
       {Case{"none",
             {},
             "2 no application load balancer in vpc-1 has the tags CanaryGroup=public "
             "and CanaryRelease (a canary release needs two, tagged alike but for "
             "CanaryRelease)"},
        Case{"one",
             {"1"},
             "2 expected two load balancers tagged CanaryGroup=public in vpc-1, "
             "found 1: lb0 (1) (tag the other one of the pair)"},
        Case{"three",
             {"1", "2", "3"},
             "2 expected two load balancers tagged CanaryGroup=public in vpc-1, found 3: lb0 (1), "
             "lb1 (2), lb2 (3) (remove the tag CanaryRelease from those that are not of the "
             "pair)"},
        Case{"twice the same",
             {"1", "1"},
             "2 both load balancers of the pair have the tag CanaryRelease=1: lb0 (1), lb1 (1) "
             "(give them two values)"},
        Case{"others than the file's",
             {"1", "3"},
             "2 canary.releases names 1 and 2, but the load balancers of the pair are tagged "
             "lb0 (1), lb1 (3) (the two values are those of the tag CanaryRelease)"}}) {
    SCOPED_TRACE(what);
    std::vector<CrdLoadBalancer> all;
    for (const std::string& release : releases)
      all.push_back(load_balancer("lb" + std::to_string(all.size()), "public", release));
    CrdFindings findings;
    EXPECT_FALSE(choose_pair(file_of_group("public"), "vpc-1", all, findings));
    EXPECT_EQ(messages(findings), Messages{wanted});
  }
}

TEST(EcsCrdPair, FacesTheSameClients) {
  std::vector<CrdLoadBalancer> all = {load_balancer("front-1", "public", "1"),
                                      load_balancer("front-2", "public", "2")};
  all[1].scheme = "internal";
  CrdFindings findings;
  EXPECT_FALSE(choose_pair(file_of_group("public"), "vpc-1", all, findings));
  EXPECT_EQ(messages(findings),
            Messages{"2 the two load balancers are not alike: front-1 is internet-facing, front-2 "
                     "is internal (a pair faces the same clients)"});
}

// ---- Zones --------------------------------------------------------------------------------------

TEST(EcsCrdListeners, ThatGoWithTheirStackAreInNobodysWay) {
  CrdOpenListener going{.port = 80, .arn = "arn:80", .protocol = "HTTP", .certificate_arns = {}};
  CrdOpenListener shared{
      .port = 443, .arn = "arn:443", .protocol = "HTTPS", .certificate_arns = {}};
  shared.rules = {{3, "arn:rule-3"}, {4, "arn:rule-4"}};
  const std::vector<CrdOpenListener> left = without({going, shared}, {"arn:80", "arn:rule-4"});
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].arn, "arn:443");
  EXPECT_EQ(left[0].rules, (std::map<int, std::string>{{3, "arn:rule-3"}}));
}

TEST(EcsCrdZone, IsTheLongestThatCanBeSeen_Item11_D21) {
  const std::vector<CrdZone> zones = {
      {"Z1", "example.com.", false, {}},    {"Z2", "b.example.com.", false, {}},
      {"Z3", "twin.com", false, {}},        {"Z4", "twin.com.", true, {"vpc-1"}},
      {"Z5", "twin.com.", true, {"vpc-2"}}, {"Z6", "inside.test.", true, {"vpc-1"}},
      {"Z7", "two.test.", false, {}},       {"Z8", "two.test.", false, {}},
      {"Z9", "shop.co.uk.", false, {}}};
  struct Case {
    const char* fqdn;
    bool is_internal;
    const char* wanted;  // id, or the message
  };
  for (const auto& [fqdn, is_internal, wanted] :
       {Case{"a.b.example.com", false, "Z2"}, Case{"A.B.Example.COM", false, "Z2"},
        Case{"ab.example.com", false, "Z1"}, Case{"x.shop.co.uk", false, "Z9"},
        Case{"www.twin.com", false, "Z3"}, Case{"www.twin.com", true, "Z4"},
        Case{"www.inside.test", true, "Z6"}, Case{"a.b.example.com", true, "Z2"},
        Case{"www.inside.test", false,
             "1 no hosted zone is there for www.inside.test (private zones do not count: the load "
             "balancers face the internet)"},
        Case{"www.nowhere.test", true,
             "1 no hosted zone is there for www.nowhere.test (private zones count when they are "
             "associated with the VPC)"},
        Case{"notexample.com", false,
             "1 no hosted zone is there for notexample.com (private zones do not count: the load "
             "balancers face the internet)"},
        Case{"www.two.test", false,
             "1 www.two.test lies in 2 zones of the same name: Z7 (two.test, public), Z8 "
             "(two.test, public) (say which one it is: service.hosted_zone_id)"},
        Case{"example.com", false,
             "1 example.com is the zone itself, which can have no CNAME record (take a name below "
             "it, such as www.example.com)"}}) {
    SCOPED_TRACE(fqdn);
    CrdFindings findings;
    const auto zone = choose_zone({}, {fqdn, {}}, is_internal, "vpc-1", zones, findings);
    EXPECT_EQ(zone ? zone->id : messages(findings).at(0), wanted);
  }
}

TEST(EcsCrdZone, TheFileMayNameIt) {
  const std::vector<CrdZone> zones = {{"Z7", "two.test.", false, {}},
                                      {"Z8", "two.test.", false, {}}};
  CrdFile file;
  file.service.hosted_zone_id = CrdText{"Z8", {}};
  CrdFindings findings;
  EXPECT_EQ(choose_zone(file, {"www.two.test", {}}, false, "", zones, findings)->id, "Z8");
  EXPECT_FALSE(choose_zone(file, {"www.one.test", {}}, false, "", zones, findings));
  file.service.hosted_zone_id = CrdText{"Z9", {}};
  EXPECT_FALSE(choose_zone(file, {"www.two.test", {}}, false, "", zones, findings));
  EXPECT_EQ(messages(findings),
            (Messages{"1 there is no hosted zone Z9",
                      "1 www.one.test does not lie in the zone Z8 (two.test, public)"}));
}

// ---- Certificates -------------------------------------------------------------------------------

TEST(EcsCrdCertificate, IsIssuedFitsAndLastsLongest_Item45_D46) {
  const auto in = [](int days) { return TimePoint(hours(24 * days)); };
  const std::vector<CrdCertificate> all = {
      {"arn:old", "www.shop.test", {}, "EXPIRED", in(900)},
      {"arn:wild", "*.shop.test", {}, "ISSUED", in(500)},
      {"arn:rsa", "shop.test", {"shop.test", "www.shop.test"}, "ISSUED", in(100)},
      {"arn:ecdsa", "WWW.shop.test", {}, "ISSUED", in(200)},
      {"arn:pending", "new.test", {}, "PENDING_VALIDATION", std::nullopt},
      {"arn:b", "same.test", {}, "ISSUED", in(1)},
      {"arn:a", "same.test", {}, "ISSUED", in(1)}};
  struct Case {
    const char* domain;
    const char* wanted;
  };
  for (const auto& [domain, wanted] :
       {Case{"www.shop.test", "arn:ecdsa"}, Case{"api.shop.test", "arn:wild"},
        Case{"*.shop.test", "arn:wild"}, Case{"shop.test", "arn:rsa"}, Case{"same.test", "arn:a"},
        Case{"a.b.shop.test", "8 no issued certificate is there for a.b.shop.test"},
        Case{
            "new.test",
            "8 no issued certificate is there for new.test (arn:pending is PENDING_VALIDATION)"}}) {
    SCOPED_TRACE(domain);
    CrdFindings findings;
    const CrdCertificate* chosen = choose_certificate({domain, {}}, all, findings);
    EXPECT_EQ(chosen != nullptr ? chosen->arn : messages(findings).at(0), wanted);
  }
}

// ---- Images and secrets -------------------------------------------------------------------------

TEST(EcsCrdImages, AreLookedUpInTheOwnRegistryOnly_Item47_D35) {
  const std::string own = "111111111111.dkr.ecr.eu-west-3.amazonaws.com/";
  const std::string digest = "sha256:" + std::string(64, 'a');
  struct Case {
    std::string image;
    std::optional<CrdEcrImage> wanted;
  };
  for (const auto& [image, wanted] :
       {Case{own + "web:1", CrdEcrImage{"web", "1", ""}},
        Case{own + "team/shop/web:1.10", CrdEcrImage{"team/shop/web", "1.10", ""}},
        Case{own + "web", CrdEcrImage{"web", "latest", ""}},
        Case{own + "web@" + digest, CrdEcrImage{"web", "", digest}},
        Case{own + "web:1@" + digest, CrdEcrImage{"web", "", digest}},
        Case{"222222222222.dkr.ecr.eu-west-3.amazonaws.com/web:1", std::nullopt},
        Case{"111111111111.dkr.ecr.eu-west-1.amazonaws.com/web:1", std::nullopt},
        Case{"nginx", std::nullopt}, Case{"not an image", std::nullopt}}) {
    SCOPED_TRACE(image);
    EXPECT_EQ(image_to_look_up(image, "111111111111", "eu-west-3"), wanted);
  }
  EXPECT_TRUE(image_to_look_up("111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn/web",
                               "111111111111", "cn-north-1"));
}

TEST(EcsCrdSecrets, AreNamedInManyWays_Item46_D34) {
  using Service = CrdSecretReference::Service;
  const std::string arn = "arn:aws:secretsmanager:eu-west-3:111111111111:secret:stage/db-AbCdEf";
  const std::string parameter = "arn:aws:ssm:eu-west-3:111111111111:parameter/stage/db";
  struct Case {
    std::string value;
    CrdSecretReference wanted;
  };
  for (const auto& [value, wanted] :
       {Case{"stage/db", {Service::kSecretsManager, "stage/db", ""}},
        Case{"stage/db:password::", {Service::kSecretsManager, "stage/db", ":password::"}},
        Case{"stage/db:password", {Service::kSecretsManager, "stage/db", ":password::"}},
        Case{arn, {Service::kSecretsManager, arn, ""}},
        Case{arn + ":password::", {Service::kSecretsManager, arn, ":password::"}},
        Case{arn + ":password:AWSPREVIOUS:",
             {Service::kSecretsManager, arn, ":password:AWSPREVIOUS:"}},
        Case{parameter, {Service::kParameterStore, parameter, ""}},
        Case{"ssm:/stage/db", {Service::kParameterStore, "/stage/db", ""}}}) {
    SCOPED_TRACE(value);
    const CrdSecretReference read = parse_secret(value);
    EXPECT_EQ(read.service, wanted.service);
    EXPECT_EQ(read.id, wanted.id);
    EXPECT_EQ(read.suffix, wanted.suffix);
  }
}

TEST(EcsCrdQuestions, AreAskedOnce) {
  CrdFile file;
  CrdContainer web{.name = "web",
                   .image = {"111111111111.dkr.ecr.eu-west-3.amazonaws.com/a:1", {}}};
  web.secrets = {{"A", "db:user::", {}}, {"B", "db:password::", {}}, {"C", "ssm:/x", {}}};
  CrdContainer log{.name = "log", .image = {"fluent", {}}};
  log.log_configuration =
      CrdLogConfiguration{"splunk", {}, {{"splunk-token", "token", {}}, {"x", "ssm:/x", {}}}};
  file.service.containers = {web, web, log};
  CrdQuestions questions = questions_of(file, "111111111111", "eu-west-3");
  EXPECT_EQ(questions.images, (std::vector<CrdEcrImage>{{"a", "1", ""}}));
  EXPECT_EQ(questions.secrets, (Messages{"db", "token"}));
  EXPECT_EQ(questions.parameters, Messages{"/x"});
  EXPECT_FALSE(questions.needs_certificates);
  file.listeners = {{.port = 443, .certificates = {{"a.test", {}}}}};
  EXPECT_TRUE(questions_of(file, "111111111111", "eu-west-3").needs_certificates);
}

}  // namespace
}  // namespace slipway
