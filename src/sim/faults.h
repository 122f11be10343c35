// What goes wrong between a client and the simulated AWS, as data: where, when, how often, and
// what. Trouble inside AWS (images, capacity, other people) is a Happening of the world; trouble on
// the way to it is here.
#pragma once

#include "base/json.h"
#include "base/runtime.h"
#include "base/time.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway::sim {

enum class FaultKind {
  // The connection. Nothing reaches AWS.
  kRefused,         // nobody listens
  kConnectTimeout,  // no answer to the connection attempt
  // The connection, before or after the effect (`after_effect`).
  kReset,
  kNoAnswer,   // the request is read, then silence
  kHtml,       // a page of some proxy instead of AWS's answer
  kTruncated,  // the answer ends after `bytes` of its body
  // The answer comes, late or slowly.
  kSlow,       // `delay` before its first byte
  kSlowBytes,  // `bytes_per_second`
  // What AWS answers.
  kExpiredCredentials,
  kClockSkew,  // the server's clock is off by `delay`
  kThrottled,
  kAccessDenied,
  kServerError,     // 500, before or after the effect
  kUnavailable,     // a bare 503, before or after the effect
  kError,           // any modelled error: `status`, `code`, `message`
  kPartialFailure,  // 200, but `count` entries failed with `code` and `message`
};

struct FaultName {
  std::string_view name;  // as a scenario spells it
  FaultKind kind;
};
std::span<const FaultName> fault_names();

struct Fault {
  FaultKind kind = FaultKind::kThrottled;

  // Where. All that are given must match.
  std::string operation = "*";  // "ecs:UpdateService", with * and ?
  std::string access_key;
  std::vector<std::pair<std::string, std::string>> input;  // member and pattern of its text

  // When. `first_call` and `calls` count what matches everything else.
  int first_call = 1;
  std::optional<int> calls;          // nullopt: all from the first on
  std::optional<Duration> from;      // since the scenario's start, included
  std::optional<Duration> until;     // excluded
  std::string after_operation;       // only once such a call has taken effect
  std::string during_deployment_of;  // "CLUSTER/SERVICE": only while one is in progress
  double share_percent = 100;        // of the calls, drawn with the scenario's seed

  // What.
  bool after_effect = false;
  Duration delay{0};
  double bytes_per_second = 0;
  std::size_t bytes = 0;
  int status = 0;  // 0: the kind's own
  std::size_t count = 1;
  std::string code;
  std::string message;
  std::optional<Duration> retry_after;  // x-amz-retry-after
};

// One call, as the faults see it.
struct CallSeen {
  std::string_view operation;  // "ecs:UpdateService"
  std::string_view access_key;
  const Json* input = nullptr;
  TimePoint now;
};

class Faults {
 public:
  // `is_deploying` answers for "CLUSTER/SERVICE"; it is asked only by faults that depend on it.
  Faults(std::vector<Fault> faults, TimePoint start, Random& random,
         std::function<bool(std::string_view)> is_deploying);

  // The faults that strike this call, in the order they were given; counts the call.
  std::vector<const Fault*> strike(const CallSeen& call);
  // Called when an operation took effect.
  void took_effect(std::string_view operation);
  // How far the server's clock is off at this time, whoever calls.
  Duration clock_skew(TimePoint now) const;

 private:
  struct Armed {
    Fault fault;
    int matched = 0;
    bool after_seen = false;
  };

  bool is_time(const Fault& fault, TimePoint now) const;

  std::vector<Armed> faults_;
  TimePoint start_;
  Random& random_;
  std::function<bool(std::string_view)> is_deploying_;
};

}  // namespace slipway::sim
