#include "aws/credentials_chain.h"

#include "aws/credentials_source.h"
#include "aws/exchange.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway::aws {
namespace {

struct Source {
  std::string_view name;
  Find* find;
  bool is_of_environment = false;  // passed over when a profile is given
  bool is_probe = false;           // only asking tells whether it is there at all
  bool is_of_machine = false;
};

constexpr Source kSources[] = {
    {.name = "environment", .find = find_environment, .is_of_environment = true},
    {.name = "web identity", .find = find_web_identity_of_environment, .is_of_environment = true},
    {.name = "role", .find = find_role},
    {.name = "profile's identity", .find = find_web_identity_of_profile},
    {.name = "SSO", .find = find_sso},
    {.name = "credentials file", .find = find_credentials_file},
    {.name = "console login", .find = find_login},
    {.name = "process", .find = find_process},
    {.name = "config file", .find = find_config_file},
    {.name = "container", .find = find_container, .is_of_machine = true},
    {.name = "EC2 instance", .find = find_instance, .is_probe = true, .is_of_machine = true},
};
constexpr Find* kSourcesInProfile[] = {find_web_identity_in_profile,
                                       find_sso,
                                       find_credentials_file,
                                       find_login,
                                       find_process,
                                       find_config_file};

// These two travel in headers. A line break copied along with a key would otherwise come back as
// a signature that does not match.
Result<Credentials> checked(Result<Credentials> credentials) {
  if (!credentials) return credentials;
  auto is_sendable = [](std::string_view text) {
    return std::ranges::all_of(text, [](unsigned char c) { return c > ' ' && c < 0x7f; });
  };
  struct Part {
    std::string_view name, text;
  };
  for (const auto& [name, text] :
       {Part{"access key id", credentials->access_key_id},
        Part{"secret access key", credentials->secret_access_key.reveal()},
        Part{"session token", credentials->session_token.reveal()}})
    if (!is_sendable(text))
      return Error{ErrorKind::kDenied, "credentials.characters",
                   fmt::format("the {} from {} has blanks, line breaks or other characters in it "
                               "that no key has",
                               name, credentials->source)};
  return credentials;
}

// The keys of the command line. A session token in the environment belongs to other keys.
Fetch given_keys(const GivenIdentity& given) {
  if (given.access_key_id.empty()) return {};
  return [credentials = Credentials{.access_key_id = given.access_key_id,
                                    .secret_access_key = given.secret_access_key,
                                    .source = "command line"}]() -> Result<Credentials> {
    return credentials;
  };
}

// The profiles there are, when none of them was chosen.
std::string hint(const CredentialWorld& world) {
  if (world.config.profile(world.settings.profile).exists()) return "";
  const std::vector<std::string> names = world.config.profile_names();
  if (names.empty()) return "";
  return fmt::format("\nThere are profiles: choose one of {} with --profile or AWS_PROFILE",
                     join(names, ", "));
}

}  // namespace

CredentialChain::CredentialChain(CredentialWorld world)
    : world_(std::move(world)),
      cache_(
          world_.runtime.fibers, [this] { return fetch(); },
          [this](std::string message) { warn(world_, std::move(message)); }) {
  if (!world_.run)
    world_.run = [this](const std::vector<std::string>& words) {
      return run_process(words, world_.runtime.environment.all());
    };
}

