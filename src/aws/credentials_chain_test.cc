#include "aws/credentials_chain.h"

#include "aws/credentials_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kRole = "arn:aws:iam::123456789012:role/deployer";

class TheChain : public CredentialsTest {
 protected:
  // Sets every source up, or wrongly so where `broken` says, in the order of the chain.
  void set_up_everything() {
    world_.environment.set("AWS_ACCESS_KEY_ID", "AKIAENV");
    world_.environment.set("AWS_SECRET_ACCESS_KEY", "hush-env");
    world_.environment.set("AWS_WEB_IDENTITY_TOKEN_FILE", world_.path("token"));
    world_.environment.set("AWS_ROLE_ARN", std::string(kRole));
    world_.environment.set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/1");
    world_.environment.set("AWS_EC2_METADATA_DISABLED", "false");
    world_.write("token", "hush-jwt");
  }

  // The config file of a profile with all of these keys.
  void configure(const std::vector<std::string>& lines) {
    std::string text = "[default]\nregion = eu-west-1\n";
    for (const std::string& line : lines) text += line + "\n";
    world_.write(".aws/config", text +
                                    "[profile keys]\naws_access_key_id = AKIAKEYS\n"
                                    "aws_secret_access_key = hush-keys\n");
  }
};

TEST_F(TheChain, ListsWhatEachSourceSaidWhenThereAreNoCredentials) {
  EXPECT_EQ(refusal(),
            "credentials.none: no AWS credentials were found\n"
            "  environment: AWS_ACCESS_KEY_ID is not set\n"
            "  web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set\n"
            "  role: there is no profile default\n"
            "  profile's identity: there is no profile default\n"
            "  SSO: there is no profile default\n" +
                fmt::format("  credentials file: there is no profile default in {}\n",
                            world_.path(".aws/credentials")) +
                "  console login: there is no profile default\n"
                "  process: there is no profile default\n" +
                fmt::format("  config file: there is no profile default in {}\n",
                            world_.path(".aws/config")) +
                "  container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and "
                "AWS_CONTAINER_CREDENTIALS_FULL_URI are not set\n"
                "  EC2 instance: AWS_EC2_METADATA_DISABLED is true");
  EXPECT_EQ(get().error().kind, ErrorKind::kDenied);
}

TEST_F(TheChain, TakesKeysOfTheCommandLineBeforeEverythingAndWithoutATokenOfOthers) {
  set_up_everything();
  configure({});
  world_.environment.set("AWS_SESSION_TOKEN", "hush-of-others");
  const GivenIdentity identity{.access_key_id = "AKIAGIVEN",
                               .secret_access_key = Secret("hush-given")};
  for (const char* profile : {"", "keys"}) {
    const Credentials credentials = get({.profile = profile, .identity = identity}).value();
    EXPECT_EQ(credentials.access_key_id, "AKIAGIVEN");
    EXPECT_EQ(credentials.secret_access_key.reveal(), "hush-given");
    EXPECT_TRUE(credentials.session_token.empty());
  }
}

TEST_F(TheChain, PassesOverAllButTheMachinesRoleWhenThatAloneIsWanted) {
  world_.environment.set("AWS_ACCESS_KEY_ID", "AKIAENV");
  world_.environment.set("AWS_SECRET_ACCESS_KEY", "hush-env");
  EXPECT_EQ(refusal({.identity = {.only_machine_role = true}}),
            "credentials.none: no AWS credentials were found\n"
            "  container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and "
            "AWS_CONTAINER_CREDENTIALS_FULL_URI are not set\n"
            "  EC2 instance: AWS_EC2_METADATA_DISABLED is true");
}

