// The life of single tasks: states on the clock, the ways they end, and what is said about it.
#include "sim/testing.h"

#include <gmock/gmock.h>

namespace slipway::sim {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

class OneTask : public testing::Test {
 protected:
  OneTask() {
    aws.call("CreateCluster", R"({"clusterName": "prod"})");
    aws.at(0);
  }

  // Runs one task of the family on Fargate.
  void run(std::string_view family = "web") {
    const Json reply =
        aws.call("RunTask", fmt::format(R"({{"cluster": "prod", "taskDefinition": "{}",
      "launchType": "FARGATE", "networkConfiguration": {{"awsvpcConfiguration":
        {{"subnets": ["subnet-1"]}}}}}})",
                                        family));
    ASSERT_EQ(reply.at("tasks").as_array().size(), 1u);
    arn = reply.at("tasks").as_array().front().at("taskArn").as_string();
  }
  Json task() {
    const Json reply =
        aws.call("DescribeTasks", fmt::format(R"({{"cluster": "prod", "tasks": ["{}"]}})", arn));
    EXPECT_THAT(reply.at("failures").as_array(), IsEmpty());
    return reply.at("tasks").as_array().front();
  }
  std::string state() { return std::string(task().at("lastStatus").as_string()); }
  // Each state with the second it was entered, looking every half second.
  std::vector<std::string> states_until(double end) {
    std::vector<std::string> all;
    std::string last;
    for (double t = aws.now(); t <= end; t += 0.5) {
      aws.at(t);
      if (const std::string now = state(); now != last) {
        last = now;
        all.push_back(fmt::format("{:g} {}", t, last));
      }
    }
    return all;
  }
  double time(std::string_view member) {
    return task().at(member).to_number<double>() -
           static_cast<double>(Rehearsal::kZero.time_since_epoch().count()) / 1e6;
  }
  std::string text(std::string_view member) { return std::string(task().at(member).as_string()); }
  Json container(std::size_t i = 0) { return task().at("containers").as_array().at(i); }

  Rehearsal aws;
  std::string arn;
};

TEST_F(OneTask, OfFargateTakesTwentySixSecondsToRunning) {
  aws.register_web();
  run();
  EXPECT_EQ(task().at("attachments").as_array().front().at("status").as_string(), "PRECREATED");
  EXPECT_EQ(task().as_object().contains("connectivity"), false);
  EXPECT_THAT(states_until(60),
              ElementsAre("0 PROVISIONING", "10 PENDING", "18 ACTIVATING", "26 RUNNING"));
  EXPECT_EQ(time("connectivityAt"), 3);
  EXPECT_EQ(time("pullStartedAt"), 18);
  EXPECT_EQ(time("pullStoppedAt"), 25);
  EXPECT_EQ(time("startedAt"), 26);
  EXPECT_EQ(text("connectivity"), "CONNECTED");
  EXPECT_EQ(text("group"), "family:web");
  EXPECT_EQ(text("platformVersion"), "1.4.0");
  EXPECT_EQ(text("cpu"), "256");
  EXPECT_EQ(container().at("lastStatus").as_string(), "RUNNING");
  EXPECT_EQ(task().at("attachments").as_array().front().at("status").as_string(), "ATTACHED");
}

TEST_F(OneTask, GoesDownInOrderWhenAPersonStopsIt) {
  aws.register_web();
  run();
  aws.at(100);
  const Json reply =
      aws.call("StopTask",
               fmt::format(R"({{"cluster": "prod", "task": "{}", "reason": "maintenance"}})", arn));
  EXPECT_EQ(reply.at("task").at("desiredStatus").as_string(), "STOPPED");
  EXPECT_EQ(reply.at("task").at("lastStatus").as_string(), "STOPPING");
  EXPECT_THAT(states_until(200), ElementsAre("100 STOPPING", "102 DEPROVISIONING", "126 STOPPED"));
  EXPECT_EQ(text("stopCode"), "UserInitiated");
  EXPECT_EQ(text("stoppedReason"), "maintenance");
  EXPECT_EQ(container().at("exitCode").as_int64(), 143);
  EXPECT_EQ(time("stoppingAt"), 100);
  EXPECT_EQ(time("executionStoppedAt"), 102);
  EXPECT_EQ(time("stoppedAt"), 126);
  // Again is fine, and changes nothing.
  aws.call("StopTask", fmt::format(R"({{"cluster": "prod", "task": "{}", "reason": "x"}})", arn));
  EXPECT_EQ(text("stoppedReason"), "maintenance");
}

