#include "plan/plan.h"

#include "plan/derive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

constexpr const char* kArnPrefix = "arn:aws:ecs:eu-west-1:123456789012:task-definition/";

TaskDefinitionSnapshot definition(const std::string& family, int revision, JsonArray containers,
                                  Json tags = nullptr) {
  const std::string arn = kArnPrefix + family + ":" + std::to_string(revision);
  return {.arn = arn,
          .family = family,
          .revision = revision,
          .status = "ACTIVE",
          .document = Json{{"taskDefinitionArn", arn},
                           {"containerDefinitions", std::move(containers)},
                           {"family", family},
                           {"revision", revision},
                           {"status", "ACTIVE"},
                           {"enableFaultInjection", true},
                           {"requiresAttributes", JsonArray{}},
                           {"compatibilities", JsonArray{"EC2"}},
                           {"registeredAt", 1700000000.5},
                           {"registeredBy", "arn:aws:iam::123456789012:root"},
                           {"cpu", "256"}},
          .tags = std::move(tags)};
}

Json container(const std::string& name, const std::string& image) {
  return Json{{"name", name}, {"image", image}, {"restartPolicy", {{"enabled", true}}}};
}

struct Shop {
  Release release{.application = "shop", .cluster = "prod"};
  Snapshot snapshot;

  void add(const TaskDefinitionSnapshot& task_definition) {
    snapshot.task_definitions.insert_or_assign(task_definition.arn, task_definition);
    snapshot.task_definitions.insert_or_assign(task_definition.family, task_definition);
  }
  void add_service(const std::string& name, const std::string& family_revision,
                   const std::string& controller = "ECS") {
    ServiceSnapshot service{
        .serviceName = name, .status = "ACTIVE", .taskDefinition = kArnPrefix + family_revision};
    service.deploymentController = controller;
    snapshot.services.insert_or_assign(name, service);
  }
  PlanStage services() const { return plan_stage(release, StageKind::kServices, snapshot); }
};

TEST(Derive, KeepsWhatItDoesNotKnowAndDropsWhatAwsRefuses) {
  const Derived derived =
      derive(definition("web", 7, {container("app", "shop:1"), container("log", "fluent:2")},
                        {{{"key", "team"}, {"value", "shop"}}}),
             {{"app", NewTag{"2"}}})
          .value();
  ASSERT_TRUE(derived.document);
  EXPECT_EQ(
      to_text(*derived.document),
      R"({"containerDefinitions":[{"name":"app","image":"shop:2","restartPolicy":{"enabled":true}},)"
      R"({"name":"log","image":"fluent:2","restartPolicy":{"enabled":true}}],"family":"web",)"
      R"("enableFaultInjection":true,"cpu":"256","tags":[{"key":"team","value":"shop"}]})");
  const std::vector<EventBody> wanted = {
      BaseTaskDefinition{"web:7", kArnPrefix + std::string("web:7")},
      ImageChanged{"app", "shop:1", "shop:2", "1", "2"},
      ContainerNotListed{"log"},
  };
  EXPECT_EQ(derived.findings, wanted);
}

TEST(Derive, LeavesOutTagsWhenThereAreNone) {
  for (const Json& tags : {Json(nullptr), Json(JsonArray{})}) {
    const Derived derived =
        derive(definition("web", 7, {container("app", "shop:1")}, tags), {{"app", NewTag{"2"}}})
            .value();
    EXPECT_FALSE(derived.document->as_object().contains("tags"));
  }
}

TEST(Registrable, HasNeitherNullsNorEmptyTagsNorWhatAwsAddedItself) {
  const Json saved = parse_json(R"({"taskDefinitionArn":"arn","revision":3,"family":"web",)"
                                R"("executionRoleArn":null,"volumes":[],"containerDefinitions":)"
                                R"([{"name":"app","user":null,"command":["a",null]}]})")
                         .value();
  EXPECT_EQ(to_text(registrable(saved, JsonArray{})),
            R"({"family":"web","volumes":[],"containerDefinitions":)"
            R"([{"name":"app","command":["a",null]}]})");
  EXPECT_EQ(to_text(registrable(Json{{"family", "web"}}, JsonArray{{{"key", "a"}}})),
            R"({"family":"web","tags":[{"key":"a"}]})");
}

