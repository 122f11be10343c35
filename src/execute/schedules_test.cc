// Schedules, messages and going back, through the whole engine on the fake AWS.
#include "execute/deploy.h"
#include "execute/fake_ecs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

ServiceRelease service(const std::string& name) {
  return {.name = name,
          .images = {{.container = "app", .to = NewTag{"2"}}},
          .max_wait = 10min,
          .after = {}};
}

Release shop(std::vector<ServiceRelease> services) {
  return {.application = "shop",
          .cluster = "prod",
          .tasks_before = {},
          .services = std::move(services),
          .schedules = {{.name = "nightly", .trigger = {.rule = "shop-nightly"}}}};
}

struct World : FakeWorld {
  World() {
    ecs.add_service("web");
    ecs.events.add_target("shop-nightly", "job", definition_arn("web:1"));
  }
  RunReport roll_back(const RollbackRequest& request) {
    return with_engine({.command = "rollback"},
                       [&](Engine& engine) { return engine.roll_back(request); });
  }
  std::string runs(const std::string& rule = "shop-nightly", std::size_t index = 0) {
    return family_revision_of(task_definition_of_target(ecs.events.target(rule, index)));
  }
  RunEnded ended() const { return seen.all<RunEnded>().back(); }
  std::vector<std::string> notes(NoteLevel level) const {
    std::vector<std::string> messages;
    for (const Note& note : seen.all<Note>())
      if (note.level == level) messages.push_back(note.message);
    return messages;
  }
};

// ---- Moving ------------------------------------------------------------------------------------

TEST(Schedules, MoveAlongOnceTheServiceHasSucceeded) {
  World world;
  const Json before = world.ecs.events.target("shop-nightly");
  const RunReport report = world.deploy(shop({service("web")}));
  EXPECT_EQ(report.outcome, Outcome::kSucceeded);
  EXPECT_EQ(report.schedules, (Counts{.total = 1, .successful = 1}));
  EXPECT_EQ(world.runs(), "web:2");
  // All but the definition is byte for byte what it was.
  Json restored = world.ecs.events.target("shop-nightly");
  restored.as_object()["EcsParameters"].as_object()["TaskDefinitionArn"] = definition_arn("web:1");
  EXPECT_EQ(to_text(restored), to_text(before));
  EXPECT_EQ(world.seen.all<TargetMoved>().at(0),
            (TargetMoved{"rule shop-nightly", "job", "web:1", "web:2"}));
  EXPECT_THAT(world.ended().state,
              ElementsAre("service web runs web:2", "schedule nightly runs web:2"));
}

TEST(Schedules, TakeOneListAndOnePutForEachRule) {
  World world;
  Release release = shop({});
  release.schedules.clear();
  for (int rule = 0; rule < 50; ++rule) {
    const std::string name = fmt::format("r{}", rule);
    for (int i = 0; i < 10; ++i)
      world.ecs.events.add_target(name, fmt::format("t{}", i), definition_arn("web:1"));
    release.schedules.push_back({.name = name,
                                 .trigger = {.rule = name},
                                 .task_definition = TaskDefinitionReference{"web:5"}});
  }
  world.ecs.add_definition("web:5");
  const RunReport report = world.deploy(release);
  EXPECT_EQ(report.outcome, Outcome::kSucceeded) << report.error->message;
  EXPECT_EQ(world.ecs.count("ListTargetsByRule"), 50);
  EXPECT_EQ(world.ecs.count("PutTargets"), 50);
  EXPECT_EQ(world.runs("r49", 9), "web:5");
}

TEST(Schedules, StayWhereAServiceFails) {
  World world;
  world.ecs.services.at("web").fate = Fate::kFails;
  const RunReport report = world.deploy(shop({service("web")}));
  EXPECT_EQ(report.outcome, Outcome::kRolledBack);
  EXPECT_EQ(world.ecs.count("PutTargets"), 0);
  EXPECT_EQ(world.runs(), "web:1");
}

