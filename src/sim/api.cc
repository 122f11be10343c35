#include "sim/api.h"

#include "aws/facts.h"
#include "aws/form.h"
#include "aws/query_document.h"
#include "aws/rest.h"
#include "aws/service.h"
#include "base/json.h"
#include "base/text.h"
#include "sim/input_check.h"
#include "sim/partial_failure.h"
#include "sim/sts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::sim {
namespace {

constexpr Duration kAcceptedSkew = std::chrono::minutes(5);

struct UrlParts {
  std::string_view path;
  std::string_view query;
};

UrlParts parts_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme != std::string_view::npos) {
    url.remove_prefix(scheme + 3);
    url.remove_prefix(std::min(url.find_first_of("/?#"), url.size()));
  }
  url = url.substr(0, url.find('#'));
  const auto question = url.find('?');
  UrlParts parts{url.substr(0, question), {}};
  if (question != std::string_view::npos) parts.query = url.substr(question + 1);
  if (parts.path.empty()) parts.path = "/";
  return parts;
}

// An error every service can give: JSON services and the others name it differently, and rest-json
// has the names of the former with statuses of its own.
struct CommonError {
  int json_status;
  std::string_view json_code;
  int query_status;
  std::string_view query_code;
  int rest_status;
};
constexpr CommonError kMissingToken{400, "MissingAuthenticationTokenException", 403,
                                    "MissingAuthenticationToken", 403};
constexpr CommonError kUnknownKey{400, "UnrecognizedClientException", 403, "InvalidClientTokenId",
                                  403};
constexpr CommonError kExpired{400, "ExpiredTokenException", 403, "ExpiredToken", 403};
constexpr CommonError kBadSignature{400, "InvalidSignatureException", 403, "SignatureDoesNotMatch",
                                    403};
constexpr CommonError kDenied{400, "AccessDeniedException", 403, "AccessDenied", 403};
constexpr CommonError kDeniedByEc2{403, "UnauthorizedOperation", 403, "UnauthorizedOperation", 403};
constexpr CommonError kDeniedBySns{400, "AuthorizationErrorException", 403, "AuthorizationError",
                                   403};
constexpr CommonError kThrottled{400, "ThrottlingException", 400, "Throttling", 429};
constexpr CommonError kUnknownOperation{400, "UnknownOperationException", 400, "InvalidAction",
                                        404};
constexpr CommonError kMalformed{400, "SerializationException", 400, "MalformedQueryString", 400};
constexpr CommonError kMalformedXml{400, "SerializationException", 400, "MalformedInput", 400};

ServiceError make(const CommonError& error, aws::Protocol protocol, std::string message) {
  const bool is_xml = aws::answers_xml(protocol);
  const bool is_rest = protocol == aws::Protocol::kRestJson;
  return {is_xml    ? error.query_status
          : is_rest ? error.rest_status
                    : error.json_status,
          std::string(is_xml ? error.query_code : error.json_code),
          std::move(message),
          {}};
}

std::string xml_escaped(std::string_view text) {
  std::string escaped;
  aws::append_xml_escaped(escaped, text);
  return escaped;
}

std::string xml_error(const aws::ServiceFacts& service, const ServiceError& error,
                      std::string_view request_id) {
  if (service.protocol == aws::Protocol::kEc2)
    return fmt::format(
        "<Response><Errors><Error><Code>{}</Code><Message>{}</Message></Error></Errors>"
        "<RequestID>{}</RequestID></Response>",
        xml_escaped(error.code), xml_escaped(error.message), request_id);
  return fmt::format(
      "<ErrorResponse xmlns=\"{}\"><Error><Type>{}</Type><Code>{}</Code><Message>{}</Message>"
      "</Error><RequestId>{}</RequestId></ErrorResponse>",
      service.xml_namespace, error.status >= 500 ? "Receiver" : "Sender", xml_escaped(error.code),
      xml_escaped(error.message), request_id);
}

