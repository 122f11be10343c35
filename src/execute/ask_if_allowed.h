// Calls that another tool's role may not allow, but whose answer must not be guessed where it does:
// a denial is done without, trouble is waited out, and what stays is an error.
#pragma once

#include "base/result.h"
#include "execute/context.h"
#include "execute/patience.h"

#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace slipway {

// nullopt: it is not allowed, and `consequence` was said, as by OptionalCalls.
template <class Req, class Resp>
Result<std::optional<Resp>> ask_if_allowed(Context& context,
                                           const aws::Operation<Req, Resp>& operation,
                                           const std::type_identity_t<Req>& request,
                                           std::string_view consequence,
                                           Duration patience = std::chrono::minutes(1)) {
  if (std::optional<Resp> answer = context.optional.call(operation, request, consequence))
    return answer;
  if (context.optional.is_denied(operation.name)) return std::optional<Resp>();
  Result<Resp> again = patiently(context.clock(), patience,
                                 [&] { return context.clients.call(operation, request); });
  if (!again) return std::move(again).error();
  return std::optional<Resp>(std::move(*again));
}

}  // namespace slipway
