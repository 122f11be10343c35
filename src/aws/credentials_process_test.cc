// Sources beside us: a program, a container's endpoint, the instance.
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
using ::testing::StartsWith;

class AProcess : public CredentialsTest {
 protected:
  void configure(std::string_view command, std::string_view more = "") {
    world_.write(".aws/config",
                 fmt::format("[default]\ncredential_process = {}\n{}", command, more));
  }
  // Every run of it ends like this.
  void ends_with(ProcessResult result) {
    run_ = [this, result](const std::vector<std::string>& words) -> Result<ProcessResult> {
      ran_.push_back(words);
      return result;
    };
  }

  std::vector<std::vector<std::string>> ran_;
};

TEST_F(AProcess, PrintsCredentials) {
  configure(R"("/opt/my tools/helper" --role 'the role' $HOME)", "aws_account_id = 111111111111\n");
  ends_with({.output = R"({"Version":1,"AccessKeyId":"ASIA1","SecretAccessKey":"hush",)"
                       R"("SessionToken":"hush-t","Expiration":"2026-01-01T01:00:00+00:00",)"
                       R"("AccountId":"222222222222"})",
             .errors = "a word of warning\n"});
  EXPECT_EQ(get().value(), (Credentials{.access_key_id = "ASIA1",
                                        .secret_access_key = Secret("hush"),
                                        .session_token = Secret("hush-t"),
                                        .expiration = world_.now() + 1h,
                                        .source = "credential process of profile default",
                                        .account_id = "222222222222"}));
  EXPECT_THAT(ran_,
              ElementsAre(ElementsAre("/opt/my tools/helper", "--role", "the role", "$HOME")));
}

TEST_F(AProcess, IsRunAgainOnlyWhenWhatItPrintedExpires) {
  configure("helper", "aws_account_id = 111111111111\n");
  ends_with({.output = R"({"Version":1,"AccessKeyId":"AKIA1","SecretAccessKey":"hush"})"});
  EXPECT_EQ(get().value().expiration, std::nullopt);
  EXPECT_EQ(get_again().value().account_id, "111111111111");
  pass(24h * 30);
  EXPECT_TRUE(get_again());
  EXPECT_THAT(ran_, SizeIs(1));

  ends_with({.output = R"({"Version":1,"AccessKeyId":"AKIA1","SecretAccessKey":"hush",)"
                       R"("Expiration":"2026-03-01T00:00:00Z"})"});
  EXPECT_TRUE(get());
  pass(24h * 40);
  EXPECT_EQ(text_of(get_again()),
            "credentials.expired: the credentials from credential process of profile default "
            "expired at 2026-03-01T00:00:00Z; it is 2026-03-12T00:00:00Z now");
}

TEST_F(AProcess, IsRefusedWhatItShouldNotHavePrinted) {
  struct Case {
    ProcessResult ended;
    std::string_view wanted;
  };
  configure("helper -x");
  for (const auto& [ended, wanted] : {
           Case{
               {.exit_status = 2, .output = "hush", .errors = "vault is locked\nunlock it\n"},
               "credentials.process: the credential process helper ended with status 2: \"vault is "
               "locked\\nunlock it\""},
           Case{{.exit_status = 137},
                "credentials.process: the credential process helper ended with status 137"},
           Case{{},
                "credentials.process: the credential process helper did not print a JSON object"},
           Case{{.output = "hush", .errors = "oops"},
                "credentials.process: the credential process helper did not print a JSON object: "
                "\"oops\""},
           Case{{.output = R"({"Version":1,"SecretAccessKey":"hush)"},
                "credentials.process: the credential process helper did not print a JSON object"},
           Case{
               {.output = R"({"Version":2,"AccessKeyId":"A","SecretAccessKey":"hush"})"},
               "credentials.process: the credential process helper printed a Version other than 1, "
               "the only one there is"},
           Case{
               {.output = R"({"AccessKeyId":"A","SecretAccessKey":"hush"})"},
               "credentials.process: the credential process helper printed a Version other than 1, "
               "the only one there is"},
           Case{{.output = R"({"Version":1,"SessionToken":"hush"})"},
                "credentials.answer: the credential process helper answered without a usable "
                "AccessKeyId, SecretAccessKey"},
           Case{{.output = R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":7})"},
                "credentials.answer: the credential process helper answered without a usable "
                "SecretAccessKey"},
           Case{{.output = R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"hush",)"
                           R"("Expiration":"later"})"},
                "credentials.answer: the credential process helper answered without a usable "
                "Expiration"},
       }) {
    SCOPED_TRACE(wanted);
    ends_with(ended);
    EXPECT_EQ(refusal(), wanted);
  }
}

