// Which region the calls go to.
#pragma once

#include "base/result.h"
#include "base/runtime.h"

#include <string>

namespace slipway::aws {

struct ResolvedSettings;

struct Region {
  std::string name;  // "eu-west-1"
  std::string
      source;  // "--region", "AWS_REGION", "/home/me/.aws/config:3", "EC2 instance metadata"

  bool operator==(const Region&) const = default;
};

// What the settings say, else the region of the EC2 instance we run on (which may wait for the
// network). kInvalid "region.none" when nobody knows: the message lists where we looked.
Result<Region> resolve_region(Runtime& runtime, const ResolvedSettings& settings);

}  // namespace slipway::aws
