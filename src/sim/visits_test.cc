#include "sim/visits.h"

#include "sim/testing.h"

#include <gtest/gtest.h>

namespace slipway::sim {
namespace {

TEST(Visit, ToANameThatIsNotOfThisWorldIsNone) {
  World world(WorldSettings{});
  EXPECT_FALSE(world.visit({.method = "GET", .url = "http://example.com/"}));
  EXPECT_FALSE(world.visit({.method = "GET", .url = "ftp://example.com/"}));
  EXPECT_FALSE(world.visit({.method = "GET", .url = "http://169.254.169.254/latest/"}));
}

}  // namespace
}  // namespace slipway::sim
