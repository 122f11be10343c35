// Calls that tell more but are not needed. Whoever comes from another tool brings that tool's role,
// which may not allow them: a denial costs one call, is said once and never fails the run.
#pragma once

#include "aws/clients.h"
#include "base/fiber.h"
#include "base/gate.h"
#include "execute/event_stream.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

class OptionalCalls {
 public:
  OptionalCalls(Fibers& fibers, aws::Clients& clients, EventStream& events)
      : fibers_(fibers), clients_(clients), events_(events) {}

  // nullopt when it is not allowed, or did not work out. `consequence` says what is done without
  // it: "stopped tasks are found by the service's events only".
  template <class Req, class Resp>
  std::optional<Resp> call(const aws::Operation<Req, Resp>& operation,
                           const std::type_identity_t<Req>& request, std::string_view consequence) {
    if (!may_ask(operation.name)) return std::nullopt;
    Result<Resp> reply = clients_.call(operation, request);
    if (reply) {
      answered(operation.name, Permission::kGranted);
      return std::move(*reply);
    }
    failed(operation.name, reply.error(), consequence);
    return std::nullopt;
  }

  // Whether a call of it was refused in this run.
  bool is_denied(std::string_view operation) const;

 private:
  // While the first call of an operation is on its way the others wait for what it teaches.
  enum class Permission { kUnknown, kAsking, kGranted, kDenied };
  struct Operation {
    explicit Operation(Fibers& fibers) : told(fibers) {}
    Permission permission = Permission::kUnknown;
    Bell told;
  };

  bool may_ask(std::string_view operation);
  void answered(std::string_view operation, Permission permission);
  void failed(std::string_view operation, const Error& error, std::string_view consequence);
  Operation& find(std::string_view operation);

  Fibers& fibers_;
  aws::Clients& clients_;
  EventStream& events_;
  std::map<std::string, Operation, std::less<>> operations_;
};

}  // namespace slipway
