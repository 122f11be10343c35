#include "aws/region.h"

#include "aws/scripted_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::aws {
namespace {

constexpr const char* kTokenUrl = "http://169.254.169.254/latest/api/token";
constexpr const char* kUrl = "http://169.254.169.254/latest/meta-data/placement/region";

class ARegion : public ::testing::Test {
 protected:
  Result<Region> resolve(GivenSettings given = {}) {
    world_.load(given);
    return world_.run_for<Result<Region>>(
        [&] { return resolve_region(world_.runtime, world_.settings); });
  }

  ScriptedWorld world_;
};

TEST_F(ARegion, IsTakenFromTheFirstWhoNamesOne) {
  world_.write(".aws/config", "[default]\noutput = json\nregion = eu-north-1\n");
  world_.environment.set("AWS_REGION", "eu-west-1");
  world_.environment.set("AWS_DEFAULT_REGION", "eu-west-2");
  EXPECT_EQ(resolve({.region = "eu-west-3"}).value(), (Region{"eu-west-3", "--region"}));
  EXPECT_EQ(resolve().value(), (Region{"eu-west-1", "AWS_REGION"}));
  world_.environment.set("AWS_REGION", "");
  EXPECT_EQ(resolve().value(), (Region{"eu-west-2", "AWS_DEFAULT_REGION"}));
  world_.environment.unset("AWS_DEFAULT_REGION");
  EXPECT_EQ(resolve().value(), (Region{"eu-north-1", world_.path(".aws/config") + ":3"}));
}

TEST_F(ARegion, IsThatOfTheInstanceAtLast) {
  world_.transport.expect("PUT", kTokenUrl, 200, "t");
  world_.transport.expect("GET", kUrl, 200, "eu-central-1\n");
  EXPECT_EQ(resolve().value(), (Region{"eu-central-1", "EC2 instance metadata"}));
}

TEST_F(ARegion, IsAnErrorThatListsWhereWeLooked) {
  world_.write(".aws/config", "[profile prod]\noutput = json\n");
  world_.environment.set("AWS_PROFILE", "prod");
  world_.transport.expect("PUT", kTokenUrl, no_route());
  auto region = resolve();
  ASSERT_FALSE(region);
  EXPECT_EQ(region.error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(region.error().code, "region.none");
  EXPECT_EQ(region.error().message,
            "no AWS region is set\n"
            "  --region: not given\n"
            "  AWS_REGION, AWS_DEFAULT_REGION: not set\n"
            "  profile prod: has no region\n"
            "  EC2 instance metadata: nobody answers at http://169.254.169.254: no connection "
            "within 1s");

  world_.transport.expect("PUT", kTokenUrl, 200, "t");
  world_.transport.expect("GET", kUrl, 200, "<html>");
  EXPECT_THAT(resolve().error().message,
              ::testing::EndsWith("EC2 instance metadata: answered something that is no region"));
}

}  // namespace
}  // namespace slipway::aws