TEST(Schedules, GoBackWhenATaskAfterThemFails) {
  World world;
  world.ecs.add_definition("smoke:1");
  world.ecs.on_run_task = [](FakeTask& task) { task.exitCode = 1; };
  Release release = shop({service("web")});
  release.tasks_after = {
      {.name = "smoke", .task_definition = TaskDefinitionReference{"smoke"}, .images = {}}};
  const Json before = world.ecs.events.target("shop-nightly");
  const RunReport report = world.deploy(release);
  EXPECT_EQ(report.outcome, Outcome::kRolledBack);
  EXPECT_EQ(world.ecs.events.target("shop-nightly"), before);
  const std::vector<RollbackStarted> rollbacks = world.seen.all<RollbackStarted>();
  ASSERT_THAT(rollbacks, SizeIs(1));
  EXPECT_THAT(rollbacks[0].schedules, ElementsAre("nightly"));
  EXPECT_THAT(world.ended().state, Contains("schedule nightly runs web:1 again"));
  EXPECT_THAT(world.ended().state, Contains("service web runs web:1 again"));
}

TEST(Schedules, AreLeftAloneOnTheWayBackWhereSomebodyElseHasPutOthers) {
  World world;
  world.ecs.add_definition("smoke:1");
  world.ecs.on_run_task = [&](FakeTask& task) {
    task.exitCode = 1;
    world.ecs.events.target("shop-nightly")
        .as_object()["EcsParameters"]
        .as_object()["TaskDefinitionArn"] = definition_arn("web:77");
  };
  Release release = shop({service("web")});
  release.tasks_after = {
      {.name = "smoke", .task_definition = TaskDefinitionReference{"smoke"}, .images = {}}};
  world.deploy(release);
  EXPECT_EQ(world.runs(), "web:77");
  EXPECT_THAT(world.ended().state,
              Contains("schedule nightly is left as it is, on web:77: left as it is: somebody else "
                       "has changed target job"));
}

TEST(Schedules, AreNotOverwrittenWhenSomebodyChangedThemMeanwhile) {
  World world;
  world.ecs.services.at("web").takes = 60s;
  bool done = false;
  world.ecs.before_call = [&](const FakeEcs::Call& call) {
    if (call.operation != "UpdateService" || std::exchange(done, true)) return;
    world.ecs.events.target("shop-nightly").as_object()["Input"] = "{}";
  };
  const RunReport report = world.deploy(shop({service("web")}));
  ASSERT_THAT(report.items, SizeIs(2));
  EXPECT_EQ(report.items[1].verdict.outcome, Outcome::kSuperseded);
  EXPECT_EQ(report.items[1].verdict.error->message,
            "rule shop-nightly: target job was changed since this was planned; it was not changed");
  EXPECT_EQ(world.ecs.count("PutTargets"), 0);
  EXPECT_EQ(world.ecs.services.at("web").definition, "web:1") << "the service goes back";
}

TEST(Schedules, FailWithTheEntriesThatAwsRefused) {
  World world;
  world.ecs.events.add_target("shop-nightly", "second", definition_arn("web:1"));
  world.ecs.events.failing_entries["second"] = {"second", "ManagedRuleException", "It is managed."};
  const RunReport report = world.deploy(shop({service("web")}));
  EXPECT_EQ(report.outcome, Outcome::kRolledBack);
  ASSERT_TRUE(report.error);
  EXPECT_EQ(report.error->message,
            "1 of 2 targets of rule shop-nightly was not put: second: ManagedRuleException, It is "
            "managed.");
  EXPECT_EQ(world.runs("shop-nightly", 0), "web:1");
  EXPECT_EQ(world.runs("shop-nightly", 1), "web:1");
  // Only what was put goes back.
  EXPECT_EQ(world.ecs.calls_of("PutTargets").back()->request.at("Targets").as_array().size(), 1u);
}

TEST(Schedules, AskAgainWhenAnEntryWasRefusedForTheMoment) {
  World world;
  world.ecs.events.failing_entries["job"] = {"job", "ConcurrentModificationException", "Busy."};
  const RunReport report = world.deploy(shop({service("web")}));
  EXPECT_EQ(report.outcome, Outcome::kSucceeded);
  EXPECT_EQ(world.ecs.count("PutTargets"), 2);
  EXPECT_EQ(world.runs(), "web:2");
}

