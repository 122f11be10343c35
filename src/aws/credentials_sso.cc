// IAM Identity Center: a token that `aws sso login` left in a file is exchanged for credentials. A
// token of an sso-session can be renewed with what lies beside it; one of the legacy kind cannot.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html
#include "aws/credentials_source.h"
#include "aws/crypto.h"
#include "aws/endpoint.h"
#include "aws/exchange.h"
#include "aws/sigv4.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace slipway::aws {
namespace {

constexpr Duration kRenewBefore = std::chrono::minutes(15);

struct Sso {
  std::string profile;
  std::string session;  // empty: the legacy kind
  std::string start_url;
  std::string region;
  std::string account_id;
  std::string role_name;
  std::filesystem::path token_file;
  // A renewed token that could not be written back; the one in the file can no longer be renewed.
  std::optional<Json> unsaved;

  // What to do when the token is of no use any more.
  std::string remedy() const {
    return session.empty() ? fmt::format("run `aws sso login --profile {}`", profile)
                           : fmt::format("run `aws sso login --sso-session {}`", session);
  }
  std::string name() const {
    return session.empty() ? start_url : fmt::format("session {}", session);
  }
};

Error token_error(const Sso& sso, std::string_view what) {
  return Error{ErrorKind::kDenied, "credentials.sso",
               fmt::format("the SSO token for {} {}; {}", sso.name(), what, sso.remedy())};
}

struct Token {
  Json document;
  Secret access_token;
  TimePoint expires;
};

Result<Token> read_token(const Sso& sso, const Json& document) {
  const auto access_token = find_string(document, "accessToken");
  // Old versions of the AWS CLI wrote "UTC" for "Z".
  std::string time(string_or_empty(document, "expiresAt"));
  if (time.ends_with("UTC")) time.replace(time.size() - 3, 3, "Z");
  const auto expires = parse_iso8601(time);
  if (!access_token || access_token->empty() || !expires)
    return token_error(sso, fmt::format("in {} cannot be understood", sso.token_file.string()));
  return Token{.document = document,
               .access_token = Secret(std::string(*access_token)),
               .expires = *expires};
}

Result<Token> load_token(const Sso& sso) {
  auto text = read_file(sso.token_file, 1u << 20);
  if (!text && text.error().kind == ErrorKind::kNotFound)
    return token_error(sso, fmt::format("does not exist ({})", sso.token_file.string()));
  if (!text) return std::move(text).error();
  const Result<Json> document = parse_json(*text);
  TRY(Token token, read_token(sso, document.value_or(Json())));
  // Somebody may have logged in since.
  if (sso.unsaved) {
    TRY(Token unsaved, read_token(sso, *sso.unsaved));
    if (unsaved.expires >= token.expires) return unsaved;
  }
  return token;
}

bool can_be_renewed(const Sso& sso, const Token& token) {
  const auto registered_until =
      parse_iso8601(string_or_empty(token.document, "registrationExpiresAt"));
  return !sso.session.empty() && !string_or_empty(token.document, "refreshToken").empty() &&
         registered_until && *registered_until > token.expires;
}

// https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html
Result<Token> renew(const CredentialWorld& world, Sso& sso, const Token& old) {
  const Json& document = old.document;
  const TimePoint now = world.runtime.clock().now();
  for (std::string_view member : {"clientId", "clientSecret", "refreshToken"})
    if (string_or_empty(document, member).empty())
      return token_error(sso, fmt::format("cannot be renewed, there is no {} beside it", member));
  const auto registered_until = parse_iso8601(string_or_empty(document, "registrationExpiresAt"));
  if (!registered_until || *registered_until <= now)
    return token_error(sso, "cannot be renewed, the registration of its client has expired");

  TRY(Endpoint endpoint, resolve_endpoint("sso_oidc", sso.region, world.settings.endpoints));
  const JsonObject body{{"grantType", "refresh_token"},
                        {"clientId", string_or_empty(document, "clientId")},
                        {"clientSecret", string_or_empty(document, "clientSecret")},
                        {"refreshToken", string_or_empty(document, "refreshToken")}};
  TRY(Json answer, exchange_json(world.runtime,
                                 {.method = "POST",
                                  .url = endpoint.url + "/token",
                                  .headers = {{"Content-Type", "application/json"}},
                                  .body = to_text(body),
                                  .connect_timeout = world.settings.connect_timeout},
                                 "the SSO token service"));
  const auto access_token = find_string(answer, "accessToken");
  const auto lifetime = find_int(answer, "expiresIn");
  if (!access_token || access_token->empty() || !lifetime || *lifetime <= 0 ||
      *lifetime > 366L * 86400)
    return Error{ErrorKind::kUnavailable, "credentials.answer",
                 "the SSO token service answered without a usable token"};

  Json renewed = document;
  JsonObject& members = renewed.get_object();
  members["accessToken"] = *access_token;
  members["expiresAt"] = to_iso8601(now + std::chrono::seconds(*lifetime));
  if (auto token = find_string(answer, "refreshToken")) members["refreshToken"] = *token;
  // Other tools go on with it, and the old refresh token is spent.
  if (auto written = write_file(sso.token_file, to_text(renewed)); !written) {
    sso.unsaved = renewed;
    warn(world, fmt::format("the renewed SSO token for {} is lost when this run ends: {}",
                            sso.name(), written.error().message));
  } else {
    sso.unsaved.reset();
  }
  return read_token(sso, renewed);
}

Result<Token> valid_token(const CredentialWorld& world, Sso& sso) {
  TRY(Token token, load_token(sso));
  const TimePoint now = world.runtime.clock().now();
  if (!sso.session.empty() && token.expires - now < kRenewBefore) {
    auto renewed = renew(world, sso, token);
    if (renewed) return renewed;
    if (is_called_off(renewed.error())) return renewed;
    // The old one serves while it lasts.
    if (token.expires <= now) {
      Error error = std::move(renewed).error();
      if (error.code != "credentials.sso") {
        error.message = fmt::format("the SSO token for {} expired at {} and cannot be renewed: {}",
                                    sso.name(), to_iso8601(token.expires), error.message);
        if (error.kind == ErrorKind::kDenied) error.message += fmt::format("; {}", sso.remedy());
      }
      return error;
    }
  }
  if (token.expires <= now)
    return token_error(sso, fmt::format("expired at {}", to_iso8601(token.expires)));
  return token;
}

// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
Result<Credentials> exchange(const CredentialWorld& world, Sso& sso) {
  TRY(Token token, valid_token(world, sso));
  TRY(Endpoint endpoint, resolve_endpoint("sso", sso.region, world.settings.endpoints));
  auto answer = exchange_json(
      world.runtime,
      {.method = "GET",
       .url = fmt::format("{}/federation/credentials?role_name={}&account_id={}", endpoint.url,
                          uri_encode(sso.role_name), uri_encode(sso.account_id)),
       .headers = {{"x-amz-sso_bearer_token", token.access_token.reveal()}},
       .connect_timeout = world.settings.connect_timeout},
      "the SSO portal");
  if (!answer && answer.error().http_status == 401)
    return token_error(sso, fmt::format("is no longer accepted ({})", answer.error().message));
  if (!answer) return std::move(answer).error();
  const Json* const credentials = find(*answer, "roleCredentials");
  TRY(Credentials result, read_credentials(credentials == nullptr ? Json() : *credentials,
                                           {.access_key_id = "accessKeyId",
                                            .secret_access_key = "secretAccessKey",
                                            .session_token = "sessionToken",
                                            .expiration = "expiration",
                                            .account_id = ""},
                                           "the SSO portal"));
  result.account_id = sso.account_id;
  // What was handed out last outlives the token.
  if (!can_be_renewed(sso, token))
    result.renewable_until = std::max(token.expires, result.expiration.value_or(token.expires));
  result.source = fmt::format("SSO {}, role {}", sso.name(), sso.role_name);
  return result;
}

}  // namespace

