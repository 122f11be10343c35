#include "sim/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway::sim {
namespace {

constexpr std::string_view kIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kSecretAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// "AIDA" or "AROA" and 16 characters: the same for one name whatever the seed, because policies and
// logs refer to it.
std::string stable_id(std::string_view prefix, std::string_view name) {
  std::uint64_t hash = 1469598103934665603u;  // FNV-1a
  std::string id(prefix);
  for (int i = 0; i < 16; ++i) {
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    hash ^= static_cast<std::uint64_t>(i) + 1;
    id += kIdAlphabet[(hash >> 40) % kIdAlphabet.size()];
  }
  return id;
}

std::string_view last_part(std::string_view arn) {
  const auto slash = arn.rfind('/');
  return slash == std::string_view::npos ? arn : arn.substr(slash + 1);
}

}  // namespace

Identity::Identity(PlaceInAws place, IdentitySettings settings, Random& random)
    : place_(std::move(place)), settings_(std::move(settings)), random_(random) {
  for (const UserSettings& user : settings_.users) {
    KeyRecord record;
    record.caller = {
        .access_key = user.access_key,
        .arn = fmt::format("arn:{}:iam::{}:user/{}", place_.partition, place_.account, user.name),
        .user_id = stable_id("AIDA", user.name),
        .policies = user.policies ? &*user.policies : nullptr};
    record.secret_key = user.secret_key;
    keys_.emplace(user.access_key, std::move(record));
  }
}

const KeyRecord* Identity::find_key(std::string_view access_key) const {
  const auto found = keys_.find(access_key);
  return found == keys_.end() ? nullptr : &found->second;
}

Caller Identity::anyone(std::string_view access_key) const {
  for (const UserSettings& user : settings_.users) {
    if (user.name != settings_.anyone) continue;
    Caller caller = find_key(user.access_key)->caller;
    caller.access_key = access_key;
    return caller;
  }
  return {.access_key = std::string(access_key),
          .arn = fmt::format("arn:{}:iam::{}:user/anyone", place_.partition, place_.account),
          .user_id = stable_id("AIDA", "anyone")};
}

Caller Identity::caller_of(std::string_view arn) {
  Caller caller{.access_key = {}, .arn = std::string(arn), .user_id = {}};
  for (const auto& [key, record] : keys_)
    if (record.caller.arn == arn) return record.caller;
  // "assumed-role/NAME/SESSION" and "role/PATH/NAME"
  constexpr std::string_view kSession = ":assumed-role/";
  std::string_view role_name = last_part(arn);
  if (const auto session = arn.find(kSession); session != std::string_view::npos) {
    role_name = arn.substr(session + kSession.size());
    role_name = role_name.substr(0, role_name.find('/'));
  } else if (arn.find(":role/") == std::string_view::npos) {
    return caller;
  }
  caller.has_assumed_role = true;
  for (const RoleSettings& role : settings_.roles)
    if (role.policies && last_part(role.name) == role_name) caller.policies = &*role.policies;
  return caller;
}

const UserSettings* Identity::first_user() const {
  return settings_.users.empty() ? nullptr : &settings_.users.front();
}

std::string Identity::role_arn(const RoleSettings& role) const {
  if (role.name.starts_with("arn:")) return role.name;
  return fmt::format("arn:{}:iam::{}:role/{}", place_.partition, place_.account, role.name);
}

const RoleSettings* Identity::find_role(std::string_view name_or_arn) {
  for (const RoleSettings& role : settings_.roles)
    if (role.name == name_or_arn || role_arn(role) == name_or_arn) return &role;
  if (!settings_.any_role || name_or_arn.empty()) return nullptr;
  const auto found = made_roles_.find(name_or_arn);
  if (found != made_roles_.end()) return &found->second;
  RoleSettings role;
  role.name = name_or_arn;
  role.max_session = std::chrono::hours(12);
  role.web_identity_tokens = {"*"};
  return &made_roles_.emplace(role.name, role).first->second;
}

