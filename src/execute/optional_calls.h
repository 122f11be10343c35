// Calls that tell more but are not needed. Whoever comes from another tool brings that tool's role,
// which may not allow them: a denial costs one call, is said once and never fails the run.
#pragma once

#include "aws/client.h"
#include "execute/event_stream.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace slipway {

class OptionalCalls {
 public:
  OptionalCalls(aws::Client& client, EventStream& events) : client_(client), events_(events) {}

  // nullopt when it is not allowed, or did not work out. `consequence` says what is done without
  // it: "stopped tasks are found by the service's events only".
  template <class Req, class Resp>
  std::optional<Resp> call(const aws::Operation<Req, Resp>& operation,
                           const std::type_identity_t<Req>& request, std::string_view consequence) {
    if (is_denied(operation.name)) return std::nullopt;
    Result<Resp> reply = client_.call(operation, request);
    if (reply) return std::move(*reply);
    failed(operation.name, reply.error(), consequence);
    return std::nullopt;
  }

  bool is_denied(std::string_view operation) const { return denied_.contains(operation); }

 private:
  void failed(std::string_view operation, const Error& error, std::string_view consequence);

  aws::Client& client_;
  EventStream& events_;
  std::set<std::string, std::less<>> denied_;
};

}  // namespace slipway
