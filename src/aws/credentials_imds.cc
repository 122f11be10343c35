// The role of the EC2 instance we run on.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
#include "aws/credentials_source.h"
#include "aws/exchange.h"
#include "base/text.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace slipway::aws {
namespace {

constexpr std::string_view kPath = "/latest/meta-data/iam/security-credentials/";
constexpr std::string_view kWho = "EC2 instance metadata";

struct Instance {
  explicit Instance(const CredentialWorld& world)
      : imds(world.runtime, world.settings.imds), attempts(world.settings.imds.attempts) {}

  Imds imds;
  int attempts;
  std::optional<Credentials> last;
};

Result<Credentials> ask_once(Instance& instance) {
  TRY(std::string roles, instance.imds.get(kPath));
  const std::string role(trim(split(roles, '\n').front()));
  TRY(std::string text, instance.imds.get(std::string(kPath) + role));
  auto answer = parse_json(text);
  if (!answer)
    return Error{ErrorKind::kUnavailable, "imds.answer",
                 fmt::format("{} answered something that is not JSON", kWho)};
  if (const auto code = find_string(*answer, "Code"); code && *code != "Success")
    return Error{ErrorKind::kUnavailable, "imds.answer",
                 fmt::format("{} answered {} for role {}: {}", kWho, *code, role,
                             quote(string_or_empty(*answer, "Message"), 300))};
  TRY(Credentials credentials, read_credentials(*answer, {}, kWho));
  credentials.source = fmt::format("EC2 instance, role {}", role);
  return credentials;
}

// While the service that renews them is down, an instance hands out old credentials or none, and
// AWS goes on accepting the old ones: they are used beyond their time, and asked about again a
// little later.
Credentials stretched(const CredentialWorld& world, Credentials credentials, std::string_view why) {
  const auto jitter = std::chrono::seconds(120 + world.runtime.random.below(481));
  const TimePoint then = world.runtime.clock().now() + std::chrono::minutes(15) + jitter;
  warn(world, fmt::format("{}; the credentials of {} are used until {} all the same", why,
                          credentials.source, to_iso8601(then)));
  credentials.expiration = then;
  return credentials;
}

Result<Credentials> ask(const CredentialWorld& world, Instance& instance) {
  Result<Credentials> answer = ask_once(instance);
  // The metadata service itself was tried again already; this is for what it said.
  for (int attempt = 2;
       !answer && answer.error().kind == ErrorKind::kUnavailable && attempt <= instance.attempts;
       ++attempt)
    answer = ask_once(instance);
  const TimePoint now = world.runtime.clock().now();
  if (answer) {
    if (*answer->expiration <= now)
      answer = stretched(world, *std::move(answer),
                         fmt::format("{} gives out expired credentials", kWho));
    instance.last = *answer;
  } else if (instance.last && !is_called_off(answer.error())) {
    if (*instance.last->expiration <= now)
      return stretched(world, *instance.last, answer.error().message);
    warn(world, fmt::format("{}; the credentials of {} are good until {}", answer.error().message,
                            instance.last->source, to_iso8601(*instance.last->expiration)));
    return *instance.last;
  }
  return answer;
}

}  // namespace

Result<Finding> find_instance(const CredentialWorld& world, const Profile&) {
  if (world.settings.imds.is_disabled) return Finding{.said = "AWS_EC2_METADATA_DISABLED is true"};
  auto instance = std::make_shared<Instance>(world);
  return Finding{.fetch = [&world, instance] { return ask(world, *instance); }};
}

}  // namespace slipway::aws
