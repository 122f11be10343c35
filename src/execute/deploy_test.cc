#include "execute/deploy.h"

#include "execute/fake_ecs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <unistd.h>

namespace slipway {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

ServiceRelease service(std::string name) {
  return {.name = std::move(name),
          .images = {{.container = "app", .to = NewTag{"2"}}},
          .max_wait = 10min};
}

TaskRun task(std::string family) {
  TaskRun run{.name = family, .task_definition = TaskDefinitionReference{family}};
  run.images = {{.container = "app", .to = NewTag{"2"}}};
  return run;
}

Release native(std::vector<ServiceRelease> services) {
  return {.application = "shop", .cluster = "prod", .services = std::move(services)};
}

// As the ecs-toolkit dialect gives it.
Release toolkit(std::vector<ServiceRelease> services) {
  Release release = native(std::move(services));
  release.application.clear();
  release.on_failure = OnFailure::kLeave;
  release.missing_service = MissingService::kSkip;
  release.planning = Planning::kStageByStage;
  return release;
}

struct World : FakeWorld {
  Duration elapsed() const { return fibers.now() - kFakeStart; }
  int changes() const {
    return ecs.count("UpdateService") + ecs.count("RegisterTaskDefinition") + ecs.count("RunTask");
  }
};

std::string in_use(World& world, const std::string& name) {
  return world.ecs.services.at(name).definition;
}

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

// ---- Undoing -----------------------------------------------------------------------------------

TEST(RollingBack, TakesBackWhatThisRunChangedAndLeavesWhatEcsHas) {
  World world;
  world.ecs.add_service("web");
  FakeService& api = world.ecs.add_service("api");
  api.fate = Fate::kRollsBack;
  const RunReport report = world.deploy(native({service("web"), service("api")}));
  EXPECT_EQ(report.outcome, Outcome::kRolledBack);
  EXPECT_EQ(report.rolled_back_by, RolledBackBy::kCircuitBreaker);
  EXPECT_EQ(in_use(world, "web"), "web:1");
  const auto updates = world.ecs.calls_of("UpdateService");
  ASSERT_THAT(updates, SizeIs(3));
  EXPECT_EQ(to_text(updates[2]->request),
            R"({"cluster":"prod","service":"web","taskDefinition":")" + definition_arn("web:1") +
                R"("})");
  EXPECT_THAT(world.seen.all<RollbackStarted>(),
              ElementsAre(RollbackStarted{
                  .services = {"web"},
                  .because = "service api failed: ECS rolled back service api to api:1: ECS "
                             "deployment circuit breaker: tasks failed to start"}));
  EXPECT_THAT(world.seen.all<ServiceRolledBack>(), ElementsAre(ServiceRolledBack{"web:1"}));
  EXPECT_THAT(world.seen.all<RunEnded>().front().state,
              ElementsAre("service web runs web:1 again", "service api runs api:1 again"));
  // Undoing is announced as such.
  const auto announced = world.seen.all<CallAnnounced>();
  EXPECT_TRUE(announced.back().undo);
  EXPECT_FALSE(announced.front().undo);
}

TEST(RollingBack, GoesNewestFirstAndAgainstTheOrderOfTheRelease) {
  World world;
  for (const char* name : {"a", "b", "c"}) world.ecs.add_service(name);
  world.ecs.services["c"].fate = Fate::kFails;
  Release release = native({service("a"), service("b"), service("c")});
  release.services[1].after = {"a"};
  release.services[2].after = {"b"};
  const RunReport report = world.deploy(release);
  EXPECT_EQ(report.outcome, Outcome::kRolledBack);
  EXPECT_EQ(report.rolled_back_by, RolledBackBy::kUs);
  std::vector<std::string> order;
  for (const FakeEcs::Call* call : world.ecs.calls_of("UpdateService"))
    order.emplace_back(string_or_empty(call->request, "service"));
  EXPECT_THAT(order, ElementsAre("a", "b", "c", "c", "b", "a"));
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(in_use(world, name), std::string(name) + ":1");
}

