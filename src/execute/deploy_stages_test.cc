#include "execute/deploy_for_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using World = DeployWorld;

// ---- One-off tasks and stages ------------------------------------------------------------------

TEST(OneOffTasks, RunInTheirStagesAroundTheServices) {
  World world;
  world.ecs.add_service("web");
  world.ecs.add_definition("migrate:1");
  world.ecs.add_definition("cleanup:5");
  Release release = toolkit({service("web")});
  release.tasks_before = {task("migrate")};
  release.tasks_after = {task("cleanup")};
  const RunReport report = world.deploy(release);
  EXPECT_EQ(report.outcome, Outcome::kSucceeded);
  EXPECT_EQ(report.tasks, (Counts{.total = 2, .successful = 2}));
  std::vector<std::string> order;
  for (const FakeEcs::Call& call : world.ecs.calls)
    if (call.operation == "RunTask" || call.operation == "UpdateService")
      order.push_back(call.operation);
  EXPECT_THAT(order, ElementsAre("RunTask", "UpdateService", "RunTask"));
  const auto runs = world.ecs.calls_of("RunTask");
  EXPECT_EQ(string_or_empty(runs[0]->request, "taskDefinition"), definition_arn("migrate:2"));
  EXPECT_GE(world.ecs.calls_of("UpdateService")[0]->at - runs[0]->at, 10s);
}

TEST(OneOffTasks, AreLookedAtEveryThreeSecondsAllAtOnce) {
  World world;
  Release release = toolkit({});
  for (const char* family : {"one", "two"}) {
    world.ecs.add_definition(std::string(family) + ":1");
    release.tasks_before.push_back(task(family));
    release.tasks_before.back().count = 2;
  }
  EXPECT_EQ(world.deploy(release).outcome, Outcome::kSucceeded);
  std::vector<Duration> times;
  for (const FakeEcs::Call* call : world.ecs.calls_of("DescribeTasks")) {
    times.push_back(call->at - kFakeStart);
    EXPECT_EQ(find_array(call->request, "tasks")->size(), 4u);
  }
  EXPECT_THAT(times, ElementsAre(0s, 3s, 6s, 9s, 12s));
}

TEST(OneOffTasks, EndTheRunWhenOneFails) {
  struct Case {
    std::string name;
    std::function<void(FakeEcs&)> arrange;
    Outcome outcome;
    std::string message;
  };
  const std::string first = "task 00000000000000000000000000000001";
  for (const Case& row : {
           Case{"exit code 1",
                [](FakeEcs& ecs) { ecs.on_run_task = [](FakeTask& task) { task.exitCode = 1; }; },
                Outcome::kFailed,
                "2 of 2 tasks did not end well: " + first +
                    " failed: container app exited with 1: Essential container in task exited"},
           Case{"no exit code",
                [](FakeEcs& ecs) {
                  ecs.on_run_task = [](FakeTask& task) {
                    task.exitCode = std::nullopt;
                    task.stoppedReason = "";
                  };
                },
                Outcome::kFailedToStart,
                "2 of 2 tasks did not end well: " + first + " failed: container app never ran"},
           Case{"one of two found no room",
                [](FakeEcs& ecs) {
                  ecs.run_task_failures = {{.reason = "RESOURCE:CPU", .detail = "full"}};
                },
                Outcome::kFailedToStart, "1 of 2 tasks did not start: RESOURCE:CPU"},
           Case{"none found room",
                [](FakeEcs& ecs) {
                  ecs.run_task_failures = {{.reason = "RESOURCE:CPU"}, {.reason = "RESOURCE:CPU"}};
                },
                Outcome::kFailedToStart, "2 of 2 tasks did not start: RESOURCE:CPU"},
           Case{"refused",
                [](FakeEcs& ecs) {
                  ecs.arrange("RunTask", {.code = "ClientException",
                                          .message = "TaskDefinition is "
                                                     "inactive"});
                },
                Outcome::kFailedToStart, "TaskDefinition is inactive"},
           Case{"never visible", [](FakeEcs& ecs) { ecs.tasks_visible_after = 1h; },
                Outcome::kFailed,
                "2 of 2 tasks did not end well: " + first +
                    " cannot be found; ECS does not know whether it ran"},
       }) {
    SCOPED_TRACE(row.name);
    World world;
    world.ecs.add_service("web");
    world.ecs.add_definition("migrate:1");
    row.arrange(world.ecs);
    Release release = toolkit({service("web")});
    release.tasks_before = {task("migrate")};
    release.tasks_before[0].count = 2;
    const RunReport report = world.deploy(release);
    EXPECT_EQ(report.outcome, row.outcome) << to_string(report.outcome);
    ASSERT_TRUE(report.error);
    EXPECT_EQ(report.error->message, row.message);
    EXPECT_EQ(report.tasks, (Counts{.total = 1, .failed = 1}));
    EXPECT_EQ(world.ecs.count("UpdateService"), 0);
  }
}

TEST(OneOffTasks, AreNotMissedForBeingInvisibleAtFirst) {
  World world;
  world.ecs.add_definition("migrate:1");
  world.ecs.tasks_visible_after = 8s;
  Release release = toolkit({});
  release.tasks_before = {task("migrate")};
  EXPECT_EQ(world.deploy(release).outcome, Outcome::kSucceeded);
}

TEST(OneOffTasks, AreLeftRunningWhenTheirTimeIsUp) {
  World world;
  world.ecs.add_definition("migrate:1");
  world.ecs.on_run_task = [](FakeTask& task) { task.takes = 1h; };
  Release release = toolkit({});
  release.tasks_before = {task("migrate")};
  release.tasks_before[0].max_wait = 5min;
  const RunReport report = world.deploy(release);
  EXPECT_EQ(report.outcome, Outcome::kTimedOut);
  EXPECT_EQ(report.error->message,
            "task 00000000000000000000000000000001 has not stopped after 5m; it is still running");
}

TEST(Stages, AreSkippedWithoutAWordWhenTheUserSaysSo) {
  World world;
  world.ecs.add_service("web");
  for (const Planning planning : {Planning::kWholeRelease, Planning::kStageByStage}) {
    Release release = toolkit({service("web")});
    release.planning = planning;
    release.tasks_before = {task("not-there")};
    const RunReport report = world.deploy(release, {.skip_tasks_before = true});
    EXPECT_EQ(report.outcome, Outcome::kSucceeded);
  }
  for (const Event& event : world.seen.events)
    EXPECT_NE(event.subject.stage, StageKind::kTasksBefore);
}

TEST(Stages, WithoutItemsSaySoAndCallNothing) {
  World world;
  const RunReport report = world.deploy(toolkit({}));
  EXPECT_EQ(report.outcome, Outcome::kSucceeded);
  EXPECT_THAT(world.ecs.calls, IsEmpty());
  EXPECT_THAT(world.seen.all<StageEmpty>(), SizeIs(3));
}

}  // namespace
}  // namespace slipway
