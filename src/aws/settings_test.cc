#include "aws/settings.h"

#include "aws/scripted_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace slipway::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Settings : public ::testing::Test {
 protected:
  // The settings under these variables and this config file; what was said about them is in said_.
  ResolvedSettings load(const std::map<std::string, std::string>& variables,
                        std::string_view config = "", GivenSettings given = {}) {
    world_.write(".aws/config", config);
    Environment environment(variables);
    environment.set("HOME", world_.home.string());
    Diagnostics diagnostics;
    const SharedConfig shared = SharedConfig::load(environment, diagnostics);
    ResolvedSettings settings = load_settings(given, environment, shared, diagnostics);
    said_.clear();
    for (const Diagnostic& each : diagnostics.all()) {
      const std::string where = place_of(each.span);
      const bool is_in_file = where.starts_with(world_.home.string());
      said_.push_back(fmt::format("{}{}{}{}: {}",
                                  each.severity == Severity::kWarning ? "warning: " : "",
                                  is_in_file ? where.substr(world_.path(".aws/").size()) : where,
                                  each.path.empty() ? "" : " ", each.path, each.message));
    }
    return settings;
  }

  ScriptedWorld world_;
  std::vector<std::string> said_;
};

TEST_F(Settings, AreHarmlessWhenNothingIsSet) {
  const ResolvedSettings settings = load({});
  EXPECT_EQ(settings.profile, "default");
  EXPECT_FALSE(settings.is_profile_given);
  EXPECT_EQ(settings.region, std::nullopt);
  EXPECT_THAT(settings.endpoints.configured, IsEmpty());
  EXPECT_FALSE(settings.endpoints.use_fips);
  EXPECT_FALSE(settings.endpoints.use_dual_stack);
  EXPECT_FALSE(settings.endpoints.sts_is_global);
  EXPECT_EQ(settings.retry_mode, RetryMode::kStandard);
  EXPECT_EQ(settings.max_attempts, std::nullopt);
  EXPECT_EQ(settings.ca_bundle, "");
  EXPECT_EQ(settings.connect_timeout, 3100ms);
  EXPECT_EQ(settings.read_timeout, 60s);
  EXPECT_EQ(settings.imds, ImdsSettings{});
  EXPECT_EQ(settings.user_agent, "slipway");
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(Settings, TakeTheProfileFromTheFirstWhoNamesOne) {
  constexpr std::string_view kConfig = "[profile a]\n[profile b]\n[profile c]\n";
  const std::map<std::string, std::string> both{{"AWS_PROFILE", "b"}, {"AWS_DEFAULT_PROFILE", "c"}};
  EXPECT_EQ(load(both, kConfig, {.profile = "a"}).profile, "a");
  EXPECT_TRUE(load(both, kConfig, {.profile = "a"}).is_profile_given);
  EXPECT_EQ(load(both, kConfig).profile, "b");
  EXPECT_FALSE(load(both, kConfig).is_profile_given);
  EXPECT_EQ(load({{"AWS_PROFILE", ""}, {"AWS_DEFAULT_PROFILE", "c"}}, kConfig).profile, "c");
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(Settings, RefuseAProfileThatDoesNotExist) {
  load({{"AWS_PROFILE", "prdo"}}, "[profile prod]\n");
  EXPECT_THAT(
      said_, ElementsAre(fmt::format("AWS_PROFILE:1: there is no profile \"prdo\" in {} or {}; did "
                                     "you mean \"prod\"?",
                                     world_.path(".aws/config"), world_.path(".aws/credentials"))));
  // The default one need not exist.
  load({{"AWS_PROFILE", "default"}});
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(Settings, LetTheEnvironmentOverruleTheProfile) {
  constexpr std::string_view kConfig =
      "[default]\n"
      "retry_mode = adaptive\nmax_attempts = 7\nuse_fips_endpoint = true\n"
      "use_dualstack_endpoint = TRUE\nsts_regional_endpoints = legacy\ndefaults_mode = in-region\n"
      "ca_bundle = /dev/null\nec2_metadata_v1_disabled = true\nmetadata_service_timeout = 3\n"
      "metadata_service_num_attempts = 4\nec2_metadata_service_endpoint = http://imds.example/\n"
      "sdk_ua_app_id = shop\nregion = eu-west-1\n";
  const ResolvedSettings of_profile = load({}, kConfig, {.product = "slipway/9"});
  EXPECT_THAT(said_, IsEmpty());
  EXPECT_EQ(of_profile.retry_mode, RetryMode::kAdaptive);
  EXPECT_EQ(of_profile.max_attempts, 7);
  EXPECT_TRUE(of_profile.endpoints.use_fips);
  EXPECT_TRUE(of_profile.endpoints.use_dual_stack);
  EXPECT_TRUE(of_profile.endpoints.sts_is_global);
  EXPECT_EQ(of_profile.connect_timeout, 1100ms);
  EXPECT_EQ(of_profile.ca_bundle, "/dev/null");
  EXPECT_EQ(of_profile.imds, (ImdsSettings{.is_v1_disabled = true,
                                           .endpoint = "http://imds.example",
                                           .timeout = 3s,
                                           .attempts = 4}));
  EXPECT_EQ(of_profile.user_agent, "slipway/9 app/shop");

  const ResolvedSettings of_environment =
      load({{"AWS_RETRY_MODE", "Legacy"},
            {"AWS_MAX_ATTEMPTS", "1"},
            {"AWS_USE_FIPS_ENDPOINT", "false"},
            {"AWS_USE_DUALSTACK_ENDPOINT", "False"},
            {"AWS_STS_REGIONAL_ENDPOINTS", "regional"},
            {"AWS_DEFAULTS_MODE", "mobile"},
            {"AWS_CA_BUNDLE", "~/.aws/config"},
            {"AWS_EC2_METADATA_DISABLED", "true"},
            {"AWS_EC2_METADATA_V1_DISABLED", "false"},
            {"AWS_METADATA_SERVICE_TIMEOUT", "2"},
            {"AWS_METADATA_SERVICE_NUM_ATTEMPTS", "5"},
            {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://other.example:81"},
            {"AWS_SDK_UA_APP_ID", "till 7 (new)"}},
           kConfig);
  EXPECT_THAT(said_, IsEmpty());
  EXPECT_EQ(of_environment.retry_mode, RetryMode::kLegacy);
  EXPECT_EQ(of_environment.max_attempts, 1);
  EXPECT_FALSE(of_environment.endpoints.use_fips);
  EXPECT_FALSE(of_environment.endpoints.use_dual_stack);
  EXPECT_FALSE(of_environment.endpoints.sts_is_global);
  EXPECT_EQ(of_environment.connect_timeout, 30s);
  EXPECT_EQ(of_environment.ca_bundle, world_.path(".aws/config"));
  EXPECT_EQ(of_environment.imds, (ImdsSettings{.is_disabled = true,
                                               .endpoint = "http://other.example:81",
                                               .timeout = 2s,
                                               .attempts = 5}));
  EXPECT_EQ(of_environment.user_agent, "slipway app/till-7--new-");
}

TEST_F(Settings, KnowTheIpv6AddressOfTheMetadataService) {
  EXPECT_EQ(load({{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6"}}).imds.endpoint,
            "http://[fd00:ec2::254]");
  EXPECT_EQ(load({}, "[default]\nec2_metadata_service_endpoint_mode = ipv6\n").imds.endpoint,
            "http://[fd00:ec2::254]");
  EXPECT_EQ(load({{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6"},
                  {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://custom"}})
                .imds.endpoint,
            "http://custom");
}

TEST_F(Settings, RefuseValuesThatMeanNothingAllAtOnce) {
  const ResolvedSettings settings = load(
      {{"AWS_MAX_ATTEMPTS", "many"}, {"AWS_USE_FIPS_ENDPOINT", "yes"}, {"AWS_REGION", "eu west"}},
      "[default]\nretry_mode = fast\nsts_regional_endpoints = global\ndefaults_mode = quick\n"
      "metadata_service_timeout = 0\nca_bundle = /nowhere/ca.pem\nservices = local\n"
      "ec2_metadata_service_endpoint = imds\n");
  EXPECT_THAT(
      said_,
      ElementsAre(
          "AWS_REGION:1 AWS_REGION: expected the name of an AWS region, found \"eu west\"",
          "AWS_USE_FIPS_ENDPOINT:1 AWS_USE_FIPS_ENDPOINT: expected true or false, found \"yes\"",
          "config:3 sts_regional_endpoints: expected regional or legacy, found \"global\"",
          fmt::format("config:7 services: there is no [services local] in {}",
                      world_.path(".aws/config")),
          "config:2 retry_mode: expected standard, adaptive or legacy, found \"fast\"",
          "AWS_MAX_ATTEMPTS:1 AWS_MAX_ATTEMPTS: expected a whole number from 1 to 100, found "
          "\"many\"",
          "config:6 ca_bundle: /nowhere/ca.pem does not exist",
          "config:4 defaults_mode: expected legacy, standard, in-region, cross-region, mobile or "
          "auto, found \"quick\"",
          "config:5 metadata_service_timeout: expected a whole number from 1 to 60, found \"0\"",
          "config:8 ec2_metadata_service_endpoint: expected an http:// or https:// URL, found "
          "\"imds\""));
  EXPECT_EQ(settings.region, std::nullopt);
  EXPECT_EQ(settings.max_attempts, std::nullopt);
  EXPECT_EQ(settings.imds, ImdsSettings{});
}

TEST_F(Settings, RankTheSourcesOfAnEndpoint) {
  constexpr std::string_view kConfig =
      "[default]\nservices = local\nendpoint_url = http://profile\n"
      "[services local]\necs =\n  endpoint_url = http://section\n"
      "elastic_load_balancing_v2 =\n  other = x\n";
  struct Case {
    std::map<std::string, std::string> variables;
    std::string given, ecs, source, elb;
  };
  const std::string config = world_.path(".aws/config");
  for (const auto& [variables, given, ecs, source, elb] : {
           Case{{}, "", "http://section", config + ":6", "http://profile"},
           Case{{{"AWS_ENDPOINT_URL", "http://all"}},
                "",
                "http://all",
                "AWS_ENDPOINT_URL",
                "http://all"},
           Case{{{"AWS_ENDPOINT_URL", "http://all"}, {"AWS_ENDPOINT_URL_ECS", "http://ecs"}},
                "",
                "http://ecs",
                "AWS_ENDPOINT_URL_ECS",
                "http://all"},
           Case{{{"AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2", "http://elb"}},
                "",
                "http://section",
                config + ":6",
                "http://elb"},
           Case{{{"AWS_ENDPOINT_URL_ECS", "http://ecs"}},
                "http://flag",
                "http://flag",
                "--endpoint-url",
                "http://flag"},
           Case{{{"AWS_ENDPOINT_URL_ECS", "http://ecs"},
                 {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}},
                "",
                "",
                "",
                ""},
           Case{{{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}},
                "http://flag",
                "http://flag",
                "--endpoint-url",
                "http://flag"},
       }) {
    SCOPED_TRACE(fmt::format("{} {}", variables.size(), given));
    auto configured = load(variables, kConfig, {.endpoint_url = given}).endpoints.configured;
    EXPECT_EQ(configured["ecs"].url, ecs);
    EXPECT_EQ(configured["ecs"].source, source);
    EXPECT_EQ(configured["elastic_load_balancing_v2"].url, elb);
    EXPECT_THAT(said_, IsEmpty());
  }
}

TEST_F(Settings, LetAProfileIgnoreConfiguredEndpoints) {
  auto settings = load({{"AWS_ENDPOINT_URL", "http://all"}},
                       "[default]\nignore_configured_endpoint_urls = true\nservices = missing\n");
  EXPECT_THAT(settings.endpoints.configured, IsEmpty());
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(Settings, DoNotSendASignInToTheEndpointOfTheCommandLine) {
  auto configured = load({}, "", {.endpoint_url = "http://flag"}).endpoints.configured;
  EXPECT_EQ(configured.count("sts"), 1u);
  for (std::string_view service : {"sso", "sso_oidc", "signin"})
    EXPECT_FALSE(configured.contains(service)) << service;
  EXPECT_TRUE(load({{"AWS_ENDPOINT_URL", "http://all"}}).endpoints.configured.contains("sso"));
}

TEST_F(Settings, DoubtARegionThatAwsDoesNotHave) {
  load({{"AWS_REGION", "eu-west1"}});
  EXPECT_THAT(said_, ElementsAre("warning: : the region \"eu-west1\", from AWS_REGION, does not "
                                 "look like one of AWS's"));
  // Behind an endpoint of one's own a region may be called anything.
  load({{"AWS_REGION", "local"}, {"AWS_ENDPOINT_URL", "http://127.0.0.1:5599"}});
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(Settings, DoubtAKeyThatIsAlmostRight) {
  load({}, "[default]\nregoin = eu-west-1\n");
  EXPECT_THAT(said_, ElementsAre("warning: config:2: regoin means nothing to AWS's tools"));
}

}  // namespace
}  // namespace slipway::aws