TEST(RollingBack, GoesOnWhenOneServiceCannotBeTakenBack) {
  World world;
  for (const char* name : {"a", "b"}) world.ecs.add_service(name);
  world.ecs.services["b"].fate = Fate::kFails;
  world.ecs.before_call = [&](const FakeEcs::Call& call) {
    if (call.operation == "UpdateService" && world.ecs.count("UpdateService") == 3)
      world.ecs.arrange("UpdateService", {});
  };
  Release release = native({service("a"), service("b")});
  release.services[1].after = {"a"};
  release.max_parallel = 1;
  const RunReport report = world.deploy(release);
  EXPECT_EQ(report.outcome, Outcome::kRollbackFailed);
  EXPECT_EQ(in_use(world, "a"), "a:1");
  EXPECT_EQ(in_use(world, "b"), "b:2");
}

TEST(RollingBack, NeverTakesBackSomebodyElsesDeployment) {
  World world;
  FakeService& web = world.ecs.add_service("web");
  FakeService& api = world.ecs.add_service("api");
  api.fate = Fate::kFails;
  api.takes = 60s;
  world.ecs.before_call = [&](const FakeEcs::Call& call) {
    // While we still wait for api, somebody deploys web.
    if (call.at >= kFakeStart + 50s && web.number == 2) {
      web.previous = web.definition;
      web.definition = "foreign:9";
      web.number = 3;
      web.updated = call.at;
    }
  };
  const RunReport report = world.deploy(native({service("web"), service("api")}));
  EXPECT_EQ(report.outcome, Outcome::kRolledBack);
  EXPECT_EQ(in_use(world, "web"), "foreign:9");
  EXPECT_EQ(in_use(world, "api"), "api:1");
  EXPECT_THAT(
      world.seen.all<RunEnded>().front().state,
      Contains("service web is left as it is, on foreign:9: left as it is: somebody else has "
               "deployed foreign:9"));
}

TEST(RollingBack, SaysWhatItCouldNotTakeBack) {
  World world;
  FakeService& web = world.ecs.add_service("web");
  web.fate = Fate::kFails;
  world.ecs.before_call = [&](const FakeEcs::Call& call) {
    if (call.operation == "UpdateService" && world.ecs.count("UpdateService") == 2)
      world.ecs.arrange("UpdateService",
                        {.code = "ClientException", .message = "TaskDefinition is inactive"});
  };
  const RunReport report = world.deploy(native({service("web")}));
  EXPECT_EQ(report.outcome, Outcome::kRollbackFailed);
  EXPECT_THAT(world.seen.all<RunEnded>().front().state,
              ElementsAre("service web is left as it is, on web:2: TaskDefinition is inactive"));
  EXPECT_THAT(world.seen.all<RunEnded>().front().next_step, HasSubstr("by hand"));
}

TEST(RollingBack, UndoesWhatWasUpdatedAMomentAgoAlthoughItIsNotVisibleYet) {
  World world;
  world.ecs.stale_for = 20s;
  world.ecs.add_service("web");
  world.ecs.add_service("api");
  world.ecs.arrange(
      "UpdateService",
      {.kind = FakeFault::Kind::kRefused, .code = "ClientException", .message = "no"});
  Release release = native({service("api"), service("web")});
  release.wait = false;
  release.max_parallel = 0;
  const RunReport report = world.deploy(release);
  EXPECT_NE(report.outcome, Outcome::kSucceeded);
  EXPECT_EQ(in_use(world, "web"), "web:1");
  EXPECT_EQ(in_use(world, "api"), "api:1");
}

TEST(RollingBack, DoesNotStartWhatHasNotBegun) {
  World world;
  FakeService& api = world.ecs.add_service("api");
  world.ecs.add_service("web");
  api.fate = Fate::kFails;
  Release release = native({service("api"), service("web")});
  release.max_parallel = 1;
  const RunReport report = world.deploy(release);
  EXPECT_EQ(report.outcome, Outcome::kRolledBack);
  EXPECT_EQ(report.services, (Counts{.total = 2, .skipped = 1, .failed = 1}));
  EXPECT_EQ(in_use(world, "web"), "web:1");
  EXPECT_EQ(world.ecs.count("UpdateService"), 2);
}

