// The 36 acceptance items of the application rollout, by number: the ecs-toolkit personality run as
// its users type it, on a simulated AWS, under exactly the policy its original documents.
#include "cli/scenario_for_test.h"
#include "cli/session.h"
#include "cli/world_for_test.h"

#include <algorithm>
#include <csignal>
#include <set>

namespace slipway::cli {
namespace {

// The original's IAM section: nothing that lists, nothing about service deployments.
const std::string kIdentity = user_with(R"(        - Effect: Allow
          Action: [ecs:DescribeServices, ecs:UpdateService, ecs:RunTask, ecs:DescribeTasks]
          Resource: "*"
          Condition: {ArnEquals: {"ecs:cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/example"}}
        - Effect: Allow
          Action: [ecs:RegisterTaskDefinition, ecs:DescribeTaskDefinition, ecs:TagResource]
          Resource: "*"
        - Effect: Allow
          Action: iam:PassRole
          Resource: "*"
          Condition: {StringEquals: {"iam:PassedToService": ecs-tasks.amazonaws.com}}
)");

const std::string kWorld = R"(
clusters: {example: {}}
task_definitions:
- &web
  family: web
)" + kOnFargate +
                           R"(  containerDefinitions:
  - {name: app, image: "registry.example/web:1", portMappings: [{containerPort: 80}]}
  - {name: log, image: "registry.example/log:7", essential: false}
- <<: *web
  family: api
  containerDefinitions: [{name: app, image: "registry.example/api:1"}]
- <<: *web
  family: migrate
  containerDefinitions: [{name: app, image: "registry.example/migrate:1"}]
- <<: *web
  family: sync
  containerDefinitions: [{name: app, image: "registry.example/sync:1"}]
services:
- &web-service
  serviceName: app-web
  cluster: example
  taskDefinition: web
  desiredCount: 2
  launchType: FARGATE
  deploymentConfiguration:
    deploymentCircuitBreaker: {enable: true, rollback: true}
  networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1], securityGroups: [sg-1]}}
- <<: *web-service
  serviceName: app-api
  taskDefinition: api
)";

constexpr const char* kTasksEndWell = R"(
images:
- {task_definition: migrate, run_for: 20s, exit_code: 0}
- {task_definition: sync, run_for: 5s, exit_code: 0}
)";

std::string task(const std::string& family, int count = 1) {
  return "    - family: " + family + "\n      count: " + std::to_string(count) +
         "\n      containers: [app]\n      launch_type: fargate\n      network_configuration:\n"
         "        vpc_configuration: {assign_public_ip: false, security_groups: [sg-1], subnets: "
         "[subnet-1]}\n";
}

std::string service(const std::string& name, const std::string& more = "") {
  return "  - name: " + name + "\n    containers: [app]\n" + more;
}

const std::string kHead = "version: v1\ncluster: example\n";

class EcsToolkitAcceptance : public testing::Test {
 protected:
  // The world of a test: scenario parts after the usual ones.
  void world(const std::string& more = kTasksEndWell, const std::string& base = kWorld) {
    line.file("world.yml", "scenario: 1\n" + kIdentity + base + more);
  }
  void application(const std::string& text) { line.file(".ecs-toolkit.yml", text); }
  int deploy(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"deploy", "--sim=world.yml"};
    if (std::ranges::find(more, "-t") == more.end()) arguments.insert(arguments.end(), {"-t", "2"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return line.run(arguments, "ecs-toolkit");
  }
  std::size_t calls(const std::string& operation) { return line.inputs_of(operation).size(); }
  std::string text_of(const Json& json) { return to_text(json); }

  CommandLine line;
};

TEST_F(EcsToolkitAcceptance, Item01_HelpNeedsNoFile) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {"--help"},
                                                    {"help"},
                                                    {"help", "deploy"},
                                                    {"deploy", "--help"},
                                                    {"-h"}}) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    EXPECT_EQ(line.run(arguments, "ecs-toolkit"), 0);
    EXPECT_NE(line.out.find("Usage:"), std::string::npos);
    EXPECT_EQ(line.err, "");
  }
}

