#include "sim/sim_transport.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace slipway::sim {
namespace {

Error broken(ErrorKind kind, std::string code, std::string message) {
  return {.kind = kind, .code = std::move(code), .message = std::move(message)};
}

std::string host_of(const HttpRequest& request) { return aws::host_of(request.url); }

}  // namespace

Result<HttpResponse> SimTransport::send(const HttpRequest& request) {
  const TimePoint started = fibers_.now();
  TRY_VOID(fibers_.sleep_until(started + settings_.latency / 2));
  Delivery delivery = aws_.handle(request, fibers_.now());

  const auto give_up = [&](TimePoint when, std::string code,
                           std::string message) -> Result<HttpResponse> {
    TRY_VOID(fibers_.sleep_until(when));
    return broken(ErrorKind::kTimeout, std::move(code), std::move(message));
  };
  const TimePoint last_moment = started + request.total_timeout;
  const TimePoint first_byte = fibers_.now() + settings_.latency / 2 + delivery.delay;
  switch (delivery.kind) {
    case Delivery::Kind::kRefused:
      TRY_VOID(fibers_.sleep_until(first_byte));
      return broken(ErrorKind::kUnavailable, "http.connect",
                    fmt::format("could not connect to {}: connection refused", host_of(request)));
    case Delivery::Kind::kConnectTimeout:
      return give_up(started + std::min(request.connect_timeout, request.total_timeout),
                     "http.connect-timeout",
                     fmt::format("{} did not answer the connection attempt within {}",
                                 host_of(request), to_string(request.connect_timeout)));
    case Delivery::Kind::kReset:
      TRY_VOID(fibers_.sleep_until(first_byte));
      return broken(ErrorKind::kUnavailable, "http.reset",
                    fmt::format("{} reset the connection", host_of(request)));
    case Delivery::Kind::kNoAnswer:
      break;
    case Delivery::Kind::kWhole:
    case Delivery::Kind::kTruncated: {
      const std::size_t bytes = delivery.kind == Delivery::Kind::kTruncated
                                    ? delivery.bytes
                                    : delivery.response.body.size();
      TimePoint last_byte = first_byte;
      if (delivery.bytes_per_second > 0)
        last_byte += std::chrono::duration_cast<Duration>(
            std::chrono::duration<double>(static_cast<double>(bytes) / delivery.bytes_per_second));
      if (last_byte > last_moment) break;
      TRY_VOID(fibers_.sleep_until(last_byte));
      if (delivery.kind == Delivery::Kind::kWhole) return std::move(delivery.response);
      return broken(ErrorKind::kUnavailable, "http.truncated",
                    fmt::format("{} closed the connection after {} of {} bytes", host_of(request),
                                bytes, delivery.response.body.size()));
    }
  }
  return give_up(last_moment, "http.read-timeout",
                 fmt::format("{} sent no complete answer within {}", host_of(request),
                             to_string(request.total_timeout)));
}

}  // namespace slipway::sim