// CloudWatch began with query: in JSON an error has its shape's name, and clients find the code
// they know in a header. https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
void rename_for_json(ServiceError& error, HttpHeaders& headers) {
  headers.emplace_back(
      "x-amzn-query-error",
      fmt::format("{};{}", error.code, error.status >= 500 ? "Receiver" : "Sender"));
  const aws::Facts& facts = aws::Facts::of(aws::kCloudWatch);
  for (const std::string_view name : facts.shape_names())
    if (facts.shape(name)->error_code == error.code) error.code = name;
}

// Route 53 takes its own ids, "/hostedzone/Z1", where a path wants "Z1".
std::string path_for(const aws::ServiceFacts& service, std::string_view path) {
  std::string plain(path);
  if (service.protocol != aws::Protocol::kRestXml) return plain;
  const auto replace = [&plain](std::string_view wrong, std::string_view right) {
    for (std::size_t at; (at = plain.find(wrong)) != std::string::npos;)
      plain.replace(at, wrong.size(), right);
  };
  replace("%2F", "/");
  replace("//", "/");
  replace("/hostedzone/hostedzone/", "/hostedzone/");
  replace("/change/change/", "/change/");
  return plain;
}

// What a service calls its own trouble.
std::string_view internal_error(const aws::ServiceFacts* service) {
  if (service == &aws::kEcs) return "ServerException";
  if (service == &aws::kEvents) return "InternalException";
  if (service == &aws::kLogs) return "ServiceUnavailableException";
  if (service == &aws::kScheduler) return "InternalServerException";
  if (service == &aws::kSns || service == &aws::kEc2) return "InternalError";
  if (service == &aws::kAutoScaling) return "InternalServiceException";
  if (service == &aws::kCloudWatch) return "InternalServiceFault";
  if (service == &aws::kDynamoDb || service == &aws::kSsm) return "InternalServerError";
  if (service == &aws::kIam) return "ServiceFailure";
  if (service == &aws::kKms) return "KMSInternalException";
  if (service == &aws::kSecretsManager) return "InternalServiceError";
  return "InternalFailure";
}

bool is_struck_by(const std::vector<const Fault*>& faults, FaultKind kind, bool after_effect) {
  return std::any_of(faults.begin(), faults.end(), [&](const Fault* fault) {
    return fault->kind == kind && fault->after_effect == after_effect;
  });
}

const Fault* find_fault(const std::vector<const Fault*>& faults,
                        std::initializer_list<FaultKind> kinds, bool after_effect) {
  for (const Fault* fault : faults)
    if (std::find(kinds.begin(), kinds.end(), fault->kind) != kinds.end() &&
        fault->after_effect == after_effect)
      return fault;
  return nullptr;
}

int fargate_tasks_of(std::string_view operation, const Json& input) {
  if (operation != "RunTask") return 0;
  bool on_fargate = string_or_empty(input, "launchType") == "FARGATE";
  if (const JsonArray* strategy = find_array(input, "capacityProviderStrategy"))
    for (const Json& item : *strategy)
      on_fargate |= string_or_empty(item, "capacityProvider").starts_with("FARGATE");
  if (!on_fargate) return 0;
  return static_cast<int>(std::clamp<std::int64_t>(find_int(input, "count").value_or(1), 1, 10));
}

}  // namespace

// One call on its way through.
struct SimulatedAws::Exchange {
  const HttpRequest& request;
  TimePoint now;
  TimePoint server_time;  // `now` with the clock-skew fault

  const aws::ServiceFacts* service = nullptr;  // null for an identity endpoint
  bool is_form = false;                        // asked by query, whatever the service prefers
  std::string operation;                       // "UpdateService"
  std::string name;                            // "ecs:UpdateService"
  Json input = JsonObject{};
  std::optional<ServiceError> unreadable;  // the body could not be decoded
  std::optional<aws::Authorization> authorization;
  Caller caller;
  std::vector<const Fault*> faults;
  std::string request_id;
  std::string code;  // of the error that is answered

