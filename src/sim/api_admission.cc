// Whether a call is let in: its signature, its rate, its permissions.

#include "base/text.h"
#include "sim/api.h"
#include "sim/api_errors.h"
#include "sim/api_exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway::sim {
namespace {

constexpr Duration kAcceptedSkew = std::chrono::minutes(5);

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

std::optional<ServiceError> SimulatedAws::authenticate(Exchange& exchange) {
  const aws::Protocol protocol = exchange.protocol();
  const SignatureMode mode = settings_.identity.signatures;
  const auto& authorization = exchange.authorization;
  if (exchange.is_unsigned()) return std::nullopt;
  if (!authorization) {
    if (mode != SignatureMode::kOff)
      return common_error(kMissingToken, protocol,
                          exchange.is_xml() ? "Request is missing Authentication Token"
                                            : "Missing Authentication Token");
    exchange.caller = identity_.anyone("");
    return std::nullopt;
  }

  if (is_struck_by(exchange.faults, FaultKind::kExpiredCredentials, false))
    identity_.expire(authorization->access_key_id, exchange.now);
  if (identity_.is_expired(authorization->access_key_id, exchange.server_time))
    return common_error(kExpired, protocol,
                        "The security token included in the request is expired");
  const KeyRecord* key = identity_.find_key(authorization->access_key_id);
  exchange.caller = key != nullptr ? key->caller : identity_.anyone(authorization->access_key_id);

  const bool verifies = mode == SignatureMode::kVerify;
  const std::string_view token = find_header(exchange.request.headers, "X-Amz-Security-Token");
  if (verifies && (key == nullptr || token != key->session_token))
    return common_error(kUnknownKey, protocol,
                        "The security token included in the request is invalid.");

  const bool clock_is_off = exchange.server_time != exchange.now;
  const std::string_view date = find_header(exchange.request.headers, "X-Amz-Date");
  if (settings_.check_dates && (verifies || clock_is_off)) {
    const auto signed_at = parse_iso8601(date);
    if (!signed_at)
      return common_error(kBadSignature, protocol, "Date must be in ISO-8601 'basic format'.");
    const TimePoint oldest = exchange.server_time - kAcceptedSkew;
    const TimePoint newest = exchange.server_time + kAcceptedSkew;
    const std::string server = to_compact_iso8601(exchange.server_time);
    if (*signed_at < oldest)
      return common_error(kBadSignature, protocol,
                          fmt::format("Signature expired: {} is now earlier than {} ({} - 5 min.)",
                                      date, to_compact_iso8601(oldest), server));
    if (*signed_at > newest)
      return common_error(
          kBadSignature, protocol,
          fmt::format("Signature not yet current: {} is still later than {} ({} + 5 min.)", date,
                      to_compact_iso8601(newest), server));
  }
  if (!verifies) return std::nullopt;

  if (authorization->service != exchange.service->signing_name)
    return common_error(kBadSignature, protocol,
                        fmt::format("Credential should be scoped to correct service: '{}'.",
                                    exchange.service->signing_name));
  const auto& names = authorization->signed_headers;
  const bool signs_host = std::find(names.begin(), names.end(), "host") != names.end();
  const std::string expected =
      aws::expected_signature(exchange.request, *authorization, Secret(key->secret_key), keys_)
          .signature;
  if (!signs_host || !date.starts_with(authorization->date) || expected != authorization->signature)
    return common_error(
        kBadSignature, protocol,
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
  return common_error(kThrottled, exchange.protocol(), "Rate exceeded");
}

std::optional<ServiceError> SimulatedAws::authorize(const Exchange& exchange) {
  const auto denied = [&](std::string message) {
    return common_error(exchange.service == &aws::kSns   ? kDeniedBySns
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
  return common_error(kDenied, facts == nullptr ? aws::Protocol::kJson11 : facts->protocol,
                      *std::move(message));
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