TEST_F(OneTask, StaysVisibleForAnHourAfterItStopped) {
  aws.register_web();
  run();
  aws.call("StopTask", fmt::format(R"({{"cluster": "prod", "task": "{}"}})", arn));
  EXPECT_EQ(text("stoppedReason"), "Task stopped by user");
  aws.at(24 + 3599);
  EXPECT_EQ(state(), "STOPPED");
  aws.at(24 + 3600);
  const Json reply =
      aws.call("DescribeTasks", fmt::format(R"({{"cluster": "prod", "tasks": ["{}"]}})", arn));
  EXPECT_EQ(reply.at("failures").as_array().front().at("reason").as_string(), "MISSING");
}

TEST_F(OneTask, ThatIsStoppedBeforeItRunsNeverRuns) {
  aws.register_web();
  run();
  aws.at(12);
  aws.call("StopTask", fmt::format(R"({{"cluster": "prod", "task": "{}"}})", arn));
  EXPECT_THAT(states_until(60), ElementsAre("12 DEPROVISIONING", "36 STOPPED"));
  EXPECT_FALSE(task().as_object().contains("startedAt"));
  EXPECT_FALSE(container().as_object().contains("exitCode"));
}

TEST_F(OneTask, IsKilledAfterItsStopTimeout) {
  aws.register_web("web:1", "web", R"(, "stopTimeout": 5)");
  aws.arrange(SetImages{{{.image = "web:*", .exit_time = seconds(60)}}});
  run();
  aws.at(100);
  aws.call("StopTask", fmt::format(R"({{"cluster": "prod", "task": "{}"}})", arn));
  EXPECT_THAT(states_until(200), ElementsAre("100 STOPPING", "105 DEPROVISIONING", "129 STOPPED"));
  EXPECT_EQ(container().at("exitCode").as_int64(), 137);
}

TEST_F(OneTask, SaysWhyItDidNotStart) {
  struct Case {
    ImageBehaviour behaviour;
    std::string_view image;
    std::string_view reason;
    bool pulls;
  };
  for (
      const auto& [behaviour, image, reason, pulls] : {
          Case{
              {.pull = Pull::kNotFound},
              "shop/web:9",
              "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to "
              "resolve ref docker.io/shop/web:9: not found",
              true},
          Case{
              {.pull = Pull::kNotFound},
              "nginx",
              "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to "
              "resolve ref docker.io/library/nginx:latest: not found",
              true},
          Case{
              {.pull = Pull::kDenied},
              "registry.example:5000/web",
              "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to "
              "resolve ref registry.example:5000/web:latest: pull access denied, repository does "
              "not exist or may require authorization: server message: insufficient_scope: "
              "authorization failed",
              true},
          Case{{.pull = Pull::kWrongPlatform},
               "web:9",
               "CannotPullContainerError: pull image manifest has been retried 7 time(s): image "
               "Manifest does not contain descriptor matching platform 'linux/amd64'",
               true},
          Case{{.pull = Pull::kNotFound, .pull_error = "context canceled"},
               "web:9",
               "CannotPullContainerError: context canceled",
               true},
          Case{{.start_failure = "ResourceInitializationError: unable to pull secrets or registry "
                                 "auth: execution resource retrieval failed"},
               "web:9",
               "ResourceInitializationError: unable to pull secrets or registry auth: execution "
               "resource retrieval failed",
               false},
          Case{{.start_failure = "CannotStartContainerError: exec format error"},
               "web:9",
               "CannotStartContainerError: exec format error",
               true},
      }) {
    SCOPED_TRACE(reason);
    aws.arrange(SetImages{{behaviour}, true});
    aws.register_web(image);
    run();
    aws.at(aws.now() + 100);
    EXPECT_EQ(state(), "STOPPED");
    EXPECT_EQ(text("stopCode"), "TaskFailedToStart");
    EXPECT_EQ(text("stoppedReason"), reason);
    EXPECT_EQ(container().at("reason").as_string(), reason);
    EXPECT_FALSE(container().as_object().contains("exitCode"));
    EXPECT_EQ(task().as_object().contains("pullStartedAt"), pulls);
    EXPECT_FALSE(task().as_object().contains("startedAt"));
  }
}

