// Keys written down in the credentials file or the config file. They are read again when they are
// asked for again: another tool may have put fresh ones there after the old ones expired.
#include "aws/credentials_source.h"
#include "base/text.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace slipway::aws {
namespace {

using SectionOf = const ConfigSection* Profile::*;

std::string value(const ConfigSection& section, std::string_view key) {
  const ConfigEntry* entry = section.find(key);
  return entry == nullptr ? "" : entry->value;
}

Result<Credentials> read_keys(const ConfigSection& section) {
  const ConfigEntry* id = section.find("aws_access_key_id");
  const ConfigEntry* secret = section.find("aws_secret_access_key");
  if (id == nullptr || secret == nullptr) {
    const std::string_view there = id != nullptr ? "aws_access_key_id" : "aws_secret_access_key";
    const std::string_view missing = id != nullptr ? "aws_secret_access_key" : "aws_access_key_id";
    return Error{ErrorKind::kDenied, "credentials.partial",
                 fmt::format("{}: profile {} has {}, but no {}", place_of(section.span),
                             section.name, there, missing)};
  }
  std::string token = value(section, "aws_session_token");
  if (token.empty()) token = value(section, "aws_security_token");
  return Credentials{
      .access_key_id = id->value,
      .secret_access_key = Secret(secret->value),
      .session_token = Secret(std::move(token)),
      .source = fmt::format("profile {} in {}", section.name, section.span.source->name),
      .account_id = value(section, "aws_account_id")};
}

Result<Credentials> read_keys_again(const CredentialWorld& world, const std::string& name,
                                    SectionOf section_of) {
  Diagnostics diagnostics;
  const SharedConfig now = SharedConfig::load(world.runtime.environment, diagnostics);
  for (const Diagnostic& each : diagnostics.all())
    if (each.severity == Severity::kError)
      return Error{ErrorKind::kInvalid, each.code,
                   fmt::format("{}: {}", place_of(each.span), each.message)};
  const ConfigSection* section = now.profile(name).*section_of;
  if (section == nullptr) return now.no_such_profile(name);
  return read_keys(*section);
}

Result<Finding> find_keys(const CredentialWorld& world, const Profile& profile,
                          SectionOf section_of, const std::filesystem::path& path) {
  const ConfigSection* section = profile.*section_of;
  if (path.empty()) return Finding{.said = "no home directory is known"};
  if (section == nullptr)
    return Finding{.said =
                       fmt::format("there is no profile {} in {}", profile.name, path.string())};
  if (section->find("aws_access_key_id") == nullptr &&
      section->find("aws_secret_access_key") == nullptr)
    return Finding{.said = fmt::format("profile {} in {} has no aws_access_key_id", profile.name,
                                       path.string())};
  TRY(Credentials first, read_keys(*section));
  auto unused = std::make_shared<std::optional<Credentials>>(std::move(first));
  return Finding{
      .fetch = [&world, unused, name = profile.name, section_of]() -> Result<Credentials> {
        if (auto credentials = std::exchange(*unused, std::nullopt)) return *std::move(credentials);
        return read_keys_again(world, name, section_of);
      }};
}

}  // namespace

Result<Finding> find_credentials_file(const CredentialWorld& world, const Profile& profile) {
  return find_keys(world, profile, &Profile::in_credentials, world.config.credentials_path());
}

Result<Finding> find_config_file(const CredentialWorld& world, const Profile& profile) {
  return find_keys(world, profile, &Profile::in_config, world.config.config_path());
}

}  // namespace slipway::aws
