// What signs a call, and where it comes from. Everything that signs borrows a `CredentialsProvider`
// and asks it before each attempt, so that a rollout of hours outlives credentials of one hour.
#pragma once

#include "base/result.h"
#include "base/text.h"
#include "base/time.h"

#include <optional>
#include <string>

namespace slipway::aws {

struct Credentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;                 // empty for long-term keys
  std::optional<TimePoint> expiration;  // nullopt: they do not expire, as far as the source says
  std::string source;                   // for people: "environment", "profile prod, role deployer"
  std::string account_id;               // empty when the source does not say
  // When nobody can renew them any more without a person; nullopt: the source goes on for as long
  // as it knows. A role's session of one hour does, as long as whoever signs for it does.
  std::optional<TimePoint> renewable_until = {};

  bool operator==(const Credentials&) const = default;
};

class CredentialsProvider {
 public:
  virtual ~CredentialsProvider() = default;

  // Valid credentials, fetched or refreshed when needed, so it may wait. kDenied when there are
  // none: the message lists what each source said.
  virtual Result<Credentials> get() = 0;

  // AWS refused what get() gave as expired: forget it, the next get() fetches anew.
  virtual void invalidate() = 0;
};

}  // namespace slipway::aws
