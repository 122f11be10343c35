#include "execute/service_deployments.h"

#include "execute/scripted_aws_for_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kDeployment = kArn + "service-deployment/prod/web/d1";

// One service deployment, whose status is what the script says at its age.
struct World : ScriptedWorld {
  World() {
    aws.answers["ListServiceDeployments"] = [this](const Json& input) -> Result<Json> {
      JsonArray found;
      const JsonArray* wanted = find_array(input, "status");
      const bool fits = wanted == nullptr || wanted->empty() ||
                        std::ranges::any_of(*wanted, [&](const Json& each) {
                          return each.as_string() == status().c_str();
                        });
      if (fits)
        found.push_back(JsonObject{{"serviceDeploymentArn", kDeployment}, {"status", status()}});
      return Json(JsonObject{{"serviceDeployments", std::move(found)}});
    };
    aws.answers["DescribeServiceDeployments"] = [this](const Json&) -> Result<Json> {
      JsonArray hooks;
      if (!hook().empty())
        hooks.push_back(
            JsonObject{{"hookId", hook()}, {"targetType", "PAUSE"}, {"status", "AWAITING_ACTION"}});
      return Json(JsonObject{
          {"serviceDeployments",
           JsonArray{JsonObject{{"serviceDeploymentArn", kDeployment},
                                {"status", status()},
                                {"statusReason", reason},
                                {"lifecycleStage", hook().empty() ? "" : "POST_SCALE_UP"},
                                {"lifecycleHookDetails", std::move(hooks)}}}}});
    };
    aws.answers["DescribeServices"] = [](const Json&) -> Result<Json> {
      return parse_json(R"({"services": [{"serviceName": "web", "status": "ACTIVE",
          "taskDefinition": "web:1", "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY",
          "taskDefinition": "web:1"}]}]})");
    };
    for (const char* operation : {"StopServiceDeployment", "ContinueServiceDeployment"})
      aws.answers[operation] = [this](const Json&) -> Result<Json> {
        asked_at = fibers.now();
        return Json(JsonObject{{"serviceDeploymentArn", kDeployment}});
      };
  }

  std::string status() const {
    if (!asked_at) return before;
    std::string now = before;
    for (const auto& [after, next] : script)
      if (fibers.now() - *asked_at >= after) now = next;
    return now;
  }
  std::string hook() const {
    if (!asked_at) return paused_at;
    return fibers.now() - *asked_at >= 10s ? next_pause : "";
  }

  ItemReport stop(StopDeployment wanted = {.service = "web"}) {
    ItemReport report;
    run([&] { report = stop_deployment(context, subject, wanted); });
    return report;
  }
  ItemReport go_on(ContinueDeployment wanted = {.service = "web"}) {
    ItemReport report;
    run([&] { report = continue_deployment(context, subject, wanted); });
    return report;
  }

  Subject subject{.stage = StageKind::kServices, .kind = ItemKind::kService, .item = "web"};
  std::string before = "IN_PROGRESS";
  std::vector<std::pair<Duration, std::string>> script;
  std::string reason, paused_at, next_pause;
  std::optional<TimePoint> asked_at;
};

TEST(StoppingADeployment, SucceedsOnceTheServiceIsBack) {
  World world;
  world.script = {
      {1s, "ROLLBACK_REQUESTED"}, {5s, "ROLLBACK_IN_PROGRESS"}, {40s, "ROLLBACK_SUCCESSFUL"}};
  const ItemReport report = world.stop();
  EXPECT_EQ(report.verdict, Verdict{});
  EXPECT_EQ(report.task_definition, "web:1");
  EXPECT_TRUE(report.changed);
  EXPECT_THAT(world.aws.inputs_of("StopServiceDeployment"),
              ElementsAre(Json{{"serviceDeploymentArn", kDeployment}, {"stopType", "ROLLBACK"}}));
  std::vector<std::string> statuses;
  for (const auto& seen : world.seen.all<ServiceDeploymentObserved>())
    statuses.push_back(seen.status);
  EXPECT_THAT(statuses, ElementsAre("IN_PROGRESS", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS",
                                    "ROLLBACK_SUCCESSFUL"));
}

TEST(StoppingADeployment, IsJudgedByHowTheDeploymentEnded) {
  struct Case {
    std::string end;
    std::string type;
    Outcome outcome;
    std::string message;
  };
  for (const auto& [end, type, outcome, message] : std::vector<Case>{
           {"ROLLBACK_SUCCESSFUL", "ROLLBACK", Outcome::kSucceeded, ""},
           {"STOPPED", "ABORT", Outcome::kSucceeded, ""},
           {"STOPPED", "ROLLBACK", Outcome::kSuperseded,
            "service deployment d1 was stopped by another deployment before it was back; the "
            "service runs web:1"},
           {"SUCCESSFUL", "ROLLBACK", Outcome::kFailed,
            "service deployment d1 had completed before it could be stopped; to leave what it "
            "deployed: slipway rollback"},
           {"ROLLBACK_FAILED", "ROLLBACK", Outcome::kRollbackFailed,
            "service deployment d1 could not be rolled back: No rollback candidate was found to "
            "run the rollback"},
       }) {
    SCOPED_TRACE(end);
    World world;
    world.script = {{4s, end}};
    if (end == "ROLLBACK_FAILED")
      world.reason = "No rollback candidate was found to run the rollback.";
    const ItemReport report = world.stop({.service = "web", .stopType = type});
    EXPECT_EQ(report.verdict.outcome, outcome);
    EXPECT_EQ(report.verdict.error ? report.verdict.error->message : "", message);
  }
}