TEST_F(TheChain, SignsTheCallThatBecomesARoleOnTopOfIt) {
  world_.environment.set("AWS_ACCESS_KEY_ID", "AKIAENV");
  world_.environment.set("AWS_SECRET_ACCESS_KEY", "hush-env");
  ASSERT_TRUE(get());
  std::vector<std::string> asked;
  const TimePoint start = world_.fibers.now();
  const CredentialWorld world{
      .runtime = world_.runtime,
      .config = world_.config,
      .settings = world_.settings,
      .sts = {.assume_role = [&](const AssumeRoleRequest& request,
                                 CredentialsProvider& signer) -> Result<AssumeRoleResponse> {
        asked.push_back(request.RoleArn + " by " + signer.get().value().access_key_id);
        return role_session("ASIA" + std::to_string(asked.size()), world_.fibers.now() + 1h);
      }},
  };
  const std::unique_ptr<CredentialsProvider> role =
      aws::assume_role(std::string(kRole), world, *chain_);
  const auto key = [&] {
    return world_.run_for<Result<Credentials>>([&] { return role->get(); }).value().access_key_id;
  };
  EXPECT_EQ(key(), "ASIA1");
  EXPECT_EQ(key(), "ASIA1");
  // Renewed before it ends.
  pass(55min);
  EXPECT_EQ(key(), "ASIA2");
  EXPECT_EQ(asked, std::vector<std::string>(2, std::string(kRole) + " by AKIAENV"));
  EXPECT_EQ(world_.fibers.now() - start, 55min);
}

TEST_F(TheChain, ListsWhatAnEmptyProfileLacksAndWhoIsAway) {
  world_.write(".aws/config", "[profile prod]\nregion = eu-west-1\n");
  world_.environment.set("AWS_EC2_METADATA_DISABLED", "");
  world_.transport.expect("PUT", "http://169.254.169.254/latest/api/token", no_route());
  EXPECT_EQ(
      refusal({.profile = "prod"}),
      "credentials.none: no AWS credentials were found\n"
      "  environment: passed over, because a profile is given\n"
      "  web identity: passed over, because a profile is given\n"
      "  role: profile prod has no role_arn\n"
      "  profile's identity: profile prod has no web_identity_token_file\n"
      "  SSO: profile prod has no sso_account_id\n" +
          fmt::format("  credentials file: there is no profile prod in {}\n",
                      world_.path(".aws/credentials")) +
          "  console login: profile prod has no login_session\n"
          "  process: profile prod has no credential_process\n" +
          fmt::format("  config file: profile prod in {} has no aws_access_key_id\n",
                      world_.path(".aws/config")) +
          "  container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and "
          "AWS_CONTAINER_CREDENTIALS_FULL_URI are not set\n"
          "  EC2 instance: nobody answers at http://169.254.169.254: no connection within 1s");
}

TEST_F(TheChain, PointsAtTheProfilesThereAre) {
  world_.write(".aws/credentials", "[prod]\naws_access_key_id = A\naws_secret_access_key = hush\n");
  world_.write(".aws/config", "[profile dev]\n");
  EXPECT_THAT(refusal(), EndsWith("\nThere are profiles: choose one of dev, prod with --profile or "
                                  "AWS_PROFILE"));
}

