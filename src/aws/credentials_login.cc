// `aws login`: a person signed in to the console in a browser, and the command line keeps short
// credentials with a refresh token in a file. Renewing them takes a proof that we hold the private
// key the sign-in was made with (DPoP, RFC 9449).
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-login-credentials.html
#include "aws/credentials_source.h"
#include "aws/crypto.h"
#include "aws/endpoint.h"
#include "aws/exchange.h"
#include "aws/region.h"
#include "base/text.h"

#include <fmt/format.h>

#include <utility>

namespace slipway::aws {
namespace {

constexpr Duration kRenewBefore = std::chrono::minutes(5);
constexpr Spelling kSpelling{.access_key_id = "accessKeyId",
                             .secret_access_key = "secretAccessKey",
                             .session_token = "sessionToken",
                             .expiration = "expiresAt",
                             .account_id = "accountId"};

struct Login {
  std::string profile;
  std::string session;  // the ARN that login_session holds
  std::filesystem::path file;
};

Error login_error(const Login& login, std::string_view what) {
  return Error{ErrorKind::kDenied, "credentials.login",
               fmt::format("the console login {} {}; run `aws login --profile {}`", login.session,
                           what, login.profile)};
}

// The proof for one request: who we are by the public key, what for, when, and once only.
std::string proof(Runtime& runtime, const EcKey& key, const std::string& url) {
  const JsonObject header{{"typ", "dpop+jwt"},
                          {"alg", "ES256"},
                          {"jwk", JsonObject{{"kty", "EC"},
                                             {"crv", "P-256"},
                                             {"x", base64_url(key.x())},
                                             {"y", base64_url(key.y())}}}};
  const auto issued =
      std::chrono::floor<std::chrono::seconds>(runtime.clock().now()).time_since_epoch().count();
  const JsonObject payload{
      {"htm", "POST"}, {"htu", url}, {"iat", issued}, {"jti", runtime.random.uuid()}};
  const std::string text = base64_url(to_text(header)) + "." + base64_url(to_text(payload));
  return text + "." + base64_url(key.sign(text));
}

// https://docs.aws.amazon.com/signin/latest/APIReference/API_CreateOAuth2Token.html
Result<Json> renew(const CredentialWorld& world, const Login& login, const Json& old) {
  for (std::string_view member : {"clientId", "refreshToken", "dpopKey"})
    if (string_or_empty(old, member).empty())
      return login_error(
          login, fmt::format("cannot be renewed, {} has no {}", login.file.string(), member));
  auto key = EcKey::from_pem(Secret(std::string(string_or_empty(old, "dpopKey"))));
  if (!key)
    return login_error(login, fmt::format("cannot be renewed, dpopKey in {} is no private key on "
                                          "the curve P-256",
                                          login.file.string()));
  TRY(Region region, resolve_region(world.runtime, world.settings));
  TRY(Endpoint endpoint, resolve_endpoint("signin", region.name, world.settings.endpoints));
  const std::string url = endpoint.url + "/v1/token";
  const JsonObject body{{"clientId", string_or_empty(old, "clientId")},
                        {"grantType", "refresh_token"},
                        {"refreshToken", string_or_empty(old, "refreshToken")}};
  HttpRequest request{.method = "POST",
                      .url = url,
                      .body = to_text(body),
                      .connect_timeout = world.settings.connect_timeout};
  request.headers.emplace_back("Content-Type", "application/json");
  request.headers.emplace_back("DPoP", proof(world.runtime, *key, url));
  // The same refresh token gives the same answer for a while, so a lost reply may be asked for
  // again.
  auto answer = exchange_json(world.runtime, request, "AWS sign-in");
  if (!answer && answer.error().kind == ErrorKind::kDenied)
    return login_error(login, fmt::format("is over ({})", answer.error().message));
  if (!answer) return std::move(answer).error();

  const TimePoint now = world.runtime.clock().now();
  const auto lifetime = find_int(*answer, "expiresIn");
  Json keys = find(*answer, "accessToken") == nullptr ? Json() : *find(*answer, "accessToken");
  const auto refresh_token = find_string(*answer, "refreshToken");
  if (!keys.is_object() || !refresh_token || !lifetime || *lifetime <= 0 || *lifetime > 86400)
    return Error{ErrorKind::kUnavailable, "credentials.answer",
                 "AWS sign-in answered without usable credentials"};
  keys.get_object()["expiresAt"] = to_iso8601(now + std::chrono::seconds(*lifetime));
  if (const Json* old_keys = find(old, "accessToken"))
    if (auto account = find_string(*old_keys, "accountId"))
      keys.get_object()["accountId"] = *account;
  TRY_VOID(read_credentials(keys, kSpelling, "AWS sign-in"));

  Json renewed = old;
  renewed.get_object()["accessToken"] = std::move(keys);
  renewed.get_object()["refreshToken"] = *refresh_token;
  return renewed;
}

Result<Credentials> read_login(const CredentialWorld& world, const Login& login) {
  auto text = read_file(login.file, 1u << 20);
  if (!text && text.error().kind == ErrorKind::kNotFound)
    return login_error(login, fmt::format("does not exist ({})", login.file.string()));
  if (!text) return std::move(text).error();
  auto document = parse_json(*text);
  const Json* keys = document ? find(*document, "accessToken") : nullptr;
  auto credentials = read_credentials(keys == nullptr ? Json() : *keys, kSpelling, "the file");
  if (!credentials)
    return login_error(login, fmt::format("in {} cannot be understood", login.file.string()));

  if (*credentials->expiration - world.runtime.clock().now() < kRenewBefore) {
    auto renewed = renew(world, login, *document);
    if (renewed) {
      credentials = read_credentials(*find(*renewed, "accessToken"), kSpelling, "AWS sign-in");
      if (auto written = write_file(login.file, to_text(*renewed)); !written)
        warn(world, fmt::format("the renewed console login is lost when this run ends: {}",
                                written.error().message));
    } else if (is_called_off(renewed.error()) ||
               *credentials->expiration <= world.runtime.clock().now()) {
      return std::move(renewed).error();
    }
  }
  if (credentials) credentials->source = fmt::format("console login {}", login.session);
  return credentials;
}

}  // namespace

Result<Finding> find_login(const CredentialWorld& world, const Profile& profile) {
  const ConfigEntry* session = profile.find("login_session");
  if (session == nullptr) return Finding{.said = lacks(profile, "login_session")};
  const Environment& environment = world.runtime.environment;
  Login login{.profile = profile.name, .session = session->value};
  const std::string name = hex(sha256(session->value)) + ".json";
  if (auto directory = environment.get_non_empty("AWS_LOGIN_CACHE_DIRECTORY")) {
    login.file = expand_home(*directory, environment) / name;
  } else if (const auto home = environment.home()) {
    login.file = *home / ".aws/login/cache" / name;
  } else {
    return Error{ErrorKind::kDenied, "credentials.login",
                 "no home directory is known to look for the console login in; set HOME"};
  }
  return Finding{.fetch = [&world, login] { return read_login(world, login); }};
}

}  // namespace slipway::aws