TEST(StoppingADeployment, SaysThatThereIsNothingToStop) {
  World world;
  world.before = "SUCCESSFUL";
  const ItemReport report = world.stop();
  EXPECT_EQ(report.verdict.outcome, Outcome::kFailedToStart);
  EXPECT_EQ(report.verdict.error->message,
            "service web has no deployment in progress; the last one, d1, is SUCCESSFUL; to leave "
            "what it deployed: slipway rollback");
  EXPECT_THAT(world.aws.inputs_of("StopServiceDeployment"), IsEmpty());
}

TEST(StoppingADeployment, TakesAnEndThatCameFirstForWhatItIs) {
  World world;
  world.aws.answers["StopServiceDeployment"] = [&](const Json&) -> Result<Json> {
    world.before = "SUCCESSFUL";
    return refused("ConflictException", "The service deployment is already over.");
  };
  const ItemReport report = world.stop();
  EXPECT_EQ(report.verdict.outcome, Outcome::kFailed);
  EXPECT_THAT(report.verdict.error->message, HasSubstr("had completed before"));
  EXPECT_FALSE(report.changed);
}

TEST(StoppingADeployment, LeavesItUnwatchedOrWatchesForSoLong) {
  World unwatched;
  EXPECT_EQ(unwatched.stop({.service = "web", .wait = false}).verdict, Verdict{});
  EXPECT_THAT(unwatched.aws.inputs_of("DescribeServiceDeployments"), IsEmpty());

  World endless;
  const ItemReport report = endless.stop({.service = "web", .max_wait = 5min});
  EXPECT_EQ(report.verdict.outcome, Outcome::kTimedOut);
  EXPECT_EQ(report.verdict.error->message,
            "service deployment d1 has not ended after 5m; it goes on");
}

TEST(StoppingADeployment, FindsOneByItsIdOrArn) {
  for (const std::string& id : {std::string("d1"), kDeployment}) {
    World world;
    world.script = {{1s, "ROLLBACK_SUCCESSFUL"}};
    EXPECT_EQ(world.stop({.service = "web", .deployment = id}).verdict, Verdict{});
    EXPECT_EQ(string_or_empty(world.aws.inputs_of("StopServiceDeployment").front(),
                              "serviceDeploymentArn"),
              kDeployment);
  }
}

TEST(ContinuingADeployment, AnswersTheOneHookThatWaits) {
  World world;
  world.paused_at = "ecs-pause-1";
  world.script = {{30s, "SUCCESSFUL"}};
  const ItemReport report = world.go_on();
  EXPECT_EQ(report.verdict, Verdict{});
  EXPECT_THAT(world.aws.inputs_of("ContinueServiceDeployment"),
              ElementsAre(Json{{"serviceDeploymentArn", kDeployment},
                               {"hookId", "ecs-pause-1"},
                               {"action", "CONTINUE"}}));
  EXPECT_THAT(world.seen.all<ServiceDeploymentObserved>().front().paused_at,
              ElementsAre("ecs-pause-1"));
}

TEST(ContinuingADeployment, SaysHowToGoOnWhenItPausesAgain) {
  World world;
  world.paused_at = "ecs-pause-1";
  world.next_pause = "ecs-pause-2";
  const Verdict verdict = world.go_on().verdict;
  EXPECT_EQ(verdict.outcome, Outcome::kPaused);
  EXPECT_EQ(verdict.error->message,
            "it pauses again, at hook ecs-pause-2; to go on: slipway continue --cluster prod web; "
            "to go back: slipway stop --cluster prod web");
  EXPECT_THAT(world.seen.all<ServiceDeploymentObserved>().back().paused_at,
              ElementsAre("ecs-pause-2"));
}

TEST(ContinuingADeployment, TellsARollbackFromTheEndThatWasWanted) {
  World wanted;
  wanted.paused_at = "ecs-pause-1";
  wanted.script = {{5s, "ROLLBACK_SUCCESSFUL"}};
  EXPECT_EQ(wanted.go_on({.service = "web", .rollback = true}).verdict, Verdict{});
  EXPECT_EQ(string_or_empty(wanted.aws.inputs_of("ContinueServiceDeployment").front(), "action"),
            "ROLLBACK");

  World unwanted;
  unwanted.paused_at = "ecs-pause-1";
  unwanted.reason = "Service deployment rolled back because of an alarm.";
  unwanted.script = {{5s, "ROLLBACK_SUCCESSFUL"}};
  const ItemReport report = unwanted.go_on();
  EXPECT_EQ(report.verdict.outcome, Outcome::kRolledBack);
  EXPECT_EQ(report.verdict.rolled_back_by, RolledBackBy::kAlarm);
}

TEST(ContinuingADeployment, SaysThatNothingWaits) {
  World world;
  const ItemReport report = world.go_on();
  EXPECT_EQ(report.verdict.error->message,
            "service deployment d1 waits at no pause hook; it is IN_PROGRESS");
  EXPECT_THAT(world.aws.inputs_of("ContinueServiceDeployment"), IsEmpty());
}

TEST(HasEnded, KnowsTheTerminalStates) {
  for (const char* status : {"SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"})
    EXPECT_TRUE(has_ended(status)) << status;
  for (const char* status : {"PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED",
                             "ROLLBACK_IN_PROGRESS", ""})
    EXPECT_FALSE(has_ended(status)) << status;
}

}  // namespace
}  // namespace slipway
