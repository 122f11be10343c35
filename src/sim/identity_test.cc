#include "sim/identity.h"

#include "aws/codec.h"
#include "aws/sts.h"
#include "sim/identity_endpoints.h"
#include "sim/sts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const TimePoint kNow{std::chrono::sys_days{std::chrono::January / 1 / 2026}};
constexpr const char* kRole = "arn:aws:iam::111111111111:role/deployer";

IdentitySettings settings() {
  IdentitySettings settings;
  settings.users = {{.name = "ci", .access_key = "AKIACI", .secret_key = "secret"}};
  settings.roles = {
      {.name = "deployer"},
      {.name = "guarded", .trusted = {"arn:aws:iam::111111111111:user/other"}, .max_session = 12h},
      {.name = "with-id", .external_id = "shop"},
      {.name = "with-mfa", .needs_mfa = true},
      {.name = "brief", .lifetime = 90s},
      {.name = "github", .web_identity_tokens = {"token-*"}}};
  settings.endpoints = {.instance_role = "deployer",
                        .container_role = "deployer",
                        .container_authorization = "Bearer 1",
                        .sso_role = "deployer"};
  return settings;
}

struct Account {
  Random random{1};
  Identity identity{{}, settings(), random};
  Caller ci = identity.find_key("AKIACI")->caller;
  IdentityEndpoints endpoints{identity};

  Answer<std::string> assume(const Caller& caller, const std::string& form) {
    const Answer<Json> input = sts_input("AssumeRole", form);
    return call_sts(identity, caller, "AssumeRole", *input, "id-1", kNow);
  }
  aws::AssumeRoleResponse assumed(const Caller& caller, const std::string& form) {
    const Answer<std::string> answer = assume(caller, form);
    aws::AssumeRoleResponse response;
    if (!answer) {
      ADD_FAILURE() << answer.error().message;
      return response;
    }
    const auto decoded = aws::decode_xml(aws::kSts, "AssumeRole", *answer, aws::ref(response));
    EXPECT_TRUE(decoded) << *answer;
    return response;
  }
  HttpResponse ask(std::string method, std::string path, HttpHeaders headers = {},
                   std::string query = "", std::string body = "", TimePoint now = kNow) {
    EXPECT_NE(IdentityEndpoints::operation_of(method, path), "");
    return endpoints.answer(
        {.method = std::move(method), .headers = std::move(headers), .body = std::move(body)}, path,
        query, now);
  }
};

TEST(Sts, SaysWhoCalls) {
  Account account;
  const auto xml =
      call_sts(account.identity, account.ci, "GetCallerIdentity", JsonObject{}, "id-1", kNow);
  aws::GetCallerIdentityResponse response;
  ASSERT_TRUE(aws::decode_xml(aws::kSts, "GetCallerIdentity", *xml, aws::ref(response)));
  EXPECT_EQ(response.Arn, "arn:aws:iam::111111111111:user/ci");
  EXPECT_EQ(response.Account, "111111111111");
  EXPECT_THAT(response.UserId, testing::StartsWith("AIDA"));
}

TEST(Sts, HandsOutCredentialsThatActAsTheRoleUntilTheyExpire) {
  Account account;
  const auto response = account.assumed(
      account.ci, std::string("RoleArn=") + kRole + "&RoleSessionName=run-7&DurationSeconds=900");
  EXPECT_EQ(response.AssumedRoleUser.Arn, "arn:aws:sts::111111111111:assumed-role/deployer/run-7");
  EXPECT_EQ(response.Credentials.Expiration, kNow + 900s);
  const std::string& key = response.Credentials.AccessKeyId;
  ASSERT_NE(account.identity.find_key(key), nullptr);
  EXPECT_EQ(account.identity.find_key(key)->caller.arn, response.AssumedRoleUser.Arn);
  EXPECT_EQ(account.identity.find_key(key)->session_token, response.Credentials.SessionToken);
  EXPECT_FALSE(account.identity.is_expired(key, kNow + 899s));
  EXPECT_TRUE(account.identity.is_expired(key, kNow + 900s));
}

TEST(Sts, LetsARoleSayHowLongItsCredentialsLive) {
  Account account;
  const auto response = account.assumed(
      account.ci, "RoleArn=arn:aws:iam::111111111111:role/brief&RoleSessionName=s1");
  EXPECT_EQ(response.Credentials.Expiration, kNow + 90s);
}

