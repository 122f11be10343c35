#include "aws/client.h"

#include "aws/codec.h"
#include "aws/errors.h"
#include "aws/facts.h"
#include "aws/last_answer.h"
#include "aws/rest.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace slipway::aws {
namespace {

// Ours may differ from AWS's by five minutes either way before a signature is refused.
constexpr Duration kHarmlessSkew = std::chrono::minutes(4);

std::optional<Duration> retry_hint(const HttpResponse& response) {
  const std::string_view text = find_header(response.headers, "x-amz-retry-after");
  std::int64_t milliseconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), milliseconds);
  if (error != std::errc() || end != text.data() + text.size() || milliseconds < 0)
    return std::nullopt;
  // More than a day is as good as a day, and does not overflow.
  return std::chrono::milliseconds(std::min<std::int64_t>(milliseconds, 86'400'000));
}

// AWS leaves the body empty where the operation answers nothing.
bool answers_nothing(const CallFacts& call, const Type& reply) {
  if (reply.kind == Kind::kShape) return reply.members.empty();
  const OperationFacts* operation = Facts::of(call.service).operation(call.operation);
  return operation != nullptr && operation->output.empty();
}

Result<void> decode(const CallFacts& call, const HttpResponse& response, Ref reply);

Result<void> decode_if_new(const CallFacts& call, const HttpResponse& response, LastAnswer& last) {
  last.is_same = !last.body.empty() && last.body == response.body;
  if (last.is_same) return {};
  TRY_VOID(decode(call, response, last.answer));
  last.body = response.body;
  return {};
}

Result<void> decode(const CallFacts& call, const HttpResponse& response, Ref reply) {
  if (&reply.type == &kLastAnswer)
    return decode_if_new(call, response, *static_cast<LastAnswer*>(reply.address));
  switch (call.service.protocol) {
    case Protocol::kQuery:
    case Protocol::kEc2:
      return decode_xml(call.service, call.operation, response.body, reply);
    case Protocol::kRestJson:
    case Protocol::kRestXml:
      return decode_rest_answer(Facts::of(call.service), call.operation, response, reply);
    case Protocol::kJson10:
    case Protocol::kJson11:
      break;
  }
  const bool is_empty = response.body.empty() && answers_nothing(call, reply.type);
  return decode_json(is_empty ? "{}" : std::string_view(response.body), reply);
}

bool changes_something(const CallFacts& call) { return call.repeat != Repeat::kRead; }

}  // namespace

// What one attempt came to.
struct Client::Attempt {
  Trouble trouble = Trouble::kNone;
  std::optional<Error> error;
  std::string request_id;
  int http_status = 0;
  std::optional<Duration> server_hint;
  bool may_have_happened = false;
};

// What the attempts of one call share.
struct Client::Call {
  const CallFacts& facts;
  HttpRequest request;
  std::size_t own_headers;  // of `request`, before signing adds its own
  std::string invocation_id;
  RetryLimits limits;
  // What the present attempt was signed with. Other calls learn while ours is on its way.
  Duration clock_offset{};
  std::string access_key_id;
  std::string credentials_source;  // "environment"
};

Client::Client(Runtime& runtime, ClientSettings settings, CredentialsProvider& credentials,
               Budget& budget, CallObserver* observer)
    : runtime_(runtime),
      settings_(std::move(settings)),
      credentials_(credentials),
      budget_(budget),
      observer_(observer) {}

Result<HttpRequest> Client::prepare(const CallFacts& facts, ConstRef request) const {
  HttpRequest http;
  http.url = settings_.endpoint;
  const Protocol protocol = facts.service.protocol;
  if (protocol == Protocol::kRestJson || protocol == Protocol::kRestXml) {
    TRY(RestRequest rest, encode_rest(Facts::of(facts.service), facts.operation, request));
    while (http.url.ends_with('/')) http.url.pop_back();
    http.method = std::move(rest.method);
    http.url += rest.target;
    http.headers = std::move(rest.headers);
    http.body = std::move(rest.body);
  } else {
    if (!http.url.ends_with('/')) http.url += '/';
    if (protocol == Protocol::kQuery || protocol == Protocol::kEc2) {
      http.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
      http.body = encode_query(facts.service, facts.operation, request);
    } else {
      http.headers.emplace_back("X-Amz-Target",
                                fmt::format("{}.{}", facts.service.target_prefix, facts.operation));
      http.headers.emplace_back("Content-Type", protocol == Protocol::kJson10
                                                    ? "application/x-amz-json-1.0"
                                                    : "application/x-amz-json-1.1");
      http.body = encode_json(request, Side::kRequest);
    }
  }
  http.headers.emplace_back("Host", host_of(http.url));
  http.connect_timeout = settings_.connect_timeout;
  http.total_timeout = settings_.read_timeout;
  http.use_proxy = settings_.use_proxy;
  http.send_once = facts.repeat == Repeat::kOnce;
  return http;
}

