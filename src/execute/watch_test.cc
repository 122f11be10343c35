#include "execute/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace slipway {
namespace {

using namespace std::chrono_literals;

const TimePoint kStart = *parse_iso8601("2026-01-01T00:00:00Z");
const std::string kDefinitions = "arn:aws:ecs:eu-west-1:1:task-definition/";

DeploymentSnapshot old_one() {
  return {.id = "ecs-svc/1",
          .status = "PRIMARY",
          .taskDefinition = kDefinitions + "web:42",
          .desiredCount = 2,
          .runningCount = 2,
          .rolloutState = "COMPLETED",
          .rolloutStateReason = "ECS deployment ecs-svc/1 completed.",
          .createdAt = kStart - 24h};
}

DeploymentSnapshot our_one() {
  return {.id = "ecs-svc/2",
          .status = "PRIMARY",
          .taskDefinition = kDefinitions + "web:43",
          .desiredCount = 2,
          .rolloutState = "IN_PROGRESS",
          .rolloutStateReason = "ECS deployment ecs-svc/2 in progress.",
          .createdAt = kStart};
}

template <class T, class Change>
T with(T value, Change change) {
  change(value);
  return value;
}

DeploymentSnapshot as(std::string status, DeploymentSnapshot deployment) {
  deployment.status = std::move(status);
  return deployment;
}

DeploymentSnapshot completed(DeploymentSnapshot deployment) {
  deployment.runningCount = deployment.desiredCount;
  deployment.rolloutState = "COMPLETED";
  deployment.rolloutStateReason = "ECS deployment " + deployment.id + " completed.";
  return deployment;
}

DeploymentSnapshot failed_by(std::string reason, DeploymentSnapshot deployment) {
  deployment.failedTasks = 3;
  deployment.rolloutState = "FAILED";
  deployment.rolloutStateReason = std::move(reason);
  return deployment;
}

DeploymentSnapshot rolling_back_to(DeploymentSnapshot deployment) {
  deployment.rolloutState = "IN_PROGRESS";
  deployment.rolloutStateReason =
      "ECS deployment circuit breaker: rolling back to deploymentId " + deployment.id + ".";
  return deployment;
}

DeploymentSnapshot foreign_one() {
  return {.id = "ecs-svc/3",
          .status = "PRIMARY",
          .taskDefinition = kDefinitions + "web:44",
          .desiredCount = 2,
          .rolloutState = "IN_PROGRESS",
          .createdAt = kStart + 10s};
}

constexpr std::string_view kBreaker = "ECS deployment circuit breaker: tasks failed to start.";
constexpr std::string_view kAlarm = "ECS deployment failed: alarm detected.";

ServiceLook service(std::vector<DeploymentSnapshot> deployments) {
  ServiceLook look;
  look.service = {.serviceArn = "arn:aws:ecs:eu-west-1:1:service/prod/web",
                  .serviceName = "web",
                  .status = "ACTIVE",
                  .desiredCount = 2};
  for (const DeploymentSnapshot& deployment : deployments)
    look.service.runningCount += deployment.runningCount;
  if (!deployments.empty()) look.service.taskDefinition = deployments.front().taskDefinition;
  look.service.deployments = std::move(deployments);
  return look;
}

ServiceWatch watch_ours() {
  return {.service = "web",
          .our_deployment = "ecs-svc/2",
          .earlier = {"ecs-svc/1"},
          .taskDefinition = kDefinitions + "web:43",
          .since = kStart};
}

// Several looks one after another; the judgement of the last.
struct Story {
  std::string name;
  std::vector<std::pair<Duration, Result<ServiceLook>>> looks;
  std::optional<Outcome> outcome;
  RolledBackBy by = RolledBackBy::kNobody;
  std::string message;
};

ServiceJudgement tell(ServiceWatch watch, const Story& story) {
  ServiceJudgement judgement;
  for (const auto& [at, seen] : story.looks) {
    EXPECT_FALSE(judgement.verdict) << "ended before the last look";
    judgement = judge(watch, seen, kStart + at);
  }
  return judgement;
}

void expect(const Story& story, const ServiceJudgement& judgement) {
  if (!story.outcome) {
    EXPECT_FALSE(judgement.verdict) << to_string(judgement.verdict->outcome);
    return;
  }
  ASSERT_TRUE(judgement.verdict);
  EXPECT_EQ(judgement.verdict->outcome, *story.outcome) << to_string(judgement.verdict->outcome);
  EXPECT_EQ(judgement.verdict->rolled_back_by, story.by);
  EXPECT_EQ(judgement.verdict->error ? judgement.verdict->error->message : "", story.message);
}

TEST(JudgingOurDeployment, FollowsItsIdWhateverElseTheServiceShows) {
  const Error unavailable{ErrorKind::kUnavailable, "http.reset", "connection reset"};
  const std::vector<Story> stories = {
      {"in progress", {{5s, service({our_one(), as("ACTIVE", old_one())})}}, std::nullopt},
      {"completed and alone", {{20s, service({completed(our_one())})}}, Outcome::kSucceeded},
      {"completed, the old one not gone yet",
       {{20s, service({completed(our_one()),
                       as("ACTIVE", with(old_one(), [](auto& d) { d.runningCount = 0; }))})}},
       std::nullopt},
      {"completed, an INACTIVE one still listed",
       {{20s, service({completed(our_one()),
                       as("INACTIVE", with(old_one(), [](auto& d) { d.runningCount = 0; }))})}},
       std::nullopt},
      {"completed, but a task has gone again",
       {{20s, with(service({completed(our_one())}), [](auto& l) { l.service.runningCount = 1; })}},
       std::nullopt},
      {"nothing wanted, nothing running: completed is enough",
       {{3s, with(service({completed(with(our_one(), [](auto& d) { d.desiredCount = 0; })),
                           as("INACTIVE", with(old_one(), [](auto& d) { d.runningCount = 0; }))}),
                  [](auto& l) { l.service.desiredCount = 0; })}},
       Outcome::kSucceeded},
      {"a daemon counts its instances itself",
       {{20s, with(service({completed(with(our_one(), [](auto& d) { d.desiredCount = 5; }))}),
                   [](auto& l) {
                     l.service.schedulingStrategy = "DAEMON";
                     l.service.desiredCount = 5;
                   })}},
       Outcome::kSucceeded},

      {"the old world right after the update is a stale read, not a success",
       {{1s, service({old_one()})}},
       std::nullopt},
      {"stale for 29 s", {{29s, service({old_one()})}}, std::nullopt},
      {"seen, then a read from before: replicas disagree",
       {{3s, service({our_one(), as("ACTIVE", old_one())})}, {6s, service({old_one()})}},
       std::nullopt},
      {"ours never appeared: the old one serves again",
       {{30s, service({old_one()})}},
       Outcome::kRolledBack,
       RolledBackBy::kNobody,
       "ECS rolled back service web to web:42"},

      {"failed without rollback, nothing ever ran",
       {{60s, service({failed_by(std::string(kBreaker), our_one()), as("ACTIVE", old_one())})}},
       Outcome::kFailedToStart,
       RolledBackBy::kNobody,
       "deployment ecs-svc/2 (web:43) of service web failed: ECS deployment circuit breaker: tasks "
       "failed to start"},
      {"failed without rollback after a task ran",
       {{30s,
         service({with(our_one(), [](auto& d) { d.runningCount = 1; }), as("ACTIVE", old_one())})},
        {60s, service({failed_by(std::string(kBreaker), our_one()), as("ACTIVE", old_one())})}},
       Outcome::kFailed,
       RolledBackBy::kNobody,
       "deployment ecs-svc/2 (web:43) of service web failed: ECS deployment circuit breaker: tasks "
       "failed to start"},

      {"the breaker is rolling back",
       {{60s, service({rolling_back_to(old_one()),
                       as("ACTIVE", failed_by(std::string(kBreaker), our_one()))})}},
       Outcome::kRolledBack,
       RolledBackBy::kCircuitBreaker,
       "ECS rolled back service web to web:42: ECS deployment circuit breaker: tasks failed to "
       "start"},
      {"an alarm is rolling back",
       {{60s, service({rolling_back_to(old_one()),
                       as("ACTIVE", failed_by(std::string(kAlarm), our_one()))})}},
       Outcome::kRolledBack,
       RolledBackBy::kAlarm,
       "ECS rolled back service web to web:42: ECS deployment failed: alarm detected"},
      {"the breaker has rolled back and is done: the trap of every tool that asks for stability",
       {{10s, service({our_one(), as("ACTIVE", old_one())})}, {90s, service({old_one()})}},
       Outcome::kRolledBack,
       RolledBackBy::kNobody,
       "ECS rolled back service web to web:42: ECS deployment ecs-svc/2 in progress"},
      {"the same, and the events say who",
       {{90s, with(service({old_one()}),
                   [](auto& l) {
                     l.events = {
                         {.message = "(service alarm-hook) has reached a steady state."},
                         {.message =
                              "(service alarm-hook) (deployment ecs-svc/2) deployment failed: "
                              "tasks failed to start."}};
                   })}},
       Outcome::kRolledBack,
       RolledBackBy::kCircuitBreaker,
       "ECS rolled back service web to web:42: tasks failed to start"},
      {"a rollback within the stale window says that it is one",
       {{10s, service({our_one(), as("ACTIVE", old_one())})},
        {25s, service({rolling_back_to(old_one())})}},
       Outcome::kRolledBack,
       RolledBackBy::kCircuitBreaker,
       "ECS rolled back service web to web:42: ECS deployment circuit breaker: rolling back to "
       "deploymentId ecs-svc/1"},
      {"older by its date although nobody noted its id",
       {{60s,
         service({with(old_one(), [](auto& d) { d.id = "ecs-svc/0"; }), as("ACTIVE", our_one())})}},
       Outcome::kRolledBack,
       RolledBackBy::kNobody,
       "ECS rolled back service web to web:42: ECS deployment ecs-svc/2 in progress"},

      {"somebody else deployed",
       {{15s, service({foreign_one(), as("ACTIVE", our_one()), as("ACTIVE", old_one())})}},
       Outcome::kSuperseded,
       RolledBackBy::kNobody,
       "somebody else's deployment ecs-svc/3 (web:44) replaced ours on service web"},
      {"somebody else deployed and ours is gone already",
       {{15s, service({completed(foreign_one())})}},
       Outcome::kSuperseded,
       RolledBackBy::kNobody,
       "somebody else's deployment ecs-svc/3 (web:44) replaced ours on service web"},
      {"no deployment at all",
       {{31s, service({})}},
       Outcome::kFailed,
       RolledBackBy::kNobody,
       "deployment ecs-svc/2 of service web is gone and nothing took its place"},
      {"no deployment at all, but soon after the update", {{29s, service({})}}, std::nullopt},

      {"deleted",
       {{15s, with(service({our_one()}), [](auto& l) { l.service.status = "DRAINING"; })}},
       Outcome::kFailed,
       RolledBackBy::kNobody,
       "service web is DRAINING"},
      {"missing",
       {{15s, Error{ErrorKind::kNotFound, "service.missing", "service web does not exist"}}},
       Outcome::kFailed,
       RolledBackBy::kNobody,
       "service web does not exist"},

      {"five looks in a row may fail",
       {{5s, unavailable},
        {6s, unavailable},
        {7s, unavailable},
        {8s, unavailable},
        {9s, unavailable}},
       std::nullopt},
      {"six may not",
       {{5s, unavailable},
        {6s, unavailable},
        {7s, unavailable},
        {8s, unavailable},
        {9s, unavailable},
        {10s, unavailable}},
       Outcome::kFailed,
       RolledBackBy::kNobody,
       "connection reset"},
      {"a good look starts the count over",
       {{5s, unavailable},
        {6s, unavailable},
        {7s, unavailable},
        {8s, unavailable},
        {9s, unavailable},
        {10s, service({our_one()})},
        {11s, unavailable},
        {12s, unavailable}},
       std::nullopt},

      {"success at the very end counts",
       {{15min, service({completed(our_one())})}},
       Outcome::kSucceeded},
      {"out of time",
       {{15min, service({our_one(), as("ACTIVE", old_one())})}},
       Outcome::kTimedOut,
       RolledBackBy::kNobody,
       "service web is not stable after 15m; deployment ecs-svc/2 is still running"},
      {"out of time and blind",
       {{15min, unavailable}},
       Outcome::kTimedOut,
       RolledBackBy::kNobody,
       "service web is not stable after 15m; deployment ecs-svc/2 is still running"},
  };
  for (const Story& story : stories) {
    SCOPED_TRACE(story.name);
    expect(story, tell(watch_ours(), story));
  }
}

// A service from before rollout states answers without them.
TEST(JudgingOurDeployment, GoesByTheCountsWhereThereIsNoRolloutState) {
  const auto stateless = [](DeploymentSnapshot deployment) {
    deployment.rolloutState.clear();
    deployment.rolloutStateReason.clear();
    return deployment;
  };
  const DeploymentSnapshot ours = stateless(completed(our_one()));
  ServiceWatch watch = watch_ours();
  EXPECT_FALSE(judge(watch, service({stateless(our_one())}), kStart + 10s).verdict);
  EXPECT_FALSE(
      judge(watch, service({ours, stateless(as("ACTIVE", old_one()))}), kStart + 20s).verdict);
  EXPECT_EQ(judge(watch, service({ours}), kStart + 30s).verdict->outcome, Outcome::kSucceeded);
}

TEST(JudgingAnUnchangedService, WantsTheDefinitionInUseServing) {
  ServiceWatch watch = watch_ours();
  watch.our_deployment.clear();
  watch.taskDefinition = kDefinitions + "web:42";
  const std::vector<Story> stories = {
      {"serving", {{1s, service({old_one()})}}, Outcome::kSucceeded},
      {"being deployed by somebody",
       {{1s, service({with(old_one(), [](auto& d) { d.rolloutState = "IN_PROGRESS"; })})}},
       std::nullopt},
      {"not all running",
       {{1s, with(service({old_one()}), [](auto& l) { l.service.runningCount = 1; })}},
       std::nullopt},
      {"failed",
       {{1s, service({failed_by(std::string(kBreaker), old_one())})}},
       Outcome::kFailedToStart,
       RolledBackBy::kNobody,
       "deployment ecs-svc/1 (web:42) of service web failed: ECS deployment circuit breaker: tasks "
       "failed to start"},
      {"another definition, perhaps a read from before",
       {{29s, service({foreign_one()})}},
       std::nullopt},
      {"another definition",
       {{30s, service({foreign_one()})}},
       Outcome::kSuperseded,
       RolledBackBy::kNobody,
       "somebody else's deployment ecs-svc/3 (web:44) replaced ours on service web"},
      {"rolled back to another definition",
       {{10s, service({rolling_back_to(
                  with(old_one(), [](auto& d) { d.taskDefinition = kDefinitions + "web:41"; }))})}},
       Outcome::kRolledBack,
       RolledBackBy::kCircuitBreaker,
       "ECS rolled back service web to web:41: ECS deployment circuit breaker: rolling back to "
       "deploymentId ecs-svc/1"},
      {"no deployment",
       {{30s, service({})}},
       Outcome::kFailed,
       RolledBackBy::kNobody,
       "service web has no deployment"},
      {"out of time",
       {{15min, with(service({old_one()}), [](auto& l) { l.service.runningCount = 1; })}},
       Outcome::kTimedOut,
       RolledBackBy::kNobody,
       "service web is not stable after 15m"},
  };
  for (const Story& story : stories) {
    SCOPED_TRACE(story.name);
    expect(story, tell(watch, story));
  }
}

TEST(JudgingAService, SeesTheEndComing) {
  struct Case {
    std::string name;
    ServiceLook look;
    bool about_to_end;
    bool completed = false;
  };
  const DeploymentSnapshot drained =
      as("ACTIVE", with(old_one(), [](auto& d) { d.runningCount = 0; }));
  const DeploymentSnapshot all_running = with(our_one(), [](auto& d) { d.runningCount = 2; });
  for (const Case& row : {
           Case{"nothing started", service({our_one(), as("ACTIVE", old_one())}), false},
           Case{"new ones run, old ones too", service({all_running, as("ACTIVE", old_one())}),
                false},
           Case{"one is pending",
                service({with(all_running, [](auto& d) { d.pendingCount = 1; }), drained}), false},
           Case{"new ones run, old ones are gone", service({all_running, drained}), true},
           Case{"completed, one task short",
                with(service({completed(our_one())}), [](auto& l) { l.service.runningCount = 1; }),
                true, true},
           Case{"a failed task, far from the breaker",
                service({with(our_one(),
                              [](auto& d) {
                                d.desiredCount = 1;
                                d.failedTasks = 1;
                              })}),
                false},
           Case{"two failed tasks, the breaker takes three",
                service({with(our_one(),
                              [](auto& d) {
                                d.desiredCount = 1;
                                d.failedTasks = 2;
                              })}),
                true},
       }) {
    SCOPED_TRACE(row.name);
    ServiceWatch watch = watch_ours();
    const ServiceJudgement judgement = judge(watch, row.look, kStart + 40s);
    EXPECT_FALSE(judgement.verdict);
    EXPECT_EQ(judgement.about_to_end, row.about_to_end);
    EXPECT_EQ(judgement.completed, row.completed);
  }
}

TEST(DeploymentCreated, IsTheNewPrimaryOfTheDefinitionWeAskedFor) {
  struct Case {
    std::string name;
    ServiceLook look;
    std::string wanted;
  };
  for (const Case& row : {
           Case{"ours", service({our_one(), as("ACTIVE", old_one())}), "ecs-svc/2"},
           Case{"nothing new", service({old_one()}), ""},
           Case{"somebody else's", service({foreign_one(), as("ACTIVE", our_one())}), ""},
           Case{"the old one, although it is of our definition",
                service({with(our_one(), [](auto& d) { d.id = "ecs-svc/1"; })}), ""},
           Case{"no deployment", service({}), ""},
       }) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(deployment_created(watch_ours(), row.look), row.wanted);
  }
}

