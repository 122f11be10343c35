// Shapes to bytes and back, for the protocols of service.h (rest.h has those with paths). The
// client encodes requests and decodes answers; the simulator does the opposite with the same
// functions. The vectors in tests/vectors, recorded from botocore, hold both directions to AWS's
// own format.
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

// ---- Query and ec2: a form goes out, XML comes back (query_document.h) ----

std::string encode_query(const ServiceFacts& service, std::string_view operation, ConstRef request);
Result<void> decode_query(const ServiceFacts& service, std::string_view operation,
                          std::string_view form, Ref request);

std::string encode_xml(const ServiceFacts& service, std::string_view operation, ConstRef answer,
                       std::string_view request_id);
Result<void> decode_xml(const ServiceFacts& service, std::string_view operation,
                        std::string_view text, Ref answer);

// ---- Errors ----

struct WireError {
  std::string code;  // "ClusterNotFoundException": namespace and suffix removed
  std::string message;
  std::string request_id;  // from the body, where that is XML
};
std::string plain_error_code(std::string_view code);
// nullopt when the body is not of that format; the code is empty when the body does not say it.
std::optional<WireError> decode_json_error(std::string_view body);
std::optional<WireError> decode_xml_error(std::string_view body);

}  // namespace slipway::aws