TEST_F(TheChain, AsksTheSourcesInTheirOrder) {
  set_up_everything();
  const TimePoint later = world_.now() + 1h;
  const std::vector<std::string> keys = {"aws_access_key_id = AKIACONFIG",
                                         "aws_secret_access_key = hush-config"};
  std::vector<std::string> lines = keys;
  world_.write(".aws/credentials",
               "[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key = hush-file\n");
  lines.push_back("credential_process = print-keys");
  run_ = [](const std::vector<std::string>&) -> Result<ProcessResult> {
    return ProcessResult{
        .output = R"({"Version":1,"AccessKeyId":"AKIAPROCESS","SecretAccessKey":"hush"})"};
  };
  lines.push_back("login_session = arn:aws:sts::1:assumed-role/x/y");

  auto source = [&](const Result<Credentials>& result) {
    return result ? result->source : result.error().message;
  };
  configure(lines);
  EXPECT_EQ(source(get()), "environment");

  world_.environment.unset("AWS_ACCESS_KEY_ID");
  world_.environment.unset("AWS_SECRET_ACCESS_KEY");
  web_identities_.push_back(web_session("ASIAWEB", later));
  EXPECT_EQ(source(get()), fmt::format("web identity, role {}", kRole));

  // The web identity of the environment counts before a role of the profile.
  lines.push_back(fmt::format("role_arn = {}", kRole));
  lines.push_back("source_profile = keys");
  configure(lines);
  web_identities_.push_back(web_session("ASIAWEB", later));
  EXPECT_EQ(source(get()), fmt::format("web identity, role {}", kRole));

  world_.environment.unset("AWS_ROLE_ARN");
  roles_.push_back(role_session("ASIAROLE", later));
  EXPECT_EQ(source(get()), fmt::format("role {} of profile default", kRole));

  lines.push_back("web_identity_token_file = " + world_.path("token"));
  lines.push_back("sso_account_id = 123456789012");
  configure(lines);
  web_identities_.push_back(web_session("ASIAWEB", later));
  EXPECT_EQ(source(get()), fmt::format("web identity of profile default, role {}", kRole));

  world_.environment.unset("AWS_WEB_IDENTITY_TOKEN_FILE");
  lines.erase(lines.end() - 4, lines.end() - 1);  // role_arn, source_profile, the token file
  configure(lines);
  EXPECT_EQ(refusal(),
            "credentials.config: profile default uses SSO, but sso_start_url, "
            "sso_region, sso_role_name are missing");

  lines.pop_back();
  configure(lines);
  EXPECT_EQ(source(get()), "profile default in " + world_.path(".aws/credentials"));

  world_.write(".aws/credentials", "");
  EXPECT_THAT(refusal(), HasSubstr("credentials.login: the console login"));

  lines.pop_back();
  configure(lines);
  EXPECT_EQ(source(get()), "credential process of profile default");

  lines.pop_back();
  configure(lines);
  EXPECT_EQ(source(get()), "profile default in " + world_.path(".aws/config"));

  configure({});
  world_.transport.expect("GET", "http://169.254.170.2/v2/credentials/1", 200,
                          R"({"AccessKeyId":"ASIAECS","SecretAccessKey":"hush","Token":"hush",)"
                          R"("Expiration":"2026-01-01T06:00:00Z"})");
  EXPECT_EQ(source(get()), "the container credentials endpoint");

  world_.environment.unset("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const std::string imds = "http://169.254.169.254/latest/";
  world_.transport.expect("PUT", imds + "api/token", 200, "t");
  world_.transport.expect("GET", imds + "meta-data/iam/security-credentials/", 200, "web");
  world_.transport.expect("GET", imds + "meta-data/iam/security-credentials/web", 200,
                          R"({"Code":"Success","AccessKeyId":"ASIAEC2","SecretAccessKey":"hush",)"
                          R"("Token":"hush","Expiration":"2026-01-01T06:00:00Z"})");
  EXPECT_EQ(source(get()), "EC2 instance, role web");
}

TEST_F(TheChain, DoesNotFallThroughWhenTheSourceThatCountsFails) {
  set_up_everything();
  world_.environment.unset("AWS_ACCESS_KEY_ID");
  world_.environment.unset("AWS_SECRET_ACCESS_KEY");
  web_identities_.push_back(Error{ErrorKind::kDenied, "AccessDenied",
                                  "Not authorized to perform sts:AssumeRoleWithWebIdentity"});
  auto refused = get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "AccessDenied");
  EXPECT_THAT(refused.error().context, ElementsAre(fmt::format("assuming {} with the token in {}",
                                                               kRole, world_.path("token")),
                                                   "getting credentials: web identity"));
}

TEST_F(TheChain, KeepsToTheSourceItBeganWith) {
  world_.environment.set("AWS_WEB_IDENTITY_TOKEN_FILE", world_.path("token"));
  world_.environment.set("AWS_ROLE_ARN", std::string(kRole));
  world_.write("token", "hush-jwt");
  web_identities_.push_back(web_session("ASIA1", world_.now() + 1h));
  ASSERT_EQ(get().value().access_key_id, "ASIA1");

  // Keys that appear later do not count, and neither does a change of mind when the source fails.
  world_.environment.set("AWS_ACCESS_KEY_ID", "AKIALATE");
  world_.environment.set("AWS_SECRET_ACCESS_KEY", "hush");
  pass(50min);
  web_identities_.push_back(Error{ErrorKind::kDenied, "ExpiredTokenException", "expired"});
  EXPECT_EQ(text_of(get_again()), "ExpiredTokenException: expired");
  web_identities_.push_back(web_session("ASIA2", world_.now() + 1h));
  EXPECT_EQ(get_again().value().access_key_id, "ASIA2");
}

