// AWS Secrets Manager. shapes_test.cc holds the shapes against models/secretsmanager.json.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"
#include "base/time.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace slipway::aws::secretsmanager {

struct Tag {
  std::string Key;
  std::string Value;
  bool operator==(const Tag&) const = default;
};
SHAPE(Tag, Key, Value);

// By name or ARN; the ARN ends in six random characters.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
struct DescribeSecretRequest {
  std::string SecretId;
  bool operator==(const DescribeSecretRequest&) const = default;
};
SHAPE(DescribeSecretRequest, SecretId);

struct DescribeSecretResponse {
  std::string ARN;
  std::string Name;
  std::string Description;
  std::string KmsKeyId;
  TimePoint LastChangedDate{};
  std::optional<TimePoint> DeletedDate;
  std::vector<Tag> Tags;
  std::map<std::string, std::vector<std::string>> VersionIdsToStages;
  TimePoint CreatedDate{};
  bool operator==(const DescribeSecretResponse&) const = default;
};
SHAPE(DescribeSecretResponse, ARN, Name, Description, KmsKeyId, LastChangedDate, DeletedDate, Tags,
      VersionIdsToStages, CreatedDate);

inline constexpr Operation<DescribeSecretRequest, DescribeSecretResponse> DescribeSecret{
    kSecretsManager, "DescribeSecret", Repeat::kRead};

// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
struct GetSecretValueRequest {
  std::string SecretId;
  std::string VersionId;
  std::string VersionStage;
  bool operator==(const GetSecretValueRequest&) const = default;
};
SHAPE(GetSecretValueRequest, SecretId, VersionId, VersionStage);

struct GetSecretValueResponse {
  std::string ARN;
  std::string Name;
  std::string VersionId;
  std::string SecretString;
  std::vector<std::string> VersionStages;
  TimePoint CreatedDate{};
  bool operator==(const GetSecretValueResponse&) const = default;
};
SHAPE(GetSecretValueResponse, ARN, Name, VersionId, SecretString, VersionStages, CreatedDate);

inline constexpr Operation<GetSecretValueRequest, GetSecretValueResponse> GetSecretValue{
    .service = kSecretsManager,
    .name = "GetSecretValue",
    .repeat = Repeat::kRead,
    .answers_secrets = true};

// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
struct CreateSecretRequest {
  std::string Name;
  std::string ClientRequestToken;
  std::string Description;
  std::string KmsKeyId;
  std::string SecretString;
  std::vector<Tag> Tags;
  bool operator==(const CreateSecretRequest&) const = default;
};
SHAPE(CreateSecretRequest, Name, ClientRequestToken, Description, KmsKeyId, SecretString, Tags);

struct CreateSecretResponse {
  std::string ARN;
  std::string Name;
  std::string VersionId;
  bool operator==(const CreateSecretResponse&) const = default;
};
SHAPE(CreateSecretResponse, ARN, Name, VersionId);

inline constexpr Operation<CreateSecretRequest, CreateSecretResponse> CreateSecret{
    .service = kSecretsManager,
    .name = "CreateSecret",
    .repeat = Repeat::kToken,
    .token = &CreateSecretRequest::ClientRequestToken};

struct Filter {
  std::string Key;
  std::vector<std::string> Values;
  bool operator==(const Filter&) const = default;
};
SHAPE(Filter, Key, Values);

struct SecretListEntry {
  std::string ARN;
  std::string Name;
  std::string Description;
  std::string KmsKeyId;
  TimePoint LastChangedDate{};
  std::optional<TimePoint> DeletedDate;
  std::vector<Tag> Tags;
  TimePoint CreatedDate{};
  bool operator==(const SecretListEntry&) const = default;
};
SHAPE(SecretListEntry, ARN, Name, Description, KmsKeyId, LastChangedDate, DeletedDate, Tags,
      CreatedDate);

// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html
struct ListSecretsRequest {
  std::optional<bool> IncludePlannedDeletion;
  std::optional<int> MaxResults;
  std::string NextToken;
  std::vector<Filter> Filters;
  std::string SortOrder;
  std::string SortBy;
  bool operator==(const ListSecretsRequest&) const = default;
};
SHAPE(ListSecretsRequest, IncludePlannedDeletion, MaxResults, NextToken, Filters, SortOrder,
      SortBy);

struct ListSecretsResponse {
  std::vector<SecretListEntry> SecretList;
  std::string NextToken;
  bool operator==(const ListSecretsResponse&) const = default;
};
SHAPE(ListSecretsResponse, SecretList, NextToken);

inline constexpr Operation<ListSecretsRequest, ListSecretsResponse> ListSecrets{
    .service = kSecretsManager,
    .name = "ListSecrets",
    .repeat = Repeat::kRead,
    .page_request = &ListSecretsRequest::NextToken,
    .page_response = &ListSecretsResponse::NextToken};

}  // namespace slipway::aws::secretsmanager
