// When calls fail or their replies are lost: what is undone, looked up, tried again.
#include "execute/deploy_for_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

using World = DeployWorld;

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
  EXPECT_EQ(
      world.seen.all<RunEnded>().front().next_step,
      "AWS goes on as it was told; once what failed is mended: slipway rollback --cluster prod "
      "--service web");
}

TEST(RollingBack, SaysWhatWasLastSeenWhenNothingCanBeSeenAnyMore) {
  World world;
  world.ecs.add_service("web").fate = Fate::kNeverEnds;
  world.ecs.before_call = [&](const FakeEcs::Call& call) {
    if (call.at >= kFakeStart + 40s)
      world.ecs.arrange(call.operation, {.code = "AccessDeniedException", .message = "gone"});
  };
  const RunReport report = world.deploy(native({service("web")}));
  EXPECT_EQ(report.outcome, Outcome::kRollbackFailed);
  EXPECT_THAT(world.seen.all<RunEnded>().front().state,
              ElementsAre("service web was moving to web:2 (deployment ecs-svc/2) when it was last "
                          "seen: gone"));
  EXPECT_THAT(world.seen.all<RunEnded>().front().next_step,
              HasSubstr("slipway rollback --cluster prod --service web"));
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

}  // namespace
}  // namespace slipway