  aws::Protocol protocol() const {
    if (service == nullptr) return aws::Protocol::kJson11;
    return is_form && service->protocol != aws::Protocol::kEc2 ? aws::Protocol::kQuery
                                                               : service->protocol;
  }
  bool is_xml() const { return aws::answers_xml(protocol()); }
  bool is_sts() const { return service == &aws::kSts; }
  bool is_unsigned() const { return operation == "AssumeRoleWithWebIdentity"; }
};

SimulatedAws::SimulatedAws(std::unique_ptr<World> world, ApiSettings settings)
    : world_(std::move(world)),
      settings_(std::move(settings)),
      random_(world_->settings().seed ^ 0x5157a11u),
      identity_(
          {world_->settings().partition, world_->settings().region, world_->settings().account},
          settings_.identity, random_),
      endpoints_(identity_),
      throttle_(settings_.throttling),
      faults_(settings_.faults, world_->now(), random_,
              [this](std::string_view service) { return is_deploying(service); }) {
  world_->set_guard(
      [this](const std::string& principal_arn, std::string_view service, std::string_view operation,
             const Json& input) { return judge(principal_arn, service, operation, input); });
}

Delivery SimulatedAws::handle(const HttpRequest& request, TimePoint now) {
  world_->advance(now);
  const auto [path, query] = parts_of(request.url);
  if (path.starts_with("/_slipway/")) return {.response = administration(request, path, query)};

  // What is not signed may be a visit to what runs in this world.
  if (find_header(request.headers, "Authorization").empty())
    if (std::optional<HttpResponse> answer = world_->visit(request))
      return {.response = std::move(*answer)};

  Exchange exchange{.request = request,
                    .now = now,
                    .server_time = now + faults_.clock_skew(now),
                    .request_id = random_.uuid()};

  const std::string_view endpoint = recognize(exchange, path);
  read_input(exchange, endpoint);
  const std::string_view access_key =
      exchange.authorization ? std::string_view(exchange.authorization->access_key_id) : "";
  exchange.caller.access_key = access_key;
  exchange.faults = faults_.strike(
      {.operation = exchange.name, .access_key = access_key, .input = &exchange.input, .now = now});

  Delivery delivery;
  if (const Fault* fault = find_fault(exchange.faults,
                                      {FaultKind::kRefused, FaultKind::kConnectTimeout,
                                       FaultKind::kReset, FaultKind::kNoAnswer},
                                      false)) {
    delivery.kind = fault->kind == FaultKind::kRefused          ? Delivery::Kind::kRefused
                    : fault->kind == FaultKind::kConnectTimeout ? Delivery::Kind::kConnectTimeout
                    : fault->kind == FaultKind::kReset          ? Delivery::Kind::kReset
                                                                : Delivery::Kind::kNoAnswer;
  } else if (exchange.service != nullptr || endpoint.empty()) {
    delivery = answer_call(exchange);
  } else {
    delivery = finish(exchange, endpoints_.answer(request, path, query, exchange.server_time));
  }
  const bool was_answered = delivery.kind == Delivery::Kind::kWhole;
  calls_.add({.at = now,
              .operation = exchange.name,
              .access_key = std::string(access_key),
              .status = was_answered ? delivery.response.status : 0,
              .code = was_answered ? exchange.code : "",
              .request_id = exchange.request_id,
              .invocation_id = std::string(find_header(request.headers, "amz-sdk-invocation-id"))});
  return delivery;
}