TEST(LeavingAsItIs, StartsEveryItemOfAStage) {
  World world;
  world.ecs.add_service("api").fate = Fate::kFails;
  world.ecs.add_service("web");
  Release release = toolkit({service("api"), service("web")});
  release.max_parallel = 1;
  const RunReport report = world.deploy(release);
  EXPECT_EQ(report.services, (Counts{.total = 2, .successful = 1, .failed = 1}));
  EXPECT_EQ(in_use(world, "web"), "web:2");
  EXPECT_THAT(world.seen.all<RunEnded>().front().state,
              ElementsAre("service api is left on api:2 (deployment ecs-svc/2), which failed",
                          "service web runs web:2"));
}

// ---- Replies that were lost --------------------------------------------------------------------

TEST(LostReplies, OfARegistrationAreLookedUp) {
  for (const auto kind : {FakeFault::Kind::kReplyLost, FakeFault::Kind::kNeverArrived}) {
    World world;
    world.ecs.add_service("web");
    world.ecs.arrange("RegisterTaskDefinition", {.kind = kind});
    EXPECT_EQ(world.deploy(native({service("web")})).outcome, Outcome::kSucceeded);
    EXPECT_EQ(in_use(world, "web"), "web:2");
    EXPECT_THAT(world.ecs.definitions["web"], SizeIs(2)) << "one revision more, not two";
  }
}

TEST(LostReplies, OfAForcedUpdateAreLookedUp) {
  for (const auto kind : {FakeFault::Kind::kReplyLost, FakeFault::Kind::kNeverArrived}) {
    World world;
    FakeService& web = world.ecs.add_service("web");
    ServiceRelease forced = service("web");
    forced.forceNewDeployment = true;
    world.ecs.arrange("UpdateService", {.kind = kind});
    EXPECT_EQ(world.deploy(native({forced})).outcome, Outcome::kSucceeded);
    EXPECT_EQ(web.number, 2) << "one deployment, not two";
  }
}

TEST(LostReplies, OfAnUpdateThatNobodyAnswersAreSaidToBeOpen) {
  World world;
  FakeService& web = world.ecs.add_service("web");
  world.ecs.arrange("UpdateService", {.kind = FakeFault::Kind::kNeverArrived, .times = 100});
  const RunReport report = world.deploy(toolkit({service("web")}));
  EXPECT_EQ(report.outcome, Outcome::kFailed);
  EXPECT_EQ(report.error->code, "call.reply-lost");
  EXPECT_EQ(web.number, 1);
}

TEST(LostReplies, OfATaskAreAskedForAgainWithTheSameToken) {
  World world;
  world.ecs.add_definition("migrate:1");
  world.ecs.arrange("RunTask", {.kind = FakeFault::Kind::kReplyLost, .times = 4});
  Release release = native({});
  release.tasks_before = {task("migrate")};
  EXPECT_EQ(world.deploy(release).outcome, Outcome::kSucceeded);
  EXPECT_THAT(world.ecs.tasks, SizeIs(1)) << "one task, however often it was asked for";
}

TEST(Trouble, OfAFewSecondsDoesNotFailARun) {
  World world;
  world.ecs.add_service("web");
  world.ecs.add_definition("migrate:1");
  for (const char* operation : {"DescribeServices", "DescribeTaskDefinition", "UpdateService",
                                "RegisterTaskDefinition", "RunTask", "DescribeTasks"})
    world.ecs.arrange(operation,
                      {.times = 2, .code = "ThrottlingException", .message = "Rate exceeded"});
  Release release = native({service("web")});
  release.tasks_before = {task("migrate")};
  const RunReport report = world.deploy(release);
  EXPECT_EQ(report.outcome, Outcome::kSucceeded);
  EXPECT_EQ(world.seen.all<RunEnded>().front().throttled_calls, 12);
}

TEST(Trouble, WithLookingIsToleratedFiveTimesInARow) {
  World world;
  world.ecs.add_service("web").takes = 60s;
  world.ecs.before_call = [&, broken = false](const FakeEcs::Call& call) mutable {
    if (call.operation != "UpdateService" || std::exchange(broken, true)) return;
    world.ecs.arrange("DescribeServices",
                      {.times = 5, .code = "AccessDeniedException", .message = "not now"});
  };
  EXPECT_EQ(world.deploy(native({service("web")})).outcome, Outcome::kSucceeded);
  const auto failed = world.seen.all<PollFailed>();
  ASSERT_THAT(failed, SizeIs(5));
  EXPECT_EQ(failed.back().in_a_row, 5);
}

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

// ---- Being called off --------------------------------------------------------------------------

