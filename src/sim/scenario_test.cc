#include "sim/scenario.h"

#include "sim/api_test_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::shared_ptr<SourceText> source(std::string text, std::string name = "world.yml") {
  return std::make_shared<SourceText>(SourceText{std::move(name), std::move(text)});
}

std::string problems(std::string text) {
  std::string all;
  const Diagnostics found = check_scenario(source(std::move(text)));
  for (const Diagnostic& d : found.all())
    all += fmt::format("{}:{} {}: {}{}\n", d.span.line, d.span.column, d.path, d.message,
                       d.suggestion.empty() ? "" : " (" + d.suggestion + ")");
  return all;
}

Scenario scenario(std::string text) {
  Diagnostics diagnostics;
  auto read = read_scenario(source(std::move(text)), diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) ADD_FAILURE() << to_string(diagnostic);
  return read.value_or(Scenario{});
}

// The fenced example at the end of the page.
std::string documented_example() {
  const auto page = read_file(SLIPWAY_SOURCE_DIR "/docs/scenario.md");
  EXPECT_TRUE(page) << to_string(page.error());
  const auto begin = page->find("```yaml\n") + 8;
  return page->substr(begin, page->find("\n```", begin) + 1 - begin);
}

Json answer(SimulatedAws& aws, std::string_view operation, std::string body, TimePoint now) {
  const Delivery delivery = aws.handle(json_request(operation, std::move(body)), now);
  EXPECT_EQ(delivery.response.status, 200) << delivery.response.body;
  const auto parsed = parse_json(delivery.response.body);
  return parsed ? *parsed : Json();
}

Json service_of(SimulatedAws& aws, const std::string& cluster, const std::string& name,
                TimePoint now) {
  const Json document =
      answer(aws, "DescribeServices",
             fmt::format(R"({{"cluster":"{}","services":["{}"]}})", cluster, name), now);
  const JsonArray* services = find_array(document, "services");
  return services == nullptr || services->empty() ? Json() : services->front();
}

TEST(ScenarioPage, ShowsACompleteExampleThatWorks) {
  const Diagnostics found = check_scenario(source(documented_example()));
  for (const Diagnostic& diagnostic : found.all()) ADD_FAILURE() << to_string(diagnostic);
}

TEST(ScenarioPage, ExplainsEveryFaultBucketKnobAndBuiltInScenario) {
  const auto page = read_file(SLIPWAY_SOURCE_DIR "/docs/scenario.md");
  ASSERT_TRUE(page);
  for (const FaultName& fault : fault_names())
    EXPECT_THAT(*page, HasSubstr(fmt::format("| `{}` |", fault.name)));
  for (const std::string& bucket : bucket_names())
    EXPECT_THAT(*page, HasSubstr("`" + bucket + "`"));
  for (const DurationKnob& knob : duration_knobs())
    EXPECT_THAT(*page, HasSubstr(fmt::format("`{}` ", knob.name)));
  for (const NamedScenario& built_in : built_in_scenarios())
    EXPECT_THAT(*page, HasSubstr(fmt::format("| `{}` |", built_in.name)));
}

TEST(BuiltInScenarios, ReadWithoutAComplaintAndStartSettled) {
  for (const NamedScenario& built_in : built_in_scenarios()) {
    SCOPED_TRACE(built_in.name);
    Diagnostics diagnostics;
    const auto found = find_scenario(built_in.name, diagnostics);
    ASSERT_TRUE(found);
    ASSERT_TRUE(*found);
    EXPECT_EQ((*found)->name, built_in.name);
    const std::set<std::string_view> others = {"alb", "canary", "codedeploy", "ecs-canary",
                                               "task-sets"};
    const bool is_shop = !others.contains(built_in.name);
    EXPECT_EQ((*found)->auto_create, is_shop);
    auto aws = make_aws(**found, kUsualStart, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.all()) ADD_FAILURE() << to_string(diagnostic);
    ASSERT_NE(aws, nullptr);
    if (!is_shop) continue;
    TimePoint now = kUsualStart;
    for (const auto& [name, tasks] : {std::pair{"web", 4}, {"api", 2}, {"worker", 1}}) {
      SCOPED_TRACE(name);
      const Json service = service_of(*aws, "prod", name, now += 10s);
      EXPECT_EQ(find_int(service, "runningCount"), tasks);
      const JsonArray* deployments = find_array(service, "deployments");
      ASSERT_NE(deployments, nullptr);
      ASSERT_EQ(deployments->size(), 1u);
      EXPECT_EQ(string_or_empty(deployments->front(), "rolloutState"), "COMPLETED");
    }
  }
}