TEST(Schedules, OfARuleThatVanishedChangeNothing) {
  World world;
  world.ecs.events.rules.clear();
  const RunReport report = world.deploy(shop({service("web")}));
  EXPECT_EQ(report.outcome, Outcome::kFailedToStart);
  ASSERT_TRUE(report.error);
  EXPECT_EQ(report.error->message, "rule shop-nightly does not exist on the default event bus");
  EXPECT_EQ(report.error->code, "trigger.missing");
  EXPECT_EQ(world.ecs.count("UpdateService"), 0);
}

TEST(Schedules, OfARuleThatVanishedDuringTheRunUndoTheServices) {
  World world;
  bool done = false;
  world.ecs.before_call = [&](const FakeEcs::Call& call) {
    if (call.operation == "UpdateService" && !std::exchange(done, true))
      world.ecs.events.rules.clear();
  };
  const RunReport report = world.deploy(shop({service("web")}));
  EXPECT_EQ(report.outcome, Outcome::kRolledBack);
  EXPECT_EQ(world.ecs.services.at("web").definition, "web:1");
  EXPECT_THAT(world.seen.all<RollbackStarted>().at(0).schedules, IsEmpty());
}

TEST(Schedules, OfTheSchedulerAreSentBackWhole) {
  World world;
  world.ecs.events.add_schedule("hourly", definition_arn("web:1"));
  const Json before = world.ecs.events.schedules.at("hourly");
  Release release = shop({service("web")});
  release.schedules = {{.name = "hourly", .trigger = {.schedule = "hourly"}}};
  EXPECT_EQ(world.deploy(release).outcome, Outcome::kSucceeded);
  Json now = world.ecs.events.schedules.at("hourly");
  Json& ecs_parameters = now.as_object()["Target"].as_object()["EcsParameters"];
  EXPECT_EQ(string_or_empty(ecs_parameters, "TaskDefinitionArn"), definition_arn("web:2"));
  ecs_parameters.as_object()["TaskDefinitionArn"] = definition_arn("web:1");
  EXPECT_EQ(now, before);
}

TEST(Schedules, OfTheSchedulerGoBackWhole) {
  World world;
  world.ecs.add_definition("smoke:1");
  world.ecs.on_run_task = [](FakeTask& task) { task.exitCode = 1; };
  world.ecs.events.add_schedule("hourly", definition_arn("web:1"));
  const Json before = world.ecs.events.schedules.at("hourly");
  Release release = shop({service("web")});
  release.schedules = {{.name = "hourly", .trigger = {.schedule = "hourly"}}};
  release.tasks_after = {
      {.name = "smoke", .task_definition = TaskDefinitionReference{"smoke"}, .images = {}}};
  EXPECT_EQ(world.deploy(release).outcome, Outcome::kRolledBack);
  EXPECT_EQ(world.ecs.count("UpdateSchedule"), 2);
  EXPECT_EQ(world.ecs.events.schedules.at("hourly"), before);
}

// ---- Telling people ----------------------------------------------------------------------------

Release told(Release release) {
  release.notify = Notify{.topic_arn = "arn:aws:sns:eu-west-1:111111111111:deploys"};
  return release;
}

TEST(Notifications, TellTheBeginningAndTheEnd) {
  World world;
  world.deploy(told(shop({service("web")})), {.region = "eu-west-1"});
  const std::vector<Json>& published = world.ecs.events.published;
  ASSERT_THAT(published, SizeIs(2));
  EXPECT_EQ(published[0].at("Subject"), "shop on prod: deploy started");
  EXPECT_EQ(published[1].at("Subject"), "shop on prod: deploy succeeded");
  const Json message = parse_json(string_or_empty(published[1], "Message")).value();
  EXPECT_EQ(message.at("status"), "succeeded");
  EXPECT_EQ(message.at("outcome"), "succeeded");
  EXPECT_EQ(message.at("region"), "eu-west-1");
  EXPECT_EQ(
      to_text(message.at("items")),
      R"([{"kind":"service","item":"web","outcome":"succeeded","task_definition":"web:2"},)"
      R"({"kind":"schedule","item":"nightly","outcome":"succeeded","task_definition":"web:2"}])");
  EXPECT_THAT(world.seen.all<NotificationSent>(), SizeIs(2));
}