TEST(Interrupting, SaysWhatGoesOnAndHowToWatchItAgain) {
  World world;
  world.ecs.add_service("web").fate = Fate::kNeverEnds;
  std::optional<RunReport> report;
  world.run([&] {
    Engine engine(world.runtime, world.clients, world.client, world.seen, world.calls,
                  {.reattach = "slipway wait --cluster prod"});
    Group group(world.fibers);
    group.spawn("deploy", [&] { report = engine.deploy(native({service("web")})); });
    ASSERT_TRUE(world.fibers.sleep_for(30s));
    engine.interrupt("SIGTERM");
    engine.interrupt("SIGTERM");  // the second is main's business
    group.join();
  });
  EXPECT_EQ(world.elapsed(), 30s);
  EXPECT_EQ(report->outcome, Outcome::kStopped);
  EXPECT_EQ(report->signal, "SIGTERM");
  EXPECT_EQ(report->services.failed, 1);
  EXPECT_THAT(world.seen.all<Interrupted>(),
              ElementsAre(Interrupted{.signal = "SIGTERM",
                                      .in_progress = {"service web (deployment ecs-svc/2)"},
                                      .reattach = "slipway wait --cluster prod web=ecs-svc/2"}));
  EXPECT_EQ(in_use(world, "web"), "web:2") << "what AWS does goes on";
  EXPECT_THAT(world.seen.all<StageEnded>(), SizeIs(1));
  EXPECT_THAT(world.seen.all<RunEnded>(), SizeIs(1));
  EXPECT_EQ(world.seen.all<RunEnded>().front().next_step,
            "to go on watching: slipway wait --cluster prod web=ecs-svc/2");
}

TEST(Interrupting, DoesNotCallStoppedWhatNeverBegan) {
  World world;
  world.ecs.add_service("web").fate = Fate::kNeverEnds;
  world.ecs.add_service("worker");
  ServiceRelease worker = service("worker");
  worker.after = {"web"};
  std::optional<RunReport> report;
  world.run([&] {
    Engine engine(world.runtime, world.clients, world.client, world.seen, world.calls,
                  {.reattach = "slipway wait --cluster prod"});
    Group group(world.fibers);
    group.spawn("deploy", [&] { report = engine.deploy(native({service("web"), worker})); });
    ASSERT_TRUE(world.fibers.sleep_for(30s));
    engine.interrupt("SIGINT");
    group.join();
  });
  EXPECT_EQ(report->outcome, Outcome::kStopped);
  ASSERT_THAT(report->items, SizeIs(2));
  EXPECT_EQ(report->items[0].verdict.outcome, Outcome::kStopped);
  EXPECT_EQ(report->items[1].verdict.outcome, Outcome::kSkipped);
  EXPECT_EQ(report->items[1].verdict.error->message, "not started, because the run was called off");
  const RunEnded ended = world.seen.all<RunEnded>().front();
  EXPECT_THAT(ended.state,
              ElementsAre("service web may still be moving to web:2 (deployment ecs-svc/2)",
                          "not started: service worker"));
  EXPECT_EQ(ended.next_step,
            "to go on watching: slipway wait --cluster prod web=ecs-svc/2; release again for what "
            "was not started");
}

TEST(Interrupting, BeforeAnythingWasPlannedChangesNothing) {
  World world;
  world.ecs.latency = 10s;
  world.ecs.add_service("web");
  std::optional<RunReport> report;
  world.run([&] {
    Engine engine(world.runtime, world.clients, world.client, world.seen, world.calls, {});
    Group group(world.fibers);
    group.spawn("deploy", [&] { report = engine.deploy(native({service("web")})); });
    ASSERT_TRUE(world.fibers.sleep_for(5s));
    engine.interrupt("SIGINT");
    group.join();
  });
  EXPECT_EQ(report->outcome, Outcome::kStopped);
  EXPECT_EQ(world.changes(), 0);
}

TEST(TheTimeLimit, EndsTheRunAndNotTheRollout) {
  World world;
  world.ecs.add_service("web").fate = Fate::kNeverEnds;
  const RunReport report = world.deploy(toolkit({service("web")}), {.timeout = 2min});
  EXPECT_EQ(report.outcome, Outcome::kTimedOut);
  EXPECT_EQ(report.error->message, "the time limit of the whole run has passed");
  EXPECT_EQ(world.elapsed(), 2min);
}