TEST(Derive, RegistersNothingWhenTheTagIsTheSame) {
  const Derived derived =
      derive(definition("web", 7, {container("app", "shop:2")}), {{"app", NewTag{"2"}}}).value();
  EXPECT_FALSE(derived.document);
  EXPECT_EQ(derived.findings.back(), EventBody(NothingToRegister{}));
}

TEST(Derive, WarnsOfAMissingContainerAndFailsWhenAllAreMissing) {
  const TaskDefinitionSnapshot web = definition("web", 7, {container("app", "shop:1")});
  const Derived derived = derive(web, {{"app", NewTag{"2"}}, {"ap", NewTag{"2"}}}).value();
  EXPECT_EQ(derived.findings.back(), EventBody(ContainerMissing{"ap", "did you mean \"app\"?"}));
  const Result<Derived> none = derive(web, {{"wep", NewTag{"2"}}, {"x", NewTag{"2"}}});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "web:7 has no container named wep, x; it has app");
}

TEST(Derive, FailsOnAnImageItCannotRead) {
  const Result<Derived> derived =
      derive(definition("web", 7, {container("app", "${IMAGE}")}), {{"app", NewTag{"2"}}});
  ASSERT_FALSE(derived);
  EXPECT_EQ(derived.error().code, "image.unparsable");
  EXPECT_EQ(derived.error().context, std::vector<std::string>{"reading container app of web:7"});
}

TEST(DescribesSame, LooksPastDefaultsReadOnlyMembersAndOrder) {
  TaskDefinitionSnapshot existing = definition("web", 7, JsonArray{});
  existing.document = parse_json(R"({
    "taskDefinitionArn":"x","family":"web","revision":7,"status":"ACTIVE","networkMode":"awsvpc",
    "cpu":"1024","memory":"2048","volumes":[],"placementConstraints":[],
    "containerDefinitions":[{"name":"app","image":"shop:1","cpu":0,"essential":true,
      "environment":[{"name":"A","value":"1"},{"name":"B","value":"2"}],"mountPoints":[],
      "portMappings":[{"containerPort":80,"hostPort":80,"protocol":"tcp"}],"volumesFrom":[],
      "systemControls":[],
      "healthCheck":{"command":["CMD","true"],"interval":30,"timeout":5,"retries":3}}]})")
                          .value();
  const auto wanted = [](std::string cpu, std::string image) {
    return parse_json(R"({"family":"web","networkMode":"awsvpc","cpu":")" + cpu +
                      R"(","memory":"2 GB",
      "containerDefinitions":[{"image":")" +
                      image + R"(","name":"app",
        "environment":[{"name":"B","value":"2"},{"name":"A","value":"1"}],
        "portMappings":[{"containerPort":80}],"healthCheck":{"command":["CMD","true"]}}]})")
        .value();
  };
  EXPECT_TRUE(describes_same(wanted("1 vCPU", "shop:1"), existing));
  EXPECT_FALSE(describes_same(wanted("1 vCPU", "shop:2"), existing));
  // For ECS to refuse, not for us to fall over.
  EXPECT_FALSE(describes_same(wanted(". vCPU", "shop:1"), existing));
  EXPECT_FALSE(describes_same(wanted("1.0.2 vCPU", "shop:1"), existing));
  EXPECT_FALSE(describes_same(wanted("512", "shop:1"), existing));
}

TEST(PlanServices, RegistersUpdatesAndKnowsTheWayBack) {
  Shop shop;
  shop.add(definition("web", 7, {container("app", "shop:1")}));
  shop.add_service("web", "web:7");
  shop.release.services = {{.name = "web", .images = {{"app", NewTag{"2"}}}}};
  const PlanStage stage = shop.services();
  ASSERT_EQ(stage.steps.size(), 2u);
  EXPECT_EQ(std::get<RegisterTaskDefinition>(stage.steps[0].action).base,
            kArnPrefix + std::string("web:7"));
  const Step& update = stage.steps[1];
  EXPECT_EQ(
      std::get<UpdateService>(update.action),
      (UpdateService{.cluster = "prod", .service = "web", .task_definition = RegisteredBy{0}}));
  EXPECT_EQ(update.needs, std::vector<StepIndex>{0});
  EXPECT_EQ(update.expects,
            Expectation(ServiceStillUses{"web", kArnPrefix + std::string("web:7")}));
  ASSERT_EQ(update.undo.size(), 1u);
  EXPECT_EQ(std::get<UpdateService>(update.undo[0]).task_definition,
            TaskDefinitionTarget(kArnPrefix + std::string("web:7")));
  EXPECT_EQ(std::get<DeploymentCompleted>(update.until).max_wait, std::chrono::minutes(15));
}

