// Credentials that renew themselves. Whoever signs asks before each attempt; here the answer is
// remembered until it comes near its end:
//
//   fetched ------------------- advisory ------ mandatory ------ expires
//              handed out        (15 min)         (10 min)
//                                one fiber         every fiber
//                                tries,            waits for
//                                failure is        new ones, failure
//                                a warning         is an error
//
// Credentials that live for less than half an hour get windows of a half and a third of their life,
// so that a short session is not renewed at every call.
#pragma once

#include "aws/credentials.h"
#include "base/fiber.h"
#include "base/gate.h"

#include <functional>
#include <optional>
#include <string>

namespace slipway::aws {

// Goes to the source; may wait.
using Fetch = std::function<Result<Credentials>()>;
// One sentence for a person.
using Warn = std::function<void(std::string)>;

class CachedProvider final : public CredentialsProvider {
 public:
  CachedProvider(Fibers& fibers, Fetch fetch, Warn warn = {});

  // At most one fetch at a time, whatever the number of fibers; a failure is everybody's who
  // waited for it. Fetched credentials that are already expired are kDenied "credentials.expired".
  Result<Credentials> get() override;

  // Takes effect at once, except for what cannot be meant: while a fetch is under way, or just
  // after one, the refusal was of the credentials before.
  void invalidate() override;

 private:
  enum class Need { kNone, kSoon, kNow };
  Need need() const;
  Result<void> refresh();

  Fibers& fibers_;
  Fetch fetch_;
  Warn warn_;
  std::optional<Credentials> current_;
  TimePoint fetched_at_;
  TimePoint not_before_;  // the next attempt in the advisory window
  bool was_renewed_ = false;
  bool is_refreshing_ = false;
  std::optional<Error> failure_;  // of the latest refresh
  Bell refreshed_;
};

}  // namespace slipway::aws
