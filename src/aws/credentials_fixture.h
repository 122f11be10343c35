// For the tests of credentials_*.cc: a chain in a scripted world, with an STS that answers what the
// test says. Every secret of a test contains "hush"; no error and no warning may.
#pragma once

#include "aws/credentials_chain.h"
#include "aws/scripted_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace slipway::aws {

class CredentialsTest : public ::testing::Test {
 protected:
  struct Assumed {
    AssumeRoleRequest request;
    std::string signer;  // its access key id
  };

  CredentialsTest() { world_.environment.set("AWS_EC2_METADATA_DISABLED", "true"); }
  ~CredentialsTest() override {
    EXPECT_TRUE(roles_.empty()) << "an answer of AssumeRole was not asked for";
    EXPECT_TRUE(web_identities_.empty()) << "an answer of AssumeRoleWithWebIdentity was not";
    for (const std::string& text : told_)
      EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("hush")));
  }

  // Reads files and variables anew, makes a chain of them and asks it.
  Result<Credentials> get(GivenSettings given = {}) {
    world_.load(std::move(given));
    chain_.reset();
    chain_ = std::make_unique<CredentialChain>(CredentialWorld{
        .runtime = world_.runtime,
        .config = world_.config,
        .settings = world_.settings,
        .sts = {.assume_role =
                    [this](const AssumeRoleRequest& request, CredentialsProvider& signer) {
                      return assume_role(request, signer);
                    },
                .assume_role_with_web_identity =
                    [this](const AssumeRoleWithWebIdentityRequest& request) {
                      return assume_role_with_web_identity(request);
                    }},
        .ask = ask_,
        .warn =
            [this](std::string warning) {
              told_.push_back(warning);
              warnings_.push_back(std::move(warning));
            },
        .run = run_});
    return get_again();
  }
  // Asks the same chain.
  Result<Credentials> get_again() {
    auto result = world_.run_for<Result<Credentials>>([this] { return chain_->get(); });
    if (!result) told_.push_back(to_string(result.error()));
    return result;
  }
  void pass(Duration time) {
    world_.run([&] { EXPECT_TRUE(world_.fibers.sleep_for(time)); });
  }

  // What the error says, its code first: "credentials.none: no AWS credentials ...".
  std::string refusal(GivenSettings given = {}) { return text_of(get(std::move(given))); }
  static std::string text_of(const Result<Credentials>& result) {
    return result ? "got credentials from " + result->source
                  : result.error().code + ": " + result.error().message;
  }

  static AssumeRoleResponse role_session(std::string id, TimePoint expiration) {
    return {.Credentials = {.AccessKeyId = std::move(id),
                            .SecretAccessKey = "hush-role",
                            .SessionToken = "hush-token",
                            .Expiration = expiration},
            .AssumedRoleUser = {.AssumedRoleId = "AROA:s",
                                .Arn = "arn:aws:sts::123456789012:assumed-role/deployer/s"}};
  }
  static AssumeRoleWithWebIdentityResponse web_session(std::string id, TimePoint expiration) {
    return {.Credentials = {.AccessKeyId = std::move(id),
                            .SecretAccessKey = "hush-web",
                            .SessionToken = "hush-token",
                            .Expiration = expiration}};
  }

  ScriptedWorld world_;
  std::deque<Result<AssumeRoleResponse>> roles_;  // answers to come
  std::deque<Result<AssumeRoleWithWebIdentityResponse>> web_identities_;
  std::vector<Assumed> assumed_;  // requests that came
  std::vector<AssumeRoleWithWebIdentityRequest> web_assumed_;
  std::function<Result<std::string>(std::string)> ask_;
  std::function<Result<ProcessResult>(const std::vector<std::string>&)> run_;
  std::vector<std::string> warnings_;
  std::unique_ptr<CredentialChain> chain_;

 private:
  Result<AssumeRoleResponse> assume_role(const AssumeRoleRequest& request,
                                         CredentialsProvider& signer) {
    TRY(Credentials signing, signer.get());
    assumed_.push_back({request, signing.access_key_id});
    return next(roles_, "AssumeRole");
  }
  Result<AssumeRoleWithWebIdentityResponse> assume_role_with_web_identity(
      const AssumeRoleWithWebIdentityRequest& request) {
    web_assumed_.push_back(request);
    return next(web_identities_, "AssumeRoleWithWebIdentity");
  }
  template <class T>
  static Result<T> next(std::deque<Result<T>>& answers, std::string_view operation) {
    if (answers.empty()) {
      ADD_FAILURE() << "nobody expected " << operation;
      return Error{.message = "unexpected"};
    }
    Result<T> answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }

  std::vector<std::string> told_;  // every error and warning
};

}  // namespace slipway::aws