TEST_F(OneTask, WithABadImageDiesAfterEighteenSeconds) {
  aws.arrange(SetImages{{{.image = "web:*", .pull = Pull::kNotFound}}});
  aws.register_web();
  run();
  EXPECT_THAT(states_until(60),
              ElementsAre("0 PROVISIONING", "10 PENDING", "18 DEPROVISIONING", "42 STOPPED"));
  EXPECT_EQ(time("executionStoppedAt"), 18);
}

TEST_F(OneTask, WithoutARouteToTheRegistryWaitsForMinutes) {
  aws.arrange(SetImages{{{.image = "web:*", .pull = Pull::kTimeout}}});
  aws.register_web();
  run();
  aws.at(150);
  EXPECT_EQ(state(), "ACTIVATING");
  aws.at(300);
  EXPECT_EQ(state(), "STOPPED");
}

TEST_F(OneTask, EndsWithItsEssentialContainer) {
  aws.arrange(SetImages{{{.image = "web:*", .run_for = seconds(30), .exit_code = 3}}});
  aws.register_web();
  run();
  EXPECT_THAT(states_until(100), ElementsAre("0 PROVISIONING", "10 PENDING", "18 ACTIVATING",
                                             "26 RUNNING", "56 DEPROVISIONING", "80 STOPPED"));
  EXPECT_EQ(text("stopCode"), "EssentialContainerExited");
  EXPECT_EQ(text("stoppedReason"), "Essential container in task exited");
  EXPECT_EQ(container().at("exitCode").as_int64(), 3);
}

TEST_F(OneTask, MayHaveAnotherFateThanTheTasksOfServices) {
  aws.arrange(SetImages{{{.image = "web:*", .kind = TaskKind::kOfService, .pull = Pull::kNotFound},
                         {.image = "web:*", .kind = TaskKind::kOneOff, .run_for = seconds(30)}}});
  aws.register_web();
  run();
  aws.at(100);
  EXPECT_EQ(text("stopCode"), "EssentialContainerExited");
}

TEST_F(OneTask, SaysThatTheKernelKilledIt) {
  aws.arrange(SetImages{{{.image = "web:*", .run_for = seconds(30), .out_of_memory = true}}});
  aws.register_web();
  run();
  aws.at(100);
  EXPECT_EQ(container().at("exitCode").as_int64(), 137);
  EXPECT_EQ(container().at("reason").as_string(),
            "OutOfMemoryError: Container killed due to memory usage");
}

TEST_F(OneTask, StretchesItsStartByTheImagesFactor) {
  aws.arrange(SetImages{{{.image = "web:*", .delay_factor = 3}}});
  aws.register_web();
  run();
  aws.at(77.9);
  EXPECT_EQ(state(), "ACTIVATING");
  aws.at(78);
  EXPECT_EQ(state(), "RUNNING");
}