Result<Credentials> CredentialChain::fetch() {
  auto getting = [](std::string_view name) { return fmt::format("getting credentials: {}", name); };
  if (!chosen_) {
    chosen_ = given_keys(world_.settings.identity);
    label_ = "command line";
  }
  if (chosen_) return checked(chosen_()).context(getting(label_));

  const Profile profile = world_.config.profile(world_.settings.profile);
  std::string message = "no AWS credentials were found";
  for (const Source& source : kSources) {
    if (source.is_of_environment && world_.settings.is_profile_given) {
      message += fmt::format("\n  {}: passed over, because a profile is given", source.name);
      continue;
    }
    if (!source.is_of_machine && world_.settings.identity.only_machine_role) continue;
    TRY(Finding finding, source.find(world_, profile).context(getting(source.name)));
    if (finding.fetch) {
      auto credentials = checked(finding.fetch());
      if (credentials) {
        chosen_ = std::move(finding.fetch);
        label_ = source.name;
        return credentials;
      }
      if (!source.is_probe || is_called_off(credentials.error()))
        return std::move(credentials).context(getting(source.name));
      finding.said = credentials.error().message;
    }
    message += fmt::format("\n  {}: {}", source.name, finding.said);
  }
  return Error{ErrorKind::kDenied, "credentials.none", message + hint(world_)};
}

Result<Finding> find_in_profile(const CredentialWorld& world, const Profile& profile) {
  for (Find* const find : kSourcesInProfile) {
    TRY(Finding finding, find(world, profile));
    if (finding.fetch) return finding;
  }
  return Finding{.said = fmt::format("profile {} has no credentials", profile.name)};
}

std::string lacks(const Profile& profile, std::string_view key) {
  if (!profile.exists()) return fmt::format("there is no profile {}", profile.name);
  return fmt::format("profile {} has no {}", profile.name, key);
}

Error config_error(const ConfigEntry& entry, std::string_view message) {
  return Error{ErrorKind::kInvalid, "credentials.config",
               fmt::format("{}: {}: {}", place_of(entry.span), entry.key, message)};
}

void warn(const CredentialWorld& world, std::string message) {
  if (world.warn) world.warn(std::move(message));
}

Result<Credentials> read_credentials(const Json& answer, const Spelling& spelling,
                                     std::string_view who) {
  Credentials credentials{.source = std::string(who)};
  std::vector<std::string> missing;
  auto text = [&](std::string_view name, bool is_optional) -> std::string {
    const auto value = find_string(answer, name);
    if ((!value || value->empty()) && !is_optional) missing.emplace_back(name);
    return std::string(value.value_or(""));
  };
  credentials.access_key_id = text(spelling.access_key_id, false);
  credentials.secret_access_key = Secret(text(spelling.secret_access_key, false));
  credentials.session_token = Secret(text(spelling.session_token, spelling.may_last));
  credentials.account_id = text(spelling.account_id, true);

  // ISO 8601, or milliseconds since 1970 as the SSO portal counts.
  const Json* const expiration = find(answer, spelling.expiration);
  if (expiration != nullptr) {
    if (expiration->is_string()) {
      credentials.expiration = parse_iso8601(std::string_view(expiration->get_string()));
    } else if (auto milliseconds = find_int(answer, spelling.expiration)) {
      // A time that a 64-bit count of microseconds cannot hold is no time.
      if (*milliseconds > 0 && *milliseconds < 1'000'000'000'000'000)
        credentials.expiration = TimePoint(std::chrono::milliseconds(*milliseconds));
    }
  }
  if (!credentials.expiration && (expiration != nullptr || !spelling.may_last))
    missing.emplace_back(spelling.expiration);

  if (missing.empty()) return credentials;
  return Error{ErrorKind::kUnavailable, "credentials.answer",
               fmt::format("{} answered without a usable {}", who, join(missing, ", "))};
}

Result<Credentials> read_credentials(const StsCredentials& answer, std::string source) {
  if (answer.AccessKeyId.empty() || answer.SecretAccessKey.empty() || answer.SessionToken.empty() ||
      !answer.Expiration)
    return Error{ErrorKind::kUnavailable, "credentials.answer",
                 "STS answered without usable credentials"};
  return Credentials{.access_key_id = answer.AccessKeyId,
                     .secret_access_key = Secret(answer.SecretAccessKey),
                     .session_token = Secret(answer.SessionToken),
                     .expiration = answer.Expiration,
                     .source = std::move(source)};
}

}  // namespace slipway::aws