TEST_F(TheChain, LooksAtAllSourcesAgainAfterFindingNone) {
  EXPECT_EQ(get().error().code, "credentials.none");
  world_.environment.set("AWS_ACCESS_KEY_ID", "AKIALATE");
  world_.environment.set("AWS_SECRET_ACCESS_KEY", "hush");
  EXPECT_EQ(get_again().value().access_key_id, "AKIALATE");
}

TEST_F(TheChain, PassesTheEnvironmentOverOnlyForAProfileOfTheCommandLine) {
  world_.environment.set("AWS_ACCESS_KEY_ID", "AKIAENV");
  world_.environment.set("AWS_SECRET_ACCESS_KEY", "hush");
  world_.environment.set("AWS_PROFILE", "keys");
  configure({});
  EXPECT_EQ(get().value().access_key_id, "AKIAENV");
  EXPECT_EQ(get({.profile = "keys"}).value().access_key_id, "AKIAKEYS");
}

TEST_F(TheChain, RefusesKeysThatCannotBeSent) {
  struct Case {
    std::string id, secret, token, wanted;
  };
  for (const auto& [id, secret, token, wanted] :
       {Case{"AKIA 1", "hush", "", "access key id"},
        Case{"AKIA1", "hu\nhush", "", "secret access key"},
        Case{"AKIA1", "hush", "hush\r\nX-Evil: 1", "session token"},
        Case{"AKIA1", "hush", "hüsh hush", "session token"}}) {
    SCOPED_TRACE(wanted);
    world_.environment.set("AWS_ACCESS_KEY_ID", id);
    world_.environment.set("AWS_SECRET_ACCESS_KEY", secret);
    world_.environment.set("AWS_SESSION_TOKEN", token);
    EXPECT_EQ(refusal(), fmt::format("credentials.characters: the {} from environment has blanks, "
                                     "line breaks or other characters in it that no key has",
                                     wanted));
  }
}

// ---- Keys in variables and files ----

class KeysInVariables : public CredentialsTest {};

TEST_F(KeysInVariables, AreTakenWithAllThatBelongsToThem) {
  world_.environment.set("AWS_ACCESS_KEY_ID", "ASIAENV\n");
  world_.environment.set("AWS_SECRET_ACCESS_KEY", " hush-secret");
  world_.environment.set("AWS_SESSION_TOKEN", "hush-token");
  world_.environment.set("AWS_SECURITY_TOKEN", "hush-old");
  world_.environment.set("AWS_CREDENTIAL_EXPIRATION", "2026-01-01T02:00:00+01:00");
  world_.environment.set("AWS_ACCOUNT_ID", "123456789012");
  EXPECT_EQ(get().value(), (Credentials{.access_key_id = "ASIAENV",
                                        .secret_access_key = Secret("hush-secret"),
                                        .session_token = Secret("hush-token"),
                                        .expiration = world_.now() + 1h,
                                        .source = "environment",
                                        .account_id = "123456789012",
                                        .renewable_until = world_.now() + 1h}));
  world_.environment.unset("AWS_SESSION_TOKEN");
  EXPECT_EQ(get().value().session_token, Secret("hush-old"));
}

