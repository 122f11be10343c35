#include "aws/region.h"

#include "aws/endpoint.h"
#include "aws/exchange.h"
#include "aws/imds.h"
#include "aws/settings.h"
#include "base/text.h"

#include <fmt/format.h>

#include <utility>

namespace slipway::aws {

Result<Region> resolve_region(Runtime& runtime, const ResolvedSettings& settings) {
  if (settings.region) return *settings.region;
  auto placement = Imds(runtime, settings.imds).get("/latest/meta-data/placement/region");
  if (!placement && is_called_off(placement.error())) return std::move(placement).error();
  if (placement && is_region_name(trim(*placement)))
    return Region{.name = std::string(trim(*placement)), .source = "EC2 instance metadata"};
  return Error{
      ErrorKind::kInvalid, "region.none",
      fmt::format("no AWS region is set\n"
                  "  --region: not given\n"
                  "  AWS_REGION, AWS_DEFAULT_REGION: not set\n"
                  "  profile {}: has no region\n"
                  "  EC2 instance metadata: {}",
                  settings.profile,
                  placement ? "answered something that is no region" : placement.error().message)};
}

}  // namespace slipway::aws
