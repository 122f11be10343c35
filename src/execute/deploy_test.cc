#include "execute/deploy_for_test.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using World = DeployWorld;

// ---- The calls ---------------------------------------------------------------------------------

TEST(Deploying, MovesAServiceToANewRevision) {
  World world;
  world.ecs.add_service("web");
  const RunReport report = world.deploy(native({service("web")}));
  EXPECT_EQ(report.outcome, Outcome::kSucceeded);
  EXPECT_EQ(in_use(world, "web"), "web:2");
  EXPECT_EQ(report.services, (Counts{.total = 1, .successful = 1}));
  ASSERT_THAT(report.items, SizeIs(1));
  EXPECT_EQ(report.items[0].deployment_id, "ecs-svc/2");
  EXPECT_EQ(report.items[0].task_definition, "web:2");
  const auto updates = world.ecs.calls_of("UpdateService");
  ASSERT_THAT(updates, SizeIs(1));
  EXPECT_EQ(to_text(updates[0]->request),
            R"({"cluster":"prod","service":"web","taskDefinition":")" + definition_arn("web:2") +
                R"("})");
  const std::vector<RunEnded> ended = world.seen.all<RunEnded>();
  ASSERT_THAT(ended, SizeIs(1));
  EXPECT_THAT(ended[0].state, ElementsAre("service web runs web:2"));
  EXPECT_EQ(ended[0].next_step, "");
}

TEST(Deploying, TellsTheStoryInOrder) {
  World world;
  world.ecs.add_service("web");
  world.deploy(native({service("web")}));
  std::vector<std::string> told;
  for (const Event& event : world.seen.events) {
    const std::string type(type_of(event.body));
    if (type == "call_made" || (!told.empty() && told.back() == type)) continue;
    told.push_back(type);
  }
  EXPECT_THAT(
      told, ElementsAre("run_started", "plan_made", "stage_empty", "stage_started", "item_started",
                        "base_task_definition", "image_changed", "task_definition_registering",
                        "call_announced", "task_definition_registered", "note", "call_announced",
                        "service_updated", "service_observed", "checking_stability",
                        "service_stable", "item_ended", "stage_ended", "stage_empty", "run_ended"));
}

TEST(Deploying, OneServiceInTwentySecondsTakesSixteenCalls) {
  for (const Duration takes : {18s, 19s, 20s}) {
    World world;
    world.ecs.latency = 5ms;
    world.ecs.add_service("web").takes = takes;
    EXPECT_EQ(world.deploy(native({service("web")})).outcome, Outcome::kSucceeded);
    EXPECT_LE(world.ecs.calls.size(), 16u);
    EXPECT_EQ(world.seen.all<RunEnded>().front().api_calls,
              static_cast<int>(world.ecs.calls.size()));
    EXPECT_LE(world.elapsed(), takes + 1500ms);
  }
}

TEST(Deploying, FiftyServicesInTwentySecondsTakeTwoHundredCalls) {
  World world;
  Release release = native({});
  for (int i = 0; i < 50; ++i) {
    const std::string name = fmt::format("s{}", i);
    world.ecs.add_service(name);
    release.services.push_back(service(name));
  }
  EXPECT_EQ(world.deploy(release).outcome, Outcome::kSucceeded);
  EXPECT_EQ(world.ecs.count("DescribeTaskDefinition"), 50);
  EXPECT_EQ(world.ecs.count("RegisterTaskDefinition"), 50);
  EXPECT_EQ(world.ecs.count("UpdateService"), 50);
  EXPECT_LE(world.ecs.calls.size(), 200u);
  // The budget lets one registration a second through once its burst is used up.
  EXPECT_LE(world.elapsed(), 55s);
}

TEST(Deploying, AFiveMinuteRolloutIsLookedAtEveryThreeSecondsAtMost) {
  for (const Duration hint : {0s, 10s, 60s}) {
    World world;
    FakeService& web = world.ecs.add_service("web");
    web.takes = 5min;
    web.shows_it_before = hint;
    EXPECT_EQ(world.deploy(native({service("web")})).outcome, Outcome::kSucceeded);
    EXPECT_LE(world.ecs.count("DescribeServices"), 101);  // one of them before the update
    EXPECT_LE(world.elapsed(), 5min + (hint == 10s ? 1500ms : 5s));
  }
}

TEST(Deploying, RegistersOnceForServicesThatShareARevision) {
  World world;
  world.ecs.add_service("web", "app:7");
  world.ecs.add_service("worker", "app:7");
  EXPECT_EQ(world.deploy(native({service("web"), service("worker")})).outcome, Outcome::kSucceeded);
  EXPECT_EQ(world.ecs.count("RegisterTaskDefinition"), 1);
  EXPECT_EQ(in_use(world, "web"), "app:8");
  EXPECT_EQ(in_use(world, "worker"), "app:8");
  const auto shared = world.seen.of<TaskDefinitionRegistered>("worker");
  ASSERT_THAT(shared, SizeIs(1));
  EXPECT_TRUE(shared[0].shared);
}