TEST_F(KeysInVariables, AreRefusedWithoutTheirSecretAndPassedOverWithoutTheirId) {
  world_.environment.set("AWS_ACCESS_KEY_ID", "AKIA1");
  EXPECT_EQ(refusal(),
            "credentials.partial: AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
  world_.environment.set("AWS_ACCESS_KEY_ID", "");
  world_.environment.set("AWS_SECRET_ACCESS_KEY", "hush");
  EXPECT_THAT(refusal(), HasSubstr("\n  environment: AWS_SECRET_ACCESS_KEY is set, but "
                                   "AWS_ACCESS_KEY_ID is not\n"));
  world_.write(".aws/credentials",
               "[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key = hush\n");
  EXPECT_EQ(get().value().access_key_id, "AKIAFILE");
}

TEST_F(KeysInVariables, EndWhenTheySay) {
  world_.environment.set("AWS_ACCESS_KEY_ID", "ASIAENV");
  world_.environment.set("AWS_SECRET_ACCESS_KEY", "hush");
  world_.environment.set("AWS_CREDENTIAL_EXPIRATION", "2026-01-01T00:30:00Z");
  EXPECT_TRUE(get());
  pass(29min);
  EXPECT_TRUE(get_again());
  pass(1min);
  EXPECT_EQ(text_of(get_again()),
            "credentials.expired: the credentials from environment expired at "
            "2026-01-01T00:30:00Z; it is 2026-01-01T00:30:00Z now");
  world_.environment.set("AWS_CREDENTIAL_EXPIRATION", "soon");
  EXPECT_EQ(refusal(),
            "credentials.config: AWS_CREDENTIAL_EXPIRATION: expected a time like "
            "2026-01-01T00:00:00Z, found \"soon\"");
}

class KeysInFiles : public CredentialsTest {};

TEST_F(KeysInFiles, AreTakenWithAllThatBelongsToThem) {
  for (std::string_view file : {".aws/credentials", ".aws/config"}) {
    SCOPED_TRACE(file);
    world_.write(".aws/credentials", "");
    world_.write(".aws/config", "");
    world_.write(file,
                 "[default]\naws_access_key_id = AKIA1\naws_secret_access_key = hush-secret\n"
                 "aws_security_token = hush-old\naws_account_id = 123456789012\n");
    EXPECT_EQ(get().value(), (Credentials{.access_key_id = "AKIA1",
                                          .secret_access_key = Secret("hush-secret"),
                                          .session_token = Secret("hush-old"),
                                          .source = "profile default in " + world_.path(file),
                                          .account_id = "123456789012"}));
    world_.write(file,
                 "[default]\naws_access_key_id = AKIA1\naws_secret_access_key = hush-secret\n"
                 "aws_session_token = hush-new\naws_security_token = hush-old\n");
    EXPECT_EQ(get().value().session_token, Secret("hush-new"));
  }
}

TEST_F(KeysInFiles, AreRefusedByHalves) {
  world_.write(".aws/credentials", "\n[default]\naws_access_key_id = AKIA1\n");
  EXPECT_EQ(refusal(), fmt::format("credentials.partial: {}:2: profile default has "
                                   "aws_access_key_id, but no aws_secret_access_key",
                                   world_.path(".aws/credentials")));
  // The other half does not come from the other file.
  world_.write(".aws/config", "[default]\naws_secret_access_key = hush\n");
  EXPECT_THAT(refusal(), HasSubstr("but no aws_secret_access_key"));
  world_.write(".aws/credentials", "");
  EXPECT_EQ(refusal(), fmt::format("credentials.partial: {}:1: profile default has "
                                   "aws_secret_access_key, but no aws_access_key_id",
                                   world_.path(".aws/config")));
}

TEST_F(KeysInFiles, AreReadAgainAfterAwsRefusedThem) {
  world_.write(".aws/credentials",
               "[default]\naws_access_key_id = ASIAOLD\naws_secret_access_key = hush\n");
  EXPECT_EQ(get().value().access_key_id, "ASIAOLD");
  world_.write(".aws/credentials",
               "[default]\naws_access_key_id = ASIANEW\naws_secret_access_key = hush\n");
  EXPECT_EQ(get_again().value().access_key_id, "ASIAOLD");
  chain_->invalidate();
  EXPECT_EQ(get_again().value().access_key_id, "ASIANEW");

  pass(1min);
  chain_->invalidate();
  world_.write(".aws/credentials", "[default]\naws_secret_access_key hush\n");
  EXPECT_EQ(text_of(get_again()), fmt::format("config.syntax: {}:2: expected [section] or key = "
                                              "value",
                                              world_.path(".aws/credentials")));
  world_.write(".aws/credentials", "");
  EXPECT_THAT(text_of(get_again()), HasSubstr("config.profile: there is no profile \"default\""));
}

}  // namespace
}  // namespace slipway::aws