TEST_F(EcsToolkitAcceptance, HelpIsThatOfTheCommand) {
  struct Case {
    std::string command, wanted;
  };
  for (const auto& [command, wanted] : {Case{"deploy", "ecs-toolkit deploy -t TAG [flags]"},
                                        Case{"version", "ecs-toolkit version [flags]"},
                                        Case{"completion", "completion bash|zsh|fish|powershell"},
                                        Case{"help", "ecs-toolkit [command]"}}) {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{command, "-h"}, {"help", command}, {"--help", command}}) {
      SCOPED_TRACE(testing::PrintToString(arguments));
      EXPECT_EQ(line.run(arguments, "ecs-toolkit"), 0);
      EXPECT_NE(line.out.find(wanted), std::string::npos) << line.out;
    }
  }
  EXPECT_EQ(line.run({"help", "nothing"}, "ecs-toolkit"), 1);
  EXPECT_EQ(line.err, "Error: unknown help topic \"nothing\"\n");
}

TEST_F(EcsToolkitAcceptance, Item02_VersionNeedsNoFile) {
  EXPECT_EQ(line.run({"version"}, "ecs-toolkit"), 0);
  EXPECT_EQ(std::ranges::count(line.out, '\n'), 4);
  EXPECT_EQ(line.run({"ecs-toolkit", "version", "--short"}), 0);
  EXPECT_EQ(std::ranges::count(line.out, '\n'), 1);
}

TEST_F(EcsToolkitAcceptance, Item03_DeployNeedsATag) {
  application(kHead);
  EXPECT_EQ(line.run({"deploy"}, "ecs-toolkit"), 1);
  EXPECT_NE(line.err.find("image-tag"), std::string::npos) << line.err;
  EXPECT_EQ(line.run({"deploy", "-t", ""}, "ecs-toolkit"), 1);
  EXPECT_NE(line.err.find("image-tag"), std::string::npos) << line.err;
  EXPECT_TRUE(line.calls.empty());
}

TEST_F(EcsToolkitAcceptance, Item04_ABadLogLevelIsToldBeforeTheFileIsRead) {
  EXPECT_EQ(line.run({"deploy", "-t", "2", "--log-level", "loud"}, "ecs-toolkit"), 1);
  EXPECT_NE(line.err.find("log-level"), std::string::npos);
  EXPECT_EQ(line.err.find(".ecs-toolkit.yml"), std::string::npos);
  // It is a flag of every command.
  EXPECT_EQ(line.run({"-l", "loud", "version"}, "ecs-toolkit"), 1);
  EXPECT_NE(line.err.find("log-level"), std::string::npos);
  EXPECT_EQ(line.out, "");
}

TEST_F(EcsToolkitAcceptance, Item05_ABadFileIsToldWithThePathOfTheKeyAndNoCallIsMade) {
  struct Case {
    std::string text, wanted;
  };
  world();
  EXPECT_EQ(deploy(), 1);  // no file at all
  EXPECT_NE(line.err.find(".ecs-toolkit.yml"), std::string::npos);
  for (const auto& [text, wanted] :
       std::vector<Case>{{"version: [\n", "level=fatal"},
                         {"version: v2\ncluster: c\n", "version: expected v1"},
                         {"version: v1\n", "cluster: required key is missing"}}) {
    SCOPED_TRACE(text);
    application(text);
    EXPECT_EQ(deploy(), 1);
    EXPECT_NE(line.err.find(wanted), std::string::npos) << line.err;
    EXPECT_EQ(line.lines_with("level=fatal"), 1);
    EXPECT_TRUE(line.calls.empty());
  }
}

TEST_F(EcsToolkitAcceptance, Item06_ThreeViolationsAreThreeErrorsAndOneFatalLine) {
  world();
  application("version: v1\ncluster: example\nservices:\n  - containers: []\n    max_wait: 1\n");
  EXPECT_EQ(deploy(), 1);
  EXPECT_EQ(line.lines_with("level=error"), 3) << line.err;
  EXPECT_EQ(line.lines_with("level=fatal"), 1) << line.err;
  EXPECT_NE(line.err.find("services[0].max_wait"), std::string::npos);
}