// What is asked for. The name of the host says nothing: with a custom endpoint it is ours. Comes
// back with the operation of an identity endpoint, or empty.
std::string_view SimulatedAws::recognize(Exchange& exchange, std::string_view path) {
  const HttpRequest& request = exchange.request;
  const std::string_view target = find_header(request.headers, "X-Amz-Target");
  const std::string_view content_type = find_header(request.headers, "Content-Type");
  exchange.authorization = aws::parse_authorization(find_header(request.headers, "Authorization"));
  const auto is_signed_for = [&](const aws::ServiceFacts& service) {
    return exchange.authorization && exchange.authorization->service == service.signing_name;
  };
  if (!target.empty()) {
    const auto dot = target.rfind('.');
    const std::string_view prefix = target.substr(0, dot);
    for (const aws::ServiceFacts* service : aws::kServices)
      if (!service->target_prefix.empty() && service->target_prefix == prefix)
        exchange.service = service;
    if (dot != std::string_view::npos) exchange.operation = target.substr(dot + 1);
    return {};
  }
  if (request.method == "POST" && path == "/" &&
      content_type.starts_with("application/x-www-form-urlencoded")) {
    exchange.operation = form_value(request.body, "Action").value_or("");
    const std::string version = form_value(request.body, "Version").value_or("");
    exchange.is_form = true;
    for (const aws::ServiceFacts* service : aws::kServices) {
      if (service->xml_namespace.empty()) continue;  // it has no XML to answer with
      const bool is_meant =
          exchange.authorization ? is_signed_for(*service) : service->api_version == version;
      if (is_meant) exchange.service = service;
    }
    return {};
  }
  for (const aws::ServiceFacts* service : aws::kServices) {
    if (service->protocol != aws::Protocol::kRestJson &&
        service->protocol != aws::Protocol::kRestXml)
      continue;
    const std::string_view operation = aws::find_rest_operation(
        aws::Facts::of(*service), request.method, path_for(*service, path));
    if (operation.empty() && !is_signed_for(*service)) continue;
    exchange.service = service;
    exchange.operation = operation;
    return {};
  }
  return IdentityEndpoints::operation_of(request.method, path);
}

// Decoded early, because permissions and faults depend on what the call names; what is wrong with
// it is only said when it is the turn of that.
void SimulatedAws::read_input(Exchange& exchange, std::string_view endpoint) {
  if (exchange.service == nullptr) {
    exchange.name = endpoint.empty() ? "unknown" : std::string(endpoint);
    return;
  }
  const HttpRequest& request = exchange.request;
  const aws::ServiceFacts& service = *exchange.service;
  exchange.name = fmt::format("{}:{}", service.id, exchange.operation);
  if (exchange.is_sts()) {
    Answer<Json> input = sts_input(exchange.operation, request.body);
    if (input)
      exchange.input = std::move(input).value();
    else
      exchange.unreadable = input.error();
    return;
  }
  const auto read = [&]() -> Result<Json> {
    switch (exchange.protocol()) {
      case aws::Protocol::kQuery:
      case aws::Protocol::kEc2:
        return aws::decode_query_document(service, aws::Facts::of(service), exchange.operation,
                                          request.body);
      case aws::Protocol::kRestJson:
      case aws::Protocol::kRestXml: {
        const auto [path, query] = parts_of(request.url);
        return aws::decode_rest(aws::Facts::of(service), exchange.operation,
                                {.method = request.method,
                                 .target = fmt::format("{}{}{}", path_for(service, path),
                                                       query.empty() ? "" : "?", query),
                                 .headers = request.headers,
                                 .body = request.body});
      }
      case aws::Protocol::kJson10:
      case aws::Protocol::kJson11:
        break;
    }
    return parse_json(trim(request.body).empty() ? "{}" : request.body);
  };
  Result<Json> input = read();
  if (input && input->is_object()) {
    exchange.input = std::move(input).value();
  } else {
    exchange.unreadable =
        make(service.protocol == aws::Protocol::kRestXml ? kMalformedXml : kMalformed,
             exchange.protocol(),
             input ? "Start of list found where not expected." : input.error().message);
  }
}

