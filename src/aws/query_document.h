// The query protocol for whoever answers it: a form becomes the request as one JSON object, and an
// answer that is one becomes XML, both as models/ describes the operation. (Who asks has shapes:
// codec.h.)
#pragma once

#include "aws/service.h"
#include "base/json.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace slipway::aws {

// kInvalid "call.bad-request" for a value that is not of its member's type. An operation that is
// not in models/ has no members.
Result<Json> decode_query_document(const ServiceFacts& service, std::string_view operation,
                                   std::string_view form);

std::string encode_xml_document(const ServiceFacts& service, std::string_view operation,
                                const Json& answer, std::string_view request_id);

}  // namespace slipway::aws
