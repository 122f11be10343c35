// One client for every AWS service: encode, sign, send, retry, decode. A client speaks to one
// service at one endpoint; what differs between services and operations is data (service.h,
// operation.h).
//
//   TRY(auto reply, ecs.call(DescribeServices, {.cluster = "prod", .services = {"web"}}));
//
// An error carries the operation ("ecs:UpdateService"), AWS's code, the HTTP status and the request
// id. Codes of our own:
//   call.reply-lost   a changing call was sent and no answer says whether it worked. What a second
//                     copy would do twice is not sent again: look it up.
//   call.bad-request  nothing was sent: the request lacks what its path is made of.
//   call.bad-answer   the endpoint answered something that is no answer of this AWS service.
//   http.503 and such an answer of that status without a word from AWS.
//   http.connect ...  from Transport and Clock.
#pragma once

#include "aws/budget.h"
#include "aws/credentials.h"
#include "aws/operation.h"
#include "aws/retry.h"
#include "aws/shape.h"
#include "aws/sigv4.h"
#include "base/json.h"
#include "base/result.h"
#include "base/runtime.h"
#include "base/transport.h"

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace slipway::aws {

struct ClientSettings {
  const ServiceFacts& service;
  std::string endpoint;  // "https://ecs.eu-west-1.amazonaws.com"; may have a path
  std::string region;    // signed; the budget is per region too
  // Attempts in total, whatever the trouble. Unset: the table in retry.h.
  std::optional<int> max_attempts;
  std::string user_agent = "slipway";
  Duration connect_timeout = std::chrono::milliseconds(3100);
  Duration read_timeout = std::chrono::seconds(60);
  bool use_proxy = true;
};

// One HTTP exchange, or the lack of one.
struct AttemptReport {
  std::string_view service;    // "ecs"
  std::string_view operation;  // "UpdateService"
  int attempt = 1;
  Duration budget_wait{};
  Duration duration{};  // of the exchange
  int http_status = 0;  // 0: no answer
  std::string_view request_id;
  std::string_view code;  // empty: success
  bool throttled = false;
  std::optional<Duration> retry_in;  // set when another attempt follows
};

struct CallReport {
  std::string_view service;
  std::string_view operation;
  int attempts = 0;     // HTTP exchanges begun
  int throttled = 0;    // of those, refused as one too many
  Duration duration{};  // with waits for budget and back-off
  std::string_view request_id;
  const ConstRef* request = nullptr;  // may hold what its user keeps secret: mask before showing
  const Error* error = nullptr;       // nullptr: success
};

// What came with an answer, for those who pass it on.
struct AnswerFacts {
  int http_status = 0;
  std::string request_id;
  HttpHeaders headers;
  int retries = 0;
};

struct DocumentReply {
  Json document;
  AnswerFacts facts;
};

// Hears of every attempt and every call, for --verbose and for the summary. Reports hold no
// credentials and are valid during the callback only.
class CallObserver {
 public:
  virtual ~CallObserver() = default;
  virtual void on_attempt(const AttemptReport&) {}
  virtual void on_call(const CallReport&) {}
};

class Client {
 public:
  // Borrows all but the settings.
  Client(Runtime& runtime, ClientSettings settings, CredentialsProvider& credentials,
         Budget& budget, CallObserver* observer = nullptr);

  // Waits like any call to AWS. `request` is of the operation's request type.
  template <class Req, class Resp>
  Result<Resp> call(const Operation<Req, Resp>& operation,
                    const std::type_identity_t<Req>& request) {
    Resp reply{};
    const CallFacts facts = operation.facts(request);
    if (operation.token != nullptr && (request.*operation.token).empty()) {
      Req with_token = request;
      with_token.*operation.token = runtime_.random.uuid();
      TRY_VOID(call_untyped(facts, ref(std::as_const(with_token)), ref(reply)));
    } else {
      TRY_VOID(call_untyped(facts, ref(request), ref(reply)));
    }
    return reply;
  }

  // For operations known only as data. `answer` is filled on success.
  Result<void> call_untyped(const CallFacts& facts, ConstRef request, Ref reply,
                            AnswerFacts* answer = nullptr);
  // An operation of a JSON service, rest-json included, with documents at both ends, so that no
  // member is lost.
  Result<DocumentReply> call_document(const CallFacts& facts, const Json& request);

  const ClientSettings& settings() const { return settings_; }

 private:
  struct Attempt;
  struct Call;
  Result<HttpRequest> prepare(const CallFacts& facts, ConstRef request) const;
  Result<void> sign_attempt(Call& call, int attempt);
  Attempt judge(const Call& call, const Result<HttpResponse>& sent, Ref reply);
  static Error final_error(const Call& call, Attempt last, bool unknown, std::string_view reason);

  Runtime& runtime_;
  ClientSettings settings_;
  CredentialsProvider& credentials_;
  Budget& budget_;
  CallObserver* observer_;
  RetryQuota quota_;
  SigningKeys keys_;
  Duration clock_offset_{};      // server minus ours, once a refusal has taught it
  std::string invalidated_key_;  // the last access key given back to its provider as expired
};

// A changing call may have happened although it failed: look before trying again.
bool is_reply_lost(const Error& error);
// AWS knows us and does not allow it (as opposed to credentials it does not accept).
bool is_access_denied(const Error& error);

}  // namespace slipway::aws