TEST_F(EcsToolkitAcceptance, Item07_EachLimitOfTheFileIsKept) {
  world();
  const auto many = [](const std::string& name, int count) {
    std::string list = "[";
    for (int i = 0; i < count; ++i) list += (i > 0 ? ", " : "") + name + std::to_string(i);
    return list + "]";
  };
  const std::string pre = kHead + "tasks:\n  pre:\n    - family: f\n      containers: [a]\n";
  const std::string vpc =
      pre + "      count: 1\n      network_configuration:\n        vpc_configuration:\n";
  std::string seven = pre + "      count: 1\n      capacity_provider_strategies:\n";
  for (int i = 0; i < 7; ++i)
    seven += "        - {capacity_provider: p" + std::to_string(i) + "}\n";
  for (const std::string& text :
       {pre + "      count: 0\n", pre + "      count: 11\n",
        pre + "      count: 1\n      launch_type: EC2\n",
        kHead + "services:\n" + service("app-web", "    max_wait: 4\n"), seven,
        vpc + "          subnets: [s]\n          security_groups: " + many("sg", 6) + "\n",
        vpc + "          subnets: " + many("s", 17) + "\n",
        kHead + "services:\n  - name: app-web\n    containers: []\n"}) {
    SCOPED_TRACE(text);
    application(text);
    EXPECT_EQ(deploy(), 1);
    EXPECT_EQ(line.lines_with("level=error"), 1) << line.err;
    EXPECT_TRUE(line.calls.empty());
  }
}

TEST_F(EcsToolkitAcceptance, Item08_NoPublicIpIsSentAsDisabled) {
  world();
  application(kHead + "tasks:\n  pre:\n" + task("migrate"));
  EXPECT_EQ(deploy(), 0) << line.err;
  ASSERT_EQ(calls("RunTask"), 1u);
  EXPECT_EQ(text_of(line.inputs_of("RunTask")[0]
                        .at("networkConfiguration")
                        .at("awsvpcConfiguration")
                        .at("assignPublicIp")),
            "\"DISABLED\"");
}

TEST_F(EcsToolkitAcceptance, Item09_LenientScalarsAreAccepted) {
  world();
  application(kHead +
              "services:\n  - name: app-web\n    containers: \"app,log\"\n    max_wait: \"6\"\n");
  EXPECT_EQ(deploy(), 0) << line.err;
  const Json containers = line.inputs_of("RegisterTaskDefinition").at(0).at("containerDefinitions");
  EXPECT_EQ(containers.at(0).at("image"), "registry.example/web:2");
  EXPECT_EQ(containers.at(1).at("image"), "registry.example/log:2");
}

TEST_F(EcsToolkitAcceptance, Item10_AnEmptyApplicationIsThreeWarnings) {
  application(kHead);
  EXPECT_EQ(line.run({"deploy", "-t", "2"}, "ecs-toolkit"), 0);
  EXPECT_EQ(line.lines_with("level=warning"), 3) << line.err;
  EXPECT_TRUE(line.calls.empty());
}

TEST_F(EcsToolkitAcceptance, Item11_OneRegistrationPerItemWithOnlyTheListedImagesChanged) {
  world();
  application(kHead + "services:\n" + service("app-web") + service("app-api"));
  EXPECT_EQ(deploy(), 0) << line.err;
  const std::vector<Json> registered = line.inputs_of("RegisterTaskDefinition");
  ASSERT_EQ(registered.size(), 2u);
  for (const Json& document : registered) {
    for (const char* member :
         {"taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities",
          "registeredAt", "registeredBy", "deregisteredAt", "deleteRequestedAt"})
      EXPECT_EQ(find(document, member), nullptr) << member;
    if (document.at("family") == "web") {
      EXPECT_EQ(document.at("containerDefinitions").at(0).at("image"), "registry.example/web:2");
      EXPECT_EQ(document.at("containerDefinitions").at(1).at("image"), "registry.example/log:7");
    }
  }
}

TEST_F(EcsToolkitAcceptance, Item12_MembersNobodyKnowsAndTagsSurvive) {
  world(kTasksEndWell, R"(
clusters: {example: {}}
task_definitions:
- family: web
  requiresCompatibilities: [EC2]
  enableFaultInjection: true
  tags: [{key: team, value: shop}]
  containerDefinitions:
  - name: app
    image: "registry.example/web:1"
    memory: 64
    restartPolicy: {enabled: true}
    versionConsistency: disabled
    portMappings: [{containerPort: 80, name: http, appProtocol: http}]
services:
- {serviceName: app-web, cluster: example, taskDefinition: web, desiredCount: 0}
)");
  application(kHead + "services:\n" + service("app-web"));
  EXPECT_EQ(deploy(), 0) << line.err;
  const Json document = line.inputs_of("RegisterTaskDefinition").at(0);
  EXPECT_EQ(document.at("enableFaultInjection"), true);
  EXPECT_EQ(document.at("tags").at(0).at("key"), "team");
  const Json app = document.at("containerDefinitions").at(0);
  EXPECT_EQ(app.at("restartPolicy").at("enabled"), true);
  EXPECT_EQ(app.at("versionConsistency"), "disabled");
  EXPECT_EQ(app.at("portMappings").at(0).at("name"), "http");
  EXPECT_EQ(app.at("portMappings").at(0).at("appProtocol"), "http");
}

