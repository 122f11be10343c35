#include "execute/call_log.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(Masked, HidesTheValuesOfEnvironmentVariablesWhereverTheyStand) {
  const Json request = parse_json(R"({"family":"web","containerDefinitions":[{"name":"app",)"
                                  R"("environment":[{"name":"PASSWORD","value":"hunter2"},)"
                                  R"({"name":"EMPTY"}]}],"overrides":{"containerOverrides":)"
                                  R"([{"environment":[{"name":"A","value":"hunter3"}]}]},)"
                                  R"("environment":"prod"})")
                           .value();
  EXPECT_EQ(to_text(masked(request)), R"({"family":"web","containerDefinitions":[{"name":"app",)"
                                      R"("environment":[{"name":"PASSWORD","value":"****"},)"
                                      R"({"name":"EMPTY"}]}],"overrides":{"containerOverrides":)"
                                      R"([{"environment":[{"name":"A","value":"****"}]}]},)"
                                      R"("environment":"prod"})");
}

}  // namespace
}  // namespace slipway
