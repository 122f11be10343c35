// Roles: assumed from another profile or source, and with a web identity.
#include "aws/credentials_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kKeys =
    "aws_access_key_id = AKIABASE\naws_secret_access_key = hush-base\n";

class ARole : public CredentialsTest {
 protected:
  // The config file, with a profile "base" that has keys.
  void configure(std::string_view text) {
    world_.write(".aws/config", fmt::format("[profile base]\n{}{}", kKeys, text));
  }
  // The error of profile "prod" with the file's path left out.
  std::string refusal_of_prod() {
    std::string text = refusal({.profile = "prod"});
    const std::string path = world_.path(".aws/config");
    for (std::size_t at; (at = text.find(path)) != std::string::npos;)
      text.replace(at, path.size(), "CONFIG");
    return text;
  }
};

TEST_F(ARole, IsAssumedWithTheKeysOfItsSourceProfile) {
  configure(
      "[profile prod]\nrole_arn = arn:aws:iam::1:role/prod\nsource_profile = base\n"
      "role_session_name = ci-run@7\nexternal_id = x-1\nduration_seconds = 3600\n");
  roles_.push_back(role_session("ASIAPROD", world_.now() + 1h));
  EXPECT_EQ(get({.profile = "prod"}).value(),
            (Credentials{.access_key_id = "ASIAPROD",
                         .secret_access_key = Secret("hush-role"),
                         .session_token = Secret("hush-token"),
                         .expiration = world_.now() + 1h,
                         .source = "role arn:aws:iam::1:role/prod of profile prod",
                         .account_id = "123456789012"}));
  ASSERT_THAT(assumed_, SizeIs(1));
  EXPECT_EQ(assumed_[0].signer, "AKIABASE");
  EXPECT_EQ(assumed_[0].request.RoleArn, "arn:aws:iam::1:role/prod");
  EXPECT_EQ(assumed_[0].request.RoleSessionName, "ci-run@7");
  EXPECT_EQ(assumed_[0].request.ExternalId, "x-1");
  EXPECT_EQ(assumed_[0].request.DurationSeconds, 3600);
  EXPECT_EQ(assumed_[0].request.SerialNumber, "");
}

// Sessions follow one another for as long as there is somebody to sign for the next.
TEST_F(ARole, IsRenewableForAsLongAsItsSourceIs) {
  configure(
      "[profile prod]\nrole_arn = r\nsource_profile = base\n"
      "[profile ci]\nrole_arn = r\ncredential_source = Environment\n");
  roles_.push_back(role_session("ASIA1", world_.now() + 1h));
  EXPECT_EQ(get({.profile = "prod"}).value().renewable_until, std::nullopt);
  world_.environment.set("AWS_ACCESS_KEY_ID", "ASIAENV");
  world_.environment.set("AWS_SECRET_ACCESS_KEY", "hush");
  world_.environment.set("AWS_CREDENTIAL_EXPIRATION", "2026-01-01T02:00:00Z");
  roles_.push_back(role_session("ASIA2", world_.now() + 1h));
  EXPECT_EQ(get({.profile = "ci"}).value().renewable_until, world_.now() + 2h);
  // The last session goes on after its source has ended.
  world_.environment.set("AWS_CREDENTIAL_EXPIRATION", "2026-01-01T00:40:00Z");
  roles_.push_back(role_session("ASIA3", world_.now() + 1h));
  EXPECT_EQ(get({.profile = "ci"}).value().renewable_until, world_.now() + 1h);
}

TEST_F(ARole, HasASessionNamedAfterUsAndTheTime) {
  configure("[profile prod]\nrole_arn = r\nsource_profile = base\n");
  roles_.push_back(role_session("ASIAPROD", world_.now() + 1h));
  ASSERT_TRUE(get({.profile = "prod"}));
  EXPECT_EQ(assumed_[0].request.RoleSessionName, "slipway-1767225600");
  EXPECT_EQ(assumed_[0].request.DurationSeconds, std::nullopt);
}

