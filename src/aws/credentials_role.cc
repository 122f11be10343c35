// A role to assume: one identity signs the call that makes it another. The first identity comes
// from another profile, which may itself be a role, or from a source that the profile names.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html
#include "aws/credentials_source.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <system_error>
#include <utility>

namespace slipway::aws {
namespace {

struct CredentialSource {
  std::string_view name;
  Find* find;
};
constexpr CredentialSource kCredentialSources[] = {{"Environment", find_environment},
                                                   {"Ec2InstanceMetadata", find_instance},
                                                   {"EcsContainer", find_container}};

// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
constexpr int kShortestSession = 900;
constexpr int kLongestSession = 43200;

bool has_keys(const Profile& profile) {
  return profile.find("aws_access_key_id") != nullptr ||
         profile.find("aws_secret_access_key") != nullptr;
}

bool is_role(const Profile& profile) {
  return profile.find("role_arn") != nullptr && profile.find("web_identity_token_file") == nullptr;
}

bool is_six_digits(std::string_view code) {
  return code.size() == 6 && std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; });
}

// What the call needs that does not change from one session to the next.
struct Role {
  AssumeRoleRequest request;
  std::string source;  // of the credentials, for people
  std::string profile;
  std::unique_ptr<CachedProvider> signer;
  std::optional<Credentials> with_mfa;  // the session that a code was given for
};

// A session outlives whoever signed for it, but there is no next one then.
std::optional<TimePoint> end_of_session(const Credentials& session, CredentialsProvider& signer) {
  const Result<Credentials> signed_by = signer.get();
  if (!signed_by || !signed_by->renewable_until) return std::nullopt;
  return std::max(*signed_by->renewable_until, session.expiration.value_or(TimePoint::min()));
}

Result<Credentials> assume(const CredentialWorld& world, Role& role) {
  AssumeRoleRequest request = role.request;
  if (!request.SerialNumber.empty()) {
    if (role.with_mfa) {
      // A code was asked for when the run began; another one in the middle of a rollout would hang
      // it. What is left of the session is used up.
      if (*role.with_mfa->expiration > world.runtime.clock().now()) return *role.with_mfa;
      return Error{ErrorKind::kDenied, "credentials.mfa",
                   fmt::format("the session of {} ended, and a new one needs another MFA code, "
                               "which is not asked for in the middle of a run; set "
                               "duration_seconds of profile {} to more than the run takes (up to "
                               "{}, and up to what the role allows)",
                               role.source, role.profile, kLongestSession)};
    }
    TRY(std::string code, world.ask(fmt::format("MFA code of {} for profile {}: ",
                                                request.SerialNumber, role.profile)));
    request.TokenCode = trim(code);
    if (!is_six_digits(request.TokenCode))
      return Error{ErrorKind::kDenied, "credentials.mfa", "an MFA code has six digits"};
  }
  TRY(AssumeRoleResponse answer, world.sts.assume_role(request, *role.signer)
                                     .context(fmt::format("assuming {}", role.source)));
  TRY(Credentials credentials, read_credentials(answer.Credentials, role.source));
  // arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION
  if (const auto arn = split(answer.AssumedRoleUser.Arn, ':'); arn.size() > 4)
    credentials.account_id = arn[4];
  if (!request.SerialNumber.empty()) {
    credentials.renewable_until = credentials.expiration;
    role.with_mfa = credentials;
    return credentials;
  }
  credentials.renewable_until = end_of_session(credentials, *role.signer);
  return credentials;
}

Result<std::optional<int>> duration(const Profile& profile) {
  const ConfigEntry* entry = profile.find("duration_seconds");
  if (entry == nullptr) return std::optional<int>();
  int seconds = 0;
  const char* const end = entry->value.data() + entry->value.size();
  const auto [stopped, failed] = std::from_chars(entry->value.data(), end, seconds);
  if (failed != std::errc() || stopped != end || seconds < kShortestSession ||
      seconds > kLongestSession)
    return config_error(
        *entry, fmt::format("expected a whole number from {} to {}, found {}", kShortestSession,
                            kLongestSession, quote(entry->value)));
  return std::optional<int>(seconds);
}

Result<Fetch> fetch_of_role(const CredentialWorld& world, const Profile& profile,
                            std::vector<std::string> on_the_way);

// Who signs the call, by another profile.
Result<Fetch> find_source_profile(const CredentialWorld& world, const ConfigEntry& entry,
                                  std::vector<std::string> on_the_way) {
  const std::string& name = entry.value;
  const Profile source = world.config.profile(name);
  if (!source.exists()) return config_error(entry, world.config.no_such_profile(name).message);

  // A profile may name itself when it has keys too: then they sign for its role.
  const bool names_itself = name == on_the_way.back();
  const bool was_here = std::ranges::find(on_the_way, name) != on_the_way.end();
  if (was_here && !(names_itself && has_keys(source))) {
    on_the_way.push_back(name);
    return config_error(entry, fmt::format("the profiles assume each other in a circle: {}",
                                           fmt::join(on_the_way, " -> ")));
  }
  if (is_role(source) && !has_keys(source))
    return fetch_of_role(world, source, std::move(on_the_way));
  TRY(Finding finding, find_in_profile(world, source));
  if (!finding.fetch) return config_error(entry, finding.said);
  return std::move(finding.fetch);
}