TEST_F(OneTask, TakesTheFateOfTheFirstBehaviourThatMatches) {
  aws.register_web("shop/web:2", "web");
  struct Case {
    ImageBehaviour behaviour;
    bool dies;
  };
  for (const auto& [behaviour, dies] :
       {Case{{.image = "shop/*"}, true}, Case{{.image = "*:2"}, true},
        Case{{.image = "web*"}, false}, Case{{.task_definition = "web"}, true},
        Case{{.task_definition = "web:1"}, true}, Case{{.task_definition = "web:2"}, false},
        Case{{.container = "app"}, true}, Case{{.container = "sidecar"}, false},
        Case{{.share_percent = 0}, false}}) {
    ImageBehaviour whole = behaviour;
    whole.run_for = seconds(1);
    aws.arrange(SetImages{{whole}, true});
    run();
    aws.at(aws.now() + 100);
    EXPECT_EQ(state() == "STOPPED", dies)
        << whole.image << ' ' << whole.task_definition << ' ' << whole.container;
  }
}

// ---- Several containers -----------------------------------------------------------------------

class Containers : public OneTask {
 protected:
  // containerDefinitions of a Fargate task.
  void register_task(std::string_view containers) {
    aws.call("RegisterTaskDefinition", fmt::format(R"({{"family": "web", "networkMode": "awsvpc",
      "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
      "containerDefinitions": [{}]}})",
                                                   containers));
  }
};

TEST_F(Containers, StartInTheOrderTheyDependOnEachOther) {
  register_task(R"(
    {"name": "app", "image": "app", "dependsOn": [{"containerName": "migrate", "condition": "SUCCESS"},
                                                  {"containerName": "proxy", "condition": "HEALTHY"}]},
    {"name": "migrate", "image": "migrate", "essential": false},
    {"name": "proxy", "image": "proxy", "healthCheck": {"command": ["true"], "interval": 10}})");
  aws.arrange(SetImages{{{.image = "migrate", .run_for = seconds(5)}}});
  run();
  aws.at(35.9);
  EXPECT_EQ(container(1).at("exitCode").as_int64(), 0);
  EXPECT_EQ(container(0).at("lastStatus").as_string(), "PENDING");
  aws.at(36);  // the proxy runs since 26 and is healthy now
  EXPECT_EQ(state(), "ACTIVATING");
  EXPECT_EQ(container(2).at("healthStatus").as_string(), "HEALTHY");
  aws.at(37);
  EXPECT_EQ(state(), "RUNNING");
}

TEST_F(Containers, FailTheTaskWhenWhatTheyWaitForFails) {
  register_task(R"(
    {"name": "app", "image": "app", "dependsOn": [{"containerName": "migrate", "condition": "SUCCESS"}]},
    {"name": "migrate", "image": "migrate", "essential": false})");
  aws.arrange(SetImages{{{.image = "migrate", .run_for = seconds(5), .exit_code = 1}}});
  run();
  aws.at(100);
  EXPECT_EQ(text("stopCode"), "TaskFailedToStart");
  EXPECT_EQ(text("stoppedReason"), "Task failed to start");
  EXPECT_EQ(container(1).at("exitCode").as_int64(), 1);
}

TEST_F(Containers, WaitNoLongerThanTheirStartTimeout) {
  register_task(R"(
    {"name": "app", "image": "app", "startTimeout": 20,
     "dependsOn": [{"containerName": "proxy", "condition": "HEALTHY"}]},
    {"name": "proxy", "image": "proxy", "healthCheck": {"command": ["false"], "interval": 10}})");
  aws.arrange(SetImages{{{.image = "proxy", .unhealthy_from = seconds(0)}}});
  run();
  aws.at(44.9);
  EXPECT_EQ(state(), "ACTIVATING");
  aws.at(100);
  EXPECT_EQ(text("stopCode"), "TaskFailedToStart");
}

