// A program that prints credentials.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
//
// It stops the whole thread until it ends (base/process.h): the price of one thread, paid once at
// the beginning and once per renewal, and bounded by the limits there.
#include "aws/credentials_source.h"
#include "base/text.h"

#include <fmt/format.h>

#include <utility>

namespace slipway::aws {
namespace {

// What the program printed may hold a secret wherever it is wrong, so no error repeats any of it;
// what it wrote to standard error is meant for people.
Result<Credentials> run(const CredentialWorld& world, const std::vector<std::string>& words,
                        const std::string& account_id, const std::string& profile) {
  const std::string who = fmt::format("the credential process {}", words.front());
  auto refused = [&](std::string message) {
    return Error{ErrorKind::kDenied, "credentials.process", fmt::format("{} {}", who, message)};
  };
  TRY(ProcessResult ended, world.run(words).context("running the credential process"));
  const std::string_view errors = trim(ended.errors);
  const std::string said = errors.empty() ? "" : fmt::format(": {}", quote(errors, 500));
  if (ended.exit_status != 0)
    return refused(fmt::format("ended with status {}{}", ended.exit_status, said));

  auto answer = parse_json(ended.output);
  if (!answer || !answer->is_object())
    return refused(fmt::format("did not print a JSON object{}", said));
  if (find_int(*answer, "Version") != 1)
    return refused("printed a Version other than 1, the only one there is");
  TRY(Credentials credentials,
      read_credentials(*answer, {.session_token = "SessionToken", .may_last = true}, who));
  credentials.source = fmt::format("credential process of profile {}", profile);
  if (credentials.account_id.empty()) credentials.account_id = account_id;
  return credentials;
}

}  // namespace

Result<Finding> find_process(const CredentialWorld& world, const Profile& profile) {
  const ConfigEntry* entry = profile.find("credential_process");
  if (entry == nullptr) return Finding{.said = lacks(profile, "credential_process")};
  auto words = split_words(entry->value);
  if (!words) return config_error(*entry, words.error().message);
  if (words->empty()) return config_error(*entry, "the command is empty");
  return Finding{.fetch = [&world, words = *std::move(words),
                           account_id = profile.value("aws_account_id"),
                           name = profile.name] { return run(world, words, account_id, name); }};
}

}  // namespace slipway::aws
