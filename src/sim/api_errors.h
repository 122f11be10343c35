// Errors as clients read them: each protocol has its own names, statuses and body for the same
// trouble.
#pragma once

#include "aws/service.h"
#include "base/transport.h"
#include "sim/answer.h"

#include <string>
#include <string_view>

namespace slipway::sim {

// An error every service can give: JSON services and the others name it differently, and rest-json
// has the names of the former with statuses of its own.
struct CommonError {
  int json_status;
  std::string_view json_code;
  int query_status;
  std::string_view query_code;
  int rest_status;
};
inline constexpr CommonError kMissingToken{400, "MissingAuthenticationTokenException", 403,
                                           "MissingAuthenticationToken", 403};
inline constexpr CommonError kUnknownKey{400, "UnrecognizedClientException", 403,
                                         "InvalidClientTokenId", 403};
inline constexpr CommonError kExpired{400, "ExpiredTokenException", 403, "ExpiredToken", 403};
inline constexpr CommonError kBadSignature{400, "InvalidSignatureException", 403,
                                           "SignatureDoesNotMatch", 403};
inline constexpr CommonError kDenied{400, "AccessDeniedException", 403, "AccessDenied", 403};
inline constexpr CommonError kDeniedByEc2{403, "UnauthorizedOperation", 403,
                                          "UnauthorizedOperation", 403};
inline constexpr CommonError kDeniedBySns{400, "AuthorizationErrorException", 403,
                                          "AuthorizationError", 403};
inline constexpr CommonError kThrottled{400, "ThrottlingException", 400, "Throttling", 429};
inline constexpr CommonError kUnknownOperation{400, "UnknownOperationException", 400,
                                               "InvalidAction", 404};
inline constexpr CommonError kMalformed{400, "SerializationException", 400, "MalformedQueryString",
                                        400};
inline constexpr CommonError kMalformedXml{400, "SerializationException", 400, "MalformedInput",
                                           400};

ServiceError common_error(const CommonError& error, aws::Protocol protocol, std::string message);

// What a service calls its own trouble; nullptr: none that is simulated.
std::string_view internal_error(const aws::ServiceFacts* service);

// The body where answers are XML.
std::string xml_error(const aws::ServiceFacts& service, const ServiceError& error,
                      std::string_view request_id);

// CloudWatch began with query: in JSON an error has its shape's name, and clients find the code
// they know in a header. https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
void rename_for_json(ServiceError& error, HttpHeaders& headers);

}  // namespace slipway::sim
