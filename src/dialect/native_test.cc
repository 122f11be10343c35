#include "base/runtime.h"
#include "dialect/reading_for_test.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using Messages = std::vector<std::string>;

const std::string kHead = "slipway: 1\ncluster: prod\n";

TEST(NativeFile, MeansThisRelease) {
  const Read read =
      read_text(R"(slipway: 1
application: shop
cluster: prod
tasks:
  before: [{family: shop-migrate, containers: [app], command: [bin/migrate], max_wait: 10m}]
services:
  web:
    image: {app: "registry.example/shop:{tag}"}
    max_wait: 20m
  worker:
    service: shop-worker
    task_definition: deploy/worker.json
    after: [web]
  api:
    containers: [app]
    tag: v9
    task_definition: latest
    forceNewDeployment: true
    strategy: rolling
on_failure: leave
)",
                {.tag = "v2"},
                {{"dir/deploy/worker.json",
                  R"({"family":"worker","containerDefinitions":[{"name":"w","image":"w:1"}]})"}});
  EXPECT_EQ(read.dialect, "slipway");
  EXPECT_EQ(read.messages, Messages{});
  Release wanted{.application = "shop", .cluster = "prod", .on_failure = OnFailure::kLeave};
  wanted.tasks_before = {
      {.name = "shop-migrate",
       .task_definition = TaskDefinitionReference{"shop-migrate"},
       .images = {{"app", NewTag{"v2"}}},
       .overrides = Json{{"containerOverrides", {{{"name", "app"}, {"command", {"bin/migrate"}}}}}},
       .max_wait = std::chrono::minutes(10),
       .essential_only = true}};
  wanted.services = {{.name = "web",
                      .images = {{"app", NewImage{"registry.example/shop:v2"}}},
                      .max_wait = std::chrono::minutes(20)},
                     {.name = "shop-worker",
                      .task_definition =
                          TaskDefinitionDocument{
                              Json{{"family", "worker"},
                                   {"containerDefinitions", {{{"name", "w"}, {"image", "w:1"}}}}},
                              "deploy/worker.json"},
                      .after = {"web"}},
                     {.name = "api",
                      .task_definition = LatestRevision{},
                      .images = {{"app", NewTag{"v9"}}},
                      .forceNewDeployment = true}};
  ASSERT_TRUE(read.release);
  EXPECT_TRUE(read.release->tasks_before == wanted.tasks_before);
  EXPECT_TRUE(read.release->services == wanted.services);
  EXPECT_TRUE(*read.release == wanted);
}

