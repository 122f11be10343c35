// The rolling update's arithmetic and its clock, against the worked examples of the model.
#include "sim/testing.h"

#include <gmock/gmock.h>

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
  aws.set_up_web(desired, minimum, maximum);
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
                      "minimumHealthyPercent or maximumPercent value and try again.",
                      tick)));
    } else {
      EXPECT_EQ(primary.at("rolloutState").as_string(), "IN_PROGRESS");
      const Picture now = picture_of(aws);
      EXPECT_EQ(fmt::format("{}/{}/{}", now.old, now.pending, now.healthy), phase);
    }
    tick += 10;
  }
}

INSTANTIATE_TEST_SUITE_P(Min100Max200, WorkedExamples,
                         testing::Values(WorkedExample{100, 200, 1, {"1/1/0", "0/0/1", "done"}},
                                         WorkedExample{100, 200, 2, {"2/2/0", "0/0/2", "done"}},
                                         WorkedExample{100, 200, 3, {"3/3/0", "0/0/3", "done"}},
                                         WorkedExample{100, 200, 4, {"4/4/0", "0/0/4", "done"}}));
INSTANTIATE_TEST_SUITE_P(Min50Max100, WorkedExamples,
                         testing::Values(WorkedExample{50, 100, 1, {"stuck"}},
                                         WorkedExample{50, 100, 2, {"1/1/0", "0/1/1", "done"}},
                                         WorkedExample{
                                             50, 100, 3, {"2/1/0", "1/1/1", "0/1/2", "done"}},
                                         WorkedExample{50, 100, 4, {"2/2/0", "0/2/2", "done"}}));
INSTANTIATE_TEST_SUITE_P(Min0Max100, WorkedExamples,
                         testing::Values(WorkedExample{0, 100, 1, {"0/1/0", "done"}},
                                         WorkedExample{0, 100, 2, {"0/2/0", "done"}},
                                         WorkedExample{0, 100, 3, {"0/3/0", "done"}},
                                         WorkedExample{0, 100, 4, {"0/4/0", "done"}}));
INSTANTIATE_TEST_SUITE_P(Min50Max200, WorkedExamples,
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

// ---- On the clock -----------------------------------------------------------------------------

constexpr std::string_view kTargetGroup =
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef";
constexpr std::string_view kBehindTheLoadBalancer = R"(, "loadBalancers": [{"targetGroupArn":
  "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef",
  "containerName": "app", "containerPort": 80}])";

AddTargetGroup target_group() {
  AddTargetGroup group;
  group.targetGroupArn = kTargetGroup;
  group.HealthCheckInterval = seconds(10);
  group.deregistration_delay = seconds(30);
  return group;
}

std::string counts(const Json& deployment) {
  return fmt::format(
      "{} {}/{}+{} {}", deployment.at("status").as_string(),
      deployment.at("runningCount").as_int64(), deployment.at("desiredCount").as_int64(),
      deployment.at("pendingCount").as_int64(), deployment.at("rolloutState").as_string());
}

std::vector<std::string> deployments(Rehearsal& aws) {
  std::vector<std::string> all;
  const Json service = aws.service();
  for (const Json& deployment : service.at("deployments").as_array())
    all.push_back(counts(deployment));
  return all;
}