TEST(Notifications, TellTheReasonOfAFailureAndWhereThingsStand) {
  World world;
  world.ecs.services.at("web").fate = Fate::kFails;
  world.deploy(told(shop({service("web")})));
  const Json message =
      parse_json(string_or_empty(world.ecs.events.published.back(), "Message")).value();
  EXPECT_EQ(message.at("status"), "failed");
  EXPECT_EQ(message.at("outcome"), "rolled_back");
  EXPECT_THAT(std::string(message.at("reason").as_string()), HasSubstr("circuit breaker"));
  EXPECT_EQ(message.at("items").at(0).at("outcome"), "rolled_back");
  EXPECT_EQ(message.at("items").at(0).at("task_definition"), "web:1");
  EXPECT_EQ(to_text(message.at("state")), R"(["service web runs web:1 again"])");
}

TEST(Notifications, ThatFailAreWarnings) {
  World world;
  world.ecs.arrange("Publish", {.kind = FakeFault::Kind::kRefused, .times = 2, .code = "NotFound"});
  const RunReport report = world.deploy(told(shop({service("web")})));
  EXPECT_EQ(report.outcome, Outcome::kSucceeded);
  EXPECT_EQ(report.error, std::nullopt);
  EXPECT_THAT(
      world.notes(NoteLevel::kWarning),
      ElementsAre(HasSubstr("could not tell arn:aws:sns:eu-west-1:111111111111:deploys that the "
                            "run has started: "),
                  HasSubstr("could not tell arn:aws:sns:eu-west-1:111111111111:deploys that the "
                            "run has succeeded: ")));
}

TEST(Notifications, ThatAreRequiredStopTheRunBeforeAnythingChanges) {
  World world;
  world.ecs.arrange("Publish", {.kind = FakeFault::Kind::kRefused, .times = 9, .code = "NotFound"});
  Release release = told(shop({service("web")}));
  release.notify->required = true;
  const RunReport report = world.deploy(release);
  EXPECT_EQ(report.outcome, Outcome::kFailedToStart);
  EXPECT_EQ(world.ecs.count("UpdateService"), 0);
}

TEST(Notifications, ThatAreRequiredFailARunThatIsDoneButUndoNothing) {
  World world;
  world.ecs.arrange("Publish", {.kind = FakeFault::Kind::kRefused, .times = 9, .code = "NotFound"});
  Release release = told(shop({service("web")}));
  release.notify->required = true;
  release.notify->started = false;
  const RunReport report = world.deploy(release);
  EXPECT_EQ(report.outcome, Outcome::kFailed);
  EXPECT_EQ(world.ecs.services.at("web").definition, "web:2");
  EXPECT_EQ(world.ended().next_step, "nothing was undone; tell them, and mend the topic");
}

// Nothing has begun, so nobody is told that it has; whoever waits for the release has to know that
// it will not come.
TEST(Notifications, TellOnlyTheFailureOfARunThatCannotBePlanned) {
  World world;
  world.deploy(told(shop({service("nobody")})));
  const std::vector<Json>& published = world.ecs.events.published;
  ASSERT_THAT(published, SizeIs(1));
  const Json message = parse_json(string_or_empty(published[0], "Message")).value();
  EXPECT_EQ(message.at("status"), "failed");
  EXPECT_EQ(message.at("outcome"), "failed_to_start");
  EXPECT_EQ(message.at("items"), JsonArray());
}

