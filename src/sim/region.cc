#include "sim/region.h"

#include "sim/code_deploy.h"
#include "sim/hosted_zones.h"
#include "sim/load_balancing.h"
#include "sim/metrics.h"
#include "sim/roles.h"
#include "sim/scalable_targets.h"
#include "sim/stacks.h"
#include "sim/surroundings.h"
#include "sim/tables.h"
#include "sim/traffic.h"

#include <fmt/format.h>

namespace slipway::sim {

Region::Region(const WorldSettings& settings)
    : partition(settings.partition),
      account(settings.account),
      name(settings.region),
      knobs(settings.knobs),
      now(settings.start),
      random(settings.seed),
      makes_log_groups(settings.makes_log_groups),
      makes_instances(settings.makes_instances),
      load_balancing(std::make_unique<LoadBalancing>()),
      hosted_zones(std::make_unique<HostedZones>()),
      metrics(std::make_unique<Metrics>()),
      traffic(std::make_unique<Traffic>()),
      stacks(std::make_unique<Stacks>()),
      code_deployments(std::make_unique<CodeDeployments>()),
      tables(std::make_unique<Tables>()),
      surroundings(std::make_unique<Surroundings>()),
      roles(std::make_unique<Roles>()),
      scalable_targets(std::make_unique<ScalableTargets>()) {
  for (const char* pool : {"FARGATE", "FARGATE_SPOT"}) {
    CapacityProvider provider;
    provider.name = pool;
    provider.arn = arn(fmt::format("capacity-provider/{}", pool));
    provider.serial = next_serial();
    capacity_providers.emplace(pool, std::move(provider));
  }
  traffic->settled_until = traffic->counted_from = now;
  add_schedule_group(*this, "default");
}

Region::~Region() = default;

std::string Region::arn(std::string_view resource) const {
  return fmt::format("arn:{}:ecs:{}:{}:{}", partition, name, account, resource);
}

std::string Region::hex_id() {
  // One after the other: arguments are evaluated in the order the compiler likes.
  const std::uint64_t low = random.next();
  const std::uint64_t high = random.next();
  return fmt::format("{:016x}{:016x}", high, low);
}

std::string Region::number() {
  // Nineteen digits and still an int64, as seen in the wild.
  return std::to_string(1'000'000'000'000'000'000u + random.below(8'000'000'000'000'000'000u));
}

std::string Region::deployment_id() {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  std::string id;
  for (int i = 0; i < 21; ++i) id += kAlphabet[random.below(kAlphabet.size())];
  return id;
}

std::string_view last_segment(std::string_view name_or_arn) {
  if (!name_or_arn.starts_with("arn:")) return name_or_arn;
  const auto slash = name_or_arn.find_last_of('/');
  return slash == std::string_view::npos ? name_or_arn : name_or_arn.substr(slash + 1);
}

}  // namespace slipway::sim
