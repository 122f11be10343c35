// Failure detection: what is counted, when it trips, and where it leads.
#include "sim/testing.h"

#include <gmock/gmock.h>

namespace slipway::sim {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

constexpr std::string_view kBreaker =
    R"(, "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": true, "rollback": true}})";

ImageBehaviour missing(std::string image) {
  return {.image = std::move(image), .pull = Pull::kNotFound};
}

// A settled service of two tasks, and revision 2 of its definition with the image `web:2`.
class ServiceOfTwo : public testing::Test {
 protected:
  void set_up(std::string_view rollback = "true", int desired = 2) {
    aws.set_up_web(desired);
    aws.call("UpdateService",
             fmt::format(R"({{"cluster": "prod", "service": "web", "deploymentConfiguration":
               {{"deploymentCircuitBreaker": {{"enable": true, "rollback": {}}}}}}})",
                         rollback));
    aws.register_web("web:2");
    aws.at(0);
    old_id = primary().at("id").as_string();
  }
  void update() {
    aws.call("UpdateService",
             R"({"cluster": "prod", "service": "web", "taskDefinition": "web:2"})");
  }
  Json primary() { return aws.service().at("deployments").as_array().front(); }
  Json deployment(std::size_t i) { return aws.service().at("deployments").as_array().at(i); }

  Rehearsal aws;
  std::string old_id;
};

TEST_F(ServiceOfTwo, RollsBackAMissingImageAtTheSecondsOfTheExample) {
  set_up();
  aws.arrange(SetImages{{missing("web:2")}});
  update();
  const std::string new_id(primary().at("id").as_string());
  aws.at(29.9);
  EXPECT_EQ(primary().at("failedTasks").as_int64(), 0);
  aws.at(30);
  EXPECT_EQ(primary().at("failedTasks").as_int64(), 2);
  aws.at(50);
  EXPECT_EQ(primary().at("id").as_string(), old_id);
  EXPECT_EQ(primary().at("rolloutState").as_string(), "IN_PROGRESS");
  EXPECT_EQ(primary().at("rolloutStateReason").as_string(),
            "ECS deployment circuit breaker: rolling back to deploymentId " + old_id + ".");
  EXPECT_EQ(deployment(1).at("id").as_string(), new_id);
  EXPECT_EQ(deployment(1).at("status").as_string(), "ACTIVE");
  EXPECT_EQ(deployment(1).at("failedTasks").as_int64(), 4);
  EXPECT_EQ(deployment(1).at("rolloutState").as_string(), "FAILED");
  EXPECT_EQ(deployment(1).at("rolloutStateReason").as_string(),
            "ECS deployment circuit breaker: tasks failed to start.");
  EXPECT_TRUE(aws.service().at("taskDefinition").as_string().ends_with("web:1"));
  aws.at(300);
  EXPECT_EQ(aws.service().at("deployments").as_array().size(), 1u);
  EXPECT_EQ(primary().at("id").as_string(), old_id);
  EXPECT_EQ(primary().at("rolloutState").as_string(), "COMPLETED");
  EXPECT_THAT(
      aws.events(0),
      ElementsAre(
          "10 (service web) has started 2 tasks: (task T) (task T).",
          "30 (service web) has started 2 tasks: (task T) (task T).",
          "50 (service web) is unable to consistently start tasks successfully. For more "
          "information, see the Troubleshooting section of the Amazon ECS Developer Guide.",
          "50 (service web) (deployment ecs-svc/N) deployment failed: tasks failed to start.",
          "50 (service web) rolling back to deployment ecs-svc/N.",
          "60 (service web) (deployment ecs-svc/N) deployment completed.",
          "60 (service web) has reached a steady state."));
}

TEST_F(ServiceOfTwo, WithoutRollbackStaysFailedUntilTheNextDeployment) {
  set_up("false");
  aws.arrange(SetImages{{missing("web:2")}});
  update();
  aws.at(600);
  EXPECT_EQ(primary().at("rolloutState").as_string(), "FAILED");
  EXPECT_EQ(primary().at("runningCount").as_int64(), 0);
  EXPECT_EQ(primary().at("pendingCount").as_int64(), 0);
  EXPECT_EQ(deployment(1).at("runningCount").as_int64(), 2);
  aws.register_web("web:3");
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web:3"})");
  aws.at(800);
  EXPECT_EQ(aws.service().at("deployments").as_array().size(), 1u);
  EXPECT_EQ(primary().at("rolloutState").as_string(), "COMPLETED");
}

TEST_F(ServiceOfTwo, RestartsTasksThatWereGoneBeforeTheRollback) {
  set_up();
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "deploymentConfiguration":
    {"minimumHealthyPercent": 0, "maximumPercent": 100}})");
  aws.arrange(SetImages{{missing("web:2")}});
  update();
  aws.at(50);
  EXPECT_EQ(primary().at("id").as_string(), old_id);
  EXPECT_EQ(primary().at("runningCount").as_int64(), 0);
  aws.at(300);
  EXPECT_EQ(primary().at("runningCount").as_int64(), 2);
  EXPECT_EQ(primary().at("rolloutState").as_string(), "COMPLETED");
}

TEST(CircuitBreaker, HasNowhereToRollBackToOnTheFirstDeployment) {
  Rehearsal aws;
  aws.call("CreateCluster", R"({"clusterName": "prod"})");
  aws.arrange(SetImages{{missing("web:*")}});
  aws.register_web();
  aws.create_service("web", 1, 100, 200);
  aws.call("UpdateService", fmt::format(R"({{"cluster": "prod", "service": "web"{}}})", kBreaker));
  aws.at(0);
  const Json service = aws.service();
  const Json& deployment = service.at("deployments").as_array().front();
  EXPECT_EQ(deployment.at("rolloutState").as_string(), "FAILED");
  EXPECT_EQ(deployment.at("failedTasks").as_int64(), 3);
  EXPECT_EQ(deployment.at("pendingCount").as_int64(), 0);
}