TEST_F(AProcess, IsNotRunWhenItsCommandMakesNoSense) {
  configure("helper 'unclosed");
  EXPECT_EQ(refusal(), fmt::format("credentials.config: {}:2: credential_process: a quote is never "
                                   "closed",
                                   world_.path(".aws/config")));
  configure("''");
  ends_with({.exit_status = 127});
  EXPECT_THAT(refusal(), StartsWith("credentials.process: "));
}

TEST_F(AProcess, IsReallyRun) {
  world_.write("helper",
               "#!/bin/sh\n"
               "echo \"{\\\"Version\\\":1,\\\"AccessKeyId\\\":\\\"$1\\\","
               "\\\"SecretAccessKey\\\":\\\"hush-$SUFFIX\\\"}\"\n");
  std::filesystem::permissions(world_.path("helper"), std::filesystem::perms::owner_all);
  world_.environment.set("SUFFIX", "env");
  configure(fmt::format("'{}' 'AKIA1'", world_.path("helper")));
  auto credentials = get();
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->access_key_id, "AKIA1");
  EXPECT_EQ(credentials->secret_access_key, Secret("hush-env"));

  configure(world_.path("nothing"));
  auto refused = get();
  EXPECT_EQ(text_of(refused), fmt::format("process.not-found: cannot run {}: No such file or "
                                          "directory",
                                          world_.path("nothing")));
  EXPECT_THAT(refused.error().context,
              ElementsAre("running the credential process", "getting credentials: process"));
}

// ---- Container ----

constexpr const char* kContainerAnswer =
    R"({"RoleArn":"arn:role","AccessKeyId":"ASIAECS","SecretAccessKey":"hush","Token":"hush-t",)"
    R"("Expiration":"2026-01-01T06:00:00Z","AccountId":"123456789012"})";
constexpr const char* kContainerUrl = "http://169.254.170.2/v2/credentials/uuid";

class AContainer : public CredentialsTest {
 protected:
  AContainer() {
    world_.environment.set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/uuid");
  }
  void use_full_url(std::string url) {
    world_.environment.unset("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    world_.environment.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", std::move(url));
  }
};

TEST_F(AContainer, IsGivenCredentials) {
  // The relative one counts before the full one.
  world_.environment.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost:1/x");
  world_.transport.expect("GET", kContainerUrl, 200, kContainerAnswer);
  EXPECT_EQ(get().value(), (Credentials{.access_key_id = "ASIAECS",
                                        .secret_access_key = Secret("hush"),
                                        .session_token = Secret("hush-t"),
                                        .expiration = world_.now() + 6h,
                                        .source = "the container credentials endpoint",
                                        .account_id = "123456789012"}));
  const HttpRequest& sent = world_.transport.sent[0];
  EXPECT_EQ(find_header(sent.headers, "Accept"), "application/json");
  EXPECT_EQ(find_header(sent.headers, "Authorization"), "");
  EXPECT_EQ(sent.total_timeout, 2s);
  EXPECT_FALSE(sent.use_proxy);
}