TEST(NativeFile, IsRefusedWithThePathOfTheKeyAndTheRule) {
  struct Case {
    std::string text;
    Messages wanted;
  };
  for (const auto& [text, wanted] : std::vector<Case>{
           {"slipway: 2\ncluster: c\n", {"slipway: expected a whole number from 1 to 1, found 2"}},
           {"slipway: 1\n", {"cluster: required key is missing"}},
           {kHead + "servces: {}\n", {"servces: unknown key (did you mean services?)"}},
           {kHead + "traffic: {}\n",
            {"traffic: traffic is moved by a service's strategy (strategy: {canary: {alb: ...}})"}},
           {kHead + "keep_revisions: 0\n",
            {"keep_revisions: expected a whole number from 1 to 10000, found 0"}},
           {kHead + "schedules: {nightly: {}}\n",
            {"schedules.nightly.rule: name a `rule` of EventBridge or a `schedule` of EventBridge "
             "Scheduler"}},
           {kHead + "schedules: {nightly: {rule: x, schedule: y}}\n",
            {"schedules.nightly.schedule: rule and schedule exclude each other"}},
           {kHead + "schedules: {nightly: {rule: x, group: g}}\n",
            {"schedules.nightly.group: only a schedule is in a group"}},
           {kHead + "schedules: {nightly: {rule: \"arn:aws:events:eu-west-1:1:rule/x\"}}\n",
            {"schedules.nightly.rule: \"arn:aws:events:eu-west-1:1:rule/x\" is not the name of a "
             "rule (give the name at the end of the ARN)"}},
           {kHead + "services: {web: {}}\nschedules: {nightly: {rule: x, of: wbe}}\n",
            {"schedules.nightly.of: \"wbe\" is no service or task of this file (did you mean "
             "web?)"}},
           {kHead + "tasks: {after: [{family: warm}]}\nschedules: {n: {rule: x, of: warm}}\n",
            {"schedules.n.of: task warm runs after schedules have moved"}},
           {kHead +
                "services: {web: {}}\nschedules: {n: {rule: x, of: web, image: {app: \"a:1\"}}}\n",
            {"schedules.n.of: `of` says it all (leave out task_definition, image, containers and "
             "tag)"}},
           {kHead + "schedules: {a: {rule: x}, b: {rule: x}}\n", {"rule \"x\" is there twice"}},
           {kHead + "schedules: {n: {rule: x, targets: [{Id: a, Arn: b, EcsParameters: {}}]}}\n",
            {"schedules.n.targets[0].EcsParameters: no TaskDefinitionArn, and nothing says which "
             "one is meant (give it, or say `of` or `task_definition` beside the targets)"}},
           {kHead + "schedules: {n: {schedule: x, targets: []}}\n",
            {"schedules.n.targets: a schedule has one `target`"}},
           {kHead + "notify: {sns: deploys}\n",
            {"notify.sns: \"deploys\" is not the ARN of an SNS topic"}},
           {kHead + "notify: {sns: \"arn:aws:sns:eu-west-1:1:t\", on: [done]}\n",
            {"notify.on[0]: unknown moment \"done\" (started, succeeded and failed are known)"}},
           {kHead + "services: {web: {strategy: {canary: {steps: []}}}}\n",
            {"services.web.strategy.canary.steps: expected at least 1 entry, found none"}},
           {kHead + "services: {web: {strategy: roling}}\n",
            {"services.web.strategy: unknown strategy \"roling\" (did you mean rolling?)"}},
           {kHead + "services: {web: {image: {app: \"shop:{tag}\"}}}\n",
            {"services.web.image: {tag} has no value (give --tag TAG, or `tag:` beside it)"}},
           {kHead + "services: {web: {image: {app: \"shop:{sha}\"}}}\n",
            {"services.web.image: unknown variable {sha} (only {tag} is known)"}},
           {kHead + "services: {web: {containers: [app]}}\n",
            {"services.web.containers: no tag for container app (give --tag TAG, or `tag:` beside "
             "it)"}},
           {kHead + "services: {web: {tag: \"a b\", containers: [app]}}\n",
            {"services.web.tag: \"a b\" is neither a tag nor a sha256: digest"}},
           {kHead + "services: {web: {after: [wbe]}, wbb: {}}\n",
            {"services: web comes after \"wbe\", which is no service of this file (did you mean "
             "wbb?)"}},
           {kHead + "services: {a: {after: [b]}, b: {after: [a]}}\n",
            {"services: `after` goes round in a circle through a"}},
           {kHead + "services: {a: {max_wait: 5}}\n",
            {"services.a.max_wait: expected a duration such as 90s, 15m or 1h30m, found 5 (write "
             "the unit: 5s or 5m)"}},
           {kHead + "tasks: {before: [{containers: [a], tag: x}]}\n",
            {"tasks.before[0].family: a task needs a family, or a task_definition"}},
           {kHead + "tasks: {before: [{family: f, task_definition: live}]}\n",
            {"tasks.before[0].family: family and task_definition exclude each other",
             "tasks.before[0].task_definition: a task has no revision of its own (name the family: "
             "a bare "
             "family is its newest revision)"}},
           {kHead + "tasks: {before: [{family: f, command: [x]}]}\n",
            {"tasks.before[0].command: `command` needs exactly one container, `containers` and "
             "`image` name 0 "
             "(use overrides.containerOverrides for several)"}},
           {kHead + "tasks: {before: [{family: f}], after: [{family: f}]}\n",
            {"task \"f\" is there twice (give one of them another `name`)"}},
           {kHead + "services: {web: {task_definition: gone.json}}\n",
            {"services.web.task_definition: dir/gone.json: no such file"}},
           {kHead + "services: {web: {task_definition: {family: x}}}\n",
            {"services.web.task_definition: containerDefinitions is missing"}},
       }) {
    SCOPED_TRACE(text);
    const Read read = read_text(text);
    EXPECT_FALSE(read.release);
    EXPECT_EQ(read.messages, wanted);
  }
}

