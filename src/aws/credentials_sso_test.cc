// Sign-ins by a person: IAM Identity Center and the console.
#include "aws/credentials_fixture.h"
#include "aws/crypto.h"
#include "base/json.h"
#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kStart = "https://corp.awsapps.com/start";
// sha1 of "corp" and of the start URL, as `sha1sum` prints them.
constexpr const char* kSessionFile = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
constexpr const char* kLegacyFile = ".aws/sso/cache/a51746d4aa793ae07b25e90c3a5db96fc7832bd7.json";
constexpr const char* kPortal =
    "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials"
    "?role_name=Deploy%2BOps&account_id=123456789012";
constexpr const char* kOidc = "https://oidc.eu-west-1.amazonaws.com/token";
// 2026-01-01T08:00:00Z in milliseconds.
constexpr const char* kAnswer =
    R"({"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"hush","sessionToken":"hush",)"
    R"("expiration":1767254400000}})";

class AnSsoSession : public CredentialsTest {
 protected:
  AnSsoSession() {
    world_.write(".aws/config", fmt::format("[sso-session corp]\nsso_start_url = {}\n"
                                            "sso_region = eu-west-1\n"
                                            "sso_registration_scopes = sso:account:access\n"
                                            "[profile dev]\nsso_session = corp\n"
                                            "sso_account_id = 123456789012\n"
                                            "sso_role_name = Deploy+Ops\n",
                                            kStart));
  }

  // A token that expires at that time of 2026-01-01; with `more` members.
  void login_until(std::string_view time, std::string_view more = kRenewable) {
    world_.write(kSessionFile, fmt::format(R"({{"startUrl":"{}","region":"eu-west-1",)"
                                           R"("accessToken":"hush-old","expiresAt":)"
                                           R"("2026-01-01T{}Z"{}}})",
                                           kStart, time, more));
  }
  Result<Credentials> get_dev() { return get({.profile = "dev"}); }
  std::string refusal_of_dev() {
    std::string text = refusal({.profile = "dev"});
    for (const auto& [path, name] :
         {std::pair{world_.path(kSessionFile), "TOKEN"}, {world_.path(".aws/config"), "CONFIG"}})
      if (auto at = text.find(path); at != std::string::npos) text.replace(at, path.size(), name);
    return text;
  }

  static constexpr std::string_view kRenewable =
      R"(,"refreshToken":"hush-refresh","clientId":"client","clientSecret":"hush-client",)"
      R"("registrationExpiresAt":"2026-02-01T00:00:00Z","other":{"kept":true})";
};

TEST_F(AnSsoSession, IsExchangedForCredentials) {
  login_until("08:00:00");
  world_.transport.expect("GET", kPortal, 200, kAnswer);
  EXPECT_EQ(get_dev().value(), (Credentials{.access_key_id = "ASIASSO",
                                            .secret_access_key = Secret("hush"),
                                            .session_token = Secret("hush"),
                                            .expiration = world_.now() + 8h,
                                            .source = "SSO session corp, role Deploy+Ops",
                                            .account_id = "123456789012"}));
  const HttpRequest& sent = world_.transport.sent[0];
  EXPECT_EQ(find_header(sent.headers, "x-amz-sso_bearer_token"), "hush-old");
  EXPECT_EQ(find_header(sent.headers, "Authorization"), "");
  EXPECT_TRUE(sent.use_proxy);
}

// What the portal hands out outlives the token, but there is no more of it then.
TEST_F(AnSsoSession, IsRenewableUnlessSomethingIsMissing) {
  struct Case {
    std::string_view more;
    std::optional<TimePoint> end;
  };
  for (const auto& [more, end] : {Case{kRenewable, std::nullopt}, Case{"", world_.now() + 8h},
                                  Case{R"(,"refreshToken":"r","clientId":"c","clientSecret":"s",)"
                                       R"("registrationExpiresAt":"2026-01-01T06:00:00Z")",
                                       world_.now() + 8h}}) {
    SCOPED_TRACE(more);
    login_until("07:00:00", more);
    world_.transport.expect("GET", kPortal, 200, kAnswer);
    EXPECT_EQ(get_dev().value().renewable_until, end);
  }
}