Delivery SimulatedAws::answer_call(Exchange& exchange) {
  if (find_fault(exchange.faults, {FaultKind::kHtml}, false) != nullptr)
    return finish(exchange, {});
  if (auto refused = before_effect(exchange))
    return finish(exchange, error_response(exchange, std::move(*refused)));

  Answer<HttpResponse> answer = effect(exchange);
  if (answer) faults_.took_effect(exchange.name);

  // From here on the world has changed, whatever the caller hears.
  if (const Fault* fault =
          find_fault(exchange.faults, {FaultKind::kReset, FaultKind::kNoAnswer}, true)) {
    return {.kind = fault->kind == FaultKind::kReset ? Delivery::Kind::kReset
                                                     : Delivery::Kind::kNoAnswer};
  }
  if (!answer) return finish(exchange, error_response(exchange, answer.error()));
  if (const Fault* fault =
          find_fault(exchange.faults, {FaultKind::kServerError, FaultKind::kError}, true))
    return finish(exchange,
                  error_response(exchange, {fault->status, fault->code, fault->message, {}}));
  if (find_fault(exchange.faults, {FaultKind::kUnavailable}, true) != nullptr)
    return finish(exchange, {.status = 503});
  return finish(exchange, std::move(answer).value());
}

std::optional<ServiceError> SimulatedAws::before_effect(Exchange& exchange) {
  const aws::Protocol protocol = exchange.protocol();
  if (exchange.service == nullptr)
    return make(kUnknownOperation, protocol, "The simulator does not have this service.");
  if (auto error = authenticate(exchange)) return error;
  if (auto error = admit(exchange)) return error;
  if (auto error = authorize(exchange)) return error;

  const bool is_known = exchange.is_sts() ? exchange.operation == "GetCallerIdentity" ||
                                                exchange.operation == "AssumeRole" ||
                                                exchange.operation == "AssumeRoleWithWebIdentity"
                                          : World::knows(exchange.service->id, exchange.operation);
  // AWS would say nothing, or "Could not find operation"; but it has the operation.
  if (!is_known)
    return make(kUnknownOperation, protocol,
                fmt::format("The simulator does not have {}:{}.", exchange.service->id,
                            exchange.operation.empty() ? "this operation" : exchange.operation));
  if (exchange.unreadable) return exchange.unreadable;
  if (auto error = check_input(*exchange.service, exchange.operation, exchange.input)) return error;

  if (const Fault* fault =
          find_fault(exchange.faults,
                     {FaultKind::kServerError, FaultKind::kUnavailable, FaultKind::kError}, false))
    return ServiceError{fault->status, fault->code, fault->message, {}};
  return std::nullopt;
}

std::optional<ServiceError> SimulatedAws::authenticate(Exchange& exchange) {
  const aws::Protocol protocol = exchange.protocol();
  const SignatureMode mode = settings_.identity.signatures;
  const auto& authorization = exchange.authorization;
  if (exchange.is_unsigned()) return std::nullopt;
  if (!authorization) {
    if (mode != SignatureMode::kOff)
      return make(kMissingToken, protocol,
                  exchange.is_xml() ? "Request is missing Authentication Token"
                                    : "Missing Authentication Token");
    exchange.caller = identity_.anyone("");
    return std::nullopt;
  }

  if (is_struck_by(exchange.faults, FaultKind::kExpiredCredentials, false))
    identity_.expire(authorization->access_key_id, exchange.now);
  if (identity_.is_expired(authorization->access_key_id, exchange.server_time))
    return make(kExpired, protocol, "The security token included in the request is expired");
  const KeyRecord* key = identity_.find_key(authorization->access_key_id);
  exchange.caller = key != nullptr ? key->caller : identity_.anyone(authorization->access_key_id);

  const bool verifies = mode == SignatureMode::kVerify;
  const std::string_view token = find_header(exchange.request.headers, "X-Amz-Security-Token");
  if (verifies && (key == nullptr || token != key->session_token))
    return make(kUnknownKey, protocol, "The security token included in the request is invalid.");

  const bool clock_is_off = exchange.server_time != exchange.now;
  const std::string_view date = find_header(exchange.request.headers, "X-Amz-Date");
  if (settings_.check_dates && (verifies || clock_is_off)) {
    const auto signed_at = parse_iso8601(date);
    if (!signed_at)
      return make(kBadSignature, protocol, "Date must be in ISO-8601 'basic format'.");
    const TimePoint oldest = exchange.server_time - kAcceptedSkew;
    const TimePoint newest = exchange.server_time + kAcceptedSkew;
    const std::string server = to_compact_iso8601(exchange.server_time);
    if (*signed_at < oldest)
      return make(kBadSignature, protocol,
                  fmt::format("Signature expired: {} is now earlier than {} ({} - 5 min.)", date,
                              to_compact_iso8601(oldest), server));
    if (*signed_at > newest)
      return make(kBadSignature, protocol,
                  fmt::format("Signature not yet current: {} is still later than {} ({} + 5 min.)",
                              date, to_compact_iso8601(newest), server));
  }
  if (!verifies) return std::nullopt;

  if (authorization->service != exchange.service->signing_name)
    return make(kBadSignature, protocol,
                fmt::format("Credential should be scoped to correct service: '{}'.",
                            exchange.service->signing_name));
  const auto& names = authorization->signed_headers;
  const bool signs_host = std::find(names.begin(), names.end(), "host") != names.end();
  const std::string expected =
      aws::expected_signature(exchange.request, *authorization, Secret(key->secret_key), keys_)
          .signature;
  if (!signs_host || !date.starts_with(authorization->date) || expected != authorization->signature)
    return make(kBadSignature, protocol,
                "The request signature we calculated does not match the signature you provided. "
                "Check your AWS Secret Access Key and signing method. Consult the service "
                "documentation for details.");
  return std::nullopt;
}

