// What the sources of the chain have in common. For credentials_*.cc only.
#pragma once

#include "aws/credentials_chain.h"
#include "base/json.h"

#include <string>
#include <string_view>

namespace slipway::aws {

// What a source says when it is asked whether it is set up. Set up wrongly is an Error.
struct Finding {
  Fetch fetch;       // empty: it is not set up
  std::string said;  // why not, on one line
};

using Find = Result<Finding>(const CredentialWorld& world, const Profile& profile);

Find find_environment;
Find find_web_identity_of_environment;
Find find_role;
Find find_web_identity_of_profile;
// The same without the environment: a role's source_profile means what the profile says.
Find find_web_identity_in_profile;
Find find_sso;
Find find_credentials_file;
Find find_login;
Find find_process;
Find find_config_file;
Find find_container;
Find find_instance;

// The sources inside a profile, as a role's source_profile uses them.
Result<Finding> find_in_profile(const CredentialWorld& world, const Profile& profile);

// "profile prod has no role_arn", or that there is no such profile.
std::string lacks(const Profile& profile, std::string_view key);
// kInvalid "credentials.config": "/home/me/.aws/config:12: KEY: MESSAGE".
Error config_error(const ConfigEntry& entry, std::string_view message);
void warn(const CredentialWorld& world, std::string message);

// How an answer spells the parts of credentials; an empty name means it has no such part.
struct Spelling {
  std::string_view access_key_id = "AccessKeyId";
  std::string_view secret_access_key = "SecretAccessKey";
  std::string_view session_token = "Token";
  std::string_view expiration = "Expiration";
  std::string_view account_id = "AccountId";
  bool may_last = false;  // token and expiration may be missing
};
// kUnavailable "credentials.answer", naming every member that is missing or unusable and `who`
// gave it, but never a value.
Result<Credentials> read_credentials(const Json& answer, const Spelling& spelling,
                                     std::string_view who);

// What STS handed out; the same errors.
Result<Credentials> read_credentials(const StsCredentials& answer, std::string source);

// The name under which a role's session shows up in logs: as configured, else ours.
Result<std::string> role_session_name(const CredentialWorld& world, const ConfigEntry* configured);

}  // namespace slipway::aws