TEST(NativeFile, TakesImagesFromFlags) {
  const std::string text =
      kHead + "services: {web: {containers: [app, log]}, api: {containers: [app]}}\n";
  const Read read =
      read_text(text, {.tag = "2", .images = {{"app", "shop:3"}, {"web/side", "side:1"}}});
  EXPECT_EQ(read.messages, Messages{});
  ASSERT_TRUE(read.release);
  EXPECT_EQ(read.release->services[0].images,
            (std::vector<ImageChange>{
                {"app", NewImage{"shop:3"}}, {"log", NewTag{"2"}}, {"side", NewImage{"side:1"}}}));
  EXPECT_EQ(read.release->services[1].images,
            (std::vector<ImageChange>{{"app", NewImage{"shop:3"}}}));
}

TEST(NativeFile, NeedsNoTagForAContainerWhoseImageIsGiven) {
  const Read read =
      read_text(kHead + "services: {web: {containers: [app]}}\n", {.images = {{"app", "shop:3"}}});
  EXPECT_EQ(read.messages, Messages{});
}

TEST(NativeFile, RefusesFlagsThatNameNothing) {
  const std::string text = kHead + "services: {web: {containers: [app]}}\n";
  EXPECT_EQ(
      read_text(text, {.tag = "2", .images = {{"ap", "shop:3"}}}).messages,
      Messages{"no service or task of the file names a container \"ap\" (did you mean app?)"});
  EXPECT_EQ(read_text(text, {.tag = "a b"}).messages,
            Messages{"\"a b\" is neither a tag nor a sha256: digest"});
}

TEST(NativeFile, ReadsADefinitionAsTheAwsCliPrintsIt) {
  const Read read = read_text(kHead + "services: {web: {task_definition: web.yml}}\n", {},
                              {{"dir/web.yml",
                                "taskDefinition: {family: web, containerDefinitions: []}\n"
                                "tags: [{key: a, value: b}]\n"}});
  ASSERT_TRUE(read.release) << testing::PrintToString(read.messages);
  EXPECT_EQ(std::get<TaskDefinitionDocument>(read.release->services[0].task_definition).document,
            (Json{{"family", "web"},
                  {"containerDefinitions", JsonArray{}},
                  {"tags", {{{"key", "a"}, {"value", "b"}}}}}));
}

TEST(NativeFile, OfTheExamplesIsRead) {
  const std::string text = read_file(SLIPWAY_SOURCE_DIR "/examples/shop/slipway.yml").value();
  const Read read = read_text(text, {.tag = "v2"});
  EXPECT_EQ(read.messages, Messages{});
  ASSERT_TRUE(read.release);
  EXPECT_EQ(read.release->services.size(), 3u);
}

// The example of the manual is the one the parser is tested with.
TEST(NativeFile, OfTheManualIsRead) {
  const std::string page = read_file(SLIPWAY_SOURCE_DIR "/docs/manual/slipway-yml.md").value();
  const std::size_t begin = page.find("```yaml\n") + 8;
  const Read read = read_text(page.substr(begin, page.find("```", begin) - begin), {.tag = "v2"});
  EXPECT_EQ(read.messages, Messages{});
  ASSERT_TRUE(read.release);
  EXPECT_EQ(read.release->services.size(), 3u);
  EXPECT_EQ(read.release->tasks_after[0].name, "warm-up");
  EXPECT_EQ(read.release->schedules.size(), 3u);
  // The page's second example is a part of a file that has a service `worker`.
  const std::size_t second = page.find("```yaml\n", begin) + 8;
  const Read part = read_text(kHead + "services: {worker: {}}\n" +
                              page.substr(second, page.find("```", second) - second));
  EXPECT_EQ(part.messages, Messages{});
  ASSERT_TRUE(part.release);
  EXPECT_EQ(part.release->schedules.at(0).targets.size(), 1u);
}

