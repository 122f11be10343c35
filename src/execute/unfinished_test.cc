#include "execute/unfinished.h"

#include "base/runtime.h"
#include "execute/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr TimePoint kStart{std::chrono::seconds(1'767'225'600)};

// Two services, the second after the first, between two tasks.
Json plan(const char* action) {
  const auto stage = [&](const char* kind, std::vector<const char*> names) {
    JsonArray items;
    JsonArray steps;
    for (const char* name : names) {
      items.push_back(
          JsonObject{{"kind", kind}, {"item", name}, {"steps", JsonArray{Json(steps.size())}}});
      steps.push_back(JsonObject{{"action", action}});
    }
    return Json(JsonObject{{"items", Json(std::move(items))}, {"steps", Json(std::move(steps))}});
  };
  JsonArray stages;
  stages.push_back(stage("task", {"migrate"}));
  stages.push_back(stage("service", {"web", "worker"}));
  stages.push_back(stage("task", {"clean-up"}));
  return JsonObject{{"stages", Json(std::move(stages))}};
}

class Killed {
 public:
  explicit Killed(const char* action = "UpdateService") {
    say({}, RunStarted{.run_id = "20260101T000000Z-3f2a",
                       .command = "deploy",
                       .cluster = "prod",
                       .file = "shop.yml",
                       .by = "ann@laptop"});
    say({}, PlanMade{plan(action)});
  }
  void say(ItemKind kind, std::string item, EventBody body) {
    say({.kind = kind, .item = std::move(item)}, std::move(body));
  }
  void say(Subject subject, EventBody body) {
    events.push_back({.at = kStart + std::chrono::seconds(events.size()),
                      .subject = std::move(subject),
                      .body = std::move(body)});
  }
  void finish_migration() {
    say(ItemKind::kTask, "migrate",
        TasksStarted{.count = 1, .task_arns = {"arn:x:task/prod/1f07"}});
    say(ItemKind::kTask, "migrate", TaskStopped{.task_id = "1f07", .ok = true});
    say(ItemKind::kTask, "migrate", ItemEnded{});
  }
  std::vector<std::string> told() const {
    std::vector<std::string> lines;
    if (const auto run = unfinished(events))
      for (const Note& note : notes_of(*run, "prod")) lines.push_back(note.message);
    return lines;
  }
  std::vector<Event> events;
};

TEST(AKilledRun, SaysWhichTaskMayStillRunAndWhatHadNotBegun) {
  Killed run;
  run.say(ItemKind::kTask, "migrate",
          TasksStarted{.count = 1, .task_arns = {"arn:x:task/prod/1f07"}});
  EXPECT_THAT(
      run.told(),
      ElementsAre("the last run here, deploy 20260101T000000Z-3f2a by ann@laptop, did not come to "
                  "its end: nothing was heard of it after 2026-01-01T00:00:02Z",
                  "it left under way: task migrate (started)",
                  "it had not begun: service web, service worker, task clean-up",
                  "a task may still run; to watch it: slipway run --cluster prod --attach 1f07",
                  "it had changed no service; release again"));
}

TEST(AKilledRun, TakesBackOnlyWhatItHadChanged) {
  Killed run;
  run.finish_migration();
  run.say(ItemKind::kService, "web", CallAnnounced{.operation = "ecs:RegisterTaskDefinition"});
  EXPECT_EQ(run.told().back(), "it had changed no service; release again");
  run.say(ItemKind::kService, "web", CallAnnounced{.operation = "ecs:UpdateService"});
  EXPECT_EQ(run.told().back(),
            "releasing again finishes what is left; to go back: slipway rollback -f shop.yml "
            "--service web");
}