TEST_F(AContainer, MayAskAnyHostWithTlsAndItsOwnWithout) {
  struct Case {
    std::string_view url;
    bool is_fine;
  };
  for (const auto& [url, is_fine] : {Case{"https://vault.example/creds", true},
                                     Case{"https://10.0.0.1:8443/", true},
                                     Case{"http://localhost:8080/x", true},
                                     Case{"http://LOCALHOST/x", true},
                                     Case{"http://127.0.0.1:1/x", true},
                                     Case{"http://127.9.8.7/x", true},
                                     Case{"http://[::1]:80/x", true},
                                     Case{"http://169.254.170.2/x", true},
                                     Case{"http://169.254.170.23/v1/credentials", true},
                                     Case{"http://[fd00:ec2::23]/v1", true},
                                     Case{"http://169.254.169.254/x", false},
                                     Case{"http://example.com/x", false},
                                     Case{"http://127.0.0.1.example.com/x", false},
                                     Case{"http://127.1/x", false},
                                     Case{"http://localhost@example.com/x", false},
                                     Case{"http://[::2]/x", false},
                                     Case{"http:///x", false},
                                     Case{"https:///x", false},
                                     Case{"ftp://localhost/x", false},
                                     Case{"localhost/x", false},
                                     Case{"http://localhost/a b", false}}) {
    SCOPED_TRACE(url);
    use_full_url(std::string(url));
    if (is_fine) world_.transport.expect("GET", std::string(url), 200, kContainerAnswer);
    auto credentials = get();
    EXPECT_EQ(credentials.has_value(), is_fine);
    EXPECT_EQ(credentials ? "" : credentials.error().code, is_fine ? "" : "credentials.container");
  }
  use_full_url("http://example.com/x");
  EXPECT_EQ(refusal(),
            "credentials.container: AWS_CONTAINER_CREDENTIALS_FULL_URI: \"example.com\" is not "
            "trusted without TLS; allowed are https, this host itself (127.0.0.0/8, [::1], "
            "localhost), 169.254.170.2, 169.254.170.23 and [fd00:ec2::23]");
}

TEST_F(AContainer, DoesNotLetARelativeUriMoveTheHost) {
  for (std::string_view uri : {"@evil.example/", ".evil.example/", "v2", "/a b"}) {
    SCOPED_TRACE(uri);
    world_.environment.set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", std::string(uri));
    EXPECT_EQ(refusal(),
              "credentials.container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: expected a "
              "path that begins with /");
  }
}

TEST_F(AContainer, ShowsTheTokenItWasGiven) {
  use_full_url("http://169.254.170.23/v1/credentials");
  world_.environment.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hush-variable");
  world_.transport.expect("GET", "http://169.254.170.23/v1/credentials", 200, kContainerAnswer);
  ASSERT_TRUE(get());
  EXPECT_EQ(find_header(world_.transport.sent[0].headers, "Authorization"), "hush-variable");

  // The file wins, and is read each time.
  world_.environment.set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", world_.path("token"));
  world_.write("token", "hush-file-1");
  world_.transport.expect("GET", "http://169.254.170.23/v1/credentials", 200, kContainerAnswer);
  ASSERT_TRUE(get());
  EXPECT_EQ(find_header(world_.transport.sent[1].headers, "Authorization"), "hush-file-1");
  world_.write("token", "hush-file-2");
  chain_->invalidate();
  world_.transport.expect("GET", "http://169.254.170.23/v1/credentials", 200, kContainerAnswer);
  ASSERT_TRUE(get_again());
  EXPECT_EQ(find_header(world_.transport.sent[2].headers, "Authorization"), "hush-file-2");

  world_.write("token", "hush\nX-Evil: 1");
  EXPECT_EQ(refusal(),
            fmt::format("credentials.container: the authorization token in {} has a line "
                        "break in it and cannot be sent",
                        world_.path("token")));
  world_.environment.set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", world_.path("none"));
  EXPECT_THAT(refusal(), HasSubstr("file.not-found: cannot read"));
}

TEST_F(AContainer, IsAskedThreeTimes) {
  world_.transport.expect("GET", kContainerUrl, no_answer());
  world_.transport.expect("GET", kContainerUrl, 404, "");
  world_.transport.expect("GET", kContainerUrl, 200, kContainerAnswer);
  EXPECT_TRUE(get());
  EXPECT_EQ(world_.now() - ScriptedWorld::kStart, 2s);
}

