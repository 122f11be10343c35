// AWS STS: who we are, and becoming somebody else. sts_test.cc holds the shapes against
// models/sts.json.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"
#include "base/json.h"
#include "base/time.h"

#include <optional>
#include <string>

namespace slipway::aws {

// Needs no permission, only valid credentials.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
struct GetCallerIdentityRequest {};
SHAPE(GetCallerIdentityRequest);
struct GetCallerIdentityResponse {
  std::string UserId;
  std::string Account;
  std::string Arn;
};
SHAPE(GetCallerIdentityResponse, UserId, Account, Arn);
inline constexpr Operation<GetCallerIdentityRequest, GetCallerIdentityResponse> GetCallerIdentity{
    kSts, "GetCallerIdentity", Repeat::kRead};

// AWS calls this shape Credentials; ours of that name is what any source gives.
struct StsCredentials {
  std::string AccessKeyId;
  std::string SecretAccessKey;
  std::string SessionToken;
  std::optional<TimePoint> Expiration;
};
SHAPE(StsCredentials, AccessKeyId, SecretAccessKey, SessionToken, Expiration);

struct AssumedRoleUser {
  std::string AssumedRoleId;
  std::string Arn;
};
SHAPE(AssumedRoleUser, AssumedRoleId, Arn);

// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
struct AssumeRoleRequest {
  std::string RoleArn;
  std::string RoleSessionName;
  std::string Policy;
  std::optional<int> DurationSeconds;  // 900 to 43200
  std::string ExternalId;
  std::string SerialNumber;
  std::string TokenCode;
  std::string SourceIdentity;
};
SHAPE(AssumeRoleRequest, RoleArn, RoleSessionName, Policy, DurationSeconds, ExternalId,
      SerialNumber, TokenCode, SourceIdentity);
struct AssumeRoleResponse {
  StsCredentials Credentials;
  aws::AssumedRoleUser AssumedRoleUser;
};
SHAPE(AssumeRoleResponse, Credentials, AssumedRoleUser);
// Asking twice hands out two sets of temporary credentials, which harms nobody.
inline constexpr Operation<AssumeRoleRequest, AssumeRoleResponse> AssumeRole{
    .service = kSts, .name = "AssumeRole", .repeat = Repeat::kIdempotent, .answers_secrets = true};

// The token is the proof: the call is not signed and needs no credentials.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
struct AssumeRoleWithWebIdentityRequest {
  std::string RoleArn;
  std::string RoleSessionName;
  std::string WebIdentityToken;
  std::string ProviderId;
  std::string Policy;
  std::optional<int> DurationSeconds;
};
SHAPE(AssumeRoleWithWebIdentityRequest, RoleArn, RoleSessionName, WebIdentityToken, ProviderId,
      Policy, DurationSeconds);
struct AssumeRoleWithWebIdentityResponse {
  StsCredentials Credentials;
  std::string SubjectFromWebIdentityToken;
  aws::AssumedRoleUser AssumedRoleUser;
  std::string Provider;
  std::string Audience;
};
SHAPE(AssumeRoleWithWebIdentityResponse, Credentials, SubjectFromWebIdentityToken, AssumedRoleUser,
      Provider, Audience);
inline constexpr Operation<AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse>
    AssumeRoleWithWebIdentity{.service = kSts,
                              .name = "AssumeRoleWithWebIdentity",
                              .repeat = Repeat::kIdempotent,
                              .is_signed = false,
                              .answers_secrets = true};

}  // namespace slipway::aws