// What the newest deployment of web came to after a release of `tag`.
std::string release_web(SimulatedAws& aws, const std::string& tag) {
  Json definition =
      *find(answer(aws, "DescribeTaskDefinition", R"({"taskDefinition":"shop-web"})", kUsualStart),
            "taskDefinition");
  JsonObject input{{"family", "shop-web"}};
  for (const char* member : {"requiresCompatibilities", "networkMode", "cpu", "memory",
                             "executionRoleArn", "containerDefinitions"})
    input[member] = *find(definition, member);
  input["containerDefinitions"].as_array()[0].as_object()["image"] =
      "registry.example/shop-web:" + tag;
  answer(aws, "RegisterTaskDefinition", to_text(input), kUsualStart);
  answer(aws, "UpdateService", R"({"cluster":"prod","service":"web","taskDefinition":"shop-web"})",
         kUsualStart);
  const Json service = service_of(aws, "prod", "web", kUsualStart + 20min);
  const Json& primary = find_array(service, "deployments")->front();
  const std::string_view arn = string_or_empty(primary, "taskDefinition");
  return fmt::format("{} {}", string_or_empty(primary, "rolloutState"),
                     arn.substr(arn.rfind('/') + 1));
}

TEST(BuiltInScenarios, BringANewImageToTheEndTheyPromise) {
  struct Case {
    const char* name;
    const char* wanted;
  };
  for (const auto& [name, wanted] :
       {Case{"shop", "COMPLETED shop-web:2"}, Case{"image-missing", "COMPLETED shop-web:1"},
        Case{"crash", "COMPLETED shop-web:1"}, Case{"migration-fails", "COMPLETED shop-web:2"}}) {
    SCOPED_TRACE(name);
    Diagnostics diagnostics;
    const auto found = find_scenario(name, diagnostics);
    ASSERT_TRUE(found && *found);
    auto aws = make_aws(**found, kUsualStart, diagnostics);
    ASSERT_NE(aws, nullptr);
    EXPECT_EQ(release_web(*aws, "2.0"), wanted);
  }
}

TEST(Scenario, TellsEveryMistakeWithItsPlace) {
  EXPECT_EQ(problems("scenario: 1\n"
                     "acount: \"111111111111\"\n"
                     "account: 1234\n"
                     "start: yesterday\n"
                     "latency: 20\n"
                     "throttling: {service-modifi: {burst: 1}}\n"
                     "knobs: {t_tik: 5s}\n"
                     "clusters: {prod: {setings: []}}\n"
                     "services:\n"
                     "- serviceName: web\n"
                     "  desiredCount: three\n"
                     "  launchType: FARGAT\n"
                     "faults:\n"
                     "- {fault: thottled, on: UpdateService}\n"
                     "- {fault: slow}\n"
                     "happenings:\n"
                     "- {call: {operation: UpdateServise}}\n"
                     "images: [{pull: gone}]\n"),
            "3:10 account: expected the 12 digits of an account\n"
            "4:8 start: expected a time such as 2026-01-05T09:00:00Z\n"
            "5:10 latency: expected a duration such as 90s, 15m or 1h30m, found 20 (write the "
            "unit: 20s or 20m)\n"
            "7:9 knobs.t_tik: unknown key (did you mean t_tick?)\n"
            "6:14 throttling.service-modifi: unknown key (did you mean service-modify?)\n"
            "8:19 clusters.prod.setings: unknown key (did you mean settings?)\n"
            "11:17 services[0].desiredCount: expected a whole number, found \"three\"\n"
            "12:15 services[0].launchType: \"FARGAT\" is not one of EC2, FARGATE, EXTERNAL, "
            "MANAGED_INSTANCES (did you mean FARGATE?)\n"
            "18:17 images[0].pull: expected ok, not-found, denied, wrong-platform, copy-failed or "
            "timeout, found \"gone\"\n"
            "14:11 faults[0].fault: there is no such fault; there are refused, connect-timeout, "
            "reset, no-answer, html, truncated, slow, slow-bytes, expired-credentials, "
            "clock-skew, throttled, access-denied, server-error, unavailable, error, "
            "partial-failure (did you mean "
            "throttled?)\n"
            "14:25 faults[0].on: expected service and operation, such as ecs:UpdateService\n"
            "15:3 faults[1].delay: required key is missing\n"
            "17:3 happenings[0].at: expected either at or deployment_of\n"
            "17:22 happenings[0].call.operation: ecs:UpdateServise is not simulated\n"
            "2:1 acount: unknown key (did you mean about?)\n");
}

