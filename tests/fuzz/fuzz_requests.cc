// What clients send to the simulated AWS. An input is one or more requests with a line of three
// dashes between them, each the first line of HTTP, headers, an empty line and a body; or a line
// "service:Operation" and the input as JSON, which is sent as that service wants it.
#include "aws/query_document.h"
#include "aws/service.h"
#include "base/json.h"
#include "sim/api.h"

#include "check.h"

#include <cstddef>
#include <cstdint>

namespace slipway::fuzz {
namespace {

HttpRequest raw_request(std::string_view text) {
  std::string_view rest = text;
  std::string_view line = take_line(rest);
  const auto word = [&line] {
    const std::size_t end = std::min(line.find(' '), line.size());
    const std::string_view taken = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return std::string(taken);
  };
  HttpRequest request{
      .method = word(), .url = "http://127.0.0.1" + word(), .headers = {}, .body = {}};
  while (!rest.empty()) {
    const std::string_view header = take_line(rest);
    if (header.empty()) break;
    const std::size_t colon = std::min(header.find(": "), header.size());
    request.headers.emplace_back(header.substr(0, colon),
                                 header.substr(std::min(colon + 2, header.size())));
  }
  request.body = std::string(rest);
  return request;
}

std::string authorization_for(const aws::ServiceFacts& service) {
  return "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/eu-west-1/" +
         std::string(service.signing_name) +
         "/aws4_request, SignedHeaders=host;x-amz-date, Signature=00";
}

// nullopt for a service or an operation that a line cannot name.
std::optional<HttpRequest> request_of(std::string_view text) {
  std::string_view body = text;
  const std::string_view line = take_line(body);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const aws::ServiceFacts* service = aws::find_service_facts(line.substr(0, colon));
  if (service == nullptr) return std::nullopt;
  const std::string operation(line.substr(colon + 1));
  HttpRequest request{.url = "http://127.0.0.1/",
                      .headers = {{"Authorization", authorization_for(*service)}},
                      .body = std::string(body)};
  if (!service->target_prefix.empty()) {
    request.headers.emplace_back("X-Amz-Target",
                                 std::string(service->target_prefix) + "." + operation);
    return request;
  }
  if (service->xml_namespace.empty() || service->protocol == aws::Protocol::kRestXml)
    return std::nullopt;
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  const Result<Json> input = parse_json(body);
  if (input && input->is_object())
    request.body =
        aws::encode_query_document(*service, aws::Facts::of(*service), operation, *input);
  return request;
}

}  // namespace
}  // namespace slipway::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace slipway;
  constexpr TimePoint kStart{std::chrono::seconds(1'767'225'600)};
  sim::SimulatedAws aws(std::make_unique<sim::World>(sim::WorldSettings{.start = kStart}), {});
  const std::string input = fuzz::text_of(bytes, size);
  constexpr std::string_view kBetween = "\n---\n";
  TimePoint now = kStart;
  for (std::string_view rest = input; !rest.empty(); now += std::chrono::minutes(1)) {
    const std::size_t end = std::min(rest.find(kBetween), rest.size());
    const std::string_view text = rest.substr(0, end);
    rest.remove_prefix(std::min(end + kBetween.size(), rest.size()));
    const HttpRequest request = fuzz::request_of(text).value_or(fuzz::raw_request(text));
    const sim::Delivery delivery = aws.handle(request, now);
    fuzz::must(delivery.kind == sim::Delivery::Kind::kWhole, "every request is answered");
    fuzz::must(delivery.response.status >= 200 && delivery.response.status <= 599,
               "the answer has a status");
  }
  return 0;
}
