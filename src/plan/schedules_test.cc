#include "plan/schedules.h"

#include "plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::string arn(const std::string& family_revision) {
  return "arn:aws:ecs:eu-west-1:123456789012:task-definition/" + family_revision;
}

Json target(const std::string& id, const std::string& family_revision) {
  return Json{
      {"Id", id},
      {"Arn", "arn:aws:ecs:eu-west-1:123456789012:cluster/prod"},
      {"Input", "{\"a\":  1}"},
      {"EcsParameters", {{"TaskDefinitionArn", arn(family_revision)}, {"FutureMember", {1, 2}}}}};
}

Json queue(const std::string& id) {
  return Json{{"Id", id}, {"Arn", "arn:aws:sqs:eu-west-1:123456789012:q"}};
}

struct Shop {
  Release release{.application = "shop", .cluster = "prod"};
  Snapshot snapshot;

  void define(const std::string& family, int revision, const std::string& status = "ACTIVE") {
    const std::string name = family + ":" + std::to_string(revision);
    TaskDefinitionSnapshot definition{
        .arn = arn(name),
        .family = family,
        .revision = revision,
        .status = status,
        .document = Json{{"family", family},
                         {"containerDefinitions", {{{"name", "app"}, {"image", "app:1"}}}}},
        .tags = nullptr};
    snapshot.task_definitions.insert_or_assign(definition.arn, definition);
    snapshot.task_definitions.insert_or_assign(family, definition);
    snapshot.task_definitions.insert_or_assign(name, definition);
  }
  // A service that moves to a new revision of its family, or stays.
  void add_service(const std::string& name, const std::string& family, bool moves = true) {
    define(family, 7);
    snapshot.services.insert_or_assign(
        name, ServiceSnapshot{
                  .serviceName = name, .status = "ACTIVE", .taskDefinition = arn(family + ":7")});
    ServiceRelease service{.name = name};
    if (moves) service.images = {{"app", NewTag{"2"}}};
    release.services.push_back(std::move(service));
  }
  ScheduleRelease& add_rule(const std::string& name, std::vector<Json> targets) {
    snapshot.triggers.insert_or_assign(
        "rule " + name,
        TriggerSnapshot{.taken_at = {}, .targets = std::move(targets), .schedule = nullptr});
    release.schedules.push_back({.name = name, .trigger = {.rule = name}});
    return release.schedules.back();
  }
  PlanStage schedules() const { return plan_release(release, snapshot).stages.at(2); }
};

std::vector<std::string> left_of(const PlanItem& item) {
  std::vector<std::string> left;
  for (const EventBody& finding : item.findings)
    if (const auto* one = std::get_if<TargetLeft>(&finding))
      left.push_back(one->target + " on " + one->task_definition + ": " + one->reason);
  return left;
}

std::string refusal_of(const PlanStage& stage) {
  const auto* refuse = std::get_if<Refuse>(&stage.steps.back().action);
  return refuse == nullptr ? "" : refuse->error.message;
}

TEST(PlanSchedules, MovesEveryTargetOfTheFamilyAndNothingElse) {
  Shop shop;
  shop.add_service("web", "web");
  shop.add_rule("nightly", {target("a", "web:6"), queue("q"), target("b", "web:7"),
                            target("other", "batch:3")});
  const PlanStage stage = shop.schedules();
  EXPECT_EQ(stage.kind, StageKind::kSchedules);
  ASSERT_THAT(stage.steps, SizeIs(1));
  const Step& step = stage.steps[0];
  const auto& put = std::get<PutTargets>(step.action);
  EXPECT_EQ(put.rule, "nightly");
  // The new revision is the one that the services' stage registers in its first step.
  const TaskDefinitionTarget registered = RegisteredBy{0, StageKind::kServices};
  ASSERT_THAT(put.targets, SizeIs(2));
  EXPECT_EQ(put.targets[0], (TargetPut{target("a", "web:6"), registered}));
  EXPECT_EQ(put.targets[1], (TargetPut{target("b", "web:7"), registered}));
  EXPECT_EQ(step.expects, Expectation(TargetsUnchanged{
                              {.rule = "nightly"}, {target("a", "web:6"), target("b", "web:7")}}));
  ASSERT_THAT(step.undo, SizeIs(1));
  const auto& back = std::get<PutTargets>(step.undo[0]);
  ASSERT_THAT(back.targets, SizeIs(2));
  EXPECT_EQ(back.targets[0], (TargetPut{target("a", "web:6"), std::nullopt}));
  EXPECT_THAT(left_of(stage.items[0]), ElementsAre("other on batch:3: its family is not released"));
  EXPECT_TRUE(stage.changes_anything());
}

TEST(PlanSchedules, HasNothingToDoWhereTheTargetsRunItAlready) {
  Shop shop;
  shop.add_service("web", "web", false);
  shop.add_rule("nightly", {target("a", "web:7")});
  const PlanStage stage = shop.schedules();
  ASSERT_THAT(stage.steps, SizeIs(1));
  EXPECT_EQ(std::get<LeaveTargets>(stage.steps[0].action).runs, "web:7");
  EXPECT_FALSE(stage.changes_anything());
}