TEST(Scenario, SaysWhatAwsWouldRefuseAndWhere) {
  EXPECT_EQ(problems("scenario: 1\n"
                     "clusters: {prod: {}}\n"
                     "services:\n"
                     "- {serviceName: web, cluster: prod, taskDefinition: web, desiredCount: 1}\n"),
            "4:3 services[0]: CreateService refuses this: ClientException: TaskDefinition not "
            "found.\n");
}

TEST(Scenario, MustSayItsVersion) {
  EXPECT_THAT(problems("clusters: {}\n"), HasSubstr("scenario"));
  EXPECT_THAT(problems("scenario: 2\n"), HasSubstr("scenario"));
  EXPECT_NE(problems("- 1\n"), "");
  EXPECT_NE(problems(""), "");
}

TEST(Scenario, DerivesThePartitionFromTheRegion) {
  EXPECT_EQ(scenario("scenario: 1\nregion: cn-north-1\n").world.partition, "aws-cn");
  EXPECT_EQ(scenario("scenario: 1\nregion: eu-west-1\n").world.partition, "aws");
}

TEST(Scenario, IsLookedForAmongTheBuiltInOnesAndThenOnDisk) {
  Diagnostics diagnostics;
  const auto missing = find_scenario("/no/such/file.yml", diagnostics);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(to_string(missing.error()), HasSubstr("built in: shop, image-missing"));
}

TEST(Scenario, LetsOthersActAtTheirTime) {
  Diagnostics diagnostics;
  Scenario with_visitor =
      scenario(built_in_scenario_text("shop") +
               "happenings:\n"
               "- {at: 30s, call: {operation: UpdateService, input: {cluster: prod, service: api, "
               "forceNewDeployment: true}}}\n");
  auto aws = make_aws(with_visitor, kUsualStart, diagnostics);
  ASSERT_NE(aws, nullptr);
  EXPECT_EQ(find_array(service_of(*aws, "prod", "api", kUsualStart + 29s), "deployments")->size(),
            1u);
  EXPECT_EQ(find_array(service_of(*aws, "prod", "api", kUsualStart + 31s), "deployments")->size(),
            2u);
}

TEST(Scenario, CanBeMadeToCheckSignatures) {
  Diagnostics diagnostics;
  Scenario checked = scenario(built_in_scenario_text("shop"));
  require_signatures(checked, "AKIAMINE", "topsecret");
  auto aws = make_aws(checked, kUsualStart, diagnostics);
  ASSERT_NE(aws, nullptr);
  const auto list = [&](const aws::Credentials& credentials) {
    HttpRequest request = json_request("ListClusters", "{}");
    request.headers.pop_back();
    aws::SigningKeys keys;
    aws::sign(request, credentials, {"eu-west-1", "ecs"}, kUsualStart, keys);
    return aws->handle(request, kUsualStart).response.status;
  };
  EXPECT_EQ(credentials_for(*aws).access_key_id, "AKIAMINE");
  EXPECT_EQ(list(credentials_for(*aws)), 200);
  EXPECT_EQ(list({.access_key_id = "AKIAMINE", .secret_access_key = Secret("guess")}), 400);
}

TEST(Scenario, HasCredentialsForAClientThatWasGivenNone) {
  auto aws = shop_with("");
  EXPECT_FALSE(credentials_for(*aws).access_key_id.empty());
  EXPECT_FALSE(credentials_for(*aws).secret_access_key.empty());
}