// Who signs the call, by the name of a source.
Result<Fetch> find_credential_source(const CredentialWorld& world, const ConfigEntry& entry,
                                     const Profile& profile) {
  const auto* source = std::ranges::find_if(kCredentialSources, [&](const CredentialSource& each) {
    return equals_ignoring_case(each.name, entry.value);
  });
  if (source == std::end(kCredentialSources))
    return config_error(entry, fmt::format("expected Environment, Ec2InstanceMetadata or "
                                           "EcsContainer, found {}",
                                           quote(entry.value)));
  TRY(Finding finding, source->find(world, profile));
  if (!finding.fetch) return config_error(entry, fmt::format("{}: {}", source->name, finding.said));
  return std::move(finding.fetch);
}

Result<Fetch> fetch_of_role(const CredentialWorld& world, const Profile& profile,
                            std::vector<std::string> on_the_way) {
  const ConfigEntry& role_arn = *profile.find("role_arn");
  const ConfigEntry* const source_profile = profile.find("source_profile");
  const ConfigEntry* const credential_source = profile.find("credential_source");
  if (source_profile != nullptr && credential_source != nullptr)
    return config_error(
        *credential_source,
        fmt::format("profile {} has a source_profile too; one of the two has to go", profile.name));
  if (source_profile == nullptr && credential_source == nullptr)
    return config_error(role_arn, fmt::format("profile {} does not say whose credentials assume "
                                              "the role; add source_profile or credential_source",
                                              profile.name));

  auto role = std::make_shared<Role>();
  role->profile = profile.name;
  role->source = fmt::format("role {} of profile {}", role_arn.value, profile.name);
  role->request = {.RoleArn = role_arn.value,
                   .ExternalId = profile.value("external_id"),
                   .SerialNumber = profile.value("mfa_serial")};
  TRY(role->request.RoleSessionName, role_session_name(world, profile.find("role_session_name")));
  TRY(role->request.DurationSeconds, duration(profile));
  if (const ConfigEntry* mfa = profile.find("mfa_serial"); mfa != nullptr && !world.ask)
    return Error{ErrorKind::kDenied, "credentials.mfa",
                 fmt::format("profile {} wants an MFA code of {} ({}), and there is no terminal to "
                             "ask for it; get a session with `aws sts get-session-token "
                             "--serial-number {} --token-code CODE` and pass its keys in the "
                             "environment, or use a role without MFA here",
                             profile.name, mfa->value, place_of(mfa->span), mfa->value)};

  on_the_way.push_back(profile.name);
  TRY(Fetch signer, source_profile != nullptr
                        ? find_source_profile(world, *source_profile, std::move(on_the_way))
                        : find_credential_source(world, *credential_source, profile));
  role->signer = std::make_unique<CachedProvider>(
      world.runtime.fibers, std::move(signer),
      [&world](std::string message) { warn(world, std::move(message)); });
  return Fetch([&world, role] { return assume(world, *role); });
}

}  // namespace

Result<Finding> find_role(const CredentialWorld& world, const Profile& profile) {
  if (!is_role(profile)) {
    if (profile.find("role_arn") != nullptr)
      return Finding{.said = fmt::format("profile {} has a web_identity_token_file", profile.name)};
    return Finding{.said = lacks(profile, "role_arn")};
  }
  const bool has_source =
      profile.find("source_profile") != nullptr || profile.find("credential_source") != nullptr;
  const Environment& environment = world.runtime.environment;
  if (!has_source && !world.settings.is_profile_given &&
      environment.get_non_empty("AWS_WEB_IDENTITY_TOKEN_FILE"))
    return Finding{
        .said = fmt::format("the role of profile {} is left to the web identity", profile.name)};
  TRY(Fetch fetch, fetch_of_role(world, profile, {}));
  return Finding{.fetch = std::move(fetch)};
}

std::unique_ptr<CredentialsProvider> assume_role(const std::string& role_arn,
                                                 const CredentialWorld& world,
                                                 CredentialsProvider& signer) {
  Fetch fetch = [role_arn, sts = world.sts, &runtime = world.runtime,
                 &signer]() -> Result<Credentials> {
    const auto now = std::chrono::floor<std::chrono::seconds>(runtime.clock().now());
    const AssumeRoleRequest request{
        .RoleArn = role_arn, .RoleSessionName = fmt::to_string(now.time_since_epoch().count())};
    TRY(const AssumeRoleResponse answer,
        sts.assume_role(request, signer).context("assuming role " + role_arn));
    TRY(Credentials credentials, read_credentials(answer.Credentials, "role " + role_arn));
    credentials.renewable_until = end_of_session(credentials, signer);
    return credentials;
  };
  return std::make_unique<CachedProvider>(world.runtime.fibers, std::move(fetch), world.warn);
}

Result<std::string> role_session_name(const CredentialWorld& world, const ConfigEntry* configured) {
  if (configured == nullptr)
    return fmt::format("slipway-{}",
                       std::chrono::floor<std::chrono::seconds>(world.runtime.clock().now())
                           .time_since_epoch()
                           .count());
  auto is_allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("_+=,.@-").find(c) != std::string_view::npos;
  };
  const std::string& name = configured->value;
  if (name.size() < 2 || name.size() > 64 || !std::ranges::all_of(name, is_allowed))
    return config_error(*configured, fmt::format("expected 2 to 64 letters, digits or any of "
                                                 "_+=,.@-, found {}",
                                                 quote(name)));
  return name;
}

}  // namespace slipway::aws