std::string Identity::random_text(std::size_t length, std::string_view alphabet) {
  std::string text;
  for (std::size_t i = 0; i < length; ++i) text += alphabet[random_.below(alphabet.size())];
  return text;
}

IssuedCredentials Identity::issue(const RoleSettings& role, std::string_view session_name,
                                  Duration lifetime, TimePoint now) {
  IssuedCredentials issued;
  issued.access_key = "ASIA" + random_text(16, kIdAlphabet);
  issued.secret_key = random_text(40, kSecretAlphabet);
  issued.session_token = "IQoJb3JpZ2luX2Vj" + random_text(240, kSecretAlphabet) + "==";
  // AWS gives whole seconds.
  issued.expires = std::chrono::floor<std::chrono::seconds>(now + lifetime);
  issued.role_arn = role_arn(role);
  const std::string_view name = last_part(issued.role_arn);
  // The account is the role's own: a role of another account may be assumed too.
  std::string_view rest = issued.role_arn;
  for (int part = 0; part < 4; ++part)
    rest.remove_prefix(std::min(rest.find(':') + 1, rest.size()));
  issued.assumed_role_arn = fmt::format("arn:{}:sts::{}:assumed-role/{}/{}", place_.partition,
                                        rest.substr(0, rest.find(':')), name, session_name);
  issued.assumed_role_id = fmt::format("{}:{}", stable_id("AROA", name), session_name);

  KeyRecord record;
  record.caller = {.access_key = issued.access_key,
                   .arn = issued.assumed_role_arn,
                   .user_id = issued.assumed_role_id,
                   .has_assumed_role = true,
                   .policies = role.policies ? &*role.policies : nullptr};
  record.secret_key = issued.secret_key;
  record.session_token = issued.session_token;
  record.expires = issued.expires;
  keys_.emplace(issued.access_key, std::move(record));
  return issued;
}

void Identity::expire(std::string_view access_key, TimePoint now) {
  expired_.emplace(access_key, now);
}

bool Identity::is_expired(std::string_view access_key, TimePoint now) const {
  const auto ordered = expired_.find(access_key);
  if (ordered != expired_.end() && now >= ordered->second) return true;
  const KeyRecord* key = find_key(access_key);
  return key != nullptr && key->expires && now >= *key->expires;
}

std::string denial_text(const Caller& caller, const Access& access, Denial why) {
  const auto reason = [&]() -> std::string {
    switch (why) {
      case Denial::kNoIdentityPolicy:
        return fmt::format("because no identity-based policy allows the {} action", access.action);
      case Denial::kIdentityPolicy:
        return "with an explicit deny in an identity-based policy";
      case Denial::kNoControlPolicy:
        return fmt::format("because no service control policy allows the {} action", access.action);
      case Denial::kControlPolicy:
        return "with an explicit deny in a service control policy";
    }
    return "";
  };
  return fmt::format("User: {} is not authorized to perform: {} on resource: {} {}", caller.arn,
                     access.action, access.resource, reason());
}

std::optional<std::string> denial(const Identity& identity, const Caller& caller,
                                  const std::vector<Access>& needed) {
  const auto& control = identity.settings().service_control_policies;
  for (const Access& access : needed) {
    if (control) {
      const Verdict verdict = evaluate(*control, access);
      if (verdict == Verdict::kExplicitDeny)
        return denial_text(caller, access, Denial::kControlPolicy);
      if (verdict == Verdict::kNoAllow)
        return denial_text(caller, access, Denial::kNoControlPolicy);
    }
    if (caller.policies == nullptr) continue;
    const Verdict verdict = evaluate(*caller.policies, access);
    if (verdict == Verdict::kExplicitDeny)
      return denial_text(caller, access, Denial::kIdentityPolicy);
    if (verdict == Verdict::kNoAllow) return denial_text(caller, access, Denial::kNoIdentityPolicy);
  }
  return std::nullopt;
}

}  // namespace slipway::sim
