// AWS Systems Manager: the parameter store. shapes_test.cc holds the shapes against
// models/ssm.json.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"
#include "base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace slipway::aws::ssm {

struct Parameter {
  std::string Name;
  std::string Type;
  std::string Value;
  std::int64_t Version = 0;
  std::string Selector;
  std::string SourceResult;
  TimePoint LastModifiedDate{};
  std::string ARN;
  std::string DataType;
  bool operator==(const Parameter&) const = default;
};
SHAPE(Parameter, Name, Type, Value, Version, Selector, SourceResult, LastModifiedDate, ARN,
      DataType);

// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
struct GetParameterRequest {
  std::string Name;
  std::optional<bool> WithDecryption;
  bool operator==(const GetParameterRequest&) const = default;
};
SHAPE(GetParameterRequest, Name, WithDecryption);

struct GetParameterResult {
  ssm::Parameter Parameter;
  bool operator==(const GetParameterResult&) const = default;
};
SHAPE(GetParameterResult, Parameter);

inline constexpr Operation<GetParameterRequest, GetParameterResult> GetParameter{
    .service = kSsm, .name = "GetParameter", .repeat = Repeat::kRead, .answers_secrets = true};

// At most 10, in any order; unknown ones are InvalidParameters.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
struct GetParametersRequest {
  std::vector<std::string> Names;
  std::optional<bool> WithDecryption;
  bool operator==(const GetParametersRequest&) const = default;
};
SHAPE(GetParametersRequest, Names, WithDecryption);

struct GetParametersResult {
  std::vector<Parameter> Parameters;
  std::vector<std::string> InvalidParameters;
  bool operator==(const GetParametersResult&) const = default;
};
SHAPE(GetParametersResult, Parameters, InvalidParameters);

inline constexpr Operation<GetParametersRequest, GetParametersResult> GetParameters{
    .service = kSsm, .name = "GetParameters", .repeat = Repeat::kRead, .answers_secrets = true};

struct Tag {
  std::string Key;
  std::string Value;
  bool operator==(const Tag&) const = default;
};
SHAPE(Tag, Key, Value);

// Each success is a new version.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
struct PutParameterRequest {
  std::string Name;
  std::string Description;
  std::string Value;
  std::string Type;
  std::string KeyId;
  std::optional<bool> Overwrite;
  std::vector<Tag> Tags;
  std::string Tier;
  std::string DataType;
  bool operator==(const PutParameterRequest&) const = default;
};
SHAPE(PutParameterRequest, Name, Description, Value, Type, KeyId, Overwrite, Tags, Tier, DataType);

struct PutParameterResult {
  std::int64_t Version = 0;
  std::string Tier;
  bool operator==(const PutParameterResult&) const = default;
};
SHAPE(PutParameterResult, Version, Tier);

inline constexpr Operation<PutParameterRequest, PutParameterResult> PutParameter{
    kSsm, "PutParameter", Repeat::kOnce};

}  // namespace slipway::aws::ssm