std::optional<ServiceError> SimulatedAws::admit(const Exchange& exchange) {
  if (!is_struck_by(exchange.faults, FaultKind::kThrottled, false) &&
      throttle_.admit(exchange.service->id, exchange.operation,
                      fargate_tasks_of(exchange.operation, exchange.input), exchange.now))
    return std::nullopt;
  return make(kThrottled, exchange.protocol(), "Rate exceeded");
}

std::optional<ServiceError> SimulatedAws::authorize(const Exchange& exchange) {
  const auto denied = [&](std::string message) {
    return make(exchange.service == &aws::kSns   ? kDeniedBySns
                : exchange.service == &aws::kEc2 ? kDeniedByEc2
                                                 : kDenied,
                exchange.protocol(), std::move(message));
  };
  const auto needed = [&] {
    return needed_access(identity_.place(), exchange.service->id, exchange.operation,
                         exchange.input, definition_in_use(exchange.input),
                         settings_.tags_need_permission);
  };
  if (const Fault* fault = find_fault(exchange.faults, {FaultKind::kAccessDenied}, false)) {
    const std::vector<Access> accesses = needed();
    if (!fault->message.empty()) return denied(fault->message);
    if (!accesses.empty())
      return denied(denial_text(exchange.caller, accesses.front(), Denial::kNoIdentityPolicy));
    return denied("Access denied");
  }
  // Nothing to ask: spare the look-ups.
  if (exchange.caller.policies == nullptr && !settings_.identity.service_control_policies)
    return std::nullopt;
  if (auto message = denial(identity_, exchange.caller, needed()))
    return denied(std::move(*message));
  return std::nullopt;
}

std::optional<ServiceError> SimulatedAws::judge(const std::string& principal_arn,
                                                std::string_view service,
                                                std::string_view operation, const Json& input) {
  const Caller caller = identity_.caller_of(principal_arn);
  if (caller.policies == nullptr && !settings_.identity.service_control_policies)
    return std::nullopt;
  auto message = denial(identity_, caller,
                        needed_access(identity_.place(), service, operation, input, {},
                                      settings_.tags_need_permission));
  if (!message) return std::nullopt;
  const aws::ServiceFacts* facts = aws::find_service_facts(service);
  return make(kDenied, facts == nullptr ? aws::Protocol::kJson11 : facts->protocol,
              *std::move(message));
}