TEST(Deploying, LeavesAServiceAloneThatIsWhatTheFileSays) {
  World world;
  world.ecs.add_service("web");
  ServiceRelease same = service("web");
  same.images = {{.container = "app", .to = NewTag{"1"}}};
  EXPECT_EQ(world.deploy(native({same})).outcome, Outcome::kSucceeded);
  EXPECT_EQ(world.changes(), 0);
  EXPECT_EQ(world.elapsed(), 0s);
  EXPECT_THAT(world.seen.all<RunEnded>().front().state, IsEmpty());
}

TEST(Deploying, ForcesANewDeploymentOfTheSameRevision) {
  World world;
  world.ecs.add_service("web", "other-name:4");
  ServiceRelease same = service("web");
  same.images = {{.container = "app", .to = NewTag{"1"}}};
  same.forceNewDeployment = true;
  EXPECT_EQ(world.deploy(native({same})).outcome, Outcome::kSucceeded);
  EXPECT_EQ(in_use(world, "web"), "other-name:4");
  const auto updates = world.ecs.calls_of("UpdateService");
  ASSERT_THAT(updates, SizeIs(1));
  EXPECT_EQ(to_text(updates[0]->request),
            R"({"cluster":"prod","service":"web","forceNewDeployment":true})");
  EXPECT_THAT(world.seen.all<ServiceUpdated>(), SizeIs(1));
  EXPECT_EQ(world.seen.all<ServiceUpdated>().front().deployment_id, "ecs-svc/2");
}

TEST(Deploying, DoesNotTakeTheOldWorldForTheNewOne) {
  World world;
  world.ecs.stale_for = 15s;
  world.ecs.add_service("web").takes = 40s;
  EXPECT_EQ(world.deploy(native({service("web")})).outcome, Outcome::kSucceeded);
  EXPECT_GE(world.elapsed(), 40s);
}

TEST(Deploying, WaitsForNothingWhenAskedNotTo) {
  World world;
  world.ecs.add_service("web");
  Release release = native({service("web")});
  release.wait = false;
  EXPECT_EQ(world.deploy(release).outcome, Outcome::kSucceeded);
  EXPECT_EQ(world.ecs.calls.size(), 4u);
  EXPECT_EQ(world.elapsed(), 0s);
  EXPECT_THAT(world.seen.all<RunEnded>().front().state,
              ElementsAre("service web was updated to web:2"));
}

TEST(Deploying, KeepsToTheOrderOfServices) {
  World world;
  world.ecs.add_service("web");
  world.ecs.add_service("worker");
  Release release = native({service("worker"), service("web")});
  release.services[0].after = {"web"};
  release.max_parallel = 1;
  EXPECT_EQ(world.deploy(release).outcome, Outcome::kSucceeded);
  const auto updates = world.ecs.calls_of("UpdateService");
  ASSERT_THAT(updates, SizeIs(2));
  EXPECT_EQ(string_or_empty(updates[0]->request, "service"), "web");
  EXPECT_GE(updates[1]->at - updates[0]->at, 20s);
}

TEST(Deploying, RefusesAnOrderThatCannotBe) {
  World world;
  world.ecs.add_service("web");
  world.ecs.add_service("worker");
  Release release = native({service("web"), service("worker")});
  release.services[0].after = {"worker"};
  release.services[1].after = {"web"};
  const RunReport report = world.deploy(release);
  EXPECT_EQ(report.outcome, Outcome::kFailedToStart);
  EXPECT_EQ(report.error->message, "service web waits for itself: after worker");
  EXPECT_EQ(world.changes(), 0);
}

TEST(Deploying, RunsAsManyItemsAtATimeAsAllowed) {
  World world;
  Release release = native({});
  for (int i = 0; i < 4; ++i) {
    world.ecs.add_service(fmt::format("s{}", i));
    release.services.push_back(service(fmt::format("s{}", i)));
  }
  release.max_parallel = 2;
  EXPECT_EQ(world.deploy(release).outcome, Outcome::kSucceeded);
  const auto updates = world.ecs.calls_of("UpdateService");
  ASSERT_THAT(updates, SizeIs(4));
  EXPECT_LT(updates[1]->at - kFakeStart, 20s);
  EXPECT_GE(updates[2]->at - kFakeStart, 20s);
}

// ---- How a rollout can end ---------------------------------------------------------------------