TEST(RollingUpdateOnTheClock, FollowsTheExampleBehindALoadBalancerToTheSecond) {
  Rehearsal aws;
  aws.call("CreateCluster", R"({"clusterName": "prod"})");
  aws.arrange(target_group());
  aws.register_web();
  aws.create_service("web", 2, 100, 200, kBehindTheLoadBalancer);
  aws.register_web("web:2");
  aws.at(0);
  ASSERT_THAT(deployments(aws), ElementsAre("PRIMARY 2/2+0 COMPLETED"));

  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web"})");
  EXPECT_THAT(deployments(aws), ElementsAre("PRIMARY 0/2+0 IN_PROGRESS", "ACTIVE 2/2+0 COMPLETED"));
  aws.at(9.9);
  EXPECT_EQ(aws.service().at("pendingCount").as_int64(), 0);
  aws.at(10);
  EXPECT_THAT(deployments(aws), ElementsAre("PRIMARY 0/2+2 IN_PROGRESS", "ACTIVE 2/2+0 COMPLETED"));
  aws.at(36);
  EXPECT_THAT(deployments(aws), ElementsAre("PRIMARY 2/2+0 IN_PROGRESS", "ACTIVE 2/2+0 COMPLETED"));
  EXPECT_EQ(aws.service().at("runningCount").as_int64(), 4);
  aws.at(59.9);
  EXPECT_EQ(aws.service().at("runningCount").as_int64(), 4);
  aws.at(60);
  EXPECT_THAT(deployments(aws), ElementsAre("PRIMARY 2/2+0 IN_PROGRESS", "ACTIVE 0/0+0 COMPLETED"));
  aws.at(109.9);
  EXPECT_EQ(deployments(aws).size(), 2u);
  aws.at(110);
  EXPECT_THAT(deployments(aws), ElementsAre("PRIMARY 2/2+0 COMPLETED"));
  EXPECT_THAT(
      aws.events(0),
      ElementsAre(
          "10 (service web) has started 2 tasks: (task T) (task T).",
          fmt::format("40 (service web) registered 2 targets in (target-group {})", kTargetGroup),
          "60 (service web) has stopped 2 running tasks: (task T) (task T).",
          fmt::format("70 (service web) deregistered 2 targets in (target-group {})", kTargetGroup),
          "70 (service web, taskSet ecs-svc/N) has begun draining connections on 2 tasks.",
          "110 (service web) (deployment ecs-svc/N) deployment completed.",
          "110 (service web) has reached a steady state."));
}

TEST(RollingUpdateOnTheClock, CountsATaskAsHealthyFortySecondsAfterRunningWithoutALoadBalancer) {
  Rehearsal aws;
  aws.set_up_web(2);
  aws.register_web("web:2");
  aws.at(0);
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web"})");
  aws.at(300);
  EXPECT_THAT(aws.events(0),
              ElementsAre("10 (service web) has started 2 tasks: (task T) (task T).",
                          "80 (service web) has stopped 2 running tasks: (task T) (task T).",
                          "90 (service web) (deployment ecs-svc/N) deployment completed.",
                          "90 (service web) has reached a steady state."));
}

TEST(RollingUpdateOnTheClock, ReplacesATaskThatAPersonStopped) {
  Rehearsal aws;
  aws.set_up_web(2);
  aws.at(0);
  aws.arrange(StopTasks{"prod", "web", 1, "maintenance"});
  aws.at(300);
  EXPECT_THAT(aws.events(0), ElementsAre("10 (service web) has started 1 tasks: (task T).",
                                         "80 (service web) has reached a steady state."));
  EXPECT_THAT(deployments(aws), ElementsAre("PRIMARY 2/2+0 COMPLETED"));
}

TEST(RollingUpdateOnTheClock, FillsTheRoomThatStoppingTasksFree) {
  Rehearsal aws(one_phase_per_tick());
  aws.set_up_web(3);
  aws.register_web("web:2");
  aws.at(0);
  aws.arrange(SetCapacity{"FARGATE", 2});
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web"})");
  std::vector<std::string> phases;
  for (const double tick : {10, 20, 30}) {
    aws.at(tick);
    const Picture now = picture_of(aws);
    phases.push_back(fmt::format("{}/{}/{}", now.old, now.pending, now.healthy));
  }
  EXPECT_THAT(phases, ElementsAre("3/2/0", "1/1/2", "0/0/3"));
}

TEST(RollingUpdateOnTheClock, StopsNoMoreAtATimeThanTheKnobAllows) {
  Knobs knobs = one_phase_per_tick();
  knobs.max_stops_per_tick = 1;
  Rehearsal aws(knobs);
  aws.set_up_web(3);
  aws.register_web("web:2");
  aws.at(0);
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web"})");
  aws.at(20);
  EXPECT_EQ(picture_of(aws).old, 2);
  aws.at(30);
  EXPECT_EQ(picture_of(aws).old, 1);
}

// ---- What starts a deployment -----------------------------------------------------------------