TEST(AKilledRun, SaysHowFarEachServiceCame) {
  Killed run("ShiftByEcs");
  run.finish_migration();
  run.say(ItemKind::kService, "web", CallAnnounced{.operation = "ecs:UpdateService"});
  EXPECT_THAT(unfinished(run.events)->under_way,
              ElementsAre("service web (ecs:UpdateService may have been sent)"));
  run.say(ItemKind::kService, "web", ServiceUpdated{.new_task_definition = "web:42"});
  EXPECT_THAT(unfinished(run.events)->under_way, ElementsAre("service web (updated to web:42)"));
  run.say(ItemKind::kService, "web", TrafficShifted{.new_side = "web-green", .from = 0, .to = 10});
  EXPECT_THAT(unfinished(run.events)->under_way,
              ElementsAre("service web (10% of its traffic on web-green)"));
  EXPECT_EQ(run.told().back(),
            "to see how the traffic stands: slipway status -f shop.yml web; to go on: slipway "
            "continue -f shop.yml web; to go back: slipway stop -f shop.yml web");
  run.say(ItemKind::kService, "web", ItemEnded{});
  EXPECT_THAT(unfinished(run.events)->under_way, IsEmpty());
  EXPECT_THAT(unfinished(run.events)->done, ElementsAre("task migrate", "service web"));
  EXPECT_THAT(unfinished(run.events)->tasks, IsEmpty());
}

TEST(AKilledRun, SaysThatItWasOnTheWayBack) {
  Killed run;
  run.finish_migration();
  run.say(ItemKind::kService, "web", ServiceUpdated{.new_task_definition = "web:42"});
  run.say(ItemKind::kService, "web", ItemEnded{.outcome = Outcome::kFailed});
  run.say(Subject{.stage = StageKind::kRollback}, RollbackStarted{});
  const Subject back{.stage = StageKind::kRollback, .kind = ItemKind::kService, .item = "web"};
  run.say(back, CallAnnounced{.operation = "ecs:UpdateService", .undo = true});
  EXPECT_TRUE(unfinished(run.events)->was_undoing);
  EXPECT_THAT(unfinished(run.events)->under_way,
              ElementsAre("service web (ecs:UpdateService may have been sent)"));
  run.say(back, ServiceRolledBack{"web:41"});
  EXPECT_THAT(unfinished(run.events)->under_way, IsEmpty());
  EXPECT_THAT(run.told().front(), testing::EndsWith(", when it was rolling back"));
}

TEST(AKilledRun, IsNoneThatHasAnEnd) {
  Killed run;
  run.say({}, RunEnded{.outcome = Outcome::kStopped});
  EXPECT_FALSE(unfinished(run.events));
  EXPECT_FALSE(unfinished({}));
}

// Its journals, in a folder of their own.
class AMachine : public testing::Test {
 protected:
  AMachine()
      : root_(std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(root_);
  }
  ~AMachine() override { std::filesystem::remove_all(root_); }

  // The lock is held as long as the journal lives.
  Journal keep(const std::string& id, const std::vector<Event>& events) {
    Result<Journal> journal = Journal::create(root_ / "shop", id, {.host = "here", .pid = 1});
    EXPECT_TRUE(journal);
    for (const Event& event : events) EXPECT_TRUE(journal->append(event));
    return std::move(*journal);
  }
  bool complains(const std::string& cluster, const std::string& service) const {
    return last_run_if_unfinished(root_, cluster, {service}).has_value();
  }
  std::filesystem::path root_;
};

TEST_F(AMachine, RemembersTheLastRunAboutAService) {
  Killed killed;
  {
    const Journal working = keep("20260101T000000Z-3f2a", killed.events);
    EXPECT_FALSE(complains("prod", "worker")) << "it is still at work";
  }
  EXPECT_TRUE(complains("prod", "worker")) << "although it had not begun";
  EXPECT_TRUE(complains("arn:aws:ecs:eu-west-1:1:cluster/prod", "web"));
  EXPECT_FALSE(complains("stage", "web"));
  EXPECT_FALSE(complains("prod", "other"));

  Killed later;
  later.say({}, RunEnded{});
  keep("20260102T000000Z-0001", later.events);
  EXPECT_FALSE(complains("prod", "web")) << "somebody has released it since";
}

}  // namespace
}  // namespace slipway
