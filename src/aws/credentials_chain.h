// Who we are: the sources of credentials in the order in which the AWS SDKs ask them. The first one
// that is set up counts, for the whole run. Set up and failing is an error; nobody wants to deploy
// as somebody else because a token had expired.
//
//   environment         AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
//   web identity        AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN
//   role                role_arn of the profile, with source_profile or credential_source
//   profile's identity  web_identity_token_file and role_arn
//   SSO                 sso_account_id and sso_role_name, with sso_session or sso_start_url
//   credentials file    keys of the profile in ~/.aws/credentials
//   console login       login_session of the profile
//   process             credential_process of the profile
//   config file         keys of the profile in ~/.aws/config
//   container           AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI
//   EC2 instance        the metadata service, when somebody answers there
//
// With a profile given on the command line the first two are passed over: whoever names a profile
// means it. Keys given there come before everything, and a command line may ask for the role of the
// machine alone: then only the last two count.
// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
#pragma once

#include "aws/config_file.h"
#include "aws/credentials.h"
#include "aws/credentials_cache.h"
#include "aws/settings.h"
#include "aws/sts.h"
#include "base/process.h"
#include "base/runtime.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace slipway::aws {

// The two calls by which one identity becomes another, as whoever owns the clients makes them.
struct StsCaller {
  std::function<Result<AssumeRoleResponse>(const AssumeRoleRequest& request,
                                           CredentialsProvider& signer)>
      assume_role;
  std::function<Result<AssumeRoleWithWebIdentityResponse>(
      const AssumeRoleWithWebIdentityRequest& request)>
      assume_role_with_web_identity;
};

// What the sources need. Borrowed things outlive the chain.
struct CredentialWorld {
  Runtime& runtime;
  const SharedConfig& config;
  const ResolvedSettings& settings;
  StsCaller sts;
  // Asks the person at the terminal and returns the answer. Empty where there is nobody to ask:
  // then what would have to ask is refused at once.
  std::function<Result<std::string>(std::string question)> ask;
  Warn warn;
  // Runs a credential process. Empty: base/process.h with its limits.
  std::function<Result<ProcessResult>(const std::vector<std::string>& words)> run;
};

class CredentialChain final : public CredentialsProvider {
 public:
  explicit CredentialChain(CredentialWorld world);

  // kDenied "credentials.none" when no source is set up, with one line of each; otherwise the
  // error of the source that counts, its name in the context. No error holds a secret.
  Result<Credentials> get() override { return cache_.get(); }
  void invalidate() override { cache_.invalidate(); }

 private:
  Result<Credentials> fetch();

  CredentialWorld world_;
  Fetch chosen_;       // once a source has delivered
  std::string label_;  // of that source
  CachedProvider cache_;
};

// A role on top of another identity, which signs the call that becomes it. Borrows all but the ARN.
std::unique_ptr<CredentialsProvider> assume_role(const std::string& role_arn,
                                                 const CredentialWorld& world,
                                                 CredentialsProvider& signer);

}  // namespace slipway::aws