TEST(Deploying, KnowsEveryEndOfARollout) {
  struct Case {
    std::string name;
    Fate fate;
    Outcome outcome;
    RolledBackBy by;
    std::string message;
    Duration at_most;
  };
  const std::string tasks = "ECS deployment circuit breaker: tasks failed to start";
  for (const Case& row : {
           Case{"failed", Fate::kFails, Outcome::kFailedToStart, RolledBackBy::kNobody,
                "deployment ecs-svc/2 (web:2) of service web failed: " + tasks, 41500ms},
           Case{"rolled back", Fate::kRollsBack, Outcome::kRolledBack,
                RolledBackBy::kCircuitBreaker, "ECS rolled back service web to web:1: " + tasks,
                42500ms},
           Case{"rolled back, and nothing shows it any more", Fate::kRolledBack,
                Outcome::kRolledBack, RolledBackBy::kNobody,
                "ECS rolled back service web to web:1: ECS deployment ecs-svc/2 in progress",
                42500ms},
           Case{"superseded", Fate::kSuperseded, Outcome::kSuperseded, RolledBackBy::kNobody,
                "somebody else's deployment ecs-svc/902 (foreign:9) replaced ours on service web",
                42500ms},
           Case{"deleted", Fate::kDeleted, Outcome::kFailed, RolledBackBy::kNobody,
                "service web is DRAINING", 42500ms},
           Case{"never ends", Fate::kNeverEnds, Outcome::kTimedOut, RolledBackBy::kNobody,
                "service web is not stable after 10m; deployment ecs-svc/2 is still running",
                10min},
       }) {
    SCOPED_TRACE(row.name);
    World world;
    FakeService& web = world.ecs.add_service("web");
    web.fate = row.fate;
    web.takes = 40s;
    const RunReport report = world.deploy(toolkit({service("web")}));
    EXPECT_EQ(report.outcome, row.outcome) << to_string(report.outcome);
    EXPECT_EQ(report.rolled_back_by, row.by);
    ASSERT_TRUE(report.error);
    EXPECT_EQ(report.error->message, row.message);
    EXPECT_EQ(report.services.failed, 1);
    EXPECT_LE(world.elapsed(), row.at_most);
    EXPECT_EQ(world.ecs.count("UpdateService"), 1) << "nothing is undone when asked to leave it";
  }
}

TEST(Deploying, ExplainsAFailureByTheTasksThatStopped) {
  World world;
  FakeService& web = world.ecs.add_service("web");
  web.fate = Fate::kFails;
  web.events = {{.id = "old", .createdAt = kFakeStart - 1h, .message = "from before"}};
  world.ecs.before_call = [&](const FakeEcs::Call& call) {
    if (call.operation != "UpdateService") return;
    web.events.insert(web.events.begin(),
                      {.id = "new", .createdAt = kFakeStart, .message = "(service web) tried."});
    for (const char* id : {"a1", "a2"})
      world.ecs.tasks[id] = {.arn = kArn + "task/prod/" + id,
                             .definition = "web:2",
                             .startedBy = "ecs-svc/2",
                             .created = kFakeStart,
                             .exitCode = std::nullopt,
                             .stopCode = "TaskFailedToStart",
                             .stoppedReason = "CannotPullContainerError: not found"};
  };
  world.ecs.service_deployment = aws::ServiceDeployment{.statusReason = "the breaker said so"};
  world.deploy(toolkit({service("web")}));
  const auto explained = world.seen.all<FailureExplained>();
  ASSERT_THAT(explained, SizeIs(1));
  ASSERT_THAT(explained[0].stopped_tasks, SizeIs(1));
  EXPECT_EQ(explained[0].stopped_tasks[0].count, 2);
  EXPECT_EQ(explained[0].stopped_tasks[0].stoppedReason, "CannotPullContainerError: not found");
}

TEST(Deploying, ExplainsWithTheOriginalToolsPermissionsByTheIdsInTheEvents) {
  World world;
  FakeService& web = world.ecs.add_service("web");
  web.fate = Fate::kFails;
  for (const char* operation :
       {"ListTasks", "ListServiceDeployments", "DescribeServiceDeployments"})
    world.ecs.arrange(operation, {.times = 100});
  world.ecs.tasks["a1"] = {.arn = kArn + "task/prod/a1",
                           .definition = "web:2",
                           .startedBy = "ecs-svc/2",
                           .created = kFakeStart,
                           .exitCode = 1};
  bool updated = false;
  world.ecs.before_call = [&](const FakeEcs::Call& call) {
    updated = updated || call.operation == "UpdateService";
    if (updated && call.operation == "DescribeServices")
      web.events = {{.id = "new",
                     .createdAt = kFakeStart,
                     .message = "(service web) has started 1 tasks: (task a1)."}};
  };
  const RunReport report = world.deploy(toolkit({service("web")}));
  EXPECT_EQ(report.outcome, Outcome::kFailedToStart);
  EXPECT_EQ(world.ecs.count("ListTasks"), 1);
  EXPECT_EQ(world.ecs.count("ListServiceDeployments"), 1);
  const auto explained = world.seen.all<FailureExplained>();
  ASSERT_THAT(explained, SizeIs(1));
  ASSERT_THAT(explained[0].stopped_tasks, SizeIs(1));
  EXPECT_EQ(explained[0].stopped_tasks[0].example_task_id, "a1");
  EXPECT_THAT(explained[0].service_events, SizeIs(1));
  EXPECT_THAT(world.seen.all<CallDenied>(), SizeIs(2));
}