TEST_F(AnSsoSession, IsRenewedWhenItNearsItsEnd) {
  login_until("00:14:59");
  world_.transport.expect("POST", kOidc, 200,
                          R"({"accessToken":"hush-new","expiresIn":28800,)"
                          R"("refreshToken":"hush-refresh-2","tokenType":"Bearer"})");
  world_.transport.expect("GET", kPortal, 200, kAnswer);
  ASSERT_TRUE(get_dev());
  EXPECT_EQ(parse_json(world_.transport.sent[0].body).value(),
            parse_json(R"({"grantType":"refresh_token","clientId":"client",)"
                       R"("clientSecret":"hush-client","refreshToken":"hush-refresh"})")
                .value());
  EXPECT_EQ(find_header(world_.transport.sent[0].headers, "Content-Type"), "application/json");
  EXPECT_EQ(find_header(world_.transport.sent[1].headers, "x-amz-sso_bearer_token"), "hush-new");
  // Written back for other tools, with everything else that was in it.
  EXPECT_EQ(parse_json(world_.read(kSessionFile)).value(),
            parse_json(
                fmt::format(R"({{"startUrl":"{}","region":"eu-west-1","accessToken":"hush-new",)"
                            R"("expiresAt":"2026-01-01T08:00:00Z","refreshToken":"hush-refresh-2",)"
                            R"("clientId":"client","clientSecret":"hush-client",)"
                            R"("registrationExpiresAt":"2026-02-01T00:00:00Z",)"
                            R"("other":{{"kept":true}}}})",
                            kStart))
                .value());
}

