#include "sim/api.h"

#include "aws/facts.h"
#include "aws/query_document.h"
#include "aws/rest.h"
#include "aws/service.h"
#include "base/json.h"
#include "base/text.h"
#include "sim/api_errors.h"
#include "sim/api_exchange.h"
#include "sim/input_check.h"
#include "sim/partial_failure.h"
#include "sim/sts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::sim {
namespace {

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

}  // namespace

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
        common_error(service.protocol == aws::Protocol::kRestXml ? kMalformedXml : kMalformed,
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
    return common_error(kUnknownOperation, protocol, "The simulator does not have this service.");
  if (auto error = authenticate(exchange)) return error;
  if (auto error = admit(exchange)) return error;
  if (auto error = authorize(exchange)) return error;

  const bool is_known = exchange.is_sts() ? exchange.operation == "GetCallerIdentity" ||
                                                exchange.operation == "AssumeRole" ||
                                                exchange.operation == "AssumeRoleWithWebIdentity"
                                          : World::knows(exchange.service->id, exchange.operation);
  // AWS would say nothing, or "Could not find operation"; but it has the operation.
  if (!is_known)
    return common_error(
        kUnknownOperation, protocol,
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

}  // namespace slipway::sim
