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

TEST(Visit, MeetsTheListenerOfItsPort) {
  World world(WorldSettings{});
  const auto call = [&](std::string_view operation, const std::string& input) {
    const Reply reply =
        world.call({}, "elasticloadbalancing", operation, parse_json(input).value());
    EXPECT_TRUE(reply) << operation;
    return reply ? reply->parse() : Json();
  };
  const Json made = call("CreateLoadBalancer",
                         R"({"Name": "shop", "Subnets": ["subnet-0a1b2c3d", "subnet-4e5f6a7b"]})");
  const Json& balancer = find_array(made, "LoadBalancers")->front();
  call("CreateListener",
       R"({"Protocol": "HTTP", "Port": 81, "DefaultActions": [{"Type": "fixed-response", )"
       R"("FixedResponseConfig": {"StatusCode": "418"}}], "LoadBalancerArn": ")" +
           std::string(string_or_empty(balancer, "LoadBalancerArn")) + R"("})");
  world.advance(world.now() + std::chrono::hours(1));
  const std::string host = "http://" + std::string(string_or_empty(balancer, "DNSName"));
  EXPECT_EQ(world.visit({.method = "GET", .url = host + ":81/health"}).value().status, 418);
  EXPECT_EQ(world.visit({.method = "GET", .url = host + "/health"}).value().status, 503);
}

}  // namespace
}  // namespace slipway::sim
