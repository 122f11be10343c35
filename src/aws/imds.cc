#include "aws/imds.h"

#include "aws/exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway::aws {
namespace {

constexpr auto kTokenLifetime = std::chrono::hours(6);

}  // namespace

Imds::Imds(Runtime& runtime, ImdsSettings settings)
    : runtime_(runtime), settings_(std::move(settings)) {
  while (settings_.endpoint.ends_with('/')) settings_.endpoint.pop_back();
}

HttpRequest Imds::request(std::string_view method, std::string_view path) const {
  return {.method = std::string(method),
          .url = settings_.endpoint + std::string(path),
          .connect_timeout = settings_.timeout,
          .total_timeout = settings_.timeout,
          .use_proxy = false};
}

Result<Imds::Token> Imds::fetch_token() {
  HttpRequest ask = request("PUT", "/latest/api/token");
  ask.headers = {{"x-aws-ec2-metadata-token-ttl-seconds",
                  fmt::to_string(kTokenLifetime / std::chrono::seconds(1))}};
  // An instance from before version 2 does not know the path; a container behind one hop too many
  // gets no answer to it, while version 1 would answer.
  const Token version_1{.expires = runtime_.clock().now() + kTokenLifetime};
  Error last;
  for (int attempt = 1; attempt <= settings_.attempts; ++attempt) {
    const TimePoint asked = runtime_.clock().now();
    auto answer = runtime_.transport.send(ask);
    if (!answer) {
      if (is_called_off(answer.error())) return std::move(answer).error();
      if (answer.error().code == "http.read-timeout") return version_1;
      last = Error{
          ErrorKind::kNotFound, "imds.absent",
          fmt::format("nobody answers at {}: {}", settings_.endpoint, answer.error().message)};
      continue;
    }
    const std::string_view text = trim(answer->body);
    const bool is_sendable = !text.empty() && std::ranges::none_of(text, [](unsigned char c) {
      return c <= ' ' || c >= 0x7f;
    });
    if (answer->status == 200 && is_sendable)
      return Token{.text = Secret(std::string(text)), .expires = asked + kTokenLifetime};
    if (answer->status == 403 || answer->status == 404 || answer->status == 405) return version_1;
    last = Error{
        answer->status == 400 ? ErrorKind::kInvalid : ErrorKind::kUnavailable, "imds.token",
        answer->status == 200
            ? fmt::format("{} answered something that is no session token", settings_.endpoint)
            : fmt::format("{} answered {} when asked for a session token", settings_.endpoint,
                          answer->status)};
    if (answer->status == 400) break;
  }
  return last;
}

Result<std::string> Imds::get(std::string_view path) {
  if (settings_.is_disabled)
    return Error{ErrorKind::kNotFound, "imds.disabled", "AWS_EC2_METADATA_DISABLED is true"};

  Error last;
  bool may_renew_token = true;
  for (int attempt = 1; attempt <= settings_.attempts; ++attempt) {
    if (!token_ || runtime_.clock().now() >= token_->expires) {
      TRY(token_, fetch_token());
      may_renew_token = false;
    }
    if (!token_->text && settings_.is_v1_disabled)
      return Error{ErrorKind::kDenied, "imds.v1-disabled",
                   fmt::format("{} gives out no session token, and version 1, which needs none, is "
                               "disabled by AWS_EC2_METADATA_V1_DISABLED or "
                               "ec2_metadata_v1_disabled",
                               settings_.endpoint)};
    HttpRequest ask = request("GET", path);
    if (token_->text) ask.headers = {{"x-aws-ec2-metadata-token", token_->text->reveal()}};
    auto answer = runtime_.transport.send(ask);
    if (!answer) {
      if (is_called_off(answer.error())) return std::move(answer).error();
      last = Error{
          ErrorKind::kNotFound, "imds.absent",
          fmt::format("nobody answers at {}: {}", settings_.endpoint, answer.error().message)};
      continue;
    }
    if (answer->status == 200 && !answer->body.empty()) return std::move(answer->body);
    if (answer->status == 404)
      return Error{ErrorKind::kNotFound, "imds.no-such-path",
                   fmt::format("{} knows no {}", settings_.endpoint, path)};
    if (answer->status == 401 && std::exchange(may_renew_token, false)) {
      // The instance was replaced under our feet, or the clock jumped.
      token_.reset();
      --attempt;
      continue;
    }
    last = Error{ErrorKind::kUnavailable, "imds.answer",
                 answer->status == 200
                     ? fmt::format("{}{} answered nothing", settings_.endpoint, path)
                     : fmt::format("{}{} answered {}", settings_.endpoint, path, answer->status)};
  }
  return last;
}

}  // namespace slipway::aws