TEST_F(EcsToolkitAcceptance, Item13_NoTagsNoTagsMember) {
  world();
  application(kHead + "services:\n" + service("app-web"));
  EXPECT_EQ(deploy(), 0);
  EXPECT_EQ(find(line.inputs_of("RegisterTaskDefinition").at(0), "tags"), nullptr);
}

// Every row of the table is in model/image_test.cc; here one that the original got wrong, end to
// end.
TEST_F(EcsToolkitAcceptance, Item14_ThePortOfARegistryIsNotATag) {
  world(kTasksEndWell, R"(
clusters: {example: {}}
task_definitions:
- {family: web, containerDefinitions: [{name: app, image: "registry1.example:5001/app1", memory: 64}]}
services:
- {serviceName: app-web, cluster: example, taskDefinition: web, desiredCount: 0}
)");
  application(kHead + "services:\n" + service("app-web"));
  EXPECT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(
      line.inputs_of("RegisterTaskDefinition").at(0).at("containerDefinitions").at(0).at("image"),
      "registry1.example:5001/app1:2");
}

TEST_F(EcsToolkitAcceptance, Item15_AnUnchangedTagRegistersNothingAndRunsTheFamilyOfTheFile) {
  world();
  application(kHead + "tasks:\n  pre:\n" + task("migrate"));
  EXPECT_EQ(deploy({"-t", "1"}), 0) << line.err;
  EXPECT_EQ(calls("RegisterTaskDefinition"), 0u);
  EXPECT_EQ(line.inputs_of("RunTask").at(0).at("taskDefinition"), "migrate");
}

TEST_F(EcsToolkitAcceptance, Item16_RunTaskSaysWhatTheFileSays) {
  world();
  application(kHead + "tasks:\n  pre:\n" + task("migrate", 2));
  EXPECT_EQ(deploy(), 0) << line.err;
  const Json run = line.inputs_of("RunTask").at(0);
  EXPECT_EQ(run.at("enableECSManagedTags"), true);
  EXPECT_EQ(run.at("propagateTags"), "TASK_DEFINITION");
  EXPECT_EQ(run.at("count"), 2);
  EXPECT_EQ(run.at("launchType"), "FARGATE");
  EXPECT_EQ(
      text_of(run.at("networkConfiguration")),
      R"({"awsvpcConfiguration":{"subnets":["subnet-1"],"securityGroups":["sg-1"],"assignPublicIp":"DISABLED"}})");
  EXPECT_NE(find(run, "clientToken"), nullptr);
  EXPECT_EQ(find(run, "overrides"), nullptr);
}

TEST_F(EcsToolkitAcceptance, Item17_TwoStrategiesKeepTheirOwnProviders) {
  world(std::string(kTasksEndWell) +
        "calls:\n- operation: PutClusterCapacityProviders\n  input: {cluster: example, "
        "capacityProviders: "
        "[FARGATE, FARGATE_SPOT], defaultCapacityProviderStrategy: []}\n");
  std::string text = task("migrate", 4);
  const std::string launch = "      launch_type: fargate\n";
  text.replace(text.find(launch), launch.size(),
               "      capacity_provider_strategies:\n"
               "        - {capacity_provider: FARGATE, base: 1, weight: 1}\n"
               "        - {capacity_provider: FARGATE_SPOT, weight: 3}\n");
  application(kHead + "tasks:\n  pre:\n" + text);
  EXPECT_EQ(deploy(), 0) << line.err;
  const Json strategy = line.inputs_of("RunTask").at(0).at("capacityProviderStrategy");
  EXPECT_EQ(strategy.at(0), (Json{{"capacityProvider", "FARGATE"}, {"base", 1}, {"weight", 1}}));
  EXPECT_EQ(strategy.at(1).at("capacityProvider"), "FARGATE_SPOT");
  EXPECT_EQ(strategy.at(1).at("weight"), 3);
}

