// Whether the new release is healthy: all targets of all its groups, and what ECS says of the
// service. Its start is waited for; later looks ask twice before they believe good news and four
// times before they believe bad news. A service that cannot start its tasks is not waited for.
#pragma once

#include "base/result.h"
#include "execute/context.h"
#include "execute/ecs_crd_say.h"
#include "execute/target_health.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway {

struct CrdHealthTimings {
  Duration starting_poll = std::chrono::seconds(5);
  Duration poll = std::chrono::seconds(15);
  int good_in_a_row = 2;
  int bad_in_a_row = 4;
  int unanswered_in_a_row = 20;  // five minutes without an answer of AWS; they are neither
  int failed_tasks = 3;          // as many, and the service is not going to start
};

// The release that is looked at.
struct CrdGreen {
  std::vector<std::string> target_groups;  // ARNs; none: a service without ports
  std::string cluster;                     // ARN
  std::string service;                     // name
  int wanted = 1;                          // tasks
  bool is_daemon = false;                  // then ECS says how many are wanted
};

class CrdHealth {
 public:
  // Borrows both.
  CrdHealth(Context& context, CrdSay& say, CrdGreen green, CrdHealthTimings timings = {});

  // Looks until it is healthy, at least until `not_before`. kFailed "health.failed" when it is not
  // by `limit`, or when its tasks keep failing, with the reasons of those that stopped.
  Result<void> wait_until_started(TimePoint not_before, TimePoint limit);
  // Looks as long as `until`, and then until it has seen two good looks in a row. kFailed
  // "health.failed" after four bad ones in a row at any time. When tasks have gone away since it
  // began, no look is good: who takes their place says nothing about those that come to it. Looks
  // that AWS does not answer are neither good nor bad, for five minutes.
  Result<void> watch(TimePoint until);

 private:
  struct Look {
    TargetsVerdict verdict = TargetsVerdict::kStarting;
    std::string words;
    std::string hopeless;     // why it is not going to start; empty: it may
    bool is_answered = true;  // else something could not be looked at
  };
  Result<Look> look();
  // Says each tick that it waits; the look that follows says the rest.
  Result<void> pause(TimePoint began, TimePoint until);
  // False when ECS does not tell.
  bool look_at_service(Look& look, int& wanted);
  std::string stopped_tasks();
  Error failed(const std::string& what, const Look& last);

  Context& context_;
  CrdSay& say_;
  CrdGreen green_;
  CrdHealthTimings timings_;
  int most_wanted_ = 0;                 // tasks at a time, so far
  std::optional<int> replaced_before_;  // tasks, at most so far
  std::optional<int> replaced_then_;    // when the watch began
};

}  // namespace slipway