Result<Finding> find_sso(const CredentialWorld& world, const Profile& profile) {
  if (profile.find("sso_account_id") == nullptr && profile.find("sso_role_name") == nullptr)
    return Finding{.said = lacks(profile, "sso_account_id")};

  const ConfigSection* session = nullptr;
  const ConfigEntry* const session_name = profile.find("sso_session");
  if (session_name != nullptr) {
    session = world.config.sso_session(session_name->value);
    if (session == nullptr)
      return config_error(*session_name,
                          fmt::format("there is no [sso-session {}] in {}", session_name->value,
                                      world.config.config_path().string()));
    for (const ConfigEntry& entry : session->entries) {
      const ConfigEntry* const own = profile.find(entry.key);
      if (own != nullptr && own->value != entry.value)
        return config_error(*own, fmt::format("differs from that of [sso-session {}] in {}",
                                              session->name, place_of(entry.span)));
    }
  }

  std::vector<std::string> missing;
  auto value = [&](std::string_view key) -> std::string {
    const ConfigEntry* entry = profile.find(key);
    if (entry == nullptr && session != nullptr) entry = session->find(key);
    if (entry != nullptr) return entry->value;
    missing.emplace_back(key);
    return "";
  };
  auto sso = std::make_shared<Sso>(Sso{.profile = profile.name,
                                       .session = session == nullptr ? "" : session->name,
                                       .start_url = value("sso_start_url"),
                                       .region = value("sso_region"),
                                       .account_id = value("sso_account_id"),
                                       .role_name = value("sso_role_name")});
  if (!missing.empty())
    return Error{ErrorKind::kInvalid, "credentials.config",
                 fmt::format("profile {} uses SSO, but {} {} missing", profile.name,
                             join(missing, ", "), missing.size() == 1 ? "is" : "are")};
  const auto home = world.runtime.environment.home();
  if (!home)
    return Error{ErrorKind::kDenied, "credentials.sso",
                 "no home directory is known to look for the SSO token in; set HOME"};
  sso->token_file = *home / ".aws/sso/cache" /
                    (sha1_hex(sso->session.empty() ? sso->start_url : sso->session) + ".json");
  return Finding{.fetch = [&world, sso] { return exchange(world, *sso); }};
}

}  // namespace slipway::aws
