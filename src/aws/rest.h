// The rest-json and rest-xml protocols: what is asked for is a method and a path, and the members
// of a request go into the path, the query, headers and the body. Where each one goes is a fact of
// models/, so a new service costs no code. Both directions work on documents: a request or an
// answer as one JSON object, as the JSON protocols write it whole. `facts` are those of the
// service; they also say whether bodies are JSON or XML.
// https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
// https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html
//
// Left out until a service needs it: prefixed header maps, JSON body members with other names than
// in the shape, and XML bodies that are one member (a test holds that against models/).
#pragma once

#include "aws/facts.h"
#include "aws/shape.h"
#include "base/json.h"
#include "base/result.h"
#include "base/transport.h"

#include <string>
#include <string_view>

namespace slipway::aws {

struct RestRequest {
  std::string method;
  std::string target;  // path and query, encoded for the wire: "/schedules/a%20b?groupName=g"
  HttpHeaders headers;
  std::string body;  // empty when no member goes there
};

// kInvalid "call.bad-request" when a member of the path is missing: the call would be another one.
Result<RestRequest> encode_rest(const Facts& facts, std::string_view operation, ConstRef request);
// The operation that a method and a path mean, or empty. A slash at the end makes no difference.
std::string_view find_rest_operation(const Facts& facts, std::string_view method,
                                     std::string_view path);
// `request.target` and the rest as they came over the wire.
Result<Json> decode_rest(const Facts& facts, std::string_view operation,
                         const RestRequest& request);

HttpResponse encode_rest_answer(const ServiceFacts& service, const Facts& facts,
                                std::string_view operation, const Json& answer);
Result<void> decode_rest_answer(const Facts& facts, std::string_view operation,
                                const HttpResponse& response, Ref answer);

}  // namespace slipway::aws
