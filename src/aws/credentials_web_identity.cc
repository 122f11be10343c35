// A token from somebody AWS trusts (Kubernetes, a CI system) in a file, exchanged for a role. The
// file is read for every exchange: whoever issues the tokens replaces it long before it expires.
// https://docs.aws.amazon.com/sdkref/latest/guide/access-assume-role-web.html
#include "aws/credentials_source.h"
#include "base/text.h"

#include <fmt/format.h>

#include <utility>

namespace slipway::aws {
namespace {

constexpr std::size_t kLongestToken = 20'000;

struct WebIdentity {
  std::string token_file;
  std::string role_arn;
  std::string session_name;
  std::string source;  // of the credentials, for people
};

Result<Credentials> exchange(const CredentialWorld& world, const WebIdentity& identity) {
  TRY(std::string token,
      read_file(expand_home(identity.token_file, world.runtime.environment), kLongestToken + 2)
          .context("reading the web identity token"));
  AssumeRoleWithWebIdentityRequest request{.RoleArn = identity.role_arn,
                                           .RoleSessionName = identity.session_name,
                                           .WebIdentityToken = std::string(trim(token))};
  if (request.WebIdentityToken.empty())
    return Error{
        ErrorKind::kDenied, "credentials.web-identity",
        fmt::format("{} is empty; it should hold a web identity token", identity.token_file)};
  TRY(AssumeRoleWithWebIdentityResponse answer,
      world.sts.assume_role_with_web_identity(request).context(
          fmt::format("assuming {} with the token in {}", identity.role_arn, identity.token_file)));
  return read_credentials(answer.Credentials, identity.source);
}

Finding found(const CredentialWorld& world, WebIdentity identity) {
  return {.fetch = [&world, identity = std::move(identity)] { return exchange(world, identity); }};
}

Result<Finding> find_in(const CredentialWorld& world, const Profile& profile,
                        bool uses_environment) {
  auto value = [&](std::string_view key, std::string_view variable) -> std::string {
    if (const ConfigEntry* entry = profile.find(key)) return entry->value;
    return uses_environment ? world.runtime.environment.get(variable).value_or("") : "";
  };
  const std::string token_file = value("web_identity_token_file", "AWS_WEB_IDENTITY_TOKEN_FILE");
  if (token_file.empty()) return Finding{.said = lacks(profile, "web_identity_token_file")};
  const std::string role_arn = value("role_arn", "AWS_ROLE_ARN");
  if (role_arn.empty())
    return Error{ErrorKind::kDenied, "credentials.web-identity",
                 fmt::format("there is a web identity token in {}, but neither role_arn of profile "
                             "{} nor AWS_ROLE_ARN says which role to assume with it",
                             token_file, profile.name)};
  TRY(std::string session_name, role_session_name(world, profile.find("role_session_name")));
  return found(world, {.token_file = token_file,
                       .role_arn = role_arn,
                       .session_name = std::move(session_name),
                       .source = fmt::format("web identity of profile {}, role {}", profile.name,
                                             role_arn)});
}

}  // namespace

Result<Finding> find_web_identity_of_environment(const CredentialWorld& world, const Profile&) {
  const Environment& environment = world.runtime.environment;
  const auto token_file = environment.get_non_empty("AWS_WEB_IDENTITY_TOKEN_FILE");
  const auto role_arn = environment.get_non_empty("AWS_ROLE_ARN");
  if (!token_file) return Finding{.said = "AWS_WEB_IDENTITY_TOKEN_FILE is not set"};
  if (!role_arn) return Finding{.said = "AWS_ROLE_ARN is not set"};

  // Checked like a key of a profile, and reported under the variable's name.
  std::optional<ConfigEntry> name;
  if (auto text = environment.get_non_empty("AWS_ROLE_SESSION_NAME")) {
    auto source = std::make_shared<const SourceText>(SourceText{"environment", ""});
    name = ConfigEntry{
        .key = "AWS_ROLE_SESSION_NAME", .value = *text, .span = {.source = std::move(source)}};
  }
  TRY(std::string session_name, role_session_name(world, name ? &*name : nullptr));
  return found(world, {.token_file = *token_file,
                       .role_arn = *role_arn,
                       .session_name = std::move(session_name),
                       .source = fmt::format("web identity, role {}", *role_arn)});
}

Result<Finding> find_web_identity_of_profile(const CredentialWorld& world, const Profile& profile) {
  // Either half may come from the environment, unless a profile was given.
  return find_in(world, profile, !world.settings.is_profile_given);
}

Result<Finding> find_web_identity_in_profile(const CredentialWorld& world, const Profile& profile) {
  return find_in(world, profile, false);
}

}  // namespace slipway::aws
