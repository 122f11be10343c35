// The metadata service of EC2 instances: who answers at 169.254.169.254 tells the instance's region
// and the credentials of its role. Version 2 wants a session token first; version 1 is the
// fall-back where there is none.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
#pragma once

#include "base/result.h"
#include "base/runtime.h"
#include "base/text.h"
#include "base/time.h"

#include <optional>
#include <string>
#include <string_view>

namespace slipway::aws {

struct ImdsSettings {
  bool is_disabled = false;     // AWS_EC2_METADATA_DISABLED
  bool is_v1_disabled = false;  // AWS_EC2_METADATA_V1_DISABLED
  std::string endpoint = "http://169.254.169.254";
  // Elsewhere than on an instance nobody answers, and every run without credentials waits for this.
  Duration timeout = std::chrono::seconds(1);
  int attempts = 1;

  bool operator==(const ImdsSettings&) const = default;
};

class Imds {
 public:
  Imds(Runtime& runtime, ImdsSettings settings);

  // The text at "/latest/meta-data/...", never empty. Errors: kNotFound "imds.disabled",
  // "imds.absent" (nobody answers), "imds.no-such-path"; kDenied "imds.v1-disabled"; kInvalid
  // "imds.token"; kUnavailable "imds.answer"; and the fiber's own kCancelled and kTimeout.
  Result<std::string> get(std::string_view path);

 private:
  struct Token {
    std::optional<Secret> text;  // nullopt: version 1 it is
    TimePoint expires;
  };

  Result<Token> fetch_token();
  HttpRequest request(std::string_view method, std::string_view path) const;

  Runtime& runtime_;
  ImdsSettings settings_;
  std::optional<Token> token_;
};

}  // namespace slipway::aws