TEST(Sts, RefusesARoleInAwsWords) {
  struct Case {
    const char* form;
    int status;
    const char* code;
    const char* message;
  };
  const char* denied =
      "User: arn:aws:iam::111111111111:user/ci is not authorized to perform: sts:AssumeRole on "
      "resource: ";
  for (const auto& [form, status, code, message] : {
           Case{"RoleArn=arn:aws:iam::111111111111:role/nobody&RoleSessionName=ss", 403,
                "AccessDenied", "arn:aws:iam::111111111111:role/nobody"},
           Case{"RoleArn=arn:aws:iam::111111111111:role/guarded&RoleSessionName=ss", 403,
                "AccessDenied", "arn:aws:iam::111111111111:role/guarded"},
           Case{"RoleArn=arn:aws:iam::111111111111:role/with-id&RoleSessionName=ss&ExternalId=x",
                403, "AccessDenied", "arn:aws:iam::111111111111:role/with-id"},
           Case{"RoleArn=arn:aws:iam::111111111111:role/with-mfa&RoleSessionName=ss", 403,
                "AccessDenied", "arn:aws:iam::111111111111:role/with-mfa"},
       }) {
    SCOPED_TRACE(form);
    Account account;
    const auto answer = account.assume(account.ci, form);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().status, status);
    EXPECT_EQ(answer.error().code, code);
    EXPECT_EQ(answer.error().message, std::string(denied) + message);
  }
  Account account;
  const auto too_long = account.assume(
      account.ci, std::string("RoleArn=") + kRole + "&RoleSessionName=ss&DurationSeconds=7200");
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().code, "ValidationError");
  EXPECT_EQ(too_long.error().message,
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
}

TEST(Sts, AcceptsTheExternalIdAndTheMfaCodeItAskedFor) {
  Account account;
  EXPECT_TRUE(account.assume(
      account.ci,
      "RoleArn=arn:aws:iam::111111111111:role/with-id&RoleSessionName=ss&ExternalId=shop"));
  EXPECT_TRUE(account.assume(account.ci,
                             "RoleArn=arn:aws:iam::111111111111:role/with-mfa&RoleSessionName=ss"
                             "&SerialNumber=arn:aws:iam::111111111111:mfa/ci&TokenCode=123456"));
}

TEST(Sts, LimitsChainedRolesToAnHour) {
  Account account;
  account.identity.issue(*account.identity.find_role("deployer"), "s", 1h, kNow);
  Caller chained = account.ci;
  chained.has_assumed_role = true;
  chained.arn = "arn:aws:iam::111111111111:user/other";
  const auto answer = account.assume(
      chained,
      "RoleArn=arn:aws:iam::111111111111:role/guarded&RoleSessionName=ss&DurationSeconds=3601");
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("role chaining"));
}

TEST(Sts, TakesAWebIdentityTokenInPlaceOfASignature) {
  Account account;
  const auto call = [&](const std::string& form) {
    return call_sts(account.identity, {}, "AssumeRoleWithWebIdentity",
                    *sts_input("AssumeRoleWithWebIdentity", form), "id-1", kNow);
  };
  const std::string role = "RoleArn=arn:aws:iam::111111111111:role/github&RoleSessionName=ss";
  EXPECT_TRUE(call(role + "&WebIdentityToken=token-abc"));
  const auto refused = call(role + "&WebIdentityToken=other");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "AccessDenied");
  EXPECT_EQ(refused.error().message, "Not authorized to perform sts:AssumeRoleWithWebIdentity");
}

TEST(Identity, MakesUpRolesOfAnyAccountWhenToldTo) {
  Random random{1};
  Identity identity({}, {.any_role = true}, random);
  const RoleSettings* role = identity.find_role("arn:aws:iam::999999999999:role/theirs");
  ASSERT_NE(role, nullptr);
  EXPECT_EQ(identity.issue(*role, "s", 1h, kNow).assumed_role_arn,
            "arn:aws:sts::999999999999:assumed-role/theirs/s");
}

TEST(Identity, ExpiresAKeyOnDemandAndForGood) {
  Account account;
  account.identity.expire("AKIACI", kNow + 5s);
  EXPECT_FALSE(account.identity.is_expired("AKIACI", kNow));
  EXPECT_TRUE(account.identity.is_expired("AKIACI", kNow + 5s));
}

TEST(Denial, QuotesAwsForEachReason) {
  Account account;
  const Access access{"ecs:UpdateService", "arn:x", {}};
  const Policy nothing;
  Policy deny;
  deny.statements = {{.allows = false, .actions = {"*"}, .resources = {"*"}}};
  const std::string head =
      "User: arn:aws:iam::111111111111:user/ci is not authorized to perform: ecs:UpdateService on "
      "resource: arn:x ";
  Caller caller = account.ci;
  EXPECT_EQ(denial(account.identity, caller, {access}), std::nullopt);
  const std::vector<Policy> none{nothing};
  caller.policies = &none;
  EXPECT_EQ(denial(account.identity, caller, {access}),
            head + "because no identity-based policy allows the ecs:UpdateService action");
  const std::vector<Policy> denying{deny};
  caller.policies = &denying;
  EXPECT_EQ(denial(account.identity, caller, {access}),
            head + "with an explicit deny in an identity-based policy");

  Random random{1};
  IdentitySettings controlled;
  controlled.service_control_policies = {deny};
  Identity identity({}, controlled, random);
  EXPECT_EQ(denial(identity, account.ci, {access}),
            head + "with an explicit deny in a service control policy");
}

