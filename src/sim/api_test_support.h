// A small simulated AWS for tests: the built-in shop with further keys of a scenario, and requests
// as clients send them.
#pragma once

#include "aws/sigv4.h"
#include "sim/scenario.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace slipway::sim {

inline std::unique_ptr<SimulatedAws> shop_with(std::string_view more_keys,
                                               TimePoint start = kUsualStart) {
  std::string text = built_in_scenario_text("shop");
  text = text.substr(0, text.find("\nimages:") + 1);
  text += more_keys;
  Diagnostics diagnostics;
  const auto scenario = read_scenario(
      std::make_shared<SourceText>(SourceText{"test.yml", std::move(text)}), diagnostics);
  std::unique_ptr<SimulatedAws> aws;
  if (scenario) aws = make_aws(*scenario, start, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) ADD_FAILURE() << to_string(diagnostic);
  return aws;
}

inline HttpRequest json_request(std::string_view operation, std::string body,
                                std::string_view access_key = "AKIATEST") {
  return {
      .method = "POST",
      .url = "https://ecs.eu-west-1.amazonaws.com/",
      .headers = {{"Content-Type", "application/x-amz-json-1.1"},
                  {"X-Amz-Target", "AmazonEC2ContainerServiceV20141113." + std::string(operation)},
                  {"Authorization", "AWS4-HMAC-SHA256 Credential=" + std::string(access_key) +
                                        "/20260105/eu-west-1/ecs/aws4_request, "
                                        "SignedHeaders=host;x-amz-date, Signature=00"}},
      .body = std::move(body)};
}

inline HttpRequest form_request(std::string body, std::string_view access_key = "AKIATEST") {
  HttpRequest request{
      .method = "POST",
      .url = "https://sts.eu-west-1.amazonaws.com/",
      .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
      .body = std::move(body) + "&Version=2011-06-15"};
  if (!access_key.empty())
    request.headers.emplace_back("Authorization",
                                 "AWS4-HMAC-SHA256 Credential=" + std::string(access_key) +
                                     "/20260105/eu-west-1/sts/aws4_request, "
                                     "SignedHeaders=host;x-amz-date, Signature=00");
  return request;
}

}  // namespace slipway::sim
