#include "sim/faults.h"

#include "sim/policy.h"

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::sim {
namespace {

constexpr std::array kNames = {
    FaultName{"refused", FaultKind::kRefused},
    FaultName{"connect-timeout", FaultKind::kConnectTimeout},
    FaultName{"reset", FaultKind::kReset},
    FaultName{"no-answer", FaultKind::kNoAnswer},
    FaultName{"html", FaultKind::kHtml},
    FaultName{"truncated", FaultKind::kTruncated},
    FaultName{"slow", FaultKind::kSlow},
    FaultName{"slow-bytes", FaultKind::kSlowBytes},
    FaultName{"expired-credentials", FaultKind::kExpiredCredentials},
    FaultName{"clock-skew", FaultKind::kClockSkew},
    FaultName{"throttled", FaultKind::kThrottled},
    FaultName{"access-denied", FaultKind::kAccessDenied},
    FaultName{"server-error", FaultKind::kServerError},
    FaultName{"unavailable", FaultKind::kUnavailable},
    FaultName{"error", FaultKind::kError},
    FaultName{"partial-failure", FaultKind::kPartialFailure},
};

std::string text_of(const Json* value) {
  if (value == nullptr) return {};
  if (value->is_string()) return std::string(value->get_string());
  return to_text(*value);
}

bool is_there(const Fault& fault, const CallSeen& call) {
  if (!matches_wildcard(fault.operation, call.operation)) return false;
  if (!fault.access_key.empty() && !matches_wildcard(fault.access_key, call.access_key))
    return false;
  return std::all_of(fault.input.begin(), fault.input.end(), [&](const auto& member) {
    return call.input != nullptr &&
           matches_wildcard(member.second, text_of(find(*call.input, member.first)));
  });
}

}  // namespace

std::span<const FaultName> fault_names() { return kNames; }

Faults::Faults(std::vector<Fault> faults, TimePoint start, Random& random,
               std::function<bool(std::string_view)> is_deploying)
    : start_(start), random_(random), is_deploying_(std::move(is_deploying)) {
  for (Fault& fault : faults) {
    const bool waits = !fault.after_operation.empty();
    faults_.push_back({std::move(fault), 0, !waits});
  }
}

bool Faults::is_time(const Fault& fault, TimePoint now) const {
  return (!fault.from || now >= start_ + *fault.from) &&
         (!fault.until || now < start_ + *fault.until);
}

std::vector<const Fault*> Faults::strike(const CallSeen& call) {
  std::vector<const Fault*> striking;
  for (Armed& armed : faults_) {
    const Fault& fault = armed.fault;
    if (fault.kind == FaultKind::kClockSkew) continue;  // belongs to the clock, not to a call
    if (!armed.after_seen || !is_time(fault, call.now) || !is_there(fault, call)) continue;
    if (!fault.during_deployment_of.empty() && !is_deploying_(fault.during_deployment_of)) continue;
    ++armed.matched;
    if (armed.matched < fault.first_call) continue;
    if (fault.calls && armed.matched >= fault.first_call + *fault.calls) continue;
    if (fault.share_percent < 100 && random_.uniform() * 100 >= fault.share_percent) continue;
    striking.push_back(&fault);
  }
  return striking;
}

void Faults::took_effect(std::string_view operation) {
  for (Armed& armed : faults_)
    if (!armed.after_seen && matches_wildcard(armed.fault.after_operation, operation))
      armed.after_seen = true;
}

Duration Faults::clock_skew(TimePoint now) const {
  Duration skew{0};
  for (const Armed& armed : faults_)
    if (armed.fault.kind == FaultKind::kClockSkew && armed.after_seen && is_time(armed.fault, now))
      skew += armed.fault.delay;
  return skew;
}

}  // namespace slipway::sim