TEST_F(EcsToolkitAcceptance, Item18_ItemsOfAStageRunAtOnceAndAreLookedAtTogether) {
  world();
  application(kHead + "tasks:\n  pre:\n" + task("migrate", 2) + task("sync", 2));
  EXPECT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(calls("RunTask"), 2u);
  const auto first_look = std::ranges::find(line.calls, "DescribeTasks", &SentCall::operation);
  EXPECT_EQ(std::count_if(line.calls.begin(), first_look,
                          [](const SentCall& call) { return call.operation == "RunTask"; }),
            2);
  std::size_t most = 0;
  for (const Json& look : line.inputs_of("DescribeTasks"))
    most = std::max(most, look.at("tasks").as_array().size());
  EXPECT_EQ(most, 4u);  // one call for all of them
}

TEST_F(EcsToolkitAcceptance, Item19_AnExitCodeOfOneEndsTheRun) {
  world("images: [{task_definition: migrate, run_for: 5s, exit_code: 1}]\n");
  application(kHead + "tasks:\n  pre:\n" + task("migrate") + "services:\n" + service("app-web"));
  EXPECT_EQ(deploy(), 1);
  EXPECT_EQ(line.lines_with("total: 1, successful: 0, skipped: 0, failed: 1"), 1) << line.err;
  EXPECT_EQ(calls("UpdateService"), 0u);
}

TEST_F(EcsToolkitAcceptance, Item20_ATaskThatNeverStartedIsAFailure) {
  world("images: [{task_definition: migrate, pull: not-found}]\n");
  application(kHead + "tasks:\n  pre:\n" + task("migrate"));
  EXPECT_EQ(deploy(), 1);
  EXPECT_NE(line.err.find("CannotPullContainerError"), std::string::npos) << line.err;
}

TEST_F(EcsToolkitAcceptance, Item21_FailuresOfRunTaskAreFailures) {
  world(std::string(kTasksEndWell) + "capacity: {FARGATE: 5}\n");
  application(kHead + "tasks:\n  pre:\n" + task("migrate", 4));
  EXPECT_EQ(deploy(), 1);
  EXPECT_GE(line.lines_with("a task did not start"), 1) << line.err;
  EXPECT_EQ(line.lines_with("failed: 1"), 1);
}

TEST_F(EcsToolkitAcceptance, Item22_ATaskThatIsNotVisibleYetIsNotFinished) {
  world(std::string(kTasksEndWell) + "knobs: {consistency_lag: 5s}\n");
  application(kHead + "tasks:\n  pre:\n" + task("migrate"));
  EXPECT_EQ(deploy(), 0) << line.err;
  EXPECT_GE(calls("DescribeTasks"), 3u);
}

TEST_F(EcsToolkitAcceptance, Item23_StagesAreSkippedByFlags) {
  world();
  application(kHead + "tasks:\n  pre:\n" + task("migrate") + "  post:\n" + task("sync") +
              "services:\n" + service("app-web"));
  struct Case {
    std::string flag;
    std::set<std::string> ran;
  };
  for (const auto& [flag, ran] : std::vector<Case>{{"--skip-pre-tasks", {"sync"}},
                                                   {"--skip-post-tasks", {"migrate"}},
                                                   {"--skip-tasks", {}},
                                                   {"--skip-tasks=false", {"migrate", "sync"}}}) {
    SCOPED_TRACE(flag);
    EXPECT_EQ(deploy({flag}), 0) << line.err;
    std::set<std::string> families;
    for (const Json& run : line.inputs_of("RunTask")) {
      const std::string reference(string_or_empty(run, "taskDefinition"));
      for (const char* family : {"migrate", "sync"})
        if (reference.find(family) != std::string::npos) families.insert(family);
    }
    EXPECT_EQ(families, ran);
    EXPECT_EQ(calls("UpdateService"), 1u);
  }
}

TEST_F(EcsToolkitAcceptance, Item24_AMissingServiceIsSkipped) {
  world();
  application(kHead + "services:\n" + service("app-web") + service("gone"));
  EXPECT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(line.lines_with("total: 2, successful: 1, skipped: 1, failed: 0"), 1) << line.err;
  EXPECT_EQ(deploy({"--fail-on-skipped"}), 1);
}

