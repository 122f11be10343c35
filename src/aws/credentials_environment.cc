// Keys in environment variables.
#include "aws/credentials_source.h"
#include "base/text.h"

#include <fmt/format.h>

#include <utility>

namespace slipway::aws {
namespace {

// A blank or a line break around a key was never meant.
std::string variable(const Environment& environment, std::string_view name) {
  return std::string(trim(environment.get(name).value_or("")));
}

}  // namespace

Result<Finding> find_environment(const CredentialWorld& world, const Profile&) {
  const Environment& environment = world.runtime.environment;
  Credentials credentials{
      .access_key_id = variable(environment, "AWS_ACCESS_KEY_ID"),
      .secret_access_key = Secret(variable(environment, "AWS_SECRET_ACCESS_KEY")),
      .session_token = Secret(variable(environment, "AWS_SESSION_TOKEN")),
      .source = "environment",
      .account_id = variable(environment, "AWS_ACCOUNT_ID")};
  if (credentials.access_key_id.empty() && credentials.secret_access_key.empty())
    return Finding{.said = "AWS_ACCESS_KEY_ID is not set"};
  for (const auto& [is_missing, name, other] :
       {std::tuple{credentials.access_key_id.empty(), "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"},
        std::tuple{credentials.secret_access_key.empty(), "AWS_SECRET_ACCESS_KEY",
                   "AWS_ACCESS_KEY_ID"}})
    if (is_missing)
      return Error{ErrorKind::kDenied, "credentials.partial",
                   fmt::format("{} is set, but {} is not", other, name)};
  // The name that older tools used.
  if (credentials.session_token.empty())
    credentials.session_token = Secret(variable(environment, "AWS_SECURITY_TOKEN"));
  if (const std::string expiration = variable(environment, "AWS_CREDENTIAL_EXPIRATION");
      !expiration.empty()) {
    credentials.expiration = parse_iso8601(expiration);
    if (!credentials.expiration)
      return Error{ErrorKind::kInvalid, "credentials.config",
                   fmt::format("AWS_CREDENTIAL_EXPIRATION: expected a time like "
                               "2026-01-01T00:00:00Z, found {}",
                               quote(expiration))};
    // A process cannot be given other variables.
    credentials.renewable_until = credentials.expiration;
  }
  return Finding{.fetch = [credentials = std::move(credentials)]() -> Result<Credentials> {
    return credentials;
  }};
}

}  // namespace slipway::aws
