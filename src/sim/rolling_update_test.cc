// The rolling update's arithmetic and its clock, against the worked examples of the model.
#include <gmock/gmock.h>

#include "sim/testing.h"

namespace slipway::sim {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

// Tasks that are healthy one tick after they were started, and gone as soon as they are stopped.
Knobs one_phase_per_tick() {
  Knobs knobs;
  knobs.t_provision = seconds(1);
  knobs.t_pending = knobs.t_pull = knobs.t_start = seconds(1);
  knobs.t_healthy_no_lb = seconds(4);
  knobs.t_exit = seconds(0);
  knobs.t_deprovision = seconds(1);
  return knobs;
}

struct Picture {
  int old = 0, pending = 0, healthy = 0;
};

Picture picture_of(Rehearsal& aws) {
  Picture picture;
  const Json service = aws.service();
  for (const Json& deployment : service.at("deployments").as_array()) {
    const auto count = [&](const char* member) {
      return static_cast<int>(deployment.at(member).as_int64());
    };
    if (deployment.at("status").as_string() == "PRIMARY") {
      picture.pending = count("pendingCount");
      picture.healthy = count("runningCount");
    } else {
      picture.old = count("desiredCount");
    }
  }
  return picture;
}

// Each phase is one tick; a row says `old/new-pending/new-healthy` after each, then how it ends.
struct WorkedExample {
  int minimum, maximum, desired;
  std::vector<std::string> phases;
};

class WorkedExamples : public testing::TestWithParam<WorkedExample> {};

TEST_P(WorkedExamples, GoPhaseByPhase) {
  const auto& [minimum, maximum, desired, phases] = GetParam();
  SCOPED_TRACE(fmt::format("{}/{} desired {}", minimum, maximum, desired));
  Rehearsal aws(one_phase_per_tick());
  aws.call("CreateCluster", R"({"clusterName": "prod"})");
  aws.register_web();
  aws.create_service("web", desired, minimum, maximum);
  aws.register_web("web:2");
  aws.at(0);
  ASSERT_EQ(aws.service().at("runningCount").as_int64(), desired);
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web"})");

  double tick = 10;
  for (const std::string& phase : phases) {
    aws.at(tick);
    SCOPED_TRACE(fmt::format("at {} s", tick));
    const Json primary = aws.service().at("deployments").as_array().front();
    if (phase == "done") {
      EXPECT_EQ(primary.at("rolloutState").as_string(), "COMPLETED");
      EXPECT_EQ(aws.service().at("deployments").as_array().size(), 1u);
    } else if (phase == "stuck") {
      aws.at(tick + 3600);
      EXPECT_EQ(aws.service().at("deployments").as_array().size(), 2u);
      EXPECT_THAT(aws.events(0),
                  ElementsAre(fmt::format(
                      "{} (service web) was unable to stop or start tasks during a deployment "
                      "because of the service deployment configuration. Update the "
                      "minimumHealthyPercent or maximumPercent value and try again.", tick)));
    } else {
      EXPECT_EQ(primary.at("rolloutState").as_string(), "IN_PROGRESS");
      const Picture now = picture_of(aws);
      EXPECT_EQ(fmt::format("{}/{}/{}", now.old, now.pending, now.healthy), phase);
    }
    tick += 10;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Min100Max200, WorkedExamples,
    testing::Values(WorkedExample{100, 200, 1, {"1/1/0", "0/0/1", "done"}},
                    WorkedExample{100, 200, 2, {"2/2/0", "0/0/2", "done"}},
                    WorkedExample{100, 200, 3, {"3/3/0", "0/0/3", "done"}},
                    WorkedExample{100, 200, 4, {"4/4/0", "0/0/4", "done"}}));
INSTANTIATE_TEST_SUITE_P(
    Min50Max100, WorkedExamples,
    testing::Values(WorkedExample{50, 100, 1, {"stuck"}},
                    WorkedExample{50, 100, 2, {"1/1/0", "0/1/1", "done"}},
                    WorkedExample{50, 100, 3, {"2/1/0", "1/1/1", "0/1/2", "done"}},
                    WorkedExample{50, 100, 4, {"2/2/0", "0/2/2", "done"}}));
INSTANTIATE_TEST_SUITE_P(
    Min0Max100, WorkedExamples,
    testing::Values(WorkedExample{0, 100, 1, {"0/1/0", "done"}},
                    WorkedExample{0, 100, 2, {"0/2/0", "done"}},
                    WorkedExample{0, 100, 3, {"0/3/0", "done"}},
                    WorkedExample{0, 100, 4, {"0/4/0", "done"}}));
INSTANTIATE_TEST_SUITE_P(
    Min50Max200, WorkedExamples,
    testing::Values(WorkedExample{50, 200, 1, {"1/1/0", "0/0/1", "done"}},
                    WorkedExample{50, 200, 2, {"1/2/0", "0/0/2", "done"}},
                    WorkedExample{50, 200, 3, {"2/3/0", "0/0/3", "done"}},
                    WorkedExample{50, 200, 4, {"2/4/0", "0/0/4", "done"}}));
INSTANTIATE_TEST_SUITE_P(
    Min100Max150, WorkedExamples,
    testing::Values(WorkedExample{100, 150, 1, {"stuck"}},
                    WorkedExample{100, 150, 2, {"2/1/0", "1/1/1", "0/0/2", "done"}},
                    WorkedExample{100, 150, 3, {"3/1/0", "2/1/1", "1/1/2", "0/0/3", "done"}},
                    WorkedExample{100, 150, 4, {"4/2/0", "2/2/2", "0/0/4", "done"}}));
INSTANTIATE_TEST_SUITE_P(
    Min75Max125, WorkedExamples,
    testing::Values(WorkedExample{75, 125, 1, {"stuck"}}, WorkedExample{75, 125, 2, {"stuck"}},
                    WorkedExample{75, 125, 3, {"stuck"}},
                    WorkedExample{75, 125, 4, {"3/2/0", "1/2/2", "0/0/4", "done"}}));

}  // namespace
}  // namespace slipway::sim