TEST_F(EcsToolkitAcceptance, Item25_UpdateServiceSaysNothingElse) {
  world();
  application(kHead + "services:\n" + service("app-web"));
  EXPECT_EQ(deploy(), 0);
  const Json update = line.inputs_of("UpdateService").at(0);
  std::set<std::string> members;
  for (const auto& member : update.as_object()) members.insert(std::string(member.key()));
  EXPECT_EQ(members, (std::set<std::string>{"cluster", "service", "taskDefinition"}));
}

TEST_F(EcsToolkitAcceptance, Item26_ForcingKeepsTheFamilyThatRuns) {
  world();
  application(kHead + "services:\n" + service("app-web", "    force: true\n"));
  EXPECT_EQ(deploy({"-t", "1"}), 0) << line.err;
  const Json update = line.inputs_of("UpdateService").at(0);
  EXPECT_EQ(update.at("forceNewDeployment"), true);
  EXPECT_EQ(find(update, "taskDefinition"), nullptr);
}

TEST_F(EcsToolkitAcceptance, Item27_ARollbackByTheCircuitBreakerIsAFailure) {
  world("images: [{image: \"*web:2\", pull: not-found}]\n");
  application(kHead + "services:\n" + service("app-web"));
  EXPECT_EQ(deploy(), 1);
  EXPECT_NE(line.err.find("ECS deployment circuit breaker"), std::string::npos) << line.err;
  EXPECT_EQ(line.lines_with("failed: 1"), 1);
}

TEST_F(EcsToolkitAcceptance, Item28_MaxWaitEndsARolloutThatNeverCompletes) {
  world("images: [{image: \"*web:2\", delay_factor: 1000}]\n");
  application(kHead + "services:\n" + service("app-web", "    max_wait: 5\n"));
  EXPECT_EQ(deploy(), 1);
  EXPECT_NE(line.err.find("5m"), std::string::npos) << line.err;
  EXPECT_EQ(line.lines_with("failed: 1"), 1);
}

TEST_F(EcsToolkitAcceptance, Item29_PostTasksWaitForTheServices) {
  const std::string tasks = "tasks:\n  post:\n" + task("sync");
  world(
      "images: [{image: \"*web:2\", pull: not-found}, {task_definition: sync, run_for: 5s, "
      "exit_code: 0}]\n");
  application(kHead + tasks + "services:\n" + service("app-web"));
  EXPECT_EQ(deploy(), 1);
  EXPECT_EQ(calls("RunTask"), 0u);
  application(kHead + tasks + "services:\n" + service("gone") + service("app-api"));
  EXPECT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(calls("RunTask"), 1u);
}

TEST_F(EcsToolkitAcceptance, Item30_FiftyServicesAddUp) {
  std::string definitions = "clusters: {example: {}}\ntask_definitions:\n";
  std::string services = "services:\n", file = kHead + "services:\n", images = "images:\n";
  for (int i = 0; i < 50; ++i) {
    const std::string name = "s" + std::to_string(i);
    definitions += "- {family: " + name +
                   ", requiresCompatibilities: [FARGATE], networkMode: awsvpc, cpu: \"256\", "
                   "memory: \"512\", containerDefinitions: [{name: app, image: \"" +
                   name + ":1\"}]}\n";
    services += "- {serviceName: " + name + ", cluster: example, taskDefinition: " + name +
                ", desiredCount: 1, launchType: FARGATE, deploymentConfiguration: "
                "{deploymentCircuitBreaker: "
                "{enable: true, rollback: true}}, networkConfiguration: {awsvpcConfiguration: "
                "{subnets: [subnet-1]}}}\n";
    file += service(name);
    if ((i * 7 + 3) % 2 == 0) images += "- {image: \"" + name + ":2\", pull: not-found}\n";
  }
  world(images, definitions + services);
  application(file);
  EXPECT_EQ(deploy(), 1);
  EXPECT_EQ(line.lines_with("total: 50, successful: 25, skipped: 0, failed: 25"), 1) << line.err;
}