TEST(AddMissing, MakesWhatAReleaseNamesAndLeavesWhatIsThere) {
  Diagnostics diagnostics;
  Scenario world = scenario(built_in_scenario_text("shop"));
  add_missing(world, {.cluster = "arn:aws:ecs:eu-west-1:111111111111:cluster/mine",
                      .services = {{.name = "front", .containers = {"nginx", "php"}},
                                   {.name = "back", .family = "back-end"}},
                      .tasks = {{.family = "seed:3", .containers = {"app"}}}});
  add_missing(world, {.cluster = "prod", .services = {{.name = "web"}}});
  auto aws = make_aws(world, kUsualStart, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) ADD_FAILURE() << to_string(diagnostic);
  ASSERT_NE(aws, nullptr);
  const Json front = service_of(*aws, "mine", "front", kUsualStart);
  EXPECT_EQ(find_int(front, "runningCount"), 2);
  EXPECT_EQ(string_or_empty(find_array(front, "deployments")->front(), "rolloutState"),
            "COMPLETED");
  EXPECT_THAT(
      std::string(string_or_empty(service_of(*aws, "mine", "back", kUsualStart), "taskDefinition")),
      HasSubstr("task-definition/back-end:1"));
  const Json definition =
      answer(*aws, "DescribeTaskDefinition", R"({"taskDefinition":"front"})", kUsualStart);
  EXPECT_EQ(find_array(*find(definition, "taskDefinition"), "containerDefinitions")->size(), 2u);
  answer(*aws, "DescribeTaskDefinition", R"({"taskDefinition":"seed"})", kUsualStart);
  EXPECT_EQ(find_int(service_of(*aws, "prod", "web", kUsualStart), "desiredCount"), 4);
}

Json ask(SimulatedAws& aws, std::string_view service, std::string_view operation,
         std::string_view input) {
  const Reply reply = aws.world().call({}, service, operation, parse_json(input).value());
  EXPECT_TRUE(reply) << reply.error().message;
  return reply ? reply->parse() : Json(JsonObject());
}

// Where the release has the whole task definition, what ran before ran in the same place.
TEST(AddMissing, PutsServicesWhereTheirTaskDefinitionWantsToRun) {
  struct Case {
    std::string_view definition, launch_type, network_mode;
  };
  for (const auto& [definition, launch_type, network_mode] : {
           Case{"null", "FARGATE", "awsvpc"},
           Case{R"({"requiresCompatibilities":["EC2","FARGATE"],"networkMode":"awsvpc"})",
                "FARGATE", "awsvpc"},
           Case{R"({"networkMode":"awsvpc","cpu":"256","memory":"512"})", "FARGATE", "awsvpc"},
           Case{R"({"networkMode":"awsvpc"})", "EC2", "awsvpc"},
           Case{R"({"networkMode":"host","cpu":"256","memory":"512"})", "EC2", "host"},
           Case{R"({"requiresCompatibilities":["EC2"]})", "EC2", ""},
           Case{R"({"containerDefinitions":[{"name":"app","image":"r:5000/shop:{tag}"}]})", "EC2",
                ""},
       }) {
    SCOPED_TRACE(definition);
    Diagnostics diagnostics;
    Scenario world;
    add_missing(world, {.cluster = "mine",
                        .services = {{.name = "web",
                                      .containers = {"app", "log"},
                                      .definition = parse_json(definition).value()}},
                        .tasks = {},
                        .rules = {{.name = "nightly", .group = "", .family = "web"}},
                        .schedules = {},
                        .topics = {}});
    auto aws = make_aws(world, kUsualStart, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.all()) ADD_FAILURE() << to_string(diagnostic);
    ASSERT_NE(aws, nullptr);
    const Json service = service_of(*aws, "mine", "web", kUsualStart);
    EXPECT_EQ(find_int(service, "runningCount"), 2);
    EXPECT_EQ(string_or_empty(service, "launchType"), launch_type);
    const Json described =
        answer(*aws, "DescribeTaskDefinition", R"({"taskDefinition":"web"})", kUsualStart);
    EXPECT_EQ(string_or_empty(described.at("taskDefinition"), "networkMode"), network_mode);
    const bool has_repository = definition.find("shop") != std::string_view::npos;
    EXPECT_EQ(
        string_or_empty(described.at("taskDefinition").at("containerDefinitions").at(0), "image"),
        has_repository ? "r:5000/shop:1.0" : "registry.example/web/app:1.0");
    // The rule's task starts there too.
    aws->world().advance(kUsualStart + 24h);
    EXPECT_EQ(find_array(ask(*aws, "ecs", "ListTasks", R"({"cluster":"mine","family":"web"})"),
                         "taskArns")
                  ->size(),
              3u);
  }
}