Answer<HttpResponse> SimulatedAws::effect(Exchange& exchange) {
  const aws::ServiceFacts& service = *exchange.service;
  const auto answered = [](std::string_view content_type, std::string body) {
    return HttpResponse{200, {{"Content-Type", std::string(content_type)}}, std::move(body)};
  };
  if (exchange.is_sts()) {
    TRY(std::string xml, call_sts(identity_, exchange.caller, exchange.operation, exchange.input,
                                  exchange.request_id, exchange.server_time));
    return answered("text/xml", std::move(xml));
  }

  const std::string region = exchange.authorization ? exchange.authorization->region : "";
  JsonArray failed;
  const Fault* partly = find_fault(exchange.faults, {FaultKind::kPartialFailure}, false);
  if (partly != nullptr) failed = take_out_failing(exchange.name, *partly, exchange.input);
  TRY(JsonText reply, world_->call({.principal_arn = exchange.caller.arn, .region = region},
                                   service.id, exchange.operation, exchange.input));
  if (!failed.empty()) {
    Json document = reply.parse();
    add_failed(failed, document);
    reply.text = to_text(document);
  }

  const aws::Facts& facts = aws::Facts::of(service);
  switch (exchange.protocol()) {
    case aws::Protocol::kQuery:
    case aws::Protocol::kEc2:
      return answered("text/xml", aws::encode_xml_document(service, facts, exchange.operation,
                                                           reply.parse(), exchange.request_id));
    case aws::Protocol::kRestJson:
    case aws::Protocol::kRestXml:
      return aws::encode_rest_answer(service, facts, exchange.operation, reply.parse());
    case aws::Protocol::kJson10:
      return answered("application/x-amz-json-1.0", std::move(reply.text));
    case aws::Protocol::kJson11:
      break;
  }
  return answered("application/x-amz-json-1.1", std::move(reply.text));
}

HttpResponse SimulatedAws::error_response(Exchange& exchange, ServiceError error) {
  // A fault may leave out what its kind implies.
  const bool is_xml = exchange.is_xml();
  if (error.status == 0) error.status = error.code.empty() ? 500 : 400;
  if (error.status == 503 && error.code.empty()) return {.status = 503};
  if (error.code.empty() && error.status == 500) error.code = internal_error(exchange.service);
  if (error.code.empty()) error.code = is_xml ? "ValidationError" : "ClientException";
  exchange.code = error.code;

  HttpResponse response{.status = error.status};
  if (is_xml) {
    response.headers.emplace_back("Content-Type", "text/xml");
    response.body = xml_error(*exchange.service, error, exchange.request_id);
    return response;
  }
  if (exchange.service == &aws::kCloudWatch) rename_for_json(error, response.headers);
  // rest-json says the code in the header alone.
  const bool is_rest = exchange.protocol() == aws::Protocol::kRestJson;
  JsonObject body;
  if (!is_rest) body["__type"] = error.code;
  if (!error.message.empty()) body[is_rest ? "Message" : "message"] = error.message;
  for (const auto& [name, value] : error.members) body[name] = value;
  response.headers.emplace_back("Content-Type", is_rest ? "application/json"
                                                : exchange.protocol() == aws::Protocol::kJson10
                                                    ? "application/x-amz-json-1.0"
                                                    : "application/x-amz-json-1.1");
  response.headers.emplace_back("x-amzn-ErrorType", error.code);
  response.body = to_text(body);
  return response;
}

// Every answer passes here: the headers all have, and the faults of answering itself.
Delivery SimulatedAws::finish(Exchange& exchange, HttpResponse response) {
  Delivery delivery;
  for (const bool after : {false, true}) {
    const Fault* html = find_fault(exchange.faults, {FaultKind::kHtml}, after);
    if (html == nullptr) continue;
    const int status = html->status == 0 ? 200 : html->status;
    response = {.status = status,
                .headers = {{"Content-Type", "text/html"}},
                .body =
                    "<html><head><title>Please sign in</title></head>"
                    "<body><h1>Please sign in</h1></body></html>\n"};
    exchange.code.clear();
  }
  response.headers.emplace_back("x-amzn-RequestId", exchange.request_id);
  response.headers.emplace_back("Date", to_http_date(exchange.server_time));
  for (const Fault* fault : exchange.faults) {
    if (fault->retry_after && response.status >= 400)
      response.headers.emplace_back(
          "x-amz-retry-after",
          fmt::format(
              "{}",
              std::chrono::duration_cast<std::chrono::milliseconds>(*fault->retry_after).count()));
    if (fault->kind == FaultKind::kSlow) delivery.delay += fault->delay;
    if (fault->kind == FaultKind::kSlowBytes) delivery.bytes_per_second = fault->bytes_per_second;
    if (fault->kind == FaultKind::kTruncated) {
      delivery.kind = Delivery::Kind::kTruncated;
      delivery.bytes = std::min(fault->bytes, response.body.empty() ? 0 : response.body.size() - 1);
    }
  }
  delivery.response = std::move(response);
  return delivery;
}