TEST(Notifications, AreSentOnlyWhenAskedFor) {
  World world;
  Release release = told(shop({service("web")}));
  release.notify->started = release.notify->succeeded = false;
  world.deploy(release);
  EXPECT_THAT(world.ecs.events.published, IsEmpty());
}

TEST(Notifications, HaveASubjectThatSnsTakes) {
  RunDigest digest;
  digest.on({kFakeStart,
             {},
             RunStarted{.command = "deploy",
                        .application = "caf\xc3\xa9\n" + std::string(200, 'x'),
                        .cluster = "prod"}});
  const RunMessage message = message_of(digest, RunMoment::kStarted, nullptr);
  EXPECT_EQ(message.subject.size(), 99u);
  EXPECT_TRUE(message.subject.starts_with("caf? xxx")) << message.subject;
  EXPECT_TRUE(message.subject.ends_with("..."));
}

TEST(Notifications, LoseTheirItemsRatherThanTheirMessage) {
  RunDigest digest;
  digest.on({kFakeStart, {}, RunStarted{.command = "deploy", .cluster = "prod"}});
  for (int i = 0; i < 300; ++i)
    digest.on({kFakeStart,
               {.kind = ItemKind::kService, .item = fmt::format("s{}", i)},
               ItemEnded{.outcome = Outcome::kFailed,
                         .error = Error{.message = std::string(1000, 'e')}}});
  const RunEnded ended{.outcome = Outcome::kFailed};
  const RunMessage message = message_of(digest, RunMoment::kFailed, &ended);
  EXPECT_LE(message.body.size(), 262'144u);
  const Json body = parse_json(message.body).value();
  EXPECT_EQ(body.at("truncated"), true);
  EXPECT_EQ(body.at("outcome"), "failed");
  EXPECT_EQ(find(body, "items"), nullptr);
}

// ---- Going back --------------------------------------------------------------------------------

// web has gone from web:1 to web:3; web:2 was registered but never succeeded.
struct LaterWorld : World {
  LaterWorld() {
    ecs.add_definition("web:2");
    ecs.add_service("web", "web:3");
    ecs.events.rules.clear();
    ecs.events.add_target("shop-nightly", "job", definition_arn("web:3"));
    ecs.add_success("web:1", kFakeStart - 48h);
    ecs.add_success("web:3", kFakeStart - 24h);
  }
};

TEST(GoingBack, TakesServicesAndSchedulesToWhatLastSucceeded) {
  LaterWorld world;
  const RunReport report = world.roll_back({.release = shop({service("web")})});
  EXPECT_EQ(report.outcome, Outcome::kSucceeded);
  EXPECT_EQ(world.ecs.services.at("web").definition, "web:1");
  EXPECT_EQ(world.runs(), "web:1");
  EXPECT_THAT(world.notes(NoteLevel::kInfo),
              ElementsAre("back from web:3 to web:1, which succeeded 2025-12-30T00:00:00Z (a "
                          "service deployment says so)"));
  EXPECT_EQ(world.ecs.count("RegisterTaskDefinition"), 0);
  EXPECT_EQ(world.ecs.count("ListTaskDefinitions"), 0);
}

TEST(GoingBack, IsDoneWithoutServiceDeploymentsAndSaysSo) {
  LaterWorld world;
  world.ecs.arrange("ListServiceDeployments", {.kind = FakeFault::Kind::kRefused});
  const RunReport report = world.roll_back({.release = shop({service("web")})});
  EXPECT_EQ(report.outcome, Outcome::kSucceeded);
  EXPECT_EQ(world.ecs.services.at("web").definition, "web:2");
  EXPECT_THAT(world.notes(NoteLevel::kWarning),
              ElementsAre("back from web:3 to web:2, the ACTIVE revision before it; nothing says "
                          "that it ever succeeded"));
  const std::vector<CallDenied> denied = world.seen.all<CallDenied>();
  ASSERT_THAT(denied, SizeIs(1));
  EXPECT_EQ(denied[0].operation, "ecs:ListServiceDeployments");
}

TEST(GoingBack, RefusesARevisionThatWasDeregisteredAndNamesTheNext) {
  LaterWorld world;
  world.ecs.deregister("web", 1);
  const RunReport report = world.roll_back({.release = shop({service("web")})});
  EXPECT_EQ(report.outcome, Outcome::kFailedToStart);
  ASSERT_THAT(report.problems, SizeIs(1));
  EXPECT_EQ(report.problems[0].message,
            "web:1 was deregistered (INACTIVE), and ECS refuses to run it; the next that it takes "
            "is web:2, of which nobody knows whether it works: --to web:2");
  EXPECT_EQ(world.ecs.count("UpdateService"), 0);
}

TEST(GoingBack, GoesWhereItIsTold) {
  LaterWorld world;
  ServiceRelease other = service("api");
  world.ecs.add_service("api");
  const RunReport report =
      world.roll_back({.release = shop({service("web"), other}), .to = {"web:2"}});
  EXPECT_EQ(report.outcome, Outcome::kSucceeded);
  EXPECT_EQ(world.ecs.services.at("web").definition, "web:2");
  EXPECT_EQ(world.ecs.services.at("api").definition, "api:1");
  EXPECT_EQ(world.runs(), "web:2");
  EXPECT_EQ(world.ecs.count("ListServiceDeployments"), 0);
}

TEST(GoingBack, SaysWhenNothingRunsTheFamilyItIsTold) {
  LaterWorld world;
  const RunReport report = world.roll_back({.release = shop({service("web")}), .to = {"wbe:2"}});
  ASSERT_THAT(report.problems, SizeIs(1));
  EXPECT_EQ(report.problems[0].message,
            "--to wbe:2: nothing here runs family wbe; services run web");
}

TEST(GoingBack, SaysWhenThereIsNothingBefore) {
  World world;
  const RunReport report = world.roll_back({.release = shop({service("web")})});
  ASSERT_THAT(report.problems, SizeIs(1));
  EXPECT_EQ(report.problems[0].message,
            "service web runs web:1, and nothing is known of a revision before it");
}

TEST(GoingBack, TurnsTheOrderAround) {
  LaterWorld world;
  world.ecs.add_service("api", "api:2");
  world.ecs.add_definition("api:1");
  Release release = shop({service("web"), service("api")});
  release.services[1].after = {"web"};
  world.roll_back({.release = release, .to = {"web:1", "api:1"}});
  const auto updates = world.ecs.calls_of("UpdateService");
  ASSERT_THAT(updates, SizeIs(2));
  EXPECT_EQ(updates[0]->request.at("service"), "api");
  EXPECT_EQ(updates[1]->request.at("service"), "web");
}

TEST(GoingBack, KnowsFromTheJournalWhatWasTakenBack) {
  World world;
  char folder[] = "/tmp/slipway-rollback-XXXXXX";
  const std::filesystem::path directory = ::mkdtemp(folder);
  world.ecs.add_definition("smoke:1");
  // web:2 completes, the smoke test fails, and this run takes it back to web:1; then web:3 is good.
  world.ecs.on_run_task = [](FakeTask& task) { task.exitCode = 1; };
  Release release = shop({service("web")});
  release.tasks_after = {
      {.name = "smoke", .task_definition = TaskDefinitionReference{"smoke"}, .images = {}}};
  EXPECT_EQ(world.deploy(release, {.journal_directory = directory}).outcome, Outcome::kRolledBack);
  release.tasks_after.clear();
  EXPECT_EQ(world.deploy(release, {.journal_directory = directory}).outcome, Outcome::kSucceeded);
  EXPECT_EQ(world.ecs.services.at("web").definition, "web:3");
  // ECS knows of three successes, ours knows better about the second.
  world.ecs.add_success("web:1", kFakeStart - 48h);
  world.ecs.add_success("web:2", kFakeStart + 1min);
  const RunReport report = world.roll_back(
      {.release = shop({service("web")}), .to = {}, .journal_directory = directory});
  EXPECT_EQ(report.outcome, Outcome::kSucceeded);
  EXPECT_EQ(world.ecs.services.at("web").definition, "web:1");
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace slipway