TEST(TheTimeLimit, IsNamedByWhatWasNotStartedForIt) {
  World world;
  world.ecs.add_service("web").fate = Fate::kNeverEnds;
  world.ecs.add_service("worker");
  Release release = native({service("web"), service("worker")});
  release.max_parallel = 1;
  release.on_failure = OnFailure::kLeave;
  const RunReport report = world.deploy(release, {.timeout = 2min});
  EXPECT_EQ(report.outcome, Outcome::kTimedOut);
  EXPECT_EQ(report.items[1].verdict.outcome, Outcome::kSkipped);
  EXPECT_EQ(report.items[1].verdict.error->message,
            "not started, because the time limit of the whole run has passed");
}

TEST(FailedFirst, GoesByTheClockAndNotByTheOrderOfTheFile) {
  const auto item = [](std::string name, Outcome outcome, Duration elapsed) {
    return ItemReport{
        .subject = {.item = std::move(name)}, .verdict = {.outcome = outcome}, .elapsed = elapsed};
  };
  const std::vector<ItemReport> items = {
      item("a", Outcome::kSucceeded, 1s),  item("b", Outcome::kPaused, 2s),
      item("c", Outcome::kTimedOut, 3s),   item("d", Outcome::kFailed, 9s),
      item("e", Outcome::kRolledBack, 5s), item("f", Outcome::kSkipped, 4s)};
  EXPECT_EQ(failed_first(items), &items[4]);
  EXPECT_EQ(failed_first({items[0], items[5]}), nullptr);
}

TEST(TheTimeLimit, LeavesTimeToUndo) {
  World world;
  world.ecs.add_service("web").fate = Fate::kNeverEnds;
  world.ecs.before_call = [&](const FakeEcs::Call& call) {
    if (call.at >= kFakeStart + 2min) world.ecs.services["web"].fate = Fate::kCompletes;
  };
  const RunReport report = world.deploy(native({service("web")}), {.timeout = 2min});
  EXPECT_EQ(report.outcome, Outcome::kRolledBack);
  EXPECT_EQ(in_use(world, "web"), "web:1");
}

// ---- The journal -------------------------------------------------------------------------------

class JournaledRun : public testing::Test {
 protected:
  JournaledRun()
      : directory_(std::filesystem::path(testing::TempDir()) /
                   ("slipway-run-" + std::to_string(getpid())) / "shop") {}
  ~JournaledRun() override { std::filesystem::remove_all(directory_.parent_path()); }

  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(directory_))
      if (entry.path().extension() == ".jsonl") found.push_back(entry.path());
    return found;
  }

  std::filesystem::path directory_;
};

TEST_F(JournaledRun, HasEachChangeInItsJournalBeforeItIsSent) {
  World world;
  world.ecs.add_service("web").fate = Fate::kFails;
  int checked = 0;
  world.ecs.before_call = [&](const FakeEcs::Call& call) {
    if (call.operation != "UpdateService" && call.operation != "RegisterTaskDefinition") return;
    const Result<std::vector<Event>> events = Journal::read(files().at(0));
    ASSERT_TRUE(events);
    const auto* announced = std::get_if<CallAnnounced>(&events->back().body);
    ASSERT_NE(announced, nullptr);
    EXPECT_EQ(announced->operation, "ecs:" + call.operation);
    EXPECT_EQ(announced->request, call.request);
    ++checked;
  };
  world.deploy(native({service("web")}), {.journal_directory = directory_});
  EXPECT_EQ(checked, 3);  // register, update, and back
  const Result<std::vector<Event>> events = Journal::read(files().at(0));
  ASSERT_TRUE(events) << events.error().message;
  EXPECT_TRUE(std::holds_alternative<RunStarted>(events->front().body));
  EXPECT_TRUE(std::holds_alternative<RunEnded>(events->back().body));
}