HttpResponse SimulatedAws::administration(const HttpRequest& request, std::string_view path,
                                          std::string_view query) {
  const auto json = [](int status, const JsonObject& body) {
    return HttpResponse{status, {{"Content-Type", "application/json"}}, to_pretty_text(body)};
  };
  if (path == "/_slipway/calls" && request.method == "GET") {
    JsonObject calls = calls_.to_json(form_value(query, "records").has_value());
    calls["now"] = to_iso8601(world_->now(), true);
    return json(200, calls);
  }
  if (path == "/_slipway/messages" && request.method == "GET")
    return json(200, {{"messages", world_->messages()}});
  if (path == "/_slipway/traffic" && request.method == "GET") return json(200, world_->traffic());
  if (path == "/_slipway/expectations" && request.method == "GET") {
    JsonArray sentences;
    for (const std::string& sentence : unmet_expectations()) sentences.emplace_back(sentence);
    return json(200, {{"unmet", std::move(sentences)}});
  }
  if (path == "/_slipway/reset" && request.method == "POST") {
    calls_.reset();
    world_->forget_messages();
    world_->forget_traffic();
    return json(200, {});
  }
  return json(
      404,
      {{"message",
        "GET /_slipway/calls, /_slipway/messages, /_slipway/traffic, /_slipway/expectations or "
        "POST /_slipway/reset"}});
}

std::vector<std::string> SimulatedAws::unmet_expectations() {
  return unmet(settings_.expectations, *world_, calls_);
}

bool SimulatedAws::is_deploying(std::string_view cluster_and_service) {
  const auto slash = cluster_and_service.find('/');
  if (slash == std::string_view::npos) return false;
  const Reply reply = world_->call(
      {}, "ecs", "DescribeServices",
      JsonObject{{"cluster", cluster_and_service.substr(0, slash)},
                 {"services", JsonArray{Json(cluster_and_service.substr(slash + 1))}}});
  if (!reply) return false;
  const Json document = reply->parse();
  const JsonArray* services = find_array(document, "services");
  if (services == nullptr || services->empty()) return false;
  const JsonArray* deployments = find_array(services->front(), "deployments");
  return deployments != nullptr && !deployments->empty() &&
         string_or_empty(deployments->front(), "rolloutState") == "IN_PROGRESS";
}

// Roles and tags of the definition a RunTask names; nothing when it does not exist, which the world
// will say in its turn.
DefinitionInUse SimulatedAws::definition_in_use(const Json& input) {
  DefinitionInUse definition;
  const auto name = find_string(input, "taskDefinition");
  if (!name) return definition;
  const Reply reply =
      world_->call({}, "ecs", "DescribeTaskDefinition",
                   JsonObject{{"taskDefinition", *name}, {"include", JsonArray{Json("TAGS")}}});
  if (!reply) return definition;
  const Json document = reply->parse();
  if (const Json* known = find(document, "taskDefinition"))
    for (const char* role : {"taskRoleArn", "executionRoleArn"})
      if (const auto arn = find_string(*known, role)) definition.roles.emplace_back(*arn);
  const JsonArray* tags = find_array(document, "tags");
  definition.has_tags = tags != nullptr && !tags->empty();
  return definition;
}

}  // namespace slipway::sim