TEST(UpdateService, StartsADeploymentOnlyForWhatTheTasksAreMadeOf) {
  struct Case {
    std::string_view change;
    bool redeploys;
  };
  for (const auto& [change, redeploys] : {
           Case{R"("taskDefinition": "web:2")", true},
           Case{R"("taskDefinition": "web:1")", false},
           Case{R"("taskDefinition": "web:1", "forceNewDeployment": true)", true},
           Case{R"("forceNewDeployment": true)", true},
           Case{R"("platformVersion": "1.4.0")", true},
           Case{R"("networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-2"]}})",
                true},
           Case{R"("desiredCount": 3)", false},
           Case{R"("deploymentConfiguration": {"maximumPercent": 150})", false},
           Case{R"("healthCheckGracePeriodSeconds": 30)", false},
           Case{R"("placementStrategy": [])", false},
           Case{R"("enableExecuteCommand": true)", false},
           Case{R"("propagateTags": "SERVICE")", false},
           Case{R"("availabilityZoneRebalancing": "DISABLED")", false},
       }) {
    SCOPED_TRACE(change);
    Rehearsal aws;
    aws.set_up_web(1);
    aws.register_web("web:2");
    aws.at(0);
    const Json before = aws.service().at("deployments").as_array().front().at("id");
    aws.call("UpdateService",
             fmt::format(R"({{"cluster": "prod", "service": "web", {}}})", change));
    const Json after = aws.service();
    EXPECT_EQ(after.at("deployments").as_array().size(), redeploys ? 2u : 1u);
    EXPECT_EQ(after.at("deployments").as_array().front().at("id") != before, redeploys);
  }
}

TEST(UpdateService, ChangesOnlyTheMembersItIsGiven) {
  Rehearsal aws;
  aws.set_up_web(1, 50, 200, R"(, "healthCheckGracePeriodSeconds": 7)");
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "desiredCount": null,
      "deploymentConfiguration": {"maximumPercent": 150}, "somethingNewer": 1})");
  const Json service = aws.service();
  EXPECT_EQ(service.at("desiredCount").as_int64(), 1);
  EXPECT_EQ(service.at("healthCheckGracePeriodSeconds").as_int64(), 7);
  EXPECT_EQ(service.at("deploymentConfiguration").at("minimumHealthyPercent").as_int64(), 50);
  EXPECT_EQ(service.at("deploymentConfiguration").at("maximumPercent").as_int64(), 150);
}

TEST(UpdateService, ADesiredCountAloneScalesWithoutADeployment) {
  Rehearsal aws;
  aws.set_up_web(2);
  aws.at(0);
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "desiredCount": 4})");
  EXPECT_THAT(deployments(aws), ElementsAre("PRIMARY 2/4+0 COMPLETED"));
  aws.at(100);
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "desiredCount": 1})");
  aws.at(200);
  EXPECT_THAT(deployments(aws), ElementsAre("PRIMARY 1/1+0 COMPLETED"));
  EXPECT_THAT(
      aws.events(0),
      ElementsAre("10 (service web) has started 2 tasks: (task T) (task T).",
                  "80 (service web) has reached a steady state.",
                  "110 (service web) has stopped 3 running tasks: (task T) (task T) (task T).",
                  "120 (service web) has reached a steady state."));
}

TEST(UpdateService, ANewerDeploymentTakesOverFromOneThatIsStillRunning) {
  Rehearsal aws;
  aws.set_up_web(1);
  aws.register_web("web:2");
  aws.register_web("web:3");
  aws.at(0);
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web:2"})");
  aws.at(20);
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web:3"})");
  EXPECT_THAT(deployments(aws), ElementsAre("PRIMARY 0/1+0 IN_PROGRESS", "ACTIVE 0/1+1 IN_PROGRESS",
                                            "ACTIVE 1/1+0 COMPLETED"));
  aws.at(30);  // the one in between never served, so it goes first
  EXPECT_THAT(deployments(aws), ElementsAre("PRIMARY 0/1+1 IN_PROGRESS", "ACTIVE 0/0+0 IN_PROGRESS",
                                            "ACTIVE 1/1+0 COMPLETED"));
  aws.at(300);
  EXPECT_THAT(deployments(aws), ElementsAre("PRIMARY 1/1+0 COMPLETED"));
  EXPECT_TRUE(aws.service().at("taskDefinition").as_string().ends_with("web:3"));
}

}  // namespace
}  // namespace slipway::sim
