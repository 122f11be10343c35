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
  // A secret alone is no trigger, for the AWS tools neither; a key without its secret is a mistake.
  if (credentials.access_key_id.empty())
    return Finding{.said = credentials.secret_access_key.empty()
                               ? "AWS_ACCESS_KEY_ID is not set"
                               : "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not"};
  if (credentials.secret_access_key.empty())
    return Error{ErrorKind::kDenied, "credentials.partial",
                 "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not"};
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