TEST_F(AnSsoSession, KeepsItsFilePrivateWhenRenewed) {
  login_until("00:10:00");
  std::filesystem::permissions(world_.path(kSessionFile), std::filesystem::perms::owner_read |
                                                              std::filesystem::perms::owner_write);
  world_.transport.expect("POST", kOidc, 200, R"({"accessToken":"hush-new","expiresIn":28800})");
  world_.transport.expect("GET", kPortal, 200, kAnswer);
  ASSERT_TRUE(get_dev());
  EXPECT_EQ(std::filesystem::status(world_.path(kSessionFile)).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  // An answer without a new refresh token leaves the old one.
  EXPECT_THAT(world_.read(kSessionFile), HasSubstr("\"hush-refresh\""));
}

TEST_F(AnSsoSession, ServesWhileItLastsWhenItCannotBeRenewed) {
  login_until("00:10:00");
  world_.transport.expect("POST", kOidc, 400, R"({"error":"invalid_grant"})");
  world_.transport.expect("GET", kPortal, 200, kAnswer);
  ASSERT_TRUE(get_dev());
  EXPECT_EQ(find_header(world_.transport.sent[1].headers, "x-amz-sso_bearer_token"), "hush-old");

  login_until("00:10:00", "");
  world_.transport.expect("GET", kPortal, 200, kAnswer);
  ASSERT_TRUE(get_dev());
}

TEST_F(AnSsoSession, TellsWhichLoginToRun) {
  struct Case {
    std::string_view name, token, wanted;
  };
  constexpr std::string_view kExpired =
      R"("accessToken":"hush","expiresAt":"2025-12-31T00:00:00Z")";
  for (const auto& [name, token, wanted] : {
           Case{"no file", "", "does not exist (TOKEN)"},
           Case{"no JSON", "hush", "in TOKEN cannot be understood"},
           Case{"cut off", R"({"accessToken":"hush)", "in TOKEN cannot be understood"},
           Case{"no token", R"({"expiresAt":"2026-01-02T00:00:00Z"})",
                "in TOKEN cannot be understood"},
           Case{"no time", R"({"accessToken":"hush","expiresAt":"soon"})",
                "in TOKEN cannot be understood"},
           Case{"no refresh token", "EXPIRED,\"clientId\":\"c\",\"clientSecret\":\"hush\"",
                "cannot be renewed, there is no refreshToken beside it"},
           Case{"no client", "EXPIRED,\"refreshToken\":\"hush\"",
                "cannot be renewed, there is no clientId beside it"},
           Case{"old registration",
                "EXPIRED,\"clientId\":\"c\",\"clientSecret\":\"hush\",\"refreshToken\":\"hush\","
                "\"registrationExpiresAt\":\"2025-12-31T00:00:00Z\"",
                "cannot be renewed, the registration of its client has expired"},
       }) {
    SCOPED_TRACE(name);
    std::filesystem::remove(world_.path(kSessionFile));
    std::string text(token);
    if (text.starts_with("EXPIRED")) text = fmt::format("{{{}{}}}", kExpired, text.substr(7));
    if (!text.empty()) world_.write(kSessionFile, text);
    EXPECT_EQ(refusal_of_dev(), fmt::format("credentials.sso: the SSO token for session corp {}; "
                                            "run `aws sso login --sso-session corp`",
                                            wanted));
    EXPECT_EQ(get_dev().error().kind, ErrorKind::kDenied);
  }
}

TEST_F(AnSsoSession, SaysWhyAnExpiredTokenWasNotRenewed) {
  login_until("00:00:00");
  world_.transport.expect(
      "POST", kOidc, 400,
      R"({"error":"invalid_grant","error_description":"Invalid refresh token"})");
  EXPECT_EQ(refusal_of_dev(),
            "invalid_grant: the SSO token for session corp expired at 2026-01-01T00:00:00Z and "
            "cannot be renewed: the SSO token service answered 400 invalid_grant, \"Invalid "
            "refresh token\"; run `aws sso login --sso-session corp`");
  // Trouble that passes needs no login.
  for (int i = 0; i < 3; ++i) world_.transport.expect("POST", kOidc, no_connection());
  EXPECT_EQ(refusal_of_dev(),
            "http.connect: the SSO token for session corp expired at 2026-01-01T00:00:00Z and "
            "cannot be renewed: the SSO token service cannot be reached: connection refused (after "
            "3 attempts)");
  world_.transport.expect("POST", kOidc, 200, R"({"accessToken":"hush"})");
  EXPECT_THAT(refusal_of_dev(), HasSubstr("the SSO token service answered without a usable token"));
}

TEST_F(AnSsoSession, SaysWhatThePortalAnswered) {
  struct Case {
    int status;
    std::string_view body, wanted;
    int attempts = 1;
  };
  for (const auto& [status, body, wanted, attempts] : {
           Case{401, R"({"message":"Session token not found or invalid"})",
                "credentials.sso: the SSO token for session corp is no longer accepted (the SSO "
                "portal answered 401, \"Session token not found or invalid\"); run `aws sso login "
                "--sso-session corp`"},
           Case{
               403, R"({"__type":"ForbiddenException","message":"No access"})",
               "ForbiddenException: the SSO portal answered 403 ForbiddenException, \"No access\""},
           Case{503, "<html>",
                "exchange.status: the SSO portal answered 503 with HTML or XML (after "
                "3 attempts)",
                3},
           Case{200, "<html>",
                "exchange.not-json: the SSO portal answered HTML or XML (after 3 "
                "attempts)",
                3},
           Case{200, "{}",
                "credentials.answer: the SSO portal answered without a usable "
                "accessKeyId, secretAccessKey, sessionToken, expiration"},
           Case{200,
                R"({"roleCredentials":{"accessKeyId":"A","secretAccessKey":"hush",)"
                R"("sessionToken":"hush","expiration":-1}})",
                "credentials.answer: the SSO portal answered without a usable expiration"},
       }) {
    SCOPED_TRACE(wanted);
    login_until("08:00:00");
    for (int i = 0; i < attempts; ++i)
      world_.transport.expect("GET", kPortal, status, std::string(body));
    EXPECT_EQ(refusal_of_dev(), wanted);
  }
}

TEST_F(AnSsoSession, KeepsARenewedTokenThatCouldNotBeWritten) {
  // The file lies behind a link, and its name leaves no room for that of a temporary file.
  login_until("00:10:00");
  const std::filesystem::path real = world_.home / std::string(250, 'x');
  std::filesystem::rename(world_.path(kSessionFile), real);
  std::filesystem::create_symlink(real, world_.path(kSessionFile));

  world_.transport.expect("POST", kOidc, 200,
                          R"({"accessToken":"hush-2","expiresIn":3600,"refreshToken":"hush-r2"})");
  world_.transport.expect(
      "GET", kPortal, 200,
      R"({"roleCredentials":{"accessKeyId":"ASIA1","secretAccessKey":"hush","sessionToken":"hush",)"
      R"("expiration":1767229200000}})");  // 01:00
  ASSERT_TRUE(get_dev());
  EXPECT_THAT(world_.read(kSessionFile), HasSubstr("hush-old"));
  EXPECT_THAT(warnings_,
              ElementsAre(AllOf(StartsWith("the renewed SSO token for session corp is lost when "
                                           "this run ends: cannot write "),
                                EndsWith("File name too long"))));

  pass(50min);
  world_.transport.expect("POST", kOidc, 200, R"({"accessToken":"hush-3","expiresIn":3600})");
  world_.transport.expect("GET", kPortal, 200, kAnswer);
  ASSERT_TRUE(get_again());
  EXPECT_THAT(world_.transport.sent[2].body, HasSubstr("\"hush-r2\""));
  EXPECT_EQ(find_header(world_.transport.sent[3].headers, "x-amz-sso_bearer_token"), "hush-3");

  // A login by hand counts for more.
  pass(7h + 50min);
  std::filesystem::remove(world_.path(kSessionFile));
  login_until("23:00:00");
  world_.transport.expect("GET", kPortal, 200,
                          R"({"roleCredentials":{"accessKeyId":"ASIA3","secretAccessKey":"hush",)"
                          R"("sessionToken":"hush","expiration":1767312000000}})");
  EXPECT_EQ(get_again().value().access_key_id, "ASIA3");
  EXPECT_EQ(find_header(world_.transport.sent[4].headers, "x-amz-sso_bearer_token"), "hush-old");
}

TEST_F(AnSsoSession, HasToBeConfiguredInFull) {
  struct Case {
    std::string_view config, wanted;
  };
  for (const auto& [config, wanted] : {
           Case{"[profile dev]\nsso_session = crp\nsso_account_id = 1\n",
                "CONFIG:2: sso_session: there is no [sso-session crp] in CONFIG"},
           Case{"[sso-session corp]\nsso_region = eu-west-1\n[profile dev]\nsso_session = corp\n"
                "sso_account_id = 1\n",
                "profile dev uses SSO, but sso_start_url, sso_role_name are missing"},
           Case{"[profile dev]\nsso_start_url = u\nsso_account_id = 1\nsso_role_name = r\n",
                "profile dev uses SSO, but sso_region is missing"},
           Case{"[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = u\n[profile dev]\n"
                "sso_session = corp\nsso_region = eu-west-2\nsso_account_id = 1\n",
                "CONFIG:6: sso_region: differs from that of [sso-session corp] in CONFIG:2"},
       }) {
    SCOPED_TRACE(wanted);
    world_.write(".aws/config", config);
    std::string text = refusal_of_dev();
    const std::string path = world_.path(".aws/config");
    for (std::size_t at; (at = text.find(path)) != std::string::npos;)
      text.replace(at, path.size(), "CONFIG");
    EXPECT_EQ(text, fmt::format("credentials.config: {}", wanted));
  }
}

TEST_F(AnSsoSession, GoesToTheEndpointThatIsConfigured) {
  login_until("08:00:00");
  world_.environment.set("AWS_ENDPOINT_URL_SSO", "http://127.0.0.1:7777");
  world_.transport.expect(
      "GET",
      "http://127.0.0.1:7777/federation/credentials?role_name=Deploy%2BOps&account_id=123456789012",
      200, kAnswer);
  EXPECT_TRUE(get_dev());
}

TEST_F(AnSsoSession, OfTheLegacyKindIsNeverRenewed) {
  world_.write(".aws/config", fmt::format("[profile dev]\nsso_start_url = {}\n"
                                          "sso_region = eu-west-1\nsso_account_id = 123456789012\n"
                                          "sso_role_name = Deploy+Ops\n",
                                          kStart));
  // Old versions of the AWS CLI wrote the time zone in letters.
  world_.write(kLegacyFile, R"({"accessToken":"hush-old","expiresAt":"2026-01-01T00:01:00UTC"})");
  world_.transport.expect("GET", kPortal, 200, kAnswer);
  EXPECT_TRUE(get_dev());
  world_.write(kLegacyFile, R"({"accessToken":"hush-old","expiresAt":"2026-01-01T00:01:00Z"})");
  world_.transport.expect("GET", kPortal, 200, kAnswer);
  EXPECT_EQ(get_dev().value().source, fmt::format("SSO {}, role Deploy+Ops", kStart));

  world_.write(kLegacyFile, R"({"accessToken":"hush-old","expiresAt":"2026-01-01T00:00:00Z"})");
  EXPECT_EQ(
      refusal_of_dev(),
      fmt::format("credentials.sso: the SSO token for {} expired at 2026-01-01T00:00:00Z; run "
                  "`aws sso login --profile dev`",
                  kStart));
}

// ---- Console login ----

constexpr const char* kSignIn = "https://eu-west-1.signin.aws.amazon.com/v1/token";
constexpr const char* kArn = "arn:aws:sts::123456789012:assumed-role/dev/me";

class AConsoleLogin : public CredentialsTest {
 protected:
  AConsoleLogin() {
    world_.write(".aws/config",
                 fmt::format("[default]\nregion = eu-west-1\nlogin_session = {}\n", kArn));
  }

  std::string file() const { return ".aws/login/cache/" + hex(sha256(kArn)) + ".json"; }
  void login_until(std::string_view time, std::string_view more = kRenewable) {
    world_.write(file(), fmt::format(R"({{"accessToken":{{"accessKeyId":"ASIA1","secretAccessKey":)"
                                     R"("hush","sessionToken":"hush","accountId":"123456789012",)"
                                     R"("expiresAt":"2026-01-01T{}Z"}}{}}})",
                                     time, more));
  }
  std::string refusal_of_login() {
    std::string text = refusal();
    if (auto at = text.find(world_.path(file())); at != std::string::npos)
      text.replace(at, world_.path(file()).size(), "FILE");
    return text;
  }

  // A key that protects nothing.
  static constexpr std::string_view kRenewable =
      R"(,"refreshToken":"hush-refresh","clientId":"arn:aws:signin:::devtools/same-device",)"
      R"("tokenType":"aws_sigv4","idToken":"hush-id","dpopKey":"-----BEGIN EC PRIV)"
      R"(ATE KEY-----\nMHcCAQEEIA5Kz1EQAEGIvXnazQrIcLFj1n4rmEfBh3WIEKtL+to9oAoGCCqGSM49\n)"
      R"(AwEHoUQDQgAECz4F78F9OaOHGM4hAJhgaNxE+jEiDoUPqWV/ur9ZVhOfjUOvlvVG\n)"
      R"(VfWFKLQ9DikerkMedwUdM21tmnL0VVlHDA==\n-----END EC PRIV)"
      R"(ATE KEY-----\n")";
};