TEST_F(ARole, MayBeAssumedByAnotherRole) {
  configure(
      "[profile middle]\nrole_arn = arn:middle\nsource_profile = base\n"
      "[profile prod]\nrole_arn = arn:prod\nsource_profile = middle\n");
  roles_.push_back(role_session("ASIAMIDDLE", world_.now() + 1h));
  roles_.push_back(role_session("ASIAPROD", world_.now() + 30min));
  EXPECT_EQ(get({.profile = "prod"}).value().access_key_id, "ASIAPROD");
  ASSERT_THAT(assumed_, SizeIs(2));
  EXPECT_EQ(assumed_[0].request.RoleArn, "arn:middle");
  EXPECT_EQ(assumed_[0].signer, "AKIABASE");
  EXPECT_EQ(assumed_[1].request.RoleArn, "arn:prod");
  EXPECT_EQ(assumed_[1].signer, "ASIAMIDDLE");

  // The middle one is renewed only when it has to be.
  pass(20min);
  roles_.push_back(role_session("ASIAPROD2", world_.now() + 30min));
  EXPECT_EQ(get_again().value().access_key_id, "ASIAPROD2");
  EXPECT_EQ(assumed_[2].signer, "ASIAMIDDLE");
  pass(30min);
  roles_.push_back(role_session("ASIAMIDDLE2", world_.now() + 1h));
  roles_.push_back(role_session("ASIAPROD3", world_.now() + 30min));
  EXPECT_EQ(get_again().value().access_key_id, "ASIAPROD3");
  EXPECT_EQ(assumed_[4].signer, "ASIAMIDDLE2");
}

TEST_F(ARole, MayBeAssumedWithTheKeysOfItsOwnProfile) {
  configure(fmt::format("[profile prod]\nrole_arn = arn:prod\nsource_profile = prod\n{}", kKeys));
  roles_.push_back(role_session("ASIAPROD", world_.now() + 1h));
  EXPECT_EQ(get({.profile = "prod"}).value().access_key_id, "ASIAPROD");
  EXPECT_EQ(assumed_[0].signer, "AKIABASE");
}

TEST_F(ARole, TakesKeysBeforeTheRoleOfItsSourceProfile) {
  configure(
      fmt::format("[profile both]\nrole_arn = arn:both\nsource_profile = base\n"
                  "aws_access_key_id = AKIABOTH\naws_secret_access_key = hush\n"
                  "[profile prod]\nrole_arn = arn:prod\nsource_profile = both\n"));
  roles_.push_back(role_session("ASIAPROD", world_.now() + 1h));
  ASSERT_TRUE(get({.profile = "prod"}));
  EXPECT_EQ(assumed_[0].signer, "AKIABOTH");
}

TEST_F(ARole, MayBeConfiguredInTheCredentialsFile) {
  world_.write(
      ".aws/credentials",
      fmt::format("[base]\n{}[prod]\nrole_arn = arn:prod\nsource_profile = base\n", kKeys));
  roles_.push_back(role_session("ASIAPROD", world_.now() + 1h));
  EXPECT_EQ(get({.profile = "prod"}).value().access_key_id, "ASIAPROD");
}

TEST_F(ARole, MayBeAssumedWithAnySourceInsideAProfile) {
  configure(
      "[profile helper]\ncredential_process = helper\n"
      "[profile prod]\nrole_arn = arn:prod\nsource_profile = helper\n");
  run_ = [](const std::vector<std::string>&) -> Result<ProcessResult> {
    return ProcessResult{
        .output = R"({"Version":1,"AccessKeyId":"AKIAHELPER","SecretAccessKey":"hush"})"};
  };
  roles_.push_back(role_session("ASIAPROD", world_.now() + 1h));
  ASSERT_TRUE(get({.profile = "prod"}));
  EXPECT_EQ(assumed_[0].signer, "AKIAHELPER");
}

