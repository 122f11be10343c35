#include "aws/errors.h"

#include "aws/codec.h"
#include "aws/retry.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway::aws {
namespace {

struct CodeRow {
  std::string_view code;
  ErrorKind kind;
};

// What the rules below the table do not say by themselves.
constexpr CodeRow kCodes[] = {
    // Identity and permission.
    {"AccessDenied", ErrorKind::kDenied},
    {"AccessDeniedException", ErrorKind::kDenied},
    {"AuthFailure", ErrorKind::kDenied},
    {"AuthorizationError", ErrorKind::kDenied},
    {"BlockedException", ErrorKind::kDenied},
    {"ExpiredToken", ErrorKind::kDenied},
    {"ExpiredTokenException", ErrorKind::kDenied},
    {"IDPRejectedClaim", ErrorKind::kDenied},
    {"InvalidSecurity", ErrorKind::kDenied},
    {"IncompleteSignature", ErrorKind::kDenied},
    {"IncompleteSignatureException", ErrorKind::kDenied},
    {"InvalidClientTokenId", ErrorKind::kDenied},
    {"InvalidIdentityToken", ErrorKind::kDenied},
    {"InvalidSignatureException", ErrorKind::kDenied},
    {"KMSAccessDenied", ErrorKind::kDenied},
    {"KMSOptInRequired", ErrorKind::kDenied},
    {"MissingAuthenticationToken", ErrorKind::kDenied},
    {"MissingAuthenticationTokenException", ErrorKind::kDenied},
    {"NotAuthorized", ErrorKind::kDenied},
    {"NotAuthorizedException", ErrorKind::kDenied},
    {"OptInRequired", ErrorKind::kDenied},
    {"RequestExpired", ErrorKind::kDenied},
    {"RequestInTheFuture", ErrorKind::kDenied},
    {"RequestTimeTooSkewed", ErrorKind::kDenied},
    {"RegionDisabledException", ErrorKind::kDenied},
    {"SignatureDoesNotMatch", ErrorKind::kDenied},
    {"SubscriptionRequiredException", ErrorKind::kDenied},
    {"UnauthorizedException", ErrorKind::kDenied},
    {"UnauthorizedOperation", ErrorKind::kDenied},
    {"UnrecognizedClientException", ErrorKind::kDenied},
    // Somebody else's state is in the way.
    {"ClusterContainsCapacityProviderException", ErrorKind::kConflict},
    {"ClusterContainsContainerInstancesException", ErrorKind::kConflict},
    {"ClusterContainsServicesException", ErrorKind::kConflict},
    {"ClusterContainsTasksException", ErrorKind::kConflict},
    {"ConcurrentAccess", ErrorKind::kConflict},
    {"ConcurrentModificationException", ErrorKind::kConflict},
    {"ConcurrentUpdateException", ErrorKind::kConflict},
    {"ConcurrentModification", ErrorKind::kConflict},
    {"ConditionalCheckFailedException", ErrorKind::kConflict},
    {"ConflictException", ErrorKind::kConflict},
    {"ConflictingDomainExists", ErrorKind::kConflict},
    {"DeleteConflict", ErrorKind::kConflict},
    {"DeploymentAlreadyCompletedException", ErrorKind::kConflict},
    {"DeploymentLimitExceededException", ErrorKind::kConflict},
    {"HostedZoneNotEmpty", ErrorKind::kConflict},
    {"OperationAbortedException", ErrorKind::kConflict},
    {"PriorityInUse", ErrorKind::kConflict},
    {"ReplicatedWriteConflictException", ErrorKind::kConflict},
    {"ResourceAlreadyExistsException", ErrorKind::kConflict},
    {"ResourceExistsException", ErrorKind::kConflict},
    {"ResourceInUse", ErrorKind::kConflict},
    {"ResourceInUseException", ErrorKind::kConflict},
    {"ServiceNotActiveException", ErrorKind::kConflict},
    {"TransactionConflictException", ErrorKind::kConflict},
    {"UpdateInProgressException", ErrorKind::kConflict},
    // The service's own trouble, with a 4xx.
    {"IDPCommunicationError", ErrorKind::kUnavailable},
    {"InternalServiceException", ErrorKind::kUnavailable},
    {"KMSThrottling", ErrorKind::kThrottled},
    {"RequestTimeout", ErrorKind::kUnavailable},
    {"RequestTimeoutException", ErrorKind::kUnavailable},
    {"TargetNotConnectedException", ErrorKind::kUnavailable},
};

struct MessageRow {
  std::string_view code;
  std::string_view beginning;
  ErrorKind kind;
};

constexpr MessageRow kMessages[] = {
    {"ClientException", "Unable to describe task definition", ErrorKind::kNotFound},
    {"ClientException", "TaskDefinition not found", ErrorKind::kNotFound},
    {"InvalidParameterException", "TaskDefinition not found", ErrorKind::kNotFound},
    {"InvalidParameterException", "The referenced task was not found", ErrorKind::kNotFound},
    {"InvalidParameterException", "Creation of service was not idempotent", ErrorKind::kConflict},
};

// A piece of a body for a message: one line, short.
std::string shown(std::string_view body) {
  constexpr std::size_t kMostShown = 100;
  std::string text;
  for (const char c : body.substr(0, kMostShown))
    text += static_cast<unsigned char>(c) < 0x20 || c == '\x7f' ? ' ' : c;
  // A character cut in half would break the terminal.
  while (body.size() > kMostShown && !text.empty() && (text.back() & 0x80) != 0) text.pop_back();
  return fmt::format("\"{}{}\"", text, body.size() > kMostShown ? "..." : "");
}

// By the body alone: servers say text/html of anything.
bool is_html(const HttpResponse& response) {
  const std::string beginning = to_lower(std::string_view(response.body).substr(0, 200));
  return beginning.find("<html") != std::string::npos ||
         beginning.find("<!doctype html") != std::string::npos;
}

std::string describe_body(const HttpResponse& response) {
  if (response.body.empty()) return "an empty body";
  if (is_html(response)) return "a web page: " + shown(response.body);
  return shown(response.body);
}

Error base_error(const CallFacts& call, const HttpResponse& response) {
  return Error{.operation = operation_name(call),
               .request_id = request_id_of(response),
               .http_status = response.status};
}

std::optional<WireError> wire_error(const CallFacts& call, const HttpResponse& response) {
  if (is_html(response)) return std::nullopt;
  if (answers_xml(call.service)) return decode_xml_error(response.body);
  auto error = decode_json_error(response.body);
  // In query-compatible mode this header has the code that clients know: "ResourceNotFound;Sender".
  std::string_view code = find_header(response.headers, "x-amzn-query-error");
  code = code.substr(0, code.find(';'));
  if (!code.empty()) {
    if (!error) error.emplace();
    error->code = code;
  }
  // rest-json says it in the header first; the body has only the message.
  if (!error || error->code.empty() || call.service.protocol == Protocol::kRestJson) {
    code = find_header(response.headers, "x-amzn-errortype");
    if (!code.empty()) {
      if (!error) error.emplace();
      error->code = plain_error_code(code);
    }
  }
  return error;
}

}  // namespace

