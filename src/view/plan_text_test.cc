#include "view/plan_text.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

Subject service(std::string name) {
  return {.stage = StageKind::kServices, .kind = ItemKind::kService, .item = std::move(name)};
}

TEST(PlanText, TellsEachChangeEachWaitAndWhatStandsInTheWay) {
  PlanStage before{.kind = StageKind::kTasksBefore};
  before.items = {
      {.subject = {.stage = StageKind::kTasksBefore, .kind = ItemKind::kTask, .item = "migrate"},
       .steps = {0}}};
  before.steps = {
      {.action = RunTask{.cluster = "prod", .task_definition = "migrate", .run = {.count = 2}},
       .until = TasksStopped{std::chrono::minutes(10)}}};
  PlanStage services;
  services.items = {
      {.subject = service("web"),
       .findings = {ImageChanged{"app", "shop:1", "shop:2", "1", "2"}, ContainerNotListed{"log"}},
       .steps = {0, 1}},
      {.subject = service("worker"), .steps = {2}, .after = {"web"}},
      {.subject = service("api"), .findings = {ImageUnchanged{"app", "shop:2", "2"}}, .steps = {3}},
      {.subject = service("gone"), .steps = {4}}};
  const std::string web7 = "arn:aws:ecs:eu-west-1:1:task-definition/web:7";
  const DeploymentCompleted until{.max_wait = std::chrono::minutes(15)};
  services.steps = {
      {.action = RegisterTaskDefinition{.family = "web", .base = web7}},
      {.action = UpdateService{.service = "web", .task_definition = RegisteredBy{0}},
       .until = until,
       .needs = {0}},
      {.action = UpdateService{.service = "worker", .task_definition = RegisteredBy{0}},
       .until = until,
       .needs = {0}},
      {.action = ObserveService{.service = "api"}, .until = until},
      {.action =
           Refuse{Error{.kind = ErrorKind::kNotFound, .message = "service gone does not exist"}}}};
  EXPECT_EQ(
      to_string(Plan{.cluster = "prod", .stages = {before, services}}),
      "tasks before\n"
      "  ~ migrate\n"
      "      run 2 tasks of migrate, wait until it stops, at most 10m\n"
      "services\n"
      "  ~ web\n"
      "      app: shop:1 -> shop:2\n"
      "      register a revision of web, derived from web:7\n"
      "      update to the new revision, wait until stable, at most 15m\n"
      "  ~ worker (after web)\n"
      "      update to the new revision, wait until stable, at most 15m\n"
      "      (the new revision is the one registered above)\n"
      "  = api\n"
      "      app: shop:2, as it is\n"
      "      nothing to change, only look, wait until stable, at most 15m\n"
      "  ! gone\n"
      "      service gone does not exist\n"
      "\n"
      "Changing calls: 1 RegisterTaskDefinition, 1 RunTask, 2 UpdateService. If a service fails, "
      "what was changed is rolled back.\n");
}

TEST(PlanText, SaysWhenThereIsNothingToDo) {
  PlanStage services;
  services.items = {{.subject = service("api"), .steps = {0}}};
  services.steps = {{.action = ObserveService{.service = "api"}}};
  EXPECT_EQ(to_string(Plan{.stages = {services}}),
            "services\n  = api\n      nothing to change, only look\n\nNothing to change.\n");
}

TEST(PlanText, TellsWhichTargetsOfASchedulesMoveAndWhichStay) {
  const auto target = [](const std::string& id, const std::string& runs) {
    return Json{{"Id", id}, {"EcsParameters", {{"TaskDefinitionArn", runs}}}};
  };
  const auto subject = [](const std::string& name) {
    return Subject{.stage = StageKind::kSchedules, .kind = ItemKind::kSchedule, .item = name};
  };
  PlanStage stage{.kind = StageKind::kSchedules};
  stage.items = {{.subject = subject("nightly"),
                  .findings = {TargetLeft{"rule shop", "other", "batch:3", "its family stays"}},
                  .steps = {0}},
                 {.subject = subject("hourly"), .steps = {1}},
                 {.subject = subject("weekly"), .steps = {2}}};
  stage.steps = {
      {.action =
           PutTargets{.rule = "shop",
                      .event_bus = "jobs",
                      .targets = {{target("a", "web:1"), RegisteredBy{0, StageKind::kServices}},
                                  {target("b", "web:9"), std::nullopt}}}},
      {.action = UpdateSchedule{.schedule = "hourly",
                                .group = "",
                                .document = nullptr,
                                .target = {target("", "web:1"), "web:2"}}},
      {.action = LeaveTargets{"web:2"}}};
  EXPECT_EQ(to_string(Plan{.cluster = "prod", .stages = {stage}}, false), R"(schedules
  ~ nightly
      other: batch:3 stays: its family stays
      put 2 targets of rule shop on event bus jobs
        a: web:1 -> the new revision
        b: web:9, as the file says
  ~ hourly
      update schedule hourly
        web:1 -> web:2
  = weekly
      nothing to change, its targets run web:2

Changing calls: 1 PutTargets, 1 UpdateSchedule. If a service fails, what was changed is rolled back.
)");
}

}  // namespace
}  // namespace slipway