Result<void> Client::sign_attempt(Call& call, int attempt) {
  HttpRequest& http = call.request;
  http.headers.resize(call.own_headers);
  call.clock_offset = clock_offset_;
  const TimePoint now = runtime_.clock().now() + clock_offset_;
  if (call.facts.is_signed) {
    TRY(const Credentials credentials,
        credentials_.get().context(
            fmt::format("getting credentials for {}", operation_name(call.facts))));
    call.access_key_id = credentials.access_key_id;
    call.credentials_source = credentials.source;
    sign(http, credentials,
         {.region = settings_.region, .service = std::string(call.facts.service.signing_name)}, now,
         keys_);
  }
  // Not signed, so that a proxy may change them.
  http.headers.emplace_back("User-Agent", settings_.user_agent);
  http.headers.emplace_back("Accept-Encoding", "identity");
  http.headers.emplace_back("amz-sdk-invocation-id", call.invocation_id);
  http.headers.emplace_back(
      "amz-sdk-request",
      attempt == 1
          ? "attempt=1"
          : fmt::format("ttl={}; attempt={}; max={}",
                        to_compact_iso8601(now + settings_.read_timeout), attempt,
                        changes_something(call.facts) ? call.limits.changes : call.limits.reads));
  return {};
}

Client::Attempt Client::judge(const Call& call, const Result<HttpResponse>& sent, Ref reply) {
  Attempt attempt;
  if (!sent) {
    attempt.error = sent.error();
    attempt.trouble = trouble_of_error(*attempt.error);
    attempt.may_have_happened =
        may_have_happened(attempt.trouble) || attempt.error->code == "http.too-large";
    attempt.error->operation = operation_name(call.facts);
    attempt.error->context.push_back("calling " + settings_.endpoint);
    return attempt;
  }
  const HttpResponse& response = *sent;
  attempt.http_status = response.status;
  attempt.request_id = request_id_of(response);
  if (response.status >= 200 && response.status < 300) {
    const auto decoded = decode(call.facts, response, reply);
    if (decoded) return attempt;
    attempt.error =
        error_of_bad_body(call.facts, settings_.endpoint, response, decoded.error().message);
    // Never from AWS, cut short on the way, or a shape we do not know.
    const bool is_foreign = is_foreign_body(call.facts, response);
    const bool is_torn = !is_foreign && decoded.error().code != "call.bad-answer";
    attempt.trouble = is_torn ? Trouble::kLost : Trouble::kFinal;
    attempt.may_have_happened = true;  // whoever answered in AWS's place may have asked it first
    return attempt;
  }

  attempt.error = error_of_answer(call.facts, settings_.endpoint, response);
  attempt.request_id = attempt.error->request_id;
  attempt.trouble = trouble_of_answer(response.status, attempt.error->code);
  attempt.may_have_happened = may_have_happened(attempt.trouble);
  attempt.server_hint = retry_hint(response);
  if (attempt.trouble == Trouble::kExpiredToken && !call.facts.is_signed)
    attempt.trouble = Trouble::kFinal;  // the token is in the request itself
  if (attempt.trouble == Trouble::kClockSkew) {
    const auto server_time = parse_http_date(find_header(response.headers, "date"));
    const Duration offset = server_time ? *server_time - runtime_.clock().now() : Duration{};
    const Duration wrong_by = offset - call.clock_offset;
    if (server_time && std::chrono::abs(wrong_by) > kHarmlessSkew)
      clock_offset_ = offset;
    else
      attempt.trouble = Trouble::kFinal;  // then it is the key
  }
  return attempt;
}

// The error of a call, made from that of its last attempt.
Error Client::final_error(const Call& call, Attempt last, bool unknown, std::string_view reason) {
  Error error = std::move(*last.error);
  // Not what somebody may do, but who they are: then it matters where their keys were found.
  if (error.kind == ErrorKind::kDenied && !is_access_denied(error) &&
      !call.credentials_source.empty())
    error.message += fmt::format(
        "{} ({} the credentials, which are from: {})", error.message.empty() ? "refused" : "",
        last.trouble == Trouble::kExpiredToken ? "renew" : "check", call.credentials_source);
  if (!reason.empty()) error.message += fmt::format(", {}", reason);
  const bool says_nothing_of_earlier_ones =
      last.trouble != Trouble::kFinal || error.kind == ErrorKind::kUnavailable;
  if (unknown && changes_something(call.facts) && says_nothing_of_earlier_ones) {
    error.message =
        fmt::format("{} may or may not have happened: {}", call.facts.operation, error.message);
    error.kind = ErrorKind::kUnavailable;
    error.code = "call.reply-lost";
  }
  return error;
}