std::string operation_name(const CallFacts& call) {
  return fmt::format("{}:{}", call.service.id, call.operation);
}

ErrorKind kind_of_code(std::string_view code, int http_status, std::string_view message) {
  for (const MessageRow& row : kMessages)
    if (row.code == code && message.starts_with(row.beginning)) return row.kind;
  for (const CodeRow& row : kCodes)
    if (row.code == code) return row.kind;
  if (trouble_of_answer(http_status, code) == Trouble::kThrottled) return ErrorKind::kThrottled;
  if (code.ends_with("NotFound") || code.ends_with("NotFoundException") ||
      code.ends_with("DoesNotExistException") || code.starts_with("NoSuch"))
    return ErrorKind::kNotFound;
  if (code.find("AlreadyExists") != std::string_view::npos || code.starts_with("Duplicate"))
    return ErrorKind::kConflict;
  return http_status >= 500 ? ErrorKind::kUnavailable : ErrorKind::kInvalid;
}

std::string request_id_of(const HttpResponse& response) {
  for (const std::string_view name : {"x-amzn-requestid", "x-amz-request-id"})
    if (const std::string_view id = find_header(response.headers, name); !id.empty())
      return std::string(id);
  return {};
}

std::optional<Denial> parse_denial(std::string_view message) {
  constexpr std::string_view kPerform = "not authorized to perform: ";
  constexpr std::string_view kOn = " on resource: ";
  constexpr std::string_view kBecause = " because ";
  constexpr std::string_view kWith = " with ";  // "... with an explicit deny in a ..."
  const std::size_t perform = message.find(kPerform);
  if (perform == std::string_view::npos) return std::nullopt;
  std::string_view rest = message.substr(perform + kPerform.size());

  Denial denial;
  for (const std::string_view separator : {kBecause, kWith}) {
    const std::size_t place = rest.find(separator);
    if (place == std::string_view::npos) continue;
    denial.because = rest.substr(place + separator.size());
    rest = rest.substr(0, place);
    break;
  }
  if (const std::size_t on = rest.find(kOn); on != std::string_view::npos) {
    denial.resource = trim(rest.substr(on + kOn.size()));
    rest = rest.substr(0, on);
  }
  denial.action = trim(rest);
  if (denial.action.empty()) return std::nullopt;
  return denial;
}