TEST(AddMissing, MakesEachClusterThatIsNamed) {
  Diagnostics diagnostics;
  Scenario world;
  add_missing(world, {.cluster = "",
                      .services = {{.name = "web", .cluster = "one"}, {.name = "web"}},
                      .tasks = {{.family = "seed", .containers = {"a", "b"}, .cluster = "two"}},
                      .rules = {},
                      .schedules = {},
                      .topics = {}});
  auto aws = make_aws(world, kUsualStart, diagnostics);
  ASSERT_NE(aws, nullptr);
  for (const char* cluster : {"one", "default"})
    EXPECT_EQ(find_int(service_of(*aws, cluster, "web", kUsualStart), "runningCount"), 2);
  // All containers of a one-off task end well, on Fargate's capacity providers too.
  ask(*aws, "ecs", "RunTask",
      R"({"cluster":"two","taskDefinition":"seed","capacityProviderStrategy":[{"capacityProvider":)"
      R"("FARGATE_SPOT","weight":1}],"networkConfiguration":{"awsvpcConfiguration":{"subnets":["s-1"]}}})");
  aws->world().advance(kUsualStart + 10min);
  const Json tasks =
      ask(*aws, "ecs", "ListTasks", R"({"cluster":"two","desiredStatus":"STOPPED"})");
  const Json task =
      ask(*aws, "ecs", "DescribeTasks",
          fmt::format(R"({{"cluster":"two","tasks":[{}]}})", to_text(tasks.at("taskArns").at(0))))
          .at("tasks")
          .at(0);
  for (const Json& container : task.at("containers").as_array())
    EXPECT_EQ(find_int(container, "exitCode"), 0) << to_text(container);
}

TEST(AutoCreate, AddsTheRulesSchedulesAndTopicsThatAReleaseNames) {
  Scenario world;
  Diagnostics diagnostics;
  add_missing(world, {.cluster = "mine",
                      .services = {},
                      .tasks = {},
                      .rules = {{.name = "nightly", .group = "", .family = "report"},
                                {.name = "on-order", .group = "orders", .family = "report"}},
                      .schedules = {{.name = "cleanup", .group = "shop", .family = "report"}},
                      .topics = {"arn:aws:sns:eu-west-1:123456789012:deploys",
                                 "arn:aws:sns:us-east-1:123456789012:audit",
                                 "arn:aws:sns:eu-west-1:999999999999:theirs"}});
  auto aws = make_aws(world, kUsualStart, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) ADD_FAILURE() << to_string(diagnostic);
  ASSERT_NE(aws, nullptr);
  const Json targets = ask(*aws, "events", "ListTargetsByRule", R"({"Rule":"nightly"})");
  const Json& target = targets.at("Targets").at(0);
  EXPECT_EQ(string_or_empty(target, "Arn"), "arn:aws:ecs:eu-west-1:123456789012:cluster/mine");
  EXPECT_EQ(string_or_empty(target.at("EcsParameters"), "TaskDefinitionArn"),
            "arn:aws:ecs:eu-west-1:123456789012:task-definition/report:1");
  EXPECT_EQ(find_array(ask(*aws, "events", "ListTargetsByRule",
                           R"({"Rule":"on-order","EventBusName":"orders"})"),
                       "Targets")
                ->size(),
            1u);
  ask(*aws, "scheduler", "GetSchedule", R"({"GroupName":"shop","Name":"cleanup"})");
  EXPECT_EQ(to_text(ask(*aws, "sns", "ListTopics", "{}").at("Topics")),
            R"([{"TopicArn":"arn:aws:sns:eu-west-1:123456789012:deploys"}])");
  EXPECT_TRUE(aws->world().call(
      {.region = "us-east-1"}, "sns", "Publish",
      JsonObject{{"TopicArn", "arn:aws:sns:us-east-1:123456789012:audit"}, {"Message", "m"}}));
  // They run at their time.
  aws->world().advance(kUsualStart + 24h);
  const Json tasks = ask(*aws, "ecs", "ListTasks", R"({"cluster":"mine"})");
  EXPECT_EQ(find_array(tasks, "taskArns")->size(), 2u);
}

// The families of services and of one-off tasks may be the same.
TEST(AutoCreate, LetsOneOffTasksEndThatAServiceWouldKeepRunning) {
  Scenario world;
  Diagnostics diagnostics;
  add_missing(world, {.cluster = "mine",
                      .services = {{.name = "web", .family = "web", .containers = {"app"}}},
                      .tasks = {{.family = "web", .containers = {"app"}}},
                      .rules = {},
                      .schedules = {},
                      .topics = {}});
  auto aws = make_aws(world, kUsualStart, diagnostics);
  ASSERT_NE(aws, nullptr);
  // On EC2, for which the cluster gets instances.
  ask(*aws, "ecs", "RegisterTaskDefinition",
      R"({"family":"web","containerDefinitions":[{"name":"app","image":"web:2","memory":64}]})");
  const Json started =
      ask(*aws, "ecs", "RunTask", R"({"cluster":"mine","taskDefinition":"web:2"})");
  EXPECT_EQ(find_array(started, "failures")->size(), 0u);
  aws->world().advance(kUsualStart + 10min);
  EXPECT_EQ(
      find_array(ask(*aws, "ecs", "ListTasks", R"({"cluster":"mine","desiredStatus":"STOPPED"})"),
                 "taskArns")
          ->size(),
      1u);
  EXPECT_EQ(find_array(ask(*aws, "ecs", "ListTasks", R"({"cluster":"mine","serviceName":"web"})"),
                       "taskArns")
                ->size(),
            2u);
}