TEST(PlanSchedules, CatchesUpWithAServiceThatDoesNotMove) {
  Shop shop;
  shop.add_service("web", "web", false);
  shop.add_rule("nightly", {target("a", "web:5")});
  const PlanStage stage = shop.schedules();
  const auto& put = std::get<PutTargets>(stage.steps.at(0).action);
  EXPECT_EQ(put.targets.at(0).task_definition, TaskDefinitionTarget(arn("web:7")));
}

TEST(PlanSchedules, LeavesATargetThatFollowsItsFamilyByItself) {
  Shop shop;
  shop.add_service("web", "web");
  shop.add_rule("nightly", {target("a", "web")});
  EXPECT_THAT(left_of(shop.schedules().items[0]),
              ElementsAre("a on web: it runs the newest revision of its family by itself"));
}

TEST(PlanSchedules, TakesServicesBeforeTasksOfTheSameFamily) {
  Shop shop;
  shop.add_service("web", "web");
  shop.release.tasks_before.push_back(
      {.name = "web", .task_definition = TaskDefinitionReference{"web"}, .images = {}});
  shop.add_rule("nightly", {target("a", "web:6")});
  const PlanStage stage = shop.schedules();
  EXPECT_EQ(std::get<PutTargets>(stage.steps.at(0).action).targets.at(0).task_definition,
            TaskDefinitionTarget(RegisteredBy{0, StageKind::kServices}));
}

TEST(PlanSchedules, FollowsTheItemThatOfNames) {
  Shop shop;
  shop.add_service("web", "web");
  shop.release.tasks_before.push_back({.name = "migrate",
                                       .task_definition = TaskDefinitionReference{"web"},
                                       .images = {{"app", NewTag{"3"}}}});
  shop.add_rule("nightly", {target("a", "web:6")}).task_definition =
      FollowItem{.name = "migrate", .is_task = true};
  const PlanStage stage = shop.schedules();
  EXPECT_EQ(std::get<PutTargets>(stage.steps.at(0).action).targets.at(0).task_definition,
            TaskDefinitionTarget(RegisteredBy{0, StageKind::kTasksBefore}));
}

TEST(PlanSchedules, FollowsAServiceThatIsNotReleasedThisTime) {
  Shop shop;
  shop.add_service("web", "web");
  shop.release.services.clear();  // as --only leaves it
  shop.add_rule("nightly", {target("a", "web:6")}).task_definition = FollowItem{.name = "web"};
  const Needed needed = needed_for(shop.release, StageKind::kSchedules);
  EXPECT_THAT(needed.services, ElementsAre("web"));
  EXPECT_THAT(needed.triggers, ElementsAre(Trigger{.rule = "nightly"}));
  const PlanStage stage = shop.schedules();
  EXPECT_EQ(std::get<PutTargets>(stage.steps.at(0).action).targets.at(0).task_definition,
            TaskDefinitionTarget(arn("web:7")));
}

TEST(PlanSchedules, RegistersARevisionOfItsOwnForItsOwnImage) {
  Shop shop;
  shop.define("report", 4);
  ScheduleRelease& wanted =
      shop.add_rule("weekly", {target("a", "report:4"), target("b", "report:2")});
  wanted.task_definition = InUse{};
  wanted.images = {{"app", NewTag{"9"}}};
  EXPECT_THAT(references_of_trigger(wanted, shop.snapshot.triggers.at("rule weekly").value()),
              ElementsAre(arn("report:4")));
  const PlanStage stage = shop.schedules();
  ASSERT_THAT(stage.steps, SizeIs(2));
  EXPECT_EQ(std::get<RegisterTaskDefinition>(stage.steps[0].action).base, arn("report:4"));
  const auto& put = std::get<PutTargets>(stage.steps[1].action);
  ASSERT_THAT(put.targets, SizeIs(2));
  EXPECT_EQ(put.targets[1].task_definition, TaskDefinitionTarget(RegisteredBy{0}));
  EXPECT_THAT(stage.steps[1].needs, ElementsAre(0));
}

TEST(PlanSchedules, PutsTenTargetsAtATime) {
  Shop shop;
  shop.add_service("web", "web");
  std::vector<Json> targets;
  for (int i = 0; i < 23; ++i) targets.push_back(target("t" + std::to_string(i), "web:6"));
  shop.add_rule("nightly", targets);
  const PlanStage stage = shop.schedules();
  ASSERT_THAT(stage.steps, SizeIs(3));
  EXPECT_THAT(std::get<PutTargets>(stage.steps[0].action).targets, SizeIs(10));
  EXPECT_THAT(std::get<PutTargets>(stage.steps[2].action).targets, SizeIs(3));
}