TEST(PlanServices, OnlyLooksWhenNothingChanges) {
  Shop shop;
  shop.add(definition("web", 7, {container("app", "shop:2")}));
  shop.add_service("web", "web:7");
  shop.release.services = {{.name = "web", .images = {{"app", NewTag{"2"}}}}};
  const PlanStage stage = shop.services();
  ASSERT_EQ(stage.steps.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<ObserveService>(stage.steps[0].action));
  EXPECT_EQ(std::get<DeploymentCompleted>(stage.steps[0].until).taskDefinition,
            kArnPrefix + std::string("web:7"));
  EXPECT_FALSE(stage.changes_anything());
}

// Acceptance item 26: the running family is kept even when the service has another name.
TEST(PlanServices, ForcesWithoutNamingADefinition) {
  Shop shop;
  shop.add(definition("other-family", 7, {container("app", "shop:2")}));
  shop.add_service("web", "other-family:7");
  shop.release.services = {
      {.name = "web", .images = {{"app", NewTag{"2"}}}, .forceNewDeployment = true}};
  const PlanStage stage = shop.services();
  ASSERT_EQ(stage.steps.size(), 1u);
  EXPECT_EQ(std::get<UpdateService>(stage.steps[0].action),
            (UpdateService{.cluster = "prod", .service = "web", .forceNewDeployment = true}));
}

TEST(PlanServices, TakesTheLatestRevisionOfItsOwnFamily) {
  Shop shop;
  shop.add(definition("web", 7, {container("app", "shop:2")}));
  shop.add(definition("web", 9, {container("app", "shop:2")}));
  shop.add_service("web", "web:7");
  shop.release.services = {{.name = "web", .task_definition = LatestRevision{}}};
  const PlanStage stage = shop.services();
  ASSERT_EQ(stage.steps.size(), 1u);
  EXPECT_EQ(std::get<UpdateService>(stage.steps[0].action).task_definition,
            TaskDefinitionTarget(kArnPrefix + std::string("web:9")));
}

// Acceptance item 33: one registration for two services of one revision.
TEST(PlanServices, SharesOneRegistrationBetweenServicesOfOneRevision) {
  Shop shop;
  shop.add(definition("web", 7, {container("app", "shop:1")}));
  shop.add_service("web", "web:7");
  shop.add_service("worker", "web:7");
  shop.release.services = {{.name = "web", .images = {{"app", NewTag{"2"}}}},
                           {.name = "worker", .images = {{"app", NewTag{"2"}}}}};
  const PlanStage stage = shop.services();
  ASSERT_EQ(stage.steps.size(), 3u);
  EXPECT_EQ(stage.items[1].steps, std::vector<StepIndex>{2});
  EXPECT_EQ(stage.steps[2].needs, std::vector<StepIndex>{0});
}

// Acceptance item 35: refused before anything is registered.
TEST(PlanServices, RefusesADeploymentControllerThatIsNotEcs) {
  for (const std::string controller : {"CODE_DEPLOY", "EXTERNAL"}) {
    SCOPED_TRACE(controller);
    Shop shop;
    shop.add(definition("web", 7, {container("app", "shop:1")}));
    shop.add_service("web", "web:7", controller);
    shop.release.services = {{.name = "web", .images = {{"app", NewTag{"2"}}}}};
    const PlanStage stage = shop.services();
    ASSERT_EQ(stage.steps.size(), 1u);
    EXPECT_EQ(std::get<Refuse>(stage.steps[0].action).error.code, "service.deployment-controller");
  }
}

TEST(PlanServices, SkipsOrRefusesAMissingServiceAsTheReleaseSays) {
  Shop shop;
  shop.snapshot.services.insert_or_assign(
      "web",
      Error{.kind = ErrorKind::kNotFound, .code = "service.missing", .message = "not there"});
  shop.release.services = {{.name = "web"}};
  EXPECT_TRUE(std::holds_alternative<Refuse>(shop.services().steps[0].action));
  shop.release.missing_service = MissingService::kSkip;
  EXPECT_TRUE(std::holds_alternative<Skip>(shop.services().steps[0].action));
}