TEST(Standing, TellsWhoseTheServiceIs) {
  struct Case {
    std::string name;
    ServiceLook look;
    Duration at;
    Standing wanted;
    bool id_known = true;
  };
  const DeploymentSnapshot forced_again = with(our_one(), [](auto& d) { d.id = "ecs-svc/7"; });
  for (const Case& row : {
           Case{"ours", service({our_one(), as("ACTIVE", old_one())}), 1min, Standing::kOurs},
           Case{"ours, completed", service({completed(our_one())}), 1min, Standing::kOurs},
           Case{"the old one, perhaps a read from before", service({old_one()}), 29s,
                Standing::kOurs},
           Case{"the old one", service({old_one()}), 30s, Standing::kEarlier},
           Case{"the old one beside ours", service({old_one(), as("ACTIVE", our_one())}), 10s,
                Standing::kEarlier},
           Case{"on the way back", service({rolling_back_to(old_one())}), 10s, Standing::kEarlier},
           Case{"somebody else's", service({foreign_one()}), 10s, Standing::kForeign},
           Case{"somebody else's, of our definition", service({forced_again}), 10s,
                Standing::kForeign},
           Case{"of our definition, and ours was never told", service({our_one()}), 10s,
                Standing::kOurs, false},
           Case{"no deployment", service({}), 1min, Standing::kForeign},
       }) {
    SCOPED_TRACE(row.name);
    ServiceWatch watch = watch_ours();
    if (!row.id_known) watch.our_deployment.clear();
    EXPECT_EQ(standing(watch, row.look, kStart + row.at), row.wanted);
  }
}