// The JSON inside one part of a token.
Json part(std::string_view token, std::size_t index) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string bytes;
  unsigned int waiting = 0;
  int bits = 0;
  const std::string_view encoded = split(token, '.').at(index);
  for (const char c : encoded) {
    waiting = waiting << 6 | static_cast<unsigned int>(kDigits.find(c));
    if ((bits += 6) < 8) continue;
    bytes += static_cast<char>(waiting >> (bits -= 8) & 255);
  }
  return parse_json(bytes).value();
}

TEST_F(AConsoleLogin, IsReadFromItsFile) {
  login_until("00:12:00");
  EXPECT_EQ(get().value(), (Credentials{.access_key_id = "ASIA1",
                                        .secret_access_key = Secret("hush"),
                                        .session_token = Secret("hush"),
                                        .expiration = world_.now() + 12min,
                                        .source = fmt::format("console login {}", kArn),
                                        .account_id = "123456789012"}));
}

TEST_F(AConsoleLogin, IsRenewedWithAProofOfItsKey) {
  login_until("00:04:00");
  world_.transport.expect("POST", kSignIn, 200,
                          R"({"accessToken":{"accessKeyId":"ASIA2","secretAccessKey":"hush-2",)"
                          R"("sessionToken":"hush-3"},"tokenType":"aws_sigv4","expiresIn":900,)"
                          R"("refreshToken":"hush-refresh-2"})");
  EXPECT_EQ(get().value(), (Credentials{.access_key_id = "ASIA2",
                                        .secret_access_key = Secret("hush-2"),
                                        .session_token = Secret("hush-3"),
                                        .expiration = world_.now() + 15min,
                                        .source = fmt::format("console login {}", kArn),
                                        .account_id = "123456789012"}));
  const HttpRequest& sent = world_.transport.sent[0];
  EXPECT_EQ(parse_json(sent.body).value(),
            parse_json(R"({"clientId":"arn:aws:signin:::devtools/same-device",)"
                       R"("grantType":"refresh_token","refreshToken":"hush-refresh"})")
                .value());
  const std::string_view proof = find_header(sent.headers, "DPoP");
  EXPECT_EQ(part(proof, 0),
            parse_json(R"({"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","crv":"P-256",)"
                       R"("x":"Cz4F78F9OaOHGM4hAJhgaNxE-jEiDoUPqWV_ur9ZVhM",)"
                       R"("y":"n41Dr5b1RlX1hSi0PQ4pHq5DHncFHTNtbZpy9FVZRww"}})")
                .value());
  const Json payload = part(proof, 1);
  EXPECT_EQ(find_string(payload, "htm"), "POST");
  EXPECT_EQ(find_string(payload, "htu"), kSignIn);
  EXPECT_EQ(find_int(payload, "iat"), 1767225600);
  EXPECT_EQ(find_string(payload, "jti")->size(), 36u);
  EXPECT_EQ(split(proof, '.').at(2).size(), 86u);  // 64 bytes

  const Json saved = parse_json(world_.read(file())).value();
  EXPECT_EQ(find_string(saved, "refreshToken"), "hush-refresh-2");
  EXPECT_EQ(find_string(saved, "idToken"), "hush-id");
  EXPECT_EQ(*find(saved, "accessToken"),
            parse_json(R"({"accessKeyId":"ASIA2","secretAccessKey":"hush-2",)"
                       R"("sessionToken":"hush-3","expiresAt":"2026-01-01T00:15:00Z",)"
                       R"("accountId":"123456789012"})")
                .value());
}

