// Shapes in the query and ec2 protocols: by way of documents (query_document.h).
#include "aws/codec.h"
#include "aws/query_document.h"

#include <utility>

namespace slipway::aws {
namespace {

Json document_of(ConstRef shape, Side side) {
  return parse_json(encode_json(shape, side)).value();  // our own text
}

}  // namespace

std::string encode_query(const ServiceFacts& service, std::string_view operation,
                         ConstRef request) {
  return encode_query_document(service, Facts::of(service), operation,
                               document_of(request, Side::kRequest));
}

Result<void> decode_query(const ServiceFacts& service, std::string_view operation,
                          std::string_view form, Ref request) {
  TRY(const Json document, decode_query_document(service, Facts::of(service), operation, form));
  return decode_document(document, request);
}

std::string encode_xml(const ServiceFacts& service, std::string_view operation, ConstRef answer,
                       std::string_view request_id) {
  return encode_xml_document(service, Facts::of(service), operation,
                             document_of(answer, Side::kAnswer), request_id);
}

Result<void> decode_xml(const ServiceFacts& service, std::string_view operation,
                        std::string_view text, Ref answer) {
  TRY(const Json document, decode_xml_document(service, Facts::of(service), operation, text));
  return decode_document(document, answer);
}

}  // namespace slipway::aws