TEST(PlanServices, ComparesAWholeDocumentWithTheRevisionInUse) {
  Shop shop;
  shop.add(definition("web", 7, {container("app", "shop:2")}));
  shop.add_service("web", "web:7");
  const auto document = [](const std::string& image) {
    return TaskDefinitionDocument{Json{{"family", "web"},
                                       {"cpu", "256"},
                                       {"enableFaultInjection", true},
                                       {"containerDefinitions", {container("app", image)}}},
                                  "web.json"};
  };
  shop.release.services = {{.name = "web", .task_definition = document("shop:2")}};
  EXPECT_FALSE(shop.services().changes_anything());
  shop.release.services = {{.name = "web", .task_definition = document("shop:3")}};
  EXPECT_TRUE(shop.services().changes_anything());
}

// Acceptance item 15: an unchanged task runs the text of the file.
TEST(PlanTasks, RunsTheConfiguredFamilyWhenNothingChanged) {
  Shop shop;
  shop.add(definition("migrate", 3, {container("app", "shop:2")}));
  shop.release.tasks_before = {{.name = "migrate",
                                .task_definition = TaskDefinitionReference{"migrate"},
                                .images = {{"app", NewTag{"2"}}}}};
  const PlanStage stage = plan_stage(shop.release, StageKind::kTasksBefore, shop.snapshot);
  ASSERT_EQ(stage.steps.size(), 1u);
  EXPECT_EQ(std::get<RunTask>(stage.steps[0].action).task_definition,
            TaskDefinitionTarget("migrate"));
}

TEST(PlanTasks, RunsWhatItRegisters) {
  Shop shop;
  shop.add(definition("migrate", 3, {container("app", "shop:1")}));
  shop.release.tasks_after = {{.name = "migrate",
                               .task_definition = TaskDefinitionReference{"migrate"},
                               .images = {{"app", NewTag{"2"}}},
                               .count = 2}};
  const PlanStage stage = plan_stage(shop.release, StageKind::kTasksAfter, shop.snapshot);
  ASSERT_EQ(stage.steps.size(), 2u);
  const auto& run = std::get<RunTask>(stage.steps[1].action);
  EXPECT_EQ(run.task_definition, TaskDefinitionTarget(RegisteredBy{0}));
  EXPECT_EQ(run.run.count, 2);
}

TEST(PlanTasks, NeedANetworkWhereTheDefinitionSaysAwsvpc) {
  Shop shop;
  TaskDefinitionSnapshot migrate = definition("migrate", 3, {container("app", "shop:1")});
  migrate.document.get_object()["networkMode"] = "awsvpc";
  shop.add(migrate);
  TaskRun run{.name = "migrate", .task_definition = TaskDefinitionReference{"migrate"}};
  const auto problem = [&]() -> std::string {
    shop.release.tasks_before = {run};
    const std::vector<Error> problems = plan_release(shop.release, shop.snapshot).problems();
    return problems.empty() ? "" : problems.front().message;
  };
  EXPECT_EQ(problem(),
            "task migrate needs a networkConfiguration, because the networkMode of migrate:3 is "
            "awsvpc: `networkConfiguration: {awsvpcConfiguration: {subnets: [...]}}` in the file, "
            "or --subnets");
  run.awsvpcConfiguration = AwsvpcConfiguration{.subnets = {"subnet-1"}};
  EXPECT_EQ(problem(), "");
  run.awsvpcConfiguration.reset();
  run.task_definition = TaskDefinitionDocument{migrate.document, "migrate.json"};
  EXPECT_THAT(problem(), testing::HasSubstr("the networkMode of migrate.json is awsvpc"));
}

TEST(Plan, ListsEveryProblemWithItsItem) {
  Shop shop;
  shop.release.services = {{.name = "web"}, {.name = "api"}};
  for (const char* name : {"web", "api"})
    shop.snapshot.services.insert_or_assign(
        name,
        Error{.kind = ErrorKind::kNotFound, .code = "service.missing", .message = "not there"});
  const std::vector<Error> problems = plan_release(shop.release, shop.snapshot).problems();
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[1].context, std::vector<std::string>{"planning service api"});
}

}  // namespace
}  // namespace slipway
