#include "aws/endpoint.h"

#include "aws/service.h"
#include "base/json.h"
#include "base/runtime.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

namespace slipway::aws {
namespace {

using ::testing::HasSubstr;

// botocore's answers, written by tools/record_endpoints.py.
const Json& recorded() {
  static const Json file = [] {
    auto text =
        read_file(std::filesystem::path(SLIPWAY_SOURCE_DIR) / "tests/vectors/endpoints.json");
    return parse_json(text.value()).value();
  }();
  return file;
}

std::string text_of(const Json& json) { return std::string(json.as_string()); }

EndpointSettings configured(std::string url) {
  return {.configured = {{"ecs", {.url = std::move(url), .source = "AWS_ENDPOINT_URL"}}}};
}

TEST(Endpoint, EqualsBotocoresForEveryServiceRegionAndVariant) {
  int checked = 0;
  for (const auto& [name, regions] : recorded().as_object().at("services").as_object()) {
    EndpointSettings settings;
    std::string service = name;
    if (service == "sts with sts_regional_endpoints = legacy") {
      service = "sts";
      settings.sts_is_global = true;
    }
    for (const auto& [region, variants] : regions.as_object()) {
      ASSERT_EQ(variants.as_array().size(), 4u);
      for (int variant = 0; variant < 4; ++variant) {
        settings.use_fips = (variant & 2) != 0;
        settings.use_dual_stack = (variant & 1) != 0;
        SCOPED_TRACE(fmt::format("{} {} fips={} dual={}", std::string_view(name),
                                 std::string_view(region), settings.use_fips,
                                 settings.use_dual_stack));
        auto endpoint = resolve_endpoint(service, region, settings);
        ASSERT_TRUE(endpoint);
        const JsonArray& wanted = variants.as_array()[variant].as_array();
        EXPECT_EQ(endpoint->url, "https://" + text_of(wanted[0]));
        EXPECT_EQ(endpoint->signing_region, text_of(wanted[1]));
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 4000);
}

TEST(Endpoint, KnowsEveryServiceThatWasRecordedAndNoOther) {
  std::vector<std::string> known;
  for (const ServiceName& service : services_with_endpoints()) known.emplace_back(service.key);
  std::vector<std::string> wanted;
  for (const auto& [name, regions] : recorded().as_object().at("services").as_object())
    if (name.find(' ') == std::string_view::npos) wanted.emplace_back(name);
  EXPECT_THAT(known, testing::UnorderedElementsAreArray(wanted));
}

TEST(Endpoint, AgreesWithTheClientsTableOfServices) {
  for (const ServiceFacts* facts : kServices) {
    SCOPED_TRACE(facts->id);
    const auto services = services_with_endpoints();
    const auto found = std::ranges::find(services, facts->config_key, &ServiceName::key);
    ASSERT_NE(found, services.end());
    EXPECT_EQ(found->signing_name, facts->signing_name);
  }
}

TEST(Endpoint, FindsThePartitionOfEveryRegion) {
  for (const auto& [region, row] : recorded().as_object().at("partitions").as_object()) {
    SCOPED_TRACE(std::string_view(region));
    const Partition& partition = partition_of(region);
    EXPECT_EQ(partition.name, text_of(row.as_array()[0]));
    EXPECT_EQ(partition.dns_suffix, text_of(row.as_array()[1]));
    EXPECT_EQ(partition.dual_stack_suffix, text_of(row.as_array()[2]));
    EXPECT_TRUE(looks_like_region(region));
  }
}

TEST(Endpoint, TellsRegionNamesFromOtherWords) {
  struct Case {
    std::string_view region;
    bool looks_right;
    std::string_view partition;
  };
  for (const auto& [region, looks_right, partition] :
       {Case{"eu-west-1", true, "aws"}, Case{"eu-west1", false, "aws"},
        Case{"eu-west-", false, "aws"}, Case{"eu--1", false, "aws"},
        Case{"eu-west-1a", false, "aws"}, Case{"us-newhampshire-4", true, "aws"},
        Case{"us-gov-west-1", true, "aws-us-gov"}, Case{"us-gov-north-9", true, "aws-us-gov"},
        Case{"us-govwest-1", true, "aws"}, Case{"cn-south-2", true, "aws-cn"},
        Case{"eusc-fr-west-1", false, "aws"}, Case{"moon-base-1", false, "aws"},
        Case{"", false, "aws"}}) {
    SCOPED_TRACE(region);
    EXPECT_EQ(looks_like_region(region), looks_right);
    EXPECT_EQ(partition_of(region).name, partition);
  }
}

TEST(Endpoint, SignsForTheClientsRegionAtAConfiguredUrl) {
  auto ecs = resolve_endpoint("ecs", "cn-north-1", configured("http://127.0.0.1:5599/"));
  ASSERT_TRUE(ecs);
  EXPECT_EQ(*ecs, (Endpoint{.url = "http://127.0.0.1:5599",
                            .signing_region = "cn-north-1",
                            .signing_name = "ecs",
                            .partition = "aws-cn",
                            .dns_suffix = "amazonaws.com.cn",
                            .source = "AWS_ENDPOINT_URL"}));

  // IAM too, which its own endpoint would have signed for us-east-1.
  auto iam = resolve_endpoint("iam", "eu-west-1",
                              {.configured = {{"iam", {"http://localhost:1", "--endpoint-url"}}}});
  ASSERT_TRUE(iam);
  EXPECT_EQ(iam->signing_region, "eu-west-1");
}

TEST(Endpoint, KeepsThePathOfAConfiguredUrl) {
  auto endpoint = resolve_endpoint("ecs", "eu-west-1", configured("https://vpce.example/aws/ecs/"));
  ASSERT_TRUE(endpoint);
  EXPECT_EQ(endpoint->url, "https://vpce.example/aws/ecs");
}

TEST(Endpoint, RefusesAConfiguredUrlThatIsNone) {
  for (std::string_view url : {"localhost:5599", "ftp://x", "https://", "https:///path",
                               "http://:80", "https://a b", "https://x?y=1", "https://x/#f", ""}) {
    SCOPED_TRACE(url);
    auto endpoint = resolve_endpoint("ecs", "eu-west-1", configured(std::string(url)));
    ASSERT_FALSE(endpoint);
    EXPECT_EQ(endpoint.error().kind, ErrorKind::kInvalid);
    EXPECT_EQ(endpoint.error().code, "endpoint.url");
    EXPECT_EQ(
        endpoint.error().message,
        fmt::format("AWS_ENDPOINT_URL: \"{}\" is not the URL of an endpoint; expected http:// "
                    "or https://, a host, and perhaps a port and a path",
                    url));
  }
}

TEST(Endpoint, DoesNotRepeatAPasswordThatAUrlCarries) {
  auto endpoint = resolve_endpoint("ecs", "eu-west-1", configured("https://me:hunter2@x.example/"));
  ASSERT_FALSE(endpoint);
  EXPECT_EQ(endpoint.error().message,
            "AWS_ENDPOINT_URL: the URL of an endpoint must not carry a user name or password");
}

TEST(Endpoint, DoesNotPretendThatAConfiguredUrlIsFipsOrDualStack) {
  EndpointSettings fips = configured("https://example.com");
  fips.use_fips = true;
  auto refused = resolve_endpoint("ecs", "eu-west-1", fips);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "endpoint.fips");
  EXPECT_EQ(refused.error().message,
            "FIPS endpoints are asked for, but AWS_ENDPOINT_URL names an endpoint of its own; "
            "remove one of the two");

  EndpointSettings dual = configured("https://example.com");
  dual.use_dual_stack = true;
  auto also_refused = resolve_endpoint("ecs", "eu-west-1", dual);
  ASSERT_FALSE(also_refused);
  EXPECT_EQ(also_refused.error().code, "endpoint.dual-stack");

  // Services without a configured URL are not concerned.
  auto sts = resolve_endpoint("sts", "eu-west-1", fips);
  ASSERT_TRUE(sts);
  EXPECT_EQ(sts->url, "https://sts-fips.eu-west-1.amazonaws.com");
}

TEST(Endpoint, RefusesARegionThatWouldBreakOutOfTheHostName) {
  for (std::string_view region : {"", "eu-west-1.evil.example/", "eu west 1", "-eu", "eu-", "a/b",
                                  "eu_west_1", "eu-west-1\n"}) {
    SCOPED_TRACE(region);
    auto endpoint = resolve_endpoint("ecs", region, {});
    ASSERT_FALSE(endpoint);
    EXPECT_EQ(endpoint.error().code, "region.invalid");
  }
}

TEST(Endpoint, DoesNotGuessTheHostOfAnUnknownService) {
  auto endpoint = resolve_endpoint("s3", "eu-west-1", {});
  ASSERT_FALSE(endpoint);
  EXPECT_EQ(endpoint.error().kind, ErrorKind::kInternal);
  EXPECT_THAT(endpoint.error().message, HasSubstr("\"s3\""));
}

}  // namespace
}  // namespace slipway::aws
