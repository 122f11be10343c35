// Who may call the simulated AWS, and as whom: users with access keys, roles that can be assumed,
// and the short-lived credentials handed out for them, which end on the virtual clock.
#pragma once

#include "base/runtime.h"
#include "base/time.h"
#include "sim/answer.h"
#include "sim/policy.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

enum class SignatureMode {
  kVerify,   // known keys only, and the signature must be right
  kLenient,  // a request must be signed, by anyone, with any signature
  kOff,      // a request need not be signed
};

struct UserSettings {
  std::string name;
  std::string access_key;
  std::string secret_key;
  std::optional<std::vector<Policy>> policies;  // nullopt: everything is allowed
};

struct RoleSettings {
  std::string name;
  std::optional<std::vector<Policy>> policies;  // nullopt: everything is allowed
  std::vector<std::string> trusted = {"*"};     // ARNs of callers who may assume it, * and ?
  std::string external_id;                      // asked for when not empty
  bool needs_mfa = false;
  Duration max_session = std::chrono::hours(1);
  std::optional<Duration> lifetime;  // of its credentials, whatever is asked for: to see them end
  std::vector<std::string> web_identity_tokens;  // accepted ones, * and ?
};

// What the metadata service, the container endpoint and SSO hand out. An empty role: not there.
struct CredentialEndpoints {
  std::string instance_role;
  bool imds_v1 = false;  // answers without a session token too
  std::string container_role;
  std::string container_authorization;  // the header's value; empty: any or none
  std::string sso_role;
  std::string sso_access_token = "sso-token";
  std::string sso_refresh_token = "sso-refresh-token";
  Duration sso_token_lifetime = std::chrono::hours(8);
  Duration lifetime = std::chrono::hours(6);  // of the credentials themselves
};

struct IdentitySettings {
  SignatureMode signatures = SignatureMode::kLenient;
  std::vector<UserSettings> users;
  std::vector<RoleSettings> roles;
  // As whom unknown access keys and unsigned requests act; the name of a user, or empty: one who
  // may do everything. Not in kVerify.
  std::string anyone;
  // Roles nobody described exist, may be assumed by all, and may do everything.
  bool any_role = false;
  std::optional<std::vector<Policy>> service_control_policies;
  CredentialEndpoints endpoints;
};

// The maker of a call. Borrows from the Identity it came from.
struct Caller {
  std::string access_key;
  std::string arn;
  std::string user_id;
  bool has_assumed_role = false;
  const std::vector<Policy>* policies = nullptr;  // null: everything is allowed
};

// What is behind an access key.
struct KeyRecord {
  Caller caller;
  std::string secret_key;
  std::string session_token;  // empty for a user's own key
  std::optional<TimePoint> expires;
};

struct IssuedCredentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;
  TimePoint expires;
  std::string role_arn;
  std::string assumed_role_arn;
  std::string assumed_role_id;  // "AROA...:session"
};

class Identity {
 public:
  Identity(PlaceInAws place, IdentitySettings settings, Random& random);
  Identity(const Identity&) = delete;  // callers point into it
  Identity& operator=(const Identity&) = delete;

  const IdentitySettings& settings() const { return settings_; }
  const PlaceInAws& place() const { return place_; }

  // nullptr for a key nobody holds.
  const KeyRecord* find_key(std::string_view access_key) const;
  // Whoever signs with a key nobody holds, or not at all, where that is allowed.
  Caller anyone(std::string_view access_key) const;
  // Who has the ARN: a user, a role, or a session of a role; anybody else may do everything.
  Caller caller_of(std::string_view arn);
  // The first user's key, for a client that was given none; empty without users.
  const UserSettings* first_user() const;

  // By name or ARN. With `any_role`, an unknown one is made; otherwise nullptr.
  const RoleSettings* find_role(std::string_view name_or_arn);
  std::string role_arn(const RoleSettings& role) const;

  IssuedCredentials issue(const RoleSettings& role, std::string_view session_name,
                          Duration lifetime, TimePoint now);
  // From now on the key is refused as expired, even one that nobody holds.
  void expire(std::string_view access_key, TimePoint now);
  bool is_expired(std::string_view access_key, TimePoint now) const;

  std::string random_text(std::size_t length, std::string_view alphabet);

 private:
  PlaceInAws place_;
  IdentitySettings settings_;
  Random& random_;
  std::map<std::string, KeyRecord, std::less<>> keys_;
  std::map<std::string, TimePoint, std::less<>> expired_;        // by order of `expire`
  std::map<std::string, RoleSettings, std::less<>> made_roles_;  // by ARN
};

enum class Denial { kNoIdentityPolicy, kIdentityPolicy, kNoControlPolicy, kControlPolicy };

// AWS's sentence for a missing permission.
std::string denial_text(const Caller& caller, const Access& access, Denial why);

// nullopt: allowed. Otherwise the sentence for the first permission that is missing.
std::optional<std::string> denial(const Identity& identity, const Caller& caller,
                                  const std::vector<Access>& needed);

}  // namespace slipway::sim
