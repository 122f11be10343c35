// The query and ec2 protocols: a request is a form, an answer is XML. Both directions work on
// documents (JSON objects), as models/ describes the operation; who has shapes uses codec.h.
// `facts` are those of the service.
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
// https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
#pragma once

#include "aws/facts.h"
#include "aws/service.h"
#include "base/json.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace slipway::aws {

// "Action=AssumeRole&Version=2011-06-15&RoleArn=..."
std::string encode_query_document(const ServiceFacts& service, const Facts& facts,
                                  std::string_view operation, const Json& request);
// kInvalid "call.bad-request" for a value that is not of its member's type. An operation that is
// not in models/ has no members.
Result<Json> decode_query_document(const ServiceFacts& service, const Facts& facts,
                                   std::string_view operation, std::string_view form);

std::string encode_xml_document(const ServiceFacts& service, const Facts& facts,
                                std::string_view operation, const Json& answer,
                                std::string_view request_id);
// Errors are those of read_xml.
Result<Json> decode_xml_document(const ServiceFacts& service, const Facts& facts,
                                 std::string_view operation, std::string_view text);

}  // namespace slipway::aws