TEST(CircuitBreaker, ActsAfterHalfOfTheTasksWithinItsBounds) {
  struct Case {
    int desiredCount;
    int threshold;
  };
  for (const auto& [desired, threshold] :
       {Case{0, 3}, Case{1, 3}, Case{6, 3}, Case{7, 4}, Case{8, 4}, Case{10, 5}, Case{25, 13},
        Case{100, 50}, Case{400, 200}, Case{2000, 200}}) {
    SCOPED_TRACE(desired);
    EXPECT_EQ(circuit_breaker_threshold(desired), threshold);
  }
}

// ---- Tasks -------------------------------------------------------------------------------------

const std::string kTask = "arn:aws:ecs:eu-west-1:1:task/prod/0123456789abcdef0123456789abcdef";

TaskLook task(std::string lastStatus, std::vector<StoppedContainer> containers = {},
              std::string stoppedReason = "") {
  return {.taskArn = kTask,
          .lastStatus = std::move(lastStatus),
          .stoppedReason = std::move(stoppedReason),
          .containers = std::move(containers)};
}

TEST(JudgingATask, TrustsOnlyExitCodes) {
  const Error missing{ErrorKind::kNotFound, "task.missing", "MISSING"};
  const Error unavailable{ErrorKind::kUnavailable, "http.reset", "connection reset"};
  const std::string essential = "Essential container in task exited";
  struct Case {
    std::string name;
    Duration at;
    std::vector<Result<TaskLook>> looks;
    std::optional<Outcome> outcome;
    std::string message;
  };
  const std::string failed = "task 0123456789abcdef0123456789abcdef failed: ";
  const std::vector<Case> cases = {
      {"running", 1h, {task("RUNNING")}, std::nullopt, ""},
      {"stopping is not stopped", 1h, {task("DEPROVISIONING", {{"app", 0, ""}})}, std::nullopt, ""},
      {"every exit code is 0",
       9s,
       {task("STOPPED", {{"app", 0, ""}, {"log", 0, ""}}, essential)},
       Outcome::kSucceeded,
       ""},
      {"no stoppedReason", 9s, {task("STOPPED", {{"app", 0, ""}})}, Outcome::kSucceeded, ""},
      {"one container failed, essential or not",
       9s,
       {task("STOPPED", {{"app", 0, ""}, {"log", 1, ""}}, essential)},
       Outcome::kFailed,
       failed + "container log exited with 1: " + essential},
      {"killed for its memory",
       9s,
       {task("STOPPED", {{"app", 137, "OutOfMemoryError: Container killed due to memory usage"}},
             essential)},
       Outcome::kFailed,
       failed +
           "container app exited with 137 (OutOfMemoryError: Container killed due to memory "
           "usage): " +
           essential},
      {"a container that never ran is no success",
       9s,
       {task("STOPPED", {{"app", std::nullopt, ""}}, "CannotPullContainerError: not found")},
       Outcome::kFailedToStart,
       failed + "container app never ran: CannotPullContainerError: not found"},
      {"one ran well, the other never did",
       9s,
       {task("STOPPED", {{"app", 0, ""}, {"side", std::nullopt, "no such image"}})},
       Outcome::kFailed,
       failed + "container side never ran (no such image)"},
      {"no containers at all",
       9s,
       {task("STOPPED", {}, "Task stopped by user")},
       Outcome::kFailedToStart,
       failed + "it never ran: Task stopped by user"},
      {"not visible yet", 29s, {missing}, std::nullopt, ""},
      {"never visible",
       30s,
       {missing},
       Outcome::kFailed,
       "task 0123456789abcdef0123456789abcdef cannot be found; ECS does not know whether it ran"},
      {"five looks fail", 9s, std::vector<Result<TaskLook>>(5, unavailable), std::nullopt, ""},
      {"six looks fail", 9s, std::vector<Result<TaskLook>>(6, unavailable), Outcome::kFailed,
       "connection reset"},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(row.name);
    TaskWatch watch{.taskArn = kTask, .since = kStart};
    std::optional<Verdict> verdict;
    for (const Result<TaskLook>& look : row.looks) {
      EXPECT_FALSE(verdict);
      verdict = judge(watch, look, kStart + row.at);
    }
    EXPECT_EQ(watch.ended, row.outcome.has_value());
    ASSERT_EQ(verdict.has_value(), row.outcome.has_value());
    if (!verdict) continue;
    EXPECT_EQ(verdict->outcome, *row.outcome) << to_string(verdict->outcome);
    EXPECT_EQ(verdict->error ? verdict->error->message : "", row.message);
  }
}

