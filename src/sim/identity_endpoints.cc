#include "sim/identity_endpoints.h"

#include "aws/sigv4.h"
#include "base/json.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace slipway::sim {
namespace {

constexpr std::string_view kTokenPath = "/latest/api/token";
constexpr std::string_view kCredentialsPath = "/latest/meta-data/iam/security-credentials";
constexpr std::string_view kSsoPath = "/federation/credentials";
constexpr std::string_view kTokenAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr int kLongestTokenSeconds = 21600;

HttpResponse plain(int status, std::string body) {
  return {status, {{"Content-Type", "text/plain"}}, std::move(body)};
}

HttpResponse json(int status, const JsonObject& body) {
  return {status, {{"Content-Type", "application/json"}}, to_text(body)};
}

// The agent's form of an error.
HttpResponse agent_error(int status, const char* code, const char* message) {
  return json(status, {{"code", code}, {"message", message}});
}

std::int64_t epoch_milliseconds(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

bool is_container_path(std::string_view path) {
  return path.starts_with("/v2/credentials") || path.starts_with("/v1/credentials");
}

// Broken escapes stay as they are.
std::string form_decoded(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return aws::uri_decode(spaced).value_or(spaced);
}

}  // namespace

std::optional<std::string> form_value(std::string_view form, std::string_view name) {
  for (std::string_view pair : split(form, '&')) {
    const auto equals = pair.find('=');
    if (form_decoded(pair.substr(0, equals)) != name) continue;
    return equals == std::string_view::npos ? "" : form_decoded(pair.substr(equals + 1));
  }
  return std::nullopt;
}

std::string_view IdentityEndpoints::operation_of(std::string_view method, std::string_view path) {
  if (path == kTokenPath) return "imds:Token";
  if (path.starts_with(kCredentialsPath))
    return path.size() <= kCredentialsPath.size() + 1 ? "imds:Roles" : "imds:Credentials";
  if (path.starts_with("/latest/")) return "imds:Metadata";
  if (is_container_path(path)) return "container:Credentials";
  if (path == kSsoPath) return "sso:GetRoleCredentials";
  if (path == "/token" && method == "POST") return "sso-oidc:CreateToken";
  return {};
}

HttpResponse IdentityEndpoints::answer(const HttpRequest& request, std::string_view path,
                                       std::string_view query, TimePoint now) {
  if (path == kTokenPath) return imds_token(request, now);
  if (path.starts_with("/latest/")) return imds(request, path, now);
  if (is_container_path(path)) return container(request, now);
  if (path == kSsoPath) return sso_role_credentials(request, query, now);
  return sso_token(request, now);
}

HttpResponse IdentityEndpoints::imds_token(const HttpRequest& request, TimePoint now) {
  if (identity_.settings().endpoints.instance_role.empty()) return plain(404, "");
  if (request.method != "PUT") return plain(405, "");
  const std::string_view ttl = find_header(request.headers, "x-aws-ec2-metadata-token-ttl-seconds");
  int seconds = 0;
  const auto [end, error] = std::from_chars(ttl.data(), ttl.data() + ttl.size(), seconds);
  if (ttl.empty() || error != std::errc() || end != ttl.data() + ttl.size() || seconds < 1 ||
      seconds > kLongestTokenSeconds)
    return plain(400, "");
  std::string token = identity_.random_text(56, kTokenAlphabet);
  imds_tokens_[token] = now + std::chrono::seconds(seconds);
  HttpResponse response = plain(200, std::move(token));
  response.headers.emplace_back("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", std::string(ttl));
  return response;
}

HttpResponse IdentityEndpoints::imds(const HttpRequest& request, std::string_view path,
                                     TimePoint now) {
  const CredentialEndpoints& settings = identity_.settings().endpoints;
  if (settings.instance_role.empty()) return plain(404, "");
  if (request.method != "GET") return plain(405, "");
  const std::string_view token = find_header(request.headers, "x-aws-ec2-metadata-token");
  const auto known = imds_tokens_.find(token);
  const bool is_valid = known != imds_tokens_.end() && now < known->second;
  if (!is_valid && (!token.empty() || !settings.imds_v1)) return plain(401, "");

  if (path == "/latest/meta-data/placement/region") return plain(200, identity_.place().region);
  if (path == "/latest/meta-data/placement/availability-zone")
    return plain(200, identity_.place().region + "a");
  if (path == "/latest/dynamic/instance-identity/document")
    return json(200, {{"accountId", identity_.place().account},
                      {"region", identity_.place().region},
                      {"availabilityZone", identity_.place().region + "a"}});
  if (!path.starts_with(kCredentialsPath)) return plain(404, "");
  path.remove_prefix(kCredentialsPath.size());
  if (path.starts_with("/")) path.remove_prefix(1);
  if (path.empty()) return plain(200, settings.instance_role);
  const RoleSettings* role = identity_.find_role(settings.instance_role);
  if (path != settings.instance_role || role == nullptr) return plain(404, "");
  const IssuedCredentials issued =
      identity_.issue(*role, "i-0123456789abcdef0", settings.lifetime, now);
  return json(200, {{"Code", "Success"},
                    {"LastUpdated", to_iso8601(now)},
                    {"Type", "AWS-HMAC"},
                    {"AccessKeyId", issued.access_key},
                    {"SecretAccessKey", issued.secret_key},
                    {"Token", issued.session_token},
                    {"Expiration", to_iso8601(issued.expires)}});
}

HttpResponse IdentityEndpoints::container(const HttpRequest& request, TimePoint now) {
  const CredentialEndpoints& settings = identity_.settings().endpoints;
  const RoleSettings* role = identity_.find_role(settings.container_role);
  if (settings.container_role.empty() || role == nullptr)
    return agent_error(404, "NotFound", "no role is attached to this task");
  if (!settings.container_authorization.empty() &&
      find_header(request.headers, "Authorization") != settings.container_authorization)
    return agent_error(401, "AccessDenied", "the authorization token is not the expected one");
  const IssuedCredentials issued = identity_.issue(*role, "container", settings.lifetime, now);
  return json(200, {{"RoleArn", issued.role_arn},
                    {"AccessKeyId", issued.access_key},
                    {"SecretAccessKey", issued.secret_key},
                    {"Token", issued.session_token},
                    {"Expiration", to_iso8601(issued.expires)},
                    {"AccountId", identity_.place().account}});
}

HttpResponse IdentityEndpoints::sso_role_credentials(const HttpRequest& request,
                                                     std::string_view query, TimePoint now) {
  const auto refused = [](int status, const char* code, const char* message) {
    HttpResponse response = json(status, {{"__type", code}, {"message", message}});
    response.headers.emplace_back("x-amzn-ErrorType", code);
    return response;
  };
  const CredentialEndpoints& settings = identity_.settings().endpoints;
  const std::string_view token = find_header(request.headers, "x-amz-sso_bearer_token");
  const auto refreshed = sso_access_tokens_.find(token);
  const bool is_valid = (refreshed != sso_access_tokens_.end() && now < refreshed->second) ||
                        (!token.empty() && token == settings.sso_access_token);
  if (!is_valid) return refused(401, "UnauthorizedException", "Session token not found or invalid");
  const std::string name = form_value(query, "role_name").value_or("");
  if (!form_value(query, "account_id") || name.empty())
    return refused(400, "InvalidRequestException", "role_name and account_id are required");
  const RoleSettings* role = identity_.find_role(name);
  if (settings.sso_role.empty() || name != settings.sso_role || role == nullptr)
    return refused(403, "ForbiddenException", "No access");
  const IssuedCredentials issued = identity_.issue(*role, "sso-user", settings.lifetime, now);
  return json(
      200, {{"roleCredentials", JsonObject{{"accessKeyId", issued.access_key},
                                           {"secretAccessKey", issued.secret_key},
                                           {"sessionToken", issued.session_token},
                                           {"expiration", epoch_milliseconds(issued.expires)}}}});
}

HttpResponse IdentityEndpoints::sso_token(const HttpRequest& request, TimePoint now) {
  const auto refused = [](const char* code, const char* description) {
    return json(400, {{"error", code}, {"error_description", description}});
  };
  const CredentialEndpoints& settings = identity_.settings().endpoints;
  const Result<Json> body = parse_json(request.body);
  if (!body) return refused("invalid_request", "the body is not JSON");
  if (string_or_empty(*body, "clientId").empty() || string_or_empty(*body, "clientSecret").empty())
    return refused("invalid_client", "clientId and clientSecret are required");
  if (string_or_empty(*body, "grantType") != "refresh_token")
    return refused("unsupported_grant_type", "only refresh_token is simulated");
  if (string_or_empty(*body, "refreshToken") != settings.sso_refresh_token)
    return refused("invalid_grant", "Invalid refresh token provided");
  const std::string token = identity_.random_text(64, kTokenAlphabet);
  sso_access_tokens_[token] = now + settings.sso_token_lifetime;
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(settings.sso_token_lifetime).count();
  return json(200, {{"accessToken", token},
                    {"expiresIn", seconds},
                    {"refreshToken", settings.sso_refresh_token},
                    {"tokenType", "Bearer"}});
}

}  // namespace slipway::sim