TEST_F(AContainer, SaysWhatItsEndpointAnswered) {
  struct Case {
    int status;
    std::string_view body, wanted;
    int attempts = 3;
  };
  for (
      const auto& [status, body, wanted, attempts] : {
          Case{400, R"({"code":"NoIdInRequest","message":"No Credential ID in the request"})",
               "NoIdInRequest: the container credentials endpoint answered 400 NoIdInRequest, \"No "
               "Credential ID in the request\" (after 3 attempts)"},
          Case{500, "",
               "exchange.status: the container credentials endpoint answered 500 with "
               "nothing (after 3 attempts)"},
          Case{
              200, "<html>login</html>",
              "exchange.not-json: the container credentials endpoint answered HTML or XML (after 3 "
              "attempts)"},
          Case{
              200, R"({"AccessKeyId":"A","SecretAccessKey":"hush)",
              "exchange.not-json: the container credentials endpoint answered broken JSON (after 3 "
              "attempts)"},
          Case{200, R"({"AccessKeyId":"A","SecretAccessKey":"hush"})",
               "credentials.answer: the container credentials endpoint answered without a usable "
               "Token, Expiration",
               1},
          Case{200, R"({"AccessKeyId":"A","SecretAccessKey":"hush","Token":null,"Expiration":"x"})",
               "credentials.answer: the container credentials endpoint answered without a usable "
               "Token, Expiration",
               1},
      }) {
    SCOPED_TRACE(wanted);
    for (int i = 0; i < attempts; ++i)
      world_.transport.expect("GET", kContainerUrl, status, std::string(body));
    EXPECT_EQ(refusal(), wanted);
  }
  for (int i = 0; i < 3; ++i) world_.transport.expect("GET", kContainerUrl, no_answer());
  auto refused = get();
  EXPECT_EQ(text_of(refused),
            "http.read-timeout: the container credentials endpoint cannot be "
            "reached: no answer within 1s (after 3 attempts)");
  EXPECT_EQ(refused.error().kind, ErrorKind::kTimeout);
  EXPECT_THAT(refused.error().context, ElementsAre("getting credentials: container"));
}

// ---- EC2 instance ----

constexpr const char* kImds = "http://169.254.169.254/latest/";
constexpr const char* kRolePath = "meta-data/iam/security-credentials/";

class AnInstanceRole : public CredentialsTest {
 protected:
  AnInstanceRole() { world_.environment.unset("AWS_EC2_METADATA_DISABLED"); }

  void expect_token() { world_.transport.expect("PUT", url("api/token"), 200, "t"); }
  void expect_role(int status, std::string body) {
    world_.transport.expect("GET", url(kRolePath), status, std::move(body));
  }
  void expect_keys(int status, std::string body) {
    world_.transport.expect("GET", url(kRolePath) + "web", status, std::move(body));
  }
  static std::string url(std::string_view path) { return kImds + std::string(path); }
  static std::string keys(std::string_view id, TimePoint expiration) {
    return fmt::format(R"({{"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"{}",)"
                       R"("SecretAccessKey":"hush","Token":"hush-t","Expiration":"{}"}})",
                       id, to_iso8601(expiration));
  }
  // What the EC2 instance said in the list of all sources.
  std::string last_line() {
    const std::string text = refusal();
    return text.substr(text.rfind("\n  ") + 3);
  }
};

TEST_F(AnInstanceRole, IsGivenCredentials) {
  expect_token();
  expect_role(200, "web\nsecond\n");
  expect_keys(200, keys("ASIAEC2", world_.now() + 6h));
  EXPECT_EQ(get().value(), (Credentials{.access_key_id = "ASIAEC2",
                                        .secret_access_key = Secret("hush"),
                                        .session_token = Secret("hush-t"),
                                        .expiration = world_.now() + 6h,
                                        .source = "EC2 instance, role web"}));
}