Result<DocumentReply> Client::call_document(const CallFacts& facts, const Json& request) {
  DocumentReply reply;
  TRY_VOID(call_untyped(facts, ref(request), ref(reply.document), &reply.facts));
  return reply;
}

Result<void> Client::call_untyped(const CallFacts& facts, ConstRef request, Ref reply,
                                  AnswerFacts* answer) {
  Clock& clock = runtime_.clock();
  const TimePoint began = clock.now();
  const BudgetCategory& category = budget_category(facts.service.id, facts.operation);
  auto prepared = prepare(facts, request);
  if (!prepared) {
    Error error = prepared.error();
    error.operation = operation_name(facts);
    return error;
  }
  const std::size_t own_headers = prepared->headers.size();
  Call call{.facts = facts,
            .request = *std::move(prepared),
            .own_headers = own_headers,
            .invocation_id = runtime_.random.uuid(),
            .limits = RetryLimits::of(settings_.max_attempts)};

  int exchanges = 0;
  int throttled = 0;
  std::string request_id;
  const auto report = [&](const Error* error) {
    if (observer_ == nullptr) return;
    observer_->on_call({.service = facts.service.id,
                        .operation = facts.operation,
                        .attempts = exchanges,
                        .throttled = throttled,
                        .duration = clock.now() - began,
                        .request_id = request_id,
                        .request = &request,
                        .error = error});
  };
  const auto fail = [&](Error error) {
    if (error.operation.empty()) error.operation = operation_name(facts);
    report(&error);
    return error;
  };

  FailedAttempt failed;
  std::optional<Trouble> last_retry;
  bool unknown = false;  // an attempt of this call may have worked
  for (int number = 1;; ++number) {
    const auto place = budget_.take(settings_.region, category);
    if (!place) return fail(place.error());
    if (const auto is_signed = sign_attempt(call, number); !is_signed)
      return fail(is_signed.error());

    // From here on the request is on the wire.
    ++exchanges;
    const TimePoint sent_at = clock.now();
    const Result<HttpResponse> sent = runtime_.transport.send(call.request);
    Attempt attempt = judge(call, sent, reply);
    if (!attempt.request_id.empty()) request_id = attempt.request_id;
    if (attempt.trouble == Trouble::kThrottled) {
      ++throttled;
      budget_.throttled(settings_.region, category, *place);
    } else if (sent) {
      budget_.passed(settings_.region, category);
    }
    if (attempt.may_have_happened) unknown = true;

    failed.trouble = attempt.trouble;
    failed.attempt = number;
    failed.server_hint = attempt.server_hint;
    const RetryDecision decision =
        decide_retry(failed, facts.repeat, call.limits, quota_, runtime_.random);
    if (observer_ != nullptr) {
      observer_->on_attempt(
          {.service = facts.service.id,
           .operation = facts.operation,
           .attempt = number,
           .budget_wait = place->waited,
           .duration = clock.now() - sent_at,
           .http_status = attempt.http_status,
           .request_id = attempt.request_id,
           .code = attempt.error ? std::string_view(attempt.error->code) : std::string_view(),
           .throttled = attempt.trouble == Trouble::kThrottled,
           .retry_in = decision.again ? std::optional(decision.wait) : std::nullopt});
    }
    if (!attempt.error) {
      if (answer != nullptr) {
        *answer = {.http_status = attempt.http_status,
                   .request_id = request_id,
                   .headers = sent->headers,
                   .retries = exchanges - 1};
      }
      quota_.succeeded(last_retry);
      report(nullptr);
      return {};
    }
    if (!decision.again)
      return fail(final_error(call, std::move(attempt), unknown, decision.reason));

    if (attempt.trouble == Trouble::kClockSkew) failed.skew_corrected = true;
    if (attempt.trouble == Trouble::kExpiredToken) {
      failed.token_refreshed = true;
      // Twenty calls refused together must not throw away the new credentials nineteen times.
      if (call.access_key_id != invalidated_key_) {
        invalidated_key_ = call.access_key_id;
        credentials_.invalidate();
      }
    }
    if (decision.wait > Duration{}) {
      last_retry = attempt.trouble;
      const auto slept = clock.sleep_for(decision.wait);
      if (!slept) {
        Error error = slept.error();
        error.context.push_back(fmt::format("waiting to try {} again after: {}",
                                            operation_name(facts), attempt.error->message));
        return fail(std::move(error));
      }
    }
  }
}

bool is_reply_lost(const Error& error) { return error.code == "call.reply-lost"; }

bool is_access_denied(const Error& error) {
  return error.kind == ErrorKind::kDenied &&
         (error.code == "AccessDenied" || error.code == "AccessDeniedException" ||
          error.code == "UnauthorizedOperation" || error.code == "AuthorizationError");
}

}  // namespace slipway::aws
