// For tests of single sequences: an AWS that answers each operation by a function of its input, on
// virtual time, and keeps what it was asked.
#pragma once

#include "base/fiber.h"
#include "execute/world_for_test.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace slipway {

class ScriptedAws final : public Transport {
 public:
  struct Call {
    TimePoint at;
    std::string operation;
    Json input;
  };
  // The answer's document, or an Error whose code and message AWS answers with 400.
  using Answer = std::function<Result<Json>(const Json& input)>;

  explicit ScriptedAws(Fibers& fibers) : fibers_(fibers) {}

  Result<HttpResponse> send(const HttpRequest& request) override {
    TRY_VOID(fibers_.sleep_until(fibers_.now()));
    const std::string_view target = find_header(request.headers, "X-Amz-Target");
    std::string operation(target.substr(target.rfind('.') + 1));
    if (operation.empty() && request.url.find("/schedules") != std::string::npos)
      operation =
          request.url.find("/schedules/") != std::string::npos ? "GetSchedule" : "ListSchedules";
    const Json input = request.body.empty() ? Json(JsonObject{}) : parse_json(request.body).value();
    calls.push_back({fibers_.now(), operation, input});
    const auto found = answers.find(operation);
    if (found == answers.end()) {
      ADD_FAILURE() << "nobody taught it " << operation;
      return HttpResponse{.status = 500};
    }
    const Result<Json> answer = found->second(input);
    if (answer) return HttpResponse{200, {{"x-amzn-RequestId", "r-1"}}, to_text(*answer)};
    return HttpResponse{
        400,
        {{"x-amzn-RequestId", "r-1"}},
        to_text(JsonObject{{"__type", answer.error().code}, {"message", answer.error().message}})};
  }

  std::vector<Json> inputs_of(const std::string& operation) const {
    std::vector<Json> inputs;
    for (const Call& call : calls)
      if (call.operation == operation) inputs.push_back(call.input);
    return inputs;
  }

  std::map<std::string, Answer> answers;
  std::vector<Call> calls;

 private:
  Fibers& fibers_;
};

inline Error refused(std::string code, std::string message) {
  return Error{.code = std::move(code), .message = std::move(message)};
}
inline Error denied() { return refused("AccessDeniedException", "not allowed"); }

using ScriptedWorld = TestWorld<ScriptedAws>;

}  // namespace slipway