TEST_F(AnInstanceRole, IsMissedQuietlyOnOtherMachines) {
  world_.transport.expect("PUT", url("api/token"), no_connection());
  EXPECT_EQ(last_line(),
            "EC2 instance: nobody answers at http://169.254.169.254: connection refused");
  expect_token();
  expect_role(404, "");
  EXPECT_EQ(last_line(),
            "EC2 instance: http://169.254.169.254 knows no "
            "/latest/meta-data/iam/security-credentials/");
  world_.transport.expect("PUT", url("api/token"), 400);
  EXPECT_EQ(last_line(),
            "EC2 instance: http://169.254.169.254 answered 400 when asked for a session token");
}

TEST_F(AnInstanceRole, SaysWhatTheServiceAnsweredInstead) {
  struct Case {
    std::string_view body, wanted;
  };
  for (const auto& [body, wanted] : {
           Case{
               R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"EC2 cannot assume the role"})",
               "EC2 instance: EC2 instance metadata answered AssumeRoleUnauthorizedAccess for role "
               "web: \"EC2 cannot assume the role\""},
           Case{"<html>hush</html>",
                "EC2 instance: EC2 instance metadata answered something that is not JSON"},
           Case{R"({"Code":"Success","AccessKeyId":"A","SecretAccessKey":"hush"})",
                "EC2 instance: EC2 instance metadata answered without a usable Token, Expiration"},
       }) {
    SCOPED_TRACE(wanted);
    expect_token();
    expect_role(200, "web");
    expect_keys(200, std::string(body));
    EXPECT_EQ(last_line(), wanted);
  }
}

TEST_F(AnInstanceRole, IsAskedAsOftenAsConfigured) {
  world_.environment.set("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "2");
  expect_token();
  expect_role(200, "web");
  expect_keys(200, "garbage");
  expect_role(200, "web");
  expect_keys(200, keys("ASIAEC2", world_.now() + 6h));
  EXPECT_TRUE(get());
}

TEST_F(AnInstanceRole, IsUsedBeyondItsTimeWhenTheServiceGivesOutOldCredentials) {
  expect_token();
  expect_role(200, "web");
  expect_keys(200, keys("ASIAOLD", world_.now() - 1h));
  auto credentials = get();
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->access_key_id, "ASIAOLD");
  EXPECT_GE(*credentials->expiration, world_.now() + 17min);
  EXPECT_LE(*credentials->expiration, world_.now() + 25min);
  ASSERT_THAT(warnings_, SizeIs(1));
  EXPECT_EQ(warnings_[0],
            fmt::format("EC2 instance metadata gives out expired credentials; the credentials of "
                        "EC2 instance, role web are used until {} all the same",
                        to_iso8601(*credentials->expiration)));
}

TEST_F(AnInstanceRole, IsUsedBeyondItsTimeWhenTheServiceIsDown) {
  expect_token();
  expect_role(200, "web");
  expect_keys(200, keys("ASIA1", world_.now() + 1h));
  ASSERT_TRUE(get());

  pass(55min);  // in the mandatory window
  expect_role(500, "");
  EXPECT_EQ(get_again().value().access_key_id, "ASIA1");
  EXPECT_THAT(warnings_,
              ElementsAre("http://169.254.169.254/latest/meta-data/iam/security-credentials/ "
                          "answered 500; the credentials of EC2 instance, role web are good until "
                          "2026-01-01T01:00:00Z"));
  pass(10min);  // after their end
  expect_role(500, "");
  auto stretched = get_again();
  ASSERT_TRUE(stretched);
  EXPECT_EQ(stretched->access_key_id, "ASIA1");
  EXPECT_GE(*stretched->expiration, world_.now() + 17min);

  pass(30min);
  expect_role(200, "web");
  expect_keys(200, keys("ASIA2", world_.now() + 6h));
  EXPECT_EQ(get_again().value().access_key_id, "ASIA2");
}

}  // namespace
}  // namespace slipway::aws
