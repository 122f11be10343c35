#include "sim/sts.h"

#include "aws/codec.h"
#include "aws/facts.h"
#include "aws/query_document.h"
#include "aws/sts.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway::sim {
namespace {

using std::chrono::seconds;

ServiceError error_of(int status, const char* code, std::string message) {
  return {.status = status, .code = code, .message = std::move(message), .members = {}};
}

ServiceError access_denied(std::string message) {
  return error_of(403, "AccessDenied", std::move(message));
}

ServiceError unknown_operation(std::string_view operation) {
  return error_of(
      400, "InvalidAction",
      fmt::format("Could not find operation {} for version {}", operation, aws::kSts.api_version));
}

template <class Response>
void fill(Response& response, const IssuedCredentials& issued) {
  response.Credentials = {.AccessKeyId = issued.access_key,
                          .SecretAccessKey = issued.secret_key,
                          .SessionToken = issued.session_token,
                          .Expiration = issued.expires};
  response.AssumedRoleUser = {.AssumedRoleId = issued.assumed_role_id,
                              .Arn = issued.assumed_role_arn};
}

template <class Response>
std::string xml(std::string_view operation, const Response& response, std::string_view request_id) {
  return aws::encode_xml(aws::kSts, operation, aws::ref(response), request_id);
}

Answer<Duration> session_duration(const std::optional<int>& asked, const RoleSettings& role) {
  const Duration wanted = seconds(asked.value_or(3600));
  if (asked && wanted > role.max_session)
    return error_of(
        400, "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  return role.lifetime.value_or(wanted);
}

Answer<std::string> assume_role(Identity& identity, const Caller& caller,
                                const aws::AssumeRoleRequest& request, std::string_view request_id,
                                TimePoint now) {
  const RoleSettings* role = identity.find_role(request.RoleArn);
  const auto trusts = [&](const std::string& pattern) {
    return matches_wildcard(pattern, caller.arn);
  };
  // From outside, a role that does not exist looks like one that does not trust the caller.
  const bool may_assume =
      role != nullptr && std::any_of(role->trusted.begin(), role->trusted.end(), trusts) &&
      (role->external_id.empty() || role->external_id == request.ExternalId) &&
      (!role->needs_mfa || (!request.SerialNumber.empty() && !request.TokenCode.empty()));
  if (!may_assume)
    return access_denied(
        fmt::format("User: {} is not authorized to perform: sts:AssumeRole on "
                    "resource: {}",
                    caller.arn, request.RoleArn));
  const Answer<Duration> lifetime = session_duration(request.DurationSeconds, *role);
  if (!lifetime) return lifetime.error();
  if (caller.has_assumed_role && *lifetime > std::chrono::hours(1))
    return error_of(400, "ValidationError",
                    "The requested DurationSeconds exceeds the 1 hour session limit for roles "
                    "assumed by role chaining");
  aws::AssumeRoleResponse response;
  fill(response, identity.issue(*role, request.RoleSessionName, *lifetime, now));
  return xml("AssumeRole", response, request_id);
}

Answer<std::string> assume_role_with_web_identity(
    Identity& identity, const aws::AssumeRoleWithWebIdentityRequest& request,
    std::string_view request_id, TimePoint now) {
  const RoleSettings* role = identity.find_role(request.RoleArn);
  const auto accepts = [&](const std::string& pattern) {
    return matches_wildcard(pattern, request.WebIdentityToken);
  };
  if (role == nullptr ||
      std::none_of(role->web_identity_tokens.begin(), role->web_identity_tokens.end(), accepts))
    return access_denied("Not authorized to perform sts:AssumeRoleWithWebIdentity");
  const Answer<Duration> lifetime = session_duration(request.DurationSeconds, *role);
  if (!lifetime) return lifetime.error();
  aws::AssumeRoleWithWebIdentityResponse response;
  fill(response, identity.issue(*role, request.RoleSessionName, *lifetime, now));
  response.SubjectFromWebIdentityToken = "simulated-subject";
  response.Audience = "sts.amazonaws.com";
  return xml("AssumeRoleWithWebIdentity", response, request_id);
}

}  // namespace

Answer<Json> sts_input(std::string_view operation, std::string_view form) {
  const aws::Facts& facts = aws::Facts::of(aws::kSts);
  Result<Json> input = aws::decode_query_document(aws::kSts, facts, operation, form);
  if (!input) return error_of(400, "MalformedQueryString", input.error().message);
  return std::move(input).value();
}

Answer<std::string> call_sts(Identity& identity, const Caller& caller, std::string_view operation,
                             const Json& input, std::string_view request_id, TimePoint now) {
  if (operation == "GetCallerIdentity")
    return xml(
        "GetCallerIdentity",
        aws::GetCallerIdentityResponse{
            .UserId = caller.user_id, .Account = identity.place().account, .Arn = caller.arn},
        request_id);
  if (operation == "AssumeRole") {
    const auto request = aws::from_json<aws::AssumeRoleRequest>(input);
    if (request) return assume_role(identity, caller, *request, request_id, now);
  }
  if (operation == "AssumeRoleWithWebIdentity") {
    const auto request = aws::from_json<aws::AssumeRoleWithWebIdentityRequest>(input);
    if (request) return assume_role_with_web_identity(identity, *request, request_id, now);
  }
  return unknown_operation(operation);
}

}  // namespace slipway::sim