TEST_F(EcsToolkitAcceptance, Item31_ThrottlingForSomeSecondsDoesNotFailTheRun) {
  for (const std::string operation :
       {"DescribeServices", "DescribeTaskDefinition", "RegisterTaskDefinition", "UpdateService",
        "RunTask", "DescribeTasks"}) {
    SCOPED_TRACE(operation);
    world(std::string(kTasksEndWell) + "faults: [{fault: throttled, on: \"ecs:" + operation +
          "\", calls: 2}]\n");
    application(kHead + "tasks:\n  pre:\n" + task("migrate") + "services:\n" + service("app-web"));
    EXPECT_EQ(deploy(), 0) << line.err;
  }
}

TEST_F(EcsToolkitAcceptance, Item32_RedirectedLinesAreLogfmtAndStdoutIsEmpty) {
  world();
  application(kHead + "tasks:\n  pre:\n" + task("migrate") + "services:\n" + service("app-web"));
  EXPECT_EQ(deploy({"-l", "debug"}), 0) << line.err;
  EXPECT_EQ(line.out, "");
  std::string_view rest = line.err;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    EXPECT_TRUE(one.starts_with("time=\"20")) << one;
    EXPECT_NE(one.find(" level="), std::string_view::npos) << one;
    EXPECT_NE(one.find(" msg=\""), std::string_view::npos) << one;
  }
}

TEST_F(EcsToolkitAcceptance, Item33_TwoServicesOfOneRevisionShareTheNewOne) {
  world(kTasksEndWell, kWorld + "- <<: *web-service\n  serviceName: app-jobs\n");
  application(kHead + "services:\n" + service("app-web") + service("app-jobs"));
  EXPECT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(calls("RegisterTaskDefinition"), 1u);
  const std::vector<Json> updates = line.inputs_of("UpdateService");
  ASSERT_EQ(updates.size(), 2u);
  EXPECT_EQ(updates[0].at("taskDefinition"), updates[1].at("taskDefinition"));
}

TEST_F(EcsToolkitAcceptance, Item34_AMissingContainerIsAWarningAndAllMissingAFailure) {
  world();
  application(kHead + "services:\n  - {name: app-web, containers: [app, sidecar]}\n");
  EXPECT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(line.lines_with("container=sidecar"), 1) << line.err;
  application(kHead + "services:\n  - {name: app-web, containers: [sidecar]}\n");
  EXPECT_EQ(deploy(), 1);
  EXPECT_EQ(calls("RegisterTaskDefinition"), 0u);
  EXPECT_EQ(calls("UpdateService"), 0u);
}

TEST_F(EcsToolkitAcceptance, Item35_AServiceOfCodeDeployFailsBeforeAnythingIsRegistered) {
  world(kTasksEndWell,
        kWorld +
            "- <<: *web-service\n  serviceName: handed-over\n  deploymentController: {type: "
            "CODE_DEPLOY}\n  deploymentConfiguration: {}\n");
  application(kHead + "services:\n" + service("handed-over"));
  EXPECT_EQ(deploy(), 1);
  EXPECT_EQ(calls("RegisterTaskDefinition"), 0u);
  EXPECT_NE(line.err.find("CodeDeploy"), std::string::npos) << line.err;
}

TEST_F(EcsToolkitAcceptance, Item36_ASignalEndsWithASummaryAndItsStatus) {
  world();
  application(kHead + "services:\n" + service("app-web"));
  for (const auto& [number, status] : {std::pair{SIGTERM, 143}, {SIGINT, 130}}) {
    Group* helper = nullptr;
    std::unique_ptr<Group> group;
    line.on_session = [&, signal = number](Session& session) {
      group = std::make_unique<Group>(session.runtime().fibers);
      helper = group.get();
      helper->spawn("signal", [&session, signal] {
        (void)session.runtime().clock().sleep_for(std::chrono::seconds(20));
        session.signals().raise(signal);
      });
    };
    EXPECT_EQ(deploy(), status) << line.err;
    EXPECT_GE(line.lines_with("left in progress: service app-web"), 1) << line.err;
    EXPECT_EQ(line.lines_with("failed: 1"), 1) << line.err;
    group.reset();
  }
}

// ---- Beside the items
// ----------------------------------------------------------------------------