TEST(JudgingATask, LooksPastContainersThatAreNotEssential) {
  const TaskLook ended = task("STOPPED", {{"app", 0, ""}, {"log", 1, ""}});
  TaskWatch watch{.taskArn = kTask, .since = kStart, .not_essential = {"log"}};
  EXPECT_EQ(judge(watch, ended, kStart)->outcome, Outcome::kSucceeded);
  TaskWatch other{.taskArn = kTask, .since = kStart, .not_essential = {"app"}};
  EXPECT_EQ(judge(other, ended, kStart)->outcome, Outcome::kFailed);
}

TEST(JudgingATask, GivesUpOnlyWhenAskedTo) {
  TaskWatch patient{.taskArn = kTask, .since = kStart};
  EXPECT_FALSE(judge(patient, task("RUNNING"), kStart + 100h));

  TaskWatch watch{.taskArn = kTask, .since = kStart, .max_wait = 10min};
  EXPECT_FALSE(judge(watch, task("RUNNING"), kStart + 10min - 1s));
  const std::optional<Verdict> verdict = judge(watch, task("RUNNING"), kStart + 10min);
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->outcome, Outcome::kTimedOut);
  EXPECT_EQ(verdict->error->message,
            "task 0123456789abcdef0123456789abcdef has not stopped after 10m; it is still running");
  // It stopped at the last moment.
  TaskWatch last{.taskArn = kTask, .since = kStart, .max_wait = 10min};
  EXPECT_EQ(judge(last, task("STOPPED", {{"app", 0, ""}}), kStart + 10min)->outcome,
            Outcome::kSucceeded);
}

}  // namespace
}  // namespace slipway
