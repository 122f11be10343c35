#include "execute/call_log.h"

#include "execute/requests.h"

#include <utility>

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
  if (parameters_ == CallParameters::kMasked && call.request != nullptr)
    made.parameters = masked(to_json(*call.request));
  views_.on({clock_.now(), {}, std::move(made)});
}

Json masked(Json request) {
  if (request.is_array())
    for (Json& item : request.get_array()) item = masked(std::move(item));
  if (!request.is_object()) return request;
  for (auto& member : request.get_object()) {
    Json& value = member.value();
    // A template carries a whole task definition as text.
    if (member.key() == "TemplateBody" && value.is_string()) value = "****";
    if (member.key() != "environment" || !value.is_array()) {
      value = masked(std::move(value));
      continue;
    }
    for (Json& variable : value.get_array())
      if (variable.is_object() && variable.get_object().contains("value"))
        variable.get_object()["value"] = "****";
  }
  return request;
}

}  // namespace slipway