TEST(CircuitBreaker, TripsAtHalfTheDesiredCountWithinItsLimits) {
  struct Case {
    int desired, threshold;
  };
  for (const auto& [desired, threshold] :
       {Case{1, 3}, Case{6, 3}, Case{7, 4}, Case{8, 4}, Case{10, 5}, Case{25, 13}, Case{50, 25},
        Case{100, 50}, Case{400, 200}, Case{1000, 200}}) {
    SCOPED_TRACE(desired);
    Rehearsal aws;
    aws.call("CreateCluster", R"({"clusterName": "prod"})");
    aws.arrange(SetImages{{missing("web:*")}});
    aws.register_web();
    aws.create_service("web", desired);
    aws.call("UpdateService",
             fmt::format(R"({{"cluster": "prod", "service": "web"{}}})", kBreaker));
    aws.at(-3550);
    const std::string record(aws.service().at("currentServiceDeployment").as_string());
    const Json described = aws.call("DescribeServiceDeployments",
                                    fmt::format(R"({{"serviceDeploymentArns": ["{}"]}})", record));
    EXPECT_EQ(described.at("serviceDeployments")
                  .as_array()
                  .front()
                  .at("deploymentCircuitBreaker")
                  .at("threshold")
                  .as_int64(),
              threshold);
  }
}

TEST_F(ServiceOfTwo, CountsContainersThatExitBeforeAnyTaskWasHealthy) {
  set_up();
  aws.arrange(SetImages{{{.image = "web:2", .run_for = seconds(5), .exit_code = 1}}});
  update();
  aws.at(300);
  EXPECT_EQ(primary().at("id").as_string(), old_id);
}

TEST_F(ServiceOfTwo, DoesNotSeeTasksThatWereHealthyOnce) {
  set_up();
  aws.arrange(SetImages{{{.image = "web:2", .run_for = seconds(100), .exit_code = 1}}});
  update();
  aws.at(1200);
  EXPECT_NE(primary().at("id").as_string(), old_id);
}

// ---- Back-off ---------------------------------------------------------------------------------

TEST(RestartBackOff, StretchesTheTimeBetweenStartsUpToItsCap) {
  Rehearsal aws;
  aws.set_up_web(1);
  aws.register_web("web:2");
  aws.at(0);
  aws.arrange(SetImages{{missing("web:2")}});
  aws.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web:2"})");
  aws.at(4000);
  std::vector<std::string> starts;
  for (const std::string& event : aws.events(0))
    if (event.find("has started") != std::string::npos)
      starts.push_back(event.substr(0, event.find(' ')));
  // Three failures in a row cost a tick each; then 20, 40, 80 ... seconds, at most 900.
  EXPECT_THAT(starts, ElementsAre("10", "30", "50", "70", "110", "170", "270", "450", "790", "1450",
                                  "2370", "3290"));
}

// ---- Alarms -----------------------------------------------------------------------------------

class AlarmedService : public ServiceOfTwo {
 protected:
  void set_up_alarms(std::string_view rollback) {
    set_up();
    aws.call("UpdateService",
             fmt::format(R"({{"cluster": "prod", "service": "web", "deploymentConfiguration":
               {{"alarms": {{"alarmNames": ["5xx"], "enable": true, "rollback": {}}}}}}})",
                         rollback));
  }
};

TEST_F(AlarmedService, StaysInProgressWhileItBakes) {
  set_up_alarms("true");
  update();
  aws.at(389.9);
  EXPECT_EQ(primary().at("rolloutState").as_string(), "IN_PROGRESS");
  EXPECT_EQ(primary().at("runningCount").as_int64(), 2);
  aws.at(390);  // 90 s to replace the tasks, 300 s to bake
  EXPECT_EQ(primary().at("rolloutState").as_string(), "COMPLETED");
}

TEST_F(AlarmedService, RollsBackWhenTheAlarmFires) {
  set_up_alarms("true");
  update();
  aws.arrange_at(125, SetAlarm{"5xx", "ALARM"});
  aws.at(130);
  EXPECT_EQ(primary().at("id").as_string(), old_id);
  aws.at(400);
  const auto events = aws.events(130);
  EXPECT_EQ(events.at(0),
            "130 (service web) (deployment ecs-svc/N) deployment failed: alarm detected.");
  EXPECT_EQ(events.at(1), "130 (service web) rolling back to deployment ecs-svc/N.");
  EXPECT_EQ(primary().at("rolloutState").as_string(), "IN_PROGRESS");  // its own bake time
  aws.at(600);
  EXPECT_EQ(primary().at("rolloutState").as_string(), "COMPLETED");
}

TEST_F(AlarmedService, IsOnlyFailedWithoutRollback) {
  set_up_alarms("false");
  update();
  aws.arrange_at(125, SetAlarm{"5xx", "ALARM"});
  aws.at(400);
  EXPECT_NE(primary().at("id").as_string(), old_id);
  EXPECT_EQ(primary().at("rolloutState").as_string(), "FAILED");
  EXPECT_EQ(primary().at("rolloutStateReason").as_string(),
            "ECS deployment failed: alarm detected.");
}

TEST_F(AlarmedService, IgnoresAnAlarmThatWasThereBefore) {
  set_up_alarms("true");
  aws.arrange(SetAlarm{"5xx", "ALARM"});
  update();
  aws.at(500);
  EXPECT_NE(primary().at("id").as_string(), old_id);
  EXPECT_EQ(primary().at("rolloutState").as_string(), "COMPLETED");
}

}  // namespace
}  // namespace slipway::sim
