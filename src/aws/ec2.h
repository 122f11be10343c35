// Amazon EC2, as far as a release needs it: networks. shapes_test.cc holds the shapes against
// models/ec2.json.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway::aws::ec2 {

struct Filter {
  std::string Name;
  std::vector<std::string> Values;
  bool operator==(const Filter&) const = default;
};
SHAPE(Filter, Name, Values);

struct Tag {
  std::string Key;
  std::string Value;
  bool operator==(const Tag&) const = default;
};
SHAPE(Tag, Key, Value);

struct Vpc {
  std::string OwnerId;
  bool IsDefault = false;
  std::vector<Tag> Tags;
  std::string VpcId;
  std::string State;
  std::string CidrBlock;
  bool operator==(const Vpc&) const = default;
};
SHAPE(Vpc, OwnerId, IsDefault, Tags, VpcId, State, CidrBlock);

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcs.html
struct DescribeVpcsRequest {
  std::vector<Filter> Filters;
  std::vector<std::string> VpcIds;
  std::string NextToken;
  std::optional<int> MaxResults;
  std::optional<bool> DryRun;
  bool operator==(const DescribeVpcsRequest&) const = default;
};
SHAPE(DescribeVpcsRequest, Filters, VpcIds, NextToken, MaxResults, DryRun);

struct DescribeVpcsResult {
  std::string NextToken;
  std::vector<Vpc> Vpcs;
  bool operator==(const DescribeVpcsResult&) const = default;
};
SHAPE(DescribeVpcsResult, NextToken, Vpcs);

inline constexpr Operation<DescribeVpcsRequest, DescribeVpcsResult> DescribeVpcs{
    .service = kEc2,
    .name = "DescribeVpcs",
    .repeat = Repeat::kRead,
    .page_request = &DescribeVpcsRequest::NextToken,
    .page_response = &DescribeVpcsResult::NextToken};

}  // namespace slipway::aws::ec2