TEST(NativeFile, MovesSchedulesAsItSays) {
  const Read read = read_text(kHead + R"(
tasks: {before: [{family: migrate}]}
services: {web: {service: shop-web}}
schedules:
  follows: {rule: a, event_bus: default}
  named: {rule: b, event_bus: other, of: web}
  task: {schedule: c, group: jobs, of: migrate}
  own: {schedule: d, image: {app: "report:{tag}"}}
  pinned: {rule: e, task_definition: "report:3"}
notify: {sns: "arn:aws:sns:eu-west-1:111111111111:deploys", on: [failed], required: true}
)",
                              {.tag = "2"});
  EXPECT_EQ(read.messages, Messages{});
  ASSERT_TRUE(read.release);
  const std::vector<ScheduleRelease> wanted = {
      {.name = "follows", .trigger = {.rule = "a"}},
      {.name = "named",
       .trigger = {.rule = "b", .event_bus = "other"},
       .task_definition = FollowItem{.name = "shop-web"}},
      {.name = "task",
       .trigger = {.schedule = "c", .group = "jobs"},
       .task_definition = FollowItem{.name = "migrate", .is_task = true}},
      {.name = "own",
       .trigger = {.schedule = "d"},
       .task_definition = InUse{},
       .images = {{"app", NewImage{"report:2"}}}},
      {.name = "pinned",
       .trigger = {.rule = "e"},
       .task_definition = TaskDefinitionReference{"report:3"}}};
  EXPECT_TRUE(read.release->schedules == wanted);
  EXPECT_EQ(read.release->notify, (Notify{.topic_arn = "arn:aws:sns:eu-west-1:111111111111:deploys",
                                          .started = false,
                                          .succeeded = false,
                                          .failed = true,
                                          .required = true}));
}

TEST(NativeFile, IsHeldAgainstWhatAwsSaysOfTaskDefinitions) {
  const Read read = read_text(kHead + R"(services:
  web:
    task_definition:
      family: web
      cpu: 256
      containerDefinitions: [{name: app, image: "a:1", essentail: true}]
)");
  EXPECT_FALSE(read.release);
  EXPECT_EQ(read.messages,
            (Messages{"services.web.task_definition.cpu: expected text, found 256 (write \"256\")",
                      "warning: services.web.task_definition.containerDefinitions[0].essentail: "
                      "unknown key (did you mean essential?)"}));
}

TEST(Dialects, AreRecognisedByContent) {
  EXPECT_EQ(read_text("version: v1\ncluster: c\n").dialect, "ecs-toolkit");
  EXPECT_EQ(read_text("slipway: 1\ncluster: c\n").dialect, "slipway");
  EXPECT_EQ(read_text("a: 1\n").messages,
            Messages{"cannot tell what kind of file this is (it should be a `slipway: 1` file or a "
                     "file of task classes (`kind: task-classes`) or an ecs-toolkit application "
                     "file (`version: v1`))"});
}

TEST(Only, KeepsTheNamedItemsAndTheirOrder) {
  Release release{
      .tasks_before = {{.name = "migrate"}},
      .services = {{.name = "web"}, {.name = "worker", .after = {"web", "api"}}, {.name = "api"}}};
  Diagnostics diagnostics;
  release.schedules = {{.name = "nightly", .trigger = {.rule = "x"}}};
  const Release kept = only(release, {"worker", "web"}, diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  EXPECT_TRUE(kept.schedules.empty());
  EXPECT_TRUE(kept.tasks_before.empty());
  ASSERT_EQ(kept.services.size(), 2u);
  EXPECT_EQ(kept.services[1].after, std::vector<std::string>{"web"});
  only(release, {"wbe"}, diagnostics);
  ASSERT_EQ(diagnostics.all().size(), 1u);
  EXPECT_EQ(diagnostics.all()[0].message,
            "the file has no service, task or schedule named \"wbe\"");
  EXPECT_EQ(diagnostics.all()[0].suggestion, "did you mean web?");
}

TEST(Only, TakesPatterns) {
  Release release{.services = {{.name = "web-a"}, {.name = "api"}, {.name = "web-b"}}};
  const auto kept = [&](const std::vector<std::string>& names) {
    Diagnostics diagnostics;
    std::string text;
    for (const ServiceRelease& service : only(release, names, diagnostics).services)
      text += service.name + " ";
    for (const Diagnostic& diagnostic : diagnostics.all())
      text += diagnostic.message + " (" + diagnostic.suggestion + ")";
    return text;
  };
  EXPECT_EQ(kept({"web-*"}), "web-a web-b ");
  EXPECT_EQ(kept({"web-?", "api"}), "web-a api web-b ");
  EXPECT_EQ(kept({"job-*"}),
            "the file has no service, task or schedule that matches \"job-*\" "
            "(it has web-a, api, web-b)");
  release.services.clear();
  for (int i = 10; i < 40; ++i) release.services.push_back({.name = "s" + std::to_string(i)});
  EXPECT_THAT(kept({"job-*"}), testing::EndsWith("s28, s29, ... 30 names in all)"));
}

}  // namespace
}  // namespace slipway