TEST_F(AConsoleLogin, ServesWhileItLastsWhenItCannotBeRenewed) {
  login_until("00:04:00");
  for (int i = 0; i < 3; ++i) world_.transport.expect("POST", kSignIn, no_connection());
  EXPECT_EQ(get().value().access_key_id, "ASIA1");
}

TEST_F(AConsoleLogin, TellsToLogInAgain) {
  struct Case {
    std::string_view name, text, wanted;
  };
  constexpr std::string_view kExpired =
      R"("accessToken":{"accessKeyId":"A","secretAccessKey":"hush","sessionToken":"hush",)"
      R"("expiresAt":"2025-12-31T00:00:00Z"})";
  for (const auto& [name, text, wanted] : {
           Case{"no file", "", "does not exist (FILE)"},
           Case{"no JSON", "hush", "in FILE cannot be understood"},
           Case{"no keys", R"({"accessToken":{"accessKeyId":"A"}})",
                "in FILE cannot be understood"},
           Case{"text for keys", R"({"accessToken":"hush"})", "in FILE cannot be understood"},
           Case{"nothing to renew with", "EXPIRED", "cannot be renewed, FILE has no clientId"},
           Case{"no private key",
                R"(EXPIRED,"clientId":"c","refreshToken":"hush","dpopKey":"hush")",
                "cannot be renewed, dpopKey in FILE is no private key on the curve P-256"},
       }) {
    SCOPED_TRACE(name);
    std::filesystem::remove(world_.path(file()));
    std::string document(text);
    if (text.starts_with("EXPIRED")) document = fmt::format("{{{}{}}}", kExpired, text.substr(7));
    if (!document.empty()) world_.write(file(), document);
    EXPECT_EQ(refusal_of_login(), fmt::format("credentials.login: the console login {} {}; run "
                                              "`aws login --profile default`",
                                              kArn, wanted));
  }

  login_until("00:00:00");
  world_.transport.expect("POST", kSignIn, 403,
                          R"({"error":"TOKEN_EXPIRED","message":"Session expired"})");
  EXPECT_EQ(refusal_of_login(),
            fmt::format("credentials.login: the console login {} is over (AWS sign-in answered 403 "
                        "TOKEN_EXPIRED, \"Session expired\"); run `aws login --profile default`",
                        kArn));
}

TEST_F(AConsoleLogin, RefusesHalfAnAnswer) {
  for (std::string_view answer :
       {R"({})", R"({"accessToken":"hush","expiresIn":900,"refreshToken":"hush"})",
        R"({"accessToken":{"accessKeyId":"A"},"expiresIn":900,"refreshToken":"hush"})",
        R"({"accessToken":{"accessKeyId":"A","secretAccessKey":"hush","sessionToken":"hush"}})"}) {
    SCOPED_TRACE(answer);
    login_until("00:00:00");
    world_.transport.expect("POST", kSignIn, 200, std::string(answer));
    EXPECT_THAT(refusal(), StartsWith("credentials.answer: AWS sign-in answered without"));
    EXPECT_THAT(world_.read(file()), HasSubstr("hush-refresh\""));  // as it was
  }
}

}  // namespace
}  // namespace slipway::aws