TEST_F(Containers, ThatAreNotEssentialMayExitOrBeRestarted) {
  register_task(R"(
    {"name": "app", "image": "app"},
    {"name": "helper", "image": "helper", "essential": false},
    {"name": "agent", "image": "agent", "essential": false,
     "restartPolicy": {"enabled": true, "restartAttemptPeriod": 60}})");
  aws.arrange(SetImages{
      {{.image = "helper", .run_for = seconds(5)}, {.image = "agent", .run_for = seconds(90)}}});
  run();
  aws.at(40);
  EXPECT_EQ(state(), "RUNNING");
  EXPECT_EQ(container(1).at("lastStatus").as_string(), "STOPPED");
  aws.at(116.5);
  EXPECT_EQ(container(2).at("lastStatus").as_string(), "PENDING");
  aws.at(118);
  EXPECT_EQ(container(2).at("lastStatus").as_string(), "RUNNING");
  EXPECT_EQ(state(), "RUNNING");
}

TEST_F(Containers, OfATaskThatEndsAreStoppedToo) {
  register_task(R"({"name": "app", "image": "app"}, {"name": "proxy", "image": "proxy"})");
  aws.arrange(SetImages{{{.image = "app", .run_for = seconds(10), .exit_code = 1}}});
  run();
  EXPECT_THAT(states_until(100),
              ElementsAre("0 PROVISIONING", "10 PENDING", "18 ACTIVATING", "26 RUNNING",
                          "36 STOPPING", "38 DEPROVISIONING", "62 STOPPED"));
  EXPECT_EQ(container(0).at("exitCode").as_int64(), 1);
  EXPECT_EQ(container(1).at("exitCode").as_int64(), 143);
}

// ---- Health -----------------------------------------------------------------------------------

TEST_F(Containers, AreHealthyAfterOneCheckAndUnhealthyAfterAllRetries) {
  struct Case {
    std::string_view check;
    std::optional<Duration> fails_from;
    std::vector<std::string> health;  // with the seconds since RUNNING
  };
  for (const auto& [check, fails_from, health] : {
           Case{R"("interval": 10)", std::nullopt, {"0 UNKNOWN", "10 HEALTHY"}},
           Case{R"("interval": 10, "retries": 2)", seconds(0), {"0 UNKNOWN", "20 UNHEALTHY"}},
           Case{R"("interval": 10, "retries": 3)",
                seconds(25),
                {"0 UNKNOWN", "10 HEALTHY", "50 UNHEALTHY"}},
           Case{R"("interval": 10, "retries": 2, "startPeriod": 60)",
                seconds(0),
                {"0 UNKNOWN", "80 UNHEALTHY"}},
       }) {
    SCOPED_TRACE(check);
    aws.arrange(SetImages{{{.unhealthy_from = fails_from}}, true});
    register_task(fmt::format(R"({{"name": "app", "image": "app",
                                  "healthCheck": {{"command": ["check"], {}}}}})",
                              check));
    run();
    const double running = aws.now() + 26;
    std::vector<std::string> seen;
    std::string last;
    for (double t = 0; t < 120; ++t) {
      aws.at(running + t);
      if (const std::string now = text("healthStatus"); now != last) {
        last = now;
        seen.push_back(fmt::format("{:g} {}", t, last));
      }
    }
    EXPECT_EQ(seen, health);
  }
}

TEST(Spread, DrawsTaskTimingsFromTheSeed) {
  Knobs knobs;
  knobs.spread_percent = 50;
  const auto running_at = [&](std::uint64_t seed) {
    Rehearsal aws(knobs, seed);
    aws.set_up_web(1);
    for (double t = -3600; t < -3500; ++t) {
      aws.at(t);
      if (aws.service().at("runningCount").as_int64() == 1) return t + 3600;
    }
    return 0.0;
  };
  EXPECT_EQ(running_at(1), running_at(1));
  EXPECT_NE(running_at(1), running_at(2));
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    EXPECT_GE(running_at(seed), 10 + 13);
    EXPECT_LE(running_at(seed), 10 + 39 + 1);
  }
}

}  // namespace
}  // namespace slipway::sim
