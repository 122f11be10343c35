// What SimulatedAws knows of one call, and asks of the faults that struck it. For its own files.
#pragma once

#include "aws/service.h"
#include "aws/sigv4.h"
#include "base/json.h"
#include "base/transport.h"
#include "sim/api.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace slipway::sim {

// One call on its way through.
struct SimulatedAws::Exchange {
  const HttpRequest& request;
  TimePoint now;
  TimePoint server_time;  // `now` with the clock-skew fault

  const aws::ServiceFacts* service = nullptr;  // null for an identity endpoint
  bool is_form = false;                        // asked by query, whatever the service prefers
  std::string operation;                       // "UpdateService"
  std::string name;                            // "ecs:UpdateService"
  Json input = JsonObject{};
  std::optional<ServiceError> unreadable;  // the body could not be decoded
  std::optional<aws::Authorization> authorization;
  Caller caller;
  std::vector<const Fault*> faults;
  std::string request_id;
  std::string code;  // of the error that is answered

  aws::Protocol protocol() const {
    if (service == nullptr) return aws::Protocol::kJson11;
    return is_form && service->protocol != aws::Protocol::kEc2 ? aws::Protocol::kQuery
                                                               : service->protocol;
  }
  bool is_xml() const { return aws::answers_xml(protocol()); }
  bool is_sts() const { return service == &aws::kSts; }
  bool is_unsigned() const { return operation == "AssumeRoleWithWebIdentity"; }
};

inline bool is_struck_by(const std::vector<const Fault*>& faults, FaultKind kind,
                         bool after_effect) {
  return std::any_of(faults.begin(), faults.end(), [&](const Fault* fault) {
    return fault->kind == kind && fault->after_effect == after_effect;
  });
}

inline const Fault* find_fault(const std::vector<const Fault*>& faults,
                               std::initializer_list<FaultKind> kinds, bool after_effect) {
  for (const Fault* fault : faults)
    if (std::find(kinds.begin(), kinds.end(), fault->kind) != kinds.end() &&
        fault->after_effect == after_effect)
      return fault;
  return nullptr;
}

}  // namespace slipway::sim