TEST_F(ARole, MayBeAssumedWithTheCredentialsOfANamedSource) {
  configure("[profile prod]\nrole_arn = arn:prod\ncredential_source = environment\n");
  world_.environment.set("AWS_ACCESS_KEY_ID", "AKIAENV");
  world_.environment.set("AWS_SECRET_ACCESS_KEY", "hush");
  roles_.push_back(role_session("ASIAPROD", world_.now() + 1h));
  ASSERT_TRUE(get({.profile = "prod"}));
  EXPECT_EQ(assumed_[0].signer, "AKIAENV");

  configure("[profile prod]\nrole_arn = arn:prod\ncredential_source = EcsContainer\n");
  world_.environment.set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/1");
  world_.transport.expect("GET", "http://169.254.170.2/v2/1", 200,
                          R"({"AccessKeyId":"ASIAECS","SecretAccessKey":"hush","Token":"hush",)"
                          R"("Expiration":"2026-01-01T06:00:00Z"})");
  roles_.push_back(role_session("ASIAPROD", world_.now() + 1h));
  ASSERT_TRUE(get({.profile = "prod"}));
  EXPECT_EQ(assumed_[1].signer, "ASIAECS");

  configure("[profile prod]\nrole_arn = arn:prod\ncredential_source = Ec2InstanceMetadata\n");
  world_.environment.set("AWS_EC2_METADATA_DISABLED", "false");
  const std::string imds = "http://169.254.169.254/latest/";
  world_.transport.expect("PUT", imds + "api/token", 200, "t");
  world_.transport.expect("GET", imds + "meta-data/iam/security-credentials/", 200, "web");
  world_.transport.expect("GET", imds + "meta-data/iam/security-credentials/web", 200,
                          R"({"AccessKeyId":"ASIAEC2","SecretAccessKey":"hush","Token":"hush",)"
                          R"("Expiration":"2026-01-01T06:00:00Z"})");
  roles_.push_back(role_session("ASIAPROD", world_.now() + 1h));
  ASSERT_TRUE(get({.profile = "prod"}));
  EXPECT_EQ(assumed_[2].signer, "ASIAEC2");
}

TEST_F(ARole, IsRefusedWhenItsProfileMakesNoSense) {
  struct Case {
    std::string_view config, wanted;
  };
  for (const auto& [config, wanted] : {
           Case{"role_arn = r\n",
                "CONFIG:5: role_arn: profile prod does not say whose credentials assume the role; "
                "add source_profile or credential_source"},
           Case{
               "role_arn = r\nsource_profile = base\ncredential_source = Environment\n",
               "CONFIG:7: credential_source: profile prod has a source_profile too; one of the two "
               "has to go"},
           Case{"role_arn = r\ncredential_source = Moon\n",
                "CONFIG:6: credential_source: expected Environment, Ec2InstanceMetadata or "
                "EcsContainer, found \"Moon\""},
           Case{"role_arn = r\ncredential_source = Environment\n",
                "CONFIG:6: credential_source: Environment: AWS_ACCESS_KEY_ID is not set"},
           Case{"role_arn = r\nsource_profile = base\nduration_seconds = 1h\n",
                "CONFIG:7: duration_seconds: expected a whole number from 900 to 43200, found "
                "\"1h\""},
           Case{"role_arn = r\nsource_profile = base\nduration_seconds = 60\n",
                "CONFIG:7: duration_seconds: expected a whole number from 900 to 43200, found "
                "\"60\""},
           Case{"role_arn = r\nsource_profile = base\nrole_session_name = me myself\n",
                "CONFIG:7: role_session_name: expected 2 to 64 letters, digits or any of _+=,.@-, "
                "found \"me myself\""},
           Case{"role_arn = r\nsource_profile = prod\n",
                "CONFIG:6: source_profile: the profiles assume each other in a circle: prod -> "
                "prod"},
           Case{"role_arn = r\nsource_profile = a\n[profile a]\nrole_arn = a\nsource_profile = b\n"
                "[profile b]\nrole_arn = b\nsource_profile = a\n",
                "CONFIG:12: source_profile: the profiles assume each other in a circle: prod -> a "
                "-> b -> a"},
           Case{"role_arn = r\nsource_profile = empty\n[profile empty]\nregion = eu-west-1\n",
                "CONFIG:6: source_profile: profile empty has no credentials"},
       }) {
    SCOPED_TRACE(wanted);
    configure(fmt::format("[profile prod]\n{}", config));
    EXPECT_EQ(refusal_of_prod(), fmt::format("credentials.config: {}", wanted));
    EXPECT_THAT(assumed_, IsEmpty());
  }
  configure("[profile prod]\nrole_arn = r\nsource_profile = bse\n");
  EXPECT_THAT(refusal_of_prod(),
              HasSubstr("CONFIG:6: source_profile: there is no profile \"bse\" in"));
  EXPECT_THAT(refusal_of_prod(), HasSubstr("did you mean \"base\"?"));
}