Error error_of_answer(const CallFacts& call, std::string_view endpoint,
                      const HttpResponse& response) {
  Error error = base_error(call, response);
  std::optional<WireError> wire = wire_error(call, response);
  if (!wire || wire->code.empty()) {
    error.code = response.status >= 500 || response.status == 429
                     ? fmt::format("http.{}", response.status)
                     : "call.bad-answer";
    error.kind = response.status == 429 ? ErrorKind::kThrottled : ErrorKind::kUnavailable;
    error.message =
        fmt::format("{} answered {} with {}", endpoint, response.status, describe_body(response));
    return error;
  }

  error.code = wire->code;
  if (error.request_id.empty()) error.request_id = wire->request_id;
  error.kind = kind_of_code(error.code, response.status, wire->message);
  error.message = wire->message.empty() ? fmt::format("{} refused {} with {} and no further word",
                                                      endpoint, call.operation, error.code)
                                        : wire->message;
  if (const auto denial = error.kind == ErrorKind::kDenied ? parse_denial(wire->message)
                                                           : std::optional<Denial>()) {
    error.message = fmt::format("access denied to {}", denial->action);
    if (!denial->resource.empty() && denial->resource != "*")
      error.message += fmt::format(" on {}", denial->resource);
    if (!denial->because.empty()) error.message += fmt::format(": {}", denial->because);
  }
  return error;
}

Error error_of_bad_body(const CallFacts& call, std::string_view endpoint,
                        const HttpResponse& response, std::string_view problem) {
  Error error = base_error(call, response);
  error.kind = ErrorKind::kUnavailable;
  error.code = "call.bad-answer";
  const bool is_secret = call.answers_secrets && !response.body.empty() && !is_html(response);
  error.message = fmt::format(
      "{} answered {} with {}", endpoint, response.status,
      is_secret ? "what is no answer to " + std::string(call.operation) : describe_body(response));
  if (!is_secret && !response.body.empty() && !is_html(response))
    error.message += fmt::format(" ({})", problem);
  return error;
}

bool is_foreign_body(const CallFacts& call, const HttpResponse& response) {
  const std::string_view body = trim(response.body);
  const char first = answers_xml(call.service) ? '<' : '{';
  return is_html(response) || (!body.empty() && body.front() != first);
}

}  // namespace slipway::aws