TEST(Deploying, LearnsFromTheServiceDeploymentWhoRolledBack) {
  World world;
  FakeService& web = world.ecs.add_service("web");
  web.fate = Fate::kRolledBack;
  web.takes = 40s;
  world.ecs.service_deployment =
      aws::ServiceDeployment{.status = "ROLLBACK_SUCCESSFUL",
                             .rollback = aws::Rollback{},
                             .alarms = aws::ServiceDeploymentAlarms{.status = "TRIGGERED"}};
  // UpdateService named the deployment.
  world.ecs.names_service_deployment = true;
  const RunReport report = world.deploy(toolkit({service("web")}));
  EXPECT_EQ(report.outcome, Outcome::kRolledBack);
  EXPECT_EQ(report.rolled_back_by, RolledBackBy::kAlarm);
}

// ---- Before anything is changed ----------------------------------------------------------------

TEST(WholeReleases, AreRefusedForAnyProblemBeforeAnythingIsChanged) {
  World world;
  world.ecs.add_service("web");
  world.ecs.add_service("blue").deploymentController = "CODE_DEPLOY";
  world.ecs.add_definition("migrate:1");
  Release release = native({service("web"), service("missing"), service("blue")});
  release.tasks_before = {task("migrate")};
  const RunReport report = world.deploy(release);
  EXPECT_EQ(report.outcome, Outcome::kFailedToStart);
  EXPECT_THAT(report.problems, SizeIs(2));
  EXPECT_EQ(report.problems[0].message, "service missing does not exist in cluster prod");
  EXPECT_THAT(report.items, IsEmpty());
  EXPECT_EQ(world.changes(), 0);
}

TEST(WholeReleases, HaveOneProblemWhenNobodyIsLetIn) {
  World world;
  Release release = native({});
  for (int i = 0; i < 25; ++i) release.services.push_back(service(fmt::format("s{}", i)));
  world.ecs.arrange(
      "DescribeServices",
      {.times = 99, .code = "ClusterNotFoundException", .message = "Cluster not found."});
  const RunReport report = world.deploy(release);
  EXPECT_THAT(report.problems, SizeIs(1));
  EXPECT_EQ(world.ecs.calls.size(), 3u);
}

TEST(StageByStage, AMissingServiceIsSkippedAndABrokenOneFails) {
  World world;
  world.ecs.add_service("web");
  Release release = toolkit({service("web"), service("missing")});
  const RunReport skipped = world.deploy(release);
  EXPECT_EQ(skipped.outcome, Outcome::kSucceeded);
  EXPECT_EQ(skipped.services, (Counts{.total = 2, .successful = 1, .skipped = 1}));
  release.fail_on_skipped = true;
  const RunReport failed = world.deploy(release);
  EXPECT_EQ(failed.outcome, Outcome::kFailed);
  EXPECT_EQ(failed.error->message, "1 item skipped, which this run counts as a failure");
}

TEST(Expectations, AreCheckedAgainWhenTasksTookTheirTime) {
  World world;
  FakeService& web = world.ecs.add_service("web");
  world.ecs.add_definition("migrate:1");
  world.ecs.add_definition("foreign:9");
  world.ecs.on_run_task = [](FakeTask& task) { task.takes = 5min; };
  world.ecs.before_call = [&](const FakeEcs::Call& call) {
    if (call.operation == "DescribeTasks") web.definition = "foreign:9";
  };
  Release release = native({service("web")});
  release.tasks_before = {task("migrate")};
  const RunReport report = world.deploy(release);
  EXPECT_EQ(report.outcome, Outcome::kSuperseded);
  EXPECT_EQ(
      report.error->message,
      "service web runs foreign:9 now, not web:1 as when this was planned; it was not changed");
  EXPECT_EQ(world.ecs.count("UpdateService"), 0);
  EXPECT_EQ(world.ecs.count("DescribeServices"), 2);
}

// ---- Planning ----------------------------------------------------------------------------------

TEST(Planning, CallsNothingThatChangesAnything) {
  World world;
  world.ecs.add_service("web");
  world.run([&] {
    const Plan plan = make_plan(world.context, native({service("web")}));
    EXPECT_TRUE(plan.changes_anything());
    EXPECT_THAT(plan.problems(), IsEmpty());
  });
  EXPECT_EQ(world.changes(), 0);
}

}  // namespace
}  // namespace slipway
