// Shapes to bytes and back, for the protocols of service.h. The client encodes requests and decodes
// answers; the simulator does the opposite with the same functions. The vectors in tests/vectors,
// recorded from botocore, hold both directions to AWS's own format.
//
// Text that is no JSON or XML is "json.syntax" or "xml.syntax"; otherwise decoding errors are
// kUnavailable "call.bad-answer" and name the member: "services[0].desiredCount: expected a whole
// number, found "three"".
#pragma once

#include "aws/service.h"
#include "aws/shape.h"
#include "base/json.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace slipway::aws {

// ---- JSON ----

std::string encode_json(ConstRef shape, Side side);
Result<void> decode_json(std::string_view text, Ref shape);
Result<void> decode_document(const Json& document, Ref shape);

template <class T>
Result<T> from_json(const Json& document) {
  T shape{};
  TRY_VOID(decode_document(document, ref(shape)));
  return shape;
}
template <class T>
Result<T> from_json_text(std::string_view text) {
  T shape{};
  TRY_VOID(decode_json(text, ref(shape)));
  return shape;
}

// What stands there, for messages of the form "expected A, found B".
std::string describe(const Json& json);

// ---- Query: a form goes out, XML comes back ----

// "Action=AssumeRole&Version=2011-06-15&RoleArn=..."
std::string encode_query(const ServiceFacts& service, std::string_view operation, ConstRef request);
// Members of the form that are not in the shape (Action, Version) are ignored.
Result<void> decode_query(std::string_view form, Ref request);

// <OperationResponse><OperationResult>...
std::string encode_xml(const ServiceFacts& service, std::string_view operation, ConstRef answer,
                       std::string_view request_id);
Result<void> decode_xml(std::string_view text, std::string_view operation, Ref answer);

// ---- Errors ----

struct WireError {
  std::string code;  // "ClusterNotFoundException": namespace and suffix removed
  std::string message;
  std::string request_id;  // from the body, query services only
};
std::string plain_error_code(std::string_view code);
// nullopt when the body is not of that protocol; the code is empty when the body does not say it.
std::optional<WireError> decode_json_error(std::string_view body);
std::optional<WireError> decode_xml_error(std::string_view body);

}  // namespace slipway::aws
