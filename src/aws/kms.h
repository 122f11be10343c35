// AWS Key Management Service. shapes_test.cc holds the shapes against models/kms.json.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"
#include "base/time.h"

#include <string>
#include <vector>

namespace slipway::aws::kms {

struct KeyMetadata {
  std::string AWSAccountId;
  std::string KeyId;
  std::string Arn;
  TimePoint CreationDate{};
  bool Enabled = false;
  std::string Description;
  std::string KeyUsage;
  std::string KeyState;
  std::string KeyManager;
  bool operator==(const KeyMetadata&) const = default;
};
SHAPE(KeyMetadata, AWSAccountId, KeyId, Arn, CreationDate, Enabled, Description, KeyUsage, KeyState,
      KeyManager);

// By id, ARN, alias name ("alias/shop") or alias ARN.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
struct DescribeKeyRequest {
  std::string KeyId;
  std::vector<std::string> GrantTokens;
  bool operator==(const DescribeKeyRequest&) const = default;
};
SHAPE(DescribeKeyRequest, KeyId, GrantTokens);

struct DescribeKeyResponse {
  kms::KeyMetadata KeyMetadata;
  bool operator==(const DescribeKeyResponse&) const = default;
};
SHAPE(DescribeKeyResponse, KeyMetadata);

inline constexpr Operation<DescribeKeyRequest, DescribeKeyResponse> DescribeKey{kKms, "DescribeKey",
                                                                                Repeat::kRead};

}  // namespace slipway::aws::kms