TEST(PlanSchedules, PutsWholeTargetsAsTheFileSaysAndTakesNewOnesAwayAgain) {
  Shop shop;
  shop.add_service("web", "web");
  Json without = target("new", "x:1");
  remove_member(without.as_object()["EcsParameters"].as_object(), "TaskDefinitionArn");
  Json changed = target("a", "web:6");
  changed.as_object()["Input"] = "{}";
  ScheduleRelease& wanted =
      shop.add_rule("nightly", {target("a", "web:6"), target("same", "web:1")});
  wanted.task_definition = FollowItem{.name = "web"};
  wanted.targets = {changed, without, target("same", "web:1")};
  const PlanStage stage = shop.schedules();
  ASSERT_THAT(stage.steps, SizeIs(1));
  const auto& put = std::get<PutTargets>(stage.steps[0].action);
  ASSERT_THAT(put.targets, SizeIs(2));
  EXPECT_EQ(put.targets[0], (TargetPut{changed, std::nullopt}));
  EXPECT_EQ(put.targets[1],
            (TargetPut{without, TaskDefinitionTarget(RegisteredBy{0, StageKind::kServices})}));
  ASSERT_THAT(stage.steps[0].undo, SizeIs(2));
  EXPECT_THAT(std::get<RemoveTargets>(stage.steps[0].undo[0]).ids, ElementsAre("new"));
  EXPECT_EQ(std::get<PutTargets>(stage.steps[0].undo[1]).targets.at(0).document,
            target("a", "web:6"));
}

TEST(PlanSchedules, SendsAScheduleBackWhole) {
  Shop shop;
  shop.add_service("web", "web");
  Json schedule{{"Name", "hourly"}, {"ScheduleExpression", "rate(1 hour)"}};
  shop.snapshot.triggers.insert_or_assign(
      "schedule jobs/hourly",
      TriggerSnapshot{.taken_at = {}, .targets = {target("", "web:6")}, .schedule = schedule});
  shop.release.schedules.push_back(
      {.name = "hourly", .trigger = {.schedule = "hourly", .group = "jobs"}});
  const PlanStage stage = shop.schedules();
  const auto& update = std::get<UpdateSchedule>(stage.steps.at(0).action);
  EXPECT_EQ(update.document, schedule);
  EXPECT_EQ(update.target, (TargetPut{target("", "web:6"), TaskDefinitionTarget(RegisteredBy{
                                                               0, StageKind::kServices})}));
  EXPECT_EQ(std::get<UpdateSchedule>(stage.steps[0].undo.at(0)).target,
            (TargetPut{target("", "web:6"), std::nullopt}));
}

TEST(PlanSchedules, RefusesWhatCannotBeMeant) {
  struct Case {
    std::string what;
    std::function<void(Shop&)> arrange;
    std::string wanted;
  };
  for (const auto& [what, arrange, wanted] : std::vector<Case>{
           {"a rule that vanished",
            [](Shop& shop) {
              shop.add_rule("nightly", {});
              shop.snapshot.triggers.insert_or_assign(
                  "rule nightly",
                  Error{ErrorKind::kNotFound, "trigger.missing", "rule nightly does not exist"});
            },
            "rule nightly does not exist"},
           {"no target for ECS", [](Shop& shop) { shop.add_rule("nightly", {queue("q")}); },
            "rule nightly has no target that runs an ECS task"},
           {"another family",
            [](Shop& shop) {
              shop.add_rule("nightly", {target("a", "batch:1")}).task_definition =
                  FollowItem{.name = "web"};
            },
            "no target of rule nightly runs family web: they run batch"},
           {"several families",
            [](Shop& shop) {
              ScheduleRelease& wanted =
                  shop.add_rule("nightly", {target("a", "batch:1"), target("b", "web:1")});
              wanted.task_definition = InUse{};
              wanted.images = {{"app", NewTag{"2"}}};
            },
            "the targets of rule nightly run several families: batch, web; say in "
            "`task_definition` which one is meant"},
           {"two services of one family that part",
            [](Shop& shop) {
              shop.add_service("api", "web");
              shop.release.services.back().images = {{"app", NewTag{"3"}}};
              shop.add_rule("nightly", {target("a", "web:1")});
            },
            "items of this release run different revisions of web; say with `of` which one rule "
            "nightly follows"},
           {"a task that is not part of the run",
            [](Shop& shop) {
              shop.add_rule("nightly", {target("a", "web:1")}).task_definition =
                  FollowItem{.name = "migrate", .is_task = true};
            },
            "it follows task migrate, which is not part of this run"},
           {"a revision that was deregistered",
            [](Shop& shop) {
              shop.define("web", 3, "INACTIVE");
              shop.add_rule("nightly", {target("a", "web:1")}).task_definition =
                  TaskDefinitionReference{"web:3"};
            },
            "web:3 was deregistered (INACTIVE), and ECS refuses to run it"},
       }) {
    SCOPED_TRACE(what);
    Shop shop;
    shop.add_service("web", "web");
    arrange(shop);
    EXPECT_EQ(refusal_of(shop.schedules()), wanted);
  }
}

}  // namespace
}  // namespace slipway
