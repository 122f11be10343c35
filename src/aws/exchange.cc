#include "aws/exchange.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway::aws {
namespace {

// What an unreadable body looks like, without a byte of it.
std::string_view describe(std::string_view body) {
  const std::string_view text = trim(body);
  if (text.empty()) return "nothing";
  if (text.starts_with('<')) return "HTML or XML";
  if (text.starts_with('{')) return "broken JSON";
  return "something that is not JSON";
}

// {"code","message"} of the ECS agent, {"error","error_description"} of OAuth, {"__type","message"}
// of AWS's services.
Error refusal(const HttpResponse& answer, std::string_view who) {
  Error error{answer.status == 429   ? ErrorKind::kThrottled
              : answer.status >= 500 ? ErrorKind::kUnavailable
                                     : ErrorKind::kDenied,
              "exchange.status", fmt::format("{} answered {}", who, answer.status)};
  error.http_status = answer.status;
  for (std::string_view header : {"x-amzn-RequestId", "x-amzn-requestid", "x-amz-request-id"})
    if (auto id = find_header(answer.headers, header); !id.empty()) error.request_id = id;

  std::string said;
  if (auto body = parse_json(answer.body)) {
    for (std::string_view member : {"error", "code", "Code", "__type"})
      if (auto code = find_string(*body, member); code && !code->empty()) {
        error.code = code->substr(code->find('#') + 1);
        break;
      }
    for (std::string_view member : {"error_description", "message", "Message"})
      if (auto message = find_string(*body, member); message && !message->empty()) {
        said = *message;
        break;
      }
  }
  // The services of SSO put the code into a header alone.
  if (auto type = find_header(answer.headers, "x-amzn-ErrorType");
      !type.empty() && error.code == "exchange.status")
    error.code = type.substr(0, type.find(':'));

  if (error.code != "exchange.status") error.message += fmt::format(" {}", error.code);
  if (!said.empty()) {
    error.message += fmt::format(", {}", quote(said, 300));
  } else if (error.code == "exchange.status") {
    error.message += fmt::format(" with {}", describe(answer.body));
  }
  return error;
}

Result<Json> read(const HttpResponse& answer, std::string_view who) {
  if (answer.status != 200) return refusal(answer, who);
  auto body = parse_json(answer.body);
  if (body && body->is_object()) return body;
  Error error{
      ErrorKind::kUnavailable, "exchange.not-json",
      fmt::format("{} answered {}", who, body ? "JSON that is no object" : describe(answer.body))};
  error.http_status = answer.status;
  return error;
}

}  // namespace

bool is_called_off(const Error& error) {
  return error.kind == ErrorKind::kCancelled || error.code == "deadline";
}

Result<Json> exchange_json(Runtime& runtime, const HttpRequest& request, std::string_view who,
                           const Patience& patience) {
  for (int attempt = 1;; ++attempt) {
    auto answer = runtime.transport.send(request);
    if (!answer && is_called_off(answer.error())) return std::move(answer).error();
    Result<Json> result =
        answer ? read(*answer, who)
               : Error{answer.error().kind, answer.error().code,
                       fmt::format("{} cannot be reached: {}", who, answer.error().message)};
    const bool is_final =
        result || (result.error().kind == ErrorKind::kDenied && !patience.after_any_refusal);
    if (is_final || attempt >= patience.attempts) {
      if (!result && attempt > 1)
        result.error().message += fmt::format(" (after {} attempts)", attempt);
      return result;
    }
    TRY_VOID(runtime.clock().sleep_for(patience.pause));
  }
}

}  // namespace slipway::aws
