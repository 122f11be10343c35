// What comes back from AWS, or from whatever stands in front of it. The first line of an input is
// an HTTP status and an operation, "200 DescribeServices"; the rest is the body.
#include "aws/all_operations.h"
#include "aws/codec.h"
#include "aws/errors.h"
#include "aws/last_answer.h"
#include "aws/rest.h"

#include "check.h"

#include <cstddef>
#include <cstdint>
#include <tuple>

namespace slipway::fuzz {
namespace {

template <class Operation>
Result<void> decode(const Operation& operation, const HttpResponse& response,
                    typename Operation::Response& answer) {
  const aws::ServiceFacts& service = operation.service;
  switch (service.protocol) {
    case aws::Protocol::kJson10:
    case aws::Protocol::kJson11:
      return aws::decode_json(response.body, aws::ref(answer));
    case aws::Protocol::kQuery:
    case aws::Protocol::kEc2:
      return aws::decode_xml(service, operation.name, response.body, aws::ref(answer));
    case aws::Protocol::kRestJson:
    case aws::Protocol::kRestXml:
      break;
  }
  return aws::decode_rest_answer(aws::Facts::of(service), operation.name, response,
                                 aws::ref(answer));
}

template <class Operation>
void take(const Operation& operation, const HttpResponse& response) {
  const aws::CallFacts call = operation.facts({});
  if (response.status != 200) {
    const Error error = aws::error_of_answer(call, "https://aws.example", response);
    must(!error.message.empty(), "every error says something");
    return;
  }
  typename Operation::Response answer;
  const Result<void> decoded = decode(operation, response, answer);
  static_cast<void>(aws::is_foreign_body(call, response));
  if (decoded) return;
  must(!aws::error_of_bad_body(call, "https://aws.example", response, decoded.error().message)
            .message.empty(),
       "every error says something");
}

}  // namespace
}  // namespace slipway::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace slipway;
  const std::string input = fuzz::text_of(bytes, size);
  std::string_view body = input;
  const std::string_view line = fuzz::take_line(body);
  const std::size_t space = std::min(line.find(' '), line.size());
  const std::string_view name = line.substr(std::min(space + 1, line.size()));
  HttpResponse response{.status = line.starts_with("200") ? 200
                                  : line.starts_with("5") ? 503
                                                          : 400,
                        .headers = {{"x-amzn-requestid", "r"}},
                        .body = std::string(body)};
  std::apply(
      [&](const auto&... operations) {
        const auto take_named = [&](const auto& operation) {
          if (operation.name == name) fuzz::take(operation, response);
        };
        (take_named(operations), ...);
      },
      aws::kAllOperations);
  return 0;
}