TEST(Scenario, MakesRulesSchedulesTopicsAndLogGroups) {
  const auto shop = shop_with(R"(
knobs: {targets_per_rule: 12}
log_groups: [/shop/web]
topics: [{Name: deploys}, {Name: audit, region: us-east-1}]
rules:
- Name: daily
  ScheduleExpression: rate(1 day)
  Targets: [{Id: a, Arn: "arn:q"}, {Id: b, Arn: "arn:q"}, {Id: c, Arn: "arn:q"}, {Id: d, Arn: "arn:q"},
            {Id: e, Arn: "arn:q"}, {Id: f, Arn: "arn:q"}, {Id: g, Arn: "arn:q"}, {Id: h, Arn: "arn:q"},
            {Id: i, Arn: "arn:q"}, {Id: j, Arn: "arn:q"}, {Id: k, Arn: "arn:q"}]
schedules:
- {Name: one, GroupName: shop, ScheduleExpression: rate(1 day), FlexibleTimeWindow: {Mode: "OFF"},
   Target: {Arn: "arn:q", RoleArn: "arn:r"}}
- {Name: two, GroupName: shop, ScheduleExpression: rate(1 day), FlexibleTimeWindow: {Mode: "OFF"},
   Target: {Arn: "arn:q", RoleArn: "arn:r"}}
calls:
- {operation: "events:DisableRule", input: {Name: daily}}
)");
  ASSERT_NE(shop, nullptr);
  EXPECT_EQ(string_or_empty(ask(*shop, "events", "DescribeRule", R"({"Name":"daily"})"), "State"),
            "DISABLED");
  EXPECT_EQ(ask(*shop, "events", "ListTargetsByRule", R"({"Rule":"daily"})")
                .at("Targets")
                .as_array()
                .size(),
            11u);
  EXPECT_EQ(ask(*shop, "scheduler", "ListSchedules", R"({"GroupName":"shop"})")
                .at("Schedules")
                .as_array()
                .size(),
            2u);
  EXPECT_EQ(ask(*shop, "sns", "ListTopics", "{}").at("Topics").as_array().size(), 1u);
  EXPECT_EQ(ask(*shop, "logs", "DescribeLogGroups", "{}").at("logGroups").as_array().size(), 1u);
}

TEST(Scenario, SaysWhatIsWrongWithThem) {
  struct Case {
    std::string_view text;
    std::string_view wanted;
  };
  for (const auto& [text, wanted] :
       {Case{"rules: [{Name: a, ScheduleExpression: sometimes}]",
             "rules[0]: PutRule refuses this: ValidationException: Parameter ScheduleExpression is "
             "not valid."},
        Case{"rules: [{Name: a, ScheduleExpression: rate(1 day), Targets: [{Id: a}]}]",
             "rules[0].Targets[0]: Arn is missing"},
        Case{"rules: [{Name: a, Targets: all}]", "rules[0].Targets: expected a list of targets"},
        Case{"schedules: [{Name: a}]", "schedules[0]: FlexibleTimeWindow is missing"},
        Case{"log_groups: {a: b}", "log_groups: expected a list of names"},
        Case{"calls: [{operation: \"events:CreateArchive\"}]",
             "calls[0].operation: events:CreateArchive is not simulated"},
        Case{"calls: [{operation: \"events:PutEvents\"}]", "calls[0].input: Entries is missing"},
        Case{"faults: [{fault: partial-failure, on: \"ecs:RunTask\"}]",
             "faults[0].on: expected events:PutTargets or events:RemoveTargets"},
        Case{"images: [{output: [{after: 1s}]}]",
             "images[0].output[0].line: required key is missing"}}) {
    EXPECT_THAT(problems(fmt::format("scenario: 1\n{}\n", text)), HasSubstr(wanted)) << text;
  }
}

}  // namespace
}  // namespace slipway::sim
