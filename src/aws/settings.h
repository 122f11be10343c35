// Everything that the command line, the environment and the profile say about talking to AWS,
// resolved once and early, so that all mistakes in it come out together and with their places.
// Nothing here touches the network.
// https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
#pragma once

#include "aws/config_file.h"
#include "aws/endpoint.h"
#include "aws/imds.h"
#include "aws/region.h"
#include "base/diagnostic.h"
#include "base/runtime.h"
#include "base/text.h"
#include "base/time.h"

#include <optional>
#include <string>

namespace slipway::aws {

// Who to be, said outright on a command line; empty: nothing is said.
struct GivenIdentity {
  // Keys that go before environment and profile. Both, or neither.
  std::string access_key_id;
  Secret secret_access_key;
  std::string role_to_assume;      // ARN; assumed with whatever identity is found
  bool only_machine_role = false;  // that of the container or the EC2 instance, and no other source
};

// What the command line says; empty: nothing.
struct GivenSettings {
  std::string profile;
  std::string region;
  std::string endpoint_url;
  std::string product = "slipway";  // of the User-Agent: "slipway/0.1.0"
  GivenIdentity identity = {};
};

enum class RetryMode { kStandard, kAdaptive, kLegacy };

struct ResolvedSettings {
  std::string profile = "default";
  // Named with a flag: then the environment's keys are passed over, because whoever names a profile
  // means it.
  bool is_profile_given = false;
  GivenIdentity identity;

  std::optional<Region> region;  // see resolve_region
  EndpointSettings endpoints;

  // We always retry in the standard way with the budget's adaptive rates (aws/retry.h); the mode is
  // kept for those who want to know what was asked for.
  RetryMode retry_mode = RetryMode::kStandard;
  std::optional<int> max_attempts;

  std::string ca_bundle;  // empty: the system's
  Duration connect_timeout = std::chrono::milliseconds(3100);
  Duration read_timeout = std::chrono::seconds(60);
  ImdsSettings imds;
  std::string user_agent = "slipway";
};

// Values that cannot be right are errors in `diagnostics`, as is a named profile that does not
// exist; the result then has the default in their place.
ResolvedSettings load_settings(const GivenSettings& given, const Environment& environment,
                               const SharedConfig& config, Diagnostics& diagnostics);

}  // namespace slipway::aws
