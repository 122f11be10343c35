// Runs that are called off, and what is left of them: the journal, and waiting for what goes on.
#include "execute/deploy_for_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <unistd.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using World = DeployWorld;

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

}  // namespace
}  // namespace slipway
