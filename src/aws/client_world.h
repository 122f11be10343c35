// A world for client tests: virtual time, an AWS that answers from a script, and what it was asked.
#pragma once

#include "aws/client.h"
#include "base/fiber.h"
#include "base/runtime.h"

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace slipway::aws {

// Answers in order; every request is kept. Running out of answers is an error that tests see.
class FakeEndpoint final : public Transport {
 public:
  using Answer = std::function<Result<HttpResponse>(const HttpRequest&)>;

  explicit FakeEndpoint(Clock& clock) : clock_(clock) {}

  void will(Answer answer) { script_.push_back(std::move(answer)); }
  void will_answer(int status, std::string body, HttpHeaders headers = {}) {
    will([status, body = std::move(body), headers = std::move(headers)](const HttpRequest&) {
      return HttpResponse{status, headers, body};
    });
  }
  void will_refuse(std::string_view code, std::string_view message = "No.", int status = 400) {
    will_answer(status, fmt::format(R"({{"__type":"{}","message":"{}"}})", code, message),
                {{"x-amzn-RequestId", "r-1"}});
  }
  void will_fail(ErrorKind kind, std::string code) {
    will([kind, code = std::move(code)](const HttpRequest&) -> Result<HttpResponse> {
      return Error{kind, code, "the network said " + code};
    });
  }
  // When the script is at its end.
  void otherwise(Answer answer) { otherwise_ = std::move(answer); }

  Result<HttpResponse> send(const HttpRequest& request) override {
    requests.push_back(request);
    times.push_back(clock_.now());
    if (script_.empty())
      return otherwise_ ? otherwise_(request) : Error{.code = "test.no-more-answers"};
    const Answer answer = std::move(script_.front());
    script_.pop_front();
    return answer(request);
  }

  std::vector<HttpRequest> requests;
  std::vector<TimePoint> times;

 private:
  Clock& clock_;
  std::deque<Answer> script_;
  Answer otherwise_;
};

class CountingCredentials final : public CredentialsProvider {
 public:
  Result<Credentials> get() override {
    if (failure) return *failure;
    return Credentials{.access_key_id = fmt::format("AKID{}", invalidated),
                       .secret_access_key = Secret("the-secret-key"),
                       .session_token = Secret("the-session-token"),
                       .source = source};
  }
  void invalidate() override { ++invalidated; }

  int invalidated = 0;
  std::string source;
  std::optional<Error> failure;
};

class RecordingObserver final : public CallObserver {
 public:
  struct Attempt {
    int attempt;
    int http_status;
    std::string code;
    bool throttled;
    bool retries;
    bool operator==(const Attempt&) const = default;
  };
  struct Call {
    std::string operation;
    int attempts;
    std::string request_id;
    bool failed;
    bool operator==(const Call&) const = default;
  };
  void on_attempt(const AttemptReport& report) override {
    attempts.push_back({report.attempt, report.http_status, std::string(report.code),
                        report.throttled, report.retry_in.has_value()});
  }
  void on_call(const CallReport& report) override {
    calls.push_back({fmt::format("{}:{}", report.service, report.operation), report.attempts,
                     std::string(report.request_id), report.error != nullptr});
  }
  std::vector<Attempt> attempts;
  std::vector<Call> calls;
};

struct ClientWorld {
  static constexpr TimePoint kStart = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

  VirtualDriver driver{kStart};
  Fibers fibers{driver};
  FakeEndpoint transport{fibers};
  Random random{42};
  Environment environment;
  Runtime runtime{fibers, transport, random, environment};
  CountingCredentials credentials;
  Budget budget{fibers};
  RecordingObserver observer;

  Client client(const ServiceFacts& service, std::optional<int> max_attempts = {}) {
    return Client(runtime,
                  {.service = service,
                   .endpoint = fmt::format("https://{}.eu-west-1.amazonaws.com", service.id),
                   .region = "eu-west-1",
                   .max_attempts = max_attempts},
                  credentials, budget, &observer);
  }

  // Runs the body on a fiber, to its end.
  void run(std::function<void()> body) { fibers.run(std::move(body)); }
};

}  // namespace slipway::aws