// Section 4.6: what each event must carry, and its level.
TEST_F(EcsToolkitAcceptance, EveryEventOfTheTableIsLoggedAtItsLevel) {
  world();
  application(kHead + "tasks:\n  pre:\n" + task("migrate", 2) + "services:\n" +
              service("app-web", "    force: true\n    max_wait: 6\n") + service("nowhere"));
  EXPECT_EQ(deploy({"-l", "debug"}), 0) << line.err;
  const std::string web = " cluster=example service=app-web";
  const std::string migrate = " cluster=example task=migrate";
  for (const std::string& wanted : std::vector<std::string>{
           "level=debug msg=\"log level is debug\"",
           "level=debug msg=\"reading application file\" path=.ecs-toolkit.yml",
           "level=debug msg=\"application file is valid\" path=.ecs-toolkit.yml",
           "level=info msg=\"starting pre-deployment tasks\" cluster=example",
           "level=info msg=\"base task definition is migrate:1\"" + migrate,
           std::string(
               "level=info msg=\"old tag is 1\" cluster=example container=app task=migrate"),
           std::string(
               "level=info msg=\"new tag is 2\" cluster=example container=app task=migrate"),
           "level=info msg=\"registering a new revision of migrate\"" + migrate,
           "level=info msg=\"registered migrate:2\"" + migrate,
           "level=info msg=\"running the new revision migrate:2\"" + migrate,
           "level=debug msg=\"launch type is FARGATE\"" + migrate,
           "level=debug msg=\"network is {",
           "level=debug msg=\"calling ecs:RunTask\"" + migrate,
           "level=info msg=\"started 2 of 2 tasks\"" + migrate,
           "level=info msg=\"task 2: running, wanted running, health unknown\"" + migrate +
               " task-id=",
           "level=debug msg=\"app exit 0\" cluster=example container=app task=migrate",
           "level=info msg=\"task 2 ended well: Essential container in task exited\"" + migrate +
               " task-id=",
           "level=info msg=\"2 tasks ran to completion\"" + migrate,
           "level=info msg=\"pre-deployment tasks report: total: 1, successful: 1, "
           "skipped: 0, failed: 0\"",
           "level=info msg=\"pre-deployment tasks completed without failures\"",
           "level=warning msg=\"container is not on the list, left as it is\" "
           "cluster=example container=log service=app-web",
           "level=debug msg=\"a new deployment is forced\"" + web,
           "level=debug msg=\"waiting at most 6m\"" + web,
           "level=debug msg=\"calling ecs:UpdateService\"" + web,
           "level=info msg=\"updated from web:1 to web:2\" cluster=example "
           "deployment-id=ecs-svc/",
           "level=info msg=\"watching the rollout\" cluster=example "
           "deployment-id=ecs-svc/",
           std::string(
               "level=info msg=\"active, primary web:2: 2/2 running, 0 pending, completed\" "
               "cluster=example deployment-id=ecs-svc/"),
           "level=info msg=\"rolled out, checking stability\"" + web,
           "level=info msg=\"stable\"" + web,
           "level=error msg=\"skipped: service nowhere does not exist in cluster example\" "
           "cluster=example service=nowhere",
           "level=info msg=\"services report: total: 2, successful: 1, skipped: 1, "
           "failed: 0\"",
           "level=warning msg=\"no post-deployment tasks found\"",
       })
    EXPECT_GE(line.lines_with(wanted), 1) << wanted;
}

TEST_F(EcsToolkitAcceptance, NoCallIsMadeThatTheOriginalsPolicyForbidsOnTheWayToSuccess) {
  world();
  application(kHead + "tasks:\n  pre:\n" + task("migrate") + "services:\n" + service("app-web"));
  EXPECT_EQ(deploy(), 0) << line.err;
  for (const SentCall& call : line.calls)
    EXPECT_TRUE(
        std::set<std::string>({"DescribeServices", "UpdateService", "RunTask", "DescribeTasks",
                               "RegisterTaskDefinition", "DescribeTaskDefinition"})
            .contains(call.operation))
        << call.operation;
}

TEST_F(EcsToolkitAcceptance, ADenialOfAnOptionalCallIsToldOnceAndCostsOneCall) {
  world("images: [{image: \"*:2\", pull: not-found}]\n");
  application(kHead + "services:\n" + service("app-web") + service("app-api"));
  EXPECT_EQ(deploy(), 1);
  for (const char* operation :
       {"ListTasks", "ListServiceDeployments", "DescribeServiceDeployments"})
    EXPECT_LE(calls(operation), 1u) << operation;
  EXPECT_EQ(line.lines_with("not allowed to call ecs:ListTasks"), 1) << line.err;
}

}  // namespace
}  // namespace slipway::cli