TEST_F(JournaledRun, ChangesNothingWhenItCannotWriteAndMust) {
  World world;
  world.ecs.add_service("web");
  std::filesystem::create_directories(directory_.parent_path());
  std::ofstream(directory_) << "in the way";
  const RunReport refused =
      world.deploy(native({service("web")}), {.journal_directory = directory_});
  EXPECT_EQ(refused.outcome, Outcome::kFailedToStart);
  EXPECT_EQ(refused.error->code, "journal.write");
  EXPECT_THAT(world.ecs.calls, IsEmpty());

  const RunReport done =
      world.deploy(toolkit({service("web")}),
                   {.journal_directory = directory_, .journal_use = JournalUse::kIfPossible});
  EXPECT_EQ(done.outcome, Outcome::kSucceeded);
  auto notes = world.seen.all<Note>();
  std::erase_if(notes, [](const Note& note) { return note.level == NoteLevel::kDebug; });
  ASSERT_THAT(notes, SizeIs(1));
  EXPECT_THAT(notes[0].message, HasSubstr("cannot be written"));
  EXPECT_THAT(notes[0].message, HasSubstr("this run keeps no journal: "));
}

TEST_F(JournaledRun, LeavesTheApplicationToAnotherRunThatHoldsItsLock) {
  World world;
  world.ecs.add_service("web");
  const Result<Journal> other =
      Journal::create(directory_, "other", {.host = "build-7", .pid = 4242, .started = kFakeStart});
  ASSERT_TRUE(other);
  const RunReport report =
      world.deploy(native({service("web")}), {.journal_directory = directory_});
  EXPECT_EQ(report.error->kind, ErrorKind::kConflict);
  EXPECT_THAT(report.error->message, HasSubstr("host build-7, process 4242"));
  EXPECT_THAT(world.ecs.calls, IsEmpty());
}

// ---- Waiting for what somebody else began ------------------------------------------------------

struct Waiting : World {
  RunReport wait(std::vector<WaitTarget> targets) {
    return with_engine({.command = "wait"},
                       [&](Engine& engine) { return engine.wait("prod", targets); });
  }
  // A deployment that began 30 s ago.
  FakeService& moving(const std::string& name, Fate fate) {
    FakeService& service = ecs.add_service(name, name + ":2");
    service.first = name + ":1";
    service.previous = name + ":1";
    service.number = 2;
    service.updated = kFakeStart - 30s;
    service.takes = 50s;
    service.fate = fate;
    return service;
  }
};

TEST(WaitingAgain, JudgesTheDeploymentThatIsRunning) {
  struct Case {
    Fate fate;
    Outcome outcome;
  };
  for (const auto& [fate, outcome] :
       {Case{Fate::kCompletes, Outcome::kSucceeded}, Case{Fate::kFails, Outcome::kFailedToStart},
        Case{Fate::kRollsBack, Outcome::kRolledBack}, Case{Fate::kRolledBack, Outcome::kRolledBack},
        Case{Fate::kSuperseded, Outcome::kSuperseded},
        Case{Fate::kNeverEnds, Outcome::kTimedOut}}) {
    SCOPED_TRACE(to_string(outcome));
    Waiting world;
    world.moving("web", fate);
    const RunReport report = world.wait({{.service = "web"}});
    EXPECT_EQ(report.outcome, outcome) << to_string(report.outcome);
    EXPECT_EQ(world.changes(), 0);
  }
}

TEST(WaitingAgain, JudgesTheDeploymentItWasGiven) {
  Waiting world;
  // It has been rolled back since, and what serves now is stable.
  world.ecs.add_service("web");
  EXPECT_NE(world.wait({{.service = "web", .deployment = "ecs-svc/2"}}).outcome,
            Outcome::kSucceeded);
  EXPECT_EQ(world.wait({{.service = "web", .deployment = "ecs-svc/1"}}).outcome,
            Outcome::kSucceeded);
}

TEST(WaitingAgain, SeesThatEcsIsOnItsWayBack) {
  Waiting world;
  world.moving("web", Fate::kRollsBack).takes = 10s;
  const RunReport report = world.wait({{.service = "web"}});
  EXPECT_EQ(report.outcome, Outcome::kRolledBack);
  EXPECT_EQ(report.rolled_back_by, RolledBackBy::kCircuitBreaker);
}

TEST(WaitingAgain, FailsForAServiceThatIsNotThere) {
  Waiting world;
  const RunReport report = world.wait({{.service = "web"}});
  EXPECT_EQ(report.outcome, Outcome::kFailedToStart);
  EXPECT_EQ(report.error->message, "service web does not exist in cluster prod");
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
