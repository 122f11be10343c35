#include "execute/call_log.h"

namespace slipway {

void CallLog::on_attempt(const aws::AttemptReport& attempt) {
  ++calls_;
  if (attempt.throttled) ++throttled_;
}

void CallLog::on_call(const aws::CallReport& call) {
  CallMade made{.operation = std::string(call.service) + ":" + std::string(call.operation),
                .attempts = call.attempts,
                .throttled = call.throttled,
                .elapsed = call.duration,
                .outcome = "200",
                .request_id = std::string(call.request_id)};
  if (call.error != nullptr) made.outcome = call.error->code;
  views_.on({clock_.now(), {}, std::move(made)});
}

}  // namespace slipway
