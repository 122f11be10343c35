#include "plan/ecs_crd_steps.h"

#include "plan/ecs_crd_template.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using std::chrono::seconds;

CrdCanary with_strategy(std::vector<CrdTrafficStep> steps) {
  CrdCanary canary;
  for (const CrdTrafficStep& step : steps)
    canary.strategy.push_back({step.weight_percent, step.wait, {}});
  return canary;
}

TEST(EcsCrdSteps, AreAscendingAndEndAtAllTraffic) {
  struct Case {
    const char* what;
    std::vector<CrdTrafficStep> strategy;
    bool has_live_release;
    std::vector<CrdTrafficStep> wanted;
  };
  const std::vector<Case> cases = {
      {"no strategy", {}, true, {{100, seconds(60)}}},
      {"first deployment: at once", {{10, seconds(70)}}, false, {{100, seconds(60)}}},
      {"the sample",
       {{10, seconds(70)}, {60, seconds(50)}},
       true,
       {{10, seconds(70)}, {60, seconds(50)}, {100, seconds(60)}}},
      {"item 19: unsorted",
       {{60, seconds(50)}, {10, seconds(70)}},
       true,
       {{10, seconds(70)}, {60, seconds(50)}, {100, seconds(60)}}},
      {"item 19: a hundred of its own",
       {{100, seconds(300)}, {10, seconds(70)}},
       true,
       {{10, seconds(70)}, {100, seconds(300)}}},
      {"the first of two hundreds",
       {{100, seconds(300)}, {100, seconds(90)}},
       true,
       {{100, seconds(300)}}},
      {"equal weights keep their order",
       {{20, seconds(90)}, {20, seconds(50)}},
       true,
       {{20, seconds(90)}, {20, seconds(50)}, {100, seconds(60)}}},
      {"item 20: dark", {{0, seconds(60)}}, true, {{0, seconds(60)}, {100, seconds(60)}}},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.what);
    EXPECT_EQ(crd_traffic_steps(with_strategy(each.strategy), each.has_live_release), each.wanted);
  }
}

// The sample of the specification: 60 s of scaling, 70 + 50 + 60 s of waiting, 4 polls.
TEST(EcsCrdSteps, EstimateAddsUpWhatIsWaitedFor) {
  CrdFile file;
  file.canary = with_strategy({{10, seconds(70)}, {60, seconds(50)}});
  file.canary.scale_wait = seconds(60);
  const auto steps = crd_traffic_steps(file.canary, true);
  EXPECT_EQ(estimate(file, steps, {}).total(), seconds(240));

  const CrdEstimate whole = estimate(file, steps,
                                     {.init_stack = seconds(20),
                                      .green_stack = seconds(100),
                                      .health_check = seconds(5),
                                      .weight_change = seconds(30),
                                      .grace = seconds(300),
                                      .blue_deletion = seconds(40)});
  const std::vector<CrdEstimate::Part> wanted = {{"Init stack", seconds(20)},
                                                 {"Green stack", seconds(100)},
                                                 {"scale up", seconds(60)},
                                                 {"health check", seconds(5)},
                                                 {"10 % of the traffic", seconds(105)},
                                                 {"60 % of the traffic", seconds(85)},
                                                 {"100 % of the traffic", seconds(95)},
                                                 {"old release kept", seconds(235)},
                                                 {"old release deleted", seconds(40)}};
  EXPECT_EQ(whole.parts, wanted);
  EXPECT_EQ(whole.total(), seconds(745));
}

TEST(EcsCrdSteps, EstimateOfADaemonHasNoScaleUp) {
  CrdFile file;
  file.service.scheduling_strategy = "DAEMON";
  const CrdEstimate of_first = estimate(file, crd_traffic_steps(file.canary, false), {});
  EXPECT_EQ(of_first.parts,
            (std::vector<CrdEstimate::Part>{{"100 % of the traffic", seconds(60)}}));
}

}  // namespace
}  // namespace slipway
