#include "sim/api_errors.h"

#include "aws/facts.h"
#include "aws/form.h"

#include <fmt/format.h>

#include <utility>

namespace slipway::sim {
namespace {

std::string xml_escaped(std::string_view text) {
  std::string escaped;
  aws::append_xml_escaped(escaped, text);
  return escaped;
}

}  // namespace

ServiceError common_error(const CommonError& error, aws::Protocol protocol, std::string message) {
  const bool is_xml = aws::answers_xml(protocol);
  const bool is_rest = protocol == aws::Protocol::kRestJson;
  return {is_xml    ? error.query_status
          : is_rest ? error.rest_status
                    : error.json_status,
          std::string(is_xml ? error.query_code : error.json_code),
          std::move(message),
          {}};
}

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

void rename_for_json(ServiceError& error, HttpHeaders& headers) {
  headers.emplace_back(
      "x-amzn-query-error",
      fmt::format("{};{}", error.code, error.status >= 500 ? "Receiver" : "Sender"));
  const aws::Facts& facts = aws::Facts::of(aws::kCloudWatch);
  for (const std::string_view name : facts.shape_names())
    if (facts.shape(name)->error_code == error.code) error.code = name;
}

}  // namespace slipway::sim