TEST_F(ARole, IsNotAssumedWithoutItsSourcesCredentials) {
  configure(
      "[profile helper]\ncredential_process = helper\n"
      "[profile prod]\nrole_arn = arn:prod\nsource_profile = helper\n");
  run_ = [](const std::vector<std::string>&) -> Result<ProcessResult> {
    return ProcessResult{.exit_status = 1, .errors = "locked\n"};
  };
  auto refused = get({.profile = "prod"});
  EXPECT_EQ(text_of(refused),
            "credentials.process: the credential process helper ended with status 1: \"locked\"");
  EXPECT_THAT(refused.error().context,
              ElementsAre("assuming role arn:prod of profile prod", "getting credentials: role"));
}

TEST_F(ARole, ReportsWhatStsRefused) {
  configure("[profile prod]\nrole_arn = arn:prod\nsource_profile = base\n");
  roles_.push_back(Error{ErrorKind::kDenied,
                         "AccessDenied",
                         "User: me is not authorized to perform: sts:AssumeRole on resource: "
                         "arn:prod",
                         {},
                         "sts:AssumeRole",
                         "r-1",
                         403});
  auto refused = get({.profile = "prod"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "AccessDenied");
  EXPECT_EQ(refused.error().request_id, "r-1");
  EXPECT_THAT(refused.error().context,
              ElementsAre("assuming role arn:prod of profile prod", "getting credentials: role"));

  roles_.push_back(AssumeRoleResponse{.Credentials = {.AccessKeyId = "ASIA1"}});
  EXPECT_EQ(refusal({.profile = "prod"}),
            "credentials.answer: STS answered without usable credentials");
}

// ---- MFA ----

constexpr std::string_view kWithMfa =
    "[profile prod]\nrole_arn = arn:prod\nsource_profile = base\n"
    "mfa_serial = arn:aws:iam::1:mfa/me\n";

TEST_F(ARole, AsksForAnMfaCodeOnce) {
  configure(kWithMfa);
  std::vector<std::string> questions;
  ask_ = [&](std::string question) -> Result<std::string> {
    questions.push_back(std::move(question));
    return std::string(" 123456\n");
  };
  roles_.push_back(role_session("ASIAPROD", world_.now() + 1h));
  ASSERT_TRUE(get({.profile = "prod"}));
  EXPECT_THAT(questions, ElementsAre("MFA code of arn:aws:iam::1:mfa/me for profile prod: "));
  EXPECT_EQ(assumed_[0].request.SerialNumber, "arn:aws:iam::1:mfa/me");
  EXPECT_EQ(assumed_[0].request.TokenCode, "123456");

  // The session is used to its end, and nobody is asked in the middle of a rollout.
  pass(59min);
  EXPECT_EQ(get_again().value().access_key_id, "ASIAPROD");
  pass(1min);
  EXPECT_EQ(text_of(get_again()),
            "credentials.mfa: the session of role arn:prod of profile prod ended, and a new one "
            "needs another MFA code, which is not asked for in the middle of a run; set "
            "duration_seconds of profile prod to more than the run takes (up to 43200, and up to "
            "what the role allows)");
  EXPECT_THAT(questions, SizeIs(1));
}

TEST_F(ARole, IsRefusedAtOnceWhenNobodyCanBeAskedForAnMfaCode) {
  configure(kWithMfa);
  EXPECT_EQ(refusal_of_prod(),
            "credentials.mfa: profile prod wants an MFA code of arn:aws:iam::1:mfa/me (CONFIG:7), "
            "and there is no terminal to ask for it; get a session with `aws sts "
            "get-session-token --serial-number arn:aws:iam::1:mfa/me --token-code CODE` and pass "
            "its keys in the environment, or use a role without MFA here");
  EXPECT_THAT(assumed_, IsEmpty());
}

TEST_F(ARole, DoesNotSendACodeThatIsNone) {
  configure(kWithMfa);
  for (std::string_view code : {"", "12345", "1234567", "12345a"}) {
    SCOPED_TRACE(code);
    ask_ = [&](std::string) -> Result<std::string> { return std::string(code); };
    EXPECT_EQ(refusal({.profile = "prod"}), "credentials.mfa: an MFA code has six digits");
  }
  ask_ = [&](std::string) -> Result<std::string> {
    return Error{ErrorKind::kCancelled, "cancelled", "interrupted"};
  };
  EXPECT_EQ(refusal({.profile = "prod"}), "cancelled: interrupted");
  EXPECT_THAT(assumed_, IsEmpty());
}

TEST_F(ARole, MayBeAskedForAgainAfterAWrongCode) {
  configure(kWithMfa);
  ask_ = [&](std::string) -> Result<std::string> { return std::string("000000"); };
  roles_.push_back(Error{ErrorKind::kDenied, "AccessDenied", "MultiFactorAuthentication failed"});
  EXPECT_FALSE(get({.profile = "prod"}));
  roles_.push_back(role_session("ASIAPROD", world_.now() + 1h));
  EXPECT_TRUE(get_again());
}

// ---- Web identity ----

class AWebIdentity : public CredentialsTest {
 protected:
  AWebIdentity() {
    world_.environment.set("AWS_WEB_IDENTITY_TOKEN_FILE", world_.path("token"));
    world_.environment.set("AWS_ROLE_ARN", "arn:role");
    world_.write("token", "hush-jwt-1\n");
  }
};

TEST_F(AWebIdentity, IsExchangedForARole) {
  world_.environment.set("AWS_ROLE_SESSION_NAME", "pod-1");
  web_identities_.push_back(web_session("ASIAWEB", world_.now() + 1h));
  EXPECT_EQ(get().value(), (Credentials{.access_key_id = "ASIAWEB",
                                        .secret_access_key = Secret("hush-web"),
                                        .session_token = Secret("hush-token"),
                                        .expiration = world_.now() + 1h,
                                        .source = "web identity, role arn:role"}));
  EXPECT_EQ(web_assumed_[0].RoleArn, "arn:role");
  EXPECT_EQ(web_assumed_[0].RoleSessionName, "pod-1");
  EXPECT_EQ(web_assumed_[0].WebIdentityToken, "hush-jwt-1");
}

TEST_F(AWebIdentity, IsReadAnewForEachExchange) {
  web_identities_.push_back(web_session("ASIA1", world_.now() + 1h));
  ASSERT_TRUE(get());
  world_.write("token", "hush-jwt-2");
  pass(50min);
  web_identities_.push_back(web_session("ASIA2", world_.now() + 1h));
  EXPECT_EQ(get_again().value().access_key_id, "ASIA2");
  EXPECT_EQ(web_assumed_[1].WebIdentityToken, "hush-jwt-2");
}

TEST_F(AWebIdentity, IsRefusedWithoutItsToken) {
  world_.write("token", " \n");
  EXPECT_EQ(refusal(), fmt::format("credentials.web-identity: {} is empty; it should hold a web "
                                   "identity token",
                                   world_.path("token")));
  std::filesystem::remove(world_.path("token"));
  auto refused = get();
  EXPECT_EQ(text_of(refused),
            fmt::format("file.not-found: cannot read {}: No such file or directory",
                        world_.path("token")));
  EXPECT_THAT(refused.error().context,
              ElementsAre("reading the web identity token", "getting credentials: web identity"));
  world_.write("token", std::string(30'000, 'x'));
  EXPECT_THAT(refusal(), HasSubstr("file.too-large"));
}

TEST_F(AWebIdentity, HasASessionNameThatStsAccepts) {
  world_.environment.set("AWS_ROLE_SESSION_NAME", "a b");
  EXPECT_EQ(refusal(),
            "credentials.config: environment: AWS_ROLE_SESSION_NAME: expected 2 to 64 "
            "letters, digits or any of _+=,.@-, found \"a b\"");
}

TEST_F(AWebIdentity, MayBeThatOfAProfile) {
  world_.environment.unset("AWS_WEB_IDENTITY_TOKEN_FILE");
  world_.environment.unset("AWS_ROLE_ARN");
  world_.write(".aws/config",
               "[profile ci]\nrole_arn = arn:ci\nweb_identity_token_file = ~/token\n"
               "role_session_name = ci-1\n");
  web_identities_.push_back(web_session("ASIACI", world_.now() + 1h));
  EXPECT_EQ(get({.profile = "ci"}).value().source, "web identity of profile ci, role arn:ci");
  EXPECT_EQ(web_assumed_[0].RoleSessionName, "ci-1");
  EXPECT_EQ(web_assumed_[0].WebIdentityToken, "hush-jwt-1");
}

TEST_F(AWebIdentity, MayTakeItsRoleFromTheProfile) {
  world_.environment.unset("AWS_ROLE_ARN");
  world_.write(".aws/config", "[default]\nrole_arn = arn:ci\n");
  web_identities_.push_back(web_session("ASIACI", world_.now() + 1h));
  EXPECT_EQ(get().value().source, "web identity of profile default, role arn:ci");
}

TEST_F(AWebIdentity, NeedsARole) {
  world_.environment.unset("AWS_ROLE_ARN");
  EXPECT_EQ(
      refusal(),
      fmt::format("credentials.web-identity: there is a web identity token in {}, but neither "
                  "role_arn of profile default nor AWS_ROLE_ARN says which role to assume "
                  "with it",
                  world_.path("token")));
}

TEST_F(AWebIdentity, OfTheEnvironmentIsNotThatOfASourceProfile) {
  world_.environment.unset("AWS_ROLE_ARN");
  world_.write(".aws/config",
               "[profile empty]\nregion = eu-west-1\n"
               "[default]\nrole_arn = arn:x\nsource_profile = empty\n");
  EXPECT_THAT(refusal(), HasSubstr("source_profile: profile empty has no credentials"));
}

// The environment names a token but no role, so the role is that of the profile, which its own keys
// assume.
TEST_F(ARole, IsAssumedWithItsOwnKeysAndNotWithATokenOfTheEnvironment) {
  world_.write("token", "hush-jwt");
  world_.environment.set("AWS_WEB_IDENTITY_TOKEN_FILE", world_.path("token"));
  configure(fmt::format("[default]\n{}role_arn = arn:x\nsource_profile = default\n", kKeys));
  roles_.push_back(role_session("ASIAOWN", world_.now() + 1h));
  EXPECT_EQ(get().value().access_key_id, "ASIAOWN");
  EXPECT_EQ(assumed_[0].signer, "AKIABASE");
  EXPECT_THAT(web_assumed_, IsEmpty());
}

}  // namespace
}  // namespace slipway::aws