// ---- the places a credential chain asks ----

TEST(Imds, GivesRoleCredentialsForASessionToken) {
  Account account;
  const auto token =
      account.ask("PUT", "/latest/api/token", {{"x-aws-ec2-metadata-token-ttl-seconds", "60"}});
  ASSERT_EQ(token.status, 200);
  const HttpHeaders with_token{{"x-aws-ec2-metadata-token", token.body}};
  const std::string base = "/latest/meta-data/iam/security-credentials/";
  EXPECT_EQ(account.ask("GET", base, with_token).body, "deployer");
  const auto answer = account.ask("GET", base + "deployer", with_token);
  const auto document = parse_json(answer.body);
  ASSERT_TRUE(document) << answer.body;
  EXPECT_EQ(string_or_empty(*document, "Code"), "Success");
  EXPECT_NE(account.identity.find_key(string_or_empty(*document, "AccessKeyId")), nullptr);
  EXPECT_EQ(account.ask("GET", base + "other", with_token).status, 404);
  EXPECT_EQ(account.ask("GET", base, with_token, "", "", kNow + 61s).status, 401);
  EXPECT_EQ(account.ask("GET", "/latest/meta-data/placement/region", with_token).body, "eu-west-1");
}

TEST(Imds, WantsVersionTwo) {
  Account account;
  EXPECT_EQ(account.ask("GET", "/latest/meta-data/iam/security-credentials/").status, 401);
  EXPECT_EQ(account.ask("PUT", "/latest/api/token").status, 400);
  EXPECT_EQ(
      account.ask("PUT", "/latest/api/token", {{"x-aws-ec2-metadata-token-ttl-seconds", "99999"}})
          .status,
      400);
  Random random{1};
  IdentitySettings settings_v1 = settings();
  settings_v1.endpoints.imds_v1 = true;
  Identity identity({}, settings_v1, random);
  IdentityEndpoints endpoints(identity);
  EXPECT_EQ(
      endpoints.answer({.method = "GET"}, "/latest/meta-data/iam/security-credentials/", "", kNow)
          .body,
      "deployer");
}

TEST(Imds, IsNotThereWithoutAnInstanceRole) {
  Random random{1};
  Identity identity({}, {}, random);
  IdentityEndpoints endpoints(identity);
  EXPECT_EQ(endpoints.answer({.method = "PUT"}, "/latest/api/token", "", kNow).status, 404);
}

TEST(ContainerEndpoint, GivesRoleCredentialsForItsAuthorization) {
  Account account;
  const auto answer = account.ask("GET", "/v2/credentials/abc", {{"Authorization", "Bearer 1"}});
  ASSERT_EQ(answer.status, 200);
  const auto document = parse_json(answer.body);
  EXPECT_EQ(string_or_empty(*document, "RoleArn"), kRole);
  EXPECT_EQ(string_or_empty(*document, "AccountId"), "111111111111");
  EXPECT_EQ(account.ask("GET", "/v2/credentials/abc").status, 401);
}

TEST(Sso, GivesRoleCredentialsForABearerTokenAndRefreshesIt) {
  Account account;
  const auto credentials = [&](const std::string& token, TimePoint now) {
    return account.ask("GET", "/federation/credentials", {{"x-amz-sso_bearer_token", token}},
                       "role_name=deployer&account_id=111111111111", "", now);
  };
  EXPECT_EQ(credentials("stale", kNow).status, 401);
  const auto answer = credentials("sso-token", kNow);
  ASSERT_EQ(answer.status, 200);
  const auto document = parse_json(answer.body);
  const Json* role = find(*document, "roleCredentials");
  ASSERT_NE(role, nullptr);
  EXPECT_EQ(find_int(*role, "expiration"), 1767225600000 + 6 * 3600 * 1000);

  const auto refreshed =
      account.ask("POST", "/token", {}, "",
                  R"({"clientId":"c","clientSecret":"s","grantType":"refresh_token",)"
                  R"("refreshToken":"sso-refresh-token"})");
  ASSERT_EQ(refreshed.status, 200) << refreshed.body;
  const auto fresh = parse_json(refreshed.body);
  const std::string token(string_or_empty(*fresh, "accessToken"));
  EXPECT_EQ(find_int(*fresh, "expiresIn"), 8 * 3600);
  EXPECT_EQ(credentials(token, kNow + 7h).status, 200);
  EXPECT_EQ(credentials(token, kNow + 8h).status, 401);
}

TEST(Sso, SaysWhatIsWrongWithARefresh) {
  Account account;
  EXPECT_THAT(account.ask("POST", "/token", {}, "", "x").body, HasSubstr("invalid_request"));
  EXPECT_THAT(account
                  .ask("POST", "/token", {}, "",
                       R"({"clientId":"c","clientSecret":"s","grantType":"refresh_token",)"
                       R"("refreshToken":"old"})")
                  .body,
              HasSubstr("invalid_grant"));
}

}  // namespace
}  // namespace slipway::sim
